//! Sharing's own passcodes: nothing is redeemed, and nobody gets an entry.

use gateway_config::model::Configuration;
use gateway_core::person::InvitationManager;
use gateway_core::settings::SharingCapability;
use gateway_core::settings::words::{EmailOtp, SharingDomainRestrictionMode};

use super::browser::Browser;
use super::world::{NOW, World, address, tenant_id};

/// Contoso without the integration: what was shared, sharing's own manager invited for.
fn without_integration(configuration: &mut Configuration) {
    let tenant = configuration
        .tenants
        .get_mut(&tenant_id("contoso"))
        .unwrap();
    tenant.settings.sharing.integration = Some(false);
    for guest in &mut tenant.guests {
        guest.manager = InvitationManager::Sharing;
    }
    for permission in &mut tenant.permissions {
        permission.manager = InvitationManager::Sharing;
    }
}

#[tokio::test]
async fn without_the_integration_a_code_lets_in_without_consent_and_without_an_entry() {
    let world = World::changed(without_integration).await;
    let mut browser = Browser::new(&world);
    let attempt = browser.ask_code("pat@nowhere.example").await;
    assert_eq!(world.mailed(), ["pat@nowhere.example"]);
    browser
        .enter_code(&attempt, "12345678")
        .await
        .expect(303, "signed-in");
    let session = browser.session().unwrap();
    assert_eq!(
        session.expires,
        NOW.plus(48 * 3600),
        "the mailbox is proven anew when the tenant says so"
    );
    let person = session.person.unwrap();
    assert_eq!(person.address, Some(address("pat@nowhere.example")));
    assert!(!person.member);
    assert_eq!(world.directory.store().redemptions().await.unwrap(), []);
    assert_eq!(world.guest_by_identity(&person.key).await, None);
}

#[tokio::test]
async fn without_the_integration_other_ways_are_redeemed_as_ever() {
    let world = World::changed(without_integration).await;
    Browser::new(&world)
        .sign_in_as("ada@fabrikam.example", "work-school", "ada")
        .await
        .expect(200, "consent-asked");
}

#[tokio::test]
async fn sharings_own_passcodes_do_not_depend_on_the_directorys() {
    let world = World::changed(|configuration| {
        without_integration(configuration);
        let tenant = configuration
            .tenants
            .get_mut(&tenant_id("contoso"))
            .unwrap();
        tenant.settings.directory.policy.email_otp = EmailOtp::Disabled;
    })
    .await;
    let mut browser = Browser::new(&world);
    let attempt = browser.ask_code("pat@nowhere.example").await;
    browser
        .enter_code(&attempt, "12345678")
        .await
        .expect(303, "signed-in");
}

#[tokio::test]
async fn sharings_own_passcodes_are_mailed_only_to_those_who_may_come_in() {
    let check = async |change: super::world::Change| {
        let world = World::changed(change).await;
        let mut browser = Browser::new(&world);
        browser.ask_code("pat@nowhere.example").await;
        assert!(world.mailed().is_empty());
    };
    check(|configuration| {
        without_integration(configuration);
        let tenant = configuration
            .tenants
            .get_mut(&tenant_id("contoso"))
            .unwrap();
        let level = SharingCapability::ExistingExternalUserSharingOnly;
        tenant.settings.sharing.capability = level;
    })
    .await;
    check(|configuration| {
        without_integration(configuration);
        let tenant = configuration
            .tenants
            .get_mut(&tenant_id("contoso"))
            .unwrap();
        let sharing = &mut tenant.settings.sharing;
        sharing.domain_mode = SharingDomainRestrictionMode::AllowList;
    })
    .await;
    check(|configuration| {
        without_integration(configuration);
        let tenant = configuration
            .tenants
            .get_mut(&tenant_id("contoso"))
            .unwrap();
        let home = gateway_core::id::CloudName::parse("gcc-high").unwrap();
        let domain = address("pat@nowhere.example").domain().clone();
        let homes = &mut tenant.settings.directory.domain_homes;
        homes.insert(domain, [home].into());
    })
    .await;
}
