//! Looks through several gateways on one store: what one wrote the others hear of.

use std::time::{Duration, Instant};

use gateway_core::id::{GroupId, GuestId, LinkId, PermissionId, SiteId};
use gateway_core::path::ItemPath;
use gateway_core::person::{GuestOrigin, InvitationManager};
use gateway_core::sharing::{LinkScope, LinkType, Permission, Recipient, Role, SharingLink};
use gateway_store::StoreError;
use gateway_store::directory::{DeclaredTenant, Directory, TenantView};
use gateway_store::model::{
    Actor, AuditEvent, Change, LinkEntry, PermissionEntry, Revocation, Revoked, SessionId,
    UserEntry, UserType, Wanted, Write, Written,
};
use tokio::time::timeout;

use crate::conformance::Backend;
use crate::fixtures::{NOW, account, address, redemption, tenant};

/// Longer than anything here takes, however busy the machine is.
const PATIENCE: Duration = Duration::from_secs(60);

pub(crate) async fn gateway<B: Backend>(place: &B, max_staleness: Duration) -> Directory {
    let declared = vec![DeclaredTenant {
        id: tenant("contoso"),
        guests: Vec::new(),
        permissions: Vec::new(),
        links: Vec::new(),
    }];
    Directory::open_within(place.open(NOW).await, declared, max_staleness, NOW)
        .await
        .unwrap()
}

fn item(text: &str) -> ItemPath {
    ItemPath::parse(text).unwrap()
}

pub(crate) fn grant(id: &str, recipient: Recipient) -> Change {
    Change::PutPermission(Box::new(PermissionEntry {
        permission: Permission {
            id: PermissionId::parse(id).unwrap(),
            site: SiteId::parse("projects").unwrap(),
            item: item("/sites/projects/Shared"),
            recipient,
            role: Role::Read,
            created_by: address("mia@contoso.example"),
            manager: InvitationManager::Sharing,
            expires: None,
        },
        created: NOW,
        link: None,
        shared_with_integration: false,
        declared: false,
        version: 0,
    }))
}

fn ada() -> Change {
    Change::PutUser(Box::new(UserEntry {
        id: GuestId::parse("ada").unwrap(),
        address: address("ada@fabrikam.example"),
        user_type: UserType::Guest,
        origin: GuestOrigin::Share,
        manager: InvitationManager::Sharing,
        account_enabled: true,
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
    }))
}

fn plan(people: &[&str]) -> Change {
    Change::PutLink(Box::new(LinkEntry {
        link: SharingLink {
            id: LinkId::parse("plan").unwrap(),
            site: SiteId::parse("projects").unwrap(),
            item: item("/sites/projects/shared/Plan.docx"),
            kind: LinkType::View,
            scope: LinkScope::Users(people.iter().map(|one| address(one)).collect()),
            created_by: address("mia@contoso.example"),
            creator_may_share: true,
            manager: InvitationManager::Sharing,
            created: NOW,
            expires: None,
        },
        token_sha256: [7; 32],
        sealed_token: None,
        application: None,
        shared_with_integration: false,
        declared: false,
        version: 0,
    }))
}

async fn write(directory: &Directory, changes: Vec<Change>) {
    let write = Write {
        tenant: tenant("contoso"),
        at: NOW,
        expect: Vec::new(),
        changes,
        audit: vec![AuditEvent::of("SharingSet", Actor::default())],
    };
    let written = directory.write(write).await.unwrap();
    assert!(matches!(written, Written::Yes { .. }), "{written:?}");
}

pub(crate) fn whoever() -> Wanted {
    Wanted {
        identity: Some(account("ada")),
        addresses: vec![address("ada@fabrikam.example")],
        groups: vec![GroupId::parse("team").unwrap()],
        items: vec![(
            SiteId::parse("projects").unwrap(),
            item("/sites/projects/SHARED/plan.docx/x"),
        )],
        links: vec![LinkId::parse("plan").unwrap()],
        token: Some([7; 32]),
        everything_granted: true,
        ..Wanted::of(tenant("contoso"))
    }
}

async fn look(directory: &Directory) -> Result<TenantView, StoreError> {
    let view = directory.look(&whoever()).await?;
    Ok(view.tenant(&tenant("contoso")).unwrap().clone())
}

/// What is granted to whoever it is, as it is told from `directory`.
pub(crate) async fn granted(directory: &Directory) -> Vec<String> {
    let view = look(directory).await.unwrap();
    view.permissions().map(|one| one.id().to_string()).collect()
}

