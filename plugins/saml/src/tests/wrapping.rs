//! What was signed at one place, and what is read at another.

use super::idp::{
    assertion, assertion_signed, check, element, response, response_signed, sign, signature_of,
    swap,
};

const ASSERTION: &str = "structure: an assertion at another place";
const TWO: &str = "structure: more than one assertion";
const SIGNATURE: &str = "structure: a signature at another place";
const MESSAGE: &str = "structure: a message in a message";
const REFERENCE: &str = "form of the signature: a reference to something else";

/// A document with one element to be wrapped.
struct Parts {
    /// The element as it was signed.
    signed: String,
    /// The same without its signature.
    bare: String,
    signature: String,
    /// The same for another person.
    evil: String,
}

impl Parts {
    fn assertion() -> Self {
        let signed = element(&assertion_signed(), "saml:Assertion").to_owned();
        Self::new(signed, "_assertion-1")
    }

    fn response() -> Self {
        Self::new(response_signed(), "_response-1")
    }

    fn new(signed: String, id: &str) -> Self {
        let signature = signature_of(&signed, id).to_owned();
        let bare = swap(&signed, &signature, "");
        let evil = bare.replace(">anna@", ">admin@");
        // Another id for every element that has one, as a verifier demands.
        let evil = evil
            .replace("_response-1", "_response-2")
            .replace("_assertion-1", "_assertion-2");
        Self {
            signed,
            bare,
            signature,
            evil,
        }
    }

    /// `evil` with something after its issuer.
    fn evil_with(&self, insert: &str) -> String {
        self.evil
            .replacen("</saml:Issuer>", &format!("</saml:Issuer>{insert}"), 1)
    }

    fn signature_with(&self, insert: &str) -> String {
        swap(
            &self.signature,
            "</ds:Signature>",
            &format!("{insert}</ds:Signature>"),
        )
    }
}

/// The eight forms, by their usual numbers, around a signed assertion: what stands where the assertion stood.
fn around_assertion(number: u8) -> String {
    let parts = Parts::assertion();
    let assertions = match number {
        1 | 6 => parts.evil_with(&parts.signature_with(&parts.bare)),
        2 => [&*parts.evil, &parts.bare, &parts.signature].concat(),
        3 => [&*parts.evil, &parts.signed].concat(),
        4 => parts.evil_with(&parts.signed),
        5 => [&*parts.evil_with(&parts.signature), &parts.bare].concat(),
        7 => format!(
            "<samlp:Extensions>{}</samlp:Extensions>{}",
            parts.evil, parts.signed
        ),
        8 => {
            let object = format!("<ds:Object>{}</ds:Object>", parts.bare);
            parts.evil_with(&parts.signature_with(&object))
        }
        _ => [&*parts.signed, &parts.evil].concat(),
    };
    swap(&response(), &assertion(), &assertions)
}

/// The same around a signed response.
fn around_response(number: u8) -> String {
    let parts = Parts::response();
    let within = |name: &str, what: &str| format!("<{name}>{what}</{name}>");
    match number {
        1 | 6 => parts.evil_with(&parts.signature_with(&parts.bare)),
        2 => parts.evil_with(&[&*parts.bare, &parts.signature].concat()),
        3 => parts.evil_with(&parts.signed),
        4 => swap(
            &parts.evil,
            "</samlp:Response>",
            &format!("{}</samlp:Response>", parts.signed),
        ),
        5 => parts.evil_with(&[&*parts.signature, &parts.bare].concat()),
        7 => parts.evil_with(&within("samlp:Extensions", &parts.signed)),
        8 => parts.evil_with(&parts.signature_with(&within("ds:Object", &parts.bare))),
        _ => swap(
            &parts.evil,
            "</samlp:Status>",
            &format!(
                "{}</samlp:Status>",
                within("samlp:StatusDetail", &parts.signed)
            ),
        ),
    }
}

