//! Sessions at identity providers.

use gateway_store::Store;
use gateway_store::model::SessionId;

use super::Backend;
use crate::fixtures::NOW;

const SESSION: SessionId = SessionId([3; 16]);

async fn remember(store: &Store, until: i64) {
    let until = NOW.plus(until);
    store.remember_home_session(&SESSION, until).await.unwrap();
}

async fn known(store: &Store, at: i64) -> bool {
    let now = NOW.plus(at);
    let other = SessionId([4; 16]);
    assert!(!store.has_home_session(&other, now).await.unwrap());
    store.has_home_session(&SESSION, now).await.unwrap()
}

pub(crate) async fn sec_056_a_session_is_known_until_its_end_exactly(backend: &impl Backend) {
    let store = backend.open(NOW).await;
    assert!(!known(&store, 0).await);
    remember(&store, 10).await;
    assert!(known(&store, 9).await && !known(&store, 10).await);
    assert_eq!(store.sweep(NOW.plus(9)).await.unwrap(), 0);
    assert_eq!(store.sweep(NOW.plus(10)).await.unwrap(), 1);
}

pub(crate) async fn what_is_remembered_longer_stays(backend: &impl Backend) {
    let store = backend.open(NOW).await;
    for until in [10, 20, 5] {
        remember(&store, until).await;
    }
    assert!(known(&store, 19).await && !known(&store, 20).await);
}

pub(crate) async fn home_sessions_survive_a_restart(backend: &impl Backend) {
    let store = backend.open(NOW).await;
    remember(&store, 10).await;
    store.close().await;
    assert!(known(&backend.open(NOW).await, 0).await);
}
