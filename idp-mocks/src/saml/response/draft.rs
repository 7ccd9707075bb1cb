//! What a response says, before it is written.

mod spoil;

use serde_json::Value;

use super::super::fresh_id;
use super::super::manner::{AttributeNames, NameIdKind};
use super::super::request::SignOn;
use super::super::times::written;
use super::super::tree::{Element, Node, saml, samlp};
use super::Desk;
use crate::world::Person;

const SUCCESS: &str = "urn:oasis:names:tc:SAML:2.0:status:Success";
const BEARER: &str = "urn:oasis:names:tc:SAML:2.0:cm:bearer";
const HOUR: u64 = 3600;
/// How long an assertion can be used, seconds.
const LIFE: u64 = 300;

/// Every value of a response, for the faults to change. None leaves the element or attribute out.
pub(crate) struct Draft {
    response_id: String,
    pub(super) assertion_id: String,
    version: &'static str,
    issued: u64,
    destination: Option<String>,
    in_response_to: Option<String>,
    status: Vec<String>,
    response_issuer: Option<String>,
    assertion_issuer: Option<String>,
    has_subject: bool,
    pub(super) name: Option<String>,
    pub(super) name_kind: NameIdKind,
    qualifiers: Option<(String, String)>,
    /// What follows the name and the address, and is not only text.
    tail: Vec<Node>,
    confirmation: Option<Confirmation>,
    conditions: Option<Conditions>,
    statement: Option<Statement>,
    pub(super) session_index: String,
    /// Names, `NameFormat`, values.
    attributes: Vec<(String, &'static str, Vec<String>)>,
    address: String,
    advice: Option<Element>,
    extensions: Vec<Element>,
}

struct Confirmation {
    method: &'static str,
    recipient: Option<String>,
    request: Option<String>,
    begins: Option<u64>,
    ends: Option<u64>,
}

struct Conditions {
    begins: Option<u64>,
    ends: Option<u64>,
    /// One restriction for each.
    audiences: Vec<String>,
    other: Option<Element>,
}

struct Statement {
    instant: u64,
    session_ends: Option<u64>,
    context: String,
}

impl Draft {
    pub(super) fn honest(desk: &Desk, wish: &SignOn, person: &Person, context: &str) -> Self {
        let kind = match wish.name_format.as_deref() {
            Some(format) => [
                NameIdKind::Persistent,
                NameIdKind::Transient,
                NameIdKind::Email,
            ]
            .into_iter()
            .find(|kind| kind.format() == format)
            .unwrap_or(desk.manner.name_id),
            None => desk.manner.name_id,
        };
        let name = match kind {
            NameIdKind::Persistent | NameIdKind::Unspecified => person.id().to_owned(),
            NameIdKind::Transient => fresh_id(),
            NameIdKind::Email => person.address.clone(),
        };
        let entity_id = Some(desk.entity_id.clone());
        let qualifiers = (kind == NameIdKind::Persistent)
            .then(|| (desk.entity_id.clone(), wish.provider.clone()));
        Self {
            response_id: fresh_id(),
            assertion_id: fresh_id(),
            version: "2.0",
            issued: desk.now,
            destination: Some(wish.consumer.clone()),
            in_response_to: wish.id.clone(),
            status: vec![SUCCESS.to_owned()],
            response_issuer: entity_id.clone(),
            assertion_issuer: entity_id,
            has_subject: true,
            name: Some(name),
            name_kind: kind,
            qualifiers,
            tail: Vec::new(),
            confirmation: Some(Confirmation {
                method: BEARER,
                recipient: Some(wish.consumer.clone()),
                request: wish.id.clone(),
                begins: None,
                ends: Some(desk.now + LIFE),
            }),
            conditions: Some(Conditions {
                begins: Some(desk.now.saturating_sub(60)),
                ends: Some(desk.now + LIFE),
                audiences: vec![wish.provider.clone()],
                other: None,
            }),
            statement: Some(Statement {
                instant: desk.now
                    - if wish.force {
                        0
                    } else {
                        desk.manner.authenticated_ago
                    },
                session_ends: Some(desk.now + 8 * HOUR),
                context: context.to_owned(),
            }),
            session_index: fresh_id(),
            attributes: attributes(desk.manner.attributes, person),
            address: person.address.clone(),
            advice: None,
            extensions: Vec::new(),
        }
    }

    pub(super) fn refusal(desk: &Desk, wish: &SignOn, codes: [&str; 2]) -> Self {
        let nobody = Person::saml("nobody@nowhere.invalid", "Nobody");
        let mut draft = Self::honest(desk, wish, &nobody, "");
        draft.status = codes.map(str::to_owned).to_vec();
        draft
    }

    /// The address of somebody who has more to say at the person's own organisation.
    pub(super) fn forged_address(&self) -> String {
        let domain = self
            .address
            .rsplit_once('@')
            .map_or("", |(_, domain)| domain);
        format!("boss@{domain}")
    }

    pub(super) fn extensions(&self) -> Vec<Element> {
        self.extensions.clone()
    }

    /// The response without anything in it but its status.
    pub(super) fn response(&self) -> Element {
        let mut response = samlp("Response")
            .with("ID", &self.response_id)
            .with("Version", self.version)
            .with("IssueInstant", &written(self.issued))
            .with_some("Destination", self.destination.as_deref())
            .with_some("InResponseTo", self.in_response_to.as_deref())
            .holding_some(self.response_issuer.as_deref().map(issuer));
        // The second code stands inside the first.
        let status = self.status.iter().rev().fold(None, |inner, code| {
            Some(samlp("StatusCode").with("Value", code).holding_some(inner))
        });
        if let Some(code) = status {
            response = response.holding(samlp("Status").holding(code));
        }
        response
    }

