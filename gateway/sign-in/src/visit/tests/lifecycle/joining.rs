use gateway_core::person::InvitationManager::{self, Directory, Sharing};
use gateway_core::sharing::Role;
use gateway_store::model::Change;

use super::super::browser::{Browser, Seen};
use super::super::world::{World, address, tenant_id};
use super::{ADA, ARCHIVE, PROJECTS, ada, granted, invitation, stored, without_integration};
use crate::Endpoint;

const OF_ADA: &str = "ada@fabrikam.example";

/// Two sites invite Ada.
async fn invited(world: &World, manager: InvitationManager) {
    world
        .write(vec![
            Change::PutUser(Box::new(ada(manager))),
            invitation(PROJECTS, "projects", manager),
            invitation(ARCHIVE, "archive", manager),
            granted("one", OF_ADA, "projects", Role::Read, manager),
            granted("two", OF_ADA, "archive", Role::Read, manager),
        ])
        .await;
}

fn page(id: &str) -> Endpoint {
    Endpoint::Invitation(id.to_owned())
}

/// From the page of an invitation to the consent page.
async fn follow(browser: &mut Browser<'_>, id: &str) -> Seen {
    let return_to = format!("/_vestibule/invitation/{id}");
    let shown = browser
        .get(page(id), "")
        .await
        .expect(200, "invitation-shown");
    assert!(shown.body.contains(OF_ADA), "{}", shown.body);
    assert!(shown.body.contains(&return_to), "{}", shown.body);
    let fields = [("address", OF_ADA), ("return_to", &return_to)];
    let state = browser.post(Endpoint::SignIn, &fields).await.state();
    let query = format!("code=ada&state={state}");
    browser.come_back("work-school", &query).await
}

async fn accept(browser: &mut Browser<'_>, consent: Seen) -> Seen {
    let attempt = consent.expect(200, "consent-asked").attempt();
    let fields = [("attempt", attempt.as_str()), ("consent", "accept")];
    browser.post(Endpoint::SignIn, &fields).await
}

#[tokio::test]
async fn sharings_own_manager_makes_an_entry_at_redemption_and_an_invitation_for_every_site() {
    let world = World::changed(without_integration).await;
    invited(&world, Sharing).await;
    assert!(!world.entry(OF_ADA).await.unwrap().has_entry());
    let mut browser = Browser::new(&world);
    let consent = follow(&mut browser, PROJECTS).await;
    assert!(
        consent.body.contains("Accept what was shared with you"),
        "{}",
        consent.body
    );
    let done = accept(&mut browser, consent).await.expect(303, "signed-in");
    let back = format!("/_vestibule/invitation/{PROJECTS}");
    assert_eq!(done.location.as_deref(), Some(back.as_str()));
    let on = browser
        .get(page(PROJECTS), "")
        .await
        .expect(303, "invitation-opened");
    assert_eq!(on.location.as_deref(), Some("/sites/projects"));

    let entry = world.entry(OF_ADA).await.unwrap();
    assert!(entry.has_entry() && entry.redemption.is_some());
    assert_eq!((entry.id.as_str(), entry.manager), (ADA, Sharing));
    assert_eq!(world.open().await, [ARCHIVE], "the other site's stays");

    // Ada is known now: the other site's is taken up by signing in again, without being asked anything.
    let mut later = Browser::new(&world);
    follow(&mut later, ARCHIVE).await.expect(303, "signed-in");
    assert_eq!(world.open().await, Vec::<String>::new());
    assert_eq!(world.audited("SharingInvitationAccepted").await.len(), 2);
}

#[tokio::test]
async fn the_directorys_entry_is_there_at_once_and_is_accepted_for_all_sites() {
    let world = World::changed(stored).await;
    invited(&world, Directory).await;
    let before = world.entry(OF_ADA).await.unwrap();
    assert!(before.has_entry() && before.redemption.is_none());
    let mut browser = Browser::new(&world);
    let consent = follow(&mut browser, PROJECTS).await;
    assert!(
        consent.body.contains("invites you as a guest"),
        "{}",
        consent.body
    );
    accept(&mut browser, consent).await.expect(303, "signed-in");
    let after = world.entry(OF_ADA).await.unwrap();
    assert_eq!((&after.id, after.manager), (&before.id, Directory));
    assert!(after.redemption.is_some());
    assert_eq!(world.open().await, Vec::<String>::new());

    let records = world.audited("SharingInvitationAccepted").await;
    let record = records.first().unwrap().body.to_string();
    assert!(
        record.contains("InvitedAddress") && record.contains(OF_ADA),
        "{record}"
    );
}

