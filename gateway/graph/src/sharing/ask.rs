//! What the bodies of sharing calls say.
//!
//! SDKs send `false` for what nobody set: `retainInheritedPermissions`, `requireSignIn`, `sendInvitation`,
//! `sendNotification`. The first would take away what was granted above the item; nothing here does, whatever it says.
//! The second would open the item without a sign-in; nothing here does either.

use gateway_core::address::EmailAddress;
use gateway_core::id::GuestId;
use gateway_core::policy::share::AskedScope;
use gateway_core::sharing::{LinkType, Role};
use gateway_core::time::UnixTime;

use crate::error::{ApiError, Area};
use crate::request::json::{Object, moment};

/// Most recipients of one call.
const MOST: usize = 100;
/// Longest message, in characters.
const MESSAGE: usize = 2000;

/// A recipient as it is named.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Named {
    Email(EmailAddress),
    Alias(String),
    Object(String),
}

/// `invite`.
#[derive(Clone, Debug)]
pub(super) struct Invite {
    pub(super) recipients: Vec<Named>,
    pub(super) role: Role,
    pub(super) send: bool,
    pub(super) message: Option<String>,
    pub(super) expires: Option<UnixTime>,
}

/// `createLink`.
#[derive(Clone, Debug)]
pub(super) struct CreateLink {
    pub(super) kind: Option<LinkType>,
    pub(super) scope: Option<AskedScope>,
    pub(super) expires: Option<UnixTime>,
    pub(super) recipients: Vec<Named>,
    pub(super) send: bool,
    pub(super) message: Option<String>,
}

/// Reads the body of `invite`.
pub(super) fn invite(body: &Object) -> Result<Invite, ApiError> {
    refuse_password(body)?;
    // Read for their types; see above for why nothing comes of them.
    body.flag("requireSignIn")?;
    body.flag("retainInheritedPermissions")?;
    Ok(Invite {
        recipients: recipients(body, "recipients", true)?,
        role: role(body)?.unwrap_or(Role::Read),
        send: body.flag("sendInvitation")?.value().unwrap_or(false),
        message: body.text("message", MESSAGE)?.value(),
        expires: expiry(body)?,
    })
}

/// Reads the body of `createLink`.
pub(super) fn create_link(body: &Object) -> Result<CreateLink, ApiError> {
    refuse_password(body)?;
    body.flag("retainInheritedPermissions")?;
    let kind = body.text("type", 40)?.value();
    let scope = body.text("scope", 40)?.value();
    Ok(CreateLink {
        kind: kind.as_deref().map(kind_of).transpose()?,
        scope: scope.as_deref().map(scope_of).transpose()?,
        expires: expiry(body)?,
        recipients: recipients(body, "recipients", false)?,
        send: body.flag("sendNotification")?.value().unwrap_or(false),
        message: body.text("message", MESSAGE)?.value(),
    })
}

/// `recipients` or `grantees`: of each exactly one name.
pub(super) fn recipients(body: &Object, name: &str, needed: bool) -> Result<Vec<Named>, ApiError> {
    let given = body.objects(name, MOST)?.value().unwrap_or_default();
    if needed && given.is_empty() {
        return Err(body.bad(format!("`{name}` is required.")));
    }
    given.iter().map(recipient).collect()
}

fn recipient(body: &Object) -> Result<Named, ApiError> {
    let text = |name| -> Result<Option<String>, ApiError> {
        let text = body.text(name, 320)?.value();
        Ok(text.filter(|text| !text.trim().is_empty()))
    };
    match (text("email")?, text("alias")?, text("objectId")?) {
        (Some(email), None, None) => EmailAddress::parse(email.trim())
            .map(Named::Email)
            .map_err(|_| body.bad("`email` is no address.")),
        (None, Some(alias), None) => Ok(Named::Alias(alias)),
        (None, None, Some(id)) => Ok(Named::Object(id.to_ascii_lowercase())),
        _ => Err(body.bad("A recipient has exactly one of `email`, `alias` and `objectId`.")),
    }
}

/// The role that is asked for; more than one counts as the widest.
pub(super) fn role(body: &Object) -> Result<Option<Role>, ApiError> {
    let Some(names) = body.texts("roles", 10)?.value() else {
        return Ok(None);
    };
    let roles: Option<Vec<Role>> = names
        .iter()
        .map(|name| match name.as_str() {
            "read" => Some(Role::Read),
            "write" => Some(Role::Write),
            "owner" | "sp.full control" | "sp.owner" => Some(Role::Owner),
            _ => None,
        })
        .collect();
    match roles {
        Some(roles) => Ok(roles.into_iter().max()),
        None => Err(body.bad("`roles` are `read`, `write` and `owner`.")),
    }
}

