//! A decision with all that led to it, for people and for programs.

use std::io::{self, Write};

use gateway_core::policy::{Denial, Ground, Permit, Question, TraceEntry, Verdict};
use gateway_core::time::UnixTime;
use serde::Serialize;
use serde_json::{Value, json};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use crate::judge::NotAllowed;

/// A decision with all that led to it.
pub(super) struct Explanation {
    pub(super) question: Question,
    /// Whether the path is for members only, whatever was granted.
    pub(super) members_only: bool,
    pub(super) who: String,
    /// What would come of the person's invitation, where it has not been redeemed.
    pub(super) redemption: Option<Result<(), Denial>>,
    pub(super) at: UnixTime,
    pub(super) answer: Result<Permit, NotAllowed>,
    pub(super) trace: Vec<TraceEntry>,
}

/// How the decision, or one rule, came out.
#[derive(Serialize)]
struct Outcome {
    verdict: &'static str,
    /// The documented code; for an allowed request what it rests on.
    reason: String,
    /// The setting that decided, as operators spell it; empty when it is no setting.
    setting: &'static str,
}

#[derive(Serialize)]
struct Rule {
    path: &'static str,
    rule: &'static str,
    verdict: &'static str,
    code: &'static str,
    setting: &'static str,
    value: &'static str,
}

impl Explanation {
    /// For people.
    pub(super) fn write(&self, out: &mut dyn Write) -> io::Result<()> {
        let target = &self.question.target;
        let Outcome {
            verdict,
            reason,
            setting,
        } = self.outcome();
        writeln!(out, "{verdict}  {reason}")?;
        if !setting.is_empty() {
            writeln!(out, "      decided by {setting}")?;
        }
        writeln!(out, "who:   {}", self.who)?;
        writeln!(
            out,
            "item:  tenant `{}`, site `{}`, {}",
            target.tenant, target.site, target.path
        )?;
        writeln!(
            out,
            "does:  {} at {}",
            self.question.action.name(),
            moment(self.at)
        )?;
        if let Some(redemption) = &self.redemption {
            writeln!(out, "next:  {}", next(redemption))?;
        }
        writeln!(out, "rules, in the order of judgement:")?;
        for rule in self.rules() {
            let setting = match (rule.setting, rule.value) {
                ("", _) => String::new(),
                (setting, value) => format!("  [{setting}: {value}]"),
            };
            let line = format!(
                "  {:<7} {:<15} {:<9} {}{setting}",
                rule.path, rule.rule, rule.verdict, rule.code
            );
            writeln!(out, "{}", line.trim_end())?;
        }
        Ok(())
    }

    /// For programs; the field names are part of the outside interface.
    pub(super) fn to_json(&self) -> Value {
        let target = &self.question.target;
        let Outcome {
            verdict,
            reason,
            setting,
        } = self.outcome();
        json!({
            "decision": verdict,
            "reason": reason,
            "setting": setting,
            "who": self.who,
            "redemption": self.redemption.as_ref().map(redeemed),
            "tenant": target.tenant.as_str(),
            "site": target.site.as_str(),
            "path": target.path.to_string(),
            "action": self.question.action.name(),
            "at": moment(self.at),
            "rules": self.rules(),
        })
    }

    fn outcome(&self) -> Outcome {
        match &self.answer {
            Ok(permit) => Outcome {
                verdict: "allow",
                reason: permit
                    .grounds()
                    .iter()
                    .map(ground)
                    .collect::<Vec<_>>()
                    .join(", "),
                setting: "",
            },
            Err(NotAllowed::Challenge(challenge)) => Outcome {
                verdict: "challenge",
                reason: challenge.code().to_owned(),
                setting: "",
            },
            Err(NotAllowed::Denied(denial)) => denied(*denial),
            Err(NotAllowed::MembersOnly) => Outcome {
                verdict: "deny",
                reason: MEMBERS_ONLY.to_owned(),
                setting: "",
            },
        }
    }

    fn rules(&self) -> Vec<Rule> {
        let members_only = self.members_only.then(|| self.members_only());
        members_only
            .into_iter()
            .chain(self.trace.iter().map(rule))
            .collect()
    }

    /// The one rule that is about the path alone, and asked before all others.
    fn members_only(&self) -> Rule {
        let (verdict, code) = match &self.answer {
            Err(NotAllowed::MembersOnly) => ("deny", MEMBERS_ONLY),
            Err(NotAllowed::Challenge(challenge)) => ("challenge", challenge.code()),
            Ok(_) | Err(NotAllowed::Denied(_)) => ("pass", ""),
        };
        Rule {
            path: "path",
            rule: MEMBERS_ONLY,
            verdict,
            code,
            setting: "",
            value: "",
        }
    }
}

/// The code of a path that is for members only.
const MEMBERS_ONLY: &str = "members-only";

fn denied(denial: Denial) -> Outcome {
    Outcome {
        verdict: "deny",
        reason: denial.code().to_owned(),
        setting: denial.setting(),
    }
}

fn redeemed(redemption: &Result<(), Denial>) -> Outcome {
    match redemption {
        Ok(()) => Outcome {
            verdict: "allow",
            reason: String::new(),
            setting: "",
        },
        Err(denial) => denied(*denial),
    }
}

fn next(redemption: &Result<(), Denial>) -> String {
    let Outcome {
        reason, setting, ..
    } = redeemed(redemption);
    match (redemption, setting) {
        (Ok(()), _) => "the invitation can be redeemed, by signing in and accepting it".to_owned(),
        (Err(_), "") => format!("the invitation cannot be redeemed: {reason}"),
        (Err(_), setting) => {
            format!("the invitation cannot be redeemed: {reason}, decided by {setting}")
        }
    }
}

fn rule(entry: &TraceEntry) -> Rule {
    let (verdict, code) = match entry.verdict {
        Verdict::Pass => ("pass", ""),
        Verdict::NotApplicable => ("-", ""),
        Verdict::Challenge(challenge) => ("challenge", challenge.code()),
        Verdict::Deny(denial) => ("deny", denial.code()),
    };
    Rule {
        path: entry.path,
        rule: entry.rule,
        verdict,
        code,
        setting: entry.setting,
        value: entry.value,
    }
}

fn ground(ground: &Ground) -> String {
    match ground {
        Ground::Permission(id) => format!("permission `{id}`"),
        Ground::Link(id) => format!("link `{id}`"),
    }
}

fn moment(at: UnixTime) -> String {
    OffsetDateTime::from_unix_timestamp(at.0)
        .ok()
        .and_then(|moment| moment.format(&Rfc3339).ok())
        .unwrap_or_else(|| at.to_string())
}
