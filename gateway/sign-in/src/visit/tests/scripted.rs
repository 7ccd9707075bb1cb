//! Providers that do what a test says.

use std::sync::Mutex;

use gateway_plugin_host::{CallFailed, StepFailed};
use plugins_sdk::message::{
    Capability, Claims, Consume, Description, EmailClaim, EmailProof, Event, FetchMethod,
    FetchRequest, FieldKind, Fields, Form, FormButton, FormField, Freshness, Input, Onward,
    RejectReason, Step,
};

use crate::fetch::BoxFuture;
use crate::provider::Provider;

pub(super) type Script = Box<dyn Fn(&Input) -> Step + Send + Sync>;

/// A provider that answers by a script, and remembers what it was asked.
pub(super) struct Scripted {
    description: Description,
    script: Script,
    hosts: [String; 1],
    pub(super) seen: Mutex<Vec<Event>>,
}

impl Scripted {
    pub(super) fn new(kind: &str, script: Script) -> Self {
        Self {
            description: Description {
                kind: kind.to_owned(),
                display_name: format!("The {kind} provider"),
                version: "1".to_owned(),
                home_domains: if kind == "google" {
                    vec!["gmail.com".to_owned()]
                } else {
                    Vec::new()
                },
                capabilities: vec![Capability::Fetch, Capability::Mail, Capability::Show],
                settings_schema: None,
            },
            script,
            hosts: ["login.distant.example".to_owned()],
            seen: Mutex::default(),
        }
    }

    /// How many events of this kind it was asked to answer.
    pub(super) fn count(&self, kind: &str) -> usize {
        self.seen
            .lock()
            .unwrap()
            .iter()
            .filter(|event| event.kind() == kind)
            .count()
    }
}

impl Provider for Scripted {
    fn description(&self) -> &Description {
        &self.description
    }

    fn fetch_hosts(&self) -> &[String] {
        &self.hosts
    }

    fn step(&self, input: Input) -> BoxFuture<'_, Result<Step, StepFailed>> {
        self.seen.lock().unwrap().push(input.event.clone());
        Box::pin(async move {
            match (self.script)(&input) {
                Step::Reject { detail, .. } if detail == "panic" => {
                    Err(StepFailed::Call(CallFailed::Malformed {
                        problem: "not an answer".to_owned(),
                    }))
                }
                Step::Reject { detail, .. } if detail == "slow" => {
                    // From here on there is nothing but time to wait for.
                    tokio::time::pause();
                    std::future::pending().await
                }
                step => Ok(step),
            }
        })
    }
}

fn reject(reason: RejectReason) -> Step {
    Step::Reject {
        reason,
        detail: "as the script says".to_owned(),
    }
}

fn address(text: &str, proof: EmailProof) -> Option<EmailClaim> {
    Some(EmailClaim {
        address: text.to_owned(),
        proof,
    })
}

/// Codes by mail: the code is always 12345678, and the mailbox is the subject.
pub(super) fn passcode(input: &Input) -> Step {
    match &input.event {
        Event::Start {
            address: Some(to), ..
        } => Step::Mail {
            to: to.replace("mis@", "pat@"),
            subject: "Your code".to_owned(),
            text: "12345678".to_owned(),
            state: to.clone(),
        },
        Event::Sent => ask_for_code(input, None),
        Event::Submit { fields } => {
            let to = input.state.clone().unwrap();
            if fields.contains_key("resend") {
                return Step::Mail {
                    to: to.clone(),
                    subject: "Your code".to_owned(),
                    text: "12345678".to_owned(),
                    state: to,
                };
            }
            if fields.get("code").map(String::as_str) != Some("12345678") {
                return ask_for_code(input, Some("That is not the code."));
            }
            Step::Done {
                claims: Claims {
                    issuer: "urn:vestibule:email-otp".to_owned(),
                    tenant: None,
                    subject: to.clone(),
                    cloud: None,
                    email: address(&to, EmailProof::Mailbox),
                    display_name: None,
                    authenticated_at: Some(input.now),
                    // What no passcode can be, whoever says so.
                    amr: vec!["otp".to_owned(), "mfa".to_owned()],
                    contexts: Vec::new(),
                    sid: None,
                    logout_hint: None,
                },
                consume: Vec::new(),
            }
        }
        _ => reject(RejectReason::UnexpectedEvent),
    }
}

