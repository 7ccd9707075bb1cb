//! The command line. Exit status: 0 done, 1 refused or found wanting, 2 usage.

mod audit;
mod check;
pub(crate) mod client;
mod completions;
mod decide;
pub(crate) mod explain;
mod guest;
pub(crate) mod impact;
mod keys;
mod link;
mod moment;
mod plugin;
mod share;
mod site;
mod tenant;
pub(crate) mod token;

use std::ffi::OsString;
use std::io::{self, Write};
use std::path::PathBuf;
use std::process::ExitCode;

use clap::error::{ContextKind, ContextValue, ErrorKind};
use clap::{CommandFactory, Error, Parser, Subcommand};
use gateway_config::{Loaded, Problem, Sources};

use crate::{clock, logging, serve};

/// A sharing gateway in front of documents: guests sign in through pluggable identity providers, and every
/// request is decided by the tenant's sharing settings.
#[derive(Debug, Parser)]
#[command(
    name = "vestibule",
    version,
    after_help = "Exit status: 0 done, 1 refused or found wanting, 2 called wrongly."
)]
struct Arguments {
    /// Folder with configuration files; may be repeated, later folders are laid over earlier ones. Without it those
    /// in VESTIBULE_CONFIG, separated by colons, or else `config`.
    #[arg(long = "config", value_name = "DIR")]
    directories: Vec<PathBuf>,

    /// Cloud environment, one of the folders' `environments/NAME.toml`. Without it the one in
    /// VESTIBULE_ENVIRONMENT, or else `worldwide`.
    #[arg(long, value_name = "NAME")]
    environment: Option<String>,

    #[command(subcommand)]
    verb: Verb,
}

#[derive(Debug, Subcommand)]
enum Verb {
    /// Run the gateway until SIGINT or SIGTERM. The configuration is read at the start, keys and providers
    /// again on SIGHUP.
    Serve,
    /// Check the configuration and print every problem with its file, line, key and remedy.
    Check,
    /// Print how a request would be decided, and why, without a running gateway.
    Explain(explain::Arguments),
    /// Print what a change of settings would do to what has been shared, before it is made.
    Impact(impact::Arguments),
    /// Answer a file of questions by the rules alone: no configuration is read.
    Decide(decide::Arguments),
    /// Work with provider plugins.
    Plugin {
        #[command(subcommand)]
        verb: plugin::Verb,
    },
    /// Work with sealing and signing keys.
    Keys {
        #[command(subcommand)]
        verb: keys::Verb,
    },
    /// Make a token for the management API; only for somebody who can read the gateway's keys.
    Token(token::Arguments),
    /// Show and change the tenant's settings, through the management API.
    Tenant {
        #[command(subcommand)]
        verb: tenant::Verb,
    },
    /// Show and change how sites are shared, through the management API.
    Site {
        #[command(subcommand)]
        verb: site::Verb,
    },
    /// Invite guests, and see to those who are there, through the management API.
    Guest {
        #[command(subcommand)]
        verb: guest::Verb,
    },
    /// Share items with people, and take that back, through the management API.
    Share {
        #[command(subcommand)]
        verb: share::Verb,
    },
    /// Make and end sharing links, through the management API.
    Link {
        #[command(subcommand)]
        verb: link::Verb,
    },
    /// See who did what.
    Audit {
        #[command(subcommand)]
        verb: audit::Verb,
    },
    /// Print what a shell needs to complete this command line.
    Completions(completions::Arguments),
}

/// Runs the program with these arguments and environment variables.
pub fn run(
    arguments: impl IntoIterator<Item = OsString>,
    variables: Vec<(String, String)>,
) -> ExitCode {
    let arguments = match Arguments::try_parse_from(arguments) {
        Ok(arguments) => arguments,
        Err(error) => {
            let done = !error.use_stderr();
            return match with_tip(error).print() {
                Ok(()) if done => ExitCode::SUCCESS,
                Ok(()) | Err(_) => ExitCode::from(2),
            };
        }
    };
    let (verb, sources) = arguments.read(variables);
    match dispatch(verb, &sources) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::from(1),
        // Nobody reads any more: there is nobody to tell either.
        Err(_) => ExitCode::from(1),
    }
}

