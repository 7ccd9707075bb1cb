//! Our own metadata.

use plugins_sdk::message::{Event, Step};
use serde_json::{Value, json};
use uppsala::{Document, NodeId};

use super::world::*;

const MD: &str = "urn:oasis:names:tc:SAML:2.0:metadata";
const DS: &str = "http://www.w3.org/2000/09/xmldsig#";

fn document(settings: &Value) -> String {
    match step(&open(settings), Event::MetadataRequest, None, NOW) {
        Step::Document { content_type, body } => {
            assert_eq!(content_type, "application/samlmetadata+xml");
            body
        }
        other => panic!("{other:?}"),
    }
}

fn encryption() -> Value {
    json!({
        "decryption_keys": [own_rsa_key().private_pem],
        "encryption_certificate": own_rsa_key().certificate_pem,
    })
}

/// Purpose and certificate of every key.
fn keys(xml: &str) -> Vec<(String, String)> {
    let document = uppsala::parse(xml).unwrap();
    document
        .get_elements_by_tag_name_ns(MD, "KeyDescriptor")
        .into_iter()
        .map(|key| {
            let purpose = document.get_attribute(key, "use").unwrap().to_owned();
            let descendants = document.descendants(key);
            let certificates: Vec<_> = descendants
                .iter()
                .filter(|id| named(&document, **id, DS, "X509Certificate"))
                .collect();
            assert_eq!(certificates.len(), 1);
            (purpose, document.text_content_deep(*certificates[0]))
        })
        .collect()
}

fn named(document: &Document<'_>, id: NodeId, namespace: &str, name: &str) -> bool {
    document
        .element(id)
        .is_some_and(|element| element.matches_name_ns(namespace, name))
}

/// S164: each key says what it is for.
#[test]
fn sec_164_each_key_is_published_for_its_purpose() {
    let both = document(&settings(&encryption()));
    assert_eq!(
        keys(&both),
        [
            ("signing".to_owned(), own_key().base64()),
            ("encryption".to_owned(), own_rsa_key().base64()),
        ]
    );
    assert_eq!(
        keys(&document(&settings(&json!({})))),
        [("signing".to_owned(), own_key().base64())]
    );
    let none = json!({ "signing_key": null, "signing_certificate": null });
    assert_eq!(keys(&document(&settings(&none))), []);
}

#[test]
fn a_key_that_will_sign_later_is_published() {
    let certificates = [own_key(), own_rsa_key()].map(|key| key.certificate_pem.as_str());
    let settings = settings(&json!({ "signing_certificate": certificates.concat() }));
    assert_eq!(
        keys(&document(&settings)),
        [own_key(), own_rsa_key()].map(|key| ("signing".to_owned(), key.base64()))
    );
}

/// The order and number of elements, and the attributes, that the schema of SAML metadata asks for.
#[test]
fn the_document_has_the_schemas_shape() {
    let xml = document(&settings(&encryption()));
    let document = uppsala::parse(&xml).unwrap();
    let root = document.document_element().unwrap();
    assert!(named(&document, root, MD, "EntityDescriptor"));
    assert_eq!(document.get_attribute(root, "entityID"), Some(AUDIENCE));
    let role = document.first_child(root).unwrap();
    assert!(named(&document, role, MD, "SPSSODescriptor"));
    assert_eq!(
        document.get_attribute(role, "AuthnRequestsSigned"),
        Some("true")
    );
    assert_eq!(
        document.get_attribute(role, "protocolSupportEnumeration"),
        Some("urn:oasis:names:tc:SAML:2.0:protocol")
    );
    let names = |id| -> Vec<String> {
        document
            .children(id)
            .into_iter()
            .map(|id| document.element(id).unwrap().name.local_name.to_string())
            .collect()
    };
    assert_eq!(
        names(role),
        [
            "KeyDescriptor",
            "KeyDescriptor",
            "SingleLogoutService",
            "SingleLogoutService",
            "NameIDFormat",
            "AssertionConsumerService",
        ]
    );
    let encryption = document.children(role)[1];
    assert_eq!(
        names(encryption),
        [
            "KeyInfo",
            "EncryptionMethod",
            "EncryptionMethod",
            "EncryptionMethod",
            "EncryptionMethod"
        ]
    );
    let children = document.children(role);
    let places: Vec<_> = children[2..4].iter().chain(&children[5..]).collect();
    for (place, (binding, location)) in places.into_iter().zip([
        ("HTTP-Redirect", LOGOUT),
        ("HTTP-POST", LOGOUT),
        ("HTTP-POST", CONSUMER),
    ]) {
        let binding = format!("urn:oasis:names:tc:SAML:2.0:bindings:{binding}");
        assert_eq!(
            document.get_attribute(*place, "Binding"),
            Some(binding.as_str())
        );
        assert_eq!(document.get_attribute(*place, "Location"), Some(location));
    }
    assert_eq!(document.get_attribute(children[5], "index"), Some("0"));
    assert!(!xml.contains("cbc"), "{xml}");
}

#[test]
fn an_entity_id_of_ones_own_is_published() {
    let xml = document(&settings(
        &json!({ "own_entity_id": "urn:contoso:<guests>" }),
    ));
    assert_eq!(attribute(&xml, "entityID"), "urn:contoso:<guests>");
}

#[test]
fn who_cannot_sign_offers_no_logout() {
    let none = json!({ "signing_key": null, "signing_certificate": null });
    let xml = document(&settings(&none));
    assert!(!xml.contains("SingleLogoutService"), "{xml}");
    assert!(xml.contains("AuthnRequestsSigned=\"false\""), "{xml}");
}
