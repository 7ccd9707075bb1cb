use super::links::{ACTION, EXPIRED, LINK, also, another};
use super::world::{DAY, NOW, PLAN, World, check, check_all, link};
use crate::action::Action;
use crate::path::{ItemPath, PathCase};
use crate::person::GuestState;
use crate::settings::{Channel, Partition};
use crate::sharing::{ItemKind, LinkScope, LinkType, SharingLink};

const GRANT: &str = "allow permission grant";

fn aged(days: i64, link: SharingLink) -> SharingLink {
    SharingLink {
        created: NOW.plus(-days * DAY),
        ..link
    }
}

fn anyone(kind: LinkType) -> SharingLink {
    link(LinkScope::Anonymous, kind)
}

#[test]
fn an_anyone_link_needs_no_account() {
    check_all(&[
        (|w| w.bearer(LinkType::View), LINK),
        (
            |w| {
                w.bearer(LinkType::View);
                w.principal.links.clear();
            },
            "sign-in-required",
        ),
        (
            |w| {
                w.bearer(LinkType::View);
                w.path = "/sites/p/other.docx".to_owned();
            },
            "sign-in-required",
        ),
        (
            |w| {
                w.bearer(LinkType::View);
                w.links[0].site = crate::id::SiteId::parse("q").unwrap();
            },
            "sign-in-required",
        ),
        (
            |w| {
                w.bearer(LinkType::View);
                w.path = format!("{PLAN}/below");
            },
            LINK,
        ),
        (
            |w| {
                w.bearer(LinkType::View);
                w.site.path_case = PathCase::Insensitive;
                w.path = "/SITES/P/PLAN.DOCX".to_owned();
            },
            LINK,
        ),
        // Whoever is refused as a person may still hold a link.
        (
            |w| {
                w.guest.state = GuestState::Blocked;
                w.only_link(anyone(LinkType::View));
            },
            LINK,
        ),
        // A link comes first, and a dead one takes nothing away.
        (|w| also(w, anyone(LinkType::View)), LINK),
        (
            |w| {
                also(w, anyone(LinkType::View));
                w.links[0].expires = Some(NOW);
            },
            GRANT,
        ),
        // Somebody who signed in learns what is wrong with the person.
        (
            |w| {
                w.guest.state = GuestState::Blocked;
                also(w, anyone(LinkType::View));
                w.links[0].expires = Some(NOW);
            },
            "guest-blocked",
        ),
        (
            |w| {
                w.ad_hoc();
                w.set("EnableAzureADB2BIntegration", true);
                also(w, another("dead", anyone(LinkType::View)));
                w.links[1].expires = Some(NOW);
            },
            "sign-in-required",
        ),
    ]);
}

#[test]
fn the_bearer_proves_an_address_where_the_tenant_wants_to_know() {
    check_all(&[
        (
            |w| {
                w.bearer(LinkType::View);
                w.set("AnyoneLinkTrackUsers", true);
            },
            "email-proof-required",
        ),
        (
            |w| {
                w.bearer(LinkType::View);
                w.set("AnyoneLinkTrackUsers", true);
                w.principal.address_proven = true;
            },
            LINK,
        ),
        (
            |w| {
                w.only_link(anyone(LinkType::View));
                w.set("AnyoneLinkTrackUsers", true);
            },
            LINK,
        ),
    ]);
}

#[test]
fn anyone_links_end_as_they_say_and_as_the_strictest_limit_says() {
    type Row = (fn(&mut World), i64);
    // Days after which a link that is a year of days away from its own end is dead.
    let rows: &[Row] = &[
        (|_| {}, 365),
        (|w| w.set("RequireAnonymousLinksExpireInDays", 30), 30),
        (
            |w| w.set("CoreAnyoneSharingLinkMaxExpirationInDays", 20),
            20,
        ),
        (
            |w| w.set("OneDriveAnyoneSharingLinkMaxExpirationInDays", 20),
            365,
        ),
        (
            |w| {
                w.site.partition = Partition::OneDrive;
                w.set("OneDriveAnyoneSharingLinkMaxExpirationInDays", 20);
            },
            20,
        ),
        (
            |w| {
                w.set("RequireAnonymousLinksExpireInDays", 10);
                w.set("CoreAnyoneSharingLinkMaxExpirationInDays", 20);
            },
            10,
        ),
        // The site's own counts with its override only, and then alone: stricter or looser.
        (|w| w.set_site("AnonymousLinkExpirationInDays", 5), 365),
        (
            |w| {
                w.set("RequireAnonymousLinksExpireInDays", 10);
                w.set_site("AnonymousLinkExpirationInDays", 5);
                w.set_site("OverrideTenantAnonymousLinkExpirationPolicy", true);
            },
            5,
        ),
        (
            |w| {
                w.set("RequireAnonymousLinksExpireInDays", 10);
                w.set("CoreAnyoneSharingLinkMaxExpirationInDays", 20);
                w.set_site("AnonymousLinkExpirationInDays", 50);
                w.set_site("OverrideTenantAnonymousLinkExpirationPolicy", true);
            },
            50,
        ),
        (
            |w| {
                w.set("RequireAnonymousLinksExpireInDays", 10);
                w.set_site("OverrideTenantAnonymousLinkExpirationPolicy", true);
            },
            365,
        ),
    ];
    for (change, days) in rows {
        for (kind, action) in [
            (LinkType::View, Action::View),
            (LinkType::CreateOnly, Action::Create),
        ] {
            let at = |seconds: i64| {
                move |w: &mut World| {
                    w.bearer(kind);
                    w.action = action;
                    change(w);
                    w.links[0].created = NOW.plus(-seconds);
                    w.links[0].expires = Some(w.links[0].created.plus(365 * DAY));
                }
            };
            check(at(days * DAY - 1), LINK);
            check(at(days * DAY), EXPIRED);
        }
    }
}

