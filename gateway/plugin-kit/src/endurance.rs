//! Memory does not grow with steps, nor with instances that are opened and closed.

use crate::asking::{Asked, Asking};
use crate::report::KitReport;
use crate::wire::{self, Request, Verb};

/// Rounds of steps, after one to warm up.
const ROUNDS: u32 = 4;
/// What the allocator may take over all rounds without being asked about it, in bytes.
const SLACK: u64 = 192 * 1024;
/// Opened and closed in a round.
const CYCLES: u32 = 250;
/// Longest answer or question that is repeated ten thousand times, bytes.
const LONGEST: usize = 8 * 1024;

/// - `steps`: over all rounds.
pub(crate) fn check(asking: &mut Asking, sample: &[Asked], steps: u32, report: &mut KitReport) {
    let inputs = sample
        .iter()
        .map(|one| one.case.bytes.as_slice())
        .filter(|bytes| bytes.len() <= LONGEST);
    let mut repeat = Request::new(Verb::Repeat, asking.instance, wire::join(inputs));
    repeat.count = steps / ROUNDS;
    grows(asking, &repeat, "memory", "steps", report);
    let mut cycle = Request::new(Verb::Cycle, 0, asking.request.clone());
    cycle.count = CYCLES;
    grows(
        asking,
        &cycle,
        "instances",
        "instances opened and closed",
        report,
    );
}

fn grows(
    asking: &mut Asking,
    request: &Request,
    row: &'static str,
    what: &str,
    report: &mut KitReport,
) {
    let (mut done, mut sizes) = (0, Vec::new());
    for round in 0..=ROUNDS {
        let mut request = request.clone();
        // Opening the instance anew after a break changed its number.
        if request.verb == Verb::Repeat {
            request.instance = asking.instance;
        }
        let Some(reply) = asking.request(&request, row) else {
            return report.fail(row, format!("it broke after {done} {what}"));
        };
        if round > 0 {
            done += reply.number;
        }
        sizes.extend(asking.process.as_ref().and_then(|process| process.memory()));
    }
    let (Some(first), Some(last)) = (sizes.first(), sizes.last()) else {
        return report.skip(row, "the system does not tell how much memory it has");
    };
    let grown = last.saturating_sub(*first);
    // What grows in one round and then no more is a cache that has filled; what leaks grows in each.
    let each = sizes.windows(2).all(|pair| match pair {
        [before, after] => after > before,
        _ => false,
    });
    let told = format!("{grown} bytes over {done} {what}");
    let leaks = grown > SLACK && each || grown > 16 * SLACK;
    report.judge(
        row,
        leaks.then(|| format!("grows by {told}")),
        format!("grew by {told}"),
    );
}
