//! Binds every listener first, so that each service can name the others, then serves.

use std::net::SocketAddr;
use std::sync::Arc;

use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

use crate::documents::Documents;
use crate::entra::Entra;
use crate::google::Google;
use crate::http::front::Front;
use crate::http::listener::{Handler, serve};
use crate::http::tls::Doors;
use crate::mailbox::{Inbox, Mailbox, smtp};
use crate::misbehaviour::NotApplicable;
use crate::mocks::Mocks;
use crate::saml::Partner;
use crate::service::{PerService, Service};
use crate::settings::{Listener, Settings, Tls};
use crate::shared::Shared;
use crate::switchboard::Switchboard;
use crate::urls::{Addresses, Origins, Urls};
use crate::world::Cloud;

/// Why the mocks did not start.
#[derive(Debug, thiserror::Error)]
pub enum NotStarted {
    /// An address could not be bound.
    #[error("cannot listen on {address}")]
    NotBound {
        /// The address that was asked for.
        address: SocketAddr,
        /// What the system said.
        source: std::io::Error,
    },
    /// The documents could not be written to a temporary folder.
    #[error("cannot lay out the documents")]
    NoDocuments(#[source] std::io::Error),
    /// A misbehaviour of the settings means nothing where it is wanted.
    #[error(transparent)]
    Misbehaviour(#[from] NotApplicable),
}

/// Starts everything in the background of the current tokio runtime.
pub(crate) async fn start(settings: Settings) -> Result<Mocks, NotStarted> {
    let bound = Bound::bind(&settings).await?;
    let documents = Documents::lay_out(settings.large_bytes)
        .await
        .map_err(NotStarted::NoDocuments)?;
    let origins = bound.origins(&settings);
    let urls = Urls::new(&origins, &bound.addresses, &settings.world);
    let switchboard = Switchboard::new(settings.slow_for);
    let shared = Arc::new(Shared::new(
        settings.world,
        switchboard,
        origins,
        settings.trust.map(|trust| trust.0),
        settings.auto_sign_in,
    ));
    for (target, misbehaviour) in settings.misbehaviours {
        shared.misbehave(target, misbehaviour, None)?;
    }
    let stop = CancellationToken::new();
    let run = Run {
        shared: Arc::clone(&shared),
        stop: stop.clone(),
    };
    for (cloud, listener, tls) in [
        (
            Cloud::Worldwide,
            bound.entra_worldwide,
            &settings.entra_worldwide.tls,
        ),
        (
            Cloud::UsGovernment,
            bound.entra_usgov,
            &settings.entra_usgov.tls,
        ),
        (Cloud::China, bound.entra_china, &settings.entra_china.tls),
    ] {
        let entra = Entra::new(cloud, Arc::clone(&shared));
        run.serve(Service::entra(cloud), listener, tls.as_ref(), entra);
    }
    let google = Google::new(Arc::clone(&shared));
    run.serve(
        Service::Google,
        bound.google,
        settings.google.tls.as_ref(),
        google,
    );
    let partner = Partner::new(Arc::clone(&shared));
    run.serve(
        Service::Saml,
        bound.saml,
        settings.saml.tls.as_ref(),
        partner,
    );
    let mailbox = Mailbox::new();
    let inbox = Inbox::new(mailbox.clone());
    run.serve(
        Service::Mailbox,
        bound.mailbox,
        settings.mailbox.tls.as_ref(),
        inbox,
    );
    let documents = documents.serving(Arc::clone(&shared));
    run.serve(
        Service::Documents,
        bound.documents,
        settings.documents.tls.as_ref(),
        documents,
    );
    let post_office = smtp::PostOffice {
        name: settings
            .smtp
            .host
            .unwrap_or_else(|| "mail.localhost".to_owned()),
        tls: settings.smtp.tls.as_ref().map(Tls::for_smtp),
        mailbox: mailbox.clone(),
        shared: Arc::clone(&shared),
    };
    smtp::serve(bound.smtp, post_office, stop.clone());
    Ok(Mocks::new(shared, urls, mailbox, stop))
}

/// The listeners, bound and not yet serving.
struct Bound {
    entra_worldwide: TcpListener,
    entra_usgov: TcpListener,
    entra_china: TcpListener,
    google: TcpListener,
    saml: TcpListener,
    mailbox: TcpListener,
    smtp: TcpListener,
    documents: TcpListener,
    addresses: Addresses,
}

impl Bound {
    async fn bind(settings: &Settings) -> Result<Self, NotStarted> {
        let (entra_worldwide, worldwide) = bind(&settings.entra_worldwide).await?;
        let (entra_usgov, usgov) = bind(&settings.entra_usgov).await?;
        let (entra_china, china) = bind(&settings.entra_china).await?;
        let (google, at_google) = bind(&settings.google).await?;
        let (saml, at_saml) = bind(&settings.saml).await?;
        let (mailbox, at_mailbox) = bind(&settings.mailbox).await?;
        let (smtp, at_smtp) = bind(&settings.smtp).await?;
        let (documents, at_documents) = bind(&settings.documents).await?;
        let http = PerService::new(|service| match service {
            Service::EntraWorldwide | Service::MicrosoftAccount => worldwide,
            Service::EntraUsgov => usgov,
            Service::EntraChina => china,
            Service::Google => at_google,
            Service::Saml => at_saml,
            Service::Mailbox => at_mailbox,
            Service::Documents => at_documents,
        });
        let addresses = Addresses {
            http,
            smtp: at_smtp,
        };
        Ok(Self {
            entra_worldwide,
            entra_usgov,
            entra_china,
            google,
            saml,
            mailbox,
            smtp,
            documents,
            addresses,
        })
    }

    fn origins(&self, settings: &Settings) -> Origins {
        Origins::new(PerService::new(|service| {
            let listener = match service {
                Service::EntraWorldwide | Service::MicrosoftAccount => &settings.entra_worldwide,
                Service::EntraUsgov => &settings.entra_usgov,
                Service::EntraChina => &settings.entra_china,
                Service::Google => &settings.google,
                Service::Saml => &settings.saml,
                Service::Mailbox => &settings.mailbox,
                Service::Documents => &settings.documents,
            };
            listener.origin(*self.addresses.http.of(service))
        }))
    }
}

async fn bind(listener: &Listener) -> Result<(TcpListener, SocketAddr), NotStarted> {
    let address = listener.address;
    let refused = |source| NotStarted::NotBound { address, source };
    let bound = TcpListener::bind(address).await.map_err(refused)?;
    let real = bound.local_addr().map_err(refused)?;
    Ok((bound, real))
}

struct Run {
    shared: Arc<Shared>,
    stop: CancellationToken,
}

impl Run {
    fn serve<H: Handler>(
        &self,
        service: Service,
        listener: TcpListener,
        tls: Option<&Tls>,
        handler: H,
    ) {
        let front = Front {
            service,
            shared: Arc::clone(&self.shared),
            handler,
        };
        let doors = Doors::new(service, tls, &self.shared);
        serve(listener, doors, Arc::new(front), self.stop.clone());
    }
}
