use http::{Method, StatusCode};
use serde_json::{Value, json};

use crate::testing::{Answer, World};

const SCOPE: &str = "User.Invite.All";

fn body(address: &str) -> Value {
    json!({ "invitedUserEmailAddress": address, "inviteRedirectUrl": "https://app.example/" })
}

async fn invite(world: &World, token: &str, body: Value) -> Answer {
    world
        .call(Method::POST, "/v1.0/invitations", token, Some(body))
        .await
}

#[tokio::test]
async fn an_invitation_is_answered_in_full() {
    let world = World::new().await;
    let answer = invite(
        &world,
        &world.person(SCOPE, &[]),
        body("A@fabrikam.example"),
    )
    .await;
    assert_eq!(answer.status, StatusCode::CREATED, "{}", answer.body);
    let got = &answer.body;
    assert!(
        got["@odata.context"]
            .as_str()
            .unwrap()
            .ends_with("/v1.0/$metadata#invitations/$entity")
    );
    assert_eq!(got["invitedUserEmailAddress"], "a@fabrikam.example");
    assert_eq!(got["invitedUserDisplayName"], Value::Null);
    assert_eq!(got["invitedUserType"], "Guest");
    assert_eq!(got["status"], "PendingAcceptance");
    assert_eq!(got["inviteRedirectUrl"], "https://app.example/");
    let id = got["id"].as_str().unwrap();
    assert_eq!(
        got["inviteRedeemUrl"],
        format!("https://contoso.example/_vestibule/invitation/{id}")
    );
    assert_eq!(
        got["invitedUserMessageInfo"]["ccRecipients"][0]["emailAddress"]["address"],
        Value::Null
    );
    assert!(
        world.gateway.letters.lock().unwrap().is_empty(),
        "no mail unless asked for"
    );
}

#[tokio::test]
async fn whoever_is_invited_again_is_the_same_user_with_a_new_link() {
    let world = World::new().await;
    let token = world.person(SCOPE, &[]);
    let first = invite(&world, &token, body("a@fabrikam.example"))
        .await
        .body;
    let again = invite(&world, &token, body("A@FABRIKAM.example"))
        .await
        .body;
    assert_eq!(first["invitedUser"]["id"], again["invitedUser"]["id"]);
    assert_ne!(first["inviteRedeemUrl"], again["inviteRedeemUrl"]);
}

#[tokio::test]
async fn two_who_invite_at_once_invite_one_user() {
    let world = World::new().await;
    let token = world.person(SCOPE, &[]);
    let both = futures_util::future::join(
        invite(&world, &token, body("a@fabrikam.example")),
        invite(&world, &token, body("a@fabrikam.example")),
    );
    let (left, right) = both.await;
    assert_eq!((left.status.as_u16(), right.status.as_u16()), (201, 201));
    assert_eq!(
        left.body["invitedUser"]["id"],
        right.body["invitedUser"]["id"]
    );
}

#[tokio::test]
async fn addresses_that_cannot_be_invited_are_refused() {
    let world = World::new().await;
    let token = world.person(SCOPE, &[]);
    for letter in "~!#$%^&*()+=[]{}\\/|;:\"<>?,".chars() {
        let answer = invite(
            &world,
            &token,
            body(&format!("a{letter}b@fabrikam.example")),
        )
        .await;
        assert_eq!(
            (answer.status.as_u16(), answer.code()),
            (400, "BadRequest"),
            "{letter}"
        );
    }
    for bad in [
        ".a@fabrikam.example",
        "a.@fabrikam.example",
        "-a@fabrikam.example",
        "a-@fabrikam.example",
        "a",
        "a@",
        "@x",
        "a@b@c.example",
        "",
        " ",
        "a@localhost",
        "a b@fabrikam.example",
        "a@fabrikam.example\r\nBcc: x",
    ] {
        let answer = invite(&world, &token, body(bad)).await;
        assert_eq!(
            (answer.status.as_u16(), answer.code()),
            (400, "BadRequest"),
            "{bad:?}"
        );
    }
    for good in ["_a_@fabrikam.example", "a.b-c@fabrikam.example"] {
        assert_eq!(
            invite(&world, &token, body(good)).await.status.as_u16(),
            201,
            "{good}"
        );
    }
}

