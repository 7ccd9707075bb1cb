//! Single logout: told and telling.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use plugins_sdk::message::{Event, Fields, Freshness, Onward, RejectReason, Step};
use plugins_sdk::testing::{Driver, input};
use serde_json::{Value, json};

use super::requests::{verify_enveloped, verify_redirect};
use super::world::*;
use crate::Saml;
use crate::moment;
use crate::send::{Envelope, Sent, send};
use crate::trust::Binding;
use crate::xml_out::Element;

/// A session that began by signing in: its claims.
fn session(settings: &Value, change: impl FnOnce(&mut Answer)) -> plugins_sdk::message::Claims {
    done(sign_in(settings, change))
}

fn sign_out(hint: Option<&str>) -> Event {
    Event::SignOut {
        issuer: PARTNER.to_owned(),
        tenant: None,
        subject: "persistent!a-1".to_owned(),
        sid: None,
        logout_hint: hint.map(str::to_owned),
        return_uri: "https://contoso.localhost/_vestibule/sign-out".to_owned(),
    }
}

/// What the partner asks for.
struct Asked {
    name: (Option<&'static str>, &'static str),
    sessions: Vec<&'static str>,
    destination: &'static str,
    issued_at: i64,
}

impl Default for Asked {
    fn default() -> Self {
        Self {
            name: (Some(PERSISTENT), "a-1"),
            sessions: vec!["s-1"],
            destination: LOGOUT,
            issued_at: NOW,
        }
    }
}

impl Asked {
    fn message(&self) -> Element {
        let name = Element::new("saml", "NameID")
            .optional("Format", self.name.0)
            .text(self.name.1);
        let sessions = self
            .sessions
            .iter()
            .map(|session| Element::new("samlp", "SessionIndex").text(*session));
        Element::new("samlp", "LogoutRequest")
            .attribute("ID", "_logout")
            .attribute("Version", "2.0")
            .attribute("IssueInstant", moment::write(self.issued_at).unwrap())
            .attribute("Destination", self.destination)
            .child(Element::new("saml", "Issuer").text(PARTNER))
            .child(name)
            .children(sessions)
    }

    fn by(&self, binding: Binding, key: Option<&TestKey>) -> Event {
        carried(
            self.message(),
            "_logout",
            "SAMLRequest",
            binding,
            key,
            "relay &<",
        )
    }
}

fn response(in_response_to: &str, status: &str) -> Element {
    let status = format!("urn:oasis:names:tc:SAML:2.0:status:{status}");
    let code = Element::new("samlp", "StatusCode").attribute("Value", status);
    Element::new("samlp", "LogoutResponse")
        .attribute("ID", "_answer")
        .attribute("Version", "2.0")
        .attribute("IssueInstant", moment::write(NOW).unwrap())
        .attribute("Destination", LOGOUT)
        .attribute("InResponseTo", in_response_to)
        .child(Element::new("saml", "Issuer").text(PARTNER))
        .child(Element::new("samlp", "Status").child(code))
}

/// A message of the partner as the gateway gives it to us.
fn carried(
    message: Element,
    id: &str,
    parameter: &'static str,
    binding: Binding,
    key: Option<&TestKey>,
    relay_state: &str,
) -> Event {
    let key = key.map(TestKey::signing);
    let envelope = Envelope {
        binding,
        location: LOGOUT,
        parameter,
        relay_state: Some(relay_state),
        key: key.as_ref(),
    };
    match send(message, id, &envelope).unwrap() {
        Sent::Redirect { url } => by_query(url.split_once('?').unwrap().1),
        Sent::Post { fields, .. } => Event::LogoutRequest {
            query: Fields::new(),
            form: fields,
            raw_query: None,
        },
    }
}

fn by_query(query: &str) -> Event {
    Event::LogoutRequest {
        query: url::form_urlencoded::parse(query.as_bytes())
            .map(|(name, value)| (name.into_owned(), value.into_owned()))
            .collect(),
        form: Fields::new(),
        raw_query: Some(query.to_owned()),
    }
}

