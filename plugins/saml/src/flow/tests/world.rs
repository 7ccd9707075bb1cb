//! A partner organisation: its keys, its metadata, what it sends.

use std::sync::OnceLock;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use plugins_sdk::message::{Claims, Event, Fields, Freshness, RejectReason, Step};
use plugins_sdk::testing::{Driver, input, open_request};
use rcgen::{CertificateParams, KeyPair, PKCS_ECDSA_P256_SHA256, PKCS_RSA_SHA256, RsaKeySize};
use serde_json::{Value, json};

use crate::Saml;
use crate::key::SigningKey;
use crate::moment;
use crate::send::signature;
use crate::xml_out::Element;

pub(super) const NOW: i64 = 1_795_262_400;
pub(super) const PARTNER: &str = "https://idp.fabrikam.example/entity";
pub(super) const SSO: &str = "https://idp.fabrikam.example/sso";
pub(super) const SLO: &str = "https://idp.fabrikam.example/slo";
pub(super) const METADATA_URL: &str = "https://metadata.fabrikam.example/idp";
pub(super) const CONSUMER: &str = "https://contoso.localhost/_vestibule/callback/test";
pub(super) const LOGOUT: &str = "https://contoso.localhost/_vestibule/logout/test";
pub(super) const AUDIENCE: &str = "https://contoso.localhost/_vestibule/metadata/test";
pub(super) const ATTEMPT: &str = "AAAAAAAAAAAAAAAAAAAAAA";
pub(super) const PERSISTENT: &str = "urn:oasis:names:tc:SAML:2.0:nameid-format:persistent";
pub(super) const TRANSIENT: &str = "urn:oasis:names:tc:SAML:2.0:nameid-format:transient";
pub(super) const EMAIL: &str = "http://schemas.xmlsoap.org/ws/2005/05/identity/claims/emailaddress";

/// A key pair with its certificate.
pub(super) struct TestKey {
    pub(super) private_pem: String,
    pub(super) private_der: Vec<u8>,
    pub(super) certificate_pem: String,
    pub(super) certificate_der: Vec<u8>,
}

impl TestKey {
    fn new(pair: &KeyPair) -> Self {
        let parameters = CertificateParams::new(vec!["test.example".to_owned()]).unwrap();
        let certificate = parameters.self_signed(pair).unwrap();
        Self {
            private_pem: pair.serialize_pem(),
            private_der: pair.serialize_der(),
            certificate_pem: certificate.pem(),
            certificate_der: certificate.der().to_vec(),
        }
    }

    pub(super) fn base64(&self) -> String {
        STANDARD.encode(&self.certificate_der)
    }

    pub(super) fn signing(&self) -> SigningKey {
        SigningKey::new(&self.private_der, self.certificate_der.clone()).unwrap()
    }
}

macro_rules! keys {
    ($($name:ident = $make:expr;)*) => {
        $(pub(super) fn $name() -> &'static TestKey {
            static KEY: OnceLock<TestKey> = OnceLock::new();
            KEY.get_or_init(|| TestKey::new(&$make.unwrap()))
        })*
    };
}

keys! {
    partner_key = KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256);
    next_partner_key = KeyPair::generate_rsa_for(&PKCS_RSA_SHA256, RsaKeySize::_2048);
    strange_key = KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256);
    own_key = KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256);
    own_rsa_key = KeyPair::generate_rsa_for(&PKCS_RSA_SHA256, RsaKeySize::_2048);
}

/// A key that nobody has seen before.
pub(super) fn fresh_key() -> TestKey {
    TestKey::new(&KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256).unwrap())
}

/// The partner's metadata with these key descriptors: `use` and certificate in base64.
pub(super) fn metadata(keys: &[(&str, String)]) -> String {
    metadata_of(PARTNER, keys)
}

pub(super) fn metadata_of(entity: &str, keys: &[(&str, String)]) -> String {
    let descriptors: String = keys
        .iter()
        .map(|(purpose, certificate)| {
            let purpose = match *purpose {
                "" => String::new(),
                purpose => format!(" use=\"{purpose}\""),
            };
            format!(
                "<md:KeyDescriptor{purpose}><ds:KeyInfo xmlns:ds=\"http://www.w3.org/2000/09/xmldsig#\"><ds:X509Data><ds:X509Certificate>\n{certificate}\n</ds:X509Certificate></ds:X509Data></ds:KeyInfo></md:KeyDescriptor>"
            )
        })
        .collect();
    format!(
        r#"<?xml version="1.0" encoding="UTF-8"?>
<!-- written by hand -->
<md:EntityDescriptor xmlns:md="urn:oasis:names:tc:SAML:2.0:metadata" entityID="{entity}">
  <md:IDPSSODescriptor protocolSupportEnumeration="urn:oasis:names:tc:SAML:2.0:protocol">
    {descriptors}
    <md:SingleLogoutService Binding="urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect" Location="{SLO}" ResponseLocation="{SLO}/done"/>
    <md:SingleLogoutService Binding="urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST" Location="{SLO}"/>
    <md:SingleSignOnService Binding="urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect" Location="{SSO}"/>
    <md:SingleSignOnService Binding="urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST" Location="{SSO}"/>
    <md:SingleSignOnService Binding="urn:oasis:names:tc:SAML:2.0:bindings:SOAP" Location="http://elsewhere.example/soap"/>
  </md:IDPSSODescriptor>
</md:EntityDescriptor>"#
    )
}

