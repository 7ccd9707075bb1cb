use super::world::{ADA, As, DAY, NOW, World, check, check_all, link, named};
use crate::action::Action;
use crate::id::LinkId;
use crate::person::InvitationManager;
use crate::settings::Profile;
use crate::sharing::{LinkScope, LinkType, SharingLink};

const GRANT: &str = "allow permission grant";
pub(super) const LINK: &str = "allow link link";
pub(super) const ACTION: &str = "link-action-not-allowed";
pub(super) const EXPIRED: &str = "link-expired";
const RESHARE: &str = "reshare-required";

fn aged(days: i64, link: SharingLink) -> SharingLink {
    SharingLink {
        created: NOW.plus(-days * DAY),
        ..link
    }
}

pub(super) fn another(id: &str, link: SharingLink) -> SharingLink {
    SharingLink {
        id: LinkId::parse(id).unwrap(),
        ..link
    }
}

/// Shows this link as well.
pub(super) fn also(w: &mut World, link: SharingLink) {
    w.principal.links.push(link.id.clone());
    w.links.push(link);
}

#[test]
fn an_organisation_link_works_for_members_who_opened_it() {
    fn organisation(w: &mut World) {
        w.only_link(link(LinkScope::Organization, LinkType::View));
    }
    check_all(&[
        (
            |w| {
                organisation(w);
                w.principal.person = None;
            },
            "member-sign-in-required",
        ),
        (organisation, "link-members-only"),
        (
            |w| {
                organisation(w);
                w.who = As::Unknown;
            },
            "link-members-only",
        ),
        (
            |w| {
                organisation(w);
                w.who = As::Member;
            },
            LINK,
        ),
        (
            |w| {
                organisation(w);
                w.who = As::Member;
                w.principal.links.clear();
            },
            "permission-missing",
        ),
        (
            |w| {
                organisation(w);
                w.who = As::Member;
                w.action = Action::Edit;
            },
            ACTION,
        ),
        (
            |w| {
                organisation(w);
                w.who = As::Member;
                w.set_site("DisableCompanyWideSharingLinks", "Disabled");
            },
            "organization-links-disabled",
        ),
        (
            |w| {
                organisation(w);
                w.principal.person = None;
                w.set_site("DisableCompanyWideSharingLinks", "Disabled");
            },
            "organization-links-disabled",
        ),
        // No manager invites members.
        (
            |w| {
                organisation(w);
                w.principal.person = None;
                w.links[0].manager = InvitationManager::Directory;
            },
            "member-sign-in-required",
        ),
        // Lives: the partition's, or the site's with its override.
        (
            |w| {
                organisation(w);
                w.who = As::Member;
                w.links[0].created = NOW.plus(-7 * DAY);
                w.set("CoreOrganizationSharingLinkMaxExpirationInDays", 7);
            },
            EXPIRED,
        ),
        (
            |w| {
                organisation(w);
                w.who = As::Member;
                w.links[0].created = NOW.plus(-7 * DAY);
                w.set("OneDriveOrganizationSharingLinkMaxExpirationInDays", 7);
                w.set("RequireAnonymousLinksExpireInDays", 1);
            },
            LINK,
        ),
        (
            |w| {
                organisation(w);
                w.who = As::Member;
                w.links[0].created = NOW.plus(-7 * DAY);
                w.set("CoreOrganizationSharingLinkMaxExpirationInDays", 7);
                w.set_site(
                    "OverrideTenantOrganizationSharingLinkExpirationPolicy",
                    true,
                );
            },
            LINK,
        ),
        (
            |w| {
                organisation(w);
                w.who = As::Member;
                w.links[0].expires = Some(NOW);
            },
            EXPIRED,
        ),
        // Whoever has a grant needs no link.
        (
            |w| {
                also(w, link(LinkScope::Organization, LinkType::View));
            },
            GRANT,
        ),
    ]);
}

