//! Step 3: who asks. Pure: a cookie, the keys, the directory as it stands, `now`.

use std::time::Duration;

use gateway_core::id::TenantId;
use gateway_core::time::UnixTime;
use gateway_sign_in::SignIn;
use gateway_sign_in::keys::Keyring;
use gateway_sign_in::session::{self, COOKIE, Session};
use gateway_store::directory::Revocations;
use http::HeaderMap;

/// The session that `headers` bring, if it counts at `host` of `tenant` now.
///
/// A cookie that is forged, expired, of another host or revoked is no error: whoever brings it is a stranger.
#[must_use]
pub(crate) fn open(
    headers: &HeaderMap,
    host: &str,
    tenant: &TenantId,
    keys: &Keyring,
    honoured: Honoured<'_>,
    idle: Duration,
    now: UnixTime,
) -> Option<Session> {
    let sealed = session::cookie(headers, COOKIE)?;
    let session = session::open(sealed, host, keys, idle, now).ok()?;
    (session.tenant == *tenant && counts(&session, honoured, now)).then_some(session)
}

/// What a session that opens may still run into.
#[derive(Clone, Copy)]
pub(crate) struct Honoured<'a> {
    /// What was revoked.
    pub revocations: &'a Revocations,
    /// The sign-in, with the providers that are there.
    pub sign_in: &'a SignIn,
}

/// Whether `session` is honoured still: neither over nor revoked, and not of a provider that is gone (row S079).
/// Asked again while a transfer runs.
#[must_use]
pub(crate) fn counts(session: &Session, honoured: Honoured<'_>, now: UnixTime) -> bool {
    let Honoured {
        revocations,
        sign_in,
    } = honoured;
    let served = session
        .person
        .as_ref()
        .is_none_or(|person| sign_in.serves(&person.key.provider, &session.tenant));
    now < session.expires && served && !session.is_revoked(revocations)
}

#[cfg(test)]
mod tests {
    use gateway_sign_in::session::COOKIE;
    use http::HeaderValue;
    use proptest::prelude::*;

    use super::*;
    use crate::tests::support::{HOST, World, tenant};

    fn whoever(world: &World, cookie: &[u8]) -> Option<Session> {
        let mut headers = HeaderMap::new();
        headers.insert(http::header::COOKIE, HeaderValue::from_bytes(cookie).ok()?);
        let gateway = &world.gateway;
        let revocations = gateway.directory.revocations();
        let sign_in = gateway.sign_in();
        let honoured = Honoured {
            revocations: &revocations,
            sign_in: &sign_in,
        };
        let idle = gateway.declared.gateway.sessions.idle;
        let now = crate::clock::now();
        open(
            &headers,
            HOST,
            &tenant(),
            &gateway.keyring,
            honoured,
            idle,
            now,
        )
    }

    fn world() -> (tokio::runtime::Runtime, World) {
        let runtime = tokio::runtime::Runtime::new().unwrap();
        let world = runtime.block_on(World::new("127.0.0.1:1".parse().unwrap()));
        (runtime, world)
    }

    #[test]
    fn sec_054_no_invented_cookie_is_a_session() {
        let (_runtime, world) = world();
        let good = world.cookie(&world.ada());
        assert!(whoever(&world, good.as_bytes()).is_some());
        let mut runner = proptest::test_runner::TestRunner::new(ProptestConfig::with_cases(5000));
        let invented = prop_oneof![
            "[ -~]{0,80}",
            "[A-Za-z0-9_=-]{0,400}".prop_map(|value| format!("{COOKIE}={value}")),
            (0..good.len(), "[ -~]").prop_map({
                let good = good.clone();
                move |(at, with)| {
                    let mut altered = good.clone();
                    altered.replace_range(at..=at, &with);
                    altered
                }
            }),
        ];
        let checked = runner.run(&invented, |cookie| {
            prop_assert!(
                cookie == good || whoever(&world, cookie.as_bytes()).is_none(),
                "{}",
                cookie
            );
            Ok(())
        });
        checked.unwrap();
    }

    #[test]
    fn a_session_ends_at_its_end() {
        let (_runtime, world) = world();
        let mut session = world.ada();
        let revocations = world.gateway.directory.revocations();
        let sign_in = world.gateway.sign_in();
        let honoured = Honoured {
            revocations: &revocations,
            sign_in: &sign_in,
        };
        session.expires = UnixTime(1000);
        assert!(counts(&session, honoured, UnixTime(999)));
        assert!(!counts(&session, honoured, UnixTime(1000)));
    }
}
