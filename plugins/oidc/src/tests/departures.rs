//! Leaving, by way of the provider and by its word.

use plugins_oidc_testing::logout::{self, Logout};
use plugins_oidc_testing::{NOW, Played, Token, assert_rejected, keys};
use plugins_sdk::message::{Event, Fields, Freshness, RejectReason, Step};
use serde_json::{Value, json};
use url::Url;

use super::{ORIGIN, driver, scene};

fn good() -> Logout {
    let claims = json!({ "iss": ORIGIN, "sub": "ada", "sid": "s-1", "aud": "client" });
    Logout::new(ORIGIN, ORIGIN, claims)
}

fn fields(pairs: &[(&str, &str)]) -> Fields {
    let owned = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
    pairs.iter().map(owned).collect()
}

fn sign_out(document: &Value, logout_hint: Option<&str>) -> Played {
    let mut provider = good();
    provider.document = document.clone();
    let event = Event::SignOut {
        issuer: ORIGIN.to_owned(),
        tenant: None,
        subject: "ada".to_owned(),
        sid: Some("s-1".to_owned()),
        logout_hint: logout_hint.map(str::to_owned),
        return_uri: "https://contoso.localhost/_vestibule/sign-out".to_owned(),
    };
    provider.follow(&driver(), event)
}

fn document(end_session: Option<&str>) -> Value {
    let mut document = good().document;
    if let Some(url) = end_session {
        document["end_session_endpoint"] = url.into();
    }
    document
}

#[test]
fn signing_out_goes_to_the_providers_end_of_session() {
    let url = "https://idp.example/logout?brand=a";
    let played = sign_out(&document(Some(url)), Some("a hint & more"));
    let Step::Redirect { url, .. } = &played.end else {
        panic!("{:?}", played.end);
    };
    let url = Url::parse(url).unwrap();
    assert_eq!(url.path(), "/logout");
    let pairs: Vec<(String, String)> = url.query_pairs().into_owned().collect();
    let pairs: Vec<(&str, &str)> = pairs
        .iter()
        .map(|(k, v)| (k.as_str(), v.as_str()))
        .collect();
    let return_uri = "https://contoso.localhost/_vestibule/sign-out";
    assert_eq!(
        pairs,
        [
            ("brand", "a"),
            ("client_id", "client"),
            ("post_logout_redirect_uri", return_uri),
            ("state", "AAAAAAAAAAAAAAAAAAAAAA"),
            ("logout_hint", "a hint & more"),
        ]
    );
    assert_eq!(played.fetches.len(), 1);
    assert_eq!(played.fetches[0].1, Freshness::Cached);
}

#[test]
fn without_a_hint_none_is_sent() {
    let played = sign_out(&document(Some("https://idp.example/logout")), None);
    let Step::Redirect { url, .. } = &played.end else {
        panic!("{:?}", played.end);
    };
    assert!(!url.contains("hint"), "{url}");
}

/// Google's document names none.
#[test]
fn a_provider_without_an_end_of_session_says_so() {
    let unavailable = RejectReason::ProviderUnavailable;
    let check = |document: &Value, reason: RejectReason, detail: &str| {
        assert_rejected(&sign_out(document, None), detail, reason, detail);
    };
    check(
        &document(None),
        RejectReason::UnexpectedEvent,
        "no `end_session_endpoint`",
    );
    for url in [
        "https://mallory.example/logout",
        "http://idp.example/logout",
        "https://idp.example:8443/logout",
        "https://user@idp.example/logout",
        "https://idp.example/logout#x",
        "/logout",
        "javascript:alert(1)",
    ] {
        check(&document(Some(url)), unavailable, "end_session_endpoint");
    }
    let mut other = document(Some("https://idp.example/logout"));
    other["issuer"] = "https://mallory.example".into();
    check(&other, unavailable, "is that of issuer");
}

#[test]
fn sec_065_every_bad_logout_token_is_refused() {
    logout::replay(&driver(), good);
}

#[track_caller]
fn ended(played: &Played) -> (Option<&str>, Option<&str>) {
    match &played.end {
        Step::Ended {
            issuer, sid, sub, ..
        } => {
            assert_eq!(issuer, ORIGIN);
            (sid.as_deref(), sub.as_deref())
        }
        other => panic!("nothing ended: {other:?}"),
    }
}

#[test]
fn a_logout_token_ends_the_session_it_names_or_all_of_its_subject() {
    let mut both = good();
    assert_eq!(ended(&both.play(&driver())), (Some("s-1"), None));
    both.token.without_claim("sub");
    assert_eq!(ended(&both.play(&driver())), (Some("s-1"), None));
    let mut subject = good();
    subject.token.without_claim("sid");
    assert_eq!(ended(&subject.play(&driver())), (None, Some("ada")));
}

#[test]
fn older_providers_type_their_tokens_otherwise_or_leave_out_exp() {
    for typ in [
        Some("logout+jwt"),
        Some("application/logout+JWT"),
        Some("JWT"),
        None,
    ] {
        let mut logout = good();
        logout.token.header.remove("typ");
        if let Some(typ) = typ {
            logout.token.header("typ", typ);
        }
        logout.token.without_claim("exp");
        ended(&logout.play(&driver()));
    }
}

#[test]
fn other_algorithms_and_further_events_will_do() {
    let mut logout = good();
    logout.token.header("alg", "ES256");
    logout.token.header("kid", keys::EC);
    logout.token.sign = keys::es256;
    logout.token.claim(
        "events",
        json!({ logout::EVENT: { "x": 1 }, "urn:other": {} }),
    );
    ended(&logout.play(&driver()));
}