pub(super) fn good_metadata() -> String {
    metadata(&[("signing", partner_key().base64())])
}

/// Settings with metadata by text, and what `further` says.
pub(super) fn settings(further: &Value) -> Value {
    let base = json!({
        "entity_id": PARTNER,
        "metadata": good_metadata(),
        "domains": ["fabrikam.example"],
        "signing_key": own_key().private_pem,
        "signing_certificate": own_key().certificate_pem,
    });
    merged(base, further)
}

/// Settings with metadata by URL, and what `further` says.
pub(super) fn fetched_settings(further: &Value) -> Value {
    let base = json!({ "metadata": null, "metadata_url": METADATA_URL, "passiveSignInUri": SSO });
    settings(&merged(base, further))
}

/// `null` takes a key away.
fn merged(mut base: Value, further: &Value) -> Value {
    let entries = base.as_object_mut().unwrap();
    for (key, value) in further.as_object().unwrap() {
        entries.insert(key.clone(), value.clone());
    }
    base
}

pub(super) fn open(settings: &Value) -> Driver<Saml> {
    let mut settings = settings.clone();
    settings
        .as_object_mut()
        .unwrap()
        .retain(|_, value| !value.is_null());
    Driver::open(&open_request(settings)).unwrap()
}

pub(super) fn start() -> Event {
    Event::Start {
        address: Some("ada@fabrikam.example".to_owned()),
        fresh: false,
        contexts: Vec::new(),
        second_factor: false,
    }
}

pub(super) fn step(driver: &Driver<Saml>, event: Event, state: Option<String>, now: i64) -> Step {
    driver.step(&input(event, state, now)).unwrap()
}

pub(super) fn fetched(body: &str) -> Event {
    fetched_at(body, NOW)
}

pub(super) fn fetched_at(body: &str, fetched_at: i64) -> Event {
    Event::Response {
        status: 200,
        headers: Fields::new(),
        body: body.to_owned(),
        fetched_at,
    }
}

/// Starts a sign-in; metadata that is asked for is `document`.
pub(super) fn begin(driver: &Driver<Saml>, event: Event, document: &str) -> Step {
    match step(driver, event, None, NOW) {
        Step::Fetch {
            request,
            freshness,
            state,
        } => {
            assert_eq!(
                (request.url.as_str(), freshness),
                (METADATA_URL, Freshness::Cached)
            );
            step(driver, fetched(document), Some(state), NOW)
        }
        step => step,
    }
}

/// The id of the request that went out, and the state.
pub(super) fn asked(step: &Step) -> (String, String) {
    let Step::Redirect { url, state } = step else {
        panic!("{step:?}");
    };
    (attribute(&request_of(url), "ID"), state.clone())
}

/// The message of a redirect.
pub(super) fn request_of(url: &str) -> String {
    message_of(url, "SAMLRequest")
}

pub(super) fn message_of(url: &str, parameter: &str) -> String {
    let url = url::Url::parse(url).unwrap();
    let (_, packed) = url
        .query_pairs()
        .find(|(name, _)| name == parameter)
        .unwrap();
    let deflated = STANDARD.decode(packed.as_bytes()).unwrap();
    String::from_utf8(miniz_oxide::inflate::decompress_to_vec(&deflated).unwrap()).unwrap()
}

/// An attribute of the document's root.
pub(super) fn attribute(xml: &str, name: &str) -> String {
    let document = uppsala::parse(xml).unwrap();
    let root = document.document_element().unwrap();
    document.get_attribute(root, name).unwrap().to_owned()
}

/// What the partner answers.
#[derive(Clone)]
pub(super) struct Answer {
    pub(super) in_response_to: String,
    pub(super) name: (Option<&'static str>, String),
    pub(super) qualifiers: (Option<String>, Option<String>),
    pub(super) session: Option<String>,
    pub(super) context: &'static str,
    pub(super) attributes: Vec<(String, Vec<String>)>,
    pub(super) issuer: String,
    pub(super) audience: String,
    pub(super) destination: String,
    pub(super) authenticated_at: i64,
    pub(super) status: &'static str,
    pub(super) id: String,
}

impl Answer {
    pub(super) fn to(request_id: &str) -> Self {
        Self {
            in_response_to: request_id.to_owned(),
            name: (Some(PERSISTENT), "a-1".to_owned()),
            qualifiers: (None, None),
            session: Some("s-1".to_owned()),
            context: "urn:oasis:names:tc:SAML:2.0:ac:classes:PasswordProtectedTransport",
            attributes: vec![(EMAIL.to_owned(), vec!["ada@fabrikam.example".to_owned()])],
            issuer: PARTNER.to_owned(),
            audience: AUDIENCE.to_owned(),
            destination: CONSUMER.to_owned(),
            authenticated_at: NOW,
            status: "urn:oasis:names:tc:SAML:2.0:status:Success",
            id: "_assertion".to_owned(),
        }
    }

