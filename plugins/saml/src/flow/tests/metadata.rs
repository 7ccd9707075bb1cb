//! The partner's metadata: what is read of it, and what it cannot do.

use plugins_sdk::message::{Freshness, RejectReason, Step};
use plugins_sdk::testing::Driver;
use serde_json::json;

use super::world::*;
use crate::Saml;
use crate::metadata::{MOST_KEYS, MetadataRefused, Partner, Pinned, read};
use crate::place::Hosts;
use crate::send::signature;
use crate::trust::Binding;
use crate::xml_out::Element;

fn pinned() -> Pinned {
    Pinned {
        entity_id: PARTNER.to_owned(),
        hosts: Hosts {
            only: Some(["idp.fabrikam.example".to_owned()].into()),
            allow_insecure_loopback: false,
        },
        anchor: None,
    }
}

fn good(text: &str) -> Partner {
    read(text, &pinned()).unwrap()
}

fn bad(text: &str) -> MetadataRefused {
    read(text, &pinned()).unwrap_err()
}

#[test]
fn keys_and_places_are_read() {
    let partner = good(&good_metadata());
    assert_eq!(
        partner.provider.signing,
        [partner_key().certificate_der.clone()]
    );
    let bindings: Vec<_> = partner
        .provider
        .single_sign_on
        .iter()
        .map(|place| (place.binding, place.location.as_str()))
        .collect();
    assert_eq!(bindings, [(Binding::Redirect, SSO), (Binding::Post, SSO)]);
    let logout = &partner.provider.single_logout;
    assert_eq!(
        logout[0].response_location.as_deref(),
        Some("https://idp.fabrikam.example/slo/done")
    );
    assert!(!partner.wants_signed_requests);
    assert_eq!((partner.valid_until, partner.cache_duration), (None, None));
}

/// S134: a key without `use` is for both.
#[test]
fn sec_134_a_key_without_use_signs() {
    let partner = good(&metadata(&[("", partner_key().base64())]));
    assert_eq!(
        partner.provider.signing,
        [partner_key().certificate_der.clone()]
    );
}

/// S134, S155: metadata without a key to verify with is refused, never taken as leave not to verify.
#[test]
fn sec_155_no_usable_signing_key_is_refused() {
    for keys in [
        vec![],
        vec![("encryption", partner_key().base64())],
        vec![("signing", String::new())],
        vec![("signing", "AQID".to_owned())],
        vec![("signing", "not base64".to_owned())],
        vec![("other", partner_key().base64())],
    ] {
        assert_eq!(
            bad(&metadata(&keys)),
            MetadataRefused::NoSigningKey,
            "{keys:?}"
        );
    }
}

/// S136: a key for encryption verifies nothing.
#[test]
fn sec_136_an_encryption_key_never_verifies() {
    let keys = [
        ("encryption", strange_key().base64()),
        ("signing", partner_key().base64()),
    ];
    let partner = good(&metadata(&keys));
    assert_eq!(
        partner.provider.signing,
        [partner_key().certificate_der.clone()]
    );
}

#[test]
fn of_a_chain_only_the_first_certificate_counts() {
    let chain = format!(
        "{}\n</ds:X509Certificate><ds:X509Certificate>{}",
        partner_key().base64(),
        strange_key().base64()
    );
    let partner = good(&metadata(&[("signing", chain)]));
    assert_eq!(
        partner.provider.signing,
        [partner_key().certificate_der.clone()]
    );
}

#[test]
fn a_key_with_a_comment_inside_is_no_key() {
    let commented = partner_key().base64().replacen('A', "<!-- -->A", 1);
    assert_eq!(
        bad(&metadata(&[("signing", commented)])),
        MetadataRefused::NoSigningKey
    );
}

