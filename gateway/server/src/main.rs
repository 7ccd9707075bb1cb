//! `vestibule`, the sharing gateway.

use std::process::ExitCode;

fn main() -> ExitCode {
    // A variable that is not UTF-8 is none of ours, and `vars` would panic on it.
    let variables = std::env::vars_os()
        .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)));
    gateway_server::cli::run(std::env::args_os(), variables.collect())
}
