//! `vestibule tenant import`: what becomes of each property of an export.

use std::collections::BTreeMap;
use std::io::{self, Read, Write};
use std::path::Path;

use gateway_config::Sources;
use http::StatusCode;
use serde_json::{Map, Value, json};

use super::export::{self, Property};
use super::{TENANT, WRITE};
use crate::cli::client::{Client, Failed, Reach, cell, table};

/// Longest export, in bytes.
const MOST: u64 = 4 * 1024 * 1024;

/// What became of an export.
#[derive(Debug, Default)]
struct Report {
    /// Settings that differ from those here, with the value they get.
    taken: BTreeMap<String, Value>,
    /// Settings that are as they are here already.
    same: Vec<String>,
    /// Of all these, those that bind less than they seem to, with the reason.
    weaker: BTreeMap<String, String>,
    /// Settings that are refused, with the reason.
    refused: BTreeMap<String, String>,
    /// Settings of sharing that do nothing here, with the reason.
    nothing: BTreeMap<String, String>,
    /// Properties that are about something else.
    others: Vec<String>,
    /// What else the change would do.
    notes: Vec<String>,
    applied: bool,
}

pub(super) fn run(
    file: &Path,
    apply: bool,
    reach: &Reach,
    sources: &Sources,
    (out, err): (&mut dyn Write, &mut dyn Write),
) -> io::Result<bool> {
    let properties = match contents(file).and_then(|bytes| export::read(&bytes)) {
        Ok(properties) => properties,
        Err(why) => {
            writeln!(err, "error: `{}` cannot be read: {why}", file.display())?;
            return Ok(false);
        }
    };
    let scopes: Vec<&str> = WRITE.to_vec();
    let mut refused = 0;
    let done = reach.run(
        (sources, &scopes),
        (out, err),
        |client| {
            let report = import(&properties, apply, client)?;
            refused = report.refused.len();
            Ok(report)
        },
        Report::to_json,
        Report::write,
    )?;
    // What was refused was not taken over: whoever runs this in a script should know.
    Ok(done && refused == 0)
}

fn contents(file: &Path) -> Result<Vec<u8>, String> {
    let mut bytes = Vec::new();
    let read = if file == Path::new("-") {
        io::stdin().lock().take(MOST).read_to_end(&mut bytes)
    } else {
        std::fs::File::open(file).and_then(|file| file.take(MOST).read_to_end(&mut bytes))
    };
    read.map(|_| bytes).map_err(|error| error.to_string())
}

fn import(properties: &Map<String, Value>, apply: bool, client: &Client) -> Result<Report, Failed> {
    let current = client.all(TENANT, usize::MAX)?;
    let mut report = sorted(properties, &current);
    let mut tried = report.offered(client, "?dryRun=true")?;
    if apply && !report.taken.is_empty() {
        tried = report.offered(client, "")?;
        report.applied = true;
    }
    let all = tried.get("consequences").and_then(Value::as_array);
    for one in all.into_iter().flatten() {
        let (name, message) = (cell(one, "name"), cell(one, "message"));
        match cell(one, "kind").as_str() {
            "warning" | "sleeps" if report.taken.contains_key(&name) => {
                report.weaker.insert(name, message);
            }
            "effective" => {}
            _ => report.notes.push(format!("{name}: {message}")),
        }
    }
    Ok(report)
}

/// Sorts the properties by what they are here.
///
/// - `current`: the settings as they are.
fn sorted(properties: &Map<String, Value>, current: &[Value]) -> Report {
    let mut report = Report::default();
    for (name, value) in properties {
        match export::property(name, value) {
            Property::Unknown => report.others.push(name.clone()),
            Property::Ignored(why) => drop(report.nothing.insert(name.clone(), why.to_owned())),
            Property::Refused(why) => drop(report.refused.insert(name.clone(), why)),
            Property::NotSet => {}
            Property::Setting(value) => report.offer(name, value, current),
        }
    }
    report
}

