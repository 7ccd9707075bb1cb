//! Who changes what, and what is not changed.

use gateway_core::id::PermissionId;
use gateway_store::model::{Actor, AuditEvent, Change, Write};
use http::{Method, StatusCode};
use serde_json::{Value, json};

use super::{ALL, Case, refused, tenant, to};
use crate::drives::tests::{MORE, nils, over};
use crate::surroundings::Surroundings;
use crate::testing::{Answer, World, person, token};

/// Pat writes one file and reads the folder, Wes writes the whole site.
const PEOPLE: &str = r#"
[groups.staff]
people = ["mia@contoso.example", "nils@contoso.example", "pat@contoso.example"]

[permissions.pat]
site = "projects"
item = "/sites/projects/open/plan.txt"
to = "pat@contoso.example"
role = "write"
created_by = "mia@contoso.example"

[permissions.pat-reads]
site = "projects"
item = "/sites/projects/open"
to = "pat@contoso.example"
role = "read"
created_by = "mia@contoso.example"

[permissions.wes]
site = "projects"
item = "/sites/projects"
to = "wes@contoso.example"
role = "write"
created_by = "mia@contoso.example"

[links.named]
site = "projects"
item = "/sites/projects/open/plan.txt"
type = "view"
scope = "users"
recipients = ["ada@fabrikam.example"]
token_sha256 = "0000000000000000000000000000000000000000000000000000000000000001"
created_by = "mia@contoso.example"
created = 2026-01-05T09:00:00Z

[links.anyone]
site = "projects"
item = "/sites/projects/open/plan.txt"
type = "view"
scope = "anonymous"
token_sha256 = "0000000000000000000000000000000000000000000000000000000000000002"
created_by = "mia@contoso.example"
created = 2026-01-05T09:00:00Z
"#;

async fn case() -> Case {
    Case::new(over(true, &format!("{MORE}{PEOPLE}")).await).await
}

fn member(name: &str, oid: char) -> String {
    let mut claims = person(ALL);
    let eight = oid.to_string().repeat(8);
    claims["oid"] = json!(format!("{eight}-3333-4333-8333-333333333333"));
    claims["preferred_username"] = json!(format!("{name}@contoso.example"));
    token(&claims)
}

fn pat() -> String {
    member("pat", '7')
}

fn wes() -> String {
    member("wes", '8')
}

fn id(made: &Answer) -> String {
    let first = made.body["value"][0]["id"].as_str();
    first.or(made.body["id"].as_str()).unwrap().to_owned()
}

async fn revoke(world: &World, permission: &str) {
    let revoked = Write {
        tenant: tenant(),
        at: world.gateway.now(),
        expect: Vec::new(),
        changes: vec![Change::RemovePermission(
            PermissionId::parse(permission).unwrap(),
        )],
        audit: vec![AuditEvent::of("SharingRevoked", Actor::default())],
    };
    world.gateway.directory().write(revoked).await.unwrap();
}

#[tokio::test]
async fn sec_205_who_shares_a_file_changes_no_link_of_its_folder() {
    let case = case().await;
    let folder = case.plan.replace("/plan.txt:", ":");
    for scope in ["users", "organization"] {
        let mut body = json!({ "type": "edit", "scope": scope });
        if scope == "users" {
            body["recipients"] = json!([{ "email": "dora@fabrikam.example" }]);
        }
        let made = case
            .post(&case.mia, &format!("{folder}/createLink"), body)
            .await;
        assert_eq!(made.status, StatusCode::CREATED, "{made:?}");
        let id = id(&made);
        let action = |name: &str| format!("{}/permissions/{id}/{name}", case.plan);
        let people = json!({ "recipients": [{ "email": "ada@fabrikam.example" }] });
        let off = json!({ "grantees": [{ "email": "dora@fabrikam.example" }] });
        for (name, body) in [("grant", people), ("revokeGrants", off)] {
            let answer = case.post(&pat(), &action(name), body).await;
            assert_eq!(
                (answer.status, answer.inner()),
                (StatusCode::BAD_REQUEST, "inheritedPermission"),
                "{name} {scope}: {answer:?}"
            );
        }
        let path = format!("{folder}/permissions/{id}");
        let own = case.world.get(&path, &case.mia).await;
        let people = own.body["grantedToIdentitiesV2"].clone();
        assert!(!people.to_string().contains("ada@"), "{people}");
    }
}

