//! The stories that the gateway is there for, each with what must not happen in it. The tour tells all of them of one
//! running system, one after the other; the tests tell each of a system of its own.

mod anyone_links;
mod attacks;
mod directory;
mod managed;
mod members;
mod not_admitted;
mod other_guests;
mod plugins;
mod work_guest;

use crate::Outcome;
use crate::report::{Listener, Report};
use crate::world::World;

/// A journey by its number, 1 to 9.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Journey {
    /// 1: a guest with an Entra account of another organisation.
    WorkGuest,
    /// 2: guests with a passcode, Google and a Microsoft account.
    OtherGuests,
    /// 3: Anyone links.
    AnyoneLinks,
    /// 4: guests who are refused, each for a reason of its own.
    NotAdmitted,
    /// 5: members, and links for members.
    Members,
    /// 6: providers that are not ours, and providers that misbehave.
    Plugins,
    /// 7: the founding documents' managed mode.
    Managed,
    /// 8: attacks.
    Attacks,
    /// 9: an administrator's program, through the management API.
    Directory,
}

impl Journey {
    /// All, in order.
    pub const ALL: [Self; 9] = [
        Self::WorkGuest,
        Self::OtherGuests,
        Self::AnyoneLinks,
        Self::NotAdmitted,
        Self::Members,
        Self::Plugins,
        Self::Managed,
        Self::Attacks,
        Self::Directory,
    ];

    /// What it is about.
    #[must_use]
    pub fn title(self) -> &'static str {
        match self {
            Self::WorkGuest => {
                "1. A guest from another organisation reads, and writes where that was granted"
            }
            Self::OtherGuests => "2. Guests by passcode, by Google and by Microsoft account",
            Self::AnyoneLinks => "3. A link for anyone",
            Self::NotAdmitted => "4. Who is not let in, and why",
            Self::Members => "5. Members, and a link for members",
            Self::Plugins => "6. A provider in C, one that panics, one of another time",
            Self::Managed => {
                "7. Only guests whom an administrator added; a site that does not share"
            }
            Self::Attacks => "8. Attacks",
            Self::Directory => "9. An administrator's program invites, shares, links and revokes",
        }
    }

    /// Plays it against `world`, and leaves the world's configuration as it was.
    ///
    /// # Errors
    /// The first step that failed, with what was expected and what was found.
    pub async fn play(self, world: &mut World, listener: &mut dyn Listener) -> Outcome {
        let report = &mut Report::new(self.title(), listener);
        match self {
            Self::WorkGuest => work_guest::play(world, report).await,
            Self::OtherGuests => other_guests::play(world, report).await,
            Self::AnyoneLinks => anyone_links::play(world, report).await,
            Self::NotAdmitted => not_admitted::play(world, report).await,
            Self::Members => members::play(world, report).await,
            Self::Plugins => plugins::play(world, report).await,
            Self::Managed => managed::play(world, report).await,
            Self::Attacks => attacks::play(world, report).await,
            Self::Directory => directory::play(world, report).await,
        }
    }
}

/// What programs say, so that they get JSON instead of a redirect or a page.
const PROGRAM: &[(&str, &str)] = &[("accept", "application/json"), ("sec-fetch-mode", "cors")];

/// Fails unless exactly one request was seen, with this method and target.
fn only_request<'a>(
    seen: &'a [idp_mocks::SeenRequest],
    method: &str,
    target: &str,
) -> Outcome<&'a idp_mocks::SeenRequest> {
    match seen {
        [one] if one.method == method && one.target == target => Ok(one),
        _ => Err(format!("expected {method} {target} at the documents, found {seen:?}").into()),
    }
}
