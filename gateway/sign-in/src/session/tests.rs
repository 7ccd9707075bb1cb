use std::collections::HashSet;

use gateway_core::id::{CloudName, ProviderId};
use http::{HeaderMap, HeaderValue, header};
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};

use super::*;
use crate::text;

const NOW: UnixTime = UnixTime(1_800_000_000);
const HOST: &str = "contoso.localhost";
const IDLE: Duration = Duration::from_secs(3600);

fn keyring() -> (tempfile::TempDir, Keyring) {
    let folder = tempfile::tempdir().unwrap();
    let keys = Keyring::open(&folder.path().join("keys"), NOW).unwrap();
    (folder, keys)
}

fn work_school() -> ProviderId {
    ProviderId::parse("work-school").unwrap()
}

fn person() -> SessionPerson {
    SessionPerson {
        key: IdentityKey {
            cloud: Some(CloudName::parse("worldwide").unwrap()),
            provider: work_school(),
            issuer: "https://login.example/33333333-3333-4333-8333-333333333333/v2.0".to_owned(),
            tenant: Some("33333333-3333-4333-8333-333333333333".to_owned()),
            subject: "00000000-0000-4000-8000-00000000ada0".to_owned(),
        },
        kind: ProviderKind::parse("work-school").unwrap(),
        member: false,
        address: Some(EmailAddress::parse("ada@fabrikam.example").unwrap()),
        proof: EmailProof::DomainOwner,
        authenticated_at: NOW.plus(-20),
        amr: vec!["pwd".to_owned(), "mfa".to_owned()],
        contexts: vec!["c1".to_owned()],
        display_name: Some("Ada".to_owned()),
        sid: Some(HomeSession::new(
            &work_school(),
            "https://login.example/33333333-3333-4333-8333-333333333333/v2.0",
            "s-1",
        )),
        logout_hint: Some("hint".to_owned()),
    }
}

fn session() -> Session {
    let mut session = Session::begin(
        TenantId::parse("contoso").unwrap(),
        NOW.plus(10 * 3600),
        NOW,
    )
    .unwrap();
    session.person = Some(person());
    session.add_link(LinkId::parse("link-1").unwrap());
    session
}

#[test]
fn what_was_sealed_opens_as_it_was() {
    let (_folder, keys) = keyring();
    let mut bare = session();
    bare.person = None;
    for session in [session(), bare] {
        let sealed = seal(&session, HOST, &keys).unwrap();
        assert_eq!(open(&sealed, HOST, &keys, IDLE, NOW), Ok(session));
    }
}

#[test]
fn a_session_is_dead_at_its_end_and_when_idle() {
    let (_folder, keys) = keyring();
    let mut session = session();
    let check = |session: &Session, now: UnixTime| {
        let sealed = seal(session, HOST, &keys).unwrap();
        open(&sealed, HOST, &keys, IDLE, now).map(|_| ())
    };
    assert_eq!(check(&session, NOW.plus(3599)), Ok(()));
    assert_eq!(check(&session, NOW.plus(3600)), Err(Unsealed::Idle));
    session.sealed_at = session.expires.plus(-10);
    assert_eq!(check(&session, session.expires.plus(-1)), Ok(()));
    assert_eq!(check(&session, session.expires), Err(Unsealed::Expired));
}

#[test]
fn sec_031_sec_053_a_session_of_one_host_is_none_on_another() {
    let (_folder, keys) = keyring();
    let sealed = seal(&session(), HOST, &keys).unwrap();
    assert_eq!(
        open(&sealed, "woodgrove.localhost", &keys, IDLE, NOW),
        Err(Unsealed::Forged)
    );
}

#[test]
fn what_was_sealed_for_another_purpose_is_no_session() {
    let (_folder, keys) = keyring();
    let sealed = keys
        .seal("another", HOST, &payload::write(&session()).unwrap())
        .unwrap();
    assert_eq!(open(&sealed, HOST, &keys, IDLE, NOW), Err(Unsealed::Forged));
}

#[test]
fn a_session_outlives_a_rotation_but_not_the_key() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("keys");
    let keys = Keyring::open(&path, NOW).unwrap();
    let sealed = seal(&session(), HOST, &keys).unwrap();
    Keyring::rotate(&path, NOW.plus(1)).unwrap();
    keys.reload().unwrap();
    assert!(open(&sealed, HOST, &keys, IDLE, NOW).is_ok());
    Keyring::rotate(&path, NOW.plus(2 + crate::keys::OVERLAP)).unwrap();
    keys.reload().unwrap();
    assert_eq!(open(&sealed, HOST, &keys, IDLE, NOW), Err(Unsealed::Forged));
}

#[test]
fn sec_054_no_random_or_altered_cookie_opens() {
    let (_folder, keys) = keyring();
    let sealed = seal(&session(), HOST, &keys).unwrap();
    let refused = |cookie: &str| open(cookie, HOST, &keys, IDLE, NOW) == Err(Unsealed::Forged);
    let check = |cases: u32, cookies: BoxedStrategy<String>| {
        let config = Config {
            failure_persistence: None,
            ..Config::with_cases(cases)
        };
        TestRunner::new(config)
            .run(&cookies, |cookie| {
                prop_assert!(cookie == sealed || refused(&cookie));
                Ok(())
            })
            .unwrap();
    };
    let bytes = |most| proptest::collection::vec(any::<u8>(), 0..most);
    check(
        50_000,
        bytes(64).prop_map(|bytes| text::encode(&bytes)).boxed(),
    );
    check(
        10_000,
        bytes(700).prop_map(|bytes| text::encode(&bytes)).boxed(),
    );
    check(
        10_000,
        bytes(64)
            .prop_map(|bytes| String::from_utf8_lossy(&bytes).into_owned())
            .boxed(),
    );
    let altered = (0..text::decode(&sealed).unwrap().len(), 1..=255_u8).prop_map({
        let sealed = sealed.clone();
        move |(at, change)| {
            let mut bytes = text::decode(&sealed).unwrap();
            bytes[at] ^= change;
            text::encode(&bytes)
        }
    });
    check(30_000, altered.boxed());
    let mut shorter = sealed.clone();
    while shorter.pop().is_some() {
        assert!(refused(&shorter));
    }
}

