//! What an assertion means, without the signatures around it.

use std::collections::BTreeMap;

use plugins_sdk::message::EmailProof;

use super::world::*;
use crate::accepted::{Accepted, NameId};
use crate::federation::Identity;
use crate::hint;
use crate::person::{Parties, claims, hash, person_key, session_key};
use crate::rejection::AccountRefused;

const PARTIES: Parties<'_> = Parties {
    issuer: PARTNER,
    audience: AUDIENCE,
};
const EMAIL_FORMAT: &str = "urn:oasis:names:tc:SAML:1.1:nameid-format:emailAddress";

fn identity() -> Identity {
    Identity {
        subject_attribute: None,
        email_attribute: None,
        display_name_attribute: None,
        domains: ["fabrikam.example", "xn--bcher-kva.example"]
            .map(str::to_owned)
            .into(),
        second_factors: ["https://refeds.org/profile/mfa", "urn:x:mfa"]
            .map(str::to_owned)
            .into(),
    }
}

fn name(format: Option<&str>, value: &str) -> NameId {
    NameId {
        value: value.to_owned(),
        format: format.map(str::to_owned),
        name_qualifier: None,
        sp_name_qualifier: None,
    }
}

fn accepted() -> Accepted {
    Accepted {
        issuer: PARTNER.to_owned(),
        assertion_id: "_a".to_owned(),
        dead_at: NOW + 480,
        name_id: name(Some(PERSISTENT), "a-1"),
        session_index: Some("s-1".to_owned()),
        authenticated_at: NOW - 5,
        context: Some(
            "urn:oasis:names:tc:SAML:2.0:ac:classes:PasswordProtectedTransport".to_owned(),
        ),
        attributes: BTreeMap::from([(EMAIL.to_owned(), vec!["ada@fabrikam.example".to_owned()])]),
    }
}

fn with_attributes(attributes: &[(&str, &[&str])]) -> Accepted {
    let attributes = attributes.iter().map(|(name, values)| {
        let values = values.iter().map(|value| (*value).to_owned()).collect();
        ((*name).to_owned(), values)
    });
    Accepted {
        attributes: attributes.collect(),
        ..accepted()
    }
}

#[test]
fn the_person_is_the_persistent_name() {
    let claims = claims(&accepted(), &identity(), PARTIES, true).unwrap();
    assert_eq!(claims.issuer, PARTNER);
    assert_eq!(claims.subject, "persistent!a-1");
    assert_eq!(claims.authenticated_at, Some(NOW - 5));
    assert_eq!(claims.amr, ["pwd"]);
    assert_eq!((claims.tenant, claims.cloud), (None, None));
    assert_eq!(claims.contexts, [] as [&str; 0]);
    let email = claims.email.unwrap();
    assert_eq!(
        (email.address.as_str(), email.proof),
        ("ada@fabrikam.example", EmailProof::DomainOwner)
    );
}

/// Absent qualifiers are the parties themselves; others make another person; nothing in a name can pretend to be one.
#[test]
fn qualifiers_are_part_of_the_name() {
    let key = |value: &str, by: Option<&str>, with: Option<&str>| {
        let name = NameId {
            name_qualifier: by.map(str::to_owned),
            sp_name_qualifier: with.map(str::to_owned),
            ..name(Some(PERSISTENT), value)
        };
        person_key(&name, PARTIES).unwrap()
    };
    let plain = key("a", None, None);
    assert_eq!(key("a", Some(PARTNER), None), plain);
    assert_eq!(key("a", Some(PARTNER), Some(AUDIENCE)), plain);
    let keys = [
        plain,
        key("a", Some("x"), None),
        key("a", None, Some("x")),
        key("a", Some("x"), Some("y")),
        key("a!x", Some("y"), None),
        key("a!x!y", None, None),
        key("a%21x", None, None),
        key("A", None, None),
    ];
    let distinct: std::collections::BTreeSet<_> = keys.iter().collect();
    assert_eq!(distinct.len(), keys.len(), "{keys:?}");
}

#[test]
fn only_a_persistent_name_is_a_key() {
    for format in [
        None,
        Some(TRANSIENT),
        Some(EMAIL_FORMAT),
        Some("urn:oasis:names:tc:SAML:1.1:nameid-format:unspecified"),
    ] {
        let accepted = Accepted {
            name_id: name(format, "a-1"),
            ..accepted()
        };
        assert_eq!(
            claims(&accepted, &identity(), PARTIES, true),
            Err(AccountRefused::NotPersistent),
            "{format:?}"
        );
    }
}

#[test]
fn a_name_that_cannot_be_a_key_is_refused() {
    for value in ["", " a", "a ", "a\u{7}", &"x".repeat(502)] {
        let accepted = Accepted {
            name_id: name(Some(PERSISTENT), value),
            ..accepted()
        };
        assert_eq!(
            claims(&accepted, &identity(), PARTIES, true),
            Err(AccountRefused::SubjectUnusable),
            "{value}"
        );
    }
}

