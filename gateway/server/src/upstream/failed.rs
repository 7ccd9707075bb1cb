//! Why an upstream gave no answer.

use std::error::Error;

use gateway_sign_in::keys::NotSealed;
use hyper_util::client::legacy;

use super::stream::Broken;

/// Why there is no answer of the upstream. Says nothing about the request that was sent, so that no assertion or
/// cookie can end up in a log.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Failed {
    /// The permit names what the configuration does not have.
    #[error("the permit's target is not configured")]
    Target,
    /// The assertion could not be made.
    #[error("the assertion could not be made: {0}")]
    Assertion(#[from] NotSealed),
    /// No connection.
    #[error("the upstream cannot be reached: {0}")]
    Unreachable(String),
    /// No answer in time.
    #[error("the upstream did not answer in time")]
    TimedOut,
    /// The answer broke off or is no HTTP.
    #[error("the upstream's answer is unusable: {0}")]
    Unusable(String),
    /// The client did not send its body, or not in time.
    #[error("the client broke off")]
    ClientBrokeOff,
    /// The client paused for too long.
    #[error("the client paused for too long")]
    ClientTooSlow,
    /// What allowed the transfer no longer holds.
    #[error("the transfer is no longer allowed")]
    NoLongerAllowed,
}

impl From<legacy::Error> for Failed {
    fn from(error: legacy::Error) -> Self {
        match broken(&error) {
            Some(Broken::Idle) => Self::ClientTooSlow,
            Some(Broken::NoLongerAllowed) => Self::NoLongerAllowed,
            Some(Broken::Sender(_)) => Self::ClientBrokeOff,
            None if error.is_connect() => Self::Unreachable(causes(&error)),
            None => Self::Unusable(causes(&error)),
        }
    }
}

/// The fate of the request's body, where that is what went wrong.
fn broken<'a>(error: &'a (dyn Error + 'static)) -> Option<&'a Broken> {
    let mut cause = Some(error);
    while let Some(error) = cause {
        if let Some(broken) = error.downcast_ref() {
            return Some(broken);
        }
        cause = error.source();
    }
    None
}

fn causes(error: &dyn Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        text.push_str(": ");
        text.push_str(&error.to_string());
        cause = error.source();
    }
    text
}
