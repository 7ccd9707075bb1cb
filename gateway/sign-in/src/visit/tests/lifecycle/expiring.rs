use gateway_config::model::Configuration;
use gateway_core::person::InvitationManager::Directory;
use gateway_core::sharing::Role;
use gateway_store::model::{Change, UserEntry};

use super::super::browser::Browser;
use super::super::world::{NOW, World, tenant_id};
use super::{ada, granted, site, stored};

const OF_ADA: &str = "ada@fabrikam.example";
const DAY: i64 = 24 * 60 * 60;

/// Guests stay for 60 days; in the archive for 10, as the site says itself.
fn expiring(configuration: &mut Configuration) {
    stored(configuration);
    let tenant = configuration
        .tenants
        .get_mut(&tenant_id("contoso"))
        .unwrap();
    tenant.settings.sharing.guest_expiry = true;
    let archive = tenant.sites.get_mut(&site("archive")).unwrap();
    archive.settings.sharing.override_guest_expiry = true;
    let days = gateway_core::settings::value::Raw::Number(10);
    let sharing = &mut archive.settings.sharing;
    sharing.set("ExternalUserExpirationInDays", &days).unwrap();
}

#[tokio::test]
async fn whoever_joins_a_site_gets_an_end_there_and_joining_again_does_not_move_it() {
    let world = World::changed(expiring).await;
    let stamped = NOW.plus(5 * DAY);
    world
        .write(vec![
            Change::PutUser(Box::new(UserEntry {
                expires: [(site("projects"), stamped)].into(),
                ..ada(Directory)
            })),
            granted("one", OF_ADA, "projects", Role::Read, Directory),
            granted("two", OF_ADA, "archive", Role::Read, Directory),
        ])
        .await;
    Browser::new(&world)
        .let_in_as(OF_ADA, "work-school", "ada")
        .await
        .expect(303, "signed-in");
    let expires = world.entry(OF_ADA).await.unwrap().expires;
    assert_eq!(expires.get(&site("projects")), Some(&stamped));
    assert_eq!(expires.get(&site("archive")), Some(&NOW.plus(10 * DAY)));
}

#[tokio::test]
async fn nobody_is_stamped_where_guests_do_not_expire() {
    let world = World::changed(stored).await;
    world
        .write(vec![
            Change::PutUser(Box::new(ada(Directory))),
            granted("one", OF_ADA, "projects", Role::Read, Directory),
        ])
        .await;
    Browser::new(&world)
        .let_in_as(OF_ADA, "work-school", "ada")
        .await
        .expect(303, "signed-in");
    assert!(world.entry(OF_ADA).await.unwrap().expires.is_empty());
}
