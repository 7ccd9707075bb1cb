//! The gateway's own addresses.

use super::support::*;
use crate::clock;
use gateway_store::model::{Revocation, Revoked};

fn get(path: &str, who: &str) -> String {
    format!("GET {path} HTTP/1.1\r\n{who}connection: close\r\n\r\n")
}

fn body(answer: &str) -> serde_json::Value {
    serde_json::from_str(answer.split_once("\r\n\r\n").unwrap().1).unwrap()
}

#[tokio::test]
async fn whoami_says_who_is_signed_in() {
    let upstream = Scripted::new(OK).await;
    let world = World::new(upstream.address).await;
    let answer = world.raw(&get("/_vestibule/whoami", "{ada}")).await;
    let who = body(&answer);
    assert_eq!(who["provider"], "work-school");
    assert_eq!(who["issuer"], "https://login.example/t/v2.0");
    assert_eq!(who["subject"], "ada");
    assert_eq!(who["address"], ADA);
    assert_eq!(who["proof"], "domain-owner");
    assert_eq!(
        status(&world.raw(&get("/_vestibule/whoami", "{host}")).await),
        401
    );
}

#[tokio::test]
async fn keys_and_assets_are_for_everybody() {
    let upstream = Scripted::new(OK).await;
    let world = World::new(upstream.address).await;
    let keys = body(&world.raw(&get("/_vestibule/jwks.json", "{host}")).await);
    assert_eq!(keys["keys"][0]["alg"], "ES256");
    let style = world
        .raw(&get("/_vestibule/assets/style.css", "{host}"))
        .await
        .to_lowercase();
    assert!(style.contains("content-type: text/css"), "{style}");
    assert_eq!(
        status(&world.raw(&get("/_vestibule/assets/other", "{host}")).await),
        404
    );
}

#[tokio::test]
async fn an_anyone_link_opens_the_item_and_nothing_else() {
    let upstream = Scripted::new(OK).await;
    let world = World::new(upstream.address).await;
    let answer = world
        .raw(&get(&format!("/_vestibule/s/{ANYONE}"), "{host}"))
        .await;
    assert_eq!(status(&answer), 303, "{answer}");
    assert!(
        answer.contains("location: /sites/projects/linked\r\n"),
        "{answer}"
    );
    let cookie = answer
        .lines()
        .find_map(|line| line.strip_prefix("set-cookie: "))
        .unwrap()
        .split(';')
        .next()
        .unwrap();
    let bearer = format!("{{host}}cookie: {cookie}\r\n");
    assert_eq!(
        status(&world.raw(&get("/sites/projects/linked/a", &bearer)).await),
        200
    );
    let other = world.raw(&get("/sites/projects/read/a", &bearer)).await;
    assert_eq!(code(&other), "sign-in-required");
    let put = format!(
        "PUT /sites/projects/linked/a HTTP/1.1\r\n{bearer}content-length: 1\r\nconnection: close\r\n\r\nx"
    );
    assert_eq!(code(&world.raw(&put).await), "link-action-not-allowed");
    let claims = upstream.only();
    assert!(!claims.contains("@"), "a bearer has no address: {claims}");
}

#[tokio::test]
async fn a_dead_link_says_so() {
    let upstream = Scripted::new(OK).await;
    let world = World::new(upstream.address).await;
    assert_eq!(
        code(
            &world
                .raw(&get(&format!("/_vestibule/s/{EXPIRED}"), "{host}"))
                .await
        ),
        "link-expired"
    );
    let anyone = get(&format!("/_vestibule/s/{ANYONE}"), "{host}");
    assert_eq!(status(&world.raw(&anyone).await), 303);
    let link = gateway_core::id::LinkId::parse("anyone").unwrap();
    let revoked = Revocation {
        what: Revoked::Link(tenant(), link),
        at: clock::now(),
        until: None,
    };
    world
        .gateway
        .directory
        .revoke(revoked, Vec::new())
        .await
        .unwrap();
    assert_eq!(code(&world.raw(&anyone).await), "link-not-found");
}

#[tokio::test]
async fn an_organisation_link_asks_who_comes() {
    let upstream = Scripted::new(OK).await;
    let world = World::new(upstream.address).await;
    let link = format!("/_vestibule/s/{ORGANIZATION}");
    assert_eq!(
        code(&world.raw(&get(&link, "{host}")).await),
        "member-sign-in-required"
    );
    let page = world.raw(&get(&link, "{host}accept: text/html\r\n")).await;
    assert!(
        page.contains(&format!("return_to=%2F_vestibule%2Fs%2F{ORGANIZATION}")),
        "{page}"
    );
    assert_eq!(
        code(&world.raw(&get(&link, "{ada}")).await),
        "link-members-only"
    );
    assert_eq!(status(&world.raw(&get(&link, "{mia}")).await), 303);
}

