//! Somebody's browser, as far as sign-ins need one: cookies, redirects, forms. No script, like the pages it meets.

pub mod cookies;
pub mod form;
mod html;
pub mod page;

use bytes::Bytes;
use http::header::{ACCEPT, CONTENT_TYPE, COOKIE, LOCATION, ORIGIN, SET_COOKIE, USER_AGENT};
use http::{HeaderMap, HeaderName, HeaderValue, Method, Request, Response, StatusCode};
use http_body_util::{BodyExt as _, Full};
use hyper::body::Incoming;
use tokio::time::timeout;
use url::Url;

pub use cookies::Jar;
pub use form::Form;
pub use page::Page;

use crate::Outcome;
use crate::network::{Body, Network};
use crate::process::PATIENCE;

/// How many redirects a browser follows before it gives up.
const REDIRECTS: usize = 20;

/// A browser with its own cookies.
#[derive(Clone)]
pub struct Browser {
    network: Network,
    /// Its cookies; tests look into them and change them.
    pub jar: Jar,
}

/// Who asks, and for what: decides which cookies go along and what `Sec-Fetch-*` says.
#[derive(Clone, Copy)]
enum Mode<'a> {
    /// A page for a person; from a page, or typed into the address bar.
    Navigate { from: Option<&'a Url> },
    /// A program of the same origin.
    Program,
}

impl Browser {
    /// A browser without cookies.
    #[must_use]
    pub fn new(network: &Network) -> Self {
        Self {
            network: network.clone(),
            jar: Jar::default(),
        }
    }

    /// Types `url` into the address bar and follows redirects to the page.
    ///
    /// # Errors
    /// If a server does not answer or redirects in circles.
    pub async fn open(&mut self, url: &str) -> Outcome<Page> {
        let first = self
            .navigate(Method::GET, &Url::parse(url)?, Bytes::new(), None)
            .await?;
        self.follow(first).await
    }

    /// Types `url` into the address bar and stops at the first answer.
    ///
    /// # Errors
    /// If the server does not answer.
    pub async fn visit(&mut self, url: &str) -> Outcome<Page> {
        self.navigate(Method::GET, &Url::parse(url)?, Bytes::new(), None)
            .await
    }

    /// Clicks on a link of `page` and stops at the first answer.
    ///
    /// # Errors
    /// If the server does not answer.
    pub async fn click(&mut self, page: &Page, link: &str) -> Outcome<Page> {
        let url = page.url.join(link)?;
        self.navigate(Method::GET, &url, Bytes::new(), Some(&page.url))
            .await
    }

    /// Follows the redirects of `page`, if it is one.
    ///
    /// # Errors
    /// If a server does not answer or redirects in circles.
    pub async fn follow(&mut self, page: Page) -> Outcome<Page> {
        let mut page = page;
        for _ in 0..REDIRECTS {
            let Some(target) = page.redirect()? else {
                return Ok(page);
            };
            let mut via = std::mem::take(&mut page.via);
            via.push(page.url.clone());
            let keeps_method = [
                StatusCode::TEMPORARY_REDIRECT,
                StatusCode::PERMANENT_REDIRECT,
            ]
            .contains(&page.status);
            crate::ensure!(!keeps_method, "`{}` redirects with its body", page.url);
            page = self
                .navigate(Method::GET, &target, Bytes::new(), Some(&page.url))
                .await?;
            page.via = via;
        }
        Err(format!("redirects in circles at `{}`", page.url).into())
    }

    /// Fills in the first form of `page` that has these fields (a button is pressed by naming it), sends it and
    /// follows redirects.
    ///
    /// # Errors
    /// If there is no such form or a server does not answer.
    pub async fn submit(&mut self, page: &Page, fields: &[(&str, &str)]) -> Outcome<Page> {
        let first = self.send(page, &page.form(fields)?).await?;
        self.follow(first).await
    }

    /// Sends `form` of `page` and stops at the first answer.
    ///
    /// # Errors
    /// If the server does not answer.
    pub async fn send(&mut self, page: &Page, form: &Form) -> Outcome<Page> {
        let mut url = page.url.join(&form.action)?;
        if form.method == Method::GET {
            url.set_query(Some(&form.encoded()));
            return self
                .navigate(Method::GET, &url, Bytes::new(), Some(&page.url))
                .await;
        }
        self.navigate(Method::POST, &url, form.encoded().into(), Some(&page.url))
            .await
    }

