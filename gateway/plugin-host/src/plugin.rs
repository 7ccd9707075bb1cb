//! A library that was found good and loaded.

use std::path::Path;
use std::sync::Arc;

use plugins_sdk::message::{Description, OpenAnswer, OpenRequest, SettingProblem};
use plugins_sdk::rules::{self, NotAccepted};
use plugins_sdk::versions;
use serde_json::Value;

use crate::answer::{self, CallFailed};
use crate::containment::{self, Hung};
use crate::expectations::{Expectations, FileHash, Isolation, Limits};
use crate::file::{self, PluginFile};
use crate::frame::Kind;
use crate::instance::{Instance, Opened, Parts};
use crate::library::{self, Functions, RawAnswer};
use crate::process::{Pool, Process, Program};
use crate::refused::Refused;
use crate::table;

/// A loaded library. One in the gateway's process stays loaded until that ends, whatever becomes of this value.
#[derive(Clone, Debug)]
pub struct Library {
    place: Place,
    minor: u16,
    hash: FileHash,
    description: Arc<Description>,
    limits: Limits,
}

/// Where its code runs.
#[derive(Clone, Debug)]
enum Place {
    Here(Functions),
    Apart(Arc<Program>),
}

/// Why a library does not open an instance.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum OpenFailed {
    /// It refuses the settings.
    #[error("the settings are refused: {}", list(.0))]
    Settings(Vec<SettingProblem>),
    /// The call failed.
    #[error(transparent)]
    Call(#[from] CallFailed),
    /// The hosts it wants to fetch from break a rule.
    #[error("the opened instance breaks a rule: {0}")]
    NotAccepted(#[from] NotAccepted),
}

impl Library {
    /// Checks and loads a library of the plugin folder, and lets it describe itself.
    ///
    /// Blocks: reads the file, and waits for the description at most [`Limits::deadline`].
    ///
    /// - `plugin`: path of the file below [`Expectations::directory`], the last part `[a-z0-9_-]{1,64}` and `.so`.
    ///
    /// # Errors
    /// The first check that fails; up to and including [`Refused::BuiltToAbort`] none of its code has run.
    pub fn load(plugin: impl AsRef<Path>, expectations: &Expectations) -> Result<Self, Refused> {
        let file = file::read(plugin.as_ref(), expectations)?;
        file::check_hash(&file, expectations.sha256)?;
        Self::load_file(&file, expectations)
    }

    /// Loads a file whose hash is the configured one.
    pub(crate) fn load_file(
        file: &PluginFile,
        expectations: &Expectations,
    ) -> Result<Self, Refused> {
        let limits = expectations.limits;
        let header = table::check(file)?;
        let place = match &expectations.isolation {
            Isolation::None => Place::Here(library::load(file, &header)?),
            Isolation::Process { runner } => Place::Apart(Arc::new(Program {
                runner: runner.clone(),
                library: file.seal()?,
                header,
            })),
        };
        let description = describe(&place, &limits).map_err(|source| Refused::Undescribed {
            path: file.path.clone(),
            source,
        })?;
        rules::check_description(&description).map_err(|source| Refused::BadDescription {
            path: file.path.clone(),
            source,
        })?;
        Ok(Self {
            place,
            minor: header.abi_minor,
            hash: file.hash,
            description: Arc::new(description),
            limits,
        })
    }

    /// What the plugin says it is. Asked once, at load.
    #[must_use]
    pub fn description(&self) -> &Description {
        &self.description
    }

    /// SHA-256 of the loaded bytes.
    #[must_use]
    pub fn hash(&self) -> FileHash {
        self.hash
    }

    /// Opens an instance. Blocks, at most thrice [`Limits::deadline`].
    ///
    /// # Errors
    /// [`OpenFailed::Settings`] with every problem the plugin found; the others when it is faulty.
    pub fn open(&self, request: &OpenRequest) -> Result<Instance, OpenFailed> {
        let known = versions::open_request(request, self.minor);
        let question = serde_json::to_vec(&known).map_err(|error| CallFailed::Malformed {
            problem: format!("the request cannot be written: {error}"),
        })?;
        let (raw, opened) = self.call_open(&request.id, question)?;
        match (
            answer::read::<OpenAnswer>(&raw, self.limits.answer_bytes)?,
            opened,
        ) {
            (OpenAnswer::Opened { fetch_hosts }, Some(opened)) => {
                rules::check_fetch_hosts(&fetch_hosts, &self.description)?;
                Ok(Instance::new(Parts {
                    id: request.id.clone(),
                    opened,
                    minor: self.minor,
                    fetch_hosts,
                    description: Arc::clone(&self.description),
                    limits: self.limits,
                }))
            }
            (OpenAnswer::Opened { .. }, None) => {
                Err(malformed("it says `opened` and gives no instance"))
            }
            (OpenAnswer::Refused { problems }, _) if problems.is_empty() => {
                Err(malformed("it refuses without a problem"))
            }
            (OpenAnswer::Refused { problems }, _) => Err(OpenFailed::Settings(without_values(
                problems,
                &request.settings,
            ))),
        }
    }

    fn call_open(
        &self,
        id: &str,
        question: Vec<u8>,
    ) -> Result<(RawAnswer, Option<Opened>), CallFailed> {
        let limit = self.limits.answer_bytes;
        match &self.place {
            Place::Here(functions) => {
                let functions = *functions;
                let work = move || functions.open(&question, limit);
                let (raw, opened) = containment::run(self.limits.deadline, &Hung::default(), work)?;
                Ok((raw, opened.map(Opened::Here)))
            }
            Place::Apart(program) => {
                let (id, program) = (id.to_owned(), Arc::clone(program));
                let (pool, raw, opened) = Pool::open(id, program, question, self.limits)?;
                Ok((raw, opened.then_some(Opened::Apart(pool))))
            }
        }
    }
}

fn describe(place: &Place, limits: &Limits) -> Result<Description, CallFailed> {
    let limit = limits.answer_bytes;
    let raw = match place {
        Place::Here(functions) => {
            let functions = *functions;
            let work = move || functions.describe(limit);
            containment::run(limits.deadline, &Hung::default(), work)?
        }
        Place::Apart(program) => {
            let mut process = Process::start(program, limits)?;
            process.call(Kind::Describe, &[], limits)?.0
        }
    };
    answer::read(&raw, limit)
}

/// Deserialisers quote the text they could not use, and any text among the settings may be a secret.
fn without_values(mut problems: Vec<SettingProblem>, settings: &Value) -> Vec<SettingProblem> {
    let mut texts = Vec::new();
    collect_texts(settings, &mut texts);
    for problem in &mut problems {
        for text in &texts {
            problem.message = problem.message.replace(&format!("{text:?}"), "`…`");
        }
    }
    problems
}

fn collect_texts<'a>(value: &'a Value, texts: &mut Vec<&'a str>) {
    match value {
        Value::String(text) => texts.push(text),
        Value::Array(list) => list.iter().for_each(|value| collect_texts(value, texts)),
        Value::Object(table) => table.values().for_each(|value| collect_texts(value, texts)),
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

fn malformed(problem: &str) -> OpenFailed {
    CallFailed::Malformed {
        problem: problem.to_owned(),
    }
    .into()
}

fn list(problems: &[SettingProblem]) -> String {
    problems
        .iter()
        .map(|problem| format!("`{}`: {}", problem.key, problem.message))
        .collect::<Vec<_>>()
        .join("; ")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn sec_202_a_refusal_of_settings_quotes_none_of_them() {
        let settings =
            json!({"client_secret": 1, "leeway": "CANARY \"77\"", "more": [{"x": "deep"}]});
        let say = |message: &str| SettingProblem {
            key: "leeway".to_owned(),
            message: message.to_owned(),
        };
        let problems = vec![
            say("invalid type: string \"CANARY \\\"77\\\"\", expected i64"),
            say("invalid type: string \"deep\", expected i64"),
            say("is missing"),
        ];
        let shown: Vec<String> = without_values(problems, &settings)
            .into_iter()
            .map(|problem| problem.message)
            .collect();
        assert_eq!(
            shown,
            [
                "invalid type: string `…`, expected i64",
                "invalid type: string `…`, expected i64",
                "is missing"
            ]
        );
    }
}
