//! The settings of the Google provider.

use plugins_oidc::settings::{Problems, Secret};
use plugins_oidc::{Credential, Endpoints, Registration, authority_url, host_and_port};
use plugins_sdk::message::SettingProblem;
use schemars::JsonSchema;
use serde::Deserialize;

use crate::profile::GoogleAccounts;

const ISSUER: &str = "https://accounts.google.com";
/// Discovery and sign-in page, token endpoint, keys.
const HOSTS: [&str; 3] = [
    "accounts.google.com",
    "oauth2.googleapis.com",
    "www.googleapis.com",
];

/// Settings of a provider of kind `google`.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
#[schemars(extend("required" = ["client_id", "client_secret"]))]
pub struct Settings {
    /// Our identifier at Google.
    client_id: Option<String>,
    /// Our secret there.
    client_secret: Option<Secret>,
    /// Workspace domains for whose addresses Google's word is taken, lower-case.
    workspace_domains: Vec<String>,
    /// An issuer in place of Google, on loopback only and with `allow_insecure_loopback`.
    issuer: Option<String>,
    /// Whether `issuer` may be set, and plain http will do for it. For tests and demonstrations.
    allow_insecure_loopback: bool,
    /// Difference allowed between Google's clock and ours, 0 to 300 seconds; 60 if left out.
    #[schemars(range(min = 0, max = 300))]
    leeway_seconds: Option<i64>,
}

impl Settings {
    pub(crate) fn check(
        self,
        mut problems: Problems,
    ) -> Result<(Registration, GoogleAccounts), Vec<SettingProblem>> {
        let client_id = problems.required_text("client_id", self.client_id);
        let client_secret = problems.required_secret("client_secret", self.client_secret);
        for (index, domain) in self.workspace_domains.iter().enumerate() {
            if !is_domain(domain) {
                problems.add(
                    format!("workspace_domains.{index}"),
                    format!(
                        "`{domain}` is not a domain name in lower case, such as `fabrikam.example`"
                    ),
                );
            }
        }
        let leeway = problems.leeway("leeway_seconds", self.leeway_seconds);
        let place = place(
            self.issuer.as_deref(),
            self.allow_insecure_loopback,
            &mut problems,
        );
        problems.none_or(place.map(|(issuer, hosts)| {
            let registration = Registration {
                client_id,
                credential: client_secret.map_or(Credential::Public, Credential::SecretPost),
                scopes: ["openid", "email", "profile"].map(str::to_owned).to_vec(),
                discovery_url: format!("{issuer}/.well-known/openid-configuration"),
                endpoints: Endpoints::new(hosts, self.allow_insecure_loopback),
                leeway,
            };
            (
                registration,
                GoogleAccounts::new(issuer, self.workspace_domains),
            )
        }))
    }
}

/// The issuer and its hosts: Google's, or those of the issuer that stands in for it.
fn place(
    instead: Option<&str>,
    allow_insecure_loopback: bool,
    problems: &mut Problems,
) -> Option<(String, Vec<String>)> {
    let Some(instead) = instead else {
        return Some((ISSUER.to_owned(), HOSTS.map(str::to_owned).to_vec()));
    };
    match authority_url(instead, allow_insecure_loopback) {
        Ok(url) => Some((
            instead.trim_end_matches('/').to_owned(),
            vec![host_and_port(&url)],
        )),
        Err(why) => {
            problems.add("issuer", why.to_string());
            None
        }
    }
}

/// `claims` compares as plain strings, so what is configured must be canonical.
fn is_domain(text: &str) -> bool {
    text.contains('.')
        && text.len() <= 253
        && text.split('.').all(|label| {
            (1..=63).contains(&label.len())
                && !label.starts_with('-')
                && !label.ends_with('-')
                && label
                    .bytes()
                    .all(|byte| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'-'))
        })
}
