//! Why a sign-in or a logout failed, and what the person and the operator are told.

use plugins_sdk::message::{RejectReason, Step};

use crate::endpoints::UrlRefused;

/// Why a person is not signed in.
#[derive(Debug, thiserror::Error)]
pub(crate) enum NotSignedIn {
    #[error("the event does not fit the state")]
    UnexpectedEvent,
    #[error("the state kept for this attempt cannot be read")]
    StateUnreadable,
    #[error("what was given for this attempt is too long to be kept")]
    StateTooLarge,
    #[error("the input's {0} cannot be used")]
    InputUnusable(&'static str),
    #[error("the {document} could not be fetched (status {status})")]
    NotFetched { document: &'static str, status: u16 },
    #[error("the {document} cannot be read: {why}")]
    DocumentUnreadable {
        document: &'static str,
        why: &'static str,
    },
    #[error("the discovery document is that of issuer `{}`", .0.escape_default())]
    ForeignDocument(String),
    #[error("the discovery document's `{endpoint}` {why}")]
    EndpointRefused {
        endpoint: &'static str,
        why: UrlRefused,
    },
    #[error("a parameter of the answer was given twice")]
    ParameterTwice,
    #[error("`state` is not that of this attempt")]
    ForeignState,
    #[error("`iss` is missing or names another issuer than the one asked")]
    ForeignAnswer,
    #[error("the answer brings a token where only a code may come")]
    TokenInFront,
    #[error("the answer brings no usable code")]
    NoCode,
    #[error("the provider answered `{0}`")]
    ProviderSaid(ErrorCode),
    #[error("the token endpoint answered `{0}`")]
    CodeRefused(ErrorCode),
    #[error("the token endpoint gave no ID token")]
    NoIdToken,
    #[error("the UserInfo endpoint speaks of somebody else")]
    ForeignUserInfo,
    #[error("authentication context `{0}` was asked for and is not in the token")]
    ContextMissing(String),
    #[error("our own key did not sign")]
    KeyUnusable,
    #[error("ID token: {0}")]
    Token(#[from] TokenRejected),
    #[error("the provider names no `end_session_endpoint`: its sessions cannot be ended from here")]
    NoEndSession,
    #[error("neither a logout token, nor `iss` and `sid`, nor the end of a sign-out")]
    NoLogoutRequest,
    #[error("`iss` is not the provider's")]
    ForeignLogout,
    #[error("logout token: {0}")]
    LogoutToken(TokenRejected),
}

/// Why an ID token or a logout token is not accepted.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TokenRejected {
    /// It is over 16 KiB.
    #[error("longer than 16 KiB")]
    TooLong,
    /// It is not three segments of base64url holding JSON objects of the right types.
    #[error("not a signed token: {0}")]
    Malformed(&'static str),
    /// Its algorithm is none of RS256, PS256 and ES256.
    #[error("algorithm not allowed")]
    Algorithm,
    /// No key of the provider has its `kid`.
    #[error("signed with a key that the provider does not publish")]
    KeyUnknown,
    /// More than one key fits.
    #[error("several keys of the provider fit it")]
    KeyAmbiguous,
    /// The signature is not that of the key.
    #[error("signature wrong")]
    Signature,
    /// Its issuer may not speak here, or not with this key.
    #[error("issuer not trusted")]
    Issuer,
    /// It is meant for somebody else.
    #[error("audience wrong")]
    Audience,
    /// It was issued to somebody else.
    #[error("authorized party wrong")]
    AuthorizedParty,
    /// It is over.
    #[error("expired")]
    Expired,
    /// It does not hold yet.
    #[error("not valid yet")]
    NotYet,
    /// Its time of issue lies in the future or far in the past.
    #[error("issued at another time")]
    IssuedAt,
    /// It answers another request.
    #[error("nonce missing or wrong")]
    Nonce,
    /// It was issued with another access token.
    #[error("access token hash wrong")]
    AccessTokenHash,
    /// The person was to be asked for the credential again, and it does not say that this happened.
    #[error("authentication not fresh")]
    NotFresh,
    /// A claim that must be there is missing or has no usable value.
    #[error("claim `{0}` missing or not usable")]
    Claim(&'static str),
    /// A claim is there that has no place in it.
    #[error("claim `{0}` must not be there")]
    OutOfPlace(&'static str),
    /// Its tenant is not allowed.
    #[error("tenant `{0}` not allowed")]
    Tenant(String),
    /// Its tenant's own document does not put it in the cloud that is signed in to.
    #[error("tenant not shown to be in the cloud: {0}")]
    Cloud(&'static str),
    /// The account is of a kind that the provider does not take.
    #[error("account not allowed: {0}")]
    Account(&'static str),
}

impl NotSignedIn {
    pub(crate) fn into_step(self) -> Step {
        Step::Reject {
            reason: self.reason(),
            detail: self.to_string(),
        }
    }

    fn reason(&self) -> RejectReason {
        match self {
            Self::UnexpectedEvent
            | Self::StateUnreadable
            | Self::StateTooLarge
            | Self::InputUnusable(_)
            | Self::NoEndSession => RejectReason::UnexpectedEvent,
            Self::NotFetched { .. }
            | Self::DocumentUnreadable { .. }
            | Self::ForeignDocument(_)
            | Self::EndpointRefused { .. }
            | Self::KeyUnusable => RejectReason::ProviderUnavailable,
            Self::ParameterTwice
            | Self::ForeignState
            | Self::ForeignAnswer
            | Self::TokenInFront
            | Self::NoCode
            | Self::NoIdToken
            | Self::ForeignUserInfo
            | Self::ContextMissing(_)
            | Self::NoLogoutRequest
            | Self::ForeignLogout => RejectReason::AnswerInvalid,
            Self::ProviderSaid(code) => code.reason_in_front(),
            Self::CodeRefused(code) => code.reason_at_token_endpoint(),
            Self::Token(rejected) | Self::LogoutToken(rejected) => rejected.reason(),
        }
    }
}

impl TokenRejected {
    fn reason(&self) -> RejectReason {
        match self {
            Self::Tenant(_) => RejectReason::TenantNotAllowed,
            Self::Cloud(_) => RejectReason::CloudNotAllowed,
            Self::Account(_) => RejectReason::AccountNotAllowed,
            Self::Expired => RejectReason::CredentialInvalid,
            Self::TooLong
            | Self::Malformed(_)
            | Self::Algorithm
            | Self::KeyUnknown
            | Self::KeyAmbiguous
            | Self::Signature
            | Self::Issuer
            | Self::Audience
            | Self::AuthorizedParty
            | Self::NotYet
            | Self::IssuedAt
            | Self::Nonce
            | Self::AccessTokenHash
            | Self::NotFresh
            | Self::Claim(_)
            | Self::OutOfPlace(_) => RejectReason::AnswerInvalid,
        }
    }
}

/// The `error` of an OAuth answer. Descriptions are dropped: they may quote codes and addresses.
#[derive(Clone, Debug)]
pub(crate) struct ErrorCode(String);

impl ErrorCode {
    /// - `text`: attacker-controlled in the front channel; what is not `[a-z0-9_.-]{1,64}` becomes `unknown`.
    pub(crate) fn new(text: &str) -> Self {
        let plain = (1..=64).contains(&text.len())
            && text
                .bytes()
                .all(|byte| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'_' | b'.' | b'-'));
        Self(if plain { text } else { "unknown" }.to_owned())
    }

    /// RFC 6749, 4.1.2.1 and OpenID Connect Core, 3.1.2.6.
    fn reason_in_front(&self) -> RejectReason {
        match self.0.as_str() {
            "access_denied"
            | "account_selection_required"
            | "consent_required"
            | "interaction_required"
            | "login_required" => RejectReason::Cancelled,
            _ => RejectReason::ProviderUnavailable,
        }
    }

    /// RFC 6749, 5.2.
    fn reason_at_token_endpoint(&self) -> RejectReason {
        match self.0.as_str() {
            "invalid_grant" => RejectReason::CredentialInvalid,
            _ => RejectReason::ProviderUnavailable,
        }
    }
}

impl std::fmt::Display for ErrorCode {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str(&self.0)
    }
}
