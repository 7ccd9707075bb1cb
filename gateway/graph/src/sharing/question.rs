//! The question that is put to the core before anything is shared, with the facts about who shares.

use std::collections::BTreeSet;

use gateway_config::model::Tenant;
use gateway_core::address::EmailAddress;
use gateway_core::id::GroupId;
use gateway_core::policy::share::{Ask, ShareFacts, ShareQuestion, Sharer, SharerKind, share};
use gateway_core::policy::{Effect, NoTrace, Outcome};
use gateway_core::sharing::{ItemKind, Role};
use gateway_store::model::{AuditEvent, OPERATOR, Write, application_address};

use super::{not_shared, write};
use crate::caller::{Caller, CallerKind};
use crate::drives::{Call, Located, places};
use crate::error::ApiError;
use crate::surroundings::Item;

/// An item that is to be shared, and who shares it.
pub(super) struct Prepared<'c> {
    pub(super) call: &'c Call<'c>,
    pub(super) located: &'c Located<'c>,
    pub(super) tenant: &'c Tenant,
    pub(super) kind: ItemKind,
    /// What the upstream says of the item; nothing where only an administrator's word lets the caller share it.
    pub(super) item: Option<Item>,
    pub(super) sharer: Sharer,
}

impl<'c> Prepared<'c> {
    /// Looks at the item and at the caller's place in its site.
    ///
    /// # Errors
    /// [`ApiError`]: the item is not there, or nothing of the caller's.
    pub(super) async fn new(
        call: &'c Call<'c>,
        located: &'c Located<'c>,
    ) -> Result<Self, ApiError> {
        let tenant = call.tenant()?;
        let root = places::same(located.site, &located.path, &located.site.path);
        let item = match call.stat(located).await {
            Ok(item) => Some(item),
            // An administrator shares what is not theirs to read.
            Err(error) if error.code == "accessDenied" && call.caller.administers() => None,
            Err(error) => return Err(error),
        };
        let kind = match &item {
            _ if root => ItemKind::Site,
            Some(item) if item.folder => ItemKind::Folder,
            Some(_) => ItemKind::File,
            None => ItemKind::Unknown,
        };
        let (site, path, now) = (&located.site.id, &located.path, call.head.now);
        let root = located.site.path.clone();
        let view = call
            .look(vec![(site.clone(), path.clone()), (site.clone(), root)])
            .await?;
        let rights = call.rights(&view);
        let sharer = Sharer {
            kind: kind_of(call.caller, tenant),
            address: call.caller.address().cloned(),
            groups: groups(call.caller, tenant),
            directory_roles: match &call.caller.kind {
                CallerKind::Person { roles, .. } => roles.clone(),
                CallerKind::Application { .. } | CallerKind::Operator => BTreeSet::new(),
            },
            role: rights.role(site, path, now),
            site_owner: rights.owns_site(site, now),
        };
        Ok(Self {
            call,
            located,
            tenant,
            kind,
            item,
            sharer,
        })
    }

    /// Whether the caller may share the item at all: who may is shown what is secret to others.
    pub(super) fn may_share(&self) -> bool {
        matches!(self.sharer.role, Some(Role::Write | Role::Owner))
            && self.sharer.kind != SharerKind::Unknown
    }

