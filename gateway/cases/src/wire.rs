//! The format of a file of cases.

mod expect;
mod facts;
mod question;

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::sync::LazyLock;

use gateway_core::settings::{DirectoryPolicy, Profile, SiteSharing, TenantSharing};
use schemars::generate::SchemaSettings;
use schemars::{JsonSchema, Schema};
use serde::Deserialize;
use serde_json::{Map, Value};

pub(crate) use facts::{
    ConditionalAccess, CrossTenant, DirectoryOwn, Federation, Group, Guest, Link, Permission,
    PolicyCopy, SiteOwn, TenantOwn, Trust,
};
pub(crate) use question::{
    Access, Account, After, Change, Client, Configure, Named, Redeem, Share, SharedBy, Sharer,
    SignedIn, With,
};

use crate::json;
use crate::problem::{At, Problem};
use crate::structure::Structure;

/// Settings by the names that operators use, beside a few of the format's own.
pub(crate) type Settings = Map<String, Value>;

/// A file of cases.
#[derive(JsonSchema)]
#[serde(deny_unknown_fields)]
struct File {
    /// Where the schema is; for editors.
    #[schemars(rename = "$schema")]
    #[expect(dead_code, reason = "described, and not read")]
    schema: Option<String>,
    /// The cases, answered in this order.
    #[expect(dead_code, reason = "described here, and read one by one")]
    cases: Vec<Case>,
}

/// One question, with all that its answer rests on. What is left out is at its documented default.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Case {
    /// Its name; told with the answer.
    pub(crate) name: String,
    /// The generation of sharing behaviour; every case names it.
    #[schemars(extend("enum" = Profile::NAMES))]
    pub(crate) profile: String,
    /// For people: what the case is about.
    #[serde(default)]
    #[expect(dead_code, reason = "for people")]
    note: Option<String>,
    /// For people: which reading was taken, where the documents are uncertain or contradict each other.
    #[serde(default)]
    #[expect(dead_code, reason = "for people")]
    reading: Option<String>,
    /// The moment of the question, RFC 3339; 2026-01-01T00:00:00Z if left out.
    #[serde(default)]
    pub(crate) at: Option<String>,
    /// The cloud of the tenant: `worldwide` if left out.
    #[serde(default)]
    pub(crate) cloud: Option<String>,
    /// Clouds that are not the shipped ones, or are other than shipped.
    #[serde(default)]
    #[schemars(schema_with = "cloud_records")]
    pub(crate) clouds: BTreeMap<String, Value>,
    /// The tenant's settings, by the names of `Set-SPOTenant`.
    #[serde(default)]
    #[schemars(schema_with = "tenant_settings")]
    pub(crate) tenant: Settings,
    /// The site's settings, by the names of `Set-SPOSite`. Its `SharingCapability` is Anyone if neither it nor a template is given.
    #[serde(default)]
    #[schemars(schema_with = "site_settings")]
    pub(crate) site: Settings,
    /// The directory's settings, by the names of Graph.
    #[serde(default)]
    #[schemars(schema_with = "directory_settings")]
    pub(crate) directory: Settings,
    /// Guests of the directory, by id.
    #[serde(default)]
    pub(crate) guests: BTreeMap<String, Guest>,
    /// Groups, by id.
    #[serde(default)]
    pub(crate) groups: BTreeMap<String, Group>,
    /// Permissions, by id.
    #[serde(default)]
    pub(crate) permissions: BTreeMap<String, Permission>,
    /// Links, by id.
    #[serde(default)]
    pub(crate) links: BTreeMap<String, Link>,
    /// May this person do this to that item?
    #[serde(default)]
    pub(crate) access: Option<Access>,
    /// May this be shared with those?
    #[serde(default)]
    pub(crate) share: Option<Share>,
    /// May this invitation be redeemed, and how?
    #[serde(default)]
    pub(crate) redeem: Option<Redeem>,
    /// May the settings be changed so, and into what?
    #[serde(default)]
    pub(crate) configure: Option<Configure>,
    /// What the answer holds: every key given here is found in it, and every element of a list; the answer may hold more.
    /// An empty list is one that holds nothing, and `null` is a key that the answer does not have.
    #[serde(default)]
    #[schemars(with = "Option<expect::Expect>")]
    pub(crate) expect: Option<Settings>,
}

