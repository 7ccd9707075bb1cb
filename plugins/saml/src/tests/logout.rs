//! Sign-outs, asked for and answered.

use super::idp::{
    Making, NOW, PARTNER, provider, sign, sign_as, signature_of, signer, stranger, swap,
};
use crate::accepted::NameId;
use crate::message::{
    LogoutRequest, LogoutResponse, MessageSignature, logout_request, logout_response,
};

const HERE: &str = "https://gateway.example/saml/logout";
const UNTRUSTED: &str = "no trusted key made the signature";

fn request() -> String {
    r#"<samlp:LogoutRequest xmlns:samlp="urn:oasis:names:tc:SAML:2.0:protocol" xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion" ID="_logout-1" Version="2.0" IssueInstant="2026-11-21T12:00:00Z" Destination="https://gateway.example/saml/logout" NotOnOrAfter="2026-11-21T12:05:00Z" Reason="urn:oasis:names:tc:SAML:2.0:logout:user"><saml:Issuer>https://idp.example/saml</saml:Issuer><saml:NameID Format="urn:oasis:names:tc:SAML:2.0:nameid-format:persistent">anna</saml:NameID><samlp:SessionIndex>_session-1</samlp:SessionIndex><samlp:SessionIndex>_session-2</samlp:SessionIndex></samlp:LogoutRequest>"#.to_owned()
}

fn response() -> String {
    r#"<samlp:LogoutResponse xmlns:samlp="urn:oasis:names:tc:SAML:2.0:protocol" xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion" ID="_logout-2" Version="2.0" IssueInstant="2026-11-21T12:00:00Z" Destination="https://gateway.example/saml/logout" InResponseTo="_ours"><saml:Issuer>https://idp.example/saml</saml:Issuer><samlp:Status><samlp:StatusCode Value="urn:oasis:names:tc:SAML:2.0:status:Success"/></samlp:Status></samlp:LogoutResponse>"#.to_owned()
}

fn judge_request(xml: &str, signature: MessageSignature) -> Result<LogoutRequest, String> {
    logout_request(
        xml.as_bytes(),
        &provider(&[signer()]),
        signature,
        HERE,
        180,
        NOW,
    )
    .map_err(|refused| refused.to_string())
}

fn judge_response(xml: &str, signature: MessageSignature) -> Result<LogoutResponse, String> {
    logout_response(
        xml.as_bytes(),
        &provider(&[signer()]),
        signature,
        HERE,
        180,
        NOW,
    )
    .map_err(|refused| refused.to_string())
}

/// Both ways to sign; `want` is a refusal, or `accepted`.
#[track_caller]
fn check(request: &str, want: &str) {
    let told =
        |judged: Result<LogoutRequest, String>| judged.err().unwrap_or("accepted".to_owned());
    let enveloped = sign(request, "_logout-1");
    assert_eq!(
        told(judge_request(&enveloped, MessageSignature::Enveloped)),
        want
    );
    assert_eq!(
        told(judge_request(request, MessageSignature::Detached)),
        want
    );
}

#[test]
fn requests_are_read() {
    let want = LogoutRequest {
        id: "_logout-1".to_owned(),
        issuer: PARTNER.to_owned(),
        name_id: NameId {
            value: "anna".to_owned(),
            format: Some("urn:oasis:names:tc:SAML:2.0:nameid-format:persistent".to_owned()),
            name_qualifier: None,
            sp_name_qualifier: None,
        },
        session_indexes: vec!["_session-1".to_owned(), "_session-2".to_owned()],
        issued_at: NOW,
        not_on_or_after: Some(NOW + 300),
    };
    let enveloped = sign(&request(), "_logout-1");
    let read = judge_request(&enveloped, MessageSignature::Enveloped);
    assert_eq!(read, Ok(want.clone()));
    let read = judge_request(&request(), MessageSignature::Detached);
    assert_eq!(read, Ok(want));
    let asynchronous = r#"</saml:Issuer><samlp:Extensions><Asynchronous xmlns="urn:oasis:names:tc:SAML:2.0:protocol:ext:async-slo"/></samlp:Extensions>"#;
    check(
        &swap(&request(), "</saml:Issuer>", asynchronous),
        "accepted",
    );
    let everywhere = request()
        .replace("<samlp:SessionIndex>_session-1</samlp:SessionIndex>", "")
        .replace("<samlp:SessionIndex>_session-2</samlp:SessionIndex>", "");
    let read = judge_request(&everywhere, MessageSignature::Detached);
    assert_eq!(read.map(|read| read.session_indexes), Ok(Vec::new()));
}

#[test]
fn sec_166_unsigned_messages_are_refused() {
    let refused = judge_request(&request(), MessageSignature::Enveloped);
    assert_eq!(refused, Err("nothing is signed".to_owned()));
    let refused = judge_response(&response(), MessageSignature::Enveloped);
    assert_eq!(refused, Err("nothing is signed".to_owned()));
    let making = Making {
        signer: stranger(),
        ..Making::default()
    };
    let foreign = sign_as(&request(), "_logout-1", &making);
    let refused = judge_request(&foreign, MessageSignature::Enveloped);
    assert_eq!(refused, Err(UNTRUSTED.to_owned()));
    let foreign = sign_as(&response(), "_logout-2", &making);
    let refused = judge_response(&foreign, MessageSignature::Enveloped);
    assert_eq!(refused, Err(UNTRUSTED.to_owned()));
    let changed = sign(&request(), "_logout-1").replace(">anna<", ">bert<");
    let refused = judge_request(&changed, MessageSignature::Enveloped);
    assert_eq!(refused, Err(UNTRUSTED.to_owned()));
    // Which signature is meant, where there are two?
    let both = judge_request(&sign(&request(), "_logout-1"), MessageSignature::Detached);
    let want = "structure: a signature in and beside the message";
    assert_eq!(both, Err(want.to_owned()));
}

