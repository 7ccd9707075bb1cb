//! Structured logs on standard error: pretty on a terminal, one JSON object a line otherwise.

use std::io::IsTerminal;

use tracing_subscriber::EnvFilter;

/// The variable that filters logs, in `tracing_subscriber`'s syntax; `info` when unset or malformed.
const FILTER: &str = "VESTIBULE_LOG";

/// Starts logging. A second call changes nothing.
pub(crate) fn start() {
    let filter = EnvFilter::try_from_env(FILTER).unwrap_or_else(|_| EnvFilter::new("info"));
    let builder = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr);
    // The only error is that another subscriber is in place already.
    let _already_started = if std::io::stderr().is_terminal() {
        builder.compact().try_init()
    } else {
        builder.json().flatten_event(true).try_init()
    };
}
