//! Entries for fuzzing and benchmarks: nothing else may use them.

use std::sync::OnceLock;

use url::Url;

use crate::accepted::Accepted;
use crate::guard::LARGEST;
use crate::message::{MessageSignature, logout_request, logout_response};
use crate::metadata::{self, Pinned};
use crate::place::Hosts;
use crate::redirect::verify_redirect;
use crate::refused::Refused;
use crate::self_test::{RESPONSES, judge, provider};
use crate::trust::IdentityProvider;
use crate::xml;

/// Good responses, to start from.
pub fn good_responses() -> [&'static str; 2] {
    RESPONSES
}

/// Judges `bytes` as a response to the known request.
///
/// # Panics
/// If something is believed that the provider did not say.
pub fn fuzz_response(bytes: &[u8]) {
    let Some(known) = known() else {
        return;
    };
    if let Ok(accepted) = judge(bytes, &known.provider) {
        assert!(known.answers.contains(&accepted), "a forgery was accepted");
    }
}

/// Why a response is refused, or `accepted`.
pub fn judge_response(bytes: &[u8]) -> String {
    known().map_or("no provider".to_owned(), |known| {
        judge(bytes, &known.provider).map_or_else(|why| why.to_string(), |_| "accepted".to_owned())
    })
}

/// Judges `bytes` as sign-outs of every kind, as a query and as any XML.
///
/// # Panics
/// If a sign-out is believed: nobody signed one.
pub fn fuzz_message(bytes: &[u8]) {
    let Some(known) = known() else {
        return;
    };
    let _ = xml::parse(bytes, LARGEST);
    let _ = xml::parse_commented(bytes, LARGEST);
    for signature in [MessageSignature::Enveloped, MessageSignature::Detached] {
        let here = "https://gateway.example/saml/logout";
        let provider = &known.provider;
        let request = logout_request(bytes, provider, signature, here, 180, 1_795_262_400);
        let response = logout_response(bytes, provider, signature, here, 180, 1_795_262_400);
        let believed = request.is_ok() || response.is_ok();
        assert!(
            !believed || signature == MessageSignature::Detached,
            "a forgery was accepted"
        );
    }
    if let Ok(query) = std::str::from_utf8(bytes) {
        let judged = verify_redirect(query, "SAMLRequest", &known.provider);
        assert!(judged.is_err(), "a forgery was accepted");
    }
}

/// Reads `bytes` as a partner's metadata.
///
/// # Panics
/// If it says who the partner is, leaves it without a key, or sends people to another host.
pub fn fuzz_metadata(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else {
        return;
    };
    let (entity_id, host) = ("https://idp.example/saml", "idp.example");
    let pinned = Pinned {
        entity_id: entity_id.to_owned(),
        hosts: Hosts {
            only: Some([host.to_owned()].into()),
            allow_insecure_loopback: false,
        },
        anchor: None,
    };
    let Ok(partner) = metadata::read(text, &pinned) else {
        return;
    };
    let provider = partner.provider;
    assert_eq!(provider.entity_id, entity_id, "another entity was accepted");
    assert!(!provider.signing.is_empty(), "no key was accepted");
    let places = provider
        .single_sign_on
        .iter()
        .chain(&provider.single_logout);
    for place in places {
        for location in [Some(&place.location), place.response_location.as_ref()] {
            let url = location.and_then(|location| Url::parse(location).ok());
            let elsewhere = url.is_some_and(|url| url.host_str() != Some(host));
            assert!(!elsewhere, "another host was accepted");
        }
    }
}

struct Known {
    provider: IdentityProvider,
    answers: Vec<Accepted>,
}

fn known() -> Option<&'static Known> {
    static KNOWN: OnceLock<Option<Known>> = OnceLock::new();
    KNOWN
        .get_or_init(|| {
            let provider = provider().ok()?;
            let answers = RESPONSES.map(|response| judge(response.as_bytes(), &provider));
            let answers: Result<_, Refused> = answers.into_iter().collect();
            Some(Known {
                answers: answers.ok()?,
                provider,
            })
        })
        .as_ref()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_entries_take_anything() {
        for response in good_responses() {
            fuzz_response(response.as_bytes());
            fuzz_message(response.as_bytes());
            assert_eq!(judge_response(response.as_bytes()), "accepted");
        }
        for bytes in [&b""[..], b"<", b"\xff", b"SAMLRequest=&SigAlg=&Signature="] {
            fuzz_response(bytes);
            fuzz_message(bytes);
        }
        for bytes in [&b""[..], b"<", b"\xff", b"<md:EntityDescriptor/>"] {
            fuzz_metadata(bytes);
        }
        assert_eq!(judge_response(b"<x/>"), "structure: another root element");
    }
}
