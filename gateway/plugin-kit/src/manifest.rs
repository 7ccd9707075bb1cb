//! What the plugin says it is, and whether it opens.

use gateway_plugin_host::{CallFailed, DirectAnswer};
use plugins_sdk::message::{Description, OpenAnswer, OpenRequest};
use plugins_sdk::{rules, testing};
use serde_json::{Value, json};

use crate::Judged;
use crate::asking::Asking;
use crate::cases::Hints;
use crate::process::{Broken, Launch, Process};
use crate::report::KitReport;
use crate::tally::Tally;
use crate::wire::{Request, Verb};

/// Loads the plugin in a process, lets it describe itself and opens it; nothing where it cannot go on.
pub(crate) fn open(launch: &Launch, judged: &Judged, report: &mut KitReport) -> Option<Asking> {
    let mut process = match launch.start() {
        Ok(process) => process,
        Err(broken) => {
            report.fail("load", broken.to_string());
            return None;
        }
    };
    report.pass("load", "loaded, in a process of its own");
    let description = match describe(&mut process) {
        Ok(description) => description,
        Err(problem) => {
            report.fail("description", problem);
            return None;
        }
    };
    report.describe(&description);
    let schema = against_schema(&description, &judged.settings);
    let what = format!(
        "{} {}, the same each time",
        description.kind, description.version
    );
    report.judge("description", schema.as_ref().err().cloned(), what);
    let request = serde_json::to_vec(&request(judged.settings.clone())).unwrap_or_default();
    match opened(&mut process, &request, &description) {
        Ok((instance, fetch_hosts)) => {
            report.pass("settings", opened_with(&fetch_hosts));
            let mut asking = Asking {
                launch: launch.clone(),
                request,
                minor: minor(report),
                description,
                fetch_hosts,
                hints: Hints::from_settings(&judged.settings),
                process: Some(process),
                instance,
                tally: Tally::default(),
                restarts: 0,
            };
            refuse(&mut asking, &judged.settings, report);
            Some(asking)
        }
        Err(problem) => {
            report.fail("settings", problem);
            None
        }
    }
}

/// As the table in the file says.
fn minor(report: &KitReport) -> u16 {
    let abi = report
        .check
        .abi
        .as_deref()
        .and_then(|abi| abi.split_once('.'));
    abi.and_then(|(_, minor)| minor.parse().ok())
        .unwrap_or_default()
}

fn request(settings: Value) -> OpenRequest {
    OpenRequest {
        id: "kit".to_owned(),
        ..testing::open_request(settings)
    }
}

fn describe(process: &mut Process) -> Result<Description, String> {
    let mut once = || -> Result<DirectAnswer, String> {
        let reply = process.ask(&Request::new(Verb::Describe, 0, Vec::new()));
        Ok(reply.map_err(|broken| broken.to_string())?.answer)
    };
    let (first, second) = (once()?, once()?);
    if first != second {
        return Err("it describes itself differently the second time".to_owned());
    }
    let description: Description = first
        .read()
        .map_err(|failed: CallFailed| failed.to_string())?;
    rules::check_description(&description).map_err(|rule| rule.to_string())?;
    Ok(description)
}

/// What `vestibule check` would say about the settings.
fn against_schema(description: &Description, settings: &Value) -> Result<(), String> {
    let Some(schema) = &description.settings_schema else {
        return Ok(());
    };
    let schema = jsonschema::validator_for(schema)
        .map_err(|error| format!("`settings_schema` is no JSON Schema: {error}"))?;
    match schema.iter_errors(settings).next() {
        // What the value is stays unsaid: it may be a secret.
        Some(error) => Err(format!(
            "the settings do not fit its own `settings_schema` at `{}`",
            error.instance_path()
        )),
        None => Ok(()),
    }
}

