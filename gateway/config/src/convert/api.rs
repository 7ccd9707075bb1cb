//! `[listen.api]`: the management API.

use std::collections::BTreeSet;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::time::Duration;

use url::Url;

use super::gateway::{socket, tls};
use super::{files, text};
use crate::model::{ApiListener, Uploads};
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

/// - `store`: the path of the SQLite file, where one is named.
pub(super) fn convert(
    scope: &Scope<'_>,
    given: &wire::ApiListener,
    store: Option<&Path>,
) -> Option<ApiListener> {
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
    let uploads = uploads(&scope.at("uploads"), &given.uploads, store);
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
        uploads: uploads?,
    })
}

fn uploads(scope: &Scope<'_>, given: &wire::Uploads, store: Option<&Path>) -> Option<Uploads> {
    let at = scope.at("folder");
    let beside = || {
        store
            .and_then(Path::parent)
            .map(|store| store.join("uploads"))
    };
    let folder: Option<PathBuf> = match &given.folder {
        Some(text) => Some(at.path(text)),
        None => at.required(beside(), "give a folder, for there is no `store.path`"),
    };
    let usual = Uploads::at(folder?);
    let count = |given: Option<u32>, usual: usize| {
        given.map_or(usual, |given| usize::try_from(given).unwrap_or(usize::MAX))
    };
    let lifetime = match &given.lifetime {
        None => usual.lifetime,
        Some(text) => text::duration(
            &scope.at("lifetime"),
            Some(text),
            Duration::from_secs(60),
            Duration::from_secs(24 * 60 * 60),
        )?,
    };
    let total_bytes = given.total_bytes;
    let total_bytes =
        total_bytes.unwrap_or(usual.total_bytes.max(given.session_bytes.unwrap_or(0)));
    let session_bytes = given.session_bytes;
    let session_bytes = session_bytes.unwrap_or(usual.session_bytes.min(total_bytes));
    if session_bytes > total_bytes {
        let message = "must not be more than `total_bytes`: no upload of that length would end";
        scope.at("session_bytes").error(message);
    }
    Some(Uploads {
        session_bytes,
        total_bytes,
        sessions_per_person: count(given.sessions_per_person, usual.sessions_per_person),
        sessions_per_tenant: count(given.sessions_per_tenant, usual.sessions_per_tenant),
        lifetime,
        ..usual
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
