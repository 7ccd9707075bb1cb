//! The response to a service provider: written honestly, spoilt as asked, signed, spoilt again.

mod draft;
mod signing;
mod wrapping;

use std::sync::Arc;

use super::binding;
use super::encrypt::{Damage, Transport, encrypted};
use super::fault::SamlFault;
use super::key::{Key, NoKey};
use super::manner::{Manner, NameIdKind};
use super::request::SignOn;
use super::signature::envelop;
use super::spoils::Spoils;
use super::tree::{Element, Node, ds, samlp};
use crate::world::Person;

pub(crate) use draft::Draft;
use signing::Notary;

/// More than anybody takes.
const LONG: usize = 600 * 1024;

/// What a response is made with.
pub(crate) struct Desk {
    pub(crate) entity_id: String,
    /// A page here that nobody has a reason to fetch.
    pub(crate) elsewhere: String,
    pub(crate) manner: Manner,
    pub(crate) key: Arc<Key>,
    pub(crate) stranger: Arc<Key>,
    /// The certificate that assertions are encrypted for.
    pub(crate) encrypts_for: Option<Vec<u8>>,
    pub(crate) spoils: Spoils,
    pub(crate) now: u64,
}

/// A response, and what its session is called.
pub(crate) struct Issued {
    /// The form's field.
    pub(crate) field: String,
    pub(crate) name: String,
    pub(crate) kind: NameIdKind,
    pub(crate) session_index: String,
    pub(crate) assertion_id: String,
}

impl Desk {
    /// The response that lets `person` in.
    ///
    /// - `before`: the id of the assertion before this one.
    pub(crate) fn admit(
        &self,
        wish: &SignOn,
        person: &Person,
        context: &str,
        before: Option<&str>,
    ) -> Result<Issued, NoKey> {
        let mut draft = Draft::honest(self, wish, person, context);
        draft.spoil(&self.spoils, before, self.now);
        let name = draft.name.clone().unwrap_or_default();
        let session_index = draft.session_index.clone();
        let assertion_id = draft.assertion_id.clone();
        Ok(Issued {
            field: self.seal(&draft)?,
            name,
            kind: draft.name_kind,
            session_index,
            assertion_id,
        })
    }

    /// The response that says no, with the status codes.
    pub(crate) fn refuse(&self, wish: &SignOn, codes: [&str; 2]) -> Result<String, NoKey> {
        let draft = Draft::refusal(self, wish, codes);
        let mut response = draft.response();
        let notary = Notary::new(self);
        let signature = notary.sign_whole(&response)?;
        envelop(&mut response, signature);
        Ok(binding::posted(&response.document()))
    }

    fn seal(&self, draft: &Draft) -> Result<String, NoKey> {
        let notary = Notary::new(self);
        let unsigned =
            self.spoils.has(SamlFault::Unsigned) || self.spoils.has(SamlFault::EncryptedUnsigned);
        let signs_assertion = self.manner.signs.assertion() && !unsigned;
        let signs_response = self.manner.signs.response() && !unsigned;
        let mut extensions = draft.extensions();
        let mut assertions = vec![draft.assertion()];
        if self.spoils.has(SamlFault::TwoAssertions) {
            assertions.push(draft.second_assertion());
        }
        if signs_assertion {
            for assertion in &mut assertions {
                let signature = notary.sign(assertion, &mut extensions)?;
                envelop(assertion, signature);
            }
        }
        let mut response = draft.response();
        for assertion in assertions {
            response = response.holding(self.perhaps_encrypted(assertion)?);
        }
        if !extensions.is_empty() {
            let mut all = samlp("Extensions");
            all.children = extensions.into_iter().map(Node::Element).collect();
            response.insert(1, all);
        }
        if signs_response {
            let mut more = Vec::new();
            let mut signature = notary.sign(&response, &mut more)?;
            // Nothing beside the signature is not part of what it is of.
            for element in more {
                signature = signature.holding(ds("Object").holding(element));
            }
            envelop(&mut response, signature);
        }
        wrapping::spoil(&mut response, &self.spoils, &draft.forged_address());
        if self.spoils.has(SamlFault::LongResponse) {
            response.children.push(Node::Raw(" ".repeat(LONG)));
        }
        let document = response.document();
        Ok(binding::posted(&wrapping::spoil_text(
            document,
            &self.spoils,
        )))
    }

    fn perhaps_encrypted(&self, assertion: Element) -> Result<Element, NoKey> {
        let Some(certificate) = &self.encrypts_for else {
            return Ok(assertion);
        };
        let forced = self.spoils.has(SamlFault::EncryptedUnsigned)
            || self.spoils.has(SamlFault::Rsa15)
            || self.damage() != Damage::None;
        let usual = forced.then_some(super::encrypt::Cipher::Aes256Gcm);
        let Some(cipher) = self.manner.encrypts.or(usual) else {
            return Ok(assertion);
        };
        let transport = if self.spoils.has(SamlFault::Rsa15) {
            Transport::Rsa15
        } else {
            self.manner.transport
        };
        encrypted(&assertion, certificate, cipher, transport, self.damage())
    }

    fn damage(&self) -> Damage {
        if self.spoils.has(SamlFault::ShortCiphertext) {
            Damage::Short
        } else if self.spoils.has(SamlFault::FlippedCiphertext) {
            Damage::Flipped
        } else if self.spoils.has(SamlFault::EncryptedNonsense) {
            Damage::Nonsense
        } else {
            Damage::None
        }
    }
}
