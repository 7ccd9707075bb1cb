//! Moments, as dates or counted from the moment of the question.

use gateway_core::time::UnixTime;
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

/// The moment of a question that names none: 2026-01-01T00:00:00Z.
pub(crate) const DEFAULT: UnixTime = UnixTime(1_767_225_600);

const WANTED: &str = "is neither a moment such as 2026-01-01T00:00:00Z nor a span from the question's such as -25h or +30d";

/// A moment of RFC 3339.
pub(crate) fn absolute(text: &str) -> Option<UnixTime> {
    OffsetDateTime::parse(text, &Rfc3339)
        .map(|moment| UnixTime(moment.unix_timestamp()))
        .ok()
}

/// A moment of RFC 3339, or a span from `at`: a sign, a number, and one of `s`, `m`, `h`, `d`.
pub(crate) fn read(text: &str, at: UnixTime) -> Result<UnixTime, &'static str> {
    if let Some(moment) = absolute(text) {
        return Ok(moment);
    }
    let (sign, rest) = match text.split_at_checked(1) {
        Some(("-", rest)) => (-1, rest),
        Some(("+", rest)) => (1, rest),
        Some(_) | None => return Err(WANTED),
    };
    let unit = match rest.chars().last() {
        Some('s') => 1,
        Some('m') => 60,
        Some('h') => 3_600,
        Some('d') => 86_400,
        Some(_) | None => return Err(WANTED),
    };
    let number = rest.get(..rest.len().saturating_sub(1)).unwrap_or_default();
    let digits =
        (1..=9).contains(&number.len()) && number.bytes().all(|byte| byte.is_ascii_digit());
    let number: i64 = digits
        .then(|| number.parse().ok())
        .flatten()
        .ok_or(WANTED)?;
    Ok(at.plus(sign * unit * number))
}

/// As programs read it.
pub(crate) fn shown(moment: UnixTime) -> String {
    OffsetDateTime::from_unix_timestamp(moment.0)
        .ok()
        .and_then(|moment| moment.format(&Rfc3339).ok())
        .unwrap_or_else(|| moment.0.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments_are_dates_or_spans() {
        let at = UnixTime(1_000_000);
        assert_eq!(read("-25h", at), Ok(UnixTime(1_000_000 - 90_000)));
        assert_eq!(read("+30d", at), Ok(UnixTime(1_000_000 + 2_592_000)));
        assert_eq!(read("+0s", at), Ok(at));
        assert_eq!(read("2026-01-01T00:00:00Z", at), Ok(DEFAULT));
        for bad in [
            "",
            "-",
            "25h",
            "+h",
            "+1w",
            "+-1d",
            "+1000000000d",
            "tomorrow",
            "é",
            "+é",
        ] {
            assert!(read(bad, at).is_err(), "{bad}");
        }
    }
}
