//! A browser: keeps cookies, and sends what browsers send.

use std::collections::BTreeMap;
use std::net::IpAddr;
use std::time::Duration;

use bytes::Bytes;
use gateway_core::time::UnixTime;
use http::{HeaderMap, HeaderName, HeaderValue, Method, header};

use super::world::{NOW, World, provider_id, tenant_id};
use crate::session::{self, COOKIE, Session};
use crate::{Answer, Endpoint, Visit};

pub(super) struct Browser<'a> {
    world: &'a World,
    pub(super) tenant: &'static str,
    pub(super) cookies: BTreeMap<String, String>,
    pub(super) now: UnixTime,
    pub(super) from: IpAddr,
}

/// What a test looks at.
#[derive(Debug)]
pub(super) struct Seen {
    pub(super) status: u16,
    pub(super) code: &'static str,
    pub(super) location: Option<String>,
    pub(super) body: String,
    pub(super) answer: Answer,
}

impl<'a> Browser<'a> {
    pub(super) fn new(world: &'a World) -> Self {
        Self {
            world,
            tenant: "contoso",
            cookies: BTreeMap::new(),
            now: NOW,
            from: "192.0.2.1".parse().unwrap(),
        }
    }

    pub(super) fn origin(&self) -> String {
        format!("https://{}.localhost:8443", self.tenant)
    }

    pub(super) fn visit(&self, endpoint: Endpoint, method: Method) -> Visit {
        let mut headers = HeaderMap::new();
        headers.insert(header::ACCEPT, HeaderValue::from_static("text/html"));
        headers.insert(
            HeaderName::from_static("sec-fetch-mode"),
            HeaderValue::from_static("navigate"),
        );
        let cookies: Vec<String> = self
            .cookies
            .iter()
            .map(|(name, value)| format!("{name}={value}"))
            .collect();
        if !cookies.is_empty() {
            headers.insert(
                header::COOKIE,
                HeaderValue::from_str(&cookies.join("; ")).unwrap(),
            );
        }
        Visit {
            tenant: tenant_id(self.tenant),
            host: format!("{}.localhost", self.tenant),
            origin: self.origin(),
            endpoint,
            method,
            query: None,
            headers,
            body: Bytes::new(),
            prefix: self.from.into(),
            now: self.now,
            session: self.session(),
            request_id: "request-1".to_owned(),
        }
    }

    /// The session as the gateway would find it.
    pub(super) fn session(&self) -> Option<Session> {
        let session = self.sealed_session()?;
        (!session.is_revoked(&self.world.directory.revocations())).then_some(session)
    }

    /// The session in the cookie, revoked or not.
    pub(super) fn sealed_session(&self) -> Option<Session> {
        let host = format!("{}.localhost", self.tenant);
        let idle = Duration::from_secs(3600);
        let sealed = self.cookies.get(COOKIE)?;
        session::open(sealed, &host, &self.world.keys, idle, self.now).ok()
    }

    pub(super) async fn send(&mut self, visit: Visit) -> Seen {
        let answer = self.world.sign_in.visit(&visit).await;
        for cookie in answer.response.headers().get_all(header::SET_COOKIE) {
            let (name, rest) = cookie.to_str().unwrap().split_once('=').unwrap();
            let (value, attributes) = rest.split_once(';').unwrap();
            assert!(
                attributes.contains("Secure") && attributes.contains("HttpOnly"),
                "{cookie:?}"
            );
            if value.is_empty() {
                self.cookies.remove(name);
            } else {
                self.cookies.insert(name.to_owned(), value.to_owned());
            }
        }
        Seen {
            status: answer.response.status().as_u16(),
            code: answer.outcome.reason,
            location: answer
                .response
                .headers()
                .get(header::LOCATION)
                .map(|value| value.to_str().unwrap().to_owned()),
            body: String::from_utf8(answer.response.body().to_vec()).unwrap(),
            answer,
        }
    }

    pub(super) async fn get(&mut self, endpoint: Endpoint, query: &str) -> Seen {
        let mut visit = self.visit(endpoint, Method::GET);
        visit.query = Some(query.to_owned());
        self.send(visit).await
    }

    /// Posts a form of one of our pages.
    pub(super) async fn post(&mut self, endpoint: Endpoint, fields: &[(&str, &str)]) -> Seen {
        let visit = self.posting(endpoint, fields);
        self.send(visit).await
    }

