//! Questions about sharing.

use std::sync::Arc;

use gateway_core::address::EmailAddress;
use gateway_core::person::{Guest, GuestOrigin, GuestState};
use gateway_core::policy::share::{
    Ask, AskedScope, DirectoryRole, ShareQuestion, ShareRecipient, Sharer, SharerKind, Who,
};
use gateway_core::settings::words::OnOff;
use gateway_core::sharing::{ItemKind, LinkType, Role};

use super::access::{ITEMS, ROLES, TYPES};
use super::person::{MANAGERS, TENANTS};
use super::{Change, Make, Maker};
use crate::world::{Place, ShareWorld};

const SCOPES: [AskedScope; 4] = [
    AskedScope::Anonymous,
    AskedScope::Organization,
    AskedScope::Users,
    AskedScope::ExistingAccess,
];
const DIRECTORY_ROLES: [DirectoryRole; 3] = [
    DirectoryRole::GlobalAdministrator,
    DirectoryRole::UserAdministrator,
    DirectoryRole::GuestInviter,
];

impl Make for ShareWorld {
    fn open(maker: &mut Maker) -> Self {
        let mut place = maker.place();
        let sharer = maker.sharer();
        let (item, mut ask) = maker.ask(&place);
        if let Ask::Permission { recipients, .. } | Ask::Link { recipients, .. } = &mut ask
            && maker.random.chance(20)
        {
            let home = maker.open_to_another_cloud(&mut place);
            for recipient in recipients {
                recipient.cloud = Some(home.clone());
                recipient.by_upn = maker
                    .random
                    .one(&[None, Some(true), Some(true), Some(false)]);
            }
        }
        let question = ShareQuestion {
            site: place.site_id.clone(),
            item,
            sharer,
            ask,
        };
        let mut world = Self { place, question };
        if matches!(world.question.ask, Ask::FileRequest { .. }) && maker.random.chance(80) {
            world.place.site.sharing.file_requests = Some(true);
        }
        world
    }

    fn changes() -> &'static [Change<Self>] {
        CHANGES
    }

    fn place(&mut self) -> &mut Place {
        &mut self.place
    }

    fn counts() -> &'static [usize] {
        &[1, 2, 3, 4, 5, 6, 8, 10, 12]
    }
}

impl Maker {
    fn sharer(&mut self) -> Sharer {
        let pool = Arc::clone(&self.pool);
        Sharer {
            kind: match self.random.below(20) {
                0..4 => SharerKind::Guest,
                4 => SharerKind::Application,
                5 | 6 => SharerKind::Agent(self.random.pick(&pool.agents).clone()),
                _ => SharerKind::Member,
            },
            address: Some(pool.mia.clone()),
            groups: self.random.some(&pool.groups),
            directory_roles: if self.random.chance(15) {
                self.random.some(&DIRECTORY_ROLES)
            } else {
                [].into()
            },
            role: Some(self.random.one(&[Role::Write, Role::Owner])),
            site_owner: self.random.flag(),
        }
    }

    fn ask(&mut self, place: &Place) -> (ItemKind, Ask) {
        let kind = self.random.one(&[LinkType::View, LinkType::Edit]);
        let expires = Some(place.now.plus(864_000));
        match self.random.below(10) {
            0..4 => (
                self.random.one(&ITEMS),
                Ask::Permission {
                    role: self.random.one(&ROLES),
                    recipients: self.recipients(place),
                    expires: self
                        .random
                        .perhaps(864_000)
                        .map(|away| place.now.plus(away)),
                },
            ),
            4..6 => (
                self.random.one(&[ItemKind::File, ItemKind::Folder]),
                Ask::Link {
                    scope: AskedScope::Users,
                    kind,
                    recipients: self.recipients(place),
                    expires,
                },
            ),
            6 | 7 => (
                self.random.one(&[ItemKind::File, ItemKind::Folder]),
                Ask::Link {
                    scope: AskedScope::Anonymous,
                    kind,
                    recipients: Vec::new(),
                    expires,
                },
            ),
            8 => (
                self.random.one(&[ItemKind::File, ItemKind::Library]),
                Ask::Link {
                    scope: self
                        .random
                        .one(&[AskedScope::Organization, AskedScope::ExistingAccess]),
                    kind,
                    recipients: Vec::new(),
                    expires: None,
                },
            ),
            _ => (ItemKind::Folder, Ask::FileRequest { expires }),
        }
    }

