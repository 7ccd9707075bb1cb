//! OData, the part of it that Graph's clients use: filters, pages, and which properties are shown.
//!
//! Source: specification "Graph API" 2 and 5; OData 4.01 URL conventions 5.1.

mod filter;
mod parse;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Map, Value, json};

use crate::error::ApiError;
use crate::request::Request;

pub(crate) use filter::Filter;

/// What is asked for of a listing.
pub(crate) struct Asked {
    /// Properties to show; the default ones, if absent.
    pub(crate) select: Option<Vec<String>>,
    /// Which elements.
    pub(crate) filter: Option<Filter>,
    /// How many on a page, at most.
    pub(crate) top: usize,
    /// Where the page begins.
    pub(crate) after: Option<String>,
    /// Whether the number of all is asked for.
    pub(crate) count: bool,
}

impl Asked {
    /// Reads the options of a listing.
    ///
    /// - `properties`: what can be filtered by.
    /// - `top`: how many are on a page by default, and at most.
    ///
    /// # Errors
    /// [`ApiError`] with 400 for options that are not known or not well formed.
    pub(crate) fn read(
        request: &Request,
        properties: &[&str],
        top: (usize, usize),
    ) -> Result<Self, ApiError> {
        request.only_options(&["select", "filter", "top", "skiptoken", "count"])?;
        let bad = |message: &str| ApiError::unsupported_query(request.area(), message);
        let filter = request.option("$filter")?;
        let filter = filter.filter(|text| !text.trim().is_empty());
        let filter = filter
            .map(|text| Filter::parse(text, properties))
            .transpose();
        let filter = filter.map_err(|why| bad(&format!("Invalid filter clause: {why}")))?;
        let (usual, most) = top;
        let top = match request.option("$top")? {
            None => usual,
            Some(text) => {
                let top = text.parse().ok().filter(|top| (1..=most).contains(top));
                top.ok_or_else(|| bad(&format!("`$top` is from 1 to {most}.")))?
            }
        };
        let after = request.option("$skiptoken")?.map(|token| {
            let bytes = URL_SAFE_NO_PAD.decode(token).ok();
            bytes.and_then(|bytes| String::from_utf8(bytes).ok())
        });
        let after = match after {
            None => None,
            Some(Some(after)) if !after.is_empty() && after.len() <= 256 => Some(after),
            Some(_) => return Err(bad("`$skiptoken` is none of this service's.")),
        };
        let count = match request.option("$count")? {
            None => false,
            Some(text) => flag(text).ok_or_else(|| bad("`$count` is `true` or `false`."))?,
        };
        Ok(Self {
            select: select(request)?,
            filter,
            top,
            after,
            count,
        })
    }
}

fn flag(text: &str) -> Option<bool> {
    match text.to_ascii_lowercase().as_str() {
        "true" => Some(true),
        "false" => Some(false),
        _ => None,
    }
}

/// Properties asked for. Names that do not exist are simply not there, as with Graph.
pub(crate) fn select(request: &Request) -> Result<Option<Vec<String>>, ApiError> {
    let Some(text) = request.option("$select")? else {
        return Ok(None);
    };
    let names: Vec<String> = text
        .split(',')
        .map(|name| name.trim().to_owned())
        .filter(|name| !name.is_empty())
        .collect();
    let is_name = |name: &String| {
        let known = |byte: u8| byte.is_ascii_alphanumeric() || b"_@.*/".contains(&byte);
        name.len() <= 128 && name.bytes().all(known)
    };
    if !names.iter().all(is_name) {
        let message = "`$select` names what is no property.";
        return Err(ApiError::unsupported_query(request.area(), message));
    }
    let all = names.is_empty() || names.iter().any(|name| name == "*");
    Ok((!all).then_some(names))
}

/// The properties asked for; annotations stay, and so does `id` where nothing else is left to tell it by.
pub(crate) fn project(full: &Value, select: Option<&[String]>, usual: Option<&[&str]>) -> Value {
    let Value::Object(full) = full else {
        return full.clone();
    };
    let shown = |name: &str| match (select, usual) {
        (Some(select), _) => select.iter().any(|one| one.eq_ignore_ascii_case(name)),
        (None, Some(usual)) => usual.contains(&name),
        (None, None) => true,
    };
    let kept = full
        .iter()
        .filter(|(name, _)| name.starts_with('@') || shown(name));
    Value::Object(
        kept.map(|(name, value)| (name.clone(), value.clone()))
            .collect(),
    )
}

/// A page of a listing. A link to the next one is there only where there is one: the clients take null for one.
pub(crate) fn page(
    request: &Request,
    context: &str,
    items: Vec<Value>,
    next: Option<&str>,
    count: Option<usize>,
) -> Value {
    let mut page = Map::new();
    let context = format!("{}/$metadata#{context}", request.root());
    page.insert("@odata.context".to_owned(), json!(context));
    if let Some(count) = count {
        page.insert("@odata.count".to_owned(), json!(count));
    }
    if let Some(next) = next {
        page.insert(
            "@odata.nextLink".to_owned(),
            json!(next_link(request, next)),
        );
    }
    page.insert("value".to_owned(), Value::Array(items));
    Value::Object(page)
}

/// The absolute address of the next page, with every option of this one.
fn next_link(request: &Request, next: &str) -> String {
    let Ok(mut link) = url::Url::parse(&request.root()) else {
        return String::new();
    };
    if let Ok(mut path) = link.path_segments_mut() {
        path.extend(&request.segments);
    }
    let is_token = |name: &str| {
        let bare = name.strip_prefix('$').unwrap_or(name);
        bare.eq_ignore_ascii_case("skiptoken")
    };
    {
        let mut query = link.query_pairs_mut();
        for (name, value) in request.query.iter().filter(|(name, _)| !is_token(name)) {
            query.append_pair(name, value);
        }
        query.append_pair("$skiptoken", &URL_SAFE_NO_PAD.encode(next));
    }
    // Clients write these names as they are.
    link.as_str().replace("%24", "$")
}

/// One thing, with its context.
pub(crate) fn entity(request: &Request, context: &str, mut body: Value) -> Value {
    let context = format!("{}/$metadata#{context}", request.root());
    if let Value::Object(members) = &mut body {
        members.insert("@odata.context".to_owned(), json!(context));
    }
    body
}
