//! Providers are read again: attempts go on, or start over, and are never taken for another's.

use std::collections::BTreeMap;
use std::sync::Arc;

use gateway_config::model::Provider as Configured;
use gateway_core::id::ProviderId;

use super::browser::Browser;
use super::world::{World, provider_id, tenant_id};
use crate::provider::Provider;
use crate::visit::{Changed, Endpoint};

const ADA: &str = "ada@fabrikam.example";

impl World {
    /// Reads the providers again, changed; the instances go on but for those `reopened`.
    fn reread(
        &mut self,
        reopened: &[&str],
        change: impl FnOnce(&mut BTreeMap<ProviderId, Configured>),
    ) {
        let old = &self.sign_in;
        let mut configured = old.configuration.providers.clone();
        change(&mut configured);
        let mut providers = old.providers.clone();
        providers.retain(|id, _| configured.contains_key(id));
        for id in reopened {
            let again = super::scripted::Scripted::new(
                "work-school",
                Box::new(|input| super::scripted::work_school(input, "worldwide")),
            );
            providers.insert(provider_id(id), Arc::new(again) as Arc<dyn Provider>);
        }
        let changed = Changed {
            configuration: Arc::new(old.configuration.with_providers(configured)),
            providers,
            network: Arc::new(super::world::NoNetwork),
        };
        self.sign_in = Arc::new(old.with(changed));
    }
}

/// Begins a sign-in, reads the providers again, and comes back.
async fn check(
    reopened: &[&str],
    change: impl FnOnce(&mut BTreeMap<ProviderId, Configured>),
    status: u16,
    code: &str,
) {
    let mut world = World::new().await;
    let mut browser = Browser::new(&world);
    let state = browser.begin(ADA).await;
    let cookies = browser.cookies.clone();
    world.reread(reopened, change);
    let mut browser = Browser::new(&world);
    browser.cookies = cookies;
    browser
        .come_back("work-school", &format!("code=ada&state={state}"))
        .await
        .expect(status, code);
}

fn of<'a>(configured: &'a mut BTreeMap<ProviderId, Configured>, id: &str) -> &'a mut Configured {
    configured.get_mut(&provider_id(id)).unwrap()
}

#[tokio::test]
async fn an_attempt_goes_on_when_nothing_about_its_provider_changed() {
    check(&[], |_| {}, 200, "consent-asked").await;
}

#[tokio::test]
async fn an_attempt_goes_on_when_another_provider_changed() {
    let change = |configured: &mut BTreeMap<ProviderId, Configured>| {
        of(configured, "google").generation = "provider-2".to_owned();
        configured.remove(&provider_id("other"));
    };
    check(&[], change, 200, "consent-asked").await;
}

/// A secret may have been replaced, which is in no generation: the new instance goes on where the old one was.
#[tokio::test]
async fn an_attempt_goes_on_when_its_provider_was_opened_anew_from_the_same_file() {
    check(&["work-school"], |_| {}, 200, "consent-asked").await;
}

#[tokio::test]
async fn an_attempt_starts_over_when_its_provider_changed() {
    let change = |configured: &mut BTreeMap<ProviderId, Configured>| {
        of(configured, "work-school").generation = "provider-2".to_owned();
    };
    check(&["work-school"], change, 400, "attempt-stale").await;
}

#[tokio::test]
async fn sec_079_a_provider_that_is_switched_off_while_it_runs_refuses_everywhere() {
    let mut world = World::new().await;
    let mut browser = Browser::new(&world);
    let state = browser.begin(ADA).await;
    let cookies = browser.cookies.clone();
    let contoso = tenant_id("contoso");
    let id = || provider_id("work-school");
    assert!(world.sign_in.serves(&id(), &contoso));
    world.reread(&[], |configured| {
        of(configured, "work-school").tenants = Some([tenant_id("woodgrove")].into());
    });
    assert!(!world.sign_in.serves(&id(), &contoso));
    assert!(world.sign_in.serves(&provider_id("google"), &contoso));
    let mut browser = Browser::new(&world);
    browser.cookies = cookies;
    browser
        .come_back("work-school", &format!("code=ada&state={state}"))
        .await
        .expect(404, "not-found");
    for (endpoint, query) in [
        (Endpoint::Metadata(id()), ""),
        (Endpoint::Logout(id()), "sid=x"),
    ] {
        browser.get(endpoint, query).await.expect(404, "not-found");
    }
    let asked = [("address", ADA), ("provider", "work-school")];
    browser
        .post(Endpoint::SignIn, &asked)
        .await
        .expect(404, "not-found");
}

/// What is under way ends with the instance it began with.
#[tokio::test]
async fn the_old_instance_stays_as_long_as_a_visit_holds_it() {
    let mut world = World::new().await;
    let old = Arc::downgrade(&world.sign_in.providers[&provider_id("google")]);
    let visit = Arc::clone(&world.sign_in);
    world.providers.remove("google");
    world.reread(&[], |configured| {
        configured.remove(&provider_id("google"));
    });
    assert!(old.upgrade().is_some());
    drop(visit);
    assert!(old.upgrade().is_none());
}
