//! Refusals: the one place where they get their status, code and text.
//!
//! Source: specification "Graph API" 5.

use gateway_store::StoreError;
use http::StatusCode;
use http::header::{ALLOW, HeaderName, LOCATION};
use serde_json::{Map, Value, json};

/// Which of Graph's vocabularies an error speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Area {
    /// Files, sites, sharing: camelCase.
    Files,
    /// The directory: `Pascal_Snake`.
    Directory,
}

impl Area {
    /// The area that a path is in.
    ///
    /// - `segments`: those behind the version.
    #[must_use]
    pub fn of(segments: &[String]) -> Self {
        const FILES: [&str; 6] = ["admin", "drives", "groups", "me", "shares", "sites"];
        let first = segments.first().map(String::as_str).unwrap_or_default();
        let own = |name: &str| name.eq_ignore_ascii_case(first);
        let drive = || {
            let third = segments.get(2).map(String::as_str).unwrap_or_default();
            third.eq_ignore_ascii_case("drive") || third.eq_ignore_ascii_case("drives")
        };
        if FILES.into_iter().any(own) || drive() {
            Self::Files
        } else {
            Self::Directory
        }
    }
}

/// One of several things that are wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Detail {
    /// What programs branch on.
    pub code: &'static str,
    /// For developers.
    pub message: String,
    /// The property it is about.
    pub target: Option<String>,
}

/// A refusal as the caller gets it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{status} {code}: {message}")]
pub struct ApiError {
    /// The status.
    pub status: StatusCode,
    /// Graph's code: what programs branch on.
    pub code: &'static str,
    /// For developers.
    pub message: String,
    /// `innerError.code`: what refines the code; the documented code of a denial among others.
    pub inner: Option<Box<str>>,
    /// Everything that is wrong, where it is more than one thing.
    pub details: Box<[Detail]>,
    /// Whole seconds after which to come again.
    pub retry_after: Option<u32>,
    /// A header that goes with it: the methods that the resource has, or where to go on instead.
    pub header: Option<Box<(HeaderName, String)>>,
    /// What the operator is told, and the caller is not.
    pub cause: Option<Box<str>>,
}

/// What tells one answer from another, in headers and in the bodies of errors.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Marks {
    /// The request's id, a GUID.
    pub request: String,
    /// The client's id for it; the request's own where it gave none.
    pub client: String,
    /// When, as `2026-11-21T02:42:57`.
    pub date: String,
}

impl ApiError {
    /// An error with nothing but status, code and message.
    #[must_use]
    pub fn new(status: StatusCode, code: &'static str, message: impl Into<String>) -> Self {
        Self {
            status,
            code,
            message: message.into(),
            inner: None,
            details: Box::default(),
            retry_after: None,
            header: None,
            cause: None,
        }
    }

    /// There is no token, or none that counts.
    ///
    /// - `message`: one of Graph's own sentences; the reason itself is the operator's.
    #[must_use]
    pub fn unauthenticated(message: &'static str) -> Self {
        Self::new(
            StatusCode::UNAUTHORIZED,
            "InvalidAuthenticationToken",
            message,
        )
    }

    /// The token lacks the scope.
    #[must_use]
    pub fn lacks_scope(area: Area) -> Self {
        let message = "Insufficient privileges to complete the operation.";
        Self::new(StatusCode::FORBIDDEN, denied(area), message)
    }

    /// Whoever calls may not, whatever the scopes say.
    #[must_use]
    pub fn forbidden(area: Area, message: impl Into<String>) -> Self {
        Self::new(StatusCode::FORBIDDEN, denied(area), message)
    }

    /// The request is malformed.
    #[must_use]
    pub fn bad_request(area: Area, message: impl Into<String>) -> Self {
        let code = match area {
            Area::Files => "invalidRequest",
            Area::Directory => "Request_BadRequest",
        };
        Self::new(StatusCode::BAD_REQUEST, code, message)
    }

    /// An option of the query is not known, or asks for what there is not.
    #[must_use]
    pub fn unsupported_query(area: Area, message: impl Into<String>) -> Self {
        let code = match area {
            Area::Files => "invalidRequest",
            Area::Directory => "Request_UnsupportedQuery",
        };
        let error = Self::new(StatusCode::BAD_REQUEST, code, message);
        match area {
            Area::Files => error.with_inner("invalidQueryOption"),
            Area::Directory => error,
        }
    }

    /// There is no such thing, or not in this tenant.
    #[must_use]
    pub fn not_found(area: Area) -> Self {
        let code = match area {
            Area::Files => "itemNotFound",
            Area::Directory => "Request_ResourceNotFound",
        };
        Self::new(
            StatusCode::NOT_FOUND,
            code,
            "The resource could not be found.",
        )
    }

    /// The resource has other methods.
    ///
    /// - `allow`: these, as `Allow` lists them.
    #[must_use]
    pub fn method_not_allowed(area: Area, allow: &'static str) -> Self {
        let code = match area {
            Area::Files => "notAllowed",
            Area::Directory => "Request_BadRequest",
        };
        let message = format!("The resource has the methods {allow}.");
        Self {
            header: Some(Box::new((ALLOW, allow.to_owned()))),
            ..Self::new(StatusCode::METHOD_NOT_ALLOWED, code, message)
        }
    }

