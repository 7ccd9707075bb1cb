//! Where a person goes after signing in: the one validator of return addresses.
//!
//! A return address is a path with an optional query on the same host, and nothing else. It is parsed as a request
//! for an item would be, and what goes into `Location` is written anew from what was parsed, so that no spelling
//! of another origin survives (security rows S001 to S016).

use std::fmt;

use gateway_core::path::ItemPath;

/// Longest query, in bytes.
const MAX_QUERY: usize = 4096;

/// Our own pages lie below this segment; only sharing links and invitations may be returned to.
const OWN: &str = "_vestibule";
const RETURNED_TO: [&str; 2] = ["s", "invitation"];

/// A checked return address. Written, it is what belongs into `Location`: it begins with one `/` and holds only
/// characters of RFC 3986.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReturnTarget {
    path: String,
    query: Option<String>,
}

impl ReturnTarget {
    /// The root of the host.
    #[must_use]
    pub fn root() -> Self {
        Self {
            path: "/".to_owned(),
            query: None,
        }
    }
}

impl fmt::Display for ReturnTarget {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.path)?;
        match &self.query {
            Some(query) => write!(f, "?{query}"),
            None => Ok(()),
        }
    }
}

/// Checks a return address as it came, already freed of the encoding of the field it came in.
///
/// `None` is everything that is not an absolute path of an item with an optional query, among it what a
/// browser would take for another origin; the caller goes to [`ReturnTarget::root`] then.
#[must_use]
pub fn return_target(raw: &str) -> Option<ReturnTarget> {
    let (path, query) = match raw.split_once('?') {
        Some((path, query)) => (path, Some(query)),
        None => (raw, None),
    };
    let path = ItemPath::parse(path).ok()?;
    if path.segments().any(has_odd_space) || is_own_page(&path) {
        return None;
    }
    let query = match query {
        Some(query) => Some(checked_query(query)?),
        None => None,
    };
    Some(ReturnTarget {
        path: path.encoded(),
        query,
    })
}

/// White space other than the plain one, which people's file names hold, is what browsers strip or fold (S003).
fn has_odd_space(segment: &str) -> bool {
    segment.trim() != segment || segment.chars().any(|c| c.is_whitespace() && c != ' ')
}

/// Returning to a page of the sign-in itself would be a loop.
fn is_own_page(path: &ItemPath) -> bool {
    let mut segments = path.segments();
    segments
        .next()
        .is_some_and(|first| first.eq_ignore_ascii_case(OWN))
        && !segments
            .next()
            .is_some_and(|page| RETURNED_TO.contains(&page))
}

/// The query with every character that RFC 3986 does not have in one escaped; `None` if it holds what ends a query
/// or a header.
fn checked_query(raw: &str) -> Option<String> {
    if raw.len() > MAX_QUERY {
        return None;
    }
    let mut query = String::with_capacity(raw.len());
    for byte in raw.bytes() {
        match byte {
            b'#' | b'\\' | b' ' | 0..=0x1f | 0x7f => return None,
            b'%' | b'/' | b'?' | b'-' | b'.' | b'_' | b'~' | b':' | b'@' => {
                query.push(char::from(byte));
            }
            b'!' | b'$' | b'&' | b'\'' | b'(' | b')' | b'*' | b'+' | b',' | b';' | b'=' => {
                query.push(char::from(byte));
            }
            _ if byte.is_ascii_alphanumeric() => query.push(char::from(byte)),
            _ => query.push_str(&format!("%{byte:02X}")),
        }
    }
    Some(query)
}

#[cfg(test)]
mod tests;
