//! May this be shared, with those people?
//!
//! Source: specification "decision table" 10.8 (order of judgement); "sharing rules" 1.1 to 1.4, 2, 3.3 and 5.

use gateway_core::address::EmailAddress;
use gateway_core::cloud::Relation;
use gateway_core::policy::Denial;
use gateway_core::policy::share::{
    Ask, AskedScope, ShareQuestion, ShareRecipient, SharerKind, Who,
};
use gateway_core::settings::words::{
    AllowInvitesFrom, CompanyWideSharingLinks, FileAnonymousLinkType, FolderAnonymousLinkType,
};
use gateway_core::settings::{Channel, DirectoryPolicy, Profile, SharingCapability};
use gateway_core::sharing::{ItemKind, LinkType};
use gateway_core::time::UnixTime;

use crate::settings::{DAY, directory_list};
use crate::world::ShareWorld;
use crate::{Answer, Judged, deny_if, first_of};

/// The answer.
#[must_use]
pub fn share(world: &ShareWorld) -> Answer {
    match world.judge() {
        Ok(()) => Answer::Allow(None),
        Err(why) => why,
    }
}

/// Somebody from outside with whom something is shared.
pub(crate) struct Outsider<'a> {
    address: &'a EmailAddress,
    recipient: &'a ShareRecipient,
}

impl Outsider<'_> {
    fn is_new(&self) -> bool {
        self.recipient.guest.is_none()
    }
}

impl ShareWorld {
    fn judge(&self) -> Judged {
        self.level()?;
        self.sharer()?;
        self.domain_lists()?;
        self.restricted_access()?;
        self.channel()?;
        self.directory_copy()?;
        self.directory()?;
        self.cloud()?;
        self.link_limits()
    }

    pub(crate) fn recipients(&self) -> &[ShareRecipient] {
        match &self.question.ask {
            Ask::Permission { recipients, .. } | Ask::Link { recipients, .. } => recipients,
            Ask::FileRequest { .. } => &[],
        }
    }

