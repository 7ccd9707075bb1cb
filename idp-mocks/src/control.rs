//! The control API: `/_mock/…` on every HTTP listener, the same everywhere.
//!
//! | Request | Body | Does |
//! |---|---|---|
//! | `POST misbehave` | `{"target", "name", "endpoint"?, "delay_ms"?}` | switches a misbehaviour on |
//! | `POST behave` | `{"target"?, "name"?}` | switches it, or all of the target, or everything off |
//! | `GET misbehaviours` | | `{service: [name, …]}` |
//! | `POST rollover` | `{"target", "old"?: "kept" or "dropped"}` | signs with a new key from now on |
//! | `POST auto` | `{"on"}` | takes a `login_hint` for a sign-in |
//! | `POST logout` | a [`Logout`] | tells a client that somebody signed out; answers with a [`crate::LoggedOut`] |
//! | `POST clients` | a [`crate::Client`] | registers, in place of one of the same id |
//! | `POST saml` | a [`Manner`] | how the SAML partner does things from now on |
//! | `POST service-providers` | `{"metadata"}` | a service provider for it to know |
//! | `GET world` | | everybody and everything, as [`crate::World`] |
//! | `POST people`, `POST organisations` | a [`Person`], an [`Organisation`] | adds |
//! | `GET requests`, `DELETE requests` | | the log of this listener; also at `/_requests` |
//!
//! Done is 200 with `{"done": true}`; refused is 400 with `{"error"}`.

use std::str::FromStr;
use std::time::Duration;

use http::{Method, Request, StatusCode};
use hyper::body::Incoming;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::client::Client;
use crate::http::params::{self, BodyRefused};
use crate::http::{Answer, json as json_answer, not_allowed, not_found};
use crate::keyring::OldKey;
use crate::logout::{self, Logout};
use crate::misbehaviour::{Endpoint, Misbehaviour, NotApplicable, UnknownName};
use crate::saml::control::Registration;
use crate::saml::{self, Manner, NotMetadata};
use crate::service::{Service, Target};
use crate::shared::Shared;
use crate::world::{Organisation, Person};

