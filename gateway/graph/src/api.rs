//! From a call to its answer.

use std::sync::Arc;

use bytes::{Bytes, BytesMut};
use gateway_core::time::UnixTime;
use gateway_store::directory::Directory;
use http::header::ALLOW;
use http::{HeaderMap, HeaderValue, Method};
use http_body_util::BodyExt;
use tracing::{info, warn};

use crate::auth;
use crate::batch;
use crate::caller::Caller;
use crate::drives::{ticket, upload};
use crate::error::{ApiError, Area, Marks};
use crate::request::{Arrival, Payload, Place, Request, StreamBody, Upload, Version, is, json};
use crate::response::Response;
use crate::surroundings::{Soon, Surroundings};
use crate::throttle::Throttle;
use crate::uploads::Uploads;
use crate::{directory, drives, vestibule};

/// The API, with what it remembers between calls.
pub struct Api {
    surroundings: Arc<dyn Surroundings>,
    throttle: Throttle,
    uploads: Uploads,
}

impl Api {
    /// The API in those surroundings. One for the life of the listener.
    #[must_use]
    pub fn new(surroundings: Arc<dyn Surroundings>, uploads: Uploads) -> Self {
        Self {
            surroundings,
            throttle: Throttle::default(),
            uploads,
        }
    }

    /// What is around it.
    #[must_use]
    pub fn surroundings(&self) -> &dyn Surroundings {
        &*self.surroundings
    }

    /// The uploads that have begun.
    #[must_use]
    pub const fn uploads(&self) -> &Uploads {
        &self.uploads
    }

    /// The directory.
    #[must_use]
    pub fn directory(&self) -> &Directory {
        self.surroundings.directory()
    }

    /// Answers a call. Every answer, a refusal too, has the same headers, and no input makes it fail with 500.
    ///
    /// Boxed, so that whatever answers is found out here if it could not go from one thread to another.
    pub fn answer(&self, arrival: Arrival) -> Soon<'_, http::Response<StreamBody>> {
        Box::pin(self.answered(arrival))
    }

    async fn answered(&self, arrival: Arrival) -> http::Response<StreamBody> {
        let marks = marks(&arrival.id, arrival.request.headers(), arrival.now);
        let head = arrival.request.method() == Method::HEAD;
        let response = match self.carry_out(arrival).await {
            Ok(response) => response,
            Err(error) => {
                log(&error, &marks);
                Response::refusal(&error, &marks, &self.authorization_uri())
            }
        };
        response.finish(&marks, head)
    }

    async fn carry_out(&self, arrival: Arrival) -> Result<Response, ApiError> {
        let Arrival {
            request,
            now,
            id,
            client,
        } = arrival;
        let (mut parts, body) = request.into_parts();
        let place = Place::read(parts.uri.path(), parts.uri.query())?;
        if let Some(response) = self.for_anyone(&place, &parts.method) {
            return response;
        }
        let area = Area::of(&place.segments);
        if ticket::comes_with_one(&place.segments) {
            let payload = Payload::Whole(Bytes::new());
            let arrival = (now, id, client);
            let origin = self.surroundings.api().origin.clone();
            let request = Request::at(place, parts, payload, &origin, arrival);
            return ticket::answer(self.surroundings(), request).await;
        }
        if upload::comes_with_one(&place.segments) {
            // What commits one has nothing to say.
            let payload = Payload::Stream(Upload::new(body));
            let arrival = (now, id, client);
            let origin = self.surroundings.api().origin.clone();
            let request = Request::at(place, parts, payload, &origin, arrival);
            return upload::answer(self, request).await;
        }
        // Nothing of a body is read before it is known who sends it.
        let caller = auth::authenticate(&*self.surroundings, &parts.headers, now).await?;
        self.bear(&caller, area, now)?;
        if parts.method == Method::HEAD {
            parts.method = Method::GET;
        }
        let settings = self.surroundings.api();
        let payload = if place.takes_content(&parts.method) {
            Payload::Stream(Upload::new(body))
        } else {
            Payload::Whole(whole(body, settings.body_bytes, area).await?)
        };
        let arrival = (now, id, client);
        let request = Request::at(place, parts, payload, &settings.origin, arrival);
        if request.version != Version::Vestibule && request.path() == ["$batch"] {
            return batch::answer(self, &caller, request).await;
        }
        self.dispatch(&caller, request).await
    }

    /// What needs no token.
    fn for_anyone(&self, place: &Place, method: &Method) -> Option<Result<Response, ApiError>> {
        if method == Method::OPTIONS {
            // No origin of another site is let in: there is nothing to say about it but the methods.
            let own = (place.version == Version::Vestibule)
                .then(|| vestibule::allow(&place.segments))
                .flatten();
            let all = HeaderValue::from_static(
                own.unwrap_or("GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS"),
            );
            let mut response = Response::no_content();
            response.headers.insert(ALLOW, all);
            return Some(Ok(response));
        }
        (place.version == Version::Vestibule)
            .then(|| vestibule::for_anyone(self, &place.segments, method))?
    }

    /// Counts a call of the caller, before anything is done.
    ///
    /// # Errors
    /// [`ApiError`] with 429.
    pub(crate) fn bear(&self, caller: &Caller, area: Area, now: UnixTime) -> Result<(), ApiError> {
        let settings = self.surroundings.api();
        let who = format!("{}/{}", caller.tenant, caller.actor);
        self.throttle
            .take(&who, settings.per_minute, now)
            .map_err(|seconds| ApiError::throttled(area, seconds))
    }

    /// Leads a call to its resource.
    pub(crate) async fn dispatch(
        &self,
        caller: &Caller,
        request: Request,
    ) -> Result<Response, ApiError> {
        if request.version == Version::Vestibule {
            return vestibule::answer(self, caller, request).await;
        }
        let path = request.path();
        let first = path.first().copied().unwrap_or_default();
        let third = path.get(2).copied().unwrap_or_default();
        let drive = is(third, "drive") || is(third, "drives");
        let files = ["drives", "groups", "me", "shares", "sites"];
        if files.iter().any(|name| is(first, name)) || (is(first, "users") && drive) {
            drives::answer(self, caller, request).await
        } else {
            directory::answer(self, caller, request).await
        }
    }

    /// Where tokens come from, for those who have none: the sign-in of the gateway's cloud.
    fn authorization_uri(&self) -> String {
        let configuration = self.surroundings.configuration();
        let cloud = configuration.clouds.find(&configuration.cloud);
        let authority = cloud.map_or("", |cloud| cloud.authority.as_str());
        format!("{authority}/common/oauth2/v2.0/authorize")
    }
}