#[tokio::test]
async fn owners_are_made_changed_and_taken_away_by_owners() {
    let case = case().await;
    let owner = |who: &str| json!({ "recipients": [{ "email": who }], "roles": ["owner"] });
    let invite = format!("{}/invite", case.root);
    let made = case
        .post(&case.mia, &invite, owner("olga@contoso.example"))
        .await;
    assert_eq!(made.status, StatusCode::OK, "{made:?}");
    let path = format!("{}/permissions/{}", case.root, id(&made));
    let change = Some(json!({ "roles": ["read"] }));
    let patched = case
        .world
        .call(Method::PATCH, &path, &wes(), change.clone())
        .await;
    refused(&patched, "ownersOnly");
    let deleted = case.world.call(Method::DELETE, &path, &wes(), None).await;
    refused(&deleted, "ownersOnly");
    let again = case.post(&wes(), &invite, to("olga@contoso.example")).await;
    assert_eq!(again.status, StatusCode::FORBIDDEN, "made less: {again:?}");
    let own = case
        .post(&wes(), &invite, owner("wes@contoso.example"))
        .await;
    assert_eq!(own.status, StatusCode::FORBIDDEN, "made more: {own:?}");
    let seen = case.world.get(&path, &case.mia).await;
    assert_eq!(seen.body["roles"], json!(["owner"]), "{seen:?}");
    let patched = case
        .world
        .call(Method::PATCH, &path, &case.mia, change)
        .await;
    assert_eq!(patched.body["roles"], json!(["read"]), "{patched:?}");
    // Who is an owner no more is taken away by whoever shares.
    let deleted = case.world.call(Method::DELETE, &path, &wes(), None).await;
    assert_eq!(deleted.status, StatusCode::NO_CONTENT, "{deleted:?}");
}

#[tokio::test]
async fn what_is_anothers_is_taken_away_by_who_shares_or_made_it() {
    let case = case().await;
    // One's own: whoever it is.
    let made = case.invite(&case.mia, to("nils@contoso.example")).await;
    let own = case.on(Method::DELETE, &id(&made), &nils(ALL), None).await;
    assert_eq!(own.status, StatusCode::NO_CONTENT, "{own:?}");
    // What many have is seen by all of them, and taken away by few.
    let group = json!({ "recipients": [{ "objectId": "staff" }], "roles": ["read"] });
    let made = case.invite(&pat(), group).await;
    assert_eq!(made.status, StatusCode::OK, "{made:?}");
    let wide = case
        .link(&pat(), json!({ "type": "view", "scope": "organization" }))
        .await;
    assert_eq!(wide.status, StatusCode::CREATED, "{wide:?}");
    revoke(&case.world, "pat").await;
    for id in [id(&made), id(&wide)] {
        let others = case.on(Method::DELETE, &id, &nils(ALL), None).await;
        refused(&others, "sharerNotAllowed");
        let mine = case.on(Method::DELETE, &id, &pat(), None).await;
        assert_eq!(mine.status, StatusCode::NO_CONTENT, "{mine:?}");
    }
}

#[tokio::test]
async fn links_that_a_file_declares_are_not_changed() {
    let case = case().await;
    let later = json!({ "expirationDateTime": "2027-01-20T08:00:00Z" });
    let patched = case
        .on(Method::PATCH, "anyone", &case.mia, Some(later))
        .await;
    assert_eq!(patched.status, StatusCode::CONFLICT, "{patched:?}");
    let action = |name: &str| format!("{}/permissions/named/{name}", case.plan);
    let off = json!({ "grantees": [{ "email": "ada@fabrikam.example" }] });
    for (name, body) in [
        ("grant", to("dora@fabrikam.example")),
        ("revokeGrants", off),
    ] {
        let answer = case.post(&case.mia, &action(name), body).await;
        assert_eq!(answer.status, StatusCode::CONFLICT, "{name}: {answer:?}");
    }
}