    fn name_id(&self) -> Element {
        Element::new("saml", "NameID")
            .optional("Format", self.name.0)
            .optional("NameQualifier", self.qualifiers.0.as_deref())
            .optional("SPNameQualifier", self.qualifiers.1.as_deref())
            .text(&*self.name.1)
    }

    fn assertion(&self) -> Element {
        let at = |moment| moment::write(moment).unwrap();
        let saml = |name| Element::new("saml", name);
        let confirmation = saml("SubjectConfirmationData")
            .attribute("InResponseTo", &*self.in_response_to)
            .attribute("NotOnOrAfter", at(NOW + 300))
            .attribute("Recipient", CONSUMER);
        let confirmation = saml("SubjectConfirmation")
            .attribute("Method", "urn:oasis:names:tc:SAML:2.0:cm:bearer")
            .child(confirmation);
        let audience = saml("Audience").text(&*self.audience);
        let conditions = saml("Conditions")
            .attribute("NotBefore", at(NOW - 60))
            .attribute("NotOnOrAfter", at(NOW + 300))
            .child(saml("AudienceRestriction").child(audience));
        let context = saml("AuthnContextClassRef").text(self.context);
        let statement = saml("AuthnStatement")
            .attribute("AuthnInstant", at(self.authenticated_at))
            .optional("SessionIndex", self.session.as_deref())
            .child(saml("AuthnContext").child(context));
        let attributes = self.attributes.iter().map(|(name, values)| {
            let values = values
                .iter()
                .map(|value| saml("AttributeValue").text(&**value));
            saml("Attribute")
                .attribute("Name", &**name)
                .children(values)
        });
        let attributes =
            (!self.attributes.is_empty()).then(|| saml("AttributeStatement").children(attributes));
        saml("Assertion")
            .attribute("ID", &*self.id)
            .attribute("Version", "2.0")
            .attribute("IssueInstant", at(NOW))
            .child(saml("Issuer").text(&*self.issuer))
            .child(saml("Subject").child(self.name_id()).child(confirmation))
            .child(conditions)
            .child(statement)
            .children(attributes)
    }

    fn response(&self, assertion: Option<Element>) -> Element {
        let code = Element::new("samlp", "StatusCode").attribute("Value", self.status);
        Element::new("samlp", "Response")
            .attribute("ID", "_response")
            .attribute("Version", "2.0")
            .attribute("IssueInstant", moment::write(NOW).unwrap())
            .attribute("Destination", &*self.destination)
            .attribute("InResponseTo", &*self.in_response_to)
            .child(Element::new("saml", "Issuer").text(&*self.issuer))
            .child(Element::new("samlp", "Status").child(code))
            .children(assertion)
    }

    /// The response, signed as a whole.
    pub(super) fn signed(&self, key: &TestKey) -> String {
        let response = self.response(Some(self.assertion()));
        let signature = signature(&response, "_response", &key.signing()).unwrap();
        response.insert_second(signature).write()
    }

    /// The response with its assertion signed.
    pub(super) fn with_signed_assertion(&self, key: &TestKey) -> String {
        let assertion = self.assertion();
        let signature = signature(&assertion, &self.id, &key.signing()).unwrap();
        self.response(Some(assertion.insert_second(signature)))
            .write()
    }

    pub(super) fn unsigned(&self) -> String {
        self.response(Some(self.assertion())).write()
    }

    pub(super) fn without_assertion(&self) -> String {
        self.response(None).write()
    }
}

/// The browser posts a response.
pub(super) fn callback(response: &str) -> Event {
    callback_with(&[
        ("SAMLResponse", &STANDARD.encode(response)),
        ("RelayState", ATTEMPT),
    ])
}

pub(super) fn callback_with(form: &[(&str, &str)]) -> Event {
    Event::Callback {
        query: Fields::new(),
        form: fields(form),
        raw_query: None,
    }
}

pub(super) fn fields(pairs: &[(&str, &str)]) -> Fields {
    pairs
        .iter()
        .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
        .collect()
}

/// A whole sign-in with what `change` makes of the answer.
pub(super) fn sign_in(settings: &Value, change: impl FnOnce(&mut Answer)) -> Step {
    let driver = open(settings);
    let (id, state) = asked(&begin(&driver, start(), &good_metadata()));
    let mut answer = Answer::to(&id);
    change(&mut answer);
    step(
        &driver,
        callback(&answer.signed(partner_key())),
        Some(state),
        NOW,
    )
}

pub(super) fn done(step: Step) -> Claims {
    match step {
        Step::Done { claims, .. } => claims,
        other => panic!("{other:?}"),
    }
}

/// Asserts that the step is a rejection for that reason, whose detail holds `about`.
pub(super) fn rejected(step: &Step, reason: RejectReason, about: &str) {
    match step {
        Step::Reject {
            reason: given,
            detail,
        } if *given == reason && detail.contains(about) => {}
        other => panic!("{reason:?} about `{about}` was wanted: {other:?}"),
    }
}
