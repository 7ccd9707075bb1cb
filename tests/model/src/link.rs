//! Links: which ones count, and why they fail.
//!
//! Source: specification "sharing rules" 0, 1.4, 2.3 and 3.

use gateway_core::action::Action;
use gateway_core::person::InvitationManager;
use gateway_core::policy::Denial;
use gateway_core::settings::words::{
    CompanyWideSharingLinks, FileAnonymousLinkType, FolderAnonymousLinkType,
};
use gateway_core::settings::{Channel, Profile};
use gateway_core::sharing::{ItemKind, LinkScope, LinkType, SharingLink};

use crate::grants::{Basis, by_links};
use crate::world::AccessWorld;
use crate::{Answer, Judged, first_of};

impl AccessWorld {
    fn covers(&self, link: &SharingLink) -> bool {
        let case = self.place.site.path_case;
        link.site == self.place.site_id && self.path.is_within(&link.item, case)
    }

    fn shown(&self, link: &SharingLink) -> bool {
        self.principal.links.contains(&link.id)
    }

    /// Anyone links on the item that were shown.
    fn anyone_links(&self) -> Vec<&SharingLink> {
        let mut links: Vec<&SharingLink> = self.links.iter().collect();
        links.retain(|link| {
            link.scope == LinkScope::Anonymous && self.covers(link) && self.shown(link)
        });
        links
    }

    pub(crate) fn bears_anyone_link(&self) -> bool {
        !self.anyone_links().is_empty()
    }

    pub(crate) fn usable_anyone_links(&self) -> Result<Basis, Answer> {
        let mut found = Vec::new();
        let mut usable = Vec::new();
        for link in self.anyone_links() {
            if self.place.site.channel == Channel::Shared {
                found.push(Denial::LinkKindNotAllowed);
            } else if self.over(self.place.link_ends(link)) {
                found.push(Denial::LinkExpired);
            } else if !self.below_ceilings(link) {
                found.push(Denial::LinkActionNotAllowed);
            } else {
                usable.push(link);
            }
        }
        if let Some(basis) = by_links(&usable) {
            return Ok(basis);
        }
        let order = [
            Denial::LinkActionNotAllowed,
            Denial::LinkExpired,
            Denial::LinkKindNotAllowed,
        ];
        let why = first_of(&order, &found).unwrap_or(Denial::LinkActionNotAllowed);
        Err(Answer::Deny(why))
    }

    /// Whether the Anyone link covers the action under the ceilings of today.
    fn below_ceilings(&self, link: &SharingLink) -> bool {
        let same = self.path.is_same(&link.item, self.place.site.path_case);
        let (file, folder) = match self.item.kind {
            _ if !same => (false, true),
            ItemKind::Folder | ItemKind::Library | ItemKind::Site => (false, true),
            ItemKind::File => (true, false),
            ItemKind::Unknown | ItemKind::ListItem => (true, true),
        };
        let mut kind = Some(link.kind);
        let mut no_changes = false;
        if file {
            match self.place.sharing().file_link_type {
                FileAnonymousLinkType::View => kind = as_view(kind),
                FileAnonymousLinkType::Edit => {}
            }
        }
        if folder {
            let ceiling = self.place.sharing().folder_link_type;
            if ceiling < FolderAnonymousLinkType::Edit && kind == Some(LinkType::CreateOnly) {
                kind = None;
            }
            match ceiling {
                FolderAnonymousLinkType::View => kind = as_view(kind),
                FolderAnonymousLinkType::ViewUpload => no_changes = kind == Some(LinkType::Edit),
                FolderAnonymousLinkType::Edit => {}
            }
        }
        let changes = matches!(self.action, Action::Edit | Action::Delete);
        kind.is_some_and(|kind| kind.covers(self.action)) && !(no_changes && changes)
    }

    /// Links on the item that are for people, and that this person came by or is named by.
    fn links_of_person(&self) -> Vec<&SharingLink> {
        let mut mine = Vec::new();
        for link in &self.links {
            let concerns = match &link.scope {
                LinkScope::Anonymous => false,
                LinkScope::Organization | LinkScope::ExistingAccess => self.shown(link),
                LinkScope::Users(_) => self.shown(link) || self.named(link),
            };
            if concerns && self.covers(link) {
                mine.push(link);
            }
        }
        mine
    }

