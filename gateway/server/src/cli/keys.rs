//! `vestibule keys`.

use std::io::{self, Write};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use clap::Subcommand;
use gateway_config::Sources;
use gateway_sign_in::keys::{Keyring, KeysUnusable};
use rustix::process::geteuid;

use super::load;

#[derive(Debug, Subcommand)]
pub(super) enum Verb {
    /// Make new sealing and signing keys. Older ones stay valid for 30 days; a running gateway takes the new ones up on
    /// SIGHUP or when it restarts.
    Rotate,
}

/// Why there are no new keys.
#[derive(Debug, thiserror::Error)]
enum NotRotated {
    #[error(
        "`{directory}` belongs to user {owner}: run this as that user, who could not read the new keys otherwise"
    )]
    AnotherOwner { directory: PathBuf, owner: u32 },
    #[error(transparent)]
    Keys(#[from] KeysUnusable),
}

pub(super) fn run(
    verb: &Verb,
    sources: &Sources,
    out: &mut dyn Write,
    err: &mut dyn Write,
) -> io::Result<bool> {
    let Verb::Rotate = verb;
    let Some(loaded) = load(sources, err)? else {
        return Ok(false);
    };
    let directory = &loaded.configuration.gateway.keys;
    let rotated = own(directory).and_then(|()| Ok(Keyring::rotate(directory, sources.now)?));
    match &rotated {
        Ok(()) => writeln!(
            out,
            "ok: new keys in {}; a running gateway takes them up on SIGHUP",
            directory.display()
        )?,
        Err(error) => writeln!(err, "error: {error}")?,
    }
    Ok(rotated.is_ok())
}

/// A folder that is not there yet will be ours.
fn own(directory: &Path) -> Result<(), NotRotated> {
    let owner = directory.metadata().map(|folder| folder.uid()).ok();
    match owner.filter(|owner| *owner != geteuid().as_raw()) {
        None => Ok(()),
        Some(owner) => Err(NotRotated::AnotherOwner {
            directory: directory.to_owned(),
            owner,
        }),
    }
}
