//! Checks of a step.

use url::Url;

use super::NotAccepted;
use super::text::{self, out_of_range};
use crate::limits;
use crate::message::{
    Capability, Claims, Consume, Description, Event, FetchMethod, FetchRequest, Fields, Onward,
    Step,
};

/// Accepts a step as the answer to `event`, or says which rule it breaks.
///
/// What is only told to people (a rejection's `detail`, a person's name) is cut to its length and freed of
/// control characters instead of refused: it often quotes what a stranger sent.
///
/// # Errors
/// The first rule broken. That a mail goes to the address of [`Event::Start`] is for the gateway to check: only
/// it remembers that address.
pub fn accept_step(
    mut step: Step,
    event: &Event,
    description: &Description,
    fetch_hosts: &[String],
) -> Result<Step, NotAccepted> {
    check_kind(&step, event)?;
    match &mut step {
        Step::Redirect { url, state } => {
            text::url("url", url)?;
            check_state(state)?;
        }
        Step::Post { url, fields, state } => {
            text::url("url", url)?;
            check_post_fields(fields)?;
            check_state(state)?;
        }
        Step::Show {
            form,
            submits,
            state,
        } => {
            declared(Capability::Show, description)?;
            super::form::check(form, *submits)?;
            check_state(state)?;
        }
        Step::Fetch {
            request,
            freshness: _,
            state,
        } => {
            declared(Capability::Fetch, description)?;
            check_fetch(request, fetch_hosts)?;
            check_state(state)?;
        }
        Step::Mail {
            to,
            subject,
            text,
            state,
        } => {
            declared(Capability::Mail, description)?;
            check_mail(to, subject, text)?;
            check_state(state)?;
        }
        Step::Done { claims, consume } => {
            claims.display_name = claims
                .display_name
                .as_deref()
                .map(|name| tidy(name, limits::PERSON_NAME_BYTES));
            check_claims(claims)?;
            check_consume(consume)?;
        }
        Step::Document {
            content_type,
            body: _,
        } => check_content_type(content_type)?,
        Step::Ended {
            issuer,
            sid,
            sub,
            at: _,
            consume,
            then,
        } => {
            check_ended(issuer, sid.as_deref(), sub.as_deref())?;
            check_consume(consume)?;
            then.as_ref().map_or(Ok(()), check_onward)?;
        }
        Step::SignedOut {} => {}
        Step::Reject { reason: _, detail } => *detail = tidy(detail, limits::DETAIL_BYTES),
    }
    Ok(step)
}

/// Whether the description lists a capability.
pub(super) fn declared(
    capability: Capability,
    description: &Description,
) -> Result<(), NotAccepted> {
    if description.capabilities.contains(&capability) {
        return Ok(());
    }
    Err(NotAccepted::CapabilityNotDeclared(capability))
}

/// Metadata and logout requests come from machines: nobody is there to be redirected, shown a form or
/// signed in; and who signs out is not signed in. Each may fetch before it answers, so their answers may follow a
/// response too.
fn check_kind(step: &Step, event: &Event) -> Result<(), NotAccepted> {
    let fits = match step {
        Step::Reject { .. } | Step::Fetch { .. } => true,
        Step::Document { .. } => matches!(event, Event::MetadataRequest | Event::Response { .. }),
        Step::Ended { .. } | Step::SignedOut {} => {
            matches!(event, Event::LogoutRequest { .. } | Event::Response { .. })
        }
        Step::Redirect { .. } | Step::Post { .. } => {
            !matches!(event, Event::MetadataRequest | Event::LogoutRequest { .. })
        }
        Step::Show { .. } | Step::Mail { .. } | Step::Done { .. } => !matches!(
            event,
            Event::MetadataRequest | Event::LogoutRequest { .. } | Event::SignOut { .. }
        ),
    };
    if fits {
        Ok(())
    } else {
        Err(NotAccepted::UnexpectedStep {
            step: step.kind(),
            event: event.kind(),
        })
    }
}

fn check_state(state: &str) -> Result<(), NotAccepted> {
    if state.len() <= limits::STATE_BYTES {
        Ok(())
    } else {
        Err(NotAccepted::StateTooLarge {
            length: state.len(),
        })
    }
}

fn check_post_fields(fields: &Fields) -> Result<(), NotAccepted> {
    text::count("fields", fields.len(), 0, limits::FIELDS)?;
    fields
        .keys()
        .try_for_each(|name| text::bytes("fields", name, 1, limits::CLAIM_BYTES))
}

fn check_fetch(request: &FetchRequest, fetch_hosts: &[String]) -> Result<(), NotAccepted> {
    let host = host_of(&text::url("request.url", &request.url)?);
    if !fetch_hosts.contains(&host) {
        return Err(NotAccepted::HostNotDeclared { host });
    }
    text::count("request.headers", request.headers.len(), 0, limits::FIELDS)?;
    request
        .headers
        .iter()
        .try_for_each(|(name, value)| check_header(name, value))?;
    match (request.method, &request.body) {
        (FetchMethod::Get, Some(_)) => Err(out_of_range("request.body", "must be absent for GET")),
        (FetchMethod::Get, None) | (FetchMethod::Post, None) => Ok(()),
        (FetchMethod::Post, Some(body)) => {
            text::size("request.body", body, 0, limits::FETCH_BODY_BYTES)
        }
    }
}

