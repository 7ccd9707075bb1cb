//! Asks an opened instance, and opens it anew where it broke.

use std::collections::{BTreeSet, VecDeque};

use plugins_sdk::message::{Description, Event, Input, Step};
use plugins_sdk::versions;

use crate::Judged;
use crate::cases::{self, Case, Class, Hints};
use crate::process::{Broken, Launch, Process};
use crate::random::Random;
use crate::tally::Tally;
use crate::wire::{Reply, Request, Verb};

/// Most questions while every step is followed.
const MOST_FOLLOWED: usize = 700;
/// Most of them that begin with the same kinds of steps.
const MOST_ALIKE: usize = 60;
/// Most questions that others are made of.
const MOST_BASES: usize = 40;
/// How often a process that broke is started again.
const MOST_RESTARTS: usize = 6;
/// Most questions that are asked again and again.
const MOST_SAMPLED: usize = 120;
/// Longest question among them, bytes.
const LONGEST_SAMPLED: usize = 16 * 1024;

/// An opened instance in a process of its own.
#[derive(Debug)]
pub(crate) struct Asking {
    pub(crate) launch: Launch,
    /// The `OpenRequest` it was opened with.
    pub(crate) request: Vec<u8>,
    /// Minor version of the ABI it was built for.
    pub(crate) minor: u16,
    pub(crate) description: Description,
    pub(crate) fetch_hosts: Vec<String>,
    pub(crate) hints: Hints,
    pub(crate) process: Option<Process>,
    pub(crate) instance: u32,
    pub(crate) tally: Tally,
    pub(crate) restarts: usize,
}

/// A question, with what it was answered.
#[derive(Clone, Debug)]
pub(crate) struct Asked {
    pub(crate) case: Case,
    pub(crate) input: Option<Input>,
    pub(crate) reply: Reply,
    /// Kind of the step.
    kind: &'static str,
}

impl Asking {
    /// Asks one question.
    pub(crate) fn ask(&mut self, case: &Case) -> Option<(Reply, Option<Step>)> {
        let request = Request::new(Verb::Step, self.instance, case.bytes.clone());
        let reply = self.request(&request, &case.label)?;
        let step = self.tally.answered(
            case,
            &reply,
            self.minor,
            &self.description,
            &self.fetch_hosts,
        );
        Some((reply, step))
    }

    /// Asks the child for anything; a break is counted against `label`, and mended for the next.
    pub(crate) fn request(&mut self, request: &Request, label: &str) -> Option<Reply> {
        let patience = self.launch.patience;
        let patience = match request.verb {
            Verb::Threads | Verb::Repeat | Verb::Cycle => patience * 60,
            Verb::Describe | Verb::Open | Verb::Step | Verb::Close => patience,
        };
        let process = self.process.as_mut()?;
        match process.ask_patiently(request, patience) {
            Ok(reply) => Some(reply),
            Err(broken) => {
                self.tally.broke(label, &broken);
                self.restart();
                None
            }
        }
    }

    fn restart(&mut self) {
        self.process = None;
        self.restarts += 1;
        if self.restarts > MOST_RESTARTS {
            return self.tally.give_up();
        }
        match self.start() {
            Ok((process, instance)) => {
                (self.process, self.instance) = (Some(process), instance);
            }
            Err(broken) => self.tally.broke("opening it again", &broken),
        }
    }

    /// Another process with an instance of the same settings.
    pub(crate) fn start(&self) -> Result<(Process, u32), Broken> {
        self.open_in(self.launch.start()?)
    }

    pub(crate) fn open_in(&self, mut process: Process) -> Result<(Process, u32), Broken> {
        let reply = process.ask(&Request::new(Verb::Open, 0, self.request.clone()))?;
        Ok((process, reply.number))
    }

    pub(crate) fn finish(mut self) -> Result<(), String> {
        let close = Request::new(Verb::Close, self.instance, Vec::new());
        if self.process.is_some() && self.request(&close, "close").is_none() {
            return Err("it broke while it was closed".to_owned());
        }
        match self.process.take() {
            Some(process) => process.finish().map(drop),
            None => Ok(()),
        }
    }

    /// Plays every part in everything that can happen, breadth first.
    pub(crate) fn follow_every_step(&mut self) -> Vec<Asked> {
        let mut waiting: VecDeque<Followed> = cases::beginnings(&self.hints)
            .into_iter()
            .map(|event| Followed {
                path: event.kind().to_owned(),
                state: None,
                hints: self.hints.clone(),
                event,
            })
            .collect();
        let (mut seen, mut alike) = (BTreeSet::new(), std::collections::BTreeMap::new());
        let mut asked = Vec::new();
        while let Some(followed) = waiting.pop_front() {
            if asked.len() >= MOST_FOLLOWED {
                break;
            }
            let input = cases::input(followed.event.clone(), followed.state.clone());
            let Some(input) = versions::input(&input, self.minor) else {
                continue;
            };
            let input = input.into_owned();
            let case = Case::well_formed(Class::Valid, followed.path.clone(), &input);
            let count: &mut usize = alike.entry(followed.path.clone()).or_default();
            *count += 1;
            if *count > MOST_ALIKE || !seen.insert(case.bytes.clone()) {
                continue;
            }
            let Some((reply, step)) = self.ask(&case) else {
                continue;
            };
            let kind = step.as_ref().map_or("", Step::kind);
            if let Some(step) = &step {
                waiting.extend(followed.then(step));
            }
            asked.push(Asked {
                case,
                input: Some(input),
                reply,
                kind,
            });
        }
        self.ask_across(&mut asked);
        asked
    }

