//! Drives a provider as the gateway does, without a library: every message goes through its JSON form
//! and every answer through [`rules`].

use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::message::{
    CloudEndpoints, Description, Event, Input, OpenRequest, SettingProblem, Step,
};
use crate::provider::{Opened, Provider};
use crate::rules;

/// Why a driven provider gave no usable answer.
#[derive(Debug, thiserror::Error)]
pub enum ContractBroken {
    /// A message does not survive its JSON form.
    #[error("the message does not survive its JSON form: {0}")]
    Json(#[from] serde_json::Error),
    /// The answer is one that the gateway refuses.
    #[error("the gateway would refuse this answer: {0}")]
    Rule(#[from] rules::NotAccepted),
    /// The settings were refused where they should not have been.
    #[error("the settings were refused: {0:?}")]
    Refused(Vec<SettingProblem>),
}

/// An opened provider.
#[derive(Debug)]
pub struct Driver<P> {
    provider: P,
    description: Description,
    fetch_hosts: Vec<String>,
}

impl<P: Provider> Driver<P> {
    /// Opens a provider.
    ///
    /// # Errors
    /// [`ContractBroken::Refused`] with the provider's problems; the others when it breaks the contract.
    pub fn open(request: &OpenRequest) -> Result<Self, ContractBroken> {
        let description = through_json(&P::describe())?;
        rules::check_description(&description)?;
        let Opened {
            provider,
            fetch_hosts,
        } = P::open(&through_json(request)?).map_err(ContractBroken::Refused)?;
        rules::check_fetch_hosts(&fetch_hosts, &description)?;
        Ok(Self {
            provider,
            description,
            fetch_hosts,
        })
    }

    /// What the provider says it is.
    #[must_use]
    pub fn description(&self) -> &Description {
        &self.description
    }

    /// Host names it will fetch from.
    #[must_use]
    pub fn fetch_hosts(&self) -> &[String] {
        &self.fetch_hosts
    }

    /// Answers one event.
    ///
    /// # Errors
    /// When the answer breaks the contract.
    pub fn step(&self, input: &Input) -> Result<Step, ContractBroken> {
        let step = through_json(&self.provider.step(&through_json(input)?))?;
        Ok(rules::accept_step(
            step,
            &input.event,
            &self.description,
            &self.fetch_hosts,
        )?)
    }
}

/// A request to open instance `test` in a gateway of the cloud `worldwide`, with a key of zeros.
///
/// - `settings`: the provider's settings.
#[must_use]
pub fn open_request(settings: serde_json::Value) -> OpenRequest {
    OpenRequest {
        id: "test".to_owned(),
        cloud: "worldwide".to_owned(),
        clouds: vec![CloudEndpoints {
            name: "worldwide".to_owned(),
            instance: "microsoftonline.com".to_owned(),
            authority: "https://login.microsoftonline.com".to_owned(),
            consumers: true,
        }],
        instance_key: ZEROS.to_owned(),
        settings,
    }
}

/// An input at second `now` with entropy of zeros.
///
/// - `state`: what the previous step returned, absent at [`Event::Start`].
#[must_use]
pub fn input(event: Event, state: Option<String>, now: i64) -> Input {
    Input {
        now,
        entropy: ZEROS.to_owned(),
        redirect_uri: "https://contoso.localhost/_vestibule/callback/test".to_owned(),
        attempt: "AAAAAAAAAAAAAAAAAAAAAA".to_owned(),
        state,
        event,
    }
}

/// 32 zero bytes in base64url.
const ZEROS: &str = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

fn through_json<T: Serialize + DeserializeOwned>(message: &T) -> Result<T, serde_json::Error> {
    serde_json::from_slice(&serde_json::to_vec(message)?)
}
