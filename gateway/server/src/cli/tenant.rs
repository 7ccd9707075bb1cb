//! `vestibule tenant`: the tenant's settings.

mod export;
mod import;

use std::io::{self, Write};
use std::path::PathBuf;

use clap::{Args, Subcommand};
use gateway_config::Sources;
use serde_json::{Map, Value, json};

use super::client::{Reach, cell, done, table};

const READ: &[&str] = &["SharePointTenantSettings.Read.All"];
const WRITE: &[&str] = &["SharePointTenantSettings.ReadWrite.All"];
const TENANT: &str = "/vestibule/v1/settings";
const DIRECTORY: &str = "/vestibule/v1/directory/settings";

#[derive(Debug, Subcommand)]
pub(super) enum Verb {
    /// Show the tenant's settings, with their values and where these come from.
    #[command(after_help = "\
Examples:
  vestibule tenant show
  vestibule tenant show --directory --all --json")]
    Show {
        /// The directory's settings instead.
        #[arg(long)]
        directory: bool,
        /// Show settings at their defaults as well.
        #[arg(long)]
        all: bool,
        #[command(flatten)]
        reach: Reach,
    },
    /// Change settings of the tenant, all of them or none. What a file declares can be tightened only.
    #[command(after_help = "\
Examples:
  vestibule tenant set SharingCapability=ExternalUserSharingOnly RequireAnonymousLinksExpireInDays=30
  vestibule tenant set --directory allowInvitesFrom=adminsAndGuestInviters
  vestibule tenant set --dry-run SharingDomainRestrictionMode=BlockList \"SharingBlockedDomainList=a.example b.example\"")]
    Set(Set),
    /// Take over what `Get-SPOTenant | ConvertTo-Json` printed, and say of every setting what became of it. Only told, unless
    /// `--apply` is given.
    #[command(after_help = "\
Four things can become of a setting: it is taken, it is weaker than it looks (taken, and binds less here than its name
says), it is refused, or it has no meaning here.

Examples:
  vestibule tenant import tenant.json
  vestibule tenant import tenant.json --apply --json")]
    Import {
        /// The file; `-` is standard input.
        file: PathBuf,
        /// Make the changes.
        #[arg(long)]
        apply: bool,
        #[command(flatten)]
        reach: Reach,
    },
}

#[derive(Debug, Args)]
pub(super) struct Set {
    /// The directory's settings instead.
    #[arg(long)]
    directory: bool,
    #[command(flatten)]
    assigned: Assigned,
    #[command(flatten)]
    reach: Reach,
}

/// Settings as they are to be.
#[derive(Debug, Args)]
pub(super) struct Assigned {
    /// Settings as they are to be; lists are separated by spaces.
    #[arg(value_name = "NAME=VALUE", value_parser = assignment, required_unless_present = "clear")]
    settings: Vec<(String, String)>,
    /// A setting that is left to the files or to its default again; may be repeated.
    #[arg(long, value_name = "NAME")]
    clear: Vec<String>,
    /// Say what would come of it, and change nothing.
    #[arg(long)]
    dry_run: bool,
}

fn assignment(text: &str) -> Result<(String, String), &'static str> {
    let (name, value) = text
        .split_once('=')
        .ok_or("NAME=VALUE, such as SharingCapability=Disabled")?;
    Ok((name.to_owned(), value.to_owned()))
}

pub(super) fn run(
    verb: &Verb,
    sources: &Sources,
    out: &mut dyn Write,
    err: &mut dyn Write,
) -> io::Result<bool> {
    match verb {
        Verb::Show {
            directory,
            all,
            reach,
        } => show(reach, path(*directory), *all, sources, (out, err)),
        Verb::Set(set) => {
            let path = path(set.directory);
            Changed::make(&set.reach, path, &set.assigned, sources, (out, err))
        }
        Verb::Import { file, apply, reach } => {
            import::run(file, *apply, reach, sources, (out, err))
        }
    }
}

