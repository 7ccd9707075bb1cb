//! Questions about access.

mod changes;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use gateway_core::action::Action;
use gateway_core::groups::Group;
use gateway_core::path::ItemPath;
use gateway_core::person::{Guest, InvitationManager, Principal};
use gateway_core::sharing::{
    ItemFacts, ItemKind, LinkScope, LinkType, Permission, Recipient, Role, Scan, SharingLink,
};

use super::{Change, Make, Maker};
use crate::world::{AccessWorld, Known, Place};

pub(super) const ITEMS: [ItemKind; 6] = [
    ItemKind::File,
    ItemKind::Folder,
    ItemKind::Site,
    ItemKind::Library,
    ItemKind::ListItem,
    ItemKind::Unknown,
];
pub(super) const TYPES: [LinkType; 5] = [
    LinkType::View,
    LinkType::Review,
    LinkType::Edit,
    LinkType::BlocksDownload,
    LinkType::CreateOnly,
];
pub(super) const ROLES: [Role; 3] = [Role::Read, Role::Write, Role::Owner];

impl Make for AccessWorld {
    fn open(maker: &mut Maker) -> Self {
        let mut place = maker.place();
        let outcome = maker.random.below(100);
        if (60..75).contains(&outcome) {
            // Without an entry nobody comes in where the integration is on.
            place.tenant.sharing.integration = Some(false);
        }
        let path = maker.file();
        let action = maker.random.one(&[
            Action::View,
            Action::View,
            Action::Download,
            Action::Edit,
            Action::Create,
            Action::Delete,
            Action::ReadUserInfo,
        ]);
        let client = maker.client(&place);
        let kind = maker.random.one(&ITEMS);
        let mut world = Self {
            place,
            path,
            item: ItemFacts {
                kind: if maker.random.chance(60) {
                    ItemKind::File
                } else {
                    kind
                },
                scan: maker
                    .random
                    .one(&[Scan::Passed, Scan::Missing, Scan::Blocked]),
            },
            action,
            principal: Principal {
                client,
                ..Principal::default()
            },
            known: Known::Unknown,
            guests: Vec::new(),
            groups: BTreeMap::new(),
            permissions: Vec::new(),
            links: Vec::new(),
        };
        match outcome {
            0..45 => world.let_guest_in(maker),
            45..60 => world.let_member_in(maker),
            60..75 => world.let_ad_hoc_in(maker),
            75..90 => world.let_bearer_in(maker),
            90..95 => world.known = Known::Application(maker.random.one(&ROLES)),
            _ => world.show_link(maker),
        }
        world.form_groups(maker);
        world
    }

    fn changes() -> &'static [Change<Self>] {
        changes::CHANGES
    }

    fn place(&mut self) -> &mut Place {
        &mut self.place
    }

    fn counts() -> &'static [usize] {
        &[0, 0, 1, 1, 1, 2, 2, 2, 3, 3, 4, 6]
    }
}

impl Maker {
    pub(super) fn file(&mut self) -> ItemPath {
        self.random.pick(&Arc::clone(&self.pool).files).clone()
    }

    fn ancestor(&mut self) -> ItemPath {
        self.random.pick(&Arc::clone(&self.pool).above).clone()
    }

    pub(super) fn any_recipient(&mut self) -> Recipient {
        let pool = Arc::clone(&self.pool);
        match self.random.below(6) {
            0 => Recipient::Members,
            1 => Recipient::Everyone,
            2 => Recipient::AllUsers,
            3 => Recipient::Group(self.random.pick(&pool.groups).clone()),
            _ => Recipient::Address(self.random.pick(&pool.people).clone()),
        }
    }

    pub(super) fn any_scope(&mut self) -> LinkScope {
        match self.random.below(5) {
            0 => LinkScope::Anonymous,
            1 => LinkScope::Organization,
            2 => LinkScope::ExistingAccess,
            _ => LinkScope::Users(self.random.some(&Arc::clone(&self.pool).people)),
        }
    }

    /// The manager whose invitations work now.
    fn living_manager(&self, place: &Place) -> InvitationManager {
        if place.integration() {
            InvitationManager::Directory
        } else {
            InvitationManager::Sharing
        }
    }
}

impl AccessWorld {
    fn covering_role(&self, maker: &mut Maker) -> Role {
        if self.action.writes() {
            maker.random.one(&[Role::Write, Role::Owner])
        } else {
            maker.random.one(&ROLES)
        }
    }

    pub(super) fn grant(&mut self, recipient: Recipient, maker: &mut Maker) {
        let pool = Arc::clone(&maker.pool);
        let role = self.covering_role(maker);
        let used: BTreeSet<_> = self.permissions.iter().map(|one| one.id.clone()).collect();
        let mut id = maker.random.pick(&pool.permissions).clone();
        while used.contains(&id) {
            id = maker.random.pick(&pool.permissions).clone();
        }
        self.permissions.push(Permission {
            id,
            site: self.place.site_id.clone(),
            item: if maker.random.flag() {
                self.path.clone()
            } else {
                maker.ancestor()
            },
            recipient,
            role,
            created_by: pool.mia.clone(),
            manager: maker.living_manager(&self.place),
            expires: None,
        });
    }

