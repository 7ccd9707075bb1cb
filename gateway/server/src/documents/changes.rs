//! What changed in a folder since somebody last asked, where the upstream can say.
//!
//! Source: RFC 6578 section 3: `sync-collection`, one level deep. That level every such upstream knows.

use gateway_core::action::Action;
use gateway_core::path::ItemPath;
use gateway_graph::surroundings::{Changes, Item, NoDocument, Told};
use http::header::{ACCEPT_ENCODING, CONTENT_TYPE};
use http::{HeaderMap, HeaderValue, Method, StatusCode};

use super::propfind::{self, PROPERTIES};
use super::send::send;
use super::{Asking, DEPTH, Properties, as_folder, failed};
use crate::body;

/// Asks whether the folder can be asked for changes.
const CAN: &str = concat!(
    "<?xml version=\"1.0\" encoding=\"utf-8\"?>",
    "<propfind xmlns=\"DAV:\"><prop><supported-report-set/></prop></propfind>"
);

/// Longest token of an upstream, in bytes.
const TOKEN: usize = 1024;

impl Asking<'_> {
    /// What changed in the folder, of what the caller may see.
    ///
    /// - `since`: what the upstream said last time; from the beginning, if absent.
    pub(super) async fn changes(&self, since: Option<&str>) -> Result<Told, NoDocument> {
        let folder = as_folder(&self.request.path);
        if since.is_none() && !self.can_tell(&folder).await? {
            return Err(NoDocument::NotSupported);
        }
        let (status, text) = self.dav("REPORT", &folder, &asked(since)).await?;
        match status {
            StatusCode::MULTI_STATUS => {}
            StatusCode::NOT_FOUND | StatusCode::GONE => return Ok(Told::Gone),
            // RFC 6578 section 3.2: the precondition of that name, whatever the status.
            _ if since.is_some() && propfind::names(&text, b"valid-sync-token") => {
                return Ok(Told::Stale);
            }
            _ => return Err(NoDocument::NotSupported),
        }
        let tenant = self.gateway.declared.tenants.get(&self.caller.tenant);
        let site = tenant.and_then(|tenant| tenant.sites.get(&self.request.site));
        let site = site.ok_or_else(|| failed("the site is not configured"))?;
        let said = propfind::read_all(&text, site).map_err(failed)?;
        let token = said.token.filter(|token| token.len() <= TOKEN);
        let token = token.ok_or_else(|| failed("the upstream gave no token"))?;
        // What it says of an item may be only what changed of it, and some say nothing of folders.
        let Properties::Items(all) = self.properties(&folder, "1").await? else {
            return Ok(Told::Gone);
        };
        let held = all.into_iter().filter(|item| self.lies_in(&item.path));
        let held = self.seen(held.collect()).await?;
        let (case, named) = (self.case(), &said.named);
        let folders = held.iter().filter(|item| item.folder).cloned().collect();
        let changed = held.into_iter().filter(|item| {
            since.is_none() || named.iter().any(|path| path.is_same(&item.path, case))
        });
        let gone = said.gone.into_iter().filter(|path| self.lies_in(path));
        Ok(Told::Changes(Changes {
            token,
            more: said.truncated,
            changed: changed.collect(),
            gone: self.paths_seen(gone.collect()).await?,
            folders,
        }))
    }

    async fn can_tell(&self, folder: &ItemPath) -> Result<bool, NoDocument> {
        let (status, text) = self.dav("PROPFIND", folder, CAN).await?;
        Ok(status == StatusCode::MULTI_STATUS && propfind::names(&text, b"sync-collection"))
    }

    /// Asks for XML about the folder alone, and reads the answer whole.
    async fn dav(
        &self,
        method: &str,
        folder: &ItemPath,
        body: &str,
    ) -> Result<(StatusCode, bytes::Bytes), NoDocument> {
        let permit = self.decide(Action::View, folder).await?;
        let mut headers = HeaderMap::new();
        headers.insert(DEPTH, HeaderValue::from_static("0"));
        let xml = HeaderValue::from_static("application/xml; charset=utf-8");
        headers.insert(CONTENT_TYPE, xml);
        headers.insert(ACCEPT_ENCODING, HeaderValue::from_static("identity"));
        let method = Method::from_bytes(method.as_bytes()).map_err(failed)?;
        let outward = self.outward(&permit, method, headers);
        let whole = body::whole(bytes::Bytes::copy_from_slice(body.as_bytes()));
        let answered = send(outward, Some(whole)).await?;
        let status = answered.status();
        let text = propfind::collect(answered.into_body()).await;
        Ok((status, text.map_err(failed)?))
    }

    /// Leaves out what the caller may not see: not even that it is gone.
    async fn paths_seen(&self, paths: Vec<ItemPath>) -> Result<Vec<ItemPath>, NoDocument> {
        let bare = |path: ItemPath| Item {
            path,
            folder: false,
            size: None,
            media_type: None,
            etag: None,
            created: None,
            modified: None,
        };
        let seen = self.seen(paths.into_iter().map(bare).collect()).await?;
        Ok(seen.into_iter().map(|item| item.path).collect())
    }
}

fn asked(since: Option<&str>) -> String {
    let token = quick_xml::escape::escape(since.unwrap_or_default());
    format!(
        "<?xml version=\"1.0\" encoding=\"utf-8\"?><sync-collection xmlns=\"DAV:\"><sync-token>{token}</sync-token>\
         <sync-level>1</sync-level>{PROPERTIES}</sync-collection>"
    )
}
