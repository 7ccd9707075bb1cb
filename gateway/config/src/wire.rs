//! The files as they are written: the only types that know TOML's names. Everything is optional, since any
//! file may be laid over another; what must be there is checked after merging.

mod clouds;
mod gateway;
mod provider;
mod secret;
mod sharing;
mod tenant;

pub(crate) use clouds::{CloudRecord, CloudsFile};
pub(crate) use gateway::{
    GatewayFile, Limits, Mail, MailSecurity, Plugins, PublicListener, Sessions, Tls,
};
pub(crate) use provider::ProviderFile;
pub(crate) use secret::SecretReference;
pub(crate) use sharing::{
    AnonymousLinkType, Boundary, DomainList, Level, RestrictionMode, Sharing,
};
pub(crate) use tenant::{
    CrossTenant, Directory, Guest, Link, LinkScope, LinkType, Partition, PathCase, Permission,
    Role, Site, TenantFile,
};
