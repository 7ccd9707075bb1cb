//! The tenant and its sites.

use gateway_config::model;
use gateway_core::settings::{Partition, effective_level};

use super::AREA;
use super::call::{Call, ok, tenant};
use super::words::{Listing, Site, Tenant};
use crate::error::ApiError;
use crate::request::json::written;
use crate::response::Response;

/// The tenants that the token is for: one.
pub(super) async fn list(call: Call<'_>) -> Result<Response, ApiError> {
    let configuration = call.configuration();
    let tenant = tenant(&call, &configuration)?;
    let member_domains = tenant.member_domains.iter();
    let copy = tenant.settings.directory.copy.as_ref();
    let shown = Tenant {
        id: tenant.id.to_string(),
        display_name: tenant.display_name.clone(),
        hosts: tenant.hosts.clone(),
        member_domains: member_domains.map(ToString::to_string).collect(),
        cloud: tenant.settings.cloud.to_string(),
        profile: tenant.settings.profile.name().to_owned(),
        policy_copied: copy.and_then(|copy| written(copy.taken)),
    };
    ok(&Listing::whole(vec![shown]))
}

pub(super) async fn sites(call: Call<'_>) -> Result<Response, ApiError> {
    let configuration = call.configuration();
    let tenant = tenant(&call, &configuration)?;
    let origin = call.api.surroundings().origin(&tenant.id);
    let all = tenant.sites.values();
    let all = all.map(|one| shown(tenant, one, origin.as_deref()));
    ok(&Listing::whole(all.collect()))
}

pub(super) async fn site(call: Call<'_>) -> Result<Response, ApiError> {
    let configuration = call.configuration();
    let tenant = tenant(&call, &configuration)?;
    let origin = call.api.surroundings().origin(&tenant.id);
    let mut all = tenant.sites.values();
    let found = all.find(|site| site.id.as_str() == call.segment(0));
    let found = found.ok_or_else(|| ApiError::not_found(AREA))?;
    ok(&shown(tenant, found, origin.as_deref()))
}

fn shown(tenant: &model::Tenant, site: &model::Site, origin: Option<&str>) -> Site {
    let partition = match site.settings.partition {
        Partition::Core => "core",
        Partition::OneDrive => "onedrive",
    };
    let (level, _) = effective_level(&tenant.settings, &site.settings);
    Site {
        id: site.id.to_string(),
        path: site.path.to_string(),
        web_url: origin.map(|origin| format!("{origin}{}", site.path)),
        partition: partition.to_owned(),
        sharing_capability: level.name().to_owned(),
    }
}
