//! Rules that no row shows, and how changes are refused.

use super::world::{F, T, World, clear, federation, n, reason, set, site_id, w};
use crate::policy::Verdict;
use crate::policy::configure::{Change, Configured, validate};
use crate::settings::Profile;
use crate::settings::directory::Federation;
use crate::testing;

#[test]
fn everything_that_is_wrong_is_told_at_once_and_nothing_is_done() {
    let why = World::new().rejected(&[
        set("tenant", "ShowEveryoneClaim", T),
        set("tenant", "Nonsense", T),
        set("s", "SensitivityLabel", w("secret")),
        set("tenant", "SharingCapability", w("Sometimes")),
        set("root", "LockState", w("NoAccess")),
        set("directory", "allowInvitesFrom", w("everyone")),
        set("directory", "GuestsCanInvite", F),
    ]);
    let keys: Vec<_> = why
        .iter()
        .map(|line| line.split('=').next().unwrap())
        .collect();
    assert_eq!(
        keys,
        [
            "tenant Nonsense",
            "s SensitivityLabel",
            "tenant SharingCapability",
            "root LockState",
            "directory GuestsCanInvite"
        ]
    );
    assert!(
        why[1].contains("cannot be enforced here: what a label says"),
        "{}",
        why[1]
    );
}

#[test]
fn unknown_names_are_told_where_they_belong() {
    for (change, want) in [
        (
            set("tenant", "LockState", w("NoAccess")),
            "tenant LockState=NoAccess: is a setting of a site, not of the tenant",
        ),
        (
            set("s", "allowInvitesFrom", w("none")),
            "s allowInvitesFrom=none: is a setting of the directory, not of a site",
        ),
        (
            set("directory", "ShowEveryoneClaim", T),
            "directory ShowEveryoneClaim=true: is a setting of the tenant, not of the directory",
        ),
        (
            set("s", "profile", w("x")),
            "s profile=x: is no setting of a site",
        ),
        (
            set("elsewhere", "LockState", w("NoAccess")),
            "elsewhere LockState=NoAccess: is for the site `elsewhere`, which does not exist",
        ),
        (
            clear("tenant", "Nonsense"),
            "tenant Nonsense=: is no setting of the tenant",
        ),
    ] {
        assert_eq!(World::new().rejected(&[change]), [want]);
    }
    let shown = World::new().configure(&[], &[("elsewhere", "LockState")]);
    assert!(matches!(shown, Configured::Reject(_)), "{shown:#?}");
}

#[test]
fn a_setting_is_changed_once() {
    let name = "ShowEveryoneClaim";
    let why = World::new().rejected(&[set("tenant", name, T), set("tenant", name, T)]);
    assert_eq!(why.len(), 1);
    assert!(why[0].contains("is changed twice"), "{}", why[0]);
    // It is not said as well what is wrong with the second.
    let why = World::new().rejected(&[set("tenant", name, T), set("tenant", name, w("x"))]);
    assert_eq!(why.len(), 1, "{why:#?}");
    let name = "SharingDomainRestrictionMode";
    World::new().taken(&[
        set("tenant", name, w("BlockList")),
        set("s", name, w("BlockList")),
    ]);
}

#[test]
fn what_is_cleared_has_its_default_again() {
    let world = World::new().with("tenant", "SharingCapability", w("Disabled"));
    let (after, _) = world.taken(&[clear("tenant", "SharingCapability")]);
    assert_eq!(after.tenant.sharing, Default::default());
    let world = World::new().profile(Profile::ReshareRequired);
    let (after, _) = world.taken(&[clear("tenant", "profile")]);
    assert_eq!(after.tenant.profile, Profile::IntegrationOptIn);
}

#[test]
fn the_gateways_own_settings_of_a_tenant_are_changed_like_the_others() {
    let (after, _) = World::new().taken(&[
        set("tenant", "profile", w("integration-mandatory")),
        set("tenant", "environment_boundary", w("instance")),
        set("tenant", "acknowledge_unsupported", T),
    ]);
    assert_eq!(after.tenant.profile, Profile::IntegrationMandatory);
    assert!(after.tenant.acknowledge_unsupported);
    assert_eq!(
        after.tenant.boundary,
        crate::cloud::EnvironmentBoundary::Instance
    );
    for bad in [
        set("tenant", "profile", w("P2")),
        set("tenant", "environment_boundary", w("wide")),
        set("tenant", "acknowledge_unsupported", w("yes")),
    ] {
        assert_eq!(World::new().rejected(&[bad]).len(), 1);
    }
}

