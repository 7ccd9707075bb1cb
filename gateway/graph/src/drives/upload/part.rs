//! `Content-Range` of a part.
//!
//! Source: RFC 9110 section 14.4.

use http::HeaderMap;
use http::header::{CONTENT_LENGTH, CONTENT_RANGE};

use crate::error::{ApiError, Area};
use crate::uploads::Part;

/// The part that these headers are about.
///
/// # Errors
/// [`ApiError`] with 400: there is not exactly one range, it is malformed or says not how long the whole is, or
/// `Content-Length` says something else.
pub(super) fn read(headers: &HeaderMap) -> Result<Part, ApiError> {
    let bad = |message: &str| ApiError::bad_request(Area::Files, message);
    let form = || bad("`Content-Range` must be such as `bytes 0-1023/4096`.");
    let mut values = headers.get_all(CONTENT_RANGE).iter();
    let (Some(value), None) = (values.next(), values.next()) else {
        return Err(form());
    };
    let part = parse(value.to_str().map_err(|_| form())?).ok_or_else(form)?;
    let length = headers.get(CONTENT_LENGTH);
    let length = length.map(|value| value.to_str().ok().and_then(number));
    match length {
        None => Ok(part),
        Some(Some(length)) if length == part.end - part.start => Ok(part),
        // A client of Microsoft's sends the last part again without its bytes: nothing is taken of it.
        Some(Some(0)) => Ok(part),
        Some(_) => Err(bad(
            "`Content-Length` is not as long as `Content-Range` says.",
        )),
    }
}

fn parse(text: &str) -> Option<Part> {
    let (unit, range) = text.trim().split_once(' ')?;
    if !unit.eq_ignore_ascii_case("bytes") {
        return None;
    }
    let (range, total) = range.trim().split_once('/')?;
    let (first, last) = range.split_once('-')?;
    let (start, last, total) = (number(first)?, number(last)?, number(total)?);
    let fits = start <= last && last < total;
    fits.then(|| Part {
        start,
        end: last + 1,
        total,
    })
}

/// Digits alone: no sign, no space.
fn number(text: &str) -> Option<u64> {
    let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    digits.then(|| text.parse().ok())?
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(range: &[&str], length: Option<&str>, want: Option<(u64, u64, u64)>) {
        let mut headers = HeaderMap::new();
        for one in range {
            headers.append(CONTENT_RANGE, one.parse().unwrap());
        }
        if let Some(length) = length {
            headers.insert(CONTENT_LENGTH, length.parse().unwrap());
        }
        let got = read(&headers).ok();
        let got = got.map(|part| (part.start, part.end, part.total));
        assert_eq!(got, want, "{range:?} {length:?}");
    }

    #[test]
    fn a_part_says_which_bytes_it_is_of_how_many() {
        check(&["bytes 0-25/128"], None, Some((0, 26, 128)));
        check(&["bytes 26-127/128"], Some("102"), Some((26, 128, 128)));
        check(&["Bytes 0-0/1"], Some("1"), Some((0, 1, 1)));
        check(
            &["bytes 0-0/18446744073709551615"],
            None,
            Some((0, 1, u64::MAX)),
        );
        for bad in [
            "",
            "bytes",
            "0-25/128",
            "items 0-25/128",
            "bytes 0-25/*",
            "bytes */128",
            "bytes 0-25",
            "bytes -25/128",
            "bytes 5-/128",
            "bytes 5-4/128",
            "bytes 0-128/128",
            "bytes +0-25/128",
            "bytes 0 - 25/128",
            "bytes 0-25,30-35/128",
            "bytes 0-18446744073709551616/18446744073709551617",
            "bytes 18446744073709551615-18446744073709551615/18446744073709551615",
        ] {
            check(&[bad], None, None);
        }
        check(&[], None, None);
        check(&["bytes 0-0/1", "bytes 0-0/1"], None, None);
    }

    #[test]
    fn its_length_is_what_it_says() {
        check(&["bytes 0-25/128"], Some("26"), Some((0, 26, 128)));
        for other in ["25", "27", "-26", "x", "18446744073709551642"] {
            check(&["bytes 0-25/128"], Some(other), None);
        }
    }
}
