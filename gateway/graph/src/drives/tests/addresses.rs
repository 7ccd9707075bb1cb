//! What sites, drives and items are called.

use gateway_core::path::ItemPath;
use http::StatusCode;

use super::{ALL, drive, world};
use crate::surroundings::Surroundings;

#[tokio::test]
async fn sites_and_drives_have_their_names_and_ids() {
    let world = world().await;
    let mia = world.person(ALL, &[]);
    let site = world
        .get("/v1.0/sites/contoso.example:/sites/projects", &mia)
        .await;
    assert_eq!(site.status, StatusCode::OK, "{site:?}");
    let id = site.body["id"].as_str().unwrap();
    assert_eq!(
        site.body["webUrl"],
        "https://contoso.example/sites/projects"
    );
    assert_eq!(site.body["siteCollection"]["hostname"], "contoso.example");
    for same in [
        format!("/v1.0/sites/{id}"),
        format!("/v1.0//sites/{}", id.replace(',', "%2C")),
        "/v1.0/sites/contoso.example/getByPath(path='%2Fsites%2Fprojects')".to_owned(),
    ] {
        let again = world.get(&same, &mia).await;
        assert_eq!(again.body["id"], id, "{same}: {again:?}");
    }
    let drives = world.get(&format!("/v1.0/sites/{id}/drives"), &mia).await;
    let drive = drives.body["value"][0].clone();
    assert_eq!(drive["driveType"], "documentLibrary");
    let drive = drive["id"].as_str().unwrap();
    assert!(drive.starts_with("b!"));
    let again = world
        .get(&format!("/v1.0/drives/{}", drive.replace('!', "%21")), &mia)
        .await;
    assert_eq!(again.body["id"], drive);
    let all = world.get("/v1.0/sites", &mia).await;
    assert_eq!(all.body["value"].as_array().unwrap().len(), 1);
    for missing in [
        "/v1.0/sites/root",
        "/v1.0/sites/other.example:/sites/projects",
        "/v1.0/drives/b!x",
        "/v1.0/me/drive",
    ] {
        let answer = world.get(missing, &mia).await;
        assert_eq!(
            (answer.status, answer.code()),
            (StatusCode::NOT_FOUND, "itemNotFound"),
            "{missing}"
        );
    }
    let lists = world.get(&format!("/v1.0/sites/{id}/lists"), &mia).await;
    assert_eq!(
        (lists.status, lists.code()),
        (StatusCode::NOT_IMPLEMENTED, "notSupported")
    );
}

#[tokio::test]
async fn one_item_has_one_id_however_it_is_named() {
    let world = world().await;
    let mia = world.person(ALL, &[]);
    let drive = drive(&world, &mia).await;
    let first = world
        .get(&format!("/v1.0/drives/{drive}/root:/open/plan.txt"), &mia)
        .await;
    assert_eq!(first.status, StatusCode::OK, "{first:?}");
    let id = first.body["id"].as_str().unwrap();
    assert_eq!(
        (first.body["name"].as_str(), first.body["size"].as_i64()),
        (Some("plan.txt"), Some(8))
    );
    assert_eq!(first.body["eTag"], "\"8\"");
    assert_eq!(first.body["file"]["mimeType"], "text/plain");
    assert!(first.body.get("@microsoft.graph.downloadUrl").is_none());
    for same in [
        format!("items/{id}"),
        "root%3A%2Fopen%2Fplan.txt%3A".to_owned(),
        "items/root:/open/plan.txt".to_owned(),
    ] {
        let again = world
            .get(&format!("/v1.0/drives/{drive}/{same}"), &mia)
            .await;
        assert_eq!(again.body["id"], id, "{same}: {again:?}");
    }
    let folder = first.body["parentReference"]["id"].as_str().unwrap();
    let below = world
        .get(
            &format!("/v1.0/drives/{drive}/items/{folder}:/plan.txt"),
            &mia,
        )
        .await;
    assert_eq!(below.body["id"], id);
    let unknown = world
        .get(&format!("/v1.0/drives/{drive}/items/01AAAA"), &mia)
        .await;
    assert_eq!(
        (unknown.status, unknown.code()),
        (StatusCode::NOT_FOUND, "itemNotFound")
    );
    let bad = world
        .get(&format!("/v1.0/drives/{drive}/root:/open/..%2f/x"), &mia)
        .await;
    assert_eq!(
        (bad.status, bad.inner()),
        (StatusCode::BAD_REQUEST, "invalidPath"),
        "{bad:?}"
    );
}

#[tokio::test]
async fn an_id_moves_along_with_its_item() {
    use gateway_store::model::{Actor, AuditEvent, Change, Write};
    let world = world().await;
    let mia = world.person(ALL, &[]);
    let drive = drive(&world, &mia).await;
    let first = world
        .get(
            &format!("/v1.0/drives/{drive}/root:/closed/secret.txt"),
            &mia,
        )
        .await;
    let (id, over) = (first.body["id"].clone(), "/v1.0/drives");
    let other = world
        .get(&format!("{over}/{drive}/root:/open/plan.txt"), &mia)
        .await;
    let (tenant, site) = {
        let configuration = world.gateway.configuration();
        let tenant = configuration
            .tenants
            .values()
            .find(|one| one.id.as_str() == "contoso")
            .unwrap();
        (
            tenant.id.clone(),
            tenant.sites.keys().next().unwrap().clone(),
        )
    };
    let path = |text: &str| ItemPath::parse(text).unwrap();
    let moved = Write {
        tenant,
        at: world.gateway.now(),
        expect: Vec::new(),
        changes: vec![Change::MoveItem {
            from_site: site.clone(),
            from: path("/sites/projects/closed"),
            to_site: site,
            to: path("/sites/projects/open"),
            case: Default::default(),
        }],
        audit: vec![AuditEvent::of("FileMoved", Actor::default())],
    };
    let written = world.gateway.directory().write(moved).await.unwrap();
    assert!(matches!(written, gateway_store::model::Written::Yes { .. }));
    let store = world.gateway.directory().store();
    let tenant = gateway_core::id::TenantId::parse("contoso").unwrap();
    let found = store
        .item(&tenant, id.as_str().unwrap())
        .await
        .unwrap()
        .unwrap();
    assert_eq!(found.1, "/sites/projects/open/secret.txt");
    // What was overwritten has no id any more.
    let gone = store
        .item(&tenant, other.body["id"].as_str().unwrap())
        .await
        .unwrap();
    assert_eq!(gone, None);
}
