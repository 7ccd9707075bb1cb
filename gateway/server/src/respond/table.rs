//! The only table from a cause to a status, a code and a sentence.
//!
//! The sentences are fixed. They tell what is so, never who, which or why: the cause is in the operator's log.

use gateway_core::policy::{Challenge, Denial, MfaPlace};
use gateway_sign_in::denial_sentence;
use http::StatusCode;

use super::Refusal;
use crate::judge::NotAllowed;
use crate::record::Verdict;
use crate::route::{DestinationRefused, MethodRefused, OwnRefused, Refused};
use crate::upstream::Failed;

/// One row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Row {
    pub(super) status: StatusCode,
    pub(super) code: &'static str,
    /// What happened, in a few words.
    pub(super) heading: &'static str,
    pub(super) message: &'static str,
    /// What the person can do.
    pub(super) advice: &'static str,
    /// `Allow`, which 405 must have.
    pub(super) allow: Option<&'static str>,
    /// `Retry-After`, in seconds.
    pub(super) retry_after: Option<&'static str>,
    /// Whether the connection is of no more use.
    pub(super) closes: bool,
}

const fn of(
    status: StatusCode,
    code: &'static str,
    heading: &'static str,
    message: &'static str,
    advice: &'static str,
) -> Row {
    Row {
        status,
        code,
        heading,
        message,
        advice,
        allow: None,
        retry_after: None,
        closes: false,
    }
}

const ASK_SHARER: &str = "Ask the person who shared it with you.";
const CHECK_ADDRESS: &str = "Check the address, or ask for it again.";
const LATER: &str = "Try again in a few minutes.";
const NO_ACCESS: &str = "You cannot open this";

/// The row of a refusal.
pub(super) fn row(refusal: &Refusal) -> Row {
    match refusal {
        Refusal::NotAllowed(NotAllowed::Challenge(challenge)) => challenged(*challenge),
        Refusal::NotAllowed(NotAllowed::Denied(denial)) => denied(*denial),
        Refusal::NotAllowed(NotAllowed::MembersOnly) => of(
            StatusCode::FORBIDDEN,
            "members-only",
            NO_ACCESS,
            "This address is for members of the organisation only.",
            ASK_SHARER,
        ),
        Refusal::Unreadable(refused) => unreadable(*refused),
        Refusal::Upstream(failed) => upstream(failed),
        Refusal::NoSuchAddress => of(
            StatusCode::NOT_FOUND,
            "not-found",
            "Nothing is here",
            "There is nothing at this address.",
            CHECK_ADDRESS,
        ),
        Refusal::NoSuchLink => of(
            StatusCode::NOT_FOUND,
            "link-not-found",
            "This link does not work",
            "There is no such link, or it was taken back.",
            ASK_SHARER,
        ),
        Refusal::TooManyGuesses => Row {
            // As long as `links::BARRED`.
            retry_after: Some("600"),
            ..of(
                StatusCode::TOO_MANY_REQUESTS,
                "too-many-requests",
                "Too many tries",
                "Too many links that do not work were tried from your network.",
                "Try again in ten minutes.",
            )
        },
        Refusal::CookiesTooLong => Row {
            closes: true,
            ..of(
                StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE,
                "cookies-too-long",
                "Your browser sent too much",
                "The cookies of this site are longer than the gateway reads.",
                "Delete the cookies of this site and try again.",
            )
        },
        Refusal::FormTooLarge => Row {
            closes: true,
            ..of(
                StatusCode::PAYLOAD_TOO_LARGE,
                "form-too-large",
                "That was too much",
                "The form is too large.",
                LATER,
            )
        },
        Refusal::NoForm => of(
            StatusCode::UNSUPPORTED_MEDIA_TYPE,
            "not-a-form",
            "That was not a form",
            "The body of the request is not a form.",
            "Go back and try again.",
        ),
        Refusal::FormBrokeOff => Row {
            closes: true,
            ..of(
                StatusCode::BAD_REQUEST,
                "form-broke-off",
                "The form did not arrive",
                "The body of the request broke off.",
                "Go back and try again.",
            )
        },
        Refusal::NobodySignedIn => of(
            StatusCode::UNAUTHORIZED,
            "sign-in-required",
            "You are not signed in",
            "Nobody is signed in.",
            "Sign in and try again.",
        ),
        Refusal::DirectoryStale(_) => Row {
            retry_after: Some("5"),
            ..of(
                StatusCode::SERVICE_UNAVAILABLE,
                "directory-stale",
                "That did not work",
                "The gateway cannot find out who may open this at the moment.",
                LATER,
            )
        },
        Refusal::Internal(_) | Refusal::Busy => Row {
            retry_after: Some("10"),
            ..of(
                StatusCode::SERVICE_UNAVAILABLE,
                "unavailable",
                "That did not work",
                "The gateway cannot answer at the moment.",
                LATER,
            )
        },
    }
}

