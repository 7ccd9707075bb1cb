use http::{Method, StatusCode};
use serde_json::{Value, json};

use crate::testing::World;

const SCOPES: &str = "User.Invite.All User.ReadWrite.All";

async fn invited(world: &World, address: &str) -> String {
    let body =
        json!({ "invitedUserEmailAddress": address, "inviteRedirectUrl": "https://x.example" });
    let token = world.administrator(SCOPES);
    let answer = world
        .call(Method::POST, "/v1.0/invitations", &token, Some(body))
        .await;
    assert_eq!(answer.status, StatusCode::CREATED, "{}", answer.body);
    answer.body["invitedUser"]["id"]
        .as_str()
        .unwrap()
        .to_owned()
}

async fn user(world: &World, name: &str) -> Value {
    let path = format!(
        "/v1.0/users/{name}?$select=id,mail,accountEnabled,externalUserState,creationType,userType,displayName,userPrincipalName,jobTitle"
    );
    let answer = world.get(&path, &world.administrator(SCOPES)).await;
    assert_eq!(answer.status, StatusCode::OK, "{name} {}", answer.body);
    answer.body
}

async fn call(world: &World, method: Method, path: &str, body: Option<Value>) -> u16 {
    world
        .call(method, path, &world.administrator(SCOPES), body)
        .await
        .status
        .as_u16()
}

#[tokio::test]
async fn a_guest_is_found_by_id_address_and_principal_name() {
    let world = World::new().await;
    let id = invited(&world, "ada_x@fabrikam.example").await;
    for name in [
        id.as_str(),
        &id.to_uppercase(),
        "ada_x@fabrikam.example",
        "ADA_X@fabrikam.example",
        "ada_x_fabrikam.example%23EXT%23%40contoso.onmicrosoft.com",
    ] {
        let user = user(&world, name).await;
        assert_eq!(user["id"], json!(id), "{name}");
        assert_eq!(user["externalUserState"], "PendingAcceptance");
        assert_eq!(user["creationType"], "Invitation");
        assert_eq!(user["userType"], "Guest");
        assert_eq!(
            user["userPrincipalName"],
            "ada_x_fabrikam.example#EXT#@contoso.onmicrosoft.com"
        );
    }
    let answer = world
        .get(&format!("/v1.0/users/{id}"), &world.administrator(SCOPES))
        .await;
    assert!(
        answer.body.get("userType").is_none(),
        "only the usual properties"
    );
    assert!(answer.body.get("businessPhones").is_some());
}

#[tokio::test]
async fn another_tenants_users_are_not_there() {
    let world = World::new().await;
    let id = invited(&world, "ada@fabrikam.example").await;
    let other = world.operator_of(json!({
        "tenant": "woodgrove", "aud": crate::testing::ORIGIN, "scp": SCOPES, "iat": crate::testing::NOW, "exp": crate::testing::NOW + 60,
    }));
    for path in [
        format!("/v1.0/users/{id}"),
        "/v1.0/users/ada@fabrikam.example".to_owned(),
        format!("/v1.0/directory/deletedItems/{id}"),
    ] {
        assert_eq!(
            world.get(&path, &other).await.status,
            StatusCode::NOT_FOUND,
            "{path}"
        );
    }
    assert_eq!(
        world.get("/v1.0/users", &other).await.body["value"],
        json!([])
    );
    let block = json!({ "accountEnabled": false });
    let answer = world
        .call(
            Method::PATCH,
            &format!("/v1.0/users/{id}"),
            &other,
            Some(block),
        )
        .await;
    assert_eq!(answer.status, StatusCode::NOT_FOUND);
    assert_eq!(user(&world, &id).await["accountEnabled"], true);
}

