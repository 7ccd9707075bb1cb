//! The configuration that decisions rest on: what is declared, with what was set through the management API over it.
//!
//! What is declared wins, but for what tightens it. What was stored and does not fit any more, for the files changed
//! under it, is left out, but for what tightens: that counts whatever else is wrong.

use std::collections::BTreeMap;
use std::sync::Arc;

use gateway_config::model::{Configuration, Tenant};
use gateway_core::groups::{Group, Groups};
use gateway_core::id::{GroupId, TenantId};
use gateway_core::policy::NoTrace;
use gateway_core::policy::configure::{Change, Configured, Scope, Settings, configure, tightens};
use gateway_core::settings::directory::PolicyCopy;
use gateway_core::settings::table::NotTaken;
use gateway_core::settings::value::Raw;
use gateway_core::time::UnixTime;
use gateway_store::model::{GroupEntry, SettingScope, StoredSetting, TenantSettingsRows};
use serde_json::Value;
use tracing::warn;

/// `declared`, with what is stored for each tenant over it; itself, where nothing is.
#[must_use]
pub(crate) fn laid_over(
    declared: &Arc<Configuration>,
    rows: impl Fn(&TenantId) -> Arc<TenantSettingsRows>,
    now: UnixTime,
) -> Arc<Configuration> {
    let all = declared.tenants.keys().map(|id| (id, rows(id)));
    let copies = |id| {
        let tenant = declared.tenants.get(id);
        tenant.is_some_and(|tenant| tenant.settings.sharing.sync_policy)
    };
    let all: Vec<_> = all
        .filter(|(id, rows)| is_something(rows) || copies(id))
        .collect();
    if all.is_empty() {
        return Arc::clone(declared);
    }
    let mut configuration = Configuration::clone(declared);
    for (id, rows) in all {
        let Some(tenant) = configuration.tenants.get_mut(id) else {
            continue;
        };
        lay_groups(tenant, &rows.groups);
        let clouds = &declared.clouds;
        let before = settings(tenant);
        let after =
            with_settings(
                tenant,
                &before,
                &rows.settings,
                |current, changes| match configure(
                    current,
                    changes,
                    &[],
                    &[],
                    clouds,
                    now,
                    &mut NoTrace,
                ) {
                    Configured::Set { settings, .. } => Some(*settings),
                    Configured::Reject(_) => None,
                },
            );
        take(tenant, after);
        let documents = rows.documents.iter();
        gateway_graph::lay_over(&mut tenant.settings, documents, clouds);
        copy_policy(tenant, now);
    }
    Arc::new(configuration)
}

/// Takes the copy of the directory's policy that `SyncAadB2BManagementPolicy` keeps: whenever something is set, from the
/// same store.
///
/// Source: settled reading 16.
fn copy_policy(tenant: &mut Tenant, now: UnixTime) {
    let directory = &mut tenant.settings.directory;
    directory.copy = tenant.settings.sharing.sync_policy.then(|| PolicyCopy {
        taken: now,
        policy: directory.policy.clone(),
    });
}

/// Whether there is something to lay over. Denials are the directory's.
fn is_something(rows: &TenantSettingsRows) -> bool {
    !(rows.settings.is_empty() && rows.groups.is_empty() && rows.documents.is_empty())
}

/// The settings of a tenant and its sites.
#[must_use]
pub(crate) fn settings(tenant: &Tenant) -> Settings {
    Settings {
        tenant: tenant.settings.clone(),
        sites: tenant
            .sites
            .iter()
            .map(|(id, site)| (id.clone(), site.settings.clone()))
            .collect(),
    }
}

fn take(tenant: &mut Tenant, settings: Settings) {
    tenant.settings = settings.tenant;
    for (id, settings) in settings.sites {
        if let Some(site) = tenant.sites.get_mut(&id) {
            site.settings = settings;
        }
    }
}

