//! A file in memory that nobody can change any more.

use std::fs::File;
use std::io::{self, Write as _};
use std::os::fd::{AsRawFd as _, IntoRawFd as _, OwnedFd};
use std::path::PathBuf;

use rustix::fs::{MemfdFlags, SealFlags, fcntl_add_seals, memfd_create};

/// Writes `bytes` to a sealed memory file.
///
/// - `name`: shown in `/proc/PID/maps`.
pub(crate) fn seal(name: &str, bytes: &[u8]) -> io::Result<OwnedFd> {
    let descriptor = memfd_create(name, MemfdFlags::CLOEXEC | MemfdFlags::ALLOW_SEALING)?;
    let mut file = File::from(descriptor);
    file.write_all(bytes)?;
    fcntl_add_seals(
        &file,
        SealFlags::WRITE | SealFlags::GROW | SealFlags::SHRINK | SealFlags::SEAL,
    )?;
    Ok(file.into())
}

/// The path of a memory file within this process, valid until the process ends.
pub(crate) fn path_for_ever(file: OwnedFd) -> PathBuf {
    let path = PathBuf::from(format!("/proc/self/fd/{}", file.as_raw_fd()));
    // The loader knows what it has loaded by its path: were the descriptor closed, the next library would get the
    // same number, and the loader would answer with this one.
    let _open_for_ever = file.into_raw_fd();
    path
}
