//! Changes, and who would notice.

use super::*;
use crate::path::ItemPath;
use crate::person::{GuestOrigin, InvitationManager};
use crate::settings::value::{Domains, Limit};
use crate::settings::words::{FallbackIdentityProvider, Profile, SharingCapability};
use crate::sharing::{LinkScope, Recipient};
use crate::testing::{address, clouds, domains, guest, site, tenant};

const NOW: UnixTime = UnixTime(1_800_000_000);

struct World {
    guests: Vec<Guest>,
    permissions: Vec<Permission>,
    links: Vec<SharingLink>,
    settings: Settings,
}

fn permission(id: &str, to: &str, manager: InvitationManager) -> Permission {
    Permission {
        id: PermissionId::parse(id).unwrap(),
        site: SiteId::parse("p").unwrap(),
        item: ItemPath::parse("/p/plan.docx").unwrap(),
        recipient: Recipient::Address(address(to)),
        role: Role::Read,
        created_by: address("mia@contoso.example"),
        manager,
        expires: None,
    }
}

fn link(id: &str, scope: LinkScope, manager: InvitationManager) -> SharingLink {
    SharingLink {
        id: LinkId::parse(id).unwrap(),
        site: SiteId::parse("p").unwrap(),
        item: ItemPath::parse("/p/plan.docx").unwrap(),
        kind: LinkType::View,
        scope,
        created_by: address("mia@contoso.example"),
        creator_may_share: true,
        manager,
        created: NOW,
        expires: None,
    }
}

/// Ada, who has redeemed, with a permission; a link for anyone; the integration off.
fn world() -> World {
    World {
        guests: vec![guest()],
        permissions: vec![permission(
            "ada-plan",
            "ada@fabrikam.example",
            InvitationManager::Sharing,
        )],
        links: vec![link(
            "anyone",
            LinkScope::Anonymous,
            InvitationManager::Sharing,
        )],
        settings: Settings {
            tenant: tenant(),
            sites: [(SiteId::parse("p").unwrap(), site())].into(),
        },
    }
}

impl World {
    fn when(&self, change: impl FnOnce(&mut Settings)) -> Impact {
        self.between(|_| {}, change)
    }

    fn between(
        &self,
        before: impl FnOnce(&mut Settings),
        change: impl FnOnce(&mut Settings),
    ) -> Impact {
        let mut first = self.settings.clone();
        before(&mut first);
        let mut second = first.clone();
        change(&mut second);
        let kinds = [(
            ProviderId::parse("work-school").unwrap(),
            ProviderKind::parse("work-school").unwrap(),
        )];
        let shares = Shares {
            tenant: &TenantId::parse("contoso").unwrap(),
            guests: &self.guests,
            groups: &Groups::default(),
            permissions: &self.permissions,
            links: &self.links,
            member_domains: &domains(&["contoso.example"]),
            kinds: &kinds.into(),
        };
        impact(&shares, &first, &second, &clouds(), NOW)
    }
}

/// What is lost or gained, as `share action code`.
fn told(changes: &[Change], of: fn(&Change) -> Standing) -> Vec<String> {
    let line = |change: &Change| {
        let share = match &change.share {
            Share::Permission(id) => id.to_string(),
            Share::Link(id) => id.to_string(),
        };
        let code = match of(change) {
            Standing::Open => "open",
            Standing::Challenge(challenge) => challenge.code(),
            Standing::Closed(denial) => denial.code(),
        };
        format!("{share} {} {code}", change.action.name())
    };
    changes.iter().map(line).collect()
}

fn lost(impact: &Impact) -> Vec<String> {
    told(&impact.lose, |change| change.after)
}

fn gained(impact: &Impact) -> Vec<String> {
    told(&impact.gain, |change| change.before)
}

#[test]
fn nothing_changes_where_nothing_changes() {
    assert_eq!(world().when(|_| {}), Impact::default());
}

#[test]
fn sharing_that_is_turned_off_takes_from_guests_and_bearers() {
    let off = |settings: &mut Settings| {
        settings.tenant.sharing.capability = SharingCapability::Disabled;
    };
    let impact = world().when(off);
    assert_eq!(
        lost(&impact),
        [
            "ada-plan view sharing-disabled",
            "ada-plan download sharing-disabled",
            "anyone view anyone-links-disabled",
            "anyone download anyone-links-disabled",
        ]
    );
    assert_eq!((impact.guests_losing(), impact.guests_gaining()), (1, 0));
    assert_eq!(impact.gain, []);
    let back = world().between(off, |settings| {
        settings.tenant.sharing.capability = SharingCapability::ExternalUserSharingOnly;
    });
    assert_eq!(
        gained(&back),
        [
            "ada-plan view sharing-disabled",
            "ada-plan download sharing-disabled"
        ]
    );
    assert_eq!((back.guests_losing(), back.guests_gaining()), (0, 1));
}