fn ask_for_code(input: &Input, error: Option<&str>) -> Step {
    Step::Show {
        form: Form {
            title: "Enter the code".to_owned(),
            text: "If this address was invited, a code is on its way.".to_owned(),
            fields: vec![FormField {
                name: "code".to_owned(),
                label: "Code".to_owned(),
                kind: FieldKind::OneTimeCode,
                max_length: 8,
            }],
            submit: "Continue".to_owned(),
            buttons: vec![FormButton {
                name: "resend".to_owned(),
                label: "Send another".to_owned(),
            }],
            error: error.map(str::to_owned),
        },
        submits: 5,
        state: input.state.clone().unwrap(),
    }
}

pub(super) const FABRIKAM: &str = "33333333-3333-4333-8333-333333333333";
pub(super) const CONTOSO: &str = "11111111-1111-4111-8111-111111111111";
pub(super) const MALLORY: &str = "66666666-6666-4666-8666-666666666666";
pub(super) const AGENCY: &str = "44444444-4444-4444-8444-444444444444";

/// Entra in one cloud: `code` names who signs in.
pub(super) fn work_school(input: &Input, cloud: &str) -> Step {
    match &input.event {
        Event::Start { address, .. } => Step::Redirect {
            url: match address.as_deref() {
                Some("http@fabrikam.example") => "http://login.worldwide.example/".to_owned(),
                Some("script@fabrikam.example") => "javascript:alert(1)".to_owned(),
                Some("user@fabrikam.example") => {
                    "https://user:pass@login.worldwide.example/".to_owned()
                }
                _ => format!(
                    "https://login.{cloud}.example/authorize?state={}",
                    input.attempt
                ),
            },
            state: "verifier".to_owned(),
        },
        Event::Callback { query, form, .. } => {
            assert_eq!(input.state.as_deref(), Some("verifier"));
            match query.get("code").or(form.get("code")).map(String::as_str) {
                Some("panic") => Step::Reject {
                    reason: RejectReason::AnswerInvalid,
                    detail: "panic".to_owned(),
                },
                Some(who) => done(who, cloud, query.get("assertion"), input),
                None => reject(RejectReason::Cancelled),
            }
        }
        Event::LogoutRequest { query, form, .. } => logged_out(
            |name| query.get(name).or(form.get(name)).cloned(),
            cloud,
            input.now,
        ),
        Event::SignOut { .. } => sign_out(&input.event, &input.attempt, cloud),
        Event::MetadataRequest => Step::Document {
            content_type: "application/xml".to_owned(),
            body: "<metadata/>".to_owned(),
        },
        _ => reject(RejectReason::UnexpectedEvent),
    }
}

/// Does what the parameters say: they are what a signed message would be.
fn logged_out(of: impl Fn(&str) -> Option<String>, cloud: &str, now: i64) -> Step {
    let (sid, sub) = (of("sid"), of("sub"));
    match of("says").as_deref() {
        Some("down") => return reject(RejectReason::ProviderUnavailable),
        Some("signed-out") => return Step::SignedOut {},
        _ if sid.is_none() && sub.is_none() => return reject(RejectReason::AnswerInvalid),
        _ => {}
    }
    let fields = Fields::from([("SAMLResponse".to_owned(), "signed".to_owned())]);
    let then = of("then").map(|url| match of("by").as_deref() {
        Some("post") => Onward::Post { url, fields },
        _ => Onward::Redirect { url },
    });
    Step::Ended {
        issuer: of("iss").unwrap_or_else(|| issuer(cloud, FABRIKAM)),
        sid,
        sub,
        at: of("at").map(|at| now + at.parse::<i64>().unwrap()),
        consume: of("jti")
            .map(|id| Consume {
                id,
                until: now + 600,
            })
            .into_iter()
            .collect(),
        then,
    }
}

/// The provider's end of session for most; the subject says otherwise.
fn sign_out(event: &Event, attempt: &str, cloud: &str) -> Step {
    let Event::SignOut {
        issuer,
        tenant,
        subject,
        sid,
        logout_hint,
        return_uri,
    } = event
    else {
        return reject(RejectReason::UnexpectedEvent);
    };
    let url = format!("https://login.{cloud}.example/logout");
    match subject.as_str() {
        "oid-ada" => reject(RejectReason::UnexpectedEvent),
        "oid-out-fail" => Step::Reject {
            reason: RejectReason::UnexpectedEvent,
            detail: "panic".to_owned(),
        },
        "oid-out-slow" => Step::Reject {
            reason: RejectReason::UnexpectedEvent,
            detail: "slow".to_owned(),
        },
        "oid-out-http" => Step::Redirect {
            url: "http://login.worldwide.example/logout".to_owned(),
            state: String::new(),
        },
        "oid-out-post" => Step::Post {
            url,
            fields: Fields::from([("SAMLRequest".to_owned(), "signed".to_owned())]),
            state: String::new(),
        },
        _ => {
            let mut url = url::Url::parse(&url).unwrap();
            url.query_pairs_mut()
                .append_pair("iss", issuer)
                .append_pair("tid", tenant.as_deref().unwrap_or_default())
                .append_pair("sub", subject)
                .append_pair("sid", sid.as_deref().unwrap_or_default())
                .append_pair("hint", logout_hint.as_deref().unwrap_or_default())
                .append_pair("return", return_uri)
                .append_pair("state", attempt);
            Step::Redirect {
                url: url.into(),
                state: String::new(),
            }
        }
    }
}

