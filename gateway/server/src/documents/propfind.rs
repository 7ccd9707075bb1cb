//! What an upstream says of its items: the answer to `PROPFIND`, read within bounds, and believed only about items that
//! lie where they may.
//!
//! Source: RFC 4918 sections 9.1, 14 and 15.

mod dates;

use bytes::{Bytes, BytesMut};
use gateway_config::model::Site;
use gateway_core::path::ItemPath;
use gateway_graph::surroundings::Item;
use http::HeaderMap;
use http::header::{CONTENT_LENGTH, CONTENT_TYPE, ETAG, LAST_MODIFIED};
use http_body_util::BodyExt;
use quick_xml::NsReader;
use quick_xml::events::Event;
use quick_xml::name::{Namespace, ResolveResult};

use crate::body::Body;
use crate::upstream::address;

/// What is asked for.
pub(super) const PROPERTIES: &str = concat!(
    "<prop><resourcetype/><getcontentlength/><getcontenttype/><getetag/><getlastmodified/>",
    "<creationdate/></prop>"
);
/// Longest answer, in bytes.
const MOST_BYTES: usize = 16 * 1024 * 1024;
/// Most items in an answer.
const MOST_ITEMS: usize = 20_000;
/// Deepest nesting.
const MOST_DEEP: usize = 32;
/// Longest text of a property, in bytes.
const MOST_TEXT: usize = 16 * 1024;
/// How much of an answer that nobody reads is waited for.
const MOST_DRAINED: usize = 64 * 1024;

/// Why an answer is not believed.
#[derive(Debug, thiserror::Error)]
pub(super) enum Unreadable {
    #[error("the answer to PROPFIND is too long, or broke off")]
    TooLong,
    #[error("the answer to PROPFIND is no XML")]
    NoXml,
    #[error("the answer to PROPFIND declares entities")]
    Declares,
    #[error("the answer to PROPFIND is nested too deeply")]
    TooDeep,
    #[error("the answer to PROPFIND names too many items")]
    TooMany,
}

/// Collects an answer.
pub(super) async fn collect(body: Body) -> Result<Bytes, Unreadable> {
    gathered(body, MOST_BYTES).await.ok_or(Unreadable::TooLong)
}

/// Reads an answer to its end, so that its connection can serve another; a long one is dropped.
pub(super) async fn drain(body: Body) {
    drop(gathered(body, MOST_DRAINED).await);
}

/// The whole body; nothing where it is longer than `most`, or breaks off.
async fn gathered(mut body: Body, most: usize) -> Option<Bytes> {
    let mut all = BytesMut::new();
    while let Some(frame) = body.frame().await {
        let Ok(data) = frame.ok()?.into_data() else {
            continue;
        };
        if all.len() + data.len() > most {
            return None;
        }
        all.extend_from_slice(&data);
    }
    Some(all.freeze())
}

/// What plain HTTP says of an item.
pub(super) fn of_head(path: ItemPath, headers: &HeaderMap) -> Item {
    let text = |name| {
        headers
            .get(name)
            .and_then(|value| value.to_str().ok())
            .map(str::to_owned)
    };
    let media_type = text(CONTENT_TYPE);
    Item {
        folder: path.has_trailing_slash(),
        size: text(CONTENT_LENGTH).and_then(|length| length.parse().ok()),
        media_type,
        etag: text(ETAG),
        created: None,
        modified: text(LAST_MODIFIED).as_deref().and_then(dates::http),
        path,
    }
}

/// The element that is being read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Element {
    Response,
    Href,
    PropStat,
    Status,
    Prop,
    ResourceType,
    Collection,
    Length,
    Type,
    Tag,
    Modified,
    Created,
    SyncToken,
    Other,
}

impl Element {
    fn of(namespace: &ResolveResult<'_>, local: &[u8]) -> Self {
        if *namespace != ResolveResult::Bound(Namespace(b"DAV:")) {
            return Self::Other;
        }
        match local {
            b"response" => Self::Response,
            b"href" => Self::Href,
            b"propstat" => Self::PropStat,
            b"status" => Self::Status,
            b"prop" => Self::Prop,
            b"resourcetype" => Self::ResourceType,
            b"collection" => Self::Collection,
            b"getcontentlength" => Self::Length,
            b"getcontenttype" => Self::Type,
            b"getetag" => Self::Tag,
            b"getlastmodified" => Self::Modified,
            b"creationdate" => Self::Created,
            b"sync-token" => Self::SyncToken,
            _ => Self::Other,
        }
    }

