use crate::settings::value::Raw;
use crate::settings::{DirectoryPolicy, SiteSharing, TenantSharing};

fn tenant(name: &str, raw: &Raw) -> Result<(), String> {
    let taken = TenantSharing::default().set(name, raw);
    taken.map_err(|error| error.to_string())
}

fn site(name: &str, raw: &Raw) -> Result<(), String> {
    let taken = SiteSharing::default().set(name, raw);
    taken.map_err(|error| error.to_string())
}

fn directory(name: &str, raw: &Raw) -> Result<(), String> {
    let taken = DirectoryPolicy::default().set(name, raw);
    taken.map_err(|error| error.to_string())
}

fn list(count: usize, one: impl Fn(usize) -> String) -> Raw {
    Raw::List((0..count).map(|number| Raw::Text(one(number))).collect())
}

#[test]
fn numbers_keep_to_their_documented_range() {
    // Name, the least, the greatest, whether 0 stands for none.
    let of_tenant = [
        ("RequireAnonymousLinksExpireInDays", 1, 730, true),
        ("CoreAnyoneSharingLinkMaxExpirationInDays", 1, 730, true),
        ("OneDriveAnyoneSharingLinkMaxExpirationInDays", 1, 730, true),
        (
            "CoreAnyoneSharingLinkRecommendedExpirationInDays",
            1,
            730,
            true,
        ),
        (
            "OneDriveAnyoneSharingLinkRecommendedExpirationInDays",
            1,
            730,
            true,
        ),
        (
            "CoreOrganizationSharingLinkMaxExpirationInDays",
            7,
            720,
            true,
        ),
        (
            "OneDriveOrganizationSharingLinkMaxExpirationInDays",
            7,
            720,
            true,
        ),
        (
            "CoreOrganizationSharingLinkRecommendedExpirationInDays",
            7,
            720,
            true,
        ),
        (
            "OneDriveOrganizationSharingLinkRecommendedExpirationInDays",
            7,
            720,
            true,
        ),
        ("CoreRequestFilesLinkExpirationInDays", 1, 730, true),
        ("OneDriveRequestFilesLinkExpirationInDays", 1, 730, true),
        ("ExternalUserExpireInDays", 30, 730, false),
        ("EmailAttestationReAuthDays", 1, 365, false),
        ("ReduceTempTokenLifetimeValue", 5, 15, false),
        ("SignOutAfter", 1, 31_536_000, false),
    ];
    let of_site = [
        ("AnonymousLinkExpirationInDays", 1, 730, true),
        ("ExternalUserExpirationInDays", 1, 730, true),
        ("OrganizationSharingLinkMaxExpirationInDays", 7, 720, true),
        (
            "OrganizationSharingLinkRecommendedExpirationInDays",
            7,
            720,
            true,
        ),
        ("RequestFilesLinkExpirationInDays", 1, 730, true),
    ];
    type Set = fn(&str, &Raw) -> Result<(), String>;
    let all = of_tenant
        .map(|row| (tenant as Set, row))
        .into_iter()
        .chain(of_site.map(|row| (site as Set, row)));
    for (set, (name, least, most, zero)) in all {
        for good in [least, most] {
            assert_eq!(set(name, &Raw::Number(good)), Ok(()), "{name} {good}");
        }
        assert_eq!(set(name, &Raw::Number(0)).is_ok(), zero, "{name} 0");
        for bad in [
            least - 1,
            most + 1,
            -1,
            i64::MIN,
            i64::MAX,
            65_536 + least,
            (1 << 32) + least,
        ] {
            if bad != 0 && (bad < least || bad > most) {
                let why = set(name, &Raw::Number(bad)).unwrap_err();
                assert!(why.contains(&most.to_string()), "{name} {bad}: {why}");
            }
        }
    }
}

#[test]
fn lists_of_domains_end_at_their_documented_length() {
    let domain = |number| format!("d{number}.example");
    for name in ["SharingAllowedDomainList", "SharingBlockedDomainList"] {
        assert_eq!(tenant(name, &list(5_000, domain)), Ok(()));
        let why = "has 5001 domains: at most 5000 are supported";
        assert_eq!(tenant(name, &list(5_001, domain)), Err(why.to_owned()));
        assert_eq!(site(name, &list(500, domain)), Ok(()));
        let why = "has 501 domains: at most 500 are supported";
        assert_eq!(site(name, &list(501, domain)), Err(why.to_owned()));
    }
}

