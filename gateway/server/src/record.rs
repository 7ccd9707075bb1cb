//! Step 8: one access event for every request, exactly once, also when the body breaks off or the client goes away.
//!
//! A [`Record`] is an event that has not been written yet; dropping it writes it. It travels with whatever is still
//! going on: the future that makes the response, the response's body, a tunnel.

mod audited;
mod metrics;

use std::net::IpAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use bytes::Bytes;
use gateway_core::id::{LinkId, TenantId};
use gateway_core::person::IdentityKey;
use gateway_core::policy::{Ground, Question, Target};
use gateway_core::sharing::SharingLink;
use gateway_core::time::UnixTime;
use gateway_sign_in::session::SessionPerson;
use gateway_store::directory::Directory;
use http::header::CONTENT_DISPOSITION;
use http::{Method, Response, StatusCode};
use http_body::{Body as HttpBody, Frame, SizeHint};
use http_body_util::BodyExt;
use tracing::info;

use crate::body::{Body, BodyError};
use crate::clock::Stopwatch;
use crate::traffic::{Direction, Traffic};
use crate::upstream::Opened;
use audited::{Audited, Tried};

/// What became of a request, as it is recorded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Verdict {
    /// `allow`, `challenge`, `deny`, `refuse`, `fail`, `own`, `none`, or a word of the sign-in.
    pub decision: &'static str,
    /// The documented code.
    pub reason: &'static str,
}

/// The access event of one request.
pub(crate) struct Record {
    id: String,
    method: Method,
    client: IpAddr,
    host: Option<String>,
    tenant: Option<TenantId>,
    target: Option<Target>,
    provider: Option<String>,
    person: Option<String>,
    link: Option<LinkId>,
    verdict: Verdict,
    audited: Option<Audited>,
    status: Option<StatusCode>,
    whole: bool,
    traffic: Arc<Traffic>,
    watch: Stopwatch,
}

impl Record {
    /// Begins the record of a request.
    #[must_use]
    ///
    /// - `directory`: whose audit it becomes part of; none where nothing is audited.
    pub(crate) fn begin(
        id: String,
        method: Method,
        client: IpAddr,
        directory: &Directory,
        now: UnixTime,
    ) -> Self {
        Self {
            id,
            method,
            client,
            host: None,
            tenant: None,
            target: None,
            provider: None,
            person: None,
            link: None,
            // Stands where the client goes away before anything was decided.
            verdict: Verdict {
                decision: "none",
                reason: "client-gone",
            },
            audited: Some(Audited::begin(directory.clone(), now)),
            status: None,
            whole: false,
            traffic: Arc::default(),
            watch: Stopwatch::start(),
        }
    }

    /// Counts the bytes of the request.
    #[must_use]
    pub(crate) fn traffic(&self) -> Arc<Traffic> {
        Arc::clone(&self.traffic)
    }

    /// The host and who answers on it.
    pub(crate) fn on(&mut self, host: &str, tenant: &TenantId) {
        self.host = Some(host.to_owned());
        self.tenant = Some(tenant.clone());
    }

    /// The items, the one named by the address first, and what is done to them.
    pub(crate) fn about(&mut self, questions: &[Question]) {
        self.target = questions.first().map(|question| question.target.clone());
        self.tries(Tried::items(&self.method, questions));
    }

    /// A sharing link is tried, whichever it is.
    pub(crate) fn tries_link(&mut self) {
        self.tries(Tried::UnknownLink);
    }

    fn tries(&mut self, tried: Tried) {
        if let Some(audited) = &mut self.audited {
            audited.tried = tried;
        }
    }

    /// Who asks. The log names the provider and a hash, for it goes to many places; the audit is asked who it was.
    pub(crate) fn by_person(&mut self, person: &SessionPerson) {
        self.by(&person.key);
        if let Some(audited) = &mut self.audited {
            audited.address.clone_from(&person.address);
        }
    }

    /// Who asks, by provider and a hash.
    pub(crate) fn by(&mut self, key: &IdentityKey) {
        self.provider = Some(key.provider.as_str().to_owned());
        self.person = Some(pseudonym(key));
    }

