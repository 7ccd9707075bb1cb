//! The Google provider, driven as the gateway does.

use plugins_oidc_testing::logout::Logout;
use plugins_oidc_testing::{Scene, assert_done, assert_rejected, corpus, keys};
use plugins_sdk::message::{EmailProof, Event, RejectReason, Step};
use plugins_sdk::testing::{ContractBroken, Driver, open_request};
use serde_json::{Value, json};

use crate::Google;

const ISSUER: &str = "https://accounts.google.com";

fn driver(further: &Value) -> Driver<Google> {
    let mut settings = json!({ "client_id": "client", "client_secret": keys::CLIENT_SECRET });
    merge(&mut settings, further);
    Driver::open(&open_request(settings)).unwrap()
}

fn scene(further: &Value) -> Scene {
    let mut claims = json!({ "iss": ISSUER, "sub": "1234", "aud": "client", "azp": "client" });
    merge(&mut claims, further);
    let mut scene = Scene::new(ISSUER, ISSUER, claims);
    scene.document["token_endpoint"] = "https://oauth2.googleapis.com/token".into();
    scene.document["jwks_uri"] = "https://www.googleapis.com/oauth2/v3/certs".into();
    scene
}

fn merge(into: &mut Value, further: &Value) {
    for (name, value) in further.as_object().unwrap() {
        into[name] = value.clone();
    }
}

fn proof(settings: &Value, claims: &Value) -> EmailProof {
    let claims = assert_done(scene(claims).play(&driver(settings)));
    claims.email.unwrap().proof
}

fn problems(settings: Value) -> Vec<String> {
    match Driver::<Google>::open(&open_request(settings)) {
        Err(ContractBroken::Refused(problems)) => {
            problems.into_iter().map(|problem| problem.key).collect()
        }
        other => panic!("{other:?}"),
    }
}

#[test]
fn sec_103_every_bad_token_is_refused() {
    corpus::replay(&driver(&json!({})), || scene(&json!({})));
}

#[test]
fn the_issuer_may_be_spelled_without_scheme_and_in_no_other_way() {
    for spelling in [ISSUER, "accounts.google.com"] {
        let claims = assert_done(scene(&json!({ "iss": spelling })).play(&driver(&json!({}))));
        assert_eq!(
            claims.issuer, ISSUER,
            "the person is the same in both spellings"
        );
        assert_eq!(claims.subject, "1234");
    }
    for other in [
        "http://accounts.google.com",
        "//accounts.google.com",
        "google.com",
        "accounts.google.com/",
    ] {
        let played = scene(&json!({ "iss": other })).play(&driver(&json!({})));
        assert_rejected(
            &played,
            other,
            RejectReason::AnswerInvalid,
            "issuer not trusted",
        );
    }
}

#[test]
fn google_owns_the_mailboxes_of_its_own_domains_when_verified() {
    for address in [
        "gina@gmail.com",
        "gina@googlemail.com",
        "Gina.X+y@GMail.com",
    ] {
        let with = |verified: Value| json!({ "email": address, "email_verified": verified });
        assert_eq!(
            proof(&json!({}), &with(json!(true))),
            EmailProof::DomainOwner,
            "{address}"
        );
        for unverified in [json!(false), json!("true"), json!(1), json!(null)] {
            assert_eq!(
                proof(&json!({}), &with(unverified)),
                EmailProof::None,
                "{address}"
            );
        }
    }
}

#[test]
fn a_workspace_domain_needs_the_operator_the_flag_and_the_same_hd() {
    let opted_in = json!({ "workspace_domains": ["workspace.example", "other.example"] });
    let with = |verified: bool, hd: Value| json!({ "email": "kit@workspace.example", "email_verified": verified, "hd": hd });
    let same = || json!("workspace.example");
    assert_eq!(
        proof(&opted_in, &with(true, same())),
        EmailProof::DomainOwner
    );
    assert_eq!(
        proof(&json!({}), &with(true, same())),
        EmailProof::None,
        "not opted in"
    );
    assert_eq!(
        proof(&opted_in, &with(false, same())),
        EmailProof::None,
        "not verified"
    );
    assert_eq!(
        proof(&opted_in, &with(true, json!(null))),
        EmailProof::None,
        "no hd"
    );
    assert_eq!(
        proof(&opted_in, &with(true, json!("other.example"))),
        EmailProof::None,
        "another hd"
    );
}

