//! Ports that are free.

use std::net::{Ipv4Addr, TcpListener};
use std::sync::atomic::{AtomicU32, Ordering};

use crate::Outcome;

/// Below the ports that the system gives to whoever asks for any (from 32768 on): a gateway that is restarted must
/// find its port free, whatever connects and listens meanwhile.
const FIRST: u16 = 20_000;
const PORTS: u16 = 12_000;

/// A loopback port that nobody listens on. No process is given one twice.
///
/// # Errors
/// If there is none.
pub fn free() -> Outcome<u16> {
    static GIVEN: AtomicU32 = AtomicU32::new(0);
    // Processes that run side by side begin far from each other.
    let begin = std::process::id().wrapping_mul(997);
    for _ in 0..PORTS {
        let next = begin.wrapping_add(GIVEN.fetch_add(1, Ordering::Relaxed));
        let port = FIRST + u16::try_from(next % u32::from(PORTS))?;
        if TcpListener::bind((Ipv4Addr::LOCALHOST, port)).is_ok() {
            return Ok(port);
        }
    }
    Err("no loopback port is free".into())
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
