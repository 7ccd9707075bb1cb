//! Sessions and people that are not honoured any more, at one moment.

use std::collections::HashMap;
use std::sync::Arc;

use gateway_core::id::TenantId;
use gateway_core::person::IdentityKey;
use gateway_core::time::UnixTime;

use crate::model::{Revocation, Revoked, SessionId};

/// Which sessions were revoked, at one moment. Held in memory whole, for what is revoked is soon over.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Revocations {
    sessions: Arc<HashMap<SessionId, Memory>>,
    people: Arc<HashMap<TenantId, HashMap<IdentityKey, Memory>>>,
}

/// When something was revoked, and until when that is remembered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Memory {
    at: UnixTime,
    until: Option<UnixTime>,
}

impl Revocations {
    /// Whether that very session was revoked.
    #[must_use]
    pub fn session_revoked(&self, session: &SessionId) -> bool {
        self.sessions.contains_key(session)
    }

    /// Whether any session was revoked.
    #[must_use]
    pub fn has_revoked_sessions(&self) -> bool {
        !self.sessions.is_empty()
    }

    /// When `session` was revoked: whatever it stands for may begin anew afterwards, as a session at a provider may.
    /// None when it was not.
    #[must_use]
    pub fn session_revoked_at(&self, session: &SessionId) -> Option<UnixTime> {
        self.sessions.get(session).map(|memory| memory.at)
    }

    /// The first second in which a session of the person may have begun and still counts: one that began
    /// earlier is dead. None when nothing was revoked.
    #[must_use]
    pub fn sessions_valid_from(&self, tenant: &TenantId, key: &IdentityKey) -> Option<UnixTime> {
        let memory = self.people.get(tenant)?.get(key)?;
        Some(memory.at.plus(1))
    }

    /// Adds it, if it is about sessions.
    pub(super) fn revoke(&mut self, revocation: &Revocation) {
        let memory = Memory {
            at: revocation.at,
            until: revocation.until,
        };
        match &revocation.what {
            Revoked::Session(session) => {
                let sessions = Arc::make_mut(&mut self.sessions);
                sessions
                    .entry(*session)
                    .and_modify(|known| known.merge(memory))
                    .or_insert(memory);
            }
            Revoked::Person(tenant, key) => {
                let people = Arc::make_mut(&mut self.people)
                    .entry(tenant.clone())
                    .or_default();
                people
                    .entry(key.clone())
                    .and_modify(|known| known.merge(memory))
                    .or_insert(memory);
            }
            Revoked::Link(..) | Revoked::Guest(..) => {}
        }
    }

    /// Forgets revoked sessions that would be dead at `now` anyway.
    pub(super) fn forget(&mut self, now: UnixTime) {
        Arc::make_mut(&mut self.sessions).retain(|_, memory| memory.holds(now));
        Arc::make_mut(&mut self.people).retain(|_, people| {
            people.retain(|_, memory| memory.holds(now));
            !people.is_empty()
        });
    }
}

impl Memory {
    /// The stricter of both: the later moment, the longer memory. The store does the same.
    fn merge(&mut self, other: Self) {
        self.at = self.at.max(other.at);
        self.until = self
            .until
            .zip(other.until)
            .map(|(mine, theirs)| mine.max(theirs));
    }

    fn holds(&self, now: UnixTime) -> bool {
        self.until.is_none_or(|until| until > now)
    }
}
