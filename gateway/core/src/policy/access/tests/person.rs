use super::world::{ADA, As, DAY, NOW, World, check_all, site_id, world};
use crate::id::ProviderId;
use crate::person::GuestState;
use crate::policy::{Basis, Shown};
use crate::settings::Source;
use crate::settings::directory::Federation;
use crate::settings::value::Raw;
use crate::sharing::{LinkScope, LinkType, Recipient};
use crate::testing::{address, cloud, identity};
use crate::time::UnixTime;

const GRANT: &str = "allow permission grant";

#[test]
fn nobody_who_signed_in_is_challenged() {
    check_all(&[
        (|w| w.principal.person = None, "sign-in-required"),
        (
            |w| {
                w.principal.person = None;
                w.who = As::Unknown;
            },
            "sign-in-required",
        ),
    ]);
}

#[test]
fn a_guest_comes_in_as_long_as_the_way_in_is_there() {
    fn offers(w: &mut World, kinds: &[&str]) {
        let record = w.clouds.0.get_mut(&cloud("worldwide")).unwrap();
        record.identity_providers = kinds.iter().map(|one| super::world::kind(one)).collect();
    }
    fn federate(w: &mut World, domain: &str) {
        w.tenant.directory.federations = vec![Federation {
            provider: Some(ProviderId::parse("saml").unwrap()),
            issuer: "https://idp".to_owned(),
            domains: crate::testing::domains(&[domain]),
            endpoint: "https://idp/sso".to_owned(),
            dns_text: None,
        }];
    }
    fn otp(w: &mut World, value: &str) {
        let policy = &mut w.tenant.directory.policy;
        policy
            .set("allowExternalIdToUseEmailOtp", &Raw::text(value))
            .unwrap();
    }
    check_all(&[
        (|w| w.by_kind("email-otp"), GRANT),
        (
            |w| {
                w.by_kind("email-otp");
                otp(w, "enabled");
            },
            GRANT,
        ),
        (
            |w| {
                w.by_kind("email-otp");
                otp(w, "disabled");
            },
            "provider-withdrawn",
        ),
        (|w| w.by_kind("saml"), "provider-withdrawn"),
        (
            |w| {
                w.by_kind("saml");
                federate(w, "fabrikam.example");
            },
            GRANT,
        ),
        (
            |w| {
                w.by_kind("saml");
                federate(w, "sub.fabrikam.example");
            },
            "provider-withdrawn",
        ),
        (|w| w.by_kind("google"), "provider-withdrawn"),
        (
            |w| {
                w.by_kind("google");
                w.tenant.directory.google = true;
            },
            GRANT,
        ),
        (|w| w.by_kind("microsoft-account"), GRANT),
        // A kind that the documents do not list is nobody's to withdraw.
        (
            |w| {
                w.by_kind("openid");
                offers(w, &[]);
            },
            GRANT,
        ),
        (
            |w| {
                w.by_kind("google");
                offers(w, &["work-school", "saml"]);
            },
            "provider-not-offered",
        ),
        (|w| offers(w, &["saml"]), "provider-not-offered"),
        (
            |w| {
                w.by_kind("email-otp");
                otp(w, "disabled");
                offers(w, &["work-school"]);
            },
            "provider-not-offered",
        ),
        // A recipient without an entry uses sharing's own passcode.
        (World::ad_hoc, "allow link link"),
        (
            |w| {
                w.ad_hoc();
                otp(w, "disabled");
            },
            "allow link link",
        ),
        (
            |w| {
                w.ad_hoc();
                offers(w, &["work-school"]);
            },
            "provider-not-offered",
        ),
        (
            |w| {
                w.ad_hoc();
                w.set("EnableAzureADB2BIntegration", true);
            },
            "sign-in-required",
        ),
        (
            |w| {
                w.ad_hoc();
                w.set("EnableAzureADB2BIntegration", true);
                offers(w, &["work-school"]);
            },
            "provider-not-offered",
        ),
    ]);
}

