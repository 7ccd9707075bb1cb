//! Who was granted what, found by item and by person: what the facts of a decision are gathered from.
//!
//! A lookup walks down the path of an item, one step for each name, and looks at each step into a table for what is
//! granted there to the person, to each group of the person, and to people in general. What it costs grows with the
//! length of the path and the person's groups, and not with how much is stored or with how many others have access to
//! the same item. It allocates nothing unless more than 8 grants are found.
//!
//! Sites that tell names apart by case and sites that do not are served alike, from one tree: see `tree.rs`.
//!
//! Hashes lead to candidates; every name, person and group is compared as text before it counts. Where outsiders choose
//! names of items, give the index a seed that they do not know ([`Permissions::with_seed`]): then they cannot choose
//! names that collide, which would make lookups slow, though never wrong.

mod gather;
mod guests;
pub(crate) mod hash;
mod links;
pub(crate) mod names;
mod permissions;
mod postings;
mod stored;
pub(crate) mod table;
#[cfg(test)]
mod tests;
mod tree;

use smallvec::SmallVec;

pub use gather::{Snapshot, gather};
pub use guests::Guests;
pub use links::{LinkFacts, LinkIndex, Links};
pub use permissions::Permissions;
pub use stored::Stored;

use self::postings::Whose;
use crate::address::EmailAddress;
use crate::id::{GroupId, PermissionId};
use crate::person::InvitationManager;
use crate::sharing::Role;
use crate::time::UnixTime;

/// For whom permissions are looked up.
#[derive(Clone, Copy, Debug, Default)]
pub struct Seeker<'a> {
    /// The address.
    pub address: Option<&'a EmailAddress>,
    /// The groups the person is in, also through other groups; sorted.
    pub groups: &'a [GroupId],
}

/// Permissions that cover one item: what [`Permissions::covering`] found. Only an index makes them, so that a grant is
/// never judged for an item that it does not cover.
#[derive(Clone, Debug, Default)]
pub struct Grants<'a> {
    index: Option<&'a Permissions>,
    seeker: Seeker<'a>,
    found: SmallVec<[(u32, Whose); 8]>,
}

/// One of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Grant<'a> {
    /// The permission.
    pub id: &'a PermissionId,
    /// To whom.
    pub recipient: GrantedTo<'a>,
    /// What it allows.
    pub role: Role,
    /// Which manager invited for it.
    pub manager: InvitationManager,
    /// When it ends; it is dead *at* this moment.
    pub expires: Option<UnixTime>,
}

/// To whom something is granted; [`Recipient`](crate::sharing::Recipient), borrowed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum GrantedTo<'a> {
    /// Every member of the tenant.
    Members,
    /// Everyone.
    Everyone,
    /// All users.
    AllUsers,
    /// The people of a group.
    Group(&'a GroupId),
    /// The person behind this address.
    Address(&'a EmailAddress),
}

impl<'a> Grants<'a> {
    /// The grants, in no order.
    pub fn iter(&self) -> impl Iterator<Item = Grant<'a>> {
        let (index, seeker) = (self.index, self.seeker);
        let found = self.found.iter();
        found.filter_map(move |(at, whose)| {
            let stored = index?.stored(*at)?;
            Some(Grant {
                id: stored.id(),
                // What was found was compared with the seeker, whose own words are nearer than the index's.
                recipient: match *whose {
                    Whose::GENERAL => stored.general()?,
                    Whose::PERSON => GrantedTo::Address(seeker.address?),
                    group => GrantedTo::Group(seeker.groups.get(group.group())?),
                },
                role: stored.role(),
                manager: stored.manager(),
                expires: stored.expires(),
            })
        })
    }
}
