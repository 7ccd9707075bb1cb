//! Whatever is asked of the store, in whatever order, it answers as a few plain maps would.

use std::collections::{BTreeMap, HashMap};

use gateway_core::address::EmailAddress;
use gateway_core::id::TenantId;
use gateway_core::person::IdentityKey;
use gateway_core::time::UnixTime;
use gateway_store::Store;
use gateway_store::model::{
    Attempt, AttemptHandle, Bound, Consumed, Counted, Redemption, Revocation, Revoked,
};
use proptest::prelude::*;

use crate::conformance::Backend;
use crate::fixtures::{
    NOW, account, address, attempt, mailbox, provider, redemption, revocation, tenant,
};
use crate::sqlite::File;

const PER_BROWSER: usize = 2;
const WINDOW: u32 = 10;
const LIMIT: u32 = 2;

#[derive(Clone, Debug)]
enum Asked {
    Bind(Redemption),
    Revoke(Revocation),
    Begin(Attempt),
    Advance(u8, u32),
    End(u8, u32),
    Count(u8),
    Consume(Vec<u8>),
    Sweep,
    Restart,
}

#[derive(Default)]
struct Model {
    bound: BTreeMap<(TenantId, EmailAddress), Redemption>,
    revoked: BTreeMap<Revoked, (UnixTime, Option<UnixTime>)>,
    /// Oldest first.
    attempts: Vec<Attempt>,
    counted: HashMap<u8, Vec<UnixTime>>,
    consumed: HashMap<u8, UnixTime>,
}

impl Model {
    fn bind(&mut self, asked: &Redemption) -> Bound {
        let key = (asked.tenant.clone(), asked.address.clone());
        let elsewhere = self.bound.values().any(|known| {
            known.tenant == asked.tenant
                && known.identity == asked.identity
                && known.address != asked.address
        });
        let holder = self
            .bound
            .get(&key)
            .map(|known| known.identity == asked.identity);
        match (holder, elsewhere) {
            (Some(true), _) => Bound::Yes,
            (Some(false), _) | (None, true) => Bound::ToAnother,
            (None, false) => {
                self.bound.insert(key, asked.clone());
                Bound::Yes
            }
        }
    }

    fn revoke(&mut self, asked: &Revocation) {
        let until = match asked.what {
            Revoked::Link(..) | Revoked::Guest(..) => None,
            Revoked::Session(_) | Revoked::Person(..) => asked.until,
        };
        let known = self
            .revoked
            .entry(asked.what.clone())
            .or_insert((asked.at, until));
        known.0 = known.0.max(asked.at);
        known.1 = known.1.zip(until).map(|(a, b)| a.max(b));
    }

    fn begin(&mut self, asked: &Attempt) -> bool {
        if self
            .attempts
            .iter()
            .any(|known| known.handle == asked.handle)
        {
            return false;
        }
        self.attempts
            .retain(|known| known.browser != asked.browser || known.expires > asked.created);
        self.attempts.push(asked.clone());
        let mine = self
            .attempts
            .iter()
            .filter(|known| known.browser == asked.browser)
            .count();
        let mut surplus = mine.saturating_sub(PER_BROWSER);
        self.attempts.retain(|known| {
            let dropped = known.browser == asked.browser && surplus > 0;
            surplus -= usize::from(dropped);
            !dropped
        });
        true
    }

    fn advance(&mut self, handle: AttemptHandle, from: u32) -> bool {
        let found = self
            .attempts
            .iter_mut()
            .find(|known| known.handle == handle && known.sequence == from);
        found.is_some_and(|known| {
            known.sequence += 1;
            known.state = format!("after {from}");
            true
        })
    }

    fn end(&mut self, handle: AttemptHandle, from: u32) -> bool {
        let before = self.attempts.len();
        self.attempts
            .retain(|known| known.handle != handle || known.sequence != from);
        self.attempts.len() < before
    }

    fn count(&mut self, key: u8, now: UnixTime) -> Counted {
        let all = self.counted.entry(key).or_default();
        let so_far = all
            .iter()
            .filter(|at| at.plus(i64::from(WINDOW)) > now)
            .count();
        if so_far >= LIMIT as usize {
            return Counted::Exceeded;
        }
        all.push(now);
        Counted::Within(u32::try_from(so_far).unwrap() + 1)
    }

    fn consume(&mut self, ids: &[u8], now: UnixTime) -> Consumed {
        let mut next = self.consumed.clone();
        next.retain(|_, until| *until > now);
        for id in ids {
            if next.insert(*id, until(*id, now)).is_some() {
                return Consumed::Replayed;
            }
        }
        self.consumed = next;
        Consumed::Fresh
    }

    /// What may be forgotten is gone; the rest is untouched.
    fn sweep(&mut self, now: UnixTime) {
        self.attempts.retain(|known| known.expires > now);
        self.revoked
            .retain(|_, (_, until)| until.is_none_or(|until| until > now));
    }
}

fn until(id: u8, now: UnixTime) -> UnixTime {
    now.plus(600 + i64::from(id))
}

