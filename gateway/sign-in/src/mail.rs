//! Mail for providers: only to people who hold something here, only so often, and nobody can tell whether.

mod gate;
mod invitation;
mod letter;
mod smtp;

use gateway_core::address::EmailAddress;

pub(crate) use gate::{Asked, Gate};
pub use invitation::{Invited, MESSAGE_CHARACTERS, invitation};
pub use smtp::{MailUnusable, SmtpMailer};

/// A mail to be sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Letter {
    /// To whom; canonical.
    pub to: EmailAddress,
    /// Who gets a copy.
    pub cc: Vec<EmailAddress>,
    /// One line.
    pub subject: String,
    /// Plain text.
    pub text: String,
    /// The same as HTML, for programs that show it.
    pub html: Option<String>,
}

impl Letter {
    /// To one person, in plain text alone.
    #[must_use]
    pub const fn plain(to: EmailAddress, subject: String, text: String) -> Self {
        Self {
            to,
            cc: Vec::new(),
            subject,
            text,
            html: None,
        }
    }
}

/// Takes mail and sends it in its own time.
pub trait Mailer: Send + Sync {
    /// Queues `letter` and returns at once. A letter that cannot be queued or sent is logged, never reported:
    /// whether a mail was sent must not be seen from outside.
    fn queue(&self, letter: Letter);
}
