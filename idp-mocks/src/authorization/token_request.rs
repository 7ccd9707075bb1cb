//! The token request: who asks, with which code, and the proof that it is the one who began.

use aws_lc_rs::digest::{SHA256, digest};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use http::header::AUTHORIZATION;
use http::{HeaderMap, Method, Request, StatusCode};
use hyper::body::Incoming;
use serde_json::json;

use super::client_assertion;
use super::codes::{Codes, Grant};
use crate::http::params::{self, Params};
use crate::http::{Answer, json as json_answer};
use crate::jose::base64url;
use crate::shared::Shared;

/// A refusal with the error code of RFC 6749, section 5.2.
#[derive(Debug, thiserror::Error)]
#[error("{error}: {why}")]
pub(crate) struct TokenRefused {
    status: StatusCode,
    error: &'static str,
    why: &'static str,
}

impl TokenRefused {
    pub(crate) fn grant(why: &'static str) -> Self {
        Self {
            status: StatusCode::BAD_REQUEST,
            error: "invalid_grant",
            why,
        }
    }

    fn request(why: &'static str) -> Self {
        Self {
            status: StatusCode::BAD_REQUEST,
            error: "invalid_request",
            why,
        }
    }

    fn type_unknown() -> Self {
        Self {
            status: StatusCode::BAD_REQUEST,
            error: "unsupported_grant_type",
            why: "no such grant is served here",
        }
    }

    fn client(why: &'static str) -> Self {
        Self {
            status: StatusCode::UNAUTHORIZED,
            error: "invalid_client",
            why,
        }
    }

    pub(crate) fn into_answer(self) -> Answer {
        json_answer(
            self.status,
            &json!({"error": self.error, "error_description": self.why}),
        )
    }
}

/// What a token is asked for with.
pub(crate) enum Granted {
    /// A code: somebody signed in in a browser.
    Code(Box<Grant>),
    /// The client's own credentials (RFC 6749, 4.4), or somebody's password beside them (4.3).
    Access {
        /// The client.
        client_id: String,
        /// What is asked for.
        scope: String,
        /// Whose password it was; every password is right.
        username: Option<String>,
    },
}

/// Redeems the code that the request carries.
///
/// - `origin`: of the listener; with the path of the request it is the audience of a client assertion.
pub(crate) async fn redeem(
    shared: &Shared,
    codes: &Codes,
    origin: &str,
    request: Request<Incoming>,
) -> Result<Grant, TokenRefused> {
    match granted(shared, codes, origin, request).await? {
        Granted::Code(grant) => Ok(*grant),
        Granted::Access { .. } => Err(TokenRefused::type_unknown()),
    }
}

/// What the request asks for a token with.
///
/// - `origin`: as [`redeem`] has it.
pub(crate) async fn granted(
    shared: &Shared,
    codes: &Codes,
    origin: &str,
    request: Request<Incoming>,
) -> Result<Granted, TokenRefused> {
    if request.method() != Method::POST {
        return Err(TokenRefused::request("a token is asked for by POST"));
    }
    let (head, body) = request.into_parts();
    let form = params::form(body)
        .await
        .map_err(|_| TokenRefused::request("the form is unreadable"))?;
    let client_id = match form.first("client_assertion") {
        Some(assertion) => {
            let audience = format!("{origin}{}", head.uri.path());
            client_assertion::check(shared, codes, &form, assertion, &audience)
                .map_err(TokenRefused::client)?
        }
        None => authenticated(shared, &head.headers, &form)?,
    };
    match form.first("grant_type") {
        Some("authorization_code") => {}
        Some(direct @ ("client_credentials" | "password")) => {
            let named = |name: &str| form.first(name).map(str::to_owned);
            let username = named("username").filter(|_| direct == "password");
            if direct == "password" && username.is_none() {
                return Err(TokenRefused::request("username is missing"));
            }
            let scope = named("scope").ok_or_else(|| TokenRefused::request("scope is missing"))?;
            return Ok(Granted::Access {
                client_id,
                scope,
                username,
            });
        }
        _ => return Err(TokenRefused::type_unknown()),
    }
    let code = form
        .first("code")
        .ok_or_else(|| TokenRefused::request("code is missing"))?;
    let grant = codes
        .take(code)
        .ok_or_else(|| TokenRefused::grant("the code is unknown, too old or already used"))?;
    if grant.client_id != client_id {
        return Err(TokenRefused::grant("the code was given to another client"));
    }
    if form.first("redirect_uri") != Some(&grant.redirect_uri) {
        return Err(TokenRefused::grant(
            "the redirect_uri is not the one of the authorization request",
        ));
    }
    let verifier = form.first("code_verifier").unwrap_or_default();
    if base64url(digest(&SHA256, verifier.as_bytes()).as_ref()) != grant.code_challenge {
        return Err(TokenRefused::grant(
            "the code_verifier does not fit the code_challenge",
        ));
    }
    Ok(Granted::Code(Box::new(grant)))
}

/// The client, by `client_secret_post` or `client_secret_basic`.
fn authenticated(
    shared: &Shared,
    headers: &HeaderMap,
    form: &Params,
) -> Result<String, TokenRefused> {
    let posted = || {
        Some((
            form.first("client_id")?.to_owned(),
            form.first("client_secret")?.to_owned(),
        ))
    };
    let (id, secret) = basic(headers)
        .or_else(posted)
        .ok_or_else(|| TokenRefused::client("the client did not authenticate"))?;
    let world = shared.world.lock();
    match world.client(&id) {
        Some(client) if client.secret == secret => Ok(id),
        _ => Err(TokenRefused::client(
            "the client is unknown or its secret is wrong",
        )),
    }
}

fn basic(headers: &HeaderMap) -> Option<(String, String)> {
    let credentials = headers
        .get(AUTHORIZATION)?
        .to_str()
        .ok()?
        .strip_prefix("Basic ")?;
    let decoded = String::from_utf8(STANDARD.decode(credentials).ok()?).ok()?;
    let (id, secret) = decoded.split_once(':')?;
    Some((unescaped(id), unescaped(secret)))
}

/// RFC 6749, section 2.3.1: both halves are form-encoded before they are joined.
fn unescaped(text: &str) -> String {
    let pair = format!("v={text}");
    Params::parse(pair.as_bytes())
        .first("v")
        .unwrap_or_default()
        .to_owned()
}
