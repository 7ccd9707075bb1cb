//! A pretended Entra: the v2.0 endpoints of one national cloud, with all its tenants.

mod access;
mod authority;
pub(crate) mod claims;
mod discovery;

use std::sync::Arc;

use http::{Request, StatusCode};
use hyper::body::Incoming;
use serde_json::json;

use crate::authorization::{self, Codes, Desk, Grant, Granted, SignedOutPage, TokenRefused};
use crate::http::listener::Handler;
use crate::http::params::Params;
use crate::http::spoil::{ELSEWHERE, redirected, spoil};
use crate::http::{Answer, internal_error, json as json_answer, not_found, page, redirect};
use crate::jose::KeyNotMade;
use crate::misbehaviour::Endpoint;
use crate::service::Service;
use crate::shared::Shared;
use crate::world::{Account, Cloud};
use authority::Authority;

/// How long a token is good for, in seconds.
const TOKEN_LIFETIME: u64 = 3600;

/// The Entra of one cloud.
pub(crate) struct Entra {
    cloud: Cloud,
    shared: Arc<Shared>,
    codes: Codes,
}

impl Entra {
    pub(crate) fn new(cloud: Cloud, shared: Arc<Shared>) -> Self {
        Self {
            cloud,
            shared,
            codes: Codes::new(),
        }
    }
}

impl Handler for Entra {
    async fn handle(&self, request: Request<Incoming>) -> Answer {
        let path = request.uri().path().to_owned();
        let local = path.strip_prefix(ELSEWHERE).unwrap_or(&path);
        let Some((segment, rest)) = local
            .strip_prefix('/')
            .and_then(|path| path.split_once('/'))
        else {
            return not_found();
        };
        let authority = Authority::find(segment, self.cloud, &self.shared.world.lock());
        let Some(authority) = authority else {
            return tenant_not_found(segment);
        };
        let service = authority.service(self.cloud);
        let (endpoint, answer) = match rest {
            "v2.0/.well-known/openid-configuration" => (
                Endpoint::Discovery,
                self.discovery(&authority, service, &path),
            ),
            "discovery/v2.0/keys" => (Endpoint::Keys, self.keys(&authority, service).await),
            "oauth2/v2.0/authorize" => (
                Endpoint::Authorize,
                self.authorize(&authority, service, request).await,
            ),
            "oauth2/v2.0/token" => (
                Endpoint::Token,
                self.token(&authority, service, request).await,
            ),
            "oauth2/v2.0/logout" => (Endpoint::Other, self.logout(&request)),
            _ => return not_found(),
        };
        spoil(&self.shared.switchboard, service, endpoint, answer).await
    }
}

impl Entra {
    fn discovery(&self, authority: &Authority, service: Service, path: &str) -> Answer {
        redirected(&self.shared.switchboard, service, path).unwrap_or_else(|| {
            let document = discovery::document(authority, self.cloud, &self.shared.origins);
            let document = authorization::of_document(&self.shared.switchboard, service, document);
            json_answer(StatusCode::OK, &document)
        })
    }

    async fn keys(&self, authority: &Authority, service: Service) -> Answer {
        match discovery::key_set(authority, self.cloud, &self.shared).await {
            Ok(keys) => {
                let keys = authorization::of_keys(&self.shared.switchboard, service, keys);
                json_answer(StatusCode::OK, &keys)
            }
            Err(cause) => internal_error(&cause),
        }
    }

    async fn authorize(
        &self,
        authority: &Authority,
        service: Service,
        request: Request<Incoming>,
    ) -> Answer {
        let desk = Desk {
            shared: &self.shared,
            codes: &self.codes,
            service,
            title: authority.title(self.cloud),
            people: authority.people(self.cloud, &self.shared.world.lock()),
            callback_extras: vec![("session_state".to_owned(), "mock-session".to_owned())],
        };
        authorization::authorize(desk, request).await
    }