#[tokio::test]
async fn bodies_that_say_too_little_or_the_wrong_thing_are_refused() {
    let world = World::new().await;
    let token = world.person(SCOPE, &[]);
    let with = |name: &str, value: Value| {
        let mut body = body("a@fabrikam.example");
        body[name] = value;
        body
    };
    for bad in [
        json!({}),
        json!({ "invitedUserEmailAddress": "a@fabrikam.example" }),
        json!({ "inviteRedirectUrl": "https://app.example/" }),
        with("inviteRedirectUrl", json!("javascript:alert(1)")),
        with("inviteRedirectUrl", json!("/relative")),
        with("inviteRedirectUrl", json!("https://user:pass@app.example/")),
        with("invitedUserType", json!("guest")),
        with("sendInvitationMessage", json!("yes")),
        with("resetRedemption", json!(1)),
        with("invitedUserMessageInfo", json!([])),
        with(
            "invitedUserMessageInfo",
            json!({ "customizedMessageBody": "x".repeat(2001) }),
        ),
        with(
            "invitedUserMessageInfo",
            json!({ "ccRecipients": [{ "emailAddress": { "address": "no" } }] }),
        ),
        with("invitedUserEmailAddress", json!("mia@contoso.example")),
        with("resetRedemption", json!(true)),
    ] {
        let answer = invite(&world, &token, bad.clone()).await;
        assert_eq!(
            (answer.status.as_u16(), answer.code()),
            (400, "BadRequest"),
            "{bad} {}",
            answer.body
        );
    }
    assert_eq!(
        world
            .get("/v1.0/users", &world.person("User.Read.All", &[]))
            .await
            .body["value"]
            .as_array()
            .unwrap()
            .len(),
        1,
        "nothing was written"
    );
}

#[tokio::test]
async fn a_letter_is_sent_where_one_is_asked_for() {
    let world = World::new().await;
    let mut body = body("a@fabrikam.example");
    body["sendInvitationMessage"] = json!(true);
    body["invitedUserMessageInfo"] = json!({
        "customizedMessageBody": "Welcome", "messageLanguage": "de-DE",
        "ccRecipients": [{ "emailAddress": { "name": null, "address": "c@fabrikam.example" } }],
    });
    let answer = invite(&world, &world.person(SCOPE, &[]), body).await;
    let letters = world.gateway.letters.lock().unwrap();
    let [letter] = letters.as_slice() else {
        panic!("{letters:?}");
    };
    assert_eq!(letter.to.to_string(), "a@fabrikam.example");
    assert_eq!(letter.cc.len(), 1);
    assert_eq!(letter.organisation, "Contoso");
    assert_eq!(letter.inviter.as_deref(), Some("mia@contoso.example"));
    assert_eq!(
        (letter.message.as_deref(), letter.language.as_deref()),
        (Some("Welcome"), Some("de-DE"))
    );
    assert_eq!(json!(letter.url), answer.body["inviteRedeemUrl"]);
}

async fn refused(more: &str, token: impl Fn(&World) -> String, want: Option<&str>) {
    let world = World::with(more).await;
    let answer = invite(&world, &token(&world), body("a@fabrikam.example")).await;
    match want {
        None => assert_eq!(answer.status.as_u16(), 201, "{more} {}", answer.body),
        Some(inner) => {
            assert_eq!(
                (answer.status.as_u16(), answer.code(), answer.inner()),
                (403, "Forbidden", inner),
                "{more}"
            );
            let found = world
                .get(
                    "/v1.0/users/a@fabrikam.example",
                    &world.operator("User.Read.All"),
                )
                .await;
            assert_eq!(found.status.as_u16(), 404, "nothing was written");
        }
    }
}

fn member(world: &World) -> String {
    world.person(SCOPE, &[])
}

fn inviter(world: &World) -> String {
    world.person(SCOPE, &["95e79109-95c0-4d8e-aee3-d01accf2d47b"])
}

fn guest(_: &World) -> String {
    let mut claims = crate::testing::person(SCOPE);
    claims["acct"] = json!(1);
    claims["wids"] = json!(["95e79109-95c0-4d8e-aee3-d01accf2d47b"]);
    crate::testing::token(&claims)
}

