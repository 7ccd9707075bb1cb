use std::sync::atomic::Ordering;

use gateway_core::address::EmailAddress;
use http::{Method, StatusCode};
use serde_json::{Value, json};

use crate::surroundings::Surroundings as _;
use crate::testing::{
    CONTOSO, NOW, WOODGROVE, World, application, foreign_key, issuer_key, jwk, person, public_der,
    signed, token,
};

const PATH: &str = "/v1.0/users?$top=1";
const SCOPE: &str = "User.Read.All";

async fn status(world: &World, token: &str) -> (u16, String) {
    let answer = world.get(PATH, token).await;
    (answer.status.as_u16(), answer.code().to_owned())
}

async fn refuses(world: &World, token: &str, what: &str) {
    let (status, code) = status(world, token).await;
    assert_eq!(
        (status, code.as_str()),
        (401, "InvalidAuthenticationToken"),
        "{what}"
    );
}

fn with(name: &str, value: Value) -> Value {
    let mut claims = person(SCOPE);
    claims[name] = value;
    claims
}

fn without(name: &str) -> Value {
    let mut claims = person(SCOPE);
    claims.as_object_mut().unwrap().remove(name);
    claims
}

#[tokio::test]
async fn a_token_of_the_own_directory_opens() {
    let world = World::new().await;
    assert_eq!(status(&world, &token(&person(SCOPE))).await.0, 200);
    assert_eq!(status(&world, &token(&application(&[SCOPE]))).await.0, 200);
    for audience in [
        "https://graph.microsoft.com/",
        "00000003-0000-0000-c000-000000000000",
        crate::testing::ORIGIN,
    ] {
        assert_eq!(
            status(&world, &token(&with("aud", json!(audience))))
                .await
                .0,
            200,
            "{audience}"
        );
    }
    assert_eq!(
        status(
            &world,
            &token(&with("aud", json!(["https://graph.microsoft.com"])))
        )
        .await
        .0,
        200
    );
}

#[tokio::test]
async fn sec_102_each_claim_that_is_missing_or_wrong_is_refused() {
    let world = World::new().await;
    for name in ["iss", "aud", "exp", "nbf", "iat", "tid", "oid", "azp"] {
        refuses(&world, &token(&without(name)), name).await;
        refuses(&world, &token(&with(name, json!(null))), name).await;
        refuses(&world, &token(&with(name, json!({}))), name).await;
        refuses(&world, &token(&with(name, json!("wrong"))), name).await;
    }
    for (name, value) in [
        (
            "iss",
            json!(format!(
                "https://login.microsoftonline.com/{WOODGROVE}/v2.0"
            )),
        ),
        (
            "iss",
            json!(format!("https://login.microsoftonline.us/{CONTOSO}/v2.0")),
        ),
        (
            "iss",
            json!(format!("https://login.microsoftonline.com/{CONTOSO}/v2.0/")),
        ),
        ("iss", json!(format!("https://sts.windows.net/{CONTOSO}/"))),
        (
            "aud",
            json!(["https://graph.microsoft.com", "https://other.example"]),
        ),
        ("aud", json!("https://graph.microsoft.com.evil.example")),
        ("tid", json!("99999999-9999-4999-8999-999999999999")),
        ("tid", json!(WOODGROVE)),
        ("oid", json!("not-a-guid")),
        ("oid", json!("33333333333343338333333333333333")),
        ("oid", json!("33333333-3333-4333-8333-33333333333g")),
        ("oid", json!("3333-33333333-4333-8333-333333333333")),
        ("azp", json!("44444444444444444444444444444444")),
    ] {
        refuses(
            &world,
            &token(&with(name, value.clone())),
            &format!("{name} {value}"),
        )
        .await;
    }
}

#[tokio::test]
async fn sec_115_times_are_compared_with_a_little_leeway() {
    let world = World::new().await;
    for (name, value, opens) in [
        ("exp", NOW - 299, true),
        ("exp", NOW - 300, false),
        ("nbf", NOW + 300, true),
        ("nbf", NOW + 301, false),
        ("iat", NOW - 600, true),
        ("iat", NOW + 301, false),
    ] {
        let got = status(&world, &token(&with(name, json!(value)))).await.0;
        assert_eq!(got == 200, opens, "{name} {}", value - NOW);
    }
}

