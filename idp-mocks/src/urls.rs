//! Where everything is, once the listeners are bound.

use std::net::SocketAddr;

use serde::{Deserialize, Serialize};

use crate::saml::Places;
use crate::service::{PerService, Service};
use crate::world::{Account, CONSUMER_TENANT, Cloud, World};

/// Scheme, host and port of each service, without a trailing slash.
pub(crate) struct Origins(PerService<String>);

impl Origins {
    pub(crate) fn new(origins: PerService<String>) -> Self {
        Self(origins)
    }

    pub(crate) fn of(&self, service: Service) -> &str {
        self.0.of(service)
    }
}

/// Every address, as the binary prints it on one line and [`crate::Mocks::urls`] gives it.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Urls {
    /// Entra of the worldwide cloud.
    pub entra_worldwide: CloudUrls,
    /// Entra of the US Government cloud.
    pub entra_usgov: CloudUrls,
    /// Entra of the China cloud.
    pub entra_china: CloudUrls,
    /// Google.
    pub google: GoogleUrls,
    /// The partner's SAML identity provider.
    pub saml: SamlUrls,
    /// Mailbox.
    pub mailbox: MailboxUrls,
    /// Documents.
    pub documents: DocumentsUrls,
    /// The registered clients.
    pub clients: Vec<ClientUrl>,
    /// Who can sign in, and where.
    pub people: Vec<PersonLine>,
}

/// One cloud's Entra.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct CloudUrls {
    /// Scheme, host and port; `{origin}/{tenant}/v2.0` is an authority.
    pub origin: String,
    /// Where the listener is bound.
    pub address: SocketAddr,
    /// The authority for work and school accounts of every tenant.
    pub organizations: String,
    /// The authority for Microsoft accounts; worldwide only.
    pub consumers: Option<String>,
    /// The issuer of Microsoft accounts; worldwide only.
    pub consumers_issuer: Option<String>,
}

/// Google.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct GoogleUrls {
    /// Scheme, host and port; also the issuer.
    pub origin: String,
    /// Where the listener is bound.
    pub address: SocketAddr,
    /// `iss` of its tokens.
    pub issuer: String,
}

/// The partner's SAML identity provider.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct SamlUrls {
    /// Scheme, host and port.
    pub origin: String,
    /// Where the listener is bound.
    pub address: SocketAddr,
    /// Its entity id, which is also where its metadata are.
    pub entity_id: String,
    /// Where people sign in.
    pub sign_on: String,
    /// Where they sign out.
    pub logout: String,
}

/// The mailbox.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct MailboxUrls {
    /// Scheme, host and port of the web inbox.
    pub origin: String,
    /// Where the web inbox is bound.
    pub address: SocketAddr,
    /// Where the SMTP server is bound.
    pub smtp: SocketAddr,
    /// The JSON view.
    pub messages: String,
}

/// The documents.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct DocumentsUrls {
    /// Scheme, host and port.
    pub origin: String,
    /// Where the listener is bound.
    pub address: SocketAddr,
}

/// A registered client.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct ClientUrl {
    /// `client_id`.
    pub id: String,
    /// `client_secret`.
    pub secret: String,
}

/// Somebody and the place of their account.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct PersonLine {
    /// Sign-in name.
    pub address: String,
    /// Display name.
    pub name: String,
    /// The service that knows them; none for people with a mailbox only.
    pub service: Option<Service>,
    /// Tenant id of work and school accounts.
    pub tenant_id: Option<String>,
    /// Object id, Google's `sub` or the SAML partner's persistent name; empty for people with a mailbox only.
    pub id: String,
}

/// Where the listeners are bound.
pub(crate) struct Addresses {
    pub(crate) http: PerService<SocketAddr>,
    pub(crate) smtp: SocketAddr,
}

impl Urls {
    pub(crate) fn new(origins: &Origins, addresses: &Addresses, world: &World) -> Self {
        let origin = |service: Service| origins.of(service).to_owned();
        let address = |service: Service| *addresses.http.of(service);
        Self {
            entra_worldwide: CloudUrls::new(Cloud::Worldwide, origins, addresses),
            entra_usgov: CloudUrls::new(Cloud::UsGovernment, origins, addresses),
            entra_china: CloudUrls::new(Cloud::China, origins, addresses),
            google: GoogleUrls {
                origin: origin(Service::Google),
                address: address(Service::Google),
                issuer: origin(Service::Google),
            },
            saml: SamlUrls::new(origin(Service::Saml), address(Service::Saml)),
            mailbox: MailboxUrls {
                messages: format!("{}/api/messages", origins.of(Service::Mailbox)),
                origin: origin(Service::Mailbox),
                address: address(Service::Mailbox),
                smtp: addresses.smtp,
            },
            documents: DocumentsUrls {
                origin: origin(Service::Documents),
                address: address(Service::Documents),
            },
            clients: world
                .clients
                .iter()
                .map(|client| ClientUrl {
                    id: client.id.clone(),
                    secret: client.secret.clone(),
                })
                .collect(),
            people: people(world),
        }
    }
}

impl SamlUrls {
    fn new(origin: String, address: SocketAddr) -> Self {
        let places = Places::new(&origin);
        Self {
            origin,
            address,
            entity_id: places.entity_id,
            sign_on: places.sign_on,
            logout: places.logout,
        }
    }
}

impl CloudUrls {
    fn new(cloud: Cloud, origins: &Origins, addresses: &Addresses) -> Self {
        let service = Service::entra(cloud);
        let origin = origins.of(service);
        let consumers =
            |segment: &str| (cloud == Cloud::Worldwide).then(|| format!("{origin}/{segment}/v2.0"));
        Self {
            organizations: format!("{origin}/organizations/v2.0"),
            consumers: consumers("consumers"),
            consumers_issuer: consumers(CONSUMER_TENANT),
            origin: origin.to_owned(),
            address: *addresses.http.of(service),
        }
    }
}

fn people(world: &World) -> Vec<PersonLine> {
    let line = |person: &crate::world::Person| {
        let (service, tenant_id) = match &person.account {
            Account::WorkOrSchool {
                cloud, tenant_id, ..
            } => (Some(Service::entra(*cloud)), Some(tenant_id.clone())),
            Account::Microsoft { .. } => (Some(Service::MicrosoftAccount), None),
            Account::Google { .. } => (Some(Service::Google), None),
            Account::Saml { .. } => (Some(Service::Saml), None),
            Account::None => (None, None),
        };
        PersonLine {
            address: person.address.clone(),
            name: person.name.clone(),
            id: person.id().to_owned(),
            service,
            tenant_id,
        }
    };
    world.people.iter().map(line).collect()
}
