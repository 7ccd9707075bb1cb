//! Who is let in, as whom, and why not.

use gateway_core::assertion::EmailProof;
use gateway_core::person::GuestState;
use gateway_core::settings::directory::InboundTrust;
use gateway_core::settings::words::SharingDomainRestrictionMode;
use gateway_core::settings::{Partner, SharingCapability};
use gateway_core::time::UnixTime;

use super::browser::Browser;
use super::scripted::FABRIKAM;
use super::world::{NOW, World, address, tenant_id};
use crate::Endpoint;

const TARGET: Option<&str> = Some("/sites/projects/Plan.docx?web=1");

#[tokio::test]
async fn a_guest_consents_once_and_comes_back_to_the_very_document() {
    let world = World::new().await;
    let mut browser = Browser::new(&world);
    let consent = browser
        .sign_in_as("Ada@Fabrikam.example", "work-school", "ada")
        .await
        .expect(200, "consent-asked");
    for told in [
        "The contoso company",
        "mia@contoso.example",
        "ada@fabrikam.example",
        "Ada Lovelace",
        "Decline",
    ] {
        assert!(consent.body.contains(told), "{told}: {}", consent.body);
    }
    assert!(
        !consent.body.contains('\u{202e}'),
        "no mark that turns text around"
    );
    assert!(
        browser.session().is_none(),
        "nobody is let in before the consent"
    );
    let attempt = consent.attempt();
    let seen = browser
        .post(
            Endpoint::SignIn,
            &[("attempt", &attempt), ("consent", "accept")],
        )
        .await;
    assert_eq!(seen.expect(303, "signed-in").location.as_deref(), TARGET);
    let person = browser.session().unwrap().person.unwrap();
    assert!(!person.member);
    assert_eq!(person.address, Some(address("ada@fabrikam.example")));
    assert_eq!(
        (person.proof, person.kind.as_str()),
        (EmailProof::DomainOwner, "work-school")
    );
    let guest = world.guest_by_identity(&person.key).await.unwrap();
    assert_eq!(guest.state, GuestState::Accepted);

    let mut elsewhere = Browser::new(&world);
    elsewhere.now = NOW.plus(3600);
    let state = elsewhere.begin("ada@fabrikam.example").await;
    let seen = elsewhere
        .come_back("work-school", &format!("code=ada&state={state}"))
        .await;
    assert_eq!(seen.expect(303, "signed-in").location.as_deref(), TARGET);
}

#[tokio::test]
async fn who_declines_stays_invited_and_is_not_kept() {
    let world = World::new().await;
    let mut browser = Browser::new(&world);
    let attempt = browser
        .sign_in_as("ada@fabrikam.example", "work-school", "ada")
        .await
        .attempt();
    let declined = [("attempt", attempt.as_str()), ("consent", "decline")];
    browser
        .post(Endpoint::SignIn, &declined)
        .await
        .expect(403, "consent-declined");
    assert!(browser.session().is_none());
    assert!(
        world
            .directory
            .store()
            .redemptions()
            .await
            .unwrap()
            .is_empty()
    );
    let ada = address("ada@fabrikam.example");
    let guest = world.guest_by_address(&ada).await.unwrap();
    assert_eq!(guest.state, GuestState::PendingAcceptance);
    let accepted = [("attempt", attempt.as_str()), ("consent", "accept")];
    browser
        .post(Endpoint::SignIn, &accepted)
        .await
        .expect(400, "attempt-unknown");
}

#[tokio::test]
async fn sec_091_consent_is_given_in_the_browser_that_signed_in() {
    let world = World::new().await;
    let mut browser = Browser::new(&world);
    let attempt = browser
        .sign_in_as("ada@fabrikam.example", "work-school", "ada")
        .await
        .attempt();
    let mut stranger = Browser::new(&world);
    let fields = [("attempt", attempt.as_str()), ("consent", "accept")];
    stranger
        .post(Endpoint::SignIn, &fields)
        .await
        .expect(400, "attempt-other-browser");
    assert!(stranger.session().is_none());
    browser
        .post(Endpoint::SignIn, &fields)
        .await
        .expect(303, "signed-in");
    browser
        .post(Endpoint::SignIn, &fields)
        .await
        .expect(400, "attempt-unknown");
}

