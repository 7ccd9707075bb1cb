//! Where the person is at home: clouds, environments and organisations.

use super::world::{As, World, check_all, fabrikam, world};
use crate::cloud::{Clouds, EnvironmentBoundary};
use crate::policy::Shown;
use crate::settings::directory::InboundTrust;
use crate::settings::{Partner, Source};
use crate::testing::cloud;

const GRANT: &str = "allow permission grant";

pub(super) fn partner(home: &str) -> Partner {
    Partner {
        cloud: cloud(home),
        inbound: true,
        reciprocated: true,
        trust: InboundTrust::default(),
        automatic_redemption: false,
        automatic_redemption_at_home: false,
    }
}

fn add(w: &mut World, partner: Partner) {
    let access = &mut w.tenant.directory.cross_tenant;
    access.partners.insert("t".to_owned(), partner);
}

fn tick(w: &mut World, home: &str) {
    w.tenant.directory.cross_tenant.clouds = [cloud(home)].into();
}

#[test]
fn clouds_meet_only_where_both_sides_opted_in() {
    check_all(&[
        (|w| w.at_home_in("worldwide"), GRANT),
        (|w| w.at_home_in("gcc"), GRANT),
        (|w| w.at_home_in("gcc-high"), "cloud-not-allowed"),
        (|w| w.at_home_in("dod"), "cloud-not-allowed"),
        (|w| w.at_home_in("bleu"), "cloud-unknown"),
        (
            |w| {
                w.at_home_in("dod");
                tick(w, "dod");
                add(w, partner("dod"));
            },
            "cloud-not-allowed",
        ),
        (
            |w| {
                w.at_home_in("gcc-high");
                tick(w, "gcc-high");
            },
            "partner-not-added",
        ),
        (
            |w| {
                w.at_home_in("gcc-high");
                tick(w, "gcc-high");
                add(w, partner("dod"));
            },
            "partner-not-added",
        ),
        (
            |w| {
                w.at_home_in("gcc-high");
                tick(w, "gcc-high");
                add(
                    w,
                    Partner {
                        reciprocated: false,
                        ..partner("gcc-high")
                    },
                );
            },
            "partner-not-ready",
        ),
        (
            |w| {
                w.at_home_in("gcc-high");
                tick(w, "gcc-high");
                add(w, partner("gcc-high"));
            },
            GRANT,
        ),
        (
            |w| {
                w.at_home_in("gcc-high");
                add(w, partner("gcc-high"));
            },
            "cloud-not-allowed",
        ),
        // Members and bearers are not from anywhere.
        (
            |w| {
                w.at_home_in("dod");
                w.who = As::Member;
            },
            GRANT,
        ),
    ]);
}

#[test]
fn the_home_of_the_domain_counts_whatever_the_provider() {
    fn homes(w: &mut World, homes: &[&str]) {
        w.by_kind("google");
        w.tenant.directory.google = true;
        let homes = homes.iter().map(|home| cloud(home)).collect();
        w.tenant.directory.domain_homes.insert(fabrikam(), homes);
    }
    check_all(&[
        (|w| homes(w, &["worldwide"]), GRANT),
        (|w| homes(w, &["china-21vianet"]), "cloud-not-allowed"),
        // A domain of several clouds is judged by the strictest.
        (
            |w| homes(w, &["worldwide", "china-21vianet"]),
            "cloud-not-allowed",
        ),
        (
            |w| {
                homes(w, &["china-21vianet"]);
                tick(w, "china-21vianet");
            },
            GRANT,
        ),
        (|w| homes(w, &["dod"]), "cloud-not-allowed"),
        (|w| homes(w, &["bleu"]), "cloud-unknown"),
        (
            |w| {
                w.ad_hoc();
                w.tenant
                    .directory
                    .domain_homes
                    .insert(fabrikam(), [cloud("dod")].into());
            },
            "cloud-not-allowed",
        ),
    ]);
}

