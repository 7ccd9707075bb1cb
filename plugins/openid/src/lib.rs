//! Sign-in at any OpenID provider with a fixed issuer.
//!
//! The person is (issuer, `sub`). An address counts as verified by the provider where the token says
//! `email_verified: true`; for which domains this provider may speak is for the gateway to judge.

mod profile;
mod settings;
#[cfg(test)]
mod tests;

use plugins_oidc::RelyingParty;
use plugins_oidc::settings::read;
use plugins_sdk::message::{Capability, Description, Input, OpenRequest, SettingProblem, Step};
use plugins_sdk::settings::schema;
use plugins_sdk::{Opened, Provider};

use crate::profile::FixedIssuer;
use crate::settings::Settings;

plugins_sdk::export_provider!(OpenId);

/// An OpenID provider with a fixed issuer.
#[derive(Debug)]
pub struct OpenId(RelyingParty<FixedIssuer>);

impl Provider for OpenId {
    fn describe() -> Description {
        Description {
            kind: "openid".to_owned(),
            display_name: "OpenID Connect".to_owned(),
            version: env!("CARGO_PKG_VERSION").to_owned(),
            home_domains: Vec::new(),
            capabilities: vec![Capability::Fetch],
            settings_schema: schema::<Settings>(),
        }
    }

    fn open(request: &OpenRequest) -> Result<Opened<Self>, Vec<SettingProblem>> {
        let (settings, problems) = read::<Settings>(&request.settings);
        let (registration, profile) = settings.check(problems)?;
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
