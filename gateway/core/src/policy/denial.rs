//! Every reason to refuse, with its documented code.

use crate::domains::Refusal;
use crate::settings::LevelSource;

/// Why something is refused. The code is part of the outside interface; the cause is for operators.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Denial {
    /// The rules were asked without the facts they need.
    FactsMissing,
    /// The cloud of the tenant or of the person is not known to this gateway.
    CloudUnknown,
    /// The person's home cloud and the tenant's never collaborate, or the tenant did not opt in.
    CloudNotAllowed,
    /// The clouds may collaborate, but the person's organisation was not added as a partner.
    PartnerNotAdded,
    /// The tenant shares only inside its environment.
    OutsideEnvironment,
    /// External sharing is off.
    SharingDisabled(LevelSource),
    /// Anyone links are off.
    AnyoneLinksDisabled(LevelSource),
    /// Only guests whom an administrator added may be shared with.
    NewGuestsNotAllowed(LevelSource),
    /// The link has ended.
    LinkExpired,
    /// The link does not allow this action.
    LinkActionNotAllowed,
    /// The link works for members only.
    LinkMembersOnly,
    /// The directory does not know the person.
    NotInDirectory,
    /// The invitation has not been redeemed.
    InvitationNotRedeemed,
    /// The invitation has lapsed.
    InvitationExpired,
    /// The guest is blocked.
    GuestBlocked,
    /// The entry belongs to another identity.
    IdentityMismatch,
    /// The provider did not prove an address.
    AddressNotProven,
    /// This kind of provider is not offered in the tenant's cloud.
    ProviderNotOffered,
    /// Passcodes by mail are switched off in the directory.
    PasscodesDisabled,
    /// The tenant's domain list.
    TenantDomain(Refusal),
    /// The site's domain list.
    SiteDomain(Refusal),
    /// The directory's domain list.
    DirectoryDomain(Refusal),
    /// Nothing on the item, or above it, was granted.
    PermissionMissing,
    /// What was granted does not cover the action.
    PermissionInsufficient,
    /// What was granted has ended.
    PermissionExpired,
}

impl Denial {
    /// The code shown to people and programs, and logged.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::FactsMissing => "facts-missing",
            Self::CloudUnknown => "cloud-unknown",
            Self::CloudNotAllowed => "cloud-not-allowed",
            Self::PartnerNotAdded => "partner-not-added",
            Self::OutsideEnvironment => "outside-environment",
            Self::SharingDisabled(_) => "sharing-disabled",
            Self::AnyoneLinksDisabled(_) => "anyone-links-disabled",
            Self::NewGuestsNotAllowed(_) => "new-guests-not-allowed",
            Self::LinkExpired => "link-expired",
            Self::LinkActionNotAllowed => "link-action-not-allowed",
            Self::LinkMembersOnly => "link-members-only",
            Self::NotInDirectory => "not-in-directory",
            Self::InvitationNotRedeemed => "invitation-not-redeemed",
            Self::InvitationExpired => "invitation-expired",
            Self::GuestBlocked => "guest-blocked",
            Self::IdentityMismatch => "identity-mismatch",
            Self::AddressNotProven => "address-not-proven",
            Self::ProviderNotOffered => "provider-not-offered",
            Self::PasscodesDisabled => "passcodes-disabled",
            Self::TenantDomain(Refusal::Blocked) => "domain-blocked",
            Self::TenantDomain(Refusal::NotAllowed) => "domain-not-allowed",
            Self::SiteDomain(Refusal::Blocked) => "site-domain-blocked",
            Self::SiteDomain(Refusal::NotAllowed) => "site-domain-not-allowed",
            Self::DirectoryDomain(Refusal::Blocked) => "directory-domain-blocked",
            Self::DirectoryDomain(Refusal::NotAllowed) => "directory-domain-not-allowed",
            Self::PermissionMissing => "permission-missing",
            Self::PermissionInsufficient => "permission-insufficient",
            Self::PermissionExpired => "permission-expired",
        }
    }

    /// The setting that holds the door shut, as operators spell it; empty when it is no setting.
    #[must_use]
    pub const fn setting(self) -> &'static str {
        match self {
            Self::SharingDisabled(source)
            | Self::AnyoneLinksDisabled(source)
            | Self::NewGuestsNotAllowed(source) => source.setting(),
            Self::TenantDomain(_) => "tenant SharingDomainRestrictionMode",
            Self::SiteDomain(_) => "site SharingDomainRestrictionMode",
            Self::DirectoryDomain(_) => "directory domain list",
            Self::PasscodesDisabled => "directory allowExternalIdToUseEmailOtp",
            Self::ProviderNotOffered => "cloud identity_providers",
            Self::OutsideEnvironment => "EnableAzureADB2BIntegration",
            Self::PartnerNotAdded | Self::CloudNotAllowed => "directory cross_tenant",
            Self::FactsMissing
            | Self::CloudUnknown
            | Self::LinkExpired
            | Self::LinkActionNotAllowed
            | Self::LinkMembersOnly
            | Self::NotInDirectory
            | Self::InvitationNotRedeemed
            | Self::InvitationExpired
            | Self::GuestBlocked
            | Self::IdentityMismatch
            | Self::AddressNotProven
            | Self::PermissionMissing
            | Self::PermissionInsufficient
            | Self::PermissionExpired => "",
        }
    }
}

impl LevelSource {
    /// The setting, as operators spell it.
    #[must_use]
    pub const fn setting(self) -> &'static str {
        use crate::settings::Partition;
        match self {
            Self::Tenant => "tenant SharingCapability",
            Self::Partition(Partition::Core) => "tenant CoreSharingCapability",
            Self::Partition(Partition::OneDrive) => "tenant OneDriveSharingCapability",
            Self::Site => "site SharingCapability",
        }
    }
}
