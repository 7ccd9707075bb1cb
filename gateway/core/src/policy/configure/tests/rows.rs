//! The rows of the specification "decision table" whose phase is X.

use super::world::{F, T, World, clear, federation, n, set, site_id, w};
use crate::policy::configure::Change;
use crate::settings::value::Raw;
use crate::settings::{Profile, Template};
use crate::sharing::{LinkScope, LinkType};

/// The only rejection begins so.
fn rejected(world: &World, changes: &[Change], begins: &str) {
    let why = world.rejected(changes);
    assert_eq!(why.len(), 1, "{why:#?}");
    assert!(why[0].starts_with(begins), "{why:#?}");
}

fn many(count: usize) -> Raw {
    Raw::List(
        (0..count)
            .map(|number| Raw::Text(format!("d{number}.com")))
            .collect(),
    )
}

#[test]
fn row_17_onedrive_is_never_looser_than_sharepoint() {
    let world = World::new().with(
        "tenant",
        "SharingCapability",
        w("ExistingExternalUserSharingOnly"),
    );
    let name = "OneDriveSharingCapability";
    rejected(
        &world,
        &[set("tenant", name, w("ExternalUserAndGuestSharing"))],
        "tenant OneDriveSharingCapability=ExternalUserAndGuestSharing: must not be looser than `SharingCapability`",
    );
    world.taken(&[set("tenant", name, w("ExistingExternalUserSharingOnly"))]);
    world.taken(&[set("tenant", name, w("Disabled"))]);
}

#[test]
fn row_25_a_new_communication_site_is_closed() {
    let mut world = World::new();
    let site = world.settings.sites.get_mut(&site_id("s")).unwrap();
    site.sharing.clear("SharingCapability").unwrap();
    for (template, want) in [
        (Template::Communication, "Disabled (site)"),
        (Template::Classic, "Disabled (site)"),
        (Template::Team, "Disabled (site)"),
        (Template::Unknown, "Disabled (site)"),
        (
            Template::RootCommunication,
            "ExternalUserAndGuestSharing (tenant)",
        ),
        (Template::OneDrive, "ExternalUserAndGuestSharing (tenant)"),
        (
            Template::Group {
                owners_add_guests: true,
            },
            "ExternalUserSharingOnly (site)",
        ),
        (
            Template::Group {
                owners_add_guests: false,
            },
            "ExistingExternalUserSharingOnly (site)",
        ),
    ] {
        world
            .settings
            .sites
            .get_mut(&site_id("s"))
            .unwrap()
            .template = template;
        assert_eq!(world.shown("s", "SharingCapability"), want, "{template:?}");
    }
}

#[test]
fn row_37_wildcards_are_refused() {
    for (place, name) in [
        ("tenant", "SharingBlockedDomainList"),
        ("s", "SharingBlockedDomainList"),
        ("directory", "BlockedDomains"),
    ] {
        let begins = format!("{place} {name}=*.contoso.com: `*.contoso.com` holds a wildcard");
        rejected(
            &World::new(),
            &[set(place, name, w("*.contoso.com"))],
            &begins,
        );
    }
}

#[test]
fn row_39_lists_have_a_greatest_length() {
    let name = "SharingBlockedDomainList";
    World::new().taken(&[set("tenant", name, many(5_000)), set("s", name, many(500))]);
    let why = World::new().rejected(&[set("tenant", name, many(5_001)), set("s", name, many(501))]);
    assert_eq!(why.len(), 2);
    assert!(
        why[0].ends_with("has 5001 domains: at most 5000 are supported"),
        "{}",
        why[0]
    );
    assert!(
        why[1].ends_with("has 501 domains: at most 500 are supported"),
        "{}",
        why[1]
    );
    // The message is for people: it does not hold the list.
    assert!(why[0].len() < 400, "{}", why[0].len());
}

