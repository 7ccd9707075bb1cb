//! Runs one plugin for the gateway, cut off from everything but the gateway. Not to be started by hand.

use std::process::ExitCode;

fn main() -> ExitCode {
    gateway_plugin_host::runner::run()
}
