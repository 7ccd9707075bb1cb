//! The Redirect and POST bindings (SAML bindings, 3.4 and 3.5).

use std::io::{Read, Write};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use flate2::Compression;
use flate2::read::DeflateDecoder;
use flate2::write::DeflateEncoder;
use url::form_urlencoded::byte_serialize;

use super::key::{self, Key, NoKey, Scheme};
use super::signature::NotSigned;

/// The most that a message may have.
const LONGEST: u64 = 256 * 1024;

/// A message that cannot be read.
#[derive(Clone, Copy, Debug, thiserror::Error)]
pub(crate) enum NotRead {
    #[error("the message is no base64")]
    NotBase64,
    #[error("the message is not deflated, or longer than {LONGEST} bytes")]
    NotDeflated,
    #[error("the message is no text")]
    NotText,
}

/// `SAMLRequest` or `SAMLResponse`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Request,
    Response,
}

impl Kind {
    pub(crate) fn parameter(self) -> &'static str {
        match self {
            Self::Request => "SAMLRequest",
            Self::Response => "SAMLResponse",
        }
    }
}

/// The value of a form's field.
pub(crate) fn posted(document: &str) -> String {
    STANDARD.encode(document)
}

/// Reads the value of a form's field.
pub(crate) fn read_posted(value: &str) -> Result<String, NotRead> {
    let value: String = value.split_ascii_whitespace().collect();
    let bytes = STANDARD.decode(value).map_err(|_| NotRead::NotBase64)?;
    String::from_utf8(bytes).map_err(|_| NotRead::NotText)
}

/// The query for a message; signed if there is a key.
pub(crate) fn redirected(
    kind: Kind,
    document: &str,
    relay_state: Option<&str>,
    key: Option<&Key>,
    scheme: Scheme,
) -> Result<String, NoKey> {
    let mut query = pair(kind.parameter(), &STANDARD.encode(deflated(document)));
    if let Some(state) = relay_state {
        query = query + "&" + &pair("RelayState", state);
    }
    let Some(key) = key else {
        return Ok(query);
    };
    query = query + "&" + &pair("SigAlg", key.algorithm(scheme));
    let (_, signature) = key.sign(query.as_bytes(), scheme)?;
    Ok(query + "&" + &pair("Signature", &STANDARD.encode(signature)))
}

fn pair(name: &str, value: &str) -> String {
    let value: String = byte_serialize(value.as_bytes()).collect();
    format!("{name}={value}")
}

fn deflated(document: &str) -> Vec<u8> {
    let mut encoder = DeflateEncoder::new(Vec::new(), Compression::best());
    // Writing to memory does not fail.
    let _ = encoder.write_all(document.as_bytes());
    encoder.finish().unwrap_or_default()
}

/// Reads the value of a query's parameter.
pub(crate) fn read_redirected(value: &str) -> Result<String, NotRead> {
    let bytes = STANDARD.decode(value).map_err(|_| NotRead::NotBase64)?;
    let mut text = Vec::new();
    let mut decoder = DeflateDecoder::new(bytes.as_slice()).take(LONGEST + 1);
    let read = decoder.read_to_end(&mut text);
    if read.is_err() || text.len() as u64 > LONGEST {
        return Err(NotRead::NotDeflated);
    }
    String::from_utf8(text).map_err(|_| NotRead::NotText)
}

/// Checks the signature of a query, over its parameters as they were sent.
pub(crate) fn verify(query: &str, kind: Kind, certificates: &[Vec<u8>]) -> Result<(), NotSigned> {
    let raw = |name: &str| {
        let mut found = query
            .split('&')
            .filter(|part| part.split_once('=').is_some_and(|(known, _)| known == name));
        let first = found.next();
        // Twice is not once.
        first.filter(|_| found.next().is_none())
    };
    let decoded = |name: &str| {
        let parsed = url::form_urlencoded::parse(raw(name)?.as_bytes()).next();
        parsed.map(|(_, value)| value.into_owned())
    };
    let (Some(message), Some(algorithm), Some(signature)) =
        (raw(kind.parameter()), raw("SigAlg"), decoded("Signature"))
    else {
        return Err(NotSigned::Unsigned);
    };
    let signed: Vec<&str> = [Some(message), raw("RelayState"), Some(algorithm)]
        .into_iter()
        .flatten()
        .collect();
    let signed = signed.join("&");
    let algorithm = decoded("SigAlg").unwrap_or_default();
    let signature = STANDARD.decode(signature).map_err(|_| NotSigned::Form)?;
    certificates
        .iter()
        .any(|one| key::fits(one, &algorithm, signed.as_bytes(), &signature))
        .then_some(())
        .ok_or(NotSigned::Key)
}

/// A small query that inflates to 8 MiB of white space before a message that never comes.
pub(crate) fn bomb(kind: Kind) -> String {
    let mut encoder = DeflateEncoder::new(Vec::new(), Compression::best());
    let blank = vec![b' '; 1024 * 1024];
    for _ in 0..8 {
        // Writing to memory does not fail.
        let _ = encoder.write_all(&blank);
    }
    pair(
        kind.parameter(),
        &STANDARD.encode(encoder.finish().unwrap_or_default()),
    )
}

#[cfg(test)]
mod tests {
    use super::super::key::{Hash, KeyKind, Owner};
    use super::*;

    const SCHEME: Scheme = Scheme::Hash(Hash::Sha256);

    #[tokio::test]
    async fn a_query_is_verified_as_it_was_sent() {
        let key = Key::of(KeyKind::Rsa, Owner::Partner(0)).await.unwrap();
        let certificates = [key.certificate().to_vec()];
        let query = redirected(Kind::Request, "<a/>", Some("x y"), Some(&key), SCHEME).unwrap();
        assert_eq!(verify(&query, Kind::Request, &certificates), Ok(()));
        let other = query.replace("x+y", "x+z");
        assert_eq!(
            verify(&other, Kind::Request, &certificates),
            Err(NotSigned::Key)
        );
        // The same value, but not the same bytes.
        let spelt = query.replace("x+y", "x%20y");
        assert_eq!(
            verify(&spelt, Kind::Request, &certificates),
            Err(NotSigned::Key)
        );
        let twice = format!("{query}&RelayState=z");
        assert!(verify(&twice, Kind::Request, &certificates).is_err());
        let bare = redirected(Kind::Request, "<a/>", None, None, SCHEME).unwrap();
        assert_eq!(
            verify(&bare, Kind::Request, &certificates),
            Err(NotSigned::Unsigned)
        );
    }

    #[test]
    fn messages_come_out_as_they_went_in() {
        let query = redirected(Kind::Request, "<a>b</a>", None, None, SCHEME).unwrap();
        let (_, value) = url::form_urlencoded::parse(query.as_bytes())
            .next()
            .unwrap();
        assert_eq!(read_redirected(&value).unwrap(), "<a>b</a>");
        assert_eq!(read_posted(&posted("<a>b</a>")).unwrap(), "<a>b</a>");
    }

    #[test]
    fn a_bomb_is_small_and_not_inflated() {
        let query = bomb(Kind::Request);
        assert!(query.len() < 16 * 1024, "{}", query.len());
        let (_, value) = url::form_urlencoded::parse(query.as_bytes())
            .next()
            .unwrap();
        assert!(matches!(read_redirected(&value), Err(NotRead::NotDeflated)));
    }
}
