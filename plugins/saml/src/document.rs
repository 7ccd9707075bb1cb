//! Our own metadata (SAML metadata, 2.4.4): what the partner needs to know of us.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use crate::federation::Federation;
use crate::place::Own;
use crate::send::key_info;
use crate::xml_out::Element;

/// Media type (SAML metadata, appendix A).
pub(crate) const CONTENT_TYPE: &str = "application/samlmetadata+xml";

const PROTOCOL: &str = "urn:oasis:names:tc:SAML:2.0:protocol";
const REDIRECT: &str = "urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect";
const POST: &str = "urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST";
/// What the partner may encrypt with, best first: the partner chooses from it, and CBC is not in it even where it will do.
const ENCRYPTION: [&str; 4] = [
    "http://www.w3.org/2009/xmlenc11#aes256-gcm",
    "http://www.w3.org/2009/xmlenc11#aes128-gcm",
    "http://www.w3.org/2009/xmlenc11#rsa-oaep",
    "http://www.w3.org/2001/04/xmlenc#rsa-oaep-mgf1p",
];

/// The document.
pub(crate) fn write(federation: &Federation, own: &Own) -> String {
    let service = |name, binding: &str, location: &str| {
        Element::new("md", name)
            .attribute("Binding", binding)
            .attribute("Location", location)
    };
    let signs = federation.key.is_some();
    // Who cannot sign an answer had better not be asked.
    let logout = signs.then(|| {
        [REDIRECT, POST].map(|binding| service("SingleLogoutService", binding, &own.logout))
    });
    let format = federation
        .name_id_format
        .map(|format| Element::new("md", "NameIDFormat").text(format));
    let consumer = service("AssertionConsumerService", POST, &own.consumer)
        .attribute("index", "0")
        .attribute("isDefault", "true");
    let role = Element::new("md", "SPSSODescriptor")
        .attribute("protocolSupportEnumeration", PROTOCOL)
        .attribute("AuthnRequestsSigned", if signs { "true" } else { "false" })
        .children(keys(federation))
        .children(logout.into_iter().flatten())
        .children(format)
        .child(consumer);
    Element::new("md", "EntityDescriptor")
        .attribute("entityID", federation.audience(own))
        .child(role)
        .write()
}

/// Each key says what it is for: a partner that takes the one for encryption to verify signatures, or the other way round, is
/// told wrongly otherwise.
fn keys(federation: &Federation) -> Vec<Element> {
    let descriptor = |purpose: &str, certificate: &str| {
        Element::new("md", "KeyDescriptor")
            .attribute("use", purpose)
            .child(key_info(certificate))
    };
    let signing = federation.key.iter().map(|key| key.certificate());
    let next = federation
        .next_certificates
        .iter()
        .map(|der| STANDARD.encode(der));
    let mut keys: Vec<Element> = signing
        .chain(next)
        .map(|certificate| descriptor("signing", &certificate))
        .collect();
    keys.extend(federation.encryption_certificate.iter().map(|der| {
        let methods = ENCRYPTION
            .map(|method| Element::new("md", "EncryptionMethod").attribute("Algorithm", method));
        descriptor("encryption", &STANDARD.encode(der)).children(methods)
    }));
    keys
}
