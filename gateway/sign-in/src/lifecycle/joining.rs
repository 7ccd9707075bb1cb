//! What the directory keeps of somebody who joins: an entry, and when it ends.

use std::collections::BTreeMap;

use gateway_config::model::Tenant;
use gateway_core::id::{GuestId, SiteId};
use gateway_core::settings::effective::guest_expiry_days;
use gateway_core::time::UnixTime;
use gateway_store::model::{Actor, AuditEvent, UserEntry};

use super::Share;
use crate::random::{self, NoRandomness};

const DAY: i64 = 24 * 60 * 60;

/// A new GUID, for an entry.
///
/// # Errors
/// [`NoRandomness`].
///
/// Source: RFC 9562 section 5.4.
pub(crate) fn new_id() -> Result<Option<GuestId>, NoRandomness> {
    let drawn = u128::from_be_bytes(random::bytes()?);
    let marked = (drawn & !(0xf << 76) & !(0x3 << 62)) | (0x4 << 76) | (0x2 << 62);
    let hex = format!("{marked:032x}");
    let part = |from: usize, to: usize| hex.get(from..to).unwrap_or_default();
    let text = [
        part(0, 8),
        part(8, 12),
        part(12, 16),
        part(16, 20),
        part(20, 32),
    ]
    .join("-");
    Ok(GuestId::parse(&text).ok())
}

/// When access to the sites of `shares` ends for somebody who joins them now: of those that have no end yet. A site whose
/// guests do not expire stamps nobody.
///
/// Source: specification "sharing rules" 1.5 and 7.
pub(crate) fn expiries(
    tenant: &Tenant,
    shares: &[Share],
    known: &BTreeMap<SiteId, UnixTime>,
    now: UnixTime,
) -> BTreeMap<SiteId, UnixTime> {
    let mut ends = known.clone();
    for share in shares {
        let site = tenant.sites.get(&share.site);
        let days = site.and_then(|site| guest_expiry_days(&tenant.settings, &site.settings).value);
        if let Some(days) = days {
            ends.entry(share.site.clone())
                .or_insert_with(|| now.plus(i64::from(days) * DAY));
        }
    }
    ends
}

/// The record of a guest who is added on behalf of whoever shared.
pub(crate) fn added(entry: &UserEntry, share: &Share) -> AuditEvent {
    AuditEvent {
        person: Some(entry.address.to_string()),
        person_type: Some("Guest"),
        site: Some(share.site.clone()),
        item: Some(share.item.encoded()),
        reason: "shared-before-integration".to_owned(),
        ..AuditEvent::of(
            "Invite external user",
            Actor {
                id: share.creator.to_string(),
                client: None,
            },
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_guids_of_version_4() {
        let (one, other) = (new_id().unwrap().unwrap(), new_id().unwrap().unwrap());
        assert_ne!(one, other);
        let text = one.as_str();
        let parts: Vec<usize> = text.split('-').map(str::len).collect();
        assert_eq!(parts, [8, 4, 4, 4, 12]);
        let at = |place: usize| text.chars().nth(place).unwrap();
        assert_eq!(at(14), '4');
        assert!("89ab".contains(at(19)), "{text}");
    }
}
