//! The partner's metadata (SAML metadata, 2.3 and 2.4): which keys sign, and where browsers go.
//!
//! A document adds and retires keys of the one entity that the settings name. It never changes who the partner is,
//! and sends nobody to a host that the settings do not allow.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use crate::anchor;
use crate::certificate;
use crate::moment;
use crate::place::{Hosts, UrlRefused};
use crate::trust::{Binding, Endpoint, IdentityProvider};
use crate::xml::{self, Element, NotStrict};

/// Largest document, bytes.
pub(crate) const MOST_BYTES: usize = 256 * 1024;
/// Most keys that may sign: each is tried when a signature is verified.
pub(crate) const MOST_KEYS: usize = 8;
/// Most places for each service.
const MOST_ENDPOINTS: usize = 16;

const MD: &str = "urn:oasis:names:tc:SAML:2.0:metadata";
const DS: &str = "http://www.w3.org/2000/09/xmldsig#";
const PROTOCOL: &str = "urn:oasis:names:tc:SAML:2.0:protocol";
const REDIRECT: &str = "urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect";
const POST: &str = "urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST";

/// The partner, as the settings or its metadata say.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Partner {
    pub(crate) provider: IdentityProvider,
    /// Whether it takes signed requests only.
    pub(crate) wants_signed_requests: bool,
    /// Seconds since the Unix epoch from which this must not be used.
    pub(crate) valid_until: Option<i64>,
    /// Seconds after which it should be fetched again.
    pub(crate) cache_duration: Option<i64>,
}

/// What metadata is judged by.
#[derive(Clone, Debug)]
pub(crate) struct Pinned {
    /// The partner's entity id.
    pub(crate) entity_id: String,
    pub(crate) hosts: Hosts,
    /// The certificate, in DER, whose key signs the metadata; none where the place it comes from is trusted.
    pub(crate) anchor: Option<Vec<u8>>,
}

/// Why metadata is not used. For operators.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum MetadataRefused {
    #[error("is not the XML that is accepted: {0}")]
    Xml(#[from] NotStrict),
    #[error("is no SAML metadata")]
    NotMetadata,
    #[error("is not signed with the key of `metadata_certificate`")]
    Signature,
    #[error("does not describe the entity `{0}`, or does so more than once")]
    OtherEntity(String),
    #[error("does not describe one SAML 2.0 identity provider")]
    NotIdentityProvider,
    #[error("names no usable key for signing")]
    NoSigningKey,
    #[error("names more than {MOST_KEYS} keys for signing")]
    TooManyKeys,
    #[error("names no place to sign in by Redirect or POST")]
    NoSignOn,
    #[error("names more than {MOST_ENDPOINTS} places")]
    TooManyEndpoints,
    #[error("names a `{service}` whose location {why}")]
    Location {
        service: &'static str,
        why: UrlRefused,
    },
    #[error("holds an unusable `{0}`")]
    Attribute(&'static str),
}

/// Reads a document.
///
/// - `text`: from the operator's file, or from the pinned URL and so under the partner's control.
///
/// # Errors
/// The first thing wrong with it.
pub(crate) fn read(text: &str, pinned: &Pinned) -> Result<Partner, MetadataRefused> {
    let text = text.trim_start_matches('\u{feff}');
    let document = match &pinned.anchor {
        None => xml::parse_commented(text.as_bytes(), MOST_BYTES)?,
        Some(anchor) => {
            // No comments either: verifiers leave them out of what they digest.
            let document = xml::parse(text.as_bytes(), MOST_BYTES)?;
            if !anchor::signs(anchor, text.as_bytes(), &document) {
                return Err(MetadataRefused::Signature);
            }
            document
        }
    };
    let entity = entity(document.root(), &pinned.entity_id)?;
    let role = role(entity)?;
    let lineage = lineage(role);
    Ok(Partner {
        provider: IdentityProvider {
            entity_id: pinned.entity_id.clone(),
            signing: signing_keys(role)?,
            single_sign_on: sign_on(role, &pinned.hosts)?,
            single_logout: endpoints(role, "SingleLogoutService", &pinned.hosts)?,
        },
        wants_signed_requests: flag(role, "WantAuthnRequestsSigned")?,
        valid_until: soonest(&lineage, "validUntil", moment::read)?,
        cache_duration: soonest(&lineage, "cacheDuration", moment::read_duration)?,
    })
}

/// The one entity of that id: the document itself, or in a federation's list.
fn entity<'t>(root: Element<'t>, id: &str) -> Result<Element<'t>, MetadataRefused> {
    let mut found = Vec::new();
    if root.is(MD, "EntityDescriptor") {
        found.push(root);
    } else if root.is(MD, "EntitiesDescriptor") {
        collect_entities(root, &mut found);
    } else {
        return Err(MetadataRefused::NotMetadata);
    }
    found.retain(|entity| entity.attribute("entityID") == Some(id));
    match found.as_slice() {
        [entity] => Ok(*entity),
        _ => Err(MetadataRefused::OtherEntity(id.to_owned())),
    }
}

