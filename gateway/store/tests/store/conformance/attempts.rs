//! Pending sign-ins.

use gateway_store::Store;
use gateway_store::model::{Attempt, AttemptHandle};

use super::{Backend, parallel};
use crate::fixtures::{NOW, attempt};

const AT_MOST: usize = 16;

async fn alive(store: &Store, handles: impl IntoIterator<Item = u8>, now: i64) -> Vec<u8> {
    let mut alive = Vec::new();
    for handle in handles {
        if store
            .attempt(&AttemptHandle([handle; 16]), NOW.plus(now))
            .await
            .unwrap()
            .is_some()
        {
            alive.push(handle);
        }
    }
    alive
}

pub(crate) async fn an_attempt_is_found_as_it_was_begun(backend: &impl Backend) {
    let store = backend.open(NOW).await;
    let with_address = attempt(1, 1, 0);
    let without = Attempt {
        address: None,
        sequence: u32::MAX,
        ..attempt(2, 1, 0)
    };
    for one in [with_address, without] {
        store.begin_attempt(&one, AT_MOST).await.unwrap();
        assert_eq!(store.attempt(&one.handle, NOW).await.unwrap(), Some(one));
    }
    assert_eq!(
        store.attempt(&AttemptHandle([3; 16]), NOW).await.unwrap(),
        None
    );
}

pub(crate) async fn sec_081_an_attempt_is_dead_at_its_end_exactly(backend: &impl Backend) {
    let store = backend.open(NOW).await;
    store
        .begin_attempt(&attempt(1, 1, 0), AT_MOST)
        .await
        .unwrap();
    assert_eq!(alive(&store, [1], 599).await, [1]);
    assert!(alive(&store, [1], 600).await.is_empty());
    assert_eq!(store.sweep(NOW.plus(599)).await.unwrap(), 0);
    assert_eq!(store.sweep(NOW.plus(600)).await.unwrap(), 1);
}

pub(crate) async fn the_oldest_attempts_of_a_browser_are_dropped(backend: &impl Backend) {
    let store = backend.open(NOW).await;
    store
        .begin_attempt(&attempt(100, 2, 0), AT_MOST)
        .await
        .unwrap();
    // All in one second: what was begun first is oldest.
    for handle in 0..18 {
        store
            .begin_attempt(&attempt(handle, 1, 0), AT_MOST)
            .await
            .unwrap();
    }
    assert_eq!(alive(&store, 0..18, 0).await, (2..18).collect::<Vec<u8>>());
    assert_eq!(alive(&store, [100], 0).await, [100], "another browser's");
    store.begin_attempt(&attempt(50, 1, 0), 0).await.unwrap();
    assert_eq!(
        alive(&store, 0..100, 0).await,
        [50],
        "the new one stays in any case"
    );
}

pub(crate) async fn dead_attempts_do_not_push_out_live_ones(backend: &impl Backend) {
    let store = backend.open(NOW).await;
    store.begin_attempt(&attempt(1, 1, 0), 2).await.unwrap();
    let brief = Attempt {
        expires: NOW.plus(10),
        ..attempt(2, 1, 0)
    };
    store.begin_attempt(&brief, 2).await.unwrap();
    store.begin_attempt(&attempt(3, 1, 10), 2).await.unwrap();
    assert_eq!(alive(&store, 1..=3, 10).await, [1, 3]);
}

pub(crate) async fn sec_082_nothing_moves_from_a_stale_sequence(backend: &impl Backend) {
    let store = backend.open(NOW).await;
    let handle = AttemptHandle([1; 16]);
    assert!(
        !store.advance_attempt(&handle, 0, "x").await.unwrap(),
        "unknown"
    );
    assert!(!store.end_attempt(&handle, 0).await.unwrap(), "unknown");
    store
        .begin_attempt(&attempt(1, 1, 0), AT_MOST)
        .await
        .unwrap();
    assert!(!store.advance_attempt(&handle, 1, "ahead").await.unwrap());
    assert!(store.advance_attempt(&handle, 0, "second").await.unwrap());
    assert!(!store.advance_attempt(&handle, 0, "back").await.unwrap());
    assert!(!store.end_attempt(&handle, 0).await.unwrap());
    let now = store.attempt(&handle, NOW).await.unwrap().unwrap();
    assert_eq!((now.sequence, now.state.as_str()), (1, "second"));
    assert!(store.end_attempt(&handle, 1).await.unwrap());
    assert!(!store.end_attempt(&handle, 1).await.unwrap(), "over");
    assert_eq!(store.attempt(&handle, NOW).await.unwrap(), None);
}

