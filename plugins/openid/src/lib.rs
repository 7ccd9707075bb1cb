//! Sign-in at any OpenID provider with a fixed issuer.
//!
//! The person is (issuer, `sub`). An address counts as verified by the provider where the token says
//! `email_verified: true`; for which domains this provider may speak is for the gateway to judge.

mod profile;
mod settings;
#[cfg(test)]
mod tests;

use plugins_oidc::OidcProvider;

use crate::profile::FixedIssuer;

plugins_sdk::export_provider!(OpenId);

/// An OpenID provider with a fixed issuer.
pub type OpenId = OidcProvider<FixedIssuer>;
