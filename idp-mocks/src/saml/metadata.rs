//! The metadata that the partner publishes (SAML metadata, 2.4.3).

use std::sync::Arc;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use super::Places;
use super::fault::SamlFault;
use super::key::{Key, NoKey, Scheme};
use super::manner::{Binding, Manner, NameIdKind};
use super::signature::{Pen, Reference};
use super::spoils::Spoils;
use super::times;
use super::tree::{Element, PROTOCOL, ds, md};

const DAY: u64 = 86_400;

/// The document. `keys`: those that sign, newest first.
pub(crate) fn document(
    places: &Places,
    manner: &Manner,
    keys: &[Arc<Key>],
    spoils: &Spoils,
    now: u64,
) -> Result<String, NoKey> {
    let mut role = md("IDPSSODescriptor")
        .with("protocolSupportEnumeration", PROTOCOL)
        .with(
            "WantAuthnRequestsSigned",
            if manner.wants_signed_requests {
                "true"
            } else {
                "false"
            },
        );
    for key in keys {
        role = role.holding(descriptor(key, spoils));
    }
    for binding in Binding::ALL {
        role = role.holding(service("SingleLogoutService", binding, &places.logout));
    }
    for kind in [
        NameIdKind::Persistent,
        NameIdKind::Transient,
        NameIdKind::Email,
    ] {
        role = role.holding(md("NameIDFormat").text(kind.format()));
    }
    let sign_on = if spoils.has(SamlFault::OtherSignOnHost) {
        "https://other-host.invalid/saml/sso"
    } else {
        &places.sign_on
    };
    for binding in Binding::ALL {
        role = role.holding(service("SingleSignOnService", binding, sign_on));
    }
    let entity_id = if spoils.has(SamlFault::OtherEntity) {
        "https://other-entity.invalid/"
    } else {
        &places.entity_id
    };
    let ends = if spoils.has(SamlFault::EndedMetadata) {
        Some(now.saturating_sub(DAY))
    } else {
        manner.metadata_days.map(|days| now + days * DAY)
    };
    let mut root = md("EntityDescriptor")
        .with("ID", &super::fresh_id())
        .with("entityID", entity_id)
        .with_some("validUntil", ends.map(times::written).as_deref())
        .holding(role);
    if let (true, Some(key)) = (manner.signs_metadata, keys.first()) {
        let pen = Pen {
            key,
            scheme: Scheme::Hash(manner.hash),
            sha1_digest: false,
        };
        let signature = pen.sign(&[Reference::to(&root)])?;
        root.insert(0, signature);
    }
    let before = if spoils.has(SamlFault::MetadataDoctype) {
        "<!DOCTYPE EntityDescriptor [<!ENTITY a \"b\">]>"
    } else {
        ""
    };
    Ok(format!("{before}{}", root.document()))
}

fn descriptor(key: &Key, spoils: &Spoils) -> Element {
    let purpose = if spoils.has(SamlFault::KeysWithoutUse) {
        None
    } else if spoils.has(SamlFault::NoSigningKeys) {
        Some("encryption")
    } else {
        Some("signing")
    };
    let certificate = STANDARD.encode(key.certificate());
    let data = ds("X509Data").holding(ds("X509Certificate").text(&certificate));
    md("KeyDescriptor")
        .with_some("use", purpose)
        .holding(ds("KeyInfo").holding(data))
}

fn service(local: &str, binding: Binding, location: &str) -> Element {
    md(local)
        .with("Binding", binding.uri())
        .with("Location", location)
}
