use std::time::Duration;

use gateway_config::model::{ApiListener, Uploads};

use super::*;
use crate::tests::support::configuration_of_tests;

const NOW: UnixTime = UnixTime(1_800_000_000);

struct Bench {
    configuration: Configuration,
    _folder: tempfile::TempDir,
}

fn bench() -> Bench {
    let folder = tempfile::tempdir().unwrap();
    let mut configuration = configuration_of_tests();
    configuration.gateway.keys = folder.path().join("keys");
    configuration.gateway.api = Some(ApiListener {
        address: "127.0.0.1:0".parse().unwrap(),
        tls: None,
        client_ca: None,
        origin: "https://gateway.example".to_owned(),
        audiences: ["https://gateway.example", "https://graph.microsoft.com"]
            .map(str::to_owned)
            .into(),
        body_bytes: 1 << 20,
        requests_per_minute: 60,
        uploads: Uploads::at("unused".into()),
    });
    Bench {
        configuration,
        _folder: folder,
    }
}

impl Bench {
    fn make(&self, scope: &str, audience: Option<&str>) -> Result<serde_json::Value, String> {
        let tenant = self.configuration.tenants.keys().next().unwrap();
        let wanted = Wanted {
            tenant,
            scopes: &[scope.to_owned()],
            life: Duration::from_secs(600),
            audience,
        };
        let token = make(&wanted, &self.configuration, NOW).map_err(|error| error.to_string())?;
        let keys = Keyring::read(&self.configuration.gateway.keys).unwrap();
        Ok(keys.operator_token(&token).unwrap())
    }
}

#[test]
fn a_token_says_what_it_is_for_and_for_how_long() {
    let bench = bench();
    drop(Keyring::open(&bench.configuration.gateway.keys, NOW).unwrap());
    let claims = bench.make("User.Invite.All", None).unwrap();
    assert_eq!(claims["aud"], "https://gateway.example");
    assert_eq!(claims["scp"], "User.Invite.All");
    assert_eq!(claims["iss"], "vestibule");
    assert_eq!(claims["exp"], 1_800_000_600);
    let graph = bench.make("User.Invite.All", Some("https://graph.microsoft.com"));
    assert_eq!(graph.unwrap()["aud"], "https://graph.microsoft.com");
}

#[test]
fn sec_118_no_token_is_made_for_an_upstream_or_with_made_up_scopes() {
    let bench = bench();
    drop(Keyring::open(&bench.configuration.gateway.keys, NOW).unwrap());
    let refused = bench
        .make("User.Invite.All", Some("https://docs.example"))
        .unwrap_err();
    assert!(
        refused.starts_with("`https://docs.example` is none of"),
        "{refused}"
    );
    assert_eq!(
        bench.make("User.Invite.Al", None).unwrap_err(),
        "`User.Invite.Al` is no scope of the API: did you mean `User.Invite.All`?"
    );
}

#[test]
fn sec_118_whoever_has_no_key_has_none_made() {
    let bench = bench();
    assert!(bench.make("User.Invite.All", None).is_err());
    assert!(!bench.configuration.gateway.keys.exists());
}

#[test]
fn a_life_is_a_day_at_most() {
    assert!(span("24h").is_ok() && span("1s").is_ok());
    for wrong in ["25h", "0s", "forever", "86401s"] {
        assert!(span(wrong).is_err(), "{wrong}");
    }
}
