//! Values that tests of several modules start from.

use std::collections::BTreeSet;

use crate::address::{DomainName, EmailAddress};
use crate::cloud::{Cloud, Clouds, Described, EnvironmentBoundary};
use crate::id::{CloudName, GuestId, ProviderId, ProviderKind};
use crate::person::{Guest, GuestOrigin, GuestState, IdentityKey};
use crate::settings::words::AllowInvitesFrom;
use crate::settings::{
    DirectorySettings, Profile, SharingCapability, SiteSettings, SiteSharing, TenantSettings,
    TenantSharing,
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
    let described = |instance: &str| {
        let government = instance == "microsoftonline.us";
        let scopes = |list: &[&str]| list.iter().map(|&scope| scope.to_owned()).collect();
        Described {
            region_scopes: scopes(if government { &["USGOV", "USG"] } else { &[] }),
            closed_scopes: scopes(if government { &["USG"] } else { &[] }),
            sub_scope: None,
        }
    };
    let record = |instance: &str, restricted: bool, partners: &[&str]| Cloud {
        instance: instance.to_owned(),
        authority: format!("https://login.{instance}"),
        identity_providers: [
            "work-school",
            "microsoft-account",
            "google",
            "email-otp",
            "saml",
        ]
        .map(|kind| ProviderKind::parse(kind).unwrap())
        .into(),
        integration_supported: !restricted,
        restricted,
        partner_clouds: partners.iter().map(|name| cloud(name)).collect(),
        tenants: described(instance),
        consumers: false,
        file_requests: true,
        allow_invites_from: AllowInvitesFrom::Everyone,
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
    let sub_scope = |name: &str| match name {
        "gcc" => Some("GCC".to_owned()),
        "gcc-high" => Some("DODCON".to_owned()),
        "dod" => Some("DOD".to_owned()),
        _ => None,
    };
    Clouds(
        all.into_iter()
            .map(|(name, mut record)| {
                record.tenants.sub_scope = sub_scope(name);
                (cloud(name), record)
            })
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

/// A tenant in the worldwide cloud with everything open and the integration off.
pub(crate) fn tenant() -> TenantSettings {
    TenantSettings {
        cloud: cloud("worldwide"),
        profile: Profile::IntegrationOptIn,
        sharing: TenantSharing::default(),
        boundary: EnvironmentBoundary::Cloud,
        acknowledge_unsupported: false,
        directory: DirectorySettings::default(),
    }
}

/// A site with everything open.
pub(crate) fn site() -> SiteSettings {
    SiteSettings {
        sharing: SiteSharing {
            capability: Some(SharingCapability::ExternalUserAndGuestSharing),
            ..SiteSharing::default()
        },
        ..SiteSettings::default()
    }
}

/// Ada, who redeemed with her account in the worldwide cloud.
pub(crate) fn guest() -> Guest {
    let id = GuestId::parse("ada").unwrap();
    Guest {
        state: GuestState::Accepted,
        identity: Some(identity("worldwide")),
        ..Guest::invited(id, address("ada@fabrikam.example"), GuestOrigin::Directory)
    }
}
