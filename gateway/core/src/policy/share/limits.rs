//! What links there may be, and for how long.
//!
//! Source: specification "sharing rules" 1.4, 2.3, 3.2 and 3.3.

use super::{Ask, AskedScope, Case, Finding};
use crate::policy::{Basis, Denial, Shown};
use crate::settings::effective::{
    anyone_link_days, anyone_link_suggested, file_request_days, file_requests,
    organization_link_days, organization_link_suggested,
};
use crate::settings::words::{
    CompanyWideSharingLinks, FileAnonymousLinkType, FolderAnonymousLinkType,
};
use crate::settings::{Effective, Source};
use crate::sharing::{ItemKind, LinkType};
use crate::time::UnixTime;

const DAY: i64 = 24 * 60 * 60;

pub(super) fn limits(case: &Case<'_>) -> Finding {
    let refused = match &case.question.ask {
        Ask::Permission { .. } => return Finding::not_applicable(Basis::NONE),
        Ask::Link { scope, kind, .. } => kind_of_link(case, *scope, *kind)
            .or_else(|| organization(case, *scope))
            .or_else(|| ended(case)),
        Ask::FileRequest { .. } => ended(case).or_else(|| file_request(case)),
    };
    refused.unwrap_or_else(|| Finding::pass(life_basis(case)))
}

fn kind_of_link(case: &Case<'_>, scope: AskedScope, kind: LinkType) -> Option<Finding> {
    let item = case.question.item;
    let anonymous = scope == AskedScope::Anonymous;
    let item_fits = match item {
        ItemKind::Site => false,
        ItemKind::File | ItemKind::Folder => true,
        ItemKind::Unknown | ItemKind::Library | ItemKind::ListItem => !anonymous,
    };
    let kind_fits = match kind {
        LinkType::CreateOnly => anonymous && item == ItemKind::Folder,
        LinkType::Review | LinkType::BlocksDownload => item == ItemKind::File,
        LinkType::View | LinkType::Edit => true,
    };
    if !item_fits || !kind_fits {
        return Some(Finding::deny(Denial::LinkKindNotAllowed, Basis::NONE));
    }
    let (allowed, basis) = match item {
        ItemKind::File => {
            let most = case.facts.tenant.sharing.file_link_type;
            let allowed = kind != LinkType::Edit || most == FileAnonymousLinkType::Edit;
            let word = Shown::Word(most.name());
            (
                allowed,
                Basis::new("FileAnonymousLinkType", word, Source::Tenant),
            )
        }
        ItemKind::Folder => {
            let writes = matches!(kind, LinkType::Edit | LinkType::CreateOnly);
            let allowed = !writes || folder_is_editable(case);
            (allowed, folder_basis(case))
        }
        ItemKind::Unknown | ItemKind::Site | ItemKind::Library | ItemKind::ListItem => {
            return None;
        }
    };
    let refused = anonymous && !allowed;
    refused.then(|| Finding::deny(Denial::LinkKindNotAllowed, basis))
}

/// Whether bearers may do everything in a folder. Upload alone is part of that, and of nothing less.
fn folder_is_editable(case: &Case<'_>) -> bool {
    match case.facts.tenant.sharing.folder_link_type {
        FolderAnonymousLinkType::View | FolderAnonymousLinkType::ViewUpload => false,
        FolderAnonymousLinkType::Edit => true,
    }
}

const fn folder_basis(case: &Case<'_>) -> Basis {
    let most = case.facts.tenant.sharing.folder_link_type;
    Basis::new(
        "FolderAnonymousLinkType",
        Shown::Word(most.name()),
        Source::Tenant,
    )
}

fn organization(case: &Case<'_>, scope: AskedScope) -> Option<Finding> {
    let links = case.facts.site.sharing.company_links;
    let refused = scope == AskedScope::Organization && links == CompanyWideSharingLinks::Disabled;
    refused.then(|| {
        let word = Shown::Word(links.name());
        let basis = Basis::new("DisableCompanyWideSharingLinks", word, Source::Site);
        Finding::deny(Denial::OrganizationLinksDisabled, basis)
    })
}

