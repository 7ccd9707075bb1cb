//! From the bytes of a response to what may be believed of it.
//!
//! The guard reads the document and judges everything that costs nothing; then the two verifiers say whether exactly
//! what was read is signed. They supply no value: a verifier can only refuse. An encrypted assertion is opened and put
//! in its place, and the document that comes out goes through the whole of this again.

use crate::accepted::Accepted;
use crate::condition::check_message;
use crate::decrypt;
use crate::guard::{Children, LARGEST, Message, PROTOCOL, SAML};
use crate::refused::{Refused, Status};
use crate::statement;
use crate::trust::Expected;
use crate::verify::verify;
use crate::xml::{self, Element, Xml};

/// Judges a response.
///
/// - `xml`: the base64-decoded `SAMLResponse`, attacker-controlled.
///
/// The caller consumes the assertion's id until `dead_at`.
///
/// # Errors
/// [`Refused`] with the first thing that is wrong; [`Refused::is_signature`] where newer metadata may help.
///
/// Source: SAML profiles, 4.1.4.3; SAML core, 5.4.
pub(crate) fn accept(xml: &[u8], expected: &Expected<'_>) -> Result<Accepted, Refused> {
    let document = xml::parse(xml, LARGEST)?;
    let response = Response::read(&document, expected)?;
    let encrypted = match response.content {
        Content::Assertion(assertion) => {
            return believe(xml, &document, &response, assertion, false, expected);
        }
        Content::Encrypted(encrypted) => encrypted,
    };
    // Over the ciphertext, before it is opened: nobody but the provider learns what opens.
    let enclosed = response.message.signed;
    if let Some(signed) = enclosed {
        verify(xml, &document, &[signed], expected.provider)?;
    }
    let opened = decrypt::open(encrypted, enclosed.is_some(), expected)?;
    let plain = decrypt::substitute(xml, encrypted, enclosed, &opened)?;
    let document = xml::parse(&plain, LARGEST)?;
    let response = Response::read(&document, expected)?;
    let Content::Assertion(assertion) = response.content else {
        return Err(Refused::Encryption("an encrypted assertion in another"));
    };
    believe(
        &plain,
        &document,
        &response,
        assertion,
        enclosed.is_some(),
        expected,
    )
}

/// The assertion, if it is signed or enclosed in what is.
///
/// - `enclosed`: the response around it was signed and verified when the assertion was still encrypted.
fn believe(
    xml: &[u8],
    document: &Xml<'_>,
    response: &Response<'_>,
    assertion: Element<'_>,
    enclosed: bool,
    expected: &Expected<'_>,
) -> Result<Accepted, Refused> {
    let (accepted, signed) = statement::read(assertion, expected)?;
    let signed: Vec<_> = response.message.signed.into_iter().chain(signed).collect();
    if signed.is_empty() && !enclosed {
        return Err(Refused::Unsigned);
    }
    if !signed.is_empty() {
        verify(xml, document, &signed, expected.provider)?;
    }
    Ok(accepted)
}

struct Response<'t> {
    message: Message<'t>,
    content: Content<'t>,
}

enum Content<'t> {
    Assertion(Element<'t>),
    Encrypted(Element<'t>),
}

impl<'t> Response<'t> {
    /// Reads a response that fits the request and says success.
    fn read(document: &'t Xml<'_>, expected: &Expected<'_>) -> Result<Self, Refused> {
        let mut message = Message::read(document, "Response")?;
        check_message(&message, expected)?;
        success(&mut message.body)?;
        let assertion = message.body.take(SAML, "Assertion");
        let encrypted = message.body.take(SAML, "EncryptedAssertion");
        let content = assertion
            .map(Content::Assertion)
            .or(encrypted.map(Content::Encrypted))
            .ok_or(Refused::Missing("assertion"))?;
        if message.body.next_is_some() {
            return Err(Refused::Structure("an element that is not expected there"));
        }
        Ok(Self { message, content })
    }
}

/// The `Status` is success.
pub(crate) fn success(body: &mut Children<'_>) -> Result<(), Refused> {
    let status = body.take(PROTOCOL, "Status");
    let mut children = Children::of(status.ok_or(Refused::Missing("status"))?);
    let code = children.take(PROTOCOL, "StatusCode");
    let code = code.ok_or(Refused::Missing("status code"))?;
    let detail = Children::of(code).take(PROTOCOL, "StatusCode");
    let value = code.attribute("Value").unwrap_or_default();
    if value == "urn:oasis:names:tc:SAML:2.0:status:Success" && detail.is_none() {
        return Ok(());
    }
    let detail = detail.and_then(|detail| detail.attribute("Value"));
    let read = [detail, Some(value)]
        .into_iter()
        .flatten()
        .map(Status::read);
    let known = read.into_iter().find(|status| *status != Status::Unknown);
    Err(Refused::Status(known.unwrap_or(Status::Unknown)))
}
