//! A gateway with two tenants, a handful of guests and scripted providers.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use gateway_config::model::{
    AllowedAccess, Audit, Configuration, DeclaredLink, Gateway, Isolation, Limits, Plugins,
    Provider as ConfiguredProvider, PublicListener, SecretSettings, Sessions, StoreLocation,
    Tenant,
};
use gateway_core::address::{DomainName, EmailAddress};
use gateway_core::assertion::{DomainScope, ProviderTrust};
use gateway_core::cloud::{Cloud, Clouds, EnvironmentBoundary};
use gateway_core::groups::Groups;
use gateway_core::home::Offer;
use gateway_core::id::{
    CloudName, GuestId, LinkId, PermissionId, ProviderId, ProviderKind, SiteId, TenantId,
};
use gateway_core::path::ItemPath;
use gateway_core::person::{Guest, GuestOrigin, IdentityKey, InvitationManager};
use gateway_core::settings::words::AllowInvitesFrom;
use gateway_core::settings::{DirectorySettings, Profile, TenantSettings, TenantSharing};
use gateway_core::sharing::{LinkScope, LinkType, Permission, Recipient, Role, SharingLink};
use gateway_core::time::UnixTime;
use gateway_store::Store;
use gateway_store::directory::{DeclaredTenant, Directory};
use gateway_store::model::Wanted;
use plugins_sdk::message::FetchRequest;
use url::Url;

use super::scripted::{self, CONTOSO, Scripted};
use crate::fetch::{BoxFuture, Fetch, FetchFailed, Fetched};
use crate::keys::Keyring;
use crate::mail::{Letter, Mailer};
use crate::provider::Provider;
use crate::{Parts, SignIn};

pub(super) const NOW: UnixTime = UnixTime(1_800_000_000);

/// Keeps letters instead of sending them.
#[derive(Default)]
pub(super) struct Letterbox(Mutex<Vec<Letter>>);

impl Mailer for Letterbox {
    fn queue(&self, letter: Letter) {
        self.0.lock().unwrap().push(letter);
    }
}

/// Nothing can be reached.
pub(super) struct NoNetwork;

impl Fetch for NoNetwork {
    fn fetch<'a>(
        &'a self,
        _: &'a ProviderId,
        url: &'a Url,
        _: &'a FetchRequest,
    ) -> BoxFuture<'a, Result<Fetched, FetchFailed>> {
        Box::pin(async move { Err(FetchFailed::NotAllowed(url.to_string())) })
    }
}

/// The clouds' discovery documents, and a document that a provider fetches.
#[derive(Default)]
pub(super) struct Clouded {
    /// What hosts answer with; others cannot be reached.
    pub(super) answers: Mutex<BTreeMap<&'static str, (u16, String)>>,
    /// What was asked for.
    pub(super) asked: Mutex<Vec<String>>,
}

impl Clouded {
    /// In each cloud a tenant has the domains of `worldwide` and `gcc_high`, and of none other.
    pub(super) fn new(worldwide: &[&str], gcc_high: &[&str]) -> Self {
        let network = Self::default();
        for (host, domains) in [
            ("login.worldwide.example", worldwide),
            ("login.gcc-high.example", gcc_high),
        ] {
            network.say(host, 200, &domains.join(" "));
        }
        network
    }

    pub(super) fn say(&self, host: &'static str, status: u16, body: &str) {
        let mut answers = self.answers.lock().unwrap();
        answers.insert(host, (status, body.to_owned()));
    }

