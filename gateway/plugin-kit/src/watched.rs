//! After `open` a plugin has nothing to do with the system.

use std::collections::BTreeMap;

use crate::asking::{Asked, Asking};
use crate::manifest::not_run;
use crate::report::KitReport;
use crate::watch::{Observed, Reach};
use crate::wire::{Request, Verb};

/// Asks `sample` while every system call is seen.
pub(crate) fn check(asking: &mut Asking, sample: &[Asked], report: &mut KitReport) {
    let started = asking
        .launch
        .start_watched()
        .and_then(|process| asking.open_in(process));
    let (mut process, instance) = match started {
        Ok(started) => started,
        Err(broken) => {
            for reach in Reach::ALL {
                report.skip(reach.row(), not_run(&broken));
            }
            return;
        }
    };
    // The first request opened it.
    let mut labels = BTreeMap::new();
    let mut number = 1;
    let mut broke = None;
    for one in sample {
        labels.insert(number, one.case.label.as_str());
        number += 1;
        let step = Request::new(Verb::Step, instance, one.case.bytes.clone());
        if let Err(broken) = process.ask(&step) {
            broke = Some((one.case.label.clone(), broken));
            break;
        }
    }
    labels.insert(number, "close");
    if broke.is_none() {
        let close = Request::new(Verb::Close, instance, Vec::new());
        if let Err(broken) = process.ask(&close) {
            broke = Some(("close".to_owned(), broken));
        }
    }
    let observed = process.finish_watched();
    rows(&observed, &labels, sample.len(), report);
    if let Some((label, broken)) = broke {
        asking.tally.broke(&format!("{label}, watched"), &broken);
    }
}

fn rows(observed: &Observed, labels: &BTreeMap<u32, &str>, asked: usize, report: &mut KitReport) {
    for reach in Reach::ALL {
        let seen: Vec<String> = observed
            .seen
            .iter()
            .filter(|((one, _), _)| *one == reach)
            .map(|((_, what), sight)| {
                let first = match sight.first {
                    Some(request) => labels.get(&request).copied().unwrap_or("?"),
                    None => "a thread of its own",
                };
                format!("{what} {} times, first at {first}", sight.times)
            })
            .collect();
        if !observed.opened {
            report.skip(reach.row(), "no instance was opened while it was watched");
        } else {
            let wrong = (!seen.is_empty()).then(|| seen.join("; "));
            report.judge(reach.row(), wrong, format!("none seen in {asked} steps"));
        }
    }
}