#[test]
fn row_48_switching_the_kind_discards_the_directorys_old_list() {
    let world = World::new().with("directory", "AllowedDomains", w("fabrikam.com"));
    let (after, _) = world.taken(&[set("directory", "BlockedDomains", w("contoso.com"))]);
    assert_eq!(after.tenant.directory.policy.allowed_domains, None);
    let told = world.told(&[
        set("tenant", "ShowEveryoneClaim", T),
        set("directory", "BlockedDomains", w("contoso.com")),
    ]);
    assert_eq!(told, ["discarded AllowedDomains"]);
    let world = World::new().with("directory", "BlockedDomains", w("fabrikam.com"));
    let told = world.told(&[set("directory", "AllowedDomains", w("contoso.com"))]);
    assert_eq!(told, ["discarded BlockedDomains"]);
    // Without an old list nothing is discarded, and a list that takes the place of its own kind discards nothing.
    let told = World::new().told(&[set("directory", "AllowedDomains", w("contoso.com"))]);
    assert!(told.is_empty());
    assert!(
        world
            .told(&[set("directory", "BlockedDomains", w("contoso.com"))])
            .is_empty()
    );
    // Both at once is no switching.
    rejected(
        &World::new(),
        &[
            set("directory", "AllowedDomains", w("contoso.com")),
            set("directory", "BlockedDomains", w("fabrikam.com")),
        ],
        "directory BlockedDomains=fabrikam.com: must not stand beside `AllowedDomains`",
    );
    world.taken(&[
        set("directory", "AllowedDomains", w("contoso.com")),
        clear("directory", "BlockedDomains"),
    ]);
}

#[test]
fn row_49_the_directorys_list_has_a_greatest_number_of_characters() {
    // 1,000 domains of 25 characters, and one of them a character longer.
    let list = |longer: usize| {
        let one = |number: usize| {
            Raw::Text(format!(
                "{}{number:05}.{}.com",
                "x".repeat(usize::from(number < longer)),
                "d".repeat(15)
            ))
        };
        Raw::List((0..1_000).map(one).collect())
    };
    World::new().taken(&[set("directory", "BlockedDomains", list(0))]);
    let why = World::new().rejected(&[set("directory", "BlockedDomains", list(1))]);
    assert!(
        why[0].ends_with("has 25001 characters: at most 25000 are supported"),
        "{}",
        why[0]
    );
}

#[test]
fn row_84_a_shorter_life_shortens_links() {
    let name = "RequireAnonymousLinksExpireInDays";
    let world = World::new()
        .with("tenant", name, n(60))
        .link("today", LinkScope::Anonymous, LinkType::View, 0, Some(45))
        .link("older", LinkScope::Anonymous, LinkType::View, 15, Some(45))
        .link("short", LinkScope::Anonymous, LinkType::View, 0, Some(20))
        .link("endless", LinkScope::Anonymous, LinkType::Edit, 10, None)
        .link("dead", LinkScope::Anonymous, LinkType::View, 90, Some(-30))
        .link("company", LinkScope::Organization, LinkType::View, 0, None);
    let told = world.told(&[set("tenant", name, n(30))]);
    assert_eq!(
        told,
        [
            "shortened today 30",
            "shortened older 15",
            "shortened endless 20"
        ]
    );
}

#[test]
fn row_85_a_longer_life_leaves_links_as_they_are() {
    let name = "RequireAnonymousLinksExpireInDays";
    let world = World::new().with("tenant", name, n(30)).link(
        "a",
        LinkScope::Anonymous,
        LinkType::View,
        20,
        Some(10),
    );
    assert!(world.told(&[set("tenant", name, n(60))]).is_empty());
    assert!(world.told(&[set("tenant", name, n(0))]).is_empty());
}

