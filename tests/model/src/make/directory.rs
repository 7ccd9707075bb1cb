//! Directories: clouds, partners, federations, policies.

use std::collections::BTreeSet;
use std::sync::Arc;

use gateway_core::id::CloudName;
use gateway_core::settings::directory::{
    ConditionalAccessPolicy, Federation, GrantControl, InboundTrust, PolicyCopy, Risk,
};
use gateway_core::settings::words::{AllowInvitesFrom, EmailOtp, FallbackIdentityProvider};
use gateway_core::settings::{DirectoryPolicy, Partner, TenantSharing};

use super::Maker;
use super::person::{ISSUERS, TENANTS};
use crate::world::Place;

pub(super) const CONTROLS: [GrantControl; 8] = [
    GrantControl::Block,
    GrantControl::Mfa,
    GrantControl::CompliantDevice,
    GrantControl::DomainJoinedDevice,
    GrantControl::ApprovedApplication,
    GrantControl::CompliantApplication,
    GrantControl::PasswordChange,
    GrantControl::TermsOfUse,
];

pub(super) const RISKS: [Risk; 3] = [Risk::Low, Risk::Medium, Risk::High];

impl Maker {
    /// - `both`: whether it speaks for the second domain too.
    pub(super) fn federation(&mut self, both: bool) -> Federation {
        let domains = self.pool.domains.iter();
        Federation {
            provider: None,
            issuer: self.random.one(&ISSUERS).to_owned(),
            domains: domains.take(if both { 2 } else { 1 }).cloned().collect(),
            endpoint: "https://idp.fabrikam.example/saml".to_owned(),
            dns_text: None,
        }
    }

    /// Opens the tenant to another cloud, and says to which.
    pub(super) fn open_to_another_cloud(&mut self, place: &mut Place) -> CloudName {
        let pool = Arc::clone(&self.pool);
        let home = self.random.pick(&pool.clouds).clone();
        let cross_tenant = &mut place.tenant.directory.cross_tenant;
        cross_tenant.clouds.insert(home.clone());
        for id in TENANTS {
            let partner = Partner {
                cloud: home.clone(),
                inbound: true,
                reciprocated: true,
                trust: self.trust(),
                automatic_redemption: self.random.flag(),
                automatic_redemption_at_home: self.random.flag(),
            };
            cross_tenant.partners.insert(id.to_owned(), partner);
        }
        home
    }

    fn trust(&mut self) -> InboundTrust {
        InboundTrust {
            mfa: self.random.flag(),
            compliant_device: self.random.flag(),
            hybrid_device: self.random.flag(),
        }
    }
}

pub(super) fn home(place: &mut Place, maker: &mut Maker) {
    place.tenant.cloud = maker.random.pick(&Arc::clone(&maker.pool).clouds).clone();
}

/// Something about the clouds themselves.
pub(super) fn cloud(place: &mut Place, maker: &mut Maker) {
    let pool = Arc::clone(&maker.pool);
    let name = if maker.random.flag() {
        place.tenant.cloud.clone()
    } else {
        maker.random.pick(&pool.clouds).clone()
    };
    let clouds = Arc::make_mut(&mut place.clouds);
    let what = maker.random.below(6);
    if what == 0 {
        clouds.0.remove(&name);
    }
    if let Some(cloud) = clouds.0.get_mut(&name) {
        match what {
            1 => cloud.restricted = !cloud.restricted,
            2 => cloud.file_requests = !cloud.file_requests,
            3 => cloud.allow_invites_from = maker.random.one(AllowInvitesFrom::ALL),
            4 => cloud.partner_clouds = maker.random.some(&pool.clouds),
            _ => {
                let kind = maker.random.pick(&pool.kinds).clone();
                if !cloud.identity_providers.remove(&kind) {
                    cloud.identity_providers.insert(kind);
                }
            }
        }
    }
}

/// A partner, often of another cloud, which often is ticked.
pub(super) fn partner(place: &mut Place, maker: &mut Maker) {
    let pool = Arc::clone(&maker.pool);
    let cloud = maker.random.pick(&pool.clouds).clone();
    let cross_tenant = &mut place.tenant.directory.cross_tenant;
    if maker.random.chance(80) {
        cross_tenant.clouds.insert(cloud.clone());
    }
    if maker.random.chance(80) {
        let partner = Partner {
            cloud,
            inbound: maker.random.chance(60),
            reciprocated: maker.random.chance(60),
            trust: maker.trust(),
            automatic_redemption: maker.random.chance(60),
            automatic_redemption_at_home: maker.random.chance(60),
        };
        let id = maker.random.one(&TENANTS).to_owned();
        cross_tenant.partners.insert(id, partner);
    }
}

