use gateway_store::model::{Change, UserEntry, UserType};

use super::super::browser::Browser;
use super::super::world::World;
use super::{member, stored};

#[tokio::test]
async fn a_member_who_signs_in_has_an_entry_afterwards_and_no_second_one() {
    let world = World::changed(stored).await;
    for _ in 0..2 {
        Browser::new(&world)
            .sign_in_as("mia@contoso.example", "work-school", "mia")
            .await
            .expect(303, "signed-in");
    }
    let entry = world.entry("mia@contoso.example").await.unwrap();
    assert_eq!(entry.user_type, UserType::Member);
    assert_eq!(entry.id.as_str(), "oid-mia");
    assert_eq!(world.audited("Add user").await.len(), 1);
}

#[tokio::test]
async fn a_member_who_was_blocked_or_deleted_does_not_come_in() {
    let blocked = UserEntry {
        account_enabled: false,
        ..member("mia")
    };
    for changes in [
        vec![Change::PutUser(Box::new(blocked))],
        vec![
            Change::PutUser(Box::new(member("mia"))),
            Change::DeleteUser(member("mia").id),
        ],
    ] {
        let world = World::changed(stored).await;
        world.write(changes).await;
        let mut browser = Browser::new(&world);
        browser
            .sign_in_as("mia@contoso.example", "work-school", "mia")
            .await
            .expect(403, "guest-blocked");
        assert!(browser.session().is_none());
    }
}

#[tokio::test]
async fn an_entry_of_a_member_is_no_invitation_for_passcodes() {
    let world = World::changed(stored).await;
    let of_mia = "mia@contoso.example";
    world
        .write(vec![
            Change::PutUser(Box::new(member("mia"))),
            super::mia_owns(),
        ])
        .await;
    let mut browser = Browser::new(&world);
    let chosen = [("address", of_mia), ("provider", "passcode")];
    let seen = browser.post(crate::Endpoint::SignIn, &chosen).await;
    assert_eq!(seen.code, "form-shown");
    assert_eq!(world.mailed(), Vec::<String>::new());
    let attempt = seen.attempt();
    let seen = browser.enter_code(&attempt, "12345678").await;
    assert_eq!(seen.status, 403, "{}", seen.body);
}
