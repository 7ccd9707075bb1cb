//! The authorization-code flow and its refusals.

use idp_mocks::{Organisation, Person, Service};
use serde_json::{Value, json};

use crate::client::{Reply, get, mocks, post_form, post_json};
use crate::oidc::{NONCE, Provider, callback_of, field};

const FABRIKAM: &str = "33333333-3333-4333-8333-333333333333";
const CONSUMERS: &str = "9188040d-6c67-4c5b-b112-36a304b66dad";

#[tokio::test]
async fn a_work_account_signs_in_at_organizations_with_a_verified_address() {
    let mocks = mocks().await;
    let origin = &mocks.urls().entra_worldwide.origin;
    let provider = Provider::discover(&mocks.urls().entra_worldwide.organizations).await;
    assert_eq!(
        provider.document["issuer"],
        format!("{origin}/{{tenantid}}/v2.0")
    );
    assert_eq!(
        provider.document["cloud_instance_name"],
        "microsoftonline.com"
    );
    assert_eq!(provider.document["msgraph_host"], "graph.microsoft.com");
    assert!(
        provider
            .document
            .get("code_challenge_methods_supported")
            .is_none()
    );

    let callback = provider.callback("ada@fabrikam.example").await;
    assert_eq!(field(&callback, "state"), "a state");
    let token = provider.sign_in("ada@fabrikam.example").await;
    assert_eq!(token.claims["iss"], format!("{origin}/{FABRIKAM}/v2.0"));
    assert_eq!(token.claims["tid"], FABRIKAM);
    assert_eq!(token.claims["aud"], "vestibule");
    assert_eq!(token.claims["nonce"], NONCE);
    assert_eq!(token.claims["ver"], "2.0");
    assert_eq!(token.claims["email"], "ada@fabrikam.example");
    assert_eq!(token.claims["xms_edov"], true);
    let key = provider
        .key_of(&token)
        .await
        .expect("signed with a published key");
    assert_eq!(key["issuer"], format!("{origin}/{{tenantid}}/v2.0"));
}

#[tokio::test]
async fn an_address_of_another_domain_is_not_vouched_for() {
    let mocks = mocks().await;
    let provider = Provider::discover(&mocks.urls().entra_worldwide.organizations).await;
    let token = provider.sign_in("eve@mallory.example").await;
    assert_eq!(token.claims["email"], "ada@fabrikam.example");
    assert_eq!(token.claims.get("xms_edov"), None);
    assert_ne!(token.claims["tid"], FABRIKAM);
}

#[tokio::test]
async fn a_microsoft_account_has_its_own_tenant_and_key() {
    let mocks = mocks().await;
    let urls = &mocks.urls().entra_worldwide;
    let common = Provider::discover(&format!("{}/common/v2.0", urls.origin)).await;
    let consumers = Provider::discover(urls.consumers.as_ref().unwrap()).await;
    assert_eq!(
        &consumers.url("issuer"),
        urls.consumers_issuer.as_ref().unwrap()
    );
    for provider in [common, consumers] {
        let token = provider.sign_in("oli@outlook.com").await;
        assert_eq!(token.claims["tid"], CONSUMERS);
        let key = provider
            .key_of(&token)
            .await
            .expect("signed with a published key");
        assert_eq!(&key["issuer"], urls.consumers_issuer.as_ref().unwrap());
    }
}

