//! Single logout (SAML profiles, 4.4): telling the partner, and being told. Every message is signed.

use aws_lc_rs::hmac;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use plugins_sdk::message::{Consume, Onward, Step};

use crate::accepted::NameId;
use crate::federation::Federation;
use crate::hint;
use crate::message::{
    LONGEST_AGE, LogoutRequest, MessageSignature, logout_request, logout_response,
};
use crate::metadata::Partner;
use crate::moment;
use crate::person::{self, Parties};
use crate::phase::{Carried, Message, SignOut, Told};
use crate::place::Own;
use crate::redirect::verify_redirect;
use crate::rejection::Failed;
use crate::request::issuer;
use crate::send::{Envelope, Sent, send};
use crate::trust::Endpoint;
use crate::xml_out::Element;

/// How long a request of ours may be on its way, seconds.
const REQUEST_LIFE: i64 = 300;
/// Longest `RelayState` that is sent back, bytes. The standard says 80; partners use more.
const MOST_RELAY_STATE: usize = 1024;

const SUCCESS: &str = "urn:oasis:names:tc:SAML:2.0:status:Success";

/// Both directions of one federation, at one of our hosts.
#[derive(Clone, Copy)]
pub(crate) struct Logout<'a> {
    pub(crate) federation: &'a Federation,
    pub(crate) partner: &'a Partner,
    pub(crate) own: &'a Own,
    /// Makes ids that only we could have made.
    pub(crate) instance_key: &'a hmac::Key,
    /// Fresh, at least 128 random bits.
    pub(crate) id: &'a str,
    /// Seconds since the Unix epoch.
    pub(crate) now: i64,
}

