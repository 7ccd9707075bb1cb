//! Settings that are described by tables: they are read as they come, and judged where they are converted.

use std::collections::BTreeMap;

use gateway_core::settings::table::{Setting, Standing};
use gateway_core::settings::value::{Kind, Raw};
use gateway_core::settings::{DirectoryPolicy, SiteSharing, TenantSharing};
use schemars::Schema;
use serde::Deserialize;
use serde_json::{Map, Value, json};

/// The tenant setting that has no default here: how far a tenant is shared is said.
pub(crate) const REQUIRED: &str = "SharingCapability";

/// Settings by name.
pub(crate) type Given = BTreeMap<String, Written>;

/// A value as it stands in the file.
#[derive(Deserialize)]
#[serde(untagged)]
pub(crate) enum Written {
    Flag(bool),
    Number(i64),
    Text(String),
    List(Vec<Self>),
}

impl From<&Written> for Raw {
    fn from(written: &Written) -> Self {
        match written {
            Written::Flag(flag) => Self::Flag(*flag),
            Written::Number(number) => Self::Number(*number),
            Written::Text(text) => Self::text(text),
            Written::List(list) => Self::List(list.iter().map(Self::from).collect()),
        }
    }
}

/// Adds the tenant's settings to the schema of the table that they stand in.
pub(super) fn with_tenant(schema: &mut Schema) {
    describe(schema, TenantSharing::SETTINGS, Some(REQUIRED));
}

/// Adds a site's settings.
pub(super) fn with_site(schema: &mut Schema) {
    describe(schema, SiteSharing::SETTINGS, None);
}

/// Adds the directory's settings.
pub(super) fn with_directory(schema: &mut Schema) {
    describe(schema, DirectoryPolicy::SETTINGS, None);
}

/// `schema`, of an object, with the settings of a table as properties beside its own.
#[must_use]
pub fn with_settings(mut schema: Schema, table: &[Setting]) -> Schema {
    describe(&mut schema, table, None);
    schema
}

fn describe(schema: &mut Schema, table: &[Setting], required: Option<&str>) {
    schema.insert("additionalProperties".to_owned(), false.into());
    let properties = schema
        .ensure_object()
        .entry("properties")
        .or_insert_with(|| Map::new().into());
    let Value::Object(properties) = properties else {
        return;
    };
    for setting in table {
        let mut property = kind(setting.kind);
        let description = description(setting, required == Some(setting.name));
        if let Value::Object(property) = &mut property {
            property.insert("description".to_owned(), description.into());
        }
        properties.insert(setting.name.to_owned(), property);
    }
}

fn description(setting: &Setting, required: bool) -> String {
    let doc = setting.doc.trim();
    let default = default(setting).filter(|_| !required && setting.standing == Standing::Enforced);
    let default = default.map_or_else(String::new, |text| format!(" `{text}` if left out."));
    match setting.standing {
        Standing::Enforced => format!("{doc}{default}"),
        Standing::Ignored(why) => format!("{doc} Does nothing here: {why}."),
        Standing::Refused(why) => format!("{doc} Refused: {why}."),
    }
}

/// The default as it would be written; none where nothing is.
pub(crate) fn default(setting: &Setting) -> Option<String> {
    match (setting.default)() {
        Raw::List(list) if list.is_empty() => None,
        Raw::Text(text) if text.is_empty() => None,
        list @ Raw::List(_) => Some(format!("[{list}]").replace(' ', ", ")),
        value @ (Raw::Flag(_) | Raw::Number(_) | Raw::Text(_)) => Some(value.to_string()),
    }
}

fn kind(kind: Kind) -> Value {
    match kind {
        Kind::Flag => json!({ "type": "boolean" }),
        Kind::Word(words) => json!({ "type": "string", "enum": words }),
        Kind::WordOrFlag(words) => {
            let all = words.iter().copied().map(Value::from);
            let all: Vec<Value> = all.chain([true.into(), false.into()]).collect();
            json!({ "type": ["boolean", "string"], "enum": all })
        }
        Kind::Words(words) => {
            json!({ "type": "array", "items": { "type": "string", "enum": words } })
        }
        Kind::Number { least, most, zero } => {
            let least = if zero { 0 } else { least };
            json!({ "type": "integer", "minimum": least, "maximum": most })
        }
        Kind::Domains { .. }
        | Kind::DomainCharacters { .. }
        | Kind::Groups { .. }
        | Kind::Ranges
        | Kind::Addresses => {
            json!({ "type": ["array", "string"], "items": { "type": "string" } })
        }
        Kind::Text => json!({ "type": "string" }),
    }
}
