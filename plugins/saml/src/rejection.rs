//! Why something failed, and what the person and the operator are told.

use plugins_sdk::message::{RejectReason, Step};

use crate::key::NotSigned;
use crate::metadata::MetadataRefused;
use crate::refused::{Refused, Status};

/// Why an event has no good end.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Failed {
    #[error("the event does not fit the state")]
    UnexpectedEvent,
    #[error("the state kept for this attempt cannot be read")]
    StateUnreadable,
    #[error("what would have to be remembered is too long")]
    StateTooLong,
    #[error("the input's {0} cannot be used")]
    InputUnusable(&'static str),
    #[error("the partner's metadata could not be fetched (status {0})")]
    NotFetched(u16),
    #[error("the partner's metadata {0}")]
    Metadata(#[from] MetadataRefused),
    #[error("the partner's metadata is past its `validUntil`")]
    MetadataExpired,
    /// Asked for again before it is used.
    #[error("the partner's metadata is older than its `cacheDuration`")]
    MetadataStale,
    #[error("the partner takes signed requests only, and there is no `signing_key`")]
    MustSign,
    #[error("the message could not be signed")]
    NotSigned(#[from] NotSigned),
    #[error("not one message came, in one place, where it belongs")]
    NotOneMessage,
    #[error("`RelayState` is not that of this attempt")]
    ForeignRelayState,
    #[error("the message is not in base64")]
    NotBase64,
    #[error("the message was refused: {0}")]
    Refused(#[from] Refused),
    #[error("account not taken: {0}")]
    Account(AccountRefused),
    #[error("nothing is known that the partner could be told to sign out")]
    NothingToSignOut,
    #[error("the partner takes no sign-outs, or there is no `signing_key`")]
    NoSingleLogout,
    #[error("the answer is not one to a sign-out of ours")]
    ForeignLogoutResponse,
    #[error("the partner could not sign the person out everywhere")]
    NotSignedOut,
    #[error(
        "the partner does not say which one session ends, and its name for the person is not the person's key"
    )]
    SessionUnclear,
}

/// Why an account is not taken, though the partner vouches for it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum AccountRefused {
    #[error(
        "the name is not persistent: have the partner send a persistent name, or set `subject_attribute`"
    )]
    NotPersistent,
    #[error("the attribute `{0}` is missing, empty or has several values")]
    SubjectAttribute(String),
    #[error(
        "the person's key is longer than 512 bytes, or has control characters or space around it"
    )]
    SubjectUnusable,
    #[error("there is no e-mail address: have the partner send one, or set `email_attribute`")]
    NoAddress,
    #[error("there are several e-mail addresses")]
    SeveralAddresses,
    #[error("the e-mail address is none that can be read")]
    AddressUnusable,
    #[error("the e-mail address is of domain `{0}`, which is not one of `domains`")]
    ForeignDomain(String),
}

impl Failed {
    pub(crate) fn into_step(self) -> Step {
        Step::Reject {
            reason: self.reason(),
            detail: self.to_string(),
        }
    }

    /// Whether metadata that is fetched again may mend it.
    pub(crate) fn is_about_metadata(&self) -> bool {
        match self {
            Self::Metadata(_) | Self::MetadataExpired | Self::MetadataStale => true,
            Self::Refused(refused) => refused.is_signature(),
            _ => false,
        }
    }

    fn reason(&self) -> RejectReason {
        match self {
            Self::UnexpectedEvent
            | Self::StateUnreadable
            | Self::StateTooLong
            | Self::InputUnusable(_) => RejectReason::UnexpectedEvent,
            Self::NotFetched(_)
            | Self::Metadata(_)
            | Self::MetadataExpired
            | Self::MetadataStale
            | Self::MustSign
            | Self::NotSigned(_)
            | Self::NothingToSignOut
            | Self::NoSingleLogout
            | Self::NotSignedOut => RejectReason::ProviderUnavailable,
            Self::NotOneMessage
            | Self::ForeignRelayState
            | Self::NotBase64
            | Self::ForeignLogoutResponse
            | Self::SessionUnclear => RejectReason::AnswerInvalid,
            Self::Refused(Refused::Status(status)) => status_reason(*status),
            Self::Refused(_) => RejectReason::AnswerInvalid,
            Self::Account(_) => RejectReason::AccountNotAllowed,
        }
    }
}

impl From<AccountRefused> for Failed {
    fn from(why: AccountRefused) -> Self {
        Self::Account(why)
    }
}

/// What the person is told when the partner says no. Nothing is done that the person could not bring about anyway.
fn status_reason(status: Status) -> RejectReason {
    match status {
        Status::AuthnFailed | Status::RequestDenied => RejectReason::Cancelled,
        Status::UnknownPrincipal => RejectReason::AccountNotAllowed,
        Status::Requester
        | Status::Responder
        | Status::VersionMismatch
        | Status::InvalidNameIdPolicy
        | Status::NoAuthnContext
        | Status::NoAvailableIdp
        | Status::NoPassive
        | Status::PartialLogout
        | Status::RequestUnsupported
        | Status::UnsupportedBinding
        | Status::Unknown => RejectReason::ProviderUnavailable,
    }
}
