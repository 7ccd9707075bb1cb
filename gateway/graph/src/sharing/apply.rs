//! From what the core says comes of a share to what is written.

use std::collections::BTreeMap;

use gateway_core::address::EmailAddress;
use gateway_core::id::GuestId;
use gateway_core::person::{GuestOrigin, InvitationManager};
use gateway_core::policy::Effect;
use gateway_core::time::UnixTime;
use gateway_store::model::{AuditEvent, Change, Expect, Invitation, UserEntry, UserType};

use super::people::Known;
use super::question::Prepared;
use crate::drives::ids;
use crate::error::{ApiError, Area};

/// What is written because of the people that something is shared with.
#[derive(Debug, Default)]
pub(super) struct Consequences {
    pub(super) expect: Vec<Expect>,
    pub(super) changes: Vec<Change>,
    pub(super) audit: Vec<AuditEvent>,
    /// When the link ends.
    pub(super) link_ends: Option<UnixTime>,
    /// When what is granted to somebody ends, whose entry cannot hold it: the configuration declares it.
    pub(super) ends: BTreeMap<EmailAddress, UnixTime>,
    /// The invitations that are made for it, which are among the changes.
    pub(super) invitations: Vec<Invitation>,
}

/// A GUID of random bytes.
///
/// Source: RFC 9562 section 5.4.
pub(super) fn guid(prepared: &Prepared<'_>) -> Result<String, ApiError> {
    let random = prepared.call.around.random();
    let random = random.map_err(|error| ApiError::unavailable(Area::Files, error))?;
    Ok(ids::random_guid(&random))
}

/// The entries that are being changed, by address.
struct Entries<'p> {
    prepared: &'p Prepared<'p>,
    all: BTreeMap<EmailAddress, (UserEntry, Standing)>,
}

/// What becomes of an entry.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Standing {
    /// It is there.
    Kept,
    /// It is there and changes.
    Changed,
    /// It is new.
    New,
}

/// What comes of `effects` for `people`.
pub(super) fn consequences(
    prepared: &Prepared<'_>,
    people: &[Known],
    effects: &[Effect],
) -> Result<Consequences, ApiError> {
    let mut out = Consequences::default();
    let known = people.iter().filter_map(|known| {
        let entry = known.entry.clone()?;
        Some((entry.address.clone(), (entry, Standing::Kept)))
    });
    let mut entries = Entries {
        prepared,
        all: known.collect(),
    };
    let mut told = people.iter().filter_map(Known::address);
    for effect in effects {
        match effect {
            Effect::GuestCreated { address, sponsor } => {
                entries.make(address, InvitationManager::Directory, sponsor.clone())?;
                let manager = InvitationManager::Directory;
                out.invite(invitation(prepared, &entries, address, manager)?);
            }
            Effect::NoDirectoryObject(address) => {
                let sponsor = prepared.sharer.address.clone();
                entries.make(address, InvitationManager::Sharing, sponsor)?;
            }
            Effect::InvitationCreated(address, manager) => {
                let sponsor = prepared.sharer.address.clone();
                entries.make(address, *manager, sponsor)?;
                out.invite(invitation(prepared, &entries, address, *manager)?);
            }
            Effect::GuestExpires(address, at) => {
                if let Some(at) = entries.stamp(address, *at) {
                    out.ends.insert(address.clone(), at);
                }
            }
            Effect::LinkEnds(at) => out.link_ends = Some(*at),
            Effect::Audit(name) => {
                let mut event = prepared.event(name);
                if *name == "AddedToSecureLink" {
                    event.person = told.next().map(ToString::to_string);
                } else {
                    event.person = names(people);
                }
                event.person_type = person_type(people);
                out.audit.push(event);
            }
            Effect::GuestReused(_) | Effect::InvitationAccepted(_) => {}
        }
    }
    // Entries stand before what names them.
    let mut puts = Vec::new();
    for (address, (entry, standing)) in entries.all {
        match standing {
            Standing::Kept => {}
            Standing::New => {
                out.expect.push(Expect::NoUser(address));
                puts.push(Change::PutUser(Box::new(entry)));
            }
            Standing::Changed => {
                out.expect
                    .push(Expect::User(entry.id.clone(), Some(entry.version)));
                puts.push(Change::PutUser(Box::new(entry)));
            }
        }
    }
    puts.append(&mut out.changes);
    out.changes = puts;
    Ok(out)
}

