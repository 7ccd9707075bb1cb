//! Declared and stored entries on one page.

use std::collections::BTreeMap;

use gateway_core::sharing::{Permission, SharingLink};
use gateway_core::time::UnixTime;

use crate::model::{LinkEntry, Page, PermissionEntry};

pub(super) fn declared_permission(permission: &Permission) -> PermissionEntry {
    PermissionEntry {
        permission: permission.clone(),
        created: UnixTime(0),
        link: None,
        shared_with_integration: false,
        declared: true,
        version: 0,
    }
}

pub(super) fn declared_link(link: &SharingLink, token: &[u8; 32]) -> LinkEntry {
    LinkEntry {
        link: link.clone(),
        token_sha256: *token,
        sealed_token: None,
        application: None,
        shared_with_integration: false,
        declared: true,
        version: 0,
    }
}

/// What comes after the id `after`.
pub(super) fn later<'a, K: Ord, T>(
    all: &'a BTreeMap<K, T>,
    after: &'a str,
    id: impl Fn(&K) -> &str + 'a,
) -> impl Iterator<Item = &'a T> {
    all.iter()
        .skip_while(move |(key, _)| id(key) <= after)
        .map(|(_, one)| one)
}

/// How many rows tell whether there is another page.
pub(super) fn with_one_more(limit: usize) -> i64 {
    i64::try_from(limit.saturating_add(1)).unwrap_or(i64::MAX)
}

/// A page of both, in the order of ids. The next one begins after the last that was looked at.
pub(super) fn merged<T>(
    declared: Vec<T>,
    stored: Vec<T>,
    limit: usize,
    id: impl Fn(&T) -> &str,
) -> Page<T> {
    let mut items = declared;
    items.extend(stored);
    items.sort_by(|a, b| id(a).cmp(id(b)));
    let more = items.len() > limit;
    items.truncate(limit);
    let next = items
        .last()
        .filter(|_| more)
        .map(|last| id(last).to_owned());
    Page { items, next }
}
