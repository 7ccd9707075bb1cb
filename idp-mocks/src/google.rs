//! A pretended Google: one issuer, its own paths, `iss` in the callback (RFC 9207).

use std::sync::Arc;

use aws_lc_rs::digest::{SHA256, digest};
use http::header::CACHE_CONTROL;
use http::{HeaderValue, Request, StatusCode};
use hyper::body::Incoming;
use serde_json::{Map, Value, json};

use crate::authorization::{self, Codes, Desk, Grant};
use crate::clock;
use crate::http::listener::Handler;
use crate::http::spoil::{ELSEWHERE, redirected, spoil};
use crate::http::{Answer, internal_error, json as json_answer, not_found};
use crate::jose::{KeyNotMade, base64url};
use crate::misbehaviour::Endpoint;
use crate::service::Service;
use crate::shared::Shared;
use crate::world::{Account, Person};

const TOKEN_LIFETIME: u64 = 3600;
const ACCESS_TOKEN: &str = "an-access-token-that-opens-nothing";

/// Google.
pub(crate) struct Google {
    shared: Arc<Shared>,
    codes: Codes,
}

impl Google {
    pub(crate) fn new(shared: Arc<Shared>) -> Self {
        Self {
            shared,
            codes: Codes::new(),
        }
    }
}

impl Handler for Google {
    async fn handle(&self, request: Request<Incoming>) -> Answer {
        let path = request.uri().path().to_owned();
        let (endpoint, answer) = match path.strip_prefix(ELSEWHERE).unwrap_or(&path) {
            "/.well-known/openid-configuration" => (Endpoint::Discovery, self.discovery(&path)),
            "/oauth2/v3/certs" => (Endpoint::Keys, self.keys().await),
            "/o/oauth2/v2/auth" => (Endpoint::Authorize, self.authorize(request).await),
            "/token" => (Endpoint::Token, self.token(request).await),
            _ => return not_found(),
        };
        spoil(&self.shared.switchboard, Service::Google, endpoint, answer).await
    }
}

impl Google {
    fn discovery(&self, path: &str) -> Answer {
        redirected(&self.shared.switchboard, Service::Google, path).unwrap_or_else(|| {
            let switches = &self.shared.switchboard;
            let document = self.document();
            let document = authorization::of_document(switches, Service::Google, document);
            cacheable(json_answer(StatusCode::OK, &document))
        })
    }

    /// There is no `end_session_endpoint`, as at the real one.
    fn document(&self) -> Value {
        let origin = self.origin();
        json!({
            "issuer": origin,
            "authorization_endpoint": format!("{origin}/o/oauth2/v2/auth"),
            "token_endpoint": format!("{origin}/token"),
            "jwks_uri": format!("{origin}/oauth2/v3/certs"),
            "response_types_supported": ["code"],
            "response_modes_supported": ["query", "form_post"],
            "subject_types_supported": ["public"],
            "id_token_signing_alg_values_supported": ["RS256"],
            "scopes_supported": ["openid", "email", "profile"],
            "token_endpoint_auth_methods_supported": ["client_secret_post", "client_secret_basic"],
            "claims_supported": [
                "aud", "email", "email_verified", "exp", "family_name", "given_name", "iat", "iss",
                "name", "picture", "sub",
            ],
            "code_challenge_methods_supported": ["S256"],
            "grant_types_supported": ["authorization_code"],
            "authorization_response_iss_parameter_supported": true,
        })
    }

    async fn keys(&self) -> Answer {
        match self.shared.keyring(Service::Google).published().await {
            Ok(keys) => {
                let keys: Vec<_> = keys.iter().map(|key| key.jwk()).collect();
                let switches = &self.shared.switchboard;
                let keys = authorization::of_keys(switches, Service::Google, json!({"keys": keys}));
                cacheable(json_answer(StatusCode::OK, &keys))
            }
            Err(cause) => internal_error(&cause),
        }
    }

    async fn authorize(&self, request: Request<Incoming>) -> Answer {
        let is_google = |person: &&Person| matches!(person.account, Account::Google { .. });
        let people = self
            .shared
            .world
            .lock()
            .people
            .iter()
            .filter(is_google)
            .cloned()
            .collect();
        let desk = Desk {
            shared: &self.shared,
            codes: &self.codes,
            service: Service::Google,
            title: "Google".to_owned(),
            people,
            callback_extras: vec![("iss".to_owned(), self.origin().to_owned())],
        };
        authorization::authorize(desk, request).await
    }

    async fn token(&self, request: Request<Incoming>) -> Answer {
        let grant =
            match authorization::redeem(&self.shared, &self.codes, self.origin(), request).await {
                Ok(grant) => grant,
                Err(why) => return why.into_answer(),
            };
        match self.issue(&grant).await {
            Ok(id_token) => {
                let answer = json!({
                    "token_type": "Bearer",
                    "scope": grant.scope.join(" "),
                    "expires_in": TOKEN_LIFETIME,
                    "access_token": ACCESS_TOKEN,
                    "id_token": id_token,
                });
                let switches = &self.shared.switchboard;
                let answer = authorization::of_answer(switches, Service::Google, answer);
                json_answer(StatusCode::OK, &answer)
            }
            Err(cause) => internal_error(&cause),
        }
    }

    async fn issue(&self, grant: &Grant) -> Result<String, KeyNotMade> {
        let claims = claims(grant, self.origin());
        authorization::seal(&self.shared, Service::Google, claims).await
    }

    fn origin(&self) -> &str {
        self.shared.origins.of(Service::Google)
    }
}

/// The honest claims.
fn claims(grant: &Grant, issuer: &str) -> Map<String, Value> {
    let person = &grant.person;
    let now = clock::now();
    let mut claims = Map::new();
    let mut set = |name: &str, value: Value| claims.insert(name.to_owned(), value);
    set("iss", json!(issuer));
    set("azp", json!(grant.client_id));
    set("aud", json!(grant.client_id));
    set("sub", json!(person.id()));
    set("at_hash", json!(access_token_hash()));
    set("nonce", json!(grant.nonce));
    set("iat", json!(now));
    set("exp", json!(now + TOKEN_LIFETIME));
    if let Account::Google {
        email_verified, hd, ..
    } = &person.account
    {
        if let Some(domain) = hd {
            set("hd", json!(domain));
        }
        if let (true, Some(email)) = (grant.has_scope("email"), &person.email) {
            set("email", json!(email));
            set("email_verified", json!(email_verified));
        }
    }
    if grant.has_scope("profile") {
        set("name", json!(person.name));
        set("given_name", json!(person.name));
    }
    person.overrule(&mut claims);
    claims
}

/// OpenID Connect Core 1.0, section 3.1.3.6: the left half of the hash.
fn access_token_hash() -> String {
    let hash = digest(&SHA256, ACCESS_TOKEN.as_bytes());
    base64url(hash.as_ref().get(..16).unwrap_or_default())
}

fn cacheable(mut answer: Answer) -> Answer {
    answer.headers_mut().insert(
        CACHE_CONTROL,
        HeaderValue::from_static("public, max-age=3600"),
    );
    answer
}
