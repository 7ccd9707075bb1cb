//! How often, how long, how many.

use plugins_sdk::message::{RejectReason, Step};
use serde_json::json;

use super::{NOW, after_mail, asked, driver, resend, shown, submit, typed};

const WRONG: &str = "00000000";

#[test]
fn sec_144_five_wrong_codes_burn_it() {
    let driver = driver(json!({}));
    let asked = asked(&driver, NOW);
    assert_ne!(asked.code, WRONG);
    let mut state = asked.state;
    for left in (1..=4).rev() {
        let (form, submits, next) = shown(submit(&driver, &state, typed(WRONG), NOW));
        assert_eq!(submits, 5, "the gateway stops after five submissions, too");
        let error = form.error.unwrap();
        let told = if left == 1 {
            "one more try".to_owned()
        } else {
            format!("{left} more tries")
        };
        assert!(error.contains(&told), "{error}");
        state = next;
    }
    let fifth = submit(&driver, &state, typed(WRONG), NOW);
    let Step::Reject { reason, detail } = fifth else {
        panic!("{fifth:?}");
    };
    assert_eq!(reason, RejectReason::CredentialInvalid);
    assert!(!detail.contains(&asked.code));
}

#[test]
fn the_fifth_try_may_be_the_right_one() {
    let driver = driver(json!({}));
    let asked = asked(&driver, NOW);
    let mut state = asked.state;
    for _ in 0..4 {
        (_, _, state) = shown(submit(&driver, &state, typed(WRONG), NOW));
    }
    let step = submit(&driver, &state, typed(&asked.code), NOW);
    assert!(matches!(step, Step::Done { .. }), "{step:?}");
}

#[test]
fn sec_147_a_blank_code_is_a_wrong_one() {
    let driver = driver(json!({}));
    let asked = asked(&driver, NOW);
    let absent = plugins_sdk::message::Event::Submit { fields: [].into() };
    for event in [typed(""), typed("  "), typed("\u{3000}"), absent] {
        let (form, ..) = shown(submit(&driver, &asked.state, event, NOW));
        assert!(form.error.unwrap().contains("4 more tries"));
    }
}

#[test]
fn a_part_of_the_code_or_more_than_it_is_wrong() {
    let driver = driver(json!({}));
    let asked = asked(&driver, NOW);
    let shorter: String = asked.code.chars().take(7).collect();
    for code in [
        shorter,
        format!("{}0", asked.code),
        format!("0{}", asked.code),
    ] {
        let (form, ..) = shown(submit(&driver, &asked.state, typed(&code), NOW));
        assert!(form.error.is_some(), "{code}");
    }
}

#[test]
fn a_code_may_be_typed_with_blanks_and_in_full_width() {
    let driver = driver(json!({}));
    let asked = asked(&driver, NOW);
    let (front, back) = asked.code.split_at(4);
    let full_width: String = asked
        .code
        .chars()
        .map(|digit| char::from_u32(u32::from(digit) - 0x30 + 0xff10).unwrap())
        .collect();
    for code in [
        format!(" {front} {back} "),
        format!("{front}-{back}"),
        full_width,
    ] {
        let step = submit(&driver, &asked.state, typed(&code), NOW);
        assert!(matches!(step, Step::Done { .. }), "{code}: {step:?}");
    }
}

#[test]
fn a_code_is_dead_at_its_expiry() {
    let driver = driver(json!({}));
    let asked = asked(&driver, NOW);
    let step = |now| submit(&driver, &asked.state, typed(&asked.code), now);
    assert!(matches!(step(NOW + 1799), Step::Done { .. }));
    for late in [NOW + 1800, NOW + 1801, i64::MAX] {
        let (form, ..) = shown(step(late));
        assert!(form.error.unwrap().contains("no longer valid"));
    }
}

#[test]
fn another_code_can_be_had_after_a_minute() {
    let driver = driver(json!({}));
    let asked = asked(&driver, NOW);
    let (form, submits, _) = shown(submit(&driver, &asked.state, resend(), NOW + 59));
    assert!(form.error.unwrap().contains("one more second"));
    assert_eq!(submits, 6, "asking costs a submission and no try");
    let mail = submit(&driver, &asked.state, resend(), NOW + 60);
    assert!(matches!(mail, Step::Mail { .. }), "{mail:?}");
}

#[test]
fn another_code_burns_the_older_one() {
    let driver = driver(json!({}));
    let first = asked(&driver, NOW);
    let mail = submit(&driver, &first.state, resend(), NOW + 60);
    let second = after_mail(&driver, mail, NOW + 60);
    assert_ne!(first.code, second.code);
    let (form, ..) = shown(submit(&driver, &second.state, typed(&first.code), NOW + 61));
    assert!(form.error.is_some());
    let step = submit(&driver, &second.state, typed(&second.code), NOW + 61);
    assert!(matches!(step, Step::Done { .. }), "{step:?}");
}

#[test]
fn another_code_has_tries_of_its_own_and_the_attempt_an_end() {
    let driver = driver(json!({}));
    let mut now = NOW;
    let mut current = asked(&driver, now);
    let mut submits = vec![current.submits];
    for _ in 0..20 {
        now += 60;
        let mail = submit(&driver, &current.state, resend(), now);
        current = after_mail(&driver, mail, now);
        submits.push(current.submits);
    }
    assert_eq!(submits[..4], [5, 6, 7, 8]);
    assert_eq!(
        submits.last(),
        Some(&20),
        "the gateway ends the attempt there"
    );
}