    /// Asks the core, and returns what comes of it.
    ///
    /// # Errors
    /// [`ApiError`] with 403; what was blocked by a list of domains is in the audit then.
    pub(super) async fn decide(&self, ask: Ask) -> Result<Vec<Effect>, ApiError> {
        let question = ShareQuestion {
            site: self.located.site.id.clone(),
            item: self.kind,
            sharer: self.sharer.clone(),
            ask,
        };
        let facts = ShareFacts {
            clouds: &self.call.configuration.clouds,
            tenant: &self.tenant.settings,
            site: &self.located.site.settings,
        };
        let answer = share(&question, &facts, self.call.head.now, &mut NoTrace);
        let (denial, ask_owner) = match answer.outcome {
            Outcome::Allow => return Ok(answer.effects),
            Outcome::Request(denial) => (denial, true),
            Outcome::Deny(denial) => (denial, false),
            Outcome::Challenge(challenge) => {
                return Err(crate::drives::denied(challenge.code()));
            }
        };
        let told: Vec<AuditEvent> = answer
            .effects
            .iter()
            .filter_map(|effect| match effect {
                Effect::Audit(name) => {
                    let mut event = self.event(name);
                    event.decision = "deny";
                    event.reason = denial.code().to_owned();
                    Some(event)
                }
                Effect::GuestCreated { .. }
                | Effect::GuestReused(_)
                | Effect::NoDirectoryObject(_)
                | Effect::InvitationCreated(..)
                | Effect::InvitationAccepted(_)
                | Effect::LinkEnds(_)
                | Effect::GuestExpires(..) => None,
            })
            .collect();
        if !told.is_empty() {
            self.write(Vec::new(), Vec::new(), told).await?;
        }
        Err(not_shared(denial, ask_owner))
    }

    /// An audit event about the item.
    pub(super) fn event(&self, operation: &str) -> AuditEvent {
        let actor = self.call.caller.as_actor(self.call.head.client);
        let mut event = AuditEvent::of(operation, actor);
        event.site = Some(self.located.site.id.clone());
        event.item = Some(self.located.path.to_string());
        event
    }

    /// Writes changes of the tenant's directory.
    pub(super) async fn write(
        &self,
        expect: Vec<gateway_store::model::Expect>,
        changes: Vec<gateway_store::model::Change>,
        audit: Vec<AuditEvent>,
    ) -> Result<super::Wrote, ApiError> {
        let all = Write {
            tenant: self.tenant.id.clone(),
            at: self.call.head.now,
            expect,
            changes,
            audit,
        };
        write(self.call, all).await
    }

    /// Who made what is made by this call. Programs have no address: they get one that nobody can have.
    pub(super) fn creator(&self) -> Result<EmailAddress, ApiError> {
        creator(self.call.caller)
    }
}

/// The address that stands for a caller as the creator of a permission or link.
pub(super) fn creator(caller: &Caller) -> Result<EmailAddress, ApiError> {
    let text = match &caller.kind {
        CallerKind::Person {
            address: Some(address),
            ..
        } => return Ok(address.clone()),
        CallerKind::Person {
            id, address: None, ..
        } => format!("person-{id}@person.invalid"),
        CallerKind::Application { id, .. } => application_address(id),
        CallerKind::Operator => OPERATOR.to_owned(),
    };
    EmailAddress::parse(&text)
        .map_err(|error| ApiError::unavailable(crate::error::Area::Files, error))
}

/// No token says that a program is an agent; one that the tenant lists among its agents is taken for one.
fn agent(id: &str, object: Option<&str>, tenant: &Tenant) -> Option<SharerKind> {
    let listed = &tenant.settings.sharing.restricted_agents.0;
    let mut names = [Some(id), object].into_iter().flatten();
    names.find_map(|name| {
        let name = GroupId::parse(&name.to_ascii_lowercase()).ok()?;
        listed.contains(&name).then_some(SharerKind::Agent(name))
    })
}

fn kind_of(caller: &Caller, tenant: &Tenant) -> SharerKind {
    match &caller.kind {
        CallerKind::Person { guest: true, .. } => SharerKind::Guest,
        CallerKind::Person {
            address: Some(_), ..
        } => SharerKind::Member,
        CallerKind::Person { address: None, .. } => SharerKind::Unknown,
        CallerKind::Application { id, object } => {
            agent(id, object.as_deref(), tenant).unwrap_or(SharerKind::Application)
        }
        CallerKind::Operator => SharerKind::Application,
    }
}

fn groups(caller: &Caller, tenant: &Tenant) -> BTreeSet<GroupId> {
    match (&caller.kind, caller.address()) {
        (CallerKind::Person { groups, .. }, Some(address)) => {
            let own = tenant.groups.of(address).iter();
            groups.iter().chain(own).cloned().collect()
        }
        _ => BTreeSet::new(),
    }
}