#[test]
fn row_87_lives_of_links_have_a_range() {
    for (place, name, days) in [
        (
            "tenant",
            "CoreOrganizationSharingLinkMaxExpirationInDays",
            5,
        ),
        (
            "tenant",
            "OneDriveOrganizationSharingLinkMaxExpirationInDays",
            721,
        ),
        ("s", "OrganizationSharingLinkMaxExpirationInDays", 5),
        ("s", "OrganizationSharingLinkMaxExpirationInDays", 721),
        ("tenant", "RequireAnonymousLinksExpireInDays", 731),
        ("s", "AnonymousLinkExpirationInDays", 731),
    ] {
        let begins = format!("{place} {name}={days}: must be a number of days");
        rejected(&World::new(), &[set(place, name, n(days))], &begins);
    }
}

#[test]
fn row_88_no_more_is_suggested_than_allowed() {
    let anyone = "CoreAnyoneSharingLinkRecommendedExpirationInDays";
    for most in [
        "CoreAnyoneSharingLinkMaxExpirationInDays",
        "RequireAnonymousLinksExpireInDays",
    ] {
        let world = World::new().with("tenant", most, n(30));
        let begins = format!("tenant {anyone}=60: must not be above `{most}`, which is 30");
        rejected(&world, &[set("tenant", anyone, n(60))], &begins);
        world.taken(&[set("tenant", anyone, n(30))]);
        world.taken(&[set("tenant", anyone, n(0))]);
    }
    // Where there is no limit, everything may be suggested; lowering the limit later is refused likewise.
    let world = World::new().with("tenant", anyone, n(60));
    rejected(
        &world,
        &[set("tenant", "RequireAnonymousLinksExpireInDays", n(59))],
        "tenant CoreAnyoneSharingLinkRecommendedExpirationInDays=60",
    );
    for (place, most, suggested) in [
        (
            "tenant",
            "OneDriveAnyoneSharingLinkMaxExpirationInDays",
            "OneDriveAnyoneSharingLinkRecommendedExpirationInDays",
        ),
        (
            "tenant",
            "CoreOrganizationSharingLinkMaxExpirationInDays",
            "CoreOrganizationSharingLinkRecommendedExpirationInDays",
        ),
        (
            "tenant",
            "OneDriveOrganizationSharingLinkMaxExpirationInDays",
            "OneDriveOrganizationSharingLinkRecommendedExpirationInDays",
        ),
        (
            "s",
            "OrganizationSharingLinkMaxExpirationInDays",
            "OrganizationSharingLinkRecommendedExpirationInDays",
        ),
    ] {
        let world = World::new().with(place, most, n(30));
        let begins = format!("{place} {suggested}=60: must not be above `{most}`, which is 30");
        rejected(&world, &[set(place, suggested, n(60))], &begins);
        world.taken(&[set(place, suggested, n(7))]);
    }
}

#[test]
fn row_96_where_anyone_links_are_off_an_organisation_link_is_the_default() {
    let world = World::new().with("s", "SharingCapability", w("ExternalUserSharingOnly"));
    assert_eq!(
        world.shown("s", "DefaultSharingLinkType"),
        "Internal (site)"
    );
    let world = world.with("s", "DisableCompanyWideSharingLinks", w("Disabled"));
    assert_eq!(world.shown("s", "DefaultSharingLinkType"), "Direct (site)");
}

#[test]
fn row_97_no_default_is_the_widest_that_is_allowed() {
    let world = World::new().with("tenant", "DefaultSharingLinkType", w("None"));
    for place in ["tenant", "s"] {
        let shown = world.shown(place, "DefaultSharingLinkType");
        assert_eq!(shown, "AnonymousAccess (tenant)", "{place}");
    }
    let world = world.with("tenant", "SharingCapability", w("ExternalUserSharingOnly"));
    for place in ["tenant", "s"] {
        let shown = world.shown(place, "DefaultSharingLinkType");
        assert_eq!(shown, "Internal (tenant)", "{place}");
    }
}

const INTEGRATION: &str = "EnableAzureADB2BIntegration";

