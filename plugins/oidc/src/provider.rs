//! An OpenID provider as a plugin.

use plugins_sdk::message::{Capability, Description, Input, OpenRequest, SettingProblem, Step};
use plugins_sdk::settings::schema;
use plugins_sdk::{Opened, Provider};
use schemars::JsonSchema;
use serde::de::DeserializeOwned;

use crate::flow::RelyingParty;
use crate::profile::Profile;
use crate::registration::Registration;
use crate::settings::{Problems, read};

/// What makes a [`Profile`] a plugin: its name and its settings.
pub trait Kind: Profile + Sized {
    /// What the operator writes. Every field has a default, and unknown ones are refused.
    type Settings: DeserializeOwned + Default + JsonSchema;

    /// Kind of provider, `[a-z0-9-]{1,64}`.
    const KIND: &'static str;
    /// Name shown to people when the configuration gives none.
    const DISPLAY_NAME: &'static str;
    /// Domains whose mailboxes live there without any configuration.
    const HOME_DOMAINS: &'static [&'static str] = &[];

    /// Checks the settings.
    ///
    /// - `problems`: what was wrong with single settings already.
    ///
    /// # Errors
    /// Every problem with the settings at once.
    fn configure(
        settings: Self::Settings,
        request: &OpenRequest,
        problems: Problems,
    ) -> Result<(Registration, Self), Vec<SettingProblem>>;
}

/// An OpenID provider as a plugin.
#[derive(Debug)]
pub struct OidcProvider<K>(RelyingParty<K>);

impl<K: Kind> Provider for OidcProvider<K> {
    fn describe() -> Description {
        Description {
            kind: K::KIND.to_owned(),
            display_name: K::DISPLAY_NAME.to_owned(),
            version: env!("CARGO_PKG_VERSION").to_owned(),
            home_domains: K::HOME_DOMAINS
                .iter()
                .map(|domain| (*domain).to_owned())
                .collect(),
            capabilities: vec![Capability::Fetch],
            settings_schema: schema::<K::Settings>(),
        }
    }

    fn open(request: &OpenRequest) -> Result<Opened<Self>, Vec<SettingProblem>> {
        let (settings, problems) = read(&request.settings);
        let (registration, profile) = K::configure(settings, request, problems)?;
        let fetch_hosts = registration.endpoints.hosts().to_vec();
        Ok(Opened {
            provider: Self(RelyingParty::new(registration, profile)),
            fetch_hosts,
        })
    }

    fn step(&self, input: &Input) -> Step {
        self.0.step(input)
    }
}
