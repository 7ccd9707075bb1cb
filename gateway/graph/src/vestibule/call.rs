//! A call of an operation, with what it was given checked as the document says.

use std::net::IpAddr;
use std::sync::Arc;

use bytes::Bytes;
use gateway_config::model::{Configuration, Tenant};
use gateway_core::time::UnixTime;
use gateway_store::StoreError;
use gateway_store::directory::Directory;
use gateway_store::model::{Actor, AuditEvent, Change, Expect, Write, Written};
use http::HeaderValue;
use http::header::IF_MATCH;
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::AREA;
use super::operation::{Kind, Operation};
use crate::api::Api;
use crate::caller::Caller;
use crate::error::ApiError;
use crate::request::{Object, Payload, Request, json};
use crate::response::Response;

/// What was asked. Other than a [`Request`], it can be looked at from several threads.
pub(super) struct Asked {
    pub(super) segments: Vec<String>,
    pub(super) query: Vec<(String, String)>,
    body: Bytes,
    pub(super) now: UnixTime,
    pub(super) client: IpAddr,
    /// `If-Match`, every field of it.
    if_match: Vec<HeaderValue>,
    root: String,
}

impl From<Request> for Asked {
    fn from(request: Request) -> Self {
        Self {
            root: request.root(),
            if_match: request.headers.get_all(IF_MATCH).iter().cloned().collect(),
            body: match request.payload {
                Payload::Whole(bytes) => bytes,
                Payload::Stream(_) => Bytes::new(),
            },
            segments: request.segments,
            query: request.query,
            now: request.now,
            client: request.client,
        }
    }
}

/// A call.
pub(super) struct Call<'a> {
    pub(super) api: &'a Api,
    pub(super) caller: &'a Caller,
    pub(super) request: &'a Asked,
    captured: Vec<&'a str>,
}

impl<'a> Call<'a> {
    /// Checks the query: parameters that the operation does not have, or twice, or of another kind, are refused.
    pub(super) fn new(
        api: &'a Api,
        caller: &'a Caller,
        request: &'a Asked,
        operation: &Operation,
        captured: Vec<&'a str>,
    ) -> Result<Self, ApiError> {
        let mut seen = Vec::new();
        for (name, value) in &request.query {
            let known = operation.query.iter().find(|one| one.name == name);
            let known =
                known.ok_or_else(|| bad(format!("There is no parameter `{}`.", cut(name))))?;
            if seen.contains(&known.name) {
                return Err(bad(format!("`{}` is given twice.", known.name)));
            }
            seen.push(known.name);
            check(known.name, known.kind, value)?;
        }
        let missing = operation
            .query
            .iter()
            .find(|one| one.required && !seen.contains(&one.name));
        if let Some(missing) = missing {
            return Err(bad(format!("`{}` is required.", missing.name)));
        }
        Ok(Self {
            api,
            caller,
            request,
            captured,
        })
    }

    /// What stands in a variable segment of the path.
    pub(super) fn segment(&self, at: usize) -> &'a str {
        self.captured.get(at).copied().unwrap_or_default()
    }

    /// A parameter of the query.
    pub(super) fn parameter(&self, name: &str) -> Option<&'a str> {
        let mut all = self.request.query.iter();
        all.find(|(given, _)| given == name)
            .map(|(_, value)| value.as_str())
    }

    pub(super) fn moment(&self, name: &str) -> Option<UnixTime> {
        json::moment(self.parameter(name)?)
    }

    pub(super) fn number(&self, name: &str, otherwise: usize) -> usize {
        let given = self.parameter(name).and_then(|text| text.parse().ok());
        given.unwrap_or(otherwise)
    }

    /// The body. Members that it does not have are refused: a slip is told, not overlooked.
    pub(super) fn body<T: DeserializeOwned>(&self) -> Result<T, ApiError> {
        // Read twice: the first reading bounds the nesting, and tells what is no JSON at all.
        self.object()?;
        serde_json::from_slice(&self.request.body)
            .map_err(|error| bad(format!("The body is refused: {error}.")))
    }

    /// Refuses a body where there is nothing to say.
    pub(super) fn no_body(&self) -> Result<(), ApiError> {
        if self.object()?.is_empty() {
            Ok(())
        } else {
            Err(bad("There is nothing to say in a body here."))
        }
    }

    fn object(&self) -> Result<Object, ApiError> {
        Object::read(&self.request.body, AREA)
    }

    pub(super) fn configuration(&self) -> Arc<Configuration> {
        self.api.surroundings().configuration()
    }

    pub(super) fn directory(&self) -> &'a Directory {
        self.api.directory()
    }

    pub(super) fn actor(&self) -> Actor {
        self.caller.as_actor(self.request.client)
    }

    /// Whether the caller said in which version the resource is to be.
    pub(super) fn is_conditional(&self) -> bool {
        !self.request.if_match.is_empty()
    }

    /// Refuses where the resource is not as `If-Match` says.
    ///
    /// - `tag`: the resource's own.
    ///
    /// # Errors
    /// [`ApiError`] with 412; with 400 where what is given are no entity tags.
    ///
    /// Source: RFC 9110 sections 8.8.3 and 13.1.1. Tags are weak here and compared as such, as Graph's clients send them.
    pub(super) fn matches(&self, tag: &str) -> Result<(), ApiError> {
        if !self.is_conditional() {
            return Ok(());
        }
        let given: Option<Vec<Vec<&str>>> = self.request.if_match.iter().map(tags).collect();
        let given = given.ok_or_else(|| {
            ApiError::bad_request(AREA, "`If-Match` holds no entity tags.")
                .with_inner("malformedEntityTag")
        })?;
        let own = bare(tag);
        let fits = |given: &&str| *given == "*" || bare(given) == own;
        if given.iter().flatten().any(fits) {
            Ok(())
        } else {
            Err(ApiError::precondition_failed())
        }
    }

    /// Writes changes together with what the audit says of them.
    ///
    /// # Errors
    /// [`ApiError`] with 409 where what was decided on has changed meanwhile, with 503 where the store fails.
    pub(super) async fn write(
        &self,
        expect: Vec<Expect>,
        changes: Vec<Change>,
        audit: Vec<AuditEvent>,
    ) -> Result<(), ApiError> {
        let write = Write {
            tenant: self.caller.tenant.clone(),
            at: self.request.now,
            expect,
            changes,
            audit,
        };
        match self
            .directory()
            .write(write)
            .await
            .map_err(|error| store(&error))?
        {
            Written::Yes { .. } => Ok(()),
            Written::Conflict(_) => Err(ApiError::conflict(
                "It has changed since it was looked at: look again.",
            )),
            Written::Taken => Err(ApiError::conflict("There is one of that name already.")),
        }
    }
}

