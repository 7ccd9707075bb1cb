use http::HeaderMap;
use plugins_sdk::message::{FormButton, FormField};

use super::*;

const HOSTILE: &str = "<script>alert(1)</script>\"'>%n\u{1b}[31m";

fn form() -> Form {
    Form {
        title: HOSTILE.to_owned(),
        text: HOSTILE.to_owned(),
        fields: vec![FormField {
            name: "code".to_owned(),
            label: HOSTILE.to_owned(),
            kind: FieldKind::OneTimeCode,
            max_length: 8,
        }],
        submit: HOSTILE.to_owned(),
        buttons: vec![FormButton {
            name: "resend".to_owned(),
            label: HOSTILE.to_owned(),
        }],
        error: Some(HOSTILE.to_owned()),
    }
}

/// Every page, with hostile text wherever text goes.
fn all() -> Vec<(&'static str, String)> {
    let fields = Fields::from([("SAMLRequest".to_owned(), HOSTILE.to_owned())]);
    let others = [Other {
        id: "google".to_owned(),
        name: HOSTILE.to_owned(),
    }];
    let demand = Demand {
        fresh: true,
        second_factor: true,
        context: Some(HOSTILE.to_owned()),
    };
    let again = Again {
        address: HOSTILE.to_owned(),
        return_to: HOSTILE.to_owned(),
        demand: demand.clone(),
        others: others.to_vec(),
    };
    let refused = Refusal {
        organisation: HOSTILE,
        heading: HOSTILE,
        message: HOSTILE,
        advice: HOSTILE,
        code: HOSTILE,
        request_id: HOSTILE,
        link: Some(Link {
            href: HOSTILE,
            label: HOSTILE,
        }),
    };
    vec![
        (
            "sign-in",
            render(&SignInPage {
                by_sharing: false,
                organisation: HOSTILE,
                return_to: HOSTILE,
                demand: &demand,
                address: HOSTILE,
                error: Some(HOSTILE),
                others: &others,
            }),
        ),
        (
            "provider",
            render(&ProviderPage {
                by_sharing: false,
                organisation: HOSTILE,
                attempt: HOSTILE,
                form: &form(),
                address: HOSTILE,
                return_to: HOSTILE,
                demand: &demand,
                others: &others,
            }),
        ),
        (
            "choose",
            render(&ChoosePage {
                organisation: HOSTILE,
                return_to: HOSTILE,
                demand: &demand,
                address: HOSTILE,
                others: &others,
            }),
        ),
        (
            "consent",
            render(&ConsentPage {
                by_sharing: false,
                organisation: HOSTILE,
                attempt: HOSTILE,
                sharer: Some(HOSTILE),
                name: Some(HOSTILE),
                address: HOSTILE,
                provider: HOSTILE,
                terms: true,
            }),
        ),
        ("refusal", refusal_with_others(&refused, Some(&again))),
        (
            "post",
            render(&PostPage {
                organisation: HOSTILE,
                provider: HOSTILE,
                url: HOSTILE,
                fields: &fields,
                leaving: false,
            }),
        ),
        (
            "post on the way out",
            render(&PostPage {
                organisation: HOSTILE,
                provider: HOSTILE,
                url: HOSTILE,
                fields: &fields,
                leaving: true,
            }),
        ),
        (
            "sign-out",
            render(&SignOutPage {
                organisation: HOSTILE,
                address: Some(HOSTILE),
                provider: Some(HOSTILE),
            }),
        ),
        ("signed-out", signed_out(Home::None)),
        ("signed-out, and at the provider", signed_out(Home::Asked)),
        (
            "signed-out, and perhaps not there",
            signed_out(Home::Alive(HOSTILE)),
        ),
        (
            "loop",
            render(&LoopPage {
                organisation: HOSTILE,
                finding: HOSTILE,
                advice: HOSTILE,
                target: HOSTILE,
                code: HOSTILE,
                request_id: HOSTILE,
            }),
        ),
    ]
}

fn signed_out(home: Home<'_>) -> String {
    render(&SignedOutPage {
        organisation: HOSTILE,
        home,
    })
}

#[test]
fn sec_085_sec_117_text_of_others_is_escaped_on_every_page() {
    for (name, html) in all() {
        assert!(html.contains("alert(1)"), "{name} shows what it was given");
        assert!(!html.contains("<script"), "{name}: {html}");
        assert!(!html.contains("\"'>"), "{name}: {html}");
    }
}

#[test]
fn pages_need_no_script_and_no_inline_style() {
    for (name, html) in all() {
        for absent in [
            "<script",
            " style=",
            "<style",
            " onclick",
            " onload",
            "javascript:",
        ] {
            assert!(!html.contains(absent), "{name} holds {absent}");
        }
    }
}

#[test]
fn pages_fit_phones_and_readers() {
    for (name, html) in all() {
        for present in [
            "<html lang=\"en\">",
            "name=\"viewport\"",
            "<h1>",
            "<main>",
            "<title>",
        ] {
            assert!(html.contains(present), "{name} lacks {present}");
        }
        let labels = html.matches("<label for=").count();
        let inputs = html.matches("<input id=").count();
        assert_eq!(labels, inputs, "{name}: every visible input has a label");
    }
}

#[test]
fn codes_and_addresses_are_offered_by_the_keyboard() {
    let pages = all();
    assert!(pages[0].1.contains("autocomplete=\"email\""));
    assert!(
        pages[1].1.contains("autocomplete=\"one-time-code\"")
            && pages[1].1.contains("inputmode=\"numeric\"")
    );
}

#[test]
fn a_page_is_never_framed_cached_or_sniffed() {
    let check = |forms: Forms, form_action: Option<&str>| {
        let mut headers = HeaderMap::new();
        secure(&mut headers, forms);
        let policy = headers["content-security-policy"]
            .to_str()
            .unwrap()
            .to_owned();
        assert!(
            policy.contains("default-src 'none'") && policy.contains("frame-ancestors 'none'"),
            "{policy}"
        );
        assert!(!policy.contains("unsafe"), "{policy}");
        let directive = policy
            .split("; ")
            .find(|directive| directive.starts_with("form-action"));
        assert_eq!(directive, form_action, "{policy}");
        assert_eq!(headers["x-frame-options"], "DENY");
        assert_eq!(headers["x-content-type-options"], "nosniff");
        assert_eq!(headers["cache-control"], "no-store");
        assert_eq!(headers["referrer-policy"], "same-origin");
    };
    check(Forms::None, Some("form-action 'none'"));
    check(Forms::Own, Some("form-action 'self'"));
    check(Forms::Anywhere, None);
}

#[test]
fn assets_are_named_one_by_one() {
    assert_eq!(assets("style.css").unwrap().0, "text/css; charset=utf-8");
    assert_eq!(assets("mark.svg").unwrap().0, "image/svg+xml");
    assert!(assets("../Cargo.toml").is_none());
}
