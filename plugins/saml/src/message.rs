//! Sign-outs that the provider asks for or answers (SAML core, 3.7). Never believed unsigned.

use crate::accepted::NameId;
use crate::guard::{Children, LARGEST, Message, PROTOCOL, SAML, line, moment};
use crate::refused::Refused;
use crate::response::success;
use crate::statement::read_name;
use crate::trust::IdentityProvider;
use crate::verify::verify;
use crate::xml;

/// Oldest `IssueInstant`, seconds, without the skew.
pub(crate) const LONGEST_AGE: i64 = 300;

/// Most sessions in one request.
const SESSIONS: usize = 256;

/// Longest session index, bytes.
const LONGEST_INDEX: usize = 1024;

/// Where the signature of a message is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum MessageSignature {
    /// In it: it came by POST.
    Enveloped,
    /// Beside it: it came by Redirect, and [`crate::redirect::verify_redirect`] gave it.
    Detached,
}

/// The provider ends sessions.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct LogoutRequest {
    pub(crate) id: String,
    pub(crate) issuer: String,
    pub(crate) name_id: NameId,
    /// None means every session of the person.
    pub(crate) session_indexes: Vec<String>,
    /// When it was made, seconds since the Unix epoch.
    pub(crate) issued_at: i64,
    /// Seconds since the Unix epoch, as the message says it.
    pub(crate) not_on_or_after: Option<i64>,
}

/// The provider's answer to our request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct LogoutResponse {
    pub(crate) id: String,
    pub(crate) in_response_to: String,
    /// Whether every session ended.
    pub(crate) success: bool,
}

/// Judges a `LogoutRequest`.
///
/// - `xml`: the document; inflated and verified already where the signature is detached.
/// - `destination`: the URL at which it arrived; must be named.
/// - `skew`: difference allowed between the clocks, seconds.
/// - `now`: seconds since the Unix epoch.
///
/// # Errors
/// [`Refused`] with the first thing that is wrong. An encrypted name is one.
pub(crate) fn logout_request(
    xml: &[u8],
    provider: &IdentityProvider,
    signature: MessageSignature,
    destination: &str,
    skew: i64,
    now: i64,
) -> Result<LogoutRequest, Refused> {
    let document = xml::parse(xml, LARGEST)?;
    let mut message = Message::read(&document, "LogoutRequest")?;
    let at = At {
        destination,
        skew,
        now,
    };
    check(&message, provider, &at)?;
    let until = moment(message.root, "NotOnOrAfter")?;
    if until.is_some_and(|until| now >= until.saturating_add(skew)) {
        return Err(Refused::Time("the request has ended"));
    }
    let name = message.body.take(SAML, "NameID");
    let name_id = read_name(name.ok_or(Refused::Missing("readable name of the subject"))?)?;
    let indexes = message.body.all(PROTOCOL, "SessionIndex");
    if indexes.len() > SESSIONS {
        return Err(Refused::Structure("too many sessions"));
    }
    let indexes = indexes.into_iter().map(|index| line(index, LONGEST_INDEX));
    let session_indexes = indexes.collect::<Result<_, _>>()?;
    let (id, issuer) = (message.id.to_owned(), message.issuer.clone());
    let issued_at = message.issued_at;
    verified(xml, &document, message, provider, signature)?;
    Ok(LogoutRequest {
        id,
        issuer,
        name_id,
        session_indexes,
        issued_at,
        not_on_or_after: until,
    })
}

/// Judges a `LogoutResponse`; arguments and errors as for [`logout_request`].
///
/// The caller compares `in_response_to` with the id of its request.
pub(crate) fn logout_response(
    xml: &[u8],
    provider: &IdentityProvider,
    signature: MessageSignature,
    destination: &str,
    skew: i64,
    now: i64,
) -> Result<LogoutResponse, Refused> {
    let document = xml::parse(xml, LARGEST)?;
    let mut message = Message::read(&document, "LogoutResponse")?;
    let at = At {
        destination,
        skew,
        now,
    };
    check(&message, provider, &at)?;
    let in_response_to = message.in_response_to;
    let in_response_to = in_response_to.ok_or(Refused::Missing("`InResponseTo`"))?;
    let success = match success(&mut message.body) {
        Ok(()) => true,
        Err(Refused::Status(_)) => false,
        Err(refused) => return Err(refused),
    };
    let (id, in_response_to) = (message.id.to_owned(), in_response_to.to_owned());
    verified(xml, &document, message, provider, signature)?;
    Ok(LogoutResponse {
        id,
        in_response_to,
        success,
    })
}

/// Where and when a message arrived.
struct At<'a> {
    destination: &'a str,
    skew: i64,
    now: i64,
}

fn check(message: &Message<'_>, provider: &IdentityProvider, at: &At<'_>) -> Result<(), Refused> {
    match message.destination {
        Some(destination) if destination == at.destination => {}
        Some(_) => return Err(Refused::Unexpected("destination")),
        None => return Err(Refused::Missing("destination")),
    }
    if message.issuer != provider.entity_id {
        return Err(Refused::Unexpected("issuer of the message"));
    }
    if message.issued_at > at.now.saturating_add(at.skew) {
        return Err(Refused::Time("issued in the future"));
    }
    let oldest = at.now.saturating_sub(LONGEST_AGE);
    if message.issued_at < oldest.saturating_sub(at.skew) {
        return Err(Refused::Time("issued too long ago"));
    }
    Ok(())
}

/// Nothing is left in the message, and it is signed in the way it came.
fn verified(
    xml: &[u8],
    document: &xml::Xml<'_>,
    message: Message<'_>,
    provider: &IdentityProvider,
    signature: MessageSignature,
) -> Result<(), Refused> {
    Children::end(message.body)?;
    match (signature, message.signed) {
        (MessageSignature::Enveloped, Some(signed)) => verify(xml, document, &[signed], provider),
        (MessageSignature::Enveloped, None) => Err(Refused::Unsigned),
        (MessageSignature::Detached, None) => Ok(()),
        // SAML bindings, 3.4.4.1: it must have been removed.
        (MessageSignature::Detached, Some(_)) => {
            Err(Refused::Structure("a signature in and beside the message"))
        }
    }
}