#[tokio::test]
async fn each_cloud_knows_its_own_tenants_and_the_worldwide_one_points_to_the_government() {
    let mocks = mocks().await;
    let urls = mocks.urls();
    let (worldwide, usgov, china) = (
        &urls.entra_worldwide.origin,
        &urls.entra_usgov.origin,
        &urls.entra_china.origin,
    );
    let there = Provider::discover(&format!("{usgov}/agency.example/v2.0")).await;
    let from_afar = Provider::discover(&format!("{worldwide}/agency.example/v2.0")).await;
    assert_eq!(there.document, from_afar.document);
    assert_eq!(there.document["tenant_region_scope"], "USGov");
    assert_eq!(there.document["tenant_region_sub_scope"], "DODCON");
    assert_eq!(there.document["cloud_instance_name"], "microsoftonline.us");
    assert!(there.url("issuer").starts_with(usgov));
    assert_eq!(
        there.sign_in("sam@agency.example").await.claims["name"],
        "Sam"
    );
    let lanhua = Provider::discover(&format!("{china}/lanhua.example/v2.0")).await;
    assert_eq!(
        lanhua.document["cloud_instance_name"],
        "partner.microsoftonline.cn"
    );
    for nobody in [
        format!("{worldwide}/lanhua.example"),
        format!("{china}/fabrikam.example"),
        format!("{usgov}/consumers"),
        format!("{usgov}/{CONSUMERS}"),
    ] {
        let reply = get(&format!("{nobody}/v2.0/.well-known/openid-configuration")).await;
        assert_eq!(
            (reply.status.as_u16(), &reply.json()["error"]),
            (400, &json!("invalid_tenant"))
        );
    }
}

#[tokio::test]
async fn google_names_its_issuer_in_the_callback_and_the_workspace_in_the_token() {
    let mocks = mocks().await;
    let google = &mocks.urls().google;
    let provider = Provider::discover(&google.origin).await;
    assert_eq!(
        provider.document["authorization_response_iss_parameter_supported"],
        true
    );
    assert!(provider.document.get("end_session_endpoint").is_none());
    let callback = provider.callback("gina@gmail.com").await;
    assert_eq!(field(&callback, "iss"), google.issuer);
    let gina = provider.sign_in("gina@gmail.com").await;
    assert_eq!(gina.claims["iss"], google.issuer);
    assert_eq!(gina.claims["email_verified"], true);
    assert_eq!(gina.claims.get("hd"), None);
    assert!(provider.key_of(&gina).await.is_some());
    let kit = provider.sign_in("kit@workspace.example").await;
    assert_eq!(kit.claims["hd"], "workspace.example");
}

#[tokio::test]
async fn a_code_is_good_once_and_only_for_the_one_who_began() {
    let mocks = mocks().await;
    let provider = Provider::discover(&mocks.urls().entra_worldwide.organizations).await;
    let refused = |reply: &Reply, error: &str| {
        assert_eq!(reply.json()["error"], error, "{}", reply.text());
        assert!(reply.status.is_client_error());
    };
    let code = || async {
        let callback = provider.callback("ada@fabrikam.example").await;
        field(&callback, "code").to_owned()
    };
    let used = code().await;
    assert_eq!(provider.redeem(&used, &[]).await.status, 200);
    refused(&provider.redeem(&used, &[]).await, "invalid_grant");
    for (changes, error) in [
        (("code_verifier", "another-verifier"), "invalid_grant"),
        (("code_verifier", ""), "invalid_grant"),
        (
            (
                "redirect_uri",
                "https://contoso.localhost:8443/_vestibule/callback/b",
            ),
            "invalid_grant",
        ),
        (("client_secret", "guessed"), "invalid_client"),
        (("client_id", "somebody"), "invalid_client"),
        (("grant_type", "refresh_token"), "unsupported_grant_type"),
    ] {
        refused(&provider.redeem(&code().await, &[changes]).await, error);
    }
    let elsewhere = Provider::discover(&mocks.urls().google.origin).await;
    refused(&elsewhere.redeem(&code().await, &[]).await, "invalid_grant");
    let other_tenant = format!(
        "{}/contoso.example/v2.0",
        mocks.urls().entra_worldwide.origin
    );
    let other_tenant = Provider::discover(&other_tenant).await;
    refused(
        &other_tenant.redeem(&code().await, &[]).await,
        "invalid_grant",
    );
}

