//! Enveloped XML signatures (XML Signature 1.1; SAML core, 5.4): made and checked.

use aws_lc_rs::digest::{SHA1_FOR_LEGACY_USE_ONLY, SHA256, SHA384, SHA512, digest};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use super::key::{self, Hash, Key, NoKey, Scheme};
use super::tree::{DSIG, EXC_C14N, Element, ds};

const ENVELOPED: &str = "http://www.w3.org/2000/09/xmldsig#enveloped-signature";
const SHA1_URI: &str = "http://www.w3.org/2000/09/xmldsig#sha1";
const SHA256_URI: &str = "http://www.w3.org/2001/04/xmlenc#sha256";
const SHA384_URI: &str = "http://www.w3.org/2001/04/xmldsig-more#sha384";
const SHA512_URI: &str = "http://www.w3.org/2001/04/xmlenc#sha512";

/// One part that a signature speaks of.
#[derive(Clone, Debug)]
pub(crate) struct Reference {
    pub(crate) uri: String,
    /// What is digested.
    pub(crate) canonical: String,
    /// A transform beside the two usual ones.
    pub(crate) transform: Option<Element>,
}

impl Reference {
    /// To an element that has its signature in it.
    pub(crate) fn to(element: &Element) -> Self {
        Self {
            uri: format!("#{}", element.attribute("ID").unwrap_or_default()),
            canonical: element.canonical(),
            transform: None,
        }
    }
}

/// How a signature is made.
pub(crate) struct Pen<'a> {
    pub(crate) key: &'a Key,
    pub(crate) scheme: Scheme,
    /// SHA-1 digests, whatever signs.
    pub(crate) sha1_digest: bool,
}

impl Pen<'_> {
    /// A `ds:Signature` over the references.
    pub(crate) fn sign(&self, references: &[Reference]) -> Result<Element, NoKey> {
        let mut info = ds("SignedInfo")
            .holding(ds("CanonicalizationMethod").with("Algorithm", EXC_C14N))
            .holding(ds("SignatureMethod").with("Algorithm", self.key.algorithm(self.scheme)));
        for reference in references {
            info = info.holding(self.reference(reference));
        }
        let (_, value) = self.key.sign(info.canonical().as_bytes(), self.scheme)?;
        let certificate = STANDARD.encode(self.key.certificate());
        Ok(ds("Signature")
            .holding(info)
            .holding(ds("SignatureValue").text(&STANDARD.encode(value)))
            .holding(
                ds("KeyInfo")
                    .holding(ds("X509Data").holding(ds("X509Certificate").text(&certificate))),
            ))
    }

    fn reference(&self, reference: &Reference) -> Element {
        let hash = match self.scheme {
            Scheme::Hash(hash) => hash,
            Scheme::Sha1 | Scheme::Hmac => Hash::Sha256,
        };
        let (uri, algorithm) = match (self.sha1_digest, hash) {
            (true, _) => (SHA1_URI, &SHA1_FOR_LEGACY_USE_ONLY),
            (false, Hash::Sha256) => (SHA256_URI, &SHA256),
            (false, Hash::Sha384) => (SHA384_URI, &SHA384),
            (false, Hash::Sha512) => (SHA512_URI, &SHA512),
        };
        let value = STANDARD.encode(digest(algorithm, reference.canonical.as_bytes()));
        ds("Reference")
            .with("URI", &reference.uri)
            .holding(
                ds("Transforms")
                    .holding(ds("Transform").with("Algorithm", ENVELOPED))
                    .holding_some(reference.transform.clone())
                    .holding(ds("Transform").with("Algorithm", EXC_C14N)),
            )
            .holding(ds("DigestMethod").with("Algorithm", uri))
            .holding(ds("DigestValue").text(&value))
    }
}

/// Puts a signature where the schemas want it: behind the issuer, which comes first.
pub(crate) fn envelop(element: &mut Element, signature: Element) {
    element.insert(1, signature);
}

/// Why a message does not count as signed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum NotSigned {
    #[error("the message is not signed")]
    Unsigned,
    #[error("the signature is not of the form that SAML prescribes")]
    Form,
    #[error("the signature is of something else, or the message was changed")]
    Digest,
    #[error("the signature was not made with a key of that service provider")]
    Key,
}

