//! `$batch`: up to twenty calls in one, each judged by itself.
//!
//! Source: specification "Graph API" 5 ($batch); security row S177.

use std::collections::{BTreeMap, BTreeSet};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use http::header::{AUTHORIZATION, CONTENT_TYPE, COOKIE, HeaderName};
use http::{HeaderMap, HeaderValue, Method, StatusCode};
use serde_json::{Map, Value, json};

use crate::api::{Api, log, marks, whole};
use crate::caller::Caller;
use crate::error::{ApiError, Area};
use crate::request::{Object, Payload, Place, Request, Upload, Version, is};
use crate::response::{Content, Response};
use crate::surroundings::Soon;

/// Most calls in one.
const MOST: usize = 20;

/// Longest document in an answer, in bytes: more is asked for by itself.
const MOST_DOCUMENT: usize = 4 * 1024 * 1024;

/// One call of a batch.
struct Part {
    id: String,
    method: Method,
    url: String,
    headers: HeaderMap,
    body: Bytes,
    after: Vec<String>,
}

/// Answers a batch.
pub(crate) async fn answer(
    api: &Api,
    caller: &Caller,
    request: Request,
) -> Result<Response, ApiError> {
    if request.method != Method::POST {
        return Err(ApiError::method_not_allowed(Area::Directory, "POST"));
    }
    let parts = read(&request.object()?)?;
    let mut done: BTreeMap<String, StatusCode> = BTreeMap::new();
    let mut responses = Vec::with_capacity(parts.len());
    for (index, part) in parts.into_iter().enumerate() {
        let id = part.id.clone();
        let failed = |one: &String| !done.get(one).is_some_and(StatusCode::is_success);
        let mut response = if part.after.iter().any(failed) {
            let message = "A call that this one depends on failed.";
            Err(ApiError::new(
                StatusCode::FAILED_DEPENDENCY,
                "FailedDependency",
                message,
            ))
        } else {
            let answered: Soon<'_, Result<Response, ApiError>> =
                Box::pin(one(api, caller, &request, part, index));
            answered.await
        };
        if let Ok(answered) = response {
            response = gathered(answered).await;
        }
        let marks = marks(&request.id, &request.headers, request.now);
        let response = response.unwrap_or_else(|error| {
            log(&error, &marks);
            Response::refusal(&error, &marks, "")
        });
        done.insert(id.clone(), response.status);
        responses.push(shown(&id, response));
    }
    Ok(Response::ok(json!({ "responses": responses })))
}

/// Reads the calls, in an order in which each comes after those that it depends on.
fn read(body: &Object) -> Result<Vec<Part>, ApiError> {
    let bad = |message: &str| ApiError::new(StatusCode::BAD_REQUEST, "BadRequest", message);
    let requests = body.objects("requests", MOST)?.value();
    let requests = requests.ok_or_else(|| bad("`requests` is required."))?;
    if requests.is_empty() {
        return Err(bad("`requests` is empty."));
    }
    let mut parts = Vec::with_capacity(requests.len());
    let mut ids = BTreeSet::new();
    for request in &requests {
        let part = part(request)?;
        if !ids.insert(part.id.clone()) {
            return Err(bad("An `id` is given twice."));
        }
        parts.push(part);
    }
    let unknown = |part: &Part| part.after.iter().any(|id| !ids.contains(id));
    if parts.iter().any(unknown) {
        return Err(bad("A call depends on one that is not there."));
    }
    in_order(parts).ok_or_else(|| bad("Calls depend on each other in a circle."))
}

fn part(request: &Object) -> Result<Part, ApiError> {
    let bad = |message: &str| ApiError::new(StatusCode::BAD_REQUEST, "BadRequest", message);
    let method = request.required("method", 16)?.to_ascii_uppercase();
    let known = ["GET", "POST", "PUT", "PATCH", "DELETE"];
    let method = known.iter().find(|one| **one == method);
    let method = method.and_then(|one| Method::from_bytes(one.as_bytes()).ok());
    // One of the SDKs spells it its own way.
    let names = ["dependsOn", "depends_on"];
    let mut after = Vec::new();
    for name in names {
        after.extend(request.texts(name, MOST)?.value().unwrap_or_default());
    }
    let headers = request.object("headers")?.value();
    let headers = headers
        .as_ref()
        .map(headers_of)
        .transpose()?
        .unwrap_or_default();
    let body = match request.members().get("body") {
        None | Some(Value::Null) => Bytes::new(),
        Some(Value::String(text)) => {
            let decoded = STANDARD.decode(text);
            let json = headers.get(CONTENT_TYPE).is_some_and(is_json);
            match decoded {
                Ok(bytes) => bytes.into(),
                Err(_) if json => Value::String(text.clone()).to_string().into(),
                Err(_) => return Err(bad("A `body` that is a text must be base64.")),
            }
        }
        Some(value) => value.to_string().into(),
    };
    if !body.is_empty() && !headers.contains_key(CONTENT_TYPE) {
        return Err(bad("A call with a body needs a `Content-Type`."));
    }
    Ok(Part {
        id: request.required("id", 128)?,
        method: method.ok_or_else(|| bad("A `method` is none."))?,
        url: request.required("url", 16 * 1024)?,
        headers,
        body,
        after,
    })
}

