//! Sharing, over a directory in a file and documents that are played.

mod guards;

use gateway_core::address::EmailAddress;
use gateway_core::id::TenantId;
use gateway_core::person::InvitationManager;
use gateway_store::model::{AuditQuery, UserEntry};
use http::{Method, StatusCode};
use serde_json::{Value, json};

use crate::drives::tests::{MORE, drive, in_front_of, names, nils, over, world};
use crate::surroundings::InvitationLetter;
use crate::testing::{Answer, World};

const ALL: &str = "Files.ReadWrite.All Sites.ReadWrite.All";
const LEVEL: &str = "\n[sharing]\nSharingCapability = \"ExternalUserAndGuestSharing\"\n";

fn tenant() -> TenantId {
    TenantId::parse("contoso").unwrap()
}

async fn user(world: &World, address: &str) -> Option<UserEntry> {
    let address = EmailAddress::parse(address).unwrap();
    let directory = crate::surroundings::Surroundings::directory(&*world.gateway);
    directory
        .user_by_address(&tenant(), &address)
        .await
        .unwrap()
}

async fn operations(world: &World) -> Vec<String> {
    let directory = crate::surroundings::Surroundings::directory(&*world.gateway);
    let query = AuditQuery {
        limit: 100,
        ..AuditQuery::default()
    };
    let page = directory.audit(&tenant(), &query).await.unwrap();
    let name = |body: &Value| {
        let operation = body.get("operation").or_else(|| body.get("Operation"));
        operation
            .and_then(Value::as_str)
            .unwrap_or_default()
            .to_owned()
    };
    page.items.iter().map(|record| name(&record.body)).collect()
}

/// A drive with an item, and who shares it.
struct Case {
    world: World,
    mia: String,
    plan: String,
    root: String,
}

impl Case {
    async fn new(world: World) -> Self {
        let mia = world.person(ALL, &[]);
        let drive = drive(&world, &mia).await;
        Self {
            world,
            mia,
            plan: format!("/v1.0/drives/{drive}/root:/open/plan.txt:"),
            root: format!("/v1.0/drives/{drive}/root"),
        }
    }

    async fn post(&self, token: &str, path: &str, body: Value) -> Answer {
        self.world.call(Method::POST, path, token, Some(body)).await
    }

    async fn invite(&self, token: &str, body: Value) -> Answer {
        self.post(token, &format!("{}/invite", self.plan), body)
            .await
    }

    async fn link(&self, token: &str, body: Value) -> Answer {
        self.post(token, &format!("{}/createLink", self.plan), body)
            .await
    }

    async fn permissions(&self, token: &str) -> Answer {
        self.world
            .get(&format!("{}/permissions", self.plan), token)
            .await
    }

    async fn on(&self, method: Method, id: &str, token: &str, body: Option<Value>) -> Answer {
        let path = format!("{}/permissions/{id}", self.plan);
        self.world.call(method, &path, token, body).await
    }
}

fn to(address: &str) -> Value {
    json!({"recipients": [{"email": address}], "roles": ["read"]})
}

fn refused(answer: &Answer, inner: &str) {
    let got = (answer.status, answer.code(), answer.inner());
    assert_eq!(
        got,
        (StatusCode::FORBIDDEN, "accessDenied", inner),
        "{answer:?}"
    );
}