#[test]
fn row_111_the_integration_needs_passcodes() {
    let otp = "allowExternalIdToUseEmailOtp";
    let world = World::new()
        .profile(Profile::IntegrationOptIn)
        .with("directory", otp, F);
    let begins = "tenant EnableAzureADB2BIntegration=true: needs the directory's passcodes by mail";
    rejected(&world, &[set("tenant", INTEGRATION, T)], begins);
    world.taken(&[set("tenant", INTEGRATION, T), set("directory", otp, T)]);
    // Nor are they switched off under it.
    let world = world
        .with("directory", otp, T)
        .with("tenant", INTEGRATION, T);
    rejected(&world, &[set("directory", otp, F)], begins);
    // Later generations do not ask for them.
    for profile in [Profile::IntegrationDefault, Profile::ReshareRequired] {
        let world = World::new().profile(profile).with("directory", otp, F);
        world.taken(&[set("tenant", INTEGRATION, T)]);
    }
}

#[test]
fn row_112_the_integration_is_refused_where_it_is_unsupported() {
    for cloud in ["china-21vianet", "gcc-high", "dod"] {
        let world = World::new().profile(Profile::IntegrationOptIn).cloud(cloud);
        let change = set("tenant", INTEGRATION, T);
        let begins = format!(
            "tenant EnableAzureADB2BIntegration=true: is not supported in the cloud `{cloud}`"
        );
        rejected(&world, std::slice::from_ref(&change), &begins);
        let told = world.told(&[set("tenant", "acknowledge_unsupported", T), change.clone()]);
        assert_eq!(
            told,
            [format!(
                "warning tenant EnableAzureADB2BIntegration is not supported in the cloud `{cloud}`: nothing is shared \
                 with people outside the environment"
            )]
        );
        let world = World::new()
            .profile(Profile::IntegrationDefault)
            .cloud(cloud);
        assert!(world.told(&[change]).is_empty());
    }
    // A cloud that nobody knows supports nothing.
    let world = World::new()
        .profile(Profile::IntegrationOptIn)
        .cloud("atlantis");
    let begins =
        "tenant EnableAzureADB2BIntegration=true: is not supported in the cloud `atlantis`";
    rejected(&world, &[set("tenant", INTEGRATION, T)], begins);
    // Where it is supported there is nothing to acknowledge, and nothing to warn of.
    let world = World::new().profile(Profile::IntegrationOptIn);
    let both = [
        set("tenant", "acknowledge_unsupported", T),
        set("tenant", INTEGRATION, T),
    ];
    assert!(world.told(&both[1..]).is_empty());
    assert!(world.told(&both).is_empty());
}

#[test]
fn rows_131_to_133_an_endpoint_belongs_to_its_domain() {
    let add = |endpoint, text| Change::AddFederation(federation("fabrikam.com", endpoint, text));
    let foreign = "https://fabrikamconglomerate.com/adfs";
    rejected(
        &World::new(),
        &[add(foreign, None)],
        "directory passiveSignInUri=https://fabrikamconglomerate.com/adfs: must be at a domain of the federation",
    );
    let (after, _) = World::new().taken(&[add(foreign, Some(foreign))]);
    assert_eq!(after.tenant.directory.federations.len(), 1);
    rejected(
        &World::new(),
        &[add("http://fabrikam.com/adfs", None)],
        "directory passiveSignInUri=http://fabrikam.com/adfs: must begin with `https://`",
    );
    World::new().taken(&[add("https://sts.fabrikam.com/adfs", None)]);
}

