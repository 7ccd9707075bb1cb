//! What a world may be changed by.

use super::*;

/// A change to a world.
pub(super) type Change = (&'static str, fn(&mut World));

/// What an administrator may have set, some of it loose and some of it strict.
pub(super) const SETTINGS: &[Change] = &[
    ("existing", |world| {
        world.tenant.sharing.capability = SharingCapability::ExistingExternalUserSharingOnly;
    }),
    ("core existing", |world| {
        let level = SharingCapability::ExistingExternalUserSharingOnly;
        world.tenant.sharing.core_capability = Some(level);
    }),
    ("site new", |world| {
        world.site.sharing.capability = Some(SharingCapability::ExternalUserSharingOnly);
    }),
    ("override", |world| {
        world.site.sharing.override_partition = true;
    }),
    ("personal", |world| {
        world.site.partition = Partition::OneDrive;
    }),
    ("allow list", |world| {
        world.tenant.sharing.domain_mode = Mode::AllowList;
        world.tenant.sharing.allowed_domains = list(&["contoso.com", "a.com"]);
    }),
    ("block list", |world| {
        world.tenant.sharing.domain_mode = Mode::BlockList;
        world.tenant.sharing.blocked_domains = list(&["a.com"]);
    }),
    ("site list", |world| {
        world.site.sharing.domain_mode = Mode::AllowList;
        world.site.sharing.allowed_domains = list(&["contoso.com"]);
    }),
    ("directory list", |world| {
        world.tenant.directory.policy.allowed_domains = Some(list(&["contoso.com"]));
    }),
    ("members invite", |world| {
        let right = AllowInvitesFrom::AdminsGuestInvitersAndAllMembers;
        world.tenant.directory.policy.allow_invites_from = Some(right);
    }),
    ("inviters invite", |world| {
        let right = AllowInvitesFrom::AdminsAndGuestInviters;
        world.tenant.directory.policy.allow_invites_from = Some(right);
    }),
    ("copy", |world| {
        world.tenant.directory.copy = Some(PolicyCopy {
            taken: NOW,
            policy: DirectoryPolicy {
                blocked_domains: Some(list(&["a.com"])),
                ..DirectoryPolicy::default()
            },
        });
    }),
    ("sync", |world| world.tenant.sharing.sync_policy = true),
    ("no integration", |world| {
        world.tenant.sharing.integration = Some(false);
    }),
    ("first profile", |world| {
        world.tenant.profile = Profile::SeparateManagers;
    }),
    ("last profile", |world| {
        world.tenant.profile = Profile::IntegrationMandatory;
    }),
    ("anonymous group", |world| {
        world.tenant.sharing.anonymous_sharers = groups(&["a", "b"]);
    }),
    ("guest group", |world| {
        world.tenant.sharing.guest_sharers = groups(&["g", "h"]);
    }),
    ("owners", |world| {
        world.site.sharing.sharing_mode = SharingMode::Owners;
    }),
    ("requests", |world| {
        world.site.sharing.access_requests = true;
    }),
    ("guests find", |world| {
        world.tenant.sharing.guests_share_outside_site = true;
    }),
    ("restricted", |world| *world = world.clone().restricted()),
    ("connected", |world| world.site.group = Some(group("own"))),
    ("shared channel", |world| {
        world.site.channel = Channel::Shared;
    }),
    ("private channel", |world| {
        world.site.channel = Channel::Private;
    }),
    ("government", |world| world.tenant.cloud = cloud("gcc-high")),
    ("instance", |world| {
        world.tenant.boundary = EnvironmentBoundary::Instance;
    }),
    ("partner", |world| collaborate(world, "gcc-high")),
    ("partner back", |world| collaborate(world, "worldwide")),
    ("file requests", |world| {
        world.site.sharing.file_requests = Some(true);
    }),
    ("days", |world| {
        let days = crate::settings::tenant::AnyoneLinkDays::days(30).unwrap();
        world.tenant.sharing.anyone_link_days = days;
    }),
];

/// Who shares, and what.
pub(super) const SHARERS: &[Change] = &[
    ("guest", |world| {
        world.question.sharer.kind = SharerKind::Guest;
    }),
    ("agent", |world| {
        world.question.sharer.kind = SharerKind::Agent(group("agent"));
    }),
    ("owner", |world| {
        world.question.sharer.role = Some(Role::Owner);
        world.question.sharer.site_owner = true;
    }),
    ("reader", |world| {
        world.question.sharer.role = Some(Role::Read);
    }),
    ("inviter", |world| {
        world.question.sharer.directory_roles = [DirectoryRole::GuestInviter].into();
    }),
    ("in a", |world| {
        world.question.sharer.groups.insert(group("a"));
    }),
    ("in g", |world| {
        world.question.sharer.groups.insert(group("g"));
    }),
];

/// What makes a tenant, site or directory stricter, or takes away what is known in somebody's favour.
///
/// These are no part of the law, because the documents say otherwise:
///
/// - a first group put on a list of sharers restricts, and every further one opens: [`fewer_groups`];
/// - emptying both lists of groups lifts the restriction;
/// - `Override…` switches of a site make lives looser or stricter, which changes an end and no outcome;
/// - a site's own `RequestFilesLinkEnabled` and `BlockGuestsAsSiteAdmin` stand in place of the partition's;
/// - switching the kind of a domain list drops the other list: [`forbid`] stays with the kind;
/// - the integration and the profile are no scale: each way something opens and something closes;
/// - a partner who is blocked is let in by the defaults when taken off the list, and so is one whose tenant or cloud is
///   not known;
/// - participants of a shared channel are exempt from a restriction to groups, so that a restricted site may open by
///   becoming a shared channel's;
/// - a guest who shares may not name people of the directory outside the site, but may name somebody new.
pub(super) const TIGHTENINGS: &[Change] = &[
    ("tenant level", |world| {
        let level = &mut world.tenant.sharing.capability;
        *level = lower(*level);
    }),
    ("core level", |world| {
        let level = world.tenant.sharing.ceiling(Partition::Core);
        world.tenant.sharing.core_capability = Some(lower(level));
    }),
    ("personal level", |world| {
        let level = world.tenant.sharing.ceiling(Partition::OneDrive);
        world.tenant.sharing.onedrive_capability = Some(lower(level));
    }),
    ("site level", |world| {
        world.site.sharing.capability = Some(lower(world.site.capability()));
    }),
    ("no override", |world| {
        world.site.sharing.override_partition = false;
    }),
    ("tenant list", |world| {
        let sharing = &mut world.tenant.sharing;
        let lists = (
            &mut sharing.allowed_domains.0,
            &mut sharing.blocked_domains.0,
        );
        forbid(&mut sharing.domain_mode, lists);
    }),
    ("site list", |world| {
        let sharing = &mut world.site.sharing;
        let lists = (
            &mut sharing.allowed_domains.0,
            &mut sharing.blocked_domains.0,
        );
        forbid(&mut sharing.domain_mode, lists);
    }),
    ("directory allow list", |world| {
        let list = &mut world.tenant.directory.policy.allowed_domains;
        list.get_or_insert_default().0.remove(&contoso());
    }),
    ("directory block list", |world| {
        let list = &mut world.tenant.directory.policy.blocked_domains;
        list.get_or_insert_default().0.insert(contoso());
    }),
    ("right to invite", |world| {
        let record = world.clouds.find(&world.tenant.cloud);
        let untouched = record.map_or(AllowInvitesFrom::None, |cloud| cloud.allow_invites_from);
        let policy = &mut world.tenant.directory.policy;
        let right = policy.allow_invites_from(untouched).value;
        let below = AllowInvitesFrom::ALL.iter().rev().find(|one| **one < right);
        policy.allow_invites_from = Some(below.copied().unwrap_or(AllowInvitesFrom::None));
    }),
    ("copy", |world| world.tenant.sharing.sync_policy = true),
    ("stricter copy", |world| {
        if let Some(copy) = &mut world.tenant.directory.copy {
            copy.policy.allow_invites_from = Some(AllowInvitesFrom::None);
        }
    }),
    ("first group", |world| {
        let sharing = &mut world.tenant.sharing;
        if sharing.anonymous_sharers.0.is_empty() && sharing.guest_sharers.0.is_empty() {
            sharing.guest_sharers = groups(&["g"]);
        }
    }),
    ("fewer groups", fewer_groups),
    ("agents", |world| {
        world.tenant.sharing.restrict_agents = true;
    }),
    ("listed agent", |world| {
        world.tenant.sharing.restricted_agents = groups(&["agent"]);
    }),
    ("resharing", |world| {
        world.tenant.sharing.prevent_resharing = true;
    }),
    ("guests find nobody", |world| {
        world.tenant.sharing.guests_share_outside_site = false;
    }),
    ("owners of personal sites", |world| {
        world.tenant.sharing.odb_members_can_share = OnOff::Off;
    }),
    ("files only", |world| {
        if world.site.sharing.sharing_mode == SharingMode::Members {
            world.site.sharing.sharing_mode = SharingMode::MembersFilesOnly;
        }
    }),
    ("owners only", |world| world.site.sharing.owners_only = true),
    ("no requests", |world| {
        world.site.sharing.access_requests = false;
    }),
    ("guests own nothing", |world| {
        world.site.sharing.block_guest_admins = OnOff::On;
    }),
    ("restriction", |world| {
        world.tenant.sharing.restricted_access = true;
        world.tenant.sharing.share_outside_restriction = false;
        world.site.sharing.restricted_access = true;
    }),
    ("no restricted groups", |world| {
        world.site.sharing.restricted_groups = groups(&[]);
    }),
    ("private channel", |world| {
        if world.site.channel == Channel::None {
            world.site.channel = Channel::Private;
        }
    }),
    ("shared channel", |world| {
        if world.site.channel == Channel::None && !world.site.sharing.restricted_access {
            world.site.channel = Channel::Shared;
        }
    }),
    ("no clouds", |world| {
        world.tenant.directory.cross_tenant.clouds.clear();
    }),
    ("no partners", |world| {
        world.tenant.directory.cross_tenant.partners.clear();
    }),
    ("blocked partners", |world| {
        let partners = world.tenant.directory.cross_tenant.partners.values_mut();
        partners.for_each(|partner| partner.inbound = false);
    }),
    ("nobody inbound", |world| {
        world.tenant.directory.cross_tenant.default_inbound = false;
    }),
    ("one side", |world| {
        let partners = world.tenant.directory.cross_tenant.partners.values_mut();
        partners.for_each(|partner| partner.reciprocated = false);
    }),
    ("forbidden home", |world| {
        let homes = &mut world.tenant.directory.domain_homes;
        homes.entry(contoso()).or_default().insert(cloud("dod"));
    }),
    ("unknown cloud", |world| {
        world.clouds.0.remove(&cloud("worldwide"));
    }),
    ("boundary", |world| {
        world.tenant.boundary = EnvironmentBoundary::Cloud;
    }),
    ("files are viewed", |world| {
        world.tenant.sharing.file_link_type = FileAnonymousLinkType::View;
    }),
    ("folders are viewed", |world| {
        world.tenant.sharing.folder_link_type = FolderAnonymousLinkType::View;
    }),
    ("no organisation links", |world| {
        world.site.sharing.company_links = CompanyWideSharingLinks::Disabled;
    }),
    ("no file requests", |world| {
        world.site.sharing.file_requests = Some(false);
    }),
    ("no such link here", |world| {
        let clouds = world.clouds.0.values_mut();
        clouds.for_each(|cloud| cloud.file_requests = false);
    }),
    ("sharer unknown", |world| {
        world.question.sharer.kind = SharerKind::Unknown;
    }),
    ("sharer reads", |world| {
        let role = &mut world.question.sharer.role;
        *role = role.map(|_| Role::Read);
    }),
    ("sharer without role", |world| {
        world.question.sharer.role = None;
    }),
    ("sharer edits", |world| {
        let role = &mut world.question.sharer.role;
        *role = role.map(|role| role.min(Role::Write));
    }),
    ("sharer owns nothing", |world| {
        world.question.sharer.site_owner = false;
    }),
    ("sharer without directory role", |world| {
        world.question.sharer.directory_roles.clear();
    }),
    ("sharer without groups", |world| {
        world.question.sharer.groups.clear();
    }),
    ("nobody is in the site", |world| {
        each(world, |recipient| recipient.in_site = false);
    }),
    ("nobody is in the channel", |world| {
        each(world, |recipient| recipient.in_channel = false);
    }),
    ("nobody is in a group", |world| {
        each(world, |recipient| recipient.groups.clear());
    }),
    ("no principal names", |world| {
        each(world, |recipient| recipient.by_upn = None);
    }),
    ("no guests", |world| {
        if world.question.sharer.kind != SharerKind::Guest {
            each(world, |recipient| recipient.guest = None);
        }
    }),
    ("dead link", |world| {
        *world = world.clone().asking(Some(NOW));
    }),
];

fn contoso() -> DomainName {
    domains(&["contoso.com"]).pop_first().unwrap()
}

fn lower(level: SharingCapability) -> SharingCapability {
    let below = SharingCapability::ALL
        .iter()
        .rev()
        .find(|one| **one < level);
    below.copied().unwrap_or(SharingCapability::Disabled)
}

/// One domain less, by the list that counts.
fn forbid(mode: &mut Mode, lists: (&mut BTreeSet<DomainName>, &mut BTreeSet<DomainName>)) {
    let (allowed, blocked) = lists;
    match mode {
        Mode::AllowList => {
            allowed.remove(&contoso());
        }
        Mode::None => {
            *mode = Mode::BlockList;
            *blocked = [contoso()].into();
        }
        Mode::BlockList => {
            blocked.insert(contoso());
        }
    }
}

/// One group less, if it is not the last.
fn fewer_groups(world: &mut World) {
    let sharing = &mut world.tenant.sharing;
    let (anonymous, guests) = (
        &mut sharing.anonymous_sharers.0,
        &mut sharing.guest_sharers.0,
    );
    if anonymous.len() + guests.len() > 1 && anonymous.pop_first().is_none() {
        guests.pop_first();
    }
}

fn each(world: &mut World, change: impl Fn(&mut ShareRecipient)) {
    if !matches!(world.question.ask, Ask::FileRequest { .. }) {
        world.recipients().iter_mut().for_each(change);
    }
}
