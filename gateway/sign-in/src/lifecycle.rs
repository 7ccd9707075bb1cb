//! What was shared with somebody, whether it still may be, and what the directory keeps of a redemption.
//!
//! Whoever was shared with and has no entry in the directory comes in by the share: under the manager that invited for
//! it, and, where the directory adds the guest on the creator's behalf, only while the creator may share still.
//!
//! Source: founding document 2; specification "sharing rules" 0, 4 and 7.

mod creator;
mod joining;
mod shares;

pub(crate) use creator::Asked;
pub(crate) use joining::{added, expiries, new_id};
pub(crate) use shares::{Judged, Share, Shared, What, on_site, shares};
