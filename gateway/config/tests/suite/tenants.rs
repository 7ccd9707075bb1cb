//! Tenants and their sites.

use gateway_core::settings::words::SharingDomainRestrictionMode;
use gateway_core::settings::{
    Partition, Profile, SharingCapability, TenantSharing, effective_level,
};

use crate::support::{TENANT, World};

fn sharing(more: &str) -> World {
    World::new().file(
        "own/tenants/contoso.toml",
        &TENANT.replace("[sharing]\n", &format!("[sharing]\n{more}")),
    )
}

#[test]
fn a_host_belongs_to_one_tenant() {
    World::new().file("own/tenants/woodgrove.toml", &TENANT.replace("contoso.localhost", "Contoso.LOCALHOST.")).refused(&[
        "own/tenants/woodgrove.toml:2:10: hosts.0: is also a host of tenant `contoso`: a host belongs to one tenant",
    ]);
    let twice = TENANT.replace(
        "[\"contoso.localhost\"]",
        "[\"contoso.localhost\", \"CONTOSO.localhost\"]",
    );
    World::new()
        .file("own/tenants/contoso.toml", &twice)
        .refused(&["own/tenants/contoso.toml:2:31: hosts.1: is listed twice: remove one"]);
}

#[test]
fn hosts_are_names_without_port_or_path() {
    for host in [
        "contoso.localhost:8443",
        "https://contoso.localhost",
        "contoso.localhost/x",
        "*.localhost",
        "127.0.0.1",
        "[::1]",
        "",
        "a b",
    ] {
        let text = TENANT.replace("[\"contoso.localhost\"]", &format!("[\"{host}\"]"));
        World::new().file("own/tenants/contoso.toml", &text).refused(&[
            "own/tenants/contoso.toml:2:10: hosts.0: must be a host name such as `docs.contoso.com`, without scheme, port and path",
        ]);
    }
}

#[test]
fn a_tenant_without_hosts_or_sites_is_refused() {
    World::new()
        .file("own/tenants/contoso.toml", "display_name = \"C\"\nhosts = []\n[sharing]\nSharingCapability = \"Disabled\"\n")
        .refused(&[
            "own/tenants/contoso.toml:1:1: sites: is required: a tenant without a site serves nothing, add `[sites.NAME]`",
            "own/tenants/contoso.toml:2:1: hosts: is required: list the host names that the tenant answers on",
        ]);
}

#[test]
fn every_profile_has_its_name() {
    let with = |profile: &str| {
        World::new().file(
            "own/tenants/contoso.toml",
            &format!("profile = \"{profile}\"\n{TENANT}"),
        )
    };
    with("P3").refused(&[
        "own/tenants/contoso.toml:1:1: profile: must be `separate-managers`, `integration-opt-in`, `integration-default`, `reshare-required` or `integration-mandatory`",
    ]);
    let of = |world: &World| {
        let configuration = world.loaded().configuration;
        let tenant = configuration.tenants.values().next().unwrap();
        (tenant.settings.profile, tenant.settings.integration().value)
    };
    assert_eq!(of(&World::new()), (Profile::IntegrationOptIn, false));
    for (name, integration) in Profile::NAMES.iter().zip([false, false, true, true, true]) {
        let want = (Profile::parse(name).unwrap(), integration);
        assert_eq!(of(&with(name)), want, "{name}");
    }
}

#[test]
fn the_safe_thing_is_what_is_left_out() {
    let text = TENANT.replace("SharingCapability = \"ExternalUserAndGuestSharing\"\n", "")
        + "[sharing]\nSharingCapability = \"ExternalUserSharingOnly\"\n";
    let text = text.replacen("[sharing]\n", "", 1);
    let configuration = World::new()
        .file("own/tenants/contoso.toml", &text)
        .loaded()
        .configuration;
    let tenant = configuration.tenants.values().next().unwrap();
    let settings = &tenant.settings;
    for partition in [Partition::Core, Partition::OneDrive] {
        let ceiling = settings.sharing.ceiling(partition);
        assert_eq!(ceiling, SharingCapability::ExternalUserSharingOnly);
    }
    assert!(!settings.integration().value);
    assert!(settings.email_otp(&configuration.clouds).value);
    let documented = TenantSharing {
        capability: SharingCapability::ExternalUserSharingOnly,
        ..TenantSharing::default()
    };
    assert_eq!(settings.sharing, documented);
    assert_eq!(
        effective_level(settings, &tenant.sites.values().next().unwrap().settings).0,
        SharingCapability::Disabled
    );
    assert_eq!(
        tenant.sites.values().next().unwrap().upstream.audience,
        "http://127.0.0.1:9000"
    );
}

