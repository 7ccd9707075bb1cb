//! Rows of the security list about routes and paths: what is decided on is what is forwarded.

use http::Request;
use http_body_util::{BodyExt as _, Empty};
use idp_mocks::Service;
use tests::browser::Browser;
use tests::network::Body;
use tests::world::{Turn, World};
use tests::{Outcome, ensure};

const ADA: &str = "ada@fabrikam.example";
const NOTES: &str = "/sites/projects/Shared/notes.txt";
const SECRET: &str = "/sites/projects/Secret.docx";
const PROGRAM: &[(&str, &str)] = &[("accept", "application/json")];

/// Ada, signed in: she may read and write below `/sites/projects/Shared` and nowhere near `Secret.docx`.
async fn with_ada() -> Outcome<(Turn, Browser)> {
    let world = World::shared().await?;
    let ada = world.signed_in(ADA, &world.url("contoso", NOTES)).await?;
    Ok((world, ada))
}

/// Each target is refused with `status`, and nothing reaches the documents.
async fn refused(targets: &[&str], status: u16) -> Outcome {
    let (world, ada) = with_ada().await?;
    for target in targets {
        let answer = world.short_of_upstream(world.raw_get(&ada, target)).await?;
        ensure!(
            answer.status == status,
            "{target}: expected {status}, found {}",
            answer.text
        );
    }
    Ok(())
}

#[tokio::test]
async fn sec_018_the_query_is_no_part_of_what_is_decided() -> Outcome {
    refused(
        &[
            "/sites/projects/Secret.docx?/sites/projects/Shared/notes.txt",
            "/sites/projects/Secret.docx?path=/_vestibule/assets/style.css",
        ],
        403,
    )
    .await
}

#[tokio::test]
async fn sec_019_an_encoded_hash_is_a_letter_of_the_name() -> Outcome {
    refused(
        &[
            "/sites/projects/Shared%23/../Secret.docx",
            "/sites/projects/Shared/#/../../Secret.docx",
        ],
        400,
    )
    .await?;
    let (world, ada) = with_ada().await?;
    let (answer, seen) = world
        .reaching_upstream(world.raw_get(&ada, "/sites/projects/Shared/no%23such.txt"))
        .await?;
    ensure!(answer.status == 404, "{}", answer.text);
    ensure!(
        seen.iter()
            .all(|request| request.target.ends_with("/no%23such.txt")),
        "forwarded {seen:?}"
    );
    Ok(())
}

#[tokio::test]
async fn sec_020_no_user_agent_is_let_in() -> Outcome {
    let world = World::shared().await?;
    for agent in [
        "GoogleHC/1.0",
        "kube-probe/1.30",
        "ELB-HealthChecker/2.0",
        "Microsoft Office/16.0",
    ] {
        let headers = [("accept", "application/json"), ("user-agent", agent)];
        let (mut browser, url) = (world.browser(), world.url("contoso", NOTES));
        let answer = world
            .short_of_upstream(browser.fetch("GET", &url, &headers, ""))
            .await?;
        answer.expect_refusal(401, "sign-in-required")?;
    }
    Ok(())
}

#[tokio::test]
async fn sec_021_sec_022_what_proxies_may_say_nobody_else_may() -> Outcome {
    let (world, mut ada) = with_ada().await?;
    let spoofed = [
        ("accept", "application/json"),
        ("x-forwarded-uri", NOTES),
        ("x-forwarded-host", "woodgrove.localhost"),
        ("x-forwarded-prefix", "/evil"),
        ("x-original-url", NOTES),
        ("x-rewrite-url", NOTES),
        ("forwarded", "for=10.0.0.1;host=woodgrove.localhost"),
    ];
    let answer = ada
        .fetch("GET", &world.url("contoso", SECRET), &spoofed, "")
        .await?;
    answer.expect_refusal(403, "permission-missing")?;
    let notes = world.url("contoso", NOTES);
    let (answer, seen) = world
        .reaching_upstream(ada.fetch("GET", &notes, &spoofed, ""))
        .await?;
    answer.expect(200)?;
    for (name, value) in seen.iter().flat_map(|request| &request.headers) {
        let lie =
            value.contains("woodgrove") || value.contains("evil") || value.contains("10.0.0.1");
        ensure!(!lie, "`{name}: {value}` reached the documents");
    }
    Ok(())
}

#[tokio::test]
async fn sec_023_dot_segments_and_empty_ones_are_refused() -> Outcome {
    refused(
        &[
            "/sites/projects/Shared/../Secret.docx",
            "/sites/projects/Shared/%2e%2e/Secret.docx",
            "/sites/projects/Shared/.%2E/Secret.docx",
            "/sites/projects/Shared/./notes.txt",
            "/sites/projects//Secret.docx",
            "//sites/projects/Secret.docx",
        ],
        400,
    )
    .await?;
    refused(
        &[
            "/sites/projects/Shared;x/..;/Secret.docx",
            "/sites/projects/Secret.docx;.txt",
        ],
        403,
    )
    .await
}

