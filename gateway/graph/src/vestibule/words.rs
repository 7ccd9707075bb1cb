//! What answers are made of.

use std::collections::BTreeMap;

use gateway_core::time::UnixTime;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::request::json;

/// A page of a listing.
#[derive(Serialize, JsonSchema)]
pub(super) struct Listing<T> {
    /// What is on the page.
    pub(super) value: Vec<T>,
    /// The address of the next page; absent on the last.
    #[serde(rename = "@odata.nextLink", skip_serializing_if = "Option::is_none")]
    pub(super) next_link: Option<String>,
}

impl<T> Listing<T> {
    /// A listing of one page.
    pub(super) const fn whole(value: Vec<T>) -> Self {
        Self {
            value,
            next_link: None,
        }
    }
}

/// A tenant.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct Tenant {
    /// Its id.
    pub(super) id: String,
    /// Its name for people.
    pub(super) display_name: String,
    /// Host names that it answers on.
    pub(super) hosts: Vec<String>,
    /// Domains of its own people.
    pub(super) member_domains: Vec<String>,
    /// Its cloud.
    pub(super) cloud: String,
    /// The generation of sharing behaviour.
    pub(super) profile: String,
    /// When the copy of the directory's policy was taken that `SyncAadB2BManagementPolicy` keeps; absent where it is off.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) policy_copied: Option<String>,
}

/// A site.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct Site {
    /// Its id.
    pub(super) id: String,
    /// The path that it covers.
    pub(super) path: String,
    /// Where people reach it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) web_url: Option<String>,
    /// `core` or `onedrive`.
    pub(super) partition: String,
    /// How far it may be shared, as it takes effect.
    pub(super) sharing_capability: String,
}

/// An identity provider, or one of the federations that it speaks for.
#[derive(Serialize, JsonSchema)]
pub(super) struct Provider {
    /// Its id: that of its file, or, where no file sets it up, its id in Graph.
    pub(super) id: String,
    /// Its kind, as files name it.
    pub(super) kind: String,
    /// The issuer, of a federation.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) issuer: Option<String>,
    /// The domains that a federation speaks for.
    pub(super) domains: Vec<String>,
    /// `on`; `givenUp` through Graph; or `noProvider`: Graph keeps it, no file sets up a provider for it, and it signs
    /// nobody in.
    pub(super) standing: String,
}

/// A value of a setting: a word, a number, a switch or a list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(untagged)]
pub(super) enum SettingValue {
    /// A switch.
    Flag(bool),
    /// A number.
    Number(i64),
    /// A word or a text.
    Text(String),
    /// A list.
    List(Vec<String>),
}

/// A setting.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct Setting {
    /// Its name, as operators know it.
    pub(super) name: String,
    /// The value that is configured.
    pub(super) value: SettingValue,
    /// The value that takes effect.
    pub(super) effective: String,
    /// Where that comes from: `tenant`, `partition`, `site`, `directory`, `cloud` or `profile`.
    pub(super) source: String,
    /// Who gave the value: `configuration` (a file: it can be tightened here only), `api`, or `default`.
    pub(super) given: String,
    /// `enforced`, or `ignored`: then it does nothing here.
    pub(super) standing: String,
    /// Why it does nothing, or binds nobody yet.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) note: Option<String>,
}

/// Settings to change: by name, with `null` for those that are left to the configuration or their default again.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct SettingsChange {
    /// By name.
    #[schemars(extend("minProperties" = 1))]
    pub(super) settings: BTreeMap<String, Option<SettingValue>>,
}

/// What a change of settings did, or would do.
#[derive(Serialize, JsonSchema)]
pub(super) struct SettingsChanged {
    /// Whether it was made; `false` where it was only tried.
    pub(super) applied: bool,
    /// What it does beyond that, and what the operator should know.
    pub(super) consequences: Vec<SettingConsequence>,
}

/// What a change of a setting does.
#[derive(Serialize, JsonSchema)]
pub(super) struct SettingConsequence {
    /// `effective`, `sleeps`, `wakes`, `discarded` or `warning`.
    pub(super) kind: String,
    /// The setting.
    pub(super) name: String,
    /// The value, or what is to be known.
    pub(super) message: String,
}

/// When a guest's access to a site ends.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct SiteExpiry {
    /// The site.
    pub(super) site: String,
    /// When; absent where it does not end.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) expires: Option<String>,
}

/// A new end of a guest's access to a site.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(super) struct NewExpiry {
    /// When; after now.
    #[schemars(extend("format" = "date-time"))]
    pub(super) expires: String,
}

/// A group.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct Group {
    /// Its id.
    pub(super) id: String,
    /// Its name for people.
    pub(super) display_name: String,
    /// Addresses of the people in it.
    pub(super) people: Vec<String>,
    /// Ids of the groups in it.
    pub(super) groups: Vec<String>,
    /// Whether a file declares it: then it cannot be changed here.
    pub(super) declared: bool,
}