/// Why a command was refused; the answer is a 400 with the reason.
#[derive(Debug, thiserror::Error)]
enum CommandRefused {
    #[error(transparent)]
    Body(#[from] BodyRefused),
    #[error(transparent)]
    Name(#[from] UnknownName),
    #[error(transparent)]
    NotApplicable(#[from] NotApplicable),
    #[error(transparent)]
    Metadata(#[from] NotMetadata),
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Misbehave {
    target: String,
    name: String,
    endpoint: Option<Endpoint>,
    delay_ms: Option<u64>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Behave {
    target: Option<String>,
    name: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RollOver {
    target: String,
    #[serde(default)]
    old: OldKey,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Auto {
    on: bool,
}

/// Carries out `/_mock/{command}`.
pub(crate) async fn handle(
    shared: &Shared,
    service: Service,
    command: &str,
    request: Request<Incoming>,
) -> Answer {
    let (head, body) = request.into_parts();
    let post = head.method == Method::POST;
    let done = match command {
        "logout" if post => return log_out(shared, body).await,
        "clients" if post => add_client(shared, body).await,
        "requests" => return requests(shared, service, &head.method),
        "misbehaviours" => return json_answer(StatusCode::OK, &misbehaviours(shared)),
        "world" => return json_answer(StatusCode::OK, &*shared.world.lock()),
        "misbehave" if post => misbehave(shared, body).await,
        "behave" if post => behave(shared, body).await,
        "rollover" if post => roll_over(shared, body).await,
        "auto" if post => auto(shared, body).await,
        "saml" if post => manner(shared, body).await,
        "service-providers" if post => register(shared, body).await,
        "people" if post => add_person(shared, body).await,
        "organisations" if post => add_organisation(shared, body).await,
        _ => return not_found(),
    };
    match done {
        Ok(()) => json_answer(StatusCode::OK, &json!({"done": true})),
        Err(why) => json_answer(StatusCode::BAD_REQUEST, &json!({"error": why.to_string()})),
    }
}

/// The log of a listener: `GET` shows it, `DELETE` clears it.
pub(crate) fn requests(shared: &Shared, service: Service, method: &Method) -> Answer {
    let log = shared.requests(service);
    match *method {
        Method::GET => {
            let (count, requests) = log.all();
            json_answer(
                StatusCode::OK,
                &json!({"count": count, "requests": requests}),
            )
        }
        Method::DELETE => {
            log.clear();
            json_answer(StatusCode::OK, &json!({"done": true}))
        }
        _ => not_allowed(),
    }
}

fn misbehaviours(shared: &Shared) -> Value {
    let active = |service: Service| {
        (
            service.to_string(),
            json!(shared.switchboard.active(service)),
        )
    };
    Value::Object(Service::ALL.into_iter().map(active).collect())
}

async fn misbehave(shared: &Shared, body: Incoming) -> Result<(), CommandRefused> {
    let wish: Misbehave = params::json(body).await?;
    let misbehaviour = Misbehaviour::from_str(&wish.name)?;
    if let Some(milliseconds) = wish.delay_ms {
        shared
            .switchboard
            .set_delay(Duration::from_millis(milliseconds));
    }
    shared.misbehave(Target::from_str(&wish.target)?, misbehaviour, wish.endpoint)?;
    Ok(())
}

async fn behave(shared: &Shared, body: Incoming) -> Result<(), CommandRefused> {
    let wish: Behave = params::json(body).await?;
    let services = match wish.target {
        Some(name) => Target::from_str(&name)?.services(),
        None => Service::ALL.to_vec(),
    };
    let only = wish
        .name
        .as_deref()
        .map(Misbehaviour::from_str)
        .transpose()?;
    for service in services {
        match only {
            Some(misbehaviour) => shared.switchboard.off(service, misbehaviour),
            None => shared.switchboard.all_off(service),
        }
    }
    Ok(())
}

async fn roll_over(shared: &Shared, body: Incoming) -> Result<(), CommandRefused> {
    let wish: RollOver = params::json(body).await?;
    shared.roll_over(Target::from_str(&wish.target)?, wish.old);
    Ok(())
}

async fn auto(shared: &Shared, body: Incoming) -> Result<(), CommandRefused> {
    let wish: Auto = params::json(body).await?;
    shared.set_auto_sign_in(wish.on);
    Ok(())
}

async fn log_out(shared: &Shared, body: Incoming) -> Answer {
    let told = match params::json::<Logout>(body).await {
        Ok(wish) => logout::tell(shared, &wish)
            .await
            .map_err(|why| why.to_string()),
        Err(why) => Err(why.to_string()),
    };
    match told {
        Ok(told) => json_answer(StatusCode::OK, &told),
        Err(why) => json_answer(StatusCode::BAD_REQUEST, &json!({"error": why})),
    }
}

async fn add_client(shared: &Shared, body: Incoming) -> Result<(), CommandRefused> {
    let client: Client = params::json(body).await?;
    let clients = &mut shared.world.lock().clients;
    clients.retain(|known| known.id != client.id);
    clients.push(client);
    Ok(())
}

async fn manner(shared: &Shared, body: Incoming) -> Result<(), CommandRefused> {
    let manner: Manner = params::json(body).await?;
    saml::control::set_manner(shared, manner);
    Ok(())
}

async fn register(shared: &Shared, body: Incoming) -> Result<(), CommandRefused> {
    let wish: Registration = params::json(body).await?;
    Ok(saml::control::register(shared, &wish)?)
}

async fn add_person(shared: &Shared, body: Incoming) -> Result<(), CommandRefused> {
    let person: Person = params::json(body).await?;
    shared.world.lock().people.push(person);
    Ok(())
}

async fn add_organisation(shared: &Shared, body: Incoming) -> Result<(), CommandRefused> {
    let organisation: Organisation = params::json(body).await?;
    shared.world.lock().organisations.push(organisation);
    Ok(())
}
