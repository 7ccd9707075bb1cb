//! A mail server that keeps everything in memory, with a web inbox and a JSON view.

pub(crate) mod mail;
mod session;
pub(crate) mod smtp;
mod web;

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::watch;

pub(crate) use web::Inbox;

use crate::clock;
use crate::shared::Guarded;
use mail::Mail;
use session::Envelope;

/// How many mails are kept; older ones go.
const KEPT: usize = 10_000;

/// The mails that came in. Clones see the same mails.
#[derive(Clone)]
pub struct Mailbox {
    mails: Arc<Guarded<VecDeque<Mail>>>,
    arrivals: watch::Sender<u64>,
}

impl Mailbox {
    pub(crate) fn new() -> Self {
        Self {
            mails: Arc::new(Guarded::new(VecDeque::new())),
            arrivals: watch::Sender::new(0),
        }
    }

    /// All mails, oldest first.
    #[must_use]
    pub fn messages(&self) -> Vec<Mail> {
        self.mails.lock().iter().cloned().collect()
    }

    /// The mails to an address, oldest first; without regard to case.
    #[must_use]
    pub fn messages_to(&self, address: &str) -> Vec<Mail> {
        self.mails
            .lock()
            .iter()
            .filter(|mail| mail.is_to(address))
            .cloned()
            .collect()
    }

    /// The oldest mail to an address with a number above `after` (0 takes any), as soon as it is there.
    /// None if that takes longer than `patience`.
    pub async fn wait_for(&self, address: &str, after: u64, patience: Duration) -> Option<Mail> {
        let mut arrivals = self.arrivals.subscribe();
        let arrived = async {
            loop {
                arrivals.borrow_and_update();
                let found = self
                    .messages_to(address)
                    .into_iter()
                    .find(|mail| mail.id > after);
                if found.is_some() || arrivals.changed().await.is_err() {
                    return found;
                }
            }
        };
        tokio::time::timeout(patience, arrived).await.ok().flatten()
    }

    /// Forgets the mails to an address, or all of them.
    pub fn clear(&self, address: Option<&str>) {
        self.mails
            .lock()
            .retain(|mail| address.is_some_and(|address| !mail.is_to(address)));
    }

    fn message(&self, id: u64) -> Option<Mail> {
        self.mails.lock().iter().find(|mail| mail.id == id).cloned()
    }

    fn take_in(&self, envelope: &Envelope) {
        self.arrivals.send_modify(|number| {
            *number += 1;
            let mut mails = self.mails.lock();
            mails.push_back(Mail::read(*number, clock::now(), envelope));
            if mails.len() > KEPT {
                mails.pop_front();
            }
        });
    }
}