/// `host`, or `host:port` where the port is not the scheme's own: as in `fetch_hosts`.
fn host_of(url: &Url) -> String {
    let host = url.host_str().unwrap_or_default();
    url.port()
        .map_or_else(|| host.to_owned(), |port| format!("{host}:{port}"))
}

/// Names that say where a request goes or how long it is belong to the gateway (request smuggling).
const OWN_HEADERS: [&str; 9] = [
    "connection",
    "content-length",
    "expect",
    "host",
    "keep-alive",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
];

fn check_header(name: &str, value: &str) -> Result<(), NotAccepted> {
    let field = format!("request.headers.{name}");
    let is_name = name
        .bytes()
        .all(|byte| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_'));
    if name.is_empty() || !is_name {
        return Err(out_of_range(&field, "must be named in lower case"));
    }
    if OWN_HEADERS.contains(&name) {
        return Err(out_of_range(&field, "is set by the gateway alone"));
    }
    text::bytes(&field, value, 0, limits::URL_BYTES)
}

fn check_mail(to: &str, subject: &str, body: &str) -> Result<(), NotAccepted> {
    text::bytes("to", to, 3, limits::ADDRESS_BYTES)?;
    text::line("subject", subject, 1, limits::MAIL_SUBJECT_CHARS)?;
    text::paragraphs("text", body, 1, limits::MAIL_TEXT_BYTES)
}

fn check_claims(claims: &Claims) -> Result<(), NotAccepted> {
    text::bytes("claims.issuer", &claims.issuer, 1, limits::CLAIM_BYTES)?;
    text::bytes("claims.subject", &claims.subject, 1, limits::CLAIM_BYTES)?;
    let optional = [
        ("tenant", &claims.tenant),
        ("cloud", &claims.cloud),
        ("sid", &claims.sid),
    ];
    for (name, value) in optional {
        if let Some(value) = value {
            text::bytes(&format!("claims.{name}"), value, 1, limits::CLAIM_BYTES)?;
        }
    }
    if let Some(hint) = &claims.logout_hint {
        text::bytes("claims.logout_hint", hint, 1, limits::LOGOUT_HINT_BYTES)?;
    }
    if let Some(email) = &claims.email {
        text::bytes(
            "claims.email.address",
            &email.address,
            1,
            limits::ADDRESS_BYTES,
        )?;
    }
    for (name, list) in [
        ("claims.amr", &claims.amr),
        ("claims.contexts", &claims.contexts),
    ] {
        text::count(name, list.len(), 0, limits::CLAIM_LIST)?;
        list.iter()
            .try_for_each(|entry| text::bytes(name, entry, 1, limits::CLAIM_BYTES))?;
    }
    Ok(())
}

fn check_ended(issuer: &str, sid: Option<&str>, sub: Option<&str>) -> Result<(), NotAccepted> {
    text::bytes("issuer", issuer, 1, limits::CLAIM_BYTES)?;
    if sid.is_none() && sub.is_none() {
        return Err(out_of_range("sid", "and `sub` must not both be absent"));
    }
    for (name, value) in [("sid", sid), ("sub", sub)] {
        if let Some(value) = value {
            text::bytes(name, value, 1, limits::CLAIM_BYTES)?;
        }
    }
    Ok(())
}

fn check_onward(then: &Onward) -> Result<(), NotAccepted> {
    match then {
        Onward::Redirect { url } => text::url("then.url", url).map(drop),
        Onward::Post { url, fields } => {
            text::url("then.url", url)?;
            check_post_fields(fields)
        }
    }
}

fn check_consume(consume: &[Consume]) -> Result<(), NotAccepted> {
    text::count("consume", consume.len(), 0, limits::CONSUMES)?;
    consume
        .iter()
        .try_for_each(|entry| text::bytes("consume.id", &entry.id, 1, limits::CONSUME_ID_BYTES))
}

fn check_content_type(value: &str) -> Result<(), NotAccepted> {
    text::bytes("content_type", value, 3, limits::CONTENT_TYPE_BYTES)?;
    if value.is_ascii() && value.contains('/') {
        return Ok(());
    }
    Err(out_of_range(
        "content_type",
        "must be a media type such as `application/xml`",
    ))
}

/// Cuts `text` to `most` bytes at a character boundary; control characters become spaces.
fn tidy(text: &str, most: usize) -> String {
    let mut tidied = String::new();
    for c in text.chars().map(|c| if c.is_control() { ' ' } else { c }) {
        if tidied.len() + c.len_utf8() > most {
            break;
        }
        tidied.push(c);
    }
    tidied
}