#[test]
fn a_named_attribute_stands_for_a_transient_name() {
    let identity = Identity {
        subject_attribute: Some("uid".to_owned()),
        ..identity()
    };
    let subject = |values: &[&str]| {
        let accepted = Accepted {
            name_id: name(Some(TRANSIENT), "_t"),
            ..with_attributes(&[("uid", values), (EMAIL, &["ada@fabrikam.example"])])
        };
        claims(&accepted, &identity, PARTIES, true).map(|claims| claims.subject)
    };
    assert_eq!(subject(&["4711"]).as_deref(), Ok("attribute!uid!4711"));
    assert_eq!(subject(&["a!b"]).as_deref(), Ok("attribute!uid!a%21b"));
    for values in [&[][..], &[""], &["a", "b"], &["a", "a"]] {
        assert_eq!(
            subject(values),
            Err(AccountRefused::SubjectAttribute("uid".to_owned())),
            "{values:?}"
        );
    }
    assert_eq!(subject(&[" a"]), Err(AccountRefused::SubjectUnusable));
}

/// S073, and AADSTS5000819 of the directory that is the model: no address, or one of another domain, is no sign-in.
#[test]
fn sec_073_a_partner_proves_addresses_of_its_domains_only() {
    let email = |address: &str| {
        claims(
            &with_attributes(&[(EMAIL, &[address])]),
            &identity(),
            PARTIES,
            true,
        )
        .map(|claims| claims.email.unwrap().address)
    };
    for good in [
        "ada@fabrikam.example",
        "Ada@Fabrikam.Example",
        " ada@fabrikam.example\n",
        "ada@b\u{fc}cher.example",
    ] {
        assert_eq!(email(good).as_deref(), Ok(good.trim()), "{good}");
    }
    for domain in [
        "contoso.example",
        "sub.fabrikam.example",
        "fabrikam.example.evil.example",
    ] {
        assert_eq!(
            email(&format!("ada@{domain}")),
            Err(AccountRefused::ForeignDomain(domain.to_owned()))
        );
    }
    for address in [
        "ada",
        "@fabrikam.example",
        "ada@contoso.example@fabrikam.example",
        "ada@fabrikam.example@contoso.example",
        "ada@fabrik%61m.example",
        "ada@fabrikam.example.",
        "ada@fabrikam.example/x",
        &format!("{}@fabrikam.example", "x".repeat(400)),
    ] {
        assert_eq!(
            email(address),
            Err(AccountRefused::AddressUnusable),
            "{address}"
        );
    }
    assert_eq!(email("  "), Err(AccountRefused::NoAddress));
}

#[test]
fn the_address_is_looked_for_where_partners_put_it() {
    let oid = "urn:oid:0.9.2342.19200300.100.1.3";
    let address = |accepted: &Accepted, identity: &Identity| {
        claims(accepted, identity, PARTIES, true).map(|claims| claims.email.unwrap().address)
    };
    let found = address(
        &with_attributes(&[(oid, &["a@fabrikam.example"])]),
        &identity(),
    );
    assert_eq!(found.as_deref(), Ok("a@fabrikam.example"));
    let both = with_attributes(&[
        (EMAIL, &["b@fabrikam.example"]),
        (oid, &["a@fabrikam.example"]),
    ]);
    assert_eq!(
        address(&both, &identity()).as_deref(),
        Ok("b@fabrikam.example")
    );
    let several = with_attributes(&[(EMAIL, &["a@fabrikam.example", "b@fabrikam.example"])]);
    assert_eq!(
        address(&several, &identity()),
        Err(AccountRefused::SeveralAddresses)
    );
    let twice = with_attributes(&[(EMAIL, &["a@fabrikam.example", "a@fabrikam.example"])]);
    assert!(address(&twice, &identity()).is_ok());
    assert_eq!(
        address(&with_attributes(&[]), &identity()),
        Err(AccountRefused::NoAddress)
    );
    let named = Identity {
        email_attribute: Some("mail".to_owned()),
        ..identity()
    };
    assert_eq!(address(&both, &named), Err(AccountRefused::NoAddress));
    let mail = with_attributes(&[("mail", &["c@fabrikam.example"])]);
    assert_eq!(address(&mail, &named).as_deref(), Ok("c@fabrikam.example"));
    let by_name = Accepted {
        name_id: name(Some(EMAIL_FORMAT), "d@fabrikam.example"),
        ..with_attributes(&[("uid", &["1"])])
    };
    let by_uid = Identity {
        subject_attribute: Some("uid".to_owned()),
        ..identity()
    };
    assert_eq!(
        address(&by_name, &by_uid).as_deref(),
        Ok("d@fabrikam.example")
    );
}