/// Checks that `root` is signed as a whole, with a key of one of the certificates.
pub(crate) fn verify(root: &Element, certificates: &[Vec<u8>]) -> Result<(), NotSigned> {
    let mut rest = root.clone();
    let signature = rest.take(DSIG, "Signature").ok_or(NotSigned::Unsigned)?;
    if rest.all(DSIG, "Signature").next().is_some() {
        return Err(NotSigned::Form);
    }
    let info = child(&signature, "SignedInfo")?;
    let canonicalisation = child(info, "CanonicalizationMethod")?;
    if canonicalisation.attribute("Algorithm") != Some(EXC_C14N)
        || canonicalisation.elements().next().is_some()
    {
        return Err(NotSigned::Form);
    }
    let reference = child(info, "Reference")?;
    let id = root.attribute("ID").filter(|id| !id.is_empty());
    let id = id.ok_or(NotSigned::Form)?;
    if reference.attribute("URI") != Some(&format!("#{id}")) {
        return Err(NotSigned::Digest);
    }
    let transforms = child(reference, "Transforms")?;
    let plain = transforms.elements().all(|one| one.children.is_empty());
    let names: Vec<_> = transforms
        .elements()
        .map(|one| one.attribute("Algorithm").unwrap_or_default())
        .collect();
    if !plain || names != [ENVELOPED, EXC_C14N] {
        return Err(NotSigned::Form);
    }
    let algorithm = match child(reference, "DigestMethod")?.attribute("Algorithm") {
        Some(SHA256_URI) => &SHA256,
        Some(SHA384_URI) => &SHA384,
        Some(SHA512_URI) => &SHA512,
        _ => return Err(NotSigned::Form),
    };
    let stated = decoded(child(reference, "DigestValue")?)?;
    if digest(algorithm, rest.canonical().as_bytes()).as_ref() != stated {
        return Err(NotSigned::Digest);
    }
    let method = child(info, "SignatureMethod")?
        .attribute("Algorithm")
        .unwrap_or_default();
    let value = decoded(child(&signature, "SignatureValue")?)?;
    let input = info.canonical();
    certificates
        .iter()
        .any(|one| key::fits(one, method, input.as_bytes(), &value))
        .then_some(())
        .ok_or(NotSigned::Key)
}

fn child<'a>(element: &'a Element, local: &'a str) -> Result<&'a Element, NotSigned> {
    element.only(DSIG, local).ok_or(NotSigned::Form)
}

fn decoded(element: &Element) -> Result<Vec<u8>, NotSigned> {
    let text = element.content().ok_or(NotSigned::Form)?;
    let text: String = text.split_ascii_whitespace().collect();
    STANDARD.decode(text).map_err(|_| NotSigned::Form)
}

#[cfg(test)]
mod tests {
    use super::super::key::{KeyKind, Owner};
    use super::super::parse::parse;
    use super::super::tree::{saml, samlp};
    use super::*;

    async fn signed(kind: KeyKind) -> (Element, Vec<u8>) {
        let key = Key::of(kind, Owner::Partner(0)).await.unwrap();
        let pen = Pen {
            key: &key,
            scheme: Scheme::Hash(Hash::Sha256),
            sha1_digest: false,
        };
        let mut request = samlp("AuthnRequest")
            .with("ID", "_1")
            .holding(saml("Issuer").text("sp"));
        let signature = pen.sign(&[Reference::to(&request)]).unwrap();
        envelop(&mut request, signature);
        (request, key.certificate().to_vec())
    }

    #[tokio::test]
    async fn a_signed_message_is_verified_after_its_journey() {
        for kind in [KeyKind::Rsa, KeyKind::Ecdsa] {
            let (request, certificate) = signed(kind).await;
            let arrived = parse(&request.document()).unwrap();
            assert_eq!(verify(&arrived, &[certificate]), Ok(()));
        }
    }

    #[tokio::test]
    async fn what_is_not_signed_as_a_whole_by_the_right_key_is_refused() {
        let (request, certificate) = signed(KeyKind::Rsa).await;
        let check = |request: &Element, want: NotSigned| {
            assert_eq!(
                verify(request, std::slice::from_ref(&certificate)),
                Err(want)
            );
        };
        let mut changed = request.clone();
        changed.set("Destination", Some("elsewhere"));
        check(&changed, NotSigned::Digest);
        let mut other = request.clone();
        other.set("ID", Some("_2"));
        check(&other, NotSigned::Digest);
        let mut bare = request.clone();
        let signature = bare.take(DSIG, "Signature").unwrap();
        check(&bare, NotSigned::Unsigned);
        let mut twice = request.clone();
        twice.insert(1, signature);
        check(&twice, NotSigned::Form);
        let stranger = Key::of(KeyKind::Rsa, Owner::Stranger).await.unwrap();
        let keys = [stranger.certificate().to_vec()];
        assert_eq!(verify(&request, &keys), Err(NotSigned::Key));
        assert_eq!(verify(&request, &[]), Err(NotSigned::Key));
    }
}
