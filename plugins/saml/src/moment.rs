//! Moments and durations as SAML writes them (XML Schema, 3.2.6 and 3.2.7).

use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

const DAY: i64 = 24 * 60 * 60;

/// A moment in seconds since the Unix epoch, in UTC: `2026-11-21T12:00:00Z`.
///
/// Absent outside of the years 0 to 9999.
pub(crate) fn write(at: i64) -> Option<String> {
    OffsetDateTime::from_unix_timestamp(at)
        .ok()
        .and_then(|moment| moment.format(&Rfc3339).ok())
}

/// Reads a moment that names its offset; fractions of a second are cut off.
pub(crate) fn read(text: &str) -> Option<i64> {
    OffsetDateTime::parse(text, &Rfc3339)
        .ok()
        .map(OffsetDateTime::unix_timestamp)
}

/// Reads a duration such as `PT6H` or `P1D`, in seconds. Months have 30 days, years 365.
pub(crate) fn read_duration(text: &str) -> Option<i64> {
    let (date, time) = match text.strip_prefix('P')?.split_once('T') {
        Some((date, time)) if !time.is_empty() => (date, time),
        Some(_) => return None,
        None => (text.strip_prefix('P')?, ""),
    };
    if date.is_empty() && time.is_empty() {
        return None;
    }
    let days = fields(date, &[('Y', 365 * DAY), ('M', 30 * DAY), ('D', DAY)])?;
    let seconds = fields(time, &[('H', 3600), ('M', 60), ('S', 1)])?;
    days.checked_add(seconds)
}

/// Sums fields such as `6H30M`, each of which may be absent, in order.
fn fields(mut text: &str, units: &[(char, i64)]) -> Option<i64> {
    let mut sum = 0_i64;
    for (unit, seconds) in units {
        if let Some((number, rest)) = text.split_once(*unit) {
            let whole = number.split_once('.').map_or(number, |(whole, _)| whole);
            if whole.is_empty() || !number.bytes().all(|b| b.is_ascii_digit() || b == b'.') {
                return None;
            }
            let number: i64 = whole.parse().ok()?;
            sum = sum.checked_add(number.checked_mul(*seconds)?)?;
            text = rest;
        }
    }
    text.is_empty().then_some(sum)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments_survive() {
        assert_eq!(
            write(1_795_262_400).as_deref(),
            Some("2026-11-21T12:00:00Z")
        );
        assert_eq!(read("2026-11-21T12:00:00Z"), Some(1_795_262_400));
        assert_eq!(read("2026-11-21T12:00:00.999Z"), Some(1_795_262_400));
        assert_eq!(read("2026-11-21T13:00:00+01:00"), Some(1_795_262_400));
        assert_eq!(write(i64::MAX), None);
        for text in ["", "2026-11-21", "2026-11-21T12:00:00", "tomorrow"] {
            assert_eq!(read(text), None, "{text}");
        }
    }

    #[test]
    fn durations_are_read() {
        for (text, want) in [
            ("PT6H", Some(21_600)),
            ("P1DT1M", Some(86_460)),
            ("P1Y2M3D", Some((365 + 60 + 3) * DAY)),
            ("PT0S", Some(0)),
            ("PT1.5S", Some(1)),
            ("P", None),
            ("PT", None),
            ("P1H", None),
            ("PT1D", None),
            ("-P1D", None),
            ("P1M1Y", None),
            ("P99999999999999999999D", None),
            ("P9223372036854775807D", None),
        ] {
            assert_eq!(read_duration(text), want, "{text}");
        }
    }
}
