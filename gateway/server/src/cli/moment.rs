//! Moments, as people type and read them.

use gateway_core::time::UnixTime;
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

/// Reads a moment of RFC 3339.
pub(super) fn read(text: &str) -> Result<UnixTime, &'static str> {
    OffsetDateTime::parse(text, &Rfc3339)
        .map(|moment| UnixTime(moment.unix_timestamp()))
        .map_err(|_| "a moment such as 2026-11-21T12:00:00Z")
}

/// Writes it.
pub(super) fn shown(at: UnixTime) -> String {
    OffsetDateTime::from_unix_timestamp(at.0)
        .ok()
        .and_then(|moment| moment.format(&Rfc3339).ok())
        .unwrap_or_else(|| at.to_string())
}