    fn recipients(&mut self, place: &Place) -> Vec<ShareRecipient> {
        let count = self.random.one(&[1, 1, 1, 2, 3]);
        (0..count).map(|_| self.recipient(place)).collect()
    }

    fn recipient(&mut self, place: &Place) -> ShareRecipient {
        let pool = Arc::clone(&self.pool);
        let outsiders = [&pool.ada, &pool.bob, &pool.eve];
        let address = self.random.one(&outsiders).clone();
        let (who, guest) = match self.random.below(12) {
            0 => (Who::Member(pool.mo.clone()), None),
            1 => (Who::Group(self.random.pick(&pool.groups).clone()), None),
            2 => (
                self.random
                    .pick(&[Who::Members, Who::Everyone, Who::AllUsers])
                    .clone(),
                None,
            ),
            3..7 => {
                let entry = self.entry(&address, place);
                (Who::Outsider(address), Some(entry))
            }
            _ => (Who::Outsider(address), None),
        };
        let at_home = place.closed() || self.random.flag();
        ShareRecipient {
            who,
            guest,
            groups: self.random.some(&pool.groups),
            in_site: self.random.chance(70),
            in_channel: self.random.chance(70),
            cloud: at_home.then(|| place.tenant.cloud.clone()),
            tenant: Some(self.random.one(&TENANTS).to_owned()),
            by_upn: self.random.one(&[None, Some(true), Some(false)]),
        }
    }

    fn entry(&mut self, address: &EmailAddress, place: &Place) -> Guest {
        if self.random.flag() {
            let key = self.key(place, "work-school");
            let mut guest = self.guest(address, key);
            if self.random.chance(10) {
                guest.state = GuestState::Blocked;
            }
            return guest;
        }
        let origin = self
            .random
            .one(&[GuestOrigin::Directory, GuestOrigin::Share]);
        Guest {
            manager: self.random.one(&MANAGERS),
            ..Guest::invited(self.pool.guest.clone(), address.clone(), origin)
        }
    }
}

impl ShareWorld {
    fn all_recipients(&mut self) -> Option<&mut Vec<ShareRecipient>> {
        match &mut self.question.ask {
            Ask::Permission { recipients, .. } | Ask::Link { recipients, .. } => Some(recipients),
            Ask::FileRequest { .. } => None,
        }
    }
}

const CHANGES: &[Change<ShareWorld>] = &[
    item,
    sharer_kind,
    sharer_role,
    sharer_groups,
    directory_roles,
    site_owner,
    scope,
    link_type,
    expires,
    another_recipient,
    recipient_home,
    recipient_home,
    recipient_home,
    recipient_entry,
    recipient_flags,
    role,
    file_request,
    ask_again,
];

fn item(world: &mut ShareWorld, maker: &mut Maker) {
    world.question.item = maker.random.one(&ITEMS);
}

fn sharer_kind(world: &mut ShareWorld, maker: &mut Maker) {
    let agent = maker.random.pick(&Arc::clone(&maker.pool).agents).clone();
    let kinds = [
        SharerKind::Member,
        SharerKind::Guest,
        SharerKind::Application,
        SharerKind::Agent(agent),
        SharerKind::Unknown,
    ];
    world.question.sharer.kind = maker.random.pick(&kinds).clone();
}

