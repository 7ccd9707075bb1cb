//! For whom, by whom and until when an assertion speaks. What is missing does not pass.

use crate::guard::{Children, SAML, empty, identity, issuer, moment, signed};
use crate::guard::{Message, Signed, line};
use crate::instant;
use crate::refused::Refused;
use crate::trust::Expected;
use crate::xml::Element;

const BEARER: &str = "urn:oasis:names:tc:SAML:2.0:cm:bearer";

/// Longest audience, bytes.
const LONGEST_AUDIENCE: usize = 1024;

/// The frame of the response fits the request and comes from the provider to us (SAML profiles, 4.1.4.2).
///
/// # Errors
/// [`Refused`] with the first thing that does not fit.
pub(crate) fn check_message(message: &Message<'_>, expected: &Expected<'_>) -> Result<(), Refused> {
    match message.destination {
        Some(destination) if destination == expected.consumer => {}
        Some(_) => return Err(Refused::Unexpected("destination")),
        None if message.signed.is_some() => return Err(Refused::Missing("destination")),
        None => {}
    }
    answers(message.in_response_to, expected)?;
    if message.issuer != expected.provider.entity_id {
        return Err(Refused::Unexpected("issuer of the response"));
    }
    fresh(message.issued_at, expected)
}

/// An assertion whose subject, conditions and times fit.
pub(crate) struct Fitting<'t> {
    pub(crate) id: &'t str,
    pub(crate) issuer: String,
    pub(crate) subject: Element<'t>,
    pub(crate) signed: Option<Signed<'t>>,
    /// Seconds since the Unix epoch from which it does not fit any more.
    pub(crate) dead_at: i64,
    /// The statements.
    pub(crate) body: Children<'t>,
}

/// Reads the frame of an assertion and judges everything that is not a statement (SAML core, 2.3.3, 2.4 and 2.5).
///
/// # Errors
/// [`Refused`] with the first thing that does not fit.
pub(crate) fn fitting<'t>(
    assertion: Element<'t>,
    expected: &Expected<'_>,
) -> Result<Fitting<'t>, Refused> {
    let (id, issued_at) = identity(assertion)?;
    let mut body = Children::of(assertion);
    let issuer = issuer(&mut body)?;
    if issuer != expected.provider.entity_id {
        return Err(Refused::Unexpected("issuer of the assertion"));
    }
    fresh(issued_at, expected)?;
    let signed = signed(assertion, id, &mut body);
    let subject = body.take(SAML, "Subject");
    let subject = subject.ok_or(Refused::Missing("subject"))?;
    let conditions = body.take(SAML, "Conditions");
    let until = check_conditions(conditions.ok_or(Refused::Missing("conditions"))?, expected)?;
    let _advice = body.take(SAML, "Advice");
    let too_old = issued_at
        .saturating_add(expected.longest_age)
        .saturating_add(1);
    Ok(Fitting {
        id,
        issuer,
        subject,
        signed,
        dead_at: until.min(too_old).saturating_add(expected.skew),
        body,
    })
}

/// One bearer confirmation, for this request at this consumer (SAML profiles, 4.1.4.2 and 4.1.4.3).
///
/// Gives the moment from which it does not confirm any more, skew included.
pub(crate) fn confirmed(
    confirmation: Element<'_>,
    expected: &Expected<'_>,
) -> Result<i64, Refused> {
    if confirmation.attribute("Method") != Some(BEARER) {
        return Err(Refused::Unexpected("method of the subject confirmation"));
    }
    let mut children = Children::of(confirmation);
    let data = children.take(SAML, "SubjectConfirmationData");
    let data = data.ok_or(Refused::Missing("data of the subject confirmation"))?;
    children.end()?;
    empty(data)?;
    if data.attribute("NotBefore").is_some() {
        return Err(Refused::Unexpected(
            "`NotBefore` of the subject confirmation",
        ));
    }
    match data.attribute("Recipient") {
        Some(recipient) if recipient == expected.consumer => {}
        Some(_) => return Err(Refused::Unexpected("recipient")),
        None => return Err(Refused::Missing("recipient")),
    }
    answers(data.attribute("InResponseTo"), expected)?;
    let until = moment(data, "NotOnOrAfter")?;
    let until = until.ok_or(Refused::Missing("end of the subject confirmation"))?;
    let dead_at = until.saturating_add(expected.skew);
    if expected.now >= dead_at {
        return Err(Refused::Time("the subject confirmation has ended"));
    }
    Ok(dead_at)
}

