//! Which links there may be, and how long they live.

use super::world::*;
use super::*;
use crate::settings::Partition;
use crate::settings::tenant::{AnyoneLinkDays, OrganizationLinkDays};
use crate::settings::words::{
    CompanyWideSharingLinks, FileAnonymousLinkType, FolderAnonymousLinkType,
};
use crate::testing::cloud;

const KINDS: [LinkType; 5] = [
    LinkType::View,
    LinkType::Review,
    LinkType::Edit,
    LinkType::BlocksDownload,
    LinkType::CreateOnly,
];

const SCOPES: [AskedScope; 4] = [
    AskedScope::Anonymous,
    AskedScope::Organization,
    AskedScope::Users,
    AskedScope::ExistingAccess,
];

/// The kinds of link that may be made, as the letters v, r, e, b, c.
fn allowed(scope: AskedScope, item: ItemKind, change: impl Fn(&mut World)) -> String {
    let letters = KINDS.iter().zip(["v", "r", "e", "b", "c"]);
    letters
        .filter(|(kind, _)| {
            let world = link(scope, **kind).item(item).with(&change);
            let outcome = world.outcome();
            assert!(outcome == "allow" || outcome == "deny link-kind-not-allowed");
            outcome == "allow"
        })
        .map(|(_, letter)| letter)
        .collect()
}

#[test]
fn each_kind_of_link_has_its_items() {
    for (item, anonymous, others) in [
        (ItemKind::Site, "", ""),
        (ItemKind::Library, "", "ve"),
        (ItemKind::ListItem, "", "ve"),
        (ItemKind::Unknown, "", "ve"),
        (ItemKind::Folder, "vec", "ve"),
        (ItemKind::File, "vreb", "vreb"),
    ] {
        for scope in SCOPES {
            let want = match scope {
                AskedScope::Anonymous => anonymous,
                AskedScope::Organization | AskedScope::Users | AskedScope::ExistingAccess => others,
            };
            assert_eq!(allowed(scope, item, |_| {}), want, "{scope:?} {item:?}");
        }
    }
}

#[test]
fn ceilings_are_for_anyone_links() {
    for (file, want) in [
        (FileAnonymousLinkType::View, "vrb"),
        (FileAnonymousLinkType::Edit, "vreb"),
    ] {
        let set = |world: &mut World| world.tenant.sharing.file_link_type = file;
        assert_eq!(allowed(AskedScope::Anonymous, ItemKind::File, set), want);
        assert_eq!(allowed(AskedScope::Anonymous, ItemKind::Folder, set), "vec");
        assert_eq!(allowed(AskedScope::Users, ItemKind::File, set), "vreb");
    }
    for (folder, want) in [
        (FolderAnonymousLinkType::View, "v"),
        (FolderAnonymousLinkType::ViewUpload, "v"),
        (FolderAnonymousLinkType::Edit, "vec"),
    ] {
        let set = |world: &mut World| world.tenant.sharing.folder_link_type = folder;
        assert_eq!(allowed(AskedScope::Anonymous, ItemKind::Folder, set), want);
        assert_eq!(allowed(AskedScope::Anonymous, ItemKind::File, set), "vreb");
        assert_eq!(
            allowed(AskedScope::Organization, ItemKind::Folder, set),
            "ve"
        );
    }
}

/// What the trace shows for the limits of links.
fn basis(world: &World) -> String {
    let trace = world.trace();
    let entry = trace.entries.last().unwrap();
    let source = entry.basis.source.map_or("", Source::name);
    format!("{}={}@{source}", entry.basis.setting, entry.basis.value)
}

#[test]
fn the_trace_names_the_limit() {
    let file = link(AskedScope::Anonymous, LinkType::Edit)
        .with(|world| world.tenant.sharing.file_link_type = FileAnonymousLinkType::View);
    assert_eq!(basis(&file), "FileAnonymousLinkType=View@tenant");
    let folder = link(AskedScope::Anonymous, LinkType::Edit)
        .item(ItemKind::Folder)
        .with(|world| world.tenant.sharing.folder_link_type = FolderAnonymousLinkType::View);
    assert_eq!(basis(&folder), "FolderAnonymousLinkType=View@tenant");
    let life = anyone().with(|world| world.tenant.sharing.core_anyone_link_days = days(7));
    let want = "CoreAnyoneSharingLinkMaxExpirationInDays=7@partition";
    assert_eq!(basis(&life), want);
    assert_eq!(
        basis(&anyone()),
        "RequireAnonymousLinksExpireInDays=0@tenant"
    );
}

