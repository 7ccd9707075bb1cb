//! May the settings be changed so, and what do they turn into?
//!
//! The changes are put into a copy; then the rules about several settings judge the whole of it, and only if nothing is
//! wrong with it does it become the settings.

mod apply;
mod asleep;
mod checks;
mod consequences;
mod report;
mod show;
#[cfg(test)]
mod tests;
mod tighten;

use std::collections::BTreeMap;

use crate::cloud::Clouds;
use crate::id::{LinkId, ProviderKind, SiteId};
use crate::settings::directory::Federation;
use crate::settings::value::Raw;
use crate::settings::{SiteSettings, Source, TenantSettings};
use crate::sharing::SharingLink;
use crate::time::UnixTime;

use super::Trace;
use apply::Applied;
use checks::CHECKS;
use report::{Report, basis};

pub use checks::endpoint_rule;
pub use consequences::{compare, warnings};
pub use show::effective;
pub use tighten::tightens;

/// Everything that is configured about one tenant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settings {
    /// The tenant's.
    pub tenant: TenantSettings,
    /// Those of its sites.
    pub sites: BTreeMap<SiteId, SiteSettings>,
}

/// Where a setting stands.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Scope {
    /// The tenant's (`Set-SPOTenant`); also `profile`, `acknowledge_unsupported` and `environment_boundary`.
    Tenant,
    /// A site's (`Set-SPOSite`).
    Site(SiteId),
    /// The directory's (Graph).
    Directory,
}

/// A change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Change {
    /// A setting gets a value.
    Set {
        /// Where.
        scope: Scope,
        /// Its name, as operators spell it.
        name: String,
        /// The value.
        value: Raw,
    },
    /// A setting is left out: its documented default counts again.
    Clear {
        /// Where.
        scope: Scope,
        /// Its name, as operators spell it.
        name: String,
    },
    /// A SAML or WS-Fed partner is added.
    AddFederation(Federation),
    /// The SAML or WS-Fed partner of that issuer goes.
    RemoveFederation(String),
    /// Nobody signs in by providers of that kind any more.
    GiveUpProvider(ProviderKind),
    /// They do again.
    OfferProvider(ProviderKind),
}

impl Change {
    /// The setting that is changed; those that are no single values go by what holds them.
    #[must_use]
    pub fn name(&self) -> &str {
        match self {
            Self::Set { name, .. } | Self::Clear { name, .. } => name,
            Self::AddFederation(_) | Self::RemoveFederation(_) => "federations",
            Self::GiveUpProvider(_) | Self::OfferProvider(_) => "identityProviders",
        }
    }
}

/// Why a change is not taken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rejection {
    /// Where the setting stands.
    pub scope: Scope,
    /// Its name.
    pub key: String,
    /// The value, as it was given.
    pub value: String,
    /// The rule that it breaks, in words that stand after the key.
    pub rule: String,
}

/// What a change does beyond being stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Consequence {
    /// The setting takes effect as it is configured, or as something else.
    Effective {
        /// Where it stands.
        scope: Scope,
        /// Its name.
        key: String,
        /// The value in effect.
        value: String,
        /// Where that comes from.
        source: Source,
    },
    /// A value is stored and has no effect: a ceiling holds it down, or what it belongs to is off.
    Sleeps {
        /// Where it stands.
        scope: Scope,
        /// Its name.
        key: String,
        /// The value that is held down.
        value: String,
    },
    /// A value that was stored without effect takes effect.
    Wakes {
        /// Where it stands.
        scope: Scope,
        /// Its name.
        key: String,
        /// The value.
        value: String,
    },
    /// A link ends earlier.
    LinkShortened(LinkId, UnixTime),
    /// The other list is discarded.
    ListDiscarded {
        /// Its name.
        key: &'static str,
    },
    /// What the operator should know.
    Warning {
        /// Where it stands.
        scope: Scope,
        /// Its name.
        key: String,
        /// In words that stand after the key.
        message: String,
    },
}

