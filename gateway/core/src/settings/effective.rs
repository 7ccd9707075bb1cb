//! What takes effect, and where it came from.

mod defaults;
mod limits;

pub use defaults::{
    DefaultLink, default_link, default_main_scope, default_role, tenant_default_link,
    tenant_default_role,
};
pub use limits::{
    GUEST_EXPIRY_DAYS, access_requests, allow_editing, anyone_link_days, anyone_link_suggested,
    block_download_links, block_guest_admins, device_policy, file_request_days, file_requests,
    guest_expiry_days, limited_file_type, organization_link_days, organization_link_suggested,
    user_info,
};

use super::table::Setting;
use super::value::Raw;
use super::words::{
    AllowInvitesFrom, EmailOtp, Profile, SharingCapability, SharingDomainRestrictionMode,
};
use super::{Partition, SiteSettings, SiteSharing, Template, TenantSettings, TenantSharing};
use crate::address::DomainName;
use crate::cloud::Clouds;
use crate::domains::Refusal;

/// Where a value came from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Source {
    /// The tenant's setting.
    Tenant,
    /// The tenant's setting for a partition.
    Partition(Partition),
    /// The site's setting.
    Site,
    /// The directory's setting.
    Directory,
    /// The cloud's record.
    Cloud,
    /// The generation of sharing behaviour.
    Profile,
}

impl Source {
    /// Its name in traces and answers.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Tenant => "tenant",
            Self::Partition(_) => "partition",
            Self::Site => "site",
            Self::Directory => "directory",
            Self::Cloud => "cloud",
            Self::Profile => "profile",
        }
    }
}

/// A value that takes effect.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Effective<T> {
    /// The value.
    pub value: T,
    /// The setting that made it so, as operators spell it.
    pub setting: &'static str,
    /// Where that setting stands.
    pub source: Source,
}

impl<T> Effective<T> {
    pub(crate) const fn new(value: T, setting: &'static str, source: Source) -> Self {
        Self {
            value,
            setting,
            source,
        }
    }
}

/// Which setting made the level what it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LevelSource {
    /// The tenant's `SharingCapability`.
    Tenant,
    /// The partition's.
    Partition(Partition),
    /// The site's own.
    Site,
}

impl LevelSource {
    /// The setting, as operators spell it.
    #[must_use]
    pub const fn setting(self) -> &'static str {
        match self {
            Self::Tenant | Self::Site => "SharingCapability",
            Self::Partition(Partition::Core) => "CoreSharingCapability",
            Self::Partition(Partition::OneDrive) => "OneDriveSharingCapability",
        }
    }

    /// Where it stands.
    #[must_use]
    pub const fn source(self) -> Source {
        match self {
            Self::Tenant => Source::Tenant,
            Self::Partition(partition) => Source::Partition(partition),
            Self::Site => Source::Site,
        }
    }
}

impl TenantSharing {
    /// The ceiling of a partition. One that is left out is as strict as those above it, so that it never decides; the
    /// one for personal sites is never looser than the others, whatever was configured.
    #[must_use]
    pub fn ceiling(&self, partition: Partition) -> SharingCapability {
        let core = self.core_capability.unwrap_or(self.capability);
        match partition {
            Partition::Core => core,
            Partition::OneDrive => self
                .onedrive_capability
                .unwrap_or(core)
                .min(core)
                .min(self.capability),
        }
    }
}

impl SiteSettings {
    /// The site's own level: as configured, or else as its template has it.
    ///
    /// Source: specification "sharing rules" 2.1.
    #[must_use]
    pub fn capability(&self) -> SharingCapability {
        self.sharing.capability.unwrap_or(match self.template {
            Template::Unknown | Template::Classic | Template::Communication | Template::Team => {
                SharingCapability::Disabled
            }
            Template::RootCommunication | Template::OneDrive => {
                SharingCapability::ExternalUserAndGuestSharing
            }
            Template::Group {
                owners_add_guests: true,
            } => SharingCapability::ExternalUserSharingOnly,
            Template::Group {
                owners_add_guests: false,
            } => SharingCapability::ExistingExternalUserSharingOnly,
        })
    }
}

/// The level that takes effect: the most restrictive of tenant, partition (unless overridden) and site,
/// with the first of these, in that order, that holds it down.
#[must_use]
pub fn effective_level(
    tenant: &TenantSettings,
    site: &SiteSettings,
) -> (SharingCapability, LevelSource) {
    let partition = tenant.sharing.ceiling(site.partition);
    let mut level = (tenant.sharing.capability, LevelSource::Tenant);
    if !site.sharing.override_partition && partition < level.0 {
        level = (partition, LevelSource::Partition(site.partition));
    }
    let own = site.capability();
    if own < level.0 {
        level = (own, LevelSource::Site);
    }
    level
}

fn admit(mode: SharingDomainRestrictionMode, allowed: bool, blocked: bool) -> Result<(), Refusal> {
    match mode {
        SharingDomainRestrictionMode::AllowList if !allowed => Err(Refusal::NotAllowed),
        SharingDomainRestrictionMode::BlockList if blocked => Err(Refusal::Blocked),
        SharingDomainRestrictionMode::None
        | SharingDomainRestrictionMode::AllowList
        | SharingDomainRestrictionMode::BlockList => Ok(()),
    }
}

