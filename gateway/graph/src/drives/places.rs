//! Sites by the names that clients have for them, and paths below them.

use gateway_config::model::{Site, Tenant};
use gateway_core::path::{ItemPath, PathCase};
use gateway_core::settings::Partition;

use super::address::SiteName;
use super::head::escaped;
use super::ids;
use crate::error::{ApiError, Area};

/// The site of that name.
pub(crate) fn site<'a>(tenant: &'a Tenant, name: &SiteName) -> Option<&'a Site> {
    match name {
        SiteName::Root => at(tenant, &root()?),
        SiteName::Id(id) if is_host(tenant, id) => at(tenant, &root()?),
        SiteName::Id(id) => tenant
            .sites
            .values()
            .find(|site| ids::is_site(id, &tenant.id, &site.id)),
        SiteName::Path(under, path) => {
            // Below a site that is named by its id, a path begins at the host all the same: it is server-relative.
            let known = is_host(tenant, under)
                || under.eq_ignore_ascii_case("root")
                || tenant
                    .sites
                    .values()
                    .any(|site| ids::is_site(under, &tenant.id, &site.id));
            let path = below(&root()?, path).ok()?;
            at(tenant, &path).filter(|_| known)
        }
    }
}

/// The site whose drive has that id.
pub(crate) fn by_drive<'a>(tenant: &'a Tenant, id: &str) -> Option<&'a Site> {
    let mut sites = tenant.sites.values();
    sites.find(|site| ids::drive(&tenant.id, &site.id) == id)
}

/// The personal site that belongs to somebody of that name: its path ends in it, `@` and `.` as themselves or as `_`.
pub(crate) fn personal<'a>(tenant: &'a Tenant, name: &str) -> Option<&'a Site> {
    let wanted = [name.to_owned(), name.replace(['@', '.'], "_")];
    let mut sites = tenant
        .sites
        .values()
        .filter(|site| site.settings.partition == Partition::OneDrive);
    sites.find(|site| {
        let last = site.path.segments().last();
        last.is_some_and(|last| wanted.iter().any(|name| last.eq_ignore_ascii_case(name)))
    })
}

/// The same for a whole address, or what comes before its `@`.
pub(crate) fn personal_of<'a>(tenant: &'a Tenant, name: &str) -> Option<&'a Site> {
    let own = |domain: &str| {
        let mut domains = tenant.member_domains.iter();
        domains.any(|known| known.as_str().eq_ignore_ascii_case(domain))
    };
    match name.rsplit_once('@') {
        Some((local, domain)) if own(domain) => {
            personal(tenant, name).or_else(|| personal(tenant, local))
        }
        Some(_) => None,
        None => personal(tenant, name),
    }
}

/// The site that covers a path: the longest prefix counts.
pub(crate) fn covering<'a>(tenant: &'a Tenant, path: &ItemPath) -> Option<&'a Site> {
    let sites = tenant.sites.values();
    sites
        .filter(|site| path.is_within(&site.path, site.settings.path_case))
        .max_by_key(|site| site.path.segments().len())
}

/// The path of `text`, which is decoded, below another.
///
/// # Errors
/// [`ApiError`] with 400 for a path that could mean two things.
pub(crate) fn below(base: &ItemPath, text: &str) -> Result<ItemPath, ApiError> {
    let names = text.split('/').filter(|name| !name.is_empty());
    let mut raw = trimmed(base);
    for name in names {
        raw.push('/');
        raw.push_str(&escaped(name));
    }
    if raw.is_empty() {
        raw.push('/');
    }
    ItemPath::parse(&raw).map_err(|refused| {
        ApiError::bad_request(Area::Files, format!("The path is refused: {refused}."))
            .with_inner("invalidPath")
    })
}

/// The encoded path without a slash at its end; nothing for the root of the host.
pub(crate) fn trimmed(path: &ItemPath) -> String {
    let encoded = path.encoded();
    encoded
        .strip_suffix('/')
        .map(str::to_owned)
        .unwrap_or(encoded)
}

/// The names of an item below the root of its site.
pub(crate) fn relative(site: &Site, path: &ItemPath) -> Vec<String> {
    let depth = site.path.segments().len();
    path.segments().skip(depth).map(str::to_owned).collect()
}

/// The folder that an item lies in; none for the root of its site.
pub(crate) fn parent(site: &Site, path: &ItemPath) -> Option<ItemPath> {
    if path.segments().len() <= site.path.segments().len() {
        return None;
    }
    let encoded = trimmed(path);
    let (parent, _) = encoded.rsplit_once('/')?;
    ItemPath::parse(if parent.is_empty() { "/" } else { parent }).ok()
}

fn root() -> Option<ItemPath> {
    ItemPath::parse("/").ok()
}

fn at<'a>(tenant: &'a Tenant, path: &ItemPath) -> Option<&'a Site> {
    let same = |site: &&Site| site.path.is_same(path, site.settings.path_case);
    tenant.sites.values().find(same)
}

fn is_host(tenant: &Tenant, name: &str) -> bool {
    let bare = name.split(':').next().unwrap_or(name);
    tenant
        .hosts
        .iter()
        .any(|host| host.eq_ignore_ascii_case(bare))
}

/// Whether two paths name one item of the site.
pub(crate) fn same(site: &Site, one: &ItemPath, other: &ItemPath) -> bool {
    let case: PathCase = site.settings.path_case;
    one.is_same(other, case)
}
