//! What a well-signed response must say, and until when.

use super::idp::{
    AUDIENCE, CONSUMER, NOW, assertion, assertion_signed, check, check_as, cut, expected, genuine,
    provider, response, response_signed, sign, signer, swap,
};
use crate::response::accept;
use crate::trust::Expected;

/// Signs the change both ways.
#[track_caller]
fn check_swapped(from: &str, to: &str, want: &str) {
    let changed = swap(&response(), from, to);
    check(&sign(&changed, "_assertion-1"), want);
    check(&sign(&changed, "_response-1"), want);
}

#[track_caller]
fn check_at(now: i64, want: &str) {
    let provider = provider(&[signer()]);
    let expected = Expected {
        now,
        ..expected(&provider)
    };
    check_as(&assertion_signed(), &expected, want);
    check_as(&response_signed(), &expected, want);
}

/// From the first words to the others, without those.
fn span(text: &str, from: &str, until: &str) -> String {
    cut(text, text.find(from).unwrap()..text.find(until).unwrap()).to_owned()
}

/// [`response`] with another assertion in it.
fn with_assertion(change: impl Fn(String) -> String) -> String {
    swap(&response(), &assertion(), &change(assertion()))
}

const RESPONSE_ISSUED: &str =
    r#"ID="_response-1" Version="2.0" IssueInstant="2026-11-21T12:00:00Z""#;
const ASSERTION_ISSUED: &str =
    r#"ID="_assertion-1" Version="2.0" IssueInstant="2026-11-21T12:00:00Z""#;
const RESTRICTION: &str = "<saml:AudienceRestriction><saml:Audience>https://gateway.example/saml</saml:Audience></saml:AudienceRestriction>";

