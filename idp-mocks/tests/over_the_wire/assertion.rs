//! A client that proves who it is with a signature.

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};

use crate::client::{Reply, mocks, post_form};
use crate::oidc::{Provider, REDIRECT, VERIFIER, field};

struct Signer(EcdsaKeyPair);

impl Signer {
    fn new() -> Self {
        Self(EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING).unwrap())
    }

    fn jwk(&self) -> Value {
        let point = self.0.public_key().as_ref();
        let (x, y) = point[1..].split_at(32);
        let part = |bytes: &[u8]| URL_SAFE_NO_PAD.encode(bytes);
        json!({"kty": "EC", "crv": "P-256", "kid": "ours", "x": part(x), "y": part(y)})
    }

    fn sign(&self, header: &Value, claims: &Value) -> String {
        let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
        let signed = format!("{}.{}", part(header), part(claims));
        let signature = self
            .0
            .sign(&SystemRandom::new(), signed.as_bytes())
            .unwrap();
        format!("{signed}.{}", URL_SAFE_NO_PAD.encode(signature))
    }
}

async fn redeem(provider: &Provider, assertion: &str) -> Reply {
    let code = field(&provider.callback("ada@fabrikam.example").await, "code").to_owned();
    let form = [
        ("grant_type", "authorization_code"),
        ("client_id", "vestibule"),
        ("redirect_uri", REDIRECT),
        ("code", &code),
        ("code_verifier", VERIFIER),
        (
            "client_assertion_type",
            "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
        ),
        ("client_assertion", assertion),
    ];
    post_form(&provider.url("token_endpoint"), &form).await
}

#[tokio::test]
async fn an_assertion_is_good_for_its_client_its_endpoint_and_once() {
    let mocks = mocks().await;
    let signer = Signer::new();
    mocks.change_world(|world| world.clients[0].keys = vec![signer.jwk()]);
    let provider = Provider::discover(&mocks.urls().entra_worldwide.organizations).await;
    let now = std::time::SystemTime::now()
        .duration_since(std::time::UNIX_EPOCH)
        .unwrap()
        .as_secs();
    let header = json!({"alg": "ES256", "kid": "ours"});
    let claims = |id: &str, changes: &Value| {
        let mut claims = json!({
            "iss": "vestibule", "sub": "vestibule", "aud": provider.url("token_endpoint"), "jti": id,
            "iat": now, "exp": now + 300,
        });
        for (name, value) in changes.as_object().unwrap() {
            claims[name] = value.clone();
        }
        claims
    };
    let good = signer.sign(&header, &claims("1", &json!({})));
    assert_eq!(redeem(&provider, &good).await.status, 200);
    let again = redeem(&provider, &good).await;
    assert!(again.text().contains("used before"), "{}", again.text());
    let rows = [
        (
            signer.sign(&header, &claims("2", &json!({"aud": "https://x.example"}))),
            "another endpoint",
        ),
        (
            signer.sign(&header, &claims("3", &json!({"iss": "x"}))),
            "differ",
        ),
        (
            signer.sign(&header, &claims("4", &json!({"sub": "x", "iss": "x"}))),
            "differ",
        ),
        (
            signer.sign(&header, &claims("5", &json!({"exp": now - 1}))),
            "is over",
        ),
        (
            signer.sign(&header, &claims("6", &json!({"exp": now + 4000}))),
            "valid for long",
        ),
        (
            signer.sign(&header, &claims("7", &json!({"iat": now + 4000}))),
            "not yet valid",
        ),
        (
            signer.sign(&header, &claims("8", &json!({"jti": null}))),
            "no jti",
        ),
        (
            signer.sign(&json!({"alg": "ES256"}), &claims("9", &json!({}))),
            "not signed",
        ),
        (
            signer.sign(
                &json!({"alg": "none", "kid": "ours"}),
                &claims("10", &json!({})),
            ),
            "not signed",
        ),
        (
            Signer::new().sign(&header, &claims("11", &json!({}))),
            "not signed",
        ),
        ("x".to_owned(), "no signed token"),
    ];
    for (assertion, why) in rows {
        let reply = redeem(&provider, &assertion).await;
        assert_eq!(reply.status, 401);
        assert_eq!(reply.json()["error"], "invalid_client");
        assert!(reply.text().contains(why), "{why}: {}", reply.text());
    }
}
