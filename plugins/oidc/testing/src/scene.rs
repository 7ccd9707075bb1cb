//! One sign-in from start to end.

use std::collections::BTreeMap;
use std::fmt;

use plugins_sdk::Provider;
use plugins_sdk::message::{
    Claims, Event, FetchMethod, FetchRequest, Fields, Freshness, RejectReason, Step,
};
use plugins_sdk::testing::{Driver, input};
use serde_json::{Value, json};
use url::Url;

use crate::keys::{self, base64, sha256};
use crate::token::Token;

/// The second at which every scene starts.
pub const NOW: i64 = 1_800_000_000;
/// Seconds that the person spends at the provider.
const AWAY: i64 = 30;
/// A provider that needs more steps than this is going in circles.
const MOST_STEPS: usize = 10;

/// Changes the token endpoint's status and answer.
type ChangeAnswer = dyn Fn(&mut u16, &mut Value);

/// One sign-in. As made by [`Scene::new`] it ends in claims.
pub struct Scene {
    /// What the gateway asks for.
    pub start: Event,
    /// The discovery document.
    pub document: Value,
    /// The key set as cached.
    pub keys: Vec<Value>,
    /// The key set when it is asked for afresh; as cached if `None`.
    pub fresh_keys: Option<Vec<Value>>,
    /// The token; `nonce` and `at_hash` are added to it.
    pub token: Token,
    /// Spoils the finished token.
    pub spoil: Box<dyn Fn(&mut Token)>,
    /// Changes the query that the browser brings back.
    pub answer: Box<dyn Fn(&mut Fields)>,
    /// Changes the token endpoint's answer.
    pub token_answer: Box<ChangeAnswer>,
    /// Status of the discovery document and key set.
    pub document_status: u16,
    /// Status and answer of the UserInfo endpoint.
    pub user_info: (u16, Value),
    /// Further documents, by their URLs.
    pub further: BTreeMap<String, (u16, Value)>,
}

/// The access token that every scene gives.
pub const ACCESS_TOKEN: &str = "an access token";

impl fmt::Debug for Scene {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Scene")
    }
}

/// How a scene went.
#[derive(Debug)]
pub struct Played {
    /// Where the browser was sent.
    pub redirect: Option<Url>,
    /// What was fetched.
    pub fetches: Vec<(FetchRequest, Freshness)>,
    /// All states that the provider kept, as text.
    pub states: Vec<String>,
    /// The token that was given.
    pub token: Option<String>,
    /// The last step.
    pub end: Step,
}

impl Played {
    /// A parameter of the authorization request.
    #[must_use]
    pub fn parameter(&self, name: &str) -> Option<String> {
        let mut pairs = self.redirect.as_ref()?.query_pairs();
        pairs
            .find(|(key, _)| key == name)
            .map(|(_, value)| value.into_owned())
    }

    /// What was fetched beyond the discovery document, the keys and the tokens of `scene`.
    #[must_use]
    pub fn fetched_beyond(&self, scene: &Scene) -> Vec<&str> {
        let usual = ["jwks_uri", "token_endpoint"].map(|member| scene.document.get(member));
        let fetched = self.fetches.iter().skip(1);
        fetched
            .map(|(request, _)| request.url.as_str())
            .filter(|url| {
                !usual
                    .iter()
                    .any(|known| known.and_then(Value::as_str) == Some(url))
            })
            .collect()
    }

    /// A field of the token request's body.
    #[must_use]
    pub fn token_request_field(&self, name: &str) -> Option<String> {
        let (request, _) = self
            .fetches
            .iter()
            .find(|(request, _)| request.method == FetchMethod::Post)?;
        let body = request.body.as_deref()?;
        let url = Url::parse(&format!("https://body.invalid/?{body}")).ok()?;
        url.query_pairs()
            .find(|(key, _)| key == name)
            .map(|(_, value)| value.into_owned())
    }
}

impl Scene {
    /// A good sign-in.
    ///
    /// - `origin`: the provider's origin, without trailing slash; all its endpoints are there.
    /// - `issuer`: as the discovery document prints it.
    /// - `claims`: of the good token. `iat`, `nbf`, `exp`, `nonce`, `at_hash` and `auth_time` are added.
    #[must_use]
    pub fn new(origin: &str, issuer: &str, claims: Value) -> Self {
        let mut token = Token::new(claims);
        token.claim("iat", NOW + AWAY);
        token.claim("nbf", NOW + AWAY);
        token.claim("exp", NOW + AWAY + 3600);
        token.claim("auth_time", NOW + AWAY - 5);
        Self {
            start: start(None),
            document: document(origin, issuer),
            keys: vec![keys::rsa_jwk(keys::RSA), keys::ec_jwk(keys::EC)],
            fresh_keys: None,
            token,
            spoil: Box::new(|_| {}),
            answer: Box::new(|_| {}),
            token_answer: Box::new(|_, _| {}),
            document_status: 200,
            user_info: (404, json!({})),
            further: BTreeMap::new(),
        }
    }

    /// Starts with an address.
    #[must_use]
    pub fn with_address(mut self, address: &str) -> Self {
        self.start = start(Some(address));
        self
    }

    /// Gives every key of the set an `issuer` of its own.
    #[must_use]
    pub fn with_key_issuer(mut self, issuer: &str) -> Self {
        for key in &mut self.keys {
            if let Value::Object(members) = key {
                members.insert("issuer".to_owned(), issuer.into());
            }
        }
        self
    }

