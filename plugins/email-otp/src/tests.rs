//! The passcode provider, driven as the gateway does.

mod tries;

use std::collections::BTreeSet;

use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use plugins_sdk::message::{
    Consume, EmailClaim, EmailProof, Event, FieldKind, Form, Input, RejectReason, Step,
};
use plugins_sdk::testing::{ContractBroken, Driver, input, open_request};
use serde_json::{Value, json};

use crate::EmailOtp;

const NOW: i64 = 1_800_000_000;
const PAT: &str = "Pat@nowhere.example";

fn driver(settings: Value) -> Driver<EmailOtp> {
    Driver::open(&open_request(settings)).unwrap()
}

/// A sign-in at the point where the form is shown.
struct Asked {
    code: String,
    mail: String,
    subject: String,
    form: Form,
    submits: u8,
    state: String,
}

fn start(address: Option<&str>) -> Event {
    Event::Start {
        address: address.map(str::to_owned),
        fresh: false,
        contexts: Vec::new(),
        second_factor: false,
    }
}

fn typed(code: &str) -> Event {
    Event::Submit {
        fields: [("code".to_owned(), code.to_owned())].into(),
    }
}

fn resend() -> Event {
    let fields = [("code", ""), ("resend", "1")];
    Event::Submit {
        fields: fields
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .into(),
    }
}

/// Every step has entropy of its own.
fn at(event: Event, state: Option<String>, now: i64) -> Input {
    let mut input = input(event, state, now);
    let mut entropy = [9; 32];
    entropy[..8].copy_from_slice(&now.to_be_bytes());
    input.entropy = BASE64_URL_SAFE_NO_PAD.encode(entropy);
    input
}

fn asked(driver: &Driver<EmailOtp>, now: i64) -> Asked {
    after_mail(
        driver,
        driver.step(&at(start(Some(PAT)), None, now)).unwrap(),
        now,
    )
}

fn after_mail(driver: &Driver<EmailOtp>, step: Step, now: i64) -> Asked {
    let Step::Mail {
        to,
        subject,
        text,
        state,
    } = step
    else {
        panic!("no mail: {step:?}");
    };
    assert_eq!(to, PAT);
    let (form, submits, state) = shown(driver.step(&at(Event::Sent, Some(state), now)).unwrap());
    Asked {
        code: text
            .lines()
            .find(|line| line.starts_with("    "))
            .unwrap()
            .trim()
            .to_owned(),
        mail: text,
        subject,
        form,
        submits,
        state,
    }
}

fn shown(step: Step) -> (Form, u8, String) {
    match step {
        Step::Show {
            form,
            submits,
            state,
        } => (form, submits, state),
        other => panic!("no form: {other:?}"),
    }
}

fn submit(driver: &Driver<EmailOtp>, state: &str, event: Event, now: i64) -> Step {
    driver
        .step(&at(event, Some(state.to_owned()), now))
        .unwrap()
}

#[test]
fn the_code_proves_the_mailbox_now() {
    let driver = driver(json!({}));
    let asked = asked(&driver, NOW);
    let Step::Done { claims, consume } =
        submit(&driver, &asked.state, typed(&asked.code), NOW + 40)
    else {
        panic!("not signed in");
    };
    assert_eq!(claims.issuer, "urn:vestibule:email-otp");
    assert_eq!(claims.subject, "pat@nowhere.example");
    assert_eq!(claims.authenticated_at, Some(NOW + 40));
    assert_eq!(claims.amr, ["otp"]);
    assert_eq!(
        claims.email,
        Some(EmailClaim {
            address: PAT.to_owned(),
            proof: EmailProof::Mailbox
        })
    );
    let [Consume { id, until }] = consume.as_slice() else {
        panic!("a code must be used once: {consume:?}");
    };
    assert_eq!(*until, NOW + 1800);
    assert!(!id.contains(&asked.code));
}

#[test]
fn the_form_takes_a_code_or_sends_another() {
    let driver = driver(json!({}));
    let asked = asked(&driver, NOW);
    let [field] = asked.form.fields.as_slice() else {
        panic!("one field");
    };
    assert_eq!(
        (field.name.as_str(), field.kind),
        ("code", FieldKind::OneTimeCode)
    );
    assert_eq!(asked.form.buttons[0].name, "resend");
    assert_eq!(asked.form.error, None);
    assert!(asked.form.text.contains(PAT));
    assert_eq!(asked.submits, 5);
    assert_eq!(asked.code.len(), 8);
}

#[test]
fn the_mail_is_neutral() {
    let plain = asked(&driver(json!({})), NOW);
    assert_eq!(plain.subject, "Your sign-in code");
    assert!(plain.mail.contains("30 minutes"));
    assert!(plain.mail.contains("ignore this message"));
    assert!(!plain.mail.contains("://"), "{}", plain.mail);
    assert!(!plain.subject.contains(&plain.code));
    let named = asked(
        &driver(json!({ "organisation": "Contoso", "validity_minutes": 1 })),
        NOW,
    );
    assert_eq!(named.subject, "Your sign-in code for Contoso");
    assert!(named.mail.contains("Your sign-in code for Contoso is:"));
    assert!(named.mail.contains("expires in 1 minute and"));
}

