//! Somebody a provider vouched for, and the gateway believes, on the way to a session.

use gateway_core::address::EmailAddress;
use gateway_core::assertion::Assertion;
use gateway_core::id::ProviderKind;
use gateway_core::time::UnixTime;
use gateway_store::model::SessionId;
use plugins_sdk::message::Claims;
use serde::{Deserialize, Serialize};

use crate::session::payload::{KeyPayload, proof_number, proof_of};
use crate::session::{SessionPerson, provider_session};
use crate::text;

/// Longest identity key as JSON, in bytes: a session must fit a cookie.
const MAX_KEY: usize = 1200;
const MAX_NAME: usize = 64;
/// Authentication methods, and authentication contexts, that a session holds.
const MAX_WORDS: usize = 8;
/// Longest of them, in bytes.
const MAX_WORD: usize = 16;

/// What survives of an assertion while the person reads the consent page.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Arrival {
    key: KeyPayload,
    kind: String,
    address: Option<(String, u8)>,
    unproven: Option<String>,
    authenticated_at: i64,
    amr: Vec<String>,
    contexts: Vec<String>,
    name: Option<String>,
    sid: Option<String>,
}

impl PartialEq for Arrival {
    fn eq(&self, other: &Self) -> bool {
        self.assertion() == other.assertion() && self.name == other.name && self.sid == other.sid
    }
}

impl Eq for Arrival {}

impl Arrival {
    /// `None` when the identity is too long for a session.
    pub(crate) fn new(assertion: &Assertion, claims: &Claims) -> Option<Self> {
        let key = &assertion.key;
        let payload = KeyPayload::from(key);
        if serde_json::to_string(&payload).ok()?.len() > MAX_KEY {
            return None;
        }
        Some(Self {
            key: payload,
            kind: assertion.kind.as_str().to_owned(),
            address: assertion
                .address
                .as_ref()
                .map(|(address, proof)| (address.to_string(), proof_number(*proof))),
            unproven: assertion.unproven.as_ref().map(ToString::to_string),
            authenticated_at: assertion.authenticated_at.0,
            amr: short(&assertion.amr),
            contexts: short(&assertion.contexts),
            name: claims.display_name.as_deref().and_then(shown_name),
            sid: claims
                .sid
                .as_deref()
                .map(|sid| text::encode(&provider_session(&key.provider, &key.issuer, sid).0)),
        })
    }

    /// The assertion; `None` if the row holds what this program never wrote.
    pub(crate) fn assertion(&self) -> Option<Assertion> {
        let address = match &self.address {
            Some((address, proof)) => Some((EmailAddress::parse(address).ok()?, proof_of(*proof)?)),
            None => None,
        };
        Some(Assertion {
            key: self.key.clone().parse()?,
            kind: ProviderKind::parse(&self.kind).ok()?,
            address,
            unproven: self
                .unproven
                .as_deref()
                .and_then(|text| EmailAddress::parse(text).ok()),
            authenticated_at: UnixTime(self.authenticated_at),
            amr: self.amr.clone(),
            contexts: self.contexts.clone(),
        })
    }

    pub(crate) fn name(&self) -> Option<&str> {
        self.name.as_deref()
    }

    /// The person as a session holds it.
    pub(crate) fn person(
        &self,
        member: bool,
        address: Option<EmailAddress>,
    ) -> Option<SessionPerson> {
        let assertion = self.assertion()?;
        let proof = self.address.as_ref().map_or(
            Some(gateway_core::assertion::EmailProof::None),
            |(_, proof)| proof_of(*proof),
        )?;
        Some(SessionPerson {
            key: assertion.key,
            kind: assertion.kind,
            member,
            address,
            proof,
            authenticated_at: assertion.authenticated_at,
            amr: assertion.amr,
            contexts: assertion.contexts,
            display_name: self.name.clone(),
            sid: self
                .sid
                .as_deref()
                .and_then(text::decode_exactly)
                .map(SessionId),
        })
    }
}

/// The first few words, of those that are short.
fn short(words: &[String]) -> Vec<String> {
    // What JSON would escape is longer than it is.
    let plain = |byte: u8| byte.is_ascii_graphic() && !matches!(byte, b'"' | b'\\');
    let short = |word: &&String| word.len() <= MAX_WORD && word.bytes().all(plain);
    words
        .iter()
        .filter(short)
        .take(MAX_WORDS)
        .cloned()
        .collect()
}