#[test]
fn sec_157_the_destination_is_ours() {
    let destination = r#" Destination="https://gateway.example/saml/acs""#;
    let elsewhere = r#" Destination="https://other.example/saml/acs""#;
    check_swapped(destination, elsewhere, "unexpected destination");
    check_swapped(destination, r#" Destination="""#, "unexpected destination");
    let longer = r#" Destination="https://gateway.example/saml/acs/""#;
    check_swapped(destination, longer, "unexpected destination");
    let absent = swap(&response(), destination, "");
    check(&sign(&absent, "_response-1"), "missing destination");
    check(&sign(&absent, "_assertion-1"), "accepted");
}

#[test]
fn sec_157_status_and_issuer_of_the_response_are_checked() {
    let success = "urn:oasis:names:tc:SAML:2.0:status:Success";
    let code = r#"<samlp:StatusCode Value="urn:oasis:names:tc:SAML:2.0:status:Success"/>"#;
    let of = |name: &str| format!("urn:oasis:names:tc:SAML:2.0:status:{name}");
    check_swapped(
        success,
        &of("Requester"),
        "the provider answers `Requester`",
    );
    check_swapped(
        success,
        "urn:evil",
        "the provider answers `an unknown status`",
    );
    check_swapped(success, "", "the provider answers `an unknown status`");
    check_swapped(
        success,
        &format!("{success} "),
        "the provider answers `an unknown status`",
    );
    let nested = |outer: &str, inner: &str| {
        format!(
            r#"<samlp:StatusCode Value="{outer}"><samlp:StatusCode Value="{inner}"/></samlp:StatusCode>"#
        )
    };
    let passive = nested(&of("Responder"), &of("NoPassive"));
    check_swapped(code, &passive, "the provider answers `NoPassive`");
    let foreign = nested(&of("Responder"), "urn:their:own");
    check_swapped(code, &foreign, "the provider answers `Responder`");
    let both = nested(success, &of("AuthnFailed"));
    check_swapped(code, &both, "the provider answers `AuthnFailed`");
    check_swapped(code, "", "missing status code");
    check_swapped(
        &format!("<samlp:Status>{code}</samlp:Status>"),
        "",
        "missing status",
    );
    let message = format!("{code}<samlp:StatusMessage>fine</samlp:StatusMessage>");
    check_swapped(code, &message, "accepted");

    let issuer = "<saml:Issuer>https://idp.example/saml</saml:Issuer><samlp:Status>";
    let other = "<saml:Issuer>https://other.example</saml:Issuer><samlp:Status>";
    check_swapped(issuer, other, "unexpected issuer of the response");
    let odd = r#"<saml:Issuer Format="urn:oasis:names:tc:SAML:1.1:nameid-format:emailAddress">https://idp.example/saml</saml:Issuer><samlp:Status>"#;
    check_swapped(issuer, odd, "unexpected format of the issuer");
    let same = r#"<saml:Issuer Format="urn:oasis:names:tc:SAML:2.0:nameid-format:entity">https://idp.example/saml</saml:Issuer><samlp:Status>"#;
    check_swapped(issuer, same, "accepted");
    let spaced = "<saml:Issuer> https://idp.example/saml</saml:Issuer><samlp:Status>";
    check_swapped(issuer, spaced, "unexpected form of a name");
    let absent = sign(&response(), "_assertion-1");
    let absent = swap(&absent, issuer, "<samlp:Status>");
    check(&absent, "missing Issuer");
    let other = with_assertion(|assertion| {
        assertion.replacen("https://idp.example/saml</", "https://other.example</", 1)
    });
    check(
        &sign(&other, "_assertion-1"),
        "unexpected issuer of the assertion",
    );
    check(
        &sign(&other, "_response-1"),
        "unexpected issuer of the assertion",
    );
}

#[test]
fn the_order_of_the_schema_is_kept() {
    let status = r#"<samlp:Status><samlp:StatusCode Value="urn:oasis:names:tc:SAML:2.0:status:Success"/></samlp:Status>"#;
    let unexpected = "structure: an element that is not expected there";
    check_swapped(
        status,
        &format!("{status}<x xmlns=\"urn:x\"/>"),
        "missing assertion",
    );
    check_swapped(
        "</samlp:Response>",
        "<x xmlns=\"urn:x\"/></samlp:Response>",
        unexpected,
    );
    check_swapped(status, &status.repeat(2), "missing assertion");
    check(&swap(&response(), &assertion(), ""), "missing assertion");
    let statement = "structure: a statement that is not expected";
    check_swapped(
        "</saml:Assertion>",
        "<x xmlns=\"urn:x\"/></saml:Assertion>",
        statement,
    );
    check_swapped(
        "</saml:Assertion>",
        "<saml:Statement/></saml:Assertion>",
        statement,
    );
    let decision = "<saml:AuthzDecisionStatement/></saml:Assertion>";
    check_swapped("</saml:Assertion>", decision, statement);
    check_swapped(
        "</saml:Attribute><saml:Attribute Name=\"groups\"",
        "</saml:Attribute><x xmlns=\"urn:x\"/><saml:Attribute Name=\"groups\"",
        unexpected,
    );
    check_swapped(
        ">c</saml:AttributeValue>",
        ">c</saml:AttributeValue><x xmlns=\"urn:x\"/>",
        unexpected,
    );
    check_swapped(
        "</saml:Subject>",
        "<x xmlns=\"urn:x\"/></saml:Subject>",
        unexpected,
    );
    check_swapped(
        "</saml:AuthnContext>",
        "</saml:AuthnContext><x xmlns=\"urn:x\"/>",
        unexpected,
    );
}

#[test]
fn sec_133_the_response_answers_our_request() {
    let provider = provider(&[signer()]);
    let outer = r#" Destination="https://gateway.example/saml/acs" InResponseTo="_request-1""#;
    let inner = r#" Recipient="https://gateway.example/saml/acs" InResponseTo="_request-1""#;
    let destination = r#" Destination="https://gateway.example/saml/acs""#;
    let recipient = r#" Recipient="https://gateway.example/saml/acs""#;
    for (place, without) in [(outer, destination), (inner, recipient)] {
        check_swapped(place, without, "missing `InResponseTo`");
        let other = format!(r#"{without} InResponseTo="_request-2""#);
        check_swapped(place, &other, "unexpected `InResponseTo`");
        let empty = format!(r#"{without} InResponseTo="""#);
        check_swapped(place, &empty, "unexpected `InResponseTo`");
    }
    // Without a request there is nothing to answer.
    let unsolicited = Expected {
        in_response_to: None,
        ..expected(&provider)
    };
    check_as(
        &response_signed(),
        &unsolicited,
        "unexpected `InResponseTo`",
    );
    let half = swap(&response(), outer, destination);
    check_as(
        &sign(&half, "_response-1"),
        &unsolicited,
        "unexpected `InResponseTo`",
    );
    let whole = swap(&half, inner, recipient);
    check_as(&sign(&whole, "_response-1"), &unsolicited, "accepted");
    check(&sign(&whole, "_response-1"), "missing `InResponseTo`");
}

#[test]
fn sec_132_the_subject_is_confirmed_to_us_as_a_bearer() {
    let method = "urn:oasis:names:tc:SAML:2.0:cm:bearer";
    let wrong = "unexpected method of the subject confirmation";
    check_swapped(
        method,
        "urn:oasis:names:tc:SAML:2.0:cm:holder-of-key",
        wrong,
    );
    check_swapped(
        method,
        "urn:oasis:names:tc:SAML:2.0:cm:sender-vouches",
        wrong,
    );
    check_swapped(&format!(r#" Method="{method}""#), "", wrong);
    let recipient = r#" Recipient="https://gateway.example/saml/acs""#;
    check_swapped(recipient, "", "missing recipient");
    let elsewhere = r#" Recipient="https://other.example/acs""#;
    check_swapped(recipient, elsewhere, "unexpected recipient");
    let until = r#" NotOnOrAfter="2026-11-21T12:04:00Z""#;
    check_swapped(until, "", "missing end of the subject confirmation");
    let past = r#" NotOnOrAfter="2026-11-21T11:57:00Z""#;
    check_swapped(until, past, "time: the subject confirmation has ended");
    let from = format!(r#"{until} NotBefore="2026-11-21T11:00:00Z""#);
    check_swapped(
        until,
        &from,
        "unexpected `NotBefore` of the subject confirmation",
    );
    let address = format!(r#"{until} Address="192.0.2.1""#);
    check_swapped(until, &address, "accepted");
    let data = r#"InResponseTo="_request-1"/></saml:SubjectConfirmation>"#;
    let filled = r#"InResponseTo="_request-1"><x xmlns="urn:x"/></saml:SubjectConfirmationData></saml:SubjectConfirmation>"#;
    check_swapped(
        data,
        filled,
        "structure: an element that is not expected there",
    );
    let text =
        r#"InResponseTo="_request-1">x</saml:SubjectConfirmationData></saml:SubjectConfirmation>"#;
    check_swapped(data, text, "structure: text that is not expected there");
    let confirmation = span(&response(), "<saml:SubjectConfirmation ", "</saml:Subject>");
    check_swapped(&confirmation, "", "missing subject confirmation");
    let twice = "structure: an element that is not expected there";
    check_swapped(&confirmation, &confirmation.repeat(2), twice);
    let hollow = format!(r#"<saml:SubjectConfirmation Method="{method}"/>"#);
    check_swapped(
        &confirmation,
        &hollow,
        "missing data of the subject confirmation",
    );
    let more = confirmation.replace(
        "</saml:SubjectConfirmation>",
        "<x xmlns=\"urn:x\"/></saml:SubjectConfirmation>",
    );
    check_swapped(&confirmation, &more, twice);
    let named = confirmation.replace(
        "<saml:SubjectConfirmationData",
        "<saml:NameID>evil</saml:NameID><saml:SubjectConfirmationData",
    );
    check_swapped(
        &confirmation,
        &named,
        "missing data of the subject confirmation",
    );
}

#[test]
fn sec_132_sec_156_conditions_are_there_and_hold() {
    let conditions = span(&response(), "<saml:Conditions ", "<saml:AuthnStatement ");
    check_swapped(&conditions, "", "missing conditions");
    let until = r#" NotOnOrAfter="2026-11-21T12:05:00Z""#;
    check_swapped(until, "", "missing end of the conditions");
    check_swapped(
        until,
        r#" NotOnOrAfter="2026-11-21T11:57:00Z""#,
        "time: the conditions have ended",
    );
    check_swapped(
        until,
        r#" NotOnOrAfter="2026-11-21T12:05:00""#,
        "unexpected form of a moment",
    );
    let from = r#" NotBefore="2026-11-21T11:59:00Z""#;
    check_swapped(
        from,
        r#" NotBefore="2026-11-21T12:03:01Z""#,
        "time: the conditions do not hold yet",
    );
    check_swapped(from, "", "accepted");
    check_swapped(RESTRICTION, "", "missing audience");
    let other = RESTRICTION.replace(AUDIENCE, "https://other.example");
    check_swapped(RESTRICTION, &other, "unexpected audience");
    check_swapped(
        RESTRICTION,
        &RESTRICTION.replace(AUDIENCE, &AUDIENCE.to_uppercase()),
        "unexpected audience",
    );
    check_swapped(
        RESTRICTION,
        &RESTRICTION.replace(AUDIENCE, &format!("{AUDIENCE}/")),
        "unexpected audience",
    );
    // All restrictions must hold; in one of them any audience.
    check_swapped(
        RESTRICTION,
        &format!("{RESTRICTION}{other}"),
        "unexpected audience",
    );
    check_swapped(
        RESTRICTION,
        &format!("{other}{RESTRICTION}"),
        "unexpected audience",
    );
    check_swapped(RESTRICTION, &RESTRICTION.repeat(2), "accepted");
    let either = RESTRICTION.replace(
        "<saml:Audience>",
        "<saml:Audience>https://other.example</saml:Audience><saml:Audience>",
    );
    check_swapped(RESTRICTION, &either, "accepted");
    check_swapped(
        RESTRICTION,
        "<saml:AudienceRestriction/>",
        "unexpected audience",
    );
    let more = RESTRICTION.replace(
        "</saml:AudienceRestriction>",
        "<x xmlns=\"urn:x\"/></saml:AudienceRestriction>",
    );
    check_swapped(
        RESTRICTION,
        &more,
        "structure: an element that is not expected there",
    );
    for fine in [
        "<saml:OneTimeUse/>",
        r#"<saml:ProxyRestriction Count="0"/>"#,
    ] {
        check_swapped(RESTRICTION, &format!("{RESTRICTION}{fine}"), "accepted");
    }
    for unknown in [
        r#"<saml:Condition xmlns:x="urn:x" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:type="x:y"/>"#,
        r#"<x xmlns="urn:x"/>"#,
        r#"<AudienceRestriction xmlns="urn:x"/>"#,
    ] {
        check_swapped(
            RESTRICTION,
            &format!("{RESTRICTION}{unknown}"),
            "unexpected condition",
        );
    }
}

#[test]
fn sec_163_messages_are_issued_a_short_while_ago() {
    for issued in [RESPONSE_ISSUED, ASSERTION_ISSUED] {
        let at = |moment: &str| issued.replace("2026-11-21T12:00:00Z", moment);
        check_swapped(issued, &at("2026-11-21T12:03:00Z"), "accepted");
        check_swapped(
            issued,
            &at("2026-11-21T12:03:01Z"),
            "time: issued in the future",
        );
        check_swapped(
            issued,
            &at("2026-11-21T13:00:00Z"),
            "time: issued in the future",
        );
        check_swapped(
            issued,
            &at("2026-11-21T11:51:59Z"),
            "time: issued too long ago",
        );
        check_swapped(
            issued,
            &at("2026-11-21T13:00:00+01:00"),
            "unexpected form of a moment",
        );
        let absent = issued.replace(r#" IssueInstant="2026-11-21T12:00:00Z""#, "");
        check_swapped(issued, &absent, "missing IssueInstant");
    }
    // The oldest that will do; it is dead the sooner.
    let provider = provider(&[signer()]);
    let old = swap(
        &response(),
        ASSERTION_ISSUED,
        &ASSERTION_ISSUED.replace("12:00:00Z", "11:52:00Z"),
    );
    let accepted = accept(sign(&old, "_response-1").as_bytes(), &expected(&provider)).unwrap();
    assert_eq!(accepted.dead_at, NOW + 1);
}

#[test]
fn dead_at_is_the_first_moment_of_refusal() {
    check_at(NOW + 240 + 179, "accepted");
    check_at(NOW + 240 + 180, "time: the subject confirmation has ended");
    assert_eq!(genuine().dead_at, NOW + 240 + 180);
    check_at(NOW - 180, "accepted");
    check_at(NOW - 181, "time: issued in the future");
    check_at(i64::MAX, "time: issued too long ago");
    check_at(i64::MIN, "time: issued in the future");
}

#[test]
fn the_authentication_is_there_and_recent_enough() {
    let statement = span(
        &response(),
        "<saml:AuthnStatement ",
        "<saml:AttributeStatement>",
    );
    check_swapped(&statement, "", "missing authentication");
    check_swapped(
        &statement,
        &statement.repeat(2),
        "structure: more than one authentication",
    );
    let instant = r#" AuthnInstant="2026-11-21T11:58:00Z""#;
    check_swapped(instant, "", "missing moment of authentication");
    check_swapped(
        instant,
        r#" AuthnInstant="2026-11-21T12:03:01Z""#,
        "time: the authentication lies in the future",
    );
    check_swapped(
        instant,
        r#" AuthnInstant="yesterday""#,
        "unexpected form of a moment",
    );
    let session = r#" SessionNotOnOrAfter="2026-11-21T20:00:00Z""#;
    check_swapped(
        session,
        r#" SessionNotOnOrAfter="2026-11-21T11:57:00Z""#,
        "time: the provider's session has ended",
    );
    check_swapped(session, "", "accepted");
    check_swapped("_session-1", "", "unexpected length of the session index");
    check_swapped(
        "_session-1",
        &"x".repeat(1025),
        "unexpected length of the session index",
    );
    let context = span(&statement, "<saml:AuthnContext>", "</saml:AuthnStatement>");
    check_swapped(&context, "", "missing context of the authentication");
    let located = format!(r#"<saml:SubjectLocality Address="192.0.2.1"/>{context}"#);
    check_swapped(&context, &located, "accepted");

    let provider = provider(&[signer()]);
    for (since, want) in [
        (NOW - 120, "accepted"),
        (NOW - 120 + 180, "accepted"),
        (
            NOW - 120 + 181,
            "time: the authentication is older than was asked for",
        ),
    ] {
        let expected = Expected {
            authenticated_since: Some(since),
            ..expected(&provider)
        };
        check_as(&response_signed(), &expected, want);
    }
    // A session that ends soon.
    let soon = swap(
        &response(),
        session,
        r#" SessionNotOnOrAfter="2026-11-21T12:01:00Z""#,
    );
    let accepted = accept(sign(&soon, "_response-1").as_bytes(), &expected(&provider)).unwrap();
    assert_eq!(accepted.dead_at, NOW + 60 + 180);
}

#[test]
fn the_name_is_one_readable_text() {
    let name = &span(&response(), "<saml:NameID ", "<saml:SubjectConfirmation ");
    check_swapped(name, "", "missing readable name of the subject");
    let twice = "missing subject confirmation";
    check_swapped(name, &name.repeat(2), twice);
    for unread in [
        "<saml:BaseID/>",
        r#"<saml:EncryptedID><EncryptedData xmlns="urn:x"/></saml:EncryptedID>"#,
        r#"<NameID xmlns="urn:x">anna@partner.example</NameID>"#,
    ] {
        check_swapped(name, unread, "missing readable name of the subject");
    }
    let form = "unexpected form of a name";
    let long = "x".repeat(1025);
    for value in [
        "",
        " ",
        " anna@partner.example",
        "anna@partner.example\n",
        "anna\tb",
        "a&#13;b",
        &long,
    ] {
        check_swapped(
            ">anna@partner.example</saml:N",
            &format!(">{value}</saml:N"),
            form,
        );
    }
    let subject = &span(&response(), "<saml:Subject>", "<saml:Conditions ");
    check_swapped(subject, "", "missing subject");
}

#[test]
fn sec_139_values_are_read_whole_and_only_there() {
    let provider = provider(&[signer()]);
    let read =
        |xml: &str| accept(sign(xml, "_response-1").as_bytes(), &expected(&provider)).unwrap();
    let escaped = swap(
        &response(),
        ">anna@partner.example</saml:N",
        ">&#97;&lt;&amp;&quot;&#x1F600;</saml:N",
    );
    assert_eq!(read(&escaped).name_id.value, "a<&\"\u{1f600}");
    let again = swap(
        &response(),
        r#"<saml:Attribute Name="groups">"#,
        r#"<saml:Attribute Name="mail" NameFormat="x">"#,
    );
    let attributes = read(&again).attributes;
    assert_eq!(attributes.get("mail").map(Vec::len), Some(3));
    let none = swap(
        &response(),
        "<saml:AttributeValue>anna@partner.example</saml:AttributeValue>",
        "",
    );
    assert_eq!(read(&none).attributes.get("mail"), Some(&Vec::new()));
    let hollow = swap(
        &response(),
        ">c</saml:AttributeValue>",
        "></saml:AttributeValue>",
    );
    assert_eq!(
        read(&hollow).attributes.get("groups"),
        Some(&vec!["a & b".to_owned(), String::new()])
    );
    check_swapped(
        r#"<saml:Attribute Name="mail">"#,
        "<saml:Attribute>",
        "missing name of an attribute",
    );
    // Attributes of the same name in a namespace are others.
    let other = swap(
        &response(),
        r#"Recipient="https://gateway.example/saml/acs""#,
        r#"xmlns:x="urn:x" x:Recipient="https://gateway.example/saml/acs""#,
    );
    check(&sign(&other, "_response-1"), "missing recipient");
    assert_eq!(CONSUMER, "https://gateway.example/saml/acs");
}

#[test]
fn encrypted_attributes_are_not_skipped() {
    let encrypted = "<saml:EncryptedAttribute/></saml:AttributeStatement>";
    let want = "structure: an element that is not expected there";
    check_swapped("</saml:AttributeStatement>", encrypted, want);
}
