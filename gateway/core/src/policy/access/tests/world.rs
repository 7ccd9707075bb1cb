//! What the tests start from.

use std::sync::Arc;

use crate::action::Action;
use crate::address::DomainName;
use crate::cloud::Clouds;
use crate::id::{GroupId, LinkId, PermissionId, ProviderKind, SiteId, TenantId};
use crate::index::{LinkFacts, Permissions, Seeker};
use crate::path::ItemPath;
use crate::person::{
    Account, Assurance, Client, Guest, InvitationManager, Person, Principal, SignInRisk,
};
use crate::policy::{
    Decision, Facts, Ground, NoTrace, Question, Recorded, Target, Trace, TraceEntry, decide,
};
use crate::settings::value::Raw;
use crate::settings::{SiteSettings, TenantSettings};
use crate::sharing::{
    ItemFacts, ItemKind, LinkScope, LinkType, Permission, Recipient, Role, Scan, SharingLink,
};
use crate::testing::{address, clouds, guest, identity, site, tenant};
use crate::time::UnixTime;

pub(super) const NOW: UnixTime = UnixTime(100_000_000);
pub(super) const DAY: i64 = 86_400;
pub(super) const ADA: &str = "ada@fabrikam.example";
pub(super) const PLAN: &str = "/sites/p/plan.docx";

/// As whom the person is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum As {
    Member,
    Guest,
    AdHoc,
    Application(Role),
    Unknown,
}

/// A tenant, a site, a guest with a grant, and whatever a test changes about them.
#[derive(Clone, Debug)]
pub(super) struct World {
    pub(super) clouds: Clouds,
    pub(super) tenant: TenantSettings,
    pub(super) site: SiteSettings,
    pub(super) who: As,
    pub(super) guest: Guest,
    pub(super) groups: Vec<GroupId>,
    pub(super) principal: Principal,
    pub(super) permissions: Vec<Permission>,
    pub(super) links: Vec<SharingLink>,
    pub(super) recipient_in_directory: bool,
    pub(super) link_missing: bool,
    pub(super) path: String,
    pub(super) item: ItemFacts,
    pub(super) action: Action,
    pub(super) now: UnixTime,
}

/// Ada, a guest with an account of the worldwide cloud, views a document that was shared with her.
pub(super) fn world() -> World {
    World {
        clouds: clouds(),
        tenant: tenant(),
        site: site(),
        who: As::Guest,
        guest: Guest {
            manager: InvitationManager::Sharing,
            mfa_registered: true,
            ..guest()
        },
        groups: Vec::new(),
        principal: Principal {
            person: Some(Person {
                key: identity("worldwide"),
                kind: kind("work-school"),
                authenticated_at: NOW,
                assurance: Assurance {
                    risk: Some(SignInRisk::None),
                    ..Assurance::default()
                },
            }),
            client: Client {
                last_used: Some(NOW),
                ..Client::default()
            },
            ..Principal::default()
        },
        permissions: vec![permission("grant", Role::Read)],
        links: Vec::new(),
        recipient_in_directory: false,
        link_missing: false,
        path: PLAN.to_owned(),
        item: ItemFacts {
            kind: ItemKind::File,
            scan: Scan::Missing,
        },
        action: Action::View,
        now: NOW,
    }
}

pub(super) fn kind(name: &str) -> ProviderKind {
    ProviderKind::parse(name).unwrap()
}

pub(super) fn group(name: &str) -> GroupId {
    GroupId::parse(name).unwrap()
}

pub(super) fn site_id() -> SiteId {
    SiteId::parse("p").unwrap()
}

pub(super) fn fabrikam() -> DomainName {
    DomainName::parse("fabrikam.example").unwrap()
}

pub(super) fn permission(id: &str, role: Role) -> Permission {
    Permission {
        id: PermissionId::parse(id).unwrap(),
        site: site_id(),
        item: ItemPath::parse(PLAN).unwrap(),
        recipient: Recipient::Address(address(ADA)),
        role,
        created_by: address("mia@contoso.example"),
        manager: InvitationManager::Sharing,
        expires: None,
    }
}

pub(super) fn link(scope: LinkScope, kind: LinkType) -> SharingLink {
    SharingLink {
        id: LinkId::parse("link").unwrap(),
        site: site_id(),
        item: ItemPath::parse(PLAN).unwrap(),
        kind,
        scope,
        created_by: address("mia@contoso.example"),
        creator_may_share: true,
        manager: InvitationManager::Sharing,
        created: NOW,
        expires: None,
    }
}

pub(super) fn named(who: &str) -> LinkScope {
    LinkScope::Users([address(who)].into())
}

impl World {
    pub(super) fn person(&mut self) -> &mut Person {
        self.principal.person.as_mut().unwrap()
    }

    pub(super) fn shown(&mut self) -> &mut Assurance {
        &mut self.person().assurance
    }

    /// Takes away what was granted, and shows `link` instead.
    pub(super) fn only_link(&mut self, link: SharingLink) {
        self.permissions.clear();
        self.principal.links = vec![link.id.clone()];
        self.links = vec![link];
    }

    /// Nobody is signed in, and an Anyone link was opened.
    pub(super) fn bearer(&mut self, kind: LinkType) {
        self.principal.person = None;
        self.only_link(link(LinkScope::Anonymous, kind));
    }

