use super::world::{NOW, World, bearer, link, permission, world};
use super::*;
use crate::address::DomainName;
use crate::cloud::EnvironmentBoundary;
use crate::domains::DomainRestriction;
use crate::person::GuestState;
use crate::settings::{Integration, Partition, Partner, SharingCapability};
use crate::sharing::{LinkScope, LinkType, Recipient, Role};
use crate::testing::{address, cloud, domains, identity};

fn check(world: &World, want: &str) {
    let got = spell(&world.decide(&mut NoTrace));
    assert_eq!(got, want);
    // Listening must not change the answer.
    assert_eq!(spell(&world.decide(&mut Recorded::default())), want);
}

fn spell(decision: &Decision) -> String {
    match decision {
        Decision::Allow(permit) => match permit.grounds() {
            [Ground::Permission(_)] => "allow permission".to_owned(),
            [Ground::Link(_)] => "allow link".to_owned(),
            other => format!("allow {other:?}"),
        },
        Decision::Challenge(challenge) => challenge.code().to_owned(),
        Decision::Deny(denial) => denial.code().to_owned(),
    }
}

#[test]
fn a_guest_reads_what_was_shared_and_nothing_else() {
    check(&world(), "allow permission");
    check(
        &World {
            item: "/sites/p/secret",
            ..world()
        },
        "permission-missing",
    );
    check(
        &World {
            item: "/sites/p/plan2",
            ..world()
        },
        "permission-missing",
    );
    check(
        &World {
            item: "/sites/p",
            ..world()
        },
        "permission-missing",
    );
    check(
        &World {
            permissions: vec![],
            ..world()
        },
        "permission-missing",
    );
}

#[test]
fn a_grant_reaches_below_its_item() {
    let below = World {
        item: "/sites/p/plan/a/b",
        ..world()
    };
    check(&below, "allow permission");
}

#[test]
fn a_grant_of_another_site_or_person_does_not_count() {
    let mut other_site = world();
    other_site.permissions[0].site = SiteId::parse("q").unwrap();
    check(&other_site, "permission-missing");
    let mut other_person = world();
    other_person.permissions[0].recipient = Recipient::Address(address("bob@fabrikam.example"));
    check(&other_person, "permission-missing");
    let mut members = world();
    members.permissions[0].recipient = Recipient::Members;
    check(&members, "permission-missing");
    members.member = true;
    check(&members, "allow permission");
}

#[test]
fn read_does_not_cover_changes() {
    for action in [Action::Edit, Action::Create, Action::Delete] {
        check(&World { action, ..world() }, "permission-insufficient");
        let permissions = vec![permission("/sites/p/plan", Role::Write)];
        check(
            &World {
                action,
                permissions,
                ..world()
            },
            "allow permission",
        );
    }
}

#[test]
fn sec_081_a_permission_is_dead_at_its_expiry() {
    let until = |end| {
        let mut world = world();
        world.permissions[0].expires = Some(UnixTime(end));
        world
    };
    check(&until(NOW.0 + 1), "allow permission");
    check(&until(NOW.0), "permission-expired");
}

#[test]
fn the_most_restrictive_level_wins() {
    use SharingCapability as Level;
    for tenant in Level::ALL {
        for core in Level::ALL {
            for site in Level::ALL {
                for override_partition in [false, true] {
                    let mut world = world();
                    world.tenant.capability = tenant;
                    world.tenant.core_capability = core;
                    world.site.capability = site;
                    world.site.override_partition = override_partition;
                    let partition = if override_partition { tenant } else { core };
                    let level = tenant.min(partition).min(site);
                    let want = if level == Level::Disabled {
                        "sharing-disabled"
                    } else {
                        "allow permission"
                    };
                    check(&world, want);
                    world.principal = bearer(link(LinkScope::Anonymous, LinkType::View)).principal;
                    world.links = vec![link(LinkScope::Anonymous, LinkType::View)];
                    let open = level == Level::ExternalUserAndGuestSharing;
                    check(
                        &world,
                        if open {
                            "allow link"
                        } else {
                            "anyone-links-disabled"
                        },
                    );
                }
            }
        }
    }
}

#[test]
fn personal_sites_have_their_own_ceiling() {
    let mut world = world();
    world.tenant.onedrive_capability = SharingCapability::Disabled;
    check(&world, "allow permission");
    world.site.partition = Partition::OneDrive;
    check(&world, "sharing-disabled");
}

