//! The mocks over real sockets.

#[cfg(test)]
mod binary;
#[cfg(test)]
mod client;
#[cfg(test)]
mod documents;
#[cfg(test)]
mod flow;
#[cfg(test)]
mod mailbox;
#[cfg(test)]
mod misbehaviours;
#[cfg(test)]
mod oidc;
#[cfg(test)]
mod tls;
#[cfg(test)]
mod webdav;