impl Consequences {
    fn invite(&mut self, invitation: Invitation) {
        let made = Change::PutInvitation(Box::new(invitation.clone()));
        self.changes.push(made);
        self.invitations.push(invitation);
    }
}

impl Entries<'_> {
    /// Sees to an entry by that manager.
    fn make(
        &mut self,
        address: &EmailAddress,
        manager: InvitationManager,
        sponsor: Option<EmailAddress>,
    ) -> Result<(), ApiError> {
        let now = self.prepared.call.head.now;
        if let Some((entry, standing)) = self.all.get_mut(address) {
            // Whoever was only shared with before gets their entry now.
            let earlier = entry.manager == InvitationManager::Sharing && !entry.declared;
            if earlier && manager == InvitationManager::Directory {
                entry.manager = manager;
                entry.state_changed = now;
                entry.sponsor = entry.sponsor.take().or(sponsor);
                change(standing);
            }
            return Ok(());
        }
        let id = GuestId::parse(&guid(self.prepared)?)
            .map_err(|error| ApiError::unavailable(Area::Files, error))?;
        let entry = UserEntry {
            id,
            address: address.clone(),
            user_type: UserType::Guest,
            origin: GuestOrigin::Share,
            manager,
            account_enabled: true,
            sponsor,
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
        };
        self.all.insert(address.clone(), (entry, Standing::New));
        Ok(())
    }

    /// Stamps when the guest's time in the site ends, unless it has been stamped and has not ended: joining again does
    /// not lengthen it. The moment comes back where the entry cannot hold it.
    fn stamp(&mut self, address: &EmailAddress, at: UnixTime) -> Option<UnixTime> {
        let now = self.prepared.call.head.now;
        let site = &self.prepared.located.site.id;
        let Some((entry, standing)) = self.all.get_mut(address) else {
            return Some(at);
        };
        if entry.declared {
            return Some(at);
        }
        if entry.expires.get(site).is_none_or(|end| *end <= now) {
            entry.expires.insert(site.clone(), at);
            change(standing);
        }
        None
    }
}

fn change(standing: &mut Standing) {
    if *standing == Standing::Kept {
        *standing = Standing::Changed;
    }
}

fn invitation(
    prepared: &Prepared<'_>,
    entries: &Entries<'_>,
    address: &EmailAddress,
    manager: InvitationManager,
) -> Result<Invitation, ApiError> {
    let (entry, _) = entries
        .all
        .get(address)
        .ok_or_else(|| ApiError::unavailable(Area::Files, "an invitation without its guest"))?;
    Ok(Invitation {
        id: guid(prepared)?,
        user: entry.id.clone(),
        address: address.clone(),
        manager,
        site: Some(prepared.located.site.id.clone()),
        redirect_url: None,
        invited_by: prepared.sharer.address.clone(),
        created: prepared.call.head.now,
        ended: None,
        account_must_match: manager == InvitationManager::Directory
            || prepared.tenant.settings.sharing.require_account_match,
    })
}

fn names(people: &[Known]) -> Option<String> {
    let names: Vec<String> = people
        .iter()
        .map(|known| match known.recipient() {
            gateway_core::sharing::Recipient::Address(address) => address.to_string(),
            gateway_core::sharing::Recipient::Group(group) => group.to_string(),
            gateway_core::sharing::Recipient::Members => "members".to_owned(),
            gateway_core::sharing::Recipient::Everyone => "everyone".to_owned(),
            gateway_core::sharing::Recipient::AllUsers => "all-users".to_owned(),
        })
        .collect();
    (!names.is_empty()).then(|| names.join(","))
}

fn person_type(people: &[Known]) -> Option<&'static str> {
    use gateway_core::policy::share::Who;
    let kinds = people.iter().map(|known| match &known.asked.who {
        Who::Outsider(_) => "Guest",
        Who::Member(_) | Who::Members | Who::Everyone | Who::AllUsers => "Member",
        Who::Group(_) => "SecurityGroup",
    });
    // Where there are several, what matters most is that somebody is from outside.
    kinds.min()
}