fn application(world: &World) -> String {
    world.application(&[SCOPE])
}

#[tokio::test]
async fn the_directory_says_who_may_invite() {
    const NO: Option<&str> = Some("invite-not-allowed");
    let policy = |word: &str| format!("\n[directory]\nallowInvitesFrom = \"{word}\"\n");
    for (word, by_member, by_inviter, by_guest, by_application) in [
        ("everyone", None, None, None, None),
        ("adminsGuestInvitersAndAllMembers", None, None, NO, None),
        ("adminsAndGuestInviters", NO, None, NO, NO),
        ("none", NO, NO, NO, NO),
    ] {
        let more = policy(word);
        refused(&more, member, by_member).await;
        refused(&more, inviter, by_inviter).await;
        refused(&more, guest, by_guest).await;
        refused(&more, application, by_application).await;
    }
}

#[tokio::test]
async fn the_directorys_lists_say_who_can_be_invited() {
    const NO: Option<&str> = Some("invitationDomainNotAllowed");
    refused(
        "\n[directory]\nBlockedDomains = [\"fabrikam.example\"]\n",
        inviter,
        NO,
    )
    .await;
    refused(
        "\n[directory]\nAllowedDomains = [\"other.example\"]\n",
        inviter,
        NO,
    )
    .await;
    refused(
        "\n[directory]\nAllowedDomains = [\"fabrikam.example\"]\n",
        inviter,
        None,
    )
    .await;
    // The lists of sharing are sharing's.
    let sharing = "\n[sharing]\nSharingCapability = \"Disabled\"\nSharingDomainRestrictionMode = \"AllowList\"\nSharingAllowedDomainList = [\"other.example\"]\n";
    refused(sharing, inviter, None).await;
}

#[tokio::test]
async fn somebody_who_is_blocked_is_not_invited() {
    let world = World::new().await;
    let token = world.administrator("User.Invite.All User.ReadWrite.All");
    invite(&world, &token, body("a@fabrikam.example")).await;
    let block = json!({ "accountEnabled": false });
    world
        .call(
            Method::PATCH,
            "/v1.0/users/a@fabrikam.example",
            &token,
            Some(block),
        )
        .await;
    let answer = invite(&world, &token, body("a@fabrikam.example")).await;
    assert_eq!(
        (answer.status.as_u16(), answer.inner()),
        (403, "guest-blocked")
    );
}

#[tokio::test]
async fn a_redemption_is_reset_for_the_same_user_and_an_address_of_theirs() {
    let world = World::new().await;
    let token = world.administrator("User.Invite.All User.ReadWrite.All");
    let first = invite(&world, &token, body("a@fabrikam.example"))
        .await
        .body;
    let id = first["invitedUser"]["id"].clone();
    let other = invite(&world, &token, body("b@fabrikam.example"))
        .await
        .body;
    let reset = |address: &str| {
        let mut body = body(address);
        body["resetRedemption"] = json!(true);
        body["invitedUser"] = json!({ "id": id });
        body
    };
    assert_eq!(
        invite(&world, &token, reset("new@fabrikam.example"))
            .await
            .status
            .as_u16(),
        400,
        "nobody's"
    );
    assert_eq!(
        invite(&world, &token, reset("b@fabrikam.example"))
            .await
            .status
            .as_u16(),
        400,
        "another's"
    );
    let mails = json!({ "otherMails": ["new@fabrikam.example"] });
    let path = format!("/v1.0/users/{}", id.as_str().unwrap());
    assert_eq!(
        world
            .call(Method::PATCH, &path, &token, Some(mails))
            .await
            .status
            .as_u16(),
        204
    );
    let answer = invite(&world, &token, reset("new@fabrikam.example")).await;
    assert_eq!(answer.status.as_u16(), 201, "{}", answer.body);
    assert_eq!(answer.body["invitedUser"]["id"], id);
    let user = world.get(&path, &token).await;
    assert_eq!(user.body["mail"], "new@fabrikam.example");
    assert_ne!(other["invitedUser"]["id"], id);
}
