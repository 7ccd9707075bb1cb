//! Every range documented in `message.rs`, at its edge and past it.

use super::*;
use crate::message::{Event, FetchMethod, Fields, FormButton, FormField, Step};
use crate::tests::samples;

/// The answer to an event at which the step is at home.
fn accept(step: &Step) -> Result<Step, NotAccepted> {
    let event = match step {
        Step::Document { .. } => Event::MetadataRequest,
        Step::Ended { .. } | Step::SignedOut {} => Event::LogoutRequest {
            query: Fields::new(),
            form: Fields::new(),
            raw_query: None,
        },
        _ => Event::Sent,
    };
    accept_step(
        step.clone(),
        &event,
        &samples::description(),
        &samples::fetch_hosts(),
    )
}

fn sample(kind: &str) -> Step {
    samples::steps()
        .into_iter()
        .find(|step| step.kind() == kind)
        .unwrap()
}

/// Changes the sample of `kind` in its JSON at `pointer`.
fn changed(kind: &str, pointer: &str, value: serde_json::Value) -> Step {
    let mut json = serde_json::to_value(sample(kind)).unwrap();
    *json
        .pointer_mut(pointer)
        .unwrap_or_else(|| panic!("{kind} has no {pointer}")) = value;
    serde_json::from_value(json).unwrap()
}

#[track_caller]
fn good(kind: &str, pointer: &str, value: impl Into<serde_json::Value>) {
    let step = changed(kind, pointer, value.into());
    assert_eq!(accept(&step), Ok(step.clone()), "{kind}{pointer}");
}

#[track_caller]
fn bad(kind: &str, pointer: &str, value: impl Into<serde_json::Value>) {
    let value = value.into();
    let accepted = accept(&changed(kind, pointer, value.clone()));
    assert!(accepted.is_err(), "{kind}{pointer} was accepted as {value}");
}

/// A text may have `most` characters and no more, and no control characters.
#[track_caller]
fn at_most(kind: &str, pointer: &str, most: usize) {
    good(kind, pointer, "x".repeat(most));
    bad(kind, pointer, "x".repeat(most + 1));
    bad(kind, pointer, "a\rb");
}

#[test]
fn the_samples_are_accepted() {
    for step in samples::steps() {
        assert_eq!(accept(&step), Ok(step.clone()));
    }
    check_description(&samples::description()).unwrap();
    check_fetch_hosts(&samples::fetch_hosts(), &samples::description()).unwrap();
}

#[test]
fn state_has_64_kib() {
    for kind in ["redirect", "post", "show", "fetch", "mail"] {
        good(kind, "/state", "x".repeat(65_536));
        let accepted = accept(&changed(kind, "/state", "x".repeat(65_537).into()));
        assert_eq!(
            accepted,
            Err(NotAccepted::StateTooLarge { length: 65_537 }),
            "{kind}"
        );
    }
}

#[test]
fn capabilities_must_be_declared() {
    for (kind, capability) in [
        ("show", Capability::Show),
        ("fetch", Capability::Fetch),
        ("mail", Capability::Mail),
    ] {
        let mut description = samples::description();
        description.capabilities.retain(|one| *one != capability);
        let accepted = accept_step(
            sample(kind),
            &Event::Sent,
            &description,
            &samples::fetch_hosts(),
        );
        assert_eq!(
            accepted,
            Err(NotAccepted::CapabilityNotDeclared(capability))
        );
    }
    let silent = Description {
        capabilities: Vec::new(),
        ..samples::description()
    };
    assert!(check_fetch_hosts(&samples::fetch_hosts(), &silent).is_err());
    assert_eq!(check_fetch_hosts(&[], &silent), Ok(()));
}

/// Which steps answer which event.
#[test]
fn steps_answer_the_events_they_are_for() {
    let anything_for_a_person = "redirect post show fetch mail done reject";
    for event in samples::events() {
        let wanted = match event {
            Event::MetadataRequest => "fetch document reject",
            Event::LogoutRequest { .. } => "fetch ended signed_out reject",
            Event::SignOut { .. } => "redirect post fetch reject",
            Event::Response { .. } => {
                "redirect post show fetch mail done document ended signed_out reject"
            }
            _ => anything_for_a_person,
        };
        let (description, hosts) = (samples::description(), samples::fetch_hosts());
        let accepted =
            |step: &Step| accept_step(step.clone(), &event, &description, &hosts).is_ok();
        let found: Vec<_> = samples::steps()
            .iter()
            .filter(|step| accepted(step))
            .map(Step::kind)
            .collect();
        assert_eq!(found.join(" "), wanted, "{}", event.kind());
    }
}

