//! Events as they come, for a provider that nothing is known of but its settings.

use plugins_sdk::message::{Event, Fields};
use serde_json::Value;

use super::NOW;

/// Words that may open a door: taken from the settings, and from mails on the way.
#[derive(Clone, Debug, Default)]
pub(crate) struct Hints {
    /// Texts of the settings, in their order.
    pub(crate) words: Vec<String>,
}

impl Hints {
    /// Every short text of the settings.
    pub(crate) fn from_settings(settings: &Value) -> Self {
        let mut hints = Self::default();
        hints.collect(settings);
        hints.words.truncate(24);
        hints
    }

    fn collect(&mut self, value: &Value) {
        match value {
            Value::String(text) if !text.is_empty() && text.len() <= 320 => {
                if !self.words.contains(text) {
                    self.words.push(text.clone());
                }
            }
            Value::Array(list) => list.iter().for_each(|value| self.collect(value)),
            Value::Object(table) => table.values().for_each(|value| self.collect(value)),
            Value::String(_) | Value::Null | Value::Bool(_) | Value::Number(_) => {}
        }
    }

    /// The same with the words of a mail that look like a code.
    pub(crate) fn with_mail(&self, text: &str) -> Self {
        let words = text.split(|c: char| !c.is_ascii_alphanumeric());
        let codes = words.filter(|word| {
            (4..=12).contains(&word.len()) && word.bytes().any(|byte| byte.is_ascii_digit())
        });
        // Tried first.
        let words = codes.map(str::to_owned).chain(self.words.iter().cloned());
        Self {
            words: words.collect(),
        }
    }

    /// Mail addresses: those of the settings and one that nobody has.
    pub(crate) fn addresses(&self) -> Vec<String> {
        let known = self
            .words
            .iter()
            .filter(|word| word.contains('@') && !word.contains("://"));
        known
            .cloned()
            .chain(["kim@fabrikam.example".to_owned()])
            .take(3)
            .collect()
    }
}

/// Events that begin something.
pub(crate) fn beginnings(hints: &Hints) -> Vec<Event> {
    let start = |address: Option<String>, fresh: bool, contexts: &[&str], second_factor: bool| {
        Event::Start {
            address,
            fresh,
            contexts: contexts
                .iter()
                .map(|context| (*context).to_owned())
                .collect(),
            second_factor,
        }
    };
    let mut events = vec![
        start(None, false, &[], false),
        start(None, true, &[], false),
    ];
    for address in hints.addresses() {
        events.push(start(Some(address), false, &[], false));
    }
    events.push(start(None, true, &["C1"], true));
    events.extend([Event::MetadataRequest, sign_out(true), sign_out(false)]);
    events.extend([
        logout(&[], &[]),
        logout(&[("sid", "session-1"), ("iss", "https://idp.example")], &[]),
        logout(&[], &[("logout_token", TOKEN)]),
        logout(&[("SAMLRequest", "fZDBasMwEER"), ("RelayState", "x")], &[]),
    ]);
    events.extend(super::saml::logouts());
    events
}

/// One event of each of the eight kinds.
pub(crate) fn event_of_every_kind() -> Vec<Event> {
    let fields = fields(&[("code", "12345678")]);
    vec![
        Event::Start {
            address: None,
            fresh: false,
            contexts: Vec::new(),
            second_factor: false,
        },
        callback(
            &[("code", "SplxlOBeZQQYbYS6WxSbIA"), ("state", ATTEMPT)],
            &[],
        ),
        Event::Submit { fields },
        response(200, "application/json", "{}"),
        Event::Sent,
        logout(&[], &[("logout_token", TOKEN)]),
        sign_out(true),
        Event::MetadataRequest,
    ]
}

/// The handle that [`plugins_sdk::testing::input`] gives every attempt.
pub(super) const ATTEMPT: &str = "AAAAAAAAAAAAAAAAAAAAAA";

/// A token of the right shape whose signature nobody made.
pub(super) const TOKEN: &str = "eyJhbGciOiJSUzI1NiIsImtpZCI6ImtpdCJ9.eyJpc3MiOiJodHRwczovL2lkcC5leGFtcGxlIiwic3ViIjoiMSIsImF1ZCI6ImtpdCIsImV4cCI6MTgwMDAwMzYwMCwiaWF0IjoxODAwMDAwMDAwfQ.AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8";

pub(super) fn fields(pairs: &[(&str, &str)]) -> Fields {
    pairs
        .iter()
        .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
        .collect()
}

pub(super) fn callback(query: &[(&str, &str)], form: &[(&str, &str)]) -> Event {
    Event::Callback {
        query: fields(query),
        form: fields(form),
        raw_query: raw(query),
    }
}

pub(super) fn response(status: u16, media_type: &str, body: &str) -> Event {
    Event::Response {
        status,
        headers: fields(&[("content-type", media_type)]),
        body: body.to_owned(),
        fetched_at: NOW,
    }
}

pub(super) fn logout(query: &[(&str, &str)], form: &[(&str, &str)]) -> Event {
    Event::LogoutRequest {
        query: fields(query),
        form: fields(form),
        raw_query: raw(query),
    }
}

fn sign_out(known: bool) -> Event {
    let only = |text: &str| known.then(|| text.to_owned());
    Event::SignOut {
        issuer: "https://idp.example".to_owned(),
        tenant: only("72f988bf-86f1-41af-91ab-2d7cd011db47"),
        subject: "subject-1".to_owned(),
        sid: only("session-1"),
        logout_hint: only("hint"),
        return_uri: "https://contoso.localhost/_vestibule/left".to_owned(),
    }
}

/// These texts need no escapes.
fn raw(query: &[(&str, &str)]) -> Option<String> {
    let pairs: Vec<String> = query
        .iter()
        .map(|(name, value)| format!("{name}={value}"))
        .collect();
    (!pairs.is_empty()).then(|| pairs.join("&"))
}
