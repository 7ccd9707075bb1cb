//! Key files: made whole or not at all, read only when nobody else may.

use std::fs::{self, DirBuilder, OpenOptions};
use std::io::{ErrorKind, Write};
use std::os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use gateway_core::time::UnixTime;
use zeroize::Zeroizing;

use super::{KeysUnusable, OVERLAP};
use crate::random;
use crate::text;

const ROOT: &str = "root.key";
/// Longest key file, in bytes.
const MAX_BYTES: u64 = 4096;

/// A key file that is there.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct KeyFile {
    /// When the key was made, seconds since the Unix epoch.
    pub(super) created: i64,
    pub(super) path: PathBuf,
}

/// Makes the folder if it is missing, and checks it.
pub(super) fn prepare(directory: &Path) -> Result<(), KeysUnusable> {
    if directory.is_file() {
        return Err(malformed(directory, "is not a folder"));
    }
    DirBuilder::new()
        .mode(0o700)
        .recursive(true)
        .create(directory)
        .map_err(|source| io(directory, source))?;
    check_folder(directory)
}

/// Refuses a folder that others may enter.
pub(super) fn check_folder(directory: &Path) -> Result<(), KeysUnusable> {
    let metadata = fs::metadata(directory).map_err(|source| io(directory, source))?;
    if !metadata.is_dir() {
        return Err(malformed(directory, "is not a folder"));
    }
    check_mode(directory, metadata.mode(), 0o700)
}

/// The keys of one kind, newest first.
pub(super) fn list(directory: &Path, prefix: &str) -> Result<Vec<KeyFile>, KeysUnusable> {
    let mut found = Vec::new();
    for entry in fs::read_dir(directory).map_err(|source| io(directory, source))? {
        let path = entry.map_err(|source| io(directory, source))?.path();
        if let Some(created) = created(&path, prefix) {
            found.push(KeyFile { created, path });
        }
    }
    found.sort();
    found.reverse();
    Ok(found)
}

/// `CREATED` of `PREFIX-CREATED-ID.key`.
fn created(path: &Path, prefix: &str) -> Option<i64> {
    let name = path.file_name()?.to_str()?;
    let rest = name
        .strip_prefix(prefix)?
        .strip_prefix('-')?
        .strip_suffix(".key")?;
    let (created, _id) = rest.split_once('-')?;
    created.parse().ok()
}

/// Writes a key of one kind under a name of its own.
pub(super) fn create(
    directory: &Path,
    prefix: &str,
    now: UnixTime,
    key: &[u8],
) -> Result<(), KeysUnusable> {
    let id = hex(&random::bytes::<8>()?);
    let name = format!("{prefix}-{:012}-{id}.key", now.0.max(0));
    write_new(directory, &name, key)
}

/// Removes the keys whose successor is older than the overlap. The newest always stays.
pub(super) fn remove_superseded(
    directory: &Path,
    prefix: &str,
    now: UnixTime,
) -> Result<(), KeysUnusable> {
    let newest_first = list(directory, prefix)?;
    for (successor, key) in newest_first.iter().zip(newest_first.iter().skip(1)) {
        if now.since(UnixTime(successor.created)) > OVERLAP {
            fs::remove_file(&key.path).map_err(|source| io(&key.path, source))?;
        }
    }
    Ok(())
}

/// Makes the root secret if there is none. Two processes may try at once: the first one's stays.
pub(super) fn create_root(directory: &Path) -> Result<(), KeysUnusable> {
    let path = directory.join(ROOT);
    if path.symlink_metadata().is_ok() {
        return Ok(());
    }
    let secret = Zeroizing::new(random::bytes::<32>()?);
    write_new(directory, ROOT, &*secret)
}

pub(super) fn read_root(directory: &Path) -> Result<Zeroizing<[u8; 32]>, KeysUnusable> {
    read_exactly(&directory.join(ROOT))
}

/// A key of exactly 32 bytes.
pub(super) fn read_exactly(path: &Path) -> Result<Zeroizing<[u8; 32]>, KeysUnusable> {
    let content = read(path)?;
    let key = <[u8; 32]>::try_from(content.as_slice())
        .map_err(|_| malformed(path, "is not a key of 32 bytes"))?;
    Ok(Zeroizing::new(key))
}

/// A regular file, of a size that keys have, that only its owner may read.
pub(super) fn read(path: &Path) -> Result<Zeroizing<Vec<u8>>, KeysUnusable> {
    let metadata = path.symlink_metadata().map_err(|source| io(path, source))?;
    if !metadata.is_file() {
        return Err(malformed(path, "is not a regular file"));
    }
    check_mode(path, metadata.mode(), 0o600)?;
    if metadata.len() > MAX_BYTES {
        return Err(malformed(path, "is too large for a key"));
    }
    let content = fs::read(path).map_err(|source| io(path, source))?;
    Ok(Zeroizing::new(content))
}

/// Writes beside and links into place: a reader never sees half a key, and a key that is there is never replaced.
fn write_new(directory: &Path, name: &str, key: &[u8]) -> Result<(), KeysUnusable> {
    let path = directory.join(name);
    let beside = directory.join(format!(".{}.new", hex(&random::bytes::<8>()?)));
    let written = write_beside(&beside, key);
    let linked = written.and_then(|()| match fs::hard_link(&beside, &path) {
        Err(error) if error.kind() == ErrorKind::AlreadyExists => Ok(()),
        outcome => outcome,
    });
    let removed = fs::remove_file(&beside);
    let synced = fs::File::open(directory).and_then(|folder| folder.sync_all());
    linked
        .and(removed)
        .and(synced)
        .map_err(|source| io(&path, source))
}

fn write_beside(path: &Path, key: &[u8]) -> std::io::Result<()> {
    let mut file = OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(path)?;
    file.write_all(key)?;
    file.sync_all()
}

fn check_mode(path: &Path, mode: u32, wanted: u32) -> Result<(), KeysUnusable> {
    let mode = mode & 0o777;
    if mode & 0o077 == 0 {
        return Ok(());
    }
    Err(KeysUnusable::TooOpen {
        path: path.to_path_buf(),
        mode,
        wanted,
    })
}

fn io(path: &Path, source: std::io::Error) -> KeysUnusable {
    KeysUnusable::Io {
        path: path.to_path_buf(),
        source,
    }
}

pub(super) fn malformed(path: &Path, problem: &'static str) -> KeysUnusable {
    KeysUnusable::Malformed {
        path: path.to_path_buf(),
        problem,
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// A short public name of a key: the first bytes of its hash.
pub(super) fn short_name(key: &[u8]) -> [u8; 4] {
    let hash = text::hash(&[b"vestibule key name", key]);
    let mut name = [0; 4];
    name.iter_mut().zip(hash).for_each(|(to, from)| *to = from);
    name
}