#[test]
fn with_the_integration_a_restricted_cloud_shares_inside_its_environment_only() {
    fn within(w: &mut World, home: &str) {
        w.at_home_in(home);
        w.tenant.cloud = cloud("gcc-high");
        w.set("EnableAzureADB2BIntegration", true);
    }
    check_all(&[
        (|w| within(w, "gcc-high"), GRANT),
        (|w| within(w, "dod"), "outside-environment"),
        (
            |w| {
                within(w, "dod");
                w.tenant.boundary = EnvironmentBoundary::Instance;
            },
            GRANT,
        ),
        (
            |w| {
                within(w, "dod");
                w.set("EnableAzureADB2BIntegration", false);
            },
            GRANT,
        ),
        (
            |w| {
                within(w, "gcc-high");
                w.by_kind("microsoft-account");
            },
            "outside-environment",
        ),
    ]);
}

#[test]
fn an_unknown_cloud_denies() {
    check_all(&[
        (|w| w.tenant.cloud = cloud("bleu"), "cloud-unknown"),
        (|w| w.clouds = Clouds::default(), "cloud-unknown"),
        (
            |w| {
                w.by_kind("openid");
                w.tenant.cloud = cloud("bleu");
            },
            "cloud-unknown",
        ),
    ]);
}

#[test]
fn what_the_cloud_rests_on_is_named() {
    let basis = |change: fn(&mut World)| {
        let mut world = world();
        change(&mut world);
        let basis = world.entry("person", "cloud").basis;
        (basis.setting, basis.value, basis.source)
    };
    assert_eq!(
        basis(|w| w.at_home_in("dod")),
        ("partner_clouds", Shown::Word("never"), Some(Source::Cloud))
    );
    assert_eq!(
        basis(|w| w.at_home_in("gcc-high")),
        (
            "allowed_clouds",
            Shown::Flag(false),
            Some(Source::Directory)
        )
    );
    assert_eq!(
        basis(|w| {
            let homes = &mut w.tenant.directory.domain_homes;
            homes.insert(fabrikam(), [cloud("dod")].into());
        })
        .0,
        "domain_homes"
    );
    assert_eq!(
        basis(|w| {
            w.at_home_in("dod");
            w.tenant.cloud = cloud("gcc-high");
            w.set("EnableAzureADB2BIntegration", true);
        }),
        (
            "EnableAzureADB2BIntegration",
            Shown::Flag(true),
            Some(Source::Tenant)
        )
    );
}

#[test]
fn organisations_come_in_as_the_cross_tenant_settings_say() {
    fn closed(w: &mut World) {
        w.tenant.directory.cross_tenant.default_inbound = false;
    }
    const BLOCKED: &str = "partner-blocked";
    fn blocked(home: &str) -> Partner {
        Partner {
            inbound: false,
            ..partner(home)
        }
    }
    check_all(&[
        (|w| add(w, blocked("worldwide")), BLOCKED),
        (|w| add(w, blocked("gcc")), GRANT),
        (closed, BLOCKED),
        (
            |w| {
                closed(w);
                w.at_home_in("gcc");
            },
            BLOCKED,
        ),
        (
            |w| {
                closed(w);
                add(w, partner("worldwide"));
            },
            GRANT,
        ),
        (
            |w| {
                closed(w);
                w.by_kind("microsoft-account");
            },
            GRANT,
        ),
        (
            |w| {
                closed(w);
                w.who = As::Member;
            },
            GRANT,
        ),
        (
            |w| {
                closed(w);
                w.at_home_in("gcc-high");
                tick(w, "gcc-high");
                add(w, partner("gcc-high"));
            },
            GRANT,
        ),
        (
            |w| {
                w.at_home_in("gcc-high");
                tick(w, "gcc-high");
                add(w, blocked("gcc-high"));
            },
            BLOCKED,
        ),
    ]);
}
