//! `vestibule impact`: what a change of settings would do to what has been shared, before it is made.

mod proposal;
mod report;

use std::collections::BTreeMap;
use std::io::{self, Write};
use std::sync::Arc;

use clap::Args;
use gateway_config::Sources;
use gateway_config::model::{Configuration, StoreLocation, Tenant};
use gateway_core::id::{NotAnIdentifier, ProviderId, ProviderKind, TenantId};
use gateway_core::policy::impact::{Shares, impact};
use gateway_core::settings::Profile;
use gateway_core::sharing::{Permission, SharingLink};
use gateway_core::time::UnixTime;
use gateway_store::directory::View;
use serde_json::Value;

use self::proposal::{Assignment, Proposal, Rejected};
use self::report::Report;
use super::{load, moment};
use crate::{live, serve};

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
        store: Box<StoreLocation>,
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
    let configuration = Arc::new(loaded.configuration);
    let reported = report(arguments, &configuration, sources.now);
    match reported {
        Ok(ref report) if arguments.json => writeln!(out, "{}", report.to_json())?,
        Ok(ref report) => report.write(out)?,
        Err(ref none) => writeln!(err, "error: {none}")?,
    }
    Ok(reported.is_ok())
}

fn report(
    arguments: &Arguments,
    configuration: &Arc<Configuration>,
    now: UnixTime,
) -> Result<Report, NoImpact> {
    let at = arguments.at.unwrap_or(now);
    chosen(arguments.tenant.as_ref(), configuration)?;
    let proposal = Proposal {
        settings: &arguments.settings,
        profile: arguments.profile,
    };
    if proposal.is_empty() {
        return Err(NoImpact::NothingProposed);
    }
    let (configuration, view) =
        serve::look_at_directory(configuration, now).map_err(|source| NoImpact::Store {
            store: Box::new(configuration.gateway.store.clone()),
            source,
        })?;
    let tenant = chosen(arguments.tenant.as_ref(), &configuration)?;
    foresee_in(tenant, &proposal, &configuration, &view, at)
}

/// What the change would do, by what `view` holds: everything of the tenant's directory.
fn foresee_in(
    tenant: &Tenant,
    proposal: &Proposal<'_>,
    configuration: &Configuration,
    view: &View,
    at: UnixTime,
) -> Result<Report, NoImpact> {
    let directory = view
        .tenant(&tenant.id)
        .ok_or_else(|| NoImpact::NoDirectory(tenant.id.clone()))?;
    let guests: Vec<_> = directory.guests().cloned().collect();
    let links: Vec<SharingLink> = directory.links().cloned().collect();
    let permissions: Vec<Permission> = directory
        .permissions()
        .filter_map(|stored| stored.permission())
        .collect();
    let kinds: BTreeMap<ProviderId, ProviderKind> = configuration
        .providers
        .iter()
        .map(|(id, provider)| (id.clone(), provider.trust.kind.clone()))
        .collect();
    let before = live::settings(tenant);
    let after = proposal.apply(&before, &links, &configuration.clouds, at)?;
    let shares = Shares {
        tenant: &tenant.id,
        guests: &guests,
        groups: &tenant.groups,
        permissions: &permissions,
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

/// What a change would do, for programs.
///
/// - `set`: each as on the command line.
///
/// # Errors
/// What is wrong with it, for people.
pub(crate) fn told(
    tenant: &Tenant,
    (set, profile): (&[String], Option<&str>),
    configuration: &Configuration,
    view: &View,
    at: UnixTime,
) -> Result<Value, String> {
    let settings: Result<Vec<Assignment>, String> =
        set.iter().map(|text| Assignment::parse(text)).collect();
    let proposal = Proposal {
        settings: &settings?,
        profile: profile.map(self::profile).transpose()?,
    };
    foresee_in(tenant, &proposal, configuration, view, at)
        .map(|report| report.to_json())
        .map_err(|none| none.to_string())
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
