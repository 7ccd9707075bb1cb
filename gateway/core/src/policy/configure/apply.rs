//! Changes, put into a copy of the settings one by one.

use std::collections::BTreeSet;

use super::{Change, Consequence, Rejection, Scope, Settings};
use crate::cloud::EnvironmentBoundary;
use crate::settings::effective::find;
use crate::settings::table::{NotTaken, Setting, Standing};
use crate::settings::value::{Raw, Value};
use crate::settings::{DirectoryPolicy, Profile, SiteSharing, TenantSharing};

/// What became of the changes.
pub(super) struct Applied {
    /// The settings, with every change that could be taken.
    pub(super) settings: Settings,
    /// Settings that are not known here, or changed twice.
    pub(super) unknown: Vec<Rejection>,
    /// Settings that are refused, whatever their value.
    pub(super) refused: Vec<Rejection>,
    /// Values that no setting of that name has.
    pub(super) invalid: Vec<Rejection>,
    /// Lists that were discarded.
    pub(super) discarded: Vec<Consequence>,
    /// What was changed.
    pub(super) changed: Vec<(Scope, String)>,
}

pub(super) fn apply(current: &Settings, changes: &[Change]) -> Applied {
    let mut applied = Applied {
        settings: current.clone(),
        unknown: Vec::new(),
        refused: Vec::new(),
        invalid: Vec::new(),
        discarded: Vec::new(),
        changed: Vec::new(),
    };
    let mut seen = BTreeSet::new();
    for change in changes {
        let (scope, name, value) = match change {
            Change::Set { scope, name, value } => (scope, name, Some(value)),
            Change::Clear { scope, name } => (scope, name, None),
            Change::AddFederation(federation) => {
                let federations = &mut applied.settings.tenant.directory.federations;
                federations.push(federation.clone());
                continue;
            }
            Change::RemoveFederation(issuer) => {
                let federations = &mut applied.settings.tenant.directory.federations;
                let before = federations.len();
                federations.retain(|one| one.issuer != *issuer);
                if federations.len() == before {
                    let rule = format!("does not hold `{issuer}`");
                    let unknown = rejection(&Scope::Directory, change.name(), None, rule);
                    applied.unknown.push(unknown);
                }
                continue;
            }
            Change::GiveUpProvider(kind) => {
                let directory = &mut applied.settings.tenant.directory;
                directory.given_up.insert(kind.clone());
                continue;
            }
            Change::OfferProvider(kind) => {
                let directory = &mut applied.settings.tenant.directory;
                directory.given_up.remove(kind);
                continue;
            }
        };
        if !seen.insert((scope, name)) {
            let rule = "is changed twice: which one counts is anybody's guess".to_owned();
            applied.unknown.push(rejection(scope, name, value, rule));
            continue;
        }
        applied.changed.push((scope.clone(), name.clone()));
        if let Err(why) = put(&mut applied.settings, scope, name, value) {
            let list = match why {
                NotTaken::Unknown => &mut applied.unknown,
                NotTaken::Refused(_) => &mut applied.refused,
                NotTaken::Invalid(_) => &mut applied.invalid,
            };
            let rule = match why {
                NotTaken::Unknown => unknown(current, scope, name),
                NotTaken::Refused(_) | NotTaken::Invalid(_) => why.to_string(),
            };
            list.push(rejection(scope, name, value, rule));
        }
    }
    discard_other_list(&mut applied);
    applied
}

pub(super) fn rejection(scope: &Scope, name: &str, value: Option<&Raw>, rule: String) -> Rejection {
    Rejection {
        scope: scope.clone(),
        key: name.to_owned(),
        value: value
            .map(|value| shown(&value.to_string()))
            .unwrap_or_default(),
        rule,
    }
}

/// A value for a message: lists of thousands of domains are cut.
pub(super) fn shown(value: &str) -> String {
    const MOST: usize = 200;
    let mut letters = value.chars();
    let mut cut: String = letters.by_ref().take(MOST).collect();
    if letters.next().is_some() {
        cut.push('…');
    }
    cut
}

/// Why a name is not known, with the place where it is.
pub(super) fn unknown(settings: &Settings, scope: &Scope, name: &str) -> String {
    if let Scope::Site(site) = scope
        && !settings.sites.contains_key(site)
    {
        return format!("is for the site `{site}`, which does not exist");
    }
    let places = [
        (TenantSharing::SETTINGS, "the tenant"),
        (SiteSharing::SETTINGS, "a site"),
        (DirectoryPolicy::SETTINGS, "the directory"),
    ];
    let mut found = places
        .iter()
        .filter(|(table, _)| find(table, name).is_some());
    match found.next() {
        Some((_, place)) => format!("is a setting of {place}, not of {}", scope.what()),
        None => format!("is no setting of {}", scope.what()),
    }
}

