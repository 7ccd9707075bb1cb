//! `cargo xtask new-provider`.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use crate::run::{self, Stopped};
use crate::workspace;

const USAGE: &str = "usage: cargo xtask new-provider NAME [--c] [--into DIR]";

/// What is asked for.
struct Wish {
    name: String,
    in_c: bool,
    /// Outside of the workspace, in a new folder of this one.
    into: Option<PathBuf>,
}

/// Makes a provider that builds, is documented and tested, and passes the kit; `arguments` are NAME, `--c` for one in
/// C, and `--into DIR` for one outside of the workspace.
pub(crate) fn run(arguments: &[String]) -> Result<(), Stopped> {
    let wish = Wish::read(arguments).map_err(|why| Stopped::Usage(format!("{why}\n{USAGE}")))?;
    let root = workspace::root();
    let folder = match &wish.into {
        Some(into) => into.join(&wish.name),
        None => root.join("plugins").join(&wish.name),
    };
    if folder.exists() {
        let why = format!("`{}` is there already", folder.display());
        return Err(Stopped::Usage(why));
    }
    write(&wish, &folder).map_err(|why| Stopped::NotStarted {
        program: format!("writing `{}`", folder.display()),
        why,
    })?;
    run::say(&next_steps(&wish, &folder));
    Ok(())
}

impl Wish {
    fn read(arguments: &[String]) -> Result<Self, String> {
        let (mut name, mut in_c, mut into) = (None, false, None);
        let mut arguments = arguments.iter();
        while let Some(argument) = arguments.next() {
            match argument.as_str() {
                "--c" => in_c = true,
                "--into" => {
                    let folder = arguments.next().ok_or("--into takes a folder")?;
                    into = Some(PathBuf::from(folder));
                }
                option if option.starts_with('-') => {
                    return Err(format!("`{option}` is not known"));
                }
                given if name.is_none() => name = Some(given.to_owned()),
                other => return Err(format!("`{other}` is one name too many")),
            }
        }
        let name = name.ok_or("a name is missing")?;
        check_name(&name)?;
        Ok(Self { name, in_c, into })
    }
}

/// The kind of a provider, and part of the names of a crate, a library and a domain.
fn check_name(name: &str) -> Result<(), String> {
    let fits = name
        .bytes()
        .all(|byte| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'-'));
    let ends_well = name.starts_with(|c: char| c.is_ascii_lowercase()) && !name.ends_with('-');
    if !fits || !ends_well || name.len() > 64 - "plugins-".len() {
        return Err(format!(
            "`{name}` must be [a-z0-9-]{{1,56}}, begin with a letter and not end with `-`"
        ));
    }
    Ok(())
}

fn write(wish: &Wish, folder: &Path) -> io::Result<()> {
    let checkout = match &wish.into {
        Some(_) => workspace::root().display().to_string(),
        None => "../..".to_owned(),
    };
    // Relative to where the commands of its README are typed.
    let place = match &wish.into {
        Some(_) => folder.display().to_string(),
        None => format!("plugins/{}", wish.name),
    };
    let fill = |text: &str| {
        text.replace("@CHECKOUT@", &checkout)
            .replace("@PLACE@", &place)
            .replace("@LIBRARY@", &wish.name.replace('-', "_"))
            .replace("@TYPE@", &type_name(&wish.name))
            .replace("@NAME@", &wish.name)
    };
    let files = if wish.in_c {
        in_c(&wish.name)
    } else {
        in_rust(wish.into.is_none())
    };
    for (name, text) in files {
        let file = folder.join(fill(&name));
        fs::create_dir_all(file.parent().unwrap_or(folder))?;
        fs::write(file, fill(&text))?;
    }
    if !wish.in_c && wish.into.is_none() {
        add_member(&wish.name)?;
    }
    Ok(())
}

type Files = Vec<(String, String)>;

fn in_rust(inside: bool) -> Files {
    let manifest = if inside {
        include_str!("new_provider/rust/Cargo.inside.toml")
    } else {
        include_str!("new_provider/rust/Cargo.outside.toml")
    };
    named(&[
        ("Cargo.toml", manifest),
        ("README.md", include_str!("new_provider/rust/README.md")),
        (
            "provider.toml",
            include_str!("new_provider/rust/provider.toml"),
        ),
        ("src/lib.rs", include_str!("new_provider/rust/lib.rs.in")),
        (
            "src/settings.rs",
            include_str!("new_provider/rust/settings.rs.in"),
        ),
        (
            "src/tests.rs",
            include_str!("new_provider/rust/tests.rs.in"),
        ),
    ])
}

