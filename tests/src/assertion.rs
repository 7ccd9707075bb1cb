//! The token in which the gateway tells an upstream who asks, verified as an upstream would.

use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED, UnparsedPublicKey};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use idp_mocks::SeenRequest;
use serde_json::Value;

use crate::says;
use crate::world::World;
use crate::{Outcome, ensure};

/// The header.
pub const HEADER: &str = "x-vestibule-assertion";

/// The claims of the assertion that came with `request`, once its signature has been verified with the keys that
/// `tenant` publishes.
///
/// # Errors
/// If there is none, or it does not hold.
pub async fn claims(world: &World, tenant: &str, request: &SeenRequest) -> Outcome<Value> {
    let token = request
        .header(HEADER)
        .ok_or("no assertion came with the request")?;
    let keys = world.url(tenant, "/_vestibule/jwks.json");
    let keys = world
        .browser()
        .fetch("GET", &keys, &[], "")
        .await?
        .expect(200)?
        .json()?;
    verified(token, &keys)
}

fn verified(token: &str, keys: &Value) -> Outcome<Value> {
    let (signed, signature) = token.rsplit_once('.').ok_or("not a token")?;
    let (header, payload) = signed.split_once('.').ok_or("not a token")?;
    let header = decoded(header)?;
    ensure!(
        says(&header, "alg") == "ES256",
        "signed with {}",
        says(&header, "alg")
    );
    let mut known = keys
        .get("keys")
        .and_then(Value::as_array)
        .into_iter()
        .flatten();
    let key = known
        .find(|key| says(key, "kid") == says(&header, "kid"))
        .ok_or("no published key has that id")?;
    let coordinate = |name: &str| URL_SAFE_NO_PAD.decode(says(key, name));
    let point = [vec![4], coordinate("x")?, coordinate("y")?].concat();
    UnparsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, point)
        .verify(signed.as_bytes(), &URL_SAFE_NO_PAD.decode(signature)?)
        .map_err(|_| "the signature does not hold")?;
    decoded(payload)
}

fn decoded(part: &str) -> Outcome<Value> {
    Ok(serde_json::from_slice(&URL_SAFE_NO_PAD.decode(part)?)?)
}
