//! Which kinds of provider a tenant's cloud offers, and which of them the directory has taken back.
//!
//! Source: specification "clouds and identity" A.3; "sharing rules" 6.

use super::{Basis, Shown};
use crate::address::DomainName;
use crate::cloud::Clouds;
use crate::settings::{Source, TenantSettings};

/// Kinds of which the documents say where they are offered. Others (`openid`, a stranger's own) are the operator's
/// decision, made by setting them up.
#[must_use]
pub fn is_listed(kind: &str) -> bool {
    matches!(
        kind,
        "work-school" | "microsoft-account" | "google" | "email-otp" | "saml"
    )
}

/// Whether the tenant's cloud offers the kind.
pub(super) fn is_here(clouds: &Clouds, tenant: &TenantSettings, kind: &str) -> bool {
    clouds.find(&tenant.cloud).is_some_and(|cloud| {
        let mut kinds = cloud.identity_providers.iter();
        kinds.any(|one| one.as_str() == kind)
    })
}

/// Whether the tenant has given up the kind.
pub(super) fn is_given_up(tenant: &TenantSettings, kind: &str) -> bool {
    let mut all = tenant.directory.given_up.iter();
    all.any(|one| one.as_str() == kind)
}

/// Whether a federation speaks for the domain.
pub(super) fn is_federated(tenant: &TenantSettings, domain: &DomainName) -> bool {
    let mut federations = tenant.directory.federations.iter();
    federations.any(|federation| federation.domains.contains(domain))
}

/// The setting that has taken back what the cloud offers to addresses of `domain`.
pub(super) fn withdrawn(
    clouds: &Clouds,
    tenant: &TenantSettings,
    kind: &str,
    domain: &DomainName,
) -> Option<Basis> {
    let off = |setting| Basis::new(setting, Shown::Flag(false), Source::Directory);
    match kind {
        _ if is_given_up(tenant, kind) => Some(off("identityProviders")),
        "email-otp" => {
            let otp = tenant.email_otp(clouds);
            (!otp.value).then(|| otp.into())
        }
        "saml" => (!is_federated(tenant, domain)).then(|| off("federations")),
        "google" => (!tenant.directory.google).then(|| off("google")),
        _ => None,
    }
}
