//! `vestibule token`: a token for the management API, for somebody with access to the gateway's keys.

use std::collections::BTreeSet;
use std::io::{self, Write};
use std::time::Duration;

use clap::Args;
use gateway_config::Sources;
use gateway_config::model::Configuration;
use gateway_core::id::{NotAnIdentifier, TenantId};
use gateway_core::time::UnixTime;
use gateway_graph::surroundings::OPERATOR_TOKEN_SECONDS;
use gateway_sign_in::NoRandomness;
use gateway_sign_in::keys::{Keyring, KeysUnusable, NotSealed};
use serde_json::json;

use super::load;

#[derive(Debug, Args)]
#[command(after_help = "\
The token alone is printed. Whoever has it has these rights until it ends: it cannot be taken back, so keep it short.

Examples:
  vestibule token --tenant contoso --scope Vestibule.Read.All
  vestibule token --tenant contoso --scope User.Invite.All --scope User.Read.All --ttl 10m > token
  vestibule guest list --token-file token")]
pub(super) struct Arguments {
    /// The tenant that it is for.
    #[arg(long, value_name = "ID", value_parser = tenant)]
    tenant: TenantId,
    /// What it may be used for, such as Vestibule.ReadWrite.All or User.Invite.All; may be repeated.
    #[arg(
        long = "scope",
        value_name = "SCOPE",
        required = true,
        value_delimiter = ' '
    )]
    scopes: Vec<String>,
    /// How long it lives: 1s to 24h.
    #[arg(long, value_name = "SPAN", default_value = "1h", value_parser = span)]
    ttl: Duration,
    /// What it is made for: one of `listen.api.audiences`. Without it the API's own origin, or else the first of these.
    #[arg(long, value_name = "AUDIENCE")]
    audience: Option<String>,
}

/// Why there is no token.
#[derive(Debug, thiserror::Error)]
pub(crate) enum NoToken {
    #[error("there is no tenant `{0}`")]
    TenantUnknown(TenantId),
    #[error("`{scope}` is no scope of the API{}", meant(.scope))]
    ScopeUnknown { scope: String },
    #[error("there is no management API: add `[listen.api]` to default.toml")]
    NoApi,
    #[error("`{audience}` is none of `listen.api.audiences`: {known}")]
    AudienceUnknown { audience: String, known: String },
    #[error("the keys cannot be used, try as the user that the gateway runs as: {0}")]
    Keys(#[from] KeysUnusable),
    #[error(transparent)]
    NotSigned(#[from] NotSealed),
    #[error(transparent)]
    Random(#[from] NoRandomness),
}

fn meant(scope: &str) -> String {
    let near = gateway_config::nearest(scope, gateway_graph::scopes());
    near.map_or_else(String::new, |near| format!(": did you mean `{near}`?"))
}

pub(super) fn tenant(text: &str) -> Result<TenantId, NotAnIdentifier> {
    TenantId::parse(text)
}

fn span(text: &str) -> Result<Duration, &'static str> {
    let most = Duration::from_secs(OPERATOR_TOKEN_SECONDS.unsigned_abs());
    humantime::parse_duration(text)
        .ok()
        .filter(|span| (Duration::from_secs(1)..=most).contains(span))
        .ok_or("a span of time from 1s to 24h, such as 10m or 8h")
}

pub(super) fn run(
    arguments: &Arguments,
    sources: &Sources,
    out: &mut dyn Write,
    err: &mut dyn Write,
) -> io::Result<bool> {
    let Some(loaded) = load(sources, err)? else {
        return Ok(false);
    };
    let wanted = Wanted {
        tenant: &arguments.tenant,
        scopes: &arguments.scopes,
        life: arguments.ttl,
        audience: arguments.audience.as_deref(),
    };
    let made = make(&wanted, &loaded.configuration, sources.now);
    match &made {
        Ok(token) => writeln!(out, "{token}")?,
        Err(error) => writeln!(err, "error: {error}")?,
    }
    Ok(made.is_ok())
}

/// What a token is to say.
pub(crate) struct Wanted<'a> {
    pub(crate) tenant: &'a TenantId,
    pub(crate) scopes: &'a [String],
    pub(crate) life: Duration,
    pub(crate) audience: Option<&'a str>,
}

/// Makes a token. Keys are read and never made: whoever has none has none to sign with.
///
/// Its issuer is no tenant's origin: an upstream that looks at the issuer alone takes it for no assertion either.
///
/// # Errors
/// [`NoToken`].
pub(crate) fn make(
    wanted: &Wanted<'_>,
    configuration: &Configuration,
    now: UnixTime,
) -> Result<String, NoToken> {
    let api = configuration.gateway.api.as_ref().ok_or(NoToken::NoApi)?;
    if !configuration.tenants.contains_key(wanted.tenant) {
        return Err(NoToken::TenantUnknown(wanted.tenant.clone()));
    }
    let scopes: BTreeSet<&str> = wanted.scopes.iter().map(String::as_str).collect();
    let known = gateway_graph::scopes();
    if let Some(scope) = scopes.iter().find(|scope| !known.contains(*scope)) {
        let scope = (*scope).to_owned();
        return Err(NoToken::ScopeUnknown { scope });
    }
    let own = Some(&api.origin).filter(|origin| api.audiences.contains(*origin));
    let audience = match wanted.audience {
        Some(given) if api.audiences.contains(given) => given,
        Some(given) => {
            let known: Vec<&str> = api.audiences.iter().map(String::as_str).collect();
            return Err(NoToken::AudienceUnknown {
                audience: given.to_owned(),
                known: known.join(", "),
            });
        }
        None => own
            .or_else(|| api.audiences.first())
            .ok_or(NoToken::NoApi)?,
    };
    let keys = Keyring::read(&configuration.gateway.keys)?;
    let life = i64::try_from(wanted.life.as_secs()).unwrap_or(OPERATOR_TOKEN_SECONDS);
    let scopes: Vec<&str> = scopes.into_iter().collect();
    let claims = json!({
        "iss": "vestibule",
        "aud": audience,
        "tenant": wanted.tenant.as_str(),
        "scp": scopes.join(" "),
        "iat": now.0,
        "nbf": now.0,
        "exp": now.plus(life.min(OPERATOR_TOKEN_SECONDS)).0,
        "jti": gateway_sign_in::random_id()?,
    });
    Ok(keys.sign_operator_token(&claims)?)
}

#[cfg(test)]
mod tests;
