//! What a change of settings would do to what has been shared.
//!
//! Every share is judged for everybody it is for, by itself, with the settings as they are and as they would be: by the
//! same [`decide`](super::decide) and [`redeem`](super::redeem::redeem) as requests are. What depends on the moment of a
//! request is taken as a guest at home would bring it: second factor, terms and authentication context shown, a device that
//! is not managed, a network address that is trusted where there are any.

mod holder;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use self::holder::{Holder, holders};
use super::configure::Settings;
use super::{Challenge, Decision, Denial, Facts, NoTrace, Question, Target};
use crate::action::Action;
use crate::address::{DomainName, EmailAddress};
use crate::cloud::Clouds;
use crate::groups::Groups;
use crate::id::{GuestId, LinkId, PermissionId, ProviderId, ProviderKind, SiteId, TenantId};
use crate::index::{LinkFacts, Links, Permissions, Seeker};
use crate::person::Guest;
use crate::settings::words::SharingDomainRestrictionMode;
use crate::sharing::{ItemFacts, LinkType, Permission, Role, SharingLink};
use crate::time::UnixTime;

/// What has been shared in a tenant, and with whom.
#[derive(Clone, Copy, Debug)]
pub struct Shares<'a> {
    /// The tenant.
    pub tenant: &'a TenantId,
    /// Its guests.
    pub guests: &'a [Guest],
    /// Its groups.
    pub groups: &'a Groups,
    /// Permissions.
    pub permissions: &'a [Permission],
    /// Links.
    pub links: &'a [SharingLink],
    /// Domains of its own people's addresses.
    pub member_domains: &'a BTreeSet<DomainName>,
    /// Kinds of the configured providers.
    pub kinds: &'a BTreeMap<ProviderId, ProviderKind>,
}

/// One share.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Share {
    /// A permission.
    Permission(PermissionId),
    /// A link.
    Link(LinkId),
}

/// Who has something by a share.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Whom {
    /// A guest.
    Guest(GuestId, EmailAddress),
    /// One of the tenant's own people, or all of them.
    Member(Option<EmailAddress>),
    /// Whoever has the link.
    Bearer,
}

/// What a share is worth to somebody.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// It can be used.
    Open,
    /// Something must be done first.
    Challenge(Challenge),
    /// It cannot be used.
    Closed(Denial),
}

/// A share that is worth something else to somebody after the change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// The share.
    pub share: Share,
    /// The site.
    pub site: SiteId,
    /// Who has it.
    pub whom: Whom,
    /// What is done.
    pub action: Action,
    /// As it is.
    pub before: Standing,
    /// As it would be.
    pub after: Standing,
}

/// A domain list of sharing that would better be the directory's.
///
/// Source: founding document 2: lists are to be reviewed when the integration goes on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListToMove {
    /// The site whose list it is; the tenant's if absent.
    pub site: Option<SiteId>,
    /// Which kind of list.
    pub mode: SharingDomainRestrictionMode,
    /// Its domains that the directory's list does not have the same way.
    pub domains: Vec<DomainName>,
}

/// What a change of settings would do.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Impact {
    /// Shares that somebody can use now and could not any more.
    pub lose: Vec<Change>,
    /// Shares that somebody cannot use now and could.
    pub gain: Vec<Change>,
    /// Those among the lost that would have to be shared again.
    pub share_again: Vec<(Share, Whom)>,
    /// Lists to review, when the integration goes on.
    pub lists: Vec<ListToMove>,
}

impl Impact {
    /// How many guests lose something; bearers of links are not counted.
    #[must_use]
    pub fn guests_losing(&self) -> usize {
        guests(&self.lose)
    }

    /// How many guests gain something.
    #[must_use]
    pub fn guests_gaining(&self) -> usize {
        guests(&self.gain)
    }
}

fn guests(changes: &[Change]) -> usize {
    let of = |change: &Change| match &change.whom {
        Whom::Guest(id, _) => Some(id.clone()),
        Whom::Member(_) | Whom::Bearer => None,
    };
    changes.iter().filter_map(of).collect::<BTreeSet<_>>().len()
}

/// What becomes of `shares` when the settings change from `before` to `after`.
#[must_use]
pub fn impact(
    shares: &Shares<'_>,
    before: &Settings,
    after: &Settings,
    clouds: &Clouds,
    now: UnixTime,
) -> Impact {
    let mut impact = Impact::default();
    for permission in shares.permissions {
        let one = One {
            share: Share::Permission(permission.id.clone()),
            site: &permission.site,
            actions: actions_of_role(permission.role),
            permission: Some(permission),
            link: None,
        };
        one.compare(shares, before, after, clouds, now, &mut impact);
    }
    for link in shares.links {
        let one = One {
            share: Share::Link(link.id.clone()),
            site: &link.site,
            actions: actions_of_link(link.kind),
            permission: None,
            link: Some(link),
        };
        one.compare(shares, before, after, clouds, now, &mut impact);
    }
    let turned_on = !before.tenant.integration().value && after.tenant.integration().value;
    if turned_on {
        impact.lists = lists(after);
    }
    impact
}

const fn actions_of_role(role: Role) -> &'static [Action] {
    match role {
        Role::Read => &[Action::View, Action::Download],
        Role::Write | Role::Owner => &[Action::View, Action::Download, Action::Edit],
    }
}

const fn actions_of_link(kind: LinkType) -> &'static [Action] {
    match kind {
        LinkType::View | LinkType::Review => &[Action::View, Action::Download],
        LinkType::BlocksDownload => &[Action::View],
        LinkType::Edit => &[Action::View, Action::Download, Action::Edit],
        LinkType::CreateOnly => &[Action::Create],
    }
}

