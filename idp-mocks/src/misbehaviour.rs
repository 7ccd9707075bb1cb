//! What a service can be told to get wrong.

mod about;
mod faults;

use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::saml::SamlFault;
use crate::service::Service;
pub use faults::{LogoutFault, OidcFault, WireFault};

/// One thing that a service gets wrong on purpose, by the name that the control API uses.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Misbehaviour {
    /// `iss` of the ID token is somebody else's.
    WrongIssuer,
    /// `aud` of the ID token is another client.
    WrongAudience,
    /// `aud` is a list: the client and somebody else.
    ExtraAudience,
    /// `nonce` is not the one that was sent.
    WrongNonce,
    /// `nonce` is absent.
    MissingNonce,
    /// One bit of the signature is flipped.
    BadSignature,
    /// The header names a `kid` that is in no key set.
    UnknownKid,
    /// The token ended an hour ago.
    Expired,
    /// The token begins in an hour.
    NotYetValid,
    /// `alg` is `none` and the signature is empty.
    AlgNone,
    /// `alg` is `HS256`, keyed with the public key's PEM text.
    Hs256PublicKey,
    /// Microsoft: `tid` is another tenant than the one in `iss`.
    TidMismatch,
    /// Microsoft: a work token signed with the consumers' key.
    ConsumerKeyForWork,
    /// Microsoft: a token of the v1.0 shape.
    V1Token,
    /// Google: `iss` without `https://`, which Google may do and a client must accept.
    SchemelessIssuer,
    /// The callback's `iss` (RFC 9207) is somebody else's.
    WrongCallbackIssuer,
    /// Google: the callback carries no `iss` although it is advertised.
    MissingCallbackIssuer,
    /// The answer waits first.
    Slow,
    /// The answer is a 500 (for SMTP: `451`).
    #[serde(rename = "http-500")]
    Http500,
    /// The connection breaks in the middle of the answer (for SMTP: after the message).
    Truncated,
    /// The answer is preceded by 64 MiB of white space (for SMTP: an endless greeting).
    Huge,
    /// Discovery answers with a redirect.
    RedirectDiscovery,
    /// A further one of OpenID providers.
    #[serde(untagged)]
    Oidc(OidcFault),
    /// A further one of the transport.
    #[serde(untagged)]
    Wire(WireFault),
    /// One of those that only a SAML identity provider can have.
    #[serde(untagged)]
    Saml(SamlFault),
}

impl Misbehaviour {
    /// Every misbehaviour that has no family of its own, in the order of declaration.
    pub const ALL: [Self; 22] = [
        Self::WrongIssuer,
        Self::WrongAudience,
        Self::ExtraAudience,
        Self::WrongNonce,
        Self::MissingNonce,
        Self::BadSignature,
        Self::UnknownKid,
        Self::Expired,
        Self::NotYetValid,
        Self::AlgNone,
        Self::Hs256PublicKey,
        Self::TidMismatch,
        Self::ConsumerKeyForWork,
        Self::V1Token,
        Self::SchemelessIssuer,
        Self::WrongCallbackIssuer,
        Self::MissingCallbackIssuer,
        Self::Slow,
        Self::Http500,
        Self::Truncated,
        Self::Huge,
        Self::RedirectDiscovery,
    ];