/// A moment, which `invite` has as a text and `createLink` as a date. Graph's first moment of all means none.
pub(super) fn expiry(body: &Object) -> Result<Option<UnixTime>, ApiError> {
    let Some(text) = body.text("expirationDateTime", 64)?.value() else {
        return Ok(None);
    };
    if text.is_empty() || text.starts_with("0001-01-01T00:00:00") {
        return Ok(None);
    }
    let read = moment(&text).ok_or_else(|| {
        body.bad("`expirationDateTime` must be a time such as `2026-01-02T03:04:05Z`.")
    })?;
    Ok(Some(read))
}

fn refuse_password(body: &Object) -> Result<(), ApiError> {
    let password = body.text("password", 256)?.value().unwrap_or_default();
    if password.is_empty() {
        Ok(())
    } else {
        Err(body.bad("`password` is for personal accounts: links here have none."))
    }
}

fn kind_of(name: &str) -> Result<LinkType, ApiError> {
    match name {
        "view" => Ok(LinkType::View),
        "edit" => Ok(LinkType::Edit),
        "review" => Ok(LinkType::Review),
        "blocksDownload" => Ok(LinkType::BlocksDownload),
        "createOnly" => Ok(LinkType::CreateOnly),
        "embed" => Err(ApiError::new(
            http::StatusCode::BAD_REQUEST,
            "notSupported",
            "Links that embed are for personal accounts.",
        )),
        _ => Err(ApiError::bad_request(
            Area::Files,
            "`type` is `view`, `edit`, `review`, `blocksDownload` or `createOnly`.",
        )),
    }
}

fn scope_of(name: &str) -> Result<AskedScope, ApiError> {
    match name {
        "anonymous" => Ok(AskedScope::Anonymous),
        "organization" => Ok(AskedScope::Organization),
        "users" => Ok(AskedScope::Users),
        "existingAccess" => Ok(AskedScope::ExistingAccess),
        _ => Err(ApiError::bad_request(
            Area::Files,
            "`scope` is `anonymous`, `organization`, `users` or `existingAccess`.",
        )),
    }
}

/// A GUID, or a name that the configuration gave, as an id of the directory.
pub(super) fn object_id(text: &str) -> Option<GuestId> {
    GuestId::parse(text).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn object(text: &str) -> Object {
        Object::read(text.as_bytes(), Area::Files).unwrap()
    }

    #[test]
    fn what_the_sdks_send_unasked_changes_nothing() {
        let plain = r#"{"recipients":[{"email":"a@fabrikam.example"}],"roles":["write"]}"#;
        let python = r##"{"@odata.type":"#x","recipients":[{"@odata.type":"#microsoft.graph.driveRecipient",
            "email":"a@fabrikam.example","alias":null}],"roles":["write"],"requireSignIn":false,
            "sendInvitation":false,"retainInheritedPermissions":false,"password":null,"unknown":1}"##;
        let (plain, python) = (
            invite(&object(plain)).unwrap(),
            invite(&object(python)).unwrap(),
        );
        assert_eq!(plain.recipients, python.recipients);
        assert_eq!((plain.role, plain.send), (Role::Write, false));
        assert_eq!((python.role, python.send), (Role::Write, false));
    }

    #[test]
    fn a_recipient_has_exactly_one_name() {
        for bad in [
            "{}",
            r#"{"recipients":[]}"#,
            r#"{"recipients":[{}]}"#,
            r#"{"recipients":[{"email":"a@b.example","alias":"a"}]}"#,
            r#"{"recipients":[{"email":"no address"}]}"#,
            r#"{"recipients":[1]}"#,
            r#"{"recipients":{}}"#,
            r#"{"recipients":[{"email":"a@b.example"}],"roles":["Read"]}"#,
            r#"{"recipients":[{"email":"a@b.example"}],"password":"x"}"#,
            r#"{"recipients":[{"email":"a@b.example"}],"expirationDateTime":"tomorrow"}"#,
        ] {
            assert_eq!(
                invite(&object(bad)).unwrap_err().code,
                "invalidRequest",
                "{bad}"
            );
        }
    }

    #[test]
    fn moments_in_every_spelling_of_the_sdks() {
        let check = |text: &str, want: Option<i64>| {
            let body = format!(r#"{{"expirationDateTime":"{text}"}}"#);
            let got = expiry(&object(&body)).unwrap().map(|at| at.0);
            assert_eq!(got, want, "{text}");
        };
        check("2026-01-02T03:04:05Z", Some(1_767_323_045));
        check("2026-01-02T03:04:05+00:00", Some(1_767_323_045));
        check("2026-01-02T03:04:05.1234567Z", Some(1_767_323_045));
        check("0001-01-01T00:00:00Z", None);
        check("", None);
    }

    #[test]
    fn links_of_other_services_are_refused_by_name() {
        let code = |text: &str| create_link(&object(text)).unwrap_err().code;
        assert_eq!(code(r#"{"type":"embed"}"#), "notSupported");
        assert_eq!(code(r#"{"type":"View"}"#), "invalidRequest");
        assert_eq!(
            code(r#"{"type":"view","scope":"everyone"}"#),
            "invalidRequest"
        );
        assert_eq!(code(r#"{"type":"view","password":"x"}"#), "invalidRequest");
    }
}
