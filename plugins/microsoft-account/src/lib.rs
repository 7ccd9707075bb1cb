//! Sign-in with a personal Microsoft account.
//!
//! The person is (issuer, consumers' tenant, `oid`). Tokens count only from the tenant of the consumers and
//! only under a key that names that tenant as its issuer. Microsoft owns the mailboxes of its four
//! domains; any other address was proven when the account was made, and never again.

mod profile;
mod settings;
#[cfg(test)]
mod tests;

use plugins_oidc::OidcProvider;

use crate::profile::Consumers;

plugins_sdk::export_provider!(MicrosoftAccount);

/// Personal Microsoft accounts as a provider.
pub type MicrosoftAccount = OidcProvider<Consumers>;
