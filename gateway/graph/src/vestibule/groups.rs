//! Groups of the tenant's directory.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use gateway_core::address::EmailAddress;
use gateway_core::groups::{self, Groups};
use gateway_core::id::GroupId;
use gateway_store::model::{AuditEvent, Change, Expect, GroupEntry};
use http::StatusCode;
use serde_json::json;

use super::AREA;
use super::call::{Call, bad, created, ok, tenant};
use super::words::{Group, GroupChange, Listing, NewGroup};
use crate::error::ApiError;
use crate::response::Response;

/// How often one person more or less is written anew that others overtook.
const TRIES: u32 = 8;
/// What refines the refusal of a write that others overtook.
const OVERTAKEN: &str = "resourceModified";

pub(super) async fn list(call: Call<'_>) -> Result<Response, ApiError> {
    let all = known(&call)?;
    ok(&Listing::whole(all.values().map(shown).collect()))
}

pub(super) async fn one(call: Call<'_>) -> Result<Response, ApiError> {
    let entry = named(&call)?;
    let response = ok(&shown(&entry))?;
    // What a file declares has no version here.
    Ok(match entry.declared {
        true => response,
        false => response.with_etag(&etag(&entry)),
    })
}

/// The entity tag of a group: its version.
fn etag(entry: &GroupEntry) -> String {
    format!("W/\"{}\"", entry.version)
}

pub(super) async fn create(call: Call<'_>) -> Result<Response, ApiError> {
    let given: NewGroup = call.body()?;
    let id = GroupId::parse(&given.id).map_err(|error| bad(format!("`id` {error}.")))?;
    if known(&call)?.contains_key(&id) {
        return Err(ApiError::conflict("There is a group of that id already."));
    }
    let entry = GroupEntry {
        id,
        display_name: name(&given.display_name)?,
        group: groups::Group {
            people: people(&given.people)?,
            groups: inner(&given.groups)?,
        },
        declared: false,
        version: 0,
    };
    let expect = Expect::Group(entry.id.clone(), None);
    let written = put(&call, expect, entry.clone(), "GroupAdded").await?;
    Ok(created(&shown(&entry))?.with_etag(&etag(&written)))
}

pub(super) async fn change(call: Call<'_>) -> Result<Response, ApiError> {
    let given: GroupChange = call.body()?;
    let mut entry = own(&call)?;
    if let Some(text) = &given.display_name {
        entry.display_name = name(text)?;
    }
    if let Some(list) = &given.people {
        entry.group.people = people(list)?;
    }
    if let Some(list) = &given.groups {
        entry.group.groups = inner(list)?;
    }
    let expect = Expect::Group(entry.id.clone(), Some(entry.version));
    let written = put(&call, expect, entry.clone(), "GroupUpdated").await?;
    Ok(ok(&shown(&entry))?.with_etag(&etag(&written)))
}

pub(super) async fn remove(call: Call<'_>) -> Result<Response, ApiError> {
    call.no_body()?;
    let entry = own(&call)?;
    let holder = known(&call)?
        .into_values()
        .find(|other| other.group.groups.contains(&entry.id));
    if let Some(holder) = holder {
        let message = format!(
            "The group is in group `{}`: take it out there first.",
            holder.id
        );
        return Err(ApiError::conflict(message));
    }
    let audit = audit(&call, "GroupRemoved", &entry);
    let expect = Expect::Group(entry.id.clone(), Some(entry.version));
    let remove = Change::RemoveGroup(entry.id);
    written(&call, expect, remove, audit).await?;
    Ok(Response::no_content())
}

pub(super) async fn add_person(call: Call<'_>) -> Result<Response, ApiError> {
    call.no_body()?;
    let person = address(call.segment(1))?;
    put_person(&call, &person, true).await
}

pub(super) async fn remove_person(call: Call<'_>) -> Result<Response, ApiError> {
    call.no_body()?;
    let person = address(call.segment(1)).map_err(|_| ApiError::not_found(AREA))?;
    put_person(&call, &person, false).await
}

/// Puts a person in, or takes one out. One person more or less is the same change whatever others did meanwhile: it is made
/// again on what is there then, unless the caller said in which version the group is to be.
async fn put_person(
    call: &Call<'_>,
    person: &EmailAddress,
    within: bool,
) -> Result<Response, ApiError> {
    let mut left = TRIES;
    loop {
        let mut entry = own(call)?;
        let people = &mut entry.group.people;
        let (changed, operation) = match within {
            true => (people.insert(person.clone()), "AddedToGroup"),
            false => (people.remove(person), "RemovedFromGroup"),
        };
        match (changed, within) {
            (true, _) => {}
            (false, true) => return Ok(Response::no_content()),
            (false, false) => return Err(ApiError::not_found(AREA)),
        }
        left -= 1;
        match member(call, entry, person, operation).await {
            Ok(()) => return Ok(Response::no_content()),
            Err(error) if left > 0 && !call.is_conditional() && is_overtaken(&error) => {}
            Err(error) => return Err(error),
        }
    }
}

fn is_overtaken(error: &ApiError) -> bool {
    error.status == StatusCode::CONFLICT && error.inner.as_deref() == Some(OVERTAKEN)
}

