//! The Redirect binding (SAML bindings, 3.4): the message deflated in the query, its signature beside it over the query
//! as it arrived.

use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_ASN1, ECDSA_P256_SHA384_ASN1, ECDSA_P256_SHA512_ASN1, ECDSA_P384_SHA256_ASN1,
    ECDSA_P384_SHA384_ASN1, ECDSA_P384_SHA512_ASN1, ECDSA_P521_SHA256_ASN1, ECDSA_P521_SHA384_ASN1,
    ECDSA_P521_SHA512_ASN1, RSA_PKCS1_2048_8192_SHA256, RSA_PKCS1_2048_8192_SHA384,
    RSA_PKCS1_2048_8192_SHA512, UnparsedPublicKey, VerificationAlgorithm,
};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use miniz_oxide::inflate::decompress_to_vec_with_limit;

use crate::certificate::{PublicKey, public_key};
use crate::guard::LARGEST;
use crate::refused::Refused;
use crate::trust::IdentityProvider;
use crate::xml::is_space;

/// Longest query, bytes.
const LONGEST_QUERY: usize = 64 * 1024;

/// Most certificates that are tried.
const KEYS: usize = 8;

/// How a message may be packed; the only way there is.
const DEFLATE: &str = "urn:oasis:names:tc:SAML:2.0:bindings:URL-Encoding:DEFLATE";

/// Verifies the query of a Redirect and unpacks its message.
///
/// - `raw_query`: after `?`, undecoded, attacker-controlled.
/// - `parameter`: `SAMLRequest` or `SAMLResponse`.
///
/// Gives the document, at most 256 KiB, not looked at.
///
/// # Errors
/// [`Refused::Query`] where the query is not one signed message; [`Refused::NoKey`] or [`Refused::Signature`].
///
/// Source: SAML bindings, 3.4.4.1; RFC 9231 for the algorithms.
pub(crate) fn verify_redirect(
    raw_query: &str,
    parameter: &str,
    provider: &IdentityProvider,
) -> Result<Vec<u8>, Refused> {
    if raw_query.len() > LONGEST_QUERY {
        return Err(Refused::Query("too long"));
    }
    let query = Query::read(raw_query, parameter)?;
    let algorithms = algorithms(&query.decoded_algorithm()?)?;
    let signature = unpack(query.signature)?;
    let octets = query.octets(parameter);
    let keys = provider.signing.iter().take(KEYS);
    let keys: Vec<PublicKey> = keys.filter_map(|der| public_key(der).ok()).collect();
    if keys.is_empty() {
        return Err(Refused::NoKey);
    }
    let verified = keys
        .iter()
        .any(|key| verifies(key, &algorithms, octets.as_bytes(), &signature));
    if !verified {
        return Err(Refused::Signature);
    }
    // Only what is signed is inflated, and never further than a message may be long.
    let packed = unpack(query.message)?;
    decompress_to_vec_with_limit(&packed, LARGEST)
        .map_err(|_| Refused::Query("a message that does not unpack to at most 256 KiB"))
}

/// The parameters, as they arrived.
struct Query<'a> {
    message: &'a str,
    relay_state: Option<&'a str>,
    algorithm: &'a str,
    signature: &'a str,
}

impl<'a> Query<'a> {
    fn read(raw_query: &'a str, parameter: &str) -> Result<Self, Refused> {
        let mut message = None;
        let mut relay_state = None;
        let mut algorithm = None;
        let mut signature = None;
        for pair in raw_query.split('&') {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            let place = match name {
                "SAMLRequest" | "SAMLResponse" if name == parameter => &mut message,
                "SAMLRequest" | "SAMLResponse" => {
                    return Err(Refused::Query("a request and a response"));
                }
                "RelayState" => &mut relay_state,
                "SigAlg" => &mut algorithm,
                "Signature" => &mut signature,
                "SAMLEncoding" if decode(value)? == DEFLATE => continue,
                "SAMLEncoding" => return Err(Refused::Query("another packing than DEFLATE")),
                // Another reader could decode it to one of the names above.
                name if name.contains(['%', '+']) => {
                    return Err(Refused::Query("an encoded name of a parameter"));
                }
                _ => continue,
            };
            if place.replace(value).is_some() {
                return Err(Refused::Query("a parameter twice"));
            }
        }
        let missing = Refused::Query("not a message with algorithm and signature");
        Ok(Self {
            message: message.ok_or(missing)?,
            relay_state,
            algorithm: algorithm.ok_or(missing)?,
            signature: signature.ok_or(missing)?,
        })
    }

