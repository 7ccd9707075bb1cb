//! The hostile corpus: documents are built and signed here, so that every one is what its name says.

mod encrypted;
mod form;
pub(crate) mod idp;
mod logout;
mod mutation;
mod query;
mod said;
mod shape;
mod wrapping;
