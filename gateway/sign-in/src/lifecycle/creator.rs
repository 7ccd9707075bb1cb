//! Whether whoever shared something is still here, and may still share it.

use std::collections::BTreeSet;

use gateway_config::model::{Configuration, Site, Tenant};
use gateway_core::address::EmailAddress;
use gateway_core::id::GroupId;
use gateway_core::index::{GrantedTo, Seeker};
use gateway_core::path::ItemPath;
use gateway_core::person::{Guest, GuestState, InvitationManager};
use gateway_core::policy::share::{
    Ask, AskedScope, DirectoryRole, ShareFacts, ShareQuestion, ShareRecipient, Sharer, SharerKind,
    Who,
};
use gateway_core::policy::{self, Denial, NoTrace, Outcome};
use gateway_core::sharing::{ItemKind, LinkType, Role};
use gateway_core::time::UnixTime;
use gateway_store::StoreError;
use gateway_store::directory::{Directory, TenantView};
use gateway_store::model::{OPERATOR, UserEntry, Wanted, application_of};
use serde_json::Value;

use super::{Judged, Share, Shared, What, shares};

/// So many shares of one address are looked at, at most: each may need a look at its creator.
const MOST: usize = 64;

/// Where it is asked.
#[derive(Clone, Copy)]
pub(crate) struct Asked<'a> {
    pub(crate) configuration: &'a Configuration,
    pub(crate) directory: &'a Directory,
    pub(crate) tenant: &'a Tenant,
    pub(crate) now: UnixTime,
}

/// Whoever has the gateway's keys, as one who shares: as they could at the time.
fn operator(address: &EmailAddress) -> Sharer {
    beyond_the_directory(address, SharerKind::Application)
}

/// A program, as one who shares. It acted by a role that an administrator gave it, and nobody can be asked whether it has
/// it still: the tenant takes back what it shared by listing it among its agents (`RestrictExternalSharing`).
fn program(address: &EmailAddress, id: &str, tenant: &Tenant) -> Sharer {
    let agents = &tenant.settings.sharing.restricted_agents.0;
    let id = GroupId::parse(&id.to_ascii_lowercase()).ok();
    let agent = id.filter(|id| agents.contains(id));
    let kind = agent.map_or(SharerKind::Application, SharerKind::Agent);
    beyond_the_directory(address, kind)
}

/// Somebody who shares and has no entry in the directory, by right of the whole tenant.
fn beyond_the_directory(address: &EmailAddress, kind: SharerKind) -> Sharer {
    Sharer {
        kind,
        address: Some(address.clone()),
        groups: BTreeSet::new(),
        directory_roles: BTreeSet::new(),
        role: Some(Role::Owner),
        site_owner: true,
    }
}

