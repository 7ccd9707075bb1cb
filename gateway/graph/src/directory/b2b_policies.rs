//! `/beta/policies/b2bManagementPolicies`: the directory's list of domains that can be invited.
//!
//! Source: specification "Graph API" 4.4; "sharing rules" 5.3.

use gateway_core::settings::DirectoryPolicy;
use gateway_core::settings::value::Raw;
use http::Method;
use serde_json::{Map, Value, json};

use super::scopes::{READ_B2B, Right, WRITE_B2B};
use super::settings::{Wish, list, shown as json_of};
use super::{Call, only};
use crate::error::ApiError;
use crate::odata::{entity, page};
use crate::request::{Given, Object};
use crate::response::Response;

const COLLECTION: &str = "b2bManagementPolicies";
const CONTEXT: &str = "policies/b2bManagementPolicies";
const OPERATION: &str = "SharingPolicyChanged";
const LISTS: &str = "InvitationsAllowedAndBlockedDomainsPolicy";
const ROOT: &str = "B2BManagementPolicy";

/// Longest definition, in characters.
const MOST: usize = 25_000;

/// The id of the policy that shows lists which no policy of the API made.
const OF_SETTINGS: &str = "00000000-0000-4000-8000-0000000b2b00";

pub(super) async fn answer(call: &Call<'_>, path: &[&str]) -> Result<Response, ApiError> {
    match path {
        [] => all(call).await,
        [id] => one(call, &id.to_ascii_lowercase()).await,
        _ => Err(ApiError::not_found(call.area())),
    }
}

async fn all(call: &Call<'_>) -> Result<Response, ApiError> {
    only(call, &[Method::GET, Method::POST], "GET, HEAD, POST")?;
    if call.request.method == Method::GET {
        call.require(READ_B2B, Right::Member)?;
        call.request.only_options(&["top", "count", "select"])?;
        let all = known(call)?;
        return Ok(Response::ok(page(call.request, CONTEXT, all, None, None)));
    }
    call.require(WRITE_B2B, Right::Everything)?;
    let given = call.request.object()?;
    given.required("displayName", 256)?;
    let mut body = filled(&Map::new(), &given)?;
    if is_default(&body)
        && call
            .collection(COLLECTION)
            .iter()
            .any(|one| is_default_value(&one.body))
    {
        return Err(ApiError::conflict(
            "There is a policy that counts: change that one.",
        ));
    }
    let id = call.new_id()?;
    body.insert("id".to_owned(), json!(id));
    store(call, &id, body.clone()).await?;
    let body = shown(call, &Value::Object(body))?;
    Ok(Response::created(entity(
        call.request,
        &format!("{CONTEXT}/$entity"),
        body,
    )))
}

async fn one(call: &Call<'_>, id: &str) -> Result<Response, ApiError> {
    let allowed = [Method::GET, Method::PATCH, Method::DELETE];
    only(call, &allowed, "GET, HEAD, PATCH, DELETE")?;
    let missing = || ApiError::not_found(call.area());
    let find = || {
        let found = known(call)?.into_iter().find(|one| one["id"] == json!(id));
        found.ok_or_else(missing)
    };
    let context = format!("{CONTEXT}/$entity");
    if call.request.method == Method::GET {
        call.require(READ_B2B, Right::Member)?;
        return Ok(Response::ok(entity(call.request, &context, find()?)));
    }
    call.require(WRITE_B2B, Right::Everything)?;
    let before = find()?;
    if call.request.method == Method::DELETE {
        let wishes = if is_default_value(&before) {
            ["AllowedDomains", "BlockedDomains"]
                .map(|name| Wish::directory(name, None))
                .into()
        } else {
            Vec::new()
        };
        let beside = call.removing(COLLECTION, id, OPERATION);
        call.set(wishes, beside.into_iter().collect(), OPERATION)
            .await?;
        return Ok(Response::no_content());
    }
    let before = before.as_object().cloned().ok_or_else(missing)?;
    let body = filled(&before, &call.request.object()?)?;
    store(call, id, body.clone()).await?;
    Ok(Response::ok(entity(
        call.request,
        &context,
        shown(call, &Value::Object(body))?,
    )))
}

/// Every policy; the lists that nobody made through the API are shown as one.
fn known(call: &Call<'_>) -> Result<Vec<Value>, ApiError> {
    let stored = call.collection(COLLECTION);
    let mut all = Vec::new();
    for document in &stored {
        all.push(shown(call, &document.body)?);
    }
    let policy = call.tenant()?.settings.directory.policy;
    let lists = policy.allowed_domains.is_some() || policy.blocked_domains.is_some();
    if lists && !stored.iter().any(|one| is_default_value(&one.body)) {
        let body = json!({
            "id": OF_SETTINGS, "displayName": ROOT, "isOrganizationDefault": true,
            "definition": [json!({ ROOT: {} }).to_string()],
        });
        all.push(shown(call, &body)?);
    }
    Ok(all)
}

/// A policy as it is shown: the one that counts with the lists as they are now, whoever set them.
fn shown(call: &Call<'_>, body: &Value) -> Result<Value, ApiError> {
    let mut body = body.clone();
    if is_default_value(&body) {
        let text = body.as_object().map(text_of).unwrap_or_default();
        let mut definition = lenient(text).unwrap_or_default();
        let policy = call.tenant()?.settings.directory.policy;
        let root = definition.entry(ROOT).or_insert_with(|| json!({}));
        if let Some(root) = root.as_object_mut() {
            root.insert(LISTS.to_owned(), lists_shown(&policy));
        }
        let text = Value::Object(definition).to_string();
        if let Some(members) = body.as_object_mut() {
            members.insert("definition".to_owned(), json!([text]));
        }
    }
    if let Some(members) = body.as_object_mut() {
        members.insert("deletedDateTime".to_owned(), Value::Null);
        members.entry("description").or_insert(Value::Null);
    }
    Ok(body)
}

