use super::world::{
    ADA, As, NOW, World, check, check_all, group, link, named, permission, site_id,
};
use crate::action::Action;
use crate::id::LinkId;
use crate::settings::Partition;
use crate::sharing::{ItemKind, LinkScope, LinkType, Recipient, Role, Scan, SharingLink};

const GRANT: &str = "allow permission grant";
const LINK: &str = "allow link link";
const BLOCKED: &str = "download-blocked";

#[test]
fn new_files_are_closed_to_outsiders_until_they_were_scanned() {
    fn block(w: &mut World) {
        w.permissions[0].role = Role::Owner;
        w.set("MarkNewFilesSensitiveByDefault", "BlockExternalSharing");
    }
    const CLOSED: &str = "file-not-scanned";
    check_all(&[
        (block, CLOSED),
        (
            |w| {
                block(w);
                w.item.scan = Scan::Blocked;
            },
            CLOSED,
        ),
        (
            |w| {
                block(w);
                w.item.scan = Scan::Passed;
            },
            GRANT,
        ),
        (
            |w| {
                block(w);
                w.item.kind = ItemKind::Unknown;
            },
            CLOSED,
        ),
        (
            |w| {
                block(w);
                w.who = As::Member;
            },
            GRANT,
        ),
        (
            |w| {
                block(w);
                w.bearer(LinkType::View);
            },
            CLOSED,
        ),
        (
            |w| {
                block(w);
                w.ad_hoc();
            },
            CLOSED,
        ),
        (
            |w| w.set("MarkNewFilesSensitiveByDefault", "AllowExternalSharing"),
            GRANT,
        ),
    ]);
    for (action, want) in [
        (Action::View, CLOSED),
        (Action::Download, CLOSED),
        (Action::Edit, CLOSED),
        (Action::Create, GRANT),
        (Action::Delete, GRANT),
    ] {
        let asked = |w: &mut World| {
            block(w);
            w.action = action;
        };
        check(asked, want);
    }
    for kind in [
        ItemKind::Folder,
        ItemKind::Library,
        ItemKind::Site,
        ItemKind::ListItem,
    ] {
        let asked = |w: &mut World| {
            block(w);
            w.item.kind = kind;
        };
        check(asked, GRANT);
    }
}

#[test]
fn who_the_people_are_is_hidden_as_the_partition_or_the_site_says() {
    const HIDDEN: &str = "user-info-hidden";
    fn ask(w: &mut World, value: &str) {
        w.action = Action::ReadUserInfo;
        w.set("BlockUserInfoVisibilityInSharePoint", value);
    }
    check_all(&[
        (|w| w.action = Action::ReadUserInfo, GRANT),
        (
            |w| {
                w.action = Action::ReadUserInfo;
                w.site.partition = Partition::OneDrive;
            },
            HIDDEN,
        ),
        (|w| ask(w, "ApplyToNoUsers"), GRANT),
        (|w| ask(w, "ApplyToAllUsers"), HIDDEN),
        (|w| ask(w, "ApplyToGuestAndExternalUsers"), HIDDEN),
        (|w| ask(w, "ApplyToInternalUsers"), GRANT),
        (
            |w| {
                ask(w, "ApplyToAllUsers");
                w.who = As::Member;
            },
            HIDDEN,
        ),
        (
            |w| {
                ask(w, "ApplyToGuestAndExternalUsers");
                w.who = As::Member;
            },
            GRANT,
        ),
        (
            |w| {
                ask(w, "ApplyToInternalUsers");
                w.who = As::Member;
            },
            HIDDEN,
        ),
        // Owners see whom they share with, whichever of their permissions has the smallest id.
        (
            |w| {
                ask(w, "ApplyToAllUsers");
                w.permissions[0].role = Role::Owner;
            },
            GRANT,
        ),
        (
            |w| {
                ask(w, "ApplyToAllUsers");
                w.permissions.push(permission("owner", Role::Owner));
            },
            GRANT,
        ),
        (
            |w| {
                ask(w, "ApplyToAllUsers");
                w.permissions.push(permission("owner", Role::Owner));
                w.permissions[1].expires = Some(NOW);
            },
            HIDDEN,
        ),
        // The site says otherwise only where the tenant lets it.
        (
            |w| {
                ask(w, "ApplyToAllUsers");
                w.set_site("OverrideBlockUserInfoVisibility", "ApplyToNoUsers");
            },
            HIDDEN,
        ),
        (
            |w| {
                ask(w, "ApplyToAllUsers");
                w.set("AllowOverrideForBlockUserInfoVisibility", true);
                w.set_site("OverrideBlockUserInfoVisibility", "ApplyToNoUsers");
            },
            GRANT,
        ),
        (
            |w| {
                ask(w, "ApplyToAllUsers");
                w.set("AllowOverrideForBlockUserInfoVisibility", true);
            },
            HIDDEN,
        ),
    ]);
}

