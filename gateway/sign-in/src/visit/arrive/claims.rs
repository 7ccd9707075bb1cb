//! What a provider claims, in the words of the rules.

use gateway_core::assertion::{Claims, EmailProof};
use gateway_core::time::UnixTime;
use plugins_sdk::message::{Claims as Said, EmailProof as SaidProof};

/// The claims in the words of the rules.
pub(super) fn said(claims: &Said) -> Claims {
    Claims {
        issuer: claims.issuer.clone(),
        tenant: claims.tenant.clone(),
        subject: claims.subject.clone(),
        cloud: claims.cloud.clone(),
        email: claims
            .email
            .as_ref()
            .map(|email| (email.address.clone(), proof(email.proof))),
        authenticated_at: claims.authenticated_at.map(UnixTime),
        amr: claims.amr.clone(),
        contexts: claims.contexts.clone(),
    }
}

const fn proof(said: SaidProof) -> EmailProof {
    match said {
        SaidProof::None => EmailProof::None,
        SaidProof::DomainOwner => EmailProof::DomainOwner,
        SaidProof::ProviderVerified => EmailProof::ProviderVerified,
        SaidProof::Mailbox => EmailProof::Mailbox,
    }
}
