//! Who calls, said to the upstream: the claims of an assertion, as for people who come by a browser.

use aws_lc_rs::digest::{SHA256, digest};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use gateway_core::time::UnixTime;
use gateway_graph::caller::{Caller, CallerKind};
use serde::Serialize;

use crate::upstream::assertion::LIFE;

/// The claims. A call is no session: `sid` is made of the call's own id.
#[derive(Debug, Serialize)]
pub(super) struct Claims<'a> {
    iss: &'a str,
    aud: &'a str,
    sub: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    email: Option<String>,
    idp: &'a str,
    sid: String,
    iat: i64,
    exp: i64,
}

/// Who vouches for whoever calls: the tenant's own directory, by way of the API.
pub(super) const PROVIDER: &str = "graph";

pub(super) fn claims<'a>(
    caller: &Caller,
    issuer: &'a str,
    audience: &'a str,
    id: &str,
    now: UnixTime,
) -> Claims<'a> {
    let call = digest(&SHA256, id.as_bytes());
    let call: Vec<u8> = call.as_ref().iter().copied().take(16).collect();
    Claims {
        iss: issuer,
        aud: audience,
        sub: subject(caller),
        email: caller.address().map(ToString::to_string),
        idp: PROVIDER,
        sid: URL_SAFE_NO_PAD.encode(call),
        iat: now.0,
        exp: now.plus(LIFE).0,
    }
}

/// Who calls, by the name that the upstream knows. Nobody who signs in has one that begins so.
pub(super) fn subject(caller: &Caller) -> String {
    match &caller.kind {
        CallerKind::Person { id, .. } => format!("{PROVIDER}:{}:{id}", caller.tenant),
        CallerKind::Application { id, .. } => format!("application:{}:{id}", caller.tenant),
        CallerKind::Operator => format!("operator:{}:", caller.tenant),
    }
}