/// Reads a body that is no document, of `most` bytes.
pub(crate) async fn whole(
    mut body: StreamBody,
    most: usize,
    area: Area,
) -> Result<Bytes, ApiError> {
    let mut read = BytesMut::new();
    while let Some(frame) = body.frame().await {
        let frame = frame
            .map_err(|error| ApiError::bad_request(area, "The body broke off.").because(error))?;
        // Trailers say nothing here.
        let Ok(data) = frame.into_data() else {
            continue;
        };
        if read.len().saturating_add(data.len()) > most {
            return Err(ApiError::too_large());
        }
        read.extend_from_slice(&data);
    }
    Ok(read.freeze())
}

/// What marks the answer to a call: its own id, and the client's where that can be sent back.
pub(crate) fn marks(id: &str, headers: &HeaderMap, now: UnixTime) -> Marks {
    let given = headers.get("client-request-id");
    let given = given.and_then(|value| value.to_str().ok()).filter(|text| {
        let fits = (1..=128).contains(&text.len());
        fits && text.bytes().all(|byte| (b' '..=b'~').contains(&byte))
    });
    let date = json::written(now).unwrap_or_default();
    Marks {
        request: id.to_owned(),
        client: given.unwrap_or(id).to_owned(),
        date: date.trim_end_matches('Z').to_owned(),
    }
}

/// Tells the operator what the caller is not told.
pub(crate) fn log(error: &ApiError, marks: &Marks) {
    let cause = error.cause.as_deref().unwrap_or_default();
    if error.status.is_server_error() {
        warn!(request.id = %marks.request, error.code = error.code, error.cause = cause, "Call failed");
    } else {
        info!(request.id = %marks.request, error.code = error.code, error.cause = cause, "Call refused");
    }
}