#[test]
fn row_145_one_fallback_stays() {
    let fallback = set(
        "directory",
        "fallbackIdentityProvider",
        w("emailOneTimePasscode"),
    );
    let off = set("directory", "allowExternalIdToUseEmailOtp", w("disabled"));
    let begins = "directory fallbackIdentityProvider=emailOneTimePasscode: needs passcodes by mail";
    rejected(&World::new(), &[fallback.clone(), off.clone()], begins);
    World::new().taken(std::slice::from_ref(&fallback));
    // Without Microsoft accounts, passcodes have to be there.
    let kind = crate::id::ProviderKind::parse("microsoft-account").unwrap();
    let given_up = Change::GiveUpProvider(kind);
    World::new().taken(&[given_up.clone(), fallback]);
    World::new().taken(std::slice::from_ref(&given_up));
    let begins = "directory identityProviders=microsoft-account: leaves nothing to fall back to";
    rejected(&World::new(), &[given_up.clone(), off.clone()], begins);
    let only = set(
        "directory",
        "fallbackIdentityProvider",
        w("microsoftAccount"),
    );
    rejected(&World::new(), &[given_up, only], begins);
    let account = set(
        "directory",
        "fallbackIdentityProvider",
        w("microsoftAccount"),
    );
    World::new().taken(&[account, off]);
}

#[test]
fn row_173_guests_expire_after_a_month_to_two_years() {
    for days in [29, 731] {
        let begins =
            format!("tenant ExternalUserExpireInDays={days}: must be a number from 30 to 730");
        let change = set("tenant", "ExternalUserExpireInDays", n(days));
        rejected(&World::new(), &[change], &begins);
    }
}

#[test]
fn row_179_ranges_do_not_overlap() {
    let ranges = w("192.0.2.0/24,192.0.2.128/25");
    let begins = "tenant IPAddressAllowList=192.0.2.0/24,192.0.2.128/25: `192.0.2.0/24` and `192.0.2.128/25` overlap";
    rejected(
        &World::new(),
        &[set("tenant", "IPAddressAllowList", ranges)],
        begins,
    );
}

#[test]
fn row_184_a_site_is_at_least_as_strict_about_devices() {
    let name = "ConditionalAccessPolicy";
    let world = World::new().with("tenant", name, w("AllowLimitedAccess"));
    rejected(
        &world,
        &[set("s", name, w("AllowFullAccess"))],
        "s ConditionalAccessPolicy=AllowFullAccess: must be at least as strict as the tenant's, which is `AllowLimitedAccess`",
    );
    world.taken(&[set("s", name, w("AllowLimitedAccess"))]);
    world.taken(&[set("s", name, w("BlockAccess"))]);
    world.taken(&[
        set("s", name, w("AuthenticationContext")),
        set("s", "AuthenticationContextName", w("c1")),
    ]);
    // The tenant does not become stricter over a site's head.
    let world = World::new().with("s", name, w("AllowFullAccess"));
    let begins = "s ConditionalAccessPolicy=AllowFullAccess: must be at least as strict";
    rejected(&world, &[set("tenant", name, w("BlockAccess"))], begins);
}

#[test]
fn row_200_the_root_site_is_not_locked() {
    for (name, value) in [
        ("LockState", "ReadOnly"),
        ("LockState", "NoAccess"),
        ("ConditionalAccessPolicy", "AuthenticationContext"),
    ] {
        let context = set("root", "AuthenticationContextName", w("c1"));
        let begins = format!("root {name}={value}: cannot be set on the root site");
        rejected(
            &World::new(),
            &[set("root", name, w(value)), context],
            &begins,
        );
    }
    World::new().taken(&[set("root", "LockState", w("Unlock"))]);
    World::new().taken(&[set("root", "ConditionalAccessPolicy", w("BlockAccess"))]);
    World::new().taken(&[set("s", "LockState", w("NoAccess"))]);
    // The template says so as well.
    let mut world = World::new();
    world
        .settings
        .sites
        .get_mut(&site_id("s"))
        .unwrap()
        .template = Template::RootCommunication;
    rejected(
        &world,
        &[set("s", "LockState", w("NoAccess"))],
        "s LockState=NoAccess",
    );
}
