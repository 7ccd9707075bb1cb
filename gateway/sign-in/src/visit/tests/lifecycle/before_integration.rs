use gateway_config::model::Configuration;
use gateway_core::person::InvitationManager::{Directory, Sharing};
use gateway_core::settings::words::AllowInvitesFrom;
use gateway_core::sharing::Role;
use gateway_store::model::{Change, OPERATOR, UserEntry, application_address};

use super::super::browser::Browser;
use super::super::world::{World, address, tenant_id};
use super::{ada, granted, linked, member, mia_owns, stored, without_integration};

const OF_ADA: &str = "ada@fabrikam.example";

/// A link from before the integration, which is on now.
async fn linked_before() -> World {
    let world = World::changed(stored).await;
    world
        .write(vec![mia_owns(), linked("before", OF_ADA, Sharing)])
        .await;
    world
}

async fn opens(world: &World) {
    Browser::new(world)
        .let_in_as(OF_ADA, "work-school", "ada")
        .await
        .expect(303, "signed-in");
}

async fn is_refused(world: &World, code: &str) {
    let mut browser = Browser::new(world);
    browser
        .sign_in_as(OF_ADA, "work-school", "ada")
        .await
        .expect(403, code);
    assert_eq!(world.directory.store().redemptions().await.unwrap(), []);
    assert!(
        world
            .entry(OF_ADA)
            .await
            .is_none_or(|entry| !entry.has_entry())
    );
}

#[tokio::test]
async fn a_link_from_before_makes_a_guest_on_behalf_of_its_creator() {
    let world = linked_before().await;
    assert_eq!(world.entry(OF_ADA).await, None);
    opens(&world).await;
    let entry = world.entry(OF_ADA).await.unwrap();
    assert_eq!(entry.manager, Directory);
    assert_eq!(entry.sponsor, Some(address("mia@contoso.example")));
    assert!(entry.redemption.is_some());
    let added = world.audited("Invite external user").await;
    let record = added.first().unwrap().body.to_string();
    assert!(record.contains("mia@contoso.example"), "{record}");
    assert_eq!(world.audited("SharingInvitationAccepted").await.len(), 1);
}

#[tokio::test]
async fn somebody_who_was_shared_with_and_never_came_gets_the_entry_now() {
    let world = World::changed(stored).await;
    world
        .write(vec![
            mia_owns(),
            Change::PutUser(Box::new(ada(Sharing))),
            granted("before", OF_ADA, "projects", Role::Read, Sharing),
        ])
        .await;
    opens(&world).await;
    let entry = world.entry(OF_ADA).await.unwrap();
    assert_eq!((entry.manager, entry.id), (Directory, ada(Sharing).id));
}

/// A link from before, of that creator's.
fn by(creator: &str) -> Change {
    let Change::PutLink(mut link) = linked("before", OF_ADA, Sharing) else {
        unreachable!("a link");
    };
    link.link.created_by = address(creator);
    Change::PutLink(link)
}

#[tokio::test]
async fn what_a_program_shared_before_stands_until_it_is_listed_among_the_agents() {
    const PROGRAM: &str = "44444444-4444-4444-8444-444444444444";
    fn listed(configuration: &mut Configuration) {
        stored(configuration);
        let contoso = configuration.tenants.get_mut(&tenant_id("contoso"));
        let sharing = &mut contoso.unwrap().settings.sharing;
        let id = gateway_core::id::GroupId::parse(PROGRAM).unwrap();
        sharing.restricted_agents = gateway_core::settings::value::Groups([id].into());
    }
    let shared = || vec![by(&application_address(PROGRAM))];
    let world = World::changed(stored).await;
    world.write(shared()).await;
    opens(&world).await;
    let sponsor = world.entry(OF_ADA).await.unwrap().sponsor;
    assert_eq!(sponsor, Some(address(&application_address(PROGRAM))));
    let world = World::changed(listed).await;
    world.write(shared()).await;
    is_refused(&world, "reshare-required").await;
    // A person whose address was not known is nobody who can be asked about.
    let world = World::changed(stored).await;
    world.write(vec![by("person-1@person.invalid")]).await;
    is_refused(&world, "reshare-required").await;
}

