//! Rows of the security list about headers and identity on the way to the documents.

use idp_mocks::SeenRequest;
use serde_json::{Value, json};
use tests::browser::Browser;
use tests::people::accept;
use tests::world::{Options, Turn, World};
use tests::{Outcome, assertion, ensure, says};

const ADA: &str = "ada@fabrikam.example";
const ECHO: &str = "/sites/projects/Shared/_echo";
const PROGRAM: (&str, &str) = ("accept", "application/json");

async fn with_ada() -> Outcome<(Turn, Browser)> {
    let world = World::shared().await?;
    let ada = world
        .signed_in(
            ADA,
            &world.url("contoso", "/sites/projects/Shared/notes.txt"),
        )
        .await?;
    Ok((world, ada))
}

/// What reaches the documents when `browser` sends `headers`.
async fn arrives(
    world: &World,
    browser: &mut Browser,
    headers: &[(&str, &str)],
) -> Outcome<SeenRequest> {
    let headers = [headers, &[PROGRAM]].concat();
    let url = world.url("contoso", ECHO);
    let (answer, mut seen) = world
        .reaching_upstream(browser.fetch("GET", &url, &headers, ""))
        .await?;
    answer.expect(200)?;
    ensure!(seen.len() == 1, "{} requests arrived", seen.len());
    Ok(seen.remove(0))
}

#[tokio::test]
async fn sec_037_sec_038_sec_039_identity_headers_in_every_spelling_are_dropped() -> Outcome {
    let (world, mut ada) = with_ada().await?;
    for name in [
        "X-Vestibule-Assertion",
        "X_Vestibule_Assertion",
        "x.vestibule.subject",
        "X-Vestibule-Email",
        "X_Forwarded_User",
        "X.Forwarded.User",
        "Remote-User",
        "REMOTE_USER",
        "OIDC_CLAIM_email",
        "X-Auth-Request-Email",
    ] {
        let request = arrives(&world, &mut ada, &[(name, "made-up")]).await?;
        let lie = request
            .headers
            .iter()
            .find(|(_, value)| value.contains("made-up"));
        ensure!(lie.is_none(), "{name}: {lie:?}");
        let claims = assertion::claims(&world, "contoso", &request).await?;
        ensure!(
            says(&claims, "email") == ADA,
            "{name}: the documents hear of {claims}"
        );
    }
    Ok(())
}

#[tokio::test]
async fn sec_037_the_bearer_of_a_link_cannot_pretend_either() -> Outcome {
    let world = World::shared().await?;
    let mut bearer = world.browser();
    bearer.open(&world.link("brochure")?).await?.expect(200)?;
    let url = world.url("contoso", tests::world::BROCHURE);
    let headers = [
        PROGRAM,
        ("x-vestibule-email", "made-up"),
        ("remote-user", "made-up"),
    ];
    let (answer, seen) = world
        .reaching_upstream(bearer.fetch("GET", &url, &headers, ""))
        .await?;
    answer.expect(200)?;
    let request = seen.first().ok_or("nothing arrived")?;
    ensure!(
        request.headers.iter().all(|(_, value)| value != "made-up"),
        "{:?}",
        request.headers
    );
    let claims = assertion::claims(&world, "contoso", request).await?;
    ensure!(
        says(&claims, "sub") == "link:brochure",
        "the documents hear of {claims}"
    );
    ensure!(
        claims.get("email").is_none(),
        "a bearer has no address: {claims}"
    );
    Ok(())
}

#[tokio::test]
async fn sec_040_plain_headers_are_deleted_before_they_are_set() -> Outcome {
    let options = Options::default();
    let world = World::start_with(options, |overlay, _| {
        overlay.set("tenants/contoso.toml", "sites.projects.plain_headers", true);
        Ok(())
    })
    .await?;
    let mut ada = world
        .signed_in(
            ADA,
            &world.url("contoso", "/sites/projects/Shared/notes.txt"),
        )
        .await?;
    let request = arrives(&world, &mut ada, &[("x-vestibule-email", "made-up")]).await?;
    ensure!(
        request.header("x-vestibule-email") == Some(ADA),
        "{:?}",
        request.headers
    );
    let mut bearer = world.browser();
    bearer.open(&world.link("brochure")?).await?.expect(200)?;
    let url = world.url("contoso", tests::world::BROCHURE);
    let headers = [PROGRAM, ("x-vestibule-email", "made-up")];
    let (_, seen) = world
        .reaching_upstream(bearer.fetch("GET", &url, &headers, ""))
        .await?;
    let request = seen.first().ok_or("nothing arrived")?;
    ensure!(
        request.header("x-vestibule-email").is_none(),
        "{:?}",
        request.headers
    );
    Ok(())
}

#[tokio::test]
async fn sec_041_sec_042_connection_takes_the_clients_headers_and_none_of_ours() -> Outcome {
    let (world, mut ada) = with_ada().await?;
    let names = "close, X-Vestibule-Assertion, X-Forwarded-For, X-Of-The-Client";
    let request = arrives(
        &world,
        &mut ada,
        &[("connection", names), ("x-of-the-client", "1")],
    )
    .await?;
    ensure!(
        request.header(assertion::HEADER).is_some(),
        "the assertion is gone: {:?}",
        request.headers
    );
    ensure!(
        request.header("x-of-the-client").is_none(),
        "{:?}",
        request.headers
    );
    Ok(())
}