/// One share, by itself.
struct One<'a> {
    share: Share,
    site: &'a SiteId,
    actions: &'static [Action],
    permission: Option<&'a Permission>,
    link: Option<&'a SharingLink>,
}

impl One<'_> {
    fn compare(
        &self,
        shares: &Shares<'_>,
        before: &Settings,
        after: &Settings,
        clouds: &Clouds,
        now: UnixTime,
        impact: &mut Impact,
    ) {
        let permissions = Permissions::new(self.permission.cloned());
        let homes = &after.tenant.directory.domain_homes;
        for holder in holders(self.permission, self.link, shares, homes) {
            let stands = |settings: &Settings, action| {
                self.standing(&holder, settings, &permissions, shares, clouds, action, now)
            };
            for action in self.actions {
                let (was, would) = (stands(before, *action), stands(after, *action));
                self.note(&holder, *action, was, would, impact);
            }
        }
    }

    fn note(
        &self,
        holder: &Holder<'_>,
        action: Action,
        before: Standing,
        after: Standing,
        impact: &mut Impact,
    ) {
        let change = || Change {
            share: self.share.clone(),
            site: self.site.clone(),
            whom: holder.whom(),
            action,
            before,
            after,
        };
        match (before, after) {
            (Standing::Closed(_), Standing::Open | Standing::Challenge(_)) => {
                impact.gain.push(change());
            }
            (Standing::Open | Standing::Challenge(_), Standing::Closed(denial)) => {
                impact.lose.push(change());
                let again = (self.share.clone(), holder.whom());
                if is_reshare(denial) && !impact.share_again.contains(&again) {
                    impact.share_again.push(again);
                }
            }
            (Standing::Closed(_), Standing::Closed(_))
            | (Standing::Open | Standing::Challenge(_), Standing::Open | Standing::Challenge(_)) => {
            }
        }
    }

    /// What the share is worth to `holder` under `settings`. A site that they do not have is closed.
    #[expect(
        clippy::too_many_arguments,
        reason = "the facts of one decision, each from another place"
    )]
    fn standing(
        &self,
        holder: &Holder<'_>,
        settings: &Settings,
        permissions: &Permissions,
        shares: &Shares<'_>,
        clouds: &Clouds,
        action: Action,
        now: UnixTime,
    ) -> Standing {
        let Some(site) = settings.sites.get(self.site) else {
            return Standing::Closed(Denial::FactsMissing);
        };
        if let Err(closed) = holder.may_redeem(self.permission, self.link, settings, clouds, now) {
            return closed;
        }
        let path = match (self.permission, self.link) {
            (Some(permission), _) => permission.item.clone(),
            (None, Some(link)) => link.item.clone(),
            (None, None) => return Standing::Closed(Denial::FactsMissing),
        };
        let groups = holder.groups(shares);
        let link = self.link.map(|link| LinkFacts {
            link,
            recipient_in_directory: holder.is_in_directory(),
        });
        let case = site.path_case;
        let facts = Facts {
            clouds,
            tenant: &settings.tenant,
            site,
            account: holder.account(),
            groups,
            permissions: permissions.covering(
                self.site,
                &path,
                case,
                Seeker {
                    address: holder.address(),
                    groups,
                },
            ),
            links: link.into_iter().collect::<Links<'_>>(),
            item: ItemFacts::default(),
        };
        let question = Question {
            target: Target {
                tenant: shares.tenant.clone(),
                site: self.site.clone(),
                path,
                query: None,
            },
            action,
        };
        let shown = self.link.map(|link| link.id.clone());
        let principal = holder.principal(shown, settings, site, now);
        let questions: Arc<[Question]> = Arc::from([question]);
        match super::decide(&principal, questions, &[facts], now, &mut NoTrace) {
            Decision::Allow(_) => Standing::Open,
            Decision::Challenge(challenge) => Standing::Challenge(challenge),
            Decision::Request(denial) | Decision::Deny(denial) => Standing::Closed(denial),
        }
    }
}

const fn is_reshare(denial: Denial) -> bool {
    matches!(
        denial,
        Denial::ReshareRequired | Denial::GuestAccessSettingsUpdated
    )
}

/// The lists that bind sharing only, and would bind everything as the directory's.
fn lists(settings: &Settings) -> Vec<ListToMove> {
    let policy = &settings.tenant.directory.policy;
    let there = |mode, domain: &DomainName| match mode {
        SharingDomainRestrictionMode::AllowList => policy
            .allowed_domains
            .as_ref()
            .is_some_and(|list| list.0.contains(domain)),
        SharingDomainRestrictionMode::BlockList => policy.admit(domain).is_err(),
        SharingDomainRestrictionMode::None => true,
    };
    let left = |site, mode, allowed: &BTreeSet<DomainName>, blocked: &BTreeSet<DomainName>| {
        let list = match mode {
            SharingDomainRestrictionMode::AllowList => allowed,
            SharingDomainRestrictionMode::BlockList => blocked,
            SharingDomainRestrictionMode::None => return None,
        };
        let domains: Vec<DomainName> = list
            .iter()
            .filter(|domain| !there(mode, domain))
            .cloned()
            .collect();
        (!domains.is_empty()).then_some(ListToMove {
            site,
            mode,
            domains,
        })
    };
    let tenant = &settings.tenant.sharing;
    let own = left(
        None,
        tenant.domain_mode,
        &tenant.allowed_domains.0,
        &tenant.blocked_domains.0,
    );
    let sites = settings.sites.iter().filter_map(|(id, site)| {
        let sharing = &site.sharing;
        left(
            Some(id.clone()),
            sharing.domain_mode,
            &sharing.allowed_domains.0,
            &sharing.blocked_domains.0,
        )
    });
    own.into_iter().chain(sites).collect()
}
