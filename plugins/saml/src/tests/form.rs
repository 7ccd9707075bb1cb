//! Signatures of another form than the one, and keys that are not trusted.

use std::io::ErrorKind;
use std::net::TcpListener;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::idp::{
    Making, Signer, assertion_signed, canonical, canonical_with, check, check_as, curves, cut,
    digest_of, expected, provider, response, response_signed, sign, sign_as, signature_of, signer,
    stranger, swap,
};
use crate::refused::Refused;
use crate::response::accept;

const UNSIGNED: &str = "nothing is signed";
const UNTRUSTED: &str = "no trusted key made the signature";
const ENVELOPED: &str = r#"<ds:Transform Algorithm="http://www.w3.org/2000/09/xmldsig#enveloped-signature"></ds:Transform>"#;
const EXCLUSIVE: &str =
    r#"<ds:Transform Algorithm="http://www.w3.org/2001/10/xml-exc-c14n#"></ds:Transform>"#;

/// Signs both ways with a `SignedInfo` that `change` wrote.
#[track_caller]
fn check_info(change: &dyn Fn(String) -> String, want: &str) {
    let making = Making {
        info: change,
        ..Making::default()
    };
    check(&sign_as(&response(), "_assertion-1", &making), want);
    check(&sign_as(&response(), "_response-1", &making), want);
}

#[track_caller]
fn check_swapped(from: &str, to: &str, want: &str) {
    check_info(&|info| swap(&info, from, to), want);
}

#[test]
fn unsigned_and_stripped_responses_are_refused() {
    check(&response(), UNSIGNED);
    for (signed, id) in [
        (assertion_signed(), "_assertion-1"),
        (response_signed(), "_response-1"),
    ] {
        let signature = signature_of(&signed, id);
        check(&swap(&signed, signature, ""), UNSIGNED);
        let start = signature.find("<ds:SignatureValue>").unwrap();
        let end = signature.find("</ds:Signature>").unwrap();
        let value = cut(signature, start..end);
        let no_value = "form of the signature: no `SignatureValue`, or not next";
        check(&swap(&signed, value, ""), no_value);
        let length = "form of the signature: a value of an impossible length";
        check(
            &swap(&signed, value, "<ds:SignatureValue></ds:SignatureValue>"),
            length,
        );
        let long = STANDARD.encode([1; 1025]);
        let long = format!("<ds:SignatureValue>{long}</ds:SignatureValue>");
        check(&swap(&signed, value, &long), length);
    }
}

#[test]
fn tampered_responses_are_refused() {
    for (from, to) in [
        (
            ">anna@partner.example</saml:N",
            ">admin@partner.example</saml:N",
        ),
        (">c</saml:AttributeValue>", ">admins</saml:AttributeValue>"),
        (
            "NameQualifier=\"https://idp.example/saml\" SP",
            "NameQualifier=\"https://idp.example/other\" SP",
        ),
        ("_session-1", "_session-2"),
        ("</saml:AttributeStatement>", " </saml:AttributeStatement>"),
        (" xsi:type=\"xs:string\"", ""),
    ] {
        check(&swap(&assertion_signed(), from, to), UNTRUSTED);
        check(&swap(&response_signed(), from, to), UNTRUSTED);
    }
    // Outside of what is signed nothing is read but what was checked.
    let outside = swap(&assertion_signed(), "</samlp:Status>", " </samlp:Status>");
    check(&outside, "accepted");
}