#[test]
fn the_directorys_list_is_measured_in_characters() {
    // 1,000 domains of 25 characters.
    let domain = |number| format!("d{number:016}.example");
    for name in ["AllowedDomains", "BlockedDomains"] {
        assert_eq!(directory(name, &list(1_000, domain)), Ok(()));
        let longer = |number| match number {
            0 => format!("x{}", domain(0)),
            _ => domain(number),
        };
        let why = "has 25001 characters: at most 25000 are supported";
        assert_eq!(directory(name, &list(1_000, longer)), Err(why.to_owned()));
        // They count as they are compared: an international name is longer than it looks.
        let foreign = Raw::text(&format!("{}ü.example", "x".repeat(50)));
        assert_eq!(directory(name, &foreign), Ok(()));
        // Many short ones are as good as few long ones.
        let short = |number| format!("{number:04}.io");
        assert_eq!(directory(name, &list(3_000, short)), Ok(()));
    }
}

#[test]
fn groups_end_at_their_documented_number() {
    let group = |number| format!("g{number}");
    for name in [
        "WhoCanShareAnonymousAllowList",
        "WhoCanShareAuthenticatedGuestAllowList",
    ] {
        assert_eq!(tenant(name, &list(12, group)), Ok(()));
        let why = "has 13 groups: at most 12 are supported";
        assert_eq!(tenant(name, &list(13, group)), Err(why.to_owned()));
    }
    let why = "has 11 groups: at most 10 are supported";
    let name = "OneDriveRestrictedAccessGroups";
    assert_eq!(tenant(name, &list(10, group)), Ok(()));
    assert_eq!(tenant(name, &list(11, group)), Err(why.to_owned()));
    let name = "RestrictedAccessControlGroups";
    assert_eq!(site(name, &list(10, group)), Ok(()));
    assert_eq!(site(name, &list(11, group)), Err(why.to_owned()));
}

#[test]
fn domains_are_exact_names_without_wildcards() {
    let name = "SharingBlockedDomainList";
    for bad in [
        "*.contoso.com",
        "*",
        "contoso.*",
        "contoso",
        "contoso..com",
        ".com",
        "a@b.com",
        "a/b.com",
    ] {
        let why = tenant(name, &Raw::List(vec![Raw::text(bad)])).unwrap_err();
        assert!(why.contains(bad), "{bad}: {why}");
        assert!(
            directory("BlockedDomains", &Raw::text(bad)).is_err(),
            "{bad}"
        );
    }
    let why = tenant(name, &Raw::text("a.com *.contoso.com")).unwrap_err();
    assert_eq!(why, "`*.contoso.com` holds a wildcard: list each domain");
}

#[test]
fn international_domains_become_their_ascii_form() {
    let mut sharing = TenantSharing::default();
    let name = "SharingBlockedDomainList";
    let written = Raw::text("bücher.example BÜCHER.example xn--bcher-kva.example Contoso.COM");
    sharing.set(name, &written).unwrap();
    let ascii = ["contoso.com", "xn--bcher-kva.example"].map(Raw::text);
    assert_eq!(sharing.get(name), Some(Raw::List(ascii.to_vec())));
}

#[test]
fn texts_are_lists_with_the_cmdlets_separators() {
    let mut sharing = TenantSharing::default();
    let name = "SharingAllowedDomainList";
    sharing
        .set(name, &Raw::text(" a.com\tb.com\n c.com "))
        .unwrap();
    assert_eq!(sharing.allowed_domains.0.len(), 3);
    // Domains are separated by spaces: a comma belongs to the name, and no name has one.
    assert!(sharing.set(name, &Raw::text("a.com,b.com")).is_err());
    assert_eq!(sharing.allowed_domains.0.len(), 3);
    let name = "WhoCanShareAnonymousAllowList";
    sharing.set(name, &Raw::text("g1,g2 g3")).unwrap();
    assert_eq!(sharing.anonymous_sharers.0.len(), 3);
    let name = "IPAddressAllowList";
    sharing
        .set(name, &Raw::text("192.0.2.1,2001:db8::/32"))
        .unwrap();
    assert_eq!(sharing.ip_ranges.iter().count(), 2);
    let name = "BccExternalSharingInvitationsList";
    sharing.set(name, &Raw::text("a@x.com,b@x.com")).unwrap();
    assert_eq!(sharing.bcc_list.unwrap().len(), 2);
}

