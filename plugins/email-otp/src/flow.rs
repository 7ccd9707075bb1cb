//! The walk from an address to the proof that its mailbox is the person's.

use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use plugins_sdk::message::{
    Claims, Consume, EmailClaim, EmailProof, Event, Fields, Input, RejectReason, Step,
};
use serde::{Deserialize, Serialize};

use crate::challenge::{Challenge, InstanceKey};
use crate::code;
use crate::settings::Settings;
use crate::texts::{self, CODE, Complaint, RESEND};

const ISSUER: &str = "urn:vestibule:email-otp";
/// Most submissions that the gateway lets one attempt have.
const MOST_SUBMITS: u8 = plugins_sdk::limits::SUBMITS;

/// What is being waited for.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "phase", content = "challenge")]
enum Phase {
    /// For the gateway to take the mail.
    Mailing(Challenge),
    /// For the person.
    Asking(Challenge),
}

/// Answers one event. Whatever does not fit is a [`Step::Reject`].
pub(crate) fn step(settings: &Settings, key: &InstanceKey, input: &Input) -> Step {
    let walk = Walk {
        settings,
        key,
        input,
    };
    walk.answer()
        .unwrap_or_else(|(reason, detail)| Step::Reject {
            reason,
            detail: detail.to_owned(),
        })
}

type Failed = (RejectReason, &'static str);

struct Walk<'a> {
    settings: &'a Settings,
    key: &'a InstanceKey,
    input: &'a Input,
}

impl Walk<'_> {
    fn answer(&self) -> Result<Step, Failed> {
        match &self.input.event {
            Event::Start { address, .. } => self.mail(&accept(address.as_deref())?, 0),
            Event::Sent => match self.phase()? {
                Phase::Mailing(challenge) => self.ask(challenge, None),
                Phase::Asking(_) => Err(UNEXPECTED),
            },
            Event::Submit { fields } => match self.phase()? {
                Phase::Asking(challenge) => self.submitted(challenge, fields),
                Phase::Mailing(_) => Err(UNEXPECTED),
            },
            Event::Callback { .. }
            | Event::Response { .. }
            | Event::LogoutRequest { .. }
            | Event::SignOut { .. }
            | Event::MetadataRequest => Err(UNEXPECTED),
        }
    }

    /// Sends a code. An older one is burned by being forgotten: there is one challenge in the state.
    fn mail(&self, address: &str, submitted: u8) -> Result<Step, Failed> {
        let entropy = BASE64_URL_SAFE_NO_PAD
            .decode(&self.input.entropy)
            .ok()
            .filter(|bytes| bytes.len() == 32)
            .ok_or((
                RejectReason::UnexpectedEvent,
                "the input's entropy cannot be used",
            ))?;
        let code = code::draw(self.settings.digits, &entropy);
        let mut challenge = Challenge::new(
            self.key,
            address.to_owned(),
            &self.input.attempt,
            &code,
            self.settings.validity_minutes.saturating_mul(60),
            self.input.now,
        );
        challenge.submitted = submitted;
        Ok(Step::Mail {
            to: address.to_owned(),
            subject: texts::subject(self.settings),
            text: texts::mail(self.settings, &code),
            state: state(&Phase::Mailing(challenge))?,
        })
    }

    fn ask(&self, challenge: Challenge, complaint: Option<Complaint>) -> Result<Step, Failed> {
        let submits = challenge
            .submitted
            .saturating_add(challenge.tries_left)
            .min(MOST_SUBMITS);
        Ok(Step::Show {
            form: texts::form(self.settings, &challenge.address, complaint),
            submits,
            state: state(&Phase::Asking(challenge))?,
        })
    }

    fn submitted(&self, mut challenge: Challenge, fields: &Fields) -> Result<Step, Failed> {
        challenge.submitted = challenge.submitted.saturating_add(1);
        if fields.contains_key(RESEND) {
            return self.resend(challenge);
        }
        challenge.tries_left = challenge.tries_left.saturating_sub(1);
        // Everything that is not the code is a wrong try, also what cannot be one.
        let typed = fields.get(CODE).and_then(|typed| code::normalise(typed));
        let right = typed
            .is_some_and(|code| challenge.is_answered_by(&code, &self.input.attempt, self.key));
        let alive = self.input.now < challenge.expires_at;
        match (right, challenge.tries_left) {
            (true, _) if alive => Ok(done(&challenge, self.input.now)),
            (_, 0) => Err((
                RejectReason::CredentialInvalid,
                "the code's tries are used up",
            )),
            (_, _) if !alive => self.ask(challenge, Some(Complaint::Expired)),
            (_, tries_left) => self.ask(challenge, Some(Complaint::Wrong { tries_left })),
        }
    }

    fn resend(&self, challenge: Challenge) -> Result<Step, Failed> {
        let wait = challenge
            .sent_at
            .saturating_add(self.settings.resend_seconds)
            .saturating_sub(self.input.now);
        if wait > 0 {
            return self.ask(challenge, Some(Complaint::TooSoon { wait }));
        }
        self.mail(&challenge.address, challenge.submitted)
    }

    fn phase(&self) -> Result<Phase, Failed> {
        let state = self.input.state.as_deref().ok_or(UNEXPECTED)?;
        serde_json::from_str(state).map_err(|_| UNREADABLE)
    }
}

const UNEXPECTED: Failed = (
    RejectReason::UnexpectedEvent,
    "the event does not fit the state",
);
const UNREADABLE: Failed = (
    RejectReason::UnexpectedEvent,
    "the state kept for this attempt cannot be read",
);

/// The gateway parses addresses; this only keeps what could break a mail's header from ever becoming one.
fn accept(address: Option<&str>) -> Result<String, Failed> {
    address
        .filter(|address| {
            address.contains('@') && !address.chars().any(|c| c.is_control() || c.is_whitespace())
        })
        .map(str::to_owned)
        .ok_or((
            RejectReason::UnexpectedEvent,
            "there is no address to send a code to",
        ))
}

fn state(phase: &Phase) -> Result<String, Failed> {
    serde_json::to_string(phase).map_err(|_| UNREADABLE)
}

fn done(challenge: &Challenge, now: i64) -> Step {
    Step::Done {
        claims: Claims {
            issuer: ISSUER.to_owned(),
            tenant: None,
            subject: challenge.address.to_lowercase(),
            cloud: None,
            email: Some(EmailClaim {
                address: challenge.address.clone(),
                proof: EmailProof::Mailbox,
            }),
            display_name: None,
            authenticated_at: Some(now),
            amr: vec!["otp".to_owned()],
            contexts: Vec::new(),
            sid: None,
            logout_hint: None,
        },
        consume: vec![Consume {
            id: challenge.id().to_owned(),
            until: challenge.expires_at,
        }],
    }
}