    /// Ada's account lives there.
    pub(super) fn at_home_in(&mut self, home: &str) {
        self.guest.identity = Some(identity(home));
        self.person().key = identity(home);
    }

    /// Ada came with an account of that kind, which has no cloud.
    pub(super) fn by_kind(&mut self, name: &str) {
        let mut key = identity("worldwide");
        key.cloud = None;
        key.tenant = None;
        self.guest.identity = Some(key.clone());
        self.person().key = key;
        self.person().kind = kind(name);
    }

    pub(super) fn ad_hoc(&mut self) {
        self.by_kind("email-otp");
        self.who = As::AdHoc;
        self.only_link(link(named(ADA), LinkType::Edit));
    }

    pub(super) fn in_groups(&mut self, names: &[&str]) {
        self.groups = names.iter().map(|name| group(name)).collect();
    }

    /// Sets a setting of the tenant.
    pub(super) fn set(&mut self, name: &str, value: impl Into<Raw>) {
        self.tenant.sharing.set(name, &value.into()).unwrap();
    }

    /// Sets a setting of the site.
    pub(super) fn set_site(&mut self, name: &str, value: impl Into<Raw>) {
        self.site.sharing.set(name, &value.into()).unwrap();
    }

    pub(super) fn question(&self) -> Question {
        Question {
            target: Target {
                tenant: TenantId::parse("contoso").unwrap(),
                site: site_id(),
                path: ItemPath::parse(&self.path).unwrap(),
                query: None,
            },
            action: self.action,
        }
    }

    /// Decides about these questions, each with the same facts but for what covers its path.
    pub(super) fn decide_all(&self, questions: Vec<Question>, trace: &mut dyn Trace) -> Decision {
        let index = Permissions::new(self.permissions.iter().cloned());
        let account = match self.who {
            As::Member => Account::Member {
                address: Some(&self.guest.address),
            },
            As::Guest => Account::Guest(&self.guest),
            As::AdHoc => Account::AdHoc {
                address: &self.guest.address,
            },
            As::Application(role) => Account::Application { role },
            As::Unknown => Account::Unknown,
        };
        let seeker = Seeker {
            address: Some(&self.guest.address),
            groups: &self.groups,
        };
        let facts: Vec<Facts<'_>> = questions
            .iter()
            .map(|question| Facts {
                clouds: &self.clouds,
                tenant: &self.tenant,
                site: &self.site,
                account,
                groups: &self.groups,
                permissions: index.covering(
                    &question.target.site,
                    &question.target.path,
                    self.site.path_case,
                    seeker,
                ),
                links: self
                    .links
                    .iter()
                    .map(|link| LinkFacts {
                        link,
                        recipient_in_directory: self.recipient_in_directory,
                    })
                    .collect::<crate::index::Links<'_>>()
                    .with_missing(self.link_missing),
                item: self.item,
            })
            .collect();
        let questions: Arc<[Question]> = questions.into();
        decide(&self.principal, questions, &facts, self.now, trace)
    }

    pub(super) fn decide(&self, trace: &mut dyn Trace) -> Decision {
        self.decide_all(vec![self.question()], trace)
    }

    pub(super) fn outcome(&self) -> String {
        spell(&self.decide(&mut NoTrace))
    }

    pub(super) fn allowed(&self) -> bool {
        matches!(self.decide(&mut NoTrace), Decision::Allow(_))
    }

    pub(super) fn trace(&self) -> Recorded {
        let mut trace = Recorded::default();
        self.decide(&mut trace);
        trace
    }

    pub(super) fn entry(&self, path: &str, rule: &str) -> TraceEntry {
        let trace = self.trace();
        let mut entries = trace.entries.iter();
        *entries
            .find(|entry| entry.path == path && entry.rule == rule)
            .unwrap()
    }
}

/// What is decided about [`world`] after `change`, whether anybody listens or not.
pub(super) fn check(change: impl FnOnce(&mut World), want: &str) {
    let mut world = world();
    change(&mut world);
    assert_eq!(world.outcome(), want, "{world:#?}");
    assert_eq!(spell(&world.decide(&mut Recorded::default())), want);
}

/// A change to [`world`], and what is decided then.
pub(super) type Row<'a> = (fn(&mut World), &'a str);

/// The same for a table of changes.
pub(super) fn check_all(rows: &[Row<'_>]) {
    for (change, want) in rows {
        check(change, want);
    }
}

pub(super) fn spell(decision: &Decision) -> String {
    match decision {
        Decision::Allow(permit) => match permit.grounds() {
            [Ground::Permission(id)] => format!("allow permission {id}"),
            [Ground::Link(id)] => format!("allow link {id}"),
            [Ground::Application] => "allow application".to_owned(),
            other => format!("allow {other:?}"),
        },
        Decision::Challenge(challenge) => challenge.code().to_owned(),
        Decision::Request(denial) => format!("request {}", denial.code()),
        Decision::Deny(denial) => denial.code().to_owned(),
    }
}

impl From<bool> for Raw {
    fn from(flag: bool) -> Self {
        Self::Flag(flag)
    }
}

impl From<i64> for Raw {
    fn from(number: i64) -> Self {
        Self::Number(number)
    }
}

impl From<&str> for Raw {
    fn from(text: &str) -> Self {
        Self::text(text)
    }
}
