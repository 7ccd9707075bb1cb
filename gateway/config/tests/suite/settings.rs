//! Settings that are read by their tables, and what comes of them.

use gateway_core::address::EmailAddress;
use gateway_core::id::{GroupId, SiteId};
use gateway_core::person::InvitationManager;
use gateway_core::settings::directory::{GrantControl, Risk};
use gateway_core::settings::words::{EmailOtp, LockState};
use gateway_core::settings::{Channel, Partition, SharingCapability, Template};
use gateway_core::sharing::{LinkScope, LinkType, Recipient};

use crate::support::{PROVIDER, TENANT, World};

const HASH: &str = "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa";

/// What stands in `[sharing]` beside the level begins in line 7.
fn sharing(more: &str) -> World {
    let text = TENANT.replace("\n\n[sites", &format!("\n{more}\n[sites"));
    World::new().file("own/tenants/contoso.toml", &text)
}

fn tenant(world: &World) -> gateway_config::model::Tenant {
    let configuration = world.loaded().configuration;
    configuration.tenants.into_values().next().unwrap()
}

fn site(world: &World) -> gateway_core::settings::SiteSettings {
    let site = tenant(world).sites.into_values().next().unwrap();
    site.settings
}

#[test]
fn a_setting_that_does_nothing_here_is_taken_with_a_warning() {
    sharing("BccExternalSharingInvitations = true\n").warned(&[
        "own/tenants/contoso.toml:7:1: warning: sharing.BccExternalSharingInvitations: does nothing here: this gateway sends no mail about sharing",
    ]);
    World::new()
        .tenant("[directory]\nguestUserRoleId = \"10dae51f-b6af-4016-8d66-8c2a99b929b3\"\n")
        .warned(&["own/tenants/contoso.toml:13:1: warning: directory.guestUserRoleId: does nothing here: guests see nothing of the directory here"]);
}

#[test]
fn a_setting_that_cannot_be_kept_is_refused() {
    sharing("BlockUserInfoVisibility = \"ApplyToAllUsers\"\n").refused(&[
        "own/tenants/contoso.toml:7:1: sharing.BlockUserInfoVisibility: cannot be enforced here: it was never rolled out; use `BlockUserInfoVisibilityInSharePoint` and `…InOneDrive`",
    ]);
    World::new().tenant("SensitivityLabel = \"x\"\n").refused(&[
        "own/tenants/contoso.toml:12:1: sites.projects.SensitivityLabel: cannot be enforced here: what a label says about sharing is not visible here; set `SharingCapability` and `ConditionalAccessPolicy`",
    ]);
}

#[test]
fn values_are_judged_at_their_keys() {
    sharing(
        "RequireAnonymousLinksExpireInDays = 731\nCoreOrganizationSharingLinkMaxExpirationInDays = 3\nIPAddressAllowList = [\"192.0.2.0/24\", \"x\"]\nFileAnonymousLinkType = \"Veiw\"\nPreventExternalUsersFromResharing = 1\nSharingAlowedDomainList = []\nNonsense = 1\n",
    )
    .refused(&[
        "own/tenants/contoso.toml:7:1: sharing.RequireAnonymousLinksExpireInDays: must be at most 730",
        "own/tenants/contoso.toml:8:1: sharing.CoreOrganizationSharingLinkMaxExpirationInDays: must be a number of days from 7 to 720, or 0 for no limit",
        "own/tenants/contoso.toml:9:39: sharing.IPAddressAllowList.1: `x` is not an IPv4 or IPv6 address or range such as `192.0.2.0/24`",
        "own/tenants/contoso.toml:10:1: sharing.FileAnonymousLinkType: must be `View` or `Edit`",
        "own/tenants/contoso.toml:11:1: sharing.PreventExternalUsersFromResharing: must be `true` or `false`, not a number",
        "own/tenants/contoso.toml:12:1: sharing.SharingAlowedDomainList: is not a key of this table: did you mean `SharingAllowedDomainList`?",
        "own/tenants/contoso.toml:13:1: sharing.Nonsense: is not a key of this table: config/README.md lists those that are",
    ]);
}

