//! The inside of a sealed session: JSON with short names, every value parsed again when it is opened.

use gateway_core::address::EmailAddress;
use gateway_core::assertion::EmailProof;
use gateway_core::id::{CloudName, LinkId, ProviderId, ProviderKind, TenantId};
use gateway_core::person::IdentityKey;
use gateway_core::time::UnixTime;
use gateway_store::model::SessionId;
use serde::{Deserialize, Serialize};

use super::{HomeSession, Session, SessionPerson};
use crate::keys::NotSealed;
use crate::text;

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Payload {
    i: String,
    t: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    p: Option<PersonPayload>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    l: Vec<String>,
    s: i64,
    u: i64,
    e: i64,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct PersonPayload {
    k: KeyPayload,
    y: String,
    m: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    a: Option<String>,
    o: u8,
    w: i64,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    r: Vec<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    x: Vec<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    n: Option<String>,
    /// The provider's session: its hash, where its name is not kept.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    d: Option<String>,
    /// Its name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    g: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    h: Option<String>,
}

/// An identity key, with one letter for each part.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct KeyPayload {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    c: Option<String>,
    p: String,
    i: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    t: Option<String>,
    s: String,
}

pub(super) fn write(session: &Session) -> Result<Vec<u8>, NotSealed> {
    let payload = Payload {
        i: text::encode(&session.id.0),
        t: session.tenant.as_str().to_owned(),
        p: session.person.as_ref().map(person_payload),
        l: session
            .links
            .iter()
            .map(|link| link.as_str().to_owned())
            .collect(),
        s: session.started.0,
        u: session.sealed_at.0,
        e: session.expires.0,
    };
    serde_json::to_vec(&payload).map_err(|_| NotSealed::Failed)
}

pub(super) fn read(bytes: &[u8]) -> Option<Session> {
    let payload: Payload = serde_json::from_slice(bytes).ok()?;
    let person = match payload.p {
        Some(person) => Some(read_person(person)?),
        None => None,
    };
    Some(Session {
        id: SessionId(text::decode_exactly(&payload.i)?),
        tenant: TenantId::parse(&payload.t).ok()?,
        person,
        links: payload
            .l
            .iter()
            .map(|link| LinkId::parse(link).ok())
            .collect::<Option<_>>()?,
        started: UnixTime(payload.s),
        sealed_at: UnixTime(payload.u),
        expires: UnixTime(payload.e),
    })
}

/// How long the person's part is, in bytes.
pub(super) fn person_length(person: &SessionPerson) -> usize {
    serde_json::to_vec(&person_payload(person)).map_or(usize::MAX, |json| json.len())
}

fn person_payload(person: &SessionPerson) -> PersonPayload {
    PersonPayload {
        k: KeyPayload::from(&person.key),
        y: person.kind.as_str().to_owned(),
        m: person.member,
        a: person.address.as_ref().map(ToString::to_string),
        o: proof_number(person.proof),
        w: person.authenticated_at.0,
        r: person.amr.clone(),
        x: person.contexts.clone(),
        n: person.display_name.clone(),
        d: match &person.sid {
            Some(home) if home.sid.is_none() => Some(text::encode(&home.id.0)),
            Some(_) | None => None,
        },
        g: person.sid.as_ref().and_then(|home| home.sid.clone()),
        h: person.logout_hint.clone(),
    }
}

fn read_person(person: PersonPayload) -> Option<SessionPerson> {
    let address = match person.a {
        Some(address) => Some(EmailAddress::parse(&address).ok()?),
        None => None,
    };
    let key = person.k.parse()?;
    let sid = match (person.g, person.d) {
        (Some(sid), _) => Some(HomeSession::new(&key.provider, &key.issuer, &sid)),
        (None, Some(id)) => Some(HomeSession {
            id: SessionId(text::decode_exactly(&id)?),
            sid: None,
        }),
        (None, None) => None,
    };
    Some(SessionPerson {
        key,
        kind: ProviderKind::parse(&person.y).ok()?,
        member: person.m,
        address,
        proof: proof_of(person.o)?,
        authenticated_at: UnixTime(person.w),
        amr: person.r,
        contexts: person.x,
        display_name: person.n,
        sid,
        logout_hint: person.h,
    })
}

impl From<&IdentityKey> for KeyPayload {
    fn from(key: &IdentityKey) -> Self {
        Self {
            c: key.cloud.as_ref().map(|cloud| cloud.as_str().to_owned()),
            p: key.provider.as_str().to_owned(),
            i: key.issuer.clone(),
            t: key.tenant.clone(),
            s: key.subject.clone(),
        }
    }
}

impl KeyPayload {
    pub(crate) fn parse(self) -> Option<IdentityKey> {
        let cloud = match self.c {
            Some(cloud) => Some(CloudName::parse(&cloud).ok()?),
            None => None,
        };
        Some(IdentityKey {
            cloud,
            provider: ProviderId::parse(&self.p).ok()?,
            issuer: self.i,
            tenant: self.t,
            subject: self.s,
        })
    }
}

pub(crate) const fn proof_number(proof: EmailProof) -> u8 {
    match proof {
        EmailProof::None => 0,
        EmailProof::ProviderVerified => 1,
        EmailProof::DomainOwner => 2,
        EmailProof::Mailbox => 3,
    }
}

pub(crate) const fn proof_of(number: u8) -> Option<EmailProof> {
    match number {
        0 => Some(EmailProof::None),
        1 => Some(EmailProof::ProviderVerified),
        2 => Some(EmailProof::DomainOwner),
        3 => Some(EmailProof::Mailbox),
        _ => None,
    }
}
