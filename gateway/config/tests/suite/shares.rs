//! Guests, permissions and links.

use gateway_core::person::{GuestOrigin, GuestState};
use gateway_core::sharing::{LinkScope, Recipient};

use crate::support::{TENANT, World};

const HASH: &str = "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa";

/// Six lines.
fn permission(id: &str, to: &str) -> String {
    format!(
        "[permissions.{id}]\nsite = \"projects\"\nitem = \"/sites/projects/a\"\nto = \"{to}\"\nrole = \"read\"\ncreated_by = \"mia@contoso.example\"\n"
    )
}

/// Eight lines.
fn link(id: &str, scope: &str, hash: &str) -> String {
    format!(
        "[links.{id}]\nsite = \"projects\"\nitem = \"/sites/projects/a\"\ntype = \"view\"\nscope = \"{scope}\"\ntoken_sha256 = \"{hash}\"\ncreated_by = \"mia@contoso.example\"\ncreated = 2026-01-01T00:00:00Z\n"
    )
}

#[test]
fn what_a_share_needs_is_named() {
    World::new().tenant("[permissions.a]\n[links.b]\n").refused(&[
        "own/tenants/contoso.toml:12:14: permissions.a.site: is required: name a site of this file",
        "own/tenants/contoso.toml:12:14: permissions.a.item: is required: give a path such as `/sites/projects`",
        "own/tenants/contoso.toml:12:14: permissions.a.to: is required: give an address, `group:NAME`, `members`, `everyone` or `all-users`",
        "own/tenants/contoso.toml:12:14: permissions.a.role: is required: `read`, `write` or `owner`",
        "own/tenants/contoso.toml:12:14: permissions.a.created_by: is required: give an address such as `ada@fabrikam.example`",
        "own/tenants/contoso.toml:13:8: links.b.site: is required: name a site of this file",
        "own/tenants/contoso.toml:13:8: links.b.item: is required: give a path such as `/sites/projects`",
        "own/tenants/contoso.toml:13:8: links.b.type: is required: `view`, `review`, `edit`, `blocksDownload` or `createOnly`",
        "own/tenants/contoso.toml:13:8: links.b.scope: is required: `anonymous`, `organization`, `users` or `existingAccess`",
        "own/tenants/contoso.toml:13:8: links.b.token_sha256: is required: draw a token of at least 22 characters, and give what `printf %s TOKEN | sha256sum` prints",
        "own/tenants/contoso.toml:13:8: links.b.created_by: is required: give an address such as `ada@fabrikam.example`",
        "own/tenants/contoso.toml:13:8: links.b.created: is required: give a moment such as `2026-01-01T00:00:00Z`",
    ]);
}

#[test]
fn shares_refer_to_sites_and_items_that_are_there() {
    let other =
        "[sites.inner]\npath = \"/sites/projects/inner\"\nupstream = \"http://127.0.0.1:9000\"\n";
    let check = |site: &str, item: &str, want: &[&str]| {
        let text = permission("a", "members")
            .replace("\"projects\"", &format!("\"{site}\""))
            .replace("/sites/projects/a", item);
        let world = World::new().tenant(&format!("{other}{text}"));
        if want.is_empty() {
            world.warned(want);
        } else {
            world.refused(want);
        }
    };
    check("projects", "/sites/projects", &[]);
    check(
        "project",
        "/sites/projects",
        &[
            "own/tenants/contoso.toml:16:1: permissions.a.site: `project` is not a site of this tenant: did you mean `projects`?",
        ],
    );
    check(
        "dav",
        "/sites/projects",
        &[
            "own/tenants/contoso.toml:16:1: permissions.a.site: `dav` is not a site of this tenant: it has inner, projects",
        ],
    );
    check(
        "projects",
        "/sites/projectsx",
        &[
            "own/tenants/contoso.toml:17:1: permissions.a.item: does not lie in site `projects`, which covers `/sites/projects`",
        ],
    );
    check(
        "projects",
        "/sites/projects/inner/x",
        &[
            "own/tenants/contoso.toml:17:1: permissions.a.item: belongs to site `inner`, whose path is longer: name that one",
        ],
    );
    check(
        "projects",
        "sites",
        &["own/tenants/contoso.toml:17:1: permissions.a.item: a path starts with `/`"],
    );
}

#[test]
fn a_share_of_a_site_that_is_wrong_is_not_reported_as_well() {
    let text = TENANT.replace("http://127.0.0.1:9000", "nowhere") + &permission("a", "members");
    World::new().file("own/tenants/contoso.toml", &text).refused(&[
        "own/tenants/contoso.toml:10:1: sites.projects.upstream: must be an origin such as `https://docs.example:8443`, without user, path and query",
    ]);
    let text = TENANT.replace("[sites.projects]", "[sites]\nprojects = 1\n[sites.other]")
        + &permission("a", "members");
    World::new()
        .file("own/tenants/contoso.toml", &text)
        .refused(&["own/tenants/contoso.toml:9:1: sites.projects: must be a table, not a number"]);
}

