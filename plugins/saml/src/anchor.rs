//! The signature of the partner's metadata itself, where the settings hold the certificate that it is checked with.

use crate::guard::{DSIG, Signed};
use crate::trust::IdentityProvider;
use crate::verify::verify;
use crate::xml::Xml;

/// Whether the whole document, and no part of it alone, is signed with the key of `anchor`; judged as messages are.
///
/// - `text`: what `document` was parsed from.
/// - `anchor`: certificate in DER.
pub(crate) fn signs(anchor: &[u8], text: &[u8], document: &Xml<'_>) -> bool {
    let root = document.root();
    let mut signatures = root.children().filter(|child| child.is(DSIG, "Signature"));
    let (Some(signature), None) = (signatures.next(), signatures.next()) else {
        return false;
    };
    let Some(id) = root.attribute("ID") else {
        return false;
    };
    let signed = Signed {
        element: root,
        id,
        signature,
    };
    // Nobody but the holder of that one key, whoever the entity is.
    let signer = IdentityProvider {
        entity_id: String::new(),
        signing: vec![anchor.to_vec()],
        single_sign_on: Vec::new(),
        single_logout: Vec::new(),
    };
    verify(text, document, &[signed], &signer).is_ok()
}