#[test]
fn ranges_that_overlap_are_refused_as_a_whole() {
    sharing("IPAddressAllowList = [\"192.0.2.0/24\", \"192.0.2.7\"]\n").refused(&[
        "own/tenants/contoso.toml:7:1: sharing.IPAddressAllowList: `192.0.2.0/24` and `192.0.2.7` overlap: remove one",
    ]);
}

#[test]
fn what_one_setting_is_wrong_about_is_not_held_against_others() {
    let lists = "SharingDomainRestrictionMode = \"AllowList\"\nSharingAllowedDomainList = [\"*.example\"]\n";
    let text = TENANT.replace("\n\n[sites", &format!("\n{lists}\n[sites")) + lists;
    World::new()
        .file(
            "own/tenants/contoso.toml",
            &text.replacen("[\"*.example\"]\n", "[\"*.example\", \"b.example\"]\n", 1),
        )
        .refused(&[
            "own/tenants/contoso.toml:8:29: sharing.SharingAllowedDomainList.0: `*.example` holds a wildcard: list each domain",
            "own/tenants/contoso.toml:15:29: sites.projects.SharingAllowedDomainList.0: `*.example` holds a wildcard: list each domain",
        ]);
}

#[test]
fn rules_about_several_settings_are_told_at_their_key() {
    sharing("WarnAfter = 60\nSignOutAfter = 30\n").refused(&[
        "own/tenants/contoso.toml:7:1: warning: sharing.WarnAfter: does nothing here: this gateway shows no warning before a session ends",
        "own/tenants/contoso.toml:8:1: sharing.SignOutAfter: `30` must be above `WarnAfter`, which is 60",
    ]);
    World::new().tenant("root = true\nLockState = \"NoAccess\"\n").refused(&[
        "own/tenants/contoso.toml:13:1: sites.projects.LockState: `NoAccess` cannot be set on the root site",
    ]);
    World::new()
        .tenant("[directory]\nallowInvitesFrom = \"everyone\"\nGuestsCanInvite = true\n")
        .refused(&[
            "own/tenants/contoso.toml:14:1: directory.GuestsCanInvite: `true` is the older name of `allowInvitesFrom`, which is set: remove one of them",
        ]);
}

#[test]
fn settings_that_bind_nobody_while_the_gateway_runs_are_pointed_out() {
    sharing("RestrictExternalSharingForAgents = true\nODBAccessRequests = \"On\"\n").warned(&[
        "own/tenants/contoso.toml:7:1: warning: sharing.RestrictExternalSharingForAgents: binds nobody while the gateway runs: no token says which program is an agent: list those that are in `RestrictExternalSharing`",
        "own/tenants/contoso.toml:8:1: warning: sharing.ODBAccessRequests: binds nobody while the gateway runs: no owner is asked from here: it changes only what the refused are told",
    ]);
    sharing("PreventExternalUsersFromResharing = true\nExternalUserExpirationRequired = true\nRequireAcceptingAccountMatchInvitedAccount = true\nRestrictExternalSharing = [\"7bcbbd4e-0000-4000-8000-000000000001\"]\n")
        .warned(&[]);
}

#[test]
fn passcodes_are_switched_by_word_or_flag() {
    let of = |value: &str| {
        let text = format!("[directory]\nallowExternalIdToUseEmailOtp = {value}\n");
        tenant(&World::new().tenant(&text))
            .settings
            .directory
            .policy
            .email_otp
    };
    for (value, want) in [
        ("true", EmailOtp::Enabled),
        ("false", EmailOtp::Disabled),
        ("\"default\"", EmailOtp::Default),
        ("\"enabled\"", EmailOtp::Enabled),
        ("\"disabled\"", EmailOtp::Disabled),
    ] {
        assert_eq!(of(value), want, "{value}");
    }
    World::new().tenant("[directory]\nallowExternalIdToUseEmailOtp = \"on\"\n").refused(&[
        "own/tenants/contoso.toml:13:1: directory.allowExternalIdToUseEmailOtp: must be `default`, `enabled` or `disabled`",
    ]);
}

