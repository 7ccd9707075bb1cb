//! Checks of single values.

use url::{Host, Url};

use super::NotAccepted;
use crate::limits;

/// `value` is one line without control characters, of `least` to `most` characters.
pub(super) fn line(field: &str, value: &str, least: usize, most: usize) -> Result<(), NotAccepted> {
    if value.chars().any(char::is_control) {
        return Err(out_of_range(field, "must not hold control characters"));
    }
    let count = value.chars().count();
    if (least..=most).contains(&count) {
        Ok(())
    } else {
        Err(length_out_of_range(field, count, least, most, "characters"))
    }
}

/// `value` is one line without control characters, of `least` to `most` bytes.
pub(super) fn bytes(
    field: &str,
    value: &str,
    least: usize,
    most: usize,
) -> Result<(), NotAccepted> {
    if value.chars().any(char::is_control) {
        return Err(out_of_range(field, "must not hold control characters"));
    }
    size(field, value, least, most)
}

/// `value` is text of several lines, of `least` to `most` bytes.
pub(super) fn paragraphs(
    field: &str,
    value: &str,
    least: usize,
    most: usize,
) -> Result<(), NotAccepted> {
    if value
        .chars()
        .any(|c| c.is_control() && !matches!(c, '\n' | '\t'))
    {
        return Err(out_of_range(
            field,
            "must not hold control characters other than line feed and tab",
        ));
    }
    size(field, value, least, most)
}

/// `value` has `least` to `most` bytes of any kind.
pub(super) fn size(field: &str, value: &str, least: usize, most: usize) -> Result<(), NotAccepted> {
    if (least..=most).contains(&value.len()) {
        return Ok(());
    }
    Err(length_out_of_range(
        field,
        value.len(),
        least,
        most,
        "bytes",
    ))
}

/// A list has `least` to `most` entries.
pub(super) fn count(
    field: &str,
    length: usize,
    least: usize,
    most: usize,
) -> Result<(), NotAccepted> {
    if (least..=most).contains(&length) {
        Ok(())
    } else {
        Err(length_out_of_range(field, length, least, most, "entries"))
    }
}

/// `value` is `[a-z0-9-]{1,64}`.
pub(super) fn identifier(field: &str, value: &str) -> Result<(), NotAccepted> {
    let fits = value
        .bytes()
        .all(|byte| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'-'));
    if fits && (1..=limits::ID_CHARS).contains(&value.len()) {
        return Ok(());
    }
    Err(out_of_range(field, "must be `[a-z0-9-]{1,64}`"))
}

/// `value` is a host name in its canonical form, without port.
pub(super) fn host(field: &str, value: &str) -> Result<(), NotAccepted> {
    let fits = match Host::parse(value) {
        Ok(Host::Domain(name)) => name == value && name.bytes().all(is_host_byte),
        Ok(address) => address.to_string() == value,
        Err(_) => false,
    };
    if fits && value.len() <= 255 {
        return Ok(());
    }
    Err(out_of_range(
        field,
        "must be a host name in lower case, international ones as `xn--`",
    ))
}

/// The parser of URLs takes more, `*` for example, which here would look like a pattern.
fn is_host_byte(byte: u8) -> bool {
    matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_' | b'.')
}

/// `value` is `host` or `host:port` in canonical form.
pub(super) fn host_and_port(field: &str, value: &str) -> Result<(), NotAccepted> {
    match value.rsplit_once(':') {
        Some((name, port)) if !value.ends_with(']') => match port.parse::<u16>() {
            Ok(number) if number != 0 && number.to_string() == port => host(field, name),
            _ => Err(out_of_range(
                field,
                "must be `host` or `host:port`, the port 1–65535",
            )),
        },
        _ => host(field, value),
    }
}

/// `value` is an absolute URL, https or, on loopback, http, without credentials.
pub(super) fn url(field: &str, value: &str) -> Result<Url, NotAccepted> {
    bytes(field, value, 1, limits::URL_BYTES)?;
    // Parsers disagree on the rest (RFC 3986 forbids it, browsers repair it), and so on whose host this is.
    if !value
        .bytes()
        .all(|byte| byte.is_ascii_graphic() && byte != b'\\')
    {
        return Err(out_of_range(
            field,
            "must be ASCII without spaces and backslashes",
        ));
    }
    let url = Url::parse(value)
        .map_err(|error| out_of_range(field, format!("must be an absolute URL: {error}")))?;
    if !url.username().is_empty() || url.password().is_some() {
        return Err(out_of_range(field, "must not hold credentials"));
    }
    match url.scheme() {
        "https" => Ok(url),
        "http" if url.host().is_some_and(|host| is_loopback(&host)) => Ok(url),
        _ => Err(out_of_range(field, "must be https, or http on loopback")),
    }
}

/// `localhost` and names below it never leave the machine (RFC 6761, 6.3).
fn is_loopback(host: &Host<&str>) -> bool {
    match host {
        Host::Domain(name) => *name == "localhost" || name.ends_with(".localhost"),
        Host::Ipv4(address) => address.is_loopback(),
        Host::Ipv6(address) => address.is_loopback(),
    }
}

pub(super) fn out_of_range(field: &str, problem: impl Into<String>) -> NotAccepted {
    NotAccepted::OutOfRange {
        field: field.to_owned(),
        problem: problem.into(),
    }
}

fn length_out_of_range(
    field: &str,
    length: usize,
    least: usize,
    most: usize,
    unit: &str,
) -> NotAccepted {
    out_of_range(
        field,
        format!("has {length} {unit}, {least} to {most} are allowed"),
    )
}
