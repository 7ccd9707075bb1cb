//! clouds.toml, and what a cloud allows.

use crate::support::{PROVIDER, TENANT, World};

const CLOUD: &str = "instance = \"i\"\nauthority = \"https://login.example\"\nidentity_providers = []\nintegration_supported = true\nrestricted = false\nconsumers = false\nfile_requests = true\nallow_invites_from = \"everyone\"\n";

#[test]
fn a_cloud_is_described_in_full() {
    World::new()
        .file("own/clouds.toml", "[clouds.bleu]\nauthority = \"http://login.example/x\"\npartner_clouds = [\"worldwid\", \"delos\"]\n[clouds.Delos]\n")
        .refused(&[
            "own/clouds.toml:1:9: clouds.bleu.instance: is required: name the Azure instance",
            "own/clouds.toml:1:9: clouds.bleu.identity_providers: is required: list kinds of provider, or `[]`",
            "own/clouds.toml:1:9: clouds.bleu.integration_supported: is required: `true` or `false`",
            "own/clouds.toml:1:9: clouds.bleu.restricted: is required: `true` or `false`",
            "own/clouds.toml:1:9: clouds.bleu.consumers: is required: `true` or `false`",
            "own/clouds.toml:1:9: clouds.bleu.file_requests: is required: `true` or `false`",
            "own/clouds.toml:1:9: clouds.bleu.allow_invites_from: is required: `everyone`, or `none` where only an explicit setting lets anybody",
            "own/clouds.toml:2:1: clouds.bleu.authority: must be an origin such as `https://docs.example:8443`, without user, path and query",
            "own/clouds.toml:3:19: clouds.bleu.partner_clouds.0: `worldwid` is not a cloud of clouds.toml: did you mean `worldwide`?",
            "own/clouds.toml:3:31: clouds.bleu.partner_clouds.1: `delos` is not a cloud of clouds.toml: did you mean `Delos`?",
            "own/clouds.toml:4:9: clouds.Delos: `Delos` is not an identifier: 1 to 64 of a-z, 0-9 and `-`, starting with a letter or digit",
            "own/clouds.toml:4:9: clouds.Delos.instance: is required: name the Azure instance",
            "own/clouds.toml:4:9: clouds.Delos.authority: is required: give an origin such as `https://login.microsoftonline.com`",
            "own/clouds.toml:4:9: clouds.Delos.identity_providers: is required: list kinds of provider, or `[]`",
            "own/clouds.toml:4:9: clouds.Delos.integration_supported: is required: `true` or `false`",
            "own/clouds.toml:4:9: clouds.Delos.restricted: is required: `true` or `false`",
            "own/clouds.toml:4:9: clouds.Delos.consumers: is required: `true` or `false`",
            "own/clouds.toml:4:9: clouds.Delos.file_requests: is required: `true` or `false`",
            "own/clouds.toml:4:9: clouds.Delos.allow_invites_from: is required: `everyone`, or `none` where only an explicit setting lets anybody",
        ]);
}

#[test]
fn a_cloud_that_is_wrong_is_not_unknown_as_well() {
    World::new()
        .file("own/clouds.toml", "clouds.bleu = 5\n")
        .file(
            "own/tenants/contoso.toml",
            &format!("cloud = \"bleu\"\n{TENANT}"),
        )
        .refused(&["own/clouds.toml:1:8: clouds.bleu: must be a table, not a number"]);
}

#[test]
fn a_closed_region_is_one_of_the_clouds_own() {
    let scopes = "region_scopes = [\"USGov\"]\nclosed_region_scopes = [\"usgov\", \"USG\"]\n";
    World::new()
        .file("own/clouds.toml", &format!("[clouds.bleu]\n{CLOUD}{scopes}"))
        .refused(&["own/clouds.toml:11:34: clouds.bleu.closed_region_scopes.1: `USG` is not among `region_scopes`"]);
}

#[test]
fn an_authority_is_https() {
    let cloud = CLOUD.replace("https", "http");
    World::new()
        .file("own/clouds.toml", &format!("[clouds.bleu]\n{cloud}"))
        .refused(&["own/clouds.toml:3:1: clouds.bleu.authority: must be https, but on loopback"]);
}

#[test]
fn collaboration_that_only_one_side_names_is_pointed_out() {
    World::new()
        .file("own/clouds.toml", &format!("[clouds.bleu]\n{CLOUD}partner_clouds = [\"worldwide\"]\n"))
        .warned(&["own/clouds.toml:10:1: warning: clouds.bleu.partner_clouds: `worldwide` does not name `bleu` in turn: the two do not collaborate"]);
}

#[test]
fn the_integration_is_refused_where_it_is_not_supported() {
    for cloud in ["gcc-high", "dod", "china-21vianet"] {
        let integration = |more: &str| {
            let text = TENANT.replace(
                "[sharing]",
                &format!("[sharing]\nEnableAzureADB2BIntegration = true{more}"),
            );
            World::new()
                .environment(cloud)
                .file("own/tenants/contoso.toml", &text)
        };
        integration("").refused(&[&format!(
            "own/tenants/contoso.toml:6:1: sharing.EnableAzureADB2BIntegration: `true` is not supported in the cloud `{cloud}`: leave it off, or set `acknowledge_unsupported` as well, and share with nobody outside the environment"
        )]);
        integration("\nacknowledge_unsupported = true").warned(&[&format!(
            "own/tenants/contoso.toml:6:1: warning: sharing.EnableAzureADB2BIntegration: is not supported in cloud `{cloud}`: people outside the environment, bearers of Anyone links among them, are refused"
        )]);
    }
}