/// The parser bounds the depth.
fn collect_entities<'t>(list: Element<'t>, found: &mut Vec<Element<'t>>) {
    found.extend(named(list, MD, "EntityDescriptor"));
    for nested in named(list, MD, "EntitiesDescriptor") {
        collect_entities(nested, found);
    }
}

fn role(entity: Element<'_>) -> Result<Element<'_>, MetadataRefused> {
    let speaks = |role: &Element<'_>| {
        let protocols = role.attribute("protocolSupportEnumeration");
        protocols.is_some_and(|all| all.split_ascii_whitespace().any(|one| one == PROTOCOL))
    };
    let mut roles = named(entity, MD, "IDPSSODescriptor").filter(speaks);
    match (roles.next(), roles.next()) {
        (Some(role), None) => Ok(role),
        (_, _) => Err(MetadataRefused::NotIdentityProvider),
    }
}

/// The keys for signing: those marked so, and those not marked at all (SAML metadata, 2.4.1.1). A key that cannot be
/// used is left out: it verifies nothing then.
fn signing_keys(role: Element<'_>) -> Result<Vec<Vec<u8>>, MetadataRefused> {
    let mut keys: Vec<Vec<u8>> = Vec::new();
    for descriptor in named(role, MD, "KeyDescriptor") {
        let signs = matches!(descriptor.attribute("use"), None | Some("signing"));
        let certificate = signs.then(|| certificate_of(descriptor)).flatten();
        keys.extend(certificate.filter(|der| !keys.contains(der)));
    }
    match keys.len() {
        0 => Err(MetadataRefused::NoSigningKey),
        1..=MOST_KEYS => Ok(keys),
        _ => Err(MetadataRefused::TooManyKeys),
    }
}

/// The first certificate: one `KeyInfo` describes one key, and certificates behind the first are its chain, whose keys
/// are not the partner's.
fn certificate_of(descriptor: Element<'_>) -> Option<Vec<u8>> {
    let info = named(descriptor, DS, "KeyInfo").next()?;
    let data = named(info, DS, "X509Data").next()?;
    let text = named(data, DS, "X509Certificate").next()?.text()?;
    let compact: String = text.split_ascii_whitespace().collect();
    let der = STANDARD.decode(compact).ok()?;
    certificate::public_key(&der).is_ok().then_some(der)
}

fn sign_on(role: Element<'_>, hosts: &Hosts) -> Result<Vec<Endpoint>, MetadataRefused> {
    let endpoints = endpoints(role, "SingleSignOnService", hosts)?;
    if endpoints.is_empty() {
        return Err(MetadataRefused::NoSignOn);
    }
    Ok(endpoints)
}

/// The places of a service, in the partner's order; bindings that are not spoken here are left out.
fn endpoints(
    role: Element<'_>,
    service: &'static str,
    hosts: &Hosts,
) -> Result<Vec<Endpoint>, MetadataRefused> {
    let mut endpoints = Vec::new();
    for place in named(role, MD, service) {
        let binding = match place.attribute("Binding") {
            Some(REDIRECT) => Binding::Redirect,
            Some(POST) => Binding::Post,
            Some(_) | None => continue,
        };
        let check = |location: &str| {
            let checked = hosts.check(location);
            checked.map_err(|why| MetadataRefused::Location { service, why })
        };
        let response = place.attribute("ResponseLocation");
        endpoints.push(Endpoint {
            binding,
            location: check(place.attribute("Location").unwrap_or_default())?,
            response_location: response.map(check).transpose()?,
        });
    }
    if endpoints.len() > MOST_ENDPOINTS {
        return Err(MetadataRefused::TooManyEndpoints);
    }
    Ok(endpoints)
}

fn flag(element: Element<'_>, name: &'static str) -> Result<bool, MetadataRefused> {
    match element.attribute(name) {
        None | Some("false" | "0") => Ok(false),
        Some("true" | "1") => Ok(true),
        Some(_) => Err(MetadataRefused::Attribute(name)),
    }
}

/// The element and everything around it: each of them bounds how long it holds.
fn lineage(element: Element<'_>) -> Vec<Element<'_>> {
    std::iter::successors(Some(element), |element| element.parent()).collect()
}

fn soonest(
    lineage: &[Element<'_>],
    name: &'static str,
    read: impl Fn(&str) -> Option<i64>,
) -> Result<Option<i64>, MetadataRefused> {
    let values = lineage.iter().filter_map(|element| element.attribute(name));
    let read: Option<Vec<i64>> = values.map(read).collect();
    let read = read.ok_or(MetadataRefused::Attribute(name))?;
    Ok(read.into_iter().min())
}

fn named<'t>(
    parent: Element<'t>,
    namespace: &'static str,
    name: &'static str,
) -> impl Iterator<Item = Element<'t>> {
    parent
        .children()
        .filter(move |child| child.is(namespace, name))
}