async fn ask(store: &Store, model: &mut Model, asked: &Asked, now: UnixTime) {
    match asked {
        Asked::Bind(asked) => assert_eq!(store.bind(asked).await.unwrap(), model.bind(asked)),
        Asked::Revoke(asked) => {
            store.revoke(asked).await.unwrap();
            model.revoke(asked);
        }
        Asked::Begin(asked) => {
            let mut asked = asked.clone();
            asked.created = now;
            asked.expires = now.plus(asked.expires.since(NOW));
            assert_eq!(
                store.begin_attempt(&asked, PER_BROWSER).await.is_ok(),
                model.begin(&asked)
            );
        }
        Asked::Advance(handle, from) => {
            let handle = AttemptHandle([*handle; 16]);
            let advanced = store
                .advance_attempt(&handle, *from, &format!("after {from}"))
                .await;
            assert_eq!(advanced.unwrap(), model.advance(handle, *from));
        }
        Asked::End(handle, from) => {
            let handle = AttemptHandle([*handle; 16]);
            assert_eq!(
                store.end_attempt(&handle, *from).await.unwrap(),
                model.end(handle, *from)
            );
        }
        Asked::Count(key) => {
            let counted = store
                .count("scope", &key.to_string(), WINDOW, LIMIT, now)
                .await;
            assert_eq!(counted.unwrap(), model.count(*key, now));
        }
        Asked::Consume(ids) => {
            let with_ends: Vec<_> = ids
                .iter()
                .map(|id| (id.to_string(), until(*id, now)))
                .collect();
            let consumed = store.consume(&provider("saml"), &with_ends, now).await;
            assert_eq!(consumed.unwrap(), model.consume(ids, now));
        }
        Asked::Sweep | Asked::Restart => {
            store.sweep(now).await.unwrap();
            model.sweep(now);
        }
    }
}

async fn compare(store: &Store, model: &Model, now: UnixTime) {
    let bound: Vec<Redemption> = model.bound.values().cloned().collect();
    assert_eq!(store.redemptions().await.unwrap(), bound);
    let mut revoked = store.revocations(now).await.unwrap();
    revoked.sort_by(|a, b| a.what.cmp(&b.what));
    let want: Vec<Revocation> = model
        .revoked
        .iter()
        .filter(|(_, (_, until))| until.is_none_or(|until| until > now))
        .map(|(what, (at, until))| Revocation {
            what: what.clone(),
            at: *at,
            until: *until,
        })
        .collect();
    assert_eq!(revoked, want);
    for handle in 0..6 {
        let handle = AttemptHandle([handle; 16]);
        let known = model
            .attempts
            .iter()
            .find(|known| known.handle == handle && known.expires > now);
        assert_eq!(store.attempt(&handle, now).await.unwrap().as_ref(), known);
    }
}

fn identity() -> impl Strategy<Value = IdentityKey> {
    prop_oneof![
        prop_oneof!["a", "b", "c"].prop_map(|subject| account(&subject)),
        prop_oneof!["a", "b"].prop_map(|subject| mailbox(&subject)),
    ]
}

pub(crate) fn binding() -> impl Strategy<Value = Redemption> {
    let place = prop_oneof![Just("contoso"), Just("woodgrove")];
    (place, 0..4_u8, identity(), 0..100_i64).prop_map(|(tenant, invited, identity, later)| {
        let mut asked = redemption(tenant, &format!("a{invited}@x.example"), identity);
        asked.consented_at = NOW.plus(later);
        asked
    })
}

pub(crate) fn revoking() -> impl Strategy<Value = Revocation> {
    let what = prop_oneof![
        (0..3_u8).prop_map(|i| Revoked::Session(gateway_store::model::SessionId([i; 16]))),
        identity().prop_map(|key| Revoked::Person(tenant("contoso"), key)),
        (0..3_u8).prop_map(|i| {
            let link = gateway_core::id::LinkId::parse(&format!("l{i}")).unwrap();
            Revoked::Link(tenant("contoso"), link)
        }),
        (0..4_u8)
            .prop_map(|i| Revoked::Guest(tenant("contoso"), address(&format!("a{i}@x.example")))),
    ];
    (what, 0..50_i64, prop::option::of(0..80_i64))
        .prop_map(|(what, at, until)| revocation(what, at, until))
}

fn asking() -> impl Strategy<Value = Asked> {
    prop_oneof![
        4 => binding().prop_map(Asked::Bind),
        4 => revoking().prop_map(Asked::Revoke),
        4 => (0..6_u8, 0..2_u8, 1..40_i64).prop_map(|(handle, browser, life)| {
            let mut asked = attempt(handle, browser, 0);
            asked.expires = NOW.plus(life);
            Asked::Begin(asked)
        }),
        2 => (0..6_u8, 0..3_u32).prop_map(|(handle, from)| Asked::Advance(handle, from)),
        1 => (0..6_u8, 0..3_u32).prop_map(|(handle, from)| Asked::End(handle, from)),
        3 => (0..2_u8).prop_map(Asked::Count),
        3 => prop::collection::vec(0..4_u8, 0..3).prop_map(Asked::Consume),
        1 => Just(Asked::Sweep),
        1 => Just(Asked::Restart),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, failure_persistence: None, ..ProptestConfig::default() })]
    #[test]
    fn the_store_answers_as_plain_maps_would(steps in prop::collection::vec((asking(), 0..12_i64), 1..40)) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let file = File::new();
            let mut store = file.open(NOW).await;
            let mut model = Model::default();
            let mut now = NOW;
            for (asked, later) in &steps {
                now = now.plus(*later);
                if matches!(asked, Asked::Restart) {
                    store.close().await;
                    store = file.open(now).await;
                }
                ask(&store, &mut model, asked, now).await;
                compare(&store, &model, now).await;
            }
            store.close().await;
        });
    }
}
