//! How the directory's entries stand in rows.

use std::collections::{BTreeMap, BTreeSet};

use gateway_core::address::EmailAddress;
use gateway_core::groups::Group;
use gateway_core::id::{GroupId, GuestId, LinkId, PermissionId, SiteId};
use gateway_core::path::ItemPath;
use gateway_core::person::{GuestOrigin, InvitationManager};
use gateway_core::sharing::{LinkScope, LinkType, Permission, Role, SharingLink};
use gateway_core::time::UnixTime;
use serde_json::{Map, Value};
use sqlx::Row;
use sqlx::any::AnyRow;

use super::keys::parse_recipient;
use crate::StoreError;
use crate::columns::{
    bytes, corrupt, flag, identity, moment, number, optional, optional_address, optional_moment,
    parsed,
};
use crate::model::{
    Document, GroupEntry, Invitation, LinkEntry, PermissionEntry, SettingScope, StoredSetting,
    UserEntry, UserType,
};

/// A word for each value of an enum, both ways.
pub(super) trait Word: Sized + Copy + PartialEq + 'static {
    const WORDS: &'static [(Self, &'static str)];

    fn word(self) -> &'static str {
        Self::WORDS
            .iter()
            .find(|(value, _)| *value == self)
            .map_or("", |(_, word)| word)
    }

    fn read(row: &AnyRow, column: &'static str) -> Result<Self, StoreError> {
        let word: &str = row.try_get(column)?;
        Self::WORDS
            .iter()
            .find(|(_, known)| *known == word)
            .map(|(value, _)| *value)
            .ok_or_else(|| corrupt(column, format!("`{word}` is not known")))
    }
}

impl Word for UserType {
    const WORDS: &'static [(Self, &'static str)] =
        &[(Self::Member, "member"), (Self::Guest, "guest")];
}

impl Word for GuestOrigin {
    const WORDS: &'static [(Self, &'static str)] =
        &[(Self::Directory, "directory"), (Self::Share, "share")];
}

impl Word for InvitationManager {
    const WORDS: &'static [(Self, &'static str)] =
        &[(Self::Sharing, "sharing"), (Self::Directory, "directory")];
}

impl Word for Role {
    const WORDS: &'static [(Self, &'static str)] = &[
        (Self::Read, "read"),
        (Self::Write, "write"),
        (Self::Owner, "owner"),
    ];
}

impl Word for LinkType {
    const WORDS: &'static [(Self, &'static str)] = &[
        (Self::View, "view"),
        (Self::Review, "review"),
        (Self::Edit, "edit"),
        (Self::BlocksDownload, "blocksDownload"),
        (Self::CreateOnly, "createOnly"),
    ];
}

pub(super) const fn scope_word(scope: &LinkScope) -> &'static str {
    match scope {
        LinkScope::Anonymous => "anonymous",
        LinkScope::Organization => "organization",
        LinkScope::Users(_) => "users",
        LinkScope::ExistingAccess => "existingAccess",
    }
}

pub(super) fn setting_scope(scope: &SettingScope) -> String {
    match scope {
        SettingScope::Tenant => "tenant".to_owned(),
        SettingScope::Directory => "directory".to_owned(),
        SettingScope::Site(site) => format!("site:{site}"),
    }
}

fn parse_setting_scope(text: &str) -> Result<SettingScope, String> {
    match text {
        "tenant" => Ok(SettingScope::Tenant),
        "directory" => Ok(SettingScope::Directory),
        _ => text
            .strip_prefix("site:")
            .and_then(|site| SiteId::parse(site).ok())
            .map(SettingScope::Site)
            .ok_or_else(|| format!("`{text}` is no scope")),
    }
}

pub(super) fn json<T: serde::de::DeserializeOwned>(
    row: &AnyRow,
    column: &'static str,
) -> Result<T, StoreError> {
    let text: &str = row.try_get(column)?;
    serde_json::from_str(text).map_err(|why| corrupt(column, why))
}

/// Of `directory_user`, left joined with `redemption` where it is not deleted.
pub(crate) fn user(row: &AnyRow) -> Result<UserEntry, StoreError> {
    let expires: BTreeMap<String, i64> = json(row, "expires")?;
    let administers: BTreeSet<String> = json(row, "administers")?;
    let profile: Map<String, Value> = json(row, "profile")?;
    let site = |name: &str, column| SiteId::parse(name).map_err(|why| corrupt(column, why));
    let redeemed = optional_moment(row, "consented_at")?
        .map(|at| Ok::<_, StoreError>((identity(row)?, at)))
        .transpose()?;
    Ok(UserEntry {
        id: parsed(row, "id", GuestId::parse)?,
        address: parsed(row, "address", EmailAddress::parse)?,
        user_type: UserType::read(row, "user_type")?,
        origin: GuestOrigin::read(row, "origin")?,
        manager: InvitationManager::read(row, "manager")?,
        account_enabled: flag(row, "account_enabled")?,
        sponsor: optional_address(row, "sponsor")?,
        created: moment(row, "created")?,
        state_changed: moment(row, "state_changed")?,
        invitation_expires: optional_moment(row, "invitation_expires")?,
        expires: expires
            .iter()
            .map(|(name, at)| Ok((site(name, "expires")?, UnixTime(*at))))
            .collect::<Result<_, StoreError>>()?,
        administers: administers
            .iter()
            .map(|name| site(name, "administers"))
            .collect::<Result<_, _>>()?,
        mfa_registered: flag(row, "mfa_registered")?,
        deleted: optional_moment(row, "deleted")?,
        profile,
        redemption: redeemed,
        declared: false,
        version: number(row, "version")?,
    })
}