    pub(super) fn posting(&self, endpoint: Endpoint, fields: &[(&str, &str)]) -> Visit {
        let mut visit = self.visit(endpoint, Method::POST);
        let origin = HeaderValue::from_str(&visit.origin).unwrap();
        visit.headers.insert(header::ORIGIN, origin);
        visit.headers.insert(
            HeaderName::from_static("sec-fetch-site"),
            HeaderValue::from_static("same-origin"),
        );
        with_form(visit, fields)
    }

    /// Types an address into the sign-in page.
    pub(super) async fn type_address(&mut self, address: &str) -> Seen {
        self.post(
            Endpoint::SignIn,
            &[
                ("address", address),
                ("return_to", "/sites/projects/Plan.docx?web=1"),
            ],
        )
        .await
    }

    /// Types an address, and comes back from the identity provider as `who`.
    pub(super) async fn sign_in_as(&mut self, address: &str, provider: &str, who: &str) -> Seen {
        let state = self.begin(address).await;
        self.come_back(provider, &format!("code={who}&state={state}"))
            .await
    }

    /// Types an address of a redirecting provider; the handle it was sent off with.
    pub(super) async fn begin(&mut self, address: &str) -> String {
        let sent = self.type_address(address).await;
        assert_eq!(sent.status, 303, "{}", sent.body);
        sent.state()
    }

    /// As [`Browser::sign_in_as`], at a provider that was chosen.
    pub(super) async fn sign_in_by(&mut self, address: &str, provider: &str, who: &str) -> Seen {
        let chosen = [("address", address), ("provider", provider)];
        let sent = self.post(Endpoint::SignIn, &chosen).await;
        let state = sent.expect(303, "provider-asked").state();
        self.come_back(provider, &format!("code={who}&state={state}"))
            .await
    }

    pub(super) async fn come_back(&mut self, provider: &str, query: &str) -> Seen {
        self.get(Endpoint::Callback(provider_id(provider)), query)
            .await
    }

    /// Signs in all the way, consenting where asked.
    pub(super) async fn let_in_as(&mut self, address: &str, provider: &str, who: &str) -> Seen {
        let seen = self.sign_in_as(address, provider, who).await;
        if seen.code != "consent-asked" {
            return seen;
        }
        let attempt = seen.attempt();
        self.post(
            Endpoint::SignIn,
            &[("attempt", &attempt), ("consent", "accept")],
        )
        .await
    }

    /// Gets a code for an address; the attempt's handle.
    pub(super) async fn ask_code(&mut self, address: &str) -> String {
        let seen = self.type_address(address).await;
        assert_eq!(
            (seen.status, seen.code),
            (200, "form-shown"),
            "{}",
            seen.body
        );
        seen.attempt()
    }

    pub(super) async fn enter_code(&mut self, attempt: &str, code: &str) -> Seen {
        self.post(Endpoint::SignIn, &[("attempt", attempt), ("code", code)])
            .await
    }
}

/// A form as a body, from wherever.
pub(super) fn with_form(mut visit: Visit, fields: &[(&str, &str)]) -> Visit {
    let body = url::form_urlencoded::Serializer::new(String::new())
        .extend_pairs(fields)
        .finish();
    visit.headers.insert(
        header::CONTENT_TYPE,
        HeaderValue::from_static("application/x-www-form-urlencoded"),
    );
    visit.body = Bytes::from(body);
    visit
}

impl Seen {
    /// The handle that the identity provider was sent.
    pub(super) fn state(&self) -> String {
        let (_, state) = self
            .location
            .as_ref()
            .unwrap()
            .split_once("state=")
            .unwrap();
        state.to_owned()
    }

    /// The handle in the page's hidden field.
    pub(super) fn attempt(&self) -> String {
        let (_, rest) = self
            .body
            .split_once("name=\"attempt\" value=\"")
            .unwrap_or_else(|| panic!("{}", self.body));
        rest.split_once('"').unwrap().0.to_owned()
    }

    pub(super) fn expect(self, status: u16, code: &str) -> Self {
        assert_eq!((self.status, self.code), (status, code), "{}", self.body);
        if self.answer.outcome.decision == "deny" {
            assert!(
                self.body.contains(code),
                "the page says its code: {}",
                self.body
            );
        }
        self
    }
}
