//! What takes effect of what was configured.
//!
//! Source: specification "sharing rules" 0 to 2 and 5.

use gateway_core::address::DomainName;
use gateway_core::domains::Refusal;
use gateway_core::id::GroupId;
use gateway_core::person::{Guest, InvitationManager};
use gateway_core::settings::words::{
    AllowInvitesFrom, BlockDownloadLinksFileType, BlockUserInfoVisibility, EmailOtp,
    LimitedAccessFileType, OnOff, SharingDomainRestrictionMode, SiteConditionalAccess,
    TenantConditionalAccess,
};
use gateway_core::settings::{
    DirectoryPolicy, LevelSource, Partition, Profile, SharingCapability, SiteSharing, Template,
    TenantSettings, TenantSharing,
};
use gateway_core::sharing::{LinkScope, LinkType, Recipient, SharingLink};
use gateway_core::time::UnixTime;

use crate::world::Place;

pub(crate) const DAY: i64 = 86_400;

impl Place {
    pub(crate) fn sharing(&self) -> &TenantSharing {
        &self.tenant.sharing
    }

    pub(crate) fn local(&self) -> &SiteSharing {
        &self.site.sharing
    }

    fn personal(&self) -> bool {
        self.site.partition == Partition::OneDrive
    }

    /// The level, and whose it is: of several that are equally strict, the one looked at first.
    pub(crate) fn level(&self) -> (SharingCapability, LevelSource) {
        let mut level = self.sharing().capability;
        let mut source = LevelSource::Tenant;
        if !self.local().override_partition {
            let partition = self.partition_level();
            if partition < level {
                level = partition;
                source = LevelSource::Partition(self.site.partition);
            }
        }
        let site = self.local().capability.unwrap_or(match self.site.template {
            Template::Unknown | Template::Classic | Template::Communication | Template::Team => {
                SharingCapability::Disabled
            }
            Template::RootCommunication | Template::OneDrive => {
                SharingCapability::ExternalUserAndGuestSharing
            }
            Template::Group { owners_add_guests } => {
                if owners_add_guests {
                    SharingCapability::ExternalUserSharingOnly
                } else {
                    SharingCapability::ExistingExternalUserSharingOnly
                }
            }
        });
        if site < level {
            level = site;
            source = LevelSource::Site;
        }
        (level, source)
    }

    fn partition_level(&self) -> SharingCapability {
        let tenant = self.sharing().capability;
        let core = self.sharing().core_capability.unwrap_or(tenant);
        if self.personal() {
            // Never looser than the others.
            let own = self.sharing().onedrive_capability.unwrap_or(tenant);
            own.min(core).min(tenant)
        } else {
            core
        }
    }

    /// Whether the integration is on.
    pub(crate) fn integration(&self) -> bool {
        integration(&self.tenant)
    }

    /// Whether the owner can be asked.
    pub(crate) fn requests(&self) -> bool {
        if self.personal() {
            match self.sharing().odb_access_requests {
                OnOff::On => true,
                OnOff::Off => false,
                OnOff::Unspecified => self.local().access_requests,
            }
        } else {
            self.local().access_requests
        }
    }

    pub(crate) fn user_info(&self) -> BlockUserInfoVisibility {
        let partition = if self.personal() {
            self.sharing().onedrive_user_info
        } else {
            self.sharing().core_user_info
        };
        match self.local().user_info {
            Some(own) if self.sharing().override_user_info => own,
            Some(_) | None => partition,
        }
    }

    /// What unmanaged devices may do: an authentication context is a different demand.
    pub(crate) fn devices(&self) -> TenantConditionalAccess {
        let site = match self.local().conditional_access {
            Some(SiteConditionalAccess::BlockAccess) => TenantConditionalAccess::BlockAccess,
            Some(SiteConditionalAccess::AllowLimitedAccess) => {
                TenantConditionalAccess::AllowLimitedAccess
            }
            Some(
                SiteConditionalAccess::AllowFullAccess
                | SiteConditionalAccess::AuthenticationContext,
            )
            | None => TenantConditionalAccess::AllowFullAccess,
        };
        // From strict to loose.
        self.sharing().conditional_access.min(site)
    }