    /// The body is longer than it may be.
    #[must_use]
    pub fn too_large() -> Self {
        let message = "The request is larger than the service accepts.";
        Self::new(StatusCode::PAYLOAD_TOO_LARGE, "BadRequest", message)
    }

    /// The caller asks too often.
    #[must_use]
    pub fn throttled(area: Area, seconds: u32) -> Self {
        let code = match area {
            Area::Files => "activityLimitReached",
            Area::Directory => "TooManyRequests",
        };
        let message = "Too many requests: come again later.";
        Self {
            retry_after: Some(seconds.max(1)),
            ..Self::new(StatusCode::TOO_MANY_REQUESTS, code, message).with_inner("throttledRequest")
        }
    }

    /// Somebody else changed it in the meantime, or it is not as `If-Match` says.
    #[must_use]
    pub fn precondition_failed() -> Self {
        let message = "The resource has changed since the caller last read it.";
        Self::new(StatusCode::PRECONDITION_FAILED, "resourceModified", message)
            .with_inner("entityTagDoesNotMatch")
    }

    /// What was decided on has changed while it was decided; the same call may work.
    #[must_use]
    pub fn conflict(message: impl Into<String>) -> Self {
        Self::new(StatusCode::CONFLICT, "Request_BadRequest", message)
            .with_inner("resourceModified")
    }

    /// What is declared in the configuration cannot be changed here.
    #[must_use]
    pub fn managed_by_configuration() -> Self {
        let message = "managed by configuration";
        Self::new(StatusCode::CONFLICT, "notAllowed", message).with_inner("managedByConfiguration")
    }

    /// Something that the gateway needs is away for now.
    #[must_use]
    pub fn unavailable(area: Area, cause: impl ToString) -> Self {
        let code = match area {
            Area::Files => "serviceNotAvailable",
            Area::Directory => "ServiceUnavailable",
        };
        let message = "The service is not available now: come again later.";
        Self {
            retry_after: Some(10),
            ..Self::new(StatusCode::SERVICE_UNAVAILABLE, code, message).because(cause)
        }
    }

    /// The store refused, failed, or cannot be trusted to be fresh.
    #[must_use]
    pub fn store(area: Area, error: &StoreError) -> Self {
        match error {
            StoreError::Full(_) => {
                let message = "The gateway's store is full.";
                Self::new(
                    StatusCode::INSUFFICIENT_STORAGE,
                    "quotaLimitReached",
                    message,
                )
                .because(error)
            }
            _ => Self::unavailable(area, error),
        }
    }

    /// With a code that refines the other.
    #[must_use]
    pub fn with_inner(mut self, code: impl Into<Box<str>>) -> Self {
        self.inner = Some(code.into());
        self
    }

    /// With an address to go on at.
    #[must_use]
    pub fn at(mut self, address: impl Into<String>) -> Self {
        self.header = Some(Box::new((LOCATION, address.into())));
        self
    }

    /// With everything that is wrong.
    #[must_use]
    pub fn with_details(mut self, details: Vec<Detail>) -> Self {
        self.details = details.into();
        self
    }

    /// With what only the operator is told.
    #[must_use]
    #[expect(
        clippy::needless_pass_by_value,
        reason = "errors are handed over where they end"
    )]
    pub fn because(mut self, cause: impl ToString) -> Self {
        self.cause = Some(cause.to_string().into());
        self
    }

    /// The body as Graph's clients read it. `innerError` is never null, and spelled so: the clients know no other.
    #[must_use]
    pub fn body(&self, marks: &Marks) -> Value {
        let mut inner = Map::new();
        if let Some(code) = &self.inner {
            inner.insert("code".to_owned(), json!(code));
        }
        inner.insert("date".to_owned(), json!(marks.date));
        inner.insert("request-id".to_owned(), json!(marks.request));
        inner.insert("client-request-id".to_owned(), json!(marks.client));
        let mut error = Map::new();
        error.insert("code".to_owned(), json!(self.code));
        error.insert("message".to_owned(), json!(self.message));
        if !self.details.is_empty() {
            let details = self.details.iter().map(Detail::body).collect();
            error.insert("details".to_owned(), Value::Array(details));
        }
        error.insert("innerError".to_owned(), Value::Object(inner));
        json!({ "error": error })
    }
}

impl Detail {
    fn body(&self) -> Value {
        let mut body = Map::new();
        body.insert("code".to_owned(), json!(self.code));
        body.insert("message".to_owned(), json!(self.message));
        if let Some(target) = &self.target {
            body.insert("target".to_owned(), json!(target));
        }
        Value::Object(body)
    }
}

const fn denied(area: Area) -> &'static str {
    match area {
        Area::Files => "accessDenied",
        Area::Directory => "Authorization_RequestDenied",
    }
}