#[test]
fn sec_115_the_age_of_a_logout_token_is_exact() {
    let check = |iat: i64, taken: bool| {
        let mut logout = good();
        logout.token.claim("iat", iat);
        let end = logout.play(&driver()).end;
        assert_eq!(matches!(end, Step::Ended { .. }), taken, "{iat}: {end:?}");
    };
    check(NOW - 361, false);
    check(NOW - 360, true);
    check(NOW + 60, true);
    check(NOW + 61, false);
}

#[test]
fn sec_107_a_logout_token_is_used_up_under_its_issuer() {
    let consumed = |logout: &Logout| match logout.play(&driver()).end {
        Step::Ended { consume, at, .. } => {
            assert_eq!(at, Some(NOW + 60), "what began later is another session");
            let [only] = consume.try_into().unwrap();
            only
        }
        other => panic!("{other:?}"),
    };
    let first = consumed(&good());
    assert_eq!(first, consumed(&good()));
    // Refused for its age before it is forgotten.
    assert!(first.until > NOW + 360);
    let mut other = good();
    other.token.claim("jti", "j".repeat(10_000));
    let other = consumed(&other);
    assert!(other.id != first.id && other.id.len() <= 256, "{other:?}");
}

#[test]
fn sec_113_an_unknown_key_is_looked_for_once() {
    let mut logout = good();
    logout.token.header("kid", "rsa-2");
    let played = logout.play(&driver());
    assert_rejected(
        &played,
        "unknown",
        RejectReason::AnswerInvalid,
        "does not publish",
    );
    let asked: Vec<Freshness> = played.fetches.iter().map(|(_, how)| *how).collect();
    assert_eq!(
        asked,
        [Freshness::Cached, Freshness::Cached, Freshness::Revalidate]
    );
    logout.fresh_keys = Some(vec![keys::rsa_jwk("rsa-2")]);
    ended(&logout.play(&driver()));
}

#[test]
fn what_is_no_logout_token_fetches_nothing() {
    let changes: [fn(&mut Token); 5] = [
        |token| token.claim("nonce", "n"),
        |token| token.without_claim("jti"),
        |token| token.without_claim("events"),
        |token| token.header("alg", "none"),
        |token| {
            token.without_claim("sub");
            token.without_claim("sid");
        },
    ];
    for change in changes {
        let mut logout = good();
        change(&mut logout.token);
        assert_eq!(logout.play(&driver()).fetches, []);
    }
}

#[test]
fn documents_that_are_not_there_are_the_providers_fault() {
    let mut logout = good();
    logout.document_status = 503;
    let unavailable = RejectReason::ProviderUnavailable;
    assert_rejected(&logout.play(&driver()), "down", unavailable, "503");
    let mut logout = good();
    logout.keys_status = 500;
    assert_rejected(&logout.play(&driver()), "keys", unavailable, "500");
    let mut logout = good();
    logout.document["issuer"] = "https://mallory.example".into();
    assert_rejected(&logout.play(&driver()), "other", unavailable, "issuer");
}

#[test]
fn an_id_token_is_no_logout_token_and_a_logout_token_no_id_token() {
    let mut logout = good();
    logout.token = scene().token;
    logout.token.claim("sid", "s-1");
    logout.token.claim("jti", "1");
    let invalid = RejectReason::AnswerInvalid;
    assert_rejected(&logout.play(&driver()), "ID token", invalid, "`events`");
    for typ in ["logout+jwt", "JWT"] {
        let mut scene = scene();
        scene.spoil = Box::new(move |token| {
            let nonce = token.claims.remove("nonce");
            assert!(nonce.is_some());
            token.header("typ", typ);
            token.claim("events", json!({ logout::EVENT: {} }));
            token.claim("jti", "1");
        });
        let detail = if typ == "JWT" {
            "nonce"
        } else {
            "another type"
        };
        assert_rejected(&scene.play(&driver()), typ, invalid, detail);
    }
}

#[test]
fn the_front_channel_names_issuer_and_session() {
    let ask = |query: &[(&str, &str)]| good().request(&driver(), fields(query), Fields::new());
    let asked = ask(&[("iss", ORIGIN), ("sid", "s-1"), ("further", "x")]);
    assert_eq!(ended(&asked), (Some("s-1"), None));
    let invalid = RejectReason::AnswerInvalid;
    let long = "s".repeat(513);
    for query in [
        &[][..],
        &[("sid", "s-1")],
        &[("iss", ORIGIN)],
        &[("iss", ORIGIN), ("sid", "")],
        &[("iss", ORIGIN), ("sid", &long)],
        &[("iss", ORIGIN), ("sub", "ada")],
        &[("sid", "s-1"), ("state", "x")],
        &[("logout_token", "x")],
    ] {
        let played = ask(query);
        assert_rejected(&played, &format!("{query:?}"), invalid, "neither");
        assert_eq!(played.fetches, []);
    }
    for issuer in ["https://mallory.example", "https://idp.example/", ""] {
        let asked = ask(&[("iss", issuer), ("sid", "s-1")]);
        assert_rejected(&asked, issuer, invalid, "`iss` is not");
    }
}

#[test]
fn what_else_is_posted_ends_nothing() {
    let query = fields(&[("iss", ORIGIN), ("sid", "s-1")]);
    let posted = good().request(&driver(), query, fields(&[("x", "y")]));
    assert_rejected(&posted, "form", RejectReason::AnswerInvalid, "neither");
}

#[test]
fn the_browser_may_come_back_to_the_logout_address() {
    let back = good().request(&driver(), fields(&[("state", "x")]), Fields::new());
    assert_eq!(back.end, Step::SignedOut {});
}
