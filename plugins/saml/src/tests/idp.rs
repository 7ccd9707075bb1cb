//! A provider that signs whatever it is told to.

use std::sync::OnceLock;

use aws_lc_rs::digest::{SHA1_FOR_LEGACY_USE_ONLY, SHA256, SHA384, SHA512, digest};
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::KeyPair as RsaKeyPair;
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED_SIGNING, ECDSA_P384_SHA384_FIXED_SIGNING,
    ECDSA_P521_SHA512_FIXED_SIGNING, EcdsaKeyPair, RSA_PKCS1_SHA256, RSA_PKCS1_SHA384,
    RSA_PKCS1_SHA512,
};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bergshamra::c14n::{C14nMode, canonicalize_doc};
use bergshamra::xml::NodeSet;
use rcgen::{CertificateParams, RsaKeySize, SignatureAlgorithm};

use crate::accepted::{Accepted, NameId};
use crate::refused::Refused;
use crate::response::accept;
use crate::trust::{Binding, Endpoint, Expected, IdentityProvider};

pub(crate) const NOW: i64 = 1_795_262_400;
pub(crate) const CONSUMER: &str = "https://gateway.example/saml/acs";
pub(crate) const AUDIENCE: &str = "https://gateway.example/saml";
pub(crate) const PARTNER: &str = "https://idp.example/saml";
pub(crate) const REQUEST: &str = "_request-1";

/// A key with its certificate.
pub(crate) struct Signer {
    key: Key,
    pub(crate) pkcs8: Vec<u8>,
    pub(crate) certificate: Vec<u8>,
}

enum Key {
    Rsa(Box<RsaKeyPair>),
    Ec(EcdsaKeyPair, &'static str),
}

impl Signer {
    fn rsa() -> Self {
        let pair =
            rcgen::KeyPair::generate_rsa_for(&rcgen::PKCS_RSA_SHA256, RsaKeySize::_2048).unwrap();
        let pkcs8 = pair.serialize_der();
        let key = Key::Rsa(Box::new(RsaKeyPair::from_pkcs8(&pkcs8).unwrap()));
        Self {
            key,
            pkcs8,
            certificate: certificate(&pair),
        }
    }

    fn ec(kind: &'static SignatureAlgorithm, hash: &'static str) -> Self {
        let pair = rcgen::KeyPair::generate_for(kind).unwrap();
        let pkcs8 = pair.serialize_der();
        let signing = match hash {
            "sha256" => &ECDSA_P256_SHA256_FIXED_SIGNING,
            "sha384" => &ECDSA_P384_SHA384_FIXED_SIGNING,
            _ => &ECDSA_P521_SHA512_FIXED_SIGNING,
        };
        let key = Key::Ec(EcdsaKeyPair::from_pkcs8(signing, &pkcs8).unwrap(), hash);
        Self {
            key,
            pkcs8,
            certificate: certificate(&pair),
        }
    }

    /// The algorithm it signs with, for `hash` where it has the choice.
    pub(crate) fn method(&self, hash: &str) -> String {
        let name = match &self.key {
            Key::Rsa(_) => format!("rsa-{hash}"),
            Key::Ec(_, hash) => format!("ecdsa-{hash}"),
        };
        format!("http://www.w3.org/2001/04/xmldsig-more#{name}")
    }

    pub(crate) fn sign(&self, octets: &[u8], hash: &str) -> Vec<u8> {
        match &self.key {
            Key::Rsa(pair) => {
                let encoding = match hash {
                    "sha384" => &RSA_PKCS1_SHA384,
                    "sha512" => &RSA_PKCS1_SHA512,
                    _ => &RSA_PKCS1_SHA256,
                };
                let mut signature = vec![0; pair.public_modulus_len()];
                pair.sign(encoding, &SystemRandom::new(), octets, &mut signature)
                    .unwrap();
                signature
            }
            Key::Ec(pair, _) => {
                let signature = pair.sign(&SystemRandom::new(), octets).unwrap();
                signature.as_ref().to_vec()
            }
        }
    }
}

fn certificate(pair: &rcgen::KeyPair) -> Vec<u8> {
    let params = CertificateParams::new(vec!["idp.example".to_owned()]).unwrap();
    params.self_signed(pair).unwrap().der().to_vec()
}

/// The provider's key.
pub(crate) fn signer() -> &'static Signer {
    static SIGNER: OnceLock<Signer> = OnceLock::new();
    SIGNER.get_or_init(Signer::rsa)
}

