//! A guest who opens a link joins its site: where guests of the site expire, an end is stamped.

use std::collections::BTreeMap;

use gateway_core::settings::effective::guest_expiry_days;
use gateway_core::sharing::SharingLink;
use gateway_core::time::UnixTime;
use gateway_sign_in::session::Session;
use gateway_store::StoreError;
use gateway_store::model::{Actor, AuditEvent, Change, Expect, UserEntry, Write};

use crate::pipeline::Visitor;

const DAY: i64 = 24 * 60 * 60;

/// Stamps when the guest's time in the link's site ends, unless it is stamped. What was granted there by name was
/// stamped with the grant.
///
/// # Errors
/// [`StoreError`]; then nothing is stamped.
///
/// Source: specification "sharing rules" 1.5 and 7.
pub(crate) async fn join(
    visitor: &Visitor<'_>,
    link: &SharingLink,
    session: &Session,
) -> Result<(), StoreError> {
    let Some(person) = session.person.as_ref().filter(|person| !person.member) else {
        return Ok(());
    };
    let (Some(address), Some(end)) = (&person.address, end(visitor, link)) else {
        return Ok(());
    };
    let directory = &visitor.gateway.directory;
    let entry = directory.user_by_address(visitor.tenant, address).await?;
    let own = |entry: &UserEntry| {
        let bound = entry.redemption.as_ref().map(|(key, _)| key);
        !entry.declared && bound == Some(&person.key) && !entry.expires.contains_key(&link.site)
    };
    let Some(entry) = entry.filter(own) else {
        return Ok(());
    };
    let mut event = AuditEvent {
        person: Some(address.to_string()),
        person_type: Some("Guest"),
        site: Some(link.site.clone()),
        link: Some(link.id.clone()),
        ..AuditEvent::of(
            "GuestExpirationSet",
            Actor {
                id: address.to_string(),
                client: Some(visitor.client.to_string()),
            },
        )
    };
    event.more.insert("Expires".to_owned(), end.0.into());
    let stamp = BTreeMap::from([(link.site.clone(), end)]);
    let expect = Expect::User(entry.id.clone(), Some(entry.version));
    let joined = UserEntry {
        expires: entry.expires.clone().into_iter().chain(stamp).collect(),
        ..entry
    };
    // Whoever changed the entry meanwhile was first: the next time the link is opened it is stamped.
    directory
        .write(Write {
            tenant: visitor.tenant.clone(),
            at: visitor.now,
            expect: vec![expect],
            changes: vec![Change::PutUser(Box::new(joined))],
            audit: vec![event],
        })
        .await?;
    Ok(())
}

/// When somebody who joins the link's site now leaves it; never, where guests do not expire.
fn end(visitor: &Visitor<'_>, link: &SharingLink) -> Option<UnixTime> {
    let tenant = visitor.configuration.tenants.get(visitor.tenant)?;
    let site = tenant.sites.get(&link.site)?;
    let days = guest_expiry_days(&tenant.settings, &site.settings).value?;
    Some(visitor.now.plus(i64::from(days) * DAY))
}