#[test]
fn sec_127_only_pinned_keys_verify() {
    let other = Making {
        signer: stranger(),
        ..Making::default()
    };
    let inline = format!(
        "<ds:KeyInfo><ds:X509Data><ds:X509Certificate>{}</ds:X509Certificate></ds:X509Data></ds:KeyInfo>",
        STANDARD.encode(&stranger().certificate)
    );
    let carried = Making {
        key_info: &inline,
        ..other
    };
    for making in [
        Making {
            signer: stranger(),
            ..Making::default()
        },
        carried,
    ] {
        for id in ["_assertion-1", "_response-1"] {
            check(&sign_as(&response(), id, &making), UNTRUSTED);
        }
    }
    // The same hint with the right key changes nothing.
    let hinted = Making {
        key_info: &inline,
        ..Making::default()
    };
    check(&sign_as(&response(), "_assertion-1", &hinted), "accepted");
    let named = Making {
        key_info: "<ds:KeyInfo><ds:KeyName>x</ds:KeyName></ds:KeyInfo>",
        ..Making::default()
    };
    check(&sign_as(&response(), "_assertion-1", &named), "accepted");
    for elsewhere in [
        r##"<ds:KeyInfo><ds:RetrievalMethod URI="http://127.0.0.1:1/key"/></ds:KeyInfo>"##,
        r##"<ds:KeyInfo><KeyInfoReference xmlns="http://www.w3.org/2009/xmldsig11#" URI="#_x"/></ds:KeyInfo>"##,
        r##"<ds:KeyInfo><x509Data xmlns="urn:x"/></ds:KeyInfo>"##,
    ] {
        let making = Making {
            key_info: elsewhere,
            ..Making::default()
        };
        let want = "form of the signature: a `KeyInfo` that leads elsewhere";
        check(&sign_as(&response(), "_assertion-1", &making), want);
    }
}

#[test]
fn sec_143_either_of_two_keys_verifies_in_any_order() {
    let [ec, ..] = curves();
    for order in [[signer(), ec], [ec, signer()]] {
        let provider = provider(&order);
        let expected = expected(&provider);
        for by in order {
            let making = Making {
                signer: by,
                hash: "sha256",
                ..Making::default()
            };
            for id in ["_assertion-1", "_response-1"] {
                check_as(&sign_as(&response(), id, &making), &expected, "accepted");
            }
        }
        let retired = Making {
            signer: stranger(),
            ..Making::default()
        };
        let retired = sign_as(&response(), "_assertion-1", &retired);
        check_as(&retired, &expected, UNTRUSTED);
    }
}

#[test]
fn one_key_signs_all_that_is_signed() {
    let provider = provider(&[signer(), stranger()]);
    let other = Making {
        signer: stranger(),
        ..Making::default()
    };
    let mixed = sign_as(&assertion_signed(), "_response-1", &other);
    check_as(&mixed, &expected(&provider), UNTRUSTED);
}

#[test]
fn sec_155_a_provider_without_usable_keys_verifies_nothing() {
    let want = "no certificate of the provider holds a key that may verify";
    let mut provider = provider(&[]);
    check_as(&assertion_signed(), &expected(&provider), want);
    provider.signing = vec![b"no certificate".to_vec()];
    check_as(&assertion_signed(), &expected(&provider), want);
    check_as(&response(), &expected(&provider), UNSIGNED);
    // RSA with 1024 bits.
    provider.signing = vec![STANDARD.decode(include_str!("weak.txt").trim()).unwrap()];
    check_as(&assertion_signed(), &expected(&provider), want);
}

#[test]
fn every_accepted_algorithm_verifies() {
    for hash in ["sha256", "sha384", "sha512"] {
        let making = Making {
            hash,
            ..Making::default()
        };
        check(&sign_as(&response(), "_assertion-1", &making), "accepted");
        check(&sign_as(&response(), "_response-1", &making), "accepted");
    }
    for signer in curves() {
        let provider = provider(&[signer]);
        let making = Making {
            signer,
            ..Making::default()
        };
        let signed = sign_as(&response(), "_assertion-1", &making);
        check_as(&signed, &expected(&provider), "accepted");
    }
}

