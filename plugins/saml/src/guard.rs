//! The shape of a message, before anything in it is computed with.
//!
//! Signature wrapping puts an element that nobody signed where the reader looks, and the signed one where the verifier
//! finds it. Here there is one place for each: the assertion directly in the response, a signature directly in what it
//! signs. A document that has one of them elsewhere too is refused, signed or not.

use std::collections::BTreeSet;
use std::iter::Peekable;

use crate::refused::Refused;
use crate::xml::{Element, Xml, plain};

pub(crate) const SAML: &str = "urn:oasis:names:tc:SAML:2.0:assertion";
pub(crate) const PROTOCOL: &str = "urn:oasis:names:tc:SAML:2.0:protocol";
pub(crate) const DSIG: &str = "http://www.w3.org/2000/09/xmldsig#";
pub(crate) const XENC: &str = "http://www.w3.org/2001/04/xmlenc#";

/// Largest message, bytes.
pub(crate) const LARGEST: usize = 256 * 1024;

/// Longest id, bytes.
const LONGEST_ID: usize = 256;

/// Longest entity id or URL, bytes (SAML core, 8.3.6).
const LONGEST_URI: usize = 1024;

/// Elements that only the root may be.
const MESSAGES: &[&str] = &[
    "ArtifactResolve",
    "ArtifactResponse",
    "AuthnRequest",
    "LogoutRequest",
    "LogoutResponse",
    "Response",
];

/// An element and the signature in it that must be over exactly this element.
#[derive(Clone, Copy)]
pub(crate) struct Signed<'t> {
    pub(crate) element: Element<'t>,
    /// Its `ID`.
    pub(crate) id: &'t str,
    pub(crate) signature: Element<'t>,
}

/// A message of the protocol: what all of them have (SAML core, 3.2.1 and 3.2.2).
pub(crate) struct Message<'t> {
    pub(crate) root: Element<'t>,
    pub(crate) id: &'t str,
    pub(crate) issuer: String,
    pub(crate) issued_at: i64,
    pub(crate) destination: Option<&'t str>,
    pub(crate) in_response_to: Option<&'t str>,
    pub(crate) signed: Option<Signed<'t>>,
    /// The children after issuer, signature and extensions.
    pub(crate) body: Children<'t>,
}

impl<'t> Message<'t> {
    /// Reads the frame of the message `name`.
    ///
    /// # Errors
    /// [`Refused`] unless the document is such a message, with unique ids, and with assertions and signatures at their
    /// places alone.
    pub(crate) fn read(xml: &'t Xml<'_>, name: &'static str) -> Result<Self, Refused> {
        let root = xml.root();
        if !root.is(PROTOCOL, name) {
            return Err(Refused::Structure("another root element"));
        }
        ids_are_unique(xml)?;
        all_in_place(xml)?;
        let (id, issued_at) = identity(root)?;
        let mut body = Children::of(root);
        let issuer = issuer(&mut body)?;
        let signed = signed(root, id, &mut body);
        let _extensions = body.take(PROTOCOL, "Extensions");
        Ok(Self {
            root,
            id,
            issuer,
            issued_at,
            destination: root.attribute("Destination"),
            in_response_to: root.attribute("InResponseTo"),
            signed,
            body,
        })
    }
}

/// `ID` and `IssueInstant` of a message or an assertion of version 2.0.
pub(crate) fn identity(element: Element<'_>) -> Result<(&str, i64), Refused> {
    if element.attribute("Version") != Some("2.0") {
        return Err(Refused::Structure("another version than 2.0"));
    }
    let id = element.attribute("ID").ok_or(Refused::Missing("ID"))?;
    let at = moment(element, "IssueInstant")?.ok_or(Refused::Missing("IssueInstant"))?;
    Ok((id, at))
}

/// A moment in an attribute, seconds since the Unix epoch.
pub(crate) fn moment(element: Element<'_>, name: &'static str) -> Result<Option<i64>, Refused> {
    element
        .attribute(name)
        .map(|text| crate::instant::read(text).ok_or(Refused::Unexpected("form of a moment")))
        .transpose()
}

/// The `Issuer`: an entity id (SAML core, 8.3.6).
pub(crate) fn issuer(children: &mut Children<'_>) -> Result<String, Refused> {
    let issuer = children
        .take(SAML, "Issuer")
        .ok_or(Refused::Missing("Issuer"))?;
    let format = issuer.attribute("Format");
    if format.is_some_and(|format| format != "urn:oasis:names:tc:SAML:2.0:nameid-format:entity") {
        return Err(Refused::Unexpected("format of the issuer"));
    }
    line(issuer, LONGEST_URI)
}

/// The text of an element that holds one name: not empty, at most `longest` bytes, nothing to trim, no control
/// characters.
pub(crate) fn line(element: Element<'_>, longest: usize) -> Result<String, Refused> {
    let text = element
        .text()
        .ok_or(Refused::Structure("markup in a text"))?;
    let clean = text.trim() == text && !text.chars().any(char::is_control);
    if text.is_empty() || text.len() > longest || !clean {
        return Err(Refused::Unexpected("form of a name"));
    }
    Ok(text.into_owned())
}

