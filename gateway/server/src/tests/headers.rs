//! What of a request reaches the upstream, and what of its answer reaches the client.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use super::support::*;

fn has(request: &str, line: &str) -> bool {
    request.lines().any(|found| found == line)
}

fn header<'a>(request: &'a str, name: &str) -> Vec<&'a str> {
    let start = format!("{name}: ");
    request
        .lines()
        .filter_map(|line| line.strip_prefix(&*start))
        .collect()
}

#[tokio::test]
async fn sec_037_pretended_identities_never_arrive() {
    let upstream = Scripted::new(OK).await;
    let world = World::new(upstream.address).await;
    let answer = world
        .raw(
            "GET /sites/projects/read/a HTTP/1.1\r\n{ada}connection: close\r\nX-Vestibule-Assertion: forged\r\n\
             x_vestibule.subject: root\r\nX-Forwarded-For: 203.0.113.9\r\nX-Forwarded-User: root\r\n\
             Remote_User: root\r\nAuthorization: Bearer x\r\nX-MS-Client-Principal: x\r\nX-Original-URL: /x\r\n\
             X-Custom: kept\r\n\r\n",
        )
        .await;
    assert_eq!(status(&answer), 200, "{answer}");
    let got = upstream.only();
    for gone in [
        "forged",
        "root",
        "203.0.113.9",
        "bearer",
        "principal",
        "original",
    ] {
        assert!(!got.contains(gone), "{gone} in {got}");
    }
    assert!(has(&got, "x-custom: kept"), "{got}");
    assert_eq!(header(&got, "x-forwarded-for"), ["127.0.0.1"]);
    assert_eq!(header(&got, "x-forwarded-proto"), ["http"]);
    assert_eq!(header(&got, "x-forwarded-host"), ["contoso.localhost:8080"]);
    assert_eq!(header(&got, "via"), ["1.1 vestibule"]);
}

#[tokio::test]
async fn sec_042_connection_cannot_name_away_what_the_gateway_says() {
    let upstream = Scripted::new(OK).await;
    let world = World::new(upstream.address).await;
    let answer = world
        .raw(
            "GET /sites/projects/read/a HTTP/1.1\r\n{ada}connection: close, X-Forwarded-For, X-Vestibule-Assertion, Via\r\n\r\n",
        )
        .await;
    assert_eq!(status(&answer), 200, "{answer}");
    let got = upstream.only();
    for name in ["x-forwarded-for", "x-vestibule-assertion", "via"] {
        assert_eq!(header(&got, name).len(), 1, "{name} in {got}");
    }
}

#[tokio::test]
async fn a_condition_that_was_judged_cannot_be_named_away() {
    let upstream = Scripted::new(OK).await;
    let world = World::new(upstream.address).await;
    let put = "PUT /sites/projects/write/a HTTP/1.1\r\n{ada}connection: close, If-None-Match\r\nif-none-match: *\r\ncontent-length: 1\r\n\r\nx";
    assert_eq!(status(&world.raw(put).await), 200);
    // Judged as an edit, which it now is.
    assert!(header(&upstream.only(), "if-none-match").is_empty());
}

#[tokio::test]
async fn sec_049_the_session_stays_here_and_other_cookies_pass() {
    let upstream = Scripted::new(
        "HTTP/1.1 200 OK\r\nset-cookie: __Host-vestibule=evil\r\nset-cookie: theme=dark\r\nalt-svc: h3=\":443\"\r\n\
         cache-control: public, max-age=5\r\ncontent-length: 0\r\nconnection: close, x-hop\r\nx-hop: 1\r\nkeep-alive: 1\r\n\r\n",
    )
    .await;
    let world = World::new(upstream.address).await;
    let cookie = world.cookie(&world.ada());
    let answer = world
        .raw(&format!(
            "GET /sites/projects/read/a HTTP/1.1\r\n{{host}}cookie: a=1; {cookie}; __Host-vestibule-attempt=x; b=2\r\nconnection: close\r\n\r\n"
        ))
        .await
        .to_lowercase();
    assert_eq!(header(&upstream.only(), "cookie"), ["a=1; b=2"]);
    assert_eq!(header(&answer, "set-cookie"), ["theme=dark"]);
    assert_eq!(header(&answer, "cache-control"), ["private, max-age=5"]);
    for gone in ["alt-svc", "x-hop", "keep-alive"] {
        assert!(header(&answer, gone).is_empty(), "{gone} in {answer}");
    }
}

