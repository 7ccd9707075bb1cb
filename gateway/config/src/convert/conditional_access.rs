//! Conditional access policies, as far as they concern guests.

use std::collections::BTreeMap;
use std::time::Duration;

use gateway_core::id::SiteId;
use gateway_core::settings::directory::{ConditionalAccessPolicy, GrantControl, Risk};

use super::text;
use crate::source::Scope;
use crate::wire;

/// A year as spans are written, in seconds.
const YEAR: u64 = 31_557_600;
/// Source: Graph `signInFrequencySessionControl`: from an hour to a year.
const FREQUENCY: std::ops::RangeInclusive<Duration> =
    Duration::from_secs(3600)..=Duration::from_secs(YEAR);

/// - `sites`: those of the file, whatever is wrong with them.
pub(super) fn convert(
    scope: &Scope<'_>,
    given: &[wire::ConditionalAccessPolicy],
    sites: &BTreeMap<String, wire::Site>,
) -> Vec<ConditionalAccessPolicy> {
    let policy = |(index, given): (usize, &wire::ConditionalAccessPolicy)| {
        policy(&scope.element(index), given, sites)
    };
    given.iter().enumerate().filter_map(policy).collect()
}

fn policy(
    scope: &Scope<'_>,
    given: &wire::ConditionalAccessPolicy,
    sites: &BTreeMap<String, wire::Site>,
) -> Option<ConditionalAccessPolicy> {
    let name = scope
        .at("name")
        .required(given.name.clone(), "name the policy for operators");
    if given.controls.is_empty() && given.sign_in_frequency.is_none() {
        scope.warn("does nothing: it demands no `controls` and no `sign_in_frequency`");
    }
    let frequency = given.sign_in_frequency.as_deref().and_then(|span| {
        let scope = scope.at("sign_in_frequency");
        text::duration(&scope, Some(span), *FREQUENCY.start(), *FREQUENCY.end())
    });
    let list = scope.at("sites");
    let site = |(index, name): (usize, &String)| {
        let scope = list.element(index);
        if !sites.contains_key(name) {
            let known = sites.keys().map(String::as_str);
            scope.error(text::unknown_site(name, known));
        }
        SiteId::parse(name).ok()
    };
    let sites = given
        .sites
        .as_ref()
        .map(|names| names.iter().enumerate().filter_map(site).collect());
    Some(ConditionalAccessPolicy {
        name: name?,
        sites,
        context: given.context.clone(),
        risks: given.risks.iter().map(|one| risk(*one)).collect(),
        members: given.members,
        controls: given.controls.iter().map(|one| control(*one)).collect(),
        sign_in_frequency: frequency.map(|span| i64::try_from(span.as_secs()).unwrap_or(i64::MAX)),
    })
}

const fn risk(given: wire::Risk) -> Risk {
    match given {
        wire::Risk::Low => Risk::Low,
        wire::Risk::Medium => Risk::Medium,
        wire::Risk::High => Risk::High,
    }
}

const fn control(given: wire::GrantControl) -> GrantControl {
    match given {
        wire::GrantControl::Block => GrantControl::Block,
        wire::GrantControl::Mfa => GrantControl::Mfa,
        wire::GrantControl::CompliantDevice => GrantControl::CompliantDevice,
        wire::GrantControl::DomainJoinedDevice => GrantControl::DomainJoinedDevice,
        wire::GrantControl::ApprovedApplication => GrantControl::ApprovedApplication,
        wire::GrantControl::CompliantApplication => GrantControl::CompliantApplication,
        wire::GrantControl::PasswordChange => GrantControl::PasswordChange,
        wire::GrantControl::TermsOfUse => GrantControl::TermsOfUse,
    }
}
