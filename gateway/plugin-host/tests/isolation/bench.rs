//! A folder of plugins that run apart, and what is asked of them.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use bad_plugins::{Caged, PluginFolder};
use gateway_plugin_host::{
    Expectations, FileHash, Instance, Isolation, Library, Limits, OpenFailed, StepFailed,
};
use plugins_sdk::message::{Event, Fields, Input, Step};
use plugins_sdk::testing;
use serde_json::json;

/// Longest time that a test waits for anything.
pub(crate) const PATIENCE: Duration = Duration::from_secs(60);

/// A folder of plugins that run apart.
pub(crate) struct Bench {
    pub(crate) folder: PluginFolder,
    pub(crate) limits: Limits,
}

impl Bench {
    pub(crate) fn new() -> Self {
        Self {
            folder: PluginFolder::new().unwrap(),
            // Only a hang takes longer, however busy the machine is.
            limits: Limits {
                deadline: PATIENCE,
                ..Limits::default()
            },
        }
    }

    /// For calls that are to miss their deadline. Others have the same, and may have to start a process.
    pub(crate) fn impatient() -> Self {
        let limits = Limits {
            deadline: Duration::from_secs(2),
            ..Limits::default()
        };
        Self {
            limits,
            ..Self::new()
        }
    }

    pub(crate) fn load(&self, name: &str, isolation: Isolation) -> Library {
        let hash = FileHash::of(&fs::read(self.folder.file(name)).unwrap());
        let expectations = Expectations {
            trust_root: Some(self.folder.path().to_owned()),
            limits: self.limits,
            isolation,
            ..Expectations::new(self.folder.path(), Some(hash))
        };
        Library::load(format!("{name}.so"), &expectations).unwrap()
    }

    /// The plugin, opened in a process of its own.
    pub(crate) fn open(&self, caged: &Caged) -> Result<Instance, OpenFailed> {
        self.folder.caged("caged", caged).unwrap();
        self.load("caged", apart())
            .open(&testing::open_request(json!({})))
    }
}

pub(crate) fn runner() -> PathBuf {
    Path::new(env!("CARGO_BIN_EXE_vestibule-plugin-runner")).to_owned()
}

pub(crate) fn apart() -> Isolation {
    Isolation::Process { runner: runner() }
}

pub(crate) fn submit(word: &str) -> Input {
    let fields = Fields::from([("word".to_owned(), word.to_owned())]);
    testing::input(Event::Submit { fields }, Some(String::new()), 1_800_000_000)
}

/// Lets the plugin do its deed.
pub(crate) async fn dare(instance: &Instance) -> Result<String, StepFailed> {
    detail(instance.step(submit("deed")).await)
}

/// A step without one.
pub(crate) async fn behave(instance: &Instance) -> Result<String, StepFailed> {
    detail(instance.step(submit("nothing")).await)
}

fn detail(step: Result<Step, StepFailed>) -> Result<String, StepFailed> {
    match step? {
        Step::Reject { detail, .. } => Ok(detail),
        other => panic!("{other:?}"),
    }
}