fn ended(driver: &Driver<Saml>, event: Event) -> Step {
    begin(driver, event, &good_metadata())
}

const BINDINGS: [Binding; 2] = [Binding::Redirect, Binding::Post];

#[test]
fn the_partner_ends_a_session_by_either_binding() {
    for settings in [settings(&json!({})), fetched_settings(&json!({}))] {
        let sid = session(&settings, |_| {}).sid.unwrap();
        let driver = open(&settings);
        for binding in BINDINGS {
            let step = ended(&driver, Asked::default().by(binding, Some(partner_key())));
            let Step::Ended {
                issuer,
                sid: ended,
                sub,
                at,
                consume,
                then,
            } = step
            else {
                panic!("{step:?}");
            };
            assert_eq!(
                (issuer.as_str(), ended, sub),
                (PARTNER, Some(sid.clone()), None)
            );
            assert_eq!(at, Some(NOW + 180), "its own moment, and the skew");
            assert_eq!(consume.len(), 1);
            assert!(consume[0].id.starts_with("logout:"), "{consume:?}");
            assert!(consume[0].until >= NOW + 300 + 2 * 180, "{consume:?}");
            let Some(Onward::Redirect { url }) = then else {
                panic!("{then:?}");
            };
            assert!(
                url.starts_with(&format!("{SLO}/done?SAMLResponse=")),
                "{url}"
            );
            let xml = message_of(&url, "SAMLResponse");
            assert_eq!(attribute(&xml, "InResponseTo"), "_logout");
            assert_eq!(attribute(&xml, "Destination"), format!("{SLO}/done"));
            assert!(xml.contains("status:Success"), "{xml}");
            assert!(url.contains("&RelayState=relay%20%26%3C&SigAlg="), "{url}");
            verify_signed_answer(&url);
        }
    }
}

/// As [`verify_redirect`], with the partner's `RelayState`.
fn verify_signed_answer(url: &str) {
    let provider = crate::trust::IdentityProvider {
        entity_id: AUDIENCE.to_owned(),
        signing: vec![own_key().certificate_der.clone()],
        single_sign_on: Vec::new(),
        single_logout: Vec::new(),
    };
    let query = url.split_once('?').unwrap().1;
    crate::redirect::verify_redirect(query, "SAMLResponse", &provider).unwrap();
}

#[test]
fn the_answer_goes_the_way_that_the_partner_lists_first() {
    let redirect =
        "<md:SingleLogoutService Binding=\"urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect\"";
    let post = good_metadata().replace(redirect, "<md:X Binding=\"x\"");
    let driver = open(&settings(&json!({ "metadata": post })));
    let step = ended(
        &driver,
        Asked::default().by(Binding::Redirect, Some(partner_key())),
    );
    let Step::Ended {
        then: Some(Onward::Post { url, fields }),
        ..
    } = step
    else {
        panic!("{step:?}");
    };
    assert_eq!(url, SLO);
    assert_eq!(fields["RelayState"], "relay &<");
    let xml = String::from_utf8(STANDARD.decode(&fields["SAMLResponse"]).unwrap()).unwrap();
    verify_enveloped(&xml, own_key());
}

/// The browser's address is no place for what a partner should not have sent.
#[test]
fn a_relay_state_without_measure_is_not_sent_back() {
    let driver = open(&settings(&json!({})));
    for (length, sent_back) in [(1024, true), (1025, false)] {
        let relay = "x".repeat(length);
        let message = Asked::default().message();
        let event = carried(
            message,
            "_logout",
            "SAMLRequest",
            Binding::Post,
            Some(partner_key()),
            &relay,
        );
        let step = ended(&driver, event);
        let Step::Ended {
            then: Some(Onward::Redirect { url }),
            ..
        } = step
        else {
            panic!("{step:?}");
        };
        assert_eq!(url.contains("RelayState"), sent_back);
    }
}

