//! `vestibule plugin`.

use std::io::{self, Write};
use std::path::PathBuf;

use clap::{Args, Subcommand};
use gateway_config::Sources;
use gateway_plugin_host::{CheckReport, FileHash, check_file};
use serde_json::{Map, Value};

use super::load;

#[derive(Debug, Subcommand)]
pub(super) enum Verb {
    /// Check a library as the gateway would, and print its SHA-256, what it says it is, and the settings it takes.
    Check(Check),
}

#[derive(Debug, Args)]
pub(super) struct Check {
    /// The library; without it those of the configured providers.
    file: Option<PathBuf>,
    /// The SHA-256 it should have. Without it none of its code is run.
    #[arg(long, value_name = "HEX", requires = "file")]
    sha256: Option<FileHash>,
    /// The outermost folder that must not be writable by others, as `plugins.trust_root`.
    #[arg(long, value_name = "DIR", requires = "file")]
    trust_root: Option<PathBuf>,
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
    let Verb::Check(check) = verb;
    let reports = match &check.file {
        Some(file) => vec![check_file(file, check.sha256, check.trust_root.as_deref())],
        None => match configured(sources, err)? {
            Some(reports) => reports,
            None => return Ok(false),
        },
    };
    for report in &reports {
        if check.json {
            serde_json::to_writer(&mut *out, report)?;
            writeln!(out)?;
        } else {
            write!(out, "{report}")?;
            write_settings(report, out)?;
        }
    }
    Ok(reports.iter().all(CheckReport::passed))
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
