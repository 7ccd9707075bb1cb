use crate::settings::effective::*;
use crate::settings::value::Raw;
use crate::settings::words::TenantConditionalAccess;
use crate::settings::{Partition, Source};
use crate::settings::{SiteSettings, TenantSettings};
use crate::testing;

const CORE: Source = Source::Partition(Partition::Core);
const ONEDRIVE: Source = Source::Partition(Partition::OneDrive);

/// A tenant, a site and a personal site, with settings given by name.
struct World(TenantSettings, SiteSettings);

fn world(tenant: &[(&str, Raw)], site: &[(&str, Raw)]) -> World {
    let mut world = World(testing::tenant(), testing::site());
    for (name, raw) in tenant {
        world.0.sharing.set(name, raw).unwrap();
    }
    for (name, raw) in site {
        world.1.sharing.set(name, raw).unwrap();
    }
    world
}

impl World {
    fn personal(mut self) -> Self {
        self.1.partition = Partition::OneDrive;
        self
    }
}

fn n(number: i64) -> Raw {
    Raw::Number(number)
}

const T: Raw = Raw::Flag(true);
const F: Raw = Raw::Flag(false);

#[test]
fn the_stricter_life_of_an_anyone_link_counts_unless_the_site_overrides() {
    let all = "RequireAnonymousLinksExpireInDays";
    let core = "CoreAnyoneSharingLinkMaxExpirationInDays";
    let personal = "OneDriveAnyoneSharingLinkMaxExpirationInDays";
    let over = "OverrideTenantAnonymousLinkExpirationPolicy";
    let own = "AnonymousLinkExpirationInDays";
    let check = |world: &World, days, setting, source| {
        let life = anyone_link_days(&world.0, &world.1);
        assert_eq!(
            (life.value, life.setting, life.source),
            (days, setting, source)
        );
    };
    check(&world(&[], &[]), None, all, Source::Tenant);
    check(&world(&[(all, n(30))], &[]), Some(30), all, Source::Tenant);
    check(&world(&[(core, n(20))], &[]), Some(20), core, CORE);
    check(
        &world(&[(all, n(30)), (core, n(20))], &[]),
        Some(20),
        core,
        CORE,
    );
    check(
        &world(&[(all, n(20)), (core, n(30))], &[]),
        Some(20),
        all,
        Source::Tenant,
    );
    check(
        &world(&[(all, n(20)), (core, n(20))], &[]),
        Some(20),
        all,
        Source::Tenant,
    );
    let both = [(core, n(20)), (personal, n(10))];
    check(&world(&both, &[]).personal(), Some(10), personal, ONEDRIVE);
    // Without the override the site's own sleeps, with it it may be looser or stricter.
    let tenant = [(all, n(30))];
    check(
        &world(&tenant, &[(own, n(5))]),
        Some(30),
        all,
        Source::Tenant,
    );
    for (days, life) in [(5, Some(5)), (90, Some(90)), (0, None)] {
        let world = world(&tenant, &[(over, T), (own, n(days))]);
        check(&world, life, own, Source::Site);
    }
}

#[test]
fn what_is_suggested_keeps_within_the_longest_life() {
    let most = "CoreAnyoneSharingLinkMaxExpirationInDays";
    let name = "CoreAnyoneSharingLinkRecommendedExpirationInDays";
    let days = |tenant: &[(&str, Raw)], site: &[(&str, Raw)]| {
        let world = world(tenant, site);
        anyone_link_suggested(&world.0, &world.1).value
    };
    assert_eq!(days(&[], &[]), None);
    assert_eq!(days(&[(most, n(30))], &[]), Some(30));
    assert_eq!(days(&[(most, n(30)), (name, n(7))], &[]), Some(7));
    assert_eq!(days(&[(name, n(7))], &[]), Some(7));
    let world_of = world(&[(most, n(30)), (name, n(30))], &[]);
    assert_eq!(
        anyone_link_suggested(&world_of.0, &world_of.1).setting,
        name
    );
    let over = [
        ("OverrideTenantAnonymousLinkExpirationPolicy", T),
        ("AnonymousLinkExpirationInDays", n(5)),
    ];
    assert_eq!(days(&[(name, n(7))], &over), Some(5));
    let personal = world(&[(name, n(7))], &[]).personal();
    assert_eq!(anyone_link_suggested(&personal.0, &personal.1).value, None);
}