#[tokio::test]
async fn consent_is_judged_by_what_holds_when_it_is_given() {
    let world = World::new().await;
    let mut browser = Browser::new(&world);
    let attempt = browser
        .sign_in_as("ada@fabrikam.example", "work-school", "ada")
        .await
        .attempt();
    let blocked = gateway_store::model::Revocation {
        what: gateway_store::model::Revoked::Guest(
            tenant_id("contoso"),
            address("ada@fabrikam.example"),
        ),
        at: NOW,
        until: None,
    };
    world.directory.revoke(blocked, Vec::new()).await.unwrap();
    let fields = [("attempt", attempt.as_str()), ("consent", "accept")];
    browser
        .post(Endpoint::SignIn, &fields)
        .await
        .expect(403, "guest-blocked");
    assert!(browser.session().is_none());
}

#[tokio::test]
async fn a_member_needs_no_invitation_and_no_consent() {
    let world = World::new().await;
    let mut browser = Browser::new(&world);
    browser
        .sign_in_as("mia@contoso.example", "work-school", "mia")
        .await
        .expect(303, "signed-in");
    let person = browser.session().unwrap().person.unwrap();
    assert!(person.member);
    assert_eq!(
        person.address,
        Some(address("mia@contoso.example")),
        "the organisation's own domain needs no proof"
    );
    assert_eq!(person.proof, EmailProof::None);
}

#[tokio::test]
async fn a_member_has_no_address_of_another_organisation_unproven() {
    let world = World::new().await;
    let mut browser = Browser::new(&world);
    browser
        .sign_in_as("mia@contoso.example", "work-school", "max")
        .await
        .expect(303, "signed-in");
    let person = browser.session().unwrap().person.unwrap();
    assert!(person.member);
    assert_eq!(person.address, None);
}

#[tokio::test]
async fn a_member_is_of_the_own_cloud_and_directory_by_a_work_account() {
    let world = World::new().await;
    let mut browser = Browser::new(&world);
    // The same tenant id, said by the authority of another cloud.
    browser
        .sign_in_as("sam@agency.example", "us-gov", "mia")
        .await
        .expect(403, "cloud-not-allowed");
    // An account of another organisation that has not proven its address.
    browser
        .sign_in_as("ada@fabrikam.example", "work-school", "eve")
        .await
        .expect(403, "address-not-proven");
    let world = World::changed(|configuration| {
        let provider = configuration
            .providers
            .get_mut(&super::world::provider_id("work-school"))
            .unwrap();
        provider.trust.kind = gateway_core::id::ProviderKind::parse("openid").unwrap();
    })
    .await;
    let mut browser = Browser::new(&world);
    browser
        .sign_in_as("ada@fabrikam.example", "work-school", "mia")
        .await
        .expect(403, "address-not-proven");
}

#[tokio::test]
async fn the_same_account_is_a_stranger_to_another_tenant() {
    let world = World::new().await;
    let mut browser = Browser::new(&world);
    browser.tenant = "woodgrove";
    // Woodgrove does not know contoso.example, so no provider claims it: the person chooses.
    let state = browser
        .post(Endpoint::SignIn, &[("address", "ada@fabrikam.example")])
        .await
        .state();
    browser
        .come_back("work-school", &format!("code=mia&state={state}"))
        .await
        .expect(403, "address-not-proven");
}

#[tokio::test]
async fn sec_074_an_address_that_is_merely_said_opens_nothing() {
    let world = World::new().await;
    let mut browser = Browser::new(&world);
    browser
        .sign_in_as("ada@fabrikam.example", "work-school", "eve")
        .await
        .expect(403, "address-not-proven");
    assert!(browser.session().is_none());
    assert!(
        world
            .directory
            .store()
            .redemptions()
            .await
            .unwrap()
            .is_empty()
    );
}

#[tokio::test]
async fn sec_094_an_account_of_another_cloud_is_refused_by_its_cloud() {
    let world = World::new().await;
    let mut browser = Browser::new(&world);
    browser
        .sign_in_as("sam@agency.example", "us-gov", "sam")
        .await
        .expect(403, "cloud-not-allowed");
    assert!(browser.session().is_none());
}