/// How a change came out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Configured {
    /// It is refused, whole: nothing is applied.
    Reject(Vec<Rejection>),
    /// It is taken.
    Set {
        /// The settings after it.
        settings: Box<Settings>,
        /// What it does.
        consequences: Vec<Consequence>,
    },
}

/// Whether `changes` may be made to `current`, all together, and what comes of them. `shown` names settings whose effective
/// values are told as well, changed or not.
///
/// - `links`: the links that may be shortened; those of unknown sites are left alone.
///
/// Everything that is wrong is told at once, and then nothing is changed.
pub fn configure(
    current: &Settings,
    changes: &[Change],
    shown: &[(Scope, String)],
    links: &[SharingLink],
    clouds: &Clouds,
    now: UnixTime,
    trace: &mut dyn Trace,
) -> Configured {
    let mut applied = apply::apply(current, changes);
    let settings = std::mem::replace(&mut applied.settings, current.clone());
    for (scope, name) in shown {
        if settings.configured(scope, name).is_none() {
            let rule = apply::unknown(&settings, scope, name);
            let unknown = apply::rejection(scope, name, None, rule);
            applied.unknown.push(unknown);
        }
    }
    let asked = asked(&applied, shown);
    let mut report = Report::new(trace);
    let basis = basis(&settings, asked.first(), clouds);
    report.judge("setting", basis, std::mem::take(&mut applied.unknown));
    report.judge("standing", basis, std::mem::take(&mut applied.refused));
    report.judge("value", basis, std::mem::take(&mut applied.invalid));
    for check in CHECKS {
        let mut found = Vec::new();
        (check.find)(&settings, clouds, &mut found);
        let basis = (check.basis)(&settings.tenant, clouds);
        report.judge(check.name, basis, found);
    }
    if report.rejected() {
        return Configured::Reject(report.rejections);
    }
    let compared = compare(current, &settings, links, clouds, now);
    let mut consequences = std::mem::take(&mut applied.discarded);
    consequences.extend(touched(&settings, &applied, &compared, clouds));
    consequences.extend(compared);
    for (scope, name) in asked {
        if let Some((value, source)) = effective(&settings, &scope, &name, clouds) {
            consequences.push(Consequence::Effective {
                scope,
                key: name,
                value,
                source,
            });
        }
    }
    report.taken(&consequences, basis);
    Configured::Set {
        settings: Box::new(settings),
        consequences,
    }
}

/// Every rule that the settings break together, whatever their single values.
#[must_use]
pub fn validate(settings: &Settings, clouds: &Clouds) -> Vec<Rejection> {
    let mut found = Vec::new();
    for check in CHECKS {
        (check.find)(settings, clouds, &mut found);
    }
    found
}

/// Settings whose effective values are told: those changed, then those asked for.
fn asked(applied: &Applied, shown: &[(Scope, String)]) -> Vec<(Scope, String)> {
    let mut all = applied.changed.clone();
    for one in shown {
        if !all.contains(one) {
            all.push(one.clone());
        }
    }
    all
}

/// Warnings about what was changed that are not new: whoever sets such a value again is told again.
fn touched(
    settings: &Settings,
    applied: &Applied,
    told: &[Consequence],
    clouds: &Clouds,
) -> Vec<Consequence> {
    let mut all = Vec::new();
    let standing = warnings(settings, clouds);
    for (scope, name) in &applied.changed {
        let about = |one: &&Consequence| matches!(one, Consequence::Warning { scope: other, key, .. } if other == scope && key == name);
        let ignored =
            apply::ignored(scope, name).map(|why| consequences::does_nothing(scope, name, why));
        for warning in standing.iter().filter(about).cloned().chain(ignored) {
            if !told.contains(&warning) && !all.contains(&warning) {
                all.push(warning);
            }
        }
    }
    all
}
