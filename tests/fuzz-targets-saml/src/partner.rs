//! A partner with keys of its own, and a sign-in that waits for its answer.

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::{OaepPublicEncryptingKey, PublicEncryptingKey};
use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use plugins_saml::Saml;
use plugins_sdk::message::{Event, Fields, Step};
use plugins_sdk::testing::{Driver, input, open_request};
use rcgen::{
    CertificateParams, KeyPair, PKCS_ECDSA_P256_SHA256, PKCS_RSA_SHA256, PublicKeyData as _,
    RsaKeySize,
};
use serde_json::json;
use url::Url;

/// The moment at which everything is good, seconds since the Unix epoch.
pub(crate) const NOW: i64 = 1_795_262_400;
pub(crate) const PARTNER: &str = "https://idp.example/saml";
pub(crate) const AUDIENCE: &str = "https://gateway.example/saml";
pub(crate) const DOMAIN: &str = "partner.example";

/// A sign-in at a partner whose certificate the settings hold.
pub(crate) struct Partner {
    driver: Driver<Saml>,
    state: String,
    /// The id of the request that it answers.
    pub(crate) request: String,
    signing: EcdsaKeyPair,
    /// What assertions are encrypted to.
    pub(crate) encryption: OaepPublicEncryptingKey,
}

impl Partner {
    /// Makes keys, which are new in each process, and begins to sign somebody in.
    pub(crate) fn begin() -> Option<Self> {
        let signing = KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256).ok()?;
        let opening = KeyPair::generate_rsa_for(&PKCS_RSA_SHA256, RsaKeySize::_2048).ok()?;
        let certificate = CertificateParams::new(vec!["idp.example".to_owned()])
            .and_then(|parameters| parameters.self_signed(&signing))
            .ok()?;
        let settings = json!({
            "entity_id": PARTNER,
            "own_entity_id": AUDIENCE,
            "domains": [DOMAIN],
            "partner_certificates": [certificate.pem()],
            "passiveSignInUri": "https://idp.partner.example/sso",
            "decryption_keys": [opening.serialize_pem()],
            "email_attribute": "mail",
        });
        let driver = Driver::<Saml>::open(&open_request(settings)).ok()?;
        let start = Event::Start {
            address: None,
            fresh: false,
            contexts: Vec::new(),
            second_factor: false,
        };
        let Ok(Step::Redirect { url, state }) = driver.step(&input(start, None, NOW)) else {
            return None;
        };
        let public = PublicEncryptingKey::from_der(&opening.subject_public_key_info()).ok()?;
        Some(Self {
            driver,
            state,
            request: request_id(&url)?,
            signing: EcdsaKeyPair::from_pkcs8(
                &ECDSA_P256_SHA256_FIXED_SIGNING,
                &signing.serialize_der(),
            )
            .ok()?,
            encryption: OaepPublicEncryptingKey::new(public).ok()?,
        })
    }

    pub(crate) fn sign(&self, octets: &[u8]) -> Vec<u8> {
        let signature = self.signing.sign(&SystemRandom::new(), octets);
        signature.map_or_else(|_| Vec::new(), |signature| signature.as_ref().to_vec())
    }

    /// What the provider makes of a response that the browser brings: the same each time, and a step that is taken.
    pub(crate) fn judge(&self, response: &str) -> Step {
        let form = [
            ("RelayState", "AAAAAAAAAAAAAAAAAAAAAA".to_owned()),
            ("SAMLResponse", STANDARD.encode(response)),
        ];
        let callback = Event::Callback {
            query: Fields::new(),
            form: form.map(|(name, value)| (name.to_owned(), value)).into(),
            raw_query: None,
        };
        twice(&self.driver, callback, &self.state)
    }
}

/// The step, which must be one that the gateway takes, and the same the second time.
pub(crate) fn twice(driver: &Driver<Saml>, event: Event, state: &str) -> Step {
    let question = input(event, Some(state.to_owned()), NOW);
    let once = || match driver.step(&question) {
        Ok(step) => step,
        Err(broken) => panic!("{broken}"),
    };
    let (first, second) = (once(), once());
    if first != second {
        panic!("the same input is answered differently: {first:?}, {second:?}");
    }
    first
}

fn request_id(url: &str) -> Option<String> {
    let url = Url::parse(url).ok()?;
    let (_, packed) = url.query_pairs().find(|(name, _)| name == "SAMLRequest")?;
    let deflated = STANDARD.decode(packed.as_bytes()).ok()?;
    let request = miniz_oxide::inflate::decompress_to_vec(&deflated).ok()?;
    let request = String::from_utf8(request).ok()?;
    let (_, rest) = request.split_once(" ID=\"")?;
    rest.split('"').next().map(str::to_owned)
}
