//! The discovery document, cut down to what a sign-in needs.

use openidconnect::core::{
    CoreAuthDisplay, CoreClaimName, CoreClaimType, CoreClientAuthMethod, CoreGrantType,
    CoreJsonWebKey, CoreJweContentEncryptionAlgorithm, CoreJweKeyManagementAlgorithm,
    CoreResponseMode, CoreResponseType, CoreSubjectIdentifierType,
};
use openidconnect::{AdditionalProviderMetadata, ProviderMetadata};
use serde::{Deserialize, Serialize};
use url::Url;

use crate::endpoints::{Endpoints, UrlRefused};
use crate::rejection::NotSignedIn;

const DOCUMENT: &str = "discovery document";

/// What a sign-in needs of a discovery document. Its endpoints have been checked.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Discovery {
    /// As printed; a template where the authority serves many tenants.
    pub(crate) issuer: String,
    pub(crate) authorization_endpoint: Url,
    pub(crate) token_endpoint: Url,
    pub(crate) jwks_uri: Url,
    /// Only where the profile asks there.
    pub(crate) userinfo_endpoint: Option<Url>,
    /// Whether every authorization response names its issuer (RFC 9207).
    pub(crate) responses_name_issuer: bool,
}

/// The member of RFC 9207, which the crate does not know.
#[derive(Clone, Debug, Deserialize, Serialize)]
struct ResponseIssuer {
    #[serde(default)]
    authorization_response_iss_parameter_supported: bool,
}

impl AdditionalProviderMetadata for ResponseIssuer {}

type Metadata = ProviderMetadata<
    ResponseIssuer,
    CoreAuthDisplay,
    CoreClientAuthMethod,
    CoreClaimName,
    CoreClaimType,
    CoreGrantType,
    CoreJweContentEncryptionAlgorithm,
    CoreJweKeyManagementAlgorithm,
    CoreJsonWebKey,
    CoreResponseMode,
    CoreResponseType,
    CoreSubjectIdentifierType,
>;

#[derive(Deserialize)]
struct EndSession {
    end_session_endpoint: Option<String>,
}

impl Discovery {
    /// Where the provider ends its own sessions (OpenID Connect RP-Initiated Logout, 2.1).
    ///
    /// - `body`: a discovery document that [`Discovery::read`] takes.
    ///
    /// # Errors
    /// [`NotSignedIn::NoEndSession`] where the provider has no such place; [`NotSignedIn::EndpointRefused`].
    pub(crate) fn end_session_endpoint(
        body: &str,
        endpoints: &Endpoints,
    ) -> Result<Url, NotSignedIn> {
        let named: EndSession =
            serde_json::from_str(body).map_err(|_| NotSignedIn::DocumentUnreadable {
                document: DOCUMENT,
                why: "its `end_session_endpoint` is no text",
            })?;
        let named = named
            .end_session_endpoint
            .ok_or(NotSignedIn::NoEndSession)?;
        let refused = |why| NotSignedIn::EndpointRefused {
            endpoint: "end_session_endpoint",
            why,
        };
        let url = Url::parse(&named).map_err(|_| refused(UrlRefused::NotAbsolute))?;
        endpoints.check(&url).map_err(refused)?;
        Ok(url)
    }

    /// Reads a discovery document.
    ///
    /// The crate's own `discover` is not used: it refuses the documents of authorities that serve many tenants,
    /// whose issuer is a template. Whether the issuer is the expected one is for the caller to judge.
    ///
    /// - `user_info`: whether the profile asks at the UserInfo endpoint; otherwise it may be anywhere.
    ///
    /// # Errors
    /// What cannot be read, or the first endpoint that may not be used.
    pub(crate) fn read(
        body: &str,
        endpoints: &Endpoints,
        user_info: bool,
    ) -> Result<Self, NotSignedIn> {
        let metadata: Metadata =
            serde_json::from_str(body).map_err(|_| NotSignedIn::DocumentUnreadable {
                document: DOCUMENT,
                why: "not a discovery document of OpenID Connect",
            })?;
        let token_endpoint = metadata
            .token_endpoint()
            .ok_or(NotSignedIn::DocumentUnreadable {
                document: DOCUMENT,
                why: "it names no token endpoint",
            })?;
        let checked = |endpoint: &'static str, url: &Url| {
            endpoints
                .check(url)
                .map(|()| url.clone())
                .map_err(|why| NotSignedIn::EndpointRefused { endpoint, why })
        };
        let userinfo_endpoint = metadata.userinfo_endpoint().filter(|_| user_info);
        Ok(Self {
            issuer: metadata.issuer().to_string(),
            authorization_endpoint: checked(
                "authorization_endpoint",
                metadata.authorization_endpoint().url(),
            )?,
            token_endpoint: checked("token_endpoint", token_endpoint.url())?,
            jwks_uri: checked("jwks_uri", metadata.jwks_uri().url())?,
            userinfo_endpoint: userinfo_endpoint
                .map(|url| checked("userinfo_endpoint", url.url()))
                .transpose()?,
            responses_name_issuer: metadata
                .additional_metadata()
                .authorization_response_iss_parameter_supported,
        })
    }
}
