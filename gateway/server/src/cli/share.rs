//! `vestibule share`: what was granted to people.

use std::io::{self, Write};

use clap::{Args, Subcommand, ValueEnum};
use gateway_config::Sources;
use serde_json::{Value, json};

use super::client::{Client, Failed, Reach, cell, done, encoded, table};

#[derive(Debug, Subcommand)]
pub(super) enum Verb {
    /// List what was granted to a person's address itself.
    #[command(after_help = "Example: vestibule share list --person ada@fabrikam.com")]
    List {
        /// The address.
        #[arg(long, value_name = "ADDRESS")]
        person: String,
        #[command(flatten)]
        reach: Reach,
    },
    /// Share an item with people. Who is not known yet is invited, as far as the settings allow it.
    #[command(after_help = "\
Example: vestibule share add --site projects --item /projects/Plan.docx --to ada@fabrikam.com --role read")]
    Add(Add),
    /// Take back what was granted.
    #[command(after_help = "Example: vestibule share remove 8c1d")]
    Remove {
        /// The share, by its id.
        share: String,
        #[command(flatten)]
        reach: Reach,
    },
}

#[derive(Debug, Args)]
pub(super) struct Add {
    #[command(flatten)]
    place: Place,
    /// With whom; may be repeated.
    #[arg(long = "to", value_name = "ADDRESS", required = true)]
    recipients: Vec<String>,
    /// What it allows.
    #[arg(long, value_name = "ROLE")]
    role: Role,
    /// When it ends, such as `2026-12-31T00:00:00Z`.
    #[arg(long, value_name = "TIME")]
    expires: Option<String>,
    /// Send no mail.
    #[arg(long)]
    no_mail: bool,
    /// What to write in the mail.
    #[arg(long, value_name = "TEXT")]
    message: Option<String>,
    #[command(flatten)]
    reach: Reach,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Role {
    Read,
    Write,
}

/// An item, as it is typed.
#[derive(Debug, Args)]
pub(super) struct Place {
    /// The site, by its id.
    #[arg(long, value_name = "ID")]
    site: String,
    /// The item's path from the root of the host, such as `/projects/Plan.docx`; the whole site if left out.
    #[arg(long, value_name = "PATH")]
    item: Option<String>,
}

impl Place {
    /// The address of the item in the API.
    pub(super) fn find(&self, client: &Client) -> Result<String, Failed> {
        let site = client.get(&format!("/vestibule/v1/sites/{}", encoded(&self.site)))?;
        let text = |name: &str| site.get(name).and_then(Value::as_str).unwrap_or_default();
        let (prefix, url) = (text("path").trim_end_matches('/'), text("webUrl"));
        let host = url::Url::parse(url).ok();
        let host = host
            .as_ref()
            .and_then(url::Url::host_str)
            .unwrap_or_default();
        let found = client.get(&format!(
            "/v1.0/sites/{host}:{}",
            if prefix.is_empty() { "/" } else { prefix }
        ))?;
        let id = encoded(&cell(&found, "id"));
        let drive = client.get(&format!("/v1.0/sites/{id}/drive"))?;
        let drive = encoded(&cell(&drive, "id"));
        let Some(item) = &self.item else {
            return Ok(format!("/v1.0/drives/{drive}/root"));
        };
        let inside = item
            .strip_prefix(prefix)
            .filter(|rest| rest.is_empty() || rest.starts_with('/'))
            .ok_or_else(|| {
                Failed::Wrong(format!(
                    "`{item}` does not lie in the site: its path is `{prefix}`"
                ))
            })?;
        if inside.trim_matches('/').is_empty() {
            return Ok(format!("/v1.0/drives/{drive}/root"));
        }
        let segments: Vec<String> = inside.split('/').map(encoded).collect();
        let found = client.get(&format!("/v1.0/drives/{drive}/root:{}", segments.join("/")))?;
        Ok(format!(
            "/v1.0/drives/{drive}/items/{}",
            encoded(&cell(&found, "id"))
        ))
    }
}

pub(super) fn run(
    verb: &Verb,
    sources: &Sources,
    out: &mut dyn Write,
    err: &mut dyn Write,
) -> io::Result<bool> {
    match verb {
        Verb::List { person, reach } => reach.run(
            (sources, &["Vestibule.Read.All"]),
            (out, err),
            |client| {
                let path = format!("/vestibule/v1/shares?person={}", encoded(person));
                client.all(&path, usize::MAX)
            },
            |shares| json!(shares),
            |shares, out| {
                let columns = ["id", "role", "site", "item", "createdBy", "expires"];
                let row = |share: &Value| columns.map(|name| cell(share, name)).to_vec();
                let rows: Vec<Vec<String>> = shares.iter().map(row).collect();
                table(
                    out,
                    &["share", "role", "site", "item", "made by", "ends"],
                    &rows,
                )
            },
        ),
        Verb::Add(add) => add.run(sources, (out, err)),
        Verb::Remove { share, reach } => reach.run(
            (sources, &["Vestibule.ReadWrite.All"]),
            (out, err),
            |client| client.delete(&format!("/vestibule/v1/shares/{}", encoded(share))),
            |_| json!({ "removed": share }),
            |_, out| done(format_args!("share `{share}` is taken back"), out),
        ),
    }
}

impl Add {
    fn run(&self, sources: &Sources, told: (&mut dyn Write, &mut dyn Write)) -> io::Result<bool> {
        let role = match self.role {
            Role::Read => "read",
            Role::Write => "write",
        };
        let people = self.recipients.iter();
        let people: Vec<Value> = people.map(|address| json!({ "email": address })).collect();
        let mut body = json!({
            "recipients": people,
            "roles": [role],
            "requireSignIn": true,
            "sendInvitation": !self.no_mail,
            "retainInheritedPermissions": true,
        });
        if let Value::Object(body) = &mut body {
            for (name, given) in [
                ("message", &self.message),
                ("expirationDateTime", &self.expires),
            ] {
                if let Some(text) = given {
                    body.insert(name.to_owned(), json!(text));
                }
            }
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
                client.post(&format!("{item}/invite"), &body)
            },
            Value::clone,
            |made, out| {
                let shares = made.get("value").and_then(Value::as_array);
                for (share, address) in shares.into_iter().flatten().zip(&self.recipients) {
                    let failed = share.get("error").map(|error| cell(error, "message"));
                    let note =
                        failed.map_or_else(String::new, |why| format!(", not notified: {why}"));
                    let id = cell(share, "id");
                    done(format_args!("shared with {address} as `{id}`{note}"), out)?;
                }
                Ok(())
            },
        )
    }
}