fn ended(case: &Case<'_>) -> Option<Finding> {
    let dead = asked_end(case).is_some_and(|end| end <= case.now);
    dead.then(|| Finding::deny(Denial::LinkExpired, Basis::NONE))
}

/// A request for files takes folders that bearers may do everything in, no restriction of sharers, and its own switch.
fn file_request(case: &Case<'_>) -> Option<Finding> {
    let (tenant, site) = (case.facts.tenant, case.facts.site);
    let restricted = |setting, length| {
        let basis = Basis::new(setting, Shown::count(length), Source::Tenant);
        (length > 0, basis)
    };
    let enabled = file_requests(tenant, site);
    let cloud = case.facts.clouds.find(&tenant.cloud);
    let offered = cloud.is_some_and(|cloud| cloud.file_requests);
    let missing = [
        (case.question.item != ItemKind::Folder, Basis::NONE),
        (!folder_is_editable(case), folder_basis(case)),
        restricted(
            "WhoCanShareAnonymousAllowList",
            tenant.sharing.anonymous_sharers.0.len(),
        ),
        restricted(
            "WhoCanShareAuthenticatedGuestAllowList",
            tenant.sharing.guest_sharers.0.len(),
        ),
        (!enabled.value, Basis::from(enabled)),
        (
            !offered,
            Basis::new("file_requests", Shown::Flag(false), Source::Cloud),
        ),
    ];
    missing
        .into_iter()
        .find(|(missing, _)| *missing)
        .map(|(_, basis)| Finding::deny(Denial::FileRequestsUnavailable, basis))
}

/// When the new link ends: as asked or else as suggested, and never later than links may live.
pub(super) fn end(case: &Case<'_>) -> Option<UnixTime> {
    let life = life(case)?;
    let after = |days: u16| case.now.plus(i64::from(days) * DAY);
    let wanted = asked_end(case).or_else(|| life.suggested?.value.map(after));
    let most = life.most.into_iter().flatten();
    most.filter_map(|days| days.value.map(after))
        .chain(wanted)
        .min()
}

fn asked_end(case: &Case<'_>) -> Option<UnixTime> {
    match &case.question.ask {
        Ask::Permission { expires, .. }
        | Ask::Link { expires, .. }
        | Ask::FileRequest { expires } => *expires,
    }
}

/// How long a link of the kind asked for lives, in days.
struct Life {
    /// At most, by each limit.
    most: [Option<Effective<Option<u16>>>; 2],
    /// Where nothing is asked for.
    suggested: Option<Effective<Option<u16>>>,
}

fn life(case: &Case<'_>) -> Option<Life> {
    let (tenant, site) = (case.facts.tenant, case.facts.site);
    let anyone = |request: bool| Life {
        most: [
            Some(anyone_link_days(tenant, site)),
            request.then(|| file_request_days(tenant, site)),
        ],
        suggested: Some(anyone_link_suggested(tenant, site)),
    };
    match &case.question.ask {
        Ask::Permission { .. } => None,
        Ask::FileRequest { .. } => Some(anyone(true)),
        Ask::Link { scope, kind, .. } => Some(match scope {
            AskedScope::Anonymous => anyone(*kind == LinkType::CreateOnly),
            AskedScope::Organization => Life {
                most: [Some(organization_link_days(tenant, site)), None],
                suggested: Some(organization_link_suggested(tenant, site)),
            },
            AskedScope::Users | AskedScope::ExistingAccess => Life {
                most: [None, None],
                suggested: None,
            },
        }),
    }
}

/// The strictest limit on the link's life.
fn life_basis(case: &Case<'_>) -> Basis {
    let limits = life(case).into_iter().flat_map(|life| life.most).flatten();
    let strictest = limits.min_by_key(|limit| limit.value.unwrap_or(u16::MAX));
    strictest.map_or(Basis::NONE, |limit| {
        let days = limit.value.map_or(0, i64::from);
        Basis::new(limit.setting, Shown::Number(days), limit.source)
    })
}
