//! What came back.

use bytes::Bytes;
use http::{HeaderMap, Response, StatusCode};
use http_body_util::BodyExt as _;
use hyper::body::Incoming;
use serde_json::Value;
use url::Url;

use super::form::Form;
use super::html;
use crate::Outcome;

/// A whole answer.
#[derive(Clone, Debug)]
pub struct Page {
    /// Where it came from, after redirects.
    pub url: Url,
    /// The redirects that led here, in order.
    pub via: Vec<Url>,
    /// Status.
    pub status: StatusCode,
    /// Headers.
    pub headers: HeaderMap,
    /// Body.
    pub body: Bytes,
}

impl Page {
    pub(super) async fn read(url: Url, response: Response<Incoming>) -> Outcome<Self> {
        let (head, body) = response.into_parts();
        let body = body
            .collect()
            .await
            .map_err(|why| format!("`{url}` broke off: {why}"))?;
        Ok(Self {
            url,
            via: Vec::new(),
            status: head.status,
            headers: head.headers,
            body: body.to_bytes(),
        })
    }

    /// The body as text.
    #[must_use]
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    /// The body as JSON.
    ///
    /// # Errors
    /// If it is none.
    pub fn json(&self) -> Outcome<Value> {
        Ok(serde_json::from_slice(&self.body).map_err(|why| format!("{self}: no JSON ({why})"))?)
    }

    /// A header's first value.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).and_then(|value| value.to_str().ok())
    }

    /// Where it redirects to.
    ///
    /// # Errors
    /// If that is no URL.
    pub fn redirect(&self) -> Outcome<Option<Url>> {
        super::location(&self.url, self.status, &self.headers)
    }

    /// The code of a refusal: from the JSON for programs, or from the page for people.
    #[must_use]
    pub fn code(&self) -> Option<String> {
        if let Ok(json) = serde_json::from_slice::<Value>(&self.body) {
            return json.get("code").and_then(Value::as_str).map(str::to_owned);
        }
        html::text_of(&self.text(), "code")
    }

    /// Its forms.
    #[must_use]
    pub fn forms(&self) -> Vec<Form> {
        html::forms(&self.text())
    }

    /// Its first form that has all of these controls, filled in.
    ///
    /// # Errors
    /// If there is none.
    pub fn form(&self, fields: &[(&str, &str)]) -> Outcome<Form> {
        let filled = self
            .forms()
            .iter()
            .find_map(|form| form.filled(fields).ok());
        filled.ok_or_else(|| format!("{self}: no form takes {fields:?} in\n{}", self.text()).into())
    }

    /// Whether one of its forms has a control or button of this name.
    #[must_use]
    pub fn offers(&self, name: &str) -> bool {
        let named = |(known, _): &(String, String)| known == name;
        self.forms()
            .iter()
            .any(|form| form.fields.iter().any(named) || form.buttons.iter().any(named))
    }

    /// Fails unless the status is `status`.
    ///
    /// # Errors
    /// What was found instead.
    pub fn expect(self, status: u16) -> Outcome<Self> {
        crate::ensure!(
            self.status.as_u16() == status,
            "expected {status}, found {self}"
        );
        Ok(self)
    }

    /// Fails unless it is a refusal with this status and code.
    ///
    /// # Errors
    /// What was found instead.
    pub fn expect_refusal(&self, status: u16, code: &str) -> Outcome {
        let right = self.status.as_u16() == status && self.code().as_deref() == Some(code);
        crate::ensure!(right, "expected {status} ({code}), found {self}");
        Ok(())
    }
}

impl std::fmt::Display for Page {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} from {}", self.status, self.url)?;
        self.code().map_or(Ok(()), |code| write!(f, " ({code})"))
    }
}