#[tokio::test]
async fn sec_024_the_scheme_is_the_listeners() -> Outcome {
    let (world, mut ada) = with_ada().await?;
    let headers = [
        ("accept", "application/json"),
        ("x-forwarded-proto", "http"),
        ("x-forwarded-ssl", "off"),
    ];
    let notes = world.url("contoso", NOTES);
    let (answer, seen) = world
        .reaching_upstream(ada.fetch("GET", &notes, &headers, ""))
        .await?;
    answer.expect(200)?;
    let request = seen.first().ok_or("nothing arrived")?;
    ensure!(
        request.header("x-forwarded-proto") != Some("http"),
        "the documents hear of http"
    );
    Ok(())
}

#[tokio::test]
async fn sec_026_encoded_separators_and_controls_are_refused() -> Outcome {
    refused(
        &[
            "/sites/projects%2FShared/notes.txt",
            "/sites/projects%2fSecret.docx",
            "/sites/projects%5CSecret.docx",
            "/sites/projects\\Secret.docx",
            "/sites/projects/Shared/notes.txt%00.docx",
            "/sites/projects/Shared/%0d%0aX-Evil:1",
            "/sites/projects/Shared/%252e%252e/Secret.docx",
            "/sites/projects/Shared/%252fnotes.txt",
        ],
        400,
    )
    .await
}

#[tokio::test]
async fn sec_029_a_target_that_cannot_be_read_is_refused() -> Outcome {
    refused(
        &[
            "/%zz",
            "/sites/projects/%",
            "/sites/projects/Shared/%ff%fe.txt",
            "sites/projects/Shared/notes.txt",
        ],
        400,
    )
    .await
}

#[tokio::test]
async fn sec_030_a_host_has_one_meaning_however_it_is_spelt() -> Outcome {
    let (world, ada) = with_ada().await?;
    let cookie = ada.session("contoso")?;
    let port = world.port;
    for (host, status) in [
        (format!("CONTOSO.LocalHost:{port}"), 200),
        (format!("contoso.localhost.:{port}"), 200),
        ("contoso.localhost".to_owned(), 200),
        (format!("woodgrove.localhost:{port}"), 401),
        (format!("evil.example:{port}"), 421),
        ("contoso.localhost:x".to_owned(), 400),
        ("contoso.localhost@evil.example".to_owned(), 400),
        (String::new(), 400),
    ] {
        let head = format!(
            "GET {NOTES} HTTP/1.1\r\nhost: {host}\r\ncookie: {}={}\r\naccept: application/json\r\nconnection: close\r\n\r\n",
            cookie.name, cookie.value
        );
        let answer = world.raw(head.as_bytes()).await?;
        // Woodgrove has no such folder, or the session is not its own: both are not 200.
        let right = answer.status == status || (status == 401 && answer.status == 404);
        ensure!(right, "`{host}`: expected {status}, found {}", answer.text);
    }
    Ok(())
}

#[tokio::test]
async fn sec_032_a_challenge_carries_nothing_of_the_documents() -> Outcome {
    let world = World::shared().await?;
    for accept in ["text/html", "application/json"] {
        let (mut browser, url) = (world.browser(), world.url("contoso", NOTES));
        let answer = world
            .short_of_upstream(browser.fetch("GET", &url, &[("accept", accept)], ""))
            .await?;
        ensure!(
            !answer.text().contains("Notes"),
            "the challenge shows the file"
        );
    }
    Ok(())
}

#[tokio::test]
async fn sec_033_every_method_is_scrubbed_and_decided() -> Outcome {
    let (world, mut ada) = with_ada().await?;
    let spoofed = [
        ("accept", "application/json"),
        ("x-vestibule-subject", "made-up"),
        ("remote-user", "made-up"),
    ];
    let (notes, secret) = (world.url("contoso", NOTES), world.url("contoso", SECRET));
    for method in [
        "GET",
        "HEAD",
        "OPTIONS",
        "PROPFIND",
        "POST",
        "PUT",
        "PATCH",
        "PROPPATCH",
        "LOCK",
        "UNLOCK",
    ] {
        let (_, seen) = world
            .reaching_upstream(ada.fetch(method, &notes, &spoofed, ""))
            .await?;
        ensure!(
            seen.len() == 1,
            "{method} reached the documents {} times",
            seen.len()
        );
        let lie = seen
            .iter()
            .flat_map(|request| &request.headers)
            .find(|(_, value)| value == "made-up");
        ensure!(lie.is_none(), "{method}: {lie:?} reached the documents");
        let answer = world
            .short_of_upstream(ada.fetch(method, &secret, &spoofed, ""))
            .await?;
        ensure!(
            answer.status == 403,
            "{method} on what was not shared: {answer}"
        );
        let mut stranger = world.browser();
        let answer = world
            .short_of_upstream(stranger.fetch(method, &notes, &spoofed, ""))
            .await?;
        ensure!(answer.status == 401, "{method} by a stranger: {answer}");
    }
    for (method, status) in [("FROB", 501), ("TRACE", 405), ("BIND", 501)] {
        let answer = world
            .short_of_upstream(ada.fetch(method, &notes, PROGRAM, ""))
            .await?;
        ensure!(answer.status == status, "{method}: {answer}");
    }
    let connect = format!(
        "CONNECT contoso.localhost:{0} HTTP/1.1\r\nhost: contoso.localhost:{0}\r\nconnection: close\r\n\r\n",
        world.port
    );
    let answer = world
        .short_of_upstream(world.raw(connect.as_bytes()))
        .await?;
    ensure!(
        (400..500).contains(&answer.status),
        "CONNECT: {}",
        answer.text
    );
    // The write attempts above are over; the file is as it was for the others.
    ada.fetch("PUT", &notes, PROGRAM, "Notes that are shared.\n")
        .await?;
    world.mocks.clear_requests(Service::Documents);
    Ok(())
}

