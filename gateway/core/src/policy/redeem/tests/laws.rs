//! Laws over generated worlds.

use proptest::prelude::*;

use super::world::{World, homes, kind, kinds, partner};
use crate::cloud::EnvironmentBoundary;
use crate::person::{GuestOrigin, GuestState, InvitationManager};
use crate::policy::{Answer, Challenge, Denial, Method, Outcome, Verdict};
use crate::settings::value::Domains;
use crate::settings::words::{
    EmailOtp, FallbackIdentityProvider, PrimaryIdentityProvider, SharingDomainRestrictionMode,
};
use crate::settings::{Profile, SharingCapability};
use crate::testing::{address, cloud, domains};

/// Chooses by bytes; a byte of 0, to which failures shrink, is the first choice.
struct Dice<'a>(std::slice::Iter<'a, u8>);

impl Dice<'_> {
    fn throw(&mut self) -> usize {
        usize::from(self.0.next().copied().unwrap_or(0))
    }

    fn of<T: Clone>(&mut self, all: &[T]) -> T {
        all[self.throw() % all.len()].clone()
    }

    /// Once in `times`.
    fn once_in(&mut self, times: usize) -> bool {
        self.throw() % times == 1
    }
}

const CLOUDS: &[&str] = &["worldwide", "gcc", "gcc-high", "dod", "china-21vianet"];

/// A world in which much is odd, but not everything at once.
fn world(bytes: &[u8]) -> World {
    let mut dice = Dice(bytes.iter());
    let mut world = World::new()
        .profile(dice.of(Profile::ALL))
        .integration(dice.once_in(2));
    world.now.0 = [1_750_000_000, 1_719_792_000, 1_000][dice.throw() % 3];
    world = match dice.throw() % 5 {
        0 => world.of_cloud("worldwide"),
        1 => world.of_cloud(dice.of(CLOUDS)),
        _ => world.by(dice.of(&["email-otp", "google", "saml", "microsoft-account", "openid"])),
    };
    if dice.once_in(4) {
        world = world.invite("ada@gmail.com");
    }
    if dice.once_in(2) {
        world = world.federated();
    }
    let manager = dice.of(&[InvitationManager::Directory, InvitationManager::Sharing]);
    match dice.throw() % 4 {
        0 => world.guest().manager = manager,
        1 => world = world.redeemed(),
        2 => world = world.shared_by(manager, true),
        _ => {
            world.guest().origin = GuestOrigin::Directory;
            world.guest().invitation_expires = Some(world.now.plus(100));
        }
    }
    let tenant = &mut world.tenant;
    tenant.directory.google = dice.once_in(2);
    tenant.boundary = dice.of(&[EnvironmentBoundary::Cloud, EnvironmentBoundary::Instance]);
    tenant.sharing.require_account_match = dice.once_in(2);
    tenant.directory.policy.fallback = dice.of(FallbackIdentityProvider::ALL);
    tenant.directory.policy.terms_of_use = dice.once_in(2);
    let first = dice.of(PrimaryIdentityProvider::ALL);
    let order = &mut tenant.directory.policy.primary_order.0;
    order.sort_by_key(|one| *one != first);
    if dice.once_in(4) {
        tenant.directory.policy.email_otp = EmailOtp::Disabled;
    }
    if dice.once_in(4) {
        tenant.cloud = cloud(dice.of(CLOUDS));
    }
    if dice.once_in(4) {
        let access = &mut tenant.directory.cross_tenant;
        let home = dice.of(CLOUDS);
        access.clouds = homes(CLOUDS);
        let mut other = partner(home);
        other.automatic_redemption = dice.once_in(2);
        other.automatic_redemption_at_home = dice.once_in(2);
        access.partners.insert("t".to_owned(), other);
    }
    if dice.once_in(6) {
        let domain = world.invited.domain().clone();
        let homes = homes(&[dice.of(CLOUDS)]);
        world.tenant.directory.domain_homes.insert(domain, homes);
    }
    if dice.once_in(3) {
        world.home.clouds = homes(&[dice.of(CLOUDS)]);
    }
    world.home.microsoft_account = dice.once_in(3);
    world.direct_link = dice.once_in(2);
    if dice.once_in(8) {
        world.person.address = Some(address("bob@fabrikam.example"));
    }
    world.person.consented = dice.of(&[Some(true), Some(true), None, Some(false)]);
    world.person.terms = dice.of(&[Some(true), Some(true), None, Some(false)]);
    world
}

