//! pysaml2 from PyPI, with xmlsec1 behind it: an identity provider that nobody here wrote but for its last mile.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Stdio;

use serde::Deserialize;
use tokio::io::{AsyncBufReadExt as _, BufReader, Lines};
use tokio::process::{Child, ChildStdin, ChildStdout, Command};
use tokio::time::timeout;

use crate::network;
use crate::process::PATIENCE;
use crate::saml::{Manner, write_pair};
use crate::{Outcome, built};

/// A running one, at which Petra (`petra@partner.example`) signs in without being asked; it ends when this is dropped.
pub struct PySaml2 {
    /// Scheme, host and port.
    pub origin: String,
    folder: PathBuf,
    _child: Child,
    _lifeline: ChildStdin,
    // Closed, it would end the provider at the next thing that it has to say.
    _output: Lines<BufReader<ChildStdout>>,
}

#[derive(Deserialize)]
struct Ready {
    origin: String,
}

impl PySaml2 {
    /// Starts it with everything in `folder`, which must exist.
    ///
    /// # Errors
    /// If pysaml2 is not installed; the message says what to run.
    pub async fn start(folder: &Path) -> Outcome<Self> {
        write_pair(folder)?;
        let plain = Manner {
            sign_response: true,
            sign_assertion: true,
            encrypt: false,
        };
        plain.write(folder)?;
        let mut child = Command::new(python()?)
            .arg(built::workspace().join("tests/pysaml2/idp.py"))
            .arg(folder)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(fs::File::create(folder.join("python.log"))?)
            .kill_on_drop(true)
            .spawn()
            .map_err(|why| format!("Python could not be started: {why}"))?;
        let lifeline = child.stdin.take().ok_or("no pipe to Python")?;
        let output = child.stdout.take().ok_or("no pipe from Python")?;
        let mut lines = BufReader::new(output).lines();
        let line = timeout(PATIENCE, lines.next_line()).await??;
        let ready: Ready = serde_json::from_str(&line.ok_or("pysaml2 ended")?)?;
        Ok(Self {
            origin: ready.origin,
            folder: folder.to_owned(),
            _child: child,
            _lifeline: lifeline,
            _output: lines,
        })
    }

    /// Its entity id, which is also where its metadata are.
    #[must_use]
    pub fn entity_id(&self) -> String {
        format!("{}/metadata", self.origin)
    }

    /// Its metadata.
    ///
    /// # Errors
    /// If it does not answer.
    pub async fn metadata(&self) -> Outcome<String> {
        network::get(&self.entity_id()).await
    }

    /// Tells it of a service provider.
    ///
    /// # Errors
    /// If the file cannot be written.
    pub fn know(&self, metadata: &str) -> Outcome {
        Ok(fs::write(self.folder.join("sp.xml"), metadata)?)
    }

    /// Changes how it answers.
    ///
    /// # Errors
    /// If the file cannot be written.
    pub fn behave(&self, manner: Manner) -> Outcome {
        manner.write(&self.folder)
    }
}

/// The interpreter that has pysaml2.
///
/// # Errors
/// If it is not there; the message says what to run.
pub fn python() -> Outcome<PathBuf> {
    built::python_program("pysaml2", "python")
}
