use std::collections::BTreeSet;

use super::home::partner;
use super::world::{As, NOW, World, check, check_all, site_id, world};
use crate::id::SiteId;
use crate::person::SignInRisk;
use crate::policy::{Challenge, Decision, MfaPlace, NoTrace};
use crate::settings::Partner;
use crate::settings::directory::{ConditionalAccessPolicy, GrantControl, InboundTrust, Risk};

const GRANT: &str = "allow permission grant";
const DEVICE: &str = "device-not-managed";
const MFA: &str = "mfa-required";

pub(super) fn policy(controls: &[GrantControl]) -> ConditionalAccessPolicy {
    ConditionalAccessPolicy {
        name: "guests".to_owned(),
        sites: None,
        context: None,
        risks: BTreeSet::new(),
        members: false,
        controls: controls.iter().copied().collect(),
        sign_in_frequency: None,
    }
}

fn demand(w: &mut World, controls: &[GrantControl]) {
    w.tenant.directory.conditional_access.push(policy(controls));
}

fn trust(w: &mut World, trust: InboundTrust) {
    w.tenant.directory.cross_tenant.default_trust = trust;
}

const ALL: InboundTrust = InboundTrust {
    mfa: true,
    compliant_device: true,
    hybrid_device: true,
};

#[test]
fn unmanaged_devices_do_as_the_stricter_of_tenant_and_site_says() {
    const NAME: &str = "ConditionalAccessPolicy";
    check_all(&[
        (|w| w.set(NAME, "BlockAccess"), DEVICE),
        (
            |w| {
                w.set(NAME, "BlockAccess");
                w.principal.client.managed_device = true;
            },
            GRANT,
        ),
        (
            |w| {
                w.set(NAME, "BlockAccess");
                w.who = As::Member;
            },
            DEVICE,
        ),
        (|w| w.set_site(NAME, "BlockAccess"), DEVICE),
        (
            |w| {
                w.set(NAME, "BlockAccess");
                w.set_site(NAME, "AllowFullAccess");
            },
            DEVICE,
        ),
        // An authentication context says nothing about devices: the tenant's counts.
        (
            |w| {
                w.set(NAME, "BlockAccess");
                w.set_site(NAME, "AuthenticationContext");
                w.set_site("AuthenticationContextName", "c1");
                w.shown().contexts.insert("c1".to_owned());
            },
            DEVICE,
        ),
        // Bearers of Anyone links are not affected.
        (
            |w| {
                w.set(NAME, "BlockAccess");
                w.bearer(crate::sharing::LinkType::View);
            },
            "allow link link",
        ),
        // Recipients without an entry are where the tenant says so.
        (
            |w| {
                w.ad_hoc();
                w.set(NAME, "BlockAccess");
            },
            "allow link link",
        ),
        (
            |w| {
                w.ad_hoc();
                w.set(NAME, "BlockAccess");
                w.set("ApplyAppEnforcedRestrictionsToAdHocRecipients", true);
            },
            DEVICE,
        ),
        (
            |w| {
                w.ad_hoc();
                w.set(NAME, "BlockAccess");
                w.set("ApplyAppEnforcedRestrictionsToAdHocRecipients", true);
                w.principal.client.managed_device = true;
            },
            "allow link link",
        ),
    ]);
}

#[test]
fn policies_concern_guests_of_their_sites() {
    use GrantControl::Block;
    const BLOCKED: &str = "conditional-access-blocked";
    fn changed(w: &mut World, change: impl FnOnce(&mut ConditionalAccessPolicy)) {
        demand(w, &[Block]);
        change(&mut w.tenant.directory.conditional_access[0]);
    }
    let other = || Some([SiteId::parse("q").unwrap()].into());
    check(|w| changed(w, |_| {}), BLOCKED);
    check(|w| changed(w, |p| p.sites = other()), GRANT);
    check(
        |w| changed(w, |p| p.sites = Some([site_id()].into())),
        BLOCKED,
    );
    check(
        |w| {
            changed(w, |_| {});
            w.who = As::Member;
        },
        GRANT,
    );
    check(
        |w| {
            changed(w, |p| p.members = true);
            w.who = As::Member;
        },
        BLOCKED,
    );
    check(
        |w| {
            changed(w, |_| {});
            w.ad_hoc();
        },
        "allow link link",
    );
}

#[test]
fn a_sign_in_of_unknown_risk_is_of_every_risk() {
    let risky = |risk: Option<SignInRisk>| {
        move |w: &mut World| {
            demand(w, &[GrantControl::Block]);
            w.tenant.directory.conditional_access[0].risks = [Risk::Medium, Risk::High].into();
            w.shown().risk = risk;
        }
    };
    const BLOCKED: &str = "conditional-access-blocked";
    check(risky(None), BLOCKED);
    check(risky(Some(SignInRisk::None)), GRANT);
    check(risky(Some(SignInRisk::Some(Risk::Low))), GRANT);
    check(risky(Some(SignInRisk::Some(Risk::Medium))), BLOCKED);
    check(risky(Some(SignInRisk::Some(Risk::High))), BLOCKED);
}

