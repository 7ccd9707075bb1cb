//! Merged layers, and the view of them that the conversion works with.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Display;
use std::path::{Path, PathBuf};

use super::layer::{KeyPath, nearest_place};
use crate::problem::{Place, Problems};

/// What is known about a merged document beside its content.
#[derive(Debug)]
pub(crate) struct Document {
    /// Its first layer as a whole.
    pub(crate) place: Place,
    /// Where each key was last set.
    pub(crate) places: BTreeMap<KeyPath, Place>,
    /// Keys that were refused already: what is missing because of them is not reported again.
    pub(crate) broken: BTreeSet<KeyPath>,
}

/// One key of a document, whether it is set or not.
#[derive(Clone)]
pub(crate) struct Scope<'a> {
    document: &'a Document,
    problems: &'a Problems,
    path: KeyPath,
}

impl<'a> Scope<'a> {
    /// The document as a whole.
    pub(crate) fn top(document: &'a Document, problems: &'a Problems) -> Self {
        Self {
            document,
            problems,
            path: KeyPath::new(),
        }
    }

    /// A key below this one.
    pub(crate) fn at(&self, key: &str) -> Self {
        let mut path = self.path.clone();
        path.push(key.to_owned());
        Self { path, ..*self }
    }

    /// An element of this list.
    pub(crate) fn element(&self, index: usize) -> Self {
        self.at(&index.to_string())
    }

    pub(crate) fn error(&self, message: impl Into<String>) {
        self.problems.error(&self.place(), &self.path, message);
    }

    pub(crate) fn warn(&self, message: impl Into<String>) {
        self.problems.warn(&self.place(), &self.path, message);
    }

    /// The value of a key that must be there; `hint` says what to write.
    pub(crate) fn required<T>(&self, value: Option<T>, hint: &str) -> Option<T> {
        if value.is_none() && !self.is_broken() {
            self.error(format!("is required: {hint}"));
        }
        value
    }

    /// The parsed text, if there is one and it parses.
    pub(crate) fn parse<T, E: Display>(
        &self,
        text: Option<&str>,
        parse: impl FnOnce(&str) -> Result<T, E>,
    ) -> Option<T> {
        parse(text?)
            .map_err(|error| self.error(error.to_string()))
            .ok()
    }

    /// Whether this key, or a table around it, was refused already.
    pub(crate) fn is_broken(&self) -> bool {
        (0..=self.path.len())
            .filter_map(|length| self.path.get(..length))
            .any(|prefix| self.document.broken.contains(prefix))
    }

    /// Whether this key or one below it was refused already.
    pub(crate) fn holds_broken(&self) -> bool {
        let mut broken = self.document.broken.iter();
        self.is_broken() || broken.any(|path| path.starts_with(&self.path))
    }

    /// Where the key stands, or the nearest table around it.
    pub(crate) fn place(&self) -> Place {
        nearest_place(&self.document.places, &self.path)
            .unwrap_or(&self.document.place)
            .clone()
    }

    /// A path as this key gives it: relative to the folder of the file that sets the key. Those in variables
    /// are relative to the working directory.
    pub(crate) fn path(&self, text: &str) -> PathBuf {
        let place = self.place();
        match (place.position, Path::new(&*place.file).parent()) {
            (Some(_), Some(folder)) => folder.join(text),
            _ => PathBuf::from(text),
        }
    }
}
