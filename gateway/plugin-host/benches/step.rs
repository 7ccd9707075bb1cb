//! What a step costs beyond the provider's own work, by the wall and in processor time, here and in a process.
//!
//! The providers do next to nothing: one in C writes 55 bytes, one in Rust reads its input and answers as little. The
//! caller is a task of a runtime like the gateway's. Beside the times by the wall, which criterion gives, the processor
//! time of the whole process is printed: what a hand-over to another thread costs shows there.

#![expect(
    clippy::unwrap_used,
    reason = "what fails here has nobody else to tell"
)]

use std::fs;
use std::hint::black_box;
use std::path::Path;
use std::time::{Duration, Instant};

use bad_plugins::{Caged, PluginFolder};
use criterion::{BenchmarkId, Criterion, criterion_group, criterion_main};
use gateway_plugin_host::{Expectations, FileHash, Instance, Isolation, Library, spare_threads};
use plugins_sdk::message::{Event, Fields, Input};
use plugins_sdk::testing;
use rustix::time::{ClockId, clock_gettime};
use serde_json::json;
use tokio::runtime::{Builder, Runtime};

fn steps(criterion: &mut Criterion) {
    let folder = PluginFolder::new().unwrap();
    folder.caged("c", &Caged::default()).unwrap();
    folder.panicking("rust").unwrap();
    // As the gateway's: four threads more than processors.
    let processors = std::thread::available_parallelism().unwrap().get();
    let runtime = Builder::new_multi_thread()
        .worker_threads(processors + 4)
        .enable_all()
        .build()
        .unwrap();
    runtime.block_on(async { spare_threads(4) });
    let apart = Isolation::Process {
        runner: Path::new(env!("CARGO_BIN_EXE_vestibule-plugin-runner")).to_owned(),
    };
    let mut group = criterion.benchmark_group("step");
    for (place, isolation) in [("here", Isolation::None), ("apart", apart)] {
        for plugin in ["c", "rust"] {
            let instance = open(&folder, plugin, isolation.clone());
            group.bench_function(BenchmarkId::new(place, plugin), |bencher| {
                bencher.iter_custom(|times| run(&runtime, &instance, times).0);
            });
            let times = 20_000;
            let (wall, processor) = run(&runtime, &instance, times);
            report(place, plugin, wall, processor, times);
        }
    }
    group.finish();
    runtime.shutdown_background();
}

/// Steps one after the other in a task of the runtime, as a sign-in does; by the wall, and in processor time of this
/// process.
fn run(runtime: &Runtime, instance: &Instance, times: u64) -> (Duration, Duration) {
    let instance = instance.clone();
    let steps = async move {
        let (begun, used) = (Instant::now(), processor_time());
        for _ in 0..times {
            black_box(instance.step(input()).await).unwrap();
        }
        (begun.elapsed(), processor_time() - used)
    };
    runtime.block_on(runtime.spawn(steps)).unwrap()
}

fn processor_time() -> Duration {
    let used = clock_gettime(ClockId::ProcessCPUTime);
    Duration::new(
        u64::try_from(used.tv_sec).unwrap(),
        u32::try_from(used.tv_nsec).unwrap(),
    )
}

#[expect(clippy::print_stdout, reason = "criterion knows no processor time")]
fn report(place: &str, plugin: &str, wall: Duration, processor: Duration, times: u64) {
    let each = |all: Duration| all.as_secs_f64() * 1e6 / times as f64;
    println!(
        "step/{place}/{plugin}: mean of {times}: {:.2} µs by the wall, {:.2} µs of this process's processor time",
        each(wall),
        each(processor)
    );
}

fn open(folder: &PluginFolder, plugin: &str, isolation: Isolation) -> Instance {
    let hash = FileHash::of(&fs::read(folder.file(plugin)).unwrap());
    let expectations = Expectations {
        trust_root: Some(folder.path().to_owned()),
        isolation,
        ..Expectations::new(folder.path(), Some(hash))
    };
    let settings = json!({ "panics_in": "nowhere" });
    Library::load(format!("{plugin}.so"), &expectations)
        .unwrap()
        .open(&testing::open_request(settings))
        .unwrap()
}

/// A callback with a code, as it comes from an OpenID provider.
fn input() -> Input {
    let query = Fields::from([
        ("code".to_owned(), "c".repeat(400)),
        ("state".to_owned(), "AAAAAAAAAAAAAAAAAAAAAA".to_owned()),
    ]);
    let event = Event::Callback {
        query,
        form: Fields::new(),
        raw_query: None,
    };
    testing::input(event, Some("s".repeat(300)), 1_800_000_000)
}

criterion_group!(benches, steps);
criterion_main!(benches);
