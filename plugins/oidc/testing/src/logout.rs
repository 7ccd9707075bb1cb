//! Logout tokens: a good request to end sessions, and bad ones, each one change away from it.

#![expect(
    clippy::semicolon_if_nothing_returned,
    reason = "the rows of a table are expressions"
)]

use plugins_sdk::Provider;
use plugins_sdk::message::{Event, FetchRequest, Fields, Freshness, RejectReason, Step};
use plugins_sdk::testing::Driver;
use serde_json::{Value, json};

use crate::corpus::{ALGORITHMS, HEADERS, Row, SHAPES, append};
use crate::keys;
use crate::scene::{NOW, Played, Scene, assert_rejected, document, response, step};
use crate::token::Token;

/// The member of `events` that makes a token a logout token.
pub const EVENT: &str = "http://schemas.openid.net/event/backchannel-logout";
/// A provider that needs more steps than this is going in circles.
const MOST_STEPS: usize = 6;

/// One request to end sessions, which arrives at [`NOW`]. As made by [`Logout::new`] it ends them.
#[derive(Debug)]
pub struct Logout {
    /// The discovery document.
    pub document: Value,
    /// The key set as cached.
    pub keys: Vec<Value>,
    /// The key set when it is asked for afresh; as cached if `None`.
    pub fresh_keys: Option<Vec<Value>>,
    /// Status of the discovery document.
    pub document_status: u16,
    /// Status of the key set.
    pub keys_status: u16,
    /// The token.
    pub token: Token,
}

impl Logout {
    /// A good logout token, of the provider of [`Scene::new`].
    ///
    /// - `claims`: `iat`, `exp`, `jti` and `events` are added.
    #[must_use]
    pub fn new(origin: &str, issuer: &str, claims: Value) -> Self {
        let mut token = Token::new(claims);
        token.header("typ", "logout+jwt");
        token.claim("iat", NOW);
        token.claim("exp", NOW + 120);
        token.claim("jti", "jti-1");
        token.claim("events", json!({ EVENT: {} }));
        Self {
            document: document(origin, issuer),
            keys: vec![keys::rsa_jwk(keys::RSA), keys::ec_jwk(keys::EC)],
            fresh_keys: None,
            document_status: 200,
            keys_status: 200,
            token,
        }
    }

    /// Takes over the keys of a scene.
    #[must_use]
    pub fn with_keys_of(mut self, scene: &Scene) -> Self {
        self.keys.clone_from(&scene.keys);
        self
    }

    /// Posts the token.
    ///
    /// # Panics
    /// If the provider breaks the contract or does not come to an end.
    pub fn play<P: Provider>(&self, driver: &Driver<P>) -> Played {
        let token = self.token.text();
        let form = Fields::from([("logout_token".to_owned(), token.clone())]);
        let mut played = self.request(driver, Fields::new(), form);
        played.token = Some(token);
        played
    }

    /// Sends any request to the logout address.
    ///
    /// # Panics
    /// As [`Logout::play`].
    pub fn request<P: Provider>(&self, driver: &Driver<P>, query: Fields, form: Fields) -> Played {
        let raw_query = None;
        let event = Event::LogoutRequest {
            query,
            form,
            raw_query,
        };
        self.follow(driver, event)
    }

    /// Lets the provider answer an event, with documents where it wants them.
    ///
    /// # Panics
    /// As [`Logout::play`].
    pub fn follow<P: Provider>(&self, driver: &Driver<P>, event: Event) -> Played {
        let mut played = Played {
            redirect: None,
            fetches: Vec::new(),
            states: Vec::new(),
            token: None,
            end: step(driver, event, None, NOW),
        };
        for _ in 0..MOST_STEPS {
            let Step::Fetch {
                request,
                freshness,
                state,
            } = played.end.clone()
            else {
                return played;
            };
            let event = self.respond(&request, freshness);
            played.fetches.push((request, freshness));
            played.states.push(state.clone());
            played.end = step(driver, event, Some(state), NOW);
        }
        panic!("no end after {MOST_STEPS} steps");
    }

    fn respond(&self, request: &FetchRequest, freshness: Freshness) -> Event {
        let keys = match (&self.fresh_keys, freshness) {
            (Some(fresh), Freshness::Revalidate) => fresh,
            _ => &self.keys,
        };
        let is_keys = self.document.get("jwks_uri") == Some(&request.url.clone().into());
        if is_keys {
            response(self.keys_status, &json!({ "keys": keys }))
        } else {
            response(self.document_status, &self.document)
        }
    }
}

/// Plays a good request, which must end sessions, and the same with each bad token, which must not.
///
/// - `logout`: makes the good request, with `sub` and `sid`. Its provider is registered as client `client` and allows
///   60 seconds of difference between clocks.
///
/// # Panics
/// If a bad token is accepted, or refused for another reason than what is wrong with it.
pub fn replay<P: Provider>(driver: &Driver<P>, logout: impl Fn() -> Logout) {
    let good = logout().play(driver);
    assert!(matches!(good.end, Step::Ended { .. }), "{:?}", good.end);
    // What is said there of an ID token is not so of this one, and is said below.
    let of_any_token = |(name, _, _): &&Row| {
        let other = ["sub ", "nonce ", "a logout token"];
        !other.iter().any(|other| name.starts_with(other))
    };
    let shared = [ALGORITHMS, HEADERS, SHAPES].concat();
    let shared = shared.iter().filter(of_any_token);
    let rows: Vec<&Row> = shared.chain(WORDS).chain(PARTIES).chain(TIMES).collect();
    assert!(rows.len() >= 75, "the corpus has shrunk to {}", rows.len());
    for (name, detail, change) in rows {
        let mut bad = logout();
        change(&mut bad.token);
        let reason = match *detail {
            "expired" => RejectReason::CredentialInvalid,
            _ => RejectReason::AnswerInvalid,
        };
        assert_rejected(&bad.play(driver), name, reason, detail);
    }
}

