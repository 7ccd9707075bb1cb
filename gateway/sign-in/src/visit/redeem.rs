//! What the directory keeps of somebody who comes in: the entry and identity of a redemption, invitations that were taken
//! up, members.

use std::collections::BTreeMap;

use gateway_core::address::EmailAddress;
use gateway_core::assertion::Assertion;
use gateway_core::id::GuestId;
use gateway_core::person::{Guest, GuestOrigin, InvitationManager};
use gateway_core::policy::Denial;
use gateway_store::model::{
    Actor, Attempt, AuditEvent, Bound, Change, Expect, Invitation, Redemption, UserEntry, UserType,
    Write, Written,
};
use serde_json::Value;

use super::Case;
use super::invitation::invitation_of;
use super::passed_on::Passing;
use crate::admission::Invitee;
use crate::attempt::Arrival;
use crate::grants;
use crate::lifecycle::{Asked, Share, Shared, added, expiries, new_id, shares};
use crate::reason::Reason;
use crate::session::SessionPerson;

/// How often a redemption is tried again that somebody else's change overtook.
const TRIES: u32 = 4;

impl<'a> Case<'a> {
    /// Where it is asked who may share.
    pub(super) fn standing(&self) -> Asked<'a> {
        Asked {
            configuration: &self.sign_in.configuration,
            directory: &self.sign_in.directory,
            tenant: self.tenant,
            now: self.visit.now,
        }
    }

    /// What was shared with the address that was proven.
    pub(super) async fn shared(&self, assertion: &Assertion) -> Result<Shared, Reason> {
        let Some((proven, _)) = &assertion.address else {
            return Ok(Shared::default());
        };
        let view = self.look(grants::wanted(self.tenant, proven)).await?;
        let Some(directory) = view.tenant(&self.tenant.id) else {
            return Ok(Shared::default());
        };
        Ok(self.standing().shared(directory, proven).await?)
    }

    /// Binds the identity to the entry, with the consent; makes the entry where there is none; ends the invitations that
    /// are taken up; stamps the sites that are joined. All of it with its record, or nothing.
    ///
    /// Of two who redeem one invitation at once the first wins, and the other is [`Bound::ToAnother`].
    pub(super) async fn redeem(
        &self,
        attempt: &Attempt,
        arrival: &Arrival,
        person: &SessionPerson,
        invitee: &Invitee,
    ) -> Result<Bound, Reason> {
        let (directory, tenant) = (&self.sign_in.directory, &self.tenant.id);
        let address = &invitee.guest.address;
        for _ in 0..TRIES {
            let passing = match &invitee.passed_on {
                Some(id) => match self.passing(id).await? {
                    Some(passing) => Some(passing),
                    None => return Ok(Bound::ToAnother),
                },
                None => None,
            };
            let entry = directory.user_by_address(tenant, address).await?;
            let redeemed = entry.as_ref().and_then(|entry| entry.redemption.as_ref());
            match redeemed {
                Some((key, _)) if *key == person.key => return Ok(Bound::Yes),
                Some(_) => return Ok(Bound::ToAnother),
                None => {}
            }
            let redemption = |guest: GuestId| Redemption {
                tenant: tenant.clone(),
                guest,
                address: address.clone(),
                identity: person.key.clone(),
                consented_at: self.visit.now,
            };
            if entry.as_ref().is_some_and(|entry| entry.declared) {
                let audit = vec![self.accepted(arrival, address, None)];
                let redemption = redemption(invitee.guest.id.clone());
                return Ok(directory.redeem(&redemption, audit).await?);
            }
            let write = self
                .redemption(attempt, arrival, (invitee, passing), entry, redemption)
                .await?;
            match directory.write(write).await? {
                Written::Yes { .. } => return Ok(Bound::Yes),
                // Somebody else was first, with the entry or with the identity: what is there now says whether it matters.
                Written::Conflict(_) | Written::Taken => {}
            }
        }
        Ok(Bound::ToAnother)
    }

    async fn redemption(
        &self,
        attempt: &Attempt,
        arrival: &Arrival,
        (invitee, passing): (&Invitee, Option<Passing>),
        known: Option<UserEntry>,
        redemption: impl FnOnce(GuestId) -> Redemption,
    ) -> Result<Write, Reason> {
        let now = self.visit.now;
        let address = &invitee.guest.address;
        let (expect, entry) = match known {
            Some(known) => (Expect::User(known.id.clone(), Some(known.version)), known),
            None => (Expect::NoUser(address.clone()), self.new_entry(address)?),
        };
        let created = !entry.has_entry();
        let share = invitee.share.as_ref();
        let mut entry = self.joined(entry, share, arrival).await?;
        let open = match entry.version {
            0 => Vec::new(),
            _ => {
                let directory = &self.sign_in.directory;
                directory.invitations(&self.tenant.id, &entry.id).await?
            }
        };
        let taken: Vec<Invitation> = open
            .into_iter()
            .filter(|one| self.takes_up(attempt, one))
            .collect();
        let mut audit = Vec::new();
        if let Some(share) =
            share.filter(|_| created && entry.manager == InvitationManager::Directory)
        {
            audit.push(added(&entry, share));
        }
        let site = taken.iter().find_map(|one| one.site.clone());
        let invited = passing.as_ref().map_or(address, Passing::invited);
        audit.push(AuditEvent {
            site: site.or_else(|| share.map(|share| share.site.clone())),
            ..self.accepted(arrival, invited, share)
        });
        let mut write = Write {
            tenant: self.tenant.id.clone(),
            at: now,
            expect: vec![expect],
            changes: Vec::new(),
            audit,
        };
        if let Some(passing) = passing {
            passing.add_to(&mut write, &mut entry)?;
            let share = share.map_or(&[][..], std::slice::from_ref);
            entry.expires = expiries(self.tenant, share, &entry.expires, now);
        }
        write
            .changes
            .extend(taken.into_iter().map(|one| self.taken(one)));
        let redemption = redemption(entry.id.clone());
        // The entry stands before what names it.
        write.changes.splice(
            0..0,
            [
                Change::PutUser(Box::new(entry)),
                Change::Redeem(Box::new(redemption)),
            ],
        );
        Ok(write)
    }

    fn new_entry(&self, address: &EmailAddress) -> Result<UserEntry, Reason> {
        let now = self.visit.now;
        Ok(UserEntry {
            id: new_id()?.ok_or(Reason::Unavailable)?,
            address: address.clone(),
            user_type: UserType::Guest,
            origin: GuestOrigin::Share,
            manager: InvitationManager::Sharing,
            account_enabled: true,
            sponsor: None,
            created: now,
            state_changed: now,
            invitation_expires: None,
            expires: BTreeMap::new(),
            administers: std::collections::BTreeSet::new(),
            mfa_registered: false,
            deleted: None,
            profile: serde_json::Map::new(),
            redemption: None,
            declared: false,
            version: 0,
        })
    }

    /// The entry of somebody who joins: where the integration is on, as the directory's guest, on behalf of whoever shared.
    async fn joined(
        &self,
        mut entry: UserEntry,
        share: Option<&Share>,
        arrival: &Arrival,
    ) -> Result<UserEntry, Reason> {
        let now = self.visit.now;
        entry.state_changed = now;
        if let Some(share) = share {
            if self.tenant.settings.integration().value {
                entry.manager = InvitationManager::Directory;
            }
            entry.sponsor.get_or_insert_with(|| share.creator.clone());
        }
        if let Some(name) = arrival.name() {
            let shown = || Value::String(name.to_owned());
            entry.profile.entry("displayName").or_insert_with(shown);
        }
        let view = self
            .look(grants::wanted(self.tenant, &entry.address))
            .await?;
        if let Some(directory) = view.tenant(&self.tenant.id) {
            let all = shares(directory, &entry.address, now);
            entry.expires = expiries(self.tenant, &all, &entry.expires, now);
        }
        Ok(entry)
    }

    /// Whether a redemption that was begun so takes up the invitation: the one it came by; else every one of the
    /// directory's, which are one; and of sharing's own, which are one for every site, that of the site it leads to. Those
    /// of other sites stay open.
    fn takes_up(&self, attempt: &Attempt, invitation: &Invitation) -> bool {
        if invitation_of(&attempt.return_to).is_some_and(|id| id == invitation.id) {
            return true;
        }
        match (invitation.manager, &invitation.site) {
            (InvitationManager::Directory, _) | (InvitationManager::Sharing, None) => true,
            (InvitationManager::Sharing, Some(site)) => {
                self.site_of(&attempt.return_to).as_ref() == Some(site)
            }
        }
    }

    /// Somebody who redeemed before comes by another invitation: it is taken up as well.
    pub(super) async fn take_up(&self, attempt: &Attempt, guest: &Guest) -> Result<(), Reason> {
        let directory = &self.sign_in.directory;
        let tenant = &self.tenant.id;
        let Some(entry) = directory.user_by_address(tenant, &guest.address).await? else {
            return Ok(());
        };
        if entry.declared {
            return Ok(());
        }
        let open = directory.invitations(tenant, &entry.id).await?;
        let taken: Vec<Invitation> = open
            .into_iter()
            .filter(|one| self.takes_up(attempt, one))
            .collect();
        if taken.is_empty() {
            return Ok(());
        }
        let audit = taken.iter().map(|one| AuditEvent {
            site: one.site.clone(),
            ..self.event("SharingInvitationAccepted", &guest.address, &guest.address)
        });
        let write = Write {
            tenant: tenant.clone(),
            at: self.visit.now,
            expect: vec![Expect::User(entry.id.clone(), None)],
            audit: audit.collect(),
            changes: taken.into_iter().map(|one| self.taken(one)).collect(),
        };
        // Whoever withdrew it meanwhile was first; the person is in either way.
        directory.write(write).await?;
        Ok(())
    }

    fn taken(&self, invitation: Invitation) -> Change {
        Change::PutInvitation(Box::new(Invitation {
            ended: Some(self.visit.now),
            ..invitation
        }))
    }

    /// The record of a redemption: invited and accepting address, which may differ.
    fn accepted(
        &self,
        arrival: &Arrival,
        invited: &EmailAddress,
        share: Option<&Share>,
    ) -> AuditEvent {
        let assertion = arrival.assertion();
        let proven = assertion.and_then(|assertion| assertion.address);
        let accepting = proven.map_or_else(|| invited.clone(), |(address, _)| address);
        let mut event = self.event("SharingInvitationAccepted", invited, &accepting);
        if let Some(share) = share {
            let creator = Value::String(share.creator.to_string());
            event.more.insert("InvitedBy".to_owned(), creator);
        }
        event
    }

    /// Something that a guest did, by the address that was invited.
    pub(super) fn event(
        &self,
        operation: &'static str,
        invited: &EmailAddress,
        accepting: &EmailAddress,
    ) -> AuditEvent {
        let mut event = AuditEvent {
            person: Some(invited.to_string()),
            person_type: Some("Guest"),
            ..AuditEvent::of(
                operation,
                Actor {
                    id: accepting.to_string(),
                    client: Some(self.visit.prefix.to_string()),
                },
            )
        };
        let address = |address: &EmailAddress| Value::String(address.to_string());
        event
            .more
            .insert("InvitedAddress".to_owned(), address(invited));
        event
            .more
            .insert("AcceptingAddress".to_owned(), address(accepting));
        event
    }

    /// A member signs in. The directory keeps an entry of members, by their object id, so that it can be known when
    /// somebody who shared is gone, and so that they can be blocked.
    ///
    /// # Errors
    /// [`Denial::GuestBlocked`] for one who is blocked or was deleted.
    pub(super) async fn greet(
        &self,
        arrival: &Arrival,
        address: Option<&EmailAddress>,
    ) -> Result<(), Reason> {
        let Some(address) = address else {
            return Ok(());
        };
        let subject = arrival.assertion().map(|assertion| assertion.key.subject);
        let id = subject.and_then(|subject| GuestId::parse(&subject.to_ascii_lowercase()).ok());
        let Some(id) = id else { return Ok(()) };
        let (directory, tenant) = (&self.sign_in.directory, &self.tenant.id);
        let known = directory.user(tenant, &id).await?;
        if let Some(known) = &known {
            if known.deleted.is_some() || !known.account_enabled {
                return Err(Denial::GuestBlocked.into());
            }
            if known.address == *address {
                return Ok(());
            }
        }
        let operation = if known.is_some() {
            "Update user"
        } else {
            "Add user"
        };
        let entry = UserEntry {
            user_type: UserType::Member,
            origin: GuestOrigin::Directory,
            manager: InvitationManager::Directory,
            ..match known {
                Some(known) => UserEntry {
                    address: address.clone(),
                    ..known
                },
                None => UserEntry {
                    id,
                    ..self.new_entry(address)?
                },
            }
        };
        let expect = match entry.version {
            0 => Expect::NoUser(address.clone()),
            version => Expect::User(entry.id.clone(), Some(version)),
        };
        let event = AuditEvent {
            person_type: Some("Member"),
            ..self.event(operation, address, address)
        };
        let write = Write {
            tenant: tenant.clone(),
            at: self.visit.now,
            expect: vec![expect],
            changes: vec![Change::PutUser(Box::new(entry))],
            audit: vec![event],
        };
        // Another entry may have the address, or another sign-in been first: members need no entry to come in.
        directory.write(write).await?;
        Ok(())
    }
}
