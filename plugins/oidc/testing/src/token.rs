//! A token that can be spoiled at every stage of its making.

use serde_json::{Map, Value, json};

use crate::keys::{self, base64};

/// A token to be. Every field may be changed; [`Token::text`] makes what they say.
#[derive(Clone, Debug)]
pub struct Token {
    /// The header.
    pub header: Map<String, Value>,
    /// The claims.
    pub claims: Map<String, Value>,
    /// What signs.
    pub sign: fn(&[u8]) -> Vec<u8>,
    /// Rewrites the header's JSON before it is signed.
    pub rewrite_header: fn(String) -> String,
    /// Rewrites the claims' JSON before it is signed.
    pub rewrite_claims: fn(String) -> String,
    /// Rewrites the finished token.
    pub rewrite: fn(String) -> String,
}

impl Token {
    /// A good token with these claims, signed with RS256.
    #[must_use]
    pub fn new(claims: Value) -> Self {
        Self {
            header: object(json!({ "alg": "RS256", "typ": "JWT", "kid": keys::RSA })),
            claims: object(claims),
            sign: keys::rs256,
            rewrite_header: same,
            rewrite_claims: same,
            rewrite: same,
        }
    }

    /// Sets a claim.
    pub fn claim(&mut self, name: &str, value: impl Into<Value>) {
        self.claims.insert(name.to_owned(), value.into());
    }

    /// Removes a claim, which must be there.
    pub fn without_claim(&mut self, name: &str) {
        let claim = self.claims.remove(name);
        assert!(claim.is_some(), "the good token has no `{name}` to remove");
    }

    /// Sets a member of the header.
    pub fn header(&mut self, name: &str, value: impl Into<Value>) {
        self.header.insert(name.to_owned(), value.into());
    }

    /// The token in compact form.
    #[must_use]
    pub fn text(&self) -> String {
        let header = (self.rewrite_header)(Value::from(self.header.clone()).to_string());
        let claims = (self.rewrite_claims)(Value::from(self.claims.clone()).to_string());
        let signed = format!("{}.{}", base64(header), base64(claims));
        let signature = base64((self.sign)(signed.as_bytes()));
        (self.rewrite)(format!("{signed}.{signature}"))
    }
}

fn same(text: String) -> String {
    text
}

fn object(value: Value) -> Map<String, Value> {
    match value {
        Value::Object(members) => members,
        other => panic!("not an object: {other}"),
    }
}
