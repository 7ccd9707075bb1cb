//! Who may share.
//!
//! Source: specification "sharing rules" 1.3 and 2.4.

use std::collections::BTreeSet;

use gateway_core::id::GroupId;
use gateway_core::policy::Denial;
use gateway_core::policy::share::{Ask, SharerKind, Who};
use gateway_core::settings::Partition;
use gateway_core::settings::words::{OnOff, SharingMode};
use gateway_core::sharing::{ItemKind, Role};

use crate::world::ShareWorld;
use crate::{Answer, Judged, deny_if};

impl ShareWorld {
    fn or_request(&self, why: Denial) -> Answer {
        if self.place.requests() {
            Answer::Request(why)
        } else {
            Answer::Deny(why)
        }
    }

    pub(crate) fn sharer(&self) -> Judged {
        let sharer = &self.question.sharer;
        let sharing = self.place.sharing();
        deny_if(sharer.kind == SharerKind::Unknown, Denial::SharerUnknown)?;
        if matches!(sharer.role, None | Some(Role::Read)) {
            return Err(self.or_request(Denial::SharerNotAllowed));
        }
        if let SharerKind::Agent(agent) = &sharer.kind {
            let bound = sharing.restrict_agents || sharing.restricted_agents.0.contains(agent);
            deny_if(bound && self.external(), Denial::AgentsNotAllowed)?;
        }
        if sharer.kind == SharerKind::Guest {
            deny_if(
                sharing.prevent_resharing && sharer.role != Some(Role::Owner),
                Denial::ResharingNotAllowed,
            )?;
            let anywhere = sharing.guests_share_outside_site && self.place.integration();
            let stranger = self.recipients().iter().any(|one| {
                let in_directory = match one.who {
                    Who::Member(_) => true,
                    Who::Outsider(_) => one.guest.is_some(),
                    Who::Group(_) | Who::Members | Who::Everyone | Who::AllUsers => false,
                };
                in_directory && !one.in_site
            });
            deny_if(stranger && !anywhere, Denial::OutsideSiteNotAllowed)?;
        }
        if self.owners_only() && !sharer.site_owner {
            return Err(self.or_request(Denial::OwnersOnly));
        }
        deny_if(self.makes_guests_owners(), Denial::GuestsCannotOwn)?;
        self.sharers_groups()
    }

    fn owners_only(&self) -> bool {
        let sharing = self.place.sharing();
        if self.place.site.partition == Partition::OneDrive {
            match sharing.odb_members_can_share {
                OnOff::Off => return true,
                OnOff::On => return false,
                OnOff::Unspecified => {}
            }
        }
        let mode = if self.place.local().owners_only {
            SharingMode::Owners
        } else {
            self.place.local().sharing_mode
        };
        match mode {
            SharingMode::Members => false,
            SharingMode::MembersFilesOnly => matches!(
                self.question.item,
                ItemKind::Site | ItemKind::Library | ItemKind::Unknown
            ),
            SharingMode::Owners => true,
        }
    }

    fn makes_guests_owners(&self) -> bool {
        match &self.question.ask {
            Ask::Permission { role, .. } => {
                *role == Role::Owner
                    && self.question.item == ItemKind::Site
                    && !self.outsiders().is_empty()
                    && self.place.guests_cannot_own()
            }
            Ask::Link { .. } | Ask::FileRequest { .. } => false,
        }
    }

    fn sharers_groups(&self) -> Judged {
        let anonymous = &self.place.sharing().anonymous_sharers.0;
        let guests = &self.place.sharing().guest_sharers.0;
        if !self.external() || (anonymous.is_empty() && guests.is_empty()) {
            return Ok(());
        }
        let sharer = &self.question.sharer;
        let within = |list: &BTreeSet<GroupId>| match sharer.kind {
            SharerKind::Member | SharerKind::Guest => {
                sharer.groups.iter().any(|group| list.contains(group))
            }
            SharerKind::Application | SharerKind::Agent(_) | SharerKind::Unknown => false,
        };
        if within(anonymous) {
            return Ok(());
        }
        deny_if(self.anonymous(), Denial::SharerNotInAnonymousGroup)?;
        deny_if(
            !within(guests),
            if guests.is_empty() {
                Denial::SharerNotInAnonymousGroup
            } else {
                Denial::SharerNotInGroup
            },
        )
    }
}
