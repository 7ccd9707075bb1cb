//! Refusals of the directory, and of its copy.

use super::*;

#[test]
fn each_right_to_invite_has_its_people() {
    use AllowInvitesFrom::{
        AdminsAndGuestInviters, AdminsGuestInvitersAndAllMembers, Everyone, None,
    };
    let agent = || SharerKind::Agent(group("agent"));
    for (right, kind, role, may) in [
        (None, SharerKind::Member, true, false),
        (AdminsAndGuestInviters, SharerKind::Member, false, false),
        (AdminsAndGuestInviters, SharerKind::Member, true, true),
        (AdminsAndGuestInviters, SharerKind::Guest, true, true),
        (
            AdminsGuestInvitersAndAllMembers,
            SharerKind::Member,
            false,
            true,
        ),
        (
            AdminsGuestInvitersAndAllMembers,
            SharerKind::Application,
            false,
            true,
        ),
        (AdminsGuestInvitersAndAllMembers, agent(), false, true),
        (
            AdminsGuestInvitersAndAllMembers,
            SharerKind::Guest,
            false,
            false,
        ),
        (
            AdminsGuestInvitersAndAllMembers,
            SharerKind::Guest,
            true,
            true,
        ),
        (Everyone, SharerKind::Guest, false, true),
    ] {
        let roles = [
            DirectoryRole::GlobalAdministrator,
            DirectoryRole::UserAdministrator,
            DirectoryRole::GuestInviter,
        ];
        for given in roles {
            newcomer()
                .with(invites(right))
                .with(|world| {
                    world.question.sharer.kind = kind.clone();
                    world.question.sharer.directory_roles =
                        role.then_some(given).into_iter().collect();
                })
                .check(if may {
                    "allow"
                } else {
                    "deny invite-not-allowed"
                });
        }
    }
    check(
        &newcomer().with(invites(None)),
        "deny invite-not-allowed",
        "allowInvitesFrom=none@directory",
    );
    let cloud_default = newcomer().with(|world| {
        let record = world.clouds.0.get_mut(&cloud("worldwide")).unwrap();
        record.allow_invites_from = None;
    });
    check(
        &cloud_default,
        "deny invite-not-allowed",
        "allowInvitesFrom=none@cloud",
    );
}

#[test]
fn the_directory_is_asked_where_it_governs_and_somebody_is_new() {
    let ask = |recipient, item, profile, integration| {
        grant([recipient])
            .item(item)
            .integration(integration)
            .with(invites(AllowInvitesFrom::None))
            .with(|world| world.tenant.profile = profile)
            .allows()
    };
    let new = || new("x@contoso.com");
    let (file, site) = (ItemKind::File, ItemKind::Site);
    for (profile, integration, file_asks, site_asks) in [
        (Profile::SeparateManagers, true, false, false),
        (Profile::IntegrationOptIn, false, false, false),
        (Profile::IntegrationOptIn, true, true, true),
        (Profile::IntegrationDefault, false, false, true),
        (Profile::IntegrationDefault, true, true, true),
        (Profile::ReshareRequired, false, false, true),
        (Profile::IntegrationMandatory, false, true, true),
    ] {
        assert_eq!(ask(new(), file, profile, integration), !file_asks);
        assert_eq!(ask(new(), site, profile, integration), !site_asks);
        assert!(ask(guest("x@contoso.com"), site, profile, integration));
        assert!(ask(member(), site, profile, integration));
    }
}

#[test]
fn the_directorys_list_binds_whoever_is_new() {
    let blocked = |world: &mut World| {
        world.tenant.directory.policy.blocked_domains = Some(list(&["contoso.com"]));
    };
    let allowed = |world: &mut World| {
        world.tenant.directory.policy.allowed_domains = Some(list(&["a.com", "b.com"]));
    };
    check(
        &newcomer().with(blocked),
        "deny directory-domain-blocked",
        "BlockedDomains=1@directory",
    );
    check(
        &newcomer().with(allowed),
        "deny directory-domain-not-allowed",
        "AllowedDomains=2@directory",
    );
    grant([new("x@a.com")]).with(allowed).check("allow");
    known().with(blocked).check("allow");
    grant([new("x@a.com"), guest("x@contoso.com")])
        .with(blocked)
        .check("allow");
}

#[test]
fn a_copy_counts_for_a_day_and_only_where_it_is_kept() {
    let copy = |age: i64, sync: bool| {
        newcomer().with(|world| {
            let mut policy = world.tenant.directory.policy.clone();
            policy.allow_invites_from = Some(AllowInvitesFrom::None);
            world.tenant.sharing.sync_policy = sync;
            world.tenant.directory.copy = Some(PolicyCopy {
                taken: NOW.plus(-age),
                policy,
            });
        })
    };
    for (age, want) in [
        (0, "deny invite-not-allowed"),
        (DAY - 1, "deny invite-not-allowed"),
        (DAY, "allow"),
        (-DAY, "deny invite-not-allowed"),
    ] {
        copy(age, true).check(want);
        copy(age, false).check("allow");
    }
    let decided = copy(0, true).trace().decided;
    assert_eq!(decided, Some(("share", "directory-copy")));
    copy(0, true).integration(false).check("allow");
    copy(0, true)
        .with(|world| *world.recipients() = vec![guest("x@contoso.com")])
        .check("allow");
    let listed = copy(0, true).with(|world| {
        let copy = world.tenant.directory.copy.as_mut().unwrap();
        copy.policy.allow_invites_from = Some(AllowInvitesFrom::Everyone);
        copy.policy.blocked_domains = Some(list(&["contoso.com"]));
    });
    check(
        &listed,
        "deny directory-domain-blocked",
        "BlockedDomains=1@directory",
    );
}

#[test]
fn of_two_lists_the_one_that_blocks_is_reported_whoever_comes_first() {
    let world = |first, second| {
        grant([new(first), new(second)]).with(|world| {
            let policy = &mut world.tenant.directory.policy;
            policy.allowed_domains = Some(list(&["contoso.com"]));
            policy.blocked_domains = Some(list(&["contoso.com"]));
        })
    };
    for (first, second) in [("x@a.com", "x@contoso.com"), ("x@contoso.com", "x@a.com")] {
        world(first, second).check("deny directory-domain-blocked");
    }
}

#[test]
fn the_trace_says_why_the_directory_is_not_asked_or_is() {
    let basis = |world: &World| {
        let trace = world.trace();
        let rule = |entry: &&crate::policy::TraceEntry| entry.rule == "directory";
        let entry = trace.entries.iter().find(rule).unwrap();
        format!(
            "{}={} {}",
            entry.basis.setting,
            entry.basis.value,
            entry.verdict.name()
        )
    };
    let site = || known().item(ItemKind::Site);
    let integration = "EnableAzureADB2BIntegration";
    for (world, want) in [
        (newcomer(), "allowInvitesFrom=everyone pass".to_owned()),
        (
            newcomer().integration(false),
            format!("{integration}=false not-applicable"),
        ),
        (
            site().integration(true),
            format!("{integration}=true not-applicable"),
        ),
        (
            site().integration(false),
            "profile=true not-applicable".to_owned(),
        ),
    ] {
        assert_eq!(basis(&world), want);
    }
}