#[test]
fn guests_cannot_do_what_is_not_supported_for_them() {
    for control in [
        GrantControl::ApprovedApplication,
        GrantControl::CompliantApplication,
        GrantControl::PasswordChange,
    ] {
        check(|w| demand(w, &[control]), "control-not-supported");
    }
}

#[test]
fn claims_about_devices_need_trust() {
    use GrantControl::{CompliantDevice, DomainJoinedDevice};
    check_all(&[
        (|w| demand(w, &[CompliantDevice]), DEVICE),
        (|w| demand(w, &[DomainJoinedDevice]), DEVICE),
        (
            |w| {
                demand(w, &[CompliantDevice]);
                w.shown().compliant_device = true;
            },
            DEVICE,
        ),
        (
            |w| {
                demand(w, &[CompliantDevice]);
                w.shown().compliant_device = true;
                trust(w, ALL);
            },
            GRANT,
        ),
        (
            |w| {
                demand(w, &[CompliantDevice]);
                w.shown().hybrid_device = true;
                trust(w, ALL);
            },
            DEVICE,
        ),
        (
            |w| {
                demand(w, &[DomainJoinedDevice]);
                w.shown().hybrid_device = true;
                trust(w, ALL);
            },
            GRANT,
        ),
        // Trust is no claim: the home must also say so.
        (
            |w| {
                demand(w, &[DomainJoinedDevice]);
                w.shown().hybrid_device = false;
                trust(w, ALL);
            },
            DEVICE,
        ),
        // Nobody is asked to vouch for accounts of no cloud.
        (
            |w| {
                demand(w, &[CompliantDevice]);
                w.shown().compliant_device = true;
                trust(w, ALL);
                w.by_kind("microsoft-account");
            },
            DEVICE,
        ),
        // What is believed of a listed partner is the partner's, not the default.
        (
            |w| {
                demand(w, &[CompliantDevice]);
                w.shown().compliant_device = true;
                trust(w, ALL);
                let partners = &mut w.tenant.directory.cross_tenant.partners;
                partners.insert("t".to_owned(), partner("worldwide"));
            },
            DEVICE,
        ),
        (
            |w| {
                demand(w, &[DomainJoinedDevice]);
                w.shown().hybrid_device = true;
                let partners = &mut w.tenant.directory.cross_tenant.partners;
                let trusted = Partner {
                    trust: ALL,
                    ..partner("worldwide")
                };
                partners.insert("t".to_owned(), trusted);
            },
            GRANT,
        ),
        (
            |w| {
                demand(w, &[CompliantDevice]);
                w.tenant.directory.conditional_access[0].members = true;
                w.who = As::Member;
                w.shown().compliant_device = true;
            },
            GRANT,
        ),
    ]);
}

#[test]
fn sec_084_sec_086_a_second_factor_is_shown_at_home_where_home_is_believed_and_here_otherwise() {
    let asked = |change: fn(&mut World)| {
        let mut world = world();
        demand(&mut world, &[GrantControl::Mfa]);
        change(&mut world);
        match world.decide(&mut NoTrace) {
            Decision::Challenge(Challenge::Mfa(place)) => Some(place),
            Decision::Allow(_) => None,
            other => panic!("{other:?}"),
        }
    };
    let (home, here) = (Some(MfaPlace::Home), Some(MfaPlace::Resource));
    assert_eq!(asked(|_| {}), here);
    assert_eq!(asked(|w| trust(w, ALL)), home);
    assert_eq!(asked(|w| w.shown().mfa_here = true), None);
    assert_eq!(asked(|w| w.shown().mfa_at_home = true), here);
    assert_eq!(
        asked(|w| {
            trust(w, ALL);
            w.shown().mfa_at_home = true;
        }),
        None
    );
    // Only work and school accounts make such claims; whoever reads a mailbox has shown no second factor.
    let claimed_by = |kind: &'static str| {
        let mut world = world();
        demand(&mut world, &[GrantControl::Mfa]);
        trust(&mut world, ALL);
        world.shown().mfa_at_home = true;
        world.person().kind = super::world::kind(kind);
        world.decide(&mut NoTrace)
    };
    for kind in ["microsoft-account", "email-otp"] {
        let asked = Decision::Challenge(Challenge::Mfa(MfaPlace::Resource));
        assert_eq!(claimed_by(kind), asked, "{kind}");
    }
    assert_eq!(
        asked(|w| {
            w.tenant.directory.conditional_access[0].members = true;
            w.who = As::Member;
            trust(w, ALL);
        }),
        here
    );
    assert_eq!(
        asked(|w| {
            w.tenant.directory.conditional_access[0].members = true;
            w.who = As::Member;
            w.shown().mfa_at_home = true;
        }),
        None
    );
}