#[tokio::test]
async fn a_link_that_has_ended_is_not_prolonged() {
    let case = case().await;
    let end = "2027-01-15T08:10:00Z";
    let made = case
        .link(
            &case.mia,
            json!({ "type": "view", "scope": "anonymous", "expirationDateTime": end }),
        )
        .await;
    assert_eq!(made.status, StatusCode::CREATED, "{made:?}");
    let patch = async |end: &str| {
        let body = Some(json!({ "expirationDateTime": end }));
        case.on(Method::PATCH, &id(&made), &case.mia, body).await
    };
    case.world.wait(599);
    let changed = patch(end).await;
    assert_eq!(changed.status, StatusCode::OK, "{changed:?}");
    case.world.wait(1);
    let answer = patch("2027-01-20T08:00:00Z").await;
    assert_eq!(
        (answer.status, answer.inner()),
        (StatusCode::BAD_REQUEST, "linkExpired"),
        "{answer:?}"
    );
}

#[tokio::test]
async fn nothing_is_granted_on_an_item_that_is_another_by_now() {
    let case = case().await;
    let made = case
        .link(
            &case.mia,
            json!({ "type": "view", "scope": "users", "recipients": [{ "email": "dora@fabrikam.example" }] }),
        )
        .await;
    for (name, body) in [
        ("grant", to("ada@fabrikam.example")),
        (
            "revokeGrants",
            json!({ "grantees": [{ "email": "dora@fabrikam.example" }] }),
        ),
    ] {
        let request =
            http::Request::post(format!("{}/permissions/{}/{name}", case.plan, id(&made)))
                .header("if-match", "\"other\"")
                .header("authorization", format!("Bearer {}", case.mia));
        let request = request.body(body.to_string().into()).unwrap();
        let answer = case.world.send(request).await;
        assert_eq!(answer.status, StatusCode::PRECONDITION_FAILED, "{name}");
    }
}

#[tokio::test]
async fn what_is_asked_of_sharing_fits_together() {
    let case = case().await;
    let people = json!([{ "email": "dora@fabrikam.example" }]);
    let over = "2027-01-15T08:00:00Z";
    let bodies: [(&str, Value); 5] = [
        (
            "createLink",
            json!({ "type": "view", "scope": "organization", "recipients": people }),
        ),
        (
            "createLink",
            json!({ "type": "view", "scope": "users", "recipients": [{ "objectId": "staff" }] }),
        ),
        ("createLink", json!({ "type": "peek", "scope": "users" })),
        (
            "invite",
            json!({ "recipients": people, "roles": ["read"], "expirationDateTime": over }),
        ),
        ("invite", json!({ "recipients": people, "roles": ["peek"] })),
    ];
    for (action, body) in bodies {
        let what = body.to_string();
        let path = format!("{}/{action}", case.plan);
        let answer = case.post(&case.mia, &path, body).await;
        assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{what}: {answer:?}");
    }
    // An application names nobody whom the directory does not know, by a link either.
    let program = case.world.application(&["Files.ReadWrite.All"]);
    let new = json!({ "type": "view", "scope": "users", "recipients": [{ "email": "new@fabrikam.example" }] });
    let made = case.link(&program, new).await;
    refused(&made, "newGuestsNotAllowed");
    let known = json!({ "type": "view", "scope": "users", "recipients": people });
    let made = case.link(&program, known).await;
    assert_eq!(made.status, StatusCode::CREATED, "{made:?}");
    let path = format!("{}/permissions/{}/grant", case.plan, id(&made));
    let put = case.post(&program, &path, to("new@fabrikam.example")).await;
    refused(&put, "newGuestsNotAllowed");
}
