//! Names of events and steps, for logs and errors.

use crate::message::{Event, Step};

impl Event {
    /// Name of the event, as in the JSON's `kind`.
    #[must_use]
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::Start { .. } => "start",
            Self::Callback { .. } => "callback",
            Self::Submit { .. } => "submit",
            Self::Response { .. } => "response",
            Self::Sent => "sent",
            Self::LogoutRequest { .. } => "logout_request",
            Self::MetadataRequest => "metadata_request",
            Self::SignOut { .. } => "sign_out",
        }
    }
}

impl Step {
    /// Name of the step, as in the JSON's `kind`.
    #[must_use]
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::Redirect { .. } => "redirect",
            Self::Post { .. } => "post",
            Self::Show { .. } => "show",
            Self::Fetch { .. } => "fetch",
            Self::Mail { .. } => "mail",
            Self::Done { .. } => "done",
            Self::Document { .. } => "document",
            Self::Ended { .. } => "ended",
            Self::SignedOut {} => "signed_out",
            Self::Reject { .. } => "reject",
        }
    }
}