#[test]
fn nobody_registers_a_second_factor_while_the_sign_in_is_risky() {
    fn risky(w: &mut World) {
        demand(w, &[GrantControl::Mfa]);
        w.tenant.directory.conditional_access[0].risks = [Risk::High].into();
        w.shown().risk = Some(SignInRisk::Some(Risk::High));
    }
    check_all(&[
        (risky, MFA),
        (
            |w| {
                risky(w);
                w.guest.mfa_registered = false;
            },
            "risk-not-remediated",
        ),
        (
            |w| {
                risky(w);
                w.guest.mfa_registered = false;
                w.shown().mfa_here = true;
            },
            GRANT,
        ),
        (
            |w| {
                risky(w);
                w.guest.mfa_registered = false;
                w.tenant.directory.conditional_access[0].risks.clear();
            },
            MFA,
        ),
        (
            |w| {
                risky(w);
                w.guest.mfa_registered = false;
                w.who = As::Member;
                w.tenant.directory.conditional_access[0].members = true;
            },
            MFA,
        ),
    ]);
}

#[test]
fn terms_and_age_are_asked_for_after_the_second_factor() {
    fn frequency(w: &mut World, seconds: i64) {
        demand(w, &[]);
        let policy = w.tenant.directory.conditional_access.last_mut().unwrap();
        policy.sign_in_frequency = Some(seconds);
    }
    check_all(&[
        (|w| demand(w, &[GrantControl::TermsOfUse]), "terms-required"),
        (
            |w| {
                demand(w, &[GrantControl::TermsOfUse]);
                w.shown().terms = true;
            },
            GRANT,
        ),
        (
            |w| {
                frequency(w, 60);
                w.person().authenticated_at = NOW.plus(-59);
            },
            GRANT,
        ),
        (
            |w| {
                frequency(w, 60);
                w.person().authenticated_at = NOW.plus(-60);
            },
            "sign-in-again-required",
        ),
        (
            |w| {
                frequency(w, 600);
                frequency(w, 60);
                w.person().authenticated_at = NOW.plus(-60);
            },
            "sign-in-again-required",
        ),
    ]);
}

#[test]
fn a_site_demands_an_authentication_context() {
    fn context(w: &mut World) {
        w.set_site("ConditionalAccessPolicy", "AuthenticationContext");
        w.set_site("AuthenticationContextName", "c1");
    }
    fn answer(w: &mut World, name: &str) {
        demand(w, &[GrantControl::TermsOfUse]);
        w.tenant.directory.conditional_access[0].context = Some(name.to_owned());
    }
    check_all(&[
        (context, "authentication-context-required"),
        (
            |w| {
                context(w);
                w.who = As::Member;
            },
            "authentication-context-required",
        ),
        (
            |w| {
                context(w);
                w.who = As::Member;
                w.shown().contexts.insert("c1".to_owned());
            },
            GRANT,
        ),
        // A guest's home has contexts of its own, and may give them the same names.
        (
            |w| {
                context(w);
                w.shown().contexts.insert("c1".to_owned());
            },
            "authentication-context-required",
        ),
        (
            |w| {
                context(w);
                w.shown().contexts.insert("c2".to_owned());
            },
            "authentication-context-required",
        ),
        // A policy that answers to the context says what it means.
        (
            |w| {
                context(w);
                answer(w, "c1");
            },
            "terms-required",
        ),
        (
            |w| {
                context(w);
                answer(w, "c1");
                w.shown().terms = true;
            },
            GRANT,
        ),
        (
            |w| {
                context(w);
                answer(w, "c2");
            },
            "authentication-context-required",
        ),
        (
            |w| {
                context(w);
                answer(w, "c1");
                w.shown().contexts.insert("c1".to_owned());
            },
            "terms-required",
        ),
        // Sites that demand no context are none of its business.
        (|w| answer(w, "c1"), GRANT),
        (
            |w| {
                context(w);
                w.site.sharing.authentication_context = None;
            },
            "conditional-access-blocked",
        ),
        (
            |w| {
                context(w);
                w.site.sharing.authentication_context = None;
                demand(w, &[GrantControl::Mfa]);
            },
            "conditional-access-blocked",
        ),
        (
            |w| {
                context(w);
                w.ad_hoc();
            },
            "allow link link",
        ),
    ]);
}

#[test]
fn the_hardest_demand_of_all_policies_is_reported_first() {
    use GrantControl as Control;
    let order: [(Control, &str); 7] = [
        (Control::Block, "conditional-access-blocked"),
        (Control::PasswordChange, "control-not-supported"),
        (Control::CompliantApplication, "control-not-supported"),
        (Control::CompliantDevice, DEVICE),
        (Control::DomainJoinedDevice, DEVICE),
        (Control::Mfa, MFA),
        (Control::TermsOfUse, "terms-required"),
    ];
    for (at, (first, want)) in order.iter().enumerate() {
        for (second, _) in &order[at..] {
            for swapped in [false, true] {
                let change = |w: &mut World| {
                    demand(w, &[*first]);
                    demand(w, &[*second]);
                    if swapped {
                        w.tenant.directory.conditional_access.reverse();
                    }
                };
                check(change, want);
            }
        }
    }
}
