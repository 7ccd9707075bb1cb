//! Pretended document resources: files over HTTP and WebDAV, and probes of what a proxy lets through.

mod probes;
mod streams;
mod tree;
mod websocket;

use std::io;
use std::sync::Arc;

use dav_server::DavHandler;
use dav_server::localfs::LocalFs;
use dav_server::memls::MemLs;
use http::Request;
use http_body_util::BodyExt;
use hyper::body::Incoming;
use tempfile::TempDir;

use crate::http::Answer;
use crate::http::listener::Handler;
use crate::http::spoil::spoil;
use crate::misbehaviour::Endpoint;
use crate::service::Service;
use crate::shared::Shared;

/// The documents, laid out in a temporary folder that goes when this does.
pub(crate) struct Documents {
    dav: DavHandler,
    _folder: TempDir,
}

/// The documents behind a listener.
pub(crate) struct Serving {
    documents: Documents,
    shared: Arc<Shared>,
}

impl Documents {
    /// Writes the tree. `large_bytes` is the size of the large file.
    pub(crate) async fn lay_out(large_bytes: u64) -> io::Result<Self> {
        let lay_out = move || {
            let folder = tempfile::Builder::new().prefix("idp-mocks-").tempdir()?;
            tree::write(folder.path(), large_bytes)?;
            Ok::<_, io::Error>(folder)
        };
        let folder = tokio::task::spawn_blocking(lay_out).await??;
        let dav = DavHandler::builder()
            .filesystem(LocalFs::new(folder.path(), false, false, false))
            .locksystem(MemLs::new())
            .autoindex(true)
            .build_handler();
        Ok(Self {
            dav,
            _folder: folder,
        })
    }

    pub(crate) fn serving(self, shared: Arc<Shared>) -> Serving {
        Serving {
            documents: self,
            shared,
        }
    }
}

impl Handler for Serving {
    async fn handle(&self, request: Request<Incoming>) -> Answer {
        let answer = match probes::named(request.uri().path()) {
            Some(probe) => probe.answer(request, self.shared.switchboard.delay()).await,
            None => self
                .documents
                .dav
                .handle(request)
                .await
                .map(BodyExt::boxed_unsync),
        };
        spoil(
            &self.shared.switchboard,
            Service::Documents,
            Endpoint::Other,
            answer,
        )
        .await
    }
}
