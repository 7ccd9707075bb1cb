//! Assertions that travel encrypted.

use aws_lc_rs::aead::{AES_128_GCM, AES_256_GCM, Aad, Algorithm, LessSafeKey, Nonce, UnboundKey};
use aws_lc_rs::cipher::{AES_128, AES_256, EncryptingKey, EncryptionContext, UnboundCipherKey};
use aws_lc_rs::iv::FixedLength;
use aws_lc_rs::rsa::{
    OAEP_SHA1_MGF1SHA1, OAEP_SHA256_MGF1SHA256, OAEP_SHA384_MGF1SHA384, OAEP_SHA512_MGF1SHA512,
    OaepAlgorithm, OaepPublicEncryptingKey, Pkcs1PublicEncryptingKey, PublicEncryptingKey,
};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use zeroize::Zeroizing;

use super::idp::{
    Making, Signer, assertion, assertion_signed, check_as, cut, element, expected, provider,
    response, sign, sign_as, signature_of, signer, stranger, swap,
};
use crate::certificate::public_key;
use crate::trust::{DecryptionKey, Expected};

const NOT_OPENED: &str = "encryption: cannot be opened";
const CBC: &str = "encryption: AES-CBC, where it is not allowed or not signed";
const UNTRUSTED: &str = "no trusted key made the signature";

/// How an assertion is encrypted.
#[derive(Clone)]
struct Sealing {
    cipher: &'static str,
    key: Vec<u8>,
    /// Whether the key stands beside the data, not in it.
    beside: bool,
    transport: String,
    wrap: Wrap,
    to: &'static Signer,
    /// What the last byte of CBC says, if not the truth.
    padding: Option<u8>,
    /// Changes the bytes of the ciphertext.
    damage: fn(Vec<u8>) -> Vec<u8>,
    damage_key: fn(Vec<u8>) -> Vec<u8>,
}