#[test]
fn organisation_links_live_as_their_partition_has_it_unless_the_site_overrides() {
    let core = "CoreOrganizationSharingLinkMaxExpirationInDays";
    let personal = "OneDriveOrganizationSharingLinkMaxExpirationInDays";
    let suggested = "CoreOrganizationSharingLinkRecommendedExpirationInDays";
    let tenant = [(core, n(30)), (personal, n(20)), (suggested, n(14))];
    let over = [
        ("OverrideTenantOrganizationSharingLinkExpirationPolicy", T),
        ("OrganizationSharingLinkMaxExpirationInDays", n(90)),
        ("OrganizationSharingLinkRecommendedExpirationInDays", n(60)),
    ];
    let both = |world: &World| {
        (
            organization_link_days(&world.0, &world.1).value,
            organization_link_suggested(&world.0, &world.1).value,
        )
    };
    assert_eq!(both(&world(&tenant, &[])), (Some(30), Some(14)));
    assert_eq!(both(&world(&tenant, &[]).personal()), (Some(20), Some(20)));
    assert_eq!(both(&world(&tenant, &over)), (Some(90), Some(60)));
    assert_eq!(both(&world(&tenant, &over[1..])), (Some(30), Some(14)));
    let source = organization_link_days(&world(&tenant, &over).0, &world(&tenant, &over).1).source;
    assert_eq!(source, Source::Site);
}

#[test]
fn guests_expire_as_the_tenant_has_it_unless_the_site_overrides() {
    let required = ("ExternalUserExpirationRequired", T);
    let over = ("OverrideTenantExternalUserExpirationPolicy", T);
    let own = "ExternalUserExpirationInDays";
    let days = |tenant: &[(&str, Raw)], site: &[(&str, Raw)]| {
        let world = world(tenant, site);
        guest_expiry_days(&world.0, &world.1).value
    };
    assert_eq!(days(&[], &[]), None);
    assert_eq!(days(&[("ExternalUserExpireInDays", n(30))], &[]), None);
    assert_eq!(days(std::slice::from_ref(&required), &[]), Some(60));
    let thirty = [required, ("ExternalUserExpireInDays", n(30))];
    assert_eq!(days(&thirty, &[]), Some(30));
    assert_eq!(days(&thirty, &[(own, n(90))]), Some(30));
    assert_eq!(days(&thirty, &[over.clone(), (own, n(90))]), Some(90));
    assert_eq!(days(&thirty, std::slice::from_ref(&over)), None);
    assert_eq!(days(&[], &[over, (own, n(9))]), Some(9));
}

#[test]
fn the_stricter_device_policy_counts() {
    const NAME: &str = "ConditionalAccessPolicy";
    use TenantConditionalAccess::{AllowFullAccess, AllowLimitedAccess, BlockAccess};
    let check = |tenant: &str, site: Option<&str>, want, source| {
        let site: Vec<_> = site
            .map(|word| (NAME, Raw::text(word)))
            .into_iter()
            .collect();
        let world = world(&[(NAME, Raw::text(tenant))], &site);
        let policy = device_policy(&world.0, &world.1);
        assert_eq!(
            (policy.value, policy.source),
            (want, source),
            "{tenant} {site:?}"
        );
    };
    check("AllowFullAccess", None, AllowFullAccess, Source::Tenant);
    check(
        "AllowFullAccess",
        Some("AllowLimitedAccess"),
        AllowLimitedAccess,
        Source::Site,
    );
    check(
        "AllowFullAccess",
        Some("BlockAccess"),
        BlockAccess,
        Source::Site,
    );
    check(
        "BlockAccess",
        Some("AllowFullAccess"),
        BlockAccess,
        Source::Tenant,
    );
    check(
        "AllowLimitedAccess",
        Some("AllowLimitedAccess"),
        AllowLimitedAccess,
        Source::Tenant,
    );
    // A context says nothing about devices.
    check(
        "AllowFullAccess",
        Some("AuthenticationContext"),
        AllowFullAccess,
        Source::Tenant,
    );
    check(
        "BlockAccess",
        Some("AuthenticationContext"),
        BlockAccess,
        Source::Tenant,
    );
}

#[test]
fn the_stricter_file_types_count() {
    let name = "BlockDownloadLinksFileType";
    let [strict, loose] = ["ServerRenderedFilesOnly", "WebPreviewableFiles"].map(Raw::text);
    for (tenant, site, want) in [
        (&strict, &loose, &strict),
        (&loose, &strict, &strict),
        (&loose, &loose, &loose),
    ] {
        let world = world(&[(name, tenant.clone())], &[(name, site.clone())]);
        let files = block_download_links(&world.0, &world.1);
        assert_eq!(&Raw::text(files.value.name()), want);
        let here = if site == &strict && tenant == &loose {
            Source::Site
        } else {
            Source::Tenant
        };
        assert_eq!(files.source, here);
    }
    let name = "LimitedAccessFileType";
    let words = ["OfficeOnlineFilesOnly", "WebPreviewableFiles", "OtherFiles"];
    for (i, tenant) in words.iter().enumerate() {
        for (j, site) in words.iter().enumerate() {
            let world = world(&[(name, Raw::text(tenant))], &[(name, Raw::text(site))]);
            let files = limited_file_type(&world.0, &world.1).value.name();
            assert_eq!(files, words[i.min(j)], "{tenant} {site}");
        }
    }
}

