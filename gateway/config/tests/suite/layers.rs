//! Folders over folders, environments over what they share, variables over all.

use std::path::PathBuf;

use gateway_config::model::StoreLocation;

use crate::support::{TENANT, World};

#[test]
fn later_folders_win_key_by_key() {
    let mut world = World::new()
        .file("third/tenants/contoso.toml", "display_name = \"Contoso Ltd\"\n[sharing]\nSharingCapability = \"ExternalUserSharingOnly\"\n[sites.projects]\nSharingCapability = \"Disabled\"\n")
        .file("third/default.toml", "[limits]\nconnections = 7\n");
    world.sources.directories.push(world.path("third"));
    let configuration = world.loaded().configuration;
    let tenant = configuration.tenants.values().next().unwrap();
    assert_eq!(tenant.display_name, "Contoso Ltd");
    assert_eq!(
        tenant.hosts,
        ["contoso.localhost"],
        "what is not set again stays"
    );
    assert_eq!(
        tenant
            .sites
            .values()
            .next()
            .unwrap()
            .upstream
            .origin
            .as_str(),
        "http://127.0.0.1:9000/"
    );
    assert_eq!(configuration.gateway.limits.connections, 7);
    assert_eq!(configuration.gateway.public.address.port(), 8443);
}

#[test]
fn lists_are_replaced_not_joined() {
    let mut world = World::new().file(
        "third/tenants/contoso.toml",
        "hosts = [\"a.localhost\", \"b.localhost\"]\n",
    );
    world.sources.directories.push(world.path("third"));
    let configuration = world.loaded().configuration;
    assert_eq!(
        configuration.tenants.values().next().unwrap().hosts,
        ["a.localhost", "b.localhost"]
    );
}

#[test]
fn the_environment_wins_over_what_is_shared_and_variables_over_both() {
    let connections = |world: &World| world.loaded().configuration.gateway.limits.connections;
    let world = World::new();
    assert_eq!(connections(&world), 10_000);
    let world = world.file(
        "own/environments/worldwide.toml",
        "[limits]\nconnections = 20\n",
    );
    assert_eq!(connections(&world), 20);
    let world = world.variable("VESTIBULE__LIMITS__CONNECTIONS", "30");
    assert_eq!(connections(&world), 30);
    let world = World::new().variable("VESTIBULE__LIMITS__CONNECTIONS", "");
    assert_eq!(connections(&world), 10_000, "an empty variable is unset");
}

#[test]
fn variables_of_every_type_are_read() {
    let world = World::new()
        .variable("VESTIBULE__SESSIONS__IDLE", "30m")
        .variable("VESTIBULE__LISTEN__PUBLIC__EXTERNAL_PORT", "443")
        .variable("VESTIBULE__TRUSTED_PROXIES", "10.0.0.0/8, 192.0.2.1")
        .variable("VESTIBULE__STORE__PATH", "state/vestibule.db")
        .variable("VESTIBULE_STORE", "not ours")
        .variable("PATH", "not ours");
    let gateway = world.loaded().configuration.gateway;
    assert_eq!(gateway.sessions.idle.as_secs(), 1800);
    assert_eq!(gateway.public.external_port, Some(443));
    assert_eq!(
        gateway.store.to_string(),
        "state/vestibule.db",
        "as the working directory has it"
    );
    assert_eq!(gateway.max_staleness.as_secs(), 30);
    assert!(gateway.trusts("10.1.2.3".parse().unwrap()));
    assert!(gateway.trusts("192.0.2.1".parse().unwrap()));
    assert!(!gateway.trusts("192.0.2.2".parse().unwrap()));
}

#[test]
fn a_database_stands_before_the_file_of_the_defaults() {
    let world = World::new()
        .variable(
            "VESTIBULE__STORE__POSTGRESQL__URL",
            "postgresql://vestibule@db.contoso.com/vestibule?sslmode=verify-full",
        )
        .variable("VESTIBULE__STORE__POSTGRESQL__PASSWORD__ENV", "DB_PASSWORD")
        .variable("DB_PASSWORD", "horse staple")
        .variable("VESTIBULE__STORE__MAX_STALENESS", "0s");
    let gateway = world.loaded().configuration.gateway;
    let StoreLocation::Postgresql { url, password } = &gateway.store else {
        panic!("{:?}", gateway.store);
    };
    assert_eq!(url.host_str(), Some("db.contoso.com"));
    assert_eq!(password.as_ref().unwrap().expose(), "horse staple");
    assert!(!format!("{:?} {}", gateway.store, gateway.store).contains("horse"));
    assert!(gateway.max_staleness.is_zero());
}

