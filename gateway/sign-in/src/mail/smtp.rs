//! Sending by SMTP, in the background.

use std::time::Duration;

use gateway_config::model::{Mail, MailSecurity};
use lettre::transport::smtp::authentication::Credentials;
use lettre::transport::smtp::client::{Tls, TlsParameters};
use lettre::{AsyncSmtpTransport, AsyncTransport, Message, Tokio1Executor};
use tokio::sync::mpsc::{self, Receiver, Sender};

use super::letter::{self, NotWritten};
use super::{Letter, Mailer};

/// Letters waiting, at most. Beyond that they are dropped, with a warning.
const WAITING: usize = 1024;
/// Longest time for one command of the exchange.
const TIMEOUT: Duration = Duration::from_secs(20);
/// Pauses before a letter is tried again: a server that grey-lists wants a little patience.
const PAUSES: [Duration; 3] = [
    Duration::from_secs(2),
    Duration::from_secs(15),
    Duration::from_secs(60),
];

/// Why mail cannot be sent at all.
#[derive(Debug, thiserror::Error)]
pub enum MailUnusable {
    /// TLS cannot be set up for the server.
    #[error("the mail server `{host}` cannot be used with TLS: {source}")]
    Tls {
        /// The server.
        host: String,
        /// Why.
        source: lettre::transport::smtp::Error,
    },
}

/// Sends letters by SMTP, one after the other, in a task of its own.
#[derive(Clone, Debug)]
pub struct SmtpMailer {
    waiting: Sender<Letter>,
}

impl SmtpMailer {
    /// Starts the task. Must be called inside a tokio runtime; the task ends when the last clone is gone.
    ///
    /// # Errors
    /// [`MailUnusable`]. That the server cannot be reached is none: that is found out with each letter.
    pub fn start(mail: Mail) -> Result<Self, MailUnusable> {
        let transport = transport(&mail)?;
        let (waiting, letters) = mpsc::channel(WAITING);
        tokio::spawn(deliver_all(letters, transport, mail));
        Ok(Self { waiting })
    }
}

impl Mailer for SmtpMailer {
    fn queue(&self, letter: Letter) {
        if self.waiting.try_send(letter).is_err() {
            tracing::warn!("Mail dropped: too many are waiting");
        }
    }
}

fn transport(mail: &Mail) -> Result<AsyncSmtpTransport<Tokio1Executor>, MailUnusable> {
    let parameters = || {
        TlsParameters::new(mail.host.clone()).map_err(|source| MailUnusable::Tls {
            host: mail.host.clone(),
            source,
        })
    };
    let tls = match mail.security {
        MailSecurity::Tls => Tls::Wrapper(parameters()?),
        MailSecurity::StartTls => Tls::Required(parameters()?),
        MailSecurity::None => Tls::None,
    };
    let mut builder = AsyncSmtpTransport::<Tokio1Executor>::builder_dangerous(&mail.host)
        .port(mail.port)
        .tls(tls)
        .timeout(Some(TIMEOUT));
    if let Some((user, password)) = &mail.credentials {
        builder = builder.credentials(Credentials::new(user.clone(), password.expose().to_owned()));
    }
    Ok(builder.build())
}

async fn deliver_all(
    mut letters: Receiver<Letter>,
    transport: AsyncSmtpTransport<Tokio1Executor>,
    mail: Mail,
) {
    while let Some(letter) = letters.recv().await {
        match letter::write(&letter, &mail) {
            // Each in its own task: one that waits to be tried again holds up nobody else's code.
            Ok(message) => drop(tokio::spawn(deliver(message, transport.clone()))),
            Err(error) => log_unwritten(&error),
        }
    }
}

fn log_unwritten(error: &NotWritten) {
    tracing::warn!(error = %error, "Mail not written");
}

async fn deliver(message: Message, transport: AsyncSmtpTransport<Tokio1Executor>) {
    let mut pauses = PAUSES.iter();
    loop {
        match transport.send(message.clone()).await {
            Ok(_) => {
                tracing::debug!("Mail sent");
                return;
            }
            Err(error) => match pauses.next() {
                Some(pause) if !error.is_permanent() => tokio::time::sleep(*pause).await,
                _ => {
                    tracing::warn!(error = %error, "Mail not sent");
                    return;
                }
            },
        }
    }
}

#[cfg(test)]
mod tests;