#[test]
fn who_cannot_sign_or_be_told_gets_no_answer() {
    let unsigned = json!({ "signing_key": null, "signing_certificate": null });
    let nowhere = json!({ "metadata": good_metadata().replace("SingleLogoutService", "X") });
    for further in [unsigned, nowhere] {
        let driver = open(&settings(&further));
        let step = ended(
            &driver,
            Asked::default().by(Binding::Post, Some(partner_key())),
        );
        assert!(matches!(step, Step::Ended { then: None, .. }), "{step:?}");
    }
}

/// S166: nothing unsigned, of a strange key, tampered with, elsewhere or old ends anything.
#[test]
fn sec_166_an_unsigned_logout_request_ends_nothing() {
    let driver = open(&settings(&json!({})));
    let refused = |event: Event| {
        let step = ended(&driver, event);
        rejected(&step, RejectReason::AnswerInvalid, "");
    };
    let asked = Asked::default;
    for binding in BINDINGS {
        refused(asked().by(binding, None));
        refused(asked().by(binding, Some(strange_key())));
        refused(asked().by(binding, Some(own_key())));
        for changed in [
            Asked {
                destination: CONSUMER,
                ..asked()
            },
            Asked {
                destination: "https://other.example",
                ..asked()
            },
            Asked {
                issued_at: NOW - 300 - 181,
                ..asked()
            },
            Asked {
                issued_at: NOW + 181,
                ..asked()
            },
        ] {
            refused(changed.by(binding, Some(partner_key())));
        }
    }
    let Event::LogoutRequest { raw_query, .. } = asked().by(Binding::Redirect, Some(partner_key()))
    else {
        panic!();
    };
    let query = raw_query.unwrap();
    for (from, to) in [
        ("relay", "other"),
        ("&RelayState", "&Relay%53tate"),
        ("ecdsa-sha256", "ecdsa-sha1"),
        ("&Signature=", "&Signature=A"),
    ] {
        let changed = query.replacen(from, to, 1);
        assert_ne!(changed, query);
        refused(by_query(&changed));
    }
    let (unsigned, _) = query.split_once("&SigAlg").unwrap();
    refused(by_query(unsigned));
}

#[test]
fn one_message_comes_in_one_place() {
    let driver = open(&settings(&json!({})));
    let form = fields(&[("SAMLRequest", "eA==")]);
    let query = fields(&[("SAMLResponse", "eA==")]);
    let both = fields(&[("SAMLRequest", "eA=="), ("SAMLResponse", "eA==")]);
    let none = Fields::new;
    for (query, form, raw_query) in [
        (none(), none(), None),
        (query.clone(), form, Some("SAMLResponse=eA==".to_owned())),
        (none(), both.clone(), None),
        (both, none(), Some("x".to_owned())),
        (query, none(), None),
    ] {
        let event = Event::LogoutRequest {
            query,
            form,
            raw_query,
        };
        rejected(
            &ended(&driver, event),
            RejectReason::AnswerInvalid,
            "not one message",
        );
    }
}

/// A request without sessions is about all of the person's, if the name is what the person is known by.
#[test]
fn all_sessions_end_when_none_is_named() {
    let driver = open(&settings(&json!({})));
    for sessions in [vec![], vec!["s-1", "s-2"]] {
        let asked = Asked {
            sessions,
            ..Asked::default()
        };
        let step = ended(&driver, asked.by(Binding::Post, Some(partner_key())));
        let Step::Ended { sid, sub, .. } = step else {
            panic!("{step:?}");
        };
        assert_eq!((sid, sub.as_deref()), (None, Some("persistent!a-1")));
    }
    let by_attribute = json!({ "subject_attribute": "uid" });
    for (further, name) in [(&by_attribute, PERSISTENT), (&json!({}), TRANSIENT)] {
        let driver = open(&settings(further));
        let asked = Asked {
            name: (Some(name), "a-1"),
            sessions: vec![],
            ..Asked::default()
        };
        let step = ended(&driver, asked.by(Binding::Post, Some(partner_key())));
        rejected(&step, RejectReason::AnswerInvalid, "which one session");
        // One that is named ends all the same.
        let asked = Asked {
            name: (Some(name), "a-1"),
            ..Asked::default()
        };
        let step = ended(&driver, asked.by(Binding::Post, Some(partner_key())));
        assert!(matches!(step, Step::Ended { sid: Some(_), .. }), "{step:?}");
    }
}

