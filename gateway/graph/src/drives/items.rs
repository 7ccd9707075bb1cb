//! Items: what they are, what they hold, new folders, and away with them.

use gateway_config::model::Site;
use gateway_core::path::ItemPath;
use http::header::IF_MATCH;
use http::{HeaderMap, Method, StatusCode};
use serde_json::{Value, json};

use super::head::{self, Conflict, Expand};
use super::order::Order;
use super::shape::Around;
use super::{Call, Located, change, list, not_supported, places, ticket};
use crate::error::{ApiError, Area};
use crate::response::Response;
use crate::surroundings::{DocumentAsk, Item};

/// Folders on a page whose children are shown with them, at most: each is asked for.
const EXPANDED: usize = 50;
const DOWNLOAD: &str = "@microsoft.graph.downloadUrl";

/// `GET`, `PATCH`, `DELETE` of an item.
pub(crate) async fn item(call: &Call<'_>, located: &Located<'_>) -> Result<Response, ApiError> {
    match call.head.method {
        Method::GET | Method::HEAD => show(call, located).await,
        Method::DELETE => delete(call, located).await,
        Method::PATCH => change::answer(call, located).await,
        _ => Err(ApiError::method_not_allowed(
            Area::Files,
            "GET, PATCH, DELETE",
        )),
    }
}

async fn show(call: &Call<'_>, located: &Located<'_>) -> Result<Response, ApiError> {
    let item = call.stat(located).await?;
    let mut value = one(call, located, &item).await?;
    if let Some(expand) = &call.head.expand
        && item.folder
    {
        expanded(call, located, expand, &mut value).await?;
    }
    Ok(Response::ok(value))
}

/// Adds to a folder what it holds: the first page of it.
async fn expanded(
    call: &Call<'_>,
    located: &Located<'_>,
    expand: &Expand,
    value: &mut Value,
) -> Result<(), ApiError> {
    let (item, mut held) = listed(call, located).await?;
    let order = Order::default();
    order.arrange(&mut held, None);
    let more = held.len() > head::PAGE;
    held.truncate(head::PAGE);
    let last = held.last().filter(|_| more).map(|last| order.key(last));
    let mut shown = shaped(call, located, &item, &held).await?;
    let own = shown.pop().unwrap_or_default();
    let shown = shown.into_iter();
    let shown = shown.map(|one| head::selected(expand.select.as_deref(), one));
    let Some(members) = value.as_object_mut() else {
        return Ok(());
    };
    members.insert("children".to_owned(), shown.collect());
    if let (Some(last), Some(id)) = (last, own.get("id").and_then(Value::as_str)) {
        let drive = super::ids::drive(&call.caller.tenant, &located.site.id);
        let (root, token) = (&call.head.root, last.token());
        let next = format!("{root}/drives/{drive}/items/{id}/children?$skiptoken={token}");
        members.insert("children@odata.nextLink".to_owned(), json!(next));
    }
    Ok(())
}

/// An item as Graph writes it, with what was selected of it.
pub(crate) async fn one(
    call: &Call<'_>,
    located: &Located<'_>,
    item: &Item,
) -> Result<Value, ApiError> {
    let mut shown = shaped(call, located, item, &[]).await?;
    let mut value = shown.pop().unwrap_or_default();
    let drive = super::ids::drive(&call.caller.tenant, &located.site.id);
    let context = format!(
        "{}/$metadata#drives('{drive}')/items/$entity",
        call.head.root
    );
    if let Some(members) = value.as_object_mut() {
        members.insert("@odata.context".to_owned(), json!(context));
    }
    let wanted = call.head.selects(DOWNLOAD) && !item.folder;
    let download = wanted
        .then(|| ticket::download(call, located))
        .transpose()?;
    let mut value = call.head.selected(value);
    if let (Some(url), Some(members)) = (download, value.as_object_mut()) {
        members.insert(DOWNLOAD.to_owned(), json!(url));
    }
    Ok(value)
}

