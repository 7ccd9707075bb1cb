//! From honest claims to a token that misbehaves as it is told.

use std::collections::BTreeSet;

use serde_json::{Map, Value, json};

use super::faults;
use crate::jose::{Draft, KeyNotMade, Signing};
use crate::misbehaviour::{Misbehaviour, OidcFault};
use crate::service::Service;
use crate::shared::Shared;

pub(super) const SOMEBODY_ELSE: &str = "somebody-else";
const ANOTHER_TENANT: &str = "99999999-9999-4999-8999-999999999999";
pub(super) const HOUR: u64 = 3600;

/// Signs `claims` for `service`, spoiled by what is switched on there.
pub(crate) async fn seal(
    shared: &Shared,
    service: Service,
    claims: Map<String, Value>,
) -> Result<String, KeyNotMade> {
    let active = shared.switchboard.active(service);
    seal_as(shared, service, claims, Map::new(), &active).await
}

/// The same, spoiled by `active`, whatever is switched on.
///
/// - `header`: members beyond the usual ones, or in their place.
pub(crate) async fn seal_as(
    shared: &Shared,
    service: Service,
    mut claims: Map<String, Value>,
    header: Map<String, Value>,
    active: &BTreeSet<Misbehaviour>,
) -> Result<String, KeyNotMade> {
    for misbehaviour in active {
        spoil(&mut claims, *misbehaviour, service);
    }
    let faults: Vec<OidcFault> = active.iter().filter_map(|what| what.oidc()).collect();
    let is_on = |fault| faults.contains(&fault);
    let signer = if is_on(OidcFault::EmbeddedKey) || is_on(OidcFault::KeySetInHeader) {
        // The documents publish no keys, so this one is nobody's.
        Service::Documents
    } else if active.contains(&Misbehaviour::ConsumerKeyForWork) {
        Service::MicrosoftAccount
    } else if is_on(OidcFault::WorkKeyForConsumer) {
        Service::EntraWorldwide
    } else {
        service
    };
    let key = shared.keyring(signer).current().await?;
    let mut draft = Draft::new(claims, signing(active));
    draft.header = header;
    for fault in faults {
        faults::of_token(shared, service, fault, &key, &mut draft);
    }
    draft.text(&key)
}

fn signing(active: &BTreeSet<Misbehaviour>) -> Signing {
    let ways = [
        (Misbehaviour::AlgNone, Signing::None),
        (Misbehaviour::Hs256PublicKey, Signing::PublicKeyAsSecret),
        (Misbehaviour::UnknownKid, Signing::UnknownKid),
        (Misbehaviour::BadSignature, Signing::Broken),
    ];
    ways.into_iter()
        .find(|(what, _)| active.contains(what))
        .map_or(Signing::Right, |(_, how)| how)
}

fn spoil(claims: &mut Map<String, Value>, misbehaviour: Misbehaviour, service: Service) {
    let mut set = |name: &str, value: Value| claims.insert(name.to_owned(), value);
    match misbehaviour {
        Misbehaviour::WrongAudience => _ = set("aud", json!(SOMEBODY_ELSE)),
        Misbehaviour::WrongNonce => _ = set("nonce", json!("another-nonce")),
        Misbehaviour::TidMismatch => _ = set("tid", json!(ANOTHER_TENANT)),
        Misbehaviour::MissingNonce => _ = claims.remove("nonce"),
        Misbehaviour::ExtraAudience => {
            let client = claims.get("aud").cloned().unwrap_or_default();
            claims.insert("aud".to_owned(), json!([client, SOMEBODY_ELSE]));
        }
        Misbehaviour::WrongIssuer => replace_issuer(claims, |issuer| {
            format!("https://wrong-issuer.invalid{}", after_origin(issuer))
        }),
        Misbehaviour::SchemelessIssuer => replace_issuer(claims, |issuer| {
            issuer
                .split_once("://")
                .map_or(issuer, |(_, rest)| rest)
                .to_owned()
        }),
        Misbehaviour::Expired => shift(claims, |time| time.saturating_sub(2 * HOUR)),
        Misbehaviour::NotYetValid => shift(claims, |time| time + HOUR),
        Misbehaviour::V1Token => into_v1(claims, service),
        // These are about the signature or the transport.
        Misbehaviour::BadSignature
        | Misbehaviour::UnknownKid
        | Misbehaviour::AlgNone
        | Misbehaviour::Hs256PublicKey
        | Misbehaviour::ConsumerKeyForWork
        | Misbehaviour::WrongCallbackIssuer
        | Misbehaviour::MissingCallbackIssuer
        | Misbehaviour::Slow
        | Misbehaviour::Http500
        | Misbehaviour::Truncated
        | Misbehaviour::Huge
        | Misbehaviour::RedirectDiscovery
        | Misbehaviour::Oidc(_)
        | Misbehaviour::Wire(_)
        | Misbehaviour::Saml(_) => {}
    }
}

