//! With which provider somebody redeems: the directory's order, what it falls back to, and what sticks.

use gateway_config::model::Configuration;
use gateway_core::settings::directory::{Federation, PrimaryOrder};
use gateway_core::settings::words::{FallbackIdentityProvider, PrimaryIdentityProvider};

use super::browser::{Browser, Seen};
use super::scripted::FABRIKAM;
use super::world::{World, address, provider_id};
use crate::Endpoint;

use FallbackIdentityProvider as Fallback;
use PrimaryIdentityProvider as Primary;

const ADA: &str = "ada@fabrikam.example";

/// Fabrikam is home to a federation as well, and anybody may have a Microsoft account.
fn federated(configuration: &mut Configuration) {
    let domain = address(ADA).domain().clone();
    let issuer = format!("https://login.partner.example/{FABRIKAM}/v2.0");
    for tenant in configuration.tenants.values_mut() {
        tenant.settings.directory.federations = vec![Federation {
            provider: Some(provider_id("partner")),
            issuer: issuer.clone(),
            domains: [domain.clone()].into(),
            endpoint: String::new(),
            dns_text: None,
        }];
    }
    let partner = configuration.providers.get_mut(&provider_id("partner"));
    partner.unwrap().offer.home_domains.insert(domain);
    let microsoft = configuration.providers.get_mut(&provider_id("microsoft"));
    let offer = &mut microsoft.unwrap().offer;
    (offer.any_domain, offer.order) = (true, 95);
}

fn order(configuration: &mut Configuration, primary: &[Primary], fallback: Fallback) {
    for tenant in configuration.tenants.values_mut() {
        let policy = &mut tenant.settings.directory.policy;
        policy.primary_order = PrimaryOrder(primary.to_vec());
        policy.fallback = fallback;
    }
}

fn federation_first(configuration: &mut Configuration) {
    federated(configuration);
    let primary = [Primary::ExternalFederation, Primary::AzureActiveDirectory];
    order(configuration, &primary, Fallback::DefaultConfiguredIdp);
}

/// Where the browser was sent: a host, or the form of the passcode.
fn sent_to(seen: &Seen) -> String {
    match (&seen.location, seen.code) {
        (Some(location), "provider-asked") => {
            let url = url::Url::parse(location).unwrap();
            url.host_str().unwrap().to_owned()
        }
        (_, code) => code.to_owned(),
    }
}

#[tokio::test]
async fn the_directorys_order_decides_between_those_that_are_home() {
    let check = async |change: super::world::Change, who: &str, want: &str| {
        let world = World::changed(change).await;
        let seen = Browser::new(&world).type_address(who).await;
        assert_eq!(sent_to(&seen), want, "{who}");
    };
    check(federated, ADA, "login.worldwide.example").await;
    check(federation_first, ADA, "login.partner.example").await;
    // Those left out are not tried: what is left is what the directory falls back to.
    let social = |configuration: &mut Configuration| {
        federated(configuration);
        order(
            configuration,
            &[Primary::SocialIdentityProviders],
            Fallback::EmailOneTimePasscode,
        );
    };
    check(social, ADA, "form-shown").await;
    check(social, "gina@gmail.com", "login.google.example").await;
    let nobody = |configuration: &mut Configuration| {
        federated(configuration);
        order(configuration, &[], Fallback::MicrosoftAccount);
    };
    check(nobody, ADA, "login.microsoft.example").await;
    check(nobody, "gina@gmail.com", "login.microsoft.example").await;
    check(nobody, "pat@nowhere.example", "login.microsoft.example").await;
}

#[tokio::test]
async fn what_is_fallen_back_to_is_all_that_is_offered() {
    let check = async |change: super::world::Change, code: bool, account: bool| {
        let world = World::changed(change).await;
        let seen = Browser::new(&world)
            .type_address("pat@nowhere.example")
            .await;
        let page = sent_to(&seen) == "form-shown";
        assert_eq!(page, code, "{}", seen.body);
        let offered = seen.body.contains("value=\"microsoft\"");
        assert_eq!(offered, page && account, "{}", seen.body);
    };
    // Nobody can be asked whether there is such an account: it may be chosen.
    check(federated, true, true).await;
    check(
        |configuration| {
            federated(configuration);
            order(configuration, Primary::ALL, Fallback::EmailOneTimePasscode);
        },
        true,
        false,
    )
    .await;
    check(
        |configuration| {
            federated(configuration);
            order(configuration, Primary::ALL, Fallback::MicrosoftAccount);
        },
        false,
        true,
    )
    .await;
}