    /// Whether its text is wanted.
    const fn has_text(self) -> bool {
        matches!(
            self,
            Self::Href
                | Self::Status
                | Self::Length
                | Self::Type
                | Self::Tag
                | Self::Modified
                | Self::Created
                | Self::SyncToken
        )
    }
}

/// What one `propstat` says; it counts where its status is 200.
#[derive(Default)]
struct Props {
    status: String,
    folder: bool,
    size: Option<u64>,
    media_type: Option<String>,
    etag: Option<String>,
    created: Option<gateway_core::time::UnixTime>,
    modified: Option<gateway_core::time::UnixTime>,
}

#[derive(Default)]
struct Said {
    href: Option<String>,
    status: String,
    found: Option<Props>,
}

/// What an answer says.
#[derive(Default)]
pub(super) struct Answer {
    /// The items that are there, in its order. Those that lie where the site is not are left out.
    pub(super) items: Vec<Item>,
    /// Every one that is there, also where nothing is said of it.
    pub(super) named: Vec<ItemPath>,
    /// Those that are gone.
    pub(super) gone: Vec<ItemPath>,
    /// Whether there is more than it says (RFC 6578 section 3.6).
    pub(super) truncated: bool,
    /// What to ask with next time.
    pub(super) token: Option<String>,
}

/// Whether an answer holds an element of that name, wherever; not where it is no XML to its end.
pub(super) fn names(text: &[u8], local: &[u8]) -> bool {
    let mut reader = NsReader::from_reader(text);
    let mut found = false;
    loop {
        match reader.read_resolved_event() {
            Ok((namespace, Event::Start(start) | Event::Empty(start))) => {
                let own = namespace == ResolveResult::Bound(Namespace(b"DAV:"));
                found |= own && start.local_name().as_ref() == local;
            }
            Ok((_, Event::Eof)) => return found,
            Ok((_, Event::DocType(_))) | Err(_) => return false,
            Ok(_) => {}
        }
    }
}

/// The items that an answer names.
pub(super) fn read(text: &[u8], site: &Site) -> Result<Vec<Item>, Unreadable> {
    read_all(text, site).map(|answer| answer.items)
}

/// Everything that an answer says.
pub(super) fn read_all(text: &[u8], site: &Site) -> Result<Answer, Unreadable> {
    let mut reader = NsReader::from_reader(text);
    reader.config_mut().check_end_names = true;
    let mut open: Vec<Element> = Vec::new();
    let mut value = String::new();
    let (mut said, mut props) = (Said::default(), Props::default());
    let (mut answer, mut named) = (Answer::default(), 0);
    loop {
        let (namespace, event) = reader
            .read_resolved_event()
            .map_err(|_| Unreadable::NoXml)?;
        match event {
            Event::Start(start) => {
                let element = Element::of(&namespace, start.local_name().as_ref());
                begin(element, &open, &mut said, &mut props);
                open.push(element);
                if open.len() > MOST_DEEP {
                    return Err(Unreadable::TooDeep);
                }
                value.clear();
            }
            Event::Empty(start) => {
                let element = Element::of(&namespace, start.local_name().as_ref());
                begin(element, &open, &mut said, &mut props);
            }
            Event::Text(text) => {
                let text = text.decode().map_err(|_| Unreadable::NoXml)?;
                take(&open, &mut value, &text)?;
            }
            Event::CData(text) => {
                let text = text.decode().map_err(|_| Unreadable::NoXml)?;
                take(&open, &mut value, &text)?;
            }
            Event::GeneralRef(reference) => {
                let name = reference.decode().map_err(|_| Unreadable::NoXml)?;
                let letter = match reference
                    .resolve_char_ref()
                    .map_err(|_| Unreadable::NoXml)?
                {
                    Some(letter) => letter,
                    None => predefined(&name).ok_or(Unreadable::Declares)?,
                };
                take(&open, &mut value, letter.encode_utf8(&mut [0; 4]))?;
            }
            Event::End(_) => {
                let Some(element) = open.pop() else {
                    return Err(Unreadable::NoXml);
                };
                end(element, &open, &value, &mut said, &mut props);
                if element == Element::Response {
                    named += 1;
                    answer.add(std::mem::take(&mut said), site);
                    if named > MOST_ITEMS {
                        return Err(Unreadable::TooMany);
                    }
                }
                if element == Element::SyncToken && open.len() == 1 {
                    answer.token = Some(value.trim().to_owned()).filter(|token| !token.is_empty());
                }
                value.clear();
            }
            // Nothing that an upstream declares is ever expanded; that it declares at all is reason enough.
            Event::DocType(_) => return Err(Unreadable::Declares),
            Event::Comment(_) | Event::Decl(_) | Event::PI(_) => {}
            Event::Eof if open.is_empty() => return Ok(answer),
            Event::Eof => return Err(Unreadable::NoXml),
        }
    }
}

