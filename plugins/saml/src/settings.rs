//! The settings of a federation, read with every problem at once.

mod keys;
mod problems;
mod source;

use std::collections::BTreeSet;

use plugins_sdk::limits;
use plugins_sdk::message::SettingProblem;
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::Value;

use crate::federation::{Federation, Identity};
use crate::place::{self, Hosts};
use crate::secret::{Secret, Secrets};
use crate::trust::Binding;

use problems::Problems;

/// The context of the profile that research and education agreed on.
pub(crate) const REFEDS_MFA: &str = "https://refeds.org/profile/mfa";

const MOST_LEEWAY: i64 = 300;
const DEFAULT_LEEWAY: i64 = 180;
const LEAST_AGE: i64 = 60;
const MOST_AGE: i64 = 3600;
const DEFAULT_AGE: i64 = 300;

/// Settings of a provider of kind `saml`.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
#[schemars(extend("required" = ["entity_id", "domains"]))]
pub(crate) struct Settings {
    /// The partner's entity id, exactly as its metadata and its assertions print it.
    entity_id: Option<String>,
    /// The partner's metadata, as text: `{ file = "partner.xml" }`. One of `metadata`, `metadata_url` and
    /// `partner_certificates` is required.
    metadata: Option<String>,
    /// Where the partner publishes its metadata; https.
    metadata_url: Option<String>,
    /// The certificate, in PEM, whose key signs the partner's metadata; unsigned metadata is then refused.
    metadata_certificate: Option<String>,
    /// Where people sign in. Required with `partner_certificates`; elsewhere its host bounds where metadata may send
    /// people.
    #[serde(rename = "passiveSignInUri")]
    passive_sign_in_uri: Option<String>,
    /// The partner's text record of that name in the DNS, where its sign-in is not at one of its `domains`: the value of
    /// `passiveSignInUri`. Look it up before you write it here; nobody else does.
    #[serde(rename = "DirectFedAuthUrl")]
    direct_fed_auth_url: Option<String>,
    /// Where sign-outs are told, with `partner_certificates`.
    #[serde(rename = "signOutUri")]
    sign_out_uri: Option<String>,
    /// Certificates, in PEM, whose keys sign assertions; several during a rollover.
    partner_certificates: Vec<String>,
    /// Hosts (`host` or `host:port`) that metadata may send people to; the host of `passiveSignInUri` if left out.
    single_sign_on_hosts: Option<Vec<String>>,
    /// Our own entity id; the address of our metadata if left out.
    own_entity_id: Option<String>,
    /// Our key that signs requests and sign-outs, PKCS #8 in PEM: RSA from 2048 bits, or P-256.
    signing_key: Option<Secret>,
    /// Its certificate, in PEM. Further ones behind it are told to the partner for a rollover.
    signing_certificate: Option<String>,
    /// Our RSA keys that open encrypted assertions, PKCS #8 in PEM; several during a rollover.
    decryption_keys: Secrets,
    /// The certificate, in PEM, of the one that the partner shall encrypt to.
    encryption_certificate: Option<String>,
    /// Whether AES-CBC will do, inside a signed response.
    allow_cbc: bool,
    /// How requests go where the partner takes both ways; `redirect` if left out.
    sign_on_binding: SignOnBinding,
    /// The name format asked for; `persistent` if left out.
    name_id_format: NameIdFormat,
    /// The attribute that is the person's key, where the persistent name is not.
    subject_attribute: Option<String>,
    /// The attribute that holds the address.
    email_attribute: Option<String>,
    /// The attribute that holds a name for display.
    display_name_attribute: Option<String>,
    /// Domains whose addresses the partner may prove.
    domains: Vec<String>,
    /// The authentication context asked for where a second factor is wanted; empty for a partner that cannot be asked.
    second_factor_context: Option<String>,
    /// Further authentication contexts and methods that count as a second factor.
    second_factors: Vec<String>,
    /// Difference allowed between the partner's clock and ours, 0 to 300 seconds; 180 if left out.
    #[schemars(range(min = 0, max = 300))]
    leeway_seconds: Option<i64>,
    /// Oldest response, 60 to 3600 seconds; 300 if left out.
    #[schemars(range(min = 60, max = 3600))]
    longest_age_seconds: Option<i64>,
    /// Whether plain http will do on loopback. For tests and demonstrations.
    allow_insecure_loopback: bool,
}

/// How requests go.
#[derive(Clone, Copy, Debug, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
enum SignOnBinding {
    #[default]
    Redirect,
    Post,
}

/// A name format (SAML core, 8.3).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
enum NameIdFormat {
    #[default]
    Persistent,
    EmailAddress,
    Transient,
    Unspecified,
    /// Ask for none.
    None,
}

/// Reads settings.
///
/// # Errors
/// Every problem.
pub(crate) fn read(settings: &Value) -> Result<Federation, Vec<SettingProblem>> {
    let (read, problems) = plugins_sdk::settings::read::<Settings>(settings);
    read.check(Problems::new(problems))
}