#[test]
fn several_keys_count_and_too_many_do_not() {
    let two = [
        ("signing", partner_key().base64()),
        ("signing", next_partner_key().base64()),
        ("signing", partner_key().base64()),
    ];
    assert_eq!(good(&metadata(&two)).provider.signing.len(), 2);
    let many = |count| {
        let keys: Vec<_> = (0..count)
            .map(|_| ("signing", fresh_key().base64()))
            .collect();
        metadata(&keys)
    };
    assert_eq!(good(&many(MOST_KEYS)).provider.signing.len(), MOST_KEYS);
    assert_eq!(bad(&many(MOST_KEYS + 1)), MetadataRefused::TooManyKeys);
    let place = format!(
        "<md:SingleSignOnService Binding=\"urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST\" Location=\"{SSO}\"/>"
    );
    let places = good_metadata().replace(&place, &place.repeat(17));
    assert_eq!(bad(&places), MetadataRefused::TooManyEndpoints);
}

#[test]
fn another_entity_is_refused() {
    let other = metadata_of(
        "https://evil.example",
        &[("signing", partner_key().base64())],
    );
    assert_eq!(
        bad(&other),
        MetadataRefused::OtherEntity(PARTNER.to_owned())
    );
    let close = metadata_of(
        &format!("{PARTNER}/"),
        &[("signing", partner_key().base64())],
    );
    assert_eq!(
        bad(&close),
        MetadataRefused::OtherEntity(PARTNER.to_owned())
    );
}

#[test]
fn of_a_federation_the_one_entity_is_read() {
    let strip = |text: String| text.split_once("-->").unwrap().1.to_owned();
    let ours = strip(good_metadata());
    let other = strip(metadata_of(
        "https://other.example",
        &[("signing", strange_key().base64())],
    ));
    let federation = |inside: &str| {
        format!(
            "<md:EntitiesDescriptor xmlns:md=\"urn:oasis:names:tc:SAML:2.0:metadata\" validUntil=\"2026-11-22T00:00:00Z\">{inside}</md:EntitiesDescriptor>"
        )
    };
    let partner = good(&federation(&format!(
        "{other}<md:EntitiesDescriptor>{ours}</md:EntitiesDescriptor>"
    )));
    assert_eq!(
        partner.provider.signing,
        [partner_key().certificate_der.clone()]
    );
    assert_eq!(partner.valid_until, Some(1_795_305_600));
    for inside in [other, format!("{ours}{ours}"), String::new()] {
        assert_eq!(
            bad(&federation(&inside)),
            MetadataRefused::OtherEntity(PARTNER.to_owned())
        );
    }
}

#[test]
fn the_role_is_that_of_one_saml_2_identity_provider() {
    let wrong = good_metadata().replace("SAML:2.0:protocol\"", "SAML:1.1:protocol\"");
    assert_eq!(bad(&wrong), MetadataRefused::NotIdentityProvider);
    let wrong = good_metadata().replace("IDPSSODescriptor", "SPSSODescriptor");
    assert_eq!(bad(&wrong), MetadataRefused::NotIdentityProvider);
    // Of two, which keys count would depend on the reader.
    let second = "</md:IDPSSODescriptor><md:IDPSSODescriptor protocolSupportEnumeration=\"urn:oasis:names:tc:SAML:2.0:protocol\"/>";
    let two = good_metadata().replace("</md:IDPSSODescriptor>", second);
    assert_eq!(bad(&two), MetadataRefused::NotIdentityProvider);
    let other = second.replace("2.0:protocol", "1.1:protocol");
    good(&good_metadata().replace("</md:IDPSSODescriptor>", &other));
}

#[test]
fn places_are_https_on_allowed_hosts() {
    for (from, to) in [
        (SSO, "https://evil.example/sso"),
        (SSO, "http://idp.fabrikam.example/sso"),
        (SSO, "javascript:alert(1)"),
        (SLO, "https://evil.example/slo"),
        (&format!("{SLO}/done"), "https://evil.example/done"),
        (SSO, ""),
    ] {
        let moved = good_metadata().replace(from, to);
        assert!(
            matches!(bad(&moved), MetadataRefused::Location { .. }),
            "{from} {to}"
        );
    }
    let nowhere = good_metadata().replace("SingleSignOnService", "SingleLogoutService");
    // One of those is a SOAP place at another host, which is not used.
    assert_eq!(bad(&nowhere), MetadataRefused::NoSignOn);
}