    pub(super) fn link(&mut self, scope: LinkScope, shown: bool, maker: &mut Maker) {
        let pool = Arc::clone(&maker.pool);
        let used: BTreeSet<_> = self.links.iter().map(|one| one.id.clone()).collect();
        let mut id = maker.random.pick(&pool.links).clone();
        while used.contains(&id) {
            id = maker.random.pick(&pool.links).clone();
        }
        let fitting: Vec<LinkType> = TYPES
            .into_iter()
            .filter(|kind| kind.covers(self.action))
            .collect();
        let kind = if fitting.is_empty() {
            LinkType::Edit
        } else {
            maker.random.one(&fitting)
        };
        let ago = maker.random.one(&[0, 1, 6, 7, 9, 10, 30, 60]);
        let beside = maker.random.one(&[0, 0, 1, -1]);
        if shown {
            self.principal.links.push(id.clone());
        }
        self.links.push(SharingLink {
            id,
            site: self.place.site_id.clone(),
            item: if maker.random.flag() {
                self.path.clone()
            } else {
                maker.ancestor()
            },
            kind,
            scope,
            created_by: pool.mia.clone(),
            creator_may_share: maker.random.chance(80),
            manager: maker.living_manager(&self.place),
            created: self.place.now.plus(-ago * 86_400 + beside),
            expires: None,
        });
    }

    fn let_guest_in(&mut self, maker: &mut Maker) {
        let kind = maker.kind_name(&self.place);
        let address = maker.outsider(kind);
        let mut person = maker.person(&self.place, kind);
        if kind == "work-school" && maker.random.chance(25) {
            person.key.cloud = Some(maker.open_to_another_cloud(&mut self.place));
        }
        self.guests.push(maker.guest(&address, person.key.clone()));
        self.known = Known::Guest(0);
        self.principal.person = Some(person);
        match maker.random.below(10) {
            0..4 => self.grant(Recipient::Address(address), maker),
            4 | 5 => self.grant(Recipient::Group(maker.pool.outer.clone()), maker),
            6 => {
                self.place.tenant.sharing.everyone_claim = true;
                self.grant(Recipient::Everyone, maker);
            }
            7 => {
                self.place.tenant.sharing.all_users_claim = Some(true);
                self.grant(Recipient::AllUsers, maker);
            }
            _ => {
                let shown = maker.random.flag();
                self.link(LinkScope::Users([address].into()), shown, maker);
            }
        }
    }

    fn let_member_in(&mut self, maker: &mut Maker) {
        let address = maker.pool.mia.clone();
        self.known = Known::Member(maker.random.chance(85).then(|| address.clone()));
        self.principal.person = Some(maker.person(&self.place, "work-school"));
        match maker.random.below(7) {
            0 => self.grant(Recipient::Address(address), maker),
            1 => self.grant(Recipient::Members, maker),
            2 => self.grant(Recipient::Everyone, maker),
            3 => self.grant(Recipient::Group(maker.pool.outer.clone()), maker),
            4 => self.link(LinkScope::Users([address].into()), false, maker),
            _ => self.link(LinkScope::Organization, true, maker),
        }
    }

    fn let_ad_hoc_in(&mut self, maker: &mut Maker) {
        let address = maker.outsider("email-otp");
        self.known = Known::AdHoc(address.clone());
        let mut person = maker.person(&self.place, "email-otp");
        person.authenticated_at = maker.moment(self.place.now);
        self.principal.person = Some(person);
        if maker.random.flag() {
            self.grant(Recipient::Address(address), maker);
        } else {
            self.link(LinkScope::Users([address].into()), false, maker);
        }
    }

    fn let_bearer_in(&mut self, maker: &mut Maker) {
        self.link(LinkScope::Anonymous, true, maker);
        if maker.random.chance(15) {
            self.principal.person = Some(maker.person(&self.place, "google"));
        }
        self.principal.address_proven = maker.random.flag();
    }

    fn show_link(&mut self, maker: &mut Maker) {
        let pool = Arc::clone(&maker.pool);
        let scope = match maker.random.below(4) {
            0 => LinkScope::Users([pool.ada.clone(), pool.bob.clone()].into()),
            1 => LinkScope::ExistingAccess,
            _ => LinkScope::Organization,
        };
        self.link(scope, true, maker);
    }

    /// Whoever asks is mostly in the groups, the outer one often through the inner.
    fn form_groups(&mut self, maker: &mut Maker) {
        let pool = Arc::clone(&maker.pool);
        for id in &pool.groups {
            self.groups.insert(id.clone(), Group::default());
        }
        let inner = pool.inner.clone();
        if let Some(outer) = self.groups.get_mut(&pool.outer) {
            outer.groups.insert(inner);
        }
        let at = if maker.random.flag() {
            &pool.inner
        } else {
            &pool.outer
        };
        let address = self.address().cloned();
        if let (Some(group), Some(address)) = (self.groups.get_mut(at), address) {
            group.people.insert(address);
        }
    }

    pub(super) fn asker(&mut self) -> Option<&mut Guest> {
        match self.known {
            Known::Guest(at) => self.guests.get_mut(at),
            Known::Member(_) | Known::AdHoc(_) | Known::Application(_) | Known::Unknown => None,
        }
    }
}
