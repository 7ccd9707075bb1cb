//! Upload sessions: a large item in parts, at an address of its own.
//!
//! Whoever holds the address may send the parts, without a token, as the caller who began. Each part is judged as theirs
//! before it is read and while it comes, and so is the whole when it goes to the upstream: with the right the upload ends,
//! and what came of it is thrown away.
//!
//! Source: specification "Graph API" 3.1; RFC 9110 sections 14.4 and 14.5.

mod part;

use std::sync::Arc;
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use gateway_core::action::Action;
use gateway_core::time::UnixTime;
use http::header::{CONTENT_LENGTH, IF_MATCH, IF_NONE_MATCH};
use http::{HeaderValue, Method, StatusCode};
use http_body_util::BodyExt;
use serde_json::{Value, json};

use super::head::{Conflict, Head};
use super::{Call, Located, content, items, places, shape};
use crate::api::Api;
use crate::auth;
use crate::error::{ApiError, Area};
use crate::request::json::{Object, written};
use crate::request::{Request, StreamBody};
use crate::response::{Response, empty};
use crate::surroundings::DocumentAsk;
use crate::uploads::{Begun, Done, Full, NotReceived, Session, Turn, Uploads};

/// The first segment of an upload's address.
pub(crate) const SEGMENT: &str = "vestibule-upload";

/// Bytes that are read and thrown away of a part that does not count, and for how long: whoever is still sending when the
/// connection is closed sees it break, and not the answer.
const DISCARDED: u64 = 16 * 1024 * 1024;
const DISCARDED_WITHIN: Duration = Duration::from_secs(5);

/// Seconds after which somebody who has begun too many uploads comes again.
const LATER: u32 = 60;

/// What is asked for.
struct Asked {
    conflict: Conflict,
    /// How many bytes there will be, as the client guesses.
    size: Option<u64>,
    defer: bool,
}

impl Asked {
    fn read(head: &Head, located: &Located<'_>) -> Result<Self, ApiError> {
        let body = head.object()?;
        let item = body.object("item")?.value();
        let item = item.unwrap_or_else(|| Object::of(serde_json::Map::new(), Area::Files));
        if let Some(name) = item.text("name", 255)?.value()
            && name != shape::last(&located.path)
        {
            return Err(item.bad("`item.name` is another name than the address has."));
        }
        let size = match item.given("fileSize").value() {
            None => None,
            Some(size) => {
                let bad = || item.bad("`item.fileSize` is a number of bytes.");
                Some(size.as_u64().ok_or_else(bad)?)
            }
        };
        let conflict = match head.annotation_of("item", "@microsoft.graph.conflictBehavior") {
            Some(text) => Conflict::parse(&text)?,
            None => head.conflict.unwrap_or_default(),
        };
        let defer = body.flag("deferCommit")?.value().unwrap_or(false);
        Ok(Self {
            conflict,
            size,
            defer,
        })
    }
}

/// What a part does to the item.
fn action(conflict: Conflict) -> Action {
    match conflict {
        Conflict::Replace => Action::Edit,
        Conflict::Fail | Conflict::Rename => Action::Create,
    }
}

/// `POST …/createUploadSession`.
pub(crate) async fn create(
    call: &Call<'_>,
    located: &Located<'_>,
    uploads: &Uploads,
) -> Result<Response, ApiError> {
    call.only(&[Method::POST], "POST")?;
    if places::same(located.site, &located.path, &located.site.path) {
        let message = "The root has no content.";
        return Err(ApiError::bad_request(Area::Files, message));
    }
    let asked = Asked::read(&call.head, located)?;
    let may = DocumentAsk::May(action(asked.conflict));
    call.ask(located, may).await?.allowed()?;
    let found = call.find(located).await?;
    if found.as_ref().is_some_and(|item| item.folder) {
        let message = "A folder has no content.";
        return Err(ApiError::bad_request(Area::Files, message));
    }
    if found.is_some() && asked.conflict == Conflict::Fail {
        return Err(items::taken());
    }
    let tag = found.as_ref().and_then(|item| item.etag.as_deref());
    if !call.head.matches(tag) {
        return Err(ApiError::precondition_failed());
    }
    if asked.size.is_some_and(|size| size > uploads.most()) {
        return Err(no_room());
    }
    let random = call.around.random();
    let random = random.map_err(|error| ApiError::unavailable(Area::Files, error))?;
    let token = URL_SAFE_NO_PAD.encode(random);
    let begun = Begun {
        caller: call.caller.clone(),
        site: located.site.id.clone(),
        path: located.path.clone(),
        conflict: asked.conflict,
        conditions: content::picked(&call.head.headers, &[IF_MATCH, IF_NONE_MATCH]),
        defer: asked.defer,
    };
    let expires = uploads.begin(&token, begun, call.head.now);
    let expires = expires.map_err(|full| {
        let message = match full {
            Full::Person => "the caller has begun too many uploads",
            Full::Tenant => "the tenant's callers have begun too many uploads",
        };
        ApiError::throttled(Area::Files, LATER).because(message)
    })?;
    Ok(Response::ok(json!({
        "@odata.context": format!("{}/$metadata#microsoft.graph.uploadSession", call.head.root),
        "uploadUrl": format!("{}/{SEGMENT}/{token}", call.head.root),
        "expirationDateTime": written(expires),
        "nextExpectedRanges": ["0-"],
    })))
}

