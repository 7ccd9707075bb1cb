//! How we prove at the token endpoint that we are the registered client.

mod key;
mod pem;

use plugins_sdk::message::Input;
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Map, Value, json};

use crate::entropy::{Purpose, derive};
use crate::rejection::NotSignedIn;
use crate::settings::{Problems, Secret};
pub use key::{ClientKey, KeyRefused};

/// How long a client assertion may be used, seconds. It is sent at once and used once.
const ASSERTION_LIFE: i64 = 300;

/// RFC 7523, 2.2.
pub(crate) const ASSERTION_TYPE: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

/// What is shown at the token endpoint (OpenID Connect Core, 9).
#[derive(Clone, Debug)]
pub enum Credential {
    /// Nothing: a public client, which PKCE alone protects.
    Public,
    /// A secret as password (`client_secret_basic`).
    SecretBasic(Secret),
    /// A secret in the request's body (`client_secret_post`).
    SecretPost(Secret),
    /// A token signed with our own key (`private_key_jwt`): nothing that the provider holds can be used in our
    /// name.
    Key(ClientKey),
}

/// How a client secret is sent to the token endpoint (OpenID Connect Core, 9).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ClientAuthentication {
    /// As user name and password.
    #[default]
    ClientSecretBasic,
    /// In the request's body.
    ClientSecretPost,
}

/// What a client assertion is signed with (RFC 7518, 3.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
pub enum KeyAlgorithm {
    /// RSA with PKCS #1 v1.5 padding.
    RS256,
    /// RSA with PSS padding.
    PS256,
    /// ECDSA over P-256.
    ES256,
}

impl KeyAlgorithm {
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::RS256 => "RS256",
            Self::PS256 => "PS256",
            Self::ES256 => "ES256",
        }
    }
}

/// The settings about our own key, as an operator wrote them.
#[derive(Debug, Default)]
pub struct GivenKey {
    /// `client_key`: a private key in PEM.
    pub key: Option<Secret>,
    /// `client_key_id`: its name in the key set that was registered.
    pub id: Option<String>,
    /// `client_key_algorithm`.
    pub algorithm: Option<KeyAlgorithm>,
    /// `client_certificate`: the certificate that was registered, in PEM.
    pub certificate: Option<String>,
}

impl GivenKey {
    /// The credential: the key if one is given, else what `with_secret` makes of the secret, else
    /// [`Credential::Public`]. Both at once, or parts without a key, are problems.
    ///
    /// - `secret`: the setting `client_secret`.
    pub fn or_secret(
        self,
        secret: Option<Secret>,
        with_secret: fn(Secret) -> Credential,
        problems: &mut Problems,
    ) -> Credential {
        let Some(key) = self.key else {
            let stray = [
                ("client_key_id", self.id.is_some()),
                ("client_key_algorithm", self.algorithm.is_some()),
                ("client_certificate", self.certificate.is_some()),
            ];
            for (name, _) in stray.iter().filter(|(_, given)| *given) {
                problems.add(*name, "says nothing without `client_key`");
            }
            return secret.map_or(Credential::Public, with_secret);
        };
        if secret.is_some() {
            problems.add(
                "client_key",
                "contradicts `client_secret`: remove one of the two",
            );
        }
        let made = ClientKey::read(
            key.reveal(),
            self.id,
            self.algorithm,
            self.certificate.as_deref(),
        );
        match made {
            Ok(key) => Credential::Key(key),
            Err(why) => {
                problems.add(why.setting(), why.to_string());
                Credential::Public
            }
        }
    }
}

impl ClientKey {
    /// A token that proves who we are, once (RFC 7523, 3).
    ///
    /// - `audience`: the token endpoint, to which it goes.
    pub(crate) fn assertion(
        &self,
        client_id: &str,
        audience: &str,
        input: &Input,
    ) -> Result<String, NotSignedIn> {
        let claims = json!({
            "iss": client_id,
            "sub": client_id,
            "aud": audience,
            // Never the same twice: the entropy is that of this one step.
            "jti": derive(input, Purpose::AssertionId)?,
            "iat": input.now,
            "nbf": input.now,
            "exp": input.now.saturating_add(ASSERTION_LIFE),
        });
        let mut header = Map::new();
        header.insert("alg".to_owned(), json!(self.algorithm().name()));
        header.insert("typ".to_owned(), json!("JWT"));
        if let Some(id) = self.id() {
            header.insert("kid".to_owned(), json!(id));
        }
        if let Some(thumbprint) = self.thumbprint() {
            header.insert("x5t#S256".to_owned(), json!(thumbprint));
        }
        self.compact(&Value::Object(header), &claims)
            .ok_or(NotSignedIn::KeyUnusable)
    }
}
