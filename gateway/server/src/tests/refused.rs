//! Requests that do not go on: nothing of them reaches the upstream, nothing of the upstream is in the answer.

use super::support::*;

async fn check(requests: &[(&str, u16, &str)]) {
    let upstream = Scripted::new(OK).await;
    let world = World::new(upstream.address).await;
    for (request, want, reason) in requests {
        let request = request.replacen("\r\n", "\r\nconnection: close\r\n", 1);
        let answer = world.raw(&request).await;
        assert_eq!(status(&answer), *want, "{request}\n{answer}");
        assert_eq!(code(&answer), *reason, "{request}");
    }
    assert!(upstream.seen().is_empty(), "{:?}", upstream.seen());
}

#[tokio::test]
async fn who_has_not_signed_in_is_challenged() {
    check(&[
        (
            "GET /sites/projects/read/a HTTP/1.1\r\n{host}\r\n",
            401,
            "sign-in-required",
        ),
        (
            "PUT /sites/projects/write/a HTTP/1.1\r\n{host}content-length: 1\r\n\r\nx",
            401,
            "sign-in-required",
        ),
        (
            "OPTIONS /sites/projects/read/a HTTP/1.1\r\n{host}\r\n",
            401,
            "sign-in-required",
        ),
    ])
    .await;
}

#[tokio::test]
async fn sec_032_a_person_is_led_to_the_sign_in_with_nothing_of_the_document() {
    let upstream = Scripted::new(OK).await;
    let world = World::new(upstream.address).await;
    let answer = world
        .raw("GET /sites/projects/read/a%20b?x=1&y HTTP/1.1\r\n{host}accept: text/html\r\nconnection: close\r\n\r\n")
        .await
        .to_lowercase();
    assert_eq!(status(&answer), 303);
    assert!(
        answer.contains("location: /_vestibule/sign-in?return_to=%2fsites%2fprojects%2fread%2fa%2520b%3fx%3d1%26y\r\n"),
        "{answer}"
    );
    assert!(answer.ends_with("\r\n\r\n"), "{answer}");
    assert!(upstream.seen().is_empty());
}

#[tokio::test]
async fn sec_020_no_user_agent_and_no_path_is_special() {
    check(&[
        (
            "GET /sites/projects/read/a HTTP/1.1\r\n{host}user-agent: GoogleHC/1.0\r\n\r\n",
            401,
            "sign-in-required",
        ),
        (
            "GET /sites/projects/healthz HTTP/1.1\r\n{host}user-agent: kube-probe/1.30\r\n\r\n",
            401,
            "sign-in-required",
        ),
        ("GET /healthz HTTP/1.1\r\n{host}\r\n", 404, "not-found"),
        ("GET /metrics HTTP/1.1\r\n{host}\r\n", 404, "not-found"),
    ])
    .await;
}

#[tokio::test]
async fn guests_are_held_to_what_was_shared() {
    check(&[
        (
            "GET /sites/projects/other HTTP/1.1\r\n{ada}\r\n",
            403,
            "permission-missing",
        ),
        (
            "PUT /sites/projects/read/a HTTP/1.1\r\n{ada}content-length: 1\r\n\r\nx",
            403,
            "permission-insufficient",
        ),
        (
            "DELETE /sites/projects/read/a HTTP/1.1\r\n{ada}\r\n",
            403,
            "permission-insufficient",
        ),
        (
            "MKCOL /sites/projects/read/a HTTP/1.1\r\n{ada}\r\n",
            403,
            "permission-insufficient",
        ),
        (
            "GET /sites/projects HTTP/1.1\r\n{ada}\r\n",
            403,
            "permission-missing",
        ),
    ])
    .await;
}

#[tokio::test]
async fn sec_018_the_query_decides_nothing() {
    check(&[
        (
            "GET /sites/projects/other?/sites/projects/read HTTP/1.1\r\n{ada}\r\n",
            403,
            "permission-missing",
        ),
        (
            "GET /sites/projects/other?x=/_vestibule/assets/style.css HTTP/1.1\r\n{host}\r\n",
            401,
            "sign-in-required",
        ),
    ])
    .await;
}

