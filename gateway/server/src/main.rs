//! `vestibule`, the sharing gateway.

use std::process::ExitCode;

fn main() -> ExitCode {
    gateway_server::cli::run(std::env::args_os(), std::env::vars().collect())
}
