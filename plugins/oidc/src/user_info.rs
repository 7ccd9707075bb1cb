//! What the UserInfo endpoint says (OpenID Connect Core, 5.3).

use plugins_sdk::message::{FetchMethod, FetchRequest, Fields};
use serde::Deserialize;
use serde_json::Value;
use url::Url;

use crate::rejection::NotSignedIn;

const DOCUMENT: &str = "UserInfo answer";

/// What the UserInfo endpoint says about the person.
#[derive(Clone, Debug, Deserialize)]
#[non_exhaustive]
pub struct UserInfo {
    /// Subject; the same as the ID token's.
    pub sub: String,
    /// Address, of whatever worth.
    pub email: Option<String>,
    /// Whether the provider verified the address; only JSON `true` counts.
    pub email_verified: Option<Value>,
    /// Name for display.
    pub name: Option<String>,
}

pub(crate) fn request(endpoint: &Url, access_token: &str) -> FetchRequest {
    FetchRequest {
        method: FetchMethod::Get,
        url: endpoint.to_string(),
        headers: Fields::from([
            ("accept".to_owned(), "application/json".to_owned()),
            ("authorization".to_owned(), format!("Bearer {access_token}")),
        ]),
        body: None,
    }
}

/// Reads the answer. What is said about somebody else is worth nothing: an access token may have been swapped
/// for another person's (OpenID Connect Core, 5.3.2).
pub(crate) fn read(body: &str, subject: &str) -> Result<UserInfo, NotSignedIn> {
    let info: UserInfo =
        serde_json::from_str(body).map_err(|_| NotSignedIn::DocumentUnreadable {
            document: DOCUMENT,
            why: "not a JSON object with a subject",
        })?;
    if info.sub == subject {
        Ok(info)
    } else {
        Err(NotSignedIn::ForeignUserInfo)
    }
}
