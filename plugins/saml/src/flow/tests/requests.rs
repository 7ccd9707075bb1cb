//! What we ask of the partner, and that it is signed as the bindings say.

use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED, RSA_PKCS1_2048_8192_SHA256, UnparsedPublicKey, VerificationAlgorithm,
};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bergshamra::keys::loader::load_x509_cert_der;
use bergshamra::{DsigContext, KeysManager, VerifyResult};
use plugins_sdk::message::{Event, Fields, RejectReason, Step};
use plugins_sdk::testing::input;
use serde_json::json;

use super::world::*;
use crate::certificate::public_key;

/// Verifies a redirect the long way: over the octets of the query, before `Signature`.
pub(super) fn verify_redirect(url: &str, key: &TestKey) {
    let (_, query) = url.split_once('?').unwrap();
    // A query of the partner's own stands before ours.
    let (_, query) = query.split_at(query.find("SAML").unwrap());
    let (signed, signature) = query.split_once("&Signature=").unwrap();
    let names: Vec<&str> = signed
        .split('&')
        .map(|pair| pair.split_once('=').unwrap().0)
        .collect();
    assert_eq!(&names[1..], ["RelayState", "SigAlg"], "{url}");
    let pairs: Fields = url::form_urlencoded::parse(query.as_bytes())
        .map(|(name, value)| (name.into_owned(), value.into_owned()))
        .collect();
    assert_eq!(pairs["RelayState"], ATTEMPT);
    let algorithm: &'static dyn VerificationAlgorithm = match pairs["SigAlg"].as_str() {
        "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256" => &RSA_PKCS1_2048_8192_SHA256,
        "http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha256" => &ECDSA_P256_SHA256_FIXED,
        other => panic!("{other}"),
    };
    assert!(!signature.contains('='), "not percent-encoded");
    let signature = STANDARD.decode(&pairs["Signature"]).unwrap();
    let info = public_key(&key.certificate_der).unwrap().info;
    UnparsedPublicKey::new(algorithm, info)
        .verify(signed.as_bytes(), &signature)
        .unwrap();
}

/// Verifies an enveloped signature with a verifier that we did not write.
pub(super) fn verify_enveloped(xml: &str, key: &TestKey) {
    let mut keys = KeysManager::new();
    keys.add_key(load_x509_cert_der(&key.certificate_der).unwrap());
    let context = DsigContext::new(keys).with_trusted_keys_only(true);
    match bergshamra::verify(&context, xml).unwrap() {
        VerifyResult::Valid { .. } => {}
        other => panic!("{other:?}"),
    }
}

fn wish(fresh: bool, second_factor: bool) -> Event {
    Event::Start {
        address: None,
        fresh,
        contexts: Vec::new(),
        second_factor,
    }
}

#[test]
fn a_redirect_is_signed_over_its_query() {
    for key in [own_key(), own_rsa_key()] {
        let settings = settings(
            &json!({ "signing_key": key.private_pem, "signing_certificate": key.certificate_pem }),
        );
        let step = begin(&open(&settings), start(), "");
        let Step::Redirect { url, .. } = &step else {
            panic!("{step:?}");
        };
        assert!(
            url.starts_with("https://idp.fabrikam.example/sso?SAMLRequest="),
            "{url}"
        );
        verify_redirect(url, key);
        let xml = request_of(url);
        assert!(!xml.contains("Signature"), "{xml}");
        assert_eq!(attribute(&xml, "Destination"), SSO);
        assert_eq!(attribute(&xml, "AssertionConsumerServiceURL"), CONSUMER);
        assert_eq!(
            attribute(&xml, "ProtocolBinding"),
            "urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST"
        );
        assert_eq!(attribute(&xml, "IssueInstant"), "2026-11-21T12:00:00Z");
        assert!(xml.contains(&format!(">{AUDIENCE}</saml:Issuer>")), "{xml}");
        assert!(
            xml.contains(&format!("AllowCreate=\"true\" Format=\"{PERSISTENT}\"")),
            "{xml}"
        );
        assert!(
            !xml.contains("ForceAuthn") && !xml.contains("RequestedAuthnContext"),
            "{xml}"
        );
    }
}

#[test]
fn a_post_is_signed_inside() {
    for key in [own_key(), own_rsa_key()] {
        let settings = settings(&json!({
            "signing_key": key.private_pem,
            "signing_certificate": key.certificate_pem,
            "sign_on_binding": "post",
            "own_entity_id": "urn:contoso:a&b<\"c\">",
        }));
        let step = begin(&open(&settings), start(), "");
        let Step::Post { url, fields, .. } = &step else {
            panic!("{step:?}");
        };
        assert_eq!(url, SSO);
        assert_eq!(fields["RelayState"], ATTEMPT);
        let xml = String::from_utf8(STANDARD.decode(&fields["SAMLRequest"]).unwrap()).unwrap();
        verify_enveloped(&xml, key);
        assert!(xml.contains("</saml:Issuer><ds:Signature"), "{xml}");
        assert!(xml.contains("urn:contoso:a&amp;b&lt;\"c\"&gt;"), "{xml}");
    }
}

#[test]
fn a_partner_with_one_binding_is_asked_by_it() {
    let redirect =
        "<md:SingleSignOnService Binding=\"urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect\"";
    let post_only = good_metadata().replace(redirect, "<md:X Binding=\"x\"");
    let step = begin(
        &open(&settings(&json!({ "metadata": post_only }))),
        start(),
        "",
    );
    assert!(matches!(step, Step::Post { .. }), "{step:?}");
}

