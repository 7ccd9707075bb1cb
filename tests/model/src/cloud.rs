//! Homes, partners and environments.
//!
//! Source: specification "clouds and identity" A.5; "sharing rules" 5.4 and 5.5.

use gateway_core::address::DomainName;
use gateway_core::cloud::{EnvironmentBoundary, Relation};
use gateway_core::id::CloudName;
use gateway_core::policy::Denial;
use gateway_core::settings::directory::InboundTrust;
use gateway_core::settings::{Partner, Profile};

use crate::world::Place;

impl Place {
    /// How the cloud stands to the tenant's; none if one of them is not known.
    pub(crate) fn relation(&self, home: &CloudName) -> Option<Relation> {
        let from = self.clouds.0.get(home)?;
        let to = self.clouds.0.get(&self.tenant.cloud)?;
        Some(if *home == self.tenant.cloud {
            Relation::Same
        } else if from.instance == to.instance {
            Relation::SameInstance
        } else if from.partner_clouds.contains(&self.tenant.cloud)
            && to.partner_clouds.contains(home)
        {
            Relation::Mutual
        } else {
            Relation::Never
        })
    }

    pub(crate) fn cloud_known(&self) -> bool {
        self.clouds.0.contains_key(&self.tenant.cloud)
    }

    fn ticked(&self, cloud: &CloudName) -> bool {
        self.tenant.directory.cross_tenant.clouds.contains(cloud)
    }

    /// The partner with that id in that cloud.
    pub(crate) fn partner(&self, cloud: &CloudName, tenant: Option<&str>) -> Option<&Partner> {
        let partner = self.tenant.directory.cross_tenant.partners.get(tenant?)?;
        (partner.cloud == *cloud).then_some(partner)
    }

    /// What is wrong with clouds where somebody is at home, before it is known in which organisation.
    pub(crate) fn homes<'a>(&self, homes: impl IntoIterator<Item = &'a CloudName>) -> Vec<Denial> {
        let mut found = Vec::new();
        for home in homes {
            match self.relation(home) {
                None => found.push(Denial::CloudUnknown),
                Some(Relation::Never) => found.push(Denial::CloudNotAllowed),
                Some(Relation::Mutual) if !self.ticked(home) => {
                    found.push(Denial::CloudNotAllowed);
                }
                Some(Relation::Mutual | Relation::Same | Relation::SameInstance) => {}
            }
        }
        found
    }

    /// What is wrong with the domain's homes.
    pub(crate) fn domain_homes(&self, domain: &DomainName) -> Vec<Denial> {
        let homes = self.tenant.directory.domain_homes.get(domain);
        self.homes(homes.into_iter().flatten())
    }

    /// What is wrong with an account of that cloud and organisation.
    pub(crate) fn account_cloud(&self, cloud: &CloudName, tenant: Option<&str>) -> Option<Denial> {
        match self.relation(cloud) {
            None => Some(Denial::CloudUnknown),
            Some(Relation::Never) => Some(Denial::CloudNotAllowed),
            Some(Relation::Same | Relation::SameInstance) => None,
            Some(Relation::Mutual) => {
                if !self.ticked(cloud) {
                    return Some(Denial::CloudNotAllowed);
                }
                match self.partner(cloud, tenant) {
                    None => Some(Denial::PartnerNotAdded),
                    Some(partner) if !partner.reciprocated => Some(Denial::PartnerNotReady),
                    Some(_) => None,
                }
            }
        }
    }

    /// Whether the tenant shares inside its environment only.
    pub(crate) fn closed(&self) -> bool {
        let cloud = self.clouds.0.get(&self.tenant.cloud);
        self.tenant.profile == Profile::IntegrationOptIn
            && self.integration()
            && cloud.is_some_and(|cloud| cloud.restricted)
    }

    /// Whether somebody of that cloud is inside it.
    pub(crate) fn inside(&self, cloud: Option<&CloudName>) -> bool {
        let Some(relation) = cloud.and_then(|cloud| self.relation(cloud)) else {
            return false;
        };
        match relation {
            Relation::Same => true,
            Relation::SameInstance => self.tenant.boundary == EnvironmentBoundary::Instance,
            Relation::Mutual | Relation::Never => false,
        }
    }

    /// Whether the organisation may not come in.
    pub(crate) fn inbound_blocked(&self, cloud: Option<&CloudName>, tenant: Option<&str>) -> bool {
        let Some(cloud) = cloud else {
            return false;
        };
        if let Some(partner) = self.partner(cloud, tenant) {
            return !partner.inbound;
        }
        let near = matches!(
            self.relation(cloud),
            Some(Relation::Same | Relation::SameInstance)
        );
        near && !self.tenant.directory.cross_tenant.default_inbound
    }

    /// What is believed of the organisation's claims.
    pub(crate) fn trust(&self, cloud: Option<&CloudName>, tenant: Option<&str>) -> InboundTrust {
        match cloud {
            None => InboundTrust::default(),
            Some(cloud) => match self.partner(cloud, tenant) {
                Some(partner) => partner.trust,
                None => self.tenant.directory.cross_tenant.default_trust,
            },
        }
    }
}
