//! Nothing of one tenant is there for another; and what there is of the own is listed, and ends.

use http::{Method, StatusCode};
use serde_json::{Value, json};

use crate::testing::{Answer, CONTOSO, NOW, ORIGIN, World, person, token};

const SCOPES: &str = "Vestibule.ReadWrite.All AuditLog.Read.All User.ReadWrite.All";

const MORE: &str = r#"
[permissions.mia]
site = "projects"
item = "/sites/projects"
to = "mia@contoso.example"
role = "owner"
created_by = "mia@contoso.example"

[permissions.dora]
site = "projects"
item = "/sites/projects/open"
to = "dora@fabrikam.example"
role = "read"
created_by = "mia@contoso.example"

[links.open]
site = "projects"
item = "/sites/projects/open"
scope = "organization"
type = "view"
created_by = "mia@contoso.example"
token_sha256 = "0000000000000000000000000000000000000000000000000000000000000001"
created = 2026-01-05T09:00:00Z
"#;

async fn call(world: &World, method: Method, path: &str, token: &str) -> Answer {
    let path = format!("/vestibule/v1{path}");
    world.call(method, &path, token, None).await
}

fn of_woodgrove(world: &World) -> String {
    world.operator_of(json!({
        "tenant": "woodgrove", "aud": ORIGIN, "scp": SCOPES, "iat": NOW, "exp": NOW + 3600, "jti": "1",
    }))
}

async fn invited(world: &World, operator: &str, address: &str) -> String {
    let body = json!({
        "invitedUserEmailAddress": address,
        "inviteRedirectUrl": "https://contoso.example/sites/projects",
    });
    let answer = world
        .call(Method::POST, "/v1.0/invitations", operator, Some(body))
        .await;
    assert_eq!(answer.status, StatusCode::CREATED, "{answer:?}");
    answer.body["invitedUser"]["id"]
        .as_str()
        .unwrap()
        .to_owned()
}

#[tokio::test]
async fn sec_205_an_id_of_another_tenant_is_the_id_of_nothing() {
    let world = World::with(MORE).await;
    let (own, other) = (world.operator(SCOPES), of_woodgrove(&world));
    let ada = invited(&world, &own, "ada@fabrikam.example").await;
    for path in [
        "/shares/mia".to_owned(),
        "/links/open".to_owned(),
        "/groups/staff".to_owned(),
        "/guests/dora/sites".to_owned(),
        format!("/guests/{ada}/sites"),
    ] {
        let here = call(&world, Method::GET, &path, &own).await;
        assert_eq!(here.status, StatusCode::OK, "{path}");
        let there = call(&world, Method::GET, &path, &other).await;
        assert_eq!(there.status, StatusCode::NOT_FOUND, "{path}");
    }
    for path in ["/shares/mia", "/links/open", "/groups/staff"] {
        let there = call(&world, Method::DELETE, path, &other).await;
        assert_eq!(there.status, StatusCode::NOT_FOUND, "{path}");
    }
    for list in [
        "/shares?person=mia@contoso.example",
        "/links",
        "/links?site=projects",
        "/groups",
        "/audit",
    ] {
        let here = call(&world, Method::GET, list, &own).await;
        assert_ne!(here.body["value"], json!([]), "{list}");
        let there = call(&world, Method::GET, list, &other).await;
        assert_eq!(there.body["value"], json!([]), "{list}");
    }
    let tenants = call(&world, Method::GET, "/tenants", &other).await;
    assert_eq!(tenants.body["value"].as_array().unwrap().len(), 1);
    assert_eq!(tenants.body["value"][0]["id"], "woodgrove");
}

