//! Sharing's own invitation in the hands of somebody else: where the tenant does not ask for the invited address
//! (`RequireAcceptingAccountMatchInvitedAccount`), whoever holds the mail may take the invitation up, as themselves. What
//! was granted to the invited address in that site goes over to theirs; everything else stays the invited one's.
//!
//! Source: specification "sharing rules" 1.3.

use gateway_core::address::EmailAddress;
use gateway_core::id::{GuestId, PermissionId};
use gateway_core::person::{Guest, GuestOrigin, InvitationManager};
use gateway_core::sharing::{Permission, Recipient};
use gateway_store::model::{
    Attempt, Change, Expect, Invitation, PermissionEntry, UserEntry, Write,
};

use super::Case;
use super::invitation::invitation_of;
use crate::admission::PassedOn;
use crate::grants;
use crate::lifecycle::{new_id, on_site};
use crate::reason::Reason;

/// What an invitation that was passed on is, read anew before it is written that it was taken up.
pub(super) struct Passing {
    invitation: Invitation,
    invited: UserEntry,
    granted: Vec<PermissionEntry>,
}

impl Case<'_> {
    /// The invitation that the attempt came by, if `proven` may take it up although it is not theirs.
    pub(super) async fn passed_on(
        &self,
        attempt: &Attempt,
        proven: Option<&EmailAddress>,
    ) -> Result<Option<PassedOn>, Reason> {
        let id = invitation_of(&attempt.return_to);
        let (Some(id), Some(proven)) = (id, proven) else {
            return Ok(None);
        };
        let (directory, tenant) = (&self.sign_in.directory, &self.tenant.id);
        let Some((invitation, _)) = self.open_to_others(id).await? else {
            return Ok(None);
        };
        // Whoever was removed does not come back by what was meant for somebody else either.
        if invitation.address == *proven || directory.was_deleted(tenant, proven).await? {
            return Ok(None);
        }
        let view = self.look(grants::wanted(self.tenant, &invitation.address));
        let view = view.await?;
        let Some(of) = view.tenant(tenant) else {
            return Ok(None);
        };
        let shared = self.standing().shared(of, &invitation.address).await?;
        let Some(site) = invitation
            .site
            .as_ref()
            .and_then(|id| self.tenant.sites.get(id))
        else {
            return Ok(None);
        };
        let Some(invited) = shared.invitee(
            of.guest_by_address(&invitation.address),
            &invitation.address,
        ) else {
            return Ok(None);
        };
        let Ok(nobody_yet) = GuestId::parse("passed-on-to") else {
            return Ok(None);
        };
        let taker = Guest {
            manager: InvitationManager::Sharing,
            ..Guest::invited(nobody_yet, proven.clone(), GuestOrigin::Share)
        };
        Ok(Some(PassedOn {
            shared: shared.only(|share| on_site(share, site)),
            invited,
            taker,
            invitation: invitation.id,
        }))
    }

    /// An invitation that whoever holds its mail may take up, and whom it was for.
    async fn open_to_others(&self, id: &str) -> Result<Option<(Invitation, UserEntry)>, Reason> {
        let (directory, tenant) = (&self.sign_in.directory, &self.tenant.id);
        let found = directory.invitation(tenant, id).await?;
        let open = found.filter(|one| {
            one.ended.is_none()
                && one.manager == InvitationManager::Sharing
                && !one.account_must_match
        });
        let Some(invitation) = open else {
            return Ok(None);
        };
        let user = directory.user(tenant, &invitation.user).await?;
        let waiting = user.filter(|user| {
            let there = user.deleted.is_none() && user.account_enabled && !user.declared;
            there && user.redemption.is_none() && user.address == invitation.address
        });
        Ok(waiting.map(|user| (invitation, user)))
    }

    /// What goes over, as it is now; nothing, where somebody was first.
    pub(super) async fn passing(&self, id: &str) -> Result<Option<Passing>, Reason> {
        let Some((invitation, invited)) = self.open_to_others(id).await? else {
            return Ok(None);
        };
        let site = invitation
            .site
            .as_ref()
            .and_then(|id| self.tenant.sites.get(id));
        let Some(site) = site else {
            return Ok(None);
        };
        let (path, case) = (&site.path, site.settings.path_case);
        let directory = &self.sign_in.directory;
        let all = directory.permissions_on(&self.tenant.id, &site.id, path, case);
        let to = Recipient::Address(invitation.address.clone());
        let mut granted = all.await?;
        granted.retain(|entry| {
            let permission = &entry.permission;
            !entry.declared && permission.recipient == to && permission.item.is_same(path, case)
        });
        Ok((!granted.is_empty()).then_some(Passing {
            invitation,
            invited,
            granted,
        }))
    }
}

impl Passing {
    /// The address that was invited.
    pub(super) const fn invited(&self) -> &EmailAddress {
        &self.invitation.address
    }

    /// What goes over to `taker`, with when their time in the site ends where the invited one's was stamped.
    ///
    /// # Errors
    /// No random numbers.
    pub(super) fn add_to(self, write: &mut Write, taker: &mut UserEntry) -> Result<(), Reason> {
        let Self {
            invitation,
            invited,
            granted,
        } = self;
        for (site, end) in &invited.expires {
            if invitation.site.as_ref() == Some(site) {
                taker.expires.insert(site.clone(), *end);
            }
        }
        write
            .expect
            .push(Expect::User(invited.id, Some(invited.version)));
        for entry in granted {
            let old = entry.permission.id.clone();
            let id = new_id()?.ok_or(Reason::Unavailable)?;
            let id = PermissionId::parse(id.as_str()).map_err(|_| Reason::Unavailable)?;
            write
                .expect
                .push(Expect::Permission(old.clone(), Some(entry.version)));
            write.changes.push(Change::RemovePermission(old));
            write
                .changes
                .push(Change::PutPermission(Box::new(PermissionEntry {
                    permission: Permission {
                        id,
                        recipient: Recipient::Address(taker.address.clone()),
                        ..entry.permission
                    },
                    version: 0,
                    ..entry
                })));
        }
        // From now on it is the invitation of whoever took it up: its link leads them on.
        write
            .changes
            .push(Change::PutInvitation(Box::new(Invitation {
                user: taker.id.clone(),
                address: taker.address.clone(),
                ended: Some(write.at),
                ..invitation
            })));
        Ok(())
    }
}
