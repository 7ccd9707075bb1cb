//! The OpenID configuration and the key sets, as Entra prints them.

use serde_json::{Map, Value, json};

use super::authority::Authority;
use crate::jose::KeyNotMade;
use crate::service::Service;
use crate::shared::Shared;
use crate::urls::Origins;
use crate::world::{CONSUMER_TENANT, Cloud};

/// The placeholder in the issuer of authorities that stand for many tenants.
const TENANT_PLACEHOLDER: &str = "{tenantid}";

/// The OpenID configuration. It says nothing about PKCE, as the real one, which does require it here.
pub(super) fn document(authority: &Authority, asked: Cloud, origins: &Origins) -> Value {
    let home = match authority {
        Authority::Tenant(organisation) => organisation.cloud,
        Authority::Organizations | Authority::Common | Authority::Consumers => asked,
    };
    let origin = origins.of(Service::entra(home));
    let segment = match authority {
        Authority::Tenant(organisation) => &organisation.tenant_id,
        Authority::Organizations => "organizations",
        Authority::Common => "common",
        Authority::Consumers => "consumers",
    };
    let (instance, graph, rbac) = hosts(home);
    let mut document = json!({
        "token_endpoint": format!("{origin}/{segment}/oauth2/v2.0/token"),
        "token_endpoint_auth_methods_supported": ["client_secret_post", "client_secret_basic"],
        "jwks_uri": format!("{origin}/{segment}/discovery/v2.0/keys"),
        "response_modes_supported": ["query", "form_post"],
        "subject_types_supported": ["pairwise"],
        "id_token_signing_alg_values_supported": ["RS256"],
        "response_types_supported": ["code"],
        "scopes_supported": ["openid", "profile", "email", "offline_access"],
        "issuer": issuer(authority, origin),
        "request_uri_parameter_supported": false,
        "authorization_endpoint": format!("{origin}/{segment}/oauth2/v2.0/authorize"),
        "http_logout_supported": true,
        "frontchannel_logout_supported": true,
        "end_session_endpoint": format!("{origin}/{segment}/oauth2/v2.0/logout"),
        "claims_supported": [
            "sub", "iss", "cloud_instance_name", "cloud_graph_host_name", "msgraph_host", "aud", "exp",
            "iat", "auth_time", "acr", "nonce", "preferred_username", "name", "tid", "ver", "at_hash",
            "c_hash", "email",
        ],
        "tenant_region_scope": null,
        "cloud_instance_name": instance,
        "cloud_graph_host_name": graph,
        "msgraph_host": graph,
        "rbac_url": rbac,
    });
    if let (Authority::Tenant(organisation), Some(members)) = (authority, document.as_object_mut())
    {
        members.insert(
            "tenant_region_scope".to_owned(),
            json!(organisation.region_scope),
        );
        if let Some(sub_scope) = &organisation.region_sub_scope {
            members.insert("tenant_region_sub_scope".to_owned(), json!(sub_scope));
        }
    }
    document
}

/// The key set. Each key says in the non-standard member `issuer` whose tokens it may sign.
pub(super) async fn key_set(
    authority: &Authority,
    cloud: Cloud,
    shared: &Shared,
) -> Result<Value, KeyNotMade> {
    let origin = shared.origins.of(Service::entra(cloud));
    let mut keys = Vec::new();
    if !matches!(authority, Authority::Consumers) {
        let issuer = format!("{origin}/{TENANT_PLACEHOLDER}/v2.0");
        keys.append(&mut published(shared, Service::entra(cloud), &issuer).await?);
    }
    if cloud == Cloud::Worldwide {
        let issuer = format!("{origin}/{CONSUMER_TENANT}/v2.0");
        keys.append(&mut published(shared, Service::MicrosoftAccount, &issuer).await?);
    }
    Ok(json!({"keys": keys}))
}

fn issuer(authority: &Authority, origin: &str) -> String {
    let tenant = match authority {
        Authority::Tenant(organisation) => &organisation.tenant_id,
        Authority::Organizations | Authority::Common => TENANT_PLACEHOLDER,
        Authority::Consumers => CONSUMER_TENANT,
    };
    format!("{origin}/{tenant}/v2.0")
}

fn hosts(cloud: Cloud) -> (&'static str, &'static str, &'static str) {
    match cloud {
        Cloud::Worldwide => (
            "microsoftonline.com",
            "graph.microsoft.com",
            "https://pas.windows.net",
        ),
        Cloud::UsGovernment => (
            "microsoftonline.us",
            "graph.microsoft.us",
            "https://pasff.usgovcloudapi.net",
        ),
        Cloud::China => (
            "partner.microsoftonline.cn",
            "microsoftgraph.chinacloudapi.cn",
            "https://pas.chinacloudapi.cn",
        ),
    }
}

async fn published(
    shared: &Shared,
    service: Service,
    issuer: &str,
) -> Result<Vec<Map<String, Value>>, KeyNotMade> {
    let keys = shared.keyring(service).published().await?;
    let with_issuer = keys.iter().map(|key| {
        let mut jwk = key.jwk();
        jwk.insert("issuer".to_owned(), json!(issuer));
        jwk
    });
    Ok(with_issuer.collect())
}
