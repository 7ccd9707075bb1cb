//! Who asks, said to the upstream in a signed token of its own: ES256, for one audience, at most a minute.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use gateway_core::id::LinkId;
use gateway_core::policy::Ground;
use gateway_core::time::UnixTime;
use gateway_sign_in::keys::{Keyring, NotSealed};
use gateway_sign_in::session::{Session, SessionPerson};
use gateway_store::model::SessionId;
use http::HeaderValue;
use serde::Serialize;

/// How long an assertion lives, in seconds.
pub(crate) const LIFE: i64 = 60;

/// Assertions kept at once; a full cache is emptied of what has passed half its life, and of everything if that is
/// nothing.
const KEPT: usize = 10_000;

/// Assertions made lately. Nothing in one belongs to a single request, so a session makes one for each upstream and
/// uses it for half its life. A revoked session is no session any more: it never asks here again.
#[derive(Debug, Default)]
pub(crate) struct Assertions {
    made: Mutex<HashMap<Key, Made>>,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Key {
    session: SessionId,
    issuer: String,
    audience: String,
    subject: String,
}

#[derive(Clone, Debug)]
struct Made {
    at: UnixTime,
    token: HeaderValue,
}

/// The claims.
///
/// - `sub`: unique within `iss`. For a person `provider:tenant:subject`, the middle part empty for providers without
///   tenants; for the bearer of a link `link:` and its id.
/// - `sid`: the session, base64url.
#[derive(Debug, Serialize)]
struct Claims<'a> {
    iss: &'a str,
    aud: &'a str,
    sub: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    email: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    idp: Option<&'a str>,
    #[serde(skip_serializing_if = "<[String]>::is_empty")]
    amr: &'a [String],
    sid: String,
    iat: i64,
    exp: i64,
}

impl Assertions {
    /// The assertion about `session` for the upstream called `audience`, made now or lately.
    ///
    /// - `issuer`: the tenant's origin.
    /// - `grounds`: why the request is allowed; a bearer without account is the link that let it in.
    ///
    /// # Errors
    /// [`NotSealed`]; then the request must not go on without.
    pub(crate) fn header(
        &self,
        session: &Session,
        grounds: &[Ground],
        issuer: &str,
        audience: &str,
        keys: &Keyring,
        now: UnixTime,
    ) -> Result<HeaderValue, NotSealed> {
        let subject = subject(session, grounds);
        let key = Key {
            session: session.id,
            issuer: issuer.to_owned(),
            audience: audience.to_owned(),
            subject,
        };
        if let Some(token) = self.fresh(&key, now) {
            return Ok(token);
        }
        let token = keys.sign(&claims(session, &key, now))?;
        let token = HeaderValue::try_from(token).map_err(|_| NotSealed::Failed)?;
        self.keep(
            key,
            Made {
                at: now,
                token: token.clone(),
            },
        );
        Ok(token)
    }

    fn fresh(&self, key: &Key, now: UnixTime) -> Option<HeaderValue> {
        let made = self.made.lock().unwrap_or_else(PoisonError::into_inner);
        made.get(key)
            .filter(|made| is_fresh(made, now))
            .map(|made| made.token.clone())
    }

    fn keep(&self, key: Key, new: Made) {
        let mut made = self.made.lock().unwrap_or_else(PoisonError::into_inner);
        if made.len() >= KEPT {
            made.retain(|_, old| is_fresh(old, new.at));
        }
        if made.len() >= KEPT {
            made.clear();
        }
        made.insert(key, new);
    }
}

/// A clock that was set back makes none fresh.
fn is_fresh(made: &Made, now: UnixTime) -> bool {
    (0..LIFE / 2).contains(&now.since(made.at))
}

fn claims<'a>(session: &'a Session, key: &'a Key, now: UnixTime) -> Claims<'a> {
    let person = session.person.as_ref();
    Claims {
        iss: &key.issuer,
        aud: &key.audience,
        sub: &key.subject,
        email: person
            .and_then(|person| person.address.as_ref())
            .map(ToString::to_string),
        idp: person.map(|person| person.key.provider.as_str()),
        amr: person.map_or(&[], |person| &person.amr),
        sid: URL_SAFE_NO_PAD.encode(session.id.0),
        iat: now.0,
        exp: now.plus(LIFE).0,
    }
}

/// Who asks, by the name the upstream knows.
#[must_use]
pub(crate) fn subject(session: &Session, grounds: &[Ground]) -> String {
    match &session.person {
        Some(person) => person_subject(person),
        None => link_subject(grounds),
    }
}

/// A colon in the tenant would let two people share a name; in the subject, which comes last, it cannot.
fn person_subject(person: &SessionPerson) -> String {
    let key = &person.key;
    let tenant = key
        .tenant
        .as_deref()
        .unwrap_or_default()
        .replace('%', "%25")
        .replace(':', "%3A");
    format!("{}:{tenant}:{}", key.provider, key.subject)
}