#[tokio::test]
async fn the_directorys_manager_makes_an_entry_at_once_and_takes_it_again() {
    let more = format!("{MORE}{LEVEL}EnableAzureADB2BIntegration = true\n");
    let case = Case::new(over(true, &more).await).await;
    let answer = case.invite(&case.mia, to("ada@fabrikam.example")).await;
    assert_eq!(answer.status, StatusCode::OK, "{answer:?}");
    let shown = &answer.body["value"][0];
    assert_eq!(shown["roles"], json!(["read"]));
    assert_eq!(shown["invitation"]["email"], "ada@fabrikam.example");
    assert_eq!(
        shown["grantedToV2"]["user"]["email"],
        "ada@fabrikam.example"
    );
    let entry = user(&case.world, "ada@fabrikam.example").await.unwrap();
    assert_eq!(entry.manager, InvitationManager::Directory);
    assert!(entry.has_entry());
    assert_eq!(entry.sponsor.unwrap().to_string(), "mia@contoso.example");
    // Asked twice, as an SDK does that saw no answer, it is one permission still.
    let again = case
        .invite(
            &case.mia,
            json!({"recipients": [{"objectId": entry.id.as_str()}], "roles": ["write"]}),
        )
        .await;
    assert_eq!(again.status, StatusCode::OK, "{again:?}");
    assert_eq!(again.body["value"][0]["id"], shown["id"]);
    assert_eq!(again.body["value"][0]["roles"], json!(["write"]));
    assert_eq!(
        user(&case.world, "ada@fabrikam.example").await.unwrap().id,
        entry.id
    );
    assert_eq!(
        again.body["value"][0]["grantedToV2"]["user"]["id"],
        entry.id.as_str()
    );
}

#[tokio::test]
async fn sharings_own_manager_makes_no_entry_before_redemption() {
    let case = Case::new(world().await).await;
    let answer = case.invite(&case.mia, to("ada@fabrikam.example")).await;
    assert_eq!(answer.status, StatusCode::OK, "{answer:?}");
    let entry = user(&case.world, "ada@fabrikam.example").await.unwrap();
    assert_eq!(entry.manager, InvitationManager::Sharing);
    assert!(!entry.has_entry());
    assert!(
        answer.body["value"][0]["grantedToV2"]["user"]
            .get("id")
            .is_none()
    );
    // A site is shared by an invitation of its own, each time.
    for wanted in 1..=2 {
        let site = case
            .post(
                &case.mia,
                &format!("{}/invite", case.root),
                to("ada@fabrikam.example"),
            )
            .await;
        assert_eq!(site.status, StatusCode::OK, "{site:?}");
        let directory = crate::surroundings::Surroundings::directory(&*case.world.gateway);
        let made = directory.invitations(&tenant(), &entry.id).await.unwrap();
        assert_eq!(made.len(), wanted);
    }
    let told = operations(&case.world).await;
    assert!(
        told.iter().any(|name| name == "SharingInvitationCreated"),
        "{told:?}"
    );
}

#[tokio::test]
async fn who_may_not_share_does_not() {
    let case = Case::new(world().await).await;
    let answer = case.invite(&nils(ALL), to("ada@fabrikam.example")).await;
    refused(&answer, "sharerNotAllowed");
    assert!(user(&case.world, "ada@fabrikam.example").await.is_none());
    let answer = case
        .invite(
            &case.world.person("Files.Read.All", &[]),
            to("ada@fabrikam.example"),
        )
        .await;
    refused(&answer, "");
    // Files have no owners.
    let owner = json!({"recipients": [{"email": "ada@fabrikam.example"}], "roles": ["owner"]});
    let answer = case.invite(&case.mia, owner).await;
    assert_eq!(
        (answer.status, answer.code()),
        (StatusCode::BAD_REQUEST, "invalidRequest")
    );
}

#[tokio::test]
async fn what_the_settings_forbid_is_refused_with_its_code() {
    let check = async |setting: &str, body: Value, link: bool, inner: &str| {
        let level = match setting.starts_with("SharingCapability") {
            true => "\n[sharing]\n",
            false => LEVEL,
        };
        let more = format!("{MORE}{level}{setting}\n");
        let case = Case::new(over(true, &more).await).await;
        let answer = match link {
            true => case.link(&case.mia, body).await,
            false => case.invite(&case.mia, body).await,
        };
        refused(&answer, inner);
        assert!(user(&case.world, "ada@fabrikam.example").await.is_none());
        case
    };
    let ada = || to("ada@fabrikam.example");
    let anyone = || json!({"type": "view", "scope": "anonymous"});
    check(
        "SharingCapability = \"Disabled\"",
        ada(),
        false,
        "sharingDisabled",
    )
    .await;
    check(
        "SharingCapability = \"ExistingExternalUserSharingOnly\"",
        ada(),
        false,
        "sharingDisabled",
    )
    .await;
    check(
        "SharingCapability = \"ExternalUserSharingOnly\"",
        anyone(),
        true,
        "anonymousLinksDisabled",
    )
    .await;
    let blocked = "SharingDomainRestrictionMode = \"BlockList\"\nSharingBlockedDomainList = [\"fabrikam.example\"]";
    let case = check(blocked, ada(), false, "domainNotAllowed").await;
    assert_eq!(operations(&case.world).await, ["SharingInvitationBlocked"]);
}

