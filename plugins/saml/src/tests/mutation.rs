//! Whatever is done to a good response, it says what it said or is refused.

use proptest::prelude::*;

use super::idp::{
    assertion_signed, expected, genuine, provider, response, response_signed, sign, signer,
};
use crate::refused::Refused;
use crate::response::accept;
use crate::xml;

/// The good ones: each as it is signed.
fn good() -> &'static [String; 3] {
    static GOOD: std::sync::OnceLock<[String; 3]> = std::sync::OnceLock::new();
    GOOD.get_or_init(|| {
        let assertion = assertion_signed();
        let both = sign(&assertion, "_response-1");
        [assertion, response_signed(), both]
    })
}

/// A change of a document.
#[derive(Clone, Debug)]
enum Change {
    /// Another byte at a place.
    Byte(prop::sample::Index, u8),
    /// Bytes cut out.
    Cut(prop::sample::Index, usize),
    /// An element, by its number, is put before another one; the old one may stay.
    Move(prop::sample::Index, prop::sample::Index, bool),
    /// An element is put into another one, at its end.
    Into(prop::sample::Index, prop::sample::Index, bool),
    /// An element goes.
    Drop(prop::sample::Index),
    /// The quoted values of two attributes are exchanged.
    Exchange(prop::sample::Index, prop::sample::Index),
    /// Something that parsers like to differ on is put somewhere.
    Insert(prop::sample::Index, &'static str),
    /// A word for another one, once or everywhere.
    Word(&'static str, &'static str, bool),
}

const SNIPPETS: &[&str] = &[
    "<!-- -->",
    "<![CDATA[x]]>",
    "<?x?>",
    "&amp;",
    "&#x20;",
    "&#13;",
    " ",
    "\n",
    "<x/>",
    "<saml:Assertion/>",
    "<ds:Signature/>",
    " ID=\"_assertion-1\"",
    " xmlns=\"urn:oasis:names:tc:SAML:2.0:assertion\"",
    " xmlns:saml=\"urn:evil\"",
    " xml:base=\"http://x/\"",
    "\u{feff}",
    "\u{0}",
    "</saml:NameID><saml:NameID>",
    "'",
    "\"",
    "]]>",
    "\r\n",
    "\r",
    "\t",
    "&#9;",
    "&#10;",
    "&#x1F600;",
    "\u{e9}",
    "\u{1f600}",
    "&lt;",
    "&quot;",
    "&apos;",
    " xml:lang=\"en\"",
    " xml:space=\"preserve\"",
    " xmlns:x=\"urn:x\" x:y=\"\"",
    "<x xmlns=\"\"/>",
    "<x xmlns=\"urn:x\"><y xmlns=\"\"/></x>",
];

const WORDS: &[(&str, &str)] = &[
    ("_assertion-1", "_assertion-2"),
    ("_response-1", "_assertion-1"),
    ("_assertion-1", "_response-1"),
    ("anna@", "admin@"),
    ("saml:", "samlp:"),
    ("ds:", "saml:"),
    ("sha256", "sha512"),
    ("#rsa-sha256", "#hmac-sha256"),
    ("xml-exc-c14n#", "xml-exc-c14n#WithComments"),
    ("12:0", "13:0"),
    ("https://gateway.example/saml", "https://other.example/saml"),
    ("NameID", "Audience"),
    (
        "urn:oasis:names:tc:SAML:2.0:assertion",
        "urn:oasis:names:tc:SAML:2.0:protocol",
    ),
];

fn change() -> impl Strategy<Value = Change> {
    let at = any::<prop::sample::Index>;
    prop_oneof![
        (at(), any::<u8>()).prop_map(|(at, byte)| Change::Byte(at, byte)),
        (at(), 1..64_usize).prop_map(|(at, length)| Change::Cut(at, length)),
        (at(), at(), any::<bool>()).prop_map(|(from, to, keep)| Change::Move(from, to, keep)),
        (at(), at(), any::<bool>()).prop_map(|(from, to, keep)| Change::Into(from, to, keep)),
        at().prop_map(Change::Drop),
        (at(), at()).prop_map(|(one, other)| Change::Exchange(one, other)),
        (at(), prop::sample::select(SNIPPETS)).prop_map(|(at, what)| Change::Insert(at, what)),
        (prop::sample::select(WORDS), any::<bool>())
            .prop_map(|((from, to), once)| Change::Word(from, to, once)),
    ]
}

/// The document after the change; itself where the change is not possible.
fn apply(text: Vec<u8>, change: &Change) -> Vec<u8> {
    let spliced = |at: usize, end: usize, by: &[u8]| [&text[..at], by, &text[end..]].concat();
    let element = |at: &prop::sample::Index| {
        let document = xml::parse(&text, usize::MAX).ok()?;
        let ranges: Vec<_> = document
            .elements()
            .filter_map(|element| element.range())
            .collect();
        Some(ranges[at.index(ranges.len())].clone())
    };
    let changed = match change {
        Change::Byte(at, byte) => {
            let at = at.index(text.len());
            Some(spliced(at, at + 1, &[*byte]))
        }
        Change::Cut(at, length) => {
            let at = at.index(text.len());
            Some(spliced(at, text.len().min(at + length), &[]))
        }
        Change::Insert(at, what) => {
            let at = at.index(text.len());
            Some(spliced(at, at, what.as_bytes()))
        }
        Change::Drop(at) => element(at).map(|range| spliced(range.start, range.end, &[])),
        Change::Move(from, to, keep) | Change::Into(from, to, keep) => {
            element(from).zip(element(to)).map(|(from, to)| {
                let inside = matches!(change, Change::Into(..));
                let close = text[to.clone()].windows(2).rposition(|pair| pair == b"</");
                let at = match (inside, close) {
                    (true, Some(close)) => to.start + close,
                    _ => to.start,
                };
                let moved = &text[from.clone()];
                let cut = if *keep { from.start..from.start } else { from };
                if at <= cut.start {
                    [&text[..at], moved, &text[at..cut.start], &text[cut.end..]].concat()
                } else if at >= cut.end {
                    [&text[..cut.start], &text[cut.end..at], moved, &text[at..]].concat()
                } else {
                    text.clone()
                }
            })
        }
        Change::Exchange(one, other) => {
            let quotes: Vec<_> = (0..text.len()).filter(|at| text[*at] == b'"').collect();
            let pairs = quotes.len() / 2;
            (pairs > 0).then(|| {
                let value = |at: &prop::sample::Index| {
                    let pair = at.index(pairs) * 2;
                    quotes[pair] + 1..quotes[pair + 1]
                };
                let (mut one, mut other) = (value(one), value(other));
                if other.start < one.start {
                    std::mem::swap(&mut one, &mut other);
                }
                if one == other {
                    return text.clone();
                }
                let (first, second) = (&text[one.clone()], &text[other.clone()]);
                let between = &text[one.end..other.start];
                [
                    &text[..one.start],
                    second,
                    between,
                    first,
                    &text[other.end..],
                ]
                .concat()
            })
        }
        Change::Word(from, to, once) => std::str::from_utf8(&text).ok().map(|text| {
            let count = if *once { 1 } else { usize::MAX };
            text.replacen(from, to, count).into_bytes()
        }),
    };
    changed.unwrap_or(text)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_changed_response_is_the_same_or_refused(
        which in 0..3_usize,
        changes in prop::collection::vec(change(), 1..4),
    ) {
        let provider = provider(&[signer()]);
        let mut text = good()[which].clone().into_bytes();
        for change in &changes {
            if text.is_empty() {
                break;
            }
            text = apply(text, change);
        }
        if let Ok(accepted) = accept(&text, &expected(&provider)) {
            prop_assert_eq!(accepted, genuine());
        }
    }

    /// Two parsers and two canonicalisations read every document that the guard lets through in the same way: the
    /// signature is made with those of the first verifier.
    #[test]
    fn sec_123_sec_165_the_verifiers_agree_on_what_is_signed_after_it_was_changed(
        id in prop::sample::select(&["_assertion-1", "_response-1"][..]),
        changes in prop::collection::vec(change(), 1..4),
    ) {
        let provider = provider(&[signer()]);
        let mut text = response().into_bytes();
        for change in &changes {
            if text.is_empty() {
                break;
            }
            text = apply(text, change);
        }
        let Some(signed) = signable(&text, id).then(|| sign(std::str::from_utf8(&text).unwrap_or_default(), id)) else {
            return Ok(());
        };
        if let Err(refused) = accept(signed.as_bytes(), &expected(&provider)) {
            prop_assert!(!matches!(refused, Refused::Disagreement(_)), "{refused}: {signed}");
        }
    }
}

/// Whether the document can be parsed and has the element, with an issuer after which to sign.
fn signable(text: &[u8], id: &str) -> bool {
    let Ok(document) = xml::parse(text, usize::MAX) else {
        return false;
    };
    let marked = format!("ID=\"{id}\"");
    let text = std::str::from_utf8(text).unwrap_or_default();
    let after = text.split_once(&marked).map(|(_, after)| after);
    after.is_some_and(|after| after.contains("</saml:Issuer>"))
        && document
            .elements()
            .any(|element| element.attribute("ID") == Some(id))
}
