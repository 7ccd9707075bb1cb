//! `/identity/identityProviders`: those that are built in, and social ones.
//!
//! What signs people in is set up by its file. Google, Microsoft accounts and passcodes are given up here, and taken up
//! again; a provider that no file sets up is kept and shown, and signs nobody in.
//!
//! Source: specification "Graph API" 4.5.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use gateway_config::model::{Configuration, Provider, Tenant};
use gateway_core::id::ProviderKind;
use gateway_core::policy::configure::Change;
use gateway_core::settings::value::Raw;
use http::Method;
use serde_json::{Map, Value, json};
use tracing::warn;

use super::scopes::{READ_PROVIDERS, Right, WRITE_PROVIDERS};
use super::settings::Wish;
use super::{Call, is_cast, only, standing};
use crate::error::ApiError;
use crate::odata::{entity, page, project, select};
use crate::request::{Given, Object};
use crate::response::Response;

pub(super) const COLLECTION: &str = "identityProviders";
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

const GOOGLE: &str = "google";
const PASSCODES: &str = "email-otp";
/// The setting that switches passcodes.
const OTP: &str = "allowExternalIdToUseEmailOtp";

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
        let all = in_use(call)?.into_iter().chain(stored);
        let all = all
            .map(|one| project(&one, select.as_deref(), None))
            .collect();
        let page = page(call.request, "identity/identityProviders", all, None, None);
        return Ok(Response::ok(page));
    }
    call.require(WRITE_PROVIDERS, Right::Everything)?;
    let given = call.request.object()?;
    let kind = given.required("identityProviderType", 64)?;
    if let Some(shown) = take_up(call, &given, &kind).await? {
        let context = "identity/identityProviders/$entity";
        return Ok(Response::created(entity(call.request, context, shown)));
    }
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
    warn!(tenant.id = %tenant, provider.id = %id, "Identity provider kept that no provider is for");
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
    let in_use = in_use(call)?.into_iter().find(named);
    let stored = call
        .collection(COLLECTION)
        .into_iter()
        .find(|document| document.key.eq_ignore_ascii_case(id));
    let missing = || ApiError::not_found(call.area());
    if call.request.method == Method::GET {
        call.require(READ_PROVIDERS, Right::Member)?;
        let body = match (in_use, stored) {
            (Some(one), _) => one,
            (None, stored) => masked(stored.ok_or_else(missing)?.body),
        };
        let context = "identity/identityProviders/$entity";
        return Ok(Response::ok(entity(call.request, context, body)));
    }
    call.require(WRITE_PROVIDERS, Right::Everything)?;
    if in_use.is_some() {
        return match kind_of(id) {
            Some(kind) if call.request.method == Method::DELETE => give_up(call, kind).await,
            Some(_) | None => Err(ApiError::managed_by_configuration()),
        };
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

/// The kind of provider, as files name it, that has that id in Graph.
pub(super) fn kind_of(id: &str) -> Option<&'static str> {
    let mut built_in = KINDS.iter();
    let found = built_in.find(|(_, own, ..)| own.eq_ignore_ascii_case(id));
    match found {
        Some((kind, ..)) => Some(kind),
        None if id.eq_ignore_ascii_case("Google-OAUTH") => Some(GOOGLE),
        None if id.eq_ignore_ascii_case("Facebook-OAUTH") => Some("facebook"),
        None => None,
    }
}

/// Nobody signs in by providers of that kind any more, nor stays.
async fn give_up(call: &Call<'_>, kind: &str) -> Result<Response, ApiError> {
    const OPERATION: &str = "Delete identity provider";
    match kind {
        PASSCODES => {
            let off = Raw::Text("disabled".to_owned());
            let wish = Wish::directory(OTP, Some(off));
            call.set(vec![wish], Vec::new(), OPERATION).await?;
        }
        GOOGLE | "microsoft-account" => {
            call.judged(Change::GiveUpProvider(provider_kind(call, kind)?))?;
            call.put_document(standing::GIVEN_UP, kind, Map::new(), OPERATION)
                .await?;
        }
        // The organisation's own people sign in by their directory.
        _ => return Err(ApiError::managed_by_configuration()),
    }
    Ok(Response::no_content())
}

