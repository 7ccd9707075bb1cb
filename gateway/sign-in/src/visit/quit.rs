//! A guest leaves the organisation.
//!
//! Source: specification "sharing rules" 7.

use gateway_core::address::EmailAddress;
use gateway_store::model::{Change, Expect, Revocation, Revoked, UserEntry, Write, Written};
use http::StatusCode;

use super::Case;
use crate::answer::{Answer, Outcome, Refused};
use crate::pages::{self, Forms, LeavePage, LeftPage};
use crate::reason::Reason;
use crate::request;
use crate::session::{SessionPerson, clear_cookie};

/// How often leaving is tried again that somebody else's change overtook.
const TRIES: u32 = 4;

impl Case<'_> {
    /// Leaving changes something, so a link does not do it.
    pub(super) async fn ask_to_leave(&self) -> Result<Answer, Refused> {
        let (_, entry) = self.own_entry().await?;
        let html = pages::render(&LeavePage {
            organisation: self.organisation(),
            address: &entry.address.to_string(),
        });
        let outcome = Outcome::new("challenge", "leave-asked");
        Ok(Answer::page(StatusCode::OK, html, Forms::Own, outcome))
    }

    pub(super) async fn quit(&self) -> Result<Answer, Refused> {
        let visit = self.visit;
        let fields = request::own_form(&visit.headers, &visit.body, &visit.origin)?;
        if fields.get("leave").map(String::as_str) != Some("yes") {
            return Err(Reason::BadRequest.into());
        }
        for _ in 0..TRIES {
            let (person, entry) = self.own_entry().await?;
            let key = person.key.clone();
            let write = self.departure(person, &entry);
            match self.sign_in.directory.write(write).await? {
                Written::Yes { .. } => {
                    let html = pages::render(&LeftPage {
                        organisation: self.organisation(),
                    });
                    let outcome = Outcome::new("allow", "left").by(&key);
                    let answer = Answer::page(StatusCode::OK, html, Forms::None, outcome);
                    return Ok(answer.with_cookie(clear_cookie()));
                }
                Written::Conflict(_) | Written::Taken => {}
            }
        }
        Err(Reason::Unavailable.into())
    }

    /// The guest who asks, and their entry in the directory. Nobody else can leave: members are the organisation, and
    /// who has no entry has nothing to leave.
    async fn own_entry(&self) -> Result<(&SessionPerson, UserEntry), Reason> {
        let session = self.visit.session.as_ref();
        let person = session.and_then(|session| session.person.as_ref());
        let person = person.filter(|person| !person.member);
        let address: Option<&EmailAddress> = person.and_then(|person| person.address.as_ref());
        let (Some(person), Some(address)) = (person, address) else {
            return Err(Reason::NotFound);
        };
        let directory = &self.sign_in.directory;
        let entry = directory.user_by_address(&self.tenant.id, address).await?;
        let own = entry.filter(|entry| {
            let bound = entry.redemption.as_ref().map(|(key, _)| key);
            bound == Some(&person.key)
        });
        own.map(|entry| (person, entry)).ok_or(Reason::NotFound)
    }

    fn departure(&self, person: &SessionPerson, entry: &UserEntry) -> Write {
        let now = self.visit.now;
        let (tenant, address) = (&self.tenant.id, &entry.address);
        Write {
            tenant: tenant.clone(),
            at: now,
            expect: vec![Expect::User(entry.id.clone(), Some(entry.version))],
            changes: vec![
                Change::DeleteUser(entry.id.clone()),
                Change::Revoke(Revocation {
                    what: Revoked::Person(tenant.clone(), person.key.clone()),
                    at: now,
                    until: Some(self.longest_session()),
                }),
            ],
            audit: vec![self.event("User left organization", address, address)],
        }
    }
}
