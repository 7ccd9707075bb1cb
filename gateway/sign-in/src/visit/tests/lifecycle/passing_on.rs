//! Sharing's own invitations in other hands than those they were sent to.

use gateway_config::model::Configuration;
use gateway_core::person::InvitationManager::{Directory, Sharing};
use gateway_core::sharing::{Recipient, Role};
use gateway_store::model::{Change, Invitation, Wanted};

use super::super::browser::{Browser, Seen};
use super::super::world::{NOW, World, address, tenant_id};
use super::{
    ADA, ARCHIVE, PROJECTS, ada, granted, invitation, linked, mia_owns, site, stored,
    without_integration,
};
use crate::Endpoint;

const OF_ADA: &str = "ada@fabrikam.example";
const OF_BOB: &str = "bob@fabrikam.example";

/// Two sites invite Ada, and a document is shared with her besides.
fn invited() -> Vec<Change> {
    vec![
        Change::PutUser(Box::new(ada(Sharing))),
        invitation(PROJECTS, "projects", Sharing),
        invitation(ARCHIVE, "archive", Sharing),
        granted("one", OF_ADA, "projects", Role::Write, Sharing),
        granted("two", OF_ADA, "archive", Role::Read, Sharing),
        linked("adas", OF_ADA, Sharing),
    ]
}

/// By the link of the mail to the provider, as somebody with another address, and back.
async fn follow(browser: &mut Browser<'_>, id: &str, provider: &str) -> Seen {
    let return_to = format!("/_vestibule/invitation/{id}");
    let fields = [
        ("address", OF_BOB),
        ("provider", provider),
        ("return_to", &return_to),
    ];
    let state = browser.post(Endpoint::SignIn, &fields).await.state();
    let query = format!("code=bob&state={state}");
    browser.come_back(provider, &query).await
}

async fn accept(browser: &mut Browser<'_>, consent: Seen) -> Seen {
    let attempt = consent.expect(200, "consent-asked").attempt();
    let fields = [("attempt", attempt.as_str()), ("consent", "accept")];
    browser.post(Endpoint::SignIn, &fields).await
}

/// Sites that were granted to the address itself.
async fn sites_of(world: &World, of: &str) -> Vec<String> {
    let tenant = tenant_id("contoso");
    let wanted = Wanted {
        addresses: vec![address(of)],
        everything_granted: true,
        ..Wanted::of(tenant.clone())
    };
    let view = world.directory.look(&wanted).await.unwrap();
    let to = Recipient::Address(address(of));
    let all = view.tenant(&tenant).unwrap().permissions();
    let all = all.filter_map(|one| one.permission());
    let mut sites: Vec<String> = all
        .filter(|one| one.recipient == to)
        .map(|one| format!("{} {:?}", one.site, one.role))
        .collect();
    sites.sort();
    sites
}

