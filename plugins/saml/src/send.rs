//! A message of ours on its way: by Redirect or by POST, signed the way each is signed.
//!
//! Source: SAML bindings, 3.4.4 and 3.5.4; XML Signature, 4.

use aws_lc_rs::digest::{SHA256, digest};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use miniz_oxide::deflate::compress_to_vec;
use plugins_sdk::message::Fields;

use crate::key::{NotSigned, SigningKey};
use crate::trust::Binding;
use crate::xml_out::Element;

const EXCLUSIVE: &str = "http://www.w3.org/2001/10/xml-exc-c14n#";
const ENVELOPED: &str = "http://www.w3.org/2000/09/xmldsig#enveloped-signature";
const SHA_256: &str = "http://www.w3.org/2001/04/xmlenc#sha256";

/// Where and as what a message goes.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Envelope<'a> {
    pub(crate) binding: Binding,
    /// Absolute URL; may have a query.
    pub(crate) location: &'a str,
    /// `SAMLRequest` or `SAMLResponse`.
    pub(crate) parameter: &'static str,
    pub(crate) relay_state: Option<&'a str>,
    /// Signs it; without, it goes unsigned.
    pub(crate) key: Option<&'a SigningKey>,
}

/// A message that the browser carries.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Sent {
    Redirect { url: String },
    Post { url: String, fields: Fields },
}

/// Packs a message.
///
/// - `message`: has an `ID` of `id`, and its issuer as first child.
pub(crate) fn send(message: Element, id: &str, envelope: &Envelope<'_>) -> Result<Sent, NotSigned> {
    match envelope.binding {
        Binding::Redirect => redirect(&message, envelope),
        Binding::Post => post(message, id, envelope),
    }
}

/// The signature covers the very octets of the query, so each is written once.
fn redirect(message: &Element, envelope: &Envelope<'_>) -> Result<Sent, NotSigned> {
    let deflated = compress_to_vec(message.write().as_bytes(), 9);
    let mut query = format!(
        "{}={}",
        envelope.parameter,
        percent_encode(&STANDARD.encode(deflated))
    );
    if let Some(relay_state) = envelope.relay_state {
        query.push_str("&RelayState=");
        query.push_str(&percent_encode(relay_state));
    }
    if let Some(key) = envelope.key {
        query.push_str("&SigAlg=");
        query.push_str(&percent_encode(key.algorithm()));
        let signature = STANDARD.encode(key.sign(query.as_bytes())?);
        query.push_str("&Signature=");
        query.push_str(&percent_encode(&signature));
    }
    let joint = if envelope.location.contains('?') {
        '&'
    } else {
        '?'
    };
    Ok(Sent::Redirect {
        url: format!("{}{joint}{query}", envelope.location),
    })
}

fn post(message: Element, id: &str, envelope: &Envelope<'_>) -> Result<Sent, NotSigned> {
    let message = match envelope.key {
        Some(key) => {
            let signature = signature(&message, id, key)?;
            message.insert_second(signature)
        }
        None => message,
    };
    let mut fields = Fields::from([(
        envelope.parameter.to_owned(),
        STANDARD.encode(message.write()),
    )]);
    if let Some(relay_state) = envelope.relay_state {
        fields.insert("RelayState".to_owned(), relay_state.to_owned());
    }
    Ok(Sent::Post {
        url: envelope.location.to_owned(),
        fields,
    })
}

/// An enveloped signature of `message`, which is written canonically and does not hold it yet: just what the two
/// transforms leave.
pub(crate) fn signature(
    message: &Element,
    id: &str,
    key: &SigningKey,
) -> Result<Element, NotSigned> {
    let method = |name, algorithm: &str| Element::new("ds", name).attribute("Algorithm", algorithm);
    let hash = digest(&SHA256, message.write().as_bytes());
    let transforms = Element::new("ds", "Transforms")
        .child(method("Transform", ENVELOPED))
        .child(method("Transform", EXCLUSIVE));
    let reference = Element::new("ds", "Reference")
        .attribute("URI", format!("#{id}"))
        .child(transforms)
        .child(method("DigestMethod", SHA_256))
        .child(Element::new("ds", "DigestValue").text(STANDARD.encode(hash)));
    let signed_info = Element::new("ds", "SignedInfo")
        .child(method("CanonicalizationMethod", EXCLUSIVE))
        .child(method("SignatureMethod", key.algorithm()))
        .child(reference);
    let value = key.sign(signed_info.write().as_bytes())?;
    Ok(Element::new("ds", "Signature")
        .child(signed_info)
        .child(Element::new("ds", "SignatureValue").text(STANDARD.encode(value)))
        .child(key_info(&key.certificate())))
}

/// - `certificate`: base64.
pub(crate) fn key_info(certificate: &str) -> Element {
    let certificate = Element::new("ds", "X509Certificate").text(certificate);
    Element::new("ds", "KeyInfo").child(Element::new("ds", "X509Data").child(certificate))
}

/// Everything but the unreserved characters (RFC 3986, 2.3), which no program on the way writes another way.
fn percent_encode(text: &str) -> String {
    let mut encoded = String::with_capacity(text.len());
    for byte in text.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => {
                encoded.push(char::from(byte));
            }
            _ => encoded.push_str(&format!("%{byte:02X}")),
        }
    }
    encoded
}