fn sharer_role(world: &mut ShareWorld, maker: &mut Maker) {
    let role = maker.random.one(&ROLES);
    world.question.sharer.role = if maker.random.chance(75) {
        Some(role)
    } else {
        None
    };
}

fn sharer_groups(world: &mut ShareWorld, maker: &mut Maker) {
    world.question.sharer.groups = maker.random.some(&Arc::clone(&maker.pool).groups);
}

fn directory_roles(world: &mut ShareWorld, maker: &mut Maker) {
    world.question.sharer.directory_roles = maker.random.some(&DIRECTORY_ROLES);
}

fn site_owner(world: &mut ShareWorld, maker: &mut Maker) {
    world.question.sharer.site_owner = maker.random.flag();
}

fn scope(world: &mut ShareWorld, maker: &mut Maker) {
    if let Ask::Link { scope, .. } = &mut world.question.ask {
        *scope = maker.random.one(&SCOPES);
    }
}

fn link_type(world: &mut ShareWorld, maker: &mut Maker) {
    if let Ask::Link { kind, .. } = &mut world.question.ask {
        *kind = maker.random.one(&TYPES);
    }
}

fn expires(world: &mut ShareWorld, maker: &mut Maker) {
    let moment = maker.moment(world.place.now);
    match &mut world.question.ask {
        Ask::Permission { expires, .. }
        | Ask::Link { expires, .. }
        | Ask::FileRequest { expires } => *expires = maker.random.perhaps(moment),
    }
}

fn another_recipient(world: &mut ShareWorld, maker: &mut Maker) {
    let recipient = maker.recipient(&world.place);
    if let Some(recipients) = world.all_recipients() {
        recipients.push(recipient);
    }
}

fn one<'a>(world: &'a mut ShareWorld, maker: &mut Maker) -> Option<&'a mut ShareRecipient> {
    let recipients = world.all_recipients()?;
    let at = maker.random.below(recipients.len());
    recipients.get_mut(at)
}

fn recipient_home(world: &mut ShareWorld, maker: &mut Maker) {
    let cloud = maker.another_cloud();
    let tenant = maker.random.one(&TENANTS).to_owned();
    let by_upn = maker.random.one(&[None, Some(true), Some(false)]);
    if let Some(recipient) = one(world, maker) {
        recipient.cloud = cloud;
        recipient.tenant = maker.random.chance(80).then_some(tenant);
        recipient.by_upn = by_upn;
    }
}

fn recipient_entry(world: &mut ShareWorld, maker: &mut Maker) {
    let place = world.place.clone();
    if let Some(recipient) = one(world, maker)
        && let Who::Outsider(address) = recipient.who.clone()
    {
        recipient.guest = match &recipient.guest {
            Some(_) => None,
            None => Some(maker.entry(&address, &place)),
        };
    }
}

fn recipient_flags(world: &mut ShareWorld, maker: &mut Maker) {
    if let Some(recipient) = one(world, maker) {
        recipient.in_site = maker.random.flag();
        recipient.in_channel = maker.random.flag();
        recipient.groups = maker.random.some(&Arc::clone(&maker.pool).groups);
    }
}

fn role(world: &mut ShareWorld, maker: &mut Maker) {
    if let Ask::Permission { role, .. } = &mut world.question.ask {
        *role = maker.random.one(&ROLES);
        if maker.random.flag() {
            *role = Role::Owner;
            world.question.item = ItemKind::Site;
            world.place.site.sharing.block_guest_admins = maker.random.one(OnOff::ALL);
        }
    }
}

fn file_request(world: &mut ShareWorld, maker: &mut Maker) {
    let expires = maker.moment(world.place.now);
    world.question.ask = Ask::FileRequest {
        expires: maker.random.perhaps(expires),
    };
    if maker.random.chance(70) {
        world.question.item = ItemKind::Folder;
    }
}

fn ask_again(world: &mut ShareWorld, maker: &mut Maker) {
    (world.question.item, world.question.ask) = maker.ask(&world.place);
}
