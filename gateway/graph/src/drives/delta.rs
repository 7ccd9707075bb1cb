//! `delta`: what changed below a folder since the caller last asked, where the upstream can say.
//!
//! Upstreams tell of one folder at a time. A token therefore holds what the upstream said last of each folder below, and
//! which of them are still to be asked in this round; it is sealed, and for one folder of one drive.
//!
//! Source: specification "Graph API" 3.1; RFC 6578.

use std::collections::{BTreeMap, BTreeSet};

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use gateway_core::path::ItemPath;
use http::{Method, StatusCode};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::{Call, Located, ids, items, not_supported, places};
use crate::error::{ApiError, Area};
use crate::response::Response;
use crate::surroundings::{Changes, DocumentAsk, Item, NoDocument, Told};

const PURPOSE: &str = "delta-token";
/// Longest token, in bytes: addresses are not longer than 16 KiB.
const LONGEST: usize = 12 * 1024;
/// Times that an upstream may say of one folder that there is more.
const ANEW: usize = 100;

/// How far a caller has read.
#[derive(Debug, Serialize, Deserialize)]
struct State {
    tenant: String,
    site: String,
    /// The folder that it is about.
    root: String,
    /// What the upstream said last of each folder, by its path below the root; nothing of one that was not asked yet.
    known: BTreeMap<String, Option<String>>,
    /// Folders that are still to be asked in this round.
    left: Vec<String>,
}

/// What one page tells.
#[derive(Default)]
struct Page {
    changed: Vec<Item>,
    gone: Vec<ItemPath>,
}

/// `GET …/delta`.
///
/// - `token`: of `delta(token='…')`.
pub(super) async fn answer(
    call: &Call<'_>,
    located: &Located<'_>,
    token: Option<String>,
) -> Result<Response, ApiError> {
    call.only(&[Method::GET], "GET")?;
    let token = token.or_else(|| call.head.token.clone());
    let token = token.filter(|token| !token.is_empty());
    let latest = token.as_deref() == Some("latest");
    let mut page = Page::default();
    let mut state = match token.filter(|_| !latest) {
        Some(token) => State::open(call, located, &token).ok_or_else(|| resync(call, located))?,
        None => {
            page.changed.push(folder(call, located).await?);
            State::new(call, located)
        }
    };
    while let Some(at) = state.left.pop() {
        state.follow(call, located, &at, &mut page).await?;
        let enough = page.changed.len() + page.gone.len() >= call.head.top;
        if enough && !latest {
            break;
        }
    }
    let done = state.left.is_empty();
    if done {
        // The last one is asked first: folders before what is in them.
        state.left = state.known.keys().rev().cloned().collect();
    }
    let link = format!("{}?token={}", address(call, located), state.seal(call)?);
    if latest {
        page = Page::default();
    }
    let drive = ids::drive(&call.caller.tenant, &located.site.id);
    let mut value = json!({
        "@odata.context": format!("{}/$metadata#drives('{drive}')/items", call.head.root),
        "value": shown(call, located, &page).await?,
    });
    let name = if done {
        "@odata.deltaLink"
    } else {
        "@odata.nextLink"
    };
    if let Some(members) = value.as_object_mut() {
        members.insert(name.to_owned(), json!(link));
    }
    Ok(Response::ok(value))
}

/// The folder that the call is about.
async fn folder(call: &Call<'_>, located: &Located<'_>) -> Result<Item, ApiError> {
    let item = call.stat(located).await?;
    if item.folder {
        Ok(item)
    } else {
        let message = "Changes are told of folders.";
        Err(ApiError::bad_request(Area::Files, message))
    }
}

impl State {
    fn new(call: &Call<'_>, located: &Located<'_>) -> Self {
        Self {
            tenant: call.caller.tenant.to_string(),
            site: located.site.id.to_string(),
            root: places::trimmed(&located.path),
            known: BTreeMap::from([(String::new(), None)]),
            left: vec![String::new()],
        }
    }

    /// Reads a token that was given for this folder.
    fn open(call: &Call<'_>, located: &Located<'_>, token: &str) -> Option<Self> {
        let sealed = URL_SAFE_NO_PAD.decode(token).ok()?;
        let plain = call.around.open(PURPOSE, &sealed)?;
        let state: Self = serde_json::from_slice(&plain).ok()?;
        let own = Self::new(call, located);
        let same = (&state.tenant, &state.site, &state.root) == (&own.tenant, &own.site, &own.root);
        same.then_some(state)
    }

    fn seal(&self, call: &Call<'_>) -> Result<String, ApiError> {
        let away = |error: String| ApiError::unavailable(Area::Files, error);
        let plain = serde_json::to_vec(self).map_err(|error| away(error.to_string()))?;
        let sealed = call.around.seal(PURPOSE, &plain);
        let sealed = URL_SAFE_NO_PAD.encode(sealed.map_err(|error| away(error.to_string()))?);
        if sealed.len() > LONGEST {
            return Err(not_supported("there are too many folders to follow"));
        }
        Ok(sealed)
    }

