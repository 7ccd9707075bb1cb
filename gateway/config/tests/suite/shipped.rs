//! Every file that is shipped is read.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use gateway_config::model::Configuration;
use gateway_core::action::Action;
use gateway_core::cloud::Relation;
use gateway_core::id::{CloudName, TenantId};
use gateway_core::person::GuestOrigin;

use crate::support::{World, config_folder, copy};

const ENVIRONMENTS: [&str; 5] = ["worldwide", "gcc", "gcc-high", "dod", "china-21vianet"];

fn cloud(name: &str) -> CloudName {
    CloudName::parse(name).unwrap()
}

fn names(folder: &Path) -> BTreeSet<String> {
    let entries = fs::read_dir(folder).unwrap();
    entries
        .map(|entry| entry.unwrap().file_name().to_str().unwrap().to_owned())
        .collect()
}

#[test]
fn every_environment_loads_and_chooses_its_cloud() {
    for name in ENVIRONMENTS {
        let world = World::new().environment(name);
        let configuration = world.loaded().configuration;
        assert_eq!(configuration.environment, name);
        assert_eq!(configuration.cloud, cloud(name));
        let tenant = configuration.tenants.values().next().unwrap();
        assert_eq!(
            tenant.settings.cloud,
            cloud(name),
            "a tenant's cloud is the environment's"
        );
    }
}

#[test]
fn sec_022_nobodys_forwarded_address_is_believed_by_default() {
    let gateway = World::new().loaded().configuration.gateway;
    assert_eq!(gateway.trusted_proxies, []);
    for peer in ["127.0.0.1", "10.0.0.1", "::1", "192.0.2.1"] {
        assert!(!gateway.trusts(peer.parse().unwrap()), "{peer}");
    }
}

#[test]
fn there_is_nothing_else() {
    let files = |names: &[&str]| {
        names
            .iter()
            .map(|name| (*name).to_owned())
            .collect::<BTreeSet<_>>()
    };
    let config = config_folder();
    let top = [
        "README.md",
        "clouds.toml",
        "default.toml",
        "demo",
        "environments",
        "schema",
    ];
    assert_eq!(names(&config), files(&top));
    let environments = ENVIRONMENTS.map(|name| format!("{name}.toml"));
    assert_eq!(
        names(&config.join("environments")),
        BTreeSet::from(environments)
    );
    assert_eq!(
        names(&config.join("demo")),
        files(&["default.toml", "providers", "tenants"])
    );
}

#[test]
fn clouds_stand_to_each_other_as_documented() {
    let loaded = World::new().loaded();
    assert_eq!(loaded.warnings, [], "both sides name each other");
    let clouds = loaded.configuration.clouds;
    let check = |home: &str, resource: &str, want: Relation| {
        assert_eq!(
            clouds.relation(&cloud(home), &cloud(resource)),
            want,
            "{home} to {resource}"
        );
    };
    check("worldwide", "worldwide", Relation::Same);
    check("gcc", "worldwide", Relation::SameInstance);
    check("gcc-high", "dod", Relation::SameInstance);
    check("worldwide", "gcc-high", Relation::Mutual);
    check("gcc", "dod", Relation::Mutual);
    check("china-21vianet", "worldwide", Relation::Mutual);
    check("gcc-high", "china-21vianet", Relation::Never);
    check("gcc", "china-21vianet", Relation::Never);
    check("bleu", "worldwide", Relation::Never);
    let unsupported = clouds
        .0
        .iter()
        .filter(|(_, cloud)| !cloud.integration_supported);
    let unsupported: Vec<&str> = unsupported.map(|(name, _)| name.as_str()).collect();
    assert_eq!(unsupported, ["china-21vianet", "dod", "gcc-high"]);
}

/// What the demo writes at its start, with made-up values.
fn demo() -> World {
    let world = World::bare();
    copy(&config_folder(), &world.path(""), &["demo"]);
    let hash = format!("sha256 = \"{}\"\n", "0".repeat(64));
    let secret = "client_secret = { file = \"../client-secret\" }\n";
    let entra = |port: u16| {
        let origin = format!("http://127.0.0.1:{port}");
        format!(
            "{hash}issuers = [\"{origin}/{{tenantid}}/v2.0\"]\n[settings]\nauthority = \"{origin}\"\n{secret}"
        )
    };
    let google = format!(
        "{hash}issuers = [\"http://127.0.0.1:9004\"]\n[settings]\nissuer = \"http://127.0.0.1:9004\"\n{secret}"
    );
    let partner = format!("{hash}issuers = [\"http://127.0.0.1:9008/saml/metadata\"]\n");
    let site = |id: &str| format!("[sites.{id}]\nupstream = \"http://127.0.0.1:9010\"\n");
    let mut world = world
        .file("own/tls/chain.pem", "chain")
        .file("own/tls/key.pem", "key")
        .file("own/client-secret", "demo-secret\n")
        .file("own/plugins/README", "")
        .file(
            "own/default.toml",
            "[listen.public]\naddress = \"127.0.0.1:8443\"\n\
             tls = { certificate = \"tls/chain.pem\", key = \"tls/key.pem\" }\n\
             [listen.operations]\naddress = \"127.0.0.1:9464\"\n\
             [store]\npath = \"state/vestibule.db\"\n[keys]\ndirectory = \"state/keys\"\n\
             [plugins]\ndirectory = \"plugins\"\n[mail]\nport = 2525\n",
        )
        .file(
            "own/tenants/contoso.toml",
            &["projects", "internal", "dav", "personal-mia"]
                .map(site)
                .concat(),
        )
        .file("own/tenants/woodgrove.toml", &site("projects"))
        .file("own/providers/work-school.toml", &entra(9001))
        .file("own/providers/work-school-usgov.toml", &entra(9002))
        .file("own/providers/work-school-china.toml", &entra(9003))
        .file("own/providers/microsoft-account.toml", &entra(9001))
        .file("own/providers/google.toml", &google)
        .file("own/providers/partner-saml.toml", &partner)
        .file("own/providers/email-otp.toml", &hash)
        .file("own/providers/badge.toml", &hash);
    let demo = world.path("demo");
    world.sources.directories.insert(1, demo);
    world
}

