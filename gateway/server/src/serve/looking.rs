//! The directory for programs that look once.

use std::collections::HashMap;
use std::io;
use std::sync::Arc;

use gateway_config::model::{Configuration, Tenant};
use gateway_core::id::TenantId;
use gateway_core::time::UnixTime;
use gateway_store::directory::{DeclaredTenant, View};
use gateway_store::model::TenantSettingsRows;
use gateway_store::{Store, StoreError};

use super::location;
use crate::live;

/// Why the directory cannot be looked at.
#[derive(Debug, thiserror::Error)]
pub(crate) enum DirectoryUnavailable {
    /// No runtime.
    #[error("the runtime cannot start: {0}")]
    Runtime(#[from] io::Error),
    /// The store.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// The directory as it stands, read without changing anything: what is declared, joined with what the store
/// knows, if there is a store yet.
///
/// With it comes the configuration, with what is stored laid over it.
///
/// # Errors
/// [`DirectoryUnavailable`].
pub(crate) fn look_at_directory(
    configuration: &Arc<Configuration>,
    now: UnixTime,
) -> Result<(Arc<Configuration>, View), DirectoryUnavailable> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    runtime.block_on(async {
        let store = Store::look_at(&location(&configuration.gateway.store)).await?;
        let view = View::read(store.as_ref(), declared(configuration), now).await?;
        let rows = match store {
            Some(store) => store.settings_rows().await?,
            None => HashMap::new(),
        };
        let of = |tenant: &TenantId| Arc::new(rows.get(tenant).cloned().unwrap_or_default());
        Ok((live::laid_over(configuration, of, now), view))
    })
}

/// What is stored for each tenant beside its users, permissions and links; nothing where there is no store yet.
///
/// # Errors
/// [`DirectoryUnavailable`].
pub(crate) fn stored_rows(
    configuration: &Configuration,
) -> Result<HashMap<TenantId, TenantSettingsRows>, DirectoryUnavailable> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    runtime.block_on(async {
        match Store::look_at(&location(&configuration.gateway.store)).await? {
            Some(store) => Ok(store.settings_rows().await?),
            None => Ok(HashMap::new()),
        }
    })
}

pub(crate) fn declared(configuration: &Configuration) -> Vec<DeclaredTenant> {
    configuration
        .tenants
        .values()
        .map(declared_tenant)
        .collect()
}

fn declared_tenant(tenant: &Tenant) -> DeclaredTenant {
    DeclaredTenant {
        id: tenant.id.clone(),
        guests: tenant.guests.clone(),
        permissions: tenant.permissions.clone(),
        links: tenant
            .links
            .iter()
            .map(|declared| (declared.link.clone(), declared.token_sha256))
            .collect(),
    }
}
