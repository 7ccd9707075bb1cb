//! What a sign-out will need, short enough for the session's cookie: the partner's name for the person and its
//! session, exactly as they came.

use plugins_sdk::limits;
use serde::{Deserialize, Serialize};

use crate::accepted::NameId;
use crate::person::Parties;

/// The beginning of nearly every name format.
const FORMATS: &str = "urn:oasis:names:tc:SAML:";

#[derive(Serialize, Deserialize)]
struct Hint {
    v: String,
    /// `~` stands for [`FORMATS`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    f: Option<String>,
    /// `=` stands for the partner.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    q: Option<String>,
    /// `=` stands for us.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    s: Option<String>,
    /// The session.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    i: Option<String>,
}

/// Absent where it would be too long: the partner's session then goes on.
pub(crate) fn write(name: &NameId, session: Option<&str>, parties: Parties<'_>) -> Option<String> {
    let short = |text: &Option<String>, stands_for: &str| match text.as_deref() {
        Some(text) if text == stands_for => Some("=".to_owned()),
        text => text.map(str::to_owned),
    };
    let format = name.format.as_deref().map(|format| {
        format
            .strip_prefix(FORMATS)
            .map_or_else(|| format.to_owned(), |rest| format!("~{rest}"))
    });
    let hint = Hint {
        v: name.value.clone(),
        f: format,
        q: short(&name.name_qualifier, parties.issuer),
        s: short(&name.sp_name_qualifier, parties.audience),
        i: session.map(str::to_owned),
    };
    let text = serde_json::to_string(&hint).ok()?;
    let survives = read(&text, parties)
        .is_some_and(|(read, index)| read == *name && index.as_deref() == session);
    (text.len() <= limits::LOGOUT_HINT_BYTES && survives).then_some(text)
}

/// Reads what [`write`] wrote.
pub(crate) fn read(text: &str, parties: Parties<'_>) -> Option<(NameId, Option<String>)> {
    let hint: Hint = serde_json::from_str(text).ok()?;
    let long = |text: Option<String>, stands_for: &str| match text.as_deref() {
        Some("=") => Some(stands_for.to_owned()),
        _ => text,
    };
    let format = hint.f.map(|format| match format.strip_prefix('~') {
        Some(rest) => format!("{FORMATS}{rest}"),
        None => format,
    });
    let name = NameId {
        value: hint.v,
        format,
        name_qualifier: long(hint.q, parties.issuer),
        sp_name_qualifier: long(hint.s, parties.audience),
    };
    Some((name, hint.i))
}
