//! What has been granted to an address in a tenant.

use gateway_config::model::Tenant;
use gateway_core::address::EmailAddress;
use gateway_core::sharing::{LinkScope, Recipient};
use gateway_core::time::UnixTime;
use gateway_store::directory::TenantView;

/// Who granted something to `address` that has not ended: the makers of its permissions, then of links that name it
/// and have not been revoked.
pub(crate) fn alive<'a>(
    tenant: &'a Tenant,
    directory: &'a TenantView,
    address: &'a EmailAddress,
    now: UnixTime,
) -> impl Iterator<Item = &'a EmailAddress> {
    let lives = move |expires: Option<UnixTime>| expires.is_none_or(|end| now < end);
    let permissions = tenant.permissions.iter().filter(move |permission| {
        let theirs = match &permission.recipient {
            Recipient::Address(to) => to == address,
            Recipient::Group(group) => tenant.groups.of(address).contains(group),
            Recipient::Everyone => tenant.settings.sharing.everyone_claim,
            Recipient::AllUsers => tenant.settings.sharing.all_users_claim == Some(true),
            Recipient::Members => false,
        };
        theirs && lives(permission.expires)
    });
    let links = tenant.links.iter().filter(move |declared| {
        let theirs = match &declared.link.scope {
            LinkScope::Users(people) => people.contains(address),
            LinkScope::Anonymous | LinkScope::Organization | LinkScope::ExistingAccess => false,
        };
        theirs
            && lives(declared.link.expires)
            && directory.link_by_token(&declared.token_sha256).is_some()
    });
    permissions
        .map(|permission| &permission.created_by)
        .chain(links.map(|declared| &declared.link.created_by))
}
