//! The tenants' files.

const CONTOSO: &str = r#"
display_name = "Contoso"
hosts = ["contoso.example"]
cloud = "worldwide"
member_domains = ["contoso.example"]

[sharing]

[directory]
tenant_id = "11111111-1111-4111-8111-111111111111"

[sites.projects]
path = "/sites/projects"
upstream = "http://127.0.0.1:9"
SharingCapability = "ExternalUserAndGuestSharing"

[groups.staff]
people = ["mia@contoso.example"]

[guests.dora]
address = "dora@fabrikam.example"
"#;

/// The file of the tenant `woodgrove`.
pub(super) const WOODGROVE: &str = r#"
display_name = "Woodgrove"
hosts = ["woodgrove.example"]
cloud = "worldwide"
member_domains = ["woodgrove.example"]

[sharing]
SharingCapability = "ExternalUserAndGuestSharing"

[directory]
tenant_id = "22222222-2222-4222-8222-222222222222"

[sites.projects]
path = "/sites/projects"
upstream = "http://127.0.0.1:9"
SharingCapability = "ExternalUserAndGuestSharing"
"#;

/// The file of the tenant `contoso` with `more` laid over it, and whether that names the tenant's level. Every file has to:
/// it is filled in where it does not.
pub(super) fn contoso(more: &str) -> (String, bool) {
    let mut file: toml::Table = toml::from_str(CONTOSO).unwrap();
    let more: toml::Table = toml::from_str(more).unwrap();
    let sharing = more.get("sharing").and_then(toml::Value::as_table);
    let given = sharing.is_some_and(|table| table.contains_key("SharingCapability"));
    if !given {
        let level = "[sharing]\nSharingCapability = \"ExternalUserAndGuestSharing\"\n";
        lay_over(&mut file, toml::from_str(level).unwrap());
    }
    lay_over(&mut file, more);
    (toml::to_string(&file).unwrap(), given)
}

fn lay_over(table: &mut toml::Table, more: toml::Table) {
    for (key, value) in more {
        match (table.get_mut(&key), value) {
            (Some(toml::Value::Table(below)), toml::Value::Table(above)) => lay_over(below, above),
            (_, value) => drop(table.insert(key, value)),
        }
    }
}
