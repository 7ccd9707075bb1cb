//! What it costs to gather the facts of a question about access and to decide it, and what a permission takes of
//! memory.
//!
//! `cargo bench -p gateway-core --bench access` measures up to a million permissions; with
//! `MOST_PERMISSIONS=10000000` in the environment up to ten million, for which it takes 6 GB and some minutes. Single
//! answers are timed, each about another person and item, which is then not in any cache. It exits with 1 where a bound
//! is missed by more than twice.

#![expect(clippy::print_stdout, reason = "figures are for whoever runs it")]

mod allocator;
mod measure;
mod world;

use std::env;
use std::error::Error;
use std::hint::black_box;
use std::process::ExitCode;

use criterion::{BatchSize, Criterion};

use self::measure::{Bounds, Figures, Kind};
use self::world::{Dice, World};

fn main() -> Result<ExitCode, Box<dyn Error>> {
    // `cargo test` runs benches, too, to see that they run: only `cargo bench` says which of both it is.
    let short = !env::args().any(|given| given == "--bench");
    let most = match env::var("MOST_PERMISSIONS") {
        Ok(given) => given.parse()?,
        Err(_) if short => 1_000,
        Err(_) => 1_000_000,
    };
    let answers = if short { 1_000 } else { 200_000 };
    let mut bounds = Bounds::default();

    println!("{}", Figures::HEAD);
    let mut by_number = Vec::new();
    for number in [1_000, 10_000, 100_000, 1_000_000, 10_000_000] {
        if number > most {
            break;
        }
        let world = World::new(number, 6)?;
        let figures = measure::figures(&world, number, 6, Kind::Allowed, answers)?;
        println!("{figures}");
        by_number.push(figures);
        println!(
            "{}",
            measure::figures(&world, number, 6, Kind::Anybody, answers)?
        );
        if number == 1_000_000 || short {
            criterion(&world)?;
        }
    }
    let mut by_depth = Vec::new();
    for depth in [1, 2, 3, 5, 10, 15, 20, 25, 30] {
        let number = most.min(1_000_000);
        let world = World::new(number, depth)?;
        let figures = measure::figures(&world, number, depth, Kind::Allowed, answers)?;
        println!("{figures}");
        by_depth.push(figures);
    }
    let world = World::new(most.min(1_000_000), 0)?;
    let crowd = measure::figures(&world, most.min(1_000_000), 0, Kind::Allowed, answers)?;
    println!("{crowd}, all on one item");
    println!();
    bounds.numbers(&by_number);
    bounds.depths(&by_depth);
    Ok(if bounds.hold || short {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

/// The same for whoever compares runs: means over many answers.
fn criterion(world: &World) -> Result<(), Box<dyn Error>> {
    let mut criterion = Criterion::default().configure_from_args();
    let mut dice = Dice::new(3);
    let mut requests = Vec::new();
    for _ in 0..10_000 {
        requests.push(world.allowed(&mut dice)?);
    }
    let mut next = requests.iter().cycle();
    criterion.bench_function("access, a million permissions", |bencher| {
        bencher.iter_batched(
            || next.next(),
            |request| request.and_then(|request| world.answer(black_box(request))),
            BatchSize::SmallInput,
        );
    });
    criterion.final_summary();
    Ok(())
}
