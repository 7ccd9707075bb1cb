//! Moments as upstreams write them.

use gateway_core::time::UnixTime;
use time::OffsetDateTime;
use time::format_description::well_known::{Rfc2822, Rfc3339};

/// `Sun, 06 Nov 1994 08:49:37 GMT`.
///
/// Source: RFC 9110 section 5.6.7; of the three forms the one that is to be sent.
pub(super) fn http(text: &str) -> Option<UnixTime> {
    let moment = OffsetDateTime::parse(text.trim(), &Rfc2822).ok()?;
    Some(UnixTime(moment.unix_timestamp()))
}

/// `1997-12-01T17:42:21-08:00`.
///
/// Source: RFC 4918 section 15.1.
pub(super) fn iso(text: &str) -> Option<UnixTime> {
    let moment = OffsetDateTime::parse(text.trim(), &Rfc3339).ok()?;
    Some(UnixTime(moment.unix_timestamp()))
}
