//! What a call about documents says, read once and whole, so that nothing further down reads it another way.

use std::net::IpAddr;

use bytes::Bytes;
use gateway_core::time::UnixTime;
use http::header::{HeaderName, IF_MATCH};
use http::{HeaderMap, Method};
use serde_json::Value;

use super::order::{Key, Order};
use crate::error::{ApiError, Area};
use crate::request::json::Object;
use crate::request::{Payload, Request, StreamBody};

/// Items on a page where nothing is said, and at most.
pub(super) const PAGE: usize = 200;
const MOST: usize = 1000;

/// What becomes of an upload where something has the name already.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Conflict {
    /// It is refused.
    Fail,
    /// It takes the place of what is there.
    #[default]
    Replace,
    /// It gets another name.
    Rename,
}

impl Conflict {
    pub(crate) fn parse(text: &str) -> Result<Self, ApiError> {
        match text {
            "fail" => Ok(Self::Fail),
            "replace" => Ok(Self::Replace),
            "rename" => Ok(Self::Rename),
            _ => Err(ApiError::bad_request(
                Area::Files,
                "`@microsoft.graph.conflictBehavior` is `fail`, `replace` or `rename`.",
            )),
        }
    }
}

/// A call, without what streams.
pub(crate) struct Head {
    pub(crate) method: Method,
    pub(crate) headers: HeaderMap,
    /// The body where it was read whole.
    pub(crate) body: Bytes,
    /// `https://host/v1.0`.
    pub(crate) root: String,
    /// The segments of the path, for links to further pages.
    pub(crate) segments: Vec<String>,
    /// The options other than the place of the page, for links to further pages.
    options: Vec<(String, String)>,
    /// `$select`.
    pub(crate) select: Option<Vec<String>>,
    /// `$top`.
    pub(crate) top: usize,
    /// The place after which the page begins.
    pub(crate) after: Option<Key>,
    /// `$orderby`.
    pub(crate) order: Order,
    /// `$expand=children`.
    pub(crate) expand: Option<Expand>,
    /// `token`, of changes.
    pub(crate) token: Option<String>,
    /// `@microsoft.graph.conflictBehavior` in the query.
    pub(crate) conflict: Option<Conflict>,
    /// `Prefer: redeemSharingLink`.
    pub(crate) redeem: bool,
    /// `Prefer: redeemSharingLinkIfNecessary`.
    pub(crate) redeem_now: bool,
    pub(crate) now: UnixTime,
    pub(crate) client: IpAddr,
    pub(crate) id: String,
}

impl Head {
    /// Reads a call; the body apart where it streams.
    ///
    /// # Errors
    /// [`ApiError`] with 400 for options that make no sense here.
    pub(crate) fn read(request: Request) -> Result<(Self, Option<StreamBody>), ApiError> {
        request.only_options(&["select", "top", "skiptoken", "orderby", "expand", "count"])?;
        let select = request.option("$select")?.map(listed);
        let top = request
            .option("$top")?
            .map(top)
            .transpose()?
            .unwrap_or(PAGE);
        let after = request.option("$skiptoken")?.map(Key::parse).transpose()?;
        let order = request.option("$orderby")?.map(Order::parse).transpose()?;
        let expand = request.option("$expand")?.map(Expand::parse).transpose()?;
        let conflict = request
            .query
            .iter()
            .find(|(name, _)| name.eq_ignore_ascii_case("@microsoft.graph.conflictBehavior"))
            .map(|(_, value)| Conflict::parse(value))
            .transpose()?;
        let token = request.option("token")?.map(str::to_owned);
        let (redeem, redeem_now) = (
            request.prefers("redeemSharingLink"),
            request.prefers("redeemSharingLinkIfNecessary"),
        );
        let root = request.root();
        let options = request
            .query
            .iter()
            .filter(|(name, _)| {
                !name
                    .trim_start_matches('$')
                    .eq_ignore_ascii_case("skiptoken")
            })
            .cloned()
            .collect();
        let (body, stream) = match request.payload {
            Payload::Whole(bytes) => (bytes, None),
            Payload::Stream(upload) => (Bytes::new(), Some(upload.into_body())),
        };
        let head = Self {
            method: request.method,
            headers: request.headers,
            body,
            root,
            segments: request.segments,
            options,
            select,
            top,
            after,
            order: order.unwrap_or_default(),
            expand: expand.flatten(),
            token,
            conflict,
            redeem,
            redeem_now,
            now: request.now,
            client: request.client,
            id: request.id,
        };
        Ok((head, stream))
    }

    /// The body as a JSON object.
    pub(crate) fn object(&self) -> Result<Object, ApiError> {
        Object::read(&self.body, Area::Files)
    }

