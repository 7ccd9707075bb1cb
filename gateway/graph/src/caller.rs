//! Who calls, for which tenant, and with which scopes.

use std::collections::BTreeSet;

use gateway_core::address::EmailAddress;
use gateway_core::id::{GroupId, GuestId, TenantId};
use gateway_core::policy::share::DirectoryRole;
use gateway_store::StoreError;
use gateway_store::directory::Directory;
use gateway_store::model::{Actor, UserEntry};

use crate::error::{ApiError, Area};

/// Whoever calls, authenticated.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Caller {
    /// The tenant that the token is for; nothing of another one is shown or changed.
    pub tenant: TenantId,
    /// What calls.
    pub kind: CallerKind,
    /// `scp` of a person's token, `roles` of an application's, or what an operator's token names.
    pub scopes: BTreeSet<String>,
    /// As what the audit names the caller.
    pub actor: String,
}

/// What calls.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CallerKind {
    /// An application on behalf of one of the tenant's people.
    Person {
        /// The immutable id in the tenant's directory (`oid`).
        id: String,
        /// The address, where the token names one of the tenant's own domains; of a guest, the one that it came in with
        /// where the token names one.
        address: Option<EmailAddress>,
        /// Whether the person is a guest in the tenant's directory, or not known to be a member. Guests have least
        /// rights, whatever the scopes say.
        guest: bool,
        /// Roles in the directory (`wids`).
        roles: BTreeSet<DirectoryRole>,
        /// Whether the person administers SharePoint, or everything (`wids`).
        administrator: bool,
        /// Groups of the configuration that the address is in.
        groups: BTreeSet<GroupId>,
    },
    /// An application by itself.
    Application {
        /// Its id (`appid`, `azp`).
        id: String,
        /// As what it is in the tenant's directory (`oid`), where that is known.
        object: Option<String>,
    },
    /// Somebody with access to the keys on the gateway's machine.
    Operator,
}

impl Caller {
    /// Whether nobody has blocked or deleted the caller here, by id or by address.
    ///
    /// # Errors
    /// [`StoreError`] where the directory cannot be asked.
    pub async fn is_welcome(&self, directory: &Directory) -> Result<bool, StoreError> {
        let entries = self.entries(directory).await?;
        let gone = |entry: &UserEntry| !entry.account_enabled || entry.deleted.is_some();
        Ok(!entries.iter().any(gone))
    }

    /// The person's entries in the directory, by id and by address.
    ///
    /// # Errors
    /// [`StoreError`] where the directory cannot be asked.
    pub(crate) async fn entries(
        &self,
        directory: &Directory,
    ) -> Result<Vec<UserEntry>, StoreError> {
        let mut entries = Vec::new();
        let CallerKind::Person { id, address, .. } = &self.kind else {
            return Ok(entries);
        };
        if let Ok(id) = GuestId::parse(id) {
            entries.extend(directory.user(&self.tenant, &id).await?);
        }
        if let Some(address) = address {
            entries.extend(directory.user_by_address(&self.tenant, address).await?);
        }
        Ok(entries)
    }

    /// Whether the caller has one of `scopes`.
    #[must_use]
    pub fn has_any(&self, scopes: &[&str]) -> bool {
        scopes.iter().any(|scope| self.scopes.contains(*scope))
    }

    /// Demands one of `scopes`: those that suffice for the operation, the least first.
    ///
    /// # Errors
    /// [`ApiError`] with 403: `Authorization_RequestDenied` or `accessDenied`, by `area`.
    pub fn require(&self, scopes: &[&str], area: Area) -> Result<(), ApiError> {
        if self.has_any(scopes) {
            Ok(())
        } else {
            Err(ApiError::lacks_scope(area))
        }
    }
}

/// Roles in the directory that `wids` names.
///
/// Source: Entra's built-in roles, by template id.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Wids {
    pub(crate) roles: BTreeSet<DirectoryRole>,
    pub(crate) administrator: bool,
}

impl Wids {
    pub(crate) fn read<'a>(ids: impl IntoIterator<Item = &'a str>) -> Self {
        let mut wids = Self::default();
        for id in ids {
            match id.to_ascii_lowercase().as_str() {
                "62e90394-69f5-4237-9190-012177145e10" => {
                    wids.roles.insert(DirectoryRole::GlobalAdministrator);
                    wids.administrator = true;
                }
                "fe930be7-5e62-47db-91af-98c3a49a38b1" => {
                    wids.roles.insert(DirectoryRole::UserAdministrator);
                }
                "95e79109-95c0-4d8e-aee3-d01accf2d47b" => {
                    wids.roles.insert(DirectoryRole::GuestInviter);
                }
                "f28a1f50-f6e7-4571-818b-6a12f2af6b6c" => wids.administrator = true,
                _ => {}
            }
        }
        wids
    }
}

impl Caller {
    /// The caller as the audit names it.
    #[must_use]
    pub fn as_actor(&self, client: std::net::IpAddr) -> Actor {
        Actor {
            id: self.actor.clone(),
            client: Some(client.to_string()),
        }
    }

    /// The address of the person who calls.
    #[must_use]
    pub fn address(&self) -> Option<&EmailAddress> {
        match &self.kind {
            CallerKind::Person { address, .. } => address.as_ref(),
            CallerKind::Application { .. } | CallerKind::Operator => None,
        }
    }

    /// Whether a guest calls: least rights.
    #[must_use]
    pub const fn is_guest(&self) -> bool {
        match &self.kind {
            CallerKind::Person { guest, .. } => *guest,
            CallerKind::Application { .. } | CallerKind::Operator => false,
        }
    }

    /// Whether the caller's word counts as an administrator's: an application's by its roles, an operator's always, a
    /// person's by the directory's.
    #[must_use]
    pub const fn administers(&self) -> bool {
        match &self.kind {
            CallerKind::Person {
                administrator,
                guest,
                ..
            } => *administrator && !*guest,
            CallerKind::Application { .. } | CallerKind::Operator => true,
        }
    }
}
