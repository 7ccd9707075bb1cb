//! The four questions.

use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::Value;

/// May this person do this to that item? Nobody has signed in unless `by` says who.
#[derive(Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Access {
    /// Who has signed in; nobody if left out.
    pub(crate) by: Option<Account>,
    /// Links that were opened before, by id. One that `links` does not have is one that was deleted.
    pub(crate) links: Vec<String>,
    /// Whether the holder of the links proved an address.
    pub(crate) address_proven: bool,
    /// What was shown with the sign-in of `by`.
    pub(crate) signed_in: Option<SignedIn>,
    /// From where.
    pub(crate) client: Client,
    /// The item.
    pub(crate) item: Item,
    /// What is done: `view` if left out.
    #[schemars(extend("enum" = ["view", "download", "edit", "create", "delete", "read-user-info"]))]
    pub(crate) action: Option<String>,
}

/// Who has signed in: exactly one of these.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(crate) enum Account {
    /// A guest, by id.
    Guest(String),
    /// One of the tenant's own people, by address.
    Member(String),
    /// Somebody without an entry in the directory who proved this mailbox by sharing's own passcode.
    AdHoc(String),
    /// Somebody whom the directory does not know, by address.
    Unknown(String),
}

/// What was shown with a sign-in. A guest signs in as the one who redeemed, unless this says otherwise.
#[derive(Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct SignedIn {
    /// Kind of the provider.
    pub(crate) kind: Option<String>,
    /// Cloud of the account.
    pub(crate) cloud: Option<String>,
    /// Organisation of the account.
    pub(crate) tenant: Option<String>,
    /// Subject of the account.
    pub(crate) subject: Option<String>,
    /// When; at the moment of the question if left out.
    pub(crate) at: Option<String>,
    /// The home says that there was a second factor.
    pub(crate) mfa_at_home: bool,
    /// There was a second factor here.
    pub(crate) mfa_here: bool,
    /// Authentication contexts satisfied.
    pub(crate) contexts: Vec<String>,
    /// The home says that the device is compliant.
    pub(crate) compliant_device: bool,
    /// The home says that the device is hybrid joined.
    pub(crate) hybrid_device: bool,
    /// How risky the sign-in is: `none`, `low`, `medium`, `high`; not known if left out.
    #[schemars(extend("enum" = ["none", "low", "medium", "high"]))]
    pub(crate) risk: Option<String>,
    /// The terms of use were accepted.
    pub(crate) terms: bool,
}

/// From where a request comes.
#[derive(Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Client {
    /// Network address; not known if left out.
    pub(crate) address: Option<String>,
    /// Whether the device is managed.
    pub(crate) managed_device: bool,
    /// When the session's last request came; at the moment of the question if left out.
    pub(crate) last_used: Option<String>,
}

/// The item that is asked for.
#[derive(Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Item {
    /// Its path: `/site/Plan.docx` if left out.
    pub(crate) path: Option<String>,
    /// What it is: `file` if left out.
    #[schemars(extend("enum" = ["unknown", "site", "library", "folder", "file", "list-item"]))]
    pub(crate) kind: Option<String>,
    /// What a scan found: `missing`, as if left out, `passed` or `blocked`.
    #[schemars(extend("enum" = ["missing", "passed", "blocked"]))]
    pub(crate) scan: Option<String>,
}

/// May this be shared with those? Exactly one of `permission`, `link` and `file_request`.
#[derive(Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Share {
    /// What is shared: `file` if left out.
    #[schemars(extend("enum" = ["unknown", "site", "library", "folder", "file", "list-item"]))]
    pub(crate) item: Option<String>,
    /// Who shares: a member who may edit, if left out.
    pub(crate) sharer: Sharer,
    /// With whom.
    pub(crate) with: Vec<With>,
    /// By granting this role: `read`, `write` or `owner`.
    #[schemars(extend("enum" = ["read", "write", "owner"]))]
    pub(crate) permission: Option<String>,
    /// By a link.
    pub(crate) link: Option<ShareLink>,
    /// By a request for files.
    pub(crate) file_request: bool,
    /// When it ends.
    pub(crate) expires: Option<String>,
}

/// A link to be made.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ShareLink {
    /// For whom it works.
    #[schemars(extend("enum" = ["anonymous", "organization", "users", "existingAccess"]))]
    pub(crate) scope: String,
    /// What it lets its holder do: `view` if left out.
    #[serde(default, rename = "type")]
    #[schemars(extend("enum" = ["view", "review", "edit", "blocksDownload", "createOnly"]))]
    pub(crate) kind: Option<String>,
}

/// Who shares.
#[derive(Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Sharer {
    /// `member`, as if left out, `guest`, `application`, `agent` or `unknown`.
    #[schemars(extend("enum" = ["member", "guest", "application", "agent", "unknown"]))]
    pub(crate) kind: Option<String>,
    /// Id of an agent.
    pub(crate) id: Option<String>,
    /// Address: `mia@contoso.com` if left out, which also leads to the groups.
    pub(crate) address: Option<String>,
    /// Roles in the directory: `GlobalAdministrator`, `UserAdministrator`, `GuestInviter`.
    pub(crate) directory_roles: Vec<String>,
    /// What the sharer may do with the item: `write` if left out; `none`, `read`, `write`, `owner`.
    #[schemars(extend("enum" = ["none", "read", "write", "owner"]))]
    pub(crate) role: Option<String>,
    /// Whether the sharer owns the site.
    pub(crate) site_owner: bool,
}

