//! Files that the configuration names.

use std::fs::{File, Metadata};
use std::io::Read;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use crate::source::Scope;

/// A secret is not longer than this, in bytes: a partner's metadata is given like one.
const MOST_SECRET: u64 = 256 * 1024;

/// The path of a file that must be there.
pub(super) fn existing(scope: &Scope<'_>, text: &str) -> Option<PathBuf> {
    let path = scope.path(text);
    opened(&path)
        .map(|_| path)
        .map_err(|message| scope.error(message))
        .ok()
}

/// The path of a file that must be there and that others cannot write.
pub(super) fn not_others(scope: &Scope<'_>, text: &str) -> Option<PathBuf> {
    let path = scope.path(text);
    let checked = opened(&path).and_then(|(_, metadata)| {
        if metadata.mode() & 0o022 == 0 {
            Ok(())
        } else {
            Err(format!(
                "`{0}` can be written by others: run `chmod go-w {0}`",
                path.display()
            ))
        }
    });
    checked
        .map(|()| path)
        .map_err(|message| scope.error(message))
        .ok()
}

/// The path of a file that must be there and closed to others.
pub(super) fn closed(scope: &Scope<'_>, text: &str) -> Option<PathBuf> {
    let path = scope.path(text);
    let checked = opened(&path).and_then(|(_, metadata)| check_closed(&path, &metadata));
    checked
        .map(|()| path)
        .map_err(|message| scope.error(message))
        .ok()
}

/// The content of a file that holds a secret, without the newline at its end.
pub(super) fn secret(scope: &Scope<'_>, text: &str) -> Option<String> {
    let path = scope.path(text);
    read_secret(&path)
        .map_err(|message| scope.error(message))
        .ok()
}

fn read_secret(path: &Path) -> Result<String, String> {
    let (file, metadata) = opened(path)?;
    check_closed(path, &metadata)?;
    let mut text = String::new();
    file.take(MOST_SECRET + 1)
        .read_to_string(&mut text)
        .map_err(|_| format!("`{}` cannot be read as UTF-8 text", path.display()))?;
    if text.len() as u64 > MOST_SECRET {
        return Err(format!(
            "`{}` is larger than {MOST_SECRET} bytes",
            path.display()
        ));
    }
    if text.ends_with('\n') {
        text.pop();
        if text.ends_with('\r') {
            text.pop();
        }
    }
    if text.is_empty() {
        Err(format!("`{}` is empty", path.display()))
    } else {
        Ok(text)
    }
}

fn opened(path: &Path) -> Result<(File, Metadata), String> {
    // Opening a pipe would wait for a writer.
    if path.metadata().is_ok_and(|metadata| !metadata.is_file()) {
        return Err(format!("`{}` is not a regular file", path.display()));
    }
    let opened = File::open(path).and_then(|file| file.metadata().map(|metadata| (file, metadata)));
    match opened {
        Ok(opened) => Ok(opened),
        Err(error) => Err(format!("`{}` cannot be opened: {error}", path.display())),
    }
}

fn check_closed(path: &Path, metadata: &Metadata) -> Result<(), String> {
    if metadata.mode() & 0o077 == 0 {
        Ok(())
    } else {
        Err(format!(
            "`{0}` is open to others: run `chmod go= {0}`",
            path.display()
        ))
    }
}
