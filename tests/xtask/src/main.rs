//! The commands a newcomer types: `cargo xtask demo`, `new-provider`, `test`, `bench`, `fuzz` and `mutants`.
//!
//! This package depends on nothing, so that it builds on a machine that has only Rust on it and can
//! install what building the rest needs.

mod bench;
mod demo;
mod fuzz;
mod mutants;
mod new_provider;
mod node;
mod python;
mod run;
mod system;
mod test;
mod workspace;

use std::env;
use std::process::ExitCode;

use run::Stopped;

const USAGE: &str = "\
usage: cargo xtask COMMAND

  demo [--json] [--tour] [--port N] [--provider FILE] [--release]
        Builds everything, starts the gateway with pretended identity providers, a mailbox and
        documents, prints what to open, and runs until interrupted.
        --json    one line of JSON when ready, for programs
        --tour    plays the journeys against the running system instead, and ends
        --port N  the gateway's port (8443, or a free one if that is taken)
        --provider FILE  with a provider of yours, configured by FILE; its library is beside that, or built
  new-provider NAME [--c] [--into DIR]
        Makes plugins/NAME, a provider in Rust that builds, is tested and passes the kit.
        --c        in C
        --into DIR outside of the workspace, as DIR/NAME
  test [ARGUMENTS OF cargo test]
        Runs every test there is.
  bench
        Measures the policy, and the gateway and nginx in turns.
  fuzz TARGET [--seconds N] [--minimize FILE]
        Hands a target of tests/fuzz whatever libFuzzer thinks of, for a minute or N seconds. Without a
        nightly compiler it uses this one.
  mutants [ARGUMENTS OF cargo mutants]
        Changes the rules one place at a time and sees whether a test fails: `--shard 0/100` for a
        part. All of it takes hours.
";

fn main() -> ExitCode {
    let mut arguments = env::args().skip(1);
    let command = arguments.next();
    let rest: Vec<String> = arguments.collect();
    let done = match command.as_deref() {
        Some("demo") => demo::run(&rest),
        Some("test") => test::run(&rest),
        Some("bench") => bench::run(&rest),
        Some("new-provider") => new_provider::run(&rest),
        Some("fuzz") => fuzz::run(&rest),
        Some("mutants") => mutants::run(&rest),
        Some("help" | "--help" | "-h") => {
            run::say(USAGE);
            return ExitCode::SUCCESS;
        }
        _ => Err(Stopped::Usage(USAGE.to_owned())),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(why) => {
            run::say(&why.to_string());
            ExitCode::from(why.exit_code())
        }
    }
}
