//! Rows of the security list about redirects and return addresses.

use tests::world::World;
use tests::{Outcome, ensure};

async fn leads_home(targets: &[&str]) -> Outcome {
    let world = World::shared().await?;
    for target in targets {
        world.leads_home(target).await?;
    }
    Ok(())
}

#[tokio::test]
async fn sec_001_an_absolute_return_address_is_replaced() -> Outcome {
    leads_home(&[
        "https://evil.example",
        "https://evil.example/sites/projects",
        "http://contoso.localhost/",
    ])
    .await
}

#[tokio::test]
async fn sec_002_backslashes_and_double_slashes_are_no_relative_address() -> Outcome {
    leads_home(&[
        "/\\evil.example",
        "\\/evil.example",
        "\\\\evil.example",
        "//evil.example",
        "/%5cevil.example",
    ])
    .await
}

#[tokio::test]
async fn sec_003_encoded_white_space_is_judged_after_decoding() -> Outcome {
    leads_home(&[
        "/%09/evil.example",
        "/\t/evil.example",
        "/%0d%0aLocation:%20https://evil.example",
        "/%0b/evil.example",
        "\u{a0}//evil.example",
    ])
    .await
}

#[tokio::test]
async fn sec_004_dot_segments_do_not_lead_out() -> Outcome {
    leads_home(&[
        "/.//evil.example",
        "/..//evil.example",
        "/a/..//evil.example",
        "/%2e%2e//evil.example",
    ])
    .await
}

#[tokio::test]
async fn sec_006_what_browsers_read_as_a_scheme_is_one() -> Outcome {
    leads_home(&[
        "https:evil.example",
        "HtTpS:\\\\evil.example",
        "https:/evil.example",
        "javascript:alert(1)",
        "//user@evil.example",
    ])
    .await
}

#[tokio::test]
async fn sec_008_a_host_that_begins_like_ours_is_another() -> Outcome {
    leads_home(&[
        "https://contoso.localhost.evil.example/",
        "https://contoso.localhost@evil.example/",
    ])
    .await
}

#[tokio::test]
async fn sec_012_three_slashes_are_two_too_many() -> Outcome {
    leads_home(&["///evil.example", "////evil.example", "http:evil.example"]).await
}

#[tokio::test]
async fn sec_016_referer_and_origin_make_no_location() -> Outcome {
    let world = World::shared().await?;
    let evil = [
        ("accept", "text/html"),
        ("referer", "https://evil.example/"),
        ("origin", "https://evil.example"),
    ];
    for path in [
        "/sites/projects/readme.txt",
        "/_vestibule/sign-in",
        "/_vestibule/sign-out",
        "/nothing",
    ] {
        let answer = world
            .browser()
            .fetch("GET", &world.url("contoso", path), &evil, "")
            .await?;
        let location = answer.header("location").unwrap_or_default();
        ensure!(!location.contains("evil"), "{path} leads to {location}");
        ensure!(
            !answer.text().contains("evil"),
            "{path} repeats where the request came from"
        );
    }
    Ok(())
}

#[tokio::test]
async fn sec_017_only_navigations_are_sent_to_sign_in() -> Outcome {
    let world = World::shared().await?;
    let url = world.url("contoso", "/sites/projects/logo.png");
    for (headers, status) in [
        (
            [("sec-fetch-mode", "no-cors"), ("accept", "text/html")],
            401,
        ),
        ([("sec-fetch-mode", "cors"), ("accept", "*/*")], 401),
        ([("x-nothing", ""), ("accept", "image/png")], 401),
        ([("sec-fetch-mode", "navigate"), ("accept", "*/*")], 303),
        ([("x-nothing", ""), ("accept", "text/html")], 303),
    ] {
        let mut browser = world.browser();
        let answer = world
            .short_of_upstream(browser.fetch("GET", &url, &headers, ""))
            .await?;
        ensure!(answer.status == status, "{headers:?}: {answer}");
        ensure!(
            browser.jar.of("contoso.localhost").next().is_none(),
            "{headers:?} sets a cookie"
        );
    }
    let post = [("sec-fetch-mode", "navigate"), ("accept", "text/html")];
    let answer = world.browser().fetch("POST", &url, &post, "").await?;
    ensure!(
        answer.status == 401,
        "a POST is nothing to come back to: {answer}"
    );
    Ok(())
}
