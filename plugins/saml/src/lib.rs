//! SAML 2.0 federation with a partner organisation.
//!
//! The person is (entity id, persistent name or a named attribute). What came is judged in `response` and `message`;
//! everything else here writes what we send, and decides what an accepted assertion means.

mod accepted;
mod anchor;
mod certificate;
mod condition;
mod decrypt;
mod document;
mod dsig;
mod federation;
mod flow;
mod guard;
mod hint;
mod instant;
mod key;
mod logout;
mod message;
mod metadata;
mod moment;
mod pem;
mod person;
mod phase;
mod place;
mod redirect;
mod refused;
mod rejection;
mod request;
mod response;
mod secret;
mod self_test;
mod send;
mod settings;
mod statement;
#[cfg(test)]
mod tests;
mod trust;
mod verify;
mod xml;
mod xml_out;

#[doc(hidden)]
pub mod fuzzing;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use plugins_sdk::message::{Capability, Description, Input, OpenRequest, SettingProblem, Step};
use plugins_sdk::settings::schema;
use plugins_sdk::{Opened, Provider};
use url::Url;

use crate::federation::Source;
use crate::flow::ServiceProvider;
use crate::settings::Settings;

plugins_sdk::export_provider!(Saml);

/// A partner organisation's identity provider.
#[derive(Debug)]
pub struct Saml(ServiceProvider);

impl Provider for Saml {
    fn describe() -> Description {
        Description {
            kind: "saml".to_owned(),
            display_name: "SAML".to_owned(),
            version: env!("CARGO_PKG_VERSION").to_owned(),
            home_domains: Vec::new(),
            capabilities: vec![Capability::Fetch],
            settings_schema: schema::<Settings>(),
        }
    }

    fn open(request: &OpenRequest) -> Result<Opened<Self>, Vec<SettingProblem>> {
        let federation = settings::read(&request.settings)?;
        // What verifies shows that it does, and from here on needs no file any more.
        self_test::warm_up().map_err(|why| vec![unusable(format!("verifying fails: {why}"))])?;
        let fetch_hosts = match &federation.source {
            Source::Known(_) => Vec::new(),
            Source::Fetched(url) => Url::parse(url).iter().map(place::host_and_port).collect(),
        };
        // A key that is none would make ids that others can make too.
        let key = URL_SAFE_NO_PAD
            .decode(&request.instance_key)
            .ok()
            .filter(|key| key.len() == 32)
            .ok_or_else(|| {
                vec![unusable(
                    "the gateway gave no usable instance key".to_owned(),
                )]
            })?;
        Ok(Opened {
            provider: Self(ServiceProvider::new(federation, &key)),
            fetch_hosts,
        })
    }

    fn step(&self, input: &Input) -> Step {
        self.0.step(input)
    }
}

/// A problem that no setting is to blame for.
fn unusable(message: String) -> SettingProblem {
    SettingProblem {
        key: String::new(),
        message,
    }
}
