//! With whom something is shared, and what is known of them.

use std::collections::BTreeSet;

use gateway_config::model::Tenant;
use gateway_core::address::{DomainName, EmailAddress};
use gateway_core::id::GroupId;
use gateway_core::policy::share::{ShareRecipient, Who};
use gateway_core::sharing::Recipient;
use gateway_store::model::{UserEntry, UserType};

use super::ask::{self, Named};
use crate::drives::{Call, Located};
use crate::error::{ApiError, Area};

/// Somebody, or a group, that something is shared with.
#[derive(Clone, Debug)]
pub(super) struct Known {
    /// As the core asks about them.
    pub(super) asked: ShareRecipient,
    /// Their entry, also one that does not show in the directory yet.
    pub(super) entry: Option<UserEntry>,
}

impl Known {
    /// To whom a permission is granted.
    pub(super) fn recipient(&self) -> Recipient {
        match &self.asked.who {
            Who::Outsider(address) | Who::Member(address) => Recipient::Address(address.clone()),
            Who::Group(group) => Recipient::Group(group.clone()),
            Who::Members => Recipient::Members,
            Who::Everyone => Recipient::Everyone,
            Who::AllUsers => Recipient::AllUsers,
        }
    }

    /// The address, of a person.
    pub(super) fn address(&self) -> Option<&EmailAddress> {
        match &self.asked.who {
            Who::Outsider(address) | Who::Member(address) => Some(address),
            Who::Group(_) | Who::Members | Who::Everyone | Who::AllUsers => None,
        }
    }

    /// Somebody from outside whom the directory does not have.
    pub(super) fn is_new(&self) -> bool {
        matches!(self.asked.who, Who::Outsider(_)) && self.asked.guest.is_none()
    }
}

/// Finds those who are named, each once.
///
/// # Errors
/// [`ApiError`] with 400 for an id or alias that nobody has.
pub(super) async fn find(
    call: &Call<'_>,
    located: &Located<'_>,
    named: &[Named],
) -> Result<Vec<Known>, ApiError> {
    let mut found: Vec<Known> = Vec::new();
    for one in named {
        let known = match one {
            Named::Email(address) => person(call, located, address.clone()).await?,
            Named::Alias(alias) => {
                let address = by_alias(call.tenant()?, alias).ok_or_else(nobody)?;
                person(call, located, address).await?
            }
            Named::Object(id) => by_id(call, located, id).await?,
        };
        if !found.iter().any(|other| other.asked.who == known.asked.who) {
            found.push(known);
        }
    }
    Ok(found)
}

/// The person with that address.
pub(super) async fn person(
    call: &Call<'_>,
    located: &Located<'_>,
    address: EmailAddress,
) -> Result<Known, ApiError> {
    let entry = call
        .around
        .directory()
        .user_by_address(&call.caller.tenant, &address)
        .await
        .map_err(|error| ApiError::store(Area::Files, &error))?;
    known(call, located, address, entry).await
}

async fn by_id(call: &Call<'_>, located: &Located<'_>, id: &str) -> Result<Known, ApiError> {
    let tenant = call.tenant()?;
    let user = ask::object_id(id).ok_or_else(nobody)?;
    let entry = call
        .around
        .directory()
        .user(&tenant.id, &user)
        .await
        .map_err(|error| ApiError::store(Area::Files, &error))?;
    if let Some(entry) = entry.filter(|entry| entry.deleted.is_none()) {
        return known(call, located, entry.address.clone(), Some(entry)).await;
    }
    let group = GroupId::parse(id)
        .ok()
        .filter(|group| is_group(call, tenant, group));
    let group = group.ok_or_else(nobody)?;
    Ok(Known {
        asked: recipient(Who::Group(group.clone()), [group].into()),
        entry: None,
    })
}

fn is_group(call: &Call<'_>, tenant: &Tenant, group: &GroupId) -> bool {
    let (_, rows) = call.around.directory().settings_rows(&tenant.id);
    tenant.groups.contains(group) || rows.groups.iter().any(|one| one.id == *group)
}

async fn known(
    call: &Call<'_>,
    located: &Located<'_>,
    address: EmailAddress,
    entry: Option<UserEntry>,
) -> Result<Known, ApiError> {
    let tenant = call.tenant()?;
    let groups: BTreeSet<GroupId> = tenant.groups.of(&address).iter().cloned().collect();
    let guest_of_own_domain = entry
        .as_ref()
        .is_some_and(|entry| entry.user_type == UserType::Guest);
    let member = tenant.member_domains.contains(address.domain()) && !guest_of_own_domain;
    let who = match member {
        true => Who::Member(address.clone()),
        false => Who::Outsider(address.clone()),
    };
    let mut asked = recipient(who, groups);
    asked.in_site = in_site(call, located, &address).await?;
    if !member {
        // Whoever was only shared with is not in the directory before redeeming: they are as new as the first time.
        asked.guest = entry
            .as_ref()
            .filter(|entry| entry.has_entry())
            .map(UserEntry::guest);
        let identity = asked
            .guest
            .as_ref()
            .and_then(|guest| guest.identity.as_ref());
        asked.cloud = identity.and_then(|key| key.cloud.clone());
        asked.tenant = identity.and_then(|key| key.tenant.clone());
    }
    Ok(Known { asked, entry })
}

/// Whether they have something in the site already. Only what guests may do depends on it.
async fn in_site(
    call: &Call<'_>,
    located: &Located<'_>,
    address: &EmailAddress,
) -> Result<bool, ApiError> {
    const PAGE: usize = 500;
    if !call.caller.is_guest() {
        return Ok(false);
    }
    let mut after: Option<String> = None;
    loop {
        let page = call
            .around
            .directory()
            .permissions_of(&call.caller.tenant, address, after.as_deref(), PAGE)
            .await
            .map_err(|error| ApiError::store(Area::Files, &error))?;
        let mut all = page.items.iter();
        if all.any(|entry| entry.permission.site == located.site.id) {
            return Ok(true);
        }
        match page.next {
            Some(next) => after = Some(next),
            None => return Ok(false),
        }
    }
}

fn recipient(who: Who, groups: BTreeSet<GroupId>) -> ShareRecipient {
    ShareRecipient {
        who,
        guest: None,
        groups,
        in_site: false,
        in_channel: false,
        cloud: None,
        tenant: None,
        by_upn: None,
    }
}

/// A whole address, or the part before the `@` where the tenant has one domain.
fn by_alias(tenant: &Tenant, alias: &str) -> Option<EmailAddress> {
    if alias.contains('@') {
        return EmailAddress::parse(alias).ok();
    }
    let domains: Vec<&DomainName> = tenant.member_domains.iter().collect();
    match domains.as_slice() {
        [only] => EmailAddress::parse(&format!("{alias}@{only}")).ok(),
        _ => None,
    }
}

fn nobody() -> ApiError {
    ApiError::bad_request(Area::Files, "A recipient is not known.").with_inner("invalidRecipient")
}
