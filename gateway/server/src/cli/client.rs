//! What the verbs that are clients of the management API share: how they reach it, and what they say when it refuses.

mod call;
mod failed;
mod table;

use std::io::{self, Write};
use std::path::PathBuf;
use std::time::Duration;

use clap::Args;
use gateway_config::{Problem, Severity, Sources};
use gateway_core::id::TenantId;
use serde_json::Value;

use super::token;

pub(crate) use call::Client;
pub(crate) use failed::Failed;
pub(super) use table::{cell, table};

/// How long a token lives that is made for one call of the program.
const LIFE: Duration = Duration::from_secs(300);

#[derive(Debug, Args)]
#[command(next_help_heading = "How the API is reached")]
pub(super) struct Reach {
    /// Its origin, such as `https://gateway.contoso.com:8444`. Without it VESTIBULE_API, or else `listen.api.origin` of the
    /// configuration.
    #[arg(long, value_name = "URL")]
    api: Option<String>,
    /// File with a token. Without it VESTIBULE_TOKEN, or else, where the gateway's keys can be read, one is made for five
    /// minutes.
    #[arg(long, value_name = "FILE")]
    token_file: Option<PathBuf>,
    /// PEM file of the authorities that may have issued the API's certificate; the system's if left out.
    #[arg(long, value_name = "FILE")]
    ca: Option<PathBuf>,
    /// The tenant that a token is made for; may be left out where there is only one. With a token it is the token's.
    #[arg(long, value_name = "ID", value_parser = token::tenant)]
    tenant: Option<TenantId>,
    /// Print JSON, for programs.
    #[arg(long)]
    json: bool,
}

impl Reach {
    /// A client that may do what `scopes` allow.
    pub(super) fn client(&self, sources: &Sources, scopes: &[&str]) -> Result<Client, Failed> {
        let variable = |name: &str| {
            let mut all = sources.variables.iter();
            all.find(|(known, value)| known == name && !value.is_empty())
                .map(|(_, value)| value.clone())
        };
        let given = match &self.token_file {
            Some(path) => Some(read(path)?),
            None => variable("VESTIBULE_TOKEN"),
        };
        let origin = self.api.clone().or_else(|| variable("VESTIBULE_API"));
        let (origin, token) = match (origin, given) {
            (Some(origin), Some(token)) => (origin, token),
            (origin, token) => {
                let own = Own::load(sources)?;
                let token = match token {
                    Some(token) => token,
                    None => own.token(self.tenant.as_ref(), scopes, sources)?,
                };
                (origin.unwrap_or(own.origin), token)
            }
        };
        Client::new(&origin, token.trim(), self.ca.as_deref())
    }

    /// Does `work` with a client, and prints what comes of it: as JSON, or as `shown` has it.
    pub(super) fn run<T>(
        &self,
        (sources, scopes): (&Sources, &[&str]),
        (out, err): (&mut dyn Write, &mut dyn Write),
        work: impl FnOnce(&Client) -> Result<T, Failed>,
        json: impl FnOnce(&T) -> Value,
        shown: impl FnOnce(&T, &mut dyn Write) -> io::Result<()>,
    ) -> io::Result<bool> {
        let done = self
            .client(sources, scopes)
            .and_then(|client| work(&client));
        match done {
            Ok(done) if self.json => writeln!(out, "{}", json(&done))?,
            Ok(done) => shown(&done, out)?,
            Err(failed) => {
                writeln!(err, "error: {failed}")?;
                return Ok(false);
            }
        }
        Ok(true)
    }
}

/// What the configuration of the gateway on this machine says.
struct Own {
    configuration: gateway_config::model::Configuration,
    origin: String,
}

impl Own {
    fn load(sources: &Sources) -> Result<Self, Failed> {
        let loaded = gateway_config::load(sources).map_err(|problems| Failed::NoConfiguration {
            first: first(&problems),
        })?;
        let configuration = loaded.configuration;
        let api = configuration.gateway.api.as_ref();
        let origin = api.map(|api| api.origin.clone()).ok_or(Failed::NoApi)?;
        Ok(Self {
            configuration,
            origin,
        })
    }

    fn token(
        &self,
        tenant: Option<&TenantId>,
        scopes: &[&str],
        sources: &Sources,
    ) -> Result<String, Failed> {
        let mut all = self.configuration.tenants.keys();
        let tenant = match (tenant, all.next(), all.next()) {
            (Some(tenant), _, _) => tenant,
            (None, Some(only), None) => only,
            (None, _, _) => {
                let known: Vec<String> = self
                    .configuration
                    .tenants
                    .keys()
                    .map(ToString::to_string)
                    .collect();
                return Err(Failed::WhichTenant(known.join(", ")));
            }
        };
        let scopes: Vec<String> = scopes.iter().map(|scope| (*scope).to_owned()).collect();
        let wanted = token::Wanted {
            tenant,
            scopes: &scopes,
            life: LIFE,
            audience: None,
        };
        token::make(&wanted, &self.configuration, sources.now)
            .map_err(|error| Failed::NoToken(error.to_string()))
    }
}

fn first(problems: &[Problem]) -> String {
    let mut errors = problems.iter();
    let error = errors.find(|problem| problem.severity == Severity::Error);
    error.map(ToString::to_string).unwrap_or_default()
}

fn read(path: &std::path::Path) -> Result<String, Failed> {
    std::fs::read_to_string(path).map_err(|source| Failed::TokenFile {
        path: path.to_owned(),
        source,
    })
}

/// A text in a path or a query: percent-encoded but for the unreserved characters.
///
/// Source: RFC 3986 section 2.3.
pub(super) fn encoded(text: &str) -> String {
    let byte = |byte: u8| match byte {
        b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => {
            char::from(byte).to_string()
        }
        byte => format!("%{byte:02X}"),
    };
    text.bytes().map(byte).collect()
}

/// Says that something was done.
pub(super) fn done(what: impl std::fmt::Display, out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "ok: {what}")
}
