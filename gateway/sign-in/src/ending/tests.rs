//! What ends, and how it is told.

use proptest::prelude::*;
use rcgen::{CertificateParams, KeyPair, date_time_ymd};
use serde_json::json;

use super::*;

/// 2026-11-21, noon.
const NOW: UnixTime = UnixTime(1_795_262_400);
const PARTNER: &str = "https://idp.fabrikam.example/entity";

fn certificate(year: i32, month: u8, day: u8) -> rcgen::Certificate {
    let mut parameters = CertificateParams::new(vec!["idp.example".to_owned()]).unwrap();
    parameters.not_after = date_time_ymd(year, month, day);
    parameters
        .self_signed(&KeyPair::generate().unwrap())
        .unwrap()
}

fn days(year: i32, month: u8, day: u8) -> UnixTime {
    UnixTime(date_time_ymd(year, month, day).unix_timestamp())
}

/// What is told of settings, with the place before it.
fn told(settings: Value) -> Vec<String> {
    let mut provider = crate::fetch::configured_for_tests(None);
    provider.trust.issuers = vec![PARTNER.to_owned()];
    provider.settings.0 = settings;
    let near = among_settings(&provider).into_iter();
    near.filter(|ending| ending.is_near(NOW))
        .map(|ending| format!("{}: {}", ending.place, ending.told(NOW)))
        .collect()
}

fn metadata(entity: &str, attributes: &str, certificates: &[&rcgen::Certificate]) -> String {
    let keys: String = certificates
        .iter()
        .map(|certificate| {
            let text = STANDARD.encode(certificate.der());
            format!("<md:KeyDescriptor><ds:X509Data><ds:X509Certificate>\n{text}\n</ds:X509Certificate></ds:X509Data></md:KeyDescriptor>")
        })
        .collect();
    format!(
        "<md:EntityDescriptor {attributes} entityID=\"{entity}\"><md:IDPSSODescriptor>{keys}</md:IDPSSODescriptor></md:EntityDescriptor>"
    )
}

#[test]
fn the_end_is_that_of_the_certificate_in_either_century() {
    for (year, month, day) in [
        (2026, 12, 3),
        (2049, 12, 31),
        (2050, 1, 1),
        (4096, 1, 1),
        (1999, 1, 1),
    ] {
        let made = certificate(year, month, day);
        let found = certificate::end(made.der());
        assert_eq!(found, Some(days(year, month, day)), "{year}");
        // Not one byte less.
        let short = made.der().get(..40).unwrap();
        assert_eq!(certificate::end(short), None);
    }
}

#[test]
fn what_ends_within_30_days_is_told_with_the_days_left() {
    let check = |(year, month, day), want: &[&str]| {
        let pem = certificate(year, month, day).pem();
        assert_eq!(told(json!({ "signing_certificate": pem })), want);
    };
    check((2027, 6, 1), &[]);
    check((2026, 12, 22), &[]);
    check(
        (2026, 12, 21),
        &["signing_certificate: the certificate ends in 29 days, on 2026-12-21: replace it"],
    );
    check(
        (2026, 11, 23),
        &["signing_certificate: the certificate ends in 1 day, on 2026-11-23: replace it"],
    );
    check(
        (2026, 11, 22),
        &["signing_certificate: the certificate ends within a day, on 2026-11-22: replace it"],
    );
    check(
        (2026, 11, 20),
        &["signing_certificate: the certificate ended on 2026-11-20: replace it"],
    );
}

#[test]
fn of_a_partners_keys_the_one_that_lasts_longest_counts() {
    let (old, new) = (certificate(2026, 11, 30), certificate(2028, 1, 1));
    assert!(told(json!({ "partner_certificates": [old.pem(), new.pem()] })).is_empty());
    let old_alone =
        ["partner_certificates: the certificate ends in 8 days, on 2026-11-30: replace it"];
    assert_eq!(
        told(json!({ "partner_certificates": [old.pem()] })),
        old_alone
    );
    assert!(told(json!({ "metadata": metadata(PARTNER, "", &[&old, &new]) })).is_empty());
    let old_alone = ["metadata: the certificate ends in 8 days, on 2026-11-30: replace it"];
    assert_eq!(
        told(json!({ "metadata": metadata(PARTNER, "", &[&old]) })),
        old_alone
    );
}

#[test]
fn metadata_ends_by_valid_until() {
    let soon = "validUntil=\"2026-12-01T00:00:00Z\"";
    let want = ["metadata: the metadata (`validUntil`) ends in 9 days, on 2026-12-01: replace it"];
    assert_eq!(
        told(json!({ "metadata": metadata(PARTNER, soon, &[]) })),
        want
    );
    // Or by that of the list around it; and others in the list are nobody's concern.
    let (own, other) = (
        metadata(PARTNER, "", &[]),
        metadata("https://other.example", soon, &[&certificate(2020, 1, 1)]),
    );
    let list = |attributes: &str| {
        format!("<md:EntitiesDescriptor {attributes}>{other}{own}</md:EntitiesDescriptor>")
    };
    assert_eq!(told(json!({ "metadata": list(soon) })), want);
    assert!(told(json!({ "metadata": list("") })).is_empty());
}

#[test]
fn secrets_and_other_texts_have_no_end() {
    let key = KeyPair::generate().unwrap().serialize_pem();
    let settings = json!({ "client_secret": "s", "signing_key": key, "any_tenant": true, "domains": ["a.example"], "passiveSignInUri": null });
    assert!(told(settings).is_empty());
    assert!(told(json!(null)).is_empty());
}

proptest! {
    #[test]
    fn any_bytes_and_texts_are_taken(bytes: Vec<u8>, text in ".{0,200}") {
        let _end = certificate::end(&bytes);
        let issuers = [PARTNER.to_owned()];
        let _found = in_document("u", &text, &issuers);
        let odd = format!("<a entityID=\"{PARTNER}\" validUntil={text}");
        let _found = in_document("u", &odd, &issuers);
    }
}
