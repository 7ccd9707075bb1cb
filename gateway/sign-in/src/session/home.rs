//! Sessions at identity providers, and the names by which providers end sessions here.
//!
//! A name is a hash that starts with the provider's id, so that no provider ends the sessions of another. Whatever is
//! revoked by one holds for the sessions that had begun by then: a provider may use a name again.

use gateway_core::id::ProviderId;
use gateway_store::model::SessionId;

use crate::text;

/// The session at an identity provider that a session here came of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HomeSession {
    /// Made by [`provider_session`].
    pub id: SessionId,
    /// What the provider calls it; absent where that does not fit the cookie.
    pub sid: Option<String>,
}

impl HomeSession {
    /// - `issuer`, `sid`: as the provider gave them.
    #[must_use]
    pub fn new(provider: &ProviderId, issuer: &str, sid: &str) -> Self {
        Self {
            id: provider_session(provider, issuer, sid),
            sid: Some(sid.to_owned()),
        }
    }
}

/// The name under which all sessions that came of one session at an identity provider can be revoked, without
/// keeping a list of them.
#[must_use]
pub fn provider_session(provider: &ProviderId, issuer: &str, sid: &str) -> SessionId {
    name(&[
        b"vestibule provider session v1",
        provider.as_str().as_bytes(),
        issuer.as_bytes(),
        sid.as_bytes(),
    ])
}

/// As [`provider_session`], but of one subject only: where names of sessions recur from person to person, as SAML's
/// session indexes may (SAML core, 2.7.2).
///
/// - `session`: made by [`provider_session`].
#[must_use]
pub fn provider_session_of(session: &SessionId, subject: &str) -> SessionId {
    name(&[
        b"vestibule provider session of a subject v1",
        &session.0,
        subject.as_bytes(),
    ])
}

/// The name under which all sessions of a subject can be revoked, at whatever tenant and as whatever they came in.
#[must_use]
pub fn provider_subject(provider: &ProviderId, issuer: &str, subject: &str) -> SessionId {
    name(&[
        b"vestibule provider subject v1",
        provider.as_str().as_bytes(),
        issuer.as_bytes(),
        subject.as_bytes(),
    ])
}

fn name(parts: &[&[u8]]) -> SessionId {
    let mut id = [0; 16];
    id.iter_mut()
        .zip(text::hash(parts))
        .for_each(|(to, from)| *to = from);
    SessionId(id)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn provider(id: &str) -> ProviderId {
        ProviderId::parse(id).unwrap()
    }

    #[test]
    fn every_part_counts_in_a_name() {
        let id = |by: &str, issuer: &str, sid: &str| provider_session(&provider(by), issuer, sid);
        assert_eq!(id("a", "b", "c"), id("a", "b", "c"));
        assert_ne!(id("a", "b", "cd"), id("a", "bc", "d"));
        assert_ne!(
            id("a", "b", "c"),
            id("x", "b", "c"),
            "no provider ends the sessions of another"
        );
        let subject = provider_subject(&provider("a"), "b", "c");
        assert_ne!(
            subject,
            id("a", "b", "c"),
            "a session's name is no subject's"
        );
        assert_ne!(subject, provider_subject(&provider("x"), "b", "c"));
        assert_ne!(subject, provider_subject(&provider("a"), "x", "c"));
        let session = id("a", "b", "1");
        let of = |subject: &str| provider_session_of(&session, subject);
        assert_ne!(of("ada"), of("bob"));
        assert_ne!(of("ada"), session);
        assert_ne!(of("ada"), provider_session_of(&id("a", "b", "2"), "ada"));
    }
}
