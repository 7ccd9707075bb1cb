//! The gateway in front of documents: listeners, the path of a request, the command line. Start reading at
//! `pipeline.rs`.

mod aftermath;
mod api;
mod auditing;
mod body;
pub mod cli;
pub mod clock;
mod cookies;
pub mod documents;
mod facts;
pub mod gateway;
mod hop;
mod identify;
mod join;
mod judge;
mod links;
pub mod listener;
mod live;
mod logging;
mod operations;
mod own;
mod pause;
mod pipeline;
mod providers;
mod record;
mod reload;
mod respond;
pub mod route;
mod serve;
mod standing;
mod traffic;
mod upstream;

#[cfg(test)]
mod tests;