#[tokio::test]
async fn nobody_redeems_past_the_order_by_asking_for_another_provider() {
    let world = World::changed(federation_first).await;
    let mut browser = Browser::new(&world);
    let seen = browser
        .sign_in_by(ADA, "work-school", "ada")
        .await
        .expect(403, "provider-not-offered");
    assert!(seen.body.contains("value=\"partner\""), "{}", seen.body);
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
async fn typing_another_address_does_not_get_round_the_home_of_ones_own() {
    // Takes any domain and proves any address; fabrikam.example is at home elsewhere.
    let world = World::changed(|configuration| {
        let open = configuration
            .providers
            .get_mut(&provider_id("partner"))
            .unwrap();
        open.trust.kind = gateway_core::id::ProviderKind::parse("openid").unwrap();
        (open.offer.any_domain, open.offer.order) = (true, 1);
    })
    .await;
    let mut browser = Browser::new(&world);
    browser
        .sign_in_as("pat@nowhere.example", "partner", "ada")
        .await
        .expect(403, "provider-not-offered");
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
async fn an_alias_that_was_typed_does_not_keep_the_invited_account_out() {
    let world = World::new().await;
    let mut browser = Browser::new(&world);
    browser
        .sign_in_by("alias@nowhere.example", "work-school", "ada")
        .await
        .expect(200, "consent-asked");
}

#[tokio::test]
async fn who_redeemed_stays_with_the_provider_whatever_the_order_says_later() {
    let world = World::new().await;
    Browser::new(&world)
        .let_in_as(ADA, "work-school", "ada")
        .await
        .expect(303, "signed-in");
    let world = world.restarted(federation_first).await;
    let mut browser = Browser::new(&world);
    // Everybody of the domain is sent to the federation; who came in before is told after showing who they are.
    let seen = browser
        .sign_in_as(ADA, "partner", "ada")
        .await
        .expect(403, "identity-mismatch");
    for told in ["with a work or school account", "value=\"work-school\""] {
        assert!(seen.body.contains(told), "{told}: {}", seen.body);
    }
    let mut stranger = Browser::new(&world);
    let seen = stranger
        .sign_in_as(ADA, "partner", "eve")
        .await
        .expect(403, "address-not-proven");
    assert!(!seen.body.contains("work or school"), "{}", seen.body);
    browser
        .sign_in_by(ADA, "work-school", "ada")
        .await
        .expect(303, "signed-in");
}

#[tokio::test]
async fn consent_is_kept_per_provider() {
    let world = World::new().await;
    Browser::new(&world)
        .let_in_as(ADA, "work-school", "ada")
        .await
        .expect(303, "signed-in");
    let kept = world.directory.store().redemptions().await.unwrap();
    assert_eq!(kept.len(), 1);
    assert_eq!(kept[0].identity.provider, provider_id("work-school"));
    // The same person at another provider has consented to nothing, and is nobody who redeemed.
    let elsewhere = gateway_core::person::IdentityKey {
        provider: provider_id("partner"),
        ..kept[0].identity.clone()
    };
    let known = world.guest_by_identity(&kept[0].identity).await;
    assert!(known.is_some());
    assert!(world.guest_by_identity(&elsewhere).await.is_none());
}

#[tokio::test]
async fn somebody_whose_address_may_be_two_accounts_says_which() {
    let world = World::changed(|configuration| {
        let microsoft = configuration.providers.get_mut(&provider_id("microsoft"));
        let home = address(ADA).domain().clone();
        microsoft.unwrap().offer.home_domains.insert(home);
    })
    .await;
    let mut bodies = Vec::new();
    for who in ["ada", "xyz"] {
        let mut browser = Browser::new(&world);
        let typed = format!("{who}@fabrikam.example");
        let seen = browser
            .type_address(&typed)
            .await
            .expect(200, "account-choice-asked");
        for offered in ["work-school", "microsoft"] {
            let button = format!("name=\"provider\" value=\"{offered}\"");
            assert!(seen.body.contains(&button), "{}", seen.body);
        }
        bodies.push(seen.body.replace(&format!("{who}@"), "WHO@"));
        for (chosen, host) in [
            ("work-school", "login.worldwide.example"),
            ("microsoft", "login.microsoft.example"),
        ] {
            let fields = [("address", typed.as_str()), ("provider", chosen)];
            let seen = browser.post(Endpoint::SignIn, &fields).await;
            assert_eq!(sent_to(&seen), host);
        }
    }
    assert_eq!(bodies[0], bodies[1], "whoever it is");
}

#[tokio::test]
async fn sec_149_the_order_tells_nobody_who_was_invited() {
    for (change, provider) in [
        (federated as super::world::Change, "work-school"),
        (federation_first, "partner"),
    ] {
        let world = World::changed(change).await;
        Browser::new(&world)
            .let_in_as("bob@fabrikam.example", provider, "bob")
            .await
            .expect(303, "signed-in");
        for domain in ["fabrikam.example", "nowhere.example"] {
            let mut seen = Vec::new();
            for who in ["ada", "bob", "pat", "xyz"] {
                let mut browser = Browser::new(&world);
                let typed = format!("{who}@{domain}");
                seen.push(sent_to(&browser.type_address(&typed).await));
            }
            assert!(seen.iter().all(|one| *one == seen[0]), "{domain}: {seen:?}");
        }
    }
}

/// Of what the tenant has set up, these kinds were given up.
fn given_up(configuration: &mut Configuration, kinds: &[&str]) {
    federated(configuration);
    for tenant in configuration.tenants.values_mut() {
        let kinds = kinds.iter();
        let kinds = kinds.map(|kind| gateway_core::id::ProviderKind::parse(kind).unwrap());
        tenant.settings.directory.given_up.extend(kinds);
    }
}

#[tokio::test]
async fn what_was_given_up_is_neither_offered_nor_taken() {
    let contoso = super::world::tenant_id("contoso");
    let google = provider_id("google");
    let world = World::changed(federated).await;
    assert!(world.sign_in.serves(&google, &contoso));
    let world = World::changed(|configuration| given_up(configuration, &["google"])).await;
    let mut browser = Browser::new(&world);
    let seen = browser.type_address("gina@gmail.com").await;
    assert_eq!(sent_to(&seen), "form-shown", "a code instead");
    // Sessions by it are not honoured, and nobody who asks for it by name is sent there.
    assert!(!world.sign_in.serves(&google, &contoso));
    let asked = [("address", "gina@gmail.com"), ("provider", "google")];
    let refused = browser.post(Endpoint::SignIn, &asked).await;
    refused.expect(404, "not-found");

    let both = |configuration: &mut Configuration| {
        given_up(configuration, &["google", "microsoft-account"]);
    };
    let world = World::changed(both).await;
    let seen = Browser::new(&world)
        .type_address("pat@nowhere.example")
        .await;
    assert_eq!(sent_to(&seen), "form-shown");
    assert!(!seen.body.contains("value=\"microsoft\""), "{}", seen.body);
}

#[tokio::test]
async fn a_federation_that_was_deleted_speaks_for_nobody() {
    let deleted = |configuration: &mut Configuration| {
        federation_first(configuration);
        for tenant in configuration.tenants.values_mut() {
            tenant.settings.directory.federations.clear();
        }
    };
    let world = World::changed(federation_first).await;
    let seen = Browser::new(&world).type_address(ADA).await;
    assert_eq!(sent_to(&seen), "login.partner.example");
    let world = World::changed(deleted).await;
    let seen = Browser::new(&world).type_address(ADA).await;
    assert_ne!(sent_to(&seen), "login.partner.example");
    let mut browser = Browser::new(&world);
    let back = browser.sign_in_by(ADA, "partner", "ada").await;
    assert_eq!(back.status, 403, "{}", back.code);
}