/// Whoever declined the terms where consent was not asked for, and is asked for consent now, is as far from a yes as
/// before: consent is asked first, and the terms are declined still.
fn declined_later(loose: &Answer, strict: &Answer) -> bool {
    loose.outcome == Outcome::Deny(Denial::TermsDeclined)
        && strict.outcome == Outcome::Challenge(Challenge::Consent)
}

/// Each makes something stricter.
const TIGHTER: [fn(&mut World); 26] = [
    |world| world.tenant.sharing.capability = SharingCapability::Disabled,
    |world| {
        world.tenant.sharing.capability = SharingCapability::ExistingExternalUserSharingOnly;
    },
    |world| {
        world.tenant.sharing.domain_mode = SharingDomainRestrictionMode::BlockList;
        world.tenant.sharing.blocked_domains = Domains(domains(&["gmail.com"]));
    },
    |world| {
        world.tenant.directory.policy.blocked_domains = Some(Domains(domains(&["gmail.com"])));
    },
    |world| world.tenant.directory.policy.email_otp = EmailOtp::Disabled,
    |world| world.tenant.directory.policy.terms_of_use = true,
    |world| world.tenant.directory.google = false,
    |world| world.tenant.directory.federations.clear(),
    |world| world.tenant.directory.cross_tenant.clouds.clear(),
    |world| world.tenant.directory.cross_tenant.default_inbound = false,
    |world| {
        for partner in world.tenant.directory.cross_tenant.partners.values_mut() {
            partner.inbound = false;
        }
    },
    |world| {
        for partner in world.tenant.directory.cross_tenant.partners.values_mut() {
            partner.reciprocated = false;
        }
    },
    |world| {
        for partner in world.tenant.directory.cross_tenant.partners.values_mut() {
            partner.automatic_redemption = false;
        }
    },
    |world| {
        let domain = world.invited.domain().clone();
        let known = &mut world.tenant.directory.domain_homes;
        known.entry(domain).or_default().insert(cloud("dod"));
    },
    |world| world.tenant.boundary = EnvironmentBoundary::Cloud,
    |world| world.tenant.sharing.require_account_match = true,
    |world| world.providers = Some(kinds(&["work-school", "email-otp"])),
    |world| {
        for cloud in world.clouds.0.values_mut() {
            cloud.identity_providers.remove(&kind("microsoft-account"));
        }
    },
    |world| {
        for cloud in world.clouds.0.values_mut() {
            cloud.identity_providers.remove(&kind("email-otp"));
        }
    },
    |world| {
        for cloud in world.clouds.0.values_mut() {
            cloud.restricted = true;
        }
    },
    |world| {
        for cloud in world.clouds.0.values_mut() {
            cloud.partner_clouds.clear();
        }
    },
    |world| world.direct_link = true,
    |world| world.person.audience_matches = false,
    |world| world.person.address = None,
    |world| {
        if let Some(guest) = &mut world.guest {
            guest.state = GuestState::Blocked;
        }
    },
    |world| {
        if let Some(share) = &mut world.share {
            share.creator_may_share = false;
        }
    },
];

const fn openness(answer: &Answer) -> u8 {
    match answer.outcome {
        Outcome::Deny(_) => 0,
        Outcome::Request(_) => 1,
        Outcome::Challenge(_) => 2,
        Outcome::Allow => 3,
    }
}

fn both(world: &World) -> [Answer; 2] {
    [world.ask_before().0, world.ask_after().0]
}

fn no_more_open(looser: &World, stricter: &World) -> Result<(), TestCaseError> {
    for (loose, strict) in both(looser).iter().zip(&both(stricter)) {
        prop_assert!(
            openness(strict) <= openness(loose) || declined_later(loose, strict),
            "{loose:?} became {strict:?} in {stricter:#?}"
        );
    }
    Ok(())
}

