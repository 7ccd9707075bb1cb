//! From what is written to what the rules know.

mod directory;
mod settings;
mod shares;

pub(crate) use directory::{Known, account_tenant, federation, guests, provider};
pub(crate) use settings::{clouds, raw, site, tenant};
pub(crate) use shares::{Place, groups, links, permissions};

use std::collections::BTreeSet;

use gateway_core::address::{DomainName, EmailAddress};
use gateway_core::id::{CloudName, NotAnIdentifier, ProviderKind};
use gateway_core::path::ItemPath;
use gateway_core::person::InvitationManager;
use gateway_core::sharing::{ItemKind, LinkType, Role, Scan};
use gateway_core::time::UnixTime;

use crate::moment;
use crate::problem::At;

/// One of a few words.
pub(crate) fn word<T: Copy>(at: &At<'_>, text: &str, words: &[(&str, T)]) -> Option<T> {
    let found = words.iter().find(|(word, _)| *word == text);
    if found.is_none() {
        let words: Vec<&str> = words.iter().map(|(word, _)| *word).collect();
        at.error(format!("`{text}` is none of {}", words.join(", ")));
    }
    found.map(|(_, value)| *value)
}

/// Several of a few words.
pub(crate) fn words<T: Copy + Ord>(
    at: &At<'_>,
    texts: &[String],
    words: &[(&str, T)],
) -> BTreeSet<T> {
    let each = texts.iter().enumerate();
    each.filter_map(|(index, text)| word(&at.index(index), text, words))
        .collect()
}

pub(crate) fn address(at: &At<'_>, text: &str) -> Option<EmailAddress> {
    at.ok(EmailAddress::parse(text).map_err(|error| format!("`{text}`: {error}")))
}

pub(crate) fn addresses(at: &At<'_>, texts: &[String]) -> BTreeSet<EmailAddress> {
    let each = texts.iter().enumerate();
    each.filter_map(|(index, text)| address(&at.index(index), text))
        .collect()
}

pub(crate) fn domain(at: &At<'_>, text: &str) -> Option<DomainName> {
    at.ok(DomainName::parse(text))
}

pub(crate) fn id<T>(
    at: &At<'_>,
    text: &str,
    parse: fn(&str) -> Result<T, NotAnIdentifier>,
) -> Option<T> {
    at.ok(parse(text))
}

pub(crate) fn ids<T: Ord>(
    at: &At<'_>,
    texts: &[String],
    parse: fn(&str) -> Result<T, NotAnIdentifier>,
) -> BTreeSet<T> {
    let each = texts.iter().enumerate();
    each.filter_map(|(index, text)| id(&at.index(index), text, parse))
        .collect()
}

pub(crate) fn path(at: &At<'_>, text: &str) -> Option<ItemPath> {
    at.ok(ItemPath::parse(text).map_err(|error| format!("`{text}`: {error}")))
}

/// A moment, if one is given.
pub(crate) fn when(at: &At<'_>, text: Option<&str>, now: UnixTime) -> Option<UnixTime> {
    let text = text?;
    at.ok(moment::read(text, now).map_err(|error| format!("`{text}` {error}")))
}

pub(crate) fn role(at: &At<'_>, text: &str) -> Option<Role> {
    let words = [
        ("read", Role::Read),
        ("write", Role::Write),
        ("owner", Role::Owner),
    ];
    word(at, text, &words)
}

pub(crate) fn link_type(at: &At<'_>, text: Option<&str>) -> Option<LinkType> {
    let words = [
        ("view", LinkType::View),
        ("review", LinkType::Review),
        ("edit", LinkType::Edit),
        ("blocksDownload", LinkType::BlocksDownload),
        ("createOnly", LinkType::CreateOnly),
    ];
    word(at, text.unwrap_or("view"), &words)
}

/// - `integration`: whether it is on, for shares that do not say.
pub(crate) fn manager(
    at: &At<'_>,
    text: Option<&str>,
    integration: bool,
) -> Option<InvitationManager> {
    let words = [
        ("directory", InvitationManager::Directory),
        ("sharing", InvitationManager::Sharing),
    ];
    match text {
        Some(text) => word(at, text, &words),
        None if integration => Some(InvitationManager::Directory),
        None => Some(InvitationManager::Sharing),
    }
}

pub(crate) fn item_kind(at: &At<'_>, text: Option<&str>) -> Option<ItemKind> {
    let words = [
        ("unknown", ItemKind::Unknown),
        ("site", ItemKind::Site),
        ("library", ItemKind::Library),
        ("folder", ItemKind::Folder),
        ("file", ItemKind::File),
        ("list-item", ItemKind::ListItem),
    ];
    word(at, text.unwrap_or("file"), &words)
}

pub(crate) fn scan(at: &At<'_>, text: Option<&str>) -> Option<Scan> {
    let words = [
        ("missing", Scan::Missing),
        ("passed", Scan::Passed),
        ("blocked", Scan::Blocked),
    ];
    word(at, text.unwrap_or("missing"), &words)
}

/// The cloud of an account: for work or school accounts `worldwide` if none is given, and none for others.
pub(crate) fn account_cloud(
    at: &At<'_>,
    text: Option<&str>,
    kind: &ProviderKind,
) -> Option<CloudName> {
    match text {
        Some(text) => id(at, text, CloudName::parse),
        None if kind.as_str() == "work-school" => CloudName::parse("worldwide").ok(),
        None => None,
    }
}