/// Takes up again what was given up; nothing, where no file sets up such a provider.
async fn take_up(call: &Call<'_>, given: &Object, kind: &str) -> Result<Option<Value>, ApiError> {
    const OPERATION: &str = "Add identity provider";
    let known = [
        ("MicrosoftAccount", "microsoft-account"),
        ("EmailOTP", PASSCODES),
        ("Google", GOOGLE),
    ];
    let Some((_, kind)) = known.into_iter().find(|(name, _)| *name == kind) else {
        return Ok(None);
    };
    let (configuration, tenant) = (call.api.surroundings().configuration(), call.tenant()?);
    let mut files = standing::set_up(&configuration, &tenant);
    let Some(file) = files.find(|one| one.trust.kind.as_str() == kind) else {
        return Ok(None);
    };
    if shows(kind, &tenant, &configuration) {
        return Err(ApiError::conflict("There is a provider of that type."));
    }
    if kind == PASSCODES {
        let (_, rows) = call.api.directory().settings_rows(&call.caller.tenant);
        if !rows.settings.iter().any(|one| one.name == OTP) {
            return Err(ApiError::managed_by_configuration());
        }
        let wish = Wish::directory(OTP, None);
        call.set(vec![wish], Vec::new(), OPERATION).await?;
    } else {
        // The client is the file's: another one is another provider, which nobody has set up.
        let client = given.text("clientId", 512)?.value();
        if kind == GOOGLE && client.as_deref() != client_of(file) {
            return Err(ApiError::managed_by_configuration());
        }
        call.judged(Change::OfferProvider(provider_kind(call, kind)?))?;
        call.remove_document(standing::GIVEN_UP, kind, OPERATION)
            .await?;
    }
    Ok(Some(shape(kind, Some(file))))
}

fn provider_kind(call: &Call<'_>, kind: &str) -> Result<ProviderKind, ApiError> {
    ProviderKind::parse(kind).map_err(|error| ApiError::unavailable(call.area(), error))
}

/// Whether a kind that is set up is in use. Of passcodes it is the directory's: sharing's own, without the integration, are
/// not an identity provider of the directory.
fn shows(kind: &str, tenant: &Tenant, configuration: &Configuration) -> bool {
    let mut given_up = tenant.settings.directory.given_up.iter();
    let passcodes = kind == PASSCODES;
    !given_up.any(|one| one.as_str() == kind)
        && (!passcodes || tenant.settings.email_otp(&configuration.clouds).value)
}

fn client_of(file: &Provider) -> Option<&str> {
    file.settings.0.get("client_id")?.as_str()
}

fn shape(kind: &str, file: Option<&Provider>) -> Value {
    match KINDS.iter().find(|(own, ..)| *own == kind) {
        Some((_, id, kind, name)) => json!({
            "@odata.type": BUILT_IN, "id": id, "identityProviderType": kind, "displayName": name,
        }),
        None => json!({
            "@odata.type": SOCIAL, "id": "Google-OAUTH", "identityProviderType": "Google", "displayName": "Google",
            "clientId": file.and_then(client_of), "clientSecret": "******",
        }),
    }
}

/// The providers that are built in, of those that files set up for the tenant and that are in use.
fn built_in(call: &Call<'_>) -> Result<Vec<Value>, ApiError> {
    let all = in_use(call)?;
    Ok(all
        .into_iter()
        .filter(|one| one["@odata.type"] == BUILT_IN)
        .collect())
}

/// The providers that files set up for the tenant and that are in use.
fn in_use(call: &Call<'_>) -> Result<Vec<Value>, ApiError> {
    let configuration = call.api.surroundings().configuration();
    let tenant = call.tenant()?;
    let kinds = KINDS.iter().map(|(kind, ..)| *kind).chain([GOOGLE]);
    let mut all = Vec::new();
    for kind in kinds.filter(|kind| shows(kind, &tenant, &configuration)) {
        let mut files = standing::set_up(&configuration, &tenant);
        if let Some(file) = files.find(|one| one.trust.kind.as_str() == kind) {
            all.push(shape(kind, Some(file)));
        }
    }
    Ok(all)
}