fn loaded_demo() -> Configuration {
    demo().loaded().configuration
}

#[test]
fn the_demo_loads_with_the_overlay_that_it_writes() {
    let configuration = loaded_demo();
    let tenants: Vec<&str> = configuration.tenants.keys().map(TenantId::as_str).collect();
    assert_eq!(tenants, ["contoso", "woodgrove"]);
    assert_eq!(
        configuration.providers.len(),
        names(&config_folder().join("demo/providers")).len()
    );
    let google = configuration
        .providers
        .values()
        .find(|provider| provider.id.as_str() == "google")
        .unwrap();
    assert_eq!(google.settings.0["client_secret"], "demo-secret");
    assert_eq!(google.settings.0["client_id"], "vestibule");
}

#[test]
fn the_demo_without_its_overlay_says_what_is_missing() {
    let mut world = demo();
    world.sources.directories.pop();
    let lines = world.lines();
    for wanted in [
        "sites.projects.upstream: is required",
        "sha256: is required: give what `sha256sum",
    ] {
        assert!(
            lines.iter().any(|line| line.contains(wanted)),
            "{wanted}: {lines:#?}"
        );
    }
}

#[test]
fn the_demo_says_which_of_its_shares_sleep() {
    let not_let_in = |line: &str| line.contains("is not let in") || line.contains("has passed");
    let world = demo();
    let lines = world.lines();
    assert!(lines.iter().all(|line| not_let_in(line)), "{lines:#?}");
    for wanted in [
        "permissions.ada-internal.to: `ada@fabrikam.example` is not let in: site SharingCapability (`sharing-disabled`)",
        "permissions.zoe-readme.to: `zoe@blocked.example` is not let in: tenant SharingDomainRestrictionMode (`domain-blocked`)",
        "permissions.new-readme.to: `new@fabrikam.example` is not let in: tenant SharingCapability (`new-guests-not-allowed`)",
        "links.expired.expires: has passed",
    ] {
        assert!(
            lines.iter().any(|line| line.contains(wanted)),
            "{wanted}: {lines:#?}"
        );
    }
    assert_eq!(lines.len(), 4, "{lines:#?}");
}

#[test]
fn the_demo_has_the_guests_that_its_journeys_need() {
    let configuration = loaded_demo();
    let origin = |tenant: &str, address: &str| {
        let tenant = &configuration.tenants[&TenantId::parse(tenant).unwrap()];
        let guest = tenant
            .guests
            .iter()
            .find(|guest| guest.address.to_string() == address);
        guest.map(|guest| guest.origin)
    };
    assert_eq!(
        origin("contoso", "ada@fabrikam.example"),
        Some(GuestOrigin::Directory)
    );
    for invited in [
        "pat@nowhere.example",
        "gina@gmail.com",
        "oli@outlook.com",
        "sam@agency.example",
        "lin@lanhua.example",
    ] {
        assert_eq!(
            origin("contoso", invited),
            Some(GuestOrigin::Share),
            "{invited}"
        );
    }
    assert_eq!(
        origin("contoso", "mia@contoso.example"),
        None,
        "a member is no guest"
    );
    assert_eq!(
        origin("woodgrove", "ada@fabrikam.example"),
        Some(GuestOrigin::Directory)
    );
    assert_eq!(
        origin("woodgrove", "new@fabrikam.example"),
        Some(GuestOrigin::Share)
    );
}

#[test]
fn the_demos_links_open_with_the_tokens_it_prints() {
    use sha2::{Digest, Sha256};
    let configuration = loaded_demo();
    let links = &configuration.tenants[&TenantId::parse("contoso").unwrap()].links;
    let names: Vec<&str> = links
        .iter()
        .map(|declared| declared.link.id.as_str())
        .collect();
    assert_eq!(names, ["brochure", "expired", "handbook", "plan-for-ada"]);
    for declared in links {
        let token = format!("demo-{}-token-0123456789ab", declared.link.id);
        assert_eq!(
            declared.token_sha256.as_slice(),
            Sha256::digest(token).as_slice(),
            "{}",
            declared.link.id
        );
        assert!(declared.link.kind.covers(Action::View));
    }
}
