//! Every check of a library with its outcome, for `vestibule plugin check FILE`.

use std::fmt;
use std::path::{Path, PathBuf};

use plugins_sdk::message::Description;
use serde::Serialize;

use crate::expectations::{Expectations, FileHash};
use crate::file::{self, PluginFile};
use crate::plugin::Library;
use crate::table;

/// What was found about a file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct CheckReport {
    /// The file, as it was given.
    pub file: PathBuf,
    /// Its SHA-256 in hexadecimal, if it could be read.
    pub sha256: Option<String>,
    /// Version of the plugin ABI it was built for, `MAJOR.MINOR`.
    pub abi: Option<String>,
    /// What it says it is, if it was loaded.
    pub description: Option<Description>,
    /// The checks, in order; those after one that failed are missing where they depend on it.
    pub findings: Vec<Finding>,
}

/// One check.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// What was checked: `file`, `table`, `sha256`, `load`.
    pub check: &'static str,
    /// How it came out.
    pub verdict: Verdict,
    /// What was found, or what is wrong and what to do.
    pub detail: String,
}

/// How a check came out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Verdict {
    /// As expected.
    Passed,
    /// The gateway would refuse the library.
    Refused,
    /// It does what a provider must not.
    Failed,
    /// Could not be checked.
    Skipped,
}

impl CheckReport {
    /// Whether the gateway would load the library with the hash that was given.
    #[must_use]
    pub fn passed(&self) -> bool {
        self.findings
            .iter()
            .all(|finding| finding.verdict == Verdict::Passed)
    }

    fn find(&mut self, check: &'static str, verdict: Verdict, detail: impl Into<String>) {
        self.findings.push(Finding {
            check,
            verdict,
            detail: detail.into(),
        });
    }
}

/// Checks a library file and, if its hash is `sha256`, loads it and asks for its description.
///
/// Without a hash none of its code runs: somebody has to say first that it is the file they mean. Blocks, as
/// [`Library::load`] does.
///
/// - `file`: `DIRECTORY/NAME.so`.
/// - `trust_root`: as [`Expectations::trust_root`].
#[must_use]
pub fn check_file(file: &Path, sha256: Option<FileHash>, trust_root: Option<&Path>) -> CheckReport {
    let (mut report, found) = inspect(file, sha256, trust_root);
    let Some(found) = found else {
        if report.sha256.is_some() {
            report.find("load", Verdict::Skipped, "none of its code was run");
        }
        return report;
    };
    match Library::load_file(&found, &Expectations::new(folder_of(file), sha256)) {
        Ok(library) => {
            report.find("load", Verdict::Passed, "loaded, and describes itself");
            report.description = Some(library.description().clone());
        }
        Err(refused) => report.find("load", Verdict::Refused, refused.to_string()),
    }
    report
}

/// The checks of [`check_file`] for which nothing is loaded.
#[must_use]
pub fn inspect_file(
    file: &Path,
    sha256: Option<FileHash>,
    trust_root: Option<&Path>,
) -> CheckReport {
    inspect(file, sha256, trust_root).0
}

/// The file, if everything that can be told without running its code is as it should be.
fn inspect(
    file: &Path,
    sha256: Option<FileHash>,
    trust_root: Option<&Path>,
) -> (CheckReport, Option<PluginFile>) {
    let mut report = CheckReport {
        file: file.to_owned(),
        sha256: None,
        abi: None,
        description: None,
        findings: Vec::new(),
    };
    let expectations = Expectations {
        trust_root: trust_root.map(Path::to_owned),
        ..Expectations::new(folder_of(file), sha256)
    };
    let plugin = Path::new(file.file_name().unwrap_or_default());
    let found = match file::read(plugin, &expectations) {
        Ok(found) => found,
        Err(refused) => {
            report.find("file", Verdict::Refused, refused.to_string());
            return (report, None);
        }
    };
    report.find(
        "file",
        Verdict::Passed,
        "a regular file, which only root and the service user can write",
    );
    report.sha256 = Some(found.hash.to_string());
    let table = table::check(&found);
    match &table {
        Ok(header) => {
            let abi = format!("{}.{}", header.abi_major, header.abi_minor);
            report.find("table", Verdict::Passed, format!("a plugin for ABI {abi}"));
            report.abi = Some(abi);
        }
        Err(refused) => report.find("table", Verdict::Refused, refused.to_string()),
    }
    let hash = file::check_hash(&found, sha256);
    match &hash {
        Ok(()) => report.find("sha256", Verdict::Passed, found.hash.to_string()),
        Err(refused) => report.find("sha256", Verdict::Refused, refused.to_string()),
    }
    let good = table.is_ok() && hash.is_ok();
    (report, good.then_some(found))
}

fn folder_of(file: &Path) -> PathBuf {
    match file.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder.to_owned(),
        _ => PathBuf::from("."),
    }
}

impl fmt::Display for CheckReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}", self.file.display())?;
        for Finding {
            check,
            verdict,
            detail,
        } in &self.findings
        {
            writeln!(f, "  {:<8} {check:<11} {detail}", verdict.word())?;
        }
        match &self.description {
            Some(description) => write_description(f, description),
            None => Ok(()),
        }
    }
}

impl Verdict {
    /// As it stands in a table.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Passed => "passed",
            Self::Refused => "refused",
            Self::Failed => "failed",
            Self::Skipped => "skipped",
        }
    }
}

fn write_description(f: &mut fmt::Formatter<'_>, description: &Description) -> fmt::Result {
    let Description {
        kind,
        display_name,
        version,
        home_domains,
        capabilities,
        settings_schema,
    } = description;
    writeln!(f, "  kind          {kind} {version} ({display_name})")?;
    if !home_domains.is_empty() {
        writeln!(f, "  home domains  {}", home_domains.join(", "))?;
    }
    let capabilities: Vec<String> = capabilities
        .iter()
        .map(|one| format!("{one:?}").to_lowercase())
        .collect();
    writeln!(
        f,
        "  may           {}",
        if capabilities.is_empty() {
            "nothing".to_owned()
        } else {
            capabilities.join(", ")
        }
    )?;
    writeln!(
        f,
        "  settings      {}",
        if settings_schema.is_some() {
            "described by a schema"
        } else {
            "without a schema"
        }
    )
}
