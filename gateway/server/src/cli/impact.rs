//! `vestibule impact`: what a change of settings would do to what has been shared, before it is made.

mod proposal;
mod report;

use std::collections::BTreeMap;
use std::io::{self, Write};
use std::path::PathBuf;

use clap::Args;
use gateway_config::Sources;
use gateway_config::model::{Configuration, Tenant};
use gateway_core::id::{NotAnIdentifier, ProviderId, ProviderKind, TenantId};
use gateway_core::policy::configure::Settings;
use gateway_core::policy::impact::{Shares, impact};
use gateway_core::settings::Profile;
use gateway_core::sharing::SharingLink;
use gateway_core::time::UnixTime;

use self::proposal::{Assignment, Proposal, Rejected};
use self::report::Report;
use super::{load, moment};
use crate::serve;

#[derive(Debug, Args)]
#[command(after_help = "\
Nothing is written. Example: vestibule impact --tenant contoso --set SharingCapability=ExternalUserSharingOnly
Every share is judged by itself, for a guest who brings everything that can be shown, on a device that is not managed.")]
pub(super) struct Arguments {
    /// The tenant, by its id; may be left out where there is only one.
    #[arg(long, value_name = "ID", value_parser = tenant)]
    tenant: Option<TenantId>,
    /// A setting as it would be: `NAME=VALUE` for the tenant, `sites.ID.NAME=VALUE` for a site, `directory.NAME=VALUE` for the
    /// directory; lists are separated by spaces. May be repeated: all are changed together.
    #[arg(long = "set", value_name = "[SCOPE.]NAME=VALUE", value_parser = Assignment::parse)]
    settings: Vec<Assignment>,
    /// The generation of sharing behaviour as it would be.
    #[arg(long, value_name = "NAME", value_parser = profile)]
    profile: Option<Profile>,
    /// The moment, such as `2026-11-21T12:00:00Z`; now when left out.
    #[arg(long, value_name = "TIME", value_parser = moment::read)]
    at: Option<UnixTime>,
    /// Print JSON.
    #[arg(long)]
    json: bool,
}

fn tenant(text: &str) -> Result<TenantId, NotAnIdentifier> {
    TenantId::parse(text)
}

fn profile(text: &str) -> Result<Profile, String> {
    let names = || format!("one of {}", Profile::NAMES.join(", "));
    Profile::parse(text).ok_or_else(names)
}

/// Why there is no impact to tell.
#[derive(Debug, thiserror::Error)]
enum NoImpact {
    #[error("say what would change: `--set NAME=VALUE` or `--profile NAME`")]
    NothingProposed,
    #[error("there is no tenant `{0}`")]
    TenantUnknown(TenantId),
    #[error("say which tenant, by `--tenant ID`: there are {0}")]
    WhichTenant(String),
    #[error(transparent)]
    Rejected(#[from] Rejected),
    #[error("`{store}` cannot be looked at, try as the user that the gateway runs as: {source}")]
    Store {
        store: PathBuf,
        source: serve::DirectoryUnavailable,
    },
    #[error("tenant `{0}` has no directory")]
    NoDirectory(TenantId),
}

pub(super) fn run(
    arguments: &Arguments,
    sources: &Sources,
    out: &mut dyn Write,
    err: &mut dyn Write,
) -> io::Result<bool> {
    let Some(loaded) = load(sources, err)? else {
        return Ok(false);
    };
    let reported = report(arguments, &loaded.configuration, sources.now);
    match reported {
        Ok(ref report) if arguments.json => writeln!(out, "{}", report.to_json())?,
        Ok(ref report) => report.write(out)?,
        Err(ref none) => writeln!(err, "error: {none}")?,
    }
    Ok(reported.is_ok())
}

fn report(
    arguments: &Arguments,
    configuration: &Configuration,
    now: UnixTime,
) -> Result<Report, NoImpact> {
    let at = arguments.at.unwrap_or(now);
    let tenant = chosen(arguments.tenant.as_ref(), configuration)?;
    let proposal = Proposal {
        settings: &arguments.settings,
        profile: arguments.profile,
    };
    if proposal.is_empty() {
        return Err(NoImpact::NothingProposed);
    }
    let view = serve::look_at_directory(configuration, now).map_err(|source| NoImpact::Store {
        store: configuration.gateway.store.clone(),
        source,
    })?;
    let directory = view
        .tenant(&tenant.id)
        .ok_or_else(|| NoImpact::NoDirectory(tenant.id.clone()))?;
    let guests: Vec<_> = directory.guests().cloned().collect();
    let links: Vec<SharingLink> = directory.links().cloned().collect();
    let kinds: BTreeMap<ProviderId, ProviderKind> = configuration
        .providers
        .iter()
        .map(|(id, provider)| (id.clone(), provider.trust.kind.clone()))
        .collect();
    let before = settings(tenant);
    let after = proposal.apply(&before, &links, &configuration.clouds, at)?;
    let shares = Shares {
        tenant: &tenant.id,
        guests: &guests,
        groups: &tenant.groups,
        permissions: &tenant.permissions,
        links: &links,
        member_domains: &tenant.member_domains,
        kinds: &kinds,
    };
    let impact = impact(&shares, &before, &after.settings, &configuration.clouds, at);
    Ok(Report {
        tenant: tenant.id.clone(),
        proposed: proposal.words(),
        at,
        impact,
        consequences: after.consequences,
    })
}

fn chosen<'a>(
    given: Option<&TenantId>,
    configuration: &'a Configuration,
) -> Result<&'a Tenant, NoImpact> {
    let tenants = &configuration.tenants;
    match given {
        Some(id) => tenants
            .get(id)
            .ok_or_else(|| NoImpact::TenantUnknown(id.clone())),
        None => {
            let mut all = tenants.values();
            match (all.next(), all.next()) {
                (Some(only), None) => Ok(only),
                (_, _) => {
                    let names: Vec<String> = tenants.keys().map(ToString::to_string).collect();
                    Err(NoImpact::WhichTenant(names.join(", ")))
                }
            }
        }
    }
}

fn settings(tenant: &Tenant) -> Settings {
    Settings {
        tenant: tenant.settings.clone(),
        sites: tenant
            .sites
            .iter()
            .map(|(id, site)| (id.clone(), site.settings.clone()))
            .collect(),
    }
}