#[test]
fn sec_057_no_two_sealings_are_alike() {
    let (_folder, keys) = keyring();
    let session = session();
    let sealed: HashSet<String> = (0..1000)
        .map(|_| seal(&session, HOST, &keys).unwrap())
        .collect();
    assert_eq!(sealed.len(), 1000);
    let nonces: HashSet<Vec<u8>> = sealed
        .iter()
        .map(|sealed| text::decode(sealed).unwrap()[4..16].to_vec())
        .collect();
    assert_eq!(nonces.len(), 1000);
}

#[test]
fn sec_058_a_cookie_is_small_and_a_large_one_is_not_even_decoded() {
    let (_folder, keys) = keyring();
    let sealed = seal(&session(), HOST, &keys).unwrap();
    assert!(sealed.len() < 1024, "{}", sealed.len());
    let mut oversized = session();
    oversized.person.as_mut().unwrap().key.subject = "x".repeat(MAX_SEALED);
    assert_eq!(seal(&oversized, HOST, &keys), Err(NotSealed::Failed));
    assert_eq!(
        open(&"A".repeat(MAX_SEALED + 1), HOST, &keys, IDLE, NOW),
        Err(Unsealed::Forged)
    );
}

#[test]
fn links_are_few_and_the_newest_stay() {
    let mut session = session();
    for number in 0..20 {
        session.add_link(LinkId::parse(&format!("link-{number}")).unwrap());
    }
    session.add_link(LinkId::parse("link-15").unwrap());
    let links: Vec<&str> = session.links.iter().map(LinkId::as_str).collect();
    assert_eq!(
        links,
        [
            "link-12", "link-13", "link-14", "link-16", "link-17", "link-18", "link-19", "link-15"
        ]
    );
}

#[test]
fn a_session_is_sealed_again_after_five_minutes() {
    let session = session();
    let check = |sign_out_after: Option<u32>, first: i64| {
        assert!(!needs_reseal(&session, sign_out_after, NOW.plus(first - 1)));
        assert!(needs_reseal(&session, sign_out_after, NOW.plus(first)));
    };
    check(None, 300);
    check(Some(86_400), 300);
    check(Some(600), 60);
    check(Some(9), 0);
}

#[test]
fn what_was_shown_at_home_is_told_and_nothing_else_is() {
    let principal = session().principal();
    let assurance = principal.person.unwrap().assurance;
    assert!(assurance.mfa_at_home && !assurance.mfa_here);
    assert_eq!(assurance.contexts, ["c1".to_owned()].into());
    assert_eq!(assurance.risk, None);
    assert!(!assurance.terms && !assurance.compliant_device && !assurance.hybrid_device);
    assert_eq!(principal.client.last_used, Some(NOW));
    let mut session = session();
    session.person.as_mut().unwrap().amr = vec!["pwd".to_owned()];
    assert!(!session.principal().person.unwrap().assurance.mfa_at_home);
}

#[test]
fn sec_059_sec_070_odd_and_doubled_cookie_headers_give_no_cookie() {
    let check = |headers: &[&str], want: Option<&str>| {
        let mut map = HeaderMap::new();
        for value in headers {
            map.append(
                header::COOKIE,
                HeaderValue::from_bytes(value.as_bytes()).unwrap(),
            );
        }
        assert_eq!(cookie(&map, COOKIE), want, "{headers:?}");
    };
    check(&["a=b; __Host-vestibule=value; c=d"], Some("value"));
    check(&["a=b", "__Host-vestibule=value"], Some("value"));
    check(&[";;;=;"], None);
    check(&["__Host-vestibule"], None);
    check(&["__Host-vestibule="], None);
    check(&["__host-vestibule=value"], None);
    check(&["__Host-vestibule=one; __Host-vestibule=two"], None);
    check(&["__Host-vestibule=one", "__Host-vestibule=one"], None);
    check(&["__Host-vestibule-attempt=other"], None);
    check(
        &["theme=h\u{e9}; __Host-vestibule=value", "\u{e9}"],
        Some("value"),
    );
    check(&["__Host-vestibule=value\u{e9}"], None);
    check(
        &["__Host-vestibule=one; \u{e9}; __Host-vestibule=two"],
        None,
    );
    check(&[], None);
}

#[test]
fn sec_070_cookies_are_host_only_and_secure() {
    for value in [set_cookie("value"), clear_cookie()] {
        let text = value.to_str().unwrap();
        assert!(text.starts_with("__Host-vestibule="), "{text}");
        for attribute in ["; Path=/;", "; Secure;", "; HttpOnly;", "; SameSite=Lax"] {
            assert!(text.contains(attribute), "{text}");
        }
        assert!(!text.contains("Domain"), "{text}");
    }
}

#[test]
fn what_is_not_kept_of_the_providers_session_is_its_hash() {
    let (_folder, keys) = keyring();
    let mut session = session();
    let person = session.person.as_mut().unwrap();
    person.sid.as_mut().unwrap().sid = None;
    person.logout_hint = None;
    let sealed = seal(&session, HOST, &keys).unwrap();
    assert_eq!(open(&sealed, HOST, &keys, IDLE, NOW), Ok(session));
}
