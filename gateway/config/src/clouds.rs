//! The clouds that the gateway is shipped with, for those who have no configuration folder.

use std::collections::{BTreeMap, BTreeSet};

use gateway_core::cloud::Clouds;
use schemars::{Schema, SchemaGenerator};
use serde_json::{Map, Value};

use crate::convert;
use crate::documents::Merged;
use crate::problem::{Place, Problem, Problems};
use crate::source::Document;
use crate::wire::{CloudRecord, CloudsFile};

const SHIPPED: &str = include_str!("../../../config/clouds.toml");

/// The clouds of `config/clouds.toml` as it is shipped, with `changes`: records by name, in the form of that file, that are
/// added, or put in the place of the shipped ones.
///
/// # Errors
/// Every [`Problem`] with the changes; its `key` begins with `clouds`.
pub fn shipped_clouds_with(changes: &BTreeMap<String, Value>) -> Result<Clouds, Vec<Problem>> {
    let problem = |key: &str, message: String| {
        let problems = Problems::default();
        problems.error(&Place::whole("clouds"), &[key.to_owned()], message);
        problems.finish::<()>(None).err().unwrap_or_default()
    };
    let shipped: Value = toml::from_str(SHIPPED).map_err(|error| problem("", error.to_string()))?;
    let mut records = match shipped.get("clouds") {
        Some(Value::Object(records)) => records.clone(),
        Some(_) | None => Map::new(),
    };
    for (name, record) in changes {
        records.insert(name.clone(), record.clone());
    }
    let file = Value::Object(
        [("clouds".to_owned(), Value::Object(records))]
            .into_iter()
            .collect(),
    );
    let content: CloudsFile =
        serde_json::from_value(file).map_err(|error| problem("clouds", error.to_string()))?;
    let problems = Problems::default();
    let merged = Merged {
        content,
        document: Document {
            place: Place::whole("clouds"),
            places: BTreeMap::new(),
            broken: BTreeSet::new(),
        },
    };
    let clouds = convert::clouds::convert(&merged, &problems);
    problems.finish(clouds).map(|(clouds, _)| clouds)
}

/// The schema of one record of that file.
#[must_use]
pub fn cloud_schema(generator: &mut SchemaGenerator) -> Schema {
    generator.subschema_for::<CloudRecord>()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_shipped_clouds_are_right_and_can_be_changed() {
        let shipped = shipped_clouds_with(&BTreeMap::new()).unwrap();
        let names: Vec<&str> = shipped.0.keys().map(|name| name.as_str()).collect();
        assert_eq!(
            names,
            ["china-21vianet", "dod", "gcc", "gcc-high", "worldwide"]
        );
        let record = serde_json::json!({
            "instance": "sovcloud.example",
            "authority": "https://login.sovcloud.example",
            "identity_providers": ["work-school"],
            "integration_supported": true,
            "restricted": false,
            "consumers": false,
            "file_requests": true,
            "allow_invites_from": "everyone",
        });
        let changes = [("bleu".to_owned(), record)].into();
        assert_eq!(shipped_clouds_with(&changes).unwrap().0.len(), 6);
        let wrong = [(
            "bleu".to_owned(),
            serde_json::json!({ "instance": "x", "colour": 1 }),
        )];
        assert!(shipped_clouds_with(&wrong.into()).is_err());
        let short = [("bleu".to_owned(), serde_json::json!({ "instance": "x" }))];
        assert_eq!(shipped_clouds_with(&short.into()).unwrap_err().len(), 7);
    }
}