/// Whether the call comes with the address of an upload instead of a token.
#[must_use]
pub(crate) fn comes_with_one(segments: &[String]) -> bool {
    matches!(segments, [first, _] if first == SEGMENT)
}

/// An upload, and the call that is about it.
struct Work<'a> {
    uploads: &'a Uploads,
    token: &'a str,
    session: &'a Session,
    call: &'a Call<'a>,
    located: &'a Located<'a>,
}

/// Answers a call at the address of an upload.
///
/// # Errors
/// [`ApiError`]: 404 `uploadSessionNotFound` for one that is over, or that another gateway has.
pub(crate) async fn answer(api: &Api, request: Request) -> Result<Response, ApiError> {
    let token = request.segments.get(1).cloned().unwrap_or_default();
    let now = request.now;
    let (head, body) = Head::read(request)?;
    let mut body = body.unwrap_or_else(empty);
    let Some(session) = api.uploads().find(&token, now) else {
        discard(&mut body).await;
        return Err(unknown());
    };
    let answered = at(api, &token, &session, head, &mut body).await;
    if let Err(refused) = &answered {
        // Who may no more, may not with the next part either.
        if matches!(
            refused.status,
            StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN
        ) {
            api.uploads().end(&token).await;
        }
        discard(&mut body).await;
    }
    answered
}

async fn at(
    api: &Api,
    token: &str,
    session: &Arc<Session>,
    head: Head,
    body: &mut StreamBody,
) -> Result<Response, ApiError> {
    let around = api.surroundings();
    let caller = &session.begun.caller;
    api.bear(caller, Area::Files, head.now)?;
    auth::still_here(around, caller).await?;
    let call = Call {
        around,
        configuration: around.configuration(),
        caller,
        head,
        links: Vec::new(),
    };
    let site = call.tenant()?.sites.get(&session.begun.site);
    let site = site.ok_or_else(unknown)?;
    let located = Located {
        site,
        path: session.begun.path.clone(),
    };
    let work = Work {
        uploads: api.uploads(),
        token,
        session,
        call: &call,
        located: &located,
    };
    let method = call.head.method.clone();
    match method {
        Method::PUT => work.part(body).await,
        Method::POST => work.commit().await,
        Method::GET | Method::HEAD => work.status().await,
        Method::DELETE => {
            work.uploads.end(work.token).await;
            Ok(Response::no_content())
        }
        _ => Err(ApiError::method_not_allowed(
            Area::Files,
            "GET, PUT, POST, DELETE",
        )),
    }
}

