//! Generated worlds: every setting of the tables that decides, and every fact.

use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;

use super::conditional::policy;
use super::world::{As, DAY, NOW, PLAN, World, group, kind, permission, site_id, world};
use crate::action::Action;
use crate::cloud::EnvironmentBoundary;
use crate::id::{LinkId, PermissionId, SiteId};
use crate::path::{ItemPath, PathCase};
use crate::person::{GuestState, InvitationManager, SignInRisk};
use crate::settings::directory::{Federation, GrantControl, InboundTrust, Partner, Risk};
use crate::settings::table::{Setting, Standing};
use crate::settings::value::{Kind, Raw};
use crate::settings::{
    Channel, DirectoryPolicy, Partition, Profile, SiteSharing, Template, TenantSharing,
};
use crate::sharing::{
    ItemKind, LinkScope, LinkType, Permission, Recipient, Role, Scan, SharingLink,
};
use crate::testing::{address, cloud, domains, identity};
use crate::time::UnixTime;

pub(super) const PEOPLE: [&str; 2] = ["ada@fabrikam.example", "bob@contoso.example"];
const DOMAINS: [&str; 2] = ["fabrikam.example", "contoso.example"];
const GROUPS: [&str; 3] = ["g1", "g2", "g3"];
const CLOUDS: [&str; 6] = [
    "worldwide",
    "gcc",
    "gcc-high",
    "dod",
    "china-21vianet",
    "bleu",
];
const KINDS: [&str; 6] = [
    "work-school",
    "microsoft-account",
    "google",
    "email-otp",
    "saml",
    "openid",
];
/// Paths at, above, below and beside what is shared.
const PATHS: [&str; 5] = [
    PLAN,
    "/sites/p",
    "/sites/p/plan.docx/a/b.pdf",
    "/sites/p/plan.docx/c.zip",
    "/sites/p/other",
];

/// What a world is made from; where the bytes end, everything is as in [`world`].
pub(super) fn any_world() -> impl Strategy<Value = World> {
    prop::collection::vec(any::<u8>(), 0..400).prop_map(|bytes| make(&mut Dice(bytes.into_iter())))
}

pub(super) struct Dice(std::vec::IntoIter<u8>);

impl Dice {
    fn byte(&mut self) -> u8 {
        self.0.next().unwrap_or(0)
    }

    /// True about once in `times`; never without bytes.
    fn once_in(&mut self, times: u8) -> bool {
        let byte = self.byte();
        byte != 0 && byte.is_multiple_of(times)
    }

    /// One of these; the first without bytes.
    fn of<T: Clone>(&mut self, all: &[T]) -> T {
        let at = usize::from(self.byte()) % all.len();
        all[at].clone()
    }

    /// As [`of`](Self::of), but the first three times out of four.
    fn mostly<T: Clone>(&mut self, all: &[T]) -> T {
        if self.once_in(4) {
            self.of(all)
        } else {
            all[0].clone()
        }
    }

    /// Some of these, in their order.
    fn some<T: Clone>(&mut self, all: &[T]) -> Vec<T> {
        let bits = self.byte();
        let taken = all.iter().enumerate();
        taken
            .filter(|(at, _)| bits >> at & 1 == 1)
            .map(|(_, one)| one.clone())
            .collect()
    }

    fn moment(&mut self) -> UnixTime {
        let ago = self.of(&[0, 1, -1, 60, DAY, 10 * DAY, 40 * DAY, -10 * DAY]);
        NOW.plus(-ago)
    }

    fn end(&mut self) -> Option<UnixTime> {
        self.once_in(3).then(|| self.moment())
    }
}

