//! `/content`: the bytes themselves, both ways. No address is handed out that would open them for whoever holds it.

use http::header::{
    ACCEPT_RANGES, CONTENT_DISPOSITION, CONTENT_ENCODING, CONTENT_LENGTH, CONTENT_RANGE,
    CONTENT_TYPE, ETAG, HeaderName, IF_MATCH, IF_MODIFIED_SINCE, IF_NONE_MATCH, IF_RANGE,
    LAST_MODIFIED, RANGE,
};
use http::{HeaderMap, HeaderValue, Method, StatusCode};

use super::head::Conflict;
use super::{Call, Located, items, places, shape};
use crate::error::{ApiError, Area};
use crate::request::StreamBody;
use crate::response::{Content, Response, full};
use crate::surroundings::DocumentAsk;

/// What a download is asked with.
const ASKED: [HeaderName; 4] = [RANGE, IF_NONE_MATCH, IF_RANGE, IF_MODIFIED_SINCE];
/// What of an answer is passed on. The rest is the upstream's own business.
const ANSWERED: [HeaderName; 7] = [
    ACCEPT_RANGES,
    CONTENT_ENCODING,
    CONTENT_LENGTH,
    CONTENT_RANGE,
    CONTENT_TYPE,
    ETAG,
    LAST_MODIFIED,
];

/// `GET`, `PUT` of an item's bytes.
pub(crate) async fn answer(
    call: &Call<'_>,
    located: &Located<'_>,
    body: Option<StreamBody>,
) -> Result<Response, ApiError> {
    match call.head.method {
        Method::GET | Method::HEAD => download(call, located).await,
        Method::PUT => {
            let body = body.unwrap_or_else(|| full(call.head.body.clone()));
            upload(call, located, body).await
        }
        _ => Err(ApiError::method_not_allowed(Area::Files, "GET, PUT")),
    }
}

/// The bytes of an item.
pub(crate) async fn download(call: &Call<'_>, located: &Located<'_>) -> Result<Response, ApiError> {
    let asked = picked(&call.head.headers, &ASKED);
    let answer = call.ask(located, DocumentAsk::Read(asked)).await?;
    let (status, headers, body) = answer.content()?;
    match status {
        StatusCode::OK | StatusCode::PARTIAL_CONTENT => {
            let mut headers = picked(&headers, &ANSWERED);
            headers
                .entry(CONTENT_TYPE)
                .or_insert(HeaderValue::from_static("application/octet-stream"));
            // What somebody uploaded is no page of the API's.
            headers.insert(CONTENT_DISPOSITION, HeaderValue::from_static("attachment"));
            Ok(Response {
                status,
                headers,
                content: Content::Stream(body),
            })
        }
        StatusCode::NOT_MODIFIED => Ok(Response {
            status,
            headers: picked(&headers, &[ETAG, LAST_MODIFIED]),
            content: Content::Empty,
        }),
        StatusCode::RANGE_NOT_SATISFIABLE => {
            let message = "The range is not within the item.";
            Err(ApiError::new(status, "invalidRange", message))
        }
        status => Err(items::unwilling(status)),
    }
}

async fn upload(
    call: &Call<'_>,
    located: &Located<'_>,
    body: StreamBody,
) -> Result<Response, ApiError> {
    if places::same(located.site, &located.path, &located.site.path) {
        return Err(ApiError::bad_request(
            Area::Files,
            "The root has no content.",
        ));
    }
    if call.head.headers.contains_key(CONTENT_RANGE) {
        let message = "Parts of an item are not written.";
        return Err(ApiError::bad_request(Area::Files, message));
    }
    let conflict = call.head.conflict.unwrap_or_default();
    let headers = picked(
        &call.head.headers,
        &[IF_MATCH, IF_NONE_MATCH, CONTENT_LENGTH],
    );
    let (located, created) = store(call, located, conflict, headers, body).await?;
    stored(call, &located, created).await
}

/// Gives the upstream the content of an item. Returns where it is now, and whether there was none before.
///
/// - `headers`: `If-Match`, `If-None-Match`, `Content-Length`.
pub(crate) async fn store<'a>(
    call: &Call<'_>,
    located: &Located<'a>,
    conflict: Conflict,
    mut headers: HeaderMap,
    body: StreamBody,
) -> Result<(Located<'a>, bool), ApiError> {
    if conflict != Conflict::Replace {
        headers.insert(IF_NONE_MATCH, HeaderValue::from_static("*"));
    }
    let renamed = match (conflict, places::parent(located.site, &located.path)) {
        (Conflict::Rename, Some(path)) => {
            let folder = Located {
                site: located.site,
                path,
            };
            Some(items::free(call, &folder, &shape::last(&located.path)).await?)
        }
        _ => None,
    };
    let located = renamed.unwrap_or_else(|| located.clone());
    let answer = call
        .ask(&located, DocumentAsk::Write(headers, body))
        .await?;
    match answer.done()? {
        StatusCode::PRECONDITION_FAILED if conflict != Conflict::Replace => Err(items::taken()),
        status if status.is_success() => Ok((located, status == StatusCode::CREATED)),
        status => Err(items::unwilling(status)),
    }
}

/// The item whose content was given: 201 where there was none before, else 200.
pub(crate) async fn stored(
    call: &Call<'_>,
    located: &Located<'_>,
    created: bool,
) -> Result<Response, ApiError> {
    let item = call.stat(located).await?;
    let value = items::one(call, located, &item).await?;
    let status = if created {
        StatusCode::CREATED
    } else {
        StatusCode::OK
    };
    Ok(Response::json(status, value))
}

pub(crate) fn picked(headers: &HeaderMap, names: &[HeaderName]) -> HeaderMap {
    let mut out = HeaderMap::new();
    for name in names {
        for value in headers.get_all(name) {
            out.append(name.clone(), value.clone());
        }
    }
    out
}
