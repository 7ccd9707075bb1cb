//! What an assertion says about the person.

use std::collections::BTreeMap;

use crate::accepted::{Accepted, NameId};
use crate::condition::{Fitting, authenticated_at, confirmed, fitting, in_session};
use crate::guard::{Children, SAML, Signed, line};
use crate::refused::Refused;
use crate::trust::Expected;
use crate::xml::Element;

/// Longest name of a subject or session, bytes.
const LONGEST_NAME: usize = 1024;

/// Reads an assertion that fits, and where it is signed itself. Nothing here says that it is.
///
/// # Errors
/// [`Refused`] with the first thing that does not fit or cannot be read in one way only.
pub(crate) fn read<'t>(
    assertion: Element<'t>,
    expected: &Expected<'_>,
) -> Result<(Accepted, Option<Signed<'t>>), Refused> {
    let Fitting {
        id,
        issuer,
        subject,
        signed,
        dead_at,
        body,
    } = fitting(assertion, expected)?;
    let (name_id, confirmed_until) = read_subject(subject, expected)?;
    let statements = read_statements(body, expected)?;
    let ends = [Some(dead_at), Some(confirmed_until), statements.until];
    let accepted = Accepted {
        issuer,
        assertion_id: id.to_owned(),
        dead_at: ends.into_iter().flatten().min().unwrap_or(dead_at),
        name_id,
        session_index: statements.session_index,
        authenticated_at: statements.authenticated_at,
        context: statements.context,
        attributes: statements.attributes,
    };
    Ok((accepted, signed))
}

/// The name, and until when it is confirmed.
fn read_subject(subject: Element<'_>, expected: &Expected<'_>) -> Result<(NameId, i64), Refused> {
    let mut children = Children::of(subject);
    let name = children.take(SAML, "NameID");
    let name = read_name(name.ok_or(Refused::Missing("readable name of the subject"))?)?;
    let confirmation = children.take(SAML, "SubjectConfirmation");
    let confirmation = confirmation.ok_or(Refused::Missing("subject confirmation"))?;
    children.end()?;
    Ok((name, confirmed(confirmation, expected)?))
}

/// A `NameID` (SAML core, 2.2.3).
pub(crate) fn read_name(name: Element<'_>) -> Result<NameId, Refused> {
    let attribute = |wanted| name.attribute(wanted).map(str::to_owned);
    Ok(NameId {
        value: line(name, LONGEST_NAME)?,
        format: attribute("Format"),
        name_qualifier: attribute("NameQualifier"),
        sp_name_qualifier: attribute("SPNameQualifier"),
    })
}

struct Statements {
    session_index: Option<String>,
    authenticated_at: i64,
    context: Option<String>,
    until: Option<i64>,
    attributes: BTreeMap<String, Vec<String>>,
}

/// Exactly one authentication, attributes as there are, nothing else.
fn read_statements(body: Children<'_>, expected: &Expected<'_>) -> Result<Statements, Refused> {
    let mut authentication = None;
    let mut attributes = BTreeMap::new();
    for statement in body.rest() {
        if statement.is(SAML, "AuthnStatement") {
            if authentication.replace(statement).is_some() {
                return Err(Refused::Structure("more than one authentication"));
            }
        } else if statement.is(SAML, "AttributeStatement") {
            read_attributes(statement, &mut attributes)?;
        } else {
            return Err(Refused::Structure("a statement that is not expected"));
        }
    }
    let authentication = authentication.ok_or(Refused::Missing("authentication"))?;
    let session_index = authentication.attribute("SessionIndex");
    if session_index.is_some_and(|index| index.is_empty() || index.len() > LONGEST_NAME) {
        return Err(Refused::Unexpected("length of the session index"));
    }
    Ok(Statements {
        session_index: session_index.map(str::to_owned),
        authenticated_at: authenticated_at(authentication, expected)?,
        context: read_context(authentication)?,
        until: in_session(authentication, expected)?,
        attributes,
    })
}

/// `AuthnContextClassRef`, where there is one.
fn read_context(authentication: Element<'_>) -> Result<Option<String>, Refused> {
    let mut children = Children::of(authentication);
    let _address = children.take(SAML, "SubjectLocality");
    let context = children.take(SAML, "AuthnContext");
    let context = context.ok_or(Refused::Missing("context of the authentication"))?;
    children.end()?;
    let class = Children::of(context).take(SAML, "AuthnContextClassRef");
    class.map(|class| line(class, LONGEST_NAME)).transpose()
}

/// Attributes of the same name are one. Encrypted ones are not skipped: they could be the ones that matter.
fn read_attributes(
    statement: Element<'_>,
    attributes: &mut BTreeMap<String, Vec<String>>,
) -> Result<(), Refused> {
    let mut children = Children::of(statement);
    for attribute in children.all(SAML, "Attribute") {
        let name = attribute.attribute("Name");
        let name = name.ok_or(Refused::Missing("name of an attribute"))?;
        let values = attributes.entry(name.to_owned()).or_default();
        let mut children = Children::of(attribute);
        for value in children.all(SAML, "AttributeValue") {
            let text = value.text();
            let text = text.ok_or(Refused::Structure("markup in a text"))?;
            values.push(text.into_owned());
        }
        children.end()?;
    }
    children.end()
}