#[tokio::test]
async fn sec_064_times_that_no_calendar_has_are_refused() {
    let world = World::new().await;
    for value in [
        json!(1e300),
        json!(-1),
        json!(i64::MAX),
        json!(u64::MAX),
        json!("9999999999"),
        json!(true),
    ] {
        refuses(
            &world,
            &token(&with("exp", value.clone())),
            &value.to_string(),
        )
        .await;
    }
    assert_eq!(
        status(&world, &token(&with("exp", json!(NOW as f64 + 0.5))))
            .await
            .0,
        200
    );
}

#[tokio::test]
async fn sec_104_the_algorithm_is_ours_to_name() {
    let world = World::new().await;
    let claims = person(SCOPE);
    for header in [
        json!({ "alg": "none", "typ": "JWT", "kid": "k1" }),
        json!({ "alg": "RS512", "typ": "JWT", "kid": "k1" }),
        json!({ "alg": "PS256", "typ": "JWT", "kid": "k1" }),
        json!({ "alg": "RS256", "typ": "JWT" }),
        json!({ "alg": "RS256", "typ": "JWT", "kid": "unknown" }),
        json!({ "alg": "RS256", "typ": "JWT", "kid": "k1", "crit": ["exp"] }),
        json!({ "alg": "RS256", "typ": "JWT", "kid": "k1", "b64": false }),
        json!({ "alg": "RS256", "typ": "JWT", "kid": "k1", "zip": "DEF" }),
        json!({ "alg": "RS256", "typ": "JWT", "kid": "k1", "enc": "A128GCM" }),
        json!({ "alg": "RS256", "typ": "vestibule-operator+jwt", "kid": "k1" }),
        json!({ "alg": "RS256", "kid": "k1" }),
    ] {
        refuses(
            &world,
            &signed(&header, &claims, issuer_key()),
            &header.to_string(),
        )
        .await;
    }
    let good = token(&claims);
    let (message, _) = good.rsplit_once('.').unwrap();
    refuses(&world, &format!("{message}."), "no signature").await;
    // Signed with the public key for a secret.
    let header = json!({ "alg": "HS256", "typ": "JWT", "kid": "k1" });
    let message = signed(&header, &claims, issuer_key());
    let (message, _) = message.rsplit_once('.').unwrap();
    let key = aws_lc_rs::hmac::Key::new(aws_lc_rs::hmac::HMAC_SHA256, &public_der(issuer_key()));
    let tag = aws_lc_rs::hmac::sign(&key, message.as_bytes());
    let encoded = base64::Engine::encode(
        &base64::engine::general_purpose::URL_SAFE_NO_PAD,
        tag.as_ref(),
    );
    refuses(
        &world,
        &format!("{message}.{encoded}"),
        "HS256 with the public key",
    )
    .await;
}

#[tokio::test]
async fn sec_103_a_signature_of_another_key_is_refused() {
    let world = World::new().await;
    let header = json!({ "alg": "RS256", "typ": "JWT", "kid": "k1" });
    refuses(
        &world,
        &signed(&header, &person(SCOPE), foreign_key()),
        "foreign key",
    )
    .await;
    let good = token(&person("none"));
    let (_, signature) = good.rsplit_once('.').unwrap();
    let other = token(&person(SCOPE));
    let (message, _) = other.rsplit_once('.').unwrap();
    refuses(
        &world,
        &format!("{message}.{signature}"),
        "signature of another",
    )
    .await;
}

#[tokio::test]
async fn sec_106_tokens_are_of_three_parts_and_not_long() {
    let world = World::new().await;
    for bad in [
        "a",
        "a.b",
        "a.b.c.d",
        "a.b.c.d.e",
        "..",
        &".".repeat(100_000),
        &format!("{}.b.c", "a".repeat(20_000)),
    ] {
        refuses(&world, bad, &bad.chars().take(20).collect::<String>()).await;
    }
    refuses(&world, "", "none").await;
    let padded = |length: usize| token(&with("more", json!("a".repeat(length))));
    assert_eq!(status(&world, &padded(8_000)).await.0, 200);
    refuses(&world, &padded(16_000), "long, and signed").await;
}

