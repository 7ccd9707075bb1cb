//! Ids of sites and drives: made from the tenant and the site, so that every gateway makes the same.
//!
//! Source: specification "Graph API" 3.1. Clients take them as they are; only their form is Graph's.

use aws_lc_rs::digest::{SHA256, digest};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use gateway_core::id::{SiteId, TenantId};

/// 16 bytes that name one thing of a site.
fn name(what: &str, tenant: &TenantId, site: &SiteId) -> [u8; 16] {
    // Neither id can hold a zero byte, so that no two sites share what is hashed.
    let text = format!("vestibule {what}\0{tenant}\0{site}");
    let hash = digest(&SHA256, text.as_bytes());
    let mut bytes = [0; 16];
    for (to, from) in bytes.iter_mut().zip(hash.as_ref()) {
        *to = *from;
    }
    bytes
}

/// A GUID of these bytes, marked as made by a rule of its own.
///
/// Source: RFC 9562 section 5.8 (version 8).
pub(crate) fn guid(mut bytes: [u8; 16]) -> String {
    if let Some(byte) = bytes.get_mut(6) {
        *byte = (*byte & 0x0f) | 0x80;
    }
    if let Some(byte) = bytes.get_mut(8) {
        *byte = (*byte & 0x3f) | 0x80;
    }
    let mut out = String::with_capacity(36);
    for (at, byte) in bytes.iter().enumerate() {
        if matches!(at, 4 | 6 | 8 | 10) {
            out.push('-');
        }
        out.push_str(&format!("{byte:02x}"));
    }
    out
}

/// A GUID of the first half of random bytes.
///
/// Source: RFC 9562 section 5.4 (version 4).
pub(crate) fn random_guid(random: &[u8; 32]) -> String {
    let mut bytes = [0; 16];
    for (to, from) in bytes.iter_mut().zip(random) {
        *to = *from;
    }
    let mut guid = guid(bytes);
    guid.replace_range(14..15, "4");
    guid
}

/// The id of a site: `hostname,guid,guid`.
pub(crate) fn site(host: &str, tenant: &TenantId, site: &SiteId) -> String {
    format!("{host},{},{}", collection(tenant, site), web(tenant, site))
}

/// The first GUID in a site's id.
pub(crate) fn collection(tenant: &TenantId, site: &SiteId) -> String {
    guid(name("site", tenant, site))
}

/// The second GUID in a site's id.
pub(crate) fn web(tenant: &TenantId, site: &SiteId) -> String {
    guid(name("web", tenant, site))
}

/// Whether `id` names that site: `hostname,guid,guid`, whatever the host, or the first GUID alone.
pub(crate) fn is_site(id: &str, tenant: &TenantId, site: &SiteId) -> bool {
    let parts: Vec<&str> = id.split(',').collect();
    match parts.as_slice() {
        [_, first, second] => {
            first.eq_ignore_ascii_case(&collection(tenant, site))
                && second.eq_ignore_ascii_case(&web(tenant, site))
        }
        [one] => one.eq_ignore_ascii_case(&collection(tenant, site)),
        _ => false,
    }
}

/// The id of a site's drive: `b!` and base64url over three GUIDs.
pub(crate) fn drive(tenant: &TenantId, site: &SiteId) -> String {
    let parts = ["site", "web", "drive"].map(|what| name(what, tenant, site));
    format!("b!{}", URL_SAFE_NO_PAD.encode(parts.concat()))
}

/// An item's id of random bytes: `01` and 32 of `A`–`Z` and `2`–`7`, as Graph's look.
pub(crate) fn item(random: &[u8; 32]) -> String {
    const ALPHABET: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
    let letters = random
        .iter()
        .filter_map(|byte| ALPHABET.get(usize::from(byte & 0x1f)).copied());
    let mut id = String::from("01");
    id.extend(letters.map(char::from));
    id
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ids(tenant: &str, site: &str) -> (TenantId, SiteId) {
        (
            TenantId::parse(tenant).unwrap(),
            SiteId::parse(site).unwrap(),
        )
    }

    #[test]
    fn every_site_has_ids_of_its_own_and_always_the_same() {
        let (contoso, plans) = ids("contoso", "plans");
        let (fabrikam, notes) = ids("fabrikam", "notes");
        assert_eq!(drive(&contoso, &plans), drive(&contoso, &plans));
        assert_ne!(drive(&contoso, &plans), drive(&contoso, &notes));
        assert_ne!(drive(&contoso, &plans), drive(&fabrikam, &plans));
        assert_ne!(collection(&contoso, &plans), web(&contoso, &plans));
        let id = site("contoso.example", &contoso, &plans);
        assert!(is_site(&id, &contoso, &plans));
        assert!(is_site(&collection(&contoso, &plans), &contoso, &plans));
        assert!(!is_site(&id, &contoso, &notes));
        assert!(!is_site(&id, &fabrikam, &plans));
        for other in ["", "contoso.example", "a,b", "a,b,c", "root"] {
            assert!(!is_site(other, &contoso, &plans), "{other}");
        }
    }

    #[test]
    fn guids_are_guids_and_drives_begin_as_graphs_do() {
        let (contoso, plans) = ids("contoso", "plans");
        let guid = collection(&contoso, &plans);
        assert_eq!(guid.len(), 36);
        assert_eq!(guid.as_bytes()[14], b'8');
        assert!(matches!(guid.as_bytes()[19], b'8' | b'9' | b'a' | b'b'));
        assert!(drive(&contoso, &plans).starts_with("b!"));
        let item = item(&[7; 32]);
        assert_eq!(item.len(), 34);
        assert!(item.starts_with("01"));
    }
}