#[test]
fn row_017_onedrive_is_never_looser() {
    sharing("OneDriveSharingCapability = \"ExternalUserAndGuestSharing\"\nCoreSharingCapability = \"ExistingExternalUserSharingOnly\"\n").refused(&[
        "own/tenants/contoso.toml:6:1: sharing.OneDriveSharingCapability: `ExternalUserAndGuestSharing` must not be looser than `CoreSharingCapability`, which is `ExistingExternalUserSharingOnly`",
        "own/tenants/contoso.toml:13:1: warning: sites.projects.SharingCapability: `ExternalUserAndGuestSharing` sleeps: tenant CoreSharingCapability holds it at `ExistingExternalUserSharingOnly`",
    ]);
    sharing("OneDriveSharingCapability = \"Disabled\"\n").warned(&[]);
}

#[test]
fn row_037_wildcards_are_refused_in_lists() {
    sharing("SharingDomainRestrictionMode = \"BlockList\"\nSharingBlockedDomainList = [\"a.example\", \"*.contoso.com\"]\n").refused(&[
        "own/tenants/contoso.toml:7:42: sharing.SharingBlockedDomainList.1: `*.contoso.com` holds a wildcard: list each domain",
    ]);
    sharing("SharingDomainRestrictionMode = \"BlockList\"\nSharingBlockedDomainList = \"a.example *.contoso.com\"\n").refused(&[
        "own/tenants/contoso.toml:7:1: sharing.SharingBlockedDomainList: `*.contoso.com` holds a wildcard: list each domain",
    ]);
}

#[test]
fn row_039_lists_have_at_most_5000_and_500_domains() {
    let list = |count: usize| {
        (0..count)
            .map(|n| format!("\"d{n}.example\""))
            .collect::<Vec<_>>()
            .join(", ")
    };
    let tenant = |count| {
        sharing(&format!(
            "SharingDomainRestrictionMode = \"BlockList\"\nSharingBlockedDomainList = [{}]\n",
            list(count)
        ))
    };
    tenant(5000).warned(&[]);
    tenant(5001).refused(&["own/tenants/contoso.toml:7:1: sharing.SharingBlockedDomainList: has 5001 domains: at most 5000 are supported"]);
    let site = |count| {
        World::new().tenant(&format!(
            "SharingDomainRestrictionMode = \"BlockList\"\nSharingBlockedDomainList = [{}]\n",
            list(count)
        ))
    };
    site(500).warned(&[]);
    site(501).refused(&["own/tenants/contoso.toml:13:1: sites.projects.SharingBlockedDomainList: has 501 domains: at most 500 are supported"]);
}

#[test]
fn row_049_a_directorys_list_has_at_most_25000_characters() {
    let directory = |count: usize| {
        let domains = (0..count)
            .map(|n| format!("\"domain-{n:09}.example\""))
            .collect::<Vec<_>>()
            .join(",");
        World::new().tenant(&format!("[directory]\nBlockedDomains = [{domains}]\n"))
    };
    directory(1042).refused(&["own/tenants/contoso.toml:13:1: directory.BlockedDomains: has 25008 characters: at most 25000 are supported"]);
    directory(1041).warned(&[]);
}

