//! Files that are refused though each value in them could be one; problems told at once; and laws about both.

use std::error::Error;
use std::fs;
use std::path::Path;

use serde_json::{Value, json};

/// A case that is in order, with these keys in place of its own; `null` takes a key out.
fn case(changes: &Value) -> Value {
    let mut case = json!({
        "name": "ada reads",
        "profile": "integration-default",
        "guests": {"ada": {"address": "ada@fabrikam.com"}},
        "permissions": {"plan": {"to": "ada@fabrikam.com"}},
        "access": {"by": {"guest": "ada"}},
    });
    if let (Value::Object(case), Value::Object(changes)) = (&mut case, changes) {
        case.extend(changes.clone());
        case.retain(|_, value| !value.is_null());
    }
    case
}

fn run(file: &Value) -> Result<Vec<gateway_cases::Answered>, Vec<gateway_cases::Problem>> {
    gateway_cases::run(&file.to_string())
}

/// The paths of all that is wrong, below the only case.
fn paths(changes: &Value) -> Vec<String> {
    let found = run(&json!({"cases": [case(changes)]})).err();
    let paths = found.into_iter().flatten().map(|problem| problem.path);
    let below = |path: String| {
        path.trim_start_matches("cases[0]")
            .trim_start_matches('.')
            .to_owned()
    };
    let mut paths: Vec<String> = paths.map(below).collect();
    paths.sort();
    paths
}

#[track_caller]
fn check(changes: &Value, want: &[&str]) {
    assert_eq!(paths(changes), want, "{changes}");
}

#[test]
fn a_question_that_asks_nothing_is_refused() {
    check(&json!({}), &[]);
    check(&json!({"access": null, "share": {}}), &["share"]);
    check(&json!({"access": null, "configure": {}}), &["configure"]);
}

#[test]
fn everything_that_is_wrong_is_told_at_once() {
    check(
        &json!({
            "more": 1,
            "tenant": {"SharingCapabilty": "Disabled", "ExternalUserExpireInDays": 29, "SharingCapability": 7},
            "site": {"SharingAllowedDomainList": ["*.contoso.com"], "partition": "both"},
            "guests": {"ada": {"address": "ada@x@fabrikam.com", "stat": "blocked"}},
            "links": {"l": {"scope": "anyone"}, "Big": {"scope": "anonymous"}},
            "expect": {"outcme": "allow"},
        }),
        &[
            "expect.outcme",
            "guests.ada.address",
            "guests.ada.stat",
            "more",
            "site.SharingAllowedDomainList",
            "site.partition",
            "tenant.ExternalUserExpireInDays",
            "tenant.SharingCapability",
            "tenant.SharingCapabilty",
        ],
    );
    check(
        &json!({"guests": {"ada": {"address": 7}}, "links": {"l": {"scope": []}}, "at": true}),
        &["at", "guests.ada.address", "links.l.scope"],
    );
    check(
        &json!({"guests": {"ada": {}}, "links": {"l": {}}, "permissions": {"p": {}}}),
        &["guests.ada", "links.l", "permissions.p"],
    );
    let file = json!({"cases": [case(&json!({"profile": "P9"})), case(&json!({"at": "soon"})), 7], "more": 1});
    let found = run(&file).unwrap_err();
    let paths: Vec<&str> = found.iter().map(|problem| problem.path.as_str()).collect();
    assert_eq!(
        paths,
        ["more", "cases[2]", "cases[0].profile", "cases[1].at"]
    );
}

#[test]
fn each_wrong_value_of_a_part_is_told() {
    check(
        &json!({"access": {"by": {"guest": "ada", "member": "m@contoso.com"}}}),
        &["access.by"],
    );
    check(
        &json!({"access": {"by": {"guest": "ada"}, "item": {"kind": "fil"}, "action": "veiw", "client": {"address": "here"}}}),
        &["access.action", "access.client.address", "access.item.kind"],
    );
    check(
        &json!({"clouds": {"moon": {"instanc": "m"}}}),
        &[
            "clouds.moon.allow_invites_from",
            "clouds.moon.authority",
            "clouds.moon.consumers",
            "clouds.moon.file_requests",
            "clouds.moon.identity_providers",
            "clouds.moon.instanc",
            "clouds.moon.instance",
            "clouds.moon.integration_supported",
            "clouds.moon.restricted",
        ],
    );
}