/// A session of the provider that has not ended; when it ends, skew included.
pub(crate) fn in_session(
    statement: Element<'_>,
    expected: &Expected<'_>,
) -> Result<Option<i64>, Refused> {
    let until = moment(statement, "SessionNotOnOrAfter")?;
    let dead_at = until.map(|until| until.saturating_add(expected.skew));
    if dead_at.is_some_and(|dead_at| expected.now >= dead_at) {
        return Err(Refused::Time("the provider's session has ended"));
    }
    Ok(dead_at)
}

/// When the person authenticated: neither in the future nor before it was asked for.
pub(crate) fn authenticated_at(
    statement: Element<'_>,
    expected: &Expected<'_>,
) -> Result<i64, Refused> {
    let text = statement.attribute("AuthnInstant");
    let text = text.ok_or(Refused::Missing("moment of authentication"))?;
    let at = instant::read(text).ok_or(Refused::Unexpected("form of a moment"))?;
    if at > expected.now.saturating_add(expected.skew) {
        return Err(Refused::Time("the authentication lies in the future"));
    }
    let since = expected.authenticated_since;
    if since.is_some_and(|since| at.saturating_add(expected.skew) < since) {
        return Err(Refused::Time(
            "the authentication is older than was asked for",
        ));
    }
    Ok(at)
}

/// The id of our request, or none where there was none.
fn answers(in_response_to: Option<&str>, expected: &Expected<'_>) -> Result<(), Refused> {
    match (in_response_to, expected.in_response_to) {
        (Some(said), Some(ours)) if said == ours => Ok(()),
        (None, None) => Ok(()),
        (None, Some(_)) => Err(Refused::Missing("`InResponseTo`")),
        (Some(_), _) => Err(Refused::Unexpected("`InResponseTo`")),
    }
}

/// Issued a short while ago.
fn fresh(issued_at: i64, expected: &Expected<'_>) -> Result<(), Refused> {
    if issued_at > expected.now.saturating_add(expected.skew) {
        return Err(Refused::Time("issued in the future"));
    }
    let oldest = expected.now.saturating_sub(expected.longest_age);
    if issued_at < oldest.saturating_sub(expected.skew) {
        return Err(Refused::Time("issued too long ago"));
    }
    Ok(())
}

/// Gives `NotOnOrAfter`.
fn check_conditions(conditions: Element<'_>, expected: &Expected<'_>) -> Result<i64, Refused> {
    let from = moment(conditions, "NotBefore")?;
    if from.is_some_and(|from| expected.now.saturating_add(expected.skew) < from) {
        return Err(Refused::Time("the conditions do not hold yet"));
    }
    let until = moment(conditions, "NotOnOrAfter")?;
    let until = until.ok_or(Refused::Missing("end of the conditions"))?;
    if expected.now >= until.saturating_add(expected.skew) {
        return Err(Refused::Time("the conditions have ended"));
    }
    let mut restricted = false;
    for condition in conditions.children() {
        match condition.name() {
            _ if condition.namespace() != Some(SAML) => return Err(unknown()),
            "AudienceRestriction" => {
                check_audience(condition, expected.audience)?;
                restricted = true;
            }
            // Assertions are consumed once anyway; and we issue none from them.
            "OneTimeUse" | "ProxyRestriction" => {}
            _ => return Err(unknown()),
        }
    }
    if !restricted {
        return Err(Refused::Missing("audience"));
    }
    Ok(until)
}

fn unknown() -> Refused {
    Refused::Unexpected("condition")
}

/// Restrictions are joined by "and", the audiences in one by "or" (SAML core, 2.5.1.4).
fn check_audience(restriction: Element<'_>, ours: &str) -> Result<(), Refused> {
    let mut named = false;
    let mut children = Children::of(restriction);
    for audience in children.all(SAML, "Audience") {
        named |= line(audience, LONGEST_AUDIENCE)? == ours;
    }
    children.end()?;
    if named {
        Ok(())
    } else {
        Err(Refused::Unexpected("audience"))
    }
}