/// The caller's tenant.
pub(super) fn tenant<'c>(
    call: &Call<'_>,
    configuration: &'c Configuration,
) -> Result<&'c Tenant, ApiError> {
    configuration
        .tenants
        .get(&call.caller.tenant)
        .ok_or_else(|| ApiError::not_found(AREA))
}

pub(super) fn store(error: &StoreError) -> ApiError {
    ApiError::store(AREA, error)
}

pub(super) fn bad(message: impl Into<String>) -> ApiError {
    ApiError::bad_request(AREA, message)
}

/// 200 with a body.
pub(super) fn ok(body: &impl Serialize) -> Result<Response, ApiError> {
    Ok(Response::ok(value(body)?))
}

/// 201 with a body.
pub(super) fn created(body: &impl Serialize) -> Result<Response, ApiError> {
    Ok(Response::created(value(body)?))
}

fn value(body: &impl Serialize) -> Result<serde_json::Value, ApiError> {
    serde_json::to_value(body).map_err(|error| ApiError::unavailable(AREA, error))
}

fn check(name: &str, kind: Kind, value: &str) -> Result<(), ApiError> {
    let fits = match kind {
        Kind::Text(most) => !value.is_empty() && value.chars().count() <= most,
        Kind::Number(least, most) => value
            .parse()
            .is_ok_and(|number| (least..=most).contains(&number)),
        Kind::Moment => json::moment(value).is_some(),
        Kind::Flag => matches!(value, "true" | "false"),
    };
    let wanted = match kind {
        Kind::Text(most) => format!("a text of 1 to {most} characters"),
        Kind::Number(least, most) => format!("a whole number from {least} to {most}"),
        Kind::Moment => "a moment such as `2026-11-21T12:00:00Z`".to_owned(),
        Kind::Flag => "`true` or `false`".to_owned(),
    };
    if fits {
        Ok(())
    } else {
        Err(bad(format!("`{name}` must be {wanted}.")))
    }
}

fn cut(text: &str) -> String {
    text.chars().take(60).collect()
}

/// The address of the next page: the same question, behind `after`.
pub(super) fn next_link(call: &Call<'_>, after: &str) -> String {
    let path: Vec<String> = call
        .request
        .segments
        .iter()
        .map(|segment| encoded(segment))
        .collect();
    let others = call.request.query.iter();
    let others = others.filter(|(name, _)| name != "after");
    let query = others.map(|(name, value)| format!("{name}={}", encoded(value)));
    let query: Vec<String> = query.chain([format!("after={}", encoded(after))]).collect();
    format!(
        "{}/{}?{}",
        call.request.root,
        path.join("/"),
        query.join("&")
    )
}

/// Percent-encoded, all but the unreserved characters of RFC 3986 2.3.
fn encoded(text: &str) -> String {
    let byte = |byte: u8| match byte {
        b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => {
            char::from(byte).to_string()
        }
        byte => format!("%{byte:02X}"),
    };
    text.bytes().map(byte).collect()
}

/// Longest `If-Match`, in bytes.
pub(super) const MOST_TAGS: usize = 256;

/// The entity tags of one field, or `*`; nothing where it holds anything else. Tags of ours hold no comma.
fn tags(field: &HeaderValue) -> Option<Vec<&str>> {
    let text = field.to_str().ok()?;
    let all: Vec<&str> = text.split(',').map(str::trim).collect();
    let is_tag = |tag: &&str| {
        let inner = bare(tag)
            .strip_prefix('"')
            .and_then(|rest| rest.strip_suffix('"'));
        inner.is_some_and(|inner| {
            inner
                .bytes()
                .all(|byte| byte.is_ascii_graphic() && byte != b'"')
        })
    };
    let fits = text.len() <= MOST_TAGS && (text == "*" || all.iter().all(is_tag));
    fits.then_some(all)
}

/// A tag, weak or not.
fn bare(tag: &str) -> &str {
    tag.strip_prefix("W/").unwrap_or(tag)
}
