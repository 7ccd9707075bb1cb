//! From what a provider claims to what the gateway believes.
//!
//! A provider plugin has verified its protocol. What is checked here is what must never be left to one:
//! whether this provider may speak for that issuer, that cloud and that address.

use std::collections::BTreeSet;

use crate::address::{DomainName, EmailAddress};
use crate::cloud::Clouds;
use crate::id::{CloudName, ProviderId, ProviderKind};
use crate::person::IdentityKey;
use crate::time::UnixTime;

/// How far a moment reported by a provider may lie in the future, in seconds.
pub const MAX_SKEW: i64 = 300;

/// What a provider says about the person. Nothing in it is believed yet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Claims {
    /// The issuer.
    pub issuer: String,
    /// The provider's tenant.
    pub tenant: Option<String>,
    /// The subject.
    pub subject: String,
    /// The cloud of the account, as named by the provider.
    pub cloud: Option<String>,
    /// The address with what it is said to prove.
    pub email: Option<(String, EmailProof)>,
    /// When the person authenticated, if the provider says.
    pub authenticated_at: Option<UnixTime>,
    /// Authentication methods.
    pub amr: Vec<String>,
    /// Authentication contexts satisfied.
    pub contexts: Vec<String>,
}

/// How an address was proven, from nothing to best.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum EmailProof {
    /// Merely said.
    None,
    /// The provider verified the mailbox at some time in the past.
    ProviderVerified,
    /// The owner of the domain vouches.
    DomainOwner,
    /// Control of the mailbox was shown just now.
    Mailbox,
}

/// Addresses a provider may speak for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DomainScope {
    /// Any domain, where its owner or the mailbox itself vouches.
    Any,
    /// These domains; for them the provider's own verification is enough.
    Only(BTreeSet<DomainName>),
}

/// What the operator trusts a configured provider with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProviderTrust {
    /// The provider.
    pub id: ProviderId,
    /// Its kind.
    pub kind: ProviderKind,
    /// Issuers it may speak for, exact; `{tenantid}` stands for the claimed tenant.
    pub issuers: Vec<String>,
    /// The cloud whose accounts it signs in; absent for providers without clouds.
    pub cloud: Option<CloudName>,
    /// Addresses it may speak for.
    pub domains: DomainScope,
}

/// What the gateway believes after a sign-in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Assertion {
    /// Who it is.
    pub key: IdentityKey,
    /// The kind of provider that vouched.
    pub kind: ProviderKind,
    /// The proven address. Absent when nothing proves one.
    pub address: Option<(EmailAddress, EmailProof)>,
    /// The address as merely said, for the operator's log.
    pub unproven: Option<EmailAddress>,
    /// When the person authenticated.
    pub authenticated_at: UnixTime,
    /// Authentication methods.
    pub amr: Vec<String>,
    /// Authentication contexts satisfied.
    pub contexts: Vec<String>,
}

/// Why claims are not believed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AssertionRejected {
    /// The subject is empty, or absurdly long.
    #[error("the provider named no subject")]
    NoSubject,
    /// The provider may not speak for this issuer.
    #[error("provider `{provider}` may not speak for issuer `{issuer}`")]
    IssuerNotTrusted {
        /// The provider.
        provider: ProviderId,
        /// The issuer it named.
        issuer: String,
    },
    /// The account lives in another cloud than this provider signs in.
    #[error("provider `{provider}` signs in accounts of another cloud than `{cloud}`")]
    CloudNotTrusted {
        /// The provider.
        provider: ProviderId,
        /// The cloud it named, or `none`.
        cloud: String,
    },
    /// The person is said to have authenticated in the future.
    #[error("the provider names a moment in the future")]
    FromTheFuture,
}

