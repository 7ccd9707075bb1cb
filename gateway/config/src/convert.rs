//! From files to [`crate::model`]: text becomes types that cannot be wrong, and everything that refers to
//! something is looked up.

mod api;
mod asleep;
mod audit;
pub(crate) mod clouds;
mod conditional_access;
mod directory;
mod files;
mod gateway;
mod groups;
mod provider;
mod secrets;
mod settings;
mod shares;
mod site;
mod store;
mod tenant;
mod text;
mod together;

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::Arc;

use gateway_core::cloud::Clouds;
use gateway_core::id::{CloudName, ProviderId, TenantId};
use gateway_core::time::UnixTime;

use crate::Sources;
use crate::documents::Documents;
use crate::generation::Generations;
use crate::model::{Configuration, Provider, Tenant};
use crate::problem::Problems;

pub use settings::idle;

/// What the conversion of every document needs from the others.
struct Context<'a> {
    problems: &'a Problems,
    variables: &'a [(String, String)],
    now: UnixTime,
    /// The clouds; none when `clouds.toml` is missing or wrong, which is reported already.
    clouds: Option<&'a Clouds>,
    /// The environment's cloud, likewise.
    cloud: Option<&'a CloudName>,
    /// Every tenant there is a file for, whatever is wrong with it.
    tenants: BTreeSet<&'a str>,
}

/// The configuration that `documents` describe; `None` after noting why there is none.
pub(crate) fn configuration(
    documents: &Documents,
    sources: &Sources,
    generations: Generations,
    problems: &Problems,
) -> Option<Configuration> {
    let clouds = documents
        .clouds
        .as_ref()
        .and_then(|clouds| clouds::convert(clouds, problems));
    let cloud = environment_cloud(documents, clouds.as_ref(), problems);
    let context = Context {
        problems,
        variables: &sources.variables,
        now: sources.now,
        clouds: clouds.as_ref(),
        cloud: cloud.as_ref(),
        tenants: documents.tenants.keys().map(String::as_str).collect(),
    };
    let gateway = documents
        .gateway
        .as_ref()
        .and_then(|gateway| gateway::convert(gateway, documents, &context));
    let plugins = gateway::plugin_folder(documents, problems);
    let mut tenants = tenants(documents, &context);
    let providers = providers(
        documents,
        &generations,
        plugins.as_deref(),
        &tenants,
        &context,
    );
    for tenant in tenants.values_mut() {
        provider::tell_directory(tenant, &providers);
    }
    Some(Configuration {
        environment: sources.environment.clone(),
        cloud: cloud?,
        clouds: Arc::new(clouds?),
        gateway: gateway?,
        tenants,
        providers,
        generation: generations.base,
    })
}

fn environment_cloud(
    documents: &Documents,
    clouds: Option<&Clouds>,
    problems: &Problems,
) -> Option<CloudName> {
    let gateway = documents.gateway.as_ref()?;
    let scope = gateway.scope(problems).at("cloud");
    let name = scope.required(
        gateway.content.cloud.as_deref(),
        "name a cloud of clouds.toml in the environment's file",
    )?;
    clouds::known(&scope, name, clouds)
}

fn tenants(documents: &Documents, context: &Context<'_>) -> BTreeMap<TenantId, Tenant> {
    let mut hosts = BTreeMap::new();
    let convert = |(id, tenant): (&String, &Option<_>)| {
        let tenant = tenant::convert(id, tenant.as_ref()?, &mut hosts, context)?;
        Some((tenant.id.clone(), tenant))
    };
    documents.tenants.iter().filter_map(convert).collect()
}

fn providers(
    documents: &Documents,
    generations: &Generations,
    plugins: Option<&Path>,
    tenants: &BTreeMap<TenantId, Tenant>,
    context: &Context<'_>,
) -> BTreeMap<ProviderId, Provider> {
    let convert = |(id, provider): (&String, &Option<_>)| {
        let generation = generations.of_provider(id);
        let provider = provider.as_ref()?;
        let provider = provider::convert(id, provider, generation, plugins, tenants, context)?;
        Some((provider.id.clone(), provider))
    };
    documents.providers.iter().filter_map(convert).collect()
}
