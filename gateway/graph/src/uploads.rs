//! Uploads in parts: what has come of each one, in a file of its own, until it is whole.
//!
//! Upstreams take an item in one request, so that the parts wait here. They live at this gateway alone, in a folder that is
//! closed to others; a file is gone when its upload is whole, is given up, is over, or is no longer allowed, and what a
//! gateway left behind is gone when the next one starts. Nothing of it has to outlive a crash: clients begin again.

mod folder;
mod room;
mod session;

use std::collections::HashMap;
use std::io;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use aws_lc_rs::digest::{SHA256, digest};
use gateway_config::model::Uploads as Limits;
use gateway_core::time::UnixTime;

use folder::Folder;
use room::Room;
pub(crate) use session::{Begun, Done, NotReceived, Part, Session, Turn};

/// Longest life of an upload, in seconds, however steadily its parts come: a day.
pub const LONGEST: i64 = 24 * 60 * 60;

/// Seconds for which an upload that is whole answers whoever did not hear of it.
const REMEMBERED: i64 = 5 * 60;

/// The uploads of a gateway that have begun.
pub struct Uploads {
    limits: Limits,
    folder: Arc<Folder>,
    room: Arc<Room>,
    /// By the hash of their token: the token itself is the client's alone.
    sessions: Mutex<HashMap<Vec<u8>, Arc<Session>>>,
}

/// Why an upload cannot begin.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Full {
    /// The caller has begun as many as one may.
    Person,
    /// The callers of the tenant have.
    Tenant,
}

impl Uploads {
    /// Makes the folder, and removes what gateways that are gone left in it. One for the life of the listener.
    ///
    /// # Errors
    /// The folder cannot be made, or cannot be written to.
    pub fn open(limits: Limits) -> io::Result<Self> {
        Ok(Self {
            folder: Arc::new(Folder::open(&limits.folder)?),
            room: Arc::new(Room::new(limits.total_bytes)),
            limits,
            sessions: Mutex::default(),
        })
    }

    /// Forgets what is over by `now`, with its file.
    pub fn sweep(&self, now: UnixTime) {
        self.all().retain(|_, session| !session.is_over(now));
    }

    /// Bytes of one upload, at most.
    pub(crate) const fn most(&self) -> u64 {
        self.limits.session_bytes
    }

    /// Begins an upload.
    ///
    /// # Errors
    /// [`Full`].
    pub(crate) fn begin(&self, token: &str, begun: Begun, now: UnixTime) -> Result<UnixTime, Full> {
        self.sweep(now);
        let mut sessions = self.all();
        let running = sessions.values().filter(|session| !session.is_whole());
        let (mut of_tenant, mut of_person) = (0, 0);
        for session in running {
            let caller = &session.begun.caller;
            if caller.tenant == begun.caller.tenant {
                of_tenant += 1;
                of_person += usize::from(caller.actor == begun.caller.actor);
            }
        }
        if of_person >= self.limits.sessions_per_person {
            return Err(Full::Person);
        }
        if of_tenant >= self.limits.sessions_per_tenant {
            return Err(Full::Tenant);
        }
        let session = Session::new(begun, &self.folder, &self.room, now);
        let expires = session.wait(now, self.lifetime());
        sessions.insert(key(token), Arc::new(session));
        Ok(expires)
    }

    /// The upload of that token, where it is not over.
    pub(crate) fn find(&self, token: &str, now: UnixTime) -> Option<Arc<Session>> {
        let key = key(token);
        let mut sessions = self.all();
        let session = Arc::clone(sessions.get(&key)?);
        if session.is_over(now) {
            sessions.remove(&key);
            return None;
        }
        Some(session)
    }

    /// Lets the upload wait for its next part. Returns until when.
    pub(crate) fn wait(&self, session: &Session, now: UnixTime) -> UnixTime {
        session.wait(now, self.lifetime())
    }

    /// Ends an upload: what is receiving it stops, and its file is gone afterwards.
    pub(crate) async fn end(&self, token: &str) {
        let ended = self.all().remove(&key(token));
        if let Some(session) = ended {
            session.end().await;
        }
    }

    fn lifetime(&self) -> i64 {
        i64::try_from(self.limits.lifetime.as_secs()).unwrap_or(LONGEST)
    }

    fn all(&self) -> MutexGuard<'_, HashMap<Vec<u8>, Arc<Session>>> {
        self.sessions.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// How many bytes wait.
    #[cfg(test)]
    pub(crate) fn waiting(&self) -> u64 {
        self.room.used()
    }

    /// How many files there are.
    #[cfg(test)]
    pub(crate) fn files(&self) -> Vec<std::path::PathBuf> {
        self.folder.files()
    }
}

fn key(token: &str) -> Vec<u8> {
    digest(&SHA256, token.as_bytes()).as_ref().to_vec()
}

#[cfg(test)]
mod tests;
