//! Calls of the management API.

use std::path::Path;
use std::time::Duration;

use bytes::Bytes;
use http::header::{AUTHORIZATION, CONTENT_TYPE, HeaderValue};
use http::{Method, Request, StatusCode};
use http_body_util::{BodyExt, Full, Limited};
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use serde_json::Value;
use tokio::runtime::Runtime;
use url::{Host, Url};

use super::failed::{Failed, Refusal};
use crate::upstream::client;

/// Longest time for one call.
const TIME: Duration = Duration::from_secs(60);
/// Longest answer, in bytes.
const MOST: usize = 64 * 1024 * 1024;

type Pool = hyper_util::client::legacy::Client<HttpsConnector<HttpConnector>, Full<Bytes>>;

/// A client of one API with one token.
pub(crate) struct Client {
    runtime: Runtime,
    pool: Pool,
    origin: String,
    authorization: HeaderValue,
}

impl Client {
    /// - `origin`: https, or http to this machine: a token travels with every call.
    pub(crate) fn new(origin: &str, token: &str, ca: Option<&Path>) -> Result<Self, Failed> {
        let wrong = || Failed::Origin(origin.chars().take(200).collect());
        let url = Url::parse(origin).map_err(|_| wrong())?;
        let fits = url.path() == "/" && url.query().is_none() && url.username().is_empty();
        if !fits || !(url.scheme() == "https" || (url.scheme() == "http" && is_loopback(&url))) {
            return Err(wrong());
        }
        let tls = client::tls(ca).map_err(|error| Failed::Tls(error.to_string()))?;
        let mut tcp = HttpConnector::new();
        tcp.enforce_http(false);
        tcp.set_connect_timeout(Some(Duration::from_secs(10)));
        let connector = HttpsConnectorBuilder::new()
            .with_tls_config(tls)
            .https_or_http()
            .enable_all_versions()
            .wrap_connector(tcp);
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .map_err(|error| Failed::Wrong(format!("the runtime cannot start: {error}")))?;
        let bearer = HeaderValue::from_str(&format!("Bearer {token}"));
        let mut authorization =
            bearer.map_err(|_| Failed::Wrong("the token holds what no token holds".to_owned()))?;
        authorization.set_sensitive(true);
        Ok(Self {
            runtime,
            pool: hyper_util::client::legacy::Client::builder(TokioExecutor::new())
                .build(connector),
            origin: url.origin().ascii_serialization(),
            authorization,
        })
    }

    pub(crate) fn get(&self, path: &str) -> Result<Value, Failed> {
        self.call(&Method::GET, path, None)
    }

    pub(crate) fn post(&self, path: &str, body: &Value) -> Result<Value, Failed> {
        self.call(&Method::POST, path, Some(body))
    }

    pub(crate) fn patch(&self, path: &str, body: &Value) -> Result<Value, Failed> {
        self.call(&Method::PATCH, path, Some(body))
    }

    pub(crate) fn put(&self, path: &str, body: Option<&Value>) -> Result<Value, Failed> {
        self.call(&Method::PUT, path, body)
    }

    pub(crate) fn delete(&self, path: &str) -> Result<Value, Failed> {
        self.call(&Method::DELETE, path, None)
    }

    /// Everything of a listing, page by page, at most `most`.
    pub(crate) fn all(&self, path: &str, most: usize) -> Result<Vec<Value>, Failed> {
        let mut found = Vec::new();
        let mut next = Some(path.to_owned());
        while let Some(path) = next.take() {
            let mut page = self.get(&path)?;
            match page.get_mut("value").map(Value::take) {
                Some(Value::Array(items)) => found.extend(items),
                Some(_) | None => return Err(Failed::NotTheApi(self.origin.clone())),
            }
            if found.len() >= most {
                found.truncate(most);
                break;
            }
            let link = page.get("@odata.nextLink").and_then(Value::as_str);
            // The token goes to nobody else, whatever the answer says.
            next = match link {
                Some(link) => Some(self.own(link)?),
                None => None,
            };
        }
        Ok(found)
    }

    fn own(&self, link: &str) -> Result<String, Failed> {
        let url = Url::parse(link).ok();
        let url = url.ok_or_else(|| Failed::NotTheApi(self.origin.clone()))?;
        let query = url
            .query()
            .map_or_else(String::new, |query| format!("?{query}"));
        Ok(format!("{}{query}", url.path()))
    }

    /// One call; `null` where the answer has no body.
    fn call(&self, method: &Method, path: &str, body: Option<&Value>) -> Result<Value, Failed> {
        let bytes = body.map_or_else(Bytes::new, |body| body.to_string().into());
        let request = Request::builder()
            .method(method)
            .uri(format!("{}{path}", self.origin))
            .header(AUTHORIZATION, self.authorization.clone())
            .header(CONTENT_TYPE, "application/json")
            .body(Full::new(bytes))
            .map_err(|error| Failed::Wrong(format!("the call cannot be made: {error}")))?;
        let unreachable = |problem: String| Failed::Unreachable {
            origin: self.origin.clone(),
            problem,
        };
        let (status, bytes) = self.runtime.block_on(async {
            let answered = tokio::time::timeout(TIME, async {
                let response = self.pool.request(request).await;
                let response = response.map_err(|error| unreachable(why(&error)))?;
                let status = response.status();
                let body = Limited::new(response.into_body(), MOST).collect().await;
                let body = body.map_err(|error| unreachable(error.to_string()))?;
                Ok::<_, Failed>((status, body.to_bytes()))
            });
            let late = |_| unreachable("it took too long".to_owned());
            answered.await.map_err(late)?
        })?;
        self.read(status, &bytes)
    }

    fn read(&self, status: StatusCode, bytes: &[u8]) -> Result<Value, Failed> {
        let not_the_api = || Failed::NotTheApi(self.origin.clone());
        let body = match bytes {
            [] => Value::Null,
            bytes => serde_json::from_slice(bytes).map_err(|_| not_the_api())?,
        };
        if status.is_success() {
            return Ok(body);
        }
        Err(Refusal::read(status, &body).map_or_else(not_the_api, Failed::Refused))
    }
}

/// The innermost reason: the outer ones say that something went wrong.
fn why(error: &dyn std::error::Error) -> String {
    let mut innermost = error;
    while let Some(source) = innermost.source() {
        innermost = source;
    }
    innermost.to_string()
}

fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    }
}
