//! Responses with a known answer. Their private keys do not exist any more.

use crate::accepted::Accepted;
use crate::guard::{DSIG, LARGEST, base64};
use crate::refused::Refused;
use crate::response::accept;
use crate::trust::{Expected, IdentityProvider};
use crate::xml;

/// One with RSA over response and assertion, one with ECDSA over the assertion. Each carries the certificate that it is
/// judged with here.
pub(crate) const RESPONSES: [&str; 2] = [
    include_str!("self_test/rsa.xml"),
    include_str!("self_test/ec.xml"),
];

/// When they are good, seconds since the Unix epoch.
const NOW: i64 = 1_795_262_400;

/// Judges the known responses, so that the libraries read their configuration and set up their tables, and random numbers
/// are there: afterwards judging needs no files. To be called before a sandbox closes.
///
/// # Errors
/// [`Refused`] if a good response is refused: nobody could sign in.
pub(crate) fn warm_up() -> Result<(), Refused> {
    let mut drawn = [0; 1];
    aws_lc_rs::rand::fill(&mut drawn).map_err(|_| Refused::Missing("source of random numbers"))?;
    let provider = provider()?;
    for response in RESPONSES {
        judge(response.as_bytes(), &provider)?;
    }
    Ok(())
}

/// The provider of the known responses.
pub(crate) fn provider() -> Result<IdentityProvider, Refused> {
    let mut signing = Vec::new();
    for response in RESPONSES {
        let document = xml::parse(response.as_bytes(), LARGEST)?;
        let certificate = document
            .elements()
            .find(|element| element.is(DSIG, "X509Certificate"))
            .and_then(base64);
        signing.push(certificate.ok_or(Refused::NoKey)?);
    }
    Ok(IdentityProvider {
        entity_id: "https://idp.example/saml".to_owned(),
        signing,
        single_sign_on: Vec::new(),
        single_logout: Vec::new(),
    })
}

/// Judges as if the known request had been made, at the moment at which its answers are good.
pub(crate) fn judge(response: &[u8], provider: &IdentityProvider) -> Result<Accepted, Refused> {
    let expected = Expected {
        provider,
        audience: "https://gateway.example/saml",
        consumer: "https://gateway.example/saml/acs",
        in_response_to: Some("_request-1"),
        decryption: &[],
        cbc: false,
        authenticated_since: None,
        skew: 180,
        longest_age: 300,
        now: NOW,
    };
    accept(response, &expected)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_known_responses_are_accepted() {
        assert_eq!(warm_up(), Ok(()));
    }

    #[test]
    fn the_known_responses_are_refused_when_changed() {
        let provider = provider().unwrap();
        for response in RESPONSES {
            let changed = response.replace(">anna@", ">admin@");
            let judged = judge(changed.as_bytes(), &provider);
            assert_eq!(judged, Err(Refused::Signature));
        }
    }
}
