//! The invariants that a machine can check by looking at the tree.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;
use std::process::Command;

use serde_json::Value;
use tests::{Outcome, built, ensure, says};

/// Crate → the crates of ours that its library or program may name. `architecture.md` draws the same edges.
const EDGES: &[(&str, &[&str])] = &[
    ("gateway-core", &[]),
    ("gateway-config", &["gateway-core"]),
    ("gateway-cases", &["gateway-config", "gateway-core"]),
    ("gateway-store", &["gateway-core"]),
    (
        "gateway-graph",
        &["gateway-config", "gateway-core", "gateway-store"],
    ),
    ("gateway-plugin-host", &["plugins-sdk"]),
    (
        "gateway-plugin-kit",
        &["gateway-plugin-host", "plugins-sdk"],
    ),
    (
        "gateway-sign-in",
        &[
            "gateway-config",
            "gateway-core",
            "gateway-plugin-host",
            "gateway-store",
            "plugins-sdk",
        ],
    ),
    (
        "gateway-server",
        &[
            "gateway-cases",
            "gateway-config",
            "gateway-core",
            "gateway-graph",
            "gateway-plugin-host",
            "gateway-plugin-kit",
            "gateway-sign-in",
            "gateway-store",
            "plugins-sdk",
        ],
    ),
    ("plugins-sdk", &[]),
    ("plugins-oidc", &["plugins-sdk"]),
    ("plugins-oidc-testing", &["plugins-oidc", "plugins-sdk"]),
    ("plugins-openid", &["plugins-oidc", "plugins-sdk"]),
    ("plugins-work-school", &["plugins-oidc", "plugins-sdk"]),
    (
        "plugins-microsoft-account",
        &["plugins-oidc", "plugins-sdk"],
    ),
    ("plugins-google", &["plugins-oidc", "plugins-sdk"]),
    ("plugins-email-otp", &["plugins-sdk"]),
    ("plugins-saml", &["plugins-sdk"]),
    ("idp-mocks", &[]),
    ("model", &["gateway-core"]),
    ("postgres-server", &[]),
    ("xtask", &[]),
];

/// What the visible root may hold.
const ROOT: &[&str] = &[
    "CHANGELOG.md",
    "Cargo.lock",
    "Cargo.toml",
    "LICENSE",
    "LICENSE-APACHE",
    "LICENSE-MIT",
    "README.md",
    "config",
    "gateway",
    "idp-mocks",
    "plugins",
    "target",
    "tests",
];

/// Files that are long because they are tables.
const LONG: &[&str] = &[
    "gateway/graph/src/vestibule/table.rs",
    "gateway/core/src/settings/words.rs",
    "plugins/sdk/src/message.rs",
];

/// The files that may read the clock: one for the gateway, one for the mocks.
const CLOCKS: &[&str] = &["gateway/server/src/clock.rs", "idp-mocks/src/clock.rs"];

/// The files that may hold `unsafe`: one place on each side of the ABI, and the macro that exports the symbol.
const UNSAFE: &[&str] = &[
    // Counts what the benchmarks allocate.
    "gateway/core/benches/access/allocator.rs",
    "gateway/plugin-host/src/library.rs",
    // Closes a range of descriptors, before a plugin is loaded.
    "gateway/plugin-host/src/runner/descriptors.rs",
    "plugins/sdk/src/abi.rs",
    "plugins/sdk/src/export.rs",
    "plugins/sdk/src/glue.rs",
    "plugins/sdk/src/glue/tests.rs",
    // Names the word to look for it.
    "tests/tests/tidy.rs",
];

#[test]
fn crates_depend_only_along_the_drawn_edges() -> Outcome {
    let drawn: BTreeMap<&str, &[&str]> = EDGES.iter().copied().collect();
    let packages = packages()?;
    let ours: BTreeSet<&str> = packages.keys().map(String::as_str).collect();
    for (name, dependencies) in &packages {
        let Some(allowed) = drawn.get(name.as_str()) else {
            continue;
        };
        for dependency in dependencies
            .iter()
            .filter(|name| ours.contains(name.as_str()))
        {
            ensure!(
                allowed.contains(&dependency.as_str()),
                "`{name}` depends on `{dependency}`, which is not drawn"
            );
        }
    }
    for (name, _) in EDGES {
        ensure!(ours.contains(name), "`{name}` is drawn and does not exist");
    }
    Ok(())
}

#[test]
fn the_core_depends_on_nothing_that_does_io() -> Outcome {
    let core = packages()?.remove("gateway-core").unwrap_or_default();
    for dependency in &core {
        ensure!(
            ["idna", "smallvec", "thiserror", "unicode-normalization"]
                .contains(&dependency.as_str()),
            "the core depends on `{dependency}`: no IO, clock or randomness there"
        );
    }
    nowhere(
        "gateway/core/src",
        &[],
        &[
            "std::fs",
            "std::net",
            "std::env",
            "std::thread",
            "std::process",
            "SystemTime",
            "Instant",
        ],
    )
}

#[test]
fn the_clock_is_read_in_one_place() -> Outcome {
    let clocks = ["SystemTime::now", "UtcDateTime::now", "OffsetDateTime::now"];
    for folder in ["gateway", "plugins", "idp-mocks/src"] {
        nowhere(folder, CLOCKS, &clocks)?;
    }
    // Time that passes decides nothing about anybody in the gateway; a plugin has no business with it at all.
    nowhere("plugins", CLOCKS, &["Instant::now"])
}

