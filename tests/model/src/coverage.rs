//! Which answers there are: a comparison says nothing about an answer that never came up.

use gateway_core::domains::Refusal;
use gateway_core::policy::{Challenge, Denial, Method, MfaPlace};
use gateway_core::settings::{LevelSource, Partition};

use crate::Answer;

/// What is asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Asked {
    /// May this person do this to that item?
    Access,
    /// May this be shared, with those people?
    Share,
    /// May this invitation be redeemed, and how?
    Redeem,
}

/// Every answer but yes that the question can get.
#[must_use]
pub fn answers(asked: Asked) -> Vec<Answer> {
    let denials = DENIALS
        .iter()
        .copied()
        .filter(|denial| reach(*denial).contains(&asked));
    let mut all: Vec<Answer> = denials.map(Answer::Deny).collect();
    let (requests, challenges) = match asked {
        Asked::Access => (
            &[
                Denial::LinkGrantsNothing,
                Denial::PermissionMissing,
                Denial::PermissionInsufficient,
            ][..],
            ACCESS_CHALLENGES,
        ),
        Asked::Share => (&[Denial::SharerNotAllowed, Denial::OwnersOnly][..], &[][..]),
        Asked::Redeem => (&[][..], REDEEM_CHALLENGES),
    };
    all.extend(requests.iter().copied().map(Answer::Request));
    all.extend(challenges.iter().copied().map(Answer::Challenge));
    all
}

const ACCESS_CHALLENGES: &[Challenge] = &[
    Challenge::SignIn,
    Challenge::MemberSignIn,
    Challenge::SignInAgain,
    Challenge::EmailProof,
    Challenge::Terms,
    Challenge::Mfa(MfaPlace::Home),
    Challenge::Mfa(MfaPlace::Resource),
    Challenge::AuthenticationContext,
];

const REDEEM_CHALLENGES: &[Challenge] = &[
    Challenge::SignInWith(Method::WorkSchool),
    Challenge::SignInWith(Method::Saml),
    Challenge::SignInWith(Method::Google),
    Challenge::SignInWith(Method::MicrosoftAccount),
    Challenge::SignInWith(Method::NewMicrosoftAccount),
    Challenge::SignInWith(Method::Passcode),
    Challenge::SignInWith(Method::SharingPasscode),
    Challenge::SignInWith(Method::ExistingAccount),
    Challenge::Choose(Method::WorkSchool, Method::MicrosoftAccount),
    Challenge::Consent,
    Challenge::Terms,
];

/// The questions that the denial answers. A new variant belongs here and into [`DENIALS`].
const fn reach(denial: Denial) -> &'static [Asked] {
    use Asked::{Access, Redeem, Share};
    match denial {
        // Facts are never left out here; a link's life is cut to the ceiling and not refused.
        Denial::FactsMissing | Denial::LinkLifeTooLong => &[],
        // Of several levels a redemption knows the tenant's only.
        Denial::SharingDisabled(LevelSource::Tenant)
        | Denial::NewGuestsNotAllowed(LevelSource::Tenant)
        | Denial::CloudUnknown
        | Denial::CloudNotAllowed
        | Denial::PartnerNotAdded
        | Denial::PartnerNotReady
        | Denial::PartnerBlocked
        | Denial::OutsideEnvironment
        | Denial::TenantDomain(_) => &[Access, Share, Redeem],
        Denial::SharingDisabled(_)
        | Denial::NewGuestsNotAllowed(_)
        | Denial::AnyoneLinksDisabled(_)
        | Denial::SiteDomain(_)
        | Denial::LinkExpired
        | Denial::LinkKindNotAllowed
        | Denial::OrganizationLinksDisabled => &[Access, Share],
        Denial::SiteLocked
        | Denial::SiteReadOnly
        | Denial::NetworkNotTrusted
        | Denial::LinkDeleted
        | Denial::LinkActionNotAllowed
        | Denial::LinkMembersOnly
        | Denial::LinkNotForPerson
        | Denial::LinkGrantsNothing
        | Denial::InvitationNotRedeemed
        | Denial::DeviceNotManaged
        | Denial::ControlNotSupported
        | Denial::ConditionalAccessBlocked
        | Denial::RiskNotRemediated
        | Denial::GuestExpired
        | Denial::RestrictedAccess
        | Denial::PermissionMissing
        | Denial::PermissionInsufficient
        | Denial::PermissionExpired
        | Denial::FileNotScanned
        | Denial::UserInfoHidden
        | Denial::DownloadBlocked
        | Denial::EditingBlocked => &[Access],
        Denial::ReshareRequired
        | Denial::GuestAccessSettingsUpdated
        | Denial::ProviderWithdrawn
        | Denial::ProviderNotOffered
        | Denial::NotInDirectory
        | Denial::GuestBlocked
        | Denial::IdentityMismatch => &[Access, Redeem],
        Denial::InvitationExpired
        | Denial::AddressNotProven
        | Denial::EmailDomainMismatch
        | Denial::FederationUnknown
        | Denial::AudienceMismatch
        | Denial::NoProvider
        | Denial::PasscodesDisabled
        | Denial::ConsentDeclined
        | Denial::TermsDeclined => &[Redeem],
        Denial::DirectoryDomain(_) => &[Share, Redeem],
        Denial::UpnRequired
        | Denial::SharerUnknown
        | Denial::SharerNotAllowed
        | Denial::SharerNotInGroup
        | Denial::SharerNotInAnonymousGroup
        | Denial::OwnersOnly
        | Denial::ResharingNotAllowed
        | Denial::OutsideSiteNotAllowed
        | Denial::AgentsNotAllowed
        | Denial::InviteNotAllowed
        | Denial::GuestsCannotOwn
        | Denial::OutsideRestriction
        | Denial::ChannelOnly
        | Denial::FileRequestsUnavailable => &[Share],
    }
}

