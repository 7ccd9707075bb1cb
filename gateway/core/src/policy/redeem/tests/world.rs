//! A world in which one thing after another can be changed, and answers as text.

use std::collections::BTreeSet;

use crate::address::EmailAddress;
use crate::cloud::Clouds;
use crate::id::{CloudName, GuestId, ProviderKind};
use crate::person::{Guest, GuestOrigin, GuestState, IdentityKey, InvitationManager};
use crate::policy::redeem::{Home, RedeemFacts, RedeemQuestion, SharedBy, SignedIn, Stage, redeem};
use crate::policy::{Answer, Challenge, Effect, NoTrace, Outcome, Recorded};
use crate::settings::directory::{Federation, InboundTrust};
use crate::settings::{Partner, Profile, TenantSettings};
use crate::testing::{address, cloud, domains, identity, tenant};
use crate::time::UnixTime;

use super::shipped::shipped;

/// The middle of 2025: sharing's own invitations have ended.
pub(super) const NOW: UnixTime = UnixTime(1_750_000_000);

#[derive(Clone, Debug)]
pub(super) struct World {
    pub(super) clouds: Clouds,
    pub(super) tenant: TenantSettings,
    pub(super) guest: Option<Guest>,
    pub(super) redeemed_with: Option<ProviderKind>,
    pub(super) share: Option<Share>,
    pub(super) providers: Option<BTreeSet<ProviderKind>>,
    pub(super) invited: EmailAddress,
    pub(super) direct_link: bool,
    pub(super) home: Home,
    pub(super) person: SignedIn,
    pub(super) now: UnixTime,
}

#[derive(Clone, Debug)]
pub(super) struct Share {
    pub(super) creator: EmailAddress,
    pub(super) creator_may_share: bool,
    pub(super) manager: InvitationManager,
}

pub(super) fn kind(name: &str) -> ProviderKind {
    ProviderKind::parse(name).unwrap()
}

pub(super) fn kinds(names: &[&str]) -> BTreeSet<ProviderKind> {
    names.iter().map(|name| kind(name)).collect()
}

pub(super) fn homes(names: &[&str]) -> BTreeSet<CloudName> {
    names.iter().map(|name| cloud(name)).collect()
}

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

impl World {
    /// The table's own: P3 with the integration on, everything open, and Ada invited through the directory. She has
    /// a work account in the tenant's cloud, has signed in with it and agreed to everything.
    pub(super) fn new() -> Self {
        let invited = address("ada@fabrikam.example");
        let id = GuestId::parse("ada").unwrap();
        let guest = Guest::invited(id, invited.clone(), GuestOrigin::Share);
        Self {
            clouds: shipped(),
            tenant: TenantSettings {
                profile: Profile::IntegrationDefault,
                ..tenant()
            },
            guest: Some(guest),
            redeemed_with: None,
            share: None,
            providers: None,
            direct_link: false,
            home: Home::default(),
            person: SignedIn {
                key: identity("worldwide"),
                kind: kind("work-school"),
                address: Some(invited.clone()),
                audience_matches: true,
                consented: Some(true),
                terms: Some(true),
            },
            invited,
            now: NOW,
        }
    }

    pub(super) fn with(mut self, change: impl FnOnce(&mut Self)) -> Self {
        change(&mut self);
        self
    }

    /// Somebody else is invited, and signs in with that address.
    pub(super) fn invite(mut self, text: &str) -> Self {
        self.invited = address(text);
        self.person.address = Some(self.invited.clone());
        if let Some(guest) = &mut self.guest {
            guest.address = self.invited.clone();
        }
        self
    }

    /// Signs in with a provider that has no clouds.
    pub(super) fn by(mut self, name: &str) -> Self {
        self.person.kind = kind(name);
        self.person.key = IdentityKey {
            cloud: None,
            tenant: None,
            ..self.person.key
        };
        self
    }

    /// Signs in with a work account of that cloud.
    pub(super) fn of_cloud(mut self, name: &str) -> Self {
        self.person.kind = kind("work-school");
        self.person.key = identity(name);
        self
    }