    pub(super) fn assertion(&self) -> Element {
        saml("Assertion")
            .with("ID", &self.assertion_id)
            .with("Version", "2.0")
            .with("IssueInstant", &written(self.issued))
            .holding_some(self.assertion_issuer.as_deref().map(issuer))
            .holding_some(self.has_subject.then(|| self.subject()))
            .holding_some(self.conditions.as_ref().map(Conditions::element))
            .holding_some(self.advice.clone())
            .holding_some(
                self.statement
                    .as_ref()
                    .map(|one| one.element(&self.session_index)),
            )
            .holding(self.attribute_statement())
    }

    pub(super) fn second_assertion(&self) -> Element {
        let mut second = self.assertion();
        second.set("ID", Some(&fresh_id()));
        second
    }

    fn subject(&self) -> Element {
        let name = self.name.as_deref().map(|name| {
            let mut element = saml("NameID")
                .with("Format", self.name_kind.format())
                .text(name);
            if let Some((provider, us)) = &self.qualifiers {
                element.set("NameQualifier", Some(provider));
                element.set("SPNameQualifier", Some(us));
            }
            element.children.extend(self.tail.iter().cloned());
            element
        });
        let confirmation = self.confirmation.as_ref().map(Confirmation::element);
        saml("Subject")
            .holding_some(name)
            .holding_some(confirmation)
    }

    fn attribute_statement(&self) -> Element {
        let mut statement = saml("AttributeStatement");
        for (name, format, values) in &self.attributes {
            let mut attribute = saml("Attribute")
                .with("Name", name)
                .with("NameFormat", format);
            for value in values {
                let mut element = saml("AttributeValue").text(value);
                if value.contains('@') {
                    element.children.extend(self.tail.iter().cloned());
                }
                attribute = attribute.holding(element);
            }
            statement = statement.holding(attribute);
        }
        statement
    }
}

impl Confirmation {
    fn element(&self) -> Element {
        let data = saml("SubjectConfirmationData")
            .with_some("Recipient", self.recipient.as_deref())
            .with_some("InResponseTo", self.request.as_deref())
            .with_some("NotBefore", self.begins.map(written).as_deref())
            .with_some("NotOnOrAfter", self.ends.map(written).as_deref());
        saml("SubjectConfirmation")
            .with("Method", self.method)
            .holding(data)
    }
}

impl Conditions {
    fn element(&self) -> Element {
        let mut conditions = saml("Conditions")
            .with_some("NotBefore", self.begins.map(written).as_deref())
            .with_some("NotOnOrAfter", self.ends.map(written).as_deref())
            .holding_some(self.other.clone());
        for audience in &self.audiences {
            let audience = saml("Audience").text(audience);
            conditions = conditions.holding(saml("AudienceRestriction").holding(audience));
        }
        conditions
    }
}

impl Statement {
    fn element(&self, session_index: &str) -> Element {
        let class = saml("AuthnContextClassRef").text(&self.context);
        saml("AuthnStatement")
            .with("AuthnInstant", &written(self.instant))
            .with("SessionIndex", session_index)
            .with_some(
                "SessionNotOnOrAfter",
                self.session_ends.map(written).as_deref(),
            )
            .holding(saml("AuthnContext").holding(class))
    }
}

/// An element that means nothing to anybody.
pub(super) fn note() -> Element {
    Element::new("x", "urn:x-note", "Note").with("ID", &fresh_id())
}

fn issuer(entity_id: &str) -> Element {
    saml("Issuer").text(entity_id)
}

fn attributes(names: AttributeNames, person: &Person) -> Vec<(String, &'static str, Vec<String>)> {
    const URI: &str = "urn:oasis:names:tc:SAML:2.0:attrname-format:uri";
    const BASIC: &str = "urn:oasis:names:tc:SAML:2.0:attrname-format:basic";
    const CLAIMS: &str = "http://schemas.xmlsoap.org/ws/2005/05/identity/claims/";
    let (format, mail, display) = match names {
        AttributeNames::Claims => (
            URI,
            format!("{CLAIMS}emailaddress"),
            format!("{CLAIMS}name"),
        ),
        AttributeNames::Oids => (
            URI,
            "urn:oid:0.9.2342.19200300.100.1.3".to_owned(),
            "urn:oid:2.16.840.1.113730.3.1.241".to_owned(),
        ),
        AttributeNames::Basic => (BASIC, "mail".to_owned(), "displayName".to_owned()),
    };
    let mut attributes = Vec::new();
    if let Some(email) = &person.email {
        attributes.push((mail, format, vec![email.clone()]));
    }
    attributes.push((display, format, vec![person.name.clone()]));
    for (name, value) in &person.claims {
        attributes.retain(|(known, _, _)| known != name);
        let values = match value {
            Value::Null => continue,
            Value::Array(values) => values.iter().map(text).collect(),
            value => vec![text(value)],
        };
        attributes.push((name.clone(), format, values));
    }
    attributes
}

fn text(value: &Value) -> String {
    value
        .as_str()
        .map_or_else(|| value.to_string(), str::to_owned)
}
