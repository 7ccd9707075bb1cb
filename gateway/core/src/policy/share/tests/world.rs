//! What the tests start from: as the decision table does, in the third profile with everything open.

use super::*;
use crate::cloud::Clouds;
use crate::id::GuestId;
use crate::person::{GuestOrigin, GuestState, InvitationManager};
use crate::policy::{NoTrace, Outcome, Recorded};
use crate::settings::value::{Groups, Raw, Value};
use crate::settings::{Partition, Partner, SharingCapability};
use crate::testing::{address, cloud, clouds, site, tenant};

pub(super) const NOW: UnixTime = UnixTime(1_800_000_000);
pub(super) const DAY: i64 = 86_400;

/// A share, and all that the answer rests on.
#[derive(Clone, Debug)]
pub(super) struct World {
    pub(super) clouds: Clouds,
    pub(super) tenant: TenantSettings,
    pub(super) site: SiteSettings,
    pub(super) question: ShareQuestion,
}

impl World {
    pub(super) fn answer(&self, trace: &mut dyn Trace) -> Answer {
        let facts = ShareFacts {
            clouds: &self.clouds,
            tenant: &self.tenant,
            site: &self.site,
        };
        share(&self.question, &facts, NOW, trace)
    }

    /// `allow`, `deny CODE` or `request CODE`.
    pub(super) fn outcome(&self) -> String {
        match self.answer(&mut NoTrace).outcome {
            Outcome::Allow => "allow".to_owned(),
            Outcome::Deny(denial) => format!("deny {}", denial.code()),
            Outcome::Request(denial) => format!("request {}", denial.code()),
            Outcome::Challenge(challenge) => format!("challenge {}", challenge.code()),
        }
    }

    pub(super) fn allows(&self) -> bool {
        self.answer(&mut NoTrace).outcome == Outcome::Allow
    }

    /// Microsoft's own code of the refusal.
    pub(super) fn documented(&self) -> Option<&'static str> {
        match self.answer(&mut NoTrace).outcome {
            Outcome::Deny(denial) | Outcome::Request(denial) => denial.sharing_code(),
            Outcome::Allow | Outcome::Challenge(_) => None,
        }
    }

    pub(super) fn effects(&self) -> Vec<Effect> {
        self.answer(&mut NoTrace).effects
    }

    pub(super) fn trace(&self) -> Recorded {
        let mut recorded = Recorded::default();
        self.answer(&mut recorded);
        recorded
    }

    pub(super) fn check(&self, want: &str) {
        assert_eq!(self.outcome(), want, "{self:#?}");
    }

    pub(super) fn with(mut self, change: impl FnOnce(&mut Self)) -> Self {
        change(&mut self);
        self
    }

    pub(super) fn item(self, item: ItemKind) -> Self {
        self.with(|world| world.question.item = item)
    }

    pub(super) fn levels(self, tenant: SharingCapability, site: SharingCapability) -> Self {
        self.with(|world| {
            world.tenant.sharing.capability = tenant;
            world.site.sharing.capability = Some(site);
        })
    }

    pub(super) fn integration(self, on: bool) -> Self {
        self.with(|world| world.tenant.sharing.integration = Some(on))
    }

    pub(super) fn guest_sharer(self) -> Self {
        self.with(|world| world.question.sharer.kind = SharerKind::Guest)
    }

    /// In somebody's personal site.
    pub(super) fn personal(self) -> Self {
        self.with(|world| world.site.partition = Partition::OneDrive)
    }

    /// A site restricted to the group `g`, and not shared outside it.
    pub(super) fn restricted(self) -> Self {
        self.with(|world| {
            world.tenant.sharing.restricted_access = true;
            world.tenant.sharing.share_outside_restriction = false;
            world.site.sharing.restricted_access = true;
            world.site.sharing.restricted_groups = groups(&["g"]);
        })
    }

    pub(super) fn recipients(&mut self) -> &mut Vec<ShareRecipient> {
        match &mut self.question.ask {
            Ask::Permission { recipients, .. } | Ask::Link { recipients, .. } => recipients,
            Ask::FileRequest { .. } => panic!("nobody is named in a file request"),
        }
    }

    pub(super) fn asking(self, end: Option<UnixTime>) -> Self {
        self.with(|world| match &mut world.question.ask {
            Ask::Permission { expires, .. }
            | Ask::Link { expires, .. }
            | Ask::FileRequest { expires } => *expires = end,
        })
    }
}

