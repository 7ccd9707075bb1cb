//! A tenant with many permissions, and questions about it. Everything is a function of numbers, so that a question can
//! be put together without touching, and so warming, what is asked about.

use std::collections::{BTreeMap, BTreeSet};
use std::error::Error;
use std::sync::Arc;

use gateway_core::action::Action;
use gateway_core::address::EmailAddress;
use gateway_core::cloud::{Cloud, Clouds, EnvironmentBoundary};
use gateway_core::groups::{Group, Groups};
use gateway_core::id::{
    CloudName, GroupId, GuestId, PermissionId, ProviderId, ProviderKind, SiteId, TenantId,
};
use gateway_core::index::{Guests, LinkIndex, Permissions, Snapshot, gather};
use gateway_core::path::ItemPath;
use gateway_core::person::{
    Account, Assurance, Guest, GuestOrigin, GuestState, IdentityKey, InvitationManager, Person,
    Principal,
};
use gateway_core::policy::{Decision, NoTrace, Question, Target, decide};
use gateway_core::settings::words::AllowInvitesFrom;
use gateway_core::settings::{
    DirectorySettings, Profile, SharingCapability, SiteSettings, SiteSharing, TenantSettings,
    TenantSharing,
};
use gateway_core::sharing::{ItemFacts, Permission, Recipient, Role};
use gateway_core::time::UnixTime;

type Failed = Box<dyn Error>;

const NOW: UnixTime = UnixTime(1_800_000_000);
/// Groups that each person is in.
const GROUPS_EACH: usize = 3;

/// Numbers that look random and are always the same.
pub(crate) struct Dice(u64);

impl Dice {
    pub(crate) const fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// Below `end`.
    pub(crate) fn below(&mut self, end: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ self.0 >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ mixed >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((u128::from(mixed ^ mixed >> 31) * end as u128) >> 64) as usize
    }
}

/// One tenant, its sites, people and permissions.
pub(crate) struct World {
    number: usize,
    /// Names in the paths of the items; 0 if all is on one item.
    depth: usize,
    people: usize,
    groups_number: usize,
    clouds: Clouds,
    tenant: TenantSettings,
    site: SiteSettings,
    guests: Guests,
    groups: Groups,
    permissions: Permissions,
    links: LinkIndex,
    /// Memory of the permissions.
    pub(crate) bytes: usize,
}

/// One request.
pub(crate) struct Request {
    principal: Principal,
    questions: Arc<[Question]>,
}

impl World {
    /// - `number`: of permissions, each on an item of its own: four of five for a person, the others for a group, out of
    ///   one person for ten permissions and one group for a hundred.
    /// - `depth`: names in the paths of the items; with 0 all permissions are on one, and each for
    ///   somebody else.
    pub(crate) fn new(number: usize, depth: usize) -> Result<Self, Failed> {
        let mut world = Self {
            number,
            depth,
            people: if depth == 0 {
                number
            } else {
                (number / 10).max(10)
            },
            groups_number: (number / 100).clamp(10, 10_000),
            clouds: clouds()?,
            tenant: tenant()?,
            site: site(),
            guests: Guests::default(),
            groups: Groups::default(),
            permissions: Permissions::default(),
            links: LinkIndex::default(),
            bytes: 0,
        };
        world.guests = (0..world.people)
            .map(guest)
            .collect::<Result<_, Failed>>()?;
        world.groups = world.grouped()?;
        // In no order, as they come in a life.
        let mut order: Vec<usize> = (0..number).collect();
        let mut dice = Dice::new(1);
        for at in (1..number).rev() {
            order.swap(at, dice.below(at + 1));
        }
        let before = crate::allocator::alive();
        let mut permissions = Permissions::with_seed(0x5eed);
        permissions.extend(order.iter().filter_map(|at| world.permission(*at).ok()));
        if permissions.len() != number {
            return Err("a permission is missing".into());
        }
        world.bytes = crate::allocator::alive() - before;
        world.permissions = permissions;
        Ok(world)
    }

    /// Somebody on an item that a permission is for: the person it was granted to, or one of the group.
    pub(crate) fn allowed(&self, dice: &mut Dice) -> Result<Request, Failed> {
        let at = dice.below(self.number);
        let person = match self.recipient(at) {
            Ok(person) => person,
            // Person `n` is in the groups `n`, `n + 1`, … of as many as there are.
            Err(group) => {
                let around = self.people.div_ceil(self.groups_number);
                (group + self.groups_number * dice.below(around)) % self.people
            }
        };
        self.request(at, person)
    }

    /// Anybody on anything: nearly always refused.
    pub(crate) fn anybody(&self, dice: &mut Dice) -> Result<Request, Failed> {
        self.request(dice.below(self.number), dice.below(self.people))
    }

    /// Everything there is to do for a request after its session and path were read.
    pub(crate) fn answer(&self, request: &Request) -> Option<Decision> {
        let question = request.questions.first()?;
        let snapshot = Snapshot {
            clouds: &self.clouds,
            tenant: &self.tenant,
            site: &self.site,
            groups: &self.groups,
            permissions: &self.permissions,
            links: &self.links,
            guests: &self.guests,
        };
        let facts = gather(
            snapshot,
            &request.principal,
            |guest| guest.map_or(Account::Unknown, Account::Guest),
            &question.target,
            ItemFacts::default(),
        );
        let questions = Arc::clone(&request.questions);
        Some(decide(
            &request.principal,
            questions,
            &[facts],
            NOW,
            &mut NoTrace,
        ))
    }