#[test]
fn levels_do_not_concern_members() {
    let mut world = World {
        member: true,
        ..world()
    };
    world.tenant.capability = SharingCapability::Disabled;
    check(&world, "allow permission");
}

#[test]
fn a_guest_needs_an_accepted_entry_of_this_identity() {
    check(
        &World {
            known: false,
            ..world()
        },
        "not-in-directory",
    );
    let mut pending = world();
    pending.guest.state = GuestState::PendingAcceptance;
    check(&pending, "invitation-not-redeemed");
    let mut blocked = world();
    blocked.guest.state = GuestState::Blocked;
    check(&blocked, "guest-blocked");
    let mut unbound = world();
    unbound.guest.identity = None;
    check(&unbound, "invitation-not-redeemed");
    let mut other = world();
    other.guest.identity = Some(identity("gcc"));
    check(&other, "identity-mismatch");
}

#[test]
fn domain_lists_of_tenant_and_site_both_apply_at_access() {
    let fabrikam = || domains(&["fabrikam.example"]);
    let other = || domains(&["contoso.example", "sub.fabrikam.example"]);
    for (tenant, site, want) in [
        (
            DomainRestriction::BlockList(fabrikam()),
            DomainRestriction::None,
            "domain-blocked",
        ),
        (
            DomainRestriction::AllowList(other()),
            DomainRestriction::None,
            "domain-not-allowed",
        ),
        (
            DomainRestriction::AllowList(fabrikam()),
            DomainRestriction::None,
            "allow permission",
        ),
        (
            DomainRestriction::BlockList(other()),
            DomainRestriction::None,
            "allow permission",
        ),
        (
            DomainRestriction::None,
            DomainRestriction::BlockList(fabrikam()),
            "site-domain-blocked",
        ),
        (
            DomainRestriction::None,
            DomainRestriction::AllowList(other()),
            "site-domain-not-allowed",
        ),
        (
            DomainRestriction::BlockList(fabrikam()),
            DomainRestriction::AllowList(fabrikam()),
            "domain-blocked",
        ),
    ] {
        let mut world = world();
        world.tenant.domains = tenant;
        world.site.domains = site;
        check(&world, want);
    }
}

#[test]
fn the_directory_list_leaves_redeemed_guests_alone() {
    let mut world = world();
    world.tenant.directory.domains = DomainRestriction::BlockList(domains(&["fabrikam.example"]));
    check(&world, "allow permission");
}

#[test]
fn nobody_signed_in_is_challenged() {
    let stranger = World {
        principal: Principal::default(),
        ..world()
    };
    check(&stranger, "sign-in-required");
}

#[test]
fn an_anyone_link_needs_no_account() {
    check(
        &bearer(link(LinkScope::Anonymous, LinkType::View)),
        "allow link",
    );
    let mut unshown = bearer(link(LinkScope::Anonymous, LinkType::View));
    unshown.principal.links.clear();
    check(&unshown, "sign-in-required");
    let elsewhere = World {
        item: "/sites/p/secret",
        ..bearer(link(LinkScope::Anonymous, LinkType::View))
    };
    check(&elsewhere, "sign-in-required");
}

#[test]
fn an_anyone_link_is_dead_at_its_expiry_and_at_the_tenants_longest_life() {
    let mut world = bearer(link(LinkScope::Anonymous, LinkType::View));
    world.links[0].expires = Some(NOW);
    check(&world, "link-expired");
    world.links[0].expires = Some(NOW.plus(1));
    check(&world, "allow link");
    world.tenant.anyone_link_days = Some(2);
    world.links[0].created = NOW.plus(-2 * 86_400);
    check(&world, "link-expired");
    world.links[0].created = NOW.plus(-2 * 86_400 + 1);
    check(&world, "allow link");
}

#[test]
fn a_link_allows_what_its_type_says() {
    for (kind, action, want) in [
        (LinkType::View, Action::View, "allow link"),
        (LinkType::View, Action::Edit, "link-action-not-allowed"),
        (LinkType::Edit, Action::Delete, "allow link"),
        (LinkType::CreateOnly, Action::Create, "allow link"),
        (
            LinkType::CreateOnly,
            Action::View,
            "link-action-not-allowed",
        ),
        (
            LinkType::CreateOnly,
            Action::Edit,
            "link-action-not-allowed",
        ),
    ] {
        check(
            &World {
                action,
                ..bearer(link(LinkScope::Anonymous, kind))
            },
            want,
        );
    }
}