#[test]
fn a_site_may_edit_where_its_tenant_does_not() {
    let name = "AllowEditing";
    let editing = |tenant: Raw, site: &[(&str, Raw)]| {
        let world = world(&[(name, tenant)], site);
        let editing = allow_editing(&world.0, &world.1);
        (editing.value, editing.source)
    };
    assert_eq!(editing(T, &[]), (true, Source::Tenant));
    assert_eq!(editing(F, &[]), (false, Source::Tenant));
    assert_eq!(editing(F, &[(name, T)]), (true, Source::Site));
    assert_eq!(editing(T, &[(name, F)]), (false, Source::Site));
}

#[test]
fn user_information_is_hidden_as_the_partition_has_it_unless_sites_may_say_otherwise() {
    let own = [(
        "OverrideBlockUserInfoVisibility",
        Raw::text("ApplyToAllUsers"),
    )];
    let allow = [("AllowOverrideForBlockUserInfoVisibility", T)];
    let hidden = |world: World| {
        let hidden = user_info(&world.0, &world.1);
        (hidden.value.name(), hidden.source)
    };
    assert_eq!(hidden(world(&[], &[])), ("ApplyToNoUsers", CORE));
    let guests = ("ApplyToGuestAndExternalUsers", ONEDRIVE);
    assert_eq!(hidden(world(&[], &[]).personal()), guests);
    assert_eq!(hidden(world(&[], &own)), ("ApplyToNoUsers", CORE));
    assert_eq!(hidden(world(&allow, &[])), ("ApplyToNoUsers", CORE));
    assert_eq!(
        hidden(world(&allow, &own)),
        ("ApplyToAllUsers", Source::Site)
    );
}

#[test]
fn owners_are_asked_as_the_site_has_it_and_in_personal_sites_as_the_tenant_has_it() {
    let name = "ODBAccessRequests";
    let asked = |world: World| access_requests(&world.0, &world.1).value;
    let on = [("RequestAccess", T)];
    assert!(!asked(world(&[], &[])));
    assert!(asked(world(&[], &on)));
    assert!(asked(world(&[(name, Raw::text("Off"))], &on)));
    assert!(!asked(world(&[(name, Raw::text("On"))], &[])));
    assert!(asked(world(&[(name, Raw::text("On"))], &[]).personal()));
    assert!(!asked(world(&[(name, Raw::text("Off"))], &on).personal()));
    assert!(asked(world(&[], &on).personal()));
    assert!(!asked(world(&[], &[]).personal()));
}

#[test]
fn file_requests_are_on_in_personal_sites_unless_somebody_says_otherwise() {
    let on = |world: World| file_requests(&world.0, &world.1).value;
    assert!(!on(world(&[], &[])));
    assert!(on(world(&[], &[]).personal()));
    assert!(on(world(&[("CoreRequestFilesLinkEnabled", T)], &[])));
    assert!(!on(
        world(&[("OneDriveRequestFilesLinkEnabled", F)], &[]).personal()
    ));
    assert!(on(world(&[], &[("RequestFilesLinkEnabled", T)])));
    assert!(!on(world(&[], &[("RequestFilesLinkEnabled", F)]).personal()));
    let days = |world: World| file_request_days(&world.0, &world.1).value;
    let tenant = [
        ("CoreRequestFilesLinkExpirationInDays", n(3)),
        ("OneDriveRequestFilesLinkExpirationInDays", n(4)),
    ];
    assert_eq!(days(world(&tenant, &[])), Some(3));
    assert_eq!(days(world(&tenant, &[]).personal()), Some(4));
    let own = "RequestFilesLinkExpirationInDays";
    assert_eq!(days(world(&tenant, &[(own, n(90))])), Some(90));
    assert_eq!(days(world(&tenant, &[(own, n(0))])), None);
}

#[test]
fn guests_own_sites_unless_the_site_or_its_partition_says_otherwise() {
    let blocked = |world: World| block_guest_admins(&world.0, &world.1).value;
    let own = "BlockGuestsAsSiteAdmin";
    let core = [("CoreBlockGuestsAsSiteAdmin", Raw::text("On"))];
    assert!(!blocked(world(&[], &[])));
    assert!(blocked(world(&core, &[])));
    assert!(!blocked(world(&core, &[]).personal()));
    let personal = [("OneDriveBlockGuestsAsSiteAdmin", Raw::text("On"))];
    assert!(blocked(world(&personal, &[]).personal()));
    assert!(!blocked(world(&core, &[(own, Raw::text("Off"))])));
    assert!(blocked(world(&core, &[(own, Raw::text("Unspecified"))])));
    assert!(blocked(world(&[], &[(own, Raw::text("On"))])));
}
