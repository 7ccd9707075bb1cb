//! `vestibule site`: sites, and how they are shared.

use std::io::{self, Write};

use clap::{Args, Subcommand};
use gateway_config::Sources;
use serde_json::{Value, json};

use super::client::{Reach, cell, encoded, table};
use super::tenant::{self, Assigned, Changed};

const READ: &[&str] = &["SharePointTenantSettings.Read.All"];

#[derive(Debug, Subcommand)]
pub(super) enum Verb {
    /// List the tenant's sites.
    #[command(after_help = "Example: vestibule site list --json")]
    List {
        #[command(flatten)]
        reach: Reach,
    },
    /// Show how a site is shared: every setting with its value and where that comes from.
    #[command(after_help = "Example: vestibule site show projects")]
    Show {
        /// The site, by its id.
        site: String,
        /// Show settings at their defaults as well.
        #[arg(long)]
        all: bool,
        #[command(flatten)]
        reach: Reach,
    },
    /// Change settings of a site, all of them or none. What a file declares can be tightened only.
    #[command(after_help = "\
Examples:
  vestibule site set projects SharingCapability=ExistingExternalUserSharingOnly
  vestibule site set projects --clear SharingCapability")]
    Set(Set),
}

#[derive(Debug, Args)]
pub(super) struct Set {
    /// The site, by its id.
    site: String,
    #[command(flatten)]
    assigned: Assigned,
    #[command(flatten)]
    reach: Reach,
}

pub(super) fn run(
    verb: &Verb,
    sources: &Sources,
    out: &mut dyn Write,
    err: &mut dyn Write,
) -> io::Result<bool> {
    match verb {
        Verb::List { reach } => reach.run(
            (sources, READ),
            (out, err),
            |client| client.all("/vestibule/v1/sites", usize::MAX),
            |sites| json!(sites),
            |sites, out| {
                let columns = ["id", "path", "sharingCapability", "webUrl"];
                let row = |site: &Value| columns.map(|name| cell(site, name)).to_vec();
                let rows: Vec<Vec<String>> = sites.iter().map(row).collect();
                table(out, &["site", "path", "sharing", "url"], &rows)
            },
        ),
        Verb::Show { site, all, reach } => {
            let path = format!("/vestibule/v1/sites/{}/settings", encoded(site));
            tenant::show(reach, &path, *all, sources, (out, err))
        }
        Verb::Set(set) => {
            let path = format!("/vestibule/v1/sites/{}/settings", encoded(&set.site));
            Changed::make(&set.reach, &path, &set.assigned, sources, (out, err))
        }
    }
}
