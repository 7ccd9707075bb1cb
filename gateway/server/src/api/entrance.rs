//! Where the management API comes in.

use std::net::SocketAddr;
use std::sync::Arc;

use gateway_config::model::ApiListener;
use gateway_graph::Uploads;
use gateway_sign_in::fetch::Fetch;
use gateway_sign_in::mail::Mailer;
use rustls::ServerConfig;
use tokio::net::TcpListener;

use super::{Around, AroundParts, Management};
use crate::gateway::Gateway;
use crate::listener::{self, Behind};
use crate::serve::{self, ServeFailed};

/// A listener that is bound and has its certificate.
pub(crate) struct Entrance {
    settings: ApiListener,
    listener: TcpListener,
    tls: Option<Arc<ServerConfig>>,
    uploads: Uploads,
}

/// What the API uses of what the gateway has for documents.
pub(crate) struct Beside {
    /// Where documents are listened for.
    pub(crate) documents: SocketAddr,
    /// The network.
    pub(crate) network: Arc<dyn Fetch>,
    /// Sends letters.
    pub(crate) mailer: Arc<dyn Mailer>,
}

impl Entrance {
    /// Binds the configured address, reads the certificate, and makes the folder for uploads.
    ///
    /// # Errors
    /// [`ServeFailed`].
    pub(crate) async fn open(settings: &ApiListener) -> Result<Self, ServeFailed> {
        let clients = settings.client_ca.as_deref();
        let tls = settings.tls.as_ref();
        let tls = tls.map(|files| listener::tls_with_clients(files, clients));
        let (limits, folder) = (settings.uploads.clone(), settings.uploads.folder.clone());
        let uploads = tokio::task::spawn_blocking(|| Uploads::open(limits)).await;
        let uploads = uploads.map_err(|stopped| ServeFailed::Runtime(stopped.into()))?;
        Ok(Self {
            uploads: uploads.map_err(|source| ServeFailed::Uploads { folder, source })?,
            tls: tls.transpose()?,
            listener: serve::bind(settings.address, "listen.api.address").await?,
            settings: settings.clone(),
        })
    }

    /// Where it listens.
    #[cfg(test)]
    pub(crate) fn address(&self) -> SocketAddr {
        self.listener.local_addr().unwrap_or(self.settings.address)
    }

    /// Answers calls until `stop` ends; then lets what is running end within the configured deadline.
    pub(crate) async fn serve(
        self,
        gateway: Arc<Gateway>,
        beside: Beside,
        stop: impl Future<Output = ()>,
    ) {
        let around = Around::new(AroundParts {
            gateway: Arc::clone(&gateway),
            listener: self.settings,
            documents: beside.documents,
            network: beside.network,
            mailer: beside.mailer,
        });
        let management = Arc::new(Management::new(Arc::new(around), self.uploads));
        let behind = Behind::Management(Arc::clone(&management));
        tokio::select! {
            () = listener::serve_from(gateway, behind, self.listener, self.tls, stop) => {}
            () = management.sweep() => {}
        }
    }
}
