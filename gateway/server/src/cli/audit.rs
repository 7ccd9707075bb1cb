//! `vestibule audit`.

mod query;
mod store;

use std::io::{self, Write};

use clap::Subcommand;
use gateway_config::Sources;

#[derive(Debug, Subcommand)]
pub(super) enum Verb {
    /// Ask the running gateway who did what.
    Query(Box<query::Arguments>),
    /// Check every chain of the audit against its hashes and its signed checkpoints, and name each record that was
    /// altered, removed or moved. Works on the store itself; a gateway may be running.
    #[command(
        after_help = "Exit status: 0 nothing is wrong, 1 a record or checkpoint is wrong or the store cannot be read, 2 called wrongly.\n\
            \n\
            Examples:\n  vestibule audit verify\n  vestibule audit verify --since 2026-11-01T00:00:00Z"
    )]
    Verify(store::Verify),
    /// Write a tenant's records as JSON lines, oldest first. Works on the store itself; a gateway may be running.
    #[command(
        after_help = "Examples:\n  vestibule audit export --tenant contoso > contoso.jsonl\n  \
            vestibule audit export --tenant contoso --since 2026-11-01T00:00:00Z --until 2026-12-01T00:00:00Z"
    )]
    Export(store::Export),
}

pub(super) fn run(
    verb: &Verb,
    sources: &Sources,
    out: &mut dyn Write,
    err: &mut dyn Write,
) -> io::Result<bool> {
    match verb {
        Verb::Query(arguments) => query::run(arguments, sources, out, err),
        Verb::Verify(arguments) => store::run_verify(arguments, sources, out, err),
        Verb::Export(arguments) => store::run_export(arguments, sources, out, err),
    }
}
