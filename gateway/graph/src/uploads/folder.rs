//! The folder of one gateway, below the configured one, and the files in it.
//!
//! Several gateways may be configured with one folder. Each has a folder of its own in it, and a lock that ends with the
//! process: what nobody holds the lock of was left behind.

use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io;
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use tracing::warn;

/// What the names of gateways' folders begin with: nothing else is ever removed.
const OWN: &str = "gateway-";
const LOCK: &str = "lock";

/// A gateway's folder. Gone when dropped.
pub(super) struct Folder {
    path: PathBuf,
    next: AtomicU64,
    /// Held for as long as the folder is used.
    _lock: File,
}

/// A file in it. Gone when dropped.
pub(super) struct Spooled {
    path: PathBuf,
    _folder: Arc<Folder>,
}

impl Folder {
    pub(super) fn open(parent: &Path) -> io::Result<Self> {
        let mut builder = DirBuilder::new();
        builder.recursive(true).mode(0o700).create(parent)?;
        // One at a time looks for what was left: a folder without its lock may be one that is just being made.
        let one = lock_file(&parent.join(LOCK))?;
        one.lock()?;
        remove_left(parent)?;
        let path = new_folder(parent)?;
        let lock = lock_file(&path.join(LOCK))?;
        lock.try_lock().map_err(io::Error::from)?;
        Ok(Self {
            path,
            next: AtomicU64::new(0),
            _lock: lock,
        })
    }

    /// A new file that nobody else can open.
    pub(super) fn file(self: &Arc<Self>) -> Spooled {
        let number = self.next.fetch_add(1, Ordering::Relaxed);
        Spooled {
            path: self.path.join(number.to_string()),
            _folder: Arc::clone(self),
        }
    }

    #[cfg(test)]
    pub(super) fn files(&self) -> Vec<PathBuf> {
        let all = fs::read_dir(&self.path).unwrap();
        let all = all.map(|entry| entry.unwrap().path());
        all.filter(|path| !path.ends_with(LOCK)).collect()
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        // What is left is removed when the next gateway starts.
        let _removed = fs::remove_dir_all(&self.path);
    }
}

impl Spooled {
    /// Opens the file to write to it; makes it where it is not there yet.
    pub(super) async fn write(&self) -> io::Result<tokio::fs::File> {
        let mut options = tokio::fs::OpenOptions::new();
        options.write(true).create(true).mode(0o600);
        options.open(&self.path).await
    }

    /// Opens the file to read it.
    pub(super) async fn read(&self) -> io::Result<tokio::fs::File> {
        tokio::fs::File::open(&self.path).await
    }

    /// Removes the file, if there is one.
    pub(super) async fn remove(&self) {
        told(tokio::fs::remove_file(&self.path).await);
    }
}

impl Drop for Spooled {
    fn drop(&mut self) {
        told(fs::remove_file(&self.path));
    }
}

fn told(removed: io::Result<()>) {
    match removed {
        Err(error) if error.kind() != io::ErrorKind::NotFound => {
            warn!(error = %error, "Parts of an upload could not be removed");
        }
        Ok(()) | Err(_) => {}
    }
}

fn lock_file(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.write(true).create(true).truncate(false);
    options.mode(0o600).open(path)
}

fn new_folder(parent: &Path) -> io::Result<PathBuf> {
    let mut number: u64 = 0;
    loop {
        let path = parent.join(format!("{OWN}{number}"));
        match DirBuilder::new().mode(0o700).create(&path) {
            Ok(()) => return Ok(path),
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => number += 1,
            Err(error) => return Err(error),
        }
    }
}

/// Removes the folders of gateways that are gone.
fn remove_left(parent: &Path) -> io::Result<()> {
    for entry in fs::read_dir(parent)? {
        let entry = entry?;
        let own = entry.file_name().to_string_lossy().starts_with(OWN);
        // Not through a link that somebody put there.
        if !own || !entry.file_type()?.is_dir() {
            continue;
        }
        let lock = lock_file(&entry.path().join(LOCK))?;
        if lock.try_lock().is_ok() {
            fs::remove_dir_all(entry.path())?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    fn names(parent: &Path) -> Vec<String> {
        let all = fs::read_dir(parent).unwrap();
        let name = |entry: io::Result<fs::DirEntry>| {
            entry.unwrap().file_name().to_string_lossy().into_owned()
        };
        let mut names: Vec<String> = all.map(name).collect();
        names.sort();
        names
    }

    #[tokio::test]
    async fn what_was_left_goes_and_what_is_used_stays() {
        let parent = tempfile::tempdir().unwrap();
        let left = parent.path().join("gateway-7");
        fs::create_dir(&left).unwrap();
        fs::write(left.join("0"), "left").unwrap();
        fs::write(parent.path().join("other"), "somebody's").unwrap();
        let one = Arc::new(Folder::open(parent.path()).unwrap());
        assert_eq!(names(parent.path()), ["gateway-0", "lock", "other"]);
        let file = one.file();
        drop(file.write().await.unwrap());
        let two = Folder::open(parent.path()).unwrap();
        assert_eq!(
            names(parent.path()),
            ["gateway-0", "gateway-1", "lock", "other"]
        );
        assert_eq!(one.files().len(), 1, "another gateway's is used");
        drop(two);
        drop((file, one));
        assert_eq!(names(parent.path()), ["lock", "other"]);
    }

    #[tokio::test]
    async fn nobody_else_opens_what_waits() {
        let parent = tempfile::tempdir().unwrap();
        let path = parent.path().join("uploads");
        let folder = Arc::new(Folder::open(&path).unwrap());
        let file = folder.file();
        drop(file.write().await.unwrap());
        let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!(mode(&path), 0o700);
        assert_eq!(mode(&folder.path), 0o700);
        assert_eq!(mode(&file.path), 0o600);
        let at = file.path.clone();
        drop(file);
        assert!(!at.exists());
    }
}
