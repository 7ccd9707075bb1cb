//! Levels and domain lists of tenants and sites.

use std::collections::BTreeSet;

use gateway_core::address::DomainName;
use gateway_core::cloud::EnvironmentBoundary;
use gateway_core::domains::DomainRestriction;
use gateway_core::settings::SharingCapability;

use super::text;
use crate::source::Scope;
use crate::wire;
use crate::wire::{DomainList, Level, RestrictionMode, Sharing};

/// The tenant's three ceilings.
pub(super) struct Levels {
    pub(super) tenant: SharingCapability,
    pub(super) core: SharingCapability,
    pub(super) onedrive: SharingCapability,
}

/// A ceiling that is left out is as strict as those above it, so that it never decides.
///
/// Source: specification "sharing rules" 1.1; row 17 for personal sites.
pub(super) fn levels(scope: &Scope<'_>, given: &Sharing) -> Option<Levels> {
    let hint = "say how far the tenant shares, from `Disabled` to `ExternalUserAndGuestSharing`";
    let tenant = capability(
        scope
            .at("SharingCapability")
            .required(given.capability, hint)?,
    );
    let core = given.core_capability.map_or(tenant, capability);
    let ceiling = core.min(tenant);
    let onedrive = given.onedrive_capability.map_or(ceiling, capability);
    if onedrive > ceiling {
        let scope = scope.at("OneDriveSharingCapability");
        scope.error(format!(
            "`{}` is looser than `{}` for sites: OneDrive never is",
            onedrive.name(),
            ceiling.name()
        ));
    }
    Some(Levels {
        tenant,
        core,
        onedrive,
    })
}

pub(super) const fn capability(level: Level) -> SharingCapability {
    match level {
        Level::Disabled => SharingCapability::Disabled,
        Level::ExistingExternalUserSharingOnly => {
            SharingCapability::ExistingExternalUserSharingOnly
        }
        Level::ExternalUserSharingOnly => SharingCapability::ExternalUserSharingOnly,
        Level::ExternalUserAndGuestSharing => SharingCapability::ExternalUserAndGuestSharing,
    }
}

pub(super) const fn boundary(given: wire::Boundary) -> EnvironmentBoundary {
    match given {
        wire::Boundary::Cloud => EnvironmentBoundary::Cloud,
        wire::Boundary::Instance => EnvironmentBoundary::Instance,
    }
}

/// A mode with its two lists, of which one counts.
pub(super) struct Lists<'a> {
    pub(super) mode: RestrictionMode,
    pub(super) allowed: Option<&'a DomainList>,
    pub(super) blocked: Option<&'a DomainList>,
    /// Most domains a list may have: 5000 for a tenant, 500 for a site.
    pub(super) most: usize,
}

/// The list that counts. One that does not is read all the same, and pointed out.
pub(super) fn restriction(scope: &Scope<'_>, lists: &Lists<'_>) -> DomainRestriction {
    let mode = scope.at("SharingDomainRestrictionMode");
    let (allowed_scope, blocked_scope) = (
        scope.at("SharingAllowedDomainList"),
        scope.at("SharingBlockedDomainList"),
    );
    let allowed = lists
        .allowed
        .map(|list| domain_set(&allowed_scope, list, lists.most));
    let blocked = lists
        .blocked
        .map(|list| domain_set(&blocked_scope, list, lists.most));
    let inert = |scope: &Scope<'_>, list: &Option<BTreeSet<DomainName>>, wanted: &str| {
        if list.is_some() && !mode.is_broken() {
            scope.warn(format!(
                "does nothing: set `SharingDomainRestrictionMode = \"{wanted}\"`, or remove it"
            ));
        }
    };
    let missing = |scope: &Scope<'_>, list: &Option<BTreeSet<DomainName>>, effect: &str| {
        if list.as_ref().is_none_or(BTreeSet::is_empty) && !scope.is_broken() {
            mode.warn(format!("its list is empty: {effect}"));
        }
    };
    match lists.mode {
        RestrictionMode::None => {
            inert(&allowed_scope, &allowed, "AllowList");
            inert(&blocked_scope, &blocked, "BlockList");
            DomainRestriction::None
        }
        RestrictionMode::AllowList => {
            inert(&blocked_scope, &blocked, "BlockList");
            missing(
                &allowed_scope,
                &allowed,
                "nobody from outside is shared with",
            );
            DomainRestriction::AllowList(allowed.unwrap_or_default())
        }
        RestrictionMode::BlockList => {
            inert(&allowed_scope, &allowed, "AllowList");
            missing(&blocked_scope, &blocked, "nobody is refused");
            DomainRestriction::BlockList(blocked.unwrap_or_default())
        }
    }
}

/// The domains of a list of at most `most`.
pub(super) fn domain_set(
    scope: &Scope<'_>,
    list: &DomainList,
    most: usize,
) -> BTreeSet<DomainName> {
    let count = list.iter().count();
    if count > most {
        scope.error(format!("has {count} domains: at most {most} are supported"));
    }
    match list {
        DomainList::List(_) => text::domains(scope, list.iter()).collect(),
        // The text is one value: its parts have no places of their own.
        DomainList::Text(_) => list
            .iter()
            .filter_map(|domain| scope.parse(Some(domain), DomainName::parse))
            .collect(),
    }
}
