//! `/policies/authorizationPolicy`: who may invite, and what guests see.
//!
//! Source: specification "Graph API" 4.2.

use gateway_core::settings::value::Raw;
use gateway_core::settings::words::AllowInvitesFrom;
use http::Method;
use serde_json::{Value, json};

use super::scopes::{READ_AUTHORIZATION, Right, WRITE_AUTHORIZATION};
use super::settings::{Wish, shown as json_of};
use super::shape::{Kind, Property, no, null, property, shown, yes};
use super::{Call, only};
use crate::error::ApiError;
use crate::odata::{entity, project, select};
use crate::request::Given;
use crate::response::Response;

const COLLECTION: &str = "authorizationPolicy";
const KEY: &str = "tenant";
const OPERATION: &str = "SharingPolicyChanged";

const KEPT: &[Property] = &[
    property("displayName", Kind::Text, || json!("Authorization Policy")),
    property("description", Kind::Text, || {
        json!("Used to manage authorization related settings across the company.")
    }),
    property("allowedToSignUpEmailBasedSubscriptions", Kind::Flag, yes),
    property("allowedToUseSSPR", Kind::Flag, yes),
    property("allowEmailVerifiedUsersToJoinOrganization", Kind::Flag, no),
    property("allowUserConsentForRiskyApps", Kind::Flag, null),
    property("blockMsolPowerShell", Kind::Flag, no),
    property("defaultUserRolePermissions", Kind::Object, || {
        json!({
            "allowedToCreateApps": true,
            "allowedToCreateSecurityGroups": true,
            "allowedToCreateTenants": true,
            "allowedToReadBitlockerKeysForOwnedDevice": true,
            "allowedToReadOtherUsers": true,
            "permissionGrantPoliciesAssigned": [],
        })
    }),
];

/// Settings that decide: under one name here and there.
const BOUND: &[&str] = &["allowInvitesFrom", "guestUserRoleId"];

pub(super) async fn answer(call: &Call<'_>) -> Result<Response, ApiError> {
    only(call, &[Method::GET, Method::PATCH], "GET, HEAD, PATCH")?;
    if call.request.method == Method::GET {
        call.require(READ_AUTHORIZATION, Right::Member)?;
        call.request.only_options(&["select"])?;
        let body = project(&whole(call)?, select(call.request)?.as_deref(), None);
        let context = "policies/authorizationPolicy/$entity";
        return Ok(Response::ok(entity(call.request, context, body)));
    }
    call.require(WRITE_AUTHORIZATION, Right::Everything)?;
    let given = call.request.object()?;
    let mut wishes = Vec::new();
    for name in BOUND {
        let value = match given.text(name, 64)? {
            Given::Absent => continue,
            Given::Null => None,
            Given::Value(word) => Some(Raw::Text(word)),
        };
        wishes.push(Wish::directory(name, value));
    }
    let beside = call.keeping((COLLECTION, KEY), &given, KEPT, OPERATION)?;
    call.set(wishes, beside, OPERATION).await?;
    Ok(Response::no_content())
}

fn whole(call: &Call<'_>) -> Result<Value, ApiError> {
    let tenant = call.tenant()?.settings;
    let configuration = call.api.surroundings().configuration();
    let cloud = configuration.clouds.find(&tenant.cloud);
    let untouched = cloud.map_or(AllowInvitesFrom::None, |cloud| cloud.allow_invites_from);
    let policy = &tenant.directory.policy;
    let mut all = shown(&call.members(COLLECTION, KEY), KEPT);
    all.insert("id".to_owned(), json!("authorizationPolicy"));
    let invites = policy.allow_invites_from(untouched).value.name();
    all.insert("allowInvitesFrom".to_owned(), json!(invites));
    let role = policy.get("guestUserRoleId").as_ref().map(json_of);
    all.insert("guestUserRoleId".to_owned(), json!(role));
    Ok(Value::Object(all))
}