fn bytes() -> impl Strategy<Value = Vec<u8>> {
    proptest::collection::vec(any::<u8>(), 48)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1_000))]

    #[test]
    fn stricter_never_allows_more(bytes in bytes(), which in 0..TIGHTER.len()) {
        let world = world(&bytes);
        no_more_open(&world, &world.clone().with(TIGHTER[which]))?;
    }

    #[test]
    fn whoever_declined_the_terms_is_out_whatever_comes_before_them(bytes in bytes()) {
        let world = world(&bytes).with(|world| {
            world.person.consented = Some(true);
            world.person.terms = Some(false);
        });
        let terms = world.tenant.directory.policy.terms_of_use;
        let answer = world.ask_after().0;
        let redeemed = world.guest.as_ref().is_some_and(|guest| guest.identity.is_some());
        prop_assert!(!terms || redeemed || openness(&answer) == 0, "{answer:?}");
    }

    #[test]
    fn time_never_adds(bytes in bytes(), later in 0..200_000_000_i64) {
        let world = world(&bytes);
        no_more_open(&world, &world.clone().with(|world| world.now = world.now.plus(later)))?;
    }

    #[test]
    fn whoever_redeemed_is_sent_to_the_same_provider_whatever_is_set_up_later(
        bytes in bytes(),
        order in any::<u8>(),
    ) {
        let world = world(&bytes);
        if world.guest.is_none() {
            return Ok(());
        }
        let world = world.redeemed();
        let later = world.clone().federated().with(|world| {
            let policy = &mut world.tenant.directory.policy;
            policy.primary_order.0.rotate_left(usize::from(order) % 3);
            let all = FallbackIdentityProvider::ALL;
            policy.fallback = all[usize::from(order) % all.len()];
            world.home.microsoft_account = order % 2 == 0;
            world.direct_link = order % 5 == 0;
        });
        let (one, other) = (world.ask_before().0, later.ask_before().0);
        if openness(&one) > 0 {
            prop_assert_eq!(one, other);
        }
        let strangers = world.with(|world| world.person.key.subject.push('x'));
        prop_assert_eq!(openness(&strangers.ask_after().0), 0);
    }

    #[test]
    fn a_yes_has_been_earned(bytes in bytes()) {
        let world = world(&bytes);
        let [before, after] = both(&world);
        prop_assert_ne!(before.outcome, Outcome::Allow);
        for answer in [&before, &after] {
            prop_assert!(openness(answer) > 0 || answer.effects.is_empty());
        }
        let redeemed = world.guest.as_ref().and_then(|guest| guest.identity.as_ref());
        if after.outcome != Outcome::Allow {
            prop_assert!(after.effects.is_empty());
        } else if let Some(bound) = redeemed {
            prop_assert_eq!(bound, &world.person.key);
            prop_assert!(after.effects.is_empty());
        } else {
            let invited = world.person.address.as_ref() == Some(&world.invited);
            let tenant = &world.tenant;
            prop_assert!(
                invited
                    || !tenant.integration().value
                        && !tenant.sharing.require_account_match
                        && matches!(
                            world.person.kind.as_str(),
                            "work-school" | "microsoft-account"
                        )
            );
            prop_assert!(
                world.person.consented == Some(true)
                    || !tenant.directory.cross_tenant.partners.is_empty()
            );
            prop_assert!(
                world.person.terms == Some(true) || !tenant.directory.policy.terms_of_use
            );
        }
    }

    #[test]
    fn sharings_own_passcode_is_for_tenants_without_the_integration(bytes in bytes()) {
        let world = world(&bytes);
        let (answer, recorded) = world.ask_before();
        let own = Outcome::Challenge(Challenge::SignInWith(Method::SharingPasscode));
        if answer.outcome == own {
            prop_assert!(!world.tenant.integration().value);
        }
        // The rule that decided is the first that did not pass.
        let first = recorded.entries.iter().find(|entry| {
            !matches!(entry.verdict, Verdict::Pass | Verdict::NotApplicable)
        });
        prop_assert_eq!(recorded.decider(), first);
    }
}
