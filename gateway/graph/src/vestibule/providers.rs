//! The tenant's identity providers, and how they stand.

use super::call::{Call, ok, tenant};
use super::words::{Listing, Provider};
use crate::directory::{Standing, standings};
use crate::error::ApiError;
use crate::response::Response;

pub(super) async fn list(call: Call<'_>) -> Result<Response, ApiError> {
    let configuration = call.configuration();
    let tenant = tenant(&call, &configuration)?;
    let (_, rows) = call.directory().settings_rows(&tenant.id);
    let all = standings(&configuration, tenant, &rows.documents);
    let shown = all.into_iter().map(|one| Provider {
        id: one.id,
        kind: one.kind,
        issuer: one.issuer,
        domains: one.domains,
        standing: match one.standing {
            Standing::On => "on",
            Standing::GivenUp => "givenUp",
            Standing::NoProvider => "noProvider",
        }
        .to_owned(),
    });
    ok(&Listing::whole(shown.collect()))
}
