//! What the partner knows and remembers.

use std::collections::{HashMap, HashSet};

use super::manner::{Manner, NameIdKind};
use super::request::SignOn;
use super::service_provider::ServiceProvider;
use crate::shared::Guarded;

/// Everything that outlives a request.
#[derive(Default)]
pub(crate) struct State {
    pub(crate) manner: Guarded<Manner>,
    providers: Guarded<Vec<ServiceProvider>>,
    waiting: Guarded<HashMap<String, SignOn>>,
    sessions: Guarded<Vec<Session>>,
    /// Ids of requests that were answered.
    seen: Guarded<HashSet<String>>,
    /// Ids of our own requests to sign out.
    asked: Guarded<HashSet<String>>,
    last_assertion: Guarded<Option<String>>,
}

/// Somebody who is signed in at a service provider by us.
#[derive(Clone, Debug)]
pub(crate) struct Session {
    pub(crate) provider: String,
    /// The account's own id.
    pub(crate) person: String,
    pub(crate) name: String,
    pub(crate) kind: NameIdKind,
    pub(crate) index: String,
}

impl State {
    /// Adds a service provider, or replaces what was known of it.
    pub(crate) fn register(&self, provider: ServiceProvider) {
        let mut providers = self.providers.lock();
        providers.retain(|known| known.entity_id != provider.entity_id);
        providers.push(provider);
    }

    pub(crate) fn provider(&self, entity_id: &str) -> Option<ServiceProvider> {
        let providers = self.providers.lock();
        providers
            .iter()
            .find(|known| known.entity_id == entity_id)
            .cloned()
    }

    /// The service provider that came first.
    pub(crate) fn first_provider(&self) -> Option<ServiceProvider> {
        self.providers.lock().first().cloned()
    }

    /// Keeps a request until the person has chosen; the ticket finds it again, any number of times, as a person who
    /// goes back may choose again.
    pub(crate) fn keep(&self, request: &SignOn) -> String {
        let ticket = super::fresh_id();
        self.waiting.lock().insert(ticket.clone(), request.clone());
        ticket
    }

    pub(crate) fn kept(&self, ticket: &str) -> Option<SignOn> {
        self.waiting.lock().get(ticket).cloned()
    }

    /// Whether the id of a request is new.
    pub(crate) fn first_time(&self, id: &str) -> bool {
        self.seen.lock().insert(id.to_owned())
    }

    pub(crate) fn began(&self, session: Session) {
        self.sessions.lock().push(session);
    }

    /// Somebody's sessions.
    pub(crate) fn sessions_of(&self, person: &str) -> Vec<Session> {
        let sessions = self.sessions.lock();
        sessions
            .iter()
            .filter(|session| session.person == person)
            .cloned()
            .collect()
    }

    /// Ends the sessions at a service provider, all of that name or those with an index; returns how many.
    pub(crate) fn end(&self, provider: &str, name: &str, indexes: &[String]) -> usize {
        let mut sessions = self.sessions.lock();
        let before = sessions.len();
        sessions.retain(|session| {
            let named = session.provider == provider && session.name == name;
            let meant = indexes.is_empty() || indexes.contains(&session.index);
            !(named && meant)
        });
        before - sessions.len()
    }

    pub(crate) fn ask(&self, id: &str) {
        self.asked.lock().insert(id.to_owned());
    }

    /// Whether we asked that and it was not answered before.
    pub(crate) fn answered(&self, id: &str) -> bool {
        self.asked.lock().remove(id)
    }

    /// The id of the assertion before, which `id` takes the place of.
    pub(crate) fn last_assertion(&self, id: &str) -> Option<String> {
        self.last_assertion.lock().replace(id.to_owned())
    }
}
