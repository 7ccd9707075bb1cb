//! The walk, driven as the gateway does, with a profile that adds nothing.

mod answers;
mod assertions;
mod departures;
mod documents;
mod keys;
mod requests;
mod tokens;

use plugins_oidc_testing::{Scene, keys as test_keys};
use plugins_sdk::message::{
    Capability, Claims, Description, Input, OpenRequest, SettingProblem, Step,
};
use plugins_sdk::testing::{Driver, open_request};
use plugins_sdk::{Opened, Provider};
use serde_json::json;

use crate::settings::{Problems, read};
use crate::{
    Credential, Endpoints, GivenKey, IdToken, Profile, Registration, RelyingParty, TokenRejected,
    Wish, claims_of,
};

const ORIGIN: &str = "https://idp.example";

/// One issuer, no address.
struct Plain;

impl Profile for Plain {
    fn document_issuer(&self, issuer: &str) -> bool {
        issuer == ORIGIN
    }

    fn parameters(&self, _wish: &Wish) -> Vec<(&'static str, String)> {
        vec![("extra", "a value & more".to_owned())]
    }

    fn token_issuer(&self, token: &IdToken, _document: &str, _key: Option<&str>) -> bool {
        token.iss == ORIGIN
    }

    fn claims(&self, token: &IdToken) -> Result<Claims, TokenRejected> {
        Ok(claims_of(token, &token.sub))
    }
}

struct PlainProvider(RelyingParty<Plain>);

impl Provider for PlainProvider {
    fn describe() -> Description {
        Description {
            kind: "plain".to_owned(),
            display_name: "Plain".to_owned(),
            version: "0".to_owned(),
            home_domains: Vec::new(),
            capabilities: vec![Capability::Fetch],
            settings_schema: None,
        }
    }

    fn open(request: &OpenRequest) -> Result<Opened<Self>, Vec<SettingProblem>> {
        let mut problems = Problems::default();
        let setting = |name: &str| serde_json::from_value(request.settings[name].clone()).ok();
        let hosts = vec![
            request.settings["host"]
                .as_str()
                .unwrap_or("idp.example")
                .to_owned(),
        ];
        let key = GivenKey {
            key: setting("key"),
            id: Some("ours".to_owned()),
            algorithm: serde_json::from_value(request.settings["algorithm"].clone()).ok(),
            certificate: None,
        };
        let credential = match key.key {
            Some(_) => key.or_secret(None, Credential::SecretPost, &mut problems),
            None => setting("secret").map_or(Credential::Public, Credential::SecretPost),
        };
        problems.none_or(Some(()))?;
        let registration = Registration {
            client_id: "client".to_owned(),
            credential,
            scopes: vec!["openid".to_owned(), "email".to_owned()],
            discovery_url: format!("{ORIGIN}/.well-known/openid-configuration"),
            endpoints: Endpoints::new(hosts.clone(), false),
            leeway: 60,
        };
        Ok(Opened {
            provider: Self(RelyingParty::new(registration, Plain)),
            fetch_hosts: hosts,
        })
    }

    fn step(&self, input: &Input) -> Step {
        self.0.step(input)
    }
}

fn driver() -> Driver<PlainProvider> {
    let settings = json!({ "secret": test_keys::CLIENT_SECRET });
    Driver::open(&open_request(settings)).unwrap()
}

fn scene() -> Scene {
    Scene::new(
        ORIGIN,
        ORIGIN,
        json!({ "iss": ORIGIN, "sub": "ada", "aud": "client" }),
    )
}

#[test]
fn settings_are_read_key_by_key() {
    #[derive(Debug, Default, serde::Deserialize)]
    #[serde(default, deny_unknown_fields)]
    struct Two {
        number: u8,
        text: String,
    }
    let (two, mut problems) = read::<Two>(&json!({ "number": "x", "text": "kept", "third": 3 }));
    assert_eq!((two.number, two.text.as_str()), (0, "kept"));
    problems.required_text("number", None);
    let keys: Vec<String> = problems
        .none_or(Some(()))
        .unwrap_err()
        .into_iter()
        .map(|problem| problem.key)
        .collect();
    assert_eq!(keys, ["number", "third"]);
}