#[test]
fn times_and_flags_are_read_or_refused() {
    let with = |attributes: &str| {
        good_metadata().replace(
            "<md:IDPSSODescriptor ",
            &format!("<md:IDPSSODescriptor {attributes} "),
        )
    };
    let partner = good(&with(
        "validUntil=\"2026-11-21T12:00:01Z\" cacheDuration=\"PT1H\"",
    ));
    assert_eq!(
        (partner.valid_until, partner.cache_duration),
        (Some(NOW + 1), Some(3600))
    );
    for (name, attributes) in [
        ("validUntil", "validUntil=\"tomorrow\""),
        ("cacheDuration", "cacheDuration=\"an hour\""),
        ("WantAuthnRequestsSigned", "WantAuthnRequestsSigned=\"yes\""),
    ] {
        assert_eq!(bad(&with(attributes)), MetadataRefused::Attribute(name));
    }
}

#[test]
fn what_is_no_plain_xml_is_refused() {
    let doctype = good_metadata().replace(
        "<!-- written by hand -->",
        "<!DOCTYPE x [<!ENTITY e SYSTEM \"file:///etc/passwd\">]>",
    );
    let deep = format!("{}{}", "<a>".repeat(1000), "</a>".repeat(1000));
    let large = format!(
        "{}{}",
        good_metadata(),
        " ".repeat(crate::metadata::MOST_BYTES)
    );
    for text in [
        doctype.as_str(),
        &deep,
        &large,
        "",
        "{}",
        "<html><body>sign in</body>",
        &good_metadata().replace("</md:EntityDescriptor>", ""),
        &format!("{}<x/>", good_metadata()),
    ] {
        assert!(
            matches!(bad(text), MetadataRefused::Xml(_)),
            "{}",
            text.len()
        );
    }
    assert_eq!(bad("<html></html>"), MetadataRefused::NotMetadata);
    assert!(read(&format!("\u{feff}{}", good_metadata()), &pinned()).is_ok());
}

/// Begins a sign-in with what is fetched first; gives the answer to a second fetch if there is one.
fn begin_with(driver: &Driver<Saml>, first: &str, fetched_at: i64, second: &str) -> (Step, bool) {
    let Step::Fetch { state, .. } = step(driver, start(), None, NOW) else {
        panic!();
    };
    match step(
        driver,
        super::world::fetched_at(first, fetched_at),
        Some(state),
        NOW,
    ) {
        Step::Fetch {
            freshness, state, ..
        } => {
            assert_eq!(freshness, Freshness::Revalidate);
            (step(driver, fetched(second), Some(state), NOW), true)
        }
        step => (step, false),
    }
}

#[test]
fn bad_or_old_metadata_is_fetched_again_once() {
    let driver = open(&fetched_settings(&json!({})));
    let with = |attributes: &str| {
        good_metadata().replace(
            "<md:IDPSSODescriptor ",
            &format!("<md:IDPSSODescriptor {attributes} "),
        )
    };
    let good = good_metadata();
    let (other, hour) = (
        metadata_of(
            "https://evil.example",
            &[("signing", partner_key().base64())],
        ),
        with("cacheDuration=\"PT1H\""),
    );
    let ended = with("validUntil=\"2026-11-21T12:00:00Z\"");
    for (first, at, second, again, about) in [
        (&good, NOW, &good, false, ""),
        (&hour, NOW - 3600, &good, false, ""),
        (&hour, NOW - 3601, &good, true, ""),
        // The network failed: the one that was kept is still used.
        (&hour, NOW - 3601, &hour, true, ""),
        (&ended, NOW, &good, true, ""),
        (&ended, NOW, &ended, true, "validUntil"),
        (&other, NOW, &good, true, ""),
        (&other, NOW, &other, true, "does not describe the entity"),
    ] {
        let (step, revalidated) = begin_with(&driver, first, at, second);
        assert_eq!(revalidated, again, "{first}");
        if about.is_empty() {
            assert!(matches!(step, Step::Redirect { .. }), "{step:?}");
        } else {
            rejected(&step, RejectReason::ProviderUnavailable, about);
        }
    }
}