    /// What is signed: in this order, whatever the order of arrival.
    fn octets(&self, parameter: &str) -> String {
        let relay_state = self.relay_state.map(|value| format!("&RelayState={value}"));
        format!(
            "{parameter}={}{}&SigAlg={}",
            self.message,
            relay_state.unwrap_or_default(),
            self.algorithm
        )
    }

    fn decoded_algorithm(&self) -> Result<String, Refused> {
        decode(self.algorithm)
    }
}

/// A value without its percent-encoding.
fn decode(raw: &str) -> Result<String, Refused> {
    let pair = format!("v={raw}");
    let mut pairs = url::form_urlencoded::parse(pair.as_bytes());
    let value = pairs.next().map(|(_, value)| value.into_owned());
    value.ok_or(Refused::Query("a value that does not decode"))
}

/// Bytes in base64 in a value.
fn unpack(raw: &str) -> Result<Vec<u8>, Refused> {
    let text: String = decode(raw)?.chars().filter(|c| !is_space(*c)).collect();
    STANDARD
        .decode(text)
        .map_err(|_| Refused::Query("a value that is not base64"))
}

/// What may verify, RSA first; one curve after the other.
fn algorithms(name: &str) -> Result<[&'static dyn VerificationAlgorithm; 4], Refused> {
    match name.strip_prefix("http://www.w3.org/2001/04/xmldsig-more#") {
        Some("rsa-sha256" | "ecdsa-sha256") => Ok([
            &RSA_PKCS1_2048_8192_SHA256,
            &ECDSA_P256_SHA256_ASN1,
            &ECDSA_P384_SHA256_ASN1,
            &ECDSA_P521_SHA256_ASN1,
        ]),
        Some("rsa-sha384" | "ecdsa-sha384") => Ok([
            &RSA_PKCS1_2048_8192_SHA384,
            &ECDSA_P256_SHA384_ASN1,
            &ECDSA_P384_SHA384_ASN1,
            &ECDSA_P521_SHA384_ASN1,
        ]),
        Some("rsa-sha512" | "ecdsa-sha512") => Ok([
            &RSA_PKCS1_2048_8192_SHA512,
            &ECDSA_P256_SHA512_ASN1,
            &ECDSA_P384_SHA512_ASN1,
            &ECDSA_P521_SHA512_ASN1,
        ]),
        _ => Err(Refused::Query("a signature algorithm that is not accepted")),
    }
}

fn verifies(
    key: &PublicKey,
    [rsa, curves @ ..]: &[&'static dyn VerificationAlgorithm; 4],
    octets: &[u8],
    signature: &[u8],
) -> bool {
    let verify = |algorithm: &&'static dyn VerificationAlgorithm, signature: &[u8]| {
        UnparsedPublicKey::new(*algorithm, &key.info)
            .verify(octets, signature)
            .is_ok()
    };
    if key.rsa {
        return verify(rsa, signature);
    }
    // RFC 9231 writes two numbers of equal length; some implementations write what their library gives, DER.
    let as_der = der(signature);
    curves.iter().any(|curve| {
        verify(curve, signature) || as_der.as_ref().is_some_and(|der| verify(curve, der))
    })
}

/// Two numbers of equal length as `ECDSA-Sig-Value` (RFC 3279, 2.2.3).
fn der(signature: &[u8]) -> Option<Vec<u8>> {
    if !matches!(signature.len(), 64 | 96 | 132) {
        return None;
    }
    let (r, s) = signature.split_at(signature.len() / 2);
    let body = [integer(r)?, integer(s)?].concat();
    let length = u8::try_from(body.len()).ok()?;
    let head: &[u8] = if length < 0x80 {
        &[0x30, length]
    } else {
        &[0x30, 0x81, length]
    };
    Some([head, &body].concat())
}

/// A positive number in DER.
fn integer(bytes: &[u8]) -> Option<Vec<u8>> {
    let start = bytes.iter().position(|byte| *byte != 0)?;
    let digits = bytes.get(start..)?;
    let sign: &[u8] = if digits.first()? & 0x80 == 0 {
        &[]
    } else {
        &[0]
    };
    let length = u8::try_from(sign.len() + digits.len()).ok()?;
    Some([&[0x02, length], sign, digits].concat())
}
