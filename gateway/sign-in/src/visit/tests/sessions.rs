//! Sessions made, replaced and looping.

use gateway_core::id::LinkId;
use http::Method;

use super::browser::{Browser, with_form};
use super::world::{NOW, World, provider_id};
use crate::Endpoint;
use crate::session::{self, COOKIE, Session};

const MIA: &str = "mia@contoso.example";

/// Gives the browser a session of nobody that holds a link, as an Anyone link does.
fn show_link(world: &World, browser: &mut Browser<'_>) -> Session {
    let tenant = super::world::tenant_id("contoso");
    let mut session = Session::begin(tenant, NOW.plus(7200), NOW).unwrap();
    session.add_link(LinkId::parse("anyone").unwrap());
    let sealed = session::seal(&session, "contoso.localhost", &world.keys).unwrap();
    browser.cookies.insert(COOKIE.to_owned(), sealed);
    session
}

#[tokio::test]
async fn sec_052_a_sign_in_makes_a_new_session_and_kills_the_old() {
    let world = World::new().await;
    let mut browser = Browser::new(&world);
    let old = show_link(&world, &mut browser);
    let old_cookie = browser.cookies[COOKIE].clone();
    browser
        .sign_in_as(MIA, "work-school", "mia")
        .await
        .expect(303, "signed-in");
    let new = browser.session().unwrap();
    assert_ne!(new.id, old.id);
    assert_eq!(new.links, old.links, "the links it held are kept");
    browser.cookies.insert(COOKIE.to_owned(), old_cookie);
    assert!(browser.session().is_none(), "the old cookie is dead");
}

#[tokio::test]
async fn sec_052_also_when_the_answer_is_posted_without_the_old_cookie() {
    let world = World::new().await;
    let mut browser = Browser::new(&world);
    let old = show_link(&world, &mut browser);
    let state = browser.begin(MIA).await;
    // A foreign page's post brings no `SameSite=Lax` cookie.
    browser.cookies.remove(COOKIE);
    let callback = Endpoint::Callback(provider_id("work-school"));
    let posted = with_form(
        browser.visit(callback, Method::POST),
        &[("state", &state), ("code", "mia")],
    );
    browser.send(posted).await.expect(303, "signed-in");
    assert_eq!(browser.session().unwrap().links, old.links);
    assert!(world.directory.revocations().session_revoked(&old.id));
}

#[tokio::test]
async fn a_member_stays_longer_than_somebody_with_a_code() {
    let world = World::new().await;
    let mut browser = Browser::new(&world);
    browser
        .sign_in_as(MIA, "work-school", "mia")
        .await
        .expect(303, "signed-in");
    assert_eq!(browser.session().unwrap().expires, NOW.plus(48 * 3600));
}

#[tokio::test]
async fn a_browser_that_keeps_no_session_is_told_so_the_third_time() {
    let world = World::new().await;
    let mut browser = Browser::new(&world);
    for round in 0..3 {
        browser.now = NOW.plus(round);
        browser.cookies.remove(COOKIE);
        let seen = browser.sign_in_as(MIA, "work-school", "mia").await;
        if round < 2 {
            seen.expect(303, "signed-in");
        } else {
            let seen = seen.expect(200, "sign-in-loop");
            assert!(
                seen.body.contains("No cookie of this site came back."),
                "{}",
                seen.body
            );
            assert!(
                seen.body
                    .contains("href=\"/sites/projects/Plan.docx?web=1\""),
                "{}",
                seen.body
            );
        }
    }
}
