//! A service provider as the tests need one, and xmlsec1 as the judge of signatures and encryption.

use std::fs;
use std::process::Command;

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::KeyPair;
use aws_lc_rs::signature::RSA_PKCS1_SHA256;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use flate2::Compression;
use flate2::write::DeflateEncoder;
use idp_mocks::Mocks;
use std::io::Write;
use tempfile::TempDir;

use crate::client::{Reply, get, post_form};

pub(crate) const SP: &str = "https://sp.localhost/metadata";
pub(crate) const ACS: &str = "https://sp.localhost/acs";
pub(crate) const SLO: &str = "https://sp.localhost/slo";
pub(crate) const NORA: &str = "nora@northwind.example";

/// A service provider with one key.
pub(crate) struct ServiceProvider {
    pub(crate) folder: TempDir,
    certificate: String,
    key: KeyPair,
}

impl ServiceProvider {
    /// Makes one and tells the mocks of it.
    pub(crate) fn known_to(mocks: &Mocks) -> Self {
        let pair = rcgen::KeyPair::generate_for(&rcgen::PKCS_RSA_SHA256).unwrap();
        let certificate = rcgen::CertificateParams::default()
            .self_signed(&pair)
            .unwrap();
        let folder = TempDir::new().unwrap();
        fs::write(folder.path().join("sp.key"), pair.serialize_pem()).unwrap();
        let sp = Self {
            folder,
            certificate: STANDARD.encode(certificate.der()),
            key: KeyPair::from_pkcs8(&pair.serialize_der()).unwrap(),
        };
        mocks.register_service_provider(&sp.metadata()).unwrap();
        sp
    }

    pub(crate) fn metadata(&self) -> String {
        let certificate = &self.certificate;
        let key = |purpose: &str| {
            format!(
                "<KeyDescriptor use='{purpose}'><ds:KeyInfo xmlns:ds='http://www.w3.org/2000/09/xmldsig#'>\
                 <ds:X509Data><ds:X509Certificate>{certificate}</ds:X509Certificate></ds:X509Data>\
                 </ds:KeyInfo></KeyDescriptor>"
            )
        };
        format!(
            "<?xml version='1.0'?><EntityDescriptor xmlns='urn:oasis:names:tc:SAML:2.0:metadata' entityID='{SP}'>\
             <SPSSODescriptor protocolSupportEnumeration='urn:oasis:names:tc:SAML:2.0:protocol' \
             AuthnRequestsSigned='true'>{}{}\
             <SingleLogoutService Binding='urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect' Location='{SLO}'/>\
             <SingleLogoutService Binding='urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST' Location='{SLO}'/>\
             <AssertionConsumerService Binding='urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST' Location='{ACS}' \
             index='0'/></SPSSODescriptor></EntityDescriptor>",
            key("signing"),
            key("encryption")
        )
    }

    /// A signed query with `message` in it.
    pub(crate) fn query(&self, parameter: &str, message: &str) -> String {
        let mut encoder = DeflateEncoder::new(Vec::new(), Compression::default());
        encoder.write_all(message.as_bytes()).unwrap();
        let unsigned = url::form_urlencoded::Serializer::new(String::new())
            .append_pair(parameter, &STANDARD.encode(encoder.finish().unwrap()))
            .append_pair("RelayState", "a relay state")
            .append_pair(
                "SigAlg",
                "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256",
            )
            .finish();
        let mut signature = vec![0; self.key.public_modulus_len()];
        let signed = unsigned.as_bytes();
        self.key
            .sign(
                &RSA_PKCS1_SHA256,
                &SystemRandom::new(),
                signed,
                &mut signature,
            )
            .unwrap();
        let signature = url::form_urlencoded::byte_serialize(STANDARD.encode(signature).as_bytes())
            .collect::<String>();
        format!("{unsigned}&Signature={signature}")
    }

    /// The page with the people.
    pub(crate) async fn ask(&self, mocks: &Mocks, request: &str) -> Reply {
        let query = self.query("SAMLRequest", request);
        get(&format!("{}?{query}", mocks.urls().saml.sign_on)).await
    }

    /// The whole way: the response that Nora comes back with, as XML.
    pub(crate) async fn sign_in(&self, mocks: &Mocks) -> String {
        let request = authn_request(mocks, &id(), "");
        let page = self.ask(mocks, &request).await;
        assert_eq!(page.status, 200, "{}", page.text());
        self.choose(mocks, &page, &[("user", &person(mocks))]).await
    }

    pub(crate) async fn choose(
        &self,
        mocks: &Mocks,
        page: &Reply,
        pressed: &[(&str, &str)],
    ) -> String {
        let ticket = field(page, "ticket");
        let mut form = vec![("ticket", ticket.as_str())];
        form.extend(pressed);
        let posted = post_form(&mocks.urls().saml.sign_on, &form).await;
        assert_eq!(posted.status, 200, "{}", posted.text());
        assert!(posted.text().contains(&format!("action=\"{ACS}\"")));
        message(&posted, "SAMLResponse")
    }

    pub(crate) fn file(&self, name: &str, content: &[u8]) -> String {
        let path = self.folder.path().join(name);
        fs::write(&path, content).unwrap();
        path.to_str().unwrap().to_owned()
    }

