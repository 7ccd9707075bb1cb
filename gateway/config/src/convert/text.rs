//! Values that several files spell as text.

use std::time::Duration;

use gateway_core::address::{DomainName, EmailAddress};
use gateway_core::path::ItemPath;
use gateway_core::time::UnixTime;
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;
use url::Url;

use crate::source::Scope;
use crate::suggest::nearest;

/// A required address.
pub(super) fn address(scope: &Scope<'_>, text: Option<&str>) -> Option<EmailAddress> {
    let text = scope.required(text, "give an address such as `ada@fabrikam.example`");
    scope.parse(text, EmailAddress::parse)
}

/// A required path.
pub(super) fn path(scope: &Scope<'_>, text: Option<&str>) -> Option<ItemPath> {
    let text = scope.required(text, "give a path such as `/sites/projects`");
    scope.parse(text, ItemPath::parse)
}

/// A moment; `None` also when there is none.
pub(super) fn moment(scope: &Scope<'_>, text: Option<&str>) -> Option<UnixTime> {
    scope.parse(text, |text| {
        OffsetDateTime::parse(text, &Rfc3339)
            .map(|moment| UnixTime(moment.unix_timestamp()))
            .map_err(|_| "is not a moment such as `2030-01-01T00:00:00Z`, with its offset")
    })
}

/// A required span of time in `least..=most`.
pub(super) fn duration(
    scope: &Scope<'_>,
    text: Option<&str>,
    least: Duration,
    most: Duration,
) -> Option<Duration> {
    let text = scope.required(text, "give a span of time such as `30s`, `10m` or `12h`")?;
    let shown = humantime::format_duration;
    scope.parse(Some(text), |text| match humantime::parse_duration(text) {
        Ok(span) if (least..=most).contains(&span) => Ok(span),
        Ok(_) => Err(format!("must be {} to {}", shown(least), shown(most))),
        Err(_) => Err("is not a span of time such as `30s`, `10m` or `12h`".to_owned()),
    })
}

/// 32 bytes in hexadecimal.
pub(super) fn sha256(text: &str) -> Result<[u8; 32], &'static str> {
    const WANTED: &str = "must be 64 hexadecimal digits";
    let mut bytes = [0; 32];
    if text.len() != 64 || !text.is_ascii() {
        return Err(WANTED);
    }
    for (byte, pair) in bytes.iter_mut().zip(text.as_bytes().chunks(2)) {
        let pair = std::str::from_utf8(pair).map_err(|_| WANTED)?;
        // `from_str_radix` would take a sign.
        let digits = pair.bytes().all(|digit| digit.is_ascii_hexdigit());
        *byte = u8::from_str_radix(pair, 16)
            .ok()
            .filter(|_| digits)
            .ok_or(WANTED)?;
    }
    Ok(bytes)
}

/// A tenant id of a directory, lower case.
pub(super) fn guid(text: &str) -> Result<String, &'static str> {
    let text = text.to_ascii_lowercase();
    let groups: Vec<&str> = text.split('-').collect();
    let lengths: Vec<usize> = groups.iter().map(|group| group.len()).collect();
    let fits =
        lengths == [8, 4, 4, 4, 12] && groups.concat().bytes().all(|byte| byte.is_ascii_hexdigit());
    if fits {
        Ok(text)
    } else {
        Err("must be a GUID such as `11111111-1111-4111-8111-111111111111`")
    }
}

/// The origin of an HTTP server.
pub(super) fn origin(text: &str) -> Result<Url, &'static str> {
    const WANTED: &str =
        "must be an origin such as `https://docs.example:8443`, without user, path and query";
    let url = Url::parse(text).map_err(|_| WANTED)?;
    let bare = url.username().is_empty()
        && url.password().is_none()
        && url.path() == "/"
        && url.query().is_none()
        && url.fragment().is_none();
    let http = matches!(url.scheme(), "http" | "https") && url.host_str().is_some();
    if bare && http { Ok(url) } else { Err(WANTED) }
}

/// Every domain of a list that is one; the others are noted.
pub(super) fn domains<'t>(
    scope: &Scope<'_>,
    texts: impl IntoIterator<Item = &'t str>,
) -> impl Iterator<Item = DomainName> {
    let scope = scope.clone();
    let parse = move |(index, text): (usize, &str)| {
        scope.element(index).parse(Some(text), DomainName::parse)
    };
    texts.into_iter().enumerate().filter_map(parse)
}

/// What is said about a site that is not declared.
pub(super) fn unknown_site<'a>(name: &str, known: impl Iterator<Item = &'a str> + Clone) -> String {
    let advice = match nearest(name, known.clone()) {
        Some(meant) => format!("did you mean `{meant}`?"),
        None => format!("it has {}", known.collect::<Vec<_>>().join(", ")),
    };
    format!("`{name}` is not a site of this tenant: {advice}")
}