#[tokio::test]
async fn sec_023_paths_that_mean_two_things_are_refused() {
    for path in [
        "/sites/projects/read/../other",
        "/sites/projects/read/%2e%2e/other",
        "/sites/projects/read/..%2fother",
        "/sites/projects/read%2fa",
        "/sites/projects/read\\a",
        "/sites/projects/read%5ca",
        "/sites/projects//read",
        "/sites/projects/read/%00",
        "/sites/projects/read/%252e%252e/other",
        "*",
    ] {
        check(&[(
            &format!("GET {path} HTTP/1.1\r\n{{ada}}\r\n"),
            400,
            "path-malformed",
        )])
        .await;
    }
}

#[tokio::test]
async fn sec_019_an_encoded_fragment_is_a_name_and_a_raw_one_is_refused() {
    check(&[
        (
            "GET /sites/projects/read%23/../other HTTP/1.1\r\n{ada}\r\n",
            400,
            "path-malformed",
        ),
        (
            "GET /sites/projects/read%23 HTTP/1.1\r\n{ada}\r\n",
            403,
            "permission-missing",
        ),
        (
            "GET /sites/projects/read#/../other HTTP/1.1\r\n{ada}\r\n",
            400,
            "framing-ambiguous",
        ),
    ])
    .await;
}

#[tokio::test]
async fn sec_030_sec_036_one_host_and_the_right_one() {
    check(&[
        (
            "GET http://other.example/ HTTP/1.1\r\n{host}\r\n",
            400,
            "host-malformed",
        ),
        ("GET / HTTP/1.1\r\n{host}{host}\r\n", 400, "host-malformed"),
        ("GET / HTTP/1.1\r\n\r\n", 400, "host-malformed"),
        (
            "GET / HTTP/1.1\r\nhost: other.example\r\n\r\n",
            421,
            "host-unknown",
        ),
        (
            "GET /sites/projects/read HTTP/1.1\r\nhost: Contoso.LOCALHOST.:1\r\n\r\n",
            401,
            "sign-in-required",
        ),
    ])
    .await;
}

#[tokio::test]
async fn methods_that_are_not_served() {
    check(&[
        (
            "TRACE /sites/projects/read HTTP/1.1\r\n{ada}\r\n",
            405,
            "method-not-allowed",
        ),
        (
            "FROB /sites/projects/read HTTP/1.1\r\n{ada}\r\n",
            501,
            "method-unknown",
        ),
        (
            "DELETE /_vestibule/whoami HTTP/1.1\r\n{ada}\r\n",
            405,
            "method-not-allowed",
        ),
        (
            "MOVE /sites/mapped/a HTTP/1.1\r\n{ada}\r\n",
            400,
            "destination-malformed",
        ),
    ])
    .await;
}

#[tokio::test]
async fn sec_176_an_overridden_method_is_judged() {
    check(&[
        (
            "POST /sites/projects/read/a HTTP/1.1\r\n{ada}x-http-method: GET\r\n\r\n",
            403,
            "permission-insufficient",
        ),
        (
            "GET /sites/projects/read/a HTTP/1.1\r\n{ada}X-HTTP-Method-Override: DELETE\r\n\r\n",
            403,
            "permission-insufficient",
        ),
        (
            "GET /sites/projects/read/a HTTP/1.1\r\n{ada}X_HTTP_Method: DELETE\r\n\r\n",
            403,
            "permission-insufficient",
        ),
    ])
    .await;
}

#[tokio::test]
async fn sec_173_sec_177_members_paths_are_closed_to_guests_and_bearers() {
    check(&[
        ("GET /sites/mapped/_layouts/15/ToolPane.aspx HTTP/1.1\r\n{ada}referer: /_layouts/SignOut.aspx\r\n\r\n", 403, "members-only"),
        ("POST /sites/mapped/_api/$batch HTTP/1.1\r\n{ada}\r\n", 403, "members-only"),
        ("GET /sites/mapped/_vti_bin/x HTTP/1.1\r\n{host}\r\n", 401, "member-sign-in-required"),
        ("COPY /sites/mapped/a HTTP/1.1\r\n{ada}destination: /sites/mapped/_layouts/a\r\n\r\n", 403, "members-only"),
    ])
    .await;
}

#[tokio::test]
async fn requests_that_name_other_items_are_closed_to_guests_and_bearers() {
    check(&[
        (
            "SEARCH /sites/mapped/a HTTP/1.1\r\n{ada}\r\n",
            403,
            "members-only",
        ),
        (
            "REPORT /sites/mapped/a HTTP/1.1\r\n{ada}depth: 0\r\n\r\n",
            403,
            "members-only",
        ),
        (
            "POST /sites/mapped/a HTTP/1.1\r\n{ada}x-http-method: SEARCH\r\n\r\n",
            403,
            "members-only",
        ),
        (
            "REPORT /sites/mapped/a HTTP/1.1\r\n{host}\r\n",
            401,
            "member-sign-in-required",
        ),
        (
            "PUT /sites/mapped/a HTTP/1.1\r\n{ada}if: </sites/projects/other> ([\"x\"])\r\n\r\n",
            403,
            "members-only",
        ),
    ])
    .await;
}

