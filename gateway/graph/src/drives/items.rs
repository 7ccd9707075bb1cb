//! Items: what they are, what they hold, new folders, and away with them.

use gateway_core::path::ItemPath;
use http::header::IF_MATCH;
use http::{HeaderMap, Method, StatusCode};
use serde_json::{Value, json};

use super::head::Conflict;
use super::shape::{self, Around};
use super::{Call, Located, beside_the_point, list, not_supported, places, ticket};
use crate::error::{ApiError, Area};
use crate::response::Response;
use crate::surroundings::{DocumentAsk, DocumentResponse, Item};

const DOWNLOAD: &str = "@microsoft.graph.downloadUrl";

/// `GET`, `DELETE` of an item.
pub(crate) async fn item(call: &Call<'_>, located: &Located<'_>) -> Result<Response, ApiError> {
    match call.head.method {
        Method::GET | Method::HEAD => show(call, located).await,
        Method::DELETE => delete(call, located).await,
        Method::PATCH => Err(not_supported("items are renamed and moved by WebDAV")),
        _ => Err(ApiError::method_not_allowed(Area::Files, "GET, DELETE")),
    }
}

async fn show(call: &Call<'_>, located: &Located<'_>) -> Result<Response, ApiError> {
    if call.head.expand_children {
        let (item, held) = listed(call, located).await?;
        let mut shown = shaped(call, located, &item, &held).await?;
        let own = shown.pop().unwrap_or_default();
        let mut own = own;
        if let Some(members) = own.as_object_mut() {
            members.insert("children".to_owned(), Value::Array(shown));
        }
        return Ok(Response::ok(own));
    }
    let item = call.stat(located).await?;
    Ok(Response::ok(one(call, located, &item).await?))
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

/// `held`, and `item` last.
async fn shaped(
    call: &Call<'_>,
    located: &Located<'_>,
    item: &Item,
    held: &[Item],
) -> Result<Vec<Value>, ApiError> {
    let tenant = call.tenant()?;
    let all = || held.iter().chain(std::iter::once(item));
    let mut paths: Vec<ItemPath> = all().map(|item| item.path.clone()).collect();
    paths.extend(places::parent(located.site, &item.path));
    let ids = list::ids(call, located.site, &paths).await?;
    let origin = call.around.origin(&tenant.id).unwrap_or_default();
    let around = Around {
        tenant,
        origin: &origin,
    };
    Ok(all()
        .map(|item| around.item(located.site, item, &ids))
        .collect())
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
    held.sort_by_key(|item| shape::last(&item.path));
    if call.head.descending {
        held.reverse();
    }
    let beyond = |item: &Item, after: &String| {
        let name = shape::last(&item.path);
        if call.head.descending {
            name < *after
        } else {
            name > *after
        }
    };
    if let Some(after) = &call.head.after {
        held.retain(|item| beyond(item, after));
    }
    let more = held.len() > call.head.top;
    held.truncate(call.head.top);
    let next = held
        .last()
        .filter(|_| more)
        .map(|last| shape::last(&last.path));
    let mut shown = shaped(call, located, &item, &held).await?;
    shown.pop();
    let shown: Vec<Value> = shown
        .into_iter()
        .map(|one| call.head.selected(one))
        .collect();
    let drive = super::ids::drive(&call.caller.tenant, &located.site.id);
    let mut value = json!({
        "@odata.context": format!("{}/$metadata#drives('{drive}')/items/children", call.head.root),
        "value": shown,
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

async fn listed(call: &Call<'_>, located: &Located<'_>) -> Result<(Item, Vec<Item>), ApiError> {
    match call.ask(located, DocumentAsk::Children).await? {
        DocumentResponse::Children(Some((item, held))) => Ok((item, held)),
        DocumentResponse::Children(None) => Err(ApiError::not_found(Area::Files)),
        DocumentResponse::Item(_) | DocumentResponse::Content(..) | DocumentResponse::Done(_) => {
            Err(beside_the_point())
        }
    }
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
    match call.ask(&made, DocumentAsk::MakeFolder).await? {
        DocumentResponse::Done(status) if status.is_success() => {}
        // RFC 4918 section 9.3.1: there is something already.
        DocumentResponse::Done(StatusCode::METHOD_NOT_ALLOWED) => return Err(taken()),
        DocumentResponse::Done(status) => return Err(unwilling(status)),
        DocumentResponse::Item(_)
        | DocumentResponse::Children(_)
        | DocumentResponse::Content(..) => return Err(beside_the_point()),
    }
    let item = call.stat(&made).await?;
    Ok(Response::created(one(call, &made, &item).await?))
}

/// One name, which holds no slash.
fn single(name: &str) -> Result<String, ApiError> {
    if name.contains('/') {
        return Err(ApiError::bad_request(Area::Files, "A name holds no slash."));
    }
    Ok(name.to_owned())
}

fn named<'a>(call: &Call<'_>, located: &Located<'a>, name: &str) -> Result<Located<'a>, ApiError> {
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
        match call.ask(&tried, DocumentAsk::Stat).await? {
            DocumentResponse::Item(None) => return Ok(tried),
            DocumentResponse::Item(Some(_)) => {}
            DocumentResponse::Children(_)
            | DocumentResponse::Content(..)
            | DocumentResponse::Done(_) => return Err(beside_the_point()),
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
    match call.ask(located, DocumentAsk::Delete(headers)).await? {
        DocumentResponse::Done(status) if status.is_success() => Ok(Response::no_content()),
        DocumentResponse::Done(status) => Err(unwilling(status)),
        DocumentResponse::Item(_)
        | DocumentResponse::Children(_)
        | DocumentResponse::Content(..) => Err(beside_the_point()),
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
