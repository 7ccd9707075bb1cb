//! What is wrong with a configuration, and where.

use std::cell::RefCell;
use std::fmt;
use std::sync::Arc;

/// How bad a problem is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// The configuration is refused.
    Error,
    /// The configuration is used, but probably does not do what was meant.
    Warning,
}

/// Line and column, both from 1; columns count characters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Position {
    /// The line.
    pub line: usize,
    /// The column.
    pub column: usize,
}

/// One thing that is wrong. Holds no value of a setting that could be a secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// The file, as its folder was given; a folder, or `variable NAME`, where it is not about a file.
    pub file: String,
    /// Where in the file, if it is about a place in a file.
    pub position: Option<Position>,
    /// The key, dotted (`sites.projects.upstream`); empty when it is about the file as a whole.
    pub key: String,
    /// What is wrong and what to do, lower case, without full stop.
    pub message: String,
    /// How bad it is.
    pub severity: Severity,
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.file)?;
        if let Some(Position { line, column }) = self.position {
            write!(f, ":{line}:{column}")?;
        }
        f.write_str(": ")?;
        if self.severity == Severity::Warning {
            f.write_str("warning: ")?;
        }
        if !self.key.is_empty() {
            write!(f, "{}: ", self.key)?;
        }
        f.write_str(&self.message)
    }
}

/// A place in a file, or a variable.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Place {
    pub(crate) file: Arc<str>,
    pub(crate) position: Option<Position>,
}

impl Place {
    /// The file as a whole.
    pub(crate) fn whole(file: &str) -> Self {
        Self {
            file: file.into(),
            position: None,
        }
    }
}

/// Where problems are noted while everything is read; nothing stops at the first one.
#[derive(Debug, Default)]
pub(crate) struct Problems(RefCell<Vec<Problem>>);

impl Problems {
    pub(crate) fn error(&self, place: &Place, key: &[String], message: impl Into<String>) {
        self.add(place, key, message.into(), Severity::Error);
    }

    pub(crate) fn warn(&self, place: &Place, key: &[String], message: impl Into<String>) {
        self.add(place, key, message.into(), Severity::Warning);
    }

    fn add(&self, place: &Place, key: &[String], message: String, severity: Severity) {
        self.0.borrow_mut().push(Problem {
            file: place.file.to_string(),
            position: place.position,
            key: dotted(key),
            message,
            severity,
        });
    }

    /// `made` with the warnings, if nothing worse was noted; else everything, errors and warnings, by file
    /// and line.
    pub(crate) fn finish<T>(self, made: Option<T>) -> Result<(T, Vec<Problem>), Vec<Problem>> {
        let mut problems = self.0.into_inner();
        problems.sort_by(|a, b| (&a.file, a.position).cmp(&(&b.file, b.position)));
        problems.dedup();
        let refused = problems
            .iter()
            .any(|problem| problem.severity == Severity::Error);
        match made {
            Some(made) if !refused => Ok((made, problems)),
            Some(_) | None => Err(problems),
        }
    }
}

/// `a.b."c.d".0`, as TOML would write it.
fn dotted(key: &[String]) -> String {
    let part = |part: &String| {
        let bare = !part.is_empty()
            && part
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_');
        if bare {
            part.clone()
        } else {
            format!("{part:?}")
        }
    };
    key.iter().map(part).collect::<Vec<_>>().join(".")
}
