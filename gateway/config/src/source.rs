//! From files and variables to documents: found, read, parsed with positions, checked against their schema,
//! merged.

mod document;
mod files;
mod layer;
mod merge;
mod toml;
mod variables;

pub(crate) use document::{Document, Scope};
pub(crate) use files::{Found, Text, read_all};
pub(crate) use layer::{KeyPath, Layer};
pub(crate) use merge::merge;
pub(crate) use toml::parse;
pub(crate) use variables::{is_setting, variables};
