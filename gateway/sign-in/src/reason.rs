//! Every way a sign-in is refused, and the one table from it to status, code and sentence.
//!
//! People see the code and the fixed sentence; the cause is for the log.

mod sentence;

use gateway_core::assertion::AssertionRejected;
use gateway_core::id::ProviderKind;
use gateway_core::policy::{Challenge, Denial, MfaPlace};
use gateway_store::StoreError;
use http::StatusCode;
use plugins_sdk::message::RejectReason;

use crate::driver::DriveFailed;
use crate::keys::NotSealed;
use crate::random::NoRandomness;

pub use sentence::{Sentence, denial_sentence};

/// Why a request to the sign-in is refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Reason {
    /// Not a request that this endpoint takes.
    BadRequest,
    /// A method that this endpoint does not have.
    MethodNotAllowed,
    /// There is nothing at this address.
    NotFound,
    /// A parameter came twice.
    DuplicateParameter,
    /// A form of ours was posted by somebody else's page.
    CrossSite,
    /// No such attempt: never begun, ended, or timed out.
    AttemptUnknown,
    /// The attempt was begun in another browser, or its cookie did not come.
    AttemptOtherBrowser,
    /// The attempt belongs to another provider, host or tenant.
    AttemptOtherProvider,
    /// The attempt has moved on: what came was an answer to an earlier step, or came twice.
    AttemptMoved,
    /// The configuration changed since the attempt was begun.
    AttemptStale,
    /// Too many sign-ins from this address prefix.
    TooManyAttempts,
    /// Too many submissions in this attempt, or for this address.
    TooManySubmissions,
    /// The provider refused.
    Rejected(RejectReason),
    /// The provider plugin failed.
    ProviderFailed,
    /// The provider may not speak for the issuer.
    IssuerNotTrusted,
    /// What the provider asserts was used before.
    AssertionReplayed,
    /// The rules refuse.
    Denied(Denial),
    /// Invitations to the address are redeemed in another way.
    NotThisWay,
    /// The invitation was redeemed with a provider of another kind, and stays with it.
    RedeemedWith(Way),
    /// The provider did not say that there was a second factor, which was asked for.
    SecondFactorMissing,
    /// The provider did not say that the authentication context that was asked for is satisfied.
    ContextMissing,
    /// The provider did not ask for the credential again, as it was told to.
    NotFresh,
    /// Where the address is at home cannot be found out now, and must be known here.
    HomeUnknown,
    /// The person declined.
    ConsentDeclined,
    /// The gateway cannot answer now.
    Unavailable,
}

/// In which way somebody signed in, as people call it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Way {
    WorkSchool,
    MicrosoftAccount,
    Google,
    Federation,
    Passcode,
    Other,
}

impl Way {
    pub(crate) fn of(kind: &ProviderKind) -> Self {
        match kind.as_str() {
            "work-school" => Self::WorkSchool,
            "microsoft-account" => Self::MicrosoftAccount,
            "google" => Self::Google,
            "saml" | "openid" => Self::Federation,
            "email-otp" => Self::Passcode,
            _ => Self::Other,
        }
    }
}

