//! `vestibule audit verify` and `export`: on the store itself, with or without a running gateway.

use std::io::{self, Write};
use std::path::PathBuf;
use std::sync::Arc;

use clap::Args;
use gateway_config::Sources;
use gateway_config::model::Configuration;
use gateway_core::id::{NotAnIdentifier, TenantId};
use gateway_core::time::UnixTime;
use gateway_sign_in::keys::{Keyring, KeysUnusable};
use gateway_store::audit::{AuditReport, Signing};
use gateway_store::model::{AuditQuery, AuditRecord};
use gateway_store::{Store, StoreError};
use serde_json::json;

use crate::cli::{counted, load, moment};
use crate::{auditing, serve};

/// Records read at once.
const PAGE: usize = 1_000;

#[derive(Debug, Args)]
pub(in crate::cli) struct Verify {
    /// Trust what is older as the last checkpoint before this moment has it, and check from there on.
    #[arg(long, value_name = "TIME", value_parser = moment::read)]
    since: Option<UnixTime>,
    /// Print JSON.
    #[arg(long)]
    json: bool,
}

#[derive(Debug, Args)]
pub(in crate::cli) struct Export {
    /// The tenant.
    #[arg(long, value_name = "ID", value_parser = tenant)]
    tenant: TenantId,
    /// From this moment on.
    #[arg(long, value_name = "TIME", value_parser = moment::read)]
    since: Option<UnixTime>,
    /// Before this moment.
    #[arg(long, value_name = "TIME", value_parser = moment::read)]
    until: Option<UnixTime>,
}

fn tenant(text: &str) -> Result<TenantId, NotAnIdentifier> {
    TenantId::parse(text)
}

/// Why the audit cannot be read.
#[derive(Debug, thiserror::Error)]
enum Unreadable {
    #[error(
        "the keys in `{directory}` cannot be read, try as the user that the gateway runs as: {source}"
    )]
    Keys {
        directory: PathBuf,
        source: KeysUnusable,
    },
    #[error("the store cannot be read, try as the user that the gateway runs as: {0}")]
    Store(#[from] StoreError),
    #[error("there is no store yet")]
    NoStore,
    #[error("tenant `{0}` is not configured")]
    NoTenant(TenantId),
    #[error(transparent)]
    Io(#[from] io::Error),
}

/// Checks the audit.
pub(super) fn run_verify(
    arguments: &Verify,
    sources: &Sources,
    out: &mut dyn Write,
    err: &mut dyn Write,
) -> io::Result<bool> {
    told(sources, err, |configuration| {
        verify(configuration, arguments, out)
    })
}

/// Writes a tenant's records.
pub(super) fn run_export(
    arguments: &Export,
    sources: &Sources,
    out: &mut dyn Write,
    err: &mut dyn Write,
) -> io::Result<bool> {
    told(sources, err, |configuration| {
        export(configuration, arguments, out).map(|()| true)
    })
}

fn told(
    sources: &Sources,
    err: &mut dyn Write,
    run: impl FnOnce(&Configuration) -> Result<bool, Unreadable>,
) -> io::Result<bool> {
    let Some(loaded) = load(sources, err)? else {
        return Ok(false);
    };
    match run(&loaded.configuration) {
        Ok(done) => Ok(done),
        Err(Unreadable::Io(error)) => Err(error),
        Err(unreadable) => {
            writeln!(err, "error: {unreadable}")?;
            Ok(false)
        }
    }
}

fn verify(
    configuration: &Configuration,
    arguments: &Verify,
    out: &mut dyn Write,
) -> Result<bool, Unreadable> {
    let signing = signing(configuration)?;
    let report = look(configuration, async |store| {
        Ok(store.verify_audit(&signing, arguments.since).await?)
    })?;
    if arguments.json {
        writeln!(out, "{}", as_json(&report))?;
    } else {
        tell(&report, out)?;
    }
    Ok(report.faults.is_empty())
}

/// Looks at the store, changing nothing in it.
fn look<T>(
    configuration: &Configuration,
    look: impl AsyncFnOnce(&Store) -> Result<T, Unreadable>,
) -> Result<T, Unreadable> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    runtime.block_on(async {
        let location = serve::location(&configuration.gateway.store);
        let store = Store::look_at(&location).await?;
        look(&store.ok_or(Unreadable::NoStore)?).await
    })
}

fn signing(configuration: &Configuration) -> Result<Signing, Unreadable> {
    let directory = &configuration.gateway.keys;
    let keyring = Keyring::read(directory).map_err(|source| Unreadable::Keys {
        directory: directory.clone(),
        source,
    })?;
    Ok(auditing::signing(&Arc::new(keyring)))
}

fn tell(report: &AuditReport, out: &mut dyn Write) -> io::Result<()> {
    for fault in &report.faults {
        writeln!(out, "fault: {fault}")?;
    }
    for (kid, count) in &report.retired {
        writeln!(
            out,
            "note: {} signed by key {kid}, which is not among the gateway's keys any more: they show that whoever made them \
             had that key; compare it with the keys that the gateway published then",
            checkpoints(*count)
        )?;
    }
    if report.unsigned > 0 {
        writeln!(
            out,
            "note: no checkpoint of the gateway's keys covers the last {}: nobody has signed that no more came after them",
            records(report.unsigned)
        )?;
    }
    let outcome = if report.faults.is_empty() {
        "ok"
    } else {
        "failed"
    };
    writeln!(
        out,
        "{outcome}: {} in {}, {}, {}",
        records(report.records),
        counted(usize(report.chains), "chain"),
        checkpoints(report.checkpoints),
        counted(report.faults.len(), "fault"),
    )
}

fn records(count: u64) -> String {
    counted(usize(count), "record")
}

fn checkpoints(count: u64) -> String {
    counted(usize(count), "checkpoint")
}

fn usize(count: u64) -> usize {
    usize::try_from(count).unwrap_or(usize::MAX)
}

fn as_json(report: &AuditReport) -> serde_json::Value {
    let faults: Vec<_> = report
        .faults
        .iter()
        .map(|fault| {
            json!({
                "fault": fault.word(),
                "chain": fault.chain(),
                "number": fault.number(),
                "message": fault.to_string(),
            })
        })
        .collect();
    json!({
        "ok": report.faults.is_empty(),
        "chains": report.chains,
        "records": report.records,
        "checkpoints": report.checkpoints,
        "retiredKeys": report.retired,
        "unsigned": report.unsigned,
        "faults": faults,
    })
}

fn export(
    configuration: &Configuration,
    arguments: &Export,
    out: &mut dyn Write,
) -> Result<(), Unreadable> {
    let tenant = &arguments.tenant;
    if !configuration.tenants.contains_key(tenant) {
        return Err(Unreadable::NoTenant(tenant.clone()));
    }
    look(configuration, async |store| {
        let mut query = AuditQuery {
            from: arguments.since,
            until: arguments.until,
            limit: PAGE,
            ..AuditQuery::default()
        };
        loop {
            let page = store.audit(tenant, &query).await?;
            for record in &page.items {
                writeln!(out, "{}", line(record))?;
            }
            match page.next {
                Some(next) => query.after = Some(next),
                None => return Ok(()),
            }
        }
    })
}

/// The record as it was hashed, with its hash. Its place is part of it.
fn line(record: &AuditRecord) -> serde_json::Value {
    let hash: String = record
        .hash
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect();
    json!({ "hash": hash, "record": record.body })
}

#[cfg(test)]
mod tests;