fn begin(element: Element, open: &[Element], said: &mut Said, props: &mut Props) {
    match element {
        Element::Response => *said = Said::default(),
        Element::PropStat => *props = Props::default(),
        Element::Collection if open.last() == Some(&Element::ResourceType) => props.folder = true,
        _ => {}
    }
}

fn take(open: &[Element], value: &mut String, text: &str) -> Result<(), Unreadable> {
    if open.last().is_some_and(|element| element.has_text()) {
        if value.len() + text.len() > MOST_TEXT {
            return Err(Unreadable::TooLong);
        }
        value.push_str(text);
    }
    Ok(())
}

fn end(element: Element, open: &[Element], value: &str, said: &mut Said, props: &mut Props) {
    let text = value.trim();
    let owned = || (!text.is_empty()).then(|| text.to_owned());
    match (element, open.last()) {
        (Element::Href, Some(Element::Response)) => said.href = owned(),
        (Element::Status, Some(Element::Response)) => text.clone_into(&mut said.status),
        (Element::Status, Some(Element::PropStat)) => text.clone_into(&mut props.status),
        (Element::Length, Some(Element::Prop)) => props.size = text.parse().ok(),
        (Element::Type, Some(Element::Prop)) => props.media_type = owned(),
        (Element::Tag, Some(Element::Prop)) => props.etag = owned(),
        (Element::Modified, Some(Element::Prop)) => props.modified = dates::http(text),
        (Element::Created, Some(Element::Prop)) => props.created = dates::iso(text),
        (Element::PropStat, Some(Element::Response)) if is_fine(&props.status) => {
            said.found = Some(std::mem::take(props));
        }
        _ => {}
    }
}

fn is_fine(status: &str) -> bool {
    code(status) == Some("200")
}

fn code(status: &str) -> Option<&str> {
    status.split_whitespace().nth(1)
}

/// Source: XML 1.0, section 4.6.
fn predefined(name: &str) -> Option<char> {
    match name {
        "amp" => Some('&'),
        "lt" => Some('<'),
        "gt" => Some('>'),
        "apos" => Some('\''),
        "quot" => Some('"'),
        _ => None,
    }
}

impl Answer {
    /// Adds what it says of one item.
    fn add(&mut self, said: Said, site: &Site) {
        let inward = said.href.as_deref();
        let inward = inward.and_then(|href| address::inward_item(site, href));
        let path = inward.and_then(|inward| ItemPath::parse(&inward).ok());
        match code(&said.status) {
            Some("404" | "410") => self.gone.extend(path),
            Some("507") => self.truncated = true,
            _ => {
                self.named.extend(path);
                self.items.extend(item(said, site));
            }
        }
    }
}

fn item(said: Said, site: &Site) -> Option<Item> {
    if !said.status.is_empty() && !is_fine(&said.status) {
        return None;
    }
    let props = said.found?;
    let inward = address::inward_item(site, &said.href?)?;
    let path = ItemPath::parse(&inward).ok()?;
    Some(Item {
        path,
        folder: props.folder,
        size: props.size.filter(|_| !props.folder),
        media_type: props.media_type.filter(|_| !props.folder),
        etag: props.etag,
        created: props.created,
        modified: props.modified,
    })
}

#[cfg(test)]
mod tests;
