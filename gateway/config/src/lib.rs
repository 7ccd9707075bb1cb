//! Reads, checks and layers configuration files.
//!
//! [`load`] looks at everything before it says no: each file is parsed with positions and checked against
//! its schema, what fails is noted and taken out, the rest is merged, converted into the types of [`model`]
//! and checked for what it refers to. Every [`Problem`] names file, line and key, and says what to do.
//! Nothing that could be a secret stands in one.

mod clouds;
mod convert;
mod documents;
mod generation;
pub mod model;
mod problem;
mod reference;
mod schema;
pub mod secret;
mod source;
mod suggest;
mod wire;

use std::path::PathBuf;

use gateway_core::time::UnixTime;

pub use clouds::{cloud_schema, shipped_clouds_with};
pub use convert::idle;
pub use problem::{Position, Problem, Severity};
pub use reference::with_reference;
pub use schema::schemas;
pub use suggest::nearest;
pub use wire::with_settings;

use documents::Documents;
use generation::Generations;
use model::Configuration;
use problem::Problems;

/// Where a configuration comes from.
#[derive(Clone)]
pub struct Sources {
    /// Folders, each with any of `default.toml`, `clouds.toml`, `environments/NAME.toml`, `tenants/*.toml` and
    /// `providers/*.toml`. Later ones are laid over earlier ones, file by file, key by key.
    pub directories: Vec<PathBuf>,
    /// Name of the environment: `worldwide`, `gcc`, `gcc-high`, `dod`, `china-21vianet`.
    pub environment: String,
    /// The process's environment variables. `VESTIBULE__A__B` sets `a.b` of the gateway's settings; all may
    /// be named in secret references. Empty ones count as unset.
    pub variables: Vec<(String, String)>,
    /// Now: what has ended by then is pointed out.
    pub now: UnixTime,
}

/// A configuration without errors.
#[derive(Debug)]
pub struct Loaded {
    /// The configuration.
    pub configuration: Configuration,
    /// What probably does not do what was meant, by file and line.
    pub warnings: Vec<Problem>,
}

/// Reads and checks a configuration.
///
/// # Errors
/// Every problem at once, warnings among them, by file and line.
pub fn load(sources: &Sources) -> Result<Loaded, Vec<Problem>> {
    let problems = Problems::default();
    let found = source::read_all(sources.directories.iter().map(PathBuf::as_path), &problems);
    let generations = Generations::of(&found, sources);
    let documents = Documents::check(found, sources, &problems);
    let configuration = convert::configuration(&documents, sources, generations, &problems);
    let (configuration, warnings) = problems.finish(configuration)?;
    Ok(Loaded {
        configuration,
        warnings,
    })
}
