//! Who calls the management API.

use bytes::Bytes;
use http::Request;
use http::header::CONTENT_TYPE;
use http_body_util::{BodyExt as _, Full};
use serde_json::Value;
use url::form_urlencoded::Serializer;

use super::World;
use crate::api::Api;
use crate::network::{Body, Network};
use crate::{Outcome, ensure, says};

/// Contoso's tenant in its cloud.
const CONTOSO: &str = "11111111-1111-4111-8111-111111111111";
/// Everything the demo's client for programs may do.
const EVERYTHING: &str = "https://graph.microsoft.com/.default";

impl World {
    /// The API as the demo's client for programs calls it for `username` at Contoso, with a token of its Entra.
    ///
    /// # Errors
    /// If it gives none.
    pub async fn api_for(&self, username: &str) -> Outcome<Api> {
        let form = [
            ("grant_type", "password"),
            ("username", username),
            ("password", "every password is right"),
            ("scope", EVERYTHING),
        ];
        self.api_by(&form).await
    }

    /// The API as that client calls it for itself.
    ///
    /// # Errors
    /// If Entra gives no token.
    pub async fn api_for_program(&self) -> Outcome<Api> {
        let form = [("grant_type", "client_credentials"), ("scope", EVERYTHING)];
        self.api_by(&form).await
    }

    /// The API as somebody calls it who can use the gateway's keys.
    ///
    /// - `scopes`: what the token is for; everything if empty.
    ///
    /// # Errors
    /// If `vestibule token` gives none.
    pub async fn api_for_operator(&self, tenant: &str, scopes: &[&str]) -> Outcome<Api> {
        let token = self.operator_token(tenant, scopes).await?;
        Ok(Api::new(&self.network, &self.api, &token))
    }

    /// What `vestibule token` gives.
    ///
    /// # Errors
    /// If it gives nothing.
    pub async fn operator_token(&self, tenant: &str, scopes: &[&str]) -> Outcome<String> {
        let everything = [
            "Vestibule.ReadWrite.All",
            "User.Invite.All",
            "User.ReadWrite.All",
            "Directory.ReadWrite.All",
            "Files.ReadWrite.All",
            "Sites.FullControl.All",
            "SharePointTenantSettings.ReadWrite.All",
            "Policy.Read.All",
            "Policy.ReadWrite.Authorization",
            "Policy.ReadWrite.CrossTenantAccess",
            "Policy.ReadWrite.AuthenticationMethod",
            "Policy.ReadWrite.B2BManagementPolicy",
            "IdentityProvider.ReadWrite.All",
            "AuditLog.Read.All",
        ];
        let scopes = if scopes.is_empty() {
            &everything[..]
        } else {
            scopes
        };
        let mut arguments = vec!["token", "--tenant", tenant, "--ttl", "1h"];
        // For every gateway of a fleet, whatever its own origin.
        arguments.extend(["--audience", "https://graph.microsoft.com"]);
        for scope in scopes {
            arguments.extend(["--scope", scope]);
        }
        let output = self.gateway.call().run(&arguments).await?;
        ensure!(
            output.status.success(),
            "no token: {}",
            String::from_utf8_lossy(&output.stderr)
        );
        Ok(String::from_utf8(output.stdout)?.trim().to_owned())
    }

    async fn api_by(&self, form: &[(&str, &str)]) -> Outcome<Api> {
        let entra = &self.mocks.urls().entra_worldwide.origin;
        let content = Serializer::new(String::new())
            .append_pair("client_id", "99999999-0000-4000-8000-000000000001")
            .append_pair("client_secret", "demo-programs-secret")
            .extend_pairs(form)
            .finish();
        let request = Request::post(format!("{entra}/{CONTOSO}/oauth2/v2.0/token"))
            .header(CONTENT_TYPE, "application/x-www-form-urlencoded")
            .body(Body::new(
                Full::new(Bytes::from(content)).map_err(|never| match never {}),
            ))?;
        let answer = Network::plain().send(request).await?;
        let status = answer.status();
        let answer: Value = serde_json::from_slice(&answer.collect().await?.to_bytes())?;
        ensure!(status.is_success(), "no token: {status} {answer}");
        Ok(Api::new(
            &self.network,
            &self.api,
            says(&answer, "access_token"),
        ))
    }
}
