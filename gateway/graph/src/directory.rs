//! The directory: people and how they are invited, and the settings that bear on it.
//!
//! Source: specification "Graph API" 1, 2 and 4.

mod authorization;
mod b2b_policies;
mod cross_tenant;
mod documents;
mod email_method;
mod federations;
mod identity_providers;
mod invitations;
mod profile;
mod scopes;
mod settings;
mod shape;
mod sharepoint;
mod standing;
mod users;
mod write;

use http::Method;

use crate::api::Api;
use crate::caller::Caller;
use crate::error::{ApiError, Area};
use crate::request::{Request, Version, is};
use crate::response::Response;

pub use cross_tenant::lay_over;
pub(crate) use profile::SESSIONS_FROM;
pub use standing::{ProviderStanding, Standing, standings};

/// One call, and who makes it.
pub(crate) struct Call<'a> {
    pub(crate) api: &'a Api,
    pub(crate) caller: &'a Caller,
    pub(crate) request: &'a Request,
}

impl Call<'_> {
    /// The tenant as it is configured, with what was set laid over it.
    fn tenant(&self) -> Result<gateway_config::model::Tenant, ApiError> {
        let configuration = self.api.surroundings().configuration();
        let tenant = configuration.tenants.get(&self.caller.tenant);
        tenant
            .cloned()
            .ok_or_else(|| ApiError::not_found(self.request.area()))
    }

    fn method_not_allowed<T>(&self, allow: &'static str) -> Result<T, ApiError> {
        Err(ApiError::method_not_allowed(self.request.area(), allow))
    }

    fn area(&self) -> Area {
        self.request.area()
    }

    /// A new id: a lower-case GUID.
    fn new_id(&self) -> Result<String, ApiError> {
        let random = self.api.surroundings().random();
        let random = random.map_err(|error| ApiError::unavailable(self.area(), error))?;
        Ok(guid(&random))
    }
}

/// A random GUID (version 4) of random bytes.
///
/// Source: RFC 9562 5.4.
pub(crate) fn guid(random: &[u8; 32]) -> String {
    let mut hex = String::with_capacity(36);
    for (index, byte) in random.iter().take(16).enumerate() {
        let byte = match index {
            6 => (byte & 0x0f) | 0x40,
            8 => (byte & 0x3f) | 0x80,
            _ => *byte,
        };
        if matches!(index, 4 | 6 | 8 | 10) {
            hex.push('-');
        }
        hex.push_str(&format!("{byte:02x}"));
    }
    hex
}

/// Answers a call.
pub(crate) async fn answer(
    api: &Api,
    caller: &Caller,
    request: Request,
) -> Result<Response, ApiError> {
    let call = Call {
        api,
        caller,
        request: &request,
    };
    let path = request.path();
    let lower: Vec<String> = path.iter().map(|name| name.to_ascii_lowercase()).collect();
    let lower: Vec<&str> = lower.iter().map(String::as_str).collect();
    match lower.as_slice() {
        ["invitations"] => invitations::answer(&call).await,
        ["users", ..] => users::answer(&call, path.get(1..).unwrap_or_default()).await,
        ["directory", "deleteditems", ..] => {
            users::deleted(&call, path.get(2..).unwrap_or_default()).await
        }
        ["directory", "federationconfigurations", ..] => {
            federations::answer(&call, path.get(2..).unwrap_or_default()).await
        }
        ["admin", "sharepoint", "settings"] => sharepoint::answer(&call).await,
        ["policies", "authorizationpolicy"]
        | ["policies", "authorizationpolicy", "authorizationpolicy"] => {
            authorization::answer(&call).await
        }
        ["policies", "crosstenantaccesspolicy", ..] => {
            cross_tenant::answer(&call, path.get(2..).unwrap_or_default()).await
        }
        ["policies", "b2bmanagementpolicies", ..] => {
            b2b_policies::answer(&call, path.get(2..).unwrap_or_default()).await
        }
        ["legacy", "policies", ..] if request.version == Version::Beta => {
            b2b_policies::answer(&call, path.get(2..).unwrap_or_default()).await
        }
        [
            "policies",
            "authenticationmethodspolicy",
            "authenticationmethodconfigurations",
            "email",
        ] => email_method::answer(&call).await,
        ["identity", "identityproviders", ..] => {
            identity_providers::answer(&call, path.get(2..).unwrap_or_default()).await
        }
        _ => Err(ApiError::not_found(request.area())),
    }
}

/// Whether it is one of `methods`, or a complaint.
fn only(call: &Call<'_>, methods: &[Method], allow: &'static str) -> Result<(), ApiError> {
    if methods.contains(&call.request.method) {
        Ok(())
    } else {
        call.method_not_allowed(allow)
    }
}

/// Whether a segment names that type, with `microsoft.graph.` before it, `graph.`, or nothing.
fn is_cast(segment: &str, name: &str) -> bool {
    let bare = segment
        .strip_prefix("microsoft.graph.")
        .or_else(|| segment.strip_prefix("graph."))
        .unwrap_or(segment);
    is(bare, name)
}

#[cfg(test)]
mod tests;
