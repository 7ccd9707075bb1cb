//! Who may what, by a token or by a ticket.

use http::StatusCode;
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
