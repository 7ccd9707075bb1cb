//! What administrators do through the management API, and what becomes of their guests: both invitation managers, the
//! integration switched on and off, groups, libraries, sites.

use http::{Method, StatusCode};
use serde_json::{Value, json};
use tests::api::{Answer, Api};
use tests::browser::Page;
use tests::overlay::Overlay;
use tests::people::accept;
use tests::world::{Options, World};
use tests::{Outcome, ensure, says};

const GUS: &str = "gus@contoso.example";
const MIA: &str = "mia@contoso.example";
const NEL: &str = "nel@fabrikam.example";
const BOB: &str = "bob@fabrikam.example";
const CONTOSO: &str = "contoso.localhost";
const PLAN: &str = "/sites/projects/Plan.docx";
const README: &str = "/sites/projects/readme.txt";
const TENANT: &str = "tenants/contoso.toml";
const INTEGRATION: &str = "sharing.EnableAzureADB2BIntegration";

async fn starting_with_integration(on: bool) -> Outcome<World> {
    World::start_with(Options::default(), |overlay, _| {
        overlay.set(TENANT, INTEGRATION, on);
        Ok(())
    })
    .await
}

async fn integration(world: &mut World, on: bool) -> Outcome {
    let switch = |overlay: &mut Overlay| {
        overlay.set(TENANT, INTEGRATION, on);
        Ok(())
    };
    world.reconfigure(switch).await
}

/// The directory entry of an address; null where there is none.
async fn entry(api: &Api, address: &str) -> Outcome<Value> {
    let wish = format!(
        "/v1.0/users?$filter=mail eq '{address}'&$select=id,mail,userType,externalUserState,creationType"
    );
    let found = api.get(&wish.replace(' ', "%20")).await?;
    Ok(found.pointer("/value/0").cloned().unwrap_or_default())
}

/// Refused by the rules, with the code that they have for it.
fn refused(answer: &Answer, code: &str) -> Outcome {
    let said = answer.body.pointer("/error/message");
    let said = said.and_then(Value::as_str).unwrap_or_default();
    ensure!(
        answer.status == StatusCode::FORBIDDEN && said.contains(code),
        "expected 403 ({code}), found {} {}",
        answer.status,
        answer.body
    );
    Ok(())
}

fn sharing(with: &str) -> Value {
    json!({
        "recipients": [{ "email": with }],
        "roles": ["read"],
        "requireSignIn": true,
        "sendInvitation": false,
    })
}

/// Comes in by a passcode that is mailed, consenting where that is asked.
async fn comes_by_passcode(world: &World, address: &str, path: &str) -> Outcome<Page> {
    let mut browser = world.browser();
    let page = browser.open(&world.url("contoso", path)).await?;
    let page = world
        .sign_in_by_passcode(&mut browser, &page, address)
        .await?;
    if page.offers("consent") {
        accept(&mut browser, &page).await
    } else {
        Ok(page)
    }
}

#[tokio::test]
async fn managed_mode_shares_with_guests_added_beforehand_only() -> Outcome {
    let world = World::start(Options::default()).await?;
    let api = world.api_for_operator("woodgrove", &[]).await?;
    let item = api.item("woodgrove.localhost", README).await?;
    let invite = format!("{}/invite", item.0);
    let stranger = api.call(Method::POST, &invite, Some(&sharing(NEL))).await?;
    refused(&stranger, "new-guests-not-allowed")?;
    let wish =
        json!({ "invitedUserEmailAddress": NEL, "inviteRedirectUrl": world.url("woodgrove", "/") });
    api.post("/v1.0/invitations", &wish).await?;
    api.share(&item, NEL, "read").await?;
    world
        .signed_in(NEL, &world.url("woodgrove", README))
        .await?;
    Ok(())
}

#[tokio::test]
async fn a_guest_comes_through_a_group_and_leaves_with_it() -> Outcome {
    let world = World::start(Options::default()).await?;
    let api = world.api_for_operator("contoso", &[]).await?;
    let wish =
        json!({ "invitedUserEmailAddress": NEL, "inviteRedirectUrl": world.url("contoso", "/") });
    api.post("/v1.0/invitations", &wish).await?;
    let inner =
        json!({ "id": "painters", "displayName": "Painters", "people": [NEL], "groups": [] });
    api.post("/vestibule/v1/groups", &inner).await?;
    let outer = json!({ "id": "artisans", "displayName": "Artisans", "people": [], "groups": ["painters"] });
    api.post("/vestibule/v1/groups", &outer).await?;
    let item = api.item(CONTOSO, PLAN).await?;
    let wish = json!({ "recipients": [{ "objectId": "artisans" }], "roles": ["read"], "requireSignIn": true });
    api.post(&format!("{}/invite", item.0), &wish).await?;
    let plan = world.url("contoso", PLAN);
    let mut browser = world.signed_in(NEL, &plan).await?;
    api.delete(&format!("/vestibule/v1/groups/painters/people/{NEL}"))
        .await?;
    let page = world.short_of_upstream(browser.open(&plan)).await?;
    page.expect_refusal(403, "permission-missing")
}