const CORE: LevelSource = LevelSource::Partition(Partition::Core);
const PERSONAL: LevelSource = LevelSource::Partition(Partition::OneDrive);

const DENIALS: &[Denial] = &[
    Denial::FactsMissing,
    Denial::SiteLocked,
    Denial::SiteReadOnly,
    Denial::NetworkNotTrusted,
    Denial::CloudUnknown,
    Denial::CloudNotAllowed,
    Denial::PartnerNotAdded,
    Denial::PartnerNotReady,
    Denial::PartnerBlocked,
    Denial::OutsideEnvironment,
    Denial::UpnRequired,
    Denial::SharingDisabled(LevelSource::Tenant),
    Denial::SharingDisabled(CORE),
    Denial::SharingDisabled(PERSONAL),
    Denial::SharingDisabled(LevelSource::Site),
    Denial::AnyoneLinksDisabled(LevelSource::Tenant),
    Denial::AnyoneLinksDisabled(CORE),
    Denial::AnyoneLinksDisabled(PERSONAL),
    Denial::AnyoneLinksDisabled(LevelSource::Site),
    Denial::NewGuestsNotAllowed(LevelSource::Tenant),
    Denial::NewGuestsNotAllowed(CORE),
    Denial::NewGuestsNotAllowed(PERSONAL),
    Denial::NewGuestsNotAllowed(LevelSource::Site),
    Denial::LinkExpired,
    Denial::LinkDeleted,
    Denial::LinkActionNotAllowed,
    Denial::LinkMembersOnly,
    Denial::LinkNotForPerson,
    Denial::LinkGrantsNothing,
    Denial::OrganizationLinksDisabled,
    Denial::ReshareRequired,
    Denial::GuestAccessSettingsUpdated,
    Denial::ProviderWithdrawn,
    Denial::NotInDirectory,
    Denial::InvitationNotRedeemed,
    Denial::InvitationExpired,
    Denial::GuestBlocked,
    Denial::IdentityMismatch,
    Denial::AddressNotProven,
    Denial::EmailDomainMismatch,
    Denial::FederationUnknown,
    Denial::AudienceMismatch,
    Denial::ProviderNotOffered,
    Denial::NoProvider,
    Denial::PasscodesDisabled,
    Denial::ConsentDeclined,
    Denial::TermsDeclined,
    Denial::DeviceNotManaged,
    Denial::ControlNotSupported,
    Denial::ConditionalAccessBlocked,
    Denial::RiskNotRemediated,
    Denial::TenantDomain(Refusal::Blocked),
    Denial::TenantDomain(Refusal::NotAllowed),
    Denial::SiteDomain(Refusal::Blocked),
    Denial::SiteDomain(Refusal::NotAllowed),
    Denial::DirectoryDomain(Refusal::Blocked),
    Denial::DirectoryDomain(Refusal::NotAllowed),
    Denial::GuestExpired,
    Denial::RestrictedAccess,
    Denial::PermissionMissing,
    Denial::PermissionInsufficient,
    Denial::PermissionExpired,
    Denial::FileNotScanned,
    Denial::UserInfoHidden,
    Denial::DownloadBlocked,
    Denial::EditingBlocked,
    Denial::SharerUnknown,
    Denial::SharerNotAllowed,
    Denial::SharerNotInGroup,
    Denial::SharerNotInAnonymousGroup,
    Denial::OwnersOnly,
    Denial::ResharingNotAllowed,
    Denial::OutsideSiteNotAllowed,
    Denial::AgentsNotAllowed,
    Denial::InviteNotAllowed,
    Denial::GuestsCannotOwn,
    Denial::OutsideRestriction,
    Denial::ChannelOnly,
    Denial::LinkKindNotAllowed,
    Denial::LinkLifeTooLong,
    Denial::FileRequestsUnavailable,
];
