//! A relying party: as little of one as the tests need, and strict.

use aws_lc_rs::digest::{SHA256, digest};
use aws_lc_rs::signature::{RSA_PKCS1_2048_8192_SHA256, RsaPublicKeyComponents};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::Value;
use url::Url;

use crate::client::{Reply, get, post_form};

pub(crate) const REDIRECT: &str = "https://contoso.localhost:8443/_vestibule/callback/test";
pub(crate) const VERIFIER: &str = "a-verifier-of-at-least-forty-three-characters";
pub(crate) const NONCE: &str = "a-nonce";

/// The endpoints of one authority.
pub(crate) struct Provider {
    pub(crate) document: Value,
}

/// A token taken apart.
pub(crate) struct Token {
    pub(crate) header: Value,
    pub(crate) claims: Value,
    signed: String,
    signature: Vec<u8>,
}

impl Provider {
    pub(crate) async fn discover(authority: &str) -> Self {
        let document = get(&format!("{authority}/.well-known/openid-configuration"))
            .await
            .json();
        Self { document }
    }

    pub(crate) fn url(&self, member: &str) -> String {
        self.document[member]
            .as_str()
            .unwrap_or_else(|| panic!("no {member}"))
            .to_owned()
    }

    /// The address of an authorization request in which nothing is wrong, but for the changes.
    pub(crate) fn authorize_url(&self, changes: &[(&str, Option<&str>)]) -> String {
        let challenge = URL_SAFE_NO_PAD.encode(digest(&SHA256, VERIFIER.as_bytes()));
        let right = [
            ("client_id", "vestibule"),
            ("redirect_uri", REDIRECT),
            ("response_type", "code"),
            ("scope", "openid profile email"),
            ("state", "a state"),
            ("nonce", NONCE),
            ("code_challenge", &challenge),
            ("code_challenge_method", "S256"),
        ];
        let mut url = Url::parse(&self.url("authorization_endpoint")).unwrap();
        let changed = |name: &str| changes.iter().any(|(known, _)| *known == name);
        url.query_pairs_mut()
            .extend_pairs(right.iter().filter(|(name, _)| !changed(name)))
            .extend_pairs(
                changes
                    .iter()
                    .filter_map(|(name, value)| Some((name, (*value)?))),
            );
        url.to_string()
    }

    /// Signs in as `user` and gives what arrives at the callback.
    pub(crate) async fn callback(&self, user: &str) -> Vec<(String, String)> {
        let reply = post_form(&self.authorize_url(&[]), &[("user", user)]).await;
        callback_of(&reply)
    }

    pub(crate) async fn redeem(&self, code: &str, changes: &[(&str, &str)]) -> Reply {
        let right = [
            ("grant_type", "authorization_code"),
            ("client_id", "vestibule"),
            ("client_secret", "demo-secret"),
            ("redirect_uri", REDIRECT),
            ("code_verifier", VERIFIER),
            ("code", code),
        ];
        let changed = |name: &str| changes.iter().any(|(known, _)| *known == name);
        let mut form: Vec<_> = right
            .into_iter()
            .filter(|(name, _)| !changed(name))
            .collect();
        form.extend(changes);
        post_form(&self.url("token_endpoint"), &form).await
    }

    /// The whole flow.
    pub(crate) async fn sign_in(&self, user: &str) -> Token {
        let callback = self.callback(user).await;
        let reply = self.redeem(field(&callback, "code"), &[]).await;
        assert_eq!(reply.status, 200, "{}", reply.text());
        Token::read(reply.json()["id_token"].as_str().unwrap())
    }

    /// The published key that the token names, if its signature is that key's.
    pub(crate) async fn key_of(&self, token: &Token) -> Option<Value> {
        let keys = get(&self.url("jwks_uri")).await.json();
        let keys = keys["keys"].as_array().unwrap().clone();
        let key = keys
            .into_iter()
            .find(|key| key["kid"] == token.header["kid"])?;
        let part = |name: &str| URL_SAFE_NO_PAD.decode(key[name].as_str().unwrap()).unwrap();
        let public = RsaPublicKeyComponents {
            n: part("n"),
            e: part("e"),
        };
        let message = token.signed.as_bytes();
        let verified = public.verify(&RSA_PKCS1_2048_8192_SHA256, message, &token.signature);
        verified.is_ok().then_some(key)
    }
}

impl Token {
    pub(crate) fn read(text: &str) -> Self {
        let (signed, signature) = text.rsplit_once('.').unwrap();
        let (header, claims) = signed.split_once('.').unwrap();
        let decode = |part: &str| URL_SAFE_NO_PAD.decode(part).unwrap();
        Self {
            header: serde_json::from_slice(&decode(header)).unwrap(),
            claims: serde_json::from_slice(&decode(claims)).unwrap(),
            signed: signed.to_owned(),
            signature: decode(signature),
        }
    }

    pub(crate) fn signature(&self) -> &[u8] {
        &self.signature
    }

    pub(crate) fn signed(&self) -> &str {
        &self.signed
    }
}

/// The fields of a redirect to the callback.
pub(crate) fn callback_of(reply: &Reply) -> Vec<(String, String)> {
    assert_eq!(reply.status, 303, "{}", reply.text());
    let location = reply.header("location");
    assert!(location.starts_with(REDIRECT), "{location}");
    Url::parse(location)
        .unwrap()
        .query_pairs()
        .into_owned()
        .collect()
}

/// A field that must be there once.
pub(crate) fn field<'a>(callback: &'a [(String, String)], name: &str) -> &'a str {
    let values: Vec<_> = callback.iter().filter(|(known, _)| known == name).collect();
    assert_eq!(values.len(), 1, "{name} in {callback:?}");
    &values[0].1
}
