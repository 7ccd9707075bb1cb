//! Why a library is not loaded.

use std::io;
use std::path::PathBuf;

use plugins_sdk::abi::{ABI_MAJOR, ABI_MINOR, SYMBOL, TABLE_SIZE};
use plugins_sdk::rules::NotAccepted;

use crate::answer::CallFailed;
use crate::expectations::FileHash;

/// Why a library is not loaded: what was found, what is expected, what to do.
///
/// In the order of the checks. None of the plugin's code has run, not even a constructor, up to and including
/// [`Refused::BuiltToAbort`].
#[derive(Debug, thiserror::Error)]
pub enum Refused {
    /// The name could lead out of the plugin folder, or is not a library's.
    #[error(
        "the plugin `{name}` is not the path of a file below the plugin folder that is named `NAME.so`, \
         NAME being `[a-z0-9_-]{{1,64}}`"
    )]
    BadName {
        /// The name.
        name: String,
    },
    /// A folder on the way is a symbolic link to elsewhere.
    #[error(
        "{folder} is outside the plugin folder {directory}: put the library itself there, not a link to its folder"
    )]
    LeadsOut {
        /// The folder that holds the library, without symbolic links.
        folder: PathBuf,
        /// The plugin folder, without symbolic links.
        directory: PathBuf,
    },
    /// A file or folder cannot be read.
    #[error("{path} cannot be read: {source}")]
    Unreadable {
        /// The file or folder.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// The library is a symbolic link.
    #[error(
        "{path} is a symbolic link: put the library itself there, so that nothing else decides what is loaded"
    )]
    SymbolicLink {
        /// The link.
        path: PathBuf,
    },
    /// The library is a folder, a pipe, a device or a socket.
    #[error("{path} is not a regular file: put the library itself there")]
    NotRegular {
        /// The path.
        path: PathBuf,
    },
    /// The library is improbably large.
    #[error("{path} has {size} bytes, at most {limit} are read: strip it, or it is no plugin")]
    FileTooLarge {
        /// The file.
        path: PathBuf,
        /// Its size in bytes.
        size: u64,
        /// The most that is read, in bytes.
        limit: u64,
    },
    /// Somebody else could replace the library.
    #[error(
        "{path} belongs to user {owner}, not to root or the service user {service}: \
         `chown root {path}` after checking what it is"
    )]
    ForeignOwner {
        /// The file or folder.
        path: PathBuf,
        /// Number of the user it belongs to.
        owner: u32,
        /// Number of the user the gateway runs as.
        service: u32,
    },
    /// Somebody else could replace the library.
    #[error(
        "{path} has mode {mode:o}, which lets others write it: `chmod go-w {path}` after checking what it is, or move the library, or set `plugins.trust_root`"
    )]
    WritableByOthers {
        /// The file or folder.
        path: PathBuf,
        /// Its permission bits.
        mode: u32,
    },
    /// The configuration names no hash.
    #[error(
        "no SHA-256 is configured for {path}: if it is the library you mean, set it to {found}"
    )]
    HashMissing {
        /// The file.
        path: PathBuf,
        /// Its hash.
        found: FileHash,
    },
    /// The file is not the one that was configured.
    #[error(
        "{path} has the SHA-256 {found}, configured is {expected}: \
         put the right file back, or configure the new hash if you replaced it"
    )]
    HashMismatch {
        /// The file.
        path: PathBuf,
        /// The hash that is configured.
        expected: FileHash,
        /// Its hash.
        found: FileHash,
    },
    /// The file is no shared library, or a damaged one.
    #[error("{path} is not an ELF shared library: {problem}")]
    NotALibrary {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        problem: String,
    },
    /// The file was built for another machine.
    #[error("{path} is built for {found}, this machine is {expected}: build it for this machine")]
    WrongMachine {
        /// The file.
        path: PathBuf,
        /// Its machine.
        found: String,
        /// This machine.
        expected: String,
    },
    /// The library is no plugin.
    #[error(
        "{path} does not export `{SYMBOL}`: it is no plugin, or one of another major version of the plugin ABI"
    )]
    SymbolMissing {
        /// The file.
        path: PathBuf,
    },
    /// The symbol is something else.
    #[error(
        "`{SYMBOL}` in {path} does not begin with the plugin magic: it is not a plugin table (found {found})"
    )]
    WrongMagic {
        /// The file.
        path: PathBuf,
        /// What was found, in hexadecimal.
        found: String,
    },
    /// The plugin speaks another version.
    #[error(
        "{path} is built for plugin ABI {major}.{minor}, this gateway speaks {ABI_MAJOR}.{ABI_MINOR}: \
         rebuild the plugin with the SDK of this gateway"
    )]
    OtherMajor {
        /// The file.
        path: PathBuf,
        /// Its major version.
        major: u16,
        /// Its minor version.
        minor: u16,
    },
    /// The plugin needs something that this gateway does not have.
    #[error(
        "{path} needs plugin ABI {major}.{minor} or newer, this gateway offers {ABI_MAJOR}.{ABI_MINOR}: \
         upgrade the gateway, or build the plugin with an older SDK"
    )]
    NewerMinor {
        /// The file.
        path: PathBuf,
        /// Its major version.
        major: u16,
        /// Its minor version.
        minor: u16,
    },
    /// The table is shorter than it says or than it has to be.
    #[error(
        "the plugin table in {path} has {found} bytes, version {ABI_MAJOR}.0 has {TABLE_SIZE}: \
         rebuild the plugin with the SDK or header of this gateway"
    )]
    ShortTable {
        /// The file.
        path: PathBuf,
        /// Size of the table in bytes, the smaller of what it says and what it has.
        found: u64,
    },
    /// The table sets a flag whose meaning this gateway does not know.
    #[error(
        "the plugin table in {path} sets unknown flags {flags:#x}: upgrade the gateway, or clear them"
    )]
    UnknownFlags {
        /// The file.
        path: PathBuf,
        /// The unknown ones.
        flags: u64,
    },
    /// A panic in the plugin would end the gateway.
    #[error(
        "{path} is built with `panic = \"abort\"`: a fault in it would end the gateway; build it with `panic = \"unwind\"`"
    )]
    BuiltToAbort {
        /// The file.
        path: PathBuf,
    },
    /// No memory file could be made of it.
    #[error("{path} cannot be copied to a sealed memory file: {source}")]
    MemoryFile {
        /// The file.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// The system's loader refuses it.
    #[error("{path} cannot be loaded: {problem}")]
    Loader {
        /// The file.
        path: PathBuf,
        /// What the loader says, such as which library or symbol it misses.
        problem: String,
    },
    /// The table in memory is not the one in the file, or misses a function.
    #[error("the plugin table of {path} is unusable once loaded: {problem}")]
    TableChanged {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        problem: &'static str,
    },
    /// `describe` gave no description.
    #[error("{path} does not describe itself: {source}")]
    Undescribed {
        /// The file.
        path: PathBuf,
        /// What happened.
        source: CallFailed,
    },
    /// `describe` gave a description out of its ranges.
    #[error("{path} describes itself against the rules: {source}")]
    BadDescription {
        /// The file.
        path: PathBuf,
        /// Which rule.
        source: NotAccepted,
    },
}
