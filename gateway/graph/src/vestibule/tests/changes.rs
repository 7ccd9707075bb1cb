//! What is changed, and what of it stays as the files say.

use futures_util::future::join_all;
use gateway_core::id::TenantId;
use http::{Method, StatusCode};
use serde_json::{Value, json};

use crate::surroundings::Surroundings;
use crate::testing::{Answer, World};

const SCOPES: &str = "Vestibule.ReadWrite.All User.ReadWrite.All";

async fn call(world: &World, method: Method, path: &str, body: Option<Value>) -> Answer {
    let operator = world.operator(SCOPES);
    let path = format!("/vestibule/v1{path}");
    world.call(method, &path, &operator, body).await
}

async fn set(world: &World, path: &str, name: &str, value: Value) -> Answer {
    let body = json!({ "settings": { name: value } });
    call(world, Method::PATCH, path, Some(body)).await
}

fn stored(world: &World) -> Vec<String> {
    let tenant = TenantId::parse("contoso").unwrap();
    let (_, rows) = world.gateway.directory().settings_rows(&tenant);
    rows.settings.iter().map(|row| row.name.clone()).collect()
}

#[tokio::test]
async fn what_a_file_declares_is_tightened_and_not_loosened() {
    let more = "[sharing]\nSharingCapability = \"ExternalUserSharingOnly\"\n";
    let world = World::with(more).await;
    for (path, name, value) in [
        (
            "/settings",
            "SharingCapability",
            "ExternalUserAndGuestSharing",
        ),
        ("/settings", "SharingCapability", "ExternalUserSharingOnly"),
        (
            "/sites/projects/settings",
            "SharingCapability",
            "ExternalUserAndGuestSharing",
        ),
    ] {
        let answer = set(&world, path, name, json!(value)).await;
        assert_eq!(answer.status, StatusCode::CONFLICT, "{path} {value}");
        assert_eq!(
            answer.body["error"]["details"][0]["target"], name,
            "{answer:?}"
        );
    }
    // Beside one that may be changed: all of them or none.
    let both = json!({ "settings": {
        "SharingCapability": "ExternalUserAndGuestSharing",
        "EmailAttestationReAuthDays": 10,
    } });
    let answer = call(&world, Method::PATCH, "/settings", Some(both)).await;
    assert_eq!(answer.status, StatusCode::CONFLICT);
    assert_eq!(stored(&world), [""; 0]);
    let tried = set(
        &world,
        "/settings?dryRun=true",
        "SharingCapability",
        json!("Disabled"),
    )
    .await;
    assert_eq!(tried.body["applied"], false, "{tried:?}");
    assert_eq!(stored(&world), [""; 0]);
    let tight = set(&world, "/settings", "SharingCapability", json!("Disabled")).await;
    assert_eq!(tight.body["applied"], true, "{tight:?}");
    assert_eq!(stored(&world), ["SharingCapability"]);
    // The tightening itself is taken back; the file counts again.
    let loose = set(
        &world,
        "/settings",
        "SharingCapability",
        json!("ExternalUserSharingOnly"),
    )
    .await;
    assert_eq!(loose.status, StatusCode::CONFLICT);
    let back = set(&world, "/settings", "SharingCapability", Value::Null).await;
    assert_eq!(back.status, StatusCode::OK, "{back:?}");
    assert_eq!(stored(&world), [""; 0]);
}

#[tokio::test]
async fn settings_that_the_rules_refuse_are_not_written() {
    let world = World::new().await;
    for (path, name, value, want) in [
        (
            "/settings",
            "SharingCapability",
            json!("Everything"),
            StatusCode::BAD_REQUEST,
        ),
        (
            "/settings",
            "RequireAnonymousLinksExpireInDays",
            json!(731),
            StatusCode::BAD_REQUEST,
        ),
        (
            "/sites/nothing/settings",
            "SharingCapability",
            json!("Disabled"),
            StatusCode::NOT_FOUND,
        ),
        (
            "/directory/settings",
            "allowInvitesFrom",
            json!("someone"),
            StatusCode::BAD_REQUEST,
        ),
    ] {
        let answer = set(&world, path, name, value.clone()).await;
        assert_eq!(answer.status, want, "{path} {name} {value}");
    }
    assert_eq!(stored(&world), [""; 0]);
}