#[test]
fn organisation_links_can_be_off_in_a_site() {
    for scope in SCOPES {
        let world = link(scope, LinkType::View)
            .with(|world| world.site.sharing.company_links = CompanyWideSharingLinks::Disabled);
        if scope == AskedScope::Organization {
            world.check("deny organization-links-disabled");
            let want = "DisableCompanyWideSharingLinks=Disabled@site";
            assert_eq!(basis(&world), want);
        } else {
            world.check("allow");
        }
    }
}

#[test]
fn a_link_is_dead_at_its_end() {
    for ask in [anyone(), people([]), file_request()] {
        for (end, want) in [
            (NOW.plus(-1), "deny link-expired"),
            (NOW, "deny link-expired"),
            (NOW.plus(1), "allow"),
        ] {
            ask.clone().asking(Some(end)).check(want);
        }
    }
    grant([member()]).asking(Some(NOW)).check("allow");
}

/// What takes away something needed, and what the trace then shows.
type Missing = (fn(&mut World), &'static str);

#[test]
fn file_requests_need_everything_that_they_need() {
    let refused = "deny file-requests-unavailable";
    file_request().check("allow");
    let missing: [Missing; 5] = [
        (|world| world.question.item = ItemKind::File, "=@"),
        (
            |world| world.tenant.sharing.folder_link_type = FolderAnonymousLinkType::View,
            "FolderAnonymousLinkType=View@tenant",
        ),
        (
            |world| {
                world.tenant.sharing.anonymous_sharers = groups(&["a"]);
                world.question.sharer.groups = [group("a")].into();
            },
            "WhoCanShareAnonymousAllowList=1@tenant",
        ),
        (
            |world| world.site.sharing.file_requests = Some(false),
            "RequestFilesLinkEnabled=false@site",
        ),
        (
            |world| {
                let record = world.clouds.0.get_mut(&cloud("worldwide")).unwrap();
                record.file_requests = false;
            },
            "file_requests=false@cloud",
        ),
    ];
    for (change, rests_on) in missing {
        let world = file_request().with(change);
        world.check(refused);
        assert_eq!(basis(&world), rests_on);
    }
    let site = file_request().item(ItemKind::Site);
    site.check(refused);
}

#[test]
fn a_group_of_guests_sharers_ends_file_requests_as_well() {
    // Alone it refuses the sharer before; beside the other list it is named by the limits.
    let world = file_request().with(|world| {
        world.tenant.sharing.guest_sharers = groups(&["g"]);
    });
    world.check("deny sharer-not-in-anonymous-group");
    let want = "WhoCanShareAuthenticatedGuestAllowList=1@tenant";
    assert_eq!(basis(&world), want);
}

#[test]
fn file_requests_are_on_as_the_site_or_else_its_partition_says() {
    let (on, off) = ("allow", "deny file-requests-unavailable");
    for (partition, site, core, onedrive, want) in [
        (Partition::Core, None, None, None, off),
        (Partition::Core, None, Some(true), None, on),
        (Partition::Core, None, None, Some(true), off),
        (Partition::Core, Some(true), Some(false), None, on),
        (Partition::Core, Some(false), Some(true), None, off),
        (Partition::OneDrive, None, None, None, on),
        (Partition::OneDrive, None, None, Some(false), off),
        (Partition::OneDrive, Some(true), None, Some(false), on),
    ] {
        file_request()
            .with(|world| {
                world.site.partition = partition;
                world.site.sharing.file_requests = site;
                world.tenant.sharing.core_file_requests = core;
                world.tenant.sharing.onedrive_file_requests = onedrive;
            })
            .check(want);
    }
}

fn days(days: u16) -> AnyoneLinkDays {
    match days {
        0 => AnyoneLinkDays::NONE,
        days => AnyoneLinkDays::days(days).unwrap(),
    }
}

/// After how many days the link ends, 0 for never.
fn life(world: &World) -> i64 {
    world.check("allow");
    let ends = world.effects().into_iter().find_map(|effect| match effect {
        Effect::LinkEnds(end) => Some(end),
        _ => None,
    });
    ends.map_or(0, |end| end.since(NOW) / DAY)
}

#[test]
fn an_anyone_link_lives_as_asked_or_suggested_and_never_above_the_limit() {
    // Asked, suggested, the tenant's limit, the partition's limit; then the life.
    for (asked, suggested, tenant, partition, want) in [
        (0, 0, 0, 0, 0),
        (10, 0, 0, 0, 10),
        (0, 5, 0, 0, 5),
        (0, 0, 30, 0, 30),
        (0, 0, 30, 20, 20),
        (0, 0, 20, 30, 20),
        (0, 5, 30, 0, 5),
        (0, 60, 30, 0, 30),
        (10, 5, 30, 0, 10),
        (90, 5, 30, 0, 30),
        (90, 0, 0, 20, 20),
        (30, 0, 30, 0, 30),
    ] {
        let world = anyone()
            .with(|world| {
                world.tenant.sharing.anyone_link_days = days(tenant);
                world.tenant.sharing.core_anyone_link_days = days(partition);
                world.tenant.sharing.core_anyone_link_suggested = days(suggested);
                world.tenant.sharing.onedrive_anyone_link_days = days(1);
                world.tenant.sharing.core_file_request_days = days(1);
            })
            .asking((asked > 0).then(|| NOW.plus(asked * DAY)));
        assert_eq!(
            life(&world),
            want,
            "{asked} {suggested} {tenant} {partition}"
        );
    }
}

#[test]
fn a_site_may_be_looser_or_stricter_about_anyone_links() {
    for (site, want) in [(0, 0), (60, 60), (7, 7)] {
        let world = anyone().with(|world| {
            world.tenant.sharing.anyone_link_days = days(30);
            world.site.sharing.override_anyone_days = true;
            world.site.sharing.anyone_link_days = days(site);
        });
        assert_eq!(life(&world), want);
    }
}

#[test]
fn uploads_by_anyone_end_with_the_limit_on_file_requests_too() {
    let upload = link(AskedScope::Anonymous, LinkType::CreateOnly).item(ItemKind::Folder);
    for ask in [file_request(), upload] {
        for (anyone, requests, site, want) in [
            (0, 0, None, 0),
            (30, 0, None, 30),
            (30, 10, None, 10),
            (5, 10, None, 5),
            (30, 10, Some(0), 30),
            (30, 10, Some(20), 20),
        ] {
            let world = ask.clone().with(|world| {
                world.tenant.sharing.anyone_link_days = days(anyone);
                world.tenant.sharing.core_file_request_days = days(requests);
                world.site.sharing.file_request_days = site.map(days);
            });
            assert_eq!(life(&world), want);
        }
    }
}

#[test]
fn organisation_links_live_as_their_own_settings_say() {
    let limit = |days| match days {
        0 => OrganizationLinkDays::NONE,
        days => OrganizationLinkDays::days(days).unwrap(),
    };
    let world = |over: bool, asked: i64| {
        link(AskedScope::Organization, LinkType::View)
            .with(|world| {
                world.tenant.sharing.anyone_link_days = days(1);
                world.tenant.sharing.core_organization_link_days = limit(60);
                world.tenant.sharing.core_organization_link_suggested = limit(30);
                world.site.sharing.override_organization_days = over;
                world.site.sharing.organization_link_days = limit(90);
            })
            .asking((asked > 0).then(|| NOW.plus(asked * DAY)))
    };
    for (over, asked, want) in [
        (false, 0, 30),
        (false, 50, 50),
        (false, 100, 60),
        (true, 0, 90),
        (true, 100, 90),
    ] {
        assert_eq!(life(&world(over, asked)), want);
    }
}

#[test]
fn links_for_specific_people_end_as_asked() {
    for scope in [AskedScope::Users, AskedScope::ExistingAccess] {
        let world = link(scope, LinkType::View).with(|world| {
            world.tenant.sharing.anyone_link_days = days(1);
        });
        assert_eq!(life(&world), 0);
        assert_eq!(life(&world.asking(Some(NOW.plus(900 * DAY)))), 900);
    }
}
