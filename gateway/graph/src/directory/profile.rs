//! Users as Graph shows them.
//!
//! Source: specification "Graph API" 2; "sharing rules" 6.7.

use gateway_config::model::{Configuration, Tenant};
use gateway_core::address::EmailAddress;
use gateway_core::id::GuestId;
use gateway_core::person::GuestOrigin;
use gateway_store::model::{UserEntry, UserType};
use serde_json::{Map, Value, json};

use super::shape::{Kind, Property, none, null, property};
use crate::request::json::written;

/// Shown where nothing else is asked for.
pub(super) const USUAL: &[&str] = &[
    "businessPhones",
    "displayName",
    "givenName",
    "id",
    "jobTitle",
    "mail",
    "mobilePhone",
    "officeLocation",
    "preferredLanguage",
    "surname",
    "userPrincipalName",
];

/// What can be filtered by.
pub(super) const FILTERED: &[&str] = &[
    "accountEnabled",
    "companyName",
    "createdDateTime",
    "creationType",
    "department",
    "displayName",
    "externalUserState",
    "externalUserStateChangeDateTime",
    "givenName",
    "id",
    "identities",
    "jobTitle",
    "mail",
    "otherMails",
    "proxyAddresses",
    "surname",
    "userPrincipalName",
    "userType",
];

/// What a user may be given, beside what decides.
pub(super) const KEPT: &[Property] = &[
    property("displayName", Kind::Text, null),
    property("givenName", Kind::Text, null),
    property("surname", Kind::Text, null),
    property("jobTitle", Kind::Text, null),
    property("mobilePhone", Kind::Text, null),
    property("officeLocation", Kind::Text, null),
    property("preferredLanguage", Kind::Text, null),
    property("companyName", Kind::Text, null),
    property("department", Kind::Text, null),
    property("city", Kind::Text, null),
    property("country", Kind::Text, null),
    property("usageLocation", Kind::Text, null),
    property("businessPhones", Kind::Texts, none),
    property("otherMails", Kind::Texts, none),
];

/// Never taken from a body.
pub(super) const READ_ONLY: &[&str] = &[
    "createdDateTime",
    "creationType",
    "deletedDateTime",
    "externalUserState",
    "externalUserStateChangeDateTime",
    "id",
    "identities",
    "proxyAddresses",
    "signInSessionsValidFromDateTime",
    "userPrincipalName",
];

/// From when on sessions count, in [`UserEntry::profile`].
pub(crate) const SESSIONS_FROM: &str = "signInSessionsValidFromDateTime";

/// Everything there is to show of a user.
pub(super) fn whole(user: &UserEntry, tenant: &Tenant, configuration: &Configuration) -> Value {
    let mut all = super::shape::shown(&user.profile, KEPT);
    let guest = user.user_type == UserType::Guest;
    let mail = user.address.to_string();
    let moment = |at| json!(written(at));
    let name = user.profile.get("displayName").cloned();
    let name = name.filter(|name| !name.is_null());
    let name = name.unwrap_or_else(|| json!(user.address.local()));
    let state = match (guest, &user.redemption) {
        (false, _) => Value::Null,
        (true, Some(_)) => json!("Accepted"),
        (true, None) => json!("PendingAcceptance"),
    };
    let creation = match (guest, user.origin) {
        (false, _) => Value::Null,
        (true, GuestOrigin::Directory | GuestOrigin::Share) => json!("Invitation"),
    };
    let changed = if guest {
        moment(user.state_changed)
    } else {
        Value::Null
    };
    let other = all
        .get("otherMails")
        .filter(|all| **all != json!([]))
        .cloned();
    let fixed = [
        ("id", json!(user.id.as_str())),
        ("displayName", name),
        ("mail", json!(mail)),
        ("userPrincipalName", json!(upn(user, tenant))),
        ("userType", json!(if guest { "Guest" } else { "Member" })),
        ("accountEnabled", json!(user.account_enabled)),
        ("creationType", creation),
        ("externalUserState", state),
        ("externalUserStateChangeDateTime", changed),
        ("identities", identities(user, tenant, configuration)),
        ("createdDateTime", moment(user.created)),
        ("otherMails", other.unwrap_or_else(|| json!([mail]))),
        ("proxyAddresses", json!([format!("SMTP:{mail}")])),
        (SESSIONS_FROM, sessions_from(user)),
    ];
    for (name, value) in fixed {
        all.insert(name.to_owned(), value);
    }
    if let Some(deleted) = user.deleted {
        all.insert("deletedDateTime".to_owned(), moment(deleted));
    }
    Value::Object(all)
}