#[test]
fn whoever_signed_in_too_long_ago_signs_in_again() {
    fn ago(w: &mut World, seconds: i64) {
        w.person().authenticated_at = NOW.plus(-seconds);
    }
    const AGAIN: &str = "sign-in-again-required";
    check_all(&[
        (|w| ago(w, 1_000 * DAY), GRANT),
        (
            |w| {
                w.by_kind("email-otp");
                ago(w, DAY - 1);
            },
            GRANT,
        ),
        (
            |w| {
                w.by_kind("email-otp");
                ago(w, DAY);
            },
            AGAIN,
        ),
        (
            |w| {
                w.by_kind("email-otp");
                ago(w, -DAY);
            },
            GRANT,
        ),
        (
            |w| {
                w.ad_hoc();
                ago(w, 1_000 * DAY);
            },
            "allow link link",
        ),
        (
            |w| {
                w.ad_hoc();
                w.set("EmailAttestationRequired", true);
                ago(w, 30 * DAY - 1);
            },
            "allow link link",
        ),
        (
            |w| {
                w.ad_hoc();
                w.set("EmailAttestationRequired", true);
                ago(w, 30 * DAY);
            },
            AGAIN,
        ),
        (
            |w| {
                w.ad_hoc();
                w.set("EmailAttestationRequired", true);
                w.set("EmailAttestationReAuthDays", 15);
                ago(w, 15 * DAY);
            },
            AGAIN,
        ),
        // The directory's passcode is none of sharing's business.
        (
            |w| {
                w.by_kind("email-otp");
                w.set("EmailAttestationRequired", true);
                w.set("EmailAttestationReAuthDays", 1);
                ago(w, DAY - 1);
            },
            GRANT,
        ),
        (
            |w| {
                w.set("SignOutAfter", 60);
                w.principal.client.last_used = Some(NOW.plus(-59));
            },
            GRANT,
        ),
        (
            |w| {
                w.set("SignOutAfter", 60);
                w.principal.client.last_used = Some(NOW.plus(-60));
            },
            AGAIN,
        ),
        (
            |w| {
                w.set("SignOutAfter", 60);
                w.principal.client.last_used = None;
            },
            AGAIN,
        ),
        (
            |w| {
                w.set("SignOutAfter", 60);
                w.principal.client.last_used = None;
                w.who = As::Member;
            },
            AGAIN,
        ),
        (
            |w| {
                w.set("SignOutAfter", 60);
                w.principal.client.last_used = None;
                w.principal.client.managed_device = true;
            },
            GRANT,
        ),
        (
            |w| {
                w.ad_hoc();
                w.set("SignOutAfter", 60);
                w.principal.client.last_used = None;
            },
            AGAIN,
        ),
    ]);
}

#[test]
fn a_guest_needs_an_accepted_entry_of_this_identity() {
    check_all(&[
        (|w| w.who = As::Unknown, "not-in-directory"),
        (
            |w| w.guest.state = GuestState::PendingAcceptance,
            "invitation-not-redeemed",
        ),
        (|w| w.guest.identity = None, "invitation-not-redeemed"),
        (|w| w.guest.state = GuestState::Blocked, "guest-blocked"),
        (
            |w| w.guest.identity = Some(identity("gcc")),
            "identity-mismatch",
        ),
        (
            |w| w.person().key.subject = "eve".to_owned(),
            "identity-mismatch",
        ),
    ]);
}

