//! A mail as tests and pages see it.

use mail_parser::MessageParser;
use serde::{Deserialize, Serialize};

use super::session::Envelope;

/// A mail that came in by SMTP.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mail {
    /// Position among all mails since the start, from 1; never used again.
    pub id: u64,
    /// Seconds since the Unix epoch.
    pub received_at: u64,
    /// Sender of the envelope; empty for the null sender.
    pub from: String,
    /// Recipients of the envelope.
    pub to: Vec<String>,
    /// Decoded `Subject`.
    pub subject: String,
    /// The first plain-text part, decoded; empty if there is none.
    pub text: String,
    /// The first HTML part, decoded.
    pub html: Option<String>,
    /// Header fields as name and raw value, in order.
    pub headers: Vec<(String, String)>,
    /// The message as it was sent; bytes that are no UTF-8 are replaced.
    pub raw: String,
}

impl Mail {
    /// The first value of a header field, without regard to case.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        let mut fields = self.headers.iter();
        fields
            .find(|(known, _)| known.eq_ignore_ascii_case(name))
            .map(|(_, value)| value.as_str())
    }

    pub(super) fn is_to(&self, address: &str) -> bool {
        let address = address.to_lowercase();
        self.to
            .iter()
            .any(|recipient| recipient.to_lowercase() == address)
    }

    pub(super) fn read(id: u64, received_at: u64, envelope: &Envelope) -> Self {
        let parsed = MessageParser::default().parse(&envelope.data);
        let message = parsed.as_ref();
        let html = message.and_then(|message| {
            let is_html = message
                .html_part(0)
                .is_some_and(mail_parser::MessagePart::is_text_html);
            message
                .body_html(0)
                .filter(|_| is_html)
                .map(std::borrow::Cow::into_owned)
        });
        let text = message.and_then(|message| {
            let is_text = message
                .text_part(0)
                .is_some_and(|part| !part.is_text_html());
            message
                .body_text(0)
                .filter(|_| is_text)
                .map(std::borrow::Cow::into_owned)
        });
        Self {
            id,
            received_at,
            from: envelope.from.clone(),
            to: envelope.to.clone(),
            subject: message
                .and_then(|message| message.subject())
                .unwrap_or_default()
                .to_owned(),
            text: text.unwrap_or_default(),
            html,
            headers: message.map(headers).unwrap_or_default(),
            raw: String::from_utf8_lossy(&envelope.data).into_owned(),
        }
    }
}

fn headers(message: &mail_parser::Message<'_>) -> Vec<(String, String)> {
    let raw = message.headers_raw();
    raw.map(|(name, value)| (name.to_owned(), value.trim().to_owned()))
        .collect()
}
