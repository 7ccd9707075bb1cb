//! A plugin of ABI 1.0 against everything that came since: `tests/abi-1.0` holds its schemas as they were.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use serde::Serialize;
use serde_json::Value;

use super::samples;
use crate::message::{Event, Input, Onward, Step};
use crate::{testing, versions};

/// A schema as it was in ABI 1.0, or as it is now.
fn schema(folder: &str, name: &str) -> Value {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join(folder)
        .join(format!("{name}.schema.json"));
    serde_json::from_str(&fs::read_to_string(path).unwrap()).unwrap()
}

fn old(name: &str) -> Value {
    schema("../../tests/abi-1.0/schema", name)
}

fn new(name: &str) -> Value {
    schema("schema", name)
}

fn fits(schema: &Value, message: &impl Serialize) -> bool {
    jsonschema::is_valid(schema, &serde_json::to_value(message).unwrap())
}

fn inputs() -> impl Iterator<Item = Input> {
    let input = |event| testing::input(event, Some("state".to_owned()), 1_800_000_000);
    samples::events().into_iter().map(input)
}

/// The steps, with every field that one of them has.
fn steps() -> Vec<Step> {
    let mut steps = samples::steps();
    for step in samples::steps() {
        if let Step::Ended { issuer, sid, .. } = step {
            let then = Onward::Redirect {
                url: "https://idp.example/".to_owned(),
            };
            steps.push(Step::Ended {
                issuer,
                sub: sid.clone(),
                sid: sid.clone(),
                at: None,
                consume: Vec::new(),
                then: Some(then),
            });
            steps.push(Step::Ended {
                issuer: "https://idp.example".to_owned(),
                sub: None,
                sid,
                at: Some(1_800_000_000),
                consume: Vec::new(),
                then: None,
            });
        }
    }
    steps
}

/// What a plugin of 1.0 is sent fits the schemas of 1.0, and what it is not sent does not.
#[test]
fn a_plugin_of_1_0_is_sent_what_it_knows() {
    let old = old("input");
    let mut unknown = Vec::new();
    for input in inputs() {
        let kind = input.event.kind();
        match versions::input(&input, 0) {
            Some(known) => {
                assert!(fits(&old, &known), "{kind}");
                assert_eq!(known.event.kind(), kind);
            }
            None => {
                assert!(!fits(&old, &input), "{kind} is kept from it for nothing");
                unknown.push(kind);
            }
        }
        let whole = versions::input(&input, crate::abi::ABI_MINOR).unwrap();
        assert_eq!(
            *whole, input,
            "nothing is kept from a plugin of this version"
        );
    }
    assert_eq!(unknown, ["sign_out"]);
    let request = testing::open_request(serde_json::json!({ "key": "value" }));
    assert!(fits(
        &self::old("open-request"),
        &versions::open_request(&request, 0)
    ));
}

/// The control of the test above: unstripped, each of these is refused by a strict plugin of 1.0.
#[test]
fn what_came_with_1_1_is_in_the_samples() {
    let old = old("input");
    let newer: Vec<_> = inputs()
        .filter(|input| !fits(&old, input))
        .map(|input| input.event.kind())
        .collect();
    assert_eq!(newer, ["start", "callback", "logout_request", "sign_out"]);
}

/// The gateway takes from a plugin of 1.0 exactly what the schemas of 1.0 let it say.
#[test]
fn a_plugin_of_1_0_says_what_it_knows() {
    let old = old("step");
    let mut refused = BTreeSet::new();
    for step in steps() {
        let accepted = versions::check_step(&step, 0).is_ok();
        assert_eq!(accepted, fits(&old, &step), "{step:?}");
        if !accepted {
            refused.insert(step.kind());
        }
        assert_eq!(versions::check_step(&step, crate::abi::ABI_MINOR), Ok(()));
    }
    assert_eq!(refused, BTreeSet::from(["done", "ended", "signed_out"]));
}

/// What the tests above say of the samples, they say of the whole contract only if the samples hold all of it.
#[test]
fn the_samples_hold_every_field() {
    let messages = |list: Vec<Value>| {
        let mut names = BTreeSet::new();
        list.iter()
            .for_each(|message| collect_names(message, &mut names));
        names
    };
    let check = |schema: &str, samples: BTreeSet<String>| {
        let mut names = BTreeSet::new();
        collect_properties(&new(schema), &mut names);
        let missing: Vec<_> = names.difference(&samples).collect();
        assert!(missing.is_empty(), "{schema}: no sample has {missing:?}");
    };
    check(
        "input",
        messages(
            inputs()
                .map(|input| serde_json::to_value(input).unwrap())
                .collect(),
        ),
    );
    check(
        "step",
        messages(
            steps()
                .iter()
                .map(|step| serde_json::to_value(step).unwrap())
                .collect(),
        ),
    );
}

/// Messages without a newer part are what they were: a change to them needs a version, and an entry in `versions`.
#[test]
fn the_other_messages_are_those_of_1_0() {
    for name in ["description", "open-request", "open-answer"] {
        assert_eq!(without_words(new(name)), without_words(old(name)), "{name}");
    }
}

/// Nothing was taken away or changed: what 1.0 could say and be told, it still can.
#[test]
fn what_was_in_1_0_is_still_there() {
    for name in ["input", "step"] {
        let (mut then, mut now) = (BTreeSet::new(), BTreeSet::new());
        collect_properties(&old(name), &mut then);
        collect_properties(&new(name), &mut now);
        assert!(then.is_subset(&now), "{name}: {:?}", then.difference(&now));
    }
    let stripped = Event::Start {
        address: None,
        fresh: false,
        contexts: Vec::new(),
        second_factor: false,
    };
    let input = testing::input(stripped, None, 0);
    assert!(fits(&old("input"), &input), "a default is not sent at all");
}

/// `kind/property` of every object in a schema; of those without a kind, the bare property.
fn collect_properties(schema: &Value, names: &mut BTreeSet<String>) {
    if let Some(properties) = schema.get("properties").and_then(Value::as_object) {
        let kind = properties.get("kind").and_then(|kind| kind.get("const"));
        for name in properties.keys() {
            names.insert(named(kind, name));
        }
    }
    children(schema).for_each(|child| collect_properties(child, names));
}

fn collect_names(message: &Value, names: &mut BTreeSet<String>) {
    if let Some(object) = message.as_object() {
        for name in object.keys() {
            names.insert(named(object.get("kind"), name));
            names.insert(name.clone());
        }
    }
    children(message).for_each(|child| collect_names(child, names));
}

fn named(kind: Option<&Value>, name: &str) -> String {
    match kind.and_then(Value::as_str) {
        Some(kind) => format!("{kind}/{name}"),
        None => name.to_owned(),
    }
}

fn children(value: &Value) -> Box<dyn Iterator<Item = &Value> + '_> {
    match value {
        Value::Object(object) => Box::new(object.values()),
        Value::Array(list) => Box::new(list.iter()),
        _ => Box::new(std::iter::empty()),
    }
}

fn without_words(mut schema: Value) -> Value {
    if let Some(object) = schema.as_object_mut() {
        object.remove("description");
        object.remove("title");
        object
            .values_mut()
            .for_each(|value| *value = without_words(value.take()));
    } else if let Some(list) = schema.as_array_mut() {
        list.iter_mut()
            .for_each(|value| *value = without_words(value.take()));
    }
    schema
}