/// - `taken`: the settings after changes that are made together, if they may be.
fn with_settings(
    tenant: &Tenant,
    declared: &Settings,
    stored: &[StoredSetting],
    taken: impl Fn(&Settings, &[Change]) -> Option<Settings>,
) -> Settings {
    let (mut changes, mut strict) = (Vec::new(), Vec::new());
    for setting in stored {
        let Some(change) = change(setting) else {
            left_out(tenant, &setting.name, "has a value that no setting has");
            continue;
        };
        let tight = tightens(declared, &change);
        if !tight && is_declared(tenant, setting) {
            left_out(
                tenant,
                &setting.name,
                "is declared, and not tightened by it",
            );
            continue;
        }
        if tight {
            strict.push(change.clone());
        }
        changes.push(change);
    }
    if let Some(settings) = taken(declared, &changes) {
        return settings;
    }
    let mut settings = declared.clone();
    for change in &changes {
        match taken(&settings, std::slice::from_ref(change)) {
            Some(next) => settings = next,
            None => left_out(tenant, change.name(), "does not fit the files any more"),
        }
    }
    for change in &strict {
        if tightens(&settings, change) && force(&mut settings, change).is_ok() {
            warn!(tenant.id = %tenant.id, setting = change.name(), "Stored setting counts all the same, for it tightens");
        }
    }
    settings
}

fn left_out(tenant: &Tenant, name: &str, why: &str) {
    warn!(tenant.id = %tenant.id, setting = name, reason = why, "Stored setting left out");
}

/// Takes a value, whatever the others are.
fn force(settings: &mut Settings, change: &Change) -> Result<(), NotTaken> {
    let Change::Set { scope, name, value } = change else {
        return Err(NotTaken::Unknown);
    };
    match scope {
        Scope::Tenant => settings.tenant.sharing.set(name, value),
        Scope::Directory => settings.tenant.directory.policy.set(name, value),
        Scope::Site(site) => match settings.sites.get_mut(site) {
            Some(site) => site.sharing.set(name, value),
            None => Err(NotTaken::Unknown),
        },
    }
}

/// Whether the files name that setting.
#[must_use]
pub(crate) fn is_declared(tenant: &Tenant, stored: &StoredSetting) -> bool {
    let named = (scope(&stored.scope), stored.name.clone());
    tenant.declared.contains(&named)
}

/// The change that a stored setting is; none where no setting has such a value.
#[must_use]
pub(crate) fn change(setting: &StoredSetting) -> Option<Change> {
    Some(Change::Set {
        scope: scope(&setting.scope),
        name: setting.name.clone(),
        value: raw(&setting.value)?,
    })
}

fn scope(stored: &SettingScope) -> Scope {
    match stored {
        SettingScope::Tenant => Scope::Tenant,
        SettingScope::Directory => Scope::Directory,
        SettingScope::Site(site) => Scope::Site(site.clone()),
    }
}

fn raw(value: &Value) -> Option<Raw> {
    Some(match value {
        Value::Bool(flag) => Raw::Flag(*flag),
        Value::Number(number) => Raw::Number(number.as_i64()?),
        Value::String(text) => Raw::text(text),
        Value::Array(all) => Raw::List(all.iter().map(raw).collect::<Option<_>>()?),
        Value::Null | Value::Object(_) => return None,
    })
}

/// Stored groups beside those that are declared, which stay as they are. A stored one that names a group that is not
/// there holds everybody else.
fn lay_groups(tenant: &mut Tenant, stored: &[GroupEntry]) {
    if stored.is_empty() {
        return;
    }
    let mut all: BTreeMap<GroupId, Group> = tenant.groups.flat();
    for entry in stored {
        all.entry(entry.id.clone())
            .or_insert_with(|| entry.group.clone());
    }
    let known: Vec<GroupId> = all.keys().cloned().collect();
    for group in all.values_mut() {
        group
            .groups
            .retain(|inner| known.binary_search(inner).is_ok());
    }
    match Groups::new(&all) {
        Ok(groups) => tenant.groups = groups,
        Err(error) => {
            let group = error.group().map(ToString::to_string).unwrap_or_default();
            warn!(tenant.id = %tenant.id, group.id = group, error = %error, "Stored groups left out");
        }
    }
}

#[cfg(test)]
mod tests;
