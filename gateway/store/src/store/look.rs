//! One look into the store: everything that a decision rests on, by one query.
//!
//! Every part of it is found by an index: entries and redemptions by address, permissions by recipient, site and item,
//! links by id, token or person. `CROSS JOIN` keeps SQLite from turning a join round.

mod query;

use std::collections::{BTreeMap, BTreeSet, HashSet};

use gateway_core::address::EmailAddress;
use gateway_core::id::{GroupId, GuestId, LinkId, PermissionId, SiteId, TenantId};
use gateway_core::path::ItemPath;
use gateway_core::person::{Guest, GuestOrigin, GuestState, IdentityKey, InvitationManager};
use gateway_core::sharing::{LinkType, Permission, Recipient, Role, SharingLink};
use gateway_core::time::UnixTime;
use sqlx::Row;
use sqlx::any::AnyRow;

use super::Store;
use super::entries::{Word, json, link_scope};
use super::keys::parse_recipient;
use crate::StoreError;
use crate::columns::{bytes, corrupt, flag, identity, moment, optional_moment, parsed};
use crate::model::Wanted;
use query::Query;

/// What was found.
#[derive(Debug, Default)]
pub(crate) struct Looked {
    /// Entries; pending or blocked, whoever redeemed them.
    pub(crate) guests: Vec<Guest>,
    /// Who redeemed: also entries that are declared.
    pub(crate) redemptions: Vec<(EmailAddress, IdentityKey)>,
    /// Permissions.
    pub(crate) permissions: Vec<Permission>,
    /// Links, each with the SHA-256 of its token.
    pub(crate) links: Vec<(SharingLink, [u8; 32])>,
}

impl Store {
    /// Looks for what is wanted.
    ///
    /// - `also`: people whose entries are wanted, and nothing else of them.
    ///
    /// # Errors
    /// [`StoreError`].
    pub(crate) async fn look_for(
        &self,
        wanted: &Wanted,
        also: &BTreeSet<EmailAddress>,
    ) -> Result<Looked, StoreError> {
        let query = Query::of(wanted, also, self.kind);
        // Where there are too many groups to name, all that groups were granted on the path is found.
        read(&query.fetch(self).await?, |group| {
            wanted.groups.contains(group)
        })
    }
}

impl Store {
    /// All that is stored of the tenant.
    ///
    /// # Errors
    /// [`StoreError`].
    pub(crate) async fn look_at_all(&self, tenant: &TenantId) -> Result<Looked, StoreError> {
        read(&Query::of_everything(tenant).fetch(self).await?, |_| true)
    }
}

fn read(rows: &[AnyRow], in_group: impl Fn(&GroupId) -> bool) -> Result<Looked, StoreError> {
    let mut looked = Looked::default();
    let mut people: BTreeMap<String, BTreeSet<EmailAddress>> = BTreeMap::new();
    let mut granted = HashSet::new();
    let mut links = Vec::new();
    for row in rows {
        match row.try_get::<&str, _>("what")? {
            "user" => looked.guests.push(guest(row)?),
            "redemption" => {
                let address = parsed(row, "address", EmailAddress::parse)?;
                looked.redemptions.push((address, identity(row)?));
            }
            "permission" => {
                let permission = permission(row)?;
                // Found on the item, and among everything that was granted.
                if granted.insert(permission.id.clone()) {
                    looked.permissions.push(permission);
                }
            }
            "person" => {
                let address = parsed(row, "address", EmailAddress::parse)?;
                let link: &str = row.try_get("link")?;
                people.entry(link.to_owned()).or_default().insert(address);
            }
            "link" => links.push(row),
            other => return Err(corrupt("what", format!("`{other}` is not known"))),
        }
    }
    for row in links {
        let id: &str = row.try_get("id")?;
        let people = people.remove(id).unwrap_or_default();
        looked.links.push(link(row, people)?);
    }
    looked
        .permissions
        .retain(|permission| match &permission.recipient {
            Recipient::Group(group) => in_group(group),
            Recipient::Members
            | Recipient::Everyone
            | Recipient::AllUsers
            | Recipient::Address(_) => true,
        });
    Ok(looked)
}

fn guest(row: &AnyRow) -> Result<Guest, StoreError> {
    let site = |name: &str, column| SiteId::parse(name).map_err(|why| corrupt(column, why));
    let stamps: BTreeMap<String, i64> = json(row, "stamps")?;
    let administers: BTreeSet<String> = json(row, "administers")?;
    Ok(Guest {
        id: parsed(row, "id", GuestId::parse)?,
        address: parsed(row, "address", EmailAddress::parse)?,
        origin: GuestOrigin::read(row, "origin")?,
        state: if flag(row, "account_enabled")? {
            GuestState::PendingAcceptance
        } else {
            GuestState::Blocked
        },
        identity: None,
        invitation_expires: optional_moment(row, "invitation_expires")?,
        manager: InvitationManager::read(row, "manager")?,
        expires: stamps
            .iter()
            .map(|(name, at)| Ok((site(name, "expires")?, UnixTime(*at))))
            .collect::<Result<_, StoreError>>()?,
        administers: administers
            .iter()
            .map(|name| site(name, "administers"))
            .collect::<Result<_, _>>()?,
        mfa_registered: flag(row, "mfa_registered")?,
    })
}

fn permission(row: &AnyRow) -> Result<Permission, StoreError> {
    Ok(Permission {
        id: parsed(row, "id", PermissionId::parse)?,
        site: parsed(row, "site", SiteId::parse)?,
        item: parsed(row, "item", ItemPath::parse)?,
        recipient: parsed(row, "recipient", parse_recipient)?,
        role: Role::read(row, "role")?,
        created_by: parsed(row, "created_by", EmailAddress::parse)?,
        manager: InvitationManager::read(row, "manager")?,
        expires: optional_moment(row, "expires")?,
    })
}

fn link(
    row: &AnyRow,
    people: BTreeSet<EmailAddress>,
) -> Result<(SharingLink, [u8; 32]), StoreError> {
    let link = SharingLink {
        id: parsed(row, "id", LinkId::parse)?,
        site: parsed(row, "site", SiteId::parse)?,
        item: parsed(row, "item", ItemPath::parse)?,
        kind: LinkType::read(row, "kind")?,
        scope: link_scope(row, people)?,
        created_by: parsed(row, "created_by", EmailAddress::parse)?,
        creator_may_share: flag(row, "creator_may_share")?,
        manager: InvitationManager::read(row, "manager")?,
        created: moment(row, "created")?,
        expires: optional_moment(row, "expires")?,
    };
    Ok((link, bytes(row, "token")?))
}

#[cfg(test)]
mod tests;
