//! `/policies/crossTenantAccessPolicy`: which clouds and organisations collaborate with the tenant.
//!
//! Source: specification "Graph API" 4.3; "sharing rules" 5.4 and 5.5.

mod over;
mod partners;

use gateway_core::cloud::Relation;
use gateway_core::settings::value::Raw;
use gateway_core::settings::{DirectoryPolicy, TenantSettings};
use http::Method;
use serde_json::{Value, json};

use super::scopes::{READ_CROSS_TENANT, Right, WRITE_CROSS_TENANT};
use super::settings::{Wish, list, shown as json_of};
use super::shape::{Kind, Property, no, null, patched, property, shown};
use super::{Call, only};
use crate::error::ApiError;
use crate::odata::{entity, project, select};
use crate::request::{Given, Object, is};
use crate::response::Response;
use over::{judge_access, trust_shown};

pub use over::lay_over;

const COLLECTION: &str = "crossTenantAccessPolicy";
const PARTNERS: &str = "crossTenantAccessPolicy/partners";
const CONTEXT: &str = "policies/crossTenantAccessPolicy";
const OPERATION: &str = "Update cross-tenant access policy";
const REDEMPTION: &str = "invitationRedemptionIdentityProviderConfiguration";

const ROOT: &[Property] = &[
    property("displayName", Kind::Text, || {
        json!("CrossTenantAccessPolicy")
    }),
    property("description", Kind::Text, null),
    property("allowedCloudEndpoints", Kind::Texts, || json!([])),
];

/// What both the default and a partner have.
const ACCESS: [&str; 4] = [
    "b2bCollaborationInbound",
    "b2bCollaborationOutbound",
    "b2bDirectConnectInbound",
    "b2bDirectConnectOutbound",
];

const DEFAULT: &[Property] = &[
    property("b2bCollaborationInbound", Kind::Object, || {
        everybody("allowed")
    }),
    property("b2bCollaborationOutbound", Kind::Object, || {
        everybody("allowed")
    }),
    property("b2bDirectConnectInbound", Kind::Object, || {
        everybody("blocked")
    }),
    property("b2bDirectConnectOutbound", Kind::Object, || {
        everybody("blocked")
    }),
    property("inboundTrust", Kind::Object, || {
        json!({
            "isMfaAccepted": false,
            "isCompliantDeviceAccepted": false,
            "isHybridAzureADJoinedDeviceAccepted": false,
        })
    }),
    property(
        "automaticUserConsentSettings",
        Kind::Object,
        || json!({ "inboundAllowed": false, "outboundAllowed": false }),
    ),
    property("tenantRestrictions", Kind::Object, || {
        let mut all = everybody("blocked");
        if let Some(all) = all.as_object_mut() {
            all.insert("devices".to_owned(), Value::Null);
        }
        all
    }),
];

const PARTNER: &[Property] = &[
    property("b2bCollaborationInbound", Kind::Object, null),
    property("b2bCollaborationOutbound", Kind::Object, null),
    property("b2bDirectConnectInbound", Kind::Object, null),
    property("b2bDirectConnectOutbound", Kind::Object, null),
    property("inboundTrust", Kind::Object, null),
    property(
        "automaticUserConsentSettings",
        Kind::Object,
        || json!({ "inboundAllowed": null, "outboundAllowed": null }),
    ),
    property("tenantRestrictions", Kind::Object, null),
    property("isServiceProvider", Kind::Flag, null),
    property("isInMultiTenantOrganization", Kind::Flag, no),
];

/// Access of everybody to everything.
fn everybody(access: &str) -> Value {
    json!({
        "usersAndGroups": {
            "accessType": access, "targets": [{ "target": "AllUsers", "targetType": "user" }],
        },
        "applications": {
            "accessType": access,
            "targets": [{ "target": "AllApplications", "targetType": "application" }],
        },
    })
}

pub(super) async fn answer(call: &Call<'_>, path: &[&str]) -> Result<Response, ApiError> {
    match path {
        [] => root(call).await,
        [name] if is(name, "default") => default(call).await,
        [name, action] if is(name, "default") && is_reset(action) => reset(call).await,
        [name] if is(name, "partners") => partners::partners(call).await,
        [name, id] if is(name, "partners") => partners::partner(call, id).await,
        [name, id, sync] if is(name, "partners") && is(sync, "identitySynchronization") => {
            partners::synchronization(call, id).await
        }
        _ => Err(ApiError::not_found(call.area())),
    }
}

fn is_reset(action: &str) -> bool {
    let bare = action.strip_prefix("microsoft.graph.").unwrap_or(action);
    is(bare.trim_end_matches("()"), "resetToSystemDefault")
}

async fn root(call: &Call<'_>) -> Result<Response, ApiError> {
    only(call, &[Method::GET, Method::PATCH], "GET, HEAD, PATCH")?;
    let before = call.members(COLLECTION, "policy");
    if call.request.method == Method::GET {
        call.require(READ_CROSS_TENANT, Right::Member)?;
        let mut body = shown(&before, ROOT);
        if !before.contains_key("allowedCloudEndpoints") {
            body.insert("allowedCloudEndpoints".to_owned(), endpoints(call)?);
        }
        let body = project(&Value::Object(body), select(call.request)?.as_deref(), None);
        return Ok(Response::ok(entity(
            call.request,
            &format!("{CONTEXT}/$entity"),
            body,
        )));
    }
    call.require(WRITE_CROSS_TENANT, Right::Everything)?;
    let given = call.request.object()?;
    if let Given::Value(endpoints) = given.texts("allowedCloudEndpoints", 16)? {
        judge_endpoints(call, &given, &endpoints)?;
    }
    let after = patched(&before, &given, ROOT)?;
    call.put_document(COLLECTION, "policy", after, OPERATION)
        .await?;
    Ok(Response::no_content())
}

