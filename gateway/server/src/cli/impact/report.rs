//! What a change would do, for people and for programs.

use std::collections::BTreeMap;
use std::io::{self, Write};

use gateway_core::action::Action;
use gateway_core::id::TenantId;
use gateway_core::policy::configure::Consequence;
use gateway_core::policy::impact::{Change, Impact, ListToMove, Share, Standing, Whom};
use gateway_core::time::UnixTime;
use serde_json::{Value, json};

use super::proposal::scope_prefix;
use crate::cli::{counted, moment};

/// What a change would do.
pub(super) struct Report {
    pub(super) tenant: TenantId,
    /// The change, as it was typed.
    pub(super) proposed: Vec<String>,
    pub(super) at: UnixTime,
    pub(super) impact: Impact,
    pub(super) consequences: Vec<Consequence>,
}

/// One share of one person, with everything that changes about it.
struct Row<'a> {
    first: &'a Change,
    actions: Vec<Action>,
}

/// Changes of one share and person belong together.
fn rows(changes: &[Change]) -> Vec<Row<'_>> {
    let mut rows: BTreeMap<(&Share, &Whom, &'static str), Row<'_>> = BTreeMap::new();
    for change in changes {
        let row = rows
            .entry((&change.share, &change.whom, word(change.after)))
            .or_insert_with(|| Row {
                first: change,
                actions: Vec::new(),
            });
        row.actions.push(change.action);
    }
    rows.into_values().collect()
}

const fn word(standing: Standing) -> &'static str {
    match standing {
        Standing::Open => "open",
        Standing::Challenge(challenge) => challenge.code(),
        Standing::Closed(denial) => denial.code(),
    }
}

fn shares<'a>(rows: &[Row<'a>], wanted: fn(&Share) -> bool) -> usize {
    let found = rows.iter().map(|row| &row.first.share);
    let found: std::collections::BTreeSet<&Share> = found.filter(|share| wanted(share)).collect();
    found.len()
}

const fn is_permission(share: &Share) -> bool {
    matches!(share, Share::Permission(_))
}

const fn is_link(share: &Share) -> bool {
    matches!(share, Share::Link(_))
}

fn share(share: &Share) -> String {
    match share {
        Share::Permission(id) => format!("permission `{id}`"),
        Share::Link(id) => format!("link `{id}`"),
    }
}

fn whom(whom: &Whom) -> String {
    match whom {
        Whom::Guest(_, address) => address.to_string(),
        Whom::Member(Some(address)) => format!("{address} (member)"),
        Whom::Member(None) => "members".to_owned(),
        Whom::Bearer => "whoever has it".to_owned(),
    }
}

impl Report {
    /// For people.
    pub(super) fn write(&self, out: &mut dyn Write) -> io::Result<()> {
        let (lose, gain) = (rows(&self.impact.lose), rows(&self.impact.gain));
        writeln!(
            out,
            "tenant `{}`, {}, at {}",
            self.tenant,
            self.proposed.join(", "),
            moment::shown(self.at)
        )?;
        let count = |verb: &str, guests: usize, rows: &[Row<'_>]| {
            format!(
                "{verb}: {}, {}, {}",
                counted(guests, "guest"),
                counted(shares(rows, is_permission), "permission"),
                counted(shares(rows, is_link), "link")
            )
        };
        writeln!(out, "{}", count("lose", self.impact.guests_losing(), &lose))?;
        list(out, &lose)?;
        writeln!(
            out,
            "{}",
            count("gain", self.impact.guests_gaining(), &gain)
        )?;
        list(out, &gain)?;
        if !self.impact.share_again.is_empty() {
            writeln!(out, "to be shared again:")?;
            for (one, holder) in &self.impact.share_again {
                writeln!(out, "  {}  {}", share(one), whom(holder))?;
            }
        }
        for moving in &self.impact.lists {
            writeln!(out, "{}", advice(moving))?;
        }
        for consequence in &self.consequences {
            if let Some(line) = told(consequence) {
                writeln!(out, "note: {line}")?;
            }
        }
        Ok(())
    }

