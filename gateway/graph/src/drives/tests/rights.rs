//! Who may what, by a token or by a ticket.

use http::{Method, StatusCode};
use serde_json::json;

use super::{ALL, drive, nils, put, world};
use crate::surroundings::Surroundings;
use crate::testing::{Answer, ORIGIN};

#[tokio::test]
async fn sec_072_scopes_and_rights_both_count() {
    let world = world().await;
    let mia = world.person(ALL, &[]);
    let drive = drive(&world, &mia).await;
    let plan = format!("/v1.0/drives/{drive}/root:/open/plan.txt");
    let content = format!("{plan}:/content");
    let secret = format!("/v1.0/drives/{drive}/root:/closed/secret.txt");
    let check = async |answer: Answer, want: &str| {
        assert_eq!(
            (answer.status, answer.code(), answer.inner()),
            (StatusCode::FORBIDDEN, "accessDenied", want),
            "{answer:?}"
        );
    };
    check(
        world.get(&plan, &world.person("User.Read.All", &[])).await,
        "",
    )
    .await;
    check(
        put(
            &world,
            &content,
            &world.person("Files.Read.All", &[]),
            "x/y",
            "x",
        )
        .await,
        "",
    )
    .await;
    // The token may write, the person may not.
    check(
        put(&world, &content, &nils(ALL), "x/y", "x").await,
        "permissionInsufficient",
    )
    .await;
    check(world.get(&secret, &nils(ALL)).await, "permissionMissing").await;
    assert_eq!(
        world.get(&plan, &nils("Files.Read")).await.status,
        StatusCode::OK
    );
    // Applications have what was consented to, in every site.
    assert_eq!(
        world
            .get(&secret, &world.application(&["Files.Read.All"]))
            .await
            .status,
        StatusCode::OK
    );
    check(
        put(
            &world,
            &content,
            &world.application(&["Sites.Read.All"]),
            "x/y",
            "x",
        )
        .await,
        "",
    )
    .await;
    assert_eq!(
        put(
            &world,
            &content,
            &world.operator("Files.ReadWrite.All"),
            "x/y",
            "x"
        )
        .await
        .status,
        StatusCode::OK
    );
    // Nothing of one tenant is there for another.
    let mut other = crate::testing::person(ALL);
    other["tid"] = json!(crate::testing::WOODGROVE);
    other["iss"] = json!(format!(
        "https://login.microsoftonline.com/{}/v2.0",
        crate::testing::WOODGROVE
    ));
    other["preferred_username"] = json!("mia@woodgrove.example");
    let answer = world.get(&plan, &crate::testing::token(&other)).await;
    assert_eq!(answer.status, StatusCode::NOT_FOUND, "{answer:?}");
}

#[tokio::test]
async fn a_download_ticket_is_for_one_item_and_a_minute() {
    let world = world().await;
    let mia = world.person(ALL, &[]);
    let drive = drive(&world, &mia).await;
    let path =
        format!("/v1.0/drives/{drive}/root:/open/plan.txt?$select=id,@microsoft.graph.downloadUrl");
    let item = world.get(&path, &mia).await;
    let url = item.body["@microsoft.graph.downloadUrl"].as_str().unwrap();
    let ticket = url.strip_prefix(ORIGIN).unwrap().to_owned();
    assert_eq!(world.get(&ticket, "").await.bytes, b"the plan");
    for method in [Method::POST, Method::PUT, Method::DELETE] {
        let answer = world.call(method, &ticket, "", None).await;
        assert_eq!(answer.status, StatusCode::METHOD_NOT_ALLOWED);
    }
    let mut altered = ticket.clone();
    altered.pop();
    assert_eq!(
        world.get(&altered, "").await.status,
        StatusCode::UNAUTHORIZED
    );
    world.wait(crate::drives::ticket::LIFE - 1);
    assert_eq!(world.get(&ticket, "").await.status, StatusCode::OK);
    world.wait(1);
    let over = world.get(&ticket, "").await;
    assert_eq!(
        (over.status, over.code()),
        (StatusCode::UNAUTHORIZED, "InvalidAuthenticationToken")
    );
}