#[tokio::test]
async fn an_unknown_client_or_address_gets_a_page_and_never_a_redirect() {
    let mocks = mocks().await;
    let provider = Provider::discover(&mocks.urls().google.origin).await;
    for change in [
        ("client_id", Some("somebody")),
        ("client_id", None),
        (
            "redirect_uri",
            Some("https://evil.example/_vestibule/callback/test"),
        ),
        ("redirect_uri", None),
        ("response_mode", Some("fragment")),
    ] {
        let reply = get(&provider.authorize_url(&[change])).await;
        assert_eq!(reply.status, 400, "{change:?}");
        assert_eq!(reply.header("location"), "");
    }
}

#[tokio::test]
async fn what_is_wrong_otherwise_goes_back_to_the_client() {
    let mocks = mocks().await;
    let provider = Provider::discover(&mocks.urls().entra_china.organizations).await;
    for (change, error) in [
        (
            ("response_type", Some("id_token")),
            "unsupported_response_type",
        ),
        (("scope", Some("profile")), "invalid_scope"),
        (("nonce", None), "invalid_request"),
        (("code_challenge", None), "invalid_request"),
        (("code_challenge", Some("short")), "invalid_request"),
        (("code_challenge_method", Some("plain")), "invalid_request"),
        (("code_challenge_method", None), "invalid_request"),
        (("prompt", Some("none")), "login_required"),
    ] {
        let callback = callback_of(&get(&provider.authorize_url(&[change])).await);
        assert_eq!(field(&callback, "error"), error, "{change:?}");
        assert_eq!(field(&callback, "state"), "a state");
    }
    let reply = post_form(&provider.authorize_url(&[]), &[("cancel", "1")]).await;
    assert_eq!(field(&callback_of(&reply), "error"), "access_denied");
}

#[tokio::test]
async fn the_page_carries_the_request_and_escapes_it() {
    let mocks = mocks().await;
    let provider = Provider::discover(&mocks.urls().entra_worldwide.organizations).await;
    let page = get(&provider.authorize_url(&[("state", Some("\"><script>"))]))
        .await
        .text();
    assert!(page.contains("ada@fabrikam.example") && !page.contains("oli@outlook.com"));
    assert!(!page.contains("\"><script>"));
    // Pressing a button sends the hidden fields and the button, and nothing of the query.
    let url = provider.authorize_url(&[]);
    let (action, query) = url.split_once('?').unwrap();
    let mut fields: Vec<(String, String)> = url::form_urlencoded::parse(query.as_bytes())
        .into_owned()
        .collect();
    fields.push(("user".to_owned(), "ada@fabrikam.example".to_owned()));
    let fields: Vec<_> = fields
        .iter()
        .map(|(name, value)| (&**name, &**value))
        .collect();
    field(&callback_of(&post_form(action, &fields).await), "code");
}

