//! The web inbox and the JSON view of the mails.

use std::time::Duration;

use askama::Template;
use http::{Method, Request, StatusCode};
use hyper::body::Incoming;
use serde_json::json;

use super::{Mail, Mailbox};
use crate::http::listener::Handler;
use crate::http::params::Params;
use crate::http::{Answer, json as json_answer, not_allowed, not_found, page};

/// Serves the inbox.
pub(crate) struct Inbox {
    mailbox: Mailbox,
}

#[derive(Template)]
#[template(path = "inbox.html")]
struct InboxPage {
    mails: Vec<Mail>,
}

#[derive(Template)]
#[template(path = "mail.html")]
struct MailPage {
    mail: Mail,
}

impl Inbox {
    pub(crate) fn new(mailbox: Mailbox) -> Self {
        Self { mailbox }
    }
}

impl Handler for Inbox {
    async fn handle(&self, request: Request<Incoming>) -> Answer {
        let path = request.uri().path();
        if path == "/api/messages" {
            return self.messages(&request).await;
        }
        let numbered = |prefix: &str| path.strip_prefix(prefix).and_then(|id| id.parse().ok());
        if let Some(id) = numbered("/api/messages/") {
            let mail = self.mailbox.message(id);
            return mail.map_or_else(not_found, |mail| json_answer(StatusCode::OK, &mail));
        }
        if let Some(id) = numbered("/messages/") {
            let mail = self.mailbox.message(id);
            return mail.map_or_else(not_found, |mail| page(StatusCode::OK, &MailPage { mail }));
        }
        if path == "/" {
            let mut mails = self.mailbox.messages();
            mails.reverse();
            return page(StatusCode::OK, &InboxPage { mails });
        }
        not_found()
    }
}

impl Inbox {
    /// `GET ?to=&after=&wait_ms=` lists, `DELETE ?to=` forgets.
    async fn messages(&self, request: &Request<Incoming>) -> Answer {
        let params = Params::of_query(request);
        let to = params.first("to");
        match *request.method() {
            Method::DELETE => {
                self.mailbox.clear(to);
                json_answer(StatusCode::OK, &json!({"done": true}))
            }
            Method::GET => {
                let after = params.number("after").unwrap_or(0);
                if let (Some(address), Some(wait)) = (to, params.number("wait_ms")) {
                    let patience = Duration::from_millis(wait);
                    self.mailbox.wait_for(address, after, patience).await;
                }
                let mails = match to {
                    Some(address) => self.mailbox.messages_to(address),
                    None => self.mailbox.messages(),
                };
                let mails: Vec<_> = mails.into_iter().filter(|mail| mail.id > after).collect();
                json_answer(StatusCode::OK, &mails)
            }
            _ => not_allowed(),
        }
    }
}
