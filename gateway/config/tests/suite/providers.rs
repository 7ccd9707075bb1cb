//! Provider files.

use gateway_core::assertion::DomainScope;

use crate::support::World;

#[test]
fn what_a_provider_needs_is_named_with_how_to_get_it() {
    World::new().file("own/providers/openid.toml", "plugin = \"openid.so\"\n").refused(&[
        "own/providers/openid.toml:1:1: sha256: is required: give what `sha256sum own/./openid.so` prints",
        "own/providers/openid.toml:1:1: kind: is required: give the plugin's kind, such as `work-school`",
        "own/providers/openid.toml:1:1: issuers: is required: list the issuers that the provider may speak for, exactly",
        "own/providers/openid.toml:1:1: domains: is required: list the domains whose addresses it may prove, or `[\"*\"]` for any",
    ]);
    World::new().file("own/providers/openid.toml", "").refused(&[
        "own/providers/openid.toml:1:1: plugin: is required: name the library's file below `plugins.directory`",
        "own/providers/openid.toml:1:1: sha256: is required: give what `sha256sum own/./PLUGIN` prints",
        "own/providers/openid.toml:1:1: kind: is required: give the plugin's kind, such as `work-school`",
        "own/providers/openid.toml:1:1: issuers: is required: list the issuers that the provider may speak for, exactly",
        "own/providers/openid.toml:1:1: domains: is required: list the domains whose addresses it may prove, or `[\"*\"]` for any",
    ]);
}

#[test]
fn a_hash_is_64_hexadecimal_digits() {
    for hash in [
        "00".repeat(31),
        "0g".repeat(32),
        "+1".repeat(32),
        format!("{}ä", "0".repeat(62)),
    ] {
        let text = crate::support::PROVIDER.replace(&"0".repeat(64), &hash);
        World::new()
            .file("own/providers/openid.toml", &text)
            .refused(&["own/providers/openid.toml:2:1: sha256: must be 64 hexadecimal digits"]);
    }
}

#[test]
fn a_library_lies_below_the_folder_of_plugins() {
    for plugin in ["/lib/evil.so", "../evil.so", "a/../../evil.so", ""] {
        let text = crate::support::PROVIDER.replace("openid.so", plugin);
        World::new().file("own/providers/openid.toml", &text).refused(&[
            "own/providers/openid.toml:1:1: plugin: must be a relative path below `plugins.directory`, without `..`",
        ]);
    }
}

#[test]
fn references_and_lists_are_checked_element_by_element() {
    World::new()
        .provider("tenants = [\"contoso\", \"contosso\", \"x\"]\nhome_domains = [\"a.example\", \"*.b.example\"]\nfetch_hosts = [\"idp.example\", \"https://idp.example\", \"IDP.example\", \"idp.example:8443\", \"idp.example/x\"]\ncloud = \"bleu\"\nca = \"gone.pem\"\n")
        .refused(&[
            "own/providers/openid.toml:6:23: tenants.1: `contosso` is not a tenant: did you mean `contoso`?",
            "own/providers/openid.toml:6:35: tenants.2: `x` is not a tenant: there is no such file in `tenants/`",
            "own/providers/openid.toml:7:30: home_domains.1: `*.b.example` holds a wildcard: list each domain",
            "own/providers/openid.toml:8:31: fetch_hosts.1: must be `host` or `host:port` in lower case, without scheme and path",
            "own/providers/openid.toml:8:54: fetch_hosts.2: must be `host` or `host:port` in lower case, without scheme and path",
            "own/providers/openid.toml:8:89: fetch_hosts.4: must be `host` or `host:port` in lower case, without scheme and path",
            "own/providers/openid.toml:9:1: cloud: `bleu` is not a cloud of clouds.toml: it has china-21vianet, dod, gcc, gcc-high, worldwide",
            "own/providers/openid.toml:10:1: ca: `own/providers/gone.pem` cannot be opened: No such file or directory (os error 2)",
        ]);
}