#[tokio::test]
async fn sec_047_the_upstream_is_told_who_asks_in_a_token_for_it_alone() {
    let upstream = Scripted::new(OK).await;
    let world = World::new(upstream.address).await;
    world
        .raw("GET /sites/mapped/a HTTP/1.1\r\n{ada}connection: close\r\n\r\n")
        .await;
    let seen = upstream.seen.lock().unwrap().first().unwrap().clone();
    let token = header(&seen, "x-vestibule-assertion")[0].to_owned();
    let claims = URL_SAFE_NO_PAD
        .decode(token.split('.').nth(1).unwrap())
        .unwrap();
    let claims: serde_json::Value = serde_json::from_slice(&claims).unwrap();
    assert_eq!(claims["iss"], "http://contoso.localhost:8080");
    assert_eq!(claims["aud"], "urn:mapped");
    assert_eq!(claims["sub"], "work-school:t:ada");
    assert_eq!(claims["email"], ADA);
    assert_eq!(claims["idp"], "work-school");
    assert_eq!(claims["amr"][0], "pwd");
    assert!(claims["exp"].as_i64().unwrap() - claims["iat"].as_i64().unwrap() <= 60);
    assert_eq!(header(&seen, "x-vestibule-subject"), ["work-school:t:ada"]);
    assert_eq!(header(&seen, "x-vestibule-email"), [ADA]);
}

#[tokio::test]
async fn plain_headers_are_sent_only_where_configured() {
    let upstream = Scripted::new(OK).await;
    let world = World::new(upstream.address).await;
    world
        .raw("GET /sites/projects/read/a HTTP/1.1\r\n{ada}connection: close\r\n\r\n")
        .await;
    assert!(header(&upstream.only(), "x-vestibule-subject").is_empty());
}

#[tokio::test]
async fn the_target_is_written_anew_under_the_upstreams_prefix() {
    for (asked, want) in [
        (
            "/sites/mapped/a%20b;c?x=1&y=%2F",
            "get /files/a%20b%3bc?x=1&y=%2f http/1.1",
        ),
        ("/sites/mapped", "get /files http/1.1"),
        ("/sites/mapped/", "get /files/ http/1.1"),
        ("/sites/mapped/d/", "get /files/d/ http/1.1"),
    ] {
        let upstream = Scripted::new(OK).await;
        let world = World::new(upstream.address).await;
        world
            .raw(&format!(
                "GET {asked} HTTP/1.1\r\n{{ada}}connection: close\r\n\r\n"
            ))
            .await;
        assert_eq!(upstream.only().lines().next(), Some(want), "{asked}");
    }
}

#[tokio::test]
async fn sec_175_the_destination_is_the_one_that_was_decided_on() {
    let upstream = Scripted::new(OK).await;
    let world = World::new(upstream.address).await;
    let ask = |destination: &str| {
        format!(
            "MOVE /sites/mapped/a HTTP/1.1\r\n{{ada}}connection: close\r\ndestination: {destination}\r\n\r\n"
        )
    };
    let answer = world.raw(&ask("/sites/mapped/b%61r")).await;
    assert_eq!(status(&answer), 200, "{answer}");
    assert_eq!(
        header(&upstream.only(), "destination"),
        [format!("http://{}/files/bar", upstream.address)]
    );
    let projects = "/sites/projects";
    for (destination, want) in [
        (format!("{projects}/read/x"), "permission-insufficient"),
        (format!("{projects}/other"), "permission-missing"),
        ("/_vestibule/sign-in".to_owned(), "destination-elsewhere"),
        (
            "http://evil.example/sites/mapped/b".to_owned(),
            "destination-elsewhere",
        ),
        (
            "/sites/mapped/../projects".to_owned(),
            "destination-malformed",
        ),
    ] {
        assert_eq!(
            code(&world.raw(&ask(&destination)).await),
            want,
            "{destination}"
        );
    }
    assert_eq!(upstream.seen().len(), 1);
}