/// Of `invitation`.
pub(crate) fn invitation(row: &AnyRow) -> Result<Invitation, StoreError> {
    Ok(Invitation {
        id: row.try_get("id")?,
        user: parsed(row, "guest", GuestId::parse)?,
        address: parsed(row, "address", EmailAddress::parse)?,
        manager: InvitationManager::read(row, "manager")?,
        site: optional(row, "site", SiteId::parse)?,
        redirect_url: row.try_get("redirect_url")?,
        invited_by: optional_address(row, "invited_by")?,
        created: moment(row, "created")?,
        ended: optional_moment(row, "ended")?,
        account_must_match: flag(row, "account_must_match")?,
    })
}

/// Of `permission`.
pub(crate) fn permission(row: &AnyRow) -> Result<PermissionEntry, StoreError> {
    Ok(PermissionEntry {
        permission: Permission {
            id: parsed(row, "id", PermissionId::parse)?,
            site: parsed(row, "site", SiteId::parse)?,
            item: parsed(row, "item", ItemPath::parse)?,
            recipient: parsed(row, "recipient", parse_recipient)?,
            role: Role::read(row, "role")?,
            created_by: parsed(row, "created_by", EmailAddress::parse)?,
            manager: InvitationManager::read(row, "manager")?,
            expires: optional_moment(row, "expires")?,
        },
        created: moment(row, "created")?,
        link: optional(row, "link", LinkId::parse)?,
        shared_with_integration: flag(row, "shared_with_integration")?,
        declared: false,
        version: number(row, "version")?,
    })
}

/// Whom a link is for.
pub(super) fn link_scope(
    row: &AnyRow,
    people: BTreeSet<EmailAddress>,
) -> Result<LinkScope, StoreError> {
    let scope: &str = row.try_get("scope")?;
    Ok(match scope {
        "anonymous" => LinkScope::Anonymous,
        "organization" => LinkScope::Organization,
        "users" => LinkScope::Users(people),
        "existingAccess" => LinkScope::ExistingAccess,
        _ => return Err(corrupt("scope", format!("`{scope}` is not known"))),
    })
}

/// Of `link`, with the people of `link_person`.
pub(crate) fn link(row: &AnyRow, people: BTreeSet<EmailAddress>) -> Result<LinkEntry, StoreError> {
    let scope = link_scope(row, people)?;
    Ok(LinkEntry {
        link: SharingLink {
            id: parsed(row, "id", LinkId::parse)?,
            site: parsed(row, "site", SiteId::parse)?,
            item: parsed(row, "item", ItemPath::parse)?,
            kind: LinkType::read(row, "kind")?,
            scope,
            created_by: parsed(row, "created_by", EmailAddress::parse)?,
            creator_may_share: flag(row, "creator_may_share")?,
            manager: InvitationManager::read(row, "manager")?,
            created: moment(row, "created")?,
            expires: optional_moment(row, "expires")?,
        },
        token_sha256: bytes(row, "token")?,
        sealed_token: row.try_get("sealed_token")?,
        application: row.try_get("application")?,
        shared_with_integration: flag(row, "shared_with_integration")?,
        declared: false,
        version: number(row, "version")?,
    })
}

/// Of `directory_group`.
pub(crate) fn group(row: &AnyRow) -> Result<GroupEntry, StoreError> {
    let people: BTreeSet<String> = json(row, "people")?;
    let groups: BTreeSet<String> = json(row, "groups")?;
    Ok(GroupEntry {
        id: parsed(row, "id", GroupId::parse)?,
        display_name: row.try_get("display_name")?,
        group: Group {
            people: people
                .iter()
                .map(|text| EmailAddress::parse(text).map_err(|why| corrupt("people", why)))
                .collect::<Result<_, _>>()?,
            groups: groups
                .iter()
                .map(|text| GroupId::parse(text).map_err(|why| corrupt("groups", why)))
                .collect::<Result<_, _>>()?,
        },
        declared: false,
        version: number(row, "version")?,
    })
}

/// Of `setting`.
pub(crate) fn setting(row: &AnyRow) -> Result<StoredSetting, StoreError> {
    Ok(StoredSetting {
        scope: parsed(row, "scope", parse_setting_scope)?,
        name: row.try_get("name")?,
        value: json(row, "value")?,
    })
}

/// Of `document`.
pub(crate) fn document(row: &AnyRow) -> Result<Document, StoreError> {
    Ok(Document {
        collection: row.try_get("collection")?,
        key: row.try_get("key")?,
        body: json(row, "body")?,
        version: number(row, "version")?,
    })
}