#[tokio::test]
async fn declared_groups_stay_and_groups_hold_together() {
    let world = World::new().await;
    let group = |id: &str, groups: Value| json!({ "id": id, "displayName": id, "groups": groups });
    let post = async |body| {
        call(&world, Method::POST, "/groups", Some(body))
            .await
            .status
    };
    assert_eq!(post(group("inner", json!([]))).await, StatusCode::CREATED);
    assert_eq!(
        post(group("outer", json!(["inner"]))).await,
        StatusCode::CREATED
    );
    assert_eq!(post(group("inner", json!([]))).await, StatusCode::CONFLICT);
    assert_eq!(post(group("staff", json!([]))).await, StatusCode::CONFLICT);
    assert_eq!(
        post(group("third", json!(["gone"]))).await,
        StatusCode::CONFLICT
    );
    let turn = Some(json!({ "groups": ["outer"] }));
    let ring = call(&world, Method::PATCH, "/groups/inner", turn).await;
    assert_eq!(ring.status, StatusCode::CONFLICT, "a group within itself");
    for (method, path, body, want) in [
        (
            Method::PATCH,
            "/groups/staff",
            Some(json!({ "people": [] })),
            StatusCode::CONFLICT,
        ),
        (Method::DELETE, "/groups/staff", None, StatusCode::CONFLICT),
        (
            Method::PUT,
            "/groups/staff/people/eve@evil.example",
            None,
            StatusCode::CONFLICT,
        ),
        (
            Method::DELETE,
            "/groups/staff/people/mia@contoso.example",
            None,
            StatusCode::CONFLICT,
        ),
        (Method::DELETE, "/groups/inner", None, StatusCode::CONFLICT),
        (
            Method::PUT,
            "/groups/gone/people/ada@fabrikam.example",
            None,
            StatusCode::NOT_FOUND,
        ),
        (
            Method::PUT,
            "/groups/inner/people/nobody",
            None,
            StatusCode::BAD_REQUEST,
        ),
        (
            Method::DELETE,
            "/groups/inner/people/ada@fabrikam.example",
            None,
            StatusCode::NOT_FOUND,
        ),
        (
            Method::DELETE,
            "/groups/outer",
            None,
            StatusCode::NO_CONTENT,
        ),
        (
            Method::DELETE,
            "/groups/inner",
            None,
            StatusCode::NO_CONTENT,
        ),
    ] {
        let what = format!("{method} {path}");
        let answer = call(&world, method, path, body).await;
        assert_eq!(answer.status, want, "{what}: {answer:?}");
    }
}

#[tokio::test]
async fn of_changes_to_a_group_at_once_none_undoes_another() {
    let world = World::new().await;
    let everybody: Vec<String> = (0..8).map(|n| format!("p{n}@fabrikam.example")).collect();
    let body = json!({ "id": "team", "displayName": "Team", "people": everybody });
    let made = call(&world, Method::POST, "/groups", Some(body)).await;
    assert_eq!(made.status, StatusCode::CREATED);
    // Half of them are taken out, and as many put in, all at the same time.
    let out = (0..4).map(|n| (Method::DELETE, format!("p{n}@fabrikam.example")));
    let in_ = (8..12).map(|n| (Method::PUT, format!("p{n}@fabrikam.example")));
    let all = out.chain(in_).map(|(method, address)| {
        let world = &world;
        async move {
            let path = format!("/groups/team/people/{address}");
            let answer = call(world, method.clone(), &path, None).await;
            (method, address, answer.status)
        }
    });
    let answers = join_all(all).await;
    let group = call(&world, Method::GET, "/groups/team", None).await;
    let people = group.body["people"].as_array().unwrap();
    let mut done = 0;
    for (method, address, status) in answers {
        let is_in = people.contains(&json!(address));
        match status {
            StatusCode::NO_CONTENT => {
                done += 1;
                assert_eq!(is_in, method == Method::PUT, "{method} {address}");
            }
            status => {
                assert_eq!(status, StatusCode::CONFLICT, "{method} {address}");
                assert_eq!(is_in, method == Method::DELETE, "{method} {address}");
            }
        }
    }
    assert!(done > 0);
}

#[tokio::test]
async fn a_guests_end_is_a_moment_to_come_at_a_site_of_the_tenant() {
    let world = World::new().await;
    let operator = world.operator(&format!("{SCOPES} User.Invite.All"));
    let invitation = json!({
        "invitedUserEmailAddress": "ada@fabrikam.example",
        "inviteRedirectUrl": "https://contoso.example/sites/projects",
    });
    let made = world
        .call(
            Method::POST,
            "/v1.0/invitations",
            &operator,
            Some(invitation),
        )
        .await;
    let ada = made.body["invitedUser"]["id"].as_str().unwrap().to_owned();
    let at = |text: &str| Some(json!({ "expires": text }));
    let own = format!("/guests/{ada}/sites/projects");
    for (method, path, body, want) in [
        // The clock stands at 2027-01-15T08:00:00Z.
        (
            Method::PUT,
            own.clone(),
            at("2027-01-15T08:00:00Z"),
            StatusCode::BAD_REQUEST,
        ),
        (
            Method::PUT,
            own.clone(),
            at("soon"),
            StatusCode::BAD_REQUEST,
        ),
        (Method::DELETE, own.clone(), None, StatusCode::NOT_FOUND),
        (
            Method::PUT,
            format!("/guests/{ada}/sites/nothing"),
            at("2027-01-15T08:00:01Z"),
            StatusCode::NOT_FOUND,
        ),
        (
            Method::PUT,
            "/guests/nobody/sites/projects".to_owned(),
            at("2027-01-15T08:00:01Z"),
            StatusCode::NOT_FOUND,
        ),
        (
            Method::PUT,
            "/guests/dora/sites/projects".to_owned(),
            at("2027-01-15T08:00:01Z"),
            StatusCode::CONFLICT,
        ),
        (
            Method::PUT,
            own.clone(),
            at("2027-01-15T08:00:01Z"),
            StatusCode::OK,
        ),
        (Method::DELETE, own.clone(), None, StatusCode::NO_CONTENT),
        (Method::DELETE, own.clone(), None, StatusCode::NOT_FOUND),
    ] {
        let what = format!("{method} {path} {body:?}");
        let answer = call(&world, method, &path, body).await;
        assert_eq!(answer.status, want, "{what}: {answer:?}");
    }
    let deleted = world
        .call(
            Method::DELETE,
            &format!("/v1.0/users/{ada}"),
            &operator,
            None,
        )
        .await;
    assert_eq!(deleted.status, StatusCode::NO_CONTENT);
    let gone = call(&world, Method::PUT, &own, at("2027-01-15T08:00:01Z")).await;
    assert_eq!(gone.status, StatusCode::NOT_FOUND);
}
