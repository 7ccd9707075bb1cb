//! What stands before every handler: the request log and the control API.

use std::sync::Arc;

use http::Request;
use hyper::body::Incoming;

use super::Answer;
use super::listener::Handler;
use super::spoil::ELSEWHERE;
use crate::control;
use crate::service::Service;
use crate::shared::Shared;

/// A handler with the log and the control API of `service` before it.
pub(crate) struct Front<H> {
    pub(crate) service: Service,
    pub(crate) shared: Arc<Shared>,
    pub(crate) handler: H,
}

impl<H: Handler> Handler for Front<H> {
    async fn handle(&self, request: Request<Incoming>) -> Answer {
        let path = request.uri().path();
        if path == "/_requests" {
            return control::requests(&self.shared, self.service, request.method());
        }
        let elsewhere = path.starts_with(ELSEWHERE);
        if let Some(command) = path.strip_prefix("/_mock/").filter(|_| !elsewhere) {
            let command = command.to_owned();
            return control::handle(&self.shared, self.service, &command, request).await;
        }
        self.shared.requests(self.service).note(&request);
        self.handler.handle(request).await
    }
}