#[tokio::test]
async fn no_document_becomes_a_service_worker() {
    check(&[
        (
            "GET /sites/mapped/a.js HTTP/1.1\r\n{ada}service-worker: script\r\n\r\n",
            403,
            "service-worker",
        ),
        (
            "GET /sites/projects/a.js HTTP/1.1\r\n{mia}service-worker: script\r\n\r\n",
            403,
            "service-worker",
        ),
    ])
    .await;
}

#[tokio::test]
async fn members_search_and_everybody_asks_about_the_item_itself() {
    for request in [
        "SEARCH /sites/projects HTTP/1.1\r\n{mia}\r\n",
        "PUT /sites/projects/a HTTP/1.1\r\n{mia}if: </sites/projects/b> (<urn:x>)\r\n\r\n",
        "PUT /sites/mapped/a HTTP/1.1\r\n{ada}if: </sites/mapped/a> (<urn:x>)\r\n\r\n",
        "PUT /sites/mapped/a HTTP/1.1\r\n{ada}if: (<urn:x>)\r\n\r\n",
    ] {
        let upstream = Scripted::new(OK).await;
        let world = World::new(upstream.address).await;
        let request = request.replacen("\r\n", "\r\nconnection: close\r\n", 1);
        let answer = world.raw(&request).await;
        assert_eq!(status(&answer), 200, "{request}\n{answer}");
    }
}

#[tokio::test]
async fn members_reach_members_paths() {
    let upstream = Scripted::new(OK).await;
    let world = World::new(upstream.address).await;
    let answer = world
        .raw("GET /sites/projects/_layouts/x HTTP/1.1\r\n{mia}connection: close\r\n\r\n")
        .await;
    assert_eq!(status(&answer), 200, "{answer}");
}

#[tokio::test]
async fn sec_053_a_session_of_another_host_or_tenant_is_none() {
    let upstream = Scripted::new(OK).await;
    let world = World::new(upstream.address).await;
    let elsewhere =
        gateway_sign_in::session::seal(&world.ada(), "woodgrove.localhost", &world.gateway.keyring)
            .unwrap();
    let mut other_tenant = world.ada();
    other_tenant.tenant = gateway_core::id::TenantId::parse("woodgrove").unwrap();
    let mut bearer = world.session(None);
    bearer.tenant = other_tenant.tenant.clone();
    bearer.add_link(gateway_core::id::LinkId::parse("anyone").unwrap());
    for (path, cookie) in [
        ("read", format!("__Host-vestibule={elsewhere}")),
        ("read", world.cookie(&other_tenant)),
        ("linked", world.cookie(&bearer)),
        ("read", "__Host-vestibule=forged".to_owned()),
    ] {
        let request = format!(
            "GET /sites/projects/{path}/a HTTP/1.1\r\n{{host}}cookie: {cookie}\r\nconnection: close\r\n\r\n"
        );
        assert_eq!(
            code(&world.raw(&request).await),
            "sign-in-required",
            "{cookie}"
        );
    }
    assert!(upstream.seen().is_empty());
}

#[tokio::test]
async fn sec_079_a_session_of_a_provider_that_is_gone_is_none() {
    let upstream = Scripted::new(OK).await;
    let world = World::with(upstream.address, |configuration| {
        for provider in configuration.providers.values_mut() {
            provider.tenants = Some(std::collections::BTreeSet::new());
        }
    })
    .await;
    let answer = world
        .raw("GET /sites/projects/read/a HTTP/1.1\r\n{ada}connection: close\r\n\r\n")
        .await;
    assert_eq!(code(&answer), "sign-in-required");
}

#[tokio::test]
async fn a_session_in_use_is_sealed_again_now_and_then() {
    let upstream = Scripted::new(OK).await;
    let world = World::new(upstream.address).await;
    let mut session = world.ada();
    // A minute for a slow machine.
    for (age, renewed) in [(0, false), (240, false), (301, true)] {
        session.sealed_at = crate::clock::now().plus(-age);
        let cookie = world.cookie(&session);
        let request = format!(
            "GET /sites/projects/read/a HTTP/1.1\r\n{{host}}cookie: {cookie}\r\nconnection: close\r\n\r\n"
        );
        let answer = world.raw(&request).await;
        assert_eq!(
            answer.contains("set-cookie: __Host-vestibule="),
            renewed,
            "{age}: {answer}"
        );
    }
}

