//! What plugins of earlier minor versions know: the one place that says what came when.
//!
//! A plugin is never sent what its version does not know, because it may refuse unknown keys; and it is not believed
//! in what its version does not know either, because its author cannot have read what that means. Patterns here name
//! every field, so that a new one does not compile before it is given a version; the tests hold the outcome against
//! the schemas of ABI 1.0 (`tests/abi-1.0`).
//!
//! ```text
//! 1.1  start.second_factor, callback.raw_query, logout_request.raw_query, sign_out
//!      ended.then, signed_out, done.claims.logout_hint
//! ```

use std::borrow::Cow;

use crate::message::{Claims, Event, Input, OpenRequest, Step};
use crate::rules::NotAccepted;

/// The input as a plugin of ABI `1.minor` knows it; `None` where it does not know the event at all, and the answer is
/// [`RejectReason::UnexpectedEvent`](crate::message::RejectReason::UnexpectedEvent) without asking it.
#[must_use]
pub fn input(input: &Input, minor: u16) -> Option<Cow<'_, Input>> {
    let known = event(&input.event, minor)?;
    Some(match known {
        Cow::Borrowed(_) => Cow::Borrowed(input),
        Cow::Owned(event) => Cow::Owned(Input {
            event,
            ..input.clone()
        }),
    })
}

/// The request as a plugin of ABI `1.minor` knows it.
#[must_use]
pub fn open_request(request: &OpenRequest, _minor: u16) -> Cow<'_, OpenRequest> {
    // Nothing was added since 1.0.
    let OpenRequest {
        id: _,
        cloud: _,
        clouds: _,
        instance_key: _,
        settings: _,
    } = request;
    Cow::Borrowed(request)
}

/// Checks that a step says only what a plugin of ABI `1.minor` can mean.
///
/// # Errors
/// [`NotAccepted::NewerThanPlugin`].
pub fn check_step(step: &Step, minor: u16) -> Result<(), NotAccepted> {
    match newest(step) {
        Some((what, since)) if minor < since => {
            Err(NotAccepted::NewerThanPlugin { what, since, minor })
        }
        _ => Ok(()),
    }
}

fn event(event: &Event, minor: u16) -> Option<Cow<'_, Event>> {
    if minor >= 1 {
        return Some(Cow::Borrowed(event));
    }
    let known = match event {
        Event::Start {
            address,
            fresh,
            contexts,
            second_factor: true,
        } => Event::Start {
            address: address.clone(),
            fresh: *fresh,
            contexts: contexts.clone(),
            second_factor: false,
        },
        Event::Callback {
            query,
            form,
            raw_query: Some(_),
        } => Event::Callback {
            query: query.clone(),
            form: form.clone(),
            raw_query: None,
        },
        Event::LogoutRequest {
            query,
            form,
            raw_query: Some(_),
        } => Event::LogoutRequest {
            query: query.clone(),
            form: form.clone(),
            raw_query: None,
        },
        Event::SignOut {
            issuer: _,
            tenant: _,
            subject: _,
            sid: _,
            logout_hint: _,
            return_uri: _,
        } => return None,
        Event::Start {
            address: _,
            fresh: _,
            contexts: _,
            second_factor: false,
        }
        | Event::Callback {
            query: _,
            form: _,
            raw_query: None,
        }
        | Event::LogoutRequest {
            query: _,
            form: _,
            raw_query: None,
        }
        | Event::Submit { fields: _ }
        | Event::Response {
            status: _,
            headers: _,
            body: _,
            fetched_at: _,
        }
        | Event::Sent
        | Event::MetadataRequest => return Some(Cow::Borrowed(event)),
    };
    Some(Cow::Owned(known))
}

/// What is newest in a step, and the minor version it came with; `None` if all of it is as old as 1.0.
fn newest(step: &Step) -> Option<(&'static str, u16)> {
    match step {
        Step::SignedOut {} => Some(("signed_out", 1)),
        Step::Ended {
            issuer: _,
            sid: _,
            sub: _,
            at,
            consume: _,
            then,
        } => {
            let at = at.map(|_| ("at", 1));
            at.or(then.as_ref().map(|_| ("then", 1)))
        }
        Step::Done { claims, consume: _ } => newest_claim(claims),
        Step::Redirect { url: _, state: _ }
        | Step::Post {
            url: _,
            fields: _,
            state: _,
        }
        | Step::Show {
            form: _,
            submits: _,
            state: _,
        }
        | Step::Fetch {
            request: _,
            freshness: _,
            state: _,
        }
        | Step::Mail {
            to: _,
            subject: _,
            text: _,
            state: _,
        }
        | Step::Document {
            content_type: _,
            body: _,
        }
        | Step::Reject {
            reason: _,
            detail: _,
        } => None,
    }
}

fn newest_claim(claims: &Claims) -> Option<(&'static str, u16)> {
    let Claims {
        issuer: _,
        tenant: _,
        subject: _,
        cloud: _,
        email: _,
        display_name: _,
        authenticated_at: _,
        amr: _,
        contexts: _,
        sid: _,
        logout_hint,
    } = claims;
    logout_hint.as_ref().map(|_| ("claims.logout_hint", 1))
}
