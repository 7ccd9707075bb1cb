//! What the two Microsoft providers share: authorities and the issuers of version 2.0 tokens.

use plugins_sdk::limits::LOGOUT_HINT_BYTES;
use plugins_sdk::message::{CloudEndpoints, OpenRequest};
use url::Url;

use crate::credential::{Credential, GivenKey};
use crate::endpoints::{Endpoints, authority_url, base_url, host_and_port};
use crate::id_token::IdToken;
use crate::settings::{Problems, Secret};

/// The tenant of the consumers, in every cloud that has any.
pub const CONSUMERS: &str = "9188040d-6c67-4c5b-b112-36a304b66dad";

/// Version of the tokens we take: those of version 1.0 do not say which cloud they come from.
pub const TOKEN_VERSION: &str = "2.0";

/// Where a cloud signs people in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Authority {
    /// Name of the cloud.
    pub cloud: String,
    /// The instance that the cloud lives in: `microsoftonline.com`, …
    pub instance: String,
    /// Whether another cloud that is configured signs people in at the same authority.
    pub shared: bool,
    /// Whether consumers exist there.
    pub consumers: bool,
    url: String,
    endpoints: Endpoints,
}

impl Authority {
    /// Looks up the authority of a cloud.
    ///
    /// - `cloud`: the setting `cloud`; the gateway's own cloud if absent.
    /// - `instead`: the setting `authority`, which takes the place of the cloud's own on loopback.
    ///
    /// Returns `None` after noting a problem.
    pub fn find(
        request: &OpenRequest,
        cloud: Option<&str>,
        instead: Option<&str>,
        allow_insecure_loopback: bool,
        problems: &mut Problems,
    ) -> Option<Self> {
        let name = cloud.unwrap_or(&request.cloud);
        let Some(record) = request.clouds.iter().find(|record| record.name == name) else {
            problems.add("cloud", format!("`{name}` is no cloud that is configured"));
            return None;
        };
        match Self::url(record, instead, allow_insecure_loopback) {
            Ok(url) => Some(Self {
                cloud: record.name.clone(),
                instance: record.instance.clone(),
                shared: request
                    .clouds
                    .iter()
                    .any(|other| other.name != record.name && other.authority == record.authority),
                consumers: record.consumers,
                endpoints: Endpoints::new(vec![host_and_port(&url)], allow_insecure_loopback),
                url: url.as_str().trim_end_matches('/').to_owned(),
            }),
            Err(why) => {
                let key = if instead.is_some() {
                    "authority"
                } else {
                    "cloud"
                };
                problems.add(key, why.to_string());
                None
            }
        }
    }

    fn url(
        record: &CloudEndpoints,
        instead: Option<&str>,
        allow_insecure_loopback: bool,
    ) -> Result<Url, crate::endpoints::UrlRefused> {
        match instead {
            Some(text) => authority_url(text, allow_insecure_loopback),
            None => base_url(&record.authority, false),
        }
    }

    /// The hosts to talk to.
    #[must_use]
    pub fn endpoints(&self) -> &Endpoints {
        &self.endpoints
    }

    /// Where the discovery document for `segment` is: a tenant id, `organizations` or `consumers`.
    #[must_use]
    pub fn discovery_url(&self, segment: &str) -> String {
        format!(
            "{}/{segment}/v2.0/.well-known/openid-configuration",
            self.url
        )
    }

    /// The issuer of a tenant's tokens.
    #[must_use]
    pub fn issuer(&self, tenant: &str) -> String {
        format!("{}/{tenant}/v2.0", self.url)
    }
}

/// How we show who we are: a secret, or a key that Entra knows by its certificate and by nothing else.
pub fn credential(
    secret: Option<Secret>,
    key: Option<Secret>,
    certificate: Option<String>,
    problems: &mut Problems,
) -> Credential {
    let (secret, certificate) = match key {
        Some(_) => {
            let certificate = problems.required_text("client_certificate", certificate);
            (
                secret,
                Some(certificate).filter(|text| !text.trim().is_empty()),
            )
        }
        None => (
            problems.required_secret("client_secret", secret),
            certificate,
        ),
    };
    let given = GivenKey {
        key,
        certificate,
        ..GivenKey::default()
    };
    given.or_secret(secret, Credential::SecretPost, problems)
}

/// What is sent back as `logout_hint` when the person signs out: the optional claim `login_hint`, if it is not too long
/// to be kept.
#[must_use]
pub fn logout_hint(token: &IdToken) -> Option<String> {
    let hint = token.login_hint.as_deref()?;
    (1..=LOGOUT_HINT_BYTES)
        .contains(&hint.len())
        .then(|| hint.to_owned())
}

/// Whether `text` is a GUID as Entra writes them in claims: hyphenated, lower-case.
#[must_use]
pub fn is_guid(text: &str) -> bool {
    text.len() == 36
        && text.bytes().enumerate().all(|(at, byte)| match at {
            8 | 13 | 18 | 23 => byte == b'-',
            _ => matches!(byte, b'0'..=b'9' | b'a'..=b'f'),
        })
}
