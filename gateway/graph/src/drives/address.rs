//! What a path about documents names, and what is to be done there.
//!
//! SDKs spell one address in several ways: `root:/a b.txt:/children` as segments of their own, or, as the one for Python
//! does, as one segment with every delimiter encoded. Segments come decoded, so both are put together again and read
//! alike. A name may hold a colon: the last one that is followed by nothing, or by something that can be done, ends the
//! path.
//!
//! Source: specification "Graph API" 0 and 3.1.

/// Where a call goes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Address {
    /// All sites.
    Sites,
    /// A site.
    Site(SiteName),
    /// The drives of whatever owns them.
    Drives(Owner),
    /// A drive itself.
    Drive(Owner),
    /// An item of a drive.
    Item(Owner, Place, Deed),
    /// What a sharing token leads to.
    Share(String, ShareDeed),
    /// Something that Graph has and this gateway has not: why.
    Missing(&'static str),
}

/// A site, by name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum SiteName {
    /// The one whose path is `/`.
    Root,
    /// By host or id.
    Id(String),
    /// By host or id, and the path below the host.
    Path(String, String),
}

/// Whose drive.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Owner {
    /// A site's.
    Site(SiteName),
    /// The one with that id.
    Drive(String),
    /// The caller's own.
    Me,
    /// A person's, by id or user principal name.
    User(String),
}

/// An item of a drive.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Place {
    /// The root.
    Root,
    /// By id.
    Id(String),
    /// By path below the root.
    Path(String),
    /// By path below an item.
    Below(String, String),
}

/// What is to be done with an item.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Deed {
    /// The item itself.
    Item,
    /// What it holds.
    Children,
    /// Its bytes.
    Content,
    /// What changed, since a token where there is one.
    Delta(Option<String>),
    /// An upload in parts.
    UploadSession,
    /// `invite`.
    Invite,
    /// `createLink`.
    CreateLink,
    /// All permissions.
    Permissions,
    /// One of them.
    Permission(String),
    /// `grant` on one of them.
    Grant(String),
    /// `revokeGrants` on one of them.
    RevokeGrants(String),
    /// The item as an item of a list.
    ListItem,
}

/// What is to be done with a sharing token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ShareDeed {
    /// The share itself.
    Share,
    /// The item.
    Item,
    /// What the item holds.
    Children,
    /// Its bytes.
    Content,
    /// The site.
    Site,
    /// The permission.
    Permission,
    /// `permission/grant`.
    Grant,
}

/// Reads the segments behind the version. `None`: there is no such address.
pub(crate) fn read(segments: &[String]) -> Option<Address> {
    let all: Vec<&str> = segments.iter().map(String::as_str).collect();
    let (first, rest) = all.split_first()?;
    match first.to_ascii_lowercase().as_str() {
        "sites" => sites(&rest.join("/")),
        "drives" => {
            let (id, rest) = rest.split_first()?;
            drive(Owner::Drive((*id).to_owned()), &rest.join("/"))
        }
        "me" => owned(Owner::Me, rest),
        "users" => {
            let (id, rest) = rest.split_first()?;
            owned(Owner::User((*id).to_owned()), rest)
        }
        "groups" => Some(Address::Missing("groups have no drives here")),
        "shares" => share(rest),
        _ => None,
    }
}

fn sites(text: &str) -> Option<Address> {
    if text.is_empty() || text.eq_ignore_ascii_case("getAllSites") {
        return Some(Address::Sites);
    }
    // `host:/path` and `host:/path:/drive`; the path may hold colons, what follows it is known.
    if let Some((host, path)) = text.split_once(":/")
        && !host.contains('/')
    {
        let (path, rest) = end_of_path(path, |rest| site_tail(SiteName::Root, rest).is_some());
        let name = SiteName::Path(host.to_owned(), path.to_owned());
        return site_tail(name, rest);
    }
    let (id, rest) = text.split_once('/').unwrap_or((text, ""));
    let name = match id.eq_ignore_ascii_case("root") {
        true => SiteName::Root,
        false => SiteName::Id(id.to_owned()),
    };
    if let Some((path, rest)) = by_function(rest) {
        return site_tail(SiteName::Path(id.to_owned(), path), rest);
    }
    site_tail(name, rest)
}

/// `getByPath(path='…')`, and what follows it.
fn by_function(text: &str) -> Option<(String, &str)> {
    let head = text.get(..10)?;
    if !head.eq_ignore_ascii_case("getByPath(") {
        return None;
    }
    let inner = text.get(10..)?.strip_prefix("path='")?;
    let end = inner.find("')")?;
    let path = inner.get(..end)?.replace("''", "'");
    let rest = inner.get(end + 2..)?;
    Some((path, rest.strip_prefix('/').unwrap_or(rest)))
}

fn site_tail(name: SiteName, rest: &str) -> Option<Address> {
    let (first, after) = rest.split_once('/').unwrap_or((rest, ""));
    match first.to_ascii_lowercase().as_str() {
        "" => Some(Address::Site(name)),
        "drives" if after.is_empty() => Some(Address::Drives(Owner::Site(name))),
        "drives" => {
            let (id, after) = after.split_once('/').unwrap_or((after, ""));
            drive(Owner::Drive(id.to_owned()), after)
        }
        "drive" => drive(Owner::Site(name), after),
        "lists" => Some(Address::Missing("the upstream has no lists")),
        "permissions" => Some(Address::Missing(
            "sites are shared at the root of their drive",
        )),
        _ => None,
    }
}

