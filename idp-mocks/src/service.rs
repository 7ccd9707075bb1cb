//! The pretended services and the names by which they are addressed.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::misbehaviour::UnknownName;
use crate::world::Cloud;

/// One pretended service. The Microsoft account lives on the listener of [`Service::EntraWorldwide`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Service {
    /// Entra of the worldwide cloud: `entra-worldwide`.
    EntraWorldwide,
    /// Entra of the US Government cloud: `entra-usgov`.
    EntraUsgov,
    /// Entra of the China cloud: `entra-china`.
    EntraChina,
    /// The consumers tenant: `microsoft-account`.
    MicrosoftAccount,
    /// Google: `google`.
    Google,
    /// A partner organisation's SAML identity provider: `saml`.
    Saml,
    /// SMTP server and web inbox: `mailbox`.
    Mailbox,
    /// The document resources: `documents`.
    Documents,
}

impl Service {
    /// Every service, in the order of declaration.
    pub const ALL: [Self; 8] = [
        Self::EntraWorldwide,
        Self::EntraUsgov,
        Self::EntraChina,
        Self::MicrosoftAccount,
        Self::Google,
        Self::Saml,
        Self::Mailbox,
        Self::Documents,
    ];

    /// The name used by the control API and on the command line.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::EntraWorldwide => "entra-worldwide",
            Self::EntraUsgov => "entra-usgov",
            Self::EntraChina => "entra-china",
            Self::MicrosoftAccount => "microsoft-account",
            Self::Google => "google",
            Self::Saml => "saml",
            Self::Mailbox => "mailbox",
            Self::Documents => "documents",
        }
    }

    /// The Entra of `cloud`.
    #[must_use]
    pub fn entra(cloud: Cloud) -> Self {
        match cloud {
            Cloud::Worldwide => Self::EntraWorldwide,
            Cloud::UsGovernment => Self::EntraUsgov,
            Cloud::China => Self::EntraChina,
        }
    }

    pub(crate) fn signs_tokens(self) -> bool {
        self.is_microsoft() || self == Self::Google
    }

    pub(crate) fn is_microsoft(self) -> bool {
        self.is_entra() || self == Self::MicrosoftAccount
    }

    pub(crate) fn is_entra(self) -> bool {
        matches!(
            self,
            Self::EntraWorldwide | Self::EntraUsgov | Self::EntraChina
        )
    }
}

impl fmt::Display for Service {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// What a command of the control API is about: one service, or every Entra at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Target {
    /// `entra`: all three clouds.
    Entra,
    /// One service by its own name.
    One(Service),
}

impl Target {
    /// The services that the target stands for.
    #[must_use]
    pub fn services(self) -> Vec<Service> {
        match self {
            Self::Entra => vec![
                Service::EntraWorldwide,
                Service::EntraUsgov,
                Service::EntraChina,
            ],
            Self::One(service) => vec![service],
        }
    }
}

impl From<Service> for Target {
    fn from(service: Service) -> Self {
        Self::One(service)
    }
}

impl FromStr for Target {
    type Err = UnknownName;

    fn from_str(name: &str) -> Result<Self, UnknownName> {
        if name == "entra" {
            return Ok(Self::Entra);
        }
        Service::ALL
            .into_iter()
            .find(|service| service.name() == name)
            .map(Self::One)
            .ok_or_else(|| UnknownName {
                kind: "target",
                name: name.to_owned(),
            })
    }
}

/// One value for each service.
pub(crate) struct PerService<T> {
    entra_worldwide: T,
    entra_usgov: T,
    entra_china: T,
    microsoft_account: T,
    google: T,
    saml: T,
    mailbox: T,
    documents: T,
}

impl<T> PerService<T> {
    pub(crate) fn new(make: impl Fn(Service) -> T) -> Self {
        Self {
            entra_worldwide: make(Service::EntraWorldwide),
            entra_usgov: make(Service::EntraUsgov),
            entra_china: make(Service::EntraChina),
            microsoft_account: make(Service::MicrosoftAccount),
            google: make(Service::Google),
            saml: make(Service::Saml),
            mailbox: make(Service::Mailbox),
            documents: make(Service::Documents),
        }
    }

    pub(crate) fn of(&self, service: Service) -> &T {
        match service {
            Service::EntraWorldwide => &self.entra_worldwide,
            Service::EntraUsgov => &self.entra_usgov,
            Service::EntraChina => &self.entra_china,
            Service::MicrosoftAccount => &self.microsoft_account,
            Service::Google => &self.google,
            Service::Saml => &self.saml,
            Service::Mailbox => &self.mailbox,
            Service::Documents => &self.documents,
        }
    }
}
