//! The session: one small sealed cookie, bound to its host, that dies when idle and at its end.
//!
//! The gateway keeps nothing about a living session but the hash of the provider's session it came of, if any. What ends
//! one early is what was revoked: [`Session::is_revoked`] asks.

mod cookie;
mod home;
pub(crate) mod payload;

use std::time::Duration;

use gateway_core::address::EmailAddress;
use gateway_core::assertion::EmailProof;
use gateway_core::id::{LinkId, ProviderKind, TenantId};
use gateway_core::person::{Assurance, Client, IdentityKey, Person, Principal};
use gateway_core::time::UnixTime;
use gateway_store::directory::Revocations;
use gateway_store::model::SessionId;

pub(crate) use cookie::header;
pub use cookie::{clear_cookie, cookie, set_cookie};
pub use home::{HomeSession, provider_session, provider_session_of, provider_subject};

use crate::keys::{Keyring, NotSealed};
use crate::random::{self, NoRandomness};

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
/// Longest JSON of the person, in bytes: with [`MAX_LINKS`] of the longest links it is within [`MAX_SEALED`].
const MAX_PERSON: usize = 2150;

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
    /// When it began: for a person when the provider vouched.
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
    /// The provider's session.
    pub sid: Option<HomeSession>,
    /// What the provider wants to be given when the person signs out; at most
    /// [`LOGOUT_HINT_BYTES`](plugins_sdk::limits::LOGOUT_HINT_BYTES).
    pub logout_hint: Option<String>,
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

    /// Whether it was ended early: itself; or, if it had begun by then, all sessions of its person at the tenant, of the
    /// provider's session it came of, or of its subject at the provider.
    #[must_use]
    pub fn is_revoked(&self, revocations: &Revocations) -> bool {
        let gone = |id| {
            let at = revocations.session_revoked_at(&id);
            at.is_some_and(|at| self.started <= at)
        };
        let Some(person) = &self.person else {
            return revocations.session_revoked(&self.id);
        };
        let valid_from = revocations.sessions_valid_from(&self.tenant, &person.key);
        revocations.session_revoked(&self.id)
            || valid_from.is_some_and(|valid_from| self.started < valid_from)
            // Names are hashed only where there is something to find.
            || (revocations.has_revoked_sessions() && person.home_names().any(gone))
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
    /// Whether the person came by a passcode: no provider has a session of theirs.
    #[must_use]
    pub fn by_passcode(&self) -> bool {
        self.kind.as_str() == "email-otp" || self.proof == EmailProof::Mailbox
    }

    /// The person with nothing that does not fit a cookie. The hint for signing out goes first, then the name of the
    /// provider's session, which can be revoked by its hash all the same.
    pub(crate) fn fitted(mut self) -> Self {
        if payload::person_length(&self) > MAX_PERSON {
            self.logout_hint = None;
        }
        if payload::person_length(&self) > MAX_PERSON
            && let Some(home) = &mut self.sid
        {
            home.sid = None;
        }
        self
    }

    /// The names, beside its own, under which providers end the sessions of this person.
    fn home_names(&self) -> impl Iterator<Item = SessionId> + '_ {
        let key = &self.key;
        let subject = provider_subject(&key.provider, &key.issuer, &key.subject);
        let home = self.sid.as_ref().map(|home| home.id).into_iter();
        let both = home.flat_map(|id| [id, provider_session_of(&id, &key.subject)]);
        std::iter::once(subject).chain(both)
    }

    /// What the provider said that was shown. What it did not say was not shown.
    fn assurance(&self) -> Assurance {
        Assurance {
            mfa_at_home: self.amr.iter().any(|method| method == "mfa"),
            contexts: self.contexts.iter().cloned().collect(),
            ..Assurance::default()
        }
    }
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
