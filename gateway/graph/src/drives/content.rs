//! `/content`: the bytes themselves, both ways. No address is handed out that would open them for whoever holds it.

use http::header::{
    ACCEPT_RANGES, CONTENT_DISPOSITION, CONTENT_ENCODING, CONTENT_LENGTH, CONTENT_RANGE,
    CONTENT_TYPE, ETAG, HeaderName, IF_MATCH, IF_MODIFIED_SINCE, IF_NONE_MATCH, IF_RANGE,
    LAST_MODIFIED, RANGE,
};
use http::{HeaderMap, HeaderValue, Method, StatusCode};

use super::head::Conflict;
use super::{Call, Located, beside_the_point, items, places, shape};
use crate::error::{ApiError, Area};
use crate::request::StreamBody;
use crate::response::{Content, Response, full};
use crate::surroundings::{DocumentAsk, DocumentResponse};

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
    let (status, headers, body) = match call.ask(located, DocumentAsk::Read(asked)).await? {
        DocumentResponse::Content(status, headers, body) => (status, headers, body),
        DocumentResponse::Item(_) | DocumentResponse::Children(_) | DocumentResponse::Done(_) => {
            return Err(beside_the_point());
        }
    };
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
    let mut headers = picked(
        &call.head.headers,
        &[IF_MATCH, IF_NONE_MATCH, CONTENT_LENGTH],
    );
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
    let located = renamed.as_ref().unwrap_or(located);
    let status = match call.ask(located, DocumentAsk::Write(headers, body)).await? {
        DocumentResponse::Done(status) => status,
        DocumentResponse::Item(_)
        | DocumentResponse::Children(_)
        | DocumentResponse::Content(..) => return Err(beside_the_point()),
    };
    match status {
        StatusCode::PRECONDITION_FAILED if conflict != Conflict::Replace => {
            return Err(items::taken());
        }
        status if status.is_success() => {}
        status => return Err(items::unwilling(status)),
    }
    let item = call.stat(located).await?;
    let value = items::one(call, located, &item).await?;
    let made = if status == StatusCode::CREATED {
        StatusCode::CREATED
    } else {
        StatusCode::OK
    };
    Ok(Response::json(made, value))
}

fn picked(headers: &HeaderMap, names: &[HeaderName]) -> HeaderMap {
    let mut out = HeaderMap::new();
    for name in names {
        for value in headers.get_all(name) {
            out.append(name.clone(), value.clone());
        }
    }
    out
}