#[test]
fn sec_208_a_code_is_bound_to_its_address() {
    let driver = driver(json!({}));
    let asked = asked(&driver, NOW);
    let other = asked.state.replace(PAT, "Eve@nowhere.example");
    assert_ne!(other, asked.state);
    let (form, ..) = shown(submit(&driver, &other, typed(&asked.code), NOW));
    assert!(form.error.is_some());
}

#[test]
fn sec_151_a_code_is_bound_to_its_attempt() {
    let driver = driver(json!({}));
    let asked = asked(&driver, NOW);
    let mut elsewhere = at(typed(&asked.code), Some(asked.state), NOW);
    elsewhere.attempt = "BBBBBBBBBBBBBBBBBBBBBB".to_owned();
    let (form, ..) = shown(driver.step(&elsewhere).unwrap());
    assert!(form.error.is_some());
}

#[test]
fn the_state_does_not_hold_the_code_and_needs_the_instances_key() {
    let driver = driver(json!({}));
    let asked = asked(&driver, NOW);
    assert!(!asked.state.contains(&asked.code));
    let mut request = open_request(json!({}));
    request.instance_key = BASE64_URL_SAFE_NO_PAD.encode([7; 32]);
    let other = Driver::<EmailOtp>::open(&request).unwrap();
    let (form, ..) = shown(submit(&other, &asked.state, typed(&asked.code), NOW));
    assert!(form.error.is_some());
}

#[test]
fn codes_differ_from_mail_to_mail() {
    let driver = driver(json!({}));
    let codes: BTreeSet<String> = (0..50).map(|n| asked(&driver, NOW + n).code).collect();
    assert_eq!(codes.len(), 50);
}

#[test]
fn codes_have_the_digits_configured() {
    for digits in 6..=10_usize {
        let asked = asked(&driver(json!({ "digits": digits })), NOW);
        assert_eq!(asked.code.len(), digits);
        assert_eq!(
            asked.form.fields[0].label,
            format!("Code ({digits} digits)")
        );
    }
}

#[test]
fn sec_154_nothing_but_an_address_gets_a_mail() {
    let driver = driver(json!({}));
    for address in [
        None,
        Some(""),
        Some("pat"),
        Some("pat@nowhere.example\r\nBcc: eve@evil.example"),
        Some("pat@nowhere.example "),
        Some("pat\t@nowhere.example"),
    ] {
        let step = driver.step(&at(start(address), None, NOW)).unwrap();
        assert!(matches!(step, Step::Reject { .. }), "{address:?}: {step:?}");
    }
}

#[test]
fn a_long_address_does_not_break_the_page() {
    let driver = driver(json!({}));
    let long = format!("{}@{}.example", "a".repeat(64), "b".repeat(240));
    let Step::Mail { state, .. } = driver.step(&at(start(Some(&long)), None, NOW)).unwrap() else {
        panic!("no mail");
    };
    let (form, ..) = shown(driver.step(&at(Event::Sent, Some(state), NOW)).unwrap());
    assert!(!form.text.contains(&long));
}

#[test]
fn events_that_do_not_fit_the_state_are_refused() {
    let driver = driver(json!({}));
    let Step::Mail { state: mailing, .. } = driver.step(&at(start(Some(PAT)), None, NOW)).unwrap()
    else {
        panic!("no mail");
    };
    let asking = asked(&driver, NOW).state;
    for (event, state) in [
        (typed("12345678"), None),
        (typed("12345678"), Some(mailing)),
        (typed("12345678"), Some("{}".to_owned())),
        (Event::Sent, Some(asking)),
        (Event::Sent, None),
        (Event::MetadataRequest, None),
    ] {
        let step = driver.step(&at(event.clone(), state, NOW)).unwrap();
        let unexpected = RejectReason::UnexpectedEvent;
        assert!(
            matches!(&step, Step::Reject { reason, .. } if *reason == unexpected),
            "{event:?}: {step:?}"
        );
    }
    let mut short = at(start(Some(PAT)), None, NOW);
    short.entropy = "AAAA".to_owned();
    assert!(matches!(driver.step(&short).unwrap(), Step::Reject { .. }));
}

#[test]
fn all_problems_are_told_at_once() {
    let settings = json!({
        "digits": 5,
        "validity_minutes": 61,
        "resend_seconds": "60",
        "organisation": "Contoso\r\nBcc: eve",
        "colour": "red",
    });
    let Err(ContractBroken::Refused(problems)) = Driver::<EmailOtp>::open(&open_request(settings))
    else {
        panic!("accepted");
    };
    let mut keys: Vec<&str> = problems
        .iter()
        .map(|problem| problem.key.as_str())
        .collect();
    keys.sort_unstable();
    assert_eq!(
        keys,
        [
            "colour",
            "digits",
            "organisation",
            "resend_seconds",
            "validity_minutes"
        ]
    );
    let mut keyless = open_request(json!({}));
    keyless.instance_key = "AAAA".to_owned();
    assert!(Driver::<EmailOtp>::open(&keyless).is_err());
}