#[derive(Clone, Copy)]
enum Wrap {
    Oaep(&'static OaepAlgorithm),
    Pkcs1,
}

const MGF1P: &str = "http://www.w3.org/2001/04/xmlenc#rsa-oaep-mgf1p";
const OAEP11: &str = "http://www.w3.org/2009/xmlenc11#rsa-oaep";
const GCM_128: &str = "http://www.w3.org/2009/xmlenc11#aes128-gcm";
const GCM_256: &str = "http://www.w3.org/2009/xmlenc11#aes256-gcm";
const CBC_128: &str = "http://www.w3.org/2001/04/xmlenc#aes128-cbc";
const CBC_256: &str = "http://www.w3.org/2001/04/xmlenc#aes256-cbc";

fn method(algorithm: &str, digest: Option<&str>, mask: Option<&str>) -> String {
    let digest = digest.map(|digest| format!(r#"<ds:DigestMethod xmlns:ds="http://www.w3.org/2000/09/xmldsig#" Algorithm="{digest}"/>"#));
    let mask = mask.map(|mask| format!(r#"<MGF xmlns="http://www.w3.org/2009/xmlenc11#" Algorithm="http://www.w3.org/2009/xmlenc11#{mask}"/>"#));
    format!(
        r#"<xenc:EncryptionMethod Algorithm="{algorithm}">{}{}</xenc:EncryptionMethod>"#,
        digest.unwrap_or_default(),
        mask.unwrap_or_default()
    )
}

impl Sealing {
    fn new(cipher: &'static str) -> Self {
        let long = cipher.contains("256");
        Self {
            cipher,
            key: vec![7; if long { 32 } else { 16 }],
            beside: false,
            transport: method(MGF1P, None, None),
            wrap: Wrap::Oaep(&OAEP_SHA1_MGF1SHA1),
            to: signer(),
            padding: None,
            damage: |bytes| bytes,
            damage_key: |bytes| bytes,
        }
    }

    fn seal(&self, plain: &str) -> String {
        let ciphertext = match self.cipher {
            GCM_128 => self.gcm(&AES_128_GCM, plain),
            GCM_256 => self.gcm(&AES_256_GCM, plain),
            _ => self.cbc(plain),
        };
        let key = format!(
            r#"<xenc:EncryptedKey xmlns:xenc="http://www.w3.org/2001/04/xmlenc#" Id="_key-1">{}<xenc:CipherData><xenc:CipherValue>{}</xenc:CipherValue></xenc:CipherData></xenc:EncryptedKey>"#,
            self.transport,
            STANDARD.encode((self.damage_key)(self.wrapped()))
        );
        let retrieval = r##"<ds:RetrievalMethod Type="http://www.w3.org/2001/04/xmlenc#EncryptedKey" URI="#_key-1"/>"##;
        let (inside, beside) = if self.beside {
            (retrieval, &*key)
        } else {
            (&*key, "")
        };
        format!(
            r#"<saml:EncryptedAssertion><xenc:EncryptedData xmlns:xenc="http://www.w3.org/2001/04/xmlenc#" Type="http://www.w3.org/2001/04/xmlenc#Element"><xenc:EncryptionMethod Algorithm="{}"/><ds:KeyInfo xmlns:ds="http://www.w3.org/2000/09/xmldsig#">{inside}</ds:KeyInfo><xenc:CipherData><xenc:CipherValue>{}</xenc:CipherValue></xenc:CipherData></xenc:EncryptedData>{beside}</saml:EncryptedAssertion>"#,
            self.cipher,
            STANDARD.encode((self.damage)(ciphertext)),
        )
    }

    fn wrapped(&self) -> Vec<u8> {
        let info = public_key(&self.to.certificate).unwrap().info;
        let public = PublicEncryptingKey::from_der(&info).unwrap();
        let mut room = vec![0; 512];
        match self.wrap {
            Wrap::Oaep(algorithm) => OaepPublicEncryptingKey::new(public)
                .unwrap()
                .encrypt(algorithm, &self.key, &mut room, None)
                .unwrap()
                .to_vec(),
            Wrap::Pkcs1 => Pkcs1PublicEncryptingKey::new(public)
                .unwrap()
                .encrypt(&self.key, &mut room)
                .unwrap()
                .to_vec(),
        }
    }

    fn gcm(&self, algorithm: &'static Algorithm, plain: &str) -> Vec<u8> {
        let length = algorithm.key_len();
        let mut key = self.key.clone();
        key.resize(length, 0);
        let key = LessSafeKey::new(UnboundKey::new(algorithm, &key).unwrap());
        let mut bytes = plain.as_bytes().to_vec();
        let nonce = Nonce::assume_unique_for_key([9; 12]);
        key.seal_in_place_append_tag(nonce, Aad::empty(), &mut bytes)
            .unwrap();
        [&[9; 12][..], &bytes].concat()
    }

    fn cbc(&self, plain: &str) -> Vec<u8> {
        let algorithm = if self.key.len() == 32 {
            &AES_256
        } else {
            &AES_128
        };
        let key = UnboundCipherKey::new(algorithm, &self.key).unwrap();
        let mut bytes = plain.as_bytes().to_vec();
        let padding = 16 - bytes.len() % 16;
        // Not PKCS #7: only the last byte counts.
        bytes.extend(std::iter::repeat_n(0xaa, padding - 1));
        let told = u8::try_from(padding).unwrap();
        bytes.push(self.padding.unwrap_or(told));
        let iv = EncryptionContext::Iv128(FixedLength::from(&[9; 16]));
        let key = EncryptingKey::cbc(key).unwrap();
        key.less_safe_encrypt(&mut bytes, iv).unwrap();
        [&[9; 16][..], &bytes].concat()
    }
}

/// A response with this in the place of its assertion.
fn holding(sealed: &str) -> String {
    swap(&response(), &assertion(), sealed)
}

/// The assertion with its own signature.
fn signed_inside() -> String {
    element(&assertion_signed(), "saml:Assertion").to_owned()
}

/// Signed, then encrypted; nothing around it is signed.
fn sealed_signed(sealing: &Sealing) -> String {
    holding(&sealing.seal(&signed_inside()))
}

/// Encrypted, then the response signed.
fn signed_around(sealing: &Sealing) -> String {
    sign(&holding(&sealing.seal(&assertion())), "_response-1")
}

fn keys() -> [DecryptionKey; 2] {
    [stranger(), signer()].map(|signer| DecryptionKey(Zeroizing::new(signer.pkcs8.clone())))
}

#[track_caller]
fn check(xml: &str, want: &str) {
    check_cbc(xml, false, want);
}

#[track_caller]
fn check_cbc(xml: &str, cbc: bool, want: &str) {
    let provider = provider(&[signer()]);
    let keys = keys();
    let expected = Expected {
        decryption: &keys,
        cbc,
        ..expected(&provider)
    };
    check_as(xml, &expected, want);
}

#[test]
fn sec_158_both_orders_of_signing_and_encrypting_are_accepted() {
    for cipher in [GCM_128, GCM_256] {
        for beside in [false, true] {
            let sealing = Sealing {
                beside,
                ..Sealing::new(cipher)
            };
            check(&sealed_signed(&sealing), "accepted");
            check(&signed_around(&sealing), "accepted");
            let both = sign(&sealed_signed(&sealing), "_response-1");
            check(&both, "accepted");
        }
    }
    // White space around the element is nobody's.
    let spaced = Sealing::new(GCM_128).seal(&format!("\n {}\n", signed_inside()));
    check(&holding(&spaced), "accepted");
    // Prefixes may come from around.
    let bare = assertion().replacen(
        r#" xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion""#,
        "",
        1,
    );
    let bare = Sealing::new(GCM_128).seal(&bare);
    check(&sign(&holding(&bare), "_response-1"), "accepted");
}

#[test]
fn every_key_transport_with_oaep_is_accepted() {
    let sha256 = "http://www.w3.org/2001/04/xmlenc#sha256";
    let sha384 = "http://www.w3.org/2001/04/xmldsig-more#sha384";
    let sha512 = "http://www.w3.org/2001/04/xmlenc#sha512";
    let sha1 = "http://www.w3.org/2000/09/xmldsig#sha1";
    for (transport, wrap) in [
        (method(MGF1P, Some(sha1), None), &OAEP_SHA1_MGF1SHA1),
        (method(OAEP11, None, None), &OAEP_SHA1_MGF1SHA1),
        (
            method(OAEP11, Some(sha1), Some("mgf1sha1")),
            &OAEP_SHA1_MGF1SHA1,
        ),
        (
            method(OAEP11, Some(sha256), Some("mgf1sha256")),
            &OAEP_SHA256_MGF1SHA256,
        ),
        (
            method(OAEP11, Some(sha384), Some("mgf1sha384")),
            &OAEP_SHA384_MGF1SHA384,
        ),
        (
            method(OAEP11, Some(sha512), Some("mgf1sha512")),
            &OAEP_SHA512_MGF1SHA512,
        ),
    ] {
        let sealing = Sealing {
            transport,
            wrap: Wrap::Oaep(wrap),
            ..Sealing::new(GCM_256)
        };
        check(&sealed_signed(&sealing), "accepted");
        check(&signed_around(&sealing), "accepted");
    }
}

#[test]
fn sec_159_rsa_1_5_and_other_transports_are_refused() {
    let transport = "encryption: a key transport that is not accepted";
    let of = |algorithm: &str, digest: Option<&str>, mask: Option<&str>| Sealing {
        transport: method(algorithm, digest, mask),
        ..Sealing::new(GCM_128)
    };
    let old = Sealing {
        wrap: Wrap::Pkcs1,
        ..of("http://www.w3.org/2001/04/xmlenc#rsa-1_5", None, None)
    };
    let md5 = Some("http://www.w3.org/2001/04/xmldsig-more#md5");
    for (sealing, want) in [
        (old, transport),
        (
            of("http://www.w3.org/2001/04/xmlenc#kw-aes128", None, None),
            transport,
        ),
        (of("", None, None), transport),
        (of(MGF1P, None, Some("mgf1sha256")), transport),
        (
            of(OAEP11, None, Some("mgf1md5")),
            "encryption: a mask of OAEP that is not accepted",
        ),
        (
            of(OAEP11, md5, None),
            "encryption: a digest of OAEP that is not accepted",
        ),
    ] {
        check(&sealed_signed(&sealing), want);
        check(&signed_around(&sealing), want);
    }
    let parameters = Sealing {
        transport: method(MGF1P, None, None)
            .replace("></xenc", "><xenc:OAEPparams>AA==</xenc:OAEPparams></xenc"),
        ..Sealing::new(GCM_128)
    };
    check(
        &sealed_signed(&parameters),
        "structure: an element that is not expected there",
    );
}

#[test]
fn sec_159_cbc_needs_the_setting_and_a_signed_response() {
    for cipher in [CBC_128, CBC_256] {
        let sealing = Sealing::new(cipher);
        for xml in [sealed_signed(&sealing), signed_around(&sealing)] {
            check_cbc(&xml, false, CBC);
        }
        check_cbc(&sealed_signed(&sealing), true, CBC);
        check_cbc(&signed_around(&sealing), true, "accepted");
        // A changed ciphertext is not opened, so its padding tells nothing.
        let changed =
            signed_around(&sealing).replace("<xenc:CipherValue>", "<xenc:CipherValue>AAAA");
        check_cbc(&changed, true, UNTRUSTED);
        for damage in DAMAGES {
            let sealing = Sealing {
                damage,
                ..sealing.clone()
            };
            check_cbc(&signed_around(&sealing), true, NOT_OPENED);
        }
    }
    for cipher in [
        "http://www.w3.org/2001/04/xmlenc#tripledes-cbc",
        "http://www.w3.org/2009/xmlenc11#aes192-gcm",
    ] {
        let other = sealed_signed(&Sealing::new(GCM_128)).replace(GCM_128, cipher);
        check_cbc(&other, true, "encryption: a cipher that is not accepted");
    }
}

#[test]
fn sec_159_padding_is_of_one_block_at_most() {
    for (padding, want) in [
        (None, "accepted"),
        (Some(0), NOT_OPENED),
        (Some(17), NOT_OPENED),
        (Some(20), NOT_OPENED),
        (Some(255), NOT_OPENED),
    ] {
        let sealing = Sealing {
            padding,
            ..Sealing::new(CBC_128)
        };
        // Were more dropped than a block, white space would go, and nobody would see it.
        let sealed = sealing.seal(&format!("{}{}", assertion(), " ".repeat(300)));
        check_cbc(&sign(&holding(&sealed), "_response-1"), true, want);
    }
}

/// Ciphertexts cut at every place where code could slice.
const DAMAGES: [fn(Vec<u8>) -> Vec<u8>; 9] = [
    |_| Vec::new(),
    |bytes| bytes[..1].to_vec(),
    |bytes| bytes[..11].to_vec(),
    |bytes| bytes[..12].to_vec(),
    |bytes| bytes[..15].to_vec(),
    |bytes| bytes[..16].to_vec(),
    |bytes| bytes[..27].to_vec(),
    |bytes| bytes[..28].to_vec(),
    |bytes| bytes[..bytes.len() - 1].to_vec(),
];

#[test]
fn sec_138_sec_159_short_and_changed_ciphertexts_do_no_harm() {
    for damage in DAMAGES {
        let short = Sealing {
            damage,
            ..Sealing::new(GCM_128)
        };
        let key = Sealing {
            damage_key: damage,
            ..Sealing::new(GCM_256)
        };
        for sealing in [short, key] {
            check(&sealed_signed(&sealing), NOT_OPENED);
            check(&signed_around(&sealing), NOT_OPENED);
        }
    }
    let flip: fn(Vec<u8>) -> Vec<u8> = |mut bytes| {
        let middle = bytes.len() / 2;
        bytes[middle] ^= 1;
        bytes
    };
    let longer: fn(Vec<u8>) -> Vec<u8> = |bytes| [&bytes[..], &[0]].concat();
    for damage in [flip, longer] {
        for sealing in [
            Sealing {
                damage,
                ..Sealing::new(GCM_128)
            },
            Sealing {
                damage_key: damage,
                ..Sealing::new(GCM_128)
            },
        ] {
            check(&sealed_signed(&sealing), NOT_OPENED);
        }
    }
    // Keys of another length than the cipher's.
    for length in [0, 1, 16, 24, 64] {
        let sealing = Sealing {
            key: vec![7; length],
            ..Sealing::new(GCM_256)
        };
        check(&sealed_signed(&sealing), NOT_OPENED);
    }
    // Another algorithm than the one that was used.
    let swapped = sealed_signed(&Sealing::new(GCM_128)).replace(GCM_128, GCM_256);
    check(&swapped, NOT_OPENED);
}

#[test]
fn without_a_fitting_key_nothing_is_opened() {
    let provider = provider(&[signer()]);
    let xml = sealed_signed(&Sealing::new(GCM_128));
    check_as(
        &xml,
        &expected(&provider),
        "encryption: no key to open it with",
    );
    let other = [DecryptionKey(Zeroizing::new(stranger().pkcs8.clone()))];
    let with = |keys| Expected {
        decryption: keys,
        ..expected(&provider)
    };
    check_as(&xml, &with(&other), NOT_OPENED);
    let broken = [DecryptionKey(Zeroizing::new(b"no key".to_vec()))];
    check_as(&xml, &with(&broken), NOT_OPENED);
}

#[test]
fn sec_131_encryption_is_no_signature() {
    let sealing = Sealing::new(GCM_128);
    // Everybody has the key to encrypt with.
    check(&holding(&sealing.seal(&assertion())), "nothing is signed");
    let foreign = Making {
        signer: stranger(),
        ..Making::default()
    };
    let forged = sign_as(&response(), "_assertion-1", &foreign);
    let forged = element(&forged, "saml:Assertion").to_owned();
    check(&holding(&sealing.seal(&forged)), UNTRUSTED);
    let changed = signed_inside().replace(">anna@", ">admin@");
    check(&holding(&sealing.seal(&changed)), UNTRUSTED);
    // Inside of a good response an inner signature must be good too.
    for inner in [&forged, &changed] {
        let around = sign(&holding(&sealing.seal(inner)), "_response-1");
        check(&around, UNTRUSTED);
    }
    // The response is signed, but by somebody else; or it was signed before the assertion was exchanged.
    let other = sign_as(
        &holding(&sealing.seal(&assertion())),
        "_response-1",
        &foreign,
    );
    check(&other, UNTRUSTED);
    let evil = assertion().replace(">anna@", ">admin@");
    let exchanged = signed_around(&sealing);
    let exchanged = swap(
        &exchanged,
        &sealing.seal_of(&exchanged),
        &sealing.seal(&evil),
    );
    check(&exchanged, UNTRUSTED);
}

impl Sealing {
    /// The `EncryptedAssertion` in a document.
    fn seal_of(&self, xml: &str) -> String {
        element(xml, "saml:EncryptedAssertion").to_owned()
    }
}

#[test]
fn the_plaintext_is_one_whole_assertion() {
    let sealing = Sealing::new(GCM_128);
    let broken = "not the XML that is accepted: not well-formed, or deeper than 40 elements";
    let signed = signed_inside();
    let evil = assertion().replace("_assertion-1", "_assertion-2");
    let breaking_out = format!("</samlp:Response><samlp:Response>{signed}");
    let again = sealing.seal(&signed);
    for (plain, want) in [
        (String::new(), NOT_OPENED),
        (" ".to_owned(), "missing assertion"),
        (
            "text".to_owned(),
            "not the XML that is accepted: text beside elements",
        ),
        ("<x/>".to_owned(), "missing assertion"),
        (
            format!("{signed}{evil}"),
            "structure: more than one assertion",
        ),
        (
            format!("<!-- x -->{signed}"),
            "not the XML that is accepted: a comment or a processing instruction",
        ),
        (
            format!("<!DOCTYPE x>{signed}"),
            "not the XML that is accepted: a document type, a CDATA section or another markup declaration",
        ),
        (format!("<?xml version=\"1.0\"?>{signed}"), broken),
        (
            format!("{signed}<x/>"),
            "structure: an element that is not expected there",
        ),
        (
            format!("<samlp:Extensions>{signed}</samlp:Extensions>"),
            "structure: an assertion at another place",
        ),
        (breaking_out, broken),
        (again, "encryption: an encrypted assertion in another"),
        (
            signed.replace("_assertion-1", "_response-1"),
            "structure: the same id twice",
        ),
    ] {
        check(&holding(&sealing.seal(&plain)), want);
        check(&sign(&holding(&sealing.seal(&plain)), "_response-1"), want);
    }
    // Closes the response and opens it again: the document is well-formed, the place is not that of the plaintext.
    let early = format!("{signed}</samlp:Response>");
    check(&holding(&sealing.seal(&early)), broken);
}

#[test]
fn the_form_of_the_ciphertext_is_fixed() {
    let xml = sealed_signed(&Sealing::new(GCM_128));
    let value = "<xenc:CipherValue>";
    let reference = r#"<xenc:CipherReference URI="http://127.0.0.1:1/x"/>"#;
    let data = xml.rfind("<xenc:CipherData>").unwrap();
    let last = element(cut(&xml, data..), "xenc:CipherData").to_owned();
    let cut = |what: &str| swap(&xml, &last, what);
    for (changed, want) in [
        (cut(""), "encryption: no `CipherData`"),
        (
            cut(&format!("<xenc:CipherData>{reference}</xenc:CipherData>")),
            "encryption: a ciphertext that is elsewhere",
        ),
        (
            cut(&last.replace(value, "<xenc:CipherValue>*")),
            "encryption: a ciphertext that is not base64",
        ),
        (
            cut(&last.repeat(2)),
            "structure: an element that is not expected there",
        ),
        (
            cut(&last.replace(
                "</xenc:CipherData>",
                &format!("{reference}</xenc:CipherData>"),
            )),
            "structure: an element that is not expected there",
        ),
        (
            xml.replace("xmlenc#Element", "xmlenc#Content"),
            "encryption: something else than an element",
        ),
        (
            xml.replace(r#" Type="http://www.w3.org/2001/04/xmlenc#Element""#, ""),
            "accepted",
        ),
        (
            xml.replace("EncryptedData", "Encrypted"),
            "encryption: no `EncryptedData`",
        ),
        (
            xml.replace(
                "<saml:EncryptedAssertion>",
                "<saml:EncryptedAssertion><x xmlns=\"urn:x\"/>",
            ),
            "encryption: no `EncryptedData`",
        ),
        (
            xml.replace(
                "</saml:EncryptedAssertion>",
                "<x xmlns=\"urn:x\"/></saml:EncryptedAssertion>",
            ),
            "structure: an element that is not expected there",
        ),
    ] {
        check(&changed, want);
    }
    let key = element(&xml, "xenc:EncryptedKey").to_owned();
    let swap_key = |what: &str| swap(&xml, &key, what);
    let others: String = (2..=5)
        .map(|n| key.replace("_key-1", &format!("_key-{n}")))
        .collect();
    let wrong = Sealing {
        to: stranger(),
        key: vec![1; 16],
        ..Sealing::new(GCM_128)
    };
    let wrong = element(&wrong.seal("x"), "xenc:EncryptedKey").replace("_key-1", "_key-2");
    let elsewhere = "encryption: a key that is elsewhere";
    for (changed, want) in [
        (swap_key(""), "encryption: no encrypted key, or too many"),
        (swap_key(&format!("{key}{others}")), "encryption: no encrypted key, or too many"),
        (swap_key(&format!("{wrong}{key}")), "accepted"),
        (swap_key(r#"<ds:RetrievalMethod URI="http://127.0.0.1:1/key"/>"#), elsewhere),
        (swap_key(&format!("<ds:KeyName>x</ds:KeyName>{key}")), "accepted"),
        (swap_key(&format!("<x xmlns=\"urn:x\"/>{key}")), elsewhere),
        (swap_key(&key.replace("<xenc:CipherData>", "<ds:KeyInfo><ds:X509Data/></ds:KeyInfo><xenc:CipherData>")), "accepted"),
        (swap_key(&key.replace("<xenc:CipherData>", r#"<ds:KeyInfo><ds:RetrievalMethod URI="http://127.0.0.1:1/"/></ds:KeyInfo><xenc:CipherData>"#)), elsewhere),
        (swap_key(&key.replace("</xenc:EncryptedKey>", "<xenc:ReferenceList/><xenc:CarriedKeyName>x</xenc:CarriedKeyName></xenc:EncryptedKey>")), "accepted"),
        (swap_key(&key.replace("</xenc:EncryptedKey>", "<x xmlns=\"urn:x\"/></xenc:EncryptedKey>")), "structure: an element that is not expected there"),
    ] {
        check(&changed, want);
    }
}

#[test]
fn what_is_around_the_ciphertext_is_checked_too() {
    let xml = holding(&Sealing::new(GCM_128).seal(&signed_inside()));
    let destination = "https://gateway.example/saml/acs";
    check(
        &swap(&xml, destination, "https://other.example/"),
        "unexpected destination",
    );
    check(
        &swap(&xml, "_request-1", "_request-2"),
        "unexpected `InResponseTo`",
    );
    let both = format!("</samlp:Status>{}", assertion());
    check(
        &swap(&xml, "</samlp:Status>", &both),
        "structure: more than one assertion",
    );
    // A signature in the place where the inner one would be, over the ciphertext's element.
    let stolen = signature_of(&assertion_signed(), "_assertion-1").to_owned();
    let moved = xml.replacen("</saml:Issuer>", &format!("</saml:Issuer>{stolen}"), 1);
    check(
        &moved,
        "form of the signature: a reference to something else",
    );
}
