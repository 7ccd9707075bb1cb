//! A pending sign-in: what is kept of it, and the cookie that binds it to one browser.
//!
//! Invariants: an attempt is begun by a form that was posted and never by a request that strayed in; it works in the
//! browser, on the host, for the tenant and the provider it was begun with, under the configuration it was begun
//! under, other providers' aside; every transition advances its sequence by compare-and-swap.

mod arrival;
mod cookie;

use gateway_core::id::LinkId;
use gateway_core::time::UnixTime;
use gateway_store::model::SessionId;
use plugins_sdk::message::Form;
use serde::{Deserialize, Serialize};

pub(crate) use arrival::Arrival;
pub use arrival::is_context;
pub(crate) use cookie::Browser;

use crate::demand::Demand;
use crate::session::Session;
use crate::text;

/// Attempts that one browser may have at a time; the oldest is dropped.
pub(crate) const PER_BROWSER: usize = 16;

/// What an attempt remembers beside its row.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Progress {
    /// The origin it was begun on: callbacks are told this one.
    pub(crate) origin: String,
    /// The session the browser had.
    pub(crate) previous: Option<Previous>,
    /// What it must show.
    pub(crate) demand: Demand,
    pub(crate) waiting: Waiting,
}

/// What an attempt waits for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Waiting {
    /// For the provider plugin; nothing from outside is taken now.
    Step,
    /// For the identity provider to send the browser back.
    Callback {
        /// The plugin's.
        state: String,
    },
    /// For a form of the provider.
    Submit {
        /// The plugin's.
        state: String,
        form: Form,
        submits: u8,
    },
    /// For the person's consent.
    Consent(Arrival),
}

/// A session that the new one replaces. Kept from the first form on, because a form that an identity provider lets the browser
/// post comes without the session's cookie, which is `SameSite=Lax`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Previous {
    id: String,
    expires: i64,
    links: Vec<String>,
}

impl Progress {
    /// The JSON that the row holds.
    pub(crate) fn write(&self) -> String {
        // Strings, numbers and lists of them: there is nothing that JSON cannot hold.
        serde_json::to_string(self).unwrap_or_default()
    }

    pub(crate) fn read(state: &str) -> Option<Self> {
        serde_json::from_str(state).ok()
    }

    /// The same attempt, waiting for something else.
    pub(crate) fn wait_for(&self, waiting: Waiting) -> Self {
        Self {
            origin: self.origin.clone(),
            previous: self.previous.clone(),
            demand: self.demand.clone(),
            waiting,
        }
    }
}

impl Previous {
    pub(crate) fn of(session: &Session) -> Self {
        Self {
            id: text::encode(&session.id.0),
            expires: session.expires.0,
            links: session
                .links
                .iter()
                .map(|link| link.as_str().to_owned())
                .collect(),
        }
    }

    pub(crate) fn id(&self) -> Option<SessionId> {
        text::decode_exactly(&self.id).map(SessionId)
    }

    pub(crate) const fn expires(&self) -> UnixTime {
        UnixTime(self.expires)
    }

    pub(crate) fn links(&self) -> impl Iterator<Item = LinkId> + '_ {
        self.links
            .iter()
            .filter_map(|link| LinkId::parse(link).ok())
    }
}
