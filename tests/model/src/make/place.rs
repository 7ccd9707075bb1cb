//! Tenants and sites.

use std::sync::Arc;

use gateway_core::cloud::EnvironmentBoundary;
use gateway_core::network::AddressRanges;
use gateway_core::path::PathCase;
use gateway_core::settings::value::{Domains, Groups};
use gateway_core::settings::words::{
    AllowInvitesFrom, CompanyWideSharingLinks, LockState, OnOff, SharingDomainRestrictionMode,
    SharingMode, SiteConditionalAccess, TenantConditionalAccess,
};
use gateway_core::settings::{
    Channel, DirectorySettings, Partition, Profile, SharingCapability, SiteSettings, SiteSharing,
    Template, TenantSettings, TenantSharing,
};
use gateway_core::time::UnixTime;

use super::{Change, Maker, directory};
use crate::world::Place;

const NOW: UnixTime = UnixTime(1_800_000_000);
/// The end of June 2024, and the second before.
const OLD_NOWS: [UnixTime; 2] = [UnixTime(1_719_792_000), UnixTime(1_719_791_999)];

pub(super) const OWN_TENANT: &str = "own";

impl Maker {
    pub(super) fn place(&mut self) -> Place {
        let abroad = self.random.chance(15);
        let mut directory = DirectorySettings {
            tenant_id: Some(OWN_TENANT.to_owned()),
            google: self.random.chance(70),
            ..DirectorySettings::default()
        };
        if self.random.chance(60) {
            let both = self.random.flag();
            directory.federations.push(self.federation(both));
        }
        if abroad && self.random.chance(70) {
            directory.policy.allow_invites_from = Some(AllowInvitesFrom::Everyone);
        }
        let integration = self.random.flag();
        let sharing = TenantSharing {
            integration: self.random.perhaps(integration),
            ..TenantSharing::default()
        };
        let level = self
            .random
            .perhaps(SharingCapability::ExternalUserAndGuestSharing);
        let site = SiteSettings {
            template: if level.is_none() {
                Template::RootCommunication
            } else {
                Template::Unknown
            },
            partition: if self.random.chance(25) {
                Partition::OneDrive
            } else {
                Partition::Core
            },
            sharing: SiteSharing {
                capability: level,
                ..SiteSharing::default()
            },
            ..SiteSettings::default()
        };
        let pool = Arc::clone(&self.pool);
        Place {
            clouds: Arc::clone(&pool.all_clouds),
            tenant: TenantSettings {
                cloud: if abroad {
                    self.random.pick(&pool.clouds).clone()
                } else {
                    pool.home()
                },
                profile: self.random.one(Profile::ALL),
                sharing,
                boundary: EnvironmentBoundary::Cloud,
                acknowledge_unsupported: true,
                directory,
            },
            site,
            site_id: pool.site.clone(),
            now: NOW,
        }
    }

    pub(super) fn domains<const MOST: usize, const CHARACTERS: bool>(
        &mut self,
    ) -> Domains<MOST, CHARACTERS> {
        Domains(self.random.some(&Arc::clone(&self.pool).domains))
    }

    pub(super) fn groups<const MOST: usize>(&mut self) -> Groups<MOST> {
        Groups(self.random.some(&Arc::clone(&self.pool).groups))
    }

    /// A moment around now: often at a limit, or a second beside it.
    pub(super) fn moment(&mut self, now: UnixTime) -> UnixTime {
        let days = self.random.one(&[0, 0, 0, 1, 7, 10, 30, 60, 365]);
        let seconds = self.random.one(&[-1, 0, 0, 1, 600, -600, 3_600]);
        let away = days * 86_400 + seconds;
        now.plus(if self.random.chance(60) { -away } else { away })
    }
}

/// What can be changed in a place.
pub(super) const CHANGES: &[Change<Place>] = &[
    tenant_setting,
    tenant_setting,
    tenant_setting,
    tenant_setting,
    tenant_setting,
    tenant_setting,
    tenant_setting,
    tenant_setting,
    site_setting,
    site_setting,
    site_setting,
    site_setting,
    site_setting,
    site_setting,
    policy_setting,
    policy_setting,
    policy_setting,
    profile,
    integration,
    integration,
    level,
    level,
    partition_levels,
    tenant_domains,
    site_domains,
    lock,
    network,
    devices,
    context,
    restriction,
    restriction,
    personal_sites,
    downloads,
    user_info,
    sharers,
    guards,
    mode,
    lives,
    partition,
    channel,
    template,
    old_now,
    boundary_and_case,
    directory::home,
    directory::cloud,
    directory::partner,
    directory::partner,
    directory::spoil_partner,
    directory::spoil_partner,
    directory::inbound,
    directory::domain_home,
    directory::federations,
    directory::google,
    directory::conditional_access,
    directory::conditional_access,
    directory::conditional_access,
    directory::copy,
    directory::invites,
];