/// How a refusal is recorded.
pub(super) fn verdict(refusal: &Refusal) -> Verdict {
    let decision = match refusal {
        Refusal::NotAllowed(NotAllowed::Challenge(_)) | Refusal::NobodySignedIn => "challenge",
        Refusal::NotAllowed(NotAllowed::Denied(_) | NotAllowed::MembersOnly) => "deny",
        Refusal::Upstream(Failed::NoLongerAllowed) => "deny",
        Refusal::Upstream(_) | Refusal::Internal(_) | Refusal::DirectoryStale(_) => "fail",
        Refusal::Unreadable(_)
        | Refusal::NoSuchAddress
        | Refusal::NoSuchLink
        | Refusal::TooManyGuesses
        | Refusal::CookiesTooLong
        | Refusal::FormTooLarge
        | Refusal::Busy
        | Refusal::NoForm
        | Refusal::FormBrokeOff => "refuse",
    };
    Verdict {
        decision,
        reason: row(refusal).code,
    }
}

/// Signing in is what 401 asks for. What else is demanded the gateway has no page for: it is refused.
fn challenged(challenge: Challenge) -> Row {
    const SIGN_IN: &str = "Sign in";
    const ONE_MORE: &str = "One more step is needed";
    let (status, heading, message, advice) = match challenge {
        Challenge::SignIn | Challenge::SignInWith(_) | Challenge::Choose(..) => (
            StatusCode::UNAUTHORIZED,
            SIGN_IN,
            "Sign in to open this.",
            "Sign in and try again.",
        ),
        Challenge::MemberSignIn => (
            StatusCode::UNAUTHORIZED,
            SIGN_IN,
            "Sign in with your account of the organisation to open this.",
            "Sign in and try again.",
        ),
        Challenge::SignInAgain => (
            StatusCode::UNAUTHORIZED,
            "Sign in again",
            "It has been a while since you signed in.",
            "Sign in and try again.",
        ),
        Challenge::EmailProof => (
            StatusCode::UNAUTHORIZED,
            SIGN_IN,
            "Show that your e-mail address is yours to open this.",
            "Sign in and try again.",
        ),
        Challenge::Consent => (
            StatusCode::FORBIDDEN,
            ONE_MORE,
            "You have not accepted the invitation yet.",
            "Sign out, and sign in again to accept it.",
        ),
        Challenge::Terms => (
            StatusCode::FORBIDDEN,
            ONE_MORE,
            "You have not accepted the terms of use.",
            ASK_SHARER,
        ),
        Challenge::Mfa(MfaPlace::Home) => (
            StatusCode::FORBIDDEN,
            ONE_MORE,
            "You did not sign in with a second step.",
            "Sign out, and sign in again with the second step of your own organisation.",
        ),
        Challenge::Mfa(MfaPlace::Resource) => (
            StatusCode::FORBIDDEN,
            ONE_MORE,
            "A second step is demanded here.",
            ASK_SHARER,
        ),
        Challenge::AuthenticationContext => (
            StatusCode::FORBIDDEN,
            ONE_MORE,
            "What is here demands more than an ordinary sign-in.",
            ASK_SHARER,
        ),
    };
    of(status, challenge.code(), heading, message, advice)
}

/// Said in the same words as at the sign-in.
fn denied(denial: Denial) -> Row {
    let sentence = denial_sentence(denial);
    of(
        StatusCode::FORBIDDEN,
        denial.code(),
        sentence.heading,
        sentence.message,
        sentence.advice,
    )
}

