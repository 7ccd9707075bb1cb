//! What goes between the gateway and a runner: the bytes of the calls, each behind its length.
//!
//! Both sides are built together and say so in the first frame. A runner asks nothing; the gateway asks, the runner
//! answers, one call after the other. What comes from a runner is a plugin's, so it is read with the same distrust.
//!
//! ```text
//! question   kind u8, length u32, bytes
//! answer     status i32, flags u8, length u32, bytes
//! ```
//! Numbers are little-endian.

use plugins_sdk::abi::{HEADER_SIZE, TableHeader};

use crate::library::RawAnswer;

/// Changes with the frames.
const VERSION: u32 = 1;
/// Length of what comes before the bytes of a question.
pub(crate) const QUESTION_HEAD: usize = 5;
/// Length of what comes before the bytes of an answer.
pub(crate) const ANSWER_HEAD: usize = 9;
/// Longest question: a body that was fetched may be some megabytes.
pub(crate) const LONGEST_QUESTION: usize = 64 * 1024 * 1024;
const BEGIN_LENGTH: usize = 4 + HEADER_SIZE + 8 + 8;

const TOO_LARGE: u8 = 1;
const OPENED: u8 = 2;
const FAILED: u8 = 4;

/// What a runner is asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// To load the library that its standard output is; the bytes are a [`Begin`].
    Begin = 0,
    Describe = 1,
    /// The bytes are an `OpenRequest`.
    Open = 2,
    /// The bytes are an `Input`.
    Step = 3,
}

/// What a runner is told first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Begin {
    /// What the gateway has read from the library's file and found good.
    pub(crate) header: TableHeader,
    /// Longest answer in bytes.
    pub(crate) answer_bytes: u64,
    /// Address space it may have, in bytes.
    pub(crate) memory_bytes: u64,
}

/// What a runner answers.
#[derive(Debug)]
pub(crate) enum Answer {
    /// What the plugin wrote.
    Plugin {
        raw: RawAnswer,
        /// Whether there is an instance now. After [`Kind::Open`] only.
        opened: bool,
    },
    /// The runner could not do it; why, for the operator.
    Failed(String),
}

impl Kind {
    pub(crate) const fn read(byte: u8) -> Option<Self> {
        match byte {
            0 => Some(Self::Begin),
            1 => Some(Self::Describe),
            2 => Some(Self::Open),
            3 => Some(Self::Step),
            _ => None,
        }
    }
}

/// A question as one piece, so that it is sent by one call of the system.
pub(crate) fn question(kind: Kind, bytes: &[u8]) -> Vec<u8> {
    let length = u32::try_from(bytes.len()).unwrap_or(u32::MAX);
    let mut frame = Vec::with_capacity(QUESTION_HEAD + bytes.len());
    frame.push(kind as u8);
    frame.extend_from_slice(&length.to_le_bytes());
    frame.extend_from_slice(bytes);
    frame
}

/// Kind and length of a question; `None` if it is none of ours.
pub(crate) fn read_question_head(head: [u8; QUESTION_HEAD]) -> Option<(Kind, usize)> {
    let [kind, length @ ..] = head;
    let length = usize::try_from(u32::from_le_bytes(length)).ok()?;
    (length <= LONGEST_QUESTION).then_some((Kind::read(kind)?, length))
}

/// An answer as one piece.
pub(crate) fn answer(answer: &Answer) -> Vec<u8> {
    let (status, flags, bytes) = match answer {
        Answer::Plugin { raw, opened } => (
            raw.status,
            if raw.too_large { TOO_LARGE } else { 0 } | if *opened { OPENED } else { 0 },
            raw.bytes.as_slice(),
        ),
        Answer::Failed(problem) => (0, FAILED, problem.as_bytes()),
    };
    let length = u32::try_from(bytes.len()).unwrap_or(u32::MAX);
    let mut frame = Vec::with_capacity(ANSWER_HEAD + bytes.len());
    frame.extend_from_slice(&status.to_le_bytes());
    frame.push(flags);
    frame.extend_from_slice(&length.to_le_bytes());
    frame.extend_from_slice(bytes);
    frame
}

