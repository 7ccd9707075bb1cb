//! What a SAML partner could send: well formed, signed by nobody whom a provider knows.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use plugins_sdk::message::Event;

use super::samples::{ATTEMPT, callback, logout, response};

/// A certificate whose key does not exist any more, P-256, in base64.
const CERTIFICATE: &str = "MIIBYDCCAQagAwIBAgIUWhXZLLdSP3LSYA8FwRVM/10iL7swCgYIKoZIzj0EAwIwITEfMB0GA1UEAwwWcmNnZW4gc2VsZiBzaWduZWQgY2VydDAgFw03NTAxMDEwMDAwMDBaGA80MDk2MDEwMTAwMDAwMFowITEfMB0GA1UEAwwWcmNnZW4gc2VsZiBzaWduZWQgY2VydDBZMBMGByqGSM49AgEGCCqGSM49AwEHA0IABBNzy4Pupq5tQQY74QG7Nn8VAP/az7+cxkxOP358+PsHVD4UvmEfe30JG7OFxuqnG6i6+Ujb90LkvuGUeoT8+WajGjAYMBYGA1UdEQQPMA2CC2lkcC5leGFtcGxlMAoGCCqGSM49BAMCA0gAMEUCICrsYXTtuz8ihFly2jIn348xiYGu5dqxov/Vs3I2fdA7AiEAwNK9j2UvmXA9rnGFdoAOxO6z2bUnv+XDPZXBU3X0tIM=";

/// A signature of nothing that was said.
const SIGNATURE: &str = r##"<ds:Signature xmlns:ds="http://www.w3.org/2000/09/xmldsig#"><ds:SignedInfo><ds:CanonicalizationMethod Algorithm="http://www.w3.org/2001/10/xml-exc-c14n#"/><ds:SignatureMethod Algorithm="http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha256"/><ds:Reference URI="#_assertion"><ds:Transforms><ds:Transform Algorithm="http://www.w3.org/2000/09/xmldsig#enveloped-signature"/><ds:Transform Algorithm="http://www.w3.org/2001/10/xml-exc-c14n#"/></ds:Transforms><ds:DigestMethod Algorithm="http://www.w3.org/2001/04/xmlenc#sha256"/><ds:DigestValue>47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=</ds:DigestValue></ds:Reference></ds:SignedInfo><ds:SignatureValue>AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8AAQIDBAUGBwgJCgsMDQ4PEBESExQVFhcYGRobHB0eHw==</ds:SignatureValue></ds:Signature>"##;

/// Metadata of each entity that a word of the settings may name, with one key and a place to sign in at `origin`, or at the
/// place that is named; and metadata that nobody should take.
///
/// - `words`: of the settings.
pub(super) fn metadata(words: &[String], origin: &str) -> Vec<Event> {
    let urls: Vec<&str> = words
        .iter()
        .map(String::as_str)
        .filter(|word| word.contains("://"))
        .take(3)
        .collect();
    let good = urls.iter().flat_map(|entity| {
        let elsewhere = urls.iter().copied().map(ToOwned::to_owned);
        let places = elsewhere.chain([format!("{origin}/sso")]);
        places.map(|place| document(entity, &place))
    });
    let first = urls.first().copied().unwrap_or(origin);
    let hostile = [
        document("https://another.example", first),
        document(first, "https://another.example/sso"),
        document(first, "javascript:alert(1)"),
        format!(
            "<!DOCTYPE x [<!ENTITY e SYSTEM \"file:///etc/passwd\">]>{}",
            document(first, first)
        ),
        document(first, first).replace(CERTIFICATE, ""),
        document(first, first).replace("</md:IDPSSODescriptor>", ""),
    ];
    let all = good.chain(hostile);
    all.map(|text| response(200, "application/samlmetadata+xml", &text))
        .collect()
}