#[test]
fn sec_160_other_algorithms_are_refused() {
    let method = "form of the signature: a signature algorithm that is not accepted";
    let sha256 = "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256";
    for algorithm in [
        "http://www.w3.org/2000/09/xmldsig#rsa-sha1",
        "http://www.w3.org/2001/04/xmldsig-more#rsa-md5",
        "http://www.w3.org/2001/04/xmldsig-more#rsa-sha224",
        "http://www.w3.org/2000/09/xmldsig#dsa-sha1",
        "http://www.w3.org/2009/xmldsig11#dsa-sha256",
        "http://www.w3.org/2000/09/xmldsig#hmac-sha1",
        "http://www.w3.org/2001/04/xmldsig-more#hmac-sha256",
        "http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha1",
        "",
    ] {
        check_swapped(sha256, algorithm, method);
    }
    check_swapped(
        "</ds:DigestMethod>",
        "<x xmlns=\"urn:x\"></x></ds:DigestMethod>",
        "form of the signature: parameters of the digest",
    );
    let digest = "form of the signature: a digest that is not accepted";
    check_swapped(
        "http://www.w3.org/2001/04/xmlenc#sha256",
        "http://www.w3.org/2001/04/xmldsig-more#md5",
        digest,
    );
    for id in ["_assertion-1", "_response-1"] {
        let sha1 = |info: String| {
            let from = digest_of(&canonical(&response(), id), "sha256");
            let to = digest_of(&canonical(&response(), id), "sha1");
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
        check(&sign_as(&response(), id, &making), digest);
    }
}

/// A public key as the secret of an HMAC: there is no HMAC.
#[test]
fn hmac_with_the_public_key_is_refused() {
    use aws_lc_rs::hmac::{HMAC_SHA256, Key, sign as mac};
    for secret in [
        signer().certificate.clone(),
        STANDARD.encode(&signer().certificate).into_bytes(),
    ] {
        let signed = assertion_signed();
        let signature = signature_of(&signed, "_assertion-1");
        let info = signature
            .split_once("<ds:SignedInfo>")
            .and_then(|(_, rest)| rest.split_once("</ds:SignedInfo>"))
            .unwrap()
            .0;
        let hmac = swap(info, "xmldsig-more#rsa-sha256", "xmldsig-more#hmac-sha256");
        let octets = format!(
            r#"<ds:SignedInfo xmlns:ds="http://www.w3.org/2000/09/xmldsig#">{hmac}</ds:SignedInfo>"#
        );
        let value = STANDARD.encode(mac(&Key::new(HMAC_SHA256, &secret), octets.as_bytes()));
        let forged = format!(
            r#"<ds:Signature xmlns:ds="http://www.w3.org/2000/09/xmldsig#"><ds:SignedInfo>{hmac}</ds:SignedInfo><ds:SignatureValue>{value}</ds:SignatureValue></ds:Signature>"#
        );
        let want = "form of the signature: a signature algorithm that is not accepted";
        check(&swap(&signed, signature, &forged), want);
    }
    check_swapped(
        r#"#rsa-sha256"></ds:SignatureMethod>"#,
        r#"#rsa-sha256"><ds:HMACOutputLength>8</ds:HMACOutputLength></ds:SignatureMethod>"#,
        "form of the signature: parameters of the signature algorithm",
    );
}

/// Fetches and programs need no key to start: nothing may start them.
#[test]
fn references_and_transforms_that_run_something_are_refused() {
    let trap = TcpListener::bind("127.0.0.1:0").unwrap();
    trap.set_nonblocking(true).unwrap();
    let port = trap.local_addr().unwrap().port();
    let elsewhere = "form of the signature: a reference to something else";
    for (id, other) in [
        ("_assertion-1", "_response-1"),
        ("_response-1", "_assertion-1"),
    ] {
        for uri in [
            format!("http://127.0.0.1:{port}/x"),
            "file:///etc/hostname".to_owned(),
            "cid:x".to_owned(),
            String::new(),
            "#".to_owned(),
            format!("#{other}"),
            format!("#xpointer(id('{id}'))"),
            id.to_owned(),
        ] {
            let change = |info: String| swap(&info, &format!("#{id}"), &uri);
            let making = Making {
                info: &change,
                ..Making::default()
            };
            check(&sign_as(&response(), id, &making), elsewhere);
        }
    }
    check_info(
        &|info| {
            info.replace(" URI=\"#_assertion-1\"", "")
                .replace(" URI=\"#_response-1\"", "")
        },
        elsewhere,
    );
    let others = "form of the signature: other transforms than enveloped-signature and exclusive canonicalisation";
    let xslt = r#"<ds:Transform Algorithm="http://www.w3.org/TR/1999/REC-xslt-19991116"><xsl:stylesheet xmlns:xsl="http://www.w3.org/1999/XSL/Transform" version="1.0"/></ds:Transform>"#;
    let xpath = r#"<ds:Transform Algorithm="http://www.w3.org/TR/1999/REC-xpath-19991116"><ds:XPath>count(//. | //@*)=0</ds:XPath></ds:Transform>"#;
    let filter =
        r#"<ds:Transform Algorithm="http://www.w3.org/2002/06/xmldsig-filter2"></ds:Transform>"#;
    let decode =
        r#"<ds:Transform Algorithm="http://www.w3.org/2000/09/xmldsig#base64"></ds:Transform>"#;
    for extra in [xslt, xpath, filter, decode] {
        check_swapped(ENVELOPED, &format!("{extra}{ENVELOPED}"), others);
        check_swapped(ENVELOPED, extra, others);
        check_swapped(EXCLUSIVE, &format!("{EXCLUSIVE}{extra}"), others);
    }
    check_swapped(ENVELOPED, "", others);
    check_swapped(EXCLUSIVE, "", others);
    check_swapped(
        ENVELOPED,
        &ENVELOPED.replace("></ds", "><x xmlns=\"urn:x\"/></ds"),
        others,
    );
    let swapped = [ENVELOPED, EXCLUSIVE].concat();
    check_swapped(&swapped, &[EXCLUSIVE, ENVELOPED].concat(), others);
    check_swapped(
        EXCLUSIVE,
        xpath,
        "form of the signature: a canonicalisation that is not accepted",
    );
    assert_eq!(trap.accept().unwrap_err().kind(), ErrorKind::WouldBlock);
}

#[test]
fn other_canonicalisations_are_refused() {
    let want = "form of the signature: a canonicalisation that is not accepted";
    for algorithm in [
        "http://www.w3.org/TR/2001/REC-xml-c14n-20010315",
        "http://www.w3.org/2006/12/xml-c14n11",
        "http://www.w3.org/2001/10/xml-exc-c14n#WithComments",
        "http://www.w3.org/TR/2001/REC-xml-c14n-20010315#WithComments",
    ] {
        let inclusive = EXCLUSIVE.replace("http://www.w3.org/2001/10/xml-exc-c14n#", algorithm);
        check_swapped(EXCLUSIVE, &inclusive, want);
        let method = format!("<ds:CanonicalizationMethod Algorithm=\"{algorithm}\">");
        let exclusive =
            r#"<ds:CanonicalizationMethod Algorithm="http://www.w3.org/2001/10/xml-exc-c14n#">"#;
        check_swapped(exclusive, &method, want);
    }
}

#[test]
fn prefixes_of_the_canonicalisation_may_be_named() {
    let with = |list: &str| {
        let inclusive = format!(
            r#"<ec:InclusiveNamespaces xmlns:ec="http://www.w3.org/2001/10/xml-exc-c14n#" PrefixList="{list}"></ec:InclusiveNamespaces></ds:Transform>"#
        );
        EXCLUSIVE.replace("</ds:Transform>", &inclusive)
    };
    check_swapped(EXCLUSIVE, &with("other #default"), "accepted");
    let counted = |info: String| {
        let plain = digest_of(&canonical(&response(), "_assertion-1"), "sha256");
        let used = canonical_with(&response(), "_assertion-1", &["xs"]);
        let info = swap(&info, &plain, &digest_of(&used, "sha256"));
        swap(&info, EXCLUSIVE, &with("xs"))
    };
    let making = Making {
        info: &counted,
        ..Making::default()
    };
    check(&sign_as(&response(), "_assertion-1", &making), "accepted");
    let none = "form of the signature: a list of prefixes that is none";
    check_swapped(EXCLUSIVE, &with("a:b"), none);
    check_swapped(EXCLUSIVE, &with(&"x ".repeat(33)), none);
    let parameters = "form of the signature: parameters of the canonicalisation";
    check_swapped(
        EXCLUSIVE,
        &EXCLUSIVE.replace("></ds", "><x xmlns=\"urn:x\"/></ds"),
        parameters,
    );
    let filled = with("xs").replace("></ec", "><x xmlns=\"urn:x\"/></ec");
    check_swapped(EXCLUSIVE, &filled, parameters);
}

#[test]
fn sec_125_the_digest_of_nothing_is_refused() {
    for (hash, length) in [("sha256", 44), ("sha384", 64), ("sha512", 88)] {
        for id in ["_assertion-1", "_response-1"] {
            let nothing = |info: String| {
                let digest = digest_of(&canonical(&response(), id), hash);
                assert_eq!(digest.len(), length);
                swap(&info, &digest, &digest_of(b"", hash))
            };
            let making = Making {
                hash,
                info: &nothing,
                ..Making::default()
            };
            let want = "form of the signature: the digest of nothing";
            check(&sign_as(&response(), id, &making), want);
        }
    }
}

#[test]
fn sec_126_one_signed_info_and_a_digest_of_text_alone() {
    check_swapped(
        "</ds:DigestValue>",
        "<!-- x --></ds:DigestValue>",
        "not the XML that is accepted: a comment or a processing instruction",
    );
    let value = "form of the signature: a digest value that is not base64 alone";
    check_info(
        &|info| {
            info.replace("<ds:DigestValue>", "<ds:DigestValue><x>")
                .replace("</ds:DigestValue>", "</x></ds:DigestValue>")
        },
        value,
    );
    check_swapped("</ds:DigestValue>", "*</ds:DigestValue>", value);
    check_swapped(
        "<ds:DigestValue>",
        "<ds:DigestValue>AAAA",
        "form of the signature: a digest value of another length",
    );
    for (signed, id) in [
        (assertion_signed(), "_assertion-1"),
        (response_signed(), "_response-1"),
    ] {
        let signature = signature_of(&signed, id);
        let start = signature.find("<ds:SignedInfo>").unwrap();
        let end = signature.find("<ds:SignatureValue>").unwrap();
        let info = cut(signature, start..end);
        let twice = swap(&signed, info, &info.repeat(2));
        check(
            &twice,
            "form of the signature: no `SignatureValue`, or not next",
        );
        let after = swap(
            &signed,
            "</ds:SignatureValue>",
            &format!("</ds:SignatureValue>{info}"),
        );
        let more = "form of the signature: more than `SignedInfo`, `SignatureValue`, `KeyInfo`";
        check(&after, more);
        let object = "</ds:SignatureValue><ds:Object/>";
        check(&swap(&signed, "</ds:SignatureValue>", object), more);
        let not = "form of the signature: a value that is not base64";
        check(
            &swap(&signed, "<ds:SignatureValue>", "<ds:SignatureValue>*"),
            not,
        );
    }
}

#[test]
fn sec_129_several_references_are_refused() {
    let several = "form of the signature: several references";
    check_info(
        &|info| {
            let start = info.find("<ds:Reference ").unwrap();
            let end = info.find("</ds:SignedInfo>").unwrap();
            let reference = cut(&info, start..end).to_owned();
            swap(&info, &reference, &reference.repeat(2))
        },
        several,
    );
    check_info(
        &|info| {
            let other = r##"<ds:Reference URI="#_other"></ds:Reference></ds:SignedInfo>"##;
            swap(&info, "</ds:SignedInfo>", other)
        },
        several,
    );
    check_swapped(
        "</ds:Reference>",
        "<x xmlns=\"urn:x\"></x></ds:Reference>",
        "form of the signature: more in the reference",
    );
}

#[test]
fn base64_may_be_broken_into_lines() {
    let signed = assertion_signed();
    let signature = signature_of(&signed, "_assertion-1");
    let (head, value) = signature.split_once("<ds:SignatureValue>").unwrap();
    let broken = format!(
        "{head}<ds:SignatureValue>\r\n{}&#13;\n {}",
        cut(value, ..40),
        cut(value, 40..)
    );
    check(&swap(&signed, signature, &broken), "accepted");
}

#[test]
fn only_signatures_call_for_newer_keys() {
    let provider = provider(&[signer()]);
    let refused = |xml: &str| accept(xml.as_bytes(), &expected(&provider)).unwrap_err();
    let other = Making {
        signer: stranger(),
        ..Making::default()
    };
    assert!(refused(&sign_as(&response(), "_assertion-1", &other)).is_signature());
    assert!(Refused::NoKey.is_signature());
    for xml in [
        response(),
        "<x/>".to_owned(),
        sign(&response().replace("#status:Success", "x"), "_response-1"),
    ] {
        if let Err(refused) = accept(xml.as_bytes(), &expected(&provider)) {
            assert!(!refused.is_signature(), "{refused}");
        }
    }
    let _: &Signer = stranger();
}
