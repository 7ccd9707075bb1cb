//! `vestibule plugin`.

mod kit_settings;
mod meant;

use std::fmt::Display;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use clap::{Args, Subcommand};
use gateway_config::Sources;
use gateway_plugin_host::{CheckReport, FileHash, check_file};
use gateway_plugin_kit::{Effort, Judged, judge};
use serde::Serialize;
use serde_json::{Map, Value};

use self::meant::Meant;
use super::load;

#[derive(Debug, Subcommand)]
pub(super) enum Verb {
    /// Check a library as the gateway would, and print its SHA-256, what it says it is, and the settings it takes. With
    /// settings, see whether it keeps the contract: by what it answers, needs and reaches for.
    Check(Check),
    /// The process in which a judged plugin runs.
    #[command(hide = true)]
    KitChild {
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        arguments: Vec<String>,
    },
}

#[derive(Debug, Args)]
pub(super) struct Check {
    /// The library; without it those of the configured providers.
    file: Option<PathBuf>,
    /// The SHA-256 it should have. Without it, and without `--trust`, none of its code is run.
    #[arg(long, value_name = "HEX", requires = "file")]
    sha256: Option<FileHash>,
    /// Run the code of the library as it is now, and do not look at who may write it. For one that you have just
    /// built yourself.
    #[arg(long, requires = "file", conflicts_with = "sha256")]
    trust: bool,
    /// The outermost folder that must not be writable by others, as `plugins.trust_root`.
    #[arg(long, value_name = "DIR", requires = "file")]
    trust_root: Option<PathBuf>,
    /// Settings to open it with: TOML, or JSON by its name; the settings alone, or a provider's file that has them
    /// under `settings`. Secrets are given as they are, or by reference as in the configuration.
    #[arg(long, value_name = "FILE", requires = "file")]
    settings: Option<PathBuf>,
    /// What the random inputs are made from; a report names it.
    #[arg(long, value_name = "NUMBER", requires = "settings")]
    seed: Option<u64>,
    /// Print JSON, one line for each library.
    #[arg(long)]
    json: bool,
}

pub(super) fn run(
    verb: &Verb,
    sources: &Sources,
    out: &mut dyn Write,
    err: &mut dyn Write,
) -> io::Result<bool> {
    let check = match verb {
        Verb::Check(check) => check,
        Verb::KitChild { arguments } => return gateway_plugin_kit::child(arguments).map(|()| true),
    };
    let reports = match (&check.file, &check.settings) {
        (Some(file), Some(settings)) => return run_kit(check, file, settings, sources, out, err),
        (Some(file), None) => {
            let meant = Meant::of(check, file)?;
            let mut report = check_file(meant.file(), meant.sha256, meant.trust_root());
            meant.tell(file, &mut report);
            vec![report]
        }
        (None, _) => match configured(sources, err)? {
            Some(reports) => reports,
            None => return Ok(false),
        },
    };
    for report in &reports {
        print(report, report, check.json, out)?;
    }
    Ok(reports.iter().all(CheckReport::passed))
}

/// The conformance kit.
fn run_kit(
    check: &Check,
    file: &Path,
    settings: &Path,
    sources: &Sources,
    out: &mut dyn Write,
    err: &mut dyn Write,
) -> io::Result<bool> {
    let settings = match kit_settings::read(settings, &sources.variables) {
        Ok(settings) => settings,
        Err(problem) => {
            writeln!(err, "error: {}: {problem}", settings.display())?;
            return Ok(false);
        }
    };
    let meant = Meant::of(check, file)?;
    let Some(sha256) = meant.sha256 else {
        let report = check_file(file, None, check.trust_root.as_deref());
        print(&report, &report, check.json, out)?;
        writeln!(
            err,
            "error: say that it is the file you mean: `--sha256` with the hash above, or `--trust` for one that you \
             have just built"
        )?;
        return Ok(false);
    };
    let mut report = judge(&Judged {
        file: meant.file().to_owned(),
        sha256,
        trust_root: meant.trust_root().map(Path::to_owned),
        settings,
        seed: check.seed.unwrap_or_else(fresh_seed),
        program: vec![
            "/proc/self/exe".to_owned(),
            "plugin".to_owned(),
            "kit-child".to_owned(),
        ],
        effort: Effort::default(),
    });
    meant.tell(file, &mut report.check);
    print(&report, &report.check, check.json, out)?;
    Ok(report.passed())
}

/// Another each time, so that many runs see more than one.
fn fresh_seed() -> u64 {
    let now = crate::clock::now().0.unsigned_abs();
    now ^ u64::from(std::process::id()) << 32
}

fn print(
    report: &(impl Display + Serialize),
    check: &CheckReport,
    json: bool,
    out: &mut dyn Write,
) -> io::Result<()> {
    if json {
        serde_json::to_writer(&mut *out, report)?;
        return writeln!(out);
    }
    write!(out, "{report}")?;
    write_settings(check, out)
}

/// The libraries of the configured providers.
fn configured(sources: &Sources, err: &mut dyn Write) -> io::Result<Option<Vec<CheckReport>>> {
    let Some(loaded) = load(sources, err)? else {
        return Ok(None);
    };
    let plugins = &loaded.configuration.gateway.plugins;
    let mut libraries: Vec<_> = loaded
        .configuration
        .providers
        .values()
        .map(|provider| (provider.plugin.clone(), provider.sha256))
        .collect();
    libraries.sort();
    libraries.dedup();
    let check = |(file, sha256): &(PathBuf, [u8; 32])| {
        check_file(
            file,
            Some(FileHash::from(*sha256)),
            plugins.trust_root.as_deref(),
        )
    };
    Ok(Some(libraries.iter().map(check).collect()))
}

/// The keys of `settings`, for people; `--json` has the whole schema.
fn write_settings(report: &CheckReport, out: &mut dyn Write) -> io::Result<()> {
    let schema = report
        .description
        .as_ref()
        .and_then(|description| description.settings_schema.as_ref());
    let Some(schema) = schema.and_then(Value::as_object) else {
        return Ok(());
    };
    let required = schema.get("required").and_then(Value::as_array);
    let properties = schema
        .get("properties")
        .and_then(Value::as_object)
        .map(Map::iter);
    for (name, property) in properties.into_iter().flatten() {
        let must = required.is_some_and(|required| required.iter().any(|known| known == name));
        let description = property
            .get("description")
            .and_then(Value::as_str)
            .unwrap_or_default();
        let must = if must { "required: " } else { "" };
        writeln!(out, "    {name:<25} {must}{description}")?;
    }
    Ok(())
}