#[test]
fn guests_are_known_by_one_address_and_are_no_members() {
    World::new()
        .tenant("[guests.a]\naddress = \"ada@fabrikam.example\"\n[guests.b]\naddress = \"Ada@Fabrikam.example\"\n[guests.c]\naddress = \"mia@contoso.example\"\n[guests.share-x]\naddress = \"x@fabrikam.example\"\ninvitation_expires = 2026-01-01\n[guests.D]\naddress = \"a@b@c.example\"\n")
        .refused(&[
            "own/tenants/contoso.toml:15:1: guests.b.address: is also the address of guest `a`: keep one",
            "own/tenants/contoso.toml:17:1: guests.c.address: is on the member domain `contoso.example`: members are not guests",
            "own/tenants/contoso.toml:18:9: guests.share-x: `share-…` is kept for guests invited by a share: choose another name",
            "own/tenants/contoso.toml:20:1: guests.share-x.invitation_expires: is not a moment such as `2030-01-01T00:00:00Z`, with its offset",
            "own/tenants/contoso.toml:21:9: guests.D: `D` is not an identifier: 1 to 64 of a-z, 0-9 and `-`, starting with a letter or digit",
            "own/tenants/contoso.toml:22:1: guests.D.address: an address has exactly one `@`",
        ]);
}

#[test]
fn a_share_invites_whoever_is_neither_member_nor_guest() {
    let users = link("l", "users", HASH)
        + "recipients = [\"Bob@fabrikam.example\", \"new@fabrikam.example\"]\n";
    let text = format!(
        "[guests.ada]\naddress = \"ada@fabrikam.example\"\n[guests.eve]\naddress = \"eve@mallory.example\"\nblocked = true\n{}{}{}{}{users}",
        permission("p1", "ada@fabrikam.example"),
        permission("p2", "bob@fabrikam.example"),
        permission("p3", "mia@contoso.example"),
        permission("p4", "members"),
    );
    let world = World::new().tenant(&text);
    world.warned(&[]);
    let configuration = world.loaded().configuration;
    let tenant = configuration.tenants.values().next().unwrap();
    let guests: Vec<_> = tenant
        .guests
        .iter()
        .map(|guest| (guest.address.to_string(), guest.origin, guest.state))
        .collect();
    assert_eq!(
        guests,
        [
            (
                "ada@fabrikam.example".to_owned(),
                GuestOrigin::Directory,
                GuestState::PendingAcceptance
            ),
            (
                "eve@mallory.example".to_owned(),
                GuestOrigin::Directory,
                GuestState::Blocked
            ),
            (
                "bob@fabrikam.example".to_owned(),
                GuestOrigin::Share,
                GuestState::PendingAcceptance
            ),
            (
                "new@fabrikam.example".to_owned(),
                GuestOrigin::Share,
                GuestState::PendingAcceptance
            ),
        ]
    );
    assert!(tenant.guests.iter().all(|guest| guest.identity.is_none()));
    let again = world.loaded().configuration;
    assert_eq!(
        again.tenants.values().next().unwrap().guests,
        tenant.guests,
        "ids are the same at every start"
    );
    assert!(tenant.guests[2].id.as_str().starts_with("share-"));
    assert_eq!(tenant.permissions[3].recipient, Recipient::Members);
    assert!(matches!(&tenant.links[0].link.scope, LinkScope::Users(people) if people.len() == 2));
}

#[test]
fn shares_that_sleep_say_which_setting_holds_them() {
    let warned = |text: String, want: &str| {
        World::new()
            .file("own/tenants/contoso.toml", &text)
            .warned(&[want]);
    };
    let bob = permission("a", "bob@fabrikam.example");
    let at_site = |level: &str| {
        TENANT.replace(
            "9000\"\nSharingCapability = \"ExternalUserAndGuestSharing\"",
            &format!("9000\"\nSharingCapability = \"{level}\""),
        )
    };
    let at_tenant = |level: &str| {
        at_site("Disabled")
            .replacen("ExternalUserAndGuestSharing", level, 1)
            .replace("\"Disabled\"", &format!("\"{level}\""))
    };
    let line = |reason: &str| {
        format!(
            "own/tenants/contoso.toml:15:1: warning: permissions.a.to: `bob@fabrikam.example` is not let in: {reason}"
        )
    };
    warned(
        at_site("Disabled") + &bob,
        &line("site SharingCapability (`sharing-disabled`)"),
    );
    warned(
        at_tenant("Disabled") + &bob,
        &line("tenant SharingCapability (`sharing-disabled`)"),
    );
    warned(
        at_tenant("ExistingExternalUserSharingOnly") + &bob,
        &line("tenant SharingCapability (`new-guests-not-allowed`)"),
    );
    let tenant_list = TENANT.replace("[sharing]", "[sharing]\nSharingDomainRestrictionMode = \"BlockList\"\nSharingBlockedDomainList = [\"fabrikam.example\"]");
    warned(
        tenant_list + &bob,
        &line("tenant SharingDomainRestrictionMode (`domain-blocked`)").replace(":15:", ":17:"),
    );
    let site_list = format!(
        "{TENANT}SharingDomainRestrictionMode = \"AllowList\"\nSharingAllowedDomainList = [\"x.example\"]\n"
    );
    warned(
        site_list + &bob,
        &line("site SharingDomainRestrictionMode (`site-domain-not-allowed`)")
            .replace(":15:", ":17:"),
    );
    let directory = format!("{TENANT}[directory]\nBlockedDomains = [\"fabrikam.example\"]\n");
    World::new()
        .file("own/tenants/contoso.toml", &(directory.clone() + &bob))
        .warned(&[]);
    let directory = directory.replace("[sharing]", "[sharing]\nEnableAzureADB2BIntegration = true");
    warned(
        directory + &bob,
        &line("directory domain list (`directory-domain-blocked`)").replace(":15:", ":18:"),
    );
    let blocked =
        format!("{TENANT}[guests.bob]\naddress = \"bob@fabrikam.example\"\nblocked = true\n");
    warned(
        blocked + &bob,
        &line("`guest-blocked`").replace(":15:", ":18:"),
    );
    let declared = format!(
        "{}[guests.bob]\naddress = \"bob@fabrikam.example\"\n",
        at_tenant("ExistingExternalUserSharingOnly")
    );
    World::new()
        .file("own/tenants/contoso.toml", &(declared + &bob))
        .warned(&[]);
}

