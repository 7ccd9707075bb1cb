//! A record as it is hashed: one text for one record.
//!
//! Keys stand in the order of their bytes, at every depth, without white space: a reader who parses the text and writes
//! it again gets the same bytes. Names are those of Microsoft 365's audit where it has one.
//!
//! Source: specification "sharing rules" 8; Office 365 Management Activity API schema.

use aws_lc_rs::digest::{Context, SHA256};
use gateway_core::id::TenantId;
use gateway_core::time::UnixTime;
use serde_json::{Map, Value};

use crate::model::AuditEvent;

/// What stands for the hash before the first record.
pub(crate) const START: [u8; 32] = [0; 32];

/// Keeps these hashes apart from all others.
const DOMAIN: &[u8] = b"vestibule audit record v1\0";

/// A record's place.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Place<'a> {
    /// The chain.
    pub(crate) chain: &'a str,
    /// From 1.
    pub(crate) number: u64,
    /// The tenant.
    pub(crate) tenant: &'a TenantId,
    /// When.
    pub(crate) at: UnixTime,
}

/// The hash of a record: over the hash before it and its text.
#[must_use]
pub(crate) fn hash(before: &[u8; 32], body: &str) -> [u8; 32] {
    let mut context = Context::new(&SHA256);
    context.update(DOMAIN);
    context.update(before);
    context.update(body.as_bytes());
    let digest = context.finish();
    let mut hash = [0; 32];
    // SHA-256 has 32 bytes.
    hash.iter_mut()
        .zip(digest.as_ref())
        .for_each(|(to, from)| *to = *from);
    hash
}

/// What a query finds a value by: its beginning, for an index takes no more (PostgreSQL: 2704 bytes for all of a row),
/// and none of what PostgreSQL does not take in a text.
#[must_use]
pub(crate) fn column(value: &str) -> &str {
    const LONGEST: usize = 512;
    let value = value.split('\0').next().unwrap_or_default();
    let end = value
        .char_indices()
        .map(|(start, character)| start + character.len_utf8())
        .take_while(|end| *end <= LONGEST)
        .last();
    value.get(..end.unwrap_or(0)).unwrap_or_default()
}

/// The text of a record. The place is part of it: a record that is put elsewhere says where it belongs.
#[must_use]
pub(crate) fn text(place: &Place<'_>, event: &AuditEvent) -> String {
    let mut record: Vec<(&str, Value)> = vec![
        ("Chain", place.chain.into()),
        ("Count", event.count.into()),
        ("CreationTime", place.at.0.into()),
        ("Decision", event.decision.into()),
        ("Number", place.number.into()),
        ("Operation", event.operation.as_str().into()),
        ("OrganizationId", place.tenant.as_str().into()),
        ("UserId", event.actor.id.as_str().into()),
    ];
    let mut optional = |key, value: Option<&str>| {
        if let Some(value) = value.filter(|value| !value.is_empty()) {
            record.push((key, value.into()));
        }
    };
    optional("ClientIP", event.actor.client.as_deref());
    optional("ObjectId", event.item.as_deref());
    optional("ReasonCode", Some(&event.reason));
    optional("SiteId", event.site.as_ref().map(|site| site.as_str()));
    optional("TargetUserOrGroupName", event.person.as_deref());
    optional("TargetUserOrGroupType", event.person_type);
    optional(
        "UniqueSharingId",
        event.link.as_ref().map(|link| link.as_str()),
    );
    if !event.more.is_empty() {
        record.push(("Details", sorted(Value::Object(event.more.clone()))));
    }
    record.sort_by_key(|(key, _)| *key);
    let record: Map<String, Value> = record
        .into_iter()
        .map(|(key, value)| (key.to_owned(), value))
        .collect();
    Value::Object(record).to_string()
}

/// With the keys of every object in order, whichever order the map keeps them in.
fn sorted(value: Value) -> Value {
    match value {
        Value::Object(map) => {
            let mut entries: Vec<(String, Value)> = map
                .into_iter()
                .map(|(key, value)| (key, sorted(value)))
                .collect();
            entries.sort_by(|(one, _), (other, _)| one.cmp(other));
            Value::Object(entries.into_iter().collect())
        }
        Value::Array(values) => Value::Array(values.into_iter().map(sorted).collect()),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => value,
    }
}

#[cfg(test)]
mod tests {
    use gateway_core::id::{LinkId, SiteId};
    use serde_json::json;

    use super::*;
    use crate::model::Actor;

    fn full() -> AuditEvent {
        let mut event = AuditEvent::of(
            "SecureLinkCreated",
            Actor {
                id: "ada@contoso.com".to_owned(),
                client: Some("192.0.2.1".to_owned()),
            },
        );
        event.person = Some("bo@fabrikam.com".to_owned());
        event.person_type = Some("Guest");
        event.site = Some(SiteId::parse("projects").unwrap());
        event.item = Some("/sites/projects/\"plan\"\n".to_owned());
        event.link = Some(LinkId::parse("l1").unwrap());
        event.reason = "permission".to_owned();
        event.more = json!({ "z": { "b": 1, "a": [true, { "d": null, "c": "ü" }] }, "A": 2 })
            .as_object()
            .unwrap()
            .clone();
        event
    }

    fn place(tenant: &TenantId) -> Place<'_> {
        Place {
            chain: "changes/contoso",
            number: 7,
            tenant,
            at: UnixTime(1_000),
        }
    }

    #[test]
    fn the_text_of_a_record_is_one() {
        let tenant = TenantId::parse("contoso").unwrap();
        assert_eq!(
            text(&place(&tenant), &full()),
            concat!(
                r#"{"Chain":"changes/contoso","ClientIP":"192.0.2.1","Count":1,"CreationTime":1000,"Decision":"allow","#,
                r#""Details":{"A":2,"z":{"a":[true,{"c":"ü","d":null}],"b":1}},"Number":7,"ObjectId":"/sites/projects/\"plan\"\n","#,
                r#""Operation":"SecureLinkCreated","OrganizationId":"contoso","ReasonCode":"permission","SiteId":"projects","#,
                r#""TargetUserOrGroupName":"bo@fabrikam.com","TargetUserOrGroupType":"Guest","UniqueSharingId":"l1","#,
                r#""UserId":"ada@contoso.com"}"#
            )
        );
    }

    #[test]
    fn a_text_that_is_read_and_written_again_is_the_same() {
        let tenant = TenantId::parse("contoso").unwrap();
        let text = text(&place(&tenant), &full());
        let read: Value = serde_json::from_str(&text).unwrap();
        assert_eq!(read.to_string(), text);
    }

    #[test]
    fn a_hash_covers_the_one_before_and_every_byte() {
        let one = hash(&START, "{}");
        assert_ne!(one, hash(&one, "{}"));
        assert_ne!(one, hash(&START, "{ }"));
    }
}