#[tokio::test]
async fn a_library_is_shared_with_all_that_is_in_it() -> Outcome {
    let world = World::start(Options::default()).await?;
    let api = world.api_for(GUS).await?;
    let folder = api.item(CONTOSO, "/sites/projects/Shared").await?;
    api.share(&folder, NEL, "write").await?;
    let notes = world.url("contoso", "/sites/projects/Shared/notes.txt");
    let mut browser = world.signed_in(NEL, &notes).await?;
    let page = browser.open(&world.url("contoso", PLAN)).await?;
    page.expect_refusal(403, "permission-missing")?;
    let site = api.item(CONTOSO, "/sites/projects").await?;
    api.share(&site, NEL, "read").await?;
    browser
        .open(&world.url("contoso", PLAN))
        .await?
        .expect(200)?;
    Ok(())
}

/// Sharing's own manager: nobody is in the directory before they redeem, and each site invites anew.
#[tokio::test]
async fn with_sharings_own_manager_each_site_invites_anew() -> Outcome {
    let world = starting_with_integration(false).await?;
    let api = world.api_for(GUS).await?;
    for path in ["/sites/projects", "/sites/dav"] {
        let site = api.item(CONTOSO, path).await?;
        api.share(&site, NEL, "read").await?;
    }
    ensure!(
        entry(&api, NEL).await?.is_null(),
        "in the directory before redemption"
    );
    let about = format!("/vestibule/v1/audit?person={NEL}&operation=SharingInvitationCreated");
    let made = api.get(&about).await?;
    let count = made["value"].as_array().map_or(0, Vec::len);
    ensure!(
        count == 2,
        "{count} invitations instead of one for each site: {made}"
    );
    world.signed_in(NEL, &world.url("contoso", README)).await?;
    let nel = entry(&api, NEL).await?;
    ensure!(says(&nel, "externalUserState") == "Accepted", "{nel}");
    Ok(())
}

/// The directory's manager: in the directory at once, and the same entry for every site.
#[tokio::test]
async fn with_the_directorys_manager_both_sites_take_the_same_entry() -> Outcome {
    let world = starting_with_integration(true).await?;
    let api = world.api_for(GUS).await?;
    let projects = api.item(CONTOSO, "/sites/projects").await?;
    api.share(&projects, NEL, "read").await?;
    let first = entry(&api, NEL).await?;
    ensure!(
        says(&first, "externalUserState") == "PendingAcceptance",
        "{first}"
    );
    let dav = api.item(CONTOSO, "/sites/dav").await?;
    api.share(&dav, NEL, "read").await?;
    let second = entry(&api, NEL).await?;
    ensure!(
        says(&first, "id") == says(&second, "id"),
        "{first} {second}"
    );
    world.signed_in(NEL, &world.url("contoso", README)).await?;
    let nel = entry(&api, NEL).await?;
    ensure!(says(&nel, "externalUserState") == "Accepted", "{nel}");
    ensure!(says(&nel, "id") == says(&first, "id"), "{nel}");
    Ok(())
}

/// Who was only shared a file with, the integration off, comes by sharing's own passcode and stays out of the directory.
#[tokio::test]
async fn an_ad_hoc_recipient_has_no_entry() -> Outcome {
    let world = starting_with_integration(false).await?;
    let api = world.api_for(GUS).await?;
    let item = api.item(CONTOSO, PLAN).await?;
    let pia = "pia@nowhere.example";
    api.share(&item, pia, "read").await?;
    let page = comes_by_passcode(&world, pia, PLAN).await?.expect(200)?;
    ensure!(page.url.path() == PLAN, "ended at {}", page.url);
    ensure!(entry(&api, pia).await?.is_null(), "there is an entry");
    Ok(())
}

/// A share from before the integration opens by making the guest, for whoever shared.
#[tokio::test]
async fn what_was_shared_before_the_integration_makes_a_guest_of_its_creator() -> Outcome {
    let mut world = starting_with_integration(false).await?;
    let api = world.api_for(MIA).await?;
    let item = api.item(CONTOSO, PLAN).await?;
    let wish = json!({ "type": "view", "scope": "users", "recipients": [{ "email": NEL }] });
    let (_, url) = api.link(&item, &wish).await?;
    integration(&mut world, true).await?;
    let mut browser = world.browser();
    let page = browser.open(&url).await?;
    let page = world.sign_in(&mut browser, &page, NEL).await?.expect(200)?;
    ensure!(page.url.path() == PLAN, "ended at {}", page.url);
    let nel = entry(&world.api_for(GUS).await?, NEL).await?;
    ensure!(says(&nel, "externalUserState") == "Accepted", "{nel}");
    Ok(())
}

