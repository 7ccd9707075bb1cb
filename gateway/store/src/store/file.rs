//! The file itself, before SQLite sees it.

use std::fs;
use std::io;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::sync::Arc;

use rustix::fs::{CWD, FileType, Mode, mknodat};
use rustix::io::Errno;

use crate::StoreError;

/// Makes the file where it is missing, for nobody else's eyes from the first moment on, and refuses one that
/// others can read: it holds addresses and the secrets of pending sign-ins.
///
/// The file is never opened here. Closing it again would drop the locks of every connection that this process
/// has to it (sqlite.org/howtocorrupt.html, section 2.2).
pub(super) fn prepare(path: &Path) -> Result<(), StoreError> {
    let failed = |source: io::Error| StoreError::Open {
        path: path.to_owned(),
        source: Arc::new(source),
    };
    match mknodat(CWD, path, FileType::RegularFile, Mode::RUSR | Mode::WUSR, 0) {
        Ok(()) | Err(Errno::EXIST) => {}
        Err(errno) => return Err(failed(errno.into())),
    }
    let metadata = fs::metadata(path).map_err(failed)?;
    let mode = metadata.permissions().mode() & 0o777;
    if !metadata.is_file() {
        return Err(StoreError::NotAFile {
            path: path.to_owned(),
        });
    }
    if mode & 0o077 != 0 {
        return Err(StoreError::TooOpen {
            path: path.to_owned(),
            mode,
        });
    }
    Ok(())
}
