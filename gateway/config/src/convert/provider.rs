//! Identity providers.

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;
use std::path::{Component, Path};

use gateway_core::address::DomainName;
use gateway_core::assertion::{DomainScope, ProviderTrust};
use gateway_core::cloud::{Clouds, Relation};
use gateway_core::home::Offer;
use gateway_core::id::{CloudName, ProviderId, ProviderKind, TenantId};
use gateway_core::policy::configure;
use gateway_core::settings::directory::Federation;
use url::{Host, Url};

use super::{Context, clouds, files, secrets, text};
use crate::documents::Merged;
use crate::model::{Configuration, Isolation, Provider, Tenant};
use crate::source::Scope;
use crate::suggest::nearest;
use crate::wire::{self, ProviderFile};

const DEFAULT_ORDER: u16 = 100;

/// - `generation`: of its file.
/// - `plugins`: the folder of plugins, where it is known.
/// - `tenants`: those that are right.
pub(super) fn convert(
    id: &str,
    file: &Merged<ProviderFile>,
    generation: String,
    plugins: Option<&Path>,
    tenants: &BTreeMap<TenantId, Tenant>,
    context: &Context<'_>,
) -> Option<Provider> {
    let top = file.scope(context.problems);
    let given = &file.content;
    let id = top.parse(Some(id), ProviderId::parse);
    let plugin = plugin(&top, given);
    let sha256 = sha256(&top, given, plugins);
    let kind_scope = top.at("kind");
    let kind = kind_scope.required(
        given.kind.as_deref(),
        "give the plugin's kind, such as `work-school`",
    );
    let kind = kind_scope.parse(kind, ProviderKind::parse);
    let served = served(&top.at("tenants"), given.tenants.as_deref(), context);
    let issuers = issuers(
        &top.at("issuers"),
        &given.issuers,
        given.kind.as_deref() == Some("saml"),
    );
    let cloud = given
        .cloud
        .as_deref()
        .map(|name| clouds::known(&top.at("cloud"), name, context.clouds));
    let domains = domain_scope(&top.at("domains"), given.domains.as_deref());
    let home_scope = top.at("home_domains");
    let homes = given.home_domains.iter().flatten().map(String::as_str);
    let home_domains: BTreeSet<DomainName> = text::domains(&home_scope, homes).collect();
    let fetch_hosts = given
        .fetch_hosts
        .as_deref()
        .map(|hosts| fetch_hosts(&top.at("fetch_hosts"), hosts));
    let ca_scope = top.at("ca");
    let ca = given
        .ca
        .as_deref()
        .map(|path| files::existing(&ca_scope, path));
    let settings = secrets::settings(&top.at("settings"), &given.settings, context);
    if let (Some(kind), Some(clouds)) = (&kind, context.clouds) {
        let cloud = cloud.as_ref().and_then(Option::as_ref);
        let serves = tenants
            .values()
            .filter(|tenant| served.as_ref().is_none_or(|ids| ids.contains(&tenant.id)));
        judge_clouds(&top, kind, cloud, &serves.collect::<Vec<_>>(), clouds);
    }
    let (id, domains, kind) = (id?, domains?, kind?);
    let cloud = match cloud {
        Some(cloud) => Some(cloud?),
        None => None,
    };
    let provider = Provider {
        plugin: plugins?.join(plugin?),
        sha256: sha256?,
        display_name: given.display_name.clone(),
        tenants: served,
        trust: ProviderTrust {
            id: id.clone(),
            kind: kind.clone(),
            issuers: issuers?,
            cloud,
            domains,
        },
        offer: Offer {
            id: id.clone(),
            home_domains,
            any_domain: given.any_domain,
            order: given.order.unwrap_or(DEFAULT_ORDER),
        },
        home_domains_given: given.home_domains.is_some(),
        fetch_hosts,
        ca: match ca {
            Some(ca) => Some(ca?),
            None => None,
        },
        isolation: isolation(given.isolation, &kind),
        generation,
        settings,
        id,
    };
    judge_endpoint(&top, &provider);
    Some(provider)
}

/// Where a SAML partner's people sign in is its own, as for a federation that is added by the directory's API. On loopback,
/// for tests, there are no domains to belong to.
fn judge_endpoint(top: &Scope<'_>, provider: &Provider) {
    let loopback = provider.settings.0.get("allow_insecure_loopback") == Some(&true.into());
    if provider.trust.kind.as_str() != "saml" || loopback {
        return;
    }
    let given = federations(provider).find(|federation| !federation.endpoint.is_empty());
    if let Some(rule) = given.as_ref().and_then(configure::endpoint_rule) {
        top.at("settings").at("passiveSignInUri").error(rule);
    }
}

