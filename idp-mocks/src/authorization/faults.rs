//! The further faults of an OpenID provider, carried out.

use serde_json::{Map, Value, json};

use super::callback::Callback;
use super::codes::random;
use super::tokens::{HOUR, SOMEBODY_ELSE, after_origin, replace_issuer, shift};
use crate::jose::{Draft, Shape, Signing, SigningKey};
use crate::misbehaviour::OidcFault;
use crate::service::Service;
use crate::shared::Shared;
use crate::switchboard::Switchboard;

const TEN_MINUTES: u64 = 600;

/// Markup, a format string, a terminal's escape sequence and a new line.
const HOSTILE: &str = "<script>alert(1)</script>%n%s\u{1b}[31m\nforged=line";

/// Spoils a token that is not yet signed.
///
/// - `key`: the one that will sign.
pub(super) fn of_token(
    shared: &Shared,
    service: Service,
    fault: OidcFault,
    key: &SigningKey,
    draft: &mut Draft,
) {
    let claims = &mut draft.claims;
    match fault {
        OidcFault::MissingIssuer => remove(claims, &["iss"]),
        OidcFault::MissingAudience => remove(claims, &["aud"]),
        OidcFault::MissingExpiry => remove(claims, &["exp"]),
        OidcFault::MissingIssuedAt => remove(claims, &["iat"]),
        OidcFault::MissingSubject => remove(claims, &["sub", "oid"]),
        OidcFault::EmptySubject => {
            for name in ["sub", "oid"] {
                if claims.contains_key(name) {
                    set(claims, name, json!(""));
                }
            }
        }
        OidcFault::IssuerOfAnotherCloud => {
            let other = match service {
                Service::EntraWorldwide => Service::EntraUsgov,
                _ => Service::EntraWorldwide,
            };
            let origin = shared.origins.of(other);
            replace_issuer(claims, |issuer| format!("{origin}{}", after_origin(issuer)));
        }
        OidcFault::TidNoGuid => {
            let tenant = text(claims, "tid");
            replace_issuer(claims, |issuer| issuer.replace(&tenant, "common"));
            set(claims, "tid", json!("common"));
        }
        OidcFault::PartyOfAnother => set(claims, "azp", json!(SOMEBODY_ELSE)),
        OidcFault::IssuedAhead => move_issue(claims, |time| time + HOUR),
        OidcFault::IssuedLongAgo => move_issue(claims, |time| time.saturating_sub(24 * HOUR)),
        OidcFault::ClockBehind => shift(claims, |time| time.saturating_sub(TEN_MINUTES)),
        OidcFault::ClockAhead => shift(claims, |time| time + TEN_MINUTES),
        OidcFault::EmailVerifiedText => set(claims, "email_verified", json!("true")),
        OidcFault::WrongAccessTokenHash => set(claims, "at_hash", json!("AAAAAAAAAAAAAAAAAAAAAA")),
        OidcFault::Oversized => set(claims, "padding", json!("x".repeat(64 * 1024))),
        OidcFault::HostileText => set(claims, "name", json!(HOSTILE)),
        OidcFault::DoubledClaim => draft.prefix = r#""iss":"https://wrong-issuer.invalid","#,
        OidcFault::AccessTokenType => set(&mut draft.header, "typ", json!("at+jwt")),
        OidcFault::LogoutTokenType => set(&mut draft.header, "typ", json!("logout+jwt")),
        OidcFault::CriticalHeader => {
            set(&mut draft.header, "crit", json!(["urn:example:unknown"]));
            set(&mut draft.header, "urn:example:unknown", json!(true));
        }
        OidcFault::Compressed => set(&mut draft.header, "zip", json!("DEF")),
        OidcFault::FreshKid => set(&mut draft.header, "kid", json!(random())),
        OidcFault::EmbeddedKey => set(&mut draft.header, "jwk", Value::Object(key.jwk())),
        OidcFault::KeySetInHeader => {
            set(
                &mut draft.header,
                "jku",
                json!("https://mallory.invalid/keys"),
            );
        }
        OidcFault::Hs256ClientSecret => {
            let client = text(claims, "aud");
            let world = shared.world.lock();
            let secret = world.client(&client).map(|client| client.secret.clone());
            draft.signing = Signing::Secret(secret.unwrap_or_default());
        }
        OidcFault::Encrypted => draft.shape = Shape::Encrypted,
        OidcFault::TwoSegments => draft.shape = Shape::Cut,
        OidcFault::ManyDots => draft.shape = Shape::Dots,
        // These are about keys, callbacks and documents.
        OidcFault::WorkKeyForConsumer
        | OidcFault::MissingIdToken
        | OidcFault::TokenInCallback
        | OidcFault::DoubledState
        | OidcFault::DoubledCode
        | OidcFault::WrongState
        | OidcFault::MissingState
        | OidcFault::MissingCode
        | OidcFault::HostileError
        | OidcFault::ForeignDocument
        | OidcFault::TokenEndpointElsewhere
        | OidcFault::KeysElsewhere
        | OidcFault::NoKeys
        | OidcFault::KeysWithoutIssuer => {}
    }
}