#[tokio::test]
async fn applications_bring_in_nobody_new() {
    let case = Case::new(world().await).await;
    let app = case.world.application(&["Files.ReadWrite.All"]);
    let answer = case.invite(&app, to("ada@fabrikam.example")).await;
    refused(&answer, "newGuestsNotAllowed");
    assert!(user(&case.world, "ada@fabrikam.example").await.is_none());
    let known = case.invite(&app, to("dora@fabrikam.example")).await;
    assert_eq!(known.status, StatusCode::OK, "{known:?}");
    let operator = case.world.operator("Files.ReadWrite.All");
    assert_eq!(
        case.invite(&operator, to("ada@fabrikam.example"))
            .await
            .status,
        StatusCode::OK
    );
}

#[tokio::test]
async fn agents_that_the_tenant_lists_share_with_nobody_outside() {
    let check = async |listed: &str, inner: Option<&str>| {
        let more = format!("{MORE}{LEVEL}RestrictExternalSharing = [\"{listed}\"]\n");
        let case = Case::new(over(true, &more).await).await;
        let app = case.world.application(&["Files.ReadWrite.All"]);
        let answer = case.invite(&app, to("dora@fabrikam.example")).await;
        match inner {
            Some(inner) => refused(&answer, inner),
            None => assert_eq!(answer.status, StatusCode::OK, "{answer:?}"),
        }
        // With the organisation's own people it does.
        let inside = case.invite(&app, to("nils@contoso.example")).await;
        assert_eq!(inside.status, StatusCode::OK, "{inside:?}");
        // Whoever works with it is no agent.
        let person = case.invite(&case.mia, to("dora@fabrikam.example")).await;
        assert_eq!(person.status, StatusCode::OK, "{person:?}");
    };
    let not = Some("agentsNotAllowed");
    check("44444444-4444-4444-8444-444444444444", not).await;
    check("33333333-3333-4333-8333-333333333333", not).await;
    check("55555555-5555-4555-8555-555555555555", None).await;
}

/// The letter to somebody new whom that tenant invites: to a site, or to a document.
async fn letter(settings: &str, site: bool) -> InvitationLetter {
    let more = format!("{MORE}{LEVEL}{settings}\n");
    let world = in_front_of(World::mailing(&more).await, true);
    let case = Case::new(world).await;
    let mut body = to("ada@fabrikam.example");
    body["sendInvitation"] = json!(true);
    let place = if site { &case.root } else { &case.plan };
    let path = format!("{place}/invite");
    let answer = case.post(&case.mia, &path, body).await;
    assert_eq!(answer.status, StatusCode::OK, "{answer:?}");
    let mut letters = std::mem::take(&mut *case.world.gateway.letters.lock().unwrap());
    assert_eq!(letters.len(), 1);
    letters.remove(0)
}

#[tokio::test]
async fn the_letter_is_of_the_manager_that_invites() {
    const ON: &str = "EnableAzureADB2BIntegration = true";
    const MATCH: &str = "RequireAcceptingAccountMatchInvitedAccount = true";
    let check = async |settings: &str, site: bool, want: (InvitationManager, bool, bool)| {
        let letter = letter(settings, site).await;
        let to_invitation = letter.url.contains("/_vestibule/invitation/");
        let got = (letter.manager, letter.for_others, to_invitation);
        assert_eq!(got, (Some(want.0), want.1, want.2), "{settings} {site}");
    };
    check("", true, (InvitationManager::Sharing, true, true)).await;
    check(MATCH, true, (InvitationManager::Sharing, false, true)).await;
    check("", false, (InvitationManager::Sharing, false, false)).await;
    check(ON, true, (InvitationManager::Directory, false, false)).await;
    check(ON, false, (InvitationManager::Directory, false, false)).await;
}

