//! What the gateway serves itself: who is signed in, its public keys, the files of its pages.

mod form;
pub(crate) mod sign_in;

use bytes::Bytes;
use gateway_core::assertion::EmailProof;
use gateway_sign_in::pages;
use gateway_sign_in::session::Session;
use http::header::CACHE_CONTROL;
use http::{HeaderValue, Response};
use serde::Serialize;

use crate::body::Body;
use crate::gateway::Gateway;
use crate::respond::{self, Audience, Refusal};

/// Who is signed in.
#[derive(Debug, Serialize)]
struct WhoAmI<'a> {
    tenant: &'a str,
    provider: &'a str,
    kind: &'a str,
    issuer: &'a str,
    subject: &'a str,
    home_tenant: Option<&'a str>,
    cloud: Option<&'a str>,
    address: Option<String>,
    proof: &'static str,
    member: bool,
    display_name: Option<&'a str>,
    amr: &'a [String],
    authenticated_at: i64,
    expires: i64,
}

/// `whoami`.
///
/// # Errors
/// [`Refusal::NobodySignedIn`]; who merely holds a link is nobody.
pub(crate) fn who_am_i(
    session: Option<&Session>,
    audience: &Audience,
) -> Result<Response<Body>, Refusal> {
    let session = session.ok_or(Refusal::NobodySignedIn)?;
    let person = session.person.as_ref().ok_or(Refusal::NobodySignedIn)?;
    let answer = WhoAmI {
        tenant: session.tenant.as_str(),
        provider: person.key.provider.as_str(),
        kind: person.kind.as_str(),
        issuer: &person.key.issuer,
        subject: &person.key.subject,
        home_tenant: person.key.tenant.as_deref(),
        cloud: person.key.cloud.as_ref().map(|cloud| cloud.as_str()),
        address: person.address.as_ref().map(ToString::to_string),
        proof: proof(person.proof),
        member: person.member,
        display_name: person.display_name.as_deref(),
        amr: &person.amr,
        authenticated_at: person.authenticated_at.0,
        expires: session.expires.0,
    };
    let text = serde_json::to_vec(&answer).map_err(|error| Refusal::Internal(error.to_string()))?;
    Ok(respond::document("application/json", text.into(), audience))
}

const fn proof(proof: EmailProof) -> &'static str {
    match proof {
        EmailProof::None => "none",
        EmailProof::ProviderVerified => "provider-verified",
        EmailProof::DomainOwner => "domain-owner",
        EmailProof::Mailbox => "mailbox",
    }
}

/// `jwks.json`.
#[must_use]
pub(crate) fn jwks(gateway: &Gateway, audience: &Audience) -> Response<Body> {
    let keys = gateway.keyring.jwks().into_bytes();
    cached(
        respond::document("application/json", keys.into(), audience),
        "public, max-age=300",
    )
}

/// `assets/…`.
///
/// # Errors
/// [`Refusal::NoSuchAddress`].
pub(crate) fn asset(name: &str, audience: &Audience) -> Result<Response<Body>, Refusal> {
    let (media_type, content) = pages::assets(name).ok_or(Refusal::NoSuchAddress)?;
    let response = respond::document(media_type, Bytes::from_static(content), audience);
    Ok(cached(response, "public, max-age=3600"))
}

fn cached(mut response: Response<Body>, how: &'static str) -> Response<Body> {
    response
        .headers_mut()
        .insert(CACHE_CONTROL, HeaderValue::from_static(how));
    response
}