const fn path(directory: bool) -> &'static str {
    if directory { DIRECTORY } else { TENANT }
}

/// Shows settings; those that are not as by default, or all.
pub(super) fn show(
    reach: &Reach,
    path: &str,
    all: bool,
    sources: &Sources,
    told: (&mut dyn Write, &mut dyn Write),
) -> io::Result<bool> {
    reach.run(
        (sources, READ),
        told,
        |client| {
            let mut settings = client.all(path, usize::MAX)?;
            let given = |setting: &Value| setting.get("given") != Some(&json!("default"));
            settings.retain(|setting| all || given(setting));
            Ok(settings)
        },
        |settings| json!(settings),
        |settings, out| {
            let columns = ["name", "value", "effective", "source", "given"];
            let row = |setting: &Value| {
                let mut row = columns.map(|name| cell(setting, name)).to_vec();
                row.push(cell(setting, "note").replacen('-', "", 1));
                row
            };
            let rows: Vec<Vec<String>> = settings.iter().map(row).collect();
            let heads = ["setting", "value", "in effect", "from", "given by", "note"];
            table(out, &heads, &rows)
        },
    )
}

/// What a change of settings did.
pub(super) struct Changed;

impl Changed {
    /// Makes the change, and tells what it did.
    pub(super) fn make(
        reach: &Reach,
        path: &str,
        assigned: &Assigned,
        sources: &Sources,
        told: (&mut dyn Write, &mut dyn Write),
    ) -> io::Result<bool> {
        let dry = if assigned.dry_run { "?dryRun=true" } else { "" };
        reach.run(
            (sources, WRITE),
            told,
            |client| {
                let settings = assigned.body(&client.all(path, usize::MAX)?);
                client.patch(&format!("{path}{dry}"), &json!({ "settings": settings }))
            },
            Value::clone,
            |changed, out| {
                for consequence in consequences(changed) {
                    writeln!(out, "{consequence}")?;
                }
                let made = if assigned.dry_run {
                    "nothing was changed: the change can be made"
                } else {
                    "changed"
                };
                done(made, out)
            },
        )
    }
}

impl Assigned {
    /// The settings as JSON. What a value is says the one that stands there now.
    fn body(&self, current: &[Value]) -> Map<String, Value> {
        let now = |name: &str| {
            let mut all = current.iter();
            let found = all.find(|one| one.get("name").and_then(Value::as_str) == Some(name));
            found.and_then(|one| one.get("value"))
        };
        let set = self.settings.iter().map(|(name, text)| {
            let value = typed(text, now(name));
            (name.clone(), value)
        });
        let cleared = self.clear.iter().map(|name| (name.clone(), Value::Null));
        set.chain(cleared).collect()
    }
}

/// A value as somebody types it: `true`, `$false`, a number, a list or a text.
fn typed(text: &str, now: Option<&Value>) -> Value {
    match (text, text.parse::<i64>()) {
        ("true" | "$true" | "True", _) => json!(true),
        ("false" | "$false" | "False", _) => json!(false),
        (_, Ok(number)) => json!(number),
        (text, Err(_)) => match now {
            Some(Value::Array(_)) => text
                .split([' ', ','])
                .filter(|word| !word.is_empty())
                .map(|word| json!(word))
                .collect(),
            _ => json!(text),
        },
    }
}

/// What a change does beyond being made, a line each.
fn consequences(changed: &Value) -> Vec<String> {
    let all = changed.get("consequences").and_then(Value::as_array);
    let line = |one: &Value| {
        let (name, message) = (cell(one, "name"), cell(one, "message"));
        match cell(one, "kind").as_str() {
            "effective" => format!("{name} is {message}"),
            "sleeps" => format!("{name} falls asleep: {message}"),
            "wakes" => format!("{name} wakes up: {message}"),
            _ => format!("{name}: {message}"),
        }
    };
    all.into_iter().flatten().map(line).collect()
}
