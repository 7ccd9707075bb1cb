//! Changes of settings: through the core's `configure`, and written with what they changed.

use std::collections::BTreeMap;

use gateway_core::policy::NoTrace;
use gateway_core::policy::configure::{
    Change as Asked, Configured, Consequence, Rejection, Scope, Settings, configure, tightens,
};
use gateway_core::settings::value::Raw;
use gateway_store::model::{AuditEvent, Change, Expect, SettingScope, StoredSetting};
use serde_json::{Value, json};
use tracing::warn;

use super::Call;
use super::write::Modified;
use crate::error::{ApiError, Detail};

/// Most complaints told at once.
const MOST_DETAILS: usize = 50;

/// A setting that gets a value, or (`None`) is left to its default.
pub(super) struct Wish {
    pub(super) scope: Scope,
    pub(super) name: &'static str,
    pub(super) value: Option<Raw>,
}

impl Wish {
    pub(super) const fn tenant(name: &'static str, value: Option<Raw>) -> Self {
        Self {
            scope: Scope::Tenant,
            name,
            value,
        }
    }

    pub(super) const fn directory(name: &'static str, value: Option<Raw>) -> Self {
        Self {
            scope: Scope::Directory,
            name,
            value,
        }
    }

    fn asked(&self) -> Asked {
        let (scope, name) = (self.scope.clone(), self.name.to_owned());
        match &self.value {
            Some(value) => Asked::Set {
                scope,
                name,
                value: value.clone(),
            },
            None => Asked::Clear { scope, name },
        }
    }
}

/// What else is written with settings.
pub(super) type Beside = (Expect, Change, AuditEvent);

impl Call<'_> {
    /// Sets settings, all or none of them.
    ///
    /// # Errors
    /// [`ApiError`] with 409 for what is declared, unless the change tightens it; with 400 and every rule that is broken
    /// for what the core refuses.
    pub(super) async fn set(
        &self,
        wishes: Vec<Wish>,
        beside: Vec<Beside>,
        operation: &str,
    ) -> Result<(), ApiError> {
        let tenant = self.tenant()?;
        let current = Settings {
            tenant: tenant.settings.clone(),
            sites: tenant
                .sites
                .iter()
                .map(|(id, site)| (id.clone(), site.settings.clone()))
                .collect::<BTreeMap<_, _>>(),
        };
        let differs = |wish: &Wish| match &wish.value {
            Some(value) => current.configured(&wish.scope, wish.name).as_ref() != Some(value),
            None => true,
        };
        let wishes: Vec<Wish> = wishes.into_iter().filter(differs).collect();
        let asked: Vec<Asked> = wishes.iter().map(Wish::asked).collect();
        for (wish, asked) in wishes.iter().zip(&asked) {
            let declared = (wish.scope.clone(), wish.name.to_owned());
            if tenant.declared.contains(&declared) && !tightens(&current, asked) {
                return Err(ApiError::managed_by_configuration());
            }
        }
        let configuration = self.api.surroundings().configuration();
        let clouds = &configuration.clouds;
        let now = self.request.now;
        let configured = configure(&current, &asked, &[], &[], clouds, now, &mut NoTrace);
        let after = match configured {
            Configured::Reject(rejections) => return Err(self.rejected(&rejections)),
            Configured::Set {
                settings,
                consequences,
            } => {
                self.tell(&consequences);
                settings
            }
        };
        let mut modified = Vec::new();
        let (mut expect, mut changes, mut audit) = (Vec::new(), Vec::new(), Vec::new());
        for wish in wishes {
            let value = |of: &Settings| of.configured(&wish.scope, wish.name).as_ref().map(shown);
            modified.push(Modified {
                name: wish.name.to_owned(),
                old: value(&current).unwrap_or_default(),
                new: value(&after).unwrap_or_default(),
            });
            let scope = stored(&wish.scope);
            let name = wish.name.to_owned();
            changes.push(match &wish.value {
                Some(value) => Change::PutSetting(StoredSetting {
                    scope,
                    name,
                    value: shown(value),
                }),
                None => Change::ClearSetting(scope, name),
            });
        }
        if !modified.is_empty() {
            audit.push(self.modified(operation, modified));
        }
        for (expected, change, event) in beside {
            expect.push(expected);
            changes.push(change);
            audit.push(event);
        }
        if changes.is_empty() {
            return Ok(());
        }
        self.write(expect, changes, audit).await
    }

    /// Asks the core whether a change may be that is kept as a document.
    ///
    /// # Errors
    /// [`ApiError`] with 400 and every rule that is broken.
    pub(super) fn judged(&self, change: Asked) -> Result<(), ApiError> {
        let tenant = self.tenant()?;
        let current = Settings {
            tenant: tenant.settings,
            sites: BTreeMap::new(),
        };
        let configuration = self.api.surroundings().configuration();
        let (clouds, now) = (&configuration.clouds, self.request.now);
        match configure(&current, &[change], &[], &[], clouds, now, &mut NoTrace) {
            Configured::Set { .. } => Ok(()),
            Configured::Reject(rejections) => Err(self.rejected(&rejections)),
        }
    }

    fn rejected(&self, rejections: &[Rejection]) -> ApiError {
        let told = |one: &Rejection| format!("`{}` {}", one.key, one.rule);
        let details = rejections.iter().take(MOST_DETAILS).map(|one| Detail {
            code: "settingRejected",
            message: told(one),
            target: Some(one.key.clone()),
        });
        let first = rejections.first().map(told).unwrap_or_default();
        ApiError::bad_request(self.area(), first)
            .with_inner("settingRejected")
            .with_details(details.collect())
    }

    fn tell(&self, consequences: &[Consequence]) {
        for consequence in consequences {
            if let Consequence::Warning { key, message, .. } = consequence {
                let tenant = &self.caller.tenant;
                warn!(tenant.id = %tenant, setting.name = %key, setting.warning = %message, "Setting taken with a warning");
            }
        }
    }
}

fn stored(scope: &Scope) -> SettingScope {
    match scope {
        Scope::Tenant => SettingScope::Tenant,
        Scope::Site(site) => SettingScope::Site(site.clone()),
        Scope::Directory => SettingScope::Directory,
    }
}

/// A value as JSON.
pub(super) fn shown(raw: &Raw) -> Value {
    match raw {
        Raw::Flag(flag) => json!(flag),
        Raw::Number(number) => json!(number),
        Raw::Text(text) => json!(text),
        Raw::List(list) => Value::Array(list.iter().map(shown).collect()),
    }
}

/// Texts as a value.
pub(super) fn list(texts: Vec<String>) -> Raw {
    Raw::List(texts.into_iter().map(Raw::Text).collect())
}
