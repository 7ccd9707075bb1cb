//! Each verifier by itself, on what the guard would not let through.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::*;
use crate::tests::idp::{
    Making, assertion, assertion_signed, canonical, digest_of, element, provider, response,
    response_signed, sign, sign_as, signature_of, signer, stranger, swap,
};

fn find<'t>(xml: &'t Xml<'_>, name: &str, id: Option<&str>) -> Element<'t> {
    xml.elements()
        .find(|element| element.name() == name && (id.is_none() || element.attribute("ID") == id))
        .unwrap()
}

/// Whether the first verifier finds this element signed by the first signature of the document.
fn first(xml: &str, id: &str) -> bool {
    first_with(xml, id, &signer().certificate)
}

fn first_with(xml: &str, id: &str, certificate: &[u8]) -> bool {
    let document = xml::parse(xml.as_bytes(), LARGEST).unwrap();
    let element = document
        .elements()
        .find(|element| element.attribute("ID") == Some(id));
    let signed = Signed {
        element: element.unwrap(),
        id: "",
        signature: find(&document, "Signature", None),
    };
    signed_by(&document, &[signed], certificate)
}

/// What the second verifier digested.
fn second(xml: &str) -> Option<String> {
    reduce(xml, &signer().certificate)
}

#[test]
fn both_verifiers_find_what_is_signed() {
    let text = |id: &str| String::from_utf8(canonical(&response(), id)).unwrap();
    assert!(first(&assertion_signed(), "_assertion-1"));
    assert_eq!(second(&assertion_signed()), Some(text("_assertion-1")));
    assert!(first(&response_signed(), "_response-1"));
    assert_eq!(second(&response_signed()), Some(text("_response-1")));
    // Of both, the outer one.
    let both = sign(&assertion_signed(), "_response-1");
    let reduced = second(&both).unwrap();
    assert_eq!(element(&reduced, "samlp:Response").len(), reduced.len());
}

#[test]
fn sec_141_sec_155_no_error_of_a_verifier_is_success() {
    assert_eq!(second(&response()), None);
    let signature =
        r#"</saml:Issuer><ds:Signature xmlns:ds="http://www.w3.org/2000/09/xmldsig#"/>"#;
    let empty = response().replacen("</saml:Issuer>", signature, 1);
    assert_eq!(second(&empty), None);
    assert!(!first(&empty, "_response-1"));
    assert_eq!(reduce(&assertion_signed(), b"no certificate"), None);
    assert!(!first_with(
        &assertion_signed(),
        "_assertion-1",
        b"no certificate"
    ));
}

#[test]
fn sec_127_no_verifier_takes_the_key_of_the_message() {
    let inline = format!(
        "<ds:KeyInfo><ds:X509Data><ds:X509Certificate>{}</ds:X509Certificate></ds:X509Data></ds:KeyInfo>",
        STANDARD.encode(&stranger().certificate)
    );
    let making = Making {
        signer: stranger(),
        key_info: &inline,
        ..Making::default()
    };
    let forged = sign_as(&response(), "_assertion-1", &making);
    assert!(!first(&forged, "_assertion-1"));
    assert_eq!(second(&forged), None);
    assert!(first_with(&forged, "_assertion-1", &stranger().certificate));
}

#[test]
fn sec_128_the_first_verifier_covers_the_element_that_is_read() {
    // Another element than the one that its signature is over.
    assert!(!first(&assertion_signed(), "_response-1"));
    // Another signature than that of the element.
    let both = sign(&assertion_signed(), "_response-1");
    let document = xml::parse(both.as_bytes(), LARGEST).unwrap();
    let signatures: Vec<_> = document
        .elements()
        .filter(|element| element.name() == "Signature")
        .collect();
    let signed = |name, index: usize| Signed {
        element: find(&document, name, None),
        id: "",
        signature: signatures[index],
    };
    let certificate = &signer().certificate;
    let (outer, inner) = (signed("Response", 0), signed("Assertion", 1));
    assert!(signed_by(&document, &[outer, inner], certificate));
    assert!(!signed_by(&document, &[inner, outer], certificate));
    let crossed = [signed("Response", 1), signed("Assertion", 0)];
    assert!(!signed_by(&document, &crossed, certificate));
    // One of two signatures that nobody asked for.
    assert!(!signed_by(&document, &[outer], certificate));
    assert!(!signed_by(&document, &[outer, inner, inner], certificate));
}

#[test]
fn the_first_verifier_wants_signatures_beside_or_in_what_they_sign() {
    let signed = assertion_signed();
    let signature = signature_of(&signed, "_assertion-1").to_owned();
    let apart = swap(&signed, &signature, "");
    let apart = swap(
        &apart,
        "</samlp:Status>",
        &format!("<samlp:StatusDetail>{signature}</samlp:StatusDetail></samlp:Status>"),
    );
    assert!(!first(&apart, "_assertion-1"));
}

