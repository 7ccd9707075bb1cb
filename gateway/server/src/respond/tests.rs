use std::collections::BTreeMap;

use gateway_core::policy::{Challenge, Denial, MfaPlace};
use http::Request;

use super::*;
use crate::judge::NotAllowed;
use crate::route::{HostRefused, MethodRefused, Refused};
use crate::upstream::Failed;

fn navigation(method: &str, headers: &[(&str, &str)]) -> bool {
    let mut request = Request::builder().method(method).uri("/");
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    navigates(&request.body(()).unwrap().into_parts().0)
}

#[test]
fn sec_017_only_navigations_are_led_to_the_sign_in() {
    assert!(navigation("GET", &[("accept", "text/html,*/*")]));
    assert!(navigation("GET", &[("sec-fetch-mode", "navigate")]));
    assert!(!navigation(
        "GET",
        &[("accept", "text/html"), ("sec-fetch-mode", "no-cors")]
    ));
    assert!(!navigation(
        "GET",
        &[("accept", "text/html"), ("sec-fetch-dest", "image")]
    ));
    assert!(!navigation("GET", &[("accept", "*/*")]));
    assert!(!navigation(
        "POST",
        &[("accept", "text/html"), ("sec-fetch-mode", "navigate")]
    ));
}

fn every_refusal() -> Vec<Refusal> {
    let denials = [
        Denial::FactsMissing,
        Denial::GuestBlocked,
        Denial::LinkExpired,
        Denial::PermissionMissing,
    ];
    let mut all: Vec<Refusal> = denials
        .into_iter()
        .map(|denial| NotAllowed::Denied(denial).into())
        .collect();
    all.extend([
        NotAllowed::Challenge(Challenge::SignIn).into(),
        NotAllowed::Challenge(Challenge::MemberSignIn).into(),
        NotAllowed::Challenge(Challenge::SignInAgain).into(),
        NotAllowed::Challenge(Challenge::EmailProof).into(),
        NotAllowed::Challenge(Challenge::Consent).into(),
        NotAllowed::Challenge(Challenge::Terms).into(),
        NotAllowed::Challenge(Challenge::Mfa(MfaPlace::Home)).into(),
        NotAllowed::Challenge(Challenge::AuthenticationContext).into(),
        NotAllowed::MembersOnly.into(),
        Refused::Host(HostRefused::Missing).into(),
        Refused::HostUnknown.into(),
        Refused::Query.into(),
        Refused::Framing.into(),
        Refused::ServiceWorker.into(),
        Refused::Method(MethodRefused::NotAllowed).into(),
        Refused::Method(MethodRefused::Unknown).into(),
        Failed::Unreachable(SECRET.to_owned()).into(),
        Failed::Unusable(SECRET.to_owned()).into(),
        Failed::TimedOut.into(),
        Failed::NoLongerAllowed.into(),
        Refusal::NoSuchAddress,
        Refusal::NoSuchLink,
        Refusal::TooManyGuesses,
        Refusal::CookiesTooLong,
        Refusal::FormTooLarge,
        Refusal::NoForm,
        Refusal::Internal(SECRET.to_owned()),
        gateway_store::StoreError::Stale.into(),
    ]);
    all
}

#[test]
fn sec_171_a_network_is_told_how_long_it_is_barred() {
    let row = table::row(&Refusal::TooManyGuesses);
    assert_eq!(row.retry_after, Some(&*crate::links::BARRED.to_string()));
}

const SECRET: &str = "cause-for-operators";

fn audience(navigates: bool) -> Audience {
    Audience {
        context: None,
        id: "request-1".to_owned(),
        navigates,
        head_only: false,
        secure: true,
        http1: true,
        organisation: Some("Contoso".to_owned()),
        return_to: Some("/a?b=c&d".to_owned()),
    }
}

