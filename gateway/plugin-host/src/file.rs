//! Is it the file we were told of, and could nobody else have put it there?

use std::ffi::OsStr;
use std::fs::{File, Metadata};
use std::io::{self, Read as _};
use std::os::fd::OwnedFd;
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _};
use std::path::{Component, Path, PathBuf};

use rustix::fs::{Mode, OFlags};
use rustix::io::Errno;
use rustix::process::geteuid;

use crate::expectations::{Expectations, FileHash};
use crate::memory_file;
use crate::refused::Refused;

/// Largest library that is read, in bytes.
const LARGEST_FILE: u64 = 256 * 1024 * 1024;
/// Permission bits that let somebody other than the owner write.
const OTHERS_WRITE: u32 = 0o022;

/// A library's bytes, read once: what is hashed is what is loaded.
#[derive(Debug)]
pub(crate) struct PluginFile {
    pub(crate) path: PathBuf,
    pub(crate) bytes: Vec<u8>,
    pub(crate) hash: FileHash,
}

/// Reads a library of the plugin folder, if nobody but root and the service user can have written it.
///
/// - `plugin`: the file below the plugin folder.
pub(crate) fn read(plugin: &Path, expectations: &Expectations) -> Result<PluginFile, Refused> {
    let path = locate(plugin, &expectations.directory)?;
    check_folders(folder_of(&path), expectations.trust_root.as_deref())?;
    let file = open(&path)?;
    let metadata = file
        .metadata()
        .map_err(|source| unreadable(&path, source))?;
    check_file(&path, &metadata)?;
    let bytes = read_all(&path, &file)?;
    let hash = FileHash::of(&bytes);
    Ok(PluginFile { path, bytes, hash })
}

impl PluginFile {
    /// Its bytes in a memory file that nobody can change.
    pub(crate) fn seal(&self) -> Result<OwnedFd, Refused> {
        memory_file::seal(self.name(), &self.bytes).map_err(|source| Refused::MemoryFile {
            path: self.path.clone(),
            source,
        })
    }

    /// `NAME` of `NAME.so`.
    pub(crate) fn name(&self) -> &str {
        self.path
            .file_stem()
            .and_then(OsStr::to_str)
            .unwrap_or("plugin")
    }
}

/// Checks that the file is the configured one.
pub(crate) fn check_hash(file: &PluginFile, expected: Option<FileHash>) -> Result<(), Refused> {
    let path = file.path.clone();
    match expected {
        None => Err(Refused::HashMissing {
            path,
            found: file.hash,
        }),
        Some(expected) if expected != file.hash => Err(Refused::HashMismatch {
            path,
            expected,
            found: file.hash,
        }),
        Some(_) => Ok(()),
    }
}

/// The file's path, without symbolic links up to its name.
fn locate(plugin: &Path, directory: &Path) -> Result<PathBuf, Refused> {
    let below = plugin.strip_prefix(directory).unwrap_or(plugin);
    let Some(name) = below.file_name().filter(|_| is_plain(below)) else {
        return Err(Refused::BadName {
            name: plugin.display().to_string(),
        });
    };
    let directory = resolve(directory)?;
    let folder = resolve(&directory.join(folder_of(below)))?;
    if !folder.starts_with(&directory) {
        return Err(Refused::LeadsOut { folder, directory });
    }
    Ok(folder.join(name))
}

/// Relative, without `.` and `..`, and of a name that cargo or a careful operator gives.
fn is_plain(path: &Path) -> bool {
    let name = path
        .file_name()
        .and_then(OsStr::to_str)
        .and_then(|name| name.strip_suffix(".so"))
        .unwrap_or_default();
    let fits = name
        .bytes()
        .all(|byte| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_'));
    let names_only = path
        .components()
        .all(|component| matches!(component, Component::Normal(_)));
    fits && (1..=64).contains(&name.len()) && names_only
}

fn folder_of(path: &Path) -> &Path {
    path.parent().unwrap_or(path)
}

fn resolve(directory: &Path) -> Result<PathBuf, Refused> {
    directory
        .canonicalize()
        .map_err(|source| unreadable(directory, source))
}

/// Who can write a folder can replace what is in it. Sticky folders such as `/tmp` are no exception.
///
/// `directory` is resolved: the folders a symbolic link on the way was in do not matter, because the link has
/// been followed for the last time.
fn check_folders(directory: &Path, trust_root: Option<&Path>) -> Result<(), Refused> {
    let root = trust_root.map(resolve).transpose()?;
    for folder in directory.ancestors() {
        let metadata = folder
            .symlink_metadata()
            .map_err(|source| unreadable(folder, source))?;
        check_owner_and_mode(folder, &metadata)?;
        if root.as_deref() == Some(folder) {
            break;
        }
    }
    Ok(())
}

/// Without following a link at the end, and without waiting for a writer if it is a pipe.
fn open(path: &Path) -> Result<File, Refused> {
    let flags = OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::CLOEXEC;
    match rustix::fs::open(path, flags, Mode::empty()) {
        Ok(descriptor) => Ok(File::from(descriptor)),
        Err(Errno::LOOP) => Err(Refused::SymbolicLink {
            path: path.to_owned(),
        }),
        // What a socket answers.
        Err(Errno::NXIO) => Err(Refused::NotRegular {
            path: path.to_owned(),
        }),
        Err(error) => Err(unreadable(path, error.into())),
    }
}

fn check_file(path: &Path, metadata: &Metadata) -> Result<(), Refused> {
    if !metadata.is_file() {
        return Err(Refused::NotRegular {
            path: path.to_owned(),
        });
    }
    if metadata.len() > LARGEST_FILE {
        return Err(Refused::FileTooLarge {
            path: path.to_owned(),
            size: metadata.len(),
            limit: LARGEST_FILE,
        });
    }
    check_owner_and_mode(path, metadata)
}

fn check_owner_and_mode(path: &Path, metadata: &Metadata) -> Result<(), Refused> {
    let (owner, service) = (metadata.uid(), geteuid().as_raw());
    if owner != 0 && owner != service {
        return Err(Refused::ForeignOwner {
            path: path.to_owned(),
            owner,
            service,
        });
    }
    let mode = metadata.permissions().mode() & 0o7777;
    if mode & OTHERS_WRITE != 0 {
        return Err(Refused::WritableByOthers {
            path: path.to_owned(),
            mode,
        });
    }
    Ok(())
}

/// At most as much as [`check_file`] let pass, also when the file grows meanwhile; the hash tells the rest.
fn read_all(path: &Path, file: &File) -> Result<Vec<u8>, Refused> {
    let mut bytes = Vec::new();
    file.take(LARGEST_FILE)
        .read_to_end(&mut bytes)
        .map_err(|source| unreadable(path, source))?;
    Ok(bytes)
}

fn unreadable(path: &Path, source: io::Error) -> Refused {
    Refused::Unreadable {
        path: path.to_owned(),
        source,
    }
}