#[test]
fn acknowledging_what_needs_none_is_pointed_out() {
    let with = |more: &str| {
        World::new().file(
            "own/tenants/contoso.toml",
            &TENANT.replace("[sharing]", &format!("[sharing]\n{more}")),
        )
    };
    with("EnableAzureADB2BIntegration = true").warned(&[]);
    with("EnableAzureADB2BIntegration = true\nacknowledge_unsupported = true").warned(&[
        "own/tenants/contoso.toml:7:1: warning: sharing.acknowledge_unsupported: does nothing: cloud `worldwide` supports the integration",
    ]);
    with("acknowledge_unsupported = true").warned(&[
        "own/tenants/contoso.toml:6:1: warning: sharing.acknowledge_unsupported: does nothing: `EnableAzureADB2BIntegration` is off",
    ]);
}

#[test]
fn row_111_the_integration_needs_the_directorys_passcodes() {
    let text = TENANT.replace("[sharing]", "[directory]\nallowExternalIdToUseEmailOtp = false\n\n[sharing]\nEnableAzureADB2BIntegration = true");
    World::new().file("own/tenants/contoso.toml", &text).refused(&[
        "own/tenants/contoso.toml:9:1: sharing.EnableAzureADB2BIntegration: `true` needs the directory's passcodes by mail: set `allowExternalIdToUseEmailOtp` to `enabled`",
    ]);
}

#[test]
fn kinds_of_provider_that_a_cloud_does_not_offer_are_refused() {
    let check = |cloud: &str, kind: &str, offered: bool| {
        let mail = "[mail]\nhost = \"localhost\"\nport = 25\nsecurity = \"none\"\nfrom = \"a@b.example\"\nfrom_name = \"A\"\n";
        let text = PROVIDER.replace("\"openid\"", &format!("\"{kind}\""))
            + &format!("cloud = \"{cloud}\"\n");
        let world = World::new()
            .gateway(mail)
            .environment(cloud)
            .file("own/providers/openid.toml", &text);
        let refusal = format!(
            "own/providers/openid.toml:3:1: kind: `{kind}` is not offered in cloud `{cloud}`, where tenant `contoso` lives: list other tenants under `tenants`"
        );
        if offered {
            world.warned(&[]);
        } else {
            world.refused(&[&refusal]);
        }
    };
    for kind in ["microsoft-account", "google", "email-otp"] {
        check("china-21vianet", kind, false);
        check("gcc-high", kind, true);
        check("worldwide", kind, true);
    }
    check("china-21vianet", "work-school", true);
    check("china-21vianet", "saml", true);
    check("dod", "saml", false);
    check("china-21vianet", "badge", true);
}

#[test]
fn only_tenants_that_a_provider_serves_count() {
    let china = TENANT.replace("contoso.localhost", "lanhua.localhost");
    let china = format!("cloud = \"china-21vianet\"\n{china}");
    let google = PROVIDER.replace("\"openid\"", "\"google\"");
    let world = World::new()
        .file("own/tenants/lanhua.toml", &china)
        .file("own/providers/openid.toml", &google);
    world.refused(&[
        "own/providers/openid.toml:3:1: kind: `google` is not offered in cloud `china-21vianet`, where tenant `lanhua` lives: list other tenants under `tenants`",
    ]);
    world
        .file(
            "own/providers/openid.toml",
            &format!("{google}tenants = [\"contoso\"]\n"),
        )
        .warned(&[]);
}

#[test]
fn clouds_to_collaborate_with_are_known_and_possible() {
    let directory = "\n[directory.cross_tenant]\nallowed_clouds = [\"worldwide\", \"china-21vianet\", \"dod\", \"mars\"]\n\
        partners.44444444-4444-4444-8444-444444444444 = { cloud = \"gcc\" }\n\
        partners.nobody = { cloud = \"worldwide\" }\n\
        partners.55555555-5555-4555-8555-555555555555 = {}\n";
    World::new().environment("gcc-high").tenant(directory).refused(&[
        "own/tenants/contoso.toml:14:32: directory.cross_tenant.allowed_clouds.1: `china-21vianet` and `gcc-high` do not collaborate: remove it",
        "own/tenants/contoso.toml:14:50: warning: directory.cross_tenant.allowed_clouds.2: does nothing: `dod` and `gcc-high` collaborate by default",
        "own/tenants/contoso.toml:14:57: directory.cross_tenant.allowed_clouds.3: `mars` is not a cloud of clouds.toml: it has china-21vianet, dod, gcc, gcc-high, worldwide",
        "own/tenants/contoso.toml:15:10: warning: directory.cross_tenant.partners.44444444-4444-4444-8444-444444444444: does nothing: add `gcc` to `allowed_clouds` as well",
        "own/tenants/contoso.toml:16:10: directory.cross_tenant.partners.nobody: must be a GUID such as `11111111-1111-4111-8111-111111111111`",
        "own/tenants/contoso.toml:17:10: directory.cross_tenant.partners.55555555-5555-4555-8555-555555555555.cloud: is required: name the organisation's cloud",
    ]);
}

#[test]
fn homes_of_domains_are_known_clouds() {
    World::new()
        .tenant("\n[directory.domain_homes]\n\"agency.example\" = [\"gcc-hihg\"]\n\"*.example\" = [\"gcc\"]\n\"x.example\" = []\n")
        .refused(&[
            "own/tenants/contoso.toml:14:21: directory.domain_homes.\"agency.example\".0: `gcc-hihg` is not a cloud of clouds.toml: did you mean `gcc-high`?",
            "own/tenants/contoso.toml:15:1: directory.domain_homes.\"*.example\": `*.example` holds a wildcard: list each domain",
            "own/tenants/contoso.toml:16:1: directory.domain_homes.\"x.example\": names no cloud: list at least one, or remove it",
        ]);
}