#[tokio::test]
async fn tokens_come_in_one_header_only() {
    let world = World::new().await;
    let good = token(&person(SCOPE));
    let twice = http::Request::get(PATH)
        .header("authorization", format!("Bearer {good}"))
        .header("authorization", format!("Bearer {good}"));
    assert_eq!(
        world.send(twice.body("".into()).unwrap()).await.status,
        StatusCode::UNAUTHORIZED
    );
    let query = http::Request::get(format!("{PATH}&access_token={good}"));
    assert_eq!(
        world.send(query.body("".into()).unwrap()).await.status,
        StatusCode::UNAUTHORIZED
    );
    let basic = http::Request::get(PATH).header("authorization", format!("Basic {good}"));
    assert_eq!(
        world.send(basic.body("".into()).unwrap()).await.status,
        StatusCode::UNAUTHORIZED
    );
    let lower = http::Request::get(PATH).header("authorization", format!("bearer {good}"));
    assert_eq!(
        world.send(lower.body("".into()).unwrap()).await.status,
        StatusCode::OK
    );
}

#[tokio::test]
async fn sec_113_an_unknown_key_is_asked_for_once_and_a_new_one_is_taken() {
    let world = World::new().await;
    let header = json!({ "alg": "RS256", "typ": "JWT", "kid": "k2" });
    let new = signed(&header, &person(SCOPE), foreign_key());
    refuses(&world, &new, "unknown key").await;
    assert_eq!(world.gateway.refetched.load(Ordering::SeqCst), 1);
    *world.gateway.key_set.lock().unwrap() =
        json!({ "keys": [jwk("k1", issuer_key()), jwk("k2", foreign_key())] });
    assert_eq!(status(&world, &new).await.0, 200);
    assert_eq!(
        world.gateway.refetched.load(Ordering::SeqCst),
        1,
        "known keys are not asked for"
    );
}

#[tokio::test]
async fn sec_114_nobody_is_asked_for_what_an_unverified_token_says() {
    let world = World::new().await;
    *world.gateway.key_set.lock().unwrap() = json!({ "keys": [] });
    for claims in [
        with("tid", json!("99999999-9999-4999-8999-999999999999")),
        with("iss", json!("https://evil.example/v2.0")),
    ] {
        refuses(&world, &token(&claims), "foreign").await;
    }
    assert_eq!(world.gateway.refetched.load(Ordering::SeqCst), 0);
}

#[tokio::test]
async fn a_key_signs_only_for_its_own_issuer_and_use() {
    let world = World::new().await;
    for (name, value) in [
        ("use", json!("enc")),
        ("kty", json!("EC")),
        ("alg", json!("RS512")),
        (
            "issuer",
            json!("https://login.microsoftonline.com/9188040d-6c67-4c5b-b112-36a304b66dad/v2.0"),
        ),
    ] {
        let mut key = jwk("k1", issuer_key());
        key[name] = value;
        *world.gateway.key_set.lock().unwrap() = json!({ "keys": [key] });
        refuses(&world, &token(&person(SCOPE)), name).await;
    }
    let twice = jwk("k1", issuer_key());
    *world.gateway.key_set.lock().unwrap() = json!({ "keys": [twice.clone(), twice] });
    refuses(&world, &token(&person(SCOPE)), "twice").await;
    let mut key = jwk("k1", issuer_key());
    key["issuer"] = json!("https://login.microsoftonline.com/{tenantid}/v2.0");
    *world.gateway.key_set.lock().unwrap() = json!({ "keys": [key] });
    assert_eq!(status(&world, &token(&person(SCOPE))).await.0, 200);
}

#[tokio::test]
async fn people_have_scopes_and_applications_roles_and_nobody_has_both() {
    let world = World::new().await;
    let mut both = person(SCOPE);
    both["roles"] = json!([SCOPE]);
    refuses(&world, &token(&both), "both").await;
    let mut neither = person(SCOPE);
    neither.as_object_mut().unwrap().remove("scp");
    assert_eq!(
        status(&world, &token(&neither)).await,
        (403, "Authorization_RequestDenied".to_owned())
    );
    let mut app = person(SCOPE);
    app["idtyp"] = json!("app");
    refuses(&world, &token(&app), "an application with scopes").await;
    app["idtyp"] = json!("user");
    assert_eq!(status(&world, &token(&app)).await.0, 200);
}

