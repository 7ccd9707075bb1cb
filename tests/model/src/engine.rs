//! The same questions, put to the engine.

use std::sync::Arc;

use gateway_core::groups::Groups;
use gateway_core::index::{LinkFacts, Links, Permissions, Seeker};
use gateway_core::person::Account;
use gateway_core::policy::redeem::{self, RedeemFacts};
use gateway_core::policy::share::{self, ShareFacts};
use gateway_core::policy::{self, Decision, Facts, NoTrace, Outcome, Question, Target};
use gateway_core::sharing::LinkScope;

use crate::Answer;
use crate::world::{AccessWorld, Known, RedeemWorld, ShareWorld};

/// The engine's answer about access, from facts that its own index gathered.
///
/// # Panics
/// If the world's names or groups are none.
#[must_use]
#[expect(clippy::expect_used, reason = "worlds hold valid names and no cycles")]
pub fn access(world: &AccessWorld) -> Answer {
    let place = &world.place;
    let address = world.address().filter(|_| world.principal.person.is_some());
    let groups = Groups::new(&world.groups).expect("no cycles");
    let mine = address.map_or(&[][..], |address| groups.of(address));
    let index = Permissions::new(world.permissions.iter().cloned());
    let seeker = Seeker {
        address,
        groups: mine,
    };
    let links: Links<'_> = world
        .links
        .iter()
        .map(|link| LinkFacts {
            link,
            recipient_in_directory: match &link.scope {
                LinkScope::Users(people) => world.in_directory(people),
                LinkScope::Anonymous | LinkScope::Organization | LinkScope::ExistingAccess => false,
            },
        })
        .collect();
    let case = place.site.path_case;
    let facts = Facts {
        clouds: &place.clouds,
        tenant: &place.tenant,
        site: &place.site,
        account: match &world.known {
            Known::Member(address) => Account::Member {
                address: address.as_ref(),
            },
            Known::Guest(_) => world.guest().map_or(Account::Unknown, Account::Guest),
            Known::AdHoc(address) => Account::AdHoc { address },
            Known::Application(role) => Account::Application { role: *role },
            Known::Unknown => Account::Unknown,
        },
        groups: mine,
        permissions: index.covering(&place.site_id, &world.path, case, seeker),
        links: links.with_missing(world.link_missing()),
        item: world.item,
    };
    let question = Question {
        target: Target {
            tenant: gateway_core::id::TenantId::parse("tenant").expect("a name"),
            site: place.site_id.clone(),
            path: world.path.clone(),
            query: None,
        },
        action: world.action,
    };
    let questions = Arc::new([question]);
    match policy::decide(
        &world.principal,
        questions,
        &[facts],
        place.now,
        &mut NoTrace,
    ) {
        Decision::Allow(permit) => Answer::Allow(permit.grounds().first().cloned()),
        Decision::Challenge(challenge) => Answer::Challenge(challenge),
        Decision::Request(denial) => Answer::Request(denial),
        Decision::Deny(denial) => Answer::Deny(denial),
    }
}

/// The engine's answer about sharing.
#[must_use]
pub fn share(world: &ShareWorld) -> Answer {
    let facts = ShareFacts {
        clouds: &world.place.clouds,
        tenant: &world.place.tenant,
        site: &world.place.site,
    };
    let now = world.place.now;
    answer(share::share(&world.question, &facts, now, &mut NoTrace).outcome)
}

/// The engine's answer about redeeming.
#[must_use]
pub fn redeem(world: &RedeemWorld) -> Answer {
    let facts = RedeemFacts {
        clouds: &world.place.clouds,
        tenant: &world.place.tenant,
        guest: world.guest.as_ref(),
        redeemed_with: world.redeemed_with.as_ref(),
        share: world.share.as_ref().map(|share| redeem::SharedBy {
            creator: &share.creator,
            creator_may_share: share.creator_may_share,
            manager: share.manager,
        }),
        providers: world.providers.as_ref(),
    };
    let now = world.place.now;
    answer(redeem::redeem(&world.question, &facts, now, &mut NoTrace).outcome)
}

fn answer(outcome: Outcome) -> Answer {
    match outcome {
        Outcome::Allow => Answer::Allow(None),
        Outcome::Challenge(challenge) => Answer::Challenge(challenge),
        Outcome::Request(denial) => Answer::Request(denial),
        Outcome::Deny(denial) => Answer::Deny(denial),
    }
}