impl Asked<'_> {
    /// What was shared with `address`, each with whether its creator may share it still. Nothing, where the address had
    /// an entry that was deleted, or has one: then that counts.
    ///
    /// - `directory`: with everything granted to the address in it.
    ///
    /// # Errors
    /// [`StoreError`].
    pub(crate) async fn shared(
        &self,
        directory: &TenantView,
        address: &EmailAddress,
    ) -> Result<Shared, StoreError> {
        let guest = directory.guest_by_address(address);
        if guest.is_some_and(Guest::has_entry)
            || self.directory.was_deleted(&self.tenant.id, address).await?
        {
            return Ok(Shared::default());
        }
        // Who shared counts where a guest is added on their behalf.
        let integration = self.tenant.settings.integration().value;
        let mut judged = Vec::new();
        for share in shares(directory, address, self.now).into_iter().take(MOST) {
            let asked = integration && share.manager == InvitationManager::Sharing;
            let creator_may_share = !asked || self.may_share(&share, address).await?;
            judged.push(Judged {
                share,
                creator_may_share,
            });
            // One that lets in is enough.
            if asked && creator_may_share {
                break;
            }
        }
        Ok(Shared::new(judged))
    }

    /// Whether the share may stand: its creator is still in the organisation, and would be allowed to share so today.
    /// The question is put anew, with the creator as the one who shares; what is against the recipient is judged when
    /// they redeem.
    ///
    /// What a tenant's file declares is the operator's word: its creators need no right of their own, unless it says
    /// that they have none, and must not have been removed or blocked.
    ///
    /// # Errors
    /// [`StoreError`].
    pub(crate) async fn may_share(
        &self,
        share: &Share,
        invitee: &EmailAddress,
    ) -> Result<bool, StoreError> {
        if matches!(&share.what, What::Link { creator_may_share, .. } if !creator_may_share) {
            return Ok(false);
        }
        let tenant = &self.tenant.id;
        let entry = self
            .directory
            .user_by_address(tenant, &share.creator)
            .await?;
        if let Some(entry) = &entry {
            if !entry.account_enabled {
                return Ok(false);
            }
        } else if self.directory.was_deleted(tenant, &share.creator).await? {
            return Ok(false);
        }
        if self.is_declared(share) {
            return Ok(true);
        }
        let Some(site) = self.tenant.sites.get(&share.site) else {
            return Ok(false);
        };
        let groups = self.tenant.groups.of(&share.creator);
        let view = self
            .directory
            .look(&Wanted {
                addresses: vec![share.creator.clone()],
                groups: groups.to_vec(),
                items: vec![
                    (share.site.clone(), share.item.clone()),
                    (share.site.clone(), site.path.clone()),
                ],
                ..Wanted::of(tenant.clone())
            })
            .await?;
        let sharer = view
            .tenant(tenant)
            .and_then(|directory| self.sharer(share, site, directory, entry.as_ref()));
        Ok(sharer.is_some_and(|sharer| self.is_allowed(share, site, sharer, invitee)))
    }

    fn is_declared(&self, share: &Share) -> bool {
        match &share.what {
            What::Permission(id, _) => self.tenant.permissions.iter().any(|one| one.id == *id),
            What::Link { id, .. } => self.tenant.links.iter().any(|one| one.link.id == *id),
        }
    }

    /// The creator as one who shares; nobody, where they are not in the organisation's directory.
    fn sharer(
        &self,
        share: &Share,
        site: &Site,
        directory: &TenantView,
        entry: Option<&UserEntry>,
    ) -> Option<Sharer> {
        let address = &share.creator;
        let member = self.tenant.member_domains.contains(address.domain());
        let guest = directory.guest_by_address(address);
        let kind = match guest {
            _ if member => SharerKind::Member,
            Some(guest) if guest.state == GuestState::Accepted => SharerKind::Guest,
            None if address.to_string() == OPERATOR => return Some(operator(address)),
            None => {
                let id = application_of(address)?;
                return Some(program(address, id, self.tenant));
            }
            Some(_) => return None,
        };
        let offices = entry.map(Offices::of).unwrap_or_default();
        let administers = (member && offices.administers)
            || guest.is_some_and(|guest| guest.administers.contains(&share.site));
        let held = |item| self.role(item, share, site, directory, member);
        let site_owner = administers || held(&site.path) == Some(Role::Owner);
        Some(Sharer {
            kind,
            address: Some(address.clone()),
            groups: self.tenant.groups.of(address).iter().cloned().collect(),
            directory_roles: offices.roles,
            role: if site_owner {
                Some(Role::Owner)
            } else {
                held(&share.item)
            },
            site_owner,
        })
    }

    /// The most that the creator was granted on the item, or above it.
    fn role(
        &self,
        item: &ItemPath,
        share: &Share,
        site: &Site,
        directory: &TenantView,
        member: bool,
    ) -> Option<Role> {
        let seeker = Seeker {
            address: Some(&share.creator),
            groups: self.tenant.groups.of(&share.creator),
        };
        let case = site.settings.path_case;
        let permissions = directory.permission_index();
        let grants = permissions.covering(&share.site, item, case, seeker);
        let sharing = &self.tenant.settings.sharing;
        let reaches = |to: GrantedTo<'_>| match to {
            GrantedTo::Address(address) => *address == share.creator,
            GrantedTo::Group(group) => seeker.groups.contains(group),
            GrantedTo::Members => member,
            GrantedTo::Everyone => member || sharing.everyone_claim,
            GrantedTo::AllUsers => member || sharing.all_users_claim == Some(true),
        };
        grants
            .iter()
            .filter(|grant| reaches(grant.recipient))
            .filter(|grant| grant.expires.is_none_or(|end| self.now < end))
            .map(|grant| grant.role)
            .max()
    }

    fn is_allowed(
        &self,
        share: &Share,
        site: &Site,
        sharer: Sharer,
        invitee: &EmailAddress,
    ) -> bool {
        let recipients = vec![ShareRecipient {
            who: Who::Outsider(invitee.clone()),
            guest: None,
            groups: BTreeSet::new(),
            in_site: false,
            in_channel: false,
            cloud: None,
            tenant: None,
            by_upn: None,
        }];
        let ask = match &share.what {
            What::Permission(_, role) => Ask::Permission {
                role: *role,
                recipients,
                expires: None,
            },
            What::Link { kind, .. } => Ask::Link {
                scope: AskedScope::Users,
                kind: *kind,
                recipients,
                expires: None,
            },
        };
        let question = ShareQuestion {
            site: share.site.clone(),
            item: kind_of(share, site),
            sharer,
            ask,
        };
        let facts = ShareFacts {
            clouds: &self.configuration.clouds,
            tenant: &self.tenant.settings,
            site: &site.settings,
        };
        match policy::share::share(&question, &facts, self.now, &mut NoTrace).outcome {
            Outcome::Allow | Outcome::Challenge(_) => true,
            Outcome::Request(denial) | Outcome::Deny(denial) => !is_of_the_sharer(denial),
        }
    }
}

