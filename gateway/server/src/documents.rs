//! What the API asks of upstreams: decided first, as whoever calls, and forwarded with the permit.
//!
//! Where the upstream is WebDAV, `PROPFIND` says what an item is and what it holds; elsewhere an item is there if `HEAD`
//! says so, and nothing is listed.

mod caller;
mod changes;
mod decide;
mod propfind;
mod send;
mod standing;
mod told;
mod transfer;

use std::net::IpAddr;
use std::sync::Arc;

use gateway_config::model::Configuration;
use gateway_core::action::Action;
use gateway_core::id::{LinkId, SiteId};
use gateway_core::path::ItemPath;
use gateway_core::policy::Permit;
use gateway_core::time::UnixTime;
use gateway_graph::caller::Caller;
use gateway_graph::surroundings::{
    DocumentAsk, DocumentRequest, DocumentResponse, Item, NoDocument,
};
use http::header::{ACCEPT_ENCODING, CONTENT_TYPE, IF_NONE_MATCH};
use http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode};

use crate::aftermath::Aftermath;
use crate::body;
use crate::gateway::Gateway;
use send::{Outward, send};
use standing::Standing;

const DEPTH: HeaderName = HeaderName::from_static("depth");
/// How many items one look at the directory is about, at most.
const AT_ONCE: usize = 500;

/// A call's question to an upstream, with whoever asks.
struct Asking<'a> {
    gateway: &'a Arc<Gateway>,
    configuration: Arc<Configuration>,
    caller: &'a Caller,
    /// The tenant's origin.
    origin: &'a str,
    request: About,
}

/// The call, without what is to be done: a body on its way is for one thread at a time, and would keep the rest there.
struct About {
    site: SiteId,
    path: ItemPath,
    now: UnixTime,
    client: IpAddr,
    id: String,
    links: Vec<LinkId>,
}

/// Asks an upstream on behalf of `caller`.
///
/// - `origin`: of the tenant: the issuer of what the upstream is told about the caller.
///
/// # Errors
/// [`NoDocument`].
pub async fn ask(
    gateway: &Arc<Gateway>,
    caller: &Caller,
    origin: &str,
    request: DocumentRequest,
) -> Result<DocumentResponse, NoDocument> {
    let DocumentRequest {
        site,
        path,
        ask: what,
        now,
        client,
        id,
        links,
    } = request;
    let asking = Asking {
        gateway,
        configuration: gateway.configuration(),
        caller,
        origin,
        request: About {
            site,
            path,
            now,
            client,
            id,
            links,
        },
    };
    let (site, path) = (&asking.request.site, &asking.request.path);
    if gateway.routes.site(&caller.tenant, path) != Some(site) {
        return Err(NoDocument::Failed("the item is of another site".to_owned()));
    }
    match what {
        DocumentAsk::Stat => asking.stat().await.map(DocumentResponse::Item),
        DocumentAsk::Children => asking.children().await.map(DocumentResponse::Children),
        DocumentAsk::Read(headers) => asking.read(headers).await,
        DocumentAsk::Write(mut headers, body) => {
            let only_new = headers.get(IF_NONE_MATCH).is_some_and(|value| value == "*");
            let action = if only_new {
                Action::Create
            } else {
                Action::Edit
            };
            headers.insert(
                CONTENT_TYPE,
                HeaderValue::from_static("application/octet-stream"),
            );
            asking
                .change(action, Method::PUT, path.clone(), headers, Some(body))
                .await
        }
        DocumentAsk::MakeFolder => {
            let folder = as_folder(path);
            asking
                .change(
                    Action::Create,
                    Method::from_bytes(b"MKCOL").map_err(failed)?,
                    folder,
                    HeaderMap::new(),
                    None,
                )
                .await
        }
        DocumentAsk::Delete(headers) => {
            asking
                .change(Action::Delete, Method::DELETE, path.clone(), headers, None)
                .await
        }
        DocumentAsk::May(action) => {
            let _permit = asking.decide(action, path).await?;
            Ok(DocumentResponse::Allowed)
        }
        DocumentAsk::Take(action, body) => asking.take(action, body).await,
        DocumentAsk::Move {
            to,
            replace,
            headers,
        } => asking.move_to(to, replace, headers).await,
        DocumentAsk::Changes(since) => {
            let told = asking.changes(since.as_deref()).await;
            told.map(DocumentResponse::Told)
        }
    }
}

