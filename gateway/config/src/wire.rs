//! The files as they are written: the only types that know TOML's names. Everything is optional, since any
//! file may be laid over another; what must be there is checked after merging.

mod api;
mod clouds;
mod directory;
mod gateway;
mod provider;
mod secret;
pub(crate) mod settings;
mod shares;
mod sharing;
mod tenant;

pub(crate) use api::{ApiListener, Uploads};
pub(crate) use clouds::{CloudRecord, CloudsFile};
pub(crate) use directory::{
    ConditionalAccessPolicy, CrossTenant, Directory, GrantControl, Partner, Risk, Trust,
};
pub(crate) use gateway::{
    Audit, GatewayFile, Limits, Mail, MailSecurity, Plugins, PublicListener, Sessions, Store, Tls,
};
pub(crate) use provider::{Isolation, ProviderFile};
pub(crate) use secret::SecretReference;
pub(crate) use settings::Given;
pub use settings::with_settings;
pub(crate) use shares::{Group, Guest, Link, LinkScope, LinkType, Manager, Permission, Role};
pub(crate) use sharing::{Boundary, Sharing};
pub(crate) use tenant::{Channel, Partition, PathCase, Site, Template, TenantFile};
