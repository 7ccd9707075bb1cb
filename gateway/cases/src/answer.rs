//! Answers, as programs read them.

use gateway_core::person::InvitationManager;
use gateway_core::policy::configure::{Configured, Consequence, Rejection, Scope};
use gateway_core::policy::{
    Answer, Challenge, Decision, Denial, Effect, Ground, MfaPlace, Outcome, Recorded, Shown,
    TraceEntry,
};
use serde_json::{Map, Value, json};

use crate::contained;
use crate::moment;

/// The answer to one case.
#[derive(Clone, Debug)]
pub struct Answered {
    told: Map<String, Value>,
    expected: Option<bool>,
}

/// An answer, before it is compared.
pub(crate) struct Told(Map<String, Value>);

impl Answered {
    pub(crate) fn new(
        name: &str,
        profile: &str,
        Told(answer): Told,
        expected: Option<&Value>,
    ) -> Self {
        let mut told = Map::new();
        told.insert("name".to_owned(), name.into());
        told.insert("profile".to_owned(), profile.into());
        told.extend(answer);
        let differs =
            expected.map(|expected| contained::differences(expected, &Value::Object(told.clone())));
        let met = differs.as_ref().map(Vec::is_empty);
        if let (Some(met), Some(differs)) = (met, differs) {
            told.insert("expected".to_owned(), met.into());
            if !met {
                told.insert("differs".to_owned(), differs.into());
            }
        }
        Self {
            told,
            expected: met,
        }
    }

    /// Whether it is the answer that the case expects; none where the case expects nothing.
    #[must_use]
    pub const fn as_expected(&self) -> Option<bool> {
        self.expected
    }

    /// The answer as one line of JSON.
    #[must_use]
    pub fn to_json(&self) -> Value {
        Value::Object(self.told.clone())
    }
}

impl Told {
    /// No answer: the question could not be put.
    pub(crate) fn nothing(question: &str) -> Self {
        Self::new(question, "deny")
    }

    fn new(question: &str, outcome: &str) -> Self {
        let mut told = Self(Map::new());
        told.put("question", question);
        told.put("outcome", outcome);
        told
    }

    fn put(&mut self, key: &str, value: impl Into<Value>) {
        self.0.insert(key.to_owned(), value.into());
    }

    pub(crate) fn access(decision: &Decision, trace: &Recorded) -> Self {
        let mut told = match decision {
            Decision::Allow(permit) => {
                let mut told = Self::new("access", "allow");
                if let Some(ground) = permit.grounds().first() {
                    told.put("ground", self::ground(ground));
                }
                told
            }
            Decision::Challenge(challenge) => Self::challenged("access", *challenge),
            Decision::Request(denial) => {
                Self::denied("access", "request", *denial, denial.sign_in_code())
            }
            Decision::Deny(denial) => {
                Self::denied("access", "deny", *denial, denial.sign_in_code())
            }
        };
        told.traced(trace);
        told
    }

    pub(crate) fn answer(question: &str, answer: &Answer, trace: &Recorded) -> Self {
        let documented = |denial: Denial| {
            if question == "share" {
                denial.sharing_code()
            } else {
                denial.sign_in_code()
            }
        };
        let mut told = match answer.outcome {
            Outcome::Allow => Self::new(question, "allow"),
            Outcome::Challenge(challenge) => Self::challenged(question, challenge),
            Outcome::Request(denial) => {
                Self::denied(question, "request", denial, documented(denial))
            }
            Outcome::Deny(denial) => Self::denied(question, "deny", denial, documented(denial)),
        };
        let effects: Vec<Value> = answer.effects.iter().map(effect).collect();
        told.put("effects", effects);
        told.traced(trace);
        told
    }

    pub(crate) fn configured(configured: &Configured, trace: &Recorded) -> Self {
        let mut told = match configured {
            Configured::Reject(rejections) => {
                let mut told = Self::new("configure", "reject");
                let all: Vec<Value> = rejections.iter().map(rejection).collect();
                told.put("rejections", all);
                told
            }
            Configured::Set { consequences, .. } => {
                let mut told = Self::new("configure", "set");
                let all: Vec<Value> = consequences.iter().map(consequence).collect();
                told.put("consequences", all);
                told
            }
        };
        told.traced(trace);
        told
    }

    fn challenged(question: &str, challenge: Challenge) -> Self {
        let mut told = Self::new(question, "challenge");
        told.put("code", challenge.code());
        let methods: Vec<&str> = challenge.methods().map(|method| method.name()).collect();
        if !methods.is_empty() {
            told.put("methods", methods);
        }
        match challenge {
            Challenge::Mfa(MfaPlace::Home) => told.put("place", "home"),
            Challenge::Mfa(MfaPlace::Resource) => told.put("place", "resource"),
            _ => {}
        }
        told
    }

