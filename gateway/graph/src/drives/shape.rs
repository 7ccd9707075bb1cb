//! Sites, drives and items as Graph writes them.

use std::collections::BTreeMap;

use gateway_config::model::{Site, Tenant};
use gateway_core::path::ItemPath;
use gateway_core::settings::Partition;
use serde_json::{Value, json};

use super::head::escaped;
use super::{ids, places};
use crate::request::json::written;
use crate::surroundings::Item;

/// Where a tenant is, and how its addresses begin.
pub(crate) struct Around<'a> {
    pub(crate) tenant: &'a Tenant,
    /// `https://host[:port]` of its documents.
    pub(crate) origin: &'a str,
}

impl Around<'_> {
    fn host(&self) -> &str {
        self.tenant
            .hosts
            .first()
            .map(String::as_str)
            .unwrap_or_default()
    }

    /// The address of an item in the gateway.
    pub(crate) fn url(&self, path: &ItemPath) -> String {
        format!("{}{}", self.origin, path.encoded())
    }

    /// A site's id.
    pub(crate) fn site_id(&self, site: &Site) -> String {
        ids::site(self.host(), &self.tenant.id, &site.id)
    }

    /// A site.
    pub(crate) fn site(&self, site: &Site) -> Value {
        let mut value = json!({
            "id": self.site_id(site),
            "name": name(site),
            "displayName": name(site),
            "webUrl": self.url(&site.path),
            "siteCollection": { "hostname": self.host() },
            "isPersonalSite": site.settings.partition == Partition::OneDrive,
        });
        if let Some(members) = value.as_object_mut() {
            members.insert("root".to_owned(), json!({}));
        }
        value
    }

    /// The drive of a site. What the upstream has room for is not known: the quota says nothing but that it is normal.
    pub(crate) fn drive(&self, site: &Site) -> Value {
        let kind = drive_type(site);
        let mut value = json!({
            "id": ids::drive(&self.tenant.id, &site.id),
            "name": "Documents",
            "driveType": kind,
            "webUrl": self.url(&site.path),
            "owner": { "group": { "id": ids::collection(&self.tenant.id, &site.id), "displayName": name(site) } },
            "quota": { "state": "normal" },
            "sharePointIds": { "siteId": ids::collection(&self.tenant.id, &site.id), "siteUrl": self.url(&site.path) },
        });
        if site.settings.partition == Partition::OneDrive
            && let Some(members) = value.as_object_mut()
        {
            let owner = json!({ "user": { "displayName": name(site) } });
            members.insert("owner".to_owned(), owner);
        }
        value
    }

    /// An item.
    ///
    /// - `ids`: of the item and of the folder that it lies in, by path.
    pub(crate) fn item(&self, site: &Site, item: &Item, ids: &BTreeMap<String, String>) -> Value {
        let id = |path: &ItemPath| ids.get(&places::trimmed(path)).cloned().unwrap_or_default();
        let own = id(&item.path);
        let root = places::parent(site, &item.path).is_none();
        let mut value = json!({
            "id": own,
            "name": if root { "root".to_owned() } else { last(&item.path) },
            "webUrl": self.url(&item.path),
            "parentReference": self.reference(site, &item.path, &id),
        });
        let Some(members) = value.as_object_mut() else {
            return value;
        };
        let mut put = |name: &str, value: Value| drop(members.insert(name.to_owned(), value));
        put("size", json!(item.size.unwrap_or(0)));
        if let Some(tag) = &item.etag {
            put("eTag", json!(tag));
            if !item.folder {
                put("cTag", json!(tag));
            }
        }
        let (created, modified) = (
            item.created.and_then(written),
            item.modified.and_then(written),
        );
        let times = [
            (
                "createdDateTime",
                created.clone().or_else(|| modified.clone()),
            ),
            ("lastModifiedDateTime", modified.or(created)),
        ];
        let mut system = serde_json::Map::new();
        for (name, time) in times {
            if let Some(time) = time {
                put(name, json!(time));
                system.insert(name.to_owned(), json!(time));
            }
        }
        if !system.is_empty() {
            put("fileSystemInfo", Value::Object(system));
        }
        if item.folder {
            put("folder", json!({}));
        } else {
            let kind = item
                .media_type
                .as_deref()
                .unwrap_or("application/octet-stream");
            put("file", json!({ "mimeType": kind }));
        }
        if root {
            put("root", json!({}));
        }
        value
    }

    /// Where an item lies, as `parentReference` says it.
    pub(crate) fn reference(
        &self,
        site: &Site,
        path: &ItemPath,
        id: &dyn Fn(&ItemPath) -> String,
    ) -> Value {
        let drive = ids::drive(&self.tenant.id, &site.id);
        let mut value = json!({
            "driveId": drive,
            "driveType": drive_type(site),
            "siteId": ids::collection(&self.tenant.id, &site.id),
        });
        if let (Some(parent), Some(members)) = (places::parent(site, path), value.as_object_mut()) {
            members.insert("id".to_owned(), json!(id(&parent)));
            members.insert("path".to_owned(), json!(drive_path(&drive, site, &parent)));
            members.insert("name".to_owned(), json!(last(&parent)));
        }
        value
    }
}

/// `/drives/{id}/root:/a/b`: names percent-encoded, as Graph has them there.
pub(crate) fn drive_path(drive: &str, site: &Site, path: &ItemPath) -> String {
    let names = places::relative(site, path);
    let names: Vec<String> = names.iter().map(|name| escaped(name)).collect();
    let mut out = format!("/drives/{drive}/root:");
    for name in names {
        out.push('/');
        out.push_str(&name);
    }
    out
}

fn drive_type(site: &Site) -> &'static str {
    match site.settings.partition {
        Partition::Core => "documentLibrary",
        Partition::OneDrive => "personal",
    }
}

/// A site's name for people: the last of its path, or its id where it has none.
pub(crate) fn name(site: &Site) -> String {
    let last = site.path.segments().last();
    last.map_or_else(|| site.id.to_string(), str::to_owned)
}

/// The last name of a path.
pub(crate) fn last(path: &ItemPath) -> String {
    path.segments()
        .last()
        .map_or_else(|| "root".to_owned(), str::to_owned)
}