#[test]
fn a_site_says_what_it_is() {
    let text = TENANT.replace(
        "9000\"\nSharingCapability = \"ExternalUserAndGuestSharing\"",
        "9000\"",
    );
    let described = text.clone()
        + "partition = \"onedrive\"\ntemplate = \"onedrive\"\nchannel = \"shared\"\ngroup = \"team\"\nLockState = \"ReadOnly\"\n[groups.team]\n";
    let world = World::new().file("own/tenants/contoso.toml", &described);
    world.warned(&[]);
    let settings = site(&world);
    assert_eq!(
        (settings.partition, settings.template, settings.channel),
        (Partition::OneDrive, Template::OneDrive, Channel::Shared)
    );
    assert_eq!(settings.group, GroupId::parse("team").ok());
    assert_eq!(settings.sharing.lock, LockState::ReadOnly);
    for (template, want) in [
        ("classic", SharingCapability::Disabled),
        ("communication", SharingCapability::Disabled),
        (
            "root-communication",
            SharingCapability::ExternalUserAndGuestSharing,
        ),
        ("team", SharingCapability::Disabled),
        ("group", SharingCapability::ExistingExternalUserSharingOnly),
        (
            "group-with-guests",
            SharingCapability::ExternalUserSharingOnly,
        ),
        ("onedrive", SharingCapability::ExternalUserAndGuestSharing),
    ] {
        let text = format!("{text}template = \"{template}\"\n");
        let world = World::new().file("own/tenants/contoso.toml", &text);
        assert_eq!(site(&world).capability(), want, "{template}");
    }
}

#[test]
fn groups_hold_people_and_groups_but_not_themselves() {
    let groups =
        "[groups.all]\ngroups = [\"core\"]\n[groups.core]\npeople = [\"mia@contoso.example\"]\n";
    let tenant = tenant(&World::new().tenant(groups));
    let mia = EmailAddress::parse("mia@contoso.example").unwrap();
    let names: Vec<&str> = tenant.groups.of(&mia).iter().map(GroupId::as_str).collect();
    assert_eq!(names, ["all", "core"]);
    World::new()
        .tenant("[groups.a]\ngroups = [\"b\"]\n[groups.b]\ngroups = [\"a\"]\n")
        .refused(&[
            "own/tenants/contoso.toml:13:1: groups.a.groups: is inside itself: `a` in `b` in `a`",
        ]);
    World::new()
        .tenant("[groups.team]\ngroups = [\"teem\"]\npeople = [\"mia\", \"ada@fabrikam.example\"]\n")
        .refused(&[
            "own/tenants/contoso.toml:13:11: groups.team.groups.0: `teem` is not a group of this file: did you mean `team`?",
            "own/tenants/contoso.toml:14:11: groups.team.people.0: an address has exactly one `@`",
            "own/tenants/contoso.toml:14:18: warning: groups.team.people.1: `ada@fabrikam.example` is neither on a domain of `member_domains` nor a guest of this file: the group does nothing for them",
        ]);
}

#[test]
fn settings_that_name_groups_nobody_is_in_are_pointed_out() {
    sharing("OneDriveRestrictedAccessGroups = [\"sharers\"]\nRestrictExternalSharing = [\"agent-7\"]\n").warned(&[
        "own/tenants/contoso.toml:7:1: warning: sharing.OneDriveRestrictedAccessGroups: nobody is in it: `sharers` is not a group of this file: add `[groups.sharers]`",
    ]);
}