fn sessions_from(user: &UserEntry) -> Value {
    let stored = user.profile.get(SESSIONS_FROM).cloned();
    stored.unwrap_or_else(|| json!(written(user.created)))
}

/// The user principal name: a guest's is made of the address.
fn upn(user: &UserEntry, tenant: &Tenant) -> String {
    match user.user_type {
        UserType::Member => user.address.to_string(),
        UserType::Guest => {
            let (local, domain) = (user.address.local(), user.address.domain());
            format!("{local}_{domain}#EXT#@{}.onmicrosoft.com", tenant.id)
        }
    }
}

/// How the person signs in: as far as is known.
fn identities(user: &UserEntry, tenant: &Tenant, configuration: &Configuration) -> Value {
    let own = format!("{}.onmicrosoft.com", tenant.id);
    let principal = json!({
        "signInType": "userPrincipalName", "issuer": own, "issuerAssignedId": upn(user, tenant),
    });
    let Some((key, _)) = &user.redemption else {
        return json!([principal]);
    };
    let provider = configuration.providers.get(&key.provider);
    let kind = provider.map_or("", |provider| provider.trust.kind.as_str());
    let mail = user.address.to_string();
    let (issuer, id) = match kind {
        "work-school" => ("ExternalAzureAD", key.subject.clone()),
        "microsoft-account" => ("MicrosoftAccount", key.subject.clone()),
        "google" => ("google.com", key.subject.clone()),
        "email-otp" => ("mail", mail),
        _ => (key.issuer.as_str(), key.subject.clone()),
    };
    let cut = |text: &str, most: usize| text.chars().take(most).collect::<String>();
    json!([
        { "signInType": "federated", "issuer": cut(issuer, 512), "issuerAssignedId": cut(&id, 100) },
        principal,
    ])
}

/// How a path names a user.
pub(super) enum Named {
    /// By id.
    Id(GuestId),
    /// By address.
    Address(EmailAddress),
}

impl Named {
    /// Reads a segment: an id, an address, or the principal name of a guest, which is made of one.
    pub(super) fn read(segment: &str) -> Option<Self> {
        // `users('ID')` is as good as `users/ID`.
        if let Some((name, _)) = split_guest(segment) {
            let (local, domain) = name.rsplit_once('_')?;
            let address = EmailAddress::parse(&format!("{local}@{domain}")).ok()?;
            return Some(Self::Address(address));
        }
        if segment.contains('@') {
            return Some(Self::Address(EmailAddress::parse(segment).ok()?));
        }
        Some(Self::Id(
            GuestId::parse(&segment.to_ascii_lowercase()).ok()?,
        ))
    }
}

/// The two halves of a guest's principal name, around its mark.
fn split_guest(name: &str) -> Option<(&str, &str)> {
    const MARK: &str = "#EXT#@";
    let at = name.to_ascii_uppercase().find(MARK)?;
    let (before, rest) = name.split_at_checked(at)?;
    Some((before, rest.get(MARK.len()..)?))
}

/// Members of a profile that are texts, for a search.
pub(super) fn texts(profile: &Map<String, Value>, name: &str) -> Vec<String> {
    let all = profile.get(name).and_then(Value::as_array);
    let text = |one: &Value| one.as_str().map(str::to_owned);
    all.into_iter().flatten().filter_map(text).collect()
}