#[test]
fn every_signing_is_accepted() {
    check(&assertion_signed(), "accepted");
    check(&response_signed(), "accepted");
    check(&sign(&assertion_signed(), "_response-1"), "accepted");
}

#[test]
fn sec_118_wrapped_assertions_are_refused() {
    for (number, want) in [
        (1, ASSERTION),
        (2, TWO),
        (3, TWO),
        (4, ASSERTION),
        (5, TWO),
        (6, ASSERTION),
        (7, ASSERTION),
        (8, ASSERTION),
        (9, TWO),
    ] {
        check(&around_assertion(number), want);
    }
}

#[test]
fn sec_118_wrapped_responses_are_refused() {
    for (number, want) in [
        (1, MESSAGE),
        (2, MESSAGE),
        (3, MESSAGE),
        (4, MESSAGE),
        (5, MESSAGE),
        (6, MESSAGE),
        (7, MESSAGE),
        (8, MESSAGE),
        (9, MESSAGE),
    ] {
        check(&around_response(number), want);
    }
}

/// What the guard alone would say must not be what saves us: without the wrapped part the forgery is still unsigned.
#[test]
fn sec_140_the_signature_of_another_assertion_is_refused() {
    let parts = Parts::assertion();
    let moved = swap(
        &response(),
        &assertion(),
        &parts.evil_with(&parts.signature),
    );
    check(&moved, REFERENCE);
    let renamed = moved.replace("_assertion-2", "_assertion-1");
    check(&renamed, "no trusted key made the signature");
    let parts = Parts::response();
    check(&parts.evil_with(&parts.signature), REFERENCE);
    let renamed = parts.evil_with(&parts.signature);
    let renamed = renamed.replace("_response-2", "_response-1");
    check(&renamed, "no trusted key made the signature");
}

#[test]
fn sec_119_sec_120_several_assertions_are_refused() {
    let evil = assertion()
        .replace("_assertion-1", "_assertion-2")
        .replace(">anna@", ">admin@");
    // Unsigned before or after the signed one, signed by the same key, or the very same again.
    let genuine = element(&assertion_signed(), "saml:Assertion").to_owned();
    for pair in [
        [&*evil, &*genuine].concat(),
        [&*genuine, &*evil].concat(),
        [&*genuine, &*genuine.replace("_assertion-1", "_assertion-2")].concat(),
    ] {
        check(&swap(&response(), &assertion(), &pair), TWO);
    }
    let both = swap(&response(), &assertion(), &[assertion(), evil].concat());
    check(&sign(&both, "_response-1"), TWO);
    check(&sign(&sign(&both, "_assertion-2"), "_assertion-1"), TWO);
    let same = swap(&response(), &assertion(), &genuine.repeat(2));
    check(&same, "structure: the same id twice");
}