/// A member who may edit a file shares it so.
pub(super) fn ask(ask: Ask) -> World {
    World {
        clouds: clouds(),
        tenant: TenantSettings {
            profile: Profile::IntegrationDefault,
            ..tenant()
        },
        site: site(),
        question: ShareQuestion {
            site: SiteId::parse("p").unwrap(),
            item: ItemKind::File,
            sharer: Sharer {
                kind: SharerKind::Member,
                address: Some(address("mia@tenant.example")),
                groups: BTreeSet::new(),
                directory_roles: BTreeSet::new(),
                role: Some(Role::Write),
                site_owner: false,
            },
            ask,
        },
    }
}

/// By a permission to edit.
pub(super) fn grant(recipients: impl IntoIterator<Item = ShareRecipient>) -> World {
    ask(Ask::Permission {
        role: Role::Write,
        recipients: recipients.into_iter().collect(),
        expires: None,
    })
}

/// By a link to nobody in particular.
pub(super) fn link(scope: AskedScope, kind: LinkType) -> World {
    ask(Ask::Link {
        scope,
        kind,
        recipients: Vec::new(),
        expires: None,
    })
}

/// By an Anyone link to view.
pub(super) fn anyone() -> World {
    link(AskedScope::Anonymous, LinkType::View)
}

/// By a link to view for these people.
pub(super) fn people(recipients: impl IntoIterator<Item = ShareRecipient>) -> World {
    ask(Ask::Link {
        scope: AskedScope::Users,
        kind: LinkType::View,
        recipients: recipients.into_iter().collect(),
        expires: None,
    })
}

/// By a request for files in a folder, where they are switched on.
pub(super) fn file_request() -> World {
    ask(Ask::FileRequest { expires: None })
        .item(ItemKind::Folder)
        .with(|world| world.site.sharing.file_requests = Some(true))
}

pub(super) fn to(who: Who) -> ShareRecipient {
    ShareRecipient {
        who,
        guest: None,
        groups: BTreeSet::new(),
        in_site: false,
        in_channel: false,
        cloud: None,
        tenant: None,
        by_upn: None,
    }
}

/// Somebody who is not in the directory.
pub(super) fn new(text: &str) -> ShareRecipient {
    to(Who::Outsider(address(text)))
}

/// Somebody new with an account of the organisation `t` in that cloud.
pub(super) fn new_in(home: &str) -> ShareRecipient {
    ShareRecipient {
        cloud: Some(cloud(home)),
        tenant: Some("t".to_owned()),
        by_upn: Some(true),
        ..new("x@contoso.com")
    }
}

fn entry(text: &str, state: GuestState, manager: InvitationManager) -> ShareRecipient {
    let id = GuestId::parse("x").unwrap();
    let mut guest = Guest::invited(id, address(text), GuestOrigin::Directory);
    (guest.state, guest.manager) = (state, manager);
    ShareRecipient {
        guest: Some(guest),
        ..new(text)
    }
}

/// A guest who has redeemed.
pub(super) fn guest(text: &str) -> ShareRecipient {
    entry(text, GuestState::Accepted, InvitationManager::Directory)
}

/// A guest who has not, invited by that manager.
pub(super) fn pending(text: &str, manager: InvitationManager) -> ShareRecipient {
    entry(text, GuestState::PendingAcceptance, manager)
}

pub(super) fn member() -> ShareRecipient {
    to(Who::Member(address("moe@tenant.example")))
}

pub(super) fn group(name: &str) -> GroupId {
    GroupId::parse(name).unwrap()
}

pub(super) fn groups<const MOST: usize>(names: &[&str]) -> Groups<MOST> {
    Groups(names.iter().map(|name| group(name)).collect())
}

/// A setting's list of domains.
pub(super) fn list<T: Value>(names: &[&str]) -> T {
    T::read(&Raw::text(&names.join(" "))).unwrap()
}

pub(super) fn partner(home: &str) -> Partner {
    Partner {
        cloud: cloud(home),
        inbound: true,
        reciprocated: true,
        trust: Default::default(),
        automatic_redemption: false,
        automatic_redemption_at_home: false,
    }
}

/// The cloud ticked, and the organisation `t` of it added.
pub(super) fn collaborate(world: &mut World, home: &str) {
    let access = &mut world.tenant.directory.cross_tenant;
    access.clouds.insert(cloud(home));
    access.partners.insert("t".to_owned(), partner(home));
}