    /// What a program in the browser gets: the browser's cookies, no redirects followed, the headers as given.
    ///
    /// # Errors
    /// If the server does not answer.
    pub async fn fetch(
        &mut self,
        method: &str,
        url: &str,
        headers: &[(&str, &str)],
        body: impl Into<Bytes>,
    ) -> Outcome<Page> {
        let url = Url::parse(url)?;
        let response = self
            .request(method, &url, headers, Full::new(body.into()))
            .await?;
        Page::read(url, response).await
    }

    /// The same, with a body that streams both ways. The answer is cut off when it is dropped.
    ///
    /// # Errors
    /// If the server does not answer.
    pub async fn request<B>(
        &mut self,
        method: &str,
        url: &Url,
        headers: &[(&str, &str)],
        body: B,
    ) -> Outcome<Response<Incoming>>
    where
        B: http_body::Body<Data = Bytes> + Send + 'static,
        B::Error: Into<Box<dyn std::error::Error + Send + Sync>>,
    {
        let mut request = Request::builder().method(method).uri(url.as_str());
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let request = request.body(Body::new(body.map_err(Into::into)))?;
        self.exchange(request, url, Mode::Program).await
    }

    async fn navigate(
        &mut self,
        method: Method,
        url: &Url,
        body: Bytes,
        from: Option<&Url>,
    ) -> Outcome<Page> {
        let body = Body::new(Full::new(body).map_err(|never| match never {}));
        let mut request = Request::builder()
            .method(&method)
            .uri(url.as_str())
            .body(body)?;
        *request.headers_mut() = navigation_headers(&method, url, from)?;
        let response = self.exchange(request, url, Mode::Navigate { from }).await?;
        Page::read(url.clone(), response).await
    }

    async fn exchange(
        &mut self,
        mut request: Request<Body>,
        url: &Url,
        mode: Mode<'_>,
    ) -> Outcome<Response<Incoming>> {
        if let Some(cookies) = self.jar.header(url, request.method(), mode.initiator(url))
            && !request.headers().contains_key(COOKIE)
        {
            request
                .headers_mut()
                .insert(COOKIE, HeaderValue::from_str(&cookies)?);
        }
        let sent = timeout(PATIENCE, self.network.send(request)).await;
        let response = sent.map_err(|_| format!("`{url}` does not answer"))??;
        for line in response.headers().get_all(SET_COOKIE) {
            self.jar.store(url, line.to_str()?);
        }
        Ok(response)
    }
}

impl<'a> Mode<'a> {
    fn initiator(self, url: &'a Url) -> Option<&'a Url> {
        match self {
            Self::Navigate { from } => from,
            Self::Program => Some(url),
        }
    }
}

fn navigation_headers(method: &Method, url: &Url, from: Option<&Url>) -> Outcome<HeaderMap> {
    let site = match from {
        None => "none",
        Some(from) if from.origin() == url.origin() => "same-origin",
        Some(from) if cookies::same_site(from, url) => "same-site",
        Some(_) => "cross-site",
    };
    let mut headers = HeaderMap::from_iter([
        (
            ACCEPT,
            HeaderValue::from_static("text/html,application/xhtml+xml,*/*;q=0.8"),
        ),
        (
            USER_AGENT,
            HeaderValue::from_static("Mozilla/5.0 (X11; Linux x86_64)"),
        ),
        (
            HeaderName::from_static("sec-fetch-dest"),
            HeaderValue::from_static("document"),
        ),
        (
            HeaderName::from_static("sec-fetch-mode"),
            HeaderValue::from_static("navigate"),
        ),
        (
            HeaderName::from_static("sec-fetch-user"),
            HeaderValue::from_static("?1"),
        ),
        (
            HeaderName::from_static("sec-fetch-site"),
            HeaderValue::from_static(site),
        ),
    ]);
    if method == Method::POST {
        headers.insert(
            CONTENT_TYPE,
            HeaderValue::from_static("application/x-www-form-urlencoded"),
        );
        let origin = from.map_or_else(
            || "null".to_owned(),
            |from| from.origin().ascii_serialization(),
        );
        headers.insert(ORIGIN, HeaderValue::from_str(&origin)?);
    }
    Ok(headers)
}

/// Where an answer redirects to, resolved against `url`.
pub(crate) fn location(url: &Url, status: StatusCode, headers: &HeaderMap) -> Outcome<Option<Url>> {
    if !status.is_redirection() {
        return Ok(None);
    }
    let Some(location) = headers.get(LOCATION) else {
        return Ok(None);
    };
    Ok(Some(url.join(location.to_str()?)?))
}
