//! The path of a request, over real sockets.

mod bodies;
mod connections;
mod headers;
mod judged_again;
mod nested;
mod own;
mod recorded;
mod refused;
mod settings;
mod smuggling;
pub(crate) mod support;
mod switching;
mod tls;
