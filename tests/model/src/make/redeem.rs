//! Questions about redeeming.

use std::collections::BTreeSet;
use std::sync::Arc;

use gateway_core::address::EmailAddress;
use gateway_core::person::{Guest, GuestOrigin, GuestState};
use gateway_core::policy::redeem::{Home, RedeemQuestion, SignedIn, Stage};

use super::person::{ISSUERS, MANAGERS};
use super::{Change, Make, Maker};
use crate::world::{Place, RedeemWorld, SharedBy};

impl Make for RedeemWorld {
    fn open(maker: &mut Maker) -> Self {
        let mut place = maker.place();
        let kind = maker.kind_name(&place);
        let address = maker.outsider(kind);
        let before = maker.random.chance(45);
        let mut stage = if before {
            Stage::Before(maker.home(&place))
        } else {
            Stage::After(maker.signed_in(&place, kind, &address))
        };
        if kind == "work-school" && maker.random.chance(25) {
            let home = maker.open_to_another_cloud(&mut place);
            match &mut stage {
                Stage::Before(known) => known.clouds = [home].into(),
                Stage::After(signed_in) => signed_in.key.cloud = Some(home),
            }
        }
        if let (Stage::After(signed_in), "saml", Some(federation)) =
            (&stage, kind, place.tenant.directory.federations.first_mut())
            && maker.random.chance(80)
        {
            federation.issuer.clone_from(&signed_in.key.issuer);
        }
        let mut world = Self {
            place,
            question: RedeemQuestion {
                address: address.clone(),
                direct_link: maker.random.flag(),
                stage,
            },
            guest: None,
            redeemed_with: None,
            share: None,
            providers: None,
        };
        match maker.random.below(10) {
            0..5 => world.guest = Some(maker.pending(&address)),
            5 | 6 => world.redeem(kind, maker),
            _ => world.share = Some(maker.shared_by()),
        }
        world
    }

    fn changes() -> &'static [Change<Self>] {
        CHANGES
    }

    fn place(&mut self) -> &mut Place {
        &mut self.place
    }

    fn counts() -> &'static [usize] {
        &[0, 0, 1, 1, 1, 2, 2, 2, 3, 3, 4, 6]
    }
}

impl Maker {
    fn home(&mut self, place: &Place) -> Home {
        let own = place.tenant.cloud.clone();
        let work = place.closed() || self.random.chance(35);
        Home {
            clouds: if work { [own].into() } else { BTreeSet::new() },
            unmanaged: self.random.chance(20),
            microsoft_account: self.random.chance(35),
        }
    }

    fn signed_in(&mut self, place: &Place, kind: &str, address: &EmailAddress) -> SignedIn {
        SignedIn {
            key: self.key(place, kind),
            kind: self.pool.kind(kind),
            address: Some(address.clone()),
            audience_matches: true,
            consented: Some(true),
            terms: Some(true),
        }
    }

    fn pending(&mut self, address: &EmailAddress) -> Guest {
        let origin = self
            .random
            .one(&[GuestOrigin::Directory, GuestOrigin::Share]);
        Guest {
            manager: self.random.one(&MANAGERS),
            ..Guest::invited(self.pool.guest.clone(), address.clone(), origin)
        }
    }

    fn shared_by(&mut self) -> SharedBy {
        SharedBy {
            creator: self.pool.mia.clone(),
            creator_may_share: self.random.chance(80),
            manager: self.random.one(&MANAGERS),
        }
    }
}

impl RedeemWorld {
    /// Makes it somebody who has redeemed already.
    fn redeem(&mut self, kind: &str, maker: &mut Maker) {
        let key = match &self.question.stage {
            Stage::Before(_) => maker.key(&self.place, kind),
            Stage::After(signed_in) => signed_in.key.clone(),
        };
        self.guest = Some(maker.guest(&self.question.address.clone(), key));
        self.redeemed_with = Some(maker.pool.kind(kind));
    }

    fn signed_in(&mut self) -> Option<&mut SignedIn> {
        match &mut self.question.stage {
            Stage::Before(_) => None,
            Stage::After(signed_in) => Some(signed_in),
        }
    }
}

const CHANGES: &[Change<RedeemWorld>] = &[
    home,
    home,
    direct_link,
    audience,
    identity,
    kind,
    issuer,
    address,
    consent,
    terms,
    entry,
    entry,
    invitation,
    invitation,
    redeemed_with,
    share,
    share,
    providers,
    passcodes,
    passcodes,
];

