//! The directory: its settings, and the guests in it.

use std::collections::{BTreeMap, BTreeSet};

use gateway_core::id::{CloudName, GuestId, ProviderId, ProviderKind, SiteId};
use gateway_core::person::{Guest, GuestOrigin, GuestState, IdentityKey};
use gateway_core::settings::directory::{
    ConditionalAccessPolicy, CrossTenantAccess, Federation, GrantControl, InboundTrust, Partner,
    PolicyCopy, Risk,
};
use gateway_core::settings::{DirectoryPolicy, DirectorySettings};
use gateway_core::time::UnixTime;

use super::settings::{sharing_names, split};
use super::{account_cloud, address, domain, id, ids, manager, when, word, words};
use crate::problem::At;
use crate::wire::{self, DirectoryOwn};

/// The tenant id of the organisation, where the case names none.
const OWN_TENANT: &str = "contoso-tenant";
/// The tenant id of a guest's organisation, where the case names none.
pub(crate) const PARTNER_TENANT: &str = "partner-tenant";

pub(super) fn directory(
    at: &At<'_>,
    given: &wire::Settings,
    now: UnixTime,
) -> Option<DirectorySettings> {
    let mut policy = DirectoryPolicy::default();
    let own: DirectoryOwn = split(
        at,
        given,
        |name| sharing_names(name, DirectoryPolicy::SETTINGS),
        |name, raw| policy.set(name, raw),
    )?;
    let federations = own.federations.iter().enumerate();
    let policies = own.conditional_access.iter().enumerate();
    Some(DirectorySettings {
        policy,
        tenant_id: Some(
            own.tenant_id
                .as_deref()
                .unwrap_or(OWN_TENANT)
                .to_lowercase(),
        ),
        cross_tenant: cross_tenant(&at.key("cross_tenant"), &own.cross_tenant),
        domain_homes: homes(&at.key("domain_homes"), &own.domain_homes),
        federations: federations
            .filter_map(|(index, one)| federation(&at.key("federations").index(index), one))
            .collect(),
        google: own.google,
        google_domains: BTreeSet::new(),
        given_up: BTreeSet::new(),
        conditional_access: policies
            .filter_map(|(index, one)| {
                conditional_access(&at.key("conditional_access").index(index), one)
            })
            .collect(),
        copy: own
            .copy
            .as_ref()
            .and_then(|copy| policy_copy(&at.key("copy"), copy, now)),
    })
}

fn policy_copy(at: &At<'_>, given: &wire::PolicyCopy, now: UnixTime) -> Option<PolicyCopy> {
    #[derive(serde::Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Nothing {}
    let mut policy = DirectoryPolicy::default();
    let _: Nothing = split(
        &at.key("policy"),
        &given.policy,
        |name| sharing_names(name, DirectoryPolicy::SETTINGS),
        |name, raw| policy.set(name, raw),
    )?;
    Some(PolicyCopy {
        taken: when(&at.key("taken"), Some(&given.taken), now)?,
        policy,
    })
}

fn homes(
    at: &At<'_>,
    given: &BTreeMap<String, Vec<String>>,
) -> BTreeMap<gateway_core::address::DomainName, BTreeSet<CloudName>> {
    given
        .iter()
        .filter_map(|(name, clouds)| {
            let at = at.key(name);
            Some((domain(&at, name)?, ids(&at, clouds, CloudName::parse)))
        })
        .collect()
}

const fn trust(given: &wire::Trust) -> InboundTrust {
    InboundTrust {
        mfa: given.is_mfa_accepted,
        compliant_device: given.is_compliant_device_accepted,
        hybrid_device: given.is_hybrid_device_accepted,
    }
}

fn cross_tenant(at: &At<'_>, given: &wire::CrossTenant) -> CrossTenantAccess {
    let partners = given.partners.iter().filter_map(|(tenant, partner)| {
        let at = at.key("partners").key(tenant);
        let cloud = partner.cloud.as_deref().unwrap_or("worldwide");
        let partner = Partner {
            cloud: id(&at.key("cloud"), cloud, CloudName::parse)?,
            inbound: partner.inbound.unwrap_or(true),
            reciprocated: partner.reciprocated.unwrap_or(true),
            trust: trust(&partner.trust),
            automatic_redemption: partner.automatic_redemption,
            automatic_redemption_at_home: partner.automatic_redemption_at_home,
        };
        Some((tenant.to_lowercase(), partner))
    });
    CrossTenantAccess {
        clouds: ids(
            &at.key("allowed_clouds"),
            &given.allowed_clouds,
            CloudName::parse,
        ),
        partners: partners.collect(),
        default_inbound: given.default_inbound.unwrap_or(true),
        default_trust: trust(&given.default_trust),
    }
}

pub(crate) fn federation(at: &At<'_>, given: &wire::Federation) -> Option<Federation> {
    let domains = given.domains.iter().enumerate();
    let domains: BTreeSet<_> = domains
        .filter_map(|(index, name)| domain(&at.key("domains").index(index), name))
        .collect();
    let endpoint = given.endpoint.clone();
    Some(Federation {
        provider: None,
        issuer: given.issuer.clone(),
        endpoint: endpoint.unwrap_or_else(|| {
            let first = domains.first().map_or("", |domain| domain.as_str());
            format!("https://{first}/saml")
        }),
        domains,
        dns_text: given.dns_text.clone(),
    })
}