/// Somebody else's key.
pub(crate) fn stranger() -> &'static Signer {
    static SIGNER: OnceLock<Signer> = OnceLock::new();
    SIGNER.get_or_init(Signer::rsa)
}

/// One key of each curve.
pub(crate) fn curves() -> &'static [Signer; 3] {
    static SIGNERS: OnceLock<[Signer; 3]> = OnceLock::new();
    SIGNERS.get_or_init(|| {
        [
            Signer::ec(&rcgen::PKCS_ECDSA_P256_SHA256, "sha256"),
            Signer::ec(&rcgen::PKCS_ECDSA_P384_SHA384, "sha384"),
            Signer::ec(&rcgen::PKCS_ECDSA_P521_SHA512, "sha512"),
        ]
    })
}

pub(crate) fn provider(certificates: &[&Signer]) -> IdentityProvider {
    IdentityProvider {
        entity_id: PARTNER.to_owned(),
        signing: certificates
            .iter()
            .map(|signer| signer.certificate.clone())
            .collect(),
        single_sign_on: vec![Endpoint {
            binding: Binding::Redirect,
            location: format!("{PARTNER}/sso"),
            response_location: None,
        }],
        single_logout: Vec::new(),
    }
}

pub(crate) fn expected(provider: &IdentityProvider) -> Expected<'_> {
    Expected {
        provider,
        audience: AUDIENCE,
        consumer: CONSUMER,
        in_response_to: Some(REQUEST),
        decryption: &[],
        cbc: false,
        authenticated_since: None,
        skew: 180,
        longest_age: 300,
        now: NOW,
    }
}

/// A response that fits, unsigned.
pub(crate) fn response() -> String {
    let head = r#"<samlp:Response xmlns:samlp="urn:oasis:names:tc:SAML:2.0:protocol" xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion" ID="_response-1" Version="2.0" IssueInstant="2026-11-21T12:00:00Z" Destination="https://gateway.example/saml/acs" InResponseTo="_request-1"><saml:Issuer>https://idp.example/saml</saml:Issuer><samlp:Status><samlp:StatusCode Value="urn:oasis:names:tc:SAML:2.0:status:Success"/></samlp:Status>"#;
    format!("{head}{}</samlp:Response>", assertion())
}

/// The assertion in it. Declares what it uses, as one that was signed before it was put there.
pub(crate) fn assertion() -> String {
    [
        r#"<saml:Assertion xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion" ID="_assertion-1" Version="2.0" IssueInstant="2026-11-21T12:00:00Z">"#,
        r#"<saml:Issuer>https://idp.example/saml</saml:Issuer>"#,
        r#"<saml:Subject><saml:NameID Format="urn:oasis:names:tc:SAML:2.0:nameid-format:persistent" NameQualifier="https://idp.example/saml" SPNameQualifier="https://gateway.example/saml">anna@partner.example</saml:NameID>"#,
        r#"<saml:SubjectConfirmation Method="urn:oasis:names:tc:SAML:2.0:cm:bearer"><saml:SubjectConfirmationData NotOnOrAfter="2026-11-21T12:04:00Z" Recipient="https://gateway.example/saml/acs" InResponseTo="_request-1"/></saml:SubjectConfirmation></saml:Subject>"#,
        r#"<saml:Conditions NotBefore="2026-11-21T11:59:00Z" NotOnOrAfter="2026-11-21T12:05:00Z"><saml:AudienceRestriction><saml:Audience>https://gateway.example/saml</saml:Audience></saml:AudienceRestriction></saml:Conditions>"#,
        r#"<saml:AuthnStatement AuthnInstant="2026-11-21T11:58:00Z" SessionIndex="_session-1" SessionNotOnOrAfter="2026-11-21T20:00:00Z"><saml:AuthnContext><saml:AuthnContextClassRef>https://refeds.org/profile/mfa</saml:AuthnContextClassRef></saml:AuthnContext></saml:AuthnStatement>"#,
        r#"<saml:AttributeStatement><saml:Attribute Name="mail"><saml:AttributeValue>anna@partner.example</saml:AttributeValue></saml:Attribute><saml:Attribute Name="groups"><saml:AttributeValue xmlns:xs="http://www.w3.org/2001/XMLSchema" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:type="xs:string">a &amp; b</saml:AttributeValue><saml:AttributeValue>c</saml:AttributeValue></saml:Attribute></saml:AttributeStatement>"#,
        r#"</saml:Assertion>"#,
    ]
    .concat()
}

