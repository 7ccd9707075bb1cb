//! One tenant with two sites, a guest, a member and some links.

use std::collections::{BTreeMap, BTreeSet};
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use gateway_config::model::*;
use gateway_config::secret::Secret;
use gateway_core::assertion::{DomainScope, ProviderTrust};
use gateway_core::cloud::{Cloud, Clouds, EnvironmentBoundary};
use gateway_core::groups::Groups;
use gateway_core::home::Offer;
use gateway_core::id::*;
use gateway_core::path::ItemPath;
use gateway_core::person::{Guest, GuestOrigin, InvitationManager};
use gateway_core::settings::words::AllowInvitesFrom;
use gateway_core::settings::*;
use gateway_core::sharing::*;
use gateway_core::time::UnixTime;
use gateway_store::directory::DeclaredTenant;

use super::{ADA, ANYONE, EXPIRED, HOST, ORGANIZATION, OWN, email, tenant};

/// Longer than any test waits: what ends is ended by what the test is about, and not by a limit that a busy machine
/// meets. A test of a limit sets it.
const NEVER: Duration = Duration::from_secs(600);

/// A configuration whose upstream and folder are not there.
pub(crate) fn configuration_of_tests() -> Configuration {
    configuration("127.0.0.1:1".parse().unwrap(), PathBuf::from("/nowhere"))
}

pub(super) fn configuration(upstream: SocketAddr, folder: PathBuf) -> Configuration {
    let clouds = Clouds(BTreeMap::from([(
        cloud(),
        Cloud {
            instance: "login.example".to_owned(),
            authority: "https://login.example".to_owned(),
            identity_providers: BTreeSet::from([ProviderKind::parse("work-school").unwrap()]),
            integration_supported: true,
            restricted: false,
            partner_clouds: BTreeSet::new(),
            tenants: gateway_core::cloud::Described::default(),
            consumers: true,
            file_requests: true,
            allow_invites_from: AllowInvitesFrom::Everyone,
        },
    )]));
    Configuration {
        environment: "worldwide".to_owned(),
        cloud: cloud(),
        clouds: Arc::new(clouds),
        gateway: process(folder),
        tenants: BTreeMap::from([(tenant(), contoso(upstream))]),
        providers: BTreeMap::from([(provider_id(), provider())]),
        generation: "g".to_owned(),
    }
}

fn process(folder: PathBuf) -> Gateway {
    Gateway {
        public: PublicListener {
            address: "127.0.0.1:0".parse().unwrap(),
            tls: None,
            external_port: Some(8080),
        },
        api: None,
        operations: "127.0.0.1:0".parse().unwrap(),
        limits: Limits {
            connections: 64,
            connections_per_prefix: 64,
            // Who reads to the end of a connection that stays open waits for so long.
            header_timeout: Duration::from_secs(2),
            header_bytes: 32 * 1024,
            body_idle_timeout: NEVER,
            upstream_connect_timeout: NEVER,
            upstream_response_timeout: NEVER,
            shutdown_deadline: NEVER,
            attempts_per_prefix: 100,
            mails_per_address: 10,
            failures_per_address: 10,
            unknown_links_per_prefix: 3,
        },
        sessions: Sessions {
            idle: Duration::from_secs(3600),
            absolute: Duration::from_secs(3600),
            passcode: Duration::from_secs(3600),
            attempt: Duration::from_secs(600),
        },
        store: StoreLocation::Sqlite(folder.join("store.sqlite")),
        max_staleness: Duration::from_secs(30),
        audit: Audit {
            allowed_access: AllowedAccess::All,
            denials_per_minute: 10,
            checkpoint_records: 1_000,
            checkpoint_interval: Duration::from_secs(600),
        },
        keys: folder.join("keys"),
        home_discovery: false,
        plugins: Plugins {
            directory: folder,
            trust_root: None,
            step_deadline: NEVER,
            runner: None,
        },
        mail: Some(Mail {
            host: "localhost".to_owned(),
            port: 25,
            security: MailSecurity::None,
            credentials: Some(("user".to_owned(), Secret::new("secret".to_owned()))),
            from: email("gateway@contoso.example"),
            from_name: "Contoso".to_owned(),
        }),
        trusted_proxies: Vec::new(),
    }
}

