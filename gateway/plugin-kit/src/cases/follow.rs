//! What may happen after a step: the kit plays person, browser, mailbox and provider in turns.

use plugins_sdk::message::{Event, FetchRequest, Fields, Form, Step};

use super::saml;
use super::samples::{ATTEMPT, Hints, TOKEN, callback, response};

/// The state that a step leaves, and what may happen then. Nothing after an end.
pub(crate) fn next(step: &Step, hints: &Hints) -> Option<(String, Vec<Event>)> {
    match step {
        Step::Redirect { state, url } | Step::Post { state, url, .. } => {
            let mut events = callbacks(url);
            events.extend(saml::callbacks(&hints.words));
            Some((state.clone(), events))
        }
        Step::Show { form, state, .. } => Some((state.clone(), submissions(form, hints))),
        Step::Fetch { request, state, .. } => {
            let mut events = responses(request);
            events.extend(saml::metadata(&hints.words, origin_of(&request.url)));
            Some((state.clone(), events))
        }
        Step::Mail { state, .. } => Some((state.clone(), vec![Event::Sent])),
        Step::Done { .. }
        | Step::Document { .. }
        | Step::Ended { .. }
        | Step::SignedOut {}
        | Step::Reject { .. } => None,
    }
}

fn callbacks(url: &str) -> Vec<Event> {
    let origin = origin_of(url);
    let good = [("code", "SplxlOBeZQQYbYS6WxSbIA"), ("state", ATTEMPT)];
    let with_issuer = [good.as_slice(), &[("iss", origin)]].concat();
    vec![
        callback(&good, &[]),
        callback(&[], &good),
        callback(&with_issuer, &[]),
        callback(
            &[
                ("error", "access_denied"),
                ("error_description", "no"),
                ("state", ATTEMPT),
            ],
            &[],
        ),
        callback(&[("code", "x"), ("state", "another-attempt-of-22-c")], &[]),
        callback(
            &[],
            &[
                ("SAMLResponse", "PHNhbWxwOlJlc3BvbnNlLz4="),
                ("RelayState", ATTEMPT),
            ],
        ),
        callback(&[], &[]),
    ]
}

/// Every pair of known words in the first two fields, each button, and what is wrong.
fn submissions(form: &Form, hints: &Hints) -> Vec<Event> {
    let names: Vec<&str> = form
        .fields
        .iter()
        .map(|field| field.name.as_str())
        .collect();
    let mut all = Vec::new();
    let words: Vec<&str> = hints.words.iter().map(String::as_str).take(6).collect();
    for first in &words {
        for second in &words {
            all.push(fill(&names, first, second));
            if names.len() < 2 {
                break;
            }
        }
    }
    all.extend([fill(&names, "00000000", "0000"), fill(&names, "", "")]);
    all.push(Fields::new());
    for button in &form.buttons {
        all.push(Fields::from([(button.name.clone(), "1".to_owned())]));
    }
    all.into_iter()
        .map(|fields| Event::Submit { fields })
        .collect()
}

fn fill(names: &[&str], first: &str, others: &str) -> Fields {
    let values = [first].into_iter().chain(std::iter::repeat(others));
    names
        .iter()
        .zip(values)
        .map(|(name, value)| ((*name).to_owned(), value.to_owned()))
        .collect()
}

fn responses(request: &FetchRequest) -> Vec<Event> {
    let origin = origin_of(&request.url);
    let issuer = request
        .url
        .strip_suffix("/.well-known/openid-configuration")
        .unwrap_or(origin);
    let discovery = format!(
        r#"{{"issuer":"{issuer}","authorization_endpoint":"{origin}/authorize","token_endpoint":"{origin}/token","userinfo_endpoint":"{origin}/userinfo","jwks_uri":"{origin}/keys","end_session_endpoint":"{origin}/leave","response_types_supported":["code"],"subject_types_supported":["public"],"id_token_signing_alg_values_supported":["RS256","ES256"],"code_challenge_methods_supported":["S256"]}}"#
    );
    let keys = format!(
        r#"{{"keys":[{{"kty":"RSA","use":"sig","kid":"kit","alg":"RS256","n":"{}","e":"AQAB"}}]}}"#,
        "w".repeat(342)
    );
    let token = format!(
        r#"{{"access_token":"at","token_type":"Bearer","expires_in":3600,"id_token":"{TOKEN}"}}"#
    );
    let person = r#"{"sub":"1","email":"kim@fabrikam.example","email_verified":true}"#;
    let mut events: Vec<Event> = [discovery.as_str(), &keys, &token, person, "{}", "[]"]
        .iter()
        .map(|body| response(200, "application/json", body))
        .collect();
    events.extend([
        response(200, "text/html", "<!doctype html><title>Sign in</title>"),
        response(400, "application/json", r#"{"error":"invalid_grant"}"#),
        response(404, "text/plain", "not found"),
        response(503, "text/html", "busy"),
        response(0, "", "no connection"),
    ]);
    events
}

/// `https://host` of a URL.
fn origin_of(url: &str) -> &str {
    let after = url.find("://").map_or(0, |at| at + 3);
    let end = url
        .get(after..)
        .and_then(|rest| rest.find(['/', '?', '#']))
        .map_or(url.len(), |at| after + at);
    url.get(..end).unwrap_or(url)
}