#[tokio::test]
async fn letters_go_out_where_they_are_asked_for() {
    let case = Case::new(world().await).await;
    let mut body = to("dora@fabrikam.example");
    body["sendInvitation"] = json!(true);
    body["message"] = json!("Have a look.");
    let answer = case.invite(&case.mia, body.clone()).await;
    let letters = std::mem::take(&mut *case.world.gateway.letters.lock().unwrap());
    match answer.status {
        StatusCode::OK => {
            assert_eq!(letters.len(), 1);
            assert_eq!(letters[0].item.as_deref(), Some("plan.txt"));
            assert_eq!(letters[0].message.as_deref(), Some("Have a look."));
        }
        // This gateway sends no mail: the grant is made, and what failed is said.
        StatusCode::MULTI_STATUS => {
            assert_eq!(
                answer.body["value"][0]["error"]["innererror"]["code"],
                "exchangeInvalidUser"
            );
            assert!(answer.body["value"][0]["id"].is_string());
        }
        other => panic!("{other}: {answer:?}"),
    }
    // A group has no mailbox: the grant is made, and what failed is said.
    body["recipients"] = json!([{"objectId": "staff"}]);
    let answer = case.invite(&case.mia, body).await;
    assert_eq!(answer.status, StatusCode::MULTI_STATUS, "{answer:?}");
    assert_eq!(
        answer.body["value"][0]["grantedToV2"]["group"]["id"],
        "staff"
    );
    let unknown = case
        .invite(&case.mia, json!({"recipients": [{"objectId": "nobody"}]}))
        .await;
    assert_eq!(
        (unknown.status, unknown.inner()),
        (StatusCode::BAD_REQUEST, "invalidRecipient")
    );
}

#[tokio::test]
async fn a_link_is_made_once_and_its_token_is_kept_as_a_hash() {
    let case = Case::new(world().await).await;
    let body = || json!({"type": "view", "scope": "anonymous", "retainInheritedPermissions": false, "sendNotification": false});
    let made = case.link(&case.mia, body()).await;
    assert_eq!(made.status, StatusCode::CREATED, "{made:?}");
    let url = made.body["link"]["webUrl"].as_str().unwrap();
    let token = url
        .strip_prefix("https://contoso.example/_vestibule/s/")
        .unwrap();
    assert!(token.len() >= 22);
    assert_eq!(made.body["roles"], json!(["read"]));
    assert_eq!(made.body["shareId"], super::token::share_id(url));
    let again = case.link(&case.mia, body()).await;
    assert_eq!(again.status, StatusCode::OK);
    assert_eq!(
        (&again.body["id"], &again.body["link"]["webUrl"]),
        (&made.body["id"], &made.body["link"]["webUrl"])
    );
    let edit = case
        .link(&case.mia, json!({"type": "edit", "scope": "anonymous"}))
        .await;
    assert_eq!(edit.status, StatusCode::CREATED);
    let directory = crate::surroundings::Surroundings::directory(&*case.world.gateway);
    let found = directory
        .link_by_token(&tenant(), &super::token::hash(token))
        .await
        .unwrap()
        .unwrap();
    assert_eq!(found.link.id.as_str(), made.body["id"].as_str().unwrap());
    assert!(!format!("{found:?}").contains(token));
    assert_eq!(
        operations(&case.world).await,
        ["AnonymousLinkCreated", "AnonymousLinkCreated"]
    );
    // Whoever may not make links is not shown their tokens, and sees nothing of those that are not theirs.
    let listed = case.permissions(&nils("Files.Read.All")).await;
    assert_eq!(listed.status, StatusCode::OK, "{listed:?}");
    assert_eq!(names(&listed.body["value"]), ["nils"]);
    assert!(!listed.body.to_string().contains(token));
    let one = case
        .on(
            Method::GET,
            found.link.id.as_str(),
            &nils("Files.Read.All"),
            None,
        )
        .await;
    assert_eq!(one.status, StatusCode::NOT_FOUND);
    let all = case.permissions(&case.mia).await;
    assert_eq!(all.body["value"].as_array().unwrap().len(), 4, "{all:?}");
}