fn lists_shown(policy: &DirectoryPolicy) -> Value {
    let domains = |name: &str| {
        policy
            .get(name)
            .as_ref()
            .map(json_of)
            .filter(Value::is_array)
    };
    let mut lists = Map::new();
    if let Some(allowed) = domains("AllowedDomains") {
        lists.insert("AllowedDomains".to_owned(), allowed);
    }
    if let Some(blocked) = domains("BlockedDomains") {
        lists.insert("BlockedDomains".to_owned(), blocked);
    }
    Value::Object(lists)
}

/// Writes a policy; the lists of the one that counts become settings.
async fn store(call: &Call<'_>, id: &str, mut body: Map<String, Value>) -> Result<(), ApiError> {
    let definition = lenient(text_of(&body)).unwrap_or_default();
    let mut wishes = Vec::new();
    if is_default(&body) {
        let (allowed, blocked) = lists(call, &definition)?;
        wishes.push(Wish::directory("AllowedDomains", allowed));
        wishes.push(Wish::directory("BlockedDomains", blocked));
    }
    body.insert(
        "definition".to_owned(),
        json!([Value::Object(definition).to_string()]),
    );
    let beside = call.replacing(COLLECTION, id, body, OPERATION);
    call.set(wishes, vec![beside], OPERATION).await
}

/// The two lists of a definition, one of which counts. An empty list of allowed domains beside one of blocked domains is
/// none.
fn lists(
    call: &Call<'_>,
    definition: &Map<String, Value>,
) -> Result<(Option<Raw>, Option<Raw>), ApiError> {
    let bad = |message: &str| ApiError::bad_request(call.area(), message);
    let policy = definition.get(ROOT).and_then(|root| root.get(LISTS));
    let domains = |name: &str| match policy.and_then(|policy| policy.get(name)) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::Array(all)) => {
            let all: Option<Vec<String>> = all
                .iter()
                .map(|one| one.as_str().map(str::to_owned))
                .collect();
            all.map(Some)
                .ok_or_else(|| bad("A list of domains holds what is none."))
        }
        Some(_) => Err(bad("A list of domains is none.")),
    };
    let (allowed, blocked) = (domains("AllowedDomains")?, domains("BlockedDomains")?);
    let allowed = allowed.filter(|allowed| !allowed.is_empty() || blocked.is_none());
    let blocked = match (&allowed, blocked) {
        (Some(_), Some(blocked)) if !blocked.is_empty() => {
            return Err(bad(
                "`AllowedDomains` and `BlockedDomains` exclude each other.",
            ));
        }
        (Some(_), _) => None,
        (None, blocked) => blocked.filter(|blocked| !blocked.is_empty()),
    };
    Ok((allowed.map(list), blocked.map(list)))
}

/// The policy after a change.
fn filled(before: &Map<String, Value>, given: &Object) -> Result<Map<String, Value>, ApiError> {
    let mut body = before.clone();
    for name in ["displayName", "description"] {
        match given.text(name, 1024)? {
            Given::Absent => {}
            Given::Null => {
                body.remove(name);
            }
            Given::Value(text) => {
                body.insert(name.to_owned(), json!(text));
            }
        }
    }
    // Some write this flag as a text.
    match given.given("isOrganizationDefault") {
        Given::Absent | Given::Null => {}
        Given::Value(Value::Bool(flag)) => {
            body.insert("isOrganizationDefault".to_owned(), json!(flag));
        }
        Given::Value(Value::String(text)) if text == "true" || text == "false" => {
            body.insert("isOrganizationDefault".to_owned(), json!(text == "true"));
        }
        Given::Value(_) => return Err(given.bad("`isOrganizationDefault` must be true or false.")),
    }
    body.entry("isOrganizationDefault").or_insert(json!(false));
    match given.texts("definition", 1)? {
        Given::Value(all) => {
            let text = all.first().map(String::as_str).unwrap_or_default();
            if text.chars().count() > MOST {
                return Err(given.bad("`definition` is longer than 25000 characters."));
            }
            let definition = lenient(text);
            let fits = definition.filter(|all| all.get(ROOT).is_some_and(Value::is_object));
            let fits =
                fits.ok_or_else(|| given.bad("`definition` holds no B2BManagementPolicy."))?;
            let text = Value::Object(fits).to_string();
            body.insert("definition".to_owned(), json!([text]));
        }
        Given::Absent if body.contains_key("definition") => {}
        Given::Absent | Given::Null => return Err(given.bad("`definition` is required.")),
    }
    Ok(body)
}

/// Reads a definition: JSON, or what is JSON but for its quotes.
fn lenient(text: &str) -> Option<Map<String, Value>> {
    let parsed: Option<Value> = serde_json::from_str(text).ok();
    let parsed = parsed.or_else(|| {
        let quoted = !text.contains('"');
        quoted.then(|| serde_json::from_str(&text.replace('\'', "\"")).ok())?
    });
    match parsed {
        Some(Value::Object(members)) => Some(members),
        _ => None,
    }
}

fn is_default(body: &Map<String, Value>) -> bool {
    body.get("isOrganizationDefault") == Some(&Value::Bool(true))
}

fn is_default_value(body: &Value) -> bool {
    body.as_object().is_some_and(is_default)
}

/// The one text of a definition.
fn text_of(body: &Map<String, Value>) -> &str {
    let first = body.get("definition").and_then(|all| all.get(0));
    first.and_then(Value::as_str).unwrap_or_default()
}
