//! The `If` header of WebDAV, which may ask about the state of other items than the one requested.
//!
//! An upstream answers 412 or goes on, and that tells who asked about a lock or an entity tag of any item. So a
//! condition on an item that is not decided on is for members only ([`super::members`]); nor is it left out, as the
//! request would then do unconditionally what it was to do on a condition.

use gateway_core::path::{ItemPath, PathCase};
use http::HeaderMap;
use http::header::HeaderName;

use super::destination;
use super::host::Host;

const IF: HeaderName = HeaderName::from_static("if");

/// Whether the `If` header of a request to `host` asks about another item than those in `decided`, or cannot be read.
///
/// Source: RFC 4918 section 10.4.
pub(super) fn names_others(headers: &HeaderMap, host: &Host, decided: &[&ItemPath]) -> bool {
    let mut values = headers.get_all(IF).iter();
    let (Some(value), None) = (values.next(), values.next()) else {
        return headers.contains_key(IF);
    };
    let Some(tags) = value.to_str().ok().and_then(resource_tags) else {
        return true;
    };
    let is_decided = |item: ItemPath| {
        decided
            .iter()
            .any(|one| item.is_same(one, PathCase::Sensitive))
    };
    !tags
        .into_iter()
        .all(|tag| destination::item(tag, host).is_ok_and(is_decided))
}

/// The addresses in front of the lists, without angle brackets; nothing where the grammar does not hold, as upstreams
/// differ in what they make of that.
fn resource_tags(mut rest: &str) -> Option<Vec<&str>> {
    let mut tags = Vec::new();
    loop {
        rest = rest.trim_start();
        if let Some(tagged) = rest.strip_prefix('<') {
            let (tag, after) = tagged.split_once('>')?;
            tags.push(tag);
            rest = after;
        } else if let Some(list) = rest.strip_prefix('(') {
            rest = after_list(list)?;
        } else {
            return rest.is_empty().then_some(tags);
        }
    }
}

/// What follows the list whose opening parenthesis was read. An entity tag with a bracket in it is not read at all: the
/// quotes protect that bracket, yet some upstreams read on to the first one.
fn after_list(mut rest: &str) -> Option<&str> {
    loop {
        rest = rest.trim_start();
        if let Some(after) = rest.strip_prefix(')') {
            return Some(after);
        }
        rest = if let Some(token) = rest.strip_prefix('<') {
            token.split_once('>')?.1
        } else if let Some(tag) = rest.strip_prefix('[') {
            let quoted = tag.strip_prefix("W/").unwrap_or(tag).strip_prefix('"')?;
            let (opaque, after) = quoted.split_once('"')?;
            if opaque.contains(['[', ']', '(', ')', '<', '>']) {
                return None;
            }
            after.strip_prefix(']')?
        } else {
            rest.strip_prefix("Not")?
        };
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(values: &[&'static str], want: bool) {
        let mut headers = HeaderMap::new();
        for value in values {
            headers.append(IF, value.parse().unwrap());
        }
        let host = Host {
            name: "gw.example".to_owned(),
            port: None,
        };
        let (source, destination) = ["/a", "/b"].map(|raw| ItemPath::parse(raw).unwrap()).into();
        let got = names_others(&headers, &host, &[&source, &destination]);
        assert_eq!(got, want, "{values:?}");
    }

    #[test]
    fn a_condition_on_what_is_decided_passes() {
        check(&[], false);
        check(&["(<urn:uuid:1>)"], false);
        check(&[r#"(<urn:uuid:1> [W/"x"]) (Not <DAV:no-lock>)"#], false);
        check(&["<https://gw.example/a> (<urn:uuid:1>)"], false);
        check(&[r#"</a> (["x"]) </b/> (<urn:uuid:1>)"#], false);
    }

    #[test]
    fn a_condition_on_anything_else_is_for_members() {
        check(&["</c> (<urn:uuid:1>)"], true);
        check(&["</a> (<urn:uuid:1>) </c> (<urn:uuid:1>)"], true);
        check(&["</a> </c> (<urn:uuid:1>)"], true);
        check(&["<https://other.example/a> (<urn:uuid:1>)"], true);
        check(&["</a/../c> (<urn:uuid:1>)"], true);
    }

    #[test]
    fn a_condition_that_cannot_be_read_is_for_members() {
        check(&["(<urn:uuid:1>)", "(<urn:uuid:2>)"], true);
        for bad in ["x", "(", "(x)", "<", "(<x>", r#"(["x)] </c> ("])"#, "\\"] {
            check(&[bad], true);
        }
    }
}