fn conditional_access(
    at: &At<'_>,
    given: &wire::ConditionalAccess,
) -> Option<ConditionalAccessPolicy> {
    let risks = [
        ("low", Risk::Low),
        ("medium", Risk::Medium),
        ("high", Risk::High),
    ];
    let controls = [
        ("block", GrantControl::Block),
        ("mfa", GrantControl::Mfa),
        ("compliantDevice", GrantControl::CompliantDevice),
        ("domainJoinedDevice", GrantControl::DomainJoinedDevice),
        ("approvedApplication", GrantControl::ApprovedApplication),
        ("compliantApplication", GrantControl::CompliantApplication),
        ("passwordChange", GrantControl::PasswordChange),
        ("termsOfUse", GrantControl::TermsOfUse),
    ];
    let sites = given.sites.as_deref();
    Some(ConditionalAccessPolicy {
        name: given.name.clone().unwrap_or_default(),
        sites: sites.map(|sites| ids(&at.key("sites"), sites, SiteId::parse)),
        context: given.context.clone(),
        risks: words(&at.key("risks"), &given.risks, &risks),
        members: given.members,
        controls: words(&at.key("controls"), &given.controls, &controls),
        sign_in_frequency: given.sign_in_frequency,
    })
}

/// A guest, and the account that the guest has redeemed with, or will.
pub(crate) struct Known {
    pub(crate) guest: Guest,
    pub(crate) kind: ProviderKind,
    pub(crate) account: IdentityKey,
}

/// The guests, by id. No two have one address: which of them a share or a redemption is about would be anybody's guess.
pub(crate) fn guests(
    at: &At<'_>,
    given: &BTreeMap<String, wire::Guest>,
    now: UnixTime,
) -> BTreeMap<String, Known> {
    let at = at.key("guests");
    let mut guests: BTreeMap<String, Known> = BTreeMap::new();
    for (name, given) in given {
        let at = at.key(name);
        let Some(known) = guest(&at, name, given, now) else {
            continue;
        };
        let address = &known.guest.address;
        let mut others = guests.iter();
        if let Some((other, _)) = others.find(|(_, other)| other.guest.address == *address) {
            at.key("address")
                .error(format!("`{address}` is the address of `{other}` already"));
        }
        guests.insert(name.clone(), known);
    }
    guests
}

fn guest(at: &At<'_>, name: &str, given: &wire::Guest, now: UnixTime) -> Option<Known> {
    let states = [
        ("accepted", GuestState::Accepted),
        ("pending", GuestState::PendingAcceptance),
        ("blocked", GuestState::Blocked),
    ];
    let state = given.state.as_deref().unwrap_or("accepted");
    let state = word(&at.key("state"), state, &states)?;
    let origins = [
        ("share", GuestOrigin::Share),
        ("directory", GuestOrigin::Directory),
    ];
    let origin = given.origin.as_deref().unwrap_or("share");
    let kind = given.kind.as_deref().unwrap_or("work-school");
    let kind = id(&at.key("kind"), kind, ProviderKind::parse)?;
    let redeemed = given
        .redeemed
        .unwrap_or(state != GuestState::PendingAcceptance);
    let expires = given.expires.iter().filter_map(|(site, end)| {
        let at = at.key("expires").key(site);
        Some((id(&at, site, SiteId::parse)?, when(&at, Some(end), now)?))
    });
    let account = IdentityKey {
        cloud: account_cloud(&at.key("cloud"), given.cloud.as_deref(), &kind),
        provider: provider(&kind)?,
        issuer: format!("https://issuer.example/{}", kind.as_str()),
        tenant: account_tenant(given.tenant.as_deref(), &kind),
        subject: name.to_owned(),
    };
    let address = address(&at.key("address"), &given.address)?;
    let guest = Guest {
        state,
        identity: redeemed.then(|| account.clone()),
        manager: manager(&at.key("manager"), given.manager.as_deref(), true)?,
        invitation_expires: when(
            &at.key("invitation_expires"),
            given.invitation_expires.as_deref(),
            now,
        ),
        expires: expires.collect(),
        administers: ids(&at.key("administers"), &given.administers, SiteId::parse),
        mfa_registered: given.mfa_registered,
        ..Guest::invited(
            id(at, name, GuestId::parse)?,
            address,
            word(&at.key("origin"), origin, &origins)?,
        )
    };
    Some(Known {
        guest,
        kind,
        account,
    })
}

/// The configured provider of a kind: it has the kind's name here.
pub(crate) fn provider(kind: &ProviderKind) -> Option<ProviderId> {
    ProviderId::parse(kind.as_str()).ok()
}

pub(crate) fn account_tenant(given: Option<&str>, kind: &ProviderKind) -> Option<String> {
    match given {
        Some(tenant) => Some(tenant.to_lowercase()),
        None if kind.as_str() == "work-school" => Some(PARTNER_TENANT.to_owned()),
        None => None,
    }
}