    /// Whether xmlsec1 finds the signature of the element of that name right, by the mocks' newest certificate.
    pub(crate) async fn verified(&self, mocks: &Mocks, xml: &str, of: &str) -> bool {
        let metadata = get(&mocks.urls().saml.entity_id).await.text();
        let (_, after) = metadata.split_once("<ds:X509Certificate>").unwrap();
        let (certificate, _) = after.split_once('<').unwrap();
        let pem =
            format!("-----BEGIN CERTIFICATE-----\n{certificate}\n-----END CERTIFICATE-----\n");
        let (certificate, document) = (
            self.file("idp.pem", pem.as_bytes()),
            self.file("doc.xml", xml.as_bytes()),
        );
        let place = format!("(//*[local-name()='{of}']/*[local-name()='Signature'])[1]");
        let names = [
            "urn:oasis:names:tc:SAML:2.0:assertion:Assertion",
            "urn:oasis:names:tc:SAML:2.0:protocol:Response",
            "urn:oasis:names:tc:SAML:2.0:metadata:EntityDescriptor",
            "urn:x-note:Note",
        ];
        let mut command = Command::new("xmlsec1");
        command.args(["--verify", "--enabled-reference-uris", "empty,same-doc"]);
        command.args(["--enabled-key-data", "raw-x509-cert"]);
        command.args(["--pubkey-cert-pem", &certificate, "--node-xpath", &place]);
        for name in names {
            command.args(["--id-attr:ID", name]);
        }
        let output = command
            .arg(document)
            .output()
            .expect("xmlsec1 is installed");
        output.status.success()
    }

    /// The document with its encrypted data opened by xmlsec1 with our key.
    pub(crate) fn opened(&self, xml: &str) -> Option<String> {
        let document = self.file("doc.xml", xml.as_bytes());
        let key = self.folder.path().join("sp.key");
        let output = Command::new("xmlsec1")
            .args([
                "--decrypt",
                "--privkey-pem",
                key.to_str().unwrap(),
                &document,
            ])
            .output()
            .expect("xmlsec1 is installed");
        let text = String::from_utf8(output.stdout).unwrap();
        output.status.success().then_some(text)
    }
}

/// Nora's account.
pub(crate) fn person(mocks: &Mocks) -> String {
    let people = &mocks.urls().people;
    let nora = people.iter().find(|person| person.address == NORA);
    nora.unwrap().id.clone()
}

/// An id that is not used twice in a process.
pub(crate) fn id() -> String {
    use std::sync::atomic::{AtomicU64, Ordering};
    static NEXT: AtomicU64 = AtomicU64::new(1);
    format!("_{:032x}", NEXT.fetch_add(1, Ordering::Relaxed))
}

/// Now as XML says it, shifted by seconds. The tests may read the clock; the mocks do it in one place.
pub(crate) fn now(shift: i64) -> String {
    let output = Command::new("date")
        .args([
            "-u",
            "-d",
            &format!("{shift} seconds"),
            "+%Y-%m-%dT%H:%M:%SZ",
        ])
        .output()
        .unwrap();
    String::from_utf8(output.stdout).unwrap().trim().to_owned()
}

/// A request that is right, with more attributes.
pub(crate) fn authn_request(mocks: &Mocks, id: &str, more: &str) -> String {
    let destination = &mocks.urls().saml.sign_on;
    let now = now(0);
    format!(
        "<p:AuthnRequest xmlns:p='urn:oasis:names:tc:SAML:2.0:protocol' ID='{id}' Version='2.0' \
         IssueInstant='{now}' Destination='{destination}' AssertionConsumerServiceURL='{ACS}' {more}>\
         <a:Issuer xmlns:a='urn:oasis:names:tc:SAML:2.0:assertion'>{SP}</a:Issuer></p:AuthnRequest>"
    )
}

/// The value of a field of a page's form.
pub(crate) fn field(page: &Reply, name: &str) -> String {
    let text = page.text();
    let begin = format!("name=\"{name}\" value=\"");
    let (_, after) = text.split_once(&begin).unwrap_or_else(|| panic!("{text}"));
    let (value, _) = after.split_once('"').unwrap();
    value
        .replace("&#43;", "+")
        .replace("&#47;", "/")
        .replace("&#61;", "=")
}

pub(crate) fn message(page: &Reply, name: &str) -> String {
    String::from_utf8(STANDARD.decode(field(page, name)).unwrap()).unwrap()
}

/// The message in a redirect, and the whole query.
pub(crate) fn redirected(reply: &Reply, parameter: &str) -> (String, String) {
    use flate2::read::DeflateDecoder;
    use std::io::Read;
    let location = url::Url::parse(reply.header("location")).unwrap();
    let (_, value) = location
        .query_pairs()
        .find(|(name, _)| name == parameter)
        .unwrap();
    let mut text = String::new();
    DeflateDecoder::new(STANDARD.decode(&*value).unwrap().as_slice())
        .read_to_string(&mut text)
        .unwrap();
    (text, location.query().unwrap().to_owned())
}

/// An attribute's value in XML text, the first of that name.
pub(crate) fn attribute<'a>(xml: &'a str, name: &str) -> &'a str {
    let begin = format!(" {name}=\"");
    let (_, after) = xml
        .split_once(&begin)
        .unwrap_or_else(|| panic!("no {name}: {xml}"));
    after.split_once('"').unwrap().0
}

/// An element's text, the first of that name.
pub(crate) fn text<'a>(xml: &'a str, name: &str) -> &'a str {
    let (_, after) = xml
        .split_once(&format!("<{name}"))
        .unwrap_or_else(|| panic!("no {name}: {xml}"));
    let (_, after) = after.split_once('>').unwrap();
    after.split_once('<').unwrap().0
}
