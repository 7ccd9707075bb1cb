//! From the URL that was typed to the questions it asks.

use gateway_core::action::Action;
use gateway_core::policy::{Question, Target};
use http::{Method, Request, Uri};

use crate::route::{self, Refused, Resource, Route, Table};

/// Why the URL leads to no question.
#[derive(Debug, thiserror::Error)]
pub(crate) enum NoQuestion {
    #[error("no tenant answers on host `{0}`: the request is refused before any rule is asked")]
    HostUnknown(String),
    #[error("the request is refused before any rule is asked: {0}")]
    Refused(#[from] Refused),
    #[error("`{0}` is an address of the gateway itself: no rule is asked")]
    Own(String),
    #[error("no site of tenant `{tenant}` covers `{path}`: nothing is found, and no rule is asked")]
    NoSite { tenant: String, path: String },
}

/// What is asked of an item, and how it is answered.
pub(crate) struct Asked {
    pub(super) resource: Resource,
    /// The same, by itself.
    pub(crate) question: Question,
}

/// What a request for `url` asks, read as the gateway reads requests.
pub(super) fn read(url: &Uri, action: Action, table: &Table) -> Result<Asked, NoQuestion> {
    let (mut head, ()) = Request::new(()).into_parts();
    head.method = Method::GET;
    head.uri = url.clone();
    let resolved = route::resolve(table, &mut head).map_err(|refused| match refused {
        Refused::HostUnknown => NoQuestion::HostUnknown(url.host().unwrap_or_default().to_owned()),
        refused => NoQuestion::Refused(refused),
    })?;
    match resolved.route {
        Route::Resource(resource) => {
            asked(resource, action).ok_or_else(|| nothing(&resolved.tenant, url))
        }
        Route::NotFound => Err(nothing(&resolved.tenant, url)),
        Route::SharingLink { .. }
        | Route::SignIn(_)
        | Route::WhoAmI
        | Route::Jwks
        | Route::Asset(_) => Err(NoQuestion::Own(url.path().to_owned())),
    }
}

/// `resource`, which was read as something to view, with another action.
fn asked(mut resource: Resource, action: Action) -> Option<Asked> {
    let target: Target = resource.questions.first()?.target.clone();
    let question = Question { target, action };
    resource.questions = [question.clone()].into();
    Some(Asked { resource, question })
}

fn nothing(tenant: &impl ToString, url: &Uri) -> NoQuestion {
    NoQuestion::NoSite {
        tenant: tenant.to_string(),
        path: url.path().to_owned(),
    }
}
