//! What the provider knows about us, and we about it.

use crate::credential::Credential;
use crate::endpoints::Endpoints;

/// What the provider knows about us, and we about it.
#[derive(Clone, Debug)]
pub struct Registration {
    /// Our identifier at the provider.
    pub client_id: String,
    /// How we prove at the token endpoint that we are that client.
    pub credential: Credential,
    /// What is asked for; `openid` always is.
    pub scopes: Vec<String>,
    /// Where the discovery document is.
    pub discovery_url: String,
    /// The provider's hosts.
    pub endpoints: Endpoints,
    /// Difference allowed between the provider's clock and ours, seconds, 0 to 300.
    pub leeway: i64,
}
