//! Moments as SAML messages must write them: `xs:dateTime` in UTC (SAML core, 1.3.3).

use time::{Date, Month, Time};

/// Reads `2026-11-21T12:00:00Z`, with or without a fraction of a second, which is cut off.
///
/// Absent for everything else that XML Schema would allow: other offsets, none, leap seconds, hour 24, years of other
/// than four digits. Two readers of a moment can differ in those.
pub(crate) fn read(text: &str) -> Option<i64> {
    let text = text.strip_suffix('Z')?;
    let (date, clock) = text.split_once('T')?;
    let [year, month, day] = numbers(date, '-', [4, 2, 2])?;
    let clock = match clock.split_once('.') {
        Some((clock, fraction)) if (1..=12).contains(&fraction.len()) && digits(fraction) => clock,
        Some(_) => return None,
        None => clock,
    };
    let [hour, minute, second] = numbers(clock, ':', [2, 2, 2])?;
    let month = Month::try_from(u8::try_from(month).ok()?).ok()?;
    let date = Date::from_calendar_date(i32::from(year), month, u8::try_from(day).ok()?).ok()?;
    let part = |number: u16| u8::try_from(number).ok();
    let clock = Time::from_hms(part(hour)?, part(minute)?, part(second)?).ok()?;
    Some(date.with_time(clock).assume_utc().unix_timestamp())
}

/// Three numbers of exactly so many digits.
fn numbers(text: &str, separator: char, lengths: [usize; 3]) -> Option<[u16; 3]> {
    let mut parts = text.split(separator);
    let mut numbers = [0; 3];
    for (number, length) in numbers.iter_mut().zip(lengths) {
        let part = parts.next().filter(|part| part.len() == length)?;
        *number = digits(part).then(|| part.parse().ok())??;
    }
    parts.next().is_none().then_some(numbers)
}

fn digits(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn utc_alone_is_read() {
        for (text, want) in [
            ("2026-11-21T12:00:00Z", Some(1_795_262_400)),
            ("2026-11-21T12:00:00.999Z", Some(1_795_262_400)),
            ("2026-11-21T12:00:00.123456789012Z", Some(1_795_262_400)),
            ("1970-01-01T00:00:00Z", Some(0)),
            ("9999-12-31T23:59:59Z", Some(253_402_300_799)),
            ("2026-11-21T12:00:00.1234567890123Z", None),
            ("2026-11-21T12:00:00.Z", None),
            ("2026-11-21T12:00:00", None),
            ("2026-11-21T12:00:00z", None),
            ("2026-11-21T12:00:00+00:00", None),
            ("2026-11-21T13:00:00+01:00", None),
            ("2026-11-21 12:00:00Z", None),
            ("2026-11-21T24:00:00Z", None),
            ("2026-12-31T23:59:60Z", None),
            ("2026-02-30T12:00:00Z", None),
            ("2026-13-01T12:00:00Z", None),
            ("02026-11-21T12:00:00Z", None),
            ("-026-11-21T12:00:00Z", None),
            ("+026-11-21T12:00:00Z", None),
            ("2026-11-21T12:00Z", None),
            ("2026-11-21T12:00:00:00Z", None),
            ("2026-1-21T12:00:00Z", None),
            (" 2026-11-21T12:00:00Z", None),
            ("", None),
            ("Z", None),
        ] {
            assert_eq!(read(text), want, "{text}");
        }
    }
}