    pub(crate) fn outsiders(&self) -> Vec<Outsider<'_>> {
        let mut found = Vec::new();
        for recipient in self.recipients() {
            if let Who::Outsider(address) = &recipient.who {
                found.push(Outsider { address, recipient });
            }
        }
        found
    }

    pub(crate) fn anonymous(&self) -> bool {
        match &self.question.ask {
            Ask::Permission { .. } => false,
            Ask::Link { scope, .. } => *scope == AskedScope::Anonymous,
            Ask::FileRequest { .. } => true,
        }
    }

    fn organization(&self) -> bool {
        match &self.question.ask {
            Ask::Link { scope, .. } => *scope == AskedScope::Organization,
            Ask::Permission { .. } | Ask::FileRequest { .. } => false,
        }
    }

    pub(crate) fn external(&self) -> bool {
        self.anonymous() || !self.outsiders().is_empty()
    }

    fn someone_new(&self) -> bool {
        self.outsiders().iter().any(Outsider::is_new)
    }

    fn level(&self) -> Judged {
        if !self.external() {
            return Ok(());
        }
        let (level, source) = self.place.level();
        deny_if(
            level == SharingCapability::Disabled,
            Denial::SharingDisabled(source),
        )?;
        deny_if(
            self.anonymous() && level < SharingCapability::ExternalUserAndGuestSharing,
            Denial::AnyoneLinksDisabled(source),
        )?;
        deny_if(
            self.someone_new() && level == SharingCapability::ExistingExternalUserSharingOnly,
            Denial::NewGuestsNotAllowed(source),
        )
    }

    /// Who is in the directory already makes no error here, and is stopped at the door.
    fn domain_lists(&self) -> Judged {
        let mut invited = self.outsiders();
        invited.retain(Outsider::is_new);
        for one in &invited {
            if let Some(why) = self.place.tenant_list(one.address.domain()) {
                return Err(Answer::Deny(Denial::TenantDomain(why)));
            }
        }
        for one in &invited {
            if let Some(why) = self.place.site_list(one.address.domain()) {
                return Err(Answer::Deny(Denial::SiteDomain(why)));
            }
        }
        Ok(())
    }

    fn restricted_access(&self) -> Judged {
        let Some(groups) = self.place.restricted_to() else {
            return Ok(());
        };
        if self.place.sharing().share_outside_restriction {
            return Ok(());
        }
        let shared_channel = self.place.site.channel == Channel::Shared;
        let mut outside = self.anonymous() || self.organization();
        for one in self.recipients() {
            let within = match &one.who {
                Who::Member(_) => one.groups.iter().any(|group| groups.contains(group)),
                Who::Outsider(_) => {
                    one.groups.iter().any(|group| groups.contains(group))
                        || (shared_channel && one.in_channel)
                }
                Who::Group(group) => groups.contains(group),
                Who::Members | Who::Everyone | Who::AllUsers => false,
            };
            outside |= !within;
        }
        deny_if(outside, Denial::OutsideRestriction)
    }

    fn channel(&self) -> Judged {
        match self.place.site.channel {
            Channel::None => Ok(()),
            Channel::Private => deny_if(
                matches!(self.question.item, ItemKind::Site | ItemKind::Unknown),
                Denial::ChannelOnly,
            ),
            Channel::Shared => {
                deny_if(self.anonymous(), Denial::LinkKindNotAllowed)?;
                let stranger = self.outsiders().iter().any(|one| !one.recipient.in_channel);
                deny_if(stranger, Denial::ChannelOnly)
            }
        }
    }

    /// Whether the directory has a say.
    fn directory_governs(&self) -> bool {
        let site_always = self.place.tenant.profile >= Profile::IntegrationDefault
            && self.question.item == ItemKind::Site;
        self.someone_new() && (self.place.integration() || site_always)
    }

    fn directory_copy(&self) -> Judged {
        if !self.directory_governs() || !self.place.sharing().sync_policy {
            return Ok(());
        }
        match &self.place.tenant.directory.copy {
            Some(copy) if self.place.now.since(copy.taken) < DAY => self.invites(&copy.policy),
            Some(_) | None => Ok(()),
        }
    }

    fn directory(&self) -> Judged {
        if self.directory_governs() {
            self.invites(&self.place.tenant.directory.policy)
        } else {
            Ok(())
        }
    }

    fn invites(&self, policy: &DirectoryPolicy) -> Judged {
        let sharer = &self.question.sharer;
        let role = !sharer.directory_roles.is_empty();
        let may = match self.place.invites(policy) {
            AllowInvitesFrom::None => false,
            AllowInvitesFrom::AdminsAndGuestInviters => role,
            AllowInvitesFrom::AdminsGuestInvitersAndAllMembers => {
                let member = match sharer.kind {
                    SharerKind::Member | SharerKind::Application | SharerKind::Agent(_) => true,
                    SharerKind::Guest | SharerKind::Unknown => false,
                };
                member || role
            }
            AllowInvitesFrom::Everyone => true,
        };
        deny_if(!may, Denial::InviteNotAllowed)?;
        for one in self.outsiders() {
            let refused = directory_list(policy, one.address.domain());
            if let Some(why) = refused.filter(|_| one.is_new()) {
                return Err(Answer::Deny(Denial::DirectoryDomain(why)));
            }
        }
        Ok(())
    }

    fn cloud(&self) -> Judged {
        let mut found = Vec::new();
        if self.external() && !self.place.cloud_known() {
            found.push(Denial::CloudUnknown);
        }
        if self.anonymous() && self.place.closed() {
            found.push(Denial::OutsideEnvironment);
        }
        for one in self.outsiders() {
            let cloud = one.recipient.cloud.as_ref();
            let tenant = one.recipient.tenant.as_deref();
            found.extend(cloud.and_then(|cloud| self.place.account_cloud(cloud, tenant)));
            found.extend(self.place.domain_homes(one.address.domain()));
            if self.place.inbound_blocked(cloud, tenant) {
                found.push(Denial::PartnerBlocked);
            }
            let across = cloud.and_then(|cloud| self.place.relation(cloud));
            let named = one.recipient.by_upn == Some(true);
            if across == Some(Relation::Mutual) && one.is_new() && !named {
                found.push(Denial::UpnRequired);
            }
            if self.place.closed() && !self.place.inside(cloud) {
                found.push(Denial::OutsideEnvironment);
            }
        }
        let order = [
            Denial::CloudUnknown,
            Denial::CloudNotAllowed,
            Denial::PartnerNotAdded,
            Denial::PartnerNotReady,
            Denial::PartnerBlocked,
            Denial::UpnRequired,
            Denial::OutsideEnvironment,
        ];
        first_of(&order, &found).map_or(Ok(()), |why| Err(Answer::Deny(why)))
    }

    fn link_limits(&self) -> Judged {
        match &self.question.ask {
            Ask::Permission { .. } => Ok(()),
            Ask::Link {
                scope,
                kind,
                expires,
                ..
            } => {
                let fits = self.link_kind_fits(*scope, *kind);
                deny_if(!fits, Denial::LinkKindNotAllowed)?;
                let off = self.place.local().company_links == CompanyWideSharingLinks::Disabled;
                deny_if(
                    off && *scope == AskedScope::Organization,
                    Denial::OrganizationLinksDisabled,
                )?;
                self.ends_later(*expires)
            }
            Ask::FileRequest { expires } => {
                self.ends_later(*expires)?;
                let sharing = self.place.sharing();
                let cloud = self.place.clouds.find(&self.place.tenant.cloud);
                let available = self.question.item == ItemKind::Folder
                    && sharing.folder_link_type == FolderAnonymousLinkType::Edit
                    && sharing.anonymous_sharers.0.is_empty()
                    && sharing.guest_sharers.0.is_empty()
                    && self.place.file_requests()
                    && cloud.is_some_and(|cloud| cloud.file_requests);
                deny_if(!available, Denial::FileRequestsUnavailable)
            }
        }
    }

    fn ends_later(&self, expires: Option<UnixTime>) -> Judged {
        let over = expires.is_some_and(|ends| ends <= self.place.now);
        deny_if(over, Denial::LinkExpired)
    }

    fn link_kind_fits(&self, scope: AskedScope, kind: LinkType) -> bool {
        let ShareQuestion { item, .. } = &self.question;
        let anonymous = scope == AskedScope::Anonymous;
        if *item == ItemKind::Site {
            return false;
        }
        if anonymous && !matches!(item, ItemKind::File | ItemKind::Folder) {
            return false;
        }
        match kind {
            LinkType::CreateOnly if !(anonymous && *item == ItemKind::Folder) => return false,
            LinkType::Review | LinkType::BlocksDownload if *item != ItemKind::File => return false,
            LinkType::CreateOnly
            | LinkType::Review
            | LinkType::BlocksDownload
            | LinkType::View
            | LinkType::Edit => {}
        }
        if !anonymous {
            return true;
        }
        let sharing = self.place.sharing();
        if *item == ItemKind::File {
            !(sharing.file_link_type == FileAnonymousLinkType::View && kind == LinkType::Edit)
        } else {
            let changes = matches!(kind, LinkType::Edit | LinkType::CreateOnly);
            !(sharing.folder_link_type < FolderAnonymousLinkType::Edit && changes)
        }
    }
}
