//! Programs of the operating system that building and testing need: found, installed, or asked for.

use std::fs;
use std::io::Write;
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
use std::path::Path;
use std::process::Command;

use crate::run::{self, Stopped};

/// Where a freshly installed service asks whether it may start.
const POLICY: &str = "/usr/sbin/policy-rc.d";

/// A program and the Debian package that brings it.
pub(crate) struct Need {
    /// What it is for, to tell whoever has to install it.
    what: &'static str,
    package: &'static str,
    present: fn() -> bool,
}

/// What building needs.
pub(crate) const BUILDING: &[Need] = &[COMPILER, PKG_CONFIG, XMLSEC, OPENSSL, CLANG];

/// What the tests need beside that.
pub(crate) const TESTING: &[Need] = &[
    NGINX,
    NODE,
    NPM,
    XMLSEC1,
    SIMPLESAMLPHP,
    PHP,
    PHP_XML,
    PHP_MBSTRING,
    PYTHON,
    VALGRIND,
    POSTGRESQL,
];

/// The other database that the store may be kept in.
const POSTGRESQL: Need = Need {
    what: "PostgreSQL 15 or newer",
    package: "postgresql",
    present: || postgresql_is_there(),
};

/// The C compiler: for the crates with C in them and for the example provider in C.
const COMPILER: Need = Need {
    what: "a C compiler (`cc`)",
    package: "build-essential",
    present: || run::version("cc", "--version").is_some(),
};

/// An HTTP server that is not ours, as an upstream and to measure against.
pub(crate) const NGINX: Need = Need {
    what: "nginx",
    package: "nginx",
    present: || nginx_is_there(),
};

/// Runs the OpenID provider that is not ours.
const NODE: Need = Need {
    what: "Node.js 18 or newer (`node`)",
    package: "nodejs",
    present: || node_is_recent(),
};

/// Installs the OpenID provider that is not ours.
const NPM: Need = Need {
    what: "npm",
    package: "npm",
    present: || run::version("npm", "--version").is_some(),
};

/// Finds the libraries of the SAML plugin.
const PKG_CONFIG: Need = Need {
    what: "pkg-config",
    package: "pkg-config",
    present: || run::version("pkg-config", "--version").is_some(),
};

/// Verifies the signatures of SAML, in the plugin.
const XMLSEC: Need = Need {
    what: "the headers of libxmlsec1",
    package: "libxmlsec1-dev",
    present: || run::version("xmlsec1-config", "--version").is_some(),
};

/// The cryptography of libxmlsec1.
const OPENSSL: Need = Need {
    what: "the headers of OpenSSL",
    package: "libssl-dev",
    present: || Path::new("/usr/include/openssl/ssl.h").exists(),
};

/// Reads the headers of libxmlsec1.
const CLANG: Need = Need {
    what: "libclang",
    package: "libclang-dev",
    present: || libclang_is_there(),
};

/// Judges what the pretended SAML partner signs, and signs for the one from PyPI.
const XMLSEC1: Need = Need {
    what: "xmlsec1",
    package: "xmlsec1",
    present: || run::version("xmlsec1", "--version").is_some(),
};

/// A SAML identity provider that is not ours.
const SIMPLESAMLPHP: Need = Need {
    what: "SimpleSAMLphp",
    package: "simplesamlphp",
    present: || Path::new("/usr/share/simplesamlphp/www").exists(),
};

/// Runs it.
const PHP: Need = Need {
    what: "PHP (`php`)",
    package: "php-cli",
    present: || run::version("php", "--version").is_some(),
};

/// What it needs of PHP, and does not ask for everywhere.
const PHP_XML: Need = Need {
    what: "PHP's XML extension",
    package: "php-xml",
    present: || php_has("dom"),
};

/// The same.
const PHP_MBSTRING: Need = Need {
    what: "PHP's mbstring extension",
    package: "php-mbstring",
    present: || php_has("mbstring"),
};

/// Runs another one, from PyPI.
const PYTHON: Need = Need {
    what: "Python 3 with `venv`",
    package: "python3-venv",
    present: || python_makes_environments(),
};

/// Looks at every access to memory while the kit calls plugins.
const VALGRIND: Need = Need {
    what: "valgrind",
    package: "valgrind",
    present: || run::version("valgrind", "--version").is_some(),
};

/// The load generator of the benchmark.
pub(crate) const WRK: Need = Need {
    what: "wrk",
    package: "wrk",
    // It has no flag for its version that ends with success.
    present: || Command::new("wrk").arg("--version").output().is_ok(),
};

