//! Keys of issuers: which of a key set's may have signed.

use jsonwebtoken::DecodingKey;
use serde_json::Value;

/// What a key set says of a key.
pub(super) enum Found {
    /// The key.
    Key(Box<DecodingKey>),
    /// There is none of that id: the issuer may have changed its keys.
    Missing,
    /// It is no key for this: not for RSA signatures, of another issuer, or given twice.
    Unfit,
}

/// The key `kid` of a set, for RSA signatures by `issuer`.
///
/// - `tenant`: what stands for `{tenantid}` where a key names its issuer by a template.
///
/// Source: RFC 7517; specification "clouds and identity" (per-key `issuer`).
pub(super) fn find(set: &Value, kid: &str, issuer: &str, tenant: &str) -> Found {
    let keys = set.get("keys").and_then(Value::as_array);
    let text =
        |key: &'_ Value, name: &str| key.get(name).and_then(Value::as_str).map(str::to_owned);
    let mut named = keys
        .into_iter()
        .flatten()
        .filter(|key| text(key, "kid").as_deref() == Some(kid));
    let Some(key) = named.next() else {
        return Found::Missing;
    };
    let only = named.next().is_none();
    let signs = text(key, "use").is_none_or(|used| used == "sig");
    let algorithm = text(key, "alg").is_none_or(|algorithm| algorithm == "RS256");
    let own = text(key, "issuer").is_none_or(|of| of.replace("{tenantid}", tenant) == issuer);
    let fits = only && signs && algorithm && own && text(key, "kty").as_deref() == Some("RSA");
    let parts = text(key, "n").zip(text(key, "e")).filter(|_| fits);
    match parts.and_then(|(n, e)| DecodingKey::from_rsa_components(&n, &e).ok()) {
        Some(key) => Found::Key(Box::new(key)),
        None => Found::Unfit,
    }
}
