use std::sync::Arc;

use gateway_core::action::Action;
use gateway_core::groups::{Group, Groups};
use gateway_core::id::{GroupId, GuestId, LinkId, ProviderKind, SiteId};
use gateway_core::path::ItemPath;
use gateway_core::person::{Guest, GuestOrigin, InvitationManager};
use gateway_core::policy::Target;
use gateway_core::sharing::Recipient;
use gateway_store::Store;

use super::*;
use crate::clock;
use crate::judge::{self, NotAllowed};
use crate::route::Resource;
use crate::tests::support::{configuration_of_tests, declared, email, person, tenant};

const PAT: &str = "pat@nowhere.example";

/// Contoso, with `/sites/projects/read` granted to `to`.
fn shared_with(to: &Recipient, adjust: impl FnOnce(&mut Configuration)) -> Configuration {
    let mut configuration = configuration_of_tests();
    let mut clouds = gateway_core::cloud::Clouds::clone(&configuration.clouds);
    for cloud in clouds.0.values_mut() {
        let passcodes = ProviderKind::parse("email-otp").unwrap();
        cloud.identity_providers.insert(passcodes);
    }
    configuration.clouds = Arc::new(clouds);
    for tenant in configuration.tenants.values_mut() {
        let id = GuestId::parse("pat").unwrap();
        tenant.guests.push(Guest {
            manager: InvitationManager::Sharing,
            ..Guest::invited(id, email(PAT), GuestOrigin::Share)
        });
        tenant.permissions.retain(|one| one.id.as_str() == "read");
        for permission in &mut tenant.permissions {
            permission.recipient = to.clone();
            permission.manager = InvitationManager::Sharing;
        }
    }
    adjust(&mut configuration);
    configuration
}

fn session(person: Option<SessionPerson>, links: &[&str]) -> Session {
    let now = clock::now();
    let mut session = Session::begin(tenant(), now.plus(3600), now).unwrap();
    session.person = person;
    session.links = links.iter().map(|id| LinkId::parse(id).unwrap()).collect();
    session
}

fn by_passcode() -> SessionPerson {
    let mut pat = person("pat", false, PAT);
    pat.key.cloud = None;
    pat.kind = ProviderKind::parse("email-otp").unwrap();
    pat.proof = EmailProof::Mailbox;
    pat
}

/// What comes of taking `/sites/projects/read/a`.
async fn asked(configuration: &Configuration, session: &Session, client: &str) -> &'static str {
    let now = clock::now();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("store.sqlite");
    let store = Store::open(&path, now).await.unwrap();
    let directory = Directory::open(store, declared(configuration), now);
    let directory = directory.await.unwrap();
    let target = Target {
        tenant: tenant(),
        site: SiteId::parse("projects").unwrap(),
        path: ItemPath::parse("/sites/projects/read/a").unwrap(),
        query: None,
    };
    let action = Action::Download;
    let resource = Resource {
        questions: [Question { target, action }].into(),
        transfers: false,
        members_only: false,
    };
    let principal = judge::principal(Some(session), client.parse().ok());
    let questions = &resource.questions;
    let here = tenant();
    let looked = look(&directory, configuration, &here, Some(session), questions);
    let view = looked.await.unwrap();
    let facts = gather(configuration, &view, Some(session), &principal, questions);
    match judge::decide(Some(session), &principal, &resource, &facts, now) {
        Ok(_) => "allow",
        Err(NotAllowed::Challenge(challenge)) => challenge.code(),
        Err(NotAllowed::Denied(denial)) => denial.code(),
        Err(NotAllowed::MembersOnly) => "members-only",
    }
}

const HERE: &str = "192.0.2.1";

fn integration(on: bool) -> impl FnOnce(&mut Configuration) {
    move |configuration| {
        for tenant in configuration.tenants.values_mut() {
            tenant.settings.sharing.integration = Some(on);
        }
    }
}

#[tokio::test]
async fn who_was_only_shared_with_comes_in_by_sharings_own_passcode() {
    let pat = Recipient::Address(email(PAT));
    let off = shared_with(&pat, integration(false));
    let pats = session(Some(by_passcode()), &[]);
    assert_eq!(asked(&off, &pats, HERE).await, "allow");
    let on = shared_with(&pat, integration(true));
    assert_eq!(asked(&on, &pats, HERE).await, "invitation-not-redeemed");
    let mut unproven = by_passcode();
    unproven.proof = EmailProof::DomainOwner;
    let unproven = session(Some(unproven), &[]);
    assert_eq!(
        asked(&off, &unproven, HERE).await,
        "invitation-not-redeemed"
    );
    let ada = shared_with(
        &Recipient::Address(email("ada@x.example")),
        integration(false),
    );
    assert_eq!(asked(&ada, &pats, HERE).await, "permission-missing");
}

