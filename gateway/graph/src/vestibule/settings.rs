//! Settings of the tenant, of its directory and of its sites, by the names that operators use.

use std::collections::BTreeMap;

use gateway_config::model::{self, Configuration};
use gateway_core::id::SiteId;
use gateway_core::policy::NoTrace;
use gateway_core::policy::configure::{
    self, Change, Configured, Consequence, Rejection, Scope, Settings, configure, tightens,
};
use gateway_core::settings::table::{Setting as Row, Standing};
use gateway_core::settings::value::Raw;
use gateway_core::settings::{DirectoryPolicy, SiteSharing, TenantSharing};
use gateway_store::model::{AuditEvent, Change as Stored, SettingScope, StoredSetting};
use serde_json::{Value, json};

use super::AREA;
use super::call::{Call, bad, ok, tenant};
use super::words::{
    Listing, Setting, SettingConsequence, SettingValue, SettingsChange, SettingsChanged,
};
use crate::error::{ApiError, Detail};
use crate::response::Response;

pub(super) async fn of_tenant(call: Call<'_>) -> Result<Response, ApiError> {
    list(&call, &Scope::Tenant)
}

pub(super) async fn of_directory(call: Call<'_>) -> Result<Response, ApiError> {
    list(&call, &Scope::Directory)
}

pub(super) async fn of_site(call: Call<'_>) -> Result<Response, ApiError> {
    list(&call, &site(&call)?)
}

pub(super) async fn change_tenant(call: Call<'_>) -> Result<Response, ApiError> {
    change(&call, Scope::Tenant).await
}

pub(super) async fn change_directory(call: Call<'_>) -> Result<Response, ApiError> {
    change(&call, Scope::Directory).await
}

pub(super) async fn change_site(call: Call<'_>) -> Result<Response, ApiError> {
    let scope = site(&call)?;
    change(&call, scope).await
}

/// The site that the path names.
fn site(call: &Call<'_>) -> Result<Scope, ApiError> {
    let configuration = call.configuration();
    let tenant = tenant(call, &configuration)?;
    SiteId::parse(call.segment(0))
        .ok()
        .filter(|site| tenant.sites.contains_key(site))
        .map(Scope::Site)
        .ok_or_else(|| ApiError::not_found(AREA))
}

fn table(scope: &Scope) -> &'static [Row] {
    match scope {
        Scope::Tenant => TenantSharing::SETTINGS,
        Scope::Site(_) => SiteSharing::SETTINGS,
        Scope::Directory => DirectoryPolicy::SETTINGS,
    }
}

/// Everything that is configured about the tenant, as the rules take it.
pub(super) fn settings(tenant: &model::Tenant) -> Settings {
    let sites = tenant.sites.iter();
    Settings {
        tenant: tenant.settings.clone(),
        sites: sites
            .map(|(id, site)| (id.clone(), site.settings.clone()))
            .collect(),
    }
}

fn list(call: &Call<'_>, scope: &Scope) -> Result<Response, ApiError> {
    let configuration = call.configuration();
    let tenant = tenant(call, &configuration)?;
    let current = settings(tenant);
    let (_, rows) = call.directory().settings_rows(&tenant.id);
    let stored = |name: &str| {
        let mut all = rows.settings.iter();
        all.any(|row| row.scope == stored_scope(scope) && row.name == name)
    };
    let shown = |row: &Row| {
        let (effective, source) =
            configure::effective(&current, scope, row.name, &configuration.clouds)?;
        let declared = tenant
            .declared
            .contains(&(scope.clone(), row.name.to_owned()));
        let (standing, note) = match row.standing {
            Standing::Enforced => ("enforced", gateway_config::idle(row.name)),
            Standing::Ignored(why) => ("ignored", Some(why)),
            Standing::Refused(_) => return None,
        };
        let given = match (stored(row.name), declared) {
            (true, _) => "api",
            (false, true) => "configuration",
            (false, false) => "default",
        };
        Some(Setting {
            name: row.name.to_owned(),
            value: value(&current.configured(scope, row.name)?),
            effective,
            source: source.name().to_owned(),
            given: given.to_owned(),
            standing: standing.to_owned(),
            note: note.map(str::to_owned),
        })
    };
    ok(&Listing::whole(
        table(scope).iter().filter_map(shown).collect(),
    ))
}