#[test]
fn sec_166_requests_must_fit() {
    let destination = r#" Destination="https://gateway.example/saml/logout""#;
    let until = r#" NotOnOrAfter="2026-11-21T12:05:00Z""#;
    let issued = r#" IssueInstant="2026-11-21T12:00:00Z""#;
    let name = r#"<saml:NameID Format="urn:oasis:names:tc:SAML:2.0:nameid-format:persistent">anna</saml:NameID>"#;
    for (from, to, want) in [
        (destination, "", "missing destination"),
        (
            destination,
            r#" Destination="https://other.example/""#,
            "unexpected destination",
        ),
        (
            until,
            r#" NotOnOrAfter="2026-11-21T11:57:00Z""#,
            "time: the request has ended",
        ),
        (until, r#" NotOnOrAfter="2026-11-21T11:57:01Z""#, "accepted"),
        (until, "", "accepted"),
        (
            issued,
            r#" IssueInstant="2026-11-21T12:03:01Z""#,
            "time: issued in the future",
        ),
        (
            issued,
            r#" IssueInstant="2026-11-21T11:51:59Z""#,
            "time: issued too long ago",
        ),
        (
            ">https://idp.example/saml<",
            ">https://other.example<",
            "unexpected issuer of the message",
        ),
        (name, "", "missing readable name of the subject"),
        (
            name,
            "<saml:EncryptedID/>",
            "missing readable name of the subject",
        ),
        (">anna<", "><", "unexpected form of a name"),
        (">_session-1<", "> <", "unexpected form of a name"),
        (
            "</samlp:LogoutRequest>",
            "<x xmlns=\"urn:x\"/></samlp:LogoutRequest>",
            "structure: an element that is not expected there",
        ),
        (
            "Version=\"2.0\"",
            "Version=\"1.1\"",
            "structure: another version than 2.0",
        ),
    ] {
        check(&swap(&request(), from, to), want);
    }
    let many = "<samlp:SessionIndex>x</samlp:SessionIndex>".repeat(257);
    check(
        &swap(
            &request(),
            "</samlp:LogoutRequest>",
            &format!("{many}</samlp:LogoutRequest>"),
        ),
        "structure: too many sessions",
    );
    let other = judge_request(&response(), MessageSignature::Detached);
    assert_eq!(other, Err("structure: another root element".to_owned()));
    let other = judge_response(&request(), MessageSignature::Detached);
    assert_eq!(other, Err("structure: another root element".to_owned()));
}

#[test]
fn sec_118_wrapped_requests_are_refused() {
    let signed = sign(&request(), "_logout-1");
    let signature = signature_of(&signed, "_logout-1").to_owned();
    let evil = request()
        .replace("_logout-1", "_logout-3")
        .replace(">anna<", ">bert<");
    let in_it =
        |insert: &str| evil.replacen("</saml:Issuer>", &format!("</saml:Issuer>{insert}"), 1);
    for (forged, want) in [
        (
            in_it(&signature),
            "form of the signature: a reference to something else",
        ),
        (in_it(&signed), "structure: a message in a message"),
        (
            in_it(&format!("<samlp:Extensions>{signed}</samlp:Extensions>")),
            "structure: a message in a message",
        ),
        (
            in_it(&swap(
                &signature,
                "</ds:Signature>",
                &format!("<ds:Object>{}</ds:Object></ds:Signature>", request()),
            )),
            "structure: a message in a message",
        ),
    ] {
        let refused = judge_request(&forged, MessageSignature::Enveloped);
        assert_eq!(refused, Err(want.to_owned()));
    }
}

#[test]
fn responses_are_read() {
    let read = |success| {
        Ok(LogoutResponse {
            id: "_logout-2".to_owned(),
            in_response_to: "_ours".to_owned(),
            success,
        })
    };
    let enveloped = sign(&response(), "_logout-2");
    assert_eq!(
        judge_response(&enveloped, MessageSignature::Enveloped),
        read(true)
    );
    assert_eq!(
        judge_response(&response(), MessageSignature::Detached),
        read(true)
    );
    let partial = response().replace("status:Success", "status:PartialLogout");
    assert_eq!(
        judge_response(&partial, MessageSignature::Detached),
        read(false)
    );
    let status = r#"<samlp:Status><samlp:StatusCode Value="urn:oasis:names:tc:SAML:2.0:status:Success"/></samlp:Status>"#;
    for (from, to, want) in [
        (r#" InResponseTo="_ours""#, "", "missing `InResponseTo`"),
        (status, "", "missing status"),
        (status, "<samlp:Status/>", "missing status code"),
        (
            ">https://idp.example/saml<",
            ">https://other.example<",
            "unexpected issuer of the message",
        ),
        (
            r#" Destination="https://gateway.example/saml/logout""#,
            "",
            "missing destination",
        ),
    ] {
        let refused = judge_response(&swap(&response(), from, to), MessageSignature::Detached);
        assert_eq!(refused, Err(want.to_owned()));
    }
}