#[tokio::test]
async fn a_link_lives_no_longer_than_links_may() {
    let more = format!("{MORE}{LEVEL}RequireAnonymousLinksExpireInDays = 10\n");
    let case = Case::new(over(true, &more).await).await;
    let made = case.link(&case.mia, json!({"type": "view", "scope": "anonymous", "expirationDateTime": "2030-01-01T00:00:00Z"})).await;
    assert_eq!(made.status, StatusCode::CREATED, "{made:?}");
    let id = made.body["id"].as_str().unwrap();
    let most = "2027-01-25T08:00:00Z";
    assert_eq!(made.body["expirationDateTime"], most);
    let longer = case
        .on(
            Method::PATCH,
            id,
            &case.mia,
            Some(json!({"expirationDateTime": "2031-01-01T00:00:00+00:00"})),
        )
        .await;
    assert_eq!(longer.body["expirationDateTime"], most, "{longer:?}");
    let shorter = case
        .on(
            Method::PATCH,
            id,
            &case.mia,
            Some(json!({"expirationDateTime": "2027-01-20T08:00:00.000Z"})),
        )
        .await;
    assert_eq!(shorter.body["expirationDateTime"], "2027-01-20T08:00:00Z");
    let roles = case
        .on(
            Method::PATCH,
            id,
            &case.mia,
            Some(json!({"roles": ["write"]})),
        )
        .await;
    assert_eq!(roles.status, StatusCode::BAD_REQUEST);
    // Scopes other than that for anyone are not changed at all.
    let own = case
        .link(&case.mia, json!({"type": "view", "scope": "organization"}))
        .await;
    let own = own.body["id"].as_str().unwrap();
    let answer = case
        .on(
            Method::PATCH,
            own,
            &case.mia,
            Some(json!({"expirationDateTime": "2027-01-20T08:00:00Z"})),
        )
        .await;
    assert_eq!(
        (answer.status, answer.code()),
        (StatusCode::BAD_REQUEST, "invalidRequest")
    );
}

#[tokio::test]
async fn permissions_are_changed_and_taken_away_where_they_were_granted() {
    let case = Case::new(world().await).await;
    let made = case.invite(&case.mia, to("dora@fabrikam.example")).await;
    let id = made.body["value"][0]["id"].as_str().unwrap().to_owned();
    let wider = case
        .on(
            Method::PATCH,
            &id,
            &case.mia,
            Some(json!({"roles": ["write"]})),
        )
        .await;
    assert_eq!(
        (wider.status, &wider.body["roles"]),
        (StatusCode::OK, &json!(["write"])),
        "{wider:?}"
    );
    // What is somebody else's is not there for whoever may not share.
    for method in [Method::PATCH, Method::DELETE, Method::GET] {
        let body = Some(json!({"roles": ["write"]}));
        let answer = case.on(method, &id, &nils(ALL), body).await;
        assert_eq!(answer.status, StatusCode::NOT_FOUND, "{answer:?}");
    }
    let stale = http::Request::builder()
        .method(Method::DELETE)
        .uri(format!("{}/permissions/{id}", case.plan))
        .header("if-match", "\"other\"")
        .header("authorization", format!("Bearer {}", case.mia));
    let stale = case
        .world
        .send(stale.body(bytes::Bytes::new()).unwrap())
        .await;
    assert_eq!(stale.status, StatusCode::PRECONDITION_FAILED);
    let gone = case.on(Method::DELETE, &id, &case.mia, None).await;
    assert_eq!(gone.status, StatusCode::NO_CONTENT, "{gone:?}");
    assert_eq!(
        case.on(Method::GET, &id, &case.mia, None).await.status,
        StatusCode::NOT_FOUND
    );
}

