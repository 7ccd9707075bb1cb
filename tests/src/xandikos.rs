//! Xandikos from PyPI: a server of WebDAV that can say what changed (RFC 6578), and is not ours. It keeps any file, although
//! it is made for calendars.

use std::path::Path;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::process::Command;

use crate::process::Running;
use crate::{Outcome, built, ensure, ports};

/// A running Xandikos.
pub struct Xandikos {
    /// The loopback port it listens on.
    pub port: u16,
    _process: Running,
}

impl Xandikos {
    /// Starts it with no collections.
    ///
    /// - `folder`: for its files; must exist.
    ///
    /// # Errors
    /// If it is not installed, or does not start.
    pub async fn start(folder: &Path) -> Outcome<Self> {
        let port = ports::free()?;
        let mut command = Command::new(built::python_program("xandikos", "xandikos")?);
        command
            .args([
                "serve",
                "--autocreate",
                "--current-user-principal",
                "/user/",
            ])
            .args(["--listen-address", "127.0.0.1", "--port"])
            .arg(port.to_string())
            .arg("--directory")
            .arg(folder.join("files"))
            .arg("--state-dir")
            .arg(folder.join("state"));
        std::fs::create_dir_all(folder.join("files"))?;
        std::fs::create_dir_all(folder.join("state"))?;
        let mut process = Running::start("xandikos", command, &folder.join("xandikos.log"))?;
        process
            .until(async || TcpStream::connect(("127.0.0.1", port)).await.is_ok())
            .await?;
        Ok(Self {
            port,
            _process: process,
        })
    }

    /// Asks for something without a body, such as MKCOL, behind the gateway's back.
    ///
    /// # Errors
    /// If it is not done.
    pub async fn ask(&self, method: &str, path: &str) -> Outcome {
        let mut stream = TcpStream::connect(("127.0.0.1", self.port)).await?;
        let request = format!(
            "{method} {path} HTTP/1.1\r\nhost: localhost\r\ncontent-length: 0\r\nconnection: close\r\n\r\n"
        );
        stream.write_all(request.as_bytes()).await?;
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await?;
        ensure!(
            answer.starts_with("HTTP/1.1 2"),
            "{method} {path}: {answer}"
        );
        Ok(())
    }
}
