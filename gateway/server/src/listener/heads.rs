//! Looks at HTTP/1 heads on their way to the parser, for what the parser puts right without a word: a length beside a
//! transfer coding, a length given twice, a fragment in the target.
//!
//! hyper reads such a request in the one way that RFC 9112 section 6.3 allows and ends the connection, which is safe
//! here. It says that somebody tries to be read differently elsewhere, so we answer 400 (rows S026, S179). Nothing
//! but that answer rests on this scanner: what it misses is still read in the safe way.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};

/// Longest line kept. No head is that long: the parser refuses it, and then nothing more is to be seen.
const LONGEST_LINE: usize = 1024 * 1024;

/// For each head that was seen and not asked about yet: whether it was ambiguous.
#[derive(Clone, Debug, Default)]
pub(super) struct Ambiguities(Arc<Mutex<VecDeque<bool>>>);

impl Ambiguities {
    /// Whether the next request of the connection had an ambiguous head.
    pub(super) fn next(&self) -> bool {
        self.0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .pop_front()
            .unwrap_or(false)
    }

    fn push(&self, ambiguous: bool) {
        self.0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .push_back(ambiguous);
    }
}

/// Follows the messages of one connection.
pub(super) struct Heads {
    found: Ambiguities,
    at: At,
    line: Vec<u8>,
    head: Head,
}

/// Where in a message the next byte is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum At {
    RequestLine,
    Field,
    /// In a body, with so many bytes to go.
    Body(u64),
    ChunkSize,
    /// In a chunk, with so many bytes to go.
    Chunk(u64),
    ChunkEnd,
    Trailer,
    /// Where no more heads are followed.
    Beyond,
}

/// What matters of one head.
#[derive(Clone, Copy, Debug, Default)]
struct Head {
    fragment: bool,
    lengths: u32,
    length: u64,
    coded: bool,
    switches: bool,
}

impl Heads {
    pub(super) fn new(found: Ambiguities) -> Self {
        Self {
            found,
            at: At::RequestLine,
            line: Vec::new(),
            head: Head::default(),
        }
    }

    /// Takes the next bytes that were read.
    pub(super) fn feed(&mut self, mut bytes: &[u8]) {
        while !bytes.is_empty() {
            bytes = match self.at {
                At::Beyond => return,
                At::Body(left) => self.skip(bytes, left, At::Body, At::RequestLine),
                At::Chunk(left) => self.skip(bytes, left, At::Chunk, At::ChunkEnd),
                At::RequestLine | At::Field | At::ChunkSize | At::ChunkEnd | At::Trailer => {
                    self.lines(bytes)
                }
            };
        }
    }

    fn skip<'a>(
        &mut self,
        bytes: &'a [u8],
        left: u64,
        within: fn(u64) -> At,
        after: At,
    ) -> &'a [u8] {
        let here = usize::try_from(left).unwrap_or(usize::MAX).min(bytes.len());
        let left = left.saturating_sub(u64::try_from(here).unwrap_or(u64::MAX));
        self.at = if left == 0 { after } else { within(left) };
        bytes.get(here..).unwrap_or_default()
    }

    /// Reads up to the end of a line, if it is there.
    fn lines<'a>(&mut self, bytes: &'a [u8]) -> &'a [u8] {
        let end = bytes.iter().position(|byte| *byte == b'\n');
        let (part, rest) = match end {
            Some(end) => (
                bytes.get(..end).unwrap_or_default(),
                bytes.get(end.saturating_add(1)..),
            ),
            None => (bytes, None),
        };
        if self.line.len().saturating_add(part.len()) > LONGEST_LINE {
            self.at = At::Beyond;
            return &[];
        }
        self.line.extend_from_slice(part);
        if end.is_some() {
            let line = std::mem::take(&mut self.line);
            self.line(line.strip_suffix(b"\r").unwrap_or(&line));
            // The buffer is kept for the next line.
            self.line = line;
            self.line.clear();
        }
        rest.unwrap_or_default()
    }

    fn line(&mut self, line: &[u8]) {
        self.at = match self.at {
            // Empty lines before a request are allowed, and skipped by the parser as well.
            At::RequestLine if line.is_empty() => At::RequestLine,
            At::RequestLine => {
                self.head = Head {
                    fragment: line.contains(&b'#'),
                    ..Head::default()
                };
                At::Field
            }
            At::Field if line.is_empty() => self.head_ended(),
            At::Field => {
                self.head.field(line);
                At::Field
            }
            At::ChunkSize => chunk(line),
            At::ChunkEnd => At::ChunkSize,
            At::Trailer if line.is_empty() => At::RequestLine,
            At::Trailer => At::Trailer,
            other @ (At::Body(_) | At::Chunk(_) | At::Beyond) => other,
        };
    }

    fn head_ended(&mut self) -> At {
        let head = self.head;
        self.found
            .push(head.fragment || head.lengths > 1 || (head.coded && head.lengths > 0));
        if head.switches {
            At::Beyond
        } else if head.coded {
            At::ChunkSize
        } else if head.length > 0 {
            At::Body(head.length)
        } else {
            At::RequestLine
        }
    }
}