#[test]
fn urls_are_https_or_http_on_loopback() {
    for (kind, pointer) in [("redirect", "/url"), ("post", "/url")] {
        for url in [
            "https://idp.example/",
            "HTTPS://idp.example:8443/a?b#c",
            "http://localhost:8080/",
            "http://idp.localhost/",
            "http://127.0.0.1/",
            "http://[::1]:9/",
        ] {
            good(kind, pointer, url);
        }
        for url in [
            "",
            "/relative",
            "//idp.example/",
            "http://idp.example/",
            "http://localhost.example/",
            "http://notlocalhost/",
            "http://128.0.0.1/",
            "javascript:alert(1)",
            "data:text/html,x",
            "https://user@idp.example/",
            "https://user:pass@idp.example/",
            "https:///",
            "https:\\\\idp.example/",
            "https://idp.example/ü",
            "https://idp.example/\n",
        ] {
            bad(kind, pointer, url);
        }
        bad(
            kind,
            pointer,
            format!("https://idp.example/{}", "x".repeat(16_384)),
        );
    }
}

#[test]
fn fetches_go_to_declared_hosts_only() {
    good("fetch", "/request/url", "https://idp.localhost:8443/keys");
    // The scheme's own port is the same place.
    good("fetch", "/request/url", "https://idp.example:443/keys");
    for url in [
        "https://idp.localhost/",
        "https://idp.example:8443/",
        "https://sub.idp.example/",
        "https://idp.example.evil.example/",
        "https://idp.example@evil.example/",
        "https://idp.example\\@evil.example/",
        "http://idp.example/",
        "https://169.254.169.254/",
    ] {
        bad("fetch", "/request/url", url);
    }
}

#[test]
fn fetches_cannot_frame_the_request_themselves() {
    let header = |name: &str, value: &str| serde_json::json!({ name: value });
    good(
        "fetch",
        "/request/headers",
        header("authorization", "Bearer x"),
    );
    for name in [
        "",
        "Accept",
        "host",
        "content-length",
        "transfer-encoding",
        "connection",
        "a b",
        "a:b",
        "a\r\nb",
        "é",
    ] {
        bad("fetch", "/request/headers", header(name, "x"));
    }
    bad(
        "fetch",
        "/request/headers",
        header("accept", "x\r\nhost: evil.example"),
    );
    bad("fetch", "/request/method", "GET");
    good("fetch", "/request/body", serde_json::Value::Null);
    good("fetch", "/request/body", "x".repeat(262_144));
    bad("fetch", "/request/body", "x".repeat(262_145));
}

#[test]
fn a_get_has_no_body() {
    let Step::Fetch {
        mut request,
        freshness,
        state,
    } = sample("fetch")
    else {
        panic!()
    };
    (request.method, request.body) = (FetchMethod::Get, None);
    assert!(
        accept(&Step::Fetch {
            request,
            freshness,
            state
        })
        .is_ok()
    );
}

#[test]
fn forms_are_bounded() {
    at_most("show", "/form/title", 80);
    at_most("show", "/form/text", 400);
    at_most("show", "/form/submit", 40);
    at_most("show", "/form/error", 200);
    at_most("show", "/form/fields/0/label", 80);
    at_most("show", "/form/buttons/0/label", 40);
    for empty in [
        "/form/title",
        "/form/submit",
        "/form/fields/0/label",
        "/form/buttons/0/label",
    ] {
        bad("show", empty, "");
    }
    good("show", "/form/text", "");
    for (pointer, least, most) in [("/submits", 1, 20), ("/form/fields/0/max_length", 1, 1024)] {
        good("show", pointer, least);
        good("show", pointer, most);
        bad("show", pointer, least - 1);
        bad("show", pointer, most + 1);
    }
    // Characters and not bytes.
    good("show", "/form/title", "ü".repeat(80));
}

#[test]
fn field_names_are_plain_and_unique() {
    for pointer in ["/form/fields/0/name", "/form/buttons/0/name"] {
        good("show", pointer, "a".repeat(32));
        good("show", pointer, "a_1");
        for name in [
            "",
            "1a",
            "_a",
            "A",
            "a-b",
            "a b",
            "a\"",
            "attempt",
            &"a".repeat(33),
        ] {
            bad("show", pointer, name);
        }
    }
    bad("show", "/form/buttons/0/name", "code");
}

#[test]
fn a_form_has_1_to_8_fields_and_at_most_3_buttons() {
    let accepted = |inputs: usize, buttons: usize| {
        let mut form = samples::form();
        let (field, button) = (form.fields.remove(0), form.buttons.remove(0));
        form.fields = (0..inputs)
            .map(|n| FormField {
                name: format!("f{n}"),
                ..field.clone()
            })
            .collect();
        form.buttons = (0..buttons)
            .map(|n| FormButton {
                name: format!("b{n}"),
                ..button.clone()
            })
            .collect();
        accept(&Step::Show {
            form,
            submits: 1,
            state: String::new(),
        })
        .is_ok()
    };
    assert_eq!(
        [
            accepted(0, 0),
            accepted(1, 0),
            accepted(8, 3),
            accepted(9, 0),
            accepted(1, 4)
        ],
        [false, true, true, false, false]
    );
}

