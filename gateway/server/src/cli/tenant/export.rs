//! What `Get-SPOTenant | ConvertTo-Json` prints: names as the cmdlet has them, enums as words or as numbers.

use gateway_core::settings::TenantSharing;
use gateway_core::settings::table::{Setting, Standing};
use gateway_core::settings::value::{Kind, Raw};
use serde_json::{Map, Value, json};

/// What one property of an export is here.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Property {
    /// A setting, with the value as the API takes it.
    Setting(Value),
    /// Not set there.
    NotSet,
    /// A setting that does nothing here, with the reason.
    Ignored(&'static str),
    /// A setting that is refused here, with the reason.
    Refused(String),
    /// No setting of sharing.
    Unknown,
}

/// Settings, and the words that numbers stand for in them.
type Numbers = (&'static [&'static str], &'static [(i64, &'static str)]);

/// Numbers of enums, as the cmdlet's types number them.
///
/// Source: specification "sharing rules" 1 for `SharingCapability` and `SharingDomainRestrictionMode`; the enums of the
/// SharePoint client library for the others. A number that is not here is not guessed at.
const NUMBERS: &[Numbers] = &[
    (
        &[
            "SharingCapability",
            "CoreSharingCapability",
            "OneDriveSharingCapability",
        ],
        &[
            (0, "Disabled"),
            (1, "ExternalUserSharingOnly"),
            (2, "ExternalUserAndGuestSharing"),
            (3, "ExistingExternalUserSharingOnly"),
        ],
    ),
    (
        &["SharingDomainRestrictionMode"],
        &[(0, "None"), (1, "AllowList"), (2, "BlockList")],
    ),
    (
        &["DefaultSharingLinkType"],
        &[
            (0, "None"),
            (1, "Direct"),
            (2, "Internal"),
            (3, "AnonymousAccess"),
        ],
    ),
    (&["DefaultLinkPermission"], &[(1, "View"), (2, "Edit")]),
    (
        &["FileAnonymousLinkType", "FolderAnonymousLinkType"],
        &[(1, "View"), (2, "Edit")],
    ),
    (
        &[
            "ODBMembersCanShare",
            "ODBAccessRequests",
            "CoreBlockGuestsAsSiteAdmin",
            "OneDriveBlockGuestsAsSiteAdmin",
        ],
        &[(0, "Unspecified"), (1, "On"), (2, "Off")],
    ),
    (
        &["CoreDefaultShareLinkScope", "OneDriveDefaultShareLinkScope"],
        &[
            (-1, "Uninitialized"),
            (0, "Anyone"),
            (1, "Organization"),
            (2, "SpecificPeople"),
        ],
    ),
    (
        &["CoreDefaultShareLinkRole", "OneDriveDefaultShareLinkRole"],
        &[
            (0, "None"),
            (1, "View"),
            (2, "Edit"),
            (6, "Review"),
            (7, "RestrictedView"),
        ],
    ),
    (
        &["ConditionalAccessPolicy"],
        &[
            (0, "AllowFullAccess"),
            (1, "AllowLimitedAccess"),
            (2, "BlockAccess"),
        ],
    ),
    (
        &["LimitedAccessFileType"],
        &[
            (0, "OfficeOnlineFilesOnly"),
            (1, "WebPreviewableFiles"),
            (2, "OtherFiles"),
        ],
    ),
    (
        &["BlockDownloadLinksFileType"],
        &[(1, "WebPreviewableFiles"), (2, "ServerRenderedFilesOnly")],
    ),
    (
        &["MarkNewFilesSensitiveByDefault"],
        &[(0, "AllowExternalSharing"), (1, "BlockExternalSharing")],
    ),
];

/// Reads an export: one object, or a list of one. A byte order mark is what PowerShell's `>` writes.
///
/// # Errors
/// What is wrong with it, for people.
pub(super) fn read(bytes: &[u8]) -> Result<Map<String, Value>, String> {
    let text = text(bytes).ok_or("it is neither UTF-8 nor UTF-16 text")?;
    let value: Value =
        serde_json::from_str(text.trim_start_matches('\u{feff}')).map_err(|error| {
            format!("it is no JSON ({error}): make it by `Get-SPOTenant | ConvertTo-Json`")
        })?;
    let one = match value {
        Value::Array(mut list) if list.len() == 1 => list.pop(),
        other => Some(other),
    };
    match one {
        Some(Value::Object(properties)) => Ok(properties),
        _ => Err("it is no object with the tenant's properties".to_owned()),
    }
}