#[test]
fn onedrive_is_not_looser_than_the_sites_are() {
    let world = World::new().with(
        "tenant",
        "OneDriveSharingCapability",
        w("ExternalUserSharingOnly"),
    );
    for name in ["SharingCapability", "CoreSharingCapability"] {
        let why = world.rejected(&[set("tenant", name, w("Disabled"))]);
        let want = format!(
            "tenant OneDriveSharingCapability=ExternalUserSharingOnly: must not be looser than `{name}`, which is `Disabled`"
        );
        assert_eq!(why, [want]);
        world.taken(&[set("tenant", name, w("ExternalUserSharingOnly"))]);
    }
}

#[test]
fn a_sites_allow_list_is_a_part_of_the_tenants() {
    let (mode, list) = ("SharingDomainRestrictionMode", "SharingAllowedDomainList");
    let world = World::new()
        .with("tenant", mode, w("AllowList"))
        .with("tenant", list, w("a.com b.com"))
        .with("s", mode, w("AllowList"));
    world.taken(&[set("s", list, w("a.com"))]);
    world.taken(&[set("s", list, w("a.com b.com"))]);
    let want =
        "s SharingAllowedDomainList=c.com: must be on the tenant's `SharingAllowedDomainList`";
    let why = world.rejected(&[set("s", list, w("a.com c.com"))]);
    assert!(why[0].starts_with(want), "{why:#?}");
    // A subdomain is another domain.
    assert_eq!(world.rejected(&[set("s", list, w("x.a.com"))]).len(), 1);
    // Nor does the tenant's become shorter than the site's.
    let world = world.with("s", list, w("a.com b.com"));
    assert_eq!(world.rejected(&[set("tenant", list, w("a.com"))]).len(), 1);
    // Only lists that count are compared.
    world.taken(&[
        set("tenant", list, w("a.com")),
        set("s", mode, w("BlockList")),
    ]);
    world.taken(&[
        set("tenant", list, w("a.com")),
        set("tenant", mode, w("BlockList")),
    ]);
}

#[test]
fn an_authentication_context_has_a_name() {
    let policy = set("s", "ConditionalAccessPolicy", w("AuthenticationContext"));
    let name = |name| set("s", "AuthenticationContextName", w(name));
    for given in [vec![], vec![name("")], vec![name("  ")]] {
        let mut changes = given;
        changes.push(policy.clone());
        let why = World::new().rejected(&changes);
        assert!(
            why[0].contains("needs `AuthenticationContextName`"),
            "{why:#?}"
        );
    }
    World::new().taken(&[policy, name("c1")]);
}

#[test]
fn people_are_warned_before_they_are_signed_out() {
    let warn = |seconds| set("tenant", "WarnAfter", n(seconds));
    let end = |seconds| set("tenant", "SignOutAfter", n(seconds));
    World::new().taken(&[warn(2_700), end(3_600)]);
    World::new().taken(&[end(86_400)]);
    let why = World::new().rejected(&[warn(2_700)]);
    assert_eq!(
        why,
        ["tenant WarnAfter=2700: needs `SignOutAfter` beside it"]
    );
    for same_or_less in [2_700, 60] {
        let why = World::new().rejected(&[warn(2_700), end(same_or_less)]);
        assert!(
            why[0].contains("must be above `WarnAfter`, which is 2700"),
            "{why:#?}"
        );
    }
}

#[test]
fn older_names_do_not_stand_beside_the_new_one() {
    let new = set("directory", "allowInvitesFrom", w("everyone"));
    for name in [
        "AdminsAndGuestInvitersCanInvite",
        "MembersCanInvite",
        "GuestsCanInvite",
    ] {
        let older = set("directory", name, T);
        let why = World::new().rejected(&[new.clone(), older.clone()]);
        let want = format!(
            "directory {name}=true: is the older name of `allowInvitesFrom`, which is set: remove one of them"
        );
        assert_eq!(why, [want]);
        World::new().taken(&[older]);
    }
    let both = [
        set("directory", "MembersCanInvite", T),
        set("directory", "GuestsCanInvite", F),
    ];
    World::new().taken(&both);
}

#[test]
fn a_federation_has_an_issuer_and_domains_of_its_own() {
    let good = federation("fabrikam.com", "https://fabrikam.com/adfs", None);
    let with = |change: fn(&mut Federation)| {
        let mut federation = federation("contoso.com", "https://contoso.com/adfs", None);
        change(&mut federation);
        let both = [
            Change::AddFederation(good.clone()),
            Change::AddFederation(federation),
        ];
        World::new().configure(&both, &[])
    };
    assert!(matches!(with(|_| {}), Configured::Set { .. }));
    let refused = |change, want: &str| {
        let Configured::Reject(why) = with(change) else {
            panic!("taken, not: {want}");
        };
        assert!(reason(&why[0]).starts_with(want), "{why:#?}");
    };
    refused(
        |one| one.issuer = "https://fabrikam.com/trust".to_owned(),
        "directory issuerUri=https://fabrikam.com/trust: is the issuer of another",
    );
    refused(
        |one| one.issuer = " ".to_owned(),
        "directory issuerUri= : must not be empty",
    );
    refused(
        |one| one.domains.clear(),
        "directory domains=https://contoso.com/trust: must name a domain",
    );
    refused(
        |one| one.domains.extend(testing::domains(&["fabrikam.com"])),
        "directory domains=fabrikam.com: is the domain of the federation `https://fabrikam.com/trust` already",
    );
    refused(
        |one| one.endpoint = "https://".to_owned(),
        "directory passiveSignInUri=https://: must be a URL",
    );
}

