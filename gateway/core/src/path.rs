//! Item paths: decoded once, with one meaning, from which the upstream's bytes are built.

use std::fmt;
use std::sync::Arc;

use unicode_normalization::UnicodeNormalization;

/// Longest path accepted, in bytes of the raw form.
pub const MAX_PATH_BYTES: usize = 8 * 1024;

/// The path of an item on a tenant's host: decoded segments in NFC.
///
/// Invariant: no segment is empty, `.` or `..`, or holds `/`, `\`, a control character, or what would be
/// an escape if it were decoded again.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ItemPath {
    segments: Vec<Arc<str>>,
    /// The raw path ended in `/`. Upstreams tell `/a` and `/a/` apart; the rules do not.
    trailing_slash: bool,
}

/// Why a path is refused: it would mean one thing here and another behind us.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PathRefused {
    /// Does not start with `/`.
    #[error("a path starts with `/`")]
    NotAbsolute,
    /// Longer than [`MAX_PATH_BYTES`].
    #[error("the path is too long")]
    TooLong,
    /// A `%` without two hexadecimal digits.
    #[error("a `%` is not followed by two hexadecimal digits")]
    BadEscape,
    /// An encoded `/`, or a `\` in either form.
    #[error("a slash is encoded, or a backslash is used")]
    EncodedSlash,
    /// A control character, NUL among them.
    #[error("the path holds a control character")]
    Control,
    /// A `?` or `#` in the raw path.
    #[error("the path holds a delimiter")]
    Delimiter,
    /// Not UTF-8 after decoding.
    #[error("the path is not UTF-8")]
    NotUtf8,
    /// `.` or `..`.
    #[error("the path holds a dot segment")]
    DotSegment,
    /// `//`.
    #[error("the path holds an empty segment")]
    EmptySegment,
    /// What remains would decode once more.
    #[error("the path is encoded twice")]
    DoubleEncoding,
}

/// How a site compares names.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum PathCase {
    /// `Plan` and `plan` are two items.
    #[default]
    Sensitive,
    /// They are one item.
    Insensitive,
}

impl ItemPath {
    /// Parses the raw, still encoded path of a request target.
    ///
    /// # Errors
    /// [`PathRefused`]; nothing is repaired.
    ///
    /// Source: RFC 3986 sections 2.1 and 3.3; security rows S003, S019, S023, S026.
    pub fn parse(raw: &str) -> Result<Self, PathRefused> {
        if raw.len() > MAX_PATH_BYTES {
            return Err(PathRefused::TooLong);
        }
        let rest = raw.strip_prefix('/').ok_or(PathRefused::NotAbsolute)?;
        if rest.is_empty() {
            return Ok(Self {
                segments: Vec::new(),
                trailing_slash: true,
            });
        }
        let (rest, trailing_slash) = match rest.strip_suffix('/') {
            Some(rest) => (rest, true),
            None => (rest, false),
        };
        let segments = rest
            .split('/')
            .map(parse_segment)
            .collect::<Result<_, _>>()?;
        Ok(Self {
            segments,
            trailing_slash,
        })
    }

    /// A path of segments that came out of another path.
    pub(crate) const fn of_segments(segments: Vec<Arc<str>>, trailing_slash: bool) -> Self {
        Self {
            segments,
            trailing_slash,
        }
    }

    /// The decoded segments.
    pub fn segments(&self) -> impl ExactSizeIterator<Item = &str> {
        self.segments.iter().map(|segment| &**segment)
    }

    /// Whether the raw path ended in `/`.
    #[must_use]
    pub const fn has_trailing_slash(&self) -> bool {
        self.trailing_slash
    }

    /// Whether this is `ancestor` or lies below it; whole segments are compared.
    #[must_use]
    pub fn is_within(&self, ancestor: &Self, case: PathCase) -> bool {
        self.segments.len() >= ancestor.segments.len()
            && self
                .segments
                .iter()
                .zip(&ancestor.segments)
                .all(|(mine, theirs)| same_name(mine, theirs, case))
    }

    /// Whether both name the same item.
    #[must_use]
    pub fn is_same(&self, other: &Self, case: PathCase) -> bool {
        self.segments.len() == other.segments.len() && self.is_within(other, case)
    }

