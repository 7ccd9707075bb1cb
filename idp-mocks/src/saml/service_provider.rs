//! Who may ask for sign-ins here, from the metadata that they publish (SAML metadata, 2.4).

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use super::manner::Binding;
use super::parse::{NotXml, parse};
use super::tree::{DSIG, Element, METADATA};

/// Metadata that say too little.
#[derive(Debug, thiserror::Error)]
pub enum NotMetadata {
    /// No XML, or XML with something in it that metadata need not have.
    #[error("the metadata cannot be read: {0}")]
    NotXml(String),
    /// Something that must be there is not.
    #[error("the metadata have no usable {0}")]
    Missing(&'static str),
}

impl From<NotXml> for NotMetadata {
    fn from(why: NotXml) -> Self {
        Self::NotXml(why.to_string())
    }
}

/// A service provider.
#[derive(Clone, Debug)]
pub(crate) struct ServiceProvider {
    pub(crate) entity_id: String,
    /// Where responses may be posted to; the first is the default.
    pub(crate) consumers: Vec<String>,
    pub(crate) logout: Vec<LogoutPlace>,
    /// Certificates, DER.
    pub(crate) signing: Vec<Vec<u8>>,
    /// Certificates, DER.
    pub(crate) encryption: Vec<Vec<u8>>,
    pub(crate) signs_requests: bool,
}

/// Where messages about signing out go.
#[derive(Clone, Debug)]
pub(crate) struct LogoutPlace {
    pub(crate) binding: Binding,
    pub(crate) requests: String,
    pub(crate) responses: String,
}

impl ServiceProvider {
    /// Reads an `EntityDescriptor`.
    pub(crate) fn read(metadata: &str) -> Result<Self, NotMetadata> {
        let root = parse(metadata)?;
        if !root.is(METADATA, "EntityDescriptor") {
            return Err(NotMetadata::Missing("EntityDescriptor"));
        }
        let entity_id = root.attribute("entityID").filter(|id| !id.is_empty());
        let entity_id = entity_id.ok_or(NotMetadata::Missing("entityID"))?;
        let role = root.only(METADATA, "SPSSODescriptor");
        let role = role.ok_or(NotMetadata::Missing("SPSSODescriptor"))?;
        let consumers = consumers(role);
        if consumers.is_empty() {
            return Err(NotMetadata::Missing("AssertionConsumerService"));
        }
        Ok(Self {
            entity_id: entity_id.to_owned(),
            consumers,
            logout: role
                .all(METADATA, "SingleLogoutService")
                .filter_map(logout_place)
                .collect(),
            signing: certificates(role, "signing")?,
            encryption: certificates(role, "encryption")?,
            signs_requests: flag(role, "AuthnRequestsSigned"),
        })
    }

    /// Where to send them to sign out, by `wanted` if that is offered.
    pub(crate) fn logout_place(&self, wanted: Binding) -> Option<&LogoutPlace> {
        let offered = self.logout.iter().find(|place| place.binding == wanted);
        offered.or_else(|| self.logout.first())
    }
}

/// Those that take posts, the default or else the first of them first.
fn consumers(role: &Element) -> Vec<String> {
    let mut services: Vec<&Element> = role
        .all(METADATA, "AssertionConsumerService")
        .filter(|one| one.attribute("Binding") == Some(Binding::Post.uri()))
        .collect();
    services.sort_by_key(|one| !flag(one, "isDefault"));
    let locations = services.iter().filter_map(|one| one.attribute("Location"));
    locations.map(str::to_owned).collect()
}

fn logout_place(service: &Element) -> Option<LogoutPlace> {
    let named = service.attribute("Binding")?;
    let binding = Binding::ALL
        .into_iter()
        .find(|known| known.uri() == named)?;
    let requests = service.attribute("Location")?;
    let responses = service.attribute("ResponseLocation").unwrap_or(requests);
    Some(LogoutPlace {
        binding,
        requests: requests.to_owned(),
        responses: responses.to_owned(),
    })
}

/// A key without `use` is for both.
fn certificates(role: &Element, wanted: &str) -> Result<Vec<Vec<u8>>, NotMetadata> {
    let mut certificates = Vec::new();
    for descriptor in role.all(METADATA, "KeyDescriptor") {
        if descriptor.attribute("use").unwrap_or(wanted) != wanted {
            continue;
        }
        let data = descriptor
            .only(DSIG, "KeyInfo")
            .and_then(|info| info.only(DSIG, "X509Data"))
            .ok_or(NotMetadata::Missing("X509Data"))?;
        for certificate in data.all(DSIG, "X509Certificate") {
            let text = certificate.content().unwrap_or_default();
            let text: String = text.split_ascii_whitespace().collect();
            let der = STANDARD
                .decode(text)
                .map_err(|_| NotMetadata::Missing("X509Certificate"))?;
            certificates.push(der);
        }
    }
    Ok(certificates)
}

pub(super) fn flag(element: &Element, name: &str) -> bool {
    matches!(element.attribute(name), Some("true" | "1"))
}
