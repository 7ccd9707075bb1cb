//! The little of XML signature and encryption that a partner needs.

use aws_lc_rs::aead::{AES_256_GCM, Aad, LessSafeKey, Nonce, UnboundKey};
use aws_lc_rs::digest::{SHA256, digest};
use aws_lc_rs::rsa::{OAEP_SHA1_MGF1SHA1, OaepPublicEncryptingKey};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bergshamra::c14n::{C14nMode, canonicalize_doc};
use bergshamra::xml::NodeSet;

/// Prefixes that count as used.
const NONE: &[&str] = &[];
/// Where the only signature of an element may stand.
const ISSUER: &str = "</saml:Issuer>";

/// The element with this id in exclusive canonical form; none where there is not exactly one, or the XML is none.
pub(crate) fn canonical(xml: &str, id: &str) -> Option<Vec<u8>> {
    let document = uppsala::parse(xml).ok()?;
    let mut found = document
        .descendants(document.root())
        .into_iter()
        .filter(|node| document.get_attribute(*node, "ID") == Some(id));
    let (Some(element), None) = (found.next(), found.next()) else {
        return None;
    };
    let nodes = NodeSet::tree_without_comments(element, &document);
    canonicalize_doc(&document, C14nMode::Exclusive, Some(&nodes), NONE).ok()
}

/// The signature over the element with this id, and its canonical form.
///
/// - `sign`: ECDSA over P-256 with SHA-256, in 64 bytes.
pub(crate) fn signature(
    xml: &str,
    id: &str,
    sign: impl FnOnce(&[u8]) -> Vec<u8>,
) -> Option<(String, Vec<u8>)> {
    let canonical = canonical(xml, id)?;
    let value = STANDARD.encode(digest(&SHA256, &canonical));
    let namespace = r#" xmlns:ds="http://www.w3.org/2000/09/xmldsig#""#;
    let info = |namespace: &str| {
        format!(
            r##"<ds:SignedInfo{namespace}><ds:CanonicalizationMethod Algorithm="http://www.w3.org/2001/10/xml-exc-c14n#"></ds:CanonicalizationMethod><ds:SignatureMethod Algorithm="http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha256"></ds:SignatureMethod><ds:Reference URI="#{id}"><ds:Transforms><ds:Transform Algorithm="http://www.w3.org/2000/09/xmldsig#enveloped-signature"></ds:Transform><ds:Transform Algorithm="http://www.w3.org/2001/10/xml-exc-c14n#"></ds:Transform></ds:Transforms><ds:DigestMethod Algorithm="http://www.w3.org/2001/04/xmlenc#sha256"></ds:DigestMethod><ds:DigestValue>{value}</ds:DigestValue></ds:Reference></ds:SignedInfo>"##
        )
    };
    let signed = STANDARD.encode(sign(info(namespace).as_bytes()));
    let text = format!(
        "<ds:Signature{namespace}>{}<ds:SignatureValue>{signed}</ds:SignatureValue></ds:Signature>",
        info("")
    );
    Some((text, canonical))
}

/// Puts a signature into the element with this id, after its issuer.
pub(crate) fn with_signature(xml: &str, id: &str, signature: &str) -> Option<String> {
    let (_, from) = xml.split_once(&format!(r#"ID="{id}""#))?;
    let (_, rest) = from.split_once(ISSUER)?;
    let (before, after) = xml.split_at_checked(xml.len() - rest.len())?;
    Some([before, signature, after].concat())
}

/// An `EncryptedAssertion` of this text: AES-256-GCM, its key by RSA-OAEP.
pub(crate) fn encrypted(plain: &str, to: &OaepPublicEncryptingKey) -> Option<String> {
    let (key, nonce) = ([7; 32], [9; 12]);
    let mut room = vec![0; to.ciphertext_size()];
    let wrapped = to.encrypt(&OAEP_SHA1_MGF1SHA1, &key, &mut room, None);
    let wrapped = STANDARD.encode(wrapped.ok()?);
    let sealing = LessSafeKey::new(UnboundKey::new(&AES_256_GCM, &key).ok()?);
    let mut bytes = plain.as_bytes().to_vec();
    let at = Nonce::assume_unique_for_key(nonce);
    sealing
        .seal_in_place_append_tag(at, Aad::empty(), &mut bytes)
        .ok()?;
    let data = STANDARD.encode([&nonce[..], &bytes].concat());
    Some(format!(
        r#"<saml:EncryptedAssertion><xenc:EncryptedData xmlns:xenc="http://www.w3.org/2001/04/xmlenc#" Type="http://www.w3.org/2001/04/xmlenc#Element"><xenc:EncryptionMethod Algorithm="http://www.w3.org/2009/xmlenc11#aes256-gcm"/><ds:KeyInfo xmlns:ds="http://www.w3.org/2000/09/xmldsig#"><xenc:EncryptedKey><xenc:EncryptionMethod Algorithm="http://www.w3.org/2001/04/xmlenc#rsa-oaep-mgf1p"/><xenc:CipherData><xenc:CipherValue>{wrapped}</xenc:CipherValue></xenc:CipherData></xenc:EncryptedKey></ds:KeyInfo><xenc:CipherData><xenc:CipherValue>{data}</xenc:CipherValue></xenc:CipherData></xenc:EncryptedData></saml:EncryptedAssertion>"#
    ))
}

/// The part of a document from the first start of `name` to its last end.
pub(crate) fn element<'a>(xml: &'a str, name: &str) -> Option<&'a str> {
    let start = xml.find(&format!("<{name}"))?;
    let close = format!("</{name}>");
    let end = xml.rfind(&close)? + close.len();
    xml.get(start..end)
}
