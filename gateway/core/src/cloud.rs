//! National clouds, as data. A cloud that is not listed is denied.
//!
//! Source: specification "clouds and identity", A; founding document 2 for the integration.

use std::collections::{BTreeMap, BTreeSet};

use crate::id::{CloudName, ProviderKind};
use crate::settings::words::AllowInvitesFrom;

/// One cloud environment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cloud {
    /// The Azure instance it lives in; clouds of one instance share their directory boundary.
    pub instance: String,
    /// Origin of its sign-in authority, without trailing slash.
    pub authority: String,
    /// Kinds of identity provider offered to guests of tenants in this cloud.
    pub identity_providers: BTreeSet<ProviderKind>,
    /// Whether the integration of sharing with the directory's invitations is supported here.
    pub integration_supported: bool,
    /// Whether this is a national or restricted cloud, whose tenants with the integration share only inside
    /// their environment, where their profile knows of that.
    pub restricted: bool,
    /// Clouds of other instances with which both tenants may opt in to collaborate.
    pub partner_clouds: BTreeSet<CloudName>,
    /// What the discovery documents of its tenants say by which they are known.
    pub tenants: Described,
    /// Whether consumer accounts exist at the authority.
    pub consumers: bool,
    /// Whether requests for files can be made.
    pub file_requests: bool,
    /// Who may add guests to a directory whose settings nobody touched.
    pub allow_invites_from: AllowInvitesFrom,
}

/// How the discovery documents of a cloud's tenants differ from those of others: upper case, as documents differ in theirs.
///
/// Source: specification "clouds and identity" A.1.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Described {
    /// `tenant_region_scope` that no tenant of another instance has.
    pub region_scopes: BTreeSet<String>,
    /// Those of these whose tenants take part in no collaboration.
    pub closed_scopes: BTreeSet<String>,
    /// `tenant_region_sub_scope`; absent where the documents have none.
    pub sub_scope: Option<String>,
}

/// The clouds this gateway knows.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Clouds(pub BTreeMap<CloudName, Cloud>);

/// How the home of a guest stands to the cloud that holds the documents.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Relation {
    /// The same cloud.
    Same,
    /// Another cloud of the same instance: collaboration is on by default.
    SameInstance,
    /// Another instance: off until both tenants opt in.
    Mutual,
    /// Never.
    Never,
}

impl Relation {
    /// Its name in traces.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Same => "same",
            Self::SameInstance => "same-instance",
            Self::Mutual => "mutual",
            Self::Never => "never",
        }
    }
}

/// What "environment" means where sharing outside it is refused.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum EnvironmentBoundary {
    /// The Microsoft 365 cloud: the stricter reading.
    #[default]
    Cloud,
    /// The Azure instance.
    Instance,
}

impl Clouds {
    /// The cloud of that name, if it is known.
    #[must_use]
    pub fn find(&self, name: &CloudName) -> Option<&Cloud> {
        self.0.get(name)
    }

    /// How guests homed in `home` stand to tenants in `resource`. Unknown clouds relate to nothing.
    #[must_use]
    pub fn relation(&self, home: &CloudName, resource: &CloudName) -> Relation {
        let (Some(from), Some(to)) = (self.find(home), self.find(resource)) else {
            return Relation::Never;
        };
        if home == resource {
            Relation::Same
        } else if from.instance == to.instance {
            Relation::SameInstance
        } else if from.partner_clouds.contains(resource) && to.partner_clouds.contains(home) {
            Relation::Mutual
        } else {
            Relation::Never
        }
    }
}

impl EnvironmentBoundary {
    /// Whether a guest that stands in `relation` lives inside the environment.
    #[must_use]
    pub const fn encloses(self, relation: Relation) -> bool {
        match (self, relation) {
            (_, Relation::Same) | (Self::Instance, Relation::SameInstance) => true,
            (Self::Cloud, Relation::SameInstance) | (_, Relation::Mutual | Relation::Never) => {
                false
            }
        }
    }
}
