//! Sign-in with a Google account.
//!
//! The person is (issuer, `sub`). Google owns the mailboxes of gmail.com and googlemail.com; for a Workspace
//! domain it speaks only where the operator opted in and the token's `hd` is the address's own domain.
//! `email_verified` alone means that somebody once read a mail, years ago perhaps, and proves nothing here.

mod profile;
mod settings;
#[cfg(test)]
mod tests;

use plugins_oidc::OidcProvider;

use crate::profile::GoogleAccounts;

plugins_sdk::export_provider!(Google);

/// Google as a provider.
pub type Google = OidcProvider<GoogleAccounts>;