/// The example, under another name: what reads and writes JSON there is worth having.
fn in_c(name: &str) -> Files {
    let example = include_str!("../../../plugins/examples/c/badge.c");
    let test = include_str!("../../../plugins/examples/c/badge_test.c");
    let mut files = named(&[
        ("Makefile", include_str!("new_provider/c/Makefile")),
        ("README.md", include_str!("new_provider/c/README.md")),
        (
            "provider.toml",
            include_str!("new_provider/c/provider.toml"),
        ),
    ]);
    let source = example
        .replace("urn:vestibule:badge", &format!("urn:vestibule:{name}"))
        .replace(
            "\\\"kind\\\":\\\"badge\\\"",
            &format!("\\\"kind\\\":\\\"{name}\\\""),
        )
        .replace(
            "\\\"display_name\\\":\\\"Badge\\\"",
            &format!("\\\"display_name\\\":\\\"{name}\\\""),
        )
        .replace("[providers.badge.settings]", "[settings]");
    files.push(("@NAME@.c".to_owned(), source));
    let test = test
        .replace("\"badge.c\"", &format!("\"{name}.c\""))
        .replace("`badge.c`", &format!("`{name}.c`"));
    files.push(("@NAME@_test.c".to_owned(), test));
    files
}

fn named(files: &[(&str, &str)]) -> Files {
    files
        .iter()
        .map(|(name, text)| ((*name).to_owned(), (*text).to_owned()))
        .collect()
}

/// `my-login` is `MyLogin`.
fn type_name(name: &str) -> String {
    name.split('-')
        .flat_map(|word| {
            let mut letters = word.chars();
            letters
                .next()
                .map(|first| first.to_ascii_uppercase())
                .into_iter()
                .chain(letters)
        })
        .collect()
}

/// After the last plugin among the members of the workspace.
fn add_member(name: &str) -> io::Result<()> {
    let file = workspace::root().join("Cargo.toml");
    let manifest = fs::read_to_string(&file)?;
    let mut lines: Vec<String> = manifest.lines().map(str::to_owned).collect();
    let after = lines
        .iter()
        .rposition(|line| line.starts_with("    \"plugins/"))
        .ok_or(io::ErrorKind::InvalidData)?;
    lines.insert(after + 1, format!("    \"plugins/{name}\","));
    fs::write(file, lines.join("\n") + "\n")
}

fn next_steps(wish: &Wish, folder: &Path) -> String {
    let root = workspace::root();
    let place = folder.strip_prefix(root).unwrap_or(folder).display();
    let name = &wish.name;
    let library = name.replace('-', "_");
    let (build, file) = match (wish.in_c, &wish.into) {
        (true, _) => (
            format!("make --directory {place} && make --directory {place} check"),
            format!("{place}/{name}.so"),
        ),
        (false, None) => (
            format!("cargo test --package plugins-{name} && cargo build --package plugins-{name}"),
            format!("target/debug/libplugins_{library}.so"),
        ),
        (false, Some(_)) => (
            format!("(cd {place} && cargo test && cargo build)"),
            format!("{place}/target/debug/libplugins_{library}.so"),
        ),
    };
    format!(
        "`{place}` is there. Next:\n
    {build}
    cargo run --package gateway-server -- plugin check {file} --trust --settings {place}/provider.toml
    cargo xtask demo --provider {place}/provider.toml\n"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_kinds() {
        for good in ["a", "my-login", "saml2", "x-1"] {
            assert_eq!(check_name(good), Ok(()), "{good}");
        }
        let long = "x".repeat(57);
        for bad in ["", "-a", "a-", "1a", "A", "a_b", "a/b", "..", "é", &long] {
            assert!(check_name(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn a_type_is_named_in_one_word() {
        assert_eq!(type_name("my-login"), "MyLogin");
        assert_eq!(type_name("x"), "X");
    }
}
