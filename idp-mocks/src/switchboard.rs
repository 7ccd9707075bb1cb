//! Which misbehaviours are switched on, for which service.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use crate::misbehaviour::{Endpoint, Misbehaviour, NotApplicable};
use crate::service::Service;
use crate::shared::Guarded;

/// The misbehaviours in force. Cheap to ask, safe to switch while requests run.
pub(crate) struct Switchboard {
    active: Guarded<BTreeMap<(Service, Misbehaviour), Option<Endpoint>>>,
    delay: Guarded<Duration>,
}

impl Switchboard {
    pub(crate) fn new(delay: Duration) -> Self {
        Self {
            active: Guarded::new(BTreeMap::new()),
            delay: Guarded::new(delay),
        }
    }

    /// Switches `misbehaviour` on, at every endpoint that machines call or at one alone.
    pub(crate) fn on(
        &self,
        service: Service,
        misbehaviour: Misbehaviour,
        endpoint: Option<Endpoint>,
    ) -> Result<(), NotApplicable> {
        misbehaviour.check_applies_to(service)?;
        self.active.lock().insert((service, misbehaviour), endpoint);
        Ok(())
    }

    pub(crate) fn off(&self, service: Service, misbehaviour: Misbehaviour) {
        self.active.lock().remove(&(service, misbehaviour));
    }

    pub(crate) fn all_off(&self, service: Service) {
        self.active.lock().retain(|(of, _), _| *of != service);
    }

    /// How long [`Misbehaviour::Slow`] waits.
    pub(crate) fn delay(&self) -> Duration {
        *self.delay.lock()
    }

    pub(crate) fn set_delay(&self, delay: Duration) {
        *self.delay.lock() = delay;
    }

    pub(crate) fn active(&self, service: Service) -> BTreeSet<Misbehaviour> {
        let active = self.active.lock();
        active
            .keys()
            .filter(|(of, _)| *of == service)
            .map(|(_, what)| *what)
            .collect()
    }

    pub(crate) fn has(&self, service: Service, misbehaviour: impl Into<Misbehaviour>) -> bool {
        self.active
            .lock()
            .contains_key(&(service, misbehaviour.into()))
    }

    pub(crate) fn has_at(
        &self,
        service: Service,
        what: impl Into<Misbehaviour>,
        at: Endpoint,
    ) -> bool {
        match self.active.lock().get(&(service, what.into())) {
            None => false,
            // A person who looks at the sign-in page is not what a fault of the transport is for.
            Some(None) => at != Endpoint::Authorize,
            Some(Some(only)) => *only == at,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn board() -> Switchboard {
        Switchboard::new(Duration::ZERO)
    }

    #[test]
    fn a_misbehaviour_touches_only_its_service() {
        let board = board();
        board
            .on(Service::Google, Misbehaviour::Expired, None)
            .unwrap();
        assert!(board.has(Service::Google, Misbehaviour::Expired));
        assert!(!board.has(Service::EntraChina, Misbehaviour::Expired));
        board.all_off(Service::Google);
        assert!(!board.has(Service::Google, Misbehaviour::Expired));
    }

    #[test]
    fn the_sign_in_page_is_spoiled_only_when_named() {
        let board = board();
        board.on(Service::Google, Misbehaviour::Slow, None).unwrap();
        assert!(board.has_at(Service::Google, Misbehaviour::Slow, Endpoint::Token));
        assert!(!board.has_at(Service::Google, Misbehaviour::Slow, Endpoint::Authorize));
        board
            .on(
                Service::Google,
                Misbehaviour::Slow,
                Some(Endpoint::Authorize),
            )
            .unwrap();
        assert!(!board.has_at(Service::Google, Misbehaviour::Slow, Endpoint::Token));
        assert!(board.has_at(Service::Google, Misbehaviour::Slow, Endpoint::Authorize));
    }

    #[test]
    fn what_means_nothing_for_a_service_is_refused() {
        let refused = board().on(Service::Google, Misbehaviour::TidMismatch, None);
        assert_eq!(
            refused.unwrap_err().to_string(),
            "`tid-mismatch` means nothing for `google`"
        );
    }
}