#[test]
fn anyone_links_that_do_not_open_say_why() {
    let text = TENANT.replace(
        "9000\"\nSharingCapability = \"ExternalUserAndGuestSharing\"",
        "9000\"\nSharingCapability = \"ExternalUserSharingOnly\"",
    );
    World::new().file("own/tenants/contoso.toml", &(text + &link("a", "anonymous", HASH))).warned(&[
        "own/tenants/contoso.toml:16:1: warning: links.a.scope: the link does not open: site SharingCapability (`anyone-links-disabled`)",
    ]);
    let text = TENANT.replace("[sharing]", "[sharing]\nFileAnonymousLinkType = \"View\"");
    World::new().file("own/tenants/contoso.toml", &(text + &link("a", "anonymous", HASH).replace("\"view\"", "\"edit\""))).warned(&[
        "own/tenants/contoso.toml:16:1: warning: links.a.type: the link only views: `FileAnonymousLinkType` is `View`",
    ]);
    let text = TENANT.replace(
        "[sharing]",
        "[sharing]\nEnableAzureADB2BIntegration = true\nacknowledge_unsupported = true",
    );
    let lines = World::new()
        .environment("dod")
        .file(
            "own/tenants/contoso.toml",
            &(text + &link("a", "anonymous", HASH)),
        )
        .lines();
    assert_eq!(
        lines[1],
        "own/tenants/contoso.toml:18:1: warning: links.a.scope: the link does not open: EnableAzureADB2BIntegration (`outside-environment`)"
    );
}

#[test]
fn every_link_has_its_own_token() {
    World::new().tenant(&(link("a", "anonymous", HASH) + &link("b", "organization", HASH) + &link("c", "anonymous", "abc"))).refused(&[
        "own/tenants/contoso.toml:25:1: links.b.token_sha256: is also that of link `a`: give each link its own token",
        "own/tenants/contoso.toml:33:1: links.c.token_sha256: must be 64 hexadecimal digits",
    ]);
}

#[test]
fn recipients_belong_to_the_scope_users() {
    World::new()
        .tenant(&(link("a", "users", HASH) + &link("b", "anonymous", &"b".repeat(64)) + "recipients = [\"a@b.example\"]\n"))
        .refused(&[
            "own/tenants/contoso.toml:12:8: links.a.recipients: is required for the scope `users`: list addresses",
            "own/tenants/contoso.toml:28:1: links.b.recipients: is only for the scope `users`: remove it, or change the scope",
        ]);
}

#[test]
fn moments_have_an_offset_and_lie_where_they_should() {
    let text = link("a", "organization", HASH)
        .replace("2026-01-01T00:00:00Z", "2027-01-01T00:00:00Z")
        + "expires = 2026-06-01T00:00:00\n"
        + &permission("p", "members")
        + "expires = 2026-11-01T00:00:00Z\n"
        + &permission("q", "members")
        + "expires = \"2026-11-01T00:00:01+00:00\"\n";
    World::new().tenant(&text).refused(&[
        "own/tenants/contoso.toml:19:1: links.a.created: lies in the future",
        "own/tenants/contoso.toml:20:1: links.a.expires: is not a moment such as `2030-01-01T00:00:00Z`, with its offset",
        "own/tenants/contoso.toml:27:1: warning: permissions.p.expires: has passed: the share grants nothing",
    ]);
}

#[test]
fn whoever_shared_is_somebody_the_tenant_knows() {
    let by = |who: &str| {
        World::new().tenant(
            &(permission("a", "members").replace("mia@contoso.example", who)
                + "[guests.ada]\naddress = \"ada@fabrikam.example\"\n"),
        )
    };
    by("mia@contoso.example").warned(&[]);
    by("ada@fabrikam.example").warned(&[]);
    by("bob@fabrikam.example").refused(&[
        "own/tenants/contoso.toml:17:1: permissions.a.created_by: `bob@fabrikam.example` is neither on a domain of `member_domains` nor a guest of this file",
    ]);
}