/// The clouds that are ticked, by the instance that Graph names them after.
fn endpoints(call: &Call<'_>) -> Result<Value, ApiError> {
    let configuration = call.api.surroundings().configuration();
    let ticked = call.tenant()?.settings.directory.cross_tenant.clouds;
    let found = ticked
        .iter()
        .filter_map(|name| configuration.clouds.find(name));
    let mut instances: Vec<&str> = found.map(|cloud| cloud.instance.as_str()).collect();
    instances.sort_unstable();
    instances.dedup();
    Ok(json!(instances))
}

/// Clouds that never collaborate with the tenant's cannot be ticked.
fn judge_endpoints(call: &Call<'_>, given: &Object, endpoints: &[String]) -> Result<(), ApiError> {
    let configuration = call.api.surroundings().configuration();
    let cloud = call.tenant()?.settings.cloud;
    for endpoint in endpoints {
        let own = configuration
            .clouds
            .0
            .iter()
            .filter(|(_, one)| one.instance == *endpoint);
        let mut mutual =
            own.filter(|(name, _)| configuration.clouds.relation(name, &cloud) == Relation::Mutual);
        if mutual.next().is_none() {
            let message = "`allowedCloudEndpoints` names a cloud that does not collaborate.";
            return Err(given.bad(message));
        }
    }
    Ok(())
}

async fn default(call: &Call<'_>) -> Result<Response, ApiError> {
    only(call, &[Method::GET, Method::PATCH], "GET, HEAD, PATCH")?;
    let stored = call.document(COLLECTION, "default");
    let before = call.members(COLLECTION, "default");
    if call.request.method == Method::GET {
        call.require(READ_CROSS_TENANT, Right::Member)?;
        let settings = call.tenant()?.settings;
        let mut body = shown(&before, DEFAULT);
        let policy = &settings.directory.policy;
        let value = |name: &str| policy.get(name).as_ref().map(json_of);
        let redemption = json!({
            "primaryIdentityProviderPrecedenceOrder": value("primaryIdentityProviderPrecedenceOrder"),
            "fallbackIdentityProvider": value("fallbackIdentityProvider"),
        });
        let touched = stored.is_some() || policy_is_set(&settings);
        body.insert(REDEMPTION.to_owned(), redemption);
        body.insert("isServiceDefault".to_owned(), json!(!touched));
        if stored.is_none() {
            let cross = &settings.directory.cross_tenant;
            body.insert("inboundTrust".to_owned(), trust_shown(cross.default_trust));
            if !cross.default_inbound {
                let blocked = everybody("blocked");
                body.insert("b2bCollaborationInbound".to_owned(), blocked);
            }
        }
        let body = project(&Value::Object(body), select(call.request)?.as_deref(), None);
        let context = format!("{CONTEXT}/default/$entity");
        return Ok(Response::ok(entity(call.request, &context, body)));
    }
    call.require(WRITE_CROSS_TENANT, Right::Everything)?;
    let given = call.request.object()?;
    judge_access(&given)?;
    let wishes = redemption(&given)?;
    let after = patched(&before, &given, DEFAULT)?;
    let beside = (after != before).then(|| call.replacing(COLLECTION, "default", after, OPERATION));
    call.set(wishes, beside.into_iter().collect(), OPERATION)
        .await?;
    Ok(Response::no_content())
}

fn policy_is_set(settings: &TenantSettings) -> bool {
    let untouched = DirectoryPolicy::default();
    let policy = &settings.directory.policy;
    policy.primary_order != untouched.primary_order || policy.fallback != untouched.fallback
}

/// How guests redeem, as settings of the directory.
fn redemption(given: &Object) -> Result<Vec<Wish>, ApiError> {
    let names = [
        "primaryIdentityProviderPrecedenceOrder",
        "fallbackIdentityProvider",
    ];
    let given = match given.object(REDEMPTION)? {
        Given::Absent => return Ok(Vec::new()),
        Given::Null => return Ok(names.map(|name| Wish::directory(name, None)).into()),
        Given::Value(given) => given,
    };
    let [order, fallback] = names;
    let mut wishes = Vec::new();
    match given.texts(order, 16)? {
        Given::Absent => {}
        Given::Null => wishes.push(Wish::directory(order, None)),
        Given::Value(kinds) => wishes.push(Wish::directory(order, Some(list(kinds)))),
    }
    match given.text(fallback, 64)? {
        Given::Absent => {}
        Given::Null => wishes.push(Wish::directory(fallback, None)),
        Given::Value(word) => wishes.push(Wish::directory(fallback, Some(Raw::Text(word)))),
    }
    Ok(wishes)
}

async fn reset(call: &Call<'_>) -> Result<Response, ApiError> {
    only(call, &[Method::POST], "POST")?;
    call.require(WRITE_CROSS_TENANT, Right::Everything)?;
    let names = [
        "primaryIdentityProviderPrecedenceOrder",
        "fallbackIdentityProvider",
    ];
    let wishes = names.map(|name| Wish::directory(name, None)).into();
    let beside = call.removing(COLLECTION, "default", OPERATION);
    call.set(wishes, beside.into_iter().collect(), OPERATION)
        .await?;
    Ok(Response::no_content())
}