fn owned(owner: Owner, rest: &[&str]) -> Option<Address> {
    let (first, rest) = rest.split_first()?;
    match first.to_ascii_lowercase().as_str() {
        "drive" => drive(owner, &rest.join("/")),
        "drives" if rest.is_empty() => Some(Address::Drives(owner)),
        _ => None,
    }
}

fn drive(owner: Owner, rest: &str) -> Option<Address> {
    if rest.is_empty() {
        return Some(Address::Drive(owner));
    }
    let (first, after) = rest.split_once('/').unwrap_or((rest, ""));
    let item = |place, deed: Option<Deed>| Some(Address::Item(owner.clone(), place, deed?));
    match first.to_ascii_lowercase().as_str() {
        "root" => item(Place::Root, deed(after)),
        "root:" => {
            let (path, rest) = end_of_path(after, |rest| deed(rest).is_some());
            item(below_root(path), deed(rest))
        }
        "items" => {
            let (id, after) = after.split_once('/').unwrap_or((after, ""));
            match id.strip_suffix(':') {
                Some(id) => {
                    let (path, rest) = end_of_path(after, |rest| deed(rest).is_some());
                    let place = match id {
                        _ if id.eq_ignore_ascii_case("root") => below_root(path),
                        _ if path.is_empty() => Place::Id(id.to_owned()),
                        _ => Place::Below(id.to_owned(), path.to_owned()),
                    };
                    item(place, deed(rest))
                }
                None if id.is_empty() => None,
                None if id.eq_ignore_ascii_case("root") => item(Place::Root, deed(after)),
                None => item(Place::Id(id.to_owned()), deed(after)),
            }
        }
        "delta" | "delta()" => item(Place::Root, deed(rest)),
        "list" | "bundles" | "following" | "special" => {
            Some(Address::Missing("the upstream has nothing of the kind"))
        }
        _ if first.to_ascii_lowercase().starts_with("delta(") => item(Place::Root, deed(rest)),
        _ if first.to_ascii_lowercase().starts_with("search(") => {
            Some(Address::Missing("the upstream is not searched"))
        }
        _ => None,
    }
}

fn below_root(path: &str) -> Place {
    if path.is_empty() {
        Place::Root
    } else {
        Place::Path(path.to_owned())
    }
}

/// Splits the text behind `root:/` into the path and what is to be done.
fn end_of_path(text: &str, known: impl Fn(&str) -> bool) -> (&str, &str) {
    for (at, _) in text.rmatch_indices(':') {
        let (path, rest) = (text.get(..at), text.get(at + 1..));
        let (Some(path), Some(rest)) = (path, rest) else {
            continue;
        };
        match rest.strip_prefix('/') {
            Some(rest) if known(rest) => return (path.trim_matches('/'), rest),
            None if rest.is_empty() => return (path.trim_matches('/'), ""),
            Some(_) | None => {}
        }
    }
    (text.trim_matches('/'), "")
}

fn deed(rest: &str) -> Option<Deed> {
    let parts: Vec<&str> = rest.split('/').filter(|part| !part.is_empty()).collect();
    let Some((first, after)) = parts.split_first() else {
        return Some(Deed::Item);
    };
    let name = first.to_ascii_lowercase();
    let name = name.strip_prefix("microsoft.graph.").unwrap_or(&name);
    match (name, after) {
        ("children", []) => Some(Deed::Children),
        ("content", []) => Some(Deed::Content),
        ("createuploadsession", []) => Some(Deed::UploadSession),
        ("invite", []) => Some(Deed::Invite),
        ("createlink", []) => Some(Deed::CreateLink),
        ("listitem", _) => Some(Deed::ListItem),
        ("permissions", after) => permission(after),
        ("delta" | "delta()", []) => Some(Deed::Delta(None)),
        (delta, []) if delta.starts_with("delta(") => {
            let text = first.split_once("token='")?.1;
            Some(Deed::Delta(Some(text.strip_suffix("')")?.to_owned())))
        }
        _ => None,
    }
}

fn permission(after: &[&str]) -> Option<Deed> {
    match after {
        [] => Some(Deed::Permissions),
        [id] => Some(Deed::Permission((*id).to_owned())),
        [id, action] => {
            let action = action.to_ascii_lowercase();
            match action.strip_prefix("microsoft.graph.").unwrap_or(&action) {
                "grant" => Some(Deed::Grant((*id).to_owned())),
                "revokegrants" => Some(Deed::RevokeGrants((*id).to_owned())),
                _ => None,
            }
        }
        _ => None,
    }
}

fn share(rest: &[&str]) -> Option<Address> {
    let (token, rest) = rest.split_first()?;
    let names: Vec<String> = rest.iter().map(|name| name.to_ascii_lowercase()).collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let deed = match names.as_slice() {
        [] => ShareDeed::Share,
        ["driveitem" | "root"] => ShareDeed::Item,
        ["driveitem" | "root", "children"] | ["items"] => ShareDeed::Children,
        ["driveitem" | "root", "content"] => ShareDeed::Content,
        ["items", _] => ShareDeed::Item,
        ["site"] => ShareDeed::Site,
        ["permission"] => ShareDeed::Permission,
        ["permission", "grant" | "microsoft.graph.grant"] => ShareDeed::Grant,
        ["list" | "listitem", ..] => return Some(Address::Missing("the upstream has no lists")),
        _ => return None,
    };
    Some(Address::Share((*token).to_owned(), deed))
}

#[cfg(test)]
#[path = "address/tests.rs"]
mod tests;
