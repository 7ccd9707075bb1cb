//! Invitations and the identities bound to them.

use gateway_core::id::CloudName;
use gateway_store::model::{Bound, Redemption};

use super::{Backend, parallel};
use crate::fixtures::{NOW, account, mailbox, provider, redemption};

pub(crate) async fn binding_again_changes_nothing(backend: &impl Backend) {
    let store = backend.open(NOW).await;
    for identity in [account("ada"), mailbox("pat")] {
        let first = redemption(
            "contoso",
            &format!("{}@x.example", identity.subject),
            identity,
        );
        assert_eq!(store.bind(&first).await.unwrap(), Bound::Yes);
        let later = Redemption {
            consented_at: NOW.plus(60),
            ..first.clone()
        };
        assert_eq!(store.bind(&later).await.unwrap(), Bound::Yes);
        assert!(
            store.redemptions().await.unwrap().contains(&first),
            "the first consent counts"
        );
    }
    assert_eq!(store.redemptions().await.unwrap().len(), 2);
}

pub(crate) async fn sec_083_an_invitation_stays_with_who_redeemed_it(backend: &impl Backend) {
    let store = backend.open(NOW).await;
    let ada = redemption("contoso", "ada@fabrikam.example", account("ada"));
    let eve = redemption("contoso", "ada@fabrikam.example", account("eve"));
    assert_eq!(store.bind(&ada).await.unwrap(), Bound::Yes);
    assert_eq!(store.bind(&eve).await.unwrap(), Bound::ToAnother);
    assert_eq!(store.redemptions().await.unwrap(), [ada]);
}

pub(crate) async fn an_identity_redeems_one_invitation_of_a_tenant(backend: &impl Backend) {
    let store = backend.open(NOW).await;
    for identity in [account("ada"), mailbox("ada")] {
        let name = identity.provider.clone();
        let first = redemption(
            "contoso",
            &format!("{name}@fabrikam.example"),
            identity.clone(),
        );
        let second = redemption("contoso", &format!("{name}.two@fabrikam.example"), identity);
        assert_eq!(store.bind(&first).await.unwrap(), Bound::Yes);
        assert_eq!(store.bind(&second).await.unwrap(), Bound::ToAnother);
    }
    assert_eq!(store.redemptions().await.unwrap().len(), 2);
}

pub(crate) async fn tenants_bind_apart(backend: &impl Backend) {
    let store = backend.open(NOW).await;
    for tenant in ["contoso", "woodgrove"] {
        let ada = redemption(tenant, "ada@fabrikam.example", account("ada"));
        assert_eq!(store.bind(&ada).await.unwrap(), Bound::Yes, "{tenant}");
    }
}

pub(crate) async fn identities_differ_in_every_part(backend: &impl Backend) {
    let store = backend.open(NOW).await;
    let ada = account("ada");
    let mut others = vec![ada.clone(); 6];
    others[0].cloud = None;
    others[1].cloud = CloudName::parse("us-government").ok();
    others[2].provider = provider("entra-two");
    others[3].issuer.push('/');
    others[4].tenant = None;
    others[5].subject.make_ascii_uppercase();
    let first = redemption("contoso", "ada@fabrikam.example", ada);
    assert_eq!(store.bind(&first).await.unwrap(), Bound::Yes);
    for (i, other) in others.into_iter().enumerate() {
        let same_invitation = redemption("contoso", "ada@fabrikam.example", other.clone());
        assert_eq!(
            store.bind(&same_invitation).await.unwrap(),
            Bound::ToAnother,
            "{i}"
        );
        let own_invitation = redemption("contoso", &format!("ada{i}@fabrikam.example"), other);
        assert_eq!(
            store.bind(&own_invitation).await.unwrap(),
            Bound::Yes,
            "{i}"
        );
    }
}

pub(crate) async fn one_of_many_parallel_identities_is_bound(backend: &impl Backend) {
    let store = backend.open(NOW).await;
    let bound = parallel(50, |i| {
        let store = store.clone();
        let claim = redemption("contoso", "ada@fabrikam.example", account(&format!("s{i}")));
        async move { store.bind(&claim).await.unwrap() }
    })
    .await;
    assert_eq!(
        bound.iter().filter(|bound| **bound == Bound::Yes).count(),
        1
    );
    assert_eq!(store.redemptions().await.unwrap().len(), 1);
}

pub(crate) async fn redemptions_survive_a_restart(backend: &impl Backend) {
    let store = backend.open(NOW).await;
    let all = [
        redemption("contoso", "ada@fabrikam.example", account("ada")),
        redemption(
            "contoso",
            "jörg@müller.example",
            mailbox("jörg@müller.example"),
        ),
    ];
    for one in &all {
        store.bind(one).await.unwrap();
    }
    store.close().await;
    let store = backend.open(NOW.plus(1_000_000_000)).await;
    assert_eq!(store.redemptions().await.unwrap(), all);
}
