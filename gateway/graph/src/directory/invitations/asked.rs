//! What is asked for.

use gateway_core::address::EmailAddress;
use gateway_core::id::GuestId;
use http::StatusCode;
use url::Url;

use super::super::Call;
use crate::error::ApiError;
use crate::request::{Given, Object};

/// Longest message, in characters.
///
/// Source: specification "sharing rules" 9.
const MOST_MESSAGE: usize = 2000;

/// An invitation as it is asked for.
pub(super) struct Asked {
    pub(super) address: EmailAddress,
    pub(super) redirect: String,
    pub(super) name: Option<String>,
    pub(super) member: bool,
    pub(super) send: bool,
    pub(super) reset: bool,
    pub(super) message: Option<String>,
    pub(super) language: Option<String>,
    pub(super) copies: Vec<EmailAddress>,
    /// The user whose redemption is reset, where one is named.
    pub(super) user: Option<GuestId>,
}

impl Asked {
    pub(super) fn read(call: &Call<'_>) -> Result<Self, ApiError> {
        read(&call.request.object()?).map_err(|error| {
            // This resource has a code of its own.
            if error.status == StatusCode::BAD_REQUEST {
                ApiError {
                    code: "BadRequest",
                    ..error
                }
            } else {
                error
            }
        })
    }
}

fn read(given: &Object) -> Result<Asked, ApiError> {
    let address = address(given, &given.required("invitedUserEmailAddress", 320)?)?;
    let redirect = given.required("inviteRedirectUrl", 2048)?;
    let parsed = Url::parse(&redirect).ok();
    let web = parsed.is_some_and(|url| {
        matches!(url.scheme(), "https" | "http")
            && url.username().is_empty()
            && url.password().is_none()
    });
    if !web {
        return Err(given.bad("`inviteRedirectUrl` must be an absolute address of the web."));
    }
    let member = match given.text("invitedUserType", 16)?.value().as_deref() {
        None | Some("Guest") => false,
        Some("Member") => true,
        Some(_) => return Err(given.bad("`invitedUserType` must be one of Guest, Member.")),
    };
    let flag = |name: &str| Ok::<bool, ApiError>(given.flag(name)?.value().unwrap_or_default());
    let (send, reset) = (flag("sendInvitationMessage")?, flag("resetRedemption")?);
    let (mut message, mut language, mut copies) = (None, None, Vec::new());
    if let Given::Value(info) = given.object("invitedUserMessageInfo")? {
        message = info.text("customizedMessageBody", MOST_MESSAGE)?.value();
        language = info.text("messageLanguage", 35)?.value();
        // The service sends one copy.
        for recipient in info.objects("ccRecipients", 1)?.value().unwrap_or_default() {
            if let Given::Value(mail) = recipient.object("emailAddress")?
                && let Given::Value(text) = mail.text("address", 320)?
            {
                copies.push(self::address(given, &text)?);
            }
        }
    }
    let user = match given.object("invitedUser")? {
        Given::Absent | Given::Null => None,
        Given::Value(user) => user.text("id", 64)?.value(),
    };
    let user = user.filter(|_| reset).map(|id| {
        let id = GuestId::parse(&id.to_ascii_lowercase());
        id.map_err(|_| given.bad("`invitedUser` names nobody."))
    });
    Ok(Asked {
        address,
        redirect,
        name: given.text("invitedUserDisplayName", 256)?.value(),
        member,
        send,
        reset,
        message,
        language,
        copies,
        user: user.transpose()?,
    })
}

/// An address as it can be invited.
fn address(given: &Object, text: &str) -> Result<EmailAddress, ApiError> {
    const REFUSED: &str = "~!#$%^&*()+=[]{}\\/|;:\"<>?,";
    let local = text.split('@').next().unwrap_or_default();
    let edge = |text: &str| text.starts_with(['.', '-']) || text.ends_with(['.', '-']);
    if text.contains(|letter| REFUSED.contains(letter)) || edge(local) {
        let message = "The invited user's e-mail address holds a character that cannot be invited.";
        return Err(given.bad(message).with_inner("invalidParameterFormat"));
    }
    EmailAddress::parse(text).map_err(|error| {
        let message = format!("The invited user's e-mail address is none: {error}.");
        given.bad(message).with_inner("invalidParameterFormat")
    })
}