/// What [`response`] says.
pub(crate) fn genuine() -> Accepted {
    let owned = |text: &str| text.to_owned();
    Accepted {
        issuer: owned(PARTNER),
        assertion_id: owned("_assertion-1"),
        dead_at: NOW + 240 + 180,
        name_id: NameId {
            value: owned("anna@partner.example"),
            format: Some(owned(
                "urn:oasis:names:tc:SAML:2.0:nameid-format:persistent",
            )),
            name_qualifier: Some(owned(PARTNER)),
            sp_name_qualifier: Some(owned(AUDIENCE)),
        },
        session_index: Some(owned("_session-1")),
        authenticated_at: NOW - 120,
        context: Some(owned("https://refeds.org/profile/mfa")),
        attributes: [
            (owned("groups"), vec![owned("a & b"), owned("c")]),
            (owned("mail"), vec![owned("anna@partner.example")]),
        ]
        .into(),
    }
}

/// How a signature is made.
pub(crate) struct Making<'a> {
    pub(crate) signer: &'a Signer,
    pub(crate) hash: &'a str,
    /// Changes `SignedInfo` before it is signed.
    pub(crate) info: &'a dyn Fn(String) -> String,
    /// Stands after the value.
    pub(crate) key_info: &'a str,
}

impl Default for Making<'_> {
    fn default() -> Self {
        Self {
            signer: signer(),
            hash: "sha256",
            info: &|info| info,
            key_info: "",
        }
    }
}

/// Signs the element with this id, after its issuer.
pub(crate) fn sign(xml: &str, id: &str) -> String {
    sign_as(xml, id, &Making::default())
}