    /// Plays the scene to its end.
    ///
    /// # Panics
    /// If the provider breaks the contract or does not come to an end.
    pub fn play<P: Provider>(&self, driver: &Driver<P>) -> Played {
        let mut played = Played {
            redirect: None,
            fetches: Vec::new(),
            states: Vec::new(),
            token: None,
            end: step(driver, self.start.clone(), None, NOW),
        };
        for _ in 0..MOST_STEPS {
            let (event, state) = match played.end.clone() {
                Step::Fetch {
                    request,
                    freshness,
                    state,
                } => {
                    let event = self.respond(&request, freshness, &mut played);
                    played.fetches.push((request, freshness));
                    (event, state)
                }
                Step::Redirect { url, state } => {
                    let url = Url::parse(&url).expect("a redirect goes to a URL");
                    played.redirect = Some(url);
                    (self.callback(&played), state)
                }
                Step::Done { .. } | Step::Reject { .. } => return played,
                other => panic!("not a step of this walk: {other:?}"),
            };
            played.states.push(state.clone());
            let now = if played.redirect.is_some() {
                NOW + AWAY
            } else {
                NOW
            };
            played.end = step(driver, event, Some(state), now);
        }
        panic!("no end after {MOST_STEPS} steps");
    }

    fn callback(&self, played: &Played) -> Event {
        let mut query = Fields::from([("code".to_owned(), "the-code".to_owned())]);
        if let Some(state) = played.parameter("state") {
            query.insert("state".to_owned(), state);
        }
        (self.answer)(&mut query);
        Event::Callback {
            query,
            form: Fields::new(),
            raw_query: None,
        }
    }

    fn respond(&self, request: &FetchRequest, freshness: Freshness, played: &mut Played) -> Event {
        if request.method == FetchMethod::Post {
            return self.tokens(played);
        }
        if self.document.get("userinfo_endpoint") == Some(&request.url.clone().into()) {
            let (status, info) = &self.user_info;
            return response(*status, info);
        }
        // What is asked for first is always the discovery document.
        let further = self.further.get(&request.url);
        if let Some((status, document)) = further.filter(|_| !played.fetches.is_empty()) {
            return response(*status, document);
        }
        let keys = match (&self.fresh_keys, freshness) {
            (Some(fresh), Freshness::Revalidate) => fresh,
            _ => &self.keys,
        };
        let is_keys = self.document.get("jwks_uri") == Some(&request.url.clone().into());
        let body = if is_keys {
            json!({ "keys": keys })
        } else {
            self.document.clone()
        };
        response(self.document_status, &body)
    }

    fn tokens(&self, played: &mut Played) -> Event {
        let hash = sha256(ACCESS_TOKEN.as_bytes());
        let half = hash.get(..16).expect("SHA-256 has 32 bytes");
        let mut token = self.token.clone();
        token.claim("nonce", played.parameter("nonce").unwrap_or_default());
        token.claim("at_hash", base64(half));
        (self.spoil)(&mut token);
        let text = token.text();
        played.token = Some(text.clone());
        let mut status = 200;
        let mut body = json!({
            "access_token": ACCESS_TOKEN,
            "token_type": "Bearer",
            "expires_in": 3600,
            "id_token": text,
        });
        (self.token_answer)(&mut status, &mut body);
        response(status, &body)
    }
}

/// The claims at the end of a good scene.
///
/// # Panics
/// If it did not end in claims.
#[track_caller]
pub fn assert_done(played: Played) -> Claims {
    match played.end {
        Step::Done { claims, .. } => claims,
        other => panic!("not signed in: {other:?}"),
    }
}

/// Checks that a scene ended in a rejection, for this reason, and that neither token nor code is in its detail.
///
/// - `detail`: part of what the operator is told, so that another check does not do this one's work.
///
/// # Panics
/// If not.
#[track_caller]
pub fn assert_rejected(played: &Played, name: &str, reason: RejectReason, detail: &str) {
    let Step::Reject {
        reason: found,
        detail: told,
    } = &played.end
    else {
        panic!("{name}: not rejected: {:?}", played.end);
    };
    assert_eq!(*found, reason, "{name}: {told}");
    assert!(
        told.contains(detail),
        "{name}: `{told}` is not about `{detail}`"
    );
    assert!(
        !told.contains("the-code"),
        "{name}: `{told}` holds the code"
    );
    let token = played.token.as_deref().filter(|token| token.len() > 20);
    assert!(
        token.is_none_or(|token| !told.contains(token)),
        "{name}: the detail holds the token"
    );
}

fn start(address: Option<&str>) -> Event {
    Event::Start {
        address: address.map(str::to_owned),
        fresh: false,
        contexts: Vec::new(),
        second_factor: false,
    }
}

pub(crate) fn step<P: Provider>(
    driver: &Driver<P>,
    event: Event,
    state: Option<String>,
    now: i64,
) -> Step {
    driver
        .step(&input(event, state, now))
        .expect("the provider keeps to the contract")
}

pub(crate) fn response(status: u16, body: &Value) -> Event {
    Event::Response {
        status,
        headers: Fields::from([("content-type".to_owned(), "application/json".to_owned())]),
        body: body.to_string(),
        fetched_at: NOW,
    }
}

pub(crate) fn document(origin: &str, issuer: &str) -> Value {
    json!({
        "issuer": issuer,
        "authorization_endpoint": format!("{origin}/authorize"),
        "token_endpoint": format!("{origin}/token"),
        "jwks_uri": format!("{origin}/keys"),
        "response_types_supported": ["code"],
        "subject_types_supported": ["pairwise"],
        "id_token_signing_alg_values_supported": ["RS256", "HS256", "none"],
    })
}