fn unreadable(refused: Refused) -> Row {
    let bad = |code, message| {
        of(
            StatusCode::BAD_REQUEST,
            code,
            "That address cannot be used",
            message,
            CHECK_ADDRESS,
        )
    };
    match refused {
        Refused::Host(_) => Row {
            closes: true,
            ..bad("host-malformed", "The request does not name one host.")
        },
        Refused::HostUnknown => of(
            StatusCode::MISDIRECTED_REQUEST,
            "host-unknown",
            "Nobody is here",
            "Nobody answers on this host.",
            CHECK_ADDRESS,
        ),
        Refused::Path(_) => bad("path-malformed", "The path could be read in two ways."),
        Refused::Query => bad(
            "query-malformed",
            "The query holds characters that a query cannot have.",
        ),
        Refused::Method(MethodRefused::NotAllowed) => Row {
            allow: Some(
                "GET, HEAD, OPTIONS, PUT, POST, PATCH, DELETE, PROPFIND, PROPPATCH, MKCOL, MOVE, COPY, LOCK, UNLOCK",
            ),
            ..of(
                StatusCode::METHOD_NOT_ALLOWED,
                "method-not-allowed",
                "That is not possible",
                "This method is never served.",
                CHECK_ADDRESS,
            )
        },
        Refused::Method(MethodRefused::Unknown) => of(
            StatusCode::NOT_IMPLEMENTED,
            "method-unknown",
            "That is not possible",
            "This method is not known.",
            CHECK_ADDRESS,
        ),
        Refused::Method(MethodRefused::Override) => bad(
            "method-override-malformed",
            "The headers that override the method contradict each other.",
        ),
        Refused::Destination(DestinationRefused::Elsewhere) => bad(
            "destination-elsewhere",
            "The destination is on another server.",
        ),
        Refused::Destination(
            DestinationRefused::NotOne
            | DestinationRefused::Malformed
            | DestinationRefused::Path(_),
        ) => bad(
            "destination-malformed",
            "The destination is missing or malformed.",
        ),
        Refused::Framing => Row {
            closes: true,
            ..bad(
                "framing-ambiguous",
                "Where the request ends can be read in two ways.",
            )
        },
        Refused::ServiceWorker => of(
            StatusCode::FORBIDDEN,
            "service-worker",
            "That is not possible",
            "Documents here never become service workers.",
            CHECK_ADDRESS,
        ),
        Refused::Own(OwnRefused::Method) => Row {
            allow: Some("GET, HEAD, POST"),
            ..of(
                StatusCode::METHOD_NOT_ALLOWED,
                "method-not-allowed",
                "That is not possible",
                "This address does not have that method.",
                CHECK_ADDRESS,
            )
        },
    }
}

fn upstream(failed: &Failed) -> Row {
    let failing = |status, code, message| of(status, code, "That did not work", message, LATER);
    match failed {
        Failed::Target | Failed::Assertion(_) => failing(
            StatusCode::SERVICE_UNAVAILABLE,
            "unavailable",
            "The gateway cannot answer at the moment.",
        ),
        Failed::Unreachable(_) => failing(
            StatusCode::BAD_GATEWAY,
            "upstream-unreachable",
            "The document server cannot be reached.",
        ),
        Failed::Unusable(_) => failing(
            StatusCode::BAD_GATEWAY,
            "upstream-failed",
            "The document server did not answer properly.",
        ),
        Failed::TimedOut => failing(
            StatusCode::GATEWAY_TIMEOUT,
            "upstream-timeout",
            "The document server did not answer in time.",
        ),
        Failed::ClientBrokeOff => Row {
            closes: true,
            ..failing(
                StatusCode::BAD_REQUEST,
                "upload-broke-off",
                "The upload broke off.",
            )
        },
        Failed::ClientTooSlow => Row {
            closes: true,
            ..failing(
                StatusCode::REQUEST_TIMEOUT,
                "upload-too-slow",
                "The upload paused for too long.",
            )
        },
        Failed::NoLongerAllowed => Row {
            closes: true,
            ..of(
                StatusCode::FORBIDDEN,
                "no-longer-allowed",
                NO_ACCESS,
                "Your access to this has ended.",
                ASK_SHARER,
            )
        },
    }
}
