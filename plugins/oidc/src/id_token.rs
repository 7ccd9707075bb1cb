//! The ID token: read once, strictly, before its signature is verified.

use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use openidconnect::core::CoreJwsSigningAlgorithm;
use serde::de::{DeserializeOwned, Error, IgnoredAny};
use serde::{Deserialize, Deserializer};
use serde_json::{Number, Value};

use crate::rejection::TokenRejected;

/// Longest ID token, bytes.
const MOST_BYTES: usize = 16 * 1024;
/// Longest subject, ASCII characters (OpenID Connect Core, 2).
const MOST_SUBJECT: usize = 255;
/// Last second of the year 9999; a later time is no time but an overflow being tried.
const LAST_TIME: i64 = 253_402_300_799;

/// The claims of an ID token that any of our providers reads. One that is given twice is refused.
///
/// The `openidconnect` crate's own type is not used: it cannot hold Google's issuer without a scheme, takes
/// times of any size, and knows neither `nbf` nor a tenant. Reading the token a second time with it would
/// be a second opinion on the same bytes, which is how verifiers come to accept what nobody signed.
#[derive(Clone, Debug, Deserialize)]
#[non_exhaustive]
pub struct IdToken {
    /// Issuer.
    pub iss: String,
    /// Subject; never empty, at most 255 ASCII characters.
    pub sub: String,
    /// For whom it is.
    pub aud: Audience,
    /// End of its life.
    pub(crate) exp: NumericDate,
    /// Time of issue.
    pub(crate) iat: NumericDate,
    /// Start of its life.
    pub(crate) nbf: Option<NumericDate>,
    /// The request it answers.
    pub(crate) nonce: Option<String>,
    /// To whom it was issued.
    pub(crate) azp: Option<String>,
    /// Left half of the access token's SHA-256.
    pub(crate) at_hash: Option<String>,
    /// When the person authenticated.
    pub(crate) auth_time: Option<NumericDate>,
    /// Authentication context class; text where it keeps to the standard.
    pub acr: Option<Value>,
    /// Authentication methods.
    pub amr: Option<TextOrList>,
    /// The provider's session.
    pub sid: Option<String>,
    /// Name for display.
    pub name: Option<String>,
    /// Address, of whatever worth.
    pub email: Option<String>,
    /// Whether the provider verified the address; only JSON `true` counts.
    pub email_verified: Option<Value>,
    /// Google: the Workspace domain that the account belongs to.
    pub hd: Option<String>,
    /// Entra: version of the token, `1.0` or `2.0`.
    pub ver: Option<String>,
    /// Entra: the tenant signed in to.
    pub tid: Option<String>,
    /// Entra: immutable identifier of the person in that tenant.
    pub oid: Option<String>,
    /// Entra: whether the owner of the address's domain vouches for it; boolean, number or text.
    pub xms_edov: Option<Value>,
    /// Entra: authentication contexts satisfied.
    pub acrs: Option<TextOrList>,
    /// Entra: what to send back as `logout_hint`; opaque.
    pub login_hint: Option<String>,
}

/// One text or a list of them.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(from = "OneOrMany")]
pub struct TextOrList(Vec<String>);

impl TextOrList {
    /// The texts, in order.
    #[must_use]
    pub fn into_vec(self) -> Vec<String> {
        self.0
    }
}

/// For whom a token is.
pub type Audience = TextOrList;

#[derive(Deserialize)]
#[serde(untagged)]
enum OneOrMany {
    One(String),
    Many(Vec<String>),
}

impl From<OneOrMany> for TextOrList {
    fn from(value: OneOrMany) -> Self {
        match value {
            OneOrMany::One(text) => Self(vec![text]),
            OneOrMany::Many(list) => Self(list),
        }
    }
}

impl TextOrList {
    pub(crate) fn as_slice(&self) -> &[String] {
        &self.0
    }
}

/// Seconds since the Unix epoch, 0 to the end of the year 9999; fractions are dropped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct NumericDate(pub(crate) i64);

impl<'de> Deserialize<'de> for NumericDate {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let number = Number::deserialize(deserializer)?;
        let text = number.to_string();
        // The whole part as it is written: a float cast would saturate, and 1e300 become a date.
        let whole = match text.split_once('.') {
            Some((whole, fraction)) if fraction.bytes().all(|byte| byte.is_ascii_digit()) => whole,
            Some(_) => return Err(D::Error::custom("no date")),
            None => &text,
        };
        match whole.parse() {
            Ok(seconds) if (0..=LAST_TIME).contains(&seconds) => Ok(Self(seconds)),
            _ => Err(D::Error::custom("no date")),
        }
    }
}

