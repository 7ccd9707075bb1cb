//! Writes the reference of settings into the document given: run it with `config/README.md` whenever a setting changes.

use std::path::PathBuf;
use std::process::ExitCode;

fn main() -> ExitCode {
    let Some(file) = std::env::args_os().nth(1).map(PathBuf::from) else {
        return ExitCode::from(2);
    };
    let written = std::fs::read_to_string(&file)
        .ok()
        .and_then(|document| gateway_config::with_reference(&document))
        .map(|document| std::fs::write(&file, document));
    match written {
        Some(Ok(())) => ExitCode::SUCCESS,
        Some(Err(_)) | None => ExitCode::FAILURE,
    }
}
