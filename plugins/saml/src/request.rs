//! The request to sign a person in (SAML core, 3.4.1).

use crate::federation::Federation;
use crate::metadata::Partner;
use crate::moment;
use crate::phase::Wish;
use crate::place::Own;
use crate::rejection::Failed;
use crate::send::{Envelope, Sent, send};
use crate::trust::{Binding, Endpoint};
use crate::xml_out::Element;

const BY_POST: &str = "urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST";

/// One request.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Request<'a> {
    pub(crate) federation: &'a Federation,
    pub(crate) own: &'a Own,
    /// At least 128 random bits.
    pub(crate) id: &'a str,
    pub(crate) wish: Wish,
    /// Comes back with the answer.
    pub(crate) relay_state: &'a str,
    /// Seconds since the Unix epoch.
    pub(crate) now: i64,
}

impl Request<'_> {
    pub(crate) fn send(&self, partner: &Partner) -> Result<Sent, Failed> {
        let key = self.federation.key.as_ref();
        if partner.wants_signed_requests && key.is_none() {
            return Err(Failed::MustSign);
        }
        let places = &partner.provider.single_sign_on;
        let place = preferred(places, self.federation.binding).ok_or(Failed::UnexpectedEvent)?;
        let envelope = Envelope {
            binding: place.binding,
            location: &place.location,
            parameter: "SAMLRequest",
            relay_state: Some(self.relay_state),
            key,
        };
        Ok(send(self.message(&place.location)?, self.id, &envelope)?)
    }

    fn message(&self, destination: &str) -> Result<Element, Failed> {
        let issued = moment::write(self.now).ok_or(Failed::InputUnusable("now"))?;
        let request = Element::new("samlp", "AuthnRequest")
            .attribute("ID", self.id)
            .attribute("Version", "2.0")
            .attribute("IssueInstant", issued)
            .attribute("Destination", destination)
            .attribute("AssertionConsumerServiceURL", &*self.own.consumer)
            .attribute("ProtocolBinding", BY_POST)
            .optional("ForceAuthn", self.wish.fresh.then_some("true"))
            .child(issuer(self.federation.audience(self.own)));
        Ok(request
            .children(self.name_id_policy())
            .children(self.context()))
    }

    fn name_id_policy(&self) -> Option<Element> {
        let format = self.federation.name_id_format?;
        let policy = Element::new("samlp", "NameIDPolicy")
            .attribute("AllowCreate", "true")
            .attribute("Format", format);
        Some(policy)
    }

    fn context(&self) -> Option<Element> {
        let context = self.federation.second_factor_context.as_deref();
        let class = Element::new("saml", "AuthnContextClassRef")
            .text(context.filter(|_| self.wish.second_factor)?);
        let requested = Element::new("samlp", "RequestedAuthnContext")
            .attribute("Comparison", "exact")
            .child(class);
        Some(requested)
    }
}

/// Who speaks, first in every message of ours.
pub(crate) fn issuer(entity_id: &str) -> Element {
    Element::new("saml", "Issuer").text(entity_id)
}

/// The place of that binding, or else the first.
fn preferred(places: &[Endpoint], binding: Binding) -> Option<&Endpoint> {
    let fitting = places.iter().find(|place| place.binding == binding);
    fitting.or_else(|| places.first())
}
