//! The clouds.

use std::collections::{BTreeMap, BTreeSet};

use gateway_core::cloud::{Cloud, Clouds, Described};
use gateway_core::id::{CloudName, ProviderKind};
use gateway_core::settings::words::AllowInvitesFrom;
use url::Host;

use super::text;
use crate::documents::Merged;
use crate::problem::Problems;
use crate::source::Scope;
use crate::suggest::nearest;
use crate::wire::{CloudRecord, CloudsFile};

/// All clouds; `None` when one of them is wrong, since what is missing here would be reported everywhere.
pub(crate) fn convert(file: &Merged<CloudsFile>, problems: &Problems) -> Option<Clouds> {
    let top = file.scope(problems).at("clouds");
    let records = &file.content.clouds;
    if records.is_empty() && !top.is_broken() {
        top.error("names no cloud: everything would be denied");
    }
    let convert = |(name, record): (&String, &CloudRecord)| {
        let scope = top.at(name);
        let name = scope.parse(Some(name), CloudName::parse);
        let cloud = cloud(&scope, record, records);
        Some((name?, cloud?))
    };
    let clouds: BTreeMap<_, _> = records.iter().filter_map(convert).collect();
    let complete = clouds.len() == records.len() && file.document.broken.is_empty();
    let clouds = (complete && !clouds.is_empty()).then_some(Clouds(clouds))?;
    warn_one_sided(&top, &clouds);
    Some(clouds)
}

/// The cloud of that name, if it is known.
pub(super) fn known(scope: &Scope<'_>, name: &str, clouds: Option<&Clouds>) -> Option<CloudName> {
    let cloud = scope.parse(Some(name), CloudName::parse)?;
    let Some(clouds) = clouds else {
        return Some(cloud);
    };
    if clouds.find(&cloud).is_some() {
        return Some(cloud);
    }
    scope.error(unknown(name, clouds.0.keys().map(CloudName::as_str)));
    None
}

fn unknown<'a>(name: &str, known: impl Iterator<Item = &'a str> + Clone) -> String {
    match nearest(name, known.clone()) {
        Some(meant) => format!("`{name}` is not a cloud of clouds.toml: did you mean `{meant}`?"),
        None => format!(
            "`{name}` is not a cloud of clouds.toml: it has {}",
            known.collect::<Vec<_>>().join(", ")
        ),
    }
}

fn cloud(
    scope: &Scope<'_>,
    record: &CloudRecord,
    records: &BTreeMap<String, CloudRecord>,
) -> Option<Cloud> {
    let instance = scope
        .at("instance")
        .required(record.instance.clone(), "name the Azure instance");
    let authority = authority(&scope.at("authority"), record.authority.as_deref());
    let kinds = scope.at("identity_providers");
    let providers = kinds.required(
        record.identity_providers.as_deref(),
        "list kinds of provider, or `[]`",
    );
    let integration = scope
        .at("integration_supported")
        .required(record.integration_supported, "`true` or `false`");
    let restricted = scope
        .at("restricted")
        .required(record.restricted, "`true` or `false`");
    let consumers = scope
        .at("consumers")
        .required(record.consumers, "`true` or `false`");
    let file_requests = scope
        .at("file_requests")
        .required(record.file_requests, "`true` or `false`");
    let allow_invites_from = scope.at("allow_invites_from").required(
        record.allow_invites_from.as_deref(),
        "`everyone`, or `none` where only an explicit setting lets anybody",
    );
    let partners = scope.at("partner_clouds");
    for (index, name) in record.partner_clouds.iter().enumerate() {
        if !records.contains_key(name) {
            partners
                .element(index)
                .error(unknown(name, records.keys().map(String::as_str)));
        }
    }
    Some(Cloud {
        instance: instance?,
        authority: authority?,
        identity_providers: identifiers(&kinds, providers?, ProviderKind::parse),
        integration_supported: integration?,
        restricted: restricted?,
        partner_clouds: identifiers(&partners, &record.partner_clouds, CloudName::parse),
        tenants: described(scope, record),
        consumers: consumers?,
        file_requests: file_requests?,
        // The schema lets no other word through.
        allow_invites_from: AllowInvitesFrom::parse(allow_invites_from?)?,
    })
}

fn described(scope: &Scope<'_>, record: &CloudRecord) -> Described {
    let upper = |scope: &String| scope.to_ascii_uppercase();
    let region_scopes: BTreeSet<String> = record.region_scopes.iter().map(upper).collect();
    let closed = scope.at("closed_region_scopes");
    for (index, name) in record.closed_region_scopes.iter().map(upper).enumerate() {
        if !region_scopes.contains(&name) {
            closed
                .element(index)
                .error(format!("`{name}` is not among `region_scopes`"));
        }
    }
    Described {
        region_scopes,
        closed_scopes: record.closed_region_scopes.iter().map(upper).collect(),
        sub_scope: record
            .region_sub_scope
            .as_deref()
            .map(str::to_ascii_uppercase),
    }
}

fn authority(scope: &Scope<'_>, text: Option<&str>) -> Option<String> {
    let text = scope.required(
        text,
        "give an origin such as `https://login.microsoftonline.com`",
    );
    let origin = scope.parse(text, text::origin)?;
    let loopback = match origin.host() {
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        Some(Host::Domain(_)) | None => false,
    };
    if origin.scheme() != "https" && !loopback {
        scope.error("must be https, but on loopback");
    }
    Some(origin.as_str().trim_end_matches('/').to_owned())
}

fn identifiers<T: Ord, E: std::fmt::Display>(
    scope: &Scope<'_>,
    texts: &[String],
    parse: impl Fn(&str) -> Result<T, E>,
) -> BTreeSet<T> {
    let parse = |(index, text): (usize, &String)| scope.element(index).parse(Some(text), &parse);
    texts.iter().enumerate().filter_map(parse).collect()
}

/// Collaboration needs both sides: one alone does nothing.
fn warn_one_sided(top: &Scope<'_>, clouds: &Clouds) {
    for (name, cloud) in &clouds.0 {
        for partner in &cloud.partner_clouds {
            let mutual = clouds
                .find(partner)
                .is_some_and(|partner| partner.partner_clouds.contains(name));
            if !mutual {
                let scope = top.at(name.as_str()).at("partner_clouds");
                scope.warn(format!(
                    "`{partner}` does not name `{name}` in turn: the two do not collaborate"
                ));
            }
        }
    }
}
