//! A PostgreSQL server of its own, begun from the machine's package on a socket in a temporary folder, as durable as it
//! is in operation, and gone with the test that began it.
//!
//! The server refuses to run as root: there it runs as `postgres`, or as `nobody`.

use std::fs;
use std::io::{self, BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Mutex, OnceLock};

/// What runs the server, as a script of the shell: it outlives a test that is killed for just as long as it takes to end
/// the server.
const KEEPER: &str = include_str!("keeper.sh");

/// Where Debian's package puts the programs, one folder for each version.
const VERSIONS: &str = "/usr/lib/postgresql";

/// A running server.
#[derive(Debug)]
pub struct Server {
    bin: PathBuf,
    folder: PathBuf,
    keeper: Mutex<Keeper>,
    databases: AtomicU32,
}

#[derive(Debug)]
struct Keeper {
    child: Child,
    orders: Option<ChildStdin>,
    answers: BufReader<ChildStdout>,
}

impl Server {
    /// The server of this process, begun when it is first asked for. None where PostgreSQL is not installed, which is
    /// then said on the standard error.
    ///
    /// # Panics
    /// Where PostgreSQL is installed and does not start.
    #[expect(clippy::panic, reason = "a test that cannot go on has failed")]
    #[must_use]
    pub fn shared() -> Option<&'static Self> {
        static SHARED: OnceLock<Option<Server>> = OnceLock::new();
        SHARED
            .get_or_init(|| match Self::start() {
                Ok(server) => server,
                Err(error) => panic!("PostgreSQL does not start: {error}"),
            })
            .as_ref()
    }

    /// Begins a server of its own. None where PostgreSQL is not installed.
    ///
    /// # Errors
    /// What keeps it from starting.
    pub fn start() -> io::Result<Option<Self>> {
        let Some(bin) = programs() else {
            // Not through the macro: a test that passes keeps that to itself.
            writeln!(
                io::stderr(),
                "SKIPPED: PostgreSQL is not installed (`apt-get install postgresql`)"
            )?;
            return Ok(None);
        };
        let prefix = std::env::temp_dir().join("vestibule-postgres");
        let mut child = as_somebody()
            .arg("/bin/sh")
            .args(["-c", KEEPER, "keeper"])
            .arg(&bin)
            .arg(prefix)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            // Whoever reads what the test says does not wait for the server to be gone.
            .stderr(Stdio::null())
            .spawn()?;
        let orders = child.stdin.take();
        let answers = child.stdout.take().ok_or(io::ErrorKind::BrokenPipe)?;
        let mut answers = BufReader::new(answers);
        let mut folder = String::new();
        answers.read_line(&mut folder)?;
        let folder = PathBuf::from(folder.trim_end());
        if !folder.is_dir() {
            return Err(io::Error::other(format!("it says `{}`", folder.display())));
        }
        Ok(Some(Self {
            bin,
            folder,
            keeper: Mutex::new(Keeper {
                child,
                orders,
                answers,
            }),
            databases: AtomicU32::new(0),
        }))
    }

    /// Makes an empty database, and returns its URL.
    ///
    /// # Errors
    /// What the server says.
    pub fn database(&self) -> io::Result<String> {
        let name = format!("test{}", self.databases.fetch_add(1, Ordering::Relaxed));
        self.sql(&format!("CREATE DATABASE {name}"))?;
        Ok(format!(
            "postgresql:///{name}?host={}&user=vestibule",
            self.folder.display()
        ))
    }

    /// Runs a statement beside any database.
    ///
    /// # Errors
    /// What the server says.
    pub fn sql(&self, statement: &str) -> io::Result<()> {
        self.order(&format!("sql {}", statement.replace('\n', " ")))
    }

    /// Asks one of the databases.
    ///
    /// - `database`: its URL, as [`Server::database`] gave it.
    ///
    /// # Errors
    /// What the server says.
    pub fn ask(&self, database: &str, query: &str) -> io::Result<String> {
        let output = Command::new(self.bin.join("psql"))
            .arg(database)
            .args([
                "--no-psqlrc",
                "--tuples-only",
                "--no-align",
                "--command",
                query,
            ])
            .stdin(Stdio::null())
            .output()?;
        if output.status.success() {
            Ok(String::from_utf8_lossy(&output.stdout).trim().to_owned())
        } else {
            Err(io::Error::other(String::from_utf8_lossy(&output.stderr)))
        }
    }

    /// Ends the server as a failure of power does, and begins it again.
    ///
    /// # Errors
    /// Where it does not come back.
    pub fn crash(&self) -> io::Result<()> {
        self.order("crash")
    }

    /// Ends the server in order, and begins it again.
    ///
    /// # Errors
    /// Where it does not come back.
    pub fn restart(&self) -> io::Result<()> {
        self.order("restart")
    }

    /// Ends the server at once.
    ///
    /// # Errors
    /// Where it does not end.
    pub fn stop(&self) -> io::Result<()> {
        self.order("stop")
    }

    /// Begins the server after [`Server::stop`].
    ///
    /// # Errors
    /// Where it does not begin.
    pub fn begin(&self) -> io::Result<()> {
        self.order("start")
    }

    /// Lets the server hang: its connections stay, and nothing is answered.
    ///
    /// # Errors
    /// Where it does not run.
    pub fn pause(&self) -> io::Result<()> {
        self.order("pause")
    }

    /// Lets the server go on after [`Server::pause`].
    ///
    /// # Errors
    /// Where it does not run.
    pub fn resume(&self) -> io::Result<()> {
        self.order("resume")
    }

    /// Lets no file of the server grow longer, as on a disk without room; None takes that back.
    ///
    /// - `bytes`: at least 16 MiB, which the files of the log have. Not a multiple of 8 KiB: the server must be let begin
    ///   to write a page that there is no room for.
    ///
    /// # Errors
    /// Where it does not run.
    pub fn limit_files(&self, bytes: Option<u64>) -> io::Result<()> {
        let bytes = bytes.map_or_else(|| "unlimited".to_owned(), |bytes| bytes.to_string());
        self.order(&format!("limit {bytes}"))
    }

    /// The folder with the programs of the server, such as `pgbench`.
    #[must_use]
    pub fn programs(&self) -> &Path {
        &self.bin
    }

    /// The folder with the server's socket.
    #[must_use]
    pub fn socket(&self) -> &Path {
        &self.folder
    }

    fn order(&self, order: &str) -> io::Result<()> {
        let mut keeper = self
            .keeper
            .lock()
            .map_err(|_| io::Error::other("an order failed"))?;
        let orders = keeper.orders.as_mut().ok_or(io::ErrorKind::BrokenPipe)?;
        writeln!(orders, "{order}")?;
        let mut answer = String::new();
        keeper.answers.read_line(&mut answer)?;
        if answer.trim_end() == "done" {
            Ok(())
        } else {
            Err(io::Error::other(format!("`{order}`: {answer}")))
        }
    }
}