fn home(world: &mut RedeemWorld, maker: &mut Maker) {
    let pool = Arc::clone(&maker.pool);
    if let Stage::Before(home) = &mut world.question.stage {
        if maker.random.flag() {
            home.clouds = maker.random.some(&pool.clouds);
        }
        home.microsoft_account = maker.random.flag();
    }
}

fn direct_link(world: &mut RedeemWorld, _: &mut Maker) {
    world.question.direct_link = !world.question.direct_link;
}

fn audience(world: &mut RedeemWorld, maker: &mut Maker) {
    if let Some(signed_in) = world.signed_in() {
        signed_in.audience_matches = maker.random.flag();
    }
}

fn identity(world: &mut RedeemWorld, maker: &mut Maker) {
    if let Some(signed_in) = world.signed_in() {
        maker.move_key(&mut signed_in.key);
    }
}

fn kind(world: &mut RedeemWorld, maker: &mut Maker) {
    let kind = maker.random.pick(&Arc::clone(&maker.pool).kinds).clone();
    if let Some(signed_in) = world.signed_in() {
        signed_in.kind = kind;
    }
}

fn issuer(world: &mut RedeemWorld, maker: &mut Maker) {
    if let Some(signed_in) = world.signed_in() {
        maker
            .random
            .one(&ISSUERS)
            .clone_into(&mut signed_in.key.issuer);
    }
}

fn address(world: &mut RedeemWorld, maker: &mut Maker) {
    let other = maker.random.pick(&Arc::clone(&maker.pool).people).clone();
    if maker.random.chance(20) {
        if let Some(guest) = &mut world.guest {
            guest.address = other.clone();
        }
        world.question.address = other;
    } else if let Some(signed_in) = world.signed_in() {
        signed_in.address = if maker.random.chance(75) {
            Some(other)
        } else {
            None
        };
    }
}

fn consent(world: &mut RedeemWorld, maker: &mut Maker) {
    if let Some(signed_in) = world.signed_in() {
        signed_in.consented = maker.random.one(&[None, Some(false)]);
    }
}

fn terms(world: &mut RedeemWorld, maker: &mut Maker) {
    world.place.tenant.directory.policy.terms_of_use = true;
    if let Some(signed_in) = world.signed_in() {
        signed_in.terms = maker.random.one(&[None, Some(false), Some(true)]);
    }
}

fn entry(world: &mut RedeemWorld, maker: &mut Maker) {
    match maker.random.below(4) {
        0 => world.guest = None,
        1 => world.guest = Some(maker.pending(&world.question.address.clone())),
        2 => {
            let kind = maker.kind_name(&world.place);
            world.redeem(kind, maker);
        }
        _ => {
            if let Some(guest) = &mut world.guest {
                guest.state = GuestState::Blocked;
            }
        }
    }
}

fn invitation(world: &mut RedeemWorld, maker: &mut Maker) {
    let moment = maker.moment(world.place.now);
    if let Some(guest) = &mut world.guest {
        match maker.random.below(4) {
            0 => guest.manager = maker.random.one(&MANAGERS),
            1 => guest.identity = None,
            2 => {
                let origins = [GuestOrigin::Directory, GuestOrigin::Share];
                guest.origin = maker.random.one(&origins);
            }
            _ => guest.invitation_expires = Some(moment),
        }
    }
}

fn redeemed_with(world: &mut RedeemWorld, maker: &mut Maker) {
    let kind = maker.random.pick(&Arc::clone(&maker.pool).kinds).clone();
    world.redeemed_with = if maker.random.chance(80) {
        Some(kind)
    } else {
        None
    };
}

fn share(world: &mut RedeemWorld, maker: &mut Maker) {
    world.share = if maker.random.chance(70) {
        Some(maker.shared_by())
    } else {
        None
    };
}

fn providers(world: &mut RedeemWorld, maker: &mut Maker) {
    world.providers = Some(maker.random.some(&Arc::clone(&maker.pool).kinds));
}

/// Passcodes off, so that what comes after them is reached.
fn passcodes(world: &mut RedeemWorld, maker: &mut Maker) {
    use gateway_core::settings::words::{EmailOtp, FallbackIdentityProvider};
    let policy = &mut world.place.tenant.directory.policy;
    policy.email_otp = maker.random.one(&[EmailOtp::Disabled, EmailOtp::Default]);
    policy.fallback = maker.random.one(FallbackIdentityProvider::ALL);
}