fn opened(
    process: &mut Process,
    request: &[u8],
    description: &Description,
) -> Result<(u32, Vec<String>), String> {
    let reply = process
        .ask(&Request::new(Verb::Open, 0, request.to_vec()))
        .map_err(|broken| broken.to_string())?;
    let answer: OpenAnswer = reply.answer.read().map_err(|failed| failed.to_string())?;
    match (answer, reply.number) {
        (OpenAnswer::Opened { .. }, 0) => Err("it says `opened` and gives no instance".to_owned()),
        (OpenAnswer::Opened { fetch_hosts }, instance) => {
            rules::check_fetch_hosts(&fetch_hosts, description).map_err(|rule| rule.to_string())?;
            Ok((instance, fetch_hosts))
        }
        (OpenAnswer::Refused { problems }, _) => {
            let keys: Vec<String> = problems
                .iter()
                .map(|problem| format!("`{}`: {}", problem.key, problem.message))
                .collect();
            Err(format!("they are refused: {}", keys.join("; ")))
        }
    }
}

fn opened_with(fetch_hosts: &[String]) -> String {
    if fetch_hosts.is_empty() {
        "opened; fetches from nowhere".to_owned()
    } else {
        format!("opened; fetches from {}", fetch_hosts.join(", "))
    }
}

/// Opens with settings that nobody means: refused or opened, never anything else.
fn refuse(asking: &mut Asking, settings: &Value, report: &mut KitReport) {
    let (mut refused, mut tried, mut wrong) = (0, 0, None);
    for settings in wrong_settings(settings) {
        let Ok(payload) = serde_json::to_vec(&request(settings.clone())) else {
            continue;
        };
        tried += 1;
        // Keys only: values may be secrets.
        let label = format!("open {tried}");
        let Some(reply) = asking.request(&Request::new(Verb::Open, 0, payload), &label) else {
            wrong.get_or_insert(format!("{label}: it broke"));
            continue;
        };
        match reply.answer.read::<OpenAnswer>() {
            Ok(OpenAnswer::Refused { problems }) if problems.is_empty() => {
                wrong.get_or_insert(format!("{label}: it refuses without a problem"));
            }
            Ok(OpenAnswer::Refused { .. }) => refused += 1,
            Ok(OpenAnswer::Opened { .. }) if reply.number == 0 => {
                wrong.get_or_insert(format!("{label}: it says `opened` and gives no instance"));
            }
            Ok(OpenAnswer::Opened { .. }) => {}
            // The configuration has no settings but tables.
            Err(CallFailed::Malformed { .. }) if !settings.is_object() => refused += 1,
            Err(failed) => {
                wrong.get_or_insert(format!("{label}: {failed}"));
            }
        }
        if reply.number > 0 {
            let close = Request::new(Verb::Close, reply.number, Vec::new());
            let _closed = asking.request(&close, &label);
        }
    }
    report.judge(
        "refusals",
        wrong,
        format!("{tried} wrong settings, {refused} refused, the others opened"),
    );
}

fn wrong_settings(good: &Value) -> Vec<Value> {
    let mut all = vec![Value::Null, json!([]), json!("x"), json!({}), json!(7)];
    let Value::Object(members) = good else {
        return all;
    };
    for name in members.keys() {
        for value in [
            Value::Null,
            json!(7),
            json!(-1),
            json!("\u{0}\r\n"),
            json!("x".repeat(70_000)),
            json!([]),
            json!({"a": {"b": [null]}}),
        ] {
            let mut changed = members.clone();
            changed.insert(name.clone(), value);
            all.push(Value::Object(changed));
        }
        let mut changed = members.clone();
        changed.remove(name);
        all.push(Value::Object(changed));
    }
    let mut changed = members.clone();
    changed.insert("no_such_setting".to_owned(), json!(1));
    all.push(Value::Object(changed));
    all
}

/// Told where a process cannot be had.
pub(crate) fn not_run(broken: &Broken) -> String {
    format!("could not be checked: {broken}")
}