#[tokio::test]
async fn sec_172_every_grant_is_listed_and_ends_when_it_is_revoked() {
    let world = World::with(MORE).await;
    let operator = world.operator(SCOPES);
    let ids = async |path: &str| -> Vec<String> {
        let mut all = Vec::new();
        let mut next = format!("/vestibule/v1{path}");
        loop {
            let page = world.get(&next, &operator).await;
            assert_eq!(page.status, StatusCode::OK, "{page:?}");
            let values = page.body["value"].as_array().unwrap();
            all.extend(
                values
                    .iter()
                    .map(|one| one["id"].as_str().unwrap().to_owned()),
            );
            match page.body["@odata.nextLink"].as_str() {
                Some(link) => next = link.strip_prefix(ORIGIN).unwrap().to_owned(),
                None => return all,
            }
        }
    };
    let shares = "/shares?person=dora@fabrikam.example&top=1";
    assert_eq!(ids(shares).await, ["dora"]);
    assert_eq!(ids("/links?top=1").await, ["open"]);
    for path in ["/shares/dora", "/links/open"] {
        let ended = call(&world, Method::DELETE, path, &operator).await;
        assert_eq!(ended.status, StatusCode::NO_CONTENT, "{path}");
        let again = call(&world, Method::GET, path, &operator).await;
        assert_eq!(again.status, StatusCode::NOT_FOUND, "{path}");
    }
    assert_eq!(ids(shares).await, [""; 0]);
    assert_eq!(ids("/links").await, [""; 0]);
    assert_eq!(ids("/shares?person=mia@contoso.example").await, ["mia"]);
}

/// A guest's token, for the entry `id`.
fn guest(id: &str, change: impl FnOnce(&mut Value)) -> String {
    let mut claims = person("Files.Read");
    claims["oid"] = json!(id);
    claims["acct"] = json!(1);
    change(&mut claims);
    assert_eq!(claims["tid"], CONTOSO);
    token(&claims)
}

#[tokio::test]
async fn a_guest_leaves_and_takes_nobody_else_along() {
    let world = World::new().await;
    let operator = world.operator(SCOPES);
    let ada = invited(&world, &operator, "ada@fabrikam.example").await;
    let name =
        |name: &'static str| move |claims: &mut Value| claims["preferred_username"] = json!(name);
    let other = "66666666-6666-4666-8666-666666666666";
    for (token, want, who) in [
        (
            world.administrator(SCOPES),
            StatusCode::FORBIDDEN,
            "a member",
        ),
        (operator.clone(), StatusCode::FORBIDDEN, "an operator"),
        (
            guest(other, name("nobody@fabrikam.example")),
            StatusCode::NOT_FOUND,
            "nobody",
        ),
        (
            guest(other, name("ada@fabrikam.example")),
            StatusCode::NOT_FOUND,
            "somebody of that address",
        ),
    ] {
        let answer = call(&world, Method::POST, "/leave", &token).await;
        assert_eq!(answer.status, want, "{who}");
    }
    let leaves = guest(&ada, name("ada@fabrikam.example"));
    let left = call(&world, Method::POST, "/leave", &leaves).await;
    assert_eq!(left.status, StatusCode::NO_CONTENT, "{left:?}");
    let again = call(&world, Method::POST, "/leave", &leaves).await;
    assert_eq!(again.status, StatusCode::UNAUTHORIZED, "{again:?}");
}

#[tokio::test]
async fn sec_074_an_address_that_nobody_vouches_for_is_nobodys() {
    let world = World::new().await;
    let claims = |edov: Option<Value>| {
        guest("66666666-6666-4666-8666-666666666666", |claims| {
            claims["preferred_username"] = json!("eve_evil.example#EXT#@contoso.example");
            claims["email"] = json!("dora@fabrikam.example");
            if let Some(edov) = edov {
                claims["xms_edov"] = edov;
            }
        })
    };
    for edov in [
        None,
        Some(json!(false)),
        Some(json!(0)),
        Some(json!("0")),
        Some(json!("yes")),
        Some(json!([true])),
        Some(Value::Null),
    ] {
        let answer = call(&world, Method::POST, "/leave", &claims(edov.clone())).await;
        assert_eq!(answer.status, StatusCode::FORBIDDEN, "{edov:?}");
    }
    let member = guest("66666666-6666-4666-8666-666666666666", |claims| {
        claims["preferred_username"] = json!("mia@contoso.example");
    });
    let answer = call(&world, Method::POST, "/leave", &member).await;
    assert_eq!(
        answer.status,
        StatusCode::FORBIDDEN,
        "an address of the organisation"
    );
    let answer = call(&world, Method::POST, "/leave", &claims(Some(json!("1")))).await;
    assert_eq!(answer.status, StatusCode::NO_CONTENT, "{answer:?}");
}