impl Asking<'_> {
    /// What the item is; nothing where there is none.
    async fn stat(&self) -> Result<Option<Item>, NoDocument> {
        let path = self.request.path.clone();
        match self.properties(&path, "0").await? {
            Properties::Items(items) => Ok(items.into_iter().find(|item| self.is_same(&item.path))),
            Properties::Elsewhere if !path.has_trailing_slash() => {
                match self.properties(&as_folder(&path), "0").await? {
                    Properties::Items(items) => {
                        Ok(items.into_iter().find(|item| self.is_same(&item.path)))
                    }
                    Properties::Elsewhere | Properties::NoDav => self.head().await,
                }
            }
            Properties::Elsewhere | Properties::NoDav => self.head().await,
        }
    }

    async fn children(&self) -> Result<Option<(Item, Vec<Item>)>, NoDocument> {
        let items = match self.properties(&as_folder(&self.request.path), "1").await? {
            Properties::Items(items) => items,
            Properties::Elsewhere | Properties::NoDav => {
                return match self.head().await? {
                    Some(_) => Err(NoDocument::NotSupported),
                    None => Ok(None),
                };
            }
        };
        let mut own = None;
        let mut held = Vec::new();
        for item in items {
            if self.is_same(&item.path) {
                own = Some(item);
            } else if self.lies_in(&item.path) {
                held.push(item);
            }
        }
        let Some(own) = own else { return Ok(None) };
        Ok(Some((own, self.seen(held).await?)))
    }

    /// Leaves out what the caller may not see.
    async fn seen(&self, held: Vec<Item>) -> Result<Vec<Item>, NoDocument> {
        let site = &self.request.site;
        let mut out = Vec::with_capacity(held.len());
        let mut left = held.into_iter().peekable();
        while left.peek().is_some() {
            let some: Vec<Item> = left.by_ref().take(AT_ONCE).collect();
            let items = some
                .iter()
                .map(|item| (site.clone(), item.path.clone()))
                .collect();
            let view = self.look(items).await?;
            let rights = self.rights(&view);
            let now = self.request.now;
            out.extend(some.into_iter().filter(|item| {
                rights
                    .refused(site, &item.path, Action::View, now)
                    .is_none()
            }));
        }
        Ok(out)
    }

    async fn read(&self, mut headers: HeaderMap) -> Result<DocumentResponse, NoDocument> {
        // What is asked for are the item's own bytes: a range of anything else is another range.
        headers.insert(ACCEPT_ENCODING, HeaderValue::from_static("identity"));
        let path = self.request.path.clone();
        let permit = self.decide(Action::Download, &path).await?;
        let answered = send(self.outward(&permit, Method::GET, headers), None).await?;
        let (parts, body) = answered.into_parts();
        self.tell("FileDownloaded", parts.status);
        Ok(DocumentResponse::Content(parts.status, parts.headers, body))
    }

    async fn change(
        &self,
        action: Action,
        method: Method,
        path: ItemPath,
        headers: HeaderMap,
        body: Option<body::Body>,
    ) -> Result<DocumentResponse, NoDocument> {
        let permit = self.decide(action, &path).await?;
        let mut outward = self.outward(&permit, method, headers);
        if action == Action::Delete {
            let actor = self.caller.as_actor(self.request.client);
            let questions = permit.questions();
            outward.aftermath = Aftermath::deleted(&questions, &self.configuration, actor);
        }
        let answered = send(outward, body).await?;
        let status = answered.status();
        propfind::drain(answered.into_body()).await;
        self.tell(told::operation(action), status);
        Ok(DocumentResponse::Done(status))
    }

    async fn properties(
        &self,
        path: &ItemPath,
        depth: &'static str,
    ) -> Result<Properties, NoDocument> {
        let permit = self.decide(Action::View, path).await?;
        let mut headers = HeaderMap::new();
        headers.insert(DEPTH, HeaderValue::from_static(depth));
        headers.insert(
            CONTENT_TYPE,
            HeaderValue::from_static("application/xml; charset=utf-8"),
        );
        headers.insert(ACCEPT_ENCODING, HeaderValue::from_static("identity"));
        let method = Method::from_bytes(b"PROPFIND").map_err(failed)?;
        let outward = self.outward(&permit, method, headers);
        let site = outward.site()?;
        let asked = format!(
            "<?xml version=\"1.0\" encoding=\"utf-8\"?><propfind xmlns=\"DAV:\">{}</propfind>",
            propfind::PROPERTIES
        );
        let answered = send(outward, Some(body::whole(asked.into()))).await?;
        match answered.status() {
            StatusCode::MULTI_STATUS => {
                let text = propfind::collect(answered.into_body())
                    .await
                    .map_err(failed)?;
                let items = propfind::read(&text, site).map_err(failed)?;
                Ok(Properties::Items(items))
            }
            status => {
                propfind::drain(answered.into_body()).await;
                Ok(if status.is_redirection() {
                    Properties::Elsewhere
                } else {
                    Properties::NoDav
                })
            }
        }
    }

    /// What plain HTTP says of the item.
    async fn head(&self) -> Result<Option<Item>, NoDocument> {
        let path = self.request.path.clone();
        let permit = self.decide(Action::View, &path).await?;
        let mut headers = HeaderMap::new();
        headers.insert(ACCEPT_ENCODING, HeaderValue::from_static("identity"));
        let answered = send(self.outward(&permit, Method::HEAD, headers), None).await?;
        match answered.status() {
            status if status.is_success() => Ok(Some(propfind::of_head(path, answered.headers()))),
            StatusCode::NOT_FOUND | StatusCode::GONE => Ok(None),
            StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN => {
                Err(NoDocument::Denied("upstream-denied"))
            }
            // A folder that is only there with a slash.
            status if status.is_redirection() => Ok(Some(propfind::of_head(
                as_folder(&path),
                answered.headers(),
            ))),
            status => Err(NoDocument::Failed(format!(
                "the upstream answered {status}"
            ))),
        }
    }

    fn outward<'p>(
        &'p self,
        permit: &'p Permit,
        method: Method,
        headers: HeaderMap,
    ) -> Outward<'p> {
        Outward {
            gateway: self.gateway,
            caller: self.caller,
            origin: self.origin,
            permit,
            method,
            headers,
            client: self.request.client,
            id: &self.request.id,
            now: self.request.now,
            aftermath: None,
            standing: Arc::new(Standing {
                gateway: Arc::clone(self.gateway),
                caller: self.caller.clone(),
                client: self.request.client,
                links: self.request.links.clone(),
                questions: permit.questions(),
            }),
        }
    }

    fn is_same(&self, path: &ItemPath) -> bool {
        path.is_same(&self.request.path, self.case())
    }

    /// Whether it lies in the folder that is asked about, and in no other site.
    fn lies_in(&self, path: &ItemPath) -> bool {
        let own = &self.request.path;
        path.is_within(own, self.case())
            && path.segments().len() == own.segments().len() + 1
            && self.gateway.routes.site(&self.caller.tenant, path) == Some(&self.request.site)
    }

    fn case(&self) -> gateway_core::path::PathCase {
        let tenant = self.configuration.tenants.get(&self.caller.tenant);
        let site = tenant.and_then(|tenant| tenant.sites.get(&self.request.site));
        site.map(|site| site.settings.path_case).unwrap_or_default()
    }
}

/// What came of `PROPFIND`.
enum Properties {
    /// What the upstream said.
    Items(Vec<Item>),
    /// It points elsewhere: most likely to the same with a slash.
    Elsewhere,
    /// It is no WebDAV, or not there.
    NoDav,
}

#[expect(clippy::needless_pass_by_value, reason = "as `map_err` gives it")]
fn failed(error: impl ToString) -> NoDocument {
    NoDocument::Failed(error.to_string())
}

/// The path of the item as a folder: with a slash at its end.
fn as_folder(path: &ItemPath) -> ItemPath {
    if path.has_trailing_slash() {
        return path.clone();
    }
    let parsed = ItemPath::parse(&format!("{}/", path.encoded()));
    parsed.unwrap_or_else(|_| path.clone())
}
