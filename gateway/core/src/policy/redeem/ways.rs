//! All the ways of an invitation at once, for the sign-in: it must not tell by what it shows who was invited.

use std::collections::BTreeSet;

use super::before::Before;
use super::invitation::Invitation;
use super::{Home, RedeemFacts};
use crate::address::EmailAddress;
use crate::cloud::Clouds;
use crate::id::{GuestId, ProviderKind};
use crate::person::{Guest, GuestOrigin};
use crate::policy::{Denial, Method, Verdict};
use crate::settings::TenantSettings;
use crate::time::UnixTime;

/// Whose ways are asked for.
#[derive(Clone, Copy, Debug)]
pub enum Invitee<'a> {
    /// Whoever has this address, invited or not, and by whichever manager.
    Anybody(&'a EmailAddress),
    /// This guest, who has not redeemed.
    Guest(&'a Guest),
}

/// The methods by which an invitation may be redeemed, the first to be tried first: what [`redeem`](super::redeem) says to
/// whoever it may be. Never empty.
///
/// - `providers`: kinds of provider that are set up.
///
/// # Errors
/// The [`Denial`] of the cloud, or that no method is left.
pub fn ways(
    invitee: Invitee<'_>,
    home: &Home,
    tenant: &TenantSettings,
    clouds: &Clouds,
    providers: &BTreeSet<ProviderKind>,
    now: UnixTime,
) -> Result<Vec<Method>, Denial> {
    let entry;
    let (address, entries) = match invitee {
        Invitee::Guest(guest) => (&guest.address, vec![Some(guest)]),
        Invitee::Anybody(address) => {
            let id = GuestId::parse("anybody").map_err(|_| Denial::FactsMissing)?;
            entry = Guest::invited(id, address.clone(), GuestOrigin::Directory);
            // The directory's guest, and whoever sharing's own manager deals with.
            (address, vec![Some(&entry), None])
        }
    };
    let mut methods = Vec::new();
    let mut refused = Denial::NoProvider;
    for guest in entries {
        let facts = RedeemFacts {
            clouds,
            tenant,
            guest,
            redeemed_with: None,
            share: None,
            providers: Some(providers),
        };
        let case = Before {
            invitation: Invitation {
                address,
                facts: &facts,
                now,
            },
            home,
            direct_link: false,
        };
        case.cloud()?;
        match case.provider().0 {
            Verdict::Challenge(challenge) => methods.extend(challenge.methods()),
            Verdict::Deny(denial) => refused = denial,
            Verdict::Pass | Verdict::NotApplicable | Verdict::Request(_) | Verdict::Reject => {}
        }
    }
    let mut seen = BTreeSet::new();
    methods.retain(|method| seen.insert(*method));
    if methods.is_empty() {
        Err(refused)
    } else {
        Ok(methods)
    }
}
