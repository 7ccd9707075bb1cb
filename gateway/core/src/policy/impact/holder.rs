//! Who has something by a share, and what they would bring to a request.

use std::collections::{BTreeMap, BTreeSet};

use super::{Shares, Standing, Whom};
use crate::address::{DomainName, EmailAddress};
use crate::cloud::Clouds;
use crate::id::{CloudName, GroupId, LinkId, ProviderId, ProviderKind};
use crate::network::AddressRange;
use crate::person::{
    Account, Assurance, Client, Guest, GuestState, IdentityKey, Person, Principal, SignInRisk,
};
use crate::policy::configure::Settings;
use crate::policy::redeem::{Home, RedeemFacts, RedeemQuestion, SharedBy, Stage, redeem};
use crate::policy::{NoTrace, Outcome};
use crate::settings::SiteSettings;
use crate::sharing::{LinkScope, Permission, Recipient, SharingLink};
use crate::time::UnixTime;

/// Somebody who has something by a share.
pub(super) enum Holder<'a> {
    /// Somebody with an entry in the directory.
    Guest {
        /// The entry, as accepted: whether it may be is judged apart.
        accepted: Box<Guest>,
        /// Whether it has been redeemed.
        redeemed: bool,
        /// The kind of the provider that it was, or may be, redeemed with.
        kind: ProviderKind,
    },
    /// One of the tenant's own people.
    Member(Option<&'a EmailAddress>),
    /// Whoever has the link.
    Bearer,
}

/// Everybody whom a share is for. People from outside without an entry are nobody here: they have never come in.
pub(super) fn holders<'a>(
    permission: Option<&'a Permission>,
    link: Option<&'a SharingLink>,
    shares: &Shares<'a>,
    homes: &BTreeMap<DomainName, BTreeSet<CloudName>>,
) -> Vec<Holder<'a>> {
    let people = |addresses: &mut dyn Iterator<Item = &'a EmailAddress>| {
        addresses
            .filter_map(|address| person(address, shares, homes))
            .collect()
    };
    let guests = |wanted: &dyn Fn(&Guest) -> bool| {
        let found = shares.guests.iter().filter(|guest| wanted(guest));
        found
            .filter_map(|guest| holder(guest, shares, homes))
            .collect()
    };
    match (
        permission.map(|permission| &permission.recipient),
        link.map(|link| &link.scope),
    ) {
        (Some(Recipient::Address(address)), _) => people(&mut [address].into_iter()),
        (Some(Recipient::Group(group)), _) => {
            guests(&|guest| shares.groups.of(&guest.address).contains(group))
        }
        (Some(Recipient::Everyone | Recipient::AllUsers), _) => guests(&|_| true),
        (Some(Recipient::Members), _) | (None, Some(LinkScope::Organization)) => {
            vec![Holder::Member(None)]
        }
        (None, Some(LinkScope::Users(named))) => people(&mut named.iter()),
        (None, Some(LinkScope::Anonymous)) => vec![Holder::Bearer],
        (None, Some(LinkScope::ExistingAccess) | None) => Vec::new(),
    }
}

fn person<'a>(
    address: &'a EmailAddress,
    shares: &Shares<'a>,
    homes: &BTreeMap<DomainName, BTreeSet<CloudName>>,
) -> Option<Holder<'a>> {
    if shares.member_domains.contains(address.domain()) {
        return Some(Holder::Member(Some(address)));
    }
    let guest = shares
        .guests
        .iter()
        .find(|guest| guest.address == *address)?;
    holder(guest, shares, homes)
}

/// Somebody who has not redeemed yet is taken to come from the first known home of the domain.
fn holder<'a>(
    guest: &Guest,
    shares: &Shares<'_>,
    homes: &BTreeMap<DomainName, BTreeSet<CloudName>>,
) -> Option<Holder<'a>> {
    let kind = guest
        .identity
        .as_ref()
        .and_then(|key| shares.kinds.get(&key.provider).cloned())
        .or_else(|| ProviderKind::parse("unknown").ok())?;
    let redeemed = guest.identity.is_some();
    let mut accepted = guest.clone();
    if guest.state == GuestState::PendingAcceptance {
        accepted.state = GuestState::Accepted;
        accepted.identity = Some(IdentityKey {
            cloud: homes
                .get(guest.address.domain())
                .and_then(|clouds| clouds.first().cloned()),
            provider: ProviderId::parse("unknown").ok()?,
            issuer: String::new(),
            tenant: None,
            subject: String::new(),
        });
    }
    Some(Holder::Guest {
        accepted: Box::new(accepted),
        redeemed,
        kind,
    })
}

