//! A sign-in without providers that answer, without network and without mail.

use gateway_core::id::ProviderId;
use gateway_plugin_host::StepFailed;
use gateway_sign_in::Provider as Loaded;
use gateway_sign_in::fetch::{BoxFuture, Fetch, FetchFailed, Fetched};
use gateway_sign_in::mail::{Letter, Mailer};
use plugins_sdk::message::{Description, FetchRequest, Input, Step};

pub(super) fn description() -> Description {
    serde_json::from_value(serde_json::json!({
        "kind": "work-school", "display_name": "Work or school", "version": "1"
    }))
    .unwrap()
}

/// A provider that is there and never answers.
pub(super) struct Silent(pub(super) Description);

impl Loaded for Silent {
    fn description(&self) -> &Description {
        &self.0
    }

    fn fetch_hosts(&self) -> &[String] {
        &[]
    }

    fn step(&self, _input: Input) -> BoxFuture<'_, Result<Step, StepFailed>> {
        Box::pin(std::future::ready(Err(StepFailed::Busy)))
    }
}

/// No network and no mail.
pub(crate) struct Nowhere;

impl Fetch for Nowhere {
    fn fetch<'a>(
        &'a self,
        _provider: &'a ProviderId,
        url: &'a url::Url,
        _request: &'a FetchRequest,
    ) -> BoxFuture<'a, Result<Fetched, FetchFailed>> {
        Box::pin(std::future::ready(Err(FetchFailed::NotAllowed(
            url.to_string(),
        ))))
    }
}

impl Mailer for Nowhere {
    fn queue(&self, _letter: Letter) {}
}
