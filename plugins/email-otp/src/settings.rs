//! The settings of the passcode provider.

use plugins_sdk::message::SettingProblem;
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::Value;

/// Longest name of an organisation, characters: it stands in the subject line.
const MOST_ORGANISATION: usize = 60;

/// Settings of a provider of kind `email-otp`. All may be left out.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Settings {
    /// Digits of a code, 6 to 10.
    #[schemars(range(min = 6, max = 10))]
    pub(crate) digits: u8,
    /// How long a code can be used, 1 to 60 minutes.
    #[schemars(range(min = 1, max = 60))]
    pub(crate) validity_minutes: i64,
    /// How long to wait before another code can be asked for, 30 to 600 seconds.
    #[schemars(range(min = 30, max = 600))]
    pub(crate) resend_seconds: i64,
    /// Who asks for the code, as the mail says it; one line of at most 60 characters.
    #[schemars(length(min = 1, max = 60))]
    pub(crate) organisation: Option<String>,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            digits: 8,
            validity_minutes: 30,
            resend_seconds: 60,
            organisation: None,
        }
    }
}

impl Settings {
    /// Reads settings key by key, so that a wrong one does not hide the next.
    ///
    /// # Errors
    /// Every problem.
    pub(crate) fn read(settings: &Value) -> Result<Self, Vec<SettingProblem>> {
        let (read, mut problems) = plugins_sdk::settings::read::<Self>(settings);
        problems.extend(read.out_of_range());
        if problems.is_empty() {
            Ok(read)
        } else {
            Err(problems)
        }
    }

    fn out_of_range(&self) -> impl Iterator<Item = SettingProblem> {
        let organisation_fits = self.organisation.as_deref().is_none_or(|name| {
            !name.trim().is_empty()
                && name.chars().count() <= MOST_ORGANISATION
                && !name.chars().any(char::is_control)
        });
        [
            ((6..=10).contains(&self.digits), "digits", "must be 6 to 10"),
            (
                (1..=60).contains(&self.validity_minutes),
                "validity_minutes",
                "must be 1 to 60",
            ),
            (
                (30..=600).contains(&self.resend_seconds),
                "resend_seconds",
                "must be 30 to 600",
            ),
            (
                organisation_fits,
                "organisation",
                "must be one line of 1 to 60 characters",
            ),
        ]
        .into_iter()
        .filter(|(fits, _, _)| !fits)
        .map(|(_, key, message)| problem(key, message))
    }
}

fn problem(key: &str, message: &str) -> SettingProblem {
    SettingProblem {
        key: key.to_owned(),
        message: message.to_owned(),
    }
}