#[test]
fn sec_160_the_second_verifier_refuses_sha_1() {
    let sha1 = |info: String| {
        let from = digest_of(&canonical(&response(), "_assertion-1"), "sha256");
        let to = digest_of(&canonical(&response(), "_assertion-1"), "sha1");
        let info = swap(&info, &from, &to);
        swap(
            &info,
            "http://www.w3.org/2001/04/xmlenc#sha256",
            "http://www.w3.org/2000/09/xmldsig#sha1",
        )
    };
    let making = Making {
        info: &sha1,
        ..Making::default()
    };
    assert_eq!(second(&sign_as(&response(), "_assertion-1", &making)), None);
}

#[test]
fn the_second_verifier_refuses_what_was_changed() {
    for (from, to) in [(">anna@", ">admin@"), ("_session-1", "_session-2")] {
        assert_eq!(second(&assertion_signed().replace(from, to)), None);
        assert_eq!(second(&response_signed().replace(from, to)), None);
    }
    // Around the assertion anything goes: it is not part of what is given back.
    let around = assertion_signed().replace("status:Success", "status:Requester");
    assert_eq!(second(&around), second(&assertion_signed()));
}

#[test]
fn sec_165_trees_are_the_same_in_everything_that_is_read() {
    let whole = assertion();
    let compare = |theirs: &str| {
        let ours = xml::parse(whole.as_bytes(), LARGEST).unwrap();
        let theirs = xml::parse(theirs.as_bytes(), LARGEST).unwrap();
        same(ours.root(), None, theirs.root())
    };
    assert!(compare(&whole));
    let prefix = whole
        .replace("saml:", "x:")
        .replace("xmlns:saml", "xmlns:x");
    assert!(compare(&prefix));
    let quoted = whole.replace(r#"Name="mail""#, "Name='mail'");
    assert!(compare(&quoted));
    let twisted = whole.replace(
        r#"ID="_assertion-1" Version="2.0""#,
        r#"Version="2.0" ID="_assertion-1""#,
    );
    assert!(compare(&twisted));
    assert!(compare(&whole.replace("anna@", "&#x61;nna@")));
    for (from, to) in [
        ("anna@", "admin@"),
        ("</saml:Subject>", "</saml:Subject> "),
        (r#"Name="mail""#, r#"Name="mail2""#),
        (r#"Name="mail""#, r#"Name="mail" X="""#),
        (r#"Name="mail""#, r#"xmlns:x="urn:u" x:Name="mail""#),
        (r#" SessionIndex="_session-1""#, ""),
        ("SubjectConfirmationData", "SubjectConfirmationDatum"),
        ("SAML:2.0:assertion\"", "SAML:2.0:protocol\""),
        ("<saml:AttributeValue>c</saml:AttributeValue>", ""),
        (
            "<saml:AttributeValue>c</saml:AttributeValue>",
            "<saml:AttributeValue>c</saml:AttributeValue><saml:AttributeValue/>",
        ),
        (
            "<saml:Audience>https://gateway.example/saml</saml:Audience>",
            "https://gateway.example/saml",
        ),
    ] {
        let other = whole.replacen(from, to, 1);
        assert_ne!(other, whole, "{from}");
        assert!(!compare(&other), "{from}");
    }
    // Without its signature, and nothing else.
    let signed = element(&assertion_signed(), "saml:Assertion").to_owned();
    let ours = xml::parse(signed.as_bytes(), LARGEST).unwrap();
    let theirs = xml::parse(whole.as_bytes(), LARGEST).unwrap();
    let signature = find(&ours, "Signature", None);
    assert!(same(ours.root(), Some(signature), theirs.root()));
    assert!(!same(ours.root(), None, theirs.root()));
}

/// With the first verifier out of the way, the second one still refuses, and what it gives is compared.
#[test]
fn disagreement_is_refused_and_calls_for_no_keys() {
    for why in ["xmlsec refuses", "xmlsec verified something else"] {
        assert!(!Refused::Disagreement(why).is_signature());
    }
    let trusted = provider(&[signer()]);
    let signed = assertion_signed();
    let document = xml::parse(signed.as_bytes(), LARGEST).unwrap();
    let assertion = Signed {
        element: find(&document, "Assertion", None),
        id: "_assertion-1",
        signature: find(&document, "Signature", None),
    };
    assert_eq!(
        verify(signed.as_bytes(), &document, &[assertion], &trusted),
        Ok(())
    );
    // The text that the second verifier gets is not the one that the tree was made of.
    for (from, to, want) in [
        (">anna@", ">admin@", "xmlsec refuses"),
        ("_assertion-1", "_assertion-2", "xmlsec refuses"),
    ] {
        let other = signed.replace(from, to);
        let refused = verify(other.as_bytes(), &document, &[assertion], &trusted);
        assert_eq!(refused, Err(Refused::Disagreement(want)));
    }
    let other = sign(&response().replace(">anna@", ">admin@"), "_assertion-1");
    let refused = verify(other.as_bytes(), &document, &[assertion], &trusted);
    let want = Refused::Disagreement("xmlsec verified something else");
    assert_eq!(refused, Err(want));
    let none = verify(signed.as_bytes(), &document, &[], &trusted);
    assert_eq!(none, Err(Refused::Unsigned));
}
