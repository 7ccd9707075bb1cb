//! Messages as they come in and go out, by either binding, and the pages that carry them.

use askama::Template;
use http::request::Parts;
use http::{Method, StatusCode};
use hyper::body::Incoming;

use super::binding::{self, Kind};
use super::key::{Key, NoKey, Scheme};
use super::manner::Binding;
use super::parse::parse;
use super::service_provider::ServiceProvider;
use super::signature::{Pen, Reference, envelop, verify};
use super::tree::Element;
use crate::authorization::RefusedPage;
use crate::http::params::{self, Params};
use crate::http::{Answer, internal_error, page, redirect};

/// Shown on every page.
pub(super) const TITLE: &str = "Partner (SAML)";

/// A message that came in.
pub(super) struct Arrived {
    pub(super) kind: Kind,
    pub(super) root: Element,
    pub(super) relay_state: Option<String>,
    /// The query, as it was sent; none if it came in a form.
    query: Option<String>,
}

/// A form that the browser posts by itself.
#[derive(Template)]
#[template(path = "form_post.html")]
struct FormPostPage<'a> {
    action: &'a str,
    fields: &'a [(String, String)],
}

impl Arrived {
    /// Reads a message of any of the kinds out of a request.
    pub(super) fn read(head: &Parts, form: &Params, kinds: &[Kind]) -> Result<Self, String> {
        let query = head.uri.query().unwrap_or_default();
        let in_query = Params::parse(query.as_bytes());
        let (values, by_query) = match head.method {
            Method::POST => (form, false),
            _ => (&in_query, true),
        };
        let mut found = kinds.iter().filter_map(|kind| {
            let value = values.first(kind.parameter())?;
            Some((*kind, value))
        });
        let (kind, value) = found
            .next()
            .ok_or("there is no SAML message in the request")?;
        let text = if by_query {
            binding::read_redirected(value)
        } else {
            binding::read_posted(value)
        };
        let text = text.map_err(|why| why.to_string())?;
        Ok(Self {
            kind,
            root: parse(&text).map_err(|why| why.to_string())?,
            relay_state: values.first("RelayState").map(str::to_owned),
            query: by_query.then(|| query.to_owned()),
        })
    }

    /// Whether a key of the service provider signed it.
    pub(super) fn verify(&self, provider: &ServiceProvider) -> Result<(), String> {
        let verified = match &self.query {
            Some(query) => binding::verify(query, self.kind, &provider.signing),
            None => verify(&self.root, &provider.signing),
        };
        verified.map_err(|why| why.to_string())
    }
}

/// The form of a POST; empty for other methods.
pub(super) async fn form(head: &Parts, body: Incoming) -> Result<Params, String> {
    if head.method != Method::POST {
        return Ok(Params::default());
    }
    params::form(body).await.map_err(|why| why.to_string())
}

/// A message that goes out.
pub(super) struct Leaving<'a> {
    pub(super) kind: Kind,
    pub(super) root: Element,
    pub(super) relay_state: Option<&'a str>,
    /// None leaves it unsigned.
    pub(super) key: Option<&'a Key>,
    pub(super) scheme: Scheme,
}

impl Leaving<'_> {
    /// Sends the browser away with it.
    pub(super) fn by(self, binding: Binding, location: &str) -> Answer {
        let sent = match binding {
            Binding::Redirect => self.redirected(location),
            Binding::Post => self.posted(location),
        };
        sent.unwrap_or_else(|cause| internal_error(&cause))
    }

    fn redirected(self, location: &str) -> Result<Answer, NoKey> {
        let query = binding::redirected(
            self.kind,
            &self.root.document(),
            self.relay_state,
            self.key,
            self.scheme,
        )?;
        Ok(redirect(&with_query(location, &query)))
    }

    fn posted(mut self, location: &str) -> Result<Answer, NoKey> {
        if let Some(key) = self.key {
            let pen = Pen {
                key,
                scheme: self.scheme,
                sha1_digest: false,
            };
            let signature = pen.sign(&[Reference::to(&self.root)])?;
            envelop(&mut self.root, signature);
        }
        let value = binding::posted(&self.root.document());
        Ok(post(location, self.kind, value, self.relay_state))
    }
}

/// A page that posts a message.
pub(super) fn post(location: &str, kind: Kind, value: String, relay_state: Option<&str>) -> Answer {
    let mut fields = vec![(kind.parameter().to_owned(), value)];
    if let Some(state) = relay_state {
        fields.push(("RelayState".to_owned(), state.to_owned()));
    }
    let form = FormPostPage {
        action: location,
        fields: &fields,
    };
    page(StatusCode::OK, &form)
}

pub(super) fn with_query(location: &str, query: &str) -> String {
    let separator = if location.contains('?') { '&' } else { '?' };
    format!("{location}{separator}{query}")
}

/// The page that says why a request goes nowhere.
pub(super) fn refused(why: &str) -> Answer {
    page(StatusCode::BAD_REQUEST, &RefusedPage { title: TITLE, why })
}