#[test]
fn a_query_of_the_partners_own_is_kept() {
    let metadata =
        good_metadata().replace(&format!("{SSO}\""), &format!("{SSO}?realm=a&amp;b=c\""));
    let step = begin(
        &open(&settings(&json!({ "metadata": metadata }))),
        start(),
        "",
    );
    let Step::Redirect { url, .. } = &step else {
        panic!("{step:?}");
    };
    assert!(
        url.starts_with("https://idp.fabrikam.example/sso?realm=a&b=c&SAMLRequest="),
        "{url}"
    );
    verify_redirect(url, own_key());
}

#[test]
fn without_a_key_requests_go_unsigned() {
    let settings = settings(&json!({ "signing_key": null, "signing_certificate": null }));
    let Step::Redirect { url, .. } = begin(&open(&settings), start(), "") else {
        panic!();
    };
    assert!(
        !url.contains("Signature") && !url.contains("SigAlg"),
        "{url}"
    );
}

#[test]
fn a_fetched_partner_that_wants_signatures_is_not_asked_without() {
    let wants = good_metadata().replace(
        "<md:IDPSSODescriptor ",
        "<md:IDPSSODescriptor WantAuthnRequestsSigned=\"1\" ",
    );
    let unsigned = json!({ "signing_key": null, "signing_certificate": null });
    let step = begin(&open(&fetched_settings(&unsigned)), start(), &wants);
    rejected(&step, RejectReason::ProviderUnavailable, "signing_key");
    let step = begin(&open(&fetched_settings(&json!({}))), start(), &wants);
    assert!(matches!(step, Step::Redirect { .. }), "{step:?}");
}

#[test]
fn a_fresh_sign_in_forces_the_credential() {
    let driver = open(&settings(&json!({})));
    let Step::Redirect { url, .. } = begin(&driver, wish(true, false), "") else {
        panic!();
    };
    assert_eq!(attribute(&request_of(&url), "ForceAuthn"), "true");
}

#[test]
fn a_second_factor_is_asked_for_by_its_context() {
    for (further, context) in [
        (json!({}), "https://refeds.org/profile/mfa"),
        (json!({ "second_factor_context": "urn:x:mfa" }), "urn:x:mfa"),
    ] {
        let driver = open(&settings(&further));
        let Step::Redirect { url, .. } = begin(&driver, wish(false, true), "") else {
            panic!();
        };
        let xml = request_of(&url);
        assert!(xml.contains(&format!(
            "<samlp:RequestedAuthnContext Comparison=\"exact\"><saml:AuthnContextClassRef xmlns:saml=\"urn:oasis:names:tc:SAML:2.0:assertion\">{context}<"
        )), "{xml}");
    }
}

#[test]
fn a_partner_that_cannot_be_asked_for_a_second_factor_is_not() {
    let driver = open(&settings(&json!({ "second_factor_context": "" })));
    let Step::Redirect { url, .. } = begin(&driver, wish(false, true), "") else {
        panic!();
    };
    assert!(!request_of(&url).contains("RequestedAuthnContext"), "{url}");
    // It still says so where there was one.
    let vouched = sign_in(
        &settings(&json!({ "second_factor_context": "" })),
        |answer| {
            answer.context = "https://refeds.org/profile/mfa";
        },
    );
    assert_eq!(done(vouched).amr, ["mfa"]);
}

#[test]
fn the_name_policy_is_as_configured() {
    let policy = |further: serde_json::Value| {
        let step = begin(&open(&settings(&further)), start(), "");
        let Step::Redirect { url, .. } = step else {
            panic!();
        };
        let xml = request_of(&url);
        xml.split_once("<samlp:NameIDPolicy")
            .map(|(_, rest)| rest.to_owned())
    };
    assert_eq!(policy(json!({ "name_id_format": "none" })), None);
    let email = policy(json!({ "name_id_format": "email-address", "subject_attribute": "uid" }));
    assert!(
        email
            .unwrap()
            .contains("urn:oasis:names:tc:SAML:1.1:nameid-format:emailAddress")
    );
}

/// S162: ids come of the step's 256 bits of entropy, and of nothing else.
#[test]
fn sec_162_request_ids_are_the_steps_entropy() {
    let driver = open(&settings(&json!({})));
    let id = |entropy: &str| {
        let mut input = input(start(), None, NOW);
        input.entropy = entropy.to_owned();
        driver.step(&input).unwrap()
    };
    let one = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";
    let two = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAE";
    assert_eq!(asked(&id(one)).0, format!("_{one}"));
    assert_eq!(asked(&id(two)).0, format!("_{two}"));
    // The whole answer is a function of its input, signature included.
    assert_eq!(id(one), id(one));
    rejected(&id("AAAA"), RejectReason::UnexpectedEvent, "entropy");
}

#[test]
fn a_callback_of_another_form_is_not_used() {
    let driver = open(&settings(&json!({})));
    let mut input = input(start(), None, NOW);
    input.redirect_uri = "https://contoso.localhost/elsewhere".to_owned();
    rejected(
        &driver.step(&input).unwrap(),
        RejectReason::UnexpectedEvent,
        "redirect_uri",
    );
}
