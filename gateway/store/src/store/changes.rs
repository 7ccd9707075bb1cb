//! Changes of the directory, in the transaction of whoever calls.

mod expect;
mod items;
mod links;
mod permissions;
mod small;
mod users;

use gateway_core::address::EmailAddress;
use gateway_core::id::TenantId;
use gateway_core::time::UnixTime;
use sqlx::AnyConnection;

use super::feed::Touched;
use super::pending::Pending;
use super::revocations;
use super::tail::Tail;
use crate::StoreError;
use crate::directory::declared::{Declared, OfTenant};
use crate::model::{Change, Expect, Write, Written};

/// A change under way.
struct Turn<'a> {
    connection: &'a mut AnyConnection,
    tenant: &'a TenantId,
    at: UnixTime,
    /// What the configuration declares for the tenant.
    declared: &'a OfTenant,
    /// The version of every entry that this write changes: its own first number in the order of all changes.
    version: i64,
    touched: Touched,
    pending: &'a mut Pending,
}

/// Whether a change could be made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Made {
    Yes,
    Taken,
}

/// Makes the changes after the number `last`, and leaves to `tail` what audit and feed say of them. Whoever calls holds
/// the turn, and rolls back where this comes out as [`Written::Taken`].
pub(crate) async fn write(
    connection: &mut AnyConnection,
    declared: &Declared,
    write: &Write,
    last: i64,
    tail: &mut Tail,
) -> Result<Written, StoreError> {
    let nothing = OfTenant::default();
    let mut turn = Turn {
        connection,
        tenant: &write.tenant,
        at: write.at,
        declared: declared.of(&write.tenant).unwrap_or(&nothing),
        version: last + 1,
        touched: Touched::default(),
        pending: &mut tail.pending,
    };
    for (index, expect) in write.expect.iter().enumerate() {
        if turn.settle_before_expecting(expect).await? == Made::Taken {
            return Ok(Written::Taken);
        }
        if !turn.holds(expect).await? {
            return Ok(Written::Conflict(index));
        }
    }
    for change in &write.changes {
        match turn.make(change).await {
            Ok(Made::Yes) => {}
            Ok(Made::Taken) => return Ok(Written::Taken),
            Err(error) if is_unique_violation(&error) => return Ok(Written::Taken),
            Err(error) => return Err(error),
        }
    }
    let touched = turn.touched;
    tail.record(&write.tenant, write.at, &write.audit);
    let last = tail.touched(Some(&write.tenant), write.at, touched, last);
    Ok(Written::Yes {
        sequence: u64::try_from(last).unwrap_or(0),
    })
}

/// The entry of an address whose invitation was redeemed.
pub(crate) async fn accept(
    connection: &mut AnyConnection,
    tenant: &TenantId,
    address: &EmailAddress,
    at: UnixTime,
    version: i64,
) -> Result<(), StoreError> {
    sqlx::query(
        "UPDATE directory_user SET state_changed = $1, version = $2
         WHERE tenant = $3 AND address = $4 AND deleted IS NULL",
    )
    .bind(at.0)
    .bind(version)
    .bind(tenant.as_str().to_owned())
    .bind(address.to_string())
    .execute(connection)
    .await?;
    Ok(())
}

pub(super) fn is_unique_violation(error: &StoreError) -> bool {
    match error {
        StoreError::Statement(error) => error
            .as_database_error()
            .is_some_and(|error| error.is_unique_violation()),
        _ => false,
    }
}

impl Turn<'_> {
    async fn make(&mut self, change: &Change) -> Result<Made, StoreError> {
        if self.settle_before_making(change).await? == Made::Taken {
            return Ok(Made::Taken);
        }
        match change {
            Change::PutUser(entry) => return self.put_user(entry).await,
            Change::DeleteUser(id) => self.delete_user(id).await?,
            Change::RestoreUser(id) => return self.restore_user(id).await,
            Change::PurgeUser(id) => self.purge_user(id).await?,
            Change::ResetRedemption(address) => self.reset_redemption(address).await?,
            Change::Redeem(redemption) => return self.redeem(redemption).await,
            Change::PutInvitation(invitation) => self.put_invitation(invitation).await?,
            Change::PutPermission(entry) => return self.put_permission(entry).await,
            Change::RemovePermission(id) => self.remove_permission(id).await?,
            Change::MoveItem {
                from_site,
                from,
                to_site,
                to,
                case,
            } => {
                self.move_permissions((from_site, from), (to_site, to), *case)
                    .await?;
                self.move_links((from_site, from), (to_site, to), *case)
                    .await?;
                self.move_item_ids((from_site, from), (to_site, to), *case)
                    .await?;
                self.touched.everything();
            }
            Change::RemoveItem { site, item, case } => {
                let place = (site, item);
                self.remove_permissions_at(place, *case).await?;
                self.remove_links_at(place, *case).await?;
                self.remove_item_ids(place, *case).await?;
            }
            Change::PutLink(entry) => return self.put_link(entry).await,
            Change::RemoveLink(id) => self.remove_link(id).await?,
            Change::PutGroup(entry) => self.put_group(entry).await?,
            Change::RemoveGroup(id) => self.remove_group(id).await?,
            Change::PutSetting(setting) => self.put_setting(setting).await?,
            Change::ClearSetting(scope, name) => self.clear_setting(scope, name).await?,
            Change::PutDocument(document) => self.put_document(document).await?,
            Change::RemoveDocument { collection, key } => {
                self.remove_document(collection, key).await?;
            }
            Change::Revoke(revocation) => {
                revocations::statement(revocation)
                    .execute(&mut *self.connection)
                    .await?;
                self.touched.revocation(revocation);
            }
        }
        Ok(Made::Yes)
    }

    /// What is asked must see what was put before.
    async fn settle_before_expecting(&mut self, expect: &Expect) -> Result<Made, StoreError> {
        let settle = match expect {
            Expect::NoUser(address) => self.pending.has_address(self.tenant, address),
            Expect::User(..) | Expect::Permission(..) => true,
            Expect::Link(..) | Expect::Group(..) | Expect::Document { .. } => false,
        };
        if settle {
            self.settle().await
        } else {
            Ok(Made::Yes)
        }
    }

    /// What reads or changes entries or permissions comes after what was put before.
    async fn settle_before_making(&mut self, change: &Change) -> Result<Made, StoreError> {
        let settle = match change {
            Change::PutUser(entry) => self.pending.has_user(self.tenant, entry),
            Change::PutPermission(_)
            | Change::PutInvitation(_)
            | Change::PutLink(_)
            | Change::PutGroup(_)
            | Change::RemoveGroup(_)
            | Change::PutSetting(_)
            | Change::ClearSetting(..)
            | Change::PutDocument(_)
            | Change::RemoveDocument { .. }
            | Change::Revoke(_) => false,
            Change::DeleteUser(_)
            | Change::RestoreUser(_)
            | Change::PurgeUser(_)
            | Change::ResetRedemption(_)
            | Change::Redeem(_)
            | Change::RemovePermission(_)
            | Change::MoveItem { .. }
            | Change::RemoveItem { .. }
            | Change::RemoveLink(_) => true,
        };
        if settle {
            self.settle().await
        } else {
            Ok(Made::Yes)
        }
    }

    async fn settle(&mut self) -> Result<Made, StoreError> {
        self.pending.settle(self.connection).await
    }

    fn tenant(&self) -> String {
        self.tenant.as_str().to_owned()
    }
}
