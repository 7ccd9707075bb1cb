//! Sites and drives.

use gateway_config::model::Site;
use gateway_core::action::Action;
use http::Method;
use serde_json::{Value, json};

use super::address::{Owner, SiteName};
use super::shape::Around;
use super::{Call, places, refused};
use crate::error::{ApiError, Area};
use crate::response::Response;

/// All sites that the caller may see.
pub(crate) async fn all(call: &Call<'_>) -> Result<Response, ApiError> {
    call.only(&[Method::GET], "GET")?;
    let sites: Vec<&Site> = call.tenant()?.sites.values().collect();
    let mut shown = Vec::new();
    for site in seen(call, sites).await? {
        shown.push(shaped(call, |around| around.site(site))?);
    }
    Ok(list(call, "sites", shown))
}

/// A site.
pub(crate) async fn one(call: &Call<'_>, name: &SiteName) -> Result<Response, ApiError> {
    call.only(&[Method::GET], "GET")?;
    let site = places::site(call.tenant()?, name).ok_or(ApiError::not_found(Area::Files))?;
    of(call, site).await
}

/// That site.
pub(crate) async fn of(call: &Call<'_>, site: &Site) -> Result<Response, ApiError> {
    may_see(call, site).await?;
    let value = shaped(call, |around| around.site(site))?;
    Ok(entity(call, "sites/$entity", value))
}

/// The drives of a site or a person: one.
pub(crate) async fn drives(call: &Call<'_>, owner: &Owner) -> Result<Response, ApiError> {
    call.only(&[Method::GET], "GET")?;
    let site = call.drive_of(owner)?;
    may_see(call, site).await?;
    let value = shaped(call, |around| around.drive(site))?;
    Ok(list(call, "drives", vec![value]))
}

/// A drive.
pub(crate) async fn drive(call: &Call<'_>, owner: &Owner) -> Result<Response, ApiError> {
    call.only(&[Method::GET], "GET")?;
    let site = call.drive_of(owner)?;
    may_see(call, site).await?;
    let value = shaped(call, |around| around.drive(site))?;
    Ok(entity(call, "drives/$entity", value))
}

/// Whoever has something in a site finds the site: its name is no secret of what is in it. Others get what they would
/// get for an item.
async fn may_see(call: &Call<'_>, site: &Site) -> Result<(), ApiError> {
    let view = call
        .look(vec![(site.id.clone(), site.path.clone())])
        .await?;
    let rights = call.rights(&view);
    match rights.refused(&site.id, &site.path, Action::View, call.head.now) {
        Some(_) if call.caller.administers() => Ok(()),
        Some(denial) => Err(refused(denial)),
        None => Ok(()),
    }
}

async fn seen<'s>(call: &Call<'_>, sites: Vec<&'s Site>) -> Result<Vec<&'s Site>, ApiError> {
    let items = sites
        .iter()
        .map(|site| (site.id.clone(), site.path.clone()))
        .collect();
    let view = call.look(items).await?;
    let rights = call.rights(&view);
    let visible = |site: &&Site| {
        let denied = rights.refused(&site.id, &site.path, Action::View, call.head.now);
        denied.is_none() || call.caller.administers()
    };
    Ok(sites.into_iter().filter(visible).collect())
}

fn shaped(call: &Call<'_>, shape: impl FnOnce(&Around<'_>) -> Value) -> Result<Value, ApiError> {
    let tenant = call.tenant()?;
    let origin = call.around.origin(&tenant.id).unwrap_or_default();
    Ok(shape(&Around {
        tenant,
        origin: &origin,
    }))
}

fn entity(call: &Call<'_>, context: &str, mut value: Value) -> Response {
    if let Some(members) = value.as_object_mut() {
        let context = format!("{}/$metadata#{context}", call.head.root);
        members.insert("@odata.context".to_owned(), json!(context));
    }
    Response::ok(call.head.selected(value))
}

fn list(call: &Call<'_>, context: &str, values: Vec<Value>) -> Response {
    let values: Vec<Value> = values
        .into_iter()
        .map(|one| call.head.selected(one))
        .collect();
    Response::ok(json!({
        "@odata.context": format!("{}/$metadata#{context}", call.head.root),
        "value": values,
    }))
}
