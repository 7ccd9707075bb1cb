//! How the child tells whoever watches it whose code runs: by positions it seeks to in a file of its own.
//!
//! A seek changes nothing, needs no reader, and its offset stands in a register for the watcher to see.

use std::fs::File;
use std::io::{Seek as _, SeekFrom};

/// Upper half of an offset: an instance was opened, from now on the plugin has nothing to do with the system.
const OPENED: u64 = 0x4b49_5401;
/// Upper half of an offset: the plugin is called now, for the request whose number is in the lower half.
const BEGINS: u64 = 0x4b49_5402;
/// Upper half of an offset: the plugin has returned.
const ENDS: u64 = 0x4b49_5403;

/// What the child says of itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Mark {
    Opened,
    Begins { request: u32 },
    Ends,
}

impl Mark {
    pub(crate) fn offset(self) -> u64 {
        match self {
            Self::Opened => OPENED << 32,
            Self::Begins { request } => BEGINS << 32 | u64::from(request),
            Self::Ends => ENDS << 32,
        }
    }

    /// The mark that an offset is, if it is one.
    pub(crate) fn read(offset: u64) -> Option<Self> {
        let request = u32::try_from(offset & u64::from(u32::MAX)).ok()?;
        match offset >> 32 {
            OPENED => Some(Self::Opened),
            BEGINS => Some(Self::Begins { request }),
            ENDS => Some(Self::Ends),
            _ => None,
        }
    }
}

/// The child's end; silent where nobody watches.
#[derive(Debug)]
pub(crate) struct Marker(pub(crate) Option<File>);

impl Marker {
    pub(crate) fn set(&mut self, mark: Mark) {
        if let Some(file) = &mut self.0 {
            // Seen before it is done: whether it succeeds does not matter.
            let _position = file.seek(SeekFrom::Start(mark.offset()));
        }
    }
}
