//! The gateway, as the management API sees it.

use std::net::SocketAddr;
use std::sync::Arc;

use aws_lc_rs::rand;
use gateway_config::model::{ApiListener, Configuration};
use gateway_core::id::{ProviderId, TenantId};
use gateway_core::time::UnixTime;
use gateway_graph::caller::Caller;
use gateway_graph::surroundings::{
    ApiSettings, DocumentRequest, DocumentResponse, Explain, Foresee, InvitationLetter, NoDocument,
    NotTold, Soon, Surroundings, Unavailable,
};
use gateway_sign_in::fetch::{Fetch, HOME_DISCOVERY, IssuerKeys};
use gateway_sign_in::mail::{self, Invited, Mailer};
use gateway_store::directory::Directory;
use serde_json::Value;
use tokio::sync::Semaphore;

use super::tell;
use crate::clock;
use crate::gateway::Gateway;

/// What [`Around::new`] is made of.
pub(crate) struct AroundParts {
    /// The gateway in front of documents.
    pub(crate) gateway: Arc<Gateway>,
    /// How the API is reached.
    pub(crate) listener: ApiListener,
    /// Where documents are listened for.
    pub(crate) documents: SocketAddr,
    /// The network.
    pub(crate) network: Arc<dyn Fetch>,
    /// Sends letters.
    pub(crate) mailer: Arc<dyn Mailer>,
}

/// The gateway, as the management API sees it.
pub(crate) struct Around {
    gateway: Arc<Gateway>,
    settings: Arc<ApiSettings>,
    documents: SocketAddr,
    issuers: IssuerKeys,
    mailer: Arc<dyn Mailer>,
    /// Who is told what a change would do: one at a time.
    foreseeing: Semaphore,
}

/// So many people, permissions and links are judged at once for somebody who asks what a change would do.
const MOST_FORESEEN: u32 = 200_000;

impl Around {
    pub(crate) fn new(parts: AroundParts) -> Self {
        let listener = parts.listener;
        let settings = ApiSettings {
            origin: listener.origin,
            audiences: listener.audiences,
            body_bytes: listener.body_bytes,
            per_minute: listener.requests_per_minute,
        };
        Self {
            gateway: parts.gateway,
            settings: Arc::new(settings),
            documents: parts.documents,
            issuers: IssuerKeys::new(parts.network),
            mailer: parts.mailer,
            foreseeing: Semaphore::new(1),
        }
    }

    /// Under whose certificate authorities a tenant's directory is asked: those of the provider that signs its members
    /// in, or the system's.
    fn client(&self, tenant: &TenantId) -> Option<ProviderId> {
        let configuration = self.gateway.configuration();
        let cloud = &configuration.tenants.get(tenant)?.settings.cloud;
        let mut providers = configuration.providers.values();
        let own = providers.find(|provider| {
            provider.trust.kind.as_str() == "work-school"
                && provider.trust.cloud.as_ref() == Some(cloud)
                && provider.serves(tenant)
        });
        match own {
            Some(provider) => Some(provider.id.clone()),
            None => ProviderId::parse(HOME_DISCOVERY).ok(),
        }
    }
}

impl Surroundings for Around {
    fn configuration(&self) -> Arc<Configuration> {
        self.gateway.configuration()
    }

    fn api(&self) -> Arc<ApiSettings> {
        Arc::clone(&self.settings)
    }

    fn directory(&self) -> &Directory {
        &self.gateway.directory
    }

    fn now(&self) -> UnixTime {
        clock::now()
    }

    fn random(&self) -> Result<[u8; 32], Unavailable> {
        let mut bytes = [0; 32];
        rand::fill(&mut bytes).map_err(|_| Unavailable("no randomness".to_owned()))?;
        Ok(bytes)
    }

    fn origin(&self, tenant: &TenantId) -> Option<String> {
        let configuration = self.gateway.configuration();
        let host = configuration.tenants.get(tenant)?.hosts.first()?;
        let gateway = &configuration.gateway;
        let listener = &gateway.public;
        // Where proxies are listed, one of them ends TLS.
        let secure = listener.tls.is_some() || !gateway.trusted_proxies.is_empty();
        let port = listener.external_port.unwrap_or(self.documents.port());
        Some(match (secure, port) {
            (true, 443) => format!("https://{host}"),
            (false, 80) => format!("http://{host}"),
            (true, port) => format!("https://{host}:{port}"),
            (false, port) => format!("http://{host}:{port}"),
        })
    }

    fn seal(&self, purpose: &'static str, plain: &[u8]) -> Result<Vec<u8>, Unavailable> {
        let sealed = self.gateway.keyring.seal_for_api(purpose, plain);
        sealed
            .map(String::into_bytes)
            .map_err(|error| Unavailable(error.to_string()))
    }

    fn open(&self, purpose: &'static str, sealed: &[u8]) -> Option<Vec<u8>> {
        let sealed = std::str::from_utf8(sealed).ok()?;
        self.gateway.keyring.open_for_api(purpose, sealed)
    }

    fn own_token(&self, token: &str) -> Option<Value> {
        self.gateway.keyring.operator_token(token)
    }

    fn issuer_keys<'a>(
        &'a self,
        tenant: &'a TenantId,
        issuer: &'a str,
        fresh: bool,
    ) -> Soon<'a, Result<Arc<Value>, Unavailable>> {
        Box::pin(async move {
            let unknown = || Unavailable("no provider asks the tenant's directory".to_owned());
            let client = self.client(tenant).ok_or_else(unknown)?;
            let keys = self
                .issuers
                .keys(&client, issuer, fresh, clock::now())
                .await;
            keys.map_err(|error| Unavailable(error.to_string()))
        })
    }

    fn explain<'a>(
        &'a self,
        tenant: &'a TenantId,
        ask: Explain,
    ) -> Soon<'a, Result<Value, NotTold>> {
        Box::pin(tell::explain(&self.gateway, tenant, ask))
    }

    fn foresee<'a>(
        &'a self,
        tenant: &'a TenantId,
        ask: Foresee,
    ) -> Soon<'a, Result<Value, NotTold>> {
        Box::pin(async move {
            let _one = self.foreseeing.try_acquire().map_err(|_| NotTold::Busy)?;
            tell::foresee(&self.gateway, tenant, ask, MOST_FORESEEN).await
        })
    }

    fn mail(&self, letter: InvitationLetter) {
        self.mailer.queue(mail::invitation(&invited(letter)));
    }

    fn documents<'a>(
        &'a self,
        caller: &'a Caller,
        ask: DocumentRequest,
    ) -> Soon<'a, Result<DocumentResponse, NoDocument>> {
        Box::pin(async move {
            let origin = self.origin(&caller.tenant).unwrap_or_default();
            crate::documents::ask(&self.gateway, caller, &origin, ask).await
        })
    }
}

fn invited(letter: InvitationLetter) -> Invited {
    Invited {
        to: letter.to,
        cc: letter.cc,
        organisation: letter.organisation,
        inviter: letter.inviter,
        message: letter.message,
        item: letter.item,
        url: letter.url,
        language: letter.language,
        manager: letter.manager,
        for_others: letter.for_others,
    }
}