    /// The encoded path: the only spelling that is ever sent upstream.
    #[must_use]
    pub fn encoded(&self) -> String {
        let mut out = String::with_capacity(64);
        for segment in &self.segments {
            out.push('/');
            encode_segment(segment, &mut out);
        }
        if self.trailing_slash || out.is_empty() {
            out.push('/');
        }
        out
    }
}

/// Whether a site that compares names so has one item behind both.
pub(crate) fn same_name(mine: &str, theirs: &str, case: PathCase) -> bool {
    match case {
        _ if mine == theirs => true,
        PathCase::Sensitive => false,
        PathCase::Insensitive if mine.is_ascii() && theirs.is_ascii() => {
            mine.eq_ignore_ascii_case(theirs)
        }
        // What a capital sigma becomes depends on the letters around it; nothing else does.
        PathCase::Insensitive if mine.contains('Σ') || theirs.contains('Σ') => {
            mine.to_lowercase() == theirs.to_lowercase()
        }
        PathCase::Insensitive => mine
            .chars()
            .flat_map(char::to_lowercase)
            .eq(theirs.chars().flat_map(char::to_lowercase)),
    }
}

fn parse_segment(raw: &str) -> Result<Arc<str>, PathRefused> {
    if raw.is_empty() {
        return Err(PathRefused::EmptySegment);
    }
    let decoded = decode_once(raw)?;
    if decoded == "." || decoded == ".." {
        return Err(PathRefused::DotSegment);
    }
    if has_escape(&decoded) {
        return Err(PathRefused::DoubleEncoding);
    }
    Ok(decoded.nfc().collect::<String>().into())
}

fn decode_once(raw: &str) -> Result<String, PathRefused> {
    let mut decoded = Vec::with_capacity(raw.len());
    let mut bytes = raw.bytes();
    while let Some(byte) = bytes.next() {
        let byte = match byte {
            b'%' => decode_escape(bytes.next(), bytes.next())?,
            b'?' | b'#' => return Err(PathRefused::Delimiter),
            plain => plain,
        };
        match byte {
            b'/' | b'\\' => return Err(PathRefused::EncodedSlash),
            0..=0x1f | 0x7f => return Err(PathRefused::Control),
            _ => decoded.push(byte),
        }
    }
    let decoded = String::from_utf8(decoded).map_err(|_| PathRefused::NotUtf8)?;
    if decoded.chars().any(char::is_control) {
        return Err(PathRefused::Control);
    }
    Ok(decoded)
}

fn decode_escape(high: Option<u8>, low: Option<u8>) -> Result<u8, PathRefused> {
    let digit = |byte: Option<u8>| {
        byte.and_then(|byte| char::from(byte).to_digit(16))
            .ok_or(PathRefused::BadEscape)
    };
    let value = digit(high)? * 16 + digit(low)?;
    u8::try_from(value).map_err(|_| PathRefused::BadEscape)
}

fn has_escape(text: &str) -> bool {
    text.as_bytes().windows(3).any(
        |window| matches!(window, [b'%', a, b] if a.is_ascii_hexdigit() && b.is_ascii_hexdigit()),
    )
}

fn encode_segment(segment: &str, out: &mut String) {
    const HEX: &[u8; 16] = b"0123456789ABCDEF";
    for byte in segment.bytes() {
        // Only what RFC 3986 calls unreserved stays as it is: `;`, `=`, `:` and the like carry meaning for
        // some upstreams, and here they are part of a name.
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            out.push(char::from(byte));
        } else {
            out.push('%');
            for digit in [byte >> 4, byte & 0x0f] {
                out.push(HEX.get(usize::from(digit)).copied().map_or('0', char::from));
            }
        }
    }
}

impl fmt::Display for ItemPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for segment in &self.segments {
            write!(f, "/{segment}")?;
        }
        if self.trailing_slash || self.segments.is_empty() {
            f.write_str("/")?;
        }
        Ok(())
    }
}

