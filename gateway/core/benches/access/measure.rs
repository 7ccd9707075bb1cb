//! Timing single answers, and what they are held against.

use std::error::Error;
use std::fmt;
use std::hint::black_box;
use std::time::Instant;

use gateway_core::policy::Decision;

use crate::allocator;
use crate::world::{Dice, World};

/// Nanoseconds at the median, at a million permissions.
const MEDIAN: u64 = 1_000;
/// Nanoseconds for 99 of 100, at a million permissions.
const P99: u64 = 3_000;
/// Bytes a permission.
const BYTES: u64 = 200;
/// How much of a bound is forgiven: other programs run here, too.
const NOISE: u64 = 2;

/// Who asks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Somebody who has access.
    Allowed,
    /// Anybody.
    Anybody,
}

/// What was measured.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Figures {
    permissions: usize,
    depth: usize,
    kind: Kind,
    median: u64,
    p99: u64,
    allocations: usize,
    bytes: u64,
    /// What one read from memory took at the time, in nanoseconds.
    memory: u64,
}

impl Figures {
    pub(crate) const HEAD: &'static str = "permissions  depth  who      median ns   p99 ns  allocations  bytes/permission  one read ns";
}

impl fmt::Display for Figures {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{:>11}  {:>5}  {:<7} {:>10} {:>8}  {:>11}  {:>16}  {:>11}",
            self.permissions,
            self.depth,
            format!("{:?}", self.kind),
            self.median,
            self.p99,
            self.allocations,
            self.bytes,
            self.memory
        )
    }
}

/// Times `answers` answers, one by one.
pub(crate) fn figures(
    world: &World,
    permissions: usize,
    depth: usize,
    kind: Kind,
    answers: usize,
) -> Result<Figures, Box<dyn Error>> {
    let (timer, memory) = (overhead(), one_read());
    let mut dice = Dice::new(2);
    let mut times = Vec::with_capacity(answers);
    let mut allocations = 0;
    for _ in 0..answers {
        let request = match kind {
            Kind::Allowed => world.allowed(&mut dice)?,
            Kind::Anybody => world.anybody(&mut dice)?,
        };
        let before = allocator::allocations();
        let start = Instant::now();
        let decision = black_box(world.answer(black_box(&request)));
        let took = start.elapsed();
        allocations += allocator::allocations() - before;
        times.push(u64::try_from(took.as_nanos())?.saturating_sub(timer));
        let allowed = matches!(decision, Some(Decision::Allow(_)));
        if kind == Kind::Allowed && !allowed {
            return Err(format!("refused: {decision:?}").into());
        }
    }
    times.sort_unstable();
    let at = |percent: usize| {
        times
            .get(answers * percent / 100)
            .copied()
            .unwrap_or_default()
    };
    Ok(Figures {
        permissions,
        depth,
        kind,
        median: at(50),
        p99: at(99),
        allocations,
        bytes: (world.bytes / permissions) as u64,
        memory,
    })
}

/// What a read takes that goes to memory, and that the next one waits for: on a busy machine a multiple of what it takes
/// on a quiet one, and with it everything here that has much to read.
fn one_read() -> u64 {
    const READS: usize = 100_000;
    // 64 MiB, of which each line holds where to go next.
    let mut lines = vec![[0usize; 8]; 1 << 20];
    let mut order: Vec<usize> = (0..lines.len()).collect();
    let mut dice = Dice::new(4);
    for at in (1..order.len()).rev() {
        order.swap(at, dice.below(at + 1));
    }
    for (from, to) in order.iter().zip(order.iter().cycle().skip(1)) {
        if let Some([next, ..]) = lines.get_mut(*from) {
            *next = *to;
        }
    }
    let start = Instant::now();
    let last = (0..READS).fold(0, |at, _| lines.get(at).map_or(0, |[next, ..]| *next));
    black_box(last);
    u64::try_from(start.elapsed().as_nanos()).unwrap_or_default() / READS as u64
}

/// What reading the clock twice takes.
fn overhead() -> u64 {
    let mut times: Vec<u64> = (0..10_000)
        .map(|_| {
            let start = Instant::now();
            u64::try_from(black_box(start).elapsed().as_nanos()).unwrap_or_default()
        })
        .collect();
    times.sort_unstable();
    times.get(times.len() / 2).copied().unwrap_or_default()
}

/// Whether what was measured is within bounds.
pub(crate) struct Bounds {
    /// Nothing was missed by more than the noise.
    pub(crate) hold: bool,
}

impl Default for Bounds {
    fn default() -> Self {
        Self { hold: true }
    }
}

impl Bounds {
    /// - `all`: the same with more and more permissions.
    pub(crate) fn numbers(&mut self, all: &[Figures]) {
        for figures in all {
            let with = format!("with {} permissions", figures.permissions);
            if figures.permissions == 1_000_000 {
                self.at_most(&format!("median ns {with}"), figures.median, MEDIAN, NOISE);
                self.at_most(&format!("p99 ns {with}"), figures.p99, P99, NOISE);
            }
            if figures.permissions >= 1_000_000 {
                let what = format!("bytes a permission {with}");
                self.at_most(&what, figures.bytes, BYTES, 1);
            }
            self.at_most(
                &format!("allocations {with}"),
                figures.allocations as u64,
                0,
                1,
            );
        }
        // A logarithm adds the same with each tenfold. Caches that overflow add a little more each, until none is left.
        let added = |from: Option<&Figures>, to: &Figures| {
            from.map(|from| to.median.saturating_sub(from.median))
        };
        for (at, figures) in all.iter().enumerate().skip(2) {
            let before = all.get(at - 1);
            let last = before.and_then(|before| added(all.get(at - 2), before));
            if let (Some(last), Some(now)) = (last, added(before, figures)) {
                let what = format!("ns added by ten times, to {}", figures.permissions);
                self.at_most(&what, now, 2 * last.max(100), NOISE);
            }
        }
    }

    /// - `all`: the same with deeper and deeper paths.
    pub(crate) fn depths(&mut self, all: &[Figures]) {
        let at = |depth| all.iter().find(|figures| figures.depth == depth);
        let (Some(low), Some(middle), Some(high)) = (at(10), at(20), at(30)) else {
            return;
        };
        let (lower, upper) = (
            middle.median.saturating_sub(low.median),
            high.median.saturating_sub(middle.median),
        );
        self.at_most(
            "ns added by depth 20 to 30, against 10 to 20",
            upper,
            lower.max(500),
            NOISE,
        );
        let allocations = all.iter().map(|figures| figures.allocations as u64).sum();
        self.at_most("allocations at any depth", allocations, 0, 1);
    }

    fn at_most(&mut self, what: &str, got: u64, bound: u64, noise: u64) {
        let verdict = if got <= bound { "PASS" } else { "MISS" };
        println!("{verdict}  {what}: {got}, at most {bound}");
        self.hold &= got <= bound * noise;
    }
}
