//! Plugins that misbehave on purpose, and folders from which a gateway under test loads plugins.
//!
//! A [`PluginFolder`] is filled with libraries, each as `NAME.so`: [bad ones](Bad) compiled from `c/bad.c` by the
//! system's compiler, the C example, and whatever cargo has built beside the test binary. This crate knows neither
//! the gateway nor the SDK's Rust side.
//!
//! A folder lies in the system's folder for temporary files, which everybody may write: load from it with the
//! folder itself as trust root.

mod bad;
mod caged;
mod compile;

use std::ffi::OsStr;
use std::fs;
use std::io;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

pub use bad::{Bad, Behaviour};
pub use caged::{Caged, Deed};
pub use compile::{NotBuilt, root};

/// A folder of plugins, removed when dropped.
#[derive(Debug)]
pub struct PluginFolder {
    folder: tempfile::TempDir,
}

impl PluginFolder {
    /// An empty folder that only this user can write.
    ///
    /// # Errors
    /// If there is no room for it.
    pub fn new() -> io::Result<Self> {
        Ok(Self {
            folder: tempfile::Builder::new()
                .prefix("vestibule-plugins-")
                .tempdir()?,
        })
    }

    /// Where it is, without symbolic links.
    #[must_use]
    pub fn path(&self) -> &Path {
        self.folder.path()
    }

    /// The file of the library `name`.
    #[must_use]
    pub fn file(&self, name: &str) -> PathBuf {
        self.path().join(format!("{name}.so"))
    }

    /// Compiles a plugin that misbehaves.
    ///
    /// # Errors
    /// [`NotBuilt`] with what the compiler says.
    pub fn bad(&self, name: &str, bad: &Bad) -> Result<PathBuf, NotBuilt> {
        compile::library(
            &root().join("tests/bad-plugins/c/bad.c"),
            &bad.switches(),
            &self.file(name),
        )
    }

    /// Compiles a plugin that keeps to the messages and is not pure.
    ///
    /// - `does`: one of the names that `c/impure.c` lists.
    ///
    /// # Errors
    /// [`NotBuilt`] with what the compiler says.
    pub fn impure(&self, name: &str, does: &str) -> Result<PathBuf, NotBuilt> {
        compile::library(
            &root().join("tests/bad-plugins/c/impure.c"),
            &[format!("-DDOES={does}"), "-pthread".to_owned()],
            &self.file(name),
        )
    }

    /// Compiles the C example.
    ///
    /// # Errors
    /// [`NotBuilt`] with what the compiler says.
    pub fn badge(&self, name: &str) -> Result<PathBuf, NotBuilt> {
        compile::library(
            &root().join("plugins/examples/c/badge.c"),
            &[],
            &self.file(name),
        )
    }

    /// Compiles a plugin that does what no provider may, to see what becomes of it.
    ///
    /// # Errors
    /// [`NotBuilt`] with what the compiler says.
    pub fn caged(&self, name: &str, caged: &Caged) -> Result<PathBuf, NotBuilt> {
        compile::library(
            &root().join("tests/bad-plugins/c/caged.c"),
            &caged.switches(),
            &self.file(name),
        )
    }

    /// Compiles the plugin written against ABI 1.0, with the header of ABI 1.0.
    ///
    /// # Errors
    /// [`NotBuilt`] with what the compiler says.
    pub fn strict_1_0(&self, name: &str) -> Result<PathBuf, NotBuilt> {
        let pinned = root().join("tests/abi-1.0");
        compile::library_with(
            &pinned.join("include"),
            &pinned.join("strict.c"),
            &[],
            &self.file(name),
        )
    }

    /// Compiles the program that hands the C example damaged messages, so that a wrong access to memory ends it.
    ///
    /// # Errors
    /// [`NotBuilt`] with what the compiler says.
    pub fn badge_test(&self) -> Result<PathBuf, NotBuilt> {
        let program = self.path().join("badge_test");
        compile::sanitized_program(&root().join("plugins/examples/c/badge_test.c"), &program)?;
        Ok(program)
    }

    /// Copies the plugin that panics.
    ///
    /// # Errors
    /// As [`PluginFolder::built`].
    pub fn panicking(&self, name: &str) -> Result<PathBuf, NotBuilt> {
        self.built(name, "bad_plugins_panics")
    }

    /// Copies a library that cargo has built beside the running test binary, which it does for the dependencies of
    /// the test's package.
    ///
    /// - `library`: name of its library target, with underscores: `plugins_google`.
    ///
    /// # Errors
    /// [`NotBuilt::Missing`] if cargo has not.
    pub fn built(&self, name: &str, library: &str) -> Result<PathBuf, NotBuilt> {
        self.copy(name, &built_library(library)?)
    }

    /// Copies a library, readable and executable for all, writable for its owner.
    ///
    /// # Errors
    /// [`NotBuilt::Io`].
    pub fn copy(&self, name: &str, library: &Path) -> Result<PathBuf, NotBuilt> {
        let file = self.file(name);
        fs::copy(library, &file)?;
        fs::set_permissions(&file, fs::Permissions::from_mode(0o755))?;
        Ok(file)
    }
}

/// Cargo puts libraries into `deps`, where test binaries are and above which other binaries are.
fn built_library(library: &str) -> Result<PathBuf, NotBuilt> {
    let binary = std::env::current_exe()?;
    let folder = binary.parent().unwrap_or(Path::new("."));
    let deps = if folder.file_name() == Some(OsStr::new("deps")) {
        folder.to_owned()
    } else {
        folder.join("deps")
    };
    let file = deps.join(format!("lib{library}.so"));
    if file.exists() {
        Ok(file)
    } else {
        Err(NotBuilt::Missing { file })
    }
}
