//! Records of the audit.

use gateway_core::id::{LinkId, SiteId};
use gateway_store::model::{AuditQuery, AuditRecord};
use serde_json::Value;

use super::call::{Call, bad, next_link, ok, store};
use super::words::{Listing, Record, shown};
use crate::error::ApiError;
use crate::response::Response;

const PAGE: usize = 100;

pub(super) async fn list(call: Call<'_>) -> Result<Response, ApiError> {
    let text = |name: &str| call.parameter(name).map(str::to_owned);
    let site = call.parameter("site").map(SiteId::parse).transpose();
    let site = site.map_err(|error| bad(format!("`site`: {error}.")))?;
    let link = call.parameter("link").map(LinkId::parse).transpose();
    let item = match (site, text("item")) {
        (Some(site), item) => Some((site, item.unwrap_or_else(|| "/".to_owned()))),
        (None, None) => None,
        (None, Some(_)) => return Err(bad("`item` needs `site` beside it.")),
    };
    let after = text("after");
    if !after.as_deref().is_none_or(AuditQuery::is_cursor) {
        return Err(bad("`after` is not where a page of this list ended."));
    }
    let query = AuditQuery {
        person: text("person"),
        item,
        link: link.map_err(|error| bad(format!("`link`: {error}.")))?,
        operation: text("operation"),
        from: call.moment("from"),
        until: call.moment("until"),
        after,
        limit: call.number("top", PAGE),
    };
    let page = call.directory().audit(&call.caller.tenant, &query).await;
    let page = page.map_err(|error| store(&error))?;
    ok(&Listing {
        value: page.items.into_iter().map(record).collect(),
        next_link: page.next.map(|after| next_link(&call, &after)),
    })
}

fn record(record: AuditRecord) -> Record {
    Record {
        chain: record.chain,
        number: record.number,
        at: shown(record.at),
        hash: record
            .hash
            .iter()
            .map(|byte| format!("{byte:02x}"))
            .collect(),
        record: match record.body {
            Value::Object(body) => body,
            other => [("value".to_owned(), other)].into_iter().collect(),
        },
    }
}
