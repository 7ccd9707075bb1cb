//! The walk from the start to claims, keys that come and go on the way included.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use plugins_sdk::message::{Event, Freshness, RejectReason, Step};
use plugins_sdk::testing::{Driver, input};
use serde_json::json;

use super::world::*;
use crate::Saml;

/// Asks the partner; gives the request's id and the state.
fn ask(driver: &Driver<Saml>, document: &str) -> (String, String) {
    asked(&begin(driver, start(), document))
}

fn answer(driver: &Driver<Saml>, state: &str, response: &str) -> Step {
    step(driver, callback(response), Some(state.to_owned()), NOW)
}

#[test]
fn a_person_signs_in_by_either_signature() {
    for settings in [settings(&json!({})), fetched_settings(&json!({}))] {
        let driver = open(&settings);
        let (id, state) = ask(&driver, &good_metadata());
        for response in [
            Answer::to(&id).signed(partner_key()),
            Answer::to(&id).with_signed_assertion(partner_key()),
        ] {
            let Step::Done { claims, consume } = answer(&driver, &state, &response) else {
                panic!("{:?}", answer(&driver, &state, &response));
            };
            assert_eq!(claims.issuer, PARTNER);
            assert_eq!(claims.subject, "persistent!a-1");
            assert_eq!(claims.email.unwrap().address, "ada@fabrikam.example");
            assert!(claims.sid.is_some() && claims.logout_hint.is_some());
            assert_eq!(consume.len(), 1);
            assert!(consume[0].id.starts_with("assertion:"), "{consume:?}");
            // Past this moment it is refused for its age: skew and all.
            assert!(consume[0].until >= NOW + 300 + 180, "{consume:?}");
        }
    }
}

/// The id is that of the assertion, whoever wraps it how: the store keeps it until the assertion is refused for its age,
/// by this clock and by one that is behind.
#[test]
fn sec_161_an_assertion_is_used_up_until_it_is_too_old() {
    let driver = open(&settings(&json!({})));
    let (id, state) = ask(&driver, "");
    let used_up = |change: fn(&mut Answer)| {
        let mut said = Answer::to(&id);
        change(&mut said);
        [
            said.signed(partner_key()),
            said.with_signed_assertion(partner_key()),
        ]
        .map(|response| match answer(&driver, &state, &response) {
            Step::Done { consume, .. } => consume,
            other => panic!("{other:?}"),
        })
    };
    let [whole, inner] = used_up(|_| {});
    assert_eq!(whole, inner);
    assert_eq!((whole.len(), whole[0].until), (1, NOW + 300 + 180));
    let [other, _] = used_up(|said| said.id = "_other".to_owned());
    assert_ne!(other[0].id, whole[0].id);
    // As long as it is kept it would be accepted at the latest second, and not at the next.
    let response = Answer::to(&id).signed(partner_key());
    let at = |now| step(&driver, callback(&response), Some(state.clone()), now);
    let last = whole[0].until - 1;
    assert!(matches!(at(last), Step::Done { .. }), "{:?}", at(last));
    assert!(matches!(at(last + 1), Step::Reject { .. }));
}

#[test]
fn base64_in_lines_is_read() {
    let driver = open(&settings(&json!({})));
    let (id, state) = ask(&driver, "");
    let encoded = STANDARD.encode(Answer::to(&id).signed(partner_key()));
    let lines: Vec<&str> = encoded
        .as_bytes()
        .chunks(76)
        .map(|line| std::str::from_utf8(line).unwrap())
        .collect();
    let event = callback_with(&[
        ("SAMLResponse", &lines.join("\r\n")),
        ("RelayState", ATTEMPT),
    ]);
    done(step(&driver, event, Some(state), NOW));
}

#[test]
fn nothing_unsigned_or_of_a_strange_key_is_believed() {
    let driver = open(&settings(&json!({})));
    let (id, state) = ask(&driver, "");
    let good = Answer::to(&id);
    for response in [
        good.unsigned(),
        good.signed(strange_key()),
        good.with_signed_assertion(strange_key()),
        good.signed(own_key()),
        good.without_assertion(),
        good.signed(partner_key()).replace("a-1", "a-2"),
        "<x/>".to_owned(),
        String::new(),
    ] {
        rejected(
            &answer(&driver, &state, &response),
            RejectReason::AnswerInvalid,
            "refused",
        );
    }
}