impl Report {
    fn offer(&mut self, name: &str, value: Value, current: &[Value]) {
        if let Some(why) = gateway_config::idle(name) {
            let why = format!("binds nobody while the gateway runs: {why}");
            self.weaker.insert(name.to_owned(), why);
        }
        let mut all = current.iter();
        let now = all.find(|one| one.get("name").and_then(Value::as_str) == Some(name));
        let now = now.and_then(|one| one.get("value")).cloned();
        let now = now.or_else(|| export::default(name));
        if now.as_ref().is_some_and(|now| is_same(now, &value)) {
            self.same.push(name.to_owned());
        } else {
            self.taken.insert(name.to_owned(), value);
        }
    }

    /// Offers what is taken; what is refused is taken out until the rest is good.
    fn offered(&mut self, client: &Client, query: &str) -> Result<Value, Failed> {
        loop {
            if self.taken.is_empty() {
                return Ok(Value::Null);
            }
            let body = json!({ "settings": self.taken });
            let refusal = match client.patch(&format!("{TENANT}{query}"), &body) {
                Ok(changed) => return Ok(changed),
                Err(Failed::Refused(refusal)) => refusal,
                Err(other) => return Err(other),
            };
            let ours = [StatusCode::BAD_REQUEST, StatusCode::CONFLICT].contains(&refusal.status);
            let mut fewer = false;
            for (name, why) in &refusal.details {
                if ours && self.taken.remove(name).is_some() {
                    self.weaker.remove(name);
                    self.refused.insert(name.clone(), why.clone());
                    fewer = true;
                }
            }
            if !fewer {
                return Err(Failed::Refused(refusal));
            }
        }
    }

    fn write(&self, out: &mut dyn Write) -> io::Result<()> {
        let done = match (self.taken.is_empty(), self.applied) {
            (true, _) => "nothing is to be changed",
            (false, true) => "changed",
            (false, false) => "would be changed; `--apply` does it",
        };
        writeln!(
            out,
            "{}: {done}",
            super::super::counted(self.taken.len(), "setting")
        )?;
        let texts = |all: &BTreeMap<String, String>| -> Vec<Vec<String>> {
            let rows = all.iter();
            rows.map(|(name, why)| vec![format!("  {name}"), why.clone()])
                .collect()
        };
        let taken: Vec<Vec<String>> = self
            .taken
            .keys()
            .map(|name| vec![format!("  {name}"), cell(&json!(self.taken), name)])
            .collect();
        section(out, "taken", &["  setting", "value"], &taken)?;
        let heads = ["  setting", "why"];
        section(out, "weaker than they look", &heads, &texts(&self.weaker))?;
        section(out, "refused", &heads, &texts(&self.refused))?;
        section(out, "without meaning here", &heads, &texts(&self.nothing))?;
        for note in &self.notes {
            writeln!(out, "note: {note}")?;
        }
        writeln!(
            out,
            "{} the same here already; {} about something else than sharing",
            self.same.len(),
            self.others.len()
        )
    }

    fn to_json(&self) -> Value {
        json!({
            "applied": self.applied,
            "taken": self.taken,
            "same": self.same,
            "weaker": self.weaker,
            "refused": self.refused,
            "nothing": self.nothing,
            "others": self.others,
            "notes": self.notes,
        })
    }
}

fn section(
    out: &mut dyn Write,
    title: &str,
    heads: &[&str],
    rows: &[Vec<String>],
) -> io::Result<()> {
    if rows.is_empty() {
        return Ok(());
    }
    writeln!(out, "\n{title}:")?;
    table(out, heads, rows)?;
    writeln!(out)
}

/// Whether two values are the same to the setting: a list is one whether or not it is written as a text.
fn is_same(one: &Value, other: &Value) -> bool {
    let words = |value: &Value| -> Option<Vec<String>> {
        match value {
            Value::String(text) => Some(text.split([' ', ',']).map(str::to_owned).collect()),
            Value::Array(list) => Some(
                list.iter()
                    .map(|one| one.as_str().map_or_else(|| one.to_string(), str::to_owned))
                    .collect(),
            ),
            _ => None,
        }
    };
    one == other || (words(one).is_some() && words(one) == words(other))
}

#[cfg(test)]
mod tests;