#[test]
fn domain_lists_of_tenant_and_site_both_apply_at_access() {
    const MODE: &str = "SharingDomainRestrictionMode";
    fn tenant(w: &mut World, mode: &str, domain: &str) {
        w.set(MODE, mode);
        w.set("SharingAllowedDomainList", domain);
        w.set("SharingBlockedDomainList", domain);
    }
    fn site(w: &mut World, mode: &str, domain: &str) {
        w.set_site(MODE, mode);
        w.set_site("SharingAllowedDomainList", domain);
        w.set_site("SharingBlockedDomainList", domain);
    }
    const OWN: &str = "fabrikam.example";
    const OTHER: &str = "sub.fabrikam.example";
    check_all(&[
        (|w| tenant(w, "None", OWN), GRANT),
        (|w| tenant(w, "BlockList", OWN), "domain-blocked"),
        (|w| tenant(w, "BlockList", OTHER), GRANT),
        (|w| tenant(w, "AllowList", OWN), GRANT),
        (|w| tenant(w, "AllowList", OTHER), "domain-not-allowed"),
        (|w| site(w, "BlockList", OWN), "site-domain-blocked"),
        (|w| site(w, "BlockList", OTHER), GRANT),
        (|w| site(w, "AllowList", OWN), GRANT),
        (|w| site(w, "AllowList", OTHER), "site-domain-not-allowed"),
        (
            |w| {
                tenant(w, "BlockList", OWN);
                site(w, "BlockList", OWN);
            },
            "domain-blocked",
        ),
        (
            |w| {
                tenant(w, "BlockList", OWN);
                w.ad_hoc();
            },
            "domain-blocked",
        ),
        (
            |w| {
                tenant(w, "BlockList", OWN);
                w.who = As::Member;
            },
            GRANT,
        ),
        // The directory's own list leaves those alone who are in.
        (
            |w| {
                let policy = &mut w.tenant.directory.policy;
                policy.set("BlockedDomains", &Raw::text(OWN)).unwrap();
            },
            GRANT,
        ),
    ]);
    let mut world = world();
    site(&mut world, "AllowList", OTHER);
    let basis = Basis::new(MODE, Shown::Word("AllowList"), Source::Site);
    assert_eq!(world.entry("person", "domain-lists").basis, basis);
    tenant(&mut world, "BlockList", OTHER);
    site(&mut world, "AllowList", OWN);
    let basis = Basis::new(MODE, Shown::Word("BlockList"), Source::Tenant);
    assert_eq!(world.entry("person", "domain-lists").basis, basis);
}

#[test]
fn a_stamp_that_has_passed_ends_access_but_through_groups() {
    fn stamp(w: &mut World, end: UnixTime) {
        w.guest.expires.insert(site_id(), end);
    }
    fn through_group(w: &mut World) {
        w.in_groups(&["g1"]);
        let mut grant = super::world::permission("group-grant", crate::sharing::Role::Read);
        grant.recipient = Recipient::Group(super::world::group("g1"));
        w.permissions.push(grant);
    }
    check_all(&[
        (|w| stamp(w, NOW.plus(1)), GRANT),
        (|w| stamp(w, NOW), "guest-expired"),
        (
            |w| {
                stamp(w, NOW);
                w.guest.administers.insert(site_id());
            },
            GRANT,
        ),
        (
            |w| {
                let other = crate::id::SiteId::parse("q").unwrap();
                w.guest.expires.insert(other.clone(), NOW);
                w.guest.administers.insert(other);
            },
            GRANT,
        ),
        (
            |w| {
                stamp(w, NOW);
                let other = crate::id::SiteId::parse("q").unwrap();
                w.guest.administers.insert(other);
            },
            "guest-expired",
        ),
        // What a group has is the group's, and is all that is left.
        (
            |w| {
                stamp(w, NOW);
                through_group(w);
                w.permissions[0].id = crate::id::PermissionId::parse("a").unwrap();
            },
            "allow permission group-grant",
        ),
        (
            |w| {
                stamp(w, NOW);
                through_group(w);
                w.permissions[1].expires = Some(NOW);
            },
            "guest-expired",
        ),
        (
            |w| {
                stamp(w, NOW);
                w.only_link(super::world::link(
                    LinkScope::Users([address(ADA)].into()),
                    LinkType::View,
                ));
            },
            "guest-expired",
        ),
        (
            |w| {
                stamp(w, NOW);
                w.who = As::Member;
            },
            GRANT,
        ),
    ]);
}
