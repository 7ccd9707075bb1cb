//! A provider that panics where its settings say: `{"panics_in": "open" | "step" | "step-again" | "close"}`.
#![expect(clippy::panic, reason = "that is what this plugin is for")]

use std::panic::panic_any;

use plugins_sdk::message::{
    Capability, Description, Input, OpenRequest, RejectReason, SettingProblem, Step,
};
use plugins_sdk::{Opened, Provider, export_provider};

/// The provider.
pub struct Panics {
    panics_in: String,
}

export_provider!(Panics);

impl Provider for Panics {
    fn describe() -> Description {
        Description {
            kind: "panics".to_owned(),
            display_name: "Panics on purpose".to_owned(),
            version: env!("CARGO_PKG_VERSION").to_owned(),
            home_domains: Vec::new(),
            capabilities: vec![Capability::Show],
            settings_schema: None,
        }
    }

    fn open(request: &OpenRequest) -> Result<Opened<Self>, Vec<SettingProblem>> {
        let panics_in = request
            .settings
            .get("panics_in")
            .and_then(|value| value.as_str())
            .unwrap_or("step")
            .to_owned();
        if panics_in == "open" {
            panic_any("panicked in open, on purpose");
        }
        Ok(Opened {
            provider: Self { panics_in },
            fetch_hosts: Vec::new(),
        })
    }

    fn step(&self, input: &Input) -> Step {
        match self.panics_in.as_str() {
            "step" => panic_any(format!("panicked in step at {}, on purpose", input.now)),
            "step-again" => panic_any(PanicsAgain),
            _ => Step::Reject {
                reason: RejectReason::Cancelled,
                detail: "no panic here".to_owned(),
            },
        }
    }
}

impl Drop for Panics {
    fn drop(&mut self) {
        if self.panics_in == "close" {
            panic_any("panicked in close, on purpose");
        }
    }
}

/// A payload that panics again when it is dropped.
struct PanicsAgain;

impl Drop for PanicsAgain {
    fn drop(&mut self) {
        panic_any("panicked while a panic was dropped, on purpose");
    }
}
