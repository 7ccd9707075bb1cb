//! Journey 8. What people try.

use super::{PROGRAM, only_request};
use crate::browser::cookies::{Cookie, SameSite};
use crate::browser::{Browser, Page};
use crate::people::SESSION;
use crate::report::Report;
use crate::says;
use crate::world::World;
use crate::{Outcome, assertion, ensure};

const ADA: &str = "ada@fabrikam.example";
const NOTES: &str = "/sites/projects/Shared/notes.txt";
const CONTOSO: &str = "contoso.localhost";
const WOODGROVE: &str = "woodgrove.localhost";

pub(super) async fn play(world: &World, report: &mut Report<'_>) -> Outcome {
    report
        .step(
            "identity headers that a client makes up do not reach the documents",
            spoofed(world),
        )
        .await?;
    report
        .step(
            "session cookies that somebody made up, cut or changed are nobody's",
            forged(world),
        )
        .await?;
    report
        .step(
            "the cookie of one host opens nothing on another",
            other_host(world),
        )
        .await?;
    report
        .step(
            "a callback with a forged state is refused",
            forged_state(world),
        )
        .await?;
    report
        .step(
            "a callback in another browser is refused, and so is one that comes twice",
            replayed(world),
        )
        .await?;
    report
        .step(
            "return addresses that lead away lead to this host",
            open_redirects(world),
        )
        .await
}

async fn spoofed(world: &World) -> Outcome {
    let mut ada = world.signed_in(ADA, &world.url("contoso", NOTES)).await?;
    let headers = [
        ("accept", "application/json"),
        ("x-vestibule-assertion", "made-up"),
        ("X_Vestibule_Assertion", "made-up"),
        ("x-vestibule-subject", "mia@contoso.example"),
        ("x-forwarded-user", "mia@contoso.example"),
        ("x.forwarded.user", "mia@contoso.example"),
        ("x-remote-user", "mia@contoso.example"),
        ("remote-user", "mia@contoso.example"),
        ("authorization", "Bearer made-up"),
        ("x-ms-client-principal", "made-up"),
        ("x-forwarded-for", "made-up"),
    ];
    let echo = world.url("contoso", "/sites/projects/Shared/_echo");
    let (answer, seen) = world
        .reaching_upstream(ada.fetch("GET", &echo, &headers, ""))
        .await?;
    answer.expect(200)?;
    let request = only_request(&seen, "GET", "/sites/projects/Shared/_echo")?;
    let lie = request
        .headers
        .iter()
        .find(|(_, value)| value.contains("made-up") || value.contains("mia@"));
    ensure!(lie.is_none(), "{lie:?} reached the documents");
    let claims = assertion::claims(world, "contoso", request).await?;
    ensure!(
        says(&claims, "email") == ADA,
        "the documents hear of {claims}"
    );
    let mut stranger = world.browser();
    let stranger = stranger.fetch("GET", &echo, &headers, "");
    world
        .short_of_upstream(stranger)
        .await?
        .expect_refusal(401, "sign-in-required")
}

async fn forged(world: &World) -> Outcome {
    let url = world.url("contoso", NOTES);
    let ada = world.signed_in(ADA, &url).await?;
    let real = ada.session("contoso")?.value.clone();
    let cut = real.get(..real.len() - 2).unwrap_or_default().to_owned();
    let mut changed = real.clone();
    let at = real.len() - 9;
    let another = match real.get(at..=at) {
        Some("A") => "B",
        _ => "A",
    };
    changed.replace_range(at..=at, another);
    for value in [
        String::new(),
        "x".to_owned(),
        "AAAA".repeat(40),
        cut,
        changed,
    ] {
        let mut thief = world.browser();
        thief.jar.plant(cookie(CONTOSO, &value));
        refused(world, &mut thief, &url).await?;
    }
    // Of two cookies with one name the browser's own may be the second: neither counts.
    let both = format!("{SESSION}={real}; {SESSION}={real}");
    let headers = [("accept", "application/json"), ("cookie", both.as_str())];
    let twice = world
        .short_of_upstream(world.browser().fetch("GET", &url, &headers, ""))
        .await?;
    twice.expect_refusal(401, "sign-in-required")
}

async fn other_host(world: &World) -> Outcome {
    let woodgrove = world.url("woodgrove", "/sites/projects/readme.txt");
    let ada = world.signed_in(ADA, &world.url("contoso", NOTES)).await?;
    let mut thief = world.browser();
    thief
        .jar
        .plant(cookie(WOODGROVE, &ada.session("contoso")?.value));
    refused(world, &mut thief, &woodgrove).await
}

async fn forged_state(world: &World) -> Outcome {
    let mut browser = world.browser();
    at_provider(world, &mut browser).await?;
    let handle = "AAAAAAAAAAAAAAAAAAAAAA";
    let forged = world.url(
        "contoso",
        &format!("/_vestibule/callback/work-school?code=x&state={handle}"),
    );
    let page = world.short_of_upstream(browser.open(&forged)).await?;
    page.expect_refusal(400, "attempt-unknown")?;
    world.is_nobody(&mut browser).await
}

async fn replayed(world: &World) -> Outcome {
    let mut ada = world.browser();
    let page = at_provider(world, &mut ada).await?;
    let people = &world.mocks.urls().people;
    let person = people
        .iter()
        .find(|person| person.address == ADA)
        .ok_or("no Ada")?;
    let form = page.form(&[("user", &person.id)])?;
    let answer = ada.send(&page, &form).await?;
    let callback = answer
        .redirect()?
        .ok_or_else(|| format!("no redirect from the provider: {answer}"))?;
    let mut thief = world.browser();
    let stolen = world
        .short_of_upstream(thief.open(callback.as_str()))
        .await?;
    stolen.expect_refusal(400, "attempt-other-browser")?;
    world.is_nobody(&mut thief).await?;
    let first = ada.visit(callback.as_str()).await?;
    ensure!(
        !first.status.is_client_error(),
        "the callback itself: {first}"
    );
    let again = world
        .short_of_upstream(ada.visit(callback.as_str()))
        .await?;
    ensure!(again.status == 400, "the same callback again: {again}");
    Ok(())
}

async fn open_redirects(world: &World) -> Outcome {
    let targets = [
        "https://evil.example/",
        "//evil.example/",
        "/\\evil.example/",
        "/%09/evil.example",
        "/.//evil.example",
        "https:evil.example",
        "javascript:alert(1)",
    ];
    for target in targets {
        world.leads_home(target).await?;
    }
    Ok(())
}

/// At the provider's page, with an attempt open.
async fn at_provider(world: &World, browser: &mut Browser) -> Outcome<Page> {
    world
        .begin(browser, &world.url("contoso", NOTES), ADA)
        .await
}

async fn refused(world: &World, browser: &mut Browser, url: &str) -> Outcome {
    let answer = world
        .short_of_upstream(browser.fetch("GET", url, PROGRAM, ""))
        .await?;
    answer.expect_refusal(401, "sign-in-required")
}

fn cookie(host: &str, value: &str) -> Cookie {
    Cookie {
        host: host.to_owned(),
        name: SESSION.to_owned(),
        value: value.to_owned(),
        secure: true,
        http_only: true,
        same_site: SameSite::Lax,
    }
}
