//! The directory's collaboration settings.

use std::collections::{BTreeMap, BTreeSet};

use gateway_core::address::DomainName;
use gateway_core::cloud::{Clouds, Relation};
use gateway_core::id::CloudName;
use gateway_core::settings::directory::InboundTrust;
use gateway_core::settings::{CrossTenantAccess, DirectorySettings, Partner};

use super::settings::Read;
use super::{Context, clouds, conditional_access, settings, text};
use crate::source::Scope;
use crate::wire;
use crate::wire::{CrossTenant, TenantFile};

/// Without what the configured providers add.
///
/// - `cloud`: the tenant's, if it is known.
pub(super) fn convert(
    scope: &Scope<'_>,
    file: &TenantFile,
    cloud: Option<&CloudName>,
    context: &Context<'_>,
) -> Read<DirectorySettings> {
    let given = &file.directory;
    let Read { settings, whole } = settings::read(scope, &given.settings);
    let settings = DirectorySettings {
        policy: settings,
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
        conditional_access: conditional_access::convert(
            &scope.at("conditional_access"),
            &given.conditional_access,
            &file.sites,
        ),
        ..DirectorySettings::default()
    };
    Read { settings, whole }
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
        Some((id?, self::partner(partner, home)))
    });
    let partners: BTreeMap<_, _> = partners.collect();
    CrossTenantAccess {
        clouds: allowed,
        partners,
        default_inbound: given.default_inbound.unwrap_or(true),
        default_trust: trust(given.default_trust),
    }
}

fn partner(given: &wire::Partner, cloud: CloudName) -> Partner {
    Partner {
        cloud,
        inbound: given.inbound.unwrap_or(true),
        reciprocated: given.reciprocated.unwrap_or(true),
        trust: trust(given.trust),
        automatic_redemption: given.automatic_redemption,
        automatic_redemption_at_home: given.automatic_redemption_at_home,
    }
}

const fn trust(given: wire::Trust) -> InboundTrust {
    InboundTrust {
        mfa: given.mfa,
        compliant_device: given.compliant_device,
        hybrid_device: given.hybrid_device,
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
