//! Calls as the library answers them: without deadline, breaker and rules.
//!
//! For programs that judge a plugin by what it does, in a process of their own: nothing here keeps a fault of the
//! plugin from the caller.

use std::path::Path;

use plugins_sdk::abi::Status;
use plugins_sdk::limits;
use serde::de::DeserializeOwned;

use crate::answer::{self, CallFailed};
use crate::expectations::Expectations;
use crate::file;
use crate::library::{self, Functions, RawAnswer, RawInstance};
use crate::refused::Refused;
use crate::table;

/// A loaded library, called directly.
#[derive(Clone, Copy, Debug)]
pub struct Direct {
    functions: Functions,
}

/// An instance of a [`Direct`]; closed when dropped, on the thread that drops it.
#[derive(Debug)]
pub struct DirectInstance {
    opened: RawInstance,
}

/// What a call answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DirectAnswer {
    /// The status that the function returned.
    pub status: Status,
    /// What it wrote, at most [`limits::ANSWER_BYTES`].
    pub bytes: Vec<u8>,
    /// Whether it wrote more than that.
    pub too_large: bool,
}

impl Direct {
    /// Checks and loads a library as [`Library::load`](crate::Library::load) does, and does not ask what it is.
    ///
    /// # Errors
    /// The first check that fails.
    pub fn load(plugin: impl AsRef<Path>, expectations: &Expectations) -> Result<Self, Refused> {
        let file = file::read(plugin.as_ref(), expectations)?;
        file::check_hash(&file, expectations.sha256)?;
        let header = table::check(&file)?;
        let functions = library::load(&file, &header)?;
        Ok(Self { functions })
    }

    /// Calls `describe`.
    #[must_use]
    pub fn describe(&self) -> DirectAnswer {
        self.functions.describe(limits::ANSWER_BYTES).into()
    }

    /// Calls `open`.
    ///
    /// - `request`: an `OpenRequest` as JSON, or whatever it shall be judged by.
    #[must_use]
    pub fn open(&self, request: &[u8]) -> (DirectAnswer, Option<DirectInstance>) {
        let (answer, opened) = self.functions.open(request, limits::ANSWER_BYTES);
        (
            answer.into(),
            opened.map(|opened| DirectInstance { opened }),
        )
    }
}

impl DirectInstance {
    /// Calls `step`.
    ///
    /// - `input`: an `Input` as JSON, or whatever it shall be judged by.
    #[must_use]
    pub fn step(&self, input: &[u8]) -> DirectAnswer {
        self.opened.step(input, limits::ANSWER_BYTES).into()
    }
}

impl DirectAnswer {
    /// Reads the message, as the gateway does.
    ///
    /// # Errors
    /// What the gateway counts as a fault.
    pub fn read<T: DeserializeOwned>(&self) -> Result<T, CallFailed> {
        let raw = RawAnswer {
            status: self.status,
            bytes: self.bytes.clone(),
            too_large: self.too_large,
        };
        answer::read(&raw, limits::ANSWER_BYTES)
    }
}

impl From<RawAnswer> for DirectAnswer {
    fn from(raw: RawAnswer) -> Self {
        let RawAnswer {
            status,
            bytes,
            too_large,
        } = raw;
        Self {
            status,
            bytes,
            too_large,
        }
    }
}