/// Spoils the way back to the client.
pub(super) fn of_callback(
    switches: &Switchboard,
    service: Service,
    mut callback: Callback,
) -> Callback {
    let is_on = |fault| switches.has(service, fault);
    let again = |callback: Callback, name: &str| match callback.value(name) {
        Some(value) => callback.field(name, &value),
        None => callback,
    };
    if is_on(OidcFault::HostileError) {
        callback = callback.without("code").error(HOSTILE, HOSTILE);
    }
    if is_on(OidcFault::TokenInCallback) {
        callback = callback.field("id_token", "e30.e30.AA");
    }
    if is_on(OidcFault::MissingCode) {
        callback = callback.without("code");
    }
    if is_on(OidcFault::MissingState) {
        callback = callback.without("state");
    }
    if is_on(OidcFault::WrongState) {
        callback = callback.without("state").field("state", &random());
    }
    if is_on(OidcFault::DoubledState) {
        callback = again(callback, "state");
    }
    if is_on(OidcFault::DoubledCode) {
        callback = again(callback, "code");
    }
    callback
}

/// Spoils a discovery document.
pub(crate) fn of_document(switches: &Switchboard, service: Service, mut document: Value) -> Value {
    let members = [
        (
            OidcFault::ForeignDocument,
            "issuer",
            "https://wrong-issuer.invalid",
        ),
        (
            OidcFault::TokenEndpointElsewhere,
            "token_endpoint",
            "https://mallory.invalid/token",
        ),
        (
            OidcFault::KeysElsewhere,
            "jwks_uri",
            "https://mallory.invalid/keys",
        ),
    ];
    for (fault, member, value) in members {
        if let Some(members) = document
            .as_object_mut()
            .filter(|_| switches.has(service, fault))
        {
            set(members, member, json!(value));
        }
    }
    document
}

/// Spoils a key set.
pub(crate) fn of_keys(switches: &Switchboard, service: Service, keys: Value) -> Value {
    if switches.has(service, OidcFault::NoKeys) {
        return json!({"keys": []});
    }
    if !switches.has(service, OidcFault::KeysWithoutIssuer) {
        return keys;
    }
    let bare = keys.get("keys").and_then(Value::as_array).cloned();
    let mut bare = bare.unwrap_or_default();
    for key in bare.iter_mut().filter_map(Value::as_object_mut) {
        key.remove("issuer");
    }
    json!({"keys": bare})
}

/// Spoils the token endpoint's answer.
pub(crate) fn of_answer(switches: &Switchboard, service: Service, mut answer: Value) -> Value {
    if let Some(members) = answer
        .as_object_mut()
        .filter(|_| switches.has(service, OidcFault::MissingIdToken))
    {
        members.remove("id_token");
    }
    answer
}

fn set(members: &mut Map<String, Value>, name: &str, value: Value) {
    members.insert(name.to_owned(), value);
}

fn remove(members: &mut Map<String, Value>, names: &[&str]) {
    for name in names {
        members.remove(*name);
    }
}

fn text(members: &Map<String, Value>, name: &str) -> String {
    let text = members.get(name).and_then(Value::as_str);
    text.unwrap_or_default().to_owned()
}

fn move_issue(claims: &mut Map<String, Value>, change: impl Fn(u64) -> u64) {
    if let Some(time) = claims.get("iat").and_then(Value::as_u64) {
        set(claims, "iat", json!(change(time)));
    }
}