    /// Whoever signs in here has redeemed before, in the same way.
    pub(super) fn redeemed(mut self) -> Self {
        self.redeemed_with = Some(self.person.kind.clone());
        if let Some(guest) = &mut self.guest {
            guest.state = GuestState::Accepted;
            guest.identity = Some(self.person.key.clone());
        }
        self
    }

    pub(super) fn integration(mut self, on: bool) -> Self {
        self.tenant.sharing.integration = Some(on);
        self
    }

    pub(super) fn profile(mut self, profile: Profile) -> Self {
        self.tenant.profile = profile;
        self
    }

    /// There is no entry: something was shared by that manager.
    pub(super) fn shared_by(mut self, manager: InvitationManager, creator_may_share: bool) -> Self {
        self.guest = None;
        self.share = Some(Share {
            creator: address("owner@contoso.example"),
            creator_may_share,
            manager,
        });
        self
    }

    /// The invited address's domain has a SAML partner, whose issuer the person comes from.
    pub(super) fn federated(mut self) -> Self {
        self.tenant.directory.federations.push(Federation {
            provider: None,
            issuer: self.person.key.issuer.clone(),
            domains: domains(&[self.invited.domain().as_str()]),
            endpoint: "https://fabrikam.example/saml".to_owned(),
            dns_text: None,
        });
        self
    }

    pub(super) fn guest(&mut self) -> &mut Guest {
        self.guest.as_mut().unwrap()
    }

    fn ask(&self, stage: Stage) -> (Answer, Recorded) {
        let question = RedeemQuestion {
            address: self.invited.clone(),
            direct_link: self.direct_link,
            stage,
        };
        let facts = RedeemFacts {
            clouds: &self.clouds,
            tenant: &self.tenant,
            guest: self.guest.as_ref(),
            redeemed_with: self.redeemed_with.as_ref(),
            share: self.share.as_ref().map(|share| SharedBy {
                creator: &share.creator,
                creator_may_share: share.creator_may_share,
                manager: share.manager,
            }),
            providers: self.providers.as_ref(),
        };
        let mut recorded = Recorded::default();
        let answer = redeem(&question, &facts, self.now, &mut recorded);
        let silent = redeem(&question, &facts, self.now, &mut NoTrace);
        assert_eq!(answer, silent, "listening changed the answer: {self:?}");
        (answer, recorded)
    }

    pub(super) fn ask_before(&self) -> (Answer, Recorded) {
        self.ask(Stage::Before(self.home.clone()))
    }

    pub(super) fn ask_after(&self) -> (Answer, Recorded) {
        self.ask(Stage::After(self.person.clone()))
    }

    pub(super) fn before(&self) -> String {
        text(&self.ask_before().0)
    }

    pub(super) fn after(&self) -> String {
        text(&self.ask_after().0)
    }

    #[track_caller]
    pub(super) fn check_before(&self, want: &str) {
        assert_eq!(self.before(), want);
    }

    #[track_caller]
    pub(super) fn check_after(&self, want: &str) {
        assert_eq!(self.after(), want);
    }
}

/// An answer as text: `allow`, `deny code`, `sign-in method`, `choose one other` or a challenge's code, and its effects.
pub(super) fn text(answer: &Answer) -> String {
    let mut text = match answer.outcome {
        Outcome::Allow => "allow".to_owned(),
        Outcome::Challenge(Challenge::SignInWith(method)) => format!("sign-in {}", method.name()),
        Outcome::Challenge(Challenge::Choose(one, other)) => {
            format!("choose {} {}", one.name(), other.name())
        }
        Outcome::Challenge(challenge) => challenge.code().to_owned(),
        Outcome::Request(denial) => format!("request {}", denial.code()),
        Outcome::Deny(denial) => format!("deny {}", denial.code()),
    };
    for effect in &answer.effects {
        text.push_str(match effect {
            Effect::GuestCreated { sponsor: None, .. } => " +guest",
            Effect::GuestCreated { .. } => " +guest-on-behalf",
            Effect::NoDirectoryObject(_) => " +no-entry",
            Effect::InvitationAccepted(_) => " +accepted",
            Effect::Audit("SharingInvitationAccepted") => " +audit",
            _ => " +something-else",
        });
    }
    text
}

/// What a first redemption that passes comes to.
pub(super) const ACCEPTED: &str = "allow +accepted +audit";
