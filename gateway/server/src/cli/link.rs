//! `vestibule link`: sharing links.

use std::io::{self, Write};

use clap::{Args, Subcommand, ValueEnum};
use gateway_config::Sources;
use serde_json::{Value, json};

use super::client::{Reach, cell, done, encoded, table};
use super::share::Place;

#[derive(Debug, Subcommand)]
pub(super) enum Verb {
    /// List sharing links.
    #[command(after_help = "Example: vestibule link list --site projects")]
    List {
        /// Only those of this site.
        #[arg(long, value_name = "ID")]
        site: Option<String>,
        #[command(flatten)]
        reach: Reach,
    },
    /// Make a sharing link and print its address. The address is a secret: whoever has it has what it opens.
    #[command(after_help = "\
Example: vestibule link create --site projects --item /projects/Plan.docx --type view --scope anonymous --expires 2026-12-31T00:00:00Z")]
    Create(Create),
    /// End a sharing link, with everything that was granted through it.
    #[command(after_help = "Example: vestibule link revoke 3f2c")]
    Revoke {
        /// The link, by its id.
        link: String,
        #[command(flatten)]
        reach: Reach,
    },
}

#[derive(Debug, Args)]
pub(super) struct Create {
    #[command(flatten)]
    place: Place,
    /// What it lets its holder do.
    #[arg(long = "type", value_name = "TYPE")]
    kind: LinkType,
    /// For whom it works; as the tenant has it if left out.
    #[arg(long, value_name = "SCOPE")]
    scope: Option<LinkScope>,
    /// For whom, with `--scope users`; may be repeated.
    #[arg(long = "to", value_name = "ADDRESS")]
    recipients: Vec<String>,
    /// When it ends, such as `2026-12-31T00:00:00Z`.
    #[arg(long, value_name = "TIME")]
    expires: Option<String>,
    #[command(flatten)]
    reach: Reach,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
#[value(rename_all = "camelCase")]
enum LinkType {
    View,
    Edit,
    Review,
    BlocksDownload,
    CreateOnly,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
#[value(rename_all = "camelCase")]
enum LinkScope {
    Anonymous,
    Organization,
    Users,
}

fn word(value: &impl ValueEnum) -> String {
    let found = value.to_possible_value();
    found
        .map(|one| one.get_name().to_owned())
        .unwrap_or_default()
}

pub(super) fn run(
    verb: &Verb,
    sources: &Sources,
    out: &mut dyn Write,
    err: &mut dyn Write,
) -> io::Result<bool> {
    match verb {
        Verb::List { site, reach } => {
            let query = site
                .as_deref()
                .map(|site| format!("?site={}", encoded(site)));
            let path = format!("/vestibule/v1/links{}", query.unwrap_or_default());
            reach.run(
                (sources, &["Vestibule.Read.All"]),
                (out, err),
                |client| client.all(&path, usize::MAX),
                |links| json!(links),
                |links, out| {
                    let columns = [
                        "id",
                        "type",
                        "scope",
                        "site",
                        "item",
                        "createdBy",
                        "expires",
                    ];
                    let row = |link: &Value| columns.map(|name| cell(link, name)).to_vec();
                    let rows: Vec<Vec<String>> = links.iter().map(row).collect();
                    let heads = ["link", "type", "scope", "site", "item", "made by", "ends"];
                    table(out, &heads, &rows)
                },
            )
        }
        Verb::Create(create) => create.run(sources, (out, err)),
        Verb::Revoke { link, reach } => reach.run(
            (sources, &["Vestibule.ReadWrite.All"]),
            (out, err),
            |client| client.delete(&format!("/vestibule/v1/links/{}", encoded(link))),
            |_| json!({ "revoked": link }),
            |_, out| done(format_args!("link `{link}` works no more"), out),
        ),
    }
}

impl Create {
    fn run(&self, sources: &Sources, told: (&mut dyn Write, &mut dyn Write)) -> io::Result<bool> {
        let mut body = json!({
            "type": word(&self.kind),
            "retainInheritedPermissions": true,
            "sendNotification": false,
        });
        let people: Vec<Value> = self
            .recipients
            .iter()
            .map(|address| json!({ "email": address }))
            .collect();
        if let Value::Object(body) = &mut body {
            let optional = [
                ("scope", self.scope.as_ref().map(|scope| json!(word(scope)))),
                (
                    "expirationDateTime",
                    self.expires.as_ref().map(|at| json!(at)),
                ),
                ("recipients", (!people.is_empty()).then(|| json!(people))),
            ];
            let given = optional.into_iter();
            body.extend(given.filter_map(|(name, value)| Some((name.to_owned(), value?))));
        }
        let scopes = [
            "Files.ReadWrite.All",
            "Sites.FullControl.All",
            "Vestibule.Read.All",
        ];
        self.reach.run(
            (sources, &scopes),
            told,
            |client| {
                let item = self.place.find(client)?;
                client.post(&format!("{item}/createLink"), &body)
            },
            Value::clone,
            |made, out| {
                let link = made.get("link").unwrap_or(&Value::Null);
                writeln!(out, "{}", cell(link, "webUrl"))
            },
        )
    }
}
