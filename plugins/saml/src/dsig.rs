//! The form of an enveloped signature (SAML core, 5.4), checked before any verifier sees it: verifiers fetch references
//! and run transforms before they look at a key.

use crate::guard::{Children, DSIG, Signed, base64, empty};
use crate::refused::Refused;
use crate::xml::{Element, plain};

const EXCLUSIVE: &str = "http://www.w3.org/2001/10/xml-exc-c14n#";
const ENVELOPED: &str = "http://www.w3.org/2000/09/xmldsig#enveloped-signature";

/// RSA with PKCS #1 v1.5 and ECDSA, SHA-256 and up (RFC 9231).
pub(crate) const SIGNATURE_METHODS: &[&str] = &[
    "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256",
    "http://www.w3.org/2001/04/xmldsig-more#rsa-sha384",
    "http://www.w3.org/2001/04/xmldsig-more#rsa-sha512",
    "http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha256",
    "http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha384",
    "http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha512",
];

/// Digest, its bytes, and the first bytes of the digest of nothing.
///
/// A canonicalisation that failed and gave nothing has verified elsewhere.
const DIGEST_METHODS: &[(&str, usize, [u8; 8])] = &[
    (
        "http://www.w3.org/2001/04/xmlenc#sha256",
        32,
        [0xe3, 0xb0, 0xc4, 0x42, 0x98, 0xfc, 0x1c, 0x14],
    ),
    (
        "http://www.w3.org/2001/04/xmldsig-more#sha384",
        48,
        [0x38, 0xb0, 0x60, 0xa7, 0x51, 0xac, 0x96, 0x38],
    ),
    (
        "http://www.w3.org/2001/04/xmlenc#sha512",
        64,
        [0xcf, 0x83, 0xe1, 0x35, 0x7e, 0xef, 0xb8, 0xbd],
    ),
];

/// Most bytes of a signature: RSA of 8192 bits.
const LONGEST_SIGNATURE: usize = 1024;

/// Most prefixes of an `InclusiveNamespaces`.
const PREFIXES: usize = 32;

/// Accepts the one form: one reference, to the element around the signature, by its id; enveloped-signature and
/// exclusive canonicalisation; no other algorithm than those listed here.
///
/// # Errors
/// [`Refused::SignatureForm`].
pub(crate) fn check(signed: &Signed<'_>) -> Result<(), Refused> {
    let mut children = Children::of(signed.signature);
    let info = children
        .take(DSIG, "SignedInfo")
        .ok_or(form("no `SignedInfo`"))?;
    let value = children
        .take(DSIG, "SignatureValue")
        .ok_or(form("no `SignatureValue`, or not next"))?;
    let key = children.take(DSIG, "KeyInfo");
    children
        .end()
        .map_err(|_| form("more than `SignedInfo`, `SignatureValue`, `KeyInfo`"))?;
    check_info(info, signed.id)?;
    let value = base64(value).ok_or(form("a value that is not base64"))?;
    if value.is_empty() || value.len() > LONGEST_SIGNATURE {
        return Err(form("a value of an impossible length"));
    }
    key.map_or(Ok(()), check_key_info)
}

fn check_info(info: Element<'_>, id: &str) -> Result<(), Refused> {
    let mut children = Children::of(info);
    let canonical = children.take(DSIG, "CanonicalizationMethod");
    let canonical = canonical.ok_or(form("no `CanonicalizationMethod`"))?;
    exclusive(canonical)?;
    let method = children.take(DSIG, "SignatureMethod");
    let method = method.ok_or(form("no `SignatureMethod`"))?;
    if !SIGNATURE_METHODS.contains(&algorithm(method)) {
        return Err(form("a signature algorithm that is not accepted"));
    }
    empty(method).map_err(|_| form("parameters of the signature algorithm"))?;
    let reference = children.take(DSIG, "Reference");
    let reference = reference.ok_or(form("no `Reference`"))?;
    children.end().map_err(|_| form("several references"))?;
    check_reference(reference, id)
}

fn check_reference(reference: Element<'_>, id: &str) -> Result<(), Refused> {
    let uri = reference.attribute("URI").unwrap_or_default();
    if uri.strip_prefix('#') != Some(id) {
        return Err(form("a reference to something else"));
    }
    let mut children = Children::of(reference);
    let transforms = children.take(DSIG, "Transforms");
    check_transforms(transforms.ok_or(form("no `Transforms`"))?)?;
    let method = children.take(DSIG, "DigestMethod");
    let method = method.ok_or(form("no `DigestMethod`"))?;
    let digest = DIGEST_METHODS
        .iter()
        .find(|(name, ..)| *name == algorithm(method));
    let (_, length, of_nothing) = digest.ok_or(form("a digest that is not accepted"))?;
    empty(method).map_err(|_| form("parameters of the digest"))?;
    let value = children.take(DSIG, "DigestValue");
    let value = value.and_then(base64);
    let value = value.ok_or(form("a digest value that is not base64 alone"))?;
    if value.len() != *length {
        return Err(form("a digest value of another length"));
    }
    if value.starts_with(of_nothing) {
        return Err(form("the digest of nothing"));
    }
    children.end().map_err(|_| form("more in the reference"))
}

fn check_transforms(transforms: Element<'_>) -> Result<(), Refused> {
    let other = || form("other transforms than enveloped-signature and exclusive canonicalisation");
    let mut children = Children::of(transforms);
    let enveloped = children.take(DSIG, "Transform").ok_or_else(other)?;
    let canonical = children.take(DSIG, "Transform").ok_or_else(other)?;
    if algorithm(enveloped) != ENVELOPED {
        return Err(other());
    }
    empty(enveloped).map_err(|_| other())?;
    exclusive(canonical)?;
    children.end().map_err(|_| other())
}

/// Exclusive canonicalisation without comments; prefixes may be named that count as used.
fn exclusive(method: Element<'_>) -> Result<(), Refused> {
    if algorithm(method) != EXCLUSIVE {
        return Err(form("a canonicalisation that is not accepted"));
    }
    let mut children = Children::of(method);
    if let Some(inclusive) = children.take(EXCLUSIVE, "InclusiveNamespaces") {
        let list = inclusive.attribute("PrefixList").unwrap_or_default();
        let mut names = list
            .split(crate::xml::is_space)
            .filter(|name| !name.is_empty());
        let plain = names.clone().all(|name| name == "#default" || plain(name));
        if !plain || names.nth(PREFIXES).is_some() {
            return Err(form("a list of prefixes that is none"));
        }
        empty(inclusive).map_err(|_| form("parameters of the canonicalisation"))?;
    }
    children
        .end()
        .map_err(|_| form("parameters of the canonicalisation"))
}

/// What it says is not used: keys are pinned. What makes a verifier look elsewhere is refused.
fn check_key_info(key: Element<'_>) -> Result<(), Refused> {
    let known = key.children().all(|child| {
        child.namespace() == Some(DSIG)
            && matches!(child.name(), "KeyName" | "KeyValue" | "X509Data")
    });
    if known {
        Ok(())
    } else {
        Err(form("a `KeyInfo` that leads elsewhere"))
    }
}

/// The named algorithm, empty for none.
pub(crate) fn algorithm(element: Element<'_>) -> &str {
    element.attribute("Algorithm").unwrap_or_default()
}

fn form(what: &'static str) -> Refused {
    Refused::SignatureForm(what)
}
