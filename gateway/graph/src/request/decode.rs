//! Paths and queries, decoded once.

use crate::error::{ApiError, Area};

/// Longest path or query, in bytes.
const MOST_BYTES: usize = 16 * 1024;

/// Most segments of a path, and most parameters of a query.
const MOST_PARTS: usize = 256;

/// The segments of a path: split first, then decoded. Empty ones are left out.
pub(crate) fn segments(path: &str) -> Result<Vec<String>, ApiError> {
    let raw: Vec<&str> = path.split('/').filter(|raw| !raw.is_empty()).collect();
    if path.len() > MOST_BYTES || raw.len() > MOST_PARTS {
        return Err(bad("The address is too long."));
    }
    raw.into_iter().map(segment).collect()
}

fn segment(raw: &str) -> Result<String, ApiError> {
    let text = percent(raw, false)?;
    // Whoever joins segments to a path must not climb out of it.
    if text == "." || text == ".." {
        return Err(bad("The path holds `.` or `..`."));
    }
    Ok(text)
}

/// The parameters of a query, in order. `+` is a space: Graph's own examples use it so.
pub(super) fn query(query: &str) -> Result<Vec<(String, String)>, ApiError> {
    let pairs: Vec<&str> = query.split('&').filter(|pair| !pair.is_empty()).collect();
    if query.len() > MOST_BYTES || pairs.len() > MOST_PARTS {
        return Err(bad("The query is too long."));
    }
    let pair = |pair: &str| {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        Ok((percent(name, true)?, percent(value, true)?))
    };
    pairs.into_iter().map(pair).collect()
}

/// Decodes once; what is no UTF-8, no escape or a control character is refused.
fn percent(raw: &str, plus: bool) -> Result<String, ApiError> {
    let mut bytes = Vec::with_capacity(raw.len());
    let mut rest = raw.bytes();
    while let Some(byte) = rest.next() {
        bytes.push(match byte {
            b'%' => {
                let digit = |byte: Option<u8>| char::from(byte?).to_digit(16);
                let (high, low) = (digit(rest.next()), digit(rest.next()));
                let value = high.zip(low).map(|(high, low)| high * 16 + low);
                value
                    .and_then(|value| u8::try_from(value).ok())
                    .ok_or_else(|| bad("The address holds a `%` that begins no escape."))?
            }
            b'+' if plus => b' ',
            byte => byte,
        });
    }
    let text = String::from_utf8(bytes).map_err(|_| bad("The address is not UTF-8."))?;
    if text.chars().any(char::is_control) {
        return Err(bad("The address holds a control character."));
    }
    Ok(text)
}

fn bad(message: &str) -> ApiError {
    ApiError::bad_request(Area::Directory, message)
}