#[test]
fn what_was_meant_otherwise_is_refused() {
    type Change = fn(&mut Answer);
    let rows: [(&str, Change); 4] = [
        ("request", |answer| answer.in_response_to.push('x')),
        ("audience", |answer| answer.audience.push('x')),
        ("issuer", |answer| answer.issuer.push('x')),
        ("destination", |answer| answer.destination.push('x')),
    ];
    for (what, change) in rows {
        let step = sign_in(&settings(&json!({})), change);
        assert!(matches!(step, Step::Reject { .. }), "{what}: {step:?}");
    }
}

/// An answer is to the very attempt: the browser's `RelayState` says which, and the state holds the request's id.
#[test]
fn an_answer_belongs_to_its_attempt() {
    let driver = open(&settings(&json!({})));
    let (id, state) = ask(&driver, "");
    let encoded = STANDARD.encode(Answer::to(&id).signed(partner_key()));
    for form in [
        vec![("SAMLResponse", encoded.as_str())],
        vec![
            ("SAMLResponse", encoded.as_str()),
            ("RelayState", "BAAAAAAAAAAAAAAAAAAAAA"),
        ],
    ] {
        let step = step(&driver, callback_with(&form), Some(state.clone()), NOW);
        rejected(&step, RejectReason::AnswerInvalid, "RelayState");
    }
    let mut other = input(start(), None, NOW);
    other.entropy = other.entropy.replacen('A', "B", 1);
    let (_, other_state) = asked(&driver.step(&other).unwrap());
    let step = answer(
        &driver,
        &other_state,
        &Answer::to(&id).signed(partner_key()),
    );
    assert!(matches!(step, Step::Reject { .. }), "{step:?}");
}

#[test]
fn an_answer_comes_by_post_and_alone() {
    let driver = open(&settings(&json!({})));
    let (id, state) = ask(&driver, "");
    let encoded = STANDARD.encode(Answer::to(&id).signed(partner_key()));
    let good = [("SAMLResponse", encoded.as_str()), ("RelayState", ATTEMPT)];
    let by_get = Event::Callback {
        query: fields(&good),
        form: fields(&[]),
        raw_query: Some("x".to_owned()),
    };
    let mixed = Event::Callback {
        query: fields(&[("SAMLResponse", encoded.as_str())]),
        form: fields(&good),
        raw_query: Some("x".to_owned()),
    };
    let with = |name| callback_with(&[good[0], good[1], (name, "x")]);
    for event in [
        by_get,
        mixed,
        with("SAMLart"),
        with("SAMLRequest"),
        callback_with(&[("RelayState", ATTEMPT)]),
    ] {
        let step = step(&driver, event, Some(state.clone()), NOW);
        rejected(&step, RejectReason::AnswerInvalid, "not one message");
    }
    let event = callback_with(&[("SAMLResponse", "!"), ("RelayState", ATTEMPT)]);
    rejected(
        &step(&driver, event, Some(state), NOW),
        RejectReason::AnswerInvalid,
        "base64",
    );
}

/// Nobody asked for it: there is no request that an unsolicited response could answer, so none is taken.
#[test]
fn an_unsolicited_response_is_refused() {
    let driver = open(&settings(&json!({})));
    let (_, state) = ask(&driver, "");
    let mut unsolicited = Answer::to("x");
    unsolicited.in_response_to = String::new();
    let response = unsolicited
        .signed(partner_key())
        .replace(" InResponseTo=\"\"", "");
    let response = response.replace("InResponseTo=\"\"", "");
    assert!(matches!(
        answer(&driver, &state, &response),
        Step::Reject { .. }
    ));
    let without_attempt = step(
        &driver,
        callback(&unsolicited.signed(partner_key())),
        None,
        NOW,
    );
    rejected(&without_attempt, RejectReason::UnexpectedEvent, "state");
}