#[test]
fn a_request_of_a_new_key_fetches_the_metadata_again() {
    let driver = open(&fetched_settings(&json!({})));
    let both = metadata(&[
        ("signing", partner_key().base64()),
        ("signing", next_partner_key().base64()),
    ]);
    for binding in BINDINGS {
        let event = Asked::default().by(binding, Some(next_partner_key()));
        let Step::Fetch {
            freshness, state, ..
        } = ended(&driver, event)
        else {
            panic!();
        };
        assert_eq!(freshness, Freshness::Revalidate);
        let good = step(&driver, fetched(&both), Some(state.clone()), NOW);
        assert!(matches!(good, Step::Ended { .. }), "{good:?}");
        let bad = step(&driver, fetched(&good_metadata()), Some(state), NOW);
        rejected(&bad, RejectReason::AnswerInvalid, "no trusted key");
    }
}

#[test]
fn the_partner_is_told_of_a_sign_out() {
    for further in [json!({}), json!({ "subject_attribute": "uid" })] {
        let settings = settings(&further);
        let claims = session(&settings, |answer| {
            answer
                .attributes
                .push(("uid".to_owned(), vec!["1".to_owned()]));
            answer.name = (
                Some(TRANSIENT)
                    .filter(|_| further != json!({}))
                    .or(Some(PERSISTENT)),
                "<a&1>".to_owned(),
            );
            answer.qualifiers = (Some(PARTNER.to_owned()), Some(AUDIENCE.to_owned()));
        });
        let driver = open(&settings);
        let step = ended(&driver, sign_out(claims.logout_hint.as_deref()));
        let Step::Redirect { url, .. } = step else {
            panic!("{step:?}");
        };
        assert!(url.starts_with(&format!("{SLO}?SAMLRequest=")), "{url}");
        verify_redirect(&url, own_key());
        let xml = request_of(&url);
        assert_eq!(attribute(&xml, "Destination"), SLO);
        assert_eq!(attribute(&xml, "NotOnOrAfter"), "2026-11-21T12:05:00Z");
        let format = if further == json!({}) {
            PERSISTENT
        } else {
            TRANSIENT
        };
        assert!(xml.contains(&format!(
            "Format=\"{format}\" NameQualifier=\"{PARTNER}\" SPNameQualifier=\"{AUDIENCE}\">&lt;a&amp;1&gt;</saml:NameID><samlp:SessionIndex>s-1<"
        )), "{xml}");
    }
}

#[test]
fn a_sign_out_goes_by_post_where_that_is_the_way() {
    let redirect =
        "<md:SingleLogoutService Binding=\"urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect\"";
    let post = good_metadata().replace(redirect, "<md:X Binding=\"x\"");
    let settings = settings(&json!({ "metadata": post }));
    let hint = session(&settings, |_| {}).logout_hint;
    let step = ended(&open(&settings), sign_out(hint.as_deref()));
    let Step::Post { url, fields, .. } = step else {
        panic!("{step:?}");
    };
    assert_eq!(
        (url.as_str(), fields["RelayState"].as_str()),
        (SLO, ATTEMPT)
    );
    let xml = String::from_utf8(STANDARD.decode(&fields["SAMLRequest"]).unwrap()).unwrap();
    verify_enveloped(&xml, own_key());
}

