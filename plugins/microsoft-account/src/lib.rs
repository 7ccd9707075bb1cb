//! Sign-in with a personal Microsoft account.
//!
//! The person is (issuer, consumers' tenant, `oid`). Tokens count only from the tenant of the consumers and
//! only under a key that names that tenant as its issuer. Microsoft owns the mailboxes of its four
//! domains; any other address was proven when the account was made, and never again.

mod profile;
mod settings;
#[cfg(test)]
mod tests;

use plugins_oidc::RelyingParty;
use plugins_oidc::settings::read;
use plugins_sdk::message::{Capability, Description, Input, OpenRequest, SettingProblem, Step};
use plugins_sdk::settings::schema;
use plugins_sdk::{Opened, Provider};

use crate::profile::{Consumers, HOME_DOMAINS};
use crate::settings::Settings;

plugins_sdk::export_provider!(MicrosoftAccount);

/// Personal Microsoft accounts as a provider.
#[derive(Debug)]
pub struct MicrosoftAccount(RelyingParty<Consumers>);

impl Provider for MicrosoftAccount {
    fn describe() -> Description {
        Description {
            kind: "microsoft-account".to_owned(),
            display_name: "Microsoft account".to_owned(),
            version: env!("CARGO_PKG_VERSION").to_owned(),
            home_domains: HOME_DOMAINS.map(str::to_owned).to_vec(),
            capabilities: vec![Capability::Fetch],
            settings_schema: schema::<Settings>(),
        }
    }

    fn open(request: &OpenRequest) -> Result<Opened<Self>, Vec<SettingProblem>> {
        let (settings, problems) = read::<Settings>(&request.settings);
        let (registration, profile) = settings.check(request, problems)?;
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
