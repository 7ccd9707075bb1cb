//! The path of a request, over real sockets.

mod bodies;
mod channels;
mod connections;
mod documents;
mod headers;
mod judged_again;
mod nested;
mod own;
mod recorded;
mod refused;
mod reload;
mod settings;
mod smuggling;
pub(crate) mod stored;
pub(crate) mod support;
mod switching;
mod tls;
