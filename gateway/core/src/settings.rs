//! The settings of a tenant and of a site that bear on external sharing.
//!
//! What is stored here are the configured values. What takes effect is computed from them in [`effective`]: a value that
//! is looser than its ceiling sleeps, and wakes when the ceiling is raised.

pub mod directory;
pub mod effective;
pub mod site;
pub mod table;
pub mod tenant;
#[cfg(test)]
mod tests;
pub mod value;
pub mod words;

pub use directory::{CrossTenantAccess, DirectoryPolicy, DirectorySettings, Partner};
pub use effective::{Effective, LevelSource, Source, effective_level};
pub use site::SiteSharing;
pub use tenant::TenantSharing;
pub use words::{Profile, SharingCapability};

use crate::cloud::EnvironmentBoundary;
use crate::id::{CloudName, GroupId};
use crate::path::PathCase;

/// Where a site belongs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Partition {
    /// Sites.
    #[default]
    Core,
    /// Personal sites.
    OneDrive,
}

/// What a site was made from; it decides the level of a site that says none.
///
/// Source: specification "sharing rules" 2.1.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Template {
    /// Nothing that is known: `Disabled`.
    #[default]
    Unknown,
    /// A classic site: `Disabled`.
    Classic,
    /// A communication site: `Disabled`.
    Communication,
    /// The communication site at the root of the tenant: Anyone.
    RootCommunication,
    /// A modern team site without group: `Disabled`.
    Team,
    /// A site connected to a Microsoft 365 group: new and existing guests if owners of groups may add people from
    /// outside, else existing guests.
    Group {
        /// Whether owners of groups may.
        owners_add_guests: bool,
    },
    /// A personal site: Anyone.
    OneDrive,
}

/// The kind of Teams channel that a site belongs to.
///
/// Source: specification "sharing rules" 2.5.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Channel {
    /// None, or a standard one.
    #[default]
    None,
    /// A private channel: the site is not shared by itself, its files are.
    Private,
    /// A shared channel: no Anyone links, and specific people only if they are in the channel.
    Shared,
}

/// Settings of a tenant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TenantSettings {
    /// The cloud the tenant lives in.
    pub cloud: CloudName,
    /// The generation of sharing behaviour.
    pub profile: Profile,
    /// Its sharing settings.
    pub sharing: TenantSharing,
    /// What "environment" means for it.
    pub boundary: EnvironmentBoundary,
    /// Whether the integration is accepted where the cloud does not support it.
    pub acknowledge_unsupported: bool,
    /// The directory's settings.
    pub directory: DirectorySettings,
}

/// Settings of a site.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SiteSettings {
    /// Which partition's ceiling applies.
    pub partition: Partition,
    /// How names are compared.
    pub path_case: PathCase,
    /// Whether it is the tenant's root site.
    pub root: bool,
    /// What it was made from.
    pub template: Template,
    /// The Teams channel it belongs to.
    pub channel: Channel,
    /// The Microsoft 365 group it is connected to.
    pub group: Option<GroupId>,
    /// Its sharing settings.
    pub sharing: SiteSharing,
}