#[test]
fn anyone_links_die_without_the_guests() {
    let impact = world().when(|settings| {
        settings.tenant.sharing.capability = SharingCapability::ExternalUserSharingOnly;
    });
    assert_eq!(
        lost(&impact),
        [
            "anyone view anyone-links-disabled",
            "anyone download anyone-links-disabled"
        ]
    );
    assert_eq!(impact.guests_losing(), 0);
}

#[test]
fn a_site_is_changed_by_itself() {
    let impact = world().when(|settings| {
        for site in settings.sites.values_mut() {
            site.sharing.block_download = true;
        }
    });
    assert_eq!(
        lost(&impact),
        [
            "ada-plan download download-blocked",
            "anyone download download-blocked"
        ]
    );
}

#[test]
fn what_was_shared_with_the_integration_is_shared_again_without_it() {
    let mut world = world();
    world.permissions = vec![
        permission("before", "ada@fabrikam.example", InvitationManager::Sharing),
        permission(
            "during",
            "ada@fabrikam.example",
            InvitationManager::Directory,
        ),
    ];
    world.links = vec![link(
        "named",
        LinkScope::Users([address("ada@fabrikam.example")].into()),
        InvitationManager::Directory,
    )];
    let impact = world.between(
        |settings| settings.tenant.sharing.integration = Some(true),
        |settings| settings.tenant.sharing.integration = Some(false),
    );
    let again: Vec<&Share> = impact.share_again.iter().map(|(share, _)| share).collect();
    assert_eq!(
        again,
        [
            &Share::Permission(PermissionId::parse("during").unwrap()),
            &Share::Link(LinkId::parse("named").unwrap()),
        ]
    );
    assert!(
        lost(&impact)
            .iter()
            .all(|line| line.ends_with("reshare-required"))
    );
}

#[test]
fn links_from_before_the_integration_fail_in_the_later_profile() {
    let mut world = world();
    world.permissions.clear();
    world.links = vec![link(
        "named",
        LinkScope::Users([address("ada@fabrikam.example")].into()),
        InvitationManager::Sharing,
    )];
    let impact = world.between(
        |settings| settings.tenant.sharing.integration = Some(true),
        |settings| settings.tenant.profile = Profile::ReshareRequired,
    );
    assert_eq!(impact.share_again.len(), 1);
    assert!(lost(&impact).contains(&"named view guest-access-settings-updated".to_owned()));
}

#[test]
fn lists_are_to_be_reviewed_when_the_integration_goes_on() {
    let lists = |settings: &mut Settings| {
        let sharing = &mut settings.tenant.sharing;
        sharing.domain_mode = SharingDomainRestrictionMode::BlockList;
        sharing.blocked_domains = Domains(domains(&["bad.example", "worse.example"]));
        settings.tenant.directory.policy.blocked_domains =
            Some(Domains(domains(&["worse.example"])));
    };
    let on = |settings: &mut Settings| settings.tenant.sharing.integration = Some(true);
    let impact = world().between(lists, on);
    assert_eq!(
        impact.lists,
        [ListToMove {
            site: None,
            mode: SharingDomainRestrictionMode::BlockList,
            domains: domains(&["bad.example"]).into_iter().collect(),
        }]
    );
    assert_eq!(world().when(lists).lists, []);
}

#[test]
fn an_open_invitation_counts_as_what_it_would_become() {
    let mut world = world();
    world.guests = vec![Guest::invited(
        GuestId::parse("ada").unwrap(),
        address("ada@fabrikam.example"),
        GuestOrigin::Share,
    )];
    world.links.clear();
    let existing = world.when(|settings| {
        settings.tenant.sharing.capability = SharingCapability::ExistingExternalUserSharingOnly;
    });
    assert_eq!(
        lost(&existing),
        [
            "ada-plan view new-guests-not-allowed",
            "ada-plan download new-guests-not-allowed"
        ]
    );
    let fallback = world.when(|settings| {
        settings.tenant.directory.policy.fallback = FallbackIdentityProvider::MicrosoftAccount;
    });
    assert_eq!(fallback, Impact::default());
}

#[test]
fn a_shorter_life_ends_links() {
    let mut world = world();
    world.permissions.clear();
    for link in &mut world.links {
        link.created = NOW.plus(-40 * 86_400);
    }
    let impact = world.when(|settings| {
        settings.tenant.sharing.anyone_link_days = Limit::days(30).unwrap();
    });
    assert_eq!(
        lost(&impact),
        ["anyone view link-expired", "anyone download link-expired"]
    );
}