#[tokio::test]
async fn revoking_a_link_ends_it_and_what_came_through_it() {
    let case = Case::new(world().await).await;
    let made = case
        .link(&case.mia, json!({"type": "edit", "scope": "organization"}))
        .await;
    assert_eq!(made.status, StatusCode::CREATED, "{made:?}");
    let share = made.body["shareId"].as_str().unwrap().to_owned();
    let item = format!("/v1.0/shares/{share}/driveItem");
    // Olga has nothing but the link.
    let mut claims = crate::testing::person(ALL);
    claims["oid"] = json!("66666666-6666-4666-8666-666666666666");
    claims["preferred_username"] = json!("olga@contoso.example");
    let olga = crate::testing::token(&claims);
    refused(&case.world.get(&item, &olga).await, "permissionMissing");
    let prefer = async |preference: &str| {
        let request = http::Request::builder()
            .uri(&item)
            .header("prefer", preference)
            .header("authorization", format!("Bearer {olga}"));
        case.world
            .send(request.body(bytes::Bytes::new()).unwrap())
            .await
    };
    assert_eq!(
        prefer("redeemSharingLinkIfNecessary").await.status,
        StatusCode::OK
    );
    refused(&case.world.get(&item, &olga).await, "permissionMissing");
    assert_eq!(prefer("redeemSharingLink").await.status, StatusCode::OK);
    assert_eq!(case.world.get(&item, &olga).await.status, StatusCode::OK);
    let id = made.body["id"].as_str().unwrap();
    let gone = case.on(Method::DELETE, id, &case.mia, None).await;
    assert_eq!((gone.status, gone.bytes.len()), (StatusCode::NO_CONTENT, 0));
    assert_eq!(
        case.world.get(&item, &olga).await.status,
        StatusCode::NOT_FOUND
    );
    assert_eq!(
        prefer("redeemSharingLink").await.status,
        StatusCode::NOT_FOUND
    );
    let direct = case.world.get(&case.plan, &olga).await;
    refused(&direct, "permissionMissing");
    assert!(
        operations(&case.world)
            .await
            .contains(&"CompanyLinkRemoved".to_owned())
    );
}

#[tokio::test]
async fn people_are_put_on_a_link_and_taken_off() {
    let case = Case::new(world().await).await;
    let made = case.link(&case.mia, json!({"type": "view", "scope": "users", "recipients": [{"email": "dora@fabrikam.example"}]})).await;
    assert_eq!(made.status, StatusCode::CREATED, "{made:?}");
    let id = made.body["id"].as_str().unwrap();
    let action = |name: &str| format!("{}/permissions/{id}/{name}", case.plan);
    let wrong = json!({"recipients": [{"email": "ada@fabrikam.example"}], "roles": ["write"]});
    assert_eq!(
        case.post(&case.mia, &action("grant"), wrong).await.status,
        StatusCode::BAD_REQUEST
    );
    let granted = case
        .post(&case.mia, &action("grant"), to("ada@fabrikam.example"))
        .await;
    assert_eq!(granted.status, StatusCode::OK, "{granted:?}");
    let people = granted.body["value"][0]["grantedToIdentitiesV2"]
        .as_array()
        .unwrap();
    assert_eq!(people.len(), 2);
    let off = json!({"grantees": [{"email": "dora@fabrikam.example"}]});
    let revoked = case
        .post(&case.mia, &action("revokeGrants"), off.clone())
        .await;
    let left = revoked.body["grantedToIdentitiesV2"].as_array().unwrap();
    assert_eq!(
        (left.len(), &left[0]["user"]["email"]),
        (1, &json!("ada@fabrikam.example")),
        "{revoked:?}"
    );
    refused(
        &case.post(&nils(ALL), &action("revokeGrants"), off).await,
        "sharerNotAllowed",
    );
    let existing = case
        .link(
            &case.mia,
            json!({"type": "view", "scope": "existingAccess"}),
        )
        .await;
    assert_eq!(existing.body["id"], super::shape::EXISTING_ACCESS);
    assert_eq!(
        existing.body["link"]["webUrl"],
        "https://contoso.example/sites/projects/open/plan.txt"
    );
}