/// S065: what a logout token must say, and must not.
const WORDS: &[Row] = &[
    ("typ id_token", "another type", |token| {
        token.header("typ", "id_token+jwt")
    }),
    ("typ empty", "another type", |token| token.header("typ", "")),
    ("typ with a suffix", "another type", |token| {
        token.header("typ", "logout+jwt2")
    }),
    ("events missing", "`events`", |token| {
        token.without_claim("events")
    }),
    ("events null", "`events`", |token| {
        token.claim("events", Value::Null)
    }),
    ("events empty", "`events`", |token| {
        token.claim("events", json!({}))
    }),
    ("another event", "`events`", |token| {
        token.claim(
            "events",
            json!({ "https://schemas.openid.net/secevent/caep/event-type/session-revoked": {} }),
        )
    }),
    ("event with a suffix", "`events`", |token| {
        token.claim("events", json!({ format!("{EVENT}2"): {} }))
    }),
    ("event null", "`events`", |token| {
        token.claim("events", json!({ EVENT: null }))
    }),
    ("event true", "claims", |token| {
        token.claim("events", json!({ EVENT: true }))
    }),
    ("events a list", "claims", |token| {
        token.claim("events", json!([EVENT]))
    }),
    ("events text", "claims", |token| {
        token.claim("events", EVENT)
    }),
    ("event twice", "claims", |token| {
        token.rewrite_claims = |json| {
            json.replacen(
                r#""events":{"#,
                &format!(r#""events":{{"{EVENT}":{{}},"#),
                1,
            )
        };
    }),
    ("nonce there", "`nonce` must not be there", |token| {
        token.claim("nonce", "n")
    }),
    ("nonce there, null", "`nonce` must not be there", |token| {
        token.claim("nonce", Value::Null)
    }),
    ("jti missing", "`jti`", |token| token.without_claim("jti")),
    ("jti null", "`jti`", |token| token.claim("jti", Value::Null)),
    ("jti empty", "`jti`", |token| token.claim("jti", "")),
    ("jti a number", "claims", |token| token.claim("jti", 1)),
    ("jti twice", "claims", |token| {
        token.rewrite_claims = |json| json.replacen('{', r#"{"jti":"other","#, 1);
    }),
    ("neither sub nor sid", "`sub`", |token| {
        token.without_claim("sub");
        token.without_claim("sid");
    }),
    ("sub and sid null", "`sub`", |token| {
        token.claim("sub", Value::Null);
        token.claim("sid", Value::Null);
    }),
    ("sub empty", "`sub`", |token| token.claim("sub", "")),
    ("sub too long", "`sub`", |token| {
        token.claim("sub", "s".repeat(256))
    }),
    ("sub twice", "claims", |token| {
        token.rewrite_claims = |json| json.replacen('{', r#"{"sub":"mallory","#, 1);
    }),
    ("sid empty", "`sid`", |token| token.claim("sid", "")),
    ("sid too long", "`sid`", |token| {
        token.claim("sid", "s".repeat(513))
    }),
    ("sid a number", "claims", |token| token.claim("sid", 1)),
    ("sid a list", "claims", |token| {
        token.claim("sid", json!(["s-1"]))
    }),
    ("sid twice", "claims", |token| {
        token.rewrite_claims = |json| json.replacen('{', r#"{"sid":"other","#, 1);
    }),
];

/// S065, S102: who says it, and to whom.
const PARTIES: &[Row] = &[
    ("iss missing", "claims", |token| token.without_claim("iss")),
    ("iss of somebody else", "issuer not trusted", |token| {
        token.claim("iss", "https://mallory.example")
    }),
    ("iss empty", "issuer not trusted", |token| {
        token.claim("iss", "")
    }),
    ("iss with a slash more", "issuer not trusted", |token| {
        append(token, "iss", "/")
    }),
    ("aud missing", "claims", |token| token.without_claim("aud")),
    ("aud of somebody else", "audience wrong", |token| {
        token.claim("aud", "mallory")
    }),
    ("aud an empty list", "audience wrong", |token| {
        token.claim("aud", json!([]))
    }),
    ("aud also somebody else", "authorized party", |token| {
        token.claim("aud", json!(["client", "mallory"]));
    }),
    ("azp of somebody else", "authorized party", |token| {
        token.claim("azp", "mallory")
    }),
];

/// S064, S065: when it holds, with 60 seconds of leeway.
const TIMES: &[Row] = &[
    ("iat missing", "claims", |token| token.without_claim("iat")),
    ("iat old", "another time", |token| {
        token.claim("iat", NOW - 361)
    }),
    ("iat in the future", "another time", |token| {
        token.claim("iat", NOW + 61)
    }),
    ("iat 1e300", "claims", |token| token.claim("iat", 1e300)),
    ("iat negative", "claims", |token| token.claim("iat", -1)),
    ("iat text", "claims", |token| {
        token.claim("iat", NOW.to_string())
    }),
    ("exp past", "expired", |token| token.claim("exp", NOW - 60)),
    ("exp text", "claims", |token| token.claim("exp", "soon")),
    ("nbf in the future", "not valid yet", |token| {
        token.claim("nbf", NOW + 61)
    }),
];
