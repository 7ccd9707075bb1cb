//! Loads real libraries: bad ones on purpose, the C example and one in Rust.

mod badge;
mod check;
mod faults;
mod older;
mod refusals;

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use bad_plugins::{Bad, PluginFolder};
use plugins_sdk::message::{Event, Input, OpenRequest};
use plugins_sdk::testing;
use serde_json::json;

use crate::{Expectations, FileHash, Library, Limits, Refused};

/// A folder, and what is expected of its plugins.
pub(crate) struct Bench {
    folder: PluginFolder,
    pub(crate) limits: Limits,
}

impl Bench {
    pub(crate) fn new() -> Self {
        Self {
            folder: PluginFolder::new().unwrap(),
            // Only a hang takes longer, however busy the machine is.
            limits: Limits {
                deadline: Duration::from_secs(60),
                ..Limits::default()
            },
        }
    }

    /// For calls that are to miss their deadline.
    fn impatient() -> Self {
        let limits = Limits {
            deadline: Duration::from_secs(1),
            ..Limits::default()
        };
        Self {
            limits,
            ..Self::new()
        }
    }

    fn path(&self) -> &Path {
        self.folder.path()
    }

    /// A constructor of a bad plugin makes this file.
    fn marker(&self) -> PathBuf {
        self.path().join("loaded")
    }

    /// Compiles `bad` with a marker.
    pub(crate) fn compile(&self, bad: &Bad) {
        let bad = Bad {
            marker: Some(self.marker()),
            ..bad.clone()
        };
        self.folder.bad("bad", &bad).unwrap();
    }

    /// What a careful operator configures for the file as it is now.
    fn expectations(&self, name: &str) -> Expectations {
        let hash = fs::read(self.folder.file(name))
            .ok()
            .map(|bytes| FileHash::of(&bytes));
        Expectations {
            trust_root: Some(self.path().to_owned()),
            limits: self.limits,
            ..Expectations::new(self.path(), hash)
        }
    }

    pub(crate) fn load(&self, name: &str) -> Result<Library, Refused> {
        Library::load(format!("{name}.so"), &self.expectations(name))
    }
}

pub(crate) fn request() -> OpenRequest {
    testing::open_request(json!({}))
}

pub(crate) fn start() -> Input {
    testing::input(
        Event::Start {
            address: None,
            fresh: false,
            contexts: Vec::new(),
            second_factor: false,
        },
        None,
        1_800_000_000,
    )
}