fn tenant_setting(place: &mut Place, maker: &mut Maker) {
    maker.tenant_setting(&mut place.tenant.sharing);
}

fn site_setting(place: &mut Place, maker: &mut Maker) {
    maker.site_setting(&mut place.site.sharing);
}

fn policy_setting(place: &mut Place, maker: &mut Maker) {
    maker.policy_setting(&mut place.tenant.directory.policy);
}

fn profile(place: &mut Place, maker: &mut Maker) {
    place.tenant.profile = maker.random.one(Profile::ALL);
}

fn integration(place: &mut Place, maker: &mut Maker) {
    let on = maker.random.flag();
    place.tenant.sharing.integration = maker.random.perhaps(on);
}

fn level(place: &mut Place, maker: &mut Maker) {
    let level = maker.random.one(SharingCapability::ALL);
    match maker.random.below(4) {
        0 => place.tenant.sharing.capability = level,
        1 => place.tenant.sharing.core_capability = Some(level),
        2 => place.tenant.sharing.onedrive_capability = Some(level),
        _ => place.site.sharing.capability = maker.random.perhaps(level),
    }
}

fn partition_levels(place: &mut Place, maker: &mut Maker) {
    place.tenant.sharing.core_capability = Some(maker.random.one(SharingCapability::ALL));
    place.tenant.sharing.onedrive_capability = Some(maker.random.one(SharingCapability::ALL));
    place.site.sharing.override_partition = maker.random.chance(30);
}

fn tenant_domains(place: &mut Place, maker: &mut Maker) {
    place.tenant.sharing.domain_mode = maker.random.one(SharingDomainRestrictionMode::ALL);
    place.tenant.sharing.allowed_domains = maker.domains();
    place.tenant.sharing.blocked_domains = maker.domains();
}

fn site_domains(place: &mut Place, maker: &mut Maker) {
    place.site.sharing.domain_mode = maker.random.one(SharingDomainRestrictionMode::ALL);
    place.site.sharing.allowed_domains = maker.domains();
    place.site.sharing.blocked_domains = maker.domains();
}

fn lock(place: &mut Place, maker: &mut Maker) {
    place.site.sharing.lock = maker
        .random
        .one(&[LockState::ReadOnly, LockState::NoAccess]);
}

fn network(place: &mut Place, maker: &mut Maker) {
    let ranges = maker.random.one(&["192.0.2.0/24", "2001:db8::/32"]);
    place.tenant.sharing.ip_enforcement = maker.random.chance(80);
    place.tenant.sharing.ip_ranges = AddressRanges::parse([ranges]).unwrap_or_default();
}

fn devices(place: &mut Place, maker: &mut Maker) {
    place.tenant.sharing.conditional_access = maker.random.one(TenantConditionalAccess::ALL);
    let site = maker.random.one(SiteConditionalAccess::ALL);
    place.site.sharing.conditional_access = maker.random.perhaps(site);
    place.tenant.sharing.allow_editing = maker.random.flag();
    place.tenant.sharing.restrict_ad_hoc = maker.random.flag();
}

fn context(place: &mut Place, maker: &mut Maker) {
    place.site.sharing.conditional_access = Some(SiteConditionalAccess::AuthenticationContext);
    place.site.sharing.authentication_context = maker.random.chance(80).then(|| "c1".to_owned());
}

fn restriction(place: &mut Place, maker: &mut Maker) {
    place.tenant.sharing.restricted_access = maker.random.chance(90);
    place.site.sharing.restricted_access = maker.random.chance(90);
    place.tenant.sharing.share_outside_restriction = maker.random.flag();
    place.site.sharing.restricted_groups = maker.groups();
    if maker.random.chance(30) {
        place.site.group = Some(maker.random.pick(&Arc::clone(&maker.pool).groups).clone());
    }
}

