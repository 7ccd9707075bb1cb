//! Messages in the query of a Redirect.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use miniz_oxide::deflate::compress_to_vec;

use super::idp::{Signer, curves, provider, signer, stranger};
use crate::guard::LARGEST;
use crate::redirect::verify_redirect;

const UNTRUSTED: &str = "no trusted key made the signature";
const TWICE: &str = "query: a parameter twice";
const INCOMPLETE: &str = "query: not a message with algorithm and signature";

fn encode(value: &str) -> String {
    url::form_urlencoded::byte_serialize(value.as_bytes()).collect()
}

/// A signed query with this message.
fn query(signer: &Signer, message: &[u8], relay_state: Option<&str>, hash: &str) -> String {
    let packed = encode(&STANDARD.encode(compress_to_vec(message, 9)));
    let relay_state = relay_state.map(|value| format!("&RelayState={}", encode(value)));
    let octets = format!(
        "SAMLRequest={packed}{}&SigAlg={}",
        relay_state.unwrap_or_default(),
        encode(&signer.method(hash))
    );
    let signature = STANDARD.encode(signer.sign(octets.as_bytes(), hash));
    format!("{octets}&Signature={}", encode(&signature))
}

#[track_caller]
fn check(query: &str, want: Result<&[u8], &str>) {
    let provider = provider(&[stranger_to_nobody(), signer()]);
    let judged = verify_redirect(query, "SAMLRequest", &provider);
    let judged = judged.map_err(|refused| refused.to_string());
    assert_eq!(judged.as_deref(), want.map_err(str::to_owned).as_deref());
}

/// A second key of the provider, tried first.
fn stranger_to_nobody() -> &'static Signer {
    &curves()[0]
}

fn good() -> String {
    query(signer(), b"<x/>", Some("a b+c%"), "sha256")
}

#[test]
fn signed_queries_are_unpacked() {
    check(&good(), Ok(b"<x/>"));
    for hash in ["sha256", "sha384", "sha512"] {
        check(&query(signer(), b"<x/>", None, hash), Ok(b"<x/>"));
    }
    for curve in curves() {
        let provider = provider(&[curve]);
        let query = query(curve, b"<x/>", None, "sha256");
        assert_eq!(
            verify_redirect(&query, "SAMLRequest", &provider),
            Ok(b"<x/>".to_vec())
        );
    }
    let response = good().replace("SAMLRequest", "SAMLResponse");
    let other = verify_redirect(&response, "SAMLResponse", &provider(&[signer()]));
    assert_eq!(other.unwrap_err().to_string(), UNTRUSTED);
    // Whatever order they came in, and whatever else came.
    let mut pairs: Vec<_> = good().split('&').map(str::to_owned).collect();
    pairs.reverse();
    pairs.push("other=1".to_owned());
    check(&pairs.join("&"), Ok(b"<x/>"));
    let packing = encode("urn:oasis:names:tc:SAML:2.0:bindings:URL-Encoding:DEFLATE");
    check(&format!("{}&SAMLEncoding={packing}", good()), Ok(b"<x/>"));
}

/// ECDSA as some libraries write it.
#[test]
fn signatures_in_der_are_read() {
    use aws_lc_rs::rand::SystemRandom;
    use aws_lc_rs::signature::{ECDSA_P256_SHA256_ASN1_SIGNING, EcdsaKeyPair};
    let curve = &curves()[0];
    let good = query(curve, b"<x/>", None, "sha256");
    let (octets, _) = good.split_once("&Signature=").unwrap();
    let pair = EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_ASN1_SIGNING, &curve.pkcs8).unwrap();
    let signature = pair.sign(&SystemRandom::new(), octets.as_bytes()).unwrap();
    let signature = encode(&STANDARD.encode(signature));
    check(&format!("{octets}&Signature={signature}"), Ok(b"<x/>"));
}

