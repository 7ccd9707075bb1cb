//! Groups, guests, permissions and links of a tenant.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Deserialize;

#[derive(Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Group {
    /// Addresses of the people in it, members and guests.
    pub(crate) people: Vec<String>,
    /// Groups in it.
    pub(crate) groups: Vec<String>,
}

#[derive(Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Guest {
    /// The invited address.
    pub(crate) address: Option<String>,
    /// Whether the guest is blocked.
    pub(crate) blocked: bool,
    /// When the invitation lapses, RFC 3339; never if left out.
    pub(crate) invitation_expires: Option<String>,
    /// When access to a site ends, RFC 3339, by site; never for sites left out.
    pub(crate) expires: BTreeMap<String, String>,
    /// Sites that the guest administers.
    pub(crate) administers: Vec<String>,
    /// Whether a second factor is registered here. `false` if left out.
    pub(crate) mfa_registered: bool,
    /// Who invited: `directory`, as if left out, or `sharing`.
    pub(crate) manager: Option<Manager>,
}

#[derive(Clone, Copy, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Manager {
    Sharing,
    Directory,
}

#[derive(Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Permission {
    /// The site.
    pub(crate) site: Option<String>,
    /// Path of the item from the root of the host, percent-encoded; everything below it is granted too.
    pub(crate) item: Option<String>,
    /// An address, `group:NAME`, `members`, `everyone` or `all-users`.
    pub(crate) to: Option<String>,
    /// What is allowed.
    pub(crate) role: Option<Role>,
    /// Address of the one who shared: a member, or a guest named under `guests`.
    pub(crate) created_by: Option<String>,
    /// Whether the integration was on when it was shared; as it is now if left out.
    pub(crate) shared_with_integration: Option<bool>,
    /// When it ends, RFC 3339; never if left out.
    pub(crate) expires: Option<String>,
}

#[derive(Clone, Copy, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Role {
    Read,
    Write,
    Owner,
}

#[derive(Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Link {
    /// The site.
    pub(crate) site: Option<String>,
    /// Path of the item from the root of the host, percent-encoded; everything below it is shared too.
    pub(crate) item: Option<String>,
    /// What it lets its holder do.
    #[serde(rename = "type")]
    pub(crate) kind: Option<LinkType>,
    /// For whom it works.
    pub(crate) scope: Option<LinkScope>,
    /// Addresses of the people, for the scope `users`.
    pub(crate) recipients: Vec<String>,
    /// SHA-256 of the token, 64 hexadecimal digits.
    pub(crate) token_sha256: Option<String>,
    /// Address of the one who shared: a member, or a guest named under `guests`.
    pub(crate) created_by: Option<String>,
    /// Whether the one who shared is still here and may still share. `true` if left out.
    pub(crate) creator_may_share: Option<bool>,
    /// Whether the integration was on when it was made; as it is now if left out.
    pub(crate) shared_with_integration: Option<bool>,
    /// When it was made, RFC 3339.
    pub(crate) created: Option<String>,
    /// When it ends, RFC 3339; never if left out.
    pub(crate) expires: Option<String>,
}

#[derive(Clone, Copy, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) enum LinkType {
    View,
    Review,
    Edit,
    BlocksDownload,
    CreateOnly,
}

#[derive(Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) enum LinkScope {
    Anonymous,
    Organization,
    Users,
    ExistingAccess,
}
