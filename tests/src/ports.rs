//! Ports that are free.

use std::net::{Ipv4Addr, TcpListener};

use crate::Outcome;

/// A loopback port that nobody listens on. Somebody may take it before the caller does: listeners that can tell
/// which port they got should be asked for port 0 instead.
///
/// # Errors
/// If there is none.
pub fn free() -> Outcome<u16> {
    Ok(TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?
        .local_addr()?
        .port())
}

/// `usual` if nobody listens there, a free one otherwise.
///
/// # Errors
/// If there is none.
pub fn usual_or_free(usual: u16) -> Outcome<u16> {
    match TcpListener::bind((Ipv4Addr::LOCALHOST, usual)) {
        Ok(_) => Ok(usual),
        Err(_) => free(),
    }
}
