//! The process in which the plugin's code runs: it does what it is told and judges nothing.

use std::collections::BTreeMap;
use std::env;
use std::fs::File;
use std::io::{self, Read, Write};
use std::os::unix::process::CommandExt as _;
use std::path::Path;
use std::process::Command;
use std::thread;
use std::time::Instant;

use gateway_plugin_host::{Direct, DirectAnswer, DirectInstance, Expectations};

use crate::mark::{Mark, Marker};
use crate::wire::{self, Reply, Request, Verb};

/// Threads that step an instance at the same time.
const THREADS: usize = 4;
/// Status of the first reply where the library could not be loaded; no plugin's.
pub(crate) const NOT_LOADED: i32 = -1;
/// No `Repeat` runs longer than this, in nanoseconds.
const LONGEST_REPEAT: u128 = 4_000_000_000;

/// How the child runs.
pub(crate) const PLAIN: &str = "plain";
/// Waits until somebody watches, then starts again as [`MARKED`].
pub(crate) const WATCHED: &str = "watched";
/// Sets marks for whoever watches.
pub(crate) const MARKED: &str = "marked";

/// Runs the child process: `arguments` are those that [`Judged`](crate::Judged) starts a program with, from the mode on.
///
/// For the program's own use: it speaks frames on its standard input and output.
///
/// # Errors
/// If it is called by anybody but the kit, or the kit goes away.
pub fn run(arguments: &[String]) -> io::Result<()> {
    match arguments {
        [mode, ..] if mode == WATCHED => start_again(),
        [mode, file, sha256, trust_root] => serve(mode == MARKED, file, sha256, trust_root),
        _ => Err(io::ErrorKind::InvalidInput.into()),
    }
}

/// Becomes the same program anew, so that the watcher sees it from its first instruction.
fn start_again() -> io::Result<()> {
    io::stdin().lock().read_exact(&mut [0])?;
    let arguments = env::args().skip(1).map(|argument| match argument.as_str() {
        WATCHED => MARKED.to_owned(),
        _ => argument,
    });
    Err(Command::new("/proc/self/exe").args(arguments).exec())
}

fn serve(marked: bool, file: &str, sha256: &str, trust_root: &str) -> io::Result<()> {
    let (mut from, mut to) = (io::stdin().lock(), io::stdout().lock());
    let mut expectations = Expectations::new(
        Path::new(file).parent().unwrap_or(Path::new(".")),
        sha256.parse().ok(),
    );
    if !trust_root.is_empty() {
        expectations.trust_root = Some(trust_root.into());
    }
    let name = Path::new(file).file_name().unwrap_or_default();
    let direct = match Direct::load(name, &expectations) {
        Ok(direct) => direct,
        Err(refused) => {
            let mut reply = Reply::plain(0);
            reply.answer.status = NOT_LOADED;
            reply.answer.bytes = refused.to_string().into_bytes();
            return reply.write(&mut to);
        }
    };
    let marker = Marker(marked.then(|| File::open("/proc/self/exe")).transpose()?);
    Reply::plain(0).write(&mut to)?;
    Server {
        direct,
        instances: BTreeMap::new(),
        opened: 0,
        requests: 0,
        marker,
    }
    .run(&mut from, &mut to)
}

struct Server {
    direct: Direct,
    instances: BTreeMap<u32, DirectInstance>,
    opened: u32,
    /// Requests so far: what the marks call them by.
    requests: u32,
    marker: Marker,
}

impl Server {
    fn run(&mut self, from: &mut impl Read, to: &mut impl Write) -> io::Result<()> {
        while let Some(request) = Request::read(from)? {
            let reply = self.answer(&request)?;
            self.requests += 1;
            reply.write(to)?;
        }
        Ok(())
    }

