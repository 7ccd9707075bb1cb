//! Every reason to refuse, with its documented code.

use crate::domains::Refusal;
use crate::settings::LevelSource;

/// Why something is refused. The code is part of the outside interface; the cause is for operators.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Denial {
    /// The rules were asked without the facts they need.
    FactsMissing,
    /// The site is locked (`LockState` is `NoAccess`).
    SiteLocked,
    /// The site is read only, by its lock or by its download policy.
    SiteReadOnly,
    /// The request comes from outside the trusted network addresses.
    NetworkNotTrusted,
    /// The cloud of the tenant or of the person is not known to this gateway.
    CloudUnknown,
    /// The person's home cloud and the tenant's never collaborate, or one side did not opt in.
    CloudNotAllowed,
    /// The clouds may collaborate, but the person's organisation was not added as a partner.
    PartnerNotAdded,
    /// The organisation was added here, and did not do its own part.
    PartnerNotReady,
    /// The person's organisation is blocked by the cross-tenant access settings.
    PartnerBlocked,
    /// The tenant shares only inside its environment.
    OutsideEnvironment,
    /// People of another cloud are invited by their user principal name.
    UpnRequired,
    /// External sharing is off.
    SharingDisabled(LevelSource),
    /// Anyone links are off.
    AnyoneLinksDisabled(LevelSource),
    /// Only guests who are in the directory may be shared with.
    NewGuestsNotAllowed(LevelSource),
    /// The link has ended.
    LinkExpired,
    /// The link was deleted.
    LinkDeleted,
    /// The link does not allow this action.
    LinkActionNotAllowed,
    /// The link works for members only.
    LinkMembersOnly,
    /// The link works for the people it names.
    LinkNotForPerson,
    /// The link is for those who have access already.
    LinkGrantsNothing,
    /// Organisation links are off in the site.
    OrganizationLinksDisabled,
    /// What was shared must be shared again: it was shared under another invitation manager.
    ReshareRequired,
    /// The organisation has updated its guest access settings: links from before the integration fail.
    GuestAccessSettingsUpdated,
    /// The way the guest redeemed is no longer offered, until the redemption is reset.
    ProviderWithdrawn,
    /// The directory does not know the person.
    NotInDirectory,
    /// The invitation has not been redeemed.
    InvitationNotRedeemed,
    /// The invitation has lapsed.
    InvitationExpired,
    /// The guest is blocked.
    GuestBlocked,
    /// The entry belongs to another identity, or the invitation to another address.
    IdentityMismatch,
    /// The provider did not prove an address.
    AddressNotProven,
    /// The federation's address is missing, or not of a domain that it speaks for.
    EmailDomainMismatch,
    /// No federation has that issuer.
    FederationUnknown,
    /// The assertion was made for somebody else.
    AudienceMismatch,
    /// This kind of provider is not offered in the tenant's cloud, or not set up.
    ProviderNotOffered,
    /// The person has no account, and nothing else is offered.
    NoProvider,
    /// Passcodes by mail are switched off in the directory.
    PasscodesDisabled,
    /// The person did not consent.
    ConsentDeclined,
    /// The person did not accept the terms of use.
    TermsDeclined,
    /// The device is not managed, compliant or joined as demanded.
    DeviceNotManaged,
    /// Conditional access demands what no guest can do.
    ControlNotSupported,
    /// A conditional access policy refuses.
    ConditionalAccessBlocked,
    /// The sign-in is risky, and the guest has no second factor registered here.
    RiskNotRemediated,
    /// The tenant's domain list.
    TenantDomain(Refusal),
    /// The site's domain list.
    SiteDomain(Refusal),
    /// The directory's domain list.
    DirectoryDomain(Refusal),
    /// The guest's access to the site has ended.
    GuestExpired,
    /// The site is restricted to groups that the person is not in.
    RestrictedAccess,
    /// Nothing on the item, or above it, was granted.
    PermissionMissing,
    /// What was granted does not cover the action.
    PermissionInsufficient,
    /// What was granted has ended.
    PermissionExpired,
    /// The file is being scanned, or is covered by no scan.
    FileNotScanned,
    /// Who the people of the site are is hidden from the person.
    UserInfoHidden,
    /// Downloads are blocked.
    DownloadBlocked,
    /// Editing is blocked on devices that are not managed.
    EditingBlocked,
    /// Nobody in particular shares, or somebody without a place in the directory.
    SharerUnknown,
    /// The sharer has no right to share the item.
    SharerNotAllowed,
    /// The sharer is in no group that may share with guests.
    SharerNotInGroup,
    /// The sharer is in no group that may make Anyone links.
    SharerNotInAnonymousGroup,
    /// Only owners share here.
    OwnersOnly,
    /// Guests share only what they own.
    ResharingNotAllowed,
    /// Guests share only with people of the site.
    OutsideSiteNotAllowed,
    /// Agents do not share with people from outside.
    AgentsNotAllowed,
    /// The directory does not let the sharer add guests.
    InviteNotAllowed,
    /// Guests cannot own the site.
    GuestsCannotOwn,
    /// The site is restricted to groups, and is not shared outside them.
    OutsideRestriction,
    /// The site of a channel is shared with the people of the channel only.
    ChannelOnly,
    /// This kind of link is not allowed on this kind of item.
    LinkKindNotAllowed,
    /// The link would live longer than links may.
    LinkLifeTooLong,
    /// File requests are not available here.
    FileRequestsUnavailable,
}

