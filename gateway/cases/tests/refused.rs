//! Files that are refused, and what is said about them.

use serde_json::{Value, json};

/// The problems with one case, as `path: message`.
fn problems(case: &Value) -> Vec<String> {
    let file = json!({ "cases": [case] }).to_string();
    match gateway_cases::run(&file) {
        Ok(answers) => vec![format!("answered: {}", answers.len())],
        Err(problems) => problems.iter().map(ToString::to_string).collect(),
    }
}

/// A case about access, with this beside.
fn with(key: &str, value: Value) -> Value {
    let mut case = json!({ "name": "n", "profile": "integration-opt-in", "access": {} });
    if let Value::Object(case) = &mut case {
        case.insert(key.to_owned(), value);
    }
    case
}

#[track_caller]
fn refused(case: &Value, path: &str, words: &str) {
    let problems = problems(case);
    let found = problems
        .iter()
        .any(|problem| problem.starts_with(&format!("{path}:")) && problem.contains(words));
    assert!(found, "`{path}` … `{words}` is not among {problems:#?}");
}

#[test]
fn a_whole_case_is_answered() {
    assert_eq!(
        problems(&with("note", json!("for people"))),
        ["answered: 1"]
    );
}

#[test]
fn unknown_keys_are_refused_with_their_path() {
    refused(
        &with("colour", json!(1)),
        "cases[0].colour",
        "unknown field `colour`",
    );
    refused(
        &with("access", json!({ "by": { "guest": "ada", "colour": 1 } })),
        "cases[0].access.by.colour",
        "unknown field",
    );
    refused(
        &with("access", json!({ "client": { "colour": 1 } })),
        "cases[0].access.client.colour",
        "unknown field",
    );
    refused(
        &with("tenant", json!({ "SharingColour": 1 })),
        "cases[0].tenant.SharingColour",
        "unknown field `SharingColour`",
    );
    refused(
        &with("directory", json!({ "cross_tenant": { "colour": 1 } })),
        "cases[0].directory.cross_tenant.colour",
        "unknown field",
    );
    refused(
        &with(
            "guests",
            json!({ "ada": { "address": "a@b.com", "colour": 1 } }),
        ),
        "cases[0].guests.ada.colour",
        "unknown field",
    );
    let top = gateway_cases::run(r#"{ "cases": [], "colour": 1 }"#).unwrap_err();
    assert_eq!(top.first().unwrap().path, "colour");
}

#[test]
fn every_case_names_its_profile_and_asks_one_question() {
    refused(
        &json!({ "name": "n", "access": {} }),
        "cases[0]",
        "missing field `profile`",
    );
    refused(
        &with("profile", json!("P2")),
        "cases[0].profile",
        "`P2` is none of separate-managers",
    );
    refused(
        &json!({ "name": "n", "profile": "integration-opt-in" }),
        "cases[0]",
        "exactly one of",
    );
    refused(
        &with("redeem", json!({ "address": "a@b.com" })),
        "cases[0]",
        "exactly one of",
    );
}

#[test]
fn values_outside_their_range_are_refused() {
    for (setting, value, words) in [
        (
            "SharingCapability",
            json!("Everybody"),
            "must be one of Disabled",
        ),
        ("SharingCapability", json!(2), "must be one of Disabled"),
        ("SharingCapability", json!({}), "no value of a setting"),
        (
            "RequireAnonymousLinksExpireInDays",
            json!(731),
            "from 1 to 730",
        ),
        (
            "RequireAnonymousLinksExpireInDays",
            json!(-1),
            "from 1 to 730",
        ),
        (
            "RequireAnonymousLinksExpireInDays",
            json!(1.5),
            "no value of a setting",
        ),
        (
            "SharingAllowedDomainList",
            json!("*.contoso.com"),
            "wildcard",
        ),
        (
            "SharingAllowedDomainList",
            json!("contoso"),
            "not a domain name",
        ),
        (
            "IPAddressAllowList",
            json!("192.0.2.0/24,192.0.2.1"),
            "overlap",
        ),
        (
            "BlockDownloadFileTypePolicy",
            json!(true),
            "cannot be enforced here",
        ),
    ] {
        let path = format!("cases[0].tenant.{setting}");
        refused(&with("tenant", json!({ setting: value })), &path, words);
    }
    let many: Vec<String> = (0..5_001).map(|number| format!("d{number}.com")).collect();
    refused(
        &with("tenant", json!({ "SharingBlockedDomainList": many })),
        "cases[0].tenant.SharingBlockedDomainList",
        "5000",
    );
}

#[test]
fn facts_that_are_wrong_are_refused() {
    refused(&with("at", json!("tomorrow")), "cases[0].at", "no moment");
    refused(
        &with("cloud", json!("World Wide")),
        "cases[0].cloud",
        "not an identifier",
    );
    refused(
        &with("clouds", json!({ "bleu": {} })),
        "cases[0].clouds.bleu.instance",
        "",
    );
    for address in ["a@b@c.com", "\"a b\"@c.com", "a\u{7}@c.com", "a@*.com", "a"] {
        let guests = json!({ "ada": { "address": address } });
        refused(&with("guests", guests), "cases[0].guests.ada.address", "");
    }
    let cycle = json!({ "a": { "groups": ["b"] }, "b": { "groups": ["a"] } });
    refused(&with("groups", cycle), "cases[0].groups.a", "inside itself");
    refused(
        &with("groups", json!({ "a": { "groups": ["b"] } })),
        "cases[0].groups.a",
        "does not exist",
    );
    refused(
        &with("permissions", json!({ "p": { "to": "group:A B" } })),
        "cases[0].permissions.p.to",
        "not an identifier",
    );
    refused(
        &with(
            "permissions",
            json!({ "p": { "to": "members", "item": "/a/../b" } }),
        ),
        "cases[0].permissions.p.item",
        "dot segment",
    );
    refused(
        &with(
            "permissions",
            json!({ "p": { "to": "members", "expires": "soon" } }),
        ),
        "cases[0].permissions.p.expires",
        "neither a moment",
    );
    refused(
        &with("links", json!({ "l": { "scope": "world" } })),
        "cases[0].links.l.scope",
        "none of anonymous",
    );
    refused(
        &with("access", json!({ "by": { "guest": "eve" } })),
        "cases[0].access.by",
        "none of `guests`",
    );
    refused(
        &with("access", json!({ "client": { "address": "here" } })),
        "cases[0].access.client.address",
        "no network address",
    );
}

#[test]
fn all_that_is_wrong_is_told_at_once() {
    let case = json!({
        "name": "n",
        "profile": "P9",
        "tenant": { "SharingCapability": 1 },
        "site": { "LockState": "x" },
        "directory": { "allowInvitesFrom": "x" },
        "guests": { "ada": { "address": "x" } },
        "access": {},
    });
    assert_eq!(problems(&case).len(), 5);
}

#[test]
fn what_is_no_file_of_cases_is_refused() {
    for text in [
        "",
        "[]",
        "{",
        "{}",
        r#"{ "cases": {} }"#,
        r#"{ "cases": [1] }"#,
        "\u{0}",
    ] {
        assert!(!gateway_cases::run(text).unwrap_err().is_empty(), "{text}");
    }
    let deep = format!(
        "{{\"cases\":{}{}}}",
        "[".repeat(100_000),
        "]".repeat(100_000)
    );
    assert!(gateway_cases::run(&deep).is_err());
}

#[test]
fn a_change_that_is_wrong_is_an_answer() {
    let case = json!({
        "name": "n",
        "profile": "integration-opt-in",
        "configure": { "changes": [{ "name": "SharingAllowedDomainList", "value": "*.contoso.com" }] },
        "expect": { "outcome": "reject", "rejections": [{ "key": "SharingAllowedDomainList" }] },
    });
    let answers = gateway_cases::run(&json!({ "cases": [case] }).to_string()).unwrap();
    assert_eq!(answers.first().unwrap().as_expected(), Some(true));
}
