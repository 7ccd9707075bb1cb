//! What a visit is answered with.

use bytes::Bytes;
use gateway_core::id::ProviderId;
use gateway_core::person::IdentityKey;
use http::header::{
    CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, LOCATION, REFERRER_POLICY, RETRY_AFTER,
    SET_COOKIE, X_CONTENT_TYPE_OPTIONS,
};
use http::{HeaderValue, Response, StatusCode};

use crate::attempt::Browser;
use crate::demand::Demand;
use crate::pages::{self, Forms, Other};
use crate::reason::Reason;

/// The answer to a visit, with what the access event says of it.
#[derive(Debug)]
pub struct Answer {
    /// The response.
    pub response: Response<Bytes>,
    /// What happened.
    pub outcome: Outcome,
}

/// What happened in a visit, for the access event.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outcome {
    /// `allow` when somebody signed in or out, `challenge` when the person must do something, `deny`.
    pub decision: &'static str,
    /// The documented code.
    pub reason: &'static str,
    /// The provider, where one was involved.
    pub provider: Option<ProviderId>,
    /// Who it is, where that is known.
    pub person: Option<IdentityKey>,
}

impl Outcome {
    pub(crate) const fn new(decision: &'static str, reason: &'static str) -> Self {
        Self {
            decision,
            reason,
            provider: None,
            person: None,
        }
    }

    pub(crate) fn of(mut self, provider: &ProviderId) -> Self {
        self.provider = Some(provider.clone());
        self
    }

    pub(crate) fn by(mut self, person: &IdentityKey) -> Self {
        self.person = Some(person.clone());
        self
    }
}

impl Answer {
    /// A page of ours.
    pub(crate) fn page(status: StatusCode, html: String, forms: Forms, outcome: Outcome) -> Self {
        let mut response = Response::new(Bytes::from(html));
        *response.status_mut() = status;
        pages::secure(response.headers_mut(), forms);
        Self { response, outcome }
    }

    /// Sends the browser on with GET, whatever it came with.
    ///
    /// - `location`: printable ASCII, as written by a parsed URL or a checked return address.
    pub(crate) fn see_other(location: &str, outcome: Outcome) -> Self {
        let mut response = Response::new(Bytes::new());
        *response.status_mut() = StatusCode::SEE_OTHER;
        let location = HeaderValue::from_str(location).unwrap_or(HeaderValue::from_static("/"));
        let headers = response.headers_mut();
        headers.insert(LOCATION, location);
        headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
        // The handle in our own address, and the address itself, are nobody else's business.
        headers.insert(REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
        Self { response, outcome }
    }

    /// Bytes of some other kind, for programs.
    pub(crate) fn bytes(
        status: StatusCode,
        content_type: &str,
        body: String,
        outcome: Outcome,
    ) -> Self {
        let mut answer = Self::page(status, body, Forms::None, outcome);
        if let Ok(value) = HeaderValue::from_str(content_type) {
            answer.response.headers_mut().insert(CONTENT_TYPE, value);
        }
        answer
    }

    /// No content, for machines and for the frames of identity providers: nothing here keeps it from being framed.
    pub(crate) fn nothing(status: StatusCode, outcome: Outcome) -> Self {
        let mut response = Response::new(Bytes::new());
        *response.status_mut() = status;
        let headers = response.headers_mut();
        for (name, value) in [
            (CACHE_CONTROL, "no-store"),
            (CONTENT_TYPE, "text/plain; charset=utf-8"),
            (CONTENT_SECURITY_POLICY, "default-src 'none'"),
            (REFERRER_POLICY, "no-referrer"),
            (X_CONTENT_TYPE_OPTIONS, "nosniff"),
        ] {
            headers.insert(name, HeaderValue::from_static(value));
        }
        Self { response, outcome }
    }

    pub(crate) fn with_cookie(mut self, cookie: HeaderValue) -> Self {
        self.response.headers_mut().append(SET_COOKIE, cookie);
        self
    }

    pub(crate) fn with_new_browser(self, browser: Option<Browser>) -> Self {
        match browser {
            Some(browser) => self.with_cookie(browser.set_cookie()),
            None => self,
        }
    }

    pub(crate) fn retry_after(mut self, seconds: u32) -> Self {
        self.response
            .headers_mut()
            .insert(RETRY_AFTER, HeaderValue::from(seconds));
        self
    }
}

/// A refusal on its way to the person.
#[derive(Clone, Debug)]
pub(crate) struct Refused {
    pub(crate) reason: Reason,
    pub(crate) provider: Option<ProviderId>,
    pub(crate) person: Option<Box<IdentityKey>>,
    /// How the person may try in another way.
    pub(crate) again: Option<Box<Again>>,
}

/// Another try at the same sign-in.
#[derive(Clone, Debug)]
pub(crate) struct Again {
    pub(crate) address: String,
    pub(crate) return_to: String,
    pub(crate) demand: Demand,
    pub(crate) others: Vec<Other>,
}

impl<T: Into<Reason>> From<T> for Refused {
    fn from(reason: T) -> Self {
        Self {
            reason: reason.into(),
            provider: None,
            person: None,
            again: None,
        }
    }
}

impl Refused {
    pub(crate) fn of(mut self, provider: &ProviderId) -> Self {
        self.provider = Some(provider.clone());
        self
    }

    pub(crate) fn by(mut self, person: &IdentityKey) -> Self {
        self.person = Some(Box::new(person.clone()));
        self
    }

    pub(crate) fn or_again(mut self, again: Again) -> Self {
        self.again = Some(Box::new(again));
        self
    }
}
