//! Builds a plugin in C with the system's compiler.

use std::fs;
use std::io;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Why a plugin could not be built.
#[derive(Debug, thiserror::Error)]
pub enum NotBuilt {
    /// A file could not be read or written, or there is no compiler.
    #[error(transparent)]
    Io(#[from] io::Error),
    /// The compiler refuses the source.
    #[error("cc refuses {source_file}:\n{says}")]
    Compiler {
        /// The source.
        source_file: PathBuf,
        /// What it says.
        says: String,
    },
    /// Cargo has not built the library.
    #[error(
        "{file} is missing: make its package a dependency of this test's package, as rlib and cdylib"
    )]
    Missing {
        /// Where it should be.
        file: PathBuf,
    },
}

/// Root of the workspace.
#[must_use]
pub fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .ancestors()
        .nth(2)
        .unwrap_or(Path::new("."))
        .to_owned()
}

/// The command line that `plugins/README.md` gives, with further switches.
pub(crate) fn library(
    source: &Path,
    switches: &[String],
    library: &Path,
) -> Result<PathBuf, NotBuilt> {
    library_with(
        &root().join("plugins/sdk/include"),
        source,
        switches,
        library,
    )
}

/// The same with another folder of headers.
pub(crate) fn library_with(
    include: &Path,
    source: &Path,
    switches: &[String],
    library: &Path,
) -> Result<PathBuf, NotBuilt> {
    let shared = ["-O1", "-fPIC", "-shared", "-fvisibility=hidden"].map(str::to_owned);
    compile(include, source, &[&shared, switches].concat(), library)?;
    fs::set_permissions(library, fs::Permissions::from_mode(0o755))?;
    Ok(library.to_owned())
}

/// A program that ends at the first wrong access to memory.
pub(crate) fn sanitized_program(source: &Path, program: &Path) -> Result<(), NotBuilt> {
    let sanitized = [
        "-g",
        "-fsanitize=address,undefined",
        "-fno-sanitize-recover=all",
    ]
    .map(str::to_owned);
    compile(
        &root().join("plugins/sdk/include"),
        source,
        &sanitized,
        program,
    )
}

fn compile(
    include: &Path,
    source: &Path,
    switches: &[String],
    output: &Path,
) -> Result<(), NotBuilt> {
    let compiler = Command::new("cc")
        .args(["-std=c99", "-Wall", "-Wextra", "-Werror"])
        .args(switches)
        .arg("-I")
        .arg(include)
        .arg("-o")
        .args([output, source])
        .output()?;
    if compiler.status.success() {
        return Ok(());
    }
    let says = String::from_utf8_lossy(&compiler.stderr).into_owned();
    Err(NotBuilt::Compiler {
        source_file: source.to_owned(),
        says,
    })
}
