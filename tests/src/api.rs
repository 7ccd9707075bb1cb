//! The management API as a program uses it.

use bytes::Bytes;
use http::header::{AUTHORIZATION, CONTENT_TYPE};
use http::{HeaderMap, Method, Request, StatusCode};
use http_body_util::{BodyExt as _, Full};
use serde_json::{Value, json};

use crate::network::{Body, Network};
use crate::{Outcome, says};

/// A caller of the management API: an origin and a token.
#[derive(Clone)]
pub struct Api {
    network: Network,
    origin: String,
    token: String,
}

/// An answer.
#[derive(Debug)]
pub struct Answer {
    /// The status.
    pub status: StatusCode,
    /// The headers.
    pub headers: HeaderMap,
    /// The body; null where there is none, a string where it is no JSON.
    pub body: Value,
}

impl Api {
    /// A caller with `token` at the API under `origin`.
    #[must_use]
    pub fn new(network: &Network, origin: &str, token: &str) -> Self {
        Self {
            network: network.clone(),
            origin: origin.to_owned(),
            token: token.to_owned(),
        }
    }

    /// The token.
    #[must_use]
    pub fn token(&self) -> &str {
        &self.token
    }

    /// The origin.
    #[must_use]
    pub fn origin(&self) -> &str {
        &self.origin
    }

    /// Calls; whatever comes back is an answer.
    ///
    /// - `path`: with the version, such as `/v1.0/users`.
    ///
    /// # Errors
    /// If there is no answer.
    pub async fn call(&self, method: Method, path: &str, body: Option<&Value>) -> Outcome<Answer> {
        let url = if path.starts_with("https://") {
            path.to_owned()
        } else {
            format!("{}{path}", self.origin)
        };
        let request = Request::builder()
            .method(method)
            .uri(url)
            .header(AUTHORIZATION, format!("Bearer {}", self.token))
            .header(CONTENT_TYPE, "application/json");
        let content = body.map(Value::to_string).unwrap_or_default();
        let content = Full::new(Bytes::from(content)).map_err(|never| match never {});
        let answer = self.network.send(request.body(Body::new(content))?).await?;
        let (head, body) = answer.into_parts();
        let bytes = body.collect().await?.to_bytes();
        let body = if bytes.is_empty() {
            Value::Null
        } else {
            serde_json::from_slice(&bytes)
                .unwrap_or_else(|_| Value::String(String::from_utf8_lossy(&bytes).into_owned()))
        };
        Ok(Answer {
            status: head.status,
            headers: head.headers,
            body,
        })
    }

    /// Calls and demands a success.
    ///
    /// # Errors
    /// Any other answer, in words.
    pub async fn done(&self, method: Method, path: &str, body: Option<&Value>) -> Outcome<Value> {
        let answer = self.call(method.clone(), path, body).await?;
        crate::ensure!(
            answer.status.is_success(),
            "{method} {path}: {} {}",
            answer.status,
            answer.body
        );
        Ok(answer.body)
    }

    /// GET, with success.
    ///
    /// # Errors
    /// As [`Api::done`].
    pub async fn get(&self, path: &str) -> Outcome<Value> {
        self.done(Method::GET, path, None).await
    }

    /// POST, with success.
    ///
    /// # Errors
    /// As [`Api::done`].
    pub async fn post(&self, path: &str, body: &Value) -> Outcome<Value> {
        self.done(Method::POST, path, Some(body)).await
    }

    /// PATCH, with success.
    ///
    /// # Errors
    /// As [`Api::done`].
    pub async fn patch(&self, path: &str, body: &Value) -> Outcome<Value> {
        self.done(Method::PATCH, path, Some(body)).await
    }

    /// DELETE, with success.
    ///
    /// # Errors
    /// As [`Api::done`].
    pub async fn delete(&self, path: &str) -> Outcome<Value> {
        self.done(Method::DELETE, path, None).await
    }
}

/// An item as the API addresses it: `/v1.0/drives/…/items/…`.
#[derive(Clone, Debug)]
pub struct Item(pub String);

impl Api {
    /// The item at `path` of the tenant that answers on `host`; the first two segments of the path are the site's.
    ///
    /// # Errors
    /// If there is none.
    pub async fn item(&self, host: &str, path: &str) -> Outcome<Item> {
        let mut segments = path.splitn(4, '/').skip(1);
        let (kind, site) = (segments.next(), segments.next());
        let (kind, site) = kind.zip(site).ok_or("the path names no site")?;
        let drive = self
            .get(&format!("/v1.0/sites/{host}:/{kind}/{site}:/drive"))
            .await?;
        let drive = says(&drive, "id");
        let root = format!("/v1.0/drives/{drive}/root");
        let found = match segments.next() {
            Some(below) => self.get(&format!("{root}:/{below}")).await?,
            None => self.get(&root).await?,
        };
        let id = says(&found, "id");
        Ok(Item(format!("/v1.0/drives/{drive}/items/{id}")))
    }

    /// Shares the item with somebody; the permission's id.
    ///
    /// # Errors
    /// As [`Api::done`].
    pub async fn share(&self, item: &Item, with: &str, role: &str) -> Outcome<String> {
        let wish = json!({
            "recipients": [{ "email": with }],
            "roles": [role],
            "requireSignIn": true,
            "sendInvitation": false,
        });
        let shared = self.post(&format!("{}/invite", item.0), &wish).await?;
        let id = shared.pointer("/value/0/id").and_then(Value::as_str);
        Ok(id
            .ok_or_else(|| format!("nothing was shared: {shared}"))?
            .to_owned())
    }

    /// Makes a link; its id and its address.
    ///
    /// # Errors
    /// As [`Api::done`].
    pub async fn link(&self, item: &Item, wish: &Value) -> Outcome<(String, String)> {
        let link = self.post(&format!("{}/createLink", item.0), wish).await?;
        let url = link.pointer("/link/webUrl").and_then(Value::as_str);
        let url = url.ok_or_else(|| format!("the link has no address: {link}"))?;
        Ok((says(&link, "id").to_owned(), url.to_owned()))
    }

    /// Takes a permission or a link away.
    ///
    /// # Errors
    /// As [`Api::done`].
    pub async fn unshare(&self, item: &Item, permission: &str) -> Outcome {
        self.delete(&format!("{}/permissions/{permission}", item.0))
            .await
            .map(drop)
    }
}