impl fmt::Debug for ItemPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ItemPath({self})")
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn check(raw: &str, want: Result<&str, PathRefused>) {
        let got = ItemPath::parse(raw).map(|path| path.encoded());
        assert_eq!(got.as_deref().map_err(|refused| *refused), want, "{raw:?}");
    }

    #[test]
    fn a_path_is_forwarded_in_one_spelling() {
        check("/", Ok("/"));
        check("/a/b", Ok("/a/b"));
        check("/a/b/", Ok("/a/b/"));
        check("/a%20b", Ok("/a%20b"));
        check("/%61", Ok("/a"));
        check("/a;x=1", Ok("/a%3Bx%3D1"));
        check("/e\u{301}", Ok("/%C3%A9"));
        check("/100%25", Ok("/100%25"));
    }

    #[test]
    fn sec_023_dot_segments_and_empty_segments_are_refused() {
        check("/public/../private", Err(PathRefused::DotSegment));
        check("/public/%2e%2e/private", Err(PathRefused::DotSegment));
        check("/public/%2E./private", Err(PathRefused::DotSegment));
        check("/./a", Err(PathRefused::DotSegment));
        check("//a", Err(PathRefused::EmptySegment));
        check("/a//b", Err(PathRefused::EmptySegment));
        check("//", Err(PathRefused::EmptySegment));
    }

    #[test]
    fn sec_026_encoded_slashes_nul_and_fragments_are_refused() {
        check("/a%2Fb", Err(PathRefused::EncodedSlash));
        check("/a%2fb", Err(PathRefused::EncodedSlash));
        check("/a%5Cb", Err(PathRefused::EncodedSlash));
        check("/a\\b", Err(PathRefused::EncodedSlash));
        check("/a%00b", Err(PathRefused::Control));
        check("/a%0d%0ab", Err(PathRefused::Control));
        check("/a%7f", Err(PathRefused::Control));
        check("/a%C2%85", Err(PathRefused::Control));
        check("/a#b", Err(PathRefused::Delimiter));
        check("/a%", Err(PathRefused::BadEscape));
        check("/a%2", Err(PathRefused::BadEscape));
        check("/a%zz", Err(PathRefused::BadEscape));
        check("/a%ff", Err(PathRefused::NotUtf8));
        check("/%c0%ae%c0%ae", Err(PathRefused::NotUtf8));
        check("a", Err(PathRefused::NotAbsolute));
        check("", Err(PathRefused::NotAbsolute));
    }

    #[test]
    fn sec_019_an_encoded_fragment_is_part_of_the_name() {
        check("/public%23", Ok("/public%23"));
        check("/public%23/../private", Err(PathRefused::DotSegment));
        check("/public%3F", Ok("/public%3F"));
    }

    #[test]
    fn what_would_decode_again_is_refused() {
        check("/a%252e", Err(PathRefused::DoubleEncoding));
        check("/%25%32%65", Err(PathRefused::DoubleEncoding));
        check("/a%252", Ok("/a%252"));
    }

    #[test]
    fn only_whole_segments_lie_within() {
        let within = |path: &str, ancestor: &str, case| {
            ItemPath::parse(path)
                .unwrap()
                .is_within(&ItemPath::parse(ancestor).unwrap(), case)
        };
        assert!(within("/a/b", "/a", PathCase::Sensitive));
        assert!(within("/a", "/a/", PathCase::Sensitive));
        assert!(!within("/ab", "/a", PathCase::Sensitive));
        assert!(!within("/A/b", "/a", PathCase::Sensitive));
        assert!(within("/A/b", "/a", PathCase::Insensitive));
        assert!(!within("/a", "/a/b", PathCase::Sensitive));
    }

    proptest! {
        #[test]
        fn names_are_compared_in_lower_case(mine in "[aAkK\u{212a}ßẞσςΣİi.]{0,4}", theirs in "[aAkK\u{212a}ßẞσςΣİi.]{0,4}") {
            prop_assert_eq!(
                same_name(&mine, &theirs, PathCase::Insensitive),
                mine.to_lowercase() == theirs.to_lowercase()
            );
        }

        #[test]
        fn sec_027_parsing_what_was_forwarded_changes_nothing(raw in "/[ -~éß/%.;]{0,40}") {
            if let Ok(path) = ItemPath::parse(&raw) {
                let again = ItemPath::parse(&path.encoded());
                prop_assert_eq!(again, Ok(path));
            }
        }
    }
}
