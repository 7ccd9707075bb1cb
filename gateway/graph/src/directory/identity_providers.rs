//! `/identity/identityProviders`: those that are built in, and social ones.
//!
//! What signs people in is configured with its plugin; what is kept here tells of it to Graph's clients and decides nothing.
//!
//! Source: specification "Graph API" 4.5.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use http::Method;
use serde_json::{Map, Value, json};
use tracing::warn;

use super::scopes::{READ_PROVIDERS, Right, WRITE_PROVIDERS};
use super::{Call, is_cast, only};
use crate::error::ApiError;
use crate::odata::{entity, page, project, select};
use crate::request::{Given, Object};
use crate::response::Response;

const COLLECTION: &str = "identityProviders";
const OPERATION: &str = "Update identity provider";
const SOCIAL: &str = "#microsoft.graph.socialIdentityProvider";
const BUILT_IN: &str = "#microsoft.graph.builtInIdentityProvider";

/// Kinds of providers that are built in: as the clouds name them, and as Graph does.
const KINDS: [(&str, &str, &str, &str); 3] = [
    (
        "work-school",
        "AADSignup-OAUTH",
        "AADSignup",
        "Azure Active Directory Sign up",
    ),
    (
        "microsoft-account",
        "MSASignup-OAUTH",
        "MicrosoftAccount",
        "Microsoft Account",
    ),
    (
        "email-otp",
        "EmailOtpSignup-OAUTH",
        "EmailOTP",
        "Email One Time Passcode",
    ),
];

/// Social providers that can be added.
const ADDABLE: [&str; 2] = ["Google", "Facebook"];

pub(super) async fn answer(call: &Call<'_>, path: &[&str]) -> Result<Response, ApiError> {
    match path {
        [] => all(call).await,
        [function] if is_cast(function.trim_end_matches("()"), "availableProviderTypes") => {
            only(call, &[Method::GET], "GET, HEAD")?;
            call.require(READ_PROVIDERS, Right::Member)?;
            let kinds = built_in(call)?
                .into_iter()
                .map(|one| one.get("identityProviderType").cloned().unwrap_or_default());
            let kinds: Vec<Value> = kinds
                .chain(ADDABLE.iter().map(|kind| json!(kind)))
                .collect();
            let body = json!({ "value": kinds });
            Ok(Response::ok(entity(
                call.request,
                "Collection(Edm.String)",
                body,
            )))
        }
        [id] => one(call, id).await,
        _ => Err(ApiError::not_found(call.area())),
    }
}

async fn all(call: &Call<'_>) -> Result<Response, ApiError> {
    only(call, &[Method::GET, Method::POST], "GET, HEAD, POST")?;
    if call.request.method == Method::GET {
        call.require(READ_PROVIDERS, Right::Member)?;
        call.request.only_options(&["select", "top", "count"])?;
        let select = select(call.request)?;
        let stored = call
            .collection(COLLECTION)
            .into_iter()
            .map(|document| masked(document.body));
        let all = built_in(call)?.into_iter().chain(stored);
        let all = all
            .map(|one| project(&one, select.as_deref(), None))
            .collect();
        let page = page(call.request, "identity/identityProviders", all, None, None);
        return Ok(Response::ok(page));
    }
    call.require(WRITE_PROVIDERS, Right::Everything)?;
    let given = call.request.object()?;
    let kind = given.required("identityProviderType", 64)?;
    if !ADDABLE.contains(&kind.as_str()) {
        let message = format!(
            "`identityProviderType` must be one of {}.",
            ADDABLE.join(", ")
        );
        return Err(given.bad(message));
    }
    let id = format!("{kind}-OAUTH");
    if call.document(COLLECTION, &id).is_some() {
        return Err(ApiError::conflict("There is a provider of that type."));
    }
    let mut body = Map::new();
    body.insert("@odata.type".to_owned(), json!(SOCIAL));
    body.insert("id".to_owned(), json!(id));
    body.insert("identityProviderType".to_owned(), json!(kind));
    body.insert("displayName".to_owned(), json!(kind));
    given.required("clientId", 512)?;
    given.required("clientSecret", 1024)?;
    fill(call, &mut body, &given)?;
    call.put_document(COLLECTION, &id, body.clone(), "Add identity provider")
        .await?;
    let tenant = &call.caller.tenant;
    warn!(tenant.id = %tenant, provider.id = %id, "Provider kept that decides nothing: configure its plugin");
    let body = masked(Value::Object(body));
    Ok(Response::created(entity(
        call.request,
        "identity/identityProviders/$entity",
        body,
    )))
}