#[test]
fn an_expired_document_of_the_settings_is_not_used() {
    let ended = good_metadata().replace(
        "<md:IDPSSODescriptor ",
        "<md:IDPSSODescriptor validUntil=\"2026-11-21T12:00:00Z\" ",
    );
    let driver = open(&settings(&json!({ "metadata": ended })));
    rejected(
        &step(&driver, start(), None, NOW),
        RejectReason::ProviderUnavailable,
        "validUntil",
    );
    let before = step(&driver, start(), None, NOW - 1);
    assert!(matches!(before, Step::Redirect { .. }), "{before:?}");
}

#[test]
fn metadata_that_cannot_be_had_ends_the_sign_in() {
    let driver = open(&fetched_settings(&json!({})));
    let Step::Fetch { state, .. } = step(&driver, start(), None, NOW) else {
        panic!();
    };
    for status in [0, 302, 404, 500] {
        let event = plugins_sdk::message::Event::Response {
            status,
            headers: plugins_sdk::message::Fields::new(),
            body: good_metadata(),
            fetched_at: NOW,
        };
        rejected(
            &step(&driver, event, Some(state.clone()), NOW),
            RejectReason::ProviderUnavailable,
            &status.to_string(),
        );
    }
}

/// Metadata as a canonical tree, signed or not.
fn signed_metadata(signer: Option<&TestKey>, certificate: &str) -> String {
    let certificate = Element::new("ds", "X509Certificate").text(certificate);
    let info =
        Element::new("ds", "KeyInfo").child(Element::new("ds", "X509Data").child(certificate));
    let place = Element::new("md", "SingleSignOnService")
        .attribute(
            "Binding",
            "urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect",
        )
        .attribute("Location", SSO);
    let role = Element::new("md", "IDPSSODescriptor")
        .attribute(
            "protocolSupportEnumeration",
            "urn:oasis:names:tc:SAML:2.0:protocol",
        )
        .child(Element::new("md", "KeyDescriptor").child(info))
        .child(place);
    let entity = Element::new("md", "EntityDescriptor")
        .attribute("ID", "_metadata")
        .attribute("entityID", PARTNER)
        .child(role);
    let Some(signer) = signer else {
        return entity.write();
    };
    let signature = signature(&entity, "_metadata", &signer.signing()).unwrap();
    entity.insert_second(signature).write()
}

#[test]
fn signed_metadata_is_that_of_the_certificate() {
    let anchored = Pinned {
        anchor: Some(strange_key().certificate_der.clone()),
        ..pinned()
    };
    let key = partner_key().base64();
    let good = signed_metadata(Some(strange_key()), &key);
    assert_eq!(
        read(&good, &anchored).unwrap().provider.signing,
        [partner_key().certificate_der.clone()]
    );
    let other = next_partner_key().base64();
    for bad in [
        signed_metadata(None, &key),
        signed_metadata(Some(partner_key()), &key),
        good.replace(&key, &other),
        good.replace(SSO, "https://idp.fabrikam.example/other"),
        good.replace("ID=\"_metadata\" ", ""),
        // The signed entity inside of a list that nobody signed.
        format!(
            "<md:EntitiesDescriptor xmlns:md=\"urn:oasis:names:tc:SAML:2.0:metadata\">{good}</md:EntitiesDescriptor>"
        ),
    ] {
        assert_eq!(
            read(&bad, &anchored),
            Err(MetadataRefused::Signature),
            "{bad}"
        );
    }
    let settings = |metadata: String| {
        settings(
            &json!({ "metadata": metadata, "metadata_certificate": strange_key().certificate_pem }),
        )
    };
    open(&settings(good));
    let mut request = settings(signed_metadata(None, &key));
    let opened = Driver::<Saml>::open(&plugins_sdk::testing::open_request(request.take()));
    assert!(opened.is_err());
}