/// Waits until nothing is left of the server.
impl Drop for Server {
    fn drop(&mut self) {
        if let Ok(keeper) = self.keeper.get_mut() {
            drop(keeper.orders.take());
            // Nobody to tell.
            let _ = keeper.child.wait();
        }
    }
}

/// The programs of the newest version that is installed.
fn programs() -> Option<PathBuf> {
    let mut found: Vec<(u32, PathBuf)> = fs::read_dir(VERSIONS)
        .ok()?
        .flatten()
        .filter_map(|entry| {
            let version = entry.file_name().to_str()?.parse().ok()?;
            let bin = entry.path().join("bin");
            (bin.join("initdb").exists() && bin.join("pg_ctl").exists()).then_some((version, bin))
        })
        .collect();
    found.sort();
    found.pop().map(|(_, bin)| bin)
}

/// What runs a program as somebody who is not root.
fn as_somebody() -> Command {
    let root = fs::metadata("/proc/self")
        .is_ok_and(|of_process| std::os::unix::fs::MetadataExt::uid(&of_process) == 0);
    if !root {
        return Command::new("/usr/bin/env");
    }
    let users = fs::read_to_string("/etc/passwd").unwrap_or_default();
    let name = ["postgres", "nobody"].into_iter().find(|name| {
        users
            .lines()
            .any(|line| line.split(':').next() == Some(name))
    });
    let mut command = Command::new("runuser");
    command.args(["-u", name.unwrap_or("nobody"), "--"]);
    command
}
