//! One of each event and step, each in its range.

use crate::message::{
    Capability, Claims, Consume, Description, EmailClaim, EmailProof, Event, FetchMethod,
    FetchRequest, FieldKind, Fields, Form, FormButton, FormField, Freshness, Onward, RejectReason,
    Step,
};

fn text(value: &str) -> String {
    value.to_owned()
}

fn fields() -> Fields {
    Fields::from([(text("name"), text("value"))])
}

pub(crate) fn description() -> Description {
    Description {
        kind: text("sample"),
        display_name: text("Sample"),
        version: text("1.0"),
        home_domains: vec![text("gmail.com")],
        capabilities: vec![Capability::Fetch, Capability::Mail, Capability::Show],
        settings_schema: Some(serde_json::json!({ "type": "object" })),
    }
}

pub(crate) fn fetch_hosts() -> Vec<String> {
    vec![text("idp.example"), text("idp.localhost:8443")]
}

pub(crate) fn events() -> Vec<Event> {
    vec![
        Event::Start {
            address: Some(text("ada@fabrikam.example")),
            fresh: true,
            contexts: vec![text("c1")],
            second_factor: true,
        },
        Event::Callback {
            query: fields(),
            form: fields(),
            raw_query: Some(text("name=value")),
        },
        Event::Submit { fields: fields() },
        response(),
        Event::Sent,
        Event::LogoutRequest {
            query: Fields::new(),
            form: fields(),
            raw_query: Some(text("")),
        },
        Event::MetadataRequest,
        Event::SignOut {
            issuer: text("https://idp.example"),
            tenant: Some(text("tenant")),
            subject: text("subject"),
            sid: Some(text("session")),
            logout_hint: Some(text("hint")),
            return_uri: text("https://contoso.localhost/_vestibule/sign-out"),
        },
    ]
}

pub(crate) fn response() -> Event {
    Event::Response {
        status: 200,
        headers: fields(),
        body: text("{}"),
        fetched_at: 1_800_000_000,
    }
}

pub(crate) fn steps() -> Vec<Step> {
    let (url, state) = (text("https://idp.example/authorize?a=b"), text("state"));
    let (issuer, consume) = (
        text("https://idp.example"),
        vec![Consume {
            id: text("jti"),
            until: 1_800_000_300,
        }],
    );
    vec![
        Step::Redirect {
            url: url.clone(),
            state: state.clone(),
        },
        Step::Post {
            url,
            fields: fields(),
            state: state.clone(),
        },
        Step::Show {
            form: form(),
            submits: 5,
            state: state.clone(),
        },
        Step::Fetch {
            request: fetch(),
            freshness: Freshness::Cached,
            state: state.clone(),
        },
        Step::Mail {
            to: text("ada@fabrikam.example"),
            subject: text("Your code"),
            text: text("Your code is 12345678.\n"),
            state,
        },
        Step::Done {
            claims: claims(),
            consume: consume.clone(),
        },
        Step::Document {
            content_type: text("application/xml"),
            body: text("<xml/>"),
        },
        Step::Ended {
            issuer,
            sid: Some(text("session")),
            sub: None,
            at: Some(1_800_000_000),
            consume,
            then: Some(Onward::Post {
                url: text("https://idp.example/slo"),
                fields: fields(),
            }),
        },
        Step::SignedOut {},
        Step::Reject {
            reason: RejectReason::Cancelled,
            detail: text("access_denied"),
        },
    ]
}

pub(crate) fn form() -> Form {
    Form {
        title: text("Enter the code"),
        text: text("We sent it to you."),
        fields: vec![FormField {
            name: text("code"),
            label: text("Code"),
            kind: FieldKind::OneTimeCode,
            max_length: 8,
        }],
        submit: text("Sign in"),
        buttons: vec![FormButton {
            name: text("resend"),
            label: text("Send it again"),
        }],
        error: Some(text("That code is wrong.")),
    }
}

pub(crate) fn fetch() -> FetchRequest {
    FetchRequest {
        method: FetchMethod::Post,
        url: text("https://idp.example/token"),
        headers: Fields::from([(text("accept"), text("application/json"))]),
        body: Some(text("grant_type=authorization_code")),
    }
}

pub(crate) fn claims() -> Claims {
    Claims {
        issuer: text("https://idp.example"),
        tenant: Some(text("33333333-3333-4333-8333-333333333333")),
        subject: text("subject"),
        cloud: Some(text("worldwide")),
        email: Some(EmailClaim {
            address: text("ada@fabrikam.example"),
            proof: EmailProof::DomainOwner,
        }),
        display_name: Some(text("Ada")),
        authenticated_at: Some(1_800_000_000),
        amr: vec![text("pwd")],
        contexts: vec![text("c1")],
        sid: Some(text("session")),
        logout_hint: Some(text("hint")),
    }
}
