//! The management API: the part of Microsoft Graph that sharing needs, under `/v1.0` and `/beta`, and what Graph has no
//! word for, under `/vestibule/v1`.
//!
//! The path of a call: [`request`] takes it apart once; [`caller`] finds out who calls and for which
//! tenant; [`api::Api::answer`] leads to the resource; the resource asks the core whether it may be, writes through
//! [`Directory::write`](gateway_store::directory::Directory::write) and answers; [`error::ApiError`] is the one place
//! where refusals get their status, code and text.
//!
//! What the API needs of the gateway around it is [`surroundings::Surroundings`]: this crate opens no socket and reads
//! no clock. The parts of uploads are all that it keeps in files ([`uploads::Uploads`]).

pub mod api;
mod auth;
mod batch;
pub mod caller;
mod directory;
pub mod drives;
pub mod error;
mod odata;
pub mod request;
pub mod response;
mod scopes;
mod sharing;
pub mod surroundings;
#[cfg(test)]
mod testing;
mod throttle;
pub mod uploads;
mod vestibule;

pub use api::Api;
pub use directory::{ProviderStanding, Standing, lay_over, standings};
pub use scopes::scopes;
pub use uploads::Uploads;