/// Undoes a part of what two clouds need to work together.
pub(super) fn spoil_partner(place: &mut Place, maker: &mut Maker) {
    let cross_tenant = &mut place.tenant.directory.cross_tenant;
    let what = maker.random.below(6);
    match what {
        0 => cross_tenant.clouds.clear(),
        1 => cross_tenant.partners.clear(),
        _ => {}
    }
    for partner in cross_tenant.partners.values_mut() {
        match what {
            2 => partner.reciprocated = !partner.reciprocated,
            3 => partner.inbound = !partner.inbound,
            4 => partner.automatic_redemption_at_home = !partner.automatic_redemption_at_home,
            5 => partner.cloud = maker.random.pick(&Arc::clone(&maker.pool).clouds).clone(),
            _ => {}
        }
    }
}

pub(super) fn inbound(place: &mut Place, maker: &mut Maker) {
    let cross_tenant = &mut place.tenant.directory.cross_tenant;
    cross_tenant.default_inbound = maker.random.flag();
    cross_tenant.default_trust = maker.trust();
}

pub(super) fn domain_home(place: &mut Place, maker: &mut Maker) {
    let pool = Arc::clone(&maker.pool);
    let homes: BTreeSet<_> = maker.random.some(&pool.clouds);
    let domain = maker.random.pick(&pool.domains).clone();
    place.tenant.directory.domain_homes.insert(domain, homes);
}

pub(super) fn federations(place: &mut Place, maker: &mut Maker) {
    if maker.random.flag() {
        place.tenant.directory.federations.clear();
    }
    if maker.random.flag() {
        let mut federation = maker.federation(false);
        federation.domains = maker.random.some(&Arc::clone(&maker.pool).domains);
        place.tenant.directory.federations.push(federation);
    }
}

pub(super) fn google(place: &mut Place, _: &mut Maker) {
    place.tenant.directory.google = !place.tenant.directory.google;
}

pub(super) fn conditional_access(place: &mut Place, maker: &mut Maker) {
    let pool = Arc::clone(&maker.pool);
    let mut policy = ConditionalAccessPolicy {
        name: "policy".to_owned(),
        sites: None,
        context: None,
        risks: BTreeSet::new(),
        members: maker.random.flag(),
        controls: [maker.random.one(&CONTROLS)].into(),
        sign_in_frequency: None,
    };
    if maker.random.chance(30) {
        policy.sites = Some(
            maker
                .random
                .some(&[pool.site.clone(), pool.other_site.clone()]),
        );
    }
    if maker.random.chance(30) {
        policy.context = Some(maker.random.one(&["c1", "c2"]).to_owned());
    }
    if maker.random.chance(35) {
        policy.risks = maker.random.some(&RISKS);
    }
    if maker.random.chance(40) {
        policy.controls = maker.random.some(&CONTROLS);
    }
    if maker.random.chance(35) {
        policy.controls = [GrantControl::Mfa].into();
    }
    if maker.random.chance(20) {
        policy.sign_in_frequency = Some(maker.random.one(&[0, 600, 3_600, 86_400]));
        policy
            .controls
            .retain(|control| *control == GrantControl::TermsOfUse);
    }
    place.tenant.directory.conditional_access.push(policy);
}

/// The copy of the policy, near the end of its day.
pub(super) fn copy(place: &mut Place, maker: &mut Maker) {
    let mut policy = DirectoryPolicy::default();
    for _ in 0..3 {
        maker.policy_setting(&mut policy);
    }
    if maker.random.flag() {
        policy.blocked_domains = None;
        policy.allowed_domains = Some(maker.domains());
    }
    let taken = place
        .now
        .plus(-maker.random.one(&[0, 3_600, 86_399, 86_400, 90_000, -600]));
    place.tenant.directory.copy = Some(PolicyCopy { taken, policy });
    let sharing: &mut TenantSharing = &mut place.tenant.sharing;
    sharing.sync_policy = maker.random.chance(80);
}

/// Who may be invited, and how they redeem.
pub(super) fn invites(place: &mut Place, maker: &mut Maker) {
    let policy = &mut place.tenant.directory.policy;
    match maker.random.below(5) {
        0 => policy.allow_invites_from = Some(maker.random.one(AllowInvitesFrom::ALL)),
        1 => {
            policy.blocked_domains = None;
            policy.allowed_domains = Some(maker.domains());
        }
        2 => {
            policy.allowed_domains = None;
            policy.blocked_domains = Some(maker.domains());
        }
        3 => policy.email_otp = maker.random.one(EmailOtp::ALL),
        _ => {
            policy.fallback = maker.random.one(FallbackIdentityProvider::ALL);
            policy.email_otp = maker.random.one(EmailOtp::ALL);
        }
    }
}
