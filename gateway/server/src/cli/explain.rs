//! `vestibule explain`: how a request would be decided, rule by rule, without a running gateway.

mod explanation;
mod question;
mod who;

use std::io::{self, Write};
use std::net::IpAddr;
use std::sync::Arc;

use clap::Args;
use clap::builder::PossibleValuesParser;
use clap::builder::TypedValueParser as _;
use gateway_config::Sources;
use gateway_config::model::{Configuration, StoreLocation};
use gateway_core::action::Action;
use gateway_core::address::{EmailAddress, NotAnAddress};
use gateway_core::id::{LinkId, NotAnIdentifier, TenantId};
use gateway_core::policy::{self, Recorded};
use gateway_core::time::UnixTime;
use gateway_store::directory::{TenantView, View};
use http::Uri;

use self::explanation::Explanation;
use self::question::Asked;
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
pub(crate) enum NothingToExplain {
    #[error(transparent)]
    Question(#[from] question::NoQuestion),
    #[error("tenant `{tenant}` has no link `{link}`: give the id of its table, not its token")]
    LinkUnknown { tenant: String, link: LinkId },
    #[error("`{store}` cannot be looked at, try as the user that the gateway runs as: {source}")]
    Store {
        store: Box<StoreLocation>,
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
    let configuration = Arc::new(loaded.configuration);
    let explained = explain(arguments, &configuration, sources.now);
    match explained {
        Ok(ref explanation) if arguments.json => writeln!(out, "{}", explanation.to_json())?,
        Ok(ref explanation) => explanation.write(out)?,
        Err(ref nothing) => writeln!(err, "error: {nothing}")?,
    }
    Ok(explained.is_ok())
}

fn explain(
    arguments: &Arguments,
    configuration: &Arc<Configuration>,
    now: UnixTime,
) -> Result<Explanation, NothingToExplain> {
    let asking = Asking {
        person: arguments.person.clone(),
        links: arguments.links.clone(),
        url: arguments.url.clone(),
        action: arguments.action,
        from: arguments.from,
        at: arguments.at.unwrap_or(now),
    };
    let asked = read(&asking, &Table::new(configuration))?;
    let (configuration, view) =
        serve::look_at_directory(configuration, now).map_err(|source| NothingToExplain::Store {
            store: Box::new(configuration.gateway.store.clone()),
            source,
        })?;
    explain_in(asked, &asking, &configuration, &view)
}

/// A question as it is put.
pub(crate) struct Asking {
    pub(crate) person: Option<EmailAddress>,
    pub(crate) links: Vec<LinkId>,
    pub(crate) url: Uri,
    pub(crate) action: Action,
    pub(crate) from: Option<IpAddr>,
    pub(crate) at: UnixTime,
}

/// What the URL asks for.
///
/// # Errors
/// [`NothingToExplain`].
pub(crate) fn read(asking: &Asking, table: &Table) -> Result<Asked, NothingToExplain> {
    Ok(question::read(&asking.url, asking.action, table)?)
}

/// The explanation, by what `view` holds: at least the person's entry, what covers the item, and the links.
///
/// # Errors
/// [`NothingToExplain`].
pub(crate) fn explain_in(
    asked: Asked,
    asking: &Asking,
    configuration: &Configuration,
    view: &View,
) -> Result<Explanation, NothingToExplain> {
    let at = asking.at;
    let name = &asked.question.target.tenant;
    let found = configuration.tenants.get(name).zip(view.tenant(name));
    let (tenant, directory) =
        found.ok_or_else(|| NothingToExplain::NoDirectory(name.to_string()))?;
    known(&asking.links, name, directory)?;
    let place = Place {
        configuration,
        tenant,
        directory,
        at,
    };
    let who = asking
        .person
        .as_ref()
        .map_or_else(Who::nobody, |address| Who::find(address, &place));
    let session = who.session(&asking.links, &place);
    let questions = Arc::clone(&asked.resource.questions);
    let principal = judge::principal(session.as_ref(), asking.from);
    let facts = facts::gather(
        configuration,
        view,
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

fn known(
    links: &[LinkId],
    tenant: &TenantId,
    directory: &TenantView,
) -> Result<(), NothingToExplain> {
    match links.iter().find(|id| !directory.has_link(id)) {
        None => Ok(()),
        Some(unknown) => Err(NothingToExplain::LinkUnknown {
            tenant: tenant.to_string(),
            link: unknown.clone(),
        }),
    }
}