#[test]
fn lists_that_do_nothing_are_pointed_out() {
    sharing("SharingAllowedDomainList = [\"a.example\"]\nSharingBlockedDomainList = \"b.example\"\n").warned(&[
        "own/tenants/contoso.toml:6:1: warning: sharing.SharingAllowedDomainList: does nothing: set `SharingDomainRestrictionMode = \"AllowList\"`, or remove it",
        "own/tenants/contoso.toml:7:1: warning: sharing.SharingBlockedDomainList: does nothing: set `SharingDomainRestrictionMode = \"BlockList\"`, or remove it",
    ]);
    sharing("SharingDomainRestrictionMode = \"AllowList\"\nSharingBlockedDomainList = []\n").warned(&[
        "own/tenants/contoso.toml:6:1: warning: sharing.SharingDomainRestrictionMode: its list is empty: nobody from outside is shared with",
        "own/tenants/contoso.toml:7:1: warning: sharing.SharingBlockedDomainList: does nothing: set `SharingDomainRestrictionMode = \"BlockList\"`, or remove it",
    ]);
    sharing("SharingDomainRestrictionMode = \"BlockList\"\n").warned(&[
        "own/tenants/contoso.toml:6:1: warning: sharing.SharingDomainRestrictionMode: its list is empty: nobody is refused",
    ]);
}

#[test]
fn a_list_may_be_text_as_the_cmdlet_takes_it() {
    let world = sharing(
        "SharingDomainRestrictionMode = \"AllowList\"\nSharingAllowedDomainList = \"a.example  B.example\"\n",
    );
    let configuration = world.loaded().configuration;
    let sharing = &configuration
        .tenants
        .values()
        .next()
        .unwrap()
        .settings
        .sharing;
    assert_eq!(sharing.domain_mode, SharingDomainRestrictionMode::AllowList);
    let domains = sharing.allowed_domains.0.iter();
    assert_eq!(
        domains.map(ToString::to_string).collect::<Vec<_>>(),
        ["a.example", "b.example"]
    );
}

#[test]
fn a_sites_allow_list_is_a_part_of_the_tenants() {
    let lists = |site: &str| {
        let tenant = "SharingDomainRestrictionMode = \"AllowList\"\nSharingAllowedDomainList = [\"a.example\", \"b.example\"]\n";
        let text = TENANT.replace("[sharing]\n", &format!("[sharing]\n{tenant}"));
        World::new().file("own/tenants/contoso.toml", &format!("{text}SharingDomainRestrictionMode = \"AllowList\"\nSharingAllowedDomainList = [{site}]\n"))
    };
    lists("\"b.example\"").warned(&[]);
    lists("\"b.example\", \"c.example\"").refused(&[
        "own/tenants/contoso.toml:15:1: sites.projects.SharingAllowedDomainList: `c.example` must be on the tenant's `SharingAllowedDomainList`, of which a site's is a part",
    ]);
}

#[test]
fn a_directory_has_one_list() {
    World::new().tenant("[directory]\nAllowedDomains = [\"a.example\"]\nBlockedDomains = [\"b.example\"]\ntenant_id = \"contoso\"\n").refused(&[
        "own/tenants/contoso.toml:14:1: directory.BlockedDomains: `b.example` must not stand beside `AllowedDomains`: the directory has one list",
        "own/tenants/contoso.toml:15:1: directory.tenant_id: must be a GUID such as `11111111-1111-4111-8111-111111111111`",
    ]);
}

#[test]
fn a_level_beyond_the_ceiling_sleeps() {
    let text = TENANT.replacen("ExternalUserAndGuestSharing", "ExternalUserSharingOnly", 1);
    World::new().file("own/tenants/contoso.toml", &text).warned(&[
        "own/tenants/contoso.toml:11:1: warning: sites.projects.SharingCapability: `ExternalUserAndGuestSharing` sleeps: tenant SharingCapability holds it at `ExternalUserSharingOnly`",
    ]);
}

fn site(id: &str, path: &str, more: &str) -> String {
    format!("[sites.{id}]\npath = \"{path}\"\nupstream = \"http://127.0.0.1:9000\"\n{more}")
}

#[test]
fn a_path_belongs_to_one_site() {
    World::new().tenant(&site("other", "/sites/projects/", "")).refused(&[
        "own/tenants/contoso.toml:9:1: sites.projects.path: is also the path of site `other`: give each its own",
    ]);
    World::new().tenant(&site("zebra", "/sites/Projects", "path_case = \"insensitive\"\n")).refused(&[
        "own/tenants/contoso.toml:13:1: sites.zebra.path: is also the path of site `projects`: give each its own",
    ]);
    World::new()
        .tenant(&site("zebra", "/sites/Projects", ""))
        .warned(&[]);
    World::new()
        .tenant(&site("inner", "/sites/projects/inner", ""))
        .warned(&[]);
    World::new().tenant(&site("inner", "/sites/projects/inner", "path_case = \"insensitive\"\n")).refused(&[
        "own/tenants/contoso.toml:15:1: sites.inner.path_case: must be that of site `projects`, which this one lies in",
    ]);
}