/// What stands before the bytes of an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct AnswerHead {
    status: i32,
    flags: u8,
    pub(crate) length: usize,
}

pub(crate) fn read_answer_head(head: [u8; ANSWER_HEAD]) -> AnswerHead {
    let [s0, s1, s2, s3, flags, length @ ..] = head;
    AnswerHead {
        status: i32::from_le_bytes([s0, s1, s2, s3]),
        flags,
        length: usize::try_from(u32::from_le_bytes(length)).unwrap_or(usize::MAX),
    }
}

impl AnswerHead {
    /// The answer with its bytes.
    pub(crate) fn with(self, bytes: Vec<u8>) -> Answer {
        if self.flags & FAILED != 0 {
            return Answer::Failed(String::from_utf8_lossy(&bytes).into_owned());
        }
        Answer::Plugin {
            raw: RawAnswer {
                status: self.status,
                bytes,
                too_large: self.flags & TOO_LARGE != 0,
            },
            opened: self.flags & OPENED != 0,
        }
    }
}

impl Begin {
    pub(crate) fn write(&self) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(BEGIN_LENGTH);
        bytes.extend_from_slice(&VERSION.to_le_bytes());
        bytes.extend_from_slice(&self.header.write());
        bytes.extend_from_slice(&self.answer_bytes.to_le_bytes());
        bytes.extend_from_slice(&self.memory_bytes.to_le_bytes());
        bytes
    }

    /// `None` if the gateway is of another build.
    pub(crate) fn read(bytes: &[u8]) -> Option<Self> {
        let (version, rest) = bytes.split_first_chunk::<4>()?;
        let (header, rest) = rest.split_first_chunk::<HEADER_SIZE>()?;
        let (answer_bytes, rest) = rest.split_first_chunk::<8>()?;
        let memory_bytes = <[u8; 8]>::try_from(rest).ok()?;
        (u32::from_le_bytes(*version) == VERSION).then_some(Self {
            header: TableHeader::read(header),
            answer_bytes: u64::from_le_bytes(*answer_bytes),
            memory_bytes: u64::from_le_bytes(memory_bytes),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_question_is_read_as_it_was_written() {
        for kind in [Kind::Begin, Kind::Describe, Kind::Open, Kind::Step] {
            let frame = question(kind, b"four");
            let head = frame.first_chunk().unwrap();
            assert_eq!(read_question_head(*head), Some((kind, 4)));
            assert_eq!(&frame[QUESTION_HEAD..], b"four");
        }
        assert_eq!(read_question_head([4, 0, 0, 0, 0]), None);
        assert_eq!(read_question_head([3, 0xff, 0xff, 0xff, 0xff]), None);
    }

    #[test]
    fn an_answer_is_read_as_it_was_written() {
        let raw = RawAnswer {
            status: -7,
            bytes: b"text".to_vec(),
            too_large: true,
        };
        let frame = answer(&Answer::Plugin { raw, opened: true });
        let head = read_answer_head(*frame.first_chunk().unwrap());
        assert_eq!(head.length, 4);
        let Answer::Plugin { raw, opened } = head.with(frame[ANSWER_HEAD..].to_vec()) else {
            panic!("not the plugin's");
        };
        assert_eq!((raw.status, raw.bytes.as_slice()), (-7, &b"text"[..]));
        assert!(raw.too_large && opened);
        let frame = answer(&Answer::Failed("no".to_owned()));
        let head = read_answer_head(*frame.first_chunk().unwrap());
        assert!(matches!(head.with(b"no".to_vec()), Answer::Failed(why) if why == "no"));
    }

    #[test]
    fn another_build_is_told_apart() {
        let begin = Begin {
            header: TableHeader::read(&[7; HEADER_SIZE]),
            answer_bytes: 1,
            memory_bytes: 2,
        };
        let mut bytes = begin.write();
        assert_eq!(bytes.len(), BEGIN_LENGTH);
        assert_eq!(Begin::read(&bytes), Some(begin));
        bytes.push(0);
        assert_eq!(Begin::read(&bytes), None);
        bytes.truncate(BEGIN_LENGTH);
        bytes[0] += 1;
        assert_eq!(Begin::read(&bytes), None);
    }
}
