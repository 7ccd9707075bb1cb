//! May this be shared, with those people?
//!
//! Order of judgement (specification "decision table" 10.8): level (tenant → partition → site) → sharer's right (site's
//! mode, groups, resharing) → domain lists (tenant → site) → restricted access → copy of the directory's policy →
//! directory → limits of links. The copy and the directory are asked only where a new guest is needed, and the directory
//! governs the share: a site's always (P3 and later), anything where the integration is on. What Teams channels bar
//! stands before them, and clouds behind them.
//!
//! Within a rule the order of the recipients decides nothing: of several refusals the one that the rule names first is
//! the answer.

mod cloud;
mod directory;
mod effects;
mod limits;
mod recipients;
mod sharer;
#[cfg(test)]
mod tests;

use std::collections::BTreeSet;

use super::rule::{Rule, run};
use super::{Answer, Basis, Denial, Effect, Shown, Trace, Verdict};
use crate::address::{DomainName, EmailAddress};
use crate::cloud::Clouds;
use crate::id::{CloudName, GroupId, SiteId};
use crate::person::Guest;
use crate::settings::{
    Effective, Profile, SharingCapability, SiteSettings, Source, TenantSettings, effective_level,
};
use crate::sharing::{ItemKind, LinkType, Role};
use crate::time::UnixTime;

/// May `sharer` share the item so?
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ShareQuestion {
    /// The site.
    pub site: SiteId,
    /// What the item is. A site is shared by permission only.
    pub item: ItemKind,
    /// Who shares.
    pub sharer: Sharer,
    /// How.
    pub ask: Ask,
}

/// How something is shared.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Ask {
    /// By granting a permission.
    Permission {
        /// What it allows.
        role: Role,
        /// To whom.
        recipients: Vec<ShareRecipient>,
        /// When it ends.
        expires: Option<UnixTime>,
    },
    /// By a link.
    Link {
        /// For whom it works.
        scope: AskedScope,
        /// What it lets its holder do.
        kind: LinkType,
        /// The people named, for specific people.
        recipients: Vec<ShareRecipient>,
        /// When it ends.
        expires: Option<UnixTime>,
    },
    /// By a request for files: a link by which anyone uploads.
    FileRequest {
        /// When it ends.
        expires: Option<UnixTime>,
    },
}

/// For whom a new link shall work.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AskedScope {
    /// Anyone.
    Anonymous,
    /// Members of the tenant.
    Organization,
    /// The people named.
    Users,
    /// Those who have access already.
    ExistingAccess,
}

/// What kind of principal shares.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SharerKind {
    /// One of the tenant's own people.
    Member,
    /// A guest.
    Guest,
    /// An application, by itself.
    Application,
    /// An agent identity.
    Agent(GroupId),
    /// Nobody the directory knows.
    Unknown,
}

/// A role in the directory that may add guests.
///
/// Source: specification "sharing rules" 5.1.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum DirectoryRole {
    /// Global Administrator.
    GlobalAdministrator,
    /// User Administrator.
    UserAdministrator,
    /// Guest Inviter.
    GuestInviter,
}

/// Who shares.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sharer {
    /// What kind of principal.
    pub kind: SharerKind,
    /// The address.
    pub address: Option<EmailAddress>,
    /// Groups, also through other groups.
    pub groups: BTreeSet<GroupId>,
    /// Roles in the directory.
    pub directory_roles: BTreeSet<DirectoryRole>,
    /// What the sharer may do with the item; nothing if absent. [`Role::Owner`] is full control of the item.
    pub role: Option<Role>,
    /// Whether the sharer owns the site.
    pub site_owner: bool,
}

/// With whom something is shared, and what is known of them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ShareRecipient {
    /// With whom.
    pub who: Who,
    /// The entry in the directory, for somebody from outside who has one.
    pub guest: Option<Guest>,
    /// Groups, also through other groups.
    pub groups: BTreeSet<GroupId>,
    /// Whether they are in the site already.
    pub in_site: bool,
    /// Whether they are in the channel that the site belongs to.
    pub in_channel: bool,
    /// The cloud that the account lives in, where that is known.
    pub cloud: Option<CloudName>,
    /// The organisation of the account, where that is known.
    pub tenant: Option<String>,
    /// Whether the address given is the account's user principal name; absent is not known.
    pub by_upn: Option<bool>,
}

/// With whom something is shared.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Who {
    /// Somebody from outside.
    Outsider(EmailAddress),
    /// One of the tenant's own people.
    Member(EmailAddress),
    /// A group.
    Group(GroupId),
    /// Everyone except external users.
    Members,
    /// Everyone.
    Everyone,
    /// All users.
    AllUsers,
}

/// Everything the answer rests on.
#[derive(Clone, Copy, Debug)]
pub struct ShareFacts<'a> {
    /// The clouds.
    pub clouds: &'a Clouds,
    /// The tenant's settings.
    pub tenant: &'a TenantSettings,
    /// The site's settings.
    pub site: &'a SiteSettings,
}

