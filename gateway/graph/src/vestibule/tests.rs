//! The operations as they are described, and what they do.

mod admission;
mod changes;
mod groups;
mod tenants;

use std::collections::BTreeSet;

use http::Method;
use serde_json::Value;

use super::document::document;
use super::find;
use super::operation::{Kind, Operation, Who};
use super::table::RESOURCES;

fn operations() -> impl Iterator<Item = (&'static str, &'static Operation)> {
    RESOURCES
        .iter()
        .flat_map(|resource| resource.operations.iter().map(|one| (resource.path, one)))
}

#[test]
fn every_operation_is_in_the_document_and_nothing_else_is() {
    let document = document("https://gateway.example");
    let mut described = BTreeSet::new();
    for (path, methods) in document["paths"].as_object().unwrap() {
        let methods = methods.as_object().unwrap().keys();
        let methods = methods.filter(|name| *name != "parameters");
        described.extend(methods.map(|name| format!("{} {path}", name.to_uppercase())));
    }
    let served: BTreeSet<String> = operations()
        .map(|(path, one)| format!("{} {path}", one.method.name()))
        .collect();
    assert_eq!(described, served);
}

#[test]
fn a_path_leads_to_the_resource_that_describes_it() {
    for resource in RESOURCES {
        let path = resource.path.replace(['{', '}'], "");
        let segments: Vec<&str> = path.split('/').skip(1).collect();
        let (found, captured) = find(&segments).unwrap();
        assert_eq!(found.path, resource.path);
        assert_eq!(captured.len(), resource.path.matches('{').count());
        let listed: Vec<&str> = resource.allow.split(", ").collect();
        let there: Vec<&str> = resource
            .operations
            .iter()
            .map(|one| one.method.name())
            .collect();
        assert_eq!(listed, there, "{}", resource.path);
        assert!(resource.operation(&Method::TRACE).is_none());
    }
    for unknown in [vec![], vec!["tenants", "x"], vec!["sites", "a", "b"]] {
        assert!(find(&unknown).is_none(), "{unknown:?}");
    }
}

#[test]
fn every_operation_says_who_may_call_it_and_what_it_answers() {
    let mut ids = BTreeSet::new();
    for (path, one) in operations() {
        assert!(ids.insert(one.id), "{} is there twice", one.id);
        assert!(
            !one.summary.is_empty() && one.summary.ends_with('.'),
            "{path}"
        );
        assert_eq!(one.scopes.is_empty(), one.who == Who::Anyone, "{}", one.id);
        assert_eq!(one.answer.0 == 204, one.answer.1.is_none(), "{}", one.id);
        let writes = one.method.name() != "GET" && !["explain", "impact"].contains(&one.id);
        let only_reads = |scope: &&str| scope.contains(".Read.");
        assert!(
            !(writes && one.scopes.iter().any(only_reads)),
            "{} changes something by a scope that reads",
            one.id
        );
    }
}

#[test]
fn the_document_refers_to_what_is_in_it() {
    let document = document("https://gateway.example");
    let text = document.to_string();
    let references = text.split("\"$ref\":\"#").skip(1);
    let mut count = 0;
    for reference in references {
        let pointer = reference.split('"').next().unwrap();
        assert!(document.pointer(pointer).is_some(), "{pointer}");
        count += 1;
    }
    assert!(count > 100, "{count}");
    let names = document["components"]["schemas"]
        .as_object()
        .unwrap()
        .keys();
    for name in names {
        let fits = name
            .chars()
            .all(|one| one.is_ascii_alphanumeric() || "._-".contains(one));
        assert!(fits, "{name}");
    }
}

#[test]
fn parameters_are_described_as_they_are_checked() {
    let document = document("https://gateway.example");
    for (path, one) in operations() {
        let method = one.method.name().to_lowercase();
        let described = &document["paths"][path][&method]["parameters"];
        for (at, parameter) in one.query.iter().enumerate() {
            let described = &described[at];
            assert_eq!(described["name"], parameter.name);
            assert_eq!(described["required"], Value::Bool(parameter.required));
            let kind = match parameter.kind {
                Kind::Text(_) | Kind::Moment => "string",
                Kind::Number(..) => "integer",
                Kind::Flag => "boolean",
            };
            assert_eq!(described["schema"]["type"], kind);
        }
    }
}
