//! What people are told: the one table from a reason to a fixed sentence.

mod denial;

use plugins_sdk::message::RejectReason;

pub use denial::denial_sentence;

use super::{Reason, Way};

/// What a person is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sentence {
    /// What happened, in a few words.
    pub heading: &'static str,
    /// The fixed sentence.
    pub message: &'static str,
    /// What the person can do.
    pub advice: &'static str,
}

const AGAIN: &str = "Open what was shared with you again to start over.";
const ASK: &str = "Ask the person who shared it with you.";
const WAIT: &str = "Wait a while, then start over.";

impl Reason {
    /// What a person is told. A table.
    pub(crate) const fn sentence(&self) -> Sentence {
        let (heading, message, advice) = match self {
            Self::BadRequest => (
                "This request is not understood",
                "The request is incomplete or malformed.",
                AGAIN,
            ),
            Self::MethodNotAllowed => (
                "This request is not understood",
                "This address does not take such requests.",
                AGAIN,
            ),
            Self::NotFound => (
                "Nothing here",
                "There is nothing at this address.",
                "Check the address you were given.",
            ),
            Self::DuplicateParameter => (
                "This request is not understood",
                "The request says the same thing twice.",
                AGAIN,
            ),
            Self::CrossSite => (
                "This form came from elsewhere",
                "Sign-in forms only work from their own page.",
                AGAIN,
            ),
            Self::AttemptUnknown => (
                "This sign-in is over",
                "The sign-in was finished, took too long, or was never begun.",
                AGAIN,
            ),
            Self::AttemptOtherBrowser => (
                "This sign-in belongs to another browser",
                "The sign-in was begun in another browser, or this browser does not keep cookies for this site.",
                "Allow cookies for this site, and finish signing in where you began.",
            ),
            Self::AttemptOtherProvider => (
                "This answer belongs elsewhere",
                "The answer does not belong to the sign-in that was begun.",
                AGAIN,
            ),
            Self::AttemptMoved => (
                "This step was done already",
                "The sign-in has moved on since this page was shown.",
                AGAIN,
            ),
            Self::AttemptStale => (
                "This sign-in is out of date",
                "The settings changed while you were signing in.",
                AGAIN,
            ),
            Self::TooManyAttempts => (
                "Too many sign-ins",
                "There were too many sign-ins from your network.",
                WAIT,
            ),
            Self::TooManySubmissions => (
                "Too many tries",
                "There were too many tries for this address.",
                WAIT,
            ),
            Self::Rejected(reason) => return reject_sentence(*reason),
            Self::ProviderFailed => (
                "Signing in does not work now",
                "The way to sign in failed. This has been recorded.",
                "Try again later.",
            ),
            Self::IssuerNotTrusted => (
                "This account is not accepted",
                "Your account comes from an issuer that is not trusted here.",
                ASK,
            ),
            Self::AssertionReplayed => (
                "This answer was used before",
                "A sign-in can be used once only.",
                AGAIN,
            ),
            Self::Denied(denial) => return denial_sentence(*denial),
            Self::NotThisWay => (
                "Sign in another way",
                "Invitations to your address are accepted in another way.",
                "Sign in in that way.",
            ),
            Self::RedeemedWith(way) => (
                "You came in another way before",
                redeemed_with(*way),
                "Sign in in that way again. If you cannot, ask the person who shared it with you to invite you anew.",
            ),
            Self::SecondFactorMissing => (
                "One more step is needed",
                "Your sign-in service did not confirm that you signed in with a second step.",
                "Set up a second step at your own organisation, and sign in again with it.",
            ),
            Self::ContextMissing => (
                "One more step is needed",
                "Your sign-in service did not confirm what is demanded here beyond an ordinary sign-in.",
                "Ask the administrators of your organisation.",
            ),
            Self::NotFresh => (
                "Sign in again",
                "Your sign-in service did not ask you to sign in again.",
                "Sign out there, and start over.",
            ),
            Self::HomeUnknown => (
                "Not known now",
                "It cannot be found out now where your address is at home.",
                "Try again in a minute.",
            ),
            Self::ConsentDeclined => (
                "You declined the invitation",
                "You declined, so nothing about you is kept and nothing opens.",
                "If you change your mind, open what was shared with you again.",
            ),
            Self::Unavailable => (
                "Not available now",
                "The gateway cannot answer now.",
                "Try again in a minute.",
            ),
        };
        Sentence {
            heading,
            message,
            advice,
        }
    }
}

const fn redeemed_with(way: Way) -> &'static str {
    match way {
        Way::WorkSchool => "You accepted the invitation with a work or school account.",
        Way::MicrosoftAccount => "You accepted the invitation with a Microsoft account.",
        Way::Google => "You accepted the invitation with a Google account.",
        Way::Federation => "You accepted the invitation with the sign-in of your organisation.",
        Way::Passcode => "You accepted the invitation with a code that was sent to you by mail.",
        Way::Other => "You accepted the invitation with another way to sign in.",
    }
}

const fn reject_sentence(reason: RejectReason) -> Sentence {
    let (heading, message, advice) = match reason {
        RejectReason::Cancelled => ("Sign-in was cancelled", "The sign-in was cancelled.", AGAIN),
        RejectReason::CredentialInvalid => (
            "That did not work",
            "The code is wrong, was used before, or has expired.",
            AGAIN,
        ),
        RejectReason::AnswerInvalid => (
            "That did not work",
            "The answer of your sign-in service failed a check.",
            AGAIN,
        ),
        RejectReason::TenantNotAllowed => (
            "This organisation is not accepted",
            "People of your organisation cannot sign in here.",
            ASK,
        ),
        RejectReason::CloudNotAllowed => (
            "This cloud is not accepted",
            "Accounts of your organisation's cloud cannot sign in here.",
            ASK,
        ),
        RejectReason::AccountNotAllowed => (
            "This account is not accepted",
            "Accounts of this kind cannot sign in here.",
            ASK,
        ),
        RejectReason::ProviderUnavailable => (
            "Signing in does not work now",
            "Your sign-in service cannot be reached.",
            "Try again later.",
        ),
        RejectReason::UnexpectedEvent => (
            "That did not work",
            "The answer does not fit the sign-in that was begun.",
            AGAIN,
        ),
    };
    Sentence {
        heading,
        message,
        advice,
    }
}