    fn answer(&self, url: &Url) -> Result<Fetched, FetchFailed> {
        let host = url.host_str().unwrap();
        let answers = self.answers.lock().unwrap();
        let Some((status, body)) = answers.get(host) else {
            return Err(FetchFailed::TooSlow(host.to_owned()));
        };
        let instance = host.strip_prefix("login.").unwrap_or_default();
        let domain = url.path_segments().unwrap().next().unwrap();
        let (status, body) = match (status, instance) {
            (200, "worldwide.example" | "gcc-high.example") => {
                if body.split(' ').any(|known| known == domain) {
                    let issuer = format!("https://{host}/{}/v2.0", scripted::FABRIKAM);
                    (
                        200,
                        serde_json::json!({ "issuer": issuer, "cloud_instance_name": instance })
                            .to_string(),
                    )
                } else {
                    (400, r#"{"error":"invalid_tenant"}"#.to_owned())
                }
            }
            (status, _) => (*status, body.clone()),
        };
        Ok(Fetched {
            status,
            headers: plugins_sdk::message::Fields::from([(
                "content-type".to_owned(),
                "application/json".to_owned(),
            )]),
            body,
        })
    }
}

impl Fetch for Clouded {
    fn fetch<'a>(
        &'a self,
        _: &'a ProviderId,
        url: &'a Url,
        _: &'a FetchRequest,
    ) -> BoxFuture<'a, Result<Fetched, FetchFailed>> {
        self.asked.lock().unwrap().push(url.to_string());
        Box::pin(async move { self.answer(url) })
    }
}

pub(super) struct World {
    folder: tempfile::TempDir,
    pub(super) sign_in: Arc<SignIn>,
    pub(super) directory: Directory,
    pub(super) keys: Arc<Keyring>,
    pub(super) providers: BTreeMap<&'static str, Arc<Scripted>>,
    letterbox: Arc<Letterbox>,
}

/// What a test wants otherwise than usual.
pub(super) type Change = fn(&mut Configuration);

impl World {
    pub(super) async fn new() -> Self {
        Self::changed(|_| {}).await
    }

    pub(super) async fn changed(change: Change) -> Self {
        Self::build(tempfile::tempdir().unwrap(), change, Arc::new(NoNetwork)).await
    }

    /// With a network, on which the clouds are asked where domains are at home.
    pub(super) async fn on(network: &Arc<Clouded>, change: Change) -> Self {
        let network = Arc::clone(network) as Arc<dyn Fetch>;
        Self::build(tempfile::tempdir().unwrap(), change, network).await
    }

    /// The same store and keys under another configuration.
    pub(super) async fn restarted(self, change: Change) -> Self {
        let Self {
            folder,
            sign_in,
            directory,
            ..
        } = self;
        directory.store().close().await;
        drop(sign_in);
        Self::build(folder, change, Arc::new(NoNetwork)).await
    }

    /// Another gateway on the same store.
    pub(super) async fn beside(&self, change: Change) -> Arc<SignIn> {
        let mut configuration = configuration();
        change(&mut configuration);
        let store = Store::open(&self.folder.path().join("store.sqlite"), NOW)
            .await
            .unwrap();
        let declared = configuration.tenants.values().map(declared).collect();
        let providers = self.providers.iter();
        Arc::new(SignIn::new(Parts {
            configuration: Arc::new(configuration),
            directory: Directory::open(store, declared, NOW).await.unwrap(),
            keys: Arc::clone(&self.keys),
            providers: providers
                .map(|(id, provider)| (provider_id(id), Arc::clone(provider) as Arc<dyn Provider>))
                .collect(),
            network: Arc::new(NoNetwork),
            mailer: Arc::clone(&self.letterbox) as Arc<dyn Mailer>,
        }))
    }

    /// The guest of contoso who redeemed as that identity.
    pub(super) async fn guest_by_identity(&self, key: &IdentityKey) -> Option<Guest> {
        let wanted = Wanted {
            identity: Some(key.clone()),
            ..Wanted::of(tenant_id("contoso"))
        };
        let view = self.directory.look(&wanted).await.unwrap();
        let directory = view.tenant(&wanted.tenant)?;
        directory.guest_by_identity(key).cloned()
    }