pub(super) fn replace_issuer(claims: &mut Map<String, Value>, change: impl Fn(&str) -> String) {
    let issuer = claims
        .get("iss")
        .and_then(Value::as_str)
        .unwrap_or_default();
    let changed = change(issuer);
    claims.insert("iss".to_owned(), json!(changed));
}

pub(super) fn after_origin(issuer: &str) -> &str {
    let rest = issuer.split_once("://").map_or("", |(_, rest)| rest);
    rest.find('/')
        .and_then(|slash| rest.get(slash..))
        .unwrap_or_default()
}

pub(super) fn shift(claims: &mut Map<String, Value>, change: impl Fn(u64) -> u64) {
    for name in ["iat", "nbf", "exp"] {
        if let Some(time) = claims.get(name).and_then(Value::as_u64) {
            claims.insert(name.to_owned(), json!(change(time)));
        }
    }
}

/// The v1.0 shape: issuer of the token service that two clouds share, other names for the person.
fn into_v1(claims: &mut Map<String, Value>, service: Service) {
    let host = match service {
        Service::EntraChina => "sts.chinacloudapi.cn",
        _ => "sts.windows.net",
    };
    let tenant = claims
        .get("tid")
        .and_then(Value::as_str)
        .unwrap_or_default();
    let issuer = format!("https://{host}/{tenant}/");
    let name = claims.remove("preferred_username").unwrap_or_default();
    claims.insert("ver".to_owned(), json!("1.0"));
    claims.insert("iss".to_owned(), json!(issuer));
    claims.insert("upn".to_owned(), name.clone());
    claims.insert("unique_name".to_owned(), name);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(misbehaviour: Misbehaviour, claim: &str, want: &Value) {
        let honest = json!({
            "iss": "https://login.localhost:1/tenant/v2.0", "aud": "vestibule", "nonce": "n",
            "tid": "tenant", "ver": "2.0", "iat": 100_000, "nbf": 100_000, "exp": 103_600,
            "preferred_username": "ada@fabrikam.example",
        });
        let mut claims = honest.as_object().cloned().unwrap();
        spoil(&mut claims, misbehaviour, Service::EntraWorldwide);
        let got = claims.get(claim).unwrap_or(&Value::Null);
        assert_eq!(got, want, "{} on {claim}", misbehaviour.name());
    }

    #[test]
    fn each_misbehaviour_spoils_its_claim() {
        let wrong = json!("https://wrong-issuer.invalid/tenant/v2.0");
        check(Misbehaviour::WrongIssuer, "iss", &wrong);
        check(
            Misbehaviour::SchemelessIssuer,
            "iss",
            &json!("login.localhost:1/tenant/v2.0"),
        );
        check(Misbehaviour::WrongAudience, "aud", &json!("somebody-else"));
        check(
            Misbehaviour::ExtraAudience,
            "aud",
            &json!(["vestibule", "somebody-else"]),
        );
        check(Misbehaviour::WrongNonce, "nonce", &json!("another-nonce"));
        check(Misbehaviour::MissingNonce, "nonce", &Value::Null);
        check(Misbehaviour::TidMismatch, "tid", &json!(ANOTHER_TENANT));
        check(Misbehaviour::Expired, "exp", &json!(96_400));
        check(Misbehaviour::NotYetValid, "nbf", &json!(103_600));
        check(
            Misbehaviour::V1Token,
            "iss",
            &json!("https://sts.windows.net/tenant/"),
        );
        check(Misbehaviour::V1Token, "preferred_username", &Value::Null);
    }
}
