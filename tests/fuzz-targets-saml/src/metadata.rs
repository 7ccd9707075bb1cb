//! A partner's metadata.

use plugins_saml::Saml;
use plugins_saml::fuzzing::fuzz_metadata;
use plugins_sdk::message::{Event, Fields, Step};
use plugins_sdk::testing::{Driver, input, open_request};
use serde_json::json;
use url::Url;

use crate::partner::{AUDIENCE, DOMAIN, NOW, PARTNER, twice};

/// Where the settings say that people sign in.
const SIGN_ON: &str = "https://idp.example/sso";

struct Waiting {
    driver: Driver<Saml>,
    state: String,
}

thread_local! {
    static WAITING: Waiting = begin().unwrap_or_else(|| panic!("a good sign-in cannot be begun"));
}

/// Metadata: read or refused, and what is read leads nowhere but to the partner's host.
///
/// - `bytes`: the document.
pub fn saml_metadata(bytes: &[u8]) {
    let _read = is_read(bytes);
}

/// The same; whether the document is used.
pub fn is_read(bytes: &[u8]) -> bool {
    fuzz_metadata(bytes);
    let Ok(body) = std::str::from_utf8(bytes) else {
        return false;
    };
    WAITING.with(|waiting| {
        let fetched = Event::Response {
            status: 200,
            headers: Fields::new(),
            body: body.to_owned(),
            fetched_at: NOW,
        };
        match twice(&waiting.driver, fetched, &waiting.state) {
            Step::Redirect { url, .. } | Step::Post { url, .. } => {
                let leads_home = Url::parse(&url).is_ok_and(|url| {
                    url.scheme() == "https"
                        && url.host_str() == Some("idp.example")
                        && url.port().is_none()
                });
                if !leads_home {
                    panic!("the browser is sent to {url}");
                }
                true
            }
            // Once more, because it was refused or too old; never for long.
            Step::Fetch { .. } | Step::Reject { .. } => false,
            other => panic!("metadata is answered with {other:?}"),
        }
    })
}

fn begin() -> Option<Waiting> {
    let settings = json!({
        "entity_id": PARTNER,
        "own_entity_id": AUDIENCE,
        "domains": [DOMAIN, "idp.example"],
        "metadata_url": "https://idp.example/metadata",
        "passiveSignInUri": SIGN_ON,
    });
    let driver = Driver::<Saml>::open(&open_request(settings)).ok()?;
    let start = Event::Start {
        address: None,
        fresh: false,
        contexts: Vec::new(),
        second_factor: false,
    };
    match driver.step(&input(start, None, NOW)) {
        Ok(Step::Fetch { state, .. }) => Some(Waiting { driver, state }),
        _ => None,
    }
}
