//! What may be used once.

use gateway_store::Store;
use gateway_store::model::Consumed::{self, Fresh, Replayed};
use gateway_store::model::{Bound, Counted, Revoked, SessionId};

use super::{Backend, parallel};
use crate::fixtures::{NOW, account, provider, redemption, revocation};

const HOUR: i64 = 3_600;

async fn consume(store: &Store, by: &str, ids: &[(&str, i64)], at: i64) -> Consumed {
    let ids: Vec<_> = ids
        .iter()
        .map(|(id, until)| ((*id).to_owned(), NOW.plus(*until)))
        .collect();
    store
        .consume(&provider(by), &ids, NOW.plus(at))
        .await
        .unwrap()
}

pub(crate) async fn sec_107_an_id_is_used_once(backend: &impl Backend) {
    let store = backend.open(NOW).await;
    assert_eq!(consume(&store, "saml", &[("a", HOUR)], 0).await, Fresh);
    assert_eq!(consume(&store, "saml", &[("a", HOUR)], 0).await, Replayed);
    assert_eq!(
        consume(&store, "saml", &[("a", 9 * HOUR)], 1).await,
        Replayed
    );
}

pub(crate) async fn sec_133_of_100_parallel_uses_exactly_one_is_fresh(backend: &impl Backend) {
    let store = backend.open(NOW).await;
    let consumed = parallel(100, |i| {
        let store = store.clone();
        async move {
            let own = format!("own-{i}");
            consume(&store, "saml", &[(&own, HOUR), ("shared", HOUR)], 0).await
        }
    })
    .await;
    assert_eq!(
        consumed
            .iter()
            .filter(|consumed| **consumed == Fresh)
            .count(),
        1
    );
}

pub(crate) async fn sec_133_of_many_parallel_uses_over_three_gateways_one_is_fresh(
    backend: &impl Backend,
) {
    let stores = [
        backend.open(NOW).await,
        backend.open(NOW).await,
        backend.open(NOW).await,
    ];
    let used = parallel(32, |i| {
        let store = stores[i as usize % 3].clone();
        async move {
            let mut ids: Vec<_> = (0..20).map(|id| (id.to_string(), NOW.plus(60))).collect();
            // In one order or the other: nobody waits for each other for ever.
            if i % 2 == 0 {
                ids.reverse();
            }
            store.consume(&provider("saml"), &ids, NOW).await.unwrap()
        }
    })
    .await;
    let fresh = used.iter().filter(|used| **used == Fresh).count();
    assert_eq!(fresh, 1);
}

pub(crate) async fn all_ids_are_used_or_none(backend: &impl Backend) {
    let store = backend.open(NOW).await;
    assert_eq!(consume(&store, "saml", &[("b", HOUR)], 0).await, Fresh);
    assert_eq!(
        consume(&store, "saml", &[("a", HOUR), ("b", HOUR)], 0).await,
        Replayed
    );
    assert_eq!(
        consume(&store, "saml", &[("a", HOUR), ("c", HOUR)], 0).await,
        Fresh
    );
}

pub(crate) async fn an_id_named_twice_is_a_replay(backend: &impl Backend) {
    let store = backend.open(NOW).await;
    assert_eq!(
        consume(&store, "saml", &[("a", HOUR), ("a", HOUR)], 0).await,
        Replayed
    );
    assert_eq!(consume(&store, "saml", &[("a", HOUR)], 0).await, Fresh);
}

pub(crate) async fn nothing_to_use_is_fresh(backend: &impl Backend) {
    let store = backend.open(NOW).await;
    assert_eq!(consume(&store, "saml", &[], 0).await, Fresh);
    assert_eq!(consume(&store, "saml", &[], 0).await, Fresh);
}

pub(crate) async fn providers_use_their_ids_apart(backend: &impl Backend) {
    let store = backend.open(NOW).await;
    assert_eq!(consume(&store, "saml", &[("a", HOUR)], 0).await, Fresh);
    assert_eq!(consume(&store, "entra", &[("a", HOUR)], 0).await, Fresh);
}

