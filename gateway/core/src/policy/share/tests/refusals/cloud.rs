//! Refusals of clouds, organisations and environments.

use super::*;

#[test]
fn each_cloud_is_let_in_by_what_it_needs() {
    let from = |home: &str| grant([new_in(home)]);
    check(
        &from("dod"),
        "deny cloud-not-allowed",
        "allowed_clouds=0@directory",
    );
    from("gcc-high").check("deny cloud-not-allowed");
    check(&from("bleu"), "deny cloud-unknown", "cloud=@tenant");
    let ticked = |world: &mut World| {
        world.tenant.directory.cross_tenant.clouds = [cloud("gcc-high")].into();
    };
    check(
        &from("gcc-high").with(ticked),
        "deny partner-not-added",
        "partners=0@directory",
    );
    let ready = |world: &mut World| collaborate(world, "gcc-high");
    from("gcc-high").with(ready).check("allow");
    let half = from("gcc-high").with(ready).with(|world| {
        let access = &mut world.tenant.directory.cross_tenant;
        access.partners.get_mut("t").unwrap().reciprocated = false;
    });
    check(
        &half,
        "deny partner-not-ready",
        "reciprocated=false@directory",
    );
    from("gcc-high")
        .with(ready)
        .with(|world| world.recipients()[0].tenant = None)
        .check("deny partner-not-added");
}

#[test]
fn across_clouds_somebody_new_is_named_by_the_user_principal_name() {
    let world = |by_upn, home: &str| {
        let recipient = ShareRecipient {
            by_upn,
            ..new_in(home)
        };
        grant([recipient]).with(|world| collaborate(world, "gcc-high"))
    };
    world(Some(true), "gcc-high").check("allow");
    for by_upn in [Some(false), None] {
        check(
            &world(by_upn, "gcc-high"),
            "deny upn-required",
            "partner_clouds=@cloud",
        );
        world(by_upn, "worldwide").check("allow");
        world(by_upn, "gcc").check("allow");
        world(by_upn, "gcc-high")
            .with(|world| {
                let known = guest("x@contoso.com").guest;
                world.recipients()[0].guest = known;
            })
            .check("allow");
    }
}

#[test]
fn organisations_come_in_as_the_cross_tenant_settings_say() {
    let world = |listed: bool, default_inbound: bool, inbound: bool| {
        grant([new_in("worldwide")]).with(|world| {
            let access = &mut world.tenant.directory.cross_tenant;
            access.default_inbound = default_inbound;
            if listed {
                let partner = Partner {
                    inbound,
                    ..partner("worldwide")
                };
                access.partners.insert("t".to_owned(), partner);
            }
        })
    };
    for (listed, default_inbound, inbound, want) in [
        (false, true, true, "allow"),
        (false, false, true, "deny partner-blocked"),
        (true, false, true, "allow"),
        (true, true, false, "deny partner-blocked"),
    ] {
        world(listed, default_inbound, inbound).check(want);
    }
    check(
        &world(true, true, false),
        "deny partner-blocked",
        "inbound=false@directory",
    );
    let consumer = |world: &mut World| {
        world.recipients()[0].cloud = None;
    };
    world(false, false, true).with(consumer).check("allow");
}

#[test]
fn a_domain_at_home_in_a_forbidden_cloud_comes_in_by_no_way() {
    let homes = |names: &'static [&'static str]| {
        move |world: &mut World| {
            let domain = domains(&["contoso.com"]).pop_first().unwrap();
            let homes = names.iter().map(|name| cloud(name)).collect();
            world.tenant.directory.domain_homes.insert(domain, homes);
        }
    };
    for (names, want) in [
        (&["worldwide"][..], "allow"),
        (&["dod"], "deny cloud-not-allowed"),
        (&["dod", "worldwide"], "deny cloud-not-allowed"),
        (&["bleu"], "deny cloud-unknown"),
        (&["dod", "zzz"], "deny cloud-unknown"),
        (&["gcc-high"], "deny cloud-not-allowed"),
    ] {
        newcomer().with(homes(names)).check(want);
        known().with(homes(names)).check(want);
        grant([new("x@fabrikam.com")])
            .with(homes(names))
            .check("allow");
    }
    newcomer()
        .with(homes(&["gcc-high"]))
        .with(|world| collaborate(world, "gcc-high"))
        .check("allow");
}

#[test]
fn nobody_outside_is_shared_with_from_an_unknown_cloud() {
    let lost = |world: &mut World| world.tenant.cloud = cloud("bleu");
    known().with(lost).check("deny cloud-unknown");
    anyone().with(lost).check("deny cloud-unknown");
    newcomer()
        .with(lost)
        .with(invites(AllowInvitesFrom::Everyone))
        .check("deny cloud-unknown");
    // Who may add guests to a directory that nobody touched is not known there.
    newcomer().with(lost).check("deny invite-not-allowed");
    grant([member()]).with(lost).check("allow");
}

#[test]
fn bearers_live_in_no_environment() {
    let restricted = |world: &mut World| {
        world.tenant.profile = Profile::IntegrationOptIn;
        world.tenant.cloud = cloud("gcc-high");
        world.tenant.sharing.integration = Some(true);
    };
    check(
        &anyone().with(restricted),
        "deny outside-environment",
        "EnableAzureADB2BIntegration=true@tenant",
    );
    file_request()
        .with(restricted)
        .check("deny outside-environment");
    anyone().with(restricted).integration(false).check("allow");
    let instance = grant([new_in("dod")]).with(restricted);
    instance.check("deny outside-environment");
    instance
        .with(|world| world.tenant.boundary = crate::cloud::EnvironmentBoundary::Instance)
        .check("allow");
}

#[test]
fn later_profiles_share_out_of_restricted_clouds() {
    for profile in [
        Profile::IntegrationDefault,
        Profile::ReshareRequired,
        Profile::IntegrationMandatory,
    ] {
        let later = |world: &mut World| {
            world.tenant.profile = profile;
            world.tenant.cloud = cloud("gcc-high");
        };
        let instance = grant([new_in("dod")]).integration(true).with(later);
        instance.check("allow");
        anyone().integration(true).with(later).check("allow");
    }
}