impl Denial {
    /// The code shown to people and programs, and logged.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::FactsMissing => "facts-missing",
            Self::SiteLocked => "site-locked",
            Self::SiteReadOnly => "site-read-only",
            Self::NetworkNotTrusted => "network-not-trusted",
            Self::CloudUnknown => "cloud-unknown",
            Self::CloudNotAllowed => "cloud-not-allowed",
            Self::PartnerNotAdded => "partner-not-added",
            Self::PartnerNotReady => "partner-not-ready",
            Self::PartnerBlocked => "partner-blocked",
            Self::OutsideEnvironment => "outside-environment",
            Self::UpnRequired => "upn-required",
            Self::SharingDisabled(_) => "sharing-disabled",
            Self::AnyoneLinksDisabled(_) => "anyone-links-disabled",
            Self::NewGuestsNotAllowed(_) => "new-guests-not-allowed",
            Self::LinkExpired => "link-expired",
            Self::LinkDeleted => "link-deleted",
            Self::LinkActionNotAllowed => "link-action-not-allowed",
            Self::LinkMembersOnly => "link-members-only",
            Self::LinkNotForPerson => "link-not-for-person",
            Self::LinkGrantsNothing => "link-grants-nothing",
            Self::OrganizationLinksDisabled => "organization-links-disabled",
            Self::ReshareRequired => "reshare-required",
            Self::GuestAccessSettingsUpdated => "guest-access-settings-updated",
            Self::ProviderWithdrawn => "provider-withdrawn",
            Self::NotInDirectory => "not-in-directory",
            Self::InvitationNotRedeemed => "invitation-not-redeemed",
            Self::InvitationExpired => "invitation-expired",
            Self::GuestBlocked => "guest-blocked",
            Self::IdentityMismatch => "identity-mismatch",
            Self::AddressNotProven => "address-not-proven",
            Self::EmailDomainMismatch => "email-domain-mismatch",
            Self::FederationUnknown => "federation-unknown",
            Self::AudienceMismatch => "audience-mismatch",
            Self::ProviderNotOffered => "provider-not-offered",
            Self::NoProvider => "no-provider",
            Self::PasscodesDisabled => "passcodes-disabled",
            Self::ConsentDeclined => "consent-declined",
            Self::TermsDeclined => "terms-declined",
            Self::DeviceNotManaged => "device-not-managed",
            Self::ControlNotSupported => "control-not-supported",
            Self::ConditionalAccessBlocked => "conditional-access-blocked",
            Self::RiskNotRemediated => "risk-not-remediated",
            Self::TenantDomain(Refusal::Blocked) => "domain-blocked",
            Self::TenantDomain(Refusal::NotAllowed) => "domain-not-allowed",
            Self::SiteDomain(Refusal::Blocked) => "site-domain-blocked",
            Self::SiteDomain(Refusal::NotAllowed) => "site-domain-not-allowed",
            Self::DirectoryDomain(Refusal::Blocked) => "directory-domain-blocked",
            Self::DirectoryDomain(Refusal::NotAllowed) => "directory-domain-not-allowed",
            Self::GuestExpired => "guest-expired",
            Self::RestrictedAccess => "restricted-access",
            Self::PermissionMissing => "permission-missing",
            Self::PermissionInsufficient => "permission-insufficient",
            Self::PermissionExpired => "permission-expired",
            Self::FileNotScanned => "file-not-scanned",
            Self::UserInfoHidden => "user-info-hidden",
            Self::DownloadBlocked => "download-blocked",
            Self::EditingBlocked => "editing-blocked",
            Self::SharerUnknown => "sharer-unknown",
            Self::SharerNotAllowed => "sharer-not-allowed",
            Self::SharerNotInGroup => "sharer-not-in-group",
            Self::SharerNotInAnonymousGroup => "sharer-not-in-anonymous-group",
            Self::OwnersOnly => "owners-only",
            Self::ResharingNotAllowed => "resharing-not-allowed",
            Self::OutsideSiteNotAllowed => "outside-site-not-allowed",
            Self::AgentsNotAllowed => "agents-not-allowed",
            Self::InviteNotAllowed => "invite-not-allowed",
            Self::GuestsCannotOwn => "guests-cannot-own",
            Self::OutsideRestriction => "outside-restriction",
            Self::ChannelOnly => "channel-only",
            Self::LinkKindNotAllowed => "link-kind-not-allowed",
            Self::LinkLifeTooLong => "link-life-too-long",
            Self::FileRequestsUnavailable => "file-requests-unavailable",
        }
    }
}
