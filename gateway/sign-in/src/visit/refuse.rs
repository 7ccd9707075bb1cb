//! The one place where a refusal becomes a response.

use http::HeaderValue;
use http::header::CONTENT_TYPE;

use super::Visit;
use crate::answer::{Again, Answer, Outcome, Refused};
use crate::pages::{Forms, Link, Refusal, refusal_with_others};
use crate::reason::Reason;
use crate::request::wants_page;

/// How long a program waits before it asks again, in seconds.
const RETRY_AFTER: u32 = 5;
/// The same where a cloud does not say who is at home in it: it is asked again after that.
const HOME_RETRY_AFTER: u32 = 60;

/// A page for people, JSON for programs; the same code in both.
pub(super) fn answer(visit: &Visit, organisation: &str, refused: Refused) -> Answer {
    let Refused {
        reason,
        provider,
        person,
        again,
    } = refused;
    let outcome = Outcome {
        decision: "deny",
        reason: reason.code(),
        provider,
        person: person.map(|person| *person),
    };
    let answer = if wants_page(&visit.method, &visit.headers) {
        page(visit, organisation, &reason, again.as_deref(), outcome)
    } else {
        json(visit, &reason, outcome)
    };
    match reason {
        Reason::Unavailable => answer.retry_after(RETRY_AFTER),
        Reason::HomeUnknown => answer.retry_after(HOME_RETRY_AFTER),
        _ => answer,
    }
}

fn page(
    visit: &Visit,
    organisation: &str,
    reason: &Reason,
    again: Option<&Again>,
    outcome: Outcome,
) -> Answer {
    let sentence = reason.sentence();
    let href = again.map(|again| {
        let mut query = url::form_urlencoded::Serializer::new(String::new());
        query.append_pair("return_to", &again.return_to);
        query.extend_pairs(again.demand.fields());
        format!("/_vestibule/sign-in?{}", query.finish())
    });
    let refusal = Refusal {
        organisation,
        heading: sentence.heading,
        message: sentence.message,
        advice: sentence.advice,
        code: reason.code(),
        request_id: &visit.request_id,
        link: href.as_deref().map(|href| Link {
            href,
            label: "Start over",
        }),
    };
    let html = refusal_with_others(&refusal, again);
    Answer::page(reason.status(), html, Forms::Anywhere, outcome)
}

fn json(visit: &Visit, reason: &Reason, outcome: Outcome) -> Answer {
    let body = serde_json::json!({
        "code": reason.code(),
        "message": reason.sentence().message,
        "request_id": visit.request_id,
    });
    let mut answer = Answer::page(reason.status(), body.to_string(), Forms::None, outcome);
    answer
        .response
        .headers_mut()
        .insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    answer
}