#[tokio::test]
async fn what_was_proven_counts_and_not_what_was_typed() {
    let world = World::new().await;
    let mut browser = Browser::new(&world);
    let seen = browser
        .sign_in_as("ada@fabrikam.example", "work-school", "bob")
        .await
        .expect(200, "consent-asked");
    assert!(
        seen.body.contains("bob@fabrikam.example") && !seen.body.contains("ada@fabrikam.example")
    );
}

#[tokio::test]
async fn sec_083_an_invitation_once_redeemed_belongs_to_that_identity() {
    let world = World::new().await;
    Browser::new(&world)
        .let_in_as("ada@fabrikam.example", "work-school", "ada")
        .await
        .expect(303, "signed-in");
    let mut again = Browser::new(&world);
    again
        .sign_in_as("ada@fabrikam.example", "work-school", "ada-again")
        .await
        .expect(403, "identity-mismatch");
}

#[tokio::test]
async fn sec_073_sec_078_what_a_provider_may_not_say_is_not_believed() {
    let world = World::new().await;
    for (who, code) in [
        ("foreign-issuer", "issuer-not-trusted"),
        ("nobody", "answer-invalid"),
    ] {
        let mut browser = Browser::new(&world);
        browser
            .sign_in_as("ada@fabrikam.example", "work-school", who)
            .await
            .expect(403, code);
        assert!(browser.session().is_none());
    }
}

#[tokio::test]
async fn somebody_not_invited_is_told_so_after_signing_in() {
    let world = World::changed(|configuration| {
        let tenant = configuration
            .tenants
            .get_mut(&tenant_id("contoso"))
            .unwrap();
        tenant
            .guests
            .retain(|guest| guest.address != address("bob@fabrikam.example"));
    })
    .await;
    let mut browser = Browser::new(&world);
    browser
        .sign_in_as("bob@fabrikam.example", "work-school", "bob")
        .await
        .expect(403, "not-in-directory");
}

#[tokio::test]
async fn the_rules_of_redemption_name_their_own_reasons() {
    let world = World::changed(|configuration| {
        let tenant = configuration
            .tenants
            .get_mut(&tenant_id("contoso"))
            .unwrap();
        tenant.settings.sharing.capability = SharingCapability::ExistingExternalUserSharingOnly;
    })
    .await;
    let mut browser = Browser::new(&world);
    browser
        .sign_in_as("ada@fabrikam.example", "work-school", "ada")
        .await
        .expect(403, "new-guests-not-allowed");

    let world = World::changed(|configuration| {
        let tenant = configuration
            .tenants
            .get_mut(&tenant_id("contoso"))
            .unwrap();
        let domain = address("ada@fabrikam.example").domain().clone();
        let sharing = &mut tenant.settings.sharing;
        sharing.domain_mode = SharingDomainRestrictionMode::BlockList;
        sharing.blocked_domains.0 = [domain].into();
    })
    .await;
    let mut browser = Browser::new(&world);
    browser
        .sign_in_as("ada@fabrikam.example", "work-school", "ada")
        .await
        .expect(403, "domain-blocked");
}

#[tokio::test]
async fn sec_081_an_invitation_is_dead_at_its_end() {
    let check = async |expires: UnixTime, status: u16, code: &str| {
        static ENDS: std::sync::Mutex<Option<UnixTime>> = std::sync::Mutex::new(None);
        *ENDS.lock().unwrap() = Some(expires);
        let world = World::changed(|configuration| {
            let tenant = configuration
                .tenants
                .get_mut(&tenant_id("contoso"))
                .unwrap();
            tenant
                .guests
                .iter_mut()
                .for_each(|guest| guest.invitation_expires = *ENDS.lock().unwrap());
        })
        .await;
        let mut browser = Browser::new(&world);
        browser
            .sign_in_as("ada@fabrikam.example", "work-school", "ada")
            .await
            .expect(status, code);
    };
    check(NOW.plus(1), 200, "consent-asked").await;
    check(NOW, 403, "invitation-expired").await;
}

