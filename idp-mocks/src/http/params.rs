//! Parameters of queries and forms, in order, with repetitions.

use http::Request;
use http_body_util::{BodyExt, Limited};
use hyper::body::Incoming;
use serde::de::DeserializeOwned;

/// The most that a form or JSON body may have.
const BODY_LIMIT: usize = 1024 * 1024;

/// Named values in the order in which they came.
#[derive(Clone, Debug, Default)]
pub(crate) struct Params(Vec<(String, String)>);

impl Params {
    /// Parses `application/x-www-form-urlencoded` text.
    pub(crate) fn parse(text: &[u8]) -> Self {
        Self(url::form_urlencoded::parse(text).into_owned().collect())
    }

    /// The parameters of a request's query.
    pub(crate) fn of_query<B>(request: &Request<B>) -> Self {
        Self::parse(request.uri().query().unwrap_or_default().as_bytes())
    }

    /// The first value of that name.
    pub(crate) fn first(&self, name: &str) -> Option<&str> {
        self.0
            .iter()
            .find(|(known, _)| known == name)
            .map(|(_, value)| value.as_str())
    }

    /// The first value of that name as a number.
    pub(crate) fn number(&self, name: &str) -> Option<u64> {
        self.first(name)?.parse().ok()
    }

    /// These parameters, and after them those of `more` whose name is new.
    pub(crate) fn and(mut self, more: Self) -> Self {
        let new = |(name, _): &(String, String)| self.first(name).is_none();
        let more: Vec<_> = more.0.into_iter().filter(new).collect();
        self.0.extend(more);
        self
    }

    /// All pairs.
    pub(crate) fn pairs(&self) -> &[(String, String)] {
        &self.0
    }
}

/// A body that could not be read or was not what it should be.
#[derive(Debug, thiserror::Error)]
pub(crate) enum BodyRefused {
    #[error("the body broke off or is longer than {BODY_LIMIT} bytes")]
    NotRead,
    #[error("the body is not the JSON that is wanted here: {0}")]
    NotJson(#[from] serde_json::Error),
}

/// Reads a form.
pub(crate) async fn form(body: Incoming) -> Result<Params, BodyRefused> {
    Ok(Params::parse(&read(body).await?))
}

/// Reads JSON.
pub(crate) async fn json<T: DeserializeOwned>(body: Incoming) -> Result<T, BodyRefused> {
    Ok(serde_json::from_slice(&read(body).await?)?)
}

async fn read(body: Incoming) -> Result<Vec<u8>, BodyRefused> {
    let collected = Limited::new(body, BODY_LIMIT).collect().await;
    Ok(collected
        .map_err(|_| BodyRefused::NotRead)?
        .to_bytes()
        .to_vec())
}