#[tokio::test]
async fn what_an_operator_shared_before_stands() {
    let world = World::changed(stored).await;
    world.write(vec![by(OPERATOR)]).await;
    opens(&world).await;
    let other = World::changed(stored).await;
    other.write(vec![by("other@operator.invalid")]).await;
    is_refused(&other, "reshare-required").await;
}

#[tokio::test]
async fn sec_095_nobody_is_added_for_a_creator_who_is_gone() {
    for gone in [
        vec![Change::DeleteUser(member("mia").id)],
        vec![Change::PutUser(Box::new(UserEntry {
            account_enabled: false,
            ..member("mia")
        }))],
    ] {
        let world = linked_before().await;
        world
            .write(vec![Change::PutUser(Box::new(member("mia")))])
            .await;
        world.write(gone).await;
        is_refused(&world, "reshare-required").await;
    }
}

#[tokio::test]
async fn sec_095_nobody_is_added_for_a_creator_who_may_share_no_more() {
    let world = linked_before().await;
    let own = gateway_core::id::PermissionId::parse("mia-owns").unwrap();
    world.write(vec![Change::RemovePermission(own)]).await;
    is_refused(&world, "reshare-required").await;
    // With the right to read one does not share.
    let read = granted(
        "mia-reads",
        "mia@contoso.example",
        "projects",
        Role::Read,
        Directory,
    );
    world.write(vec![read]).await;
    is_refused(&world, "reshare-required").await;
    let write = granted(
        "mia-writes",
        "mia@contoso.example",
        "projects",
        Role::Write,
        Directory,
    );
    world.write(vec![write]).await;
    opens(&world).await;
}

#[tokio::test]
async fn the_directory_has_a_say_in_who_adds_guests() {
    fn admins_only(configuration: &mut Configuration) {
        stored(configuration);
        let tenant = configuration
            .tenants
            .get_mut(&tenant_id("contoso"))
            .unwrap();
        let policy = &mut tenant.settings.directory.policy;
        policy.allow_invites_from = Some(AllowInvitesFrom::AdminsAndGuestInviters);
    }
    let world = World::changed(admins_only).await;
    world
        .write(vec![
            mia_owns(),
            Change::PutUser(Box::new(member("mia"))),
            linked("before", OF_ADA, Sharing),
        ])
        .await;
    is_refused(&world, "reshare-required").await;
    let mut inviter = world.entry("mia@contoso.example").await.unwrap();
    let roles = serde_json::json!(["GuestInviter"]);
    inviter.profile.insert("directoryRoles".to_owned(), roles);
    world.write(vec![Change::PutUser(Box::new(inviter))]).await;
    opens(&world).await;
}

#[tokio::test]
async fn what_was_shared_with_the_integration_is_shared_again_without() {
    let world = World::changed(without_integration).await;
    world
        .write(vec![mia_owns(), linked("with", OF_ADA, Directory)])
        .await;
    is_refused(&world, "reshare-required").await;
    world
        .write(vec![linked("again-shared", OF_ADA, Sharing)])
        .await;
    opens(&world).await;
    assert_eq!(world.entry(OF_ADA).await.unwrap().manager, Sharing);
}

#[tokio::test]
async fn whoever_was_removed_does_not_come_back_by_an_older_link() {
    let world = linked_before().await;
    opens(&world).await;
    let id = world.entry(OF_ADA).await.unwrap().id;
    world.write(vec![Change::DeleteUser(id)]).await;
    Browser::new(&world)
        .sign_in_as(OF_ADA, "work-school", "ada")
        .await
        .expect(403, "not-in-directory");
}