#[test]
fn a_fresh_sign_in_must_be_fresh() {
    let driver = open(&settings(&json!({})));
    let event = Event::Start {
        address: None,
        fresh: true,
        contexts: Vec::new(),
        second_factor: false,
    };
    let (id, state) = asked(&begin(&driver, event, ""));
    let at = |moment| {
        let mut fresh = Answer::to(&id);
        fresh.authenticated_at = moment;
        answer(&driver, &state, &fresh.signed(partner_key()))
    };
    done(at(NOW));
    let old = at(NOW - 3600);
    rejected(&old, RejectReason::AnswerInvalid, "");
    // Without that wish it would do.
    let step = sign_in(&settings(&json!({})), |answer| {
        answer.authenticated_at = NOW - 3600;
    });
    assert_eq!(done(step).authenticated_at, Some(NOW - 3600));
}

#[test]
fn a_partner_that_says_no_is_understood() {
    for (status, reason) in [
        ("AuthnFailed", RejectReason::Cancelled),
        ("RequestDenied", RejectReason::Cancelled),
        ("UnknownPrincipal", RejectReason::AccountNotAllowed),
        ("NoAuthnContext", RejectReason::ProviderUnavailable),
        ("Responder", RejectReason::ProviderUnavailable),
    ] {
        let driver = open(&settings(&json!({})));
        let (id, state) = ask(&driver, "");
        let mut refused = Answer::to(&id);
        let status = format!("urn:oasis:names:tc:SAML:2.0:status:{status}");
        refused.status = Box::leak(status.into_boxed_str());
        let step = answer(&driver, &state, &refused.without_assertion());
        rejected(&step, reason, "the provider answers");
    }
}

#[test]
fn accounts_that_are_not_taken_are_told_apart() {
    let transient = sign_in(&settings(&json!({})), |answer| {
        answer.name.0 = Some(TRANSIENT);
    });
    rejected(
        &transient,
        RejectReason::AccountNotAllowed,
        "subject_attribute",
    );
    let foreign = sign_in(&settings(&json!({})), |answer| {
        answer.attributes = vec![(EMAIL.to_owned(), vec!["eve@contoso.example".to_owned()])];
    });
    rejected(&foreign, RejectReason::AccountNotAllowed, "contoso.example");
    let silent = sign_in(&settings(&json!({})), |answer| {
        answer.attributes = Vec::new();
    });
    rejected(&silent, RejectReason::AccountNotAllowed, "no e-mail");
    let by_attribute = json!({ "subject_attribute": "uid", "name_id_format": "transient" });
    let claims = done(sign_in(&settings(&by_attribute), |answer| {
        answer.name.0 = Some(TRANSIENT);
        answer
            .attributes
            .push(("uid".to_owned(), vec!["4711".to_owned()]));
    }));
    assert_eq!(claims.subject, "attribute!uid!4711");
}

/// S143: while two keys are published, either signs.
#[test]
fn sec_143_two_keys_work_at_once() {
    let both = metadata(&[
        ("signing", partner_key().base64()),
        ("signing", next_partner_key().base64()),
    ]);
    for settings in [
        settings(&json!({ "metadata": both })),
        fetched_settings(&json!({})),
        settings(&json!({
            "metadata": null,
            "passiveSignInUri": SSO,
            "partner_certificates": [partner_key().certificate_pem, next_partner_key().certificate_pem],
        })),
    ] {
        for key in [partner_key(), next_partner_key()] {
            let driver = open(&settings);
            let (id, state) = ask(&driver, &both);
            done(answer(&driver, &state, &Answer::to(&id).signed(key)));
            done(answer(
                &driver,
                &state,
                &Answer::to(&id).with_signed_assertion(key),
            ));
        }
    }
}

