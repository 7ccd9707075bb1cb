//! Where somebody with an address signs in.
//!
//! Source: specification "clouds and identity", H: configured domains always win, then the providers in
//! their order; the outcome is never disclosed beyond "continue".

use std::collections::BTreeSet;

use crate::address::{DomainName, EmailAddress};
use crate::id::ProviderId;

/// A provider that is open for sign-ins of a tenant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Offer {
    /// The provider.
    pub id: ProviderId,
    /// Domains whose accounts live there.
    pub home_domains: BTreeSet<DomainName>,
    /// Whether it also takes addresses of domains that nobody claims.
    pub any_domain: bool,
    /// Its place among those that do; lower goes first, then by name.
    pub order: u16,
}

/// The providers for `address`, best first: the one the guest redeemed with (first redemption sticks), those
/// that are home to the domain, or else those that take any domain. Empty when nobody does.
#[must_use]
pub fn providers_for<'a>(
    address: &EmailAddress,
    bound: Option<&ProviderId>,
    offers: &'a [Offer],
) -> Vec<&'a ProviderId> {
    if let Some(offer) = bound.and_then(|bound| offers.iter().find(|offer| offer.id == *bound)) {
        return vec![&offer.id];
    }
    let home = in_order(offers, |offer| {
        offer.home_domains.contains(address.domain())
    });
    if home.is_empty() {
        in_order(offers, |offer| offer.any_domain)
    } else {
        home
    }
}

fn in_order(offers: &[Offer], takes: impl Fn(&Offer) -> bool) -> Vec<&ProviderId> {
    let mut taking: Vec<&Offer> = offers.iter().filter(|offer| takes(offer)).collect();
    taking.sort_by(|a, b| (a.order, &a.id).cmp(&(b.order, &b.id)));
    taking.into_iter().map(|offer| &offer.id).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{address, domains};

    fn offer(id: &str, home: &[&str], any_domain: bool, order: u16) -> Offer {
        Offer {
            id: ProviderId::parse(id).unwrap(),
            home_domains: domains(home),
            any_domain,
            order,
        }
    }

    fn check(text: &str, bound: Option<&str>, want: &[&str]) {
        let offers = [
            offer("passcode", &[], true, 90),
            offer("google", &["gmail.com", "googlemail.com"], false, 20),
            offer("fabrikam", &["fabrikam.example"], false, 5),
            offer("work-school", &["fabrikam.example"], true, 10),
        ];
        let bound = bound.map(|id| ProviderId::parse(id).unwrap());
        let got = providers_for(&address(text), bound.as_ref(), &offers);
        let got: Vec<&str> = got.into_iter().map(ProviderId::as_str).collect();
        assert_eq!(got, want, "{text}");
    }

    #[test]
    fn configured_domains_win_then_the_order_counts() {
        check("gina@gmail.com", None, &["google"]);
        check("ada@fabrikam.example", None, &["fabrikam", "work-school"]);
        check("pat@nowhere.example", None, &["work-school", "passcode"]);
        check(
            "ada@sub.fabrikam.example",
            None,
            &["work-school", "passcode"],
        );
    }

    #[test]
    fn the_first_redemption_sticks() {
        check("ada@fabrikam.example", Some("passcode"), &["passcode"]);
        check(
            "ada@fabrikam.example",
            Some("gone"),
            &["fabrikam", "work-school"],
        );
    }
}