#[tokio::test]
async fn and_not_where_its_creator_may_no_longer_share() -> Outcome {
    let mut world = starting_with_integration(false).await?;
    let api = world.api_for(MIA).await?;
    let item = api.item(CONTOSO, PLAN).await?;
    let wish = json!({ "type": "view", "scope": "users", "recipients": [{ "email": NEL }] });
    let (_, url) = api.link(&item, &wish).await?;
    world
        .reconfigure(|overlay| {
            overlay.set(TENANT, INTEGRATION, true);
            overlay.set(TENANT, "sites.projects.DisableSharingForNonOwners", true);
            Ok(())
        })
        .await?;
    let mut browser = world.browser();
    let page = browser.open(&url).await?;
    let page = world
        .short_of_upstream(world.authenticate(&mut browser, &page, NEL, NEL))
        .await?;
    page.expect_refusal(403, "reshare-required")?;
    ensure!(
        entry(&world.api_for(GUS).await?, NEL).await?.is_null(),
        "a guest was made"
    );
    Ok(())
}

#[tokio::test]
async fn and_not_where_its_creator_is_gone() -> Outcome {
    let mut world = starting_with_integration(false).await?;
    // Members are in the directory from their first sign-in on.
    world.signed_in(MIA, &world.url("contoso", PLAN)).await?;
    let api = world.api_for(MIA).await?;
    let item = api.item(CONTOSO, PLAN).await?;
    let wish = json!({ "type": "view", "scope": "users", "recipients": [{ "email": NEL }] });
    let (_, url) = api.link(&item, &wish).await?;
    let gus = world.api_for(GUS).await?;
    let mia = entry(&gus, MIA).await?;
    gus.delete(&format!("/v1.0/users/{}", says(&mia, "id")))
        .await?;
    integration(&mut world, true).await?;
    let mut browser = world.browser();
    let page = browser.open(&url).await?;
    let page = world
        .short_of_upstream(world.authenticate(&mut browser, &page, NEL, NEL))
        .await?;
    page.expect_refusal(403, "reshare-required")
}

/// What was shared while the integration was on must be shared again once it is off.
#[tokio::test]
async fn with_the_integration_off_again_it_must_be_shared_again() -> Outcome {
    let mut world = starting_with_integration(true).await?;
    let api = world.api_for(GUS).await?;
    let item = api.item(CONTOSO, PLAN).await?;
    let permission = api.share(&item, NEL, "read").await?;
    let plan = world.url("contoso", PLAN);
    let mut browser = world.signed_in(NEL, &plan).await?;
    integration(&mut world, false).await?;
    let page = world.short_of_upstream(browser.open(&plan)).await?;
    page.expect_refusal(403, "reshare-required")?;
    let api = world.api_for(GUS).await?;
    api.unshare(&item, &permission).await?;
    api.share(&item, NEL, "read").await?;
    browser.open(&plan).await?.expect(200)?;
    Ok(())
}

/// Redeemed by one, an invitation is nobody else's.
#[tokio::test]
async fn two_who_redeem_the_same_invitation_at_once_are_one_guest() -> Outcome {
    let world = World::start(Options::default()).await?;
    let api = world.api_for(GUS).await?;
    let item = api.item(CONTOSO, PLAN).await?;
    api.share(&item, NEL, "read").await?;
    let plan = world.url("contoso", PLAN);
    let mut both = [world.browser(), world.browser()];
    let mut pages = Vec::new();
    for browser in &mut both {
        let page = browser.open(&plan).await?;
        pages.push(world.authenticate(browser, &page, NEL, NEL).await?);
    }
    let [one, other] = &mut both;
    let (one, other) = match pages.as_slice() {
        [first, second] => tokio::join!(accept(one, first), accept(other, second)),
        _ => return Err("two browsers".into()),
    };
    one?.expect(200)?;
    other?.expect(200)?;
    let about = format!("/vestibule/v1/audit?person={NEL}&operation=SharingInvitationAccepted");
    let accepted = api.get(&about).await?;
    let count = accepted["value"].as_array().map_or(0, Vec::len);
    ensure!(count == 1, "accepted {count} times: {accepted}");
    Ok(())
}

/// Blocked, deleted and restored through the API, against what a file declares as well.
#[tokio::test]
async fn a_declared_guest_is_blocked_for_good_and_check_tells() -> Outcome {
    let mut world = World::start(Options::default()).await?;
    let notes = world.url("contoso", "/sites/projects/Shared/notes.txt");
    let mut browser = world.signed_in(BOB, &notes).await?;
    let api = world.api_for(GUS).await?;
    let bob = entry(&api, BOB).await?;
    let blocked = json!({ "accountEnabled": false });
    api.patch(&format!("/v1.0/users/{}", says(&bob, "id")), &blocked)
        .await?;
    let json = [("accept", "application/json")];
    let page = world
        .short_of_upstream(browser.fetch("GET", &notes, &json, ""))
        .await?;
    ensure!(page.status.is_client_error(), "{page}");
    world.gateway.stop_and_restart().await?;
    let mut again = world.browser();
    let page = again.open(&notes).await?;
    let page = world
        .short_of_upstream(world.authenticate(&mut again, &page, BOB, BOB))
        .await?;
    page.expect_refusal(403, "guest-blocked")?;
    let checked = world.gateway.call().run(&["check"]).await?;
    let said = String::from_utf8_lossy(&checked.stdout).into_owned();
    ensure!(said.contains(BOB), "`check` does not tell: {said}");
    Ok(())
}
