//! What is remembered between steps. The gateway keeps it on the server, bound to the attempt.

use plugins_sdk::limits::STATE_BYTES;
use plugins_sdk::message::{Claims, Input};
use serde::{Deserialize, Serialize};

use crate::departure::Departure;
use crate::discovery::Discovery;
use crate::exchange::Tokens;
use crate::rejection::NotSignedIn;

/// What the gateway asked for when the sign-in started.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Wish {
    /// The address that the person typed: a hint, never proof.
    pub address: Option<String>,
    /// Whether the provider must ask for the credential again.
    pub fresh: bool,
    /// Authentication contexts that must be satisfied.
    pub contexts: Vec<String>,
    /// Whether a second factor must be asked for.
    #[serde(default)]
    pub second_factor: bool,
}

/// Where a sign-in stands, and what is being waited for.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "phase")]
pub(crate) enum Phase {
    /// For the discovery document.
    Discovering { wish: Wish },
    /// For the browser to come back.
    AtProvider(Transaction),
    /// For the token endpoint's answer.
    Exchanging(Transaction),
    /// For the key set.
    Verifying {
        transaction: Transaction,
        tokens: Tokens,
        /// Whether the key set was asked for afresh already.
        revalidated: bool,
    },
    /// For the document of the person's tenant.
    Locating { claims: Claims },
    /// For the UserInfo endpoint's answer.
    Completing { claims: Claims, subject: String },
    /// For what somebody's leaving needs.
    Leaving(Departure),
}

/// One authorization request.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Transaction {
    pub(crate) wish: Wish,
    pub(crate) discovery: Discovery,
    pub(crate) nonce: String,
    pub(crate) verifier: String,
    /// Seconds since the Unix epoch at which the browser was sent away.
    pub(crate) started_at: i64,
    /// `iss` of the authorization response (RFC 9207), once it is there.
    pub(crate) answered_by: Option<String>,
}

impl Phase {
    pub(crate) fn of(input: &Input) -> Result<Self, NotSignedIn> {
        let state = input.state.as_deref().ok_or(NotSignedIn::UnexpectedEvent)?;
        serde_json::from_str(state).map_err(|_| NotSignedIn::StateUnreadable)
    }

    pub(crate) fn into_state(self) -> Result<String, NotSignedIn> {
        let state = serde_json::to_string(&self).map_err(|_| NotSignedIn::StateUnreadable)?;
        if state.len() > STATE_BYTES {
            return Err(NotSignedIn::StateTooLarge);
        }
        Ok(state)
    }
}