/// A name cut to what a session holds, without what would move other text about.
fn shown_name(name: &str) -> Option<String> {
    let mut shown = String::new();
    for c in name
        .trim()
        .chars()
        .filter(|c| !c.is_control() && !is_direction(*c))
    {
        if shown.len() + c.len_utf8() > MAX_NAME {
            break;
        }
        shown.push(c);
    }
    (!shown.is_empty()).then_some(shown)
}

/// Marks that turn the direction of text: a name that holds them can make another read backwards.
const fn is_direction(c: char) -> bool {
    matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

#[cfg(test)]
mod tests {
    use gateway_core::assertion::EmailProof;
    use gateway_core::id::{CloudName, LinkId, ProviderId, TenantId};
    use gateway_core::person::IdentityKey;

    use super::*;
    use crate::keys::Keyring;
    use crate::session::{self, Session};

    const NOW: UnixTime = UnixTime(1_800_000_000);

    fn long(length: usize) -> String {
        "x".repeat(length)
    }

    fn assertion(subject: String) -> Assertion {
        let address = format!(
            "{}@{}.{}.{}.example",
            long(64),
            long(60),
            long(60),
            long(60)
        );
        Assertion {
            key: IdentityKey {
                cloud: Some(CloudName::parse(&long(64)).unwrap()),
                provider: ProviderId::parse(&long(64)).unwrap(),
                issuer: long(400),
                tenant: Some(long(36)),
                subject,
            },
            kind: ProviderKind::parse(&long(64)).unwrap(),
            address: Some((
                EmailAddress::parse(&address).unwrap(),
                EmailProof::DomainOwner,
            )),
            unproven: None,
            authenticated_at: NOW,
            amr: vec![long(16); 20],
            contexts: vec![long(16); 20],
        }
    }

    fn claims() -> Claims {
        Claims {
            issuer: String::new(),
            tenant: None,
            subject: String::new(),
            cloud: None,
            email: None,
            display_name: Some("\"".repeat(200)),
            authenticated_at: None,
            amr: Vec::new(),
            contexts: Vec::new(),
            sid: Some(long(512)),
        }
    }

    #[test]
    fn the_largest_session_fits_its_cookie() {
        let folder = tempfile::tempdir().unwrap();
        let keys = Keyring::open(&folder.path().join("keys"), NOW).unwrap();
        let assertion = assertion("\"".repeat(260));
        let arrival = Arrival::new(&assertion, &claims()).unwrap();
        let address = assertion.address.map(|(address, _)| address);
        let mut session = Session::begin(TenantId::parse(&long(64)).unwrap(), NOW, NOW).unwrap();
        session.person = arrival.person(false, address);
        for number in 0..session::MAX_LINKS {
            session.add_link(LinkId::parse(&format!("{}{number}", long(63))).unwrap());
        }
        let sealed = session::seal(&session, "host", &keys).unwrap();
        assert!(sealed.len() > 3000, "{}", sealed.len());
    }

    #[test]
    fn an_identity_that_would_not_fit_is_refused() {
        assert!(Arrival::new(&assertion("\u{1}".repeat(200)), &claims()).is_none());
        assert!(Arrival::new(&assertion(long(800)), &claims()).is_none());
    }

    #[test]
    fn what_is_kept_of_an_assertion_is_what_comes_back() {
        let mut assertion = assertion("ada".to_owned());
        assertion.amr = vec!["pwd".to_owned(), "mfa".to_owned()];
        assertion.contexts = vec!["c1".to_owned(), "c25".to_owned()];
        let arrival = Arrival::new(&assertion, &claims()).unwrap();
        let stored = serde_json::to_string(&arrival).unwrap();
        let read: Arrival = serde_json::from_str(&stored).unwrap();
        assert_eq!(read.assertion(), Some(assertion));
    }

    #[test]
    fn words_are_few_and_short() {
        let mut assertion = assertion("ada".to_owned());
        assertion.contexts = ["c1", "a\"b", "a\\b", "a b", &long(17)]
            .map(str::to_owned)
            .into();
        assertion.amr = vec!["pwd".to_owned(); 9];
        let read = Arrival::new(&assertion, &claims())
            .unwrap()
            .assertion()
            .unwrap();
        assert_eq!(read.contexts, ["c1"]);
        assert_eq!(read.amr.len(), 8);
    }

    #[test]
    fn names_are_short_and_read_one_way() {
        let check = |name: &str, want: Option<&str>| assert_eq!(shown_name(name).as_deref(), want);
        check(" Ada\r\nLovelace ", Some("AdaLovelace"));
        check("a\u{202e}b\u{2066}c", Some("abc"));
        check(" \u{200f} ", None);
        check(&"é".repeat(40), Some("é".repeat(32).as_str()));
    }
}
