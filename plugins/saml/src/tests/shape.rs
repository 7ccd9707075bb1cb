//! What is no XML of ours, seen before any verifier.

use super::idp::{assertion_signed, check, response, response_signed, sign, swap};
use crate::guard::LARGEST;
use crate::xml::{NotStrict, parse, parse_commented};

const MARKUP: &str =
    "not the XML that is accepted: a document type, a CDATA section or another markup declaration";
const UNREAD: &str = "not the XML that is accepted: a comment or a processing instruction";
const BROKEN: &str = "not the XML that is accepted: not well-formed, or deeper than 40 elements";
const NAME: &str =
    "not the XML that is accepted: a name that is not of ASCII letters, digits, `-`, `_` and `.`";
const NAMESPACE: &str = "not the XML that is accepted: a namespace that is no absolute URI";
const DECLARATION: &str =
    "not the XML that is accepted: an XML declaration other than of version 1.0 in UTF-8";
const ENCODING: &str = "not the XML that is accepted: not UTF-8, or with a byte order mark";
const TOO_MUCH: &str =
    "not the XML that is accepted: more than 64 attributes or 16384 elements, or deeper than 40";

#[test]
fn sec_121_comments_instructions_and_cdata_are_refused() {
    for (from, to, want) in [
        (
            ">anna@partner.example</saml:N",
            ">anna@partner.example<!-- -->.evil.example</saml:N",
            UNREAD,
        ),
        (
            ">anna@partner.example</saml:N",
            ">anna@partner.example<?x y?>.evil.example</saml:N",
            UNREAD,
        ),
        (
            ">anna@partner.example</saml:N",
            "><![CDATA[anna@partner.example]]></saml:N",
            MARKUP,
        ),
        (
            ">anna@partner.example</saml:A",
            ">anna@<!---->partner.example</saml:A",
            UNREAD,
        ),
        ("<samlp:Status>", "<!-- between --><samlp:Status>", UNREAD),
    ] {
        let changed = swap(&response(), from, to);
        check(&sign(&changed, "_assertion-1"), want);
        check(&sign(&changed, "_response-1"), want);
        // After it was signed.
        check(&swap(&assertion_signed(), from, to), want);
    }
    for outside in ["<!-- x -->", "<?x y?>"] {
        check(&format!("{outside}{}", assertion_signed()), UNREAD);
        check(&format!("{}{outside}", assertion_signed()), UNREAD);
    }
}

#[test]
fn markup_in_a_text_is_refused() {
    let beside = "not the XML that is accepted: text beside elements";
    let markup = "structure: markup in a text";
    for (from, to, want) in [
        (
            "anna@partner.example</saml:N",
            "anna@partner.example<x/>.evil</saml:N",
            beside,
        ),
        (
            ">anna@partner.example</saml:N",
            "><x>anna@partner.example</x></saml:N",
            markup,
        ),
        (
            ">anna@partner.example</saml:A",
            "><x>anna@partner.example</x></saml:A",
            markup,
        ),
        (
            "https://gateway.example/saml</saml:Au",
            "<x/></saml:Au",
            markup,
        ),
        (">https://refeds.org/profile/mfa<", "><x/><", markup),
    ] {
        let changed = swap(&response(), from, to);
        check(&sign(&changed, "_response-1"), want);
    }
}