/// Verifying SAML takes C libraries that have crashed on hostile documents before (rows S138, S167).
fn isolation(given: Option<wire::Isolation>, kind: &ProviderKind) -> Isolation {
    match given {
        Some(wire::Isolation::Process) => Isolation::Process,
        Some(wire::Isolation::None) => Isolation::None,
        None if kind.as_str() == "saml" => Isolation::Process,
        None => Isolation::None,
    }
}

impl Configuration {
    /// The same configuration with these providers in place of its own.
    #[must_use]
    pub fn with_providers(&self, providers: BTreeMap<ProviderId, Provider>) -> Self {
        let mut changed = Self {
            providers,
            ..self.clone()
        };
        for tenant in changed.tenants.values_mut() {
            tell_directory(tenant, &changed.providers);
        }
        changed
    }
}

/// What the providers that serve a tenant are to its directory: Google federation, SAML and WS-Fed partners. Nothing
/// else is.
pub(super) fn tell_directory(tenant: &mut Tenant, providers: &BTreeMap<ProviderId, Provider>) {
    tenant.settings.directory.google = false;
    tenant.settings.directory.federations.clear();
    let serving = providers
        .values()
        .filter(|provider| provider.serves(&tenant.id));
    for provider in serving {
        match provider.trust.kind.as_str() {
            "google" => {
                let directory = &mut tenant.settings.directory;
                directory.google = true;
                let opted_in = provider.offer.home_domains.iter().cloned();
                directory.google_domains.extend(opted_in);
            }
            "saml" => tenant
                .settings
                .directory
                .federations
                .extend(provider.federations()),
            _ => {}
        }
    }
}

impl Provider {
    /// The SAML or WS-Fed partners that a provider of kind `saml` speaks for: one for each issuer.
    pub fn federations(&self) -> impl Iterator<Item = Federation> {
        federations(self)
    }
}

fn federations(provider: &Provider) -> impl Iterator<Item = Federation> {
    let domains = match &provider.trust.domains {
        DomainScope::Only(domains) => domains,
        DomainScope::Any => &provider.offer.home_domains,
    };
    let text = |key| {
        provider
            .settings
            .0
            .get(key)
            .and_then(serde_json::Value::as_str)
    };
    let (endpoint, dns_text) = (text("passiveSignInUri"), text("DirectFedAuthUrl"));
    let federation = move |issuer: &String| Federation {
        provider: Some(provider.id.clone()),
        issuer: issuer.clone(),
        domains: domains.clone(),
        endpoint: endpoint.unwrap_or_default().to_owned(),
        dns_text: dns_text.map(str::to_owned),
    };
    provider.trust.issuers.iter().map(federation)
}

fn plugin<'t>(top: &Scope<'_>, given: &'t ProviderFile) -> Option<&'t str> {
    let scope = top.at("plugin");
    let name = scope.required(
        given.plugin.as_deref(),
        "name the library's file below `plugins.directory`",
    )?;
    let below = Path::new(name)
        .components()
        .all(|part| matches!(part, Component::Normal(_)));
    if !below || name.is_empty() {
        scope.error("must be a relative path below `plugins.directory`, without `..`");
        return None;
    }
    Some(name)
}

fn sha256(top: &Scope<'_>, given: &ProviderFile, plugins: Option<&Path>) -> Option<[u8; 32]> {
    let file = plugins
        .unwrap_or(Path::new(""))
        .join(given.plugin.as_deref().unwrap_or("PLUGIN"));
    let scope = top.at("sha256");
    let hint = format!("give what `sha256sum {}` prints", file.display());
    scope.parse(scope.required(given.sha256.as_deref(), &hint), text::sha256)
}

/// Tenants of the list, or `None` for all. A list that names nobody known serves nobody.
fn served(
    scope: &Scope<'_>,
    given: Option<&[String]>,
    context: &Context<'_>,
) -> Option<BTreeSet<TenantId>> {
    let given = given?;
    if given.is_empty() {
        scope.warn("is empty: the provider serves nobody");
    }
    let known = |(index, name): (usize, &String)| {
        if !context.tenants.contains(name.as_str()) {
            let known = context.tenants.iter().copied();
            let advice = match nearest(name, known) {
                Some(meant) => format!("did you mean `{meant}`?"),
                None => "there is no such file in `tenants/`".to_owned(),
            };
            scope
                .element(index)
                .error(format!("`{name}` is not a tenant: {advice}"));
            return None;
        }
        TenantId::parse(name).ok()
    };
    Some(given.iter().enumerate().filter_map(known).collect())
}

