//! A letter as it goes over the wire.

use gateway_config::model::Mail;
use gateway_core::address::EmailAddress;
use lettre::Message;
use lettre::message::header::{ContentType, Header, HeaderName, HeaderValue};
use lettre::message::{Mailbox, MultiPart, SinglePart};

use super::Letter;

/// Why a letter cannot be written.
#[derive(Debug, thiserror::Error)]
pub(super) enum NotWritten {
    /// A mail server would not take the address.
    #[error("the address is none for mail: {0}")]
    Address(#[from] lettre::address::AddressError),
    /// A header cannot be written.
    #[error("the mail cannot be written: {0}")]
    Message(#[from] lettre::error::Error),
    /// A line break where there must be none (S154).
    #[error("the subject or a name holds a line break")]
    LineBreak,
}

/// Tells out-of-office programs to keep quiet.
///
/// Source: RFC 3834 section 5.
#[derive(Clone)]
struct AutoSubmitted;

impl Header for AutoSubmitted {
    fn name() -> HeaderName {
        HeaderName::new_from_ascii_str("Auto-Submitted")
    }

    fn parse(_: &str) -> Result<Self, Box<dyn std::error::Error + Send + Sync>> {
        Ok(Self)
    }

    fn display(&self) -> HeaderValue {
        HeaderValue::new(Self::name(), "auto-generated".to_owned())
    }
}

/// Writes `letter` from the configured sender. No address to reply to is given.
pub(super) fn write(letter: &Letter, mail: &Mail) -> Result<Message, NotWritten> {
    if [letter.subject.as_str(), mail.from_name.as_str()]
        .iter()
        .any(|line| line.chars().any(char::is_control))
    {
        return Err(NotWritten::LineBreak);
    }
    let sender = Mailbox::new(Some(mail.from_name.clone()), address(&mail.from)?);
    let mut message = Message::builder()
        .from(sender)
        .to(Mailbox::new(None, address(&letter.to)?))
        .subject(letter.subject.clone())
        .message_id(None)
        .header(AutoSubmitted);
    for copy in &letter.cc {
        message = message.cc(Mailbox::new(None, address(copy)?));
    }
    let text = SinglePart::builder()
        .header(ContentType::TEXT_PLAIN)
        .body(letter.text.clone());
    let message = match &letter.html {
        None => message.singlepart(text)?,
        Some(html) => message.multipart(
            MultiPart::alternative().singlepart(text).singlepart(
                SinglePart::builder()
                    .header(ContentType::TEXT_HTML)
                    .body(html.clone()),
            ),
        )?,
    };
    Ok(message)
}

fn address(address: &EmailAddress) -> Result<lettre::Address, lettre::address::AddressError> {
    lettre::Address::new(address.local(), address.domain().as_str())
}

#[cfg(test)]
mod tests {
    use gateway_config::model::MailSecurity;

    use super::*;

    fn mail(from_name: &str) -> Mail {
        Mail {
            host: "localhost".to_owned(),
            port: 25,
            security: MailSecurity::None,
            credentials: None,
            from: EmailAddress::parse("no-reply@contoso.example").unwrap(),
            from_name: from_name.to_owned(),
        }
    }

    fn letter(subject: &str) -> Letter {
        Letter::plain(
            EmailAddress::parse("pat@nowhere.example").unwrap(),
            subject.to_owned(),
            "Your code is 12345678.\n".to_owned(),
        )
    }

    #[test]
    fn a_letter_says_that_a_machine_wrote_it_and_wants_no_reply() {
        let written = write(&letter("Your code"), &mail("Contoso"))
            .unwrap()
            .formatted();
        let text = String::from_utf8(written).unwrap();
        for line in [
            "From: Contoso <no-reply@contoso.example>",
            "To: pat@nowhere.example",
            "Subject: Your code",
            "Auto-Submitted: auto-generated",
        ] {
            assert!(text.contains(&format!("{line}\r\n")), "{text}");
        }
        assert!(!text.to_lowercase().contains("reply-to"), "{text}");
        assert!(
            text.contains("Message-ID:") && text.contains("12345678"),
            "{text}"
        );
    }

    #[test]
    fn a_letter_with_html_says_the_same_in_both_and_goes_to_copies() {
        let both = Letter {
            cc: vec![EmailAddress::parse("lee@contoso.example").unwrap()],
            html: Some("<p>Your code</p>".to_owned()),
            ..letter("Your code")
        };
        let written = write(&both, &mail("Contoso")).unwrap().formatted();
        let text = String::from_utf8(written).unwrap();
        let at = |part: &str| text.find(part).unwrap_or_else(|| panic!("{part}: {text}"));
        assert!(text.contains("Cc: lee@contoso.example\r\n"), "{text}");
        assert!(
            at("multipart/alternative") < at("text/plain") && at("text/plain") < at("text/html")
        );
    }

    #[test]
    fn sec_154_no_line_break_reaches_a_header() {
        for (subject, name) in [
            ("Code\r\nBcc: b@evil.example", "Contoso"),
            ("Code\nBcc: b@evil.example", "Contoso"),
            ("Code", "Contoso\r\nBcc: b@evil.example"),
        ] {
            assert!(matches!(
                write(&letter(subject), &mail(name)),
                Err(NotWritten::LineBreak)
            ));
        }
    }
}
