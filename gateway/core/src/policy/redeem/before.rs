//! Nobody has signed in: with which provider?

use super::invitation::Invitation;
use super::{Home, PATH, provider};
use crate::policy::clouds::{environment_admits, home_admits, homes_admit};
use crate::policy::rule::{Rule, Why, deny_or_pass, run};
use crate::policy::{Answer, Denial, Effect, Method, Outcome, Trace};

/// An invitation that is about to be redeemed.
pub(super) struct Before<'a> {
    pub(super) invitation: Invitation<'a>,
    pub(super) home: &'a Home,
    pub(super) direct_link: bool,
}

impl Before<'_> {
    const RULES: [Rule<Self>; 5] = [
        Rule {
            name: "cloud",
            judge: |case| deny_or_pass(case.cloud()),
            basis: |case| {
                let homes = &case.home.clouds;
                case.invitation.cloud_basis(homes, case.cloud())
            },
        },
        Rule {
            name: "level",
            judge: |case| deny_or_pass(case.invitation.level()),
            basis: |case| case.invitation.level_basis(),
        },
        Rule {
            name: "state",
            judge: |case| deny_or_pass(case.invitation.state()),
            basis: |case| case.invitation.state_basis(),
        },
        Rule {
            name: "domain-lists",
            judge: |case| deny_or_pass(case.invitation.domain_lists()),
            basis: |case| case.invitation.domain_lists_basis(),
        },
        Rule {
            name: "provider",
            judge: |case| case.provider().0,
            basis: |case| case.provider().1,
        },
    ];

    /// Whether every cloud the address is known in may collaborate. Which organisation it is, is known afterwards.
    pub(super) fn cloud(&self) -> Result<(), Denial> {
        let facts = self.invitation.facts;
        let (clouds, tenant) = (facts.clouds, facts.tenant);
        if clouds.find(&tenant.cloud).is_none() {
            return Err(Denial::CloudUnknown);
        }
        homes_admit(clouds, tenant, &self.home.clouds)?;
        home_admits(clouds, tenant, self.invitation.address.domain())?;
        if self.home.clouds.is_empty() {
            return environment_admits(clouds, tenant, None);
        }
        let mut homes = self.home.clouds.iter();
        homes.try_for_each(|home| environment_admits(clouds, tenant, Some(home)))
    }

    pub(super) fn provider(&self) -> provider::Found {
        provider::choose(&self.invitation, self.home, self.direct_link)
    }

    /// What comes of being shown this way to sign in.
    fn effects(&self, why: Why) -> Vec<Effect> {
        let Why::Challenge(challenge) = why else {
            return Vec::new();
        };
        let address = self.invitation.address;
        let ad_hoc = challenge
            .methods()
            .any(|method| method == Method::SharingPasscode)
            .then(|| Effect::NoDirectoryObject(address.clone()));
        ad_hoc
            .into_iter()
            .chain(self.invitation.on_behalf())
            .collect()
    }
}

pub(super) fn answer(case: &Before<'_>, trace: &mut dyn Trace) -> Answer {
    match run(PATH, &Before::RULES, case, trace) {
        Err(refusal) => Answer::refused(refusal, case.effects(refusal.why), trace),
        // The last rule names a provider or refuses: had it done neither, nothing would be known.
        Ok(()) => Answer {
            outcome: Outcome::Deny(Denial::FactsMissing),
            effects: Vec::new(),
        },
    }
}
