//! `/policies/authenticationMethodsPolicy/authenticationMethodConfigurations/email`: passcodes by mail.
//!
//! Source: specification "Graph API" 4.6.

use gateway_core::settings::value::Raw;
use http::Method;
use serde_json::{Value, json};

use super::scopes::{READ_EMAIL_METHOD, Right, WRITE_EMAIL_METHOD};
use super::settings::{Wish, shown as json_of};
use super::shape::{Kind, Property, none, property, shown};
use super::{Call, only};
use crate::error::ApiError;
use crate::odata::entity;
use crate::request::Given;
use crate::response::Response;

const COLLECTION: &str = "authenticationMethodConfigurations";
const KEY: &str = "email";
const OPERATION: &str = "SharingPolicyChanged";
const OTP: &str = "allowExternalIdToUseEmailOtp";

/// `state` is for members, who do not sign in by passcode here.
const KEPT: &[Property] = &[
    property("state", Kind::Word(&["enabled", "disabled"]), || {
        json!("disabled")
    }),
    property("excludeTargets", Kind::Objects, none),
    property(
        "includeTargets",
        Kind::Objects,
        || json!([{ "id": "all_users", "targetType": "group", "isRegistrationRequired": false }]),
    ),
];

pub(super) async fn answer(call: &Call<'_>) -> Result<Response, ApiError> {
    only(call, &[Method::GET, Method::PATCH], "GET, HEAD, PATCH")?;
    if call.request.method == Method::GET {
        call.require(READ_EMAIL_METHOD, Right::Member)?;
        call.request.only_options(&["select"])?;
        let mut all = shown(&call.members(COLLECTION, KEY), KEPT);
        let policy = call.tenant()?.settings.directory.policy;
        let otp = policy.get(OTP).as_ref().map(json_of);
        all.insert(OTP.to_owned(), json!(otp));
        all.insert("id".to_owned(), json!("Email"));
        let kind = json!("#microsoft.graph.emailAuthenticationMethodConfiguration");
        all.insert("@odata.type".to_owned(), kind);
        let context = "authenticationMethodConfigurations/$entity";
        return Ok(Response::ok(entity(
            call.request,
            context,
            Value::Object(all),
        )));
    }
    call.require(WRITE_EMAIL_METHOD, Right::Everything)?;
    let given = call.request.object()?;
    let wishes = match given.text(OTP, 64)? {
        Given::Absent => Vec::new(),
        Given::Null => vec![Wish::directory(OTP, None)],
        Given::Value(word) => vec![Wish::directory(OTP, Some(Raw::Text(word)))],
    };
    let beside = call.keeping((COLLECTION, KEY), &given, KEPT, OPERATION)?;
    call.set(wishes, beside, OPERATION).await?;
    Ok(Response::no_content())
}
