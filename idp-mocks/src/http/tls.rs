//! With which certificate a listener's connections begin.

use std::sync::{Arc, OnceLock};

use rcgen::{CertificateParams, KeyPair};
use tokio_rustls::TlsAcceptor;

use crate::misbehaviour::WireFault;
use crate::service::Service;
use crate::settings::Tls;
use crate::shared::Shared;

/// The certificates of one listener: its own, and the bad ones that it can be told to show.
#[derive(Clone)]
pub(crate) struct Doors(Option<Arc<Certificates>>);

struct Certificates {
    service: Service,
    shared: Arc<Shared>,
    own: TlsAcceptor,
    /// The expired one that the settings give, if they do.
    expired: Option<TlsAcceptor>,
    expired_made: OnceLock<Option<TlsAcceptor>>,
    foreign_made: OnceLock<Option<TlsAcceptor>>,
}

impl Doors {
    /// - `tls`: none is plain HTTP, where no certificate goes wrong.
    pub(crate) fn new(service: Service, tls: Option<&Tls>, shared: &Arc<Shared>) -> Self {
        Self(tls.map(|tls| {
            Arc::new(Certificates {
                service,
                shared: Arc::clone(shared),
                own: tls.for_http(),
                expired: tls.expired().as_ref().map(Tls::for_http),
                expired_made: OnceLock::new(),
                foreign_made: OnceLock::new(),
            })
        }))
    }

    /// For the next connection.
    pub(super) fn acceptor(&self) -> Option<TlsAcceptor> {
        self.0.as_deref().map(Certificates::shown)
    }
}

impl Certificates {
    fn shown(&self) -> TlsAcceptor {
        let told = |fault| self.shared.switchboard.has(self.service, fault);
        let bad = if told(WireFault::ExpiredCertificate) {
            let made = || self.expired_made.get_or_init(|| made("localhost", true));
            self.expired.as_ref().or_else(|| made().as_ref())
        } else if told(WireFault::ForeignCertificate) {
            let made = self
                .foreign_made
                .get_or_init(|| made("elsewhere.invalid", false));
            made.as_ref()
        } else {
            None
        };
        bad.unwrap_or(&self.own).clone()
    }
}

/// A certificate that signs itself.
fn made(name: &str, expired: bool) -> Option<TlsAcceptor> {
    let mut parameters = CertificateParams::new(vec![name.to_owned()]).ok()?;
    if expired {
        parameters.not_before = rcgen::date_time_ymd(2019, 1, 1);
        parameters.not_after = rcgen::date_time_ymd(2020, 1, 1);
    }
    let key = KeyPair::generate().ok()?;
    let certificate = parameters.self_signed(&key).ok()?;
    let tls = Tls::from_pem(certificate.pem().as_bytes(), key.serialize_pem().as_bytes());
    Some(tls.ok()?.for_http())
}
