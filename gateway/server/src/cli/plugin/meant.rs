//! Which file is meant, and who stands for it.

use std::fs::{self, DirBuilder};
use std::io;
use std::os::unix::fs::DirBuilderExt as _;
use std::path::{Path, PathBuf};

use gateway_plugin_host::{CheckReport, FileHash, Finding, Verdict};

use super::Check;

/// A library whose code may be run if its hash is known.
pub(super) struct Meant {
    file: PathBuf,
    trust_root: Option<PathBuf>,
    /// The hash that somebody stands for.
    pub(super) sha256: Option<FileHash>,
    /// Removed at the end.
    copy: Option<PathBuf>,
}

impl Meant {
    /// The file with the hash that was given.
    ///
    /// Where it is trusted as it is: a copy that nobody else can write, with the hash it has. What a developer has just
    /// built is often in folders that a group may write; who may write a file in production is checked there.
    ///
    /// # Errors
    /// If there is no room for the copy.
    pub(super) fn of(check: &Check, file: &Path) -> io::Result<Self> {
        let bytes = if check.trust {
            // What cannot be read is refused in its own words.
            fs::read(file).ok()
        } else {
            None
        };
        let Some(bytes) = bytes else {
            return Ok(Self {
                file: file.to_owned(),
                trust_root: check.trust_root.clone(),
                sha256: check.sha256,
                copy: None,
            });
        };
        let name = format!("vestibule-plugin-check-{}", std::process::id());
        let folder = std::env::temp_dir().join(name);
        DirBuilder::new().mode(0o700).create(&folder)?;
        let mut meant = Self {
            file: folder.join(file.file_name().unwrap_or_default()),
            trust_root: Some(folder.clone()),
            sha256: None,
            copy: Some(folder),
        };
        fs::write(&meant.file, &bytes)?;
        fs::set_permissions(
            &meant.file,
            std::os::unix::fs::PermissionsExt::from_mode(0o600),
        )?;
        meant.sha256 = Some(FileHash::of(&bytes));
        Ok(meant)
    }

    /// Puts into a report what was looked at, and what not.
    ///
    /// - `file`: as it was given.
    pub(super) fn tell(&self, file: &Path, report: &mut CheckReport) {
        report.file = file.to_owned();
        if self.copy.is_none() {
            return;
        }
        let findings = report.findings.iter_mut();
        // Refusals name the copy, and stay: there was nothing to look at.
        let passed =
            |finding: &&mut Finding| finding.check == "file" && finding.verdict == Verdict::Passed;
        for finding in findings.filter(passed) {
            "a regular file; who can write it was not looked at (--trust)"
                .clone_into(&mut finding.detail);
        }
    }

    pub(super) fn file(&self) -> &Path {
        &self.file
    }

    pub(super) fn trust_root(&self) -> Option<&Path> {
        self.trust_root.as_deref()
    }
}

impl Drop for Meant {
    fn drop(&mut self) {
        if let Some(folder) = &self.copy {
            // A copy that stays is a nuisance and no more.
            let _removed = fs::remove_dir_all(folder);
        }
    }
}