#[test]
fn sec_119_an_assertion_of_another_namespace_is_refused() {
    for namespace in ["urn:oasis:names:tc:SAML:1.0:assertion", "urn:evil", ""] {
        let name = format!(r#"<Assertion xmlns="{namespace}"/>"#);
        let extra = swap(
            &assertion_signed(),
            "<samlp:Status>",
            &format!("<samlp:Extensions>{name}</samlp:Extensions><samlp:Status>"),
        );
        check(&extra, ASSERTION);
        let sibling = swap(
            &assertion_signed(),
            "</samlp:Response>",
            &format!("{name}</samlp:Response>"),
        );
        check(&sibling, ASSERTION);
    }
}

#[test]
fn sec_124_ids_are_unique_whatever_a_verifier_takes_for_one() {
    let twice = "structure: the same id twice";
    for (attribute, want) in [
        (r#"ID="_assertion-1""#, twice),
        (r#"Id="_assertion-1""#, twice),
        (r#"id="_assertion-1""#, twice),
        (r#"AssertionID="_assertion-1""#, twice),
        (r#"xml:id="_x""#, "structure: an id in a namespace"),
        (
            r#"ID="a' or '1'='1""#,
            "structure: an id that is no plain name",
        ),
        (r#"ID="""#, "structure: an id that is no plain name"),
        (r#"ID="_other""#, "accepted"),
    ] {
        let marked = swap(
            &response(),
            "<samlp:StatusCode ",
            &format!("<samlp:StatusCode {attribute} "),
        );
        check(&sign(&marked, "_assertion-1"), want);
    }
    let long = "_".repeat(257);
    let long = response().replace("_assertion-1", &long);
    check(&long, "structure: an id that is no plain name");
}

#[test]
fn sec_130_a_signature_elsewhere_is_refused() {
    let signed = assertion_signed();
    let signature = signature_of(&signed, "_assertion-1");
    let without = swap(&signed, signature, "");
    for (before, name) in [
        ("<samlp:Status>", "samlp:Extensions"),
        ("</samlp:Status>", "samlp:StatusDetail"),
    ] {
        let moved = format!("<{name}>{signature}</{name}>{before}");
        check(&swap(&without, before, &moved), SIGNATURE);
    }
    let advice = format!("<saml:Advice>{signature}</saml:Advice><saml:AuthnStatement ");
    check(&swap(&without, "<saml:AuthnStatement ", &advice), SIGNATURE);
    let foreign = r#"<samlp:Extensions><Signature xmlns="urn:evil"/></samlp:Extensions>"#;
    let foreign = format!("{foreign}<samlp:Status>");
    check(&swap(&signed, "<samlp:Status>", &foreign), SIGNATURE);
    for holder in ["_response-1", "_assertion-1"] {
        let marked = format!(r#"ID="{holder}""#);
        let (before, after) = response()
            .split_once(&marked)
            .map(|(a, b)| (a.to_owned(), b.to_owned()))
            .unwrap();
        let direct = r#"</saml:Issuer><Signature xmlns="urn:evil"/>"#;
        let after = after.replacen("</saml:Issuer>", direct, 1);
        check(&format!("{before}{marked}{after}"), SIGNATURE);
    }
    let in_ciphertext = format!("<saml:EncryptedAssertion>{signature}</saml:EncryptedAssertion>");
    check(&swap(&response(), &assertion(), &in_ciphertext), SIGNATURE);
    // In the response, but over the assertion.
    let outer = without.replacen("</saml:Issuer>", &format!("</saml:Issuer>{signature}"), 1);
    check(&outer, REFERENCE);
    // In its place, but not next to the issuer.
    let last = swap(
        &without,
        "</saml:Assertion>",
        &format!("{signature}</saml:Assertion>"),
    );
    check(&last, "structure: a statement that is not expected");
    // Parts of one without the whole.
    for name in ["SignedInfo", "Object", "KeyInfo"] {
        let part = format!(
            r#"<samlp:Extensions><ds:{name} xmlns:ds="http://www.w3.org/2000/09/xmldsig#"/></samlp:Extensions><samlp:Status>"#
        );
        let want = "structure: a part of a signature at another place";
        check(&swap(&signed, "<samlp:Status>", &part), want);
    }
}

#[test]
fn an_assertion_in_advice_or_extensions_is_refused() {
    let inner = assertion().replace("_assertion-1", "_assertion-2");
    let advice = format!("<saml:Advice>{inner}</saml:Advice><saml:AuthnStatement ");
    let advised = swap(&response(), "<saml:AuthnStatement ", &advice);
    check(&sign(&advised, "_response-1"), ASSERTION);
    let harmless = "<saml:Advice><saml:AssertionIDRef>_x</saml:AssertionIDRef></saml:Advice><saml:AuthnStatement ";
    let advised = swap(&response(), "<saml:AuthnStatement ", harmless);
    check(&sign(&advised, "_response-1"), "accepted");
    let extended = r#"<samlp:Extensions><x xmlns="urn:x">y</x></samlp:Extensions><samlp:Status>"#;
    let extended = swap(&response(), "<samlp:Status>", extended);
    check(&sign(&extended, "_response-1"), "accepted");
    check(&sign(&extended, "_assertion-1"), "accepted");
}