pub(crate) fn sign_as(xml: &str, id: &str, making: &Making<'_>) -> String {
    let reference = digest_of(&canonical(xml, id), making.hash);
    let digest_method = digest_method(making.hash);
    let method = making.signer.method(making.hash);
    let info = format!(
        r##"<ds:SignedInfo xmlns:ds="http://www.w3.org/2000/09/xmldsig#"><ds:CanonicalizationMethod Algorithm="http://www.w3.org/2001/10/xml-exc-c14n#"></ds:CanonicalizationMethod><ds:SignatureMethod Algorithm="{method}"></ds:SignatureMethod><ds:Reference URI="#{id}"><ds:Transforms><ds:Transform Algorithm="http://www.w3.org/2000/09/xmldsig#enveloped-signature"></ds:Transform><ds:Transform Algorithm="http://www.w3.org/2001/10/xml-exc-c14n#"></ds:Transform></ds:Transforms><ds:DigestMethod Algorithm="{digest_method}"></ds:DigestMethod><ds:DigestValue>{reference}</ds:DigestValue></ds:Reference></ds:SignedInfo>"##,
    );
    let info = (making.info)(info);
    let value = STANDARD.encode(making.signer.sign(info.as_bytes(), making.hash));
    let signature = format!(
        r#"<ds:Signature xmlns:ds="http://www.w3.org/2000/09/xmldsig#">{}<ds:SignatureValue>{value}</ds:SignatureValue>{}</ds:Signature>"#,
        info.replacen(r#" xmlns:ds="http://www.w3.org/2000/09/xmldsig#""#, "", 1),
        making.key_info,
    );
    let start = xml.find(&format!(r#"ID="{id}""#)).unwrap();
    let issuer = "</saml:Issuer>";
    let end = start + cut(xml, start..).find(issuer).unwrap() + issuer.len();
    format!("{}{signature}{}", cut(xml, ..end), cut(xml, end..))
}

pub(crate) fn digest_method(hash: &str) -> &'static str {
    match hash {
        "sha1" => "http://www.w3.org/2000/09/xmldsig#sha1",
        "sha384" => "http://www.w3.org/2001/04/xmldsig-more#sha384",
        "sha512" => "http://www.w3.org/2001/04/xmlenc#sha512",
        _ => "http://www.w3.org/2001/04/xmlenc#sha256",
    }
}

pub(crate) fn digest_of(bytes: &[u8], hash: &str) -> String {
    let algorithm = match hash {
        "sha1" => &SHA1_FOR_LEGACY_USE_ONLY,
        "sha384" => &SHA384,
        "sha512" => &SHA512,
        _ => &SHA256,
    };
    STANDARD.encode(digest(algorithm, bytes))
}

/// The element with this id in exclusive canonical form.
pub(crate) fn canonical(xml: &str, id: &str) -> Vec<u8> {
    canonical_with(xml, id, &[])
}

/// The same, with prefixes that count as used.
pub(crate) fn canonical_with(xml: &str, id: &str, prefixes: &[&str]) -> Vec<u8> {
    let document = uppsala::parse(xml).unwrap();
    let element = document
        .descendants(document.root())
        .into_iter()
        .find(|node| document.get_attribute(*node, "ID") == Some(id))
        .unwrap();
    let nodes = NodeSet::tree_without_comments(element, &document);
    canonicalize_doc(&document, C14nMode::Exclusive, Some(&nodes), prefixes).unwrap()
}

/// [`response`] with its assertion signed.
pub(crate) fn assertion_signed() -> String {
    sign(&response(), "_assertion-1")
}

/// [`response`], signed as a whole.
pub(crate) fn response_signed() -> String {
    sign(&response(), "_response-1")
}

/// The text of the first element `name`, with its tags.
pub(crate) fn element<'a>(xml: &'a str, name: &str) -> &'a str {
    let start = xml.find(&format!("<{name}")).unwrap();
    let close = format!("</{name}>");
    let end = start + cut(xml, start..).rfind(&close).unwrap() + close.len();
    cut(xml, start..end)
}

/// The signature of the element with this id.
pub(crate) fn signature_of<'a>(xml: &'a str, id: &str) -> &'a str {
    let start = xml.find(&format!(r#"ID="{id}""#)).unwrap();
    let start = start + cut(xml, start..).find("<ds:Signature ").unwrap();
    let close = "</ds:Signature>";
    let end = start + cut(xml, start..).find(close).unwrap() + close.len();
    cut(xml, start..end)
}

/// A part of a text.
pub(crate) fn cut(text: &str, range: impl std::slice::SliceIndex<str, Output = str>) -> &str {
    text.get(range).unwrap()
}

/// Replaces exactly one place.
#[track_caller]
pub(crate) fn swap(xml: &str, from: &str, to: &str) -> String {
    assert_eq!(xml.matches(from).count(), 1, "not once: {from}");
    xml.replacen(from, to, 1)
}

/// What is said about a response: `accepted` means that it says what [`genuine`] does.
#[track_caller]
pub(crate) fn check(xml: &str, want: &str) {
    let provider = provider(&[signer()]);
    check_as(xml, &expected(&provider), want);
}

#[track_caller]
pub(crate) fn check_as(xml: &str, expected: &Expected<'_>, want: &str) {
    assert_eq!(told(accept(xml.as_bytes(), expected)), want, "{xml}");
}

#[track_caller]
pub(crate) fn told(judged: Result<Accepted, Refused>) -> String {
    match judged {
        Ok(accepted) => {
            assert_eq!(accepted, genuine());
            "accepted".to_owned()
        }
        Err(refused) => refused.to_string(),
    }
}
