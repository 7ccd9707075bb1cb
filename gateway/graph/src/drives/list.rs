//! Ids of items: random, kept with the path, and moved along with what is moved through the gateway.
//!
//! Where the store cannot keep one, an id seals the path itself: reading goes on while nothing can be written. Such an
//! id serves as long as its keys do, and does not move along.

use std::collections::BTreeMap;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use gateway_config::model::Site;
use gateway_core::path::ItemPath;

use super::{Call, ids, places};
use crate::error::{ApiError, Area};

/// What ids that seal a path begin with.
const SEALED: &str = "02";
const PURPOSE: &str = "item-id";
/// Longest id of a kept item.
const KEPT: usize = 64;

/// The ids of items of a site, by their paths without trailing slash.
pub(crate) async fn ids(
    call: &Call<'_>,
    site: &Site,
    paths: &[ItemPath],
) -> Result<BTreeMap<String, String>, ApiError> {
    let tenant = &call.caller.tenant;
    let mut wanted = BTreeMap::new();
    for path in paths {
        let random = call.around.random();
        let random = random.map_err(|error| ApiError::unavailable(Area::Files, error))?;
        wanted.insert(places::trimmed(path), ids::item(&random));
    }
    let store = call.around.directory().store();
    match store.item_ids(tenant, &site.id, &wanted).await {
        Ok(known) => Ok(known),
        Err(error) => {
            tracing::warn!(error = %error, "Ids of items cannot be kept");
            wanted
                .into_keys()
                .map(|path| sealed(call, site, path))
                .collect()
        }
    }
}

fn sealed(call: &Call<'_>, site: &Site, path: String) -> Result<(String, String), ApiError> {
    let plain = format!("{}\0{}\0{path}", call.caller.tenant, site.id);
    let sealed = call.around.seal(PURPOSE, plain.as_bytes());
    let sealed = sealed.map_err(|error| ApiError::unavailable(Area::Files, error))?;
    Ok((path, format!("{SEALED}{}", URL_SAFE_NO_PAD.encode(sealed))))
}

/// The path of the item of a site that has that id.
pub(crate) async fn path(
    call: &Call<'_>,
    site: &Site,
    id: &str,
) -> Result<Option<ItemPath>, ApiError> {
    if let Some(sealed) = id.strip_prefix(SEALED) {
        return Ok(unsealed(call, site, sealed));
    }
    if id.len() > KEPT {
        return Ok(None);
    }
    let store = call.around.directory().store();
    let found = store.item(&call.caller.tenant, id).await;
    let found = found.map_err(|error| ApiError::store(Area::Files, &error))?;
    let own = found.filter(|(of, _)| *of == site.id);
    Ok(own.and_then(|(_, path)| parsed(&path)))
}

fn unsealed(call: &Call<'_>, site: &Site, sealed: &str) -> Option<ItemPath> {
    let sealed = URL_SAFE_NO_PAD.decode(sealed).ok()?;
    let plain = String::from_utf8(call.around.open(PURPOSE, &sealed)?).ok()?;
    let mut parts = plain.splitn(3, '\0');
    let own = parts.next()? == call.caller.tenant.as_str() && parts.next()? == site.id.as_str();
    if own { parsed(parts.next()?) } else { None }
}

fn parsed(path: &str) -> Option<ItemPath> {
    ItemPath::parse(if path.is_empty() { "/" } else { path }).ok()
}
