//! The way back to the client, by query or by a form that the browser posts.

use http::StatusCode;
use url::Url;

use super::pages::FormPostPage;
use crate::http::{Answer, page, redirect, text};

/// How the answer travels.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum ResponseMode {
    Query,
    FormPost,
}

impl ResponseMode {
    pub(super) fn parse(name: Option<&str>) -> Option<Self> {
        match name {
            None | Some("query") => Some(Self::Query),
            Some("form_post") => Some(Self::FormPost),
            Some(_) => None,
        }
    }
}

/// An answer on its way to a registered redirect address.
#[derive(Clone)]
pub(crate) struct Callback {
    redirect_uri: String,
    mode: ResponseMode,
    fields: Vec<(String, String)>,
}

impl Callback {
    pub(super) fn new(redirect_uri: &str, mode: ResponseMode, state: Option<&str>) -> Self {
        let state = state.map(|state| ("state".to_owned(), state.to_owned()));
        Self {
            redirect_uri: redirect_uri.to_owned(),
            mode,
            fields: state.into_iter().collect(),
        }
    }

    pub(super) fn field(mut self, name: &str, value: &str) -> Self {
        self.fields.push((name.to_owned(), value.to_owned()));
        self
    }

    /// Without any field of that name.
    pub(super) fn without(mut self, name: &str) -> Self {
        self.fields.retain(|(known, _)| known != name);
        self
    }

    /// The value of a field.
    pub(super) fn value(&self, name: &str) -> Option<String> {
        let mut fields = self.fields.iter();
        fields
            .find(|(known, _)| known == name)
            .map(|(_, value)| value.clone())
    }

    pub(super) fn error(self, error: &str, description: &str) -> Self {
        self.field("error", error)
            .field("error_description", description)
    }

    pub(super) fn into_answer(self) -> Answer {
        match self.mode {
            ResponseMode::FormPost => {
                let form = FormPostPage {
                    action: &self.redirect_uri,
                    fields: &self.fields,
                };
                page(StatusCode::OK, &form)
            }
            ResponseMode::Query => match Url::parse(&self.redirect_uri) {
                Ok(mut url) => {
                    url.query_pairs_mut().extend_pairs(&self.fields);
                    redirect(url.as_str())
                }
                Err(_) => text(StatusCode::BAD_REQUEST, "the redirect_uri is no URL\n"),
            },
        }
    }
}
