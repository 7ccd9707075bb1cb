//! `tests/cases/README.md` is what the format is: no key is missing from it, and problems are as they are told.

use std::collections::BTreeSet;

use gateway_core::settings::{DirectoryPolicy, Profile, SiteSharing, TenantSharing};
use serde_json::Value;

const README: &str = include_str!("../../../tests/cases/README.md");

#[test]
fn its_problems_are_those_that_are_told() {
    let file = r#"{"cases": [
        {
            "name": "a", "profile": "integration-opt-in", "access": {},
            "tenant": {"SharingCapabilty": "Disabled", "ExternalUserExpireInDays": 29}
        },
        {
            "name": "b", "profile": "integration-opt-in", "access": {},
            "guests": {"ada": {"address": "a@fabrikam.com"}, "ada": {"address": "a@fabrikam.com"}}
        }
    ]}"#;
    let problems = gateway_cases::run(file).unwrap_err();
    let told: BTreeSet<String> = problems
        .iter()
        .map(|problem| format!("rows.json: {problem}"))
        .collect();
    let shown: BTreeSet<String> = README
        .lines()
        .filter(|line| line.starts_with("rows.json: "))
        .map(str::to_owned)
        .collect();
    assert_eq!(shown, told);
}

/// The names of all keys that a schema describes.
fn keys<'a>(schema: &'a Value, found: &mut BTreeSet<&'a str>) {
    match schema {
        Value::Object(object) => {
            if let Some(Value::Object(properties)) = object.get("properties") {
                found.extend(properties.keys().map(String::as_str));
            }
            object.values().for_each(|one| keys(one, found));
        }
        Value::Array(list) => list.iter().for_each(|one| keys(one, found)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

#[test]
fn it_names_every_key_of_the_format() {
    let schema = gateway_cases::schema();
    let mut found = BTreeSet::new();
    keys(&schema, &mut found);
    let tables = [
        TenantSharing::SETTINGS,
        SiteSharing::SETTINGS,
        DirectoryPolicy::SETTINGS,
    ];
    let settings: BTreeSet<&str> = tables.into_iter().flatten().map(|one| one.name).collect();
    // Records of clouds are described where clouds are.
    let clouds = schema["$defs"]["CloudRecord"]["properties"].as_object();
    let clouds: BTreeSet<&str> = clouds.unwrap().keys().map(String::as_str).collect();
    let missing: Vec<&&str> = found
        .iter()
        .filter(|key| !settings.contains(**key) && !clouds.contains(**key) && **key != "$schema")
        .filter(|key| !README.contains(&format!("`{key}`")))
        .collect();
    assert_eq!(missing, [&""; 0]);
    for profile in Profile::NAMES {
        assert!(README.contains(profile), "{profile}");
    }
}
