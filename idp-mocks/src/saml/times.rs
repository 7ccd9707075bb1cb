//! Moments as XML writes them (XML Schema part 2, `dateTime`), UTC only.

const DAY: u64 = 86_400;

/// `2026-01-05T09:00:00Z` for seconds since the Unix epoch.
pub(crate) fn written(seconds: u64) -> String {
    let (year, month, day) = date(seconds / DAY);
    let time = seconds % DAY;
    format!(
        "{year:04}-{month:02}-{day:02}T{:02}:{:02}:{:02}Z",
        time / 3600,
        time / 60 % 60,
        time % 60
    )
}

/// Seconds since the Unix epoch, fractions cut off; nothing for another form or a moment before the epoch.
pub(crate) fn read(text: &str) -> Option<u64> {
    let (date, time) = text.strip_suffix('Z')?.split_once('T')?;
    let time = time.split_once('.').map_or(time, |(whole, _)| whole);
    let [year, month, day] = numbers(date, '-')?;
    let [hour, minute, second] = numbers(time, ':')?;
    let sane = (1970..10_000).contains(&year)
        && (1..=12).contains(&month)
        && (1..=31).contains(&day)
        && hour < 24
        && minute < 60
        && second < 60;
    sane.then(|| days(year, month, day) * DAY + hour * 3600 + minute * 60 + second)
}

fn numbers(text: &str, separator: char) -> Option<[u64; 3]> {
    let mut parts = text.split(separator).map(str::parse);
    let three = [
        parts.next()?.ok()?,
        parts.next()?.ok()?,
        parts.next()?.ok()?,
    ];
    parts.next().is_none().then_some(three)
}

/// Days since the epoch of a date of the Gregorian calendar. March is taken as the first month, so that the leap day
/// is the last of its year.
fn days(year: u64, month: u64, day: u64) -> u64 {
    let shifted = if month > 2 { year } else { year - 1 };
    let from_march = (month + 9) % 12;
    let day_of_year = (153 * from_march + 2) / 5 + day - 1;
    // 719 468 days lie between 1 March of year 0 and the epoch.
    shifted * 365 + shifted / 4 - shifted / 100 + shifted / 400 + day_of_year - 719_468
}

fn date(days_since_epoch: u64) -> (u64, u64, u64) {
    let mut year = 1970 + days_since_epoch / 366;
    while days(year + 1, 1, 1) <= days_since_epoch {
        year += 1;
    }
    let mut month = 1;
    while month < 12 && days(year, month + 1, 1) <= days_since_epoch {
        month += 1;
    }
    (year, month, days_since_epoch - days(year, month, 1) + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments_are_written_and_read_alike() {
        let check = |seconds: u64, text: &str| {
            assert_eq!(written(seconds), text);
            assert_eq!(read(text), Some(seconds));
        };
        check(0, "1970-01-01T00:00:00Z");
        check(951_827_696, "2000-02-29T12:34:56Z");
        check(1_772_323_199, "2026-02-28T23:59:59Z");
        check(1_772_323_200, "2026-03-01T00:00:00Z");
        check(4_102_444_800, "2100-01-01T00:00:00Z");
        assert_eq!(read("2000-02-29T12:34:56.789Z"), Some(951_827_696));
        for text in [
            "",
            "2000-02-29",
            "2000-02-29T12:34:56",
            "2000-13-01T00:00:00Z",
        ] {
            assert_eq!(read(text), None, "{text}");
        }
    }
}
