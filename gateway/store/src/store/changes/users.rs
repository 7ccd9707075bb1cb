//! People and how they were asked.

use gateway_core::address::EmailAddress;
use gateway_core::id::GuestId;
use gateway_core::person::IdentityKey;
use gateway_core::time::UnixTime;
use sqlx::Row;

use super::{Made, Turn};
use crate::StoreError;
use crate::columns::{bind_identity, identity, optional_moment, parsed};
use crate::model::{Bound, Invitation, Redemption, Revocation, Revoked, UserEntry};
use crate::store::entries::Word;
use crate::store::{keys, redemptions, revocations};

/// What is there before an entry is put.
#[derive(Default)]
struct Before {
    /// The address of the entry with that id, and when it was deleted.
    entry: Option<(EmailAddress, Option<i64>)>,
    /// Whether another one of the address was deleted.
    earlier: bool,
    /// Whether the address redeemed something.
    redeemed: bool,
}

impl Turn<'_> {
    pub(super) async fn put_user(&mut self, entry: &UserEntry) -> Result<Made, StoreError> {
        if self.declared.guests.contains_key(&entry.id)
            || self.declared.addresses.contains_key(&entry.address)
        {
            return Ok(Made::Taken);
        }
        let before = self.before(entry).await?;
        match &before.entry {
            None => {
                if before.earlier && self.settle().await? == Made::Taken {
                    return Ok(Made::Taken);
                }
                self.begin_anew(&entry.address, &before).await?;
            }
            Some((address, None)) if *address != entry.address => {
                self.rename(&entry.id, address, &entry.address).await?;
            }
            Some(_) => {}
        }
        self.touched.address(&entry.address);
        self.pending
            .put_user(self.connection, self.tenant, entry, self.version)
            .await
    }

    /// The entry's address, and when it was deleted.
    async fn address_of(
        &mut self,
        id: &GuestId,
    ) -> Result<Option<(EmailAddress, Option<i64>)>, StoreError> {
        sqlx::query("SELECT address, deleted FROM directory_user WHERE tenant = $1 AND id = $2")
            .bind(self.tenant())
            .bind(id.as_str().to_owned())
            .fetch_optional(&mut *self.connection)
            .await?
            .map(|row| {
                let deleted = optional_moment(&row, "deleted")?.map(|at| at.0);
                Ok((parsed(&row, "address", EmailAddress::parse)?, deleted))
            })
            .transpose()
    }

    /// What is there before an entry is put, in one question.
    async fn before(&mut self, entry: &UserEntry) -> Result<Before, StoreError> {
        let rows = sqlx::query(
            "SELECT 'entry' AS what, address, deleted FROM directory_user WHERE tenant = $1 AND id = $2
             UNION ALL
             SELECT 'earlier' AS what, address, deleted FROM directory_user
             WHERE tenant = $1 AND address = $3 AND deleted IS NOT NULL
             UNION ALL
             SELECT 'redeemed' AS what, address, consented_at AS deleted FROM redemption
             WHERE tenant = $1 AND address = $3",
        )
        .bind(self.tenant())
        .bind(entry.id.as_str().to_owned())
        .bind(entry.address.to_string())
        .fetch_all(&mut *self.connection)
        .await?;
        let mut before = Before::default();
        for row in &rows {
            match row.try_get("what")? {
                "entry" => {
                    let deleted = optional_moment(row, "deleted")?.map(|at| at.0);
                    before.entry = Some((parsed(row, "address", EmailAddress::parse)?, deleted));
                }
                "earlier" => before.earlier = true,
                _ => before.redeemed = true,
            }
        }
        Ok(before)
    }

    /// Nothing that an earlier entry of the address had comes to a new one: neither its identity nor, where that entry
    /// was deleted, what was granted to it.
    ///
    /// Source: specification "sharing rules" 7, the id mismatch of an account that is made again.
    async fn begin_anew(
        &mut self,
        address: &EmailAddress,
        before: &Before,
    ) -> Result<(), StoreError> {
        if before.redeemed {
            self.forget_redemption(address).await?;
        }
        if before.earlier {
            self.remove_grants(address).await?;
        }
        Ok(())
    }

    /// Nothing granted to the address before is anybody's afterwards: not by a permission, nor by a link that names it.
    async fn remove_grants(&mut self, address: &EmailAddress) -> Result<(), StoreError> {
        sqlx::query("DELETE FROM link_person WHERE tenant = $1 AND address = $2")
            .bind(self.tenant())
            .bind(address.to_string())
            .execute(&mut *self.connection)
            .await?;
        sqlx::query("DELETE FROM permission WHERE tenant = $1 AND recipient = $2")
            .bind(self.tenant())
            .bind(keys::of_address(address))
            .execute(&mut *self.connection)
            .await?;
        self.touched.address(address);
        Ok(())
    }

    async fn forget_redemption(
        &mut self,
        address: &EmailAddress,
    ) -> Result<Option<(IdentityKey, i64)>, StoreError> {
        let row =
            sqlx::query("DELETE FROM redemption WHERE tenant = $1 AND address = $2 RETURNING *")
                .bind(self.tenant())
                .bind(address.to_string())
                .fetch_optional(&mut *self.connection)
                .await?;
        let Some(row) = row else { return Ok(None) };
        let key = identity(&row)?;
        self.touched.identity(&key);
        self.touched.address(address);
        Ok(Some((key, row.try_get("consented_at")?)))
    }

    /// The identity goes along with the address.
    async fn rename(
        &mut self,
        id: &GuestId,
        before: &EmailAddress,
        after: &EmailAddress,
    ) -> Result<(), StoreError> {
        self.touched.address(before);
        self.forget_redemption(after).await?;
        if let Some((key, consented_at)) = self.forget_redemption(before).await? {
            self.bind(id, after, &key, consented_at).await?;
        }
        Ok(())
    }

    /// Whether it could be bound.
    async fn bind(
        &mut self,
        id: &GuestId,
        address: &EmailAddress,
        key: &IdentityKey,
        consented_at: i64,
    ) -> Result<bool, StoreError> {
        let bound = redemptions::insert(self.tenant, address, id, UnixTime(consented_at), key)
            .execute(&mut *self.connection)
            .await?;
        self.touched.identity(key);
        self.touched.address(address);
        Ok(bound.rows_affected() == 1)
    }

    pub(super) async fn redeem(&mut self, redemption: &Redemption) -> Result<Made, StoreError> {
        let (bound, _) = redemptions::bind(&mut *self.connection, redemption).await?;
        self.touched.identity(&redemption.identity);
        self.touched.address(&redemption.address);
        Ok(match bound {
            Bound::Yes => Made::Yes,
            Bound::ToAnother => Made::Taken,
        })
    }

    pub(super) async fn delete_user(&mut self, id: &GuestId) -> Result<(), StoreError> {
        if let Some(guest) = self.declared.guests.get(id) {
            return self.block(&guest.address).await;
        }
        let Some((address, None)) = self.address_of(id).await? else {
            return Ok(());
        };
        let redeemed = self.forget_redemption(&address).await?;
        let consented_at = redeemed.as_ref().map(|(_, at)| *at);
        let update = sqlx::query(
            "UPDATE directory_user SET deleted = $1, version = $2, consented_at = $3, cloud = $6, provider = $7,
                 issuer = $8, provider_tenant = $9, subject = $10
             WHERE tenant = $4 AND id = $5",
        )
        .bind(self.at.0)
        .bind(self.version)
        .bind(consented_at)
        .bind(self.tenant())
        .bind(id.as_str().to_owned());
        let update = match &redeemed {
            Some((key, _)) => bind_identity(update, key),
            None => (0..5).fold(update, |update, _| update.bind(None::<String>)),
        };
        update.execute(&mut *self.connection).await?;
        self.touched.address(&address);
        Ok(())
    }

    /// A denial over a declaration: it stays.
    async fn block(&mut self, address: &EmailAddress) -> Result<(), StoreError> {
        let blocked = Revocation {
            what: Revoked::Guest(self.tenant.clone(), address.clone()),
            at: self.at,
            until: None,
        };
        revocations::statement(&blocked)
            .execute(&mut *self.connection)
            .await?;
        self.touched.revocation(&blocked);
        Ok(())
    }

    pub(super) async fn restore_user(&mut self, id: &GuestId) -> Result<Made, StoreError> {
        let row = sqlx::query(
            "SELECT * FROM directory_user WHERE tenant = $1 AND id = $2 AND deleted IS NOT NULL",
        )
        .bind(self.tenant())
        .bind(id.as_str().to_owned())
        .fetch_optional(&mut *self.connection)
        .await?;
        let Some(row) = row else {
            return Ok(Made::Yes);
        };
        let address = parsed(&row, "address", EmailAddress::parse)?;
        if self.declared.addresses.contains_key(&address) {
            return Ok(Made::Taken);
        }
        sqlx::query(
            "UPDATE directory_user SET deleted = NULL, version = $1, consented_at = NULL, cloud = NULL,
                 provider = NULL, issuer = NULL, provider_tenant = NULL, subject = NULL
             WHERE tenant = $2 AND id = $3",
        )
        .bind(self.version)
        .bind(self.tenant())
        .bind(id.as_str().to_owned())
        .execute(&mut *self.connection)
        .await?;
        self.touched.address(&address);
        if let Some(consented_at) = optional_moment(&row, "consented_at")? {
            self.forget_redemption(&address).await?;
            let key = identity(&row)?;
            if !self.bind(id, &address, &key, consented_at.0).await? {
                return Ok(Made::Taken);
            }
        }
        Ok(Made::Yes)
    }

    pub(super) async fn purge_user(&mut self, id: &GuestId) -> Result<(), StoreError> {
        if let Some(guest) = self.declared.guests.get(id) {
            return self.block(&guest.address).await;
        }
        let Some((address, deleted)) = self.address_of(id).await? else {
            return Ok(());
        };
        if deleted.is_none() {
            self.forget_redemption(&address).await?;
        }
        for sql in [
            "DELETE FROM directory_user WHERE tenant = $1 AND id = $2",
            "DELETE FROM invitation WHERE tenant = $1 AND guest = $2",
        ] {
            sqlx::query(sql)
                .bind(self.tenant())
                .bind(id.as_str().to_owned())
                .execute(&mut *self.connection)
                .await?;
        }
        let another = sqlx::query(
            "SELECT 1 FROM directory_user WHERE tenant = $1 AND address = $2 AND deleted IS NULL",
        )
        .bind(self.tenant())
        .bind(address.to_string())
        .fetch_optional(&mut *self.connection)
        .await?;
        if another.is_none() && !self.declared.addresses.contains_key(&address) {
            self.remove_grants(&address).await?;
        }
        self.touched.address(&address);
        Ok(())
    }

    pub(super) async fn reset_redemption(
        &mut self,
        address: &EmailAddress,
    ) -> Result<(), StoreError> {
        self.forget_redemption(address).await?;
        sqlx::query(
            "UPDATE directory_user SET state_changed = $1, version = $2
             WHERE tenant = $3 AND address = $4 AND deleted IS NULL",
        )
        .bind(self.at.0)
        .bind(self.version)
        .bind(self.tenant())
        .bind(address.to_string())
        .execute(&mut *self.connection)
        .await?;
        self.touched.address(address);
        Ok(())
    }

    pub(super) async fn put_invitation(
        &mut self,
        invitation: &Invitation,
    ) -> Result<(), StoreError> {
        sqlx::query(
            "INSERT INTO invitation
                 (tenant, id, guest, address, manager, site, redirect_url, invited_by, created, ended,
                  account_must_match, version)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)
             ON CONFLICT (tenant, id) DO UPDATE SET
                 guest = excluded.guest, address = excluded.address, manager = excluded.manager,
                 site = excluded.site, redirect_url = excluded.redirect_url, invited_by = excluded.invited_by,
                 created = excluded.created, ended = excluded.ended,
                 account_must_match = excluded.account_must_match, version = excluded.version",
        )
        .bind(self.tenant())
        .bind(invitation.id.clone())
        .bind(invitation.user.as_str().to_owned())
        .bind(invitation.address.to_string())
        .bind(invitation.manager.word())
        .bind(invitation.site.as_ref().map(|site| site.as_str().to_owned()))
        .bind(invitation.redirect_url.clone())
        .bind(invitation.invited_by.as_ref().map(EmailAddress::to_string))
        .bind(invitation.created.0)
        .bind(invitation.ended.map(|at| at.0))
        .bind(i64::from(invitation.account_must_match))
        .bind(self.version)
        .execute(&mut *self.connection)
        .await?;
        self.touched.address(&invitation.address);
        Ok(())
    }
}