#[tokio::test]
async fn absent_members_stay_null_ones_are_cleared_and_unknown_ones_are_ignored() {
    let world = World::new().await;
    let id = invited(&world, "ada@fabrikam.example").await;
    let path = format!("/v1.0/users/{id}");
    let body = json!({ "@odata.type": "#microsoft.graph.user", "displayName": "Ada", "jobTitle": "Poet", "shoeSize": 38 });
    assert_eq!(call(&world, Method::PATCH, &path, Some(body)).await, 204);
    assert_eq!(
        call(
            &world,
            Method::PATCH,
            &path,
            Some(json!({ "jobTitle": null }))
        )
        .await,
        204
    );
    let user = user(&world, &id).await;
    assert_eq!(
        (&user["displayName"], &user["jobTitle"]),
        (&json!("Ada"), &Value::Null)
    );
    for bad in [
        json!({ "id": "x" }),
        json!({ "externalUserState": "Accepted" }),
        json!({ "creationType": null }),
        json!({ "displayName": 5 }),
        json!({ "accountEnabled": "no" }),
        json!({ "accountEnabled": null }),
        json!({ "userType": "guest" }),
        json!({ "mail": "eve@fabrikam.example" }),
        json!({ "otherMails": "x" }),
    ] {
        assert_eq!(
            call(&world, Method::PATCH, &path, Some(bad.clone())).await,
            400,
            "{bad}"
        );
    }
}

#[tokio::test]
async fn a_change_says_what_it_expects() {
    let world = World::new().await;
    let id = invited(&world, "ada@fabrikam.example").await;
    let path = format!("/v1.0/users/{id}");
    let token = world.administrator(SCOPES);
    let tag = world.get(&path, &token).await.headers["etag"]
        .to_str()
        .unwrap()
        .to_owned();
    let patch = |tag: &str, name: &str| {
        let request = http::Request::patch(&path)
            .header("authorization", format!("Bearer {token}"))
            .header("if-match", tag)
            .body(json!({ "displayName": name }).to_string().into());
        request.unwrap()
    };
    assert_eq!(
        world.send(patch(&tag, "Ada")).await.status,
        StatusCode::NO_CONTENT
    );
    assert_eq!(
        world.send(patch(&tag, "Eve")).await.status,
        StatusCode::PRECONDITION_FAILED
    );
    assert_eq!(
        world.send(patch("*", "Ada L.")).await.status,
        StatusCode::NO_CONTENT
    );
    assert_eq!(user(&world, &id).await["displayName"], "Ada L.");
}

#[tokio::test]
async fn a_guest_is_blocked_deleted_restored_and_purged() {
    let world = World::new().await;
    let id = invited(&world, "ada@fabrikam.example").await;
    let path = format!("/v1.0/users/{id}");
    let gone = format!("/v1.0/directory/deletedItems/{id}");
    assert_eq!(
        call(
            &world,
            Method::PATCH,
            &path,
            Some(json!({ "accountEnabled": false }))
        )
        .await,
        204
    );
    assert_eq!(user(&world, &id).await["accountEnabled"], false);
    assert_eq!(
        call(
            &world,
            Method::PATCH,
            &path,
            Some(json!({ "accountEnabled": true }))
        )
        .await,
        204
    );
    assert_eq!(call(&world, Method::GET, &gone, None).await, 404);
    assert_eq!(call(&world, Method::DELETE, &path, None).await, 204);
    assert_eq!(call(&world, Method::GET, &path, None).await, 404);
    assert_eq!(call(&world, Method::GET, &gone, None).await, 200);
    let all = world
        .get(
            "/v1.0/directory/deletedItems/microsoft.graph.user",
            &world.administrator(SCOPES),
        )
        .await;
    assert_eq!(all.body["value"][0]["id"], json!(id));
    assert_eq!(
        call(&world, Method::POST, &format!("{gone}/restore"), None).await,
        200
    );
    assert_eq!(call(&world, Method::GET, &path, None).await, 200);
    assert_eq!(call(&world, Method::DELETE, &path, None).await, 204);
    world.wait(30 * 24 * 60 * 60);
    assert_eq!(
        call_later(&world, Method::POST, &format!("{gone}/restore")).await,
        404,
        "30 days and no longer"
    );
}

/// A call by an operator, whose token is made now.
async fn call_later(world: &World, method: Method, path: &str) -> u16 {
    let now = world.gateway.now.load(std::sync::atomic::Ordering::SeqCst);
    let token = world.operator_of(json!({
        "tenant": "contoso", "aud": crate::testing::ORIGIN, "scp": SCOPES, "iat": now, "exp": now + 60,
    }));
    world.call(method, path, &token, None).await.status.as_u16()
}