pub(crate) async fn one_of_many_parallel_steps_advances(backend: &impl Backend) {
    let store = backend.open(NOW).await;
    let handle = AttemptHandle([1; 16]);
    store
        .begin_attempt(&attempt(1, 1, 0), AT_MOST)
        .await
        .unwrap();
    for sequence in 0..5 {
        let won = parallel(20, |i| {
            let store = store.clone();
            async move {
                store
                    .advance_attempt(&handle, sequence, &i.to_string())
                    .await
                    .unwrap()
            }
        })
        .await;
        let winners: Vec<usize> = (0..won.len()).filter(|i| won[*i]).collect();
        assert_eq!(winners.len(), 1);
        let now = store.attempt(&handle, NOW).await.unwrap().unwrap();
        assert_eq!(
            (now.sequence, now.state),
            (sequence + 1, winners[0].to_string())
        );
    }
}

pub(crate) async fn one_of_many_parallel_steps_ends(backend: &impl Backend) {
    let store = backend.open(NOW).await;
    let handle = AttemptHandle([1; 16]);
    store
        .begin_attempt(&attempt(1, 1, 0), AT_MOST)
        .await
        .unwrap();
    let won = parallel(40, |i| {
        let store = store.clone();
        async move {
            if i % 2 == 0 {
                store.end_attempt(&handle, 0).await.unwrap()
            } else {
                store.advance_attempt(&handle, 0, "next").await.unwrap()
            }
        }
    })
    .await;
    assert_eq!(won.iter().filter(|won| **won).count(), 1);
}

pub(crate) async fn a_browser_keeps_so_many_however_many_begin_at_once(backend: &impl Backend) {
    let stores = [
        backend.open(NOW).await,
        backend.open(NOW).await,
        backend.open(NOW).await,
    ];
    parallel(32, |i| {
        let store = stores[i as usize % 3].clone();
        async move {
            let begun = attempt(u8::try_from(i).unwrap(), 1, 0);
            store.begin_attempt(&begun, 4).await.unwrap();
        }
    })
    .await;
    assert_eq!(alive(&stores[0], 0..32, 0).await.len(), 4);
}

pub(crate) async fn sec_208_what_was_begun_with_an_attempt_never_changes(backend: &impl Backend) {
    let store = backend.open(NOW).await;
    let begun = attempt(1, 1, 0);
    store.begin_attempt(&begun, AT_MOST).await.unwrap();
    let again = Attempt {
        address: None,
        return_to: "/elsewhere".to_owned(),
        ..begun.clone()
    };
    assert!(
        store.begin_attempt(&again, AT_MOST).await.is_err(),
        "a handle is used once"
    );
    assert!(
        store
            .advance_attempt(&begun.handle, 0, "next")
            .await
            .unwrap()
    );
    let want = Attempt {
        state: "next".to_owned(),
        sequence: 1,
        ..begun.clone()
    };
    assert_eq!(store.attempt(&begun.handle, NOW).await.unwrap(), Some(want));
}

pub(crate) async fn attempts_survive_a_restart(backend: &impl Backend) {
    let store = backend.open(NOW).await;
    let begun = attempt(1, 1, 0);
    store.begin_attempt(&begun, AT_MOST).await.unwrap();
    store.close().await;
    let store = backend.open(NOW.plus(599)).await;
    assert_eq!(
        store.attempt(&begun.handle, NOW.plus(599)).await.unwrap(),
        Some(begun)
    );
}
