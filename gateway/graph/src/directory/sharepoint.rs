//! `/admin/sharepoint/settings`: the tenant's sharing settings under Graph's names. What the gateway enforces stands in the
//! core's tables; the rest is kept and shown.
//!
//! Source: specification "Graph API" 4.1.

use gateway_core::settings::TenantSettings;
use gateway_core::settings::value::Raw;
use http::Method;
use serde_json::{Map, Value, json};

use super::scopes::{READ_SHAREPOINT, Right, WRITE_SHAREPOINT};
use super::settings::{Wish, list, shown as json_of};
use super::shape::{Kind, Property, no, none, property, shown, yes};
use super::{Call, only};
use crate::error::ApiError;
use crate::odata::{entity, project, select};
use crate::request::{Given, Object};
use crate::response::Response;

const COLLECTION: &str = "sharepointSettings";
const KEY: &str = "tenant";
const OPERATION: &str = "SharingPolicyChanged";

/// Most domains of a list.
const MOST_DOMAINS: usize = 5000;

/// What is kept and bears on nothing here.
const KEPT: &[Property] = &[
    property("allowedDomainGuidsForSyncApp", Kind::Guids, none),
    property(
        "availableManagedPathsForSiteCreation",
        Kind::ReadOnly,
        || json!(["/sites/", "/teams/"]),
    ),
    property(
        "deletedUserPersonalSiteRetentionPeriodInDays",
        Kind::Whole(30, 3650),
        || json!(30),
    ),
    property("excludedFileExtensionsForSyncApp", Kind::Texts, none),
    property(
        "imageTaggingOption",
        Kind::Word(&["disabled", "basic", "enhanced"]),
        || json!("basic"),
    ),
    property("isCommentingOnSitePagesEnabled", Kind::Flag, yes),
    property("isFileActivityNotificationEnabled", Kind::Flag, yes),
    property("isLoopEnabled", Kind::Flag, no),
    property("isMacSyncAppEnabled", Kind::Flag, yes),
    property("isSharePointMobileNotificationEnabled", Kind::Flag, yes),
    property("isSharePointNewsfeedEnabled", Kind::Flag, no),
    property("isSiteCreationEnabled", Kind::Flag, yes),
    property("isSiteCreationUIEnabled", Kind::Flag, yes),
    property("isSitePagesCreationEnabled", Kind::Flag, yes),
    property("isSitesStorageLimitAutomatic", Kind::Flag, yes),
    property("isSyncButtonHiddenOnPersonalSite", Kind::Flag, no),
    property("isUnmanagedSyncAppForTenantRestricted", Kind::Flag, no),
    property(
        "personalSiteDefaultStorageLimitInMB",
        Kind::Whole(0, 26_214_400),
        || json!(1_048_576),
    ),
    property("siteCreationDefaultManagedPath", Kind::Text, || {
        json!("/sites/")
    }),
    property(
        "siteCreationDefaultStorageLimitInMB",
        Kind::Whole(0, 26_214_400),
        || json!(26_214_400),
    ),
    property("tenantDefaultTimezone", Kind::Text, || {
        json!("(UTC-08:00) Pacific Time (US and Canada)")
    }),
];

/// Enumerations: Graph's property, the setting, and the words.
const WORDS: &[(&str, &str, &[&str])] = &[
    (
        "sharingCapability",
        "SharingCapability",
        &[
            "disabled",
            "externalUserSharingOnly",
            "externalUserAndGuestSharing",
            "existingExternalUserSharingOnly",
        ],
    ),
    (
        "sharingDomainRestrictionMode",
        "SharingDomainRestrictionMode",
        &["none", "allowList", "blockList"],
    ),
];

/// Flags: Graph's property, the setting, and whether one is the opposite of the other.
const FLAGS: &[(&str, &str, bool)] = &[
    (
        "isResharingByExternalUsersEnabled",
        "PreventExternalUsersFromResharing",
        true,
    ),
    (
        "isRequireAcceptingUserToMatchInvitedUserEnabled",
        "RequireAcceptingAccountMatchInvitedAccount",
        false,
    ),
    (
        "isLegacyAuthProtocolsEnabled",
        "LegacyAuthProtocolsEnabled",
        false,
    ),
];

/// Lists of domains: Graph's property and the setting.
const LISTS: &[(&str, &str)] = &[
    ("sharingAllowedDomainList", "SharingAllowedDomainList"),
    ("sharingBlockedDomainList", "SharingBlockedDomainList"),
];

pub(super) async fn answer(call: &Call<'_>) -> Result<Response, ApiError> {
    only(call, &[Method::GET, Method::PATCH], "GET, HEAD, PATCH")?;
    if call.request.method == Method::PATCH {
        call.require(WRITE_SHAREPOINT, Right::Sharing)?;
        let given = call.request.object()?;
        patch(call, &given).await?;
    } else {
        call.require(READ_SHAREPOINT, Right::Sharing)?;
        call.request.only_options(&["select"])?;
    }
    let body = Value::Object(whole(call)?);
    let body = project(&body, select(call.request)?.as_deref(), None);
    Ok(Response::ok(entity(
        call.request,
        "admin/sharepoint/settings/$entity",
        body,
    )))
}

