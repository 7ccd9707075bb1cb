//! Which links count, for whom, and for how long; found in one pass.

use super::grants::or_request;
use super::{Case, DAY, Finding, Who, challenge, deny, not_applicable, pass};
use crate::action::Action;
use crate::id::LinkId;
use crate::index::LinkFacts;
use crate::person::InvitationManager;
use crate::policy::{Basis, Challenge, Denial, Shown};
use crate::settings::effective::{
    Effective, anyone_link_days, file_request_days, organization_link_days,
};
use crate::settings::words::{
    CompanyWideSharingLinks, FileAnonymousLinkType, FolderAnonymousLinkType,
};
use crate::settings::{Channel, Profile, Source};
use crate::sharing::{ItemKind, LinkScope, LinkType, SharingLink};
use crate::time::UnixTime;

/// What is reported of several links that fail differently: the one that is nearest to serving.
const NEAREST: [Denial; 9] = [
    Denial::LinkActionNotAllowed,
    Denial::ReshareRequired,
    Denial::GuestAccessSettingsUpdated,
    Denial::LinkExpired,
    Denial::OrganizationLinksDisabled,
    Denial::LinkMembersOnly,
    Denial::LinkNotForPerson,
    Denial::LinkGrantsNothing,
    Denial::LinkKindNotAllowed,
];

/// Why a link fails, and what that rests on.
type Failure = (Denial, Basis);

/// The nearest failure, that of the smallest id among equals.
#[derive(Clone, Copy, Default)]
struct Nearest<'a>(Option<(usize, &'a LinkId, Failure)>);

impl<'a> Nearest<'a> {
    fn take(&mut self, link: &'a SharingLink, failure: Failure) {
        let rank = NEAREST.iter().position(|one| *one == failure.0);
        let rank = rank.unwrap_or(NEAREST.len());
        let nearer = |(best, id, _)| (rank, &link.id) < (best, id);
        if self.0.is_none_or(nearer) {
            self.0 = Some((rank, &link.id, failure));
        }
    }

    fn failure(self) -> Option<Failure> {
        self.0.map(|(_, _, failure)| failure)
    }
}

/// The links that concern a person.
#[derive(Clone, Copy, Default)]
pub(super) struct Found<'a> {
    /// One of them does not fail.
    fine: bool,
    /// An organisation link does not fail.
    pub(super) organization: bool,
    /// The one that serves whoever signed in.
    pub(super) serves: Option<&'a SharingLink>,
    nearest: Nearest<'a>,
}

/// The Anyone links that were shown.
#[derive(Clone, Copy, Default)]
pub(super) struct Borne<'a> {
    /// There is one.
    pub(super) shown: bool,
    /// The one that serves.
    pub(super) serves: Option<&'a SharingLink>,
    nearest: Nearest<'a>,
}

/// Sorts the links: those of the person, which count only where no grant serves, and those of a bearer.
pub(super) fn scan<'a>(case: &Case<'a>) -> (Found<'a>, Borne<'a>) {
    let (mut found, mut borne) = (Found::default(), Borne::default());
    let facts = case.facts;
    let granted = case.held.usable.id.is_some();
    let target = &case.question.target;
    for one in facts.links.iter() {
        let link = one.link;
        let anyone = link.scope == LinkScope::Anonymous;
        let concerned = if anyone {
            shown(case, link)
        } else {
            !granted && concerns(case, link)
        };
        if !concerned
            || link.site != target.site
            || !target.path.is_within(&link.item, facts.site.path_case)
        {
            continue;
        }
        if anyone {
            borne.shown = true;
            match anyone_failure(case, link) {
                Some(failure) => borne.nearest.take(link, failure),
                None => borne.serves = Some(better(borne.serves, link)),
            }
            continue;
        }
        match failure(case, one) {
            Some(failure) => found.nearest.take(link, failure),
            None => {
                found.fine = true;
                found.organization |= link.scope == LinkScope::Organization;
                if case.who.person().is_some() {
                    found.serves = Some(better(found.serves, link));
                }
            }
        }
    }
    (found, borne)
}

fn shown(case: &Case<'_>, link: &SharingLink) -> bool {
    case.principal.links.contains(&link.id)
}

fn concerns(case: &Case<'_>, link: &SharingLink) -> bool {
    match &link.scope {
        LinkScope::Anonymous => false,
        LinkScope::Organization | LinkScope::ExistingAccess => shown(case, link),
        LinkScope::Users(_) => named(case, link) || shown(case, link),
    }
}

fn named(case: &Case<'_>, link: &SharingLink) -> bool {
    match &link.scope {
        LinkScope::Users(people) => case
            .who
            .address()
            .is_some_and(|address| people.contains(address)),
        LinkScope::Anonymous | LinkScope::Organization | LinkScope::ExistingAccess => false,
    }
}

