//! The words and the rules of the sharing gateway.
//!
//! Nothing here knows IO, a clock, randomness or a wire format: `now` is an argument, and what is decided
//! on comes in as values that cannot be wrong. Start reading at [`policy`].

pub mod action;
pub mod address;
pub mod assertion;
pub mod cloud;
pub mod domains;
pub mod file;
pub mod groups;
pub mod home;
pub mod id;
pub mod index;
pub mod network;
pub mod path;
pub mod person;
pub mod policy;
pub mod settings;
pub mod sharing;
#[cfg(test)]
mod testing;
pub mod time;