/// With whom something is shared.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct With {
    /// Who.
    pub(crate) who: Named,
    /// Whether they are in the site already.
    #[serde(default)]
    pub(crate) in_site: bool,
    /// Whether they are in the channel that the site belongs to.
    #[serde(default)]
    pub(crate) in_channel: bool,
    /// The cloud of the account; that of a redeemed guest's, or not known, if left out.
    #[serde(default)]
    pub(crate) cloud: Option<String>,
    /// The organisation of the account.
    #[serde(default)]
    pub(crate) tenant: Option<String>,
    /// Whether the address is the account's user principal name.
    #[serde(default)]
    pub(crate) by_upn: Option<bool>,
}

/// Somebody to share with.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(crate) enum Named {
    /// Somebody from outside, by address; a guest if `guests` has the address.
    Outsider(String),
    /// One of the tenant's own people, by address.
    Member(String),
    /// A group, by id.
    Group(String),
    /// Everyone except external users.
    Members,
    /// Everyone.
    Everyone,
    /// All users.
    AllUsers,
}

/// May this invitation be redeemed, and how? Before anybody has signed in, unless `after` says who.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Redeem {
    /// The invited address; the entry in the directory is the one of `guests` with it.
    pub(crate) address: String,
    /// Whether the person opened the resource itself.
    #[serde(default)]
    pub(crate) direct_link: bool,
    /// The share that leads here, where there is no entry.
    #[serde(default)]
    pub(crate) share: Option<SharedBy>,
    /// Kinds of provider that are set up; all that the cloud offers if left out.
    #[serde(default)]
    pub(crate) providers: Option<Vec<String>>,
    /// Clouds in which a managed organisation has an account with the address.
    #[serde(default)]
    pub(crate) home_clouds: Vec<String>,
    /// Whether the address is an account of an unmanaged organisation.
    #[serde(default)]
    pub(crate) unmanaged: bool,
    /// Whether a Microsoft account has the address.
    #[serde(default)]
    pub(crate) microsoft_account: bool,
    /// Who has signed in.
    #[serde(default)]
    pub(crate) after: Option<After>,
}

/// Who shared.
#[derive(Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct SharedBy {
    /// Address: `mia@contoso.com` if left out.
    pub(crate) creator: Option<String>,
    /// Whether the creator is still here and may still share. `true` if left out.
    pub(crate) creator_may_share: Option<bool>,
    /// Which manager invited for it; as the integration stands if left out.
    #[schemars(extend("enum" = ["directory", "sharing"]))]
    pub(crate) manager: Option<String>,
}

/// Who has signed in to redeem. A redeemed guest signs in as the one who redeemed, unless this says otherwise.
#[derive(Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct After {
    /// Kind of the provider: `work-school` if left out.
    pub(crate) kind: Option<String>,
    /// Cloud of the account; `worldwide` for work or school accounts if left out.
    pub(crate) cloud: Option<String>,
    /// Organisation of the account: `partner-tenant` if left out.
    pub(crate) tenant: Option<String>,
    /// Issuer.
    pub(crate) issuer: Option<String>,
    /// Subject of the account.
    pub(crate) subject: Option<String>,
    /// The proven address; the invited one if left out, none if empty.
    pub(crate) address: Option<String>,
    /// Whether the assertion was made for this tenant. `true` if left out.
    pub(crate) audience_matches: Option<bool>,
    /// Whether the person consented; not asked yet if left out.
    pub(crate) consented: Option<bool>,
    /// Whether the person accepted the terms of use; not asked yet if left out.
    pub(crate) terms: Option<bool>,
}

/// May the settings be changed so, and into what?
#[derive(Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Configure {
    /// Changes, made all together.
    pub(crate) changes: Vec<Change>,
    /// Settings whose value in effect is told.
    pub(crate) show: Vec<Show>,
}

/// One change: `name` with `value`, which is `null` where the setting is left out again; or `add_federation`.
#[derive(Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Change {
    /// `tenant`, as if left out, `site` or `directory`.
    #[schemars(extend("enum" = ["tenant", "site", "directory"]))]
    pub(crate) scope: Option<String>,
    /// Name of the setting.
    pub(crate) name: Option<String>,
    /// Its value. What is wrong with it is the answer.
    #[serde(deserialize_with = "told")]
    pub(crate) value: Option<Value>,
    /// A SAML or WS-Fed partner to add.
    pub(crate) add_federation: Option<super::Federation>,
}

/// A setting to show.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Show {
    /// `tenant`, `site` or `directory`.
    #[schemars(extend("enum" = ["tenant", "site", "directory"]))]
    pub(crate) scope: String,
    /// Name of the setting.
    pub(crate) name: String,
}

/// A value that was told, be it `null`.
fn told<'de, D: serde::Deserializer<'de>>(from: D) -> Result<Option<Value>, D::Error> {
    Value::deserialize(from).map(Some)
}
