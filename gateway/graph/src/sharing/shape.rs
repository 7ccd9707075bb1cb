//! Permissions and links as Graph writes them.

use gateway_core::address::EmailAddress;
use gateway_core::path::ItemPath;
use gateway_core::sharing::{LinkScope, LinkType, Recipient, Role};
use gateway_store::model::{LinkEntry, PermissionEntry, UserEntry};
use serde_json::{Map, Value, json};

use super::question::Prepared;
use super::token;
use crate::drives::{ids, places, shape};
use crate::request::json::written;

/// The id of links for those who have access already.
pub(super) const EXISTING_ACCESS: &str = "00000000-0000-0000-0000-000000000000";

/// What is shown to one caller about one item.
pub(super) struct Shown<'p> {
    prepared: &'p Prepared<'p>,
    origin: String,
    /// Whether the caller may make such links, and so is shown their tokens.
    secrets: bool,
}

impl<'p> Shown<'p> {
    pub(super) fn new(prepared: &'p Prepared<'p>) -> Self {
        let origin = prepared.call.around.origin(&prepared.tenant.id);
        Self {
            prepared,
            origin: origin.unwrap_or_default(),
            secrets: prepared.may_share(),
        }
    }

    /// `{value:[…]}`.
    pub(super) fn collection(&self, values: &[Value]) -> Value {
        let root = &self.prepared.call.head.root;
        json!({ "@odata.context": format!("{root}/$metadata#Collection(permission)"), "value": values })
    }

    /// One of them by itself.
    pub(super) fn entity(&self, mut value: Value) -> Value {
        let root = &self.prepared.call.head.root;
        if let Some(members) = value.as_object_mut() {
            members.insert(
                "@odata.context".to_owned(),
                json!(format!("{root}/$metadata#permission")),
            );
        }
        self.prepared.call.head.selected(value)
    }

    /// A permission.
    ///
    /// - `user`: the recipient's entry, where there is one.
    pub(super) fn permission(&self, entry: &PermissionEntry, user: Option<&UserEntry>) -> Value {
        let permission = &entry.permission;
        let mut value = Map::new();
        value.insert("id".to_owned(), json!(permission.id.as_str()));
        value.insert("roles".to_owned(), json!([role(permission.role)]));
        value.insert("hasPassword".to_owned(), json!(false));
        let granted = granted_to(&permission.recipient, user);
        let plain: Map<String, Value> = granted
            .as_object()
            .into_iter()
            .flatten()
            .filter(|(name, _)| matches!(name.as_str(), "user" | "group"))
            .map(|(name, value)| {
                (
                    if name == "group" { "user" } else { name }.to_owned(),
                    value.clone(),
                )
            })
            .collect();
        value.insert("grantedToV2".to_owned(), granted);
        if !plain.is_empty() {
            value.insert("grantedTo".to_owned(), Value::Object(plain));
        }
        if let Recipient::Address(address) = &permission.recipient
            && !self
                .prepared
                .tenant
                .member_domains
                .contains(address.domain())
        {
            let inviter = permission.created_by.to_string();
            value.insert(
                "invitation".to_owned(),
                json!({
                    "email": address.to_string(),
                    "signInRequired": true,
                    "invitedBy": { "user": { "displayName": inviter, "email": inviter } },
                }),
            );
        }
        if let Some(end) = permission.expires.and_then(written) {
            value.insert("expirationDateTime".to_owned(), json!(end));
        }
        self.inherited(&permission.item, &mut value);
        Value::Object(value)
    }

    /// A link.
    pub(super) fn link(&self, entry: &LinkEntry) -> Value {
        let link = &entry.link;
        let mut value = Map::new();
        value.insert("id".to_owned(), json!(link.id.as_str()));
        value.insert("roles".to_owned(), json!([link_role(link.kind)]));
        value.insert("hasPassword".to_owned(), json!(false));
        let mut facet = Map::new();
        facet.insert("type".to_owned(), json!(type_name(link.kind)));
        facet.insert("scope".to_owned(), json!(scope_name(&link.scope)));
        let blocks = link.kind == LinkType::BlocksDownload;
        facet.insert("preventsDownload".to_owned(), json!(blocks));
        if let Some(application) = &entry.application {
            facet.insert("application".to_owned(), json!({ "id": application }));
        }
        let token = entry.sealed_token.as_ref().filter(|_| self.secrets);
        let token = token.and_then(|sealed| token::opened(self.prepared.call, sealed));
        if let Some(token) = token {
            let url = token::url(&self.origin, &token);
            value.insert("shareId".to_owned(), json!(token::share_id(&url)));
            facet.insert("webUrl".to_owned(), json!(url));
        }
        value.insert("link".to_owned(), Value::Object(facet));
        if let LinkScope::Users(people) = &link.scope {
            let all: Vec<Value> = people.iter().map(|address| user(address, None)).collect();
            let sets: Vec<Value> = all.iter().map(|one| json!({ "user": one })).collect();
            value.insert("grantedToIdentitiesV2".to_owned(), json!(sets));
            value.insert("grantedToIdentities".to_owned(), json!(sets));
        }
        if let Some(end) = link.expires.and_then(written) {
            value.insert("expirationDateTime".to_owned(), json!(end));
        }
        self.inherited(&link.item, &mut value);
        Value::Object(value)
    }

