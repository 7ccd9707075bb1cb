//! What the providers of a tenant are to it: set up by the operator and in use, given up through the API, or kept by the
//! API alone.
//!
//! A provider is set up by its file; the API gives it up, and takes that back. What the API knows and no file sets up is
//! kept and shown, and signs nobody in.
//!
//! Source: specification "Graph API" 4.5; "sharing rules" 6.

use aws_lc_rs::digest::{SHA256, digest};
use gateway_config::model::{Configuration, Provider, Tenant};
use gateway_core::id::ProviderKind;
use gateway_core::settings::TenantSettings;
use gateway_core::settings::directory::Federation;
use gateway_store::model::Document;
use serde_json::Value;

use super::{federations, guid, identity_providers};

/// Kinds of provider that were given up, by kind.
pub(super) const GIVEN_UP: &str = "identityProviders/givenUp";
/// Federations that were deleted although a file sets them up, by [`federation_id`].
pub(super) const REMOVED: &str = "federationConfigurations/removed";

/// How a provider stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// It signs people in.
    On,
    /// It is set up, and was given up through the API.
    GivenUp,
    /// Only the API knows it: there is no provider for it, and it signs nobody in.
    NoProvider,
}

/// A provider of a tenant, or one federation of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProviderStanding {
    /// Its id in the configuration, where there is one; else its key in the API.
    pub id: String,
    /// Its kind: `google`, `saml`, ….
    pub kind: String,
    /// The issuer, of a federation.
    pub issuer: Option<String>,
    /// The domains that a federation speaks for.
    pub domains: Vec<String>,
    /// How it stands.
    pub standing: Standing,
}

/// The id of a federation that a file sets up: the same as long as provider and issuer are.
pub(super) fn federation_id(federation: &Federation) -> String {
    let provider = federation.provider.as_ref().map(|id| id.as_str());
    let text = format!("{} {}", provider.unwrap_or_default(), federation.issuer);
    let mut bytes = [0; 32];
    let hashed = digest(&SHA256, text.as_bytes());
    for (to, from) in bytes.iter_mut().zip(hashed.as_ref()) {
        *to = *from;
    }
    guid(&bytes)
}

/// The providers that files set up for the tenant.
pub(super) fn set_up<'c>(
    configuration: &'c Configuration,
    tenant: &'c Tenant,
) -> impl Iterator<Item = &'c Provider> {
    let all = configuration.providers.values();
    all.filter(|one| one.serves(&tenant.id))
}

/// The federations that files set up for the tenant, deleted ones among them.
pub(super) fn federations_of(configuration: &Configuration, tenant: &Tenant) -> Vec<Federation> {
    let saml = set_up(configuration, tenant).filter(|one| one.trust.kind.as_str() == "saml");
    saml.flat_map(Provider::federations).collect()
}

/// Lays over a tenant's settings what was given up.
pub(super) fn lay_over(settings: &mut TenantSettings, documents: &[&Document]) {
    let keys = |collection: &str| {
        let own = documents.iter().filter(|one| one.collection == collection);
        own.map(|one| one.key.as_str()).collect::<Vec<_>>()
    };
    let kinds = keys(GIVEN_UP);
    let kinds = kinds.iter().filter_map(|key| ProviderKind::parse(key).ok());
    settings.directory.given_up.extend(kinds);
    let removed = keys(REMOVED);
    settings
        .directory
        .federations
        .retain(|one| !removed.contains(&federation_id(one).as_str()));
}

/// How the tenant's providers stand.
///
/// - `documents`: what the API keeps for the tenant.
#[must_use]
pub fn standings(
    configuration: &Configuration,
    tenant: &Tenant,
    documents: &[Document],
) -> Vec<ProviderStanding> {
    let holds = |collection: &str, key: &str| {
        let mut all = documents.iter();
        all.any(|one| one.collection == collection && one.key == key)
    };
    let on = |given_up| match given_up {
        true => Standing::GivenUp,
        false => Standing::On,
    };
    let federations = federations_of(configuration, tenant);
    let mut all: Vec<ProviderStanding> = set_up(configuration, tenant)
        .filter(|one| one.trust.kind.as_str() != "saml")
        .map(|one| {
            let kind = one.trust.kind.as_str();
            let passcodes = kind == "email-otp";
            let off = passcodes && !tenant.mails_passcodes(&configuration.clouds);
            ProviderStanding {
                id: one.id.to_string(),
                kind: kind.to_owned(),
                issuer: None,
                domains: Vec::new(),
                standing: on(off || holds(GIVEN_UP, kind)),
            }
        })
        .collect();
    all.extend(federations.iter().map(|one| {
        ProviderStanding {
            id: one
                .provider
                .as_ref()
                .map(ToString::to_string)
                .unwrap_or_default(),
            kind: "saml".to_owned(),
            issuer: Some(one.issuer.clone()),
            domains: one.domains.iter().map(ToString::to_string).collect(),
            standing: on(holds(REMOVED, &federation_id(one))),
        }
    }));
    all.extend(documents.iter().filter_map(|one| {
        let kept = match one.collection.as_str() {
            identity_providers::COLLECTION => {
                let kind = identity_providers::kind_of(&one.key)?;
                let mut files = set_up(configuration, tenant);
                let served = files.any(|file| file.trust.kind.as_str() == kind);
                (!served).then_some((kind.to_owned(), None, Vec::new()))
            }
            federations::COLLECTION => {
                let issuer = one.body.get("issuerUri").and_then(Value::as_str)?;
                let domains = federations::own_domains(one.body.as_object()?);
                let served = federations
                    .iter()
                    .any(|file| file.issuer == issuer && file.domains == domains);
                let domains = domains.iter().map(ToString::to_string).collect();
                (!served).then(|| ("saml".to_owned(), Some(issuer.to_owned()), domains))
            }
            _ => None,
        };
        let (kind, issuer, domains) = kept?;
        Some(ProviderStanding {
            id: one.key.clone(),
            kind,
            issuer,
            domains,
            standing: Standing::NoProvider,
        })
    }));
    all
}