#[test]
fn where_a_cloud_has_no_passcodes_acknowledging_is_enough() {
    let mut clouds = testing::clouds();
    let cloud = clouds.0.get_mut(&testing::cloud("china-21vianet")).unwrap();
    cloud
        .identity_providers
        .retain(|kind| kind.as_str() == "saml");
    let mut world = World::new()
        .profile(Profile::IntegrationOptIn)
        .cloud("china-21vianet")
        .with("tenant", "EnableAzureADB2BIntegration", T);
    assert_eq!(validate(&world.settings, &clouds).len(), 1);
    world.settings.tenant.acknowledge_unsupported = true;
    assert_eq!(validate(&world.settings, &clouds), []);
    // Where there are passcodes, they are needed however much is acknowledged.
    let mut world = world
        .cloud("gcc-high")
        .with("directory", "allowExternalIdToUseEmailOtp", F);
    assert_eq!(validate(&world.settings, &clouds).len(), 1);
    world.settings.tenant.acknowledge_unsupported = false;
    assert_eq!(validate(&world.settings, &clouds).len(), 2);
}

#[test]
fn a_thousand_federations_are_enough() {
    let add = |number| {
        let domain = format!("d{number}.com");
        let endpoint = format!("https://{domain}/adfs");
        Change::AddFederation(federation(&domain, &endpoint, None))
    };
    let mut changes: Vec<_> = (0..1_000).map(add).collect();
    World::new().taken(&changes);
    changes.push(add(1_000));
    let why = World::new().rejected(&changes);
    assert_eq!(
        why,
        ["directory federations=1001: are too many: at most 1000 are supported"]
    );
}

#[test]
fn settings_as_they_are_loaded_are_judged_by_the_same_rules() {
    let clouds = testing::clouds();
    assert!(validate(&World::new().settings, &clouds).is_empty());
    let world = World::new()
        .with("directory", "AllowedDomains", w("a.com"))
        .with("directory", "BlockedDomains", w("b.com"))
        .with("root", "LockState", w("ReadOnly"));
    let keys: Vec<_> = validate(&world.settings, &clouds)
        .into_iter()
        .map(|one| one.key)
        .collect();
    assert_eq!(keys, ["LockState", "BlockedDomains"]);
}

#[test]
fn every_rule_is_in_the_trace_and_one_of_them_decided() {
    let trace = World::new().trace(&[set("root", "LockState", w("NoAccess"))]);
    assert_eq!(trace.decided, Some(("configure", "root-site")));
    let rules: Vec<_> = trace.entries.iter().map(|entry| entry.rule).collect();
    assert_eq!(
        rules,
        [
            "setting",
            "standing",
            "value",
            "onedrive-level",
            "site-domains",
            "suggested-life",
            "device-policy",
            "root-site",
            "idle-sign-out",
            "integration",
            "invite-names",
            "one-list",
            "fallback",
            "federation"
        ]
    );
    assert!(trace.entries.iter().all(|entry| entry.path == "configure"));
    assert_eq!(trace.decider().unwrap().verdict, Verdict::Reject);
    let trace = World::new().trace(&[set("tenant", "SharingCapability", w("Disabled"))]);
    assert_eq!(trace.decided, Some(("configure", "ceilings")));
    let entry = trace.decider().unwrap();
    let basis = (entry.basis.setting, entry.basis.value.to_string());
    assert_eq!(basis, ("SharingCapability", "Disabled".to_owned()));
    assert_eq!(trace.entries.len(), 13 + 1 + 5);
    let trace = World::new().trace(&[set("tenant", "Nonsense", T)]);
    assert_eq!(trace.decided, Some(("configure", "setting")));
    let trace = World::new().trace(&[set("tenant", "ShowEveryoneClaim", w("x"))]);
    assert_eq!(trace.decided, Some(("configure", "value")));
    let trace = World::new().trace(&[set("s", "SensitivityLabel", w("x"))]);
    assert_eq!(trace.decided, Some(("configure", "standing")));
    let trace = World::new().trace(&[set("tenant", "ShowEveryoneClaim", T)]);
    assert_eq!(trace.decided, Some(("configure", "effective")));
    assert!(World::new().settings.sites.contains_key(&site_id("root")));
}
