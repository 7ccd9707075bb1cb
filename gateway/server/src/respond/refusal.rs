//! Everything that can stand in the way of a request.

use gateway_core::policy::{Challenge, Denial, MfaPlace};
use gateway_store::StoreError;

use crate::judge::NotAllowed;
use crate::route::Refused;
use crate::upstream::Failed;

/// Why a request is not answered with what it asked for.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Refusal {
    /// The decision.
    #[error("not allowed: {0:?}")]
    NotAllowed(NotAllowed),
    /// The request cannot be understood.
    #[error(transparent)]
    Unreadable(#[from] Refused),
    /// The upstream.
    #[error(transparent)]
    Upstream(#[from] Failed),
    /// Nothing has that address.
    #[error("nothing has that address")]
    NoSuchAddress,
    /// No link has that token.
    #[error("no link has that token")]
    NoSuchLink,
    /// Too many tokens were tried from the client's network.
    #[error("too many unknown link tokens from this network")]
    TooManyGuesses,
    /// The `Cookie` header is too long.
    #[error("the cookie header is too long")]
    CookiesTooLong,
    /// The body of a form is too large.
    #[error("the form is too large")]
    FormTooLarge,
    /// The body is no form.
    #[error("the body is not a form")]
    NoForm,
    /// The body of a form broke off.
    #[error("the form broke off")]
    FormBrokeOff,
    /// Nobody is signed in.
    #[error("nobody is signed in")]
    NobodySignedIn,
    /// The gateway's own store or keys do not work.
    #[error("internal: {0}")]
    Internal(String),
    /// What is known of the directory is too old to rest on, or nothing is known of it.
    #[error("the directory cannot be asked: {0}")]
    DirectoryStale(StoreError),
    /// As many forms are being read as there is room for.
    #[error("too many forms are being read")]
    Busy,
}

/// What kind of sign-in helps.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum SignIn {
    /// Any.
    Any,
    /// One for which the person authenticates anew, even where the provider remembers them.
    Fresh,
    /// One with a second factor, which the person's home vouches for.
    SecondFactor,
    /// One that satisfies the authentication context of the site, where the person can.
    Context,
}

impl From<StoreError> for Refusal {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Stale => Self::DirectoryStale(error),
            other => Self::Internal(other.to_string()),
        }
    }
}

impl From<NotAllowed> for Refusal {
    fn from(not: NotAllowed) -> Self {
        Self::NotAllowed(not)
    }
}

impl Refusal {
    /// The sign-in that the person is led to, where that is all that is missing.
    #[must_use]
    pub(crate) const fn sign_in(&self) -> Option<SignIn> {
        match self {
            Self::NotAllowed(NotAllowed::Challenge(challenge)) => match challenge {
                Challenge::SignIn
                | Challenge::MemberSignIn
                | Challenge::SignInWith(_)
                | Challenge::Choose(..)
                | Challenge::EmailProof => Some(SignIn::Any),
                Challenge::SignInAgain => Some(SignIn::Fresh),
                Challenge::Mfa(MfaPlace::Home) => Some(SignIn::SecondFactor),
                Challenge::AuthenticationContext => Some(SignIn::Context),
                // There is no page here on which somebody shows a second factor to the gateway itself.
                Challenge::Mfa(MfaPlace::Resource) | Challenge::Consent | Challenge::Terms => None,
            },
            Self::NotAllowed(NotAllowed::Denied(_) | NotAllowed::MembersOnly)
            | Self::Unreadable(_)
            | Self::Upstream(_)
            | Self::NoSuchAddress
            | Self::NoSuchLink
            | Self::TooManyGuesses
            | Self::CookiesTooLong
            | Self::FormTooLarge
            | Self::NoForm
            | Self::FormBrokeOff
            | Self::NobodySignedIn
            | Self::Internal(_)
            | Self::DirectoryStale(_)
            | Self::Busy => None,
        }
    }

    /// Whether another account of the same person may be the one that was invited.
    #[must_use]
    pub(crate) const fn may_be_another_person(&self) -> bool {
        matches!(
            self,
            Self::NotAllowed(NotAllowed::Denied(
                Denial::NotInDirectory
                    | Denial::IdentityMismatch
                    | Denial::InvitationNotRedeemed
                    | Denial::AddressNotProven
                    | Denial::PermissionMissing
                    | Denial::LinkMembersOnly
                    | Denial::LinkNotForPerson
            ))
        )
    }
}
