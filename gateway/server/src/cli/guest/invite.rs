//! Invitations, and their redemption anew.

use std::io;

use gateway_config::Sources;
use serde_json::{Value, json};

use super::{Invite, One, Told, find};
use crate::cli::client::{Client, Failed, cell, done};

/// Where redemption ends where nobody says: the tenant's first host.
fn home(client: &Client) -> Result<String, Failed> {
    let tenants = client.all("/vestibule/v1/tenants", 1)?;
    let hosts = tenants.first().and_then(|tenant| tenant.get("hosts"));
    let host = hosts.and_then(|hosts| hosts.get(0)).and_then(Value::as_str);
    Ok(format!("https://{}/", host.unwrap_or_default()))
}

impl Invite {
    pub(super) fn run(&self, sources: &Sources, told: Told<'_>) -> io::Result<bool> {
        self.reach.run(
            (
                sources,
                &["User.Invite.All", "SharePointTenantSettings.Read.All"],
            ),
            told,
            |client| {
                let redirect = match &self.redirect {
                    Some(url) => url.clone(),
                    None => home(client)?,
                };
                let body = json!({
                    "invitedUserEmailAddress": self.address,
                    "invitedUserDisplayName": self.name,
                    "inviteRedirectUrl": redirect,
                    "sendInvitationMessage": !self.no_mail,
                    "invitedUserMessageInfo": { "customizedMessageBody": self.message },
                });
                client.post("/v1.0/invitations", &body)
            },
            Value::clone,
            |made, out| {
                let id = made.get("invitedUser").map(|user| cell(user, "id"));
                done(
                    format_args!(
                        "{} is invited as `{}`",
                        self.address,
                        id.unwrap_or_default()
                    ),
                    out,
                )?;
                writeln!(out, "{}", cell(made, "inviteRedeemUrl"))
            },
        )
    }
}

pub(super) fn reset(
    one: &One,
    address: Option<&str>,
    sources: &Sources,
    told: Told<'_>,
) -> io::Result<bool> {
    let scopes = [
        "User.ReadWrite.All",
        "User.Invite.All",
        "SharePointTenantSettings.Read.All",
    ];
    one.reach.run(
        (sources, &scopes),
        told,
        |client| {
            let guest = find(client, &one.guest)?;
            let own = cell(&guest, "mail");
            let body = json!({
                "invitedUserEmailAddress": address.unwrap_or(&own),
                "inviteRedirectUrl": home(client)?,
                "sendInvitationMessage": false,
                "resetRedemption": true,
                "invitedUser": { "id": cell(&guest, "id") },
            });
            client.post("/v1.0/invitations", &body)
        },
        Value::clone,
        |made, out| {
            done(format_args!("{} redeems anew", one.guest), out)?;
            writeln!(out, "{}", cell(made, "inviteRedeemUrl"))
        },
    )
}