#[test]
fn a_site_has_a_path_and_an_upstream_that_mean_one_thing() {
    World::new()
        .tenant(&(site("a", "/_Vestibule/x", "") + &site("b", "/sites/../b", "upstream_path = \"b\"\nupstream_ca = \"gone\"\naudience = \" \"\n") + "[sites.c]\n[sites.D]\npath = \"/d\"\nupstream = \"http://u:p@h/x\"\n"))
        .refused(&[
            "own/tenants/contoso.toml:13:1: sites.a.path: lies below `/_vestibule`, which is the gateway's own",
            "own/tenants/contoso.toml:16:1: sites.b.path: the path holds a dot segment",
            "own/tenants/contoso.toml:18:1: sites.b.upstream_path: a path starts with `/`",
            "own/tenants/contoso.toml:19:1: sites.b.upstream_ca: `own/tenants/gone` cannot be opened: No such file or directory (os error 2)",
            "own/tenants/contoso.toml:19:1: warning: sites.b.upstream_ca: does nothing: `upstream` is plain http",
            "own/tenants/contoso.toml:20:1: sites.b.audience: must not be empty: remove it, and it is the upstream's origin",
            "own/tenants/contoso.toml:21:8: sites.c.path: is required: give a path such as `/sites/projects`",
            "own/tenants/contoso.toml:21:8: sites.c.upstream: is required: give an origin such as `http://127.0.0.1:9000`",
            "own/tenants/contoso.toml:22:8: sites.D: `D` is not an identifier: 1 to 64 of a-z, 0-9 and `-`, starting with a letter or digit",
            "own/tenants/contoso.toml:24:1: sites.D.upstream: must be an origin such as `https://docs.example:8443`, without user, path and query",
        ]);
}

#[test]
fn several_tenants_are_checked_in_one_go() {
    World::new()
        .tenant("\n[guests.ada]\naddress = \"ada\"\n")
        .file("own/tenants/woodgrove.toml", "hosts = [\"w.localhost\"]\n[sharing]\nSharingCapability = \"Everybody\"\n[sites.a]\npath = \"/a\"\n")
        .provider("tenants = [\"woodgrov\"]\n")
        .refused(&[
            "own/providers/openid.toml:6:12: tenants.0: `woodgrov` is not a tenant: did you mean `woodgrove`?",
            "own/tenants/contoso.toml:14:1: guests.ada.address: an address has exactly one `@`",
            "own/tenants/woodgrove.toml:1:1: display_name: is required: name the tenant for people",
            "own/tenants/woodgrove.toml:3:1: sharing.SharingCapability: must be `Disabled`, `ExistingExternalUserSharingOnly`, `ExternalUserSharingOnly` or `ExternalUserAndGuestSharing`",
            "own/tenants/woodgrove.toml:4:8: sites.a.upstream: is required: give an origin such as `http://127.0.0.1:9000`",
        ]);
}

#[test]
fn what_a_file_names_is_known_as_declared() {
    let tenant = World::new()
        .tenant("OverrideTenantAnonymousLinkExpirationPolicy = true\n[directory]\nallowInvitesFrom = \"none\"\n")
        .loaded()
        .configuration
        .tenants
        .into_values()
        .next()
        .unwrap();
    let names: Vec<String> = tenant
        .declared
        .iter()
        .map(|(scope, name)| format!("{scope:?} {name}"))
        .collect();
    assert_eq!(
        names,
        [
            "Tenant SharingCapability",
            "Tenant acknowledge_unsupported",
            "Tenant environment_boundary",
            "Tenant profile",
            "Site(SiteId(projects)) OverrideTenantAnonymousLinkExpirationPolicy",
            "Site(SiteId(projects)) SharingCapability",
            "Directory allowInvitesFrom",
        ]
    );
}
