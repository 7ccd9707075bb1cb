//! `/directory/federationConfigurations`: SAML and WS-Fed partners.
//!
//! The core judges them as it judges those of the configuration. One that a provider's file sets up is deleted here, and
//! added again with the same issuer and domains; one that no provider is for is kept and shown, and signs nobody in.
//!
//! Source: specification "Graph API" 4.5; "sharing rules" 6.5.

use std::collections::BTreeSet;

use gateway_core::address::DomainName;
use gateway_core::policy::configure::Change;
use gateway_core::settings::directory::Federation;
use http::Method;
use serde_json::{Map, Value, json};
use tracing::warn;

use super::scopes::{READ_PROVIDERS, Right, WRITE_PROVIDERS};
use super::shape::{Kind, Property, null, patched, property, shown};
use super::{Call, is_cast, only, standing};
use crate::error::ApiError;
use crate::odata::{Asked, entity, page, project};
use crate::request::{Given, Object, is};
use crate::response::Response;

pub(super) const COLLECTION: &str = "federationConfigurations";
const CAST: &str = "samlOrWsFedExternalDomainFederation";
const CONTEXT: &str = "directory/federationConfigurations";

const KEPT: &[Property] = &[
    property("displayName", Kind::Text, null),
    property("issuerUri", Kind::Text, null),
    property("metadataExchangeUri", Kind::Text, null),
    property("passiveSignInUri", Kind::Text, null),
    property(
        "preferredAuthenticationProtocol",
        Kind::Word(&["wsFed", "saml"]),
        || json!("saml"),
    ),
    property("signingCertificate", Kind::Text, null),
];

/// Most domains of a partner.
const MOST_DOMAINS: usize = 1000;

pub(super) async fn answer(call: &Call<'_>, path: &[&str]) -> Result<Response, ApiError> {
    let path = match path {
        [cast, rest @ ..] if is_cast(cast, CAST) => rest,
        [id, cast, rest @ ..] if is_cast(cast, CAST) => &[[*id].as_slice(), rest].concat(),
        path => path,
    };
    match path {
        [] => all(call).await,
        [id] => one(call, id).await,
        [id, domains] if is(domains, "domains") => self::domains(call, id).await,
        _ => Err(ApiError::not_found(call.area())),
    }
}

async fn all(call: &Call<'_>) -> Result<Response, ApiError> {
    only(call, &[Method::GET, Method::POST], "GET, HEAD, POST")?;
    if call.request.method == Method::GET {
        call.require(READ_PROVIDERS, Right::Member)?;
        let names = ["displayName", "domains", "id", "issuerUri"];
        let asked = Asked::read(call.request, &names, (100, 999))?;
        let kept = call.collection(COLLECTION).into_iter();
        let all = in_use(call)?.into_iter().map(|one| declared(&one));
        let all = all.chain(kept.map(|document| whole(&document.body)));
        let fits = |one: &Value| asked.filter.as_ref().is_none_or(|filter| filter.holds(one));
        let kept: Vec<Value> = all.filter(fits).collect();
        let count = asked.count.then_some(kept.len());
        let select = asked.select.as_deref();
        let kept = kept.iter().map(|one| project(one, select, None)).collect();
        return Ok(Response::ok(page(call.request, CONTEXT, kept, None, count)));
    }
    call.require(WRITE_PROVIDERS, Right::Everything)?;
    let given = call.request.object()?;
    given.required("issuerUri", 512)?;
    given.required("passiveSignInUri", 2048)?;
    let mut body = patched(&Map::new(), &given, KEPT)?;
    let domains = given_domains(&given)?.value().unwrap_or_default();
    body.insert("domains".to_owned(), listed(&domains));
    let body = match deleted(call, &body, &domains)? {
        Some(file) => {
            call.judged(Change::AddFederation(file.clone()))?;
            let id = standing::federation_id(&file);
            call.remove_document(standing::REMOVED, &id, "Add federation")
                .await?;
            declared(&file)
        }
        None => {
            judge(call, &body, &domains)?;
            let id = call.new_id()?;
            body.insert("id".to_owned(), json!(id));
            call.put_document(COLLECTION, &id, body.clone(), "Add federation")
                .await?;
            let tenant = &call.caller.tenant;
            warn!(tenant.id = %tenant, federation.id = %id, "Federation kept that no provider is for");
            whole(&Value::Object(body))
        }
    };
    Ok(Response::created(entity(
        call.request,
        &format!("{CONTEXT}/$entity"),
        body,
    )))
}