    /// An annotation of the body, which [`Head::object`] leaves out.
    pub(crate) fn annotation(&self, name: &str) -> Option<String> {
        let body: Value = serde_json::from_slice(&self.body).ok()?;
        body.get(name)?.as_str().map(str::to_owned)
    }

    /// The same, of an object in the body.
    pub(crate) fn annotation_of(&self, object: &str, name: &str) -> Option<String> {
        let body: Value = serde_json::from_slice(&self.body).ok()?;
        body.get(object)?.get(name)?.as_str().map(str::to_owned)
    }

    /// Whether `name` is wanted in the answer by name.
    pub(crate) fn selects(&self, name: &str) -> bool {
        let select = self.select.as_ref();
        select.is_some_and(|names| names.iter().any(|one| one == name))
    }

    /// Leaves of `value` what was selected; annotations stay.
    pub(crate) fn selected(&self, value: Value) -> Value {
        selected(self.select.as_deref(), value)
    }

    /// Whether `If-Match` holds for that entity tag. Absent, it holds.
    pub(crate) fn matches(&self, tag: Option<&str>) -> bool {
        self.listed_tags(&IF_MATCH).is_none_or(|wanted| {
            wanted
                .iter()
                .any(|one| one == "*" || Some(one.as_str()) == tag)
        })
    }

    fn listed_tags(&self, name: &HeaderName) -> Option<Vec<String>> {
        let mut values = self.headers.get_all(name).iter().peekable();
        values.peek()?;
        let texts = values.filter_map(|value| value.to_str().ok());
        Some(
            texts
                .flat_map(|text| text.split(','))
                .map(|tag| tag.trim().to_owned())
                .collect(),
        )
    }

    /// The absolute address of the page after the one that ends with `last`.
    pub(crate) fn next_page(&self, last: &Key) -> String {
        let path: Vec<String> = self
            .segments
            .iter()
            .map(|segment| escaped(segment))
            .collect();
        let mut options: Vec<String> = self
            .options
            .iter()
            .map(|(name, value)| format!("{}={}", escaped_name(name), escaped(value)))
            .collect();
        options.push(format!("$skiptoken={}", last.token()));
        format!("{}/{}?{}", self.root, path.join("/"), options.join("&"))
    }
}

fn listed(text: &str) -> Vec<String> {
    let names = text.split(',').map(str::trim);
    names
        .filter(|name| !name.is_empty())
        .map(str::to_owned)
        .collect()
}

pub(super) fn bad(message: &str) -> ApiError {
    ApiError::bad_request(Area::Files, message).with_inner("invalidQueryOption")
}

fn top(text: &str) -> Result<usize, ApiError> {
    match text.parse() {
        Ok(0) | Err(_) => Err(bad("`$top` is a number from 1.")),
        Ok(count) => Ok(MOST.min(count)),
    }
}

/// Leaves of `value` what is listed; annotations stay.
pub(crate) fn selected(select: Option<&[String]>, mut value: Value) -> Value {
    if let (Some(select), Some(members)) = (select, value.as_object_mut()) {
        members.retain(|name, _| {
            name == "id" || name.starts_with("@odata") || select.iter().any(|one| one == name)
        });
    }
    value
}

/// What of an expanded item's children is shown.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Expand {
    /// `children($select=…)`.
    pub(crate) select: Option<Vec<String>>,
}

impl Expand {
    /// Reads `children` or `children($select=id,name)`; nothing of an empty text.
    fn parse(text: &str) -> Result<Option<Self>, ApiError> {
        let wrong = || bad("`$expand` knows `children` and `children($select=…)`.");
        let text = text.trim();
        if text.is_empty() {
            return Ok(None);
        }
        let inner = text.strip_prefix("children").ok_or_else(wrong)?;
        if inner.is_empty() {
            return Ok(Some(Self::default()));
        }
        let inner = inner
            .strip_prefix('(')
            .and_then(|rest| rest.strip_suffix(')'));
        let names = inner.and_then(|inner| inner.trim().strip_prefix("$select="));
        let names = names.filter(|names| !names.contains([';', '(', ')']));
        let select = Some(listed(names.ok_or_else(wrong)?));
        Ok(Some(Self { select }))
    }
}

/// Percent-encodes whatever is not unreserved.
pub(crate) fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            out.push(char::from(byte));
        } else {
            out.push_str(&format!("%{byte:02X}"));
        }
    }
    out
}

/// Names of options keep their `$`: clients look for it.
fn escaped_name(name: &str) -> String {
    match name.strip_prefix('$') {
        Some(bare) => format!("${}", escaped(bare)),
        None => escaped(name),
    }
}
