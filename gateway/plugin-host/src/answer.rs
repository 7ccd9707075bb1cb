//! From what a plugin wrote to a message.

use std::time::Duration;

use plugins_sdk::abi::{STATUS_MALFORMED, STATUS_OK, STATUS_PANIC, STATUS_TOO_LARGE};
use serde::de::DeserializeOwned;

use crate::library::RawAnswer;

/// Longest message of a panic that is kept, in characters.
const MESSAGE_CHARS: usize = 500;

/// Why a call of the plugin gave no message. Each is a fault of the plugin, apart from [`CallFailed::NoThread`] and
/// [`CallFailed::NotStarted`].
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CallFailed {
    /// It panicked; the panic was caught.
    #[error("the plugin panicked: {message}")]
    Panicked {
        /// Its message and place. For operators.
        message: String,
    },
    /// It took too long and was left behind.
    #[error("the plugin did not answer within {deadline:?}")]
    DeadlinePassed {
        /// The time it had.
        deadline: Duration,
    },
    /// Its answer cannot be read.
    #[error("the plugin's answer is malformed: {problem}")]
    Malformed {
        /// What is wrong. For operators.
        problem: String,
    },
    /// Its answer, or the state in it, is too long.
    #[error("the plugin's {what} is longer than {limit} bytes")]
    TooLarge {
        /// `answer` or `state`.
        what: &'static str,
        /// The most that is allowed, in bytes.
        limit: usize,
    },
    /// Its process ended while it worked.
    #[error("the plugin's process ended: {how}")]
    Died {
        /// How. For operators.
        how: String,
    },
    /// Its process could not be started.
    #[error("the plugin's process could not be started: {problem}")]
    NotStarted {
        /// Why. For operators.
        problem: String,
    },
    /// The system gave no thread for the call.
    #[error("no thread for the call: {problem}")]
    NoThread {
        /// What the system says.
        problem: String,
    },
}

/// Reads an answer.
///
/// - `limit`: what the answer was limited to, in bytes.
pub(crate) fn read<T: DeserializeOwned>(answer: &RawAnswer, limit: usize) -> Result<T, CallFailed> {
    if answer.too_large || answer.status == STATUS_TOO_LARGE {
        return Err(CallFailed::TooLarge {
            what: "answer",
            limit,
        });
    }
    match answer.status {
        STATUS_OK => serde_json::from_slice(&answer.bytes).map_err(|error| CallFailed::Malformed {
            problem: printable(&error.to_string()),
        }),
        STATUS_PANIC => Err(CallFailed::Panicked {
            message: printable(&String::from_utf8_lossy(&answer.bytes)),
        }),
        STATUS_MALFORMED => {
            let message = printable(&String::from_utf8_lossy(&answer.bytes));
            Err(CallFailed::Malformed {
                problem: format!("it says: {message}"),
            })
        }
        unknown => Err(CallFailed::Malformed {
            problem: format!("status {unknown}, which does not exist"),
        }),
    }
}

/// One line of bounded length, fit for a log.
pub(crate) fn printable(text: &str) -> String {
    text.chars()
        .take(MESSAGE_CHARS)
        .map(|c| if c.is_control() { ' ' } else { c })
        .collect()
}
