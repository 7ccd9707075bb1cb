//! Sign-in with a work or school account: Entra ID, any tenant, any cloud.
//!
//! The person is (cloud, issuer, tenant, `oid`). The issuer rule is Entra's own: the key that signed a token
//! names an issuer, usually a template, and the token's issuer must be that template filled with the
//! token's tenant. An address proves something only with `xms_edov`: everything else in a token can be
//! written by the administrator of the person's tenant.
//!
//! No token says which cloud it is from: worldwide and GCC have the same issuers, and so have GCC High and
//! DoD. The cloud is claimed only where the operator lists the tenant under it, or where the tenant's own
//! document says so (`region`).

mod profile;
mod region;
mod settings;
#[cfg(test)]
mod tests;

use plugins_oidc::OidcProvider;

use crate::profile::Organizations;

plugins_sdk::export_provider!(WorkSchool);

/// Work and school accounts as a provider.
pub type WorkSchool = OidcProvider<Organizations>;