/// Roles in the directory, as the entry remembers them from the person's last call: in the property `directoryRoles`, by
/// their names in one word. What is not remembered is not held.
#[derive(Default)]
struct Offices {
    roles: BTreeSet<DirectoryRole>,
    /// Whether they administer every site.
    administers: bool,
}

impl Offices {
    fn of(entry: &UserEntry) -> Self {
        let mut offices = Self::default();
        let remembered = entry.profile.get("directoryRoles");
        let words = remembered.and_then(Value::as_array).into_iter().flatten();
        for word in words.filter_map(Value::as_str) {
            match word {
                "GlobalAdministrator" => {
                    offices.administers = true;
                    offices.roles.insert(DirectoryRole::GlobalAdministrator);
                }
                "SharePointAdministrator" => offices.administers = true,
                "UserAdministrator" => {
                    offices.roles.insert(DirectoryRole::UserAdministrator);
                }
                "GuestInviter" => {
                    offices.roles.insert(DirectoryRole::GuestInviter);
                }
                _ => {}
            }
        }
        offices
    }
}

/// What the item is taken for. What it is was judged when it was shared; it is not what has changed.
fn kind_of(share: &Share, site: &Site) -> ItemKind {
    match &share.what {
        What::Permission(..) if share.item.is_same(&site.path, site.settings.path_case) => {
            ItemKind::Site
        }
        What::Link {
            kind: LinkType::CreateOnly,
            ..
        } => ItemKind::Folder,
        What::Permission(..) | What::Link { .. } => ItemKind::File,
    }
}

/// Whether it is the sharer's own right that is missing. What is against the recipient, or against sharing at all, is judged
/// again when the recipient comes, and named there.
const fn is_of_the_sharer(denial: Denial) -> bool {
    matches!(
        denial,
        Denial::SharerUnknown
            | Denial::SharerNotAllowed
            | Denial::SharerNotInGroup
            | Denial::SharerNotInAnonymousGroup
            | Denial::OwnersOnly
            | Denial::ResharingNotAllowed
            | Denial::OutsideSiteNotAllowed
            | Denial::AgentsNotAllowed
            | Denial::InviteNotAllowed
            | Denial::GuestsCannotOwn
            | Denial::OutsideRestriction
            | Denial::ChannelOnly
            | Denial::FactsMissing
    )
}
