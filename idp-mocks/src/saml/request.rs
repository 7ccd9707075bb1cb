//! Requests to sign somebody in (SAML core, 3.4.1) and what is wrong with them.

use super::manner::Binding;
use super::service_provider::{ServiceProvider, flag};
use super::times;
use super::tree::{ASSERTION, Element, PROTOCOL};

/// Difference allowed between the service provider's clock and ours, seconds.
const SKEW: u64 = 300;

/// A request that will be answered.
#[derive(Clone, Debug)]
pub(crate) struct SignOn {
    /// None for a sign-in that nobody asked for.
    pub(crate) id: Option<String>,
    /// The service provider's entity id.
    pub(crate) provider: String,
    /// Where the response goes.
    pub(crate) consumer: String,
    pub(crate) relay_state: Option<String>,
    pub(crate) force: bool,
    pub(crate) passive: bool,
    /// One of these authentication contexts must hold; empty is any.
    pub(crate) contexts: Vec<String>,
    /// The form of name that must be given.
    pub(crate) name_format: Option<String>,
}

/// What every message from a service provider has, checked: form, clock, destination. Returns its id.
///
/// - `here`: the address it came to.
pub(crate) fn header(
    root: &Element,
    local: &str,
    here: &str,
    now: u64,
) -> Result<String, &'static str> {
    if !root.is(PROTOCOL, local) {
        return Err("the message is of another kind");
    }
    if root.attribute("Version") != Some("2.0") {
        return Err("Version is not 2.0");
    }
    let id = root.attribute("ID").unwrap_or_default();
    let begins_well = id.starts_with(|first: char| first.is_ascii_alphabetic() || first == '_');
    if !begins_well || id.len() < 22 {
        return Err("ID is no xs:ID of 128 bits");
    }
    let issued = root.attribute("IssueInstant").and_then(times::read);
    let issued = issued.ok_or("IssueInstant is no moment in UTC")?;
    if issued.abs_diff(now) > SKEW {
        return Err("IssueInstant is too far from now");
    }
    if root.attribute("Destination") != Some(here) {
        return Err("Destination is not this address");
    }
    Ok(id.to_owned())
}

/// The entity id of whoever sent the message.
pub(crate) fn issuer(root: &Element) -> Option<String> {
    root.only(ASSERTION, "Issuer")?.content()
}

impl SignOn {
    /// Reads the rest of a request whose header and signature have been checked.
    pub(crate) fn read(
        root: &Element,
        id: String,
        provider: &ServiceProvider,
        relay_state: Option<&str>,
    ) -> Result<Self, &'static str> {
        let consumer = match root.attribute("AssertionConsumerServiceURL") {
            Some(url) => provider.consumers.iter().find(|known| *known == url),
            None => provider.consumers.first(),
        };
        let consumer = consumer.ok_or("the metadata know no such AssertionConsumerServiceURL")?;
        let binding = root.attribute("ProtocolBinding");
        if binding.is_some_and(|named| named != Binding::Post.uri()) {
            return Err("ProtocolBinding is not POST");
        }
        if relay_state.is_some_and(|state| state.len() > 80) {
            return Err("RelayState is longer than 80 bytes");
        }
        let policy = root.only(PROTOCOL, "NameIDPolicy");
        let wanted = root.only(PROTOCOL, "RequestedAuthnContext");
        let contexts = wanted.map(|wanted| {
            wanted
                .all(ASSERTION, "AuthnContextClassRef")
                .filter_map(Element::content)
                .collect()
        });
        Ok(Self {
            id: Some(id),
            provider: provider.entity_id.clone(),
            consumer: consumer.clone(),
            relay_state: relay_state.map(str::to_owned),
            force: flag(root, "ForceAuthn"),
            passive: flag(root, "IsPassive"),
            contexts: contexts.unwrap_or_default(),
            name_format: policy
                .and_then(|policy| policy.attribute("Format"))
                .map(str::to_owned),
        })
    }

    /// A sign-in that begins here.
    pub(crate) fn unsolicited(provider: &ServiceProvider, relay_state: Option<&str>) -> Self {
        Self {
            id: None,
            provider: provider.entity_id.clone(),
            consumer: provider.consumers.first().cloned().unwrap_or_default(),
            relay_state: relay_state.map(str::to_owned),
            force: false,
            passive: false,
            contexts: Vec::new(),
            name_format: None,
        }
    }
}