/// Options of the program stand before its verb: one that comes later would not say which it is added to.
fn with_tip(mut error: Error) -> Error {
    let misplaced = matches!(
        error.get(ContextKind::InvalidArg),
        Some(ContextValue::String(option)) if option == "--config" || option == "--environment"
    );
    if misplaced && error.kind() == ErrorKind::UnknownArgument {
        let tip = "options of `vestibule` stand before the verb: `vestibule --config DIR --environment NAME VERB`";
        error.insert(
            ContextKind::Suggested,
            ContextValue::StyledStrs(vec![tip.to_owned().into()]),
        );
    }
    error
}

impl Arguments {
    /// What to do, and with which configuration. What is not given comes from `variables`; empty ones are unset.
    fn read(self, variables: Vec<(String, String)>) -> (Verb, Sources) {
        let variable = |name: &str| {
            let found = variables
                .iter()
                .find(|(known, value)| known == name && !value.is_empty());
            found.map(|(_, value)| value.clone())
        };
        let directories = if self.directories.is_empty() {
            let folders = variable("VESTIBULE_CONFIG").unwrap_or_else(|| "config".to_owned());
            folders.split(':').map(PathBuf::from).collect()
        } else {
            self.directories
        };
        let environment = self
            .environment
            .or_else(|| variable("VESTIBULE_ENVIRONMENT"));
        let sources = Sources {
            directories,
            environment: environment.unwrap_or_else(|| "worldwide".to_owned()),
            variables,
            now: clock::now(),
        };
        (self.verb, sources)
    }
}

/// `true` when done, `false` when refused or found wanting.
fn dispatch(verb: Verb, sources: &Sources) -> io::Result<bool> {
    let out = &mut io::stdout().lock();
    let err = &mut io::stderr();
    match verb {
        Verb::Serve => {
            logging::start();
            let Some(loaded) = load(sources, err)? else {
                return Ok(false);
            };
            match serve::run(loaded, sources.clone()) {
                Ok(()) => Ok(true),
                Err(error) => {
                    writeln!(err, "error: {error}")?;
                    Ok(false)
                }
            }
        }
        Verb::Check => check::run(sources, out),
        Verb::Explain(arguments) => explain::run(&arguments, sources, out, err),
        Verb::Impact(arguments) => impact::run(&arguments, sources, out, err),
        Verb::Decide(arguments) => decide::run(&arguments, out, err),
        Verb::Plugin { verb } => plugin::run(&verb, sources, out, err),
        Verb::Keys { verb } => keys::run(&verb, sources, out, err),
        Verb::Token(arguments) => token::run(&arguments, sources, out, err),
        Verb::Tenant { verb } => tenant::run(&verb, sources, out, err),
        Verb::Site { verb } => site::run(&verb, sources, out, err),
        Verb::Guest { verb } => guest::run(&verb, sources, out, err),
        Verb::Share { verb } => share::run(&verb, sources, out, err),
        Verb::Link { verb } => link::run(&verb, sources, out, err),
        Verb::Audit { verb } => audit::run(&verb, sources, out, err),
        Verb::Completions(arguments) => completions::run(&arguments, Arguments::command(), out),
    }
}

/// The configuration, or every problem with it on `err`.
fn load(sources: &Sources, err: &mut dyn Write) -> io::Result<Option<Loaded>> {
    match gateway_config::load(sources) {
        Ok(loaded) => Ok(Some(loaded)),
        Err(problems) => {
            list(&problems, err)?;
            Ok(None)
        }
    }
}

/// `1 problem`, `2 problems`.
fn counted(count: usize, what: &str) -> String {
    let plural = if count == 1 { "" } else { "s" };
    format!("{count} {what}{plural}")
}

fn list(problems: &[Problem], out: &mut dyn Write) -> io::Result<()> {
    for problem in problems {
        writeln!(out, "{problem}")?;
    }
    Ok(())
}
