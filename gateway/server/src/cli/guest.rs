//! `vestibule guest`: guests, from invitation to deletion.

mod invite;

use std::io::{self, Write};

use clap::{Args, Subcommand};
use gateway_config::Sources;
use serde_json::{Value, json};

use super::client::{Client, Failed, Reach, cell, done, encoded, table};

const READ: &[&str] = &["User.Read.All"];
const WRITE: &[&str] = &["User.ReadWrite.All"];
const SELECT: &str = "$select=id,displayName,mail,userPrincipalName,userType,accountEnabled,externalUserState,externalUserStateChangeDateTime,createdDateTime,creationType,identities";

#[derive(Debug, Subcommand)]
pub(super) enum Verb {
    /// List guests.
    #[command(after_help = "\
Examples:
  vestibule guest list
  vestibule guest list --pending --json
  vestibule guest list --deleted")]
    List {
        /// Only those who have not redeemed their invitation.
        #[arg(long, conflicts_with = "deleted")]
        pending: bool,
        /// Those who were deleted and can be restored.
        #[arg(long)]
        deleted: bool,
        #[command(flatten)]
        reach: Reach,
    },
    /// Show a guest.
    Show(One),
    /// Invite somebody, and print the address at which the invitation is redeemed.
    #[command(
        after_help = "Example: vestibule guest invite ada@fabrikam.com --name \"Ada Lovelace\" --redirect https://files.contoso.com/projects/"
    )]
    Invite(Invite),
    /// Block a guest: nothing opens for them any more, and their sessions end.
    Block(One),
    /// Let a blocked guest in again.
    Unblock(One),
    /// Delete a guest. They can be restored for 30 days.
    Delete(One),
    /// Bring a deleted guest back.
    Restore(One),
    /// End every session of a guest; they may sign in again.
    RevokeSessions(One),
    /// Let a guest redeem anew, with another account; their shares stay.
    ResetRedemption {
        #[command(flatten)]
        one: One,
        /// Their new address; the same if left out.
        #[arg(long, value_name = "ADDRESS")]
        address: Option<String>,
    },
    /// Say when a guest's access to a site ends, or that it does not end by itself.
    #[command(after_help = "\
Examples:
  vestibule guest expire ada@fabrikam.com --site projects --at 2026-12-31T00:00:00Z
  vestibule guest expire ada@fabrikam.com --site projects --never")]
    Expire(Expire),
}

/// A guest, as it is typed.
#[derive(Debug, Args)]
pub(super) struct One {
    /// The guest: an address or an id.
    guest: String,
    #[command(flatten)]
    reach: Reach,
}

#[derive(Debug, Args)]
pub(super) struct Invite {
    /// The address.
    address: String,
    /// Their name.
    #[arg(long, value_name = "NAME")]
    name: Option<String>,
    /// Where redemption ends; the tenant's first host if left out.
    #[arg(long, value_name = "URL")]
    redirect: Option<String>,
    /// Send no mail: you pass the address on yourself.
    #[arg(long)]
    no_mail: bool,
    /// What to write in the mail.
    #[arg(long, value_name = "TEXT")]
    message: Option<String>,
    #[command(flatten)]
    reach: Reach,
}

#[derive(Debug, Args)]
pub(super) struct Expire {
    /// The guest: an address or an id.
    guest: String,
    /// The site, by its id.
    #[arg(long, value_name = "ID")]
    site: String,
    /// When, such as `2026-12-31T00:00:00Z`.
    #[arg(long, value_name = "TIME", required_unless_present = "never")]
    at: Option<String>,
    /// It does not end by itself.
    #[arg(long, conflicts_with = "at")]
    never: bool,
    #[command(flatten)]
    reach: Reach,
}

type Told<'a> = (&'a mut dyn Write, &'a mut dyn Write);

pub(super) fn run(
    verb: &Verb,
    sources: &Sources,
    out: &mut dyn Write,
    err: &mut dyn Write,
) -> io::Result<bool> {
    let told: Told<'_> = (&mut *out, &mut *err);
    match verb {
        Verb::List {
            pending,
            deleted,
            reach,
        } => list((*pending, *deleted), reach, sources, told),
        Verb::Show(one) => one.show(sources, told),
        Verb::Invite(invite) => invite.run(sources, told),
        Verb::Block(one) => one.enable(false, sources, told),
        Verb::Unblock(one) => one.enable(true, sources, told),
        Verb::Delete(one) => one.change(
            "deleted; `restore` brings them back for 30 days",
            sources,
            told,
            |client, id| client.delete(&format!("/v1.0/users/{id}")),
        ),
        Verb::Restore(one) => one.restore(sources, told),
        Verb::RevokeSessions(one) => {
            one.change("signed out everywhere", sources, told, |client, id| {
                client.post(
                    &format!("/v1.0/users/{id}/revokeSignInSessions"),
                    &json!({}),
                )
            })
        }
        Verb::ResetRedemption { one, address } => {
            invite::reset(one, address.as_deref(), sources, told)
        }
        Verb::Expire(expire) => expire.run(sources, told),
    }
}

fn list(
    (pending, deleted): (bool, bool),
    reach: &Reach,
    sources: &Sources,
    told: Told<'_>,
) -> io::Result<bool> {
    let state = if pending {
        " and externalUserState eq 'PendingAcceptance'"
    } else {
        ""
    };
    let filter = encoded(&format!("userType eq 'Guest'{state}"));
    let path = if deleted {
        "/v1.0/directory/deletedItems/microsoft.graph.user".to_owned()
    } else {
        format!("/v1.0/users?$filter={filter}&{SELECT}&$top=999")
    };
    reach.run(
        (sources, READ),
        told,
        |client| client.all(&path, usize::MAX),
        |guests| json!(guests),
        |guests, out| {
            let rows: Vec<Vec<String>> = guests.iter().map(row).collect();
            table(out, &["id", "address", "name", "state", "invited"], &rows)
        },
    )
}

