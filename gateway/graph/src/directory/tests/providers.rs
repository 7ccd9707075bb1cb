//! Identity providers and federations: what files set up, what is given up and taken up again, what nobody set up.

use gateway_core::id::TenantId;
use http::Method;
use serde_json::{Value, json};

use crate::testing::{Answer, World};

const GOOGLE: &str = r#"
kind = "google"
issuers = ["https://accounts.google.com"]
domains = ["gmail.com"]
[settings]
client_id = "our-client"
"#;
const ACCOUNTS: &str = r#"
kind = "microsoft-account"
issuers = ["https://login.microsoftonline.com/9188040d-6c67-4c5b-b112-36a304b66dad/v2.0"]
domains = ["*"]
any_domain = true
"#;
const PASSCODES: &str = r#"
kind = "email-otp"
issuers = ["urn:vestibule:email-otp"]
domains = ["*"]
any_domain = true
"#;
const PARTNER: &str = r#"
kind = "saml"
issuers = ["https://idp.fabrikam.example/saml"]
domains = ["fabrikam.example"]
[settings]
passiveSignInUri = "https://idp.fabrikam.example/sso"
"#;

const PROVIDERS: &str = "/v1.0/identity/identityProviders";
const FEDERATIONS: &str = "/v1.0/directory/federationConfigurations";

async fn world() -> World {
    World::providing(&[
        ("google", GOOGLE),
        ("accounts", ACCOUNTS),
        ("passcodes", PASSCODES),
        ("partner", PARTNER),
    ])
    .await
}

async fn call(world: &World, method: &str, path: &str, body: Option<Value>) -> Answer {
    let method = Method::from_bytes(method.as_bytes()).unwrap();
    let scopes = "IdentityProvider.ReadWrite.All Vestibule.Read.All \
                  Policy.ReadWrite.AuthenticationMethod Policy.ReadWrite.CrossTenantAccess";
    let token = world.administrator(scopes);
    world.call(method, path, &token, body).await
}

async fn done(world: &World, method: &str, path: &str, body: Option<Value>, want: u16) -> Answer {
    let answer = call(world, method, path, body).await;
    assert_eq!(answer.status.as_u16(), want, "{method} {path} {answer:?}");
    answer
}

/// The ids that a listing shows.
async fn ids(world: &World, path: &str) -> Vec<String> {
    let answer = done(world, "GET", path, None, 200).await;
    let all = answer.body["value"].as_array().unwrap().iter();
    all.map(|one| one["id"].as_str().unwrap().to_owned())
        .collect()
}

/// How the providers stand, by `/vestibule/v1`.
async fn standing(world: &World) -> Vec<String> {
    let answer = done(world, "GET", "/vestibule/v1/providers", None, 200).await;
    let all = answer.body["value"].as_array().unwrap().iter();
    let words = all.map(|one| format!("{} {}", one["kind"], one["standing"]).replace('"', ""));
    words.collect()
}

/// Settings of the tenant, as they are laid over.
fn given_up(world: &World) -> Vec<String> {
    let around: &dyn crate::surroundings::Surroundings = &*world.gateway;
    let configuration = around.configuration();
    let tenant = &configuration.tenants[&TenantId::parse("contoso").unwrap()];
    let directory = &tenant.settings.directory;
    let kinds = directory.given_up.iter();
    let mut all: Vec<String> = kinds.map(|kind| kind.as_str().to_owned()).collect();
    if !tenant.settings.email_otp(&configuration.clouds).value {
        all.push("passcodes".to_owned());
    }
    if directory.federations.is_empty() {
        all.push("federation".to_owned());
    }
    all
}

#[tokio::test]
async fn what_files_set_up_is_shown_given_up_and_taken_up_again() {
    let world = world().await;
    let all = ["MSASignup-OAUTH", "EmailOtpSignup-OAUTH", "Google-OAUTH"];
    assert_eq!(ids(&world, PROVIDERS).await, all);
    let kinds = [
        ("Google", "google"),
        ("MicrosoftAccount", "microsoft-account"),
        ("EmailOTP", "passcodes"),
    ];
    let paths = ["Google-OAUTH", "msasignup-oauth", "EmailOtpSignup-OAUTH"];
    for ((kind, name), id) in kinds.into_iter().zip(paths) {
        let path = format!("{PROVIDERS}/{id}");
        assert_eq!(given_up(&world), Vec::<String>::new());
        done(&world, "DELETE", &path, None, 204).await;
        assert_eq!(given_up(&world), [name]);
        done(&world, "GET", &path, None, 404).await;
        done(&world, "DELETE", &path, None, 404).await;
        assert_eq!(ids(&world, PROVIDERS).await.len(), 2);
        let again =
            json!({ "identityProviderType": kind, "clientId": "our-client", "clientSecret": "s" });
        done(&world, "POST", PROVIDERS, Some(again.clone()), 201).await;
        assert_eq!(given_up(&world), Vec::<String>::new());
        done(&world, "POST", PROVIDERS, Some(again), 409).await;
    }
    assert_eq!(ids(&world, PROVIDERS).await, all);
}