#[test]
fn a_link_for_people_works_for_the_people_named() {
    fn to(w: &mut World, who: &str) {
        w.only_link(link(named(who), LinkType::View));
    }
    const BOB: &str = "bob@fabrikam.example";
    check_all(&[
        (|w| to(w, ADA), LINK),
        // It need not have been opened by the person named; whoever opened another's is told.
        (
            |w| {
                to(w, ADA);
                w.principal.links.clear();
            },
            LINK,
        ),
        (|w| to(w, BOB), "link-not-for-person"),
        (
            |w| {
                to(w, BOB);
                w.principal.links.clear();
            },
            "permission-missing",
        ),
        (
            |w| {
                to(w, BOB);
                w.who = As::Member;
            },
            "link-not-for-person",
        ),
        (
            |w| {
                to(w, ADA);
                w.who = As::Unknown;
            },
            "link-not-for-person",
        ),
        (
            |w| {
                to(w, ADA);
                w.principal.person = None;
            },
            "sign-in-required",
        ),
        (
            |w| {
                to(w, ADA);
                w.links[0].expires = Some(NOW);
            },
            EXPIRED,
        ),
        (
            |w| {
                to(w, ADA);
                w.links[0].expires = Some(NOW);
                w.principal.person = None;
            },
            EXPIRED,
        ),
        (
            |w| {
                to(w, ADA);
                w.action = Action::Edit;
            },
            ACTION,
        ),
        // Limits of Anyone links are none of theirs.
        (
            |w| {
                w.only_link(aged(100, link(named(ADA), LinkType::Edit)));
                w.set("RequireAnonymousLinksExpireInDays", 1);
                w.set("FileAnonymousLinkType", "View");
                w.action = Action::Edit;
            },
            LINK,
        ),
    ]);
}

#[test]
fn a_link_for_existing_access_grants_nothing() {
    fn existing(w: &mut World) {
        w.only_link(link(LinkScope::ExistingAccess, LinkType::View));
    }
    check_all(&[
        (existing, "link-grants-nothing"),
        (
            |w| {
                existing(w);
                w.principal.person = None;
            },
            "sign-in-required",
        ),
        (
            |w| {
                existing(w);
                w.set_site("RequestAccess", true);
            },
            "request link-grants-nothing",
        ),
        (
            |w| {
                existing(w);
                w.set_site("RequestAccess", true);
                w.ad_hoc();
                w.links[0].scope = LinkScope::ExistingAccess;
            },
            "link-grants-nothing",
        ),
        (
            |w| {
                existing(w);
                w.links[0].expires = Some(NOW);
            },
            EXPIRED,
        ),
        (
            |w| also(w, link(LinkScope::ExistingAccess, LinkType::View)),
            GRANT,
        ),
    ]);
}

#[test]
fn a_deleted_link_is_told_to_whoever_came_through_it() {
    check_all(&[
        (
            |w| {
                w.permissions.clear();
                w.link_missing = true;
            },
            "link-deleted",
        ),
        (
            |w| {
                w.principal.person = None;
                w.link_missing = true;
            },
            "link-deleted",
        ),
        (|w| w.link_missing = true, GRANT),
        (
            |w| {
                w.only_link(link(named(ADA), LinkType::View));
                w.link_missing = true;
            },
            LINK,
        ),
        (
            |w| {
                w.only_link(link(named(ADA), LinkType::View));
                w.links[0].expires = Some(NOW);
                w.link_missing = true;
            },
            EXPIRED,
        ),
    ]);
}

/// Opens a link that names Ada, made by the one manager, under a profile.
fn made(w: &mut World, profile: Profile, integration: bool, manager: InvitationManager) {
    w.only_link(link(named(ADA), LinkType::View));
    w.links[0].manager = manager;
    w.tenant.profile = profile;
    w.set("EnableAzureADB2BIntegration", integration);
}