fn is_json(kind: &HeaderValue) -> bool {
    let text = kind.to_str().unwrap_or_default();
    let kind = text.split(';').next().unwrap_or_default();
    kind.trim().eq_ignore_ascii_case("application/json")
}

/// Headers of a call. Who calls is the batch's own business: a token in a part would be another caller's.
fn headers_of(given: &Object) -> Result<HeaderMap, ApiError> {
    let mut headers = HeaderMap::new();
    for (name, value) in given.members() {
        let name = HeaderName::from_bytes(name.as_bytes()).ok();
        let value = value
            .as_str()
            .and_then(|text| HeaderValue::from_str(text).ok());
        let (name, value) = name
            .zip(value)
            .ok_or_else(|| given.bad("A header of a call is none."))?;
        if name != AUTHORIZATION && name != COOKIE {
            headers.insert(name, value);
        }
    }
    Ok(headers)
}

/// The calls, each behind those that it depends on; none where they depend on each other.
fn in_order(mut waiting: Vec<Part>) -> Option<Vec<Part>> {
    let mut ordered: Vec<Part> = Vec::with_capacity(waiting.len());
    while !waiting.is_empty() {
        let placed: BTreeSet<&str> = ordered.iter().map(|part| part.id.as_str()).collect();
        let ready = |part: &Part| part.after.iter().all(|id| placed.contains(id.as_str()));
        let next = waiting.iter().position(ready)?;
        ordered.push(waiting.remove(next));
    }
    Some(ordered)
}

/// One call, as if it had come by itself; only who calls is known already.
async fn one(
    api: &Api,
    caller: &Caller,
    batch: &Request,
    part: Part,
    index: usize,
) -> Result<Response, ApiError> {
    let url = relative(&part.url, &batch.origin, batch.version)?;
    let (path, query) = match url.split_once('?') {
        Some((path, query)) => (path.to_owned(), Some(query.to_owned())),
        None => (url, None),
    };
    let query = query.map(|query| query.split('#').next().unwrap_or_default().to_owned());
    let place = Place::read(&path, query.as_deref())?;
    if place
        .segments
        .first()
        .is_some_and(|first| is(first, "$batch"))
    {
        let message = "A batch holds no other.";
        return Err(ApiError::new(
            StatusCode::BAD_REQUEST,
            "BadRequest",
            message,
        ));
    }
    let area = Area::of(&place.segments);
    // The first was counted with the batch.
    if index > 0 {
        api.bear(caller, area, batch.now)?;
    }
    let (mut parts, ()) = http::Request::new(()).into_parts();
    parts.method = part.method;
    parts.headers = part.headers;
    let payload = if place.takes_content(&parts.method) {
        Payload::Stream(Upload::new(crate::response::full(part.body)))
    } else {
        Payload::Whole(part.body)
    };
    let arrival = (batch.now, batch.id.clone(), batch.client);
    let request = Request::at(place, parts, payload, &batch.origin, arrival);
    api.dispatch(caller, request).await
}

/// The path and query of a call's address: absolute under our own origin, from the root, or relative to the version.
fn relative(url: &str, origin: &str, version: Version) -> Result<String, ApiError> {
    let bad = || {
        ApiError::new(
            StatusCode::BAD_REQUEST,
            "BadRequest",
            "A `url` is not of this API.",
        )
    };
    let url = match url.split_once("://") {
        Some((scheme, _)) if !scheme.contains(['/', '?']) => {
            let behind = url
                .get(..origin.len())
                .filter(|start| start.eq_ignore_ascii_case(origin));
            let rest = behind.and_then(|_| url.get(origin.len()..));
            rest.filter(|rest| rest.starts_with('/')).ok_or_else(bad)?
        }
        _ => url,
    };
    let path = url.trim_start_matches('/');
    let first = path.split(['/', '?']).next().unwrap_or_default();
    if is(first, "v1.0") || is(first, "beta") {
        Ok(format!("/{path}"))
    } else {
        Ok(format!("/{}/{path}", version.path()))
    }
}

/// A document that streams is read, for there is nowhere else to put it.
async fn gathered(response: Response) -> Result<Response, ApiError> {
    let Content::Stream(body) = response.content else {
        return Ok(response);
    };
    let bytes = whole(body, MOST_DOCUMENT, Area::Files).await?;
    Ok(Response {
        content: Content::Bytes("application/octet-stream", bytes),
        ..response
    })
}

fn shown(id: &str, response: Response) -> Value {
    let mut headers = Map::new();
    for (name, value) in &response.headers {
        if let Ok(value) = value.to_str() {
            headers.insert(name.as_str().to_owned(), json!(value));
        }
    }
    let (kind, body) = match response.content {
        Content::Empty | Content::Stream(_) => (None, None),
        Content::Json(value) => (Some("application/json"), Some(value)),
        Content::Bytes(kind, bytes) => (Some(kind), Some(json!(STANDARD.encode(bytes)))),
    };
    if let Some(kind) = kind {
        headers.remove(CONTENT_TYPE.as_str());
        headers.insert("Content-Type".to_owned(), json!(kind));
    }
    let mut shown = Map::new();
    shown.insert("id".to_owned(), json!(id));
    shown.insert("status".to_owned(), json!(response.status.as_u16()));
    shown.insert("headers".to_owned(), Value::Object(headers));
    if let Some(body) = body {
        shown.insert("body".to_owned(), body);
    }
    Value::Object(shown)
}

#[cfg(test)]
mod tests;