    /// Whether the site demands a context.
    pub(crate) fn demands_context(&self) -> bool {
        self.local().conditional_access == Some(SiteConditionalAccess::AuthenticationContext)
    }

    pub(crate) fn limited_files(&self) -> LimitedAccessFileType {
        let tenant = self.sharing().limited_file_type;
        self.local()
            .limited_file_type
            .map_or(tenant, |own| own.min(tenant))
    }

    pub(crate) fn allow_editing(&self) -> bool {
        self.local()
            .allow_editing
            .unwrap_or(self.sharing().allow_editing)
    }

    pub(crate) fn block_download_links(&self) -> BlockDownloadLinksFileType {
        let tenant = self.sharing().block_download_links;
        self.local()
            .block_download_links
            .map_or(tenant, |own| own.min(tenant))
    }

    /// The groups that the site is restricted to, where it is.
    pub(crate) fn restricted_to(&self) -> Option<Vec<GroupId>> {
        if !(self.sharing().restricted_access && self.local().restricted_access) {
            return None;
        }
        Some(match &self.site.group {
            Some(own) => vec![own.clone()],
            None => self.local().restricted_groups.0.iter().cloned().collect(),
        })
    }

    /// The groups that personal sites are restricted to, where this is one and they are.
    pub(crate) fn personal_sites_restricted_to(&self) -> Option<Vec<GroupId>> {
        let groups = &self.sharing().onedrive_groups.0;
        (self.personal() && !groups.is_empty()).then(|| groups.iter().cloned().collect())
    }

    /// When the link ends.
    pub(crate) fn link_ends(&self, link: &SharingLink) -> Option<UnixTime> {
        let mut ends = link.expires;
        for days in self.link_days(link).into_iter().flatten() {
            let ceiling = link.created.plus(i64::from(days) * DAY);
            ends = Some(ends.map_or(ceiling, |own| own.min(ceiling)));
        }
        ends
    }

    fn link_days(&self, link: &SharingLink) -> Vec<Option<u16>> {
        let (tenant, site) = (self.sharing(), self.local());
        match link.scope {
            LinkScope::Anonymous => {
                let mut days = Vec::new();
                if site.override_anyone_days {
                    days.push(site.anyone_link_days.get());
                } else {
                    days.push(tenant.anyone_link_days.get());
                    days.push(if self.personal() {
                        tenant.onedrive_anyone_link_days.get()
                    } else {
                        tenant.core_anyone_link_days.get()
                    });
                }
                if link.kind == LinkType::CreateOnly {
                    let partition = if self.personal() {
                        tenant.onedrive_file_request_days
                    } else {
                        tenant.core_file_request_days
                    };
                    days.push(site.file_request_days.unwrap_or(partition).get());
                }
                days
            }
            LinkScope::Organization => vec![if site.override_organization_days {
                site.organization_link_days.get()
            } else if self.personal() {
                tenant.onedrive_organization_link_days.get()
            } else {
                tenant.core_organization_link_days.get()
            }],
            LinkScope::Users(_) | LinkScope::ExistingAccess => Vec::new(),
        }
    }

    /// Whether file requests are switched on.
    pub(crate) fn file_requests(&self) -> bool {
        let partition = if self.personal() {
            self.sharing().onedrive_file_requests.unwrap_or(true)
        } else {
            self.sharing().core_file_requests.unwrap_or(false)
        };
        self.local().file_requests.unwrap_or(partition)
    }

    /// Whether guests cannot own the site.
    pub(crate) fn guests_cannot_own(&self) -> bool {
        let partition = if self.personal() {
            self.sharing().onedrive_block_guest_admins
        } else {
            self.sharing().core_block_guest_admins
        };
        match self.local().block_guest_admins {
            OnOff::On => true,
            OnOff::Off => false,
            OnOff::Unspecified => partition == OnOff::On,
        }
    }

    pub(crate) fn tenant_list(&self, domain: &DomainName) -> Option<Refusal> {
        let tenant = self.sharing();
        match tenant.domain_mode {
            SharingDomainRestrictionMode::None => None,
            SharingDomainRestrictionMode::AllowList => {
                (!tenant.allowed_domains.0.contains(domain)).then_some(Refusal::NotAllowed)
            }
            SharingDomainRestrictionMode::BlockList => tenant
                .blocked_domains
                .0
                .contains(domain)
                .then_some(Refusal::Blocked),
        }
    }

