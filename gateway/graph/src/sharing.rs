//! Sharing: invite, links, permissions, and what sharing tokens lead to.
//!
//! Every change is asked of the core first ([`question`]), and what the core says comes of it is what is written
//! ([`apply`]), in one piece with what the audit says.
//!
//! Source: specification "Graph API" 3.2 and 3.3.

mod apply;
mod ask;
mod change;
mod grant;
mod invite;
mod links;
mod people;
mod permissions;
mod question;
mod shape;
pub(crate) mod shares;
#[cfg(test)]
mod tests;
pub(crate) mod token;

use gateway_core::action::Action;
use gateway_core::policy::Denial;
use gateway_store::model::{Write, Written};
use http::{Method, StatusCode};

use crate::drives::address::Deed;
use crate::drives::{Call, Located, camel, refused};
use crate::error::{ApiError, Area};
use crate::response::Response;

/// How often a change is decided anew, where something changed meanwhile.
const TRIES: usize = 4;

/// Answers what is asked about sharing an item.
pub(crate) async fn answer(
    call: &Call<'_>,
    located: &Located<'_>,
    deed: Deed,
) -> Result<Response, ApiError> {
    match deed {
        Deed::Invite => {
            call.only(&[Method::POST], "POST")?;
            invite::invite(call, located).await
        }
        Deed::CreateLink => {
            call.only(&[Method::POST], "POST")?;
            links::create(call, located).await
        }
        Deed::Permissions => {
            call.only(&[Method::GET], "GET")?;
            permissions::list(call, located).await
        }
        Deed::Permission(id) => permissions::one(call, located, &id).await,
        Deed::Grant(id) => {
            call.only(&[Method::POST], "POST")?;
            grant::grant(call, located, &id).await
        }
        Deed::RevokeGrants(id) => {
            call.only(&[Method::POST], "POST")?;
            grant::revoke(call, located, &id).await
        }
        Deed::Item
        | Deed::Children
        | Deed::Content
        | Deed::Delta(_)
        | Deed::UploadSession
        | Deed::ListItem => Err(ApiError::not_found(Area::Files)),
    }
}

/// Whether the caller may see the item at all; who may not learns nothing of how it is shared.
async fn must_see(call: &Call<'_>, located: &Located<'_>) -> Result<(), ApiError> {
    let (site, path) = (&located.site.id, &located.path);
    let view = call.look(vec![(site.clone(), path.clone())]).await?;
    let rights = call.rights(&view);
    match rights.refused(site, path, Action::View, call.head.now) {
        Some(denial) if !call.caller.administers() => Err(refused(denial)),
        Some(_) | None => Ok(()),
    }
}

/// How a write went.
enum Wrote {
    /// It is done.
    Done,
    /// Something changed meanwhile: it is decided anew.
    Again,
}

async fn write(call: &Call<'_>, write: Write) -> Result<Wrote, ApiError> {
    let written = call.around.directory().write(write).await;
    match written.map_err(|error| ApiError::store(Area::Files, &error))? {
        Written::Yes { .. } => Ok(Wrote::Done),
        Written::Conflict(_) | Written::Taken => Ok(Wrote::Again),
    }
}

/// Too much changed meanwhile.
fn given_up() -> ApiError {
    let message = "The item's sharing was changed by others at the same time.";
    ApiError::new(StatusCode::CONFLICT, "resourceModified", message)
}

/// A refusal to share, with the code that refines it.
///
/// Source: specification "Graph API" 3.2, proposal.
fn not_shared(denial: Denial, owner_may_be_asked: bool) -> ApiError {
    let inner = match denial {
        Denial::SharingDisabled(_) | Denial::NewGuestsNotAllowed(_) => "sharingDisabled".to_owned(),
        Denial::AnyoneLinksDisabled(_) => "anonymousLinksDisabled".to_owned(),
        Denial::TenantDomain(_) | Denial::SiteDomain(_) | Denial::DirectoryDomain(_) => {
            "domainNotAllowed".to_owned()
        }
        Denial::ResharingNotAllowed => "resharingNotAllowed".to_owned(),
        other => camel(other.code()),
    };
    let code = denial.code();
    let message = if owner_may_be_asked {
        format!("Sharing is not allowed ({code}); the owner may be asked.")
    } else {
        format!("Sharing is not allowed ({code}).")
    };
    ApiError::new(StatusCode::FORBIDDEN, "accessDenied", message).with_inner(inner)
}
