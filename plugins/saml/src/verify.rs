//! Two verifiers that share no code must both find the same elements signed by the same pinned key.
//!
//! The order is a defence of its own: the verifier in safe Rust comes first, so the one over C libraries sees only
//! documents that a trusted key has signed. It prints to standard error when a signature does not fit, and is a large
//! target; nobody without a key reaches it.

use std::panic::{AssertUnwindSafe, catch_unwind};

use bergshamra::keys::loader::load_x509_cert_der;
use bergshamra::{DsigContext, KeysManager, VerifyResult};
use samael::crypto::{
    AllowedSignatureAlgorithm, CertificateDer, Crypto, CryptoProvider as _, ReduceMode,
};

use crate::certificate::public_key;
use crate::dsig;
use crate::guard::{LARGEST, Signed};
use crate::refused::Refused;
use crate::trust::IdentityProvider;
use crate::xml::{self, Content, Element, Xml};

/// Most certificates that are tried.
const KEYS: usize = 8;

const ALGORITHMS: &[AllowedSignatureAlgorithm] = &[
    AllowedSignatureAlgorithm::RsaSha256,
    AllowedSignatureAlgorithm::RsaSha384,
    AllowedSignatureAlgorithm::RsaSha512,
    AllowedSignatureAlgorithm::EcdsaSha256,
    AllowedSignatureAlgorithm::EcdsaSha384,
    AllowedSignatureAlgorithm::EcdsaSha512,
];

/// Whether all of `signed`, and nothing else in the document, is signed by one key of the provider.
///
/// - `text`: what `document` was parsed from.
/// - `signed`: one or two elements, the outer one first.
///
/// # Errors
/// [`Refused::SignatureForm`], [`Refused::NoKey`], [`Refused::Signature`] or [`Refused::Disagreement`].
pub(crate) fn verify(
    text: &[u8],
    document: &Xml<'_>,
    signed: &[Signed<'_>],
    provider: &IdentityProvider,
) -> Result<(), Refused> {
    let outermost = signed.first().ok_or(Refused::Unsigned)?;
    signed.iter().try_for_each(dsig::check)?;
    let usable = provider.signing.iter().take(KEYS);
    let usable: Vec<&[u8]> = usable
        .filter(|der| public_key(der).is_ok())
        .map(Vec::as_slice)
        .collect();
    if usable.is_empty() {
        return Err(Refused::NoKey);
    }
    let certificate = usable
        .into_iter()
        .find(|certificate| signed_by(document, signed, certificate))
        .ok_or(Refused::Signature)?;
    let text = std::str::from_utf8(text).map_err(|_| Refused::Structure("not UTF-8"))?;
    let verified = reduce(text, certificate).ok_or(Refused::Disagreement("xmlsec refuses"))?;
    let reduced = xml::parse(verified.as_bytes(), LARGEST)
        .map_err(|_| Refused::Disagreement("what xmlsec verified is not read"))?;
    if same(outermost.element, Some(outermost.signature), reduced.root()) {
        Ok(())
    } else {
        Err(Refused::Disagreement("xmlsec verified something else"))
    }
}

/// The first verifier, on the guard's own tree: every signature of the document is by this key, and over the very
/// element that the guard reads.
fn signed_by(document: &Xml<'_>, signed: &[Signed<'_>], certificate: &[u8]) -> bool {
    let Ok(key) = load_x509_cert_der(certificate) else {
        return false;
    };
    let mut keys = KeysManager::new();
    keys.add_key(key);
    let context = DsigContext::new(keys)
        .with_trusted_keys_only(true)
        .with_strict_verification(true)
        .with_require_reference_digests(true);
    let results = catch_unwind(AssertUnwindSafe(|| {
        bergshamra::dsig::verify::verify_all_document(&context, document.document())
    }));
    let Ok(Ok(results)) = results else {
        return false;
    };
    results.len() == signed.len()
        && results
            .iter()
            .zip(signed)
            .all(|(result, signed)| covers(result, signed))
}

fn covers(result: &VerifyResult, signed: &Signed<'_>) -> bool {
    let VerifyResult::Valid {
        signature_node,
        references,
        ..
    } = result
    else {
        return false;
    };
    let [reference] = references.as_slice() else {
        return false;
    };
    // A reference without a node was not digested here at all.
    *signature_node == signed.signature.id() && reference.resolved_node == Some(signed.element.id())
}

/// The second verifier, with this one key: the bytes that it digested, of the outermost element that is signed.
fn reduce(text: &str, certificate: &[u8]) -> Option<String> {
    let certificate = CertificateDer::from(certificate.to_vec());
    let reduced = catch_unwind(AssertUnwindSafe(|| {
        Crypto::reduce_xml_to_signed_with_allowed_algorithms(
            text,
            std::slice::from_ref(&certificate),
            ReduceMode::PreDigest,
            Some(ALGORITHMS),
        )
        .ok()
    }));
    reduced.ok().flatten().filter(|reduced| !reduced.is_empty())
}

/// Whether two trees are the same but for the element `without` of the first: names, attributes and every text.
fn same(ours: Element<'_>, without: Option<Element<'_>>, theirs: Element<'_>) -> bool {
    if ours.name() != theirs.name()
        || ours.namespace() != theirs.namespace()
        || sorted_attributes(ours) != sorted_attributes(theirs)
    {
        return false;
    }
    let ours = ours.content(without);
    let theirs = theirs.content(None);
    ours.len() == theirs.len()
        && ours.iter().zip(&theirs).all(|pair| match pair {
            (Content::Text(ours), Content::Text(theirs)) => ours == theirs,
            (Content::Element(ours), Content::Element(theirs)) => same(*ours, None, *theirs),
            (Content::Text(_), Content::Element(_)) | (Content::Element(_), Content::Text(_)) => {
                false
            }
        })
}

/// Namespace, name and value, in an order of their own.
fn sorted_attributes<'t>(element: Element<'t>) -> Vec<(Option<&'t str>, &'t str, &'t str)> {
    let mut attributes: Vec<_> = element
        .attributes()
        .iter()
        .map(|attribute| {
            let namespace = attribute.name.namespace_uri.as_deref();
            (namespace, &*attribute.name.local_name, &*attribute.value)
        })
        .collect();
    attributes.sort_unstable();
    attributes
}

#[cfg(test)]
mod tests;