    pub(crate) fn site_list(&self, domain: &DomainName) -> Option<Refusal> {
        let site = self.local();
        match site.domain_mode {
            SharingDomainRestrictionMode::None => None,
            SharingDomainRestrictionMode::AllowList => {
                (!site.allowed_domains.0.contains(domain)).then_some(Refusal::NotAllowed)
            }
            SharingDomainRestrictionMode::BlockList => site
                .blocked_domains
                .0
                .contains(domain)
                .then_some(Refusal::Blocked),
        }
    }

    /// Who may invite by that policy.
    pub(crate) fn invites(&self, policy: &DirectoryPolicy) -> AllowInvitesFrom {
        if let Some(given) = policy.allow_invites_from {
            return given;
        }
        // What nobody touched is as the cloud has it; the older names spell the same setting in three parts.
        let cloud = self.clouds.find(&self.tenant.cloud);
        let untouched = cloud.map_or(AllowInvitesFrom::None, |cloud| cloud.allow_invites_from);
        let part = |given: Option<bool>, level| given.unwrap_or(untouched >= level);
        if !part(
            policy.admins_can_invite,
            AllowInvitesFrom::AdminsAndGuestInviters,
        ) {
            return AllowInvitesFrom::None;
        }
        let members = AllowInvitesFrom::AdminsGuestInvitersAndAllMembers;
        if !part(policy.members_can_invite, members) {
            return AllowInvitesFrom::AdminsAndGuestInviters;
        }
        if !part(policy.guests_can_invite, AllowInvitesFrom::Everyone) {
            return members;
        }
        AllowInvitesFrom::Everyone
    }

    /// Whether the directory's passcode is on.
    pub(crate) fn passcodes(&self) -> bool {
        match self.tenant.directory.policy.email_otp {
            EmailOtp::Enabled => true,
            EmailOtp::Disabled => false,
            EmailOtp::Default => self.cloud_lists("email-otp"),
        }
    }

    /// Whether the tenant's cloud offers that kind of provider.
    pub(crate) fn cloud_lists(&self, kind: &str) -> bool {
        let cloud = self.clouds.find(&self.tenant.cloud);
        cloud.is_some_and(|cloud| {
            cloud
                .identity_providers
                .iter()
                .any(|one| one.as_str() == kind)
        })
    }

    /// Whether what the directory's manager invited for must be shared again: the integration was switched off since.
    pub(crate) fn left_behind(&self, manager: InvitationManager) -> bool {
        !self.integration()
            && self.tenant.profile == Profile::IntegrationOptIn
            && manager == InvitationManager::Directory
    }

    /// The same for a permission of somebody from outside.
    pub(crate) fn grant_left_behind(&self, to: &Recipient, manager: InvitationManager) -> bool {
        matches!(to, Recipient::Address(_)) && self.left_behind(manager)
    }

    /// Whether a federation speaks for the domain.
    pub(crate) fn federated(&self, domain: &DomainName) -> bool {
        let federations = &self.tenant.directory.federations;
        federations.iter().any(|one| one.domains.contains(domain))
    }
}

pub(crate) fn integration(tenant: &TenantSettings) -> bool {
    match tenant.profile {
        Profile::SeparateManagers => false,
        Profile::IntegrationOptIn => tenant.sharing.integration.unwrap_or(false),
        Profile::IntegrationDefault | Profile::ReshareRequired => {
            tenant.sharing.integration.unwrap_or(true)
        }
        Profile::IntegrationMandatory => true,
    }
}

/// The directory's list.
pub(crate) fn directory_list(policy: &DirectoryPolicy, domain: &DomainName) -> Option<Refusal> {
    if policy
        .allowed_domains
        .as_ref()
        .is_some_and(|list| !list.0.contains(domain))
    {
        Some(Refusal::NotAllowed)
    } else if policy
        .blocked_domains
        .as_ref()
        .is_some_and(|list| list.0.contains(domain))
    {
        Some(Refusal::Blocked)
    } else {
        None
    }
}

/// Whether the guest has redeemed: an identity is bound. A blocked guest may have redeemed before.
pub(crate) fn redeemed(guest: &Guest) -> bool {
    guest.identity.is_some()
}