fn personal_sites(place: &mut Place, maker: &mut Maker) {
    place.site.partition = Partition::OneDrive;
    place.tenant.sharing.onedrive_groups = maker.groups();
}

fn downloads(place: &mut Place, maker: &mut Maker) {
    place.site.sharing.block_download = maker.random.chance(85);
    place.site.sharing.block_download_read_only = maker.random.flag();
    place.site.sharing.block_download_owners = maker.random.flag();
    place.site.sharing.block_download_groups = maker.groups();
}

fn user_info(place: &mut Place, maker: &mut Maker) {
    use gateway_core::settings::words::BlockUserInfoVisibility as Hidden;
    place.tenant.sharing.override_user_info = maker.random.flag();
    place.tenant.sharing.core_user_info = maker.random.one(Hidden::ALL);
    let own = maker.random.one(Hidden::ALL);
    place.site.sharing.user_info = maker.random.perhaps(own);
}

fn sharers(place: &mut Place, maker: &mut Maker) {
    place.tenant.sharing.anonymous_sharers = maker.groups();
    place.tenant.sharing.guest_sharers = maker.groups();
}

/// Switches that seldom come up one by one.
fn guards(place: &mut Place, maker: &mut Maker) {
    place.tenant.sharing.prevent_resharing = maker.random.flag();
    place.tenant.sharing.restrict_agents = maker.random.flag();
    place.tenant.sharing.guests_share_outside_site = maker.random.flag();
    place.site.sharing.company_links = maker.random.one(CompanyWideSharingLinks::ALL);
}

fn mode(place: &mut Place, maker: &mut Maker) {
    place.site.sharing.sharing_mode = maker.random.one(SharingMode::ALL);
    place.site.sharing.access_requests = maker.random.flag();
    place.tenant.sharing.odb_members_can_share = maker.random.one(OnOff::ALL);
    place.tenant.sharing.odb_access_requests = maker.random.one(OnOff::ALL);
}

/// How long links live, with the site's own say.
fn lives(place: &mut Place, maker: &mut Maker) {
    use gateway_core::settings::tenant::{AnyoneLinkDays, OrganizationLinkDays};
    let mut anyone = || {
        let days = maker.random.one(&[0, 1, 7, 10, 30, 60]);
        AnyoneLinkDays::days(days).unwrap_or(AnyoneLinkDays::NONE)
    };
    place.tenant.sharing.anyone_link_days = anyone();
    place.tenant.sharing.core_anyone_link_days = anyone();
    place.tenant.sharing.onedrive_anyone_link_days = anyone();
    place.tenant.sharing.core_file_request_days = anyone();
    place.site.sharing.anyone_link_days = anyone();
    let own = anyone();
    place.site.sharing.file_request_days = maker.random.perhaps(own);
    place.site.sharing.override_anyone_days = maker.random.chance(40);
    let mut organization = || {
        let days = maker.random.one(&[0, 7, 10, 30, 60]);
        OrganizationLinkDays::days(days).unwrap_or(OrganizationLinkDays::NONE)
    };
    place.tenant.sharing.core_organization_link_days = organization();
    place.tenant.sharing.onedrive_organization_link_days = organization();
    place.site.sharing.organization_link_days = organization();
    place.site.sharing.override_organization_days = maker.random.chance(40);
}

fn partition(place: &mut Place, maker: &mut Maker) {
    place.site.partition = maker.random.one(&[Partition::Core, Partition::OneDrive]);
}

fn channel(place: &mut Place, maker: &mut Maker) {
    place.site.channel = maker.random.one(&[Channel::Private, Channel::Shared]);
}

fn template(place: &mut Place, maker: &mut Maker) {
    place.site.sharing.capability = None;
    place.site.template = maker.random.one(&[
        Template::Unknown,
        Template::Classic,
        Template::Communication,
        Template::RootCommunication,
        Template::Team,
        Template::Group {
            owners_add_guests: true,
        },
        Template::Group {
            owners_add_guests: false,
        },
        Template::OneDrive,
    ]);
}

fn old_now(place: &mut Place, maker: &mut Maker) {
    place.now = maker.random.one(&OLD_NOWS);
}

fn boundary_and_case(place: &mut Place, maker: &mut Maker) {
    place.tenant.boundary = EnvironmentBoundary::Instance;
    place.site.path_case = maker
        .random
        .one(&[PathCase::Sensitive, PathCase::Insensitive]);
}
