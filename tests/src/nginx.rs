//! nginx from Debian, as a server that is not ours.

use std::path::Path;

use tokio::net::TcpStream;
use tokio::process::Command;

use crate::Outcome;
use crate::ports;
use crate::process::Running;

/// A running nginx with one server.
pub struct Nginx {
    /// The loopback port it listens on.
    pub port: u16,
    process: Running,
}

impl Nginx {
    /// Starts nginx with `server`, the inside of a `server { … }` block in which `PORT` stands for the port.
    ///
    /// - `folder`: for its files; must exist. `root` is relative to it.
    ///
    /// # Errors
    /// If nginx is missing or does not like the configuration.
    pub async fn start(folder: &Path, server: &str) -> Outcome<Self> {
        Self::start_beside(folder, server, "").await
    }

    /// The same with `beside`, further directives on the level of the server.
    ///
    /// # Errors
    /// As [`Nginx::start`].
    pub async fn start_beside(folder: &Path, server: &str, beside: &str) -> Outcome<Self> {
        let port = ports::free()?;
        let server = server.replace("PORT", &port.to_string());
        let file = folder.join("nginx.conf");
        std::fs::write(&file, configuration(&server, beside))?;
        let mut command = Command::new(program());
        command
            .arg("-p")
            .arg(folder)
            .arg("-c")
            .arg(&file)
            .arg("-e")
            .arg("stderr");
        let mut process = Running::start("nginx", command, &folder.join("nginx.log"))?;
        process
            .until(async || TcpStream::connect(("127.0.0.1", port)).await.is_ok())
            .await?;
        Ok(Self { port, process })
    }

    /// The running process.
    #[must_use]
    pub fn process(&self) -> &Running {
        &self.process
    }
}

/// One process that stays in the foreground: killing it leaves nothing behind.
fn configuration(server: &str, beside: &str) -> String {
    format!(
        "daemon off;
master_process off;
pid nginx.pid;
error_log stderr;
events {{ worker_connections 1024; }}
http {{
    access_log off;
    client_max_body_size 0;
    client_body_temp_path temp-body;
    proxy_temp_path temp-proxy;
    fastcgi_temp_path temp-fastcgi;
    uwsgi_temp_path temp-uwsgi;
    scgi_temp_path temp-scgi;
    {beside}
    server {{
{server}
    }}
}}
"
    )
}

fn program() -> &'static str {
    // Debian puts it where only root's PATH looks.
    if Path::new("/usr/sbin/nginx").exists() {
        "/usr/sbin/nginx"
    } else {
        "nginx"
    }
}