fn permission(to: &str, more: &str) -> String {
    format!(
        "[permissions.p]\nsite = \"projects\"\nitem = \"/sites/projects/a\"\nto = \"{to}\"\nrole = \"read\"\ncreated_by = \"mia@contoso.example\"\n{more}"
    )
}

fn link(kind: &str, scope: &str, more: &str) -> String {
    format!(
        "[links.l]\nsite = \"projects\"\nitem = \"/sites/projects/a\"\ntype = \"{kind}\"\nscope = \"{scope}\"\ntoken_sha256 = \"{HASH}\"\ncreated_by = \"mia@contoso.example\"\ncreated = 2026-01-01T00:00:00Z\n{more}"
    )
}

#[test]
fn permissions_are_granted_to_people_groups_and_everybody() {
    let to = |to: &str| {
        let world = World::new().tenant(&(permission(to, "") + "[groups.team]\n"));
        tenant(&world).permissions.remove(0).recipient
    };
    assert_eq!(to("members"), Recipient::Members);
    assert_eq!(to("everyone"), Recipient::Everyone);
    assert_eq!(to("all-users"), Recipient::AllUsers);
    assert_eq!(
        to("group:team"),
        Recipient::Group(GroupId::parse("team").unwrap())
    );
    World::new().tenant(&permission("group:team", "")).refused(&[
        "own/tenants/contoso.toml:15:1: permissions.p.to: `team` is not a group of this file: add `[groups.team]`",
    ]);
}

#[test]
fn a_share_knows_which_manager_invited_for_it() {
    use InvitationManager::{Directory, Sharing};
    let managers = |integration: bool, more: &str| {
        let text = TENANT.replace(
            "[sharing]",
            &format!("[sharing]\nEnableAzureADB2BIntegration = {integration}"),
        );
        let world = World::new().file(
            "own/tenants/contoso.toml",
            &(text + &permission("bob@fabrikam.example", more)),
        );
        let tenant = tenant(&world);
        (tenant.permissions[0].manager, tenant.guests[0].manager)
    };
    assert_eq!(managers(false, ""), (Sharing, Sharing));
    assert_eq!(managers(true, ""), (Directory, Directory));
    let with = "shared_with_integration = true\n";
    assert_eq!(managers(false, with), (Directory, Directory));
    let without = "shared_with_integration = false\n";
    assert_eq!(managers(true, without), (Sharing, Sharing));
    let named = link(
        "view",
        "users",
        "recipients = [\"bob@fabrikam.example\"]\nshared_with_integration = true\n",
    );
    let world = World::new().tenant(&(permission("bob@fabrikam.example", "") + &named));
    let tenant = tenant(&world);
    assert_eq!(
        (tenant.permissions[0].manager, tenant.links[0].link.manager),
        (Sharing, Directory)
    );
    assert_eq!(
        tenant.guests[0].manager, Directory,
        "one of the two is enough"
    );
}

#[test]
fn links_have_every_type_and_scope() {
    let of = |kind: &str, scope: &str, more: &str| {
        let world = World::new().tenant(&link(kind, scope, more));
        tenant(&world).links.remove(0).link
    };
    let review = of("review", "existingAccess", "creator_may_share = false\n");
    assert_eq!(
        (review.kind, review.scope),
        (LinkType::Review, LinkScope::ExistingAccess)
    );
    assert!(!review.creator_may_share);
    let blocks = of("blocksDownload", "organization", "");
    assert_eq!(
        (blocks.kind, blocks.scope),
        (LinkType::BlocksDownload, LinkScope::Organization)
    );
    assert!(blocks.creator_may_share);
}

