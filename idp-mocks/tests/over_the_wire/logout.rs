//! Telling clients that somebody signed out.

use idp_mocks::{Logout, LogoutFault};
use serde_json::{Value, json};

use crate::client::{get, mocks, post_json};
use crate::oidc::{Provider, Token};

const EVENT: &str = "http://schemas.openid.net/event/backchannel-logout";

/// The name of a fault, and what shows it.
type Row = (&'static str, fn(&Token) -> bool);

fn of(person: &str) -> Logout {
    Logout {
        person: person.to_owned(),
        ..Logout::default()
    }
}

#[tokio::test]
async fn a_logout_token_names_the_person_as_the_id_token_does() {
    let mocks = mocks().await;
    let urls = mocks.urls();
    for (authority, person) in [
        (
            urls.entra_worldwide.organizations.clone(),
            "ada@fabrikam.example",
        ),
        (urls.entra_china.organizations.clone(), "lin@lanhua.example"),
        (
            urls.entra_worldwide.consumers.clone().unwrap(),
            "oli@outlook.com",
        ),
        (urls.google.origin.clone(), "gina@gmail.com"),
    ] {
        let provider = Provider::discover(&authority).await;
        let signed_in = provider.sign_in(person).await;
        let told = mocks.logout(&of(person)).await.unwrap();
        let token = Token::read(&told.logout_token.unwrap());
        assert!(provider.key_of(&token).await.is_some(), "{person}");
        assert_eq!(token.header["typ"], "logout+jwt");
        for claim in ["iss", "aud", "sub", "sid", "tid", "oid"] {
            assert_eq!(
                token.claims.get(claim),
                signed_in.claims.get(claim),
                "{claim}"
            );
        }
        assert_eq!(token.claims["events"], json!({ EVENT: {} }));
        assert!(token.claims["jti"].as_str().unwrap().len() > 20);
        assert_eq!(token.claims.get("nonce"), None);
    }
}

#[tokio::test]
async fn a_logout_token_goes_wrong_as_it_is_told() {
    let mocks = mocks().await;
    let spoiled = async |names: &[&str]| {
        let wish = Logout {
            spoil: names.iter().map(|name| (*name).to_owned()).collect(),
            ..of("ada@fabrikam.example")
        };
        let told = mocks.logout(&wish).await.unwrap();
        Token::read(&told.logout_token.unwrap())
    };
    let rows: [Row; 15] = [
        ("with-nonce", |token| token.claims["nonce"] == "a-nonce"),
        ("no-events", |token| token.claims.get("events").is_none()),
        ("wrong-event", |token| {
            token.claims["events"].get(EVENT).is_none()
        }),
        ("event-no-object", |token| {
            token.claims["events"][EVENT] == true
        }),
        ("no-id", |token| token.claims.get("jti").is_none()),
        ("same-id", |token| token.claims["jti"] == "always-the-same"),
        ("nobody-named", |token| {
            token.claims.get("sub").is_none() && token.claims.get("sid").is_none()
        }),
        ("over", |token| {
            token.claims["exp"].as_u64() < token.claims["iat"].as_u64().map(|at| at + 600)
        }),
        ("from-long-ago", |token| {
            token.claims["iat"].as_u64().unwrap() + 7200 < token.claims["exp"].as_u64().unwrap()
        }),
        ("from-the-future", |token| {
            token.claims["iat"].as_u64() > token.claims["exp"].as_u64()
        }),
        ("plain-type", |token| token.header["typ"] == "JWT"),
        ("other-type", |token| token.header["typ"] == "at+jwt"),
        ("no-type", |token| token.header["typ"] == Value::Null),
        ("wrong-audience", |token| {
            token.claims["aud"] == "somebody-else"
        }),
        ("alg-none", |token| token.header["alg"] == "none"),
    ];
    for (name, holds) in rows {
        assert!(holds(&spoiled(&[name]).await), "{name}");
    }
    assert!(
        LogoutFault::ALL
            .iter()
            .all(|fault| rows.iter().any(|(name, _)| *name == fault.name()))
    );
    let both = spoiled(&["with-nonce", "wrong-issuer"]).await;
    assert!(
        both.claims["iss"]
            .as_str()
            .unwrap()
            .contains("wrong-issuer")
    );
    // What is switched on for sign-ins says nothing about logout tokens.
    let ids = Logout {
        without_sub: true,
        ..of("ada@fabrikam.example")
    };
    let told = mocks.logout(&ids).await.unwrap();
    let token = Token::read(&told.logout_token.unwrap());
    assert!(token.claims.get("sub").is_none() && token.claims.get("sid").is_some());
}

#[tokio::test]
async fn it_is_sent_where_the_control_api_says() {
    let mocks = mocks().await;
    let (origin, inbox) = (&mocks.urls().google.origin, &mocks.urls().mailbox.origin);
    let to = format!("{inbox}/nowhere?who");
    let wish = json!({"person": "gina@gmail.com", "to": to});
    let reply = post_json(&format!("{origin}/_mock/logout"), &wish).await;
    assert_eq!(
        (reply.status.as_u16(), &reply.json()["status"]),
        (200, &json!(404))
    );
    let seen = mocks.requests(idp_mocks::Service::Mailbox);
    let last = seen.last().unwrap();
    assert_eq!(
        (last.method.as_str(), last.target.as_str()),
        ("POST", "/nowhere?who")
    );
    let wish = json!({"person": "ada@fabrikam.example", "to": to, "front_channel": true});
    let reply = post_json(&format!("{origin}/_mock/logout"), &wish)
        .await
        .json();
    let seen = mocks.requests(idp_mocks::Service::Mailbox);
    let target = &seen.last().unwrap().target;
    assert!(
        target.contains("iss=") && target.contains("&sid="),
        "{target}"
    );
    assert!(reply["url"].as_str().unwrap().ends_with(target.as_str()));
    for (wish, why) in [
        (json!({"person": "nobody"}), "nobody who signs in"),
        (
            json!({"person": "pat@nowhere.example"}),
            "nobody who signs in",
        ),
        (
            json!({"person": "gina@gmail.com", "client": "x"}),
            "no such client",
        ),
        (
            json!({"person": "gina@gmail.com", "spoil": ["rude"]}),
            "`rude`",
        ),
        (
            json!({"person": "gina@gmail.com", "to": "https://127.0.0.1:1/"}),
            "did not answer",
        ),
        (
            json!({"person": "gina@gmail.com", "to": "mailto:x"}),
            "no URL",
        ),
    ] {
        let reply = post_json(&format!("{origin}/_mock/logout"), &wish).await;
        let error = reply.json()["error"].to_string();
        assert_eq!(reply.status, 400, "{wish}");
        assert!(error.contains(why), "{wish}: {error}");
    }
}

#[tokio::test]
async fn signing_out_at_microsoft_loads_the_clients_addresses_in_frames() {
    let mocks = mocks().await;
    mocks.change_world(|world| {
        let address = "https://contoso.localhost:8443/_vestibule/logout/work-school";
        world.clients[0].front_channel_logout = Some(address.to_owned());
    });
    let provider = Provider::discover(&mocks.urls().entra_worldwide.organizations).await;
    let leave = provider.url("end_session_endpoint");
    let page = get(&format!("{leave}?logout_hint=ada@fabrikam.example"))
        .await
        .text();
    assert!(
        page.contains(
            "<iframe src=\"https://contoso.localhost:8443/_vestibule/logout/work-school?iss="
        ),
        "{page}"
    );
    assert!(page.contains("sid="), "{page}");
    assert!(!get(&leave).await.text().contains("iframe"));
}