    /// Asks about one folder, until it has told everything.
    async fn follow(
        &mut self,
        call: &Call<'_>,
        located: &Located<'_>,
        at: &str,
        page: &mut Page,
    ) -> Result<(), ApiError> {
        let path = format!("{}{at}", self.root);
        let path = ItemPath::parse(if path.is_empty() { "/" } else { &path });
        let path = path.map_err(|_| resync(call, located))?;
        let folder = Located {
            site: located.site,
            path,
        };
        for _ in 0..ANEW {
            let since = self.known.get(at).cloned().flatten();
            let asked = call.asked(&folder, DocumentAsk::Changes(since)).await;
            let told = match asked {
                Ok(answer) => answer.told()?,
                // Whoever may no longer see a folder is told that it is gone, as far as they are concerned.
                Err(NoDocument::Denied(_)) if !at.is_empty() => Told::Gone,
                Err(NoDocument::NotSupported) => {
                    return Err(not_supported("the upstream cannot say what changed"));
                }
                Err(why) => return Err(why.into()),
            };
            let changes = match told {
                Told::Changes(changes) => changes,
                Told::Stale => return Err(resync(call, located)),
                Told::Gone if at.is_empty() => return Err(ApiError::not_found(Area::Files)),
                Told::Gone => {
                    self.forget(at);
                    page.gone.push(folder.path.clone());
                    return Ok(());
                }
            };
            self.take(located, at, &changes, page);
            page.changed.extend(changes.changed);
            page.gone.extend(changes.gone);
            self.known.insert(at.to_owned(), Some(changes.token));
            if !changes.more {
                return Ok(());
            }
        }
        Err(ApiError::unavailable(
            Area::Files,
            "the upstream does not end telling what changed",
        ))
    }

    /// Follows the folders that are in a folder now, and no others: also where the upstream tells nothing of them.
    fn take(&mut self, located: &Located<'_>, at: &str, changes: &Changes, page: &mut Page) {
        let same = |one: &ItemPath, other: &ItemPath| places::same(located.site, one, other);
        let mut there = BTreeSet::new();
        for folder in &changes.folders {
            let Some(at) = self.below(&folder.path) else {
                continue;
            };
            if !self.known.contains_key(&at) {
                self.known.insert(at.clone(), None);
                self.left.push(at.clone());
                let told = |one: &Item| same(&one.path, &folder.path);
                if !changes.changed.iter().any(told) {
                    page.changed.push(folder.clone());
                }
            }
            there.insert(at);
        }
        let inside = |one: &&String| {
            let rest = one.strip_prefix(at).and_then(|rest| rest.strip_prefix('/'));
            rest.is_some_and(|name| !name.contains('/')) && !there.contains(*one)
        };
        let lost: Vec<String> = self.known.keys().filter(inside).cloned().collect();
        for at in lost {
            self.forget(&at);
            let path = ItemPath::parse(&format!("{}{at}", self.root));
            let told = |path: &ItemPath| changes.gone.iter().any(|one| same(one, path));
            page.gone.extend(path.ok().filter(|path| !told(path)));
        }
    }

    /// A folder is gone, with those in it.
    fn forget(&mut self, at: &str) {
        let within = |one: &String| {
            one.strip_prefix(at)
                .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
        };
        self.known.retain(|one, _| !within(one));
        self.left.retain(|one| !within(one));
    }

    fn below(&self, path: &ItemPath) -> Option<String> {
        let path = places::trimmed(path);
        let rest = path.strip_prefix(&self.root)?;
        rest.starts_with('/').then(|| rest.to_owned())
    }
}

/// The items of a page as Graph writes them; of those that are gone, that they are.
async fn shown(
    call: &Call<'_>,
    located: &Located<'_>,
    page: &Page,
) -> Result<Vec<Value>, ApiError> {
    let mut shown = items::all(call, located.site, &page.changed).await?;
    let known = super::list::ids(call, located.site, &page.gone).await?;
    let drive = ids::drive(&call.caller.tenant, &located.site.id);
    for path in &page.gone {
        let Some(id) = known.get(&places::trimmed(path)) else {
            continue;
        };
        shown.push(json!({
            "id": id,
            "deleted": { "state": "deleted" },
            "parentReference": { "driveId": drive },
        }));
    }
    let selected = |value: Value| {
        let gone = value.get("deleted").is_some();
        if gone {
            value
        } else {
            call.head.selected(value)
        }
    };
    Ok(shown.into_iter().map(selected).collect())
}

/// Where changes of the folder are told.
fn address(call: &Call<'_>, located: &Located<'_>) -> String {
    let drive = ids::drive(&call.caller.tenant, &located.site.id);
    let names = places::relative(located.site, &located.path);
    let names: Vec<String> = names
        .iter()
        .map(|name| super::head::escaped(name))
        .collect();
    let at = match names.as_slice() {
        [] => "root/delta".to_owned(),
        names => format!("root:/{}:/delta", names.join("/")),
    };
    format!("{}/drives/{drive}/{at}", call.head.root)
}

/// The token is no longer understood, here or by the upstream: everything is told again from the beginning.
fn resync(call: &Call<'_>, located: &Located<'_>) -> ApiError {
    let message = "The token is too old: begin again at the address in `Location`.";
    ApiError::new(StatusCode::GONE, "resyncChangesApplyDifferences", message)
        .at(address(call, located))
}

#[cfg(test)]
mod tests;