#[test]
fn a_site_that_blocks_downloads_exempts_owners_and_groups() {
    const OWNERS: &str = "ExcludeBlockDownloadPolicySiteOwners";
    const GROUPS: &str = "ExcludedBlockDownloadGroupIds";
    fn block(w: &mut World) {
        w.set_site("BlockDownloadPolicy", true);
        w.action = Action::Download;
    }
    check_all(&[
        (block, BLOCKED),
        (
            |w| {
                block(w);
                w.action = Action::View;
            },
            GRANT,
        ),
        (
            |w| {
                block(w);
                w.who = As::Member;
            },
            BLOCKED,
        ),
        (
            |w| {
                block(w);
                w.bearer(LinkType::View);
            },
            BLOCKED,
        ),
        (
            |w| {
                block(w);
                w.permissions[0].role = Role::Owner;
            },
            BLOCKED,
        ),
        (
            |w| {
                block(w);
                w.set_site(OWNERS, true);
                w.permissions[0].role = Role::Owner;
            },
            GRANT,
        ),
        (
            |w| {
                block(w);
                w.set_site(OWNERS, true);
            },
            BLOCKED,
        ),
        (
            |w| {
                block(w);
                w.set_site(OWNERS, true);
                w.guest.administers.insert(site_id());
            },
            GRANT,
        ),
        (
            |w| {
                block(w);
                w.set_site(GROUPS, "g1");
                w.in_groups(&["g1"]);
            },
            GRANT,
        ),
        (
            |w| {
                block(w);
                w.set_site(GROUPS, "g1");
                w.in_groups(&["g2"]);
            },
            BLOCKED,
        ),
        // An owner whose access has ended but through a group is an owner through the group, or none.
        (
            |w| {
                block(w);
                w.set_site(OWNERS, true);
                w.permissions[0].role = Role::Owner;
                w.guest.expires.insert(site_id(), NOW);
                w.in_groups(&["g1"]);
                w.permissions.push(permission("by-group", Role::Read));
                w.permissions[1].recipient = Recipient::Group(group("g1"));
            },
            BLOCKED,
        ),
    ]);
    for action in [Action::Edit, Action::Create, Action::Delete] {
        let asked = |read_only: bool, owners: bool| {
            move |w: &mut World| {
                block(w);
                w.set_site("ReadOnlyForBlockDownloadPolicy", read_only);
                w.set_site(OWNERS, owners);
                w.permissions[0].role = Role::Owner;
                w.action = action;
            }
        };
        check(asked(false, false), GRANT);
        check(asked(true, false), "site-read-only");
        check(asked(true, true), GRANT);
        let without_policy = |w: &mut World| {
            asked(true, false)(w);
            w.set_site("BlockDownloadPolicy", false);
        };
        check(without_policy, GRANT);
    }
}

/// Limited access to a file of that name.
fn limited(w: &mut World, name: &str, files: &str, action: Action) {
    w.set("ConditionalAccessPolicy", "AllowLimitedAccess");
    w.set("LimitedAccessFileType", files);
    w.path = format!("/sites/p/plan.docx/{name}");
    w.permissions[0].role = Role::Write;
    w.action = action;
}

#[test]
fn limited_access_shows_and_hands_out_what_its_file_types_say() {
    // May `a.docx`, `a.pdf` and `a.zip` be viewed; be downloaded?
    for (files, view, download) in [
        ("OfficeOnlineFilesOnly", [true, false, false], [false; 3]),
        ("WebPreviewableFiles", [true, true, false], [false; 3]),
        ("OtherFiles", [true, true, true], [false, false, true]),
    ] {
        let names = ["a.docx", "a.pdf", "a.zip"];
        for (action, want) in [(Action::View, view), (Action::Download, download)] {
            for (name, want) in names.iter().zip(want) {
                let want = if want { GRANT } else { BLOCKED };
                check(|w| limited(w, name, files, action), want);
                check(
                    |w| {
                        limited(w, name, files, action);
                        w.item.kind = ItemKind::Unknown;
                    },
                    want,
                );
                check(
                    |w| {
                        limited(w, name, files, action);
                        w.item.kind = ItemKind::Folder;
                    },
                    GRANT,
                );
                check(
                    |w| {
                        limited(w, name, files, action);
                        w.principal.client.managed_device = true;
                    },
                    GRANT,
                );
            }
        }
    }
    check(
        |w| {
            limited(w, "a.pdf", "OtherFiles", Action::View);
            w.set_site("LimitedAccessFileType", "OfficeOnlineFilesOnly");
        },
        BLOCKED,
    );
    check(
        |w| {
            limited(w, "a.pdf", "OfficeOnlineFilesOnly", Action::View);
            w.set_site("LimitedAccessFileType", "OtherFiles");
        },
        BLOCKED,
    );
}