impl Reason {
    /// The documented code.
    pub(crate) const fn code(&self) -> &'static str {
        match self {
            Self::BadRequest => "bad-request",
            Self::MethodNotAllowed => "method-not-allowed",
            Self::NotFound => "not-found",
            Self::DuplicateParameter => "duplicate-parameter",
            Self::CrossSite => "cross-site-request",
            Self::AttemptUnknown => "attempt-unknown",
            Self::AttemptOtherBrowser => "attempt-other-browser",
            Self::AttemptOtherProvider => "attempt-other-provider",
            Self::AttemptMoved => "attempt-replayed",
            Self::AttemptStale => "attempt-stale",
            Self::TooManyAttempts => "too-many-attempts",
            Self::TooManySubmissions => "too-many-submissions",
            Self::Rejected(reason) => reject_code(*reason),
            Self::ProviderFailed => "provider-failed",
            Self::IssuerNotTrusted => "issuer-not-trusted",
            Self::AssertionReplayed => "assertion-replayed",
            Self::Denied(denial) => denial.code(),
            Self::NotThisWay => Denial::ProviderNotOffered.code(),
            Self::RedeemedWith(_) => Denial::IdentityMismatch.code(),
            Self::SecondFactorMissing => Challenge::Mfa(MfaPlace::Home).code(),
            Self::ContextMissing => Challenge::AuthenticationContext.code(),
            Self::NotFresh => Challenge::SignInAgain.code(),
            Self::HomeUnknown => "home-unknown",
            Self::ConsentDeclined => "consent-declined",
            Self::Unavailable => "unavailable",
        }
    }

    /// The HTTP status.
    pub(crate) const fn status(&self) -> StatusCode {
        match self {
            Self::BadRequest
            | Self::DuplicateParameter
            | Self::AttemptUnknown
            | Self::AttemptOtherBrowser
            | Self::AttemptOtherProvider
            | Self::AttemptMoved
            | Self::AttemptStale
            | Self::AssertionReplayed => StatusCode::BAD_REQUEST,
            Self::MethodNotAllowed => StatusCode::METHOD_NOT_ALLOWED,
            Self::NotFound => StatusCode::NOT_FOUND,
            Self::TooManyAttempts | Self::TooManySubmissions => StatusCode::TOO_MANY_REQUESTS,
            Self::Rejected(RejectReason::ProviderUnavailable) | Self::ProviderFailed => {
                StatusCode::BAD_GATEWAY
            }
            Self::Rejected(_)
            | Self::CrossSite
            | Self::IssuerNotTrusted
            | Self::Denied(_)
            | Self::NotThisWay
            | Self::RedeemedWith(_)
            | Self::SecondFactorMissing
            | Self::ContextMissing
            | Self::NotFresh
            | Self::ConsentDeclined => StatusCode::FORBIDDEN,
            Self::Unavailable | Self::HomeUnknown => StatusCode::SERVICE_UNAVAILABLE,
        }
    }
}

const fn reject_code(reason: RejectReason) -> &'static str {
    match reason {
        RejectReason::Cancelled => "cancelled",
        RejectReason::CredentialInvalid => "credential-invalid",
        RejectReason::AnswerInvalid => "answer-invalid",
        RejectReason::TenantNotAllowed => "tenant-not-allowed",
        RejectReason::CloudNotAllowed => "cloud-not-allowed",
        RejectReason::AccountNotAllowed => "account-not-allowed",
        RejectReason::ProviderUnavailable => "provider-unavailable",
        RejectReason::UnexpectedEvent => "unexpected-event",
    }
}

impl From<Denial> for Reason {
    fn from(denial: Denial) -> Self {
        Self::Denied(denial)
    }
}

impl From<StoreError> for Reason {
    fn from(error: StoreError) -> Self {
        tracing::error!(error = %error, "Store cannot be used");
        Self::Unavailable
    }
}

impl From<NoRandomness> for Reason {
    fn from(error: NoRandomness) -> Self {
        tracing::error!(error = %error, "No randomness");
        Self::Unavailable
    }
}

impl From<NotSealed> for Reason {
    fn from(error: NotSealed) -> Self {
        tracing::error!(error = %error, "Nothing can be sealed");
        Self::Unavailable
    }
}

impl From<DriveFailed> for Reason {
    fn from(_: DriveFailed) -> Self {
        Self::ProviderFailed
    }
}

impl From<AssertionRejected> for Reason {
    fn from(rejected: AssertionRejected) -> Self {
        match rejected {
            AssertionRejected::IssuerNotTrusted { .. } => Self::IssuerNotTrusted,
            AssertionRejected::CloudNotTrusted { .. } => Self::Denied(Denial::CloudNotAllowed),
            AssertionRejected::NoSubject | AssertionRejected::FromTheFuture => {
                Self::Rejected(RejectReason::AnswerInvalid)
            }
        }
    }
}
