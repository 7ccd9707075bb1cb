//! The session: one small sealed cookie, bound to its host, that dies when idle and at its end.
//!
//! The gateway keeps nothing about a living session. What ends one early is the set of revoked ids
//! ([`Session::revocable`]) and the moment since which a person's sessions are valid; both are the caller's to ask.

mod cookie;
pub(crate) mod payload;

use std::time::Duration;

use gateway_core::address::EmailAddress;
use gateway_core::assertion::EmailProof;
use gateway_core::id::{LinkId, ProviderId, ProviderKind, TenantId};
use gateway_core::person::{Assurance, Client, IdentityKey, Person, Principal};
use gateway_core::time::UnixTime;
use gateway_store::model::SessionId;

pub(crate) use cookie::header;
pub use cookie::{clear_cookie, cookie, set_cookie};

use crate::keys::{Keyring, NotSealed};
use crate::random::{self, NoRandomness};
use crate::text;

/// Name of the session's cookie.
pub const COOKIE: &str = "__Host-vestibule";
/// Longest sealed session, in characters. Browsers keep cookies of 4096 bytes, attributes included.
pub const MAX_SEALED: usize = 3900;
/// Most links a session holds; the oldest goes first.
pub const MAX_LINKS: usize = 8;
/// A session that was sealed this long ago is sealed again when it is used, in seconds; sooner where the tenant signs out
/// those who are idle.
pub const RESEAL_AFTER: i64 = 300;

const PURPOSE: &str = "session";

/// What a browser is let in with: a person, links it opened, or both.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Session {
    /// Its name.
    pub id: SessionId,
    /// The tenant.
    pub tenant: TenantId,
    /// Who signed in.
    pub person: Option<SessionPerson>,
    /// Links whose token this browser showed; at most [`MAX_LINKS`].
    pub links: Vec<LinkId>,
    /// When it began.
    pub started: UnixTime,
    /// When it was last sealed: at most [`RESEAL_AFTER`] before it was last used.
    pub sealed_at: UnixTime,
    /// When it ends, whatever happens; it is dead *at* this moment.
    pub expires: UnixTime,
}

/// The person of a session.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SessionPerson {
    /// Who it is.
    pub key: IdentityKey,
    /// The kind of provider that vouched.
    pub kind: ProviderKind,
    /// Whether this is one of the tenant's own people.
    pub member: bool,
    /// For a guest the invited address, for a member the one that counts.
    pub address: Option<EmailAddress>,
    /// How the address was proven.
    pub proof: EmailProof,
    /// When the person authenticated.
    pub authenticated_at: UnixTime,
    /// Authentication methods; at most 8 of at most 16 bytes.
    pub amr: Vec<String>,
    /// Authentication contexts satisfied; at most 8 of at most 16 bytes.
    pub contexts: Vec<String>,
    /// Name for display, at most 64 bytes.
    pub display_name: Option<String>,
    /// The provider's session, made by [`provider_session`].
    pub sid: Option<SessionId>,
}

/// Why a sealed session does not count. In each case the browser has none.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unsealed {
    /// No current key opens it, for this host and purpose: made elsewhere, altered, or too old.
    #[error("no current key opens the session for this host")]
    Forged,
    /// Its absolute end has come.
    #[error("the session has ended")]
    Expired,
    /// It was not used for too long.
    #[error("the session was idle for too long")]
    Idle,
}

impl Session {
    /// A session of nobody yet, with a new id.
    ///
    /// # Errors
    /// [`NoRandomness`].
    pub fn begin(tenant: TenantId, expires: UnixTime, now: UnixTime) -> Result<Self, NoRandomness> {
        Ok(Self {
            id: SessionId(random::bytes()?),
            tenant,
            person: None,
            links: Vec::new(),
            started: now,
            sealed_at: now,
            expires,
        })
    }

