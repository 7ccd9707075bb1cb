//! Copies never outlive a change, whatever came first; and knowledge that is too old is none.

use gateway_core::id::{GuestId, LinkId, PermissionId, SiteId};
use gateway_core::path::ItemPath;
use gateway_core::person::{GuestOrigin, IdentityKey, InvitationManager};
use gateway_core::sharing::{LinkType, Role};
use gateway_core::time::UnixTime;
use proptest::prelude::*;

use super::*;
use crate::Store;
use crate::model::{
    Actor, AuditEvent, Change, LinkEntry, PermissionEntry, Redemption, Revocation, Revoked,
    UserEntry, UserType, Write, Written,
};

const NOW: UnixTime = UnixTime(1_800_000_000);

fn tenant() -> TenantId {
    TenantId::parse("contoso").unwrap()
}

fn address(person: u8) -> EmailAddress {
    EmailAddress::parse(&format!("p{person}@fabrikam.example")).unwrap()
}

fn site() -> SiteId {
    SiteId::parse("projects").unwrap()
}

fn item(text: &str) -> ItemPath {
    ItemPath::parse(text).unwrap()
}

fn key(person: u8) -> IdentityKey {
    IdentityKey {
        cloud: None,
        provider: gateway_core::id::ProviderId::parse("idp").unwrap(),
        issuer: "https://idp.example".to_owned(),
        tenant: None,
        subject: format!("s{person}"),
    }
}

fn permission(id: &str, recipient: Recipient) -> Permission {
    Permission {
        id: PermissionId::parse(id).unwrap(),
        site: site(),
        item: item("/sites/projects/Shared"),
        recipient,
        role: Role::Read,
        created_by: address(9),
        manager: InvitationManager::Sharing,
        expires: None,
    }
}

fn link(id: &str, scope: LinkScope) -> SharingLink {
    SharingLink {
        id: LinkId::parse(id).unwrap(),
        site: site(),
        item: item("/sites/projects/shared"),
        kind: LinkType::View,
        scope,
        created_by: address(9),
        creator_may_share: true,
        manager: InvitationManager::Sharing,
        created: NOW,
        expires: None,
    }
}

/// Person 0, a permission for them and a link are declared.
fn declared() -> Vec<DeclaredTenant> {
    vec![DeclaredTenant {
        id: tenant(),
        guests: vec![Guest::invited(
            GuestId::parse("declared").unwrap(),
            address(0),
            GuestOrigin::Share,
        )],
        permissions: vec![permission("declared", Recipient::Address(address(0)))],
        links: vec![(link("declared", LinkScope::Anonymous), [0xdd; 32])],
    }]
}

fn user(person: u8, enabled: bool) -> UserEntry {
    UserEntry {
        id: GuestId::parse(&format!("user-{person}")).unwrap(),
        address: address(person),
        user_type: UserType::Guest,
        origin: GuestOrigin::Share,
        manager: InvitationManager::Sharing,
        account_enabled: enabled,
        sponsor: None,
        created: NOW,
        state_changed: NOW,
        invitation_expires: None,
        expires: [].into(),
        administers: [].into(),
        mfa_registered: false,
        deleted: None,
        profile: serde_json::Map::new(),
        redemption: None,
        declared: false,
        version: 0,
    }
}

struct World {
    folder: tempfile::TempDir,
    directory: Directory,
}

impl World {
    async fn new(max_staleness: Duration) -> Self {
        let folder = tempfile::TempDir::new().unwrap();
        let directory = Self::open(&folder, max_staleness).await;
        Self { folder, directory }
    }

    async fn open(folder: &tempfile::TempDir, max_staleness: Duration) -> Directory {
        let path = folder.path().join("store.sqlite");
        let store = Store::open(&path, NOW).await.unwrap();
        Directory::open_within(store, declared(), max_staleness, NOW)
            .await
            .unwrap()
    }

    /// What a gateway would find that has just been started.
    async fn truth(&self, wanted: &Wanted) -> TenantView {
        let other = Self::open(&self.folder, Duration::from_secs(30)).await;
        looked(&other, wanted).await
    }
}

async fn looked(directory: &Directory, wanted: &Wanted) -> TenantView {
    let view = directory.look(wanted).await.unwrap();
    view.tenant(&wanted.tenant).unwrap().clone()
}

async fn write(directory: &Directory, changes: Vec<Change>) -> Written {
    let write = Write {
        tenant: tenant(),
        at: NOW,
        expect: Vec::new(),
        changes,
        audit: vec![AuditEvent::of("SharingSet", Actor::default())],
    };
    directory.write(write).await.unwrap()
}

