//! What is reported first of several refusals.

use super::world::*;
use super::*;
use crate::policy::TraceEntry;
use crate::settings::words::{
    AllowInvitesFrom, CompanyWideSharingLinks, OnOff, SharingDomainRestrictionMode as Mode,
    SharingMode,
};
use crate::settings::{Channel, DirectoryPolicy, Partner, directory::PolicyCopy};
use crate::testing::cloud;

/// Something that refuses by itself, and the outcome it leads to while nothing before it refuses.
type Fault = (fn(&mut World), &'static str);

/// With all faults the first is the answer; without it the second, and so on.
fn check(base: &World, faults: &[Fault]) {
    base.check("allow");
    for (first, (_, want)) in faults.iter().enumerate() {
        let mut world = base.clone();
        for (fault, _) in &faults[first..] {
            fault(&mut world);
        }
        world.check(want);
        let mut alone = base.clone();
        faults[first].0(&mut alone);
        alone.check(want);
    }
}

fn no_invites() -> DirectoryPolicy {
    DirectoryPolicy {
        allow_invites_from: Some(AllowInvitesFrom::None),
        ..DirectoryPolicy::default()
    }
}

#[test]
fn rules_are_judged_in_the_documented_order() {
    check(
        &people([new_in("worldwide")]),
        &[
            (
                |world| world.site.sharing.capability = Some(SharingCapability::Disabled),
                "deny sharing-disabled",
            ),
            (
                |world| world.question.sharer.role = None,
                "deny sharer-not-allowed",
            ),
            (
                |world| {
                    world.tenant.sharing.domain_mode = Mode::BlockList;
                    world.tenant.sharing.blocked_domains = list(&["contoso.com"]);
                },
                "deny domain-blocked",
            ),
            (
                |world| world.site.sharing.domain_mode = Mode::AllowList,
                "deny site-domain-not-allowed",
            ),
            (
                |world| *world = world.clone().restricted(),
                "deny outside-restriction",
            ),
            (
                |world| world.site.channel = Channel::Shared,
                "deny channel-only",
            ),
            (
                |world| {
                    world.tenant.sharing.sync_policy = true;
                    let policy = no_invites();
                    world.tenant.directory.copy = Some(PolicyCopy { taken: NOW, policy });
                },
                "deny invite-not-allowed",
            ),
            (
                |world| {
                    world.tenant.directory.policy.blocked_domains = Some(list(&["contoso.com"]));
                },
                "deny directory-domain-blocked",
            ),
            (
                |world| {
                    let home = Some(cloud("dod"));
                    world
                        .recipients()
                        .iter_mut()
                        .for_each(|recipient| recipient.cloud.clone_from(&home));
                },
                "deny cloud-not-allowed",
            ),
            (
                |world| *world = world.clone().asking(Some(NOW)),
                "deny link-expired",
            ),
        ],
    );
}

#[test]
fn a_listening_trace_hears_every_rule_in_that_order() {
    let names = [
        "level",
        "sharer",
        "domain-lists",
        "restricted-access",
        "channel",
        "directory-copy",
        "directory",
        "cloud",
        "link-limits",
    ];
    let heard = |world: &World| {
        let trace = world.trace();
        let of = |entry: &TraceEntry| (entry.path, entry.rule);
        let entries: Vec<_> = trace.entries.iter().map(of).collect();
        assert_eq!(entries, names.map(|name| ("share", name)));
        trace.decided
    };
    assert_eq!(heard(&anyone()), Some(("share", "sharer")));
    let refused = anyone().with(|world| {
        world.site.sharing.capability = Some(SharingCapability::Disabled);
        world.site.channel = Channel::Shared;
    });
    assert_eq!(heard(&refused), Some(("share", "level")));
    let unheard = refused.answer(&mut crate::policy::NoTrace);
    assert_eq!(unheard, refused.answer(&mut refused.trace()));
}

#[test]
fn the_copy_is_asked_before_the_directory() {
    let world = grant([new("x@contoso.com")]).with(|world| {
        let policy = no_invites();
        world.tenant.sharing.sync_policy = true;
        world.tenant.directory.policy = policy.clone();
        world.tenant.directory.copy = Some(PolicyCopy { taken: NOW, policy });
    });
    assert_eq!(world.trace().decided, Some(("share", "directory-copy")));
}

#[test]
fn the_level_speaks_of_itself_then_of_anyone_then_of_new_guests() {
    let both = |level| {
        anyone().with(|world| {
            world.site.sharing.capability = Some(level);
            world.recipients().push(new("x@contoso.com"));
        })
    };
    both(SharingCapability::Disabled).check("deny sharing-disabled");
    both(SharingCapability::ExistingExternalUserSharingOnly).check("deny anyone-links-disabled");
}

#[test]
fn what_is_against_a_guest_who_shares_has_an_order() {
    let owner = Ask::Permission {
        role: Role::Owner,
        recipients: vec![ShareRecipient {
            in_site: true,
            ..guest("x@contoso.com")
        }],
        expires: None,
    };
    check(
        &ask(owner).item(ItemKind::Site).guest_sharer(),
        &[
            (
                |world| world.question.sharer.role = Some(Role::Read),
                "deny sharer-not-allowed",
            ),
            (
                |world| world.tenant.sharing.prevent_resharing = true,
                "deny resharing-not-allowed",
            ),
            (
                |world| world.recipients().push(member()),
                "deny outside-site-not-allowed",
            ),
            (
                |world| world.site.sharing.sharing_mode = SharingMode::Owners,
                "deny owners-only",
            ),
            (
                |world| world.tenant.sharing.core_block_guest_admins = OnOff::On,
                "deny guests-cannot-own",
            ),
            (
                |world| world.tenant.sharing.guest_sharers = groups(&["g"]),
                "deny sharer-not-in-group",
            ),
        ],
    );
}

#[test]
fn what_is_against_an_agent_who_shares_has_an_order() {
    let agent = |world: &mut World| {
        world.question.sharer.kind = SharerKind::Agent(group("agent"));
    };
    check(
        &grant([guest("x@contoso.com")]).with(agent),
        &[
            (
                |world| world.question.sharer.kind = SharerKind::Unknown,
                "deny sharer-unknown",
            ),
            (
                |world| world.question.sharer.role = None,
                "deny sharer-not-allowed",
            ),
            (
                |world| world.tenant.sharing.restricted_agents = groups(&["agent"]),
                "deny agents-not-allowed",
            ),
            (
                |world| world.site.sharing.owners_only = true,
                "deny owners-only",
            ),
        ],
    );
}

#[test]
fn what_anyone_may_not_is_reported_before_what_guests_may_not() {
    anyone()
        .with(|world| {
            world.recipients().push(guest("x@contoso.com"));
            world.tenant.sharing.guest_sharers = groups(&["g"]);
        })
        .check("deny sharer-not-in-anonymous-group");
}

#[test]
fn the_right_to_invite_is_reported_before_the_list() {
    grant([new("x@contoso.com")])
        .with(|world| {
            world.tenant.directory.policy = no_invites();
            world.tenant.directory.policy.blocked_domains = Some(list(&["contoso.com"]));
        })
        .check("deny invite-not-allowed");
}

#[test]
fn links_of_no_kind_are_reported_before_links_that_are_off_and_those_before_dead_ones() {
    check(
        &link(AskedScope::Organization, LinkType::View),
        &[
            (
                |world| world.question.item = ItemKind::Site,
                "deny link-kind-not-allowed",
            ),
            (
                |world| world.site.sharing.company_links = CompanyWideSharingLinks::Disabled,
                "deny organization-links-disabled",
            ),
            (
                |world| *world = world.clone().asking(Some(NOW)),
                "deny link-expired",
            ),
        ],
    );
    file_request()
        .item(ItemKind::File)
        .asking(Some(NOW))
        .check("deny link-expired");
}

/// Recipients who each fail by another part of the rule about clouds, the first to be reported first.
fn strangers() -> [(ShareRecipient, &'static str); 6] {
    let of = |home: &str, organisation: &str| ShareRecipient {
        tenant: Some(organisation.to_owned()),
        ..new_in(home)
    };
    [
        (of("bleu", "t"), "deny cloud-unknown"),
        (of("dod", "t"), "deny cloud-not-allowed"),
        (of("gcc-high", "none"), "deny partner-not-added"),
        (of("gcc-high", "half"), "deny partner-not-ready"),
        (of("gcc-high", "blocked"), "deny partner-blocked"),
        (
            ShareRecipient {
                by_upn: None,
                ..of("gcc-high", "t")
            },
            "deny upn-required",
        ),
    ]
}

#[test]
fn clouds_are_reported_in_one_order_whoever_comes_first() {
    let world = |recipients: Vec<ShareRecipient>| {
        grant(recipients).with(|world| {
            collaborate(world, "gcc-high");
            let half = Partner {
                reciprocated: false,
                ..partner("gcc-high")
            };
            let blocked = Partner {
                inbound: false,
                ..partner("gcc-high")
            };
            let partners = &mut world.tenant.directory.cross_tenant.partners;
            partners.insert("half".to_owned(), half);
            partners.insert("blocked".to_owned(), blocked);
        })
    };
    let all = strangers();
    for (first, (_, want)) in all.iter().enumerate() {
        let mut rest: Vec<_> = all[first..].iter().map(|(one, _)| one.clone()).collect();
        world(rest.clone()).check(want);
        rest.reverse();
        world(rest).check(want);
    }
}

#[test]
fn an_alias_across_clouds_is_reported_before_the_environment() {
    // China may take guests from worldwide, and with the integration shares inside only.
    let world = |by_upn| {
        let recipient = ShareRecipient {
            by_upn,
            ..new_in("worldwide")
        };
        grant([recipient])
            .with(|world| {
                world.tenant.profile = Profile::IntegrationOptIn;
                world.tenant.cloud = cloud("china-21vianet");
                collaborate(world, "worldwide");
            })
            .integration(true)
    };
    world(None).check("deny upn-required");
    world(Some(true)).check("deny outside-environment");
    world(Some(true)).integration(false).check("allow");
}