    /// Adds a link, newest last; the oldest go when there are more than [`MAX_LINKS`].
    pub fn add_link(&mut self, link: LinkId) {
        self.links.retain(|held| *held != link);
        self.links.push(link);
        let surplus = self.links.len().saturating_sub(MAX_LINKS);
        self.links.drain(..surplus);
    }

    /// The ids under which this session may have been revoked: its own and its provider's.
    pub fn revocable(&self) -> impl Iterator<Item = SessionId> + '_ {
        let sid = self.person.as_ref().and_then(|person| person.sid);
        std::iter::once(self.id).chain(sid)
    }

    /// What the policy knows of it, but for the network that the request came from.
    #[must_use]
    pub fn principal(&self) -> Principal {
        Principal {
            person: self.person.as_ref().map(|person| Person {
                key: person.key.clone(),
                kind: person.kind.clone(),
                authenticated_at: person.authenticated_at,
                assurance: person.assurance(),
            }),
            links: self.links.clone(),
            address_proven: false,
            client: Client {
                last_used: Some(self.sealed_at),
                ..Client::default()
            },
        }
    }
}

impl SessionPerson {
    /// What the provider said that was shown. What it did not say was not shown.
    fn assurance(&self) -> Assurance {
        Assurance {
            mfa_at_home: self.amr.iter().any(|method| method == "mfa"),
            contexts: self.contexts.iter().cloned().collect(),
            ..Assurance::default()
        }
    }
}

/// The name under which all sessions that came of one session at an identity provider can be revoked, without
/// keeping a list of them.
#[must_use]
pub fn provider_session(provider: &ProviderId, issuer: &str, sid: &str) -> SessionId {
    let hash = text::hash(&[
        b"vestibule provider session v1",
        provider.as_str().as_bytes(),
        issuer.as_bytes(),
        sid.as_bytes(),
    ]);
    let mut id = [0; 16];
    id.iter_mut().zip(hash).for_each(|(to, from)| *to = from);
    SessionId(id)
}

/// Seals `session` for `host`: the value of [`COOKIE`].
///
/// # Errors
/// [`NotSealed`], also when the session is larger than [`MAX_SEALED`], which those made by a sign-in never are.
pub fn seal(session: &Session, host: &str, keys: &Keyring) -> Result<String, NotSealed> {
    let sealed = keys.seal(PURPOSE, host, &payload::write(session)?)?;
    if sealed.len() > MAX_SEALED {
        return Err(NotSealed::Failed);
    }
    Ok(sealed)
}

/// Opens what [`seal`] made.
///
/// - `sealed`: attacker-controlled, of any length.
/// - `host`: canonical, without port.
///
/// # Errors
/// [`Unsealed`].
pub fn open(
    sealed: &str,
    host: &str,
    keys: &Keyring,
    idle: Duration,
    now: UnixTime,
) -> Result<Session, Unsealed> {
    if sealed.len() > MAX_SEALED {
        return Err(Unsealed::Forged);
    }
    let payload = keys.unseal(PURPOSE, host, sealed).ok_or(Unsealed::Forged)?;
    let session = payload::read(&payload).ok_or(Unsealed::Forged)?;
    if now >= session.expires {
        return Err(Unsealed::Expired);
    }
    let idle = i64::try_from(idle.as_secs()).unwrap_or(i64::MAX);
    if now >= session.sealed_at.plus(idle) {
        return Err(Unsealed::Idle);
    }
    Ok(session)
}

/// Whether `session` is to be sealed again, so that its idle time starts anew.
///
/// - `sign_out_after`: the tenant's own idle time in seconds. It is kept to within a tenth.
#[must_use]
pub fn needs_reseal(session: &Session, sign_out_after: Option<u32>, now: UnixTime) -> bool {
    let tenth = sign_out_after.map(|seconds| i64::from(seconds / 10));
    now.since(session.sealed_at) >= tenth.unwrap_or(RESEAL_AFTER).min(RESEAL_AFTER)
}

#[cfg(test)]
mod tests;
