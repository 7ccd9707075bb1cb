//! What a sign-in must show beyond who somebody is.

use plugins_sdk::message::Event;

use super::browser::{Browser, Seen};
use super::world::World;
use crate::Endpoint;

const ADA: &str = "ada@fabrikam.example";

/// Types an address into a page that demands more, and comes back as `who`.
async fn demanding(browser: &mut Browser<'_>, demand: &str, who: &str) -> Seen {
    let page = browser.get(Endpoint::SignIn, demand).await;
    let mut fields: Vec<(String, String)> = url::form_urlencoded::parse(demand.as_bytes())
        .into_owned()
        .collect();
    for (name, value) in &fields {
        let field = format!("<input type=\"hidden\" name=\"{name}\" value=\"{value}\">");
        assert!(page.body.contains(&field), "{field}: {}", page.body);
    }
    fields.push(("address".to_owned(), ADA.to_owned()));
    let fields: Vec<(&str, &str)> = fields
        .iter()
        .map(|(n, v)| (n.as_str(), v.as_str()))
        .collect();
    let sent = browser
        .post(Endpoint::SignIn, &fields)
        .await
        .expect(303, "provider-asked");
    let state = sent.state();
    browser
        .come_back("work-school", &format!("code={who}&state={state}"))
        .await
}

#[tokio::test]
async fn a_provider_is_told_what_is_demanded() {
    let world = World::new().await;
    let mut browser = Browser::new(&world);
    demanding(&mut browser, "second_factor=1&context=c1", "ada-mfa")
        .await
        .expect(200, "consent-asked");
    let seen = world.providers["work-school"].seen.lock().unwrap().clone();
    let Event::Start {
        fresh,
        contexts,
        second_factor,
        ..
    } = &seen[0]
    else {
        panic!("{seen:?}")
    };
    assert_eq!((*fresh, *second_factor), (false, true));
    assert_eq!(contexts, &["c1"]);
}

#[tokio::test]
async fn what_was_demanded_and_is_not_shown_ends_the_sign_in() {
    let world = World::new().await;
    let check = async |demand: &str, who: &str, status: u16, code: &str| {
        let mut browser = Browser::new(&world);
        let seen = demanding(&mut browser, demand, who).await;
        let seen = seen.expect(status, code);
        if status == 403 {
            assert!(browser.session().is_none());
            let again = format!("/_vestibule/sign-in?return_to=%2F&#38;{demand}");
            assert!(seen.body.contains(&again), "{again}: {}", seen.body);
        }
    };
    check("second_factor=1", "ada", 403, "mfa-at-home-required").await;
    check("second_factor=1", "ada-mfa", 200, "consent-asked").await;
    check("context=C1", "ada", 403, "authentication-context-required").await;
    check(
        "context=C2",
        "ada-mfa",
        403,
        "authentication-context-required",
    )
    .await;
    check("context=C1", "ada-mfa", 200, "consent-asked").await;
    check("fresh=1", "ada~305", 403, "sign-in-again-required").await;
    check("fresh=1", "ada~300", 200, "consent-asked").await;
}

#[tokio::test]
async fn control_of_a_mailbox_is_no_second_factor() {
    let world = World::new().await;
    let mut browser = Browser::new(&world);
    // The scripted provider says that its codes are one.
    let asked = [("address", "pat@nowhere.example"), ("second_factor", "1")];
    let attempt = browser.post(Endpoint::SignIn, &asked).await.attempt();
    browser
        .enter_code(&attempt, "12345678")
        .await
        .expect(403, "mfa-at-home-required");
    assert!(browser.session().is_none());
}

#[tokio::test]
async fn a_session_that_is_there_outlives_a_demand_that_was_not_met() {
    let world = World::new().await;
    let mut browser = Browser::new(&world);
    browser
        .let_in_as(ADA, "work-school", "ada")
        .await
        .expect(303, "signed-in");
    let before = browser.session().unwrap();
    let page = browser.get(Endpoint::SignIn, "second_factor=1").await;
    assert!(
        page.body.contains(&format!("value=\"{ADA}\"")),
        "their own address is there already"
    );
    demanding(&mut browser, "second_factor=1", "ada")
        .await
        .expect(403, "mfa-at-home-required");
    assert_eq!(browser.session().unwrap().id, before.id);
    demanding(&mut browser, "second_factor=1", "ada-mfa")
        .await
        .expect(303, "signed-in");
    let after = browser.session().unwrap();
    assert_ne!(after.id, before.id);
    let shown = after.principal().person.unwrap();
    assert!(shown.assurance.mfa_at_home && !shown.assurance.mfa_here);
    assert!(shown.assurance.contexts.contains("C1"));
}

#[tokio::test]
async fn how_long_ago_somebody_authenticated_is_what_their_provider_said() {
    let world = World::new().await;
    let mut browser = Browser::new(&world);
    browser
        .let_in_as(ADA, "work-school", "ada~4000")
        .await
        .expect(303, "signed-in");
    let person = browser.session().unwrap().person.unwrap();
    assert_eq!(person.authenticated_at, browser.now.plus(-4000));
    assert_eq!(person.key.provider.as_str(), "work-school");
    browser.now = browser.now.plus(60);
    // Anew at another provider, as somebody else: the age is that one's.
    let mut other = Browser::new(&world);
    other.now = browser.now;
    let attempt = other.ask_code("pat@nowhere.example").await;
    let attempt = other.enter_code(&attempt, "12345678").await.attempt();
    let accepted = [("attempt", attempt.as_str()), ("consent", "accept")];
    other
        .post(Endpoint::SignIn, &accepted)
        .await
        .expect(303, "signed-in");
    let person = other.session().unwrap().person.unwrap();
    assert_eq!(person.authenticated_at, other.now);
}

#[tokio::test]
async fn what_is_no_context_is_not_asked_for() {
    let world = World::new().await;
    let mut browser = Browser::new(&world);
    for context in ["", "a%20b", "a%22b", "12345678901234567", "%C3%A9"] {
        let query = format!("context={context}");
        let page = browser.get(Endpoint::SignIn, &query).await;
        assert!(
            !page.body.contains("name=\"context\""),
            "{context}: {}",
            page.body
        );
    }
}
