//! What has been granted to an address in a tenant.

use gateway_config::model::Tenant;
use gateway_core::address::EmailAddress;
use gateway_core::sharing::{LinkScope, Recipient};
use gateway_core::time::UnixTime;
use gateway_store::directory::TenantView;
use gateway_store::model::Wanted;

/// What [`alive`] looks through.
pub(crate) fn wanted(tenant: &Tenant, address: &EmailAddress) -> Wanted {
    Wanted {
        addresses: vec![address.clone()],
        groups: tenant.groups.of(address).to_vec(),
        everything_granted: true,
        ..Wanted::of(tenant.id.clone())
    }
}

/// Who granted something to `address` that has not ended: the makers of its permissions, then of links that name it
/// and have not been revoked; each in the order of their ids.
///
/// - `directory`: with what is [`wanted`].
pub(crate) fn alive<'a>(
    tenant: &'a Tenant,
    directory: &'a TenantView,
    address: &'a EmailAddress,
    now: UnixTime,
) -> impl Iterator<Item = EmailAddress> + 'a {
    let lives = move |expires: Option<UnixTime>| expires.is_none_or(|end| now < end);
    let permissions = directory.permissions().filter(move |permission| {
        let theirs = match permission.recipient() {
            Some(Recipient::Address(to)) => to == *address,
            Some(Recipient::Group(group)) => tenant.groups.of(address).contains(&group),
            Some(Recipient::Everyone) => tenant.settings.sharing.everyone_claim,
            Some(Recipient::AllUsers) => tenant.settings.sharing.all_users_claim == Some(true),
            Some(Recipient::Members) | None => false,
        };
        theirs && lives(permission.expires())
    });
    let links = directory.links().filter(move |link| {
        let theirs = match &link.scope {
            LinkScope::Users(people) => people.contains(address),
            LinkScope::Anonymous | LinkScope::Organization | LinkScope::ExistingAccess => false,
        };
        theirs && lives(link.expires)
    });
    permissions
        .filter_map(|permission| permission.created_by())
        .chain(links.map(|link| link.created_by.clone()))
}