/// S143: a key that came after the metadata was fetched is found by fetching it again, once, without a restart.
#[test]
fn sec_143_a_new_key_is_fetched() {
    let driver = open(&fetched_settings(&json!({})));
    let (id, state) = ask(&driver, &good_metadata());
    let response = Answer::to(&id).signed(next_partner_key());
    let again = |document: &str| {
        let Step::Fetch {
            request,
            freshness,
            state,
        } = answer(&driver, &state, &response)
        else {
            panic!();
        };
        assert_eq!(
            (request.url.as_str(), freshness),
            (METADATA_URL, Freshness::Revalidate)
        );
        step(&driver, fetched(document), Some(state), NOW)
    };
    let both = metadata(&[
        ("signing", partner_key().base64()),
        ("signing", next_partner_key().base64()),
    ]);
    done(again(&both));
    rejected(
        &again(&good_metadata()),
        RejectReason::AnswerInvalid,
        "no trusted key",
    );
    let other = metadata_of(
        "https://evil.example",
        &[("signing", next_partner_key().base64())],
    );
    rejected(
        &again(&other),
        RejectReason::ProviderUnavailable,
        "does not describe",
    );
    let moved = both.replace(SSO, "https://evil.example/sso");
    rejected(
        &again(&moved),
        RejectReason::ProviderUnavailable,
        "SingleSignOnService",
    );
}

/// S143: what the settings hold is not fetched.
#[test]
fn sec_143_a_retired_key_is_refused() {
    let next = metadata(&[("signing", next_partner_key().base64())]);
    let driver = open(&settings(&json!({ "metadata": next })));
    let (id, state) = ask(&driver, "");
    let step_ = answer(&driver, &state, &Answer::to(&id).signed(partner_key()));
    rejected(&step_, RejectReason::AnswerInvalid, "no trusted key");
    let driver = open(&fetched_settings(&json!({})));
    let (id, state) = ask(&driver, &next);
    let Step::Fetch { state, .. } = answer(&driver, &state, &Answer::to(&id).signed(partner_key()))
    else {
        panic!();
    };
    let step_ = step(&driver, fetched(&next), Some(state), NOW);
    rejected(&step_, RejectReason::AnswerInvalid, "no trusted key");
}

/// S160: there is no setting that brings SHA-1 back.
#[test]
fn sec_160_no_setting_allows_weaker_algorithms() {
    let schema = open(&settings(&json!({})))
        .description()
        .settings_schema
        .clone()
        .unwrap();
    let names = schema["properties"].as_object().unwrap().keys();
    for name in names {
        assert!(
            !name.contains("sha") && !name.contains("algorithm"),
            "{name}"
        );
    }
    let driver = open(&settings(&json!({})));
    let (id, state) = ask(&driver, "");
    let weak = Answer::to(&id)
        .signed(partner_key())
        .replace("xmldsig-more#ecdsa-sha256", "xmldsig-more#ecdsa-sha1");
    rejected(
        &answer(&driver, &state, &weak),
        RejectReason::AnswerInvalid,
        "algorithm",
    );
}

#[test]
fn a_response_that_does_not_fit_the_state_is_not_kept() {
    let driver = open(&fetched_settings(&json!({})));
    let (id, state) = ask(&driver, &good_metadata());
    // Random text, so that it does not pack; as long as a message may be.
    let mut noise = String::new();
    let mut hash = "seed".to_owned();
    while noise.len() < 150_000 {
        hash = crate::person::hash(&[&hash]);
        noise.push_str(&hash);
    }
    let mut large = Answer::to(&id);
    large.attributes.push((
        "noise".to_owned(),
        noise
            .as_bytes()
            .chunks(1000)
            .map(|part| String::from_utf8(part.to_vec()).unwrap())
            .collect(),
    ));
    let step = answer(&driver, &state, &large.signed(next_partner_key()));
    rejected(&step, RejectReason::AnswerInvalid, "refused");
}

#[test]
fn events_that_do_not_fit_are_refused() {
    let known = open(&settings(&json!({})));
    let fetching = open(&fetched_settings(&json!({})));
    let (_, at_provider) = ask(&known, "");
    let Step::Fetch { state, .. } = step(&fetching, start(), None, NOW) else {
        panic!();
    };
    for (driver, event, state) in [
        (&known, Event::Sent, None),
        (
            &known,
            Event::Submit {
                fields: fields(&[]),
            },
            None,
        ),
        (&known, fetched(""), None),
        (&known, fetched(""), Some(at_provider)),
        (&known, callback(""), None),
        (&known, callback(""), Some("{".to_owned())),
        (&fetching, callback(""), Some(state)),
    ] {
        rejected(
            &step(driver, event, state, NOW),
            RejectReason::UnexpectedEvent,
            "state",
        );
    }
}
