//! Starts processes, all on one thread that never ends.
//!
//! A runner is to die with the gateway, and the system sends that signal when the *thread* ends that started it
//! (prctl(2), `PR_SET_PDEATHSIG`): on a thread of a pool it would come out of the blue.

use std::io;
use std::process::{Child, Command};
use std::sync::{Mutex, PoisonError, mpsc};
use std::thread;

struct Order {
    command: Command,
    answer: mpsc::SyncSender<io::Result<Child>>,
}

/// Starts `command`. Blocks until it runs.
pub(super) fn spawn(command: Command) -> io::Result<Child> {
    let (answer, answered) = mpsc::sync_channel(1);
    orders()?
        .send(Order { command, answer })
        .map_err(|_| gone())?;
    answered.recv().map_err(|_| gone())?
}

fn orders() -> io::Result<mpsc::Sender<Order>> {
    static ORDERS: Mutex<Option<mpsc::Sender<Order>>> = Mutex::new(None);
    let mut orders = ORDERS.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(orders) = &*orders {
        return Ok(orders.clone());
    }
    let (sender, receiver) = mpsc::channel::<Order>();
    thread::Builder::new()
        .name("plugin-spawner".to_owned())
        .spawn(move || {
            for mut order in receiver {
                // Who asked may have given up: then the child is dropped, and ends with its socket.
                let _given_up = order.answer.send(order.command.spawn());
            }
        })?;
    *orders = Some(sender.clone());
    Ok(sender)
}

fn gone() -> io::Error {
    io::Error::other("the thread that starts processes is gone")
}