#[test]
fn a_sign_out_that_cannot_be_told_is_left_at_that() {
    let hint = session(&settings(&json!({})), |_| {}).logout_hint.unwrap();
    let nowhere = json!({ "metadata": good_metadata().replace("SingleLogoutService", "X") });
    let unsigned = json!({ "signing_key": null, "signing_certificate": null });
    let mut other_issuer = sign_out(Some(&hint));
    if let Event::SignOut { issuer, .. } = &mut other_issuer {
        *issuer = "https://other.example".to_owned();
    }
    for (further, event) in [
        (json!({}), sign_out(None)),
        (json!({}), sign_out(Some("{"))),
        (json!({}), other_issuer),
        (nowhere, sign_out(Some(&hint))),
        (unsigned, sign_out(Some(&hint))),
    ] {
        let step = ended(&open(&settings(&further)), event);
        rejected(&step, RejectReason::ProviderUnavailable, "");
    }
}

/// The id of the request that a sign-out sends.
fn told(driver: &Driver<Saml>, hint: &str) -> String {
    let Step::Redirect { url, .. } = ended(driver, sign_out(Some(hint))) else {
        panic!();
    };
    attribute(&request_of(&url), "ID")
}

#[test]
fn the_answer_to_a_sign_out_is_known_without_memory() {
    for settings in [settings(&json!({})), fetched_settings(&json!({}))] {
        let hint = session(&settings, |_| {}).logout_hint.unwrap();
        let driver = open(&settings);
        let id = told(&driver, &hint);
        for binding in BINDINGS {
            let answer = |message: Element, key: Option<&TestKey>, relay: &str| {
                let event = carried(message, "_answer", "SAMLResponse", binding, key, relay);
                ended(&driver, event)
            };
            let good = answer(response(&id, "Success"), Some(partner_key()), ATTEMPT);
            assert_eq!(good, Step::SignedOut {});
            let key = Some(partner_key());
            for (step, about) in [
                (answer(response(&id, "Success"), None, ATTEMPT), ""),
                (
                    answer(response("_other", "Success"), key, ATTEMPT),
                    "sign-out of ours",
                ),
                (
                    answer(response(&id, "Success"), key, "other"),
                    "sign-out of ours",
                ),
                (
                    answer(response(&id, "Success"), key, ""),
                    "sign-out of ours",
                ),
            ] {
                rejected(&step, RejectReason::AnswerInvalid, about);
            }
            let partial = answer(response(&id, "PartialLogout"), key, ATTEMPT);
            rejected(&partial, RejectReason::ProviderUnavailable, "everywhere");
        }
        let strange = carried(
            response(&id, "Success"),
            "_answer",
            "SAMLResponse",
            Binding::Post,
            Some(strange_key()),
            ATTEMPT,
        );
        let step = ended(&driver, strange);
        assert!(!matches!(step, Step::SignedOut {}), "{step:?}");
    }
}

#[test]
fn ids_of_sign_outs_are_ours_alone() {
    let settings = settings(&json!({}));
    let hint = session(&settings, |_| {}).logout_hint.unwrap();
    let driver = open(&settings);
    let mut request = plugins_sdk::testing::open_request(settings);
    request.instance_key = request.instance_key.replacen('A', "B", 1);
    let other_instance = Driver::<Saml>::open(&request).unwrap();
    let mut elsewhere = input(sign_out(Some(&hint)), None, NOW);
    elsewhere.attempt = "BAAAAAAAAAAAAAAAAAAAAA".to_owned();
    let Step::Redirect { url, .. } = driver.step(&elsewhere).unwrap() else {
        panic!();
    };
    let ids = [
        told(&driver, &hint),
        told(&other_instance, &hint),
        attribute(&request_of(&url), "ID"),
    ];
    assert_eq!(ids[0], told(&driver, &hint));
    assert!(ids[0] != ids[1] && ids[0] != ids[2], "{ids:?}");
    assert!(ids[0].len() >= 44 && ids[0].starts_with('_'), "{ids:?}");
    request.instance_key = "AAAA".to_owned();
    assert!(Driver::<Saml>::open(&request).is_err());
}
