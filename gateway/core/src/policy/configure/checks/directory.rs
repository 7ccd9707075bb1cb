//! Rules about the directory's settings.

use std::collections::BTreeMap;

use super::endpoint::{self, NotAnEndpoint};
use super::{Check, reject};
use crate::cloud::Clouds;
use crate::policy::configure::{Rejection, Scope, Settings};
use crate::policy::trace::{Basis, Shown};
use crate::settings::Source;
use crate::settings::directory::Federation;
use crate::settings::value::Value;
use crate::settings::words::FallbackIdentityProvider;

/// Most federations of a tenant.
///
/// Source: specification "sharing rules" 6.5.
const MOST_FEDERATIONS: usize = 1_000;

/// Source: settled reading 15.
pub(super) const INVITE_NAMES: Check = Check {
    name: "invite-names",
    basis: |tenant, _| {
        let value = tenant.directory.policy.allow_invites_from;
        let value = value.map_or(Shown::Nothing, |value| Shown::Word(value.name()));
        Basis::new("allowInvitesFrom", value, Source::Directory)
    },
    find: invite_names,
};

fn invite_names(settings: &Settings, _clouds: &Clouds, found: &mut Vec<Rejection>) {
    let policy = &settings.tenant.directory.policy;
    if policy.allow_invites_from.is_none() {
        return;
    }
    let older = [
        ("AdminsAndGuestInvitersCanInvite", policy.admins_can_invite),
        ("MembersCanInvite", policy.members_can_invite),
        ("GuestsCanInvite", policy.guests_can_invite),
    ];
    for (name, value) in older {
        if let Some(value) = value {
            let rule = "is the older name of `allowInvitesFrom`, which is set: remove one of them";
            reject(found, Scope::Directory, name, value, rule);
        }
    }
}

/// Source: specification "sharing rules" 5.3.
pub(super) const ONE_LIST: Check = Check {
    name: "one-list",
    basis: |_, _| Basis::NONE,
    find: one_list,
};

fn one_list(settings: &Settings, _clouds: &Clouds, found: &mut Vec<Rejection>) {
    let policy = &settings.tenant.directory.policy;
    if let (Some(_), Some(blocked)) = (&policy.allowed_domains, &policy.blocked_domains) {
        let rule = "must not stand beside `AllowedDomains`: the directory has one list";
        reject(
            found,
            Scope::Directory,
            "BlockedDomains",
            blocked.write(),
            rule,
        );
    }
}

/// Source: specification "sharing rules" 6.2.
pub(super) const FALLBACK: Check = Check {
    name: "fallback",
    basis: |tenant, clouds| tenant.email_otp(clouds).into(),
    find: fallback,
};

fn fallback(settings: &Settings, clouds: &Clouds, found: &mut Vec<Rejection>) {
    let fallback = settings.tenant.directory.policy.fallback;
    let accounts = !is_given_up(settings, "microsoft-account");
    let passcodes = settings.tenant.email_otp(clouds).value && !is_given_up(settings, "email-otp");
    let (without_accounts, left) = match fallback {
        FallbackIdentityProvider::EmailOneTimePasscode => (true, true),
        FallbackIdentityProvider::DefaultConfiguredIdp => (false, accounts || passcodes),
        FallbackIdentityProvider::MicrosoftAccount => (false, accounts),
    };
    if !left {
        let rule = "leaves nothing to fall back to: keep Microsoft accounts, or set `fallbackIdentityProvider` to \
                    what is left";
        reject(
            found,
            Scope::Directory,
            "identityProviders",
            "microsoft-account",
            rule,
        );
    }
    if without_accounts && !passcodes {
        let rule = "needs passcodes by mail: set `allowExternalIdToUseEmailOtp` to `enabled`, or nothing is left to \
                    fall back to";
        let key = "fallbackIdentityProvider";
        reject(found, Scope::Directory, key, fallback.name(), rule);
    }
}

fn is_given_up(settings: &Settings, kind: &str) -> bool {
    let mut all = settings.tenant.directory.given_up.iter();
    all.any(|one| one.as_str() == kind)
}

/// Source: specification "sharing rules" 6.5.
pub(super) const FEDERATION: Check = Check {
    name: "federation",
    basis: |_, _| Basis::NONE,
    find: federations,
};

fn federations(settings: &Settings, _clouds: &Clouds, found: &mut Vec<Rejection>) {
    let all = &settings.tenant.directory.federations;
    let mut reject = |key, value: &str, rule: String| {
        reject(found, Scope::Directory, key, value, rule);
    };
    if all.len() > MOST_FEDERATIONS {
        let rule = format!("are too many: at most {MOST_FEDERATIONS} are supported");
        reject("federations", &all.len().to_string(), rule);
    }
    let mut issuers = BTreeMap::new();
    let mut spoken_for = BTreeMap::new();
    for federation in all {
        let issuer = federation.issuer.as_str();
        if issuer.trim().is_empty() {
            reject("issuerUri", issuer, "must not be empty".to_owned());
        } else if issuers.insert(issuer, ()).is_some() {
            let rule = "is the issuer of another federation already".to_owned();
            reject("issuerUri", issuer, rule);
        }
        if federation.domains.is_empty() {
            let rule = "must name a domain that the federation speaks for".to_owned();
            reject("domains", issuer, rule);
        }
        for domain in &federation.domains {
            if let Some(other) = spoken_for.insert(domain, issuer) {
                let rule = format!("is the domain of the federation `{other}` already");
                reject("domains", domain.as_str(), rule);
            }
        }
        let Some(rule) = endpoint_rule(federation) else {
            continue;
        };
        let rule = format!("{rule} (federation `{issuer}`)");
        reject("passiveSignInUri", &federation.endpoint, rule);
    }
}

/// The rule that a federation's endpoint breaks, in words that stand after its key.
///
/// Source: specification "sharing rules" 6.5, "endpoint-host rule".
#[must_use]
pub fn endpoint_rule(federation: &Federation) -> Option<&'static str> {
    match endpoint::check(federation) {
        Ok(()) => None,
        Err(NotAnEndpoint::NotHttps) => Some("must begin with `https://`"),
        Err(NotAnEndpoint::Malformed) => Some("must be a URL whose host is a domain"),
        Err(NotAnEndpoint::Foreign) => Some(
            "must be at a domain of the federation or inside one, or stand in that domain's text record as \
             `DirectFedAuthUrl=…`",
        ),
    }
}
