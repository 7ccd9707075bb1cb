//! What the kit and its child process say to each other: frames over the child's standard input and output.

use std::io::{self, Read, Write};

use gateway_plugin_host::DirectAnswer;

/// Longest payload that is read, bytes: inputs are overlong on purpose, and many travel together.
const LONGEST: usize = 256 * 1024 * 1024;

/// What the child shall do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Verb {
    /// Call `describe`.
    Describe,
    /// Call `open` with the payload.
    Open,
    /// Call `step` with the payload.
    Step,
    /// Call `close`.
    Close,
    /// Call `step` with each of the payload's inputs, on several threads at once.
    Threads,
    /// Call `step` with the payload's inputs in turns, `count` times in all.
    Repeat,
    /// Call `open` with the payload and `close`, `count` times.
    Cycle,
}

const VERBS: [Verb; 7] = [
    Verb::Describe,
    Verb::Open,
    Verb::Step,
    Verb::Close,
    Verb::Threads,
    Verb::Repeat,
    Verb::Cycle,
];

/// A question to the child.
#[derive(Clone, Debug)]
pub(crate) struct Request {
    pub(crate) verb: Verb,
    /// The instance, as numbered by [`Reply::number`] of its [`Verb::Open`].
    pub(crate) instance: u32,
    pub(crate) count: u32,
    pub(crate) payload: Vec<u8>,
}

/// Its answer.
#[derive(Clone, Debug)]
pub(crate) struct Reply {
    pub(crate) answer: DirectAnswer,
    /// Of `Open`: the instance from 1, or 0 where none was opened. Of `Threads`: answers that differed. Of `Repeat`
    /// and `Cycle`: how often it was done.
    pub(crate) number: u32,
    /// How long the plugin took, in nanoseconds.
    pub(crate) nanos: u64,
}

impl Request {
    pub(crate) fn new(verb: Verb, instance: u32, payload: Vec<u8>) -> Self {
        Self {
            verb,
            instance,
            count: 0,
            payload,
        }
    }

    pub(crate) fn write(&self, to: &mut impl Write) -> io::Result<()> {
        let verb = VERBS.iter().position(|verb| *verb == self.verb);
        let verb = u8::try_from(verb.unwrap_or_default()).unwrap_or_default();
        to.write_all(&[verb])?;
        to.write_all(&self.instance.to_le_bytes())?;
        to.write_all(&self.count.to_le_bytes())?;
        write_bytes(&self.payload, to)?;
        to.flush()
    }

    /// Nothing where the other side has closed.
    pub(crate) fn read(from: &mut impl Read) -> io::Result<Option<Self>> {
        let mut verb = [0];
        if from.read(&mut verb)? == 0 {
            return Ok(None);
        }
        let verb = VERBS.get(usize::from(u8::from_le_bytes(verb)));
        Ok(Some(Self {
            verb: *verb.ok_or(io::ErrorKind::InvalidData)?,
            instance: u32::from_le_bytes(take(from)?),
            count: u32::from_le_bytes(take(from)?),
            payload: read_bytes(from)?,
        }))
    }
}

impl Reply {
    /// One without an answer of the plugin.
    pub(crate) fn plain(number: u32) -> Self {
        Self {
            answer: DirectAnswer {
                status: 0,
                bytes: Vec::new(),
                too_large: false,
            },
            number,
            nanos: 0,
        }
    }

    pub(crate) fn write(&self, to: &mut impl Write) -> io::Result<()> {
        to.write_all(&self.answer.status.to_le_bytes())?;
        to.write_all(&[u8::from(self.answer.too_large)])?;
        to.write_all(&self.number.to_le_bytes())?;
        to.write_all(&self.nanos.to_le_bytes())?;
        write_bytes(&self.answer.bytes, to)?;
        to.flush()
    }

    pub(crate) fn read(from: &mut impl Read) -> io::Result<Self> {
        let status = i32::from_le_bytes(take(from)?);
        let too_large = take(from)? != [0];
        let number = u32::from_le_bytes(take(from)?);
        let nanos = u64::from_le_bytes(take(from)?);
        let bytes = read_bytes(from)?;
        Ok(Self {
            answer: DirectAnswer {
                status,
                bytes,
                too_large,
            },
            number,
            nanos,
        })
    }
}

/// Many inputs in one payload.
pub(crate) fn join<'a>(inputs: impl Iterator<Item = &'a [u8]>) -> Vec<u8> {
    let mut joined = Vec::new();
    for input in inputs {
        // Writing to memory does not fail, and none is longer than 4 GiB.
        let _written = write_bytes(input, &mut joined);
    }
    joined
}

/// The inputs of a payload.
pub(crate) fn split(mut joined: &[u8]) -> io::Result<Vec<Vec<u8>>> {
    let mut inputs = Vec::new();
    while !joined.is_empty() {
        inputs.push(read_bytes(&mut joined)?);
    }
    Ok(inputs)
}

fn write_bytes(bytes: &[u8], to: &mut impl Write) -> io::Result<()> {
    let length = u32::try_from(bytes.len()).map_err(|_| io::ErrorKind::InvalidInput)?;
    to.write_all(&length.to_le_bytes())?;
    to.write_all(bytes)
}

fn read_bytes(from: &mut impl Read) -> io::Result<Vec<u8>> {
    let length = usize::try_from(u32::from_le_bytes(take(from)?)).unwrap_or(usize::MAX);
    if length > LONGEST {
        return Err(io::ErrorKind::InvalidData.into());
    }
    let mut bytes = vec![0; length];
    from.read_exact(&mut bytes)?;
    Ok(bytes)
}

fn take<const N: usize>(from: &mut impl Read) -> io::Result<[u8; N]> {
    let mut bytes = [0; N];
    from.read_exact(&mut bytes)?;
    Ok(bytes)
}