    fn named(&self, link: &SharingLink) -> bool {
        let LinkScope::Users(people) = &link.scope else {
            return false;
        };
        self.signed_in()
            && self
                .address()
                .is_some_and(|address| people.contains(address))
    }

    fn fails(&self, link: &SharingLink) -> Option<Denial> {
        if self.over(self.place.link_ends(link)) {
            return Some(Denial::LinkExpired);
        }
        match &link.scope {
            LinkScope::Anonymous => return Some(Denial::LinkNotForPerson),
            LinkScope::ExistingAccess => {
                return self.signed_in().then_some(Denial::LinkGrantsNothing);
            }
            LinkScope::Organization => {
                if self.outsider() {
                    return Some(Denial::LinkMembersOnly);
                }
                if self.place.local().company_links == CompanyWideSharingLinks::Disabled {
                    return Some(Denial::OrganizationLinksDisabled);
                }
            }
            LinkScope::Users(_) => {
                if self.signed_in() && !self.named(link) {
                    return Some(Denial::LinkNotForPerson);
                }
            }
        }
        if !link.kind.covers(self.action) {
            return Some(Denial::LinkActionNotAllowed);
        }
        match &link.scope {
            LinkScope::Users(people) if !self.member() => {
                let entry = if self.signed_in() {
                    self.guest().is_some()
                } else {
                    self.in_directory(people)
                };
                self.wrong_manager(link, entry)
            }
            LinkScope::Users(_)
            | LinkScope::Organization
            | LinkScope::Anonymous
            | LinkScope::ExistingAccess => None,
        }
    }

    /// What the profile says about a link that was made under another invitation manager.
    ///
    /// - `entry`: whether the person it is for is in the directory.
    fn wrong_manager(&self, link: &SharingLink, entry: bool) -> Option<Denial> {
        if self.place.left_behind(link.manager) {
            return Some(Denial::ReshareRequired);
        }
        if !self.place.integration() || link.manager == InvitationManager::Directory {
            return None;
        }
        match self.place.tenant.profile {
            Profile::SeparateManagers => None,
            Profile::IntegrationOptIn | Profile::IntegrationDefault => {
                (!entry && !link.creator_may_share).then_some(Denial::ReshareRequired)
            }
            Profile::ReshareRequired => Some(Denial::GuestAccessSettingsUpdated),
            Profile::IntegrationMandatory => (!entry).then_some(Denial::ReshareRequired),
        }
    }

    pub(crate) fn links_for_person(&self) -> Judged {
        if !self.usable_grants().is_empty() {
            return Ok(());
        }
        let links = self.links_of_person();
        if links.is_empty() {
            return if self.link_missing() {
                Err(Answer::Deny(Denial::LinkDeleted))
            } else {
                Ok(())
            };
        }
        let mut found = Vec::new();
        for link in links {
            match self.fails(link) {
                None => return Ok(()),
                Some(why) => found.push(why),
            }
        }
        let order = [
            Denial::LinkActionNotAllowed,
            Denial::ReshareRequired,
            Denial::GuestAccessSettingsUpdated,
            Denial::LinkExpired,
            Denial::OrganizationLinksDisabled,
            Denial::LinkMembersOnly,
            Denial::LinkNotForPerson,
            Denial::LinkGrantsNothing,
        ];
        Err(match first_of(&order, &found) {
            Some(Denial::LinkGrantsNothing) | None => self.or_request(Denial::LinkGrantsNothing),
            Some(why) => Answer::Deny(why),
        })
    }

    /// Whether nobody but a member's sign-in is missing.
    pub(crate) fn organization_link_works(&self) -> bool {
        self.links_of_person()
            .into_iter()
            .any(|link| link.scope == LinkScope::Organization && self.fails(link).is_none())
    }

    /// Links that let the person do it.
    pub(crate) fn usable_links(&self) -> Vec<&SharingLink> {
        let mut usable = self.links_of_person();
        usable.retain(|link| self.fails(link).is_none());
        usable
    }
}

fn as_view(kind: Option<LinkType>) -> Option<LinkType> {
    if kind == Some(LinkType::Edit) {
        Some(LinkType::View)
    } else {
        kind
    }
}
