//! Signatures, and what can be wrong with them while they are made.

use super::super::fault::SamlFault as Fault;
use super::super::fresh_id;
use super::super::key::{NoKey, Scheme};
use super::super::signature::{Pen, Reference};
use super::super::tree::{DSIG, Element, Node, ds};
use super::Desk;
use super::draft::note;
use super::wrapping::forged;
use crate::misbehaviour::Misbehaviour;

/// Signs as the faults want it.
pub(super) struct Notary<'a> {
    desk: &'a Desk,
}

impl<'a> Notary<'a> {
    pub(super) fn new(desk: &'a Desk) -> Self {
        Self { desk }
    }

    /// An honest signature of an element.
    pub(super) fn sign_whole(&self, element: &Element) -> Result<Element, NoKey> {
        self.pen().sign(&[Reference::to(element)])
    }

    /// A signature of an element, or of what the faults want it to be of.
    ///
    /// - `beside`: takes what must stand beside the element for that.
    pub(super) fn sign(
        &self,
        element: &Element,
        beside: &mut Vec<Element>,
    ) -> Result<Element, NoKey> {
        let spoils = &self.desk.spoils;
        let mut references = vec![Reference::to(element)];
        if let Some(whole) = references.first_mut() {
            if spoils.has(Fault::EmptyDigest) {
                whole.canonical.clear();
            }
            if spoils.has(Fault::ReferenceElsewhere) {
                whole.uri.clone_from(&self.desk.elsewhere);
            }
            if spoils.has(Fault::XsltTransform) {
                whole.transform = Some(xslt());
            }
            if spoils.has(Fault::XpathTransform) {
                whole.transform = Some(xpath());
            }
        }
        if spoils.has(Fault::SignatureOfAnother) {
            let harmless = note();
            references = vec![Reference::to(&harmless)];
            beside.push(harmless);
        }
        if spoils.has(Fault::SignatureOfNothing) {
            let mut absent = element.clone();
            absent.set("ID", Some(&fresh_id()));
            references = vec![Reference::to(&absent)];
        }
        if spoils.has(Fault::TwoReferences) {
            let harmless = note();
            references.push(Reference::to(&harmless));
            beside.push(harmless);
        }
        if spoils.has(Fault::SmuggledDigest) {
            let forged = forged(element, "boss@another.invalid");
            beside.push(ds("DigestValue").text(&digest_of(&forged)));
        }
        let mut signature = self.pen().sign(&references)?;
        self.spoil(&mut signature, element);
        Ok(signature)
    }

    fn pen(&self) -> Pen<'_> {
        let spoils = &self.desk.spoils;
        let scheme = if spoils.has(Fault::Sha1Signature) {
            Scheme::Sha1
        } else if spoils.has(Fault::Hmac) {
            Scheme::Hmac
        } else {
            Scheme::Hash(self.desk.manner.hash)
        };
        let key = if spoils.has(Fault::ForeignKey) {
            &self.desk.stranger
        } else {
            &self.desk.key
        };
        Pen {
            key,
            scheme,
            sha1_digest: spoils.has(Fault::Sha1Digest),
        }
    }

    /// Changes to the finished signature: its value stays what it was.
    fn spoil(&self, signature: &mut Element, element: &Element) {
        let spoils = &self.desk.spoils;
        if spoils.has_usual(Misbehaviour::BadSignature)
            && let Some(value) = signature.first_mut(DSIG, "SignatureValue")
        {
            flip(value);
        }
        if spoils.has(Fault::CommentInDigest)
            && let Some(value) = digest_value(signature)
            && let Some(Node::Text(text)) = value.children.first().cloned()
        {
            let half = text.len() / 2;
            let (left, right) = text.split_at_checked(half).unwrap_or((&text, ""));
            value.children = vec![
                Node::Text(left.to_owned()),
                Node::Comment("x".to_owned()),
                Node::Text(right.to_owned()),
            ];
        }
        let forged = forged(element, "boss@another.invalid");
        if spoils.has(Fault::TwoSignedInfos)
            && let Some(mut second) = signature.first_mut(DSIG, "SignedInfo").cloned()
        {
            set_digest(&mut second, &forged);
            signature.insert(0, second);
        }
    }
}

fn digest_value(signature: &mut Element) -> Option<&mut Element> {
    signature
        .first_mut(DSIG, "SignedInfo")?
        .first_mut(DSIG, "Reference")?
        .first_mut(DSIG, "DigestValue")
}

fn set_digest(info: &mut Element, of: &Element) {
    let value = info
        .first_mut(DSIG, "Reference")
        .and_then(|reference| reference.first_mut(DSIG, "DigestValue"));
    if let Some(value) = value {
        value.children = vec![Node::Text(digest_of(of))];
    }
}

fn digest_of(element: &Element) -> String {
    use aws_lc_rs::digest::{SHA256, digest};
    use base64::Engine;
    base64::engine::general_purpose::STANDARD
        .encode(digest(&SHA256, element.canonical().as_bytes()))
}

/// Changes a character in the middle of a base64 value.
fn flip(value: &mut Element) {
    if let Some(Node::Text(text)) = value.children.first_mut() {
        let middle = text.len() / 2;
        let other = if text.as_bytes().get(middle) == Some(&b'A') {
            "B"
        } else {
            "A"
        };
        text.replace_range(middle..=middle, other);
    }
}

/// Copies everything.
fn xslt() -> Element {
    let xsl = |local: &str| Element::new("xsl", "http://www.w3.org/1999/XSL/Transform", local);
    let copy = xsl("copy-of").with("select", ".");
    ds("Transform")
        .with("Algorithm", "http://www.w3.org/TR/1999/REC-xslt-19991116")
        .holding(
            xsl("stylesheet")
                .with("version", "1.0")
                .holding(xsl("template").with("match", "/").holding(copy)),
        )
}

/// Takes out what an enveloped signature takes out anyway.
fn xpath() -> Element {
    ds("Transform")
        .with("Algorithm", "http://www.w3.org/TR/1999/REC-xpath-19991116")
        .holding(ds("XPath").text("not(ancestor-or-self::ds:Signature)"))
}