#[test]
fn guests_come_with_what_is_known_of_them() {
    let guest = "[guests.ada]\naddress = \"ada@fabrikam.example\"\nexpires = { projects = 2027-01-01T00:00:00Z }\nadministers = [\"projects\"]\nmfa_registered = true\nmanager = \"sharing\"\n";
    let world = World::new().tenant(guest);
    world.warned(&[]);
    let ada = tenant(&world).guests.remove(0);
    let projects = SiteId::parse("projects").unwrap();
    assert_eq!(ada.expires[&projects].0, 1_798_761_600);
    assert!(ada.administers.contains(&projects) && ada.mfa_registered);
    assert_eq!(ada.manager, InvitationManager::Sharing);
    World::new()
        .tenant(&guest.replace("{ projects =", "{ project =").replace("[\"projects\"]", "[\"x\"]"))
        .refused(&[
            "own/tenants/contoso.toml:14:13: guests.ada.expires.project: `project` is not a site of this tenant: did you mean `projects`?",
            "own/tenants/contoso.toml:15:16: guests.ada.administers.0: `x` is not a site of this tenant: it has projects",
        ]);
}

#[test]
fn conditional_access_policies_are_read_in_order() {
    let policies = "[[directory.conditional_access]]\nname = \"second factor\"\ncontrols = [\"mfa\", \"termsOfUse\"]\nsign_in_frequency = \"4h\"\n\
        [[directory.conditional_access]]\nname = \"risk\"\nsites = [\"projects\"]\nrisks = [\"high\"]\nmembers = true\ncontrols = [\"block\"]\n";
    let world = World::new().tenant(policies);
    world.warned(&[]);
    let read = tenant(&world).settings.directory.conditional_access;
    assert_eq!(
        read[0].controls,
        [GrantControl::Mfa, GrantControl::TermsOfUse].into()
    );
    assert_eq!(
        (read[0].sign_in_frequency, &read[0].sites),
        (Some(14_400), &None)
    );
    assert_eq!(read[1].risks, [Risk::High].into());
    assert!(read[1].members && !read[0].members);
    assert_eq!(
        read[1].sites,
        Some([SiteId::parse("projects").unwrap()].into())
    );
    World::new()
        .tenant("[[directory.conditional_access]]\nsites = [\"x\"]\nsign_in_frequency = \"5m\"\ncontrols = [\"mfaa\"]\n")
        .refused(&[
            "own/tenants/contoso.toml:15:13: directory.conditional_access.0.controls.0: must be `block`, `mfa`, `compliantDevice`, `domainJoinedDevice`, `approvedApplication`, `compliantApplication`, `passwordChange` or `termsOfUse`: did you mean `mfa`?",
        ]);
    World::new()
        .tenant("[[directory.conditional_access]]\nsites = [\"x\"]\nsign_in_frequency = \"5m\"\n[[directory.conditional_access]]\nname = \"nothing\"\n")
        .refused(&[
            "own/tenants/contoso.toml:12:1: directory.conditional_access.0.name: is required: name the policy for operators",
            "own/tenants/contoso.toml:13:10: directory.conditional_access.0.sites.0: `x` is not a site of this tenant: it has projects",
            "own/tenants/contoso.toml:14:1: directory.conditional_access.0.sign_in_frequency: must be 1h to 1year",
            "own/tenants/contoso.toml:15:1: warning: directory.conditional_access.1: does nothing: it demands no `controls` and no `sign_in_frequency`",
        ]);
}

#[test]
fn partners_say_what_is_believed_of_them() {
    let text = "[directory.cross_tenant]\ndefault_inbound = false\ndefault_trust = { isCompliantDeviceAccepted = true }\n\
        partners.44444444-4444-4444-8444-444444444444 = { cloud = \"gcc\", reciprocated = false, trust = { isMfaAccepted = true }, automatic_redemption = true }\n\
        partners.55555555-5555-4555-8555-555555555555 = { cloud = \"gcc\" }\n";
    let access = tenant(&World::new().tenant(text))
        .settings
        .directory
        .cross_tenant;
    assert!(!access.default_inbound);
    assert!(access.default_trust.compliant_device && !access.default_trust.mfa);
    let told = &access.partners["44444444-4444-4444-8444-444444444444"];
    assert!(told.trust.mfa && !told.reciprocated && told.inbound);
    assert!(told.automatic_redemption && !told.automatic_redemption_at_home);
    let plain = &access.partners["55555555-5555-4555-8555-555555555555"];
    assert!(plain.reciprocated && plain.inbound && !plain.trust.mfa);
    let left_out = tenant(&World::new()).settings.directory.cross_tenant;
    assert!(left_out.default_inbound);
}