#[tokio::test]
async fn more_connections_than_there_are_places_wait() {
    let upstream = Scripted::new(OK).await;
    let world = World::with(upstream.address, |configuration| {
        configuration.gateway.limits.connections = 1;
        configuration.gateway.limits.header_timeout = PATIENCE;
    })
    .await;
    let idle = world.connect().await;
    let request = world.raw("GET /healthz HTTP/1.1\r\n{host}connection: close\r\n\r\n");
    tokio::pin!(request);
    let early = tokio::time::timeout(std::time::Duration::from_millis(50), &mut request).await;
    assert!(early.is_err(), "the place was taken");
    drop(idle);
    assert_eq!(status(&request.await), 404);
}

#[tokio::test]
async fn sec_070_a_session_that_comes_twice_is_none() {
    let upstream = Scripted::new(OK).await;
    let world = World::new(upstream.address).await;
    let cookie = world.cookie(&world.ada());
    for cookies in [
        format!("cookie: {cookie}; {cookie}\r\n"),
        format!("cookie: {cookie}\r\ncookie: __Host-vestibule=x\r\n"),
    ] {
        let request = format!(
            "GET /sites/projects/read/a HTTP/1.1\r\n{{host}}{cookies}connection: close\r\n\r\n"
        );
        assert_eq!(code(&world.raw(&request).await), "sign-in-required");
    }
}

#[tokio::test]
async fn sec_058_long_cookies_are_refused() {
    let upstream = Scripted::new(OK).await;
    let world = World::new(upstream.address).await;
    let request = format!(
        "GET /sites/projects/read/a HTTP/1.1\r\n{{host}}cookie: {}\r\nconnection: close\r\n\r\n",
        "a".repeat(17_000)
    );
    assert_eq!(code(&world.raw(&request).await), "cookies-too-long");
}

#[tokio::test]
async fn a_head_that_is_too_long_is_refused() {
    let upstream = Scripted::new(OK).await;
    let world = World::new(upstream.address).await;
    let request = format!(
        "GET / HTTP/1.1\r\n{{host}}x: {}\r\n\r\n",
        "a".repeat(40_000)
    );
    assert_eq!(status(&world.raw(&request).await), 431);
}

#[tokio::test]
async fn sec_193_a_head_that_does_not_come_ends_the_connection() {
    let upstream = Scripted::new(OK).await;
    let world = World::with(upstream.address, |configuration| {
        configuration.gateway.limits.header_timeout = std::time::Duration::from_millis(200);
    })
    .await;
    let answer = world
        .raw("GET /sites/projects/read/a HTTP/1.1\r\nhost: cont")
        .await;
    assert_eq!(answer, "");
}

#[tokio::test]
async fn sec_033_what_an_upstream_that_fails_leaves_behind() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let nobody = listener.local_addr().unwrap();
    drop(listener);
    let world = World::new(nobody).await;
    let answer = world
        .raw("GET /sites/projects/read/a HTTP/1.1\r\n{ada}connection: close\r\n\r\n")
        .await;
    assert_eq!(
        (status(&answer), &*code(&answer)),
        (502, "upstream-unreachable")
    );
    assert!(!answer.contains(&nobody.to_string()), "{answer}");

    let garbage = Scripted::new("nonsense\r\n\r\n").await;
    let world = World::new(garbage.address).await;
    let answer = world
        .raw("GET /sites/projects/read/a HTTP/1.1\r\n{ada}connection: close\r\n\r\n")
        .await;
    assert_eq!((status(&answer), &*code(&answer)), (502, "upstream-failed"));
}

#[tokio::test]
async fn an_upstream_that_is_silent_times_out() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let world = World::with(listener.local_addr().unwrap(), |configuration| {
        configuration.gateway.limits.upstream_response_timeout =
            std::time::Duration::from_millis(100);
    })
    .await;
    let answer = world
        .raw("GET /sites/projects/read/a HTTP/1.1\r\n{ada}connection: close\r\n\r\n")
        .await;
    assert_eq!(
        (status(&answer), &*code(&answer)),
        (504, "upstream-timeout")
    );
}
