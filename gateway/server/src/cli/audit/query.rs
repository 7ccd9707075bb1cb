//! `vestibule audit query`: who did what, as the running gateway has it.

use std::io::{self, Write};

use clap::Args;
use gateway_config::Sources;
use serde_json::{Value, json};

use crate::cli::client::{Reach, cell, encoded, table};

#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  vestibule audit query --person ada@fabrikam.com --from 2026-11-01T00:00:00Z
  vestibule audit query --link 3f2c --json
  vestibule audit query --site projects --item /projects/Plan.docx")]
pub(crate) struct Arguments {
    /// Of or about this person.
    #[arg(long, value_name = "ADDRESS")]
    person: Option<String>,
    /// About this site.
    #[arg(long, value_name = "ID")]
    site: Option<String>,
    /// About this item, or below it.
    #[arg(long, value_name = "PATH", requires = "site")]
    item: Option<String>,
    /// About this link.
    #[arg(long, value_name = "ID")]
    link: Option<String>,
    /// Of this operation, such as `SharingSet`.
    #[arg(long, value_name = "NAME")]
    operation: Option<String>,
    /// From this moment on.
    #[arg(long, value_name = "TIME")]
    from: Option<String>,
    /// Before this moment.
    #[arg(long, value_name = "TIME")]
    until: Option<String>,
    /// At most so many.
    #[arg(long, value_name = "N", default_value = "1000")]
    limit: usize,
    #[command(flatten)]
    reach: Reach,
}

pub(crate) fn run(
    arguments: &Arguments,
    sources: &Sources,
    out: &mut dyn Write,
    err: &mut dyn Write,
) -> io::Result<bool> {
    let given = [
        ("person", &arguments.person),
        ("site", &arguments.site),
        ("item", &arguments.item),
        ("link", &arguments.link),
        ("operation", &arguments.operation),
        ("from", &arguments.from),
        ("until", &arguments.until),
    ];
    let given = given.into_iter().filter_map(|(name, value)| {
        let value = value.as_deref()?;
        Some(format!("&{name}={}", encoded(value)))
    });
    let top = arguments.limit.clamp(1, 1_000);
    let path = format!("/vestibule/v1/audit?top={top}{}", given.collect::<String>());
    arguments.reach.run(
        (sources, &["AuditLog.Read.All"]),
        (out, err),
        |client| client.all(&path, arguments.limit),
        |records| json!(records),
        |records, out| {
            let rows: Vec<Vec<String>> = records.iter().map(row).collect();
            let heads = [
                "at",
                "operation",
                "by",
                "about",
                "site",
                "item",
                "decision",
                "reason",
            ];
            table(out, &heads, &rows)
        },
    )
}

fn row(record: &Value) -> Vec<String> {
    let body = record.get("record").unwrap_or(&Value::Null);
    vec![
        cell(record, "at"),
        cell(body, "Operation"),
        cell(body, "UserId"),
        cell(body, "TargetUserOrGroupName"),
        cell(body, "SiteId"),
        cell(body, "ObjectId"),
        cell(body, "Decision"),
        cell(body, "ReasonCode"),
    ]
}