/// One that does not block downloads before one that does, since more links never take away; then the smaller id.
fn better<'a>(best: Option<&'a SharingLink>, link: &'a SharingLink) -> &'a SharingLink {
    let order = |link: &'a SharingLink| (link.kind == LinkType::BlocksDownload, &link.id);
    match best {
        Some(best) if order(best) < order(link) => best,
        Some(_) | None => link,
    }
}

pub(super) fn of_person(case: &Case<'_>) -> Finding {
    let found = &case.found;
    if case.held.usable.id.is_some() {
        return not_applicable(Basis::NONE);
    }
    match found.nearest.failure() {
        _ if found.fine => pass(Basis::NONE),
        Some((Denial::LinkGrantsNothing, _)) => or_request(case, Denial::LinkGrantsNothing),
        Some((denial, basis)) => deny(denial, basis),
        None if case.facts.links.missing() => deny(Denial::LinkDeleted, Basis::NONE),
        None => not_applicable(Basis::NONE),
    }
}

pub(super) fn of_bearer(case: &Case<'_>) -> Finding {
    match case.borne.nearest.failure() {
        Some((denial, basis)) if case.borne.serves.is_none() => deny(denial, basis),
        Some(_) | None => pass(days_basis(anyone_link_days(
            case.facts.tenant,
            case.facts.site,
        ))),
    }
}

/// Whoever bears an Anyone link proves an address first, where the tenant wants to know.
pub(super) fn proof(case: &Case<'_>) -> Finding {
    let on = case.facts.tenant.sharing.anyone_link_track_users;
    let basis = Basis::new("AnyoneLinkTrackUsers", Shown::Flag(on), Source::Tenant);
    if !on {
        not_applicable(basis)
    } else if case.who.person().is_some() || case.principal.address_proven {
        pass(basis)
    } else {
        challenge(Challenge::EmailProof, basis)
    }
}

/// What is wrong with a link that concerns the person.
fn failure(case: &Case<'_>, one: LinkFacts<'_>) -> Option<Failure> {
    let link = one.link;
    let signed_in = case.who.person().is_some();
    if let Some(basis) = ended(case, link) {
        return Some((Denial::LinkExpired, basis));
    }
    match link.scope {
        LinkScope::ExistingAccess if signed_in => {
            return Some((Denial::LinkGrantsNothing, Basis::NONE));
        }
        // Whether there is access already shows after signing in.
        LinkScope::ExistingAccess => return None,
        LinkScope::Organization => {
            let company = case.facts.site.sharing.company_links;
            if case.who.outsider().is_some() {
                return Some((Denial::LinkMembersOnly, Basis::NONE));
            }
            if company == CompanyWideSharingLinks::Disabled {
                let word = Shown::Word(company.name());
                let basis = Basis::new("DisableCompanyWideSharingLinks", word, Source::Site);
                return Some((Denial::OrganizationLinksDisabled, basis));
            }
        }
        LinkScope::Users(_) if signed_in && !named(case, link) => {
            return Some((Denial::LinkNotForPerson, Basis::NONE));
        }
        LinkScope::Users(_) | LinkScope::Anonymous => {}
    }
    if !link.kind.covers(case.question.action) {
        return Some((Denial::LinkActionNotAllowed, Basis::NONE));
    }
    stale(case, one)
}

/// Links for specific people that were made under the other invitation manager.
///
/// Source: specification "sharing rules" 0.
fn stale(case: &Case<'_>, one: LinkFacts<'_>) -> Option<Failure> {
    let (link, tenant) = (one.link, case.facts.tenant);
    if case.who.is_member() || !matches!(link.scope, LinkScope::Users(_)) {
        return None;
    }
    let integration = tenant.integration();
    let guest = match case.who {
        Who::Nobody => one.recipient_in_directory,
        Who::Guest(..) => true,
        Who::Member(..) | Who::AdHoc(..) | Who::Unknown(_) | Who::Application(_) => false,
    };
    let denial = match (link.manager, tenant.profile) {
        (InvitationManager::Sharing, profile) if integration.value => match profile {
            Profile::ReshareRequired => Some(Denial::GuestAccessSettingsUpdated),
            Profile::IntegrationMandatory => (!guest).then_some(Denial::ReshareRequired),
            // The first visit makes a guest, on behalf of whoever made the link.
            Profile::IntegrationOptIn | Profile::IntegrationDefault => {
                (!guest && !link.creator_may_share).then_some(Denial::ReshareRequired)
            }
            Profile::SeparateManagers => None,
        },
        (InvitationManager::Directory, Profile::IntegrationOptIn) if !integration.value => {
            Some(Denial::ReshareRequired)
        }
        (InvitationManager::Sharing | InvitationManager::Directory, _) => None,
    };
    denial.map(|denial| (denial, integration.into()))
}

