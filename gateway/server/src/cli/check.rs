//! `vestibule check`.

mod denials;

use std::io::{self, Write};

use gateway_config::model::{Configuration, Provider};
use gateway_config::{Problem, Severity, Sources};
use gateway_plugin_host::{OpenFailed, Refused};
use gateway_sign_in::fetch::HttpFetcher;

use super::{counted, list};
use crate::providers::{self, ProviderMissing};
use crate::serve::ends_soon;
use crate::upstream::client::Clients;
use crate::{clock, listener};

/// Prints every problem and warning, those of certificates and providers among them, and what ends within 30 days; found wanting when there is a
/// problem.
pub(super) fn run(sources: &Sources, out: &mut dyn Write) -> io::Result<bool> {
    let problems = match gateway_config::load(sources) {
        Ok(loaded) => {
            list(&loaded.warnings, out)?;
            let unusable = unusable(&loaded.configuration, sources);
            list(&unusable, out)?;
            list(&ending(&loaded.configuration, sources), out)?;
            denials::list(&loaded.configuration, out)?;
            if unusable.is_empty() {
                writeln!(out, "ok: {}", summary(&loaded.configuration))?;
            }
            unusable.len()
        }
        Err(problems) => {
            list(&problems, out)?;
            let errors = |problem: &&Problem| problem.severity == Severity::Error;
            problems.iter().filter(errors).count()
        }
    };
    if problems > 0 {
        writeln!(out, "{} found", counted(problems, "problem"))?;
    }
    Ok(problems == 0)
}

fn summary(configuration: &Configuration) -> String {
    format!(
        "environment `{}`, cloud `{}`, {}, {}",
        configuration.environment,
        configuration.cloud,
        counted(configuration.tenants.len(), "tenant"),
        counted(configuration.providers.len(), "provider"),
    )
}

/// What reads well and cannot be used: found out by opening it as `serve` would.
fn unusable(configuration: &Configuration, sources: &Sources) -> Vec<Problem> {
    let mut problems = Vec::new();
    if let Some(files) = &configuration.gateway.public.tls
        && let Err(error) = listener::tls(files)
    {
        let (certificate, key) = (files.certificate.display(), files.key.display());
        let message = format!("`{certificate}` with `{key}`: {error}");
        problems.push(problem(
            "default.toml",
            "listen.public.tls",
            message,
            sources,
        ));
    }
    if let Err(error) = Clients::new(configuration) {
        let folder = "tenants";
        problems.push(problem(folder, "upstream_ca", error.to_string(), sources));
    }
    for provider in configuration.providers.values() {
        if let Err(error) = HttpFetcher::new([provider].into_iter()) {
            problems.push(problem(
                &file_of(provider),
                "ca",
                error.to_string(),
                sources,
            ));
        }
    }
    // Nothing is signed in here: the providers need not share a secret with the running gateway.
    let opened = providers::open(configuration, &|_| [0; 32]);
    for (id, missing) in &opened.missing {
        let file = format!("providers/{id}.toml");
        for (key, message) in reasons(missing) {
            problems.push(problem(&file, &key, message, sources));
        }
    }
    problems
}

/// What is used as it is, and not for long any more.
fn ending(configuration: &Configuration, sources: &Sources) -> Vec<Problem> {
    let soon = ends_soon(configuration, clock::now()).into_iter();
    soon.map(|one| Problem {
        severity: Severity::Warning,
        ..problem(&one.file, &one.key, one.message, sources)
    })
    .collect()
}

fn file_of(provider: &Provider) -> String {
    format!("providers/{}.toml", provider.id)
}

/// The keys that a provider's absence is about, each with what is wrong.
fn reasons(missing: &ProviderMissing) -> Vec<(String, String)> {
    let about = |key: &str| vec![(key.to_owned(), missing.to_string())];
    match missing {
        ProviderMissing::Library(Refused::HashMismatch { .. }) => about("sha256"),
        ProviderMissing::Library(_) => about("plugin"),
        ProviderMissing::OtherKind { .. } => about("kind"),
        ProviderMissing::Open(OpenFailed::Settings(problems)) => problems
            .iter()
            .map(|problem| (format!("settings.{}", problem.key), problem.message.clone()))
            .collect(),
        ProviderMissing::Open(OpenFailed::Call(_) | OpenFailed::NotAccepted(_)) => about("plugin"),
    }
}

/// A problem with `file`, named as in the topmost folder that has it.
fn problem(file: &str, key: &str, message: String, sources: &Sources) -> Problem {
    let folders = sources.directories.iter().rev();
    let found = folders
        .map(|folder| folder.join(file))
        .find(|path| path.exists());
    Problem {
        file: found.map_or_else(|| file.to_owned(), |path| path.display().to_string()),
        position: None,
        key: key.to_owned(),
        message,
        severity: Severity::Error,
    }
}
