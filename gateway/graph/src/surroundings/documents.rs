//! What is asked of upstreams, and what they answer.

use gateway_core::action::Action;
use gateway_core::id::{LinkId, SiteId};
use gateway_core::path::ItemPath;
use gateway_core::time::UnixTime;
use http::{HeaderMap, StatusCode};

use crate::drives;
use crate::error::{ApiError, Area};
use crate::request::StreamBody;

/// What is asked of the upstream.
pub struct DocumentRequest {
    /// The site.
    pub site: SiteId,
    /// The item.
    pub path: ItemPath,
    /// What.
    pub ask: DocumentAsk,
    /// When.
    pub now: UnixTime,
    /// From where.
    pub client: std::net::IpAddr,
    /// The request's id.
    pub id: String,
    /// Sharing links that the caller showed with this call.
    pub links: Vec<LinkId>,
}

/// What is asked of the upstream.
pub enum DocumentAsk {
    /// What the item is.
    Stat,
    /// What the item is, and what it holds.
    Children,
    /// Its content. The headers may hold `Range`, `If-None-Match`, `If-Range`, `If-Modified-Since`.
    Read(HeaderMap),
    /// New content. The headers may hold `If-Match`, `If-None-Match`.
    Write(HeaderMap, StreamBody),
    /// A new folder.
    MakeFolder,
    /// Away with it.
    Delete(HeaderMap),
    /// Whether the caller may do that; nothing is asked of the upstream.
    May(Action),
    /// A part of new content, for whoever may do that: it comes back as one that ends when they no longer may. Nothing is
    /// asked of the upstream.
    Take(Action, StreamBody),
    /// To another place in the same site, with everything below it and what was granted there. The headers may hold
    /// `If-Match`.
    Move {
        /// Where it goes.
        to: ItemPath,
        /// Whether it takes the place of what is there.
        replace: bool,
        /// The headers.
        headers: HeaderMap,
    },
    /// What changed in a folder, not in those below, since the upstream said this; from the beginning, if absent.
    Changes(Option<String>),
}

/// What the upstream says of an item.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Item {
    /// Where it is.
    pub path: ItemPath,
    /// Whether it holds others.
    pub folder: bool,
    /// Its length in bytes.
    pub size: Option<u64>,
    /// Its media type.
    pub media_type: Option<String>,
    /// Its entity tag, as the upstream spells it.
    pub etag: Option<String>,
    /// When it was made.
    pub created: Option<UnixTime>,
    /// When it was changed.
    pub modified: Option<UnixTime>,
}

/// What came of it.
pub enum DocumentResponse {
    /// The item; no item, where there is none.
    Item(Option<Item>),
    /// The item and what it holds; `None` where there is none. Items that the caller may not see are left out.
    Children(Option<(Item, Vec<Item>)>),
    /// Content: status (200, 206, 304, 404, 412, 416), headers, and the bytes.
    Content(StatusCode, HeaderMap, StreamBody),
    /// The upstream's status of a write.
    Done(StatusCode),
    /// The caller may.
    Allowed,
    /// A part of new content, to be read as long as the caller may.
    Taken(StreamBody),
    /// What changed.
    Told(Told),
}

/// What an upstream tells of a folder's changes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Told {
    /// These.
    Changes(Changes),
    /// It no longer knows what it said then.
    Stale,
    /// The folder is gone.
    Gone,
}

/// What changed in a folder. What the caller may not see is left out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Changes {
    /// What the upstream is to be asked with next time.
    pub token: String,
    /// Whether there is more to be told at once.
    pub more: bool,
    /// Items that are new or changed.
    pub changed: Vec<Item>,
    /// Items that are gone.
    pub gone: Vec<ItemPath>,
    /// Every folder in it, changed or not: some upstreams tell nothing of these.
    pub folders: Vec<Item>,
}

/// The answer is not one to what was asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the upstream was asked one thing and answered another")]
pub struct BesideThePoint;

/// What there is to see.
type Seen<T> = Result<T, BesideThePoint>;

