//! Settings.

use gateway_core::cloud::{Clouds, EnvironmentBoundary};
use gateway_core::id::{CloudName, GroupId, SiteId};
use gateway_core::path::PathCase;
use gateway_core::settings::table::NotTaken;
use gateway_core::settings::value::Raw;
use gateway_core::settings::{
    Channel, Partition, Profile, SharingCapability, SiteSettings, Template, TenantSettings,
};
use gateway_core::time::UnixTime;
use serde_json::Value;

use super::{directory, id, word};
use crate::problem::At;
use crate::wire::{self, SiteOwn, TenantOwn};

/// A value as the tables read it; none for what no setting is.
pub(crate) fn raw(value: &Value) -> Option<Raw> {
    match value {
        Value::Bool(flag) => Some(Raw::Flag(*flag)),
        Value::Number(number) => number.as_i64().map(Raw::Number),
        Value::String(text) => Some(Raw::text(text)),
        Value::Array(list) => list.iter().map(raw).collect::<Option<_>>().map(Raw::List),
        Value::Null | Value::Object(_) => None,
    }
}

/// Splits the settings of a table, which are taken one by one, from the format's own keys, which are the type's.
pub(super) fn split<T: serde::de::DeserializeOwned>(
    at: &At<'_>,
    given: &wire::Settings,
    is_setting: impl Fn(&str) -> bool,
    mut take: impl FnMut(&str, &Raw) -> Result<(), NotTaken>,
) -> Option<T> {
    let mut own = wire::Settings::new();
    for (name, value) in given {
        if !is_setting(name) {
            own.insert(name.clone(), value.clone());
            continue;
        }
        let at = at.key(name);
        match raw(value).map(|raw| take(name, &raw)) {
            Some(Ok(())) => {}
            Some(Err(error)) => at.error(format!("`{value}` {error}")),
            None => at.error(format!("`{value}` is no value of a setting")),
        }
    }
    let read = wire::typed(Value::Object(own), at.path());
    read.map_err(|problem| at.note(problem)).ok()
}

/// The place of a key of the clouds, whose parts are put together with dots: `clouds.NAME.partner_clouds.0`.
fn place<'a>(at: &At<'a>, key: &str) -> At<'a> {
    let parts = key.split('.').enumerate();
    parts.fold(at.clone(), |at, (depth, part)| {
        match part.parse::<usize>() {
            Ok(index) if depth > 1 => at.index(index),
            Ok(_) | Err(_) => at.key(part),
        }
    })
}

/// The clouds: those shipped, and those that the case gives in their place.
pub(crate) fn clouds(at: &At<'_>, given: &wire::Case) -> Clouds {
    gateway_config::shipped_clouds_with(&given.clouds).unwrap_or_else(|problems| {
        for problem in problems {
            place(at, &problem.key).error(problem.message);
        }
        Clouds::default()
    })
}

pub(crate) fn tenant(at: &At<'_>, case: &wire::Case, now: UnixTime) -> Option<TenantSettings> {
    let profile = Profile::parse(&case.profile);
    if profile.is_none() {
        at.key("profile").error(format!(
            "`{}` is none of {}",
            case.profile,
            Profile::NAMES.join(", ")
        ));
    }
    let cloud = case.cloud.as_deref().unwrap_or("worldwide");
    let cloud = id(&at.key("cloud"), cloud, CloudName::parse);
    let mut sharing = gateway_core::settings::TenantSharing::default();
    let scope = at.key("tenant");
    let own: TenantOwn = split(
        &scope,
        &case.tenant,
        |name| sharing_names(name, gateway_core::settings::TenantSharing::SETTINGS),
        |name, raw| sharing.set(name, raw),
    )?;
    let boundary = own.environment_boundary.as_deref().unwrap_or("cloud");
    let boundaries = [
        ("cloud", EnvironmentBoundary::Cloud),
        ("instance", EnvironmentBoundary::Instance),
    ];
    let boundary = word(&scope.key("environment_boundary"), boundary, &boundaries);
    let directory = directory::directory(&at.key("directory"), &case.directory, now);
    Some(TenantSettings {
        cloud: cloud?,
        profile: profile?,
        sharing,
        boundary: boundary?,
        acknowledge_unsupported: own.acknowledge_unsupported,
        directory: directory?,
    })
}

pub(super) fn sharing_names(
    name: &str,
    table: &'static [gateway_core::settings::table::Setting],
) -> bool {
    table.iter().any(|setting| setting.name == name)
}

/// The site, with its id.
pub(crate) fn site(at: &At<'_>, case: &wire::Case) -> Option<(SiteId, SiteSettings)> {
    let at = at.key("site");
    let mut sharing = gateway_core::settings::SiteSharing::default();
    let own: SiteOwn = split(
        &at,
        &case.site,
        |name| sharing_names(name, gateway_core::settings::SiteSharing::SETTINGS),
        |name, raw| sharing.set(name, raw),
    )?;
    if sharing.capability.is_none() && own.template.is_none() {
        sharing.capability = Some(SharingCapability::ExternalUserAndGuestSharing);
    }
    let partitions = [("core", Partition::Core), ("onedrive", Partition::OneDrive)];
    let partition = own.partition.as_deref().unwrap_or("core");
    let cases = [
        ("sensitive", PathCase::Sensitive),
        ("insensitive", PathCase::Insensitive),
    ];
    let path_case = own.path_case.as_deref().unwrap_or("sensitive");
    let channels = [
        ("standard", Channel::None),
        ("private", Channel::Private),
        ("shared", Channel::Shared),
    ];
    let channel = own.channel.as_deref().unwrap_or("standard");
    let group = own.group.as_deref();
    let settings = SiteSettings {
        partition: word(&at.key("partition"), partition, &partitions)?,
        path_case: word(&at.key("path_case"), path_case, &cases)?,
        root: own.root,
        template: template(&at.key("template"), &own)?,
        channel: word(&at.key("channel"), channel, &channels)?,
        group: group.and_then(|group| id(&at.key("group"), group, GroupId::parse)),
        sharing,
    };
    let name = own.id.as_deref().unwrap_or("site");
    Some((id(&at.key("id"), name, SiteId::parse)?, settings))
}

fn template(at: &At<'_>, own: &SiteOwn) -> Option<Template> {
    if own.owners_add_guests.is_some() && own.template.as_deref() != Some("group") {
        at.error("`owners_add_guests` belongs to the template `group`");
    }
    let templates = [
        ("classic", Template::Classic),
        ("communication", Template::Communication),
        ("root-communication", Template::RootCommunication),
        ("team", Template::Team),
        (
            "group",
            Template::Group {
                owners_add_guests: own.owners_add_guests == Some(true),
            },
        ),
        ("onedrive", Template::OneDrive),
    ];
    match own.template.as_deref() {
        Some(text) => word(at, text, &templates),
        None => Some(Template::Unknown),
    }
}
