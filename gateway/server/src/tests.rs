//! The path of a request, over real sockets.

mod bodies;
mod headers;
mod judged_again;
mod own;
mod recorded;
mod refused;
mod smuggling;
pub(crate) mod support;
mod switching;
mod tls;
