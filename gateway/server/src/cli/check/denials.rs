//! Denials that are stored over what is declared: the files alone do not show them.

use std::io::{self, Write};

use gateway_config::model::{Configuration, Tenant};
use gateway_core::policy::configure::tightens;
use gateway_graph::{ProviderStanding, Standing, standings};
use gateway_store::model::TenantSettingsRows;

use crate::{live, serve};

/// Lists them. A store that cannot be looked at is no problem of the files.
pub(super) fn list(configuration: &Configuration, out: &mut dyn Write) -> io::Result<()> {
    let rows = match serve::stored_rows(configuration) {
        Ok(rows) => rows,
        Err(error) => {
            return writeln!(
                out,
                "note: what is stored over these files cannot be looked at: {error}"
            );
        }
    };
    for (id, tenant) in &configuration.tenants {
        let Some(rows) = rows.get(id) else { continue };
        for denial in of(tenant, rows) {
            writeln!(out, "denied: tenant `{id}`: {denial}")?;
        }
        for one in standings(configuration, tenant, &rows.documents) {
            let what = what(&one);
            match one.standing {
                Standing::On => {}
                Standing::GivenUp => writeln!(out, "denied: tenant `{id}`: {what} is given up")?,
                Standing::NoProvider => writeln!(
                    out,
                    "note: tenant `{id}`: {what} has no provider, and signs nobody in"
                )?,
            }
        }
    }
    Ok(())
}

/// A provider, or a federation, in words.
fn what(one: &ProviderStanding) -> String {
    match &one.issuer {
        Some(issuer) => format!("federation `{issuer}`"),
        None => format!("identity provider `{}`", one.id),
    }
}

fn of(tenant: &Tenant, rows: &TenantSettingsRows) -> Vec<String> {
    let mut all = Vec::new();
    for guest in &tenant.guests {
        if rows.blocked.contains(&guest.address) {
            all.push(format!("guest `{}` is blocked", guest.address));
        }
    }
    for permission in &tenant.permissions {
        if rows.revoked_permissions.contains(&permission.id) {
            all.push(format!("permission `{}` is revoked", permission.id));
        }
    }
    for declared in &tenant.links {
        if rows.revoked_links.contains(&declared.link.id) {
            all.push(format!("link `{}` is revoked", declared.link.id));
        }
    }
    let settings = live::settings(tenant);
    for stored in &rows.settings {
        let tight = live::change(stored).is_some_and(|change| tightens(&settings, &change));
        if tight && live::is_declared(tenant, stored) {
            all.push(format!(
                "`{}` is tightened to {}",
                stored.name, stored.value
            ));
        }
    }
    all
}

#[cfg(test)]
mod tests {
    use gateway_core::id::PermissionId;
    use gateway_store::model::{SettingScope, StoredSetting};
    use serde_json::json;

    use super::*;
    use crate::tests::support::{ADA, configuration_of_tests, email, tenant};

    #[test]
    fn what_is_denied_over_a_declaration_is_told_and_nothing_else() {
        let mut configuration = configuration_of_tests();
        let contoso = configuration.tenants.get_mut(&tenant()).unwrap();
        let name = "PreventExternalUsersFromResharing";
        let setting = |name: &str, value| StoredSetting {
            scope: SettingScope::Tenant,
            name: name.to_owned(),
            value,
        };
        let rows = TenantSettingsRows {
            settings: vec![
                setting(name, json!(true)),
                setting("AnyoneLinkTrackUsers", json!(true)),
            ],
            revoked_permissions: ["read", "not-declared"]
                .map(|id| PermissionId::parse(id).unwrap())
                .into(),
            blocked: [email(ADA), email("eve@mallory.example")].into(),
            ..TenantSettingsRows::default()
        };
        let scope = gateway_core::policy::configure::Scope::Tenant;
        contoso.declared = [(scope, name.to_owned())].into();
        assert_eq!(
            of(contoso, &rows),
            [
                format!("guest `{ADA}` is blocked"),
                "permission `read` is revoked".to_owned(),
                format!("`{name}` is tightened to true"),
            ]
        );
    }
}
