//! What faults change of what is said, before anything is signed.

use super::super::super::fault::SamlFault as Fault;
use super::super::super::fresh_id;
use super::super::super::manner::NameIdKind;
use super::super::super::spoils::Spoils;
use super::super::super::tree::{Node, saml};
use super::{Conditions, Confirmation, Draft, HOUR, Statement, note};
use crate::misbehaviour::Misbehaviour;

const ANOTHER: &str = "https://another.invalid/";
const DAY: u64 = 24 * HOUR;

impl Draft {
    /// Changes what the faults want changed before anything is signed.
    pub(in crate::saml::response) fn spoil(
        &mut self,
        spoils: &Spoils,
        before: Option<&str>,
        now: u64,
    ) {
        for misbehaviour in &spoils.0 {
            match misbehaviour {
                Misbehaviour::WrongIssuer => {
                    self.response_issuer = Some(ANOTHER.to_owned());
                    self.assertion_issuer = Some(ANOTHER.to_owned());
                }
                Misbehaviour::WrongAudience => self.with_conditions(|conditions| {
                    conditions.audiences = vec![ANOTHER.to_owned()];
                }),
                Misbehaviour::Expired => self.with_conditions(|conditions| {
                    conditions.begins = Some(now - DAY);
                    conditions.ends = Some(now - HOUR);
                }),
                Misbehaviour::NotYetValid => self.with_conditions(|conditions| {
                    conditions.begins = Some(now + HOUR);
                    conditions.ends = Some(now + 2 * HOUR);
                }),
                Misbehaviour::Saml(fault) => self.spoil_with(*fault, before, now),
                _ => {}
            }
        }
    }

    /// A table: one line for each fault that is a matter of what is said.
    fn spoil_with(&mut self, fault: Fault, before: Option<&str>, now: u64) {
        match fault {
            Fault::CommentInName => self.add_to_name(Node::Comment("a comment".to_owned())),
            Fault::InstructionInName => self.add_to_name(Node::Instruction("x y".to_owned())),
            Fault::CdataInName => self.tail = vec![Node::Cdata(".other.invalid".to_owned())],
            Fault::TwoColons => {
                let mut odd = note();
                odd.children.push(Node::Raw("<a::b/>".to_owned()));
                self.extensions.push(odd);
            }
            Fault::WrongVersion => self.version = "1.1",
            Fault::MissingStatus => self.status.clear(),
            Fault::FailedStatus => {
                self.status = vec!["urn:oasis:names:tc:SAML:2.0:status:Responder".to_owned()];
            }
            Fault::WrongResponseIssuer => self.response_issuer = Some(ANOTHER.to_owned()),
            Fault::WrongAssertionIssuer => self.assertion_issuer = Some(ANOTHER.to_owned()),
            Fault::MissingAssertionIssuer => self.assertion_issuer = None,
            Fault::WrongDestination => self.destination = Some(ANOTHER.to_owned()),
            Fault::MissingDestination => self.destination = None,
            Fault::WrongInResponseTo => self.in_response_to = Some(fresh_id()),
            Fault::MissingInResponseTo => self.in_response_to = None,
            Fault::WrongConfirmedRequest => self.confirm(|one| one.request = Some(fresh_id())),
            Fault::MissingConfirmedRequest => self.confirm(|one| one.request = None),
            Fault::IssuedInFuture => self.issued = now + HOUR,
            Fault::IssuedLongAgo => self.issued = now - DAY,
            Fault::MissingConditions => self.conditions = None,
            Fault::MissingConditionsEnd => self.with_conditions(|one| one.ends = None),
            Fault::MissingAudience => self.with_conditions(|one| one.audiences.clear()),
            Fault::SecondAudience => {
                self.with_conditions(|one| one.audiences.push(ANOTHER.to_owned()));
            }
            Fault::UnknownCondition => {
                let odd = saml("Condition").holding(note());
                self.with_conditions(|one| one.other = Some(odd));
            }
            Fault::MissingSubject => self.has_subject = false,
            Fault::MissingName => self.name = None,
            Fault::EmptyName => self.name = Some(String::new()),
            Fault::MissingConfirmation => self.confirmation = None,
            Fault::HolderOfKey => {
                self.confirm(|one| one.method = "urn:oasis:names:tc:SAML:2.0:cm:holder-of-key");
            }
            Fault::WrongRecipient => self.confirm(|one| one.recipient = Some(ANOTHER.to_owned())),
            Fault::MissingRecipient => self.confirm(|one| one.recipient = None),
            Fault::ConfirmationExpired => self.confirm(|one| one.ends = Some(now - HOUR)),
            Fault::MissingConfirmationEnd => self.confirm(|one| one.ends = None),
            Fault::ConfirmationBegins => self.confirm(|one| one.begins = Some(now - 60)),
            Fault::MissingStatement => self.statement = None,
            Fault::SessionEnded => self.state(|one| one.session_ends = Some(now - HOUR)),
            Fault::AuthenticatedLongAgo => self.state(|one| one.instant = now - DAY),
            Fault::ForeignAddress => self.change_address("somebody@another.example"),
            Fault::NestedInAdvice => {
                let inner = saml("Assertion").with("ID", &fresh_id());
                self.advice = Some(saml("Advice").holding(inner));
            }
            Fault::RepeatedId => {
                if let Some(before) = before {
                    self.assertion_id = before.to_owned();
                }
            }
            _ => {}
        }
    }

    fn with_conditions(&mut self, change: impl FnOnce(&mut Conditions)) {
        if let Some(conditions) = &mut self.conditions {
            change(conditions);
        }
    }

    fn confirm(&mut self, change: impl FnOnce(&mut Confirmation)) {
        if let Some(confirmation) = &mut self.confirmation {
            change(confirmation);
        }
    }

    fn state(&mut self, change: impl FnOnce(&mut Statement)) {
        if let Some(statement) = &mut self.statement {
            change(statement);
        }
    }

    fn add_to_name(&mut self, node: Node) {
        self.tail = vec![node, Node::Text(".other.invalid".to_owned())];
    }

    fn change_address(&mut self, address: &str) {
        for (_, _, values) in &mut self.attributes {
            for value in values.iter_mut().filter(|value| value.contains('@')) {
                address.clone_into(value);
            }
        }
        if self.name_kind == NameIdKind::Email {
            self.name = Some(address.to_owned());
        }
    }
}
