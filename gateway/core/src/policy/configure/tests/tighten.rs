//! What counts as taking away.

use super::world::{F, T, World, clear, n, set, w};
use crate::policy::NoTrace;
use crate::policy::configure::{Change, Configured, configure, tightens};
use crate::settings::value::Raw;
use crate::testing;

/// Whether the last change tightens what the ones before made.
fn check(before: &[Change], change: &Change, want: bool) {
    let mut settings = World::new().settings;
    for one in before {
        let clouds = testing::clouds();
        let taken = configure(
            &settings,
            std::slice::from_ref(one),
            &[],
            &[],
            &clouds,
            super::world::NOW,
            &mut NoTrace,
        );
        match taken {
            Configured::Set { settings: next, .. } => settings = *next,
            Configured::Reject(why) => panic!("{one:?}: {why:?}"),
        }
    }
    assert_eq!(tightens(&settings, change), want, "{before:?}, {change:?}");
}

fn list(all: &[&str]) -> Raw {
    Raw::List(all.iter().map(|one| w(one)).collect())
}

#[test]
fn a_lower_level_tightens_and_a_higher_one_does_not() {
    let level = |word| set("tenant", "SharingCapability", w(word));
    let low = level("ExternalUserSharingOnly");
    check(&[], &low, true);
    check(&[], &level("Disabled"), true);
    check(&[], &level("ExternalUserAndGuestSharing"), false);
    check(std::slice::from_ref(&low), &low, false);
    check(
        std::slice::from_ref(&low),
        &level("ExternalUserAndGuestSharing"),
        false,
    );
    check(&[], &level("Sometimes"), false);
}

#[test]
fn a_site_that_follows_others_is_only_certainly_tightened_by_the_strictest() {
    let level = |word| set("s", "SharingCapability", w(word));
    let clear = clear("s", "SharingCapability");
    check(
        std::slice::from_ref(&clear),
        &level("ExternalUserSharingOnly"),
        false,
    );
    check(&[clear], &level("Disabled"), true);
}

#[test]
fn switches_tighten_to_their_strict_side() {
    for (place, name, strict) in [
        ("tenant", "PreventExternalUsersFromResharing", T),
        ("tenant", "AnyoneLinkTrackUsers", T),
        ("tenant", "AllowEditing", F),
        ("s", "BlockDownloadPolicy", T),
        ("s", "AllowEditing", F),
        ("directory", "TermsOfUseRequired", T),
    ] {
        let loose = if strict == T { F } else { T };
        check(&[], &set(place, name, strict.clone()), true);
        check(&[set(place, name, strict)], &set(place, name, loose), false);
    }
}

#[test]
fn shorter_lives_tighten_and_none_does_not() {
    let days = |days| set("tenant", "RequireAnonymousLinksExpireInDays", n(days));
    check(&[], &days(30), true);
    check(&[days(30)], &days(7), true);
    check(&[days(30)], &days(31), false);
    check(&[days(30)], &days(0), false);
    let guests = |days| set("tenant", "ExternalUserExpireInDays", n(days));
    check(&[], &guests(59), true);
    check(&[], &guests(61), false);
    let site = |days| set("s", "RequestFilesLinkExpirationInDays", n(days));
    check(&[], &site(30), false);
    check(&[site(30)], &site(7), true);
}

#[test]
fn lists_that_exclude_more_tighten() {
    let allowed = |all: &[&str]| set("tenant", "SharingAllowedDomainList", list(all));
    let blocked = |all: &[&str]| set("tenant", "SharingBlockedDomainList", list(all));
    let both = allowed(&["a.example", "b.example"]);
    check(std::slice::from_ref(&both), &allowed(&["a.example"]), true);
    check(std::slice::from_ref(&both), &allowed(&[]), false);
    check(&[both], &allowed(&["c.example"]), false);
    check(&[], &blocked(&["a.example"]), true);
    check(&[blocked(&["a.example"])], &blocked(&["b.example"]), false);
}

#[test]
fn a_list_that_takes_the_place_of_another_frees_whom_that_one_stopped() {
    let allowed = set("directory", "AllowedDomains", list(&["a.example"]));
    let blocked = set("directory", "BlockedDomains", list(&["b.example"]));
    check(&[], &blocked, true);
    check(&[allowed], &blocked, false);
}

#[test]
fn what_is_not_certain_does_not_tighten() {
    check(&[], &clear("tenant", "SharingCapability"), false);
    check(
        &[],
        &set("tenant", "DefaultSharingLinkType", w("Direct")),
        false,
    );
    check(&[], &set("tenant", "EnableAzureADB2BIntegration", F), false);
    check(&[], &set("tenant", "Nonsense", T), false);
    check(&[], &set("elsewhere", "LockState", w("NoAccess")), false);
}

#[test]
fn what_signs_nobody_in_any_more_tightens() {
    use crate::id::ProviderKind;
    let kind = |name| ProviderKind::parse(name).unwrap();
    let give_up = Change::GiveUpProvider(kind("google"));
    check(&[], &give_up, true);
    check(std::slice::from_ref(&give_up), &give_up, false);
    check(&[give_up], &Change::OfferProvider(kind("google")), false);
    check(&[], &Change::RemoveFederation("nobody".to_owned()), false);
    let otp = |word| set("directory", "allowExternalIdToUseEmailOtp", w(word));
    check(&[], &otp("disabled"), true);
    check(&[otp("disabled")], &otp("enabled"), false);
    check(&[otp("enabled")], &otp("default"), false);
}
