//! What is wrong with a file of cases, and where.

use std::cell::RefCell;
use std::fmt;

/// One thing that is wrong.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Problem {
    /// Where: `cases[2].tenant.SharingCapability`.
    pub path: String,
    /// What, in words that stand after the path.
    pub message: String,
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.path.is_empty() {
            f.write_str(&self.message)
        } else {
            write!(f, "{}: {}", self.path, self.message)
        }
    }
}

/// A place in a file, where problems are noted.
#[derive(Clone)]
pub(crate) struct At<'a> {
    path: String,
    problems: &'a RefCell<Vec<Problem>>,
}

impl<'a> At<'a> {
    pub(crate) fn new(path: &str, problems: &'a RefCell<Vec<Problem>>) -> Self {
        Self {
            path: path.to_owned(),
            problems,
        }
    }

    /// A key below.
    pub(crate) fn key(&self, key: &str) -> Self {
        Self {
            path: if self.path.is_empty() {
                key.to_owned()
            } else {
                format!("{}.{key}", self.path)
            },
            problems: self.problems,
        }
    }

    /// An element below.
    pub(crate) fn index(&self, index: usize) -> Self {
        Self {
            path: format!("{}[{index}]", self.path),
            problems: self.problems,
        }
    }

    /// Whether something is wrong already with the key below, or with what it holds.
    pub(crate) fn is_noted(&self, key: &str) -> bool {
        let path = self.key(key).path;
        let within = |one: &Problem| {
            let rest = one.path.strip_prefix(&path);
            rest.is_some_and(|rest| rest.is_empty() || rest.starts_with(['.', '[']))
        };
        self.problems.borrow().iter().any(within)
    }

    /// How much is wrong so far.
    pub(crate) fn count(&self) -> usize {
        self.problems.borrow().len()
    }

    pub(crate) fn path(&self) -> &str {
        &self.path
    }

    pub(crate) fn error(&self, message: impl fmt::Display) {
        self.problems.borrow_mut().push(Problem {
            path: self.path.clone(),
            message: message.to_string(),
        });
    }

    /// Takes a problem that knows its place.
    pub(crate) fn note(&self, problem: Problem) {
        self.problems.borrow_mut().push(problem);
    }

    /// The value, or nothing with its error noted.
    pub(crate) fn ok<T, E: fmt::Display>(&self, read: Result<T, E>) -> Option<T> {
        read.map_err(|error| self.error(error)).ok()
    }
}