    /// The name used by the control API and on the command line.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::WrongIssuer => "wrong-issuer",
            Self::WrongAudience => "wrong-audience",
            Self::ExtraAudience => "extra-audience",
            Self::WrongNonce => "wrong-nonce",
            Self::MissingNonce => "missing-nonce",
            Self::BadSignature => "bad-signature",
            Self::UnknownKid => "unknown-kid",
            Self::Expired => "expired",
            Self::NotYetValid => "not-yet-valid",
            Self::AlgNone => "alg-none",
            Self::Hs256PublicKey => "hs256-public-key",
            Self::TidMismatch => "tid-mismatch",
            Self::ConsumerKeyForWork => "consumer-key-for-work",
            Self::V1Token => "v1-token",
            Self::SchemelessIssuer => "schemeless-issuer",
            Self::WrongCallbackIssuer => "wrong-callback-issuer",
            Self::MissingCallbackIssuer => "missing-callback-issuer",
            Self::Slow => "slow",
            Self::Http500 => "http-500",
            Self::Truncated => "truncated",
            Self::Huge => "huge",
            Self::RedirectDiscovery => "redirect-discovery",
            Self::Oidc(fault) => fault.name(),
            Self::Wire(fault) => fault.name(),
            Self::Saml(fault) => fault.name(),
        }
    }

    /// Whether `service` can get this wrong at all.
    ///
    /// # Errors
    /// [`NotApplicable`] if it never does what the misbehaviour spoils.
    pub fn check_applies_to(self, service: Service) -> Result<(), NotApplicable> {
        let applies = match self {
            Self::Slow | Self::Http500 | Self::Truncated | Self::Huge => true,
            Self::TidMismatch | Self::V1Token => service.is_microsoft(),
            // Only the worldwide key set holds the consumers' key.
            Self::ConsumerKeyForWork => service == Service::EntraWorldwide,
            Self::SchemelessIssuer | Self::MissingCallbackIssuer => service == Service::Google,
            Self::Oidc(fault) => fault.applies_to(service),
            Self::Wire(fault) => fault.applies_to(service),
            Self::Saml(_) => service == Service::Saml,
            Self::WrongIssuer
            | Self::WrongAudience
            | Self::BadSignature
            | Self::Expired
            | Self::NotYetValid => service.signs_tokens() || service == Service::Saml,
            Self::ExtraAudience
            | Self::WrongNonce
            | Self::MissingNonce
            | Self::UnknownKid
            | Self::AlgNone
            | Self::Hs256PublicKey
            | Self::WrongCallbackIssuer
            | Self::RedirectDiscovery => service.signs_tokens(),
        };
        if applies {
            Ok(())
        } else {
            Err(NotApplicable {
                misbehaviour: self,
                service,
            })
        }
    }
}

impl Misbehaviour {
    /// The fault of an OpenID provider that it is, if it is one.
    pub(crate) fn oidc(self) -> Option<OidcFault> {
        match self {
            Self::Oidc(fault) => Some(fault),
            _ => None,
        }
    }
}

impl OidcFault {
    fn applies_to(self, service: Service) -> bool {
        match self {
            Self::IssuerOfAnotherCloud => service.is_entra(),
            Self::TidNoGuid | Self::KeysWithoutIssuer => service.is_microsoft(),
            Self::WorkKeyForConsumer => service == Service::MicrosoftAccount,
            Self::EmailVerifiedText => service == Service::Google,
            _ => service.signs_tokens(),
        }
    }
}

impl WireFault {
    fn applies_to(self, service: Service) -> bool {
        match self {
            // A certificate is shown before it is known which of a listener's services is wanted.
            Self::ExpiredCertificate | Self::ForeignCertificate => {
                service.signs_tokens() && service != Service::MicrosoftAccount
            }
            _ => service.signs_tokens(),
        }
    }
}

impl From<OidcFault> for Misbehaviour {
    fn from(fault: OidcFault) -> Self {
        Self::Oidc(fault)
    }
}

impl From<WireFault> for Misbehaviour {
    fn from(fault: WireFault) -> Self {
        Self::Wire(fault)
    }
}

impl From<SamlFault> for Misbehaviour {
    fn from(fault: SamlFault) -> Self {
        Self::Saml(fault)
    }
}

impl FromStr for Misbehaviour {
    type Err = UnknownName;

    fn from_str(name: &str) -> Result<Self, UnknownName> {
        Self::every()
            .find(|known| known.name() == name)
            .map_or_else(|| SamlFault::from_str(name).map(Self::Saml), Ok)
    }
}

/// The part of an identity provider that a misbehaviour of the transport is limited to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Endpoint {
    /// The OpenID configuration document.
    Discovery,
    /// The key set.
    Keys,
    /// The page where a person signs in; spoiled only when named.
    Authorize,
    /// The token endpoint.
    Token,
    /// Anything else: documents, inbox, sign-out.
    Other,
}

/// A name that nothing here has.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error("no {kind} is called `{name}`")]
pub struct UnknownName {
    /// What was looked for.
    pub kind: &'static str,
    /// The name that was given.
    pub name: String,
}

/// A misbehaviour that means nothing for the service.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error("`{}` means nothing for `{service}`", misbehaviour.name())]
pub struct NotApplicable {
    /// What was asked for.
    pub misbehaviour: Misbehaviour,
    /// Of whom.
    pub service: Service,
}