fn link_subject(grounds: &[Ground]) -> String {
    let link = grounds.iter().find_map(|ground| match ground {
        Ground::Link(link) => Some(link),
        Ground::Permission(_) | Ground::Application => None,
    });
    format!("link:{}", link.map_or("", LinkId::as_str))
}

#[cfg(test)]
mod tests {
    use gateway_core::id::TenantId;
    use gateway_core::time::UnixTime;

    use super::*;
    use crate::tests::support::person;

    const NOW: UnixTime = UnixTime(1_800_000_000);

    struct Bench {
        assertions: Assertions,
        keys: Keyring,
        _folder: tempfile::TempDir,
    }

    impl Bench {
        fn new() -> Self {
            let folder = tempfile::tempdir().unwrap();
            let keys = Keyring::open(&folder.path().join("keys"), NOW).unwrap();
            Self {
                assertions: Assertions::default(),
                keys,
                _folder: folder,
            }
        }

        fn ask(&self, session: &Session, audience: &str, now: UnixTime) -> HeaderValue {
            let grounds = [Ground::Link(LinkId::parse("link-1").unwrap())];
            self.assertions
                .header(
                    session,
                    &grounds,
                    "https://a.example",
                    audience,
                    &self.keys,
                    now,
                )
                .unwrap()
        }
    }

    fn session() -> Session {
        Session::begin(TenantId::parse("contoso").unwrap(), NOW.plus(3600), NOW).unwrap()
    }

    #[test]
    fn one_serves_a_session_and_an_upstream_for_half_its_life() {
        let (bench, session) = (Bench::new(), session());
        let first = bench.ask(&session, "one", NOW);
        assert_eq!(bench.ask(&session, "one", NOW.plus(LIFE / 2 - 1)), first);
        assert_ne!(bench.ask(&session, "one", NOW.plus(LIFE / 2)), first);
        assert_ne!(bench.ask(&session, "two", NOW), first);
        assert_ne!(bench.ask(&tests::session(), "one", NOW), first);
    }

    #[test]
    fn sec_090_whatever_an_assertion_says_keeps_it_apart() {
        let (bench, session) = (Bench::new(), session());
        let ask = |session: &Session, link: &str, issuer: &str, audience: &str| {
            let grounds = [Ground::Link(LinkId::parse(link).unwrap())];
            let (keys, made) = (&bench.keys, &bench.assertions);
            made.header(session, &grounds, issuer, audience, keys, NOW)
                .unwrap()
        };
        let first = ask(&session, "one", "https://a.example", "urn:a");
        assert_eq!(ask(&session, "one", "https://a.example", "urn:a"), first);
        let others = [
            ask(&tests::session(), "one", "https://a.example", "urn:a"),
            ask(&session, "two", "https://a.example", "urn:a"),
            ask(&session, "one", "https://b.example", "urn:a"),
            ask(&session, "one", "https://a.example", "urn:b"),
        ];
        assert!(others.iter().all(|other| *other != first), "{others:?}");
    }

    #[test]
    fn a_clock_set_back_makes_nothing_fresh() {
        let (bench, session) = (Bench::new(), session());
        let first = bench.ask(&session, "one", NOW);
        assert_ne!(bench.ask(&session, "one", NOW.plus(-1)), first);
    }

    #[test]
    fn the_cache_is_bounded() {
        let (bench, session) = (Bench::new(), session());
        let token = bench.ask(&session, "one", NOW);
        for n in 0..KEPT * 2 {
            let key = Key {
                session: session.id,
                issuer: String::new(),
                audience: n.to_string(),
                subject: String::new(),
            };
            bench.assertions.keep(
                key,
                Made {
                    at: NOW,
                    token: token.clone(),
                },
            );
        }
        assert!(bench.assertions.made.lock().unwrap().len() <= KEPT);
    }

    #[test]
    fn two_people_never_share_a_name() {
        let mut session = session();
        let mut name = |tenant: Option<&str>, subject: &str| {
            let mut somebody = person(subject, false, "ada@fabrikam.example");
            somebody.key.tenant = tenant.map(str::to_owned);
            session.person = Some(somebody);
            subject_of(&session)
        };
        fn subject_of(session: &Session) -> String {
            subject(session, &[])
        }
        assert_ne!(name(Some("a:b"), "c"), name(Some("a"), "b:c"));
        assert_ne!(name(None, "a:b"), name(Some("a"), "b"));
        assert_eq!(name(Some("t"), "ada"), "work-school:t:ada");
    }

    #[test]
    fn a_bearer_is_the_link() {
        let grounds = [Ground::Link(LinkId::parse("link-1").unwrap())];
        assert_eq!(subject(&session(), &grounds), "link:link-1");
    }
}