#[tokio::test]
async fn guests_of_the_tenant_are_no_members() {
    let world = World::new().await;
    for (name, value) in [
        ("acct", json!(1)),
        ("acct", json!("1")),
        ("acct", json!(null)),
        ("upn", json!("ada_fabrikam.example#EXT#@contoso.example")),
        (
            "idp",
            json!("https://sts.windows.net/99999999-9999-4999-8999-999999999999/"),
        ),
    ] {
        let mut claims = person(SCOPE);
        claims["wids"] = json!(["62e90394-69f5-4237-9190-012177145e10"]);
        claims[name] = value.clone();
        assert_eq!(
            status(&world, &token(&claims)).await.0,
            403,
            "{name} {value}"
        );
    }
    let own = with("idp", person(SCOPE)["iss"].clone());
    assert_eq!(status(&world, &token(&own)).await.0, 200, "its own `idp`");
    let mut unmarked = person(SCOPE);
    unmarked.as_object_mut().unwrap().remove("acct");
    assert_eq!(
        status(&world, &token(&unmarked)).await.0,
        200,
        "an address of the organisation"
    );
    unmarked["preferred_username"] = json!("ada@fabrikam.example");
    assert_eq!(
        status(&world, &token(&unmarked)).await.0,
        403,
        "an address of another"
    );
}

#[tokio::test]
async fn sec_088_an_operators_token_names_tenant_audience_and_scopes() {
    let world = World::new().await;
    assert_eq!(status(&world, &world.operator(SCOPE)).await.0, 200);
    assert_eq!(status(&world, &world.operator("Other")).await.0, 403);
    let good = json!({ "tenant": "contoso", "aud": crate::testing::ORIGIN, "scp": SCOPE, "iat": NOW, "exp": NOW + 60 });
    for (name, value) in [
        ("tenant", json!("nobody")),
        ("tenant", json!(null)),
        ("aud", json!("https://contoso.example")),
        ("exp", json!(NOW - 300)),
        ("exp", json!(NOW + 24 * 3600 + 1)),
        ("exp", json!(null)),
        ("iat", json!(null)),
        ("nbf", json!(NOW + 400)),
        ("nbf", json!(null)),
    ] {
        let mut claims = good.clone();
        claims[name] = value.clone();
        refuses(
            &world,
            &world.operator_of(claims),
            &format!("{name} {value}"),
        )
        .await;
    }
}

#[tokio::test]
async fn a_refusal_says_where_tokens_come_from_and_not_what_was_wrong() {
    let world = World::new().await;
    let answer = world.get(PATH, "").await;
    assert_eq!(answer.status, StatusCode::UNAUTHORIZED);
    let challenge = answer.headers["www-authenticate"].to_str().unwrap();
    assert!(
        challenge.starts_with(
            "Bearer realm=\"\", authorization_uri=\"https://login.microsoftonline.com/"
        ),
        "{challenge}"
    );
    assert!(!challenge.contains("claims="), "{challenge}");
    assert_eq!(answer.body["error"]["message"], "Access token is empty.");
}

#[tokio::test]
async fn sec_080_who_is_blocked_here_is_nobody_whatever_the_token_says() {
    let world = World::new().await;
    let mut claims = person("User.Read.All");
    claims["acct"] = json!(1);
    claims["preferred_username"] = json!("dora@fabrikam.example");
    let dora = token(&claims);
    assert_eq!(status(&world, &dora).await.0, 403, "a guest reads nothing");
    let operator = world.operator("User.ReadWrite.All");
    let block = json!({ "accountEnabled": false });
    let blocked = world
        .call(Method::PATCH, "/v1.0/users/dora", &operator, Some(block))
        .await;
    assert_eq!(blocked.status, 204);
    assert_eq!(status(&world, &dora).await.0, 401);
    assert_eq!(
        status(&world, &token(&person("User.Read.All"))).await.0,
        200
    );
    // By the id, too, whatever the address is by now.
    let body = json!({
        "invitedUserEmailAddress": "ada@fabrikam.example",
        "inviteRedirectUrl": "https://contoso.example/sites/projects",
    });
    let invited = world
        .call(Method::POST, "/v1.0/invitations", &operator, Some(body))
        .await;
    let id = invited.body["invitedUser"]["id"].clone();
    claims["oid"] = id.clone();
    claims["preferred_username"] = json!("ada@elsewhere.example");
    let ada = token(&claims);
    assert_eq!(status(&world, &ada).await.0, 403, "a guest reads nothing");
    let path = format!("/v1.0/users/{}", id.as_str().unwrap());
    let blocked = world
        .call(
            Method::PATCH,
            &path,
            &operator,
            Some(json!({ "accountEnabled": false })),
        )
        .await;
    assert_eq!(blocked.status, 204);
    assert_eq!(status(&world, &ada).await.0, 401);
}

