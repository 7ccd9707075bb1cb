//! The directory as it is managed: written, asked, and joined with what is declared.

use std::collections::BTreeSet;

use gateway_core::groups::Group;
use gateway_core::id::{GroupId, GuestId, LinkId, PermissionId, SiteId};
use gateway_core::path::{ItemPath, PathCase};
use gateway_core::person::{Guest, GuestOrigin, InvitationManager};
use gateway_core::sharing::{LinkScope, LinkType, Permission, Recipient, Role, SharingLink};
use gateway_store::directory::{DeclaredTenant, Directory};
use gateway_store::model::{
    Actor, AuditEvent, Bound, Change, Document, Expect, GroupEntry, Invitation, LinkEntry,
    PermissionEntry, SettingScope, StoredSetting, UserEntry, UserType, Write, Written,
};

use crate::conformance::{Backend, parallel};
use crate::fixtures::{NOW, account, address, redemption, tenant};

pub(crate) fn user(id: &str, invited: &str) -> UserEntry {
    UserEntry {
        id: GuestId::parse(id).unwrap(),
        address: address(invited),
        user_type: UserType::Guest,
        origin: GuestOrigin::Share,
        manager: InvitationManager::Sharing,
        account_enabled: true,
        sponsor: Some(address("mia@contoso.example")),
        created: NOW,
        state_changed: NOW,
        invitation_expires: Some(NOW.plus(60)),
        expires: [(SiteId::parse("projects").unwrap(), NOW.plus(90))].into(),
        administers: [SiteId::parse("projects").unwrap()].into(),
        mfa_registered: true,
        deleted: None,
        profile: serde_json::from_str(r#"{"displayName":"Ada \u0000 'x'"}"#).unwrap(),
        redemption: None,
        declared: false,
        version: 0,
    }
}

pub(crate) fn permission(id: &str, item: &str, recipient: Recipient) -> PermissionEntry {
    PermissionEntry {
        permission: Permission {
            id: PermissionId::parse(id).unwrap(),
            site: SiteId::parse("projects").unwrap(),
            item: ItemPath::parse(item).unwrap(),
            recipient,
            role: Role::Write,
            created_by: address("mia@contoso.example"),
            manager: InvitationManager::Sharing,
            expires: Some(NOW.plus(5)),
        },
        created: NOW,
        link: None,
        shared_with_integration: true,
        declared: false,
        version: 0,
    }
}

pub(crate) fn link(id: &str, item: &str, token: u8, scope: LinkScope) -> LinkEntry {
    LinkEntry {
        link: SharingLink {
            id: LinkId::parse(id).unwrap(),
            site: SiteId::parse("projects").unwrap(),
            item: ItemPath::parse(item).unwrap(),
            kind: LinkType::BlocksDownload,
            scope,
            created_by: address("mia@contoso.example"),
            creator_may_share: false,
            manager: InvitationManager::Sharing,
            created: NOW,
            expires: None,
        },
        token_sha256: [token; 32],
        sealed_token: Some(vec![1, 0, 2]),
        application: Some("app".to_owned()),
        shared_with_integration: false,
        declared: false,
        version: 0,
    }
}

pub(crate) fn write(changes: Vec<Change>) -> Write {
    Write {
        tenant: tenant("contoso"),
        at: NOW,
        expect: Vec::new(),
        changes,
        audit: vec![AuditEvent::of("SharingSet", Actor::default())],
    }
}

pub(crate) fn put(entry: UserEntry) -> Change {
    Change::PutUser(Box::new(entry))
}

pub(crate) fn grant(entry: PermissionEntry) -> Change {
    Change::PutPermission(Box::new(entry))
}

pub(crate) fn to(who: &str) -> Recipient {
    Recipient::Address(address(who))
}

fn contoso() -> DeclaredTenant {
    let declared = |id: &str, invited: &str| {
        Guest::invited(
            GuestId::parse(id).unwrap(),
            address(invited),
            GuestOrigin::Directory,
        )
    };
    DeclaredTenant {
        id: tenant("contoso"),
        guests: vec![
            declared("b-declared", "bob@fabrikam.example"),
            declared("d-declared", "dan@fabrikam.example"),
        ],
        permissions: vec![
            permission("p-declared", "/sites/projects", to("bob@fabrikam.example")).permission,
        ],
        links: vec![(
            link("l-declared", "/sites/projects", 9, LinkScope::Anonymous).link,
            [9; 32],
        )],
    }
}

pub(crate) async fn open(backend: &impl Backend) -> Directory {
    Directory::open(backend.open(NOW).await, vec![contoso()], NOW)
        .await
        .unwrap()
}

pub(crate) async fn done(directory: &Directory, changes: Vec<Change>) -> u64 {
    let written = directory.write(write(changes)).await.unwrap();
    let Written::Yes { sequence } = written else {
        unreachable!("{written:?}");
    };
    sequence
}

fn id(id: &str) -> GuestId {
    GuestId::parse(id).unwrap()
}

async fn ada(directory: &Directory) -> Option<UserEntry> {
    directory
        .user_by_address(&tenant("contoso"), &address("ada@fabrikam.example"))
        .await
        .unwrap()
}

pub(crate) async fn what_is_written_is_found_as_it_was(backend: &impl Backend) {
    let directory = open(backend).await;
    let contoso = tenant("contoso");
    let people = BTreeSet::from([address("ada@fabrikam.example"), address("x@y.example")]);
    let invitation = Invitation {
        id: "i".to_owned(),
        user: id("ada"),
        address: address("ada@fabrikam.example"),
        manager: InvitationManager::Directory,
        site: None,
        redirect_url: Some("https://contoso.example/".to_owned()),
        invited_by: None,
        created: NOW,
        ended: None,
        account_must_match: false,
    };
    let secure = link(
        "l",
        "/sites/projects/a",
        1,
        LinkScope::Users(people.clone()),
    );
    let granted = permission("p", "/sites/projects/a%20b/", to("ada@fabrikam.example"));
    done(
        &directory,
        vec![
            put(user("ada", "ada@fabrikam.example")),
            Change::PutInvitation(Box::new(invitation.clone())),
            grant(granted.clone()),
            Change::PutLink(Box::new(secure.clone())),
        ],
    )
    .await;
    directory.store().close().await;
    let directory = open(backend).await;
    // A person, a permission and a link.
    for (most, want) in [(2, false), (3, true)] {
        assert_eq!(directory.is_within(&contoso, most).await.unwrap(), want);
    }
    let found = directory.user(&contoso, &id("ada")).await.unwrap().unwrap();
    assert!(found.version > 0);
    let want = UserEntry {
        version: found.version,
        ..user("ada", "ada@fabrikam.example")
    };
    assert_eq!(found, want);
    assert_eq!(ada(&directory).await, Some(want));
    let found = directory.invitations(&contoso, &id("ada")).await.unwrap();
    assert_eq!(found, [invitation]);
    let found = directory
        .permission(&contoso, &granted.permission.id)
        .await
        .unwrap()
        .unwrap();
    let want = PermissionEntry {
        version: found.version,
        ..granted
    };
    assert_eq!(found, want);
    let found = directory.link(&contoso, &secure.link.id).await.unwrap();
    let want = LinkEntry {
        version: found.as_ref().unwrap().version,
        ..secure
    };
    assert_eq!(found.as_ref(), Some(&want));
    let found = directory.link_by_token(&contoso, &[1; 32]).await.unwrap();
    assert_eq!(found, Some(want));
    let elsewhere = tenant("adatum");
    assert_eq!(directory.user(&elsewhere, &id("ada")).await.unwrap(), None);
    let link = directory.link_by_token(&elsewhere, &[1; 32]).await.unwrap();
    assert_eq!(link, None);
}

pub(crate) async fn all_of_a_write_happens_or_nothing(backend: &impl Backend) {
    let directory = open(backend).await;
    done(&directory, vec![put(user("ada", "ada@fabrikam.example"))]).await;
    let mut changes = directory.changes();
    changes.mark_unchanged();
    let carl = || put(user("carl", "carl@fabrikam.example"));
    let taken = [
        vec![carl(), put(user("eve", "ada@fabrikam.example"))],
        vec![carl(), put(user("eve", "bob@fabrikam.example"))],
        vec![carl(), put(user("b-declared", "eve@fabrikam.example"))],
    ];
    for changes in taken {
        let written = directory.write(write(changes)).await.unwrap();
        assert_eq!(written, Written::Taken);
    }
    let conflicts = [
        Expect::NoUser(address("ada@fabrikam.example")),
        Expect::NoUser(address("bob@fabrikam.example")),
        Expect::User(id("nobody"), None),
        Expect::User(id("ada"), Some(99)),
        Expect::User(id("b-declared"), Some(1)),
        Expect::Permission(PermissionId::parse("none").unwrap(), None),
        Expect::Link(LinkId::parse("none").unwrap(), None),
        Expect::Group(GroupId::parse("none").unwrap(), Some(1)),
        Expect::Document {
            collection: "c".to_owned(),
            key: "k".to_owned(),
            version: Some(1),
        },
    ];
    for expect in conflicts {
        let asked = Write {
            expect: vec![Expect::User(id("ada"), None), expect.clone()],
            ..write(vec![carl()])
        };
        let written = directory.write(asked).await.unwrap();
        assert_eq!(written, Written::Conflict(1), "{expect:?}");
    }
    assert_eq!(
        directory
            .user(&tenant("contoso"), &id("carl"))
            .await
            .unwrap(),
        None
    );
    assert!(!changes.has_changed().unwrap());
}

pub(crate) async fn expectations_that_hold_do_not_hinder(backend: &impl Backend) {
    let directory = open(backend).await;
    done(&directory, vec![put(user("ada", "ada@fabrikam.example"))]).await;
    let version = ada(&directory).await.unwrap().version;
    let asked = Write {
        expect: vec![
            Expect::NoUser(address("new@fabrikam.example")),
            Expect::User(id("ada"), Some(version)),
            Expect::User(id("b-declared"), Some(0)),
            Expect::Permission(PermissionId::parse("p-declared").unwrap(), None),
            Expect::Link(LinkId::parse("l-declared").unwrap(), Some(0)),
            Expect::Group(GroupId::parse("none").unwrap(), None),
            Expect::Document {
                collection: "c".to_owned(),
                key: "k".to_owned(),
                version: None,
            },
        ],
        ..write(vec![put(user("ada", "ada@fabrikam.example"))])
    };
    let written = directory.write(asked.clone()).await.unwrap();
    assert!(matches!(written, Written::Yes { .. }), "{written:?}");
    let again = directory.write(asked).await.unwrap();
    assert_eq!(again, Written::Conflict(1), "the version has moved on");
}

pub(crate) async fn one_of_many_parallel_writes_of_one_version_wins(backend: &impl Backend) {
    let directories = [
        open(backend).await,
        open(backend).await,
        open(backend).await,
    ];
    done(
        &directories[0],
        vec![put(user("ada", "ada@fabrikam.example"))],
    )
    .await;
    let version = ada(&directories[0]).await.unwrap().version;
    let written = parallel(32, |i| {
        let directory = directories[i as usize % 3].clone();
        async move {
            let asked = Write {
                expect: vec![Expect::User(id("ada"), Some(version))],
                ..write(vec![put(user("ada", "ada@fabrikam.example"))])
            };
            directory.write(asked).await.unwrap()
        }
    })
    .await;
    let won = written
        .iter()
        .filter(|written| matches!(written, Written::Yes { .. }))
        .count();
    assert_eq!(won, 1, "{written:?}");
}

pub(crate) async fn sequences_never_repeat_over_several_gateways(backend: &impl Backend) {
    let directories = [
        open(backend).await,
        open(backend).await,
        open(backend).await,
    ];
    let mut sequences = parallel(48, |i| {
        let directory = directories[i as usize % 3].clone();
        async move {
            let who = format!("a{i}@fabrikam.example");
            done(&directory, vec![put(user(&format!("u{i}"), &who))]).await
        }
    })
    .await;
    sequences.sort_unstable();
    sequences.dedup();
    assert_eq!(sequences.len(), 48);
}

pub(crate) async fn a_deleted_entry_comes_back_as_it_was(backend: &impl Backend) {
    let directory = open(backend).await;
    let contoso = tenant("contoso");
    done(
        &directory,
        vec![
            put(user("ada", "ada@fabrikam.example")),
            grant(permission(
                "p",
                "/sites/projects",
                to("ada@fabrikam.example"),
            )),
        ],
    )
    .await;
    let redeemed = redemption("contoso", "ada@fabrikam.example", account("ada"));
    let bound = directory.redeem(&redeemed, Vec::new()).await.unwrap();
    assert_eq!(bound, Bound::Yes);
    let before = ada(&directory).await.unwrap();
    assert_eq!(before.redemption, Some((account("ada"), NOW)));
    done(&directory, vec![Change::DeleteUser(id("ada"))]).await;
    assert_eq!(ada(&directory).await, None);
    let gone = directory.user(&contoso, &id("ada")).await.unwrap().unwrap();
    assert_eq!(gone.deleted, Some(NOW));
    assert_eq!(gone.redemption, before.redemption);
    let listed = |deleted| directory.users(&contoso, deleted, None, 10);
    assert_eq!(listed(true).await.unwrap().items, [gone]);
    assert_eq!(listed(false).await.unwrap().items.len(), 2, "the declared");
    done(&directory, vec![Change::RestoreUser(id("ada"))]).await;
    let after = ada(&directory).await.unwrap();
    assert!(after.version > before.version);
    assert_eq!(
        UserEntry {
            version: before.version,
            ..after
        },
        before
    );
    let granted = directory
        .permissions_of(&contoso, &address("ada@fabrikam.example"), None, 10)
        .await
        .unwrap();
    assert_eq!(granted.items.len(), 1);
}

pub(crate) async fn an_entry_that_is_made_again_inherits_nothing(backend: &impl Backend) {
    let directory = open(backend).await;
    let contoso = tenant("contoso");
    let of_ada = address("ada@fabrikam.example");
    let redeemed = redemption("contoso", "ada@fabrikam.example", account("ada"));
    for (old, new, purged) in [("one", "two", false), ("two", "three", true)] {
        done(
            &directory,
            vec![
                put(user(old, "ada@fabrikam.example")),
                grant(permission(
                    old,
                    "/sites/projects",
                    to("ada@fabrikam.example"),
                )),
                Change::PutLink(Box::new(link(
                    &format!("for-{old}"),
                    "/sites/projects",
                    u8::from(purged),
                    LinkScope::Users([of_ada.clone(), address("bob@fabrikam.example")].into()),
                ))),
            ],
        )
        .await;
        directory.redeem(&redeemed, Vec::new()).await.unwrap();
        let mut changes = vec![Change::DeleteUser(id(old))];
        if purged {
            changes.push(Change::PurgeUser(id(old)));
        }
        done(&directory, changes).await;
        done(&directory, vec![put(user(new, "ada@fabrikam.example"))]).await;
        assert_eq!(ada(&directory).await.unwrap().redemption, None);
        let granted = directory
            .permissions_of(&contoso, &of_ada, None, 10)
            .await
            .unwrap();
        assert_eq!(granted.items, [], "purged: {purged}");
        let id_of_link = LinkId::parse(&format!("for-{old}")).unwrap();
        let kept = directory.link(&contoso, &id_of_link).await.unwrap();
        assert_eq!(
            kept.unwrap().link.scope,
            LinkScope::Users([address("bob@fabrikam.example")].into()),
            "purged: {purged}"
        );
        if !purged {
            let restored = directory
                .write(write(vec![Change::RestoreUser(id(old))]))
                .await
                .unwrap();
            assert_eq!(restored, Written::Taken, "the address is another's by now");
        }
    }
}

pub(crate) async fn who_redeemed_a_declaration_that_is_gone_redeemed_nothing_else(
    backend: &impl Backend,
) {
    let declared = open(backend).await;
    let redeemed = redemption("contoso", "bob@fabrikam.example", account("bob"));
    let bound = declared.redeem(&redeemed, Vec::new()).await.unwrap();
    assert_eq!(bound, Bound::Yes);
    declared.store().close().await;
    let without = Directory::open(backend.open(NOW).await, Vec::new(), NOW)
        .await
        .unwrap();
    done(&without, vec![put(user("bob", "bob@fabrikam.example"))]).await;
    let found = without
        .user_by_address(&tenant("contoso"), &address("bob@fabrikam.example"))
        .await
        .unwrap();
    assert_eq!(found.unwrap().redemption, None);
}

pub(crate) async fn a_reset_redemption_frees_the_identity(backend: &impl Backend) {
    let directory = open(backend).await;
    done(&directory, vec![put(user("ada", "ada@fabrikam.example"))]).await;
    let redeemed = redemption("contoso", "ada@fabrikam.example", account("ada"));
    directory.redeem(&redeemed, Vec::new()).await.unwrap();
    let renamed = put(user("ada", "ada@other.example"));
    done(&directory, vec![renamed]).await;
    let found = directory
        .user_by_address(&tenant("contoso"), &address("ada@other.example"))
        .await
        .unwrap()
        .unwrap();
    assert_eq!(found.redemption, Some((account("ada"), NOW)), "goes along");
    let reset = Write {
        at: NOW.plus(7),
        ..write(vec![Change::ResetRedemption(address("ada@other.example"))])
    };
    directory.write(reset).await.unwrap();
    let found = directory
        .user(&tenant("contoso"), &id("ada"))
        .await
        .unwrap()
        .unwrap();
    assert_eq!(found.redemption, None);
    assert_eq!(found.state_changed, NOW.plus(7));
    let anew = redemption("contoso", "ada@other.example", account("another"));
    let bound = directory.redeem(&anew, Vec::new()).await.unwrap();
    assert_eq!(bound, Bound::Yes);
}

pub(crate) async fn sec_118_denials_over_declarations_stay(backend: &impl Backend) {
    let directory = open(backend).await;
    let contoso = tenant("contoso");
    done(
        &directory,
        vec![
            Change::DeleteUser(id("b-declared")),
            Change::RemovePermission(PermissionId::parse("p-declared").unwrap()),
            Change::RemoveLink(LinkId::parse("l-declared").unwrap()),
        ],
    )
    .await;
    directory.store().close().await;
    let directory = open(backend).await;
    let bob = directory.user(&contoso, &id("b-declared")).await.unwrap();
    assert!(!bob.unwrap().account_enabled);
    let permission = PermissionId::parse("p-declared").unwrap();
    let found = directory.permission(&contoso, &permission).await.unwrap();
    assert_eq!(found, None);
    let site = SiteId::parse("projects").unwrap();
    let item = ItemPath::parse("/sites/projects/a").unwrap();
    let on = directory
        .permissions_on(&contoso, &site, &item, PathCase::Sensitive)
        .await
        .unwrap();
    assert_eq!(on, []);
    let of = directory
        .permissions_of(&contoso, &address("bob@fabrikam.example"), None, 10)
        .await
        .unwrap();
    assert_eq!(of.items, []);
    let link = LinkId::parse("l-declared").unwrap();
    assert_eq!(directory.link(&contoso, &link).await.unwrap(), None);
    let by_token = directory.link_by_token(&contoso, &[9; 32]).await.unwrap();
    assert_eq!(by_token, None);
    let on = directory
        .links_on(&contoso, &site, &item, PathCase::Sensitive)
        .await
        .unwrap();
    assert_eq!(on, []);
    let all = directory.links(&contoso, None, None, 10).await.unwrap();
    assert_eq!(all.items, []);
    let refused = Write {
        expect: vec![Expect::Link(link, None)],
        ..write(vec![put(user("x", "x@y.example"))])
    };
    let written = directory.write(refused).await.unwrap();
    assert_eq!(written, Written::Conflict(0));
}

pub(crate) async fn pages_hold_declared_and_stored_by_id(backend: &impl Backend) {
    let directory = open(backend).await;
    let contoso = tenant("contoso");
    done(
        &directory,
        vec![
            put(user("a", "a@fabrikam.example")),
            put(user("c", "c@fabrikam.example")),
            put(user("e", "e@fabrikam.example")),
        ],
    )
    .await;
    for limit in 1..=6 {
        let (mut all, mut after, mut pages) = (Vec::new(), None::<String>, 0);
        loop {
            let page = directory
                .users(&contoso, false, after.as_deref(), limit)
                .await
                .unwrap();
            assert!(page.items.len() <= limit);
            pages += 1;
            all.extend(page.items.iter().map(|user| user.id.as_str().to_owned()));
            after = page.next;
            if after.is_none() {
                break;
            }
        }
        assert_eq!(all, ["a", "b-declared", "c", "d-declared", "e"]);
        assert_eq!(pages, 5_usize.div_ceil(limit), "{limit} on a page");
    }
}

pub(crate) async fn what_is_on_an_item_or_above_it_is_found(backend: &impl Backend) {
    let directory = open(backend).await;
    let contoso = tenant("contoso");
    let long = format!("/sites/projects/{}", "x".repeat(900));
    let longer = format!("{long}/{}/deep", "y".repeat(900));
    let items = [
        ("root", "/sites/projects/"),
        ("folder", "/sites/projects/Shared"),
        ("file", "/sites/projects/Shared/Plan.docx"),
        ("beside", "/sites/projects/SharedToo"),
        ("below", "/sites/projects/Shared/Plan.docx/part"),
        ("folded", "/sites/projects/SHARED"),
        ("greek", "/sites/projects/%CE%A3%CE%A3"),
        ("long", &long),
        ("longer", &longer),
    ];
    let changes = items
        .iter()
        .map(|(id, item)| grant(permission(id, item, Recipient::Members)))
        .collect();
    done(&directory, changes).await;
    let changes = items
        .iter()
        .enumerate()
        .map(|(i, (id, item))| {
            let token = u8::try_from(i).unwrap() + 20;
            Change::PutLink(Box::new(link(id, item, token, LinkScope::Anonymous)))
        })
        .collect();
    done(&directory, changes).await;
    let site = SiteId::parse("projects").unwrap();
    let cases = [
        (
            "/sites/projects/Shared/Plan.docx",
            PathCase::Sensitive,
            vec!["file", "folder", "root"],
        ),
        (
            "/sites/projects/shared/plan.docx",
            PathCase::Insensitive,
            vec!["file", "folded", "folder", "root"],
        ),
        (
            "/sites/projects/shared/plan.docx",
            PathCase::Sensitive,
            vec!["root"],
        ),
        (
            "/sites/projects/%CF%83%CF%82",
            PathCase::Insensitive,
            vec!["greek", "root"],
        ),
        (&long, PathCase::Sensitive, vec!["long", "root"]),
        (
            &longer,
            PathCase::Insensitive,
            vec!["long", "longer", "root"],
        ),
        ("/", PathCase::Insensitive, vec![]),
    ];
    for (item, case, want) in cases {
        let path = ItemPath::parse(item).unwrap();
        let found = directory
            .permissions_on(&contoso, &site, &path, case)
            .await
            .unwrap();
        let mut ids: Vec<&str> = found.iter().map(|one| one.permission.id.as_str()).collect();
        ids.retain(|id| *id != "p-declared");
        assert_eq!(ids, want, "{item} {case:?}");
        let found = directory
            .links_on(&contoso, &site, &path, case)
            .await
            .unwrap();
        let mut ids: Vec<&str> = found.iter().map(|one| one.link.id.as_str()).collect();
        ids.retain(|id| *id != "l-declared");
        assert_eq!(ids, want, "{item} {case:?}");
    }
}

pub(crate) async fn what_moves_carries_its_grants(backend: &impl Backend) {
    let directory = open(backend).await;
    let contoso = tenant("contoso");
    let deep = format!("/sites/projects/Shared/{}/x", "y".repeat(900));
    let items = [
        ("folder", "/sites/projects/Shared/"),
        ("file", "/sites/projects/Shared/Plan.docx"),
        ("beside", "/sites/projects/SharedToo"),
        ("other-case", "/sites/projects/shared/Plan.docx"),
        ("deep", &deep),
    ];
    let mut changes: Vec<Change> = items
        .iter()
        .map(|(id, item)| grant(permission(id, item, Recipient::Members)))
        .collect();
    changes.push(Change::PutLink(Box::new(link(
        "l",
        "/sites/projects/Shared/Plan.docx",
        1,
        LinkScope::Anonymous,
    ))));
    changes.push(Change::MoveItem {
        from_site: SiteId::parse("projects").unwrap(),
        from: ItemPath::parse("/sites/projects/Shared").unwrap(),
        to_site: SiteId::parse("archive").unwrap(),
        to: ItemPath::parse("/sites/archive/Old%20ones").unwrap(),
        case: PathCase::Sensitive,
    });
    done(&directory, changes).await;
    let deep = format!("/sites/archive/Old%20ones/{}/x", "y".repeat(900));
    let moved = [
        ("folder", "/sites/archive/Old%20ones/", "archive"),
        ("file", "/sites/archive/Old%20ones/Plan.docx", "archive"),
        ("beside", "/sites/projects/SharedToo", "projects"),
        ("other-case", "/sites/projects/shared/Plan.docx", "projects"),
        ("deep", &deep, "archive"),
    ];
    for (id, item, site) in moved {
        let id = PermissionId::parse(id).unwrap();
        let found = directory.permission(&contoso, &id).await.unwrap().unwrap();
        assert_eq!(found.permission.item.encoded(), item);
        assert_eq!(found.permission.site.as_str(), site);
    }
    let id = LinkId::parse("l").unwrap();
    let found = directory.link(&contoso, &id).await.unwrap().unwrap();
    assert_eq!(
        found.link.item.encoded(),
        "/sites/archive/Old%20ones/Plan.docx"
    );
    let site = SiteId::parse("archive").unwrap();
    let below = ItemPath::parse(&deep).unwrap();
    let found = directory
        .permissions_on(&contoso, &site, &below, PathCase::Sensitive)
        .await
        .unwrap();
    assert_eq!(found.len(), 2, "found where it is now");
}

pub(crate) async fn what_is_deleted_is_shared_no_more(backend: &impl Backend) {
    let directory = open(backend).await;
    let contoso = tenant("contoso");
    let site = SiteId::parse("projects").unwrap();
    let items = [
        ("file", "/sites/projects/Shared/Plan.docx"),
        ("below", "/sites/projects/Shared/Plan.docx/x"),
        ("beside", "/sites/projects/Shared/Plan.docx2"),
        ("other-case", "/sites/projects/shared/Plan.docx"),
        ("above", "/sites/projects/Shared"),
    ];
    let mut changes: Vec<Change> = items
        .iter()
        .map(|(id, item)| grant(permission(id, item, Recipient::Members)))
        .collect();
    let through = PermissionEntry {
        link: Some(LinkId::parse("l").unwrap()),
        ..permission("through", items[0].1, to("ada@fabrikam.example"))
    };
    let people = LinkScope::Users([address("ada@fabrikam.example")].into());
    changes.push(Change::PutLink(Box::new(link("l", items[0].1, 1, people))));
    changes.push(grant(through));
    done(&directory, changes).await;
    let wanted = [(items[0].1.to_owned(), "the-id".to_owned())].into();
    let store = directory.store();
    store.item_ids(&contoso, &site, &wanted).await.unwrap();

    let gone = Change::RemoveItem {
        site: site.clone(),
        item: ItemPath::parse(items[0].1).unwrap(),
        case: PathCase::Sensitive,
    };
    done(&directory, vec![gone]).await;
    for (id, left) in [
        ("file", false),
        ("below", false),
        ("through", false),
        ("beside", true),
        ("other-case", true),
        ("above", true),
    ] {
        let found = directory
            .permission(&contoso, &PermissionId::parse(id).unwrap())
            .await
            .unwrap();
        assert_eq!(found.is_some(), left, "{id}");
    }
    let token = directory.link_by_token(&contoso, &[1; 32]).await.unwrap();
    assert_eq!(token, None);
    assert_eq!(store.item(&contoso, "the-id").await.unwrap(), None);
}

pub(crate) async fn a_link_takes_along_what_came_through_it(backend: &impl Backend) {
    let directory = open(backend).await;
    let contoso = tenant("contoso");
    let through = PermissionEntry {
        link: Some(LinkId::parse("l").unwrap()),
        ..permission("p", "/sites/projects/a", to("ada@fabrikam.example"))
    };
    let people = LinkScope::Users([address("ada@fabrikam.example")].into());
    done(
        &directory,
        vec![
            Change::PutLink(Box::new(link("l", "/sites/projects/a", 1, people))),
            grant(through),
            grant(permission(
                "q",
                "/sites/projects/a",
                to("ada@fabrikam.example"),
            )),
        ],
    )
    .await;
    done(
        &directory,
        vec![Change::RemoveLink(LinkId::parse("l").unwrap())],
    )
    .await;
    let found = directory
        .permissions_of(&contoso, &address("ada@fabrikam.example"), None, 10)
        .await
        .unwrap();
    assert_eq!(found.items.len(), 1);
    assert_eq!(found.items[0].permission.id.as_str(), "q");
    assert_eq!(
        directory.link_by_token(&contoso, &[1; 32]).await.unwrap(),
        None
    );
}

pub(crate) async fn one_of_two_who_redeem_one_invitation_wins(backend: &impl Backend) {
    let directories = [
        open(backend).await,
        open(backend).await,
        open(backend).await,
    ];
    done(
        &directories[0],
        vec![put(user("ada", "ada@fabrikam.example"))],
    )
    .await;
    let bound = parallel(32, |i| {
        let directory = directories[i as usize % 3].clone();
        async move {
            let one = redemption(
                "contoso",
                "ada@fabrikam.example",
                account(&format!("account-{i}")),
            );
            directory.redeem(&one, Vec::new()).await.unwrap()
        }
    })
    .await;
    let won: Vec<usize> = (0..32).filter(|i| bound[*i] == Bound::Yes).collect();
    assert_eq!(won.len(), 1);
    let holder = ada(&directories[1]).await.unwrap().redemption.unwrap().0;
    assert_eq!(holder, account(&format!("account-{}", won[0])));
}

pub(crate) async fn small_things_are_written_and_cleared(backend: &impl Backend) {
    let directory = open(backend).await;
    let document = |body: &str| Document {
        collection: "c".to_owned(),
        key: "k".to_owned(),
        body: body.into(),
        version: 0,
    };
    let group = GroupEntry {
        id: GroupId::parse("team").unwrap(),
        display_name: "Team".to_owned(),
        group: Group {
            people: [address("ada@fabrikam.example")].into(),
            groups: [GroupId::parse("inner").unwrap()].into(),
        },
        declared: false,
        version: 0,
    };
    let setting = |scope: SettingScope| StoredSetting {
        scope,
        name: "SharingCapability".to_owned(),
        value: "Disabled".into(),
    };
    let site = SettingScope::Site(SiteId::parse("projects").unwrap());
    let first = done(
        &directory,
        vec![
            Change::PutDocument(Box::new(document("one"))),
            Change::PutGroup(Box::new(group.clone())),
            Change::PutSetting(setting(SettingScope::Tenant)),
            Change::PutSetting(setting(site.clone())),
            Change::PutSetting(setting(SettingScope::Directory)),
        ],
    )
    .await;
    let version_expected = |version: u64| Write {
        expect: vec![Expect::Document {
            collection: "c".to_owned(),
            key: "k".to_owned(),
            version: Some(version),
        }],
        ..write(vec![Change::PutDocument(Box::new(document("two")))])
    };
    let versions = (1..=first).map(version_expected);
    let mut won = 0;
    for asked in versions {
        let written = directory.write(asked).await.unwrap();
        won += usize::from(matches!(written, Written::Yes { .. }));
    }
    assert_eq!(won, 1, "exactly one version was right");
    let team = |version| Write {
        expect: vec![Expect::Group(GroupId::parse("team").unwrap(), version)],
        ..write(vec![Change::PutGroup(Box::new(group.clone()))])
    };
    let (_, rows) = directory.settings_rows(&tenant("contoso"));
    let seen = rows.groups[0].version;
    assert_eq!(
        directory.write(team(None)).await.unwrap(),
        Written::Conflict(0),
        "there is one"
    );
    let written = directory.write(team(Some(seen))).await.unwrap();
    assert!(matches!(written, Written::Yes { .. }), "{written:?}");
    assert_eq!(
        directory.write(team(Some(seen))).await.unwrap(),
        Written::Conflict(0),
        "the version has moved on"
    );
    done(
        &directory,
        vec![
            Change::RemoveDocument {
                collection: "c".to_owned(),
                key: "k".to_owned(),
            },
            Change::RemoveGroup(GroupId::parse("team").unwrap()),
            Change::ClearSetting(site, "SharingCapability".to_owned()),
        ],
    )
    .await;
    let none_expected = Write {
        expect: vec![Expect::Document {
            collection: "c".to_owned(),
            key: "k".to_owned(),
            version: None,
        }],
        ..write(vec![Change::PutDocument(Box::new(document("three")))])
    };
    let written = directory.write(none_expected).await.unwrap();
    assert!(matches!(written, Written::Yes { .. }), "{written:?}");
}