#[test]
fn sec_166_queries_without_a_trusted_signature_are_refused() {
    let good = good();
    let (octets, signature) = good.split_once("&Signature=").unwrap();
    check(octets, Err(INCOMPLETE));
    check(&good.replace("&SigAlg=", "&x="), Err(INCOMPLETE));
    check(&good.replace("SAMLRequest=", "x="), Err(INCOMPLETE));
    check("", Err(INCOMPLETE));
    check(&query(stranger(), b"<x/>", None, "sha256"), Err(UNTRUSTED));
    check(&format!("{octets}&Signature="), Err(UNTRUSTED));
    check(
        &format!("{octets}&Signature=*"),
        Err("query: a value that is not base64"),
    );
    // The relay state is signed too, as it was encoded.
    check(
        &good.replace("RelayState=a", "RelayState=b"),
        Err(UNTRUSTED),
    );
    check(
        &good.replace("RelayState=a+b", "RelayState=a%20b"),
        Err(UNTRUSTED),
    );
    let without = octets.split('&').filter(|pair| !pair.starts_with("Relay"));
    let without: Vec<_> = without.collect();
    check(
        &format!("{}&Signature={signature}", without.join("&")),
        Err(UNTRUSTED),
    );
    let other = encode("http://www.w3.org/2001/04/xmldsig-more#rsa-sha512");
    check(
        &good.replace(&encode(&signer().method("sha256")), &other),
        Err(UNTRUSTED),
    );
    let none = verify_redirect(&good, "SAMLRequest", &provider(&[]));
    let want = "no certificate of the provider holds a key that may verify";
    assert_eq!(none.unwrap_err().to_string(), want);
}

#[test]
fn sec_160_weak_algorithms_are_refused() {
    let want = "query: a signature algorithm that is not accepted";
    for algorithm in [
        "http://www.w3.org/2000/09/xmldsig#rsa-sha1",
        "http://www.w3.org/2001/04/xmldsig-more#hmac-sha256",
        "http://www.w3.org/2001/04/xmldsig-more#rsa-md5",
        "",
    ] {
        let other = good().replace(&encode(&signer().method("sha256")), &encode(algorithm));
        check(&other, Err(want));
    }
}

#[test]
fn queries_are_read_in_one_way_only() {
    let good = good();
    for name in ["SAMLRequest", "RelayState", "SigAlg", "Signature"] {
        check(&format!("{good}&{name}=x"), Err(TWICE));
        check(&format!("{name}=x&{good}"), Err(TWICE));
    }
    check(
        &format!("{good}&SAMLResponse=x"),
        Err("query: a request and a response"),
    );
    let encoded = "query: an encoded name of a parameter";
    check(&format!("{good}&%53AMLRequest=x"), Err(encoded));
    check(&format!("{good}&Relay+State=x"), Err(encoded));
    let packing = "query: another packing than DEFLATE";
    check(&format!("{good}&SAMLEncoding=x"), Err(packing));
    let long = format!("{good}&x={}", "x".repeat(64 * 1024));
    check(&long, Err("query: too long"));
}

#[test]
fn sec_137_bombs_do_not_unpack() {
    let fits = vec![b' '; LARGEST];
    let signed = query(signer(), &fits, None, "sha256");
    check(&signed, Ok(&fits));
    let want = "query: a message that does not unpack to at most 256 KiB";
    for size in [LARGEST + 1, 40 * 1024 * 1024] {
        let bomb = query(signer(), &vec![b' '; size], None, "sha256");
        assert!(bomb.len() < 64 * 1024);
        check(&bomb, Err(want));
    }
    // Nobody unpacks what is not signed.
    let bomb = query(stranger(), &vec![b' '; LARGEST + 1], None, "sha256");
    check(&bomb, Err(UNTRUSTED));
    let raw = encode(&STANDARD.encode(b"no deflate"));
    let octets = format!(
        "SAMLRequest={raw}&SigAlg={}",
        encode(&signer().method("sha256"))
    );
    let signature = STANDARD.encode(signer().sign(octets.as_bytes(), "sha256"));
    check(
        &format!("{octets}&Signature={}", encode(&signature)),
        Err(want),
    );
}
