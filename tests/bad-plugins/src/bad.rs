//! The ways in which `c/bad.c` can misbehave.

use std::path::PathBuf;

/// What is wrong with a plugin; everything that is not said is right.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Bad {
    /// The table is not exported.
    pub no_symbol: bool,
    /// The table has no `step`.
    pub no_function: bool,
    /// The table changes while the library is loaded.
    pub changes_table: bool,
    /// First byte of the magic.
    pub magic_byte: Option<u8>,
    /// Size of the table as it says, in bytes.
    pub struct_size: Option<u32>,
    /// Major version of the ABI.
    pub abi_major: Option<u16>,
    /// Minor version of the ABI.
    pub abi_minor: Option<u16>,
    /// Flags of the table.
    pub flags: Option<u64>,
    /// What `describe` does.
    pub describe: Option<Behaviour>,
    /// What `open` does.
    pub open: Option<Behaviour>,
    /// What `step` does.
    pub step: Option<Behaviour>,
    /// What `close` does.
    pub close: Option<Behaviour>,
    /// A file that a constructor of the library makes when it is loaded.
    pub marker: Option<PathBuf>,
}

/// What a function does instead of its duty.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Behaviour {
    /// Never comes back.
    Hang,
    /// Answers bytes that are no UTF-8.
    Garbage,
    /// Answers nothing.
    Nothing,
    /// Answers JSON that is in no schema.
    OtherShape,
    /// Answers four times what is allowed.
    Oversized,
    /// Answers a piece longer than the address space.
    Impossible,
    /// Answers a state longer than is allowed.
    OversizedState,
    /// Answers JSON nested very deep.
    Deep,
    /// Answers a step whose capability it has not declared.
    Undeclared,
    /// Answers with a value out of its range, or that the description does not allow.
    BadValue,
    /// Returns a status that does not exist.
    UnknownStatus,
    /// Says that it panicked.
    SaysPanic,
    /// Says that it opened an instance, and gives none.
    NoInstance,
}

impl Bad {
    /// A plugin whose `step` misbehaves.
    #[must_use]
    pub fn step(behaviour: Behaviour) -> Self {
        Self {
            step: Some(behaviour),
            ..Self::default()
        }
    }

    /// Switches for the compiler.
    pub(crate) fn switches(&self) -> Vec<String> {
        let behaviour = |function: &str, behaviour: Option<Behaviour>| {
            Some(format!("-D{function}={}", behaviour?.name()))
        };
        let number = |name: &str, value: Option<u64>| Some(format!("-D{name}={}", value?));
        let switches = [
            self.no_symbol.then(|| "-DNO_SYMBOL".to_owned()),
            self.changes_table.then(|| "-DCHANGES_TABLE".to_owned()),
            self.changes_table.then(|| "-Wl,-z,norelro".to_owned()),
            self.no_function.then(|| "-DNO_FUNCTION".to_owned()),
            number("MAGIC_BYTE", self.magic_byte.map(u64::from)),
            number("STRUCT_SIZE", self.struct_size.map(u64::from)),
            number("ABI_MAJOR", self.abi_major.map(u64::from)),
            number("ABI_MINOR", self.abi_minor.map(u64::from)),
            number("FLAGS", self.flags),
            behaviour("DESCRIBE", self.describe),
            behaviour("OPEN", self.open),
            behaviour("STEP", self.step),
            behaviour("CLOSE", self.close),
            self.marker
                .as_ref()
                .map(|file| format!("-DMARKER=\"{}\"", file.display())),
        ];
        switches.into_iter().flatten().collect()
    }
}

impl Behaviour {
    /// Its name in `bad.c`.
    fn name(self) -> &'static str {
        match self {
            Self::Hang => "HANG",
            Self::Garbage => "GARBAGE",
            Self::Nothing => "NOTHING",
            Self::OtherShape => "OTHER_SHAPE",
            Self::Oversized => "OVERSIZED",
            Self::Impossible => "IMPOSSIBLE",
            Self::OversizedState => "OVERSIZED_STATE",
            Self::Deep => "DEEP",
            Self::Undeclared => "UNDECLARED",
            Self::BadValue => "BAD_VALUE",
            Self::UnknownStatus => "UNKNOWN_STATUS",
            Self::SaysPanic => "SAYS_PANIC",
            Self::NoInstance => "NO_INSTANCE",
        }
    }
}