fn row(guest: &Value) -> Vec<String> {
    vec![
        cell(guest, "id"),
        cell(guest, "mail"),
        cell(guest, "displayName"),
        state(guest),
        cell(guest, "createdDateTime"),
    ]
}

fn state(guest: &Value) -> String {
    if guest.get("accountEnabled") == Some(&json!(false)) {
        "blocked".to_owned()
    } else {
        match cell(guest, "externalUserState").as_str() {
            "PendingAcceptance" => "pending".to_owned(),
            "Accepted" => "accepted".to_owned(),
            other => other.to_owned(),
        }
    }
}

/// The guest of that address or id.
fn find(client: &Client, text: &str) -> Result<Value, Failed> {
    if !text.contains('@') {
        return client.get(&format!("/v1.0/users/{}?{SELECT}", encoded(text)));
    }
    let filter = encoded(&format!("mail eq '{}'", text.replace('\'', "''")));
    let found = client.all(&format!("/v1.0/users?$filter={filter}&{SELECT}"), 1)?;
    let missing = || Failed::Wrong(format!("nobody in the directory has the address `{text}`"));
    found.into_iter().next().ok_or_else(missing)
}

fn id(guest: &Value) -> String {
    encoded(&cell(guest, "id"))
}

impl One {
    fn show(&self, sources: &Sources, told: Told<'_>) -> io::Result<bool> {
        self.reach.run(
            (sources, &["User.Read.All", "Vestibule.Read.All"]),
            told,
            |client| {
                let guest = find(client, &self.guest)?;
                let path = format!("/vestibule/v1/guests/{}/sites", id(&guest));
                let sites = client.all(&path, usize::MAX)?;
                Ok((guest, sites))
            },
            |(guest, sites)| json!({ "guest": guest, "sites": sites }),
            |(guest, sites), out| {
                writeln!(out, "id:       {}", cell(guest, "id"))?;
                writeln!(out, "address:  {}", cell(guest, "mail"))?;
                writeln!(out, "name:     {}", cell(guest, "displayName"))?;
                writeln!(out, "state:    {}", state(guest))?;
                writeln!(out, "invited:  {}", cell(guest, "createdDateTime"))?;
                for site in sites {
                    let (name, end) = (cell(site, "site"), cell(site, "expires"));
                    writeln!(out, "ends:     site `{name}` at {end}")?;
                }
                Ok(())
            },
        )
    }

    fn enable(&self, enabled: bool, sources: &Sources, told: Told<'_>) -> io::Result<bool> {
        let what = if enabled { "let in again" } else { "blocked" };
        self.change(what, sources, told, |client, id| {
            client.patch(
                &format!("/v1.0/users/{id}"),
                &json!({ "accountEnabled": enabled }),
            )
        })
    }

    /// Does something with the guest.
    fn change(
        &self,
        what: &str,
        sources: &Sources,
        told: Told<'_>,
        change: impl FnOnce(&Client, &str) -> Result<Value, Failed>,
    ) -> io::Result<bool> {
        self.reach.run(
            (sources, WRITE),
            told,
            |client| {
                let guest = find(client, &self.guest)?;
                change(client, &id(&guest))?;
                Ok(guest)
            },
            |guest| json!({ "id": guest.get("id") }),
            |guest, out| done(format_args!("{} is {what}", cell(guest, "mail")), out),
        )
    }

    fn restore(&self, sources: &Sources, told: Told<'_>) -> io::Result<bool> {
        self.reach.run(
            (sources, WRITE),
            told,
            |client| {
                let path = "/v1.0/directory/deletedItems/microsoft.graph.user";
                let all = client.all(path, usize::MAX)?;
                let is = |one: &&Value| [cell(one, "id"), cell(one, "mail")].contains(&self.guest);
                let missing = || Failed::Wrong(format!("no deleted guest is `{}`", self.guest));
                let found = all.iter().find(is).ok_or_else(missing)?;
                let id = id(found);
                client.post(
                    &format!("/v1.0/directory/deletedItems/{id}/restore"),
                    &json!({}),
                )
            },
            Value::clone,
            |_, out| done(format_args!("{} is back", self.guest), out),
        )
    }
}

impl Expire {
    fn run(&self, sources: &Sources, told: Told<'_>) -> io::Result<bool> {
        self.reach.run(
            (sources, &["User.Read.All", "Vestibule.ReadWrite.All"]),
            told,
            |client| {
                let guest = id(&find(client, &self.guest)?);
                let path = format!("/vestibule/v1/guests/{guest}/sites/{}", encoded(&self.site));
                match &self.at {
                    Some(at) => client.put(&path, Some(&json!({ "expires": at }))),
                    None => client.delete(&path),
                }
            },
            |_| json!({ "site": self.site, "expires": self.at }),
            |_, out| match &self.at {
                Some(at) => done(
                    format_args!("access of {} to `{}` ends at {at}", self.guest, self.site),
                    out,
                ),
                None => done(
                    format_args!(
                        "access of {} to `{}` does not end by itself",
                        self.guest, self.site
                    ),
                    out,
                ),
            },
        )
    }
}
