//! A configuration on disk that is right, to be made wrong by tests.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use gateway_config::{Loaded, Problem, Sources, load};
use gateway_core::time::UnixTime;
use tempfile::TempDir;

/// 2026-11-01T00:00:00Z.
pub(crate) const NOW: UnixTime = UnixTime(1_793_491_200);

pub(crate) const GATEWAY: &str = "\
[listen.public]
address = \"127.0.0.1:8443\"
plain_http = true

[plugins]
directory = \".\"
";

/// Eleven lines: what a test adds begins in line 12.
pub(crate) const TENANT: &str = "\
display_name = \"Contoso\"
hosts = [\"contoso.localhost\"]
member_domains = [\"contoso.example\"]

[sharing]
SharingCapability = \"ExternalUserAndGuestSharing\"

[sites.projects]
path = \"/sites/projects\"
upstream = \"http://127.0.0.1:9000\"
SharingCapability = \"ExternalUserAndGuestSharing\"
";

/// Five lines.
pub(crate) const PROVIDER: &str = "\
plugin = \"openid.so\"
sha256 = \"0000000000000000000000000000000000000000000000000000000000000000\"
kind = \"openid\"
issuers = [\"https://idp.example\"]
domains = [\"*\"]
";

/// Two folders: `shipped`, with the files that Vestibule is shipped with, and `own` over it.
pub(crate) struct World {
    root: TempDir,
    pub(crate) sources: Sources,
}

impl World {
    /// A right one: one tenant, one provider.
    pub(crate) fn new() -> Self {
        Self::bare()
            .file("own/default.toml", GATEWAY)
            .file("own/tenants/contoso.toml", TENANT)
            .file("own/providers/openid.toml", PROVIDER)
    }

    /// Only what is shipped, and an empty folder of one's own.
    pub(crate) fn bare() -> Self {
        let root = tempfile::tempdir().unwrap();
        let (shipped, own) = (root.path().join("shipped"), root.path().join("own"));
        copy(
            &config_folder(),
            &shipped,
            &["default.toml", "clouds.toml", "environments"],
        );
        fs::create_dir(&own).unwrap();
        let sources = Sources {
            directories: vec![shipped, own],
            environment: "worldwide".to_owned(),
            variables: Vec::new(),
            now: NOW,
        };
        Self { root, sources }
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.root.path().join(name)
    }

    /// Writes a file, closed to others.
    pub(crate) fn file(self, name: &str, text: &str) -> Self {
        write(&self.path(name), text);
        self
    }

    pub(crate) fn without(self, name: &str) -> Self {
        fs::remove_file(self.path(name)).unwrap();
        self
    }

    pub(crate) fn mode(self, name: &str, mode: u32) -> Self {
        fs::set_permissions(self.path(name), fs::Permissions::from_mode(mode)).unwrap();
        self
    }

    pub(crate) fn gateway(self, more: &str) -> Self {
        self.file("own/default.toml", &format!("{GATEWAY}{more}"))
    }

    pub(crate) fn tenant(self, more: &str) -> Self {
        self.file("own/tenants/contoso.toml", &format!("{TENANT}{more}"))
    }

    pub(crate) fn provider(self, more: &str) -> Self {
        self.file("own/providers/openid.toml", &format!("{PROVIDER}{more}"))
    }

    pub(crate) fn variable(mut self, name: &str, value: &str) -> Self {
        self.sources
            .variables
            .push((name.to_owned(), value.to_owned()));
        self
    }

    pub(crate) fn environment(mut self, name: &str) -> Self {
        self.sources.environment = name.to_owned();
        self
    }

    pub(crate) fn load(&self) -> Result<Loaded, Vec<Problem>> {
        load(&self.sources)
    }

    pub(crate) fn loaded(&self) -> Loaded {
        self.load()
            .unwrap_or_else(|problems| panic!("{problems:#?}"))
    }

    /// Every problem as it is printed, without the folder that tests run in.
    pub(crate) fn lines(&self) -> Vec<String> {
        let problems = self
            .load()
            .map_or_else(|problems| problems, |loaded| loaded.warnings);
        let root = format!("{}/", self.root.path().display());
        problems
            .iter()
            .map(|problem| problem.to_string().replace(&root, ""))
            .collect()
    }

    /// Checks that exactly `want` is wrong, and that it is refused.
    #[track_caller]
    pub(crate) fn refused(&self, want: &[&str]) {
        assert_eq!(self.lines(), want);
        assert!(self.load().is_err(), "was not refused");
    }

    /// Checks that it loads, with exactly these warnings.
    #[track_caller]
    pub(crate) fn warned(&self, want: &[&str]) {
        assert_eq!(self.lines(), want);
        assert!(self.load().is_ok(), "was refused");
    }
}

/// The folder of the files that Vestibule is shipped with.
pub(crate) fn config_folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../config")
}

/// Copies without what the checkout's umask let others do.
pub(crate) fn copy(from: &Path, to: &Path, names: &[&str]) {
    for name in names {
        let (from, to) = (from.join(name), to.join(name));
        if from.is_dir() {
            for entry in fs::read_dir(&from).unwrap() {
                copy(&from, &to, &[entry.unwrap().file_name().to_str().unwrap()]);
            }
        } else {
            write(&to, &fs::read_to_string(from).unwrap());
        }
    }
}

fn write(path: &Path, text: &str) {
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, text).unwrap();
    fs::set_permissions(path, fs::Permissions::from_mode(0o600)).unwrap();
}
