//! JSON Schemas of the files, derived from the types they are read into.

mod check;

pub(crate) use check::check;

use schemars::{JsonSchema, schema_for};
use serde_json::Value;

use crate::wire::{CloudsFile, GatewayFile, ProviderFile, TenantFile};

/// A kind of file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Default,
    Environment,
    Clouds,
    Tenant,
    Provider,
}

impl Kind {
    const ALL: [Self; 5] = [
        Self::Default,
        Self::Environment,
        Self::Clouds,
        Self::Tenant,
        Self::Provider,
    ];

    const fn name(self) -> &'static str {
        match self {
            Self::Default => "default",
            Self::Environment => "environment",
            Self::Clouds => "clouds",
            Self::Tenant => "tenant",
            Self::Provider => "provider",
        }
    }

    pub(crate) fn schema(self) -> Value {
        match self {
            Self::Environment => derived::<GatewayFile>(),
            Self::Default => without_cloud(derived::<GatewayFile>()),
            Self::Clouds => derived::<CloudsFile>(),
            Self::Tenant => derived::<TenantFile>(),
            Self::Provider => derived::<ProviderFile>(),
        }
    }
}

/// The schemas of all kinds of file for editors: file name (`tenant.schema.json`) and text.
#[must_use]
pub fn schemas() -> Vec<(String, String)> {
    let text = |kind: Kind| format!("{:#}\n", kind.schema());
    Kind::ALL
        .into_iter()
        .map(|kind| (format!("{}.schema.json", kind.name()), text(kind)))
        .collect()
}

fn derived<T: JsonSchema>() -> Value {
    let mut schema = schema_for!(T).to_value();
    simplify(&mut schema);
    schema
}

/// The cloud belongs to the environment, not to what all environments share.
fn without_cloud(mut schema: Value) -> Value {
    if let Some(Value::Object(properties)) = schema.get_mut("properties") {
        properties.remove("cloud");
    }
    schema
}

/// Takes out what an optional key of the type adds: TOML has no null, and Rust's number formats mean
/// nothing to an editor.
fn simplify(schema: &mut Value) {
    match schema {
        Value::Object(members) => {
            members.remove("format");
            members.remove("default");
            if let Some(Value::Array(types)) = members.get_mut("type") {
                types.retain(|kind| kind != "null");
                if let [only] = types.as_slice() {
                    let only = only.clone();
                    members.insert("type".to_owned(), only);
                }
            }
            if let Some(Value::Array(options)) = members.get_mut("enum") {
                options.retain(|option| !option.is_null());
            }
            unwrap_optional(members);
            members.values_mut().for_each(simplify);
        }
        Value::Array(elements) => elements.iter_mut().for_each(simplify),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

/// `anyOf: [X, null]` is `X`.
fn unwrap_optional(members: &mut serde_json::Map<String, Value>) {
    let Some(Value::Array(choices)) = members.get_mut("anyOf") else {
        return;
    };
    choices.retain(|choice| choice.get("type") != Some(&Value::from("null")));
    if let [Value::Object(only)] = choices.as_slice() {
        let only = only.clone();
        members.remove("anyOf");
        for (key, value) in only {
            members.entry(key).or_insert(value);
        }
    }
}

/// The schema of the value at `path`, references followed; patterns of free names are any key.
pub(crate) fn find<'a>(schema: &'a Value, path: &[String]) -> Option<&'a Value> {
    let mut here = follow(schema, schema)?;
    for key in path {
        let property = here
            .get("properties")
            .and_then(|properties| properties.get(key));
        let next = property
            .or_else(|| here.get("additionalProperties"))
            .or_else(|| here.get("items"));
        here = follow(schema, next?)?;
    }
    Some(here)
}

/// The name of the type wanted at `path`; none where there is no such key.
pub(crate) fn kind_at(schema: &Value, path: &[String]) -> Option<String> {
    find(schema, path)?.get("type")?.as_str().map(str::to_owned)
}

fn follow<'a>(root: &'a Value, schema: &'a Value) -> Option<&'a Value> {
    match schema.get("$ref").and_then(Value::as_str) {
        Some(reference) => root.pointer(reference.strip_prefix('#')?),
        None => Some(schema),
    }
}
