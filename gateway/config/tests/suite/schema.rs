//! Unknown keys, wrong types, ranges; and the schemas that editors get.

use std::fs;

use gateway_config::{schemas, with_reference};

use crate::support::{World, config_folder};

#[test]
fn unknown_keys_are_refused_with_the_one_that_was_meant() {
    World::new()
        .tenant("upsteam_ca = \"x\"\n\n[sharing2]\n[guests.ada]\nadress = \"ada@fabrikam.example\"\nnote = 1\n")
        .refused(&[
            "own/tenants/contoso.toml:12:1: sites.projects.upsteam_ca: is not a key of this table: did you mean `upstream_ca`?",
            "own/tenants/contoso.toml:14:2: sharing2: is not a key of this table: did you mean `sharing`?",
            "own/tenants/contoso.toml:15:9: guests.ada.address: is required: give an address such as `ada@fabrikam.example`",
            "own/tenants/contoso.toml:16:1: guests.ada.adress: is not a key of this table: did you mean `address`?",
            "own/tenants/contoso.toml:17:1: guests.ada.note: is not a key of this table: it has `address`, `blocked`, `invitation_expires`, `expires`, `administers`, `mfa_registered`, `manager`",
        ]);
}

#[test]
fn a_key_below_the_wrong_table_is_sent_to_the_top() {
    World::new().tenant("cloud = \"gcc\"\n").refused(&[
        "own/tenants/contoso.toml:12:1: sites.projects.cloud: belongs to the top of the file: write `cloud` above the first table",
    ]);
}

#[test]
fn types_ranges_and_choices_are_checked_all_at_once() {
    World::new()
        .gateway("[limits]\nconnections = \"many\"\nheader_bytes = 10\nmails_per_address = 1000\n[sessions]\nidle = 5\n")
        .tenant("partition = \"one-drive\"\nplain_headers = 1\npath_case = \"upper\"\n[guests.a]\naddress = []\n[directory]\nAllowedDomains = [\"a.example\", 7]\nBlockedDomains = 1\n")
        .refused(&[
            "own/default.toml:8:1: limits.connections: must be a whole number, not a string",
            "own/default.toml:9:1: limits.header_bytes: must be at least 8192",
            "own/default.toml:10:1: limits.mails_per_address: must be at most 100",
            "own/default.toml:12:1: sessions.idle: must be a string, not a number",
            "own/tenants/contoso.toml:12:1: sites.projects.partition: must be `core` or `onedrive`: did you mean `onedrive`?",
            "own/tenants/contoso.toml:13:1: sites.projects.plain_headers: must be `true` or `false`, not a number",
            "own/tenants/contoso.toml:14:1: sites.projects.path_case: must be `sensitive` or `insensitive`",
            "own/tenants/contoso.toml:16:1: guests.a.address: must be a string, not a list",
            "own/tenants/contoso.toml:18:32: directory.AllowedDomains.1: must be a string, not a number",
            "own/tenants/contoso.toml:19:1: directory.BlockedDomains: must be a list or a string, not a number",
        ]);
}

#[test]
fn what_was_refused_is_not_also_missing() {
    World::new()
        .file("own/tenants/contoso.toml", "display_name = 1\nhosts = 2\nsites = 3\n[sharing]\nSharingCapability = 4\n")
        .refused(&[
            "own/tenants/contoso.toml:1:1: display_name: must be a string, not a number",
            "own/tenants/contoso.toml:2:1: hosts: must be a list, not a number",
            "own/tenants/contoso.toml:3:1: sites: must be a table, not a number",
            "own/tenants/contoso.toml:5:1: sharing.SharingCapability: must be a string, not a number",
        ]);
}

#[test]
fn the_shipped_schemas_are_those_of_the_code() {
    let folder = config_folder().join("schema");
    let shipped = fs::read_dir(&folder).unwrap().count();
    assert_eq!(shipped, schemas().len());
    for (name, text) in schemas() {
        let read = |text: &str| serde_json::from_str::<serde_json::Value>(text).unwrap();
        let shipped = read(&fs::read_to_string(folder.join(&name)).unwrap());
        let advice = "run `cargo run -p gateway-config --example schemas config/schema`";
        assert!(shipped == read(&text), "{name} is not current: {advice}");
    }
}

#[test]
fn every_key_is_explained_in_its_schema_and_in_the_reference() {
    let reference = fs::read_to_string(config_folder().join("README.md")).unwrap();
    for (name, text) in schemas() {
        let schema: serde_json::Value = serde_json::from_str(&text).unwrap();
        let definitions = schema["$defs"]
            .as_object()
            .into_iter()
            .flat_map(|all| all.values());
        for table in definitions.chain([&schema]) {
            for (key, property) in table["properties"].as_object().into_iter().flatten() {
                assert!(
                    property["description"].is_string(),
                    "{name}: `{key}` has no description"
                );
                assert!(
                    reference.contains(&format!("`{key}`")),
                    "README.md says nothing about `{key}` of {name}"
                );
            }
        }
    }
}

#[test]
fn the_reference_of_settings_is_that_of_the_code() {
    let reference = fs::read_to_string(config_folder().join("README.md")).unwrap();
    let advice = "run `cargo run -p gateway-config --example reference config/README.md`";
    let current = with_reference(&reference).unwrap();
    assert!(current == reference, "README.md is not current: {advice}");
}