fn grant(number: u8, recipient: Recipient) -> Change {
    Change::PutPermission(Box::new(PermissionEntry {
        permission: permission(&format!("permission-{number}"), recipient),
        created: NOW,
        link: None,
        shared_with_integration: false,
        declared: false,
        version: 0,
    }))
}

fn put_link(number: u8, scope: LinkScope) -> Change {
    Change::PutLink(Box::new(LinkEntry {
        link: link(&format!("link-{number}"), scope),
        token_sha256: [number; 32],
        sealed_token: None,
        application: None,
        shared_with_integration: false,
        declared: false,
        version: 0,
    }))
}

/// What is looked at: people with their item, links by id and by token, and everything that somebody was granted.
fn wanted(number: u8) -> Wanted {
    let here = || vec![(site(), item("/sites/projects/SHARED/Plan.docx"))];
    let nobody = Wanted::of(tenant());
    match number {
        0..=2 => Wanted {
            identity: Some(key(number)),
            addresses: vec![address(number)],
            groups: vec![gateway_core::id::GroupId::parse("team").unwrap()],
            items: here(),
            ..nobody
        },
        3 => Wanted {
            identity: Some(key(1)),
            items: here(),
            ..nobody
        },
        4 => Wanted {
            links: ["link-0", "link-1", "declared"]
                .map(|id| LinkId::parse(id).unwrap())
                .into(),
            items: here(),
            ..nobody
        },
        5 => Wanted {
            token: Some([1; 32]),
            ..nobody
        },
        6 => Wanted {
            token: Some([0xdd; 32]),
            ..nobody
        },
        _ => Wanted {
            addresses: vec![address(1)],
            everything_granted: true,
            ..nobody
        },
    }
}

const WANTED: u8 = 8;

#[derive(Clone, Debug)]
enum Step {
    /// A change through this gateway, or through another.
    Change(u8, u8, bool),
    /// Somebody begins to look, who reads and does not come to keep it yet.
    Begin(u8),
    /// The one who has waited longest keeps it.
    Finish,
    /// Somebody looks.
    Look(u8),
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let step = prop_oneof![
        4 => (0..14_u8, 0..3_u8, any::<bool>()).prop_map(|(what, who, here)| Step::Change(what, who, here)),
        2 => (0..WANTED).prop_map(Step::Begin),
        2 => Just(Step::Finish),
        4 => (0..WANTED).prop_map(Step::Look),
    ];
    prop::collection::vec(step, 1..40)
}

async fn change(directory: &Directory, what: u8, who: u8) {
    let person = address(who);
    let people = || LinkScope::Users([address(who), address(2)].into());
    let id = |kind: &str| format!("{kind}-{who}");
    let one = match what {
        0 => Change::PutUser(Box::new(user(who, true))),
        1 => Change::PutUser(Box::new(user(who, false))),
        2 => Change::DeleteUser(GuestId::parse(&id("user")).unwrap()),
        3 => Change::RestoreUser(GuestId::parse(&id("user")).unwrap()),
        4 => grant(who, Recipient::Address(person)),
        5 => grant(3, Recipient::Everyone),
        6 => Change::RemovePermission(PermissionId::parse(&id("permission")).unwrap()),
        7 => Change::RemovePermission(PermissionId::parse("declared").unwrap()),
        8 => put_link(who, people()),
        9 => put_link(1, LinkScope::Anonymous),
        10 => Change::RemoveLink(LinkId::parse(&id("link")).unwrap()),
        11 => Change::ResetRedemption(person),
        12 => Change::Revoke(Revocation {
            what: Revoked::Guest(tenant(), person),
            at: NOW,
            until: None,
        }),
        _ => {
            let redemption = Redemption {
                tenant: tenant(),
                guest: GuestId::parse("whoever").unwrap(),
                address: person,
                identity: key(who),
                consented_at: NOW,
            };
            directory.redeem(&redemption, Vec::new()).await.unwrap();
            return;
        }
    };
    write(directory, vec![one]).await;
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_copy_outlives_a_change_of_what_it_rests_on(steps in steps()) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let world = World::new(Duration::from_secs(30)).await;
            let other = World::open(&world.folder, Duration::from_secs(30)).await;
            let mine = &world.directory;
            let mut waiting = std::collections::VecDeque::new();
            for step in steps {
                match step {
                    Step::Change(what, who, true) => change(mine, what, who).await,
                    Step::Change(what, who, false) => {
                        change(&other, what, who).await;
                        mine.shared.following.hear().await.unwrap();
                    }
                    Step::Begin(number) => {
                        let wanted = wanted(number);
                        let held = mine.shared.following.current().await.unwrap();
                        let also = mine.shared.looks.declared[&tenant()].named_by(&wanted);
                        let looked = mine.shared.store.look_for(&wanted, &also).await.unwrap();
                        waiting.push_back((wanted, held, also, looked));
                    }
                    Step::Finish => {
                        if let Some((wanted, held, also, looked)) = waiting.pop_front() {
                            let declared = &mine.shared.looks.declared[&tenant()];
                            mine.keep(&wanted, declared, &held, &also, looked);
                        }
                    }
                    Step::Look(number) => {
                        let wanted = wanted(number);
                        assert_eq!(looked(mine, &wanted).await, world.truth(&wanted).await, "{wanted:?}");
                    }
                }
            }
            for number in 0..WANTED {
                let wanted = wanted(number);
                assert_eq!(looked(mine, &wanted).await, world.truth(&wanted).await, "{wanted:?}");
            }
        });
    }
}