#[tokio::test]
async fn sec_178_a_ticket_is_judged_again_when_it_is_used() {
    use gateway_core::id::{PermissionId, TenantId};
    use gateway_store::model::{Actor, AuditEvent, Change, Write};
    let world = world().await;
    let reader = nils("Files.Read");
    let mia = world.person(ALL, &[]);
    let drive = drive(&world, &mia).await;
    let path =
        format!("/v1.0/drives/{drive}/root:/open/plan.txt?$select=@microsoft.graph.downloadUrl");
    let item = world.get(&path, &reader).await;
    let url = item.body["@microsoft.graph.downloadUrl"].as_str().unwrap();
    let ticket = url.strip_prefix(ORIGIN).unwrap().to_owned();
    assert_eq!(world.get(&ticket, "").await.status, StatusCode::OK);
    let revoked = Write {
        tenant: TenantId::parse("contoso").unwrap(),
        at: world.gateway.now(),
        expect: Vec::new(),
        changes: vec![Change::RemovePermission(
            PermissionId::parse("nils").unwrap(),
        )],
        audit: vec![AuditEvent::of("SharingRevoked", Actor::default())],
    };
    world.gateway.directory().write(revoked).await.unwrap();
    let refused = world.get(&ticket, "").await;
    assert_eq!(
        (refused.status, refused.code()),
        (StatusCode::FORBIDDEN, "accessDenied"),
        "{refused:?}"
    );
}

#[tokio::test]
async fn sec_168_a_seal_that_is_none_opens_nothing() {
    use base64::Engine;
    use base64::engine::general_purpose::URL_SAFE_NO_PAD;

    let world = world().await;
    let mia = world.person(ALL, &[]);
    let drive = drive(&world, &mia).await;
    let path =
        format!("/v1.0/drives/{drive}/root:/open/plan.txt?$select=@microsoft.graph.downloadUrl");
    let item = world.get(&path, &mia).await;
    let url = item.body["@microsoft.graph.downloadUrl"].as_str().unwrap();
    let (place, sealed) = url.strip_prefix(ORIGIN).unwrap().rsplit_once('/').unwrap();
    let sealed = URL_SAFE_NO_PAD.decode(sealed).unwrap();
    let plain = world.gateway.open("download-ticket", &sealed).unwrap();
    let ticket = |sealed: &[u8]| format!("{place}/{}", URL_SAFE_NO_PAD.encode(sealed));
    let good = world.gateway.seal("download-ticket", &plain).unwrap();
    assert_eq!(world.get(&ticket(&good), "").await.status, StatusCode::OK);
    let other = world.gateway.seal("share-token", &plain).unwrap();
    let changed = |name: &str, value: serde_json::Value| {
        let mut all: serde_json::Value = serde_json::from_slice(&plain).unwrap();
        all[name] = value;
        let plain = all.to_string();
        world
            .gateway
            .seal("download-ticket", plain.as_bytes())
            .unwrap()
    };
    let now = world.gateway.now().0;
    for (what, sealed) in [
        ("nothing", Vec::new()),
        ("not sealed", plain.clone()),
        ("sealed for something else", other),
        ("over", changed("until", json!(now))),
        ("longer than any", changed("until", json!(now + 61))),
        ("of no tenant", changed("tenant", json!("nobody"))),
        ("of no site", changed("site", json!("nothing"))),
        ("for no path", changed("path", json!("../secret"))),
    ] {
        let answer = world.get(&ticket(&sealed), "").await;
        assert!(
            matches!(
                answer.status,
                StatusCode::UNAUTHORIZED | StatusCode::NOT_FOUND
            ),
            "{what}: {answer:?}"
        );
        assert_ne!(answer.bytes, b"the plan", "{what}");
    }
}

#[tokio::test]
async fn sec_097_groups_that_a_token_names_count_for_nothing() {
    let more = format!(
        "{}\n{}",
        super::MORE,
        r#"
[permissions.staff]
site = "projects"
item = "/sites/projects/closed"
to = "group:staff"
role = "read"
created_by = "mia@contoso.example"
"#
    );
    let world = super::over(true, &more).await;
    let drive = drive(&world, &world.person(ALL, &[])).await;
    let secret = format!("/v1.0/drives/{drive}/root:/closed/secret.txt");
    let mut claims = crate::testing::person(ALL);
    claims["oid"] = json!("55555555-5555-4555-8555-555555555555");
    claims["preferred_username"] = json!("nils@contoso.example");
    claims["groups"] = json!(["staff", "group:staff"]);
    claims["_claim_names"] = json!({ "groups": "src1" });
    let answer = world.get(&secret, &crate::testing::token(&claims)).await;
    assert_eq!(answer.inner(), "permissionMissing", "{answer:?}");
    claims["preferred_username"] = json!("mia@contoso.example");
    let answer = world.get(&secret, &crate::testing::token(&claims)).await;
    assert_eq!(
        answer.status,
        StatusCode::OK,
        "by the directory: {answer:?}"
    );
}
