//! Where somebody with an address signs in.
//!
//! Source: specification "clouds and identity", H: configured domains always win, then the providers in
//! their order; the outcome is never disclosed beyond "continue". Whether somebody with the address has redeemed, and
//! with which provider, is therefore not asked here.

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

/// The providers for `address`, best first: those that are home to the domain, or else those that take any domain.
/// Empty when nobody does.
#[must_use]
pub fn providers_for<'a>(address: &EmailAddress, offers: &'a [Offer]) -> Vec<&'a ProviderId> {
    let home = in_order(offers, |offer| {
        offer.home_domains.contains(address.domain())
    });
    if home.is_empty() {
        of_any_domain(offers)
    } else {
        home
    }
}

/// The providers that take any domain, best first.
#[must_use]
pub fn of_any_domain(offers: &[Offer]) -> Vec<&ProviderId> {
    in_order(offers, |offer| offer.any_domain)
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

    fn offers() -> [Offer; 4] {
        [
            offer("passcode", &[], true, 90),
            offer("google", &["gmail.com", "googlemail.com"], false, 20),
            offer("fabrikam", &["fabrikam.example"], false, 5),
            offer("work-school", &["fabrikam.example"], true, 10),
        ]
    }

    fn check(text: &str, want: &[&str]) {
        let offers = offers();
        let got = providers_for(&address(text), &offers);
        let got: Vec<&str> = got.into_iter().map(ProviderId::as_str).collect();
        assert_eq!(got, want, "{text}");
    }

    #[test]
    fn configured_domains_win_then_the_order_counts() {
        check("gina@gmail.com", &["google"]);
        check("ada@fabrikam.example", &["fabrikam", "work-school"]);
        check("pat@nowhere.example", &["work-school", "passcode"]);
        check("ada@sub.fabrikam.example", &["work-school", "passcode"]);
    }

    #[test]
    fn what_takes_any_domain_is_the_same_for_everybody() {
        let offers = offers();
        let got: Vec<&str> = of_any_domain(&offers)
            .into_iter()
            .map(ProviderId::as_str)
            .collect();
        assert_eq!(got, ["work-school", "passcode"]);
    }
}