#[test]
fn mails_are_bounded() {
    at_most("mail", "/subject", 120);
    bad("mail", "/subject", "");
    bad("mail", "/subject", "Code\nBcc: everybody@example.com");
    good("mail", "/text", "x".repeat(4096));
    bad("mail", "/text", "x".repeat(4097));
    bad("mail", "/text", "a\u{0}b");
    bad("mail", "/to", "a@b.example\r\nRCPT TO: c@d.example");
    bad("mail", "/to", "");
}

#[test]
fn claims_are_bounded() {
    for pointer in [
        "/claims/issuer",
        "/claims/subject",
        "/claims/tenant",
        "/claims/cloud",
        "/claims/sid",
    ] {
        at_most("done", pointer, 512);
        bad("done", pointer, "");
    }
    at_most("done", "/claims/email/address", 320);
    good("done", "/claims/amr", vec!["pwd"; 64]);
    bad("done", "/claims/amr", vec!["pwd"; 65]);
    bad("done", "/claims/contexts", vec!["c1"; 65]);
    at_most("done", "/consume/0/id", 256);
    bad("done", "/consume/0/id", "");
}

#[test]
fn what_people_only_read_is_cut_and_not_refused() {
    let Ok(Step::Reject { detail, .. }) = accept(&changed(
        "reject",
        "/detail",
        format!("a\n\u{1b}[2J{}", "ü".repeat(2000)).into(),
    )) else {
        panic!("refused")
    };
    assert!(
        detail.len() <= 1024 && detail.starts_with("a  [2J"),
        "{detail}"
    );
    let Ok(Step::Done { claims, .. }) = accept(&changed(
        "done",
        "/claims/display_name",
        "x\r".repeat(2000).into(),
    )) else {
        panic!("refused")
    };
    assert!(
        claims
            .display_name
            .is_some_and(|name| name.len() <= 512 && !name.contains('\r'))
    );
}

#[test]
fn a_logout_names_somebody() {
    bad("ended", "/sid", serde_json::Value::Null);
    at_most("ended", "/sid", 512);
    at_most("ended", "/issuer", 512);
    bad("ended", "/issuer", "");
}

#[test]
fn documents_have_a_media_type() {
    good(
        "document",
        "/content_type",
        format!("text/{}", "x".repeat(123)),
    );
    for wrong in [
        &format!("text/{}", "x".repeat(124)),
        "",
        "xml",
        "text/\u{e9}",
    ] {
        bad("document", "/content_type", wrong);
    }
}

#[test]
fn descriptions_are_bounded() {
    let check = |pointer: &str, value: serde_json::Value, wanted: bool| {
        let mut json = serde_json::to_value(samples::description()).unwrap();
        *json.pointer_mut(pointer).unwrap() = value.clone();
        let description = serde_json::from_value(json).unwrap();
        assert_eq!(
            check_description(&description).is_ok(),
            wanted,
            "{pointer}: {value}"
        );
    };
    for (kind, wanted) in [
        ("work-school", true),
        ("", false),
        ("Work", false),
        ("a/b", false),
        ("a b", false),
    ] {
        check("/kind", kind.into(), wanted);
    }
    check("/kind", "a".repeat(64).into(), true);
    check("/kind", "a".repeat(65).into(), false);
    check("/display_name", "x".repeat(80).into(), true);
    check("/display_name", "x".repeat(81).into(), false);
    check("/display_name", "".into(), false);
    check("/version", "x".repeat(65).into(), false);
    for (domain, wanted) in [
        ("xn--bcher-kva.example", true),
        ("Gmail.com", false),
        ("bücher.example", false),
        ("a b", false),
    ] {
        check("/home_domains", vec![domain].into(), wanted);
    }
}

#[test]
fn fetch_hosts_are_names_with_or_without_port() {
    let check = |host: &str| check_fetch_hosts(&[host.to_owned()], &samples::description()).is_ok();
    for host in [
        "idp.example",
        "idp.example:8443",
        "127.0.0.1:80",
        "[::1]",
        "[::1]:8443",
    ] {
        assert!(check(host), "{host}");
    }
    for host in [
        "",
        "*",
        "*.example",
        "https://idp.example",
        "idp.example/",
        "IDP.example",
        "idp.example:",
        ":80",
        "a:0",
        "a:65536",
        "a:080",
        "a:b",
        "a@b",
        "a b",
    ] {
        assert!(!check(host), "{host}");
    }
}
