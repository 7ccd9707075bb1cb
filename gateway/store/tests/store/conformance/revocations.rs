//! What must not be honoured any more.

use gateway_core::id::LinkId;
use gateway_store::model::{Revocation, Revoked, SessionId};

use super::Backend;
use crate::fixtures::{NOW, account, address, mailbox, revocation, tenant};

fn link() -> Revoked {
    Revoked::Link(tenant("contoso"), LinkId::parse("plan").unwrap())
}

fn guest() -> Revoked {
    Revoked::Guest(tenant("contoso"), address("ada@fabrikam.example"))
}

fn session() -> Revoked {
    Revoked::Session(SessionId([7; 16]))
}

fn person() -> Revoked {
    Revoked::Person(tenant("contoso"), account("ada"))
}

pub(crate) async fn sec_056_every_kind_of_revocation_is_found_again(backend: &impl Backend) {
    let store = backend.open(NOW).await;
    let other = Revoked::Person(tenant("contoso"), mailbox("pat"));
    let all = [
        revocation(session(), 0, Some(10)),
        revocation(person(), 1, Some(11)),
        revocation(other, 2, None),
        revocation(link(), 3, None),
        revocation(guest(), 4, None),
    ];
    for one in &all {
        store.revoke(one).await.unwrap();
    }
    assert_eq!(store.revocations(NOW).await.unwrap(), all);
    store.close().await;
    let store = backend.open(NOW).await;
    assert_eq!(store.revocations(NOW).await.unwrap(), all);
}

pub(crate) async fn revoking_again_never_weakens(backend: &impl Backend) {
    let store = backend.open(NOW).await;
    for what in [session(), person()] {
        // What is revoked, and what then stands: at, until.
        let cases = [
            [(5, Some(50)), (5, Some(50))],
            [(3, Some(40)), (5, Some(50))],
            [(9, Some(20)), (9, Some(50))],
            [(2, None), (9, None)],
            [(1, Some(30)), (9, None)],
        ];
        for [asked, stands] in cases {
            store
                .revoke(&revocation(what.clone(), asked.0, asked.1))
                .await
                .unwrap();
            let found = store.revocations(NOW).await.unwrap();
            let want = revocation(what.clone(), stands.0, stands.1);
            assert!(found.contains(&want), "{want:?} in {found:?}");
        }
    }
    assert_eq!(store.revocations(NOW).await.unwrap().len(), 2);
}

pub(crate) async fn sec_081_a_revocation_holds_until_its_end_exactly(backend: &impl Backend) {
    let store = backend.open(NOW).await;
    for what in [session(), person()] {
        store.revoke(&revocation(what, 0, Some(100))).await.unwrap();
    }
    assert_eq!(store.revocations(NOW.plus(99)).await.unwrap().len(), 2);
    assert_eq!(store.revocations(NOW.plus(100)).await.unwrap(), []);
    assert_eq!(store.sweep(NOW.plus(99)).await.unwrap(), 0);
    assert_eq!(store.sweep(NOW.plus(100)).await.unwrap(), 2);
}

pub(crate) async fn links_and_guests_stay_revoked_for_good(backend: &impl Backend) {
    let store = backend.open(NOW).await;
    for what in [link(), guest()] {
        store.revoke(&revocation(what, 0, Some(1))).await.unwrap();
    }
    let later = NOW.plus(1_000_000_000);
    store.sweep(later).await.unwrap();
    let want: Vec<Revocation> = [link(), guest()]
        .map(|what| revocation(what, 0, None))
        .into();
    assert_eq!(store.revocations(later).await.unwrap(), want);
}
