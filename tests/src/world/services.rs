//! The ports of the pretended services.

use idp_mocks::{Listener, Settings};

use crate::Outcome;
use crate::ports;

/// Ports that the demo takes where they are free.
pub const USUAL_PORTS: UsualPorts = UsualPorts {
    gateway: 8443,
    operations: 9464,
    api: 8444,
    entra_worldwide: 9001,
    entra_usgov: 9002,
    entra_china: 9003,
    google: 9004,
    mailbox: 9005,
    smtp: 9006,
    documents: 9007,
    saml: 9008,
};

/// One port for each listener.
#[derive(Clone, Copy, Debug)]
pub struct UsualPorts {
    /// The gateway's public listener.
    pub gateway: u16,
    /// Health and metrics.
    pub operations: u16,
    /// The management API.
    pub api: u16,
    /// Entra of the worldwide cloud, and the Microsoft account.
    pub entra_worldwide: u16,
    /// Entra of the US Government cloud.
    pub entra_usgov: u16,
    /// Entra of the China cloud.
    pub entra_china: u16,
    /// Google.
    pub google: u16,
    /// The web inbox.
    pub mailbox: u16,
    /// The mail server.
    pub smtp: u16,
    /// The documents.
    pub documents: u16,
    /// The partner's SAML identity provider.
    pub saml: u16,
}

/// `port` if that is wanted and free, a free one otherwise.
pub(super) fn port(usual: bool, port: u16) -> Outcome<u16> {
    if usual {
        ports::usual_or_free(port)
    } else {
        ports::free()
    }
}

/// Plain HTTP on loopback.
pub(super) fn settings(usual: bool) -> Outcome<Settings> {
    let listener = |port: u16| -> Outcome<Listener> {
        // Tests let the listener choose: nobody can take the port in between then.
        let port = if usual {
            ports::usual_or_free(port)?
        } else {
            0
        };
        Ok(Listener {
            address: ([127, 0, 0, 1], port).into(),
            ..Listener::default()
        })
    };
    Ok(Settings {
        entra_worldwide: listener(USUAL_PORTS.entra_worldwide)?,
        entra_usgov: listener(USUAL_PORTS.entra_usgov)?,
        entra_china: listener(USUAL_PORTS.entra_china)?,
        google: listener(USUAL_PORTS.google)?,
        mailbox: listener(USUAL_PORTS.mailbox)?,
        smtp: listener(USUAL_PORTS.smtp)?,
        documents: listener(USUAL_PORTS.documents)?,
        saml: listener(USUAL_PORTS.saml)?,
        ..Settings::default()
    })
}