/// A new group.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(super) struct NewGroup {
    /// Its id: 1 to 64 of `a-z`, `0-9` and `-`, not beginning with `-`.
    #[schemars(regex(pattern = r"^[a-z0-9][a-z0-9-]{0,63}$"))]
    pub(super) id: String,
    /// Its name for people.
    #[schemars(length(min = 1, max = 256))]
    pub(super) display_name: String,
    /// Addresses of the people in it.
    #[serde(default)]
    #[schemars(length(max = 10_000), inner(length(min = 3, max = 320)))]
    pub(super) people: Vec<String>,
    /// Ids of the groups in it.
    #[serde(default)]
    #[schemars(
        length(max = 1_000),
        inner(regex(pattern = r"^[a-z0-9][a-z0-9-]{0,63}$"))
    )]
    pub(super) groups: Vec<String>,
}

/// A change of a group: what is absent stays.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(super) struct GroupChange {
    /// Its name for people.
    #[schemars(length(min = 1, max = 256))]
    pub(super) display_name: Option<String>,
    /// Addresses of the people in it, all of them.
    #[schemars(length(max = 10_000), inner(length(min = 3, max = 320)))]
    pub(super) people: Option<Vec<String>>,
    /// Ids of the groups in it, all of them.
    #[schemars(
        length(max = 1_000),
        inner(regex(pattern = r"^[a-z0-9][a-z0-9-]{0,63}$"))
    )]
    pub(super) groups: Option<Vec<String>>,
}

/// A sharing link. Its token is never shown here.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct Link {
    /// Its id.
    pub(super) id: String,
    /// The site.
    pub(super) site: String,
    /// The item.
    pub(super) item: String,
    /// `view`, `review`, `edit`, `blocksDownload` or `createOnly`.
    pub(super) r#type: String,
    /// `anonymous`, `organization`, `users` or `existingAccess`.
    pub(super) scope: String,
    /// For whom, where it is for people that are named.
    pub(super) recipients: Vec<String>,
    /// Who made it.
    pub(super) created_by: String,
    /// When it was made.
    pub(super) created: String,
    /// When it ends.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) expires: Option<String>,
    /// Whether a file declares it.
    pub(super) declared: bool,
}

/// What was granted.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct Share {
    /// Its id.
    pub(super) id: String,
    /// The site.
    pub(super) site: String,
    /// The item.
    pub(super) item: String,
    /// To whom: an address, `group:ID`, `members`, `everyone` or `allUsers`.
    pub(super) recipient: String,
    /// `read`, `write` or `owner`.
    pub(super) role: String,
    /// Who made it.
    pub(super) created_by: String,
    /// When it was made.
    pub(super) created: String,
    /// When it ends.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) expires: Option<String>,
    /// The link that it came through.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) link: Option<String>,
    /// Whether a file declares it.
    pub(super) declared: bool,
}

/// A question: may this person do this there?
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(super) struct Question {
    /// The address of who asks; absent for somebody who has not signed in.
    #[schemars(extend("format" = "email"))]
    pub(super) person: Option<String>,
    /// Ids of sharing links that were opened before.
    #[serde(default)]
    #[schemars(length(max = 20), inner(regex(pattern = r"^[a-z0-9][a-z0-9-]{0,63}$")))]
    pub(super) links: Vec<String>,
    /// The whole URL that is asked for, of one of the tenant's hosts.
    #[schemars(length(max = 8192), extend("format" = "uri"))]
    pub(super) url: String,
    /// What is done.
    pub(super) action: Action,
    /// The network address it comes from.
    pub(super) from: Option<String>,
    /// The moment; now if absent.
    #[schemars(extend("format" = "date-time"))]
    pub(super) at: Option<String>,
}

/// What is done with an item.
#[derive(Clone, Copy, Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Action {
    View,
    Download,
    Edit,
    Create,
    Delete,
    ReadUserInfo,
}

/// A change of settings to be thought through: `set`, `profile` or both.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
#[schemars(extend("minProperties" = 1))]
pub(super) struct Proposal {
    /// Each as `NAME=VALUE`, `sites.ID.NAME=VALUE` or `directory.NAME=VALUE`; lists are separated by spaces.
    #[serde(default)]
    #[schemars(length(max = 200))]
    pub(super) set: Vec<String>,
    /// Another generation of behaviour.
    pub(super) profile: Option<String>,
    /// The moment; now if absent.
    #[schemars(extend("format" = "date-time"))]
    pub(super) at: Option<String>,
}

/// A record of the audit, in its place.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct Record {
    /// The chain.
    pub(super) chain: String,
    /// Its place there, from 1.
    pub(super) number: u64,
    /// When.
    pub(super) at: String,
    /// SHA-256 over the record before it and this one, hexadecimal.
    pub(super) hash: String,
    /// What happened.
    pub(super) record: serde_json::Map<String, serde_json::Value>,
}

/// A moment as answers spell it.
pub(super) fn shown(at: UnixTime) -> String {
    json::written(at).unwrap_or_else(|| at.to_string())
}
