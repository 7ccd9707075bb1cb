//! Sign-in with a Google account.
//!
//! The person is (issuer, `sub`). Google owns the mailboxes of gmail.com and googlemail.com; for a Workspace
//! domain it speaks only where the operator opted in and the token's `hd` is the address's own domain.
//! `email_verified` alone means that somebody once read a mail, years ago perhaps, and proves nothing here.

mod profile;
mod settings;
#[cfg(test)]
mod tests;

use plugins_oidc::RelyingParty;
use plugins_oidc::settings::read;
use plugins_sdk::message::{Capability, Description, Input, OpenRequest, SettingProblem, Step};
use plugins_sdk::settings::schema;
use plugins_sdk::{Opened, Provider};

use crate::profile::{CONSUMER_DOMAINS, GoogleAccounts};
use crate::settings::Settings;

plugins_sdk::export_provider!(Google);

/// Google as a provider.
#[derive(Debug)]
pub struct Google(RelyingParty<GoogleAccounts>);

impl Provider for Google {
    fn describe() -> Description {
        Description {
            kind: "google".to_owned(),
            display_name: "Google".to_owned(),
            version: env!("CARGO_PKG_VERSION").to_owned(),
            home_domains: CONSUMER_DOMAINS.map(str::to_owned).to_vec(),
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
