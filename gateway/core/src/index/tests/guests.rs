use super::super::Guests;
use super::*;
use crate::id::GuestId;
use crate::person::{Guest, GuestOrigin, GuestState, IdentityKey};
use crate::testing::identity;

fn guest(number: usize, subject: Option<&str>) -> Guest {
    let id = GuestId::parse(&format!("guest-{number}")).unwrap();
    Guest {
        identity: subject.map(key),
        ..Guest::invited(id, person(number), GuestOrigin::Directory)
    }
}

fn key(subject: &str) -> IdentityKey {
    IdentityKey {
        subject: subject.to_owned(),
        ..identity("worldwide")
    }
}

#[test]
fn guests_are_found_by_address_and_by_identity() {
    for keys in [COLLIDING, Keys::new(1)] {
        let mut guests = Guests::with_keys(keys);
        guests.extend([guest(0, Some("ada")), guest(1, Some("bob")), guest(2, None)]);
        assert_eq!(guests.len(), 3);
        for number in 0..3 {
            let found = guests.by_address(&person(number)).unwrap();
            assert_eq!(found.address, person(number));
        }
        assert_eq!(guests.by_address(&person(3)), None);
        assert_eq!(guests.by_identity(&key("bob")).unwrap().address, person(1));
        assert_eq!(guests.by_identity(&key("eve")), None);
        let elsewhere = IdentityKey {
            issuer: "https://evil.example".to_owned(),
            ..key("bob")
        };
        assert_eq!(guests.by_identity(&elsewhere), None);
    }
}

#[test]
fn a_guest_replaces_the_one_with_the_address() {
    let mut guests: Guests = [guest(0, Some("ada"))].into_iter().collect();
    guests.insert(guest(0, Some("eve")));
    assert_eq!(guests.len(), 1);
    assert_eq!(guests.by_identity(&key("ada")), None);
    assert_eq!(guests.by_identity(&key("eve")).unwrap().address, person(0));
    guests.insert(Guest {
        state: GuestState::Blocked,
        ..guest(0, None)
    });
    assert_eq!(guests.by_identity(&key("eve")), None);
    assert_eq!(
        guests.by_address(&person(0)).unwrap().state,
        GuestState::Blocked
    );
}

#[test]
fn the_order_of_guests_does_not_matter() {
    let all = || [guest(0, Some("ada")), guest(1, None)];
    let there: Guests = all().into_iter().collect();
    let back: Guests = all().into_iter().rev().collect();
    assert_eq!(there, back);
    let less: Guests = all().into_iter().take(1).collect();
    assert_ne!(there, less);
}