#[tokio::test]
async fn sec_036_a_request_names_one_host() -> Outcome {
    let world = World::shared().await?;
    let host = format!("contoso.localhost:{}", world.port);
    for head in [
        format!(
            "GET https://woodgrove.localhost:{}{NOTES} HTTP/1.1\r\nhost: {host}\r\n",
            world.port
        ),
        format!("GET http://evil.example{NOTES} HTTP/1.1\r\nhost: {host}\r\n"),
        format!("GET {NOTES} HTTP/1.1\r\nhost: {host}\r\nhost: woodgrove.localhost\r\n"),
        format!("GET {NOTES} HTTP/1.1\r\nhost: {host}\r\nhost: {host}\r\n"),
        format!("GET {NOTES} HTTP/1.1\r\n"),
    ] {
        let request = format!("{head}connection: close\r\n\r\n");
        let answer = world
            .short_of_upstream(world.raw(request.as_bytes()))
            .await?;
        ensure!(answer.status == 400, "{head}: {}", answer.text);
    }
    let body = Body::new(Empty::new().map_err(|never| match never {}));
    let request = Request::get(world.url("contoso", NOTES))
        .header("host", "woodgrove.localhost")
        .body(body)?;
    let answer = world
        .short_of_upstream(world.network.send_http2(request))
        .await?;
    ensure!(
        answer.status() == 400,
        "another `host` than `:authority`: {}",
        answer.status()
    );
    Ok(())
}

#[tokio::test]
async fn sec_173_administration_pages_are_for_members() -> Outcome {
    let (world, mut ada) = with_ada().await?;
    let referer = [
        ("accept", "application/json"),
        ("referer", "/_layouts/SignOut.aspx"),
    ];
    for page in [
        "_layouts/15/ToolPane.aspx",
        "_vti_bin/client.svc",
        "_layouts/15/metadata/json/1",
        "_LAYOUTS/15/ToolPane.aspx",
    ] {
        let url = world.url("contoso", &format!("/sites/projects/Shared/{page}"));
        let answer = world
            .short_of_upstream(ada.fetch("GET", &url, &referer, ""))
            .await?;
        ensure!(answer.status == 403, "{page}: {answer}");
    }
    Ok(())
}

#[tokio::test]
async fn sec_175_a_destination_is_judged_like_a_target() -> Outcome {
    let (world, mut ada) = with_ada().await?;
    let notes = world.url("contoso", NOTES);
    for (destination, status) in [
        (world.url("contoso", SECRET), 403),
        (
            world.url("contoso", "/sites/dav/../projects/Secret.docx"),
            400,
        ),
        (world.url("woodgrove", "/sites/projects/readme.txt"), 400),
        ("https://evil.example/x".to_owned(), 400),
        ("/sites/projects/Shared/%2e%2e/Secret.docx".to_owned(), 400),
        (String::new(), 400),
    ] {
        for method in ["COPY", "MOVE"] {
            let headers = [
                ("accept", "application/json"),
                ("destination", destination.as_str()),
            ];
            let answer = world
                .short_of_upstream(ada.fetch(method, &notes, &headers, ""))
                .await?;
            ensure!(
                answer.status == status,
                "{method} to `{destination}`: {answer}"
            );
        }
    }
    let there = world.url("contoso", "/sites/projects/Shared/copy-of-notes.txt");
    let headers = [
        ("accept", "application/json"),
        ("destination", there.as_str()),
    ];
    let answer = ada.fetch("COPY", &notes, &headers, "").await?;
    ensure!(
        answer.status.is_success(),
        "a copy inside of what is granted: {answer}"
    );
    ada.fetch("GET", &there, PROGRAM, "").await?.expect(200)?;
    Ok(())
}

#[tokio::test]
async fn sec_176_a_method_that_is_overridden_is_judged_as_both() -> Outcome {
    let world = World::shared().await?;
    let notes = world.url("contoso", NOTES);
    let mut bob = world.signed_in("bob@fabrikam.example", &notes).await?;
    for name in [
        "x-http-method",
        "x-http-method-override",
        "x-method-override",
        "X_HTTP_Method",
    ] {
        let headers = [("accept", "application/json"), (name, "DELETE")];
        let answer = world
            .short_of_upstream(bob.fetch("GET", &notes, &headers, ""))
            .await?;
        answer.expect_refusal(403, "permission-insufficient")?;
    }
    bob.fetch("GET", &notes, PROGRAM, "").await?.expect(200)?;
    Ok(())
}
