use std::sync::Arc;

use super::world::{
    ADA, As, NOW, PLAN, World, check, check_all, group, link, named, permission, world,
};
use crate::action::Action;
use crate::id::SiteId;
use crate::path::ItemPath;
use crate::person::InvitationManager;
use crate::policy::{Basis, Decision, Denial, NoTrace, Question, Shown, decide};
use crate::settings::{Partition, Profile, Source};
use crate::sharing::{LinkType, Recipient, Role};
use crate::testing::address;

const GRANT: &str = "allow permission grant";
const MISSING: &str = "permission-missing";

#[test]
fn a_guest_reads_what_was_shared_and_what_is_below_and_nothing_else() {
    check_all(&[
        (|_| {}, GRANT),
        (|w| w.path = format!("{PLAN}/a/b"), GRANT),
        (|w| w.path = "/sites/p/secret".to_owned(), MISSING),
        (|w| w.path = format!("{PLAN}2"), MISSING),
        (|w| w.path = "/sites/p".to_owned(), MISSING),
        (|w| w.permissions.clear(), MISSING),
        (
            |w| w.permissions[0].site = SiteId::parse("q").unwrap(),
            MISSING,
        ),
    ]);
}

#[test]
fn grants_reach_those_they_are_made_to() {
    fn to(w: &mut World, recipient: Recipient) {
        w.permissions[0].recipient = recipient;
    }
    check_all(&[
        (
            |w| to(w, Recipient::Address(address("bob@fabrikam.example"))),
            MISSING,
        ),
        (|w| to(w, Recipient::Members), MISSING),
        (
            |w| {
                to(w, Recipient::Members);
                w.who = As::Member;
            },
            GRANT,
        ),
        (|w| to(w, Recipient::Everyone), MISSING),
        (
            |w| {
                to(w, Recipient::Everyone);
                w.set("ShowEveryoneClaim", true);
            },
            GRANT,
        ),
        (
            |w| {
                to(w, Recipient::Everyone);
                w.who = As::Member;
            },
            GRANT,
        ),
        (
            |w| {
                w.ad_hoc();
                w.links.clear();
                w.permissions = vec![permission("grant", Role::Read)];
                to(w, Recipient::Everyone);
                w.set("ShowEveryoneClaim", true);
            },
            MISSING,
        ),
        (|w| to(w, Recipient::AllUsers), MISSING),
        (
            |w| {
                to(w, Recipient::AllUsers);
                w.set("ShowEveryoneClaim", true);
                w.set("ShowAllUsersClaim", false);
            },
            MISSING,
        ),
        (
            |w| {
                to(w, Recipient::AllUsers);
                w.set("ShowAllUsersClaim", true);
            },
            GRANT,
        ),
        (
            |w| {
                to(w, Recipient::AllUsers);
                w.who = As::Member;
            },
            GRANT,
        ),
        (|w| to(w, Recipient::Group(group("g1"))), MISSING),
        (
            |w| {
                to(w, Recipient::Group(group("g1")));
                w.in_groups(&["g0", "g1"]);
            },
            GRANT,
        ),
        (
            |w| {
                w.ad_hoc();
                w.links.clear();
                w.permissions = vec![permission("grant", Role::Read)];
                to(w, Recipient::Group(group("g1")));
                w.in_groups(&["g1"]);
            },
            MISSING,
        ),
        (
            |w| {
                w.ad_hoc();
                w.permissions = vec![permission("grant", Role::Read)];
            },
            GRANT,
        ),
    ]);
}

#[test]
fn a_claim_that_guests_do_not_carry_is_named() {
    let mut world = world();
    world.permissions[0].recipient = Recipient::Everyone;
    let basis = Basis::new("ShowEveryoneClaim", Shown::Flag(false), Source::Tenant);
    assert_eq!(world.entry("person", "permission").basis, basis);
}

#[test]
fn a_role_covers_what_it_says() {
    for action in Action::ALL {
        let asked = |role: Role| {
            move |w: &mut World| {
                w.permissions[0].role = role;
                w.action = action;
            }
        };
        let read = if action.writes() {
            "permission-insufficient"
        } else {
            GRANT
        };
        check(asked(Role::Read), read);
        check(asked(Role::Write), GRANT);
        check(asked(Role::Owner), GRANT);
    }
}

#[test]
fn a_permission_is_dead_at_its_expiry() {
    check_all(&[
        (|w| w.permissions[0].expires = Some(NOW.plus(1)), GRANT),
        (
            |w| w.permissions[0].expires = Some(NOW),
            "permission-expired",
        ),
    ]);
}