#[tokio::test]
async fn sec_044_an_unreadable_forwarded_address_changes_nothing() -> Outcome {
    let (world, mut ada) = with_ada().await?;
    for lie in ["garbage", "127.0.0.1, 10.0.0.1", "::::", "\u{7f}"] {
        let Ok(lie) = http::HeaderValue::from_str(lie) else {
            continue;
        };
        let lie = lie.to_str()?;
        let request = arrives(&world, &mut ada, &[("x-forwarded-for", lie)]).await?;
        let told = request.header("x-forwarded-for").unwrap_or_default();
        ensure!(
            !told.contains("10.0.0.1") && !told.contains("garbage"),
            "told {told}"
        );
        let mut stranger = world.browser();
        let url = world.url("contoso", ECHO);
        let answer = world
            .short_of_upstream(stranger.fetch(
                "GET",
                &url,
                &[PROGRAM, ("x-forwarded-for", lie)],
                "",
            ))
            .await?;
        answer.expect_refusal(401, "sign-in-required")?;
    }
    Ok(())
}

#[tokio::test]
async fn sec_046_line_breaks_in_a_claim_stay_in_the_claim() -> Outcome {
    let world = World::start(Options::default()).await?;
    let evil = "Ada\r\nX-Evil: 1\r\n\r\nGET / HTTP/1.1";
    world.mocks.change_world(|world| {
        for person in world
            .people
            .iter_mut()
            .filter(|person| person.address == ADA)
        {
            person.name = evil.to_owned();
            person.claims.insert("name".to_owned(), Value::from(evil));
        }
    });
    let mut ada = world.browser();
    let page = ada
        .open(&world.url("contoso", "/sites/projects/Shared/notes.txt"))
        .await?;
    let page = world.authenticate(&mut ada, &page, ADA, ADA).await?;
    // Either the claim is refused, or it does no harm.
    if !page.offers("consent") {
        ensure!(page.status.is_client_error(), "{page}");
        return Ok(());
    }
    accept(&mut ada, &page).await?.expect(200)?;
    let request = arrives(&world, &mut ada, &[]).await?;
    let evil = request
        .headers
        .iter()
        .find(|(name, value)| name.contains("evil") || value.contains("X-Evil"));
    ensure!(evil.is_none(), "{evil:?}");
    Ok(())
}

#[tokio::test]
async fn sec_047_the_assertion_is_signed_short_lived_and_for_one_upstream() -> Outcome {
    let (world, mut ada) = with_ada().await?;
    let request = arrives(&world, &mut ada, &[]).await?;
    let claims = assertion::claims(&world, "contoso", &request).await?;
    ensure!(says(&claims, "iss") == world.url("contoso", ""), "{claims}");
    ensure!(
        says(&claims, "aud") == world.mocks.urls().documents.origin,
        "{claims}"
    );
    let time = |name: &str| claims.get(name).and_then(Value::as_i64).unwrap_or_default();
    ensure!((1..=60).contains(&(time("exp") - time("iat"))), "{claims}");
    let mut forged = request.clone();
    for (_, value) in forged
        .headers
        .iter_mut()
        .filter(|(name, _)| name == assertion::HEADER)
    {
        let mut parts: Vec<&str> = value.split('.').collect();
        let other = base64_of(&json!({ "sub": "somebody else" }));
        parts.splice(1..2, [other.as_str()]);
        *value = parts.join(".");
    }
    ensure!(
        assertion::claims(&world, "contoso", &forged).await.is_err(),
        "the verifier takes anything"
    );
    Ok(())
}

#[tokio::test]
async fn sec_048_credentials_of_clients_end_at_the_gateway() -> Outcome {
    let (world, mut ada) = with_ada().await?;
    for name in [
        "authorization",
        "proxy-authorization",
        "x-ms-client-principal",
        "x-forms_based_auth_accepted",
    ] {
        let request = arrives(&world, &mut ada, &[(name, "Bearer made-up")]).await?;
        ensure!(
            request
                .headers
                .iter()
                .all(|(_, value)| !value.contains("made-up")),
            "{name}: {:?}",
            request.headers
        );
    }
    Ok(())
}

#[tokio::test]
async fn sec_049_cookies_of_the_gateway_end_there_and_others_pass() -> Outcome {
    let (world, mut ada) = with_ada().await?;
    let own: Vec<String> = ada
        .jar
        .of("contoso.localhost")
        .map(|cookie| format!("{}={}", cookie.name, cookie.value))
        .collect();
    let line = format!("of-the-site=1; {}; other=2", own.join("; "));
    let request = arrives(&world, &mut ada, &[("cookie", &line)]).await?;
    ensure!(
        request.header("cookie") == Some("of-the-site=1; other=2"),
        "{:?}",
        request.header("cookie")
    );
    Ok(())
}

fn base64_of(value: &Value) -> String {
    use base64::Engine as _;
    base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(value.to_string())
}