/// Tries the change by the rules, and makes it unless it is only to be tried.
async fn change(call: &Call<'_>, scope: Scope) -> Result<Response, ApiError> {
    let given: SettingsChange = call.body()?;
    if given.settings.is_empty() {
        return Err(bad("`settings` names no setting."));
    }
    let configuration = call.configuration();
    let tenant = tenant(call, &configuration)?;
    let current = settings(tenant);
    let changes = changes(&scope, given.settings);
    managed(tenant, &current, &changes)?;
    let consequences = judged(&current, &changes, &configuration, call)?;
    let applied = call.parameter("dryRun") != Some("true");
    if applied {
        let (stored, audit) = written(call, &scope, &current, &changes);
        call.write(Vec::new(), stored, vec![audit]).await?;
    }
    ok(&SettingsChanged {
        applied,
        consequences: consequences.iter().filter_map(told).collect(),
    })
}

fn changes(scope: &Scope, given: BTreeMap<String, Option<SettingValue>>) -> Vec<Change> {
    let change = |(name, value): (String, Option<SettingValue>)| {
        let scope = scope.clone();
        match value {
            Some(value) => Change::Set {
                scope,
                name,
                value: raw(value),
            },
            None => Change::Clear { scope, name },
        }
    };
    given.into_iter().map(change).collect()
}

/// What a file declares can be tightened here, and such a tightening taken back; nothing else.
fn managed(tenant: &model::Tenant, current: &Settings, changes: &[Change]) -> Result<(), ApiError> {
    let loosens = |change: &&Change| match change {
        Change::Set { scope, name, .. } => {
            tenant.declared.contains(&(scope.clone(), name.clone())) && !tightens(current, change)
        }
        // Only what is stored is cleared: the file's value counts again.
        Change::Clear { .. }
        | Change::AddFederation(_)
        | Change::RemoveFederation(_)
        | Change::GiveUpProvider(_)
        | Change::OfferProvider(_) => false,
    };
    let details: Vec<Detail> = changes.iter().filter(loosens).filter_map(named).collect();
    if details.is_empty() {
        Ok(())
    } else {
        Err(ApiError::managed_by_configuration().with_details(details))
    }
}

fn named(change: &Change) -> Option<Detail> {
    match change {
        Change::Set { name, .. } | Change::Clear { name, .. } => Some(Detail {
            code: "managedByConfiguration",
            message: "is declared in a file, and can only be tightened here".to_owned(),
            target: Some(name.clone()),
        }),
        Change::AddFederation(_)
        | Change::RemoveFederation(_)
        | Change::GiveUpProvider(_)
        | Change::OfferProvider(_) => None,
    }
}

fn judged(
    current: &Settings,
    changes: &[Change],
    configuration: &Configuration,
    call: &Call<'_>,
) -> Result<Vec<Consequence>, ApiError> {
    let now = call.request.now;
    let clouds = &configuration.clouds;
    match configure(current, changes, &[], &[], clouds, now, &mut NoTrace) {
        Configured::Set { consequences, .. } => Ok(consequences),
        Configured::Reject(rejections) => {
            let details: Vec<Detail> = rejections.iter().map(detail).collect();
            let all: Vec<String> = rejections.iter().map(sentence).collect();
            Err(bad(format!("The settings are refused: {}.", all.join("; "))).with_details(details))
        }
    }
}

fn sentence(rejection: &Rejection) -> String {
    format!("`{}` {}", rejection.key, rejection.rule)
}

fn detail(rejection: &Rejection) -> Detail {
    Detail {
        code: "settingRefused",
        message: rejection.rule.clone(),
        target: Some(rejection.key.clone()),
    }
}

fn stored_scope(scope: &Scope) -> SettingScope {
    match scope {
        Scope::Tenant => SettingScope::Tenant,
        Scope::Site(site) => SettingScope::Site(site.clone()),
        Scope::Directory => SettingScope::Directory,
    }
}