impl TenantSharing {
    /// Whether the tenant's domain list lets `domain` pass.
    ///
    /// # Errors
    /// [`Refusal`] when it does not.
    pub fn admit(&self, domain: &DomainName) -> Result<(), Refusal> {
        admit(
            self.domain_mode,
            self.allowed_domains.0.contains(domain),
            self.blocked_domains.0.contains(domain),
        )
    }
}

impl SiteSharing {
    /// Whether the site's domain list lets `domain` pass.
    ///
    /// # Errors
    /// [`Refusal`] when it does not.
    pub fn admit(&self, domain: &DomainName) -> Result<(), Refusal> {
        admit(
            self.domain_mode,
            self.allowed_domains.0.contains(domain),
            self.blocked_domains.0.contains(domain),
        )
    }
}

impl super::DirectoryPolicy {
    /// Whether the directory's list lets `domain` be invited. Of two lists, which no configuration has, both count.
    ///
    /// # Errors
    /// [`Refusal`] when it does not.
    pub fn admit(&self, domain: &DomainName) -> Result<(), Refusal> {
        match (&self.allowed_domains, &self.blocked_domains) {
            (_, Some(blocked)) if blocked.0.contains(domain) => Err(Refusal::Blocked),
            (Some(allowed), _) if !allowed.0.contains(domain) => Err(Refusal::NotAllowed),
            (_, _) => Ok(()),
        }
    }
}

impl TenantSettings {
    /// Whether sharing invites through the directory.
    ///
    /// Source: specification "sharing rules" 0.
    #[must_use]
    pub fn integration(&self) -> Effective<bool> {
        const NAME: &str = "EnableAzureADB2BIntegration";
        let profile = |value| Effective::new(value, "profile", Source::Profile);
        match (self.profile, self.sharing.integration) {
            (Profile::SeparateManagers, _) => profile(false),
            (Profile::IntegrationMandatory, _) => profile(true),
            (_, Some(on)) => Effective::new(on, NAME, Source::Tenant),
            (Profile::IntegrationOptIn, None) => profile(false),
            (Profile::IntegrationDefault | Profile::ReshareRequired, None) => profile(true),
        }
    }

    /// Whether guests without an account may use the directory's passcode by mail.
    #[must_use]
    pub fn email_otp(&self, clouds: &Clouds) -> Effective<bool> {
        const NAME: &str = "allowExternalIdToUseEmailOtp";
        match self.directory.policy.email_otp {
            EmailOtp::Enabled => Effective::new(true, NAME, Source::Directory),
            EmailOtp::Disabled => Effective::new(false, NAME, Source::Directory),
            EmailOtp::Default => {
                let offered = clouds.find(&self.cloud).is_some_and(|cloud| {
                    let mut kinds = cloud.identity_providers.iter();
                    kinds.any(|kind| kind.as_str() == "email-otp")
                });
                Effective::new(offered, "identity_providers", Source::Cloud)
            }
        }
    }
}

impl super::DirectoryPolicy {
    /// Who may add guests to the directory.
    ///
    /// - `untouched`: who may where nothing was configured; in US Government clouds that is nobody.
    ///
    /// Source: specification "sharing rules" 5.1; settled reading 15 for the older names.
    #[must_use]
    pub fn allow_invites_from(&self, untouched: AllowInvitesFrom) -> Effective<AllowInvitesFrom> {
        let directory = |value, name| Effective::new(value, name, Source::Directory);
        if let Some(value) = self.allow_invites_from {
            return directory(value, "allowInvitesFrom");
        }
        // Each of the older switches is a step; one that is not given is as the cloud has it.
        let steps = [
            (
                self.admins_can_invite,
                AllowInvitesFrom::AdminsAndGuestInviters,
                "AdminsAndGuestInvitersCanInvite",
            ),
            (
                self.members_can_invite,
                AllowInvitesFrom::AdminsGuestInvitersAndAllMembers,
                "MembersCanInvite",
            ),
            (
                self.guests_can_invite,
                AllowInvitesFrom::Everyone,
                "GuestsCanInvite",
            ),
        ];
        let mut reached = Effective::new(AllowInvitesFrom::None, "allowInvitesFrom", Source::Cloud);
        for (given, step, name) in steps {
            let (setting, source) = match given {
                Some(_) => (name, Source::Directory),
                None => ("allowInvitesFrom", Source::Cloud),
            };
            if !given.unwrap_or(untouched >= step) {
                return Effective::new(reached.value, setting, source);
            }
            reached = Effective::new(step, setting, source);
        }
        reached
    }
}

/// Finds a setting by name in any of the three tables.
#[must_use]
pub fn find(table: &'static [Setting], name: &str) -> Option<&'static Setting> {
    table.iter().find(|setting| setting.name == name)
}

/// Whether a value written as `raw` is the documented default.
#[must_use]
pub fn is_default(setting: &Setting, raw: &Raw) -> bool {
    (setting.default)() == *raw
}