/// What cases are made of; made once, since it is not cheap.
static STRUCTURE: LazyLock<Structure> = LazyLock::new(|| Structure::new(schema()));

/// The cases of a file, each with its place; each is read by itself, so that each can be wrong by itself.
pub(crate) fn read<'a>(text: &str, problems: &'a RefCell<Vec<Problem>>) -> Vec<(Case, At<'a>)> {
    let file = At::new("", problems);
    let content = match json::read(text) {
        Ok((content, twice)) => {
            problems.borrow_mut().extend(twice);
            content
        }
        Err(problem) => {
            file.note(problem);
            return Vec::new();
        }
    };
    let Value::Object(mut content) = content else {
        file.error("must be an object with `cases`, a list");
        return Vec::new();
    };
    let cases = content.shift_remove("cases");
    content.shift_remove("$schema");
    for key in content.keys() {
        file.key(key).error(format!(
            "unknown field `{key}`, expected one of `$schema`, `cases`"
        ));
    }
    let Some(Value::Array(cases)) = cases else {
        file.key("cases").error("is required: a list of cases");
        return Vec::new();
    };
    let at = file.key("cases");
    if cases.is_empty() {
        at.error("holds no case");
    }
    let each = cases.into_iter().enumerate();
    each.filter_map(|(index, case)| one(case, at.index(index), &STRUCTURE))
        .collect()
}

fn one<'a>(mut case: Value, at: At<'a>, structure: &Structure) -> Option<(Case, At<'a>)> {
    let before = at.count();
    structure.check("Case", &mut case, &at);
    match typed(case, at.path()) {
        Ok(case) => Some((case, at)),
        // What was taken out is told already, and is missing now.
        Err(_) if at.count() > before => None,
        Err(problem) => {
            at.note(problem);
            None
        }
    }
}

/// A value of a type, or where it is none and why.
pub(crate) fn typed<T: serde::de::DeserializeOwned>(
    value: Value,
    path: &str,
) -> Result<T, Problem> {
    serde_path_to_error::deserialize(value).map_err(|error| {
        let below = error.path().to_string();
        let message = error.inner().to_string();
        let path = match below.as_str() {
            "" | "." => path.to_owned(),
            below if below.starts_with('[') => format!("{path}{below}"),
            below => format!("{path}.{below}"),
        };
        Problem { path, message }
    })
}

fn cloud_records(generator: &mut schemars::SchemaGenerator) -> Schema {
    let record = gateway_config::cloud_schema(generator);
    schemars::json_schema!({ "type": "object", "additionalProperties": record })
}

fn tenant_settings(generator: &mut schemars::SchemaGenerator) -> Schema {
    let own = TenantOwn::json_schema(generator);
    gateway_config::with_settings(own, TenantSharing::SETTINGS)
}

fn site_settings(generator: &mut schemars::SchemaGenerator) -> Schema {
    let own = SiteOwn::json_schema(generator);
    gateway_config::with_settings(own, SiteSharing::SETTINGS)
}

/// Only what the directory's policy holds itself.
fn policy_settings(_: &mut schemars::SchemaGenerator) -> Schema {
    let own = schemars::json_schema!({ "type": "object" });
    gateway_config::with_settings(own, DirectoryPolicy::SETTINGS)
}

fn directory_settings(generator: &mut schemars::SchemaGenerator) -> Schema {
    let own = DirectoryOwn::json_schema(generator);
    gateway_config::with_settings(own, DirectoryPolicy::SETTINGS)
}

/// The JSON schema of a file.
pub(crate) fn schema() -> Value {
    let generator = SchemaSettings::draft2020_12().into_generator();
    generator.into_root_schema_for::<File>().to_value()
}