#[test]
fn ranges_that_overlap_are_refused() {
    let why = tenant("IPAddressAllowList", &Raw::text("192.0.2.0/24,192.0.2.7")).unwrap_err();
    assert!(
        why.contains("192.0.2.0/24") && why.contains("192.0.2.7"),
        "{why}"
    );
    assert!(why.contains("overlap"), "{why}");
}

#[test]
fn unknown_words_are_told_the_known_ones() {
    for (set, name, known) in [
        (
            tenant as fn(&str, &Raw) -> Result<(), String>,
            "SharingCapability",
            "Disabled, ExistingExternalUserSharingOnly, ExternalUserSharingOnly, ExternalUserAndGuestSharing",
        ),
        (
            tenant,
            "SharingDomainRestrictionMode",
            "None, AllowList, BlockList",
        ),
        // A site may leave the permission to its tenant; the tenant has nobody to leave it to.
        (tenant, "DefaultLinkPermission", "View, Edit"),
        (site, "DefaultLinkPermission", "None, View, Edit"),
        (
            tenant,
            "ConditionalAccessPolicy",
            "BlockAccess, AllowLimitedAccess, AllowFullAccess",
        ),
        (
            site,
            "ConditionalAccessPolicy",
            "AuthenticationContext, BlockAccess, AllowLimitedAccess, AllowFullAccess",
        ),
        (
            directory,
            "allowExternalIdToUseEmailOtp",
            "default, enabled, disabled",
        ),
    ] {
        // Graph numbers words; the numbers are not in order of permissiveness, and are not taken.
        for bad in [
            Raw::text("Anything"),
            Raw::text("disabled "),
            Raw::Number(0),
            Raw::Number(3),
        ] {
            assert_eq!(
                set(name, &bad),
                Err(format!("must be one of {known}")),
                "{name}"
            );
        }
    }
    assert!(tenant("DefaultLinkPermission", &Raw::text("None")).is_err());
    assert!(tenant("SharingCapability", &Raw::text("disabled")).is_err());
}

#[test]
fn passcodes_are_switched_by_word_or_flag() {
    let mut policy = DirectoryPolicy::default();
    let name = "allowExternalIdToUseEmailOtp";
    for (raw, word) in [
        (Raw::Flag(true), "enabled"),
        (Raw::Flag(false), "disabled"),
        (Raw::text("default"), "default"),
    ] {
        policy.set(name, &raw).unwrap();
        assert_eq!(policy.email_otp.name(), word);
    }
    // No other word is a flag.
    assert!(tenant("ODBMembersCanShare", &Raw::Flag(true)).is_err());
}

#[test]
fn the_order_of_providers_may_be_short_or_empty_but_not_double() {
    let name = "primaryIdentityProviderPrecedenceOrder";
    let order = |names: &[&str]| Raw::List(names.iter().map(|name| Raw::text(name)).collect());
    assert!(directory(name, &order(&[])).is_ok());
    assert!(
        directory(
            name,
            &order(&["externalFederation", "azureActiveDirectory"])
        )
        .is_ok()
    );
    let twice = order(&["externalFederation", "externalFederation"]);
    assert_eq!(
        directory(name, &twice),
        Err("names externalFederation twice".to_owned())
    );
    assert!(directory(name, &order(&["facebook"])).is_err());
}

#[test]
fn texts_have_a_greatest_length() {
    let name = "NoAccessRedirectUrl";
    assert_eq!(tenant(name, &Raw::Text("x".repeat(2_048))), Ok(()));
    assert!(tenant(name, &Raw::Text("x".repeat(2_049))).is_err());
}
