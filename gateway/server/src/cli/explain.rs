//! `vestibule explain`: how a request would be decided, rule by rule, without a running gateway.

mod explanation;
mod question;
mod who;

use std::io::{self, Write};
use std::net::IpAddr;
use std::path::PathBuf;
use std::sync::Arc;

use clap::Args;
use clap::builder::PossibleValuesParser;
use clap::builder::TypedValueParser as _;
use gateway_config::Sources;
use gateway_config::model::{Configuration, Tenant};
use gateway_core::action::Action;
use gateway_core::address::{EmailAddress, NotAnAddress};
use gateway_core::id::{LinkId, NotAnIdentifier};
use gateway_core::policy::{self, Recorded};
use gateway_core::time::UnixTime;
use http::Uri;

use self::explanation::Explanation;
use self::who::{Place, Who};
use super::{load, moment};
use crate::route::Table;
use crate::{facts, judge, serve};

#[derive(Debug, Args)]
pub(super) struct Arguments {
    /// The address of the person who asks; leave out for somebody who has not signed in.
    #[arg(long, value_name = "ADDRESS", value_parser = address)]
    person: Option<EmailAddress>,
    /// A sharing link that the browser opened before, by its id; may be repeated.
    #[arg(long = "link", value_name = "ID", value_parser = link)]
    links: Vec<LinkId>,
    /// The URL that is asked for, such as `https://contoso.com/sites/projects/Plan.docx`.
    #[arg(long, value_parser = url)]
    url: Uri,
    /// What is done.
    #[arg(long, value_parser = actions())]
    action: Action,
    /// The network address that the request comes from.
    #[arg(long, value_name = "ADDRESS")]
    from: Option<IpAddr>,
    /// The moment, such as `2026-11-21T12:00:00Z`; now when left out.
    #[arg(long, value_name = "TIME", value_parser = moment::read)]
    at: Option<UnixTime>,
    /// Print JSON.
    #[arg(long)]
    json: bool,
}

fn address(text: &str) -> Result<EmailAddress, NotAnAddress> {
    EmailAddress::parse(text)
}

fn link(text: &str) -> Result<LinkId, NotAnIdentifier> {
    LinkId::parse(text)
}

fn url(text: &str) -> Result<Uri, &'static str> {
    let url = text.parse::<Uri>().ok();
    url.filter(|url| matches!(url.scheme_str(), Some("https" | "http")))
        .ok_or("a whole URL, such as https://contoso.com/sites/projects/Plan.docx, percent-encoded")
}

fn actions() -> impl clap::builder::TypedValueParser<Value = Action> {
    PossibleValuesParser::new(Action::ALL.map(Action::name))
        .try_map(|name| Action::parse(&name).ok_or("no action"))
}

/// Why there is nothing to explain.
#[derive(Debug, thiserror::Error)]
enum NothingToExplain {
    #[error(transparent)]
    Question(#[from] question::NoQuestion),
    #[error("tenant `{tenant}` has no link `{link}`: give the id of its table, not its token")]
    LinkUnknown { tenant: String, link: LinkId },
    #[error("`{store}` cannot be looked at, try as the user that the gateway runs as: {source}")]
    Store {
        store: PathBuf,
        source: serve::DirectoryUnavailable,
    },
    #[error("tenant `{0}` has no directory")]
    NoDirectory(String),
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
    let explained = explain(arguments, &loaded.configuration, sources.now);
    match explained {
        Ok(ref explanation) if arguments.json => writeln!(out, "{}", explanation.to_json())?,
        Ok(ref explanation) => explanation.write(out)?,
        Err(ref nothing) => writeln!(err, "error: {nothing}")?,
    }
    Ok(explained.is_ok())
}

fn explain(
    arguments: &Arguments,
    configuration: &Configuration,
    now: UnixTime,
) -> Result<Explanation, NothingToExplain> {
    let at = arguments.at.unwrap_or(now);
    let asked = question::read(&arguments.url, arguments.action, &Table::new(configuration))?;
    let name = &asked.question.target.tenant;
    let view =
        serve::look_at_directory(configuration, now).map_err(|source| NothingToExplain::Store {
            store: configuration.gateway.store.clone(),
            source,
        })?;
    let found = configuration.tenants.get(name).zip(view.tenant(name));
    let (tenant, directory) =
        found.ok_or_else(|| NothingToExplain::NoDirectory(name.to_string()))?;
    declared(&arguments.links, tenant)?;
    let place = Place {
        configuration,
        tenant,
        directory,
        at,
    };
    let who = arguments
        .person
        .as_ref()
        .map_or_else(Who::nobody, |address| Who::find(address, &place));
    let session = who.session(&arguments.links, &place);
    let questions = Arc::clone(&asked.resource.questions);
    let principal = judge::principal(session.as_ref(), arguments.from);
    let facts = facts::gather(
        configuration,
        &view,
        session.as_ref(),
        &principal,
        &questions,
    );
    let answer = judge::decide(session.as_ref(), &principal, &asked.resource, &facts, at);
    // Once more, for the rules behind the first that refused.
    let mut trace = Recorded::default();
    let _same = policy::decide(&principal, questions, &facts, at, &mut trace);
    Ok(Explanation {
        question: asked.question,
        members_only: asked.resource.members_only,
        who: who.shown,
        redemption: who.redemption,
        at,
        answer,
        trace,
    })
}

fn declared(links: &[LinkId], tenant: &Tenant) -> Result<(), NothingToExplain> {
    let known = |id: &LinkId| tenant.links.iter().any(|declared| declared.link.id == *id);
    match links.iter().find(|id| !known(id)) {
        None => Ok(()),
        Some(unknown) => Err(NothingToExplain::LinkUnknown {
            tenant: tenant.id.to_string(),
            link: unknown.clone(),
        }),
    }
}