/// What is wrong with an Anyone link.
fn anyone_failure(case: &Case<'_>, link: &SharingLink) -> Option<Failure> {
    if case.facts.site.channel == Channel::Shared {
        return Some((Denial::LinkKindNotAllowed, Basis::NONE));
    }
    if let Some(basis) = ended(case, link) {
        return Some((Denial::LinkExpired, basis));
    }
    not_covered(case, link).map(|basis| (Denial::LinkActionNotAllowed, basis))
}

/// What ended the link, if it has ended: its own moment, or the longest life of its kind. Lives count for links that
/// were made before as well.
fn ended(case: &Case<'_>, link: &SharingLink) -> Option<Basis> {
    let (tenant, site) = (case.facts.tenant, case.facts.site);
    if link.expires.is_some_and(|end| end <= case.now) {
        return Some(Basis::NONE);
    }
    let over = |life: Effective<Option<u16>>| {
        let dead = ends(link.created, life.value).is_some_and(|end| end <= case.now);
        dead.then(|| days_basis(life))
    };
    match link.scope {
        LinkScope::Anonymous => over(anyone_link_days(tenant, site)).or_else(|| {
            let request = link.kind == LinkType::CreateOnly;
            request.then(|| over(file_request_days(tenant, site)))?
        }),
        LinkScope::Organization => over(organization_link_days(tenant, site)),
        LinkScope::Users(_) | LinkScope::ExistingAccess => None,
    }
}

fn ends(created: UnixTime, days: Option<u16>) -> Option<UnixTime> {
    days.map(|days| created.plus(i64::from(days) * DAY))
}

fn days_basis(life: Effective<Option<u16>>) -> Basis {
    let days = life.value.map_or(0, i64::from);
    Basis::new(life.setting, Shown::Number(days), life.source)
}

/// What keeps an Anyone link from covering the action: its type, or what such links allow at most. An item that may be a
/// file or a folder is held to both.
fn not_covered(case: &Case<'_>, link: &SharingLink) -> Option<Basis> {
    let (sharing, action) = (&case.facts.tenant.sharing, case.question.action);
    let (file, folder) = on_what(case, link);
    let (file_most, folder_most) = (sharing.file_link_type, sharing.folder_link_type);
    if !link.kind.covers(action) {
        Some(Basis::NONE)
    } else if file && !file_allows(file_most, link.kind, action) {
        let word = Shown::Word(file_most.name());
        Some(Basis::new("FileAnonymousLinkType", word, Source::Tenant))
    } else if folder && !folder_allows(folder_most, link.kind, action) {
        let word = Shown::Word(folder_most.name());
        Some(Basis::new("FolderAnonymousLinkType", word, Source::Tenant))
    } else {
        None
    }
}

/// Whether the link's item may be a file, and whether it may be a folder.
fn on_what(case: &Case<'_>, link: &SharingLink) -> (bool, bool) {
    let path = &case.question.target.path;
    if !path.is_same(&link.item, case.facts.site.path_case) {
        return (false, true);
    }
    match case.facts.item.kind {
        ItemKind::Folder | ItemKind::Library | ItemKind::Site => (false, true),
        ItemKind::File => (true, false),
        ItemKind::Unknown | ItemKind::ListItem => (true, true),
    }
}

const fn file_allows(most: FileAnonymousLinkType, kind: LinkType, action: Action) -> bool {
    match (most, kind) {
        (FileAnonymousLinkType::View, LinkType::Edit) => LinkType::View.covers(action),
        (FileAnonymousLinkType::View | FileAnonymousLinkType::Edit, kind) => kind.covers(action),
    }
}

const fn folder_allows(most: FolderAnonymousLinkType, kind: LinkType, action: Action) -> bool {
    match (most, kind) {
        (FolderAnonymousLinkType::View, LinkType::Edit) => LinkType::View.covers(action),
        (FolderAnonymousLinkType::ViewUpload, LinkType::Edit) => {
            LinkType::View.covers(action) || LinkType::CreateOnly.covers(action)
        }
        // A request for files needs view, edit and upload.
        (
            FolderAnonymousLinkType::View | FolderAnonymousLinkType::ViewUpload,
            LinkType::CreateOnly,
        ) => false,
        (
            FolderAnonymousLinkType::View
            | FolderAnonymousLinkType::ViewUpload
            | FolderAnonymousLinkType::Edit,
            kind,
        ) => kind.covers(action),
    }
}
