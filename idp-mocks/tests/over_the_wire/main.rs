//! The mocks over real sockets.

#[cfg(test)]
mod access;
#[cfg(test)]
mod assertion;
#[cfg(test)]
mod binary;
#[cfg(test)]
mod client;
#[cfg(test)]
mod clouds;
#[cfg(test)]
mod documents;
#[cfg(test)]
mod faults;
#[cfg(test)]
mod flow;
#[cfg(test)]
mod logout;
#[cfg(test)]
mod mailbox;
#[cfg(test)]
mod misbehaviours;
#[cfg(test)]
mod oidc;
#[cfg(test)]
mod saml;
#[cfg(test)]
mod saml_sp;
#[cfg(test)]
mod tls;
#[cfg(test)]
mod webdav;