#[tokio::test]
async fn sec_080_who_is_blocked_here_is_nobody_whatever_ticket_they_hold() {
    use crate::drives::tests::{drive, nils, world};
    use gateway_core::id::{GuestId, TenantId};
    use gateway_core::person::{GuestOrigin, InvitationManager};
    use gateway_store::model::{Actor, AuditEvent, Change, UserEntry, UserType, Write};
    let world = world().await;
    let nils = nils("Files.Read");
    let mia = world.person("Files.Read.All", &[]);
    let drive = drive(&world, &mia).await;
    let path =
        format!("/v1.0/drives/{drive}/root:/open/plan.txt?$select=@microsoft.graph.downloadUrl");
    let item = world.get(&path, &nils).await;
    let url = item.body["@microsoft.graph.downloadUrl"].as_str().unwrap();
    let ticket = url.strip_prefix(crate::testing::ORIGIN).unwrap().to_owned();
    assert_eq!(world.get(&ticket, "").await.status, StatusCode::OK);
    let now = world.gateway.now();
    let blocked = UserEntry {
        id: GuestId::parse("nils").unwrap(),
        address: EmailAddress::parse("nils@contoso.example").unwrap(),
        user_type: UserType::Member,
        origin: GuestOrigin::Directory,
        manager: InvitationManager::Directory,
        account_enabled: false,
        sponsor: None,
        created: now,
        state_changed: now,
        invitation_expires: None,
        expires: Default::default(),
        administers: Default::default(),
        mfa_registered: false,
        deleted: None,
        profile: serde_json::Map::new(),
        redemption: None,
        declared: false,
        version: 0,
    };
    let write = Write {
        tenant: TenantId::parse("contoso").unwrap(),
        at: now,
        expect: Vec::new(),
        changes: vec![Change::PutUser(Box::new(blocked))],
        audit: vec![AuditEvent::of("Update user", Actor::default())],
    };
    world.gateway.directory().write(write).await.unwrap();
    let refused = world.get(&ticket, "").await;
    assert_eq!(
        (refused.status, refused.code()),
        (StatusCode::UNAUTHORIZED, "InvalidAuthenticationToken"),
        "{refused:?}"
    );
}

#[tokio::test]
async fn a_token_from_before_sessions_were_revoked_is_refused() {
    let world = World::new().await;
    let operator = world.operator("User.ReadWrite.All User.Invite.All");
    let ada = json!({
        "invitedUserEmailAddress": "ada@fabrikam.example", "inviteRedirectUrl": "https://contoso.example/",
    });
    let invited = world
        .call(Method::POST, "/v1.0/invitations", &operator, Some(ada))
        .await;
    assert_eq!(invited.status, 201, "{invited:?}");
    let at = |issued: i64| {
        let mut claims = person("User.Read.All");
        claims["acct"] = json!(1);
        claims["preferred_username"] = json!("ada@fabrikam.example");
        claims["iat"] = json!(issued);
        token(&claims)
    };
    assert_eq!(
        status(&world, &at(NOW)).await.0,
        403,
        "a guest reads nothing"
    );
    world.wait(60);
    let path = "/v1.0/users/ada@fabrikam.example/revokeSignInSessions";
    let revoked = world.call(Method::POST, path, &operator, None).await;
    assert_eq!(revoked.status, 200, "{revoked:?}");
    refuses(&world, &at(NOW), "from before").await;
    refuses(&world, &at(NOW + 59), "from before, by a second").await;
    assert_eq!(status(&world, &at(NOW + 60)).await.0, 403);
    // Others go on.
    assert_eq!(
        status(&world, &token(&person("User.Read.All"))).await.0,
        200
    );
}