#[test]
fn who_asks_is_one_of_the_kinds_that_there_are() {
    let two = json!({"access": {"by": {"guest": "ada", "member": "m@contoso.com"}}});
    let found = run(&json!({"cases": [case(&two)]})).unwrap_err();
    let told = "cases[0].access.by: must hold exactly one of guest, member, ad-hoc, unknown";
    assert_eq!(found[0].to_string(), told);
}

#[test]
fn two_guests_have_two_addresses() {
    check(
        &json!({"guests": {"ada": {"address": "ada@fabrikam.com"}, "bob": {"address": "Ada@Fabrikam.com"}}}),
        &["guests.bob.address"],
    );
}

#[test]
fn what_would_do_nothing_is_refused() {
    check(
        &json!({"access": {"signed_in": {"mfa_here": true}}}),
        &["access.signed_in"],
    );
    check(
        &json!({"links": {"l": {"scope": "anonymous", "recipients": ["ada@fabrikam.com"]}}}),
        &["links.l.recipients"],
    );
    check(
        &json!({"site": {"template": "team", "owners_add_guests": true}}),
        &["site.template"],
    );
    let outsider = json!({"who": {"outsider": "ada@fabrikam.com"}});
    check(
        &json!({"access": null, "share": {"file_request": true, "with": [outsider]}}),
        &["share.with"],
    );
    check(
        &json!({"access": null, "share": {"permission": "read", "sharer": {"id": "robot"}}}),
        &["share.sharer.id"],
    );
    check(
        &json!({"access": null, "redeem": {"address": "ada@fabrikam.com", "home_clouds": ["dod"], "after": {}}}),
        &["redeem.home_clouds"],
    );
    check(&json!({"expect": {}}), &["expect"]);
    let found = run(&json!({"cases": []})).unwrap_err();
    assert_eq!(found[0].path, "cases");
}

