//! What telling the audit costs a request.
#![expect(clippy::unwrap_used, reason = "a bench that cannot go on has failed")]

use criterion::{Criterion, criterion_group, criterion_main};
use gateway_core::id::{SiteId, TenantId};
use gateway_core::time::UnixTime;
use gateway_store::Store;
use gateway_store::directory::Directory;
use gateway_store::model::{Actor, AuditEvent};

const NOW: UnixTime = UnixTime(1_000_000);

fn event(operation: &str, decision: &'static str) -> AuditEvent {
    let actor = Actor {
        id: "bo@fabrikam.com".to_owned(),
        client: Some("192.0.2.1".to_owned()),
    };
    AuditEvent {
        site: Some(SiteId::parse("projects").unwrap()),
        item: Some("/sites/projects/Shared Documents/plan.docx".to_owned()),
        decision,
        reason: "permission-missing".to_owned(),
        ..AuditEvent::of(operation, actor)
    }
}

fn record_access(bench: &mut Criterion) {
    let folder = tempfile::TempDir::new().unwrap();
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let directory = runtime.block_on(async {
        let store = Store::open(&folder.path().join("vestibule.db"), NOW)
            .await
            .unwrap();
        Directory::open(store, Vec::new(), NOW).await.unwrap()
    });
    let tenant = TenantId::parse("contoso").unwrap();
    // What is counted never reaches the queue; what is queued is more than the queue holds after some thousands, and
    // counted then, as when the store is away.
    for (name, operation, decision) in [
        ("a refusal that is counted", "FileAccessed", "deny"),
        ("an access that was told already", "FileAccessed", "allow"),
        (
            "a download while the store is away",
            "FileDownloaded",
            "allow",
        ),
    ] {
        bench.bench_function(name, |bencher| {
            bencher.iter_batched(
                || event(operation, decision),
                |event| directory.record_access(&tenant, NOW, event),
                criterion::BatchSize::SmallInput,
            );
        });
    }
    let mut queued = bench.benchmark_group("queued");
    queued.bench_function("a download", |bencher| {
        bencher.iter_custom(|times| {
            // A directory of its own for each 10,000, so that the queue takes all of them.
            let mut took = std::time::Duration::ZERO;
            let mut left = times;
            while left > 0 {
                let some = left.min(10_000);
                let directory = runtime
                    .block_on(Directory::open(directory.store().clone(), Vec::new(), NOW))
                    .unwrap();
                let events: Vec<_> = (0..some)
                    .map(|_| event("FileDownloaded", "allow"))
                    .collect();
                let began = std::time::Instant::now();
                for event in events {
                    directory.record_access(&tenant, NOW, event);
                }
                took += began.elapsed();
                left -= some;
            }
            took
        });
    });
    queued.finish();
}

criterion_group!(benches, record_access);
criterion_main!(benches);