/// A kind of token, by what it claims.
pub(crate) trait Kind: DeserializeOwned {
    /// What its header may say it is, in lower case and without `application/`; it may also say nothing.
    const TYPES: &'static [&'static str];

    /// Looks for what must be there whoever signed it.
    ///
    /// # Errors
    /// The first claim that is not usable.
    fn check(&self) -> Result<(), TokenRejected>;
}

impl Kind for IdToken {
    const TYPES: &'static [&'static str] = &["jwt"];

    fn check(&self) -> Result<(), TokenRejected> {
        check_subject(&self.sub)
    }
}

/// OpenID Connect Core, 2.
pub(crate) fn check_subject(sub: &str) -> Result<(), TokenRejected> {
    if sub.is_empty() || sub.len() > MOST_SUBJECT || !sub.is_ascii() {
        return Err(TokenRejected::Claim("sub"));
    }
    Ok(())
}

/// A token that was read but not verified.
#[derive(Debug)]
pub(crate) struct Unverified<'t, K> {
    pub(crate) algorithm: CoreJwsSigningAlgorithm,
    pub(crate) kid: Option<String>,
    pub(crate) claims: K,
    pub(crate) signed: &'t str,
    pub(crate) signature: Vec<u8>,
}

/// Members that change how a token is to be read; we read it in one way only. `crit` says that there are
/// others that must be understood (RFC 7515, 4.1.11).
#[derive(Deserialize)]
struct Header {
    alg: String,
    kid: Option<String>,
    typ: Option<String>,
    #[serde(default, deserialize_with = "present")]
    crit: bool,
    #[serde(default, deserialize_with = "present")]
    cty: bool,
    #[serde(default, deserialize_with = "present")]
    enc: bool,
    #[serde(default, deserialize_with = "present")]
    zip: bool,
    #[serde(default, deserialize_with = "present")]
    b64: bool,
}

/// Any value at all, `null` included.
pub(crate) fn present<'de, D: Deserializer<'de>>(deserializer: D) -> Result<bool, D::Error> {
    IgnoredAny::deserialize(deserializer).map(|_| true)
}

impl<'t, K: Kind> Unverified<'t, K> {
    /// Reads a token in compact form.
    ///
    /// # Errors
    /// [`TokenRejected::TooLong`], [`TokenRejected::Malformed`] or [`TokenRejected::Algorithm`]; or what
    /// [`Kind::check`] finds.
    pub(crate) fn read(token: &'t str) -> Result<Self, TokenRejected> {
        if token.len() > MOST_BYTES {
            return Err(TokenRejected::TooLong);
        }
        let (signed, signature) = token
            .rsplit_once('.')
            .ok_or(TokenRejected::Malformed("one segment"))?;
        let (header, payload) = signed
            .split_once('.')
            .filter(|(_, payload)| !payload.contains('.'))
            .ok_or(TokenRejected::Malformed("not three segments"))?;
        let header: Header = json(header, "header")?;
        let algorithm = header.algorithm(K::TYPES)?;
        let claims: K = json(payload, "claims")?;
        claims.check()?;
        Ok(Self {
            algorithm,
            kid: header.kid,
            claims,
            signed,
            signature: decode(signature, "signature")?,
        })
    }
}

impl Header {
    fn algorithm(&self, types: &[&str]) -> Result<CoreJwsSigningAlgorithm, TokenRejected> {
        if self.crit || self.cty || self.enc || self.zip || self.b64 {
            return Err(TokenRejected::Malformed("header asks for special handling"));
        }
        let fits = self.typ.as_deref().is_none_or(|typ| {
            let typ = typ.to_ascii_lowercase();
            types.contains(&typ.strip_prefix("application/").unwrap_or(&typ))
        });
        if !fits {
            return Err(TokenRejected::Malformed("another type of token"));
        }
        match self.alg.as_str() {
            "RS256" => Ok(CoreJwsSigningAlgorithm::RsaSsaPkcs1V15Sha256),
            "PS256" => Ok(CoreJwsSigningAlgorithm::RsaSsaPssSha256),
            "ES256" => Ok(CoreJwsSigningAlgorithm::EcdsaP256Sha256),
            _ => Err(TokenRejected::Algorithm),
        }
    }
}

fn json<T: DeserializeOwned>(segment: &str, name: &'static str) -> Result<T, TokenRejected> {
    serde_json::from_slice(&decode(segment, name)?).map_err(|_| TokenRejected::Malformed(name))
}

fn decode(segment: &str, name: &'static str) -> Result<Vec<u8>, TokenRejected> {
    BASE64_URL_SAFE_NO_PAD
        .decode(segment)
        .map_err(|_| TokenRejected::Malformed(name))
}