#[test]
fn limited_access_edits_as_the_site_or_the_tenant_says() {
    const BLOCKED: &str = "editing-blocked";
    fn edit(w: &mut World) {
        limited(w, "a.docx", "OtherFiles", Action::Edit);
    }
    check_all(&[
        (edit, GRANT),
        (
            |w| {
                edit(w);
                w.set("AllowEditing", false);
            },
            BLOCKED,
        ),
        (
            |w| {
                edit(w);
                w.set("AllowEditing", false);
                w.set_site("AllowEditing", true);
            },
            GRANT,
        ),
        (
            |w| {
                edit(w);
                w.set_site("AllowEditing", false);
            },
            BLOCKED,
        ),
        (
            |w| {
                edit(w);
                w.set("AllowEditing", false);
                w.principal.client.managed_device = true;
            },
            GRANT,
        ),
        (
            |w| {
                edit(w);
                w.set("AllowEditing", false);
                w.who = As::Member;
            },
            BLOCKED,
        ),
        (
            |w| {
                edit(w);
                w.set("AllowEditing", false);
                w.set("ConditionalAccessPolicy", "AllowFullAccess");
            },
            GRANT,
        ),
        (
            |w| {
                edit(w);
                w.set("ConditionalAccessPolicy", "AllowFullAccess");
                w.set_site("ConditionalAccessPolicy", "AllowLimitedAccess");
                w.set("AllowEditing", false);
            },
            BLOCKED,
        ),
    ]);
}

#[test]
fn limited_access_concerns_recipients_without_an_entry_where_the_tenant_says_so_and_never_bearers()
{
    fn limit(w: &mut World) {
        w.set("ConditionalAccessPolicy", "AllowLimitedAccess");
        w.action = Action::Download;
    }
    check_all(&[
        (
            |w| {
                limit(w);
                w.ad_hoc();
            },
            LINK,
        ),
        (
            |w| {
                limit(w);
                w.ad_hoc();
                w.set("ApplyAppEnforcedRestrictionsToAdHocRecipients", true);
            },
            BLOCKED,
        ),
        (
            |w| {
                limit(w);
                w.bearer(LinkType::View);
            },
            LINK,
        ),
    ]);
}

#[test]
fn a_link_that_blocks_downloads_shows_what_the_stricter_of_tenant_and_site_says() {
    const NAME: &str = "BlockDownloadLinksFileType";
    const SERVER: &str = "ServerRenderedFilesOnly";
    const WEB: &str = "WebPreviewableFiles";
    for anyone in [false, true] {
        for (tenant, site, shows) in [
            (WEB, None, [true, true, false]),
            (SERVER, None, [true, false, false]),
            (SERVER, Some(WEB), [true, false, false]),
            (WEB, Some(SERVER), [true, false, false]),
        ] {
            for (name, shown) in ["a.docx", "a.pdf", "a.zip"].iter().zip(shows) {
                let open = |kind: ItemKind| {
                    move |w: &mut World| {
                        if anyone {
                            w.bearer(LinkType::BlocksDownload);
                        } else {
                            w.only_link(link(named(ADA), LinkType::BlocksDownload));
                        }
                        w.set(NAME, tenant);
                        if let Some(site) = site {
                            w.set_site(NAME, site);
                        }
                        w.path = format!("/sites/p/plan.docx/{name}");
                        w.item.kind = kind;
                    }
                };
                let want = match (shown, anyone) {
                    (true, _) => LINK,
                    (false, _) => BLOCKED,
                };
                check(open(ItemKind::File), want);
                check(open(ItemKind::Unknown), want);
                check(open(ItemKind::Folder), LINK);
            }
        }
    }
}

#[test]
fn a_link_that_blocks_downloads_takes_nothing_from_another_way_in() {
    fn pdf(w: &mut World, scope: LinkScope) {
        w.only_link(link(scope.clone(), LinkType::BlocksDownload));
        w.links[0].id = LinkId::parse("a").unwrap();
        w.links.push(SharingLink {
            id: LinkId::parse("b").unwrap(),
            ..link(scope, LinkType::View)
        });
        w.principal.links = w.links.iter().map(|link| link.id.clone()).collect();
        w.path = "/sites/p/plan.docx/a.zip".to_owned();
    }
    check(|w| pdf(w, named(ADA)), "allow link b");
    check(|w| pdf(w, LinkScope::Anonymous), "allow link b");
    let granted = |w: &mut World| {
        pdf(w, named(ADA));
        w.links.truncate(1);
        w.permissions = vec![permission("grant", Role::Read)];
    };
    check(granted, GRANT);
}