#[test]
fn an_edit_link_views_only_where_the_tenant_says_so() {
    let mut world = bearer(link(LinkScope::Anonymous, LinkType::Edit));
    world.tenant.anyone_file_edit = false;
    check(&world, "allow link");
    world.action = Action::Edit;
    check(&world, "link-action-not-allowed");
}

#[test]
fn an_organisation_link_works_for_members_who_opened_it() {
    let org = || link(LinkScope::Organization, LinkType::View);
    check(&bearer(org()), "member-sign-in-required");
    let mut guest = World {
        permissions: vec![],
        links: vec![org()],
        ..world()
    };
    guest.principal.links = vec![org().id];
    check(&guest, "link-members-only");
    let mut member = World {
        member: true,
        ..guest
    };
    check(&member, "allow link");
    member.principal.links.clear();
    check(&member, "permission-missing");
}

#[test]
fn a_link_for_people_works_for_the_people_named() {
    let to = |who: &str| link(LinkScope::Users([address(who)].into()), LinkType::View);
    let mut world = World {
        permissions: vec![],
        links: vec![to("ada@fabrikam.example")],
        ..world()
    };
    check(&world, "allow link");
    world.links = vec![to("bob@fabrikam.example")];
    check(&world, "permission-missing");
    world.links = vec![to("ada@fabrikam.example")];
    world.links[0].expires = Some(NOW);
    check(&world, "link-expired");
}

#[test]
fn a_dead_link_does_not_take_away_a_persons_own_access() {
    let mut world = world();
    world.links = vec![link(LinkScope::Anonymous, LinkType::View)];
    world.links[0].expires = Some(NOW);
    world.principal.links = vec![world.links[0].id.clone()];
    check(&world, "allow permission");
}

#[test]
fn clouds_meet_only_where_both_sides_opted_in() {
    let from = |home: &str| {
        let mut world = world();
        world.guest.identity = Some(identity(home));
        world.principal.person.as_mut().unwrap().key = identity(home);
        world
    };
    check(&from("worldwide"), "allow permission");
    check(&from("gcc"), "allow permission");
    check(&from("gcc-high"), "cloud-not-allowed");
    check(&from("dod"), "cloud-not-allowed");
    check(&from("bleu"), "cloud-unknown");
    let mut ticked = from("gcc-high");
    ticked.tenant.directory.cross_tenant.clouds = [cloud("gcc-high")].into();
    check(&ticked, "partner-not-added");
    let partner = |home: &str, inbound| Partner {
        cloud: cloud(home),
        inbound,
    };
    ticked.tenant.directory.cross_tenant.partners =
        [("t".to_owned(), partner("gcc-high", true))].into();
    check(&ticked, "allow permission");
    ticked.tenant.directory.cross_tenant.partners =
        [("t".to_owned(), partner("gcc-high", false))].into();
    check(&ticked, "partner-not-added");
    ticked.tenant.directory.cross_tenant.partners = [("t".to_owned(), partner("dod", true))].into();
    check(&ticked, "partner-not-added");
}

#[test]
fn sec_094_the_home_of_the_domain_counts_whatever_the_provider() {
    let mut world = world();
    let mut key = identity("worldwide");
    key.cloud = None;
    world.guest.identity = Some(key.clone());
    world.principal.person.as_mut().unwrap().key = key;
    check(&world, "allow permission");
    let fabrikam = DomainName::parse("fabrikam.example").unwrap();
    let homes = &mut world.tenant.directory.domain_homes;
    homes.insert(fabrikam.clone(), [cloud("china-21vianet")].into());
    check(&world, "cloud-not-allowed");
    // A domain of several clouds is judged by the strictest.
    let both = [cloud("worldwide"), cloud("china-21vianet")].into();
    world.tenant.directory.domain_homes.insert(fabrikam, both);
    check(&world, "cloud-not-allowed");
}