#[test]
fn what_was_shared_with_the_integration_is_shared_again_when_it_is_switched_off() {
    const RESHARE: &str = "reshare-required";
    fn by_directory(w: &mut World) {
        w.permissions[0].manager = InvitationManager::Directory;
    }
    check_all(&[
        (by_directory, RESHARE),
        (
            |w| {
                by_directory(w);
                w.set("EnableAzureADB2BIntegration", true);
            },
            GRANT,
        ),
        (
            |w| {
                by_directory(w);
                w.tenant.profile = Profile::IntegrationDefault;
                w.set("EnableAzureADB2BIntegration", false);
            },
            GRANT,
        ),
        (
            |w| {
                by_directory(w);
                w.who = As::Member;
            },
            GRANT,
        ),
        (
            |w| {
                by_directory(w);
                w.permissions[0].recipient = Recipient::Group(group("g1"));
                w.in_groups(&["g1"]);
            },
            GRANT,
        ),
        (
            |w| {
                w.ad_hoc();
                w.links.clear();
                w.permissions = vec![permission("grant", Role::Read)];
                by_directory(w);
            },
            RESHARE,
        ),
        // A link that serves is another way in.
        (
            |w| {
                w.only_link(link(named(ADA), LinkType::View));
                w.permissions = vec![permission("grant", Role::Read)];
                by_directory(w);
            },
            "allow link link",
        ),
    ]);
}

#[test]
fn of_several_grants_that_fail_the_nearest_to_serving_is_reported() {
    let failing: [fn(&mut World, usize); 3] = [
        |w, at| {
            w.permissions[at].role = Role::Write;
            w.permissions[at].manager = InvitationManager::Directory;
        },
        |w, at| {
            w.permissions[at].role = Role::Write;
            w.permissions[at].expires = Some(NOW);
        },
        |_, _| {},
    ];
    let want = [
        "reshare-required",
        "permission-expired",
        "permission-insufficient",
    ];
    for near in 0..failing.len() {
        for far in near..failing.len() {
            for swapped in [false, true] {
                let change = |w: &mut World| {
                    w.action = Action::Edit;
                    w.permissions.push(permission("other", Role::Read));
                    failing[near](w, 0);
                    failing[far](w, 1);
                    if swapped {
                        w.permissions.reverse();
                    }
                };
                check(change, want[near]);
            }
        }
    }
}

#[test]
fn the_smallest_id_is_the_ground_and_a_permission_before_a_link() {
    for swapped in [false, true] {
        let change = |w: &mut World| {
            w.permissions.push(permission("a", Role::Owner));
            w.permissions.push(permission("z", Role::Read));
            w.links = vec![link(named(ADA), LinkType::View)];
            if swapped {
                w.permissions.reverse();
            }
        };
        check(change, "allow permission a");
    }
}

#[test]
fn the_owner_is_asked_where_that_is_on() {
    const ASKED: &str = "request permission-missing";
    fn personal(w: &mut World, requests: &str, site: bool) {
        w.permissions.clear();
        w.site.partition = Partition::OneDrive;
        w.set("ODBAccessRequests", requests);
        w.set_site("RequestAccess", site);
    }
    check_all(&[
        (
            |w| {
                w.permissions.clear();
                w.set_site("RequestAccess", true);
            },
            ASKED,
        ),
        (
            |w| {
                w.permissions.clear();
                w.set_site("RequestAccess", true);
                w.who = As::Member;
            },
            ASKED,
        ),
        (
            |w| {
                w.action = Action::Edit;
                w.set_site("RequestAccess", true);
            },
            "request permission-insufficient",
        ),
        // What has ended, or must be shared again, is not asked for in this way.
        (
            |w| {
                w.permissions[0].expires = Some(NOW);
                w.set_site("RequestAccess", true);
            },
            "permission-expired",
        ),
        (
            |w| {
                w.ad_hoc();
                w.links.clear();
                w.set_site("RequestAccess", true);
            },
            MISSING,
        ),
        (
            |w| {
                w.permissions.clear();
                w.set("ODBAccessRequests", "On");
            },
            MISSING,
        ),
        (|w| personal(w, "On", false), ASKED),
        (|w| personal(w, "Off", true), MISSING),
        (|w| personal(w, "Unspecified", true), ASKED),
        (|w| personal(w, "Unspecified", false), MISSING),
    ]);
}

#[test]
fn both_items_of_a_move_are_judged() {
    let mut world = world();
    world.permissions[0].role = Role::Write;
    let ask = |paths: [&str; 2]| {
        let question = |path: &str| {
            let mut question = world.question();
            question.target.path = ItemPath::parse(path).unwrap();
            question
        };
        world.decide_all(paths.map(question).to_vec(), &mut NoTrace)
    };
    let (a, b) = ("/sites/p/plan.docx/a", "/sites/p/plan.docx/b");
    let allowed = ask([a, b]);
    let Decision::Allow(permit) = allowed else {
        panic!("{allowed:?}")
    };
    assert_eq!(permit.target().unwrap().path.encoded(), a);
    assert_eq!(permit.destination().unwrap().path.encoded(), b);
    assert_eq!(permit.grounds().len(), 2);
    let refused = Decision::Deny(Denial::PermissionMissing);
    assert_eq!(ask([a, "/sites/p/secret"]), refused);
    assert_eq!(ask(["/sites/p/secret", b]), refused);
}

#[test]
fn missing_facts_deny() {
    let world = world();
    for questions in [vec![], vec![world.question()]] {
        let questions: Arc<[Question]> = questions.into();
        let none = decide(&world.principal, questions, &[], NOW, &mut NoTrace);
        assert_eq!(none, Decision::Deny(Denial::FactsMissing));
    }
}
