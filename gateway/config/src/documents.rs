//! From the files found to one checked document each for the gateway, the clouds, every tenant and every
//! provider.

use std::collections::{BTreeMap, BTreeSet};

use serde::de::DeserializeOwned;

use crate::Sources;
use crate::problem::{Place, Problems};
use crate::schema::{Kind, check, kind_at};
use crate::source::{Document, Found, KeyPath, Layer, Scope, Text, merge, parse, variables};
use crate::wire::{CloudsFile, GatewayFile, ProviderFile, TenantFile};

/// All documents. One that is there but cannot be read is `None`.
pub(crate) struct Documents {
    pub(crate) gateway: Option<Merged<GatewayFile>>,
    pub(crate) clouds: Option<Merged<CloudsFile>>,
    pub(crate) tenants: BTreeMap<String, Option<Merged<TenantFile>>>,
    pub(crate) providers: BTreeMap<String, Option<Merged<ProviderFile>>>,
}

/// One document with its places.
pub(crate) struct Merged<T> {
    pub(crate) content: T,
    pub(crate) document: Document,
}

impl<T> Merged<T> {
    pub(crate) fn scope<'a>(&'a self, problems: &'a Problems) -> Scope<'a> {
        Scope::top(&self.document, problems)
    }
}

impl Documents {
    /// Parses, checks and merges what was found.
    pub(crate) fn check(found: Found, sources: &Sources, problems: &Problems) -> Self {
        report_missing(&found, sources, problems);
        let Found {
            default,
            clouds,
            mut environments,
            tenants,
            providers,
            ..
        } = found;
        let environment = environments
            .remove(&sources.environment)
            .unwrap_or_default();
        Self {
            gateway: gateway(&default, &environment, sources, problems),
            clouds: document(Kind::Clouds, &clouds, problems),
            tenants: each(Kind::Tenant, tenants, problems),
            providers: each(Kind::Provider, providers, problems),
        }
    }
}

/// Whole files that are missing are named once, not key by key.
fn report_missing(found: &Found, sources: &Sources, problems: &Problems) {
    let folders: Vec<String> = sources
        .directories
        .iter()
        .map(|folder| folder.display().to_string())
        .collect();
    let place = Place::whole(&if folders.is_empty() {
        "configuration".to_owned()
    } else {
        folders.join(", ")
    });
    if found.incomplete {
        return;
    }
    for (name, absent) in [
        ("default.toml", found.default.is_empty()),
        ("clouds.toml", found.clouds.is_empty()),
    ] {
        if absent {
            problems.error(
                &place,
                &[],
                format!("has no `{name}`: copy the one that Vestibule is shipped with"),
            );
        }
    }
    if !found.environments.contains_key(&sources.environment) {
        let names: Vec<&str> = found.environments.keys().map(String::as_str).collect();
        let known = if names.is_empty() {
            "none".to_owned()
        } else {
            names.join(", ")
        };
        let wanted = &sources.environment;
        problems.error(
            &place,
            &[],
            format!("has no `environments/{wanted}.toml`: known environments are {known}"),
        );
    }
    if found.tenants.is_empty() {
        problems.error(
            &place,
            &[],
            "has no `tenants/*.toml`: a gateway without a tenant serves nothing",
        );
    }
    if found.providers.is_empty() {
        problems.warn(&place, &[], "has no `providers/*.toml`: nobody can sign in");
    }
}

fn each<T: DeserializeOwned>(
    kind: Kind,
    found: BTreeMap<String, Vec<Text>>,
    problems: &Problems,
) -> BTreeMap<String, Option<Merged<T>>> {
    found
        .into_iter()
        .map(|(id, texts)| (id, document(kind, &texts, problems)))
        .collect()
}

fn document<T: DeserializeOwned>(
    kind: Kind,
    texts: &[Text],
    problems: &Problems,
) -> Option<Merged<T>> {
    let mut stack = Stack::default();
    stack.add_files(kind, texts, problems);
    stack.merge(problems)
}

/// Shared settings, then the environment's, then variables.
fn gateway(
    default: &[Text],
    environment: &[Text],
    sources: &Sources,
    problems: &Problems,
) -> Option<Merged<GatewayFile>> {
    if default.is_empty() || environment.is_empty() {
        return None;
    }
    let mut stack = Stack::default();
    stack.add_files(Kind::Default, default, problems);
    stack.add_files(Kind::Environment, environment, problems);
    let schema = Kind::Default.schema();
    let (layer, refused) = variables(&sources.variables, |path| kind_at(&schema, path), problems);
    stack.broken.extend(refused);
    stack.add(Kind::Default, layer, problems);
    stack.merge(problems)
}

/// Layers of one document, lowest first.
#[derive(Default)]
struct Stack {
    layers: Vec<Layer>,
    broken: BTreeSet<KeyPath>,
    /// A layer does not even parse: nothing can be said about the whole.
    torn: bool,
}

impl Stack {
    fn add_files(&mut self, kind: Kind, texts: &[Text], problems: &Problems) {
        self.torn |= texts.is_empty();
        for Text { file, text } in texts {
            match parse(file, text, problems) {
                Some(layer) => self.add(kind, layer, problems),
                None => self.torn = true,
            }
        }
    }

    fn add(&mut self, kind: Kind, mut layer: Layer, problems: &Problems) {
        self.broken.extend(check(kind, &mut layer, problems));
        self.layers.push(layer);
    }

    fn merge<T: DeserializeOwned>(self, problems: &Problems) -> Option<Merged<T>> {
        if self.torn {
            return None;
        }
        let (content, document) = merge(&self.layers, self.broken, problems)?;
        Some(Merged { content, document })
    }
}