#[tokio::test]
async fn a_purged_guest_is_gone_and_can_be_invited_anew() {
    let world = World::new().await;
    let id = invited(&world, "ada@fabrikam.example").await;
    assert_eq!(
        call(&world, Method::DELETE, &format!("/v1.0/users/{id}"), None).await,
        204
    );
    let gone = format!("/v1.0/directory/deletedItems/{id}");
    assert_eq!(call(&world, Method::DELETE, &gone, None).await, 204);
    assert_eq!(call(&world, Method::GET, &gone, None).await, 404);
    assert_ne!(invited(&world, "ada@fabrikam.example").await, id);
}

#[tokio::test]
async fn a_declared_guest_can_be_blocked_and_nothing_else() {
    let world = World::new().await;
    let path = "/v1.0/users/dora@fabrikam.example";
    let token = world.administrator(SCOPES);
    let answer = world
        .call(
            Method::PATCH,
            path,
            &token,
            Some(json!({ "displayName": "D" })),
        )
        .await;
    assert_eq!(
        (answer.status.as_u16(), answer.inner()),
        (409, "managedByConfiguration")
    );
    assert_eq!(answer.body["error"]["message"], "managed by configuration");
    assert_eq!(
        call(
            &world,
            Method::PATCH,
            path,
            Some(json!({ "accountEnabled": true }))
        )
        .await,
        204,
        "as it is"
    );
    assert_eq!(
        call(
            &world,
            Method::PATCH,
            path,
            Some(json!({ "accountEnabled": false }))
        )
        .await,
        204
    );
    assert_eq!(
        user(&world, "dora@fabrikam.example").await["accountEnabled"],
        false
    );
    assert_eq!(
        call(
            &world,
            Method::PATCH,
            path,
            Some(json!({ "accountEnabled": true }))
        )
        .await,
        409
    );
}

#[tokio::test]
async fn sessions_are_revoked_with_every_kind_of_empty_body() {
    let world = World::new().await;
    invited(&world, "ada@fabrikam.example").await;
    let path = "/v1.0/users/ada@fabrikam.example/revokeSignInSessions";
    let token = world.administrator(SCOPES);
    for body in [None, Some(json!({})), Some(Value::Null)] {
        let answer = world.call(Method::POST, path, &token, body).await;
        assert_eq!(
            (answer.status, &answer.body["value"]),
            (StatusCode::OK, &json!(true))
        );
        assert!(
            answer.body["@odata.context"]
                .as_str()
                .unwrap()
                .ends_with("#Edm.Boolean")
        );
    }
    assert_eq!(
        call(
            &world,
            Method::POST,
            "/v1.0/users/nobody/microsoft.graph.revokeSignInSessions()",
            None
        )
        .await,
        404
    );
}

#[tokio::test]
async fn filters_look_up_or_search() {
    let world = World::new().await;
    let id = invited(&world, "ada@fabrikam.example").await;
    invited(&world, "bob@fabrikam.example").await;
    let token = world.administrator(SCOPES);
    for (filter, want) in [
        ("mail eq 'ADA@fabrikam.example'", 1),
        ("mail eq 'a+b@fabrikam.example'", 0),
        (&*format!("id in ('{id}','x')"), 1),
        ("userType eq 'Guest'", 3),
        ("startswith(displayName,'b')", 1),
        ("userType eq 'Guest' and externalUserState eq 'Accepted'", 0),
        (
            "endswith(mail,'@fabrikam.example') and accountEnabled eq true",
            3,
        ),
    ] {
        let filter: String = url::form_urlencoded::byte_serialize(filter.as_bytes()).collect();
        let answer = world
            .get(&format!("/v1.0/users?$filter={filter}"), &token)
            .await;
        assert_eq!(
            answer.body["value"].as_array().map(Vec::len),
            Some(want),
            "{filter} {}",
            answer.body
        );
        let counted = world
            .get(&format!("/v1.0/users/$count?$filter={filter}"), &token)
            .await;
        assert_eq!(counted.headers["content-type"], "text/plain");
        assert_eq!(String::from_utf8(counted.bytes).unwrap(), want.to_string());
    }
}