fn document(entity: &str, place: &str) -> String {
    format!(
        r#"<md:EntityDescriptor xmlns:md="urn:oasis:names:tc:SAML:2.0:metadata" entityID="{entity}"><md:IDPSSODescriptor protocolSupportEnumeration="urn:oasis:names:tc:SAML:2.0:protocol"><md:KeyDescriptor><ds:KeyInfo xmlns:ds="http://www.w3.org/2000/09/xmldsig#"><ds:X509Data><ds:X509Certificate>{CERTIFICATE}</ds:X509Certificate></ds:X509Data></ds:KeyInfo></md:KeyDescriptor><md:SingleLogoutService Binding="urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect" Location="{place}"/><md:SingleSignOnService Binding="urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect" Location="{place}"/></md:IDPSSODescriptor></md:EntityDescriptor>"#
    )
}

/// Responses as a browser posts them: from good manners without a good signature to plain attacks.
pub(super) fn callbacks(words: &[String]) -> Vec<Event> {
    let issuer = words
        .iter()
        .find(|word| word.contains("://"))
        .map_or("https://idp.example", String::as_str);
    let assertion = |signature: &str, name: &str| {
        format!(
            r#"<saml:Assertion ID="_assertion" Version="2.0" IssueInstant="2027-01-15T08:00:00Z"><saml:Issuer>{issuer}</saml:Issuer>{signature}<saml:Subject><saml:NameID Format="urn:oasis:names:tc:SAML:2.0:nameid-format:persistent">{name}</saml:NameID></saml:Subject></saml:Assertion>"#
        )
    };
    let whole = |content: &str| {
        format!(
            r#"<samlp:Response xmlns:samlp="urn:oasis:names:tc:SAML:2.0:protocol" xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion" ID="_response" Version="2.0" IssueInstant="2027-01-15T08:00:00Z"><saml:Issuer>{issuer}</saml:Issuer><samlp:Status><samlp:StatusCode Value="urn:oasis:names:tc:SAML:2.0:status:Success"/></samlp:Status>{content}</samlp:Response>"#
        )
    };
    let signed = assertion(SIGNATURE, "kim");
    let sealed = r#"<saml:EncryptedAssertion><xenc:EncryptedData xmlns:xenc="http://www.w3.org/2001/04/xmlenc#"><xenc:EncryptionMethod Algorithm="http://www.w3.org/2009/xmlenc11#aes128-gcm"/><xenc:CipherData><xenc:CipherValue>AA==</xenc:CipherValue></xenc:CipherData></xenc:EncryptedData></saml:EncryptedAssertion>"#;
    [
        whole(&assertion("", "kim")),
        whole(&signed),
        whole(&[assertion("", "eve"), signed.clone()].concat()),
        whole(&assertion(SIGNATURE, "kim<!-- -->.eve")),
        whole(sealed),
        whole(&signed.replace("#_assertion", "file:///etc/passwd")),
        format!(
            "<!DOCTYPE x [<!ENTITY e \"eve\">]>{}",
            whole(&assertion("", "&e;"))
        ),
        whole(&"<x>".repeat(5_000)),
    ]
    .iter()
    .map(|text| post("SAMLResponse", text))
    .collect()
}

/// Sign-outs that nobody signed.
pub(super) fn logouts() -> Vec<Event> {
    let request = r#"<samlp:LogoutRequest xmlns:samlp="urn:oasis:names:tc:SAML:2.0:protocol" xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion" ID="_out" Version="2.0" IssueInstant="2027-01-15T08:00:00Z"><saml:Issuer>https://idp.example</saml:Issuer><saml:NameID>kim</saml:NameID></samlp:LogoutRequest>"#;
    let encoded = STANDARD.encode(request);
    vec![
        logout(&[], &[("SAMLRequest", &encoded)]),
        logout(&[], &[("SAMLResponse", &encoded), ("RelayState", ATTEMPT)]),
    ]
}

fn post(name: &str, text: &str) -> Event {
    callback(
        &[],
        &[(name, &STANDARD.encode(text)), ("RelayState", ATTEMPT)],
    )
}
