//! Hands requests to the sign-in, whole: forms are small.

use gateway_sign_in::{AddressPrefix, Endpoint, Visit};
use http::header::CONTENT_TYPE;
use http::request::Parts;
use http::{Method, Response};
use hyper::body::Incoming;

use super::form::{Form, Kind};
use crate::body::{self, Body};
use crate::pipeline::Visitor;
use crate::record::{Record, Verdict};
use crate::respond::Refusal;
use crate::route::SignInPage;

/// Answers a request for a page of the sign-in.
///
/// # Errors
/// [`Refusal`] where the body is too large, broke off, or is no form.
pub(crate) async fn visit(
    visitor: &Visitor<'_>,
    page: SignInPage,
    head: Parts,
    body: Incoming,
    record: &mut Record,
) -> Result<Response<Body>, Refusal> {
    let form = if head.method == Method::POST {
        is_form(&head)?;
        read(visitor, &page, &head, body).await?
    } else {
        None
    };
    let content = form.as_ref().map(|form| form.content.clone());
    let head_only = head.method == Method::HEAD;
    let answer = visitor
        .gateway
        .sign_in()
        .visit(&Visit {
            tenant: visitor.tenant.clone(),
            host: visitor.host.to_owned(),
            origin: visitor.origin.to_owned(),
            endpoint: endpoint(page),
            method: head.method,
            query: head.uri.query().map(str::to_owned),
            headers: head.headers,
            body: content.unwrap_or_default(),
            prefix: AddressPrefix::from(visitor.client),
            now: visitor.now,
            session: visitor.session.cloned(),
            request_id: visitor.id.to_owned(),
        })
        .await;
    record.became(Verdict {
        decision: answer.outcome.decision,
        reason: answer.outcome.reason,
    });
    if let Some(key) = &answer.outcome.person {
        record.by(key);
    }
    Ok(answer
        .response
        .map(|content| body::whole_or_head(content, head_only)))
}

fn endpoint(page: SignInPage) -> Endpoint {
    match page {
        SignInPage::SignIn => Endpoint::SignIn,
        SignInPage::Callback(provider) => Endpoint::Callback(provider),
        SignInPage::Metadata(provider) => Endpoint::Metadata(provider),
        SignInPage::Logout(provider) => Endpoint::Logout(provider),
        SignInPage::SignOut => Endpoint::SignOut,
        SignInPage::Invitation(id) => Endpoint::Invitation(id),
        SignInPage::Leave => Endpoint::Leave,
    }
}

/// Nothing but a form is read: an upload to a page of ours is a mistake or an attempt (row S190).
fn is_form(head: &Parts) -> Result<(), Refusal> {
    let media_type = head
        .headers
        .get(CONTENT_TYPE)
        .and_then(|value| value.to_str().ok())
        .unwrap_or_default();
    let essence = media_type.split(';').next().unwrap_or_default().trim();
    if essence.eq_ignore_ascii_case("application/x-www-form-urlencoded") {
        Ok(())
    } else {
        Err(Refusal::NoForm)
    }
}

/// The form, unless the sign-in refuses it anyway for where it comes from: then nothing of it is kept.
async fn read(
    visitor: &Visitor<'_>,
    page: &SignInPage,
    head: &Parts,
    body: Incoming,
) -> Result<Option<Form<'static>>, Refusal> {
    let limits = &visitor.gateway.declared.gateway.limits;
    let (kind, within) = match page {
        SignInPage::SignIn
        | SignInPage::SignOut
        | SignInPage::Invitation(_)
        | SignInPage::Leave => {
            if !gateway_sign_in::is_same_origin(&head.headers, visitor.origin) {
                return Ok(None);
            }
            // As short as a head, and so as quick.
            (Kind::small(), limits.header_timeout)
        }
        SignInPage::Callback(_) | SignInPage::Metadata(_) | SignInPage::Logout(_) => {
            (Kind::large(), limits.body_idle_timeout)
        }
    };
    let prefix = AddressPrefix::from(visitor.client);
    kind.read(body, prefix, within).await.map(Some)
}