#[tokio::test]
async fn a_form_post_carries_the_code_in_a_form() {
    let mocks = mocks().await;
    let provider = Provider::discover(&mocks.urls().entra_worldwide.organizations).await;
    let url = provider.authorize_url(&[("response_mode", Some("form_post"))]);
    let reply = post_form(&url, &[("user", "ada@fabrikam.example")]).await;
    assert_eq!(reply.status, 200);
    assert!(
        reply
            .text()
            .contains(r#"<input type="hidden" name="code" value=""#)
    );
    assert!(reply.text().contains("callback/test"));
}

#[tokio::test]
async fn a_hint_signs_in_only_where_that_is_switched_on() {
    let mocks = mocks().await;
    let provider = Provider::discover(&mocks.urls().entra_worldwide.organizations).await;
    let hint = ("login_hint", Some("ada@fabrikam.example"));
    assert_eq!(get(&provider.authorize_url(&[hint])).await.status, 200);
    let url = provider.authorize_url(&[hint, ("mock_auto", Some("1"))]);
    field(&callback_of(&get(&url).await), "code");
    let origin = &mocks.urls().documents.origin;
    post_json(&format!("{origin}/_mock/auto"), &json!({"on": true})).await;
    field(
        &callback_of(&get(&provider.authorize_url(&[hint])).await),
        "code",
    );
    let nobody = ("login_hint", Some("nobody@fabrikam.example"));
    assert_eq!(get(&provider.authorize_url(&[nobody])).await.status, 200);
}

#[tokio::test]
async fn claims_depend_on_the_scope_and_on_what_the_person_brings() {
    let mocks = mocks().await;
    let person = Person {
        acrs: vec!["c1".to_owned()],
        ..Person::work_or_school("zoe@fabrikam.example", "Zoe", &fabrikam(&mocks.world()))
    };
    mocks.add_person(
        person
            .claiming("xms_edov", json!("1"))
            .claiming("name", Value::Null),
    );
    let provider = Provider::discover(&mocks.urls().entra_worldwide.organizations).await;
    let token = provider.sign_in("zoe@fabrikam.example").await;
    assert_eq!(token.claims["acrs"], json!(["c1"]));
    assert_eq!(token.claims["xms_edov"], "1");
    assert_eq!(token.claims.get("name"), None);
    assert_eq!(token.claims.get("auth_time"), None);
    let url = provider.authorize_url(&[("scope", Some("openid")), ("max_age", Some("60"))]);
    let callback = callback_of(&post_form(&url, &[("user", "zoe@fabrikam.example")]).await);
    let reply = provider.redeem(field(&callback, "code"), &[]).await.json();
    let claims = claims_of(reply["id_token"].as_str().unwrap());
    for absent in ["tid", "oid", "email", "preferred_username"] {
        assert_eq!(claims.get(absent), None, "{absent}");
    }
    assert!(claims["auth_time"].is_u64());
}

#[tokio::test]
async fn signing_out_goes_back_only_to_a_registered_address() {
    let mocks = mocks().await;
    let provider = Provider::discover(&mocks.urls().entra_worldwide.organizations).await;
    let end = provider.url("end_session_endpoint");
    let back = "https://contoso.localhost:8443/_vestibule/sign-out";
    let reply = get(&format!("{end}?state=s&post_logout_redirect_uri={back}")).await;
    assert_eq!(reply.header("location"), format!("{back}?state=s"));
    let reply = get(&format!(
        "{end}?post_logout_redirect_uri=https://evil.example/"
    ))
    .await;
    assert_eq!((reply.status.as_u16(), reply.header("location")), (200, ""));
}

#[tokio::test]
async fn the_log_shows_what_reached_a_listener_and_not_those_who_look_at_it() {
    let mocks = mocks().await;
    let urls = mocks.urls();
    let provider = Provider::discover(&urls.google.origin).await;
    get(&provider.url("jwks_uri")).await;
    let seen = get(&format!("{}/_mock/requests", urls.google.origin))
        .await
        .json();
    assert_eq!(seen["count"], 2);
    assert_eq!(seen["requests"][1]["target"], "/oauth2/v3/certs");
    let targets: Vec<_> = mocks
        .requests(Service::Google)
        .into_iter()
        .map(|r| r.target)
        .collect();
    assert_eq!(
        targets,
        ["/.well-known/openid-configuration", "/oauth2/v3/certs"]
    );
    assert_eq!(mocks.request_count(Service::Documents), 0);
    mocks.clear_requests(Service::Google);
    assert_eq!(mocks.request_count(Service::Google), 0);
}

fn fabrikam(world: &idp_mocks::World) -> Organisation {
    world
        .organisations
        .iter()
        .find(|known| known.tenant_id == FABRIKAM)
        .unwrap()
        .clone()
}

fn claims_of(token: &str) -> Value {
    use base64::Engine;
    use base64::engine::general_purpose::URL_SAFE_NO_PAD;
    let payload = token.split('.').nth(1).unwrap();
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(payload).unwrap()).unwrap()
}
