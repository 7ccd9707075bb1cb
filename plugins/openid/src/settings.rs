//! The settings of an OpenID provider.

use plugins_oidc::settings::{Problems, Secret};
use plugins_oidc::{
    ClientAuthentication, Credential, Endpoints, GivenKey, KeyAlgorithm, Registration, base_url,
    host_and_port, is_host_and_port,
};
use plugins_sdk::message::SettingProblem;
use schemars::JsonSchema;
use serde::Deserialize;

use crate::profile::FixedIssuer;

/// Settings of a provider of kind `openid`.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
#[schemars(extend("required" = ["issuer", "client_id"]))]
pub struct Settings {
    /// The issuer, exactly as its discovery document prints it.
    issuer: Option<String>,
    /// Our identifier there.
    client_id: Option<String>,
    /// Our secret there; left out for a public client, which PKCE alone protects.
    client_secret: Option<Secret>,
    /// How the secret is sent to the token endpoint; `client_secret_basic` if left out.
    client_authentication: Option<ClientAuthentication>,
    /// Our private key in PEM (RSA or P-256), in place of a secret: what the provider holds can then be used by nobody
    /// else.
    client_key: Option<Secret>,
    /// The key's `kid` in the key set that was registered at the provider.
    client_key_id: Option<String>,
    /// What the key signs with; `PS256` for RSA and `ES256` for P-256 if left out.
    client_key_algorithm: Option<KeyAlgorithm>,
    /// Values of `acr` that the provider gives where two factors were shown. They are asked for where a second factor is
    /// needed, and any of them in the token counts as `mfa`.
    second_factor_acr_values: Vec<String>,
    /// What to ask for; must include `openid`. `openid`, `email` and `profile` if left out.
    scopes: Option<Vec<String>>,
    /// Hosts (`host` or `host:port`) of the provider's endpoints beyond the issuer's own.
    endpoint_hosts: Vec<String>,
    /// Whether plain http will do on loopback. For tests and demonstrations.
    allow_insecure_loopback: bool,
    /// Difference allowed between the provider's clock and ours, 0 to 300 seconds; 60 if left out.
    #[schemars(range(min = 0, max = 300))]
    leeway_seconds: Option<i64>,
}

impl Settings {
    pub(crate) fn check(
        self,
        mut problems: Problems,
    ) -> Result<(Registration, FixedIssuer), Vec<SettingProblem>> {
        let issuer = problems.required_text("issuer", self.issuer);
        for (index, host) in self.endpoint_hosts.iter().enumerate() {
            if !is_host_and_port(host) {
                problems.add(
                    format!("endpoint_hosts.{index}"),
                    "must be `host` or `host:port` in lower case, without scheme and path",
                );
            }
        }
        let endpoints = match base_url(&issuer, self.allow_insecure_loopback) {
            Ok(url) => {
                let hosts = std::iter::once(host_and_port(&url)).chain(self.endpoint_hosts);
                Some(Endpoints::new(
                    hosts.collect(),
                    self.allow_insecure_loopback,
                ))
            }
            Err(_) if issuer.is_empty() => None,
            Err(why) => {
                problems.add("issuer", why.to_string());
                None
            }
        };
        let client_id = problems.required_text("client_id", self.client_id);
        let scopes = self
            .scopes
            .unwrap_or_else(|| ["openid", "email", "profile"].map(str::to_owned).to_vec());
        if !scopes.iter().any(|scope| scope == "openid") {
            problems.add("scopes", "must include `openid`");
        }
        let leeway = problems.leeway("leeway_seconds", self.leeway_seconds);
        let credential = credential(
            self.client_secret,
            self.client_authentication,
            GivenKey {
                key: self.client_key,
                id: self.client_key_id,
                algorithm: self.client_key_algorithm,
                certificate: None,
            },
            &mut problems,
        );
        for (index, value) in self.second_factor_acr_values.iter().enumerate() {
            if value.is_empty() || value.contains(char::is_whitespace) {
                problems.add(
                    format!("second_factor_acr_values.{index}"),
                    "must be a value without blanks, as the provider writes it",
                );
            }
        }
        problems.none_or(endpoints.map(|endpoints| {
            let registration = Registration {
                client_id,
                credential,
                scopes,
                discovery_url: format!(
                    "{}/.well-known/openid-configuration",
                    issuer.trim_end_matches('/')
                ),
                endpoints,
                leeway,
            };
            let profile = FixedIssuer {
                issuer,
                second_factor: self.second_factor_acr_values,
            };
            (registration, profile)
        }))
    }
}

fn credential(
    secret: Option<Secret>,
    authentication: Option<ClientAuthentication>,
    key: GivenKey,
    problems: &mut Problems,
) -> Credential {
    if authentication.is_some() && secret.is_none() {
        problems.add(
            "client_authentication",
            "says nothing without `client_secret`",
        );
    }
    let with_secret = match authentication.unwrap_or_default() {
        ClientAuthentication::ClientSecretBasic => Credential::SecretBasic,
        ClientAuthentication::ClientSecretPost => Credential::SecretPost,
    };
    key.or_secret(secret, with_secret, problems)
}