/// Sees to it that everything in `needs` is there.
///
/// As root it installs what is missing; otherwise it says which line to run.
///
/// # Errors
/// [`Stopped::Missing`] if somebody else has to install it, or apt-get's failure.
pub(crate) fn require(needs: &[Need]) -> Result<(), Stopped> {
    let missing: Vec<&Need> = needs.iter().filter(|need| !(need.present)()).collect();
    if missing.is_empty() {
        return Ok(());
    }
    let packages: Vec<&str> = missing.iter().map(|need| need.package).collect();
    if !is_root() || run::version("apt-get", "--version").is_none() {
        let what: Vec<&str> = missing.iter().map(|need| need.what).collect();
        return Err(Stopped::Missing(format!(
            "This needs {}. On Debian 12, run\n\n    sudo apt-get update && sudo apt-get install --yes --no-install-recommends {}\n",
            what.join(", "),
            packages.join(" "),
        )));
    }
    install(&packages)?;
    match missing.iter().find(|need| !(need.present)()) {
        Some(need) => Err(Stopped::Missing(format!(
            "`{}` was installed, but {} is still not there.",
            need.package, need.what
        ))),
        None => Ok(()),
    }
}

fn install(packages: &[&str]) -> Result<(), Stopped> {
    let apt_get = |verb: &str| {
        let mut command = Command::new("apt-get");
        command
            .env("DEBIAN_FRONTEND", "noninteractive")
            // A machine that has just been started may be installing its own updates.
            .args(["--quiet", "--option", "DPkg::Lock::Timeout=300", verb]);
        command
    };
    run::step(&mut apt_get("update"))?;
    let stay_stopped = StayStopped::new();
    let installed = run::step(
        apt_get("install")
            .args(["--yes", "--no-install-recommends"])
            .args(packages),
    );
    drop(stay_stopped);
    if packages.contains(&NGINX.package) && Path::new("/run/systemd/system").exists() {
        // The tests start their own; one that listens on port 80 after the next boot was not asked for.
        run::step(Command::new("systemctl").args(["disable", "nginx"]))?;
    }
    installed
}

/// As long as it lives, packages that are installed do not start their services (Debian Policy 9.3.3).
struct StayStopped {
    ours: bool,
}

impl StayStopped {
    fn new() -> Self {
        // The machine's own policy, if there is one, stays: `create_new` fails then.
        let file = fs::OpenOptions::new()
            .write(true)
            .create_new(true)
            .mode(0o755)
            .open(POLICY);
        let ours = file.is_ok_and(|mut file| file.write_all(b"#!/bin/sh\nexit 101\n").is_ok());
        Self { ours }
    }
}

impl Drop for StayStopped {
    fn drop(&mut self) {
        if self.ours {
            // If it is gone already, that is what was wanted.
            let _ = fs::remove_file(POLICY);
        }
    }
}

fn is_root() -> bool {
    // Our own entry in /proc belongs to the user that we run as.
    fs::metadata("/proc/self").is_ok_and(|entry| entry.uid() == 0)
}

fn nginx_is_there() -> bool {
    // Debian puts it where only root's PATH looks.
    ["nginx", "/usr/sbin/nginx"]
        .iter()
        .any(|program| run::version(program, "-v").is_some())
}

fn postgresql_is_there() -> bool {
    let Ok(versions) = fs::read_dir("/usr/lib/postgresql") else {
        return false;
    };
    versions
        .flatten()
        .any(|version| version.path().join("bin/initdb").exists())
}

fn libclang_is_there() -> bool {
    let Ok(entries) = fs::read_dir("/usr/lib") else {
        return false;
    };
    entries.flatten().any(|entry| {
        let name = entry.file_name();
        name.to_string_lossy().starts_with("llvm-") && holds_libclang(&entry.path().join("lib"))
    })
}

fn holds_libclang(folder: &Path) -> bool {
    fs::read_dir(folder).is_ok_and(|entries| {
        entries
            .flatten()
            .any(|entry| entry.file_name().to_string_lossy().starts_with("libclang"))
    })
}

fn php_has(extension: &str) -> bool {
    let modules = run::version("php", "-m").unwrap_or_default();
    modules.lines().any(|line| line == extension)
}

fn python_makes_environments() -> bool {
    let tried = Command::new("python3")
        .args(["-c", "import ensurepip"])
        .output();
    tried.is_ok_and(|output| output.status.success())
}

fn node_is_recent() -> bool {
    let version = run::version("node", "--version").unwrap_or_default();
    let major = version
        .trim_start_matches('v')
        .split('.')
        .next()
        .unwrap_or_default();
    major.parse().is_ok_and(|major: u32| major >= 18)
}
