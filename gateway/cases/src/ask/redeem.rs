//! May this invitation be redeemed, and how?

use std::collections::BTreeSet;

use gateway_core::address::EmailAddress;
use gateway_core::id::{CloudName, ProviderKind};
use gateway_core::person::{IdentityKey, InvitationManager};
use gateway_core::policy::Recorded;
use gateway_core::policy::redeem::{
    Home, RedeemFacts, RedeemQuestion, SharedBy, SignedIn, Stage, redeem,
};

use super::{CREATOR, World};
use crate::answer::Told;
use crate::problem::At;
use crate::read;
use crate::wire;

struct Sharer {
    creator: EmailAddress,
    may_share: bool,
    manager: InvitationManager,
}

pub(super) struct Asked {
    question: RedeemQuestion,
    providers: Option<BTreeSet<ProviderKind>>,
    share: Option<Sharer>,
}

pub(super) fn read(at: &At<'_>, given: &wire::Redeem, world: &World) -> Option<Asked> {
    let address = read::address(&at.key("address"), &given.address)?;
    if given.after.is_some() {
        let before = [
            ("home_clouds", !given.home_clouds.is_empty()),
            ("unmanaged", given.unmanaged),
            ("microsoft_account", given.microsoft_account),
        ];
        for (name, _) in before.iter().filter(|(_, said)| *said) {
            at.key(name)
                .error("is asked for before anybody has signed in: not beside `after`");
        }
    }
    let stage = match &given.after {
        None => Stage::Before(Home {
            clouds: read::ids(&at.key("home_clouds"), &given.home_clouds, CloudName::parse),
            unmanaged: given.unmanaged,
            microsoft_account: given.microsoft_account,
        }),
        Some(after) => Stage::After(signed_in(&at.key("after"), after, &address, world)?),
    };
    let share = match &given.share {
        None => None,
        Some(share) => Some(sharer(&at.key("share"), share, world)?),
    };
    let providers = given.providers.as_deref();
    Some(Asked {
        question: RedeemQuestion {
            address,
            direct_link: given.direct_link,
            stage,
        },
        providers: providers
            .map(|kinds| read::ids(&at.key("providers"), kinds, ProviderKind::parse)),
        share,
    })
}

fn sharer(at: &At<'_>, given: &wire::SharedBy, world: &World) -> Option<Sharer> {
    let creator = given.creator.as_deref().unwrap_or(CREATOR);
    let managed = given.manager.as_deref();
    Some(Sharer {
        creator: read::address(&at.key("creator"), creator)?,
        may_share: given.creator_may_share.unwrap_or(true),
        manager: read::manager(&at.key("manager"), managed, world.integration())?,
    })
}

fn signed_in(
    at: &At<'_>,
    given: &wire::After,
    invited: &EmailAddress,
    world: &World,
) -> Option<SignedIn> {
    let known = world.guest(invited);
    let of_guest = known.map_or("work-school", |known| known.kind.as_str());
    let kind = given.kind.as_deref().unwrap_or(of_guest);
    let kind = read::id(&at.key("kind"), kind, ProviderKind::parse)?;
    // Who signs in with another kind of provider than the guest's signs in with another account.
    let mut key = match known.filter(|known| known.kind == kind) {
        Some(known) => known.account.clone(),
        None => IdentityKey {
            cloud: read::account_cloud(&at.key("cloud"), None, &kind),
            provider: read::provider(&kind)?,
            issuer: format!("https://issuer.example/{}", kind.as_str()),
            tenant: read::account_tenant(None, &kind),
            subject: "somebody".to_owned(),
        },
    };
    if let Some(cloud) = &given.cloud {
        key.cloud = read::account_cloud(&at.key("cloud"), Some(cloud), &kind);
    }
    if let Some(tenant) = &given.tenant {
        key.tenant = Some(tenant.to_lowercase());
    }
    if let Some(issuer) = &given.issuer {
        key.issuer.clone_from(issuer);
    }
    if let Some(subject) = &given.subject {
        key.subject.clone_from(subject);
    }
    let address = match given.address.as_deref() {
        None => Some(invited.clone()),
        Some("") => None,
        Some(text) => Some(read::address(&at.key("address"), text)?),
    };
    Some(SignedIn {
        key,
        kind,
        address,
        audience_matches: given.audience_matches.unwrap_or(true),
        consented: given.consented,
        terms: given.terms,
    })
}

impl Asked {
    pub(super) fn answer(&self, world: &World) -> Told {
        let known = world.guest(&self.question.address);
        let redeemed = known.filter(|known| known.guest.identity.is_some());
        let facts = RedeemFacts {
            clouds: &world.clouds,
            tenant: &world.tenant,
            guest: known.map(|known| &known.guest),
            redeemed_with: redeemed.map(|known| &known.kind),
            share: self.share.as_ref().map(|share| SharedBy {
                creator: &share.creator,
                creator_may_share: share.may_share,
                manager: share.manager,
            }),
            providers: self.providers.as_ref(),
        };
        let mut trace = Recorded::default();
        let answer = redeem(&self.question, &facts, world.now, &mut trace);
        Told::answer("redeem", &answer, &trace)
    }
}
