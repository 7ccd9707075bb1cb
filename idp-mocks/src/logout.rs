//! Telling a client that somebody signed out: OpenID Connect Back-Channel and Front-Channel Logout 1.0.
//!
//! The real Entra documents no back channel, and Google none of this kind; other providers have it, and a client that
//! serves several must bear it from all.

mod post;

use std::collections::BTreeSet;
use std::str::FromStr;

use http::StatusCode;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use crate::authorization::{random, seal_as};
use crate::clock;
use crate::entra::claims::Identity;
use crate::jose::KeyNotMade;
use crate::misbehaviour::{LogoutFault, Misbehaviour, UnknownName};
use crate::service::Service;
use crate::shared::Shared;
use crate::world::{Account, Person};

pub use post::NotSent;

/// The member of `events` that makes a token a logout token.
const EVENT: &str = "http://schemas.openid.net/event/backchannel-logout";
const LIFETIME: u64 = 120;
const HOUR: u64 = 3600;

/// Who is to be signed out, and how the client is told.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Logout {
    /// The person, by address or account id.
    pub person: String,
    /// The client; the first that is registered if left out.
    pub client: Option<String>,
    /// Where to send it; nowhere if left out.
    pub to: Option<String>,
    /// By the front channel: the address that a frame would load, in place of a token.
    pub front_channel: bool,
    /// Without `sid`.
    pub without_sid: bool,
    /// Without `sub`.
    pub without_sub: bool,
    /// What is wrong with it, by the names of [`LogoutFault`] and [`Misbehaviour`].
    pub spoil: Vec<String>,
}

/// What was made and what became of it.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct LoggedOut {
    /// The token; none by the front channel.
    pub logout_token: Option<String>,
    /// The address; by the front channel only.
    pub url: Option<String>,
    /// What the client answered, where something was sent.
    pub status: Option<u16>,
    /// With which `Cache-Control`.
    pub cache_control: Option<String>,
}