    /// The guest of contoso who was invited by that address.
    pub(super) async fn guest_by_address(&self, address: &EmailAddress) -> Option<Guest> {
        let wanted = Wanted {
            addresses: vec![address.clone()],
            ..Wanted::of(tenant_id("contoso"))
        };
        let view = self.directory.look(&wanted).await.unwrap();
        let directory = view.tenant(&wanted.tenant)?;
        directory.guest_by_address(address).cloned()
    }

    async fn build(folder: tempfile::TempDir, change: Change, network: Arc<dyn Fetch>) -> Self {
        let mut configuration = configuration();
        change(&mut configuration);
        let store = Store::open(&folder.path().join("store.sqlite"), NOW)
            .await
            .unwrap();
        let declared = configuration.tenants.values().map(declared).collect();
        let directory = Directory::open(store, declared, NOW).await.unwrap();
        let keys = Arc::new(Keyring::open(&folder.path().join("keys"), NOW).unwrap());
        let providers: BTreeMap<&'static str, Arc<Scripted>> = [
            (
                "passcode",
                Scripted::new("email-otp", Box::new(scripted::passcode)),
            ),
            (
                "work-school",
                Scripted::new(
                    "work-school",
                    Box::new(|input| scripted::work_school(input, "worldwide")),
                ),
            ),
            (
                "us-gov",
                Scripted::new(
                    "work-school",
                    Box::new(|input| scripted::work_school(input, "gcc-high")),
                ),
            ),
            (
                "google",
                Scripted::new(
                    "google",
                    Box::new(|input| scripted::work_school(input, "google")),
                ),
            ),
            (
                "other",
                Scripted::new("openid", Box::new(scripted::restless)),
            ),
            (
                "partner",
                Scripted::new(
                    "saml",
                    Box::new(|input| scripted::cloudless(input, "partner")),
                ),
            ),
            (
                "microsoft",
                Scripted::new(
                    "microsoft-account",
                    Box::new(|input| scripted::cloudless(input, "microsoft")),
                ),
            ),
            (
                "distant",
                Scripted::new("openid", Box::new(scripted::fetching)),
            ),
        ]
        .into_iter()
        .map(|(id, provider)| (id, Arc::new(provider)))
        .collect();
        let letterbox = Arc::new(Letterbox::default());
        let parts = Parts {
            configuration: Arc::new(configuration),
            directory: directory.clone(),
            keys: Arc::clone(&keys),
            providers: providers
                .iter()
                .map(|(id, provider)| (provider_id(id), Arc::clone(provider) as Arc<dyn Provider>))
                .collect(),
            network,
            mailer: Arc::clone(&letterbox) as Arc<dyn Mailer>,
        };
        Self {
            folder,
            sign_in: Arc::new(SignIn::new(parts)),
            directory,
            keys,
            providers,
            letterbox,
        }
    }

    /// The letters queued so far, by address.
    pub(super) fn mailed(&self) -> Vec<String> {
        self.letterbox
            .0
            .lock()
            .unwrap()
            .iter()
            .map(|letter| letter.to.to_string())
            .collect()
    }
}

pub(super) fn provider_id(text: &str) -> ProviderId {
    ProviderId::parse(text).unwrap()
}

pub(super) fn tenant_id(text: &str) -> TenantId {
    TenantId::parse(text).unwrap()
}

pub(super) fn address(text: &str) -> EmailAddress {
    EmailAddress::parse(text).unwrap()
}

fn cloud(name: &str) -> CloudName {
    CloudName::parse(name).unwrap()
}

fn domains(list: &[&str]) -> BTreeSet<DomainName> {
    list.iter()
        .map(|domain| DomainName::parse(domain).unwrap())
        .collect()
}

