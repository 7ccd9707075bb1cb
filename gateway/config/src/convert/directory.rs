//! The directory's collaboration settings.

use std::collections::{BTreeMap, BTreeSet};

use gateway_core::address::DomainName;
use gateway_core::cloud::{Clouds, Relation};
use gateway_core::domains::DomainRestriction;
use gateway_core::id::CloudName;
use gateway_core::settings::{CrossTenantAccess, DirectorySettings, Partner};

use super::{Context, clouds, sharing, text};
use crate::source::Scope;
use crate::wire::{CrossTenant, Directory};

/// Longest allow or deny list, in characters.
///
/// Source: specification "sharing rules" 5.3.
const MOST_CHARACTERS: usize = 25_000;

/// - `cloud`: the tenant's, if it is known.
pub(super) fn convert(
    scope: &Scope<'_>,
    given: &Directory,
    cloud: Option<&CloudName>,
    context: &Context<'_>,
) -> DirectorySettings {
    DirectorySettings {
        domains: domains(scope, given),
        email_otp: given.email_otp.unwrap_or(true),
        tenant_id: scope
            .at("tenant_id")
            .parse(given.tenant_id.as_deref(), text::guid),
        cross_tenant: cross_tenant(
            &scope.at("cross_tenant"),
            &given.cross_tenant,
            cloud,
            context,
        ),
        domain_homes: domain_homes(&scope.at("domain_homes"), &given.domain_homes, context),
    }
}

fn domains(scope: &Scope<'_>, given: &Directory) -> DomainRestriction {
    let list = |key: &str, list: &crate::wire::DomainList| {
        let scope = scope.at(key);
        let characters: usize = list.iter().map(|domain| domain.chars().count()).sum();
        if characters > MOST_CHARACTERS {
            scope.error(format!(
                "is too long: at most {MOST_CHARACTERS} characters are supported"
            ));
        }
        sharing::domain_set(&scope, list, usize::MAX)
    };
    let allowed = given
        .allowed_domains
        .as_ref()
        .map(|given| list("AllowedDomains", given));
    let blocked = given
        .blocked_domains
        .as_ref()
        .map(|given| list("BlockedDomains", given));
    match (allowed, blocked) {
        (Some(_), Some(_)) => {
            scope
                .at("BlockedDomains")
                .error("stands beside `AllowedDomains`: a directory has one list, keep one");
            DomainRestriction::None
        }
        (Some(allowed), None) => DomainRestriction::AllowList(allowed),
        (None, Some(blocked)) => DomainRestriction::BlockList(blocked),
        (None, None) => DomainRestriction::None,
    }
}

fn cross_tenant(
    scope: &Scope<'_>,
    given: &CrossTenant,
    cloud: Option<&CloudName>,
    context: &Context<'_>,
) -> CrossTenantAccess {
    let list = scope.at("allowed_clouds");
    let mut allowed = BTreeSet::new();
    for (index, name) in given.allowed_clouds.iter().enumerate() {
        let scope = list.element(index);
        let Some(name) = clouds::known(&scope, name, context.clouds) else {
            continue;
        };
        if let (Some(cloud), Some(clouds)) = (cloud, context.clouds) {
            judge_allowed(&scope, &name, cloud, clouds);
        }
        allowed.insert(name);
    }
    let partners = given.partners.iter().filter_map(|(id, partner)| {
        let scope = scope.at("partners").at(id);
        let id = scope.parse(Some(id), text::guid);
        let home = scope
            .at("cloud")
            .required(partner.cloud.as_deref(), "name the organisation's cloud");
        let home = home.and_then(|name| clouds::known(&scope.at("cloud"), name, context.clouds))?;
        warn_not_ticked(&scope, &home, cloud, &allowed, context);
        Some((
            id?,
            Partner {
                cloud: home,
                inbound: partner.inbound.unwrap_or(true),
            },
        ))
    });
    let partners: BTreeMap<_, _> = partners.collect();
    CrossTenantAccess {
        clouds: allowed,
        partners,
    }
}

fn judge_allowed(scope: &Scope<'_>, name: &CloudName, cloud: &CloudName, clouds: &Clouds) {
    match clouds.relation(name, cloud) {
        Relation::Mutual => {}
        Relation::Same | Relation::SameInstance => {
            scope.warn(format!(
                "does nothing: `{name}` and `{cloud}` collaborate by default"
            ));
        }
        Relation::Never => scope.error(format!(
            "`{name}` and `{cloud}` do not collaborate: remove it"
        )),
    }
}

fn warn_not_ticked(
    scope: &Scope<'_>,
    home: &CloudName,
    cloud: Option<&CloudName>,
    allowed: &BTreeSet<CloudName>,
    context: &Context<'_>,
) {
    let (Some(cloud), Some(clouds)) = (cloud, context.clouds) else {
        return;
    };
    let barred = clouds.relation(home, cloud) == Relation::Mutual && !allowed.contains(home);
    if barred && !scope.is_broken() {
        scope.warn(format!(
            "does nothing: add `{home}` to `allowed_clouds` as well"
        ));
    }
}

fn domain_homes(
    scope: &Scope<'_>,
    given: &BTreeMap<String, Vec<String>>,
    context: &Context<'_>,
) -> BTreeMap<DomainName, BTreeSet<CloudName>> {
    let convert = |(domain, homes): (&String, &Vec<String>)| {
        let scope = scope.at(domain);
        let known = |(index, name): (usize, &String)| {
            clouds::known(&scope.element(index), name, context.clouds)
        };
        let clouds: BTreeSet<_> = homes.iter().enumerate().filter_map(known).collect();
        if homes.is_empty() {
            scope.error("names no cloud: list at least one, or remove it");
        }
        Some((scope.parse(Some(domain), DomainName::parse)?, clouds))
    };
    given.iter().filter_map(convert).collect()
}
