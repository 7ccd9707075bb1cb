//! Access as documents say it: checked, read, and laid over the settings.

use gateway_core::cloud::{Clouds, Relation};
use gateway_core::settings::directory::InboundTrust;
use gateway_core::settings::{Partner, TenantSettings};
use gateway_store::model::Document;
use serde_json::{Map, Value, json};

use super::{ACCESS, COLLECTION, PARTNERS};
use crate::directory::shape::is_guid;
use crate::directory::standing;
use crate::error::ApiError;
use crate::request::{Given, Object};

pub(super) fn trust_shown(trust: InboundTrust) -> Value {
    json!({
        "isMfaAccepted": trust.mfa,
        "isCompliantDeviceAccepted": trust.compliant_device,
        "isHybridAzureADJoinedDeviceAccepted": trust.hybrid_device,
    })
}

/// Checks the words of access settings, and that users are not blocked without applications.
///
/// Source: specification "sharing rules" 5.4 (block of all users goes with block of all applications).
pub(super) fn judge_access(given: &Object) -> Result<(), ApiError> {
    for name in ACCESS {
        let Given::Value(access) = given.object(name)? else {
            continue;
        };
        let mut blocked = Vec::new();
        for part in ["usersAndGroups", "applications"] {
            let Given::Value(part) = access.object(part)? else {
                continue;
            };
            let kind = part.required("accessType", 16)?;
            if kind != "allowed" && kind != "blocked" {
                return Err(given.bad("`accessType` must be one of allowed, blocked."));
            }
            let targets = part.objects("targets", 1000)?.value().unwrap_or_default();
            let mut all = false;
            for target in &targets {
                let whom = target.required("target", 64)?;
                let everyone = ["AllUsers", "AllApplications"].contains(&whom.as_str());
                if !everyone && whom != "Office365" && !is_guid(&whom) {
                    return Err(given.bad("`target` must be a GUID or one of the known words."));
                }
                let kind = target.required("targetType", 16)?;
                if !["user", "group", "application"].contains(&kind.as_str()) {
                    return Err(given.bad("`targetType` must be one of user, group, application."));
                }
                all |= everyone;
            }
            blocked.push(all && kind == "blocked");
        }
        if let [users, applications] = blocked.as_slice()
            && users != applications
        {
            let message = "All users and all applications are blocked together, or neither is.";
            return Err(given.bad(message));
        }
    }
    if let Given::Value(trust) = given.object("inboundTrust")? {
        for name in [
            "isMfaAccepted",
            "isCompliantDeviceAccepted",
            "isHybridAzureADJoinedDeviceAccepted",
        ] {
            trust.flag(name)?;
        }
    }
    if let Given::Value(consent) = given.object("automaticUserConsentSettings")? {
        consent.flag("inboundAllowed")?;
        consent.flag("outboundAllowed")?;
    }
    Ok(())
}

/// Whether people come in, as far as a document says. What names single people or applications cannot be told apart here,
/// and counts as blocked: on doubt nobody comes in.
pub(super) fn reads_inbound(body: &Map<String, Value>) -> Option<bool> {
    let inbound = body.get("b2bCollaborationInbound")?.as_object()?;
    let open = |part: &str, all: &str| {
        let Some(part) = inbound.get(part).filter(|part| part.is_object()) else {
            return true;
        };
        let targets = part.get("targets").and_then(Value::as_array);
        let everybody = targets.is_some_and(|targets| {
            targets
                .iter()
                .any(|one| one.get("target") == Some(&json!(all)))
        });
        let allowed = part.get("accessType") == Some(&json!("allowed"));
        allowed && everybody
    };
    let office = open("applications", "AllApplications") || open("applications", "Office365");
    Some(open("usersAndGroups", "AllUsers") && office)
}

fn reads_trust(body: &Map<String, Value>, otherwise: InboundTrust) -> InboundTrust {
    let trust = body.get("inboundTrust").and_then(Value::as_object);
    let flag = |name: &str, otherwise: bool| {
        let given = trust
            .and_then(|trust| trust.get(name))
            .and_then(Value::as_bool);
        given.unwrap_or(otherwise)
    };
    InboundTrust {
        mfa: flag("isMfaAccepted", otherwise.mfa),
        compliant_device: flag("isCompliantDeviceAccepted", otherwise.compliant_device),
        hybrid_device: flag(
            "isHybridAzureADJoinedDeviceAccepted",
            otherwise.hybrid_device,
        ),
    }
}

/// Lays what was set through the API over a tenant's settings, as far as it is no
/// [`StoredSetting`](gateway_store::model::StoredSetting): the cross-tenant access policy, and the providers that were given
/// up.
///
/// Over a partner that the configuration declares only what takes away counts. A partner that only the API knows lives in
/// the tenant's own instance: its cloud is not among what Graph says of it, and partners in other clouds are declared.
pub fn lay_over<'a>(
    settings: &mut TenantSettings,
    documents: impl Iterator<Item = &'a Document>,
    clouds: &Clouds,
) {
    let documents: Vec<&Document> = documents.collect();
    standing::lay_over(settings, &documents);
    let cloud = settings.cloud.clone();
    let cross = &mut settings.directory.cross_tenant;
    let members = |collection: &str, key: Option<&str>| {
        let own = documents.iter().filter(move |one| {
            one.collection == collection && key.is_none_or(|key| one.key == key)
        });
        own.filter_map(|one| Some((one.key.clone(), one.body.as_object()?.clone())))
            .collect::<Vec<_>>()
    };
    for (_, body) in members(COLLECTION, Some("policy")) {
        let endpoints = body.get("allowedCloudEndpoints").and_then(Value::as_array);
        for endpoint in endpoints.into_iter().flatten().filter_map(Value::as_str) {
            let named = clouds.0.iter().filter(|(name, one)| {
                one.instance == endpoint && clouds.relation(name, &cloud) == Relation::Mutual
            });
            cross.clouds.extend(named.map(|(name, _)| name.clone()));
        }
    }
    for (_, body) in members(COLLECTION, Some("default")) {
        if let Some(inbound) = reads_inbound(&body) {
            cross.default_inbound = inbound;
        }
        cross.default_trust = reads_trust(&body, cross.default_trust);
    }
    for (id, body) in members(PARTNERS, None) {
        let inbound = reads_inbound(&body);
        match cross.partners.get_mut(&id) {
            Some(declared) => {
                declared.inbound &= inbound.unwrap_or(true);
                let trust = reads_trust(&body, declared.trust);
                declared.trust.mfa &= trust.mfa;
                declared.trust.compliant_device &= trust.compliant_device;
                declared.trust.hybrid_device &= trust.hybrid_device;
            }
            None => {
                let consent = body.get("automaticUserConsentSettings");
                let consent = consent.and_then(|consent| consent.get("inboundAllowed"));
                let partner = Partner {
                    cloud: cloud.clone(),
                    inbound: inbound.unwrap_or(cross.default_inbound),
                    reciprocated: true,
                    trust: reads_trust(&body, cross.default_trust),
                    automatic_redemption: consent == Some(&Value::Bool(true)),
                    automatic_redemption_at_home: false,
                };
                cross.partners.insert(id, partner);
            }
        }
    }
}
