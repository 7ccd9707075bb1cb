//! Access tokens for APIs, in the v2.0 shape: for an application itself, or for one of a tenant's people.

use http::StatusCode;
use serde_json::{Map, Value, json};

use super::TOKEN_LIFETIME;
use super::authority::Authority;
use super::claims::Identity;
use crate::authorization::{self, TokenRefused};
use crate::client::Client;
use crate::clock;
use crate::http::{Answer, internal_error, json as json_answer};
use crate::service::Service;
use crate::shared::Shared;
use crate::world::{Cloud, Organisation, Person};

/// What is asked for.
pub(super) struct Wish<'a> {
    pub(super) client_id: &'a str,
    /// `RESOURCE/.default`, or permissions of one resource: `RESOURCE/User.Read.All RESOURCE/Files.Read.All`.
    pub(super) scope: &'a str,
    pub(super) username: Option<&'a str>,
}

/// Answers a request for an access token.
pub(super) async fn answer(
    shared: &Shared,
    authority: &Authority,
    cloud: Cloud,
    wish: Wish<'_>,
) -> Answer {
    let Authority::Tenant(organisation) = authority else {
        return TokenRefused::grant("such tokens are given by a tenant only").into_answer();
    };
    let service = Service::entra(cloud);
    let origin = shared.origins.of(service);
    let claims = match claims(shared, organisation, origin, &wish) {
        Ok(claims) => claims,
        Err(why) => return why.into_answer(),
    };
    match authorization::seal(shared, service, claims).await {
        Ok(token) => {
            let answer = json!({
                "token_type": "Bearer",
                "scope": wish.scope,
                "expires_in": TOKEN_LIFETIME,
                "access_token": token,
            });
            json_answer(StatusCode::OK, &answer)
        }
        Err(cause) => internal_error(&cause),
    }
}

fn claims(
    shared: &Shared,
    organisation: &Organisation,
    origin: &str,
    wish: &Wish<'_>,
) -> Result<Map<String, Value>, TokenRefused> {
    let world = shared.world.lock();
    let client = world
        .client(wish.client_id)
        .ok_or_else(|| TokenRefused::grant("the client is unknown"))?;
    let (resource, permissions) = asked(wish.scope, client)?;
    let tenant = &organisation.tenant_id;
    let now = clock::now();
    let mut claims = Map::new();
    let mut set = |name: &str, value: Value| claims.insert(name.to_owned(), value);
    set("ver", json!("2.0"));
    set("iss", json!(format!("{origin}/{tenant}/v2.0")));
    set("aud", json!(resource));
    set("iat", json!(now));
    set("nbf", json!(now));
    set("exp", json!(now + TOKEN_LIFETIME));
    set("tid", json!(tenant));
    set("azp", json!(client.id));
    let Some(username) = wish.username else {
        set("idtyp", json!("app"));
        set("oid", json!(client.id));
        set("sub", json!(client.id));
        set("roles", json!(permissions));
        return Ok(claims);
    };
    let theirs = |person: &&Person| {
        person.address == username && Identity::new(&client.id, person).tenant == *tenant
    };
    let person = world
        .people
        .iter()
        .find(theirs)
        .ok_or_else(|| TokenRefused::grant("nobody of this tenant has that name"))?;
    set("oid", json!(person.id()));
    set("sub", json!(Identity::new(&client.id, person).sub()));
    set("acct", json!(0));
    set("name", json!(person.name));
    set("preferred_username", json!(person.address));
    set("upn", json!(person.address));
    set("scp", json!(permissions.join(" ")));
    set("wids", json!(person.directory_roles));
    Ok(claims)
}

/// The resource, and the permissions on it that the client has and asks for.
fn asked(scope: &str, client: &Client) -> Result<(String, Vec<String>), TokenRefused> {
    let mut resource = None;
    let mut permissions = Vec::new();
    for one in scope.split_whitespace() {
        let (of, name) = one
            .rsplit_once('/')
            .ok_or_else(|| TokenRefused::grant("a scope names no resource"))?;
        if *resource.get_or_insert(of) != of {
            return Err(TokenRefused::grant("scopes of two resources"));
        }
        if name == ".default" {
            permissions.clone_from(&client.permissions);
        } else if client.permissions.iter().any(|had| had == name) {
            permissions.push(name.to_owned());
        } else {
            return Err(TokenRefused::grant("nobody consented to a scope"));
        }
    }
    let resource = resource.ok_or_else(|| TokenRefused::grant("the scope is empty"))?;
    Ok((resource.to_owned(), permissions))
}
