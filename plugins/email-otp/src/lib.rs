//! Sign-in with a one-time passcode sent by mail.
//!
//! ```text
//! Start ─► Mail ─► Sent ─► form ─► Submit ─► Done
//!           ▲                │ ▲      │
//!           └──── resend ────┘ └ wrong┘   five wrong tries end the attempt
//! ```
//!
//! It proves control of the mailbox at this moment, and nothing else: no second factor. Every step and text
//! is the same whether the mail was sent or not, because a provider is never told.

mod challenge;
mod code;
mod flow;
mod settings;
#[cfg(test)]
mod tests;
mod texts;

use plugins_sdk::message::{Capability, Description, Input, OpenRequest, SettingProblem, Step};
use plugins_sdk::{Opened, Provider};

use crate::challenge::InstanceKey;
use crate::settings::Settings;

plugins_sdk::export_provider!(EmailOtp);

/// Passcodes by mail as a provider.
#[derive(Debug)]
pub struct EmailOtp {
    settings: Settings,
    key: InstanceKey,
}

impl Provider for EmailOtp {
    fn describe() -> Description {
        Description {
            kind: "email-otp".to_owned(),
            display_name: "Code by e-mail".to_owned(),
            version: env!("CARGO_PKG_VERSION").to_owned(),
            home_domains: Vec::new(),
            capabilities: vec![Capability::Mail, Capability::Show],
            settings_schema: plugins_sdk::settings::schema::<Settings>(),
        }
    }

    fn open(request: &OpenRequest) -> Result<Opened<Self>, Vec<SettingProblem>> {
        let settings = Settings::read(&request.settings)?;
        let key = InstanceKey::read(&request.instance_key).ok_or_else(|| {
            vec![SettingProblem {
                key: String::new(),
                message: "the gateway gave no usable instance key".to_owned(),
            }]
        })?;
        Ok(Opened {
            provider: Self { settings, key },
            fetch_hosts: Vec::new(),
        })
    }

    fn step(&self, input: &Input) -> Step {
        flow::step(&self.settings, &self.key, input)
    }
}