/// Judges `claims` of the provider described by `trust`.
///
/// # Errors
/// [`AssertionRejected`]. An address that is not proven, or outside what the provider may speak for, is no
/// error: it is left out, and with it whatever was granted to it.
pub fn accept(
    claims: &Claims,
    trust: &ProviderTrust,
    clouds: &Clouds,
    now: UnixTime,
) -> Result<Assertion, AssertionRejected> {
    if claims.subject.trim().is_empty() || claims.subject.len() > 512 {
        return Err(AssertionRejected::NoSubject);
    }
    if !speaks_for(trust, claims) {
        return Err(AssertionRejected::IssuerNotTrusted {
            provider: trust.id.clone(),
            issuer: claims.issuer.clone(),
        });
    }
    let cloud = believed_cloud(claims, trust, clouds)?;
    let authenticated_at = claims.authenticated_at.unwrap_or(now);
    if authenticated_at.since(now) > MAX_SKEW {
        return Err(AssertionRejected::FromTheFuture);
    }
    let said = claims.email.as_ref().and_then(|(text, proof)| {
        let address = EmailAddress::parse(text).ok()?;
        Some((address, *proof))
    });
    let (address, unproven) = match said {
        Some((address, proof)) if proves(proof, &address, &trust.domains) => {
            (Some((address, proof)), None)
        }
        Some((address, _)) => (None, Some(address)),
        None => (None, None),
    };
    Ok(Assertion {
        key: IdentityKey {
            cloud,
            provider: trust.id.clone(),
            issuer: claims.issuer.clone(),
            tenant: claims
                .tenant
                .as_ref()
                .map(|tenant| tenant.to_ascii_lowercase()),
            subject: claims.subject.clone(),
        },
        kind: trust.kind.clone(),
        address,
        unproven,
        authenticated_at: authenticated_at.min(now),
        amr: claims.amr.clone(),
        contexts: claims.contexts.clone(),
    })
}

fn speaks_for(trust: &ProviderTrust, claims: &Claims) -> bool {
    trust.issuers.iter().any(
        |pattern| match (&claims.tenant, pattern.contains("{tenantid}")) {
            (Some(tenant), true) => {
                is_tenant_id(tenant) && pattern.replace("{tenantid}", tenant) == claims.issuer
            }
            (None, true) => false,
            (_, false) => *pattern == claims.issuer,
        },
    )
}

fn is_tenant_id(text: &str) -> bool {
    let groups = [8, 4, 4, 4, 12];
    text.split('-').count() == groups.len()
        && text.split('-').zip(groups).all(|(group, length)| {
            group.len() == length && group.bytes().all(|b| b.is_ascii_hexdigit())
        })
}

fn believed_cloud(
    claims: &Claims,
    trust: &ProviderTrust,
    clouds: &Clouds,
) -> Result<Option<CloudName>, AssertionRejected> {
    let not_trusted = || AssertionRejected::CloudNotTrusted {
        provider: trust.id.clone(),
        cloud: claims.cloud.clone().unwrap_or_else(|| "none".to_owned()),
    };
    match (&trust.cloud, &claims.cloud) {
        (None, None) => Ok(None),
        (Some(expected), Some(said))
            if expected.as_str() == said && clouds.find(expected).is_some() =>
        {
            Ok(Some(expected.clone()))
        }
        _ => Err(not_trusted()),
    }
}