#[tokio::test]
async fn a_destination_without_transfer_does_not_pass() {
    let upstream = Scripted::new(OK).await;
    let world = World::new(upstream.address).await;
    world.raw("GET /sites/mapped/a HTTP/1.1\r\n{ada}connection: close\r\ndestination: /sites/projects/x\r\n\r\n").await;
    assert!(header(&upstream.only(), "destination").is_empty());
}

#[tokio::test]
async fn addresses_of_the_upstream_become_the_gateways() {
    for (given, want) in [
        (
            "http://{address}/files/new?x#y",
            "http://contoso.localhost:8080/sites/mapped/new?x#y",
        ),
        ("/files/new", "/sites/mapped/new"),
        ("/filesystem", "/filesystem"),
        (
            "//{address}/files/new?x",
            "http://contoso.localhost:8080/sites/mapped/new?x",
        ),
        (
            "https://elsewhere.example/files/new",
            "https://elsewhere.example/files/new",
        ),
        (
            "//elsewhere.example/files/new",
            "//elsewhere.example/files/new",
        ),
        ("new", "new"),
    ] {
        let upstream = Scripted::answering(|address| {
            let location = given.replace("{address}", &address.to_string());
            format!("HTTP/1.1 201 Created\r\nlocation: {location}\r\ncontent-length: 0\r\nconnection: close\r\n\r\n")
        })
        .await;
        let world = World::new(upstream.address).await;
        let answer = world.raw("PUT /sites/mapped/a HTTP/1.1\r\n{ada}connection: close\r\ncontent-length: 0\r\n\r\n").await;
        assert_eq!(header(&answer, "location"), [want], "{given}");
    }
}

#[tokio::test]
async fn what_an_upstream_may_not_say_does_not_arrive() {
    let upstream = Scripted::new(
        "HTTP/1.1 200 OK\r\nclear-site-data: \"*\"\r\nservice-worker-allowed: /\r\nx-vestibule-subject: root\r\n\
         set-cookie: =__Host-vestibule=evil\r\nfastly-cache-control: public\r\ncontent-length: 0\r\nconnection: close\r\n\r\n",
    )
    .await;
    let world = World::new(upstream.address).await;
    let answer = world
        .raw("GET /sites/projects/read/a HTTP/1.1\r\n{ada}connection: close\r\n\r\n")
        .await;
    for gone in [
        "clear-site-data",
        "service-worker-allowed",
        "x-vestibule-subject",
        "set-cookie",
        "fastly-cache-control",
    ] {
        assert!(header(&answer, gone).is_empty(), "{gone} in {answer}");
    }
    assert_eq!(header(&answer, "x-content-type-options"), ["nosniff"]);
}

#[tokio::test]
async fn a_session_counts_beside_a_cookie_that_is_no_text() {
    let upstream = Scripted::new(OK).await;
    let world = World::new(upstream.address).await;
    let request = format!(
        "GET /sites/projects/read/a HTTP/1.1\r\n{{host}}cookie: theme=h\u{e9}; {}\r\nconnection: close\r\n\r\n",
        world.cookie(&world.ada())
    );
    let answer = world.raw(&request).await;
    assert_eq!(status(&answer), 200, "{answer}");
    assert_eq!(header(&upstream.only(), "cookie"), ["theme=h\u{e9}"]);
}
