//! Values to store.

use gateway_core::address::EmailAddress;
use gateway_core::id::{CloudName, GuestId, ProviderId, TenantId};
use gateway_core::person::IdentityKey;
use gateway_core::time::UnixTime;
use gateway_store::model::{Attempt, AttemptHandle, Redemption, Revocation, Revoked};

pub(crate) const NOW: UnixTime = UnixTime(1_700_000_000);

pub(crate) fn tenant(name: &str) -> TenantId {
    TenantId::parse(name).unwrap()
}

pub(crate) fn provider(name: &str) -> ProviderId {
    ProviderId::parse(name).unwrap()
}

pub(crate) fn address(text: &str) -> EmailAddress {
    EmailAddress::parse(text).unwrap()
}

/// An Entra account.
pub(crate) fn account(subject: &str) -> IdentityKey {
    IdentityKey {
        cloud: Some(CloudName::parse("worldwide").unwrap()),
        provider: provider("entra"),
        issuer: "https://login.example/3/v2.0".to_owned(),
        tenant: Some("33333333-3333-4333-8333-333333333333".to_owned()),
        subject: subject.to_owned(),
    }
}

/// An account of a provider without clouds and tenants.
pub(crate) fn mailbox(subject: &str) -> IdentityKey {
    IdentityKey {
        cloud: None,
        provider: provider("email-otp"),
        issuer: "vestibule:email-otp".to_owned(),
        tenant: None,
        subject: subject.to_owned(),
    }
}

pub(crate) fn redemption(at: &str, invited: &str, identity: IdentityKey) -> Redemption {
    let invited = address(invited);
    Redemption {
        tenant: tenant(at),
        guest: GuestId::parse("some-guest").unwrap(),
        address: invited,
        identity,
        consented_at: NOW,
    }
}

pub(crate) fn revocation(what: Revoked, at: i64, until: Option<i64>) -> Revocation {
    Revocation {
        what,
        at: NOW.plus(at),
        until: until.map(|seconds| NOW.plus(seconds)),
    }
}

/// An attempt of browser `browser`, ten minutes long.
pub(crate) fn attempt(handle: u8, browser: u8, created: i64) -> Attempt {
    Attempt {
        handle: AttemptHandle([handle; 16]),
        browser: [browser; 32],
        host: "contoso.localhost".to_owned(),
        tenant: tenant("contoso"),
        provider: provider("entra"),
        generation: "0f".repeat(32),
        return_to: "/sites/projects/plan.docx?web=1".to_owned(),
        address: Some(address("ada@fabrikam.example")),
        state: "{\"waits\":\"callback\"}".to_owned(),
        sequence: 0,
        created: NOW.plus(created),
        expires: NOW.plus(created + 600),
    }
}
