//! What Graph has no word for: `/vestibule/v1`.
//!
//! Every operation is a row of [`RESOURCES`]: the row leads calls to it, says who may call it, and is what the OpenAPI
//! document is written from. So the document describes what there is, and nothing else.

mod audit;
mod call;
mod document;
mod groups;
mod guests;
mod judge;
mod leave;
mod links;
mod operation;
mod providers;
mod settings;
mod shares;
mod table;
mod tenant;
#[cfg(test)]
mod tests;
mod words;

use http::{Method, StatusCode};

use crate::api::Api;
use crate::caller::Caller;
use crate::error::{ApiError, Area};
use crate::request::Request;
use crate::response::Response;
use call::{Asked, Call};
use operation::{Operation, Resource, Who};
use table::RESOURCES;

pub(crate) use table::scopes;

/// The vocabulary of errors here.
const AREA: Area = Area::Directory;

/// Answers a call.
pub(crate) async fn answer(
    api: &Api,
    caller: &Caller,
    request: Request,
) -> Result<Response, ApiError> {
    let method = request.method.clone();
    let asked = Asked::from(request);
    let segments: Vec<&str> = asked.segments.iter().map(String::as_str).collect();
    let (resource, captured) = find(&segments).ok_or_else(|| ApiError::not_found(AREA))?;
    let operation = resource
        .operation(&method)
        .ok_or_else(|| ApiError::method_not_allowed(AREA, resource.allow))?;
    admit(operation, caller)?;
    let call = Call::new(api, caller, &asked, operation, captured)?;
    (operation.run)(call).await
}

/// What needs no token: the description of the API.
pub(crate) fn for_anyone(
    api: &Api,
    segments: &[String],
    method: &Method,
) -> Option<Result<Response, ApiError>> {
    let asked = segments.len() == 1 && segments.first()? == "openapi.json";
    if !asked {
        return None;
    }
    if *method != Method::GET && *method != Method::HEAD {
        return Some(Err(ApiError::method_not_allowed(AREA, "GET")));
    }
    let document = document::document(&api.surroundings().api().origin);
    Some(Ok(Response::json(StatusCode::OK, document)))
}

/// The methods of the resource that a path leads to, as `Allow` lists them.
pub(crate) fn allow(segments: &[String]) -> Option<&'static str> {
    let segments: Vec<&str> = segments.iter().map(String::as_str).collect();
    find(&segments).map(|(resource, _)| resource.allow)
}

/// The resource that a path leads to, with what stands in its variable segments.
fn find<'r>(segments: &[&'r str]) -> Option<(&'static Resource, Vec<&'r str>)> {
    RESOURCES
        .iter()
        .find_map(|resource| Some((resource, resource.captures(segments)?)))
}

/// Whether the caller may call the operation: by its scopes, and a person by their role in the directory as well.
fn admit(operation: &Operation, caller: &Caller) -> Result<(), ApiError> {
    if operation.who == Who::Anyone {
        return Ok(());
    }
    caller.require(operation.scopes, AREA)?;
    if caller.administers() {
        Ok(())
    } else {
        let message = "Only an administrator may do this.";
        Err(ApiError::forbidden(AREA, message))
    }
}
