use gateway_core::person::InvitationManager::{Directory, Sharing};

use gateway_store::model::Change;

use super::super::browser::Browser;
use super::super::world::{NOW, World};
use super::{ada, invitation, linked, mia_owns, stored, without_integration};

const OF_PAT: &str = "pat@nowhere.example";

#[tokio::test]
async fn whom_a_link_names_opens_it_by_sharings_own_passcode_and_gets_no_entry() {
    let world = World::changed(without_integration).await;
    world.write(vec![linked("pats", OF_PAT, Sharing)]).await;
    let mut browser = Browser::new(&world);
    let asked = browser.type_address(OF_PAT).await.expect(200, "form-shown");
    assert!(
        asked.body.contains("gets no entry in the directory"),
        "{}",
        asked.body
    );
    assert_eq!(world.mailed(), [OF_PAT]);
    let attempt = asked.attempt();
    browser
        .enter_code(&attempt, "12345678")
        .await
        .expect(303, "signed-in");
    assert_eq!(browser.session().unwrap().expires, NOW.plus(48 * 3600));
    assert_eq!(world.entry(OF_PAT).await, None);
    assert_eq!(world.directory.store().redemptions().await.unwrap(), []);
}

#[tokio::test]
async fn with_the_integration_the_directorys_passcode_makes_a_guest_of_them() {
    let world = World::changed(stored).await;
    world
        .write(vec![mia_owns(), linked("pats", OF_PAT, Sharing)])
        .await;
    let mut browser = Browser::new(&world);
    let asked = browser.type_address(OF_PAT).await.expect(200, "form-shown");
    assert!(!asked.body.contains("gets no entry in the directory"));
    assert_eq!(world.mailed(), [OF_PAT]);
    let attempt = asked.attempt();
    let consent = browser.enter_code(&attempt, "12345678").await;
    let attempt = consent.expect(200, "consent-asked").attempt();
    let accepted = [("attempt", attempt.as_str()), ("consent", "accept")];
    browser
        .post(crate::Endpoint::SignIn, &accepted)
        .await
        .expect(303, "signed-in");
    let entry = world.entry(OF_PAT).await.unwrap();
    assert_eq!(entry.manager, Directory);
    assert_eq!(browser.session().unwrap().expires, NOW.plus(24 * 3600));
}

#[tokio::test]
async fn no_passcode_is_mailed_for_a_link_whose_creator_may_share_no_more() {
    let world = World::changed(stored).await;
    world.write(vec![linked("pats", OF_PAT, Sharing)]).await;
    let mut browser = Browser::new(&world);
    browser.type_address(OF_PAT).await.expect(200, "form-shown");
    assert_eq!(world.mailed(), Vec::<String>::new());
}

#[tokio::test]
async fn whoever_is_invited_is_sent_a_passcode_before_anything_is_shared() {
    let world = World::changed(stored).await;
    let pat = gateway_store::model::UserEntry {
        address: super::address(OF_PAT),
        ..ada(Directory)
    };
    world.write(vec![Change::PutUser(Box::new(pat))]).await;
    let mut browser = Browser::new(&world);
    browser.type_address(OF_PAT).await.expect(200, "form-shown");
    assert_eq!(
        world.mailed(),
        Vec::<String>::new(),
        "who has an entry only holds nothing"
    );
    world
        .write(vec![invitation(super::PROJECTS, "projects", Directory)])
        .await;
    Browser::new(&world)
        .type_address(OF_PAT)
        .await
        .expect(200, "form-shown");
    assert_eq!(world.mailed(), [OF_PAT]);
}