    /// What allowed it.
    pub(crate) fn allowed(&mut self, grounds: &[Ground]) {
        self.verdict = Verdict {
            decision: "allow",
            reason: "",
        };
        if let Some(audited) = &mut self.audited {
            audited.allowed = true;
        }
        for ground in grounds {
            match ground {
                Ground::Permission(_) => self.verdict.reason = "permission",
                Ground::Application => self.verdict.reason = "application",
                Ground::Link(link) => {
                    self.verdict.reason = "link";
                    self.link = Some(link.clone());
                }
            }
        }
    }

    /// What became of it.
    pub(crate) const fn became(&mut self, verdict: Verdict) {
        self.verdict = verdict;
    }

    /// A sharing link that was opened.
    pub(crate) fn opened(&mut self, link: &SharingLink) {
        self.link = Some(link.id.clone());
        self.tries(Tried::link(link));
    }

    /// Lets the audit know what was decided: once, and when it is known, not when the last byte has gone.
    fn tell(&mut self) {
        if let Some((audited, tenant)) = self.audited.take().zip(self.tenant.as_ref()) {
            audited.tell(self, tenant);
        }
    }
}

/// Lets `record` end with the body of `response`, or with the tunnel that the response opens.
#[must_use]
pub(crate) fn attach(mut response: Response<Body>, mut record: Record) -> Response<Body> {
    record.status = Some(response.status());
    let disposition = response.headers().get(CONTENT_DISPOSITION);
    if let Some(audited) = &mut record.audited {
        audited.saved = disposition.is_some_and(audited::is_attachment);
    }
    record.tell();
    if let Some(opened) = response.extensions_mut().remove::<Opened>() {
        record.whole = true;
        opened.hand_over(record);
        return response;
    }
    response.map(|body| Recorded { record, body }.boxed_unsync())
}

impl Drop for Record {
    fn drop(&mut self) {
        self.tell();
        let elapsed = self.watch.elapsed();
        metrics::count(
            &self.method,
            self.status,
            self.verdict,
            elapsed,
            &self.traffic,
        );
        let target = self.target.as_ref();
        info!(
            request.id = self.id,
            http.method = %self.method,
            http.host = self.host,
            http.status = self.status.map(|status| status.as_u16()),
            client.address = %self.client,
            tenant.id = self.tenant.as_ref().map(TenantId::as_str),
            site.id = target.map(|target| target.site.as_str()),
            item.path = target.map(|target| tracing::field::display(&target.path)),
            decision = self.verdict.decision,
            decision.reason = self.verdict.reason,
            person.provider = self.provider,
            person.id = self.person,
            link.id = self.link.as_ref().map(LinkId::as_str),
            body.whole = self.whole,
            bytes.received = self.traffic.received(),
            bytes.sent = self.traffic.sent(),
            duration.ms = u64::try_from(elapsed.as_millis()).unwrap_or(u64::MAX),
            "Request decided"
        );
    }
}

/// 22 characters that stand for a person, the same in every event.
fn pseudonym(key: &IdentityKey) -> String {
    let cloud = key.cloud.as_ref().map_or("", |cloud| cloud.as_str());
    let tenant = key.tenant.as_deref().unwrap_or_default();
    let mut hash = aws_lc_rs::digest::Context::new(&aws_lc_rs::digest::SHA256);
    for part in [
        cloud,
        key.provider.as_str(),
        &key.issuer,
        tenant,
        &key.subject,
    ] {
        hash.update(part.as_bytes());
        hash.update(&[0]);
    }
    let digest = hash.finish();
    URL_SAFE_NO_PAD.encode(digest.as_ref().get(..16).unwrap_or_default())
}

/// A body that carries its record.
struct Recorded {
    body: Body,
    record: Record,
}

impl HttpBody for Recorded {
    type Data = Bytes;
    type Error = BodyError;

    fn poll_frame(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BodyError>>> {
        let this = self.get_mut();
        let polled = Pin::new(&mut this.body).poll_frame(cx);
        match &polled {
            Poll::Ready(None) => this.record.whole = true,
            Poll::Ready(Some(Ok(frame))) => {
                let bytes = frame.data_ref().map_or(0, Bytes::len);
                this.record.traffic.count(Direction::Sent, bytes);
            }
            Poll::Ready(Some(Err(_))) | Poll::Pending => {}
        }
        polled
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

impl Drop for Recorded {
    fn drop(&mut self) {
        // A body whose length is known is not polled once more only to learn that it is over.
        self.record.whole |= self.body.is_end_stream();
    }
}