async fn one(call: &Call<'_>, id: &str) -> Result<Response, ApiError> {
    let allowed = [Method::GET, Method::PATCH, Method::DELETE];
    only(call, &allowed, "GET, HEAD, PATCH, DELETE")?;
    let named = |one: &Value| {
        one["id"]
            .as_str()
            .is_some_and(|own| own.eq_ignore_ascii_case(id))
    };
    let built_in = built_in(call)?.into_iter().find(named);
    let stored = call
        .collection(COLLECTION)
        .into_iter()
        .find(|document| document.key.eq_ignore_ascii_case(id));
    let missing = || ApiError::not_found(call.area());
    if call.request.method == Method::GET {
        call.require(READ_PROVIDERS, Right::Member)?;
        let body = match (built_in, stored) {
            (Some(one), _) => one,
            (None, stored) => masked(stored.ok_or_else(missing)?.body),
        };
        let context = "identity/identityProviders/$entity";
        return Ok(Response::ok(entity(call.request, context, body)));
    }
    call.require(WRITE_PROVIDERS, Right::Everything)?;
    if built_in.is_some() {
        return Err(ApiError::managed_by_configuration());
    }
    let document = stored.ok_or_else(missing)?;
    if call.request.method == Method::DELETE {
        call.remove_document(COLLECTION, &document.key, "Delete identity provider")
            .await?;
        return Ok(Response::no_content());
    }
    let Value::Object(mut body) = document.body else {
        return Err(missing());
    };
    fill(call, &mut body, &call.request.object()?)?;
    call.put_document(COLLECTION, &document.key, body, OPERATION)
        .await?;
    Ok(Response::no_content())
}

/// Takes over what was given. The secret is sealed: nobody reads it out of the store, and no answer holds it. It belongs to
/// the client it was given for (security row S203).
fn fill(call: &Call<'_>, body: &mut Map<String, Value>, given: &Object) -> Result<(), ApiError> {
    for name in ["clientId", "displayName"] {
        if let Given::Value(text) = given.text(name, 512)? {
            let changed = body.insert(name.to_owned(), json!(text));
            if name == "clientId" && changed.is_some_and(|old| old != json!(text)) {
                body.remove("clientSecret");
            }
        }
    }
    if let Given::Value(secret) = given.text("clientSecret", 1024)? {
        let sealed = call
            .api
            .surroundings()
            .seal("identity-provider", secret.as_bytes());
        let sealed = sealed.map_err(|error| ApiError::unavailable(call.area(), error))?;
        body.insert("clientSecret".to_owned(), json!(STANDARD.encode(sealed)));
    }
    Ok(())
}

/// As it is shown: a secret is written, and never read.
fn masked(mut body: Value) -> Value {
    if let Some(secret) = body.get_mut("clientSecret") {
        *secret = json!("******");
    }
    body
}

/// The providers that the configuration has for the tenant.
fn built_in(call: &Call<'_>) -> Result<Vec<Value>, ApiError> {
    let configuration = call.api.surroundings().configuration();
    let tenant = call.tenant()?;
    let offered = |kind: &str| {
        let mut all = configuration.providers.values();
        all.any(|one| one.serves(&tenant.id) && one.trust.kind.as_str() == kind)
    };
    let shown = KINDS.iter().filter(|(kind, ..)| offered(kind));
    Ok(shown
        .map(|(_, id, kind, name)| {
            json!({
                "@odata.type": BUILT_IN, "id": id, "identityProviderType": kind, "displayName": name,
            })
        })
        .collect())
}
