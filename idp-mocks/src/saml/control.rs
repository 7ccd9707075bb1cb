//! The partner's part of the control API.

use serde::Deserialize;

use super::{Manner, NotMetadata, ServiceProvider};
use crate::shared::Shared;

/// Metadata of a service provider, as XML text.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Registration {
    metadata: String,
}

pub(crate) fn register(shared: &Shared, wish: &Registration) -> Result<(), NotMetadata> {
    shared
        .partner
        .register(ServiceProvider::read(&wish.metadata)?);
    Ok(())
}

/// Everything that `manner` leaves out becomes the default again.
pub(crate) fn set_manner(shared: &Shared, manner: Manner) {
    *shared.partner.manner.lock() = manner;
}
