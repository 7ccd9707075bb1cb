//! The host's reading of a plugin's answers.

use gateway_plugin_host::DirectAnswer;
use plugins_sdk::message::{Capability, Description, Event, Fields, OpenAnswer, Step};
use plugins_sdk::{limits, rules};

/// Reads bytes as the answer to each kind of event: what is accepted keeps the limits and is accepted again.
///
/// - `bytes`: the status, modulo 5, and what the plugin wrote.
pub fn plugin_answer(bytes: &[u8]) {
    let Some((status, written)) = bytes.split_first() else {
        return;
    };
    let answer = DirectAnswer {
        status: i32::from(status % 5),
        bytes: written.to_vec(),
        too_large: false,
    };
    let description = description();
    if let Ok(described) = answer.read::<Description>() {
        let _accepted = rules::check_description(&described);
    }
    if let Ok(OpenAnswer::Opened { fetch_hosts }) = answer.read::<OpenAnswer>() {
        let _accepted = rules::check_fetch_hosts(&fetch_hosts, &description);
    }
    let Ok(step) = answer.read::<Step>() else {
        return;
    };
    let hosts = ["idp.example".to_owned(), "localhost:8080".to_owned()];
    for event in events() {
        let Ok(accepted) = rules::accept_step(step.clone(), &event, &description, &hosts) else {
            continue;
        };
        let written = serde_json::to_vec(&accepted).unwrap_or_default();
        if written.len() > 2 * limits::ANSWER_BYTES {
            panic!("an accepted step has {} bytes", written.len());
        }
        let again = serde_json::from_slice::<Step>(&written);
        let again = again.map(|step| rules::accept_step(step, &event, &description, &hosts));
        if !matches!(&again, Ok(Ok(step)) if *step == accepted) {
            panic!("{accepted:?} is not accepted again: {again:?}");
        }
    }
}

fn description() -> Description {
    Description {
        kind: "any".to_owned(),
        display_name: "Any".to_owned(),
        version: String::new(),
        home_domains: Vec::new(),
        capabilities: vec![Capability::Fetch, Capability::Mail, Capability::Show],
        settings_schema: None,
    }
}

fn events() -> [Event; 4] {
    [
        Event::Sent,
        Event::MetadataRequest,
        Event::LogoutRequest {
            query: Fields::new(),
            form: Fields::new(),
            raw_query: None,
        },
        Event::SignOut {
            issuer: "i".to_owned(),
            tenant: None,
            subject: "s".to_owned(),
            sid: None,
            logout_hint: None,
            return_uri: "https://contoso.localhost/".to_owned(),
        },
    ]
}