/// The signature of `element`, if it comes next.
pub(crate) fn signed<'t>(
    element: Element<'t>,
    id: &'t str,
    children: &mut Children<'t>,
) -> Option<Signed<'t>> {
    let signature = children.take(DSIG, "Signature")?;
    Some(Signed {
        element,
        id,
        signature,
    })
}

/// No two elements have the same id, whatever a verifier takes for one.
fn ids_are_unique(xml: &Xml<'_>) -> Result<(), Refused> {
    let mut seen = BTreeSet::new();
    for element in xml.elements() {
        for attribute in element.attributes() {
            let name = &attribute.name.local_name;
            let id = name.eq_ignore_ascii_case("id") || name.eq_ignore_ascii_case("assertionid");
            if !id {
                continue;
            }
            if attribute.name.namespace_uri.is_some() {
                return Err(Refused::Structure("an id in a namespace"));
            }
            if attribute.value.len() > LONGEST_ID || !plain(&attribute.value) {
                return Err(Refused::Structure("an id that is no plain name"));
            }
            if !seen.insert(&*attribute.value) {
                return Err(Refused::Structure("the same id twice"));
            }
        }
    }
    Ok(())
}

/// Assertions, messages and signatures stand only where they are looked for; the same names in foreign namespaces
/// nowhere.
fn all_in_place(xml: &Xml<'_>) -> Result<(), Refused> {
    let root = xml.root();
    let mut assertion = None;
    for element in xml.elements() {
        let parent = element.parent();
        match element.name() {
            "Assertion" | "EncryptedAssertion" => {
                if element.namespace() != Some(SAML) || parent != Some(root) {
                    return Err(Refused::Structure("an assertion at another place"));
                }
                if assertion.replace(element).is_some() {
                    return Err(Refused::Structure("more than one assertion"));
                }
            }
            "Signature" => {
                let holder = parent.filter(|parent| {
                    *parent == root || (Some(*parent) == assertion && parent.name() == "Assertion")
                });
                if element.namespace() != Some(DSIG) || holder.is_none() {
                    return Err(Refused::Structure("a signature at another place"));
                }
            }
            name if MESSAGES.contains(&name) && element != root => {
                return Err(Refused::Structure("a message in a message"));
            }
            _ if !belongs(element, parent) => {
                return Err(Refused::Structure("a part of a signature at another place"));
            }
            _ => {}
        }
    }
    Ok(())
}

/// Parts of signatures and of ciphertexts stand in those.
fn belongs(element: Element<'_>, parent: Option<Element<'_>>) -> bool {
    let within = |namespace: Option<&str>| matches!(namespace, Some(DSIG | XENC));
    if !within(element.namespace()) {
        return true;
    }
    parent.is_some_and(|parent| within(parent.namespace()) || parent.is(SAML, "EncryptedAssertion"))
}

/// The elements in an element, in the order in which a schema names them.
pub(crate) struct Children<'t> {
    rest: Peekable<Box<dyn Iterator<Item = Element<'t>> + 't>>,
}

impl<'t> Children<'t> {
    pub(crate) fn of(element: Element<'t>) -> Self {
        let all: Box<dyn Iterator<Item = Element<'t>> + 't> = Box::new(element.children());
        Self {
            rest: all.peekable(),
        }
    }

    /// The next element, if it is this one.
    pub(crate) fn take(&mut self, namespace: &str, name: &str) -> Option<Element<'t>> {
        self.rest.next_if(|next| next.is(namespace, name))
    }

    /// The next elements, as long as they are these.
    pub(crate) fn all(&mut self, namespace: &str, name: &str) -> Vec<Element<'t>> {
        std::iter::from_fn(|| self.take(namespace, name)).collect()
    }

    /// Whether an element is left.
    pub(crate) fn next_is_some(&mut self) -> bool {
        self.rest.peek().is_some()
    }

    /// Every element that is left.
    pub(crate) fn rest(self) -> impl Iterator<Item = Element<'t>> {
        self.rest
    }

    /// Nothing may be left.
    pub(crate) fn end(mut self) -> Result<(), Refused> {
        match self.rest.next() {
            None => Ok(()),
            Some(_) => Err(Refused::Structure("an element that is not expected there")),
        }
    }
}

/// An element without elements in it.
pub(crate) fn empty(element: Element<'_>) -> Result<(), Refused> {
    Children::of(element).end()?;
    match element.text() {
        Some(text) if text.chars().all(crate::xml::is_space) => Ok(()),
        Some(_) | None => Err(Refused::Structure("text that is not expected there")),
    }
}

/// Bytes in base64, white space allowed; empty where the text is too.
pub(crate) fn base64(element: Element<'_>) -> Option<Vec<u8>> {
    use ::base64::Engine as _;
    let text: String = element
        .text()?
        .chars()
        .filter(|char| !crate::xml::is_space(*char))
        .collect();
    ::base64::engine::general_purpose::STANDARD
        .decode(text)
        .ok()
}