pub(crate) async fn what_is_stored_is_found_by_one_look<B: Backend>(place: B) {
    let mine = gateway(&place, PATIENCE).await;
    let all = vec![
        ada(),
        grant(
            "to-ada",
            Recipient::Address(address("ada@fabrikam.example")),
        ),
        grant(
            "to-eve",
            Recipient::Address(address("eve@fabrikam.example")),
        ),
        grant("to-team", Recipient::Group(GroupId::parse("team").unwrap())),
        grant(
            "to-others",
            Recipient::Group(GroupId::parse("others").unwrap()),
        ),
        grant("to-members", Recipient::Members),
        plan(&["ada@fabrikam.example", "bob@fabrikam.example"]),
    ];
    write(&mine, all).await;
    let redeemed = redemption("contoso", "ada@fabrikam.example", account("ada"));
    mine.redeem(&redeemed, Vec::new()).await.unwrap();
    let view = look(&mine).await.unwrap();
    let ada = view.guest_by_identity(&account("ada")).unwrap();
    assert_eq!(ada.address, address("ada@fabrikam.example"));
    let ids: Vec<&str> = view.permissions().map(|one| one.id().as_str()).collect();
    assert_eq!(ids, ["to-ada", "to-members", "to-team"]);
    let link = view.link_by_token(&[7; 32]).unwrap();
    assert!(
        matches!(&link.scope, LinkScope::Users(people) if people.len() == 2),
        "{link:?}"
    );
    assert_eq!(
        mine.look_at_all(&tenant("contoso"))
            .await
            .unwrap()
            .tenant(&tenant("contoso"))
            .unwrap()
            .permissions()
            .count(),
        5
    );
}

pub(crate) async fn what_one_gateway_changed_the_others_hear_of<B: Backend>(place: B) {
    let (mine, other) = (
        gateway(&place, PATIENCE).await,
        gateway(&place, PATIENCE).await,
    );
    assert!(granted(&other).await.is_empty());
    let to_ada = Recipient::Address(address("ada@fabrikam.example"));
    let revoke = Change::RemovePermission(PermissionId::parse("to-ada").unwrap());
    let session = SessionId([3; 16]);
    let logout = Change::Revoke(Revocation {
        what: Revoked::Session(session),
        at: NOW,
        until: Some(NOW.plus(60)),
    });
    let steps = [
        (grant("to-ada", to_ada), 1),
        (revoke, 0),
        (grant("to-members", Recipient::Members), 1),
        (logout, 1),
    ];
    let mut fastest = PATIENCE;
    for (change, want) in steps {
        let mut changes = other.changes();
        let begun = Instant::now();
        write(&mine, vec![change]).await;
        assert_eq!(granted(&mine).await.len(), want, "at once here");
        timeout(PATIENCE, changes.changed()).await.unwrap().unwrap();
        assert_eq!(granted(&other).await.len(), want);
        fastest = fastest.min(begun.elapsed());
    }
    // Of several, because a busy machine may hold up any of them.
    assert!(fastest < Duration::from_secs(1), "{fastest:?}");
    assert!(other.current().await.unwrap().session_revoked(&session));
}

pub(crate) async fn without_staleness_every_gateway_knows_everything_at_once<B: Backend>(place: B) {
    let (mine, other) = (
        gateway(&place, Duration::ZERO).await,
        gateway(&place, Duration::ZERO).await,
    );
    let revoke = || Change::RemovePermission(PermissionId::parse("to-members").unwrap());
    for _ in 0..5 {
        write(&mine, vec![grant("to-members", Recipient::Members)]).await;
        assert_eq!(granted(&other).await.len(), 1);
        write(&other, vec![revoke()]).await;
        assert!(granted(&mine).await.is_empty());
    }
}

macro_rules! looks {
    ($backend:ty, $($name:ident)+) => {
        $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
        async fn $name() {
            if let Some(place) = <$backend as $crate::conformance::Backend>::place() {
                $crate::looks::$name(place).await;
            }
        })+
    };
}

mod sqlite {
    looks! {
        crate::sqlite::File,
        what_is_stored_is_found_by_one_look
        what_one_gateway_changed_the_others_hear_of
        without_staleness_every_gateway_knows_everything_at_once
    }
}

mod postgres {
    looks! {
        crate::postgres::Database,
        what_is_stored_is_found_by_one_look
        what_one_gateway_changed_the_others_hear_of
        without_staleness_every_gateway_knows_everything_at_once
    }
}
