//! Groups of the tenant's directory.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use gateway_core::address::EmailAddress;
use gateway_core::groups::{self, Groups};
use gateway_core::id::GroupId;
use gateway_store::model::{AuditEvent, Change, Expect, GroupEntry};
use serde_json::json;

use super::AREA;
use super::call::{Call, bad, created, ok, tenant};
use super::words::{Group, GroupChange, Listing, NewGroup};
use crate::error::ApiError;
use crate::response::Response;

pub(super) async fn list(call: Call<'_>) -> Result<Response, ApiError> {
    let all = known(&call)?;
    ok(&Listing::whole(all.values().map(shown).collect()))
}

pub(super) async fn one(call: Call<'_>) -> Result<Response, ApiError> {
    ok(&shown(&named(&call)?))
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
    put(&call, entry.clone(), "GroupAdded").await?;
    created(&shown(&entry))
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
    put(&call, entry.clone(), "GroupUpdated").await?;
    ok(&shown(&entry))
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
    let expect = vec![as_seen(&entry)];
    call.write(expect, vec![Change::RemoveGroup(entry.id)], vec![audit])
        .await?;
    Ok(Response::no_content())
}

pub(super) async fn add_person(call: Call<'_>) -> Result<Response, ApiError> {
    call.no_body()?;
    let mut entry = own(&call)?;
    let person = address(call.segment(1))?;
    if entry.group.people.insert(person.clone()) {
        member(&call, entry, &person, "AddedToGroup").await?;
    }
    Ok(Response::no_content())
}

pub(super) async fn remove_person(call: Call<'_>) -> Result<Response, ApiError> {
    call.no_body()?;
    let mut entry = own(&call)?;
    let person = address(call.segment(1)).map_err(|_| ApiError::not_found(AREA))?;
    if !entry.group.people.remove(&person) {
        return Err(ApiError::not_found(AREA));
    }
    member(&call, entry, &person, "RemovedFromGroup").await?;
    Ok(Response::no_content())
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
        Err(ApiError::managed_by_configuration())
    } else {
        Ok(entry)
    }
}

async fn put(call: &Call<'_>, entry: GroupEntry, operation: &str) -> Result<(), ApiError> {
    let audit = audit(call, operation, &entry);
    store(call, entry, audit).await
}

async fn member(
    call: &Call<'_>,
    entry: GroupEntry,
    person: &EmailAddress,
    operation: &str,
) -> Result<(), ApiError> {
    let mut audit = audit(call, operation, &entry);
    audit.person = Some(person.to_string());
    store(call, entry, audit).await
}

/// Writes the group, where all groups are groups with it: none is inside itself, and none holds one that is not there.
async fn store(call: &Call<'_>, entry: GroupEntry, audit: AuditEvent) -> Result<(), ApiError> {
    let mut all = known(call)?;
    all.insert(entry.id.clone(), entry.clone());
    let all = all.into_values().map(|one| (one.id, one.group)).collect();
    Groups::new(&all).map_err(|wrong| {
        let group = wrong.group().map(ToString::to_string).unwrap_or_default();
        ApiError::conflict(format!("Group `{group}` {wrong}."))
    })?;
    let expect = vec![as_seen(&entry)];
    let change = Change::PutGroup(Box::new(entry));
    call.write(expect, vec![change], vec![audit]).await
}

/// What was looked at is what is replaced: nobody comes back who was taken out meanwhile.
fn as_seen(entry: &GroupEntry) -> Expect {
    Expect::Group(
        entry.id.clone(),
        (entry.version > 0).then_some(entry.version),
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
