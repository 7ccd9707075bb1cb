//! Tokens of sharing links, and the addresses that hold them.

use aws_lc_rs::digest::{SHA256, digest};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use crate::drives::Call;
use crate::error::{ApiError, Area};

const PURPOSE: &str = "link-token";
/// What follows the origin in the address of a link.
const PATH: &str = "/_vestibule/s/";

/// A new token: 256 random bits.
pub(super) fn fresh(call: &Call<'_>) -> Result<String, ApiError> {
    let random = call.around.random();
    let random = random.map_err(|error| ApiError::unavailable(Area::Files, error))?;
    Ok(URL_SAFE_NO_PAD.encode(random))
}

/// What is kept of a token.
pub(super) fn hash(token: &str) -> [u8; 32] {
    let mut out = [0; 32];
    for (to, from) in out
        .iter_mut()
        .zip(digest(&SHA256, token.as_bytes()).as_ref())
    {
        *to = *from;
    }
    out
}

/// The token, sealed for those who are shown it again.
pub(super) fn sealed(call: &Call<'_>, token: &str) -> Result<Vec<u8>, ApiError> {
    let sealed = call.around.seal(PURPOSE, token.as_bytes());
    sealed.map_err(|error| ApiError::unavailable(Area::Files, error))
}

/// The token behind a seal.
pub(super) fn opened(call: &Call<'_>, sealed: &[u8]) -> Option<String> {
    String::from_utf8(call.around.open(PURPOSE, sealed)?).ok()
}

/// The address of a link.
pub(super) fn url(origin: &str, token: &str) -> String {
    format!("{origin}{PATH}{token}")
}

/// An address as a token of `/shares`.
///
/// Source: specification "Graph API" 3.3.
pub(crate) fn share_id(url: &str) -> String {
    format!("u!{}", URL_SAFE_NO_PAD.encode(url))
}

/// What a token of `/shares` stands for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Named {
    /// A link, by its token.
    Link(String),
    /// An item, by its path on that host.
    Item(String, String),
}

/// Reads a token of `/shares`: `u!` and the address in base64url.
pub(super) fn read(share: &str) -> Option<Named> {
    let encoded = share.strip_prefix("u!")?.trim_end_matches('=');
    let bytes = URL_SAFE_NO_PAD.decode(encoded).ok()?;
    let url = url::Url::parse(&String::from_utf8(bytes).ok()?).ok()?;
    let host = url.host_str()?.to_ascii_lowercase();
    match url.path().strip_prefix(PATH) {
        Some(token) if !token.is_empty() && !token.contains('/') => {
            Some(Named::Link(token.to_owned()))
        }
        Some(_) => None,
        None => Some(Named::Item(host, url.path().to_owned())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_and_its_share_are_each_other() {
        let link = url("https://contoso.example", "abc");
        assert_eq!(link, "https://contoso.example/_vestibule/s/abc");
        assert_eq!(read(&share_id(&link)), Some(Named::Link("abc".to_owned())));
        let item = "https://Contoso.example:8443/sites/p/a%20b?x=1";
        let want = Named::Item("contoso.example".to_owned(), "/sites/p/a%20b".to_owned());
        assert_eq!(read(&share_id(item)), Some(want));
    }

    #[test]
    fn sec_171_what_is_no_share_leads_nowhere() {
        for bad in [
            "",
            "u!",
            "u!***",
            "s!abc",
            "aHR0cHM6Ly9hLmV4YW1wbGUv",
            &share_id("not an address"),
            &share_id("https://a.example/_vestibule/s/"),
            &share_id("https://a.example/_vestibule/s/a/b"),
        ] {
            assert_eq!(read(bad), None, "{bad}");
        }
    }
}