/// All groups: those of the files, and over them those that are stored.
fn known(call: &Call<'_>) -> Result<BTreeMap<GroupId, GroupEntry>, ApiError> {
    let (_, rows): (u64, Arc<_>) = call.directory().settings_rows(&call.caller.tenant);
    let configuration = call.configuration();
    let declared = tenant(call, &configuration)?.declared_groups.iter();
    let declared = declared.map(|(id, group)| GroupEntry {
        id: id.clone(),
        display_name: id.to_string(),
        group: group.clone(),
        declared: true,
        version: 0,
    });
    // What a file declares stands over what is stored.
    let all = rows.groups.iter().cloned().chain(declared);
    Ok(all.map(|group| (group.id.clone(), group)).collect())
}

fn named(call: &Call<'_>) -> Result<GroupEntry, ApiError> {
    let missing = || ApiError::not_found(AREA);
    let id = GroupId::parse(call.segment(0)).map_err(|_| missing())?;
    known(call)?.remove(&id).ok_or_else(missing)
}

/// The group that the path names, where it can be changed here.
fn own(call: &Call<'_>) -> Result<GroupEntry, ApiError> {
    let entry = named(call)?;
    if entry.declared {
        return Err(ApiError::managed_by_configuration());
    }
    call.matches(&etag(&entry))?;
    Ok(entry)
}

/// Writes the group; comes back with it as it was written.
async fn put(
    call: &Call<'_>,
    expect: Expect,
    entry: GroupEntry,
    operation: &str,
) -> Result<GroupEntry, ApiError> {
    let audit = audit(call, operation, &entry);
    store(call, expect, entry, audit).await
}

async fn member(
    call: &Call<'_>,
    entry: GroupEntry,
    person: &EmailAddress,
    operation: &str,
) -> Result<(), ApiError> {
    let mut audit = audit(call, operation, &entry);
    audit.person = Some(person.to_string());
    let expect = Expect::Group(entry.id.clone(), Some(entry.version));
    store(call, expect, entry, audit).await.map(drop)
}

/// Writes the group, where all groups are groups with it: none is inside itself, and none holds one that is not there.
async fn store(
    call: &Call<'_>,
    expect: Expect,
    entry: GroupEntry,
    audit: AuditEvent,
) -> Result<GroupEntry, ApiError> {
    let mut all = known(call)?;
    all.insert(entry.id.clone(), entry.clone());
    let all = all.into_values().map(|one| (one.id, one.group)).collect();
    Groups::new(&all).map_err(|wrong| {
        let group = wrong.group().map(ToString::to_string).unwrap_or_default();
        ApiError::conflict(format!("Group `{group}` {wrong}."))
    })?;
    let change = Change::PutGroup(Box::new(entry.clone()));
    written(call, expect, change, audit).await?;
    // Whoever changed it since has a version of their own: that is not what the caller wrote.
    let now = known(call)?.remove(&entry.id);
    let own = now.filter(|now| now.group == entry.group && now.display_name == entry.display_name);
    Ok(own.unwrap_or(entry))
}

/// Writes, where the group is as it was decided on.
async fn written(
    call: &Call<'_>,
    expect: Expect,
    change: Change,
    audit: AuditEvent,
) -> Result<(), ApiError> {
    let done = call.write(vec![expect], vec![change], vec![audit]).await;
    done.map_err(
        |error| match call.is_conditional() && is_overtaken(&error) {
            true => ApiError::precondition_failed(),
            false => error,
        },
    )
}

fn audit(call: &Call<'_>, operation: &str, entry: &GroupEntry) -> AuditEvent {
    let mut audit = AuditEvent::of(operation, call.actor());
    audit.person_type = Some("SecurityGroup");
    audit
        .more
        .insert("Group".to_owned(), json!(entry.id.as_str()));
    audit
}

fn name(text: &str) -> Result<String, ApiError> {
    let fits = (1..=256).contains(&text.trim().chars().count());
    if fits && !text.chars().any(char::is_control) {
        Ok(text.trim().to_owned())
    } else {
        Err(bad("`displayName` must have 1 to 256 characters."))
    }
}

fn people(list: &[String]) -> Result<BTreeSet<EmailAddress>, ApiError> {
    bounded("people", list, 10_000)?;
    list.iter().map(|text| address(text)).collect()
}

fn address(text: &str) -> Result<EmailAddress, ApiError> {
    let shown: String = text.chars().take(100).collect();
    EmailAddress::parse(text).map_err(|error| bad(format!("`{shown}`: {error}.")))
}

fn inner(list: &[String]) -> Result<BTreeSet<GroupId>, ApiError> {
    bounded("groups", list, 1_000)?;
    let id =
        |text: &String| GroupId::parse(text).map_err(|error| bad(format!("`groups`: {error}.")));
    list.iter().map(id).collect()
}

fn bounded(name: &str, list: &[String], most: usize) -> Result<(), ApiError> {
    if list.len() > most {
        Err(bad(format!("`{name}` must be a list of at most {most}.")))
    } else {
        Ok(())
    }
}

fn shown(entry: &GroupEntry) -> Group {
    Group {
        id: entry.id.to_string(),
        display_name: entry.display_name.clone(),
        people: entry.group.people.iter().map(ToString::to_string).collect(),
        groups: entry.group.groups.iter().map(ToString::to_string).collect(),
        declared: entry.declared,
    }
}