#[tokio::test]
async fn nobody_is_asked_for_consent_where_both_organisations_suppress_it() {
    let world = World::changed(|configuration| {
        let tenant = configuration
            .tenants
            .get_mut(&tenant_id("contoso"))
            .unwrap();
        let partner = Partner {
            cloud: tenant.settings.cloud.clone(),
            inbound: true,
            reciprocated: true,
            trust: InboundTrust::default(),
            automatic_redemption: true,
            automatic_redemption_at_home: true,
        };
        let partners = &mut tenant.settings.directory.cross_tenant.partners;
        partners.insert(FABRIKAM.to_owned(), partner);
    })
    .await;
    let mut browser = Browser::new(&world);
    let seen = browser
        .sign_in_as("ada@fabrikam.example", "work-school", "ada")
        .await;
    assert_eq!(seen.expect(303, "signed-in").location.as_deref(), TARGET);
    let person = browser.session().unwrap().person.unwrap();
    let guest = world.guest_by_identity(&person.key).await.unwrap();
    assert_eq!(guest.state, GuestState::Accepted);
}

#[tokio::test]
async fn terms_of_use_are_accepted_together_with_the_invitation() {
    const TERMS: &str = "accept the terms of use";
    let world = World::new().await;
    let page = Browser::new(&world)
        .sign_in_as("ada@fabrikam.example", "work-school", "ada")
        .await;
    assert!(!page.body.contains(TERMS));
    let world = World::changed(|configuration| {
        let tenant = configuration
            .tenants
            .get_mut(&tenant_id("contoso"))
            .unwrap();
        tenant.settings.directory.policy.terms_of_use = true;
    })
    .await;
    let page = Browser::new(&world)
        .sign_in_as("ada@fabrikam.example", "work-school", "ada")
        .await
        .expect(200, "consent-asked");
    assert!(page.body.contains(TERMS), "{}", page.body);
}

/// What one identity proved is no other's: a proof stands with who gave it, from the provider's answer to the session.
#[tokio::test]
async fn sec_076_a_proof_belongs_to_the_identity_that_gave_it() {
    let world = World::new().await;
    // The mailbox is shown, in this very browser; and then an account that proves no address comes, for the same one.
    let mut browser = Browser::new(&world);
    let attempt = browser.ask_code("pat@nowhere.example").await;
    let consent = browser.enter_code(&attempt, "12345678").await;
    consent.expect(200, "consent-asked");
    let stranger = browser
        .sign_in_by("pat@nowhere.example", "partner", "unproven")
        .await;
    stranger.expect(403, "address-not-proven");
    let pat = address("pat@nowhere.example");
    assert!(
        world
            .guest_by_address(&pat)
            .await
            .unwrap()
            .identity
            .is_none()
    );
    // Two sign-ins of one browser wait for consent: each binds its own identity, by its own proof.
    let mut both = Browser::new(&world);
    let ada = both.sign_in_as("ada@fabrikam.example", "work-school", "ada");
    let ada = ada.await.expect(200, "consent-asked").attempt();
    let bob = both.sign_in_as("bob@fabrikam.example", "work-school", "bob");
    let bob = bob.await.expect(200, "consent-asked").attempt();
    let accept = |attempt: &str| {
        [
            ("attempt", attempt.to_owned()),
            ("consent", "accept".to_owned()),
        ]
    };
    for (attempt, subject, proven) in [
        (&bob, "oid-bob", "bob@fabrikam.example"),
        (&ada, "oid-ada", "ada@fabrikam.example"),
    ] {
        let fields = accept(attempt);
        let fields = fields
            .each_ref()
            .map(|(name, value)| (*name, value.as_str()));
        let seen = both.post(Endpoint::SignIn, &fields).await;
        seen.expect(303, "signed-in");
        let person = both.session().unwrap().person.unwrap();
        assert_eq!(person.key.subject, subject);
        assert_eq!(person.address, Some(address(proven)));
        assert_eq!(person.proof, EmailProof::DomainOwner);
        let bound = world.guest_by_address(&address(proven)).await.unwrap();
        assert_eq!(bound.identity.unwrap().subject, subject);
    }
    // The same proof, said of another subject, does not get in as the one that is bound.
    let mut other = Browser::new(&world);
    let again = other.sign_in_as("ada@fabrikam.example", "work-school", "ada-again");
    again.await.expect(403, "identity-mismatch");
}