#[test]
fn a_second_factor_is_one_of_those_configured() {
    let amr = |context: Option<&str>, methods: &[&str]| {
        let accepted = Accepted {
            context: context.map(str::to_owned),
            ..with_attributes(&[
                (EMAIL, &["ada@fabrikam.example"]),
                (
                    "http://schemas.microsoft.com/claims/authnmethodsreferences",
                    methods,
                ),
            ])
        };
        claims(&accepted, &identity(), PARTIES, true).unwrap().amr
    };
    assert_eq!(amr(Some("https://refeds.org/profile/mfa"), &[]), ["mfa"]);
    assert_eq!(amr(Some("urn:x:mfa"), &[]), ["mfa"]);
    assert_eq!(amr(None, &["urn:y", "urn:x:mfa"]), ["mfa"]);
    let password = "urn:oasis:names:tc:SAML:2.0:ac:classes:Password";
    assert_eq!(amr(Some(password), &["urn:x:mfa"]), ["pwd", "mfa"]);
    for other in [None, Some("https://refeds.org/profile/mfa/"), Some("mfa")] {
        assert_eq!(amr(other, &["mfa"]), [] as [&str; 0], "{other:?}");
    }
}

#[test]
fn a_name_is_shown_where_there_is_one() {
    let email = (EMAIL, &["ada@fabrikam.example"][..]);
    let shown = |attributes: &[(&str, &[&str])], identity: &Identity| {
        claims(&with_attributes(attributes), identity, PARTIES, true)
            .unwrap()
            .display_name
    };
    let known = "urn:oid:2.16.840.1.113730.3.1.241";
    assert_eq!(
        shown(&[email, (known, &["Ada"])], &identity()).as_deref(),
        Some("Ada")
    );
    assert_eq!(shown(&[email, ("cn", &["Ada"])], &identity()), None);
    let named = Identity {
        display_name_attribute: Some("cn".to_owned()),
        ..identity()
    };
    assert_eq!(
        shown(&[email, ("cn", &["Ada", "A."])], &named).as_deref(),
        Some("Ada")
    );
}

#[test]
fn a_session_is_name_and_index() {
    let session = |name: &NameId, index: &str| session_key(name, index, PARTIES);
    let ours = name(Some(PERSISTENT), "a");
    let same = NameId {
        name_qualifier: Some(PARTNER.to_owned()),
        sp_name_qualifier: Some(AUDIENCE.to_owned()),
        ..ours.clone()
    };
    assert_eq!(session(&ours, "1"), session(&same, "1"));
    assert_eq!(session(&ours, "1").len(), 43);
    assert_ne!(session(&ours, "1"), session(&ours, "2"));
    assert_ne!(
        session(&ours, "1"),
        session(&name(Some(PERSISTENT), "b"), "1")
    );
    assert_ne!(
        session(&ours, "1"),
        session(&name(Some(TRANSIENT), "a"), "1")
    );
    assert_ne!(hash(&["ab", "c"]), hash(&["a", "bc"]));
    let none = Accepted {
        session_index: None,
        ..accepted()
    };
    assert_eq!(claims(&none, &identity(), PARTIES, true).unwrap().sid, None);
}

#[test]
fn the_hint_is_short_and_gives_back_the_name() {
    let names = [
        name(Some(PERSISTENT), "a-1"),
        name(None, "a\"\\\u{e9}"),
        NameId {
            name_qualifier: Some(PARTNER.to_owned()),
            sp_name_qualifier: Some(AUDIENCE.to_owned()),
            ..name(Some(TRANSIENT), "_t")
        },
        NameId {
            name_qualifier: Some("x".to_owned()),
            sp_name_qualifier: Some(String::new()),
            ..name(Some("urn:x"), "t")
        },
    ];
    for name in names {
        for session in [None, Some("s"), Some("")] {
            let written = hint::write(&name, session, PARTIES).unwrap();
            let read = hint::read(&written, PARTIES).unwrap();
            assert_eq!(
                read,
                (name.clone(), session.map(str::to_owned)),
                "{written}"
            );
        }
    }
    // What would come back as something else is not written.
    assert_eq!(hint::write(&name(Some("~x"), "a"), None, PARTIES), None);
    let equals = NameId {
        name_qualifier: Some("=".to_owned()),
        ..name(None, "a")
    };
    assert_eq!(hint::write(&equals, None, PARTIES), None);
    assert_eq!(
        hint::write(&name(None, &"x".repeat(505)), None, PARTIES),
        None
    );
    assert!(hint::write(&name(None, &"x".repeat(500)), None, PARTIES).is_some());
    assert_eq!(hint::read("{", PARTIES), None);
}

#[test]
fn without_a_key_there_is_nothing_to_hint_at() {
    assert_eq!(
        claims(&accepted(), &identity(), PARTIES, false)
            .unwrap()
            .logout_hint,
        None
    );
    assert!(
        claims(&accepted(), &identity(), PARTIES, true)
            .unwrap()
            .logout_hint
            .is_some()
    );
}
