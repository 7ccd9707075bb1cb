//! The same input, the same answer: whenever, on whatever thread, instance and process.

use crate::asking::{Asked, Asking};
use crate::manifest::not_run;
use crate::process::Process;
use crate::report::KitReport;
use crate::tally::Wrong;
use crate::wire::{self, Request, Verb};

/// Asks `sample` again in every way.
pub(crate) fn check(asking: &mut Asking, sample: &[Asked], report: &mut KitReport) {
    if sample.is_empty() {
        return report.skip("purity", "nothing was answered");
    }
    let (mut wrong, mut asked) = (Wrong::default(), 0);
    for (where_to, reversed) in [("the same instance", true), ("another instance", false)] {
        let instance = if reversed {
            Some(asking.instance)
        } else {
            let open = Request::new(Verb::Open, 0, asking.request.clone());
            asking
                .request(&open, "open again")
                .map(|reply| reply.number)
        };
        let Some(instance) = instance else { continue };
        let mut order: Vec<&Asked> = sample.iter().collect();
        if reversed {
            order.reverse();
        }
        for one in order {
            let request = Request::new(Verb::Step, instance, one.case.bytes.clone());
            if let Some(reply) = asking.request(&request, &one.case.label) {
                asked += 1;
                compare(one, &reply.answer, where_to, &mut wrong);
            }
        }
        if !reversed {
            let close = Request::new(Verb::Close, instance, Vec::new());
            let _closed = asking.request(&close, "close");
        }
    }
    on_threads(asking, sample, report);
    match asking.start() {
        Ok((mut process, instance)) => {
            asked += in_another(&mut process, instance, sample, &mut wrong);
        }
        Err(broken) => wrong.add("another process", &broken.to_string()),
    }
    let well =
        format!("{asked} answers again, on the same instance, another, and in another process");
    report.judge("purity", wrong.told(), well);
}

fn in_another(process: &mut Process, instance: u32, sample: &[Asked], wrong: &mut Wrong) -> usize {
    let mut asked = 0;
    for one in sample {
        let request = Request::new(Verb::Step, instance, one.case.bytes.clone());
        match process.ask(&request) {
            Ok(reply) => {
                asked += 1;
                compare(one, &reply.answer, "another process", wrong);
            }
            Err(broken) => {
                wrong.add(&one.case.label, &broken.to_string());
                return asked;
            }
        }
    }
    asked
}

fn compare(
    one: &Asked,
    answer: &gateway_plugin_host::DirectAnswer,
    where_to: &str,
    wrong: &mut Wrong,
) {
    if *answer != one.reply.answer {
        let problem = format!("{where_to} answers the same input differently");
        wrong.add(&one.case.label, &problem);
    }
}

fn on_threads(asking: &mut Asking, sample: &[Asked], report: &mut KitReport) {
    let inputs = wire::join(sample.iter().map(|one| one.case.bytes.as_slice()));
    let request = Request::new(Verb::Threads, asking.instance, inputs);
    match asking.request(&request, "several threads at once") {
        Some(reply) => {
            let differ = (reply.number > 0).then(|| {
                format!(
                    "{} answers differ while others are asked at the same time",
                    reply.number
                )
            });
            let well = format!(
                "{} inputs on 4 threads at once, all answered alike",
                sample.len()
            );
            report.judge("concurrency", differ, well);
        }
        None => report.fail(
            "concurrency",
            not_run(&crate::process::Broken::Ended("it broke".to_owned())),
        ),
    }
}
