//! What an operation is.

use http::Method;
use schemars::{Schema, SchemaGenerator};

use super::call::Call;
use crate::error::ApiError;
use crate::response::Response;
use crate::surroundings::Soon;

/// Who may call an operation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Who {
    /// Administrators with one of the scopes.
    Administrators,
    /// Whoever has a token; the operation itself decides.
    Anyone,
}

/// The methods there are here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Verb {
    Get,
    Post,
    Put,
    Patch,
    Delete,
}

impl Verb {
    /// As HTTP spells it.
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Get => "GET",
            Self::Post => "POST",
            Self::Put => "PUT",
            Self::Patch => "PATCH",
            Self::Delete => "DELETE",
        }
    }
}

/// What stands under one path.
pub(super) struct Resource {
    /// The path, with variable segments in braces.
    pub(super) path: &'static str,
    /// The methods, as `Allow` lists them.
    pub(super) allow: &'static str,
    /// What can be done.
    pub(super) operations: &'static [Operation],
}

/// A schema, written by a generator.
pub(super) type SchemaOf = fn(&mut SchemaGenerator) -> Schema;

/// One thing that can be done.
pub(super) struct Operation {
    pub(super) method: Verb,
    /// Its name in the document, unique.
    pub(super) id: &'static str,
    /// What it does, in a sentence.
    pub(super) summary: &'static str,
    pub(super) who: Who,
    /// Scopes that suffice, the least first.
    pub(super) scopes: &'static [&'static str],
    pub(super) query: &'static [Parameter],
    /// Whether it takes `If-Match`.
    pub(super) if_match: bool,
    pub(super) body: Option<SchemaOf>,
    /// The status of success, and the schema of its body.
    pub(super) answer: (u16, Option<SchemaOf>),
    /// Statuses of refusals, beside those that every operation has.
    pub(super) refusals: &'static [u16],
    pub(super) run: for<'a> fn(Call<'a>) -> Soon<'a, Result<Response, ApiError>>,
}

/// A parameter of the query.
pub(super) struct Parameter {
    pub(super) name: &'static str,
    pub(super) doc: &'static str,
    pub(super) kind: Kind,
    pub(super) required: bool,
}

/// What a parameter holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// A text of that many characters at most.
    Text(usize),
    /// A whole number from the first to the second.
    Number(usize, usize),
    /// A moment.
    Moment,
    /// `true` or `false`.
    Flag,
}

impl Resource {
    /// What stands in the variable segments, where the path is this one.
    pub(super) fn captures<'r>(&self, segments: &[&'r str]) -> Option<Vec<&'r str>> {
        let wanted = self.path.split('/').skip(1);
        if wanted.clone().count() != segments.len() {
            return None;
        }
        let mut captured = Vec::new();
        for (wanted, segment) in wanted.zip(segments) {
            if wanted.starts_with('{') {
                captured.push(*segment);
            } else if wanted != *segment {
                return None;
            }
        }
        Some(captured)
    }

    pub(super) fn operation(&self, method: &Method) -> Option<&'static Operation> {
        self.operations
            .iter()
            .find(|one| one.method.name() == method.as_str())
    }
}
