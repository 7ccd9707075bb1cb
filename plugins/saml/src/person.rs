//! Who an assertion speaks of: the person's key, the session's, the address.

use aws_lc_rs::digest::{Context, SHA256};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use plugins_sdk::limits;
use plugins_sdk::message::{Claims, EmailClaim, EmailProof};

use crate::accepted::{Accepted, NameId};
use crate::federation::Identity;
use crate::hint;
use crate::place;
use crate::rejection::AccountRefused;

const PERSISTENT: &str = "urn:oasis:names:tc:SAML:2.0:nameid-format:persistent";
const EMAIL_FORMAT: &str = "urn:oasis:names:tc:SAML:1.1:nameid-format:emailAddress";
const PASSWORDS: [&str; 2] = [
    "urn:oasis:names:tc:SAML:2.0:ac:classes:Password",
    "urn:oasis:names:tc:SAML:2.0:ac:classes:PasswordProtectedTransport",
];
/// Where Entra and AD FS list the methods that were used.
const METHODS: &str = "http://schemas.microsoft.com/claims/authnmethodsreferences";
const EMAIL_ATTRIBUTES: [&str; 2] = [
    "http://schemas.xmlsoap.org/ws/2005/05/identity/claims/emailaddress",
    "urn:oid:0.9.2342.19200300.100.1.3",
];
const DISPLAY_NAME_ATTRIBUTES: [&str; 2] = [
    "http://schemas.microsoft.com/identity/claims/displayname",
    "urn:oid:2.16.840.1.113730.3.1.241",
];

/// Between whom a name was agreed.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Parties<'a> {
    /// The partner's entity id.
    pub(crate) issuer: &'a str,
    /// Ours.
    pub(crate) audience: &'a str,
}

/// What the gateway is told.
///
/// - `signs_out`: whether the partner can be told of a sign-out.
///
/// # Errors
/// Why the account is not taken.
pub(crate) fn claims(
    accepted: &Accepted,
    identity: &Identity,
    parties: Parties<'_>,
    signs_out: bool,
) -> Result<Claims, AccountRefused> {
    let session = accepted.session_index.as_deref();
    Ok(Claims {
        issuer: parties.issuer.to_owned(),
        tenant: None,
        subject: subject(accepted, identity, parties)?,
        cloud: None,
        email: Some(email(accepted, identity)?),
        display_name: display_name(accepted, identity),
        authenticated_at: Some(accepted.authenticated_at),
        amr: methods(accepted, identity),
        contexts: Vec::new(),
        sid: session.map(|session| session_key(&accepted.name_id, session, parties)),
        logout_hint: signs_out
            .then(|| hint::write(&accepted.name_id, session, parties))
            .flatten(),
    })
}

fn subject(
    accepted: &Accepted,
    identity: &Identity,
    parties: Parties<'_>,
) -> Result<String, AccountRefused> {
    let Some(name) = &identity.subject_attribute else {
        return person_key(&accepted.name_id, parties);
    };
    let values = accepted.attributes.get(name).map(Vec::as_slice);
    match values {
        Some([value]) if !value.is_empty() => usable(format!(
            "attribute!{}!{}",
            escape(name),
            escape(checked(value)?)
        )),
        Some(_) | None => Err(AccountRefused::SubjectAttribute(name.clone())),
    }
}

/// The key that a persistent name is. Its qualifiers are left out where they are those that it has without saying so
/// (SAML core, 8.3.7): a partner that begins to write them does not make new people of the old.
///
/// # Errors
/// [`AccountRefused`] where the name is no key.
pub(crate) fn person_key(name: &NameId, parties: Parties<'_>) -> Result<String, AccountRefused> {
    if name.format.as_deref() != Some(PERSISTENT) {
        return Err(AccountRefused::NotPersistent);
    }
    let value = escape(checked(&name.value)?);
    let (by, with) = qualifiers(name, parties);
    let key = if by == parties.issuer && with == parties.audience {
        format!("persistent!{value}")
    } else {
        format!("persistent!{value}!{}!{}", escape(by), escape(with))
    };
    usable(key)
}