/// Whether the item may be shared so, and what comes of it.
///
/// - `now`: a link that is asked to end at this moment or before is refused.
///
/// A link that would outlive its limit is cut, and the answer says when it ends.
///
/// Source: specification "decision table" 10.8, "sharing rules" 1 to 5 and 8.
pub fn share(
    question: &ShareQuestion,
    facts: &ShareFacts<'_>,
    now: UnixTime,
    trace: &mut dyn Trace,
) -> Answer {
    let case = Case {
        question,
        facts,
        now,
    };
    match run(PATH, &Case::RULES, &case, trace) {
        Ok(()) => {
            // Every rule agreed; what a yes rests on is the sharer's right.
            trace.decided(PATH, SHARER);
            Answer::allow(effects::of(&case))
        }
        Err(refusal) => {
            let blocked = refusal.rule == DOMAIN_LISTS;
            let effects = blocked.then_some(Effect::Audit("SharingInvitationBlocked"));
            Answer::refused(refusal, effects.into_iter().collect(), trace)
        }
    }
}

const PATH: &str = "share";
const SHARER: &str = "sharer";
const DOMAIN_LISTS: &str = "domain-lists";

/// What a rule found, and the setting that it rested on.
struct Finding {
    verdict: Verdict,
    basis: Basis,
}

impl Finding {
    fn pass(basis: impl Into<Basis>) -> Self {
        let (verdict, basis) = (Verdict::Pass, basis.into());
        Self { verdict, basis }
    }

    fn not_applicable(basis: impl Into<Basis>) -> Self {
        let (verdict, basis) = (Verdict::NotApplicable, basis.into());
        Self { verdict, basis }
    }

    fn deny(denial: Denial, basis: impl Into<Basis>) -> Self {
        let (verdict, basis) = (Verdict::Deny(denial), basis.into());
        Self { verdict, basis }
    }
}

/// A row of the table, from the function that finds the verdict and its basis.
macro_rules! rule {
    ($name:expr, $find:path) => {
        Rule {
            name: $name,
            judge: |case| $find(case).verdict,
            basis: |case| $find(case).basis,
        }
    };
}

/// One question with all that its answer rests on.
struct Case<'a> {
    question: &'a ShareQuestion,
    facts: &'a ShareFacts<'a>,
    now: UnixTime,
}

impl<'a> Case<'a> {
    const RULES: [Rule<Self>; 9] = [
        rule!("level", level),
        rule!(SHARER, sharer::sharer),
        rule!(DOMAIN_LISTS, recipients::domain_lists),
        rule!("restricted-access", recipients::restricted_access),
        rule!("channel", recipients::channel),
        rule!("directory-copy", directory::copy),
        rule!("directory", directory::directory),
        rule!("cloud", cloud::cloud),
        rule!("link-limits", limits::limits),
    ];

    fn recipients(&self) -> &'a [ShareRecipient] {
        match &self.question.ask {
            Ask::Permission { recipients, .. } | Ask::Link { recipients, .. } => recipients,
            Ask::FileRequest { .. } => &[],
        }
    }

    /// The recipients from outside, with their addresses.
    fn outsiders(&self) -> impl Iterator<Item = (&'a ShareRecipient, &'a EmailAddress)> + use<'a> {
        self.recipients()
            .iter()
            .filter_map(|recipient| match &recipient.who {
                Who::Outsider(address) => Some((recipient, address)),
                Who::Member(_) | Who::Group(_) | Who::Members | Who::Everyone | Who::AllUsers => {
                    None
                }
            })
    }

    /// Domains of the recipients who have no entry in the directory, not even one that waits for acceptance.
    fn new_domains(&self) -> impl Iterator<Item = &'a DomainName> + use<'a> {
        self.outsiders()
            .filter(|(recipient, _)| recipient.guest.is_none())
            .map(|(_, address)| address.domain())
    }

    fn adds_guests(&self) -> bool {
        self.new_domains().next().is_some()
    }

    /// Whether whoever holds the link needs no account.
    const fn is_for_anyone(&self) -> bool {
        match &self.question.ask {
            Ask::Link { scope, .. } => matches!(scope, AskedScope::Anonymous),
            Ask::FileRequest { .. } => true,
            Ask::Permission { .. } => false,
        }
    }

    fn is_external(&self) -> bool {
        self.is_for_anyone() || self.outsiders().next().is_some()
    }

    /// Whether new guests are invited through the directory: with the integration, and to sites always in later profiles.
    fn directory_governs(&self) -> Effective<bool> {
        let integration = self.facts.tenant.integration();
        let site = self.question.item == ItemKind::Site;
        if !integration.value && site && self.facts.tenant.profile >= Profile::IntegrationDefault {
            return Effective::new(true, "profile", Source::Profile);
        }
        integration
    }
}

/// How far the site may be shared with people from outside.
fn level(case: &Case<'_>) -> Finding {
    let (level, source) = effective_level(case.facts.tenant, case.facts.site);
    let basis = Basis::new(source.setting(), Shown::Word(level.name()), source.source());
    let deny = |denial| Finding::deny(denial, basis);
    if !case.is_external() {
        return Finding::not_applicable(basis);
    }
    if level == SharingCapability::Disabled {
        return deny(Denial::SharingDisabled(source));
    }
    if case.is_for_anyone() && level < SharingCapability::ExternalUserAndGuestSharing {
        return deny(Denial::AnyoneLinksDisabled(source));
    }
    if case.adds_guests() && level < SharingCapability::ExternalUserSharingOnly {
        return deny(Denial::NewGuestsNotAllowed(source));
    }
    Finding::pass(basis)
}