pub(super) fn issuer(cloud: &str, tenant: &str) -> String {
    format!("https://login.{cloud}.example/{tenant}/v2.0")
}

/// - `assertion`: the id to use up; by default one of its own for each attempt.
fn done(who: &str, cloud: &str, assertion: Option<&String>, input: &Input) -> Step {
    let (who, query_time) = match who.split_once('~') {
        Some((who, ago)) => (who, Some(ago.parse::<i64>().unwrap())),
        None => (who, None),
    };
    let (tenant, email) = match who {
        "ada" | "ada-again" | "ada-mfa" => (
            FABRIKAM,
            address("Ada@Fabrikam.Example", EmailProof::DomainOwner),
        ),
        "bob" => (
            FABRIKAM,
            address("bob@fabrikam.example", EmailProof::DomainOwner),
        ),
        who if who.starts_with("out-") => (CONTOSO, None),
        "mia" => (CONTOSO, address("mia@contoso.example", EmailProof::None)),
        "max" => (CONTOSO, address("ada@fabrikam.example", EmailProof::None)),
        "eve" => (MALLORY, address("ada@fabrikam.example", EmailProof::None)),
        "sam" => (
            AGENCY,
            address("sam@agency.example", EmailProof::DomainOwner),
        ),
        _ => (FABRIKAM, None),
    };
    let issuer = if who == "foreign-issuer" {
        "https://login.evil.example/v2.0".to_owned()
    } else {
        issuer(cloud, tenant)
    };
    Step::Done {
        claims: Claims {
            issuer,
            tenant: Some(tenant.to_owned()),
            subject: if who == "nobody" {
                " ".to_owned()
            } else {
                format!("oid-{}", who.trim_end_matches("-mfa"))
            },
            cloud: Some(cloud.to_owned()),
            email,
            display_name: Some("Ada \u{202e}Lovelace\r\nX: y".to_owned()),
            authenticated_at: Some(match query_time {
                Some(ago) => input.now - ago,
                None => input.now - 5,
            }),
            amr: if who.ends_with("-mfa") {
                vec!["pwd".to_owned(), "mfa".to_owned()]
            } else {
                vec!["pwd".to_owned()]
            },
            contexts: if who.ends_with("-mfa") {
                vec!["c1".to_owned()]
            } else {
                Vec::new()
            },
            sid: Some(format!("sid-{}", who.trim_end_matches("-again"))),
            logout_hint: Some(format!("hint {who}")),
        },
        consume: vec![Consume {
            id: assertion.unwrap_or(&input.attempt).clone(),
            until: input.now + 600,
        }],
    }
}

/// Somewhere that has no clouds: `code` names who signs in.
pub(super) fn cloudless(input: &Input, host: &str) -> Step {
    match work_school(input, host) {
        Step::Done { claims, consume } => Step::Done {
            claims: Claims {
                cloud: None,
                ..claims
            },
            consume,
        },
        step => step,
    }
}

/// A provider that needs a document first.
pub(super) fn fetching(input: &Input) -> Step {
    match &input.event {
        Event::Start { .. } => Step::Fetch {
            request: FetchRequest {
                method: FetchMethod::Get,
                url: "https://login.distant.example/document".to_owned(),
                headers: Fields::new(),
                body: None,
            },
            freshness: Freshness::Never,
            state: String::new(),
        },
        Event::Response {
            status: 200, body, ..
        } if body == "{}" => Step::Redirect {
            url: "https://login.distant.example/authorize".to_owned(),
            state: String::new(),
        },
        _ => reject(RejectReason::ProviderUnavailable),
    }
}

/// A provider that fetches for ever.
pub(super) fn restless(input: &Input) -> Step {
    Step::Fetch {
        request: FetchRequest {
            method: FetchMethod::Get,
            url: "https://undeclared.example/".to_owned(),
            headers: Fields::new(),
            body: None,
        },
        freshness: Freshness::Never,
        state: input.state.clone().unwrap_or_default(),
    }
}