/// - `entities`: whether they are entity ids of SAML.
fn issuers(scope: &Scope<'_>, given: &[String], entities: bool) -> Option<Vec<String>> {
    if given.is_empty() {
        if !scope.is_broken() {
            scope.error("is required: list the issuers that the provider may speak for, exactly");
        }
        return None;
    }
    for (index, text) in given.iter().enumerate() {
        let parse = if entities { entity_id } else { issuer };
        scope.element(index).parse(Some(text), parse);
    }
    Some(given.to_vec())
}

/// Plain http is for pretended issuers on the same machine.
fn issuer(text: &str) -> Result<(), &'static str> {
    const WANTED: &str = "must be an https URL or a URN, exactly as the provider prints it";
    let url = Url::parse(&text.replace("{tenantid}", "tenant")).map_err(|_| WANTED)?;
    match url.scheme() {
        "https" | "urn" => Ok(()),
        "http" if is_loopback(&url) => Ok(()),
        _ => Err(WANTED),
    }
}

/// An entity id is a name and leads nowhere: those of AD FS and Okta begin with `http:` (SAML core, 8.3.6).
fn entity_id(text: &str) -> Result<(), &'static str> {
    let odd = |c: char| c.is_control() || c.is_whitespace();
    if (1..=512).contains(&text.len()) && !text.contains(odd) {
        Ok(())
    } else {
        Err("must be the partner's entity id, exactly as its metadata prints it")
    }
}

fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
        Some(Host::Ipv4(address)) => IpAddr::from(address).is_loopback(),
        Some(Host::Ipv6(address)) => IpAddr::from(address).is_loopback(),
        None => false,
    }
}

fn domain_scope(scope: &Scope<'_>, given: Option<&[String]>) -> Option<DomainScope> {
    let hint = "list the domains whose addresses it may prove, or `[\"*\"]` for any";
    let given = scope.required(given, hint)?;
    if matches!(given, [any] if any == "*") {
        return Some(DomainScope::Any);
    }
    Some(DomainScope::Only(
        text::domains(scope, given.iter().map(String::as_str)).collect(),
    ))
}

fn fetch_hosts(scope: &Scope<'_>, given: &[String]) -> Vec<String> {
    for (index, text) in given.iter().enumerate() {
        let canonical = Url::parse(&format!("https://{text}/"))
            .ok()
            .and_then(|url| {
                let host = url.host_str()?.to_owned();
                Some(
                    url.port()
                        .map_or_else(|| host.clone(), |port| format!("{host}:{port}")),
                )
            });
        if canonical.as_deref() != Some(text) {
            scope
                .element(index)
                .error("must be `host` or `host:port` in lower case, without scheme and path");
        }
    }
    given.to_vec()
}

/// What the clouds of the tenants it serves say to a provider of this kind.
///
/// Source: specification "clouds and identity" A.3.
fn judge_clouds(
    top: &Scope<'_>,
    kind: &ProviderKind,
    home: Option<&CloudName>,
    serves: &[&Tenant],
    clouds: &Clouds,
) {
    let scope = top.at("kind");
    // Kinds that no cloud speaks of are the operator's own decision.
    let listed = clouds
        .0
        .values()
        .any(|cloud| cloud.identity_providers.contains(kind));
    for tenant in serves {
        let name = &tenant.settings.cloud;
        let offered = clouds
            .find(name)
            .is_some_and(|cloud| cloud.identity_providers.contains(kind));
        if listed && !offered {
            scope.error(format!(
                "`{kind}` is not offered in cloud `{name}`, where tenant `{}` lives: list other tenants under `tenants`",
                tenant.id
            ));
        } else if kind.as_str() == "email-otp" && !tenant.mails_passcodes(clouds) {
            scope.warn(format!(
                "does nothing for tenant `{}`: its passcodes are switched off",
                tenant.id
            ));
        }
    }
    let never = |tenant: &&Tenant, home: &CloudName| {
        clouds.relation(home, &tenant.settings.cloud) == Relation::Never
    };
    if let Some(home) =
        home.filter(|home| !serves.is_empty() && serves.iter().all(|tenant| never(tenant, home)))
    {
        top.at("cloud").warn(format!(
            "does nothing: no tenant it serves takes guests from `{home}`"
        ));
    }
    if home.is_none() && kind.as_str() == "work-school" && !top.at("cloud").is_broken() {
        top.at("cloud")
            .error("is required for `work-school`: name the cloud whose accounts it signs in");
    }
}