fn proves(proof: EmailProof, address: &EmailAddress, scope: &DomainScope) -> bool {
    match scope {
        DomainScope::Any => proof >= EmailProof::DomainOwner,
        DomainScope::Only(domains) => {
            domains.contains(address.domain()) && proof >= EmailProof::ProviderVerified
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{clouds, domains};

    const TENANT: &str = "33333333-3333-4333-8333-333333333333";
    const NOW: UnixTime = UnixTime(1_000);

    fn trust() -> ProviderTrust {
        ProviderTrust {
            id: ProviderId::parse("work-school").unwrap(),
            kind: ProviderKind::parse("work-school").unwrap(),
            issuers: vec!["https://login.example/{tenantid}/v2.0".to_owned()],
            cloud: Some(CloudName::parse("worldwide").unwrap()),
            domains: DomainScope::Any,
        }
    }

    fn claims() -> Claims {
        Claims {
            issuer: format!("https://login.example/{TENANT}/v2.0"),
            tenant: Some(TENANT.to_owned()),
            subject: "ada".to_owned(),
            cloud: Some("worldwide".to_owned()),
            email: Some(("Ada@Fabrikam.Example".to_owned(), EmailProof::DomainOwner)),
            authenticated_at: Some(UnixTime(900)),
            amr: vec![],
            contexts: vec![],
        }
    }

    fn check(claims: &Claims, trust: &ProviderTrust, want: &str) {
        let got = match accept(claims, trust, &clouds(), NOW) {
            Ok(assertion) => match assertion.address {
                Some((address, _)) => address.to_string(),
                None => "no address".to_owned(),
            },
            Err(AssertionRejected::NoSubject) => "no subject".to_owned(),
            Err(AssertionRejected::IssuerNotTrusted { .. }) => "issuer".to_owned(),
            Err(AssertionRejected::CloudNotTrusted { .. }) => "cloud".to_owned(),
            Err(AssertionRejected::FromTheFuture) => "future".to_owned(),
        };
        assert_eq!(got, want, "{claims:?}");
    }

    #[test]
    fn a_good_assertion_is_believed() {
        check(&claims(), &trust(), "ada@fabrikam.example");
    }

    #[test]
    fn a_provider_speaks_for_its_issuers_only() {
        for (issuer, tenant) in [
            (
                "https://login.evil/{tenantid}/v2.0".replace("{tenantid}", TENANT),
                Some(TENANT),
            ),
            (
                format!("https://login.example/{TENANT}/v2.0/"),
                Some(TENANT),
            ),
            (format!("https://login.example/{TENANT}/v2.0"), None),
            ("https://login.example/{tenantid}/v2.0".to_owned(), None),
            (
                "https://login.example/{tenantid}/v2.0".to_owned(),
                Some("{tenantid}"),
            ),
            (
                "https://login.example/common/v2.0".to_owned(),
                Some("common"),
            ),
            (
                format!("https://login.example/{TENANT}/v2.0"),
                Some("44444444-4444-4444-8444-444444444444"),
            ),
        ] {
            let claims = Claims {
                issuer,
                tenant: tenant.map(str::to_owned),
                ..claims()
            };
            check(&claims, &trust(), "issuer");
        }
    }

    #[test]
    fn sec_078_an_empty_subject_is_nobody() {
        for subject in ["", "  ", &"x".repeat(513)] {
            check(
                &Claims {
                    subject: subject.to_owned(),
                    ..claims()
                },
                &trust(),
                "no subject",
            );
        }
    }

    #[test]
    fn the_cloud_is_the_one_the_provider_signs_in() {
        for cloud in [None, Some("gcc-high"), Some("bleu"), Some("")] {
            let claims = Claims {
                cloud: cloud.map(str::to_owned),
                ..claims()
            };
            check(&claims, &trust(), "cloud");
        }
        check(
            &claims(),
            &ProviderTrust {
                cloud: None,
                ..trust()
            },
            "cloud",
        );
        let unknown = ProviderTrust {
            cloud: Some(CloudName::parse("bleu").unwrap()),
            ..trust()
        };
        check(
            &Claims {
                cloud: Some("bleu".to_owned()),
                ..claims()
            },
            &unknown,
            "cloud",
        );
    }

    #[test]
    fn sec_074_an_address_counts_only_with_proof() {
        let said = |proof| Claims {
            email: Some(("ada@fabrikam.example".to_owned(), proof)),
            ..claims()
        };
        check(&said(EmailProof::None), &trust(), "no address");
        check(&said(EmailProof::ProviderVerified), &trust(), "no address");
        check(
            &said(EmailProof::DomainOwner),
            &trust(),
            "ada@fabrikam.example",
        );
        check(&said(EmailProof::Mailbox), &trust(), "ada@fabrikam.example");
    }

    #[test]
    fn sec_073_a_provider_speaks_for_its_domains_only() {
        let only = |list: &[&str]| ProviderTrust {
            domains: DomainScope::Only(domains(list)),
            ..trust()
        };
        check(&claims(), &only(&["contoso.example"]), "no address");
        check(
            &claims(),
            &only(&["fabrikam.example"]),
            "ada@fabrikam.example",
        );
        let verified = Claims {
            email: Some((
                "ada@fabrikam.example".to_owned(),
                EmailProof::ProviderVerified,
            )),
            ..claims()
        };
        check(
            &verified,
            &only(&["fabrikam.example"]),
            "ada@fabrikam.example",
        );
    }

    #[test]
    fn nobody_authenticates_in_the_future() {
        let at = |moment| Claims {
            authenticated_at: Some(UnixTime(moment)),
            ..claims()
        };
        check(&at(NOW.0 + MAX_SKEW), &trust(), "ada@fabrikam.example");
        check(&at(NOW.0 + MAX_SKEW + 1), &trust(), "future");
        check(&at(i64::MAX), &trust(), "future");
    }
}
