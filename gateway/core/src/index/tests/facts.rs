use super::super::{Guests, LinkIndex, Permissions, Snapshot, gather};
use super::links::{link, users};
use super::*;
use crate::groups::{Group, Groups};
use crate::id::{ProviderKind, TenantId};
use crate::person::{Account, Assurance, Guest, GuestOrigin, InvitationManager, Person, Principal};
use crate::policy::{Facts, Target};
use crate::sharing::{ItemFacts, LinkScope};
use crate::testing::{clouds, guest, identity, site as settings, tenant};
use crate::time::UnixTime;

/// Gathers for somebody on `/a/b`, where a link names Ada and another is for anyone, and Ada is in a group.
fn check(signed_in: bool, account: Account<'_>, shown: &[&str], want: impl Fn(&Facts<'_>)) {
    check_knowing(guest(), signed_in, account, shown, want);
}

/// The same, where `known` is the tenant's only guest.
fn check_knowing(
    known: Guest,
    signed_in: bool,
    account: Account<'_>,
    shown: &[&str],
    want: impl Fn(&Facts<'_>),
) {
    let ada = address("ada@fabrikam.example");
    let held = Group {
        people: [ada.clone()].into(),
        ..Group::default()
    };
    let named = LinkScope::Users([ada].into());
    let (clouds, tenant, settings) = (clouds(), tenant(), settings());
    let groups = Groups::new(&[(group(0), held)].into()).unwrap();
    let links = LinkIndex::new([
        link(0, "/a", named),
        link(1, "/a", LinkScope::Anonymous),
        link(2, "/c", users(&[0])),
    ]);
    let guests: Guests = [known].into_iter().collect();
    let snapshot = Snapshot {
        clouds: &clouds,
        tenant: &tenant,
        site: &settings,
        groups: &groups,
        permissions: &Permissions::default(),
        links: &links,
        guests: &guests,
    };
    let principal = Principal {
        person: signed_in.then(|| Person {
            key: identity("worldwide"),
            kind: ProviderKind::parse("work-school").unwrap(),
            authenticated_at: UnixTime(0),
            assurance: Assurance::default(),
        }),
        links: shown
            .iter()
            .map(|id| crate::id::LinkId::parse(id).unwrap())
            .collect(),
        ..Principal::default()
    };
    let target = Target {
        tenant: TenantId::parse("contoso").unwrap(),
        site: site("p"),
        path: path("/a/b"),
        query: None,
    };
    want(&gather(
        snapshot,
        &principal,
        |_| account,
        &target,
        ItemFacts::default(),
    ));
}

#[test]
fn a_guest_has_groups_and_the_links_that_name_them() {
    check(true, Account::Guest(&guest()), &[], |facts| {
        assert_eq!(facts.groups, [group(0)]);
        assert_eq!(facts.links.iter().count(), 1);
    });
}

#[test]
fn people_without_an_entry_are_in_no_group() {
    let ada = address("ada@fabrikam.example");
    check(true, Account::AdHoc { address: &ada }, &[], |facts| {
        assert!(facts.groups.is_empty());
        assert_eq!(facts.links.iter().count(), 1);
    });
}

#[test]
fn without_a_sign_in_an_account_counts_for_nothing() {
    check(false, Account::Guest(&guest()), &[], |facts| {
        assert!(facts.groups.is_empty());
        assert_eq!(facts.links.iter().count(), 0);
    });
}

#[test]
fn the_people_of_a_link_are_looked_up_where_nobody_signed_in() {
    for (signed_in, want) in [(false, true), (true, false)] {
        check(signed_in, Account::Unknown, &["link-00"], |facts| {
            let links: Vec<bool> = facts
                .links
                .iter()
                .map(|link| link.recipient_in_directory)
                .collect();
            assert_eq!(links, [want]);
        });
    }
}

#[test]
fn who_was_only_shared_with_is_not_in_the_directory_before_redeeming() {
    let shared_with = Guest {
        origin: GuestOrigin::Share,
        manager: InvitationManager::Sharing,
        ..guest()
    };
    let pending = Guest {
        identity: None,
        ..shared_with.clone()
    };
    for (known, want) in [(shared_with, true), (pending, false)] {
        check_knowing(known, false, Account::Unknown, &["link-00"], |facts| {
            let mut links = facts.links.iter();
            assert!(links.all(|link| link.recipient_in_directory == want));
            assert_eq!(facts.links.iter().count(), 1);
        });
    }
}

#[test]
fn links_that_exist_no_more_are_missing() {
    check(false, Account::Unknown, &["link-01", "link-02"], |facts| {
        assert_eq!(facts.links.iter().count(), 1);
        assert!(!facts.links.missing());
    });
    check(false, Account::Unknown, &["link-09"], |facts| {
        assert!(facts.links.missing());
    });
}