impl Settings {
    fn check(self, mut problems: Problems) -> Result<Federation, Vec<SettingProblem>> {
        let entity_id = self.entity_id(&mut problems);
        let own_entity_id = self.own_entity_id(&mut problems);
        let hosts = self.hosts(&mut problems);
        let keys = self.keys(&mut problems);
        let (pinned, source) = self.source(entity_id, hosts, keys.signing.is_some(), &mut problems);
        let identity = self.identity(&mut problems);
        let skew = problems.within(
            "leeway_seconds",
            self.leeway_seconds,
            DEFAULT_LEEWAY,
            (0, MOST_LEEWAY),
        );
        let longest_age = problems.within(
            "longest_age_seconds",
            self.longest_age_seconds,
            DEFAULT_AGE,
            (LEAST_AGE, MOST_AGE),
        );
        let second_factor_context = self.second_factor_context(&mut problems);
        problems.none_or(source.map(|source| Federation {
            source,
            pinned,
            own_entity_id,
            key: keys.signing,
            next_certificates: keys.next_certificates,
            decryption: keys.decryption,
            encryption_certificate: keys.encryption_certificate,
            cbc: self.allow_cbc,
            binding: self.sign_on_binding.into(),
            name_id_format: self.name_id_format.identifier(),
            second_factor_context,
            identity,
            skew,
            longest_age,
        }))
    }

    fn entity_id(&self, problems: &mut Problems) -> String {
        problems.required("entity_id", self.entity_id.as_deref(), limits::CLAIM_BYTES)
    }

    fn own_entity_id(&self, problems: &mut Problems) -> Option<String> {
        let id = self.own_entity_id.as_deref()?;
        Some(problems.required("own_entity_id", Some(id), limits::CLAIM_BYTES))
    }

    fn second_factor_context(&self, problems: &mut Problems) -> Option<String> {
        let context = self.second_factor_context.as_deref().unwrap_or(REFEDS_MFA);
        let key = "second_factor_context";
        (!context.is_empty()).then(|| problems.required(key, Some(context), limits::CLAIM_BYTES))
    }

    /// The hosts that metadata may send browsers to.
    fn hosts(&self, problems: &mut Problems) -> Hosts {
        let hosts = |only| Hosts {
            only,
            allow_insecure_loopback: self.allow_insecure_loopback,
        };
        if let Some(given) = &self.single_sign_on_hosts {
            for (index, host) in given.iter().enumerate() {
                if !place::is_host_and_port(host) {
                    problems.add(
                        format!("single_sign_on_hosts.{index}"),
                        "must be `host` or `host:port` in lower case, without scheme and path",
                    );
                }
            }
            return hosts(Some(given.iter().cloned().collect()));
        }
        let uri = self.passive_sign_in_uri.as_deref();
        let url = uri.and_then(|uri| place::partner_url(uri, self.allow_insecure_loopback).ok());
        hosts(url.map(|url| BTreeSet::from([place::host_and_port(&url)])))
    }

    fn identity(&self, problems: &mut Problems) -> Identity {
        let named = |problems: &mut Problems, key: &str, value: &Option<String>| {
            let value = value.as_deref()?;
            Some(problems.required(key, Some(value), limits::CLAIM_BYTES))
        };
        let subject_attribute = named(problems, "subject_attribute", &self.subject_attribute);
        if subject_attribute.is_none() && !self.name_id_format.may_be_key() {
            problems.add(
                "subject_attribute",
                "is required: a name of the format in `name_id_format` does not identify a person for good",
            );
        }
        let configured = self.second_factors.iter().map(String::as_str);
        let asked_for = self.second_factor_context.as_deref();
        Identity {
            subject_attribute,
            email_attribute: named(problems, "email_attribute", &self.email_attribute),
            display_name_attribute: named(
                problems,
                "display_name_attribute",
                &self.display_name_attribute,
            ),
            domains: self.domains(problems),
            second_factors: configured
                .chain(asked_for)
                .chain([REFEDS_MFA])
                .filter(|context| !context.is_empty())
                .map(str::to_owned)
                .collect(),
        }
    }

    fn domains(&self, problems: &mut Problems) -> BTreeSet<String> {
        if self.domains.is_empty() && !problems.has("domains") {
            problems.add(
                "domains",
                "is required: list the domains whose addresses the partner may prove",
            );
        }
        let mut domains = BTreeSet::new();
        for (index, text) in self.domains.iter().enumerate() {
            match place::domain(text) {
                Some(domain) => {
                    domains.insert(domain);
                }
                None => problems.add(format!("domains.{index}"), "must be a domain name"),
            }
        }
        domains
    }
}

impl From<SignOnBinding> for Binding {
    fn from(binding: SignOnBinding) -> Self {
        match binding {
            SignOnBinding::Redirect => Self::Redirect,
            SignOnBinding::Post => Self::Post,
        }
    }
}

impl NameIdFormat {
    fn identifier(self) -> Option<&'static str> {
        match self {
            Self::Persistent => Some("urn:oasis:names:tc:SAML:2.0:nameid-format:persistent"),
            Self::EmailAddress => Some("urn:oasis:names:tc:SAML:1.1:nameid-format:emailAddress"),
            Self::Transient => Some("urn:oasis:names:tc:SAML:2.0:nameid-format:transient"),
            Self::Unspecified => Some("urn:oasis:names:tc:SAML:1.1:nameid-format:unspecified"),
            Self::None => None,
        }
    }

    /// Whether what comes may be a persistent name.
    fn may_be_key(self) -> bool {
        match self {
            Self::Persistent | Self::Unspecified | Self::None => true,
            Self::EmailAddress | Self::Transient => false,
        }
    }
}