/// A value of that kind, whatever it is a setting of.
fn value(dice: &mut Dice, kind: Kind) -> Raw {
    let list = |parts: Vec<&str>| Raw::List(parts.into_iter().map(Raw::text).collect());
    match kind {
        Kind::Flag => Raw::Flag(dice.of(&[true, false])),
        Kind::Word(words) | Kind::WordOrFlag(words) => Raw::text(dice.of(words)),
        Kind::Words(words) => list(dice.some(words)),
        Kind::Number { least, most, zero } => {
            let least_or_none = if zero { 0 } else { least };
            let numbers = [least, least.saturating_add(1), 30, most, least_or_none];
            Raw::Number(i64::from(dice.of(&numbers).clamp(least_or_none, most)))
        }
        Kind::Domains { .. } | Kind::DomainCharacters { .. } => list(dice.some(&DOMAINS)),
        Kind::Groups { .. } => list(dice.some(&GROUPS)),
        Kind::Ranges => list(dice.some(&["192.0.2.0/24", "2001:db8::/32"])),
        Kind::Addresses => list(dice.some(&PEOPLE)),
        Kind::Text => Raw::text(dice.of(&["c1", "c2"])),
    }
}

/// Sets some of the settings that decide.
fn settings(
    dice: &mut Dice,
    table: &[Setting],
    most: usize,
    mut set: impl FnMut(&'static str, &Raw),
) {
    let decides = |setting: &&Setting| matches!(setting.standing, Standing::Enforced);
    let table: Vec<&Setting> = table.iter().filter(decides).collect();
    for _ in 0..usize::from(dice.byte()) % (most + 1) {
        let setting = dice.of(&table);
        let value = value(dice, setting.kind);
        set(setting.name, &value);
    }
}

fn make(dice: &mut Dice) -> World {
    let mut world = world();
    world.permissions = (0..dice.byte() % 4)
        .map(|at| any_permission(dice, at))
        .collect();
    world.links = (0..dice.byte() % 4).map(|at| any_link(dice, at)).collect();
    let links: Vec<LinkId> = world.links.iter().map(|link| link.id.clone()).collect();
    world.principal.links = dice.some(&links);
    who(dice, &mut world);
    place(dice, &mut world);
    directory(dice, &mut world);
    client(dice, &mut world);
    world.item.kind = dice.of(&[
        ItemKind::File,
        ItemKind::Unknown,
        ItemKind::Folder,
        ItemKind::Site,
        ItemKind::Library,
        ItemKind::ListItem,
    ]);
    world.item.scan = dice.of(&[Scan::Missing, Scan::Passed, Scan::Blocked]);
    world.path = dice.mostly(&PATHS).to_owned();
    world.action = dice.of(&Action::ALL);
    world.recipient_in_directory = dice.once_in(2);
    world.link_missing = dice.once_in(8);
    world
}

fn who(dice: &mut Dice, w: &mut World) {
    w.who = dice.of(&[
        As::Guest,
        As::Guest,
        As::Guest,
        As::Guest,
        As::Member,
        As::Member,
        As::AdHoc,
        As::Application(Role::Write),
        As::Unknown,
    ]);
    w.guest.address = address(dice.mostly(&PEOPLE));
    w.guest.state = dice.mostly(&[
        GuestState::Accepted,
        GuestState::PendingAcceptance,
        GuestState::Blocked,
    ]);
    w.guest.manager = dice.of(&[InvitationManager::Sharing, InvitationManager::Directory]);
    w.guest.mfa_registered = !dice.once_in(3);
    let sites = [site_id(), SiteId::parse("q").unwrap()];
    w.guest.administers = dice
        .once_in(4)
        .then(|| dice.some(&sites))
        .into_iter()
        .flatten()
        .collect();
    if let Some(end) = dice.end() {
        w.guest.expires = BTreeMap::from([(dice.of(&sites), end)]);
    }
    w.groups = dice.some(&GROUPS).into_iter().map(group).collect();
    let person = w.person();
    person.kind = kind(dice.mostly(&KINDS));
    person.key = identity(dice.mostly(&CLOUDS));
    if person.kind.as_str() != "work-school" && !dice.once_in(4) {
        person.key.cloud = None;
        person.key.tenant = None;
    }
    person.authenticated_at = dice.moment();
    let bound = person.key.clone();
    w.guest.identity = match dice.byte() % 16 {
        1 => None,
        2 => Some(identity("gcc")),
        _ => Some(bound),
    };
    let shown = w.shown();
    shown.mfa_at_home = dice.once_in(2);
    shown.mfa_here = dice.once_in(3);
    shown.compliant_device = dice.once_in(2);
    shown.hybrid_device = dice.once_in(2);
    shown.terms = dice.once_in(2);
    shown.contexts = dice
        .some(&["c1", "c2"])
        .into_iter()
        .map(str::to_owned)
        .collect();
    shown.risk = dice.of(&[
        Some(SignInRisk::None),
        None,
        Some(SignInRisk::Some(Risk::Low)),
        Some(SignInRisk::Some(Risk::High)),
    ]);
    if dice.once_in(4) {
        w.principal.person = None;
    }
}

fn place(dice: &mut Dice, w: &mut World) {
    settings(dice, TenantSharing::SETTINGS, 10, |name, raw| {
        w.tenant.sharing.set(name, raw).unwrap();
    });
    settings(dice, SiteSharing::SETTINGS, 6, |name, raw| {
        w.site.sharing.set(name, raw).unwrap();
    });
    settings(dice, DirectoryPolicy::SETTINGS, 2, |name, raw| {
        w.tenant.directory.policy.set(name, raw).unwrap();
    });
    w.tenant.profile = dice.of(&[
        Profile::IntegrationOptIn,
        Profile::SeparateManagers,
        Profile::IntegrationDefault,
        Profile::ReshareRequired,
        Profile::IntegrationMandatory,
    ]);
    if dice.once_in(3) {
        w.tenant.cloud = cloud(dice.mostly(&CLOUDS));
    }
    w.tenant.boundary = dice.of(&[EnvironmentBoundary::Cloud, EnvironmentBoundary::Instance]);
    w.site.partition = dice.of(&[Partition::Core, Partition::OneDrive]);
    w.site.channel = dice.mostly(&[Channel::None, Channel::Shared, Channel::Private]);
    w.site.path_case = dice.of(&[PathCase::Sensitive, PathCase::Insensitive]);
    w.site.group = dice.once_in(4).then(|| group(dice.of(&GROUPS)));
    if dice.once_in(8) {
        w.site.sharing.capability = None;
        w.site.template = dice.of(&[
            Template::Unknown,
            Template::RootCommunication,
            Template::OneDrive,
            Template::Group {
                owners_add_guests: true,
            },
            Template::Group {
                owners_add_guests: false,
            },
        ]);
    }
}

fn any_trust(dice: &mut Dice) -> InboundTrust {
    InboundTrust {
        mfa: dice.once_in(2),
        compliant_device: dice.once_in(2),
        hybrid_device: dice.once_in(2),
    }
}

fn directory(dice: &mut Dice, w: &mut World) {
    let all = CLOUDS.map(cloud);
    let directory = &mut w.tenant.directory;
    directory.google = dice.once_in(2);
    if dice.once_in(2) {
        directory.federations = vec![Federation {
            provider: None,
            issuer: "https://idp".to_owned(),
            domains: domains(&dice.some(&DOMAINS)),
            endpoint: "https://idp/sso".to_owned(),
            dns_text: None,
        }];
    }
    let access = &mut directory.cross_tenant;
    access.clouds = dice.some(&all).into_iter().collect();
    access.default_inbound = !dice.once_in(6);
    access.default_trust = any_trust(dice);
    if dice.once_in(2) {
        let partner = Partner {
            cloud: dice.of(&all),
            inbound: !dice.once_in(4),
            reciprocated: !dice.once_in(4),
            trust: any_trust(dice),
            automatic_redemption: false,
            automatic_redemption_at_home: false,
        };
        access.partners.insert("t".to_owned(), partner);
    }
    if dice.once_in(6) {
        let homes: BTreeSet<_> = dice.some(&all).into_iter().collect();
        let [domain] = domains(&["fabrikam.example"])
            .into_iter()
            .collect::<Vec<_>>()
            .try_into()
            .unwrap();
        directory.domain_homes.insert(domain, homes);
    }
    let times = [0, 0, 0, 1, 2];
    for _ in 0..dice.of(&times) {
        let controls = dice.of(&CONTROLS);
        let mut one = policy(&[controls]);
        one.context = dice.once_in(3).then(|| dice.of(&["c1", "c2"]).to_owned());
        one.sites = dice
            .once_in(4)
            .then(|| dice.some(&[site_id()]).into_iter().collect());
        one.risks = dice
            .some(&[Risk::Low, Risk::Medium, Risk::High])
            .into_iter()
            .collect();
        one.members = dice.once_in(2);
        one.sign_in_frequency = dice.once_in(4).then(|| dice.of(&[60, DAY]));
        directory.conditional_access.push(one);
    }
}

pub(super) const CONTROLS: [GrantControl; 8] = [
    GrantControl::Mfa,
    GrantControl::TermsOfUse,
    GrantControl::CompliantDevice,
    GrantControl::DomainJoinedDevice,
    GrantControl::Block,
    GrantControl::ApprovedApplication,
    GrantControl::CompliantApplication,
    GrantControl::PasswordChange,
];

fn client(dice: &mut Dice, w: &mut World) {
    w.principal.address_proven = dice.once_in(2);
    let client = &mut w.principal.client;
    let addresses = [None, Some("192.0.2.7"), Some("198.51.100.7")];
    client.address = dice.of(&addresses).map(|text| text.parse().unwrap());
    client.managed_device = dice.once_in(2);
    client.last_used = (!dice.once_in(4)).then(|| dice.moment());
}

fn any_permission(dice: &mut Dice, at: u8) -> Permission {
    let recipients = [
        Recipient::Address(address(PEOPLE[0])),
        Recipient::Address(address(PEOPLE[1])),
        Recipient::Members,
        Recipient::Everyone,
        Recipient::AllUsers,
        Recipient::Group(group("g1")),
        Recipient::Group(group("g2")),
    ];
    let mut made = permission("grant", dice.of(&[Role::Owner, Role::Write, Role::Read]));
    // The last made need not have the greatest id.
    made.id = PermissionId::parse(&format!("grant-{}", at ^ 2)).unwrap();
    made.recipient = dice.mostly(&recipients);
    made.item = ItemPath::parse(dice.mostly(&PATHS)).unwrap();
    made.manager = dice.mostly(&[InvitationManager::Sharing, InvitationManager::Directory]);
    made.expires = dice.end();
    made
}

fn any_link(dice: &mut Dice, at: u8) -> SharingLink {
    let scopes = [
        LinkScope::Anonymous,
        LinkScope::Organization,
        LinkScope::Users([address(PEOPLE[0])].into()),
        LinkScope::Users([address(PEOPLE[1])].into()),
        LinkScope::ExistingAccess,
    ];
    let kinds = [
        LinkType::Edit,
        LinkType::View,
        LinkType::Review,
        LinkType::BlocksDownload,
        LinkType::CreateOnly,
    ];
    let mut made = super::world::link(dice.of(&scopes), dice.of(&kinds));
    made.id = LinkId::parse(&format!("link-{}", at ^ 2)).unwrap();
    made.item = ItemPath::parse(dice.mostly(&PATHS)).unwrap();
    made.manager = dice.mostly(&[InvitationManager::Sharing, InvitationManager::Directory]);
    made.creator_may_share = !dice.once_in(3);
    made.created = dice.moment();
    made.expires = dice.end();
    made
}