/// All that there is.
fn whole(call: &Call<'_>) -> Result<Map<String, Value>, ApiError> {
    let tenant = call.tenant()?.settings;
    let mut all = shown(&call.members(COLLECTION, KEY), KEPT);
    all.insert("id".to_owned(), json!(KEY));
    for (property, setting, _) in WORDS {
        let word = configured(&tenant, setting);
        let word = word.as_ref().and_then(Value::as_str).map(lower_first);
        all.insert((*property).to_owned(), json!(word));
    }
    for (property, setting, opposite) in FLAGS {
        let flag = configured(&tenant, setting).and_then(|value| value.as_bool());
        let flag = flag.map(|flag| flag != *opposite);
        all.insert((*property).to_owned(), json!(flag));
    }
    for (property, setting) in LISTS {
        let domains = configured(&tenant, setting).filter(Value::is_array);
        all.insert((*property).to_owned(), domains.unwrap_or_else(none));
    }
    let seconds = |name: &str| configured(&tenant, name).and_then(|value| value.as_i64());
    let sign_out = seconds("SignOutAfter");
    let idle = json!({
        "isEnabled": sign_out.is_some(),
        "warnAfterInSeconds": seconds("WarnAfter").unwrap_or_default(),
        "signOutAfterInSeconds": sign_out.unwrap_or_default(),
    });
    all.insert("idleSessionSignOut".to_owned(), idle);
    Ok(all)
}

fn configured(tenant: &TenantSettings, setting: &str) -> Option<Value> {
    tenant.sharing.get(setting).as_ref().map(json_of)
}

async fn patch(call: &Call<'_>, given: &Object) -> Result<(), ApiError> {
    let mut wishes = Vec::new();
    for (property, setting, words) in WORDS {
        let value = match given.text(property, 64)? {
            Given::Absent => continue,
            Given::Null => None,
            Given::Value(word) if words.contains(&word.as_str()) => {
                Some(Raw::Text(upper_first(&word)))
            }
            Given::Value(_) => {
                let message = format!("`{property}` must be one of {}.", words.join(", "));
                return Err(given.bad(message).with_inner("invalidParameterFormat"));
            }
        };
        wishes.push(Wish::tenant(setting, value));
    }
    for (property, setting, opposite) in FLAGS {
        let value = match given.flag(property)? {
            Given::Absent => continue,
            Given::Null => None,
            Given::Value(flag) => Some(Raw::Flag(flag != *opposite)),
        };
        wishes.push(Wish::tenant(setting, value));
    }
    for (property, setting) in LISTS {
        let value = match given.texts(property, MOST_DOMAINS)? {
            Given::Absent => continue,
            Given::Null => None,
            Given::Value(domains) => Some(list(domains)),
        };
        wishes.push(Wish::tenant(setting, value));
    }
    wishes.extend(idle(call, given)?);
    let beside = call.keeping((COLLECTION, KEY), given, KEPT, OPERATION)?;
    call.set(wishes, beside, OPERATION).await
}

/// `idleSessionSignOut`: absent members stay as they are.
fn idle(call: &Call<'_>, given: &Object) -> Result<Vec<Wish>, ApiError> {
    let off = || {
        ["SignOutAfter", "WarnAfter"]
            .map(|name| Wish::tenant(name, None))
            .into()
    };
    let idle = match given.object("idleSessionSignOut")? {
        Given::Absent => return Ok(Vec::new()),
        Given::Null => return Ok(off()),
        Given::Value(idle) => idle,
    };
    let seconds = |name: &str| match idle.given(name) {
        Given::Absent | Given::Null => Ok(None),
        Given::Value(value) => match value.as_i64().filter(|seconds| *seconds > 0) {
            Some(seconds) => Ok(Some(Raw::Number(seconds))),
            None if value.as_i64() == Some(0) => Ok(None),
            None => Err(given.bad(format!("`{name}` must be seconds."))),
        },
    };
    let (warn, out) = (
        seconds("warnAfterInSeconds")?,
        seconds("signOutAfterInSeconds")?,
    );
    if idle.flag("isEnabled")? == Given::Value(false) {
        return Ok(off());
    }
    let standing = configured(&call.tenant()?.settings, "SignOutAfter");
    let on = standing.is_some_and(|value| value.is_number());
    if out.is_none() && !on && idle.flag("isEnabled")? == Given::Value(true) {
        return Err(given.bad("`signOutAfterInSeconds` is required."));
    }
    let named = [("SignOutAfter", out), ("WarnAfter", warn)];
    let wish = |(name, value): (&'static str, Option<Raw>)| Some(Wish::tenant(name, Some(value?)));
    Ok(named.into_iter().filter_map(wish).collect())
}

/// `ExternalUserSharingOnly` as Graph writes it.
fn lower_first(word: &str) -> String {
    let mut letters = word.chars();
    let first = letters.next().map(|first| first.to_ascii_lowercase());
    first.into_iter().chain(letters).collect()
}

/// `externalUserSharingOnly` as the cmdlets write it.
fn upper_first(word: &str) -> String {
    let mut letters = word.chars();
    let first = letters.next().map(|first| first.to_ascii_uppercase());
    first.into_iter().chain(letters).collect()
}