impl<'a> Holder<'a> {
    pub(super) fn whom(&self) -> Whom {
        match self {
            Self::Guest { accepted, .. } => {
                Whom::Guest(accepted.id.clone(), accepted.address.clone())
            }
            Self::Member(address) => Whom::Member(address.cloned()),
            Self::Bearer => Whom::Bearer,
        }
    }

    pub(super) fn address(&self) -> Option<&EmailAddress> {
        match self {
            Self::Guest { accepted, .. } => Some(&accepted.address),
            Self::Member(address) => *address,
            Self::Bearer => None,
        }
    }

    pub(super) fn groups<'s>(&self, shares: &Shares<'s>) -> &'s [GroupId] {
        self.address()
            .map_or(&[], |address| shares.groups.of(address))
    }

    pub(super) const fn is_in_directory(&self) -> bool {
        !matches!(self, Self::Bearer)
    }

    pub(super) fn account(&self) -> Account<'_> {
        match self {
            Self::Guest { accepted, .. } => Account::Guest(accepted),
            Self::Member(address) => Account::Member { address: *address },
            Self::Bearer => Account::Unknown,
        }
    }

    /// Whether an invitation that is open yet could be redeemed; everybody else has come in already.
    pub(super) fn may_redeem(
        &self,
        permission: Option<&Permission>,
        link: Option<&SharingLink>,
        settings: &Settings,
        clouds: &Clouds,
        now: UnixTime,
    ) -> Result<(), Standing> {
        let Self::Guest {
            accepted,
            redeemed: false,
            ..
        } = self
        else {
            return Ok(());
        };
        let entry = Guest {
            identity: None,
            state: match accepted.state {
                GuestState::Blocked => GuestState::Blocked,
                GuestState::Accepted | GuestState::PendingAcceptance => {
                    GuestState::PendingAcceptance
                }
            },
            ..Guest::clone(accepted)
        };
        let share = match (permission, link) {
            (Some(permission), _) => Some(SharedBy {
                creator: &permission.created_by,
                creator_may_share: true,
                manager: permission.manager,
            }),
            (None, Some(link)) => Some(SharedBy {
                creator: &link.created_by,
                creator_may_share: link.creator_may_share,
                manager: link.manager,
            }),
            (None, None) => None,
        };
        let homes = settings
            .tenant
            .directory
            .domain_homes
            .get(entry.address.domain());
        let question = RedeemQuestion {
            address: entry.address.clone(),
            direct_link: false,
            stage: Stage::Before(Home {
                clouds: homes.cloned().unwrap_or_default(),
                unmanaged: false,
                microsoft_account: false,
            }),
        };
        let facts = RedeemFacts {
            clouds,
            tenant: &settings.tenant,
            guest: Some(&entry),
            redeemed_with: None,
            share,
            providers: None,
        };
        match redeem(&question, &facts, now, &mut NoTrace).outcome {
            Outcome::Allow | Outcome::Challenge(_) => Ok(()),
            Outcome::Request(denial) | Outcome::Deny(denial) => Err(Standing::Closed(denial)),
        }
    }

    /// What the holder would bring to a request, with everything shown that can be shown.
    pub(super) fn principal(
        &self,
        shown: Option<LinkId>,
        settings: &Settings,
        site: &SiteSettings,
        now: UnixTime,
    ) -> Principal {
        let context = site.sharing.authentication_context.clone();
        let assurance = Assurance {
            mfa_at_home: true,
            mfa_here: true,
            contexts: context.into_iter().collect::<BTreeSet<_>>(),
            compliant_device: true,
            hybrid_device: true,
            risk: Some(SignInRisk::None),
            terms: true,
        };
        let person = self.identity(settings).map(|(key, kind)| Person {
            key,
            kind,
            authenticated_at: now,
            assurance,
        });
        let ranges = &settings.tenant.sharing.ip_ranges;
        Principal {
            person,
            links: shown.into_iter().collect(),
            address_proven: true,
            client: Client {
                address: ranges.iter().next().map(AddressRange::first),
                managed_device: false,
                last_used: Some(now),
            },
        }
    }

    fn identity(&self, settings: &Settings) -> Option<(IdentityKey, ProviderKind)> {
        match self {
            Self::Guest { accepted, kind, .. } => Some((accepted.identity.clone()?, kind.clone())),
            Self::Member(_) => Some((
                member(
                    &settings.tenant.cloud,
                    settings.tenant.directory.tenant_id.as_ref(),
                )?,
                ProviderKind::parse("work-school").ok()?,
            )),
            Self::Bearer => None,
        }
    }
}

fn member(cloud: &CloudName, tenant: Option<&String>) -> Option<IdentityKey> {
    Some(IdentityKey {
        cloud: Some(cloud.clone()),
        provider: ProviderId::parse("work-school").ok()?,
        issuer: String::new(),
        tenant: tenant.cloned(),
        subject: String::new(),
    })
}