/// Items as Graph writes them.
pub(super) async fn all(
    call: &Call<'_>,
    site: &Site,
    items: &[Item],
) -> Result<Vec<Value>, ApiError> {
    let tenant = call.tenant()?;
    let mut paths: Vec<ItemPath> = items.iter().map(|item| item.path.clone()).collect();
    paths.extend(
        items
            .iter()
            .filter_map(|item| places::parent(site, &item.path)),
    );
    let ids = list::ids(call, site, &paths).await?;
    let origin = call.around.origin(&tenant.id).unwrap_or_default();
    let around = Around {
        tenant,
        origin: &origin,
    };
    let shown = items.iter().map(|item| around.item(site, item, &ids));
    Ok(shown.collect())
}

/// `held`, and `item` last.
async fn shaped(
    call: &Call<'_>,
    located: &Located<'_>,
    item: &Item,
    held: &[Item],
) -> Result<Vec<Value>, ApiError> {
    let every: Vec<Item> = held.iter().chain([item]).cloned().collect();
    all(call, located.site, &every).await
}

/// `GET`, `POST` of what an item holds.
pub(crate) async fn children(call: &Call<'_>, located: &Located<'_>) -> Result<Response, ApiError> {
    match call.head.method {
        Method::GET | Method::HEAD => show_children(call, located).await,
        Method::POST => make_folder(call, located).await,
        _ => Err(ApiError::method_not_allowed(Area::Files, "GET, POST")),
    }
}

async fn show_children(call: &Call<'_>, located: &Located<'_>) -> Result<Response, ApiError> {
    let (item, mut held) = listed(call, located).await?;
    let order = call.head.order;
    order.arrange(&mut held, call.head.after.as_ref());
    let most = match call.head.expand {
        None => call.head.top,
        Some(_) => call.head.top.min(EXPANDED),
    };
    let more = held.len() > most;
    held.truncate(most);
    let next = held.last().filter(|_| more).map(|last| order.key(last));
    let mut shown = shaped(call, located, &item, &held).await?;
    shown.pop();
    let mut selected = Vec::with_capacity(shown.len());
    for (one, item) in shown.into_iter().zip(&held) {
        let mut value = call.head.selected(one);
        if let Some(expand) = &call.head.expand
            && item.folder
        {
            let folder = Located {
                site: located.site,
                path: item.path.clone(),
            };
            expanded(call, &folder, expand, &mut value).await?;
        }
        selected.push(value);
    }
    let drive = super::ids::drive(&call.caller.tenant, &located.site.id);
    let mut value = json!({
        "@odata.context": format!("{}/$metadata#drives('{drive}')/items/children", call.head.root),
        "value": selected,
    });
    // Absent on the last page, never null: one of the SDKs asks for nothing else.
    if let (Some(next), Some(members)) = (next, value.as_object_mut()) {
        members.insert(
            "@odata.nextLink".to_owned(),
            json!(call.head.next_page(&next)),
        );
    }
    Ok(Response::ok(value))
}

pub(super) async fn listed(
    call: &Call<'_>,
    located: &Located<'_>,
) -> Result<(Item, Vec<Item>), ApiError> {
    let answer = call.ask(located, DocumentAsk::Children).await?;
    answer.children()?.ok_or(ApiError::not_found(Area::Files))
}

async fn make_folder(call: &Call<'_>, located: &Located<'_>) -> Result<Response, ApiError> {
    let body = call.head.object()?;
    let name = body.required("name", 255)?;
    if body.object("folder")?.value().is_none() {
        return Err(body.bad("`folder` is required: files are made by their content."));
    }
    let conflict = match call.head.annotation("@microsoft.graph.conflictBehavior") {
        Some(text) => Conflict::parse(&text)?,
        None => call.head.conflict.unwrap_or(Conflict::Fail),
    };
    let name = single(&name)?;
    let made = match conflict {
        Conflict::Fail | Conflict::Replace => named(call, located, &name)?,
        Conflict::Rename => free(call, located, &name).await?,
    };
    match call.ask(&made, DocumentAsk::MakeFolder).await?.done()? {
        status if status.is_success() => {}
        // RFC 4918 section 9.3.1: there is something already.
        StatusCode::METHOD_NOT_ALLOWED => return Err(taken()),
        status => return Err(unwilling(status)),
    }
    let item = call.stat(&made).await?;
    Ok(Response::created(one(call, &made, &item).await?))
}