    fn answer(&mut self, request: &Request) -> io::Result<Reply> {
        let began = Instant::now();
        let reply = match request.verb {
            Verb::Describe => Reply {
                answer: self.direct.describe(),
                ..Reply::plain(0)
            },
            Verb::Open => self.open(&request.payload),
            Verb::Step => return self.step(request),
            Verb::Close => {
                let instance = self.instances.remove(&request.instance);
                self.begins();
                drop(instance);
                self.marker.set(Mark::Ends);
                Reply::plain(0)
            }
            Verb::Threads => {
                let inputs = wire::split(&request.payload)?;
                Reply::plain(differing(self.instance(request)?, &inputs))
            }
            Verb::Repeat => {
                let inputs = wire::split(&request.payload)?;
                let instance = self.instance(request)?;
                let times = usize::try_from(request.count).unwrap_or(usize::MAX);
                let steps = inputs.iter().cycle().take(times);
                let done = steps
                    .take_while(|_| began.elapsed().as_nanos() < LONGEST_REPEAT)
                    .map(|input| drop(instance.step(input)))
                    .count();
                Reply::plain(u32::try_from(done).unwrap_or(u32::MAX))
            }
            Verb::Cycle => {
                for _ in 0..request.count {
                    drop(self.direct.open(&request.payload));
                }
                Reply::plain(request.count)
            }
        };
        Ok(Reply {
            nanos: since(began),
            ..reply
        })
    }

    fn open(&mut self, payload: &[u8]) -> Reply {
        let (answer, instance) = self.direct.open(payload);
        let mut reply = Reply::plain(0);
        reply.answer = answer;
        if let Some(instance) = instance {
            self.opened += 1;
            reply.number = self.opened;
            self.instances.insert(self.opened, instance);
            if self.marker.0.is_some() {
                forbid_counters();
                self.marker.set(Mark::Opened);
            }
        }
        reply
    }

    fn step(&mut self, request: &Request) -> io::Result<Reply> {
        // The clock that is read here is read outside of the marks: it is not the plugin's.
        let began = Instant::now();
        self.begins();
        let answer: DirectAnswer = self.instance(request)?.step(&request.payload);
        self.marker.set(Mark::Ends);
        let nanos = since(began);
        Ok(Reply {
            answer,
            number: 0,
            nanos,
        })
    }

    fn begins(&mut self) {
        let request = self.requests;
        self.marker.set(Mark::Begins { request });
    }

    fn instance(&self, request: &Request) -> io::Result<&DirectInstance> {
        let instance = self.instances.get(&request.instance);
        instance.ok_or_else(|| io::ErrorKind::InvalidInput.into())
    }
}

/// Steps with each input on several threads at once; how many answers differ from those given one after another.
fn differing(instance: &DirectInstance, inputs: &[Vec<u8>]) -> u32 {
    let expected: Vec<_> = inputs.iter().map(|input| instance.step(input)).collect();
    let on_one_thread = |offset: usize| {
        let pairs = inputs.iter().zip(&expected);
        // Each begins elsewhere, so that different inputs meet.
        let turned = pairs.clone().cycle().skip(offset).take(inputs.len());
        turned
            .filter(|(input, expected)| instance.step(input) != **expected)
            .count()
    };
    let differing: usize = thread::scope(|scope| {
        let threads: Vec<_> = (0..THREADS)
            .map(|number| scope.spawn(move || on_one_thread(number * inputs.len() / THREADS)))
            .collect();
        let outcomes = threads.into_iter().map(|thread| thread.join());
        outcomes.map(|count| count.unwrap_or(inputs.len())).sum()
    });
    u32::try_from(differing).unwrap_or(u32::MAX)
}

/// Makes the processor's time stamp counter a fault, which the watcher sees and answers with zero.
fn forbid_counters() {
    #[cfg(target_arch = "x86_64")]
    {
        use rustix::process::{TimeStampCounterReadability, set_time_stamp_counter_readability};
        // Where the kernel cannot, that one way to the clock stays unwatched.
        let _set = set_time_stamp_counter_readability(TimeStampCounterReadability::RaiseSIGSEGV);
    }
}

fn since(began: Instant) -> u64 {
    u64::try_from(began.elapsed().as_nanos()).unwrap_or(u64::MAX)
}
