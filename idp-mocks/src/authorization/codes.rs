//! Authorization codes: random, short-lived, good for one use.

use std::collections::{HashMap, HashSet};

use aws_lc_rs::rand;

use super::request::AuthorizationRequest;
use crate::clock;
use crate::jose::base64url;
use crate::shared::Guarded;
use crate::world::Person;

/// How long a code lives, in seconds.
const LIFETIME: u64 = 600;

/// What a code stands for.
#[derive(Clone)]
pub(crate) struct Grant {
    pub(crate) client_id: String,
    pub(crate) redirect_uri: String,
    pub(crate) code_challenge: String,
    pub(crate) nonce: String,
    pub(crate) scope: Vec<String>,
    pub(crate) max_age: Option<u64>,
    pub(crate) person: Person,
    /// When the person signed in, in seconds since the epoch.
    pub(crate) at: u64,
}

impl Grant {
    pub(super) fn new(wish: &AuthorizationRequest, person: &Person) -> Self {
        Self {
            client_id: wish.client_id.clone(),
            redirect_uri: wish.redirect_uri.clone(),
            code_challenge: wish.code_challenge.clone(),
            nonce: wish.nonce.clone(),
            scope: wish.scope.clone(),
            max_age: wish.max_age,
            person: person.clone(),
            at: clock::now(),
        }
    }

    pub(crate) fn has_scope(&self, word: &str) -> bool {
        self.scope.iter().any(|granted| granted == word)
    }
}

/// The codes of one listener that nobody has redeemed yet, and the ids of the assertions that clients have used.
pub(crate) struct Codes(Guarded<HashMap<String, Grant>>, Guarded<HashSet<String>>);

impl Codes {
    pub(crate) fn new() -> Self {
        Self(Guarded::new(HashMap::new()), Guarded::new(HashSet::new()))
    }

    pub(super) fn issue(&self, grant: Grant) -> String {
        let code = random();
        let mut grants = self.0.lock();
        grants.retain(|_, old| grant.at < old.at + LIFETIME);
        grants.insert(code.clone(), grant);
        code
    }

    /// Whether an assertion's id is new; from then on it is not.
    pub(super) fn is_new(&self, id: &str) -> bool {
        self.1.lock().insert(id.to_owned())
    }

    /// The code is gone afterwards, whatever becomes of the redemption.
    pub(super) fn take(&self, code: &str) -> Option<Grant> {
        let grant = self.0.lock().remove(code)?;
        (clock::now() < grant.at + LIFETIME).then_some(grant)
    }
}

/// 256 random bits as text.
pub(crate) fn random() -> String {
    let mut bytes = [0; 32];
    // The source never fails once the process has come this far; zeros would only make a poor mock code.
    if rand::fill(&mut bytes).is_err() {
        tracing::warn!("The system gave no random bytes");
    }
    base64url(&bytes)
}