/// One name, which holds no slash.
pub(super) fn single(name: &str) -> Result<String, ApiError> {
    if name.contains('/') {
        return Err(ApiError::bad_request(Area::Files, "A name holds no slash."));
    }
    Ok(name.to_owned())
}

pub(super) fn named<'a>(
    call: &Call<'_>,
    located: &Located<'a>,
    name: &str,
) -> Result<Located<'a>, ApiError> {
    let path = places::below(&located.path, name)?;
    let covering = places::covering(call.tenant()?, &path).map(|site| site.id.clone());
    if covering.as_ref() != Some(&located.site.id) {
        return Err(taken());
    }
    Ok(Located {
        site: located.site,
        path,
    })
}

/// The first of `name`, `name 1`, … that nothing has.
pub(crate) async fn free<'a>(
    call: &Call<'_>,
    located: &Located<'a>,
    name: &str,
) -> Result<Located<'a>, ApiError> {
    const TRIES: usize = 20;
    let (stem, ending) = match name.rsplit_once('.') {
        Some((stem, ending)) if !stem.is_empty() => (stem, format!(".{ending}")),
        _ => (name, String::new()),
    };
    for number in 0..TRIES {
        let name = match number {
            0 => name.to_owned(),
            number => format!("{stem} {number}{ending}"),
        };
        let tried = named(call, located, &name)?;
        if call.find(&tried).await?.is_none() {
            return Ok(tried);
        }
    }
    Err(taken())
}

async fn delete(call: &Call<'_>, located: &Located<'_>) -> Result<Response, ApiError> {
    if places::same(located.site, &located.path, &located.site.path) {
        return Err(ApiError::bad_request(
            Area::Files,
            "The root is not deleted.",
        ));
    }
    let mut headers = HeaderMap::new();
    if let Some(tag) = call.head.headers.get(IF_MATCH) {
        headers.insert(IF_MATCH, tag.clone());
        let item = call.stat(located).await?;
        if !call.head.matches(item.etag.as_deref()) {
            return Err(ApiError::precondition_failed());
        }
    }
    match call
        .ask(located, DocumentAsk::Delete(headers))
        .await?
        .done()?
    {
        status if status.is_success() => Ok(Response::no_content()),
        status => Err(unwilling(status)),
    }
}

/// Something has the name.
pub(crate) fn taken() -> ApiError {
    let message = "An item with the same name already exists under the parent.";
    ApiError::new(StatusCode::CONFLICT, "nameAlreadyExists", message)
}

/// What the upstream refused to do.
pub(crate) fn unwilling(status: StatusCode) -> ApiError {
    match status {
        StatusCode::NOT_FOUND | StatusCode::GONE => ApiError::not_found(Area::Files),
        // RFC 4918: a folder above is missing.
        StatusCode::CONFLICT => ApiError::not_found(Area::Files),
        StatusCode::PRECONDITION_FAILED => ApiError::precondition_failed(),
        StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN => super::denied("upstream-denied"),
        StatusCode::METHOD_NOT_ALLOWED | StatusCode::NOT_IMPLEMENTED => {
            not_supported("the upstream takes no such change")
        }
        StatusCode::LOCKED => {
            ApiError::new(status, "notAllowed", "The item is locked.").with_inner("resourceLocked")
        }
        StatusCode::PAYLOAD_TOO_LARGE => ApiError::too_large(),
        StatusCode::INSUFFICIENT_STORAGE => ApiError::new(
            status,
            "quotaLimitReached",
            "The upstream has no room left.",
        ),
        status => ApiError::unavailable(Area::Files, format!("the upstream answered {status}")),
    }
}
