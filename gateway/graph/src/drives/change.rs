//! `PATCH` of an item: another name, or another folder of the same drive.
//!
//! To the upstream it is a MOVE, as a client of WebDAV sends one through the gateway: it is judged alike, and ids and what
//! was granted go along.

use gateway_core::path::ItemPath;
use http::header::IF_MATCH;
use http::{HeaderMap, StatusCode};

use super::head::Conflict;
use super::{Call, Located, ids, items, not_supported, places, shape};
use crate::error::{ApiError, Area};
use crate::request::decode;
use crate::request::json::{Given, Object};
use crate::response::Response;
use crate::surroundings::DocumentAsk;

/// Longest path in a body, in characters.
const PATH: usize = 4096;

/// Gives the item another name or place. What else a body says is ignored: there is nowhere to keep it.
pub(super) async fn answer(call: &Call<'_>, located: &Located<'_>) -> Result<Response, ApiError> {
    if places::same(located.site, &located.path, &located.site.path) {
        let message = "The root has its name and place from the configuration.";
        return Err(ApiError::bad_request(Area::Files, message));
    }
    let body = call.head.object()?;
    let name = match body.given("name") {
        Given::Absent => None,
        Given::Null | Given::Value(_) => Some(items::single(&body.required("name", 255)?)?),
    };
    let conflict = match call.head.annotation("@microsoft.graph.conflictBehavior") {
        Some(text) => Conflict::parse(&text)?,
        None => call.head.conflict.unwrap_or(Conflict::Fail),
    };
    let folder = match body.object("parentReference")?.value() {
        Some(reference) => folder(call, located, &reference).await?,
        None => None,
    };
    let item = call.stat(located).await?;
    let mut headers = HeaderMap::new();
    if let Some(tag) = call.head.headers.get(IF_MATCH) {
        headers.insert(IF_MATCH, tag.clone());
        if !call.head.matches(item.etag.as_deref()) {
            return Err(ApiError::precondition_failed());
        }
    }
    let (site, own) = (located.site, &item.path);
    let folder = folder.or_else(|| places::parent(site, own));
    let folder = folder.ok_or(ApiError::not_found(Area::Files))?;
    let folder = Located { site, path: folder };
    let name = name.unwrap_or_else(|| shape::last(own));
    let mut to = items::named(call, &folder, &name)?;
    if places::trimmed(&to.path) == places::trimmed(own) {
        return Ok(Response::ok(items::one(call, located, &item).await?));
    }
    let within = to.path.is_within(own, site.settings.path_case);
    if within && !places::same(site, &to.path, own) {
        let message = "A folder cannot go into itself.";
        return Err(ApiError::bad_request(Area::Files, message));
    }
    if conflict == Conflict::Rename {
        to = items::free(call, &folder, &name).await?;
    }
    moved(call, (located, own), to, conflict, headers, item.folder).await
}

/// Moves the item to `to`, and shows it there.
async fn moved(
    call: &Call<'_>,
    (located, own): (&Located<'_>, &ItemPath),
    mut to: Located<'_>,
    conflict: Conflict,
    headers: HeaderMap,
    is_folder: bool,
) -> Result<Response, ApiError> {
    if is_folder && !to.path.has_trailing_slash() {
        // Folders end in a slash on both sides, as WebDAV has them.
        to.path = ItemPath::parse(&format!("{}/", to.path.encoded())).unwrap_or(to.path);
    }
    let ask = DocumentAsk::Move {
        to: to.path.clone(),
        replace: conflict == Conflict::Replace,
        headers,
    };
    let from = Located {
        site: located.site,
        path: own.clone(),
    };
    match call.ask(&from, ask).await?.done()? {
        StatusCode::CREATED | StatusCode::NO_CONTENT => {}
        // RFC 4918 section 9.9.4: `Overwrite: F`, or another condition.
        StatusCode::PRECONDITION_FAILED => {
            let there = conflict != Conflict::Replace && call.find(&to).await?.is_some();
            return Err(match there {
                true => items::taken(),
                false => ApiError::precondition_failed(),
            });
        }
        StatusCode::MULTI_STATUS => {
            let cause = "the upstream moved a part of it";
            return Err(ApiError::unavailable(Area::Files, cause));
        }
        // What says it has done it, and not how, knows no MOVE.
        status if status.is_success() => return Err(not_supported("the upstream moves nothing")),
        status => return Err(items::unwilling(status)),
    }
    let item = call.stat(&to).await?;
    Ok(Response::ok(items::one(call, &to, &item).await?))
}

/// The folder that a `parentReference` names, if it names one. The id counts where both are given: clients send back what
/// they were shown, with another id.
async fn folder(
    call: &Call<'_>,
    located: &Located<'_>,
    reference: &Object,
) -> Result<Option<ItemPath>, ApiError> {
    let drive = ids::drive(&call.caller.tenant, &located.site.id);
    let elsewhere = || reference.bad("Items stay in their drive.");
    if let Some(other) = reference.text("driveId", PATH)?.value()
        && other != drive
    {
        return Err(elsewhere());
    }
    if let Some(id) = reference.text("id", PATH)?.value() {
        return match id.eq_ignore_ascii_case("root") {
            true => Ok(Some(located.site.path.clone())),
            false => Ok(Some(call.by_id(located.site, &id).await?)),
        };
    }
    let Some(path) = reference.text("path", PATH)?.value() else {
        return Ok(None);
    };
    let wrong = || reference.bad("`parentReference.path` is such as `/drives/{id}/root:/a/b`.");
    let (of, below) = path.split_once("root:").ok_or_else(wrong)?;
    let of = decode::segments(of).map_err(|_| wrong())?;
    match of.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
        ["drive"] => {}
        ["drives", id] if *id == drive => {}
        ["drives", _] => return Err(elsewhere()),
        _ => return Err(wrong()),
    }
    let names = decode::segments(below).map_err(|_| wrong())?;
    let mut at = located.site.path.clone();
    for name in names {
        at = places::below(&at, &items::single(&name)?)?;
    }
    Ok(Some(at))
}

#[cfg(test)]
mod tests;