#[test]
fn unsafe_stands_only_at_the_abi() -> Outcome {
    for folder in [
        "gateway",
        "plugins",
        "idp-mocks",
        "tests/src",
        "tests/tests",
        "tests/xtask",
    ] {
        nowhere(
            folder,
            UNSAFE,
            &[
                "unsafe {",
                "unsafe fn",
                "unsafe impl",
                "unsafe extern",
                "#[unsafe",
            ],
        )?;
    }
    Ok(())
}

#[test]
fn no_test_is_switched_off() -> Outcome {
    nowhere("", &["tests/tests/tidy.rs"], &["#[ignore", "cfg(any())"])
}

#[test]
fn the_visible_root_holds_what_the_map_shows() -> Outcome {
    for entry in fs::read_dir(built::workspace())? {
        let name = entry?.file_name().to_string_lossy().into_owned();
        ensure!(
            name.starts_with('.') || ROOT.contains(&name.as_str()),
            "`{name}` does not belong into the root"
        );
    }
    Ok(())
}

#[test]
fn no_file_is_two_things() -> Outcome {
    for (path, text) in files("", &["rs"])? {
        if is_test(&path) || LONG.contains(&path.as_str()) {
            continue;
        }
        let code = text
            .split("#[cfg(test)]\nmod tests {")
            .next()
            .unwrap_or_default();
        let lines = code.lines().count();
        ensure!(
            lines <= 400,
            "`{path}` has {lines} lines before its tests: it is probably two things"
        );
    }
    Ok(())
}

#[test]
fn no_file_names_a_package_registry_or_somebodys_machine() -> Outcome {
    // In pieces, so that this file does not name them either.
    let hosts = [
        ["npmjs", "org"],
        ["npmjs", "com"],
        ["pypi", "org"],
        ["deb.debian", "org"],
        ["static.crates", "io"],
    ];
    let hosts = hosts.map(|labels| labels.join("."));
    let here = built::workspace().display().to_string();
    let mut words: Vec<&str> = hosts.iter().map(String::as_str).collect();
    if here.len() > 1 {
        words.push(&here);
    }
    let kinds = [
        "rs", "toml", "md", "json", "mjs", "lock", "h", "c", "html", "css", "sql", "npmrc", "yml",
        "",
    ];
    for (path, text) in files("", &kinds)? {
        for word in &words {
            ensure!(!text.contains(word), "`{path}` names `{word}`");
        }
    }
    Ok(())
}

/// A file that is all tests.
fn is_test(path: &str) -> bool {
    path.ends_with("/tests.rs")
        || path.starts_with("plugins/oidc/testing/")
        || path.split('/').skip(1).any(|folder| folder == "tests")
}

/// No Rust file below `folder`, those in `except` aside, has one of `words` outside of comments.
fn nowhere(folder: &str, except: &[&str], words: &[&str]) -> Outcome {
    for (path, text) in files(folder, &["rs"])? {
        if except.contains(&path.as_str()) {
            continue;
        }
        for (number, line) in text.lines().enumerate() {
            let code = line.split("//").next().unwrap_or_default();
            let found = words.iter().find(|word| code.contains(**word));
            ensure!(
                found.is_none(),
                "{path}:{}: `{}`",
                number + 1,
                found.copied().unwrap_or_default()
            );
        }
    }
    Ok(())
}

/// Path and text of every file below `folder` whose name ends with one of `kinds`, hidden and built ones aside.
fn files(folder: &str, kinds: &[&str]) -> Outcome<Vec<(String, String)>> {
    let mut found = Vec::new();
    collect(&built::workspace().join(folder), kinds, &mut found)?;
    ensure!(!found.is_empty(), "nothing to check below `{folder}`");
    Ok(found)
}

fn collect(folder: &Path, kinds: &[&str], found: &mut Vec<(String, String)>) -> Outcome {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        let name = path
            .file_name()
            .unwrap_or_default()
            .to_string_lossy()
            .into_owned();
        let kind = path
            .extension()
            .unwrap_or_default()
            .to_string_lossy()
            .into_owned();
        if path.is_dir() && !name.starts_with('.') && name != "target" && name != "node_modules" {
            collect(&path, kinds, found)?;
        } else if path.is_file() && kinds.contains(&kind.as_str()) {
            let text = String::from_utf8_lossy(&fs::read(&path)?).into_owned();
            found.push((
                path.strip_prefix(built::workspace())?.display().to_string(),
                text,
            ));
        }
    }
    Ok(())
}

/// Every crate of the workspace with the names of what its library or program depends on.
fn packages() -> Outcome<BTreeMap<String, Vec<String>>> {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let output = Command::new(cargo)
        .args([
            "metadata",
            "--format-version",
            "1",
            "--no-deps",
            "--offline",
        ])
        .current_dir(built::workspace())
        .output()?;
    let metadata: Value = serde_json::from_slice(&output.stdout)?;
    let mut packages = BTreeMap::new();
    for package in list(&metadata, "packages") {
        let dependencies = list(package, "dependencies").iter();
        let normal =
            dependencies.filter(|dependency| dependency.get("kind").is_none_or(Value::is_null));
        let names = normal.map(|dependency| says(dependency, "name").to_owned());
        packages.insert(says(package, "name").to_owned(), names.collect());
    }
    ensure!(!packages.is_empty(), "cargo lists no packages");
    Ok(packages)
}

fn list<'a>(object: &'a Value, key: &str) -> &'a [Value] {
    object
        .get(key)
        .and_then(Value::as_array)
        .map_or(&[], Vec::as_slice)
}