/// What names the partner's session here: 43 characters.
pub(crate) fn session_key(name: &NameId, session: &str, parties: Parties<'_>) -> String {
    let (by, with) = qualifiers(name, parties);
    let format = name.format.as_deref().unwrap_or_default();
    hash(&[&name.value, format, by, with, session])
}

/// A hash of texts in this order, in 43 characters of base64url.
pub(crate) fn hash(parts: &[&str]) -> String {
    let mut context = Context::new(&SHA256);
    for part in parts {
        context.update(&(part.len() as u64).to_be_bytes());
        context.update(part.as_bytes());
    }
    URL_SAFE_NO_PAD.encode(context.finish())
}

fn qualifiers<'a>(name: &'a NameId, parties: Parties<'a>) -> (&'a str, &'a str) {
    (
        name.name_qualifier.as_deref().unwrap_or(parties.issuer),
        name.sp_name_qualifier
            .as_deref()
            .unwrap_or(parties.audience),
    )
}

/// Keeps parts apart.
fn escape(text: &str) -> String {
    text.replace('%', "%25").replace('!', "%21")
}

fn checked(value: &str) -> Result<&str, AccountRefused> {
    if value.is_empty() || value.trim() != value {
        return Err(AccountRefused::SubjectUnusable);
    }
    Ok(value)
}

fn usable(key: String) -> Result<String, AccountRefused> {
    if key.len() > limits::CLAIM_BYTES || key.chars().any(char::is_control) {
        return Err(AccountRefused::SubjectUnusable);
    }
    Ok(key)
}

/// The address, of a domain that is bound to this partner. Another partner's people are not this one's to name
/// (security row S073).
fn email(accepted: &Accepted, identity: &Identity) -> Result<EmailClaim, AccountRefused> {
    let address = address(accepted, identity)?;
    let (local, domain) = address
        .split_once('@')
        .ok_or(AccountRefused::AddressUnusable)?;
    let domain = place::domain(domain).ok_or(AccountRefused::AddressUnusable)?;
    if local.is_empty() || address.len() > limits::ADDRESS_BYTES {
        return Err(AccountRefused::AddressUnusable);
    }
    if !identity.domains.contains(&domain) {
        return Err(AccountRefused::ForeignDomain(domain));
    }
    Ok(EmailClaim {
        address,
        proof: EmailProof::DomainOwner,
    })
}

fn address(accepted: &Accepted, identity: &Identity) -> Result<String, AccountRefused> {
    let mut values = match &identity.email_attribute {
        Some(name) => values(accepted, name),
        None => EMAIL_ATTRIBUTES
            .iter()
            .map(|name| values(accepted, name))
            .find(|values| !values.is_empty())
            .unwrap_or_default(),
    };
    let name = &accepted.name_id;
    if values.is_empty()
        && identity.email_attribute.is_none()
        && name.format.as_deref() == Some(EMAIL_FORMAT)
    {
        values.push(name.value.trim());
    }
    values.dedup();
    match values.as_slice() {
        [] => Err(AccountRefused::NoAddress),
        [one] => Ok((*one).to_owned()),
        _ => Err(AccountRefused::SeveralAddresses),
    }
}

fn display_name(accepted: &Accepted, identity: &Identity) -> Option<String> {
    let first = |name: &str| {
        values(accepted, name)
            .first()
            .map(|text| (*text).to_owned())
    };
    match &identity.display_name_attribute {
        Some(name) => first(name),
        None => DISPLAY_NAME_ATTRIBUTES.iter().find_map(|name| first(name)),
    }
}

/// The values of an attribute that say something.
fn values<'a>(accepted: &'a Accepted, name: &str) -> Vec<&'a str> {
    let values = accepted.attributes.get(name).into_iter().flatten();
    values
        .map(|value| value.trim())
        .filter(|value| !value.is_empty())
        .collect()
}

fn methods(accepted: &Accepted, identity: &Identity) -> Vec<String> {
    let context = accepted.context.as_deref();
    let said = context.into_iter().chain(values(accepted, METHODS));
    let mut amr = Vec::new();
    if context.is_some_and(|context| PASSWORDS.contains(&context)) {
        amr.push("pwd".to_owned());
    }
    if said
        .into_iter()
        .any(|method| identity.second_factors.contains(method))
    {
        amr.push("mfa".to_owned());
    }
    amr
}
