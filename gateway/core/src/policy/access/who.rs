//! Who asks, as the rules tell people apart.

use crate::address::EmailAddress;
use crate::id::GroupId;
use crate::person::{Account, Guest, Person, Principal};
use crate::policy::Facts;
use crate::sharing::Role;

/// Who asks. What is known about somebody who did not sign in counts for nothing.
#[derive(Clone, Copy)]
pub(super) enum Who<'a> {
    /// Nobody signed in.
    Nobody,
    /// A member, with the address where one was proven.
    Member(&'a Person, Option<&'a EmailAddress>),
    /// A guest.
    Guest(&'a Person, &'a Guest),
    /// A recipient without an entry in the directory.
    AdHoc(&'a Person, &'a EmailAddress),
    /// Somebody whom the directory does not know.
    Unknown(&'a Person),
    /// A program of the tenant's own, with what it may do.
    Application(Role),
}

impl<'a> Who<'a> {
    pub(super) const fn new(principal: &'a Principal, account: Account<'a>) -> Self {
        let Some(person) = &principal.person else {
            return match account {
                Account::Application { role } => Self::Application(role),
                Account::Member { .. }
                | Account::Guest(_)
                | Account::AdHoc { .. }
                | Account::Unknown => Self::Nobody,
            };
        };
        match account {
            Account::Member { address } => Self::Member(person, address),
            Account::Guest(guest) => Self::Guest(person, guest),
            Account::AdHoc { address } => Self::AdHoc(person, address),
            // Nobody signs in as a program.
            Account::Application { .. } | Account::Unknown => Self::Unknown(person),
        }
    }

    /// Whoever signed in.
    pub(super) const fn person(self) -> Option<&'a Person> {
        match self {
            Self::Nobody | Self::Application(_) => None,
            Self::Member(person, _)
            | Self::Guest(person, _)
            | Self::AdHoc(person, _)
            | Self::Unknown(person) => Some(person),
        }
    }

    /// Whoever signed in from outside.
    pub(super) const fn outsider(self) -> Option<&'a Person> {
        match self {
            Self::Nobody | Self::Member(..) | Self::Application(_) => None,
            Self::Guest(person, _) | Self::AdHoc(person, _) | Self::Unknown(person) => Some(person),
        }
    }

    pub(super) const fn is_member(self) -> bool {
        matches!(self, Self::Member(..))
    }

    pub(super) const fn guest(self) -> Option<&'a Guest> {
        match self {
            Self::Guest(_, guest) => Some(guest),
            Self::Nobody
            | Self::Member(..)
            | Self::AdHoc(..)
            | Self::Unknown(_)
            | Self::Application(_) => None,
        }
    }

    /// The address that grants and links are matched with.
    pub(super) const fn address(self) -> Option<&'a EmailAddress> {
        match self {
            Self::Member(_, address) => address,
            Self::Guest(_, guest) => Some(&guest.address),
            Self::AdHoc(_, address) => Some(address),
            Self::Nobody | Self::Unknown(_) | Self::Application(_) => None,
        }
    }

    /// The address of somebody from outside.
    pub(super) const fn outside_address(self) -> Option<&'a EmailAddress> {
        match self {
            Self::Guest(..) | Self::AdHoc(..) => self.address(),
            Self::Nobody | Self::Member(..) | Self::Unknown(_) | Self::Application(_) => None,
        }
    }

    /// The groups that count, sorted: only people of the directory are in any.
    pub(super) const fn groups(self, facts: &'a Facts<'a>) -> &'a [GroupId] {
        match self {
            Self::Member(..) | Self::Guest(..) => facts.groups,
            Self::Nobody | Self::AdHoc(..) | Self::Unknown(_) | Self::Application(_) => &[],
        }
    }

    /// Whether the owner of the site can be asked on the person's behalf.
    pub(super) const fn may_request(self) -> bool {
        matches!(self, Self::Member(..) | Self::Guest(..))
    }
}
