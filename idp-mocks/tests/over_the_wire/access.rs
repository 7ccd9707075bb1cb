//! Access tokens for APIs.

use serde_json::{Value, json};

use crate::client::{Reply, mocks, post_form};
use crate::oidc::{Provider, Token};

const CONTOSO: &str = "11111111-1111-4111-8111-111111111111";
const GRAPH: &str = "https://graph.microsoft.com";

async fn asked(provider: &Provider, form: &[(&str, &str)]) -> Reply {
    let client = [
        ("client_id", "99999999-0000-4000-8000-000000000001"),
        ("client_secret", "demo-programs-secret"),
    ];
    let form: Vec<(&str, &str)> = client.into_iter().chain(form.iter().copied()).collect();
    post_form(&provider.url("token_endpoint"), &form).await
}

fn token(reply: &Reply) -> Token {
    assert_eq!(reply.status, 200, "{}", reply.text());
    Token::read(reply.json()["access_token"].as_str().unwrap())
}

#[tokio::test]
async fn an_application_gets_its_roles_and_a_person_the_scopes() {
    let mocks = mocks().await;
    let origin = &mocks.urls().entra_worldwide.origin;
    let contoso = Provider::discover(&format!("{origin}/{CONTOSO}/v2.0")).await;
    let default = format!("{GRAPH}/.default");
    let reply = asked(
        &contoso,
        &[("grant_type", "client_credentials"), ("scope", &default)],
    )
    .await;
    let app = token(&reply);
    assert!(contoso.key_of(&app).await.is_some());
    assert_eq!(app.claims["aud"], GRAPH);
    assert_eq!(app.claims["tid"], CONTOSO);
    assert_eq!(app.claims["iss"], format!("{origin}/{CONTOSO}/v2.0"));
    assert_eq!(app.claims.get("scp"), None);
    let roles = app.claims["roles"].as_array().unwrap();
    assert!(roles.contains(&json!("User.Invite.All")));

    let one = format!("{GRAPH}/User.Invite.All");
    let wish = [
        ("grant_type", "password"),
        ("username", "gus@contoso.example"),
        ("password", "any"),
        ("scope", &one),
    ];
    let person = token(&asked(&contoso, &wish).await);
    assert_eq!(person.claims["scp"], "User.Invite.All");
    assert_eq!(person.claims["upn"], "gus@contoso.example");
    let administrator = json!(["62e90394-69f5-4237-9190-012177145e10"]);
    assert_eq!(person.claims["wids"], administrator);
    assert_eq!(person.claims.get("roles"), None::<&Value>);
}

#[tokio::test]
async fn nothing_is_given_beyond_what_was_consented_to() {
    let mocks = mocks().await;
    let origin = &mocks.urls().entra_worldwide.origin;
    let contoso = Provider::discover(&format!("{origin}/{CONTOSO}/v2.0")).await;
    let refused = [
        ("gus@contoso.example", format!("{GRAPH}/Mail.Read")),
        ("ada@fabrikam.example", format!("{GRAPH}/.default")),
        ("nobody@contoso.example", format!("{GRAPH}/.default")),
        ("gus@contoso.example", String::new()),
    ];
    for (username, scope) in refused {
        let wish = [
            ("grant_type", "password"),
            ("username", username),
            ("scope", &scope),
        ];
        let reply = asked(&contoso, &wish).await;
        assert_eq!(reply.status, 400, "{username} {scope}");
    }
    let everybody = &mocks.urls().entra_worldwide.organizations;
    let everybody = Provider::discover(everybody).await;
    let default = format!("{GRAPH}/.default");
    let wish = [("grant_type", "client_credentials"), ("scope", &default)];
    assert_eq!(asked(&everybody, &wish).await.status, 400);
}
