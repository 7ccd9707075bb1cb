//! Mail for providers: only to people who hold something here, only so often, and nobody can tell whether.

mod gate;
mod letter;
mod smtp;

use gateway_core::address::EmailAddress;

pub(crate) use gate::{Asked, Gate};
pub use smtp::{MailUnusable, SmtpMailer};

/// A mail to be sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Letter {
    /// To whom; canonical.
    pub to: EmailAddress,
    /// One line.
    pub subject: String,
    /// Plain text.
    pub text: String,
}

/// Takes mail and sends it in its own time.
pub trait Mailer: Send + Sync {
    /// Queues `letter` and returns at once. A letter that cannot be queued or sent is logged, never reported:
    /// whether a mail was sent must not be seen from outside.
    fn queue(&self, letter: Letter);
}