#[test]
fn sec_123_sec_135_document_types_and_entities_are_refused() {
    let laughs =
        r#"<!DOCTYPE r [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;"><!ENTITY c "&b;&b;&b;&b;">]>"#;
    for head in [
        "<!DOCTYPE r>",
        r#"<!DOCTYPE r SYSTEM "http://127.0.0.1:1/x.dtd">"#,
        r#"<!DOCTYPE r [<!ENTITY x SYSTEM "file:///etc/passwd">]>"#,
        r#"<!DOCTYPE r [<!ATTLIST saml:Assertion ID ID #IMPLIED>]>"#,
        laughs,
    ] {
        check(&format!("{head}{}", assertion_signed()), MARKUP);
        let declared = format!(r#"<?xml version="1.0"?>{head}{}"#, assertion_signed());
        check(&declared, MARKUP);
        // In the unsigned part.
        let inner = format!("{head}<samlp:Status>");
        check(&swap(&assertion_signed(), "<samlp:Status>", &inner), MARKUP);
    }
    let entity = swap(&response(), ">anna@partner.example</saml:N", ">&c;</saml:N");
    check(&entity, BROKEN);
    check(&format!("{laughs}{entity}"), MARKUP);
}

#[test]
fn other_encodings_are_refused() {
    for (head, want) in [
        (r#"<?xml version="1.0"?>"#, "accepted"),
        (r#"<?xml version="1.0" encoding="UTF-8"?>"#, "accepted"),
        (
            r#"<?xml version="1.0" encoding="utf-8" standalone="no"?>"#,
            "accepted",
        ),
        (r#"<?xml version="1.1"?>"#, DECLARATION),
        (r#"<?xml version="1.0" encoding="UTF-7"?>"#, DECLARATION),
        (
            r#"<?xml version="1.0" encoding="ISO-8859-1"?>"#,
            DECLARATION,
        ),
        (r#"<?xml version="1.0" encoding="UTF-16"?>"#, DECLARATION),
        ("\u{feff}", ENCODING),
    ] {
        check(&format!("{head}{}", assertion_signed()), want);
    }
    for bytes in [
        &b"<a>\xff</a>"[..],
        b"<a>\xc0\x80</a>",
        b"\xff\xfe<\0a\0/\0>\0",
    ] {
        assert_eq!(parse(bytes, LARGEST).err(), Some(NotStrict::Encoding));
    }
}

#[test]
fn what_recovering_parsers_repair_is_refused() {
    let good = assertion_signed();
    let unclosed = good.strip_suffix("</samlp:Response>").unwrap();
    check(unclosed, BROKEN);
    check(&format!("{good}<x/>"), BROKEN);
    check(&format!("{good}text"), BROKEN);
    check(&format!("text{good}"), BROKEN);
    check("", BROKEN);
    check(
        &good.replacen("</samlp:Status>", "</samlp:Statu>", 1),
        BROKEN,
    );
    check(
        &good.replacen(r#"Version="2.0""#, r#"Version="2.0" Version="2.0""#, 1),
        BROKEN,
    );
    check(&good.replacen(r#"Version="2.0""#, "Version=2.0", 1), BROKEN);
    check(&good.replacen(" xmlns:samlp=", " xmlns:other=", 1), BROKEN);
    check(
        &swap(&good, ">anna@partner.example</saml:N", ">a\u{1}</saml:N"),
        BROKEN,
    );
    check(
        &swap(&good, ">anna@partner.example</saml:N", ">&#0;</saml:N"),
        BROKEN,
    );
}

/// What one parser takes and another does not must not be taken.
#[test]
fn sec_123_what_is_not_well_formed_is_refused() {
    for text in [
        r#"<a b="<"/>"#,
        "<a>]]></a>",
        "<a>&</a>",
        "<a>&nbsp;</a>",
        "<a>&amp</a>",
        "<a b=1/>",
        "<a b/>",
        "<a><b></a></b>",
        "<a/ >",
        "< a/>",
        "<a></ a>",
        r#"<a b="1"c="2"/>"#,
        r#"<a b="1" b='2'/>"#,
        r#"<a b="1'/>"#,
        "<1/>",
        "<-a/>",
        "<a>&#xD800;</a>",
        "<a>&#x;</a>",
        "<a>&#;</a>",
        "<a>&#x110000;</a>",
        "<a>&#1;</a>",
        "<a>\u{fffe}</a>",
        "<a>\u{0}</a>",
        "<a b=\"\u{b}\"/>",
        r#"<a xmlns:b="urn:x" xmlns:c="urn:x" b:d="" c:d=""/>"#,
        r#"<a xmlns="urn:x" xmlns="urn:y"/>"#,
        "<b:a/>",
        r#"<a b:c=""/>"#,
        "</a>",
        "<a></a></a>",
        "<a/><b/>",
        "<a/>&#32;",
        "<a",
        "<a>",
        "<a b=\"",
        " <?xml version='1.0'?><a/>",
        r#"<?xml version="1.0"?><?xml version="1.0"?><a/>"#,
        "<?xml?><a/>",
        r#"<?xml encoding="UTF-8"?><a/>"#,
        r#"<?XML version="1.0"?><a/>"#,
        r#"<?xml version="1.0" standalone="yes" encoding="UTF-8"?><a/>"#,
        r#"<a xmlns:xmlns="urn:x"/>"#,
        r#"<a xmlns="http://www.w3.org/2000/xmlns/"/>"#,
        r#"<a xmlns:x="http://www.w3.org/XML/1998/namespace"/>"#,
        r#"<xmlns:a xmlns:xmlns="urn:x"/>"#,
        "",
        " ",
        "text",
    ] {
        assert!(parse(text.as_bytes(), LARGEST).is_err(), "{text}");
        assert!(parse_commented(text.as_bytes(), LARGEST).is_err(), "{text}");
    }
}

#[test]
fn sec_122_odd_names_are_refused() {
    for (from, to, want) in [
        (
            "<samlp:Status>",
            r#"<samlp:Extensions><x:y:z xmlns:x="urn:u"/></samlp:Extensions><samlp:Status>"#,
            NAME,
        ),
        (
            "<samlp:Status>",
            r#"<samlp:Extensions><:y/></samlp:Extensions><samlp:Status>"#,
            NAME,
        ),
        (
            "<samlp:Status>",
            r#"<samlp:Extensions><y:/></samlp:Extensions><samlp:Status>"#,
            NAME,
        ),
        (
            "<samlp:Status>",
            r#"<samlp:Status x:y:z="" xmlns:x="urn:u">"#,
            NAME,
        ),
        (
            "<samlp:Status>",
            r#"<samlp:Status :ID="_assertion-1">"#,
            NAME,
        ),
        ("<samlp:Status>", "<samlp:Status \u{fc}=\"\">", NAME),
        (
            "<samlp:Status>",
            "<samlp:Status xmlns:\u{fc}=\"urn:u\">",
            NAMESPACE,
        ),
        ("<samlp:Status>", r#"<samlp:Status xmlns:x="">"#, NAMESPACE),
        ("<samlp:Status>", r#"<samlp:Status xmlns:x="x">"#, NAMESPACE),
        (
            "<samlp:Status>",
            r#"<samlp:Status xmlns:x="http://x:y">"#,
            NAMESPACE,
        ),
        (
            "<samlp:Status>",
            r#"<samlp:Status xmlns:x="http://x/#y#z">"#,
            NAMESPACE,
        ),
        (
            "<samlp:Status>",
            r#"<samlp:Status xmlns:x="urn:x{y}">"#,
            NAMESPACE,
        ),
        (
            "<samlp:Status>",
            r#"<samlp:Status xmlns:x="../x:y">"#,
            NAMESPACE,
        ),
        (
            "<samlp:Status>",
            r#"<samlp:Status xmlns:x="urn:a b">"#,
            NAMESPACE,
        ),
        ("<samlp:Status>", r#"<samlp:Status xmlns="x">"#, NAMESPACE),
        (
            "<samlp:Status>",
            r#"<samlp:Status xmlns:xml="urn:x">"#,
            BROKEN,
        ),
        (
            "<samlp:Status>",
            r#"<samlp:Status xmlns:x="urn:u" xmlns:y="urn:u" x:a="" y:a="">"#,
            BROKEN,
        ),
    ] {
        check(&swap(&assertion_signed(), from, to), want);
    }
}

/// XML 1.0, 3.3.3, makes one space of each; a parser that forgot it would digest something else.
#[test]
fn sec_123_line_ends_in_attributes_are_refused() {
    let split = swap(
        &response(),
        r#"ID="_response-1" Version="2.0""#,
        "ID\r\n=\t\"_response-1\"\r\n\tVersion='2.0'\r",
    );
    check(&split, "nothing is signed");
    let want = "not the XML that is accepted: a tab or a line end in an attribute";
    for space in ["\r\n", "\r", "\n", "\t"] {
        let named = format!(r#"Name="mail" FriendlyName="a{space}b""#);
        let within = swap(&response(), r#"Name="mail""#, &named);
        check(&sign(&within, "_response-1"), want);
        let lenient = format!("<a b='{space}'/>");
        assert!(parse_commented(lenient.as_bytes(), LARGEST).is_ok());
    }
    for space in ["&#13;", "&#10;", "&#9;", " "] {
        let named = format!(r#"Name="mail" FriendlyName="a{space}b""#);
        let within = swap(&response(), r#"Name="mail""#, &named);
        check(&sign(&within, "_response-1"), "accepted");
    }
}

#[test]
fn sizes_are_bounded() {
    let room = " ".repeat(LARGEST);
    let large = swap(
        &assertion_signed(),
        "<samlp:Status>",
        &format!("{room}<samlp:Status>"),
    );
    check(
        &large,
        "not the XML that is accepted: larger than 262144 bytes",
    );
    let extended = |inside: &str| {
        let extensions = format!("<samlp:Extensions>{inside}</samlp:Extensions><samlp:Status>");
        sign(
            &swap(&response(), "<samlp:Status>", &extensions),
            "_assertion-1",
        )
    };
    let nested = |depth: usize| format!("{}{}", "<x>".repeat(depth), "</x>".repeat(depth));
    check(&extended(&nested(38)), "accepted");
    check(&extended(&nested(39)), BROKEN);
    let wide = |count: usize| {
        let attributes: String = (0..count).map(|n| format!(r#" a{n}=">""#)).collect();
        format!("<x{attributes}/>")
    };
    check(&extended(&wide(64)), "accepted");
    check(&extended(&wide(65)), TOO_MUCH);
    check(&extended(&"<x/>".repeat(16_384)), TOO_MUCH);
}

/// Each of these took time with the square of its length, where the tag that never ends was read for every `<` of it.
#[test]
fn documents_are_read_once() {
    let many = LARGEST - 16;
    for text in [
        "<".repeat(many),
        format!("<a b=\"{}", "<".repeat(many)),
        "<a b=\"".repeat(many / 6),
        format!("<a>{}", "<!--".repeat(many / 4)),
        "<a>".repeat(many / 3),
        format!("<a {}", "b=".repeat(many / 2)),
    ] {
        assert!(parse(text.as_bytes(), LARGEST).is_err());
        assert!(parse_commented(text.as_bytes(), LARGEST).is_err());
    }
}

#[test]
fn the_root_is_a_response_of_version_2() {
    let good = response_signed();
    check("<x/>", "structure: another root element");
    check(
        &good.replace("samlp:Response", "samlp:ArtifactResponse"),
        "structure: another root element",
    );
    let foreign = good.replace("SAML:2.0:protocol", "SAML:1.0:protocol");
    check(&foreign, "structure: another root element");
    let old = good.replacen(r#"Version="2.0""#, r#"Version="1.1""#, 1);
    check(&old, "structure: another version than 2.0");
    let anonymous = good.replacen(r#" ID="_response-1""#, "", 1);
    check(&anonymous, "missing ID");
}

#[test]
fn comments_are_skipped_only_where_asked_for() {
    let text = b"<a><!-- x --><b>text</b><b>te<!-- = \" ' <c d='' -->xt</b></a>";
    assert_eq!(parse(text, LARGEST).err(), Some(NotStrict::Unread));
    let xml = parse_commented(text, LARGEST).unwrap();
    let texts: Vec<_> = xml.root().children().map(|child| child.text()).collect();
    assert_eq!(texts, [Some("text".into()), None]);
    for bytes in [&b"<a><?x?></a>"[..], b"<?x?><a/>"] {
        assert_eq!(
            parse_commented(bytes, LARGEST).err(),
            Some(NotStrict::Unread)
        );
    }
    for bytes in [&b"<!DOCTYPE a><a/>"[..], b"<a><![CDATA[x]]></a>"] {
        let refused = parse_commented(bytes, LARGEST).err();
        assert_eq!(refused, Some(NotStrict::MarkupDeclaration));
    }
    let open = parse_commented(b"<a><!-- </a>", LARGEST).err();
    assert_eq!(open, Some(NotStrict::NotWellFormed));
}