impl Head {
    fn field(&mut self, line: &[u8]) {
        let mut halves = line.splitn(2, |byte| *byte == b':');
        let name = halves.next().unwrap_or_default();
        let value = halves.next().unwrap_or_default().trim_ascii();
        if name.eq_ignore_ascii_case(b"content-length") {
            self.lengths = self.lengths.saturating_add(1);
            self.length = std::str::from_utf8(value)
                .ok()
                .and_then(|text| text.parse().ok())
                .unwrap_or(0);
        } else if name.eq_ignore_ascii_case(b"transfer-encoding") {
            self.coded = true;
        } else if name.eq_ignore_ascii_case(b"upgrade") {
            self.switches = true;
        }
    }
}

fn chunk(line: &[u8]) -> At {
    let size = line
        .split(|byte| *byte == b';')
        .next()
        .unwrap_or_default()
        .trim_ascii();
    let size = std::str::from_utf8(size)
        .ok()
        .and_then(|text| u64::from_str_radix(text, 16).ok());
    match size {
        Some(0) => At::Trailer,
        Some(size) => At::Chunk(size),
        None => At::Beyond,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Feeds `bytes` whole and byte by byte: where reads end makes no difference.
    fn check(bytes: &str, want: &[bool]) {
        for step in [bytes.len(), 1, 7] {
            let found = Ambiguities::default();
            let mut heads = Heads::new(found.clone());
            for part in bytes.as_bytes().chunks(step.max(1)) {
                heads.feed(part);
            }
            let got: Vec<bool> = found.0.lock().unwrap().iter().copied().collect();
            assert_eq!(got, want, "{bytes:?} by {step}");
        }
    }

    const PLAIN: &str = "GET /a HTTP/1.1\r\nhost: a\r\n\r\n";

    #[test]
    fn ordinary_heads_are_not_ambiguous() {
        check(PLAIN, &[false]);
        check(&format!("\r\n{PLAIN}{PLAIN}"), &[false, false]);
        check(
            &format!("PUT /a HTTP/1.1\r\ncontent-length: 3\r\n\r\na#\n{PLAIN}"),
            &[false, false],
        );
        let chunked = "PUT /a HTTP/1.1\r\ntransfer-encoding: chunked\r\n\r\n";
        check(
            &format!("{chunked}3;x=y\r\nabc\r\nA\r\n0123456789\r\n0\r\nx: y\r\n\r\n{PLAIN}"),
            &[false, false],
        );
    }

    #[test]
    fn sec_179_lengths_that_contradict_are_seen() {
        let te = "transfer-encoding: chunked\r\n";
        let cl = "Content-Length: 3\r\n";
        check(
            &format!("POST / HTTP/1.1\r\n{te}{cl}\r\n0\r\n\r\n"),
            &[true],
        );
        check(
            &format!("POST / HTTP/1.1\r\n{cl}{te}\r\n0\r\n\r\n"),
            &[true],
        );
        check(
            &format!("POST / HTTP/1.1\r\n{cl}{cl}\r\nabc{PLAIN}"),
            &[true, false],
        );
        check(
            &format!("POST / HTTP/1.1\n{cl}x: y\n\nabc{PLAIN}"),
            &[false, false],
        );
    }

    #[test]
    fn sec_026_a_fragment_in_the_target_is_seen() {
        check("GET /public#/../private HTTP/1.1\r\n\r\n", &[true]);
    }

    #[test]
    fn a_body_is_never_taken_for_a_head() {
        let smuggled = "POST / HTTP/1.1\r\ncontent-length: 1\r\ncontent-length: 1\r\n\r\n";
        let length = smuggled.len();
        check(
            &format!("PUT /a HTTP/1.1\r\ncontent-length: {length}\r\n\r\n{smuggled}{PLAIN}"),
            &[false, false],
        );
        check(
            &format!(
                "PUT /a HTTP/1.1\r\ntransfer-encoding: chunked\r\n\r\n{length:x}\r\n{smuggled}\r\n0\r\n\r\n{PLAIN}"
            ),
            &[false, false],
        );
    }

    #[test]
    fn nothing_is_followed_after_a_switch() {
        check(
            &format!("GET /a HTTP/1.1\r\nupgrade: websocket\r\n\r\n{PLAIN}"),
            &[false],
        );
    }
}
