//! `[listen.api]`: the management API.

use std::collections::BTreeSet;
use std::net::SocketAddr;

use url::Url;

use super::gateway::{socket, tls};
use super::{files, text};
use crate::model::ApiListener;
use crate::source::Scope;
use crate::wire;

/// What tokens for Microsoft Graph are made for: clients written for it ask for these.
///
/// Source: specification "Graph API" 5.
const GRAPH: [&str; 2] = [
    "https://graph.microsoft.com",
    "00000003-0000-0000-c000-000000000000",
];

/// Microsoft Graph's own limit for a request, 4 MiB.
const BODY_BYTES: u32 = 4 * 1024 * 1024;

const REQUESTS_PER_MINUTE: u32 = 3_000;

pub(super) fn convert(scope: &Scope<'_>, given: &wire::ApiListener) -> Option<ApiListener> {
    let address_scope = scope.at("address");
    let address = socket(&address_scope, given.address.as_deref());
    let tls_scope = scope.at("tls");
    let files = given.tls.as_ref().map(|given| tls(&tls_scope, given));
    protected(scope, given, address);
    let ca = scope.at("client_ca");
    let client_ca = given
        .client_ca
        .as_deref()
        .map(|text| files::not_others(&ca, text));
    if given.client_ca.is_some() && given.tls.is_none() {
        ca.error("needs `tls`: certificates are shown over TLS only");
    }
    let origin = origin(scope, given);
    let audiences = given
        .audiences
        .as_deref()
        .map(|list| audiences(&scope.at("audiences"), list));
    let (address, origin) = (address?, origin?);
    Some(ApiListener {
        address,
        tls: match files {
            Some(files) => Some(files?),
            None => None,
        },
        client_ca: match client_ca {
            Some(path) => Some(path?),
            None => None,
        },
        audiences: audiences.unwrap_or_else(|| usual_audiences(&origin)),
        origin,
        body_bytes: usize::try_from(given.body_bytes.unwrap_or(BODY_BYTES)).ok()?,
        requests_per_minute: given.requests_per_minute.unwrap_or(REQUESTS_PER_MINUTE),
    })
}

/// TLS, but on loopback: what is asked here carries tokens that open everything.
fn protected(scope: &Scope<'_>, given: &wire::ApiListener, address: Option<SocketAddr>) {
    let (tls, plain) = (scope.at("tls"), scope.at("plain_http"));
    match (given.tls.is_some(), given.plain_http) {
        (false, false) if !tls.is_broken() && !plain.is_broken() => {
            scope.error("has no `tls`: give `tls = { certificate = \"…\", key = \"…\" }`");
        }
        (true, true) => plain.error("contradicts `tls`: remove one of the two"),
        (false, true) if address.is_some_and(|address| !address.ip().is_loopback()) => {
            plain.error("is only for an address on loopback: tokens would travel in the open");
        }
        (true | false, _) => {}
    }
}

fn origin(scope: &Scope<'_>, given: &wire::ApiListener) -> Option<String> {
    let scope = scope.at("origin");
    let hint =
        "give the origin that clients reach it at, such as `https://gateway.contoso.com:8444`";
    let text = scope.required(given.origin.as_deref(), hint);
    let url: Url = scope.parse(text, text::origin)?;
    if given.tls.is_some() && url.scheme() != "https" {
        scope.error("must begin with `https://`, for there is `tls`");
    }
    Some(url.origin().ascii_serialization())
}

fn audiences(scope: &Scope<'_>, given: &[String]) -> BTreeSet<String> {
    if given.is_empty() {
        scope.error("must not be empty: no token would be accepted");
    }
    for (index, audience) in given.iter().enumerate() {
        if audience.trim().is_empty() {
            scope.element(index).error("must not be empty");
        }
    }
    given.iter().cloned().collect()
}

fn usual_audiences(origin: &str) -> BTreeSet<String> {
    let graph = GRAPH.into_iter().map(str::to_owned);
    graph.chain([origin.to_owned()]).collect()
}
