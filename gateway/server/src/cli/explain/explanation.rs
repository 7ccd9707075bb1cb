//! A decision with all that led to it, for people and for programs.

use std::io::{self, Write};

use gateway_core::policy::{Denial, Ground, Permit, Question, Recorded, TraceEntry, Verdict};
use gateway_core::settings::Source;
use gateway_core::time::UnixTime;
use serde::Serialize;
use serde_json::{Value, json};

use crate::cli::moment;
use crate::judge::NotAllowed;

/// A decision with all that led to it.
pub(crate) struct Explanation {
    pub(super) question: Question,
    /// Whether the path is for members only, whatever was granted.
    pub(super) members_only: bool,
    pub(super) who: String,
    /// What would come of the person's invitation, where it has not been redeemed.
    pub(super) redemption: Option<Result<(), Denial>>,
    pub(super) at: UnixTime,
    pub(super) answer: Result<Permit, NotAllowed>,
    pub(super) trace: Recorded,
}

/// How the decision came out.
#[derive(Serialize)]
struct Outcome {
    verdict: &'static str,
    /// The documented code; for an allowed request what it rests on.
    reason: String,
    /// The setting that stands in the way, with where it stands; empty when it is no setting.
    setting: String,
}

/// One rule; a field of it is empty where there is nothing to say.
#[derive(Serialize)]
struct Rule {
    path: &'static str,
    rule: &'static str,
    verdict: &'static str,
    code: &'static str,
    /// The setting that it rested on, as operators spell it.
    setting: &'static str,
    /// The value in effect.
    value: String,
    /// Where that comes from: `tenant`, `partition`, `site`, `directory`, `cloud`, `profile`.
    source: &'static str,
}

impl Explanation {
    /// For people.
    pub(super) fn write(&self, out: &mut dyn Write) -> io::Result<()> {
        let target = &self.question.target;
        let Outcome {
            verdict, reason, ..
        } = self.outcome();
        writeln!(out, "{verdict}  {reason}")?;
        if let Some(decider) = self.decider() {
            let resting = match resting(&decider) {
                Some(resting) => format!(", {resting}"),
                None => String::new(),
            };
            let Rule { path, rule, .. } = decider;
            writeln!(out, "      decided by rule {rule} of path {path}{resting}")?;
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
            moment::shown(self.at)
        )?;
        if let Some(redemption) = &self.redemption {
            writeln!(out, "next:  {}", next(redemption))?;
        }
        writeln!(out, "rules, in the order of judgement:")?;
        for rule in self.rules() {
            let resting = match resting(&rule) {
                Some(resting) => format!("  [{resting}]"),
                None => String::new(),
            };
            let line = format!(
                "  {:<7} {:<18} {:<9} {}{resting}",
                rule.path, rule.rule, rule.verdict, rule.code
            );
            writeln!(out, "{}", line.trim_end())?;
        }
        Ok(())
    }

    /// For programs; the field names are part of the outside interface.
    pub(crate) fn to_json(&self) -> Value {
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
            "decided_by": self.decider(),
            "who": self.who,
            "redemption": self.redemption.as_ref().map(redeemed),
            "tenant": target.tenant.as_str(),
            "site": target.site.as_str(),
            "path": target.path.to_string(),
            "action": self.question.action.name(),
            "at": moment::shown(self.at),
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
                setting: String::new(),
            },
            Err(NotAllowed::Challenge(challenge)) => self.refused("challenge", challenge.code()),
            Err(NotAllowed::Denied(denial)) => self.refused("deny", denial.code()),
            Err(NotAllowed::MembersOnly) => self.refused("deny", MEMBERS_ONLY),
        }
    }

    fn refused(&self, verdict: &'static str, code: &str) -> Outcome {
        let decider = self.decider().filter(|rule| !rule.setting.is_empty());
        Outcome {
            verdict,
            reason: code.to_owned(),
            setting: decider.map_or_else(
                String::new,
                |Rule {
                     setting, source, ..
                 }| { format!("{source} {setting}").trim_start().to_owned() },
            ),
        }
    }

    /// The rule that made the answer what it is.
    fn decider(&self) -> Option<Rule> {
        let first = self.members_only.then(|| self.members_only());
        first
            .filter(|rule| rule.verdict != "pass")
            .or_else(|| self.trace.decider().map(rule))
    }

    fn rules(&self) -> Vec<Rule> {
        let members_only = self.members_only.then(|| self.members_only());
        members_only
            .into_iter()
            .chain(self.trace.entries.iter().map(rule))
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
            value: String::new(),
            source: "",
        }
    }
}

/// The code of a path that is for members only.
const MEMBERS_ONLY: &str = "members-only";

fn redeemed(redemption: &Result<(), Denial>) -> Outcome {
    match redemption {
        Ok(()) => Outcome {
            verdict: "allow",
            reason: String::new(),
            setting: String::new(),
        },
        Err(denial) => Outcome {
            verdict: "deny",
            reason: denial.code().to_owned(),
            setting: behind(*denial),
        },
    }
}

/// The setting behind a refusal to redeem, which comes without a trace.
fn behind(denial: Denial) -> String {
    let setting = match denial {
        Denial::SharingDisabled(source) | Denial::NewGuestsNotAllowed(source) => {
            return format!("{} {}", source.source().name(), source.setting());
        }
        Denial::TenantDomain(_) => "tenant SharingDomainRestrictionMode",
        Denial::DirectoryDomain(_) => "directory domain list",
        Denial::OutsideEnvironment => "tenant EnableAzureADB2BIntegration",
        Denial::PasscodesDisabled => "directory allowExternalIdToUseEmailOtp",
        _ => "",
    };
    setting.to_owned()
}

fn next(redemption: &Result<(), Denial>) -> String {
    let Outcome {
        reason, setting, ..
    } = redeemed(redemption);
    match (redemption, setting.as_str()) {
        (Ok(()), _) => "the invitation can be redeemed, by signing in and accepting it".to_owned(),
        (Err(_), "") => format!("the invitation cannot be redeemed: {reason}"),
        (Err(_), setting) => {
            format!("the invitation cannot be redeemed: {reason}, decided by {setting}")
        }
    }
}

/// The setting that a rule rested on, with its value and where that comes from.
fn resting(rule: &Rule) -> Option<String> {
    let Rule {
        setting,
        value,
        source,
        ..
    } = rule;
    let value = match value.as_str() {
        "" => String::new(),
        value => format!(": {value}"),
    };
    (!setting.is_empty()).then(|| format!("{source} {setting}{value}").trim_start().to_owned())
}

fn rule(entry: &TraceEntry) -> Rule {
    let verdict = match entry.verdict {
        Verdict::NotApplicable => "-",
        verdict => verdict.name(),
    };
    Rule {
        path: entry.path,
        rule: entry.rule,
        verdict,
        code: entry.verdict.code(),
        setting: entry.basis.setting,
        value: entry.basis.value.to_string(),
        source: entry.basis.source.map_or("", Source::name),
    }
}

fn ground(ground: &Ground) -> String {
    match ground {
        Ground::Permission(id) => format!("permission `{id}`"),
        Ground::Link(id) => format!("link `{id}`"),
        Ground::Application => "an application's consent".to_owned(),
    }
}
