use std::sync::Arc;

use gateway_core::id::{PermissionId, TenantId};
use gateway_core::time::UnixTime;
use gateway_store::model::{Actor, AuditEvent, Change, Write};
use http::StatusCode;

use crate::drives::tests::{MORE, Tree, drive, nils, tree};
use crate::testing::{Answer, ORIGIN, World};

const ALL: &str = "Files.ReadWrite.All Sites.ReadWrite.All";

struct Bench {
    world: World,
    tree: Arc<Tree>,
    token: String,
    drive: String,
}

impl Bench {
    async fn new() -> Self {
        Self::of(|world| world.person(ALL, &[])).await
    }

    async fn of(token: impl FnOnce(&World) -> String) -> Self {
        let (world, tree) = tree(World::with(MORE).await, true, true);
        let mia = world.person(ALL, &[]);
        let drive = drive(&world, &mia).await;
        let token = token(&world);
        Self {
            world,
            tree,
            token,
            drive,
        }
    }

    async fn get(&self, path: &str) -> Answer {
        let path = match path.strip_prefix(ORIGIN) {
            Some(link) => link.to_owned(),
            None => format!("/v1.0/drives/{}/{path}", self.drive),
        };
        self.world.get(&path, &self.token).await
    }

    /// Everything that is told from there on, and where to ask next.
    async fn round(&self, from: &str) -> (Vec<String>, String) {
        let mut told = Vec::new();
        let mut link = from.to_owned();
        loop {
            let page = self.get(&link).await;
            assert_eq!(page.status, StatusCode::OK, "{page:?}");
            for item in page.body["value"].as_array().unwrap() {
                assert!(item["id"].as_str().unwrap().starts_with("01"), "{item}");
                told.push(match item.get("deleted") {
                    Some(_) => "-".to_owned(),
                    None => item["name"].as_str().unwrap().to_owned(),
                });
            }
            let next = |name: &str| {
                page.body
                    .get(name)
                    .map(|link| link.as_str().unwrap().to_owned())
            };
            match (next("@odata.nextLink"), next("@odata.deltaLink")) {
                (Some(next), None) => link = next,
                (None, Some(last)) => {
                    told.sort();
                    return (told, last);
                }
                _ => panic!("{page:?}"),
            }
        }
    }
}

#[tokio::test]
async fn everything_is_told_first_and_then_what_changed() {
    let bench = Bench::new().await;
    let all = [
        "a b:c.txt",
        "closed",
        "open",
        "plan.txt",
        "root",
        "secret.txt",
    ];
    for top in ["root/delta", "root/delta()?$top=1", "delta?$top=2"] {
        let (told, _) = bench.round(top).await;
        assert_eq!(told, all, "{top}");
    }
    let (_, link) = bench.round("root/delta?$top=1").await;
    let (told, link) = bench.round(&link).await;
    assert!(told.is_empty(), "{told:?}");
    bench.tree.put("/sites/projects/new", Some(None));
    bench.tree.put("/sites/projects/new/deep", Some(None));
    bench
        .tree
        .put("/sites/projects/new/deep/one.txt", Some(Some("1")));
    bench
        .tree
        .put("/sites/projects/open/plan.txt", Some(Some("changed")));
    bench.tree.put("/sites/projects/closed", None);
    let (told, link) = bench.round(&link).await;
    assert_eq!(told, ["-", "deep", "new", "one.txt", "plan.txt"]);
    bench.tree.put("/sites/projects/new/deep/one.txt", None);
    let (told, _) = bench.round(&link).await;
    assert_eq!(told, ["-"], "what is new is followed as well");
}

#[tokio::test]
async fn from_now_on_and_from_below() {
    let bench = Bench::new().await;
    let latest = bench.get("root/delta?token=latest").await;
    assert_eq!(latest.body["value"], serde_json::json!([]), "{latest:?}");
    let link = latest.body["@odata.deltaLink"].as_str().unwrap();
    bench
        .tree
        .put("/sites/projects/open/new.txt", Some(Some("1")));
    assert_eq!(bench.round(link).await.0, ["new.txt"]);
    let (told, link) = bench.round("root:/open:/delta").await;
    assert_eq!(told, ["a b:c.txt", "new.txt", "open", "plan.txt"]);
    let token = link.split_once("token=").unwrap().1;
    let again = format!("root:/open:/delta(token='{token}')");
    assert!(bench.round(&again).await.0.is_empty());
    let file = bench.get("root:/open/new.txt:/delta").await;
    assert_eq!(file.status, StatusCode::BAD_REQUEST);
}

#[tokio::test]
async fn a_token_that_is_not_understood_begins_again() {
    let bench = Bench::new().await;
    let (_, link) = bench.round("root/delta").await;
    let (_, other) = bench.round("root:/open:/delta").await;
    let other = other.split_once("token=").unwrap().1;
    let mut stale = vec![
        "root/delta?token=x".to_owned(),
        format!("root/delta?token={other}"),
    ];
    bench.tree.forget();
    stale.push(link);
    for link in stale {
        let gone = bench.get(&link).await;
        assert_eq!(
            (gone.status, gone.code()),
            (StatusCode::GONE, "resyncChangesApplyDifferences"),
            "{gone:?}"
        );
        let again = gone.headers["location"].to_str().unwrap();
        assert!(again.starts_with(ORIGIN), "{again}");
        assert_eq!(bench.round(again).await.0.len(), 6);
    }
}

#[tokio::test]
async fn sec_178_what_the_caller_may_not_see_is_not_told() {
    let bench = Bench::of(|_| nils(ALL)).await;
    let root = bench.get("root/delta").await;
    assert_eq!(root.status, StatusCode::FORBIDDEN, "{root:?}");
    let (told, link) = bench.round("root:/open:/delta").await;
    assert_eq!(told, ["a b:c.txt", "open", "plan.txt"]);
    let revoked = Write {
        tenant: TenantId::parse("contoso").unwrap(),
        at: UnixTime(crate::testing::NOW),
        expect: Vec::new(),
        changes: vec![Change::RemovePermission(
            PermissionId::parse("nils").unwrap(),
        )],
        audit: vec![AuditEvent::of("SharingRevoked", Actor::default())],
    };
    bench.world.api.directory().write(revoked).await.unwrap();
    assert_eq!(bench.get(&link).await.status, StatusCode::FORBIDDEN);
}
