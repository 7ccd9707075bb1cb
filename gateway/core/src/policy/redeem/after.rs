//! Somebody has signed in: is it the right person, and what is left to do?

use super::invitation::Invitation;
use super::{PATH, SignedIn, provider};
use crate::address::DomainName;
use crate::person::{Guest, GuestState};
use crate::policy::clouds::{cross_tenant_admits, home_admits, identity_admits};
use crate::policy::rule::{Rule, deny_or_pass, no_setting, run};
use crate::policy::{Answer, Basis, Challenge, Denial, Effect, Shown, Trace, Verdict};
use crate::settings::{Partner, Source};

const STATE: &str = "state";
const ADDRESS: &str = "address";

/// An invitation, and somebody who wants to redeem it.
pub(super) struct After<'a> {
    pub(super) invitation: Invitation<'a>,
    pub(super) person: &'a SignedIn,
}

impl After<'_> {
    const RULES: [Rule<Self>; 11] = [
        Rule {
            name: "audience",
            judge: |case| deny_or_pass(case.audience()),
            basis: no_setting,
        },
        Rule {
            name: "cloud",
            judge: |case| deny_or_pass(case.cloud()),
            basis: |case| {
                let homes = &case.person.key.cloud;
                case.invitation.cloud_basis(homes, case.cloud())
            },
        },
        Rule {
            name: "cross-tenant",
            judge: Self::cross_tenant,
            basis: Self::cross_tenant_basis,
        },
        Rule {
            name: "provider",
            judge: |case| deny_or_pass(case.provider().map_err(|(denial, _)| denial)),
            basis: |case| {
                case.provider()
                    .err()
                    .map_or(Basis::NONE, |(_, basis)| basis)
            },
        },
        Rule {
            name: "level",
            judge: |case| deny_or_pass(case.invitation.level()),
            basis: |case| case.invitation.level_basis(),
        },
        Rule {
            name: STATE,
            judge: |case| deny_or_pass(case.state()),
            basis: |case| case.invitation.state_basis(),
        },
        Rule {
            name: "federation",
            judge: Self::federation,
            basis: Self::federation_basis,
        },
        Rule {
            name: ADDRESS,
            judge: Self::address,
            basis: Self::address_basis,
        },
        Rule {
            name: "domain-lists",
            judge: |case| {
                let invited = case.invitation.domain_lists();
                deny_or_pass(invited.and_then(|()| case.accepting_domain_list()))
            },
            basis: |case| case.invitation.domain_lists_basis(),
        },
        Rule {
            name: "consent",
            judge: Self::consent,
            basis: Self::consent_basis,
        },
        Rule {
            name: "terms",
            judge: Self::terms,
            basis: Self::terms_basis,
        },
    ];

    fn first_time(&self) -> bool {
        self.invitation.redeemed().is_none()
    }

    const fn audience(&self) -> Result<(), Denial> {
        if self.person.audience_matches {
            Ok(())
        } else {
            Err(Denial::AudienceMismatch)
        }
    }

    fn cloud(&self) -> Result<(), Denial> {
        let facts = self.invitation.facts;
        let domain = self.invitation.address.domain();
        identity_admits(facts.clouds, facts.tenant, &self.person.key, Some(domain))?;
        match self.accepting_domain() {
            Some(other) => home_admits(facts.clouds, facts.tenant, other),
            None => Ok(()),
        }
    }

    fn partner(&self) -> Option<&Partner> {
        let key = &self.person.key;
        let access = &self.invitation.facts.tenant.directory.cross_tenant;
        access.partner(key.cloud.as_ref()?, key.tenant.as_deref())
    }

    fn cross_tenant(&self) -> Verdict {
        let (facts, key) = (self.invitation.facts, &self.person.key);
        let (home, organisation) = (key.cloud.as_ref(), key.tenant.as_deref());
        if home.is_none() {
            return Verdict::NotApplicable;
        }
        let judged = cross_tenant_admits(facts.clouds, facts.tenant, home, organisation);
        deny_or_pass(judged)
    }

    fn cross_tenant_basis(&self) -> Basis {
        let access = &self.invitation.facts.tenant.directory.cross_tenant;
        let (name, inbound) = match self.partner() {
            Some(partner) => ("inbound", partner.inbound),
            None => ("default_inbound", access.default_inbound),
        };
        Basis::new(name, Shown::Flag(inbound), Source::Directory)
    }

    fn provider(&self) -> Result<(), (Denial, Basis)> {
        provider::admits(&self.invitation, &self.person.kind)
    }

    /// Once somebody has redeemed, the entry is that identity's, whoever holds the address now.
    fn state(&self) -> Result<(), Denial> {
        self.invitation.state()?;
        let accepted = |guest: &Guest| guest.state == GuestState::Accepted;
        match self.invitation.redeemed() {
            Some(bound)
                if *bound != self.person.key
                    || !self.invitation.facts.guest.is_some_and(accepted) =>
            {
                Err(Denial::IdentityMismatch)
            }
            Some(_) | None => Ok(()),
        }
    }

    /// A federation speaks for its own domains only.
    fn federation(&self) -> Verdict {
        if self.person.kind.as_str() != provider::SAML {
            return Verdict::NotApplicable;
        }
        let all = &self.invitation.facts.tenant.directory.federations;
        let issuer = &self.person.key.issuer;
        let mut known = all.iter().filter(|one| one.issuer == *issuer).peekable();
        if known.peek().is_none() {
            return Verdict::Deny(Denial::FederationUnknown);
        }
        let domain = self.person.address.as_ref().map(|address| address.domain());
        if domain.is_some_and(|domain| known.any(|one| one.domains.contains(domain))) {
            Verdict::Pass
        } else {
            Verdict::Deny(Denial::EmailDomainMismatch)
        }
    }

    fn federation_basis(&self) -> Basis {
        match self.federation() {
            Verdict::NotApplicable => Basis::NONE,
            Verdict::Pass
            | Verdict::Challenge(_)
            | Verdict::Request(_)
            | Verdict::Deny(_)
            | Verdict::Reject => Basis::new("federations", Shown::Nothing, Source::Directory),
        }
    }

    /// The address that is proven must be the one that was invited.
    fn address(&self) -> Verdict {
        if !self.first_time() {
            return Verdict::NotApplicable;
        }
        let invited = self.invitation.address;
        // An entry that somebody else was invited by is not bound, whoever asks.
        let others = |guest: &Guest| guest.address != *invited;
        match &self.person.address {
            None => Verdict::Deny(Denial::AddressNotProven),
            Some(_) if self.invitation.facts.guest.is_some_and(others) => {
                Verdict::Deny(Denial::IdentityMismatch)
            }
            Some(proven) if proven == invited || self.whoever_holds_the_mail() => Verdict::Pass,
            Some(_) => Verdict::Deny(Denial::IdentityMismatch),
        }
    }

    /// The domain of an address that was not invited, and that redeems all the same.
    fn accepting_domain(&self) -> Option<&DomainName> {
        let proven = self.person.address.as_ref()?;
        (self.first_time() && proven != self.invitation.address).then(|| proven.domain())
    }

    fn accepting_domain_list(&self) -> Result<(), Denial> {
        match self.accepting_domain() {
            Some(domain) => {
                let judged = self.invitation.facts.tenant.sharing.admit(domain);
                judged.map_err(Denial::TenantDomain)
            }
            None => Ok(()),
        }
    }

    /// Sharing's own invitations were redeemed by whoever had the mail, unless the tenant said otherwise: with an account
    /// of an organisation or of Microsoft's, and not with a code, which only shows that one can read one's own mail.
    fn whoever_holds_the_mail(&self) -> bool {
        let sharing = &self.invitation.facts.tenant.sharing;
        self.invitation.sharings_own()
            && !sharing.require_account_match
            && provider::is_account(&self.person.kind)
    }

    fn address_basis(&self) -> Basis {
        if !self.first_time() || !self.invitation.sharings_own() {
            return Basis::NONE;
        }
        let sharing = &self.invitation.facts.tenant.sharing;
        Basis::new(
            "RequireAcceptingAccountMatchInvitedAccount",
            Shown::Flag(sharing.require_account_match),
            Source::Tenant,
        )
    }

    /// Whether both sides suppress the question for consent.
    fn automatic(&self) -> bool {
        self.partner().is_some_and(|partner| {
            partner.automatic_redemption && partner.automatic_redemption_at_home
        })
    }

    fn consent(&self) -> Verdict {
        match self.person.consented {
            _ if !self.first_time() || self.automatic() => Verdict::NotApplicable,
            None => Verdict::Challenge(Challenge::Consent),
            Some(false) => Verdict::Deny(Denial::ConsentDeclined),
            Some(true) => Verdict::Pass,
        }
    }

    fn consent_basis(&self) -> Basis {
        let Some(partner) = self.partner().filter(|_| self.first_time()) else {
            return Basis::NONE;
        };
        let here = Shown::Flag(partner.automatic_redemption);
        Basis::new("automatic_redemption", here, Source::Directory)
    }

    fn terms(&self) -> Verdict {
        let required = self.invitation.facts.tenant.directory.policy.terms_of_use;
        match self.person.terms {
            _ if !self.first_time() || !required => Verdict::NotApplicable,
            None => Verdict::Challenge(Challenge::Terms),
            Some(false) => Verdict::Deny(Denial::TermsDeclined),
            Some(true) => Verdict::Pass,
        }
    }

    fn terms_basis(&self) -> Basis {
        let required = self.invitation.facts.tenant.directory.policy.terms_of_use;
        Basis::new(
            "TermsOfUseRequired",
            Shown::Flag(required),
            Source::Directory,
        )
    }

    /// What comes of a yes: nothing, for somebody who redeemed long ago.
    fn effects(&self) -> Vec<Effect> {
        if !self.first_time() {
            return Vec::new();
        }
        let address = self.invitation.address.clone();
        let accepted = [
            Effect::InvitationAccepted(address),
            Effect::Audit("SharingInvitationAccepted"),
        ];
        self.invitation
            .on_behalf()
            .into_iter()
            .chain(accepted)
            .collect()
    }
}

pub(super) fn answer(case: &After<'_>, trace: &mut dyn Trace) -> Answer {
    match run(PATH, &After::RULES, case, trace) {
        Err(refusal) => Answer::refused(refusal, Vec::new(), trace),
        Ok(()) => {
            // What let the person in: the identity bound before, or the address proven now.
            let decider = if case.first_time() { ADDRESS } else { STATE };
            trace.decided(PATH, decider);
            Answer::allow(case.effects())
        }
    }
}
