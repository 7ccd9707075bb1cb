//! Microsoft's own codes for refusals, where one is documented.
//!
//! Source: specification "sharing rules" 7 and "decision table" (OSE codes); they are told beside ours, and nothing
//! branches on them.

use super::Denial;
use crate::domains::Refusal;
use crate::settings::{LevelSource, Partition};

impl Denial {
    /// The code of the sharing dialogue (`OSE…`), for refusals to share.
    #[must_use]
    pub const fn sharing_code(self) -> Option<&'static str> {
        Some(match self {
            Self::SharingDisabled(LevelSource::Tenant) => "OSE201",
            Self::NewGuestsNotAllowed(LevelSource::Tenant) => "OSE202",
            Self::SharingDisabled(LevelSource::Site) => "OSE204",
            Self::NewGuestsNotAllowed(LevelSource::Site) => "OSE205",
            Self::SharingDisabled(LevelSource::Partition(Partition::OneDrive)) => "OSE207",
            Self::NewGuestsNotAllowed(LevelSource::Partition(Partition::OneDrive)) => "OSE208",
            Self::SharerNotInAnonymousGroup => "OSE303",
            Self::SharerNotInGroup => "OSE304",
            Self::TenantDomain(Refusal::NotAllowed) => "OSE401",
            Self::TenantDomain(Refusal::Blocked) => "OSE402",
            Self::SiteDomain(Refusal::NotAllowed) => "OSE403",
            Self::SiteDomain(Refusal::Blocked) => "OSE404",
            other => return other.sign_in_code(),
        })
    }

    /// The code of sign-in (`AADSTS…`), for refusals to come in.
    #[must_use]
    pub const fn sign_in_code(self) -> Option<&'static str> {
        Some(match self {
            Self::CloudNotAllowed | Self::PartnerNotAdded | Self::PartnerNotReady => {
                "AADSTS1000104"
            }
            Self::PartnerBlocked => "AADSTS500213",
            Self::NotInDirectory => "AADSTS50020",
            Self::InvitationNotRedeemed => "AADSTS50014",
            Self::GuestBlocked => "AADSTS50057",
            Self::EmailDomainMismatch => "AADSTS5000819",
            Self::FederationUnknown => "AADSTS50107",
            Self::AudienceMismatch => "AADSTS50008",
            Self::ConsentDeclined => "AADSTS65004",
            Self::DeviceNotManaged => "AADSTS53000",
            Self::ControlNotSupported | Self::ConditionalAccessBlocked => "AADSTS53003",
            Self::RiskNotRemediated => "AADSTS53004",
            _ => return None,
        })
    }
}