    fn denied(
        question: &str,
        outcome: &str,
        denial: Denial,
        documented: Option<&'static str>,
    ) -> Self {
        let mut told = Self::new(question, outcome);
        told.put("code", denial.code());
        if let Some(documented) = documented {
            told.put("documented", documented);
        }
        told
    }

    fn traced(&mut self, trace: &Recorded) {
        if let Some(decider) = trace.decider() {
            self.put("decided_by", entry(decider));
        }
        let all: Vec<Value> = trace.entries.iter().map(entry).collect();
        self.put("trace", all);
    }
}

fn entry(entry: &TraceEntry) -> Value {
    let mut told = json!({
        "path": entry.path,
        "rule": entry.rule,
        "verdict": entry.verdict.name(),
    });
    if let Value::Object(told) = &mut told {
        if !entry.verdict.code().is_empty() {
            told.insert("code".to_owned(), entry.verdict.code().into());
        }
        if let Some(source) = entry.basis.source {
            told.insert("setting".to_owned(), entry.basis.setting.into());
            told.insert("value".to_owned(), shown(entry.basis.value));
            told.insert("source".to_owned(), source.name().into());
        }
    }
    told
}

fn shown(value: Shown) -> Value {
    match value {
        Shown::Nothing => Value::Null,
        Shown::Word(word) => word.into(),
        Shown::Flag(flag) => flag.into(),
        Shown::Number(number) => number.into(),
    }
}

fn ground(ground: &Ground) -> Value {
    match ground {
        Ground::Permission(id) => json!({ "permission": id.as_str() }),
        Ground::Link(id) => json!({ "link": id.as_str() }),
        Ground::Application => json!("application"),
    }
}

fn effect(effect: &Effect) -> Value {
    match effect {
        Effect::GuestCreated { address, sponsor } => json!({
            "effect": "guest-created",
            "address": address.to_string(),
            "sponsor": sponsor.as_ref().map(ToString::to_string),
        }),
        Effect::GuestReused(address) => {
            json!({ "effect": "guest-reused", "address": address.to_string() })
        }
        Effect::NoDirectoryObject(address) => {
            json!({ "effect": "no-directory-object", "address": address.to_string() })
        }
        Effect::InvitationCreated(address, manager) => json!({
            "effect": "invitation-created",
            "address": address.to_string(),
            "manager": match manager {
                InvitationManager::Sharing => "sharing",
                InvitationManager::Directory => "directory",
            },
        }),
        Effect::InvitationAccepted(address) => {
            json!({ "effect": "invitation-accepted", "address": address.to_string() })
        }
        Effect::LinkEnds(end) => json!({ "effect": "link-ends", "at": moment::shown(*end) }),
        Effect::GuestExpires(address, end) => json!({
            "effect": "guest-expires",
            "address": address.to_string(),
            "at": moment::shown(*end),
        }),
        Effect::Audit(operation) => json!({ "effect": "audit", "operation": operation }),
    }
}

fn scope(scope: &Scope) -> String {
    match scope {
        Scope::Tenant => "tenant".to_owned(),
        Scope::Site(_) => "site".to_owned(),
        Scope::Directory => "directory".to_owned(),
    }
}

fn rejection(rejection: &Rejection) -> Value {
    json!({
        "scope": scope(&rejection.scope),
        "key": rejection.key,
        "value": rejection.value,
        "rule": rejection.rule,
    })
}

fn consequence(consequence: &Consequence) -> Value {
    match consequence {
        Consequence::Effective {
            scope: at,
            key,
            value,
            source,
        } => json!({
            "consequence": "effective",
            "scope": scope(at),
            "key": key,
            "value": value,
            "source": source.name(),
        }),
        Consequence::Sleeps {
            scope: at,
            key,
            value,
        } => json!({ "consequence": "sleeps", "scope": scope(at), "key": key, "value": value }),
        Consequence::Wakes {
            scope: at,
            key,
            value,
        } => json!({ "consequence": "wakes", "scope": scope(at), "key": key, "value": value }),
        Consequence::LinkShortened(link, end) => json!({
            "consequence": "link-shortened",
            "link": link.as_str(),
            "at": moment::shown(*end),
        }),
        Consequence::ListDiscarded { key } => {
            json!({ "consequence": "list-discarded", "key": key })
        }
        Consequence::Warning {
            scope: at,
            key,
            message,
        } => json!({
            "consequence": "warning",
            "scope": scope(at),
            "key": key,
            "message": message,
        }),
    }
}