fn clouds() -> Clouds {
    let record = |instance: &str| Cloud {
        instance: instance.to_owned(),
        authority: format!("https://login.{instance}"),
        identity_providers: [
            "work-school",
            "google",
            "email-otp",
            "saml",
            "microsoft-account",
        ]
        .iter()
        .map(|kind| ProviderKind::parse(kind).unwrap())
        .collect(),
        integration_supported: true,
        restricted: false,
        partner_clouds: BTreeSet::new(),
        tenants: gateway_core::cloud::Described::default(),
        consumers: false,
        file_requests: true,
        allow_invites_from: AllowInvitesFrom::Everyone,
    };
    Clouds(BTreeMap::from([
        (cloud("worldwide"), record("worldwide.example")),
        (cloud("gcc-high"), record("gcc-high.example")),
    ]))
}

fn configuration() -> Configuration {
    Configuration {
        environment: "worldwide".to_owned(),
        cloud: cloud("worldwide"),
        clouds: Arc::new(clouds()),
        gateway: gateway(),
        tenants: [tenant("contoso", Some(CONTOSO)), tenant("woodgrove", None)]
            .into_iter()
            .map(|tenant| (tenant.id.clone(), tenant))
            .collect(),
        providers: [
            provider(
                "passcode",
                "email-otp",
                None,
                &[],
                "urn:vestibule:email-otp",
                Some(90),
            ),
            provider(
                "work-school",
                "work-school",
                Some("worldwide"),
                &["fabrikam.example", "mallory.example"],
                "https://login.worldwide.example/{tenantid}/v2.0",
                None,
            ),
            provider(
                "us-gov",
                "work-school",
                Some("gcc-high"),
                &["agency.example"],
                "https://login.gcc-high.example/{tenantid}/v2.0",
                None,
            ),
            provider(
                "google",
                "google",
                None,
                &[],
                "https://accounts.example",
                None,
            ),
            provider(
                "other",
                "openid",
                None,
                &[],
                "https://other.example",
                Some(95),
            ),
            provider(
                "partner",
                "saml",
                None,
                &[],
                "https://login.partner.example/{tenantid}/v2.0",
                None,
            ),
            provider(
                "microsoft",
                "microsoft-account",
                None,
                &[],
                "https://login.microsoft.example/{tenantid}/v2.0",
                None,
            ),
            provider(
                "distant",
                "openid",
                None,
                &["distant.example"],
                "https://login.distant.example",
                None,
            ),
        ]
        .into_iter()
        .map(|provider| (provider.id.clone(), provider))
        .collect(),
        generation: "generation-1".to_owned(),
    }
}

fn gateway() -> Gateway {
    let second = Duration::from_secs(1);
    Gateway {
        public: PublicListener {
            address: "127.0.0.1:8443".parse().unwrap(),
            tls: None,
            external_port: None,
        },
        api: None,
        operations: "127.0.0.1:9090".parse().unwrap(),
        limits: Limits {
            connections: 100,
            connections_per_prefix: 100,
            header_timeout: second,
            header_bytes: 16_384,
            body_idle_timeout: second,
            upstream_connect_timeout: second,
            upstream_response_timeout: second,
            shutdown_deadline: second,
            attempts_per_prefix: 200,
            mails_per_address: 3,
            failures_per_address: 12,
            unknown_links_per_prefix: 10,
        },
        sessions: Sessions {
            idle: second * 3600,
            absolute: second * 3600 * 48,
            passcode: second * 3600 * 24,
            attempt: second * 1800,
        },
        store: StoreLocation::Sqlite(PathBuf::new()),
        max_staleness: Duration::ZERO,
        audit: Audit {
            allowed_access: AllowedAccess::All,
            denials_per_minute: 10,
            checkpoint_records: 1_000,
            checkpoint_interval: Duration::from_secs(600),
        },
        keys: PathBuf::new(),
        plugins: Plugins {
            directory: PathBuf::new(),
            trust_root: None,
            step_deadline: second,
            runner: None,
        },
        home_discovery: false,
        mail: None,
        trusted_proxies: Vec::new(),
    }
}