    /// A link for those who have access already: the item's own address, which grants nothing.
    pub(super) fn existing_access(&self, kind: LinkType) -> Value {
        let url = format!("{}{}", self.origin, self.prepared.located.path.encoded());
        json!({
            "id": EXISTING_ACCESS,
            "roles": [link_role(kind)],
            "hasPassword": false,
            "shareId": token::share_id(&url),
            "link": {
                "type": type_name(kind),
                "scope": "existingAccess",
                "webUrl": url,
                "preventsDownload": false,
            },
        })
    }

    fn inherited(&self, item: &ItemPath, value: &mut Map<String, Value>) {
        let site = self.prepared.located.site;
        if places::same(site, item, &self.prepared.located.path) {
            return;
        }
        let drive = ids::drive(&self.prepared.tenant.id, &site.id);
        let from = json!({
            "driveId": drive,
            "path": shape::drive_path(&drive, site, item),
        });
        value.insert("inheritedFrom".to_owned(), from);
    }
}

fn granted_to(recipient: &Recipient, entry: Option<&UserEntry>) -> Value {
    let everyone = |name: &str, login: &str| json!({ "siteGroup": { "displayName": name, "loginName": login } });
    match recipient {
        Recipient::Address(address) => {
            let name = display_name(address, entry);
            let login = format!("i:0#.f|membership|{address}");
            json!({
                "user": user(address, entry),
                "siteUser": { "displayName": name, "email": address.to_string(), "loginName": login },
            })
        }
        Recipient::Group(group) => {
            json!({ "group": { "id": group.as_str(), "displayName": group.as_str() } })
        }
        Recipient::Members => everyone(
            "Everyone except external users",
            "c:0-.f|rolemanager|spo-grid-all-users",
        ),
        Recipient::Everyone => everyone("Everyone", "c:0(.s|true"),
        Recipient::AllUsers => everyone("All Users", "c:0!.s|windows"),
    }
}

fn user(address: &EmailAddress, entry: Option<&UserEntry>) -> Value {
    let mut user = json!({
        "displayName": display_name(address, entry),
        "email": address.to_string(),
    });
    if let (Some(entry), Some(members)) = (
        entry.filter(|entry| entry.has_entry()),
        user.as_object_mut(),
    ) {
        members.insert("id".to_owned(), json!(entry.id.as_str()));
    }
    user
}

fn display_name(address: &EmailAddress, entry: Option<&UserEntry>) -> String {
    let given = entry.and_then(|entry| entry.profile.get("displayName"));
    let given = given.and_then(Value::as_str);
    given.map_or_else(|| address.to_string(), str::to_owned)
}

pub(super) const fn role(role: Role) -> &'static str {
    match role {
        Role::Read => "read",
        Role::Write => "write",
        Role::Owner => "owner",
    }
}

pub(super) const fn link_role(kind: LinkType) -> &'static str {
    match kind {
        LinkType::View | LinkType::Review | LinkType::BlocksDownload => "read",
        LinkType::Edit | LinkType::CreateOnly => "write",
    }
}

const fn type_name(kind: LinkType) -> &'static str {
    match kind {
        LinkType::View => "view",
        LinkType::Review => "review",
        LinkType::Edit => "edit",
        LinkType::BlocksDownload => "blocksDownload",
        LinkType::CreateOnly => "createOnly",
    }
}

const fn scope_name(scope: &LinkScope) -> &'static str {
    match scope {
        LinkScope::Anonymous => "anonymous",
        LinkScope::Organization => "organization",
        LinkScope::Users(_) => "users",
        LinkScope::ExistingAccess => "existingAccess",
    }
}