#[test]
fn issuers_are_https_or_on_this_machine() {
    let with = |issuer: &str| crate::support::PROVIDER.replace("https://idp.example", issuer);
    for issuer in [
        "https://login.microsoftonline.com/{tenantid}/v2.0",
        "urn:vestibule:email-otp",
        "http://127.0.0.1:9001/{tenantid}/v2.0",
        "http://localhost:1",
    ] {
        World::new()
            .file("own/providers/openid.toml", &with(issuer))
            .warned(&[]);
    }
    for issuer in ["http://idp.example", "idp.example", "", "file:///etc"] {
        World::new().file("own/providers/openid.toml", &with(issuer)).refused(&[
            "own/providers/openid.toml:4:12: issuers.0: must be an https URL or a URN, exactly as the provider prints it",
        ]);
    }
}

/// They are names: AD FS and Okta begin theirs with `http:`.
#[test]
fn entity_ids_of_saml_are_taken_as_they_are() {
    let with = |issuer: &str| {
        crate::support::PROVIDER
            .replace("https://idp.example", issuer)
            .replace("kind = \"openid\"", "kind = \"saml\"")
    };
    for issuer in [
        "http://fs.fabrikam.example/adfs/services/trust",
        "urn:mace:example",
        "fabrikam",
    ] {
        let loaded = World::new()
            .file("own/providers/openid.toml", &with(issuer))
            .loaded();
        let provider = loaded.configuration.providers.into_values().next().unwrap();
        assert_eq!(provider.trust.issuers, [issuer]);
    }
    for issuer in ["", "a b", "http://x.example/ "] {
        World::new().file("own/providers/openid.toml", &with(issuer)).refused(&[
            "own/providers/openid.toml:4:12: issuers.0: must be the partner's entity id, exactly as its metadata prints it",
        ]);
    }
}

#[test]
fn any_domain_is_said_alone() {
    let scope = |domains: &str| {
        let text = crate::support::PROVIDER.replace("[\"*\"]", domains);
        World::new().file("own/providers/openid.toml", &text)
    };
    let domains = |world: World| {
        world
            .loaded()
            .configuration
            .providers
            .into_values()
            .next()
            .unwrap()
            .trust
            .domains
    };
    assert_eq!(domains(scope("[\"*\"]")), DomainScope::Any);
    assert!(
        matches!(domains(scope("[\"a.example\"]")), DomainScope::Only(list) if list.len() == 1)
    );
    assert!(matches!(domains(scope("[]")), DomainScope::Only(list) if list.is_empty()));
    scope("[\"a.example\", \"*\"]").refused(&[
        "own/providers/openid.toml:5:25: domains.1: `*` holds a wildcard: list each domain",
    ]);
}

#[test]
fn work_and_school_accounts_live_in_a_cloud() {
    let text = crate::support::PROVIDER.replace("\"openid\"", "\"work-school\"");
    World::new().file("own/providers/openid.toml", &text).refused(&[
        "own/providers/openid.toml:1:1: cloud: is required for `work-school`: name the cloud whose accounts it signs in",
    ]);
    let world = World::new().environment("gcc-high").file(
        "own/providers/openid.toml",
        &format!("{text}cloud = \"china-21vianet\"\n"),
    );
    world.warned(&["own/providers/openid.toml:6:1: warning: cloud: does nothing: no tenant it serves takes guests from `china-21vianet`"]);
}

#[test]
fn a_provider_that_serves_nobody_is_pointed_out() {
    World::new().provider("tenants = []\n").warned(&[
        "own/providers/openid.toml:6:1: warning: tenants: is empty: the provider serves nobody",
    ]);
}

#[test]
fn what_is_left_out_has_its_default() {
    let provider = World::new()
        .loaded()
        .configuration
        .providers
        .into_values()
        .next()
        .unwrap();
    assert_eq!(provider.tenants, None);
    assert_eq!(provider.offer.order, 100);
    assert!(!provider.offer.any_domain);
    assert!(!provider.home_domains_given);
    assert!(provider.offer.home_domains.is_empty());
    assert_eq!(provider.fetch_hosts, None);
    assert_eq!(provider.trust.kind.as_str(), "openid");
    let provider = World::new()
        .provider("home_domains = []\n")
        .loaded()
        .configuration
        .providers
        .into_values()
        .next()
        .unwrap();
    assert!(provider.home_domains_given);
}