#[tokio::test]
async fn whoever_holds_the_mail_takes_it_up_as_themselves() {
    let world = World::changed(without_integration).await;
    world.write(invited()).await;
    let mut browser = Browser::new(&world);
    let page = Endpoint::Invitation(PROJECTS.to_owned());
    let shown = browser.get(page.clone(), "").await;
    assert!(
        shown.body.contains("If you go by another address"),
        "{}",
        shown.body
    );
    let consent = follow(&mut browser, PROJECTS, "work-school").await;
    assert!(consent.body.contains(OF_BOB), "{}", consent.body);
    assert!(
        consent.body.contains("mia@contoso.example"),
        "{}",
        consent.body
    );
    accept(&mut browser, consent).await.expect(303, "signed-in");
    let on = browser.get(page, "").await.expect(303, "invitation-opened");
    assert_eq!(on.location.as_deref(), Some("/sites/projects"));

    let bob = world.entry(OF_BOB).await.unwrap();
    assert!(bob.has_entry() && bob.redemption.is_some() && bob.id.as_str() != ADA);
    assert_eq!(sites_of(&world, OF_BOB).await, ["projects Write"]);
    // Whatever else was shared with Ada is hers still, and hers to take up.
    assert!(!world.entry(OF_ADA).await.unwrap().has_entry());
    assert_eq!(sites_of(&world, OF_ADA).await, ["archive Read"]);
    assert_eq!(world.open().await, [ARCHIVE]);
    let records = world.audited("SharingInvitationAccepted").await;
    let [record] = records.as_slice() else {
        panic!("{records:?}")
    };
    let record = record.body.to_string();
    assert!(
        record.contains(r#""InvitedAddress":"ada@fabrikam.example""#)
            && record.contains(r#""AcceptingAddress":"bob@fabrikam.example""#),
        "{record}"
    );
    // And signs in again by themselves.
    Browser::new(&world)
        .sign_in_as(OF_BOB, "work-school", "bob")
        .await
        .expect(303, "signed-in");
}

/// What is written is not for others: Bob comes back and is refused, and nothing has changed.
async fn refused(
    change: fn(&mut Configuration),
    written: Vec<Change>,
    (provider, code): (&str, &str),
) {
    let world = World::changed(change).await;
    world.write(written).await;
    let mut browser = Browser::new(&world);
    let seen = follow(&mut browser, PROJECTS, provider).await;
    assert_eq!((seen.status, seen.code), (403, code), "{}", seen.body);
    assert_eq!(world.entry(OF_BOB).await, None);
    assert_eq!(sites_of(&world, OF_BOB).await, Vec::<String>::new());
    assert_eq!(
        world.directory.store().redemptions().await.unwrap().len(),
        0
    );
}

fn replaced(change: impl Fn(&mut Invitation)) -> Vec<Change> {
    let mut all = invited();
    for one in &mut all {
        if let Change::PutInvitation(invitation) = one {
            change(invitation);
        }
    }
    all
}

#[tokio::test]
async fn an_invitation_that_is_for_the_invited_address_is_nobody_elses() {
    fn matching(configuration: &mut Configuration) {
        without_integration(configuration);
        let contoso = configuration.tenants.get_mut(&tenant_id("contoso"));
        contoso.unwrap().settings.sharing.require_account_match = true;
    }
    let work = |code| ("work-school", code);
    // The setting as it is now.
    refused(matching, invited(), work("identity-mismatch")).await;
    // As it was when the invitation was made.
    let made_so = replaced(|invitation| invitation.account_must_match = true);
    refused(without_integration, made_so, work("not-in-directory")).await;
    // One that was withdrawn, or taken up.
    let ended = replaced(|invitation| invitation.ended = Some(NOW));
    refused(without_integration, ended, work("not-in-directory")).await;
    // The directory's own are for the invited address, whatever they say.
    let directorys = replaced(|invitation| invitation.manager = Directory);
    refused(without_integration, directorys, work("not-in-directory")).await;
    // With the integration the setting is irrelevant.
    let mut later = invited();
    later.push(mia_owns());
    refused(stored, later, work("identity-mismatch")).await;
    // Nothing is shared by it any more.
    let mut revoked = invited();
    revoked.retain(|one| !matches!(one, Change::PutPermission(_)));
    refused(without_integration, revoked, work("not-in-directory")).await;
    // Whoever vouches must be an account.
    refused(
        without_integration,
        invited(),
        ("partner", "provider-not-offered"),
    )
    .await;
}

#[tokio::test]
async fn no_code_is_mailed_to_anybody_but_the_invited() {
    let world = World::changed(without_integration).await;
    world.write(invited()).await;
    let return_to = format!("/_vestibule/invitation/{PROJECTS}");
    let fields = [
        ("address", "pat@nowhere.example"),
        ("provider", "passcode"),
        ("return_to", return_to.as_str()),
    ];
    let mut browser = Browser::new(&world);
    let shown = browser.post(Endpoint::SignIn, &fields).await;
    shown.expect(200, "form-shown");
    assert_eq!(world.mailed(), Vec::<String>::new());
}

#[tokio::test]
async fn whoever_was_removed_does_not_come_back_by_another_persons_invitation() {
    let world = World::changed(without_integration).await;
    world.write(invited()).await;
    let mut browser = Browser::new(&world);
    let consent = follow(&mut browser, PROJECTS, "work-school").await;
    accept(&mut browser, consent).await.expect(303, "signed-in");
    let bob = world.entry(OF_BOB).await.unwrap();
    world.write(vec![Change::DeleteUser(bob.id)]).await;
    let mut again = Browser::new(&world);
    let seen = follow(&mut again, ARCHIVE, "work-school").await;
    assert_eq!(seen.status, 403, "{}", seen.code);
    assert_eq!(sites_of(&world, OF_ADA).await, ["archive Read"]);
}

#[tokio::test]
async fn of_the_invited_and_another_who_accept_at_once_one_wins() {
    let world = World::changed(without_integration).await;
    world.write(invited()).await;
    let (mut ada, mut bob) = (Browser::new(&world), Browser::new(&world));
    let adas = ada.sign_in_as(OF_ADA, "work-school", "ada").await.attempt();
    let bobs = follow(&mut bob, PROJECTS, "work-school").await.attempt();
    let (adas, bobs) = (
        [("attempt", adas.as_str()), ("consent", "accept")],
        [("attempt", bobs.as_str()), ("consent", "accept")],
    );
    let (first, second) = tokio::join!(
        ada.post(Endpoint::SignIn, &adas),
        bob.post(Endpoint::SignIn, &bobs)
    );
    // Ada's other shares are hers whoever was first; the projects belong to one of the two.
    assert_eq!(first.code, "signed-in");
    let holders = [
        sites_of(&world, OF_ADA).await,
        sites_of(&world, OF_BOB).await,
    ];
    let holding = |all: &Vec<String>| all.contains(&"projects Write".to_owned());
    assert_eq!(holders.iter().filter(|all| holding(all)).count(), 1);
    assert_eq!(second.code == "signed-in", holding(&holders[1]));
}

#[tokio::test]
async fn the_time_in_the_site_that_was_stamped_goes_along() {
    let world = World::changed(without_integration).await;
    let mut all = invited();
    if let Some(Change::PutUser(entry)) = all.first_mut() {
        entry.expires.insert(site("projects"), NOW.plus(1000));
        entry.expires.insert(site("archive"), NOW.plus(2000));
    }
    world.write(all).await;
    let mut browser = Browser::new(&world);
    let consent = follow(&mut browser, PROJECTS, "work-school").await;
    accept(&mut browser, consent).await.expect(303, "signed-in");
    let bob = world.entry(OF_BOB).await.unwrap();
    assert_eq!(
        bob.expires.into_iter().collect::<Vec<_>>(),
        [(site("projects"), NOW.plus(1000))]
    );
}
