//! Logout tokens under Entra's issuer rule, and what is kept for signing out.

use plugins_oidc_testing::logout::{self, Logout};
use plugins_oidc_testing::{assert_done, assert_rejected, keys};
use plugins_sdk::message::{Event, Fields, RejectReason, Step};
use plugins_sdk::testing::Driver;
use serde_json::{Value, json};

use super::{AUTHORITY, FABRIKAM, MALLORY, TEMPLATE, any, driver, scene};
use crate::WorkSchool;

const CONSUMERS: &str = "9188040d-6c67-4c5b-b112-36a304b66dad";

fn issuer(tenant: &str) -> String {
    format!("{AUTHORITY}/{tenant}/v2.0")
}

/// In the manner of Entra's other tokens: it documents none of these.
fn good() -> Logout {
    let claims = json!({
        "iss": issuer(FABRIKAM),
        "sub": "pairwise",
        "oid": "aaaaaaaa-0000-4000-8000-000000000001",
        "tid": FABRIKAM,
        "sid": "s-1",
        "aud": "client",
    });
    Logout::new(AUTHORITY, TEMPLATE, claims).with_keys_of(&scene())
}

#[test]
fn sec_065_every_bad_logout_token_is_refused() {
    logout::replay(&any(), good);
}

fn end(driver: &Driver<WorkSchool>, logout: &Logout) -> (Option<String>, Option<String>) {
    match logout.play(driver).end {
        Step::Ended {
            issuer: by,
            sid,
            sub,
            ..
        } => {
            assert_eq!(by, issuer(FABRIKAM));
            (sid, sub)
        }
        other => panic!("nothing ended: {other:?}"),
    }
}

#[test]
fn people_are_known_by_their_oid_here_too() {
    let mut logout = good();
    let sid = Some("s-1".to_owned());
    assert_eq!(end(&any(), &logout), (sid, None));
    logout.token.without_claim("sid");
    let oid = "aaaaaaaa-0000-4000-8000-000000000001".to_owned();
    assert_eq!(end(&any(), &logout), (None, Some(oid)));
    logout.token.without_claim("tid");
    end(&any(), &logout);
    for oid in [Value::Null, " ".into()] {
        logout.token.claim("oid", oid);
        let played = logout.play(&any());
        assert_rejected(&played, "sub alone", RejectReason::AnswerInvalid, "`sub`");
    }
}

/// J.2, J.3: a key speaks for its own issuer, and a token for one tenant.
#[test]
fn sec_100_a_logout_token_is_of_the_tenant_and_of_the_key_it_names() {
    let refused = |name: &str, driver: &Driver<WorkSchool>, change: &dyn Fn(&mut Logout)| {
        let mut bad = good();
        change(&mut bad);
        let played = bad.play(driver);
        assert_rejected(&played, name, RejectReason::AnswerInvalid, "issuer not");
    };
    refused("iss of another tenant", &any(), &|bad| {
        bad.token.claim("iss", issuer(MALLORY));
    });
    refused("tid of another tenant", &any(), &|bad| {
        bad.token.claim("tid", MALLORY);
    });
    refused("no tenant at all", &any(), &|bad| {
        bad.token.claim("iss", TEMPLATE);
        bad.token.without_claim("tid");
    });
    refused("common", &any(), &|bad| {
        bad.token.claim("iss", issuer("common"));
        bad.token.claim("tid", "common");
    });
    refused("another cloud", &any(), &|bad| {
        let iss = issuer(FABRIKAM).replace(".com", ".us");
        bad.token.claim("iss", iss);
    });
    refused("a key of the consumers", &any(), &|bad| {
        bad.keys = vec![key_of(&issuer(CONSUMERS))];
    });
    refused("the consumers themselves", &any(), &|bad| {
        bad.keys = vec![key_of(&issuer(CONSUMERS))];
        bad.token.claim("iss", issuer(CONSUMERS));
        bad.token.claim("tid", CONSUMERS);
    });
    refused("a key without issuer", &any(), &|bad| {
        bad.keys = vec![keys::rsa_jwk(keys::RSA)];
    });
    let listed = driver(&json!({ "tenants": [MALLORY] }));
    refused("a tenant that is not allowed", &listed, &|_| {});
}

fn key_of(issuer: &str) -> Value {
    let mut key = keys::rsa_jwk(keys::RSA);
    key["issuer"] = issuer.into();
    key
}

#[test]
fn the_front_channel_names_one_tenant() {
    let ask = |issuer: &str| {
        let fields = [("iss", issuer), ("sid", "s-1")];
        let query: Fields = fields
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .into();
        good().request(&any(), query, Fields::new()).end
    };
    let ended = ask(&issuer(FABRIKAM));
    assert!(matches!(ended, Step::Ended { sid: Some(sid), .. } if sid == "s-1"));
    for other in [
        TEMPLATE,
        &issuer("common"),
        &issuer(FABRIKAM).replace(".com", ".us"),
        &format!("{}/", issuer(FABRIKAM)),
    ] {
        assert!(matches!(ask(other), Step::Reject { .. }), "{other}");
    }
}

#[test]
fn entras_login_hint_comes_back_as_logout_hint() {
    let hint = |given: Option<Value>| {
        let mut scene = scene();
        if let Some(given) = given {
            scene.token.claim("login_hint", given);
        }
        assert_done(scene.play(&any())).logout_hint
    };
    assert_eq!(hint(None), None);
    let opaque = "O.CiQ3YWJj-opaque".to_owned();
    assert_eq!(hint(Some(opaque.clone().into())), Some(opaque));
    assert_eq!(hint(Some("".into())), None);
    let longest = "h".repeat(512);
    assert_eq!(hint(Some(longest.clone().into())), Some(longest));
    assert_eq!(hint(Some("h".repeat(513).into())), None);
}

#[test]
fn signing_out_is_at_the_authority() {
    let mut provider = good();
    provider.document["end_session_endpoint"] =
        format!("{AUTHORITY}/organizations/oauth2/v2.0/logout").into();
    let event = Event::SignOut {
        issuer: issuer(FABRIKAM),
        tenant: Some(FABRIKAM.to_owned()),
        subject: "aaaaaaaa-0000-4000-8000-000000000001".to_owned(),
        sid: None,
        logout_hint: Some("O.hint".to_owned()),
        return_uri: "https://contoso.localhost/_vestibule/sign-out".to_owned(),
    };
    let Step::Redirect { url, .. } = provider.follow(&any(), event).end else {
        panic!("not sent away");
    };
    assert!(url.starts_with(&format!("{AUTHORITY}/organizations/oauth2/v2.0/logout?")));
    assert!(url.ends_with("&logout_hint=O.hint"), "{url}");
}