#[test]
fn links_of_the_other_invitation_manager_fare_as_the_profile_says() {
    use InvitationManager::{Directory, Sharing};
    use Profile as P;
    const UPDATED: &str = "guest-access-settings-updated";
    const SIGN_IN: &str = "sign-in-required";
    // Profile, integration, manager, creator may share, and what Ada learns as a guest, as a recipient without an entry,
    // before signing in with an entry, and before signing in without.
    let rows = [
        (
            P::SeparateManagers,
            true,
            Sharing,
            false,
            [LINK, LINK, SIGN_IN, SIGN_IN],
        ),
        (
            P::SeparateManagers,
            true,
            Directory,
            false,
            [LINK, LINK, SIGN_IN, SIGN_IN],
        ),
        (
            P::IntegrationOptIn,
            true,
            Sharing,
            true,
            [LINK, SIGN_IN, SIGN_IN, SIGN_IN],
        ),
        (
            P::IntegrationOptIn,
            true,
            Sharing,
            false,
            [LINK, RESHARE, SIGN_IN, RESHARE],
        ),
        (
            P::IntegrationOptIn,
            true,
            Directory,
            false,
            [LINK, SIGN_IN, SIGN_IN, SIGN_IN],
        ),
        (
            P::IntegrationOptIn,
            false,
            Sharing,
            false,
            [LINK, LINK, SIGN_IN, SIGN_IN],
        ),
        (
            P::IntegrationOptIn,
            false,
            Directory,
            true,
            [RESHARE, RESHARE, RESHARE, RESHARE],
        ),
        (
            P::IntegrationDefault,
            true,
            Sharing,
            true,
            [LINK, SIGN_IN, SIGN_IN, SIGN_IN],
        ),
        (
            P::IntegrationDefault,
            true,
            Sharing,
            false,
            [LINK, RESHARE, SIGN_IN, RESHARE],
        ),
        (
            P::IntegrationDefault,
            false,
            Directory,
            true,
            [LINK, LINK, SIGN_IN, SIGN_IN],
        ),
        (
            P::ReshareRequired,
            true,
            Sharing,
            true,
            [UPDATED, UPDATED, UPDATED, UPDATED],
        ),
        (
            P::ReshareRequired,
            true,
            Directory,
            true,
            [LINK, SIGN_IN, SIGN_IN, SIGN_IN],
        ),
        (
            P::ReshareRequired,
            false,
            Directory,
            true,
            [LINK, LINK, SIGN_IN, SIGN_IN],
        ),
        (
            P::IntegrationMandatory,
            false,
            Sharing,
            true,
            [LINK, RESHARE, SIGN_IN, RESHARE],
        ),
        (
            P::IntegrationMandatory,
            true,
            Directory,
            true,
            [LINK, SIGN_IN, SIGN_IN, SIGN_IN],
        ),
    ];
    for (profile, integration, manager, may_share, want) in rows {
        let opened = |change: fn(&mut World)| {
            move |w: &mut World| {
                change(w);
                made(w, profile, integration, manager);
                w.links[0].creator_may_share = may_share;
            }
        };
        let [guest, ad_hoc, known, new] = want;
        check(opened(|_| {}), guest);
        check(opened(World::ad_hoc), ad_hoc);
        check(
            opened(|w| {
                w.principal.person = None;
                w.recipient_in_directory = true;
            }),
            known,
        );
        check(opened(|w| w.principal.person = None), new);
        // Members are of no manager's making.
        check(opened(|w| w.who = As::Member), LINK);
    }
}

#[test]
fn of_several_links_of_a_person_that_fail_the_nearest_to_serving_is_reported() {
    // Each fails in its own way for a guest; the nearest first.
    fn failing(which: usize) -> SharingLink {
        let users = |who| link(named(who), LinkType::View);
        let link = match which {
            0 => link(named(ADA), LinkType::CreateOnly),
            1 => SharingLink {
                manager: InvitationManager::Directory,
                ..users(ADA)
            },
            2 => SharingLink {
                expires: Some(NOW),
                ..users(ADA)
            },
            3 => link(LinkScope::Organization, LinkType::View),
            4 => users("bob@fabrikam.example"),
            _ => link(LinkScope::ExistingAccess, LinkType::View),
        };
        another(&format!("link-{}", 9 - which), link)
    }
    let want = [
        ACTION,
        RESHARE,
        EXPIRED,
        "link-members-only",
        "link-not-for-person",
        "link-grants-nothing",
    ];
    for (near, want) in want.iter().enumerate() {
        for far in near..=5 {
            for swapped in [false, true] {
                let change = |w: &mut World| {
                    w.only_link(failing(near));
                    also(w, failing(far));
                    if swapped {
                        w.links.reverse();
                    }
                };
                check(change, want);
            }
        }
    }
    // One that does not fail is enough.
    let change = |w: &mut World| {
        w.only_link(link(named(ADA), LinkType::View));
        for which in 0..=5 {
            also(w, failing(which));
        }
    };
    check(change, LINK);
}

#[test]
fn of_several_links_that_serve_the_smallest_id_is_the_ground() {
    for swapped in [false, true] {
        for scope in [named(ADA), LinkScope::Anonymous] {
            let change = |w: &mut World| {
                w.only_link(another("b", link(scope.clone(), LinkType::View)));
                also(w, another("a", link(scope, LinkType::Edit)));
                if swapped {
                    w.links.reverse();
                }
            };
            check(change, "allow link a");
        }
    }
}
