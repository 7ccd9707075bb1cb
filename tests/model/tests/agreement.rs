//! The engine and the model answer a million questions alike.

use std::collections::BTreeMap;
use std::panic;
use std::thread;

use model::coverage::{self, Asked};
use model::make::{self, Make, Maker};
use model::world::{AccessWorld, RedeemWorld, ShareWorld};
use model::{Answer, engine};

/// How many questions of each kind.
const ACCESS: u64 = 2_000_000;
const SHARE: u64 = 1_000_000;
const REDEEM: u64 = 600_000;

/// How often what came up, how often the answer was yes; and where they did not agree, a seed for each way in which.
#[derive(Default)]
struct Found {
    answers: BTreeMap<String, u64>,
    allowed: u64,
    apart: BTreeMap<String, (u64, u64)>,
}

type Answers<W> = fn(&W) -> Answer;

#[test]
fn sec_071_the_engine_and_the_model_agree_about_access() {
    let found = ask::<AccessWorld>(ACCESS, model::access, engine::access);
    check::<AccessWorld>(&found, ACCESS, Asked::Access, model::access, engine::access);
}

#[test]
fn sec_071_the_engine_and_the_model_agree_about_sharing() {
    let found = ask::<ShareWorld>(SHARE, model::share, engine::share);
    check::<ShareWorld>(&found, SHARE, Asked::Share, model::share, engine::share);
}

#[test]
fn sec_071_the_engine_and_the_model_agree_about_redeeming() {
    let found = ask::<RedeemWorld>(REDEEM, model::redeem, engine::redeem);
    check::<RedeemWorld>(&found, REDEEM, Asked::Redeem, model::redeem, engine::redeem);
}

fn ask<W: Make>(count: u64, ours: Answers<W>, theirs: Answers<W>) -> Found {
    let threads = thread::available_parallelism().map_or(1, |threads| threads.get() as u64);
    let mut all = Found::default();
    thread::scope(|scope| {
        let part = |first| scope.spawn(move || ask_part(first, threads, count, ours, theirs));
        let parts: Vec<_> = (0..threads).map(part).collect();
        for part in parts {
            match part.join() {
                Ok(found) => all.take(found),
                Err(panic) => panic::resume_unwind(panic),
            }
        }
    });
    all
}

fn ask_part<W: Make>(
    first: u64,
    step: u64,
    count: u64,
    ours: Answers<W>,
    theirs: Answers<W>,
) -> Found {
    let mut maker = Maker::default();
    let mut answers: Vec<(Answer, u64)> = Vec::new();
    let mut found = Found::default();
    let mut seed = first;
    while seed < count {
        let (world, _) = make::world::<W>(&mut maker, seed, &[]);
        let (mine, engines) = (ours(&world), theirs(&world));
        if mine != engines {
            let way = format!("{} / {}", name(&mine), name(&engines));
            found.apart.entry(way).or_insert((0, seed)).0 += 1;
        }
        let kind = match mine {
            Answer::Allow(_) => Answer::Allow(None),
            other => other,
        };
        match answers.iter_mut().find(|(answer, _)| *answer == kind) {
            Some((_, often)) => *often += 1,
            None => answers.push((kind, 1)),
        }
        seed += step;
    }
    for (answer, often) in answers {
        if answer == Answer::Allow(None) {
            found.allowed = often;
        }
        found.answers.insert(name(&answer), often);
    }
    found
}

impl Found {
    fn take(&mut self, other: Self) {
        self.allowed += other.allowed;
        for (answer, often) in other.answers {
            *self.answers.entry(answer).or_default() += often;
        }
        for (way, (often, seed)) in other.apart {
            let all = self.apart.entry(way).or_insert((0, seed));
            all.0 += often;
            all.1 = all.1.min(seed);
        }
    }
}

fn name(answer: &Answer) -> String {
    match answer {
        Answer::Allow(None) => "Allow".to_owned(),
        Answer::Allow(Some(ground)) => {
            let ground = format!("{ground:?}");
            let kind = ground.split('(').next();
            format!("Allow by {}", kind.unwrap_or_default())
        }
        other => format!("{other:?}"),
    }
}

fn check<W: Make>(found: &Found, count: u64, asked: Asked, ours: Answers<W>, theirs: Answers<W>) {
    let total: u64 = found.answers.values().sum();
    assert_eq!(total, count);
    let allowed = found.allowed * 100 / count;
    let rare = |(answer, often): (&String, &u64)| format!("{often:>8} {answer}\n");
    let table: String = found.answers.iter().map(rare).collect();
    assert!((20..=50).contains(&allowed), "{allowed} % allowed\n{table}");

    let want: Vec<String> = coverage::answers(asked).iter().map(name).collect();
    let never: Vec<_> = want
        .iter()
        .filter(|one| !found.answers.contains_key(*one))
        .collect();
    assert!(never.is_empty(), "never came up: {never:#?}\n{table}");
    let known = |one: &&String| *one == "Allow" || want.contains(one);
    let unknown: Vec<_> = found.answers.keys().filter(|one| !known(one)).collect();
    assert!(unknown.is_empty(), "not expected to come up: {unknown:#?}");

    assert!(found.apart.is_empty(), "{}", explain(found, ours, theirs));
}

/// Ways in which the two do not agree, with the smallest world found for each.
fn explain<W: Make>(found: &Found, ours: Answers<W>, theirs: Answers<W>) -> String {
    let mut text = String::new();
    for (way, (often, seed)) in found.apart.iter().take(20) {
        let mut maker = Maker::default();
        let mut without = Vec::new();
        let (_, changes) = make::world::<W>(&mut maker, *seed, &[]);
        for change in 0..changes {
            without.push(change);
            let (world, _) = make::world::<W>(&mut maker, *seed, &without);
            if ours(&world) == theirs(&world) {
                without.pop();
            }
        }
        let (world, _) = make::world::<W>(&mut maker, *seed, &without);
        let (mine, engines) = (ours(&world), theirs(&world));
        text += &format!(
            "model / engine: {way}: {often} times, first at seed {seed}\n\
             without the changes {without:?} of {changes}: model {mine:?}, engine {engines:?}\n\
             {world:#?}\n\n"
        );
    }
    text
}