#[test]
fn requests_for_files_have_a_limit_of_their_own_beside() {
    fn request(w: &mut World, days: i64) {
        w.only_link(aged(days, anyone(LinkType::CreateOnly)));
        w.principal.person = None;
        w.action = Action::Create;
    }
    check_all(&[
        (
            |w| {
                w.set("CoreRequestFilesLinkExpirationInDays", 3);
                request(w, 3);
            },
            EXPIRED,
        ),
        (
            |w| {
                w.set("CoreRequestFilesLinkExpirationInDays", 3);
                request(w, 2);
            },
            LINK,
        ),
        (
            |w| {
                w.set("CoreRequestFilesLinkExpirationInDays", 3);
                w.set_site("RequestFilesLinkExpirationInDays", 5);
                request(w, 4);
            },
            LINK,
        ),
        (
            |w| {
                w.set_site("RequestFilesLinkExpirationInDays", 5);
                request(w, 5);
            },
            EXPIRED,
        ),
        (
            |w| {
                w.set("RequireAnonymousLinksExpireInDays", 2);
                w.set_site("RequestFilesLinkExpirationInDays", 5);
                request(w, 2);
            },
            EXPIRED,
        ),
        (
            |w| {
                w.set("CoreRequestFilesLinkExpirationInDays", 3);
                w.only_link(aged(3, anyone(LinkType::View)));
            },
            LINK,
        ),
    ]);
}

#[test]
fn an_anyone_link_allows_what_its_type_and_the_tenants_limit_for_files_and_folders_say() {
    use Action::{Create, Delete, Download, Edit, View};
    use LinkType as Type;
    const SEES: &[Action] = &[View, Download];
    const ALL: &[Action] = &[View, Download, Edit, Create, Delete];
    const UPLOADS: &[Action] = &[View, Download, Create];
    let types = [
        (Type::View, SEES, SEES, SEES, SEES),
        (Type::Review, SEES, SEES, SEES, SEES),
        (Type::BlocksDownload, &[View], &[View], &[View], &[View]),
        (Type::Edit, ALL, SEES, SEES, UPLOADS),
        (Type::CreateOnly, &[Create], &[Create], &[], &[]),
    ];
    for (kind, open, file_view, folder_view, folder_upload) in types {
        let limits = [
            ("Edit", "Edit", open, open),
            ("View", "Edit", file_view, open),
            ("Edit", "View", open, folder_view),
            ("Edit", "ViewUpload", open, folder_upload),
        ];
        for (file, folder, on_file, on_folder) in limits {
            for action in Action::ALL {
                let asked = |what: ItemKind, below: bool| {
                    move |w: &mut World| {
                        w.bearer(kind);
                        w.action = action;
                        w.item.kind = what;
                        w.set("FileAnonymousLinkType", file);
                        w.set("FolderAnonymousLinkType", folder);
                        if below {
                            w.links[0].item = ItemPath::parse("/sites/p").unwrap();
                        }
                    }
                };
                let want = |covered: &[Action]| {
                    if covered.contains(&action) {
                        LINK
                    } else {
                        ACTION
                    }
                };
                check(asked(ItemKind::File, false), want(on_file));
                check(asked(ItemKind::File, true), want(on_folder));
                for folder in [ItemKind::Folder, ItemKind::Library, ItemKind::Site] {
                    check(asked(folder, false), want(on_folder));
                }
                // What is not known to be either is held to both.
                for unknown in [ItemKind::Unknown, ItemKind::ListItem] {
                    let both = on_file.contains(&action) && on_folder.contains(&action);
                    check(asked(unknown, false), if both { LINK } else { ACTION });
                }
            }
        }
    }
}

#[test]
fn a_shared_channel_has_no_anyone_links() {
    check_all(&[
        (
            |w| {
                w.bearer(LinkType::View);
                w.site.channel = Channel::Shared;
            },
            "link-kind-not-allowed",
        ),
        (
            |w| {
                w.bearer(LinkType::View);
                w.site.channel = Channel::Private;
            },
            LINK,
        ),
    ]);
}

#[test]
fn of_several_anyone_links_that_fail_the_nearest_to_serving_is_reported() {
    for swapped in [false, true] {
        let change = |w: &mut World| {
            w.bearer(LinkType::CreateOnly);
            also(w, another("dead", anyone(LinkType::View)));
            w.links[1].expires = Some(NOW);
            if swapped {
                w.links.reverse();
            }
        };
        check(change, ACTION);
    }
}