/// Sets or clears one setting. A failure leaves the settings as they were.
fn put(
    settings: &mut Settings,
    scope: &Scope,
    name: &str,
    value: Option<&Raw>,
) -> Result<(), NotTaken> {
    match scope {
        Scope::Tenant => match (own(settings, name, value), value) {
            (Some(taken), _) => taken,
            (None, Some(value)) => settings.tenant.sharing.set(name, value),
            (None, None) => settings.tenant.sharing.clear(name),
        },
        Scope::Site(site) => match (settings.sites.get_mut(site), value) {
            (Some(site), Some(value)) => site.sharing.set(name, value),
            (Some(site), None) => site.sharing.clear(name),
            (None, _) => Err(NotTaken::Unknown),
        },
        Scope::Directory => match value {
            Some(value) => settings.tenant.directory.policy.set(name, value),
            None => settings.tenant.directory.policy.clear(name),
        },
    }
}

/// The tenant's settings that are Vestibule's own, beside those of the cmdlets.
fn own(settings: &mut Settings, name: &str, value: Option<&Raw>) -> Option<Result<(), NotTaken>> {
    let tenant = &mut settings.tenant;
    let read = match name {
        "profile" => value
            .map_or(Ok(Profile::IntegrationOptIn), Profile::read)
            .map(|profile| tenant.profile = profile),
        "acknowledge_unsupported" => value
            .map_or(Ok(false), bool::read)
            .map(|yes| tenant.acknowledge_unsupported = yes),
        "environment_boundary" => value
            .map_or(Ok(EnvironmentBoundary::Cloud), boundary)
            .map(|boundary| tenant.boundary = boundary),
        _ => return None,
    };
    Some(read.map_err(NotTaken::Invalid))
}

fn boundary(raw: &Raw) -> Result<EnvironmentBoundary, String> {
    match raw {
        Raw::Text(word) if word == "cloud" => Ok(EnvironmentBoundary::Cloud),
        Raw::Text(word) if word == "instance" => Ok(EnvironmentBoundary::Instance),
        Raw::Text(_) | Raw::Flag(_) | Raw::Number(_) | Raw::List(_) => {
            Err("must be one of cloud, instance".to_owned())
        }
    }
}

/// The directory has one list: a new one of the other kind replaces it.
///
/// Source: specification "sharing rules" 5.3.
fn discard_other_list(applied: &mut Applied) {
    const ALLOWED: &str = "AllowedDomains";
    const BLOCKED: &str = "BlockedDomains";
    let changed = |name: &str| {
        let mut changed = applied.changed.iter();
        changed.any(|(scope, key)| *scope == Scope::Directory && key == name)
    };
    let (allowed, blocked) = (changed(ALLOWED), changed(BLOCKED));
    let policy = &mut applied.settings.tenant.directory.policy;
    if policy.allowed_domains.is_none() || policy.blocked_domains.is_none() {
        return;
    }
    // Changing both at once is not switching: that is refused like a file that holds both.
    let key = match (allowed, blocked) {
        (true, false) => {
            policy.blocked_domains = None;
            BLOCKED
        }
        (false, true) => {
            policy.allowed_domains = None;
            ALLOWED
        }
        (true, true) | (false, false) => return,
    };
    applied.discarded.push(Consequence::ListDiscarded { key });
}

impl Scope {
    const fn what(&self) -> &'static str {
        match self {
            Self::Tenant => "the tenant",
            Self::Site(_) => "a site",
            Self::Directory => "the directory",
        }
    }

    /// The settings that stand here.
    pub(super) const fn table(&self) -> &'static [Setting] {
        match self {
            Self::Tenant => TenantSharing::SETTINGS,
            Self::Site(_) => SiteSharing::SETTINGS,
            Self::Directory => DirectoryPolicy::SETTINGS,
        }
    }
}

impl Settings {
    /// The value configured under a name, as operators would write it.
    #[must_use]
    pub fn configured(&self, scope: &Scope, name: &str) -> Option<Raw> {
        let tenant = &self.tenant;
        match scope {
            Scope::Tenant => match name {
                "profile" => Some(Raw::text(tenant.profile.name())),
                "acknowledge_unsupported" => Some(Raw::Flag(tenant.acknowledge_unsupported)),
                "environment_boundary" => Some(Raw::text(match tenant.boundary {
                    EnvironmentBoundary::Cloud => "cloud",
                    EnvironmentBoundary::Instance => "instance",
                })),
                _ => tenant.sharing.get(name),
            },
            Scope::Site(site) => self.sites.get(site)?.sharing.get(name),
            Scope::Directory => tenant.directory.policy.get(name),
        }
    }
}

/// Why a setting does nothing here, if it is one of those.
pub(super) fn ignored(scope: &Scope, name: &str) -> Option<&'static str> {
    match find(scope.table(), name)?.standing {
        Standing::Ignored(why) => Some(why),
        Standing::Enforced | Standing::Refused(_) => None,
    }
}