#[test]
fn sec_072_an_address_with_two_at_signs_proves_nothing() {
    for address in [
        "eve@evil.example@gmail.com",
        "@gmail.com",
        "gmail.com",
        "eve@gmail.com@evil.example",
    ] {
        let claims = json!({ "email": address, "email_verified": true });
        assert_eq!(proof(&json!({}), &claims), EmailProof::None, "{address}");
    }
}

#[test]
fn the_request_hints_at_the_account() {
    let ask = |address: Option<&str>, fresh: bool| {
        let mut scene = scene(&json!({}));
        scene.start = Event::Start {
            address: address.map(str::to_owned),
            fresh,
            contexts: Vec::new(),
            second_factor: false,
        };
        let played = scene.play(&driver(
            &json!({ "workspace_domains": ["workspace.example"] }),
        ));
        (played.parameter("prompt"), played.parameter("hd"))
    };
    let select = Some("select_account".to_owned());
    assert_eq!(ask(None, false), (select.clone(), None));
    assert_eq!(ask(Some("gina@gmail.com"), false), (None, None));
    assert_eq!(ask(Some("gina@gmail.com"), true), (select, None));
    assert_eq!(
        ask(Some("kit@workspace.example"), false),
        (None, Some("workspace.example".to_owned()))
    );
}

#[test]
fn an_issuer_on_loopback_has_both_spellings_too() {
    let origin = "http://google.localhost:9000";
    let driver = driver(&json!({ "issuer": origin, "allow_insecure_loopback": true }));
    assert_eq!(driver.fetch_hosts(), ["google.localhost:9000"]);
    for spelling in [origin, "google.localhost:9000"] {
        let claims = json!({ "iss": spelling, "sub": "1", "aud": "client" });
        assert_done(Scene::new(origin, origin, claims).play(&driver));
    }
    let google = json!({ "iss": ISSUER, "sub": "1", "aud": "client" });
    let played = Scene::new(origin, origin, google).play(&driver);
    assert_rejected(
        &played,
        "Google",
        RejectReason::AnswerInvalid,
        "issuer not trusted",
    );
}

#[test]
fn all_problems_are_told_at_once() {
    let found = problems(json!({
        "client_secret": "",
        "workspace_domains": ["workspace.example", "Upper.example", "a b.example", "example"],
        "issuer": "https://idp.example",
        "allow_insecure_loopback": true,
        "leeway_seconds": -1,
        "hd": "x",
    }));
    let mut found: Vec<&str> = found.iter().map(String::as_str).collect();
    found.sort_unstable();
    assert_eq!(
        found,
        [
            "client_id",
            "client_secret",
            "hd",
            "issuer",
            "leeway_seconds",
            "workspace_domains.1",
            "workspace_domains.2",
            "workspace_domains.3"
        ]
    );
}

#[test]
fn google_is_home_to_its_own_domains() {
    assert_eq!(
        driver(&json!({})).description().home_domains,
        ["gmail.com", "googlemail.com"]
    );
}

/// Google ends no sessions for others: its document names no place for that.
#[test]
fn nobody_is_sent_to_google_to_sign_out() {
    let mut google = Logout::new(ISSUER, ISSUER, json!({}));
    google.document = scene(&json!({})).document;
    let event = Event::SignOut {
        issuer: ISSUER.to_owned(),
        tenant: None,
        subject: "1234".to_owned(),
        sid: None,
        logout_hint: None,
        return_uri: "https://contoso.localhost/_vestibule/sign-out".to_owned(),
    };
    let end = google.follow(&driver(&json!({})), event).end;
    assert!(matches!(end, Step::Reject { .. }), "{end:?}");
}