    async fn token(
        &self,
        authority: &Authority,
        service: Service,
        request: Request<Incoming>,
    ) -> Answer {
        let origin = self.shared.origins.of(Service::entra(self.cloud));
        let granted = authorization::granted(&self.shared, &self.codes, origin, request).await;
        let grant = match granted {
            Ok(Granted::Code(grant)) => *grant,
            Ok(Granted::Access {
                client_id,
                scope,
                username,
            }) => {
                let wish = access::Wish {
                    client_id: &client_id,
                    scope: &scope,
                    username: username.as_deref(),
                };
                return access::answer(&self.shared, authority, self.cloud, wish).await;
            }
            Err(why) => return why.into_answer(),
        };
        let people = authority.people(self.cloud, &self.shared.world.lock());
        if !people.iter().any(|person| person.id() == grant.person.id()) {
            let why = "the code was not given by this authority";
            return TokenRefused::grant(why).into_answer();
        }
        match self.issue(&grant).await {
            Ok(id_token) => {
                let answer = json!({
                    "token_type": "Bearer",
                    "scope": grant.scope.join(" "),
                    "expires_in": TOKEN_LIFETIME,
                    "access_token": "an-access-token-that-opens-nothing",
                    "id_token": id_token,
                });
                let switches = &self.shared.switchboard;
                let answer = authorization::of_answer(switches, service, answer);
                json_answer(StatusCode::OK, &answer)
            }
            Err(cause) => internal_error(&cause),
        }
    }

    async fn issue(&self, grant: &Grant) -> Result<String, KeyNotMade> {
        let signer = match grant.person.account {
            Account::Microsoft { .. } => Service::MicrosoftAccount,
            Account::WorkOrSchool { .. }
            | Account::Google { .. }
            | Account::Saml { .. }
            | Account::None => Service::entra(self.cloud),
        };
        let origin = self.shared.origins.of(Service::entra(self.cloud));
        let claims = claims::claims(grant, origin, &self.shared.world.lock());
        authorization::seal(&self.shared, signer, claims).await
    }

    /// Where the clients hear that the person signed out (OpenID Connect Front-Channel Logout, 3): the page loads each
    /// in a frame.
    fn frames(&self, hint: Option<&str>) -> Vec<String> {
        let world = self.shared.world.lock();
        let leaving = world
            .people
            .iter()
            .find(|person| hint.is_some_and(|hint| person.id() == hint || person.address == hint));
        let Some(leaving) = leaving else {
            return Vec::new();
        };
        let origin = self.shared.origins.of(Service::entra(self.cloud));
        let told = world.clients.iter().filter_map(|client| {
            let address = client.front_channel_logout.as_deref()?;
            let identity = claims::Identity::new(&client.id, leaving);
            let mut url = url::Url::parse(address).ok()?;
            url.query_pairs_mut()
                .append_pair("iss", &identity.issuer(origin))
                .append_pair("sid", &identity.sid());
            Some(url.to_string())
        });
        told.collect()
    }

    fn logout(&self, request: &Request<Incoming>) -> Answer {
        let params = Params::of_query(request);
        let back = params.first("post_logout_redirect_uri").unwrap_or_default();
        let registered = self
            .shared
            .world
            .lock()
            .clients
            .iter()
            .any(|client| client.allows(back));
        match url::Url::parse(back) {
            Ok(mut url) if registered => {
                if let Some(state) = params.first("state") {
                    url.query_pairs_mut().append_pair("state", state);
                }
                redirect(url.as_str())
            }
            _ => page(
                StatusCode::OK,
                &SignedOutPage {
                    title: "Microsoft",
                    frames: &self.frames(params.first("logout_hint")),
                },
            ),
        }
    }
}

fn tenant_not_found(segment: &str) -> Answer {
    let description = format!("AADSTS90002: Tenant '{segment}' not found.");
    let body = json!({
        "error": "invalid_tenant",
        "error_description": description,
        "error_codes": [90002],
    });
    json_answer(StatusCode::BAD_REQUEST, &body)
}
