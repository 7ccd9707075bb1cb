//! The invitation, whichever way somebody came to it: an entry in the directory, or the share that leads here.

use super::{RedeemFacts, SharedBy};
use crate::address::EmailAddress;
use crate::cloud::Relation;
use crate::domains::Refusal;
use crate::id::CloudName;
use crate::person::{Guest, GuestOrigin, GuestState, IdentityKey, InvitationManager};
use crate::policy::{Basis, Denial, Effect, Shown};
use crate::settings::words::SharingDomainRestrictionMode;
use crate::settings::{LevelSource, Profile, SharingCapability, Source};
use crate::time::UnixTime;

/// From this moment on invitations by sharing's own manager give no access: 2024-07-01T00:00Z.
///
/// Source: specification "sharing rules" 0, P3.
const SHARINGS_OWN_ENDED: UnixTime = UnixTime(1_719_792_000);

/// What is redeemed.
#[derive(Clone, Copy)]
pub(super) struct Invitation<'a> {
    /// The invited address.
    pub(super) address: &'a EmailAddress,
    pub(super) facts: &'a RedeemFacts<'a>,
    pub(super) now: UnixTime,
}

impl<'a> Invitation<'a> {
    /// The identity that redeemed, if one has.
    pub(super) fn redeemed(&self) -> Option<&'a IdentityKey> {
        self.facts.guest?.identity.as_ref()
    }

    pub(super) fn integration(&self) -> bool {
        self.facts.tenant.integration().value
    }

    /// Whether sharing's own manager deals with it: one that the directory has no part in.
    pub(super) fn sharings_own(&self) -> bool {
        let by_sharing = |guest: &Guest| guest.manager == InvitationManager::Sharing;
        !self.integration() && self.facts.guest.is_none_or(by_sharing)
    }

    /// The guest who is added on behalf of whoever shared, where there is no entry yet.
    pub(super) fn on_behalf(&self) -> Option<Effect> {
        let share = self.facts.share?;
        let wanted = self.facts.guest.is_none() && self.integration();
        wanted.then(|| Effect::GuestCreated {
            address: self.address.clone(),
            sponsor: Some(share.creator.clone()),
        })
    }

    /// The tenant's ceiling, before any site is known. Sites are judged at access.
    pub(super) fn level(&self) -> Result<(), Denial> {
        let newcomer = match self.facts.guest {
            None => true,
            Some(guest) => guest.origin == GuestOrigin::Share && guest.identity.is_none(),
        };
        match self.facts.tenant.sharing.capability {
            SharingCapability::Disabled => Err(Denial::SharingDisabled(LevelSource::Tenant)),
            SharingCapability::ExistingExternalUserSharingOnly if newcomer => {
                Err(Denial::NewGuestsNotAllowed(LevelSource::Tenant))
            }
            SharingCapability::ExistingExternalUserSharingOnly
            | SharingCapability::ExternalUserSharingOnly
            | SharingCapability::ExternalUserAndGuestSharing => Ok(()),
        }
    }

    pub(super) fn level_basis(&self) -> Basis {
        let level = self.facts.tenant.sharing.capability;
        Basis::new(
            LevelSource::Tenant.setting(),
            Shown::Word(level.name()),
            Source::Tenant,
        )
    }

    /// Whether there is an invitation, and one that still counts.
    pub(super) fn state(&self) -> Result<(), Denial> {
        match (self.facts.guest, self.facts.share) {
            (Some(guest), _) => self.entry_state(guest),
            (None, Some(share)) => self.share_state(share),
            (None, None) => Err(Denial::NotInDirectory),
        }
    }

    fn entry_state(&self, guest: &Guest) -> Result<(), Denial> {
        let ended = self.facts.tenant.profile >= Profile::IntegrationDefault
            && self.now >= SHARINGS_OWN_ENDED;
        if guest.state == GuestState::Blocked {
            Err(Denial::GuestBlocked)
        } else if guest.identity.is_some() {
            Ok(())
        } else if guest.invitation_expires.is_some_and(|end| self.now >= end) {
            Err(Denial::InvitationExpired)
        } else if ended && guest.manager == InvitationManager::Sharing {
            Err(Denial::ReshareRequired)
        } else {
            Ok(())
        }
    }

    /// What was shared under one manager, and is opened under the other.
    fn share_state(&self, share: SharedBy<'_>) -> Result<(), Denial> {
        match (share.manager, self.integration(), self.facts.tenant.profile) {
            (InvitationManager::Sharing, true, Profile::ReshareRequired) => {
                Err(Denial::GuestAccessSettingsUpdated)
            }
            (InvitationManager::Sharing, true, Profile::IntegrationMandatory)
            | (InvitationManager::Directory, false, Profile::IntegrationOptIn) => {
                Err(Denial::ReshareRequired)
            }
            // The guest is added on behalf of the creator, who must still be somebody that may.
            (InvitationManager::Sharing, true, _) if !share.creator_may_share => {
                Err(Denial::ReshareRequired)
            }
            // The directory's invitation made an entry at once: it has been removed since.
            (InvitationManager::Directory, true, _) => Err(Denial::NotInDirectory),
            (InvitationManager::Sharing, _, _) | (InvitationManager::Directory, false, _) => Ok(()),
        }
    }

    pub(super) fn state_basis(&self) -> Basis {
        match self.state() {
            Err(Denial::ReshareRequired | Denial::GuestAccessSettingsUpdated) => {
                let profile = self.facts.tenant.profile;
                Basis::new("profile", Shown::Word(profile.name()), Source::Profile)
            }
            Ok(()) | Err(_) => Basis::NONE,
        }
    }

    /// The tenant's list binds everybody; the directory's those who have not redeemed, where the directory invites.
    pub(super) fn domain_lists(&self) -> Result<(), Denial> {
        let (tenant, domain) = (self.facts.tenant, self.address.domain());
        tenant.sharing.admit(domain).map_err(Denial::TenantDomain)?;
        if !self.directorys_list() {
            return Ok(());
        }
        let judged = tenant.directory.policy.admit(domain);
        judged.map_err(Denial::DirectoryDomain)
    }

    fn directorys_list(&self) -> bool {
        let by_directory = |guest: &Guest| guest.manager == InvitationManager::Directory;
        let invites = self.integration() || self.facts.guest.is_some_and(by_directory);
        invites && self.redeemed().is_none()
    }

    pub(super) fn domain_lists_basis(&self) -> Basis {
        let tenant = self.facts.tenant;
        let mode = tenant.sharing.domain_mode;
        let directory = |name| Basis::new(name, Shown::Nothing, Source::Directory);
        match (self.domain_lists(), mode) {
            (Err(Denial::DirectoryDomain(Refusal::Blocked)), _) => directory("BlockedDomains"),
            (Err(Denial::DirectoryDomain(Refusal::NotAllowed)), _) => directory("AllowedDomains"),
            (Ok(()), SharingDomainRestrictionMode::None) if self.directorys_list() => {
                let policy = &tenant.directory.policy;
                match (&policy.allowed_domains, &policy.blocked_domains) {
                    (Some(_), _) => directory("AllowedDomains"),
                    (None, Some(_)) => directory("BlockedDomains"),
                    (None, None) => Basis::NONE,
                }
            }
            (_, mode) => Basis::new(
                "SharingDomainRestrictionMode",
                Shown::Word(mode.name()),
                Source::Tenant,
            ),
        }
    }

    /// What the judgement of these homes, and of those of the address's domain, rests on.
    pub(super) fn cloud_basis<'b>(
        &self,
        homes: impl IntoIterator<Item = &'b CloudName>,
        judged: Result<(), Denial>,
    ) -> Basis {
        let (clouds, tenant) = (self.facts.clouds, self.facts.tenant);
        match judged {
            Err(Denial::OutsideEnvironment) => return tenant.integration().into(),
            Err(Denial::CloudUnknown) => return Basis::NONE,
            Ok(()) | Err(_) => {}
        }
        let mut near = None;
        for home in homes {
            let relation = clouds.relation(home, &tenant.cloud);
            let ticked = tenant.directory.cross_tenant.clouds.contains(home);
            let basis = match relation {
                Relation::Same | Relation::SameInstance | Relation::Never => Basis::new(
                    "partner_clouds",
                    Shown::Word(relation.name()),
                    Source::Cloud,
                ),
                Relation::Mutual => {
                    Basis::new("allowed_clouds", Shown::Flag(ticked), Source::Directory)
                }
            };
            match relation {
                Relation::Same | Relation::SameInstance => near = Some(basis),
                Relation::Mutual | Relation::Never => return basis,
            }
        }
        if judged.is_err() {
            return Basis::new("domain_homes", Shown::Nothing, Source::Directory);
        }
        near.unwrap_or(Basis::NONE)
    }
}
