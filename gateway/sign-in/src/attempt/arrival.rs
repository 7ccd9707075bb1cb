//! Somebody a provider vouched for, and the gateway believes, on the way to a session.

use gateway_core::address::EmailAddress;
use gateway_core::assertion::Assertion;
use gateway_core::id::ProviderKind;
use gateway_core::time::UnixTime;
use plugins_sdk::message::Claims;
use serde::{Deserialize, Serialize};

use crate::session::payload::{KeyPayload, proof_number, proof_of};
use crate::session::{HomeSession, SessionPerson};

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
    #[serde(default, skip_serializing_if = "Option::is_none")]
    logout_hint: Option<String>,
    /// When the provider vouched: what it ends from then on ends this too.
    arrived: i64,
}

impl PartialEq for Arrival {
    fn eq(&self, other: &Self) -> bool {
        self.assertion() == other.assertion()
            && self.name == other.name
            && self.sid == other.sid
            && self.logout_hint == other.logout_hint
    }
}

impl Eq for Arrival {}

impl Arrival {
    /// `None` when the identity is too long for a session.
    pub(crate) fn new(assertion: &Assertion, claims: &Claims, now: UnixTime) -> Option<Self> {
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
            amr: methods(&assertion.amr),
            contexts: contexts(&assertion.contexts),
            name: claims.display_name.as_deref().and_then(shown_name),
            sid: claims.sid.clone(),
            logout_hint: claims.logout_hint.clone(),
            arrived: now.0,
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

    /// The provider's session.
    pub(crate) fn home(&self) -> Option<HomeSession> {
        let key = self.key.clone().parse()?;
        let sid = self.sid.as_deref()?;
        Some(HomeSession::new(&key.provider, &key.issuer, sid))
    }

    pub(crate) const fn arrived(&self) -> UnixTime {
        UnixTime(self.arrived)
    }

    pub(crate) fn name(&self) -> Option<&str> {
        self.name.as_deref()
    }

    /// The person as a session holds it; of what only signing out needs, as much as fits.
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
        let key = assertion.key;
        let sid = self.sid.as_deref();
        let person = SessionPerson {
            sid: sid.map(|sid| HomeSession::new(&key.provider, &key.issuer, sid)),
            key,
            kind: assertion.kind,
            member,
            address,
            proof,
            authenticated_at: assertion.authenticated_at,
            amr: assertion.amr,
            contexts: assertion.contexts,
            display_name: self.name.clone(),
            logout_hint: self.logout_hint.clone(),
        };
        Some(person.fitted())
    }
}

/// Whether a session holds the name of an authentication context: 1 to 16 visible characters of ASCII, neither `"` nor `\`.
#[must_use]
pub fn is_context(name: &str) -> bool {
    // What JSON would escape is longer than it is.
    let plain = |byte: u8| byte.is_ascii_graphic() && !matches!(byte, b'"' | b'\\');
    (1..=MAX_WORD).contains(&name.len()) && name.bytes().all(plain)
}

/// The first few methods, and always the one that rules ask for.
fn methods(given: &[String]) -> Vec<String> {
    let mut kept = short(given.iter());
    let asked = |method: &String| method == "mfa";
    if given.iter().any(asked) && !kept.iter().any(asked) {
        kept.pop();
        kept.push("mfa".to_owned());
    }
    kept
}

/// The first few contexts. They are the same in either case, and kept in one.
fn contexts(given: &[String]) -> Vec<String> {
    let kept = short(given.iter());
    kept.iter().map(|name| name.to_ascii_uppercase()).collect()
}

fn short<'a>(words: impl Iterator<Item = &'a String>) -> Vec<String> {
    let short = words.filter(|word| is_context(word));
    short.take(MAX_WORDS).cloned().collect()
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
    use crate::session::{self, Session, provider_session};

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
            logout_hint: Some(long(512)),
        }
    }

    /// Everything else as long as it can be; what of signing out was kept.
    fn largest(subject: String, claims: &Claims) -> (bool, bool) {
        let folder = tempfile::tempdir().unwrap();
        let keys = Keyring::open(&folder.path().join("keys"), NOW).unwrap();
        let assertion = assertion(subject);
        let arrival = Arrival::new(&assertion, claims, NOW).unwrap();
        let address = assertion.address.map(|(address, _)| address);
        let mut session = Session::begin(TenantId::parse(&long(64)).unwrap(), NOW, NOW).unwrap();
        session.person = arrival.person(false, address);
        for number in 0..session::MAX_LINKS {
            session.add_link(LinkId::parse(&format!("{}{number}", long(63))).unwrap());
        }
        let sealed = session::seal(&session, "host", &keys).unwrap();
        let cookie = session::set_cookie(&sealed);
        assert!(cookie.len() <= 4096, "{}", cookie.len());
        let person = session.person.unwrap();
        let home = person.sid.unwrap();
        assert_eq!(
            home.id,
            provider_session(
                &person.key.provider,
                &person.key.issuer,
                claims.sid.as_deref().unwrap()
            )
        );
        (home.sid.is_some(), person.logout_hint.is_some())
    }

    #[test]
    fn the_largest_session_fits_its_cookie_and_the_hint_goes_before_the_sid() {
        let mut claims = claims();
        assert_eq!(largest("\"".repeat(260), &claims), (false, false));
        assert_eq!(largest(long(36), &claims), (true, false));
        claims.sid = Some(long(36));
        claims.logout_hint = Some("\u{1}".repeat(512));
        assert_eq!(largest(long(36), &claims), (true, false));
        claims.logout_hint = Some(long(400));
        assert_eq!(largest(long(36), &claims), (true, true));
        for length in 0..260 {
            largest("\"".repeat(length), &claims);
        }
    }

    #[test]
    fn an_identity_that_would_not_fit_is_refused() {
        assert!(Arrival::new(&assertion("\u{1}".repeat(200)), &claims(), NOW).is_none());
        assert!(Arrival::new(&assertion(long(800)), &claims(), NOW).is_none());
    }

    #[test]
    fn what_is_kept_of_an_assertion_is_what_comes_back() {
        let mut assertion = assertion("ada".to_owned());
        assertion.amr = vec!["pwd".to_owned(), "mfa".to_owned()];
        assertion.contexts = vec!["C1".to_owned(), "C25".to_owned()];
        let arrival = Arrival::new(&assertion, &claims(), NOW).unwrap();
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
        let read = Arrival::new(&assertion, &claims(), NOW)
            .unwrap()
            .assertion()
            .unwrap();
        assert_eq!(read.contexts, ["C1"], "in the case that providers agree on");
        assert_eq!(read.amr.len(), 8);
    }

    #[test]
    fn a_second_factor_is_not_lost_among_other_methods() {
        let mut assertion = assertion("ada".to_owned());
        assertion.amr = vec!["pwd".to_owned(); 20];
        assertion.amr.push("mfa".to_owned());
        let read = Arrival::new(&assertion, &claims(), NOW)
            .unwrap()
            .assertion();
        let amr = read.unwrap().amr;
        assert_eq!((amr[7].as_str(), amr.len()), ("mfa", 8));
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
