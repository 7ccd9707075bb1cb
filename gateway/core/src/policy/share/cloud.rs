//! From which clouds: the account's, that of the address's domain, the partner organisation, and the environment.
//!
//! Source: specification "clouds and identity" A.5; settled reading 3.

use super::{Case, Finding, ShareRecipient};
use crate::address::EmailAddress;
use crate::cloud::Relation;
use crate::policy::clouds::{
    account_cloud_admits, cross_tenant_admits, environment_admits, home_admits,
};
use crate::policy::{Basis, Denial, Shown};
use crate::settings::Source;

/// A refusal, and the setting that it rests on.
type Row = (Denial, fn(&Case<'_>) -> Basis);

/// What is reported first of several refusals.
const ORDER: [Row; 7] = [
    (Denial::CloudUnknown, |_| {
        Basis::new("cloud", Shown::Nothing, Source::Tenant)
    }),
    (Denial::CloudNotAllowed, allowed_clouds),
    (Denial::PartnerNotAdded, |case| {
        let partners = case.facts.tenant.directory.cross_tenant.partners.len();
        Basis::new("partners", Shown::count(partners), Source::Directory)
    }),
    (Denial::PartnerNotReady, |_| {
        Basis::new("reciprocated", Shown::Flag(false), Source::Directory)
    }),
    (Denial::PartnerBlocked, |_| {
        Basis::new("inbound", Shown::Flag(false), Source::Directory)
    }),
    (Denial::UpnRequired, |_| {
        Basis::new("partner_clouds", Shown::Nothing, Source::Cloud)
    }),
    (Denial::OutsideEnvironment, |case| {
        Basis::from(case.facts.tenant.integration())
    }),
];

pub(super) fn cloud(case: &Case<'_>) -> Finding {
    let (clouds, tenant) = (case.facts.clouds, case.facts.tenant);
    if !case.is_external() {
        return Finding::not_applicable(allowed_clouds(case));
    }
    let mut refusals: Vec<Denial> = Vec::new();
    if case.is_for_anyone() {
        refusals.extend(environment_admits(clouds, tenant, None).err());
    }
    for (recipient, address) in case.outsiders() {
        refusals.extend(judge(case, recipient, address));
    }
    let ranked = ORDER.iter().find(|(denial, _)| refusals.contains(denial));
    match (ranked, refusals.first()) {
        (Some((denial, basis)), _) => Finding::deny(*denial, basis(case)),
        (None, Some(denial)) => Finding::deny(*denial, Basis::NONE),
        (None, None) => Finding::pass(allowed_clouds(case)),
    }
}

/// Everything that is against one recipient from outside. An unknown cloud of the tenant shuts out everybody: it has no
/// environment.
fn judge(
    case: &Case<'_>,
    recipient: &ShareRecipient,
    address: &EmailAddress,
) -> impl Iterator<Item = Denial> + use<> {
    let (clouds, tenant) = (case.facts.clouds, case.facts.tenant);
    let (home, organisation) = (recipient.cloud.as_ref(), recipient.tenant.as_deref());
    let account =
        home.and_then(|home| account_cloud_admits(clouds, tenant, home, organisation).err());
    let mutual = home.is_some_and(|home| clouds.relation(home, &tenant.cloud) == Relation::Mutual);
    // Across clouds nobody is found by an alias.
    let alias = mutual && recipient.guest.is_none() && recipient.by_upn != Some(true);
    let homes = tenant.directory.domain_homes.get(address.domain());
    let lost = homes.is_some_and(|homes| homes.iter().any(|home| clouds.find(home).is_none()));
    [
        account,
        lost.then_some(Denial::CloudUnknown),
        home_admits(clouds, tenant, address.domain()).err(),
        cross_tenant_admits(clouds, tenant, home, organisation).err(),
        alias.then_some(Denial::UpnRequired),
        environment_admits(clouds, tenant, home).err(),
    ]
    .into_iter()
    .flatten()
}

/// The clouds of other instances that are ticked, by their number.
fn allowed_clouds(case: &Case<'_>) -> Basis {
    let clouds = case.facts.tenant.directory.cross_tenant.clouds.len();
    Basis::new("allowed_clouds", Shown::count(clouds), Source::Directory)
}