    /// Every kind of event in every kind of state: `step` answers everything.
    fn ask_across(&mut self, asked: &mut Vec<Asked>) {
        let mut states: Vec<(String, Option<String>)> = vec![("no state".to_owned(), None)];
        let known = diverse(asked, MOST_BASES);
        for one in known {
            let input = one.input.as_ref();
            let state = input.and_then(|input| input.state.clone());
            if state.is_some() && !states.iter().any(|(_, known)| *known == state) {
                states.push((format!("the state of {}", one.case.label), state));
            }
        }
        for (what, state) in states.iter().take(24) {
            for event in cases::event_of_every_kind() {
                let label = format!("{} in {what}", event.kind());
                let input = cases::input(event, state.clone());
                // What its version does not know, it is never sent.
                let Some(input) = versions::input(&input, self.minor) else {
                    continue;
                };
                let input = input.into_owned();
                let case = Case::well_formed(Class::Valid, label, &input);
                let Some((reply, step)) = self.ask(&case) else {
                    continue;
                };
                asked.push(Asked {
                    case,
                    input: Some(input),
                    reply,
                    kind: step.as_ref().map_or("", Step::kind),
                });
            }
        }
    }

    /// Asks what should not be asked.
    pub(crate) fn ask_damaged(&mut self, valid: &[Asked], judged: &Judged) -> Vec<Asked> {
        let bases = diverse(valid, MOST_BASES);
        let foreign = foreign_states(valid);
        let mut cases = Vec::new();
        for base in &bases {
            if let Some(input) = &base.input {
                cases.extend(cases::hostile(&base.case.label, input, &foreign));
            }
        }
        for base in bases.iter().take(16) {
            if let Some(input) = &base.input {
                cases.extend(cases::malformed(&base.case.label, input));
            }
        }
        let mut random = Random::new(judged.seed);
        let all: Vec<&Case> = bases.iter().map(|base| &base.case).chain(&cases).collect();
        let all: Vec<&Case> = all
            .into_iter()
            .filter(|case| case.bytes.len() <= LONGEST_SAMPLED)
            .collect();
        let made = (0..judged.effort.random)
            .filter_map(|number| cases::random(number, &all, &mut random))
            .collect::<Vec<_>>();
        cases.extend(made);
        let mut asked = Vec::new();
        for case in cases {
            if self.tally.has_seen_enough(case.class) {
                continue;
            }
            if let Some((reply, step)) = self.ask(&case) {
                let kind = step.as_ref().map_or("", Step::kind);
                asked.push(Asked {
                    case,
                    input: None,
                    reply,
                    kind,
                });
            }
        }
        asked
    }
}

/// Something that may happen next.
struct Followed {
    /// The events and steps up to it.
    path: String,
    state: Option<String>,
    event: Event,
    hints: Hints,
}

impl Followed {
    /// What may happen after its answer.
    fn then(&self, step: &Step) -> Vec<Self> {
        // Nine steps are more than any sign-in takes; a form that is shown again and again ends there.
        if self.path.matches('>').count() > 16 {
            return Vec::new();
        }
        let hints = match step {
            Step::Mail { text, .. } => self.hints.with_mail(text),
            _ => self.hints.clone(),
        };
        let Some((state, events)) = cases::next(step, &hints) else {
            return Vec::new();
        };
        events
            .into_iter()
            .map(|event| Self {
                path: format!("{} > {} > {}", self.path, step.kind(), event.kind()),
                state: Some(state.clone()),
                event,
                hints: hints.clone(),
            })
            .collect()
    }
}

/// Questions that differ in how they came about or what they were answered, the first of each.
fn diverse(asked: &[Asked], most: usize) -> Vec<&Asked> {
    let mut seen = BTreeSet::new();
    asked
        .iter()
        .filter(|one| seen.insert((&one.case.label, one.kind)))
        .take(most)
        .collect()
}

/// States of elsewhere: the first, the last and one between of this plugin's own, and one of another.
fn foreign_states(asked: &[Asked]) -> Vec<String> {
    let states: Vec<&String> = asked
        .iter()
        .filter_map(|one| one.input.as_ref()?.state.as_ref())
        .collect();
    let own = [states.first(), states.get(states.len() / 2), states.last()];
    let own = own.into_iter().flatten().map(|state| (*state).clone());
    let other = r#"{"phase":"redirected","nonce":"n","verifier":"v","attempts":3,"code":"AA"}"#;
    own.chain([other.to_owned()]).collect()
}

/// What is asked again and again: of every kind some.
pub(crate) fn sample(valid: &[Asked], damaged: &[Asked]) -> Vec<Asked> {
    let short = |one: &&Asked| one.case.bytes.len() <= LONGEST_SAMPLED;
    let every = (damaged.len() / (MOST_SAMPLED / 3)).max(1);
    diverse(valid, MOST_SAMPLED * 2 / 3)
        .into_iter()
        .chain(damaged.iter().step_by(every))
        .filter(short)
        .take(MOST_SAMPLED)
        .cloned()
        .collect()
}
