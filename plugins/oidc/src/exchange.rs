//! The token request and its answer.

use std::cell::RefCell;

use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use openidconnect::core::{CoreErrorResponseType, CoreTokenType};
use openidconnect::{
    AuthType, AuthorizationCode, ClientSecret, ExtraTokenFields, HttpRequest, HttpResponse,
    OAuth2TokenResponse, PkceCodeVerifier, StandardErrorResponse, StandardTokenResponse, TokenUrl,
};
use plugins_sdk::message::{FetchMethod, FetchRequest, Fields, Input};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::authorize::{client, redirect_uri};
use crate::credential::{ASSERTION_TYPE, Credential};
use crate::phase::Transaction;
use crate::registration::Registration;
use crate::rejection::{ErrorCode, NotSignedIn, TokenRejected};

const DOCUMENT: &str = "token endpoint's answer";

/// What the token endpoint gave.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Tokens {
    pub(crate) id_token: String,
    /// As `at_hash` would have it: all algorithms that we allow hash with SHA-256.
    pub(crate) access_token_hash: Option<String>,
    /// Kept only where the UserInfo endpoint may be asked.
    pub(crate) access_token: Option<String>,
}

/// Longest tokens that are carried to verification, bytes; an ID token over its own limit is refused there.
const MOST_CARRIED_BYTES: usize = 24 * 1024;

/// The ID token as text: it is read later, with the keys at hand.
#[derive(Debug, Deserialize, Serialize)]
struct WithIdToken {
    id_token: Option<String>,
}

impl ExtraTokenFields for WithIdToken {}

/// Makes the token request for a code.
pub(crate) fn request(
    transaction: &Transaction,
    registration: &Registration,
    code: String,
    input: &Input,
) -> Result<FetchRequest, NotSignedIn> {
    let endpoint = &transaction.discovery.token_endpoint;
    // The state may be older than the configuration: what proves who we are goes to the hosts of today only (S203).
    registration
        .endpoints
        .check(endpoint)
        .map_err(|why| NotSignedIn::EndpointRefused {
            endpoint: "token_endpoint",
            why,
        })?;
    let mut client = client(registration, &transaction.discovery)?
        .set_token_uri(TokenUrl::from_url(endpoint.clone()))
        .set_auth_type(match registration.credential {
            Credential::SecretBasic(_) => AuthType::BasicAuth,
            Credential::Public | Credential::SecretPost(_) | Credential::Key(_) => {
                AuthType::RequestBody
            }
        })
        .set_redirect_uri(redirect_uri(input)?);
    if let Credential::SecretBasic(secret) | Credential::SecretPost(secret) =
        &registration.credential
    {
        client = client.set_client_secret(ClientSecret::new(secret.reveal().to_owned()));
    }
    let mut request = client
        .exchange_code(AuthorizationCode::new(code))
        .set_pkce_verifier(PkceCodeVerifier::new(transaction.verifier.clone()));
    if let Credential::Key(key) = &registration.credential {
        let assertion = key.assertion(&registration.client_id, endpoint.as_str(), input)?;
        request = request
            .add_extra_param("client_assertion_type", ASSERTION_TYPE)
            .add_extra_param("client_assertion", assertion);
    }
    // The crate builds the request and wants to send it; it is caught instead, for the gateway to send.
    let caught = RefCell::new(None);
    let _not_sent = request.request(
        &|request: HttpRequest| -> Result<HttpResponse, std::io::Error> {
            *caught.borrow_mut() = Some(request);
            Err(std::io::ErrorKind::Unsupported.into())
        },
    );
    caught
        .into_inner()
        .and_then(fetch_request)
        .ok_or(NotSignedIn::InputUnusable("callback"))
}

fn fetch_request(request: HttpRequest) -> Option<FetchRequest> {
    let (parts, body) = request.into_parts();
    let headers = parts
        .headers
        .iter()
        .map(|(name, value)| Some((name.as_str().to_owned(), value.to_str().ok()?.to_owned())))
        .collect::<Option<Fields>>()?;
    Some(FetchRequest {
        method: FetchMethod::Post,
        url: parts.uri.to_string(),
        headers,
        body: Some(String::from_utf8(body).ok()?),
    })
}

/// Reads the token endpoint's answer.
///
/// - `body`: from the provider; nothing of it but an error code is ever shown.
/// - `user_info`: whether the access token is needed for the UserInfo endpoint.
pub(crate) fn answer(status: u16, body: &str, user_info: bool) -> Result<Tokens, NotSignedIn> {
    if status != 200 {
        return Err(refusal(status, body));
    }
    let tokens: StandardTokenResponse<WithIdToken, CoreTokenType> = serde_json::from_str(body)
        .map_err(|_| NotSignedIn::DocumentUnreadable {
            document: DOCUMENT,
            why: "not a token response",
        })?;
    let id_token = tokens
        .extra_fields()
        .id_token
        .clone()
        .ok_or(NotSignedIn::NoIdToken)?;
    let access_token = tokens.access_token().secret();
    if id_token.len() > MOST_CARRIED_BYTES || access_token.len() > MOST_CARRIED_BYTES {
        return Err(TokenRejected::TooLong.into());
    }
    Ok(Tokens {
        id_token,
        access_token_hash: left_half_of_hash(access_token),
        access_token: user_info.then(|| access_token.clone()),
    })
}

fn refusal(status: u16, body: &str) -> NotSignedIn {
    let error: Result<StandardErrorResponse<CoreErrorResponseType>, _> = serde_json::from_str(body);
    match error {
        Ok(error) if (400..500).contains(&status) => {
            NotSignedIn::CodeRefused(ErrorCode::new(error.error().as_ref()))
        }
        Ok(_) | Err(_) => NotSignedIn::NotFetched {
            document: DOCUMENT,
            status,
        },
    }
}

/// OpenID Connect Core, 3.1.3.6.
fn left_half_of_hash(access_token: &str) -> Option<String> {
    let digest = Sha256::digest(access_token);
    digest
        .get(..digest.len() / 2)
        .map(|half| BASE64_URL_SAFE_NO_PAD.encode(half))
}
