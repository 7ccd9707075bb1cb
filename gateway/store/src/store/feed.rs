//! What changed, for whoever keeps something of it in memory.

use gateway_core::address::EmailAddress;
use gateway_core::person::IdentityKey;
use sqlx::{AnyConnection, Row};

use super::keys;
use crate::StoreError;
use crate::model::{Revocation, Revoked};

/// Subjects of changes, of one tenant or of none.
#[derive(Debug, Default)]
pub(crate) struct Touched {
    pub(super) subjects: Vec<(&'static str, String)>,
}

impl Touched {
    fn add(&mut self, kind: &'static str, key: String) {
        let subject = (kind, key);
        if !self.subjects.contains(&subject) {
            self.subjects.push(subject);
        }
    }

    /// Who a grant is for; of an address also its entry and the links for it.
    pub(super) fn recipient(&mut self, recipient: String) {
        self.add("recipient", recipient);
    }

    pub(crate) fn address(&mut self, address: &EmailAddress) {
        self.recipient(keys::of_address(address));
    }

    /// Which entry an identity leads to.
    pub(crate) fn identity(&mut self, key: &IdentityKey) {
        self.add("identity", keys::of_identity(key));
    }

    pub(super) fn link(&mut self, id: &str) {
        self.add("link", id.to_owned());
    }

    /// Which link a token leads to.
    pub(super) fn token(&mut self, sha256: &[u8]) {
        self.add("token", keys::hex(sha256));
    }

    pub(super) fn group(&mut self, id: &str) {
        self.add("group", id.to_owned());
    }

    pub(super) fn setting(&mut self, scope: &str, name: &str) {
        self.add("setting", format!("{scope}/{name}"));
    }

    pub(super) fn document(&mut self, collection: &str, key: &str) {
        self.add("document", format!("{collection}/{key}"));
    }

    /// A declared permission was revoked.
    pub(super) fn revoked_permission(&mut self, id: &str) {
        self.add("revoked-permission", id.to_owned());
    }

    /// All of the tenant.
    pub(super) fn everything(&mut self) {
        self.add("everything", String::new());
    }

    pub(crate) fn revocation(&mut self, revocation: &Revocation) {
        match &revocation.what {
            Revoked::Session(session) => self.add("session", keys::hex(&session.0)),
            Revoked::Person(_, key) => self.add("person", keys::of_identity(key)),
            Revoked::Link(_, link) => self.add("revoked-link", link.as_str().to_owned()),
            Revoked::Guest(_, address) => {
                self.add("revoked-guest", address.to_string());
                self.address(address);
            }
        }
    }
}

/// The number of the last change, 0 where there is none.
pub(crate) async fn last(connection: &mut AnyConnection) -> Result<i64, StoreError> {
    let row = sqlx::query("SELECT COALESCE(MAX(sequence), 0) AS last FROM change")
        .fetch_one(connection)
        .await?;
    Ok(row.try_get("last")?)
}
