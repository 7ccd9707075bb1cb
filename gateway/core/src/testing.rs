//! Values that tests of several modules start from.

use std::collections::{BTreeMap, BTreeSet};

use crate::address::{DomainName, EmailAddress};
use crate::cloud::{Cloud, Clouds, EnvironmentBoundary};
use crate::domains::DomainRestriction;
use crate::id::{CloudName, GuestId, ProviderId};
use crate::path::PathCase;
use crate::person::{Guest, GuestOrigin, GuestState, IdentityKey};
use crate::settings::{
    CrossTenantAccess, DirectorySettings, Integration, Partition, SharingCapability, SiteSettings,
    TenantSettings,
};

pub(crate) fn cloud(name: &str) -> CloudName {
    CloudName::parse(name).unwrap()
}

pub(crate) fn address(text: &str) -> EmailAddress {
    EmailAddress::parse(text).unwrap()
}

pub(crate) fn domains(list: &[&str]) -> BTreeSet<DomainName> {
    list.iter()
        .map(|domain| DomainName::parse(domain).unwrap())
        .collect()
}

pub(crate) fn clouds() -> Clouds {
    let record = |instance: &str, restricted: bool, partners: &[&str]| Cloud {
        instance: instance.to_owned(),
        authority: format!("https://login.{instance}"),
        identity_providers: BTreeSet::new(),
        integration_supported: !restricted,
        restricted,
        partner_clouds: partners.iter().map(|name| cloud(name)).collect(),
        consumers: false,
    };
    let all = [
        (
            "worldwide",
            record(
                "microsoftonline.com",
                false,
                &["gcc-high", "china-21vianet"],
            ),
        ),
        ("gcc", record("microsoftonline.com", false, &["gcc-high"])),
        (
            "gcc-high",
            record("microsoftonline.us", true, &["worldwide", "gcc"]),
        ),
        ("dod", record("microsoftonline.us", true, &[])),
        (
            "china-21vianet",
            record("partner.microsoftonline.cn", true, &["worldwide"]),
        ),
    ];
    Clouds(
        all.into_iter()
            .map(|(name, record)| (cloud(name), record))
            .collect(),
    )
}

pub(crate) fn identity(home: &str) -> IdentityKey {
    IdentityKey {
        cloud: Some(cloud(home)),
        provider: ProviderId::parse("work-school").unwrap(),
        issuer: "https://login.microsoftonline.com/t/v2.0".to_owned(),
        tenant: Some("t".to_owned()),
        subject: "ada".to_owned(),
    }
}

/// A tenant in the worldwide cloud with everything open.
pub(crate) fn tenant() -> TenantSettings {
    let open = SharingCapability::ExternalUserAndGuestSharing;
    TenantSettings {
        cloud: cloud("worldwide"),
        capability: open,
        core_capability: open,
        onedrive_capability: open,
        domains: DomainRestriction::None,
        integration: Integration::Off,
        boundary: EnvironmentBoundary::Cloud,
        anyone_link_days: None,
        anyone_file_edit: true,
        directory: DirectorySettings {
            domains: DomainRestriction::None,
            email_otp: true,
            tenant_id: None,
            cross_tenant: CrossTenantAccess::default(),
            domain_homes: BTreeMap::new(),
        },
    }
}

/// A site with everything open.
pub(crate) fn site() -> SiteSettings {
    let open = SharingCapability::ExternalUserAndGuestSharing;
    SiteSettings {
        partition: Partition::Core,
        capability: open,
        override_partition: false,
        domains: DomainRestriction::None,
        path_case: PathCase::Sensitive,
    }
}

/// Ada, who redeemed with her account in the worldwide cloud.
pub(crate) fn guest() -> Guest {
    Guest {
        id: GuestId::parse("ada").unwrap(),
        address: address("ada@fabrikam.example"),
        origin: GuestOrigin::Directory,
        state: GuestState::Accepted,
        identity: Some(identity("worldwide")),
        invitation_expires: None,
    }
}
