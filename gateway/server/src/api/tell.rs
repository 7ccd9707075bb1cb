//! Explanations and impact, by the running gateway: the same words as on the command line.

use gateway_core::id::TenantId;
use gateway_graph::surroundings::{Explain, Foresee, NotTold, Unavailable};
use gateway_store::StoreError;
use gateway_store::model::Wanted;
use http::Uri;
use serde_json::Value;

use crate::cli::explain::{self, Asking};
use crate::cli::impact;
use crate::gateway::Gateway;

pub(super) async fn explain(
    gateway: &Gateway,
    tenant: &TenantId,
    ask: Explain,
) -> Result<Value, NotTold> {
    let url = ask.url.parse::<Uri>().ok();
    let whole = url.filter(|url| matches!(url.scheme_str(), Some("https" | "http")));
    let url = whole.ok_or_else(|| asked("`url` must be a whole URL, percent-encoded"))?;
    let asking = Asking {
        person: ask.person,
        links: ask.links,
        url,
        action: ask.action,
        from: ask.from,
        at: ask.at,
    };
    let configuration = gateway.configuration();
    let question = explain::read(&asking, &gateway.routes).map_err(asked)?;
    let target = &question.question.target;
    if target.tenant != *tenant {
        return Err(asked("`url` is of no host of the tenant"));
    }
    let found = configuration.tenants.get(tenant);
    let groups = found.zip(asking.person.as_ref());
    let groups = groups.map_or_else(Vec::new, |(tenant, person)| {
        tenant.groups.of(person).to_vec()
    });
    let wanted = Wanted {
        addresses: asking.person.iter().cloned().collect(),
        groups,
        items: vec![(target.site.clone(), target.path.clone())],
        links: asking.links.clone(),
        ..Wanted::of(tenant.clone())
    };
    let view = gateway
        .directory
        .look(&wanted)
        .await
        .map_err(|error| away(&error))?;
    explain::explain_in(question, &asking, &configuration, &view)
        .map(|explanation| explanation.to_json())
        .map_err(asked)
}

/// - `most`: so many people, permissions and links are read, and no more: they are all in memory then.
pub(super) async fn foresee(
    gateway: &Gateway,
    tenant: &TenantId,
    ask: Foresee,
    most: u32,
) -> Result<Value, NotTold> {
    let configuration = gateway.configuration();
    let found = configuration.tenants.get(tenant);
    let found = found.ok_or_else(|| asked("there is no such tenant"))?;
    let directory = &gateway.directory;
    let within = directory.is_within(tenant, most).await;
    if !within.map_err(|error| away(&error))? {
        return Err(NotTold::TooMuch(most));
    }
    // Everything that was shared is judged: this reads the tenant's whole directory, and keeps nothing of it.
    let view = directory.look_at_all(tenant).await;
    let view = view.map_err(|error| away(&error))?;
    let proposed = (ask.set.as_slice(), ask.profile.as_deref());
    impact::told(found, proposed, &configuration, &view, ask.at).map_err(NotTold::Asked)
}

#[expect(clippy::needless_pass_by_value, reason = "as `map_err` gives it")]
fn asked(why: impl ToString) -> NotTold {
    NotTold::Asked(why.to_string())
}

fn away(error: &StoreError) -> NotTold {
    NotTold::Unavailable(Unavailable(error.to_string()))
}
