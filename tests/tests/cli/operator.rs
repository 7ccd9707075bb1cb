//! An operator with a small configuration of their own, laid over the shipped one.

use std::fs;
use std::path::{Path, PathBuf};

use tempfile::TempDir;
use tests::certificates::write_private;
use tests::gateway::Call;
use tests::overlay::Overlay;
use tests::{Outcome, built, ensure, plugins, ports};

/// A secret of the configuration; it must never be printed.
pub(crate) const SECRET: &str = "canary-3f9c1b7e";

const GATEWAY: &str = "
[listen.public]
plain_http = true
";

const TENANT: &str = r#"
display_name = "Tailwind"
hosts = ["tailwind.localhost"]
member_domains = ["tailwind.example"]

[sharing]
SharingCapability = "ExternalUserAndGuestSharing"

[directory]
tenant_id = "77777777-7777-4777-8777-777777777777"

[sites.team]
path = "/sites/team"
upstream = "http://127.0.0.1:1"
SharingCapability = "ExternalUserAndGuestSharing"

[sites.closed]
path = "/sites/closed"
upstream = "http://127.0.0.1:1"
SharingCapability = "Disabled"

[permissions.lea]
site = "team"
item = "/sites/team/plan.txt"
to = "lea@tailwind.example"
role = "read"
created_by = "lea@tailwind.example"
expires = 2040-01-01T00:00:00Z

[permissions.ada]
site = "team"
item = "/sites/team/plan.txt"
to = "ada@fabrikam.example"
role = "read"
created_by = "lea@tailwind.example"

[permissions.ada-closed]
site = "closed"
item = "/sites/closed"
to = "ada@fabrikam.example"
role = "read"
created_by = "lea@tailwind.example"

[links.flyer]
site = "team"
item = "/sites/team/flyer.pdf"
type = "view"
scope = "anonymous"
token_sha256 = "59f26168d8133907e84ad5d56cde5ec051eb74f5e405c889cb7c67916d07af69"
created_by = "lea@tailwind.example"
created = 2026-01-05T09:00:00Z
expires = 2040-01-01T00:00:00Z
"#;

const GUESTS_PROVIDER: &str = r#"
plugin = "libplugins_openid.so"
kind = "openid"
issuers = ["https://login.fabrikam.example"]
domains = ["fabrikam.example"]
home_domains = ["fabrikam.example"]

[settings]
issuer = "https://login.fabrikam.example"
client_id = "vestibule"
"#;

const MEMBERS_PROVIDER: &str = r#"
plugin = "libplugins_work_school.so"
kind = "work-school"
cloud = "worldwide"
issuers = ["https://login.microsoftonline.com/{tenantid}/v2.0"]
domains = ["*"]
home_domains = ["tailwind.example"]

[settings]
client_id = "vestibule"
cloud = "worldwide"
tenants = ["77777777-7777-4777-8777-777777777777"]
"#;

/// The file of the tenant.
pub(crate) const TAILWIND: &str = "tenants/tailwind.toml";
/// The file of the provider that guests sign in with.
pub(crate) const FABRIKAM: &str = "providers/fabrikam.toml";

/// A configuration that `check` accepts, until a test changes it.
pub(crate) struct Operator {
    pub(crate) overlay: Overlay,
    pub(crate) environment: &'static str,
    pub(crate) port: u16,
    folder: TempDir,
}

/// How a run of the program ended.
pub(crate) struct Ended {
    pub(crate) status: Option<i32>,
    pub(crate) out: String,
    pub(crate) err: String,
}

impl Operator {
    pub(crate) fn new() -> Outcome<Self> {
        // Not the system's folder for temporary files: others can write there, and plugins are refused from it.
        let worlds = built::target_folder()?.join("worlds");
        fs::create_dir_all(&worlds)?;
        let folder = TempDir::new_in(worlds)?;
        let port = ports::free()?;
        let mut operator = Self {
            overlay: Overlay::new(&folder.path().join("overlay")),
            environment: "worldwide",
            port,
            folder,
        };
        operator.fill()?;
        Ok(operator)
    }

