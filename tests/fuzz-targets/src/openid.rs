//! What an OpenID provider, or somebody in its place, sends.

use std::sync::LazyLock;

use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use plugins_oidc_testing::keys;
use plugins_openid::OpenId;
use plugins_sdk::message::{Event, Fields, Step};
use plugins_sdk::testing::{ContractBroken, Driver, input, open_request};
use serde_json::{Value, json};

const ISSUER: &str = "https://idp.fabrikam.example";
const NOW: i64 = 1_800_000_000;

/// A sign-in on its way.
struct Walk {
    driver: Driver<OpenId>,
    /// Waits for the discovery document.
    started: String,
    /// Waits for the tokens.
    asked_for_tokens: String,
    nonce: String,
}

/// The provider's key set; its key is made anew for each process.
static KEYS: LazyLock<String> =
    LazyLock::new(|| json!({ "keys": [keys::rsa_jwk("key")] }).to_string());

thread_local! {
    static WALK: Walk = Walk::begin().unwrap_or_else(|why| panic!("a good sign-in stops: {why}"));
}

/// A discovery document: read or refused, and what is read leads nowhere but to the issuer's host.
///
/// - `bytes`: the document.
pub fn discovery(bytes: &[u8]) {
    let Ok(body) = std::str::from_utf8(bytes) else {
        return;
    };
    WALK.with(|walk| {
        let step = walk.twice(response(body), &walk.started);
        if let Step::Redirect { url, .. } = &step {
            let leads_home = url
                .strip_prefix(ISSUER)
                .is_some_and(|rest| rest.starts_with(['/', '?']));
            if !leads_home {
                panic!("the browser is sent to {url}");
            }
        }
    });
}

/// An ID token: nobody is known by one that was not signed, or that says something else than was asked.
///
/// - `bytes`: if the first is even, the token as it comes; otherwise its claims, which are signed as they should be.
pub fn id_token(bytes: &[u8]) {
    let _known = is_known(bytes);
}

/// The same; whether somebody is known by the token.
pub fn is_known(bytes: &[u8]) -> bool {
    let Some((how, content)) = bytes.split_first() else {
        return false;
    };
    let signed = how % 2 == 1;
    let token = if signed {
        sign(content)
    } else {
        String::from_utf8_lossy(content).into_owned()
    };
    WALK.with(|walk| {
        let answer = json!({ "access_token": "at", "token_type": "Bearer", "id_token": token });
        let step = walk.twice(response(&answer.to_string()), &walk.asked_for_tokens);
        let step = match step {
            Step::Fetch { state, .. } => walk.twice(response(&KEYS), &state),
            other => other,
        };
        let Step::Done { claims, .. } = step else {
            return false;
        };
        if !signed {
            panic!("known by an unsigned token: {claims:?}");
        }
        walk.must_say(content);
        true
    })
}

fn sign(claims: &[u8]) -> String {
    let encode = |bytes: &[u8]| BASE64_URL_SAFE_NO_PAD.encode(bytes);
    let message = format!(
        "{}.{}",
        encode(br#"{"alg":"RS256","kid":"key"}"#),
        encode(claims)
    );
    let signature = encode(&keys::rs256(message.as_bytes()));
    format!("{message}.{signature}")
}

impl Walk {
    fn begin() -> Result<Self, ContractBroken> {
        let settings = json!({ "issuer": ISSUER, "client_id": "client", "client_secret": keys::CLIENT_SECRET });
        let driver = Driver::open(&open_request(settings))?;
        let start = Event::Start {
            address: None,
            fresh: false,
            contexts: Vec::new(),
            second_factor: false,
        };
        let step = driver.step(&input(start, None, NOW))?;
        let started = state_of(&step);
        let document = json!({
            "issuer": ISSUER,
            "authorization_endpoint": format!("{ISSUER}/authorize"),
            "token_endpoint": format!("{ISSUER}/token"),
            "jwks_uri": format!("{ISSUER}/keys"),
            "response_types_supported": ["code"],
            "subject_types_supported": ["public"],
            "id_token_signing_alg_values_supported": ["RS256"],
        });
        let found = response(&document.to_string());
        let step = driver.step(&input(found, Some(started.clone()), NOW))?;
        let Step::Redirect { url, state } = &step else {
            panic!("no redirect: {step:?}");
        };
        let nonce = url.split('&').find_map(|pair| pair.strip_prefix("nonce="));
        let nonce = nonce.unwrap_or_default().to_owned();
        let callback = Event::Callback {
            query: Fields::from([
                ("code".to_owned(), "code".to_owned()),
                ("state".to_owned(), "AAAAAAAAAAAAAAAAAAAAAA".to_owned()),
            ]),
            form: Fields::new(),
            raw_query: None,
        };
        let step = driver.step(&input(callback, Some(state.clone()), NOW))?;
        Ok(Self {
            driver,
            started,
            asked_for_tokens: state_of(&step),
            nonce,
        })
    }

    /// The step, which must be one that the gateway takes, and the same the second time.
    fn twice(&self, event: Event, state: &str) -> Step {
        let question = input(event, Some(state.to_owned()), NOW);
        let once = || match self.driver.step(&question) {
            Ok(step) => step,
            Err(broken) => panic!("{broken}"),
        };
        let (first, second) = (once(), once());
        if first != second {
            panic!("the same input is answered differently: {first:?}, {second:?}");
        }
        first
    }

    /// What a token must say for anybody to be known by it, read by other means than the provider's.
    fn must_say(&self, claims: &[u8]) {
        let Ok(claims) = serde_json::from_slice::<Value>(claims) else {
            panic!("known by claims that are no JSON");
        };
        let text = |name: &str| claims.get(name).and_then(Value::as_str);
        let for_us = match claims.get("aud") {
            Some(Value::String(one)) => one == "client",
            Some(Value::Array(many)) => many.iter().any(|one| one == "client"),
            _ => false,
        };
        let alive = claims
            .get("exp")
            .and_then(Value::as_f64)
            .is_some_and(|end| end > 1_800_000_000.0 - 301.0);
        let ours = text("iss") == Some(ISSUER) && text("nonce") == Some(self.nonce.as_str());
        let named = text("sub").is_some_and(|subject| !subject.is_empty());
        if !(for_us && alive && ours && named) {
            panic!("known by {claims}, where the nonce is {}", self.nonce);
        }
    }
}

fn state_of(step: &Step) -> String {
    match step {
        Step::Fetch { state, .. } => state.clone(),
        other => panic!("no fetch: {other:?}"),
    }
}

fn response(body: &str) -> Event {
    Event::Response {
        status: 200,
        headers: Fields::from([("content-type".to_owned(), "application/json".to_owned())]),
        body: body.to_owned(),
        fetched_at: NOW,
    }
}
