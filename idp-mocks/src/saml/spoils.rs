//! The misbehaviours in force while one request is answered.

use std::collections::BTreeSet;

use super::fault::SamlFault;
use crate::misbehaviour::Misbehaviour;

/// They do not change between two looks.
pub(crate) struct Spoils(pub(crate) BTreeSet<Misbehaviour>);

impl Spoils {
    pub(crate) fn has(&self, fault: SamlFault) -> bool {
        self.0.contains(&Misbehaviour::Saml(fault))
    }

    /// One of those that other providers have too.
    pub(crate) fn has_usual(&self, misbehaviour: Misbehaviour) -> bool {
        self.0.contains(&misbehaviour)
    }
}