    fn fill(&mut self) -> Outcome {
        let libraries = self.path("plugins");
        fs::create_dir(&libraries)?;
        let secret = self.path("client-secret");
        write_private(&secret, SECRET.as_bytes())?;
        self.overlay.add("default.toml", GATEWAY)?;
        let loopback = |port: u16| format!("127.0.0.1:{port}");
        for (key, value) in [
            ("listen.public.address", loopback(self.port)),
            ("listen.operations.address", loopback(ports::free()?)),
            ("store.path", self.text("vestibule.db")),
            ("keys.directory", self.text("keys")),
            ("plugins.directory", self.text("plugins")),
            ("plugins.trust_root", self.text("plugins")),
        ] {
            self.overlay.set("default.toml", key, value);
        }
        self.overlay.add(TAILWIND, TENANT)?;
        for (file, content, package) in [
            (FABRIKAM, GUESTS_PROVIDER, "plugins-openid"),
            (
                "providers/members.toml",
                MEMBERS_PROVIDER,
                "plugins-work-school",
            ),
        ] {
            let name = format!("lib{}.so", package.replace('-', "_"));
            let library = plugins::copy(package, &libraries, &name)?;
            self.overlay.add(file, content)?;
            self.overlay.set(file, "sha256", plugins::sha256(&library)?);
            let secret = secret.display().to_string();
            self.overlay
                .set(file, "settings.client_secret.file", secret);
        }
        Ok(())
    }

    /// A file of the operator's.
    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// The same as text.
    pub(crate) fn text(&self, name: &str) -> String {
        self.path(name).display().to_string()
    }

    /// The library of the provider that guests sign in with.
    pub(crate) fn library(&self) -> String {
        self.text("plugins/libplugins_openid.so")
    }

    /// The configuration folders as they stand now.
    pub(crate) fn call(&self) -> Outcome<Call> {
        self.overlay.write()?;
        Ok(Call {
            config: vec![shipped(), self.overlay.folder().to_owned()],
            environment: self.environment.to_owned(),
            variables: Vec::new(),
        })
    }

    /// Runs the program to its end.
    pub(crate) async fn run(&self, arguments: &[&str]) -> Outcome<Ended> {
        Ok(Ended::from(self.call()?.run(arguments).await?))
    }
}

/// The configuration that comes with the gateway.
pub(crate) fn shipped() -> PathBuf {
    built::workspace().join("config")
}

impl From<std::process::Output> for Ended {
    fn from(output: std::process::Output) -> Self {
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        Self {
            status: output.status.code(),
            out: text(&output.stdout),
            err: text(&output.stderr),
        }
    }
}

impl Ended {
    /// Everything that was printed.
    pub(crate) fn text(&self) -> String {
        format!("{}{}", self.out, self.err)
    }

    /// Checks the exit status.
    pub(crate) fn with(self, status: i32) -> Outcome<Self> {
        ensure!(
            self.status == Some(status),
            "expected exit status {status}, found {:?}:\n{}",
            self.status,
            self.text()
        );
        ensure!(!self.text().contains("panicked"), "{}", self.text());
        Ok(self)
    }

    /// Checks that some line has all of `parts`.
    pub(crate) fn says(&self, parts: &[&str]) -> Outcome<String> {
        let text = self.text();
        let line = text
            .lines()
            .find(|line| parts.iter().all(|part| line.contains(part)));
        line.map(str::to_owned)
            .ok_or_else(|| format!("no line has {parts:?}:\n{text}").into())
    }
}

/// Checks that `line` begins with a place in `file`, and that the file has the last part of `key` there.
pub(crate) fn points_at(line: &str, file: &Path, key: &str) -> Outcome {
    let place = line.strip_prefix(&*file.display().to_string());
    let mut numbers = place.unwrap_or_default().trim_start_matches(':').split(':');
    let number = numbers
        .next()
        .and_then(|number| number.parse::<usize>().ok());
    let number = number.ok_or_else(|| format!("not in {}: {line}", file.display()))?;
    let content = fs::read_to_string(file)?;
    let there = content
        .lines()
        .nth(number.saturating_sub(1))
        .unwrap_or_default();
    let last = key.rsplit('.').next().unwrap_or_default();
    ensure!(
        there.contains(last),
        "line {number} of {} is `{there}`: {line}",
        file.display()
    );
    ensure!(line.contains(key), "`{key}` is not named: {line}");
    Ok(())
}