impl DocumentResponse {
    /// The answer to [`DocumentAsk::Stat`].
    ///
    /// # Errors
    /// [`BesideThePoint`].
    pub fn item(self) -> Seen<Option<Item>> {
        match self {
            Self::Item(item) => Ok(item),
            Self::Children(_) | Self::Content(..) | Self::Done(_) => Err(BesideThePoint),
            Self::Allowed | Self::Taken(_) | Self::Told(_) => Err(BesideThePoint),
        }
    }

    /// The answer to [`DocumentAsk::Children`].
    ///
    /// # Errors
    /// [`BesideThePoint`].
    pub fn children(self) -> Seen<Option<(Item, Vec<Item>)>> {
        match self {
            Self::Children(children) => Ok(children),
            Self::Item(_) | Self::Content(..) | Self::Done(_) => Err(BesideThePoint),
            Self::Allowed | Self::Taken(_) | Self::Told(_) => Err(BesideThePoint),
        }
    }

    /// The answer to [`DocumentAsk::Read`].
    ///
    /// # Errors
    /// [`BesideThePoint`].
    pub fn content(self) -> Seen<(StatusCode, HeaderMap, StreamBody)> {
        match self {
            Self::Content(status, headers, body) => Ok((status, headers, body)),
            Self::Item(_) | Self::Children(_) | Self::Done(_) => Err(BesideThePoint),
            Self::Allowed | Self::Taken(_) | Self::Told(_) => Err(BesideThePoint),
        }
    }

    /// The answer to whatever changes something.
    ///
    /// # Errors
    /// [`BesideThePoint`].
    pub fn done(self) -> Seen<StatusCode> {
        match self {
            Self::Done(status) => Ok(status),
            Self::Item(_) | Self::Children(_) | Self::Content(..) => Err(BesideThePoint),
            Self::Allowed | Self::Taken(_) | Self::Told(_) => Err(BesideThePoint),
        }
    }

    /// The answer to [`DocumentAsk::May`].
    ///
    /// # Errors
    /// [`BesideThePoint`].
    pub fn allowed(self) -> Seen<()> {
        match self {
            Self::Allowed => Ok(()),
            Self::Item(_) | Self::Children(_) | Self::Content(..) => Err(BesideThePoint),
            Self::Done(_) | Self::Taken(_) | Self::Told(_) => Err(BesideThePoint),
        }
    }

    /// The answer to [`DocumentAsk::Take`].
    ///
    /// # Errors
    /// [`BesideThePoint`].
    pub fn taken(self) -> Seen<StreamBody> {
        match self {
            Self::Taken(body) => Ok(body),
            Self::Item(_) | Self::Children(_) | Self::Content(..) => Err(BesideThePoint),
            Self::Done(_) | Self::Allowed | Self::Told(_) => Err(BesideThePoint),
        }
    }

    /// The answer to [`DocumentAsk::Changes`].
    ///
    /// # Errors
    /// [`BesideThePoint`].
    pub fn told(self) -> Seen<Told> {
        match self {
            Self::Told(told) => Ok(told),
            Self::Item(_) | Self::Children(_) | Self::Content(..) => Err(BesideThePoint),
            Self::Done(_) | Self::Allowed | Self::Taken(_) => Err(BesideThePoint),
        }
    }
}

impl From<BesideThePoint> for ApiError {
    fn from(error: BesideThePoint) -> Self {
        Self::unavailable(Area::Files, error)
    }
}

/// Why there is nothing to see.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NoDocument {
    /// The rules refuse, with the documented code.
    Denied(&'static str),
    /// The upstream cannot list: it is no WebDAV.
    NotSupported,
    /// The upstream failed.
    Failed(String),
    /// The directory cannot be trusted to be fresh.
    Stale,
}

impl From<NoDocument> for ApiError {
    fn from(why: NoDocument) -> Self {
        match why {
            NoDocument::Denied(code) => drives::denied(code),
            NoDocument::NotSupported => drives::not_supported("the upstream cannot list"),
            NoDocument::Failed(cause) => Self::unavailable(Area::Files, cause),
            NoDocument::Stale => Self::unavailable(Area::Files, "the directory is stale"),
        }
    }
}