#[tokio::test]
async fn what_is_declared_is_revoked_and_not_changed() {
    let case = Case::new(world().await).await;
    let folder = case.plan.replace("/plan.txt:", ":");
    let path = format!("{folder}/permissions/nils");
    let patched = case
        .world
        .call(
            Method::PATCH,
            &path,
            &case.mia,
            Some(json!({"roles": ["write"]})),
        )
        .await;
    assert_eq!(
        (patched.status, patched.inner()),
        (StatusCode::CONFLICT, "managedByConfiguration"),
        "{patched:?}"
    );
    // From below it is inherited, and stays.
    let inherited = case.on(Method::DELETE, "nils", &case.mia, None).await;
    assert_eq!(
        (inherited.status, inherited.inner()),
        (StatusCode::BAD_REQUEST, "inheritedPermission")
    );
    let shown = case.on(Method::GET, "nils", &case.mia, None).await;
    assert!(
        shown.body["inheritedFrom"]["path"]
            .as_str()
            .unwrap()
            .ends_with("/root:/open"),
        "{shown:?}"
    );
    let gone = case
        .world
        .call(Method::DELETE, &path, &case.mia, None)
        .await;
    assert_eq!(gone.status, StatusCode::NO_CONTENT, "{gone:?}");
    refused(
        &case.world.get(&case.plan, &nils("Files.Read")).await,
        "permissionMissing",
    );
}

#[tokio::test]
async fn sec_171_shares_that_are_none_lead_nowhere_alike() {
    let case = Case::new(world().await).await;
    for token in [
        super::token::share_id("https://contoso.example/_vestibule/s/unknown"),
        super::token::share_id("https://other.example/sites/projects"),
        super::token::share_id("https://contoso.example/nowhere"),
        "u!AAAA".to_owned(),
        "s!x".to_owned(),
    ] {
        let answer = case
            .world
            .get(&format!("/v1.0/shares/{token}/driveItem"), &case.mia)
            .await;
        assert_eq!(
            (answer.status, answer.code()),
            (StatusCode::NOT_FOUND, "itemNotFound"),
            "{token}"
        );
    }
    let own = super::token::share_id("https://contoso.example/sites/projects/open/plan.txt");
    let item = case
        .world
        .get(&format!("/v1.0/shares/{own}"), &case.mia)
        .await;
    assert_eq!(
        (item.status, &item.body["name"]),
        (StatusCode::OK, &json!("plan.txt")),
        "{item:?}"
    );
}

#[tokio::test]
async fn nobody_is_stamped_for_longer_by_being_asked_again() {
    let more = format!(
        "{MORE}{LEVEL}ExternalUserExpirationRequired = true\nExternalUserExpireInDays = 30\n"
    );
    let case = Case::new(over(true, &more).await).await;
    case.invite(&case.mia, to("ada@fabrikam.example")).await;
    let first = user(&case.world, "ada@fabrikam.example")
        .await
        .unwrap()
        .expires;
    assert_eq!(first.len(), 1);
    case.world.wait(600);
    let again = case
        .invite(&case.world.person(ALL, &[]), to("ada@fabrikam.example"))
        .await;
    assert_eq!(again.status, StatusCode::OK, "{again:?}");
    assert_eq!(
        user(&case.world, "ada@fabrikam.example")
            .await
            .unwrap()
            .expires,
        first
    );
}

#[tokio::test]
async fn a_link_that_others_see_keeps_its_token_from_them() {
    let case = Case::new(world().await).await;
    let body = json!({"type": "view", "scope": "organization"});
    let made = case.link(&case.mia, body).await;
    let id = made.body["id"].as_str().unwrap();
    assert!(made.body["link"]["webUrl"].is_string());
    let seen = case
        .on(Method::GET, id, &nils("Files.Read.All"), None)
        .await;
    assert_eq!(seen.status, StatusCode::OK, "{seen:?}");
    assert!(seen.body["link"].get("webUrl").is_none(), "{seen:?}");
    assert!(seen.body.get("shareId").is_none());
    let owner = case.on(Method::GET, id, &case.mia, None).await;
    assert_eq!(owner.body["link"]["webUrl"], made.body["link"]["webUrl"]);
}