pub(crate) async fn an_id_is_remembered_until_its_end_exactly(backend: &impl Backend) {
    let store = backend.open(NOW).await;
    assert_eq!(consume(&store, "saml", &[("a", HOUR)], 0).await, Fresh);
    assert_eq!(store.sweep(NOW.plus(HOUR - 1)).await.unwrap(), 0);
    assert_eq!(
        consume(&store, "saml", &[("a", 2 * HOUR)], HOUR - 1).await,
        Replayed
    );
    // At its end it counts as forgotten, swept or not.
    assert_eq!(
        consume(&store, "saml", &[("a", 2 * HOUR)], HOUR).await,
        Fresh
    );
    assert_eq!(store.sweep(NOW.plus(2 * HOUR)).await.unwrap(), 1);
    assert_eq!(
        consume(&store, "saml", &[("a", 3 * HOUR)], 2 * HOUR).await,
        Fresh
    );
}

pub(crate) async fn an_id_that_ends_at_once_is_remembered_all_the_same(backend: &impl Backend) {
    let store = backend.open(NOW).await;
    for (id, until) in [("past", -1), ("now", 0), ("soon", 1)] {
        assert_eq!(
            consume(&store, "saml", &[(id, until)], 0).await,
            Fresh,
            "{id}"
        );
        store.sweep(NOW.plus(2)).await.unwrap();
        assert_eq!(
            consume(&store, "saml", &[(id, until)], 599).await,
            Replayed,
            "{id}"
        );
    }
}

pub(crate) async fn sec_133_used_ids_survive_a_restart(backend: &impl Backend) {
    let store = backend.open(NOW).await;
    assert_eq!(consume(&store, "saml", &[("a", HOUR)], 0).await, Fresh);
    store.close().await;
    let store = backend.open(NOW.plus(1)).await;
    assert_eq!(consume(&store, "saml", &[("a", HOUR)], 1).await, Replayed);
}

/// Not one without the other: what is used up without ending anything could not be asked for again.
pub(crate) async fn sec_109_what_is_fresh_revokes_and_what_is_replayed_does_not(
    backend: &impl Backend,
) {
    let store = backend.open(NOW).await;
    let one = revocation(Revoked::Session(SessionId([1; 16])), 0, Some(HOUR));
    let two = revocation(Revoked::Session(SessionId([2; 16])), 0, Some(HOUR));
    let (idp, ids) = (provider("idp"), [("a".to_owned(), NOW.plus(HOUR))]);
    let end = async |revocation: &_| {
        let revocations = std::slice::from_ref(revocation);
        let ended = store.consume_and_revoke(&idp, &ids, revocations, NOW).await;
        (ended.unwrap(), store.revocations(NOW).await.unwrap())
    };
    assert_eq!(end(&one).await, (Fresh, vec![one.clone()]));
    assert_eq!(end(&two).await, (Replayed, vec![one.clone()]));
    // Nothing to use up: every time anew, and each time the same.
    for _ in 0..2 {
        let ended = store
            .consume_and_revoke(&idp, &[], std::slice::from_ref(&two), NOW)
            .await;
        assert_eq!(ended.unwrap(), Fresh);
        assert_eq!(
            store.revocations(NOW).await.unwrap(),
            [one.clone(), two.clone()]
        );
    }
}

/// What identity providers and browsers may put into a text that is stored.
const HOSTILE: [&str; 6] = [
    "'; DROP TABLE consumed; --",
    "' OR '1'='1",
    "\" OR \"\"=\"",
    "?1",
    "$1; DELETE FROM attempt",
    "\\'); SELECT 1; --",
];

pub(crate) async fn sec_204_text_of_strangers_is_never_sql(backend: &impl Backend) {
    let store = backend.open(NOW).await;
    for text in HOSTILE {
        let ids = [(text.to_owned(), NOW.plus(60))];
        let used = store.consume(&provider("entra"), &ids, NOW).await;
        assert_eq!(used.unwrap(), Fresh, "{text}");
        let counted = store.count("mail", text, 3_600, 1, NOW).await.unwrap();
        assert_eq!(counted, Counted::Within(1), "{text}");
        let bound = redemption(
            "contoso",
            &format!("guest-{}@x.example", text.len()),
            account(text),
        );
        assert_eq!(store.bind(&bound).await.unwrap(), Bound::Yes, "{text}");
        assert!(store.redemptions().await.unwrap().contains(&bound));
    }
    for text in HOSTILE {
        let ids = [(text.to_owned(), NOW.plus(60))];
        let again = store.consume(&provider("entra"), &ids, NOW).await.unwrap();
        assert_eq!(again, Replayed, "{text}");
    }
    assert_eq!(store.redemptions().await.unwrap().len(), HOSTILE.len());
}