#[tokio::test]
async fn sec_171_guessing_links_is_limited_and_shows_nothing() {
    let upstream = Scripted::new(OK).await;
    let world = World::new(upstream.address).await;
    for _ in 0..3 {
        assert_eq!(
            code(&world.raw(&get("/_vestibule/s/wrong", "{host}")).await),
            "link-not-found"
        );
    }
    assert_eq!(
        status(&world.raw(&get("/_vestibule/s/wrong", "{host}")).await),
        429
    );
    assert_eq!(
        status(
            &world
                .raw(&get(&format!("/_vestibule/s/{ANYONE}"), "{host}"))
                .await
        ),
        429
    );
}

#[tokio::test]
async fn sec_055_a_store_that_does_not_answer_lets_nobody_in() {
    let upstream = Scripted::new(OK).await;
    let world = World::new(upstream.address).await;
    world.gateway.directory.store().close().await;
    let answer = world.raw(&get("/_vestibule/s/wrong", "{host}")).await;
    assert_eq!((status(&answer), &*code(&answer)), (503, "directory-stale"));
    assert!(answer.contains("retry-after: "), "{answer}");
}

#[tokio::test]
async fn sec_142_sec_190_forms_are_small_and_forms() {
    let upstream = Scripted::new(OK).await;
    let world = World::new(upstream.address).await;
    let post = |fields: &str, body: &str| {
        format!(
            "POST /_vestibule/sign-in HTTP/1.1\r\n{{host}}connection: close\r\n{fields}\r\n{body}"
        )
    };
    assert_eq!(
        code(&world.raw(&post("content-length: 0\r\n", "")).await),
        "not-a-form"
    );
    assert_eq!(
        code(
            &world
                .raw(&post(
                    "content-type: application/json\r\ncontent-length: 2\r\n",
                    "{}"
                ))
                .await
        ),
        "not-a-form"
    );
    let form = "content-type: application/x-www-form-urlencoded\r\n";
    let own = format!("{form}sec-fetch-site: same-origin\r\n");
    let too_long = format!("{own}content-length: {}\r\n", 16 * 1024 + 1);
    // Its length is enough: nothing of it has come.
    let answer = world.raw(&post(&too_long, "")).await;
    assert_eq!((status(&answer), &*code(&answer)), (413, "form-too-large"));
    let chunked = format!(
        "{own}transfer-encoding: chunked\r\n\r\n4001\r\n{}\r\n",
        "a".repeat(0x4001)
    );
    let answer = world.raw(&post(&chunked, "")).await;
    assert_eq!((status(&answer), &*code(&answer)), (413, "form-too-large"));
    let page = world
        .raw(&get("/_vestibule/sign-in", "{host}accept: text/html\r\n"))
        .await;
    assert_eq!(status(&page), 200, "{page}");
    assert!(page.contains("<form"), "{page}");
}

/// Would it be read, the answer would be that it broke off, and late.
#[tokio::test]
async fn sec_051_sec_142_a_form_of_a_stranger_is_not_read() {
    let upstream = Scripted::new(OK).await;
    let world = World::new(upstream.address).await;
    for page in ["sign-in", "sign-out"] {
        let answer = world
            .raw(&format!(
                "POST /_vestibule/{page} HTTP/1.1\r\n{{host}}origin: https://evil.example\r\nconnection: close\r\n\
                 content-type: application/x-www-form-urlencoded\r\ncontent-length: 100\r\n\r\n"
            ))
            .await;
        assert_eq!(code(&answer), "cross-site-request", "{answer}");
    }
}

#[tokio::test]
async fn sec_142_an_answer_of_an_identity_provider_may_be_longer() {
    let upstream = Scripted::new(OK).await;
    let world = World::new(upstream.address).await;
    let post = |length: usize, body: &str| {
        format!(
            "POST /_vestibule/callback/work-school HTTP/1.1\r\n{{host}}connection: close\r\n\
             content-type: application/x-www-form-urlencoded\r\ncontent-length: {length}\r\n\r\n{body}"
        )
    };
    let answer = world.raw(&post(512 * 1024 + 1, "")).await;
    assert_eq!(code(&answer), "form-too-large");
    let long = format!("a={}", "a".repeat(300 * 1024));
    let answer = world.raw(&post(long.len(), &long)).await;
    assert_eq!(code(&answer), "attempt-unknown");
}

#[tokio::test]
async fn refusals_are_pages_for_people() {
    let upstream = Scripted::new(OK).await;
    let world = World::new(upstream.address).await;
    let page = world
        .raw(&get("/sites/projects/other", "{ada}accept: text/html\r\n"))
        .await;
    assert_eq!(status(&page), 403);
    assert!(
        page.contains("content-security-policy: default-src 'none'"),
        "{page}"
    );
    assert!(
        page.contains("permission-missing") && page.contains("Contoso"),
        "{page}"
    );
}
