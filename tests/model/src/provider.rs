//! Identity providers.
//!
//! Source: specification "clouds and identity" A.3; "sharing rules" 3.4 and 6.

use gateway_core::address::DomainName;

use crate::world::Place;

/// Whether the specification speaks of that kind. Of others it says nothing, so they are the operator's own business.
pub(crate) fn documented(kind: &str) -> bool {
    [
        "work-school",
        "microsoft-account",
        "google",
        "email-otp",
        "saml",
    ]
    .contains(&kind)
}

/// Whether what somebody of that domain redeemed with has been taken away since.
pub(crate) fn withdrawn(place: &Place, kind: &str, domain: &DomainName) -> bool {
    match kind {
        "email-otp" => !place.passcodes(),
        "saml" => !place.federated(domain),
        "google" => !place.tenant.directory.google,
        _ => false,
    }
}