#[tokio::test]
async fn sec_118_what_was_revoked_here_is_gone_with_the_next_look() {
    let world = World::new(Duration::from_secs(30)).await;
    let one = grant(1, Recipient::Address(address(1)));
    write(&world.directory, vec![one]).await;
    assert_eq!(
        looked(&world.directory, &wanted(1)).await.permissions.len(),
        1
    );
    let id = PermissionId::parse("permission-1").unwrap();
    write(&world.directory, vec![Change::RemovePermission(id)]).await;
    assert!(
        looked(&world.directory, &wanted(1))
            .await
            .permissions
            .is_empty()
    );
}

#[tokio::test]
async fn sec_118_a_copy_that_was_read_before_a_change_does_not_count_after_it() {
    let world = World::new(Duration::from_secs(30)).await;
    let mine = &world.directory;
    write(mine, vec![grant(1, Recipient::Address(address(1)))]).await;
    let wanted = wanted(1);
    let held = mine.shared.following.current().await.unwrap();
    let also = BTreeSet::new();
    let before = mine.shared.store.look_for(&wanted, &also).await.unwrap();
    let id = PermissionId::parse("permission-1").unwrap();
    write(mine, vec![Change::RemovePermission(id)]).await;
    let declared = &mine.shared.looks.declared[&tenant()];
    let late = mine.keep(&wanted, declared, &held, &also, before);
    assert_eq!(late.permissions.len(), 1);
    assert!(looked(mine, &wanted).await.permissions.is_empty());
}

#[tokio::test]
async fn sec_118_what_another_gateway_revoked_is_heard_of() {
    let world = World::new(Duration::from_secs(30)).await;
    let other = World::open(&world.folder, Duration::from_secs(30)).await;
    write(&other, vec![grant(1, Recipient::Address(address(1)))]).await;
    world.directory.shared.following.hear().await.unwrap();
    assert_eq!(
        looked(&world.directory, &wanted(1)).await.permissions.len(),
        1
    );
    let mut changes = world.directory.changes();
    let id = PermissionId::parse("permission-1").unwrap();
    write(&other, vec![Change::RemovePermission(id)]).await;
    tokio::time::timeout(Duration::from_secs(60), changes.changed())
        .await
        .unwrap()
        .unwrap();
    assert!(
        looked(&world.directory, &wanted(1))
            .await
            .permissions
            .is_empty()
    );
}

#[tokio::test]
async fn sec_118_a_revoked_session_is_heard_of_by_all_gateways() {
    let world = World::new(Duration::ZERO).await;
    let other = World::open(&world.folder, Duration::ZERO).await;
    let session = crate::model::SessionId([7; 16]);
    for what in [Revoked::Session(session), Revoked::Person(tenant(), key(1))] {
        let revocation = Revocation {
            what,
            at: NOW,
            until: Some(NOW.plus(60)),
        };
        world
            .directory
            .revoke(revocation, Vec::new())
            .await
            .unwrap();
    }
    for directory in [&world.directory, &other] {
        let current = directory.current().await.unwrap();
        assert!(current.session_revoked(&session));
        assert_eq!(
            current.sessions_valid_from(&tenant(), &key(1)),
            Some(NOW.plus(1))
        );
    }
}