/// Windows PowerShell redirects as UTF-16.
fn text(bytes: &[u8]) -> Option<String> {
    match bytes {
        [0xff, 0xfe, rest @ ..] => {
            let pairs = rest.chunks_exact(2);
            let units: Vec<u16> = pairs
                .filter_map(|pair| Some(u16::from_le_bytes(pair.try_into().ok()?)))
                .collect();
            String::from_utf16(&units).ok()
        }
        bytes => std::str::from_utf8(bytes).ok().map(str::to_owned),
    }
}

/// What a property is here.
pub(super) fn property(name: &str, value: &Value) -> Property {
    let mut all = TenantSharing::SETTINGS.iter();
    let Some(setting) = all.find(|setting| setting.name == name) else {
        return Property::Unknown;
    };
    if is_unset(value) {
        return Property::NotSet;
    }
    match setting.standing {
        Standing::Ignored(why) => return Property::Ignored(why),
        // What is off need not be enforced.
        Standing::Refused(_) if is_off(value) => return Property::NotSet,
        Standing::Refused(why) => return Property::Refused(why.to_owned()),
        Standing::Enforced => {}
    }
    typed(setting, value).map_or_else(Property::Refused, Property::Setting)
}

fn is_unset(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::String(text) => text.trim().is_empty(),
        Value::Array(list) => list.is_empty(),
        // An empty collection comes out as one at times.
        Value::Object(members) => members.is_empty(),
        Value::Bool(_) | Value::Number(_) => false,
    }
}

fn is_off(value: &Value) -> bool {
    matches!(value, Value::Bool(false)) || value.as_i64() == Some(0)
}

/// The value as the setting takes it.
fn typed(setting: &Setting, value: &Value) -> Result<Value, String> {
    let name = setting.name;
    match (setting.kind, value) {
        (Kind::Word(words) | Kind::WordOrFlag(words), Value::Number(number)) => {
            let number = number.as_i64();
            let mut tables = NUMBERS.iter().filter(|(names, _)| names.contains(&name));
            let table = tables.next().map(|(_, table)| *table);
            let mut rows = table.into_iter().flatten();
            let word = rows.find(|(one, _)| Some(*one) == number);
            let word = word.map(|(_, word)| json!(word));
            let known = words.join(", ");
            word.ok_or_else(|| {
                format!("the number {value} is not known: give the word, one of {known}")
            })
        }
        (Kind::Word(words) | Kind::WordOrFlag(words), Value::String(text)) => {
            let found = words.iter().find(|word| word.eq_ignore_ascii_case(text));
            Ok(found.map_or_else(|| value.clone(), |word| json!(word)))
        }
        // `-1` is how the cmdlet prints that there is no limit.
        (Kind::Number { zero: true, .. }, Value::Number(number)) if number.as_i64() == Some(-1) => {
            Ok(json!(0))
        }
        (Kind::Flag | Kind::Number { .. } | Kind::Text, Value::String(text)) => {
            Ok(plain(setting.kind, text))
        }
        (_, Value::Array(list)) => list.iter().map(element).collect(),
        (_, Value::Object(_)) => Err("it is no value but an object".to_owned()),
        (_, value) => Ok(value.clone()),
    }
}

/// Strings that some versions print for values.
fn plain(kind: Kind, text: &str) -> Value {
    match kind {
        Kind::Flag if text.eq_ignore_ascii_case("true") => json!(true),
        Kind::Flag if text.eq_ignore_ascii_case("false") => json!(false),
        Kind::Number { .. } => text
            .parse::<i64>()
            .map_or_else(|_| json!(text), |number| json!(number)),
        _ => json!(text),
    }
}

/// An element of a list: a text, or an object that PowerShell made of one.
fn element(one: &Value) -> Result<Value, String> {
    let inner = ["Value", "value", "Guid"];
    match one {
        Value::String(_) => Ok(one.clone()),
        Value::Object(members) => inner
            .iter()
            .find_map(|name| members.get(*name).filter(|value| value.is_string()))
            .cloned()
            .ok_or_else(|| "a list of objects is none of texts".to_owned()),
        other => Ok(json!(other.to_string())),
    }
}

/// The default of a setting, as the API shows it.
pub(super) fn default(name: &str) -> Option<Value> {
    let mut all = TenantSharing::SETTINGS.iter();
    let setting = all.find(|setting| setting.name == name)?;
    Some(shown(&(setting.default)()))
}

fn shown(raw: &Raw) -> Value {
    match raw {
        Raw::Flag(flag) => json!(flag),
        Raw::Number(number) => json!(number),
        Raw::Text(text) => json!(text),
        Raw::List(list) => list.iter().map(shown).collect(),
    }
}

#[cfg(test)]
mod tests;