#[test]
fn with_the_integration_a_restricted_cloud_shares_inside_its_environment_only() {
    let within = |tenant_cloud: &str, home: &str| {
        let mut world = world();
        world.tenant.cloud = cloud(tenant_cloud);
        world.tenant.integration = Integration::On;
        world.guest.identity = Some(identity(home));
        world.principal.person.as_mut().unwrap().key = identity(home);
        world
    };
    check(&within("gcc-high", "gcc-high"), "allow permission");
    check(&within("gcc-high", "dod"), "outside-environment");
    let mut wider = within("gcc-high", "dod");
    wider.tenant.boundary = EnvironmentBoundary::Instance;
    check(&wider, "allow permission");
    check(&within("worldwide", "worldwide"), "allow permission");
    let mut no_cloud = within("gcc-high", "gcc-high");
    let mut key = identity("gcc-high");
    key.cloud = None;
    no_cloud.guest.identity = Some(key.clone());
    no_cloud.principal.person.as_mut().unwrap().key = key;
    check(&no_cloud, "outside-environment");
    let mut anyone = bearer(link(LinkScope::Anonymous, LinkType::View));
    anyone.tenant.cloud = cloud("gcc-high");
    check(&anyone, "allow link");
    anyone.tenant.integration = Integration::On;
    check(&anyone, "outside-environment");
}

#[test]
fn an_unknown_cloud_denies() {
    let mut world = world();
    world.tenant.cloud = cloud("bleu");
    check(&world, "cloud-unknown");
    world.clouds = Clouds::default();
    world.tenant.cloud = cloud("worldwide");
    check(&world, "cloud-unknown");
}

#[test]
fn both_items_of_a_move_are_judged() {
    let world = World {
        permissions: vec![permission("/sites/p/plan", Role::Write)],
        ..world()
    };
    let ask = |paths: [&str; 2]| {
        let questions: Vec<Question> = paths
            .iter()
            .map(|path| {
                let mut question = world.question();
                question.target.path = ItemPath::parse(path).unwrap();
                question
            })
            .collect();
        let facts = [world.facts(), world.facts()];
        decide(&world.principal, questions, &facts, NOW, &mut NoTrace)
    };
    let allowed = ask(["/sites/p/plan/a", "/sites/p/plan/b"]);
    let Decision::Allow(permit) = allowed else {
        panic!("{allowed:?}")
    };
    assert_eq!(permit.target().unwrap().path.encoded(), "/sites/p/plan/a");
    assert_eq!(
        permit.destination().unwrap().path.encoded(),
        "/sites/p/plan/b"
    );
    let refused = Decision::Deny(Denial::PermissionMissing);
    assert_eq!(ask(["/sites/p/plan/a", "/sites/p/secret"]), refused);
    assert_eq!(ask(["/sites/p/secret", "/sites/p/plan/b"]), refused);
}

#[test]
fn missing_facts_deny() {
    let world = world();
    let none = decide(&world.principal, vec![], &[], NOW, &mut NoTrace);
    assert_eq!(none, Decision::Deny(Denial::FactsMissing));
    let short = decide(
        &world.principal,
        vec![world.question()],
        &[],
        NOW,
        &mut NoTrace,
    );
    assert_eq!(short, Decision::Deny(Denial::FactsMissing));
}

#[test]
fn the_first_denial_is_reported_and_the_trace_lists_all() {
    let mut world = World {
        permissions: vec![],
        ..world()
    };
    world.site.capability = SharingCapability::Disabled;
    world.tenant.domains = DomainRestriction::BlockList(domains(&["fabrikam.example"]));
    let mut trace = Recorded::default();
    let decision = world.decide(&mut trace);
    assert_eq!(spell(&decision), "sharing-disabled");
    let found: Vec<_> = trace
        .0
        .iter()
        .map(|entry| (entry.rule, entry.verdict))
        .collect();
    assert_eq!(
        found,
        [
            ("cloud", Verdict::Pass),
            (
                "level",
                Verdict::Deny(Denial::SharingDisabled(crate::settings::LevelSource::Site))
            ),
            ("authentication", Verdict::Pass),
            ("guest-state", Verdict::Pass),
            (
                "domain-lists",
                Verdict::Deny(Denial::TenantDomain(crate::domains::Refusal::Blocked))
            ),
            ("permission", Verdict::Deny(Denial::PermissionMissing)),
        ]
    );
    let level = trace.0.iter().find(|entry| entry.rule == "level").unwrap();
    assert_eq!(
        (level.setting, level.value),
        ("site SharingCapability", "Disabled")
    );
}