#[tokio::test]
async fn people_have_what_their_groups_have() {
    let team = GroupId::parse("team").unwrap();
    let grouped = |people: &[&str], on: bool| {
        shared_with(&Recipient::Group(team.clone()), |configuration| {
            integration(on)(configuration);
            for tenant in configuration.tenants.values_mut() {
                let people = people.iter().map(|one| email(one)).collect();
                let group = Group {
                    people,
                    ..Group::default()
                };
                tenant.groups = Groups::new(&[(team.clone(), group)].into()).unwrap();
            }
        })
    };
    let mia = session(Some(person("mia", true, "mia@contoso.example")), &[]);
    let inside = grouped(&["mia@contoso.example", PAT], true);
    assert_eq!(asked(&inside, &mia, HERE).await, "allow");
    let outside = grouped(&[PAT], true);
    assert_eq!(asked(&outside, &mia, HERE).await, "permission-missing");
    let pats = session(Some(by_passcode()), &[]);
    let ad_hoc = grouped(&[PAT], false);
    assert_eq!(asked(&ad_hoc, &pats, HERE).await, "permission-missing");
}

/// Groups that are not known are no groups: whoever is let in by one is not, and where one is shut out by not being in one,
/// they are.
#[tokio::test]
async fn sec_097_unknown_groups_open_nothing() {
    let team = GroupId::parse("team").unwrap();
    let grouped = |recipient: &Recipient, restricted: bool| {
        shared_with(recipient, |configuration| {
            for tenant in configuration.tenants.values_mut() {
                let group = Group {
                    people: [email("mia@contoso.example")].into(),
                    ..Group::default()
                };
                tenant.groups = Groups::new(&[(team.clone(), group)].into()).unwrap();
                tenant.settings.sharing.restricted_access = restricted;
                for site in tenant.sites.values_mut() {
                    site.settings.sharing.restricted_access = restricted;
                    site.settings.sharing.restricted_groups.0 = [team.clone()].into();
                }
            }
        })
    };
    let known = session(Some(person("mia", true, "mia@contoso.example")), &[]);
    let mut nameless = person("mia", true, "mia@contoso.example");
    nameless.address = None;
    let unknown = session(Some(nameless), &[]);
    for (recipient, restricted, without) in [
        (Recipient::Members, false, "allow"),
        (Recipient::Members, true, "restricted-access"),
        (Recipient::Group(team.clone()), false, "permission-missing"),
    ] {
        let configuration = grouped(&recipient, restricted);
        assert_eq!(asked(&configuration, &known, HERE).await, "allow");
        assert_eq!(
            asked(&configuration, &unknown, HERE).await,
            without,
            "{recipient:?}, restricted: {restricted}"
        );
    }
}

/// A directory that cannot be read knows nobody's groups: nothing is answered in its place.
#[tokio::test]
async fn sec_097_a_directory_that_fails_is_not_an_empty_one() {
    let now = clock::now();
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(&folder.path().join("store.sqlite"), now).await;
    let store = store.unwrap();
    let configuration = configuration_of_tests();
    let directory = Directory::open(store.clone(), declared(&configuration), now);
    let directory = directory.await.unwrap();
    store.close().await;
    let unseen = person("new", false, "new@nowhere.example");
    let session = session(Some(unseen), &[]);
    let here = tenant();
    let looked = look(&directory, &configuration, &here, Some(&session), &[]);
    assert!(looked.await.is_err());
    // And where a fact is missing, no question has any.
    let principal = judge::principal(Some(&session), HERE.parse().ok());
    let resource = Resource {
        questions: [].into(),
        transfers: false,
        members_only: false,
    };
    let decided = judge::decide(Some(&session), &principal, &resource, &[], now);
    assert!(decided.is_err());
}

#[tokio::test]
async fn who_shows_a_link_that_is_gone_is_told_so() {
    let configuration = shared_with(&Recipient::Members, |_| {});
    let shows = |id: &str| session(None, &[id]);
    assert_eq!(
        asked(&configuration, &shows("gone"), HERE).await,
        "link-deleted"
    );
    let elsewhere = shows("anyone");
    assert_eq!(
        asked(&configuration, &elsewhere, HERE).await,
        "sign-in-required"
    );
}

#[tokio::test]
async fn the_network_address_counts_where_the_tenant_says_so() {
    let configuration = shared_with(&Recipient::Members, |configuration| {
        for tenant in configuration.tenants.values_mut() {
            let sharing = &mut tenant.settings.sharing;
            sharing.ip_enforcement = true;
            sharing.ip_ranges =
                gateway_core::network::AddressRanges::parse(["192.0.2.0/24"]).unwrap();
        }
    });
    let mia = session(Some(person("mia", true, "mia@contoso.example")), &[]);
    assert_eq!(asked(&configuration, &mia, HERE).await, "allow");
    assert_eq!(
        asked(&configuration, &mia, "::ffff:192.0.2.1").await,
        "allow"
    );
    for elsewhere in ["198.51.100.1", "2001:db8::1", ""] {
        let met = asked(&configuration, &mia, elsewhere).await;
        assert_eq!(met, "network-not-trusted", "{elsewhere}");
    }
}
