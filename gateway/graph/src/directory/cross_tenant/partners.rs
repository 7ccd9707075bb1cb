//! Partner organisations, by tenant id.

use std::collections::BTreeMap;

use http::Method;
use serde_json::{Map, Value, json};

use super::over::{judge_access, reads_inbound, trust_shown};
use super::{CONTEXT, OPERATION, PARTNER, PARTNERS, everybody};
use crate::directory::scopes::{READ_CROSS_TENANT, Right, WRITE_CROSS_TENANT};
use crate::directory::shape::{Kind, Property, is_guid, null, patched, property, shown};
use crate::directory::{Call, only};
use crate::error::ApiError;
use crate::odata::{entity, page, project, select};
use crate::response::Response;

const SYNC: &str = "crossTenantAccessPolicy/identitySynchronization";

pub(super) async fn partners(call: &Call<'_>) -> Result<Response, ApiError> {
    only(call, &[Method::GET, Method::POST], "GET, HEAD, POST")?;
    if call.request.method == Method::GET {
        call.require(READ_CROSS_TENANT, Right::Member)?;
        call.request.only_options(&["select", "top", "count"])?;
        let select = select(call.request)?;
        let all = known(call)?.into_values();
        let all = all
            .map(|one| project(&one, select.as_deref(), None))
            .collect();
        let page = page(
            call.request,
            &format!("{CONTEXT}/partners"),
            all,
            None,
            None,
        );
        return Ok(Response::ok(page));
    }
    call.require(WRITE_CROSS_TENANT, Right::Everything)?;
    let given = call.request.object()?;
    let id = given.required("tenantId", 36)?.to_ascii_lowercase();
    if !is_guid(&id) {
        return Err(given.bad("`tenantId` must be a GUID."));
    }
    if known(call)?.contains_key(&id) {
        return Err(ApiError::conflict("There is a partner of that id."));
    }
    judge_access(&given)?;
    let body = patched(&Map::new(), &given, PARTNER)?;
    call.put_document(PARTNERS, &id, body.clone(), OPERATION)
        .await?;
    let context = format!("{CONTEXT}/partners/$entity");
    Ok(Response::created(entity(
        call.request,
        &context,
        partner_shown(&id, &body),
    )))
}

pub(super) async fn partner(call: &Call<'_>, id: &str) -> Result<Response, ApiError> {
    let allowed = [Method::GET, Method::PATCH, Method::DELETE];
    only(call, &allowed, "GET, HEAD, PATCH, DELETE")?;
    let read = call.request.method == Method::GET;
    if read {
        call.require(READ_CROSS_TENANT, Right::Member)?;
    } else {
        call.require(WRITE_CROSS_TENANT, Right::Everything)?;
    }
    let id = id.to_ascii_lowercase();
    let body = known(call)?.remove(&id);
    let body = body.ok_or_else(|| ApiError::not_found(call.area()))?;
    if read {
        let context = format!("{CONTEXT}/partners/$entity");
        return Ok(Response::ok(entity(call.request, &context, body)));
    }
    let declared = is_declared(call, &id);
    if call.request.method == Method::DELETE {
        if declared {
            return Err(ApiError::managed_by_configuration());
        }
        call.remove_document(PARTNERS, &id, OPERATION).await?;
        return Ok(Response::no_content());
    }
    let given = call.request.object()?;
    judge_access(&given)?;
    let mut after = patched(&call.members(PARTNERS, &id), &given, PARTNER)?;
    // Over a declared partner only what takes away is laid; that it blocks is the one thing that can be said so.
    if declared {
        if reads_inbound(&after) != Some(false) {
            return Err(ApiError::managed_by_configuration());
        }
        after.insert(OVER_DECLARED.to_owned(), Value::Bool(true));
    }
    call.put_document(PARTNERS, &id, after, OPERATION).await?;
    Ok(Response::no_content())
}

pub(super) async fn synchronization(call: &Call<'_>, id: &str) -> Result<Response, ApiError> {
    const KEPT: &[Property] = &[
        property("displayName", Kind::Text, null),
        property(
            "userSyncInbound",
            Kind::Object,
            || json!({ "isSyncAllowed": false }),
        ),
    ];
    let allowed = [Method::GET, Method::PUT, Method::PATCH, Method::DELETE];
    only(call, &allowed, "GET, HEAD, PUT, PATCH, DELETE")?;
    let read = call.request.method == Method::GET;
    let scopes = if read {
        READ_CROSS_TENANT
    } else {
        WRITE_CROSS_TENANT
    };
    call.require(
        scopes,
        if read {
            Right::Member
        } else {
            Right::Everything
        },
    )?;
    let id = id.to_ascii_lowercase();
    let missing = || ApiError::not_found(call.area());
    if !known(call)?.contains_key(&id) {
        return Err(missing());
    }
    let stored = call.members(SYNC, &id);
    match call.request.method {
        Method::GET => {
            call.document(SYNC, &id).ok_or_else(missing)?;
            let mut body = shown(&stored, KEPT);
            body.insert("tenantId".to_owned(), json!(id));
            let context = format!("{CONTEXT}/partners/identitySynchronization/$entity");
            Ok(Response::ok(entity(
                call.request,
                &context,
                Value::Object(body),
            )))
        }
        Method::DELETE => {
            call.remove_document(SYNC, &id, OPERATION).await?;
            Ok(Response::no_content())
        }
        _ => {
            let fresh = call.request.method == Method::PUT;
            let before = if fresh { Map::new() } else { stored };
            let after = patched(&before, &call.request.object()?, KEPT)?;
            call.put_document(SYNC, &id, after, OPERATION).await?;
            Ok(Response::no_content())
        }
    }
}

fn is_declared(call: &Call<'_>, id: &str) -> bool {
    let declared = call.document(PARTNERS, id).is_none();
    // A stored document over a declared partner leaves the mark of one that only blocks.
    declared || call.members(PARTNERS, id).contains_key(OVER_DECLARED)
}

/// Marks a document that lies over a declared partner.
const OVER_DECLARED: &str = "@vestibule.declared";

/// Every partner, declared and stored, by tenant id.
fn known(call: &Call<'_>) -> Result<BTreeMap<String, Value>, ApiError> {
    let mut all = BTreeMap::new();
    for (id, partner) in &call.tenant()?.settings.directory.cross_tenant.partners {
        let mut body = Map::new();
        let access = if partner.inbound {
            "allowed"
        } else {
            "blocked"
        };
        body.insert("b2bCollaborationInbound".to_owned(), everybody(access));
        body.insert("inboundTrust".to_owned(), trust_shown(partner.trust));
        let consent = json!({
            "inboundAllowed": partner.automatic_redemption, "outboundAllowed": null,
        });
        body.insert("automaticUserConsentSettings".to_owned(), consent);
        all.insert(id.clone(), partner_shown(id, &body));
    }
    for document in call.collection(PARTNERS) {
        if let Value::Object(body) = document.body {
            let shown = partner_shown(&document.key, &body);
            all.insert(document.key, shown);
        }
    }
    Ok(all)
}

fn partner_shown(id: &str, body: &Map<String, Value>) -> Value {
    let mut all = shown(body, PARTNER);
    all.insert("tenantId".to_owned(), json!(id));
    Value::Object(all)
}
