//! Writes the JSON Schemas of the configuration files into the folder given: run it with `config/schema`
//! whenever a key changes.

use std::path::PathBuf;
use std::process::ExitCode;

fn main() -> ExitCode {
    let Some(folder) = std::env::args_os().nth(1).map(PathBuf::from) else {
        return ExitCode::from(2);
    };
    let write = |(name, text): (String, String)| std::fs::write(folder.join(name), text);
    match gateway_config::schemas().into_iter().try_for_each(write) {
        Ok(()) => ExitCode::SUCCESS,
        Err(_) => ExitCode::FAILURE,
    }
}
