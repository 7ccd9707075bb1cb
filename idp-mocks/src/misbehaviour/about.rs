//! What each misbehaviour does, for `--help`.

use super::{Misbehaviour, OidcFault, WireFault};
use crate::saml::SamlFault;

impl Misbehaviour {
    /// Every misbehaviour there is.
    pub fn every() -> impl Iterator<Item = Self> {
        let tokens = OidcFault::ALL.iter().copied().map(Self::Oidc);
        let wires = WireFault::ALL.iter().copied().map(Self::Wire);
        let responses = SamlFault::ALL.iter().copied().map(Self::Saml);
        Self::ALL
            .into_iter()
            .chain(tokens)
            .chain(wires)
            .chain(responses)
    }

    /// What it does, in a sentence.
    #[must_use]
    pub fn about(self) -> &'static str {
        match self {
            Self::WrongIssuer => "`iss` of the ID token is somebody else's.",
            Self::WrongAudience => "`aud` of the ID token is another client.",
            Self::ExtraAudience => "`aud` is a list: the client and somebody else.",
            Self::WrongNonce => "`nonce` is not the one that was sent.",
            Self::MissingNonce => "`nonce` is absent.",
            Self::BadSignature => "One bit of the signature is flipped.",
            Self::UnknownKid => "The header names a `kid` that is in no key set.",
            Self::Expired => "The token ended an hour ago.",
            Self::NotYetValid => "The token begins in an hour.",
            Self::AlgNone => "`alg` is `none` and the signature is empty.",
            Self::Hs256PublicKey => "`alg` is `HS256`, keyed with the public key's PEM text.",
            Self::TidMismatch => "Microsoft: `tid` is another tenant than the one in `iss`.",
            Self::ConsumerKeyForWork => "Microsoft: a work token signed with the consumers' key.",
            Self::V1Token => "Microsoft: a token of the v1.0 shape.",
            Self::SchemelessIssuer => {
                "Google: `iss` without `https://`, which a client must accept."
            }
            Self::WrongCallbackIssuer => "The callback's `iss` (RFC 9207) is somebody else's.",
            Self::MissingCallbackIssuer => "Google: the callback carries no `iss`.",
            Self::Slow => "The answer waits first, as long as `--slow-ms` says.",
            Self::Http500 => "The answer is a 500 (SMTP: `451`).",
            Self::Truncated => {
                "The connection breaks in the middle of the answer (SMTP: after the message)."
            }
            Self::Huge => "64 MiB of white space before the answer (SMTP: an endless greeting).",
            Self::RedirectDiscovery => "Discovery answers with a redirect at the same host.",
            Self::Oidc(fault) => fault.about(),
            Self::Wire(fault) => fault.about(),
            Self::Saml(fault) => fault.about(),
        }
    }
}