impl Logout<'_> {
    /// Sends the browser to the partner, to end the session there too.
    ///
    /// - `relay_state`: comes back with the answer; names this sign-out.
    pub(crate) fn tell(&self, sign_out: &SignOut, relay_state: &str) -> Result<Step, Failed> {
        let key = self.federation.key.as_ref().ok_or(Failed::NoSingleLogout)?;
        let place = self.place().ok_or(Failed::NoSingleLogout)?;
        let (name, session) =
            hint::read(&sign_out.logout_hint, self.parties()).ok_or(Failed::NothingToSignOut)?;
        let id = self.request_id(relay_state);
        let request = self
            .message("LogoutRequest", &id, &place.location)?
            .optional(
                "NotOnOrAfter",
                moment::write(self.now.saturating_add(REQUEST_LIFE)).as_deref(),
            )
            .child(name_id(&name))
            .children(session.map(|index| Element::new("samlp", "SessionIndex").text(index)));
        let envelope = Envelope {
            binding: place.binding,
            location: &place.location,
            parameter: "SAMLRequest",
            relay_state: Some(relay_state),
            key: Some(key),
        };
        let state = String::new();
        Ok(match send(request, &id, &envelope)? {
            Sent::Redirect { url } => Step::Redirect { url, state },
            Sent::Post { url, fields } => Step::Post { url, fields, state },
        })
    }

    /// Judges what came to the logout address.
    pub(crate) fn told(&self, told: &Told) -> Result<Step, Failed> {
        match told.message {
            Message::Request => self.asked(told),
            Message::Response => self.answered(told),
        }
    }

    /// The partner ends sessions.
    fn asked(&self, told: &Told) -> Result<Step, Failed> {
        let (xml, signature) = self.open(told)?;
        let request = logout_request(
            &xml,
            &self.partner.provider,
            signature,
            &self.own.logout,
            self.federation.skew,
            self.now,
        )?;
        let (sid, sub) = self.ended(&request)?;
        // The same moment at which the message is too old to be believed a second time anyway.
        let window = LONGEST_AGE.saturating_add(self.federation.skew.saturating_mul(2));
        Ok(Step::Ended {
            issuer: self.federation.pinned.entity_id.clone(),
            sid,
            sub,
            at: Some(request.issued_at.saturating_add(self.federation.skew)),
            consume: vec![Consume {
                id: format!("logout:{}", person::hash(&[&request.id])),
                until: self.now.saturating_add(window),
            }],
            then: self.answer(&request, told.relay_state.as_deref())?,
        })
    }

    /// One session where the partner names one; all of the person's otherwise, if the partner's name for the person is what
    /// the person is known by here.
    fn ended(&self, request: &LogoutRequest) -> Result<(Option<String>, Option<String>), Failed> {
        let parties = self.parties();
        let mut sessions: Vec<&str> = request.session_indexes.iter().map(String::as_str).collect();
        sessions.sort_unstable();
        sessions.dedup();
        if let [session] = sessions.as_slice() {
            let sid = person::session_key(&request.name_id, session, parties);
            return Ok((Some(sid), None));
        }
        if self.federation.identity.subject_attribute.is_some() {
            return Err(Failed::SessionUnclear);
        }
        let sub = person::person_key(&request.name_id, parties);
        Ok((None, Some(sub.map_err(|_| Failed::SessionUnclear)?)))
    }

    /// What the partner is told when the sessions have ended; nothing where it takes no answer or we cannot sign one.
    fn answer(
        &self,
        request: &LogoutRequest,
        relay_state: Option<&str>,
    ) -> Result<Option<Onward>, Failed> {
        let (Some(key), Some(place)) = (&self.federation.key, self.place()) else {
            return Ok(None);
        };
        let location = place.response_location.as_ref().unwrap_or(&place.location);
        let code = Element::new("samlp", "StatusCode").attribute("Value", SUCCESS);
        let response = self
            .message("LogoutResponse", self.id, location)?
            .attribute("InResponseTo", &*request.id)
            .child(Element::new("samlp", "Status").child(code));
        let envelope = Envelope {
            binding: place.binding,
            location,
            parameter: "SAMLResponse",
            relay_state: relay_state.filter(|text| text.len() <= MOST_RELAY_STATE),
            key: Some(key),
        };
        Ok(Some(match send(response, self.id, &envelope)? {
            Sent::Redirect { url } => Onward::Redirect { url },
            Sent::Post { url, fields } => Onward::Post { url, fields },
        }))
    }

    /// The partner answers a sign-out that began here. Nothing was remembered of it: its id is one that only we can
    /// have made, for this `RelayState`.
    fn answered(&self, told: &Told) -> Result<Step, Failed> {
        let (xml, signature) = self.open(told)?;
        let response = logout_response(
            &xml,
            &self.partner.provider,
            signature,
            &self.own.logout,
            self.federation.skew,
            self.now,
        )?;
        let relay_state = told.relay_state.as_deref().unwrap_or_default();
        if response.in_response_to != self.request_id(relay_state) {
            return Err(Failed::ForeignLogoutResponse);
        }
        if !response.success {
            return Err(Failed::NotSignedOut);
        }
        Ok(Step::SignedOut {})
    }

    fn open(&self, told: &Told) -> Result<(Vec<u8>, MessageSignature), Failed> {
        match &told.carried {
            Carried::Query(query) => {
                let parameter = told.message.parameter();
                let xml = verify_redirect(query, parameter, &self.partner.provider)?;
                Ok((xml, MessageSignature::Detached))
            }
            Carried::Form(packed) => Ok((packed.open()?, MessageSignature::Enveloped)),
        }
    }

    fn message(&self, name: &'static str, id: &str, destination: &str) -> Result<Element, Failed> {
        let issued = moment::write(self.now).ok_or(Failed::InputUnusable("now"))?;
        Ok(Element::new("samlp", name)
            .attribute("ID", id)
            .attribute("Version", "2.0")
            .attribute("IssueInstant", issued)
            .attribute("Destination", destination)
            .child(issuer(self.federation.audience(self.own))))
    }

    /// Where the partner takes sign-outs: the first place that its metadata lists is the one it prefers.
    fn place(&self) -> Option<&Endpoint> {
        self.partner.provider.single_logout.first()
    }

    fn request_id(&self, relay_state: &str) -> String {
        let context = ["saml logout request", self.own.logout.as_str(), relay_state];
        let tag = hmac::sign(self.instance_key, person::hash(&context).as_bytes());
        format!("_{}", URL_SAFE_NO_PAD.encode(tag))
    }

    fn parties(&self) -> Parties<'_> {
        Parties {
            issuer: &self.federation.pinned.entity_id,
            audience: self.federation.audience(self.own),
        }
    }
}

/// The name exactly as it came.
fn name_id(name: &NameId) -> Element {
    Element::new("saml", "NameID")
        .optional("Format", name.format.as_deref())
        .optional("NameQualifier", name.name_qualifier.as_deref())
        .optional("SPNameQualifier", name.sp_name_qualifier.as_deref())
        .text(&*name.value)
}