fn provider(
    id: &str,
    kind: &str,
    home: Option<&str>,
    home_domains: &[&str],
    issuer: &str,
    any_domain: Option<u16>,
) -> ConfiguredProvider {
    ConfiguredProvider {
        id: provider_id(id),
        plugin: "plugin".into(),
        sha256: [0; 32],
        display_name: None,
        tenants: None,
        trust: ProviderTrust {
            id: provider_id(id),
            kind: ProviderKind::parse(kind).unwrap(),
            issuers: vec![issuer.to_owned()],
            cloud: home.map(cloud),
            domains: DomainScope::Any,
        },
        offer: Offer {
            id: provider_id(id),
            home_domains: domains(home_domains),
            any_domain: any_domain.is_some(),
            order: any_domain.unwrap_or(10),
        },
        home_domains_given: !home_domains.is_empty(),
        fetch_hosts: None,
        ca: None,
        isolation: Isolation::None,
        generation: "provider-1".to_owned(),
        settings: SecretSettings(serde_json::Value::Null),
    }
}

fn tenant(id: &str, tenant_id: Option<&str>) -> Tenant {
    let people = [
        "ada@fabrikam.example",
        "bob@fabrikam.example",
        "pat@nowhere.example",
        "sam@agency.example",
        "nil@nowhere.example",
    ];
    Tenant {
        id: self::tenant_id(id),
        display_name: format!("The {id} company"),
        hosts: vec![format!("{id}.localhost")],
        settings: TenantSettings {
            cloud: cloud("worldwide"),
            profile: Profile::IntegrationOptIn,
            sharing: TenantSharing {
                integration: Some(true),
                ..TenantSharing::default()
            },
            boundary: EnvironmentBoundary::Cloud,
            acknowledge_unsupported: false,
            directory: DirectorySettings {
                tenant_id: tenant_id.map(str::to_owned),
                google: true,
                google_domains: BTreeSet::new(),
                ..DirectorySettings::default()
            },
        },
        declared: Default::default(),
        declared_groups: Default::default(),
        member_domains: domains(&[&format!("{id}.example")]),
        sites: BTreeMap::new(),
        groups: Groups::default(),
        guests: people.iter().map(|person| guest(person)).collect(),
        permissions: people
            .iter()
            .filter(|person| !person.starts_with("nil"))
            .map(|person| permission(person))
            .collect(),
        links: vec![link("named", &["lou@nowhere.example"])],
    }
}

fn name_of(person: &str) -> &str {
    person.split('@').next().unwrap()
}

pub(super) fn guest(person: &str) -> Guest {
    let id = GuestId::parse(name_of(person)).unwrap();
    Guest::invited(id, address(person), GuestOrigin::Share)
}

fn permission(person: &str) -> Permission {
    Permission {
        id: PermissionId::parse(name_of(person)).unwrap(),
        site: SiteId::parse("projects").unwrap(),
        item: ItemPath::parse("/sites/projects").unwrap(),
        recipient: Recipient::Address(address(person)),
        role: Role::Read,
        created_by: address("mia@contoso.example"),
        manager: InvitationManager::Directory,
        expires: None,
    }
}

fn link(id: &str, people: &[&str]) -> DeclaredLink {
    DeclaredLink {
        link: SharingLink {
            id: LinkId::parse(id).unwrap(),
            site: SiteId::parse("projects").unwrap(),
            item: ItemPath::parse("/sites/projects").unwrap(),
            kind: LinkType::View,
            scope: LinkScope::Users(people.iter().map(|person| address(person)).collect()),
            created_by: address("mia@contoso.example"),
            creator_may_share: true,
            manager: InvitationManager::Directory,
            created: NOW,
            expires: None,
        },
        token_sha256: [7; 32],
    }
}

fn declared(tenant: &Tenant) -> DeclaredTenant {
    DeclaredTenant {
        id: tenant.id.clone(),
        guests: tenant.guests.clone(),
        permissions: tenant.permissions.clone(),
        links: tenant
            .links
            .iter()
            .map(|declared| (declared.link.clone(), declared.token_sha256))
            .collect(),
    }
}
