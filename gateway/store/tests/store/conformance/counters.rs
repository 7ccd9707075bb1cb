//! Limits.

use gateway_store::Store;
use gateway_store::model::Counted::{self, Exceeded, Within};

use super::{Backend, parallel};
use crate::fixtures::NOW;

const HOUR: u32 = 3_600;

async fn count(store: &Store, key: &str, limit: u32, at: i64) -> Counted {
    store
        .count("mail", key, HOUR, limit, NOW.plus(at))
        .await
        .unwrap()
}

pub(crate) async fn the_limit_is_the_last_that_is_within(backend: &impl Backend) {
    let store = backend.open(NOW).await;
    for n in 1..=5 {
        assert_eq!(count(&store, "ada", 5, 0).await, Within(n));
    }
    assert_eq!(count(&store, "ada", 5, 0).await, Exceeded);
}

pub(crate) async fn sec_146_of_100_parallel_counts_exactly_the_limit_is_within(
    backend: &impl Backend,
) {
    let store = backend.open(NOW).await;
    let counted = parallel(100, |i| {
        let store = store.clone();
        async move { count(&store, "ada", 5, i64::from(i % 3)).await }
    })
    .await;
    let mut within: Vec<u32> = counted
        .into_iter()
        .filter_map(|counted| match counted {
            Within(n) => Some(n),
            Exceeded => None,
        })
        .collect();
    within.sort_unstable();
    assert_eq!(within, [1, 2, 3, 4, 5]);
}

pub(crate) async fn sec_146_of_100_parallel_counts_over_three_gateways_exactly_five_are_within(
    backend: &impl Backend,
) {
    let stores = [
        backend.open(NOW).await,
        backend.open(NOW).await,
        backend.open(NOW).await,
    ];
    let counted = parallel(100, |i| {
        let store = stores[i as usize % 3].clone();
        async move { store.count("guess", "ada", 60, 5, NOW).await.unwrap() }
    })
    .await;
    let within = counted
        .iter()
        .filter(|counted| matches!(counted, Within(_)))
        .count();
    assert_eq!(within, 5);
}

pub(crate) async fn no_window_holds_more_than_the_limit(backend: &impl Backend) {
    let store = backend.open(NOW).await;
    let hour = i64::from(HOUR);
    assert_eq!(count(&store, "ada", 2, 0).await, Within(1));
    assert_eq!(count(&store, "ada", 2, hour - 1).await, Within(2));
    assert_eq!(count(&store, "ada", 2, hour - 1).await, Exceeded);
    // The first has left the window, the second has not.
    assert_eq!(count(&store, "ada", 2, hour).await, Within(2));
    assert_eq!(count(&store, "ada", 2, 2 * hour - 2).await, Exceeded);
    assert_eq!(count(&store, "ada", 2, 2 * hour - 1).await, Within(2));
    assert_eq!(store.sweep(NOW.plus(2 * hour - 1)).await.unwrap(), 2);
    assert_eq!(
        count(&store, "ada", 2, 2 * hour - 1).await,
        Exceeded,
        "sweeping frees nothing"
    );
}

pub(crate) async fn what_exceeds_is_not_counted(backend: &impl Backend) {
    let store = backend.open(NOW).await;
    assert_eq!(count(&store, "ada", 1, 0).await, Within(1));
    assert_eq!(count(&store, "ada", 1, 1_800).await, Exceeded);
    assert_eq!(count(&store, "ada", 1, 3_600).await, Within(1));
}

pub(crate) async fn a_clock_set_back_frees_nothing(backend: &impl Backend) {
    let store = backend.open(NOW).await;
    assert_eq!(count(&store, "ada", 1, 0).await, Within(1));
    assert_eq!(count(&store, "ada", 1, -86_400).await, Exceeded);
}

pub(crate) async fn scopes_and_keys_count_apart(backend: &impl Backend) {
    let store = backend.open(NOW).await;
    for key in ["ada", "bob", "2001:db8::/64"] {
        assert_eq!(count(&store, key, 1, 0).await, Within(1), "{key}");
        let other = store.count("attempt", key, HOUR, 1, NOW).await.unwrap();
        assert_eq!(other, Within(1), "{key}");
    }
}

pub(crate) async fn a_limit_of_zero_lets_nothing_through(backend: &impl Backend) {
    let store = backend.open(NOW).await;
    assert_eq!(count(&store, "ada", 0, 0).await, Exceeded);
}

pub(crate) async fn counters_survive_a_restart(backend: &impl Backend) {
    let store = backend.open(NOW).await;
    for _ in 0..3 {
        count(&store, "ada", 3, 0).await;
    }
    store.close().await;
    let store = backend.open(NOW.plus(10)).await;
    assert_eq!(count(&store, "ada", 3, 10).await, Exceeded);
}

pub(crate) async fn what_is_taken_back_makes_room_for_one(backend: &impl Backend) {
    let store = backend.open(NOW).await;
    for n in 1..=3 {
        assert_eq!(count(&store, "ada", 3, n.into()).await, Within(n));
    }
    assert_eq!(count(&store, "ada", 3, 3).await, Exceeded);
    store.uncount("mail", "ada", NOW.plus(2)).await.unwrap();
    assert_eq!(count(&store, "ada", 3, 3).await, Within(3));
    assert_eq!(count(&store, "ada", 3, 3).await, Exceeded);
}

pub(crate) async fn nothing_is_taken_back_that_was_not_counted(backend: &impl Backend) {
    let store = backend.open(NOW).await;
    assert_eq!(count(&store, "ada", 1, 0).await, Within(1));
    for (scope, key, at) in [("mail", "bob", 0), ("guess", "ada", 0), ("mail", "ada", 1)] {
        store.uncount(scope, key, NOW.plus(at)).await.unwrap();
        assert_eq!(
            count(&store, "ada", 1, 0).await,
            Exceeded,
            "{scope} {key} {at}"
        );
    }
    for _ in 0..3 {
        store.uncount("mail", "ada", NOW).await.unwrap();
    }
    assert_eq!(
        count(&store, "ada", 1, 0).await,
        Within(1),
        "and not below nothing"
    );
    assert_eq!(count(&store, "ada", 1, 0).await, Exceeded);
}
