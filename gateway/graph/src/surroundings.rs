//! What the API needs of the gateway around it.

mod documents;

use std::collections::BTreeSet;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

use gateway_config::model::Configuration;
use gateway_core::action::Action;
use gateway_core::address::EmailAddress;
use gateway_core::id::{LinkId, TenantId};
use gateway_core::person::InvitationManager;
use gateway_core::time::UnixTime;
use gateway_store::directory::Directory;

use crate::caller::Caller;
pub use documents::{
    BesideThePoint, Changes, DocumentAsk, DocumentRequest, DocumentResponse, Item, NoDocument, Told,
};

/// A future that may be sent between threads.
pub type Soon<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// The gateway, as the API sees it.
pub trait Surroundings: Send + Sync + 'static {
    /// The configuration, with what was set through the API laid over it.
    fn configuration(&self) -> Arc<Configuration>;

    /// How the API is reached, and what it bears.
    fn api(&self) -> Arc<ApiSettings>;

    /// The directory.
    fn directory(&self) -> &Directory;

    /// The clock.
    fn now(&self) -> UnixTime;

    /// 32 random bytes.
    ///
    /// # Errors
    /// No randomness.
    fn random(&self) -> Result<[u8; 32], Unavailable>;

    /// The origin people reach a tenant's documents under: `https://host[:port]`.
    fn origin(&self, tenant: &TenantId) -> Option<String>;

    /// Seals bytes for `purpose`, so that only this gateway's keys open them.
    ///
    /// # Errors
    /// No usable key.
    fn seal(&self, purpose: &'static str, plain: &[u8]) -> Result<Vec<u8>, Unavailable>;

    /// Opens what was sealed for `purpose`.
    fn open(&self, purpose: &'static str, sealed: &[u8]) -> Option<Vec<u8>>;

    /// The claims of a token that this gateway's own keys signed and whose header says `typ` [`OPERATOR_TOKEN`]
    /// (`vestibule token`), whatever they say; none for anything else, assertions for upstreams among others.
    ///
    /// The claims that count: `tenant` (a tenant of the configuration), `aud`, `scp` (separated by spaces), `iat`, `exp`
    /// (at most [`OPERATOR_TOKEN_SECONDS`] apart), `nbf` if there is one, `jti`.
    fn own_token(&self, token: &str) -> Option<serde_json::Value>;

    /// The key set of an issuer of the tenant's cloud: from memory, or fetched; fetched anew at most once per 5 minutes
    /// where `fresh` is asked for.
    fn issuer_keys<'a>(
        &'a self,
        tenant: &'a TenantId,
        issuer: &'a str,
        fresh: bool,
    ) -> Soon<'a, Result<Arc<serde_json::Value>, Unavailable>>;

    /// Tells how a request would be decided, rule by rule: what `vestibule explain --json` prints.
    fn explain<'a>(
        &'a self,
        tenant: &'a TenantId,
        ask: Explain,
    ) -> Soon<'a, Result<serde_json::Value, NotTold>> {
        let _ = (tenant, ask);
        Box::pin(async {
            Err(NotTold::Unavailable(Unavailable(
                "nobody explains".to_owned(),
            )))
        })
    }

    /// Tells what a change of settings would do to what has been shared: what `vestibule impact --json` prints.
    fn foresee<'a>(
        &'a self,
        tenant: &'a TenantId,
        ask: Foresee,
    ) -> Soon<'a, Result<serde_json::Value, NotTold>> {
        let _ = (tenant, ask);
        Box::pin(async {
            Err(NotTold::Unavailable(Unavailable(
                "nobody foresees".to_owned(),
            )))
        })
    }

    /// Queues a letter to somebody who was invited or shared with.
    fn mail(&self, letter: InvitationLetter);

    /// Asks the upstream, on behalf of the caller. Everything asked is decided first.
    fn documents<'a>(
        &'a self,
        caller: &'a Caller,
        ask: DocumentRequest,
    ) -> Soon<'a, Result<DocumentResponse, NoDocument>>;
}

/// `typ` in the header of an operator's token.
pub const OPERATOR_TOKEN: &str = "vestibule-operator+jwt";

/// Longest life of an operator's token, in seconds: a day.
pub const OPERATOR_TOKEN_SECONDS: i64 = 24 * 60 * 60;

/// How the API is reached, and what it bears.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ApiSettings {
    /// `https://host[:port]`, without trailing slash: what links in answers begin with.
    pub origin: String,
    /// Audiences that a token may be for; see [`ApiSettings::default_audiences`].
    pub audiences: BTreeSet<String>,
    /// Bytes of a body that is no document, at most.
    pub body_bytes: usize,
    /// Calls that a caller may make in a minute, however they are spread over it; 0 is no limit.
    pub per_minute: u32,
}

impl ApiSettings {
    /// What counts at `origin` where nothing else is configured.
    #[must_use]
    pub fn at(origin: &str) -> Self {
        Self {
            origin: origin.to_owned(),
            audiences: Self::default_audiences(origin),
            body_bytes: 1024 * 1024,
            per_minute: 1_200,
        }
    }

    /// Graph's own audiences, and the API's origin.
    #[must_use]
    pub fn default_audiences(origin: &str) -> BTreeSet<String> {
        let graph = "00000003-0000-0000-c000-000000000000";
        let all = ["https://graph.microsoft.com", graph, origin];
        all.into_iter().map(str::to_owned).collect()
    }
}

/// A question whose decision is to be explained.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Explain {
    /// Who asks; none for somebody who has not signed in.
    pub person: Option<EmailAddress>,
    /// Links that were opened before.
    pub links: Vec<LinkId>,
    /// The whole URL that is asked for.
    pub url: String,
    /// What is done.
    pub action: Action,
    /// The network address it comes from.
    pub from: Option<std::net::IpAddr>,
    /// When.
    pub at: UnixTime,
}

/// A change of settings whose effect is to be told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Foresee {
    /// Each as `NAME=VALUE`, `sites.ID.NAME=VALUE` or `directory.NAME=VALUE`.
    pub set: Vec<String>,
    /// Another generation of behaviour.
    pub profile: Option<String>,
    /// When.
    pub at: UnixTime,
}

/// Why there is nothing to tell.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotTold {
    /// The question leads to nothing, for this reason; without a full stop.
    #[error("{0}")]
    Asked(String),
    /// There is more to judge than the gateway reads at once; how much it does.
    #[error("there are more than {0} people, permissions and links")]
    TooMuch(u32),
    /// Somebody else is being told.
    #[error("somebody else is being told")]
    Busy,
    /// The gateway cannot tell now.
    #[error(transparent)]
    Unavailable(Unavailable),
}

/// Something the gateway cannot do now.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct Unavailable(pub String);

/// A letter to somebody who was invited or shared with; sent as plain text and HTML.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InvitationLetter {
    /// To whom.
    pub to: EmailAddress,
    /// Copies.
    pub cc: Vec<EmailAddress>,
    /// The organisation's name.
    pub organisation: String,
    /// Who invites, as people know them.
    pub inviter: Option<String>,
    /// What the inviter wrote, at most 2000 characters of plain text.
    pub message: Option<String>,
    /// What was shared, by name; none where people are only invited.
    pub item: Option<String>,
    /// Where to go.
    pub url: String,
    /// The language asked for, such as `en-US`.
    pub language: Option<String>,
    /// Which manager invites; none for the organisation's own people.
    pub manager: Option<InvitationManager>,
    /// Whether whoever holds the letter may take up what it says.
    pub for_others: bool,
}