/// The changes of the store, with what the audit says of them.
fn written(
    call: &Call<'_>,
    scope: &Scope,
    current: &Settings,
    changes: &[Change],
) -> (Vec<Stored>, AuditEvent) {
    let mut stored = Vec::new();
    let mut modified = Vec::new();
    for change in changes {
        let (name, new) = match change {
            Change::Set { name, value, .. } => (name, Some(plain(value))),
            Change::Clear { name, .. } => (name, None),
            Change::AddFederation(_)
            | Change::RemoveFederation(_)
            | Change::GiveUpProvider(_)
            | Change::OfferProvider(_) => continue,
        };
        let old = current.configured(scope, name).map(|raw| plain(&raw));
        modified.push(json!({ "Name": name, "NewValue": new, "OldValue": old }));
        stored.push(match new {
            Some(value) => Stored::PutSetting(StoredSetting {
                scope: stored_scope(scope),
                name: name.clone(),
                value,
            }),
            None => Stored::ClearSetting(stored_scope(scope), name.clone()),
        });
    }
    let mut audit = AuditEvent::of(operation(changes), call.actor());
    if let Scope::Site(site) = scope {
        audit.site = Some(site.clone());
    }
    audit
        .more
        .insert("ModifiedProperties".to_owned(), modified.into());
    (stored, audit)
}

/// Microsoft 365's name of the change.
///
/// Source: specification "sharing rules" 8.
fn operation(changes: &[Change]) -> &'static str {
    let all = |wanted: fn(&str) -> bool| {
        changes.iter().all(|change| match change {
            Change::Set { name, .. } | Change::Clear { name, .. } => wanted(name),
            Change::AddFederation(_)
            | Change::RemoveFederation(_)
            | Change::GiveUpProvider(_)
            | Change::OfferProvider(_) => false,
        })
    };
    if all(|name| name.starts_with("IPAddress")) {
        "NetworkAccessPolicyChanged"
    } else if all(|name| name == "ConditionalAccessPolicy" || name == "LimitedAccessFileType") {
        "DeviceAccessPolicyChanged"
    } else {
        "SharingPolicyChanged"
    }
}

/// What the operator is told; values that take effect as given are not news.
fn told(consequence: &Consequence) -> Option<SettingConsequence> {
    let (kind, name, message) = match consequence {
        Consequence::Effective {
            key, value, source, ..
        } => (
            "effective",
            key.clone(),
            format!("{value}, by the {}", source.name()),
        ),
        Consequence::Sleeps { key, value, .. } => (
            "sleeps",
            key.clone(),
            format!("`{value}` is held down by a ceiling"),
        ),
        Consequence::Wakes { key, value, .. } => {
            ("wakes", key.clone(), format!("`{value}` takes effect"))
        }
        Consequence::ListDiscarded { key } => (
            "discarded",
            (*key).to_owned(),
            "the list is discarded".to_owned(),
        ),
        Consequence::Warning { key, message, .. } => ("warning", key.clone(), message.clone()),
        Consequence::LinkShortened(..) => return None,
    };
    Some(SettingConsequence {
        kind: kind.to_owned(),
        name,
        message,
    })
}

fn raw(value: SettingValue) -> Raw {
    match value {
        SettingValue::Flag(flag) => Raw::Flag(flag),
        SettingValue::Number(number) => Raw::Number(number),
        SettingValue::Text(text) => Raw::Text(text),
        SettingValue::List(list) => Raw::List(list.into_iter().map(Raw::Text).collect()),
    }
}

fn value(raw: &Raw) -> SettingValue {
    match raw {
        Raw::Flag(flag) => SettingValue::Flag(*flag),
        Raw::Number(number) => SettingValue::Number(*number),
        Raw::Text(text) => SettingValue::Text(text.clone()),
        Raw::List(list) => SettingValue::List(list.iter().map(ToString::to_string).collect()),
    }
}

fn plain(raw: &Raw) -> Value {
    match raw {
        Raw::Flag(flag) => json!(flag),
        Raw::Number(number) => json!(number),
        Raw::Text(text) => json!(text),
        Raw::List(list) => list.iter().map(plain).collect(),
    }
}
