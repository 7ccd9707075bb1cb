//! What was granted to the person, found in one pass.

use super::{Case, Finding, Who, deny, not_applicable, pass};
use crate::id::PermissionId;
use crate::index::{Grant, GrantedTo};
use crate::person::InvitationManager;
use crate::policy::{Basis, Denial, Facts, Question, Shown, Verdict};
use crate::settings::effective::access_requests;
use crate::settings::{Profile, Source};
use crate::sharing::Role;
use crate::time::UnixTime;

/// Grants that may be used now.
#[derive(Clone, Copy, Default)]
pub(super) struct Usable<'a> {
    /// The smallest id, whatever the order in which they came.
    pub(super) id: Option<&'a PermissionId>,
    /// Whether one of them is an owner's. One more grant never takes away, so that it need not be the smallest.
    pub(super) owner: bool,
}

impl<'a> Usable<'a> {
    fn take(&mut self, grant: Grant<'a>) {
        if self.id.is_none_or(|id| grant.id < id) {
            self.id = Some(grant.id);
        }
        self.owner |= grant.role == Role::Owner;
    }
}

/// What was granted to the person on the item.
#[derive(Clone, Copy, Default)]
pub(super) struct Held<'a> {
    /// What may be used.
    pub(super) usable: Usable<'a>,
    /// What may be used of the grants to groups.
    pub(super) through_group: Usable<'a>,
    /// Something covers the action, and must be shared again.
    reshare: bool,
    /// Something covers the action, and has ended.
    ended: bool,
    /// Something was granted.
    any: bool,
    /// The claim that the tenant keeps from guests, and that something was granted to.
    withheld: Option<&'static str>,
}

impl<'a> Held<'a> {
    pub(super) fn new(
        who: &Who<'a>,
        question: &Question,
        facts: &'a Facts<'a>,
        now: UnixTime,
    ) -> Self {
        let mut held = Self::default();
        if who.person().is_none() {
            return held;
        }
        for grant in facts.permissions.iter() {
            match reaches(*who, facts, grant.recipient) {
                Reach::Yes => held.take(*who, question, facts, now, grant),
                Reach::No => {}
                Reach::Withheld(claim) => held.withheld = held.withheld.max(Some(claim)),
            }
        }
        held
    }

    fn take(
        &mut self,
        who: Who<'_>,
        question: &Question,
        facts: &Facts<'_>,
        now: UnixTime,
        grant: Grant<'a>,
    ) {
        self.any = true;
        if !grant.role.covers(question.action) {
            return;
        }
        if grant.expires.is_some_and(|end| end <= now) {
            self.ended = true;
        } else if who.outsider().is_some() && must_be_reshared(facts, grant) {
            self.reshare = true;
        } else {
            self.usable.take(grant);
            if matches!(grant.recipient, GrantedTo::Group(_)) {
                self.through_group.take(grant);
            }
        }
    }
}

enum Reach {
    Yes,
    No,
    /// It would, if guests had that claim.
    Withheld(&'static str),
}

fn reaches(who: Who<'_>, facts: &Facts<'_>, to: GrantedTo<'_>) -> Reach {
    let sharing = &facts.tenant.sharing;
    let claim = |given: bool, name| match who {
        Who::Member(..) => Reach::Yes,
        Who::Guest(..) if given => Reach::Yes,
        Who::Guest(..) => Reach::Withheld(name),
        Who::Nobody | Who::AdHoc(..) | Who::Unknown(_) | Who::Application(_) => Reach::No,
    };
    let yes = match to {
        GrantedTo::Everyone => return claim(sharing.everyone_claim, "ShowEveryoneClaim"),
        GrantedTo::AllUsers => {
            return claim(sharing.all_users_claim == Some(true), "ShowAllUsersClaim");
        }
        GrantedTo::Members => who.is_member(),
        GrantedTo::Group(group) => who.groups(facts).binary_search(group).is_ok(),
        GrantedTo::Address(address) => who.address() == Some(address),
    };
    if yes { Reach::Yes } else { Reach::No }
}

/// Items that were shared with somebody while the integration was on, where it has been switched off.
///
/// Source: specification "sharing rules" 0, P2; founding document 2, "Disabling the integration".
fn must_be_reshared(facts: &Facts<'_>, grant: Grant<'_>) -> bool {
    matches!(grant.recipient, GrantedTo::Address(_))
        && grant.manager == InvitationManager::Directory
        && facts.tenant.profile == Profile::IntegrationOptIn
        && !facts.tenant.integration().value
}

pub(super) fn permission(case: &Case<'_>) -> Finding {
    let held = &case.held;
    if case.who.person().is_none() {
        not_applicable(Basis::NONE)
    } else if held.usable.id.is_some() || case.found.serves.is_some() {
        pass(Basis::NONE)
    } else if held.reshare {
        deny(
            Denial::ReshareRequired,
            case.facts.tenant.integration().into(),
        )
    } else if held.ended {
        deny(Denial::PermissionExpired, Basis::NONE)
    } else if held.any {
        or_request(case, Denial::PermissionInsufficient)
    } else if let Some(claim) = held.withheld {
        let (verdict, _) = or_request(case, Denial::PermissionMissing);
        (
            verdict,
            Basis::new(claim, Shown::Flag(false), Source::Tenant),
        )
    } else {
        or_request(case, Denial::PermissionMissing)
    }
}

/// What an administrator consented to, for every site of the tenant.
pub(super) fn of_application(case: &Case<'_>) -> Finding {
    match case.who {
        Who::Application(role) if role.covers(case.question.action) => pass(Basis::NONE),
        Who::Application(_) => deny(Denial::PermissionInsufficient, Basis::NONE),
        Who::Nobody | Who::Member(..) | Who::Guest(..) | Who::AdHoc(..) | Who::Unknown(_) => {
            deny(Denial::PermissionMissing, Basis::NONE)
        }
    }
}

/// Refuses, or has the owner asked where that is on.
pub(super) fn or_request(case: &Case<'_>, denial: Denial) -> Finding {
    let requests = access_requests(case.facts.tenant, case.facts.site);
    let verdict = if requests.value && case.who.may_request() {
        Verdict::Request(denial)
    } else {
        Verdict::Deny(denial)
    };
    (verdict, requests.into())
}