/// Why nobody was told.
#[derive(Debug, thiserror::Error)]
pub enum LogoutRefused {
    /// No such person has an account that signs in by OpenID Connect.
    #[error("nobody who signs in by OpenID Connect is called `{0}`")]
    Nobody(String),
    /// No such client is registered.
    #[error("no such client is registered")]
    NoClient,
    /// A fault has no such name.
    #[error(transparent)]
    Fault(#[from] UnknownName),
    /// There is no key.
    #[error("the logout token could not be signed")]
    NotSigned,
    /// It could not be sent.
    #[error(transparent)]
    NotSent(#[from] NotSent),
}

impl From<KeyNotMade> for LogoutRefused {
    fn from(_: KeyNotMade) -> Self {
        Self::NotSigned
    }
}

/// Makes the message and sends it.
pub(crate) async fn tell(shared: &Shared, wish: &Logout) -> Result<LoggedOut, LogoutRefused> {
    let (client, person) = find(shared, wish)?;
    let subject = Subject::of(shared, &client, &person)
        .ok_or_else(|| LogoutRefused::Nobody(wish.person.clone()))?;
    let mut faults = BTreeSet::new();
    let mut misbehaviours = BTreeSet::new();
    for name in &wish.spoil {
        match LogoutFault::from_name(name) {
            Some(fault) => _ = faults.insert(fault),
            None => _ = misbehaviours.insert(Misbehaviour::from_str(name)?),
        }
    }
    if wish.front_channel {
        return front_channel(shared, wish, &subject, &misbehaviours).await;
    }
    let mut claims = subject.claims(&client, wish);
    let mut header = Map::new();
    header.insert("typ".to_owned(), json!("logout+jwt"));
    for fault in faults {
        spoil(&mut claims, &mut header, fault);
    }
    let token = seal_as(shared, subject.service, claims, header, &misbehaviours).await?;
    let reply = match &wish.to {
        Some(url) => Some(post::form(shared, url, &[("logout_token", &token)]).await?),
        None => None,
    };
    Ok(LoggedOut {
        logout_token: Some(token),
        url: None,
        status: reply.as_ref().map(|reply| reply.status.as_u16()),
        cache_control: reply.and_then(|reply| reply.cache_control),
    })
}

async fn front_channel(
    shared: &Shared,
    wish: &Logout,
    subject: &Subject,
    misbehaviours: &BTreeSet<Misbehaviour>,
) -> Result<LoggedOut, LogoutRefused> {
    let address = wish
        .to
        .as_deref()
        .unwrap_or("https://client.invalid/logout");
    let mut url = url::Url::parse(address).map_err(|_| NotSent::NotAUrl)?;
    let issuer = match misbehaviours.contains(&Misbehaviour::WrongIssuer) {
        true => "https://wrong-issuer.invalid",
        false => &subject.issuer,
    };
    url.query_pairs_mut().append_pair("iss", issuer);
    if let Some(sid) = subject.sid.as_deref().filter(|_| !wish.without_sid) {
        url.query_pairs_mut().append_pair("sid", sid);
    }
    let reply = match wish.to {
        Some(_) => Some(post::get(shared, url.as_str()).await?),
        None => None,
    };
    Ok(LoggedOut {
        logout_token: None,
        url: Some(url.to_string()),
        status: reply.as_ref().map(|reply| reply.status.as_u16()),
        cache_control: reply.and_then(|reply| reply.cache_control),
    })
}

fn find(shared: &Shared, wish: &Logout) -> Result<(String, Person), LogoutRefused> {
    let world = shared.world.lock();
    let client = match &wish.client {
        Some(id) => world.client(id),
        None => world.clients.first(),
    };
    let person = world.people.iter().find(|person| {
        person.id() == wish.person || person.address.eq_ignore_ascii_case(&wish.person)
    });
    match (client, person) {
        (None, _) => Err(LogoutRefused::NoClient),
        (_, None) => Err(LogoutRefused::Nobody(wish.person.clone())),
        (Some(client), Some(person)) => Ok((client.id.clone(), person.clone())),
    }
}

/// Whom the provider means.
struct Subject {
    service: Service,
    issuer: String,
    sub: String,
    sid: Option<String>,
    /// Microsoft: tenant and object id.
    account: Option<(String, String)>,
}

impl Subject {
    fn of(shared: &Shared, client: &str, person: &Person) -> Option<Self> {
        let (service, signer) = match &person.account {
            Account::WorkOrSchool { cloud, .. } => (Service::entra(*cloud), Service::entra(*cloud)),
            Account::Microsoft { .. } => (Service::EntraWorldwide, Service::MicrosoftAccount),
            Account::Google { .. } => {
                return Some(Self {
                    service: Service::Google,
                    issuer: shared.origins.of(Service::Google).to_owned(),
                    sub: person.id().to_owned(),
                    sid: None,
                    account: None,
                });
            }
            Account::Saml { .. } | Account::None => return None,
        };
        let identity = Identity::new(client, person);
        Some(Self {
            service: signer,
            issuer: identity.issuer(shared.origins.of(service)),
            sub: identity.sub(),
            sid: Some(identity.sid()),
            account: Some((identity.tenant.to_owned(), person.id().to_owned())),
        })
    }

    fn claims(&self, client: &str, wish: &Logout) -> Map<String, Value> {
        let now = clock::now();
        let mut claims = Map::new();
        let mut set = |name: &str, value: Value| claims.insert(name.to_owned(), value);
        set("iss", json!(self.issuer));
        set("aud", json!(client));
        set("iat", json!(now));
        set("exp", json!(now + LIFETIME));
        set("jti", json!(random()));
        set("events", json!({ EVENT: {} }));
        if let Some(sid) = self.sid.as_ref().filter(|_| !wish.without_sid) {
            set("sid", json!(sid));
        }
        if !wish.without_sub {
            set("sub", json!(self.sub));
            if let Some((tenant, oid)) = &self.account {
                set("tid", json!(tenant));
                set("oid", json!(oid));
            }
        }
        claims
    }
}

fn spoil(claims: &mut Map<String, Value>, header: &mut Map<String, Value>, fault: LogoutFault) {
    let mut set = |name: &str, value: Value| _ = claims.insert(name.to_owned(), value);
    let now = clock::now();
    match fault {
        LogoutFault::WithNonce => set("nonce", json!("a-nonce")),
        LogoutFault::NoEvents => _ = claims.remove("events"),
        LogoutFault::WrongEvent => {
            set(
                "events",
                json!({"http://schemas.openid.net/event/other": {}}),
            );
        }
        LogoutFault::EventNoObject => set("events", json!({ EVENT: true })),
        LogoutFault::NoId => _ = claims.remove("jti"),
        LogoutFault::SameId => set("jti", json!("always-the-same")),
        LogoutFault::NobodyNamed => {
            for name in ["sub", "sid", "tid", "oid"] {
                claims.remove(name);
            }
        }
        LogoutFault::Over => {
            set("iat", json!(now - HOUR - LIFETIME));
            set("exp", json!(now - HOUR));
        }
        LogoutFault::FromLongAgo => set("iat", json!(now - 24 * HOUR)),
        LogoutFault::FromTheFuture => set("iat", json!(now + HOUR)),
        LogoutFault::PlainType => _ = header.insert("typ".to_owned(), json!("JWT")),
        LogoutFault::OtherType => _ = header.insert("typ".to_owned(), json!("at+jwt")),
        LogoutFault::NoType => _ = header.insert("typ".to_owned(), Value::Null),
    }
}

/// What a client answered.
#[derive(Debug)]
pub(crate) struct Reply {
    status: StatusCode,
    cache_control: Option<String>,
}