fn contoso(upstream: SocketAddr) -> Tenant {
    let site = |id: &str, at: &str, under: Option<&str>| Site {
        id: SiteId::parse(id).unwrap(),
        path: path(at),
        settings: level(SharingCapability::ExternalUserAndGuestSharing),
        upstream: Upstream {
            origin: format!("http://{upstream}").parse().unwrap(),
            path: under.map(path),
            audience: format!("urn:{id}"),
            plain_headers: id == "mapped",
            ca: None,
        },
    };
    let sites = [
        site("projects", "/sites/projects", None),
        site("mapped", "/sites/mapped", Some("/files")),
    ];
    let permission = |id: &str, site: &str, item: &str, recipient, role| Permission {
        id: PermissionId::parse(id).unwrap(),
        site: SiteId::parse(site).unwrap(),
        item: path(item),
        recipient,
        role,
        created_by: email("mia@contoso.example"),
        manager: InvitationManager::Directory,
        expires: None,
    };
    let ada = || Recipient::Address(email(ADA));
    Tenant {
        id: tenant(),
        display_name: "Contoso".to_owned(),
        hosts: vec![HOST.to_owned()],
        settings: TenantSettings {
            cloud: cloud(),
            profile: Profile::IntegrationOptIn,
            sharing: TenantSharing {
                integration: Some(true),
                ..TenantSharing::default()
            },
            boundary: EnvironmentBoundary::Cloud,
            acknowledge_unsupported: false,
            directory: DirectorySettings {
                tenant_id: Some(OWN.to_owned()),
                ..DirectorySettings::default()
            },
        },
        declared: Default::default(),
        declared_groups: Default::default(),
        member_domains: BTreeSet::new(),
        sites: sites
            .into_iter()
            .map(|site| (site.id.clone(), site))
            .collect(),
        groups: Groups::default(),
        guests: vec![Guest::invited(
            GuestId::parse("ada").unwrap(),
            email(ADA),
            GuestOrigin::Share,
        )],
        permissions: vec![
            permission(
                "write",
                "projects",
                "/sites/projects/write",
                ada(),
                Role::Write,
            ),
            permission(
                "read",
                "projects",
                "/sites/projects/read",
                ada(),
                Role::Read,
            ),
            permission("all", "mapped", "/sites/mapped", ada(), Role::Write),
            permission(
                "members",
                "projects",
                "/sites/projects",
                Recipient::Members,
                Role::Owner,
            ),
        ],
        links: vec![
            link("anyone", ANYONE, LinkScope::Anonymous, None),
            link("expired", EXPIRED, LinkScope::Anonymous, Some(UnixTime(1))),
            link("organization", ORGANIZATION, LinkScope::Organization, None),
        ],
    }
}

fn level(capability: SharingCapability) -> SiteSettings {
    SiteSettings {
        sharing: SiteSharing {
            capability: Some(capability),
            ..SiteSharing::default()
        },
        ..SiteSettings::default()
    }
}

/// Puts site `secret`, which is shared with nobody outside, into the folder `inner` that ada may write to.
pub(crate) fn nest(configuration: &mut Configuration) {
    for tenant in configuration.tenants.values_mut() {
        let open = tenant.sites.values().next().unwrap();
        let secret = Site {
            id: SiteId::parse("secret").unwrap(),
            path: path("/sites/projects/write/inner/secret"),
            settings: level(SharingCapability::Disabled),
            upstream: Upstream {
                origin: open.upstream.origin.clone(),
                path: None,
                audience: "urn:secret".to_owned(),
                plain_headers: false,
                ca: None,
            },
        };
        tenant.permissions.push(Permission {
            id: PermissionId::parse("secret-members").unwrap(),
            site: secret.id.clone(),
            item: secret.path.clone(),
            recipient: Recipient::Members,
            role: Role::Owner,
            created_by: email("mia@contoso.example"),
            manager: InvitationManager::Directory,
            expires: None,
        });
        tenant.sites.insert(secret.id.clone(), secret);
    }
}

fn link(id: &str, token: &str, scope: LinkScope, expires: Option<UnixTime>) -> DeclaredLink {
    let digest = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, token.as_bytes());
    DeclaredLink {
        link: SharingLink {
            id: LinkId::parse(id).unwrap(),
            site: SiteId::parse("projects").unwrap(),
            item: path("/sites/projects/linked"),
            kind: LinkType::View,
            scope,
            created_by: email("mia@contoso.example"),
            creator_may_share: true,
            manager: InvitationManager::Directory,
            created: UnixTime(0),
            expires,
        },
        token_sha256: digest.as_ref().try_into().unwrap(),
    }
}

fn provider() -> Provider {
    Provider {
        id: provider_id(),
        plugin: PathBuf::from("none.so"),
        sha256: [0; 32],
        display_name: None,
        tenants: None,
        trust: ProviderTrust {
            id: provider_id(),
            kind: ProviderKind::parse("work-school").unwrap(),
            issuers: vec!["https://login.example/{tenantid}/v2.0".to_owned()],
            cloud: Some(cloud()),
            domains: DomainScope::Any,
        },
        offer: Offer {
            id: provider_id(),
            home_domains: BTreeSet::new(),
            any_domain: true,
            order: 0,
        },
        home_domains_given: true,
        fetch_hosts: None,
        ca: None,
        isolation: Isolation::None,
        generation: "provider-1".to_owned(),
        settings: SecretSettings(serde_json::Value::Null),
    }
}

pub(super) fn provider_id() -> ProviderId {
    ProviderId::parse("work-school").unwrap()
}

pub(super) fn cloud() -> CloudName {
    CloudName::parse("worldwide").unwrap()
}

fn path(text: &str) -> ItemPath {
    ItemPath::parse(text).unwrap()
}

pub(crate) fn declared(configuration: &Configuration) -> Vec<DeclaredTenant> {
    configuration
        .tenants
        .values()
        .map(|tenant| DeclaredTenant {
            id: tenant.id.clone(),
            guests: tenant.guests.clone(),
            permissions: tenant.permissions.clone(),
            links: tenant
                .links
                .iter()
                .map(|link| (link.link.clone(), link.token_sha256))
                .collect(),
        })
        .collect()
}