#[test]
fn wrong_variables_are_named() {
    World::new()
        .variable("VESTIBULE__LIMITS__CONECTIONS", "1")
        .variable("VESTIBULE__LIMITS__CONNECTIONS", "many")
        .variable("VESTIBULE__LIMITS__HEADER_BYTES", "1")
        .variable("VESTIBULE__LISTEN", "x")
        .variable("VESTIBULE__LISTEN__PUBLIC__PLAIN_HTTP", "yes")
        .variable("VESTIBULE__SESSIONS__IDLE", "soon")
        .variable("VESTIBULE__TENANTS__CONTOSO__DISPLAY_NAME", "x")
        .refused(&[
            "variable VESTIBULE__LIMITS__CONECTIONS: limits.conections: is not a key of this table: did you mean `connections`?",
            "variable VESTIBULE__LIMITS__CONNECTIONS: limits.connections: must be a whole number",
            "variable VESTIBULE__LIMITS__HEADER_BYTES: limits.header_bytes: must be at least 8192",
            "variable VESTIBULE__LISTEN: listen: must be a table, not a string",
            "variable VESTIBULE__LISTEN__PUBLIC__PLAIN_HTTP: listen.public.plain_http: must be `true` or `false`",
            "variable VESTIBULE__SESSIONS__IDLE: sessions.idle: is not a span of time such as `30s`, `10m` or `12h`",
            "variable VESTIBULE__TENANTS__CONTOSO__DISPLAY_NAME: tenants: is not a key of this table: it has `trusted_proxies`, `listen`, `limits`, `sessions`, `store`, `audit`, `keys`, `plugins`, `home_discovery`, `mail`",
        ]);
}

#[test]
fn a_problem_stands_where_the_value_was_last_set() {
    let mut world = World::new()
        .tenant("[guests.ada]\naddress = \"nobody\"\n[guests.bob]\naddress = \"nobody\"\n")
        .file(
            "third/tenants/contoso.toml",
            "# over it\n[guests.ada]\naddress = \"nobody at all\"\n",
        );
    world.sources.directories.push(world.path("third"));
    world.refused(&[
        "own/tenants/contoso.toml:15:1: guests.bob.address: an address has exactly one `@`",
        "third/tenants/contoso.toml:3:1: guests.ada.address: an address has exactly one `@`",
    ]);
}

#[test]
fn what_is_missing_from_a_table_is_missing_in_a_file() {
    let mut world = World::new()
        .variable("VESTIBULE__MAIL__PORT", "25")
        .gateway("[mail]\nhost = \"localhost\"\n");
    world.sources.directories.push(world.path("third"));
    world = world.file(
        "third/default.toml",
        "[mail]\nsecurity = \"none\"\nfrom = \"a@b.example\"\n",
    );
    world.refused(&["third/default.toml:1:2: mail.from_name: is required: name the sender"]);
}

#[test]
fn paths_are_relative_to_the_file_that_names_them() {
    let world = World::new()
        .gateway("[store]\npath = \"state/vestibule.db\"\n[keys]\ndirectory = \"/keys\"\n");
    let gateway = world.loaded().configuration.gateway;
    let here = world.path("own/state/vestibule.db");
    assert_eq!(gateway.store.to_string(), here.display().to_string());
    assert_eq!(gateway.keys, PathBuf::from("/keys"));
    let provider = world
        .loaded()
        .configuration
        .providers
        .into_values()
        .next()
        .unwrap();
    assert_eq!(provider.plugin, world.path("own/./openid.so"));
}

#[test]
fn the_generation_changes_with_anything_that_is_read() {
    let generation = |world: &World| world.loaded().configuration.generation;
    let world = World::new();
    let first = generation(&world);
    assert_eq!(first.len(), 64);
    assert_eq!(generation(&world), first);
    let world = world.file("own/tenants/contoso.toml", &format!("{TENANT}# a word\n"));
    let second = generation(&world);
    assert_ne!(second, first);
    let elsewhere = World::new().file("own/tenants/contoso.toml", &format!("{TENANT}# a word\n"));
    assert_eq!(
        generation(&elsewhere),
        second,
        "the folder's place does not count"
    );
    let world = world.variable("VESTIBULE__LIMITS__CONNECTIONS", "5");
    let third = generation(&world);
    assert_ne!(third, second);
    let world = world.variable("VESTIBULE__LISTEN__PUBLIC__ADDRESS", "127.0.0.1:444");
    let why = "where each gateway of a fleet listens does not count";
    assert_eq!(generation(&world), third, "{why}");
}