#[tokio::test]
async fn a_client_that_no_file_has_is_not_taken_up() {
    let world = world().await;
    done(
        &world,
        "DELETE",
        &format!("{PROVIDERS}/Google-OAUTH"),
        None,
        204,
    )
    .await;
    let other =
        json!({ "identityProviderType": "Google", "clientId": "other", "clientSecret": "s" });
    done(&world, "POST", PROVIDERS, Some(other), 409).await;
    assert_eq!(given_up(&world), ["google"]);
    let shown = done(&world, "GET", PROVIDERS, None, 200).await;
    assert!(!shown.body.to_string().contains("our-client"));
    // The organisation's own people sign in by their directory, which is nobody's to give up here.
    let own = format!("{PROVIDERS}/AADSignup-OAUTH");
    done(&world, "DELETE", &own, None, 404).await;
}

#[tokio::test]
async fn a_fallback_stays() {
    let world = world().await;
    done(
        &world,
        "DELETE",
        &format!("{PROVIDERS}/EmailOtpSignup-OAUTH"),
        None,
        204,
    )
    .await;
    let refused = done(
        &world,
        "DELETE",
        &format!("{PROVIDERS}/MSASignup-OAUTH"),
        None,
        400,
    )
    .await;
    assert_eq!(refused.inner(), "settingRejected");
    assert_eq!(given_up(&world), ["passcodes"]);
}

#[tokio::test]
async fn a_federation_of_a_file_is_deleted_and_added_again() {
    let world = world().await;
    let [id] = ids(&world, FEDERATIONS).await.try_into().unwrap();
    let path = format!("{FEDERATIONS}/{id}");
    let shown = done(&world, "GET", &path, None, 200).await;
    assert_eq!(shown.body["issuerUri"], "https://idp.fabrikam.example/saml");
    assert_eq!(shown.body["domains"], json!([{ "id": "fabrikam.example" }]));
    let name = json!({ "displayName": "F" });
    done(&world, "PATCH", &path, Some(name), 409).await;
    let domain = json!({ "id": "more.example" });
    done(
        &world,
        "POST",
        &format!("{path}/domains"),
        Some(domain),
        409,
    )
    .await;
    done(&world, "DELETE", &path, None, 204).await;
    assert_eq!(given_up(&world), ["federation"]);
    assert_eq!(ids(&world, FEDERATIONS).await, Vec::<String>::new());
    done(&world, "GET", &path, None, 404).await;
    assert!(standing(&world).await.contains(&"saml givenUp".to_owned()));

    // For other domains it is another federation, which nobody set up.
    let add = |domain: &str| {
        json!({
            "issuerUri": "https://idp.fabrikam.example/saml", "domains": [{ "id": domain }],
            "passiveSignInUri": format!("https://{domain}/sso"),
        })
    };
    let other = done(&world, "POST", FEDERATIONS, Some(add("other.example")), 201).await;
    assert_eq!(given_up(&world), ["federation"]);
    assert!(
        standing(&world)
            .await
            .contains(&"saml noProvider".to_owned())
    );
    let other = format!("{FEDERATIONS}/{}", other.body["id"].as_str().unwrap());
    done(&world, "DELETE", &other, None, 204).await;

    let same = done(
        &world,
        "POST",
        FEDERATIONS,
        Some(add("fabrikam.example")),
        201,
    )
    .await;
    assert_eq!(same.body["id"], json!(id));
    assert_eq!(given_up(&world), Vec::<String>::new());
    done(&world, "GET", &path, None, 200).await;
}

#[tokio::test]
async fn how_providers_stand_is_told() {
    let world = world().await;
    let on = [
        "microsoft-account on",
        "google on",
        "email-otp on",
        "saml on",
    ];
    assert_eq!(standing(&world).await, on);
    let facebook =
        json!({ "identityProviderType": "Facebook", "clientId": "c", "clientSecret": "s" });
    done(&world, "POST", PROVIDERS, Some(facebook), 201).await;
    done(
        &world,
        "DELETE",
        &format!("{PROVIDERS}/Google-OAUTH"),
        None,
        204,
    )
    .await;
    let told = standing(&world).await;
    assert!(told.contains(&"google givenUp".to_owned()), "{told:?}");
    assert!(told.contains(&"facebook noProvider".to_owned()), "{told:?}");
}

#[tokio::test]
async fn giving_up_takes_the_scope_and_the_office() {
    let world = world().await;
    let path = format!("{PROVIDERS}/Google-OAUTH");
    for token in [
        world.administrator("IdentityProvider.Read.All"),
        world.person("IdentityProvider.ReadWrite.All", &[]),
    ] {
        let answer = world.call(Method::DELETE, &path, &token, None).await;
        assert_eq!(answer.status.as_u16(), 403, "{answer:?}");
    }
    assert_eq!(given_up(&world), Vec::<String>::new());
}