#[tokio::test]
async fn looking_at_an_invitation_uses_nothing_up() {
    let world = World::changed(stored).await;
    invited(&world, Directory).await;
    let mut scanner = Browser::new(&world);
    for _ in 0..30 {
        scanner
            .get(page(PROJECTS), "")
            .await
            .expect(200, "invitation-shown");
    }
    assert!(scanner.cookies.is_empty(), "{:?}", scanner.cookies);
    assert_eq!(world.open().await.len(), 2);
    let mut browser = Browser::new(&world);
    let consent = follow(&mut browser, PROJECTS).await;
    accept(&mut browser, consent).await.expect(303, "signed-in");
}

#[tokio::test]
async fn sec_169_an_invitation_that_is_none_looks_like_any_other_but_for_the_address() {
    let world = World::changed(stored).await;
    invited(&world, Directory).await;
    let mut browser = Browser::new(&world);
    for id in [&PROJECTS.replace('0', "9"), "7", "../x"] {
        let shown = browser
            .get(page(id), "")
            .await
            .expect(200, "invitation-shown");
        assert!(
            shown.body.contains("The address that was invited"),
            "{}",
            shown.body
        );
        assert!(!shown.body.contains(OF_ADA));
    }
    for _ in 0..20 {
        browser.get(page("8"), "").await;
    }
    browser
        .get(page("9"), "")
        .await
        .expect(429, "too-many-attempts");
}

#[tokio::test]
async fn of_two_who_redeem_at_once_one_wins() {
    for (change, manager) in [
        (stored as super::super::world::Change, Directory),
        (without_integration, Sharing),
    ] {
        let world = World::changed(change).await;
        invited(&world, manager).await;
        let (mut one, mut other) = (Browser::new(&world), Browser::new(&world));
        let ones = one.sign_in_as(OF_ADA, "work-school", "ada").await.attempt();
        let others = other
            .sign_in_as(OF_ADA, "work-school", "ada-again")
            .await
            .attempt();
        let (ones, others) = (
            [("attempt", ones.as_str()), ("consent", "accept")],
            [("attempt", others.as_str()), ("consent", "accept")],
        );
        let (first, second) = tokio::join!(
            one.post(Endpoint::SignIn, &ones),
            other.post(Endpoint::SignIn, &others)
        );
        let mut codes = [first.code, second.code];
        codes.sort_unstable();
        assert_eq!(codes, ["identity-mismatch", "signed-in"]);
        assert_eq!(
            world.directory.store().redemptions().await.unwrap().len(),
            1
        );
        assert_eq!(world.audited("SharingInvitationAccepted").await.len(), 1);
    }
}

#[tokio::test]
async fn the_same_person_on_two_providers_is_the_one_who_redeemed() {
    let world = World::changed(stored).await;
    invited(&world, Directory).await;
    Browser::new(&world)
        .let_in_as(OF_ADA, "work-school", "ada")
        .await
        .expect(303, "signed-in");
    let mut by_code = Browser::new(&world);
    let chosen = [("address", OF_ADA), ("provider", "passcode")];
    let attempt = by_code.post(Endpoint::SignIn, &chosen).await.attempt();
    by_code
        .enter_code(&attempt, "12345678")
        .await
        .expect(403, "identity-mismatch");

    // Until the redemption is reset: then either way will do, and the first sticks.
    world
        .write(vec![Change::ResetRedemption(address(OF_ADA))])
        .await;
    let reset = world.entry(OF_ADA).await.unwrap();
    assert_eq!((reset.id.as_str(), reset.redemption), (ADA, None));
    Browser::new(&world)
        .let_in_as(OF_ADA, "work-school", "ada-again")
        .await
        .expect(303, "signed-in");
    Browser::new(&world)
        .sign_in_as(OF_ADA, "work-school", "ada")
        .await
        .expect(403, "identity-mismatch");
    let tenant = tenant_id("contoso");
    let all = world.directory.store().redemptions().await.unwrap();
    assert_eq!(all.iter().filter(|one| one.tenant == tenant).count(), 1);
}