    fn request(&self, at: usize, person: usize) -> Result<Request, Failed> {
        let (site, path) = self.item(at)?;
        let question = Question {
            target: Target {
                tenant: TenantId::parse("contoso")?,
                site,
                path,
                query: None,
            },
            action: Action::View,
        };
        Ok(Request {
            principal: Principal {
                person: Some(Person {
                    key: key(person)?,
                    kind: ProviderKind::parse("work-school")?,
                    authenticated_at: UnixTime(NOW.0 - 600),
                    assurance: Assurance::default(),
                }),
                ..Principal::default()
            },
            questions: [question].into(),
        })
    }

    fn permission(&self, at: usize) -> Result<Permission, Failed> {
        let (site, item) = self.item(at)?;
        Ok(Permission {
            id: PermissionId::parse(&format!("{at:08x}-0000-4000-8000-{:012x}", at * 77))?,
            site,
            item,
            recipient: match self.recipient(at) {
                Ok(person) => Recipient::Address(address(person)?),
                Err(group) => Recipient::Group(self::group(group)?),
            },
            role: Role::Write,
            created_by: EmailAddress::parse(&format!("member-{}@contoso.example", at % 1_000))?,
            manager: InvitationManager::Directory,
            expires: at.is_multiple_of(2).then_some(UnixTime(NOW.0 + 1_000)),
        })
    }

    /// A person, or a group as an error.
    fn recipient(&self, at: usize) -> Result<usize, usize> {
        if self.depth == 0 {
            return Ok(at);
        }
        let mut dice = Dice::new(at as u64 ^ 0xface);
        if dice.below(5) > 0 {
            Ok(dice.below(self.people))
        } else {
            Err(dice.below(self.groups_number))
        }
    }

    /// Sites of ten thousand items; in each folder 20 folders or files, the rest of the depth above them.
    fn item(&self, at: usize) -> Result<(SiteId, ItemPath), Failed> {
        let at = if self.depth == 0 { 0 } else { at };
        let site = at / 10_000;
        let mut path = match self.depth {
            0 | 1 => String::new(),
            depth => format!(
                "/sites-{site}{}",
                "/Shared folder".repeat(depth.saturating_sub(5))
            ),
        };
        for (level, size) in [(5, 2_000), (4, 200), (3, 20)] {
            if self.depth >= level {
                path += &format!("/Folder-{}", at / size);
            }
        }
        path += &format!("/Report-{at:07}.docx");
        let site = SiteId::parse(&format!("site-{site}"))?;
        Ok((site, ItemPath::parse(&path.replace(' ', "%20"))?))
    }

    fn grouped(&self) -> Result<Groups, Failed> {
        let mut declared: BTreeMap<GroupId, Group> = BTreeMap::new();
        for person in 0..self.people {
            for at in 0..GROUPS_EACH {
                let id = group((person + at) % self.groups_number)?;
                declared
                    .entry(id)
                    .or_default()
                    .people
                    .insert(address(person)?);
            }
        }
        Ok(Groups::new(&declared)?)
    }
}

fn address(person: usize) -> Result<EmailAddress, Failed> {
    Ok(EmailAddress::parse(&format!(
        "person-{person}@partner-{}.example",
        person % 1_000
    ))?)
}

fn group(number: usize) -> Result<GroupId, Failed> {
    Ok(GroupId::parse(&format!(
        "{number:08x}-aaaa-4aaa-8aaa-aaaaaaaaaaaa"
    ))?)
}

fn key(person: usize) -> Result<IdentityKey, Failed> {
    let home = format!("33333333-3333-4333-8333-{:012x}", person % 1_000);
    Ok(IdentityKey {
        cloud: Some(CloudName::parse("worldwide")?),
        provider: ProviderId::parse("work-school")?,
        issuer: format!("https://login.microsoftonline.com/{home}/v2.0"),
        tenant: Some(home),
        subject: format!("{person:08x}-1111-4111-8111-111111111111"),
    })
}

fn guest(person: usize) -> Result<Guest, Failed> {
    let id = GuestId::parse(&format!("guest-{person}"))?;
    Ok(Guest {
        state: GuestState::Accepted,
        identity: Some(key(person)?),
        ..Guest::invited(id, address(person)?, GuestOrigin::Directory)
    })
}

fn clouds() -> Result<Clouds, Failed> {
    let cloud = Cloud {
        instance: "microsoftonline.com".to_owned(),
        authority: "https://login.microsoftonline.com".to_owned(),
        identity_providers: BTreeSet::from([ProviderKind::parse("work-school")?]),
        integration_supported: true,
        restricted: false,
        partner_clouds: BTreeSet::new(),
        tenants: gateway_core::cloud::Described::default(),
        consumers: true,
        file_requests: true,
        allow_invites_from: AllowInvitesFrom::Everyone,
    };
    Ok(Clouds([(CloudName::parse("worldwide")?, cloud)].into()))
}

fn tenant() -> Result<TenantSettings, Failed> {
    Ok(TenantSettings {
        cloud: CloudName::parse("worldwide")?,
        profile: Profile::IntegrationOptIn,
        sharing: TenantSharing {
            integration: Some(true),
            ..TenantSharing::default()
        },
        boundary: EnvironmentBoundary::Cloud,
        acknowledge_unsupported: false,
        directory: DirectorySettings::default(),
    })
}

fn site() -> SiteSettings {
    SiteSettings {
        sharing: SiteSharing {
            capability: Some(SharingCapability::ExternalUserAndGuestSharing),
            ..SiteSharing::default()
        },
        ..SiteSettings::default()
    }
}