    /// For programs; the field names are part of the outside interface.
    pub(super) fn to_json(&self) -> Value {
        let changes = |changes: &[Change]| -> Vec<Value> {
            let value = |row: Row<'_>| {
                let actions: Vec<&str> = row.actions.iter().map(|action| action.name()).collect();
                json!({
                    "share": share_json(&row.first.share),
                    "site": row.first.site.as_str(),
                    "whom": whom_json(&row.first.whom),
                    "actions": actions,
                    "before": word(row.first.before),
                    "after": word(row.first.after),
                })
            };
            rows(changes).into_iter().map(value).collect()
        };
        let again: Vec<Value> = self
            .impact
            .share_again
            .iter()
            .map(|(one, holder)| json!({ "share": share_json(one), "whom": whom_json(holder) }))
            .collect();
        let lists: Vec<Value> = self
            .impact
            .lists
            .iter()
            .map(|list| {
                let domains: Vec<&str> = list.domains.iter().map(|one| one.as_str()).collect();
                json!({
                    "site": list.site.as_ref().map(|site| site.as_str()),
                    "mode": list.mode.name(),
                    "domains": domains,
                })
            })
            .collect();
        let notes: Vec<String> = self.consequences.iter().filter_map(told).collect();
        json!({
            "tenant": self.tenant.as_str(),
            "proposed": self.proposed,
            "at": moment::shown(self.at),
            "guests_losing": self.impact.guests_losing(),
            "guests_gaining": self.impact.guests_gaining(),
            "lose": changes(&self.impact.lose),
            "gain": changes(&self.impact.gain),
            "share_again": again,
            "lists_to_move": lists,
            "notes": notes,
        })
    }
}

fn list(out: &mut dyn Write, rows: &[Row<'_>]) -> io::Result<()> {
    for row in rows {
        let actions: Vec<&str> = row.actions.iter().map(|action| action.name()).collect();
        writeln!(
            out,
            "  {}  {}  {}: {} → {}",
            share(&row.first.share),
            whom(&row.first.whom),
            actions.join(", "),
            word(row.first.before),
            word(row.first.after)
        )?;
    }
    Ok(())
}

fn share_json(share: &Share) -> Value {
    match share {
        Share::Permission(id) => json!({ "permission": id.as_str() }),
        Share::Link(id) => json!({ "link": id.as_str() }),
    }
}

fn whom_json(whom: &Whom) -> Value {
    match whom {
        Whom::Guest(id, address) => {
            json!({ "guest": id.as_str(), "address": address.to_string() })
        }
        Whom::Member(address) => {
            json!({ "member": address.as_ref().map(ToString::to_string) })
        }
        Whom::Bearer => json!("bearer"),
    }
}

fn advice(list: &ListToMove) -> String {
    let domains: Vec<&str> = list.domains.iter().map(|one| one.as_str()).collect();
    let place = list.site.as_ref().map_or_else(
        || "the tenant's".to_owned(),
        |site| format!("site `{site}`'s"),
    );
    format!(
        "review: {place} {} binds sharing only; the directory's list, which binds every invitation, lacks {}",
        list.mode.name(),
        domains.join(", ")
    )
}

/// What the operator should know beyond who has what.
fn told(consequence: &Consequence) -> Option<String> {
    match consequence {
        Consequence::Effective { .. } => None,
        Consequence::Sleeps { scope, key, value } => Some(format!(
            "`{}{key}` falls asleep: `{value}` is held down by a ceiling",
            scope_prefix(scope)
        )),
        Consequence::Wakes { scope, key, value } => Some(format!(
            "`{}{key}` wakes up: `{value}` takes effect",
            scope_prefix(scope)
        )),
        Consequence::LinkShortened(link, end) => Some(format!(
            "link `{link}` ends earlier, at {}",
            moment::shown(*end)
        )),
        Consequence::ListDiscarded { key } => Some(format!("the list `{key}` is discarded")),
        Consequence::Warning {
            scope,
            key,
            message,
        } => Some(format!("`{}{key}` {message}", scope_prefix(scope))),
    }
}
