//! `private_key_jwt`: a client proves who it is with a signature (RFC 7523; OpenID Connect Core 1.0, section 9).

use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED, RSA_PKCS1_2048_8192_SHA256, RSA_PSS_2048_8192_SHA256, RsaParameters,
    RsaPublicKeyComponents, UnparsedPublicKey,
};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::Value;

use super::codes::Codes;
use crate::clock;
use crate::http::params::Params;
use crate::shared::Shared;

const TYPE: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";
/// Longest life of an assertion that is taken, in seconds.
const LONGEST: u64 = 600;

/// The client that `assertion` proves to be there.
///
/// - `audience`: the token endpoint as it was called.
pub(super) fn check(
    shared: &Shared,
    codes: &Codes,
    form: &Params,
    assertion: &str,
    audience: &str,
) -> Result<String, &'static str> {
    if form.first("client_assertion_type") != Some(TYPE) {
        return Err("the client_assertion_type is not jwt-bearer");
    }
    if form.first("client_secret").is_some() {
        return Err("the client shows a secret beside its assertion");
    }
    let read = Assertion::read(assertion).ok_or("the client_assertion is no signed token")?;
    let client = read.claim("sub").unwrap_or_default();
    if read.claim("iss") != Some(client) || form.first("client_id").is_some_and(|id| id != client) {
        return Err("iss, sub and client_id of the client_assertion differ");
    }
    let keys = shared
        .world
        .lock()
        .client(client)
        .map(|client| client.keys.clone());
    let keys = keys.ok_or("the client is unknown")?;
    if !keys.iter().any(|key| read.is_signed_with(key)) {
        return Err("the client_assertion is not signed with a key of the client");
    }
    if read.claim("aud") != Some(audience) {
        return Err("the client_assertion is for another endpoint");
    }
    let (now, time) = (clock::now(), |name: &str| read.claims.get(name)?.as_u64());
    let lives = time("exp").is_some_and(|end| now < end && end <= now + LONGEST);
    let began = time("nbf")
        .or(time("iat"))
        .is_some_and(|start| start <= now + 60);
    if !(lives && began) {
        return Err("the client_assertion is over, not yet valid or valid for long");
    }
    match read.claim("jti") {
        Some(id) if codes.is_new(id) => Ok(client.to_owned()),
        Some(_) => Err("the client_assertion was used before"),
        None => Err("the client_assertion has no jti"),
    }
}

struct Assertion<'t> {
    header: Value,
    claims: Value,
    signed: &'t str,
    signature: Vec<u8>,
}

impl<'t> Assertion<'t> {
    fn read(text: &'t str) -> Option<Self> {
        let (signed, signature) = text.rsplit_once('.')?;
        let (header, claims) = signed.split_once('.')?;
        let json = |part: &str| serde_json::from_slice(&decoded(part)?).ok();
        Some(Self {
            header: json(header)?,
            claims: json(claims)?,
            signed,
            signature: decoded(signature)?,
        })
    }

    fn claim(&self, name: &str) -> Option<&str> {
        self.claims.get(name)?.as_str()
    }

    fn is_signed_with(&self, key: &Value) -> bool {
        // A key that is known by a name must be called by it.
        let called = ["kid", "x5t#S256"].iter().all(|name| {
            let known = key.get(*name);
            known.is_none() || known == self.header.get(*name)
        });
        let algorithm = self.header.get("alg").and_then(Value::as_str);
        let part = |name: &str| decoded(key.get(name)?.as_str()?);
        let rsa = |parameters: &'static RsaParameters| {
            let (Some(n), Some(e)) = (part("n"), part("e")) else {
                return false;
            };
            let verified = RsaPublicKeyComponents { n, e }.verify(
                parameters,
                self.signed.as_bytes(),
                &self.signature,
            );
            verified.is_ok()
        };
        let curve = || {
            let (Some(x), Some(y)) = (part("x"), part("y")) else {
                return false;
            };
            let point = [&[4][..], &x, &y].concat();
            let key = UnparsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, point);
            key.verify(self.signed.as_bytes(), &self.signature).is_ok()
        };
        called
            && match algorithm {
                Some("RS256") => rsa(&RSA_PKCS1_2048_8192_SHA256),
                Some("PS256") => rsa(&RSA_PSS_2048_8192_SHA256),
                Some("ES256") => curve(),
                _ => false,
            }
    }
}

fn decoded(part: &str) -> Option<Vec<u8>> {
    URL_SAFE_NO_PAD.decode(part).ok()
}
