use gateway_core::person::InvitationManager::Directory;
use gateway_core::sharing::Role;
use gateway_store::model::Change;

use super::super::browser::Browser;
use super::super::world::World;
use super::{ada, granted, stored};
use crate::Endpoint;

const OF_ADA: &str = "ada@fabrikam.example";

async fn guest() -> World {
    let world = World::changed(stored).await;
    world
        .write(vec![
            Change::PutUser(Box::new(ada(Directory))),
            granted("one", OF_ADA, "projects", Role::Read, Directory),
        ])
        .await;
    world
}

#[tokio::test]
async fn a_guest_leaves_by_confirming_and_every_session_ends() {
    let world = guest().await;
    let (mut browser, mut elsewhere) = (Browser::new(&world), Browser::new(&world));
    for one in [&mut browser, &mut elsewhere] {
        one.let_in_as(OF_ADA, "work-school", "ada")
            .await
            .expect(303, "signed-in");
    }
    let page = browser
        .get(Endpoint::Leave, "")
        .await
        .expect(200, "leave-asked");
    assert!(page.body.contains("The contoso company") && page.body.contains(OF_ADA));
    assert!(
        world.entry(OF_ADA).await.is_some(),
        "asking changes nothing"
    );

    browser
        .post(Endpoint::Leave, &[])
        .await
        .expect(400, "bad-request");
    let gone = [("leave", "yes")];
    browser
        .post(Endpoint::Leave, &gone)
        .await
        .expect(200, "left");
    assert_eq!(world.entry(OF_ADA).await, None);
    assert!(browser.session().is_none() && elsewhere.session().is_none());
    assert_eq!(world.audited("User left organization").await.len(), 1);
    Browser::new(&world)
        .sign_in_as(OF_ADA, "work-school", "ada")
        .await
        .expect(403, "not-in-directory");
}

#[tokio::test]
async fn sec_051_nobody_elses_page_makes_a_guest_leave() {
    let world = guest().await;
    let mut browser = Browser::new(&world);
    browser
        .let_in_as(OF_ADA, "work-school", "ada")
        .await
        .expect(303, "signed-in");
    let mut visit = browser.posting(Endpoint::Leave, &[("leave", "yes")]);
    let evil = http::HeaderValue::from_static("https://evil.example");
    visit.headers.insert(http::header::ORIGIN, evil);
    browser.send(visit).await.expect(403, "cross-site-request");
    assert!(world.entry(OF_ADA).await.is_some());
}

#[tokio::test]
async fn only_guests_leave() {
    let world = guest().await;
    let mut stranger = Browser::new(&world);
    stranger
        .get(Endpoint::Leave, "")
        .await
        .expect(404, "not-found");
    let mut member = Browser::new(&world);
    member
        .sign_in_as("mia@contoso.example", "work-school", "mia")
        .await
        .expect(303, "signed-in");
    member
        .get(Endpoint::Leave, "")
        .await
        .expect(404, "not-found");
}

#[tokio::test]
async fn a_guest_who_is_brought_back_is_who_they_were() {
    let world = guest().await;
    let mut browser = Browser::new(&world);
    browser
        .let_in_as(OF_ADA, "work-school", "ada")
        .await
        .expect(303, "signed-in");
    let before = world.entry(OF_ADA).await.unwrap();
    world
        .write(vec![Change::DeleteUser(before.id.clone())])
        .await;
    Browser::new(&world)
        .sign_in_as(OF_ADA, "work-school", "ada")
        .await
        .expect(403, "not-in-directory");
    world
        .write(vec![Change::RestoreUser(before.id.clone())])
        .await;
    let after = world.entry(OF_ADA).await.unwrap();
    assert_eq!(after.redemption, before.redemption);
    // Nothing is asked again.
    Browser::new(&world)
        .sign_in_as(OF_ADA, "work-school", "ada")
        .await
        .expect(303, "signed-in");
}