#[test]
fn a_key_that_stands_twice_is_refused() {
    let text = json!({"cases": [case(&json!({}))]}).to_string();
    let blocked = r#""guests":{"ada":{"address":"ada@fabrikam.com","state":"blocked"},"#;
    let twice = text.replace(r#""guests":{"#, blocked);
    assert_ne!(text, twice);
    let found = gateway_cases::run(&twice).unwrap_err();
    assert_eq!(found[0].path, "cases[0].guests.ada");
}

#[test]
fn what_is_wrong_with_a_change_is_the_answer() {
    let outcome = |change: Value| {
        let case = case(&json!({"access": null, "configure": {"changes": [change]}}));
        let answers = run(&json!({"cases": [case]})).unwrap();
        answers[0].to_json()["outcome"].clone()
    };
    let set = |name: &str, value: Value| json!({"name": name, "value": value});
    for change in [
        set("SharingBlockedDomainList", json!(["*.contoso.com"])),
        set("ExternalUserExpireInDays", json!(29)),
        set("ExternalUserExpireInDays", json!(1.5)),
        set("ExternalUserExpireInDays", json!({})),
        set("SharingCapabilty", json!("Disabled")),
        json!({"add_federation": {"issuer": "i", "domains": ["*.fabrikam.com"]}}),
    ] {
        assert_eq!(outcome(change.clone()), "reject", "{change}");
    }
    assert_eq!(outcome(set("SharingCapability", json!("Disabled"))), "set");
    assert_eq!(outcome(set("SharingCapability", Value::Null)), "set");
}

#[test]
fn a_value_that_no_setting_has_is_not_taken_beside_one_that_is_fine() {
    let changes = json!([
        {"name": "SharingCapability", "value": "Disabled"},
        {"name": "ExternalUserExpireInDays", "value": {}},
    ]);
    let case = case(&json!({"access": null, "configure": {"changes": changes}}));
    let answer = run(&json!({"cases": [case]})).unwrap()[0].to_json();
    assert_eq!(answer["outcome"], "reject");
    assert_eq!(answer["rejections"].as_array().unwrap().len(), 1);
}

#[test]
fn every_change_that_is_wrong_is_told() {
    let changes = json!([
        {"name": "SharingCapabilty", "value": "Disabled"},
        {"name": "ExternalUserExpireInDays", "value": {}},
    ]);
    let case = case(&json!({"access": null, "configure": {"changes": changes}}));
    let answer = run(&json!({"cases": [case]})).unwrap()[0].to_json();
    assert_eq!(answer["rejections"].as_array().unwrap().len(), 2);
}

/// The account that signs in is the guest's own, with what the case says otherwise.
#[test]
fn a_sign_in_is_as_it_is_told() {
    let code = |changes: &Value| {
        let answers = run(&json!({"cases": [case(changes)]})).unwrap();
        answers[0].to_json()["code"].clone()
    };
    let redeem = |after: Value| json!({"access": null, "redeem": {"address": "ada@fabrikam.com", "after": after}});
    assert_eq!(code(&redeem(json!({}))), Value::Null);
    assert_eq!(code(&redeem(json!({"cloud": "dod"}))), "cloud-not-allowed");
    assert_eq!(
        code(&redeem(json!({"tenant": "another"}))),
        "identity-mismatch"
    );
    assert_eq!(
        code(&redeem(json!({"kind": "email-otp"}))),
        "identity-mismatch"
    );
    let passcode = json!({"access": {"by": {"guest": "ada"}, "signed_in": {"kind": "email-otp"}}});
    assert_eq!(code(&passcode), "identity-mismatch");
    let pending =
        json!({"ada": {"address": "ada@fabrikam.com", "state": "pending", "cloud": "dod"}});
    assert_eq!(code(&json!({"guests": pending})), "cloud-not-allowed");
}

fn examples() -> Result<Vec<Value>, Box<dyn Error>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/cases/examples");
    let mut examples = Vec::new();
    for file in fs::read_dir(folder)? {
        examples.push(serde_json::from_str(&fs::read_to_string(file?.path())?)?);
    }
    Ok(examples)
}

/// The places of all values in `value`, as JSON pointers.
fn places(value: &Value, at: &str, found: &mut Vec<String>) {
    found.push(at.to_owned());
    match value {
        Value::Object(object) => {
            for (key, one) in object {
                places(one, &format!("{at}/{key}"), found);
            }
        }
        Value::Array(list) => {
            for (index, one) in list.iter().enumerate() {
                places(one, &format!("{at}/{index}"), found);
            }
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

#[test]
fn an_unknown_key_is_refused_wherever_it_stands() {
    let mut tried = 0;
    for file in examples().unwrap() {
        let mut all = Vec::new();
        places(&file, "", &mut all);
        for place in all {
            let mut changed = file.clone();
            let Some(Value::Object(object)) = changed.pointer_mut(&place) else {
                continue;
            };
            object.insert("unheard-of".to_owned(), 7.into());
            let found = run(&changed).unwrap_err();
            let told = found.iter().any(|one| one.path.ends_with("unheard-of"));
            assert!(told, "{place}: {found:?}");
            tried += 1;
        }
    }
    assert!(tried > 30, "{tried}");
}

#[test]
fn nothing_that_is_written_makes_it_panic() {
    let junk = json!([
        null, true, -1, 1e300, 18_446_744_073_709_551_615_u64, "", "\u{0}", "*", "é@ü.example", "+999999999d",
        "-999999999d", "9999-12-31T23:59:59Z", "x".repeat(10_000), [], [[[]]], {}, {"": {}}, {"a": null}
    ]);
    for file in examples().unwrap() {
        let mut all = Vec::new();
        places(&file, "", &mut all);
        for place in all {
            for one in junk.as_array().unwrap() {
                let mut changed = file.clone();
                *changed.pointer_mut(&place).unwrap() = one.clone();
                let _answered_or_refused = run(&changed);
            }
        }
    }
}