/// The federations that files set up, without those that were deleted.
fn in_use(call: &Call<'_>) -> Result<Vec<Federation>, ApiError> {
    let federations = call.tenant()?.settings.directory.federations;
    let of_files = federations.into_iter().filter(|one| one.provider.is_some());
    Ok(of_files.collect())
}

/// The one among them with that id.
fn of_file(call: &Call<'_>, id: &str) -> Result<Option<Federation>, ApiError> {
    let mut all = in_use(call)?.into_iter();
    Ok(all.find(|one| standing::federation_id(one) == id))
}

/// The federation of a file that was deleted and is asked for again: of the same issuer, for the same domains.
fn deleted(
    call: &Call<'_>,
    body: &Map<String, Value>,
    domains: &BTreeSet<DomainName>,
) -> Result<Option<Federation>, ApiError> {
    let issuer = body.get("issuerUri").and_then(Value::as_str);
    let configuration = call.api.surroundings().configuration();
    let all = standing::federations_of(&configuration, &call.tenant()?);
    Ok(all.into_iter().find(|one| {
        let id = standing::federation_id(one);
        Some(one.issuer.as_str()) == issuer
            && one.domains == *domains
            && call.document(standing::REMOVED, &id).is_some()
    }))
}

/// A federation of a file, as Graph shows it.
fn declared(federation: &Federation) -> Value {
    let provider = federation.provider.as_ref().map(ToString::to_string);
    let body = [
        ("id", json!(standing::federation_id(federation))),
        ("displayName", json!(provider)),
        ("issuerUri", json!(federation.issuer)),
        ("passiveSignInUri", json!(federation.endpoint)),
        ("domains", listed(&federation.domains)),
    ];
    let body = body.map(|(name, value)| (name.to_owned(), value));
    whole(&Value::Object(body.into_iter().collect()))
}

async fn one(call: &Call<'_>, id: &str) -> Result<Response, ApiError> {
    let allowed = [Method::GET, Method::PATCH, Method::DELETE];
    only(call, &allowed, "GET, HEAD, PATCH, DELETE")?;
    let read = call.request.method == Method::GET;
    let (scopes, right) = if read {
        (READ_PROVIDERS, Right::Member)
    } else {
        (WRITE_PROVIDERS, Right::Everything)
    };
    call.require(scopes, right)?;
    let id = id.to_ascii_lowercase();
    if let Some(file) = of_file(call, &id)? {
        return of_a_file(call, &file, &id).await;
    }
    let mut body = stored(call, &id)?;
    if call.request.method == Method::DELETE {
        call.remove_document(COLLECTION, &id, "Delete federation")
            .await?;
        return Ok(Response::no_content());
    }
    if !read {
        let given = call.request.object()?;
        let domains = match given_domains(&given)? {
            Given::Absent => own_domains(&body),
            Given::Null => BTreeSet::new(),
            Given::Value(domains) => domains,
        };
        body = patched(&body, &given, KEPT)?;
        body.insert("domains".to_owned(), listed(&domains));
        judge(call, &body, &domains)?;
        call.put_document(COLLECTION, &id, body.clone(), "Update federation")
            .await?;
    }
    let body = whole(&Value::Object(body));
    Ok(Response::ok(entity(
        call.request,
        &format!("{CONTEXT}/$entity"),
        body,
    )))
}

/// What can be done with a federation that a file sets up: it is shown, and it is deleted.
async fn of_a_file(call: &Call<'_>, file: &Federation, id: &str) -> Result<Response, ApiError> {
    match call.request.method {
        Method::DELETE => {
            let issuer = file.issuer.clone();
            call.judged(Change::RemoveFederation(issuer.clone()))?;
            let body = [("issuerUri".to_owned(), json!(issuer))];
            let body = body.into_iter().collect();
            call.put_document(standing::REMOVED, id, body, "Delete federation")
                .await?;
            Ok(Response::no_content())
        }
        Method::PATCH => Err(ApiError::managed_by_configuration()),
        _ => {
            let context = format!("{CONTEXT}/$entity");
            let body = declared(file);
            Ok(Response::ok(entity(call.request, &context, body)))
        }
    }
}