impl Work<'_> {
    async fn status(&self) -> Result<Response, ApiError> {
        self.may().await?;
        Ok(Response::ok(self.shown(self.session.expires())))
    }

    /// One part; with the last one the upstream gets the item, unless the client says itself when.
    async fn part(&self, body: &mut StreamBody) -> Result<Response, ApiError> {
        let part = part::read(&self.call.head.headers)?;
        if part.total > self.uploads.most() {
            return Err(no_room());
        }
        let mut turn = self.session.turn().await;
        if let Some(done) = turn.progress.done.clone() {
            discard(body).await;
            return self.told(&done).await;
        }
        turn.fits(part).map_err(refusal)?;
        let begun = &self.session.begun;
        let take = DocumentAsk::Take(action(begun.conflict), std::mem::replace(body, empty()));
        let taken = self.call.ask(self.located, take).await?.taken()?;
        if let Err(cause) = turn.receive(part, taken).await {
            drop(turn);
            // Where it broke off because the right is gone, that is the answer.
            self.may().await?;
            return Err(refusal(cause));
        }
        let last = part.end == part.total;
        if last && !begun.defer {
            // It counts when the upstream has it: where that fails, the same part comes again.
            turn.of(part.total);
            return self.store(turn, part.total).await;
        }
        turn.keep(part);
        let expires = self.uploads.wait(self.session, self.call.head.now);
        Ok(Response::json(StatusCode::ACCEPTED, self.shown(expires)))
    }

    /// The client says that all is there.
    async fn commit(&self) -> Result<Response, ApiError> {
        let turn = self.session.turn().await;
        if let Some(done) = turn.progress.done.clone() {
            return self.told(&done).await;
        }
        turn.still().map_err(refusal)?;
        let Some(total) = turn.progress.complete() else {
            let message = "Parts of the item are missing.";
            return Err(ApiError::bad_request(Area::Files, message));
        };
        self.store(turn, total).await
    }

    /// Gives the upstream what has come.
    async fn store(&self, mut turn: Turn<'_>, total: u64) -> Result<Response, ApiError> {
        let begun = &self.session.begun;
        let content = turn.progress.content(total).await;
        let content = content.map_err(|error| ApiError::unavailable(Area::Files, error))?;
        let mut headers = begun.conditions.clone();
        headers.insert(CONTENT_LENGTH, HeaderValue::from(total));
        let (call, located) = (self.call, self.located);
        let (located, created) =
            content::store(call, located, begun.conflict, headers, content).await?;
        let done = Done {
            path: located.path.clone(),
            created,
        };
        turn.finish(done, call.head.now).await;
        drop(turn);
        content::stored(call, &located, created).await
    }

    /// The same answer again, for whoever did not hear it.
    async fn told(&self, done: &Done) -> Result<Response, ApiError> {
        let located = Located {
            site: self.located.site,
            path: done.path.clone(),
        };
        content::stored(self.call, &located, done.created).await
    }

    async fn may(&self) -> Result<(), ApiError> {
        let may = DocumentAsk::May(action(self.session.begun.conflict));
        Ok(self.call.ask(self.located, may).await?.allowed()?)
    }

    fn shown(&self, expires: UnixTime) -> Value {
        json!({
            "expirationDateTime": written(expires),
            "nextExpectedRanges": self.session.missing(),
        })
    }
}

/// Why a part does not count, as the client is told.
fn refusal(cause: NotReceived) -> ApiError {
    let range =
        |message: &str| ApiError::new(StatusCode::RANGE_NOT_SATISFIABLE, "invalidRange", message);
    match cause {
        NotReceived::Ended => unknown(),
        NotReceived::Superseded => {
            let message = "Another part has come in the place of this one.";
            ApiError::new(StatusCode::CONFLICT, "resourceModified", message)
        }
        NotReceived::OtherTotal => {
            ApiError::bad_request(Area::Files, "The parts are of items of different lengths.")
        }
        NotReceived::Overlap => {
            range("Bytes of the part have come before.").with_inner("fragmentOverlap")
        }
        NotReceived::Gap => range("Bytes before the part are missing."),
        NotReceived::NoRoom => no_room(),
        NotReceived::OtherLength => ApiError::bad_request(
            Area::Files,
            "The body is not as long as `Content-Range` says.",
        ),
        NotReceived::BrokeOff(error) => {
            ApiError::bad_request(Area::Files, "The body broke off.").because(error)
        }
        NotReceived::Disk(error) => match error.kind() {
            std::io::ErrorKind::StorageFull | std::io::ErrorKind::QuotaExceeded => {
                no_room().because(error)
            }
            _ => ApiError::unavailable(Area::Files, error),
        },
    }
}

fn unknown() -> ApiError {
    let message = "The upload session could not be found.";
    ApiError::new(StatusCode::NOT_FOUND, "itemNotFound", message)
        .with_inner("uploadSessionNotFound")
}

fn no_room() -> ApiError {
    ApiError::new(
        StatusCode::INSUFFICIENT_STORAGE,
        "quotaLimitReached",
        "There is no room for the upload.",
    )
}

/// Reads on and keeps nothing.
async fn discard(body: &mut StreamBody) {
    let mut left = DISCARDED;
    let reading = async {
        while let Some(Ok(frame)) = body.frame().await {
            let read = frame.data_ref().map_or(0, bytes::Bytes::len);
            left = left.saturating_sub(u64::try_from(read).unwrap_or(u64::MAX));
            if left == 0 {
                break;
            }
        }
    };
    // Whoever sends nothing more within that time is not waited for.
    let _ended = tokio::time::timeout(DISCARDED_WITHIN, reading).await;
}

#[cfg(test)]
mod tests;