#[test]
fn providers_tell_the_directory_what_is_set_up() {
    let of = |kind: &str, more: &str| {
        let provider = PROVIDER
            .replace("\"openid\"", &format!("\"{kind}\""))
            .replace("[\"*\"]", "[\"fabrikam.example\"]");
        let world = World::new().file("own/providers/openid.toml", &(provider + more));
        tenant(&world).settings.directory
    };
    let google = of("google", "home_domains = [\"corp.example\"]\n");
    assert!(google.google && google.federations.is_empty());
    let opted_in: Vec<&str> = google
        .google_domains
        .iter()
        .map(|one| one.as_str())
        .collect();
    assert_eq!(opted_in, ["corp.example"]);
    assert!(!of("google", "tenants = []\n").google);
    let saml = of("saml", "");
    assert!(!saml.google);
    let federation = &saml.federations[0];
    assert_eq!(federation.issuer, "https://idp.example");
    let domains: Vec<String> = federation.domains.iter().map(ToString::to_string).collect();
    assert_eq!(domains, ["fabrikam.example"]);
    assert_eq!(
        (federation.endpoint.as_str(), federation.dns_text.as_deref()),
        ("", None)
    );
    let elsewhere = "https://login.example.net/saml";
    let settings = format!(
        "[settings]\npassiveSignInUri = \"{elsewhere}\"\nDirectFedAuthUrl = \"{elsewhere}\"\n"
    );
    let federation = &of("saml", &settings).federations[0];
    assert_eq!(federation.endpoint, elsewhere);
    assert_eq!(federation.dns_text.as_deref(), Some(elsewhere));
    assert!(of("openid", "").federations.is_empty());
}

/// The rule that the directory's API holds partners to holds for those in files.
#[test]
fn a_saml_partner_signs_people_in_at_its_own_domains() {
    let with = |settings: &str| {
        let provider = PROVIDER
            .replace("\"openid\"", "\"saml\"")
            .replace("[\"*\"]", "[\"fabrikam.example\"]");
        World::new().file(
            "own/providers/openid.toml",
            &format!("{provider}[settings]\n{settings}"),
        )
    };
    for own in [
        "passiveSignInUri = \"https://sts.fabrikam.example/adfs\"\n",
        "metadata_url = \"https://elsewhere.example/m\"\n",
        "passiveSignInUri = \"https://idp.example.net/x\"\nDirectFedAuthUrl = \"https://idp.example.net/x\"\n",
        "passiveSignInUri = \"http://127.0.0.1:9/x\"\nallow_insecure_loopback = true\n",
    ] {
        let _loaded = with(own).loaded();
    }
    for (uri, rule) in [
        (
            "https://idp.example.net/x",
            "must be at a domain of the federation or inside one",
        ),
        (
            "https://evilfabrikam.example/x",
            "must be at a domain of the federation or inside one",
        ),
        (
            "http://sts.fabrikam.example/adfs",
            "must begin with `https://`",
        ),
    ] {
        let world = with(&format!("passiveSignInUri = \"{uri}\"\n"));
        let problems = world.load().err().unwrap_or_default();
        let about = problems
            .iter()
            .find(|problem| problem.key == "settings.passiveSignInUri");
        let about = about.unwrap_or_else(|| panic!("{uri}: {problems:?}"));
        assert!(about.message.starts_with(rule), "{about}");
    }
}