async fn domains(call: &Call<'_>, id: &str) -> Result<Response, ApiError> {
    only(call, &[Method::GET, Method::POST], "GET, HEAD, POST")?;
    let id = id.to_ascii_lowercase();
    if call.request.method == Method::GET {
        call.require(READ_PROVIDERS, Right::Member)?;
        let body = match of_file(call, &id)?.map(|file| declared(&file)) {
            Some(Value::Object(body)) => body,
            Some(_) | None => stored(call, &id)?,
        };
        let all = body.get("domains").and_then(Value::as_array).cloned();
        let context = format!("{CONTEXT}('{id}')/domains");
        let page = page(call.request, &context, all.unwrap_or_default(), None, None);
        return Ok(Response::ok(page));
    }
    call.require(WRITE_PROVIDERS, Right::Everything)?;
    if of_file(call, &id)?.is_some() {
        return Err(ApiError::managed_by_configuration());
    }
    let mut body = stored(call, &id)?;
    let given = call.request.object()?;
    let domain = DomainName::parse(&given.required("id", 255)?);
    let domain = domain.map_err(|error| given.bad(error.to_string()))?;
    let mut domains = own_domains(&body);
    domains.insert(domain.clone());
    judge(call, &body, &domains)?;
    body.insert("domains".to_owned(), listed(&domains));
    call.put_document(COLLECTION, &id, body, "Update federation")
        .await?;
    let body = json!({ "id": domain.as_str() });
    Ok(Response::created(entity(
        call.request,
        &format!("{CONTEXT}/domains/$entity"),
        body,
    )))
}

fn stored(call: &Call<'_>, id: &str) -> Result<Map<String, Value>, ApiError> {
    let missing = || ApiError::not_found(call.area());
    match call.document(COLLECTION, id).ok_or_else(missing)?.body {
        Value::Object(body) => Ok(body),
        _ => Err(missing()),
    }
}

fn whole(body: &Value) -> Value {
    let empty = Map::new();
    let stored = body.as_object().unwrap_or(&empty);
    let mut all = shown(stored, KEPT);
    for name in ["id", "domains"] {
        all.insert(
            name.to_owned(),
            stored.get(name).cloned().unwrap_or_default(),
        );
    }
    all.insert(
        "@odata.type".to_owned(),
        json!(format!("#microsoft.graph.{CAST}")),
    );
    Value::Object(all)
}

fn given_domains(given: &Object) -> Result<Given<BTreeSet<DomainName>>, ApiError> {
    let domains = match given.objects("domains", MOST_DOMAINS)? {
        Given::Absent => return Ok(Given::Absent),
        Given::Null => return Ok(Given::Null),
        Given::Value(domains) => domains,
    };
    let parse = |one: &Object| {
        let domain = DomainName::parse(&one.required("id", 255)?);
        domain.map_err(|error| given.bad(error.to_string()))
    };
    domains
        .iter()
        .map(parse)
        .collect::<Result<_, _>>()
        .map(Given::Value)
}

pub(super) fn own_domains(body: &Map<String, Value>) -> BTreeSet<DomainName> {
    let all = body.get("domains").and_then(Value::as_array);
    let parse = |one: &Value| DomainName::parse(one.get("id")?.as_str()?).ok();
    all.into_iter().flatten().filter_map(parse).collect()
}

fn listed(domains: &BTreeSet<DomainName>) -> Value {
    domains
        .iter()
        .map(|domain| json!({ "id": domain.as_str() }))
        .collect()
}

/// Asks the core whether such a partner may be.
fn judge(
    call: &Call<'_>,
    body: &Map<String, Value>,
    domains: &BTreeSet<DomainName>,
) -> Result<(), ApiError> {
    let text = |name: &str| {
        body.get(name)
            .and_then(Value::as_str)
            .unwrap_or_default()
            .to_owned()
    };
    let federation = Federation {
        provider: None,
        issuer: text("issuerUri"),
        domains: domains.clone(),
        endpoint: text("passiveSignInUri"),
        dns_text: None,
    };
    call.judged(Change::AddFederation(federation))
}