#[tokio::test]
async fn without_the_store_copies_count_until_they_are_too_old() {
    let world = World::new(Duration::from_secs(30)).await;
    let mine = &world.directory;
    write(mine, vec![grant(1, Recipient::Address(address(1)))]).await;
    assert_eq!(looked(mine, &wanted(1)).await.permissions.len(), 1);
    mine.store().close().await;
    tokio::time::pause();
    // What is not in memory cannot be looked at, however recent everything else is.
    let cold = mine.look(&wanted(2)).await;
    assert!(matches!(cold, Err(StoreError::Stale)), "{cold:?}");
    tokio::time::advance(Duration::from_secs(29)).await;
    assert_eq!(looked(mine, &wanted(1)).await.permissions.len(), 1);
    assert!(mine.current().await.is_ok());
    tokio::time::advance(Duration::from_secs(2)).await;
    assert!(matches!(
        mine.look(&wanted(1)).await,
        Err(StoreError::Stale)
    ));
    assert!(matches!(mine.current().await, Err(StoreError::Stale)));
}

#[tokio::test]
async fn with_no_staleness_allowed_every_look_asks_the_store() {
    let world = World::new(Duration::ZERO).await;
    let other = World::open(&world.folder, Duration::from_secs(30)).await;
    let mine = &world.directory;
    assert!(looked(mine, &wanted(1)).await.permissions.is_empty());
    write(&other, vec![grant(1, Recipient::Address(address(1)))]).await;
    assert_eq!(looked(mine, &wanted(1)).await.permissions.len(), 1);
    mine.store().close().await;
    assert!(matches!(
        mine.look(&wanted(1)).await,
        Err(StoreError::Stale)
    ));
}

#[tokio::test]
async fn after_a_commit_that_cannot_be_followed_nothing_is_taken_from_memory() {
    let world = World::new(Duration::from_secs(30)).await;
    let mine = &world.directory;
    assert!(mine.look(&wanted(1)).await.is_ok());
    mine.store().close().await;
    assert!(mine.look(&wanted(1)).await.is_ok());
    mine.shared.following.committed().await;
    assert!(matches!(
        mine.look(&wanted(1)).await,
        Err(StoreError::Stale)
    ));
    assert!(matches!(mine.current().await, Err(StoreError::Stale)));
}

#[tokio::test]
async fn an_order_that_is_another_one_makes_everything_be_read_again() {
    let world = World::new(Duration::from_secs(30)).await;
    let mine = &world.directory;
    for number in 0..3 {
        write(mine, vec![grant(number, Recipient::Address(address(1)))]).await;
    }
    assert_eq!(looked(mine, &wanted(1)).await.permissions.len(), 3);
    // As after a backup was put in place: fewer changes, and less that was granted.
    for sql in [
        "DELETE FROM permission WHERE id <> 'permission-0'",
        "DELETE FROM change WHERE sequence > 1",
    ] {
        mine.store().execute(sql).await;
    }
    mine.shared.following.hear().await.unwrap();
    assert_eq!(looked(mine, &wanted(1)).await.permissions.len(), 1);
    write(mine, vec![grant(1, Recipient::Address(address(1)))]).await;
    assert_eq!(looked(mine, &wanted(1)).await.permissions.len(), 2);
}

#[tokio::test]
async fn settings_groups_and_documents_are_known_at_once() {
    use crate::model::{Document, SettingScope, StoredSetting};
    let world = World::new(Duration::from_secs(30)).await;
    let mine = &world.directory;
    let (before, rows) = mine.settings_rows(&tenant());
    assert_eq!(*rows, TenantSettingsRows::default());
    let setting = StoredSetting {
        scope: SettingScope::Tenant,
        name: "SharingCapability".to_owned(),
        value: serde_json::json!("Disabled"),
    };
    let document = Document {
        collection: "partners".to_owned(),
        key: "one".to_owned(),
        body: serde_json::json!({"a": 1}),
        version: 0,
    };
    let changes = vec![
        Change::PutSetting(setting.clone()),
        Change::PutDocument(Box::new(document)),
        Change::RemovePermission(PermissionId::parse("declared").unwrap()),
        Change::RemoveLink(LinkId::parse("declared").unwrap()),
    ];
    write(mine, changes).await;
    let (after, rows) = mine.settings_rows(&tenant());
    assert!(after > before);
    assert_eq!(rows.settings, [setting]);
    assert_eq!(rows.documents.len(), 1);
    assert_eq!(rows.revoked_permissions.len(), 1);
    assert_eq!(rows.revoked_links.len(), 1);
    let anew = World::open(&world.folder, Duration::from_secs(30)).await;
    assert_eq!(anew.settings_rows(&tenant()).1, rows);
    assert!(looked(&anew, &wanted(0)).await.permissions.is_empty());
    assert!(looked(&anew, &wanted(6)).await.links.is_empty());
}
