//! When what a provider rests on ends: certificates among its settings, and what a partner publishes.
//!
//! Nothing is decided by it. A partner's certificate carries a key, which is believed for as long as it is configured or
//! published; but partners change keys when certificates end, and an operator wants to know before.

mod certificate;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use gateway_config::model::Provider;
use gateway_core::time::UnixTime;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject as _;
use serde_json::Value;
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

/// How long before its end something is told of, in seconds: 30 days.
pub const TOLD_BEFORE: i64 = 30 * DAY;

const DAY: i64 = 24 * 60 * 60;

/// Something that ends.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ending {
    /// The key of the setting, dotted, or the URL of the document.
    pub place: String,
    /// What of it.
    pub what: What,
    /// From when on it is over.
    pub at: UnixTime,
}

/// What ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum What {
    /// A certificate; of several, the one that lasts longest.
    Certificate,
    /// SAML metadata, by its `validUntil`: past it nobody is signed in by it.
    Metadata,
}

impl Ending {
    /// Whether it is over at `now`, or will be within [`TOLD_BEFORE`].
    #[must_use]
    pub fn is_near(&self, now: UnixTime) -> bool {
        self.at.since(now) < TOLD_BEFORE
    }

    /// The sentence for operators, without the place.
    #[must_use]
    pub fn told(&self, now: UnixTime) -> String {
        let what = match self.what {
            What::Certificate => "the certificate",
            What::Metadata => "the metadata (`validUntil`)",
        };
        let day = OffsetDateTime::from_unix_timestamp(self.at.0).map_or_else(
            |_| "a day out of range".to_owned(),
            |at| at.date().to_string(),
        );
        match self.at.since(now) {
            left if left <= 0 => format!("{what} ended on {day}: replace it"),
            left if left < DAY => format!("{what} ends within a day, on {day}: replace it"),
            left if left < 2 * DAY => format!("{what} ends in 1 day, on {day}: replace it"),
            left => format!("{what} ends in {} days, on {day}: replace it", left / DAY),
        }
    }
}

/// What ends among the settings of a provider, in no order that means anything.
#[must_use]
pub fn among_settings(provider: &Provider) -> Vec<Ending> {
    let Value::Object(settings) = &provider.settings.0 else {
        return Vec::new();
    };
    settings
        .iter()
        .flat_map(|(key, value)| {
            let texts: Vec<&str> = match value {
                Value::String(text) => vec![text],
                Value::Array(all) => all.iter().filter_map(Value::as_str).collect(),
                _ => Vec::new(),
            };
            of(key, &texts, &provider.trust.issuers)
        })
        .collect()
}

/// What ends of a document.
///
/// - `issuers`: of a federation's list, the part about one of these counts.
#[must_use]
pub fn in_document(url: &str, text: &str, issuers: &[String]) -> Vec<Ending> {
    of(url, &[text], issuers)
}

/// What ends of a PEM file: its first certificate, which is the one that is shown.
#[must_use]
pub fn in_pem(place: &str, pem: &[u8]) -> Option<Ending> {
    Some(Ending {
        place: place.to_owned(),
        what: What::Certificate,
        at: first_of_pem(pem)?,
    })
}

/// Of several certificates the one that lasts longest counts: during a change of keys there is an old one beside it.
fn of(place: &str, texts: &[&str], issuers: &[String]) -> Vec<Ending> {
    let ends = texts.iter().flat_map(|text| certificates(text, issuers));
    let certificate = ends.max().map(|at| (What::Certificate, at));
    let metadata = texts.iter().filter_map(|text| valid_until(text, issuers));
    let metadata = metadata.min().map(|at| (What::Metadata, at));
    let ending = |(what, at)| Ending {
        place: place.to_owned(),
        what,
        at,
    };
    certificate
        .into_iter()
        .chain(metadata)
        .map(ending)
        .collect()
}

fn certificates(text: &str, issuers: &[String]) -> Vec<UnixTime> {
    if text.contains("-----BEGIN CERTIFICATE-----") {
        return first_of_pem(text.as_bytes()).into_iter().collect();
    }
    let about = entity(text, issuers).unwrap_or_default();
    about
        .split("X509Certificate>")
        // Between a start and an end; what stands between an end and a start is no base64.
        .filter_map(|part| part.split('<').next())
        .filter_map(|part| {
            let compact: String = part.split_ascii_whitespace().collect();
            certificate::end(&STANDARD.decode(compact).ok()?)
        })
        .collect()
}

fn first_of_pem(pem: &[u8]) -> Option<UnixTime> {
    let first = CertificateDer::pem_slice_iter(pem).next()?.ok()?;
    certificate::end(&first)
}

/// The part of SAML metadata that is about one of the issuers.
fn entity<'a>(text: &'a str, issuers: &[String]) -> Option<&'a str> {
    let found = issuers.iter().find_map(|issuer| {
        [
            format!("entityID=\"{issuer}\""),
            format!("entityID='{issuer}'"),
        ]
        .iter()
        .find_map(|named| text.split_once(named.as_str()))
    });
    let (_, rest) = found?;
    rest.split("EntityDescriptor>").next()
}

/// The soonest of the document's own and the entity's.
fn valid_until(text: &str, issuers: &[String]) -> Option<UnixTime> {
    let about = entity(text, issuers)?;
    let around = text
        .split('>')
        .find(|tag| tag.contains("EntitiesDescriptor"));
    // An attribute before `entityID` stands in front of the part.
    let start = text
        .split(about)
        .next()
        .and_then(|before| before.rsplit('<').next());
    [around, start, Some(about)]
        .into_iter()
        .flatten()
        .filter_map(|part| {
            let (_, rest) = part.split_once("validUntil=")?;
            let quote = rest.chars().next()?;
            let text = rest.get(1..)?.split(quote).next()?;
            let at = OffsetDateTime::parse(text, &Rfc3339).ok()?;
            Some(UnixTime(at.unix_timestamp()))
        })
        .min()
}

#[cfg(test)]
mod tests;
