//! The sharing rules a second time: written from the specification, straight on and slow, and knowing nothing of how the
//! engine goes about it. What both agree on in a million made-up questions is not one author's slip.
//!
//! [`access()`], [`share()`] and [`redeem()`] answer; [`make`] makes up the questions; [`engine`] puts them to the engine.
//!
//! Only types and comparisons are shared with the engine. Effective values, relations between rules and the order of
//! judgement are worked out here.

pub mod access;
mod cloud;
mod conditional;
pub mod coverage;
pub mod engine;
mod grants;
mod limits;
mod link;
pub mod make;
mod provider;
pub mod random;
pub mod redeem;
mod settings;
pub mod share;
mod sharer;
pub mod world;

pub use access::access;
pub use redeem::redeem;
pub use share::share;

use gateway_core::policy::{Challenge, Denial, Ground};

/// How a question came out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    /// Yes. Questions about access say what for.
    Allow(Option<Ground>),
    /// Not yet.
    Challenge(Challenge),
    /// No, but the owner may be asked.
    Request(Denial),
    /// No.
    Deny(Denial),
}

/// Nothing against it, or what there is.
type Judged = Result<(), Answer>;

/// A denial where `holds`.
fn deny_if(holds: bool, why: Denial) -> Judged {
    if holds {
        Err(Answer::Deny(why))
    } else {
        Ok(())
    }
}

/// The first of `order` that was `found`: where several things are wrong, what is reported does not depend on the order
/// in which they were looked at.
fn first_of(order: &[Denial], found: &[Denial]) -> Option<Denial> {
    order.iter().copied().find(|why| found.contains(why))
}