async fn rendered(refusal: Refusal, navigates: bool) -> (http::response::Parts, String) {
    let (response, _) = render(Err(refusal), &audience(navigates));
    let (head, body) = response.into_parts();
    let body = http_body_util::BodyExt::collect(body)
        .await
        .unwrap()
        .to_bytes();
    (head, String::from_utf8(body.to_vec()).unwrap())
}

#[tokio::test]
async fn no_answer_says_what_is_for_operators() {
    for navigates in [false, true] {
        for refusal in every_refusal() {
            let shown = format!("{refusal:?}");
            let (head, body) = rendered(refusal, navigates).await;
            assert!(
                !body.contains(SECRET) && !format!("{head:?}").contains(SECRET),
                "{shown}"
            );
            assert_eq!(head.headers["x-request-id"], "request-1");
            assert!(head.headers.contains_key("strict-transport-security"));
            assert_eq!(head.headers["cache-control"], "no-store", "{shown}");
        }
    }
}

#[tokio::test]
async fn programs_read_code_message_and_request() {
    let mut codes = BTreeMap::new();
    for refusal in every_refusal() {
        let (head, body) = rendered(refusal, false).await;
        let body: serde_json::Value = serde_json::from_str(&body).unwrap();
        assert_eq!(body["request_id"], "request-1");
        assert!(body["message"].as_str().unwrap().ends_with('.'), "{body}");
        codes.insert(body["code"].as_str().unwrap().to_owned(), head.status);
        let must_say = head.status == StatusCode::UNAUTHORIZED;
        assert_eq!(head.headers.contains_key("www-authenticate"), must_say);
        assert_eq!(
            head.headers.contains_key("allow"),
            head.status == StatusCode::METHOD_NOT_ALLOWED
        );
    }
    assert_eq!(codes["permission-missing"], 403);
    assert_eq!(codes["sign-in-required"], 401);
    assert_eq!(codes["sign-in-again-required"], 401);
    assert_eq!(codes["mfa-at-home-required"], 403);
    assert_eq!(codes["terms-required"], 403);
    assert_eq!(codes["host-unknown"], 421);
    assert_eq!(codes["upstream-timeout"], 504);
    assert_eq!(codes["unavailable"], 503);
}

#[tokio::test]
async fn people_are_led_to_the_sign_in_and_back() {
    let (head, body) = rendered(NotAllowed::Challenge(Challenge::SignIn).into(), true).await;
    assert_eq!((head.status, &*body), (StatusCode::SEE_OTHER, ""));
    assert_eq!(
        head.headers["location"],
        "/_vestibule/sign-in?return_to=%2Fa%3Fb%3Dc%26d"
    );
}

#[tokio::test]
async fn people_are_led_to_show_what_their_home_can_vouch_for() {
    let check = async |challenge, context: Option<&str>, want: Option<&str>| {
        let refusal = Refusal::from(NotAllowed::Challenge(challenge));
        let audience = Audience {
            context: context.map(str::to_owned),
            ..audience(true)
        };
        let (response, _) = render(Err(refusal), &audience);
        let location = response.headers().get("location");
        let want =
            want.map(|more| format!("/_vestibule/sign-in?return_to=%2Fa%3Fb%3Dc%26d&{more}"));
        assert_eq!(
            location.map(|location| location.to_str().unwrap()),
            want.as_deref(),
            "{challenge:?} {context:?}"
        );
        let led = if want.is_some() { 303 } else { 403 };
        assert_eq!(response.status(), led);
    };
    let home = Challenge::Mfa(MfaPlace::Home);
    check(home, None, Some("second_factor=1")).await;
    check(home, Some("C1"), Some("second_factor=1")).await;
    // Here nobody can be asked.
    check(Challenge::Mfa(MfaPlace::Resource), Some("C1"), None).await;
    let context = Challenge::AuthenticationContext;
    check(context, Some("C1&x"), Some("context=C1%26x")).await;
    check(context, None, None).await;
}
