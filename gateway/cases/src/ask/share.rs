//! May this be shared with those?

use std::collections::BTreeSet;

use gateway_core::address::EmailAddress;
use gateway_core::id::{CloudName, GroupId};
use gateway_core::policy::Recorded;
use gateway_core::policy::share::{
    Ask, AskedScope, DirectoryRole, ShareFacts, ShareQuestion, ShareRecipient, Sharer, SharerKind,
    Who, share,
};

use super::{CREATOR, World};
use crate::answer::Told;
use crate::problem::At;
use crate::read;
use crate::wire::{self, Named};

pub(super) struct Asked(ShareQuestion);

pub(super) fn read(at: &At<'_>, given: &wire::Share, world: &World) -> Option<Asked> {
    let expires = read::when(&at.key("expires"), given.expires.as_deref(), world.now);
    let each = given.with.iter().enumerate();
    let recipients: Vec<ShareRecipient> = each
        .filter_map(|(index, with)| recipient(&at.key("with").index(index), with, world))
        .collect();
    let item = read::item_kind(&at.key("item"), given.item.as_deref());
    let sharer = sharer(&at.key("sharer"), &given.sharer, world);
    let ask = match (&given.permission, &given.link, given.file_request) {
        (Some(role), None, false) => Ask::Permission {
            role: read::role(&at.key("permission"), role)?,
            recipients,
            expires,
        },
        (None, Some(link), false) => {
            let scopes = [
                ("anonymous", AskedScope::Anonymous),
                ("organization", AskedScope::Organization),
                ("users", AskedScope::Users),
                ("existingAccess", AskedScope::ExistingAccess),
            ];
            let at = at.key("link");
            Ask::Link {
                scope: read::word(&at.key("scope"), &link.scope, &scopes)?,
                kind: read::link_type(&at.key("type"), link.kind.as_deref())?,
                recipients,
                expires,
            }
        }
        (None, None, true) => {
            if !given.with.is_empty() {
                at.key("with")
                    .error("names nobody where files are requested");
            }
            Ask::FileRequest { expires }
        }
        (_, _, _) => {
            at.error("asks for exactly one of `permission`, `link` and `file_request`");
            return None;
        }
    };
    Some(Asked(ShareQuestion {
        site: world.site.clone(),
        item: item?,
        sharer: sharer?,
        ask,
    }))
}

fn groups_of(world: &World, address: &EmailAddress) -> BTreeSet<GroupId> {
    world.groups.of(address).iter().cloned().collect()
}

fn sharer(at: &At<'_>, given: &wire::Sharer, world: &World) -> Option<Sharer> {
    let kind = match given.kind.as_deref().unwrap_or("member") {
        "member" => SharerKind::Member,
        "guest" => SharerKind::Guest,
        "application" => SharerKind::Application,
        "unknown" => SharerKind::Unknown,
        "agent" => {
            let name = given.id.as_deref().unwrap_or("agent");
            SharerKind::Agent(read::id(&at.key("id"), name, GroupId::parse)?)
        }
        other => {
            at.key("kind").error(format!(
                "`{other}` is none of member, guest, application, agent, unknown"
            ));
            return None;
        }
    };
    if given.id.is_some() && !matches!(kind, SharerKind::Agent(_)) {
        at.key("id").error("is of agents only");
    }
    let roles = [
        ("GlobalAdministrator", DirectoryRole::GlobalAdministrator),
        ("UserAdministrator", DirectoryRole::UserAdministrator),
        ("GuestInviter", DirectoryRole::GuestInviter),
    ];
    let address = given.address.as_deref().unwrap_or(CREATOR);
    let address = read::address(&at.key("address"), address)?;
    let role = match given.role.as_deref().unwrap_or("write") {
        "none" => None,
        role => Some(read::role(&at.key("role"), role)?),
    };
    Some(Sharer {
        kind,
        groups: groups_of(world, &address),
        address: Some(address),
        directory_roles: read::words(&at.key("directory_roles"), &given.directory_roles, &roles),
        role,
        site_owner: given.site_owner,
    })
}

fn recipient(at: &At<'_>, given: &wire::With, world: &World) -> Option<ShareRecipient> {
    let name = at.key("who");
    let (who, address) = match &given.who {
        Named::Outsider(text) => {
            let address = read::address(&name, text)?;
            (Who::Outsider(address.clone()), Some(address))
        }
        Named::Member(text) => {
            let address = read::address(&name, text)?;
            (Who::Member(address.clone()), Some(address))
        }
        Named::Group(text) => (Who::Group(read::id(&name, text, GroupId::parse)?), None),
        Named::Members => (Who::Members, None),
        Named::Everyone => (Who::Everyone, None),
        Named::AllUsers => (Who::AllUsers, None),
    };
    let guest = match &given.who {
        Named::Outsider(_) => address.as_ref().and_then(|address| world.guest(address)),
        Named::Member(_) | Named::Group(_) | Named::Members | Named::Everyone | Named::AllUsers => {
            None
        }
    };
    let guest = guest.map(|known| known.guest.clone());
    let bound = guest.as_ref().and_then(|guest| guest.identity.as_ref());
    let cloud = match given.cloud.as_deref() {
        Some(name) => Some(read::id(&at.key("cloud"), name, CloudName::parse)?),
        None => bound.and_then(|key| key.cloud.clone()),
    };
    let tenant = match &given.tenant {
        Some(tenant) => Some(tenant.to_lowercase()),
        None => bound.and_then(|key| key.tenant.clone()),
    };
    Some(ShareRecipient {
        who,
        groups: address.map_or_else(BTreeSet::new, |address| groups_of(world, &address)),
        guest,
        in_site: given.in_site,
        in_channel: given.in_channel,
        cloud,
        tenant,
        by_upn: given.by_upn,
    })
}

impl Asked {
    pub(super) fn answer(&self, world: &World) -> Told {
        let facts = ShareFacts {
            clouds: &world.clouds,
            tenant: &world.tenant,
            site: &world.site_settings,
        };
        let mut trace = Recorded::default();
        let answer = share(&self.0, &facts, world.now, &mut trace);
        Told::answer("share", &answer, &trace)
    }
}
