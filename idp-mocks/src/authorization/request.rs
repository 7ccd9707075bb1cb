//! The authorization request and everything that is wrong with it.

use super::callback::{Callback, ResponseMode};
use crate::http::params::Params;
use crate::world::World;

/// A request that may be granted.
pub(crate) struct AuthorizationRequest {
    pub(crate) client_id: String,
    pub(crate) redirect_uri: String,
    pub(crate) nonce: String,
    pub(crate) code_challenge: String,
    pub(crate) scope: Vec<String>,
    pub(crate) login_hint: Option<String>,
    pub(crate) prompt: Option<String>,
    pub(crate) max_age: Option<u64>,
    /// The request itself asks to take the hint for a sign-in (`mock_auto=1`).
    pub(crate) auto: bool,
    /// Everything that was asked, to be carried through the page.
    pub(crate) params: Params,
    callback: Callback,
}

/// Why a request is not granted, and where the reason goes.
pub(crate) enum Refused {
    /// On a page: nothing may be sent to an address that is not known to be the client's.
    Page(&'static str),
    /// Back to the client.
    Callback(Callback),
}

impl AuthorizationRequest {
    /// Checks client and redirect address first: only then may an error travel there.
    pub(crate) fn parse(params: Params, world: &World) -> Result<Self, Refused> {
        let text = |name: &str| params.first(name).map(str::to_owned);
        let client_id = text("client_id").ok_or(Refused::Page("client_id is missing"))?;
        let redirect_uri = text("redirect_uri").ok_or(Refused::Page("redirect_uri is missing"))?;
        let client = world
            .client(&client_id)
            .ok_or(Refused::Page("the client is not known"))?;
        if !client.allows(&redirect_uri) {
            return Err(Refused::Page(
                "the redirect_uri is not registered for this client",
            ));
        }
        let mode = ResponseMode::parse(params.first("response_mode")).ok_or(Refused::Page(
            "response_mode is neither query nor form_post",
        ))?;
        let callback = Callback::new(&redirect_uri, mode, params.first("state"));
        let refuse = |error: &str, why: &str| Refused::Callback(callback.clone().error(error, why));
        if params.first("response_type") != Some("code") {
            return Err(refuse(
                "unsupported_response_type",
                "only response_type=code is served",
            ));
        }
        let scope: Vec<String> = text("scope")
            .unwrap_or_default()
            .split_whitespace()
            .map(str::to_owned)
            .collect();
        if !scope.iter().any(|word| word == "openid") {
            return Err(refuse("invalid_scope", "the scope does not hold openid"));
        }
        let nonce = text("nonce").filter(|nonce| !nonce.is_empty());
        let nonce = nonce.ok_or_else(|| refuse("invalid_request", "nonce is missing"))?;
        if params.first("code_challenge_method") != Some("S256") {
            return Err(refuse(
                "invalid_request",
                "code_challenge_method is not S256",
            ));
        }
        // base64url of a SHA-256 is 43 characters, without padding.
        let code_challenge = text("code_challenge").filter(|challenge| challenge.len() == 43);
        let code_challenge = code_challenge.ok_or_else(|| {
            refuse(
                "invalid_request",
                "code_challenge is no SHA-256 in base64url",
            )
        })?;
        Ok(Self {
            login_hint: text("login_hint"),
            prompt: text("prompt"),
            max_age: params.number("max_age"),
            auto: params.first("mock_auto") == Some("1"),
            client_id,
            redirect_uri,
            nonce,
            code_challenge,
            scope,
            params,
            callback,
        })
    }

    /// The way back, with `state` and nothing else yet.
    pub(crate) fn callback(&self) -> Callback {
        self.callback.clone()
    }
}
