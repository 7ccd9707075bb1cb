//! A small HTTP client that follows nothing and hides nothing.

use bytes::Bytes;
use http::{HeaderMap, Method, Request, StatusCode};
use http_body_util::{BodyExt, Full};
use hyper_util::client::legacy::Client;
use hyper_util::rt::TokioExecutor;
use idp_mocks::{Mocks, Settings};
use serde_json::Value;

/// An answer with its whole body.
#[derive(Debug)]
pub(crate) struct Reply {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
}

impl Reply {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|_| panic!("no JSON: {}", self.text()))
    }

    pub(crate) fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers
            .get(name)
            .map_or("", |value| value.to_str().unwrap())
    }
}

/// The mocks with a small large file.
pub(crate) async fn mocks() -> Mocks {
    let settings = Settings {
        large_bytes: 8 << 20,
        ..Settings::default()
    };
    Mocks::start(settings).await.unwrap()
}

/// Sends a request and reads the whole answer; an error if the answer breaks off.
pub(crate) async fn send(
    method: &str,
    url: &str,
    headers: &[(&str, &str)],
    body: impl Into<Bytes>,
) -> Result<Reply, Box<dyn std::error::Error>> {
    let mut request = Request::builder()
        .method(Method::from_bytes(method.as_bytes())?)
        .uri(url);
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    let request = request.body(Full::new(body.into()))?;
    let client = Client::builder(TokioExecutor::new()).build_http();
    let (head, body) = client.request(request).await?.into_parts();
    let collected = body.collect().await?;
    Ok(Reply {
        status: head.status,
        headers: head.headers,
        body: collected.to_bytes(),
    })
}

pub(crate) async fn get(url: &str) -> Reply {
    send("GET", url, &[], "").await.unwrap()
}

pub(crate) async fn post_form(url: &str, form: &[(&str, &str)]) -> Reply {
    let body = url::form_urlencoded::Serializer::new(String::new())
        .extend_pairs(form)
        .finish();
    let headers = [("content-type", "application/x-www-form-urlencoded")];
    send("POST", url, &headers, body).await.unwrap()
}

pub(crate) async fn post_json(url: &str, value: &Value) -> Reply {
    let headers = [("content-type", "application/json")];
    send("POST", url, &headers, value.to_string())
        .await
        .unwrap()
}
